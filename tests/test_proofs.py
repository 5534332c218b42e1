"""Guards over the proofs: they say what they prove and what they take as given, and a wrong step fails."""

import importlib
import pkgutil

import pytest
import sympy

import proofs
from proofs._kit import Proof, ProofError

NAMES = [module.name for module in pkgutil.iter_modules(proofs.__path__) if not module.name.startswith("_")]


@pytest.mark.parametrize("name", NAMES)
def test_statement_and_assumptions(name):
    module = importlib.import_module(f"proofs.{name}")
    assert "Statement\n---------" in module.__doc__ and "Taken as given (" in module.__doc__
    assert callable(module.tie)


@pytest.mark.parametrize("name", NAMES)
def test_it_holds(name):
    proof = importlib.import_module(f"proofs.{name}").prove()
    assert len(proof.steps) == len(set(proof.steps)) > 10


def test_a_wrong_step_fails():
    x = sympy.Symbol("x")
    proof = Proof("wrong", "every N")
    with pytest.raises(ProofError, match="step"):
        proof.zero("a difference", (x + 1) ** 2 - x**2 - 2 * x)
    with pytest.raises(ProofError, match="off by"):
        proof.close("a number", 0.1, sympy.Rational(1, 10) + sympy.Rational(1, 10**15), ulps=4)
    proof.close("a number", 0.1, sympy.Rational(1, 10), ulps=1)
