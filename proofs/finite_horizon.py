r"""Memory after T steps from rest: leverage scores, their sum, and why the delayed cascade spans the right space.

Statement
---------
Let $x_t=Ax_{t-1}+Bu_t$ start from rest, $(A,B)$ reachable with one white input $u$ of variance 1 and the poles
$\lambda_1,\dots,\lambda_N$, repeats allowed, $T\ge N$, $v_\tau=A^\tau B$, $V=(v_0\,\cdots\,v_{T-1})$ and
$G_T=\sum_{\tau<T}v_\tau v_\tau^*=VV^*$. With $D_k(z)=\prod_{j\le k}(1-\lambda_jz)$ let $\mathcal S_k$ be the space of the first
$T$ coefficients of $p/D_k$, $\deg p<k$, with $\langle f,h\rangle=\sum_{t<T}f_t\bar h_t$.

1. For $0\le\tau<T$ the least error of a readout, $\min_w\mathrm E|u_{t-\tau}-w^*x_t|^2$, after $T$ steps is $1-M_T(\tau)$
   with $M_T(\tau)=v_\tau^*G_T^{-1}v_\tau$; that is entry $(\tau,\tau)$ of the projector of $\mathbb C^T$ onto $\mathcal S_N$:
   $\sum_k|q_k(\tau)|^2$ for any orthonormal basis $q_1,\dots,q_N$, the leverage scores of the columns $\lambda_k^\tau$, with
   sum $N$ and $0\le M_T\le1$.
2. $M_{T+1}(\tau)\le M_T(\tau)$; for stable poles $M\le M_T\le M/(1-r_T)$, where $M$ is the memory of an infinite past and
   $r_T=\sum_{\tau\ge T}M(\tau)$, if $r_T<1$.
3. The poles $1/\lambda_k$, none of the $\lambda_k$ zero, have the memory $M_T(T-1-\tau)$.
4. Delayed cascade: if $q\in\mathcal S_k$, $y_0=0$ and $y_t=\lambda_{k+1}y_{t-1}+q_{t-1}$, then $y\in\mathcal S_{k+1}$.
5. If moreover $|\lambda_j|\le1$ for all $j$, equal poles *on* the circle are neighbours, $k<N$, and $q$ is orthogonal to
   $\mathcal S_{k-1}$ and not zero, then $y\notin\mathcal S_k$: orthogonalised against $\mathcal S_k$ and normalised it is the
   next direction, and the cascade never stalls.

Without that order it can: the poles $1,-1,1$ with $T=4$ do.

*Proof of 5.* Suppose $y\in\mathcal S_k$. Since $y_0=0$, $y=Zr$ with $r$ the coefficients of $p/D_k$, $\deg p\le k-2$, and $Z$
the shift by one step, cut at $T$. The recursion says $q=r-\lambda_{k+1}Zr$ on the first $T-1\ge k$ entries, hence everywhere,
both sides lying in $\mathcal S_k$. For $k=1$ this is $q=0$. Otherwise $s=r-\lambda_kZr$ belongs to $p/D_{k-1}$, so
$s\in\mathcal S_{k-1}$ and $\langle q,s\rangle=0$: $E=0$ in the letters of the part "One equation". For $|a|\ne|c|$ and for
$a=c$ the part "Impossible" turns it into $|x|>1$, or into equality in the Cauchy–Schwarz inequality with $\zeta=1$ and
$Zr=\kappa r$, $\kappa\ne0$, which the first entry of $Zr$, zero, forbids unless $r=0$. There remain $a\ne c$, both on the
circle. Then $\zeta=1$, nothing is cut off, and $q=(1-\lambda_{k+1}z)r$, $s=(1-\lambda_kz)r$ as polynomials. Orthogonality to
$\mathcal S_{k-1}$ is vanishing at $\bar\lambda_j$, $j<k$; $q$ does, $1-\lambda_{k+1}z$ does not ("Apart": equal poles on the
circle are neighbours), so $r$ and $s$ do. So $s\in\mathcal S_{k-1}$ is orthogonal to it: $s=0$, $r=0$ and $q=0$.

Taken as given (linear algebra)
-------------------------------
* $(c^{\mathsf T}v_t)_{t<T}$ are the coefficients of $c^{\mathsf T}(I-zA)^{-1}B=p/D_N$, and $c\mapsto p$ is one to one and onto
  for a reachable pair, so that $\mathcal S_N$ is the conjugate of the range of $V^*$, of dimension $N$ if $T\ge N$; conjugation
  keeps the diagonal of a projector;
* a projector's entries do not depend on the orthonormal basis, its trace is its rank, its diagonal lies in $[0,1]$;
* an element of $\mathcal S_k$, $k\le T$, whose first $k$ entries vanish is zero; the inner product of a polynomial with
  $(\lambda_j^t)_t$ is its value at $\bar\lambda_j$, and with the chain of a repeated pole its derivatives there;
* inverting reverses the order of positive definite matrices; $\lVert X\rVert\le\lVert X\rVert_F$; there are
  coordinates with $A_oA_o^*+B_oB_o^*=I$ (`proofs/takenaka_malmquist.py`), and in those of any system $M$ and $M_T$ are the same;
* the Cauchy–Schwarz inequality and its case of equality; the triangle inequality $|u-v|\ge\bigl||u|-|v|\bigr|$.

Stands behind
-------------
`lssm.memory_function`, `lssm.symbolic.memory_function`; derivation: {doc}`/derivations/finite_horizon`
"""

