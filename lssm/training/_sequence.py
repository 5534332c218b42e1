r"""Loss of a diagonal state space model over sequences, and its gradient with respect to everything in it, by adjoint scans.

States ``x_t = λ x_{t-1} + b u_t``; features ``√2 Re x`` and ``√2 Im x`` (the factor is in b). With ``g_t`` the derivative of the
loss with respect to the parts of ``x_t``, the adjoint scan ``a_t = λ̄ a_{t+1} + g_t`` gives ``∂L/∂λ = Σ_t a_t x̄_{t-1}`` and
``∂L/∂b = Σ_t a_t u_t``. Where states are pooled, all sequences share one table of ``v_τ = λ^τ b``: the loss is a function of the
table, and the adjoint scan runs over it once for any number of sequences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.recurrence import adjoint_recurrence, diagonal_recurrence
from .._validate import InvalidInputError
from ..parameterisations import Parameterisation
from ..poles import exponential
from ._features import moving_mean, moving_mean_adjoint
from ._losses import Loss
from ._rows import Weights


@dataclass(frozen=True)
class Modes:
    """Poles and input weights of a model at given parameters, flattened over channels.

    Attributes
    ----------
    parameters : Parameterisation
        At these weights.
    log : complex array, shape (M,)
        Logarithms of the stored poles.
    factor : complex array, shape (M, 1)
        What multiplies the input weights B, √2 included.
    b : complex array, shape (M, m)
        Input weights of the real coordinates.
    """

    parameters: Parameterisation
    log: NDArray[np.complex128]
    factor: NDArray[np.complex128]
    b: NDArray[np.complex128]

    @classmethod
    def of(cls, template: Parameterisation, weights: Weights) -> Modes:
        """The modes that weights describe."""
        names = template.groups
        now = replace(template, **{name: weights[name] for name in names if name in weights})
        log = now.stored
        factor = now.stored_factor if now.factor_moves else np.ones(log.shape, np.complex128)
        column = np.sqrt(2.0) * factor.reshape(-1, 1)
        return cls(now, log.reshape(-1), column, column * weights["inputs"].reshape(log.size, -1))

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """As the kernels take them."""
        value, rest = exponential(self.log)
        return np.stack([value.real, value.imag, rest.real, rest.imag])

    def gradients(self, along: NDArray[np.complex128], driven: NDArray[np.complex128]) -> Weights:
        """From ``∂L/∂λ``, shape (M,), and ``∂L/∂b``, shape (M, m), to the parameters and to B."""
        shape = self.parameters.stored.shape
        by_log = (np.exp(self.log).conj() * along).reshape(shape)
        by_factor = np.sum(self.b.conj() * driven, 1).reshape(shape)
        found: Weights = dict(self.parameters.from_cotangents(by_log, by_factor))
        found["inputs"] = (self.factor.conj() * driven).reshape(*shape, -1)
        return found


class SequenceObjective:
    """Loss over sequences as a function of all parameters, for descent.

    Parameters
    ----------
    template : Parameterisation
        Kind and shapes; the weights replace its arrays.
    u : float array, shape (n, T, m)
        Sequences.
    targets : float array, shape (n, K) or (n, T - washout, K)
        Encoded targets.
    loss : Loss
        What is added up.
    length : int or None
        Steps at the end whose states are averaged; None: every step has a target.
    """

    def __init__(
        self,
        template: Parameterisation,
        u: NDArray[np.float64],
        targets: NDArray[np.float64],
        loss: Loss,
        length: int | None,
    ):
        self.template = template
        self.u = u
        self.targets = targets
        self.loss = loss
        self.length = length

    def measure(self, weights: Weights) -> float:
        """Reported loss: mean over sequences, or over their steps; infinite where the parameters have left their range."""
        try:
            modes = Modes.of(self.template, weights)
        except InvalidInputError:
            return np.inf
        total = sum(self.loss.total(scores, targets) for _, _, scores, targets in self._scored(modes, weights, slice(None)))
        return self.loss.reported_factor * total / self._rows(self.targets)

    def reported(self, value: float, weights: Weights) -> float:
        """The same from what is minimised."""
        return self.loss.reported_factor * value if np.isfinite(value) else np.inf

    def batches(self, size: int | None, rng: np.random.Generator) -> Iterator[Any]:
        """Everything, or shuffled sequences."""
        if size is None:
            yield slice(None)
            return
        order = rng.permutation(len(self.u))
        for start in range(0, order.size, size):
            yield order[start : start + size]

    def gradient(self, weights: Weights, batch: Any) -> tuple[float, Weights]:
        """Mean loss over some sequences, and its gradient; NaN where the parameters have left their range."""
        try:
            modes = Modes.of(self.template, weights)
        except InvalidInputError:
            return np.nan, {name: np.full_like(value, np.nan) for name, value in weights.items()}
        rows = self._rows(self.targets[batch])
        found = {"coefficients": np.zeros_like(weights["coefficients"])}
        total, along, driven = 0.0, np.zeros(modes.log.shape, complex), np.zeros(modes.b.shape, complex)
        shift = 0.0
        for sequences, states, scores, targets in self._scored(modes, weights, batch):
            value, slopes = self.loss.with_slopes(scores, targets)
            total, slopes = total + value, slopes / rows
            features = self._features(sequences, states)
            found["coefficients"] += features.T @ slopes
            shift = shift + slopes.sum(0)
            by_features = slopes @ weights["coefficients"].T
            along_part, driven_part = self._pulled_back(modes, sequences, states, by_features)
            along, driven = along + along_part, driven + driven_part
        if "intercept" in weights:
            found["intercept"] = np.asarray(shift)
        return total / rows, found | modes.gradients(along, driven)

    def _rows(self, targets: NDArray[Any]) -> int:
        return int(np.prod(targets.shape[:-1]))

    def _scored(self, modes: Modes, weights: Weights, batch: Any) -> Iterator[tuple[Any, Any, Any, Any]]:
        """Sequences, states or their table, scores and targets: all pooled ones at once, others one by one."""
        u, targets = self.u[batch], self.targets[batch]
        if self.length is not None:
            table = self._ran(modes, _impulses(modes, u.shape[1]))
            yield u, table, self._read(u, table, weights), targets
            return
        for one, wanted in zip(u, targets, strict=True):
            parts = np.hstack([modes.b.real.T, modes.b.imag.T])
            states = self._ran(modes, (one @ parts).reshape(len(one), 2, -1))
            yield one, states, self._read(one, states, weights), wanted

    def _ran(self, modes: Modes, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """States, shape (T, 2, M) or (T, 2, m M) for the table, in place of the inputs."""
        copies = inputs.shape[2] // modes.log.size
        diagonal_recurrence(np.tile(modes.coefficients, (1, copies)), inputs, np.zeros(inputs.shape[1:]))
        return inputs

    def _read(self, u: NDArray[Any], states: NDArray[Any], weights: Weights) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = self._features(u, states) @ weights["coefficients"]
        return scores + weights["intercept"] if "intercept" in weights else scores

    def _features(self, u: NDArray[Any], states: NDArray[Any]) -> NDArray[np.float64]:
        """Features of the sequences, shape (n, 2M); or of the steps of one sequence after the washout."""
        if self.length is None:
            return states.reshape(len(states), -1)[len(states) - self.targets.shape[1] :]
        T, m = u.shape[1:]
        pooled = moving_mean(states, self.length).reshape(T, 2, m, -1)
        return _reversed(u) @ np.swapaxes(pooled, 1, 2).reshape(T * m, -1)

    def _pulled_back(
        self, modes: Modes, u: NDArray[Any], states: NDArray[Any], by_features: NDArray[np.float64]
    ) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """``∂L/∂λ`` and ``∂L/∂b`` by one adjoint scan."""
        M, m = modes.b.shape
        T = len(states)
        if self.length is None:
            a = np.zeros((T, 2, M))
            a[T - len(by_features) :] = by_features.reshape(-1, 2, M)
        else:
            by_table = np.swapaxes((_reversed(u).T @ by_features).reshape(T, m, 2, M), 1, 2).reshape(T, 2, m * M)
            a = np.ascontiguousarray(moving_mean_adjoint(by_table, self.length))
        along = np.zeros(a.shape[1:])
        adjoint_recurrence(np.tile(modes.coefficients, (1, a.shape[2] // M)), states, a, along)
        turned = (along[0] + 1j * along[1]).reshape(-1, M).sum(0)
        if self.length is None:
            driven = (a.reshape(T, -1).T @ u).reshape(2, M, m)
        else:
            driven = np.swapaxes(a[0].reshape(2, m, M), 1, 2)
        return turned, driven[0] + 1j * driven[1]


def _impulses(modes: Modes, T: int) -> NDArray[np.float64]:
    """An impulse at each input, shape (T, 2, m M)."""
    v = np.zeros((T, 2, modes.b.size))
    v[0, 0], v[0, 1] = modes.b.real.T.ravel(), modes.b.imag.T.ravel()
    return v


def _reversed(u: NDArray[np.float64]) -> NDArray[np.float64]:
    return u[:, ::-1].reshape(len(u), -1)
