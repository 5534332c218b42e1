"""The readout's gradient behind an output nonlinearity and any loss, for Gaussian input: two numbers change, the vectors stay."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from .._validate import InvalidInputError, count, finite, vector
from ._readout import discrete_system, require_teacher
from ._teacher import Teacher
from ._whitened import whitened

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
        How much either changes when the quadrature has half as many nodes.
    """

    gradient: NDArray[np.complex128] = field(repr=False)
    on_model: float
    on_teacher: float
    error: float

    def __str__(self) -> str:
        return f"gradient = {self.on_model:.6g} · G c + {self.on_teacher:.6g} · q, quadrature to {self.error:.0e}"


def nonlinear_gradient(
    system: Any, teacher: Teacher, readout: ArrayLike, signal: Signal, *, weights: ArrayLike | None = None, nodes: int = 64
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
    nodes : int
        Gauss-Hermite nodes in each of two directions.

    Returns
    -------
    NonlinearGradient

    Raises
    ------
    UnstableError, UnsupportedError
        As `teacher_information`.
    InvalidInputError
        A readout of another shape or with complex outputs, a complex teacher, a signal that is not finite.

    Notes
    -----
    (s, z) is Gaussian, and what of g correlates with the input does so through them: ``E[g u_{t-τ}] = α h_τ + β m_τ`` with
    ``(α, β) = Σ⁻¹ E[g (s, z)]``, Σ their covariance (Stein's lemma [Stein1981]_, solved for the
    coefficients). Where s is nil α is nil.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import nonlinear_gradient, teachers
    >>> saturating = lambda s, z: (np.tanh(s) - z) / np.cosh(s) ** 2  # of ½(tanh s - z)²
    >>> found = nonlinear_gradient(lssm.Poles.from_discrete([0.5]), teachers.delay(1), [1.0], saturating)
    >>> print(f"{found.on_model:.6f} {found.on_teacher:.6f}, to {found.error:.0e}")
    0.273971 -0.553180, to 3e-09
    """
    one, target = discrete_system(system, weights), require_teacher(teacher)
    state, c = whitened(one), vector(readout, "readout", one.order, "states")
    if not callable(signal):
        raise InvalidInputError(f"signal: a {type(signal).__name__}; pass a function of two arrays, s and z")
    seen, taught = state.seen_by(c), target.split(state.log).coefficients
    if not target.is_real:
        raise InvalidInputError("teacher: complex; the gradient behind a nonlinearity is for real outputs")
    h = seen.conj() @ state.functions(np.arange(64))
    if np.abs(h.imag).max() > 1e-10 * max(float(np.linalg.norm(seen)), 1e-300):
        raise InvalidInputError("readout: the outputs c* x are complex; pass conjugate weights on conjugate poles")
    cross = float(np.vdot(seen, taught).real)
    covariance = np.array([[float(np.vdot(seen, seen).real), cross], [cross, target.energy]])
    n = count(nodes, "nodes", least=4, most=512)
    found, coarse = _coefficients(covariance, signal, n), _coefficients(covariance, signal, n // 2)
    gradient = found[0] * state.from_functions(seen) + found[1] * state.from_functions(taught)
    return NonlinearGradient(gradient, float(found[0]), float(found[1]), float(np.abs(found - coarse).max()))


def _coefficients(covariance: NDArray[np.float64], signal: Signal, nodes: int) -> NDArray[np.float64]:
    """``Σ⁺ E[g (s, z)]`` over a Gaussian pair, by a product rule along the principal axes."""
    x, w = np.polynomial.hermite_e.hermegauss(nodes)
    variance, axes = np.linalg.eigh(covariance)
    root = axes * np.sqrt(np.maximum(variance, 0.0))
    points = root @ np.stack([a.ravel() for a in np.meshgrid(x, x, indexing="ij")])
    weight = np.outer(w, w).ravel() / (2 * np.pi)
    values = finite(signal(points[0], points[1]), "signal", dtype=np.float64)
    if values.shape != weight.shape:
        raise InvalidInputError(f"signal: returns shape {values.shape} for inputs {weight.shape}; it must act entry by entry")
    moments = points @ (weight * values)
    found: NDArray[np.float64] = np.linalg.pinv(covariance, rcond=1e-14, hermitian=True) @ moments
    return found
