"""From a system to its memory function."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import count, over_batch, read_only
from ..allpass._cascade import slowest_first
from ..poles import Poles
from ..reachability import ReachablePart, reachable_part, require_stable_part
from ._delays import checked_delays
from ._finite import finite_memory
from ._infinite import infinite_memory
from ._result import MemoryFunction
from ._row import Row


def memory_function(
    system: Any,
    delays: int | ArrayLike,
    *,
    horizon: int | None = None,
    tolerance: float | None = None,
    workers: int | None = None,
) -> MemoryFunction:
    r"""Memory function M(τ) of a system with one white input.

    Parameters
    ----------
    system : Poles or discrete system
        Poles, shape (..., N); or a `DiscreteSSM` or what `as_discrete` accepts, such as a tuple ``(A, B)``, with one
        input. What the input does not reach is left out (see `reachable_part`).
    delays : int or array_like of int, shape (T,)
        Delays τ in steps. T means τ = 0 … T-1; an array means those delays, in its order, up to 1e9.
    horizon : int, optional
        Steps since the state was zero, at least the number of poles. Left out: an infinite past. Poles on or outside
        the unit circle need a horizon.
    tolerance : float, optional
        For dense systems, as in `reachable_part`.
    workers : int, optional
        Threads over the batch (-1: one a core).

    Returns
    -------
    MemoryFunction
        Its ``values``, ``complement`` and ``error`` have shape (..., T); its capacity, mean delay, remainder and
        ``length()`` do not depend on the delays asked for.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle, and no horizon.
    InvalidInputError
        Delays that are no non-negative integers or lie beyond the horizon; a horizon shorter than the state dimension.
    UnsupportedError
        A system with several inputs, or a batch of matrices.

    Warns
    -----
    AccuracyWarning
        A finite horizon whose directions differ too little for full accuracy; an infinite past with poles near a ring, whose
        small M or 1-M need ball arithmetic while python-flint is not installed.

    Notes
    -----
    ``M(τ) = 1 - min_w E|u_{t-τ} - w* x_t|²`` for white u of variance one on the clock ``x_t = A x_{t-1} + B u_t``: the part of
    the input τ steps ago that the best linear readout of the present state explains; delay 0 is the present input.

    Infinite past: ``M(τ) = Σ_{j>τ} |b_j|²``, b the impulse response of the all-pass filter of the poles, a cascade of N sections
    with one state each. The states w at the end of each block of delays give M there, ``M = Σ_k (1-|λ_k|²) |w_k|²``, and
    ``|b_j|²`` is added backwards, so that M keeps its relative accuracy down to the smallest double. Delays out of the reach of
    the cascade come from powers of its state matrix.

    Horizon T: ``M_T(τ) = v_τᴴ G_T⁻¹ v_τ`` with ``G_T = Σ_{t<T} v_t v_tᴴ``, by a delayed cascade in O(N² T). ``M_T ≥ M``, its sum
    is N as well, and it is not monotone.

    Theorems: :doc:`/theorems/takenaka_malmquist` (``proofs/takenaka_malmquist.py``), :doc:`/theorems/poles_only`
    (``proofs/poles_only.py``); derivation: :doc:`/derivations/allpass`. With a horizon: :doc:`/theorems/finite_horizon`
    (``proofs/finite_horizon.py``); derivation: :doc:`/derivations/finite_horizon`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.spectra.s4d_lin(order=32, step=1e-3)
    >>> m = lssm.memory_function(poles, 1024)
    >>> print(m)
    memory function of one system: delays 0 … 1023, capacity 31, mean delay 1280.51, remainder beyond 16.7862
    >>> m.values[[0, 1, 1023]]
    array([0.03052443, 0.0295935 , 0.01339841])
    >>> lssm.memory_function(poles, 1024, horizon=1024).values[[0, 1, 1023]]
    array([0.52447379, 0.26206802, 0.50950161])
    >>> A = lssm.reservoirs.gaussian(order=100, radius=0.9, rng=0)
    >>> print(lssm.memory_function(A, 50).capacity)
    100
    """
    part = part_of(system, tolerance, stable=horizon is None)
    steps = None if horizon is None else count(horizon, "horizon", most=10**8)
    wanted = checked_delays(delays, steps)
    if steps is None:
        rows = [slowest_first(row) for row in part.poles.rows()]
        found = over_batch(lambda i: infinite_memory(rows[i], wanted), len(rows), workers)
    else:
        rows = part.poles.rows()
        found = over_batch(lambda i: finite_memory(rows[i], steps, wanted), len(rows), workers)
    return _collected(part, steps, wanted, found)


def memory_capacity(system: Any) -> Any:
    """Total memory ``Σ_τ M(τ)``: the number of reachable poles.

    Parameters
    ----------
    system : Poles or discrete system
        As in `memory_function`.

    Returns
    -------
    int, or int array of shape (...)

    Notes
    -----
    Theorem: :doc:`/theorems/capacity` (``proofs/capacity.py``); derivation: :doc:`/derivations/reachability`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_capacity(lssm.spectra.s4d_lin(order=32, step=0.1))  # aliased: 20 distinct poles
    20
    """
    return part_of(system, None, stable=True).poles.order


def part_of(system: Any, tolerance: float | None, *, stable: bool) -> ReachablePart:
    """The reachable part of a system; pole sets are reachable as they are."""
    if isinstance(system, Poles):
        return ReachablePart(system.require_stable() if stable else system)
    part = reachable_part(system, tolerance=tolerance)
    return require_stable_part(part) if stable else part


def _collected(part: ReachablePart, horizon: int | None, delays: NDArray[np.int64], found: list[Row]) -> MemoryFunction:
    """Rows as one result of the batch's shape."""
    shape = part.poles.batch
    values, complement = (np.array([getattr(row, name) for row in found]) for name in ("values", "complement"))
    error = np.array([row.relative for row in found]) * values + part.memory_error(values, complement)
    return MemoryFunction(
        delays=read_only(delays),
        values=read_only(values.reshape(*shape, delays.size)),
        complement=read_only(complement.reshape(*shape, delays.size)),
        error=read_only(error.reshape(*shape, delays.size)),
        remainder=read_only(np.array([row.remainder for row in found]).reshape(shape)),
        capacity=read_only(np.asarray(part.poles.order, np.int64)),
        mean_delay=read_only(np.array([row.mean_delay for row in found]).reshape(shape)),
        horizon=horizon,
        poles=part.poles,
        reached=part,
    )
