"""Losses of scores against targets, and their slopes.

What is minimised is ``½ E|y - z|²`` or the cross-entropy; what is reported is ``E|y - z|²``, as everywhere here, or the
cross-entropy. Penalties and step sizes belong to what is minimised.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from .._validate import InvalidInputError
from ._estimator import require_finite


class Loss(ABC):
    """Encodes targets as rows; sums a loss over rows."""

    reported_factor = 1.0
    """Reported loss over the one minimised."""
    outputs: int
    """Number of scores."""

    @abstractmethod
    def encode(self, z: NDArray[Any]) -> NDArray[np.float64]:
        """Targets as rows of as many numbers as there are scores."""

    @abstractmethod
    def total(self, scores: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
        """Sum over rows of the loss that is minimised."""

    @abstractmethod
    def with_slopes(self, scores: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The same, and its derivative with respect to the scores."""


class Squared(Loss):
    """``½|y - z|²``, outputs added.

    Parameters
    ----------
    shape : tuple of int
        Of one target: () or (K,).
    """

    reported_factor = 2.0

    def __init__(self, shape: tuple[int, ...]):
        self.shape = shape
        self.outputs = shape[0] if shape else 1

    def encode(self, z: NDArray[Any]) -> NDArray[np.float64]:
        """Numbers as they are, one column an output."""
        if z.shape[1:] != self.shape:
            given, wanted = (f"{shape[0]} outputs" if shape else "one number" for shape in (z.shape[1:], self.shape))
            raise InvalidInputError(f"y: {given} a target does not fit {wanted} of the fit; all must be alike")
        if z.dtype.kind not in "biufO":
            raise InvalidInputError(f"y: dtype {z.dtype}; the squared loss needs real numbers (labels need loss='softmax')")
        try:
            rows = require_finite(z, "y")
        except (TypeError, ValueError) as error:
            raise InvalidInputError(f"y: {str(error).removeprefix('z: ')}; the squared loss needs real numbers") from None
        return rows.reshape(len(rows), -1)

    def total(self, scores: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
        """Half the squared distance."""
        return 0.5 * float(np.sum((scores - targets) ** 2))

    def with_slopes(self, scores: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The same, and the residual."""
        residual = scores - targets
        return 0.5 * float(np.sum(residual**2)), residual


class CrossEntropy(Loss):
    """``-log softmax(y)_z``, one score a label.

    Parameters
    ----------
    labels : array
        Every label, sorted.
    """

    def __init__(self, labels: NDArray[Any]):
        self.labels = labels
        self.outputs = labels.size

    def encode(self, z: NDArray[Any]) -> NDArray[np.float64]:
        """One-hot rows; a label that was not there before is an error."""
        if z.ndim != 1:
            raise InvalidInputError("y: labels in a column or a table; pass one label for each sequence, or for each step")
        try:
            place = np.clip(np.searchsorted(self.labels, z), 0, self.labels.size - 1)
        except TypeError:
            raise InvalidInputError("y: labels of another kind than those of the fit") from None
        unseen = self.labels[place] != z
        if unseen.any():
            known = ", ".join(map(str, self.labels[:10])) + (" …" if self.labels.size > 10 else "")
            raise InvalidInputError(f"y: label {z[unseen].tolist()[0]!r} was not seen in fitting; the labels are {known}")
        return np.eye(self.labels.size)[place]

    def total(self, scores: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
        """Cross-entropy in nats."""
        return -float(np.sum(log_softmax(scores, axis=1) * targets))

    def with_slopes(self, scores: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The same, and probabilities minus targets."""
        log = log_softmax(scores, axis=1)
        return -float(np.sum(log * targets)), np.exp(log) - targets
