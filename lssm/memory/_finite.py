r"""Memory of one row of poles after T steps from rest.

``M_T(τ)`` is the leverage score of row τ of the T×N matrix ``λ_k^τ``. Its columns are dependent to working precision long
before the answer is ill-conditioned, so SVD and QR of it fail. The delayed cascade never forms it: the next
direction is the last one, delayed by a step and filtered by the next pole,

.. math:: y_t = \lambda_k y_{t-1} + q_{k-1}(t-1), \qquad y_0 = 0,

which lies in the span of the first k+1 columns and, for ``|λ| ≤ 1`` with equal poles side by side, never in that of the
first k (``proofs/finite_horizon.py``). Orthogonalised twice, normalised, it is ``q_k``, and ``M_T(τ) = Σ_k |q_k(τ)|²``.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.cascade import delayed_backward, delayed_forward
from .._progress import progress
from .._validate import AccuracyWarning, InvalidInputError
from ..allpass._cascade import sections
from ._row import Row, budget

_SMALL = 1e-20
"""Memories below this are computed twice, and their difference is their error."""

_DOUBTFUL = 1e-3
"""A direction whose new part is smaller than this share of it costs more than three digits."""


def finite_memory(log: NDArray[Any], horizon: int, delays: NDArray[np.int64]) -> Row:
    """Memory at `delays` and everything that goes with it; delays below `horizon`."""
    values, gain = finite_profile(log, horizon)
    relative = budget(delays) * max(1.0, 0.1 / gain)
    if values.min() < _SMALL:
        again, _ = finite_profile(log.conj()[::-1], horizon, reverse=True)
        relative = np.maximum(relative, 4.0 * np.abs(again - values)[delays] / np.maximum(values[delays], 1e-280))
    every = np.arange(horizon)
    beyond = float(values[int(delays.max()) + 1 :].sum())
    mean = float((every * values).sum() / log.size)
    return Row(values[delays], 1.0 - values[delays], beyond, mean, relative)


def finite_length(log: NDArray[Any], horizon: int, fraction: float) -> int:
    """Smallest L with ``Σ_{τ<L} M_T(τ) ≥ fraction · N``."""
    values, _ = finite_profile(log, horizon)
    return int(np.searchsorted(np.cumsum(values), fraction * log.size * (1 - 1e-13))) + 1


def finite_profile(log: NDArray[Any], horizon: int, *, reverse: bool = False) -> tuple[NDArray[np.float64], float]:
    """M_T at all delays 0 … T-1, and the smallest gain met; warns where the gain says that digits are lost.

    In reverse the cascade runs from high frequencies to low ones: a second opinion, where memories are so small that
    orthogonalisation might have left its rounding in them.
    """
    if horizon < log.size:
        raise InvalidInputError(
            f"horizon: {horizon} steps are fewer than the {log.size} states, which then hold every input exactly (M = 1); "
            f"ask for at least {log.size} steps"
        )
    directions, gain = delayed_cascade(log, horizon, reverse=reverse)
    if gain < _DOUBTFUL and not reverse:
        warnings.warn(
            f"horizon: two directions of the state differ by {gain:.1e} only; relative error of the memory {1e-13 / gain:.0e}",
            AccuracyWarning,
            stacklevel=2,
        )
    values = np.zeros(horizon)
    for q in directions:
        values += q.real**2 + q.imag**2
    return np.minimum(values, 1.0), gain


def delayed_cascade(log: NDArray[Any], horizon: int, *, reverse: bool = False) -> tuple[NDArray[np.complex128], float]:
    """Orthonormal basis of the columns ``λ_k^t``, t < T, as rows; and the smallest gain ``‖new part‖/‖y‖``."""
    log = _ordered(log, -1.0 if reverse else 1.0)
    basis, least = np.empty((log.size, horizon), np.complex128), 1.0
    for k in progress(range(log.size), "directions"):
        candidates = _candidates(log, k, basis, horizon)
        parts = [_new_part(y, basis[:k]) for y in candidates]
        basis[k], gain = max(parts, key=lambda part: part[1])
        least = min(least, gain)
    return basis, least


def _ordered(log: NDArray[Any], sign: float) -> NDArray[Any]:
    """Decaying poles first, then by |frequency|, then slowest first: neighbours in the cascade are neighbours in the plane."""
    angle = np.where(np.isneginf(log.real), 0.0, log.imag - 2 * np.pi * np.round(log.imag / (2 * np.pi)))
    return log[np.lexsort((angle, -log.real, sign * np.abs(angle), log.real > 0))]


def _candidates(log: NDArray[Any], k: int, basis: NDArray[Any], horizon: int) -> list[NDArray[np.complex128]]:
    """Directions that bring column k in; two where growing poles begin, since neither is always good there."""
    geometric_wanted = k == 0 or (log[k].real > 0) != (log[k - 1].real > 0)
    found = [_geometric(log[k], horizon)] if geometric_wanted else []
    if k:
        found.append(_filtered(log[k], basis[k - 1]))
    return found


def _geometric(log: complex, horizon: int) -> NDArray[np.complex128]:
    """``λ^t``, scaled so that its largest entry is 1."""
    steps = np.arange(horizon) - (horizon - 1 if log.real > 0 else 0)
    if np.isneginf(log.real):
        return (steps == 0).astype(np.complex128)
    powers: NDArray[np.complex128] = np.exp(log * steps)
    return powers


def _filtered(log: complex, q: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The last direction, delayed and filtered by the pole; against time where the pole grows."""
    y = np.empty_like(q)
    growing = log.real > 0
    section = sections(np.array([-log if growing else log]))[:, 0].copy()
    (delayed_backward if growing else delayed_forward)(section, q, y)
    return y


def _new_part(y: NDArray[np.complex128], basis: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], float]:
    """What y has beyond the basis, normalised, and its share of y; orthogonalised twice, which is enough."""
    size = np.linalg.norm(y)
    for _ in range(2):
        y = y - (basis @ y.conj()).conj() @ basis
    left = np.linalg.norm(y)
    return y / left if left else y, float(left / size) if size else 0.0
