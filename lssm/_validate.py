"""Shapes, numbers and stability: every public argument passes here first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class LssmError(Exception):
    """Every error lssm raises on purpose.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> try:
    ...     lssm.checkpoints.load("nowhere.npz")
    ... except lssm.LssmError as error:
    ...     print(f"{type(error).__name__}: {error}")
    CheckpointError: checkpoint: cannot read nowhere.npz (No such file or directory); check the path
    """


class InvalidInputError(LssmError, ValueError):
    """An argument cannot be used; the message names it and the remedy.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> lssm.Poles.from_discrete([0.5, np.nan])
    Traceback (most recent call last):
    lssm._validate.InvalidInputError: values: contains NaN; remove or replace it
    """


class UnstableError(InvalidInputError):
    """A pole on or outside the unit circle, where the analysis needs it inside.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_function(lssm.Poles.from_discrete([1.0]), 3)
    Traceback (most recent call last):
    lssm._validate.UnstableError: poles: unstable, largest |λ| is exactly 1; this analysis needs every |λ| < 1
    """


class UnsupportedError(InvalidInputError):
    """A kind of system that this analysis does not cover.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_function((0.5 * np.eye(2), np.eye(2)), 3)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    lssm._validate.UnsupportedError: system: 2 inputs; the memory function needs exactly one; ...
    """


class CheckpointError(LssmError, OSError):
    """A file that is not a readable checkpoint.

    Notes
    -----
    Explained in :doc:`/howto/audit`.

    Examples
    --------
    >>> import lssm
    >>> lssm.checkpoints.load("nowhere.npz")
    Traceback (most recent call last):
    lssm._validate.CheckpointError: checkpoint: cannot read nowhere.npz (No such file or directory); check the path
    """


class OutputError(LssmError, OSError):
    """A place where results cannot be written.

    Notes
    -----
    Explained in :doc:`/howto/report`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_function(lssm.Poles.from_discrete([0.5]), 3).save("nowhere/memory.json")
    Traceback (most recent call last):
    lssm._validate.OutputError: path: cannot write nowhere/memory.json (No such file or directory); choose another place
    """


class AccuracyWarning(UserWarning):
    """Double precision, or a quadrature, cannot deliver the usual digits; the message says how many it can.

    Notes
    -----
    Explained in :doc:`/numerical_accuracy`.

    Examples
    --------
    >>> import lssm, warnings
    >>> from lssm.dynamics import nonlinear_gradient, teachers
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     found = nonlinear_gradient(lssm.Poles.from_discrete([0.5]), teachers.delay(1), [1.0], lambda s, z: np.sign(s - z))
    >>> print(caught[0].message)  # a signal that jumps
    nonlinear gradient: 512 nodes leave an error of 2e-03
    """


class StructureWarning(UserWarning):
    """A conversion had to change the structure of a system, for example augment its state.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm, warnings
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     system = lssm.DiscreteSSM.from_next_state([[0.0]], [1.0], [1.0])  # a delay
    >>> print(caught[0].message, system.order)
    clock conversion: A is singular, the state was augmented by the input 2
    """


class TrainingWarning(UserWarning):
    """Training that ended before its time; the message says why, and what is kept.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm, lssm.training, warnings
    >>> X = np.random.default_rng(0).standard_normal((20, 50))
    >>> readout = lssm.training.LinearReadout(lssm.spectra.s4d_lin(order=4, step=0.1), method="gd", rate=100.0)
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     _ = readout.fit(X, X[:, -2])
    >>> print(caught[0].category.__name__, readout.history_.stopped)
    TrainingWarning diverged
    """


def numbers(value: ArrayLike, name: str, *, dtype: type = np.complex128) -> NDArray[Any]:
    """`value` as a fresh array of `dtype`, every entry a number."""
    try:
        raw = np.asarray(value)
    except ValueError as error:
        raise InvalidInputError(f"{name}: not an array of numbers ({error}); pass a regular array") from None
    if value is None:
        raise InvalidInputError(f"{name}: None; pass a number")
    if hasattr(value, "toarray"):
        raise InvalidInputError(f"{name}: a sparse matrix; pass {name}.toarray()")
    if raw.dtype.kind not in "biufc":
        raise InvalidInputError(f"{name}: dtype {raw.dtype} is not numeric; pass real or complex numbers")
    if dtype is np.float64 and raw.dtype.kind == "c":
        raise InvalidInputError(f"{name}: complex values where real ones are needed; pass the real part")
    with np.errstate(over="ignore"):  # an infinity, which the caller judges
        array: NDArray[Any] = np.array(raw, dtype=dtype)
    if np.isnan(array).any():
        raise InvalidInputError(f"{name}: contains NaN; remove or replace it")
    return array


def finite(value: ArrayLike, name: str, *, dtype: type = np.complex128) -> NDArray[Any]:
    """`value` as a fresh array of finite numbers."""
    array = numbers(value, name, dtype=dtype)
    if not np.isfinite(array).all():
        raise InvalidInputError(f"{name}: contains infinity; every entry must be finite")
    return array


def nonempty(array: NDArray[Any], name: str) -> NDArray[Any]:
    """`array`, which must have at least one entry along its last axis."""
    if array.ndim == 0:
        raise InvalidInputError(f"{name}: a scalar; pass a sequence, for example [{name}]")
    if array.size == 0:
        raise InvalidInputError(f"{name}: empty, shape {array.shape}; at least one entry is needed")
    return array


def vector(value: ArrayLike, name: str, size: int, unit: str) -> NDArray[np.complex128]:
    """`value` as `size` finite numbers, one for each `unit`."""
    array = finite(value, name)
    if array.shape != (size,):
        raise InvalidInputError(f"{name}: shape {array.shape} does not fit {size} {unit}; pass shape ({size},)")
    return array


def nonvoid(array: NDArray[Any], name: str) -> NDArray[Any]:
    """`array`, which must hold a number."""
    if array.size == 0:
        raise InvalidInputError(f"{name}: empty, shape {array.shape}; at least one number is needed")
    return array


def positive(value: ArrayLike, name: str) -> NDArray[np.float64]:
    """`value` as positive finite real numbers."""
    array = nonvoid(finite(value, name, dtype=np.float64), name)
    if not (array > 0).all():
        raise InvalidInputError(f"{name}: must be positive, got {array.min():g}")
    return array


def positive_number(value: Any, name: str) -> float:
    """`value` as one positive finite real number."""
    return _single(positive(value, name), name)


def number_inside(value: Any, name: str, low: float, high: float) -> float:
    """`value` as one real number in [low, high]."""
    return _single(inside(value, name, low, high), name)


def _single(array: NDArray[np.float64], name: str) -> float:
    if array.ndim:
        raise InvalidInputError(f"{name}: must be one number, got shape {array.shape}")
    return float(array)


def count(value: Any, name: str, *, least: int = 1, most: int = 10**9) -> int:
    """`value` as an integer between `least` and `most`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise InvalidInputError(f"{name}: must be an integer, got {value!r}")
    if not least <= value <= most:
        raise InvalidInputError(f"{name}: must lie between {least} and {most}, got {value}")
    return int(value)


