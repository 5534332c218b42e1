r"""Memory depends on the poles alone: exactly when.

Statement
---------
Let (A, B) and (A', B') have one input, the same number N of states and the same characteristic polynomial, and let both be
reachable. Then

1. with K and K' their matrices ``[B, AB, …, A^{N-1}B]`` and ``T = K' K⁻¹``: ``T A = A' T`` and ``T B = B'``;
2. ``v'_τ = T v_τ`` at every delay, and for any stationary scalar input with autocovariance r, white or not, the covariances
   ``P = Σ_jk r_{j-k} v_j v_k*`` and ``p_τ = Σ_j r_{j-τ} v_j`` become ``T P T*`` and ``T p_τ``;
3. so ``M(τ) = p_τ* P⁻¹ p_τ / r_0`` is the same for both, at every delay.

Each condition is needed: there are systems with equal poles and unequal memory

4. with two inputs,
5. with noise in the state,
6. where one of the two is not reachable.

Taken as given (linear algebra)
-------------------------------
* a matrix satisfies its characteristic polynomial (Cayley, Hamilton), so that ``A K = K C`` with the companion matrix C of the
  polynomial, and likewise ``A' K' = K' C``; a reachable pair has an invertible K.
"""

import numpy as np
import sympy
from sympy import Rational

import lssm

from ._kit import Proof, ProofError


def prove() -> Proof:
    """Similarity, powers, covariances, memory, three counterexamples, tie."""
    proof = Proof("Memory depends on the poles alone: exact conditions", "every N")
    _similar(proof)
    _covariances(proof)
    _memory(proof)
    _counterexamples(proof)
    tie(proof)
    return proof


N = sympy.Symbol("N", integer=True, positive=True)


def _vanishes(proof: Proof, name: str, left: sympy.Expr, right: sympy.Expr) -> None:
    """Check that two products of matrices of unspecified size agree."""
    difference = (left - right).doit()
    if not (difference.is_ZeroMatrix or difference == sympy.ZeroMatrix(*difference.shape)):
        raise ProofError(f"{proof.title}: step '{name}' is not zero")
    proof.steps.append(name)


def _similar(proof: Proof) -> None:
    """A and A' in terms of their Krylov matrices and the companion matrix they share: no N in it."""
    K, L, C = (sympy.MatrixSymbol(name, N, N) for name in ("K", "K2", "C"))
    e = sympy.MatrixSymbol("e1", N, 1)
    A, A2, T = K * C * K.I, L * C * L.I, L * K.I
    _vanishes(proof, "A K = K C", A * K, K * C)
    _vanishes(proof, "A' K' = K' C", A2 * L, L * C)
    _vanishes(proof, "T A = A' T", T * A, A2 * T)
    _vanishes(proof, "T B = B', B the first column of K", T * (K * e), L * e)
    power = sympy.MatrixSymbol("power", N, N)  # A^τ, of which A'^τ T = T A^τ is known
    _vanishes(proof, "base: A'^0 T = T A^0", sympy.Identity(N) * T, T * sympy.Identity(N))
    _vanishes(proof, "induction: A' (T A^τ) = T A A^τ", A2 * (T * power), T * (A * power))


def _covariances(proof: Proof) -> None:
    """One term of the sums, of which they are linear: v_j v_k* and v_j."""
    T = sympy.MatrixSymbol("T", N, N)
    v, w = (sympy.MatrixSymbol(name, N, 1) for name in ("v", "w"))
    _vanishes(proof, "term of P", (T * v) * (T * w).adjoint(), T * (v * w.adjoint()) * T.adjoint())
    r = sympy.Symbol("r")
    _vanishes(proof, "term of p", r * (T * v), T * (r * v))


def _memory(proof: Proof) -> None:
    """``(T p)* (T P T*)⁻¹ (T p) = p* P⁻¹ p``."""
    T, P = (sympy.MatrixSymbol(name, N, N) for name in ("T", "P"))
    p = sympy.MatrixSymbol("p", N, 1)
    inverse = T.adjoint().I * P.I * T.I
    _vanishes(proof, "inverse of T P T*", (T * P * T.adjoint()) * inverse, sympy.Identity(N))
    _vanishes(proof, "memory", (p.adjoint() * T.adjoint()) * inverse * (T * p), p.adjoint() * P.I * p)


_POLES = (Rational(1, 2), Rational(-1, 3))


def _gramian(A: sympy.Matrix, B: sympy.Matrix) -> sympy.Matrix:
    """Exact solution of ``G = A G Aᵀ + B Bᵀ``."""
    size = A.rows
    unknown = sympy.symbols(f"g0:{size * size}")
    G = sympy.Matrix(size, size, unknown)
    solution = sympy.solve(list(G - A * G * A.T - B * B.T), unknown)
    return G.subs(solution)


def _first_input(A: sympy.Matrix, B: sympy.Matrix, noise: sympy.Matrix | None = None) -> sympy.Expr:
    """Memory of the present value of the first input, with noise of this covariance on the state."""
    G = _gramian(A, B) + (sympy.zeros(A.rows) if noise is None else noise)
    return (B[:, 0].T * G.inv() * B[:, 0])[0]


def _differ(proof: Proof, name: str, first: sympy.Expr, second: sympy.Expr) -> None:
    if sympy.simplify(first - second) == 0:
        raise ProofError(f"{proof.title}: counterexample '{name}' is none")
    proof.steps.append(f"{name}: {first} and {second}")


def _counterexamples(proof: Proof) -> None:
    A = sympy.diag(*_POLES)
    plain, mixed = sympy.eye(2), sympy.Matrix([[1, 1], [0, 1]])
    _differ(proof, "two inputs, equal poles", _first_input(A, plain), _first_input(A, mixed))
    b, T = sympy.ones(2, 1), sympy.Matrix([[1, 1], [0, 2]])
    other, c = T * A * T.inv(), T * b
    proof.zero("without noise the two are equal", _first_input(A, b) - _first_input(other, c))
    _differ(proof, "noise of variance one on the state", _first_input(A, b, sympy.eye(2)), _first_input(other, c, sympy.eye(2)))
    alone = 1 - _POLES[0] ** 2  # the state reached through B = (1, 0): one pole
    _differ(proof, "one of two poles not reached", _first_input(A, b), alone)


def tie(proof: Proof) -> None:
    """The library on the same systems: similar pairs, two inputs, a pole that is not reached."""
    A, b, T = np.diag([0.5, -1 / 3]), np.ones(2), np.array([[1.0, 1.0], [0.0, 2.0]])
    exact = _first_input(sympy.diag(*_POLES), sympy.ones(2, 1))
    proof.close("diagonal", lssm.memory_function((A, b), 1).values[0], exact, ulps=64)
    proof.close("similar", lssm.memory_function((T @ A @ np.linalg.inv(T), T @ b), 1).values[0], exact, ulps=64)
    proof.close("one pole reached", lssm.memory_function((A, np.array([1.0, 0.0])), 1).values[0], Rational(3, 4), ulps=64)
    for name, B in (("plain", [[1, 0], [0, 1]]), ("mixed", [[1, 1], [0, 1]])):
        wanted = _first_input(sympy.diag(*_POLES), sympy.Matrix(B))
        normal = lssm.input_normal(lssm.DiscreteSSM(A, np.array(B, float))).system  # Gramian one: M_i(0) = ‖B e_i‖²
        proof.close(f"two inputs, {name}", float(np.sum(np.abs(normal.B[:, 0]) ** 2)), wanted, ulps=256)
