"""From discrete time back to continuous time."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from .._kernels.holds import phi_one, phi_two
from .._validate import InvalidInputError, UnsupportedError, choice, is_singular, positive
from ..poles import is_real
from ..systems import ContinuousSSM, Dense, Diagonal, DiscreteSSM, as_discrete
from ._moebius import Moebius, solved
from ._rules import METHODS, alpha_of, entire, fitted_steps, integrals


def undiscretize(
    system: Any, step: ArrayLike, method: str = "zoh", *, alpha: float | None = None, per_mode: bool = False
) -> ContinuousSSM:
    r"""Continuous system that a rule turns into the given discrete one.

    Parameters
    ----------
    system : discrete system
        What `lssm.as_discrete` accepts.
    step, method, alpha, per_mode
        As in `discretize`.

    Returns
    -------
    ContinuousSSM
        ``discretize(undiscretize(system, step), step)`` is the system. For a diagonal operator so is the other order; for a dense
        one the principal logarithm is taken, which is the other order while ``|Im a| Δ < π``.

    Raises
    ------
    InvalidInputError
        A pole that the rule never yields: 0 for a hold, ``-(1-α)/α`` for a Möbius rule; B that no input matrix yields.
    UnsupportedError
        A system in continuous time; several steps for anything but a diagonal operator.

    Notes
    -----
    Theorem: :doc:`/theorems/discretization` (``proofs/discretization.py``); derivation: :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> system = lssm.ContinuousSSM(lssm.Diagonal([-0.5, -1 + 40j]), [1.0, 2.0])
    >>> back = lssm.undiscretize(lssm.discretize(system, 0.1), 0.1)
    >>> back.A.values, back.B[:, 0]
    (array([-0.5 +0.j, -1. +40.j]), array([1.+0.j, 2.+0.j]))
    """
    discrete, name = as_discrete(system), choice(method, "method", METHODS)
    share, steps = alpha_of(name, alpha), positive(step, "step")
    if isinstance(discrete.A, Diagonal):
        return _diagonal(discrete, fitted_steps(steps, discrete, per_mode), name, share)
    if per_mode:
        raise InvalidInputError(f"per_mode: steps for each mode need a diagonal operator, got {discrete.A!r}")
    if steps.size != 1 or discrete.batch:
        raise UnsupportedError("system: a batch, or several steps, of dense matrices; go back one by one")
    delta = float(steps.ravel()[0])
    return _moebius(discrete, delta, share) if share is not None else _held(discrete, delta, name)


def _diagonal(system: DiscreteSSM, steps: NDArray[np.float64], method: str, alpha: float | None) -> ContinuousSSM:
    log = system.A.log  # type: ignore[union-attr]
    if alpha is not None:
        above = np.where(np.isneginf(log.real), -1.0, entire_expm1(log))  # λ - 1
        below = 1.0 + alpha * above
        if np.abs(below).min() <= 4 * np.finfo(float).eps:
            raise InvalidInputError(f"system: has the pole {-(1 - alpha) / alpha:g}, which this rule never yields")
        z = above / below
        z = np.where(is_real(log), z.real, z)
        return ContinuousSSM(Diagonal(z / steps), ((1.0 - alpha * z) / steps)[..., None] * system.B, system.C, system.D)
    if np.isneginf(log.real).any():
        raise InvalidInputError("system: has the pole 0, which no hold yields")
    gain, D = np.ones_like(log), system.D
    if method in ("zoh", "foh"):
        gain = gain * entire(phi_one, log)
    if method == "foh":
        gain = gain * entire(phi_one, -log)
    if np.abs(gain).min() <= 8 * np.finfo(float).eps:
        raise InvalidInputError("system: a mode turns full circles in one step, where the hold loses its input")
    B = system.B / (steps * gain)[..., None]
    if method == "foh":
        D = D + system.C @ ((steps * entire(phi_two, -log))[..., None] * B)
    return ContinuousSSM(Diagonal(log / steps), B, system.C, D)


def entire_expm1(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """``e^ℓ - 1`` by way of ``φ_1``."""
    finite_log = np.where(np.isneginf(log.real), 0, log)
    return finite_log * entire(phi_one, finite_log)


def _moebius(system: DiscreteSSM, step: float, alpha: float) -> ContinuousSSM:
    A = Moebius.gbt(step, alpha).inverse(system.A)
    resolvent = np.eye(system.order) - alpha * step * A.to_dense()
    return ContinuousSSM(A, resolvent @ system.B / step, system.C, system.D)


def _held(system: DiscreteSSM, step: float, method: str) -> ContinuousSSM:
    matrix = system.A.to_dense()
    if is_singular(matrix):
        raise InvalidInputError("system: A is singular, and no hold yields the pole 0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a nearly singular matrix, which was just judged
        z = scipy.linalg.logm(matrix)
    A, identity = Dense(z / step), np.eye(system.order)
    if method in ("impulse", "hold_euler"):
        return ContinuousSSM(A, system.B / step, system.C, system.D)
    _, first, _ = integrals(z, identity)
    B = solved(step * first, system.B)
    if method == "zoh":
        return ContinuousSSM(A, B, system.C, system.D)
    _, back, behind = integrals(-z, identity)
    B = solved(back, B)
    return ContinuousSSM(A, B, system.C, system.D + step * system.C @ behind @ B)