def flag(value: Any, name: str) -> bool:
    """`value` as True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidInputError(f"{name}: must be True or False, got {value!r}")
    return bool(value)


def inside(value: ArrayLike, name: str, low: float, high: float) -> NDArray[np.float64]:
    """`value` as real numbers in the closed interval [low, high]."""
    array = nonvoid(finite(value, name, dtype=np.float64), name)
    if not ((low <= array) & (array <= high)).all():
        raise InvalidInputError(f"{name}: must lie in [{low:g}, {high:g}], got {array.min():g} … {array.max():g}")
    return array


@contextmanager
def argument(name: str) -> Iterator[None]:
    """Errors about "system" within, or about parts of it, become errors about the argument `name`."""
    try:
        yield
    except InvalidInputError as error:
        raise type(error)(f"{name}: {str(error).removeprefix('system: ')}") from None


def is_singular(matrix: NDArray[Any]) -> bool:
    """Whether a matrix, or one of a batch, is singular to double precision, scaled rows and columns apart."""
    with np.errstate(all="ignore"):
        size = np.abs(matrix)
        rows = matrix / np.maximum(size.max(-1, keepdims=True), 1e-300)
        scaled = rows / np.maximum(np.abs(rows).max(-2, keepdims=True), 1e-300)
        return not (np.isfinite(scaled).all() and (np.linalg.cond(scaled) < 1 / np.finfo(float).eps).all())


def choice(value: Any, name: str, allowed: Iterable[str]) -> str:
    """`value`, which must be one of the names in `allowed`."""
    options = tuple(allowed)
    if not isinstance(value, str) or value not in options:
        raise InvalidInputError(f"{name}: {value!r} is unknown; choose one of {', '.join(options)}")
    return str(value)


def generator(rng: Any) -> np.random.Generator:
    """`rng` as `numpy.random.default_rng` takes it."""
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"rng: {error}; pass None, a seed or a numpy Generator") from None


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """`array`, locked against writing."""
    array.flags.writeable = False
    return array


def over_batch(function: Callable[[int], Any], size: int, workers: int | None) -> list[Any]:
    """``[function(0), …, function(size-1)]``, on `workers` threads (-1: one a core)."""
    if workers is not None:
        workers = count(workers, "workers", least=-1, most=1024)
        if workers == 0:
            raise InvalidInputError("workers: must be positive, or -1 for one a core, got 0")
    if workers is None or workers == 1 or size < 2:
        return [function(i) for i in range(size)]
    with ThreadPoolExecutor(None if workers == -1 else workers) as pool:
        return list(pool.map(function, range(size)))
