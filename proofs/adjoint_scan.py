r"""Gradients of a sequence loss by one adjoint scan, and readouts in real coordinates.

Statement
---------
For every number of states, every number of steps $T$ and every differentiable real loss $L$ of the states $x_t=Ax_{t-1}+Bu_t$
from rest, $x_{-1}=0$, let $g_t=\partial L/\partial\operatorname{Re}x_t+i\,\partial L/\partial\operatorname{Im}x_t$ and

$$
a_t=g_t+A^*a_{t+1}, \qquad a_T=0 .
$$

Then

1. $\mathrm dL=\operatorname{Re}\operatorname{tr}\bigl(\mathrm dA^*\sum_ta_tx_{t-1}^*\bigr)
   +\operatorname{Re}\operatorname{tr}\bigl(\mathrm dB^*\sum_ta_tu_t^*\bigr)$; of one mode, $x_t=\lambda x_{t-1}+bu_t$,
   $\mathrm dL=\operatorname{Re}(\overline{\mathrm d\lambda}\,S_\lambda)+\operatorname{Re}(\overline{\mathrm db}\,S_b)$ with
   $S_\lambda=\sum_ta_t\bar x_{t-1}$ and $S_b=\sum_ta_t\bar u_t$;
2. with outputs $y_t=Cx_t+Du_t$ and any $h_t$, $\sum_th_t^*y_t=\sum_t(B^*a_t+D^*h_t)^*u_t$ for $g_t=C^*h_t$: the adjoint of a
   scan is a scan;
3. a real parameter $p$ of $\lambda=e^{\ell(p)}$ and $b=f(p)\beta$, $f\ne0$, has the gradient
   $\operatorname{Re}(\ell'\lambda\bar S_\lambda)+\operatorname{Re}((\log f)'b\,\bar S_b)$;
4. with $x_t=\sum_\tau v_\tau u_{t-\tau}$, the mean of the last $m$ states is $\sum_\tau w_\tau u_{t-\tau}$ with the table
   $w_\tau=\frac1m\sum_{\sigma=\tau-m+1}^\tau v_\sigma$, $v_\sigma=0$ for $\sigma<0$, and the map from $v$ to $w$ is transposed by
   reversing time before and after it;
5. for a conjugate pair of states $(x,\bar x)$ with weights $(c,\bar c)$, the features
   $\sqrt2(\operatorname{Re}x,\operatorname{Im}x)$ and the weights $\sqrt2(\operatorname{Re}c,\operatorname{Im}c)$ have the
   output and the squared lengths of the pair, and a gradient step of $\frac12(y-z)^2$ on them, $z$ real, is the step
   $c\leftarrow c-\eta x(y-z)$ of the complex readout;
6. the squared loss of $n$ rows is a function of the triangular factor of their QR factorization, and ridge with intercept is
   ridge without, on what the factor holds below its first row.

Taken as given (analysis)
-------------------------
* chain rule; $\mathrm dL$ is linear in the differentials, and so a sum over the entries of $\mathrm dA$ and $\mathrm dB$.

Stands behind
-------------
`lssm.scan_adjoint`, `lssm.training.TrainedSSM`, `lssm.training.LinearReadout`, `lssm.training.StateFeatures`,
`lssm.parameterisations.Parameterisation`; derivation: {doc}`/derivations/training`
"""

import numpy as np
import sympy
from sympy import Derivative, I, Rational, exp, log, re, sqrt

import lssm
from lssm.training import LinearReadout, TrainedSSM

from ._kit import Proof, at, coefficient, conjugated, letters


def prove() -> Proof:
    """First order, one step back, entries, adjoint, parameters, pooled tables, real coordinates, triangles, tie."""
    return Proof(
        "Adjoint scan: gradients of sequence losses, real readouts",
        "every N",
        first_order,
        backward,
        entries,
        adjoint,
        parameters,
        pooled,
        transposed,
        real_coordinates,
        gradient_step,
        triangle,
        tie,
    )


