r"""What a readout's gradient knows of a teacher, linear and behind any nonlinearity.

Statement
---------
Let $\lambda_1,\dots,\lambda_N$ lie inside the unit circle, repeats and zeros allowed, $b$ their all-pass filter, $\varphi_k$
their Takenaka–Malmquist functions, $g_k=1-|\lambda_k|^2$, $x_t=\sum_\tau v_\tau u_{t-\tau}$ a reachable state over white input
$u$, $v_\tau=A^\tau B=S\varphi(\tau)$ with the reachability Gramian $G=SS^*$. Let $m$ be a square-summable teacher,
$z_t=\sum_\tau m_\tau u_{t-\tau}$, $q=\sum_\tau\bar m_\tau v_\tau$ and $a_k=\langle m,\varphi_k\rangle$. Then

1. $L(c)=\mathbb E|c^*x-z|^2=\|m\|^2-2\operatorname{Re}c^*q+c^*Gc$ and $\partial L/\partial\bar c=Gc-q$: delay $\tau$ enters by
   its vector $v_\tau$, and in whitened coordinates, $w=S^*c$, by $\varphi(\tau)$ of squared length $M(\tau)$; the least loss is
   $\|m\|^2-\sum_k|a_k|^2$;
2. each section of the cascade is lossless, $|s'|^2+g|w'|^2=|s|^2+g|w|^2$ for input $s$, output $s'$ and states $w$ before, $w'$
   after; run against time over $\bar m$, the cascade therefore splits the energy, $\|m\|^2=\sum_k|a_k|^2+\|P_+(\bar b\,m)\|^2$,
   and the second part is the loss of the best readout;
3. of a rational teacher, mode $p$ with residue $r$ leaves the cascade as mode $p$ with residue
   $r\prod_k(p-\lambda_k)/(1-\bar\lambda_kp)$;
4. for a real system and any differentiable loss $\ell$ and output nonlinearity $f$ the gradient of $\mathbb E\,\ell(f(s),z)$,
   $s=c^*x$, is $\mathbb E[gx]=\sum_\tau\mathbb E[g_tu_{t-\tau}]\,v_\tau$ with $g=\ell'(f(s),z)f'(s)$: the same vectors, other
   coefficients;
5. for Gaussian input these are $\mathbb E[g_tu_{t-\tau}]=\alpha h_\tau+\beta m_\tau$, $h$ the response of $s$ and
   $(\alpha,\beta)=\Sigma^{-1}\,\mathbb E[g\,(s,z)]$, $\Sigma$ the covariance of $(s,z)$.

Taken as given (analysis, probability)
--------------------------------------
* $M(\tau)=\|\varphi(\tau)\|^2$ with orthonormal $\varphi_k$, the states of the cascade times $\sqrt{g_k}$
  (`proofs/takenaka_malmquist.py`); $S$ has an inverse;
* white input makes the mean of $|c^*x-z|^2$ the sum over delays of $|c^*v_\tau-m_\tau|^2$; expectation is linear, and may be
  exchanged with the derivative of $\ell$;
* over a square-summable signal the states start from 0 in the limit of long signals; cascaded against time, sections with
  responses $\beta_1$ and $\beta_2$ apply $P_+\bar\beta_2P_+\bar\beta_1=P_+\bar\beta_2\bar\beta_1$;
* jointly Gaussian variables that are uncorrelated are independent; where $\Sigma$ is singular, any solution of its equations will
  do.

Stands behind
-------------
`lssm.dynamics.teacher_information`, `lssm.dynamics.TeacherInformation`, `lssm.dynamics.readout_gradient`,
`lssm.dynamics.nonlinear_gradient`, `lssm.dynamics.NonlinearGradient`, `lssm.symbolic.readout`;
derivation: {doc}`/derivations/learning`
"""

import sympy
from sympy import Derivative, MatMul, Matrix, Rational

import lssm
from lssm.dynamics import nonlinear_gradient, teacher_information, teachers

from ._kit import Proof, at, conjugated, letters


def prove() -> Proof:
    """Quadratic loss, whitened gradient, lossless sections, modes, nonlinearity, Gaussian coefficients, ties."""
    return Proof(
        "Teacher information: visible and lost energy, any nonlinearity",
        "every N",
        quadratic,
        whitened,
        lossless,
        modes,
        nonlinear,
        gaussian,
        tie,
        tie_cubic,
    )


