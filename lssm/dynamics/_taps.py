"""Teachers known by the values of their impulse response."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .._kernels.cascade import horner, signal_through_cascade
from .._validate import read_only
from ..allpass._cascade import sections
from ._teacher import Split, Teacher, root_mean_square_delay, scaled_coefficients


@dataclass(frozen=True, eq=False, repr=False)
class Taps(Teacher):
    """Finitely many values m_0 … m_{T-1}, zero beyond, or of an energy below `tail`; `order`: of the system they are from."""

    taps: NDArray[np.complex128]
    tail: float = 0.0
    order: int | None = None
    energy: float = field(init=False)
    degree: int = field(init=False)
    is_real: bool = field(init=False)

    def __post_init__(self) -> None:
        used = np.flatnonzero(self.taps)
        facts = {
            "taps": read_only(np.ascontiguousarray(self.taps, np.complex128)),
            "energy": float(np.vdot(self.taps, self.taps).real),
            "degree": min(int(used[-1]) + 1, self.order or used[-1] + 1) if used.size else 0,
            "is_real": not np.iscomplexobj(self.taps) or not self.taps.imag.any(),
        }
        for name, value in facts.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        rest = f", energy beyond below {self.tail:.0e}" if self.tail else ""
        rest += f", unrolled from order {self.order}" if self.order else ""
        return f"Teacher({self.taps.size} taps, energy {self.energy:.6g}{rest})"

    @property
    def length(self) -> float:
        return root_mean_square_delay(self.taps)

    def response(self, T: int) -> NDArray[np.complex128]:
        values = np.zeros(T, np.complex128)
        values[: self.taps.size] = self.taps[:T]
        return values

    def split(self, log: NDArray[np.complex128]) -> Split:
        signal, states = self.taps[::-1].conj(), np.empty(log.size, np.complex128)
        signal_through_cascade(sections(log), signal, states)
        return Split(states, scaled_coefficients(log, states), Taps(signal[::-1].conj(), self.tail))

    def at(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        return self._tails(log)[:, 0]

    def divided(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        rows = [Taps(tails[1:]).at(log) if tails.size > 1 else np.zeros(log.size, np.complex128) for tails in self._tails(log)]
        return np.array(rows)

    def curvature(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        found = np.zeros(log.size, np.complex128)
        for k, tails in enumerate(self._tails(log)):
            twice = Taps(tails[1:])._tails(log[[k]])[0] if tails.size > 2 else np.zeros(1, np.complex128)
            found[k] = 2.0 * Taps(twice[1:]).at(log[[k]])[0] if twice.size > 1 else 0.0
        return found

    def _tails(self, log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        found, coefficients = np.empty((log.size, self.taps.size), np.complex128), sections(log)
        for k, row in enumerate(found):
            horner(coefficients[:, k].copy(), self.taps, row)
        return found
