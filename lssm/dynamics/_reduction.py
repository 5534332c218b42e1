r"""The best poles of a given order: H2-optimal reduction in discrete time.

The loss with the best readout, ``L(λ) = ‖m‖² - ‖Pm‖²``, has its stationary points where the model interpolates the teacher
and its derivative at the conjugates of its own poles. Three methods share the work: rational Krylov iteration (IRKA),
which jumps to the poles of the interpolant and converges fast but not always; descent in coordinates without
constraints, which always converges; Newton's method with the exact Hessian, which supplies the last digits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._progress import progress
from .._results import Result
from .._validate import InvalidInputError, choice, count, generator
from ..allpass._cascade import slowest_first
from ..poles import Poles, exponential, log_of
from ..systems import Diagonal, DiscreteSSM
from ._charts import Matrix, plain_chart
from ._loss import coupled_pairs, projections
from ._modes import Modes
from ._readout import require_teacher
from ._search import curved, descend, polished
from ._starts import starting_points, symmetric
from ._teacher import Teacher


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
        Smallest eigenvalue of the Hessian, scaled to a diagonal of size one, over its largest: negative at a saddle, near
        zero where the minimum is flat.

    Notes
    -----
    Saved with log λ as ``poles``.

    Theorem: :doc:`/theorems/pole_learning` (``proofs/pole_learning.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import h2_optimal, teachers
    >>> best = h2_optimal(teachers.rational([0.9, 0.5], [1.0, 0.5]), 1)
    >>> best.poles.values.real.round(4), best.residues.real.round(4), round(best.relative, 6)
    (array([0.873]), array([1.3209]), 0.010515)
    >>> best.system, best.starts.shape, best.interpolation.shape
    (DiscreteSSM(Diagonal(1 × 1), 1 in, 1 out), (8,), (2, 1))
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

    def _content(self) -> dict[str, Any]:
        return super()._content() | {"poles": self.poles.log}

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
    [Gugercin2008]_, descent and Newton's method share the work.

    Theorem: :doc:`/theorems/pole_learning` (``proofs/pole_learning.py``); derivation: :doc:`/derivations/learning`.

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
    begin = starting_points(target, n, count(starts, "starts"), generator(rng))
    found = [descend(target, log) for log in progress(begin, "starts")]
    best = min((polished(target, log) for _, log in sorted(found, key=lambda pair: pair[0])[:3]), key=lambda pair: pair[0])
    losses = np.array([loss for loss, _ in found]) / target.energy
    return _reduction(target, slowest_first(best[1]), losses)


def best_residues(log: Matrix, held: Matrix) -> Matrix:
    """Residues of the best model with these poles: ``w_k = d̂_k g_k / conj b_[k](λ̄_k)``, b_[k] the filter without pole k."""
    values, coupled = exponential(log)[0], coupled_pairs(log)
    factors = (values[:, None] - values) / coupled
    np.fill_diagonal(factors, 1.0)
    residues: Matrix = held * -np.expm1(2.0 * log.real) / factors.prod(1)
    return residues


def _apart(log: Matrix, real: bool) -> Matrix:
    """Poles that coincide to the square root of rounding, moved apart on a small circle: a model with simple poles close by.

    n poles within ε of their centre change its polynomial by ε^n, and the loss by ε^2n next to an optimum.
    """
    values, left = exponential(log)[0], np.ones(log.size, bool)
    for k in range(log.size):
        group = np.flatnonzero(left & (np.abs(values - values[k]) <= 1e-8))
        left[group] = False
        if group.size > 1:
            circle = np.exp(2j * np.pi * np.arange(group.size) / group.size)
            values[group] = values[group].mean() + 1e-11 ** (1 / group.size) * circle
    if np.array_equal(values, exponential(log)[0]):
        return log
    moved = log_of(values)
    return found if real and (found := symmetric(moved, 1e-12)) is not None else moved


def _reduction(teacher: Teacher, log: Matrix, losses: NDArray[np.float64]) -> H2Reduction:
    log = _apart(log, teacher.is_real)
    found = projections(log, teacher)
    w = best_residues(log, found.held)
    chart = plain_chart(Poles.from_log(log), teacher.is_real)
    g = -np.expm1(2.0 * log.real)
    scale = np.stack([1 / np.sqrt(g), np.sqrt((2.0 - g) / g**3)]) * np.sqrt(teacher.energy)
    H = curved(teacher, chart, chart.start)[1]
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
