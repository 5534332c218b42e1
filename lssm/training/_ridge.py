r"""Ridge regression from the triangular factor of the rows: ``min_W Σ|F W + b - z|² + α ‖W‖²``, in closed form.

With ``F = U S V^T`` (without means if there is an intercept), ``W = V S/(S²+α) U^T Z``. Generalised cross-validation
[Golub1979]_ minimises ``n ‖Z - Ẑ‖²/(n - df)²``, ``df = Σ S²/(S²+α)`` plus one for the intercept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ._rows import Triangle, Weights

_DECADES = (-28.0, 8.0)
"""Penalties looked at, in decades of the largest S²."""
_LARGE = 1e3


@dataclass(frozen=True)
class Ridge:
    """All ridge solutions of one set of rows; penalties are relative to the largest S²."""

    triangle: Triangle
    intercept: bool
    size: float
    S: NDArray[np.float64]
    V: NDArray[np.float64]
    seen: NDArray[np.float64]
    rest: float

    @classmethod
    def of(cls, triangle: Triangle, intercept: bool) -> Ridge:
        """Singular values, and targets in the coordinates of the left singular vectors."""
        features, targets = triangle.parts(intercept)
        if intercept:
            features = np.where(triangle.spreads > 0, features, 0.0)
        U, S, Vt = scipy.linalg.svd(features, full_matrices=False, check_finite=False)
        noise = np.sqrt(triangle.count) * np.max(triangle.rounding, initial=0.0) if intercept else 0.0
        largest = float(np.max(S, initial=0.0))
        rank = int(np.sum(S > max(largest * max(triangle.count, triangle.size) * np.finfo(float).eps, noise)))
        seen = U[:, :rank].T @ targets
        rest = float(np.sum((targets - U[:, :rank] @ seen) ** 2))
        return cls(triangle, intercept, largest, S[:rank] / (largest or 1.0), Vt[:rank].T, seen, rest)

    def relative(self, penalty: float) -> float:
        """A penalty over the largest S²."""
        with np.errstate(over="ignore"):
            return float(np.float64(penalty) / self.size / self.size) if self.size else 0.0

    def absolute(self, relative: float) -> float:
        """And back."""
        with np.errstate(over="ignore"):
            return float(np.float64(relative) * self.size * self.size)

    def weights(self, relative: float) -> Weights:
        """Coefficients, and the intercept that puts the means right."""
        W = self.V @ ((self.S / (self.S**2 + relative) / (self.size or 1.0))[:, None] * self.seen)
        if not self.intercept:
            return {"coefficients": W}
        W[self.triangle.spreads == 0] = 0.0
        features, targets = self.triangle.means
        return {"coefficients": W, "intercept": targets - features @ W}

    def log_generalised_error(self, relative: float) -> float:
        """Logarithm of what generalised cross-validation minimises; large where as many degrees of freedom as rows are used."""
        kept = self.S**2 / (self.S**2 + relative)
        left = self.triangle.count - kept.sum() - self.intercept
        error = self.rest + float(np.sum(((1.0 - kept)[:, None] * self.seen) ** 2))
        if left <= 1e-9 * self.triangle.count:
            return _LARGE
        return float(np.log(max(error, 1e-300)) - 2.0 * np.log(left))

    def best_penalty(self, held_out: Triangle | None) -> float:
        """Relative penalty of smallest error on held-out rows, or else of generalised cross-validation."""
        if not self.S.size:
            return 0.0

        def error(decade: float) -> float:
            relative = 10.0**decade
            if held_out is None:
                return self.log_generalised_error(relative)
            return float(np.log(max(held_out.squared_error(self.weights(relative)), 1e-300)))

        grid = np.arange(_DECADES[0], _DECADES[1] + 0.25, 0.5)
        values = np.array([error(decade) for decade in grid])
        best = grid[int(np.argmin(values))]
        found = minimize_scalar(error, bounds=(best - 0.5, best + 0.5), method="bounded", options={"xatol": 1e-6})
        return float(10.0 ** (found.x if found.fun < values.min() else best))
