r"""Gramian of a diagonal system T steps after rest: eigenvalues to relative accuracy.

Its eigenvalues are the squared singular values of the Vandermonde matrix ``V_tk = b_k λ_k^t``, the small ones of which no general
algorithm finds. A discrete Fourier transform, which changes none of them, turns V into a Cauchy matrix
``b_k (1-(e^{-iθ_s}λ_k)^T) / (1-e^{-iθ_s}λ_k) / √T`` [Demmel1999]_, and elimination with complete pivoting keeps
every entry a product:

.. math:: \frac{r_i c_j}{1-\omega_i\lambda_j} \to \frac{r_i (\omega_i-\omega_p)}{1-\omega_i\lambda_q}
          \frac{c_j (\lambda_j-\lambda_q)}{1-\omega_p\lambda_j} \frac{1}{1-\omega_i\lambda_j}.

The frequencies ``θ_s = 2π(s+δ)/T`` are shifted so that they keep off the poles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._doubles import expm1, product, total
from .._progress import progress
from .._validate import UnsupportedError
from ._diagonal import pairs_of
from ._scale import split
from ._spectrum import Squares, rotated

LARGEST = 2 * 10**7
"""Products N·T that are taken on."""

_TWO_PI = 2 * np.pi
_TWO_PI_TAIL = 2.4492935982947064e-16


def horizon_squares(log: NDArray[np.complex128], weights: NDArray[np.complex128], T: int, *, vectors: bool = False) -> Squares:
    """Eigenvalues of ``Σ_{t<T} v_t v_t*``, ``v_t = (b_k λ_k^t)``, largest first; fewer than N where that is singular."""
    if log.size * T > LARGEST or log.real.max() * T > 300:
        raise UnsupportedError(
            f"horizon: {T} steps of {log.size} poles are too many, or the poles grow too much. Without a horizon the eigenvalues "
            "differ by a share of at most the memory beyond it, lssm.memory_function(poles, horizon).remainder"
        )
    X, size, power, Y = _eliminated(log, weights, T)
    size, more = split(size)
    power = power + more
    R = np.linalg.qr(X, mode="r")
    rows = (R * np.ldexp(1.0, np.clip(power - power[:, None], -2000, 8))) @ (size[:, None] * Y)
    sizes, powers, _, unit = rotated(rows.conj(), power, False)
    condition = float(np.linalg.cond(X) * np.linalg.cond(Y)) if vectors else np.nan
    return Squares(sizes, powers, unit.conj().T if vectors else None, None, condition)


def _eliminated(log: NDArray[Any], weights: NDArray[Any], T: int) -> tuple[NDArray[Any], ...]:
    """X, D = size · 2^power and Y with the Cauchy matrix = X D Y; X and Y are triangular up to the order of rows and columns."""
    shift = _shift(log, T)
    angle, tail = _angles(T, shift)
    head, rest = total(log.imag, -angle[:, None])
    gap = -expm1(log.real, head, rest - tail[:, None])  # 1 - ω_s λ_k
    apart, depth = pairs_of(log, False).apart, np.log2(np.abs(gap))
    row, row_power = np.ones(T, np.complex128), np.zeros(T, np.int64)
    column, column_power = split(weights * _numerators(log, T, shift) / np.sqrt(T))
    N = min(log.size, T)
    X, Y = np.zeros((T, N), np.complex128), np.zeros((N, log.size), np.complex128)
    size, power = np.zeros(N, np.complex128), np.zeros(N, np.int64)
    for k in progress(range(N), "elimination"):
        score = (_log2(row) + row_power)[:, None] + (_log2(column) + column_power) - depth
        p, q = np.unravel_index(score.argmax(), score.shape)
        if score[p, q] == -np.inf:
            return X[:, :k], size[:k], power[:k], Y[:k]
        X[:, k] = _ratio(row * (gap[p, q] / gap[:, q]), row_power, row[p], row_power[p])
        Y[k] = _ratio(column * (gap[p, q] / gap[p]), column_power, column[q], column_power[q])
        size[k], power[k] = row[p] * column[q] / gap[p, q], row_power[p] + column_power[q]
        row, more = split(row * _chords(angle, p, T) / gap[:, q])
        row_power += more
        column, more = split(column * apart[:, q] / gap[p])
        column_power += more
    return X, size, power, Y


def _shift(log: NDArray[Any], T: int) -> float:
    """δ in the middle of the widest gap between the poles' places on the grid of frequencies, a multiple of 2⁻²⁰."""
    place = np.sort(np.where(np.isneginf(log.real), 0.0, log.imag) * T / _TWO_PI % 1.0)
    gaps = np.diff(np.append(place, place[0] + 1.0))
    widest = int(gaps.argmax())
    return float(np.round((place[widest] + 0.5 * gaps[widest]) % 1.0 * 2**20) / 2**20)


def _angles(T: int, shift: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """θ_s = 2π(s+δ)/T as head and tail."""
    turns = (np.arange(T) + shift) / T
    head, tail = product(turns, float(T))
    rest = ((np.arange(T) + shift - head) - tail) / T
    head, tail = product(turns, _TWO_PI)
    return head, tail + (turns * _TWO_PI_TAIL + rest * _TWO_PI)


def _numerators(log: NDArray[Any], T: int, shift: float) -> NDArray[np.complex128]:
    """1 - e^{-2πiδ} λ^T."""
    head, tail = product(np.where(np.isneginf(log.real), 0.0, log.imag), float(T))
    turned, rest = product(shift, _TWO_PI)
    angle, lost = total(head, -turned)
    decay, decay_tail = product(np.where(np.isneginf(log.real), -1e9, log.real), float(T))
    return -expm1(decay, angle, lost + tail - rest - shift * _TWO_PI_TAIL, decay_tail)


def _chords(angle: NDArray[np.float64], p: Any, T: int) -> NDArray[np.complex128]:
    """ω_s - ω_p, ω = e^{-iθ}; steps beyond half a turn are taken the other way round."""
    steps = np.arange(T) - p
    far = 2 * np.abs(steps) > T
    half = np.where(far, -1.0, 1.0) * np.sin(np.pi * np.where(far, steps - np.sign(steps) * T, steps) / T)
    chords: NDArray[np.complex128] = -2j * half * np.exp(-0.5j * (angle + angle[p]))
    return chords


def _log2(values: NDArray[Any]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        logs: NDArray[np.float64] = np.log2(np.abs(values))
    return logs


def _ratio(values: NDArray[Any], power: NDArray[np.int64], by: complex, by_power: Any) -> NDArray[np.complex128]:
    ratio: NDArray[np.complex128] = values / by * np.ldexp(1.0, np.clip(power - by_power, -1100, 1000))
    return ratio
