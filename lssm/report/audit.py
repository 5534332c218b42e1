"""A trained model: memory of every layer and channel, and how far training moved it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import plotting
from .._progress import progress
from .._validate import CheckpointError
from ..checkpoints import Checkpoint, Layer
from ..memory import MemoryFunction, memory_function
from .document import Column, Picture, Section, Table

_SHOWN = (0, 1, 3, 10, 31, 100, 316, 1000, 3162, 10_000, 31_623, 100_000)
_QUANTILES = {"minimum": 0.0, "5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95, "maximum": 1.0}


@dataclass(frozen=True)
class Audited:
    """One layer: its memory, and the memory it is compared with."""

    layer: Layer
    memory: MemoryFunction
    before: MemoryFunction | None

    @property
    def moved(self) -> NDArray[np.float64]:
        """M now minus M before, shape (H, T)."""
        assert self.before is not None
        return self.memory.values - self.before.values


def audit(checkpoint: Checkpoint, against: Checkpoint | None, delays: int, workers: int | None) -> list[Audited]:
    """Every layer of `checkpoint`, beside the layer of the same name in `against`.

    Raises
    ------
    CheckpointError
        The two files do not hold the same layers.
    """
    if against is not None:
        _require_same_layers(checkpoint, against)
    found = []
    for name, layer in progress(checkpoint.layers.items(), "layers"):
        memory = memory_function(layer.poles, delays, workers=workers)
        before = memory_function(against.layers[name].poles, delays, workers=workers) if against else None
        found.append(Audited(layer, memory, before))
    return found


def _require_same_layers(checkpoint: Checkpoint, against: Checkpoint) -> None:
    now, before = ({name: (layer.channels, layer.order) for name, layer in c.layers.items()} for c in (checkpoint, against))
    if now != before:
        raise CheckpointError(
            f"against: {against.path} holds {before}, {checkpoint.path} holds {now} (channels and state dimension by layer); "
            "pass two states of the same model"
        )


_COLUMNS = (
    "M(τ) is the share of an input τ steps ago that a channel can still recall, under white input and infinite horizon. "
    "Capacity: its sum over all delays, the number of poles. Length: the delays that hold half of the "
    "capacity; mean delay: the centre of "
    "gravity of M, both in steps; remainder: the part of the capacity beyond the delays shown."
)


def overview_section(checkpoint: Checkpoint, against: Checkpoint | None, found: list[Audited]) -> Section:
    """All layers in one table, or two."""
    T = found[0].memory.delays.size
    text = f"{checkpoint}. {_COLUMNS}"
    tables = [_overview(Path(checkpoint.path).name, [one.layer for one in found], [one.memory for one in found])]
    text += f" Mean over all channels of the memory within {T} steps: {_mean_within([one.memory for one in found]):.4f}"
    if against:
        before = [one.before for one in found if one.before]
        tables.append(_overview(f"{Path(against.path).name} (before)", [one.layer for one in found], before))
        text += f", before ({Path(against.path).name}): {_mean_within(before):.4f}"
        text += _changed_capacity(found)
    return Section("Layers", text + ".", tables)


def _mean_within(memories: list[MemoryFunction]) -> float:
    return float(np.concatenate([m.values.sum(-1) for m in memories]).mean())


def _changed_capacity(found: list[Audited]) -> str:
    """A warning: a sum over more poles is no sign of a better memory."""
    channels = sum(int((one.memory.capacity != one.before.capacity).sum()) for one in found if one.before)
    if not channels:
        return ""
    return (
        f". In {channels} channels the number of distinct poles, and with it the capacity, is not what it was before (a pole on "
        "the real axis counts once, a pair that has left it counts twice): compare shares of the capacity"
    )


def _overview(caption: str, layers: list[Layer], memories: list[MemoryFunction]) -> Table:
    """One row a layer."""
    T = memories[0].delays.size
    columns = [Column("layer"), Column("kind"), Column("channels", "d"), Column("capacity"), Column(f"Σ M, τ<{T}", ".4f")]
    columns += [Column("share of capacity", ".4f"), Column("median length", ".0f"), Column("median mean delay", ".2f")]
    columns += [Column(f"remainder, τ≥{T}", ".4g")]
    rows = []
    for layer, m in zip(layers, memories, strict=True):
        low, high, within = m.capacity.min(), m.capacity.max(), m.values.sum(-1)
        row: tuple[Any, ...] = (layer.name, layer.kind, layer.channels, f"{low}" if low == high else f"{low} … {high}")
        row += (within.mean(), (within / m.capacity).mean(), np.median(m.length()), np.median(m.mean_delay), m.remainder.mean())
        rows.append(row)
    return Table(caption, columns, rows)


def layer_section(one: Audited) -> Section:
    """One layer: quantiles over channels by delay, every channel, and the move."""
    m, name = one.memory, one.layer.name
    shown = sorted({d for d in (*_SHOWN, m.delays.size - 1) if d < m.delays.size})
    file = re.sub(r"[^\w.-]", "_", name)
    picture = Picture(f"memory-{file}", f"Memory of every channel of {name}.", partial(_draw_memory, one))
    blocks: list[Any] = [picture, _by_delay("M(τ) over channels", shown, m.values, signed=False)]
    data = {"delays": m.delays, "memory": m.values, "remainder": m.remainder, "step": one.layer.step}
    if one.before is not None:
        moved = Picture(f"moved-{file}", f"Change of memory in {name}: now minus before.", partial(_draw_moved, one))
        blocks[1:1] = [moved]
        blocks.append(_by_delay("M(τ) now minus before", shown, one.moved, signed=True))
        data |= {"memory_before": one.before.values}
    return Section(f"Layer {name}", "; ".join(one.layer.notes) + ".", [*blocks, _channels(one)], data)


def _by_delay(caption: str, delays: list[int], values: NDArray[np.float64], *, signed: bool) -> Table:
    """Mean and quantiles over channels (and the mean size of signed values), one row a delay."""
    table = values[:, delays]
    numbers = {"mean": table.mean(0)} | ({"mean |·|": np.abs(table).mean(0)} if signed else {})
    numbers |= {name: np.quantile(table, q, axis=0) for name, q in _QUANTILES.items()}
    columns = [Column("delay τ", "d"), *(Column(name, ".4g") for name in numbers)]
    return Table(
        caption, columns, [(d, *row) for d, row in zip(delays, np.transpose(list(numbers.values())).tolist(), strict=True)]
    )


def _channels(one: Audited) -> Table:
    """One row a channel."""
    m = one.memory
    T = m.delays.size
    names = {"step Δ": ".4e", "capacity": "d", "M(0)": ".6f", f"Σ M, τ<{T}": ".4f", "length": "d", "mean delay": ".2f"}
    parts = [one.layer.step, m.capacity, m.values[:, 0], m.values.sum(-1), m.length(), m.mean_delay, m.remainder]
    names["remainder"] = ".3e"
    if one.before is not None:
        names |= {"capacity before": "d", "Σ M before": ".4f", "length before": "d"}
        parts += [one.before.capacity, one.before.values.sum(-1), one.before.length()]
    rows = [(h, *(part[h].item() for part in parts)) for h in range(one.layer.channels)]
    return Table("Every channel", [Column("channel", "d"), *(Column(*pair) for pair in names.items())], rows, long=True)


def _draw_memory(one: Audited) -> Any:
    ax = plotting.plot_quantiles(one.memory.delays, one.memory.values, ax=plotting.new_axes(4.8, 3.7), color="#0072B2")
    if one.before is not None:
        median = np.median(one.before.values, axis=0)
        ax.plot(one.memory.delays + 1, median, color="#D55E00", linestyle="--", label="median before")
    ax.set_ylabel("memory M(τ)")
    ax.set_ylim(0, None)
    _legend_above(ax)
    return ax.figure


def _draw_moved(one: Audited) -> Any:
    ax = plotting.plot_quantiles(one.memory.delays, one.moved, ax=plotting.new_axes(4.8, 3.7), color="#D55E00")
    ax.axhline(0, color="0.3", linewidth=0.8)
    ax.set_ylabel("M(τ) now − before")
    _legend_above(ax)
    return ax.figure


def _legend_above(ax: Any) -> None:
    ax.legend(fontsize="small", loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
