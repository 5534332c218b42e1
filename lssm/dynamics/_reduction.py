r"""The best poles of a given order: H2-optimal reduction in discrete time.

The loss with the best readout, ``L(λ) = ‖m‖² - ‖Pm‖²``, has its stationary points where the model interpolates the teacher
and its derivative at the conjugates of its own poles. Three methods share the work: rational Krylov iteration (IRKA),
which jumps to the poles of the interpolant and converges fast but not always; descent in coordinates without
constraints, which always converges; Newton's method with the exact Hessian, which supplies the last digits.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.optimize import minimize

from .._progress import progress
from .._results import Result
from .._validate import InvalidInputError, choice, count, generator
from ..allpass._cascade import slowest_first
from ..gramians import balanced_truncation
from ..poles import Poles, exponential, log_of
from ..scan import system_poles
from ..systems import Diagonal, DiscreteSSM
from ._charts import Chart, Matrix, pairing, plain_chart, pulled, pulled_twice
from ._loss import _best, _best_second, _coupled, projections
from ._modes import Modes
from ._readout import require_teacher
from ._sections import logs_of, sections_of
from ._teacher import Teacher

_IRKA_STEPS, _NEWTON_STEPS, _DESCENTS = 60, 30, 6
_HANKEL = 512


@dataclass(frozen=True, eq=False)
class H2Reduction(Result):
    """Best model found.

    Attributes
    ----------
    poles : Poles
        Poles λ, slowest first.
    residues : complex array, shape (N,)
        Impulse response ``h_τ = Σ_k residues_k λ_k^τ``.
    loss : float
        ``‖m - h‖²``, computed as the norm of a residual.
    relative : float
        The same over ``‖m‖²``.
    interpolation : float array, shape (2, N)
        ``|h - m|`` and ``|h' - m'|`` at λ̄_k, over the largest values that a function of the teacher's norm can have there,
        ``‖m‖/√g_k`` and ``‖m‖ √((1+|λ_k|²)/g_k³)``. Evaluated with `residues`: next to a double pole they are large, and
        this shows the digits that costs, while `loss` has lost none.
    starts : float array, shape (S,)
        Relative loss reached from each start.
    curvature : float
        Smallest eigenvalue of the Hessian over its largest: negative at a saddle, near zero where the minimum is flat.
    """

    poles: Poles
    residues: Matrix
    loss: float
    relative: float
    interpolation: NDArray[np.float64]
    starts: NDArray[np.float64]
    curvature: float = field(repr=False)

    @property
    def system(self) -> DiscreteSSM:
        """The model, input weights 1."""
        return DiscreteSSM(Diagonal.from_log(self.poles.log), np.ones(self.residues.size), self.residues)

    def to_dict(self) -> dict[str, Any]:
        """Content as plain numbers, poles as logarithms."""
        return super().to_dict() | {"poles": [[z.real, z.imag] for z in self.poles.log.tolist()]}

    def __str__(self) -> str:
        agree = int(np.sum(self.starts <= self.starts.min() * (1 + 1e-6) + 1e-20))
        return (
            f"H2-optimal model of order {self.residues.size}: loss {self.relative:.6g} of the teacher's energy, interpolation to "
            f"{self.interpolation.max():.0e}, reached from {agree} of {self.starts.size} starts"
        )


def h2_optimal(teacher: Teacher, order: int, *, starts: int = 8, surplus: str = "raise", rng: Any = 0) -> H2Reduction:
    r"""Poles and readout of a given order that are closest to a teacher in the H2 norm.

    Parameters
    ----------
    teacher : Teacher
        From `lssm.dynamics.teachers`; other systems by `teachers.from_system`.
    order : int
        Number of poles N. For a real teacher they are closed under conjugation.
    starts : int
        Starting points: balanced truncation, a cluster, then random ones. The minimum is the best found; no method proves it
        global.
    surplus : {"raise", "drop"}
        What to do with more poles than the teacher's McMillan degree, where the optimum is exact but not unique: refuse, or
        leave the surplus out.
    rng : None, int or numpy Generator
        For the random starts.

    Returns
    -------
    H2Reduction

    Raises
    ------
    InvalidInputError
        An order below 1; above the teacher's degree with ``surplus="raise"``.

    Notes
    -----
    The model is on this package's clock without a direct term: ``h_τ = Σ_k w_k λ_k^τ``. A direct term is a pole at 0. Teachers
    whose best model has a double pole are approached by two nearby poles; the loss is then right, the residues are large.
    Stationarity: ``h(λ̄_k) = m(λ̄_k)`` (the best readout) and ``h'(λ̄_k) = m'(λ̄_k)`` (the best poles) [Meier1967]_. IRKA
    [Gugercin2008]_, descent and Newton's method share the work. Proof: ``proofs/pole_learning.py``.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import h2_optimal, teachers
    >>> best = h2_optimal(teachers.rational([0.9, 0.5], [1.0, 0.5]), 1)
    >>> print(f"{best.relative:.4e}", best.poles.values.real.round(4), best.interpolation.max() < 1e-12)
    1.0515e-02 [0.873] True
    """
    target, n = require_teacher(teacher), count(order, "order", most=512)
    choice(surplus, "surplus", ("raise", "drop"))
    if n > target.degree and surplus == "raise":
        raise InvalidInputError(
            f"order: {n} exceeds the teacher's McMillan degree {target.degree}, where the optimum is exact and not unique; "
            f"pass order={target.degree}, or surplus='drop'"
        )
    n = min(n, target.degree)
    begin = _starting_points(target, n, count(starts, "starts"), generator(rng))
    found = [_descend(target, log) for log in progress(begin, "starts")]
    best = min((_polished(target, log) for _, log in sorted(found, key=lambda pair: pair[0])[:3]), key=lambda pair: pair[0])
    losses = np.array([loss for loss, _ in found]) / target.energy
    return _reduction(target, slowest_first(best[1]), losses)


def _starting_points(teacher: Teacher, order: int, number: int, rng: np.random.Generator) -> list[Matrix]:
    """Pole sets to start from, the informed ones first; closed under conjugation for a real teacher."""
    length = _length(teacher)
    points = [_balanced(teacher, order), _cluster(order, length)]
    while len(points) < number + 1:
        points.append(_random(order, length, teacher.is_real, rng))
    return [point for point in points if point is not None][:number]


def _length(teacher: Teacher) -> float:
    """Where the teacher's energy is, in steps: its root mean square delay."""
    values = np.abs(teacher.response(1 << 14)) ** 2
    return 1.0 + float(np.sqrt(values @ np.arange(values.size) ** 2.0 / values.sum()))


