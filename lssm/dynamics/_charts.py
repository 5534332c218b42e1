r"""Real parameters of pole sets: what is stored, the poles it means, and the chain rule of first and second order.

For a real function L of the poles with Wirtinger derivatives ``D_k = ∂L/∂λ_k``, ``H_jk = ∂²L/∂λ_j∂λ_k``,
``K_jk = ∂²L/∂λ̄_j∂λ_k`` and poles λ(θ) with Jacobian J,

.. math:: \nabla L = 2\,\mathrm{Re}\,J^TD, \qquad \nabla^2L = 2\,\mathrm{Re}\Big(J^THJ + J^*KJ + \sum_kD_k\nabla^2\lambda_k\Big).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import InvalidInputError, UnsupportedError
from ..parameterisations import Parameterisation
from ..poles import Poles, exponential, is_real, log_of

Matrix = NDArray[np.complex128]


class Chart(ABC):
    """Map from real parameters θ, shape (n,), to N poles.

    Attributes
    ----------
    start : float array, shape (n,)
        θ of the poles it was made from.
    """

    start: NDArray[np.float64]

    @abstractmethod
    def log(self, theta: NDArray[np.float64]) -> Matrix:
        """Log λ, shape (N,)."""

    @abstractmethod
    def jacobian(self, theta: NDArray[np.float64]) -> Matrix:
        """∂λ/∂θ, shape (N, n)."""

    def second(self, theta: NDArray[np.float64]) -> Matrix | None:
        """∂²λ/∂θ∂θ, shape (N, n, n); None for linear maps."""
        return None


def pulled(chart: Chart, theta: NDArray[np.float64], gradient: Matrix) -> NDArray[np.float64]:
    """Gradient with respect to θ."""
    found: NDArray[np.float64] = 2.0 * (chart.jacobian(theta).T @ gradient).real
    return found


def pulled_twice(
    chart: Chart, theta: NDArray[np.float64], gradient: Matrix, hessian: Matrix, mixed: Matrix
) -> NDArray[np.float64]:
    """Hessian with respect to θ."""
    J, second = chart.jacobian(theta), chart.second(theta)
    form = J.T @ hessian @ J + J.conj().T @ mixed @ J
    if second is not None:
        form = form + np.tensordot(gradient, second, 1)
    found: NDArray[np.float64] = 2.0 * form.real
    return 0.5 * (found + found.T)


@dataclass(frozen=True)
class Plain(Chart):
    """Real and imaginary parts of λ, one of each conjugate pair; a real pole stays real.

    Attributes
    ----------
    owners : int array, shape (N,)
        Which stored pole each pole is, or is conjugate to.
    signs : int array, shape (N,)
        1 for the stored pole, -1 for its conjugate, 0 for a real pole.
    """

    start: NDArray[np.float64]
    owners: NDArray[np.int64]
    signs: NDArray[np.int64]

    @property
    def _stored(self) -> int:
        return int(self.owners.max()) + 1

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """Where the imaginary part of each stored pole stands in θ, -1 for a real one."""
        turning = np.zeros(self._stored, bool)
        turning[self.owners[self.signs != 0]] = True
        return np.where(turning, self._stored + np.cumsum(turning) - 1, -1)

    def values(self, theta: NDArray[np.float64]) -> Matrix:
        """λ."""
        turn = np.where(self.signs == 0, 0.0, theta[self._places[self.owners]])
        found: Matrix = theta[self.owners] + 1j * self.signs * turn
        return found

    def log(self, theta: NDArray[np.float64]) -> Matrix:
        return log_of(self.values(theta))

    def jacobian(self, theta: NDArray[np.float64]) -> Matrix:
        J = np.zeros((self.owners.size, self.start.size), np.complex128)
        rows = np.arange(self.owners.size)
        J[rows, self.owners] = 1.0
        pairs = rows[self.signs != 0]
        J[pairs, self._places[self.owners[pairs]]] = 1j * self.signs[pairs]
        return J


def plain_chart(poles: Poles, real: bool) -> Plain:
    """The chart of a pole set; of a real model if it is closed under conjugation and `real`."""
    log = poles.rows()[0]
    values = exponential(log)[0]
    if not (real and poles.is_conjugate_closed()):
        return Plain(np.concatenate([values.real, values.imag]), np.arange(log.size), np.ones(log.size, np.int64))
    alone, free = is_real(log), np.ones(log.size, bool)
    owners, signs = np.zeros((2, log.size), np.int64)
    stored: list[int] = []
    for k in range(log.size):
        if not free[k]:
            continue
        free[k] = False
        owners[k], signs[k] = len(stored), 0 if alone[k] else 1
        if not alone[k]:
            partner = int(np.argmin(np.where(free, np.abs(values - values[k].conj()), np.inf)))
            free[partner], owners[partner], signs[partner] = False, len(stored), -1
        stored.append(k)
    kept = values[stored]
    turning = ~alone[stored]
    return Plain(np.concatenate([kept.real, kept.imag[turning]]), owners, signs)


def pairing(log: Matrix) -> Matrix:
    """Columns that span, over the reals, all vectors with conjugate entries at conjugate poles; shape (N, N)."""
    chart = plain_chart(Poles.from_log(log), True)
    return chart.jacobian(chart.start)


def over_reals(J: Matrix, value: Matrix) -> NDArray[np.float64]:
    """Real x for which ``J x`` comes closest to `value`."""
    stacked = np.vstack([J.real, J.imag])
    found: NDArray[np.float64] = np.linalg.lstsq(stacked, np.concatenate([value.real, value.imag]), rcond=None)[0]
    return found


@dataclass(frozen=True)
class Stored(Chart):
    """The parameters of a model, as `lssm.parameterisations` have them; frequencies of real poles stand still."""

    model: Parameterisation

    @property
    def names(self) -> list[str]:
        """Parameters in the order of θ."""
        return list(self.model.groups)

    @cached_property
    def start(self) -> NDArray[np.float64]:  # type: ignore[override]
        """θ of the model."""
        return np.concatenate([np.ravel(getattr(self.model, name)) for name in self.names])

    @cached_property
    def places(self) -> dict[str, NDArray[np.int64]]:
        """Where the parameter of each stored pole stands in θ."""
        found, offset, n = {}, 0, self._own(self.model).size
        for name in self.names:
            size = np.size(getattr(self.model, name))
            found[name] = offset + (np.arange(n) if size == n else np.zeros(n, np.int64))
            offset += size
        return found

    def model_at(self, theta: NDArray[np.float64]) -> Parameterisation:
        """The model with other parameters."""
        theta, parts, offset = self._held(theta), {}, 0
        for name in self.names:
            like = np.asarray(getattr(self.model, name))
            parts[name] = theta[offset : offset + like.size].reshape(like.shape)
            offset += like.size
        return replace(self.model, **parts)

    def _held(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """θ with the frequencies of real poles where they were."""
        held, alone = theta.copy(), is_real(self._own(self.model))
        for name in self.model._frequencies:
            places = self.places[name][alone]
            held[places] = self.start[places]
        return held

    def log(self, theta: NDArray[np.float64]) -> Matrix:
        return self.model_at(theta).poles.rows()[0]

    def jacobian(self, theta: NDArray[np.float64]) -> Matrix:
        return self._completed(self._first(theta) * exponential(self._own(self.model_at(theta)))[0][:, None])

    def second(self, theta: NDArray[np.float64]) -> Matrix:
        model, places = self.model_at(theta), self.places
        log, first = self._own(model), self._first(theta)
        found = first[:, :, None] * first[:, None, :]
        rows = np.arange(log.size)
        for (one, other), values in model._curvatures(log).items():
            values = np.where(self._frozen(one, log) | self._frozen(other, log), 0.0, values)
            found[rows, places[one], places[other]] += values
            if one != other:
                found[rows, places[other], places[one]] += values
        return self._completed(found * exponential(log)[0][:, None, None])

    def _first(self, theta: NDArray[np.float64]) -> Matrix:
        """∂ℓ/∂θ of the stored poles."""
        model = self.model_at(theta)
        log = self._own(model)
        J = np.zeros((log.size, theta.size), np.complex128)
        for name, values in model._derivatives(log).items():
            J[np.arange(log.size), self.places[name]] = np.where(self._frozen(name, log), 0.0, values)
        return J

    def _frozen(self, name: str, log: Matrix) -> NDArray[np.bool_]:
        return is_real(log) if name in self.model._frequencies else np.zeros(log.size, bool)

    def _completed(self, stored: Matrix) -> Matrix:
        """Rows of the stored poles, then those of their conjugates."""
        log = self._own(self.model)
        return np.concatenate([stored, stored[~is_real(log)].conj()]) if self.model._half else stored

    @staticmethod
    def _own(model: Parameterisation) -> Matrix:
        log = np.asarray(model._log())
        if log.ndim != 1:
            raise UnsupportedError(f"poles: a batch of models {log.shape[:-1]}; take its models one at a time")
        return log


def chart_of(model: Any, real: bool) -> Chart:
    """Chart of a pole set or of a parameterisation."""
    if isinstance(model, Parameterisation):
        Stored._own(model)
        return Stored(model)
    if isinstance(model, Poles):
        return plain_chart(model.require_single().require_stable(), real)
    raise InvalidInputError(
        f"poles: a {type(model).__name__} is no pole set; pass lssm.Poles or a model of lssm.parameterisations"
    )
