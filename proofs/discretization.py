r"""Discretization rules: stability, composition, damping, all-pass filters, and the clock of a hold.

Statement
---------
With ``z = aΔ``, ``μ_α(s) = (1+(1-α)Δs)/(1-αΔs)`` and ``φ_1(z) = (e^z-1)/z``, ``φ_2(z) = (e^z-1-z)/z²``:

1. Möbius maps form a group: composition and inverse are products and inverses of their matrices; the low-rank part of
   ``μ(Λ + PQ*)`` has the rank of P;
2. ``1-|λ|² = -(2 Re z + (1-2α)|z|²)/|1-αz|²`` for λ = μ_α: for α ≥ ½ the left half plane lands inside the disk;
   ``1-|λ|² = -2 Re z/|1-z/2|²`` for the bilinear rule;
3. the bilinear rule takes the continuous all-pass factor ``(s+ā)/(s-a)`` to the discrete one ``(ζ-λ̄⁻¹)/(ζ-λ)`` times a
   constant of modulus |λ|: Blaschke products go to Blaschke products;
4. Gramians: with ``B_d = Δ(I-ΔA/2)⁻¹B`` the discrete Gramian is Δ times the continuous one;
5. the zero-order hold solves ``ẋ = ax + bu`` exactly for an input that is constant over a step, the first-order hold for a linear
   one; on the clock of this package ``Δφ_1(z)φ_1(-z)b`` and ``D - cΔφ_2(-z)b`` give the same outputs;
6. rules commute with changes of coordinates.

Taken as given (algebra)
------------------------
* a rational identity of matrices that commute (functions of one A) is one of numbers; ``V f(A) V⁻¹ = f(VAV⁻¹)`` for rational f
  and for power series;
* Woodbury's formula for ``(D - PQ*)⁻¹``.
"""

import sympy
from sympy import Rational

