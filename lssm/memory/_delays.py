"""Delays as users give them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError, count

LONGEST = 10**9
"""Largest delay."""


def checked_delays(delays: int | ArrayLike, horizon: int | None = None) -> NDArray[np.int64]:
    """0 … T-1 for an integer T, or the given delays; all of them within the horizon."""
    array = _as_array(delays)
    if array.min() < 0 or array.max() > LONGEST:
        raise InvalidInputError(f"delays: must lie between 0 and {LONGEST}, got {array.min()} … {array.max()}")
    if horizon is not None and array.max() >= horizon:
        raise InvalidInputError(f"delays: {array.max()} lies beyond a horizon of {horizon} steps; ask for delays below {horizon}")
    return array


def _as_array(delays: int | ArrayLike) -> NDArray[np.int64]:
    if isinstance(delays, (int, np.integer)) or (not isinstance(delays, (list, tuple)) and np.ndim(delays) == 0):
        return np.arange(count(delays, "delays", most=10**8))
    try:
        array = np.asarray(delays)
    except ValueError:
        raise InvalidInputError("delays: not a list of integers; pass a positive integer T or one list") from None
    if array.dtype.kind not in "iu" or array.ndim != 1 or array.size == 0:
        raise InvalidInputError("delays: pass a positive integer T or a non-empty list of integers")
    if array.max() > LONGEST:
        raise InvalidInputError(f"delays: must lie between 0 and {LONGEST}, got {array.min()} … {array.max()}")
    return array.astype(np.int64)