import sympy
from sympy import I, MatMul, Rational

import lssm

from ._kit import Proof, at, coefficient, conjugated, letters


def prove() -> Proof:
    """Readout, projector, horizons, time reversal, span, the equation of a stall, its impossibility, tie."""
    title = "Finite horizon: leverage scores and the delayed cascade"
    return Proof(title, "every N", readout, projector, horizons, reversal, span, equation, impossible, apart, order, tie)


def readout(proof: Proof) -> None:
    r"""Best readout: $\mathrm E|u_{t-\tau}-w^*x_t|^2=1-w^*v-v^*w+w^*Gw$, $v=v_\tau$, $G=G_T$, least at $w=G^{-1}v$."""
    v, v_h, w, w_h, G, G_inv = letters("v v_h w w_h G G_inv")
    error = 1 - w_h * v - v_h * w + w_h * G * w
    square = (w_h - v_h * G_inv) * G * (w - G_inv * v)
    proof.equal("its error", error, square + 1 - v_h * G_inv * v, using={G * G_inv: 1, G_inv * G: 1})


def projector(proof: Proof) -> None:
    r"""Projector onto the range of $V^*$: $P=V^*G^{-1}V$, $G=VV^*$, Hermitian by its form.

    Its entry $(\tau,\tau)$ is $v_\tau^*G^{-1}v_\tau$, since $v_\tau$ is column $\tau$ of $V$.
    """
    V, V_h, G, G_inv, P = letters("V V_h G G_inv P")
    given = {P: V_h * G_inv * V, V * V_h: G, G * G_inv: 1, G_inv * G: 1}
    proof.equal("P² = P", P * P, P, using=given)
    proof.equal("P keeps the range", P * V_h, V_h, using=given)


