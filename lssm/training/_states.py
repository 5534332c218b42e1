r"""The state of a system in real coordinates: what a linear readout with a real output sees.

Of a conjugate pair ``√2 Re x`` and ``√2 Im x`` are kept: the readouts ``c`` that give real outputs and those of the real
coordinates then have equal lengths, so that gradient steps, penalties and Gramians are those of the complex state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import InvalidInputError, UnsupportedError
from ..poles import Poles, is_real
from ..scan import impulse_response, scan
from ..systems import Diagonal, DiscreteSSM, single_system


@dataclass(frozen=True)
class RealStates:
    """A discrete system and which real and imaginary parts of its state are coordinates.

    Attributes
    ----------
    system : DiscreteSSM
        N states, m inputs; its outputs are not used.
    real, imag : bool array, shape (N,)
        Whether the part is a coordinate.
    """

    system: DiscreteSSM
    real: NDArray[np.bool_]
    imag: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return int(self.real.sum() + self.imag.sum())

    def parts(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """Complex states, shape (..., N), as coordinates, shape (..., size)."""
        return np.concatenate([x.real[..., self.real], x.imag[..., self.imag]], -1)

    def table(self, T: int) -> NDArray[np.float64]:
        """``v_τ = A^τ B`` for τ < T, shape (T, m, size)."""
        N, m = self.system.order, self.system.inputs
        bare = DiscreteSSM(self.system.A, self.system.B)
        found = np.asarray(impulse_response(bare, T)).reshape(T, N, m)
        return self.parts(np.swapaxes(found, 1, 2))

    def run(self, u: NDArray[np.float64], state: NDArray[Any] | None = None) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Coordinates at every step of inputs (n, T, m), shape (n, T, size), and the last states."""
        silent = DiscreteSSM(self.system.A, self.system.B, np.zeros((1, self.system.order)))
        given = u[..., 0] if self.system.inputs == 1 else u
        _, states = scan(silent, given, initial_state=state, return_states=True)
        return self.parts(states), states[:, -1]


def real_states(system: Any) -> RealStates:
    """Real coordinates of the state of one discrete system; poles mean a diagonal one with input weights 1."""
    if isinstance(system, Poles):
        return _of_poles(system.require_single())
    one = single_system(system)
    if not isinstance(one, DiscreteSSM):
        raise UnsupportedError("system: continuous in time; discretize it first, lssm.discretize(system, step)")
    every = np.ones(one.order, bool)
    if isinstance(one.A, Diagonal):
        imaginary = not is_real(one.A.log).all() or one.B.imag.any()
    else:
        imaginary = one.A.to_dense().imag.any() or one.B.imag.any()
    return RealStates(one, every, every if imaginary else ~every)


def _of_poles(poles: Poles) -> RealStates:
    log = poles.rows()[0]
    if Poles.from_log(log, diagonal=True).merged.any():
        raise InvalidInputError(
            "system: repeated poles, which a diagonal system reaches once; pass lssm.orthonormal_realisation(poles).system"
        )
    if not poles.is_conjugate_closed():
        return RealStates(DiscreteSSM(Diagonal.from_log(log), np.ones(log.size)), *np.ones((2, log.size), bool))
    real = is_real(log)
    wrapped = np.angle(np.exp(1j * np.where(np.isneginf(log.real), 0.0, log.imag)))
    kept = real | (wrapped > 0)
    log, real = log[kept], real[kept]
    log = np.where(real, _on_the_axis(log), log)
    return RealStates(DiscreteSSM(Diagonal.from_log(log), np.where(real, 1.0, np.sqrt(2.0))), np.ones(log.size, bool), ~real)


def _on_the_axis(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Poles that are real to rounding, as real ones."""
    turned: NDArray[np.bool_] = np.cos(np.where(np.isneginf(log.real), 0.0, log.imag)) < 0
    found: NDArray[np.complex128] = log.real + 1j * np.where(turned, np.pi, 0.0)
    return found
