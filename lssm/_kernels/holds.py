"""Entire functions of the hold rules, element by element: accurate at 0, near 0 and far from it."""

from typing import Any

from ._compile import compiled
from .pairs import expm1_apart


@compiled
def _series(z: complex, first: int) -> complex:
    """``Σ_k z^k k!⁻¹ …``: 1/first! + z/(first+1)! + …, for |z| below one."""
    term = 1.0 + 0j
    for k in range(1, first + 1):
        term /= k
    total, k = term, first
    while abs(term.real) + abs(term.imag) > 1e-18:
        k += 1
        term = term * z / k
        total += term
    return total


@compiled
def phi_one(z: Any, out: Any) -> None:
    """``φ_1(z) = (e^z - 1)/z``, 1 at z = 0.

    Parameters
    ----------
    z, out : complex array, shape (n,)
        Argument and output.
    """
    for i in range(z.size):
        if abs(z[i].real) + abs(z[i].imag) < 0.5:
            out[i] = _series(z[i], 1)
        else:
            out[i] = expm1_apart(z[i].real, z[i].imag, 0.0) / z[i]


@compiled
def phi_two(z: Any, out: Any) -> None:
    """``φ_2(z) = (e^z - 1 - z)/z²``, 1/2 at z = 0.

    Parameters
    ----------
    z, out : complex array, shape (n,)
        Argument and output.
    """
    for i in range(z.size):
        if abs(z[i].real) + abs(z[i].imag) < 1.0:
            out[i] = _series(z[i], 2)
        else:
            out[i] = (expm1_apart(z[i].real, z[i].imag, 0.0) - z[i]) / z[i] / z[i]
