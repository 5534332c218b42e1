r"""Capacity is the dimension of the reachable space.

Statement
---------
For one white input and $x_t=Ax_{t-1}+Bu_t$, let $R$ be the span of $B, AB, A^2B,\dots$, $n=\dim R$, let $A$ restricted to $R$
have its eigenvalues $\lambda_1,\dots,\lambda_n$ inside the unit circle, and let $m_B$ be the monic polynomial of least degree
with $m_B(A)B=0$, the minimal polynomial of $A$ relative to $B$. Then

1. what happens outside $R$, and coordinates, do not matter: $M$ is that of the restriction of $A$ to $R$;
2. $n$ is the degree of $m_B$, and $\lambda_1,\dots,\lambda_n$ are its roots; where $R$ is everything, $m_B$ is the minimal
   polynomial of $A$;
3. the capacity is $\sum_\tau M(\tau)=n$;
4. $M(0)=1-\prod_k|\lambda_k|^2$;
5. $M(\tau)\le n/(\tau+1)$;
6. a diagonal $A$ reaches one dimension for each distinct pole with a weight $B_k\ne0$; where no weight is zero, the capacity is
   the number of distinct poles.

Taken as given (analysis)
-------------------------
* $M(\tau)=\sum_k|\varphi_k[\tau]|^2$ for the functions
  $\varphi_k(z)=\sqrt{g_k}/(1-\lambda_kz)\cdot\prod_{j<k}(z-\bar\lambda_j)/(1-\lambda_jz)$ of the restriction, which is
  reachable, with $g_k=1-|\lambda_k|^2$; $M(-1)=1$ and $M(\tau-1)-M(\tau)=|b_\tau|^2$ with the all-pass filter
  $b(z)=\prod_k(z-\bar\lambda_k)/(1-\lambda_kz)$ (`proofs/takenaka_malmquist.py`);
* the sum $\sum_\tau|\varphi_k[\tau]|^2$ is the mean of $|\varphi_k|^2$ over the unit circle, where $\bar z=1/z$ (Parseval);
* sums of non-negative terms may be exchanged.

Taken as given (algebra)
------------------------
* $R$ is invariant under $A$, so with a basis of $R$ as the columns of $Q$ there are $A_r$, $B_r$ and a left inverse $Q_+$ with
  $AQ=QA_r$, $B=QB_r$, $Q_+Q=1$;
* a companion matrix has its polynomial as characteristic polynomial, and a polynomial with distinct given roots is a multiple of
  their linear factors.

Stands behind
-------------
`lssm.memory_capacity`, `lssm.reachable_part`, `lssm.equivalence.minimal`, `lssm.symbolic.memory_capacity`;
derivation: {doc}`/derivations/reachability`
"""

import sympy
from sympy import Rational

import lssm

from ._kit import Proof, at, conjugated, letters


def prove() -> Proof:
    """Reduction to the reachable part, its dimension, sum, first delay, decay bound, diagonal systems, tie."""
    return Proof(
        "Capacity is the dimension of the reachable space",
        "every N",
        reduction,
        coordinates,
        dimension,
        whole_space,
        total,
        first_delay,
        decay,
        diagonal,
        tie,
    )


def reduction(proof: Proof) -> None:
    r"""Reduction: $x_t=Qz_t$ with $z_t=A_rz_{t-1}+B_ru_t$, by induction from rest.

    Every readout $c^*z$ of the restriction is the readout $c^*Q_+$ of $x$, and every $w^*x$ is the readout $w^*Q$ of $z$; $z$
    is the old state, $u=u_t$.
    """
    A, A_r, B, B_r, Q, left, z, c = letters("A A_r B B_r Q Q_+ z c_h")
    u = sympy.Symbol("u")
    proof.equal("x = Q z, t-1 → t", A * (Q * z) + B * u, Q * (A_r * z + B_r * u), using={A * Q: Q * A_r, B: Q * B_r})
    proof.equal("every readout of z is one of x", (c * left) * (Q * z), c * z, using={left * Q: 1})


def coordinates(proof: Proof) -> None:
    r"""Coordinates: $SAS^{-1}$, $SB$ have the state $Sx$, by induction from rest, and $w^*S^{-1}$ reads what $w^*$ reads."""
    A, B, S, S_inv, x, w = letters("A B S S_inv x w_h")
    u = sympy.Symbol("u")
    there = (S * A * S_inv) * (S * x) + S * B * u
    proof.equal("state S x, t-1 → t", there, S * (A * x + B * u), using={S_inv * S: 1})
    proof.equal("same output", (w * S_inv) * (S * x), w * x, using={S_inv * S: 1})


def dimension(proof: Proof) -> None:
    r"""Dimension: with $n=\deg m_B$ the columns of $K=[B,\dots,A^{n-1}B]$ are independent, as no lower degree annihilates $B$.

    $m_B(A)B=0$ says $AK=KC$ with the companion matrix $C$; so every $A^tB$ is some $Kc$, they span $R$, and $C$ is the
    restriction in this basis. One step of the induction over $t$, which starts at $B=Ke_1$.
    """
    A, K, C, c = letters("A K C c")
    proof.equal("A^t B = K c, t → t+1", A * (K * c), K * (C * c), using={A * K: K * C})


def whole_space(proof: Proof) -> None:
    r"""The whole space: $F=m_B(A)$ commutes with $A$, so $FB=0$ gives $FA^tB=0$ by induction over $t$.

    $v$ is $A^tB$; where these span everything, $m_B(A)=0$. And no polynomial of lower degree annihilates $A$, since it would
    annihilate $B$.
    """
    F, A, v = letters("F A v")
    proof.equal("F A^t B = 0, t → t+1", F * (A * v), 0, using={F * A: A * F, F * v: 0})


