"""Inverse and determinant of the Gramian of a diagonal system: products over pairs of poles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError
from ..poles import Poles, require_poles
from ._diagonal import Pairs, pairs_of, pivoted_factor
from ._scale import scaled, split
from ._system import batch_weights, one_system


def gramian_inverse(poles: Poles, *, weights: ArrayLike | None = None, log: bool = False) -> NDArray[np.complex128]:
    r"""Inverse of the Gramian of a diagonal system, each entry a product.

    Parameters
    ----------
    poles : Poles
        Stable and distinct, not a batch.
    weights : array_like, shape (N,), optional
        Input weights b, none of them zero; default 1.
    log : bool
        Return complex logarithms of the entries, where these leave the range of doubles.

    Returns
    -------
    complex array, shape (N, N)

    Raises
    ------
    InvalidInputError
        Equal poles or a zero weight, which make G singular; entries beyond the range of doubles, without `log`.

    Notes
    -----
    ``(G⁻¹)_ij = d̄_i d_j / (1-λ̄_iλ_j)`` with ``d_j = g_j/b_j Π_{k≠j} (1-λ_jλ̄_k)/(λ_j-λ_k)``. Relative error of an entry: about
    ``1e-16 N``; with `log` an absolute one of as many ulps of the logarithm.

    Theorem: :doc:`/theorems/gramian_cauchy` (``proofs/gramian_cauchy.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.Poles.from_discrete([0.5, -0.5])
    >>> (lssm.gramian_inverse(poles) @ lssm.gramian(poles)).real.round(12)
    array([[1., 0.],
           [0., 1.]])
    """
    row = require_poles(poles).require_single().require_stable().rows()[0]
    b = one_system(poles, weights).B[:, 0]
    pairs = pairs_of(row, False)
    mantissa, power = _cofactors(pairs, b)
    coupled, coupled_power = split(pairs.coupled.conj())
    entries, powers = mantissa.conj()[:, None] * mantissa / coupled, power[:, None] + power - coupled_power
    if log:
        logs: NDArray[np.complex128] = np.log(entries) + powers * np.log(2.0)
        return logs
    inverse = scaled(entries, powers)
    if not np.isfinite(inverse).all():
        raise InvalidInputError("log: entries of the inverse leave the range of doubles; pass log=True")
    return inverse


def _cofactors(pairs: Pairs, b: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    """D as mantissas and powers of two."""
    apart = pairs.apart + np.diag(np.ones(b.size))
    if not b.all() or not apart.all():
        raise InvalidInputError("poles: equal poles or a zero weight, so that the Gramian is singular; use gramian_eigenvalues")
    (mantissa, power), (weight, weight_power) = split(np.diagonal(pairs.coupled)), split(b)
    mantissa, power = mantissa / weight, power - weight_power
    (above, above_power), (below, below_power) = split(pairs.coupled), split(apart)
    for k in range(b.size):
        others = np.arange(b.size) != k
        mantissa[others] *= above[others, k] / below[others, k]
        mantissa, more = split(mantissa)
        power += more
        power[others] += above_power[others, k] - below_power[others, k]
    return mantissa, power


def gramian_log_determinant(poles: Poles, *, weights: ArrayLike | None = None) -> Any:
    r"""Logarithm of the determinant of the Gramian of diagonal systems.

    Parameters
    ----------
    poles : Poles
        Stable poles, batch shape (...).
    weights : array_like, shape (..., N), optional
        Input weights b; default 1.

    Returns
    -------
    float, or float array of shape (...)
        ``-inf`` where poles are equal or a weight is zero.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.

    Notes
    -----
    ``det G = Π_i |b_i|² Π_{i<j} |λ_i-λ_j|² / Π_ij (1-λ_iλ̄_j)``, taken from the pivots of the Cholesky factor: all of
    them are positive products.

    Theorem: :doc:`/theorems/gramian_cauchy` (``proofs/gramian_cauchy.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> print(f"{lssm.gramian_log_determinant(lssm.Poles.from_discrete([0.5, -0.5])):.12f}")
    0.129077042275
    """
    rows = require_poles(poles).require_stable().rows()
    masks, inputs = poles.mask.reshape(-1, poles.mask.shape[-1]), batch_weights(poles, weights)
    found = np.array([_log_determinant(row, b[keep]) for row, b, keep in zip(rows, inputs, masks, strict=True)])
    return found.reshape(poles.batch) if poles.batch else float(found[0])


def _log_determinant(row: NDArray[np.complex128], b: NDArray[np.complex128]) -> float:
    factor = pivoted_factor(pairs_of(row, False), b[:, None])
    if factor.power.size < row.size:
        return -np.inf
    pivots = factor.unit[factor.order, np.arange(row.size)].real
    return float(2.0 * (np.log(pivots).sum() + np.log(2.0) * factor.power.sum()))
