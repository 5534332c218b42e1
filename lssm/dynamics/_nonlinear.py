"""The readout's gradient behind an output nonlinearity and any loss, for Gaussian input: two numbers change, the vectors stay."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.special
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from .._validate import AccuracyWarning, InvalidInputError, count, finite, vector
from ._readout import discrete_system, require_teacher
from ._teacher import Teacher
from ._whitened import whitened

_MOST = 512
Signal = Callable[[NDArray[np.float64], NDArray[np.float64]], ArrayLike]


@dataclass(frozen=True, eq=False)
class NonlinearGradient(Result):
    """Gradient of a readout behind a nonlinearity.

    Attributes
    ----------
    gradient : complex array, shape (N,)
        ``on_model · G c + on_teacher · q``; ``dL = Re(dc* · gradient)``.
    on_model, on_teacher : float
        The error signal correlates with the input as ``on_model · h_τ + on_teacher · m_τ``, h the model's own response: the
        nonlinearity enters by these two numbers only.
    error : float
        How much either changes when the quadrature has half as many nodes, absolute.

    Notes
    -----
    Theorem: :doc:`/theorems/teacher_information` (``proofs/teacher_information.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import nonlinear_gradient, teachers
    >>> found = nonlinear_gradient(lssm.Poles.from_discrete([0.5]), teachers.delay(1), [1.0], lambda s, z: s - z)  # of ½(s - z)²
    >>> print(f"{found.on_model:.6f} {found.on_teacher:.6f}")
    1.000000 -1.000000
    >>> found.gradient.real.round(6)  # G c - q = 4/3 - 1/2
    array([0.833333])
    """

    gradient: NDArray[np.complex128] = field(repr=False)
    on_model: float
    on_teacher: float
    error: float

    def __str__(self) -> str:
        return f"gradient = {self.on_model:.6g} · G c + {self.on_teacher:.6g} · q, quadrature to {self.error:.0e}"


def nonlinear_gradient(
    system: Any,
    teacher: Teacher,
    readout: ArrayLike,
    signal: Signal,
    *,
    weights: ArrayLike | None = None,
    nodes: int | None = None,
) -> NonlinearGradient:
    r"""Gradient of ``E ℓ(f(s), z)`` for Gaussian white input, ``s = c* x`` and the teacher's output z.

    Parameters
    ----------
    system : Poles or discrete system
        One input; real outputs.
    teacher : Teacher
        Real.
    readout : array_like, shape (N,)
        c.
    signal : callable
        ``signal(s, z)``, arrays in, array out: the derivative ``ℓ'(f(s), z) f'(s)`` of the loss with respect to s.
    weights : array_like, shape (N,), optional
        Input weights of a diagonal system given by its poles; default 1.
    nodes : int, optional
        Gauss-Hermite nodes in each of two directions, up to 512. Left out: doubled from 32 until the two numbers change by less
        than 1e-10. Where the signal has kinks they converge slowly.

    Returns
    -------
    NonlinearGradient

    Raises
    ------
    UnstableError, UnsupportedError
        As `teacher_information`.
    InvalidInputError
        A readout of another shape or with complex outputs, a complex teacher, a signal that is not finite.

    Warns
    -----
    AccuracyWarning
        No number of nodes up to 512 was enough for 1e-6.

    Notes
    -----
    (s, z) is Gaussian, and what of g correlates with the input does so through them: ``E[g u_{t-τ}] = α h_τ + β m_τ`` with
    ``(α, β) = Σ⁻¹ E[g (s, z)]``, Σ their covariance (Stein's lemma [Stein1981]_, solved for the
    coefficients). Where s is nil α is nil.

    Theorem: :doc:`/theorems/teacher_information` (``proofs/teacher_information.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import nonlinear_gradient, teachers
    >>> saturating = lambda s, z: (np.tanh(s) - z) / np.cosh(s) ** 2  # of ½(tanh s - z)²
    >>> found = nonlinear_gradient(lssm.Poles.from_discrete([0.5]), teachers.delay(1), [1.0], saturating)
    >>> print(f"{found.on_model:.6f} {found.on_teacher:.6f}, {found.error < 1e-15}")
    0.273971 -0.553180, True
    """
    one, target = discrete_system(system, weights), require_teacher(teacher)
    state, c = whitened(one), vector(readout, "readout", one.order, "states")
    if not callable(signal):
        raise InvalidInputError(f"signal: a {type(signal).__name__}; pass a function of two arrays, s and z")
    seen, taught = state.seen_by(c), target.split(state.log).coefficients
    if not target.is_real:
        raise InvalidInputError("teacher: complex; the gradient behind a nonlinearity is for real outputs")
    h = seen.conj() @ state.functions(np.arange(2048))
    if np.abs(h.imag).max() > 1e-10 * max(float(np.linalg.norm(seen)), 1e-300):
        raise InvalidInputError("readout: the outputs c* x are complex; pass conjugate weights on conjugate poles")
    cross = float(np.vdot(seen, taught).real)
    covariance = np.array([[float(np.vdot(seen, seen).real), cross], [cross, target.energy]])
    found, error = _converged(covariance, signal, None if nodes is None else count(nodes, "nodes", least=4, most=_MOST))
    gradient = found[0] * state.from_functions(seen) + found[1] * state.from_functions(taught)
    return NonlinearGradient(gradient, float(found[0]), float(found[1]), error)


def _converged(covariance: NDArray[np.float64], signal: Signal, nodes: int | None) -> tuple[NDArray[np.float64], float]:
    """Both coefficients and how much they moved when the nodes were doubled."""
    n = 32 if nodes is None else nodes
    coarse, found = (_coefficients(covariance, signal, k) for k in (n // 2, n))
    error = float(np.abs(found - coarse).max())
    while nodes is None and error > 1e-10 and n < _MOST:
        n, coarse = 2 * n, found
        found = _coefficients(covariance, signal, n)
        error = float(np.abs(found - coarse).max())
    if nodes is None and error > 1e-6:
        warnings.warn(f"nonlinear gradient: {n} nodes leave an error of {error:.0e}", AccuracyWarning, 3)
    return found, error


def _coefficients(covariance: NDArray[np.float64], signal: Signal, nodes: int) -> NDArray[np.float64]:
    """``Σ⁺ E[g (s, z)]`` over a Gaussian pair, by a product rule along the principal axes."""
    x, w = scipy.special.roots_hermitenorm(nodes)
    variance, axes = np.linalg.eigh(covariance)
    root = axes * np.sqrt(np.maximum(variance, 0.0))
    points = root @ np.stack([a.ravel() for a in np.meshgrid(x, x, indexing="ij")])
    weight = np.outer(w, w).ravel() / (2 * np.pi)
    values = finite(signal(points[0], points[1]), "signal", dtype=np.float64)
    if values.shape != weight.shape:
        raise InvalidInputError(f"signal: returns shape {values.shape} for inputs {weight.shape}; it must act entry by entry")
    scale = np.sqrt(np.diagonal(covariance))
    scale = np.where(scale > 0, scale, 1.0)
    correlation = covariance / np.outer(scale, scale)
    moments = points @ (weight * values) / scale
    found: NDArray[np.float64] = np.linalg.pinv(correlation, rcond=1e-14, hermitian=True) @ moments / scale
    return found
