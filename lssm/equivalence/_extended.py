"""Diagonal form in ball arithmetic, where the eigenvectors are too ill-conditioned for doubles."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._results import Result
from .._validate import InvalidInputError, UnsupportedError, inside
from ..allpass._balls import ball_precision
from ..systems import ContinuousSSM, Diagonal, DiscreteSSM

_BITS = (256, 512, 1024, 2048, 4096)
_WIDTH = 1e-30


@dataclass(frozen=True, eq=False)
class ExtendedDiagonal(Result):
    """A diagonal form in ball arithmetic.

    Attributes
    ----------
    bits : int
        Precision that made every enclosure narrow.
    radius : float
        Largest relative radius of an enclosure of poles, inputs and outputs.
    cancellation : float
        ``max_k |C'_k B'_k|`` over the largest entry of CB: by so much do the modes cancel, and doubles lose as many digits.
    rounded : DiscreteSSM or ContinuousSSM
        Everything rounded to doubles. Marked as such: its response is wrong by about ``ε · cancellation``.
    poles, inputs, outputs : list
        python-flint numbers, N of each: a or λ, rows of ``B' = V⁻¹B``, and columns of ``C' = CV``.

    Notes
    -----
    Explained in :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> legs = lssm.spectra.hippo(order=16)  # beyond what eigenvectors in double precision can do
    >>> _, exact = lssm.equivalence.to_diagonal(legs, precision="extended")
    >>> exact.cancellation > 1e9, exact.rounded
    (True, ContinuousSSM(Diagonal(16 × 16), 1 in, 16 out))
    >>> exact.impulse_response([0.0])[0, :3, 0].real.round(6)  # B, in spite of the cancellation
    array([1.      , 1.732051, 2.236068])
    """

    bits: int
    radius: float
    cancellation: float
    rounded: Any = field(repr=False)
    poles: Any = field(repr=False)
    inputs: Any = field(repr=False)
    outputs: Any = field(repr=False)

    def impulse_response(self, times: Any) -> NDArray[np.complex128]:
        """``C' e^{Λt} B'`` (or ``C' Λ^t B'``), without D, summed in ball arithmetic and rounded once.

        Parameters
        ----------
        times : array_like, shape (T,)
            Times t in units of time, or whole steps for a discrete system; not negative.

        Returns
        -------
        complex array, shape (T, p, m)

        Raises
        ------
        InvalidInputError
            Times that are negative, above 1e15, or between the steps of a discrete system.
        """
        continuous = isinstance(self.rounded, ContinuousSSM)
        times = inside(times, "times", 0.0, 1e15).reshape(-1).tolist()
        if not continuous and any(t % 1 for t in times):
            raise InvalidInputError("times: must be whole steps, since the system is discrete")
        with ball_precision(self.bits):
            return np.array([_response(self, t if continuous else int(t), continuous) for t in times])

    def _content(self) -> dict[str, Any]:
        numbers = {name: getattr(self, name) for name in ("bits", "radius", "cancellation")}
        return numbers | {
            "poles": [str(z) for z in self.poles],
            "inputs": [[str(z) for z in row] for row in self.inputs],
            "outputs": [[str(z) for z in row] for row in self.outputs],
        }

    def __str__(self) -> str:
        return f"diagonal form in {self.bits} bits, enclosures to {self.radius:.0e}; modes cancel by {self.cancellation:.1e}"


def _response(found: ExtendedDiagonal, t: Any, continuous: bool) -> list[list[complex]]:
    from flint import acb, arb

    powers = [(z * arb(float(t))).exp() if continuous else z ** int(t) for z in found.poles]
    rows = []
    for i in range(len(found.outputs[0])):
        row = []
        for j in range(len(found.inputs[0])):
            total = sum((c[i] * b[j] * p for c, b, p in zip(found.outputs, found.inputs, powers, strict=True)), acb(0))
            row.append(complex(float(total.real.mid()), float(total.imag.mid())))
        rows.append(row)
    return rows


def extended_diagonal(system: DiscreteSSM | ContinuousSSM) -> ExtendedDiagonal:
    """Eigenvectors, inputs and outputs in as many bits as make them narrow."""
    if find_spec("flint") is None:
        raise UnsupportedError("precision: 'extended' needs python-flint; pip install python-flint")
    for bits in _BITS:
        with ball_precision(bits):
            if (found := _with_bits(system, bits)) is not None:
                return found
    raise UnsupportedError(
        f"system: {_BITS[-1]} bits do not separate its eigenvalues: A is defective, or has an eigenvalue twice (if its "
        "eigenvectors are independent, precision='double' can do that)"
    )


def _with_bits(system: DiscreteSSM | ContinuousSSM, bits: int) -> ExtendedDiagonal | None:
    from flint import acb_mat

    try:
        values, V = _balls(acb_mat, system.A.to_dense()).eig(right=True)
        inputs = V.solve(_balls(acb_mat, system.B))
    except (ValueError, ZeroDivisionError):
        return None
    outputs = _balls(acb_mat, system.C) * V
    B = [[inputs[k, j] for j in range(system.inputs)] for k in range(system.order)]
    C = [[outputs[i, k] for i in range(system.outputs)] for k in range(system.order)]
    radius = max(_relative(z) for z in [*values, *(z for row in B + C for z in row)])
    if not radius <= _WIDTH:
        return None
    return _rounded(system, bits, radius, list(values), B, C)


def _balls(kind: Any, matrix: NDArray[Any]) -> Any:
    from flint import acb

    return kind(*matrix.shape, [acb(float(z.real), float(z.imag)) for z in matrix.ravel()])


def _relative(z: Any) -> float:
    """Radius over size; 0 for an exact zero."""
    size = abs(complex(float(z.real.mid()), float(z.imag.mid())))
    radius = max(float(z.real.rad()), float(z.imag.rad()))
    return radius / size if size else (0.0 if radius < 1e-40 else np.inf)


def _rounded(
    system: DiscreteSSM | ContinuousSSM, bits: int, radius: float, poles: list[Any], B: list[Any], C: list[Any]
) -> ExtendedDiagonal:
    def double(z: Any) -> complex:
        return complex(float(z.real.mid()), float(z.imag.mid()))

    inputs, outputs = np.array([[double(z) for z in row] for row in B]), np.array([[double(z) for z in row] for row in C])
    rounded = type(system)(Diagonal(np.array([double(z) for z in poles])), inputs, outputs.T, system.D)
    terms = np.abs(outputs[:, :, None] * inputs[:, None, :]).max()
    largest = np.abs(system.C @ system.B).max()
    return ExtendedDiagonal(bits, radius, float(terms / largest) if largest else np.inf, rounded, poles, B, C)
