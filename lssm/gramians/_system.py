"""What a user passes, as one system: diagonal or dense, discrete or continuous; its poles, and whether they are stable."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError, UnstableError, choice, finite, vector
from ..poles import Poles, log_of
from ..systems import ContinuousSSM, Diagonal, DiscreteSSM, adjoint, single_system

KINDS = ("reachability", "observability")
System = DiscreteSSM | ContinuousSSM


def one_system(system: Any, weights: ArrayLike | None = None, *, name: str = "system") -> System:
    """One system, discrete or continuous, from whatever describes it; poles mean a diagonal system with the given weights."""
    if isinstance(system, Poles):
        row = system.require_single().rows()[0]
        b = np.ones(row.size) if weights is None else vector(weights, "weights", row.size, "poles")
        return DiscreteSSM(Diagonal.from_log(row), b)
    if weights is not None:
        raise InvalidInputError("weights: belong to poles; a system has its own B and C")
    return single_system(system, name)


def batch_weights(poles: Poles, weights: ArrayLike | None) -> NDArray[np.complex128]:
    """Weights of every row of a batch of poles, shape (rows, N)."""
    array = np.ones(1, np.complex128) if weights is None else finite(weights, "weights")
    try:
        return np.broadcast_to(array, poles.log.shape).reshape(-1, poles.log.shape[-1])
    except ValueError:
        raise InvalidInputError(f"weights: shape {array.shape} does not fit poles of shape {poles.log.shape}") from None


def is_continuous(system: System) -> bool:
    """The kind of time."""
    return isinstance(system, ContinuousSSM)


def of_kind(system: System, kind: str) -> System:
    """The system itself, or its adjoint for observability."""
    return adjoint(system) if choice(kind, "kind", KINDS) == "observability" else system


def diagonal_poles(system: System) -> NDArray[np.complex128] | None:
    """Log λ (or a) of a system that is diagonal by type or by its entries; None otherwise."""
    if isinstance(system.A, Diagonal):
        return system.A.values if is_continuous(system) else system.A.log
    matrix = system.A.to_dense()
    if np.any(matrix - np.diag(np.diagonal(matrix))):
        return None
    return np.diagonal(matrix).copy() if is_continuous(system) else log_of(np.diagonal(matrix))


def real_if_both_are(first: NDArray[Any], second: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two arrays without their imaginary parts, if neither has any."""
    return (first, second) if first.imag.any() or second.imag.any() else (first.real, second.real)


def triangular_form(A: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Upper (quasi-)triangular T and unitary Z with ``A = Z T Z*``; a triangular matrix is left as it is."""
    if not np.any(np.tril(A, -1)):
        return A, np.eye(len(A))
    if not np.any(np.triu(A, 1)):
        return A[::-1, ::-1].copy(), np.eye(len(A))[::-1].copy()
    T, Z = scipy.linalg.schur(A, output="real" if np.isrealobj(A) else "complex")
    return T, Z


def eigenvalues(T: NDArray[Any]) -> NDArray[np.complex128]:
    """Diagonal of a (real quasi-)triangular matrix; a 2×2 block in LAPACK's standard form has ``a ± i √(-bc)``."""
    values = np.diagonal(T).astype(np.complex128)
    for k in np.flatnonzero(np.diagonal(T, -1)):
        turn = np.sqrt(abs(T[k, k + 1])) * np.sqrt(abs(T[k + 1, k]))
        values[k], values[k + 1] = complex(T[k, k], turn), complex(T[k, k], -turn)
    return values


def require_stable(poles: NDArray[np.complex128], continuous: bool) -> None:
    """Nothing, or an `UnstableError` that names the worst pole."""
    worst = poles[poles.real.argmax()]
    if worst.real < 0:
        return
    if continuous:
        raise UnstableError(f"system: unstable, A has the eigenvalue {worst:.6g}; every real part must be negative")
    size = f"1 + {np.expm1(worst.real):.3g}" if worst.real else "exactly 1"
    raise UnstableError(f"system: unstable, the eigenvalue {np.exp(worst):.6g} of A has |λ| = {size}; every |λ| must be below 1")
