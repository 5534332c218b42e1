"""What a trained model can recall of the input D steps ago."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._validate import count
from ..memory import memory_function
from ..poles import Poles
from .audit import Audited
from .document import Column, Section, Table

_SEES = (0.5, 0.1, 0.01)


@dataclass(frozen=True)
class Recall:
    """One layer at one lag."""

    name: str
    channels: NDArray[np.float64]
    together: float
    bound: float

    def row(self) -> tuple[object, ...]:
        """The table's row."""
        counts = [int((self.channels >= share).sum()) for share in _SEES]
        return (
            self.name,
            self.channels.size,
            float(self.channels.max()),
            float(np.median(self.channels)),
            *counts,
            self.bound,
            self.together,
        )


def lag_section(found: list[Audited], before: list[Poles] | None, lag: int) -> Section:
    """Which channels can see an input `lag` steps ago, and how well each layer can at best recall it."""
    count(lag, "lag")
    columns = [Column("layer"), Column("channels", "d"), Column("best channel", ".4f"), Column("median channel", ".2e")]
    columns += [*(Column(f"channels with M(D) ≥ {share:g}", "d") for share in _SEES), Column("bound N/(D+1)", ".4f")]
    columns += [Column("all channels together", ".4f")]
    now = [_recall(one.layer.name, one.layer.poles, lag) for one in found]
    tables = [Table(f"M(D) at D = {lag}", columns, [one.row() for one in now])]
    then = [_recall(one.layer.name, poles, lag) for one, poles in zip(found, before, strict=True)] if before else []
    if then:
        tables.append(Table(f"M(D) at D = {lag}, before", columns, [one.row() for one in then]))
    text = (
        f"M(D) is the largest share of the variance of an input D = {lag} steps ago that a linear readout of a channel "
        "can recover of its own input, under white input; for white Gaussian input no nonlinear readout does better. No "
        "channel with N poles can pass N/(D+1). The last column is what one readout of all channels could recover if they "
        "all received the same signal. Layers add up: the input of a later layer already remembers. Real inputs are "
        "correlated, which can raise or lower these numbers."
    )
    return Section(f"Lag {lag}", text, [*tables, _by_channel(now, then)])


def _recall(name: str, poles: Poles, lag: int) -> Recall:
    alone = memory_function(poles, [lag])
    union = Poles.from_log(np.concatenate(poles.rows()), diagonal=True)
    together = float(memory_function(union, [lag]).values[0])
    return Recall(name, alone.values[:, 0], together, min(1.0, float(alone.capacity.max()) / (lag + 1)))


def _by_channel(now: list[Recall], then: list[Recall]) -> Table:
    columns = [Column("layer"), Column("channel", "d"), Column("M(D)", ".6f"), *([Column("before", ".6f")] if then else [])]
    rows = []
    for k, one in enumerate(now):
        old = [then[k].channels] if then else []
        rows += [(one.name, h, float(m), *(float(values[h]) for values in old)) for h, m in enumerate(one.channels)]
    return Table("Every channel at this lag", columns, rows, long=True)
