"""The source paper's spectra side by side: what each remembers, and what the naive solve says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import plotting, spectra
from ..memory import MemoryFunction, memory_function, naive_gramian_memory, naive_svd_memory
from ..poles import Poles
from .document import Column, Picture, Section, Table

# Okabe-Ito colours: told apart by colour-blind readers; the dashes tell them apart in grey.
_STYLE: dict[str, dict[str, Any]] = {
    "s4d-inv": {"color": "#0072B2", "linestyle": "-", "linewidth": 3.0},
    "s4d-lin": {"color": "#D55E00", "linestyle": "-"},
    "legs": {"color": "#009E73", "linestyle": "-"},
    "random": {"color": "#CC79A7", "linestyle": "--"},
    "lin": {"color": "#E69F00", "linestyle": "-."},
    "step": {"color": "#56B4E9", "linestyle": ":"},
}
_COLUMNS = (
    Column("spectrum"),
    Column("step Δ", "g"),
    Column("capacity", "d"),
    Column("M(0)", ".6f"),
    Column("length", "d"),
    Column("mean delay", ".2f"),
    Column("Σ M, τ<T", ".6f"),
    Column("remainder, τ≥T", ".3e"),
    Column("naive Σ M, τ<T", ".6g"),
    Column("naive error, worst relative", ".1e"),
)
_FINITE = (
    Column("spectrum"),
    Column("step Δ", "g"),
    Column("capacity", "d"),
    Column("M(0)", ".6f"),
    Column("M(T-1)", ".3e"),
    Column("length", "d"),
    Column("mean delay", ".2f"),
    Column("SVD error, worst relative", ".1e"),
)


@dataclass(frozen=True)
class Surveyed:
    """One spectrum: its memory, and the naive solve's."""

    family: str
    step: float | None
    memory: MemoryFunction
    naive: NDArray[np.float64]
    finite: MemoryFunction
    svd: NDArray[np.float64]

    @property
    def poles(self) -> Poles:
        """The poles behind the memory."""
        return self.memory.poles

    @property
    def naive_error(self) -> float:
        """Largest relative error of the naive solve over delays whose memory is a normal double; NaN if it failed."""
        return _worst(self.naive, self.memory.values)

    @property
    def svd_error(self) -> float:
        """The same of the SVD at the finite horizon."""
        return _worst(self.svd, self.finite.values)

    @property
    def label(self) -> str:
        """Family and step, for people."""
        return self.family if self.step is None else f"{self.family} (Δ = {self.step:g})"

    def row(self) -> tuple[Any, ...]:
        """The table's row."""
        m = self.memory
        numbers = (int(m.capacity), float(m.values[0]), int(m.length()), float(m.mean_delay), float(m.values.sum()))
        return (self.family, self.step, *numbers, float(m.remainder), float(self.naive.sum()), self.naive_error)

    def finite_row(self) -> tuple[Any, ...]:
        """The row of the finite-horizon table."""
        m = self.finite
        numbers = (int(m.capacity), float(m.values[0]), float(m.values[-1]), int(m.length()), float(m.mean_delay))
        return (self.family, self.step, *numbers, self.svd_error)


def _worst(found: NDArray[np.float64], exact: NDArray[np.float64]) -> float:
    seen = exact > 1e-300
    return float(np.max(np.abs(found[seen] / exact[seen] - 1)))


def survey(order: int, delays: int, steps: tuple[float, ...]) -> list[Surveyed]:
    """Every spectrum of the source paper, and the LegS poles: continuous ones at each step."""
    found, horizon = [], max(order, delays)
    for family in _STYLE:
        continuous = spectra.FAMILIES[family].continuous
        extra: dict[str, Any] = {"rng": 0} if family == "random" else {}
        for step in steps if continuous else (None,):
            poles = spectra.FAMILIES[family].build(order=order, **({"step": step} if continuous else extra))
            memory, finite = memory_function(poles, delays), memory_function(poles, horizon, horizon=horizon)
            naive, svd = naive_gramian_memory(poles, delays), naive_svd_memory(poles, horizon)
            found.append(Surveyed(family, step, memory, naive, finite, svd))
    return found