def first_order(proof: Proof) -> None:
    r"""First order, along $A+\epsilon A_1$, $B+\epsilon B_1$.

    The old state $x$ becomes $x+\epsilon\delta$, and the new one changes by $A\delta+r$ with $r=A_1x+B_1u$. A change
    $\alpha+i\beta$ of a state with $g=p+iq$ changes the loss by $\operatorname{Re}\bar g\delta$.
    """
    A, A1, B, B1, x, delta, u = letters("A A_1 B B_1 x delta u")
    e = sympy.Symbol("epsilon")
    moved = (A + e * A1) * (x + e * delta) + (B + e * B1) * u
    proof.equal("δ obeys the recurrence", coefficient(moved, e, 1), A * delta + (A1 * x + B1 * u))
    p, q, alpha, beta = sympy.symbols("p q alpha beta", real=True)
    twice_real = (p - I * q) * (alpha + I * beta) + (p + I * q) * (alpha - I * beta)
    proof.equal("dL = Re ḡ δ", p * alpha + q * beta, twice_real / 2)


def backward(proof: Proof) -> None:
    r"""One step back.

    The claim is $\sum_{s\ge t}g_s^*\delta_s=a_t^*\delta_t+Z_t$ with $Z_t=\sum_{s>t}a_s^*r_s$. It holds at $t=T-1$, where
    $a_T=0$ and $Z=0$, and from $t+1$ to $t$, with $\delta_{t+1}=A\delta_t+r_{t+1}$. At $t=0$, $\delta_0=r_0$, so that
    $\mathrm dL=\operatorname{Re}\sum_ta_t^*r_t$. Below, the index 0 stands for $t$, 1 for $t+1$.
    """
    A, g, a, a1, delta, delta1, r1, Z1 = letters("A g_0_h a_0_h a_1_h delta_0 delta_1 r_1 Z_1")
    proof.equal("at t = T-1", g * delta, a * delta, using={a: g + a1 * A, a1: 0})
    step = {delta1: A * delta + r1, a: g + a1 * A}
    proof.equal("t+1 → t", g * delta + (a1 * delta1 + Z1), a * delta + (a1 * r1 + Z1), using=step)


def entries(proof: Proof) -> None:
    r"""Entries: what entry $h$ of $\mathrm dA$ or $\mathrm dB$ contributes.

    $a$ is the entry of $a_t$ in its row, $x$ that of $x_{t-1}$ or $u_t$ in its column, each with its two real parts.
    """
    split = {sympy.Symbol(n): part(n) for n in "axh"}
    a, x, h = split
    conjugate = sympy.conjugate
    proof.equal("Re ā(h x) = Re h̄(a x̄)", re(conjugate(a) * (h * x)), re(conjugate(h) * (a * conjugate(x))), using=split)


def adjoint(proof: Proof) -> None:
    r"""Adjoint: the same induction with $r_t=Bu_t$, where $\delta$ is the state $x$, and $g_t=C^*h_t$.

    The claim is $\sum_{s\ge t}h_s^*y_s=a_t^*x_t+h_t^*Du_t+Z_t$ with $Z_t=\sum_{s>t}(B^*a_s+D^*h_s)^*u_s$; at $t=0$, $x_0=Bu_0$.
    Indices as before.
    """
    A, B, C, D, h, h1, a, a1 = letters("A B C D h_0_h h_1_h a_0_h a_1_h")
    x, u, u1, Z1 = letters("x_0 u_0 u_1 Z_1")
    back = {a: h * C + a1 * A}
    proof.equal("outputs, at t = T-1", h * (C * x + D * u), a * x + h * D * u, using=back | {a1: 0})
    rest = a1 * (A * x + B * u1) + h1 * D * u1 + Z1
    claim = a * x + h * D * u + ((a1 * B + h1 * D) * u1 + Z1)
    proof.equal("outputs, t+1 → t", h * (C * x + D * u) + rest, claim, using=back)


