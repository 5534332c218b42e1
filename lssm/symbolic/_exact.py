"""Exact numbers and matrices in, or a clear refusal; SymPy is imported when it is first needed."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy as np

from .._validate import InvalidInputError, UnstableError


def sympy() -> Any:
    """SymPy itself."""
    return import_module("sympy")


#: What a string may hold: numbers, names, arithmetic, calls; no attributes, no double underscores.
_TEXT = re.compile(r"(?!.*__)(?!.*[A-Za-z_)]\s*\.)(?!.*\.\s*[A-Za-z_])[\w\s+\-*/^().,]+")
#: Names that SymPy would take for functions or for itself.
_LETTERS = ("N", "O", "Q", "S", "C", "beta", "gamma", "zeta", "eta")


def exact(value: Any, name: str) -> Any:
    """`value` as an exact SymPy expression; strings as SymPy reads them, with I the imaginary unit and E and pi numbers."""
    sp = sympy()
    if isinstance(value, (float, complex, np.inexact)):
        raise InvalidInputError(f"{name}: {value!r} is rounded; pass an exact number, for example '{_near(value)}'")
    found = None
    if isinstance(value, (int, np.integer, Fraction, sp.Expr)) and not isinstance(value, bool):
        found = sp.sympify(int(value) if isinstance(value, np.integer) else value)
    elif isinstance(value, str) and _TEXT.fullmatch(value):
        with suppress(Exception):  # whatever a parser may raise
            found = sp.sympify(value, rational=True, locals={letter: sp.Symbol(letter) for letter in _LETTERS})
    if not isinstance(found, sp.Expr) or found.has(sp.Float, sp.nan, sp.oo, sp.zoo):
        raise InvalidInputError(f"{name}: {value!r} is no exact number or expression")
    return found


def _near(value: Any) -> str:
    """A fraction to propose."""
    real = float(value.real)
    return str(Fraction(real).limit_denominator(10**6)) if np.isfinite(real) else "1/2"


def is_zero(value: Any) -> bool:
    """Whether an expression vanishes, hidden as it may be."""
    return value == 0 or value.equals(0) is True


def require_stable(poles: Iterable[Any]) -> None:
    """Numbers must lie inside the unit circle; symbols are taken to."""
    for pole in poles:
        size = pole * conjugate(pole)
        if size.is_number and (is_zero(size - 1) or sympy().re(size.evalf()) > 1):
            raise UnstableError(f"poles: {pole} is not inside the unit circle, and without a horizon nothing converges")


def conjugate(value: Any) -> Any:
    """Complex conjugate."""
    return sympy().conjugate(value)


def row_of(values: Iterable[Any], name: str) -> list[Any]:
    """At least one exact number."""
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise InvalidInputError(f"{name}: pass a list, for example ['1/2', '1/3']")
    row = [exact(value, name) for value in values]
    if not row:
        raise InvalidInputError(f"{name}: empty; at least one is needed")
    return row


def weights_of(weights: Sequence[Any] | None, N: int) -> list[Any]:
    """N exact input weights, ones if left out."""
    row = [sympy().Integer(1)] * N if weights is None else row_of(weights, "weights")
    if len(row) != N:
        raise InvalidInputError(f"weights: {len(row)} do not fit {N} poles")
    return row


def is_pair(system: Any) -> bool:
    """Whether `system` is ``(A, B)`` rather than poles: two arrays, the first of them with rows."""
    if not isinstance(system, (tuple, list)) or len(system) != 2 or isinstance(system[0], (str, bytes)):
        return False
    return hasattr(system[0], "__len__")


def pair_of(A: Any, B: Any) -> tuple[Any, Any]:
    """Exact A, shape (N, N), and B, shape (N, m)."""
    A, B = (_matrix(values, name) for values, name in ((A, "A"), (B, "B")))
    if A.rows != A.cols or B.rows != A.rows:
        raise InvalidInputError(f"A, B: shapes {A.shape} and {B.shape} do not fit; (N, N) and (N, m) are needed")
    return A, B


def _matrix(values: Any, name: str) -> Any:
    """Exact matrix; a flat list is one column."""
    rows = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(rows, (str, bytes)) or not hasattr(rows, "__iter__"):
        raise InvalidInputError(f"{name}: pass a matrix or a list of rows")
    rows = [row_of(row, name) if hasattr(row, "__iter__") and not isinstance(row, str) else [exact(row, name)] for row in rows]
    if not rows or len({len(row) for row in rows}) > 1:
        raise InvalidInputError(f"{name}: rows must be of one length, and at least one")
    return sympy().Matrix(rows)


def solve(matrix: Any, right: Any) -> Any:
    """Exact solution of ``matrix · x = right`` over the smallest field that holds their entries."""
    one, other = _over_field(matrix).unify(_over_field(right), fmt="sparse")
    return one.lu_solve(other).to_Matrix()


def independent_columns(matrix: Any) -> Any:
    """A basis of what the columns span."""
    return _over_field(matrix).columnspace().to_Matrix()


def _over_field(matrix: Any) -> Any:
    """Over the smallest field: algebraic numbers in one extension, cosines as exponentials, so that zeros are seen."""
    algebraic = all(entry.is_algebraic for entry in matrix)
    matrix = matrix.applyfunc(sympy().expand if algebraic else _in_exponentials)
    return import_module("sympy.polys.matrices").DomainMatrix.from_Matrix(matrix, extension=algebraic or None).to_field()


def _in_exponentials(entry: Any) -> Any:
    circular = entry.has(sympy().sin, sympy().cos, sympy().tan, sympy().sinh, sympy().cosh, sympy().tanh)
    return sympy().expand(entry.rewrite(sympy().exp) if circular else entry)