def quadratic(proof: Proof) -> None:
    r"""One delay of the loss, and the gradient, for vectors of any size.

    Summed over delays, with $m_2=\|m\|^2$: what $L$ gains from $c$ to $c+e$ is linear in $e^*$ by $Gc-q$, up to $e^*Ge$.
    """
    c, c_h, v, v_h, e, e_h, q, q_h, G = letters("c c_h v v_h e e_h q q_h G")
    (m, mb), m2 = conjugated("m"), sympy.Symbol("m_2")
    delay = m * mb - c_h * (mb * v) - (m * v_h) * c + c_h * (v * v_h) * c
    proof.equal("one delay", (c_h * v - m) * (v_h * c - mb), delay)

    def loss(c: sympy.Expr, c_h: sympy.Expr) -> sympy.Expr:
        return m2 - c_h * q - q_h * c + c_h * G * c

    gained = e_h * (G * c - q) + (c_h * G - q_h) * e + e_h * G * e
    proof.equal("gradient", loss(c + e, c_h + e_h) - loss(c, c_h), gained)


def whitened(proof: Proof) -> None:
    r"""Whitened coordinates $x=S\varphi$, $w=S^*c$.

    The gradient by $\bar w$ is $S^{-1}(Gc-q)$, and with $d=\sum_\tau\bar m_\tau\varphi(\tau)$, whose entries are $\bar a_k$, the
    least loss, at $Gc=q$, is $m_2-d^*d$.
    """
    S, S_h, S_inv, S_h_inv, c, w, d, d_h, q, q_h, G = letters("S S_h S_inv S_h_inv c w d d_h q q_h G")
    c_h, v, f = letters("c_h v phi")
    m2, mb = sympy.symbols("m_2 m_bar")
    known = {G: S * S_h, c: S_h_inv * w, q: S * d, S_inv * S: 1, S_h * S_h_inv: 1}
    proof.equal("one delay of S⁻¹q", S_inv * (mb * v), mb * f, using={v: S * f, S_inv * S: 1})
    proof.equal("whitened gradient", S_inv * (G * c - q), w - d, using=known)
    best = {c: S_h_inv * S_inv * q, c_h: q_h * S_h_inv * S_inv, G: S * S_h, q: S * d, q_h: d_h * S_h}
    cancel = {S_inv * S: 1, S_h * S_h_inv: 1}
    proof.equal("best readout", G * c, q, using=best | cancel)
    proof.equal("least loss", m2 - c_h * q - q_h * c + c_h * G * c, m2 - d_h * d, using=best | cancel)


def lossless(proof: Proof) -> None:
    r"""Energy of one section and one step: no $N$, no time in it.

    Then one section more, where $E_0$ and $E_1$ are the energies of the sections before it, before and after the step, and $s_1$
    enters the first of them.
    """
    (l, lb), (w, wb), (s, sb), (s1, sb1) = map(conjugated, ("lambda", "w", "s", "s_1"))
    before, after = sympy.symbols("E_0 E_1")
    g = 1 - l * lb
    new, out = (l * w + s) * (lb * wb + sb), (g * w - lb * s) * (g * wb - l * sb)
    proof.equal("one section", out + g * new, s * sb + g * w * wb)
    hypothesis = {after: s1 * sb1 + before - s * sb}
    proof.equal("one section more", out + g * new + after, s1 * sb1 + g * w * wb + before, using=hypothesis)


def modes(proof: Proof) -> None:
    r"""A mode $s_\tau=\bar p^\tau$, against time.

    $w_\tau=\lambda w_{\tau+1}+s_\tau$ is $W\bar p^\tau$, and $g w_{\tau+1}-\bar\lambda s_\tau$ is again a mode $\bar p^\tau$, for
    the next section, times one number.
    """
    l, lb = conjugated("lambda")
    pb, W = sympy.symbols("p_bar W")
    state = {W: 1 / (1 - l * pb)}
    proof.equal("state", W, l * pb * W + 1, using=state)
    proof.equal("output", (1 - l * lb) * pb * W - lb, (pb - lb) / (1 - l * pb), using=state)


