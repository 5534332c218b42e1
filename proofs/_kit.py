"""What a proof is made of: named steps that SymPy must reduce to zero, and a tie to the library."""

from dataclasses import dataclass, field

import sympy


class ProofError(AssertionError):
    """A step that is not zero, or a tie that does not hold."""


@dataclass
class Proof:
    """Collects the checked steps of one theorem."""

    title: str
    scope: str
    steps: list[str] = field(default_factory=list)

    def zero(self, name: str, expression: sympy.Expr) -> None:
        """Check that a rational expression vanishes identically."""
        if sympy.simplify(sympy.together(sympy.expand_complex(expression) if expression.has(sympy.I) else expression)):
            raise ProofError(f"{self.title}: step '{name}' is not zero")
        self.steps.append(name)

    def close(self, name: str, value: float, exact: sympy.Expr, ulps: float) -> None:
        """Check a float of the library against an exact number, in relative ulps of double precision."""
        error = abs(sympy.Rational(value) - exact)
        if error > abs(exact) * sympy.Rational(ulps) * sympy.Rational(1, 2**52):
            raise ProofError(f"{self.title}: tie '{name}' is off by {float(error / abs(exact) if exact else error):.3g}")
        self.steps.append(name)


def conjugated(name: str) -> tuple[sympy.Symbol, sympy.Symbol]:
    """A complex number and its conjugate as two independent symbols."""
    return sympy.Symbol(name), sympy.Symbol(name + "_bar")
