r"""The all-pass filter of a pole set, its Takenaka-Malmquist cascade and its orthonormal realisation.

For poles λ_1 … λ_N inside the unit circle the all-pass filter (Blaschke product) is

.. math:: b(z) = \prod_k \frac{z-\bar\lambda_k}{1-\lambda_k z},

and section k of its cascade has the state recursion ``w ← λ w + s``, output ``g w(old) - λ̄ s``. The states
``√g_k w_k`` under an impulse are the Takenaka-Malmquist functions: an orthonormal basis of everything
the poles can remember. Proof: ``proofs/takenaka_malmquist.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._kernels.cascade import basis_through_cascade, response_of_cascade
from ._kernels.energy import delay_weighted_energy, total_group_delay
from ._results import Result
from ._validate import InvalidInputError, count, finite, over_batch
from .poles import Poles
from .systems import DiscreteSSM


def slowest_first(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Poles of one row by falling modulus: every later section then sees a slowly decaying signal."""
    return log[np.argsort(-log.real, kind="stable")]


def sections(log: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Rows Re λ, Im λ, 1-|λ|² and what the doubles Re λ, Im λ lack; shape (5, N).

    The corrections come from extended precision; where the platform's long double is a double they are nil, and
    the relative error of the memory function grows like 1e-16 τ.
    """
    zero = np.isneginf(log.real)
    fine = np.where(zero, 0, np.exp(np.where(zero, 0, log).astype(np.clongdouble)))
    values = fine.astype(np.complex128)
    rest = (fine - values).astype(np.complex128)
    return np.stack([values.real, values.imag, -np.expm1(2.0 * log.real), rest.real, rest.imag])


def cascade(log: NDArray[np.complex128], T: int) -> NDArray[np.complex128]:
    """All-pass impulse response b_0 … b_{T-1} of one row of poles."""
    b = np.empty(T, np.complex128)
    response_of_cascade(sections(log), 1.0, np.zeros(log.size, np.complex128), b)
    return b


def cascade_in_blocks(log: NDArray[np.complex128], T: int) -> Iterator[tuple[NDArray[np.complex128], NDArray[np.complex128]]]:
    """The same in blocks of doubling length, each with the section states at its end.

    Rounding errors grow with the delay: what is known at the end of a block of doubling length is never much
    worse than what can be known inside it.
    """
    coefficients, w = sections(log), np.zeros(log.size, np.complex128)
    start, length = 0, max(1024, log.size)
    while start < T:
        b = np.empty(min(length, T - start), np.complex128)
        response_of_cascade(coefficients, float(start == 0), w, b)
        yield b, w.copy()
        start, length = start + b.size, start + b.size


def energy_to_come(log: NDArray[np.complex128], w: NDArray[np.complex128]) -> float:
    """``Σ_{τ≥0} ‖Aᵒ^τ x‖²`` for the cascade state w (x = √g w), in O(N²) and without a matrix."""
    return float(delay_weighted_energy(log, w))


def mean_group_delay(log: NDArray[np.complex128]) -> float:
    """``Σ_ij Re (1+λ_iλ̄_j)/(1-λ_iλ̄_j)`` of one row of poles."""
    return float(total_group_delay(log))


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

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.Poles.from_discrete([0.5])
    >>> lssm.allpass.allpass_impulse_response(poles, 3).real
    array([-0.5  ,  0.75 ,  0.375])
    """
    rows = poles.require_stable().rows()
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

    Examples
    --------
    >>> import lssm
    >>> phi = lssm.allpass.basis_functions(lssm.Poles.from_discrete([0.5, -0.5j]), 200)
    >>> bool(abs(phi @ phi.conj().T - np.eye(2)).max() < 1e-15)
    True
    """
    log = poles.require_single().require_stable().rows()[0]
    phi = np.empty((log.size, count(T, "T")), np.complex128)
    basis_through_cascade(sections(log), phi)
    return phi


@dataclass(frozen=True, eq=False)
class OrthonormalRealisation(Result):
    """Input-normal coordinates of a pole set: ``x_t = A x_{t-1} + B u_t``, all-pass output ``C x_{t-1} + D u_t``.

    Attributes
    ----------
    A : complex array, shape (N, N)
        Lower triangular, the poles on its diagonal.
    B : complex array, shape (N,)
        Input vector; ``A Aᴴ + B Bᴴ = I``, so the Gramian is the identity.
    C : complex array, shape (N,)
        Output row of the all-pass filter.
    D : complex
        Direct term ``Π(-λ̄_k)``.
    defect : float
        Measured ``‖UᴴU - I‖`` (largest entry) of the block matrix ``U = [[A, B], [C, D]]``.
    """

    A: NDArray[np.complex128]
    B: NDArray[np.complex128]
    C: NDArray[np.complex128]
    D: complex
    defect: float

    @property
    def system(self) -> DiscreteSSM:
        """State and input as a `DiscreteSSM` whose output is the state."""
        return DiscreteSSM(self.A, self.B)

    def __str__(self) -> str:
        return f"orthonormal realisation of order {self.B.size}, unitary to {self.defect:.1e}"


def orthonormal_realisation(poles: Poles) -> OrthonormalRealisation:
    r"""Input-normal realisation: the cascade written as one triangular matrix.

    Parameters
    ----------
    poles : Poles
        Stable poles, not a batch.

    Notes
    -----
    ``A_nn = λ_n``, ``A_nk = s_n s_k Π_{k<m<n} (-λ̄_m)`` for k < n, ``B_n = s_n Π_{m<n} (-λ̄_m)``, ``s = √(1-|λ|²)``
    [Roberts1987]_. Every entry is a product, hence accurate to a few ulps each.

    Examples
    --------
    >>> import lssm
    >>> print(lssm.allpass.orthonormal_realisation(lssm.spectra.legs(order=8, step=0.1)).B.real.round(3)[:3])
    [ 0.426 -0.52   0.498]
    """
    log = poles.require_single().require_stable().rows()[0]
    A, B, C, D = _triangular(log)
    U = np.block([[A, B[:, None]], [C[None, :], np.array([[D]])]])
    defect = float(np.abs(U.conj().T @ U - np.eye(log.size + 1)).max())
    return OrthonormalRealisation(A, B, C, complex(D), defect)


def _triangular(log: NDArray[np.complex128]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], complex]:
    """A, B, C, D of the cascade of one row of poles."""
    re, im, g, *_ = sections(log)
    pole, s, N = re + 1j * im, np.sqrt(g), log.size
    through = np.tril(np.ones((N + 1, N + 1), np.complex128))  # [n, k]: Π_{k≤m<n} (-λ̄_m)
    for n in range(N):
        through[n + 1, : n + 1] = through[n, : n + 1] * -pole[n].conjugate()
    A = np.tril(s[:, None] * s * through[:N, 1:], -1) + np.diag(pole)
    return A, s * through[:N, 0], s * through[N, 1:], through[N, 0]


def powers(log: NDArray[np.complex128], bits: int) -> Iterator[NDArray[np.complex128]]:
    """``Aᵒ^(2^p)`` for p = 0 … bits-1, their diagonals exact at any power.

    A square is ``S ← S (α_i + α_k) + S²`` off the diagonal (S strictly lower triangular) and
    ``exp(2^p ℓ)`` on it: the rounding of λ itself, which plain squaring would amplify 2^p times, never enters.
    """
    A, _, _, _ = _triangular(log)
    strict, zero = np.tril(A, -1), np.isneginf(log.real)
    nonzero = np.where(zero, 0, log)
    for p in range(bits):
        diagonal = sections(np.where(zero, log, nonzero * 2.0**p))
        alpha = diagonal[0] + 1j * diagonal[1]
        yield strict + np.diag(alpha)
        if p + 1 < bits:
            strict = strict * (alpha[:, None] + alpha) + strict @ strict


def states_at(log: NDArray[np.complex128], delays: NDArray[np.int64]) -> NDArray[np.complex128]:
    """Orthonormal states ``Aᵒ^τ B`` of one row of poles at any delays; shape (N, number of delays)."""
    _, B, _, _ = _triangular(log)
    states = np.repeat(B[:, None], delays.size, axis=1)
    for p, power in enumerate(powers(log, int(delays.max(initial=0)).bit_length())):
        chosen = (delays >> p) & 1 == 1
        states[:, chosen] = power @ states[:, chosen]
    return states


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
    rows = poles.require_stable().rows()
    return np.array([_profile(row, omega) for row in rows]).reshape(*poles.batch, omega.size)


def _profile(log: NDArray[np.complex128], omega: NDArray[np.float64]) -> NDArray[np.float64]:
    finite_log = np.where(np.isneginf(log.real), 0, log)
    with np.errstate(divide="ignore", invalid="ignore"):
        term = -np.expm1(2 * finite_log.real)[:, None] / np.abs(np.expm1(finite_log[:, None] - 1j * omega)) ** 2
    profile: NDArray[np.float64] = np.where(np.isneginf(log.real)[:, None], 1.0, term).sum(0)
    return profile
