r"""Memory functions, exactly.

The memory function of a linear system under white input,

.. math:: M(\tau) = 1 - \min_w \mathrm E\,|u_{t-\tau} - w^* x_t|^2 / \mathrm E\,|u|^2 ,

is, for one input and a reachable pair, a property of the poles alone:
``M(τ) = Σ_{j>τ} |b_j|² = 1 - Σ_{j≤τ} |b_j|²`` with b_j the impulse response of the all-pass filter.
No Gramian is formed, and no linear system solved. Proof: ``proofs/takenaka_malmquist.py``.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._kernels.sums import energies_before_and_after
from ._results import Result, plain
from ._validate import InvalidInputError, UnsupportedError, count, finite, over_batch, read_only
from .allpass._cascade import cascade_in_blocks, energy_to_come, mean_group_delay, slowest_first
from .allpass._realisation import powers, states_at
from .poles import Poles, require_poles
from .systems import Diagonal, as_discrete

LONGEST = 10**9
"""Largest delay."""

_LENGTH_BITS = 60


@dataclass(frozen=True, eq=False)
class MemoryFunction(Result):
    r"""Memory function of a system, with what lies beyond the delays asked for.

    Attributes
    ----------
    delays : int array, shape (T,)
        Delays τ in steps; 0 is the present input.
    values : float array, shape (..., T)
        M(τ), relative error about ``1e-15 max(τ, 1000)`` at worst.
    complement : float array, shape (..., T)
        ``1 - M(τ)``, accurate where M is near 1.
    remainder : float array, shape (...)
        ``Σ M(τ)`` over every τ beyond the largest delay, in closed form.
    capacity : int array, shape (...)
        ``Σ_τ M(τ)`` over all delays: the number of poles.
    mean_delay : float array, shape (...)
        ``Σ τ M(τ) / Σ M(τ)`` in steps, in closed form.
    poles : Poles
        The poles the answer belongs to.
    """

    delays: NDArray[np.int64]
    values: NDArray[np.float64]
    complement: NDArray[np.float64]
    remainder: NDArray[np.float64]
    capacity: NDArray[np.int64]
    mean_delay: NDArray[np.float64]
    poles: Poles = field(repr=False)

    @property
    def mutual_information(self) -> NDArray[np.float64]:
        """``-½ log(1-M(τ))`` in nats: what the state knows of a real Gaussian input; inf where M = 1."""
        half = self.complement < 0.5
        with np.errstate(divide="ignore"):
            near_one = -0.5 * np.log(np.where(half, self.complement, 1.0))
        return np.where(half, near_one, -0.5 * np.log1p(-np.where(half, 0.0, self.values)))

    def length(self, fraction: float = 0.5) -> NDArray[np.int64]:
        """Smallest L with ``Σ_{τ<L} M(τ) ≥ fraction · capacity``, shape (...), whatever delays were asked for.

        Parameters
        ----------
        fraction : float
            Between 0 and 1, exclusive.

        Raises
        ------
        UnsupportedError
            A length beyond 2⁶⁰ steps, which an integer array cannot hold.

        Examples
        --------
        >>> import lssm
        >>> int(lssm.memory_function(lssm.spectra.delay_line(order=10), 3).length(0.5))
        5
        """
        share = finite(fraction, "fraction", dtype=np.float64)
        if share.ndim or not 0 < share < 1:
            raise InvalidInputError(f"fraction: must be one number strictly between 0 and 1, got {fraction!r}")
        lengths = [_length(slowest_first(row), float(share)) for row in self.poles.rows()]
        return np.array(lengths, np.int64).reshape(self.poles.batch)

    def to_dict(self) -> dict[str, Any]:
        """Content as plain lists and numbers; the poles as [Re log λ, Im log λ]."""
        rest = {k: plain(getattr(self, k)) for k in self.__dataclass_fields__ if k != "poles"}
        return rest | {"poles_log": plain(self.poles.log)}

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        name = f"memory function of {self.poles.batch or 'one'} system{'s' if self.poles.batch else ''}"
        return (
            f"{name}: delays {self.delays.min()} … {self.delays.max()}, capacity {_span(self.capacity, 'd')}, "
            f"mean delay {_span(self.mean_delay)}, remainder beyond {_span(self.remainder)}"
        )


def _span(values: NDArray[Any], form: str = ".6g") -> str:
    low, high = values.min(), values.max()
    return f"{low:{form}}" if low == high else f"{low:{form}} … {high:{form}}"


def memory_function(system: Any, delays: int | ArrayLike, *, workers: int | None = None) -> MemoryFunction:
    r"""Memory function M(τ) under white input, infinite horizon.

    Parameters
    ----------
    system : Poles or discrete system
        Poles, shape (..., N); or a `DiscreteSSM` (or what `as_discrete` accepts) with a diagonal state
        operator and one input. Modes that the input does not reach, and coinciding ones, are left out.
    delays : int or array_like of int, shape (T,)
        T means τ = 0 … T-1; an array means those delays, in its order, up to 1e9.
    workers : int, optional
        Threads over the batch (-1: one a core).

    Returns
    -------
    MemoryFunction

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    InvalidInputError
        Delays that are no non-negative integers.
    UnsupportedError
        A system with several inputs or a dense state operator.

    Notes
    -----
    ``M(τ) = Σ_{j>τ} |b_j|²``: the section states at the end of each block of delays give M there,
    ``M = Σ_k g_k |w_k|²``, and ``|b_j|²`` is added backwards, so that M keeps its relative accuracy down to the
    smallest double. Delays out of the reach of the cascade come from powers of the orthonormal realisation.

    Examples
    --------
    >>> import lssm
    >>> m = lssm.memory_function(lssm.spectra.s4d_lin(order=32, step=1e-3), 1024)
    >>> print(m)
    memory function of one system: delays 0 … 1023, capacity 31, mean delay 1280.51, remainder beyond 16.7862
    >>> m.values[[0, 1, 1023]]
    array([0.03052443, 0.0295935 , 0.01339841])
    """
    poles = poles_of(system).require_stable()
    wanted = _delays(delays)
    rows = [slowest_first(row) for row in poles.rows()]
    answers = over_batch(lambda i: _memory(rows[i], wanted), len(rows), workers)
    values, complement, remainder = (np.array(part) for part in zip(*answers, strict=True))
    shape = poles.batch
    return MemoryFunction(
        delays=read_only(wanted),
        values=read_only(values.reshape(*shape, wanted.size)),
        complement=read_only(complement.reshape(*shape, wanted.size)),
        remainder=read_only(remainder.reshape(shape)),
        capacity=read_only(np.asarray(poles.order, np.int64)),
        mean_delay=read_only(np.array([_mean_delay(row) for row in rows]).reshape(shape)),
        poles=poles,
    )


def memory_capacity(system: Any) -> Any:
    """Total memory ``Σ_τ M(τ)``: the number of reachable poles.

    Parameters
    ----------
    system : Poles or discrete system
        As in `memory_function`.

    Returns
    -------
    int, or int array of shape (...)

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_capacity(lssm.spectra.s4d_lin(order=32, step=0.1))  # aliased: 20 distinct poles
    20
    """
    return poles_of(system).require_stable().order


def poles_of(system: Any) -> Poles:
    """Poles that the one input of `system` reaches.

    Raises
    ------
    UnsupportedError
        Several inputs, or a state operator that is not diagonal.
    """
    if isinstance(system, Poles):
        return system
    discrete = as_discrete(system)
    if discrete.inputs != 1:
        raise UnsupportedError(f"system: {discrete.inputs} inputs; the memory function needs exactly one")
    if not isinstance(discrete.A, Diagonal):
        raise UnsupportedError("system: a dense state operator; pass its poles, lssm.Poles.from_discrete(λ)")
    if discrete.A.values.ndim > 1 or discrete.B.ndim > 2:
        raise UnsupportedError("system: a batch; pass its poles, lssm.Poles.from_log(log, diagonal=True)")
    reached = discrete.B[:, 0] != 0
    if not reached.any():
        raise InvalidInputError("system: B is zero, the input reaches no state")
    return Poles.from_log(discrete.A.log[reached], diagonal=True)


def _delays(delays: int | ArrayLike) -> NDArray[np.int64]:
    """0 … T-1 for an integer T, or the given delays, checked."""
    if isinstance(delays, (int, np.integer)) or np.ndim(delays) == 0:
        return np.arange(count(delays, "delays", most=10**8))
    array = np.asarray(delays)
    if array.dtype.kind not in "iu" or array.ndim != 1 or array.size == 0:
        raise InvalidInputError("delays: pass a positive integer T or a non-empty list of integers")
    if array.min() < 0 or array.max() > LONGEST:
        raise InvalidInputError(f"delays: must lie between 0 and {LONGEST}, got {array.min()} … {array.max()}")
    return array.astype(np.int64)


def _memory(log: NDArray[Any], delays: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any], float]:
    """M, 1-M and the remainder of one row of poles."""
    last = int(delays.max())
    if _cascade_is_cheaper(log.size, last):
        near, complement, remainder = _by_cascade(log, last + 1)
        return near[delays], complement[delays], remainder
    reach = min(2 * log.size, last + 1)  # beyond 2N delays M < 1/2 and 1-M is harmless
    near, complement, _ = _by_cascade(log, reach)
    values, rest = np.empty(delays.size), np.empty(delays.size)
    close = delays < reach
    values[close], rest[close] = near[delays[close]], complement[delays[close]]
    values[~close] = (np.abs(states_at(log, delays[~close])) ** 2).sum(0)
    rest[~close] = 1.0 - values[~close]
    return values, rest, _remainder_after(log, last)


def _cascade_is_cheaper(order: int, last: int) -> bool:
    """Whether N·τ section steps cost less than the N³ log τ of the powers (and fit)."""
    return last <= 10**8 and order * last <= max(3 * 10**7, order**3 * last.bit_length())


def _by_cascade(log: NDArray[Any], T: int) -> tuple[NDArray[Any], NDArray[Any], float]:
    """M and 1-M at delays 0 … T-1, and ``Σ_{τ≥T} M``, from T+1 steps of the cascade."""
    complement, values = np.empty(T + 1), np.empty(T + 1)
    start, spent = 0, 0.0
    for b, w in cascade_in_blocks(log, T + 1):
        block = slice(start, start + b.size)
        energies_before_and_after(b, spent, _energy(log, w), complement[block], values[block])
        start, spent = block.stop, complement[block.stop - 1]
    values = np.where(complement < 0.5, 1.0 - complement, values)
    return np.minimum.accumulate(values[:T]), complement[:T], energy_to_come(log, w)


def _energy(log: NDArray[Any], w: NDArray[Any]) -> float:
    """‖x‖² of the cascade state w: the memory at its time."""
    return float((-np.expm1(2.0 * log.real) * (w.real**2 + w.imag**2)).sum())


def _remainder_after(log: NDArray[Any], last: int) -> float:
    """``Σ_{τ>last} M(τ)``, the state carried there by powers."""
    x = states_at(log, np.array([last + 1]))[:, 0]
    return energy_to_come(log, x / np.sqrt(-np.expm1(2.0 * log.real)))


def _mean_delay(log: NDArray[Any]) -> float:
    """``(1/2N) [Σ_ij Re (1+λ_iλ̄_j)/(1-λ_iλ̄_j) - N]``."""
    return (mean_group_delay(log) - log.size) / (2 * log.size)


def _length(log: NDArray[Any], fraction: float) -> int:
    """Smallest L whose remainder is at most (1-fraction) N."""
    allowed = (1.0 - fraction) * log.size
    reach = 2 * log.size
    while _cascade_is_cheaper(log.size, reach):
        values, _, remainder = _by_cascade(log, reach)
        if remainder <= allowed:
            still = remainder + np.concatenate([[0.0], np.cumsum(values[::-1])])[::-1]  # Σ_{τ≥L}, L = 0 … reach
            return int(np.argmax(still <= allowed * (1 + 1e-13)))
        reach *= 4
    return _length_by_powers(log, allowed)


def _length_by_powers(log: NDArray[Any], allowed: float) -> int:
    """The same by bisection on the bits of L, for memories beyond the reach of the cascade."""
    scale = np.sqrt(-np.expm1(2.0 * log.real))
    ladder = list(powers(log, _LENGTH_BITS))
    x, length = states_at(log, np.array([0]))[:, 0], 0
    for p in range(len(ladder) - 1, -1, -1):
        ahead = ladder[p] @ x
        if energy_to_come(log, ahead / scale) > allowed:
            x, length = ahead, length + 2**p
    if length == 2**_LENGTH_BITS - 1:
        raise UnsupportedError(f"poles: a length of 2**{_LENGTH_BITS} steps or more cannot be counted; see mean_delay")
    return length + 1


def naive_gramian_memory(poles: Poles, delays: int | ArrayLike) -> NDArray[np.float64]:
    r"""What solving with the Gramian in double precision says; for comparison only.

    ``M(τ) = v_τᴴ G⁻¹ v_τ`` with ``v_τ = (λ_k^τ)``, ``G_ij = 1/(1-λ_iλ̄_j)``. The Gramian of real poles has a
    condition that grows like ``e^{cN}``; this is how memory functions go wrong.

    Parameters
    ----------
    poles : Poles
        Stable, distinct poles, not a batch.
    delays : int or array_like of int
        As in `memory_function`.

    Returns
    -------
    float array, shape (T,)
        NaN throughout where LAPACK finds G singular.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.spectra.legs(order=32, step=1e-3)
    >>> exact, naive = lssm.memory_function(poles, 1000).values, lssm.naive_gramian_memory(poles, 1000)
    >>> bool(abs(naive / exact - 1).max() > 0.1)
    True
    """
    log = require_poles(poles).require_single().require_stable().rows()[0]
    wanted = _delays(delays)
    zero = np.isneginf(log.real)
    values = np.where(zero, 0, np.exp(np.where(zero, 0, log)))
    v = values[:, None] ** wanted
    gramian = 1.0 / (1.0 - values[:, None] * values.conj())
    try:
        solved = np.linalg.solve(gramian, v)
    except np.linalg.LinAlgError:
        return np.full(wanted.size, np.nan)
    return (v.conj() * solved).sum(0).real
