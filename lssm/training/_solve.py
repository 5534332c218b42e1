"""From rows to weights: in closed form, or by descent."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .._validate import InvalidInputError, choice, count, flag, generator, number_inside, positive_number
from ._descent import Objective, Plan, Track, WholeBatch, descend, quasi_newton
from ._history import History
from ._losses import Loss
from ._ridge import Ridge
from ._rows import CompressedObjective, ReadoutObjective, Triangle, Weights
from ._rules import Adam, HeavyBall, Rule
from ._scale import Scale
from ._stream import RowStream

PENALTIES = ("gcv", "validation")


def solve_ridge(options: Any, rows: RowStream, held: RowStream | None) -> tuple[Weights, float, int]:
    """Weights, the penalty that was given or found, and the rank of the features."""
    triangle = Triangle(rows())
    scale = Scale.of(triangle, centred=options.intercept, wanted=options.standardize)
    ridge = Ridge.of(scale.applied(triangle), options.intercept)
    wanted = "gcv" if options.penalty is None else options.penalty
    if not isinstance(wanted, str):
        penalty = _penalty(wanted)
        return scale.restored(ridge.weights(ridge.relative(penalty))), penalty, ridge.S.size
    by_validation = choice(wanted, "penalty", PENALTIES) == "validation" and held is not None
    relative = ridge.best_penalty(scale.applied(Triangle(held())) if by_validation and held else None)
    return scale.restored(ridge.weights(relative)), ridge.absolute(relative), ridge.S.size


def solve_descent(
    options: Any, method: str, loss: Loss, rows: RowStream, held: RowStream | None, start: Weights | None
) -> tuple[Weights, float, History]:
    """Weights, penalty and history after descent from `start` (zero if None)."""
    penalty = _penalty((1.0 if options.loss == "softmax" else 0.0) if options.penalty is None else options.penalty)
    triangle = Triangle(rows())
    scale = Scale.of(triangle, centred=options.intercept, wanted=options.standardize)
    triangle = scale.applied(triangle)
    compress = options.loss == "squared" and options.batch is None
    if not (compress or scale.is_trivial):
        for stream in (rows, held) if held else (rows,):
            stream.standardise(scale.means, scale.spreads)
    objective: Any = CompressedObjective(triangle, loss, penalty) if compress else ReadoutObjective(rows, loss, penalty)
    zeros = {"coefficients": np.zeros((triangle.size, loss.outputs)), "intercept": np.zeros(loss.outputs)}
    weights = scale.entered(start) if start else zeros
    if not options.intercept:
        weights, zeros = ({"coefficients": one["coefficients"]} for one in (weights, zeros))
    track = Track(objective.measure, _outside(held, loss, scale, compress), weights, objective.measure(zeros))
    rate = _rate(options, method, triangle, penalty)
    found, history = descended(options, method, objective, weights, track, rate, scales=_units(triangle))
    return scale.restored(found), penalty, history


def _units(triangle: Triangle) -> Weights:
    """Size of each feature, which is what one unit of its weight does."""
    sizes = triangle.sizes
    return {"coefficients": np.where(sizes > 0, sizes, 1.0)[:, None], "intercept": np.ones(1)}


def _outside(held: RowStream | None, loss: Loss, scale: Scale, compress: bool) -> Callable[[Weights], float] | None:
    """Loss on held-out rows."""
    if held is None:
        return None
    return scale.applied(Triangle(held())).squared_error if compress else ReadoutObjective(held, loss, 0.0).measure


def descended(
    options: Any,
    method: str,
    objective: Objective,
    weights: Weights,
    track: Track,
    rates: Any,
    *,
    decays: Any = None,
    scales: Weights | None = None,
) -> tuple[Weights, History]:
    """Weights and history of the method the options ask for; `rates` is one number, or one for each array that moves."""
    rng, tolerance = generator(options.rng), number_inside(options.tolerance, "tolerance", 0.0, 1.0)
    if method == "lbfgs":
        return quasi_newton(objective, weights, scales or {}, options.epochs, tolerance, track, rng)
    beta = number_inside(options.momentum, "momentum", 0.0, float(np.nextafter(1.0, 0.0)))
    rule: Rule = Adam() if method == "adam" else HeavyBall(beta if method == "momentum" else 0.0)
    if options.batch is None:
        objective = WholeBatch(objective)
        track.measure = objective.measure
    each = rates if isinstance(rates, dict) else dict.fromkeys(weights, rates)
    plan = Plan(rule, each, decays or {}, options.epochs, options.batch, options.patience, tolerance)
    return descend(objective, weights, plan, track, rng)


def require_options(options: Any) -> None:
    """Nothing, or an error about an option that no method can use."""
    for name in ("intercept", "warm_start"):
        flag(getattr(options, name), name)
    count(options.epochs, "epochs")
    for name in ("batch", "patience"):
        if getattr(options, name) is not None:
            count(getattr(options, name), name)


def _penalty(value: Any) -> float:
    return number_inside(value, "penalty", 0.0, 1e300)


def _rate(options: Any, method: str, triangle: Triangle, penalty: float) -> float:
    """The step size given, or the inverse of the largest curvature of what is minimised."""
    if options.rate is not None:
        return positive_number(options.rate, "rate")
    if method == "adam":
        return 0.01
    bend = 0.5 if options.loss == "softmax" else 1.0  # largest curvature of the loss in the scores
    if options.batch is not None:
        raise InvalidInputError(
            f"rate: {method} with batches needs one, as single batches can be steeper than all rows; pass rate="
        )
    curvature = bend * triangle.largest_eigenvalue(options.intercept) + penalty / triangle.count
    return 1.0 / curvature if curvature > 0 else 1.0