import lssm

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Group, low rank, damping, all-pass factors, Gramians, holds, coordinates, tie."""
    proof = Proof("Discretization: Möbius group, stability, all-pass, holds", "every N")
    _group(proof)
    _damping(proof)
    _allpass(proof)
    _gramians(proof)
    _holds(proof)
    tie(proof)
    return proof


def _group(proof: Proof) -> None:
    p, q, r, t, P, Q, R, T, s = sympy.symbols("p q r t P Q R T s")
    inner = (P * s + Q) / (R * s + T)
    left, right = sympy.Matrix([[p, q], [r, t]]), sympy.Matrix([[P, Q], [R, T]])
    product = left * right
    composed = (p * inner + q) / (r * inner + t)
    proof.zero(
        "composition is the product of matrices",
        composed - (product[0, 0] * s + product[0, 1]) / (product[1, 0] * s + product[1, 1]),
    )
    image = (p * s + q) / (r * s + t)
    proof.zero("inverse", (t * image - q) / (-r * image + p) - s)
    d, x, y = sympy.symbols("d x y")  # one mode d with a correction x ȳ: the scalar case of Woodbury
    below = r * d + t
    low = (p * t - q * r) * (x / below) * (y / below) / (1 + r * y * x / below)
    full = (p * (d + x * y) + q) / (r * (d + x * y) + t)
    proof.zero("low rank is kept", full - (p * d + q) / below - low)


def _damping(proof: Proof) -> None:
    z, zb = conjugated("z")
    a = sympy.Symbol("alpha")
    value, value_bar = ((1 + (1 - a) * w) / (1 - a * w) for w in (z, zb))
    stated = -((z + zb) + (1 - 2 * a) * z * zb) / ((1 - a * z) * (1 - a * zb))
    proof.zero("1-|λ|² of GBT", 1 - value * value_bar - stated)
    half = Rational(1, 2)
    proof.zero("1-|λ|² of the bilinear rule", stated.subs(a, half) + (z + zb) / ((1 - z / 2) * (1 - zb / 2)))
    proof.zero("backward Euler: a sum of squares", stated.subs(a, 1) * (1 - z) * (1 - zb) + (z + zb) - z * zb)


def _allpass(proof: Proof) -> None:
    """S = (2/Δ)(ζ-1)/(ζ+1), the inverse of the bilinear rule."""
    a, ab = conjugated("a")
    zeta = sympy.Symbol("zeta")
    step = sympy.Symbol("Delta", positive=True)
    s = 2 / step * (zeta - 1) / (zeta + 1)
    l, lb = ((1 + step * w / 2) / (1 - step * w / 2) for w in (a, ab))
    constant = (2 / step + ab) / (2 / step - a)
    proof.zero("an all-pass factor", (s + ab) / (s - a) - constant * (zeta - 1 / lb) / (zeta - l))
    constant_bar = (2 / step + a) / (2 / step - ab)
    proof.zero("its constant has modulus |λ|", constant * constant_bar - l * lb)


def _gramians(proof: Proof) -> None:
    """``(I-hA)G(I-hA)* - (I+hA)G(I+hA)* = 2h·(-(AG+GA*))·…`` with h = Δ/2."""
    A, A_h, G, B, B_h = sympy.symbols("A A_h G B B_h", commutative=False)
    step = sympy.Symbol("Delta", positive=True)
    stein = (1 - step / 2 * A) * step * G * (1 - step / 2 * A_h) - (1 + step / 2 * A) * step * G * (1 + step / 2 * A_h)
    proof.zero(
        "Gramian of the bilinear rule", sympy.expand(sympy.expand(stein).subs(A * G, -G * A_h - B * B_h)) - step**2 * B * B_h
    )


def _holds(proof: Proof) -> None:
    a, b, u, v, x = sympy.symbols("a b u v x", nonzero=True)
    s, step = sympy.symbols("s Delta", positive=True)
    z = a * step
    first, second = (sympy.exp(z) - 1) / z, (sympy.exp(z) - 1 - z) / z**2
    held = sympy.exp(a * s) * x + (sympy.exp(a * s) - 1) / a * b * u
    proof.zero("zero-order hold solves the equation", sympy.expand(sympy.diff(held, s) - a * held - b * u))
    proof.zero(
        "and gives Δφ_1 b at the end of the step", sympy.expand(held.subs(s, step) - sympy.exp(z) * x - step * first * b * u)
    )
    ramp = u + (v - u) * s / step
    linear = sympy.exp(a * s) * x + b * (u * (sympy.exp(a * s) - 1) / a + (v - u) / step * (sympy.exp(a * s) - 1 - a * s) / a**2)
    proof.zero("first-order hold solves the equation", sympy.expand(sympy.diff(linear, s) - a * linear - b * ramp))
    end = sympy.exp(z) * x + step * b * ((first - second) * u + second * v)
    proof.zero("its value at the end of the step", sympy.simplify(linear.subs(s, step) - end))
    back, behind = first.subs(a, -a), second.subs(a, -a)
    gain = step * first * back * b
    # x' = x + e v with e = -e^{-z} Δ(φ_1-φ_2) b follows x'_t = e^z x'_{t-1} + gain u_t, and c x = c x' + (D - cΔφ_2(-z)b) u - D u
    shift = sympy.exp(-z) * step * (first - second) * b
    moved = sympy.exp(z) * (x + shift * u) + gain * v
    proof.zero("first-order hold on this clock", sympy.simplify(sympy.expand(moved - (end + shift * v))))
    proof.zero("its direct term", sympy.simplify(shift - step * behind * b))


def tie(proof: Proof) -> None:
    """Library against exact rational images of the Möbius rules, and exponentials at rational points to 40 digits."""
    step, poles = Rational(1, 4), [Rational(-1), Rational(-3, 2)]
    for name, alpha in (("euler", Rational(0)), ("bilinear", Rational(1, 2)), ("backward_euler", Rational(1))):
        system = lssm.ContinuousSSM(lssm.Diagonal([float(a) for a in poles]), [1.0, 1.0])
        found = lssm.discretize(system, 0.25, name)
        assert isinstance(found.A, lssm.Diagonal)
        for k, a in enumerate(poles):
            z = a * step
            proof.close(f"{name}, λ_{k}", float(found.A.values[k].real), (1 + (1 - alpha) * z) / (1 - alpha * z), ulps=4)
            proof.close(f"{name}, B_{k}", float(found.B[k, 0].real), step / (1 - alpha * z), ulps=4)
    for name in ("zoh", "foh"):
        found = lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([-1.0]), [1.0], [1.0]), 0.25, name)
        z = Rational(-1, 4)
        first, back = (sympy.exp(z) - 1) / z, (1 - sympy.exp(-z)) / z
        gain = step * first * (back if name == "foh" else 1)
        proof.close(f"{name}, B", float(found.B[0, 0].real), sympy.Rational(str(gain.evalf(40))), ulps=8)
        direct = -step * (sympy.exp(-z) - 1 + z) / z**2 if name == "foh" else sympy.Integer(0)
        proof.close(f"{name}, D", float(found.D[0, 0].real), sympy.Rational(str(sympy.N(direct, 40))), ulps=16)
