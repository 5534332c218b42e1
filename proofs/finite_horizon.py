r"""Memory after T steps from rest: leverage scores, their sum, and why the delayed cascade spans the right space.

Statement
---------
Let ``S_k`` be the space of the sequences ``λ_0^t … λ_{k-1}^t`` (t < T, repeats as chains, ``T ≥ N``), ``|λ| ≤ 1``, in an order in
which equal poles *on* the circle are neighbours.

1. ``M_T(τ) = v_τᴴ G_T⁻¹ v_τ`` is entry (τ, τ) of the projector onto S_N: ``Σ_k |q_k(τ)|²`` for any orthonormal basis,
   with sum N.
2. If q is in S_k, ``y_0 = 0`` and ``y_t = λ_k y_{t-1} + q_{t-1}``, then y is in S_{k+1}.
3. If moreover q is orthogonal to S_{k-1} and not zero, y is not in S_k: the cascade never stalls.

Proof of 3. Suppose y in S_k. Extended by its recurrence y vanishes at 0, so ``y = zr`` with
``r = p/Π_{j<k}(1-λ_j z)``, deg p ≤ k-2, and the recursion says ``q = r - λ_k zr`` on the first T-1 steps, hence everywhere
(both sides lie in S_k and T-1 ≥ k). Multiplying r by its last denominator, ``s = r - λ_{k-1} zr`` is in S_{k-1}, hence
``⟨q, s⟩ = 0`` on t < T. With ``R = ‖r‖²``, ``‖zr‖² = ζ²R`` (cut at T: ζ ≤ 1), ``⟨r, zr⟩ = ζxR`` (Cauchy-Schwarz: |x| ≤ 1),
``a = ζλ_{k-1}``, ``c = ζλ_k`` this reads ``E = 1 + cā - āx - cx̄ = 0``. For ``|a| ≠ |c|`` and for ``a = c`` the steps
below turn it into ``|x| > 1``, or into equality in Cauchy-Schwarz with ζ = 1, ``zr = κr`` with κ ≠ 0, which the first
entry of zr, zero, forbids. There remain ``a ≠ c`` both on the circle. Then ζ = 1, nothing is cut off, and ``q = (1-λ_k
z) r``, ``s = (1-λ_{k-1} z) r`` as polynomials. Orthogonality to S_{k-1} is vanishing at the conjugates of its poles; q
vanishes there, the factor ``1-λ_k z`` does not (equal poles on the circle are neighbours), so r and s vanish there too:
s is in S_{k-1} and orthogonal to it, hence 0, and r with it.

Without that order the cascade can stall: poles 1, -1, 1 with T = 4 do.

Taken as given (linear algebra)
-------------------------------
* a projector's entries do not depend on the orthonormal basis; each column of the basis has norm one;
* an element of S_k, k ≤ T, is determined by any k consecutive values of its recurrence, and is p/Π(1-λ_j z) with deg p < k;
* the Cauchy-Schwarz inequality and its case of equality; the triangle inequality ``|u-v| ≥ ||u|-|v||``.
"""

import sympy
from sympy import I, Rational

