r"""Discretization rules: stability, composition, damping, all-pass filters, and the clock of a hold.

Statement
---------
Let $\dot x=ax+bu$, $y=cx+Du$ be one mode, or a system with $A,B,C$ for $a,b,c$, $\Delta>0$ a step and $z=a\Delta$. A Möbius map
is $\mu(s)=(ps+q)/(rs+t)$ with $pt-qr\ne0$; the rules without a hold are
$\mu_\alpha(s)=(1+(1-\alpha)\Delta s)/(1-\alpha\Delta s)$, $0\le\alpha\le1$, bilinear for $\alpha=\frac12$; the holds have
$\lambda=e^z$. With $\varphi_1(z)=(e^z-1)/z$, $\varphi_2(z)=(e^z-1-z)/z^2$:

1. Möbius maps form a group: composition and inverse are products and inverses of their matrices; with a diagonal $\Lambda$,
   $\mu(\Lambda+PQ^*)$ is $\mu(\Lambda)$ plus a part of the rank of $PQ^*$, where $r\Lambda+t$ and $r(\Lambda+PQ^*)+t$ are
   invertible;
2. $1-|\lambda|^2=-(2\operatorname{Re}z+(1-2\alpha)|z|^2)/|1-\alpha z|^2$ for $\lambda=\mu_\alpha(a)$, which is
   $-2\operatorname{Re}z/|1-z/2|^2$ for the bilinear rule. For $\alpha\ge\frac12$ the left half plane lands inside the unit
   circle, for $\alpha=\frac12$ exactly it, with the imaginary axis on the circle; for $\alpha<\frac12$ exactly the disk
   $|z+\rho|<\rho$, $\rho=1/(1-2\alpha)$;
3. a hold has $1-|\lambda|^2=1-e^{2\operatorname{Re}z}$, so exactly the left half plane lands inside; two steps of a zero-order
   hold under one input are one step of twice the length;
4. the bilinear rule takes the continuous all-pass factor $(s+\bar a)/(s-a)$ to the discrete one
   $(\zeta-\bar\lambda)/(1-\lambda\zeta)$ times a constant of modulus one, with $\zeta$ the delay, $1/\zeta=\mu_{1/2}(s)$,
   for $a\ne2/\Delta$ and $\zeta\ne-1$ (which is $s=\infty$): Blaschke products go to Blaschke products;
5. Gramians: with $B_d=\Delta(I-\Delta A/2)^{-1}B$ the Gramian of the bilinear rule is $\Delta$ times the continuous one;
6. the zero-order hold, $\lambda=e^z$ with the input factor $\Delta\varphi_1(z)b$, solves the equation exactly for an input that
   is constant over a step, the first-order hold for a linear one. The latter looks back at $u_{t-1}$; $\lambda$ with the input
   factor $\Delta\varphi_1(z)\varphi_1(-z)b$ and $D-c\Delta\varphi_2(-z)b$ in place of $D$ does not, and gives the same outputs;
7. rules commute with changes of coordinates.

Taken as given (linear algebra)
-------------------------------
* an identity of rational functions or power series in one matrix $A$, linear in $B$ and $C$, is one of numbers; power series
  are limits of polynomials, and at $z=0$ the $\varphi$ are their limits;
* $I+XY$ is invertible where $I+YX$ is (Sylvester);
* for stable $A$ the Stein and the Lyapunov equation have one solution each, the Gramian.

Stands behind
-------------
`lssm.discretize`, `lssm.undiscretize`, `lssm.Moebius`, `lssm.Poles`, `lssm.symbolic.discretize`;
derivation: {doc}`/derivations/discretization`
"""

from collections.abc import Callable

import sympy
from sympy import Derivative, Limit, Rational, exp

import lssm

from ._kit import Proof, at, conjugated, letters


def prove() -> Proof:
    """Group, low rank, damping, all-pass factors, Gramians, holds, coordinates, tie."""
    return Proof(
        "Discretization: Möbius group, stability, all-pass, holds",
        "every N",
        group,
        low_rank,
        damping,
        stability,
        held_poles,
        allpass,
        gramians,
        zero_order_hold,
        first_order_hold,
        this_clock,
        coordinates,
        tie,
    )


