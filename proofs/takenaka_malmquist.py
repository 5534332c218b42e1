r"""Takenaka–Malmquist functions, the all-pass theorem and its corollaries.

Statement
---------
Let $\lambda_1,\dots,\lambda_N$ lie inside the unit circle, in any order, repeats and zeros allowed, $g_k=1-|\lambda_k|^2$, and

$$
\beta_k(z) = \frac{z-\bar\lambda_k}{1-\lambda_kz}, \qquad B_k = \beta_1\cdots\beta_k, \qquad
\varphi_k(z) = \frac{\sqrt{g_k}}{1-\lambda_kz}\,B_{k-1}(z), \qquad b = B_N = \sum_jb_jz^j .
$$

Let $M(\tau)$ be the memory function of a reachable system with one white input and these poles. Then

1. $\varphi_k(z)\overline{\varphi_k(w)}\,(1-z\bar w) = B_{k-1}(z)\overline{B_{k-1}(w)}-B_k(z)\overline{B_k(w)}$: one step, no $N$
   in it;
2. $\langle\varphi_k,\varphi_j\rangle=\delta_{kj}$;
3. $\sum_{k\le N}\varphi_k(z)\overline{\varphi_k(w)} = (1-b(z)\overline{b(w)})/(1-z\bar w)$ (Christoffel–Darboux), by induction on
   $N$;
4. the all-pass theorem: $M(\tau) = \sum_k|\varphi_k[\tau]|^2 = 1-\sum_{j\le\tau}|b_j|^2 = \sum_{j>\tau}|b_j|^2$;
5. the realisation $x_t=A_ox_{t-1}+B_ou_t$, $y_t=C_ox_{t-1}+D_ou_t$ of the cascade of sections is unitary; hence its Gramian is
   $I$, $M(\tau)=\|A_o^\tau B_o\|^2$, and the remainder is $\sum_{\tau\ge T}M(\tau)=\|A_o^T\|_F^2$;
6. $M(0)=1-\prod_k|\lambda_k|^2$, $\sum_\tau M(\tau)=\sum_jj|b_j|^2=N$ and $M(\tau)\le N/(\tau+1)$;
7. $M$ does not change if poles are permuted, all conjugated, or all multiplied by a number $u$ of modulus one;
8. at $z=e^{-i\omega}$ the group delay is a sum of Poisson kernels, and its mean over the circle is $N$:
   $D = -\frac{\mathrm d}{\mathrm d\omega}\arg b = zb'/b = \sum_k|\varphi_k|^2 = \sum_kg_k/|1-\lambda_kz|^2$;
9. the mean delay: with $D_k=g_k/|1-\lambda_kz|^2$

   $$
   \frac1N\sum_\tau\tau M(\tau)
   = \frac1{2N}\Bigl[\sum_{i,j}\operatorname{Re}\frac{1+\lambda_i\bar\lambda_j}{1-\lambda_i\bar\lambda_j}-N\Bigr]
   \ge \frac{N-1}2 .
   $$

Taken as given (analysis)
-------------------------
* the best linear reconstruction of $u_{t-\tau}$ from the state is an orthogonal projection in $\ell^2$ onto the span of the
  state's responses, and an orthonormal basis $\varphi$ of that span gives $M(\tau)=\sum_k|\varphi_k[\tau]|^2$;
* the $\varphi_k$ lie in that span: both consist of polynomials of degree below $N$ over $\prod_k(1-\lambda_kz)$, repeats and
  zeros included, and both have dimension $N$ (reachability on one side, orthonormality on the other);
* functions analytic in a neighbourhood of the closed disk are determined by their coefficients;
  $\langle f,h\rangle=\sum_tf_t\bar h_t$ is the mean of $f\bar h$ over the circle (Parseval), where $\bar z=1/z$; the mean of such
  an $f$ is $f(0)$, that of $fD_k$ is $f(\bar\lambda_k)$ (Poisson), and the mean of a conjugate is the conjugate;
* a square matrix with $UU^*=I$ has $U^*U=I$; $A_o^T\to0$; the variance of $D$ over the circle is not negative.

Stands behind
-------------
`lssm.memory_function`, `lssm.MemoryFunction`, `lssm.allpass.allpass_impulse_response`, `lssm.allpass.orthonormal_realisation`,
`lssm.allpass.basis_functions`, `lssm.allpass.group_delay`, `lssm.symbolic.memory_function`, `lssm.symbolic.allpass_response`;
derivation: {doc}`/derivations/allpass`
"""

