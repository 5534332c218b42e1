r"""Poles as models store them, and the chain rule back to what is stored.

A parameterisation maps real parameters p to logarithms ``ℓ_k(p)`` of poles. A derivative with respect to the poles comes back as

.. math:: \frac{\partial M}{\partial p} = \sum_k m_k\,\mathrm{Re}\Big(\lambda_k\,\frac{\partial M}{\partial\lambda_k}\,
          \frac{\partial\ell_k}{\partial p}\Big), \qquad m_k = 4 \text{ for one of a conjugate pair, } 2 \text{ for a real pole.}
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ._validate import InvalidInputError, choice, finite, nonempty, numbers, read_only
from .poles import Poles, is_real


@dataclass(frozen=True, eq=False)
class Parameterisation:
    """Base: real parameter arrays in, poles out, gradients back."""

    def __post_init__(self) -> None:
        for field in fields(self):
            if field.type is not str:
                array = finite(getattr(self, field.name), field.name, dtype=np.float64)
                object.__setattr__(self, field.name, read_only(array))
        names = ", ".join(field.name for field in fields(self) if field.type is not str)
        try:
            with np.errstate(all="ignore"):
                log = self._log()
        except InvalidInputError:
            raise
        except ValueError as error:
            raise InvalidInputError(f"{names}: shapes do not fit ({error})") from None
        if not np.isfinite(log).all() or (log.real == 0).any():
            raise InvalidInputError(f"{names}: decays or frequencies beyond the range of double precision")

    @property
    def poles(self) -> Poles:
        """Poles of the model, shape (..., N): one of each stored, then the conjugates of those that are not real."""
        poles = Poles.from_log(nonempty(np.asarray(self._log()), "parameters"), half=self._half, diagonal=True)
        if poles.merged.any():
            raise InvalidInputError("parameters: poles coincide, where memory jumps and has no derivative; move one of them")
        return poles

    def pullback(self, gradient: NDArray[np.complex128]) -> dict[str, NDArray[np.float64]]:
        """Gradients with respect to the parameters from one with respect to the poles.

        Parameters
        ----------
        gradient : complex array, shape (..., N, T)
            Wirtinger derivatives ``∂/∂λ_k`` of T real functions of `poles`, such as `lssm.memory_gradient` returns.

        Returns
        -------
        dict of str to float array, shape (..., T)
            By parameter; the leading dimensions are the parameter's. NaN for the frequency of a real pole
            (at zero, or aliased to π): there it becomes a pair, the number of poles jumps, and no derivative exists.

        Raises
        ------
        InvalidInputError
            A gradient of another shape.
        """
        log = np.asarray(self._log())
        n = log.shape[-1]
        array = numbers(gradient, "gradient")
        if array.shape[:-1] != self.poles.log.shape:
            raise InvalidInputError(
                f"gradient: shape {array.shape} does not fit poles of shape {self.poles.log.shape} and T delays"
            )
        real = is_real(log)
        weight = np.where(real | (not self._half), 2.0, 4.0)
        by_log = (weight * np.exp(log))[..., None] * array[..., :n, :]
        found = {}
        for name, derivative in self._derivatives(log).items():
            terms = (by_log * derivative[..., None]).real
            if name in self._frequencies:
                terms = np.where(real[..., None], np.nan, terms)
            parameter = getattr(self, name).shape
            found[name] = _summed_to(terms, (*parameter, 1) if name in self._steps else parameter).reshape(*parameter, -1)
        return found

    _half: ClassVar[bool] = True
    _frequencies: ClassVar[tuple[str, ...]] = ()
    _steps: ClassVar[tuple[str, ...]] = ()

    def _log(self) -> NDArray[np.complex128]:
        raise NotImplementedError

    def _derivatives(self, log: NDArray[np.complex128]) -> dict[str, NDArray[Any]]:
        raise NotImplementedError


def _summed_to(terms: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Sum of `terms`, shape (..., n, T), over the axes along which a parameter of this shape was broadcast."""
    aligned = (1,) * (terms.ndim - 1 - len(shape)) + shape
    axes = tuple(i for i, length in enumerate(aligned) if length == 1 and terms.shape[i] != 1)
    summed: NDArray[np.float64] = terms.sum(axes, keepdims=True)
    return summed


@dataclass(frozen=True, eq=False)
class S4D(Parameterisation):
    """Reference S4D: ``ℓ = (-exp(log_A_real) + i A_imag) exp(log_dt)``, one of each conjugate pair [Gu2022]_.

    Attributes
    ----------
    log_A_real, A_imag : float array, shape (..., N/2)
        Logarithm of the decay rate, and the frequency.
    log_dt : float array, shape (...)
        Logarithm of the time step.

    Examples
    --------
    >>> import lssm
    >>> layer = lssm.parameterisations.S4D(log_A_real=np.log([0.5, 0.5]), A_imag=[1.0, 3.0], log_dt=np.log(0.1))
    >>> layer.poles.order
    4
    >>> layer.pullback(lssm.memory_gradient(layer.poles, 50))["log_dt"].shape
    (50,)
    """

    log_A_real: NDArray[np.float64]
    A_imag: NDArray[np.float64]
    log_dt: NDArray[np.float64]
    _frequencies: ClassVar[tuple[str, ...]] = ("A_imag",)
    _steps: ClassVar[tuple[str, ...]] = ("log_dt",)

    def _log(self) -> NDArray[np.complex128]:
        log: NDArray[np.complex128] = (-np.exp(self.log_A_real) + 1j * self.A_imag) * self._step
        return log

    @property
    def _step(self) -> NDArray[np.float64]:
        return np.exp(self.log_dt)[..., None]

    def _derivatives(self, log: NDArray[np.complex128]) -> dict[str, NDArray[Any]]:
        return {"log_A_real": log.real, "A_imag": 1j * np.broadcast_to(self._step, log.shape), "log_dt": log}


