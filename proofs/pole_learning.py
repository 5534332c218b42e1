r"""Learning the poles: gradient and Hessian of the loss, stationarity as interpolation.

Statement
---------
Let $\lambda_1,\dots,\lambda_N$ lie inside the unit circle, $b$ their all-pass filter, $b_{[k]}$ the filter without pole $k$,
$g_k=1-|\lambda_k|^2$, $p_k=1/(1-\lambda_kz)$, $q_k=1/(z-\bar\lambda_k)$, $P$ the projector onto what the poles remember, $m$ a
teacher, $\langle f,h\rangle=\sum_\tau f_\tau\bar h_\tau$, $r=P_+(\bar b\,m)$, $L=\|m\|^2-\langle Pm,m\rangle$,
$\hat c_k=\langle m,bp_k\rangle$, $\hat d_k=\langle m,bq_k\rangle$, and $\partial_k=\partial/\partial\lambda_k$,
$\bar\partial_k=\partial/\partial\bar\lambda_k$. Then

1. $\hat c_k=r(\bar\lambda_k)$ and $\partial_kL=-\bar{\hat c}_k\hat d_k$;
2. with divided differences $E_{jk}=r[\bar\lambda_j,\bar\lambda_k]=\langle m,zp_jp_kb\rangle$ (of equal poles: derivatives), for
   $j\ne k$

   $$
   \partial_j\partial_kL = -\bar E_{jk}\hat d_k+\bar{\hat c}_kF_{jk}, \qquad
   \partial_k^2L = -2\,\overline{r'(\bar\lambda_k)}\,\hat d_k, \qquad
   \bar\partial_j\partial_kL = \bar Q_{jk}\hat d_k-\bar{\hat c}_kK_{jk} ,
   $$

   the last for $j=k$ too, where
   $F_{jk}=\langle m,bq_jq_k\rangle=(\langle m,b_{[k]}q_j\rangle+\bar\lambda_k\hat d_k)/(1-\lambda_j\bar\lambda_k)$,
   $Q_{jk}=\langle m,bq_jp_k\rangle=(\hat d_j+\bar\lambda_k\hat c_k)/(1-\lambda_j\bar\lambda_k)$ and
   $K_{jk}=\langle m,zbp_jq_k\rangle=(\hat c_j+\lambda_k\hat d_k)/(1-\bar\lambda_j\lambda_k)$;
3. with a given readout, $h=\sum_kw_kp_k$, $e=m-h$ and $L=\|e\|^2$: $\partial L/\partial\bar w_k=-e(\bar\lambda_k)$ and
   $\partial_kL=-w_k\overline{e'(\bar\lambda_k)}$, and
   $\bar\partial_j\partial_kL=\bar w_jw_k(1+\lambda_k\bar\lambda_j)/(1-\lambda_k\bar\lambda_j)^3$;
4. so for fixed distinct poles the readout is best iff $h$ interpolates the teacher, $h(\bar\lambda_k)=m(\bar\lambda_k)$ for all
   $k$: the first half of the conditions. Then $e=br$ and $w_k=\hat d_kg_k/\overline{b_{[k]}(\bar\lambda_k)}$, and $L$ is
   stationary in the poles iff for each $k$ also $h'(\bar\lambda_k)=m'(\bar\lambda_k)$, or $w_k=0$: the second half (Meier and
   Luenberger);
5. at a double pole the two derivatives are equal, and vanish together whatever the derivative in the product of the poles is;
6. of $m(z)=C(I-zA)^{-1}B$ the pencil of divided differences of $m$ and of $zm$ at the $\bar\lambda_k$ is $(W^*AV,W^*V)$, with
   columns $(I-\bar\lambda_kA)^{-1}B$ of $V$ and rows $C(I-\bar\lambda_jA)^{-1}$ of $W^*$.

Taken as given (analysis)
-------------------------
* $\partial P/\partial\lambda_k=(bp_k)(bq_k)^*$ (`proofs/memory_gradient.py`), and $bq_k$ lies in the range of $P$;
* $\langle f,1/(1-\lambda z)\rangle=f(\bar\lambda)$, hence $\langle f,zp_k^2\rangle=f'(\bar\lambda_k)$;
  $\langle m,bf\rangle=\langle r,f\rangle$ for $f$ analytic in a neighbourhood of the closed disk;
  $\langle f,\lambda h\rangle=\bar\lambda\langle f,h\rangle$, and derivatives may be taken inside;
* $m=Pm+b\,r$; for distinct poles the $p_k$ are a basis of the range of $P$, and $b_{[k]}(\bar\lambda_k)\ne0$;
* a convex quadratic function of the readout is least where its derivative vanishes;
* a symmetric function of two numbers is one of their sum and product.

Stands behind
-------------
`lssm.dynamics.pole_loss`, `lssm.dynamics.PoleLoss`, `lssm.dynamics.pole_flow`, `lssm.dynamics.PoleFlow`,
`lssm.dynamics.h2_optimal`, `lssm.dynamics.H2Reduction`; derivation: {doc}`/derivations/learning`
"""

