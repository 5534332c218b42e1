"""Tensors of safetensors and npz files, in double precision."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import CheckpointError, InvalidInputError

_FLOATS = {"F16": "float16", "F32": "float32", "F64": "float64", "BF16": "bfloat16"}


def path_name(path: Any) -> str:
    """`path` as a string."""
    try:
        return str(os.fspath(path))
    except TypeError:
        raise InvalidInputError(f"path: a {type(path).__name__} is no path; pass the name of a checkpoint file") from None


@dataclass(frozen=True)
class Tensor:
    """What a file holds under a name: the numbers, and the dtype they are stored in."""

    values: NDArray[Any]
    dtype: str


_UNREAD = Tensor(np.empty(0), "")


def tensors_of(path: str, wanted: Iterable[str]) -> dict[str, Tensor]:
    """Names of all tensors of a file; those whose last part is in `wanted` with their content, the others unread."""
    reader = _npz if path.lower().endswith(".npz") else _safetensors
    try:
        with open(path, "rb"):
            pass
        return reader(path, frozenset(wanted))
    except CheckpointError:
        raise
    except OSError as error:
        raise CheckpointError(f"checkpoint: cannot read {path} ({error.strerror or error}); check the path") from None
    except Exception as error:  # whatever the two libraries raise on a broken file
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        remedy = "export the model again"
        if reader is _safetensors and _is_pickle(path):
            reason, remedy = (
                "a pickle, which is never opened",
                "save it with safetensors.torch.save_file(model.state_dict(), path)",
            )
        raise CheckpointError(f"checkpoint: {path} is not a complete checkpoint file ({reason}); {remedy}") from None


def _is_pickle(path: str) -> bool:
    """What ``torch.save`` writes: a zip archive, or a bare pickle."""
    try:
        with open(path, "rb") as file:
            start = file.read(2)
    except (OSError, ValueError):
        return False
    return start == b"PK" or start[:1] == b"\x80"


def is_wanted(key: str, wanted: frozenset[str]) -> bool:
    """Whether a tensor's name ends, at a dot, with a name in `wanted`."""
    return any(key == name or key.endswith("." + name) for name in wanted)


def _safetensors(path: str, wanted: frozenset[str]) -> dict[str, Tensor]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        keys = list(file.keys())
        return {key: _tensor(file, key, path) if is_wanted(key, wanted) else _UNREAD for key in keys}


def _tensor(file: Any, key: str, path: str) -> Tensor:
    dtype = file.get_slice(key).get_dtype()
    if dtype not in _FLOATS:
        raise CheckpointError(f"checkpoint: {key} in {path} has dtype {dtype}, not a float; save the model in float32")
    values = _bfloat16(path, key) if dtype == "BF16" else np.asarray(file.get_tensor(key))
    return Tensor(values, _FLOATS[dtype])


def _bfloat16(path: str, key: str) -> NDArray[np.float32]:
    """NumPy has no bfloat16: its bits are the upper half of a float32."""
    from safetensors import deserialize

    with open(path, "rb") as file:
        raw = dict(deserialize(file.read()))[key]
    bits = np.frombuffer(raw["data"], np.uint16).astype(np.uint32) << 16
    return bits.view(np.float32).reshape(raw["shape"])


def _npz(path: str, wanted: frozenset[str]) -> dict[str, Tensor]:
    if not zipfile.is_zipfile(path):
        raise CheckpointError(f"checkpoint: {path} is no npz file; save it with numpy.savez")
    with open(path, "rb") as handle, np.load(handle, allow_pickle=False) as file:
        found = {key: file[key] if is_wanted(key, wanted) else np.empty(0) for key in file.files}
    for key, array in found.items():
        if array.dtype.kind != "f":
            raise CheckpointError(f"checkpoint: {key} in {path} has dtype {array.dtype}, not a float; save the model in float32")
    return {key: Tensor(array, str(array.dtype)) for key, array in found.items()}


@dataclass(frozen=True)
class Parameters:
    """The tensors of one layer.

    Attributes
    ----------
    prefix : str
        What their names begin with.
    path : str
        The file, for messages.
    tensors : mapping
        All tensors of the file.
    """

    prefix: str
    path: str
    tensors: Mapping[str, Tensor] = field(repr=False)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """One tensor in double precision, finite."""
        key = self.prefix + name
        if key not in self.tensors:
            raise CheckpointError(f"checkpoint: {self.path} lacks the tensor {key}; save all parameters of the layer")
        with np.errstate(over="ignore"):  # a long double beyond the range of doubles
            tensor = self.tensors[key].values.astype(np.float64)
        if not np.isfinite(tensor).all():
            raise CheckpointError(f"checkpoint: {key} in {self.path} contains NaN or infinity; the training has diverged")
        return tensor

    def require(self, fits: bool, expected: str, *names: str) -> None:
        """Raise, naming the shapes, unless they fit."""
        if not fits:
            shapes = ", ".join(f"{name} {self.tensors[self.prefix + name].values.shape}" for name in names)
            raise CheckpointError(
                f"checkpoint: shapes of {self.prefix}* in {self.path} do not fit ({shapes}); expected {expected}"
            )

    def unstable(self) -> CheckpointError:
        """The error of parameters that are no stable model."""
        return CheckpointError(f"checkpoint: {self.prefix}* in {self.path} is no stable model (a step or decay out of range)")

    def precision(self, name: str) -> str:
        """A note on the dtype."""
        return f"{self.tensors[self.prefix + name].dtype} parameters promoted to double"
