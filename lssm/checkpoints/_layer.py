"""What a checkpoint holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..poles import Poles


@dataclass(frozen=True, eq=False, repr=False)
class Layer:
    """One SSM layer of a checkpoint: H channels, each a single-input model.

    Attributes
    ----------
    name : str
        Parameter prefix in the file.
    kind : str
        Parameterisation: "S4D", "S4", "S5", "LRU", "Mamba" or "Mamba-2".
    poles : Poles
        Discrete poles, batch shape (H,).
    step : float array, shape (H,)
        Time step Δ of each channel; the geometric mean where modes have their own, 1 where there is none.
    order : int
        State dimension N of a channel, conjugates included; coinciding poles make the capacity smaller.
    notes : tuple of str
        What a reader of the numbers has to know: convention, aliasing, near-coincidences.
    """

    name: str
    kind: str
    poles: Poles
    step: NDArray[np.float64]
    order: int
    notes: tuple[str, ...]

    @property
    def channels(self) -> int:
        """Number of channels H."""
        return self.step.size

    def __repr__(self) -> str:
        return f"Layer({self.name}: {self.kind}, {self.channels} channels, {self.poles!r})"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """SSM layers found in a file, by name.

    Attributes
    ----------
    path : str
        The file.
    layers : mapping of str to Layer
        In the order of their names.
    """

    path: str
    layers: Mapping[str, Layer] = field(repr=False)

    def __str__(self) -> str:
        channels = sum(layer.channels for layer in self.layers.values())
        return f"{Path(self.path).name}: {len(self.layers)} layers, {channels} channels"
