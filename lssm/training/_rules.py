"""Update rules of descent: what a step makes of a gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Rule(Protocol):
    """One step for one parameter array."""

    def __call__(self, name: str, value: NDArray[Any], gradient: NDArray[Any], rate: float) -> NDArray[Any]:
        """The array after the step."""


class HeavyBall:
    """``v ← β v - η g``, ``p ← p + v``; gradient descent for β = 0 [Polyak1964]_."""

    def __init__(self, momentum: float):
        self.momentum = momentum
        self.velocity: dict[str, NDArray[Any]] = {}

    def __call__(self, name: str, value: NDArray[Any], gradient: NDArray[Any], rate: float) -> NDArray[Any]:
        """One step."""
        v = -rate * gradient
        if self.momentum:
            v = self.velocity[name] = self.momentum * self.velocity.get(name, 0.0) + v
        return value + v


class Adam:
    """Steps by first over root of second moments, both without their initial bias [Kingma2015]_."""

    def __init__(self, decays: tuple[float, float] = (0.9, 0.999), floor: float = 1e-8):
        self.decays = decays
        self.floor = floor
        self.steps: dict[str, int] = {}
        self.moments: dict[str, tuple[Any, Any]] = {}

    def __call__(self, name: str, value: NDArray[Any], gradient: NDArray[Any], rate: float) -> NDArray[Any]:
        """One step, the parts of complex parameters apart."""
        first, second = self.decays
        k = self.steps[name] = self.steps.get(name, 0) + 1
        g = gradient.view(np.float64) if np.iscomplexobj(gradient) else gradient
        m, s = self.moments.get(name, (0.0, 0.0))
        m, s = self.moments[name] = first * m + (1 - first) * g, second * s + (1 - second) * g**2
        step = rate * (m / (1 - first**k)) / (np.sqrt(s / (1 - second**k)) + self.floor)
        return value - (step.view(np.complex128) if np.iscomplexobj(gradient) else step)


def stepped(
    weights: Mapping[str, NDArray[Any]],
    gradient: Mapping[str, NDArray[Any]],
    rule: Rule,
    rates: Mapping[str, float],
    decays: Mapping[str, float],
) -> dict[str, NDArray[Any]]:
    """All parameters after one step; decay shrinks them beside the gradient, ``p ← (1 - η d) p`` [Loshchilov2019]_."""
    found = {}
    for name, value in weights.items():
        if name in gradient:
            shrunk = value * (1.0 - rates[name] * decays[name]) if decays.get(name) else value
            value = rule(name, shrunk, gradient[name], rates[name])
        found[name] = value
    return found
