"""From rows to weights: in closed form, or by descent."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .._validate import choice, count, generator, number_inside, positive_number
from ._descent import Objective, Plan, Track, WholeBatch, descend, quasi_newton
from ._history import History
from ._losses import Loss
from ._ridge import Ridge
from ._rows import CompressedObjective, ReadoutObjective, Triangle, Weights
from ._rules import Adam, HeavyBall, Rule
from ._scale import Scale
from ._stream import RowStream

PENALTIES = ("gcv", "validation")
Solved = tuple[Weights, float, History | None]


def solve_ridge(options: Any, rows: RowStream, held: RowStream | None) -> Solved:
    """Weights, and the penalty that was given or found."""
    triangle = Triangle(rows())
    scale = Scale.of(triangle, centred=options.intercept, wanted=options.standardize)
    ridge = Ridge.of(scale.applied(triangle), options.intercept)
    wanted = "gcv" if options.penalty is None else options.penalty
    if not isinstance(wanted, str):
        penalty = _penalty(wanted)
    elif choice(wanted, "penalty", PENALTIES) == "validation" and held is not None:
        penalty = ridge.best_penalty(scale.applied(Triangle(held())))
    else:
        penalty = ridge.best_penalty(None)
    return scale.restored(ridge.weights(penalty)), penalty, None


def solve_descent(
    options: Any, method: str, loss: Loss, rows: RowStream, held: RowStream | None, start: Weights | None
) -> Solved:
    """Weights after descent from `start` (zero if None)."""
    penalty = _penalty((1.0 if options.loss == "softmax" else 0.0) if options.penalty is None else options.penalty)
    triangle = Triangle(rows())
    scale = Scale.of(triangle, centred=options.intercept, wanted=options.standardize)
    triangle = scale.applied(triangle)
    compress = options.loss == "squared" and options.batch is None
    if not (compress or scale.is_trivial):
        for stream in (rows, held) if held else (rows,):
            stream.standardise(scale.means, scale.spreads)
    objective: Any = CompressedObjective(triangle, loss, penalty) if compress else ReadoutObjective(rows, loss, penalty)
    weights = scale.entered(start) if start else _zeros(triangle)
    if not options.intercept:
        weights = {"coefficients": weights["coefficients"]}
    track = Track(objective.measure, _outside(held, loss, scale, compress))
    found, history = descended(options, method, objective, weights, track, _rate(options, method, triangle, penalty))
    return scale.restored(found), penalty, history


def _outside(held: RowStream | None, loss: Loss, scale: Scale, compress: bool) -> Callable[[Weights], float] | None:
    """Loss on held-out rows."""
    if held is None:
        return None
    return scale.applied(Triangle(held())).squared_error if compress else ReadoutObjective(held, loss, 0.0).measure


def descended(
    options: Any, method: str, objective: Objective, weights: Weights, track: Track, rates: Any, decays: Any = None
) -> tuple[Weights, History]:
    """Weights and history of the method the options ask for; `rates` is one number, or one for each array that moves."""
    epochs, rng = count(options.epochs, "epochs"), generator(options.rng)
    tolerance = number_inside(options.tolerance, "tolerance", 0.0, 1.0)
    if method == "lbfgs":
        return quasi_newton(objective, weights, epochs, tolerance, track, rng)
    beta = number_inside(options.momentum, "momentum", 0.0, float(np.nextafter(1.0, 0.0)))
    rule: Rule = Adam() if method == "adam" else HeavyBall(beta if method == "momentum" else 0.0)
    batch = None if options.batch is None else count(options.batch, "batch")
    patience = None if options.patience is None else count(options.patience, "patience")
    if batch is None:
        objective = WholeBatch(objective)
        track.measure = objective.measure
    each = rates if isinstance(rates, dict) else dict.fromkeys(weights, rates)
    return descend(objective, weights, Plan(rule, each, decays or {}, epochs, batch, patience, tolerance), track, rng)


def _penalty(value: Any) -> float:
    return number_inside(value, "penalty", 0.0, 1e300)


def _zeros(triangle: Triangle) -> Weights:
    return {"coefficients": np.zeros((triangle.size, triangle.outputs)), "intercept": np.zeros(triangle.outputs)}


def _rate(options: Any, method: str, triangle: Triangle, penalty: float) -> float:
    """The step size given, or the inverse of the largest curvature of what is minimised."""
    if options.rate is not None:
        return positive_number(options.rate, "rate")
    if method == "adam":
        return 0.01
    bend = 0.5 if options.loss == "softmax" else 1.0  # largest curvature of the loss in the scores
    curvature = bend * triangle.largest_eigenvalue(options.intercept) + penalty / triangle.count
    return 1.0 / curvature if curvature > 0 else 1.0
