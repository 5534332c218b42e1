"""What every result can do: say itself in a line, become a dictionary, be saved, be plotted."""

import importlib
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from ._files import whole_file
from ._validate import InvalidInputError


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: lists, numbers, strings; complex numbers as [re, im]."""
    if isinstance(value, Result):
        return plain(value._content())
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


def arrays(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """`content` as arrays of numbers or text, what is nested under ``outer.inner``; None is NaN."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        name = f"{prefix}{key}"
        inner = value._content() if isinstance(value, Result) else value
        found |= arrays(inner, f"{name}.") if isinstance(inner, dict) else {name: np.asarray(np.nan if inner is None else inner)}
    return found


class Result:
    """Base of all results: frozen dataclasses whose public fields are their content."""

    def to_dict(self) -> dict[str, Any]:
        """Content as plain lists, numbers and strings, ready for `json.dump`.

        Returns
        -------
        dict
            The public fields by name: arrays as nested lists of their shape, complex numbers as pairs [re, im], infinities and
            NaN as strings, results within results as dictionaries.

        Examples
        --------
        >>> import lssm
        >>> found = lssm.memory_function(lssm.Poles.from_discrete([0.5]), 3).to_dict()
        >>> type(found["values"]), np.round(found["values"], 4).tolist(), found["capacity"]
        (<class 'list'>, [0.75, 0.1875, 0.0469], 1)
        """
        return dict(plain(self._content()))

    def _content(self) -> dict[str, Any]:
        """What is saved, by name: arrays, numbers, strings, dictionaries, results."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def save(self, path: str | Path) -> None:
        """Write the content to `path`: ``.json`` as text, ``.npz`` as arrays.

        Parameters
        ----------
        path : str or path-like
            File to write, or to replace; its suffix decides on the format. ``.json`` holds `to_dict`, ``.npz`` the arrays as they
            are, None as NaN, results within results under ``outer.inner``.

        Raises
        ------
        InvalidInputError
            If the suffix is neither.
        OutputError
            If the file cannot be written.

        Examples
        --------
        >>> import lssm, os, tempfile
        >>> memory = lssm.memory_function(lssm.Poles.from_discrete([0.5]), 3)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     memory.save(os.path.join(folder, "memory.npz"))
        ...     with np.load(os.path.join(folder, "memory.npz")) as saved:
        ...         print(saved["values"])
        [0.75     0.1875   0.046875]
        """
        path = Path(path)
        if path.suffix not in (".json", ".npz"):
            raise InvalidInputError(f"path: suffix {path.suffix!r} is unknown; use .json or .npz")
        if path.suffix == ".json":
            text = json.dumps(self.to_dict(), allow_nan=False).encode()
            with whole_file(path) as file:
                file.write(text)
        else:
            content = arrays(self._content())
            with whole_file(path) as file:
                np.savez(file, **content)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw into `ax` (a new figure if None) and return the axes.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; None means a new figure.
        **options
            As in `lssm.plotting.plot`: ``label``, and what the Matplotlib call that draws the lines takes.

        Returns
        -------
        matplotlib axes

        Raises
        ------
        UnsupportedError
            A kind of result that no figure is defined for.

        Notes
        -----
        The figures live in `lssm.plotting`, above this room; this line is the one arrow that points
        upward, and it is taken only when a figure is asked for.

        Examples
        --------
        >>> import lssm
        >>> axes = lssm.memory_function(lssm.Poles.from_discrete([0.5]), 10).plot(label="one pole")
        >>> len(axes.lines), axes.lines[0].get_label()
        (1, 'one pole')
        """
        return importlib.import_module("lssm.plotting").plot(self, ax=ax, **options)