def total(proof: Proof) -> None:
    r"""Sum: each $\varphi_k$ has norm one.

    All-pass factors have modulus one, and the sum $S=\sum_t|\lambda|^{2t}$ obeys $S=1+|\lambda|^2S$. So
    $\sum_\tau M(\tau)=\sum_k\|\varphi_k\|^2=n$.
    """
    l, lb = conjugated("lambda")
    z, S, g = sympy.symbols("z S g")
    proof.equal("an all-pass factor has modulus one", (z - lb) / (1 - l * z) * (1 / z - l) / (1 - lb / z), 1)
    proof.equal("Σ|λ|^2t = 1/g", S, 1 + l * lb * S, using={S: 1 / (1 - l * lb)})
    proof.equal("‖φ_k‖² = 1", g * S, 1, using={S: 1 / (1 - l * lb), g: 1 - l * lb})


def first_delay(proof: Proof) -> None:
    r"""First delay: $M(0)=1-|b_0|^2$, $b_0=b(0)$.

    By induction over the factors, each multiplies $|b_0|^2$ by its $|\lambda|^2$; the empty product is 1.
    """
    l, lb = conjugated("lambda")
    b, b_bar = conjugated("b_0")
    z = sympy.Symbol("z")
    factor, other = at((z - lb) / (1 - l * z), {z: 0}), at((z - l) / (1 - lb * z), {z: 0})
    proof.equal("one more pole", b * factor * b_bar * other, l * lb * b * b_bar)


def decay(proof: Proof) -> None:
    r"""Decay: $M$ does not increase, so the slack $S-(\tau+1)M$ does not fall.

    It is that of $(\tau+1)M(\tau)\le S=M(0)+\dots+M(\tau)\le n$. It starts at 0, where $S=M$; from $\tau$ to $\tau+1$, $M$
    drops by some $d\ge0$ to $M_1$, and $S$ becomes $S_1$.
    """
    tau, M, d, S = sympy.symbols("tau M d S", nonnegative=True)
    slack = S - (tau + 1) * M
    proof.equal("slack at delay 0", at(slack, {tau: 0, S: M}), 0)
    M_1, S_1 = sympy.symbols("M_1 S_1")
    next_slack, given = S_1 - (tau + 2) * M_1, {S_1: S + M_1, M_1: M - d}
    proof.equal("the slack grows by (τ+1) times the drop", next_slack, slack + (tau + 1) * d, using=given)


def diagonal(proof: Proof) -> None:
    r"""Diagonal systems: entry $k$ of $p(A)B$ is $p(\lambda_k)B_k$, by induction over the coefficients of $p=xq+a$ (Horner).

    So $p(A)B=0$ exactly where $p$ vanishes at every $\lambda_k$ with $B_k\ne0$, and $m_B$ is the product of the different
    $x-\lambda_k$ among them.
    """
    l, x, a, B_k = sympy.symbols("lambda_k x a B_k")
    q, entry = sympy.Function("q"), sympy.Symbol("v_k")
    value = at(x * q(x) + a, {x: l}) * B_k
    proof.equal("entry k of A q(A) B + a B", l * entry + a * B_k, value, using={entry: q(l) * B_k})


def tie(proof: Proof) -> None:
    """Library against exact ranks of Krylov matrices with rational entries, and a first delay."""
    shift = sympy.Matrix(5, 5, lambda i, j: int(i == j + 1))
    ring = Rational(1, 2) * sympy.Matrix(4, 4, lambda i, j: int(i == (j + 1) % 4))
    mixed = sympy.diag(Rational(1, 2), Rational(1, 2), Rational(-1, 4), Rational(3, 4))
    jordan = sympy.Matrix([[Rational(1, 2), 1, 0], [0, Rational(1, 2), 1], [0, 0, Rational(1, 2)]])
    unit = [1, 0, 0, 0, 0]
    pairs = {
        "shift from its first cell": (shift, unit),
        "shift from its third cell": (shift, [0, 0, 1, 0, 0]),
        "ring, one cell": (ring, unit[:4]),
        "ring, all cells": (ring, [1, 1, 1, 1]),
        "ring, alternating": (ring, [1, -1, 1, -1]),
        "ring, every other cell": (ring, [1, 0, 1, 0]),
        "diagonal, one pole twice": (mixed, [1, 2, 1, 1]),
        "diagonal, one weight zero": (mixed, [1, 0, 0, 1]),
        "Jordan block from its end": (jordan, [0, 0, 1]),
        "Jordan block from its middle": (jordan, [0, 1, 0]),
    }
    for name, (A, B) in pairs.items():
        krylov = sympy.Matrix.hstack(*[A**t * sympy.Matrix(B) for t in range(A.rows)])
        found = lssm.memory_capacity((numbers(A), [float(x) for x in B]))
        proof.close(name, float(found), sympy.Integer(krylov.rank()), ulps=0)
    poles = [mixed[k, k] for k in range(4)]
    distinct = sympy.Integer(lssm.symbolic.memory_capacity(poles))
    found = lssm.memory_capacity(lssm.Poles.from_discrete([float(p) for p in poles], diagonal=True))
    proof.close("distinct poles", float(found), distinct, ulps=0)
    first = lssm.memory_function((numbers(jordan), [0.0, 0.0, 1.0]), 1).values[0]
    proof.close("Jordan block, M(0)", first, 1 - Rational(1, 2) ** 6, ulps=16)


def numbers(A: sympy.Matrix) -> list[list[float]]:
    """Rows in floating point."""
    return [[float(x) for x in row] for row in A.tolist()]
