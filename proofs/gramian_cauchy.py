r"""The Gramian of a diagonal system: Cholesky factor, determinant, inverse, all of them products.

Statement
---------
Let $\lambda_1,\dots,\lambda_N$ lie inside the unit circle, distinct, with input weights $b_i\neq0$, $g_i=1-|\lambda_i|^2$, and
let $G_{ij}=b_i\bar b_j/(1-\lambda_i\bar\lambda_j)$ be the Gramian of $x_t=\Lambda x_{t-1}+b\,u_t$,
$\Lambda=\operatorname{diag}(\lambda)$. Then

1. one step, in which no $N$ occurs: eliminating pole $k$ leaves a matrix of the same form, with
   $b_i\leftarrow b_i\,(\lambda_i-\lambda_k)/(1-\lambda_i\bar\lambda_k)$;
2. hence $G=LL^*$ with the lower triangular
   $L_{ik}=b_i\dfrac{\sqrt{g_k}}{1-\lambda_i\bar\lambda_k}\displaystyle\prod_{j<k}\frac{\lambda_i-\lambda_j}{1-\lambda_i\bar\lambda_j}$,
   which is $b_i\,\overline{\varphi_k(\bar\lambda_i)}$: the Cholesky factor holds the Takenaka–Malmquist functions
   $\varphi_k(z)=\dfrac{\sqrt{g_k}}{1-\lambda_kz}\displaystyle\prod_{j<k}\frac{z-\bar\lambda_j}{1-\lambda_jz}$ at the nodes;
3. $\det G=\prod_i|b_i|^2\,\prod_{i<j}|\lambda_i-\lambda_j|^2\big/\prod_{i,j}(1-\lambda_i\bar\lambda_j)$;
4. $(G^{-1})_{ij}=\dfrac{\bar d_id_j}{1-\bar\lambda_i\lambda_j}$ with
   $d_j=\dfrac{g_j}{b_j}\displaystyle\prod_{k\ne j}\frac{1-\lambda_j\bar\lambda_k}{\lambda_j-\lambda_k}$;
5. in continuous time, $\operatorname{Re}a_i<0$ and $G_{ij}=-b_i\bar b_j/(a_i+\bar a_j)$, all of this holds with
   $-(a_i+\bar a_j)$ for $1-\lambda_i\bar\lambda_j$ and $a_i-a_j$ for $\lambda_i-\lambda_j$, up to phases of the columns of $L$
   and of $d_j$ common to all $j$;
6. $T$ steps after rest the eigenvalues of $G_T=\sum_{t<T}v_tv_t^*$, $v_t=(b_k\lambda_k^t)$, are the squared singular values of
   the Cauchy-like matrix $b_k(1-\eta\lambda_k^T)/(\sqrt T(1-\omega_s\lambda_k))$, $\omega_s$ the $T$ roots of $\omega^T=\eta$,
   $|\eta|=1$; eliminating row $p$ and column $q$ from a matrix $r_ic_j/(1-\omega_i\lambda_j)$ leaves one of that form.

Taken as given (linear algebra, analysis)
-----------------------------------------
* the factorisation of a positive definite matrix into a lower triangular one and its adjoint is unique up to phases of the
  columns; the determinant is the first pivot times that of the Schur complement; singular values survive a unitary factor;
* the kernel $\sum_k\varphi_k(z)\overline{\varphi_k(w)}=(1-b(z)\overline{b(w)})/(1-z\bar w)$, $b$ the all-pass filter of the
  poles, and the unitary matrix $\begin{pmatrix}A_o&B_o\\C_o&D\end{pmatrix}$ of the cascade with states $\varphi_k$ and
  $b(z)=z\,C_o(I-zA_o)^{-1}B_o+D$ (`proofs/takenaka_malmquist.py`);
* two reachable realisations of the same states differ by the change of coordinates between them; a Stein equation with a stable
  matrix has one solution; a proper rational function with simple poles is determined by its residues; rational identities in
  $\lambda_j$ extend to $\lambda_j=0$.

Stands behind
-------------
`lssm.gramian_factor`, `lssm.GramianFactor`, `lssm.gramian_inverse`, `lssm.gramian_log_determinant`, `lssm.gramian_eigenvalues`,
`lssm.gramian_eigensystem`, `lssm.symbolic.gramian`; derivation: {doc}`/derivations/gramians`
"""