def _balanced(teacher: Teacher, order: int) -> Matrix | None:
    """Poles of the balanced truncation, for taps of the Hankel matrix."""
    try:
        if isinstance(teacher, Modes):
            log = log_of(system_poles(balanced_truncation(teacher.system, order).system))
        else:
            log = log_of(_realised(teacher.response(2 * _HANKEL), order))
    except (InvalidInputError, np.linalg.LinAlgError):
        return None
    if teacher.is_real and log.size == order:
        found = _symmetric(log, 1e-6)
        return None if found is None else _admissible(found)
    return _admissible(log) if log.size == order else None


def _realised(taps: Matrix, order: int) -> Matrix:
    """Eigenvalues of the shift on the leading singular vectors of the Hankel matrix of an impulse response."""
    H = scipy.linalg.hankel(taps[:_HANKEL], taps[_HANKEL - 1 : 2 * _HANKEL - 1])
    U = np.linalg.svd(H)[0][:, :order]
    return np.asarray(np.linalg.eigvals(np.linalg.lstsq(U[:-1], U[1:], rcond=None)[0]), np.complex128)


def _cluster(order: int, length: float) -> Matrix:
    """Poles in a row around frequency zero: what remembers one lag best."""
    frequency = (np.arange(order) - 0.5 * (order - 1)) * min(5.0 / length, 2 * np.pi / order)
    return (-min(2.0 / length, 1.0) + 1j * frequency).astype(np.complex128)


