r"""Learning the readout in closed form: flow, descent, heavy ball; stable steps; memory after k steps.

Statement
---------
Let ``G = SS*`` be the Gramian of a reachable state of any order, ``S = UΣV*``, ``γ_i = σ_i²``, ``x = Sφ``, c_* the best readout
(``Gc_* = q``), ``L(c) = L(c_*) + (c-c_*)*G(c-c_*)``. Then

1. with ``ε = V*S*(c-c_*)`` the loss is ``L(c_*) + Σ|ε_i|²``, and a step ``c ← c - η(Gc - q)`` multiplies ε_i by ``1-ηγ_i``;
2. gradient flow multiplies it by ``e^{-γ_it}``;
3. the heavy ball ``v ← βv - η(Gc-q)``, ``c ← c+v`` from rest multiplies it by ρ_k, ``ρ_{k+1} = (1+β-ηγ)ρ_k - βρ_{k-1}``,
   ``ρ_0 = ρ_{-1} = 1``; with the roots ``r = 1-s``, ``ρ_k = (s_2r_1^{k+1} - s_1r_2^{k+1})/(s_2-s_1) = V_k - βV_{k-1}``;
4. descent converges for every start iff ``0 < ηγ_i < 2``, the heavy ball iff ``0 < ηγ_i < 2(1+β)``, for all i;
5. from c = 0, one minus the error on delay τ after k steps is ``M_k(τ) = Σ_i (1-ρ_i²) |q_i*v_τ|²/γ_i``, which tends to M(τ).

Taken as given (linear algebra)
-------------------------------
* the singular value decomposition; unitary V leaves sums of squares as they are;
* a polynomial ``r² - ar + b`` has both roots inside the unit circle iff ``|b| < 1`` and ``|a| < 1+b`` (Jury, Schur-Cohn).
"""

import sympy
from sympy import Rational

