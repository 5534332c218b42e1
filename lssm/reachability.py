r"""What one input reaches of a system: the part that can remember anything, and its poles.

A diagonal system is sorted by inspection: modes with ``B_k ≠ 0``, equal ones once. A dense one is brought to
controller-Hessenberg (staircase) form by unitary transformations: ``B`` becomes ``β e_1``, A upper Hessenberg, and where a
subdiagonal entry vanishes the input goes no further [Paige1981]_. What is left is reduced to Schur form, whose
diagonal are the poles.

Single eigenvalues of a non-normal matrix may be wrong in their first digit. The all-pass filter b of all of them is not:
if the computed poles are those of A + E, then on the unit circle

.. math:: |\delta\log b| \le \varepsilon = 2\,\|E\|_*\,\max_{|z|=1}\|(zI-A)^{-1}\|

to first order, and a memory function moves by at most ``2ε √(M(1-M)) + ε²``. E is measured, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.optimize
from numpy.typing import NDArray

from ._results import Result
from ._validate import InvalidInputError, UnstableError, UnsupportedError, positive_number
from .poles import Poles, log_of
from .systems import Diagonal, DiscreteSSM, as_discrete

_ANGLES = 64


@dataclass(frozen=True, eq=False)
class ReachablePart(Result):
    """Poles that one input reaches, and how they were found.

    Attributes
    ----------
    poles : Poles
        Poles of the reachable part.
    removed : int
        State dimensions that the input does not reach (for poles given as such: 0).
    coupling : float
        Coupling to the removed part that was set to zero, relative to ``‖A‖``; 0 where it is exactly zero.
    weakest : float
        Weakest coupling kept, relative to ``‖A‖``; inf where none was looked at.
    backward_error : float
        ``‖E‖_*`` (sum of singular values): the poles are exactly those of a matrix this far from A.
    resolvent : float
        ``max ‖(zI-A)⁻¹‖`` over the unit circle (over one just beyond the poles, where some are not stable), sampled and
        refined; how much ``backward_error`` can matter.

    Notes
    -----
    Saved with ``poles_log`` (log λ) in place of `poles`.

    Explained in :doc:`/derivations/reachability`.

    Examples
    --------
    >>> import lssm
    >>> found = lssm.reachable_part(([[0.5, 0.25, 0.0], [0.0, 0.25, 0.0], [0.0, 0.0, 0.9]], [0.0, 1.0, 0.0]))
    >>> print(found.dimension, found.removed, np.sort(found.poles.values.real).round(6), found.error < 1e-14)
    2 1 [0.25 0.5 ] True
    """

    poles: Poles
    removed: int = 0
    coupling: float = 0.0
    weakest: float = np.inf
    backward_error: float = 0.0
    resolvent: float = 1.0

    @property
    def dimension(self) -> int:
        """Dimension of the reachable part: the capacity of its memory."""
        return int(np.sum(self.poles.order))

    @property
    def error(self) -> float:
        """``ε = 2 ‖E‖_* max ‖(zI-A)⁻¹‖``: bound, to first order, of ``|δ log b|`` on the circle."""
        return 2.0 * self.backward_error * self.resolvent if self.backward_error else 0.0

    def memory_error(self, values: NDArray[np.float64], complement: NDArray[np.float64]) -> NDArray[np.float64]:
        """What `error` means for memories: ``2ε √(M(1-M)) + ε²``, at most 1.

        Parameters
        ----------
        values : float array, shape (...)
            Memories M.
        complement : float array, shape (...)
            ``1-M``.

        Returns
        -------
        float array, shape (...)
            Bound, to first order in the backward error, of how far M may be off.

        Examples
        --------
        >>> import lssm
        >>> part = lssm.ReachablePart(lssm.Poles.from_discrete([0.5]), backward_error=1e-10, resolvent=2.0)
        >>> (1e10 * part.memory_error(np.array([0.75, 1.0]), np.array([0.25, 0.0]))).round(4)
        array([3.4641, 0.    ])
        """
        spread = np.sqrt(np.maximum(values * complement, 0.0))
        bound: NDArray[np.float64] = np.minimum(2.0 * self.error * spread + self.error**2, 1.0)
        return bound

    def _content(self) -> dict[str, Any]:
        rest = {name: value for name, value in super()._content().items() if name != "poles"}
        return rest | {"poles_log": self.poles.log}

    def __str__(self) -> str:
        return (
            f"reachable part: dimension {self.dimension}, {self.removed} removed (coupling {self.coupling:.1e} of ‖A‖), "
            f"|δ log b| ≤ {self.error:.1e}"
        )


def reachable_part(system: Any, *, tolerance: float | None = None) -> ReachablePart:
    """Part of a discrete system that its one input reaches.

    Parameters
    ----------
    system : discrete system
        A `DiscreteSSM` or what `lssm.as_discrete` accepts, one input, not a batch.
    tolerance : float, optional
        Couplings of the staircase form below ``tolerance · ‖A‖`` count as zero; default ``N`` times the machine
        epsilon. For a diagonal operator nothing is rounded and nothing counts as zero but zero.

    Returns
    -------
    ReachablePart

    Raises
    ------
    InvalidInputError
        B is zero; a tolerance that is not positive.
    UnsupportedError
        Several inputs, or a batch.

    Notes
    -----
    Whether a tiny coupling is zero is a decision, not a computation: the capacity jumps with it. ``coupling`` and
    ``weakest`` say how clear the decision was.

    Theorem: :doc:`/theorems/capacity` (``proofs/capacity.py``); derivation: :doc:`/derivations/reachability`.

    Examples
    --------
    >>> import lssm
    >>> ring = lssm.reservoirs.cyclic(order=8, radius=0.9)
    >>> print(lssm.reachable_part((ring.A, np.ones(8))).dimension, lssm.reachable_part(ring).dimension)
    1 8
    """
    discrete = as_discrete(system)
    _require_single_input(discrete)
    if isinstance(discrete.A, Diagonal):
        return _of_diagonal(discrete.A.log, discrete.B[:, 0])
    A, B = _real_if_real(discrete.A.to_dense()), _real_if_real(discrete.B[:, 0])
    if not np.any(A - np.diag(np.diagonal(A))):
        return _of_diagonal(Diagonal(np.diagonal(A)).log, B)
    limit = A.shape[0] * np.finfo(float).eps if tolerance is None else positive_number(tolerance, "tolerance")
    return _of_dense(A, B, limit)


def _require_single_input(discrete: DiscreteSSM) -> None:
    if discrete.inputs != 1:
        raise UnsupportedError(
            f"system: {discrete.inputs} inputs; the memory function needs exactly one; with several M_i(τ) = v* G⁻¹ v, "
            "v = A^τ B e_i, G = lssm.gramian(system), or exactly lssm.symbolic.memory_function"
        )
    if discrete.batch:
        raise UnsupportedError("system: a batch; pass its poles, lssm.Poles.from_log(log, diagonal=True), or one at a time")
    if not discrete.B.any():
        raise InvalidInputError("system: B is zero, the input reaches no state")


def _of_diagonal(log: NDArray[Any], B: NDArray[Any]) -> ReachablePart:
    poles = Poles.from_log(log[B != 0], diagonal=True)
    return ReachablePart(poles, removed=log.size - int(poles.order))


def _real_if_real(array: NDArray[Any]) -> NDArray[Any]:
    return array.real.copy() if not array.imag.any() else array


def _of_dense(A: NDArray[Any], B: NDArray[Any], limit: float) -> ReachablePart:
    """The matrix as it is and balanced; the poles are those of both, the smaller error decides."""
    parts = [_staircase(A, B, limit)]
    scaling = scipy.linalg.matrix_balance(np.block([[A, B[:, None]], [B.conj(), 0]]), permute=False, separate=True)[1][0][:-1]
    if np.ptp(scaling):
        parts.append(_staircase(A * scaling / scaling[:, None], B / scaling, limit))
    return max(parts, key=lambda part: (part.weakest > 100 * limit, part.dimension, -part.error))


def _staircase(A: NDArray[Any], B: NDArray[Any], limit: float) -> ReachablePart:
    """Staircase, Schur, poles, and the measured error of all of it."""
    size = np.ldexp(1.0, int(np.frexp(np.abs(A).max())[1]))
    A = A / size  # so that no norm overflows
    norm = float(np.linalg.norm(A))
    H, Q = _controller_hessenberg(A, B / np.abs(B).max())
    couplings = np.abs(np.diagonal(H, -1)) / norm
    order = _first(couplings <= limit)
    T, Z = scipy.linalg.schur(H[:order, :order], output="real" if np.isrealobj(H) else "complex")
    log, error = eigenvalue_logs(T * size), _backward_error(A, Q[:, :order] @ Z, T, norm) * size
    if order == len(A) and (triangle := _triangle(A)) is not None:
        log, error = log_of(triangle.astype(np.complex128) * size), 0.0
    return ReachablePart(
        poles=Poles.from_log(log),
        removed=A.shape[0] - order,
        coupling=float(couplings[order - 1]) if order <= couplings.size else 0.0,
        weakest=float(couplings[: order - 1].min(initial=np.inf)),
        backward_error=error + float(np.finfo(np.longdouble).eps) * order,
        resolvent=largest_resolvent(T * size),
    )


def reachable_block(A: NDArray[Any], B: NDArray[Any]) -> NDArray[Any]:
    """Hessenberg matrix of the part of (A, B) that one input reaches, in discrete or continuous time."""
    H, _ = _controller_hessenberg(A, B / np.abs(B).max())
    couplings = np.abs(np.diagonal(H, -1))
    order = _first(couplings <= len(A) * np.finfo(float).eps * np.linalg.norm(A))
    block: NDArray[Any] = H[:order, :order]
    return block


def _triangle(A: NDArray[Any]) -> NDArray[Any] | None:
    """Diagonal of a triangular matrix, which holds its eigenvalues exactly."""
    if not np.any(np.tril(A, -1)) or not np.any(np.triu(A, 1)):
        return np.diagonal(A)
    return None


def _first(mark: NDArray[np.bool_]) -> int:
    """One more than the index of the first True, or the length plus one."""
    found = np.flatnonzero(mark)
    return int(found[0]) + 1 if found.size else mark.size + 1


def _controller_hessenberg(A: NDArray[Any], B: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """H and unitary Q with ``A = Q H Qᴴ``, H upper Hessenberg and B along the first column of Q."""
    reflector, _ = scipy.linalg.qr(B[:, None])
    H, Q = scipy.linalg.hessenberg(reflector.conj().T @ A @ reflector, calc_q=True)  # leaves e_1 alone
    return H, reflector @ Q


def eigenvalue_logs(T: NDArray[Any]) -> NDArray[np.complex128]:
    """Log λ of a (real) Schur form; a 2×2 block in LAPACK's standard form is ``a ± i √(-bc)``, of squared modulus ``a² - bc``."""
    log = log_of(np.diagonal(T).astype(np.complex128))
    if np.isrealobj(T):
        for k in np.flatnonzero(np.diagonal(T, -1)):
            a, b, c = (np.longdouble(x) for x in (T[k, k], T[k, k + 1], T[k + 1, k]))
            with np.errstate(divide="ignore"):
                decay = 0.5 * float(np.log1p((a - 1) * (a + 1) - b * c))
            angle = float(np.arctan2(np.sqrt(abs(b)) * np.sqrt(abs(c)), a))
            log[k], log[k + 1] = complex(decay, angle), complex(decay, -angle)
    return log


