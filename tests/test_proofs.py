"""Guards over the proofs: they say what they prove from what, a wrong or an empty step fails, pages show what was checked."""

import importlib

import pytest
import sympy

from proofs.__main__ import NAMES, main
from proofs._kit import Proof, ProofError, at, coefficient, letters
from proofs._letters import letter, tex
from proofs._pages import page, table

PROVED = {}


def proved(name):
    """Docstring and proof, made once."""
    if name not in PROVED:
        module = importlib.import_module(f"proofs.{name}")
        PROVED[name] = (module.__doc__, module.prove())
    return PROVED[name]


@pytest.mark.parametrize("name", NAMES)
def test_statement_and_assumptions(name):
    docstring, _ = proved(name)
    for section in ("Statement\n---------\n", "\nTaken as given (", "Stands behind\n-------------\n"):
        assert section in docstring


@pytest.mark.parametrize("name", NAMES)
def test_it_holds(name):
    _, proof = proved(name)
    assert len(proof.identities) >= 6 and len(proof.ties) >= 4 and len(proof.title) <= 66
    assert proof.scope == "every N" and not proof.parts[-1].steps == []
    general = [step for step in proof.identities if not step.only]
    assert len(general) >= 0.7 * len(proof.identities), "a theorem for every N rests on instances"
    assert all(part.text.strip().endswith(".") for part in proof.parts)


def test_a_wrong_step_fails():
    x = sympy.Symbol("x")
    with pytest.raises(ProofError, match="does not hold"):
        Proof("wrong", "every N", lambda p: p.equal("a square", (x + 1) ** 2, x**2 + 2 * x))
    with pytest.raises(ProofError, match="does not hold"):
        Proof("wrong", "every N", lambda p: p.equal("at a point", at(x**2, {x: 2}), 5))
    with pytest.raises(ProofError, match="does not hold"):
        Proof("wrong", "every N", lambda p: p.equal("an entry", sympy.Matrix([[x, 1]]), sympy.Matrix([[x, 2]])))
    with pytest.raises(ProofError, match="off by"):
        Proof("wrong", "every N", lambda p: p.close("a number", 0.1, sympy.Rational(1, 10) + sympy.Rational(1, 10**15), ulps=4))


def test_matrices_of_any_size_do_not_commute():
    A, B, B_inv = letters("A B B_inv")
    with pytest.raises(ProofError, match="does not hold"):
        Proof("wrong", "every N", lambda p: p.equal("order", A * B, B * A))
    right = Proof("right", "every N", lambda p: p.equal("an inverse", B * A * B_inv * B, B * A, using={B_inv * B: 1}))
    assert right.identities[0].using == ("{B}^{-1} B = 1",)


def test_a_step_that_says_nothing_fails():
    x = sympy.Symbol("x")
    with pytest.raises(ProofError, match="says nothing"):
        Proof("empty", "every N", lambda p: p.equal("nothing", x - x, 0))

    def twice(proof):
        """Two of one name."""
        proof.equal("one", at(x, {x: 1}), 1)
        proof.equal("one", at(x, {x: 2}), 2)

    with pytest.raises(ProofError, match="two steps"):
        Proof("empty", "every N", twice)


x, y, z, f = sympy.symbols("x y z f")
A, B = letters("A B")
FALSE = {
    "letters beside I": (sympy.I * A * B, sympy.I * B * A),
    "a square of letters": ((A + sympy.I * B) * (A + sympy.I * B), A * A - B * B + 2 * sympy.I * A * B),
    "matrices of unknown size": (sympy.MatrixSymbol("M", x, x), sympy.MatrixSymbol("K", x, x)),
    "matrices without entries": (sympy.zeros(0, 3), 0),
    "a matrix and a number": (sympy.eye(2), 1),
    "a coefficient of a series": (coefficient(1 / (1 - z), z, 1), 0),
    "rounded numbers": (x * 1.5, x * (1.5 + 1e-16)),
    "not a number": (sympy.nan, 1),
    "a list": ([1, 2], [1, 2, 3]),
}
HIDDEN = {
    "in a derivative": (sympy.Derivative(f, x), 0, {f: x**2}),
    "in a coefficient": (coefficient(f, z, 1), 0, {f: z}),
    "at a point": (at(f + 1, {z: 0}), 1 + z, {f: z}),
    "in a limit": (sympy.Limit(f, x, 0), x, {f: x}),
    "in a sum": (sympy.Sum(f, (y, 0, 1)), 2 * y, {f: y}),
    "numbers": (sympy.Integer(2) * x, x, {sympy.Integer(2): 1}),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_or_says_nothing_is_refused(name):
    with pytest.raises(ProofError):
        Proof("wrong", "every N", lambda proof: proof.equal(name, *FALSE[name]))


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_is_hidden_from_an_operation_that_is_done_first(name):
    left, right, using = HIDDEN[name]
    with pytest.raises(ProofError, match="uses"):
        Proof("wrong", "every N", lambda proof: proof.equal(name, left, right, using=using))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e-9, 1 + 1j])