def _random(order: int, length: float, real: bool, rng: np.random.Generator) -> Matrix:
    """Decays around the teacher's length, any frequency; one or a few real poles."""
    pairs = order // 2 if real else order
    if real and pairs and rng.random() < 0.5:
        pairs = int(rng.integers(0, pairs + 1))
    decay = np.exp(rng.uniform(np.log(0.2 / length), np.log(2.0), order if real else pairs))
    angle = rng.uniform(0, np.pi, pairs) * rng.choice([1.0, min(1.0, 10.0 / length)])
    if not real:
        return -decay + 2j * (angle - np.pi / 2)
    upper = -decay[:pairs] + 1j * angle
    alone = -decay[pairs : order - pairs] + 1j * np.pi * (rng.random(order - 2 * pairs) < 0.3)
    return np.concatenate([upper, upper.conj(), alone])


def _admissible(log: Matrix) -> Matrix:
    """Poles drawn inside the disk and away from 0."""
    inside: Matrix = np.minimum(np.maximum(log.real, -20.0), -1e-12) + 1j * log.imag
    return inside


def _descend(teacher: Teacher, log: Matrix) -> tuple[float, Matrix]:
    """IRKA where it goes down, then descent; together as often as that helps."""
    loss = _best(log, teacher, False)[0]
    for _ in range(_DESCENTS):
        before = loss
        loss, log = min((loss, log), _irka(teacher, log), key=lambda pair: pair[0])
        loss, log = min((loss, log), _quasi_newton(teacher, log), key=lambda pair: pair[0])
        if loss >= before * (1 - 1e-9) or loss <= 1e-28 * teacher.energy:
            break
    return loss, log


def _irka(teacher: Teacher, log: Matrix) -> tuple[float, Matrix]:
    """Fixed point iteration on the poles of the Hermite interpolant at their own conjugates; the best point on the way."""
    best = (np.inf, log)
    for _ in range(_IRKA_STEPS):
        following = _interpolant(teacher, log)
        if following is None:
            break
        moved = np.abs(np.sort_complex(np.exp(following)) - np.sort_complex(np.exp(log))).max()
        log = following
        best = min(best, (_best(log, teacher, False)[0], log), key=lambda pair: pair[0])
        if moved < 1e-13:
            break
    return best


def _interpolant(teacher: Teacher, log: Matrix) -> Matrix | None:
    """Poles of the model of the same order that matches value and derivative at all λ̄_k: a pencil of divided differences.

    With ``m(z) = C (I - zA)⁻¹ B``, ``C_j = C (I - λ̄_jA)⁻¹`` and ``B_k = (I - λ̄_kA)⁻¹ B``:
    ``m[λ̄_j, λ̄_k] = C_j A B_k`` and ``m(λ̄_k) + λ̄_j m[λ̄_j, λ̄_k] = C_j B_k``.
    """
    shifted = teacher.divided(log)
    plain = teacher.at(log) + exponential(log)[0].conj()[:, None] * shifted
    basis = np.diag(np.sqrt(-np.expm1(2.0 * log.real))).astype(np.complex128)
    if teacher.is_real:
        basis = basis @ pairing(log)
    pencil = [basis.T @ matrix @ basis for matrix in (shifted, plain)]
    try:
        values = scipy.linalg.eigvals(*([part.real for part in pencil] if teacher.is_real else pencil))
    except (ValueError, np.linalg.LinAlgError):
        return None
    if not np.isfinite(values).all():
        return None
    log = log_of(values)
    log = _admissible(-np.abs(log.real) + 1j * log.imag)  # poles outside are reflected
    return _symmetric(log, 1e-12) if teacher.is_real else log


def _symmetric(log: Matrix, tolerance: float) -> Matrix | None:
    """Rounding errors taken out of a set that ought to be closed under conjugation; None if it is not."""
    values = np.exp(log)
    alone = np.abs(values.imag) <= tolerance
    upper, lower = values[~alone & (values.imag > 0)], values[~alone & (values.imag < 0)]
    if upper.size != lower.size:
        return None
    return log_of(np.concatenate([upper, upper.conj(), values[alone].real + 0j]))


