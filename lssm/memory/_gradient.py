r"""How memory moves when poles move.

With b the all-pass response, ``c_t = λ_k c_{t-1} + b_t`` (forward, from rest) and ``d_{t-1} = λ̄_k d_t + b_t`` (backward, from
infinity) the projector on what the poles remember has the rank-one derivative ``∂P/∂λ_k = c dᴴ``, hence

.. math:: \frac{\partial M(\tau)}{\partial\lambda_k} = c_\tau\,\bar d_\tau .

Proof: ``proofs/memory_gradient.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels.cascade import both_scans, delayed_forward
from .._validate import count, over_batch
from ..allpass._cascade import cascade, response_and_states, scan_ends, sections, slowest_order
from ..poles import Poles, require_poles
from ._delays import checked_delays


def memory_gradient(poles: Poles, delays: int | ArrayLike, *, workers: int | None = None) -> NDArray[np.complex128]:
    r"""Derivative of every M(τ) with respect to every pole.

    Parameters
    ----------
    poles : Poles
        Stable poles, batch shape (...).
    delays : int or array_like of int, shape (T,)
        As in `memory_function`, up to 1e8.
    workers : int, optional
        Threads over the batch (-1: one a core).

    Returns
    -------
    complex array, shape (..., N, T)
        Wirtinger derivatives ``∂M(τ)/∂λ_k``: ``dM = 2 Re Σ_k ∂_k M dλ_k``. A conjugate pair that moves together
        gives ``4 Re(∂_k M dλ_k)``, a real pole that stays real ``2 ∂_k M dλ``. Zero in the padding of a ragged batch.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    InvalidInputError
        Something that is no pole set; delays that are no non-negative integers.

    Notes
    -----
    One forward and one backward scan for each pole, O(N T) in all; the backward scan starts from the exact effect of everything
    beyond the last delay. Repeated poles are no exception: each copy has its own derivative.

    ``Σ_τ ∂M(τ)/∂λ_k = 0``: moving a pole creates no memory, it moves memory between delays. And
    ``|∂_k M| ≤ √(M(1-M))/(1-|λ_k|²)``: where there is no memory there is no gradient towards it.

    Theorem: :doc:`/theorems/memory_gradient` (``proofs/memory_gradient.py``); derivation: :doc:`/derivations/gradient`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.Poles.from_discrete([0.5])  # M(τ) = (1-|λ|²) |λ|^2τ
    >>> lssm.memory_gradient(poles, 3).real
    array([[-0.5    ,  0.25   ,  0.15625]])
    """
    rows = require_poles(poles).require_stable().rows()
    wanted = checked_delays(delays)
    T = count(int(wanted.max()) + 1, "delays", most=10**8)
    found = over_batch(lambda i: _gradient(rows[i], T)[:, wanted], len(rows), workers)
    gradient = np.zeros((len(rows), poles.log.shape[-1], wanted.size), np.complex128)
    for row, part in zip(gradient, found, strict=True):
        row[: len(part)] = part
    return gradient.reshape(*poles.batch, *gradient.shape[1:])


def _gradient(log: NDArray[Any], T: int) -> NDArray[np.complex128]:
    """One row, in its own order."""
    order = slowest_order(log)
    b, w = response_and_states(log[order], T)
    coefficients, ends = sections(log[order]), scan_ends(log[order], w)
    gradient, c, d = np.empty((log.size, T), np.complex128), np.empty(T, np.complex128), np.empty(T, np.complex128)
    for k, place in enumerate(order):
        both_scans(coefficients[:, k].copy(), ends[k], b, c, d)
        gradient[place] = c * d.conj()
    return gradient


def memory_hessian(
    poles: Poles, delays: int | ArrayLike, first: int, second: int, *, conjugate: bool = False
) -> NDArray[np.complex128]:
    r"""Second derivatives of every M(τ) with respect to two poles.

    Parameters
    ----------
    poles : Poles
        Stable poles, not a batch.
    delays : int or array_like of int, shape (T,)
        As in `memory_gradient`.
    first, second : int
        Indices j and k of the poles; they may be equal.
    conjugate : bool
        Differentiate with respect to ``λ̄_j`` and ``λ_k`` instead of ``λ_j`` and ``λ_k``.

    Returns
    -------
    complex array, shape (T,)
        ``∂²M(τ)/∂λ_j∂λ_k``, or ``∂²M(τ)/∂λ̄_j∂λ_k``.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    InvalidInputError
        An index out of range, a batch.

    Notes
    -----
    With ∇ the backward difference in τ and b[k] the filter without factor k:
    ``-∇[f h̄]`` with ``f = b/((1-λ_jz)(1-λ_kz))``, ``h = b[jk]/((1-λ_jz)(1-λ_kz))`` for j ≠ k;
    ``[2zb/(1-λ_kz)²] conj[b[k]/(1-λ_kz)]`` for j = k; and for the mixed derivative ``-∇[f h̄]`` with
    ``f = b[j]/((1-λ_jz)(1-λ_kz))``, ``h = b[k]/((1-λ_jz)(1-λ_kz))``.

    Theorem: :doc:`/theorems/memory_gradient` (``proofs/memory_gradient.py``); derivation: :doc:`/derivations/gradient`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_hessian(lssm.Poles.from_discrete([0.5]), 3, 0, 0, conjugate=True).real
    array([-1.    , -0.    ,  0.4375])
    """
    log = require_poles(poles).require_single().require_stable().rows()[0]
    j, k = (count(index, name, least=0, most=log.size - 1) for index, name in ((first, "first"), (second, "second")))
    wanted = checked_delays(delays)
    T = count(int(wanted.max()) + 1, "delays", most=10**8)
    if conjugate:
        return -_difference(_filtered(log, [j], [j, k], T) * _filtered(log, [k], [j, k], T).conj())[wanted]
    if j != k:
        return -_difference(_filtered(log, [], [j, k], T) * _filtered(log, [j, k], [j, k], T).conj())[wanted]
    return 2.0 * (_delayed(_filtered(log, [], [k, k], T)) * _filtered(log, [k], [k], T).conj())[wanted]


def _filtered(log: NDArray[Any], without: list[int], through: list[int], T: int) -> NDArray[np.complex128]:
    """All-pass response of the poles not in `without`, filtered by 1/(1-λz) of those in `through`."""
    kept = np.delete(log, without)
    signal = cascade(kept[slowest_order(kept)], T) if kept.size else np.eye(1, T, dtype=np.complex128)[0]
    for k in through:
        padded = np.empty(T + 1, np.complex128)
        delayed_forward(sections(log[[k]])[:, 0].copy(), np.append(signal, 0), padded)
        signal = padded[1:]
    return signal


def _delayed(signal: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.concatenate([[0.0], signal[:-1]])


def _difference(signal: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return signal - _delayed(signal)
