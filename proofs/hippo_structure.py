r"""HiPPO matrices: normal plus low rank, eigenvectors of LegS, Woodbury form of S4's transfer function, S4 ↔ diagonal form.

Statement
---------
With ``r_n = √(2n+1)``, n, k < N, for every N

1. LegS: ``A + PPᵀ = -½ I + S``, ``P_n = √(n+½)``, S skew; LegT: ``A + PPᵀ = S`` with ``P = r`` on odd n and r on even n, rank 2;
   LagT: ``A + ½11ᵀ = S``; FouT: ``A + ½BBᵀ = S`` by its definition;
2. LegS has the eigenvalues -1 … -N, with eigenvectors ``V_ij = (-1)^i r_i C(i+j, i-j)``;
3. the transfer function of ``Λ - PQ*`` is ``k_CB - k_CP (I + k_QP)⁻¹ k_QB``, ``k_uv = u*(s-Λ)⁻¹v``: S4's formula;
4. a change of coordinates ``Λ = V⁻¹AV``, ``B' = V⁻¹B``, ``C' = CV`` keeps every ``CA^τB`` and every ``v_τ* G⁻¹ v_τ``: impulse
   response and memory, while the Gramian becomes ``V⁻¹GV⁻*``: learning speed is not kept.

Taken as given (algebra)
------------------------
* a triangular matrix has its diagonal as eigenvalues;
* an identity of finite sums in i holds for all i if it does at one end and from one i to the next.
"""

import sympy
from sympy import Rational, sqrt

import lssm

from ._kit import Proof


def prove() -> Proof:
    """Normal parts, eigenvectors, Woodbury, similarity, tie."""
    proof = Proof("HiPPO: normal plus low rank, LegS eigenvectors, S4 ↔ S4D transforms", "every N")
    _normal(proof)
    _eigenvectors(proof)
    _woodbury(proof)
    _similarity(proof)
    tie(proof)
    return proof


def _normal(proof: Proof) -> None:
    """Entry (n, k) plus entry (k, n) of ``A + PPᵀ``, n > k, and the diagonal."""
    n, k = sympy.symbols("n k", integer=True, nonnegative=True)
    r_n, r_k = sqrt(2 * n + 1), sqrt(2 * k + 1)
    legs = 2 * sqrt(n + Rational(1, 2)) * sqrt(k + Rational(1, 2)) - r_n * r_k
    proof.zero("LegS, off the diagonal", legs)
    proof.zero("LegS, diagonal", -(n + 1) + (n + Rational(1, 2)) + Rational(1, 2))
    sign = sympy.Symbol("sign")  # (-1)^{n-k}
    same = (1 + sign) / 2  # one where n and k are both even or both odd
    proof.zero("LegT, n and k of one parity", (-r_n * r_k - sign * r_n * r_k + 2 * same * r_n * r_k).subs(sign, 1))
    proof.zero("LegT, of different parity", (-r_n * r_k - sign * r_n * r_k + 2 * same * r_n * r_k).subs(sign, -1))
    proof.zero("LegT, diagonal", -(r_n**2) + r_n**2)
    proof.zero("LagT, off the diagonal", -1 + 2 * Rational(1, 2))
    proof.zero("LagT, diagonal", -Rational(1, 2) + Rational(1, 2))


def _eigenvectors(proof: Proof) -> None:
    """Row i of ``A V = -(j+1) V`` over r_i: ``Σ_{l<i} (2l+1) v_l = (j-i) v_i``, v_i = (-1)^i C(i+j, i-j); by induction."""
    i, j = sympy.symbols("i j", integer=True, nonnegative=True)
    m = sympy.Symbol("m", integer=True, nonnegative=True)  # i = j + m
    ratio = -(2 * j + m + 1) / (m + 1)  # v_{i+1}/v_i
    v = sympy.Function("v")(i)
    step = (2 * i + 1) * v + (j - i) * v - (j - i - 1) * v * ratio.subs(m, i - j)
    proof.zero("row i → i+1", sympy.simplify(step / v))
    exact = sympy.binomial(2 * j + m + 1, m + 1) / sympy.binomial(2 * j + m, m)
    proof.zero("ratio of the binomials", sympy.simplify(sympy.gammasimp(exact.rewrite(sympy.gamma)) + ratio))
    proof.zero("row i = j: an empty sum", (j - i).subs(i, j))
    proof.zero("its entry", sympy.binomial(2 * j, 0) - 1)


