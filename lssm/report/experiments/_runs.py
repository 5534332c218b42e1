"""Many independent runs, and what their numbers say together."""

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..._progress import progress
from ..._validate import TrainingWarning

_SINGLE = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}
"""Small matrices do not gain from threads, and processes that each start some lose by them."""


def mapped(run: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], what: str, workers: int) -> list[Any]:
    """``[run(*job) for job in jobs]`` in so many processes, in order, under a progress bar."""
    if workers == 1:
        return [run(*job) for job in progress(jobs, what)]
    with _single_threads(), ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(run, *job) for job in jobs]
        return [future.result() for future in progress(waiting, what)]


@contextmanager
def _single_threads() -> Iterator[None]:
    """An environment whose new processes use one thread for linear algebra."""
    before = {name: os.environ.get(name) for name in _SINGLE}
    os.environ.update(_SINGLE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def noted() -> Iterator[None]:
    """A run that may diverge: its history says so, and the rows count it; no warning for each."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        yield


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Mean, standard deviation between seeds, and number of seeds."""
    row = np.asarray(values, float)
    return {"mean": float(row.mean()), "sd": float(row.std(ddof=1)) if row.size > 1 else 0.0, "seeds": int(row.size)}


def written(found: dict[str, Any], form: str = ".3g") -> str:
    """A spread as text, mean ± standard deviation."""
    return f"{found['mean']:{form}} ± {found['sd']:{'.1g' if form.endswith('g') else form}}"
