"""Fixed against trained recurrent weights: equal budgets, step sizes tuned for each, with and without weight decay."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import tasks
from ...tasks import Task
from ...training import LinearReadout, TrainedSSM
from ._runs import mapped, noted, spread
from ._starts import even_inputs, s4d_lin


@dataclass(frozen=True)
class Settings:
    """S4D-Lin as the start; data, epochs and the step sizes tried: as many combinations for either arm."""

    order: int = 16
    step: float = 0.1
    length: int = 2200
    epochs: int = 300
    digits_step: float = 2 / 64
    digits_epochs: int = 30
    decays: tuple[float, ...] = (0.0, 0.05)
    washout: int = 200
    fixed_rates: tuple[float, ...] = (3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)
    readout_rates: tuple[float, ...] = (3e-2, 3e-1)
    inner_rates: tuple[float, ...] = (3e-3, 1e-2, 3e-2)


ARMS = ("fixed", "trained")


def _made(make: Callable[[int, Any], Task]) -> Callable[[Settings, int], list[Task]]:
    """Training, validation and test data of a task that can be made anew."""
    return lambda settings, seed: [make(settings.length, [seed + 1, part]) for part in range(3)]


def _digits(settings: Settings, seed: int) -> list[Task]:
    rest, test = tasks.digits().split(0.22, rng=[seed + 1, 0])
    return [*rest.split(0.2, rng=[seed + 1, 1]), test]


_RESONANT = np.poly([0.9, 0.95 * np.exp(0.7j), 0.95 * np.exp(-0.7j)]).real
TASKS: dict[str, Callable[[Settings, int], list[Task]]] = {
    "recall, lag 10 (inside the memory)": _made(lambda T, rng: tasks.delayed_recall(T, 10, rng=rng)),
    "recall, lag 60 (beyond the memory)": _made(lambda T, rng: tasks.delayed_recall(T, 60, rng=rng)),
    "ARMA(3, 1)": _made(lambda T, rng: tasks.arma(T, [0.2, 0.1], _RESONANT, rng=rng)),
    "NARMA-10": _made(lambda T, rng: tasks.narma10(T, rng=rng)),
    "digits, 16 states": _digits,
    "digits, 64 states": _digits,
}


def run(settings: Settings, seeds: int, workers: int) -> dict[str, Any]:
    """For each task, arm and weight decay: tuned rates, losses over seeds, and the arms compared pairwise."""
    cells = [(task, arm, decay) for task in TASKS for decay in settings.decays for arm in ARMS]
    trials = [(settings, *cell, rates, -1) for cell in cells for rates in candidates(settings, cell[1])]
    tried = mapped(trained, trials, "step sizes", workers)
    tuned = {}
    for cell in cells:
        own = [(one["validation"], job[4]) for job, one in zip(trials, tried, strict=True) if job[1:4] == cell]
        tuned[cell] = min(own)[1]
    jobs = [(settings, *cell, tuned[cell], seed) for cell in cells for seed in range(seeds)]
    found = mapped(trained, jobs, "fixed and trained", workers)
    runs = {cell: found[i * seeds : (i + 1) * seeds] for i, cell in enumerate(cells)}
    rows = [_row(cell, tuned[cell], runs[cell], runs[cell[0], "fixed", cell[2]]) for cell in cells]
    pairs = [
        _pair(task, decay, runs[task, "fixed", decay], runs[task, "trained", decay])
        for task in TASKS
        for decay in settings.decays
    ]
    return {"settings": vars(settings), "rows": rows, "pairs": pairs}


def candidates(settings: Settings, arm: str) -> list[tuple[float, float]]:
    """Step sizes of the readout and of what is inside the recurrence."""
    if arm == "fixed":
        return [(rate, 0.0) for rate in settings.fixed_rates]
    return [(rate, inner) for rate in settings.readout_rates for inner in settings.inner_rates]


def trained(settings: Settings, task: str, arm: str, decay: float, rates: tuple[float, float], seed: int) -> dict[str, Any]:
    """One run: the weights of the best epoch on validation data, and the losses on all three sets."""
    train, held, test = TASKS[task](settings, seed)
    labels = train.loss == "softmax"
    order = int(task.split()[1]) if labels else settings.order
    start = s4d_lin(order, settings.digits_step if labels else settings.step)
    model = TrainedSSM(
        start,
        inputs=even_inputs(start),
        train=() if arm == "fixed" else ("poles", "steps", "inputs"),
        loss=train.loss,
        pooling=train.pooling,
        washout=0 if labels else settings.washout,
        rates=dict(zip(("readout", "poles", "steps", "inputs"), (rates[0], rates[1], rates[1], rates[1]), strict=True)),
        decay=decay,
        batch=50 if labels else None,
        epochs=settings.digits_epochs if labels else settings.epochs,
        tolerance=0.0,
        rng=seed + 1,
    )
    with noted():
        model.fit(train.u, train.z, validation=(held.u, held.z))
    history = model.history_
    assert history is not None and history.validation is not None
    scale, own = (1.0 if labels else float(np.var(part.z[:, settings.washout :])) for part in (test, train))
    return {
        "validation": float(history.validation[history.best]),
        "train": float(history.loss[history.best]) / own,
        "test": model.error(test.u, test.z) / scale,
        "accuracy": model.score(test.u, test.z) if labels else None,
        "closed_form": None if labels or arm == "trained" else _closed_form(settings, model, train, test) / scale,
        "curve": (history.loss / own).tolist(),
        "steps": history.steps.tolist(),
        "stopped": history.stopped,
    }


def _closed_form(settings: Settings, model: TrainedSSM, train: Task, test: Task) -> float:
    """Test loss of ridge on the same fixed states: what no descent on the readout can pass by much."""
    ridge = LinearReadout(model.system_, pooling="each", washout=settings.washout).fit(train.u, train.z)
    return ridge.error(test.u, test.z)


def _row(cell: tuple[str, str, float], rates: Any, found: list[dict[str, Any]], fixed: list[dict[str, Any]]) -> dict[str, Any]:
    """Losses over seeds; steps until the training loss is within 5 % of the lowest that fixed weights came to."""
    goals = [1.05 * min(one["curve"]) for one in fixed]
    steps = [_first(one, goal) if goal < one["curve"][0] else None for one, goal in zip(found, goals, strict=True)]
    closed = [one["closed_form"] for one in found if one["closed_form"] is not None]
    row = {
        "closed_form": spread(closed) if closed else None,
        "task": cell[0],
        "arm": cell[1],
        "decay": cell[2],
        "rates": list(rates),
        "train": spread([one["train"] for one in found]),
        "test": spread([one["test"] for one in found]),
        "gap": spread([one["test"] - one["train"] for one in found]),
        "steps_to_goal": _spread_of([s for s in steps if s is not None]),
        "reached": sum(s is not None for s in steps),
        "diverged": sum(one["stopped"] == "diverged" for one in found),
        "curve": np.mean([one["curve"] for one in found], 0).tolist() if _alike(found) else None,
        "steps": found[0]["steps"],
    }
    if found[0]["accuracy"] is not None:
        row["accuracy"] = spread([one["accuracy"] for one in found])
    return row


def _spread_of(steps: list[float]) -> dict[str, Any] | None:
    return spread(steps) if steps else None


def _alike(found: list[dict[str, Any]]) -> bool:
    return len({len(one["curve"]) for one in found}) == 1


def _first(one: dict[str, Any], goal: float) -> float | None:
    hits = np.flatnonzero(np.asarray(one["curve"]) <= goal)
    return float(one["steps"][hits[0]]) if hits.size else None


def _pair(task: str, decay: float, fixed: list[dict[str, Any]], trained: list[dict[str, Any]]) -> dict[str, Any]:
    """Test loss of trained minus fixed, seed by seed."""
    difference = [t["test"] - f["test"] for f, t in zip(fixed, trained, strict=True)]
    found: dict[str, Any] = {"task": task, "decay": decay, "difference": spread(difference)}
    if fixed[0]["accuracy"] is not None:
        found["accuracy"] = spread([t["accuracy"] - f["accuracy"] for f, t in zip(fixed, trained, strict=True)])
    relative = [t["test"] / f["test"] for f, t in zip(fixed, trained, strict=True)]
    return found | {"ratio": spread(relative)}
