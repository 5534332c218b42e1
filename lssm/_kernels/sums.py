"""Running energies, compensated: a plain running sum loses a digit for every ten terms of equal size."""

from typing import Any

from ._compile import compiled


@compiled
def _two_sum(a: float, b: float) -> tuple[float, float]:
    """Sum and its rounding error (Knuth)."""
    s = a + b
    back = s - a
    return s, (a - (s - back)) + (b - back)


@compiled
def energies_before_and_after(b: Any, first: float, last: float, before: Any, after: Any) -> None:
    """``Σ_{j≤t} |b_j|²`` and ``Σ_{j>t} |b_j|²`` within a block of an impulse response, each from its known end.

    Parameters
    ----------
    b : complex array, shape (T,)
        The block.
    first, last : float
        Energy before and energy after the block.
    before, after : float array, shape (T,)
        Outputs.
    """
    T = b.size
    total, error = first, 0.0
    for t in range(T):
        total, lost = _two_sum(total, b[t].real ** 2 + b[t].imag ** 2)
        error += lost
        before[t] = min(total + error, 1.0)
    total, error = last, 0.0
    for t in range(T - 1, -1, -1):
        after[t] = total + error
        total, lost = _two_sum(total, b[t].real ** 2 + b[t].imag ** 2)
        error += lost
