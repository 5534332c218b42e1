"""Diagonal initialisations of S4D: continuous poles, one of each conjugate pair."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import choice, count, generator
from ..poles import Poles
from ._common import half
from ._hippo import legs_frequencies


def s4d_lin(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """S4D-Lin: ``a_n = -1/2 + iπn``, n = 0 … N/2-1, and conjugates [Gu2022]_.

    The pole n = 0 is real, so order N gives N-1 distinct poles (if none alias).

    Parameters
    ----------
    order : int
        Even N.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.

    Returns
    -------
    Poles
        Shape (..., ≤ N-1).

    Raises
    ------
    InvalidInputError
        An odd order, a step that is not positive, an unknown method.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.s4d_lin(order=64, step=1e-3).order
    63
    """
    return _pairs(np.pi * half(order), step, method)


def s4d_inv(*, order: int, step: ArrayLike, method: str = "zoh", version: str = "paper") -> Poles:
    """S4D-Inv: ``a_n = -1/2 + i(N/π)(N/(2n+1) - 1)``, n = 0 … N/2-1, and conjugates [Gu2022]_.

    Parameters
    ----------
    order : int
        Even N.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.
    version : {"paper", "inv2"}
        "inv2", an option of the published code, has n+1 in place of 2n+1.

    Returns
    -------
    Poles
        Shape (..., N).

    Raises
    ------
    InvalidInputError
        An odd order, a step that is not positive, an unknown method or version.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.s4d_inv(order=32, step=1e-3)
    Poles(32 poles, conjugate-closed, |λ| = 0.9995)
    """
    n = half(order)
    divisor = {"paper": 2 * n + 1, "inv2": n + 1}[choice(version, "version", ("paper", "inv2"))]
    return _pairs(order / np.pi * (order / divisor - 1), step, method)


def s4d_quad(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """S4D-Quad: ``a_n = -1/2 + i(2n+1)²/π``, n = 0 … N/2-1, and conjugates [Gu2022]_.

    Parameters
    ----------
    order : int
        Even N.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.

    Returns
    -------
    Poles
        Shape (..., N).

    Raises
    ------
    InvalidInputError
        An odd order, a step that is not positive, an unknown method.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.s4d_quad(order=4, step=1.0, method="bilinear").order
    4
    """
    return _pairs((2 * half(order) + 1) ** 2 / np.pi, step, method)


def s4d_legs(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """S4D-LegS: the normal part of HiPPO-LegS, ``-1/2 ± iω_n`` [Gu2022]_; also the initialisation of DSS [Gupta2022]_.

    Parameters
    ----------
    order : int
        Even N. The published DSS code counts modes, N/2 of them.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.

    Returns
    -------
    Poles
        Shape (..., N).

    Raises
    ------
    InvalidInputError
        An odd order, a step that is not positive, an unknown method.

    Notes
    -----
    S4 itself keeps the low-rank part, which moves the poles to -1 … -N: see `legs`. The memories differ.

    Theorem: :doc:`/theorems/hippo_structure` (``proofs/hippo_structure.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> pair = lssm.spectra.s4d_legs(order=2, step=1.0).log
    >>> bool(abs(pair - [-0.5 + 0.75**0.5 * 1j, -0.5 - 0.75**0.5 * 1j]).max() < 1e-15)
    True
    """
    half(order)
    return _pairs(legs_frequencies(order), step, method)


def s4d_real(*, order: int, step: ArrayLike, method: str = "zoh", version: str = "paper", rng: Any = None) -> Poles:
    """S4D-Real: ``a_n = -(n+1)``, real poles [Gu2022]_.

    Parameters
    ----------
    order : int
        N; even for the versions of the code.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.
    version : {"paper", "code", "code-random"}
        "paper": n = 0 … N-1. "code": the published code stores N/2 of them as if they had conjugates, which leaves N/2
        poles. "code-random": its option ``real_random`` evaluates ``rand·N // 2`` from the left, integers between 0 and
        N/2-1, many equal, and a decay of 0 is a pole on the unit circle.
    rng : None, int or numpy.random.Generator
        Source of randomness, for "code-random".

    Returns
    -------
    Poles
        Shape (..., N) or fewer.

    Raises
    ------
    InvalidInputError
        No order, a step that is not positive, an unknown method or version.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> [lssm.spectra.s4d_real(order=16, step=0.01, version=v).order for v in ("paper", "code")]
    [16, 8]
    """
    kind = choice(version, "version", ("paper", "code", "code-random"))
    n = np.arange(float(count(order, "order", most=10**6))) if kind == "paper" else half(order)
    decay = np.floor(generator(rng).uniform(size=n.size) * order / 2) if kind == "code-random" else n + 1
    return Poles.from_continuous(-decay, step, method, half=True, diagonal=True)


def s4d_rand(*, order: int, step: ArrayLike, method: str = "zoh", real_random: bool = False, rng: Any = None) -> Poles:
    """S4D-Rand: frequencies ``e^{N(0,1)}``, decay 1/2, and conjugates (an option of the published S4D code [Gu2022]_).

    Parameters
    ----------
    order : int
        Even N.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.
    real_random : bool
        Draw the decays from U(0, 1) instead.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Poles
        Shape (..., N).

    Raises
    ------
    InvalidInputError
        An odd order, a step that is not positive, an unknown method.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.s4d_rand(order=16, step=0.01, rng=0).order
    16
    """
    n, random = half(order), generator(rng)
    decay = random.uniform(size=n.size) if real_random else np.full(n.size, 0.5)
    return _pairs(np.exp(random.normal(size=n.size)), step, method, decay)


def _pairs(frequencies: NDArray[np.float64], step: ArrayLike, method: str, decay: ArrayLike = 0.5) -> Poles:
    return Poles.from_continuous(-np.asarray(decay) + 1j * frequencies, step, method, half=True, diagonal=True)
