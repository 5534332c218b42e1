r"""Takenaka-Malmquist functions and the all-pass theorem.

Statement
---------
Let λ_1 … λ_N lie inside the unit circle, in any order, repeats allowed, ``g = 1-|λ|²``,
``B_k(z) = Π_{j≤k} (z-λ̄_j)/(1-λ_j z)``, ``φ_k(z) = √g_k/(1-λ_k z) · B_{k-1}(z)``, ``b = B_N``. Then

1. ``φ_k(z) φ̄_k(w) (1 - z w̄) = B_{k-1}(z) B̄_{k-1}(w) - B_k(z) B̄_k(w)``   (one step, no N in it),
2. ``Σ_{k≤N} φ_k(z) φ̄_k(w) = (1 - b(z) b̄(w))/(1 - z w̄)``                  (induction on N),
3. ``M(τ) = Σ_k |φ_k[τ]|² = 1 - Σ_{j≤τ} |b_j|²``                          (coefficient of (z w̄)^τ),
4. the realisation ``[[A, B], [C, D]]`` of the cascade is unitary            (one section, and a product).

Taken as given (analysis)
-------------------------
* the best linear reconstruction of ``u_{t-τ}`` from the state is an orthogonal projection in ℓ² onto the
  span of the state responses, and an orthonormal basis φ of that span gives ``M(τ) = Σ_k |φ_k[τ]|²``;
* φ_k span that space: both consist of polynomials of degree below N over Π(1-λ_k z), repeats and zeros
  included, and both have dimension N (reachability on one side, orthonormality on the other);
* a product of unitary matrices, each acting on one state and the signal line, is unitary: with the section
  checked here it gives item 4 for every N;
* functions analytic in a neighbourhood of the closed disk are determined by their Taylor coefficients.
"""

import sympy
from sympy import Rational

import lssm

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Run the proof: one-step identity, induction, coefficients, unitarity, tie."""
    proof = Proof("Takenaka–Malmquist orthonormality and the all-pass theorem", "every N")
    _kernel_identity(proof)
    _coefficients(proof)
    _unitarity(proof)
    tie(proof)
    return proof


def _kernel_identity(proof: Proof) -> None:
    l, lb = conjugated("lambda")
    z, wb = sympy.symbols("z w_bar")
    before = sympy.Symbol("B_before") * sympy.Symbol("Bbar_before")  # B_{k-1}(z) conj B_{k-1}(w)
    g = 1 - l * lb
    phi_phi = g / ((1 - l * z) * (1 - lb * wb)) * before
    after = (z - lb) / (1 - l * z) * (wb - l) / (1 - lb * wb) * before
    proof.zero("one-step identity", phi_phi * (1 - z * wb) - (before - after))
    S, one = sympy.Symbol("S"), sympy.Integer(1)
    proof.zero("induction base, N = 0", (one - 1) / (1 - z * wb))
    hypothesis = (1 - before) / (1 - z * wb)
    proof.zero("induction step, N-1 → N", (S + phi_phi - (1 - after) / (1 - z * wb)).subs(S, hypothesis))


def _coefficients(proof: Proof) -> None:
    """K = (1 - b b̄)/(1 - z w̄) means K_ττ - K_{τ-1,τ-1} = -|b_τ|² for τ ≥ 1 and K_00 = 1 - |b_0|²."""
    z, wb = sympy.symbols("z w_bar")
    t = sympy.Symbol("t", integer=True, positive=True)
    K, previous, energy, partial = sympy.symbols("K K_previous energy partial")
    shifted = sympy.expand((1 - z * wb) * (K * z**t * wb**t + previous * z ** (t - 1) * wb ** (t - 1)))
    coefficient = sympy.powsimp(sympy.expand(shifted / (z**t * wb**t))).subs({z: sympy.Symbol("q") / wb})
    proof.zero("diagonal coefficients", sympy.expand(coefficient).coeff(sympy.Symbol("q"), 0) - (K - previous))
    proof.zero("sum of |b_j|², τ-1 → τ", (previous - energy - (1 - partial - energy)).subs(previous, 1 - partial))


def _unitarity(proof: Proof) -> None:
    """One section is a rotation; a cascade of unitary blocks is unitary for every N."""
    l, lb = conjugated("lambda")
    g = 1 - l * lb
    s = sympy.sqrt(g)
    section, adjoint = sympy.Matrix([[l, s], [s, -lb]]), sympy.Matrix([[lb, s], [s, -l]])
    for i, entry in enumerate(section * adjoint - sympy.eye(2)):
        proof.zero(f"section is unitary, entry {i}", entry)


def tie(proof: Proof) -> None:
    """Library against exact rational arithmetic: Gramian solve at Gaussian-rational poles, N = 3."""
    poles = [Rational(1, 2), Rational(3, 4), Rational(-1, 4)]
    gramian = sympy.Matrix(3, 3, lambda i, j: 1 / (1 - poles[i] * poles[j]))
    memory = lssm.memory_function(lssm.Poles.from_discrete([float(p) for p in poles]), 12)
    for tau in (0, 1, 5, 11):
        v = sympy.Matrix([p**tau for p in poles])
        proof.close(f"M({tau})", float(memory.values[tau]), (v.T * gramian.inv() * v)[0], ulps=64)
    repeated = lssm.memory_function(lssm.Poles.from_discrete([0.5, 0.5]), 4)
    gramian = _jordan_gramian(Rational(1, 2))
    v = sympy.Matrix([0, 1])
    for tau in range(4):
        proof.close(f"Jordan block, M({tau})", float(repeated.values[tau]), (v.T * gramian.inv() * v)[0], ulps=64)
        v = sympy.Matrix([[Rational(1, 2), 1], [0, Rational(1, 2)]]) * v


def _jordan_gramian(pole: Rational) -> sympy.Matrix:
    """Exact solution of G = A G Aᵀ + B Bᵀ for a Jordan block of size two, B = (0, 1)."""
    A, B = sympy.Matrix([[pole, 1], [0, pole]]), sympy.Matrix([0, 1])
    a, b, c = sympy.symbols("a b c")
    G = sympy.Matrix([[a, b], [b, c]])
    solution = sympy.solve(list(G - A * G * A.T - B * B.T), [a, b, c], dict=True)[0]
    return G.subs(solution)
