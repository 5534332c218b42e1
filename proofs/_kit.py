r"""What a proof is made of: parts, their checked identities, and a tie to the library.

An identity is two sides that SymPy must reduce to the same, given the identities in `using`; what is printed is what was checked.
Sides are kept as they are written: `Derivative`, `Sum`, `at` and `coefficient` are done only by the check.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from ._errors import ProofError as ProofError
from ._letters import tex
from ._quoted import at as at
from ._quoted import coefficient as coefficient
from ._reduction import Reduction, entries, exact, require_independent, verdict


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
        if not self.identities:
            raise ProofError(f"{title}: nothing was checked")

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
        with self._step(name):
            sides = [exact(side) for side in (left, right)]
            if sides[0] == sides[1]:
                raise ProofError(f"says nothing: its sides are one expression, {sides[0]}")
            given = {exact(product): exact(value) for product, value in (using or {}).items()}
            if any({product, value} == set(sides) for product, value in given.items()):
                raise ProofError("says nothing: it uses what it claims")
            require_independent(sides, given)
            reduction = Reduction(given)
            for difference in entries(*sides):
                if (rest := reduction(difference)) != 0:
                    raise ProofError(verdict(rest))
        lines = tuple(f"{tex(product)} = {tex(value)}" for product, value in given.items() if product in reduction.used)
        self._add(Identity(name, (tex(sides[0]), tex(sides[1])), lines, only))

    def close(self, name: str, value: float, number: Any, ulps: float) -> None:
        """Check a float of the library against an exact number, in relative ulps of double precision."""
        with self._step(name):
            wanted = exact(number)
            if np.iscomplexobj(value) or not np.isfinite(value) or not (wanted.is_real and wanted.is_finite):
                raise ProofError(f"compares {value!r} with {wanted}; a finite real number and an exact one are needed")
            error = abs(sympy.Rational(float(value)) - wanted) * 2**52 / (abs(wanted) or 1)
            if not error <= ulps < 2**52:
                raise ProofError(f"is off by {float(error):.3g} units of 2^-52; {ulps:g} are allowed")
        self._add(Tie(name, float(value), tex(wanted), float(error), float(ulps)))

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """What goes wrong within is said of this step."""
        try:
            yield
        except ProofError as error:
            raise ProofError(f"{self.title}: '{name}' {error}") from None

    def _add(self, step: Identity | Tie) -> None:
        if step.name in {other.name for other in self.steps}:
            raise ProofError(f"{self.title}: two steps are called '{step.name}'")
        self.parts[-1].steps.append(step)


def conjugated(name: str) -> tuple[sympy.Symbol, sympy.Symbol]:
    """A complex number and its conjugate as two independent symbols."""
    return sympy.Symbol(name), sympy.Symbol(name + "_bar")


def letters(names: str) -> list[sympy.Symbol]:
    """Matrices of any size: letters that do not commute; a letter with _h is the adjoint, with _inv the inverse."""
    return list(sympy.symbols(names, commutative=False, seq=True))