import sympy
from sympy import I, IndexedBase, MatMul, Rational, Sum, prod, sqrt

import lssm

from ._kit import Proof, at, conjugated, letters


def prove() -> Proof:
    """Elimination, nodes, determinant, inverse, continuous time, finite horizon, tie."""
    title = "Gramian of a diagonal system: factor, determinant, inverse"
    return Proof(title, "every N", elimination, nodes, determinant, coordinates, inverse, continuous, horizon, tie)


def elimination(proof: Proof) -> None:
    r"""Elimination of pole $k$, from a matrix whose weights $b_i$ stand for any number of earlier steps.

    $L_{ik}$ is column $k$ of the factor, and $\beta_i=(\lambda_i-\lambda_k)/(1-\lambda_i\bar\lambda_k)$ multiplies $b_i$. After
    all steps nothing is left, since each weight has met its own pole; above the diagonal $L$ is zero for the same reason.
    """
    (li, lib), (lk, lkb), (lj, ljb) = conjugated("lambda_i"), conjugated("lambda_k"), conjugated("lambda_j")
    bi, bj_bar, bk, bk_bar = sympy.symbols("b_i b_j_bar b_k b_k_bar", nonzero=True)
    Lik, Ljk_bar, beta, beta_bar, g = sympy.symbols("L_i_k L_j_k_bar beta_i beta_j_bar g_k")
    G_ij, G_ik, G_kj, G_kk = sympy.symbols("G_i_j G_i_k G_k_j G_k_k", nonzero=True)
    entries = {
        G_ij: bi * bj_bar / (1 - li * ljb),
        G_ik: bi * bk_bar / (1 - li * lkb),
        G_kj: bk * bj_bar / (1 - lk * ljb),
        G_kk: bk * bk_bar / (1 - lk * lkb),
    }
    step = {beta: (li - lk) / (1 - li * lkb), beta_bar: (ljb - lkb) / (1 - lk * ljb)}
    after = bi * beta * bj_bar * beta_bar / (1 - li * ljb)
    proof.equal("Schur complement has the same form", G_ij - G_ik * G_kj / G_kk, after, using=entries | step)
    del entries[G_ij]
    column = {Lik: bi * sqrt(g) / (1 - li * lkb), Ljk_bar: bj_bar * sqrt(g) / (1 - lk * ljb), g: 1 - lk * lkb}
    proof.equal("column k of the factor", Lik * Ljk_bar, G_ik * G_kj / G_kk, using=entries | column)
    proof.equal("a weight that has met its pole", at((li - lj) / (1 - li * ljb), {lj: li, ljb: lib}), 0)


def nodes(proof: Proof) -> None:
    r"""Factors of $\overline{\varphi_k(w)}$ at the node $w=\bar\lambda_i$, $\bar w=\lambda_i$: they are those of $L_{ik}$."""
    (li, _), (_, lkb), (lj, ljb) = conjugated("lambda_i"), conjugated("lambda_k"), conjugated("lambda_j")
    wb, g = sympy.symbols("w_bar g_k", positive=True)
    proof.equal("leading factor", at(sqrt(g) / (1 - lkb * wb), {wb: li}), sqrt(g) / (1 - li * lkb))
    proof.equal("all-pass factors", at((wb - lj) / (1 - ljb * wb), {wb: li}), (li - lj) / (1 - li * ljb))


