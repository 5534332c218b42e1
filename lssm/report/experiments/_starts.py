"""Where trained models start: the parameters of S4D-Lin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...parameterisations import S4D


def s4d_lin(order: int, step: float) -> S4D:
    """Parameters of S4D-Lin with `order` states, half of them stored."""
    half = order // 2
    return S4D(np.full(half, np.log(0.5)), np.pi * np.arange(half, dtype=np.float64), np.asarray(np.log(step)))


def even_inputs(start: S4D) -> NDArray[np.complex128]:
    """Input weights that give every state variance one under white input, whatever the step."""
    size: NDArray[np.complex128] = np.sqrt(-np.expm1(2.0 * start.stored.real)) / start.stored_factor
    return size