import sympy
from sympy import Derivative, I, Rational

import lssm
from lssm.dynamics import Teacher, h2_optimal, pole_loss, teachers

from ._kit import Proof, at, conjugated, letters

(LJ, LJB), (LK, LKB) = conjugated("lambda_j"), conjugated("lambda_k")
z, R, b, pj, pk, qj, qk, rest = sympy.symbols("z R b p_j p_k q_j q_k b_k")
LETTERS = {
    b: R * (z - LJB) * (z - LKB) / ((1 - LJ * z) * (1 - LK * z)),
    rest: R * (z - LJB) / (1 - LJ * z),
    pj: 1 / (1 - LJ * z),
    pk: 1 / (1 - LK * z),
    qj: 1 / (z - LJB),
    qk: 1 / (z - LKB),
}
TEACHER = {Rational(3, 4): 1, Rational(-1, 2): 2}  # residues of modes


def prove() -> Proof:
    """Gradient, Hessian, given readout, interpolation, double poles, pencil, tie."""
    return Proof(
        "Learning poles: gradient, Hessian, interpolation conditions",
        "every N",
        gradient,
        derivatives,
        hessian,
        relations,
        given_readout,
        interpolation,
        best_readout,
        double_pole,
        pencil,
        tie,
        tie_reduction,
    )


def gradient(proof: Proof) -> None:
    r"""The gradient, from $P_k=\partial_kP=fh^*$ with $f=bp_k$, $h=bq_k$: $m^*f=\bar{\hat c}$ and $h^*m=\hat d$."""
    m, m_h, f, h_h, change = letters("m m_h f h_h P_k")
    c, d = sympy.symbols("c_hat_bar d_hat")
    proof.equal("∂L", -m_h * change * m, -c * d, using={change: f * h_h, m_h * f: c, h_h * m: d})


def derivatives(proof: Proof) -> None:
    r"""How $bp_k$ and $bq_k$ depend on the poles; $R$ are the factors of $b$ without poles $j$ and $k$."""
    moved, stood = _meant(b * pk), _meant(b * qk)
    for name, f, pole, expected in (
        ("∂_j(b p_k)", moved, LJ, z * pj * pk * b),
        ("∂̄_j(b q_k)", stood, LJB, -b * qj * qk),
        ("∂̄_j(b p_k)", moved, LJB, -b * qj * pk),
        ("∂_j(b q_k)", stood, LJ, z * b * pj * qk),
        ("∂_k(b p_k)", moved, LK, 2 * z * pk**2 * b),
        ("∂̄_k(b q_k)", stood, LKB, sympy.Integer(0)),
        ("∂̄_k(b p_k)", moved, LKB, -b * qk * pk),
        ("∂_k(b q_k)", stood, LK, z * b * pk * qk),
    ):
        proof.equal(name, Derivative(f, pole), expected, using=_meaning(expected))


def hessian(proof: Proof) -> None:
    r"""The Hessian, from $\partial_kL=-c\,d$ with $c=\bar{\hat c}_k$ and $d=\hat d_k$.

    Derivatives of $c=\langle bp_k,m\rangle$ are those of $bp_k$, derivatives of $d=\langle m,bq_k\rangle$ those of $bq_k$ by the
    conjugate; $r_1=r'(\bar\lambda_k)$.
    """
    c, d = map(sympy.Function, ("c", "d"))
    Eb, F, Qb, K, r1 = sympy.symbols("E_j_k_bar F_j_k Q_j_k_bar K_j_k r_1_bar")
    for name, pole, dc, dd in (
        ("∂_j∂_kL", LJ, Eb, -F),
        ("∂_k²L", LK, 2 * r1, sympy.Integer(0)),
        ("∂̄_j∂_kL", LJB, -Qb, K),
    ):
        cc, dk = c(pole), d(pole)
        known = {Derivative(cc, pole): dc, Derivative(dk, pole): dd}
        proof.equal(name, Derivative(-cc * dk, pole), -dc * dk - cc * dd, using=known)


