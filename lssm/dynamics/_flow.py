r"""Gradient flow of the poles: with the readout always the best one, or learning beside them.

What flows are the real parameters θ of the model: ``θ̇ = -½∇L``, the continuous limit of gradient descent on ½L. Plain poles have
Re λ and Im λ, one pair for two conjugate poles; a model of `lssm.parameterisations` has what it stores.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import LSODA

from .._kernels.pairs import pseudo_hyperbolic
from .._progress import progress
from .._results import Result
from .._validate import InvalidInputError, count, number_inside, positive_number
from ..memory import MemoryFunction, memory_function
from ..parameterisations import Parameterisation
from ..poles import Poles
from ._charts import Chart, Stored, chart_of, over_reals, plain_chart, pulled
from ._loss import Derivatives, best_loss, given_loss, one_a_pole, require_conjugate, require_real
from ._readout import require_teacher
from ._teacher import Teacher

VERDICTS = {
    "stationary": "the gradient vanished",
    "met": "two poles met: the model loses a dimension, its parameters can go no further",
    "circle": "a pole reached the unit circle",
    "time": "the time was up",
    "steps": "the number of steps was up",
}
_CIRCLE = 1e-10
"""1-|λ|² at which a pole has reached the circle."""
_FINEST = 5e-14
"""What the integrator can resolve."""
_CLOSE = 1e-4
"""Pseudo-hyperbolic distance at which two poles have met."""


@dataclass(frozen=True, eq=False)
class PoleFlow(Result):
    """Poles on their way.

    Attributes
    ----------
    times : float array, shape (S,)
        Times of the integrator's steps, in units of ``1/rate`` of gradient descent on ½L.
    poles : Poles
        Batch of shape (S,): the poles at each of the times.
    loss : float array, shape (S,)
        ``E|y - z|²`` along the way, never rising by more than the error of the integrator.
    readout : complex array, shape (S, N), or None
        c along the way, if it was learned beside the poles; None if it was always the best one.
    verdict : {"stationary", "met", "circle", "time", "steps"}
        Why the flow stopped.
    gradient : float
        ``max_k g_k |∂L/∂λ_k| / ‖m‖²`` at the end, at most 1.

    Notes
    -----
    Saved with log λ as ``poles``.

    Theorem: :doc:`/theorems/pole_learning` (``proofs/pole_learning.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import pole_flow, teachers
    >>> flow = pole_flow(lssm.Poles.from_discrete([0.2]), teachers.rational([0.8], [1.0]))
    >>> flow.verdict, flow.poles.values[[0, -1]].real.round(6).ravel(), flow.loss[[0, -1]].round(4)
    ('stationary', array([0.2, 0.8]), array([1.4172, 0.    ]))
    >>> flow.memory(3).values[[0, -1]].round(4)
    array([[0.96  , 0.0384, 0.0015],
           [0.36  , 0.2304, 0.1475]])
    """

    times: NDArray[np.float64]
    poles: Poles
    loss: NDArray[np.float64]
    readout: NDArray[np.complex128] | None = field(repr=False)
    verdict: str
    gradient: float

    def memory(self, delays: int | ArrayLike, *, workers: int | None = None) -> MemoryFunction:
        """Memory function at every step of the flow.

        Parameters
        ----------
        delays : int or array_like of int, shape (T,)
            Delays in steps, as in `lssm.memory_function`.
        workers : int, optional
            Threads over the steps of the flow (-1: one a core).

        Returns
        -------
        MemoryFunction
            Batch of shape (S,).
        """
        return memory_function(self.poles, delays, workers=workers)

    def _content(self) -> dict[str, Any]:
        return super()._content() | {"poles": self.poles.log}

    def __str__(self) -> str:
        return f"loss {self.loss[0]:.6g} → {self.loss[-1]:.6g} at time {self.times[-1]:.3g}: {VERDICTS[self.verdict]}"


def pole_flow(
    poles: Poles | Parameterisation,
    teacher: Teacher,
    *,
    time: float = 1e6,
    readout: ArrayLike | None = None,
    ratio: float = 1.0,
    rtol: float = 1e-9,
    gtol: float = 1e-12,
    max_steps: int = 20_000,
) -> PoleFlow:
    r"""Integrate the gradient flow of the poles of a diagonal model.

    Parameters
    ----------
    poles : Poles, or a model of `lssm.parameterisations`
        Where to start; stable, not a batch. Poles closed under conjugation stay so for a real teacher.
    teacher : Teacher
        From `lssm.dynamics.teachers`.
    time : float
        When to stop at the latest, in units of ``1/rate`` of gradient descent on ½L.
    readout : array_like, shape (N,), optional
        Initial c of ``y = c* x``, learned beside the poles, input weights 1. Left out: the best readout at every moment.
    ratio : float
        Learning rate of the poles over that of the readout, if the readout is learned: time is the readout's.
    rtol : float
        Local error of the integrator: of what a model stores; of plain poles, relative to the smallest ``1-|λ|²`` at the
        start, as far as doubles go.
    gtol : float
        ``max_k g_k |∂L/∂λ_k| / ‖m‖²``, at most 1 by Cauchy-Schwarz, at which the gradient counts as vanished.
    max_steps : int
        Steps of the integrator at most; near the circle and with a learned readout they are small.

    Returns
    -------
    PoleFlow

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle at the start.
    UnsupportedError
        A batch; a complex teacher for a model that stores one of each conjugate pair.
    InvalidInputError
        A readout of another shape, or of a real model one that is not real on its pairs.

    Notes
    -----
    A readout that is learned makes the flow as stiff as the Gramian is ill-conditioned: seconds for a few poles, minutes for 32.
    Start with a short `time`.

    Poles cannot pass through each other in these parameters: two real poles approach each other or a pair the real axis, and
    there the flow stops ("met"). The loss is symmetric in the poles, so that this may hide a way down.

    Theorem: :doc:`/theorems/pole_learning` (``proofs/pole_learning.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import pole_flow, teachers
    >>> flow = pole_flow(lssm.Poles.from_discrete([0.2]), teachers.rational([0.8], [1.0]))
    >>> flow.verdict, flow.poles.values[-1].real.round(6)
    ('stationary', array([0.8]))
    """
    target = require_teacher(teacher)
    chart = chart_of(poles, target.is_real)
    require_real(chart, target)
    motion, still = _motion(chart, target, readout, positive_number(ratio, "ratio")), positive_number(gtol, "gtol")
    close = min(_CLOSE, 0.1 * _closest(chart.log(chart.start)))
    scale = 1.0 if isinstance(chart, Stored) else _smallest_damping(chart.log(chart.start))
    tolerance = max(_FINEST, scale * number_inside(rtol, "rtol", 0.0, 1e-2))
    end, steps = positive_number(time, "time"), count(max_steps, "max_steps")
    with np.errstate(over="ignore", under="ignore"):
        solver = LSODA(lambda _, y: motion.velocity(y), 0.0, motion.start, end, rtol=tolerance, atol=tolerance)
        return _followed(motion, solver, still, close, steps)


@dataclass(frozen=True)
class _Motion:
    """The vector field; y holds θ, then the readout's parameters if it is learned."""

    chart: Chart
    teacher: Teacher
    readout: Chart | None
    first: NDArray[np.float64]
    ratio: float

    @property
    def start(self) -> NDArray[np.float64]:
        return np.concatenate([self.chart.start, self.first])

    def parts(self, y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.complex128], NDArray[Any] | None]:
        """θ, log λ and c; a pole that a trial step put outside is put back to the rim."""
        theta, rest = y[: self.chart.start.size], y[self.chart.start.size :]
        log = self.chart.log(theta)
        log = np.minimum(log.real, -0.5 * _CIRCLE / 10) + 1j * log.imag
        return theta, log, None if self.readout is None else self.readout.jacobian(rest) @ rest

    def loss(self, y: NDArray[np.float64]) -> tuple[float, Derivatives]:
        _, log, c = self.parts(y)
        if c is None:
            return best_loss(log, self.teacher, False)
        return given_loss(log, self.teacher, c, np.ones(log.size, np.complex128), False)

    def velocity(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        theta, _, c = self.parts(y)
        _, found = self.loss(y)
        moving = -0.5 * self.ratio * pulled(self.chart, theta, found.gradient)
        if c is None or self.readout is None:
            return moving
        learning = -(self.readout.jacobian(y[theta.size :]).conj().T @ found.readout).real
        return np.concatenate([moving, learning])

    def stillness(self, y: NDArray[np.float64]) -> float:
        """Size of the gradient, 1 at most for the best readout."""
        _, log, _ = self.parts(y)
        _, found = self.loss(y)
        size = np.max(-np.expm1(2.0 * log.real) * np.abs(found.gradient))
        learning = np.max(np.abs(found.readout)) * np.sqrt(-np.expm1(2.0 * log.real.max()))
        return float(max(size, learning) / self.teacher.energy)


def _motion(chart: Chart, teacher: Teacher, readout: ArrayLike | None, ratio: float) -> _Motion:
    if readout is None:
        if ratio != 1.0:
            raise InvalidInputError("ratio: belongs to a readout that is learned; pass readout too")
        return _Motion(chart, teacher, None, np.zeros(0), 1.0)
    log = chart.log(chart.start)
    c = one_a_pole(readout, "readout", log)
    pairs = plain_chart(Poles.from_log(log), teacher.is_real)
    J = pairs.jacobian(pairs.start)
    if teacher.is_real and Poles.from_log(log).is_conjugate_closed():
        require_conjugate(c, "readout", log)
    return _Motion(chart, teacher, pairs, over_reals(J, c), ratio)


def _smallest_damping(log: NDArray[np.complex128]) -> float:
    return float(-np.expm1(2.0 * log.real.max()))


def _closest(log: NDArray[np.complex128]) -> float:
    """Smallest pseudo-hyperbolic distance between two poles."""
    if log.size < 2:
        return 1.0
    table = np.empty((log.size, log.size))
    pseudo_hyperbolic(log, log, table)
    return float(table[~np.eye(log.size, dtype=bool)].min())


def _followed(motion: _Motion, solver: Any, gtol: float, close: float, steps: int) -> PoleFlow:
    """Step after step until there is a reason to stop."""
    times, states = [0.0], [motion.start]
    verdict = _verdict(motion, motion.start, gtol, close)
    for _ in progress(range(steps), "pole flow"):
        if verdict or solver.status != "running":
            break
        if (message := solver.step()) is not None:
            raise InvalidInputError(f"rtol: the integrator stopped at time {solver.t:.3g}: {message}; pass a larger one")
        times.append(float(solver.t))
        states.append(solver.y.copy())
        verdict = _verdict(motion, solver.y, gtol, close)
    parts, loss = [motion.parts(y) for y in states], np.array([motion.loss(y)[0] for y in states])
    c = None if motion.readout is None else np.array([part[2] for part in parts])
    poles = Poles.from_log(np.array([part[1] for part in parts]))
    verdict = verdict or ("steps" if solver.status == "running" else "time")
    return PoleFlow(np.array(times), poles, loss, c, verdict, motion.stillness(states[-1]))


def _verdict(motion: _Motion, y: NDArray[np.float64], gtol: float, close: float) -> str:
    """Why the flow ends here; empty if it does not."""
    log = motion.parts(y)[1]
    if motion.stillness(y) <= gtol:
        return "stationary"
    if _closest(log) <= close:
        return "met"
    return "circle" if _smallest_damping(log) <= _CIRCLE else ""
