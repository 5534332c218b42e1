r"""What the readout's gradient knows of a teacher, delay by delay; linear, and behind any output nonlinearity and loss.

In whitened coordinates the first gradient is ``-Σ_τ m̄_τ φ(τ)``, and ``‖φ(τ)‖² = M(τ)``: delay τ speaks with the weight √M(τ), and
where M is nil the gradient carries nothing of the teacher. Behind a nonlinearity f and a loss ℓ the gradient is
``Σ_τ E[g_t u_{t-τ}] v_τ`` with ``g = ℓ'(f(s), z) f'(s)``, because the state is linear in u: the same vectors, other coefficients.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from .._validate import InvalidInputError, count, finite, read_only
from ..memory._delays import checked_delays
from ..systems import DiscreteSSM
from ._readout import discrete_system, require_teacher
from ._taps import Taps
from ._teacher import Teacher
from ._whitened import Whitened, whitened

Signal = Callable[[NDArray[np.float64], NDArray[np.float64]], ArrayLike]


@dataclass(frozen=True, eq=False)
class TeacherInformation(Result):
    """How much of a teacher a state holds.

    Attributes
    ----------
    delays : int array, shape (T,)
        τ.
    teacher : complex array, shape (T,)
        m_τ.
    memory : float array, shape (T,)
        M(τ).
    contribution : float array, shape (T,)
        ``|m_τ| √M(τ)``: size of what delay τ adds to the first whitened gradient.
    share : float array, shape (T,)
        ``Re m̄_τ (Pm)_τ``: part of the visible energy that belongs to delay τ. Over all delays it sums to `visible`; single ones
        can be negative, where one delay is mistaken for another.
    energy, visible, lost : float
        ``‖m‖² = visible + lost``; `lost` is the loss of the best readout.
    """

    delays: NDArray[np.int64]
    teacher: NDArray[np.complex128]
    memory: NDArray[np.float64]
    contribution: NDArray[np.float64]
    share: NDArray[np.float64]
    energy: float
    visible: float
    lost: float

    def __str__(self) -> str:
        loudest = int(self.delays[self.contribution.argmax()])
        return (
            f"teacher of energy {self.energy:.6g}: {self.visible / self.energy:.4%} visible, {self.lost / self.energy:.4%} lost; "
            f"loudest in the gradient: delay {loudest}"
        )


def teacher_information(system: Any, teacher: Teacher, delays: int | ArrayLike) -> TeacherInformation:
    r"""Visible and lost energy of a teacher, and what each delay contributes to the readout's gradient.

    Parameters
    ----------
    system : Poles or discrete system
        One input; only its poles matter.
    teacher : Teacher
        From `lssm.dynamics.teachers`.
    delays : int or array_like of int, shape (T,)
        Delays to look at; the energies are those of all delays.

    Returns
    -------
    TeacherInformation

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    UnsupportedError
        Several inputs, a batch, continuous time.

    Notes
    -----
    ``‖m‖² = ‖Pm‖² + ‖P₊(b̄ m)‖²``, P the projector onto what the poles remember and b their all-pass filter; both parts come
    from one pass through a lossless cascade. Proof: ``proofs/teacher_information.py``.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import teacher_information, teachers
    >>> print(teacher_information(lssm.Poles.from_discrete([0.5]), teachers.fir([0.0, 1.0, 1.0]), 3))
    teacher of energy 2: 21.0938% visible, 78.9062% lost; loudest in the gradient: delay 1
    """
    state, target = whitened(discrete_system(system)), require_teacher(teacher)
    wanted = checked_delays(delays)
    split = target.split(state.log)
    phi = state.functions(wanted)
    taps = target.response(int(wanted.max()) + 1)[wanted]
    memory = (np.abs(phi) ** 2).sum(0)
    return TeacherInformation(
        read_only(wanted),
        read_only(taps),
        read_only(memory),
        read_only(np.abs(taps) * np.sqrt(memory)),
        read_only((taps.conj() * (split.coefficients.conj() @ phi)).real),
        target.energy,
        split.visible,
        split.lost,
    )


def readout_gradient(system: Any, correlation: ArrayLike, *, weights: ArrayLike | None = None) -> NDArray[np.complex128]:
    r"""Gradient of any loss with respect to a linear readout, from correlations of its error signal with the input.

    Parameters
    ----------
    system : Poles or discrete system
        One input; the gradient is in its own coordinates.
    correlation : array_like, shape (T,)
        ``κ_τ = E[g_t u_{t-τ}]``, g the derivative of the loss with respect to the readout's output ``s = c* x``; zero beyond T.
    weights : array_like, shape (N,), optional
        Input weights of a diagonal system given by its poles; default 1.

    Returns
    -------
    complex array, shape (N,)
        ``Σ_τ κ_τ v_τ``; ``dL = Re(dc* · gradient)``. Exact for white input, any output nonlinearity and any loss.

    Raises
    ------
    UnstableError, UnsupportedError
        As `teacher_information`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import readout_gradient
    >>> readout_gradient(lssm.Poles.from_discrete([0.5, -0.5]), [0.0, 1.0]).real  # v_1
    array([ 0.5, -0.5])
    """
    one = discrete_system(system, weights)
    kappa = finite(correlation, "correlation")
    if kappa.ndim != 1 or not kappa.size:
        raise InvalidInputError(f"correlation: shape {kappa.shape}; pass one number a delay")
    return _gradient(whitened(one), Taps(kappa.conj()))


def _gradient(state: Whitened, target: Teacher) -> NDArray[np.complex128]:
    """``Σ_τ m̄_τ v_τ``."""
    return state.from_functions(target.split(state.log).coefficients)


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
    state, c = whitened(one), _readout(readout, one)
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


def _readout(value: ArrayLike, system: DiscreteSSM) -> NDArray[np.complex128]:
    c = finite(value, "readout")
    if c.shape != (system.order,):
        raise InvalidInputError(f"readout: shape {c.shape} does not fit {system.order} states; pass shape ({system.order},)")
    return c


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
