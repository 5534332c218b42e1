"""Standardized features, and weights to and from them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ._rows import Triangle, Weights


@dataclass(frozen=True)
class Scale:
    """Features become ``(f - means)/spreads``."""

    means: NDArray[np.float64]
    spreads: NDArray[np.float64]

    @classmethod
    def of(cls, triangle: Triangle, *, centred: bool, wanted: bool) -> Self:
        """Means and standard deviations of rows; without an intercept to hold them the means stay. Nothing, if not wanted."""
        if not wanted:
            return cls(np.zeros(triangle.size), np.ones(triangle.size))
        spreads = triangle.spreads
        return cls(triangle.means[0] if centred else np.zeros(triangle.size), np.where(spreads > 0, spreads, 1.0))

    @property
    def is_trivial(self) -> bool:
        """Whether nothing changes."""
        return not self.means.any() and bool((self.spreads == 1.0).all())

    def applied(self, triangle: Triangle) -> Triangle:
        """The triangular factor of the scaled rows."""
        if self.is_trivial:
            return triangle
        found, cut = copy.copy(triangle), 1 + triangle.size
        found.R = triangle.R.copy()
        found.R[:, 1:cut] = (triangle.R[:, 1:cut] - triangle.R[:, :1] * self.means) / self.spreads
        return found

    def restored(self, weights: Weights) -> Weights:
        """Weights of the features as they were."""
        W = weights["coefficients"] / self.spreads[:, None]
        return {"coefficients": W, **{name: b - self.means @ W for name, b in weights.items() if name == "intercept"}}

    def entered(self, weights: Weights) -> Weights:
        """Weights of the scaled features."""
        W = weights["coefficients"]
        moved = {name: b + self.means @ W for name, b in weights.items() if name == "intercept"}
        return {"coefficients": W * self.spreads[:, None], **moved}
