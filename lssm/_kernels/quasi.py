"""Back substitution with a shifted (quasi-)triangular matrix."""

from typing import Any

from ._compile import compiled


@compiled
def solve_shifted(T: Any, diagonal: Any, alpha: complex, beta: complex, w: Any) -> None:
    """Solve ``(α I + β T) w = f`` in place, T upper triangular up to 2×2 blocks on its diagonal.

    Parameters
    ----------
    T : array, shape (k, k)
        Real with 2×2 blocks, or complex triangular.
    diagonal : complex array, shape (k,)
        ``α + β T_ii``, known better than T_ii says; not used in 2×2 blocks.
    alpha, beta : complex
        Shift and factor.
    w : complex array, shape (k,)
        f on the way in, the solution on the way out.
    """
    i = w.size - 1
    while i >= 0:
        block = i > 0 and T[i, i - 1] != 0
        first = i - 1 if block else i
        for row in range(first, i + 1):
            total = 0j
            for j in range(i + 1, w.size):
                total += T[row, j] * w[j]
            w[row] -= beta * total
        if block:
            a, b = alpha + beta * T[first, first], beta * T[first, i]
            c, d = beta * T[i, first], alpha + beta * T[i, i]
            determinant = a * d - b * c
            x, y = w[first], w[i]
            w[first], w[i] = (d * x - b * y) / determinant, (a * y - c * x) / determinant
        else:
            w[i] /= diagonal[i]
        i = first - 1
