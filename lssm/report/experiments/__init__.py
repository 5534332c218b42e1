"""Experiments behind claims 4 and 6–9: seeded, spread over processes, their results plain numbers."""

import json
from importlib import resources
from types import ModuleType
from typing import Any

from ..._results import plain
from ..._validate import count
from . import contest, front, longest, moved, recall

EXPERIMENTS: dict[str, ModuleType] = {"recall": recall, "moved": moved, "front": front, "longest": longest, "contest": contest}


def run_all(seeds: int = 10, workers: int = 1, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """Results of every experiment, ready for JSON; `settings` by name replace those of the stored results."""
    n, processes = count(seeds, "seeds", least=2), count(workers, "workers", most=1024)
    given = settings or {}
    return {"seeds": n} | {
        name: plain(experiment.run(given.get(name, experiment.Settings()), n, processes))
        for name, experiment in EXPERIMENTS.items()
    }


def rounded(value: Any, digits: int = 6) -> Any:
    """Numbers to so many significant digits: what is stored is no longer than it is sure."""
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item, digits) for item in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value


def stored() -> dict[str, Any]:
    """Results of a run that comes with the package."""
    text = (resources.files(__package__) / "results.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found
