"""Input-normal and balanced coordinates, Hankel singular values, balanced truncation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._results import Result
from .._validate import InvalidInputError, count, positive_number
from ..systems import ContinuousSSM, DiscreteSSM
from ._coordinates import Coordinates, coordinates, observability
from ._scale import scaled
from ._spectrum import Squares, squares
from ._system import System, is_continuous, one_system

_EPSILON = float(np.finfo(float).eps)


class _Model(Result):
    """A result that holds a system in its field `system`."""

    system: System

    def _content(self) -> dict[str, Any]:
        rest = {name: value for name, value in super()._content().items() if name != "system"}
        return {"A": self.system.A.to_dense(), "B": self.system.B, "C": self.system.C, "D": self.system.D} | rest


@dataclass(frozen=True, eq=False)
class InputNormal(_Model):
    """A system in coordinates in which its reachability Gramian is the identity.

    Attributes
    ----------
    system : DiscreteSSM or ContinuousSSM
        A lower triangular (with 2×2 blocks for complex pairs of a real dense system); states that no input reaches left out.
    transform : array, shape (N, r)
        S with ``x = S x_o``: a factor of the Gramian, ``A S = S A_o``, ``B = S B_o``, ``C_o = C S``.
    defect : float
        Measured ``‖A_o A_o* + B_o B_o* - I‖`` (largest entry); in continuous time ``A_o + A_o* + B_o B_o*``.

    Notes
    -----
    Saved with the matrices ``A``, ``B``, ``C`` and ``D`` in place of `system`.

    Explained in :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> found = lssm.input_normal(([[0.5, 0.2], [0.0, 0.25]], [1.0, 1.0]))
    >>> bool(np.allclose(lssm.gramian(found.system), np.eye(2))), found.defect < 1e-14
    (True, True)
    >>> G = lssm.gramian(([[0.5, 0.2], [0.0, 0.25]], [1.0, 1.0]))
    >>> bool(np.allclose(found.transform @ found.transform.conj().T, G))
    True
    """

    system: System
    transform: NDArray[Any] = field(repr=False)
    defect: float

    def __str__(self) -> str:
        return f"input-normal coordinates of order {self.system.order}, Gramian the identity to {self.defect:.1e}"


@dataclass(frozen=True, eq=False)
class Balanced(_Model):
    """A system in balanced coordinates, whole or cut.

    Attributes
    ----------
    system : DiscreteSSM or ContinuousSSM
        Both Gramians of it (of the whole, if it is cut) are the diagonal matrix of the Hankel singular values kept.
    hankel : float array, shape (n,)
        All Hankel singular values that are not zero, largest first.
    bound : float
        ``2 Σ`` of those cut off: no frequency is off by more, but for rounding (some ulps of the largest gain, divided by
        ``1-|λ|²`` where a dense A has a pole near the circle). 0 if nothing was cut.

    Notes
    -----
    Saved with the matrices ``A``, ``B``, ``C`` and ``D`` in place of `system`.

    Explained in :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> small = lssm.balanced_truncation(([[0.5, 0.0], [0.0, 0.25]], [1.0, 1.0], [1.0, 1.0]), 1)
    >>> small.system.order, small.hankel.round(4), round(small.bound, 4)
    (1, array([2.3506, 0.0494]), 0.0988)
    """

    system: System
    hankel: NDArray[np.float64]
    bound: float

    def __str__(self) -> str:
        return f"balanced system of order {self.system.order} of {self.hankel.size}, error at any frequency ≤ {self.bound:.3e}"


def input_normal(system: Any) -> InputNormal:
    r"""The same system in coordinates in which what its inputs reach is the unit ball.

    Parameters
    ----------
    system : Poles, discrete or continuous system
        Any number of inputs; poles mean a diagonal system with all input weights 1.

    Returns
    -------
    InputNormal

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle (continuous: not in the left half plane).
    UnsupportedError
        A batch.

    Notes
    -----
    ``A_o A_o* + B_o B_o* = I``. The coordinates are a cascade of orthonormal sections, one a pole, and exist to working precision
    whatever the condition of the Gramian: only C_o = C S and the transform S know of it. With one input this is the
    Takenaka-Malmquist cascade [Roberts1987]_.

    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> print(lssm.input_normal(lssm.reservoirs.gaussian(order=100, radius=0.9, rng=0)).system)
    DiscreteSSM(Dense(100 × 100), 1 in, 100 out)
    >>> lssm.input_normal(lssm.spectra.legs(order=200, step=1e-3)).defect < 1e-14
    True
    """
    original = one_system(system)
    found = coordinates(original)
    A, B = found.A, found.B
    continuous = is_continuous(original)
    off = A + A.conj().T + B @ B.conj().T if continuous else A @ A.conj().T + B @ B.conj().T - np.eye(len(A))
    return InputNormal(_system(original, A, B, found.seen_by(original.C)), found.S.matrix, float(np.abs(off).max(initial=0.0)))


def _system(like: System, A: NDArray[Any], B: NDArray[Any], C: NDArray[Any]) -> System:
    if not len(A):
        raise InvalidInputError("system: B is zero, the inputs reach no state")
    kind = ContinuousSSM if is_continuous(like) else DiscreteSSM
    return kind(A, B, C, like.D)


def hankel_singular_values(system: Any) -> NDArray[np.float64]:
    r"""Hankel singular values of a system: how much of the past reaches the future through each dimension.

    Parameters
    ----------
    system : discrete or continuous system
        Any number of inputs and outputs, not a batch.

    Returns
    -------
    float array, shape (N,)
        Largest first; zeros for states that are not reached or not seen.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle (continuous: not in the left half plane).
    UnsupportedError
        A batch.

    Notes
    -----
    Singular values of the operator ``C A^{i+j} B`` from the inputs up to now to the outputs from now on; D does not enter. On the
    clock of this package the present counts on both sides. Packages on the clock ``x_{t+1} = A x_t + B u_t`` take the same
    numbers from the same matrices. An object of theirs is converted here with its meaning, ``C' = C A⁻¹``, which changes them:
    pass its matrices as a tuple.

    They are computed as singular values of the observability factor in input-normal coordinates, to some ulps of the largest; no
    product of Gramians is formed.

    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> lssm.hankel_singular_values(([[0.5, 0.0], [0.0, 0.25]], [1.0, 1.0], [1.0, 1.0])).round(6)
    array([2.350609, 0.049391])
    """
    original = one_system(system)
    values = np.zeros(original.order)
    found = _hankel(original, coordinates(original))[0]
    values[: found.size] = found
    return values


def _hankel(system: System, found: Coordinates) -> tuple[NDArray[np.float64], Squares]:
    """Singular values, and the observability Gramian in input-normal coordinates."""
    C = found.seen_by(system.C)
    power = int(np.frexp(np.abs(C).max(initial=0.0))[1])
    S = observability(found, scaled(C, -power), is_continuous(system))
    spectrum = squares(S, np.full(S.shape[1], power), vectors=True)
    return scaled(np.sqrt(spectrum.size), spectrum.power), spectrum


def balanced(system: Any) -> Balanced:
    r"""The same system in balanced coordinates, without states that are not reached or not seen.

    Parameters
    ----------
    system : discrete or continuous system
        Any number of inputs and outputs, not a batch.

    Returns
    -------
    Balanced
        Of the order at which the Hankel singular values fall below ``N ε σ_1``, which double precision cannot tell from zero.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle (continuous: not in the left half plane).
    InvalidInputError
        A system whose output does not depend on its input through the state.
    UnsupportedError
        A batch.

    Notes
    -----
    ``A_b = Σ^½ V* A_o V Σ^{-½}``, ``B_b = Σ^½ V* B_o``, ``C_b = C_o V Σ^{-½}``, with ``V Σ² V*`` the observability Gramian in
    input-normal coordinates [Moore1981]_. Real systems stay real.

    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> print(lssm.balanced(([[0.5, 0.0], [0.0, 0.25]], [1.0, 1.0], [1.0, 1.0])))
    balanced system of order 2 of 2, error at any frequency ≤ 0.000e+00
    """
    return _cut(one_system(system), None, None)


def balanced_truncation(system: Any, order: int | None = None, *, error: float | None = None) -> Balanced:
    r"""A smaller system whose frequency response is off by at most twice the sum of the Hankel singular values cut off.

    Parameters
    ----------
    system : discrete or continuous system
        Any number of inputs and outputs, not a batch.
    order : int, optional
        States to keep.
    error : float, optional
        Instead: the smallest order whose bound is at most this.

    Returns
    -------
    Balanced

    Raises
    ------
    InvalidInputError
        An order that is not between 1 and what double precision can tell from zero; both or neither of order and error.
    UnstableError, UnsupportedError
        As `balanced`.

    Notes
    -----
    ``max_ω ‖H(ω) - H_r(ω)‖ ≤ 2 Σ_{k>r} σ_k`` [Enns1984]_ [Glover1984]_; the reduced system is stable where ``σ_r > σ_{r+1}``.

    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.spectra.s4d_inv(order=32, step=0.05)
    >>> model = lssm.DiscreteSSM(lssm.Diagonal.from_log(poles.log), np.ones(32), np.ones(32))
    >>> small = lssm.balanced_truncation(model, 8)
    >>> bool(abs(lssm.h2_distance(model, small.system)) < small.bound)
    True
    """
    if (order is None) == (error is None):
        raise InvalidInputError("order: give either an order or an error")
    return _cut(one_system(system), order, None if error is None else positive_number(error, "error"))


def _cut(system: System, order: int | None, error: float | None) -> Balanced:
    found = coordinates(system)
    sigma, spectrum = _hankel(system, found)
    degree = int((sigma > system.order * _EPSILON * sigma[:1]).sum())
    if not degree:
        raise InvalidInputError("system: its output does not depend on its input through the state")
    tail = 2.0 * (np.cumsum(sigma[::-1])[::-1] - sigma)
    if order is not None:
        kept = _checked_order(order, degree, sigma)
    else:
        kept = degree if error is None else min(int((tail > error).sum()) + 1, degree)
    assert spectrum.vectors is not None
    V, root = spectrum.vectors[:, :kept], np.sqrt(sigma[:kept])
    A = root[:, None] * (V.conj().T @ found.A @ V) / root
    B, C = root[:, None] * (V.conj().T @ found.B), (found.seen_by(system.C) @ V) / root
    return Balanced(_system(system, A, B, C), sigma, float(tail[kept - 1]) if kept < degree else 0.0)


def _checked_order(order: int, degree: int, sigma: NDArray[np.float64]) -> int:
    kept = count(order, "order")
    if kept > degree:
        raise InvalidInputError(
            f"order: {kept} is more than the {degree} states that matter in double precision (the Hankel singular values end at "
            f"{sigma[degree - 1]:.1e} of {sigma[0]:.1e}); ask for {degree} or fewer"
        )
    return kept