def relations(proof: Proof) -> None:
    r"""Products of two fractions as sums: $E$, $F$, $Q$ and $K$ from what the gradient already has; $b_k=b_{[k]}$."""
    proof.equal("b q_k", b * qk, rest * pk, using=_meaning(b * qk + rest * pk))
    fractions = {letter: LETTERS[letter] for letter in (pj, pk, qj, qk)}
    proof.equal("E", z * pj * pk, (pj - pk) / (LJ - LK), using=fractions)
    proof.equal("F", b * qj * qk, (rest * qj + LK * b * qk) / (1 - LK * LJB), using={rest: b * qk / pk} | fractions)
    proof.equal("Q", b * qj * pk, (b * qj + LK * b * pk) / (1 - LK * LJB), using=fractions)
    proof.equal("K", z * b * pj * qk, (b * pj + LKB * b * qk) / (1 - LJ * LKB), using=fractions)


def given_readout(proof: Proof) -> None:
    r"""Given readout, one delay $t$ of the loss $\sum_te_t\bar e_t$.

    There $e=e_t$ and $n$ is the teacher less all other modes. To be summed: $e(\bar\lambda)=\sum_te_t\bar\lambda^t$,
    $\overline{e'(\bar\lambda)}=\sum_tt\bar e_t\lambda^{t-1}$, and with $x=\lambda_k\bar\lambda_j$ the last sum, a derivative of
    $\sum_tx^t=1/(1-x)$.
    """
    (wj, wjb), (wk, wkb), (n, nb), (e, eb) = map(conjugated, ("w_j", "w_k", "n", "e"))
    t, x = sympy.Symbol("t", integer=True, positive=True), sympy.Symbol("x")
    known = {e: n - wj * LJ**t - wk * LK**t, eb: nb - wjb * LJB**t - wkb * LKB**t}
    loss = known[e] * known[eb]
    proof.equal("∂/∂w̄_k", Derivative(loss, wkb), -e * LKB**t, using={e: known[e]})
    proof.equal("∂/∂λ_k", Derivative(loss, LK), -wk * t * eb * LK ** (t - 1), using={eb: known[eb]})
    proof.equal("∂̄_j∂_k", Derivative(loss, LK, LJB), wjb * wk * t**2 * LK ** (t - 1) * LJB ** (t - 1))
    own = wkb * wk * t**2 * LK ** (t - 1) * LKB ** (t - 1)
    proof.equal("∂̄_k∂_k", Derivative(loss, LK, LKB), own)
    proof.equal("Σ t² x^(t-1)", Derivative(x * Derivative(1 / (1 - x), x), x), (1 + x) / (1 - x) ** 3)


def interpolation(proof: Proof) -> None:
    r"""The error $e=b\,r$ at $\bar\lambda$ of one pole, and its slope; $f=b_{[k]}$."""
    l, lb = conjugated("lambda")
    f, r = (sympy.Function(name) for name in ("f", "r"))
    error = (z - lb) / (1 - l * z) * f(z) * r(z)
    proof.equal("e(λ̄)", at(error, {z: lb}), 0)
    proof.equal("e'(λ̄)", at(Derivative(error, z), {z: lb}), f(lb) * r(lb) / (1 - l * lb))


def best_readout(proof: Proof) -> None:
    r"""Best readout.

    $\hat d_k=\langle Pm,bq_k\rangle=\sum_jw_j\overline{(bq_k)(\bar\lambda_j)}$ has one term, since $bq_k=b_{[k]}p_k$ vanishes at
    the other $\bar\lambda_j$. With $f=b_{[k]}(\bar\lambda_k)$, $\hat c_k=r(\bar\lambda_k)$ and the slope
    $e_1=e'(\bar\lambda_k)=fr/g_k$, the gradient is that of the given readout: zero iff $e_1=0$ or $w=0$.
    """
    others = sympy.Function("f")
    fb, g, w, c, d, e1 = sympy.symbols("f_bar g w c_hat_bar d_hat e_1_bar")
    value = others(z) * (z - LJB) / (1 - LJ * z) / (1 - LK * z)
    proof.equal("(b q_k)(λ̄_j)", at(value, {z: LJB}), 0)
    proof.equal("(b q_k)(λ̄_k)", at(others(z) / (1 - LK * z), {z: LKB}), others(LKB) / (1 - LK * LKB))
    dual = {d: w * fb / g}
    proof.equal("w_k", w, d * g / fb, using=dual)
    proof.equal("∂_kL is -w_k times the slope", -c * d, -w * e1, using=dual | {e1: fb * c / g})


