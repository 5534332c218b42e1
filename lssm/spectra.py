"""Named pole sets: the initialisations people use, and the comparison sets of the source paper.

Continuous families take ``order=, step=, method=`` and mean a *diagonal* model, so coinciding poles are
merged; ``step`` may be an array, its shape becomes the batch. Discrete families have no step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._validate import InvalidInputError, choice, count, finite, generator, number_inside
from .poles import Poles


def s4d_lin(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """S4D-Lin: ``a_n = -1/2 + iπn``, n = 0 … N/2-1, and conjugates [Gu2022]_.

    The pole n = 0 is real, so order N gives N-1 distinct poles (if none alias).

    Parameters
    ----------
    order : int
        Even N.
    step : array_like, shape (...)
        Time step Δ > 0.
    method : {"zoh", "bilinear"}
        Map to discrete time.

    Returns
    -------
    Poles
        Shape (..., ≤ N-1).

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.s4d_lin(order=64, step=1e-3).order
    63
    """
    n = _half(order)
    return Poles.from_continuous(-0.5 + 1j * np.pi * n, step, method, half=True, diagonal=True)


def s4d_inv(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """S4D-Inv: ``a_n = -1/2 + i(N/π)(N/(2n+1) - 1)``, n = 0 … N/2-1, and conjugates [Gu2022]_.

    Parameters
    ----------
    order : int
        Even N.
    step : array_like, shape (...)
        Time step Δ > 0.
    method : {"zoh", "bilinear"}
        Map to discrete time.

    Returns
    -------
    Poles
        Shape (..., N).

    Raises
    ------
    InvalidInputError
        An odd order, a step that is not positive, an unknown method.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.s4d_inv(order=32, step=1e-3)
    Poles(32 poles, conjugate-closed, |λ| = 0.9995)
    """
    n = _half(order)
    a = -0.5 + 1j * (order / np.pi) * (order / (2 * n + 1) - 1)
    return Poles.from_continuous(a, step, method, half=True, diagonal=True)


def legs(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """Poles of HiPPO-LegS, that is of S4 itself: ``-1, -2, …, -N`` [Gu2020]_.

    Parameters
    ----------
    order : int
        Any N.
    step : array_like, shape (...)
        Time step Δ > 0.
    method : {"zoh", "bilinear"}
        Map to discrete time.

    Returns
    -------
    Poles
        Shape (..., N).

    Raises
    ------
    InvalidInputError
        No order, a step that is not positive, an unknown method.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.legs(order=3, step=0.1).log.real
    array([-0.1, -0.2, -0.3])
    """
    return Poles.from_continuous(-np.arange(1.0, count(order, "order", most=10**6) + 1), step, method, diagonal=True)


def random(
    *,
    order: int,
    rng: Any = None,
    low: float = 0.0,
    high: float = 1.0,
    area: bool = False,
    phases: str = "grid",
) -> Poles:
    """Moduli drawn uniformly from [low, high) (or uniformly in area), conjugate pairs.

    Our reading of the source paper's "random" spectrum, whose exact definition is not available.

    Parameters
    ----------
    order : int
        Even N.
    rng : None, int or numpy.random.Generator
        Source of randomness, as `numpy.random.default_rng` takes it.
    low, high : float
        Range of ``|λ|``, ``0 ≤ low < high ≤ 1``.
    area : bool
        Draw ``|λ|²`` instead of ``|λ|`` uniformly.
    phases : {"grid", "uniform", "zero"}
        ``π(n+½)/(N/2)``, drawn from U(0, π), or all real.

    Returns
    -------
    Poles
        Shape (N,), or (N/2,) where all are real.

    Raises
    ------
    InvalidInputError
        An odd order, moduli out of range, an unknown kind of phases.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.random(order=32, rng=0).order
    32
    """
    n = _half(order)
    low, high = (number_inside(v, name, 0, 1) for v, name in ((low, "low"), (high, "high")))
    if not low < high:
        raise InvalidInputError(f"low: must be smaller than high, got {low:g} and {high:g}")
    random_numbers = generator(rng)
    power = 2 if area else 1
    modulus = random_numbers.uniform(low**power, high**power, n.size) ** (1 / power)
    return _from_profile(modulus, phases, random_numbers)


def lin(*, order: int, low: float | None = None, high: float = 0.999, phases: str = "grid", rng: Any = None) -> Poles:
    """Moduli falling linearly from `high` to `low` (default 1/(N/2)), conjugate pairs.

    Our reading of the source paper's "lin" spectrum.

    Parameters
    ----------
    order : int
        Even N.
    low, high : float
        Smallest and largest modulus, in [0, 1].
    phases : {"grid", "uniform", "zero"}
        As in `random`.
    rng : None, int or numpy.random.Generator
        Source of uniform phases.

    Returns
    -------
    Poles
        Shape (N,), or (N/2,) where all are real.

    Raises
    ------
    InvalidInputError
        An odd order, moduli out of [0, 1], an unknown kind of phases.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.lin(order=4, phases="zero").values.real.round(3)
    array([0.999, 0.5  ])
    """
    n = _half(order)
    last = 1 / n.size if low is None else number_inside(low, "low", 0, 1)
    return _from_profile(np.linspace(number_inside(high, "high", 0, 1), last, n.size), phases, generator(rng))


def step(
    *,
    order: int,
    low: float = 0.1,
    high: float = 0.999,
    fraction: float = 0.5,
    phases: str = "grid",
    rng: Any = None,
) -> Poles:
    """Moduli `high` for the first `fraction` of the indices, then `low`; conjugate pairs.

    Our reading of the source paper's "step" spectrum.

    Parameters
    ----------
    order : int
        Even N.
    low, high : float
        The two moduli, in [0, 1].
    fraction : float
        Share of the pairs at `high`, in [0, 1].
    phases : {"grid", "uniform", "zero"}
        As in `random`.
    rng : None, int or numpy.random.Generator
        Source of uniform phases.

    Returns
    -------
    Poles
        Shape (N,), or fewer where poles coincide.

    Raises
    ------
    InvalidInputError
        An odd order, numbers out of [0, 1], an unknown kind of phases.

    Examples
    --------
    >>> import lssm
    >>> np.abs(lssm.spectra.step(order=8).values).round(3)
    array([0.999, 0.999, 0.1  , 0.1  , 0.999, 0.999, 0.1  , 0.1  ])
    """
    n = _half(order)
    high, low = number_inside(high, "high", 0, 1), number_inside(low, "low", 0, 1)
    first = n < number_inside(fraction, "fraction", 0, 1) * n.size
    return _from_profile(np.where(first, high, low), phases, generator(rng))


def delay_line(*, order: int) -> Poles:
    """N poles at zero: the shift register, which remembers N inputs exactly and nothing else.

    Parameters
    ----------
    order : int
        Length N.

    Returns
    -------
    Poles
        Shape (N,).

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_function(lssm.spectra.delay_line(order=2), 4).values
    array([1., 1., 0., 0.])
    """
    return Poles.from_log(np.full(count(order, "order", most=10**6), -np.inf))


def laguerre(*, order: int, pole: complex) -> Poles:
    """One pole N times, as a chain: the discrete Laguerre filters.

    Parameters
    ----------
    order : int
        Multiplicity N.
    pole : complex
        Discrete pole λ.

    Returns
    -------
    Poles
        Shape (N,).

    Raises
    ------
    InvalidInputError
        No order, or a pole that is not one finite number.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.laguerre(order=5, pole=0.9)
    Poles(5 poles, conjugate-closed, |λ| = 0.9)
    """
    value = finite(pole, "pole")
    if value.ndim:
        raise InvalidInputError(f"pole: must be one number, got shape {value.shape}")
    return Poles.from_discrete(np.full(count(order, "order", most=10**6), value))


def _half(order: int) -> NDArray[np.float64]:
    if count(order, "order", least=2, most=10**6) % 2:
        raise InvalidInputError(f"order: must be even (conjugate pairs), got {order}")
    return np.arange(order // 2, dtype=float)


def _from_profile(modulus: NDArray[np.float64], phases: str, rng: np.random.Generator) -> Poles:
    """Conjugate pairs with the given moduli; the log form keeps modulus and phase exactly."""
    half = modulus.size
    kinds = {
        "grid": lambda: np.pi * (np.arange(half) + 0.5) / half,
        "uniform": lambda: rng.uniform(0, np.pi, half),
        "zero": lambda: np.zeros(half),
    }
    angle = kinds[choice(phases, "phases", kinds)]()
    with np.errstate(divide="ignore"):
        log = np.log(modulus) + 1j * angle
    return Poles.from_log(log, half=True, diagonal=True)


@dataclass(frozen=True)
class Family:
    """A named spectrum: its function, and which clock its definition uses."""

    build: Callable[..., Poles]
    continuous: bool


FAMILIES = {
    "s4d-lin": Family(s4d_lin, continuous=True),
    "s4d-inv": Family(s4d_inv, continuous=True),
    "legs": Family(legs, continuous=True),
    "random": Family(random, continuous=False),
    "lin": Family(lin, continuous=False),
    "step": Family(step, continuous=False),
    "delay-line": Family(delay_line, continuous=False),
}
"""Families by the name the command line uses."""
