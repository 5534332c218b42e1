"""Memory of one row of poles with an infinite past, by the all-pass cascade; every ``log`` is slowest first."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.sums import energies_before_and_after
from .._validate import AccuracyWarning, UnsupportedError
from ..allpass._balls import LARGEST, available, ball_memory
from ..allpass._cascade import cascade_in_blocks, energy_to_come, mean_delay, scattered
from ..allpass._realisation import powers, states_at
from ._row import Row, budget

_LENGTH_BITS = 60

_SMALL = 1e-4
"""Where neither M nor 1-M is smaller, an absolute error of 1e-16 is a relative one of 1e-12."""


def infinite_memory(log: NDArray[Any], delays: NDArray[np.int64]) -> Row:
    """Memory at `delays` and everything that goes with it."""
    last = int(delays.max())
    if _cascade_is_cheaper(log.size, last, delays.size):
        near, complement, remainder, doubt = _checked(log, last + 1)
        return Row(near[delays], complement[delays], remainder, mean_delay(log), np.maximum(budget(delays), doubt[delays]))
    reach = min(2 * log.size, last + 1)  # beyond 2N delays M < 1/2 and 1-M is harmless
    near, complement, _, doubt = _checked(log, reach)
    values, rest, relative = np.empty(delays.size), np.empty(delays.size), budget(delays)
    close = delays < reach
    values[close], rest[close] = near[delays[close]], complement[delays[close]]
    relative[close] = np.maximum(relative[close], doubt[delays[close]])
    values[~close] = (np.abs(states_at(log, delays[~close])) ** 2).sum(0)
    rest[~close] = 1.0 - values[~close]
    return Row(values, rest, _remainder_after(log, last), mean_delay(log), relative)


def _checked(log: NDArray[Any], T: int) -> tuple[NDArray[Any], NDArray[Any], float, NDArray[Any]]:
    """M, 1-M, remainder by the cascade, and its relative error where small numbers leave it in doubt.

    The second opinion is the cascade in another order. Where the two differ by more than the budget (pole sets near a
    ring, sorted by phase) sections cancel each other, and ball arithmetic decides.
    """
    values, complement, remainder = _by_cascade(log, T)
    doubt = np.zeros(T)
    if min(values[-1], complement[0]) >= _SMALL:
        return values, complement, remainder, doubt
    again = _by_cascade(scattered(log), T, with_remainder=False)
    doubt, other = _difference(values, again[0]), _difference(complement, again[1])
    worst = max(doubt.max(), other.max())
    if (np.maximum(doubt, other) <= budget(np.arange(T))).all():
        return values, complement, remainder, np.zeros(T)
    alive = max(int(np.searchsorted(-values, -1e-280)), 1)  # what comes later is 0 to double precision
    if available() and log.size * alive <= LARGEST and (exact := ball_memory(log, alive)) is not None:
        values[:alive], complement[:alive] = exact[:2]
        return values, complement, exact[2] if alive == T else remainder, np.zeros(T)
    warnings.warn(
        f"poles: near a ring, where sections cancel; relative error of M or 1-M up to {worst:.0e}. "
        "See .error, or install python-flint",
        AccuracyWarning,
        stacklevel=2,
    )
    return values, complement, remainder, doubt


def _difference(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Relative difference, 0 where both are below 1e-280."""
    size = np.maximum(np.maximum(a, b), 1e-280)
    difference: NDArray[np.float64] = np.abs(a - b) / size
    return difference


def _cascade_is_cheaper(order: int, last: int, number: int = 1) -> bool:
    """Whether N·τ section steps cost less than the powers and their use at `number` delays (and fit)."""
    bits = last.bit_length()
    return last <= 10**8 and order * last <= max(3 * 10**7, (order**3 + order**2 * number // 2) * bits)


def _by_cascade(log: NDArray[Any], T: int, *, with_remainder: bool = True) -> tuple[NDArray[Any], NDArray[Any], float]:
    """M and 1-M at delays 0 … T-1, and ``Σ_{τ≥T} M``, from T+1 steps of the cascade."""
    complement, values = np.empty(T + 1), np.empty(T + 1)
    start, spent = 0, 0.0
    for b, w in cascade_in_blocks(log, T + 1):
        block = slice(start, start + b.size)
        energies_before_and_after(b, spent, _energy(log, w), complement[block], values[block])
        start, spent = block.stop, complement[block.stop - 1]
    values = np.where(complement < 0.5, 1.0 - complement, values)
    return np.minimum.accumulate(values[:T]), complement[:T], energy_to_come(log, w) if with_remainder else np.nan


def _energy(log: NDArray[Any], w: NDArray[Any]) -> float:
    """‖x‖² of the cascade state w: the memory at its time."""
    return float((-np.expm1(2.0 * log.real) * (w.real**2 + w.imag**2)).sum())


def _remainder_after(log: NDArray[Any], last: int) -> float:
    """``Σ_{τ>last} M(τ)``, the state carried there by powers."""
    x = states_at(log, np.array([last + 1]))[:, 0]
    return energy_to_come(log, x / np.sqrt(-np.expm1(2.0 * log.real)))


def infinite_length(log: NDArray[Any], fraction: float) -> int:
    """Smallest L whose remainder is at most (1-fraction) N."""
    allowed, slack = (1.0 - fraction) * log.size, 1e-13 * min(fraction, 1.0 - fraction) * log.size
    reach = 2 * log.size
    while _cascade_is_cheaper(log.size, reach):
        values, _, remainder = _by_cascade(log, reach)
        if remainder <= allowed:
            still = remainder + np.concatenate([[0.0], np.cumsum(values[::-1])])[::-1]  # Σ_{τ≥L}, L = 0 … reach
            return max(1, int(np.argmax(still <= allowed + slack)))
        reach *= 4
    return _length_by_powers(log, allowed)


def _length_by_powers(log: NDArray[Any], allowed: float) -> int:
    """The same by bisection on the bits of L, for memories beyond the reach of the cascade."""
    scale = np.sqrt(-np.expm1(2.0 * log.real))
    ladder = list(powers(log, _LENGTH_BITS))
    x, length = states_at(log, np.array([0]))[:, 0], 0
    for p in range(len(ladder) - 1, -1, -1):
        ahead = ladder[p] @ x
        if energy_to_come(log, ahead / scale) > allowed:
            x, length = ahead, length + 2**p
    if length == 2**_LENGTH_BITS - 1:
        raise UnsupportedError(f"poles: a length of 2**{_LENGTH_BITS} steps or more cannot be counted; see mean_delay")
    return length + 1
