r"""The Gramian of a diagonal system: Cholesky factor, determinant, inverse, all of them products.

Statement
---------
Let λ_1 … λ_N lie inside the unit circle, distinct, ``b_i ≠ 0``, ``g_i = 1-|λ_i|²`` and ``G_ij = b_i b̄_j/(1-λ_iλ̄_j)``. Then

1. eliminating pole k leaves a matrix of the same form, with ``b_i ← b_i (λ_i-λ_k)/(1-λ_iλ̄_k)``         (one step, no N in it);
2. ``G = L L*`` with ``L_ik = b_i √g_k/(1-λ_iλ̄_k) Π_{j<k} (λ_i-λ_j)/(1-λ_iλ̄_j)``, and for b = 1 this is ``conj φ_k(λ̄_i)``: the
   Cholesky factor holds the Takenaka-Malmquist functions at the nodes;
3. ``det G = Π_i |b_i|² Π_{i<j} |λ_i-λ_j|² / Π_ij (1-λ_iλ̄_j)``                                       (induction on N);
4. ``(G⁻¹)_ij = d̄_i d_j/(1-λ̄_iλ_j)`` with ``d_j = g_j/b_j Π_{k≠j} (1-λ_jλ̄_k)/(λ_j-λ_k)``;
5. in continuous time, ``G_ij = -b_i b̄_j/(a_i+ā_j)``, the same with ``b_i ← -b_i (a_i-a_k)/(-(a_i+ā_k))``, ``g = -2 Re a``.
6. T steps after rest: with ``ω_s`` the T-th roots of a unit, the discrete Fourier transform of the columns ``λ_k^t`` is
   ``(1-(ωλ_k)^T)/(1-ω_sλ_k)``, and elimination in ``r_i c_j/(1-ω_iλ_j)`` keeps that form.

Taken as given (linear algebra, analysis)
-----------------------------------------
* Cholesky's factor is what successive Schur complements leave: column k is ``G^(k)_ik / √G^(k)_kk``, up to its phase, and
  ``det G`` is the product of the pivots;
* the matrix ``[[A_o, B_o], [C_o, D]]`` of the cascade is unitary and ``z C_o (I - zA_o)⁻¹ B_o + D`` is the all-pass filter b(z)
  (proofs/takenaka_malmquist.py); with ``A_o = L⁻¹ΛL`` and ``c = C_o L⁻¹`` its first block column says
  ``G⁻¹ - Λ*G⁻¹Λ = c*c``, and a Stein equation with a stable Λ has one solution;
* a proper rational function with simple poles is determined by its residues.
"""

import sympy
from sympy import I, Rational

import lssm

from ._kit import Proof, conjugated


def prove() -> Proof:
    """One step, factor, nodes, determinant, inverse, continuous time, finite horizon, tie."""
    proof = Proof("Gramian of a diagonal system: factor, determinant, inverse", "every N")
    _step(proof)
    _nodes(proof)
    _determinant(proof)
    _inverse(proof)
    _continuous(proof)
    _horizon(proof)
    tie(proof)
    return proof


def _step(proof: Proof) -> None:
    """Schur complement with respect to pole k; weights before it stand for any number of earlier steps."""
    (li, _), (lk, lkb), (_, ljb) = conjugated("lambda_i"), conjugated("lambda_k"), conjugated("lambda_j")
    bi, bjb, bk, bkb = sympy.symbols("b_i b_j_bar b_k b_k_bar", nonzero=True)
    G_ij, G_ik = bi * bjb / (1 - li * ljb), bi * bkb / (1 - li * lkb)
    G_kj, G_kk = bk * bjb / (1 - lk * ljb), bk * bkb / (1 - lk * lkb)
    after = bi * (li - lk) / (1 - li * lkb) * bjb * (ljb - lkb) / (1 - lk * ljb) / (1 - li * ljb)
    proof.zero("Schur complement has the same form", G_ij - G_ik * G_kj / G_kk - after)
    modulus, g = sympy.symbols("abs_b_k g_k", positive=True)
    column = G_ik / sympy.sqrt(modulus**2 / g)
    proof.zero("column k of the factor, up to the phase b̄_k/|b_k|", column - bi * sympy.sqrt(g) / (1 - li * lkb) * bkb / modulus)
    proof.zero("its phase has modulus one", (bkb / modulus) * (bk / modulus) - bk * bkb / modulus**2)


def _nodes(proof: Proof) -> None:
    """Factors of L and of conj φ_k(λ̄_i), one by one; and b vanishes at the nodes, so that the kernel there is G."""
    (li, lib), (lk, lkb), (lj, ljb) = conjugated("lambda_i"), conjugated("lambda_k"), conjugated("lambda_j")
    z = sympy.Symbol("z")
    swap = {lj: ljb, ljb: lj, lk: lkb, lkb: lk, z: li}  # conjugation, z = λ̄_i
    proof.zero("leading factor at a node", (1 / (1 - lk * z)).subs(swap, simultaneous=True) - 1 / (1 - li * lkb))
    factor = ((z - ljb) / (1 - lj * z)).subs(swap, simultaneous=True)
    proof.zero("all-pass factors at a node", factor - (li - lj) / (1 - li * ljb))
    proof.zero("the all-pass filter vanishes at its nodes", ((z - lib) / (1 - li * z)).subs(z, lib))


