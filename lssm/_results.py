"""What every result can do: say itself in a line, become a dictionary, be saved, be plotted."""

import importlib
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from ._validate import InvalidInputError, OutputError


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: lists, numbers, strings; complex numbers as [re, im]."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (complex, np.complexfloating)):
        return [plain(float(value.real)), plain(float(value.imag))]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


class Result:
    """Base of all results: frozen dataclasses whose public fields are their content."""

    def to_dict(self) -> dict[str, Any]:
        """Content as plain lists, numbers and strings, ready for `json.dump`."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}  # type: ignore[arg-type]

    def save(self, path: str | Path) -> None:
        """Write the content to `path`: ``.json`` as text, ``.npz`` as arrays.

        Raises
        ------
        InvalidInputError
            If the suffix is neither.
        OutputError
            If the file cannot be written.
        """
        path = Path(path)
        if path.suffix not in (".json", ".npz"):
            raise InvalidInputError(f"path: suffix {path.suffix!r} is unknown; use .json or .npz")
        try:
            if path.suffix == ".json":
                path.write_text(json.dumps(self.to_dict(), allow_nan=False))
            else:
                content: dict[str, Any] = {key: self._as_array(key, value) for key, value in self.to_dict().items()}
                np.savez(path, **content)
        except OSError as error:
            raise OutputError(f"path: cannot write {path} ({error.strerror or error}); choose another place") from None

    def _as_array(self, name: str, value: Any) -> Any:
        """A field as numbers, infinities included; nothing as NaN."""
        own = getattr(self, name, None)
        found = np.asarray(own if isinstance(own, (np.ndarray, np.generic, float)) else value)
        return np.asarray(np.nan) if found.dtype == object and value is None else found

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw into `ax` (a new figure if None) and return the axes.

        The figures live in `lssm.plotting`, above this room; this line is the one arrow that points
        upward, and it is taken only when a figure is asked for.
        """
        return importlib.import_module("lssm.plotting").plot(self, ax=ax, **options)
