"""Teachers known by their poles: ``m_τ = Σ_i r_i p_i^τ``; every formula is a finite sum, nothing is cut off."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .._kernels.pairs import modes_through_cascade, one_minus_products
from .._validate import read_only
from ..gramians import h2_norm
from ..poles import Poles, exponential
from ..systems import Diagonal, DiscreteSSM
from ._teacher import Split, Teacher, root_mean_square_delay, scaled_coefficients


@dataclass(frozen=True, eq=False, repr=False)
class Modes(Teacher):
    """Distinct poles, as ``log p``, and their residues."""

    log: NDArray[np.complex128]
    residues: NDArray[np.complex128]
    is_real: bool
    tail: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        for name in ("log", "residues"):
            object.__setattr__(self, name, read_only(np.array(getattr(self, name), np.complex128)))

    def __repr__(self) -> str:
        return f"Teacher({self.log.size} modes, |p| up to {np.exp(self.log.real.max()):.6g}, energy {self.energy:.6g})"

    @cached_property
    def energy(self) -> float:  # type: ignore[override]
        """Through a factor of the Gramian: no cancellation between modes."""
        return float(h2_norm(self.system) ** 2) if self.residues.any() else 0.0

    @property
    def degree(self) -> int:  # type: ignore[override]
        """Modes with a residue."""
        return int(np.count_nonzero(self.residues))

    @property
    def poles(self) -> Poles:
        """The poles p."""
        return Poles.from_log(self.log)

    @property
    def system(self) -> DiscreteSSM:
        """The teacher as a diagonal system; residues are input weights, which keep their digits however small they are."""
        return DiscreteSSM(Diagonal.from_log(self.log), self.residues, np.ones(self.log.size))

    @property
    def length(self) -> float:
        return root_mean_square_delay(self.response(1 << 14))

    def response(self, T: int) -> NDArray[np.complex128]:
        zero = np.isneginf(self.log.real)
        powers = np.exp(np.where(zero, 0, self.log)[:, None] * np.arange(T))
        powers[zero, 1:] = 0
        response: NDArray[np.complex128] = self.residues @ powers
        return response.real.astype(np.complex128) if self.is_real else response

    def split(self, log: NDArray[np.complex128]) -> Split:
        states, passed = np.empty(log.size, np.complex128), np.empty(self.log.size, np.complex128)
        modes_through_cascade(log, self.log, self.residues, states, passed)
        return Split(states, scaled_coefficients(log, states), Modes(self.log, passed, self.is_real))

    def at(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        values: NDArray[np.complex128] = self.residues @ self._resolvents(log)
        return values

    def divided(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        resolvents = self._resolvents(log)
        weighted = (self.residues * exponential(self.log)[0])[:, None] * resolvents
        found: NDArray[np.complex128] = resolvents.T @ weighted
        return found

    def curvature(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        weighted = self.residues * exponential(self.log)[0] ** 2
        found: NDArray[np.complex128] = 2.0 * weighted @ self._resolvents(log) ** 3
        return found

    def _resolvents(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """``1/(1 - p_i λ̄_k)``, shape (n, N)."""
        table = np.empty((self.log.size, log.size), np.complex128)
        one_minus_products(self.log, np.ascontiguousarray(log), table)
        return 1.0 / table
