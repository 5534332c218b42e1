"""From a file to its layers."""

import os
import re
from typing import Any

from .._validate import CheckpointError
from ..poles import TOLERANCE
from ._files import Parameters, Tensor, path_name, tensors_of
from ._kinds import KINDS, Kind
from ._layer import Checkpoint, Layer


def load(path: str | os.PathLike[str], *, tolerance: float = TOLERANCE) -> Checkpoint:
    """SSM layers of a safetensors or npz file.

    Parameters
    ----------
    path : path-like
        The file; npz if its name ends so, else safetensors.
    tolerance : float
        Ulps of ``log λ`` within which two poles of a channel are one (see `lssm.Poles`). Raise it to about
        1e9 to treat poles as equal that float32 training could hardly tell apart.

    Returns
    -------
    Checkpoint

    Raises
    ------
    CheckpointError
        The file is missing, unreadable, truncated, of another format, holds no SSM layer, or holds one whose
        parameters are no stable model.

    Notes
    -----
    Explained in :doc:`/howto/audit`.

    Examples
    --------
    >>> import lssm
    >>> checkpoint = lssm.checkpoints.load("tests/data/s4d_digits_trained.safetensors")
    >>> print(checkpoint)
    s4d_digits_trained.safetensors: 2 layers, 64 channels
    >>> checkpoint.layers["layers.0.kernel"].poles.batch
    (32,)
    """
    name = path_name(path)
    tensors = tensors_of(name, {tensor for kind in KINDS for tensor in kind.tensors})
    found = sorted(_found(tensors), key=lambda pair: _natural(pair[0]))
    if not found:
        raise CheckpointError(_nothing_found(name, list(tensors)))
    layers: dict[str, Layer] = {}
    for prefix, kind in found:
        layer = kind.read(Parameters(prefix, name, tensors), tolerance)
        layers[layer.name] = layer
    return Checkpoint(name, layers)


def _found(tensors: dict[str, Tensor]) -> list[tuple[str, Kind]]:
    """Prefixes at which a kind announces itself; the one whose tensors are most nearly complete wins."""
    best: dict[str, tuple[float, Kind]] = {}
    for kind in KINDS:
        for key in tensors:
            if key == kind.tensors[0] or key.endswith("." + kind.tensors[0]):
                prefix = key[: -len(kind.tensors[0])]
                share = sum(prefix + tensor in tensors for tensor in kind.tensors) / len(kind.tensors)
                if prefix not in best or share > best[prefix][0]:
                    best[prefix] = (share, kind)
    return [(prefix, kind) for prefix, (_, kind) in best.items()]


def _nothing_found(name: str, keys: list[str]) -> str:
    known = "; ".join(f"{kind.name}: {', '.join(kind.tensors)}" for kind in KINDS)
    last = sorted({key.rsplit(".", 1)[-1] for key in keys})
    shown = ", ".join(last[:8]) + (" …" if len(last) > 8 else "")
    return (
        f"checkpoint: {name} holds no SSM layer that is known; tensors found: {shown or 'none'}; known are {known}. "
        "Build the poles of another model with lssm.Poles.from_discrete or from_continuous"
    )


def _natural(text: str) -> list[Any]:
    """Sort key that puts layer 2 before layer 10."""
    return [int(part) if part.isdecimal() and len(part) < 18 else part for part in re.split(r"(\d+)", text)]
