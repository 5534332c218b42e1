"""Factors of Gramians and input-normal coordinates: one entry for diagonal and dense systems, discrete and continuous time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from .._validate import InvalidInputError
from ..poles import is_real
from ..reachability import eigenvalue_logs
from ._cascade import Orthonormal, Triangular, orthonormal
from ._diagonal import Pivoted, input_normal_of, pairs_of, pivoted_factor
from ._scale import scaled
from ._system import (
    System,
    diagonal_poles,
    eigenvalues,
    is_continuous,
    of_kind,
    one_system,
    real_if_both_are,
    require_stable,
    triangular_form,
)


@dataclass(frozen=True, eq=False)
class GramianFactor(Result):
    """A Gramian as ``S S*``, with ``S = unit · 2^power``: the Gramian itself is never formed.

    Attributes
    ----------
    unit : array, shape (N, r)
        Columns of S, scaled by powers of two; real where A and B are.
    power : int array, shape (r,)
        These powers. r is the number of states reached (or observed).
    order : int array, shape (N,) or None
        For a diagonal system the pivots: ``unit[order[:r]]`` is lower triangular, each entry right to a few ulps.

    Notes
    -----
    Theorem: :doc:`/theorems/gramian_cauchy` (``proofs/gramian_cauchy.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> factor = lssm.gramian_factor(lssm.spectra.legs(order=64, step=1e-3))
    >>> factor.unit.shape, factor.rank, int(factor.power.min()) < -100
    ((64, 64), 64, True)
    >>> bool(np.allclose(factor.gramian, lssm.gramian(lssm.spectra.legs(order=64, step=1e-3))))
    True
    """

    unit: NDArray[Any]
    power: NDArray[np.int64]
    order: NDArray[np.int64] | None

    @property
    def matrix(self) -> NDArray[Any]:
        """S, shape (N, r); entries below the smallest double are 0, entries above the largest infinite."""
        return scaled(self.unit, self.power)

    @property
    def gramian(self) -> NDArray[Any]:
        """``S S*``, shape (N, N)."""
        S = self.matrix
        gramian: NDArray[Any] = S @ S.conj().T
        return gramian

    @property
    def rank(self) -> int:
        """Number of columns: states that are reached (or observed)."""
        return self.power.size

    def __str__(self) -> str:
        N, r = self.unit.shape
        kind = "diagonal system, every entry accurate" if self.order is not None else "dense system"
        return f"factor of a Gramian, {N} × {r} ({kind})"


@dataclass(frozen=True)
class Coordinates:
    """Input-normal coordinates ``x = S x_o``.

    Attributes
    ----------
    A, B : array, shape (r, r) and (r, m)
        Lower (quasi-)triangular; ``A A* + B B* = I``, or ``A + A* + B B* = 0`` in continuous time.
    poles : complex array, shape (r,)
        log λ, or a, in the order of A.
    S : GramianFactor
        The factor.
    """

    A: NDArray[Any]
    B: NDArray[Any]
    poles: NDArray[np.complex128]
    S: GramianFactor

    def seen_by(self, C: NDArray[Any]) -> NDArray[Any]:
        """C in these coordinates, ``C S``; powers of two enter last."""
        seen = scaled(C @ self.S.unit, self.S.power)
        return seen.real if np.isrealobj(self.S.unit) and not C.imag.any() else seen


def gramian_factor(system: Any, *, weights: ArrayLike | None = None, kind: str = "reachability") -> GramianFactor:
    r"""Factor S of a Gramian ``S S*``, computed without the Gramian.

    Parameters
    ----------
    system : Poles, discrete or continuous system
        Poles mean a diagonal system with input `weights`, not a batch.
    weights : array_like, shape (N,), optional
        Input weights b of a diagonal system given by its poles; default 1.
    kind : {"reachability", "observability"}
        Which Gramian.

    Returns
    -------
    GramianFactor

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle (continuous: not in the left half plane).
    UnsupportedError
        A batch.

    Notes
    -----
    Diagonal with one input: the Cholesky factor with diagonal pivoting, in product form,
    ``L_ik = b_i √g_k/(1-λ_iλ̄_k) Π_{j<k} (λ_i-λ_j)/(1-λ_iλ̄_j)`` up to a phase for each column: every entry is right to a few
    ulps times its number of factors. Dense: a recursion of orthonormal sections on the Schur form [Hammarling1982]_.

    Theorems: :doc:`/theorems/gramian_cauchy` (``proofs/gramian_cauchy.py``), :doc:`/theorems/input_normal`
    (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> factor = lssm.gramian_factor(lssm.Poles.from_discrete([0.5, -0.5]))
    >>> print(factor)
    factor of a Gramian, 2 × 2 (diagonal system, every entry accurate)
    >>> (factor.matrix.real**2).sum(1).round(4)
    array([1.3333, 1.3333])
    """
    return factor_of(of_kind(one_system(system, weights), kind))


def factor_of(system: System) -> GramianFactor:
    """Factor of the reachability Gramian; the system must be stable."""
    poles = diagonal_poles(system)
    if poles is None:
        return coordinates(system).S
    return _scaled_columns(system, poles, _pivoted(system, poles))


def coordinates(system: System) -> Coordinates:
    """Input-normal coordinates of the part that the inputs reach; the system must be stable."""
    poles = diagonal_poles(system)
    if poles is None:
        found, Z, power = _of_dense(system)
        S = GramianFactor(Z @ found.S, np.full(len(found.A), power), None)
        return Coordinates(found.A, found.B, found.poles, S)
    pivoted = _pivoted(system, poles)
    A, B = input_normal_of(pivoted, poles, is_continuous(system))
    if is_real_system(system, poles):
        A, B = A.real, B.real
    return Coordinates(A, B, poles[pivoted.order[: len(A)]], _scaled_columns(system, poles, pivoted))


def observability(found: Coordinates, C: NDArray[Any], continuous: bool) -> NDArray[Any]:
    """Factor of the observability Gramian in these coordinates, for a readout C given in them."""
    poles = np.where(np.isneginf(found.poles.real), found.poles, found.poles.conj())
    return orthonormal(Triangular(found.A.conj().T, poles, C.conj().T, continuous)).S


def _pivoted(system: System, poles: NDArray[np.complex128]) -> Pivoted:
    require_stable(poles, is_continuous(system))
    return pivoted_factor(pairs_of(poles, is_continuous(system)), system.B)


def _scaled_columns(system: System, poles: NDArray[np.complex128], found: Pivoted) -> GramianFactor:
    return GramianFactor(found.unit.real if is_real_system(system, poles) else found.unit, found.power, found.order)


def is_real_system(system: System, poles: NDArray[np.complex128]) -> bool:
    """Whether poles and inputs of a diagonal system are all real."""
    real = poles.imag == 0 if is_continuous(system) else is_real(poles)
    return bool(real.all()) and not system.B.imag.any()


def _of_dense(system: System) -> tuple[Orthonormal, NDArray[Any], int]:
    """The cascade of the Schur form, the unitary matrix back to the system's coordinates, and a power of two taken out of B."""
    A, B = real_if_both_are(system.A.to_dense(), system.B)
    T, Z = triangular_form(A)
    poles = eigenvalues(T) if is_continuous(system) else eigenvalue_logs(T)
    require_stable(poles, is_continuous(system))
    power = int(np.frexp(np.abs(B).max())[1])
    with np.errstate(over="ignore", invalid="ignore"):
        found = orthonormal(Triangular(T, poles, Z.conj().T @ scaled(B, -power), is_continuous(system)))
    if not np.isfinite(found.S).all():
        raise InvalidInputError("system: its Gramian leaves the range of doubles; scale the states")
    return found, Z, power
