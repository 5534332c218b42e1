"""Exact numbers and matrices in, or a clear refusal; SymPy is imported when it is first needed."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from importlib import import_module
from typing import Any

from .._validate import InvalidInputError


def sympy() -> Any:
    """SymPy itself, which takes half a second to import."""
    return import_module("sympy")


def exact(value: Any, name: str) -> Any:
    """`value` as an exact SymPy expression."""
    if isinstance(value, (float, complex)) and not isinstance(value, bool):
        raise InvalidInputError(f"{name}: {value!r} is rounded; pass an exact number, for example '{Fraction(value.real)}'")
    try:
        return sympy().sympify(value, rational=True)
    except (TypeError, ValueError, sympy().SympifyError) as error:
        raise InvalidInputError(f"{name}: {value!r} is no exact number or expression ({type(error).__name__})") from None


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
    """Whether `system` is ``(A, B)`` rather than a list of poles."""
    return isinstance(system, tuple) and len(system) == 2 and hasattr(system[0], "__len__") and not isinstance(system[0], str)


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
    return import_module("sympy.polys.matrices").DomainMatrix.from_Matrix(matrix.expand()).to_field()
