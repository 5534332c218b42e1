"""A trained model: memory of every layer and channel, and how far training moved it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import plotting
from .._validate import CheckpointError
from ..checkpoints import Checkpoint, Layer
from ..memory import MemoryFunction, memory_function
from .document import Column, Picture, Section, Table
from .progress import progress

_SHOWN = (0, 1, 3, 10, 31, 100, 316, 1000, 3162, 10_000, 31_623, 100_000)
_QUANTILES = {"minimum": 0.0, "5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95, "maximum": 1.0}


@dataclass(frozen=True)
class Audited:
    """One layer: its memory, and the memory it is compared with."""

    layer: Layer
    memory: MemoryFunction
    lengths: NDArray[np.int64]
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
        found.append(Audited(layer, memory, memory.length(), before))
    return found


def _require_same_layers(checkpoint: Checkpoint, against: Checkpoint) -> None:
    now, before = ({name: layer.channels for name, layer in c.layers.items()} for c in (checkpoint, against))
    if now != before:
        raise CheckpointError(
            f"against: {against.path} holds {before}, {checkpoint.path} holds {now} (channels by layer); "
            "pass two states of the same model"
        )


def overview_section(checkpoint: Checkpoint, against: Checkpoint | None, found: list[Audited]) -> Section:
    """All layers in one table."""
    T = found[0].memory.delays.size
    columns = [Column("layer"), Column("kind"), Column("channels", "d"), Column("capacity"), Column(f"Σ M, τ<{T}: mean", ".4f")]
    columns += [Column("length: median", ".0f"), Column("mean delay: median", ".2f"), Column(f"remainder, τ≥{T}: mean", ".3e")]
    if against:
        columns += [Column("Σ M before: mean", ".4f"), Column("largest move of one M(τ)", ".4f")]
    every = np.concatenate([one.memory.values.sum(-1) for one in found])
    text = f"{checkpoint}. Mean over all channels of the memory within {T} steps: {every.mean():.4f}"
    if against:
        before = np.concatenate([one.before.values.sum(-1) for one in found if one.before])
        text += f", before ({Path(against.path).name}): {before.mean():.4f}"
    return Section("Layers", text + ".", [Table("Layers", columns, [_overview(one) for one in found])])


def _overview(one: Audited) -> tuple[Any, ...]:
    m, capacity = one.memory, one.memory.capacity
    span = f"{capacity.min()}" if capacity.min() == capacity.max() else f"{capacity.min()} … {capacity.max()}"
    row: tuple[Any, ...] = (one.layer.name, one.layer.kind, one.layer.channels, span, m.values.sum(-1).mean())
    row += (np.median(one.lengths), np.median(m.mean_delay), m.remainder.mean())
    return row if one.before is None else (*row, one.before.values.sum(-1).mean(), np.abs(one.moved).max())


def layer_section(one: Audited) -> Section:
    """One layer: quantiles over channels by delay, every channel, and the move."""
    m, name = one.memory, one.layer.name
    shown = sorted({d for d in (*_SHOWN, m.delays.size - 1) if d < m.delays.size})
    picture = Picture(f"memory-{name}", f"Memory of every channel of {name}.", partial(_draw_memory, one))
    blocks: list[Any] = [picture, _by_delay("M(τ) over channels", shown, m.values)]
    data = {"delays": m.delays, "memory": m.values, "remainder": m.remainder, "step": one.layer.step}
    if one.before is not None:
        moved = Picture(f"moved-{name}", f"Change of memory in {name}: now minus before.", partial(_draw_moved, one))
        blocks[1:1] = [moved]
        blocks.append(_by_delay("M(τ) now minus before", shown, one.moved))
        data |= {"memory_before": one.before.values}
    return Section(f"Layer {name}", "; ".join(one.layer.notes) + ".", [*blocks, _channels(one)], data)


def _by_delay(caption: str, delays: list[int], values: NDArray[np.float64]) -> Table:
    """Mean, mean size and quantiles over channels, one row a delay."""
    columns = [Column("delay τ", "d"), Column("mean", ".4g"), Column("mean |·|", ".4g"), *(Column(q, ".4g") for q in _QUANTILES)]
    table = values[:, delays]
    parts = [table.mean(0), np.abs(table).mean(0), *np.quantile(table, list(_QUANTILES.values()), axis=0)]
    return Table(caption, columns, [(d, *column) for d, column in zip(delays, np.transpose(parts).tolist(), strict=True)])


def _channels(one: Audited) -> Table:
    """One row a channel."""
    m = one.memory
    names = {"step Δ": ".4e", "capacity": "d", "M(0)": ".6f", f"Σ M, τ<{m.delays.size}": ".4f", "length": "d"}
    names |= {"mean delay": ".2f", "remainder": ".3e"} | ({"Σ M before": ".4f"} if one.before else {})
    parts = [one.layer.step, m.capacity, m.values[:, 0], m.values.sum(-1), one.lengths, m.mean_delay, m.remainder]
    parts += [one.before.values.sum(-1)] if one.before else []
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
