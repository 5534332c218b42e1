"""Products and sums of doubles as head and tail, and exp(z) - 1 of an angle so given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def product(x: Any, y: Any) -> tuple[Any, Any]:
    """``x y`` as head and tail (Dekker)."""
    head = x * y
    (x_high, x_low), (y_high, y_low) = _halves(x), _halves(y)
    return head, ((x_high * y_high - head) + x_high * y_low + x_low * y_high) + x_low * y_low


def _halves(x: Any) -> tuple[Any, Any]:
    split = 134217729.0 * x
    high = split - (split - x)
    return high, x - high


def total(x: Any, y: Any) -> tuple[Any, Any]:
    """``x + y`` as head and tail (Knuth)."""
    head = x + y
    back = head - x
    return head, (x - (head - back)) + (y - back)


def expm1(decay: Any, angle: Any, tail: Any, decay_tail: Any = 0.0) -> NDArray[np.complex128]:
    """``exp(decay + i angle) - 1``, both with their tails; sine and cosine reduce the angle exactly."""
    half = np.sin(0.5 * angle) + 0.5 * tail * np.cos(0.5 * angle)
    grown = np.expm1(decay)
    grown = grown + decay_tail * (grown + 1.0)
    return (grown - 2.0 * half**2 * (grown + 1.0)) + 1j * (grown + 1.0) * (np.sin(angle) + tail * np.cos(angle))
