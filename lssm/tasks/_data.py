"""Real data that other packages carry: nothing is downloaded."""

import warnings
from importlib import import_module
from typing import Any

import numpy as np

from .._validate import UnsupportedError, choice, generator
from ._task import Task

ORDERS = ("rows", "permuted")


def _package(name: str, what: str, distribution: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UnsupportedError(f"{what}: needs a package that carries the data; pip install '{distribution}'") from None


def digits(order: str = "rows", *, rng: Any = 0) -> Task:
    """Handwritten digits as sequences: 1797 images of 8×8 pixels, read pixel by pixel [Alpaydin1998]_.

    Parameters
    ----------
    order : {"rows", "permuted"}
        Row by row, or in one random order for all.
    rng : None, int or numpy Generator
        The random order.

    Returns
    -------
    Task
        Inputs of shape (1797, 64) between 0 and 1, ten labels, one a sequence. `Task.padded` makes the wait longer, `Task.split`
        makes a test set.

    Raises
    ------
    UnsupportedError
        scikit-learn, which carries the data, is not installed.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> lssm.tasks.digits()
    Task(digits by rows: 1797 sequences of 64 steps, labels, one a sequence)
    """
    wanted = choice(order, "order", ORDERS)
    images, labels = _package("sklearn.datasets", "digits", "scikit-learn").load_digits(return_X_y=True)
    u = images / 16.0
    if wanted == "permuted":
        u = u[:, generator(rng).permutation(u.shape[1])]
    return Task(f"digits {'by rows' if wanted == 'rows' else 'permuted'}", u, labels.astype(np.int64), "last", "softmax")


def acsf1() -> tuple[Task, Task]:
    """Power consumption of household appliances: 1460 steps, ten kinds, 100 series to train and 100 to test [Dau2019]_.

    Returns
    -------
    train, test : Task
        One label a sequence, the split as published.

    Raises
    ------
    UnsupportedError
        aeon, which carries the data, is not installed.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> train, test = lssm.tasks.acsf1()  # doctest: +SKIP
    """
    load = _package("aeon.datasets", "acsf1", "aeon<1.7").load_acsf1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # aeon says that it will stop carrying the data
        parts = [load(split=part) for part in ("train", "test")]
    return tuple(  # type: ignore[return-value]
        Task(f"ACSF1, {part}", np.ascontiguousarray(u[:, 0]), z.astype(np.int64), "last", "softmax")
        for part, (u, z) in zip(("train", "test"), parts, strict=True)
    )
