"""One row of poles as a cascade of all-pass sections; everything here takes ``log λ``, shape (N,), slowest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.cascade import response_of_cascade
from .._kernels.ordering import leja_order
from .._kernels.pairs import backward_ends, delay_moment, delay_weighted_energy
from ..poles import exponential


def slowest_order(log: NDArray[np.complex128]) -> NDArray[np.int64]:
    """Indices by falling modulus: every later section then sees a slowly decaying signal."""
    return np.argsort(-log.real, kind="stable")


def slowest_first(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Poles of one row by falling modulus."""
    return log[slowest_order(log)]


def scattered(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The same poles in Leja order: each next one is farthest, in hyperbolic distance, from all before it.

    A second opinion: the rounding errors of the cascade depend on the order, the answer does not.
    """
    rest = slowest_first(log)
    order = np.empty(rest.size, np.int64)
    leja_order(np.where(np.isneginf(rest.real), 0, np.exp(np.where(np.isneginf(rest.real), 0, rest))), order)
    return rest[order]


def sections(log: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Rows Re λ, Im λ, 1-|λ|² and what the doubles Re λ, Im λ lack; shape (5, N)."""
    values, rest = exponential(log)
    return np.stack([values.real, values.imag, -np.expm1(2.0 * log.real), rest.real, rest.imag])


def cascade(log: NDArray[np.complex128], T: int) -> NDArray[np.complex128]:
    """All-pass impulse response b_0 … b_{T-1} of one row of poles."""
    return response_and_states(log, T)[0]


def response_and_states(log: NDArray[np.complex128], T: int) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """All-pass impulse response b_0 … b_{T-1}, and the section states after its last step."""
    b, w = np.empty(T, np.complex128), np.zeros(log.size, np.complex128)
    response_of_cascade(sections(log), 1.0, w, b)
    return b, w


def cascade_in_blocks(log: NDArray[np.complex128], T: int) -> Iterator[tuple[NDArray[np.complex128], NDArray[np.complex128]]]:
    """The same in blocks of doubling length, each with the section states at its end.

    Rounding errors grow with the delay: what is known at the end of a block of doubling length is never much
    worse than what can be known inside it.
    """
    coefficients, w = sections(log), np.zeros(log.size, np.complex128)
    start, length = 0, max(1024, log.size)
    while start < T:
        b = np.empty(min(length, T - start), np.complex128)
        response_of_cascade(coefficients, float(start == 0), w, b)
        yield b, w.copy()
        start, length = start + b.size, start + b.size


def energy_to_come(log: NDArray[np.complex128], w: NDArray[np.complex128]) -> float:
    """``Σ_{τ≥0} ‖Aᵒ^τ x‖²`` for the cascade state w (x = √g w), in O(N²) and without a matrix."""
    return float(delay_weighted_energy(log, w))


def mean_delay(log: NDArray[np.complex128]) -> float:
    """``Σ τ M(τ) / N`` of one row of poles."""
    return float(delay_moment(log)) / log.size


def scan_ends(log: NDArray[Any], w: NDArray[Any]) -> NDArray[np.complex128]:
    """``Σ_{s≥T} λ̄_k^{s-T} b_s`` for each k, from the section states after step T-1."""
    ends = np.empty(log.size, np.complex128)
    backward_ends(log, w, ends)
    return ends