def moebius(p: sympy.Expr, q: sympy.Expr, r: sympy.Expr, t: sympy.Expr) -> Callable[[sympy.Expr], sympy.Expr]:
    """``s ↦ (p s + q)/(r s + t)``."""
    return lambda s: (p * s + q) / (r * s + t)


def gbt(alpha: sympy.Expr, z: sympy.Expr) -> sympy.Expr:
    """``μ_α`` at ``z = aΔ``."""
    return moebius(1 - alpha, 1, -alpha, 1)(z)


def group(proof: Proof) -> None:
    r"""Group: the composed map has the coefficients $m_{ij}$ of the product of matrices, the inverse those of the adjugate."""
    p, q, r, t, s = sympy.symbols("p q r t s")
    p2, q2, r2, t2 = sympy.symbols("p_2 q_2 r_2 t_2")
    m = sympy.symbols("m_11 m_12 m_21 m_22")
    left, right = sympy.Matrix([[p, q], [r, t]]), sympy.Matrix([[p2, q2], [r2, t2]])
    composed, product = moebius(p, q, r, t)(moebius(p2, q2, r2, t2)(s)), left * right
    proof.equal("composition", composed, moebius(*m)(s), using=dict(zip(m, product, strict=True)))
    proof.equal("inverse", moebius(t, -q, -r, p)(moebius(p, q, r, t)(s)), s)
    proof.equal("determinants multiply", product.det(), sympy.Determinant(left) * sympy.Determinant(right))


def low_rank(proof: Proof) -> None:
    r"""Low rank, with $X=\Lambda+PQ^*$, $D=r\Lambda+t$ and $E=I+rQ^*D^{-1}P$.

    $E$ is invertible as $rX+t=(I+rPQ^*D^{-1})D$ is, and $PE^{-1}Q^*$, by the second step $(I+rPQ^*D^{-1})^{-1}PQ^*$, has the
    rank of $PQ^*$. For $r\ne0$ the claim $\mu(X)=(p\Lambda+q)D^{-1}+(pt-qr)D^{-1}PE^{-1}Q^*D^{-1}$ is checked after
    multiplication by $rX+t$; for $r=0$ it is linear.
    """
    L, P, Q, D, D_inv, E, E_inv = letters("Lambda P Q_h D D_inv E E_inv")
    p, q, r, t = sympy.symbols("p q r t", nonzero=True)
    X = L + P * Q
    claimed = (p * L + q) * D_inv + (p * t - q * r) * D_inv * P * E_inv * Q * D_inv
    inverses = {D_inv * D: 1, D * D_inv: 1, E_inv * E: 1}
    hypotheses = {Q * D_inv * P: (E - 1) / r, L: (D - t) / r}
    proof.equal("low rank is kept", claimed * (r * X + t), p * X + q, using=hypotheses | inverses)
    proof.equal("same rank", (1 + r * P * Q * D_inv) * P, P * E, using=hypotheses)
    proof.equal("r = 0", (p * X + q) / t, (p * L + q) / t + p * t * (P / t) * (Q / t))


def damping(proof: Proof) -> None:
    r"""Damping of $\lambda=\mu_\alpha(a)$: $z+\bar z$ is $2\operatorname{Re}z$, and $z\bar z$ is $|z|^2$."""
    z, zb = conjugated("z")
    l, lb = conjugated("lambda")
    a = sympy.Symbol("alpha")
    stated = -((z + zb) + (1 - 2 * a) * z * zb) / ((1 - a * z) * (1 - a * zb))
    proof.equal("1-|λ|²", 1 - l * lb, stated, using={l: gbt(a, z), lb: gbt(a, zb)})
    half = Rational(1, 2)
    bilinear = -(z + zb) / ((1 - z / 2) * (1 - zb / 2))
    proof.equal("1-|λ|², bilinear", 1 - l * lb, bilinear, using={l: gbt(half, z), lb: gbt(half, zb)})


