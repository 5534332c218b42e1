"""Down to the best poles: rational Krylov iteration, descent, Newton's method."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.optimize import minimize

from ..poles import Poles, exponential, log_of
from ._charts import Chart, Matrix, pairing, plain_chart, pulled, pulled_twice
from ._loss import best_loss, projections, second_derivatives
from ._sections import logs_of, sections_of
from ._starts import admissible, symmetric
from ._teacher import Teacher

_IRKA_STEPS, _NEWTON_STEPS, _DESCENTS = 60, 30, 6


def descend(teacher: Teacher, log: Matrix) -> tuple[float, Matrix]:
    """IRKA where it goes down, then descent; together as often as that helps."""
    loss = best_loss(log, teacher, False)[0]
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
        following = interpolant(teacher, log)
        if following is None:
            break
        moved = np.abs(np.sort_complex(np.exp(following)) - np.sort_complex(np.exp(log))).max()
        log = following
        best = min(best, (best_loss(log, teacher, False)[0], log), key=lambda pair: pair[0])
        if moved < 1e-13:
            break
    return best


def interpolant(teacher: Teacher, log: Matrix) -> Matrix | None:
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
        with np.errstate(all="ignore"):  # infinite eigenvalues of a singular pencil
            values = scipy.linalg.eigvals(*([part.real for part in pencil] if teacher.is_real else pencil))
    except (ValueError, np.linalg.LinAlgError):
        return None
    if not np.isfinite(values).all():
        return None
    log = log_of(values)
    log = admissible(-np.abs(log.real) + 1j * log.imag)  # poles outside are reflected
    return symmetric(log, 1e-12) if teacher.is_real else log


def _quasi_newton(teacher: Teacher, log: Matrix) -> tuple[float, Matrix]:
    """BFGS in coordinates where every point is stable."""
    chart: Chart = sections_of(log) if teacher.is_real else logs_of(log)

    def loss(theta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, found = best_loss(chart.log(theta), teacher, False)
        return value / teacher.energy, pulled(chart, theta, found.gradient) / teacher.energy

    found = minimize(loss, chart.start, jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 500})
    reached = chart.log(found.x)
    return (float(found.fun) * teacher.energy, reached) if np.isfinite(found.fun) else (np.inf, log)


def polished(teacher: Teacher, log: Matrix) -> tuple[float, Matrix]:
    """Newton's method on the gradient, as long as the gradient falls and the loss does not rise."""
    chart = plain_chart(Poles.from_log(log), teacher.is_real)
    theta, (loss, size) = chart.start, _loss_and_slope(teacher, log)
    for _ in range(_NEWTON_STEPS):
        step = _newton_step(teacher, chart, theta)
        if step is None or not (chart.log(theta + step).real < 0).all():
            break
        new_loss, new_size = _loss_and_slope(teacher, chart.log(theta + step))
        if not new_size < size or new_loss > loss * (1 + 1e-9) + 1e-24 * teacher.energy:
            break
        loss, size, theta = new_loss, new_size, theta + step
    return loss, chart.log(theta)


def _loss_and_slope(teacher: Teacher, log: Matrix) -> tuple[float, float]:
    """Loss, and the largest hyperbolic derivative."""
    value, found = best_loss(log, teacher, False)
    return value, float(np.abs(found.gradient * -np.expm1(2.0 * log.real)).max())


def _newton_step(teacher: Teacher, chart: Chart, theta: NDArray[np.float64]) -> NDArray[np.float64] | None:
    gradient, H = curved(teacher, chart, theta)
    try:
        step = np.asarray(-np.linalg.solve(H, gradient), np.float64)
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def curved(teacher: Teacher, chart: Chart, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradient and Hessian in the chart."""
    log = chart.log(theta)
    found = projections(log, teacher)
    gradient = -found.brought.conj() * found.held
    return pulled(chart, theta, gradient), pulled_twice(chart, theta, gradient, *second_derivatives(log, teacher, found))
