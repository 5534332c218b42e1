"""Longest memory or most accurate one? Spectra along the front between length and accuracy, one task, one budget."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from ... import spectra, tasks
from ...memory import memory_function
from ...poles import Poles
from ...training import LinearReadout
from ._runs import mapped, spread


@dataclass(frozen=True)
class Settings:
    """S4D-Lin of `order` states at each step on digits followed by noise up to so many steps; the paper's spectra likewise."""

    order: int = 64
    steps: tuple[float, ...] = (1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 2 / 64, 5e-2, 1e-1, 2e-1, 5e-1)
    paddings: tuple[int, ...] = (64, 128)
    named_order: int = 32
    named_padding: int = 256
    named_steps: tuple[float, ...] = (1e-3, 1e-2)
    noise: float = 0.35
    epochs: int = 150
    penalty: float = 1.0


def named(settings: Settings) -> dict[str, Poles]:
    """The spectra that the source paper compares."""
    N = settings.named_order
    found = {
        f"{name} (Δ = {step:g})": build(order=N, step=step)
        for name, build in (("s4d-inv", spectra.s4d_inv), ("s4d-lin", spectra.s4d_lin))
        for step in settings.named_steps
    }
    return found | {"random": spectra.random(order=N, rng=0), "lin": spectra.lin(order=N), "step": spectra.step(order=N)}


def run(settings: Settings, seeds: int, workers: int) -> dict[str, Any]:
    """Accuracies over random splits, and what the memory functions say."""
    swept = [(settings, step, padding, seed) for padding in settings.paddings for step in settings.steps for seed in range(seeds)]
    others = [(settings, name, settings.named_padding, seed) for name in named(settings) for seed in range(seeds)]
    found = mapped(accuracy, swept + others, "accuracy and length", workers)
    rows = [_row(settings, job[1], job[2], found[i * seeds : (i + 1) * seeds]) for i, job in enumerate((swept + others)[::seeds])]
    raw = mapped(raw_accuracy, [(settings, seed) for seed in range(seeds)], "raw pixels", workers)
    sweep = [row for row in rows if row["step"] is not None]
    return {
        "settings": vars(settings),
        "raw": spread(raw),
        "rows": rows,
        "rank_correlation": {
            str(padding): float(spearmanr(*zip(*_pairs(sweep, padding), strict=True)).statistic) for padding in settings.paddings
        },
        "named_rank_correlation": float(
            spearmanr(*zip(*_pairs([row for row in rows if row["step"] is None], settings.named_padding), strict=True)).statistic
        ),
    }


def _pairs(rows: list[dict[str, Any]], padding: int) -> list[tuple[float, float]]:
    return [(row["stored"], row["accuracy"]["mean"]) for row in rows if row["T"] == padding]


def poles_of(settings: Settings, spectrum: float | str) -> Poles:
    """S4D-Lin at a step, or a spectrum by name."""
    return named(settings)[spectrum] if isinstance(spectrum, str) else spectra.s4d_lin(order=settings.order, step=spectrum)


def accuracy(settings: Settings, spectrum: float | str, padding: int, seed: int) -> dict[str, float]:
    """Test and training accuracy of a softmax readout of the last state."""
    parts = tasks.digits().split(0.22, rng=seed)
    train, test = (part.padded(padding, noise=settings.noise, rng=[seed, i]) for i, part in enumerate(parts))
    model = LinearReadout(
        poles_of(settings, spectrum), loss="softmax", standardize=True, epochs=settings.epochs, penalty=settings.penalty
    )
    model.fit(train.u, train.z)
    return {"test": model.score(test.u, test.z), "train": model.score(train.u, train.z)}


def raw_accuracy(settings: Settings, seed: int) -> float:
    """The same readout on the pixels themselves, which a delay line of 64 states holds."""
    from ...systems import DiscreteSSM

    train, test = tasks.digits().split(0.22, rng=seed)
    line = DiscreteSSM(np.diag(np.ones(63), -1), np.eye(64)[0])
    model = LinearReadout(line, loss="softmax", standardize=True, epochs=settings.epochs, penalty=settings.penalty)
    return model.fit(train.u, train.z).score(test.u, test.z)


def _row(settings: Settings, spectrum: float | str, padding: int, found: list[dict[str, float]]) -> dict[str, Any]:
    poles = poles_of(settings, spectrum)
    m = memory_function(poles, padding)
    return {
        "spectrum": spectrum if isinstance(spectrum, str) else f"s4d-lin (Δ = {spectrum:g})",
        "step": None if isinstance(spectrum, str) else spectrum,
        "T": padding,
        "poles": int(poles.order),
        "length": int(m.length()),
        "first": float(m.values[padding - 64]),
        "stored": float(m.values[padding - 64 :].sum() / 64),
        "accuracy": spread([one["test"] for one in found]),
        "train": spread([one["train"] for one in found]),
    }
