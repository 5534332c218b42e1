"""Memory of one row of poles, whatever the horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Row:
    """What `MemoryFunction` holds, for one row.

    Attributes
    ----------
    values, complement : float array, shape (T,)
        M and 1-M at the delays asked for.
    remainder, mean_delay : float
        Sum of M beyond the largest delay; centre of gravity of all of M.
    relative : float array, shape (T,)
        Estimated relative error of values.
    """

    values: NDArray[np.float64]
    complement: NDArray[np.float64]
    remainder: float
    mean_delay: float
    relative: NDArray[np.float64]


def budget(delays: NDArray[Any]) -> NDArray[np.float64]:
    """Relative error that is promised, and that the tests demand."""
    return 1e-15 * np.maximum(delays, 1000.0)