def double_pole(proof: Proof) -> None:
    r"""A double pole.

    A symmetric loss is a function $f$ of the sum $s$ and the product $p$ of two poles; at a double pole $\lambda$ its slopes are
    $s_1$ and $p_1$. Both derivatives vanish where $s_1=-\lambda p_1$, for any $p_1$.
    """
    l, k, s1, p1 = sympy.symbols("lambda mu s_1 p_1")
    loss = sympy.Function("f")(l + k, l * k)
    proof.equal("equal derivatives", at(Derivative(loss, l), {k: l}), at(Derivative(loss, k), {k: l}))
    linear = s1 * (l + k) + p1 * l * k
    proof.equal("their value", at(Derivative(linear, l), {k: l}), s1 + l * p1)
    proof.equal("vanish together", at(Derivative(linear, k), {k: l}), 0, using={s1: -l * p1})


def pencil(proof: Proof) -> None:
    r"""Resolvents $X=(I-xA)^{-1}$ and $Y=(I-yA)^{-1}$, matrices of any size, of $m(x)=CXB$ and $m(y)=CYB$."""
    A, B, C, X, X_inv, Y, Y_inv = letters("A B C X X_inv Y Y_inv")
    x, y = sympy.symbols("x y")
    inverses = {X * X_inv: 1, Y_inv * Y: 1}
    moved = {X_inv: 1 - x * A, Y_inv: 1 - y * A}
    proof.equal("(x-y)A", (x - y) * A, Y_inv - X_inv, using=moved)
    proof.equal("of m", C * X * (Y_inv - X_inv) * Y * B, C * X * B - C * Y * B, using=inverses)
    proof.equal("x-y", x * Y_inv - y * X_inv, x - y, using=moved)
    proof.equal("of z m", C * X * (x * Y_inv - y * X_inv) * Y * B, x * C * X * B - y * C * Y * B, using=inverses)


def _meaning(expression: sympy.Expr) -> dict[sympy.Symbol, sympy.Expr]:
    """What the letters in an expression stand for."""
    return {letter: value for letter, value in LETTERS.items() if expression.has(letter)}


def _meant(expression: sympy.Expr) -> sympy.Expr:
    return expression.subs(_meaning(expression))


def tie(proof: Proof) -> None:
    """Library against exact differentiation at Gaussian-rational poles, N = 2, teacher of two modes."""
    (a, ab), (c, cb) = conjugated("lambda_0"), conjugated("lambda_1")
    here = {a: Rational(1, 2) + I / 4, ab: Rational(1, 2) - I / 4, c: Rational(-1, 4), cb: Rational(-1, 4)}
    G = sympy.Matrix(2, 2, lambda i, j: 1 / (1 - (a, c)[i] * (ab, cb)[j]))
    q, q_bar = (sympy.Matrix([sum(r / (1 - p * l) for p, r in TEACHER.items()) for l in poles]) for poles in ((a, c), (ab, cb)))
    energy = sum(r * s / (1 - p * o) for p, r in TEACHER.items() for o, s in TEACHER.items())
    loss = energy - (q_bar.T * G.adjugate() * q)[0] / G.det()
    found = pole_loss(lssm.Poles.from_discrete([complex(here[a]), complex(here[c])]), _teacher(), hessian=True)
    assert found.hessian is not None and found.mixed is not None
    proof.close("loss", found.value, sympy.expand_complex(sympy.together(loss.subs(here))), ulps=1024)
    for name, ours, by in (
        ("∂_0L", found.gradient[0], (a,)),
        ("∂_1L", found.gradient[1], (c,)),
        ("∂_0²L", found.hessian[0, 0], (a, a)),
        ("∂_0∂_1L", found.hessian[0, 1], (a, c)),
        ("∂̄_0∂_1L", found.mixed[0, 1], (ab, c)),
        ("∂̄_0∂_0L", found.mixed[0, 0], (ab, a)),
    ):
        exact = sympy.expand_complex(sympy.together(sympy.diff(loss, *by).subs(here)))
        proof.close(f"Re {name}", ours.real, sympy.re(exact), ulps=8192)
        if sympy.im(exact) != 0:
            proof.close(f"Im {name}", ours.imag, sympy.im(exact), ulps=8192)


def tie_reduction(proof: Proof) -> None:
    """The best two poles for a teacher of two modes are its own."""
    best = h2_optimal(_teacher(), 2)
    for place, mode in enumerate(TEACHER):
        proof.close(f"best poles of order 2: {mode}", best.poles.values[place].real, mode, ulps=64)


def _teacher() -> Teacher:
    return teachers.rational([float(p) for p in TEACHER], [float(r) for r in TEACHER.values()])
