"""One figure per result type; Matplotlib is imported here and only when a figure is drawn."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._validate import InvalidInputError, UnsupportedError
from .dynamics import LearningSpeeds, PoleFlow, ReadoutFlow, TeacherInformation
from .gramians import Balanced, GramianSpectrum
from .memory import MemoryFunction
from .poles import Poles
from .training import History


def new_axes(width: float = 6.4, height: float = 4.0) -> Any:
    """Axes in a figure of their own, sizes in inches; no window, no pyplot state."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def _labels(label: Any, rows: int) -> list[str | None]:
    """One label a line: a list as it is, a single one on the first line."""
    if label is None or isinstance(label, str):
        return [label, *[None] * (rows - 1)]
    if len(label) != rows:
        raise InvalidInputError(f"label: {len(label)} labels for {rows} lines; pass one a system, or a single one")
    return list(label)


@singledispatch
def plot(result: Any, *, ax: Any = None, **options: Any) -> Any:
    """Draw `result` into `ax` (a new figure if None); returns the axes.

    Parameters
    ----------
    result : MemoryFunction, Poles, GramianSpectrum, Balanced, ReadoutFlow, LearningSpeeds, TeacherInformation, PoleFlow or
        History
        What to draw.
    ax : matplotlib axes, optional
        Where; a new figure if None.
    **options : dict
        ``label``, for the legend: a string, of the first line, or a list with one for each system of a batch. The rest is passed
        on to the Matplotlib call that draws the lines.

    Returns
    -------
    matplotlib axes
        With its labels; ``axes.figure.savefig(path)`` writes it.

    Raises
    ------
    UnsupportedError
        A result type without a figure.

    Notes
    -----
    Explained in :doc:`/gallery`.

    Examples
    --------
    >>> import lssm, lssm.plotting
    >>> axes = lssm.plotting.plot(lssm.spectra.legs(order=8, step=0.1), label="LegS")
    >>> axes.get_ylabel()
    '|λ|'
    """
    raise UnsupportedError(f"result: no figure is defined for {type(result).__name__}")


@plot.register
def _memory(result: MemoryFunction, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """M(τ) against the delay, one line a system of the batch, both axes logarithmic."""
    ax = ax or new_axes()
    order = np.argsort(result.delays)
    rows = result.values.reshape(-1, result.delays.size)
    for values, name in zip(rows, _labels(label, len(rows)), strict=True):
        ax.loglog(result.delays[order] + 1, np.where(values > 0, values, np.nan)[order], label=name, **options)
    ax.set_xlabel("delay τ + 1 (steps)")
    ax.set_ylabel("memory M(τ)")
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
    return ax


@plot.register
def _poles(result: Poles, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """|λ| by index, largest first, on an axis of 1-|λ| that spreads the slow poles."""
    from matplotlib.ticker import FuncFormatter

    ax = ax or new_axes()
    for row, name in zip(result.rows(), _labels(label, len(result.rows())), strict=True):
        distance = np.sort(-np.expm1(row.real))
        ax.semilogy(np.arange(1, distance.size + 1), distance, label=name, **options)
    ax.yaxis.set_inverted(True)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda gap, _: f"{1 - gap:.12g}"))
    ax.set_xlabel("index of the pole, slowest first")
    ax.set_ylabel("|λ|")
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
    return ax