def parameters(proof: Proof) -> None:
    r"""Parameters: $\mathrm d\lambda=\lambda\,\mathrm d\ell$ and $\mathrm db=b\,\mathrm d\log f$.

    $S$ is either sum, $\mu$ is $\lambda$ or $b$, and $s$ the slope of $\ell$ or $\log f$.
    """
    p = sympy.Symbol("p", real=True)
    ell, f = sympy.Function("ell")(p), sympy.Function("f")(p)
    l, b, beta = sympy.symbols("lambda b beta")
    proof.equal("dλ/dp", Derivative(exp(ell), p), l * Derivative(ell, p), using={l: exp(ell)})
    proof.equal("db/dp", Derivative(f * beta, p), b * Derivative(log(f), p), using={b: f * beta})
    S, mu, s = sympy.symbols("S mu s")
    split = {symbol: part(symbol.name) for symbol in (S, mu, s)}
    conjugate = sympy.conjugate
    proof.equal("its term", re(conjugate(mu * s) * S), re(s * mu * conjugate(S)), using=split)


def pooled(proof: Proof) -> None:
    r"""Pooled, as power series in the delay $z$ with the states $X=VU$.

    The mean of $m$ states is $EX/m$ with $E=\sum_{j<m}z^j=(1-z^m)/(1-z)$, by induction over $m$, and $W=EV/m$ is the table: $w$
    takes in $v_\tau/m$ and leaves out $v_{\tau-m}/m$.
    """
    z, V, U, W, X, m, E = sympy.symbols("z V U W X m E")
    E_m = (1 - z**m) / (1 - z)
    proof.equal("E, base", at(E_m, {m: 0}), 0)
    proof.equal("E, m → m+1", E_m + z**m, (1 - z ** (m + 1)) / (1 - z))
    proof.equal("the mean is the table's", E * X / m, W * U, using={X: V * U, W: E * V / m})
    proof.equal("in and out", (1 - z) * W, (V - z**m * V) / m, using={W: E * V / m, E: E_m})


def transposed(proof: Proof) -> None:
    r"""Transposed: entry $\tau\sigma$ of the map from $v$ to $w$ is a function $e$ of $\tau-\sigma$.

    Reversing time takes $\tau$ to $T-1-\tau$ and $\sigma$ to $T-1-\sigma$; entry $\sigma\tau$ is that of the transposed map.
    """
    i, j, tau, sigma, T = sympy.symbols("i j tau sigma T")
    e = sympy.Function("e")
    proof.equal("reversed on both sides", at(e(i - j), {i: T - 1 - tau, j: T - 1 - sigma}), at(e(i - j), {i: sigma, j: tau}))


def real_coordinates(proof: Proof) -> None:
    r"""Real coordinates, $c=c_1+ic_2$ and $x=x_1+ix_2$: weights $\sqrt2(c_1,c_2)$ of features $\sqrt2(x_1,x_2)$."""
    (c, cb), (x, xb) = conjugated("c"), conjugated("x")
    c1, c2, x1, x2 = sympy.symbols("c_1 c_2 x_1 x_2", real=True)
    split = {c: c1 + I * c2, cb: c1 - I * c2, x: x1 + I * x2, xb: x1 - I * x2}
    root = sqrt(2)
    proof.equal("same output", (root * c1) * (root * x1) + (root * c2) * (root * x2), cb * x + c * xb, using=split)
    proof.equal("same length of weights", (root * c1) ** 2 + (root * c2) ** 2, c * cb + cb * c, using=split)
    proof.equal("same length of states", (root * x1) ** 2 + (root * x2) ** 2, x * xb + xb * x, using=split)


def gradient_step(proof: Proof) -> None:
    r"""Gradient step of real weights $w_1,w_2$ of features $f_1,f_2$, and that of the parts of $c$, with $y=w_1f_1+w_2f_2$."""
    w, f = sympy.symbols("w_1 w_2"), sympy.symbols("f_1 f_2")
    c, x = sympy.symbols("c_1 c_2"), sympy.symbols("x_1 x_2")
    eta, z, y = sympy.symbols("eta z y")
    root = sqrt(2)
    output = w[0] * f[0] + w[1] * f[1]
    here = {y: output} | {w[k]: root * c[k] for k in (0, 1)} | {f[k]: root * x[k] for k in (0, 1)}
    for k, name in enumerate(("real", "imaginary")):
        step = w[k] - eta * Derivative((output - z) ** 2 / 2, w[k])
        proof.equal(f"same step, {name} part", step, root * (c[k] - eta * x[k] * (y - z)), using=here)


