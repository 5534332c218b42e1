r"""How the error along one eigenvector of the Gramian shrinks: gradient flow, gradient descent, heavy ball.

With eigenvalue γ, step size η and momentum β the error after k steps is ρ_k times the first one:

* flow: ``ρ = e^{-γt}``;
* descent: ``ρ_k = (1-ηγ)^k``;
* heavy ball, started at rest: ``ρ_{k+1} = (1+β-ηγ) ρ_k - β ρ_{k-1}``, ``ρ_0 = ρ_{-1} = 1``. With the roots ``r = 1-s`` of the
  recurrence, ``ρ_k = V_k - βV_{k-1}``, ``V_k = (r_1^{k+1} - r_2^{k+1})/(r_1-r_2)``, and
  ``1-ρ_k = (s_2(1-r_1^{k+1}) - s_1(1-r_2^{k+1}))/(s_2-s_1)``.

Both ρ and 1-ρ are wanted: one is what is left to learn, the other what has been learned, and either may be tiny. Next to
critical damping with β beyond 0.999 the second keeps its digits only absolutely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Rule:
    """A learning rule: ``rate`` None means gradient flow, where steps are time.

    Attributes
    ----------
    rate : float or None
        Step size η.
    momentum : float
        β in [0, 1).
    """

    rate: float | None
    momentum: float = 0.0

    def limit(self, largest: float) -> float:
        """Step sizes from here on diverge, for a largest eigenvalue of G."""
        return 2.0 * (1.0 + self.momentum) / largest if largest > 0 else np.inf

    def factors(self, log_gamma: NDArray[np.float64], steps: NDArray[np.float64]) -> Pair:
        """ρ and 1-ρ for all eigenvalues and numbers of steps, shape (r, number of steps)."""
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            if self.rate is None:
                exponent = np.exp(log_gamma)[:, None] * steps
                return np.exp(-exponent), -np.expm1(-exponent)
            progress = self.rate * np.exp(log_gamma)[:, None]
            found = _power(progress, steps) if self.momentum == 0 else _heavy_ball(progress, self.momentum, steps)
        return _where(steps == 0, (1.0, 0.0), _where(np.isposinf(steps), (0.0, 1.0), found))

    def scales(self, log_gamma: NDArray[np.float64]) -> NDArray[np.float64]:
        """Steps (time, for the flow) in which the error of each mode falls by the factor e; inf where it never does."""
        with np.errstate(over="ignore", under="ignore", divide="ignore"):
            if self.rate is None:
                return np.exp(-log_gamma)
            progress = self.rate * np.exp(log_gamma)
            if self.momentum == 0:
                return -1.0 / _log_modulus(progress)
            slow, fast, turning, _ = _roots(progress, self.momentum)
            largest = np.maximum(_log_modulus(slow), _log_modulus(fast))
            return -1.0 / np.where(turning, 0.5 * np.log(self.momentum), largest)


def _where(chosen: NDArray[np.bool_], value: tuple[float, float], other: Pair) -> Pair:
    return np.where(chosen, value[0], other[0]), np.where(chosen, value[1], other[1])


def _log_modulus(s: NDArray[np.float64]) -> NDArray[np.float64]:
    """``log |1-s|``."""
    return np.where(s < 0.5, np.log1p(-np.minimum(s, 0.5)), np.log(np.abs(1.0 - s)))


def _power(s: NDArray[np.float64], k: NDArray[np.float64]) -> Pair:
    """``(1-s)^k`` and one minus it, for whole k."""
    exponent = k * _log_modulus(s)
    sign = np.where((s > 1) & (k % 2 == 1), -1.0, 1.0)
    power = sign * np.exp(exponent)
    return power, np.where(s < 1, -np.expm1(exponent), 1.0 - power)


def _roots(
    progress: NDArray[np.float64], momentum: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """``s = 1-r`` of the slow and the fast root, where they are complex, and the discriminant."""
    middle = (1.0 - momentum) + progress
    # (1-β+t)² - 4t = ((1-√β)² - t)((1+√β)² - t)
    root = np.sqrt(momentum)
    discriminant = ((1.0 - root) ** 2 - progress) * ((1.0 + root) ** 2 - progress)
    apart = np.sqrt(np.maximum(discriminant, 0.0))
    fast = 0.5 * (middle + apart)
    return progress / fast, fast, discriminant < 0, discriminant


def _heavy_ball(progress: NDArray[np.float64], momentum: float, steps: NDArray[np.float64]) -> Pair:
    slow, fast, _, discriminant = _roots(progress, momentum)
    left, gone = zip(_power(slow, steps + 1), _power(fast, steps + 1), strict=True)
    apart = (fast * left[0] - slow * left[1]) / (fast - slow), (fast * gone[0] - slow * gone[1]) / (fast - slow)
    now, before = (_sequence(progress, momentum, discriminant, k) for k in (steps, steps - 1))
    together = now - momentum * before
    separate = (discriminant > 0.01 * (1.0 - momentum) ** 2) & (fast < 1)
    return np.where(separate, apart[0], together), np.where(separate, apart[1], 1.0 - together)


def _sequence(
    progress: NDArray[np.float64], momentum: float, discriminant: NDArray[np.float64], k: NDArray[np.float64]
) -> NDArray[np.float64]:
    """``V_k = (r_1^{k+1} - r_2^{k+1})/(r_1-r_2) = β^{k/2} U_k``, U the Chebyshev polynomials of the second kind."""
    total = (1.0 + momentum) - progress
    apart = np.sqrt(np.abs(discriminant))
    angle = np.arctan2(apart, np.abs(total))
    growth = np.arcsinh(apart / (2.0 * np.sqrt(momentum)))
    turning = np.where(angle > 0, np.sin((k + 1) * angle) / np.where(angle > 0, np.sin(angle), 1.0), k + 1)
    falling = np.where(growth > 0, np.expm1(-2 * (k + 1) * growth) / np.where(growth > 0, np.expm1(-2 * growth), 1.0), k + 1)
    size = np.where(
        discriminant < 0,
        np.exp(0.5 * k * np.log(momentum)) * turning,
        np.exp(k * (0.5 * np.log(momentum) + growth)) * falling,
    )
    return np.where((total < 0) & (k % 2 == 1), -size, size)
