"""Recall of one lag by gradient descent on the readout: measured losses beside the predicted curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import spectra, tasks
from ...discretize import discretize
from ...dynamics import ReadoutFlow, teachers
from ...training import LinearReadout
from ._runs import mapped, spread


@dataclass(frozen=True)
class Settings:
    """Order N, step Δ, lags, gradient steps, and data: steps of white Gaussian input, of which a washout is left out."""

    order: int = 32
    step: float = 1e-2
    lags: tuple[int, ...] = (16, 128)
    epochs: int = 3000
    length: int = 110_000
    washout: int = 10_000


def systems(settings: Settings) -> dict[str, Any]:
    """The spectra in diagonal coordinates with input weights 1, and LegS in its own."""
    N, step = settings.order, settings.step
    return {
        "s4d-inv": spectra.s4d_inv(order=N, step=step),
        "s4d-lin": spectra.s4d_lin(order=N, step=step),
        "legs, diagonal": spectra.legs(order=N, step=step),
        "legs, own": discretize(spectra.hippo(order=N), step, method="bilinear"),
        "random": spectra.random(order=N, rng=0),
        "lin": spectra.lin(order=N),
        "step": spectra.step(order=N),
    }


def run(settings: Settings, seeds: int, workers: int) -> dict[str, Any]:
    """For every system and lag: predicted loss, measured training and test losses, and their distance in standard errors."""
    names = list(systems(settings))
    jobs = [(settings, name, lag, seed) for name in names for lag in settings.lags for seed in range(seeds)]
    found = mapped(measured, jobs, "recall", workers)
    rows = []
    for i, (_, name, lag, _) in enumerate(jobs[::seeds]):
        rows.append(_compared(settings, name, lag, np.array(found[i * seeds : (i + 1) * seeds])))
    return {"settings": vars(settings), "steps": shown(settings).tolist(), "rows": rows}


def shown(settings: Settings) -> NDArray[np.int64]:
    """Steps at which losses are kept."""
    return np.unique(np.round(np.geomspace(1, settings.epochs, 25)).astype(np.int64))


def measured(settings: Settings, name: str, lag: int, seed: int) -> NDArray[np.float64]:
    """Training and test losses at the steps shown, relative to the mean square of the sampled targets, shape (2, steps)."""
    system = systems(settings)[name]
    data = [tasks.delayed_recall(settings.length, lag, rng=[seed, lag, part]) for part in (0, 1)]
    options: dict[str, Any] = {"rate": _rate(system, lag), "epochs": settings.epochs, "tolerance": 0.0, "intercept": False}
    model = LinearReadout(system, method="gd", pooling="each", washout=settings.washout, **options)
    history = model.fit(data[0].u, data[0].z, validation=(data[1].u, data[1].z)).history_
    assert history is not None and history.validation is not None
    energies = [np.mean(part.z[:, settings.washout :] ** 2) for part in data]
    return np.stack([history.loss / energies[0], history.validation / energies[1]])[:, shown(settings)]


def _rate(system: Any, lag: int) -> float:
    """Half the largest stable step size."""
    return 0.5 * ReadoutFlow(system, teachers.delay(lag)).largest_rate


def _compared(settings: Settings, name: str, lag: int, losses: NDArray[np.float64]) -> dict[str, Any]:
    """Training losses lie below the population's by as much as test losses above, to first order: their mean is compared."""
    system = systems(settings)[name]
    flow = ReadoutFlow(system, teachers.delay(lag), rate=_rate(system, lag))
    predicted = flow.loss(shown(settings))
    middle = losses.mean(1)
    error = middle.std(0, ddof=1) / np.sqrt(len(middle))
    sigmas = np.abs(middle.mean(0) - predicted) / error
    return {
        "system": name,
        "lag": lag,
        "rate": flow.rate,
        "limit": flow.lost,
        "predicted": predicted.tolist(),
        "train": losses[:, 0].mean(0).tolist(),
        "test": losses[:, 1].mean(0).tolist(),
        "standard_error": error.tolist(),
        "worst_sigmas": float(sigmas.max()),
        "worst_relative": float(np.max(np.abs(middle.mean(0) / predicted - 1))),
        "last_test": spread(losses[:, 1, -1].tolist()),
    }
