r"""A state in terms of what it remembers: ``x_t = S φ``, φ the Takenaka-Malmquist functions of the poles.

Gramian, readout and teacher all live in these coordinates: ``G = S S*``, a readout c is ``S* c`` there, and the modes of learning
are the singular vectors of S.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from .._kernels.cascade import basis_through_cascade
from .._validate import InvalidInputError
from ..allpass._cascade import sections
from ..allpass._realisation import states_at
from ..gramians._coordinates import Coordinates, coordinates
from ..gramians._scale import scaled
from ..gramians._spectrum import Squares, squares
from ..systems import DiscreteSSM

_IN_SEQUENCE = 1 << 17
"""Delays up to this one come from the cascade itself, those beyond from powers."""


@dataclass(frozen=True)
class Whitened:
    """One-input system as a factor over orthonormal memory.

    Attributes
    ----------
    log : complex array, shape (r,)
        log λ of the reachable poles, in the order of the functions φ.
    unit, power : array, shape (N, r) and (r,)
        ``S = unit · 2^power``.
    """

    log: NDArray[np.complex128]
    unit: NDArray[Any]
    power: NDArray[np.int64]

    def squares(self) -> Squares:
        """Eigenvalues and singular vectors of S."""
        return squares(self.unit, self.power, vectors=True)

    def seen_by(self, readout: NDArray[Any]) -> NDArray[np.complex128]:
        """``S* c``: what a readout ``c* x`` is to the functions φ."""
        seen: NDArray[np.complex128] = scaled(self.unit.conj().T @ readout, self.power)
        return seen

    def from_functions(self, coefficients: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """``S a``: a combination of the functions φ as a vector of the state."""
        found: NDArray[np.complex128] = self.unit @ scaled(coefficients, self.power)
        return found

    def functions(self, delays: NDArray[np.int64]) -> NDArray[np.complex128]:
        """φ_k(τ) at the given delays, shape (r, number of delays)."""
        last = int(delays.max(initial=0))
        if last >= _IN_SEQUENCE:
            return states_at(self.log, delays)
        phi = np.empty((self.log.size, last + 1), np.complex128)
        basis_through_cascade(sections(self.log), phi)
        return phi[:, delays]


def whitened(system: DiscreteSSM) -> Whitened:
    """The factor of a stable system with one input."""
    found = _triangular(coordinates(system))
    if not found.poles.size:
        raise InvalidInputError("system: its input reaches no state (B is zero); there is nothing to learn from")
    phases = np.cumprod(np.append(_phase(found.B[:1, 0]), _phase(np.diagonal(found.A, -1))))
    return Whitened(found.poles, found.S.unit * phases, found.S.power)


def _phase(values: NDArray[Any]) -> NDArray[np.complex128]:
    """``value/|value|``: entries below the diagonal of an orthonormal cascade are never zero."""
    phase: NDArray[np.complex128] = values / np.abs(values) + 0j
    return phase


def _triangular(found: Coordinates) -> Coordinates:
    """Coordinates with 2×2 blocks of real systems turned into pairs of complex poles."""
    blocks = np.flatnonzero(np.diagonal(found.A, 1))
    if not blocks.size:
        return found
    Z, poles = np.eye(len(found.A), dtype=np.complex128), found.poles.copy()
    for k in blocks:
        pair = slice(k, k + 2)
        triangle, turn = scipy.linalg.schur(found.A[pair, pair][::-1, ::-1], output="complex")
        Z[pair, pair] = turn[::-1, ::-1]
        upper = poles[pair][np.argmax(poles[pair].imag)]
        poles[pair] = [upper, upper.conj()] if triangle[1, 1].imag > 0 else [upper.conj(), upper]
    S = found.S
    unit = S.unit @ Z  # both columns of a block carry one power of two
    A, B = Z.conj().T @ found.A @ Z, Z.conj().T @ found.B
    return Coordinates(np.tril(A), B, poles, type(S)(unit, S.power, None))
