r"""Diagonal systems: the Gramian is Cauchy-like, and everything in it is a product of differences of poles.

``G_ij = b_i b̄_j / (1-λ_iλ̄_j)``. Its Cholesky factor holds the Takenaka-Malmquist functions at the nodes,
``L_ik = b_i √g_k/(1-λ_iλ̄_k) Π_{j<k} (λ_i-λ_j)/(1-λ_iλ̄_j)``, so each entry is right to a few ulps, however close to singular
G is [Boros1999]_ [Demmel1999]_.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.cauchy import pivoted_cholesky
from .._kernels.pairs import tables_of_pairs
from ._cascade import Section, assemble


@dataclass(frozen=True)
class Pairs:
    """``λ_i-λ_j`` and ``1-λ_iλ̄_j`` for all pairs (continuous time: ``a_j-a_i`` and ``-(a_i+ā_j)``), shape (N, N) each."""

    apart: NDArray[np.complex128]
    coupled: NDArray[np.complex128]


def pairs_of(poles: NDArray[np.complex128], continuous: bool) -> Pairs:
    """The tables for log λ, or for a in continuous time."""
    if continuous:
        return Pairs(poles - poles[:, None], -(poles[:, None] + poles.conj()))
    apart, coupled = np.empty((2, poles.size, poles.size), np.complex128)
    tables_of_pairs(poles, apart, coupled)
    return Pairs(apart, coupled)


@dataclass(frozen=True)
class Pivoted:
    """Cholesky factor with diagonal pivoting, ``L = unit · 2^power``.

    Attributes
    ----------
    unit : complex array, shape (N, r)
        Columns; ``unit[order[:r]]`` is lower triangular, its diagonal in [1/2, 1).
    power : int array, shape (r,)
        Powers of two.
    order : int array, shape (N,)
        Pivots, first ones first.
    pivots : complex array, shape (r, m)
        Weights of the pivots when their turn came.
    """

    unit: NDArray[np.complex128]
    power: NDArray[np.int64]
    order: NDArray[np.int64]
    pivots: NDArray[np.complex128]


def pivoted_factor(pairs: Pairs, weights: NDArray[np.complex128]) -> Pivoted:
    """Factor of ``weights_i weights_j* / coupled_ij``; weights of shape (N, m)."""
    N, m = weights.shape
    unit, power, order = np.zeros((N, N), np.complex128), np.zeros(N, np.int64), np.zeros(N, np.int64)
    pivots = np.zeros((N, m), np.complex128)
    r = pivoted_cholesky(pairs.apart, pairs.coupled, weights.astype(np.complex128), unit, power, order, pivots)
    return Pivoted(unit[:, :r], power[:r], order, pivots[:r])


def input_normal_of(factor: Pivoted, poles: NDArray[np.complex128], continuous: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    """State matrix and inputs in the coordinates of the factor, lower triangular."""
    chosen = poles[factor.order[: len(factor.pivots)]]
    sections = [_section(pole, row, continuous) for pole, row in zip(chosen, factor.pivots, strict=True)]
    return assemble(sections, factor.pivots.shape[1], np.complex128)


def _section(pole: complex, row: NDArray[np.complex128], continuous: bool) -> Section:
    root = np.sqrt(-2.0 * pole.real if continuous else -np.expm1(2.0 * pole.real))
    value = pole if continuous else (np.exp(pole) if pole.real > -np.inf else 0j)
    turn, norm = _turn(row), np.linalg.norm(row)
    first = np.zeros((1, row.size), np.complex128)
    first[0, 0] = -root if continuous else root
    inputs = turn.copy()
    inputs[:, 0] *= 1.0 if continuous else -value
    return Section(np.array([[value]]), root * row[None, :] / norm, np.array([[norm / root]]), first, inputs)


def _turn(row: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Unitary U with ``row U = ‖row‖ e_1``: the map that the elimination applies to all rows."""
    size = abs(row[0])
    phase = row[0] / size if size else 1.0 + 0j
    if row.size == 1:
        return np.array([[phase.conjugate()]])
    v = row.copy()
    v[0] += phase * np.linalg.norm(row)
    turn = np.eye(row.size) - 2.0 * np.outer(v.conj(), v) / np.vdot(v, v).real
    return np.concatenate([-phase.conjugate() * turn[:, :1], turn[:, 1:]], axis=1)