def _backward_error(A: NDArray[Any], basis: NDArray[Any], T: NDArray[Any], norm: float) -> float:
    """``‖A U - U T‖_*`` and what U lacks in orthogonality."""
    residual = np.linalg.svd(A @ basis - basis @ T, compute_uv=False).sum()
    skew = np.linalg.svd(basis.conj().T @ basis - np.eye(T.shape[0]), compute_uv=False).sum()
    return float(residual + norm * skew)


def largest_resolvent(T: NDArray[Any]) -> float:
    """``max ‖(zI-T)⁻¹‖`` over the unit circle of a (quasi-)triangular T: sampled at its frequencies, refined at the best.

    An estimate from below; the resolvent is smooth between the samples, which stand where poles come near the circle.
    Where poles lie outside, over a circle just beyond them: on it, the response over some hundred steps is of one size.
    """
    T = scipy.linalg.rsf2csf(T, np.eye(T.shape[0]))[0] if np.isrealobj(T) else T
    largest = float(np.abs(np.diagonal(T)).max())
    radius = 1.0 if largest < 1 else 1.01 * largest
    T = T / radius
    poles = np.diagonal(T)
    slowest = poles[np.argsort(-np.abs(poles))[:_ANGLES]]
    angles = np.unique(np.concatenate([np.angle(slowest), np.linspace(-np.pi, np.pi, _ANGLES, endpoint=False)]))
    norm = _resolvent_norm(T)
    norms = np.array([norm(angle) for angle in angles])
    best = angles[norms.argmax()]
    width = np.pi / _ANGLES
    found = scipy.optimize.minimize_scalar(
        lambda angle: -norm(angle), bounds=(best - width, best + width), method="bounded", options={"maxiter": 12}
    )
    return float(max(norms.max(), -found.fun)) / radius


