"""What a checkpoint holds."""

from __future__ import annotations

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
        Time step Δ of each channel, in units of time; the geometric mean where modes have their own, 1 where there is none.
    order : int
        State dimension N of a channel, conjugates included; coinciding poles make the capacity smaller.
    notes : tuple of str
        What a reader of the numbers has to know: convention, aliasing, near-coincidences.

    Notes
    -----
    Explained in :doc:`/howto/audit`.

    Examples
    --------
    >>> import lssm
    >>> layer = lssm.checkpoints.load("tests/data/s4d_digits_trained.safetensors").layers["layers.0.kernel"]
    >>> layer.kind, layer.channels, layer.order, layer.poles.log.shape, layer.step.shape
    ('S4D', 32, 64, (32, 64), (32,))
    >>> layer.notes[1]
    '6 channels hold poles above the Nyquist frequency (aliased)'
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

    Notes
    -----
    Explained in :doc:`/howto/audit`.

    Examples
    --------
    >>> import lssm
    >>> checkpoint = lssm.checkpoints.load("tests/data/s4d_digits_trained.safetensors")
    >>> print(checkpoint)
    s4d_digits_trained.safetensors: 2 layers, 64 channels
    >>> for name, layer in checkpoint.layers.items():
    ...     print(name, layer.kind, lssm.memory_function(layer.poles, 64).capacity.mean())
    layers.0.kernel S4D 64.0
    layers.1.kernel S4D 64.0
    """

    path: str
    layers: Mapping[str, Layer] = field(repr=False)

    def __str__(self) -> str:
        channels = sum(layer.channels for layer in self.layers.values())
        return f"{Path(self.path).name}: {len(self.layers)} layers, {channels} channels"
