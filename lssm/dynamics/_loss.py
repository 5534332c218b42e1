r"""The loss as a function of the poles, with the best readout or a given one: value, gradient, Hessian.

With b the all-pass filter of the poles, ``p_k = 1/(1-λ_k z)``, ``q_k = 1/(z-λ̄_k)`` and ``r = P₊(b̄ m)`` the rest of the teacher,
two numbers a pole carry everything of first order,

.. math:: \hat c_k = \langle m, b\,p_k\rangle = r(\bar\lambda_k), \qquad \hat d_k = \langle m, b\,q_k\rangle, \qquad
          \frac{\partial L}{\partial\lambda_k} = -\overline{\hat c_k}\,\hat d_k :

what the teacher has along the function that the pole would bring, times what it has along the one it stands for. Both come from
one pass of the teacher through the cascade, against time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels.pairs import one_minus_products
from .._results import Result
from .._validate import InvalidInputError, UnsupportedError, choice, vector
from ..allpass._cascade import scan_ends, slowest_order
from ..parameterisations import Parameterisation
from ..poles import Poles, exponential, is_real
from ._charts import Chart, Stored, chart_of, over_reals, pairing, pulled_twice
from ._modes import Modes
from ._readout import require_teacher
from ._teacher import Split, Teacher

Matrix = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class PoleLoss(Result):
    """Loss ``E|y - z|²`` and its derivatives with respect to the poles.

    Attributes
    ----------
    value : float
        The loss.
    gradient : complex array, shape (N,)
        Wirtinger derivatives ``∂L/∂λ_k``; ``dL = 2 Re Σ_k ∂L/∂λ_k dλ_k``.
    hessian, mixed : complex array, shape (N, N), or None
        ``∂²L/∂λ_j∂λ_k`` (symmetric) and ``∂²L/∂λ̄_j∂λ_k`` (Hermitian).
    readout_gradient, input_gradient : complex array, shape (N,)
        Wirtinger derivatives ``∂L/∂c̄_k`` and ``∂L/∂b_k``, half of a real gradient.
        Zero with the best readout: then c is optimal, and the loss does not depend on b.
    parameters : dict of str to float array, or None
        Gradient with respect to the parameters of a model of `lssm.parameterisations`, each in the shape of its parameter; NaN
        where none exists.
    parameter_hessian : float array, shape (n, n), or None
        Second derivatives in the order of the model's fields, one after another.

    Notes
    -----
    Theorem: :doc:`/theorems/pole_learning` (``proofs/pole_learning.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import pole_loss, teachers
    >>> found = pole_loss(lssm.Poles.from_discrete([0.5]), teachers.delay(1), hessian=True)  # L = 1 - (1-λ²) λ²
    >>> round(found.value, 6), found.gradient.real.round(6), found.readout_gradient.real
    (0.8125, array([-0.25]), array([0.]))
    >>> (2 * (found.hessian + found.mixed)).real.round(6)  # d²L/dλ² for real λ: 12 λ² - 2
    array([[1.]])
    """

    value: float
    gradient: Matrix
    hessian: Matrix | None = field(repr=False)
    mixed: Matrix | None = field(repr=False)
    readout_gradient: Matrix
    input_gradient: Matrix
    parameters: dict[str, NDArray[np.float64]] | None
    parameter_hessian: NDArray[np.float64] | None = field(repr=False)

    def __str__(self) -> str:
        size = float(np.linalg.norm(self.gradient))
        return f"loss {self.value:.6g} of {self.gradient.size} poles, size of the gradient {size:.3g}"


def pole_loss(
    poles: Poles | Parameterisation,
    teacher: Teacher,
    *,
    readout: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    inputs: str = "fixed",
    hessian: bool = False,
) -> PoleLoss:
    r"""Loss of a diagonal model as a function of its poles.

    Parameters
    ----------
    poles : Poles, or a model of `lssm.parameterisations`
        Stable poles, not a batch. Of a parameterised model the derivatives with respect to its parameters (frequencies,
        decays, steps) are given as well.
    teacher : Teacher
        From `lssm.dynamics.teachers`.
    readout : array_like, shape (N,), optional
        c of ``y = c* x``, held fixed. Left out: the best readout for these poles, which moves with them.
    weights : array_like, shape (N,), optional
        Input weights b that go with a given readout; default 1.
    inputs : {"fixed", "model"}
        With a parameterised model and a given readout: ``b = weights``, or ``b = weights · input_factor``, as the model
        discretizes (`lssm.parameterisations`), so that decays, frequencies and steps move b too. Poles derivatives are at
        fixed b in either case, those of the parameters at fixed `weights`.
    hessian : bool
        Second derivatives as well: N passes through the cascade. Not together with ``inputs="model"``.

    Returns
    -------
    PoleLoss

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    UnsupportedError
        A batch of models; a complex teacher for a model that stores one of each conjugate pair.
    InvalidInputError
        No pole set, no teacher, a readout of another shape, weights without readout.

    Notes
    -----
    Best readout: ``L = ‖P₊(b̄ m)‖²``, a sum of squares, so that a small loss keeps its digits; ``∂L/∂λ_k = -conj(ĉ_k) d̂_k`` and

    * ``∂_j∂_k L = -conj(r[λ̄_j, λ̄_k]) d̂_k + conj(ĉ_k) F_jk``, ``F_jk = (d̂_j|k + λ̄_k d̂_k)/(1-λ_jλ̄_k)`` for j ≠ k, with d̂_j|k that
      of the model without pole k; ``∂_k² L = -2 conj(r'(λ̄_k)) d̂_k``;
    * ``∂̄_j∂_k L = conj(d̂_j + λ̄_k ĉ_k) d̂_k/(1-λ̄_jλ_k) - conj(ĉ_k)(ĉ_j + λ_k d̂_k)/(1-λ̄_jλ_k)``.

    Given readout, ``h = Σ_k c̄_k b_k p_k``, ``e = m - h``: ``∂L/∂λ_k = -c̄_k b_k conj(e'(λ̄_k))``,
    ``∂_k² L = -c̄_k b_k conj(e''(λ̄_k))``, ``∂̄_j∂_k L = c_j b̄_j c̄_k b_k (1+λ_kλ̄_j)/(1-λ_kλ̄_j)³``.

    Theorem: :doc:`/theorems/pole_learning` (``proofs/pole_learning.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import pole_loss, teachers
    >>> found = pole_loss(lssm.Poles.from_discrete([0.5]), teachers.delay(1))  # L = 1 - M(1) = 1 - (1-λ²) λ²
    >>> found.value, found.gradient.real
    (0.8125, array([-0.25]))
    >>> layer = lssm.parameterisations.S4D(log_A_real=np.log([0.5, 0.5]), A_imag=[1.0, 3.0], log_dt=np.log(0.1))
    >>> sorted(pole_loss(layer, teachers.delay(20)).parameters)
    ['A_imag', 'log_A_real', 'log_dt']
    """
    chart, target = chart_of(poles, True), require_teacher(teacher)
    log = poles.rows()[0] if isinstance(poles, Poles) else chart.log(chart.start)
    require_real(chart, target)
    moving = choice(inputs, "inputs", ("fixed", "model")) == "model"
    if moving and (readout is None or hessian or not isinstance(poles, Parameterisation)):
        raise InvalidInputError('inputs: "model" goes with a parameterised model, a given readout, and without hessian')
    if readout is None:
        if weights is not None:
            raise InvalidInputError("weights: the loss with the best readout does not depend on them; pass a readout too")
        value, derivatives = best_loss(log, target, hessian)
    else:
        b = one_a_pole(weights, "weights", log)
        b = b * poles.input_factor() if moving else b  # type: ignore[union-attr]
        c = one_a_pole(readout, "readout", log)
        if isinstance(chart, Stored):
            require_conjugate(c, "readout", log)
            require_conjugate(b, "weights", log)
        value, derivatives = given_loss(log, target, c, b, hessian)
    parameters, second = None, None
    if isinstance(chart, Stored):
        parameters, second = _by_parameters(chart, derivatives, b if moving else None)
    d = derivatives
    return PoleLoss(value, d.gradient, d.hessian, d.mixed, d.readout, d.inputs, parameters, second)


def _by_parameters(
    chart: Stored, found: Derivatives, inputs: Matrix | None
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64] | None]:
    """Gradient and Hessian with respect to what a model stores; `inputs` are the weights that move with it."""
    model = chart.model
    parameters = {name: part[..., 0] for name, part in model.pullback(found.gradient[:, None]).items()}
    if inputs is not None:
        for name, slope in model.input_derivatives().items():
            terms = 2.0 * (found.inputs * inputs * slope).real
            places = np.concatenate([chart.places[name], chart.places[name][~is_real(np.asarray(model._log()))]])[: terms.size]
            summed = np.bincount(places, terms, chart.start.size)[np.unique(chart.places[name])]
            parameters[name] = parameters[name] + summed.reshape(parameters[name].shape)
    if found.hessian is None or found.mixed is None:
        return parameters, None
    second = pulled_twice(chart, chart.start, found.gradient, found.hessian, found.mixed)
    missing = np.concatenate([np.isnan(np.ravel(parameters[name])) for name in chart.names])
    second[missing], second[:, missing] = np.nan, np.nan
    return parameters, second


def require_real(chart: Chart, teacher: Teacher) -> None:
    """Nothing, or an error if a model with real outputs is to learn a complex teacher."""
    if isinstance(chart, Stored) and chart.model._half and not teacher.is_real:
        raise UnsupportedError("teacher: complex, but the model stores one of each conjugate pair and has real outputs")


def require_conjugate(value: Matrix, name: str, log: Matrix) -> None:
    """Nothing, or an error if the numbers that belong to conjugate poles are not conjugate."""
    J = pairing(log)
    if np.abs(J @ over_reals(J, value) - value).max() > 1e-12 * max(1.0, float(np.abs(value).max())):
        raise InvalidInputError(f"{name}: not conjugate on conjugate poles, while the outputs are real; pass conjugate pairs")


@dataclass(frozen=True)
class Derivatives:
    """Wirtinger derivatives of a loss, poles in the caller's order."""

    gradient: Matrix
    hessian: Matrix | None
    mixed: Matrix | None
    readout: Matrix
    inputs: Matrix


def one_a_pole(value: ArrayLike | None, name: str, log: Matrix) -> Matrix:
    """`value` as one number a pole; ones if left out."""
    return np.ones(log.size, np.complex128) if value is None else vector(value, name, log.size, "poles")


@dataclass(frozen=True)
class Projections:
    """``ĉ_k = ⟨m, b p_k⟩`` and ``d̂_k = ⟨m, b q_k⟩`` of all poles, and the split they come from; caller's order."""

    split: Split
    brought: Matrix
    held: Matrix


def projections(log: Matrix, teacher: Teacher) -> Projections:
    """One pass of the teacher through the cascade."""
    order = slowest_order(log)
    split = teacher.split(log[order])
    held = np.empty(log.size, np.complex128)
    held[order] = scan_ends(log[order], split.states).conj()
    return Projections(split, split.rest.at(log), held)


def best_loss(log: Matrix, teacher: Teacher, hessian: bool) -> tuple[float, Derivatives]:
    """Loss and derivatives with the best readout."""
    found = projections(log, teacher)
    c, d, none = found.brought, found.held, np.zeros(log.size, np.complex128)
    first = -c.conj() * d
    second, mixed = second_derivatives(log, teacher, found) if hessian else (None, None)
    return found.split.lost, Derivatives(first, second, mixed, none, none)


def second_derivatives(log: Matrix, teacher: Teacher, found: Projections) -> tuple[Matrix, Matrix]:
    """``∂_j∂_kL`` and ``∂̄_j∂_kL`` with the best readout."""
    c, d, values = found.brought, found.held, exponential(log)[0]
    coupled = coupled_pairs(log)  # 1 - λ_j λ̄_k
    E = found.split.rest.divided(log)
    F = np.zeros_like(E)
    for k in range(log.size if log.size > 1 else 0):
        others = np.delete(np.arange(log.size), k)
        F[others, k] = projections(log[others], teacher).held
    F = (F + values.conj() * d) / coupled
    hessian = -E.conj() * d + c.conj() * F
    np.fill_diagonal(hessian, -2.0 * np.diagonal(E).conj() * d)
    Q = (d[:, None] + values.conj() * c) / coupled
    K = (c[:, None] + values * d) / coupled.conj()
    mixed = Q.conj() * d - c.conj() * K
    return 0.5 * (hessian + hessian.T), 0.5 * (mixed + mixed.conj().T)


def coupled_pairs(log: Matrix) -> Matrix:
    """``1 - λ_j λ̄_k``."""
    table = np.empty((log.size, log.size), np.complex128)
    one_minus_products(np.ascontiguousarray(log), np.ascontiguousarray(log), table)
    return table


def given_loss(log: Matrix, teacher: Teacher, readout: Matrix, inputs: Matrix, hessian: bool) -> tuple[float, Derivatives]:
    """Loss and derivatives with a given readout and input weights."""
    w = readout.conj() * inputs
    model, order = Modes(log, w, False), slowest_order(log)
    target, own = teacher.split(log[order]), model.split(log[order])
    value = target.lost + float(np.sum(np.abs(target.coefficients - own.coefficients) ** 2))
    error = teacher.at(log) - model.at(log)
    slope = np.diagonal(teacher.divided(log)) - np.diagonal(model.divided(log))
    second = mixed = None
    if hessian:
        second = np.diag(-w * (teacher.curvature(log) - model.curvature(log)).conj())
        coupled = coupled_pairs(log).conj()  # 1 - λ̄_j λ_k
        mixed = w.conj()[:, None] * w * (2.0 - coupled) / coupled**3
    return value, Derivatives(-w * slope.conj(), second, mixed, -inputs * error.conj(), -readout.conj() * error.conj())
