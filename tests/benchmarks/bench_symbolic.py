"""Exact twins: by the all-pass filter and over the smallest field, against a Gramian and its inverse in SymPy."""

import pytest
import sympy
from sympy import I, Rational
from sympy.core.cache import clear_cache

from lssm import symbolic

POLES = [Rational(1, 2), Rational(-1, 3), Rational(1, 4) + I / 2, Rational(1, 4) - I / 2]


def by_inverse(poles, T):
    """``v* G⁻¹ v``, simplified at every delay."""
    inverse = symbolic.gramian(poles).inv()
    vectors = (sympy.Matrix([pole**t for pole in poles]) for t in range(T))
    return [sympy.simplify((v.H * inverse * v)[0]) for v in vectors]


@pytest.mark.parametrize("route", [symbolic.memory_function, by_inverse], ids=["all-pass", "inverse"])
def bench_memory(benchmark, route):
    exact = benchmark.pedantic(route, (POLES, 6), setup=clear_cache, rounds=3)
    assert abs(complex(exact[0]) - (1 - (Rational(1, 6) * Rational(5, 16)) ** 2)) < 1e-15


def by_lu(A, B):
    """The Stein equation as a linear system, by SymPy's LU on expressions."""
    N = A.rows
    operator = sympy.eye(N**2) - sympy.kronecker_product(A, A.conjugate())
    return operator.LUsolve((B * B.H).reshape(N**2, 1)).reshape(N, N)


@pytest.mark.parametrize("route", [symbolic.stein, by_lu], ids=["field", "expressions"])
def bench_stein(benchmark, route):
    A = sympy.Matrix([[Rational(1, 2), 1, 0], [0, Rational(1, 4), 1], [0, Rational(1, 7), Rational(-1, 3)]])
    B = sympy.Matrix([1, 2, 0])
    G = benchmark.pedantic(route, (A, B), setup=clear_cache, rounds=3)
    assert sympy.expand(A * G * A.H + B * B.H - G).applyfunc(sympy.simplify) == sympy.zeros(3)
