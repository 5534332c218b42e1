r"""Learning the readout in closed form: flow, descent, heavy ball; stable steps; memory after k steps.

Statement
---------
Let $G=SS^*$ be the Gramian of a reachable state of any order $N$, $S=U\Sigma V^*$ with unitary $U$, $V$ and
$\Sigma=\operatorname{diag}\sigma_i$, $\gamma_i=\sigma_i^2$, $u_i$ the columns of $U$; $v_\tau=A^\tau B=S\varphi(\tau)$. Let $m$
be the teacher, $q=\sum_\tau\bar m_\tau v_\tau$, $c_*$ the best readout, $Gc_*=q$, and $L(c) = \|m\|^2-c^*q-q^*c+c^*Gc$. Then

1. $L(c)=L(c_*)+\sum_i|\varepsilon_i|^2$ with $\varepsilon=V^*S^*(c-c_*)$, and a step $c\leftarrow c-\eta(Gc-q)$ multiplies
   $\varepsilon_i$ by $1-\eta\gamma_i$: after $k$ steps $\varepsilon_i$ is $\rho_i=(1-\eta\gamma_i)^k$ times what it was;
2. gradient flow $\dot c=-(Gc-q)$ multiplies it by $\rho_i=e^{-\gamma_it}$;
3. the heavy ball $v\leftarrow\beta v-\eta(Gc-q)$, $c\leftarrow c+v$ from rest multiplies it by $\rho_k$,
   $\rho_{k+1}=(1+\beta-\eta\gamma)\rho_k-\beta\rho_{k-1}$, $\rho_0=\rho_{-1}=1$; with $r=1-s$ the roots of
   $r^2-(1+\beta-\eta\gamma)r+\beta$ and $V_k=(r_1^{k+1}-r_2^{k+1})/(r_1-r_2)$, for a double root $(k+1)r^k$,

   $$
   \rho_k = \frac{s_2r_1^{k+1}-s_1r_2^{k+1}}{s_2-s_1} = V_k-\beta V_{k-1}, \qquad
   1-\rho_k = \frac{s_2(1-r_1^{k+1})-s_1(1-r_2^{k+1})}{s_2-s_1} ;
   $$

4. flow always converges; descent converges for every start iff $0<\eta\gamma_i<2$ for all $i$, and the heavy ball with
   $0\le\beta<1$ iff $0<\eta\gamma_i<2(1+\beta)$ for all $i$;
5. from $c=0$, one minus the error on delay $\tau$ after $k$ steps, or time $k$, is
   $M_k(\tau)=\sum_i(1-\rho_i^2)\,|u_i^*v_\tau|^2/\gamma_i$, which tends to $M(\tau)$ where the rule converges.

Taken as given (linear algebra)
-------------------------------
* the singular value decomposition; a state is reachable iff all $\gamma_i>0$, so that $S$ has an inverse;
* $M(\tau)=\|\varphi(\tau)\|^2$ is one minus the error of the best readout for the teacher $\delta_\tau$
  (`proofs/takenaka_malmquist.py`);
* a polynomial $r^2-pr+\beta$ has both roots inside the unit circle iff $|\beta|<1$ and $|p|<1+\beta$ (Jury, Schur–Cohn); two
  solutions of a recurrence or of a linear differential equation with the same start are equal; polynomial identities in the roots
  hold at a double root too.

Stands behind
-------------
`lssm.dynamics.ReadoutFlow`, `lssm.dynamics.learning_speeds`, `lssm.dynamics.LearningSpeeds`, `lssm.symbolic.readout`,
`lssm.symbolic.readout_loss`, `lssm.symbolic.readout_flow`; derivation: {doc}`/derivations/learning`
"""

import sympy
from sympy import Derivative, Limit, Rational, exp

import lssm
from lssm.dynamics import ReadoutFlow, teachers

from ._kit import Proof, at, conjugated, letters


def prove() -> Proof:
    """Coordinates, three rules, stability, memory, tie."""
    return Proof(
        "Readout learning: closed forms, stable steps, memory after k steps",
        "every N",
        loss,
        step,
        descent,
        flow,
        heavy_ball,
        closed_form,
        stability,
        memory,
        whole_memory,
        tie,
    )