def nonlinear(proof: Proof) -> None:
    r"""Chain rule for any $\ell$ and $f$.

    The readout moves by $h$ in a direction in which the state is $x$. Then one step of the state, $x'=Ax+Bu$: $\mathbb E[gx']$ is
    made of the same vectors.
    """
    s, z, x, h = sympy.symbols("s z x h")
    loss, f = sympy.Function("ell"), sympy.Function("f")
    g = Derivative(loss(f(s), z), s)
    proof.equal("chain rule", at(Derivative(loss(f(s + h * x), z), h), {h: 0}), g * x)
    A, B, state = letters("A B x")
    u, signal = sympy.symbols("u g")
    proof.equal("one step of the state", signal * (A * state + B * u), A * (signal * state) + B * (signal * u))


def gaussian(proof: Proof) -> None:
    r"""Gaussian input: $\Sigma$ is the covariance of $(s,z)$, $(h,m)$ that of $u_{t-\tau}$ with it.

    The rest $u-(\xi,\zeta)(s,z)^{\mathsf T}$ is uncorrelated with both. Then $e_s=\mathbb E[gs]$ and $e_z=\mathbb E[gz]$ give the
    coefficients.
    """
    h, m, ss, sz, zz, es, ez, alpha, beta, xi, zeta, D = sympy.symbols("h m S_s_s S_s_z S_z_z e_s e_z alpha beta xi zeta D")
    covariance = Matrix([[ss, sz], [sz, zz]])
    det = {D: ss * zz - sz**2}
    explained = {xi: (h * zz - m * sz) / D, zeta: (m * ss - h * sz) / D}
    proof.equal("uncorrelated", MatMul(Matrix([[xi, zeta]]), covariance), Matrix([[h, m]]), using=explained | det)
    solved = {alpha: (es * zz - ez * sz) / D, beta: (ez * ss - es * sz) / D}
    proof.equal("coefficients", MatMul(covariance, Matrix([alpha, beta])), Matrix([es, ez]), using=solved | det)
    proof.equal("E[g u]", xi * es + zeta * ez, alpha * h + beta * m, using=explained | solved | det)


def tie(proof: Proof) -> None:
    """Library against exact energies of three teachers."""
    poles = [Rational(1, 2), Rational(-1, 4), Rational(3, 4)]
    ours, inverse = lssm.Poles.from_discrete([float(p) for p in poles]), lssm.symbolic.gramian(poles).inv()
    for name, teacher, taps in (
        ("delay 2", teachers.delay(2), [0, 0, 1]),
        ("taps", teachers.fir([1.0, 0.5, 0.25]), [1, Rational(1, 2), Rational(1, 4)]),
    ):
        lost, found = lssm.symbolic.readout(poles, taps)[1], teacher_information(ours, teacher, 3)
        proof.close(f"visible energy, {name}", found.visible, sum(m**2 for m in taps) - lost, ulps=64)
        proof.close(f"lost energy, {name}", found.lost, lost, ulps=1024)
    mode, residue = Rational(7, 8), 2
    q = Matrix([residue / (1 - mode * p) for p in poles])
    visible, found = (q.T * inverse * q)[0], teacher_information(ours, teachers.rational([0.875], [2.0]), 3)
    proof.close("visible energy, mode", found.visible, visible, ulps=64)
    proof.close("lost energy, mode", found.lost, residue**2 / (1 - mode**2) - visible, ulps=1024)


def tie_cubic(proof: Proof) -> None:
    r"""Library against Gaussian moments of $\tfrac12(s^3-z)^2$, one pole.

    $\mathbb E[gs]=3\,\mathbb E s^6-3\,\mathbb E s^3z$ and $\mathbb E[gz]=3\,\mathbb E s^5z-3\,\mathbb E s^2z^2$.
    """
    ss, sz, zz = Rational(4, 3), Rational(1, 2), sympy.Integer(1)  # pole 1/2, c = 1, teacher: delay 1, cov = v_1 = 1/2
    s6, s3z = 15 * ss**3, 3 * ss * sz
    s5z, s2z2 = 15 * ss**2 * sz, ss * zz + 2 * sz**2
    alpha, beta = Matrix([[ss, sz], [sz, zz]]).inv() * Matrix([3 * s6 - 3 * s3z, 3 * s5z - 3 * s2z2])
    found = nonlinear_gradient(lssm.Poles.from_discrete([0.5]), teachers.delay(1), [1.0], lambda s, z: (s**3 - z) * 3 * s**2)
    proof.close("coefficient of the model, cubic", found.on_model, alpha, ulps=4096)
    proof.close("coefficient of the teacher, cubic", found.on_teacher, beta, ulps=4096)
    proof.close("gradient, cubic", found.gradient[0].real, alpha * ss + beta * sz, ulps=4096)
