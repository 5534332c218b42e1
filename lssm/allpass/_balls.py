"""The all-pass response in ball arithmetic, for pole sets whose cascade cancels beyond double precision."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = 5 * 10**6
"""Products N·T up to which ball arithmetic is tried."""

_BITS = (1024, 4096, 16384)
_TINY, _WIDTH = 1e-280, 1e-17

_ONE_AT_A_TIME = threading.Lock()
"""Precision and length are global to python-flint."""


@contextmanager
def ball_precision(bits: int, length: int | None = None) -> Iterator[None]:
    """Python-flint at so many bits (and power series of so many terms), alone: both are global to it."""
    from flint import ctx

    with _ONE_AT_A_TIME:
        old = ctx.prec, ctx.cap
        ctx.prec, ctx.cap = bits, ctx.cap if length is None else length
        try:
            yield
        finally:
            ctx.prec, ctx.cap = old


def available() -> bool:
    """Whether python-flint is installed."""
    return find_spec("flint") is not None


def ball_memory(log: NDArray[Any], T: int) -> tuple[NDArray[Any], NDArray[Any], float] | None:
    """M and 1-M at delays 0 … T-1 and ``Σ_{τ≥T} M``, right to the last digit; None where 16384 bits are too few.

    Numbers below 1e-280 are right to that absolute accuracy.
    """
    for bits in _BITS:
        with ball_precision(bits, T):
            if (found := _with_bits(log, T)) is not None:
                return found
    return None


def _with_bits(log: NDArray[Any], T: int) -> tuple[NDArray[Any], NDArray[Any], float] | None:
    from flint import arb

    energies = _energies(log, T)
    spent, total, partial = arb(0), arb(0), []
    for energy in energies:
        spent += energy
        partial.append(spent)
        total += 1 - spent
    numbers = [1 - p for p in partial], partial, [log.size - total]
    if not all(map(_narrow, (x for part in numbers for x in part))):
        return None
    values, complement, remainder = (np.array([max(float(x.mid()), 0.0) for x in part]) for part in numbers)
    return values, complement, float(remainder[0])


def _energies(log: NDArray[Any], T: int) -> list[Any]:
    """``|b_j|²``, j < T, from the quotient of power series Π(z-λ̄_k) / Π(1-λ_k z)."""
    from flint import acb, acb_poly, acb_series

    poles = [acb(0) if np.isneginf(z.real) else acb(float(z.real), float(z.imag)).exp() for z in log]
    numerator = acb_poly.from_roots([acb(p.real, -p.imag) for p in poles])
    upward = [numerator[i] for i in range(log.size + 1)]
    denominator = [acb(c.real, -c.imag) for c in reversed(upward)]
    quotient = acb_series(upward[:T], T) / acb_series(denominator[:T], T)
    return [c.real * c.real + c.imag * c.imag for c in (quotient[j] for j in range(T))]


def _narrow(x: Any) -> bool:
    """Whether a ball says enough to round it to a double."""
    return bool(float(x.rad()) <= max(_TINY, _WIDTH * abs(float(x.mid()))))
