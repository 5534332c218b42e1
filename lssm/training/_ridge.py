r"""Ridge regression from the triangular factor of the rows: ``min_W Σ|F W + b - z|² + α ‖W‖²``, in closed form.

With ``F = U S V^T`` (without means if there is an intercept), ``W = V S/(S²+α) U^T Z``. Generalised cross-validation
[Golub1979]_ minimises ``n ‖Z - Ẑ‖²/(n - df)²``, ``df = Σ S²/(S²+α)`` plus one for the intercept.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from ._rows import Triangle, Weights

_DECADES = (-28.0, 8.0)
"""Penalties looked at, in decades of the largest S²."""


@dataclass(frozen=True)
class Ridge:
    """All ridge solutions of one set of rows."""

    triangle: Triangle
    intercept: bool
    S: NDArray[np.float64]
    V: NDArray[np.float64]
    seen: NDArray[np.float64]
    rest: float

    @classmethod
    def of(cls, triangle: Triangle, intercept: bool) -> "Ridge":
        """Singular values, and targets in the coordinates of the left singular vectors."""
        features, targets = triangle.parts(intercept)
        U, S, Vt = scipy.linalg.svd(features, full_matrices=False, check_finite=False)
        rank = int(np.sum(S > S[:1] * max(triangle.count, triangle.size) * np.finfo(float).eps)) if S.size else 0
        seen = U[:, :rank].T @ targets
        return cls(triangle, intercept, S[:rank], Vt[:rank].T, seen, float(np.sum((targets - U[:, :rank] @ seen) ** 2)))

    def weights(self, penalty: float) -> Weights:
        """Coefficients, and the intercept that puts the means right."""
        W = self.V @ ((self.S / (self.S**2 + penalty))[:, None] * self.seen)
        if not self.intercept:
            return {"coefficients": W}
        features, targets = self.triangle.means
        return {"coefficients": W, "intercept": targets - features @ W}

    def generalised_error(self, penalty: float) -> float:
        """What generalised cross-validation minimises."""
        kept = self.S**2 / (self.S**2 + penalty)
        left = self.triangle.count - kept.sum() - self.intercept
        error = self.rest + float(np.sum(((1.0 - kept)[:, None] * self.seen) ** 2))
        return self.triangle.count * error / left**2 if left > 1e-9 * self.triangle.count else np.inf

    def best_penalty(self, held_out: Triangle | None) -> float:
        """Smallest error on held-out rows, or else of generalised cross-validation."""
        if not self.S.size:
            return 0.0

        def error(decade: float) -> float:
            penalty = float(self.S[0] ** 2 * 10.0**decade)
            return held_out.squared_error(self.weights(penalty)) if held_out else self.generalised_error(penalty)

        grid = np.arange(_DECADES[0], _DECADES[1] + 0.25, 0.5)
        values = np.array([error(decade) for decade in grid])
        best = grid[int(np.argmin(values))]
        found = minimize_scalar(error, bounds=(best - 0.5, best + 0.5), method="bounded", options={"xatol": 1e-6})
        decade = found.x if found.fun < values.min() else best
        return float(self.S[0] ** 2 * 10.0**decade)
