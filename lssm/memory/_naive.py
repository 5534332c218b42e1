"""What the usual ways of computing a memory function say; for comparison only."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..poles import Poles, require_poles
from ._delays import checked_delays


def naive_gramian_memory(poles: Poles, delays: int | ArrayLike) -> NDArray[np.float64]:
    r"""What solving with the Gramian in double precision says; for comparison only.

    ``M(τ) = v_τᴴ G⁻¹ v_τ`` with ``v_τ = (λ_k^τ)``, ``G_ij = 1/(1-λ_iλ̄_j)``. The Gramian of real poles has a
    condition that grows like ``e^{cN}``; this is how memory functions go wrong.

    Parameters
    ----------
    poles : Poles
        Stable, distinct poles, not a batch.
    delays : int or array_like of int, shape (T,)
        Delays τ in steps, as in `memory_function`.

    Returns
    -------
    float array, shape (T,)
        NaN throughout where LAPACK finds G singular.

    Notes
    -----
    Explained in :doc:`/numerical_accuracy`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.spectra.legs(order=32, step=1e-3)
    >>> exact, naive = lssm.memory_function(poles, 1000).values, lssm.naive_gramian_memory(poles, 1000)
    >>> bool(abs(naive / exact - 1).max() > 0.1)
    True
    """
    log = require_poles(poles).require_single().require_stable().rows()[0]
    wanted = checked_delays(delays)
    zero = np.isneginf(log.real)
    values = np.where(zero, 0, np.exp(np.where(zero, 0, log)))
    v = values[:, None] ** wanted
    gramian = 1.0 / (1.0 - values[:, None] * values.conj())
    try:
        solved = np.linalg.solve(gramian, v)
    except np.linalg.LinAlgError:
        return np.full(wanted.size, np.nan)
    return (v.conj() * solved).sum(0).real


def naive_svd_memory(poles: Poles, horizon: int) -> NDArray[np.float64]:
    r"""Finite-horizon memory as the leverage scores that an SVD in double precision gives; for comparison only.

    The singular vectors of the T×N matrix ``λ_k^τ`` beyond the numerical rank are noise, and NumPy's rank rule does
    not save the answer: the part dropped belongs to it.

    Parameters
    ----------
    poles : Poles
        Not a batch.
    horizon : int
        Number of steps T since the state was zero.

    Returns
    -------
    float array, shape (T,)
        At the delays 0 … T-1.

    Notes
    -----
    Explained in :doc:`/numerical_accuracy`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.spectra.s4d_inv(order=32, step=1e-3)
    >>> exact = lssm.memory_function(poles, 1024, horizon=1024).values
    >>> bool(abs(lssm.naive_svd_memory(poles, 1024) / exact - 1).max() > 0.1)
    True
    """
    values = require_poles(poles).require_single().values
    left, *_ = np.linalg.svd(values ** np.arange(horizon)[:, None], full_matrices=False)
    leverage: NDArray[np.float64] = (np.abs(left) ** 2).sum(1)
    return leverage