def _quasi_newton(teacher: Teacher, log: Matrix) -> tuple[float, Matrix]:
    """BFGS in coordinates where every point is stable."""
    chart: Chart = sections_of(log) if teacher.is_real else logs_of(log)

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, found = _best(chart.log(theta), teacher, False)
        return value / teacher.energy, pulled(chart, theta, found.gradient) / teacher.energy

    found = minimize(loss, chart.start, jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 500})
    reached = chart.log(found.x)
    return (float(found.fun) * teacher.energy, reached) if np.isfinite(found.fun) else (np.inf, log)


def _polished(teacher: Teacher, log: Matrix) -> tuple[float, Matrix]:
    """Newton's method on the gradient, as long as the gradient falls and the loss does not rise."""
    loss, size, chart, theta = _newton_state(teacher, log, None)
    for _ in range(_NEWTON_STEPS):
        step = _newton_step(teacher, chart, theta)
        if step is None:
            break
        trial = chart.log(theta + step)
        if not (trial.real < 0).all():
            break
        new_loss, new_size, *_ = _newton_state(teacher, trial, chart)
        if not new_size < size or new_loss > loss * (1 + 1e-9) + 1e-24 * teacher.energy:
            break
        loss, size, theta = new_loss, new_size, theta + step
    return loss, chart.log(theta)


def _newton_state(teacher: Teacher, log: Matrix, chart: Any) -> tuple[float, float, Any, NDArray[np.float64]]:
    value, found = _best(log, teacher, False)
    chart = plain_chart(Poles.from_log(log), teacher.is_real) if chart is None else chart
    return value, float(np.abs(found.gradient * -np.expm1(2.0 * log.real)).max()), chart, chart.start


def _newton_step(teacher: Teacher, chart: Chart, theta: NDArray[np.float64]) -> NDArray[np.float64] | None:
    gradient, H = _curved(teacher, chart, theta)
    try:
        step = np.asarray(-np.linalg.solve(H, gradient), np.float64)
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def _curved(teacher: Teacher, chart: Chart, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradient and Hessian in the chart."""
    log = chart.log(theta)
    found = projections(log, teacher)
    gradient = -found.brought.conj() * found.held
    return pulled(chart, theta, gradient), pulled_twice(chart, theta, gradient, *_best_second(log, teacher, found))


def best_residues(log: Matrix, held: Matrix) -> Matrix:
    """Residues of the best model with these poles: ``w_k = d̂_k g_k / conj b_[k](λ̄_k)``, b_[k] the filter without pole k."""
    values, coupled = exponential(log)[0], _coupled(log)
    factors = (values[:, None] - values) / coupled
    np.fill_diagonal(factors, 1.0)
    residues: Matrix = held * -np.expm1(2.0 * log.real) / factors.prod(1)
    return residues


def _reduction(teacher: Teacher, log: Matrix, losses: NDArray[np.float64]) -> H2Reduction:
    found = projections(log, teacher)
    w = best_residues(log, found.held)
    chart = plain_chart(Poles.from_log(log), teacher.is_real)
    g = -np.expm1(2.0 * log.real)
    scale = np.stack([1 / np.sqrt(g), np.sqrt((2.0 - g) / g**3)]) * np.sqrt(teacher.energy)
    H = _curved(teacher, chart, chart.start)[1]
    weights = np.sqrt(np.abs(np.diagonal(H)) + 1e-300)
    eigenvalues = np.linalg.eigvalsh(H / np.outer(weights, weights))
    model = Modes(log, w, teacher.is_real)
    off = np.stack([model.at(log) - teacher.at(log), np.diagonal(model.divided(log)) - np.diagonal(teacher.divided(log))])
    return H2Reduction(
        Poles.from_log(log),
        w,
        found.split.lost,
        found.split.lost / teacher.energy,
        np.abs(off) / scale,
        losses,
        float(eigenvalues[0] / eigenvalues[-1]),
    )