import sympy
from sympy import Derivative, I, MatMul, Rational, Sum, exp, sqrt

import lssm

from ._kit import Proof, at, coefficient, conjugated, letters


def prove() -> Proof:
    """Orthonormality, Christoffel–Darboux, coefficients, cascade, corollaries, tie."""
    return Proof(
        "Takenaka–Malmquist orthonormality and the all-pass theorem",
        "every N",
        christoffel_darboux,
        orthonormality,
        coefficients,
        section,
        cascade,
        first_delay,
        sums,
        invariance,
        group_delay,
        mean_delay,
        tie,
    )


def christoffel_darboux(proof: Proof) -> None:
    r"""One step, and the induction.

    Here $B$ and $\bar B$ are $B_{k-1}(z)$ and $\overline{B_{k-1}(w)}$; $S$ is the sum before $\varphi_k$ joins it.
    """
    l, lb = conjugated("lambda")
    z, wb, B, Bb, S = sympy.symbols("z w_bar B B_bar S")
    joined = (1 - l * lb) / ((1 - l * z) * (1 - lb * wb)) * B * Bb
    factors = (z - lb) / (1 - l * z) * (wb - l) / (1 - lb * wb)
    proof.equal("one step", joined * (1 - z * wb), B * Bb - factors * B * Bb)
    kernel = (1 - B * Bb) / (1 - z * wb)
    proof.equal("induction, N = 0: an empty sum", at(kernel, {B: 1, Bb: 1}), 0)
    proof.equal("induction, N-1 → N", S + joined, (1 - factors * B * Bb) / (1 - z * wb), using={S: kernel})


def orthonormality(proof: Proof) -> None:
    r"""On the circle, $\bar z=1/z$ and $|B|=1$ for any product $B$ of factors $\beta$.

    There $|\varphi_k|^2$ is a Poisson kernel, whose last two terms have mean 0. For $j<k$, $R$ are the factors between $j$ and
    $k$, analytic; the mean is the value at 0.
    """
    (l, lb), (lj, lbj), (lk, _) = conjugated("lambda"), conjugated("lambda_j"), conjugated("lambda_k")
    z, zb, B, Bb = sympy.symbols("z z_bar B B_bar")
    R = sympy.Function("R")(z)
    circle = {zb: 1 / z}
    factor, root = (z - lb) / (1 - l * z), sqrt(1 - l * lb)
    phi, phi_bar = root / (1 - l * z) * B, root / (1 - lb * zb) * Bb
    proof.equal("|β| = 1", factor * (zb - l) / (1 - lb * zb), 1, using=circle)
    analytic, conjugate = l * z / (1 - l * z), lb * zb / (1 - lb * zb)
    proof.equal("|φ|²", phi * phi_bar, 1 + analytic + conjugate, using=circle | {Bb: 1 / B})
    proof.equal("so its mean is 1", at(analytic, {z: 0}), 0)
    gj, gk = sympy.symbols("g_j g_k")
    later = sqrt(gk) / (1 - lk * z) * R * (z - lbj) / (1 - lj * z) * B
    earlier = sqrt(gj) / (1 - lbj * zb) * Bb
    product = z * R * sqrt(gj) * sqrt(gk) / ((1 - lk * z) * (1 - lj * z))
    proof.equal("φ_k φ̄_j", later * earlier, product, using=circle | {Bb: 1 / B})
    proof.equal("so its mean is 0", at(product, {z: 0}), 0)