def horizons(proof: Proof) -> None:
    r"""Horizons: with $w=v_T$ and $m=w^*G_T^{-1}w\ge0$, $M_{T+1}(\tau)$ is $M_T(\tau)$ less $|w^*G_T^{-1}v_\tau|^2/(1+m)$.

    In the coordinates with $A_oA_o^*+B_oB_o^*=I$ and $X=A_o^T$, $G_T=I-XX^*$, by induction on $T$. An infinite past is $X=0$:
    there $M(\tau)=\lVert v_\tau\rVert^2$, and $XX^*$, what $G_T$ lacks, has the trace $r_T$. So $(1-r_T)I\le G_T\le I$.
    """
    w, w_h, G, G_inv = letters("w w_h G G_inv")
    m = sympy.Symbol("m", nonnegative=True)
    after = G_inv - G_inv * w * w_h * G_inv / (1 + m)
    proof.equal("its inverse", (G + w * w_h) * after, 1, using={G * G_inv: 1, w_h * G_inv * w: m})
    A, A_h, B, B_h, X, X_h = letters("A_o A_o_h B_o B_o_h X X_h")
    proof.equal("G_T, T → T+1", 1 - X * X_h + X * B * B_h * X_h, 1 - X * A * A_h * X_h, using={B * B_h: 1 - A * A_h})
    proof.equal("G_T, T = 0", at(1 - X * X_h, {X: 1, X_h: 1}), 0)


def reversal(proof: Proof) -> None:
    r"""Time reversal: $\lambda^t$ backwards is a multiple of $\mu^t$, $\mu=1/\lambda$.

    Derivatives by $\lambda$ of both sides say it of the chains of a repeated pole.
    """
    (l, mu), (t, T) = sympy.symbols("lambda mu", nonzero=True), sympy.symbols("t T", integer=True)
    proof.equal("λ^t backwards", at(l**t, {t: T - 1 - t}), l ** (T - 1) * mu**t, using={mu: 1 / l})


def span(proof: Proof) -> None:
    r"""Span: with $q=p/D$ and $\lambda=\lambda_{k+1}$ the recursion is $(1-\lambda z)y=zq$, so $y=zp/((1-\lambda z)D)$."""
    l, z = sympy.symbols("lambda z")
    q, y_0, y_1, y, p, D = sympy.symbols("q_0 y_0 y_1 y p D")
    recursion = {y_1: l * y_0 + q}
    proof.equal("coefficients", coefficient((1 - l * z) * (y_0 + y_1 * z), z, 1), coefficient(z * q, z, 1), using=recursion)
    proof.equal("generating functions", (1 - l * z) * y, z * p / D, using={y: z * p / ((1 - l * z) * D)})


def equation(proof: Proof) -> None:
    r"""One equation, for $q=r-\lambda y$, $s=r-\mu y$ with $y=Zr$, $\lambda=\lambda_{k+1}$, $\mu=\lambda_k$.

    With $R=\lVert r\rVert^2$, $\lVert y\rVert^2=\zeta^2R$, $\langle r,y\rangle=y^*r=\zeta xR$, where $\zeta\le1$ since $Z$ cuts
    off and $|x|\le1$, it is $\langle q,s\rangle=RE$, $E=1+c\bar a-\bar ax-c\bar x$ for $a=\zeta\mu$, $c=\zeta\lambda$.
    """
    r, r_h, y, y_h = letters("r r_h y y_h")
    (l, _), (_, mb), (x, xb) = conjugated("lambda"), conjugated("mu"), conjugated("x")
    ab, c, R, zeta = sympy.symbols("a_bar c R zeta")
    products = {r_h * r: R, y_h * y: zeta**2 * R, y_h * r: zeta * x * R, r_h * y: zeta * xb * R}
    E = 1 + c * ab - ab * x - c * xb
    proof.equal("⟨q, s⟩ = R E", (r_h - mb * y_h) * (r - l * y), R * E, using=products | {ab: zeta * mb, c: zeta * l})


