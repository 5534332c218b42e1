"""The floating-point library against `lssm.symbolic` at random dyadic poles and matrices, which doubles hold exactly."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import I, Rational

import lssm
from lssm import symbolic
from lssm.dynamics import ReadoutFlow, teachers

sixteenths = st.integers(-15, 15).map(lambda n: Rational(n, 16))
inside = st.tuples(sixteenths, sixteenths).filter(lambda z: z[0] ** 2 + z[1] ** 2 < 1).map(lambda z: z[0] + I * z[1])
few = settings(max_examples=30, deadline=None)


def ours(poles):
    """As the library takes them."""
    return lssm.Poles.from_discrete([complex(p) for p in poles])


def floats(values):
    """Exact numbers, rounded once."""
    return np.array([complex(value) for value in values])


@few
@given(st.lists(inside, min_size=1, max_size=4))
def test_memory(poles):
    exact = floats(symbolic.memory_function(poles, 8)).real
    found = lssm.memory_function(ours(poles), 8)
    assert np.abs(found.values - exact).max() <= 1e-14
    assert (np.abs(found.values - exact) <= 1e-12 * exact + 1e-300).all()
    assert found.capacity == len(poles)


@few
@given(st.lists(inside, min_size=1, max_size=3, unique=True), st.integers(3, 6))
def test_memory_after_rest(poles, T):
    exact = floats(symbolic.memory_function(poles, T, horizon=T)).real
    found = lssm.memory_function(ours(poles), T, horizon=T).values
    assert (np.abs(found - exact) <= 1e-11 * exact + 1e-15).all()


@few
@given(st.lists(inside, min_size=1, max_size=3))
def test_gradient(poles):
    exact = np.array(symbolic.memory_gradient(poles, 5).tolist(), complex)
    assert np.abs(lssm.memory_gradient(ours(poles), 5) - exact).max() <= 1e-12


@few
@given(st.lists(inside, min_size=1, max_size=3, unique=True))
def test_gramian_of_a_diagonal_system(poles):
    G = symbolic.gramian(poles)
    determinant = complex(sympy.expand_complex(G.det())).real
    assert abs(lssm.gramian_log_determinant(ours(poles)) - np.log(determinant)) <= 1e-11
    product = np.array(G.tolist(), complex) @ lssm.gramian_inverse(ours(poles))
    assert np.abs(product - np.eye(len(poles))).max() <= 1e-13 * np.linalg.cond(np.array(G.tolist(), complex))


@few
@given(st.lists(st.integers(-7, 7), min_size=9, max_size=9), st.lists(st.integers(-4, 4), min_size=6, max_size=6))
def test_gramian_of_a_matrix(entries, weights):
    """Row sums below 1 in size, so that the matrix is stable; two inputs."""
    A, B = sympy.Matrix(3, 3, entries) / 32, sympy.Matrix(3, 2, weights)
    exact = np.array(symbolic.stein(A, B).tolist(), float)
    found = lssm.gramian(lssm.DiscreteSSM(np.array(A.tolist(), float), np.array(B.tolist(), float)))
    assert np.abs(found - exact).max() <= 1e-13 * max(np.abs(exact).max(), 1e-300)


@pytest.mark.parametrize("time", [Rational(1, 2), 3])
def test_flow(time):
    taps = [0, 1, Rational(1, 2)]
    exact = float(symbolic.readout_flow([Rational(1, 2), Rational(-1, 4)], taps, time))
    flow = ReadoutFlow(lssm.Poles.from_discrete([0.5, -0.25]), teachers.fir([0.0, 1.0, 0.5]))
    assert abs(flow.loss(float(time)) - exact) < 1e-14