def _determinant(proof: Proof) -> None:
    """One pole more multiplies the formula by its pivot and changes the weights of the others by the step."""
    (li, lib), (lk, lkb) = conjugated("lambda_i"), conjugated("lambda_k")
    brought = (li - lk) * (lib - lkb) / ((1 - li * lkb) * (1 - lk * lib))  # what pole i has with pole k in the formula
    step = (li - lk) / (1 - li * lkb)
    step_bar = (lib - lkb) / (1 - lib * lk)
    proof.zero("determinant, N-1 → N, pole by pole", brought - step * step_bar)
    b, bb = sympy.symbols("b b_bar")
    proof.zero("determinant, N = 1", b * bb / (1 - lk * lkb) - b * bb * (1 / (1 - lk * lkb)))


def _inverse(proof: Proof) -> None:
    """C from the residues of the all-pass filter at z = 1/λ_j."""
    (lj, ljb), (lk, lkb) = conjugated("lambda_j"), conjugated("lambda_k")
    z, c, b = sympy.symbols("z c b")
    proof.zero("other factors at z = 1/λ_j", ((z - lkb) / (1 - lk * z)).subs(z, 1 / lj) - (1 - lj * lkb) / (lj - lk))
    own = (z - ljb).subs(z, 1 / lj)  # times 1/(1-λ_jz), as the term z c b/(1-λ_jz) of the realisation
    solved = sympy.solve(sympy.Eq(c * b / lj, own), c)[0]
    proof.zero("c_j = g_j/b_j times the other factors", solved - (1 - lj * ljb) / b)
    _, ci_b = conjugated("c_i")
    entry = ci_b * c / (1 - ljb * lj)
    proof.zero("G⁻¹ - Λ*G⁻¹Λ = c*c, entry by entry", entry - ljb * entry * lj - ci_b * c)


def _continuous(proof: Proof) -> None:
    (ai, _), (ak, akb), (_, ajb) = conjugated("a_i"), conjugated("a_k"), conjugated("a_j")
    G_ij, G_ik, G_kj, G_kk = -1 / (ai + ajb), -1 / (ai + akb), -1 / (ak + ajb), -1 / (ak + akb)
    after = (ai - ak) / (ai + akb) * (ajb - akb) / (ak + ajb) * G_ij
    proof.zero("Schur complement in continuous time", G_ij - G_ik * G_kj / G_kk - after)


def _horizon(proof: Proof) -> None:
    """The Fourier sum by its last term; the elimination step for rows ω and columns λ."""
    w, l = sympy.symbols("omega lambda")
    T = sympy.Symbol("T", integer=True, positive=True)
    total = (1 - (w * l) ** T) / (1 - w * l)
    proof.zero("Fourier sum, T = 1", total.subs(T, 1) - 1)
    proof.zero("Fourier sum, T → T+1", sympy.expand((total.subs(T, T + 1) - total) * (1 - w * l) - (w * l) ** T * (1 - w * l)))
    wi, wp, lj, lq, r, c = sympy.symbols("omega_i omega_p lambda_j lambda_q r c")
    entry = r * c / (1 - wi * lj)
    left, up, pivot = r / (1 - wi * lq), c / (1 - wp * lj), 1 / (1 - wp * lq)
    after = r * (wi - wp) / (1 - wi * lq) * c * (lj - lq) / (1 - wp * lj) / (1 - wi * lj)
    proof.zero("elimination in a Cauchy matrix", entry - left * up / pivot - after)


def tie(proof: Proof) -> None:
    """Library against exact arithmetic at Gaussian-rational poles and weights, N = 4."""
    poles = [Rational(1, 2), Rational(3, 4), Rational(-1, 4) + I / 2, Rational(-1, 4) - I / 2]
    weights = [1, 2, 1 + I, 1 - I]
    G = sympy.Matrix(4, 4, lambda i, j: weights[i] * sympy.conjugate(weights[j]) / (1 - poles[i] * sympy.conjugate(poles[j])))
    ours, numbers = lssm.Poles.from_discrete([complex(p) for p in poles]), [complex(w) for w in weights]
    factor = lssm.gramian_factor(ours, weights=numbers).gramian
    inverse, exact = lssm.gramian_inverse(ours, weights=numbers), G.inv()
    for i, j in ((0, 0), (0, 1), (2, 3), (3, 1)):
        for name, found, value in (("factor", factor[i, j], G[i, j]), ("inverse", inverse[i, j], exact[i, j])):
            re, im = sympy.expand_complex(value).as_real_imag()
            proof.close(f"{name} [{i},{j}], real part", float(found.real), sympy.nsimplify(re), ulps=256)
            if im:
                proof.close(f"{name} [{i},{j}], imaginary part", float(found.imag), sympy.nsimplify(im), ulps=256)
    logarithm = sympy.Rational(str(sympy.log(sympy.simplify(G.det())).evalf(40)))
    proof.close("log det", lssm.gramian_log_determinant(ours, weights=numbers), logarithm, ulps=64)
    pair = lssm.gramian_eigenvalues(lssm.Poles.from_discrete([0.5, -0.5]))  # 4/3 ± 4/5
    proof.close("larger eigenvalue", float(pair[0]), Rational(32, 15), ulps=8)
    proof.close("smaller eigenvalue", float(pair[1]), Rational(8, 15), ulps=8)
    short = lssm.gramian_eigenvalues(lssm.Poles.from_discrete([0.5, -0.5]), horizon=3)  # Σ_{t<3} 4^{-t} ± Σ_{t<3} (-4)^{-t}
    proof.close("larger one after 3 steps", float(short[0]), Rational(17, 8), ulps=32)
    proof.close("smaller one after 3 steps", float(short[1]), Rational(1, 2), ulps=32)