def test_ties_compare_finite_real_numbers(value):
    with pytest.raises(ProofError):
        Proof("wrong", "every N", lambda proof: proof.close("a tie", value, 0, ulps=4))
    with pytest.raises(ProofError):
        Proof("wrong", "every N", lambda proof: proof.close("a tie", 0.1, 0.1, ulps=4))  # rounded, where exact was asked for
    with pytest.raises(ProofError, match="nothing was checked"):
        Proof("empty", "every N")


def test_a_claim_is_not_what_it_uses():
    for left, right, using in ((x, 2, {x: 2}), (x, y, {x: y}), (x, y, {y: x})):
        with pytest.raises(ProofError, match="what it claims"):
            Proof("circular", "every N", lambda proof, sides=(left, right), using=using: proof.equal("it", *sides, using=using))


def test_false_is_told_from_too_hard():
    with pytest.raises(ProofError, match=r"does not hold.*in size at x = "):
        Proof("false", "every N", lambda proof: proof.equal("it", x**2, x))
    T, l, lb = sympy.Symbol("T"), *sympy.symbols("lambda lambda_bar")
    slope = sympy.Derivative(1 - (l * lb) ** T, l)
    with pytest.raises(ProofError, match="not reduced to zero"):
        Proof("hard", "every N", lambda proof: proof.equal("it", slope, -T * lb * (l * lb) ** (T - 1)))


def test_only_what_was_used_is_printed():
    proof = Proof("t", "every N", lambda p: p.equal("one", x * f, x, using={f: 1, y: 2}))
    assert proof.identities[0].using == ("f = 1",)


def test_evaluation_is_left_to_the_check():
    z, a, b = sympy.symbols("z a b")
    assert coefficient((1 + a * z) * (1 + b * z), z, 1).doit() == a + b
    assert at(a + 2 * b, {a: b, b: a}).doit() == b + 2 * a  # at once, not one after the other
    assert tex(at(a, {a: 1})) == r"\left. a \right|_{a = 1}"


def test_letters():
    assert letter("lambda_k_bar") == r"\bar{\lambda}_{k}"
    assert letter("A_h") == "{A}^{*}" and letter("V_inv") == "{V}^{-1}" and letter("U_hat_h") == r"{\hat{U}}^{*}"
    assert letter("A1") == "A_{1}" and letter("mean") == r"\mathrm{mean}"
    assert tex(1 - sympy.Symbol("lambda") * sympy.Symbol("lambda_bar")) == r"1 - \lambda \bar{\lambda}"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_all_that_was_checked(name):
    docstring, proof = proved(name)
    text = page(name, docstring, proof)
    for step in proof.identities:
        assert all(side in text for side in (*step.sides, *step.using))
    assert text.count("| `") == len(proof.ties)
    assert text.count("$$") % 2 == 0 and "{py:obj}`lssm." in text


def test_table_and_command(capsys, tmp_path, monkeypatch):
    text = table({name: proved(name) for name in NAMES})
    assert text.count("</theorems/") == len(NAMES) and "<lssm.memory_function>`" in text
    assert main(["lipschitz", "--latex", str(tmp_path)]) == 0
    assert "1 of 1 hold, 1 for every N" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lipschitz.md", "table.inc"]
    module = importlib.import_module("proofs.lipschitz")
    monkeypatch.setattr(module, "prove", lambda: Proof("broken", "every N", lambda proof: proof.equal("false", 1, 2)))
    assert main(["lipschitz"]) == 1
    assert "FAILED" in capsys.readouterr().out


def test_an_instance_is_labelled():
    x = sympy.Symbol("x")
    proof = Proof("t", "every N", lambda p: p.equal("one", at(x, {x: 1}), 1, only="N = 1"))
    assert "one (N = 1)" in page("t", "T.", proof)
