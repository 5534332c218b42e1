"""Descent: epochs of update steps, with everything that can end them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .._progress import progress
from ._history import History
from ._rows import Weights
from ._rules import Rule, stepped

_BLOWN_UP = 1e4
"""Losses above this multiple of the first one and of that of the output zero mean divergence, if they have risen for so long:"""
_RISING = 5


class Objective(Protocol):
    """What descent needs to know of a loss."""

    def measure(self, weights: Weights) -> float:
        """Reported loss on all rows."""

    def batches(self, size: int | None, rng: np.random.Generator) -> Iterator[Any]:
        """The batches of one epoch."""

    def gradient(self, weights: Weights, batch: Any) -> tuple[float, Weights]:
        """Value of what is minimised, and its gradient."""

    def reported(self, value: float, weights: Weights) -> float:
        """Reported loss from what is minimised, if the batch was everything."""


class WholeBatch:
    """An objective for full batches: what is measured after a step is differentiated in the next, so both are one sweep."""

    def __init__(self, objective: Objective):
        self._objective = objective
        self._seen: tuple[Weights, float, Weights] | None = None
        self.batches, self.reported = objective.batches, objective.reported

    def measure(self, weights: Weights) -> float:
        """Reported loss on all rows."""
        value, slopes = self._objective.gradient(weights, next(iter(self.batches(None, np.random.default_rng()))))
        self._seen = weights, value, slopes
        return self.reported(value, weights)

    def gradient(self, weights: Weights, batch: Any) -> tuple[float, Weights]:
        """Value and gradient, from memory if these weights were measured."""
        if self._seen is not None and self._seen[0] is weights:
            return self._seen[1], self._seen[2]
        return self._objective.gradient(weights, batch)


@dataclass
class Track:
    """Losses so far, and the weights to keep.

    Attributes
    ----------
    measure, validate : callable
        Loss of weights on training data, and on validation data.
    kept : dict
        Weights of the best epoch, at first those of the start.
    zero : float
        Loss of the output zero.
    """

    measure: Callable[[Weights], float]
    validate: Callable[[Weights], float] | None
    kept: Weights
    zero: float = 0.0
    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    best: int = 0
    stopped: str = "finished"

    def see(self, weights: Weights, steps: int) -> bool:
        """Measure; False where the loss has left all bounds."""
        with np.errstate(all="ignore"):
            loss = self.measure(weights)
            held_out = self.validate(weights) if self.validate else None
        self.steps.append(steps)
        self.loss.append(loss)
        if held_out is not None:
            self.validation.append(held_out)
        if self._is_best():
            self.best, self.kept = len(self.loss) - 1, dict(weights)
        return bool(np.isfinite(loss)) and not self._runs_away()

    def _runs_away(self) -> bool:
        recent = np.array(self.loss[-_RISING - 1 :])
        return bool(
            recent.size > _RISING and (np.diff(recent) > 0).all() and recent[-1] > _BLOWN_UP * max(self.loss[0], self.zero)
        )

    def _is_best(self) -> bool:
        row = self.validation or self.loss
        return len(row) == 1 or bool(row[-1] < row[self.best])

    def stale(self, patience: int | None) -> bool:
        """Whether the best epoch lies too far back."""
        return patience is not None and len(self.loss) - 1 - self.best >= patience

    def finish(self, weights: Weights) -> tuple[Weights, History]:
        """The weights kept, and the history: without validation data the last ones, unless the run went the wrong way."""
        if self.stopped == "finished" and self.loss[-1] > max(self.loss[0], self.zero):
            self.stopped = "diverged"
        if self.loss and not self.validation and self.stopped in ("finished", "converged", "stalled"):
            self.best, self.kept = len(self.loss) - 1, dict(weights)
        seen = np.array(self.validation) if self.validate else None
        return self.kept, History(np.array(self.steps, np.int64), np.array(self.loss), seen, self.best, self.stopped)


@dataclass(frozen=True)
class Plan:
    """How to descend.

    Attributes
    ----------
    rule : Rule
        What a step makes of a gradient.
    rates, decays : mapping
        Step size and weight decay of each parameter array; arrays without a rate stay.
    epochs, batch, patience
        Passes over the data; rows a step, None for all; epochs without a better loss before stopping.
    tolerance : float
        Relative size of the gradient, against the first, that ends full-batch descent.
    """

    rule: Rule
    rates: Mapping[str, float]
    decays: Mapping[str, float]
    epochs: int
    batch: int | None
    patience: int | None
    tolerance: float


def descend(
    objective: Objective, weights: Weights, plan: Plan, track: Track, rng: np.random.Generator
) -> tuple[Weights, History]:
    """Follow the gradient; whatever ends it, an interruption too, is noted in the history, and the best weights survive."""
    steps, first = 0, None
    with suppress(KeyboardInterrupt):
        track.stopped = "interrupted"
        going = track.see(weights, 0)
        for _ in progress(range(plan.epochs), "training"):
            for batch in objective.batches(plan.batch, rng):
                with np.errstate(all="ignore"):
                    _, gradient = objective.gradient(weights, batch)
                    weights = stepped(weights, gradient, plan.rule, plan.rates, plan.decays)
                steps += 1
            going = track.see(weights, steps)
            size = max(float(np.abs(slope).max(initial=0.0)) for slope in gradient.values())
            first = size if first is None else first
            if not going or track.stale(plan.patience) or (plan.batch is None and size <= plan.tolerance * first):
                track.stopped = "diverged" if not going else "early" if track.stale(plan.patience) else "converged"
                break
        else:
            track.stopped = "finished"
    return track.finish(weights)


def quasi_newton(
    objective: Objective, weights: Weights, scales: Weights, epochs: int, tolerance: float, track: Track, rng: np.random.Generator
) -> tuple[Weights, History]:
    """L-BFGS on full batches [Liu1989]_, an epoch one of its iterations, in units in which first loss and gradient are one."""
    names, shapes = list(weights), [value.shape for value in weights.values()]
    cuts = np.cumsum([value.size for value in weights.values()])[:-1]
    batch = next(iter(objective.batches(None, rng)))

    def unpacked(x: NDArray[np.float64]) -> Weights:
        return {name: part.reshape(shape) for name, part, shape in zip(names, np.split(x, cuts), shapes, strict=True)}

    def evaluated(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = objective.gradient(unpacked(x), batch)
        return value, np.concatenate([gradient[name].ravel() for name in names])

    latest = [weights]
    with suppress(KeyboardInterrupt):
        track.stopped = "interrupted"
        track.see(weights, 0)
        start = np.concatenate([value.ravel() for value in weights.values()])
        sizes = np.concatenate([np.broadcast_to(scales[name], shape).ravel() for name, shape in zip(names, shapes, strict=True)])
        value, slope = evaluated(start)
        height, steepness = value or 1.0, float(np.abs(slope / sizes).max(initial=0.0)) or 1.0
        unit = height / steepness / sizes

        def scaled(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            value, slope = evaluated(start + x * unit)
            return value / height, slope * unit / height

        def noted(x: NDArray[np.float64]) -> None:
            latest[0] = unpacked(start + x * unit)
            track.see(latest[0], len(track.loss))

        options = {"maxiter": epochs, "maxfun": 20 * epochs, "gtol": tolerance, "ftol": 0.0, "maxcor": 30}
        found = minimize(scaled, 0.0 * start, jac=True, method="L-BFGS-B", callback=noted, options=options)
        track.stopped = {0: "converged", 1: "finished"}.get(found.status, "stalled")
    return track.finish(latest[0])
