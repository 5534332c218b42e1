"""The comparison spectra of the source paper, as we read them: moduli by index, phases on a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import InvalidInputError, choice, generator, number_inside
from ..poles import Poles
from ._common import half


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

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.random(order=32, rng=0).order
    32
    """
    n = half(order)
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

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.lin(order=4, phases="zero").values.real.round(3)
    array([0.999, 0.5  ])
    """
    n = half(order)
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

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> np.abs(lssm.spectra.step(order=8).values).round(3)
    array([0.999, 0.999, 0.1  , 0.1  , 0.999, 0.999, 0.1  , 0.1  ])
    """
    n = half(order)
    high, low = number_inside(high, "high", 0, 1), number_inside(low, "low", 0, 1)
    first = n < number_inside(fraction, "fraction", 0, 1) * n.size
    return _from_profile(np.where(first, high, low), phases, generator(rng))


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
