"""Rows of features and targets, held, streamed or compressed, as a loss and its gradient with respect to a linear readout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from ._losses import Loss

Weights = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Rows:
    """Features, shape (n, d), and targets, shape (n, K)."""

    features: NDArray[np.float64]
    targets: NDArray[np.float64]

    def scores(self, weights: Weights) -> NDArray[np.float64]:
        """``y = F W + b``."""
        y: NDArray[np.float64] = self.features @ weights["coefficients"]
        return y + weights["intercept"] if "intercept" in weights else y

    def taken(self, index: NDArray[np.int64] | slice) -> Rows:
        """Some of the rows."""
        return Rows(self.features[index], self.targets[index])


class Triangle:
    r"""Everything a squared loss can know of rows ``[1, F, Z]``: the triangular factor R of their QR factorization.

    Rows of any number are added block by block; orthogonal transforms do not square the condition as ``F^T F`` does. The first
    row is taken from all others on the way, and given back to the means at the end: what is constant leaves no rounding behind.
    """

    def __init__(self, rows: Iterable[Rows]):
        self.count, self.outputs = 0, 0
        shift, R = np.zeros(0), np.zeros((0, 0))
        for block in rows:
            whole = np.hstack([np.ones((len(block.features), 1)), block.features, block.targets])
            if not self.count:
                shift, R, self.outputs = whole[0, 1:].copy(), np.zeros((0, whole.shape[1])), block.targets.shape[1]
            whole[:, 1:] -= shift
            R = scipy.linalg.qr(np.vstack([R, whole]), mode="r", check_finite=False)[0][: R.shape[1]]
            self.count += len(whole)
        R[0, 1:] += shift * R[0, 0]
        self.R = R

    @property
    def size(self) -> int:
        """Number of features."""
        return self.R.shape[1] - 1 - self.outputs

    def parts(self, centred: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Features and targets in other coordinates of the sample space, without their means if `centred`."""
        cut = 1 + self.size
        if not centred:
            return self.R[:, 1:cut], self.R[:, cut:]
        return self.R[1:, 1:cut], self.R[1:, cut:]

    @property
    def means(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Means of features and targets."""
        row = self.R[0, 1:] / self.R[0, 0]
        return row[: self.size], row[self.size :]

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Root of the mean square of each feature."""
        found: NDArray[np.float64] = np.linalg.norm(self.R[:, 1 : 1 + self.size], axis=0) / np.sqrt(self.count)
        return found

    @property
    def rounding(self) -> NDArray[np.float64]:
        """What rounding can leave of a feature that is constant, once its mean is taken away: root of the mean square."""
        noise: NDArray[np.float64] = 32.0 * np.finfo(float).eps * self.sizes
        return noise

    @property
    def spreads(self) -> NDArray[np.float64]:
        """Standard deviation of each feature; 0 where it is constant to rounding."""
        spread: NDArray[np.float64] = np.linalg.norm(self.parts(centred=True)[0], axis=0) / np.sqrt(self.count)
        return np.where(spread <= self.rounding, 0.0, spread)

    def largest_eigenvalue(self, intercept: bool) -> float:
        """Of the second moments ``E F^T F`` of the features, with a column of ones for an intercept."""
        features = self.R[:, : 1 + self.size] if intercept else self.R[:, 1 : 1 + self.size]
        return float(np.linalg.norm(features, 2) ** 2 / self.count)

    def squared_error(self, weights: Weights) -> float:
        """Mean of ``|y - z|²``."""
        K = self.outputs
        b = weights.get("intercept", np.zeros(K))
        column = np.vstack([b[None], weights["coefficients"], -np.eye(K)])
        return float(np.sum((self.R @ column) ** 2) / self.count)


class ReadoutObjective:
    """Loss of a linear readout over rows that come in blocks, for descent.

    Parameters
    ----------
    blocks : callable
        Returns an iterator over the blocks of rows, anew each time.
    loss : Loss
        What is added up.
    penalty : float
        α of ``½ α ‖W‖²``, beside the sum over rows; intercepts are free.
    """

    def __init__(self, blocks: Callable[[], Iterable[Rows]], loss: Loss, penalty: float):
        self.blocks = blocks
        self.loss = loss
        self.penalty = penalty
        self.count = sum(len(block.features) for block in blocks())

    def measure(self, weights: Weights) -> float:
        """Reported loss: mean over rows, without penalty."""
        total = sum(self.loss.total(block.scores(weights), block.targets) for block in self.blocks())
        return self.loss.reported_factor * total / self.count

    def reported(self, value: float, weights: Weights) -> float:
        """The same from what is minimised."""
        shrink = 0.5 * self.penalty / self.count * float(np.sum(weights["coefficients"] ** 2))
        return self.loss.reported_factor * (value - shrink)

    def batches(self, size: int | None, rng: np.random.Generator) -> Iterator[list[Rows]]:
        """Everything at once, or shuffled batches block by block."""
        if size is None:
            yield list(self.blocks())
            return
        for block in self.blocks():
            order = rng.permutation(len(block.features))
            for start in range(0, order.size, size):
                yield [block.taken(order[start : start + size])]

    def gradient(self, weights: Weights, batch: Iterable[Rows]) -> tuple[float, Weights]:
        """Value and gradient of ``mean loss + α/(2n) ‖W‖²`` over a batch."""
        total, seen = 0.0, 0
        slopes = {name: np.zeros_like(value) for name, value in weights.items()}
        for rows in batch:
            scores = rows.scores(weights)
            value, slope = self.loss.with_slopes(scores, rows.targets)
            total += value
            seen += len(scores)
            slopes["coefficients"] += rows.features.T @ slope
            if "intercept" in slopes:
                slopes["intercept"] += slope.sum(0)
        found = {name: slope / seen for name, slope in slopes.items()}
        found["coefficients"] += self.penalty / self.count * weights["coefficients"]
        return total / seen + 0.5 * self.penalty / self.count * float(np.sum(weights["coefficients"] ** 2)), found


class CompressedObjective(ReadoutObjective):
    """The same for the squared loss and full batches, from the triangular factor: a step costs the same for any rows."""

    def __init__(self, triangle: Triangle, loss: Loss, penalty: float):
        self.triangle = triangle
        self.loss = loss
        self.penalty = penalty
        self.count = triangle.count

    def measure(self, weights: Weights) -> float:
        """Mean of ``|y - z|²``."""
        return self.triangle.squared_error(weights)

    def batches(self, size: int | None, rng: np.random.Generator) -> Iterator[list[Rows]]:
        """One batch, which is everything."""
        yield []

    def gradient(self, weights: Weights, batch: Iterable[Rows]) -> tuple[float, Weights]:
        """Value and gradient of ``½ E|y - z|² + α/(2n) ‖W‖²``."""
        R, K = self.triangle.R, self.triangle.outputs
        W, n = weights["coefficients"], self.count
        residual = R @ np.vstack([weights.get("intercept", np.zeros(K))[None], W, -np.eye(K)])
        slopes = R[:, :-K].T @ residual / n
        found = {"coefficients": slopes[1:] + self.penalty / n * W}
        if "intercept" in weights:
            found["intercept"] = slopes[0]
        return 0.5 * float(np.sum(residual**2) + self.penalty * np.sum(W**2)) / n, found
