"""Tasks that are made: recall, filters, copying, adding, NARMA."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError, UnstableError, choice, count, finite, generator, nonempty
from ._task import Task

DISTRIBUTIONS = ("gaussian", "uniform", "binary")


def _white(shape: tuple[int, ...], distribution: str, rng: Any) -> NDArray[np.float64]:
    """White noise of variance one."""
    draw = generator(rng)
    if choice(distribution, "distribution", DISTRIBUTIONS) == "gaussian":
        return draw.standard_normal(shape)
    if distribution == "uniform":
        return draw.uniform(-np.sqrt(3.0), np.sqrt(3.0), shape)
    return np.asarray(2.0 * draw.integers(0, 2, shape) - 1.0, np.float64)


def _delayed(u: NDArray[np.float64], lag: int) -> NDArray[np.float64]:
    z = np.zeros_like(u)
    z[:, lag:] = u[:, : u.shape[1] - lag]
    return z


def delayed_recall(T: int, lag: int, *, sequences: int = 1, distribution: str = "gaussian", rng: Any = None) -> Task:
    """Recall of the input D steps ago: ``z_t = u_{t-D}``, zero before there is one.

    Parameters
    ----------
    T : int
        Length of the sequences in steps.
    lag : int
        D in steps, below T.
    sequences : int
        Number of sequences.
    distribution : {"gaussian", "uniform", "binary"}
        Of the white input, of variance one.
    rng : None, int or numpy Generator
        Randomness.

    Returns
    -------
    Task
        A target a step. The least loss of a model from rest, in the long run, is ``1 - M(D)``.

    Raises
    ------
    InvalidInputError
        A lag that is not below T.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> task = lssm.tasks.delayed_recall(100, 3, rng=0)
    >>> bool((task.z[0, 3:] == task.u[0, :-3]).all())
    True
    """
    steps = count(T, "T")
    D = count(lag, "lag", least=0, most=steps - 1)
    u = _white((count(sequences, "sequences"), steps), distribution, rng)
    return Task(f"recall of lag {D}", u, _delayed(u, D), "each", "squared")


def several_delays(T: int, lags: ArrayLike, *, sequences: int = 1, distribution: str = "gaussian", rng: Any = None) -> Task:
    """Recall of the inputs of several delays at once, one output each.

    Parameters
    ----------
    T : int
        Length of the sequences in steps.
    lags : array_like of int, shape (K,)
        Delays in steps, below T.
    sequences : int
        Number of sequences.
    distribution : {"gaussian", "uniform", "binary"}
        Of the white input, of variance one.
    rng : None, int or numpy Generator
        Randomness.

    Returns
    -------
    Task
        Targets of shape (n, T, K).

    Raises
    ------
    InvalidInputError
        Lags that are not integers below T.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> lssm.tasks.several_delays(100, [0, 10, 20], rng=0).z.shape
    (1, 100, 3)
    """
    steps = count(T, "T")
    wanted = [count(lag, "lags", least=0, most=steps - 1) for lag in np.ravel(np.asarray(lags, object))]
    if not wanted:
        raise InvalidInputError("lags: empty; pass at least one delay")
    u = _white((count(sequences, "sequences"), steps), distribution, rng)
    return Task(f"recall of {len(wanted)} lags", u, np.stack([_delayed(u, lag) for lag in wanted], -1), "each", "squared")


def arma(
    T: int,
    ma: ArrayLike,
    ar: ArrayLike = (1.0,),
    *,
    sequences: int = 1,
    distribution: str = "gaussian",
    rng: Any = None,
) -> Task:
    """A rational filter of white input: ``Σ_i ar_i z_{t-i} = Σ_j ma_j u_{t-j}``.

    Parameters
    ----------
    T : int
        Length of the sequences in steps.
    ma, ar : array_like of float, shapes (q,) and (p,)
        Coefficients of the moving average and of the autoregression, ``ar_0 ≠ 0``, as `scipy.signal.lfilter` takes them.
    sequences : int
        Number of sequences.
    distribution : {"gaussian", "uniform", "binary"}
        Of the white input, of variance one.
    rng : None, int or numpy Generator
        Randomness.

    Returns
    -------
    Task
        A target a step, from rest. `lssm.dynamics.teachers` has the same filters for exact losses.

    Raises
    ------
    UnstableError
        A root of the autoregression on or outside the unit circle.
    InvalidInputError
        Coefficients that are no filter.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> lssm.tasks.arma(4, [1.0], [1.0, -0.5], distribution="binary", rng=0).z
    array([[ 1.   ,  1.5  ,  1.75 , -0.125]])
    """
    from scipy.signal import lfilter

    b, a = (nonempty(finite(row, name, dtype=np.float64), name) for row, name in ((ma, "ma"), (ar, "ar")))
    if a.ndim != 1 or b.ndim != 1 or a[0] == 0:
        raise InvalidInputError("ar: pass two rows of coefficients, with ar[0] not zero")
    with np.errstate(over="ignore", under="ignore"):
        b, a = b / a[0], a / a[0]
    if max(np.abs(a).max(), np.abs(b).max()) > 1e100:
        raise InvalidInputError("ar: ar[0] is so small that the filter leaves the range of doubles; scale the coefficients")
    if a.size > 1 and (np.abs(np.roots(a)) >= 1).any():
        raise UnstableError(f"ar: a root of modulus {np.abs(np.roots(a)).max():.6g}; all must lie inside the unit circle")
    u = _white((count(sequences, "sequences"), count(T, "T")), distribution, rng)
    return Task(f"ARMA({a.size - 1}, {b.size - 1})", u, lfilter(b, a, u, axis=1), "each", "squared")


def copy(length: int, gap: int, *, symbols: int = 8, sequences: int = 100, rng: Any = None) -> Task:
    """Copying: symbols to be repeated after a gap, when a mark appears.

    Parameters
    ----------
    length : int
        Number of symbols to remember, one a step.
    gap : int
        Number of steps between the last symbol and the first answer, the mark included.
    symbols : int
        Different symbols.
    sequences : int
        Number of sequences.
    rng : None, int or numpy Generator
        Randomness.

    Returns
    -------
    Task
        Inputs one-hot, shape (n, 2 length + gap, symbols + 2): symbols, blank, mark. Labels a step: the symbol to be said, or
        `symbols` for silence.

    Raises
    ------
    InvalidInputError
        Numbers that are not positive.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> task = lssm.tasks.copy(3, 4, symbols=2, sequences=1, rng=0)
    >>> task.u[0].argmax(-1)  # 2: blank, 3: mark
    array([1, 1, 1, 2, 2, 2, 3, 2, 2, 2])
    >>> task.z[0]
    array([2, 2, 2, 2, 2, 2, 2, 1, 1, 1])
    """
    L, wait, K = count(length, "length"), count(gap, "gap"), count(symbols, "symbols", least=2)
    n = count(sequences, "sequences")
    said = generator(rng).integers(0, K, (n, L))
    shown = np.full((n, 2 * L + wait), K)
    shown[:, :L] = said
    shown[:, L + wait - 1] = K + 1
    z = np.full(shown.shape, K)
    z[:, L + wait :] = said
    return Task(f"copying {L} symbols over {wait} steps", np.eye(K + 2)[shown], z, "each", "softmax")


def adding(T: int, *, sequences: int = 100, rng: Any = None) -> Task:
    """Adding: the sum of the two numbers that are marked, one in each half of the sequence.

    Parameters
    ----------
    T : int
        Length of the sequences in steps, at least two.
    sequences : int
        Number of sequences.
    rng : None, int or numpy Generator
        Randomness.

    Returns
    -------
    Task
        Inputs of shape (n, T, 2): numbers between 0 and 1, and marks. A product of inputs is asked for, of which a linear model
        sees little: of the variance 1/6 it leaves ``1/6 - 1/(3T)`` (T even).

    Raises
    ------
    InvalidInputError
        Fewer than two steps.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> task = lssm.tasks.adding(50, sequences=3, rng=0)
    >>> bool(np.allclose(task.z, (task.u[..., 0] * task.u[..., 1]).sum(1)))
    True
    """
    steps, n, draw = count(T, "T", least=2), count(sequences, "sequences"), generator(rng)
    values, marks = draw.uniform(0.0, 1.0, (n, steps)), np.zeros((n, steps))
    half, each = steps // 2, np.arange(n)
    marks[each, draw.integers(0, half, n)] = 1.0
    marks[each, draw.integers(half, steps, n)] = 1.0
    return Task(f"adding over {steps} steps", np.stack([values, marks], -1), np.sum(values * marks, 1), "last", "squared")


def narma10(T: int, *, sequences: int = 1, rng: Any = None) -> Task:
    """NARMA-10, a nonlinear system of order ten driven by uniform numbers in [0, ½] [Atiya2000]_.

    ``z_t = 0.3 z_{t-1} + 0.05 z_{t-1} Σ_{i=1}^{10} z_{t-i} + 1.5 u_{t-10} u_{t-1} + 0.1``.

    Parameters
    ----------
    T : int
        Length of the sequences in steps.
    sequences : int
        Number of sequences.
    rng : None, int or numpy Generator
        Randomness.

    Returns
    -------
    Task
        A target a step, from rest. The recursion can run away; such a sequence is drawn again.

    Raises
    ------
    InvalidInputError
        So long a sequence that none of a hundred stayed bounded.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> task = lssm.tasks.narma10(500, rng=0)
    >>> bool(0.1 < task.z[:, 20:].min() and task.z.max() < 1.5)
    True
    """
    steps, n, draw = count(T, "T"), count(sequences, "sequences"), generator(rng)
    u = draw.uniform(0.0, 0.5, (n, steps))
    z = _narma10(u)
    for _ in range(100):
        lost = ~(np.abs(z) < 2.0).all(1)
        if not lost.any():
            return Task("NARMA-10", u, z, "each", "squared")
        u[lost] = draw.uniform(0.0, 0.5, (int(lost.sum()), steps))
        z[lost] = _narma10(u[lost])
    raise InvalidInputError(f"T: none of 100 draws stayed bounded over {steps} steps; pass several shorter sequences")


def _narma10(u: NDArray[np.float64]) -> NDArray[np.float64]:
    n, steps = u.shape
    z, past = np.zeros((n, steps + 10)), np.pad(u, ((0, 0), (10, 0)))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(10, steps + 10):
            before = z[:, t - 1]
            z[:, t] = 0.3 * before + 0.05 * before * z[:, t - 10 : t].sum(1) + 1.5 * past[:, t - 10] * past[:, t - 1] + 0.1
    return z[:, 10:]
