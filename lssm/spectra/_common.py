"""What the families share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._validate import InvalidInputError, count


def half(order: int) -> NDArray[np.float64]:
    """0 … N/2-1 for an even order N."""
    if count(order, "order", least=2, most=10**6) % 2:
        raise InvalidInputError(f"order: must be even (conjugate pairs), got {order}")
    return np.arange(order // 2, dtype=float)