def stability(proof: Proof) -> None:
    r"""Stability is the sign of $g=1-|\lambda|^2$.

    Times $|1-\alpha z|^2$, which is not zero for $\operatorname{Re}z<0$, it is $-2\operatorname{Re}z$ plus $|z|^2$ times
    $\beta=2\alpha-1$, not negative for $\alpha\ge\frac12$. With $\beta=-1/\rho<0$ it is positive exactly where $|z+\rho|<\rho$.
    For $\beta=0$ it has the sign of $-\operatorname{Re}z$.
    """
    z, zb = conjugated("z")
    a, beta, rho, g = sympy.symbols("alpha beta rho g")
    two, known = -(z + zb) + beta * z * zb, {beta: 2 * a - 1, g: 1 - gbt(a, z) * gbt(a, zb)}
    proof.equal("a sum of two terms", g * (1 - a * z) * (1 - a * zb), two, using=known)
    proof.equal("|1-αz|²", (1 - a * z) * (1 - a * zb), 1 - a * (z + zb) + a**2 * z * zb)
    proof.equal("a disk", two, (rho**2 - (z + rho) * (zb + rho)) / rho, using={beta: -1 / rho})


def held_poles(proof: Proof) -> None:
    r"""Poles of a hold, $z=x+iy$.

    Then two steps of it from $x_0$ under the input $u$, input factor $\Delta\varphi_1(z)b$, against one of $2\Delta$.
    """
    x, y = sympy.symbols("x y", real=True)
    proof.equal("1-|λ|² of a hold", 1 - sympy.Abs(exp(x + sympy.I * y), evaluate=False) ** 2, 1 - exp(2 * x))
    z, step, b, u, s = sympy.symbols("z Delta b u x_0")
    once = exp(z) * s + step * phi_one(z) * b * u
    twice = exp(z) * once + step * phi_one(z) * b * u
    proof.equal("two steps are one", twice, exp(2 * z) * s + 2 * step * phi_one(2 * z) * b * u)


def allpass(proof: Proof) -> None:
    r"""All-pass factors: $s=(2/\Delta)(1-\zeta)/(1+\zeta)$ inverts the bilinear rule.

    The constant is $\kappa=-(2/\Delta-\bar a)/(2/\Delta-a)$.
    """
    a, ab = conjugated("a")
    l, lb = conjugated("lambda")
    k, kb = conjugated("kappa")
    s, zeta, step = sympy.symbols("s zeta Delta", positive=True)
    back = 2 / step * (1 - zeta) / (1 + zeta)
    proof.equal("the inverse of the rule", gbt(Rational(1, 2), step * s), 1 / zeta, using={s: back})
    constant, constant_bar = -(2 / step - ab) / (2 / step - a), -(2 / step - a) / (2 / step - ab)
    known = {s: back, l: gbt(Rational(1, 2), step * a), lb: gbt(Rational(1, 2), step * ab), k: constant}
    proof.equal("an all-pass factor", (s + ab) / (s - a), k * (zeta - lb) / (1 - l * zeta), using=known)
    proof.equal("its constant has modulus one", k * kb, 1, using={k: constant, kb: constant_bar})


def gramians(proof: Proof) -> None:
    r"""Gramians: $\Delta G$ solves the Stein equation of the rule if $AG+GA^*+BB^*=0$.

    The equation is multiplied by $I-\Delta A/2$ from the left and by its adjoint from the right.
    """
    A, A_h, G, B, B_h = letters("A A_h G B B_h")
    step = sympy.Symbol("Delta", positive=True)
    left = (1 - step / 2 * A) * (step * G) * (1 - step / 2 * A_h)
    right = (1 + step / 2 * A) * (step * G) * (1 + step / 2 * A_h) + (step * B) * (step * B_h)
    proof.equal("Gramian of the bilinear rule", left, right, using={A * G: -G * A_h - B * B_h})


def phi_one(z: sympy.Expr) -> sympy.Expr:
    """``φ_1``."""
    return (exp(z) - 1) / z


def phi_two(z: sympy.Expr) -> sympy.Expr:
    """``φ_2``."""
    return (exp(z) - 1 - z) / z**2


def zero_order_hold(proof: Proof) -> None:
    r"""Zero-order hold: $x(s)$ from $x_0$ under the constant input $u$, $0\le s\le\Delta$; and the limit for $a=0$."""
    a, b, u, x, z = sympy.symbols("a b u x_0 z", nonzero=True)
    s, step = sympy.symbols("s Delta", positive=True)
    held = exp(a * s) * x + (exp(a * s) - 1) / a * b * u
    proof.equal("it solves the equation", Derivative(held, s), a * held + b * u)
    proof.equal("it starts right", at(held, {s: 0}), x)
    proof.equal("at the end of the step", at(held, {s: step}), exp(z) * x + step * phi_one(z) * b * u, using={z: a * step})
    proof.equal("φ_1(0)", Limit(phi_one(z), z, 0, "+-"), 1)


