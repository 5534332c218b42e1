"""One figure per result type; Matplotlib is imported here and only when a figure is drawn."""

from functools import singledispatch
from typing import Any

import numpy as np

from ._validate import UnsupportedError
from .memory import MemoryFunction


@singledispatch
def plot(result: Any, *, ax: Any = None, **options: Any) -> Any:
    """Draw `result` into `ax` (a new figure if None); returns the axes.

    Raises
    ------
    UnsupportedError
        A result type without a figure.
    """
    raise UnsupportedError(f"result: no figure is defined for {type(result).__name__}")


@plot.register
def _memory(result: MemoryFunction, *, ax: Any = None, label: str | None = None, **options: Any) -> Any:
    """M(τ) against the delay, one line a system of the batch, both axes logarithmic."""
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(6.4, 4.0), layout="constrained").add_subplot()
    order = np.argsort(result.delays)
    for values in result.values.reshape(-1, result.delays.size):
        ax.loglog(result.delays[order] + 1, np.where(values > 0, values, np.nan)[order], label=label, **options)
        label = None
    ax.set_xlabel("delay τ + 1 (steps)")
    ax.set_ylabel("memory M(τ)")
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
    return ax