def _woodbury(proof: Proof) -> None:
    """One column P, Q; D = s-Λ as a letter that does not commute; the resolvent of Λ - PQ* is checked against its definition."""
    D, P, Q_h = sympy.symbols("D P Q_h", commutative=False)
    R = D**-1
    core = sympy.Symbol("core", commutative=False)  # (I + Q* D⁻¹ P)⁻¹
    resolvent = R - R * P * core * Q_h * R
    product = sympy.expand((D + P * Q_h) * resolvent)
    reduced = sympy.expand(product.subs(P * Q_h * R * P * core * Q_h * R, P * (1 - core) * Q_h * R))
    proof.zero("resolvent of Λ - PQ*", reduced - 1)


def _similarity(proof: Proof) -> None:
    """Induction on τ; Stein equation of the Gramian in the new coordinates."""
    A, B, B_h, C, V, W, x, G, A_h, V_h, W_h = sympy.symbols("A B B_h C V W x G A_h V_h W_h", commutative=False)  # W = V⁻¹
    proof.zero("state, τ → τ+1", sympy.expand((W * A * V) * (W * x)).subs(V * W, 1) - W * A * x)
    proof.zero("response", sympy.expand((C * V) * (W * x)).subs(V * W, 1) - C * x)
    moved = (W * A * V) * (W * G * W_h) * (V_h * A_h * W_h) + W * B * B_h * W_h
    kept = sympy.expand(moved).subs(V * W, 1).subs(W_h * V_h, 1)
    proof.zero("Gramian in new coordinates", kept - sympy.expand(W * (A * G * A_h + B * B_h) * W_h))
    v, v_h, G_inverse = sympy.symbols("v v_h G_inverse", commutative=False)
    memory = (v_h * W_h) * (V_h * G_inverse * V) * (W * v)
    proof.zero("memory is the same", sympy.expand(memory).subs(V * W, 1).subs(W_h * V_h, 1) - v_h * G_inverse * v)


def tie(proof: Proof) -> None:
    """Library against exact entries: eigenvectors, low-rank vectors, and a diagonal form with rational eigenvectors."""
    ours = lssm.spectra.legs_eigenvectors(order=6)
    for i, j in ((0, 0), (3, 1), (5, 2), (5, 5)):
        proof.close(
            f"eigenvector [{i},{j}]", float(ours[i, j]), (-1) ** i * sqrt(2 * i + 1) * sympy.binomial(i + j, i - j), ulps=4
        )
    s4 = lssm.spectra.hippo_dplr(order=4)
    assert isinstance(s4.A, lssm.DPLR)
    low = (s4.C @ s4.A.P)[:, 0]
    for n in range(4):
        proof.close(f"|P_{n}|", float(abs(low[n])), sqrt(n + Rational(1, 2)), ulps=64)
    diagonal, _ = lssm.equivalence.to_diagonal(([[0.5, 1.0], [0.0, 0.25]], [1.0, 1.0], [1.0, 2.0]))
    response = lssm.impulse_response(diagonal, 3)
    A, B, C = sympy.Matrix([[Rational(1, 2), 1], [0, Rational(1, 4)]]), sympy.Matrix([1, 1]), sympy.Matrix([[1, 2]])
    for tau in range(3):
        proof.close(f"response at {tau}", float(response[tau]), (C * A**tau * B)[0], ulps=64)
