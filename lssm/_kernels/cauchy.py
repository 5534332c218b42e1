"""Elimination on Cauchy-like matrices: every entry is a product, so every entry is accurate."""

from math import frexp, ldexp
from typing import Any

import numpy as np

from ._compile import compiled


@compiled
def _scaled(x: complex, power: int) -> complex:
    """X · 2^power, 0 where that is below the smallest double."""
    power = max(power, -2200)
    return complex(ldexp(x.real, power), ldexp(x.imag, power))


@compiled
def _normalise(row: Any) -> tuple[float, int]:
    """Scale a row by a power of two, so that its squared norm lies in [1/4, 1); that norm, and the power taken out."""
    size = 0.0
    for x in row:
        size = max(size, abs(x.real), abs(x.imag))
    if size == 0.0:
        return 0.0, 0
    _, power = frexp(size)
    total = 0.0
    for i in range(row.size):
        row[i] = _scaled(row[i], -power)
        total += row[i].real ** 2 + row[i].imag ** 2
    return total, power


@compiled
def _reflect(rows: Any, pivot: int, free: Any) -> complex:
    """Unitary map of all free rows that turns the pivot row to its first coordinate; the conjugate phase it has there."""
    v = rows[pivot].copy()
    norm = 0.0
    for x in v:
        norm += x.real**2 + x.imag**2
    norm = np.sqrt(norm)
    first = abs(v[0])
    phase = v[0] / first if first > 0.0 else 1.0 + 0j
    if v.size == 1:
        return phase.conjugate()
    v[0] += phase * norm
    square = 0.0
    for x in v:
        square += x.real**2 + x.imag**2
    for i in range(free.size):
        if free[i]:
            along = 0j
            for j in range(v.size):
                along += rows[i, j] * v[j].conjugate()
            for j in range(v.size):
                rows[i, j] -= (2.0 / square) * along * v[j]
    return -phase.conjugate()


@compiled
def pivoted_cholesky(apart: Any, coupled: Any, rows: Any, unit: Any, power: Any, order: Any, pivots: Any) -> int:
    r"""Cholesky factor of ``G_ij = b_i b_j* / coupled_ij``, with diagonal pivoting.

    Column k is ``L_ik = (b_i)_k √g_k / coupled_ik Π_{j<k} apart_ij/coupled_ij``: a Schur complement of G has the same form as G,
    with b_i turned until the pivot's lies along the first axis, and that coordinate multiplied by ``apart_ik/coupled_ik``.
    Powers of two are kept apart, so that nothing leaves the range of doubles.

    Parameters
    ----------
    apart, coupled : complex array, shape (N, N)
        ``λ_i-λ_j`` and ``1-λ_iλ̄_j``; in continuous time ``a_j-a_i`` and ``-(a_i+ā_j)``.
    rows : complex array, shape (N, m)
        Input weights b_i; overwritten.
    unit : complex array, shape (N, N)
        Output, zeros before: L is ``unit[:, k] 2^power[k]``; rows keep their places.
    power : int array, shape (N,)
        Output.
    order : int array, shape (N,)
        Output: pivots, first ones first; the rest in any order.
    pivots : complex array, shape (N, m)
        Output: the row b of each pivot when its turn came, up to a power of two.

    Returns
    -------
    int
        Rank: columns that are not zero.
    """
    N = rows.shape[0]
    free, size, shift = np.ones(N, np.bool_), np.empty(N), np.empty(N, np.int64)
    for i in range(N):
        size[i], shift[i] = _normalise(rows[i])
    for k in range(N):
        pivot, best = -1, -np.inf
        for i in range(N):
            if free[i] and size[i] > 0.0:
                key = np.log2(size[i] / coupled[i, i].real) + 2.0 * shift[i]
                if pivot < 0 or key > best:
                    pivot, best = i, key
        if pivot < 0:
            place = k
            for i in range(N):
                if free[i]:
                    order[place] = i
                    place += 1
            return k
        order[k], pivots[k] = pivot, rows[pivot]
        phase = _reflect(rows, pivot, free)
        root = np.sqrt(coupled[pivot, pivot].real)
        _, extra = frexp(np.sqrt(size[pivot]) / root)
        power[k] = shift[pivot] + extra
        free[pivot] = False
        unit[pivot, k] = ldexp(np.sqrt(size[pivot]) / root, -extra)
        for i in range(N):
            if free[i] and size[i] > 0.0:
                along = rows[i, 0] * phase / coupled[i, pivot]
                unit[i, k] = _scaled(along * root, shift[i] - power[k])
                rows[i, 0] = along * apart[i, pivot]
                size[i], more = _normalise(rows[i])
                shift[i] += more
    return N