def impossible(proof: Proof) -> None:
    r"""Impossible: $E=0$ with $|a|,|c|,|x|\le1$, unless $a\ne c$ are on the circle.

    Eliminating $\bar x$ leaves $x(|a|^2-|c|^2)$, at least $|\alpha(1-\gamma^2)-\gamma(1-\alpha^2)|$ in size, $\alpha=|a|$,
    $\gamma=|c|$: $|x|$ is at least $(1+\alpha\gamma)/(\alpha+\gamma)\ge1$. If $\alpha=\gamma<1$ then $a=c$, and
    $2\alpha\ge2\operatorname{Re}\bar ax=1+\alpha^2$.
    """
    (a, ab), (c, cb), (x, xb) = conjugated("a"), conjugated("c"), conjugated("x")
    E, E_bar = 1 + c * ab - ab * x - c * xb, 1 + cb * a - a * xb - cb * x
    rest = a * (1 - c * cb) - c * (1 - a * ab)
    proof.equal("x̄ eliminated", a * E - c * E_bar, rest - x * (a * ab - c * cb))
    p, q = sympy.symbols("alpha gamma", positive=True)
    proof.equal("least size of x (|a|²-|c|²)", p * (1 - q**2) - q * (1 - p**2), (p - q) * (1 + p * q))
    proof.equal("it exceeds |a|²-|c|²", (1 + p * q) - (p + q), (1 - p) * (1 - q))
    proof.equal("equal moduli: what is left", a * E - c * E_bar, (a - c) * (1 - p**2), using={c * cb: p**2, a * ab: p**2})
    proof.equal("E for a = c", at(E, {c: a}), 1 + p**2 - (ab * x + a * xb), using={a * ab: p**2})
    proof.equal("is at least", 1 + p**2 - 2 * p, (1 - p) ** 2)


def apart(proof: Proof) -> None:
    r"""Apart: $1-\lambda z$ at $z=\bar\mu$, $|\lambda|,|\mu|\le1$, vanishes only if $\lambda=\mu$ is on the circle."""
    (l, lb), (m, mb) = conjugated("lambda"), conjugated("mu")
    distance = (l - m) * (lb - mb)
    proof.equal("squared size", (1 - l * mb) * (1 - lb * m), distance + (1 - l * lb) * (1 - m * mb))


def order(proof: Proof) -> None:
    r"""Order: the poles $1,-1,1$ with $T=4$. The matrices are the delayed filters of $-1$ and of $1$.

    From $\frac12(1,1,1,1)$ the first makes $-\frac12(1,-1,1,-1)$ and a rest in $\mathcal S_1$, from that the second nothing new.
    """
    one, two = sympy.Matrix([1, 1, 1, 1]) / 2, sympy.Matrix([1, -1, 1, -1]) / 2
    minus, plus = (sympy.Matrix(4, 4, lambda t, s, p=pole: p ** (t - 1 - s) if s < t else 0) for pole in (-1, 1))
    proof.equal("second direction", MatMul(minus, one, evaluate=False), (one - two) / 2, only="T = 4")
    proof.equal("third direction", MatMul(plus, two, evaluate=False), (one - two) / 2, only="T = 4")
    proof.equal("first and second are orthogonal", MatMul(one.T, two, evaluate=False), sympy.zeros(1, 1), only="T = 4")


def tie(proof: Proof) -> None:
    """Library against exact leverage scores: poles 1/2 twice, -3/4, 0 with T = 7, and two complex ones with T = 4."""
    T, half = 7, Rational(1, 2)
    V = sympy.Matrix([[half**t, t * half ** (t - 1) if t else 0, (-Rational(3, 4)) ** t, int(t == 0)] for t in range(T)])
    exact = (V * (V.T * V).inv() * V.T).diagonal()
    memory = lssm.memory_function(lssm.Poles.from_discrete([0.5, 0.5, -0.75, 0.0]), T, horizon=T)
    for tau in range(T):
        proof.close(f"M_T({tau})", memory.values[tau], exact[tau], ulps=64)
    exact = lssm.symbolic.memory_function([(1 + I) / 2, Rational(1, 3)], 4, horizon=4)
    memory = lssm.memory_function(lssm.Poles.from_discrete([0.5 + 0.5j, 1 / 3]), 4, horizon=4)
    for tau in range(4):
        proof.close(f"complex, M_T({tau})", memory.values[tau], exact[tau], ulps=64)