import lssm
from lssm.dynamics import ReadoutFlow, teachers

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Coordinates, loss, three rules, stability, memory, tie."""
    proof = Proof("Readout learning: closed forms, stable steps, memory after k steps", "every N")
    _coordinates(proof)
    _descent(proof)
    _heavy_ball(proof)
    _stability(proof)
    _memory(proof)
    tie(proof)
    return proof


def _coordinates(proof: Proof) -> None:
    """Matrices as noncommuting symbols; c - c_* as e."""
    S, star, e, e_star = sympy.symbols("S S_star e e_star", commutative=False)
    eta = sympy.Symbol("eta")
    moved = star * (e - eta * S * star * e) - (star * e - eta * star * S * star * e)
    proof.zero("S*(1-ηSS*) = (1-ηS*S)S*", sympy.expand(moved))
    proof.zero("the excess loss is |S*e|²", sympy.expand(e_star * (S * star) * e - (e_star * S) * (star * e)))
    q, G, c = sympy.symbols("q G c_star", commutative=False)
    proof.zero("a step moves the error by Ge", sympy.expand((G * (c + e) - q) - G * e - (G * c - q)))


def _descent(proof: Proof) -> None:
    gamma, eta, time = sympy.symbols("gamma eta t", positive=True)
    k = sympy.Symbol("k", integer=True, nonnegative=True)
    rho = (1 - eta * gamma) ** k
    proof.zero("descent, k = 0", rho.subs(k, 0) - 1)
    proof.zero("descent, k → k+1", sympy.expand_power_exp(rho.subs(k, k + 1)) - (1 - eta * gamma) * rho)
    flow = sympy.exp(-gamma * time)
    proof.zero("flow solves ε' = -γε", sympy.diff(flow, time) + gamma * flow)
    proof.zero("flow starts at 1", flow.subs(time, 0) - 1)


def _heavy_ball(proof: Proof) -> None:
    """Powers r^k as symbols R: the recurrence in k is an identity between them."""
    s1, s2, R1, R2, eps, before, t, beta = sympy.symbols("s_1 s_2 R_1 R_2 eps before t beta")
    velocity = eps - before  # v_k = c_k - c_{k-1}
    step = eps + (beta * velocity - t * eps)
    proof.zero("heavy ball as a recurrence in the error", step - ((1 + beta - t) * eps - beta * before))
    r1, r2 = 1 - s1, 1 - s2
    known = {beta: r1 * r2, t: s1 * s2}
    proof.zero("sum of the roots", (1 + beta - t).subs(known) - (r1 + r2))

    def rho(shift: int) -> sympy.Expr:
        return (s2 * R1 * r1 ** (shift + 1) - s1 * R2 * r2 ** (shift + 1)) / (s2 - s1)

    def V(shift: int) -> sympy.Expr:  # noqa: N802
        return (R1 * r1 ** (shift + 1) - R2 * r2 ** (shift + 1)) / (r1 - r2)

    proof.zero("recurrence, k → k+1", rho(1) - (r1 + r2) * rho(0) + r1 * r2 * rho(-1))
    start = {R1: 1, R2: 1}
    proof.zero("ρ_0 = 1", rho(0).subs(start) - 1)
    proof.zero("ρ_{-1} = 1", rho(-1).subs(start) - 1)
    proof.zero("ρ = V_k - βV_{k-1}", rho(0) - V(0) + r1 * r2 * V(-1))
    complement = (s2 * (1 - R1 * r1) - s1 * (1 - R2 * r2)) / (s2 - s1)
    proof.zero("1-ρ without cancellation", 1 - rho(0) - complement)


def _stability(proof: Proof) -> None:
    t, beta = sympy.symbols("t beta")
    proof.zero("|1-t| < 1 iff t(2-t) > 0", 1 - (1 - t) ** 2 - t * (2 - t))
    proof.zero("|1+β-t| < 1+β iff t(2+2β-t) > 0", (1 + beta) ** 2 - (1 + beta - t) ** 2 - t * (2 * (1 + beta) - t))


def _memory(proof: Proof) -> None:
    """Teacher δ_τ: the error starts at ``ε = -V*φ(τ)``, and ``U*v_τ = ΣV*φ(τ)``."""
    (x, xb), sigma, rho = conjugated("x"), sympy.Symbol("sigma", positive=True), sympy.Symbol("rho")
    lost_and_excess = (1 - x * xb) + rho**2 * x * xb
    proof.zero("one minus the error of one mode", 1 - lost_and_excess - (1 - rho**2) * x * xb)
    seen, seen_bar = sigma * x, sigma * xb
    proof.zero("|q*v|²/γ is |V*φ|²", seen * seen_bar / sigma**2 - x * xb)
    proof.zero("after any number of steps nothing is learned where M = 0", ((1 - rho**2) * x * xb).subs(x, 0))


def tie(proof: Proof) -> None:
    """Library against five exact steps at rational poles, N = 2, with and without momentum."""
    poles, lag, steps = [Rational(1, 2), Rational(-1, 4)], 1, 5
    eta = Rational(1, 4)
    G = sympy.Matrix(2, 2, lambda i, j: 1 / (1 - poles[i] * poles[j]))
    q = sympy.Matrix([p**lag for p in poles])
    ours = lssm.Poles.from_discrete([float(p) for p in poles])
    for beta in (Rational(0), Rational(1, 2)):
        flow = ReadoutFlow(ours, teachers.delay(lag), rate=float(eta), momentum=float(beta))
        c, v = sympy.zeros(2, 1), sympy.zeros(2, 1)
        for k in range(1, steps + 1):
            v = beta * v - eta * (G * c - q)
            c = c + v
            loss = 1 - 2 * (c.T * q)[0] + (c.T * G * c)[0]
            proof.close(f"loss after {k} steps, β = {beta}", float(flow.loss(k)), loss, ulps=64)
        for i in range(2):
            proof.close(f"weight {i} after {steps} steps, β = {beta}", float(flow.weights(steps)[i].real), c[i], ulps=4096)
        proof.close(f"memory after {steps} steps, β = {beta}", float(flow.memory(steps, [lag])[0]), 1 - loss, ulps=256)
