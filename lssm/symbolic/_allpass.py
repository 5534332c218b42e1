"""The all-pass filter of the poles, coefficient by coefficient."""

from collections.abc import Iterable, Sequence
from typing import Any

from .._validate import count
from ._exact import conjugate, require_stable, row_of, sympy


def allpass_response(poles: Iterable[Any], T: int) -> list[Any]:
    r"""Impulse response ``b_j`` of the all-pass filter ``Π_k (z - λ̄_k)/(1 - λ_k z)``.

    Parameters
    ----------
    poles : iterable of shape (N,)
        Exact poles λ_k, repeats allowed.
    T : int
        Coefficients 0 … T-1 (steps).

    Returns
    -------
    list of SymPy expressions, length T

    Raises
    ------
    InvalidInputError
        Rounded numbers.

    See Also
    --------
    lssm.allpass.allpass_impulse_response : the same in floating point.

    Notes
    -----
    Theorem: :doc:`/theorems/takenaka_malmquist` (``proofs/takenaka_malmquist.py``); derivation: :doc:`/derivations/allpass`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.allpass_response(["1/2"], 3)
    [-1/2, 3/4, 3/8]
    """
    row = row_of(poles, "poles")
    require_stable(row)
    return cascade(row, [conjugate(l) for l in row], count(T, "T"))


def cascade(poles: Sequence[Any], conjugates: Sequence[Any], T: int) -> list[Any]:
    """Coefficients of ``Π (z - conjugate_k)/(1 - pole_k z)``, both taken as independent."""
    response = [sympy().Integer(1), *[sympy().Integer(0)] * (T - 1)]
    for l, bar in zip(poles, conjugates, strict=True):
        factor = [-bar, *((1 - l * bar) * l ** (j - 1) for j in range(1, T))]
        response = [sympy().expand(sum(response[i] * factor[j - i] for i in range(j + 1))) for j in range(T)]
    return response