def loss(proof: Proof) -> None:
    r"""The loss at $c=c_*+e$; $m_2=\|m\|^2$, and $\varepsilon=V^*S^*e$."""
    c, c_h, e, e_h, q, q_h, G, S, S_h, V, V_h = letters("c_* c_*_h e e_h q q_h G S S_h V V_h")
    eps, eps_h = letters("epsilon epsilon_h")
    m2 = sympy.Symbol("m_2")

    def value(c: sympy.Expr, c_h: sympy.Expr) -> sympy.Expr:
        return m2 - c_h * q - q_h * c + c_h * G * c

    best = {q: G * c, q_h: c_h * G}
    proof.equal("least loss", value(c, c_h), m2 - q_h * c, using=best)
    proof.equal("excess", value(c + e, c_h + e_h) - value(c, c_h), e_h * G * e, using=best)
    known = {eps: V_h * S_h * e, eps_h: e_h * S * V, V * V_h: 1, G: S * S_h}
    proof.equal("excess, mode by mode", e_h * G * e, eps_h * eps, using=known)


def step(proof: Proof) -> None:
    r"""The gradient at $c=c_*+e$ is $Ge$; a step of descent, and flow, in the coordinates $\varepsilon=V^*S^*e$."""
    c, e, q, G, S, S_h, U, U_h, V, V_h, Sigma = letters("c_* e q G S S_h U U_h V V_h Sigma")
    eta = sympy.Symbol("eta")
    proof.equal("gradient", G * (c + e) - q, G * e, using={q: G * c})
    decomposition = {G: S * S_h, S: U * Sigma * V_h, S_h: V * Sigma * U_h, U_h * U: 1, V_h * V: 1}
    proof.equal("one step", V_h * S_h * (e - eta * G * e), (1 - eta * Sigma**2) * V_h * S_h * e, using=decomposition)
    proof.equal("flow", V_h * S_h * -(G * e), -(Sigma**2) * V_h * S_h * e, using=decomposition)


def descent(proof: Proof) -> None:
    r"""Descent: $\rho_k=r^k$ with $r=1-\eta\gamma$ starts at 1 and gains one factor a step."""
    gamma, eta, r = sympy.symbols("gamma eta r")
    k = sympy.Symbol("k", integer=True, nonnegative=True)
    rho = r**k
    proof.equal("descent, k = 0", at(rho, {k: 0}), 1)
    proof.equal("descent, k → k+1", at(rho, {k: k + 1}), (1 - eta * gamma) * rho, using={eta: (1 - r) / gamma})


def flow(proof: Proof) -> None:
    r"""Flow: $\dot\varepsilon=-\gamma\varepsilon$ is solved by $\rho=e^{-\gamma t}$, which tends to 0."""
    gamma, t = sympy.symbols("gamma t", positive=True)
    rho = exp(-gamma * t)
    proof.equal("flow, solution", Derivative(rho, t), -gamma * rho)
    proof.equal("flow, start", at(rho, {t: 0}), 1)
    proof.equal("flow, end", Limit(rho, t, sympy.oo), 0)


def heavy_ball(proof: Proof) -> None:
    r"""Heavy ball in one mode, $x=\eta\gamma$.

    Errors $\varepsilon_0$ and $\varepsilon_1$ at two steps make the velocity $v=\varepsilon_1-\varepsilon_0$. Its polynomial has
    the roots $r_1$ and $r_2$.
    """
    x, beta, v, r, before, now = sympy.symbols("x beta v r epsilon_0 epsilon_1")
    s1, s2, r1, r2 = sympy.symbols("s_1 s_2 r_1 r_2")
    proof.equal("recurrence", now + (beta * v - x * now), (1 + beta - x) * now - beta * before, using={v: now - before})
    known = {beta: r1 * r2, x: s1 * s2, s1: 1 - r1, s2: 1 - r2}
    proof.equal("roots", r**2 - (1 + beta - x) * r + beta, (r - r1) * (r - r2), using=known)


def closed_form(proof: Proof) -> None:
    r"""Closed form of the heavy ball; $s=1-r$ and $\beta=r_1r_2$."""
    k = sympy.Symbol("k", integer=True, nonnegative=True)
    s1, s2, r1, r2, beta = sympy.symbols("s_1 s_2 r_1 r_2 beta")
    known = {s1: 1 - r1, s2: 1 - r2, beta: r1 * r2}
    rho = (s2 * r1 ** (k + 1) - s1 * r2 ** (k + 1)) / (s2 - s1)
    V = (r1 ** (k + 1) - r2 ** (k + 1)) / (r1 - r2)
    next_ = (r1 + r2) * rho - beta * at(rho, {k: k - 1})
    proof.equal("ρ, k → k+1", at(rho, {k: k + 1}), next_, using=known)
    proof.equal("ρ_0", at(rho, {k: 0}), 1, using=known)
    proof.equal("ρ_{-1}", at(rho, {k: -1}), 1, using=known)
    proof.equal("ρ by V", rho, V - beta * at(V, {k: k - 1}), using=known)
    proof.equal("V at a double root", Limit(V, r2, r1), (k + 1) * r1**k)
    complement = (s2 * (1 - r1 ** (k + 1)) - s1 * (1 - r2 ** (k + 1))) / (s2 - s1)
    proof.equal("1-ρ without cancellation", 1 - rho, complement, using=known)


