"""The cascade as one triangular matrix in orthonormal coordinates, and its powers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._results import Result
from ..poles import Poles, require_poles
from ..systems import DiscreteSSM
from ._cascade import sections

_COLUMNS = 4096
"""Columns multiplied at a time: bounds the copies."""


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

    Notes
    -----
    Explained in :doc:`/derivations/allpass`.

    Examples
    --------
    >>> import lssm
    >>> found = lssm.allpass.orthonormal_realisation(lssm.Poles.from_discrete([0.5, -0.5]))
    >>> found.A.real.round(6), found.B.real.round(6), round(found.D.real, 6)
    (array([[ 0.5 ,  0.  ],
           [ 0.75, -0.5 ]]), array([ 0.866025, -0.433013]), -0.25)
    >>> found.system, found.defect < 1e-15
    (DiscreteSSM(Dense(2 × 2), 1 in, 2 out), True)
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

    Returns
    -------
    OrthonormalRealisation

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    InvalidInputError
        A batch of pole sets.

    Notes
    -----
    ``A_nn = λ_n``, ``A_nk = s_n s_k Π_{k<m<n} (-λ̄_m)`` for k < n, ``B_n = s_n Π_{m<n} (-λ̄_m)``, ``s = √(1-|λ|²)``
    [Roberts1987]_. Every entry is a product, hence accurate to a few ulps each.

    Theorem: :doc:`/theorems/takenaka_malmquist` (``proofs/takenaka_malmquist.py``); derivation: :doc:`/derivations/allpass`.

    Examples
    --------
    >>> import lssm
    >>> print(lssm.allpass.orthonormal_realisation(lssm.spectra.legs(order=8, step=0.1)).B.real.round(3)[:3])
    [ 0.426 -0.52   0.498]
    """
    log = require_poles(poles).require_single().require_stable().rows()[0]
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
        for start in range(0, delays.size, _COLUMNS):
            chosen = start + np.flatnonzero((delays[start : start + _COLUMNS] >> p) & 1)
            states[:, chosen] = power @ states[:, chosen]
    return states
