"""Wirtinger derivatives of memory, λ and λ̄ independent."""

from collections.abc import Iterable
from typing import Any

from .._validate import count
from ._allpass import cascade
from ._exact import conjugate, require_stable, row_of, sympy


def memory_gradient(poles: Iterable[Any], T: int) -> Any:
    r"""Wirtinger derivatives ``∂M(τ)/∂λ_k``, λ and λ̄ taken as independent.

    Parameters
    ----------
    poles : iterable of shape (N,)
        Exact poles.
    T : int
        Delays 0 … T-1 (steps).

    Returns
    -------
    SymPy Matrix, shape (N, T)

    Raises
    ------
    InvalidInputError
        Rounded numbers.

    See Also
    --------
    lssm.memory_gradient : the same in floating point, by two scans.

    Notes
    -----
    Theorem: :doc:`/theorems/memory_gradient` (``proofs/memory_gradient.py``); derivation: :doc:`/derivations/gradient`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.memory_gradient(["1/2"], 2)  # of |λ|^{2τ}(1-|λ|²)
    Matrix([[-1/2, 1/4]])
    """
    row, size = row_of(poles, "poles"), count(T, "T")
    require_stable(row)
    return sympy().Matrix([_derivatives(row, k, size) for k in range(len(row))])


def _derivatives(poles: list[Any], k: int, T: int) -> list[Any]:
    """With respect to one pole; the others stay what they are."""
    sp, conjugates = sympy(), [conjugate(l) for l in poles]
    l, bar = sp.Dummy("l"), sp.Dummy("l_bar")
    values = {l: poles[k], bar: conjugates[k]}
    there = [*poles[:k], l, *poles[k + 1 :]]
    back = [*conjugates[:k], bar, *conjugates[k + 1 :]]
    slope, found = sp.Integer(0), []
    for one, other in zip(cascade(there, back, T), cascade(back, there, T), strict=True):
        change = (sp.diff(factor, l).subs(values) * rest.subs(values) for factor, rest in ((one, other), (other, one)))
        slope = sp.expand(slope - sum(change))
        found.append(sp.factor_terms(slope))
    return found
