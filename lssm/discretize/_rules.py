r"""From continuous to discrete time.

On the clock ``x_t = A x_{t-1} + B u_t`` the input of the interval that ends at t is u_t, and the rules read, with ``z = AΔ``,
``φ_1(z) = (e^z-1)/z`` and ``φ_2(z) = (e^z-1-z)/z²``:

================  ==================================  ======================  =====================
method            A                                   B                       D
================  ==================================  ======================  =====================
zoh               ``e^z``                             ``Δ φ_1(z) B``          D
gbt, α            ``(I-αz)⁻¹ (I+(1-α)z)``             ``Δ (I-αz)⁻¹ B``        D
bilinear          gbt, α = ½
euler             gbt, α = 0
backward_euler    gbt, α = 1
impulse           ``e^z``                             ``Δ B``                 must be 0
hold_euler        ``e^z``                             ``Δ B``                 D
foh               ``e^z``                             ``Δ φ_1(z)φ_1(-z) B``   ``D - Δ C φ_2(-z) B``
================  ==================================  ======================  =====================

C stays as it is. "bilinear" is the rule of S4 for A and B: scipy's changes C and D as well, because its state belongs to the next
step. "hold_euler" is Mamba's: a hold for A, Euler for B. "foh" takes the input to be linear between samples.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from .._kernels.holds import phi_one, phi_two
from .._validate import InvalidInputError, StructureWarning, UnsupportedError, choice, number_inside, positive
from ..poles import gbt_log
from ..systems import DPLR, ContinuousSSM, Dense, Diagonal, DiscreteSSM, as_continuous
from ._moebius import Moebius, solved

METHODS = ("zoh", "bilinear", "gbt", "euler", "backward_euler", "impulse", "hold_euler", "foh")
ALPHAS = {"bilinear": 0.5, "euler": 0.0, "backward_euler": 1.0}

_LARGEST_GROWTH = 1e8
"""Largest ‖e^{-z}‖ for which the first-order hold is written on this clock: it costs as many digits."""


def discretize(
    system: Any, step: ArrayLike, method: str = "zoh", *, alpha: float | None = None, per_mode: bool = False
) -> DiscreteSSM:
    r"""Discrete system of a continuous one.

    Parameters
    ----------
    system : ContinuousSSM, or scipy.signal / python-control object in continuous time
        Dense, diagonal or diagonal plus low rank, with batch dimensions (...).
    step : array_like, shape (...)
        Time step Δ > 0, one for all or one for each batch entry (channel): one system and steps of shape (H,) give H systems.
    method : {"zoh", "bilinear", "gbt", "euler", "backward_euler", "impulse", "hold_euler", "foh"}
        The rule; see Notes.
    alpha : float, optional
        α of "gbt", between 0 and 1.
    per_mode : bool
        For a diagonal operator: the last axis of `step` runs over its modes, shape (..., N), as in S5.

    Returns
    -------
    DiscreteSSM
        Diagonal operators stay diagonal, in log form; the Möbius rules (all but those with ``e^z``) keep diagonal plus low rank.

    Raises
    ------
    UnsupportedError
        A system in discrete time; impulse invariance with D ≠ 0; a first-order hold so long that this clock cannot hold it.
    InvalidInputError
        An unknown method; α missing, out of range or superfluous; steps that do not fit; a singular ``I - αΔA``.

    Warns
    -----
    StructureWarning
        A first-order hold of a dense system whose modes decay by more than 1e8 in a step: the state is augmented by the input.

    Notes
    -----
    With ``z = AΔ``, ``φ_1(z) = (e^z-1)/z``, ``φ_2(z) = (e^z-1-z)/z²``: "zoh" ``e^z, Δφ_1(z)B``; "gbt"
    ``(I-αz)⁻¹(I+(1-α)z), Δ(I-αz)⁻¹B``, with α = ½ "bilinear", 0 "euler", 1 "backward_euler"; "impulse" and "hold_euler" (Mamba's)
    ``e^z, ΔB``; "foh" ``e^z, Δφ_1(z)φ_1(-z)B`` with ``D - ΔCφ_2(-z)B``. C is left alone: y_t sees the state that holds u_t. For
    "bilinear" scipy changes C and D, since it keeps the state of the next step; with "zoh" its response is ours one step later
    [GuGoel2022]_ [Gu2023]_.

    Theorem: :doc:`/theorems/discretization` (``proofs/discretization.py``); derivation: :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> system = lssm.ContinuousSSM(lssm.Diagonal([-0.5, 0.0]), [1.0, 1.0])
    >>> hold = lssm.discretize(system, 0.1)
    >>> hold
    DiscreteSSM(Diagonal(2 × 2), 1 in, 2 out)
    >>> hold.A.values.real.round(6), hold.B[:, 0].real.round(6)
    (array([0.951229, 1.      ]), array([0.097541, 0.1     ]))
    """
    continuous, name = as_continuous(system), choice(method, "method", METHODS)
    share = alpha_of(name, alpha)
    steps = positive(step, "step")
    if name == "impulse" and continuous.D.any():
        raise UnsupportedError("system: D is not zero; an impulse response with a jump has no samples to match, use 'hold_euler'")
    if isinstance(continuous.A, Diagonal):
        return _diagonal(continuous, fitted_steps(steps, continuous, per_mode), name, share)
    if per_mode:
        raise InvalidInputError(f"per_mode: steps for each mode need a diagonal operator, got {continuous.A!r}")
    steps = fitted_steps(steps, continuous, False)[..., None]
    if share is not None:
        return _moebius(continuous, steps, share)
    return _held(continuous, steps, name)


def alpha_of(method: str, alpha: float | None) -> float | None:
    """α of a Möbius rule, None for a hold."""
    if method == "gbt":
        if alpha is None:
            raise InvalidInputError("alpha: 'gbt' needs one, between 0 and 1 (½ is bilinear)")
        return number_inside(alpha, "alpha", 0.0, 1.0)
    if alpha is not None:
        raise InvalidInputError(f"alpha: belongs to 'gbt' only, not to {method!r}; leave it out")
    return ALPHAS.get(method)


def fitted_steps(steps: NDArray[np.float64], system: ContinuousSSM | DiscreteSSM, per_mode: bool) -> NDArray[np.float64]:
    """Steps with a last axis over modes, of length N or 1."""
    shaped = steps if per_mode else steps[..., None]
    if per_mode and (steps.ndim == 0 or steps.shape[-1] != system.order):
        raise InvalidInputError(f"step: shape {steps.shape} does not fit {system.order} modes; pass (..., {system.order})")
    try:
        np.broadcast_shapes(shaped.shape[:-1], system.batch)
    except ValueError:
        raise InvalidInputError(f"step: shape {steps.shape} does not fit a batch {system.batch} of systems") from None
    return shaped


def entire(kernel: Callable[[Any, Any], None], z: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """An entire function, element by element."""
    flat = np.ascontiguousarray(z).ravel()
    out = np.empty_like(flat)
    kernel(flat, out)
    return out.reshape(z.shape)


def _diagonal(system: ContinuousSSM, steps: NDArray[np.float64], method: str, alpha: float | None) -> DiscreteSSM:
    a = system.A.values  # type: ignore[union-attr]
    with np.errstate(over="ignore", invalid="ignore"):
        z = a * steps
        if alpha is not None:
            if np.any(alpha * z == 1):
                raise InvalidInputError("step: the rule has a pole at a mode (1 - αΔa = 0); choose another step, or method='zoh'")
            log, gain, D = gbt_log(a, steps, alpha), steps / (1.0 - alpha * z), system.D
        else:
            log = z
            gain, D = _gains(system, z, steps, method)
    if not np.isfinite(gain).all() or np.isnan(log).any() or log.real.max() > 709:
        raise InvalidInputError("step: a · step leaves the range of double precision; pass a smaller step")
    return DiscreteSSM(Diagonal.from_log(log), gain[..., None] * system.B, system.C, D)


def _gains(
    system: ContinuousSSM, z: NDArray[np.complex128], steps: NDArray[np.float64], method: str
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """What multiplies B, mode by mode, and D, for the rules with ``e^z``."""
    if method == "zoh":
        return steps * entire(phi_one, z), system.D
    if method in ("impulse", "hold_euler"):
        return steps * np.ones_like(z), system.D
    if np.exp(-z.real).max() > _LARGEST_GROWTH:
        raise UnsupportedError(
            "step: a mode decays by more than 1e8 in one step, and the first-order hold on this clock holds its inverse; pass a "
            "smaller step, or the system as a dense one, which is augmented"
        )
    forward, back = entire(phi_one, z), entire(phi_one, -z)
    second = steps * entire(phi_two, -z)
    return steps * forward * back, system.D - system.C @ (second[..., None] * system.B)


def _moebius(system: ContinuousSSM, steps: NDArray[np.float64], alpha: float) -> DiscreteSSM:
    A = system.A
    z, identity = A.to_dense() * steps, np.eye(A.order)
    resolvent = identity - alpha * z
    if steps.size == 1:
        operator = Moebius.gbt(float(steps.ravel()[0]), alpha)(A)
    elif isinstance(A, DPLR):
        raise UnsupportedError("step: one step for a diagonal-plus-low-rank system; discretize channel by channel")
    else:
        operator = Dense(solved(resolvent, identity + (1 - alpha) * z))
    return DiscreteSSM(operator, solved(resolvent, steps * system.B), system.C, system.D)


def _held(system: ContinuousSSM, steps: NDArray[np.float64], method: str) -> DiscreteSSM:
    """Dense holds from one exponential of a block matrix, which is safe where A is singular."""
    with np.errstate(over="ignore", invalid="ignore"):
        A, B, m = system.A.to_dense() * steps, system.B * steps, system.inputs
        limit = np.isfinite(A).all() and np.isfinite(B).all() and np.isfinite(scipy.linalg.expm(A)).all()
    if not limit:
        raise InvalidInputError("step: e^(A · step) leaves the range of double precision; pass a smaller step")
    if method in ("impulse", "hold_euler"):
        return DiscreteSSM(scipy.linalg.expm(A), B, system.C, system.D)
    power, first, second = integrals(A, B)
    if method == "zoh":
        return DiscreteSSM(power, first, system.C, system.D)
    with np.errstate(all="ignore"):
        back = scipy.linalg.expm(-A)
    if not (np.isfinite(back).all() and np.linalg.norm(back, 2, axis=(-2, -1)).max() <= _LARGEST_GROWTH):
        warnings.warn("discretize: modes decay by over 1e8 in a step; the state was augmented by the input", StructureWarning, 3)
        return DiscreteSSM.from_next_state(power, first - second + power @ second, system.C, system.D + system.C @ second)
    _, back, _ = integrals(-A, first)
    _, _, behind = integrals(-A, B)
    return DiscreteSSM(power, back[..., :m], system.C, system.D - system.C @ behind)


def integrals(z: NDArray[Any], b: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """``e^z``, ``φ_1(z) b`` and ``φ_2(z) b``."""
    N, m = z.shape[-1], b.shape[-1]
    lead = np.broadcast_shapes(z.shape[:-2], b.shape[:-2])
    block = np.zeros((*lead, N + 2 * m, N + 2 * m), np.complex128)
    block[..., :N, :N], block[..., :N, N : N + m] = z, b
    block[..., N : N + m, N + m :] = np.eye(m)
    power = scipy.linalg.expm(block)
    return power[..., :N, :N], power[..., :N, N : N + m], power[..., :N, N + m :]