@plot.register
def _gramian(result: GramianSpectrum, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """Eigenvalues by index, in decades: they may lie beyond the range of doubles."""
    ax = ax or new_axes()
    decades = np.where(np.isfinite(result.log), result.log / np.log(10), np.nan)
    ax.plot(np.arange(1, decades.size + 1), decades, label=label, **options)
    ax.set_xlabel("index of the eigenvalue, largest first")
    ax.set_ylabel("log₁₀ γ, eigenvalues of the Gramian")
    if label:
        ax.legend()
    return ax


@plot.register
def _balanced(result: Balanced, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """Hankel singular values by index, and where they are cut."""
    ax = ax or new_axes()
    positive = np.where(result.hankel > 0, result.hankel, np.nan)
    ax.semilogy(np.arange(1, positive.size + 1), positive, label=label, **options)
    if result.bound:
        ax.axvline(result.system.order + 0.5, color="0.4", linestyle="--", label=f"cut, error ≤ {result.bound:.1e}")
    ax.set_xlabel("index of the state, most important first")
    ax.set_ylabel("Hankel singular value σ")
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
    return ax


@plot.register
def _readout_flow(result: ReadoutFlow, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """Loss against steps (time, for gradient flow) on a logarithmic axis, down to the loss of the best readout."""
    return _loss_curves({label: result}, ax, options)


@plot.register
def _learning_speeds(result: LearningSpeeds, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """The same, one line for each of the coordinates; `label` is not used."""
    return _loss_curves(result.flows, ax, options)


def _loss_curves(flows: Any, ax: Any, options: dict[str, Any]) -> Any:
    ax = ax or new_axes()
    scales = np.concatenate([flow.time_scales[np.isfinite(flow.time_scales)] for flow in flows.values()])
    whole = next(iter(flows.values())).rate is not None
    first = 1.0 if whole else 0.1 * scales.min()
    steps = np.geomspace(first, np.clip(10 * scales.max(), 10 * first, 1e12), 400)
    steps = np.unique(np.round(steps)) if whole else steps
    for name, flow in flows.items():
        ax.semilogx(steps, flow.loss(steps), label=name, **options)
    lost = min(flow.lost for flow in flows.values())
    ax.axhline(lost, color="0.4", linestyle=":", linewidth=1, label="best readout")
    ax.set_xlabel("steps" if whole else "time (1/rate)")
    ax.set_ylabel("loss E|y - z|²")
    ax.legend()
    return ax


@plot.register
def _teacher_information(result: TeacherInformation, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """What each delay adds to the first gradient, under the teacher itself."""
    ax = ax or new_axes()
    order = np.argsort(result.delays)
    delays = result.delays[order]
    ax.plot(delays, np.abs(result.teacher)[order], color="0.6", linewidth=1, label="teacher |m|")
    ax.plot(delays, result.contribution[order], label=label or "in the gradient, |m| √M", **options)
    ax.set_xlabel("delay τ (steps)")
    ax.set_ylabel("size")
    ax.legend()
    return ax


@plot.register
def _pole_flow(result: PoleFlow, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """Loss against time, time logarithmic."""
    ax = ax or new_axes()
    later = result.times > 0
    ax.semilogx(result.times[later], result.loss[later], label=label, **options)
    ax.set_xlabel("time (1/rate)")
    ax.set_ylabel("loss E|y - z|²")
    if label:
        ax.legend()
    return ax


def plot_quantiles(delays: NDArray[np.int64], values: NDArray[np.float64], *, ax: Any = None, color: str = "C0") -> Any:
    """Every channel as a thin line, 5–95 % and 25–75 % bands and the median over them.

    Parameters
    ----------
    delays : int array, shape (T,)
        Delays in steps.
    values : float array, shape (H, T)
        One row a channel.
    """
    ax = ax or new_axes()
    low, quarter, median, three, high = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
    ax.plot(delays + 1, values.T, color="0.55", linewidth=0.4, alpha=0.5, zorder=1)
    ax.lines[-1].set_label("one line a channel")
    ax.fill_between(delays + 1, low, high, color=color, alpha=0.15, label="5–95 % of the channels", linewidth=0)
    ax.fill_between(delays + 1, quarter, three, color=color, alpha=0.3, label="25–75 %", linewidth=0)
    ax.plot(delays + 1, median, color=color, label="median")
    ax.set_xscale("log")
    ax.set_xlabel("delay τ + 1 (steps)")
    return ax


@plot.register
def _history(result: History, *, ax: Any = None, label: Any = None, **options: Any) -> Any:
    """Losses against the updates made, on training and on validation data, and the epoch that was kept."""
    ax = ax or new_axes()
    ax.semilogy(result.steps, result.loss, label=label or "training", **options)
    if result.validation is not None:
        ax.semilogy(result.steps, result.validation, label=f"{label}, validation" if label else "validation", **options)
    ax.axvline(result.steps[result.best], color="0.4", linestyle=":", linewidth=1, label="kept")
    ax.set_xlabel("update steps")
    ax.set_ylabel("loss (mean of |y - z|², or nats)")
    ax.legend()
    return ax
