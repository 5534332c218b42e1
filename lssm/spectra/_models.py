"""Initialisations of other models: S5, LRU, Mamba, retention, LinOSS."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError, choice, count, generator, number_inside, positive, positive_number
from ..poles import Poles
from ._common import half
from ._hippo import legs_frequencies
from ._s4d import s4d_legs


def dss(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """DSS: the N/2 upper eigenvalues of the skew part of a LegS matrix of size N, less 1/2, and conjugates [Gupta2022]_.

    They are those of `s4d_legs`. The published code counts N/2 modes, builds the matrix of twice that size, keeps separate
    steps for real and imaginary part (see `lssm.parameterisations.DSS`), and takes the real part of a complex readout, which
    adds the conjugates.

    Parameters
    ----------
    order : int
        Even N, conjugates included.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time), the same for both parts.
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
    >>> lssm.spectra.dss(order=8, step=0.1) == lssm.spectra.s4d_legs(order=8, step=0.1)
    True
    """
    return s4d_legs(order=order, step=step, method=method)


def s5(
    *,
    order: int,
    blocks: int = 1,
    step: ArrayLike | None = None,
    step_range: tuple[float, float] = (1e-3, 1e-1),
    clip: bool = False,
    rng: Any = None,
) -> Poles:
    """S5: the normal part of HiPPO-LegS in equal blocks, each mode with a step of its own, zero-order hold [Smith2023]_.

    Parameters
    ----------
    order : int
        State dimension N, conjugates included; ``N / blocks`` must be even.
    blocks : int
        Number of equal blocks. With one step for all, equal blocks coincide and one input reaches only one of them.
    step : array_like, shape () or (N/2,), optional
        Time steps; drawn log-uniformly from `step_range` if left out, as the published code does (its docstring says
        uniformly).
    step_range : tuple of float
        Smallest and largest step, in units of time.
    clip : bool
        Keep ``Re a ≤ -1e-4``, an option of the published code; no change here, where ``Re a = -1/2``.
    rng : None, int or numpy.random.Generator
        Source of randomness for the steps.

    Returns
    -------
    Poles
        Shape (N,) or fewer.

    Raises
    ------
    InvalidInputError
        Orders and blocks that do not fit, a step or range that is not positive.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.s5(order=32, blocks=4, rng=0).order, lssm.spectra.s5(order=32, blocks=4, step=0.01).order
    (32, 8)
    """
    half(order)
    parts = count(blocks, "blocks", most=int(order))
    if order % (2 * parts):
        raise InvalidInputError(f"blocks: {blocks} blocks do not divide the order {order} into even parts")
    frequencies = np.tile(legs_frequencies(order // parts), parts)
    decay = np.full(frequencies.size, min(-0.5, -1e-4) if clip else -0.5)
    steps = _log_uniform(step_range, frequencies.size, rng) if step is None else positive(step, "step")
    if steps.shape not in ((), frequencies.shape):
        raise InvalidInputError(f"step: shape {steps.shape}; pass one step or one a mode, shape ({frequencies.size},)")
    with np.errstate(over="ignore", invalid="ignore"):
        log = (decay + 1j * frequencies) * steps
    if not np.isfinite(log).all():
        raise InvalidInputError("step: a · step leaves the range of double precision; pass a smaller step")
    return Poles.from_log(log, half=True, diagonal=True)


def _log_uniform(span: tuple[float, float], size: int, rng: Any) -> NDArray[np.float64]:
    ends = positive(span, "step_range")
    if ends.shape != (2,) or ends[0] > ends[1]:
        raise InvalidInputError(f"step_range: must be two increasing numbers, got {span!r}")
    low, high = ends
    steps: NDArray[np.float64] = np.exp(generator(rng).uniform(np.log(low), np.log(high), size))
    return steps


def lru(*, order: int, r_min: float = 0.0, r_max: float = 1.0, max_phase: float = 6.28, rng: Any = None) -> Poles:
    """LRU: uniform in area on a ring ``r_min ≤ |λ| ≤ r_max``, phases uniform in [0, max_phase] [Orvieto2023]_.

    Parameters
    ----------
    order : int
        Even N: the model has N/2 complex modes, and its readout of real parts adds the conjugates.
    r_min, r_max : float
        Ring, ``0 ≤ r_min < r_max ≤ 1``.
    max_phase : float
        Largest phase in radians; the published default 6.28 is not quite 2π.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Poles
        Shape (N,).

    Raises
    ------
    InvalidInputError
        An odd order, a ring or phase out of range.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.lru(order=64, r_min=0.9, r_max=0.999, rng=0).order
    64
    """
    n, random = half(order), generator(rng)
    low, high = (number_inside(r, name, 0, 1) for r, name in ((r_min, "r_min"), (r_max, "r_max")))
    if not low < high:
        raise InvalidInputError(f"r_min: must be smaller than r_max, got {low:g} and {high:g}")
    area = random.uniform(size=n.size) * (high**2 - low**2) + low**2
    phase = positive_number(max_phase, "max_phase") * random.uniform(size=n.size)
    with np.errstate(divide="ignore"):  # a pole at zero
        return Poles.from_log(0.5 * np.log(area) + 1j * phase, half=True, diagonal=True)


def mamba(*, order: int = 16, step: ArrayLike, method: str = "zoh") -> Poles:
    """One channel of Mamba with its step held fixed: ``λ_n = e^{-nΔ}``, n = 1 … N [Gu2023]_.

    Parameters
    ----------
    order : int
        N, 16 in the published code.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time); its initial values are log-uniform on [1e-3, 1e-1].
    method : {"zoh", "bilinear"}
        Map to discrete time; the published code has the first.

    Returns
    -------
    Poles
        Shape (..., N), real.

    Raises
    ------
    InvalidInputError
        No order, a step that is not positive.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> round(float(lssm.memory_function(lssm.spectra.mamba(step=0.01), 1).values[0]), 4)
    0.9341
    """
    return Poles.from_continuous(-np.arange(1.0, count(order, "order", most=10**6) + 1), step, method, diagonal=True)


def mamba2(*, heads: int = 1, step: ArrayLike, rng: Any = None) -> Poles:
    """Heads of Mamba-2 with the step held fixed: ONE pole ``e^{-aΔ}`` each, a uniform in [1, 16] [Dao2024]_.

    However large the state of a head, A is a multiple of the identity, and one input reaches one dimension.

    Parameters
    ----------
    heads : int
        Number of heads, the batch.
    step : array_like, shape () or (heads,)
        Time step Δ > 0 (units of time).
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Poles
        Shape (heads, 1).

    Raises
    ------
    InvalidInputError
        No heads, a step that is not positive or does not fit.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_capacity(lssm.spectra.mamba2(heads=3, step=0.01, rng=0))
    array([1, 1, 1])
    """
    decay = generator(rng).uniform(1.0, 16.0, (count(heads, "heads", most=10**6), 1))
    return Poles.from_continuous(-decay, step)


def retnet(*, order: int, heads: int = 8, rotation: bool = True) -> Poles:
    """Retention with a frozen key: ``λ = γ_h e^{±iθ_j}``, ``γ_h = 1 - 2^{-5-h}``, ``θ_j = 10000^{-j/(d/2-1)}`` [Sun2023]_.

    Parameters
    ----------
    order : int
        Even key dimension d of a head.
    heads : int
        Number of heads, the batch.
    rotation : bool
        Whether the keys rotate (xPos), as in the published code. Without, each head has ONE pole γ_h.

    Returns
    -------
    Poles
        Shape (heads, d), or (heads, 1) without rotation.

    Raises
    ------
    InvalidInputError
        An odd order, no heads.

    Notes
    -----
    Theorem: :doc:`/theorems/attention` (``proofs/attention.py``); derivation: :doc:`/derivations/attention`.

    Examples
    --------
    >>> import lssm
    >>> [lssm.memory_capacity(lssm.spectra.retnet(order=64, heads=2, rotation=r)).tolist() for r in (True, False)]
    [[64, 64], [1, 1]]
    """
    pairs = half(order).size
    decay = np.log1p(-(2.0 ** (-5.0 - np.arange(count(heads, "heads", most=40)))))[:, None]
    if not rotation:
        return Poles.from_log(decay)
    angle = 10000.0 ** -np.linspace(0, 1, pairs)
    return Poles.from_log(decay + 1j * angle, half=True, diagonal=True)


def linoss(*, order: int, version: str = "IM", step: ArrayLike | None = None, rng: Any = None) -> Poles:
    r"""LinOSS: N/2 oscillators ``ÿ = -a y + u`` with a uniform in (0, 1), discretized implicitly or symplectically [Rusch2025]_.

    Parameters
    ----------
    order : int
        Even N, two for each oscillator.
    version : {"IM", "IMEX"}
        Implicit: ``λ = (1 ± iΔ√a)/(1+Δ²a)``. Implicit-explicit: ``λ = 1 - Δ²a/2 ± iΔ√a √(1-Δ²a/4)``, on the unit circle,
        so that only memories with a horizon exist.
    step : array_like, shape () or (N/2,), optional
        Time steps; the logistic function of uniform numbers if left out, as published.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Poles
        Shape (N,).

    Raises
    ------
    InvalidInputError
        An odd order, an unknown version, a step that is not positive or does not fit.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.spectra.linoss(order=16, version="IMEX", rng=0)
    >>> poles.is_stable, round(float(lssm.memory_function(poles, 1, horizon=100).remainder), 3) < 16
    (False, True)
    """
    n, random = half(order), generator(rng)
    a = random.uniform(size=n.size)
    dt = 1.0 / (1.0 + np.exp(-random.uniform(size=n.size))) if step is None else positive(step, "step")
    if dt.shape not in ((), n.shape):
        raise InvalidInputError(f"step: shape {dt.shape}; pass one step or one an oscillator, shape ({n.size},)")
    implicit = choice(version, "version", ("IM", "IMEX")) == "IM"
    if (dt > (1e100 if implicit else 2.0)).any():
        raise InvalidInputError(f"step: must be at most {'1e100' if implicit else '2, where IMEX is stable for every a < 1'}")
    square = dt**2 * a
    decay = -0.5 * np.log1p(square) if implicit else np.zeros(n.size)
    angle = np.arctan(np.sqrt(square)) if implicit else 2.0 * np.arcsin(0.5 * np.sqrt(square))
    return Poles.from_log(decay + 1j * angle, half=True, diagonal=True)