def survey_section(found: list[Surveyed]) -> Section:
    """The survey as table and figures, two figures a step."""
    order, delays = max(one.poles.rows()[0].size for one in found), found[0].memory.delays.size
    steps = sorted({one.step for one in found if one.step is not None})
    pictures = [picture for step in steps for picture in _pictures([one for one in found if one.step in (step, None)], step)]
    text = (
        f"M(τ) is the share of the input τ steps ago that the state can still recall; white input, infinite horizon, "
        f"N = {order}, T = {delays}. Capacity: the sum over all delays, the number of poles. Length: the "
        "delays that hold half of it; "
        "mean delay: the centre of gravity of M, both in steps; remainder: the part beyond the delays shown. "
        "The last two columns are what solving with the Gramian in double precision says, against the exact values. "
        "random, lin and step are this package's reading of the source paper, whose definitions are not published; "
        "they have no step Δ. legs: the poles -1 … -N of the dense HiPPO-LegS matrix."
    )
    data = {one.label: {"poles_log": one.poles.rows()[0], "memory": one.memory.values, "naive": one.naive} for one in found}
    return Section("Spectra", text, [Table("Spectra", _COLUMNS, [one.row() for one in found]), *pictures], data)


def finite_section(found: list[Surveyed]) -> Section:
    """The same spectra T steps after rest, which is what the source paper evaluates."""
    T = found[0].finite.horizon
    steps = sorted({one.step for one in found if one.step is not None})
    text = (
        f"The same, {T} steps after the state was zero: M is larger, its sum over the {T} delays still the number of poles, and "
        "it rises again at the end, where the first inputs are all there was. The last column is what the leverage scores of an "
        "SVD of the matrix λ^t in double precision say, against the exact values."
    )
    pictures = [_finite_picture([one for one in found if one.step in (step, None)], step) for step in steps]
    data = {one.label: {"memory": one.finite.values, "svd": one.svd} for one in found}
    return Section(
        f"After {T} steps", text, [Table("Finite horizon", _FINITE, [one.finite_row() for one in found]), *pictures], data
    )


def _finite_picture(found: list[Surveyed], step: float) -> Picture:
    T = found[0].finite.horizon
    caption = f"Memory function {T} steps after rest at Δ = {step:g}; thin grey: the same spectra with an infinite past."
    return Picture(f"memory-after-{T}-{step:g}", caption, lambda: _draw_finite(found))


def _draw_finite(found: list[Surveyed]) -> Any:
    ax = plotting.new_axes(4.8, 3.7)
    for one in found:
        plotting.plot(one.memory, ax=ax, color="0.75", linewidth=0.8)
    for one in found:
        plotting.plot(one.finite, ax=ax, label=one.family, **_STYLE[one.family])
    ax.set_ylim(1e-5, 2)
    ax.set_ylabel(f"memory M(τ) after {found[0].finite.horizon} steps")
    ax.legend(loc="lower left", fontsize="small")
    return ax.figure


def _pictures(found: list[Surveyed], step: float) -> list[Picture]:
    return [
        Picture(f"poles-{step:g}", f"Modulus |λ| by index at Δ = {step:g}, slowest pole on top.", lambda: _draw_poles(found)),
        Picture(
            f"memory-{step:g}",
            f"Memory function M(τ) at Δ = {step:g}; dotted grey: the bound N/(τ+1) no spectrum can pass.",
            lambda: _draw_memory(found),
        ),
    ]


def _draw_poles(found: list[Surveyed]) -> Any:
    ax = plotting.new_axes(4.8, 3.7)
    for one in found:
        plotting.plot(one.poles, ax=ax, label=one.family, marker=".", markersize=4, **_STYLE[one.family])
    ax.legend(fontsize="small", loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
    return ax.figure


def _draw_memory(found: list[Surveyed]) -> Any:
    ax = plotting.new_axes(4.8, 3.7)
    for one in found:
        plotting.plot(one.memory, ax=ax, label=one.family, **_STYLE[one.family])
    beyond = found[0].memory.delays + 1.0
    bound = np.minimum(1.0, max(one.memory.capacity for one in found) / beyond)
    ax.loglog(beyond, bound, color="0.6", linestyle=":", linewidth=1, label="N/(τ+1)")
    ax.set_ylim(1e-5, 2)
    ax.legend(loc="lower left", fontsize="small")
    return ax.figure
