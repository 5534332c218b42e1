"""Readouts on disk: numbers in an npz file, no pickle."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._files import whole_file
from .._validate import CheckpointError, InvalidInputError
from ..poles import Poles
from ..systems import DPLR, Dense, Diagonal, DiscreteSSM, as_discrete
from ._history import History

FORMAT, VERSION = "lssm.training", 1


def write(path: str | Path, kind: str, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    """Settings and arrays of a kind of model."""
    path = Path(path)
    if path.suffix != ".npz":
        raise InvalidInputError(f"path: suffix {path.suffix!r}; use .npz")
    arrays = {name: _as_text(array) for name, array in arrays.items()}
    if any(array.dtype.kind == "O" for array in arrays.values()):
        raise InvalidInputError("labels: neither numbers nor strings; a file without pickle holds no others")
    header = json.dumps({"format": FORMAT, "version": VERSION, "kind": kind, **settings})
    with whole_file(path) as file:
        np.savez(file, **{"header": np.array(header), **arrays})  # type: ignore[arg-type]


def read(path: str | Path, kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Settings and arrays of a file that holds this kind of model."""
    try:
        with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        header = json.loads(str(arrays.pop("header")))
    except FileNotFoundError:
        raise CheckpointError(f"path: no file {path}") from None
    except (
        OSError,
        ValueError,
        KeyError,
        EOFError,
        AttributeError,
        TypeError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise CheckpointError(f"path: {path} is no readable saved model, or is truncated ({error})") from None
    if not isinstance(header, dict) or header.get("format") != FORMAT or header.get("kind") != kind:
        raise CheckpointError(f"path: {path} holds something else than a saved {kind}")
    if header.get("version") != VERSION:
        raise CheckpointError(
            f"path: {path} has version {header.get('version')!r} of the format, this package reads version {VERSION}; "
            "save it again with the package that wrote it, or update this one"
        )
    return header, arrays


def _as_text(array: NDArray[Any]) -> NDArray[Any]:
    """Strings in objects as strings."""
    if array.dtype.kind == "O" and all(isinstance(item, str) for item in array.ravel()):
        return array.astype(str)
    return array


def packed_history(history: History | None) -> dict[str, NDArray[Any]]:
    """A history as arrays."""
    if history is None:
        return {}
    seen = np.zeros(0) if history.validation is None else history.validation
    return {
        "history_steps": history.steps,
        "history_loss": history.loss,
        "history_validation": seen,
        "history_best": np.array(history.best),
        "history_stopped": np.array(history.stopped),
    }


def unpacked_history(arrays: dict[str, NDArray[Any]]) -> History | None:
    """And back."""
    if "history_steps" not in arrays:
        return None
    steps, loss, seen = (arrays[f"history_{name}"] for name in ("steps", "loss", "validation"))
    return History(steps, loss, seen if seen.size else None, int(arrays["history_best"]), str(arrays["history_stopped"]))


def packed_system(system: Any) -> dict[str, NDArray[Any]]:
    """A system as arrays."""
    if isinstance(system, Poles):
        return {"poles": system.log}
    one = as_discrete(system)
    A = one.A
    if isinstance(A, Dense):
        return {"dense": A.matrix, "B": one.B}
    if isinstance(A, Diagonal):
        return {"diagonal": A.log, "B": one.B}
    return {"dplr": A.values, "P": A.P, "Q": A.Q, "B": one.B}


def unpacked_system(arrays: dict[str, NDArray[Any]]) -> Any:
    """And back."""
    if "poles" in arrays:
        return Poles.from_log(arrays["poles"])
    if "dense" in arrays:
        return DiscreteSSM(Dense(arrays["dense"]), arrays["B"])
    if "diagonal" in arrays:
        return DiscreteSSM(Diagonal.from_log(arrays["diagonal"]), arrays["B"])
    return DiscreteSSM(DPLR(arrays["dplr"], arrays["P"], arrays["Q"]), arrays["B"])