def triangle(proof: Proof) -> None:
    r"""Triangle: $[\,1\;F\;Z\,]=QR$ with $Q^{\mathsf T}Q=1$, ones, features and targets.

    The loss of weights $w$ and intercept $\beta$ is the square of $QRv$, $v=(\beta,w,-1)$. The first row of $R$ gives
    $r\beta+y$, with $y$ its rest times $(w,-1)$ and $r=\pm\sqrt n$; the rows below and the penalty do not see $\beta$, $E$ in
    all. So the best $\beta$ makes the square zero, and $E$ is what is left.
    """
    Q, Q_t, R, R_t, v, v_t = letters("Q Q_t R R_t v v_t")
    proof.equal("a function of R", (v_t * R_t * Q_t) * (Q * R * v), (v_t * R_t) * (R * v), using={Q_t * Q: 1})
    first, rest, beta, u, below = letters("r s beta u R_2")
    rows, column = sympy.Matrix([[first, rest], [0, below]]), sympy.Matrix([beta, u])
    image = sympy.Matrix([first * beta + rest * u, below * u])
    proof.equal("first row and below, u = (w, -1)", sympy.MatMul(rows, column, evaluate=False), image)
    r, y, b, E = sympy.symbols("r y beta E")
    loss = (r * b + y) ** 2 + E
    proof.equal("what is left", at(loss, {b: -y / r}), E)
    proof.equal("and it is the least", loss - E, r**2 * (b + y / r) ** 2)


def part(name: str) -> sympy.Expr:
    """A complex number in its two parts."""
    return sympy.Symbol(f"{name}_1", real=True) + I * sympy.Symbol(f"{name}_2", real=True)


def tie(proof: Proof) -> None:
    """Library against exact rationals: a gradient through four steps of one real pole, and ridge on four sequences."""
    pole, weight, u, z = Rational(1, 2), Rational(3, 4), [1, Rational(-1, 2), 2, Rational(1, 4)], Rational(1, 4)
    start = lssm.parameterisations.LRU(nu_log=np.array([float(log(log(2)))]), theta_log=np.array([-800.0]))  # λ = 1/2, angle 0
    model = TrainedSSM(start, train=("poles", "inputs"), inputs=[1.0], epochs=1, rates=0.0, intercept=False)
    model.fit(np.array([[float(x) for x in u]]), [float(z)])
    model.coef_, model.inputs_ = np.array([float(weight), 0.0]), np.ones((1, 1), complex)
    _, found = model.gradient(np.array([[float(x) for x in u]]), [float(z)])
    l, b = sympy.symbols("l b", positive=True)
    state = sum((b * x * l ** (3 - t) for t, x in enumerate(u)), sympy.Integer(0))
    loss = (weight * sqrt(2) * state - z) ** 2 / 2
    here = {l: pole, b: 1}
    proof.close("∂L/∂b", float(found["inputs"][0, 0].real), sympy.diff(loss, b).subs(here), ulps=64)
    by_nu = (sympy.diff(loss, l) * l * log(l)).subs(here)  # ℓ = -exp ν
    proof.close("∂L/∂ν", float(found["nu_log"][0]), by_nu, ulps=64)
    rows = sympy.Matrix([[1, 0, 2], [Rational(1, 2), 1, 0], [-1, 1, 1], [0, Rational(3, 2), -1]])
    targets, alpha = sympy.Matrix([1, 2, Rational(-1, 2), 0]), Rational(1, 4)
    features = rows * sympy.Matrix([pole**2, pole, 1])
    mean, centre = sum(features) / 4, sum(targets) / 4
    shifted = features - mean * sympy.ones(4, 1)
    exact = (shifted.T * (targets - centre * sympy.ones(4, 1)))[0] / ((shifted.T * shifted)[0] + alpha)
    fit = LinearReadout(lssm.Poles.from_discrete([0.5]), penalty=0.25)
    fit.fit(np.array(rows.tolist(), float), np.array(targets.tolist(), float)[:, 0])
    proof.close("ridge weight", float(fit.coef_[0]), exact, ulps=64)
    proof.close("ridge intercept", float(fit.intercept_), centre - mean * exact, ulps=64)
