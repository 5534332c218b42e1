"""Which initial memory learns best when everything is trained? Digits followed by noise, from starts of different lengths."""

from dataclasses import dataclass
from typing import Any

from ... import spectra, tasks
from ...memory import memory_function
from ...training import TrainedSSM
from ._runs import mapped, noted, spread
from ._starts import even_inputs, s4d_lin


@dataclass(frozen=True)
class Settings:
    """S4D-Lin of `order` states at each step; digits of 64 steps followed by noise up to `padding`."""

    order: int = 64
    steps: tuple[float, ...] = (1e-3, 1e-2, 2e-2, 2 / 64, 1e-1)
    padding: int = 128
    noise: float = 0.35
    epochs: int = 30
    batch: int = 50
    readout_rate: float = 3e-2
    inner_rate: float = 1e-2


def run(settings: Settings, seeds: int, workers: int) -> dict[str, Any]:
    """Accuracies of fixed and of trained models from every start, and how much of the digits each memory holds."""
    cells = [(step, arm) for step in settings.steps for arm in ("fixed", "trained")]
    jobs = [(settings, *cell, seed) for cell in cells for seed in range(seeds)]
    found = mapped(trained, jobs, "initial memory", workers)
    rows = [_row(settings, *cell, found[i * seeds : (i + 1) * seeds]) for i, cell in enumerate(cells)]
    return {"settings": vars(settings), "rows": rows}


def trained(settings: Settings, step: float, arm: str, seed: int) -> dict[str, Any]:
    """Test accuracy, and the share of the digits' steps that the memory holds afterwards."""
    parts = tasks.digits().split(0.22, rng=seed)
    train, test = (part.padded(settings.padding, noise=settings.noise, rng=[seed, i]) for i, part in enumerate(parts))
    start = s4d_lin(settings.order, step)
    inner = settings.inner_rate
    model = TrainedSSM(
        start,
        inputs=even_inputs(start),
        train=() if arm == "fixed" else ("poles", "steps", "inputs"),
        loss="softmax",
        rates={"readout": settings.readout_rate, "poles": inner, "steps": inner, "inputs": inner},
        batch=settings.batch,
        epochs=settings.epochs,
        rng=seed,
    )
    with noted():
        model.fit(train.u, train.z)
    m = memory_function(model.poles_, settings.padding).values
    assert model.history_ is not None
    return {
        "accuracy": model.score(test.u, test.z),
        "train_loss": float(model.history_.loss[model.history_.best]),
        "diverged": model.history_.stopped == "diverged",
        "stored": float(m[settings.padding - 64 :].sum() / 64),
    }


def _row(settings: Settings, step: float, arm: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    m = memory_function(spectra.s4d_lin(order=settings.order, step=step), settings.padding)
    return {
        "step": step,
        "arm": arm,
        "length": int(m.length()),
        "stored_before": float(m.values[settings.padding - 64 :].sum() / 64),
        "stored_after": spread([one["stored"] for one in found]),
        "accuracy": spread([one["accuracy"] for one in found]),
        "train_loss": spread([one["train_loss"] for one in found]),
        "diverged": sum(one["diverged"] for one in found),
    }