def _resolvent_norm(T: NDArray[Any]) -> Callable[[float], float]:
    """``angle → ‖(e^{i angle} I - T)⁻¹‖`` by power iteration on its Gram matrix, two triangular solves a step."""
    N = T.shape[0]
    start, identity = _start(N), np.eye(N)

    def norm(angle: float) -> float:
        shifted = np.exp(1j * angle) * identity - T
        x, size = start / np.linalg.norm(start), 0.0
        for _ in range(8):
            y = scipy.linalg.solve_triangular(shifted, x, check_finite=False)
            size = float(np.linalg.norm(y))
            x = scipy.linalg.solve_triangular(shifted, y / size, trans="C", check_finite=False)
            x /= np.linalg.norm(x)
        return size

    return norm


def _start(N: int) -> NDArray[np.complex128]:
    rng = np.random.default_rng(0)
    vector: NDArray[np.complex128] = rng.normal(size=N) + 1j * rng.normal(size=N)
    return vector


def require_stable_part(part: ReachablePart) -> ReachablePart:
    """`part`, or an `UnstableError` that names its worst eigenvalue.

    Raises
    ------
    UnstableError
        A reachable eigenvalue on or outside the unit circle.
    """
    if part.poles.is_stable:
        return part
    row = part.poles.values[part.poles.mask]
    worst = row[np.abs(row).argmax()]
    rounding = (
        f" (computed; A is within {part.backward_error:.0e} of a matrix that has it)" if part.backward_error > 1e-15 else ""
    )
    raise UnstableError(
        f"system: unstable, A has the eigenvalue {worst:.6g} with |λ| = {abs(worst):.6g}{rounding}; "
        "scale A below 1, or give a horizon"
    )
