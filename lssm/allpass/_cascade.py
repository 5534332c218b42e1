"""One row of poles as a cascade of all-pass sections; everything here takes ``log λ``, shape (N,), slowest first."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .._kernels.cascade import response_of_cascade
from .._kernels.energy import delay_weighted_energy, total_group_delay


def slowest_first(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Poles of one row by falling modulus: every later section then sees a slowly decaying signal."""
    return log[np.argsort(-log.real, kind="stable")]


def sections(log: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Rows Re λ, Im λ, 1-|λ|² and what the doubles Re λ, Im λ lack; shape (5, N).

    The corrections come from extended precision; where the platform's long double is a double they are nil, and
    the relative error of the memory function grows like 1e-16 τ.
    """
    zero = np.isneginf(log.real)
    fine = np.where(zero, 0, np.exp(np.where(zero, 0, log).astype(np.clongdouble)))
    values = fine.astype(np.complex128)
    rest = (fine - values).astype(np.complex128)
    return np.stack([values.real, values.imag, -np.expm1(2.0 * log.real), rest.real, rest.imag])


def cascade(log: NDArray[np.complex128], T: int) -> NDArray[np.complex128]:
    """All-pass impulse response b_0 … b_{T-1} of one row of poles."""
    b = np.empty(T, np.complex128)
    response_of_cascade(sections(log), 1.0, np.zeros(log.size, np.complex128), b)
    return b


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


def mean_group_delay(log: NDArray[np.complex128]) -> float:
    """``Σ_ij Re (1+λ_iλ̄_j)/(1-λ_iλ̄_j)`` of one row of poles."""
    return float(total_group_delay(log))