def stability(proof: Proof) -> None:
    r"""Stable steps, $x=\eta\gamma$.

    Squares show that $|1-x|<1$ iff $0<x<2$, and $|1+\beta-x|<1+\beta$ iff $0<x<2(1+\beta)$. Neither root drops out of $\rho_k$
    unless $x=s_1s_2=0$, where $\rho_k=1$.
    """
    x, beta = sympy.symbols("x beta")
    proof.equal("descent, stable", 1 - (1 - x) ** 2, x * (2 - x))
    proof.equal("heavy ball, stable", (1 + beta) ** 2 - (1 + beta - x) ** 2, x * (2 * (1 + beta) - x))


def memory(proof: Proof) -> None:
    r"""Teacher $\delta_\tau$, so that $q=v=S\varphi$.

    From $c=0$ the error starts at $e=-c_*$, in its coordinates at $-V^*\varphi=-a$.
    """
    S, S_h, S_inv, S_h_inv, U, U_h, V, V_h, Sigma = letters("S S_h S_inv S_h_inv U U_h V V_h Sigma")
    c, v, f, f_h, a, a_h = letters("c_* v phi phi_h a a_h")
    best = {c: S_h_inv * S_inv * v, v: S * f, S_inv * S: 1, S_h * S_h_inv: 1, S * S_inv: 1}
    proof.equal("best readout", S * S_h * c, v, using=best)
    proof.equal("error at the start", V_h * S_h * (0 - c), -V_h * f, using=best)
    proof.equal("|a|² is M(τ)", a_h * a, f_h * f, using={a: V_h * f, a_h: f_h * V, V * V_h: 1})
    seen = {v: S * f, S: U * Sigma * V_h, U_h * U: 1, a: V_h * f}
    proof.equal("u_i* v = σ_i a_i", U_h * v, Sigma * a, using=seen)


def whole_memory(proof: Proof) -> None:
    r"""Memory after $k$ steps, $R=\operatorname{diag}\rho_i$.

    The error is what is lost, $1-M(\tau)=1-a^*a$, and what is not yet learned. Mode by mode $|u_i^*v|^2/\gamma_i=|a_i|^2$.
    """
    a, a_h, R = letters("a a_h R")
    proof.equal("all modes", 1 - ((1 - a_h * a) + a_h * R * R * a), a_h * (1 - R**2) * a)
    (x, xb), (u, ub) = conjugated("a_i"), conjugated("w_i")
    sigma, gamma = sympy.symbols("sigma_i gamma_i")
    proof.equal("one mode, w_i = u_i*v", u * ub / gamma, x * xb, using={u: sigma * x, ub: sigma * xb, gamma: sigma**2})


def tie(proof: Proof) -> None:
    """Library against exact numbers at rational poles: five steps of descent and of a heavy ball, and flow."""
    poles, taps, lag, steps, eta = [Rational(1, 2), Rational(-1, 4)], [0, 1], 1, 5, Rational(1, 4)
    ours, teacher = lssm.Poles.from_discrete([float(p) for p in poles]), teachers.delay(lag)
    G, q = lssm.symbolic.gramian(poles), sympy.Matrix(poles)
    for name, beta in (("descent", Rational(0)), ("heavy ball", Rational(1, 2))):
        learned = ReadoutFlow(ours, teacher, rate=float(eta), momentum=float(beta))
        c, v, losses = sympy.zeros(2, 1), sympy.zeros(2, 1), [sympy.Integer(1)]
        for _ in range(steps):
            v = beta * v - eta * (G * c - q)
            c = c + v
            losses.append(1 - 2 * (c.T * q)[0] + (c.T * G * c)[0])
        exact = losses if beta else lssm.symbolic.readout_loss(poles, taps, steps, eta)
        for k in range(1, steps + 1):
            proof.close(f"{name}, loss after {k} steps", learned.loss(k), exact[k], ulps=64)
        for i in range(2):
            proof.close(f"{name}, weight {i} after {steps} steps", learned.weights(steps)[i].real, c[i], ulps=4096)
        proof.close(f"{name}, memory after {steps} steps", learned.memory(steps, [lag])[0], 1 - exact[steps], ulps=256)
    exact = lssm.symbolic.readout_flow(poles, taps, 2).evalf(40)
    proof.close("flow, loss at time 2", ReadoutFlow(ours, teacher).loss(2), Rational(exact), ulps=64)