def first_order_hold(proof: Proof) -> None:
    r"""First-order hold: the same from input $u$ to $v$, linear between. $f_1=\varphi_1(z)$, $f_2=\varphi_2(z)$."""
    a, b, u, v, x, z = sympy.symbols("a b u v x_0 z", nonzero=True)
    s, step, one, two = sympy.symbols("s Delta f_1 f_2", positive=True)
    held = exp(a * s) * x + b * (u * (exp(a * s) - 1) / a + (v - u) / step * (exp(a * s) - 1 - a * s) / a**2)
    proof.equal("it solves the equation for a ramp", Derivative(held, s), a * held + b * (u + (v - u) * s / step))
    proof.equal("it starts right for a ramp", at(held, {s: 0}), x)
    end, known = exp(z) * x + step * b * ((one - two) * u + two * v), {one: phi_one(z), two: phi_two(z), z: a * step}
    proof.equal("at the end of the ramp", at(held, {s: step}), end, using=known)
    proof.equal("φ_2(0)", Limit(phi_two(z), z, 0, "+-"), Rational(1, 2))


def this_clock(proof: Proof) -> None:
    r"""On this clock: $w_t=x_t+hu_t$ with $h=\Delta\varphi_2(-z)b$ needs no old input.

    From $x_0=w_0-hu$ the step from input $u$ to $v$ ends at $x_1$, $f_1=\varphi_1(z)$, $f_2=\varphi_2(z)$.
    """
    b, c, D, u, v, z, h = sympy.symbols("b c D u v z h")
    before, step, one, two, end = sympy.symbols("w_0 Delta f_1 f_2 x_1")
    known = {
        end: exp(z) * (before - h * u) + step * b * ((one - two) * u + two * v),
        h: step * phi_two(-z) * b,
        one: phi_one(z),
        two: phi_two(z),
    }
    gain = step * phi_one(z) * phi_one(-z) * b
    proof.equal("the new state", end + h * v, exp(z) * before + gain * v, using=known)
    read, direct = c * (end + h * v), (D - c * step * phi_two(-z) * b) * v
    proof.equal("same output", c * end + D * v, read + direct, using={h: known[h]})


def coordinates(proof: Proof) -> None:
    r"""Coordinates: $X=VAV^{-1}$.

    Numerator and denominator of a Möbius map pass through $V$, and so, by induction over $n$, do powers, with $Y=A^n$: hence
    power series.
    """
    A, V, V_inv, X, Y = letters("A V V_inv X Y")
    p, q = sympy.symbols("p q")
    known = {X: V * A * V_inv, V_inv * V: 1}
    proof.equal("numerator or denominator", (p * X + q) * V, V * (p * A + q), using=known)
    proof.equal("X^n V = V A^n, n → n+1", X * (V * Y), V * (A * Y), using=known)


def tie(proof: Proof) -> None:
    """Library against its exact twin at rational poles, and against the first-order hold written out."""
    step, poles = Rational(1, 4), [Rational(-1), Rational(-3, 2)]
    for name in ("euler", "bilinear", "backward_euler", "zoh"):
        found = lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([float(a) for a in poles]), [1.0, 1.0]), 0.25, name)
        assert isinstance(found.A, lssm.Diagonal)
        for k, (value, gain) in enumerate(lssm.symbolic.discretize(a, step, name) for a in poles):
            proof.close(f"{name}, λ_{k}", float(found.A.values[k].real), value, ulps=4)
            proof.close(f"{name}, B_{k}", float(found.B[k, 0].real), gain, ulps=8 if name == "zoh" else 4)
    for name, back, direct in (("zoh", 1, 0), ("foh", phi_one(step), -step * phi_two(step))):
        found = lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([-1.0]), [1.0], [1.0]), 0.25, name)
        proof.close(f"{name}, B", float(found.B[0, 0].real), step * phi_one(-step) * back, ulps=8)
        proof.close(f"{name}, D", float(found.D[0, 0].real), direct, ulps=16)
