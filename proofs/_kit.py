r"""What a proof is made of: parts, their checked identities, and a tie to the library.

An identity is two sides that SymPy must reduce to the same, given the identities in `using`; what is printed is what was checked.
Sides are kept as they are written: `Derivative`, `Sum`, `at` and `coefficient` are done only by the check.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy

from ._letters import tex


class ProofError(AssertionError):
    """An identity that does not hold or says nothing, or a tie that is off."""


@dataclass(frozen=True)
class Identity:
    """One checked equation, in LaTeX, with the equations used; `only` names the sizes it was checked for, if not all."""

    name: str
    sides: tuple[str, str]
    using: tuple[str, ...]
    only: str


@dataclass(frozen=True)
class Tie:
    """A float of the library beside the exact number; `error` and `allowed` in units of 2⁻⁵², relative."""

    name: str
    value: float
    exact: str
    error: float
    allowed: float


@dataclass
class Part:
    """A paragraph of the proof and what it checks."""

    text: str
    steps: list[Identity | Tie] = field(default_factory=list)


class Proof:
    """Collects the checked steps of one theorem, part by part."""

    def __init__(self, title: str, scope: str, *parts: "Callable[[Proof], None]") -> None:
        self.title, self.scope, self.parts = title, scope, list[Part]()
        for part in parts:
            self.parts.append(Part(part.__doc__ or ""))
            part(self)

    def __repr__(self) -> str:
        return f"{self.title}: {self.scope}, {len(self.identities)} identities, {len(self.ties)} ties to the library"

    @property
    def steps(self) -> list[Identity | Tie]:
        """All that was checked."""
        return [step for part in self.parts for step in part.steps]

    @property
    def identities(self) -> list[Identity]:
        """What SymPy reduced."""
        return [step for step in self.steps if isinstance(step, Identity)]

    @property
    def ties(self) -> list[Tie]:
        """What was compared with the library."""
        return [step for step in self.steps if isinstance(step, Tie)]

    def equal(self, name: str, left: Any, right: Any = 0, *, using: Mapping[Any, Any] | None = None, only: str = "") -> None:
        """Check that two sides, scalars or matrices, are identically equal given the identities in `using`, applied in order."""
        sides = [sympy.sympify(side) for side in (left, right)]
        if sides[0] == sides[1]:
            raise ProofError(f"{self.title}: '{name}' says nothing: its sides are one expression, {sides[0]}")
        for difference in _entries(*sides):
            rest = _reduced(difference, using or {})
            if rest != 0:
                raise ProofError(f"{self.title}: '{name}' does not hold: its sides differ by {rest}")
        given = tuple(f"{tex(product)} = {tex(value)}" for product, value in (using or {}).items())
        self._add(Identity(name, (tex(sides[0]), tex(sides[1])), given, only))

    def close(self, name: str, value: float, exact: sympy.Expr, ulps: float) -> None:
        """Check a float of the library against an exact number, in relative ulps of double precision."""
        exact = sympy.sympify(exact)
        error = abs(sympy.Rational(float(value)) - exact) * 2**52 / (abs(exact) or 1)
        if not error <= ulps:
            raise ProofError(f"{self.title}: tie '{name}' is off by {float(error):.3g} units of 2^-52; {ulps:g} are allowed")
        self._add(Tie(name, float(value), tex(exact), float(error), float(ulps)))

    def _add(self, step: Identity | Tie) -> None:
        if step.name in {other.name for other in self.steps}:
            raise ProofError(f"{self.title}: two steps are called '{step.name}'")
        self.parts[-1].steps.append(step)


def _entries(left: Any, right: Any) -> list[sympy.Expr]:
    """Differences of two sides, entry by entry."""
    left, right = left.doit(), right.doit()
    if not getattr(left, "is_Matrix", False):
        return [left - right]
    if right == 0:
        right = sympy.zeros(*left.shape)
    if left.shape != right.shape:
        raise ProofError(f"matrices of {left.shape} and {right.shape}")
    return list(left - right)


def _reduced(expression: sympy.Expr, using: Mapping[Any, Any]) -> sympy.Expr:
    for product, value in using.items():
        expression = sympy.expand(sympy.expand(expression).subs(product, value).doit())
    expression = sympy.expand(expression) if not expression.is_commutative else expression
    if expression.has(sympy.I):
        expression = sympy.expand_complex(expression)
    return sympy.simplify(sympy.together(expression))


def conjugated(name: str) -> tuple[sympy.Symbol, sympy.Symbol]:
    """A complex number and its conjugate as two independent symbols."""
    return sympy.Symbol(name), sympy.Symbol(name + "_bar")


def letters(names: str) -> list[sympy.Symbol]:
    """Matrices of any size: letters that do not commute; a letter with _h is the adjoint, with _inv the inverse."""
    return list(sympy.symbols(names, commutative=False, seq=True))


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
        return sympy.expand(expression.doit(**hints)).coeff(z, n)

    def _latex(self, printer: Any) -> str:
        expression, z, n = self.args
        return rf"[{printer.doprint(z)}^{{{n}}}]\left({printer.doprint(expression)}\right)"
