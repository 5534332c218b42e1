r"""Poles as models store them, and the chain rule back to what is stored.

A parameterisation maps real parameters p to logarithms ``ℓ_k(p)`` of poles. A derivative with respect to the poles comes back as

.. math:: \frac{\partial M}{\partial p} = \sum_k m_k\,\mathrm{Re}\Big(\lambda_k\,\frac{\partial M}{\partial\lambda_k}\,
          \frac{\partial\ell_k}{\partial p}\Big), \qquad m_k = 4 \text{ for one of a conjugate pair, } 2 \text{ for a real pole.}
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ._validate import InvalidInputError, choice, finite, nonempty, numbers, read_only
from .poles import Poles, is_real


@dataclass(frozen=True, eq=False)
class Parameterisation:
    """Base: real parameter arrays in, poles out, gradients back.

    A model of N poles stores n of them, one of each conjugate pair where it keeps pairs in halves.

    Notes
    -----
    Theorem: :doc:`/theorems/adjoint_scan` (``proofs/adjoint_scan.py``); derivation: :doc:`/derivations/training`.

    Examples
    --------
    >>> import lssm
    >>> layer = lssm.parameterisations.LRU(nu_log=[-3.0, -2.0], theta_log=[0.0, -1.0])
    >>> isinstance(layer, lssm.parameterisations.Parameterisation), layer.poles.order, layer.stored.shape
    (True, 4, (2,))
    >>> layer.groups
    {'nu_log': 'poles', 'theta_log': 'poles'}
    """

    def __post_init__(self) -> None:
        for name in self.groups:
            object.__setattr__(self, name, read_only(finite(getattr(self, name), name, dtype=np.float64)))
        names = ", ".join(self.groups)
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
            raise InvalidInputError(
                "parameters: poles coincide (frequencies alias modulo 2π/step), where memory jumps and has no derivative; "
                "move one of them"
            )
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

    def from_cotangents(self, log: NDArray[np.complex128], log_factor: NDArray[np.complex128]) -> dict[str, NDArray[np.float64]]:
        """Gradients of a real loss with respect to the parameters, from those with respect to stored poles and input factors.

        Parameters
        ----------
        log, log_factor : complex array, shape (..., n)
            ``∂L/∂Re + i ∂L/∂Im`` of ``ℓ_k`` and of the logarithm of ``input_factor``, for the stored poles only.

        Returns
        -------
        dict of str to float array
            In the shape of each parameter. Unlike `pullback` it knows no real poles: a loss of given readout weights is smooth
            where a frequency passes zero.

        Raises
        ------
        InvalidInputError
            Arrays of another shape than the stored poles.

        Examples
        --------
        The loss ``Σ_k Re ℓ_k``, which no input factor enters:

        >>> import lssm
        >>> layer = lssm.parameterisations.S4D(log_A_real=np.log([0.5, 0.5]), A_imag=[1.0, 3.0], log_dt=np.log(0.1))
        >>> slopes = layer.from_cotangents(np.ones(2), np.zeros(2))
        >>> slopes["log_A_real"].round(6), float(slopes["log_dt"].round(6))
        (array([-0.05, -0.05]), -0.1)
        """
        own = self.stored
        if np.shape(log) != own.shape or np.shape(log_factor) != own.shape:
            raise InvalidInputError(
                f"log, log_factor: shapes {np.shape(log)}, {np.shape(log_factor)} do not fit poles {own.shape}"
            )
        found = {}
        by_factor = self._log_input(own)[1] if self.factor_moves else {}
        for name, derivative in self._derivatives(own).items():
            terms = (derivative.conj() * log).real
            if name in by_factor:
                terms = terms + (np.conj(by_factor[name]) * log_factor).real
            shape = getattr(self, name).shape
            found[name] = _summed_to(terms[..., None], (*shape, 1) if name in self._steps else shape).reshape(shape)
        return found

    @property
    def groups(self) -> dict[str, str]:
        """Group of each parameter, "poles" or "steps": published code gives them rates of their own."""
        names = [field.name for field in fields(self) if field.type != "str"]  # all but the name of a version
        return {name: "steps" if name in self._steps else "poles" for name in names}

    @property
    def stored(self) -> NDArray[np.complex128]:
        """``ℓ_k`` of the poles as stored, shape (..., n): one of each conjugate pair, coinciding ones as they are."""
        return np.asarray(self._log())

    @property
    def stored_factor(self) -> NDArray[np.complex128]:
        """``input_factor`` of the stored poles, shape (..., n)."""
        return np.exp(self._log_input(self.stored)[0] + 0j)

    factor_moves: ClassVar[bool] = True
    """Whether `input_factor` follows the parameters in training; the LRU's is a parameter of its own after initialisation."""

    _half: ClassVar[bool] = True
    _frequencies: ClassVar[tuple[str, ...]] = ()
    _steps: ClassVar[tuple[str, ...]] = ()

    def _log(self) -> NDArray[np.complex128]:
        raise NotImplementedError

    def _derivatives(self, log: NDArray[np.complex128]) -> dict[str, NDArray[Any]]:
        """``∂ℓ_k/∂p``, entry k for the parameter of pole k or the one it shares with others."""
        raise NotImplementedError

    def input_factor(self) -> NDArray[np.complex128]:
        """What the model multiplies the input weight of each of its `poles` with.

        S4D: the hold, ``(e^ℓ-1)/a``; DSS: ``(e^ℓ-1)/Λ``; LRU at its initialisation: ``√(1-|λ|²)``; Mamba: the step.

        Returns
        -------
        complex array, shape (N,)
            In units of time, but for the LRU, whose factor is dimensionless.

        Raises
        ------
        InvalidInputError
            A batch of models.

        Examples
        --------
        >>> import lssm
        >>> layer = lssm.parameterisations.LRU(nu_log=[-3.0, -2.0], theta_log=[0.0, -1.0])
        >>> bool(np.allclose(layer.input_factor(), np.sqrt(1 - np.abs(layer.poles.values) ** 2)))
        True
        """
        return self._with_conjugates(self.stored_factor, self.stored)

    def input_derivatives(self) -> dict[str, NDArray[np.complex128]]:
        """Derivatives of the logarithm of `input_factor` with respect to the parameter of each pole, or the one it shares.

        Returns
        -------
        dict of str to complex array, shape (N,)
            By parameter; entry k belongs to pole k.

        Raises
        ------
        InvalidInputError
            A batch of models.

        Examples
        --------
        The longer the step, the more each hold lets in, in proportion:

        >>> import lssm
        >>> layer = lssm.parameterisations.S4D(log_A_real=np.log([0.5]), A_imag=[1.0], log_dt=np.log(1e-6))
        >>> layer.input_derivatives()["log_dt"].real.round(5)
        array([1., 1.])
        """
        log = np.asarray(self._log())
        return {name: self._with_conjugates(part + 0j, log) for name, part in self._log_input(log)[1].items()}

    def _with_conjugates(self, stored: NDArray[np.complex128], log: NDArray[np.complex128]) -> NDArray[np.complex128]:
        if log.ndim > 1:
            raise InvalidInputError("parameters: a batch of models; take its models one at a time")
        return np.concatenate([stored, stored[~is_real(log)].conj()]) if self._half else stored

    def _log_input(self, log: NDArray[np.complex128]) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        """Logarithm of the factor of each stored pole, and its derivatives."""
        raise NotImplementedError

    def _curvatures(self, log: NDArray[np.complex128]) -> dict[tuple[str, str], NDArray[Any]]:
        """``∂²ℓ_k/∂p∂p'`` likewise; each pair once, pairs left out are zero."""
        raise NotImplementedError


