r"""What the readout's gradient knows of a teacher, delay by delay; linear, and behind any output nonlinearity and loss.

In whitened coordinates the first gradient is ``-Σ_τ m̄_τ φ(τ)``, and ``‖φ(τ)‖² = M(τ)``: delay τ speaks with the weight √M(τ), and
where M is nil the gradient carries nothing of the teacher. Behind a nonlinearity f and a loss ℓ the gradient is
``Σ_τ E[g_t u_{t-τ}] v_τ`` with ``g = ℓ'(f(s), z) f'(s)``, because the state is linear in u: the same vectors, other coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from .._validate import InvalidInputError, finite, read_only
from ..memory._delays import checked_delays
from ._readout import discrete_system, require_teacher
from ._taps import Taps
from ._teacher import Teacher
from ._whitened import Whitened, whitened


@dataclass(frozen=True, eq=False)
class TeacherInformation(Result):
    """How much of a teacher a state holds.

    Attributes
    ----------
    delays : int array, shape (T,)
        Delays τ in steps.
    teacher : complex array, shape (T,)
        m_τ, the teacher's response at these delays.
    memory : float array, shape (T,)
        M(τ), what the state remembers of them.
    contribution : float array, shape (T,)
        ``|m_τ| √M(τ)``: size of what delay τ adds to the first whitened gradient.
    share : float array, shape (T,)
        ``Re m̄_τ (Pm)_τ``: part of the visible energy that belongs to delay τ. Over all delays it sums to `visible`; single ones
        can be negative, where one delay is mistaken for another.
    energy, visible, lost : float
        ``‖m‖² = visible + lost``; `lost` is the loss of the best readout.

    Notes
    -----
    Theorem: :doc:`/theorems/teacher_information` (``proofs/teacher_information.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import teacher_information, teachers
    >>> found = teacher_information(lssm.Poles.from_discrete([0.5]), teachers.fir([0.0, 1.0, 1.0]), 3)
    >>> found.memory, found.contribution.round(4), found.share.round(4)
    (array([0.75    , 0.1875  , 0.046875]), array([0.    , 0.433 , 0.2165]), array([0.    , 0.2812, 0.1406]))
    >>> round(found.visible, 6), round(found.lost, 6)
    (0.421875, 1.578125)
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
        Delays in steps to look at, as in `lssm.memory_function`; the energies are those of all delays.

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
    from one pass through a lossless cascade.

    Theorem: :doc:`/theorems/teacher_information` (``proofs/teacher_information.py``); derivation: :doc:`/derivations/learning`.

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
        ``κ_τ = E[g_t u_{t-τ}]`` at the delays τ = 0 … T-1, g the derivative of the loss with respect to the readout's output
        ``s = c* x``; zero from T on.
    weights : array_like, shape (N,), optional
        Input weights of a diagonal system given by its poles; default 1.

    Returns
    -------
    complex array, shape (N,)
        ``Σ_τ κ_τ v_τ``; ``dL = Re(dc* · gradient)``, twice the Wirtinger derivative ``∂L/∂c̄`` of
        `PoleLoss`. Exact for white input, any output nonlinearity and any loss.

    Raises
    ------
    UnstableError, UnsupportedError
        As `teacher_information`.

    Notes
    -----
    Theorem: :doc:`/theorems/teacher_information` (``proofs/teacher_information.py``); derivation: :doc:`/derivations/learning`.

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
