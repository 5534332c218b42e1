"""Exact twins: against definitions in other exact arithmetic, and the floating-point code against them."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp
from sympy import I, Rational

import lssm
from lssm import symbolic
from lssm.dynamics import ReadoutFlow, teacher_information, teachers

POLES = [Rational(1, 2), Rational(-1, 3), Rational(1, 4) + I * Rational(2, 3), Rational(1, 4) - I * Rational(2, 3)]
OURS = lssm.Poles.from_discrete([complex(p) for p in POLES])


def test_memory_is_the_projection_of_its_definition():
    """``v_τ* G⁻¹ v_τ`` with the Gramian as an exact sum, which shares nothing with the all-pass filter."""
    G = symbolic.gramian(POLES)
    for i, a in enumerate(POLES):
        for j, b in enumerate(POLES):
            assert sympy.simplify(G[i, j] - 1 - a * sympy.conjugate(b) * G[i, j]) == 0
    inverse = G.inv()
    for delay, m in enumerate(symbolic.memory_function(POLES, 6)):
        v = sympy.Matrix([p**delay for p in POLES])
        assert sympy.simplify((v.H * inverse * v)[0] - m) == 0


def test_floating_point_against_exact():
    exact = [float(m) for m in symbolic.memory_function(POLES, 12)]
    assert np.abs(lssm.memory_function(OURS, 12).values / exact - 1).max() < 1e-14
    finite = [float(m) for m in symbolic.memory_function(POLES, 8, horizon=8)]
    assert np.abs(lssm.memory_function(OURS, 8, horizon=8).values / finite - 1).max() < 1e-13
    gradient = np.array(symbolic.memory_gradient(POLES, 5).tolist(), complex)
    assert np.abs(lssm.memory_gradient(OURS, 5) - gradient).max() < 1e-14
    b = np.array([complex(x) for x in symbolic.allpass_response(POLES, 8)])
    assert np.abs(lssm.allpass_impulse_response(OURS, 8) - b).max() < 1e-15


def test_symbols_and_repeats():
    r = sympy.Symbol("r", positive=True)
    double = symbolic.memory_function([r, r], 4)
    jordan = lssm.DiscreteSSM([[0.5, 0.0], [1.0, 0.5]], [1.0, 0.0])
    assert np.abs(lssm.memory_function(jordan, 4).values - [float(m.subs(r, Rational(1, 2))) for m in double]).max() < 1e-15
    assert symbolic.memory_capacity([r, r, "s"]) == 2
    total = sum(symbolic.memory_function(["1/2", "1/3"], 40))
    assert 0 < 2 - total < Rational(1, 10**10)


@pytest.mark.parametrize("method", ["zoh", "bilinear", "euler", "backward_euler", "impulse", "hold_euler"])
def test_discretization_rules(method):
    system = lssm.ContinuousSSM(lssm.Diagonal([-0.5]), [1.0])
    found = lssm.discretize(system, 0.125, method=method)
    pole, factor = symbolic.discretize("-1/2", "1/8", method)
    assert abs(found.A.values[0] - complex(pole)) < 1e-15 and abs(found.B[0, 0] - complex(factor)) < 1e-15


def test_zero_pole_of_the_hold():
    assert symbolic.discretize(0, "h") == (1, sympy.Symbol("h"))


def test_readout_and_descent():
    taps = [Rational(1, 2), 0, 2]
    c, loss = symbolic.readout(POLES[:2], taps)
    ours = lssm.Poles.from_discrete([0.5, -1 / 3])
    assert abs(teacher_information(ours, teachers.fir([0.5, 0.0, 2.0]), 3).lost - float(loss)) < 1e-14
    losses = symbolic.readout_loss(POLES[:2], taps, 5, "1/4")
    flow = ReadoutFlow(ours, teachers.fir([0.5, 0.0, 2.0]), rate=0.25)
    assert np.abs(flow.loss(np.arange(6)) - [float(one) for one in losses]).max() < 1e-14
    assert np.abs(flow.weights(10**6).real - [float(x) for x in c]).max() < 1e-12
    assert losses[0] == sum(t**2 for t in taps)


def test_gramian_of_a_finite_horizon_is_a_sum():
    G = symbolic.gramian(POLES, [1, 2, I, -I], horizon=5)
    b = sympy.Matrix([1, 2, I, -I])
    A = sympy.diag(*POLES)
    total = sum(((A**t * b) * (A**t * b).H for t in range(5)), sympy.zeros(4, 4))
    assert sympy.simplify(G - total) == sympy.zeros(4, 4)


WRONG = {
    "rounded": lambda: symbolic.memory_function([0.5], 3),
    "a: -0.5 is rounded": lambda: symbolic.discretize(-0.5, "1/2"),
    "poles: pass": lambda: symbolic.memory_function("1/2", 3),
    "poles: empty": lambda: symbolic.memory_function([], 3),
    "no exact": lambda: symbolic.memory_function(["1/"], 3),
    "T: must": lambda: symbolic.memory_function(["1/2"], 0),
    "horizon": lambda: symbolic.memory_function(["1/2"], 3, horizon=2),
    "repeated": lambda: symbolic.memory_function(["1/2", "1/2"], 3, horizon=3),
    "poles: repeated": lambda: symbolic.readout(["1/2", "1/2"], [1]),
    "weights": lambda: symbolic.gramian(["1/2"], [1, 2]),
    "method": lambda: symbolic.discretize("-1/2", "1/2", "magic"),
}


@pytest.mark.parametrize("said", WRONG)
def test_bad_input_is_named(said):
    with pytest.raises(lssm.InvalidInputError, match=said):
        WRONG[said]()


def test_fractions_are_exact():
    assert symbolic.memory_function([Fraction(1, 2)], 1) == [Rational(3, 4)]


def test_import_is_light():
    import subprocess
    import sys

    code = "import sys, lssm.symbolic; print('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


MATRIX = sympy.Matrix([[Rational(1, 2), 1, 0], [0, Rational(1, 4) + I / 3, Rational(1, 5)], [Rational(1, 7), 0, Rational(-1, 3)]])
INPUTS = sympy.Matrix([[1, 0], [Rational(1, 2), I], [0, -1]])


def test_gramians_of_matrices_solve_their_equations():
    G = symbolic.stein(MATRIX, INPUTS)
    assert (MATRIX * G * MATRIX.H + INPUTS * INPUTS.H - G).applyfunc(sympy.simplify) == sympy.zeros(3)
    slower = MATRIX - sympy.eye(3)
    G = symbolic.lyapunov(slower, INPUTS)
    assert (slower * G + G * slower.H + INPUTS * INPUTS.H).applyfunc(sympy.simplify) == sympy.zeros(3)
    with pytest.raises(lssm.InvalidInputError, match="mirror"):
        symbolic.stein([[2, 0], [0, "1/2"]], [1, 1])
    with pytest.raises(lssm.InvalidInputError, match="fit"):
        symbolic.stein([[2, 0], [0, "1/2"]], [1, 1, 1])


def test_memory_of_matrices():
    """Two inputs, against the floating-point Gramian; one input, against the all-pass filter of the eigenvalues."""
    A, B = (np.array(M.tolist(), complex) for M in (MATRIX, INPUTS))
    exact = np.array([[complex(m).real for m in row] for row in symbolic.memory_function((MATRIX, INPUTS), 5)])
    G = lssm.gramian(lssm.DiscreteSSM(A, B))
    for delay in range(5):
        v = np.linalg.matrix_power(A, delay) @ B
        assert np.abs(np.diag(v.conj().T @ np.linalg.solve(G, v)) / exact[:, delay] - 1).max() < 1e-13
    triangular = sympy.Matrix([[Rational(1, 2), 1], [0, Rational(-1, 3)]])
    by_matrix = symbolic.memory_function((triangular, [1, 1]), 6)
    assert by_matrix == symbolic.memory_function(["1/2", "-1/3"], 6)
    unreached = ([["1/2", 0], [0, "1/3"]], [1, 0])
    assert symbolic.memory_function(unreached, 4) == symbolic.memory_function(["1/2"], 4)
    assert symbolic.memory_capacity(unreached) == 1
    with pytest.raises(lssm.InvalidInputError, match="zero"):
        symbolic.memory_function(([["1/2"]], [0]), 2)


def test_flow_is_the_solution_of_its_equation():
    """Integrated numerically from the exact normal equations."""
    poles, taps = POLES[:2], [1, Rational(-1, 2), Rational(1, 3)]
    G = np.array(symbolic.gramian(poles).tolist(), float)
    q = np.array([float(sum(m * p**t for t, m in enumerate(taps))) for p in poles])
    energy = float(sum(m * m for m in taps))
    end = solve_ivp(lambda _, c: q - G @ c, (0, 1.5), np.zeros(2), rtol=1e-12, atol=1e-14).y[:, -1]
    loss = energy - 2 * q @ end + end @ G @ end
    assert abs(float(symbolic.readout_flow(poles, taps, "3/2")) - loss) < 1e-10


HALF = "cos(pi/7)-cos(2*pi/7)+cos(3*pi/7)"  # is 1/2
REFUSED = {
    "inside the unit circle": lambda: symbolic.memory_function(["2"], 3),
    "1 is not inside": lambda: symbolic.gramian([1]),
    "E is not inside": lambda: symbolic.allpass_response(["E"], 2),
    "2 is not inside": lambda: symbolic.readout([2], [1]),
    "I is not inside": lambda: symbolic.memory_gradient(["I"], 2),
    "A: has an eigenvalue": lambda: symbolic.memory_function(([[2]], [1]), 3),
    "float32": lambda: symbolic.memory_function([np.float32(0.1)], 2),
    "rounded": lambda: symbolic.memory_function([1j], 2),
    "0.500000000000000 is no exact": lambda: symbolic.memory_function([sympy.Float(0.5)], 2),
    "None is no exact": lambda: symbolic.memory_function([None], 2),
    "True is no exact": lambda: symbolic.memory_function([True], 2),
    "'nan' is no exact": lambda: symbolic.memory_function(["nan"], 2),
    "'1/0' is no exact": lambda: symbolic.memory_function(["1/0"], 2),
    "'x>0' is no exact": lambda: symbolic.memory_function(["x>0"], 2),
    "getpid": lambda: symbolic.memory_function(["__import__('os').getpid()"], 2),
    "weights: must not be zero": lambda: symbolic.readout(["1/2"], [1], [0]),
    "time: oo": lambda: symbolic.readout_flow(["1/2"], [1], sympy.oo),
    "poles: repeated": lambda: symbolic.memory_function([HALF, "1/2"], 2, horizon=2),
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_has_no_exact_answer_is_refused(said):
    with pytest.raises(lssm.InvalidInputError, match=said):
        REFUSED[said]()


def test_zeros_are_seen_however_they_are_written():
    assert symbolic.memory_capacity([HALF, "1/2"]) == 1
    squares = ["sin(t)**2", "1-cos(t)**2"]
    assert symbolic.memory_capacity(squares) == symbolic.memory_capacity((sympy.diag(*map(sympy.sympify, squares)), [1, 1])) == 1


def test_on_the_circle_a_finite_horizon_is_a_plain_sum():
    assert symbolic.gramian([1], horizon=3) == sympy.Matrix([[3]])
    assert symbolic.gramian([2, "1/2"], horizon=3) == sympy.Matrix([[21, 3], [3, Rational(21, 16)]])
    assert symbolic.gramian(["3/5+4*I/5"], horizon=3) == sympy.Matrix([[3]])


def test_flow_of_three_poles():
    """Eigenvalues without radicals of use; against the matrix exponential in many digits."""
    poles, taps = [Rational(1, 2), Rational(1, 3), Rational(-1, 4)], [1, 1]
    G, q = symbolic.gramian(poles), sympy.Matrix([sum(p**t for t in range(2)) for p in poles])
    with mpmath.workdps(40):
        exact = [mpmath.matrix([[mpmath.mpf(x.p) / x.q for x in row] for row in M.tolist()]) for M in (G, q)]
        reached = exact[1].T * mpmath.inverse(exact[0]) * (mpmath.eye(3) - mpmath.expm(exact[0] * mpmath.mpf(-1.5))) * exact[1]
        assert abs(sympy.N(symbolic.readout_flow(poles, taps, "3/4"), 30) - (2 - reached[0])) < 1e-28


def test_letters_that_sympy_takes_for_functions():
    for letter in ("gamma", "beta", "N", "S"):
        assert symbolic.allpass_response([letter], 1) == [-sympy.conjugate(sympy.Symbol(letter))]
