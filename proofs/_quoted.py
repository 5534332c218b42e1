"""Expressions that are shown as they are written and done only by the check: at a point, a coefficient."""

from collections.abc import Mapping
from typing import Any

import sympy

from ._errors import ProofError


class at(sympy.Expr):  # noqa: N801 - used as a preposition
    """An expression at a point, not yet evaluated; all values enter at once."""

    def __new__(cls, expression: Any, values: Mapping[Any, Any]) -> "at":
        """Keep the expression and the point."""
        return sympy.Expr.__new__(cls, sympy.sympify(expression), sympy.Tuple(*(sympy.Tuple(*pair) for pair in values.items())))

    def doit(self, **hints: Any) -> sympy.Expr:
        """Evaluate it there."""
        expression, pairs = self.args
        return expression.doit(**hints).subs([tuple(pair) for pair in pairs], simultaneous=True)

    def _latex(self, printer: Any) -> str:
        expression, pairs = self.args
        point = r",\ ".join(f"{printer.doprint(name)} = {printer.doprint(value)}" for name, value in pairs)
        return rf"\left. {printer.doprint(expression)} \right|_{{{point}}}"


class coefficient(sympy.Expr):  # noqa: N801 - used as a verb
    """Coefficient of ``z^n`` of a polynomial, not yet taken."""

    def __new__(cls, expression: Any, z: Any, n: int) -> "coefficient":
        """Keep the three."""
        return sympy.Expr.__new__(cls, sympy.sympify(expression), sympy.sympify(z), sympy.Integer(n))

    def doit(self, **hints: Any) -> sympy.Expr:
        """Take it."""
        expression, z, n = self.args
        expression = expression.doit(**hints)
        if not expression.is_polynomial(z):
            raise ProofError(f"takes a coefficient of {expression}, which is no polynomial in {z}")
        return sympy.expand(expression).coeff(z, n)

    def _latex(self, printer: Any) -> str:
        expression, z, n = self.args
        return rf"[{printer.doprint(z)}^{{{n}}}]\left({printer.doprint(expression)}\right)"