def determinant(proof: Proof) -> None:
    r"""Determinant, from $N-1$ poles to $N$: pivot $G_{kk}$, times the formula for the others with weights $\beta_ib_i$.

    Pole $k$ brings to the formula $|b_k|^2/(1-|\lambda_k|^2)$, which is $G_{kk}$, and for each other pole $i$ the factor below.
    For $N=1$ the formula is $G_{11}$.
    """
    (li, lib), (lk, lkb) = conjugated("lambda_i"), conjugated("lambda_k")
    beta, beta_bar = conjugated("beta_i")
    brought = (li - lk) * (lib - lkb) / ((1 - li * lkb) * (1 - lk * lib))
    step = {beta: (li - lk) / (1 - li * lkb), beta_bar: (lib - lkb) / (1 - lib * lk)}
    proof.equal("what pole k brings with pole i", brought, beta * beta_bar, using=step)
    l, lb, b, bb = (IndexedBase(name) for name in ("lambda", "lambda_bar", "b", "b_bar"))
    G = sympy.Matrix(2, 2, lambda i, j: b[i + 1] * bb[j + 1] / (1 - l[i + 1] * lb[j + 1]))
    weights, below = b[1] * bb[1] * b[2] * bb[2], prod(1 - l[i] * lb[j] for i in (1, 2) for j in (1, 2))
    formula = weights * (l[1] - l[2]) * (lb[1] - lb[2]) / below
    proof.equal("the formula itself", sympy.Determinant(G), formula, only="N = 2")


def coordinates(proof: Proof) -> None:
    r"""Coordinates: $x=Lx_o$, as state $i$ has the response $b_i/(1-\lambda_iz)=\sum_kL_{ik}\varphi_k(z)$.

    That is the kernel at $w=\bar\lambda_i$, times $b_i$; $\bar r$ stands for the other factors of $\overline{b(w)}$. So
    $A_o=L^{-1}\Lambda L$. With $c=C_oL^{-1}$ the first block of the unitary matrix says $G^{-1}-\Lambda^*G^{-1}\Lambda=c^*c$.
    """
    (li, lib), (z, wb) = conjugated("lambda_i"), sympy.symbols("z w_bar")
    b, rest, bi = sympy.symbols("b r_bar b_i")
    b_bar = rest * (wb - li) / (1 - lib * wb)
    proof.equal("state i by the kernel", at(bi * (1 - b * b_bar) / (1 - z * wb), {wb: li}), bi / (1 - li * z))
    A, A_h, C, C_h, c, c_h = letters("A_o A_o_h C_o C_o_h c c_h")
    L, L_h, L_inv, L_inv_h, S, S_h, G_inv = letters("L L_h L_inv L_inv_h Lambda Lambda_h G_inv")
    moved = {A: L_inv * S * L, A_h: L_h * S_h * L_inv_h, C: c * L, C_h: L_h * c_h}
    inverse = {L * L_inv: 1, L_inv_h * L_h: 1, L_inv_h * L_inv: G_inv}
    unitary = L_inv_h * (A_h * A + C_h * C) * L_inv
    proof.equal("its first block", unitary, S_h * G_inv * S + c_h * c, using=moved | inverse)
    proof.equal("which is the identity", unitary, G_inv, using={C_h * C: 1 - A_h * A, L_inv_h * L_inv: G_inv})


