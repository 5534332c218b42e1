r"""Learning the readout in closed form: loss, weights and memory after any number of steps.

The loss is ``L(c) = E|y - z|²`` for ``y = c* x`` and a teacher ``z = Σ_τ m_τ u_{t-τ}``. Half of its gradient is ``G c - q`` with
``q = Σ_τ m̄_τ v_τ``, and a step is ``c ← c - η (G c - q)``: the step size η belongs to ½L. Over orthonormal memory, ``x = S φ``,
``S = U Σ V*``, the loss is what no readout recovers plus ``Σ_i |ε_i|²`` with ``ε = V*(S*c - a)``, and each ``ε_i`` shrinks
by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from .._results import Result
from .._validate import InvalidInputError, UnsupportedError, nonvoid, number_inside, numbers, positive_number, read_only, vector
from ..gramians._system import one_system
from ..memory._delays import checked_delays
from ..systems import Dense, DiscreteSSM
from ._decay import Rule
from ._teacher import Teacher
from ._whitened import whitened

_CONSECUTIVE = 1 << 20
"""Steps of the heavy ball that are looked at one by one: its loss may rise on the way."""


class ReadoutFlow(Result):
    r"""Gradient flow, gradient descent or heavy ball on a linear readout, with the recurrent weights fixed.

    Parameters
    ----------
    system : Poles or discrete system
        One input. Poles mean a diagonal system with input `weights`; a system is taken in its own coordinates, which decide
        how fast it learns.
    teacher : Teacher
        From `lssm.dynamics.teachers`.
    weights : array_like, shape (N,), optional
        Input weights b of a diagonal system given by its poles; default 1.
    rate : float, optional
        Step size η of ``c ← c - η (G c - q)``, dimensionless like the Gramian. A framework that minimises ``E|y-z|²`` without the
        factor ½ at step size l has ``η = 2 l``; half-stored conjugate pairs with output ``2 Re`` double every eigenvalue, if no
        pole among them is real. Left out: gradient flow ``ċ = -(G c - q)``, where steps are time.
    momentum : float
        β of the heavy ball ``v ← β v - η (G c - q)``, ``c ← c + v``, started with v = 0.
    initial : array_like, shape (N,), optional
        c at step 0; default 0.

    Attributes
    ----------
    teacher : Teacher
        What is learned.
    rate, momentum : float or None, float
        η and β as given, both dimensionless; None and 0 for gradient flow.
    eigenvalues, log_eigenvalues : float array, shape (r,)
        γ of the Gramian, one for each of the r states that the input reaches, largest first, and their logarithms, to relative
        accuracy.
    targets : complex array, shape (r,)
        What each mode has to learn; ``Σ |targets|²`` is the visible energy of the teacher.
    lost : float
        Loss of the best readout: teacher energy that the state does not hold.
    largest_rate : float
        Step sizes from here on diverge: ``2 (1+β)/γ_1``.
    time_scales : float array, shape (r,)
        Steps (time) in which the error of each mode falls by the factor e.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    UnsupportedError
        Several inputs, a batch, continuous time.
    InvalidInputError
        A divergent step size (the message gives the bound), momentum outside [0, 1), weights of another shape.

    Notes
    -----
    With ρ the factor of `rate` and `momentum` (``e^{-γt}``, ``(1-ηγ)^k``, the heavy ball's recurrence):

    * ``L(k) = lost + Σ_i ρ_i² |ε_i|²``;
    * ``M_k(τ) = Σ_i (1-ρ_i²) |q_i* v_τ|²/γ_i``: from c = 0, one minus the error of a readout that is taught delay τ; it tends to
      the memory function;
    * ``c(k) = c_0 + Σ_i (1-ρ_i) q_i (q_i* (q - G c_0))/γ_i``.

    The heavy ball is Polyak's [Polyak1964]_. No Gramian is formed and nothing is divided by a small number; errors are those of
    orthogonal transforms.

    Theorem: :doc:`/theorems/readout_flow` (``proofs/readout_flow.py``); derivation: :doc:`/derivations/learning`.

    Saved are ``rate``, ``momentum``, ``log_eigenvalues``, ``targets``, ``lost``, ``initial_loss``, ``largest_rate`` and
    ``time_scales``.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import ReadoutFlow, teachers
    >>> poles = lssm.spectra.s4d_lin(order=32, step=1e-2)
    >>> flow = ReadoutFlow(poles, teachers.delay(50), rate=1e-3)
    >>> print(flow)
    readout learning by gradient descent, η = 0.001: loss 1 → 0.86459, 31 modes, time scales 4.1 … 28.5 steps
    >>> flow.loss([0, 10, 1000]).round(4)
    array([1.    , 0.8717, 0.8646])
    >>> flow.memory(10_000, [50]) + flow.loss(10_000)
    array([1.])
    """

    def __init__(
        self,
        system: Any,
        teacher: Teacher,
        *,
        weights: ArrayLike | None = None,
        rate: float | None = None,
        momentum: float = 0.0,
        initial: ArrayLike | None = None,
    ):
        self._system = discrete_system(system, weights)
        self.teacher = require_teacher(teacher)
        self._state = whitened(self._system)
        self._squares = self._state.squares()
        self._rule = self._checked_rule(rate, momentum)
        split = teacher.split(self._state.log)
        assert self._squares.right is not None and self._squares.vectors is not None
        self.targets = read_only(self._squares.right.conj().T @ split.coefficients)
        self.lost = split.lost
        N = self._system.order
        self._initial = np.zeros(N, np.complex128) if initial is None else vector(initial, "initial", N, "states")
        self._start = self._squares.right.conj().T @ self._state.seen_by(self._initial) - self.targets

    @property
    def rate(self) -> float | None:
        """Step size η (dimensionless, like the eigenvalues of the Gramian), None for gradient flow."""
        return self._rule.rate

    @property
    def momentum(self) -> float:
        """Momentum β, in [0, 1)."""
        return self._rule.momentum

    @property
    def log_eigenvalues(self) -> NDArray[np.float64]:
        """Logarithms of the eigenvalues of the Gramian, largest first, shape (r,)."""
        return self._squares.log

    @property
    def eigenvalues(self) -> NDArray[np.float64]:
        """Eigenvalues of the Gramian, largest first, shape (r,); 0 or inf beyond the range of doubles."""
        return self._squares.values

    @property
    def largest_rate(self) -> float:
        """Bound of the stable step sizes, ``2 (1+β)/γ_1``."""
        return self._rule.limit(float(self.eigenvalues[0]))

    @property
    def time_scales(self) -> NDArray[np.float64]:
        """Steps (time, for the flow) in which the error of each mode falls by the factor e, shape (r,)."""
        return self._rule.scales(self.log_eigenvalues)

    @property
    def initial_loss(self) -> float:
        """Loss at step 0."""
        return float(self.loss(0))

    def loss(self, steps: ArrayLike) -> Any:
        """Loss ``E|y - z|²`` in the course of learning.

        Parameters
        ----------
        steps : array_like, shape (...)
            Number of steps (time, for the flow); inf is allowed.

        Returns
        -------
        float, or float array of shape (...)

        Examples
        --------
        >>> import lssm
        >>> from lssm.dynamics import ReadoutFlow, teachers
        >>> flow = ReadoutFlow(lssm.Poles.from_discrete([0.5]), teachers.delay(1))
        >>> flow.loss([0, 1, np.inf]).round(4)  # from 1 to 1 - M(1)
        array([1.    , 0.8255, 0.8125])
        """
        k = self._counted(steps)
        left, _ = self._rule.factors(self.log_eigenvalues, k.ravel())
        excess = np.abs(self._start) ** 2 @ left**2
        return (self.lost + excess).reshape(k.shape)[()]

    def weights(self, steps: ArrayLike) -> Any:
        """Readout c in the course of learning.

        Parameters
        ----------
        steps : array_like, shape (...)
            Number of steps (time, for the flow); inf is allowed.

        Returns
        -------
        array, shape (..., N)
            Of ``y = c* x``; real for a dense real system, a real teacher and start, complex otherwise.

        Examples
        --------
        >>> import lssm
        >>> from lssm.dynamics import ReadoutFlow, teachers
        >>> flow = ReadoutFlow(lssm.Poles.from_discrete([0.5, -0.5]), teachers.delay(1), rate=0.3)
        >>> flow.weights([0, 1, 1000]).real.round(4)
        array([[ 0.    ,  0.    ],
               [ 0.15  , -0.15  ],
               [ 0.9375, -0.9375]])
        """
        k = self._counted(steps)
        _, gone = self._rule.factors(self.log_eigenvalues, k.ravel())
        with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
            learned = gone / np.exp(0.5 * self.log_eigenvalues)[:, None]
        moved = -self._squares.vectors @ (np.where(gone == 0, 0.0, learned) * self._start[:, None])  # type: ignore[operator]
        c = (self._initial + moved.T).reshape(*k.shape, -1)
        return c.real if self._is_real else c

    def memory(self, steps: ArrayLike, delays: int | ArrayLike) -> Any:
        """Memory function at training time k: what a readout started at 0 has learned of each delay.

        Parameters
        ----------
        steps : array_like, shape (...)
            Number of steps (time, for the flow); inf is allowed.
        delays : int or array_like of int, shape (T,)
            Delays in steps, as in `lssm.memory_function`: an integer T means 0 … T-1.

        Returns
        -------
        float array, shape (..., T)
            ``M_k(τ)``; tends to the memory function. Absolute error some ulps of M(τ).

        Examples
        --------
        >>> import lssm
        >>> from lssm.dynamics import ReadoutFlow, teachers
        >>> flow = ReadoutFlow(lssm.Poles.from_discrete([0.5]), teachers.delay(1))
        >>> flow.memory([1, np.inf], 3).round(4)
        array([[0.6979, 0.1745, 0.0436],
               [0.75  , 0.1875, 0.0469]])
        """
        k, wanted = self._counted(steps), checked_delays(delays)
        left, gone = self._rule.factors(self.log_eigenvalues, k.ravel())
        shares = np.abs(self._squares.right.conj().T @ self._state.functions(wanted)) ** 2  # type: ignore[union-attr]
        return ((gone * (1.0 + left)).T @ shares).reshape(*k.shape, -1)

    def steps_to(self, loss: float | None = None, *, fraction: float | None = None) -> float:
        """Smallest number of steps after which the loss is at most `loss`, or a `fraction` of what can be learned is learned.

        Parameters
        ----------
        loss : float, optional
            Loss ``E|y - z|²`` to reach, positive. Pass either this or `fraction`.
        fraction : float, optional
            Share of the fall from the initial to the lowest loss, in [0, 1], 0.95 for example.

        Returns
        -------
        float
            Number of steps (time, for the flow); inf if the loss never falls so far.

        Raises
        ------
        InvalidInputError
            Both or neither, a loss that is not positive, a fraction out of range.

        Notes
        -----
        The heavy ball's loss may rise again; its first 1e6 steps are looked at one by one, later ones taken as falling.

        Examples
        --------
        >>> import lssm
        >>> from lssm.dynamics import ReadoutFlow, teachers
        >>> flow = ReadoutFlow(lssm.Poles.from_discrete([0.5, -0.5]), teachers.delay(1), rate=0.3)
        >>> flow.steps_to(fraction=0.95), flow.steps_to(0.5), flow.steps_to(0.01)
        (9.0, 3.0, inf)
        """
        if (loss is None) == (fraction is None):
            raise InvalidInputError("loss: pass either a loss or a fraction")
        if fraction is not None:
            share = number_inside(fraction, "fraction", 0.0, 1.0)
            loss = self.lost + (1.0 - share) * (self.initial_loss - self.lost)
        target = positive_number(loss, "loss")
        if target >= self.initial_loss:
            return 0.0
        if target <= self.lost:
            return math.inf
        if self.momentum and (first := self._first_within(target)) is not None:
            return first
        return _crossing(lambda k: float(self.loss(k)) - target, whole=self.rate is not None)

    def _first_within(self, target: float) -> float | None:
        for start in range(0, _CONSECUTIVE, 1 << 14):
            hits = np.flatnonzero(self.loss(np.arange(start, start + (1 << 14))) <= target)
            if hits.size:
                return float(start + hits[0])
        return None

    @property
    def _is_real(self) -> bool:
        A = self._system.A
        real = isinstance(A, Dense) and not A.matrix.imag.any() and not self._system.B.imag.any()
        return real and self.teacher.is_real and not self._initial.imag.any()

    def _checked_rule(self, rate: float | None, momentum: float) -> Rule:
        beta = number_inside(momentum, "momentum", 0.0, math.nextafter(1.0, 0.0))
        if rate is None:
            if beta:
                raise InvalidInputError("momentum: belongs to steps; pass a rate, or leave momentum out for gradient flow")
            return Rule(None)
        rule = Rule(positive_number(rate, "rate"), beta)
        limit = rule.limit(float(self.eigenvalues[0]))
        if rule.rate >= limit:  # type: ignore[operator]
            bound = "2/γ_1" if beta == 0 else "2(1+β)/γ_1"
            raise InvalidInputError(f"rate: {rate:g} diverges; the largest stable step size is below {bound} = {limit:.6g}")
        return rule

    def _counted(self, steps: ArrayLike) -> NDArray[np.float64]:
        k = nonvoid(numbers(steps, "steps", dtype=np.float64), "steps")
        if (k < 0).any():
            raise InvalidInputError(f"steps: must not be negative, got {k.min():g}")
        whole = np.isinf(k) | (np.where(np.isinf(k), 0, k) % 1 == 0)
        if self.rate is not None and not whole.all():
            raise InvalidInputError("steps: must be whole numbers; only gradient flow (rate left out) has time in between")
        return k

    def _content(self) -> dict[str, Any]:
        names = ("rate", "momentum", "log_eigenvalues", "targets", "lost", "initial_loss", "largest_rate", "time_scales")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        return f"ReadoutFlow({self._system!r}, {self.teacher!r}, rate={self.rate}, momentum={self.momentum})"

    def __str__(self) -> str:
        kind = "gradient flow" if self.rate is None else f"gradient descent, η = {self.rate:g}"
        kind = f"heavy ball, η = {self.rate:g}, β = {self.momentum:g}" if self.momentum else kind
        scales, unit = self.time_scales, "time" if self.rate is None else "steps"
        return (
            f"readout learning by {kind}: loss {self.initial_loss:.5g} → {self.lost:.5g}, {scales.size} modes, "
            f"time scales {scales.min():.3g} … {scales.max():.3g} {unit}"
        )


def discrete_system(system: Any, weights: ArrayLike | None = None) -> DiscreteSSM:
    """One discrete system with one input, from whatever describes it; poles mean a diagonal one."""
    one = one_system(system, weights)
    if not isinstance(one, DiscreteSSM):
        raise UnsupportedError("system: continuous in time; discretize it first, lssm.discretize(system, step)")
    if one.inputs != 1:
        raise UnsupportedError(f"system: {one.inputs} inputs; learning in closed form is for one input")
    return one


def require_teacher(teacher: Any) -> Teacher:
    """`teacher`, which must be one."""
    if isinstance(teacher, Teacher):
        return teacher
    raise InvalidInputError(
        f"teacher: a {type(teacher).__name__} is no teacher; make one, for example lssm.dynamics.teachers.delay(100)"
    )


def _crossing(excess: Callable[[float], float], *, whole: bool) -> float:
    """Where a falling function becomes nonpositive: the smallest whole number, or the time."""
    high = 1.0
    while excess(high) > 0:
        high *= 2
        if high > 1e300:
            return math.inf
    if not whole:
        return float(brentq(excess, 0.0 if high == 1.0 else high / 2, high, xtol=1e-300, rtol=1e-14, maxiter=2000))
    low = 0.0 if high == 1.0 else high / 2
    while high - low > 1 and (middle := float(np.floor((low + high) / 2))) not in (low, high):
        low, high = (low, middle) if excess(middle) <= 0 else (middle, high)
    return high
