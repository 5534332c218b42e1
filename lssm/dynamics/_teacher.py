r"""What a model is to learn: a teacher ``z_t = Σ_τ m_τ u_{t-τ}``, known by its impulse response m.

Everything learning needs of it is what the poles of a model see: with the cascade of the model's all-pass filter b run against
time, the teacher splits into its coefficients on what the model remembers and a rest, ``‖m‖² = Σ_k |⟨m, φ_k⟩|² + ‖P₊(b̄ m)‖²``.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Teacher(ABC):
    """A target filter; made by the functions of `lssm.dynamics.teachers`.

    Attributes
    ----------
    energy : float
        ``‖m‖² = Σ_τ |m_τ|²``, the variance of the target under white input.
    tail : float
        Bound on the energy of what had to be left out; 0 for exact teachers.
    degree : int
        McMillan degree: order of the smallest model without a direct term that equals the teacher.
    is_real : bool
        Whether the impulse response is real.
    """

    energy: float
    tail: float
    degree: int
    is_real: bool

    @property
    @abstractmethod
    def length(self) -> float:
        """Root mean square delay of the response, in steps, one at least: where the energy is."""

    @abstractmethod
    def response(self, T: int) -> NDArray[np.complex128]:
        """Impulse response m_0 … m_{T-1}."""

    @abstractmethod
    def split(self, log: NDArray[np.complex128]) -> "Split":
        """Run against time through the cascade of the poles ``log λ``."""

    @abstractmethod
    def at(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """``m(λ̄_k) = Σ_τ m_τ λ̄_k^τ`` for each pole, shape (N,)."""

    @abstractmethod
    def divided(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Divided differences ``m[λ̄_j, λ̄_k]``, the derivative m'(λ̄_k) on the diagonal; shape (N, N)."""

    @abstractmethod
    def curvature(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Second derivatives m''(λ̄_k), shape (N,)."""


@dataclass(frozen=True)
class Split:
    """A teacher as the poles of a model see it.

    Attributes
    ----------
    states : complex array, shape (N,)
        ``Σ_τ m̄_τ w_k(τ)``, w the section states of the cascade under an impulse.
    coefficients : complex array, shape (N,)
        ``a_k = Σ_τ m̄_τ φ_k(τ)``, the same with Takenaka-Malmquist functions ``φ = √g w``.
    rest : Teacher
        ``P₊(b̄ m)``; its energy is what no readout can recover.
    """

    states: NDArray[np.complex128]
    coefficients: NDArray[np.complex128]
    rest: Teacher

    @property
    def visible(self) -> float:
        """Energy of what the model remembers of the teacher."""
        return float(np.vdot(self.coefficients, self.coefficients).real)

    @property
    def lost(self) -> float:
        """Energy of what it does not."""
        return self.rest.energy


def root_mean_square_delay(response: NDArray[Any]) -> float:
    """Of a response that may be of any scale."""
    energy = np.abs(response / np.abs(response).max()) ** 2
    return 1.0 + float(np.sqrt(energy @ np.arange(energy.size) ** 2.0 / energy.sum()))


def scaled_coefficients(log: NDArray[np.complex128], states: NDArray[Any]) -> NDArray[np.complex128]:
    """Coefficients on the orthonormal functions from sums over the section states."""
    coefficients: NDArray[np.complex128] = np.sqrt(-np.expm1(2.0 * log.real)) * states
    return coefficients