def coefficients(proof: Proof) -> None:
    r"""The theorem, by coefficients.

    They are those of $(1-z\bar w)\sum_k\varphi_k(z)\overline{\varphi_k(w)}=1-b(z)\overline{b(w)}$. Those of the sum are $K_{st}$,
    $K_{\tau\tau}=M(\tau)$; $E$ is $\sum|b_j|^2$ up to $\tau-1$, and $F$ that from $\tau+1$ on. By $|b|=1$ all of it is 1.
    """
    z, wb, E, F, M = sympy.symbols("z w_bar E F M")
    K = sympy.symbols("K_0_0 K_0_1 K_1_0 K_1_1")
    (b0, bb0), (b1, bb1) = conjugated("b_0"), conjugated("b_1")
    kernel = K[0] + K[1] * wb + K[2] * z + K[3] * z * wb

    def diagonal(f: sympy.Expr, n: int) -> sympy.Expr:
        return coefficient(coefficient(f, z, n), wb, n)

    proof.equal("left, no delay", diagonal((1 - z * wb) * kernel, 0), K[0])
    proof.equal("left, τ-1 and τ", diagonal((1 - z * wb) * kernel, 1), K[3] - K[0])
    energy = 1 - (b0 + b1 * z) * (bb0 + bb1 * wb)
    proof.equal("right, no delay", diagonal(energy, 0), 1 - b0 * bb0)
    proof.equal("right, τ", diagonal(energy, 1), -b1 * bb1)
    proof.equal("sum, τ-1 → τ", M - b1 * bb1, 1 - (E + b1 * bb1), using={M: 1 - E})
    proof.equal("what is left", 1 - (E + b1 * bb1), F, using={E: 1 - F - b1 * bb1})


def section(proof: Proof) -> None:
    r"""One section, state $x$ from signal $s$.

    Its matrix is unitary, its state answers by $\sqrt g/(1-\lambda z)$, its output by $\beta$.
    """
    l, lb = conjugated("lambda")
    z, x, s = sympy.symbols("z x s")
    root = sqrt(1 - l * lb)
    rotation, adjoint = sympy.Matrix([[l, root], [root, -lb]]), sympy.Matrix([[lb, root], [root, -l]])
    proof.equal("unitary", MatMul(rotation, adjoint, evaluate=False), sympy.eye(2))
    answer = {x: root * s / (1 - l * z)}
    proof.equal("state", x, l * z * x + root * s, using=answer)
    proof.equal("output", root * z * x - lb * s, (z - lb) / (1 - l * z) * s, using=answer)


def cascade(proof: Proof) -> None:
    r"""One section more, fed by a unitary cascade of blocks $A,B,C,D$ of any size; and the remainder.

    With $P=A_o^T$, what $\|A_o^T\|_F^2$ loses in a step is $\|A_o^TB_o\|^2=M(T)$, the traces of these two sides.
    """
    l, lb = conjugated("lambda")
    A, A_h, B, B_h, C, C_h, D, D_h = letters("A A_h B B_h C C_h D D_h")
    r = sqrt(1 - l * lb)
    longer = sympy.Matrix([[A, 0, B], [r * C, l, r * D], [-lb * C, r, -lb * D]])
    adjoint = sympy.Matrix([[A_h, r * C_h, -l * C_h], [0, lb, r], [B_h, r * D_h, -l * D_h]])
    unitary = {A * A_h: 1 - B * B_h, A * C_h: -B * D_h, C * A_h: -D * B_h, C * C_h: 1 - D * D_h}
    proof.equal("unitary, one section more", MatMul(longer, adjoint, evaluate=False), sympy.eye(3), using=unitary)
    Ao, Ao_h, Bo, Bo_h, P, P_h = letters("A_o A_o_h B_o B_o_h P P_h")
    proof.equal("remainder, T → T+1", P * P_h - P * Ao * Ao_h * P_h, P * Bo * Bo_h * P_h, using={Ao * Ao_h: 1 - Bo * Bo_h})


