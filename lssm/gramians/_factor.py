"""The factor of a Gramian."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from ._coordinates import Coordinates, coordinates, of_kind, one_system


@dataclass(frozen=True, eq=False)
class GramianFactor(Result):
    """A Gramian as ``S S*``, with ``S = unit · 2^power``: the Gramian itself is never formed.

    Attributes
    ----------
    unit : array, shape (N, r)
        Columns of S, scaled by powers of two; real for a real dense system.
    power : int array, shape (r,)
        These powers. r is the number of states reached (or observed).
    order : int array, shape (N,) or None
        For a diagonal system the pivots: ``unit[order[:r]]`` is lower triangular, each entry right to a few ulps.
    """

    unit: NDArray[Any]
    power: NDArray[np.int64]
    order: NDArray[np.int64] | None

    @property
    def matrix(self) -> NDArray[Any]:
        """S, shape (N, r); entries below the smallest double are 0."""
        return self.unit * np.ldexp(1.0, np.clip(self.power, -1100, 1023))

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
    ulps times its number of factors. Dense: a recursion of orthonormal sections on the Schur form [Hammarling1982]_. Proofs:
    ``proofs/gramian_cauchy.py``, ``proofs/input_normal.py``.

    Examples
    --------
    >>> import lssm
    >>> factor = lssm.gramian_factor(lssm.Poles.from_discrete([0.5, -0.5]))
    >>> print(factor)
    factor of a Gramian, 2 × 2 (diagonal system, every entry accurate)
    >>> (factor.matrix.real**2).sum(1).round(4)
    array([1.3333, 1.3333])
    """
    return factor_of(coordinates(of_kind(one_system(system, weights), kind)))


def factor_of(found: Coordinates) -> GramianFactor:
    """What coordinates say of the Gramian."""
    return GramianFactor(found.unit, found.power, found.order)
