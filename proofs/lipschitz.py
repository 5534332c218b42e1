r"""The Lipschitz certificate: how far a memory function can move when poles do.

Statement
---------
For pole sets ``λ_k``, ``λ'_k`` of equal order inside the unit circle, in any pairing, and every delay τ

1. ``|arcsin √M(τ) - arcsin √M'(τ)| ≤ Σ_k artanh |(λ_k-λ'_k)/(1-λ̄_kλ'_k)|``;
2. ``|M(τ) - M'(τ)| ≤ sin min(Σ, π/2)`` with the same Σ.

Proof. Along a curve λ(s), ``dM = 2 Re Σ_k ∂_kM λ̇_k ds`` and ``|∂_kM| ≤ √(M(1-M))/g_k`` (proofs/memory_gradient.py), so
``α = arcsin √M`` has ``|dα| ≤ Σ_k |dλ_k|/g_k``: the right-hand side is the length of the curve in the hyperbolic metric
``|dλ|/(1-|λ|²)``, and along geodesics that is artanh of the pseudo-hyperbolic distance. Where M is 0 or 1 along the curve, α is
constant to first order or the curve is approximated by others.

Taken as given (analysis)
-------------------------
* the bound of the gradient; M(τ) is smooth in the poles, and α is Lipschitz where ``0 < M < 1``, hence everywhere by continuity;
* the automorphisms of the disk are isometries of its metric, and move one end of a geodesic to 0, the other to a radius.
"""

import sympy
from sympy import Rational

import lssm

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Derivative of the angle, metric, its invariance and lengths, differences of squares of sines, tie."""
    proof = Proof("Lipschitz certificate of memory: hyperbolic distance of poles", "every N")
    _angle(proof)
    _metric(proof)
    _squares(proof)
    tie(proof)
    return proof


def _angle(proof: Proof) -> None:
    """α = arcsin √M: dα/dM = 1/(2 √(M(1-M))), so that a gradient of √(M(1-M))/g moves α by 1/g at most."""
    M, g, speed = sympy.symbols("M g speed", positive=True)
    alpha = sympy.asin(sympy.sqrt(M))
    slope = sympy.diff(alpha, M)
    proof.zero("slope of the angle", sympy.simplify(slope**2 - 1 / (4 * M * (1 - M))))
    largest = 2 * sympy.sqrt(M * (1 - M)) / g * speed  # 2 |∂M| |dλ|
    proof.zero("the bound is the hyperbolic metric", sympy.simplify((largest / (2 * sympy.sqrt(M * (1 - M)))) - speed / g))


def _metric(proof: Proof) -> None:
    """|dλ|/(1-|λ|²) is invariant under λ → (λ-c)/(1-c̄λ), and its length from 0 to r is artanh r."""
    (l, lb), (c, cb) = conjugated("lambda"), conjugated("c")
    image, image_bar = (l - c) / (1 - cb * l), (lb - cb) / (1 - c * lb)
    stretch, stretch_bar = sympy.diff(image, l), sympy.diff(image_bar, lb)
    proof.zero("1-|image|²", 1 - image * image_bar - (1 - c * cb) * (1 - l * lb) / ((1 - cb * l) * (1 - c * lb)))
    invariant = stretch * stretch_bar * (1 - l * lb) ** 2 - (1 - image * image_bar) ** 2
    proof.zero("the metric is invariant", invariant)
    r = sympy.Symbol("r", positive=True)
    proof.zero("length of a radius", sympy.diff(sympy.atanh(r), r) - 1 / (1 - r**2))
    proof.zero("it starts at 0", sympy.atanh(sympy.Integer(0)))
    proof.zero("the pseudo-hyperbolic distance is a radius", image.subs(l, c))
    d, db = conjugated("d")
    moved = [(z - c) / (1 - cb * z) for z in (l, d)]
    moved_bar = (lb - cb) / (1 - c * lb)
    ratio = (moved[0] - moved[1]) / (1 - moved_bar * moved[1])
    square = ratio * ((moved_bar - (db - cb) / (1 - c * db)) / (1 - moved[0] * (db - cb) / (1 - c * db)))
    plain = (l - d) * (lb - db) / ((1 - lb * d) * (1 - l * db))
    proof.zero("and so is its modulus", square - plain)


def _squares(proof: Proof) -> None:
    """sin²α - sin²β = sin(α+β) sin(α-β)."""
    a, b = sympy.symbols("alpha beta", real=True)
    product = sympy.expand_trig(sympy.sin(a + b)) * sympy.expand_trig(sympy.sin(a - b))
    reduced = sympy.expand(product).subs(sympy.cos(a) ** 2, 1 - sympy.sin(a) ** 2).subs(sympy.cos(b) ** 2, 1 - sympy.sin(b) ** 2)
    proof.zero("difference of squares of sines", sympy.expand(reduced - sympy.sin(a) ** 2 + sympy.sin(b) ** 2))


def tie(proof: Proof) -> None:
    """Library against exact distances and memories, three poles at rational points."""
    first, second = [Rational(1, 2), Rational(-1, 4), Rational(3, 4)], [Rational(9, 16), Rational(-1, 8), Rational(5, 8)]
    distances = [abs(p - q) / (1 - p * q) for p, q in zip(first, second, strict=True)]
    ours = lssm.equivalence.match_poles(*(lssm.Poles.from_discrete([float(p) for p in row]) for row in (first, second)))
    for k in range(3):
        proof.close(f"distance of pair {k}", float(ours.distances[list(ours.first).index(k)]), distances[k], ulps=16)
    exact = sum((sympy.atanh(d) for d in distances), sympy.Integer(0))
    proof.close("sum of artanh", ours.total, sympy.Rational(str(exact.evalf(40))), ulps=16)
    for tau in range(4):
        before, after = (_memory(row, tau) for row in (first, second))
        gap = abs(sympy.asin(sympy.sqrt(before)) - sympy.asin(sympy.sqrt(after)))
        proof.zero(f"the bound holds at delay {tau}", sympy.Integer(0) if gap.evalf(30) <= exact.evalf(30) else sympy.Integer(1))


def _memory(poles: list[Rational], tau: int) -> sympy.Expr:
    G = sympy.Matrix(3, 3, lambda i, j: 1 / (1 - poles[i] * poles[j]))
    v = sympy.Matrix([p**tau for p in poles])
    return (v.T * G.inv() * v)[0]