def first_delay(proof: Proof) -> None:
    r"""The first delay: $|b_0|^2$, one pole more. $f$ is the filter before it, $h$ its conjugate, of $\bar w$."""
    l, lb = conjugated("lambda")
    z, wb = sympy.symbols("z w_bar")
    f, h = map(sympy.Function, ("f", "h"))
    longer = (z - lb) / (1 - l * z) * f(z) * (wb - l) / (1 - lb * wb) * h(wb)
    proof.equal("M(0), one pole more", 1 - at(longer, {z: 0, wb: 0}), 1 - l * lb * f(0) * h(0))


def sums(proof: Proof) -> None:
    r"""Sums over delays and the bound.

    $|b_j|^2$ is counted $j$ times in $\sum_\tau\sum_{j>\tau}|b_j|^2$. For the bound, $S=\sum_{s\le\tau}M(s)$ exceeds
    $(\tau+1)M(\tau)$, since one delay more adds $\tau+1$ times the drop $d=|b_{\tau+1}|^2$ to the excess.
    """
    tau, M, d, S = sympy.symbols("tau M d S")
    j = sympy.Symbol("j", integer=True, positive=True)
    proof.equal("Σ M(τ) = Σ j|b_j|²", Sum(1, (tau, 0, j - 1)), j)
    proof.equal("Σ τM(τ) = Σ j(j-1)|b_j|²/2", Sum(tau, (tau, 0, j - 1)), j * (j - 1) / 2)
    excess, longer = S - (tau + 1) * M, S + (M - d) - (tau + 2) * (M - d)
    proof.equal("bound, τ = 0", at(excess, {tau: 0, S: M}), 0)
    proof.equal("bound, τ → τ+1", longer, excess + (tau + 1) * d)


def invariance(proof: Proof) -> None:
    r"""Permuted, rotated and conjugated poles.

    Two neighbours exchanged leave the sum of their two terms as it was. Rotated poles give $\bar u\beta(uz)$, so that $b_j$ gains
    a factor of modulus one; conjugated poles give $\overline{\beta(\bar z)}$, here for real $z=t$, so that $b_j$ is conjugated.
    """
    (lj, lbj), (lk, lbk), (l, lb), (u, ub) = map(conjugated, ("lambda_j", "lambda_k", "lambda", "u"))
    z, wb = sympy.symbols("z w_bar")
    t = sympy.Symbol("t", real=True)

    def term(a: sympy.Symbol, ab: sympy.Symbol) -> sympy.Expr:
        return (1 - a * ab) / ((1 - a * z) * (1 - ab * wb))

    def modulus(a: sympy.Symbol, ab: sympy.Symbol) -> sympy.Expr:
        return (z - ab) * (wb - a) / ((1 - a * z) * (1 - ab * wb))

    both = term(lj, lbj) + modulus(lj, lbj) * term(lk, lbk)
    proof.equal("two neighbours exchanged", both, term(lk, lbk) + modulus(lk, lbk) * term(lj, lbj))
    moved = (z - ub * lb) / (1 - u * l * z)
    proof.equal("rotated", moved, ub * at((z - lb) / (1 - l * z), {z: u * z}), using={ub: 1 / u})
    bar, factor = sympy.conjugate(l), (t - sympy.conjugate(l)) / (1 - l * t)
    proof.equal("conjugated", (t - l) / (1 - bar * t), sympy.conjugate(factor, evaluate=False))


def group_delay(proof: Proof) -> None:
    r"""Group delay, one factor more.

    $f$ is the filter before it. On the circle $b=e^{i\theta}$ and $i\,\mathrm dz/\mathrm d\omega=z$, so that
    $zb'/b=i\frac{\mathrm d}{\mathrm d\omega}\log b=-\theta'$.
    """
    l, lb = conjugated("lambda")
    z, zb = sympy.symbols("z z_bar")
    w = sympy.Symbol("omega", real=True)
    theta = sympy.Function("theta", real=True)(w)
    f = sympy.Function("f")(z)
    longer = (z - lb) / (1 - l * z) * f
    kernel = (1 - l * lb) / ((1 - l * z) * (1 - lb * zb))
    slope = z * Derivative(longer, z) / longer
    proof.equal("one factor more", slope, kernel + z * Derivative(f, z) / f, using={zb: 1 / z})
    proof.equal("dz", I * Derivative(exp(-I * w), w), exp(-I * w))
    proof.equal("phase", I * Derivative(exp(I * theta), w) / exp(I * theta), -Derivative(theta, w))


