"""How far training moves memory: poles trained on samples, against the exact optimum, the bound and the conservation law."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import tasks
from ...dynamics import h2_optimal, teachers
from ...memory import memory_function
from ...poles import Poles
from ...training import TrainedSSM
from ._runs import mapped, noted, spread
from ._starts import s4d_lin


@dataclass(frozen=True)
class Settings:
    """S4D-Lin of so many poles at step Δ, lags as multiples of its memory length, data, epochs, rates tried."""

    order: int = 8
    step: float = 0.1
    factors: tuple[int, ...] = (2, 5, 10)
    length: int = 4000
    epochs: int = 1000
    rates: tuple[float, ...] = (3e-3, 1e-2, 3e-2)


def lags(settings: Settings) -> list[int]:
    """Lags as multiples of the initial memory length."""
    length = int(memory_function(s4d_lin(settings.order, settings.step).poles, 4096).length())
    return [factor * length for factor in settings.factors]


def run(settings: Settings, seeds: int, workers: int) -> dict[str, Any]:
    """For each lag M(D) before and after training, at the rate that served a seed of its own best."""
    wanted = lags(settings)
    trials = [(settings, lag, rate, -1) for lag in wanted for rate in settings.rates]
    scores = mapped(trained, trials, "rates of the poles", workers)
    best = {
        lag: min((s["validation"], job[2]) for job, s in zip(trials, scores, strict=True) if job[1] == lag)[1] for lag in wanted
    }
    jobs = [(settings, lag, best[lag], seed) for lag in wanted for seed in range(seeds)]
    found = mapped(trained, jobs, "moving memory", workers)
    rows = [_row(settings, lag, best[lag], found[i * seeds : (i + 1) * seeds]) for i, lag in enumerate(wanted)]
    before = s4d_lin(settings.order, settings.step).poles
    return {
        "settings": vars(settings),
        "length": int(memory_function(before, 4096).length()),
        "poles": int(before.order),
        "rows": rows,
    }


def trained(settings: Settings, lag: int, rate: float, seed: int) -> dict[str, Any]:
    """One run: losses, and the memory function afterwards."""
    data = [tasks.delayed_recall(settings.length, lag, rng=[seed + 1, lag, part]) for part in (0, 1)]
    rates = {"readout": 3 * rate, "poles": rate, "steps": rate, "inputs": rate}
    model = TrainedSSM(s4d_lin(settings.order, settings.step), pooling="each", washout=lag, rates=rates, epochs=settings.epochs)
    with noted():
        model.fit(data[0].u, data[0].z, validation=(data[1].u, data[1].z))
    history, after = model.history_, model.poles_
    assert history is not None and history.validation is not None
    m = memory_function(after, [lag])
    return {
        "validation": float(history.validation[history.best]),
        "memory": float(m.values[0]),
        "capacity": int(m.capacity),
        "sum": _sum(after),
        "moved": _moved(settings, after),
        "stopped": history.stopped,
    }


def _sum(poles: Poles, T: int = 4096) -> float:
    m = memory_function(poles, T)
    return float(m.values.sum() + m.remainder)


def _moved(settings: Settings, after: Poles, T: int = 4096) -> float:
    """Half of ``Σ |M - M'|``: memory that changed its delay, in delays."""
    one, two = (memory_function(poles, T).values for poles in (s4d_lin(settings.order, settings.step).poles, after))
    return float(0.5 * np.abs(one - two).sum())


def _row(settings: Settings, lag: int, rate: float, found: list[dict[str, Any]]) -> dict[str, Any]:
    initial = s4d_lin(settings.order, settings.step).poles
    before, poles = float(memory_function(initial, [lag]).values[0]), int(initial.order)
    return {
        "lag": lag,
        "rate": rate,
        "before": before,
        "after": spread([one["memory"] for one in found]),
        "optimum": 1.0 - h2_optimal(teachers.delay(lag), poles).relative,
        "bound": poles / (lag + 1),
        "moved": spread([one["moved"] for one in found]),
        "capacity": sorted({one["capacity"] for one in found}),
        "sum_error": max(abs(one["sum"] - one["capacity"]) for one in found),
        "diverged": sum(one["stopped"] == "diverged" for one in found),
    }