@dataclass(frozen=True, eq=False)
class LRU(Parameterisation):
    """Linear recurrent unit: ``ℓ = -exp(nu_log) + i exp(theta_log)`` [Orvieto2023]_.

    Its readout takes the real part of complex states, which makes the conjugates part of the model.

    Attributes
    ----------
    nu_log, theta_log : float array, shape (..., N)
        Logarithms of decay and phase, in 1/steps and radians a step.

    Examples
    --------
    >>> import lssm
    >>> lssm.parameterisations.LRU(nu_log=[-3.0, -2.0], theta_log=[0.0, -1.0]).poles.order
    4
    """

    nu_log: NDArray[np.float64]
    theta_log: NDArray[np.float64]
    _frequencies: ClassVar[tuple[str, ...]] = ("theta_log",)

    def _log(self) -> NDArray[np.complex128]:
        log: NDArray[np.complex128] = -np.exp(self.nu_log) + 1j * np.exp(self.theta_log)
        return log

    def _derivatives(self, log: NDArray[np.complex128]) -> dict[str, NDArray[Any]]:
        return {"nu_log": log.real, "theta_log": 1j * log.imag}


@dataclass(frozen=True, eq=False)
class DSS(Parameterisation):
    """Diagonal state space: ``ℓ = Re Λ exp(log_dt_re) + i Im Λ exp(log_dt_im)`` [Gupta2022]_.

    Attributes
    ----------
    Lambda_re, Lambda_im : float array, shape (..., N)
        Parts of Λ as stored; of version "exp" the decay is ``Re Λ = -exp(Lambda_re)``, of "softmax" ``Re Λ = Lambda_re``.
    log_dt_re, log_dt_im : float array, shape (...)
        Logarithms of the steps of both parts, which the published code keeps apart.
    version : {"exp", "softmax"}
        Which of the two published models.

    Examples
    --------
    >>> import lssm
    >>> lssm.parameterisations.DSS([-0.5, -0.5], [1.0, 3.0], -2.0, -2.0, version="softmax").poles.order
    4
    """

    Lambda_re: NDArray[np.float64]
    Lambda_im: NDArray[np.float64]
    log_dt_re: NDArray[np.float64]
    log_dt_im: NDArray[np.float64]
    version: str = "exp"
    _frequencies: ClassVar[tuple[str, ...]] = ("Lambda_im",)
    _steps: ClassVar[tuple[str, ...]] = ("log_dt_re", "log_dt_im")

    def _log(self) -> NDArray[np.complex128]:
        stored = np.asarray(self.Lambda_re)
        decay = -np.exp(stored) if choice(self.version, "version", ("exp", "softmax")) == "exp" else stored
        steps = (np.exp(np.asarray(log))[..., None] for log in (self.log_dt_re, self.log_dt_im))
        log: NDArray[np.complex128] = decay * next(steps) + 1j * np.asarray(self.Lambda_im) * next(steps)
        return log

    def _derivatives(self, log: NDArray[np.complex128]) -> dict[str, NDArray[Any]]:
        steps = [np.exp(np.asarray(log_dt))[..., None] for log_dt in (self.log_dt_re, self.log_dt_im)]
        decay = log.real if self.version == "exp" else np.broadcast_to(steps[0], log.shape)
        turn = 1j * np.broadcast_to(steps[1], log.shape)
        return {"Lambda_re": decay, "Lambda_im": turn, "log_dt_re": log.real, "log_dt_im": 1j * log.imag}


@dataclass(frozen=True, eq=False)
class Mamba(Parameterisation):
    """One channel of Mamba with its step held fixed: ``ℓ = -exp(A_log) softplus(dt)``, real poles [Gu2023]_.

    Attributes
    ----------
    A_log : float array, shape (..., N)
        Logarithm of the decay rates.
    dt : float array, shape (...)
        Step before the softplus: projection and bias.

    Examples
    --------
    >>> import lssm
    >>> lssm.parameterisations.Mamba(A_log=np.log(np.arange(1, 17)), dt=-4.6).poles
    Poles(16 poles, conjugate-closed, |λ| = 0.852121 … 0.990048)
    """

    A_log: NDArray[np.float64]
    dt: NDArray[np.float64]
    _half: ClassVar[bool] = False
    _steps: ClassVar[tuple[str, ...]] = ("dt",)

    def _log(self) -> NDArray[np.complex128]:
        log: NDArray[np.complex128] = (-np.exp(self.A_log) * np.logaddexp(0.0, self.dt)[..., None]).astype(np.complex128)
        return log

    def _derivatives(self, log: NDArray[np.complex128]) -> dict[str, NDArray[Any]]:
        tail = self.dt < -37.0  # where softplus(dt) = e^dt to the last bit
        dt = np.where(tail, 0.0, self.dt)
        slope = np.where(tail, 1.0, 1.0 / (1.0 + np.exp(-dt)) / np.logaddexp(0.0, dt))
        return {"A_log": log.real, "dt": log.real * slope[..., None]}
