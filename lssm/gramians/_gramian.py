"""The Gramian itself, entry by entry, with an infinite past and T steps after rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._doubles import expm1, product, total
from .._validate import InvalidInputError, UnsupportedError, count
from ._coordinates import factor_of, is_real_system
from ._diagonal import pairs_of
from ._system import System, diagonal_poles, is_continuous, of_kind, one_system, real_if_both_are, require_stable


def gramian(
    system: Any, *, weights: ArrayLike | None = None, kind: str = "reachability", horizon: int | None = None
) -> NDArray[Any]:
    r"""Gramian ``G = Σ_t A^t B B* A*^t`` of a system, entry by entry.

    Parameters
    ----------
    system : Poles, discrete or continuous system
        Poles mean a diagonal system with input `weights`, not a batch.
    weights : array_like, shape (N,), optional
        Input weights b of a diagonal system given by its poles; default 1.
    kind : {"reachability", "observability"}
        The second is ``Σ_t A*^t C* C A^t``.
    horizon : int, optional
        Steps T since rest: the sum over t < T. Poles may then lie anywhere. Discrete time only.

    Returns
    -------
    array, shape (N, N)
        Hermitian; real where the system is.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle (continuous: not in the left half plane), and no horizon.
    UnsupportedError
        A batch; a horizon in continuous time.

    Notes
    -----
    Diagonal: ``G_ij = b_i b_j* / (1-λ_iλ̄_j)``, with horizon ``b_i b_j* (1-(λ_iλ̄_j)^T) / (1-λ_iλ̄_j)``, each entry to a few
    ulps. Dense: ``S S*`` with the factor of `gramian_factor`; with horizon by doubling. In continuous time
    ``∫ e^{At} B B* e^{A*t} dt``.

    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> lssm.gramian(lssm.Poles.from_discrete([0.5, -0.5])).real.round(4)
    array([[1.3333, 0.8   ],
           [0.8   , 1.3333]])
    """
    chosen = of_kind(one_system(system, weights), kind)
    poles, T = diagonal_poles(chosen), steps_of(chosen, horizon)
    if T is not None:
        return _after_steps(chosen, poles, T)
    if poles is None:
        return factor_of(chosen).gramian
    require_stable(poles, is_continuous(chosen))
    with np.errstate(all="ignore"):
        entries: NDArray[Any] = (chosen.B @ chosen.B.conj().T) / pairs_of(poles, is_continuous(chosen)).coupled
    return _within_range(chosen, poles, entries)


def _within_range(system: System, poles: NDArray[np.complex128], entries: NDArray[Any]) -> NDArray[Any]:
    """The entries, real for a real system; they must be finite."""
    if not np.isfinite(entries).all():
        raise InvalidInputError(
            "system: entries of its Gramian leave the range of doubles; use lssm.gramian_eigenvalues(log=True)"
        )
    return entries.real if is_real_system(system, poles) else entries


def steps_of(system: System, horizon: int | None) -> int | None:
    """The horizon as a number of steps, which a continuous system does not have."""
    if horizon is None:
        return None
    if is_continuous(system):
        raise UnsupportedError("horizon: counts steps of a discrete system; this one is continuous in time")
    return count(horizon, "horizon", most=10**8)


def _after_steps(system: System, poles: NDArray[Any] | None, T: int) -> NDArray[Any]:
    if poles is None:
        A, B = real_if_both_are(system.A.to_dense(), system.B)
        with np.errstate(all="ignore"):
            return _within_range(system, np.ones(1, np.complex128), _doubled(A, B @ B.conj().T, T))
    with np.errstate(all="ignore"):
        entries: NDArray[Any] = (system.B @ system.B.conj().T) * _geometric_sums(poles, T)
    return _within_range(system, poles, entries)


def _doubled(A: NDArray[Any], start: NDArray[Any], T: int) -> NDArray[Any]:
    """``Σ_{t<T} A^t G A*^t`` by the binary digits of T: every step adds positive semidefinite terms."""
    total, power = start, A
    for bit in bin(T)[3:]:
        total = total + power @ total @ power.conj().T
        power = power @ power
        if bit == "1":
            total, power = start + A @ total @ A.conj().T, A @ power
    return total


def _geometric_sums(log: NDArray[np.complex128], T: int) -> NDArray[np.complex128]:
    """``Σ_{t<T} (λ_i λ̄_j)^t``, angles multiplied by T without rounding."""
    zero = np.isneginf(log.real)
    log = np.where(zero, 0, log)
    decay, (angle, tail) = log.real[:, None] + log.real, total(log.imag[:, None], -log.imag)
    (far, rest), (grown, more) = product(angle, float(T)), product(decay, float(T))
    below = expm1(decay, angle, tail)
    alike = below == 0
    sums = np.where(alike, T, expm1(grown, far, rest + tail * T, more) / np.where(alike, 1, below))
    sums[zero], sums[:, zero] = 1.0, 1.0
    return sums