def inverse(proof: Proof) -> None:
    r"""Inverse: $c$ from the residues of $b(z)=z\sum_jc_jb_j/(1-\lambda_jz)+D$ at $z=1/\lambda_j$.

    With $r$ the product of the other factors of $b(z)$ there, $c_j=d_j$, and $h_{ij}=\bar c_ic_j/(1-\bar\lambda_i\lambda_j)$
    solves the Stein equation of $G^{-1}$.
    """
    (lj, ljb), (lk, lkb), (_, lib) = conjugated("lambda_j"), conjugated("lambda_k"), conjugated("lambda_i")
    z, c, b, r, ci_bar, h = sympy.symbols("z c_j b_j r c_i_bar h_i_j")
    proof.equal("other factors", at((z - lkb) / (1 - lk * z), {z: 1 / lj}), (1 - lj * lkb) / (lj - lk))
    residue = at(z * c * b, {z: 1 / lj})
    proof.equal("residue", residue, at((z - ljb) * r, {z: 1 / lj}), using={c: (1 - lj * ljb) / b * r})
    proof.equal("Stein equation of G⁻¹", h - lib * h * lj, ci_bar * c, using={h: ci_bar * c / (1 - lib * lj)})
    poles, weights = [conjugated(f"lambda_{i}") for i in (1, 2)], [conjugated(f"b_{i}") for i in (1, 2)]
    G = sympy.Matrix(2, 2, lambda p, q: weights[p][0] * weights[q][1] / (1 - poles[p][0] * poles[q][1]))
    d = [[_cofactor(poles, weights, j, bar) for j in (0, 1)] for bar in (0, 1)]
    H = sympy.Matrix(2, 2, lambda p, q: d[1][p] * d[0][q] / (1 - poles[p][1] * poles[q][0]))
    proof.equal("the inverse itself", MatMul(G, H, evaluate=False), sympy.eye(2), only="N = 2")


def _cofactor(poles: list[tuple[sympy.Symbol, ...]], weights: list[tuple[sympy.Symbol, ...]], j: int, bar: int) -> sympy.Expr:
    """d_j of two poles, or its conjugate."""
    l, lb, other, other_bar = poles[j][bar], poles[j][1 - bar], poles[1 - j][bar], poles[1 - j][1 - bar]
    return (1 - l * lb) / weights[j][bar] * (1 - l * other_bar) / (l - other)


def continuous(proof: Proof) -> None:
    r"""Continuous time: $\lambda=(1+a)/(1-a)$ turns the products of one form into those of the other.

    The factors $1-a_i$ go into the weights, $b_i\sqrt2/(1-a_i)$ for $b_i$, and the phases $(1-\bar a_k)/(1-a_k)$ into the
    columns. $d_k$ takes $(1-a_k)^2/2$, half of it from its weight and half from $1-\bar\lambda_i\lambda_k$, and is left with
    the phase $\prod_j(1-a_j)/(1-\bar a_j)$.
    """
    (ai, _), (ak, akb), (aj, ajb) = conjugated("a_i"), conjugated("a_k"), conjugated("a_j")
    (li, _), (lk, lkb), (lj, ljb) = conjugated("lambda_i"), conjugated("lambda_k"), conjugated("lambda_j")
    cayley = {l: (1 + a) / (1 - a) for l, a in ((li, ai), (lk, ak), (lj, aj), (lkb, akb), (ljb, ajb))}
    two = {key: cayley[key] for key in (li, lj)}
    proof.equal("differences", li - lj, 2 * (ai - aj) / ((1 - ai) * (1 - aj)), using=two)
    pair = {key: cayley[key] for key in (li, ljb)}
    weight = sqrt(2) / (1 - ai) * sqrt(2) / (1 - ajb)
    proof.equal("Gramian", -1 / (ai + ajb), weight / (1 - li * ljb), using=pair)
    step, phase = (ai - ak) / (-(ai + akb)), (1 - akb) / (1 - ak)
    proof.equal("step", (li - lk) / (1 - li * lkb), step * phase, using={key: cayley[key] for key in (li, lk, lkb)})
    own = {key: cayley[key] for key in (lk, lkb)}
    proof.equal("own factor of d", (1 - lk * lkb) * (1 - ak) ** 2 / 2, -(ak + akb) * (1 - ak) / (1 - akb), using=own)
    G_ij, G_ik, G_kj, G_kk = -1 / (ai + ajb), -1 / (ai + akb), -1 / (ak + ajb), -1 / (ak + akb)
    after = step * (ajb - akb) / (-(ak + ajb)) * G_ij
    proof.equal("Schur complement in continuous time", G_ij - G_ik * G_kj / G_kk, after)


