"""When two sides are equal: what SymPy is asked, and what is refused because the answer would mean nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits

from ._errors import ProofError
from ._quoted import at, coefficient

Using = Mapping[sympy.Expr, sympy.Expr]


def exact(side: Any) -> Any:
    """A SymPy expression or matrix without rounded numbers."""
    try:
        expression = sympy.sympify(side)
        known = isinstance(expression, (sympy.Expr, sympy.MatrixBase))
    except (sympy.SympifyError, TypeError, AttributeError):
        known = False
    if not known or expression.has(sympy.Float, sympy.nan, sympy.zoo):
        raise ProofError(f"has {side!r} in it, which is no exact expression")
    return expression


def entries(left: Any, right: Any) -> list[sympy.Expr]:
    """Differences of two sides, entry by entry."""
    left, right = (_explicit(side.doit()) for side in (left, right))
    matrices = [isinstance(side, sympy.MatrixBase) for side in (left, right)]
    if not any(matrices):
        return [left - right]
    if matrices[0] and right == 0:
        right = sympy.zeros(*left.shape)
    if not all(isinstance(side, sympy.MatrixBase) for side in (left, right)) or left.shape != right.shape or not left.shape:
        raise ProofError("compares a matrix with something of another shape")
    found = list(left - right)
    if not found:
        raise ProofError("compares matrices without entries")
    return found


def _explicit(side: Any) -> Any:
    if not isinstance(side, sympy.MatrixExpr):
        return side
    try:
        return side.as_explicit()
    except ValueError:
        raise ProofError("has a matrix of unknown size; use letters") from None


def require_independent(sides: Iterable[Any], using: Using) -> None:
    """A derivative, coefficient or sum is taken before `using` is; so what is used must not hide the variable it is taken in."""
    for given in using:
        if given.is_number:
            raise ProofError(f"uses {given} = {using[given]}, an identity of numbers")
    for node in (node for side in sides for node in sympy.preorder_traversal(side)):
        bound = _bound(node)
        for given, value in using.items():
            if bound & value.free_symbols and node.has(given):
                raise ProofError(f"uses {given} = {value}, in which {', '.join(map(str, bound))} is hidden")


def _bound(node: Any) -> set[sympy.Symbol]:
    """Variables in which a quoted operation is done."""
    if isinstance(node, sympy.Derivative):
        return set(node.variables)
    if isinstance(node, at):
        return {pair[0] for pair in node.args[1]}
    if isinstance(node, (coefficient, sympy.Limit)):
        return {node.args[1]}
    return set(node.variables) if isinstance(node, ExprWithLimits) else set()


def verdict(rest: sympy.Expr) -> str:
    """Why a rest is not zero: false at some point, or too hard for SymPy."""
    if not rest.is_commutative:
        return f"does not hold: its sides differ by {rest}"
    symbols = sorted(rest.free_symbols, key=str)
    for shift in range(3):
        point = {symbol: sympy.Rational(2 * i + shift + 1, 7 + 3 * i) for i, symbol in enumerate(symbols)}
        value = rest.subs(point).evalf(30)
        if value.is_number and value.is_finite and abs(value) > 1e-15:
            where = "".join(f" at {symbol} = {number}" for symbol, number in point.items())
            return f"does not hold: its sides differ by {rest}, {float(abs(value)):.3g} in size{where}"
    return f"was not reduced to zero: {rest} is left, but vanishes where it was tried; help with assumptions, or go step by step"


class Reduction:
    """Reduces expressions with given identities, and knows which of them it could use: those are printed."""

    def __init__(self, using: Using) -> None:
        self.using, self.used = using, set[sympy.Expr]()

    def __call__(self, expression: sympy.Expr) -> sympy.Expr:
        """`expression` with every identity applied in order; zero only if it vanishes identically."""
        for given, value in self.using.items():
            before = sympy.expand(expression)
            expression = sympy.expand(before.subs(given, value).doit())
            if expression != before:
                self.used.add(given)
        return _letters_apart(expression) if not expression.is_commutative else _scalar(expression)


def _scalar(expression: sympy.Expr) -> sympy.Expr:
    if expression.has(sympy.I):
        expression = sympy.expand_complex(expression)
    return sympy.simplify(sympy.together(expression))


def _letters_apart(expression: sympy.Expr) -> sympy.Expr:
    """Products of letters that do not commute are independent: each has a coefficient of its own, a scalar."""
    coefficients: dict[sympy.Expr, sympy.Expr] = defaultdict(lambda: sympy.Integer(0))
    for term in sympy.Add.make_args(sympy.expand(expression)):
        scalars, matrices = term.args_cnc()
        coefficients[sympy.Mul(*matrices)] += sympy.Mul(*scalars)
    return sympy.Add(*(_scalar(scalar) * product for product, scalar in coefficients.items()))
