"""Sequences and targets as rows: pooled targets one a sequence, others one a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import InvalidInputError, choice
from ._estimator import as_target, require_finite, sequences
from ._losses import CrossEntropy, Loss, Squared

LOSSES = ("squared", "softmax")
Chunks = Callable[[], Iterable[tuple[Any, Any]]]


def fitting_target(u: NDArray[Any], z: Any, pooled: bool, washout: int) -> NDArray[Any]:
    """Targets as rows, without those of the washout, or an error that says which shape would fit."""
    array = as_target(z)
    n, T = u.shape[:2]
    wanted = (n,) if pooled else (n, T)
    if array.shape[: len(wanted)] != wanted or array.ndim > len(wanted) + 1:
        many = "(n,) or (n, outputs)" if pooled else "(n, T) or (n, T, outputs)"
        raise InvalidInputError(
            f"y: shape {array.shape} does not fit {n} sequences of {T} steps (y has inconsistent numbers of samples); pass {many}"
        )
    if pooled and n == 1 and array.ndim == 2 and array.shape[1] == T > 1:
        raise InvalidInputError(f"y: one sequence with {T} targets, as many as it has steps; pass pooling='each'")
    return array if pooled else array[:, washout:].reshape(-1, *array.shape[2:])


def pair(value: Any, name: str) -> tuple[Any, Any]:
    """Sequences and targets."""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__") or len(value) != 2:
        raise InvalidInputError(f"{name}: no pair (X, y) but {type(value).__name__}; pass sequences and targets together")
    return value[0], value[1]


def make_loss(name: str, chunks: Iterable[tuple[Any, Any]], shape: tuple[int, ...]) -> Loss:
    """The loss of targets of this shape; for softmax a pass over the targets collects the labels."""
    if choice(name, "loss", LOSSES) == "squared":
        return Squared(shape)
    seen: NDArray[Any] | None = None
    for chunk in chunks:
        _, z = pair(chunk, "chunks")
        labels = _labels(as_target(z))
        seen = np.unique(labels if seen is None else np.concatenate([seen, labels]))
    assert seen is not None
    if seen.size < 2:
        raise InvalidInputError(f"y: one class only, {seen[0]!r}; a classifier needs labels of two or more classes")
    return CrossEntropy(seen)


def _labels(z: NDArray[Any]) -> NDArray[Any]:
    if z.dtype.kind == "f":
        require_finite(z, "y")
        if (z != np.round(z)).any():
            raise InvalidInputError("y: Unknown label type: continuous numbers; loss='softmax' needs labels, 'squared' numbers")
    if z.dtype.kind == "O" and any(label != label for label in z.ravel()):
        raise InvalidInputError("y: Input contains NaN; every sequence, or every step, needs a label")
    try:
        return np.unique(z)
    except TypeError:
        raise InvalidInputError("y: labels of several kinds, which have no order; pass all strings or all integers") from None


def chunked(u: Any, z: Any, size: int) -> Chunks:
    """Arrays, in memory or on disk, as chunks of sequences."""
    array, target = sequences(u), as_target(z)
    if len(target) != len(array):
        raise InvalidInputError(
            f"y: {len(target)} targets do not fit {len(array)} sequences (y has inconsistent numbers of samples); pass one each"
        )

    def chunks() -> Iterator[tuple[Any, Any]]:
        for start in range(0, len(array), size):
            yield array[start : start + size], target[start : start + size]

    return chunks
