"""Trained models as pole sets: reads safetensors files, never a pickle.

A reference S4D layer stores ``log_dt`` (H,), ``log_A_real`` and ``A_imag`` (H, N/2): channel h has the poles
``a = -exp(log_A_real) + i A_imag``, one of each conjugate pair, the step ``Δ = exp(log_dt)`` and the zero-order
hold ``λ = exp(aΔ)`` [Gu2022]_.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._validate import CheckpointError, InvalidInputError
from .poles import TOLERANCE, Poles

_S4D = ("log_dt", "log_A_real", "A_imag")
_FLOAT32_STEP = float(np.finfo(np.float32).eps)


@dataclass(frozen=True, eq=False, repr=False)
class Layer:
    """One SSM layer of a checkpoint: H channels, each a single-input diagonal model.

    Attributes
    ----------
    name : str
        Parameter prefix in the file.
    kind : str
        Parameterisation, ``"S4D"``.
    poles : Poles
        Discrete poles, batch shape (H,).
    step : float array, shape (H,)
        Time step Δ of each channel.
    order : int
        State dimension N as stored, conjugates included; coinciding poles make the capacity smaller.
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


def load(path: str | os.PathLike[str], *, tolerance: float = TOLERANCE) -> Checkpoint:
    """SSM layers of a safetensors file.

    Parameters
    ----------
    path : path-like
        The file.
    tolerance : float
        Ulps of ``log λ`` within which two poles of a channel are one (see `lssm.Poles`). Raise it to about
        1e9 to treat poles as equal that float32 training could hardly tell apart.

    Returns
    -------
    Checkpoint

    Raises
    ------
    CheckpointError
        The file is missing, unreadable, truncated, not safetensors, holds no SSM layer, or holds one whose
        parameters are no stable model.

    Examples
    --------
    >>> import lssm
    >>> checkpoint = lssm.checkpoints.load("tests/data/s4d_digits_trained.safetensors")
    >>> print(checkpoint)
    s4d_digits_trained.safetensors: 2 layers, 64 channels
    >>> checkpoint.layers["layers.0.kernel"].poles.batch
    (32,)
    """
    name = _name(path)
    tensors = _tensors(name)
    prefixes = sorted({key[: -len("log_A_real")] for key in tensors if key.endswith("log_A_real")}, key=_natural)
    if not prefixes:
        raise CheckpointError(
            f"checkpoint: {name} holds no S4D layer (no tensor named *log_A_real); pass a reference S4D checkpoint, or "
            "build the poles of another model with lssm.Poles.from_discrete or from_continuous"
        )
    layers = {prefix.rstrip("."): _s4d_layer(prefix, tensors, name, tolerance) for prefix in prefixes}
    return Checkpoint(name, layers)


def _name(path: Any) -> str:
    try:
        return str(os.fspath(path))
    except TypeError:
        raise InvalidInputError(f"path: a {type(path).__name__} is no path; pass the name of a safetensors file") from None


def _natural(text: str) -> list[Any]:
    """Sort key that puts layer 2 before layer 10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def _tensors(path: str) -> dict[str, NDArray[Any]]:
    """Every S4D tensor of a safetensors file."""
    from safetensors import SafetensorError, safe_open

    try:
        with open(path, "rb"):
            pass
        with safe_open(path, framework="numpy") as file:
            keys = [key for key in file.keys() if key.rsplit(".", 1)[-1] in _S4D]
            return {key: _tensor(file, key, path) for key in keys}
    except CheckpointError:
        raise
    except OSError as error:
        raise CheckpointError(f"checkpoint: cannot read {path} ({error.strerror or error}); check the path") from None
    except (SafetensorError, ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise CheckpointError(
            f"checkpoint: {path} is not a complete safetensors file ({reason}); convert the model to safetensors"
        ) from None


def _tensor(file: Any, key: str, path: str) -> NDArray[Any]:
    """One tensor, of a dtype that NumPy has."""
    dtype = file.get_slice(key).get_dtype()
    if dtype not in ("F16", "F32", "F64"):
        raise CheckpointError(f"checkpoint: {key} in {path} has dtype {dtype}; save the model in float32")
    return np.asarray(file.get_tensor(key))


def _parameter(tensors: dict[str, NDArray[Any]], key: str, path: str) -> NDArray[np.float64]:
    """One tensor in double precision, finite."""
    if key not in tensors:
        raise CheckpointError(f"checkpoint: {path} lacks the tensor {key}; save all parameters of the layer")
    tensor = tensors[key]
    if not np.isfinite(tensor).all():
        raise CheckpointError(f"checkpoint: {key} in {path} contains NaN or infinity; the training has diverged")
    return tensor.astype(np.float64)


def _s4d_layer(prefix: str, tensors: dict[str, NDArray[Any]], path: str, tolerance: float) -> Layer:
    log_dt, log_decay, frequency = (_parameter(tensors, prefix + key, path) for key in _S4D)
    if log_decay.ndim != 2 or log_decay.shape != frequency.shape or log_decay.size == 0 or log_dt.shape != log_decay.shape[:1]:
        shapes = ", ".join(f"{key} {tensors[prefix + key].shape}" for key in _S4D)
        raise CheckpointError(f"checkpoint: shapes of {prefix}* in {path} do not fit ({shapes}); expected (H,), (H, N/2) twice")
    with np.errstate(all="ignore"):  # what overflows is refused below
        step = np.exp(log_dt)
        log = (-np.exp(log_decay) + 1j * frequency) * step[:, None]
    if not (np.isfinite(log).all() and (step > 0).all() and (log.real < 0).all()):
        raise CheckpointError(f"checkpoint: {prefix}* in {path} is no stable model (a step or decay out of range)")
    poles = Poles.from_log(log, half=True, diagonal=True, tolerance=tolerance)
    notes = (_convention(tensors[prefix + "A_imag"].dtype), *_aliased(log), *_nearly_coincident(poles))
    return Layer(prefix.rstrip("."), "S4D", poles, step, 2 * log.shape[1], notes)


def _convention(dtype: np.dtype[Any]) -> str:
    return f"{dtype} parameters promoted to double; half sets completed with their conjugates; zero-order hold"


def _aliased(log: NDArray[Any]) -> list[str]:
    """Channels whose frequencies exceed the Nyquist frequency."""
    channels = np.flatnonzero((np.abs(log.imag) > np.pi).any(-1))
    return [f"{channels.size} channels hold poles above the Nyquist frequency (aliased)"] if channels.size else []


def _nearly_coincident(poles: Poles) -> list[str]:
    """Channels in which a pole and its conjugate differ by less than float32 could mean."""
    gaps = {}
    for h, row in enumerate(poles.rows()):
        relative = row.imag / np.abs(row.real)
        doubtful = relative[(relative > 0) & (relative < _FLOAT32_STEP) & np.isin(row, row.conj())]
        if doubtful.size:
            gaps[h] = float(doubtful.min())
    if not gaps:
        return []
    return [
        f"channels {', '.join(map(str, gaps))}: a pole and its conjugate differ by as little as {min(gaps.values()):.1e} of "
        "their decay, less than float32 resolves; counted as two, as one with tolerance=1e9"
    ]
