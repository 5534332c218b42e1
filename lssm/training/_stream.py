"""Rows of features, made chunk by chunk and held where they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import InvalidInputError
from ._encoding import Chunks, fitting_target, pair
from ._estimator import require_finite
from ._features import StateFeatures
from ._losses import Loss
from ._rows import Rows

HELD = 1 << 26
"""Numbers of features and targets held; beyond them features are made anew in every pass."""


def as_chunks(chunks: Any) -> Chunks:
    """A function that returns the chunks anew, from one or from a list."""
    if callable(chunks):
        first, second = chunks(), chunks()
        if first is second and iter(first) is first:
            raise InvalidInputError("chunks: the function returns one iterator twice, which runs dry; let it make a new one")
        return chunks
    try:
        once = iter(chunks) is chunks
    except TypeError:
        raise InvalidInputError("chunks: pass a list of pairs (X, y), or a function that returns an iterator over them") from None
    if once:
        raise InvalidInputError("chunks: an iterator runs dry after one pass; pass the function that makes it")
    return lambda: chunks


class RowStream:
    """An iterator over rows, anew at each call.

    Parameters
    ----------
    chunks : callable
        Returns pairs of sequences and targets.
    features : StateFeatures
        Fitted to the first chunk.
    loss : Loss
        Encodes the targets.
    hold : bool
        Keep the rows of the first pass as one block, if they fit.
    """

    def __init__(self, chunks: Chunks, features: StateFeatures, loss: Loss, *, hold: bool):
        self._chunks = chunks
        self._features = features
        self._loss = loss
        self._held: Rows | None = None
        self._hold = hold
        self._map: Callable[[NDArray[Any]], NDArray[Any]] | None = None

    def __call__(self) -> Iterator[Rows]:
        """Blocks of rows."""
        if self._held is not None:
            yield self._held
        elif self._hold:
            yield from self._holding()
        else:
            yield from self._made()

    def standardise(self, means: NDArray[np.float64], spreads: NDArray[np.float64]) -> None:
        """From now on features are ``(f - means)/spreads``."""
        self._map = lambda features: (features - means) / spreads
        if self._held is not None:
            self._held = Rows(self._map(self._held.features), self._held.targets)

    def _holding(self) -> Iterator[Rows]:
        blocks, size = [], 0
        for rows in self._made():
            blocks.append(rows)
            size += rows.features.size + rows.targets.size
            if size > HELD:
                self._hold = False
                blocks.clear()
                yield from self._made()
                return
        self._held = joined(blocks)
        yield self._held

    def _made(self) -> Iterator[Rows]:
        for chunk in self._chunks():
            u, z = pair(chunk, "chunks")
            array = self._features.checked(u)
            target = fitting_target(array, z, self._features.is_pooled, self._features.washout)
            yield from self._rows(array, self._loss.encode(target))

    def _rows(self, u: NDArray[Any], targets: NDArray[np.float64]) -> Iterator[Rows]:
        done = 0
        for start, width in self._features.spans(u):
            part = require_finite(u[start : start + width], "X")
            features = self._features.of(part).reshape(-1, self._features.size_)
            features = self._map(features) if self._map else features
            yield Rows(features, targets[done : done + len(features)])
            done += len(features)


def joined(blocks: Iterable[Rows]) -> Rows:
    """All rows as one block."""
    rows = list(blocks)
    return Rows(np.concatenate([r.features for r in rows]), np.concatenate([r.targets for r in rows]))
