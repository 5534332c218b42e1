"""The all-pass filter in time and in frequency."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels.cascade import basis_through_cascade, both_scans
from .._validate import InvalidInputError, count, finite, over_batch
from ..poles import Poles, require_poles
from ._cascade import cascade, response_and_states, scan_ends, sections, slowest_first, slowest_order


def allpass_impulse_response(poles: Poles, T: int, *, workers: int | None = None) -> NDArray[np.complex128]:
    r"""Impulse response b_0 … b_{T-1} of the all-pass filter.

    Parameters
    ----------
    poles : Poles
        Stable poles, batch shape (...).
    T : int
        Number of steps.
    workers : int, optional
        Threads over the batch (-1: one a core).

    Returns
    -------
    complex array, shape (..., T)

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.

    Notes
    -----
    ``Σ_j |b_j|² = 1``: the filter changes phases only. Source: Roberts and Mullis 1987 [Roberts1987]_.

    Theorem: :doc:`/theorems/takenaka_malmquist` (``proofs/takenaka_malmquist.py``); derivation: :doc:`/derivations/allpass`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.Poles.from_discrete([0.5])
    >>> lssm.allpass.allpass_impulse_response(poles, 3).real
    array([-0.5  ,  0.75 ,  0.375])
    """
    rows = require_poles(poles).require_stable().rows()
    T = count(T, "T")
    responses = over_batch(lambda i: cascade(slowest_first(rows[i]), T), len(rows), workers)
    return np.array(responses).reshape(*poles.batch, T)


def basis_functions(poles: Poles, T: int) -> NDArray[np.complex128]:
    r"""Takenaka-Malmquist functions φ_k[t], in the order of the poles.

    Parameters
    ----------
    poles : Poles
        Stable poles, not a batch.
    T : int
        Number of steps.

    Returns
    -------
    complex array, shape (N, T)
        Orthonormal as T → ∞; ``Σ_k |φ_k[τ]|² = M(τ)``.

    Notes
    -----
    ``φ_k(z) = √g_k/(1-λ_k z) Π_{j<k} (z-λ̄_j)/(1-λ_j z)`` [Takenaka1925]_ [Malmquist1925]_.

    Theorem: :doc:`/theorems/takenaka_malmquist` (``proofs/takenaka_malmquist.py``); derivation: :doc:`/derivations/allpass`.

    Examples
    --------
    >>> import lssm
    >>> phi = lssm.allpass.basis_functions(lssm.Poles.from_discrete([0.5, -0.5j]), 200)
    >>> bool(abs(phi @ phi.conj().T - np.eye(2)).max() < 1e-15)
    True
    """
    log = require_poles(poles).require_single().require_stable().rows()[0]
    phi = np.empty((log.size, count(T, "T")), np.complex128)
    basis_through_cascade(sections(log), phi)
    return phi


def group_delay(poles: Poles, frequencies: ArrayLike) -> NDArray[np.float64]:
    r"""Frequency profile of memory: group delay of the all-pass filter, in steps.

    Parameters
    ----------
    poles : Poles
        Stable poles, batch shape (...).
    frequencies : array_like, shape (F,)
        Angular frequencies ω in radians a step.

    Returns
    -------
    float array, shape (..., F)
        ``D(ω) = Σ_k (1-|λ_k|²)/|1-λ_k e^{-iω}|²``; its mean over the circle is the number of poles.

    Notes
    -----
    ``D(ω) = Σ_k |φ_k(z)|²`` at ``z = e^{-iω}``, the delay operator on the signal ``e^{iωt}``: the share of the
    memory that sits at that frequency [Heuberger2005]_.

    Theorem: :doc:`/theorems/takenaka_malmquist` (``proofs/takenaka_malmquist.py``); derivation: :doc:`/derivations/allpass`.

    Examples
    --------
    >>> import lssm
    >>> omega = 2 * np.pi * np.arange(4096) / 4096
    >>> profile = lssm.allpass.group_delay(lssm.spectra.s4d_lin(order=8, step=0.1), omega)
    >>> round(float(profile.mean()), 9)
    7.0
    """
    omega = np.atleast_1d(finite(frequencies, "frequencies", dtype=np.float64))
    if omega.ndim != 1:
        raise InvalidInputError(f"frequencies: must be one-dimensional, got shape {omega.shape}")
    rows = require_poles(poles).require_stable().rows()
    return np.array([_profile(row, omega) for row in rows]).reshape(*poles.batch, omega.size)


def _profile(log: NDArray[np.complex128], omega: NDArray[np.float64]) -> NDArray[np.float64]:
    finite_log = _first_turn(np.where(np.isneginf(log.real), 0, log))
    with np.errstate(divide="ignore", invalid="ignore"):
        term = -np.expm1(2 * finite_log.real)[:, None] / np.abs(np.expm1(finite_log[:, None] - 1j * omega)) ** 2
    profile: NDArray[np.float64] = np.where(np.isneginf(log.real)[:, None], 1.0, term).sum(0)
    return profile


def projector_derivative(poles: Poles, T: int) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    r"""Factors of the derivative of the projector onto what the poles remember.

    Parameters
    ----------
    poles : Poles
        Stable poles, not a batch.
    T : int
        Number of steps.

    Returns
    -------
    chi, psi : complex array, shape (N, T)
        ``∂P/∂λ_k = χ_k ψ_kᴴ / (1-|λ_k|²)``, rank one. Over all steps ``‖χ_k‖ = ‖ψ_k‖ = 1`` and ``χ_k ⟂ ψ_k``.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    InvalidInputError
        A batch of pole sets.

    Notes
    -----
    ``χ_k(t) = λ_k χ_k(t-1) + √g_k b_t`` from rest, ``ψ_k(t-1) = λ̄_k ψ_k(t) + √g_k b_t`` from infinity; the backward scan
    starts from the section states after the last step, without truncation.

    Theorem: :doc:`/theorems/memory_gradient` (``proofs/memory_gradient.py``); derivation: :doc:`/derivations/gradient`.

    Examples
    --------
    >>> import lssm
    >>> chi, psi = lssm.allpass.projector_derivative(lssm.Poles.from_discrete([0.5, -0.5]), 100)
    >>> bool(abs(np.vdot(psi[0], chi[0])) < 1e-15)
    True
    """
    log = require_poles(poles).require_single().require_stable().rows()[0]
    order = slowest_order(log)
    b, w = response_and_states(log[order], count(T, "T"))
    scale = np.sqrt(-np.expm1(2.0 * log.real))[:, None]
    coefficients, ends = sections(log[order]), scan_ends(log[order], w)
    chi, psi = np.empty((2, log.size, b.size), np.complex128)
    for k, place in enumerate(order):
        both_scans(coefficients[:, k].copy(), ends[k], b, chi[place], psi[place])
    return scale * chi, scale * psi


def _first_turn(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The same poles with |Im log λ| ≤ π, so that differences of logarithms are differences of poles.

    Sine and cosine reduce their argument exactly; subtracting a rounded multiple of 2π would not.
    """
    beyond = np.abs(log.imag) > np.pi
    angle = log.imag[beyond].astype(np.longdouble)
    reduced = log.copy()
    reduced.imag[beyond] = np.arctan2(np.sin(angle), np.cos(angle)).astype(np.float64)
    return reduced
