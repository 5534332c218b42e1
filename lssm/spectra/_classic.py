"""Pole sets of filter theory and reservoirs."""

import numpy as np

from .._validate import InvalidInputError, count, finite, number_inside
from ..poles import Poles
from ._common import half


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

    Notes
    -----
    Explained in :doc:`/initialisations`.

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

    Notes
    -----
    Explained in :doc:`/initialisations`.

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


def kautz(*, order: int, pole: complex) -> Poles:
    """One conjugate pair N/2 times, as a chain: the two-parameter Kautz filters [Heuberger2005]_.

    Parameters
    ----------
    order : int
        Even N.
    pole : complex
        One discrete pole λ of the pair, not real.

    Returns
    -------
    Poles
        Shape (N,).

    Raises
    ------
    InvalidInputError
        An odd order, a pole that is not one complex number off the real axis.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.kautz(order=6, pole=0.9 * np.exp(0.5j))
    Poles(6 poles, conjugate-closed, |λ| = 0.9)
    """
    value = finite(pole, "pole")
    if value.ndim or value.imag == 0:
        raise InvalidInputError(f"pole: must be one number off the real axis, got {pole!r}; see laguerre for a real one")
    return Poles.from_discrete(np.full(half(order).size, value), half=True)


def ring(*, order: int, radius: float) -> Poles:
    """N poles evenly on a circle, ``λ^N = radius^N``: the cycle reservoir [Rodan2011]_, and poles at Fourier frequencies.

    Its memory is a staircase, ``(1-r^{2N}) r^{2N⌊τ/N⌋}``.

    Parameters
    ----------
    order : int
        N.
    radius : float
        Modulus of all poles, in (0, 1].

    Returns
    -------
    Poles
        Shape (N,).

    Raises
    ------
    InvalidInputError
        No order, a radius out of range.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_function(lssm.spectra.ring(order=2, radius=0.5), 4).values
    array([0.9375    , 0.9375    , 0.05859375, 0.05859375])
    """
    N = count(order, "order", most=10**6)
    modulus = number_inside(radius, "radius", 0, 1)
    if modulus == 0:
        raise InvalidInputError("radius: must be positive; poles at zero are a delay line")
    k = np.arange(N) - (N - 1) // 2
    return Poles.from_log(np.log(modulus) + 2j * np.pi * k / N)