def _summed_to(terms: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Sum of `terms`, shape (..., n, T), over the axes along which a parameter of this shape was broadcast."""
    aligned = (1,) * (terms.ndim - 1 - len(shape)) + shape
    axes = tuple(i for i, length in enumerate(aligned) if length == 1 and terms.shape[i] != 1)
    summed: NDArray[np.float64] = terms.sum(axes, keepdims=True)
    return summed


def _log_hold(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """``log (e^ℓ-1)/ℓ`` of stable poles."""
    found: NDArray[np.complex128] = np.log(np.expm1(log) / log)
    return found


def _hold_slope(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Derivative of the same, ``e^ℓ/(e^ℓ-1) - 1/ℓ``; its series next to 0, where the two terms cancel."""
    small = np.abs(log) < 0.05
    x = np.where(small, log, 0.0)
    series = 0.5 + x / 12 - x**3 / 720 + x**5 / 30240 - x**7 / 1209600
    away = np.where(small, 1.0, log)
    found: NDArray[np.complex128] = np.where(small, series, np.exp(away) / np.expm1(away) - 1.0 / away)
    return found


@dataclass(frozen=True, eq=False)
class S4D(Parameterisation):
    """Reference S4D: ``ℓ = (-exp(log_A_real) + i A_imag) exp(log_dt)``, one of each conjugate pair [Gu2022]_.

    Attributes
    ----------
    log_A_real, A_imag : float array, shape (..., n)
        Logarithm of the decay rate (1/time), and the frequency (radians a unit of time).
    log_dt : float array, shape (...)
        Logarithm of the time step (units of time).

    Notes
    -----
    Explained in :doc:`/initialisations`.

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

    def _log_input(self, log: NDArray[np.complex128]) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        slope = _hold_slope(log)
        found = {name: slope * part for name, part in self._derivatives(log).items()}
        found["log_dt"] = log * np.exp(log) / np.expm1(log)
        return _log_hold(log) + self.log_dt[..., None], found

    def _curvatures(self, log: NDArray[np.complex128]) -> dict[tuple[str, str], NDArray[Any]]:
        first = self._derivatives(log)
        own, turn = first["log_A_real"], first["A_imag"]
        return {
            ("log_A_real", "log_A_real"): own,
            ("log_A_real", "log_dt"): own,
            ("A_imag", "log_dt"): turn,
            ("log_dt", "log_dt"): log,
        }


@dataclass(frozen=True, eq=False)
class LRU(Parameterisation):
    """Linear recurrent unit: ``ℓ = -exp(nu_log) + i exp(theta_log)`` [Orvieto2023]_.

    Its readout takes the real part of complex states, which makes the conjugates part of the model.

    Attributes
    ----------
    nu_log, theta_log : float array, shape (..., n)
        Logarithms of decay and phase, in 1/steps and radians a step.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.parameterisations.LRU(nu_log=[-3.0, -2.0], theta_log=[0.0, -1.0]).poles.order
    4
    """

    nu_log: NDArray[np.float64]
    theta_log: NDArray[np.float64]
    factor_moves: ClassVar[bool] = False
    _frequencies: ClassVar[tuple[str, ...]] = ("theta_log",)

    def _log(self) -> NDArray[np.complex128]:
        log: NDArray[np.complex128] = -np.exp(self.nu_log) + 1j * np.exp(self.theta_log)
        return log

    def _derivatives(self, log: NDArray[np.complex128]) -> dict[str, NDArray[Any]]:
        return {"nu_log": log.real, "theta_log": 1j * log.imag}

    def _log_input(self, log: NDArray[np.complex128]) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        damping = -np.expm1(2.0 * log.real)
        return 0.5 * np.log(damping), {"nu_log": -log.real * np.exp(2.0 * log.real) / damping, "theta_log": np.zeros(log.shape)}

    def _curvatures(self, log: NDArray[np.complex128]) -> dict[tuple[str, str], NDArray[Any]]:
        return {(name, name): derivative for name, derivative in self._derivatives(log).items()}


@dataclass(frozen=True, eq=False)
class DSS(Parameterisation):
    """Diagonal state space: ``ℓ = Re Λ exp(log_dt_re) + i Im Λ exp(log_dt_im)`` [Gupta2022]_.

    Attributes
    ----------
    Lambda_re, Lambda_im : float array, shape (..., n)
        Parts of Λ, in 1/time, as stored; of version "exp" the decay is ``Re Λ = -exp(Lambda_re)``, of "softmax"
        ``Re Λ = Lambda_re``.
    log_dt_re, log_dt_im : float array, shape (...)
        Logarithms of the steps (units of time) of both parts, which the published code keeps apart.
    version : {"exp", "softmax"}
        Which of the two published models.

    Notes
    -----
    Explained in :doc:`/initialisations`.

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

    def _log_input(self, log: NDArray[np.complex128]) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        first = self._derivatives(log)
        steps = {name: np.exp(np.asarray(getattr(self, name)))[..., None] for name in self._steps}
        own = log.real / steps["log_dt_re"] + 1j * log.imag / steps["log_dt_im"]  # Λ
        slope = np.exp(log) / np.expm1(log)  # of log (e^ℓ-1)
        found = {name: slope * part for name, part in first.items()}
        for name, step in (("Lambda_re", "log_dt_re"), ("Lambda_im", "log_dt_im")):
            found[name] = found[name] - first[name] / steps[step] / own
        return _log_hold(log) + np.log(log / own), found

    def _curvatures(self, log: NDArray[np.complex128]) -> dict[tuple[str, str], NDArray[Any]]:
        first = self._derivatives(log)
        steps = {(name, name): first[name] for name in self._steps}
        own = {("Lambda_re", "Lambda_re"): log.real} if self.version == "exp" else {}
        crossed = {("Lambda_re", "log_dt_re"): first["Lambda_re"], ("Lambda_im", "log_dt_im"): first["Lambda_im"]}
        return {**own, **crossed, **steps}


@dataclass(frozen=True, eq=False)
class Mamba(Parameterisation):
    """One channel of Mamba with its step held fixed: ``ℓ = -exp(A_log) softplus(dt)``, real poles [Gu2023]_.

    Attributes
    ----------
    A_log : float array, shape (..., N)
        Logarithm of the decay rates (1/time); all N poles are stored.
    dt : float array, shape (...)
        Step before the softplus, which makes units of time of it: projection and bias.

    Notes
    -----
    Explained in :doc:`/initialisations`.

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
        return {"A_log": log.real, "dt": log.real * self._slopes()[0][..., None]}

    def _log_input(self, log: NDArray[np.complex128]) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        tail = self.dt < -37.0
        whole = np.where(tail, self.dt, np.log(np.logaddexp(0.0, np.where(tail, 0.0, self.dt))))
        still = np.zeros(log.shape)
        return whole[..., None] + still, {"A_log": still, "dt": self._slopes()[0][..., None] + still}

    def _curvatures(self, log: NDArray[np.complex128]) -> dict[tuple[str, str], NDArray[Any]]:
        slope, bend = self._slopes()
        own, crossed = log.real, log.real * slope[..., None]
        return {("A_log", "A_log"): own, ("A_log", "dt"): crossed, ("dt", "dt"): log.real * bend[..., None]}

    def _slopes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """First and second derivative of the softplus, divided by it."""
        tail = self.dt < -37.0  # where softplus(dt) = e^dt to the last bit
        dt = np.where(tail, 0.0, self.dt)
        first, whole = 1.0 / (1.0 + np.exp(-dt)), np.logaddexp(0.0, dt)
        return np.where(tail, 1.0, first / whole), np.where(tail, 1.0, first / (1.0 + np.exp(dt)) / whole)