def horizon(proof: Proof) -> None:
    r"""$T$ steps after rest: $F_{st}=\omega_s^t/\sqrt T$ is unitary, and makes $\sum_{t<T}(\omega\lambda)^t$ of a column.

    These sums are $(1-(\omega\lambda)^T)/(1-\omega\lambda)$. $\rho\neq1$ is the ratio of the terms of an entry off the diagonal
    of $F^*F$, $\rho^T=1$.
    """
    w, l, rho, eta = sympy.symbols("omega lambda rho eta")
    t, T = sympy.Symbol("t", integer=True), sympy.Symbol("T", integer=True, positive=True)
    total = (1 - (w * l) ** T) / (1 - w * l)
    proof.equal("Fourier sum, T = 1", Sum((w * l) ** t, (t, 0, 0)), at(total, {T: 1}))
    proof.equal("Fourier sum, T → T+1", total + (w * l) ** T, at(total, {T: T + 1}))
    proof.equal("its numerator belongs to the column", 1 - (w * l) ** T, 1 - eta * l**T, using={w**T: eta})
    proof.equal("unitary", at(total, {w: rho, l: 1}), 0, using={rho**T: 1})
    (wi, wp, lj, lq), (r, c) = sympy.symbols("omega_i omega_p lambda_j lambda_q"), sympy.symbols("r_i c_j")
    rp, cq = sympy.symbols("r_p c_q")
    entry, left, up, pivot = r * c / (1 - wi * lj), r * cq / (1 - wi * lq), rp * c / (1 - wp * lj), rp * cq / (1 - wp * lq)
    row, column = r * (wi - wp) / (1 - wi * lq), c * (lj - lq) / (1 - wp * lj)
    proof.equal("elimination in a Cauchy matrix", entry - left * up / pivot, row * column / (1 - wi * lj))


def tie(proof: Proof) -> None:
    """Library against exact arithmetic at Gaussian-rational poles and weights, N = 4; exact eigenvalues at N = 2."""
    poles, weights = [Rational(1, 2), Rational(3, 4), Rational(-1, 4) + I / 2, Rational(-1, 4) - I / 2], [1, 2, 1 + I, 1 - I]
    G = lssm.symbolic.gramian(poles, weights)
    ours, numbers = lssm.Poles.from_discrete([complex(p) for p in poles]), [complex(w) for w in weights]
    factor = lssm.gramian_factor(ours, weights=numbers).gramian
    found, exact = lssm.gramian_inverse(ours, weights=numbers), G.inv().applyfunc(sympy.expand_complex)
    for i, j in ((0, 0), (0, 1), (2, 3), (3, 1)):
        for name, value, entry in (("factor", factor[i, j], G[i, j]), ("inverse", found[i, j], exact[i, j])):
            re, im = sympy.expand_complex(entry).as_real_imag()
            proof.close(f"{name} [{i},{j}], real part", value.real, re, ulps=256)
            if im:
                proof.close(f"{name} [{i},{j}], imaginary part", value.imag, im, ulps=256)
    logarithm = sympy.log(sympy.simplify(G.det()))
    proof.close("log det", lssm.gramian_log_determinant(ours, weights=numbers), logarithm, ulps=64)
    for name, steps, ulps in (("", None, 8), (" after 3 steps", 3, 32)):
        values = lssm.gramian_eigenvalues(lssm.Poles.from_discrete([0.5, -0.5]), horizon=steps)
        small, large = sorted(lssm.symbolic.gramian(["1/2", "-1/2"], horizon=steps).eigenvals())
        proof.close(f"larger eigenvalue{name}", values[0], large, ulps=ulps)
        proof.close(f"smaller eigenvalue{name}", values[1], small, ulps=ulps)