import lssm

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Span, the equation of a stall, its impossibility, tie."""
    proof = Proof("Finite horizon: leverage scores and the delayed cascade", "every N")
    _scores(proof)
    _span(proof)
    _stall(proof)
    _impossible(proof)
    tie(proof)
    return proof


def _scores(proof: Proof) -> None:
    """``P = V G⁻¹ Vᴴ`` with ``G = VᴴV`` is a projector (Hermitian by its form) for any V of full rank."""
    V, V_h, G_inverse = sympy.symbols("V V_h G_inverse", commutative=False)
    P = V * G_inverse * V_h
    proof.zero("P² = P", sympy.expand((P * P).subs(V_h * V, G_inverse**-1) - P))
    proof.zero("P V = V", sympy.expand((P * V).subs(V_h * V, G_inverse**-1) - V))


def _span(proof: Proof) -> None:
    """Filtering λ_j^t, delayed, by the pole λ_k; linear in q, so one term is enough. A repeat is the limit."""
    lj, lk = sympy.symbols("lambda_j lambda_k", nonzero=True)
    t = sympy.Symbol("t", integer=True, positive=True)
    y = (lj**t - lk**t) / (lj - lk)
    proof.zero("y starts at 0", y.subs(t, 0))
    proof.zero("y follows the recursion", y - lk * y.subs(t, t - 1) - lj ** (t - 1))
    chain = t * lk ** (t - 1)
    proof.zero("repeated pole: a chain", chain - lk * chain.subs(t, t - 1) - lk ** (t - 1))


def _stall(proof: Proof) -> None:
    """⟨r - c zr, r - a zr⟩ by sesquilinearity, in units of ‖r‖²."""
    (a, ab), (c, _) = conjugated("lambda_before"), conjugated("lambda_k")
    zeta, x, xb = sympy.symbols("zeta x x_bar")
    r_r, zr_zr, r_zr, zr_r = sympy.Integer(1), zeta**2, zeta * x, zeta * xb
    product = r_r - ab * r_zr - c * zr_r + c * ab * zr_zr
    E = _excess(zeta * a, zeta * ab, zeta * c, x, xb)
    proof.zero("⟨q, s⟩ = ‖r‖² E", product - E)


def _excess(a: sympy.Expr, ab: sympy.Expr, c: sympy.Expr, x: sympy.Expr, xb: sympy.Expr) -> sympy.Expr:
    return 1 + c * ab - ab * x - c * xb


def _impossible(proof: Proof) -> None:
    (a, ab), (c, cb), (x, xb) = conjugated("a"), conjugated("c"), conjugated("x")
    E, E_bar = _excess(a, ab, c, x, xb), _excess(ab, a, cb, xb, x)
    eliminated = a * E - c * E_bar
    proof.zero("x̄ eliminated", eliminated - (a * (1 - c * cb) - c * (1 - a * ab) - x * (a * ab - c * cb)))
    p, q = sympy.symbols("p q", positive=True)  # |a|, |c|
    proof.zero("least size of x (|a|²-|c|²)", p * (1 - q**2) - q * (1 - p**2) - (p - q) * (1 + p * q))
    proof.zero("it exceeds |a|²-|c|²", (1 + p * q) - (p + q) - (1 - p) * (1 - q))
    proof.zero("|a| = |c| < 1 forces a = c", (a * (1 - p**2) - c * (1 - p**2)) / (1 - p**2) - (a - c))
    proof.zero("and then 1 + |a|² ≤ 2|a|, though", 1 + p**2 - 2 * p - (1 - p) ** 2)
    _counterexample(proof)


def _counterexample(proof: Proof) -> None:
    """Poles 1, -1, 1: the third direction lies in the span of the first two."""
    half = Rational(1, 2)
    one, two = sympy.Matrix([1, 1, 1, 1]) * half, sympy.Matrix([1, -1, 1, -1]) * half
    y = sympy.Matrix([0, two[0], two[0] + two[1], two[0] + two[1] + two[2]])
    proof.zero("equal poles on the circle apart from each other stall", (y - one * (one.T * y)[0] - two * (two.T * y)[0]).norm())


def tie(proof: Proof) -> None:
    """Library against exact leverage scores at rational poles, N = 4 (one repeated, one zero), T = 7."""
    T, half = 7, Rational(1, 2)
    rows = [[half**t, t * half ** (t - 1) if t else 0, (-Rational(3, 4)) ** t, int(t == 0)] for t in range(T)]
    V = sympy.Matrix(rows)
    projector = V * (V.T * V).inv() * V.T
    memory = lssm.memory_function(lssm.Poles.from_discrete([0.5, 0.5, -0.75, 0.0]), T, horizon=T)
    for tau in range(T):
        proof.close(f"M_T({tau})", float(memory.values[tau]), projector[tau, tau], ulps=64)
    u, v = (1 + I) / 2, Rational(1, 3)
    V = sympy.Matrix([[u**t, v**t] for t in range(4)])
    projector = (V * (V.H * V).inv() * V.H).applyfunc(sympy.expand_complex)
    memory = lssm.memory_function(lssm.Poles.from_discrete([0.5 + 0.5j, 1 / 3]), 4, horizon=4)
    for tau in range(4):
        proof.close(f"complex, M_T({tau})", float(memory.values[tau]), sympy.simplify(projector[tau, tau]), ulps=64)