def mean_delay(proof: Proof) -> None:
    r"""Mean delay.

    First means of $D_iD_j$ and of $D^2$. $D_i=1/(1-\lambda_iz)+\bar\lambda_i\bar z/(1-\bar\lambda_i\bar z)$, a function and a
    conjugate, each to be taken at the other pole. Then $\sum_jj|b_j|^2$ and $\sum_jj^2|b_j|^2$ are the means of
    $p\bar b$ and $|p|^2$ for $p=zb'=Db$. Last, $m_1$ and $m_2$ are the means of $D$ and $D^2$, and $v\ge0$ is that of $(D-N)^2$.
    """
    (li, lbi), (lj, lbj), (p, pb), (b, bb) = map(conjugated, ("lambda_i", "lambda_j", "p", "b"))
    z, zb, D, N, v, m1, m2 = sympy.symbols("z z_bar D N v m_1 m_2")
    kernel = (1 - li * lbi) / ((1 - li * z) * (1 - lbi * zb))
    analytic, conjugate = 1 / (1 - li * z), lbi * zb / (1 - lbi * zb)
    proof.equal("D_i", kernel, analytic + conjugate, using={zb: 1 / z})
    real = ((1 + li * lbj) / (1 - li * lbj) + (1 + lbi * lj) / (1 - lbi * lj)) / 2
    proof.equal("mean of D_i D_j", at(analytic, {z: lbj}) + at(conjugate, {zb: lj}), real)
    proof.equal("zb' b̄ = D", p * bb, D, using={p: D * b, b * bb: 1})
    proof.equal("|zb'|² = D²", p * pb, D**2, using={p: D * b, pb: D * bb, b * bb: 1})
    least = (N - 1) / 2 + v / (2 * N)
    proof.equal("mean delay and its bound", (m2 - m1) / (2 * N), least, using={m2: v + 2 * N * m1 - N**2, m1: N})


def tie(proof: Proof) -> None:
    r"""Library against exact least squares $v_\tau^*G^{-1}v_\tau$, distinct poles and a Jordan block, and exact filters."""
    poles = [Rational(1, 2), Rational(3, 4), Rational(-1, 4)]
    ours = lssm.Poles.from_discrete([float(p) for p in poles])
    memory, exact = lssm.memory_function(ours, 12), lssm.symbolic.memory_function((sympy.diag(*poles), [1, 1, 1]), 12)
    for tau in (0, 1, 5, 11):
        proof.close(f"M({tau})", memory.values[tau], exact[tau], ulps=64)
    jordan = [[Rational(1, 2), 1], [0, Rational(1, 2)]], [0, 1]
    repeated = lssm.memory_function(lssm.Poles.from_discrete([0.5, 0.5]), 4)
    for tau, one in enumerate(lssm.symbolic.memory_function(jordan, 4)):
        proof.close(f"Jordan block, M({tau})", repeated.values[tau], one, ulps=64)
    filtered = lssm.allpass.allpass_impulse_response(ours, 4)
    for j, one in enumerate(lssm.symbolic.allpass_response(poles, 4)):
        proof.close(f"b_{j}", filtered[j].real, one, ulps=64)
    delay = sum((1 + p) / (1 - p) for p in poles)
    proof.close("group delay at ω = 0", lssm.allpass.group_delay(ours, [0.0])[0], delay, ulps=64)
    pairs = sum((1 + p * q) / (1 - p * q) for p in poles for q in poles)
    proof.close("mean delay", float(memory.mean_delay), (pairs - 3) / 6, ulps=64)
    proof.close("remainder", float(memory.remainder), 3 - sum(exact), ulps=64)
