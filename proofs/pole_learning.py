r"""Learning the poles: gradient and Hessian of the loss, stationarity as interpolation.

Statement
---------
Let λ_1 … λ_N lie inside the unit circle, b their all-pass filter, ``p_k = 1/(1-λ_kz)``, ``q_k = 1/(z-λ̄_k)``, ``b_[k]`` the filter
without pole k, P the projector onto what the poles remember, m a teacher, ``⟨f, h⟩ = Σ f_τ h̄_τ``, ``r = P₊(b̄ m)``,
``L = ‖m‖² - m*Pm``, ``ĉ_k = ⟨m, b p_k⟩``, ``d̂_k = ⟨m, b q_k⟩``. Then

1. ``ĉ_k = r(λ̄_k)`` and ``∂L/∂λ_k = -conj(ĉ_k) d̂_k``;
2. with the divided differences ``E_jk = r[λ̄_j, λ̄_k] = ⟨m, z p_jp_kb⟩``: ``∂_j∂_kL = -Ē_jk d̂_k + conj(ĉ_k) F_jk`` for j ≠ k with
   ``F_jk = ⟨m, b q_jq_k⟩ = (⟨m, b_[k]q_j⟩ + λ̄_kd̂_k)/(1-λ_jλ̄_k)``; ``∂_k²L = -2 conj(r'(λ̄_k)) d̂_k``;
   ``∂̄_j∂_kL = Q̄_jk d̂_k - conj(ĉ_k) K_jk`` with ``Q_jk = ⟨m, b q_jp_k⟩ = (d̂_j + λ̄_kĉ_k)/(1-λ_jλ̄_k)``,
   ``K_jk = ⟨m, z b p_jq_k⟩ = (ĉ_j + λ_kd̂_k)/(1-λ̄_jλ_k)``;
3. the best readout has the residues ``w_k = d̂_kg_k / conj(b_[k](λ̄_k))`` and interpolates, ``e(λ̄_k) = 0`` for
   ``e = m - Pm = b r``: this is all that fixed poles can reach; for distinct poles ``e'(λ̄_k) = b_[k](λ̄_k) r(λ̄_k)/g_k``, so that L
   is stationary iff for each k ``m'(λ̄_k)`` is interpolated too, or ``w_k = 0`` (Meier and Luenberger);
4. with a given readout, ``h = Σ w_kp_k`` and ``e = m - h``: ``∂L/∂λ_k = -w_k conj(e'(λ̄_k))``,
   ``∂̄_j∂_kL = w̄_jw_k (1+λ_kλ̄_j)/(1-λ_kλ̄_j)³``;
5. at a double pole the two derivatives are equal, and vanish together whatever the derivative in the product of the poles is;
6. of ``m(z) = C(I-zA)⁻¹B`` the pencil of divided differences is ``(W*AV, W*V)``, ``V = (I-λ̄_kA)⁻¹B``, ``W* = C(I-λ̄_jA)⁻¹``.

Taken as given (analysis)
-------------------------
* ``∂P/∂λ_k = (b p_k)(b q_k)*`` (proofs/memory_gradient.py);
* ``⟨f, 1/(1-λz)⟩ = f(λ̄)`` and ``⟨b̄m, f⟩ = ⟨P₊(b̄m), f⟩`` for f analytic in a neighbourhood of the disk; ``⟨·, λf⟩ = λ̄⟨·, f⟩``;
* ``m = Pm + b P₊(b̄ m)``.
"""

import sympy
from sympy import Rational

import lssm
from lssm.dynamics import h2_optimal, pole_loss, teachers

from ._kit import Proof, conjugated


def prove() -> Proof:
    """First and second derivatives, interpolation, given readout, double poles, pencil, tie."""
    proof = Proof("Learning poles: gradient, Hessian, interpolation conditions", "every N")
    _first(proof)
    _second(proof)
    _relations(proof)
    _interpolation(proof)
    _given(proof)
    _double(proof)
    _pencil(proof)
    tie(proof)
    return proof


def _first(proof: Proof) -> None:
    """How the filter depends on one pole; all other factors are `rest`."""
    l, lb = conjugated("lambda")
    z, rest = sympy.symbols("z rest")
    b = rest * (z - lb) / (1 - l * z)
    proof.zero("∂b/∂λ = z p b", sympy.diff(b, l) - z * b / (1 - l * z))
    proof.zero("∂b/∂λ̄ = -q b", sympy.diff(b, lb) + b / (z - lb))


def _second(proof: Proof) -> None:
    """Derivatives of ``b p_k`` and ``b q_k`` with respect to λ_j and λ̄_j, and of those of pole k itself."""
    (lj, ljb), (lk, lkb) = conjugated("lambda_j"), conjugated("lambda_k")
    z, rest = sympy.symbols("z rest")
    pj, pk, qj, qk = 1 / (1 - lj * z), 1 / (1 - lk * z), 1 / (z - ljb), 1 / (z - lkb)
    b = rest * pj * pk / (qj * qk)
    proof.zero("∂_j(b p_k) = z p_jp_kb", sympy.diff(b * pk, lj) - z * pj * pk * b)
    proof.zero("∂̄_j(b q_k) = -b q_jq_k", sympy.diff(b * qk, ljb) + b * qj * qk)
    proof.zero("∂̄_j(b p_k) = -b q_jp_k", sympy.diff(b * pk, ljb) + b * qj * pk)
    proof.zero("∂_j(b q_k) = z b p_jq_k", sympy.diff(b * qk, lj) - z * b * pj * qk)
    proof.zero("∂_k(b p_k) = 2z p_k²b", sympy.diff(b * pk, lk) - 2 * z * pk**2 * b)
    proof.zero("∂̄_k(b q_k) = 0", sympy.diff(b * qk, lkb))
    proof.zero("∂̄_k(b p_k) = -b q_kp_k", sympy.diff(b * pk, lkb) + b * qk * pk)
    proof.zero("∂_k(b q_k) = z b p_kq_k", sympy.diff(b * qk, lk) - z * b * pk * qk)


def _relations(proof: Proof) -> None:
    """Products of two fractions as sums: F, Q and K from what the gradient already has."""
    (lj, ljb), (lk, lkb) = conjugated("lambda_j"), conjugated("lambda_k")
    z, rest = sympy.symbols("z rest")
    pj, pk, qj, qk = 1 / (1 - lj * z), 1 / (1 - lk * z), 1 / (z - ljb), 1 / (z - lkb)
    b = rest * pj * pk / (qj * qk)
    without_k = b * qk / pk
    proof.zero("b q_jq_k: F", b * qj * qk - (without_k * qj + lk * without_k * pk) / (1 - lk * ljb))
    proof.zero("b_[k]p_k is b q_k", without_k * pk - b * qk)
    proof.zero("b q_jp_k: Q", b * qj * pk - (b * qj + lk * b * pk) / (1 - lk * ljb))
    proof.zero("z b p_jq_k: K", z * b * pj * qk - (b * pj + lkb * b * qk) / (1 - lj * lkb))
    f = sympy.Function("f")
    values = (f(ljb) - f(lkb)) / (ljb - lkb)
    proof.zero("z p_jp_k is a divided difference", z * pj * pk - (pj - pk) / (lj - lk))
    proof.zero("which is symmetric", values - values.subs({ljb: lkb, lkb: ljb}, simultaneous=True))


def _interpolation(proof: Proof) -> None:
    l, lb = conjugated("lambda")
    z, rest, slope, r, r_slope = sympy.symbols("z rest slope r r_slope")
    factor = (z - lb) / (1 - l * z)
    proof.zero("b vanishes at λ̄: the best readout interpolates", factor.subs(z, lb))
    derivative = sympy.diff(factor, z) * rest * r + factor * (slope * r + rest * r_slope)
    proof.zero("e'(λ̄) = b_[k](λ̄) r(λ̄)/g", derivative.subs(z, lb) - rest * r / (1 - l * lb))
    other, other_bar = conjugated("lambda_j")
    proof.zero("b q_k vanishes at λ̄_j: it is dual to the p_j", ((z - other_bar) / (1 - other * z)).subs(z, other_bar))
    proof.zero("and at λ̄_k it is b_[k]/g", (rest / (1 - l * z)).subs(z, lb) - rest / (1 - l * lb))


def _given(proof: Proof) -> None:
    l, z, x = sympy.symbols("lambda z x")
    mode = 1 / (1 - l * z)
    proof.zero("∂p/∂λ = z p²", sympy.diff(mode, l) - z * mode**2)
    proof.zero("z p² is the derivative of a reproducing kernel", sympy.diff(1 / (1 - x * z), x).subs(x, l) - z * mode**2)
    geometric = 1 / (1 - x)
    twice = sympy.diff(x * sympy.diff(geometric, x), x)  # Σ τ² x^(τ-1)
    proof.zero("⟨z p_k², z p_j²⟩ = Σ τ² x^(τ-1)", twice - (1 + x) / (1 - x) ** 3)


def _double(proof: Proof) -> None:
    """A symmetric function of two poles is one of their sum and product."""
    s, p, l, k = sympy.symbols("s p lambda_1 lambda_2")
    L = sympy.Function("L")
    loss = L(l + k, l * k)
    first, second = (sympy.diff(loss, pole).doit().subs(k, l).doit() for pole in (l, k))
    proof.zero("equal derivatives at a double pole", first - second)
    example = (s - 1) ** 2 + 2 * p - s**2 / 2 + s  # stationary in both poles, not in the product
    along = sympy.diff(example.subs({s: l + k, p: l * k}, simultaneous=True), l)
    proof.zero("a vanishing gradient at a double pole …", along.subs(k, l).subs(l, Rational(1, 4)))
    proof.zero("… with a slope in the product", sympy.diff(example, p) - 2)


def _pencil(proof: Proof) -> None:
    """Resolvents commute, so that one mode a of A says it all."""
    a, x, y = sympy.symbols("a x y")
    left, right = 1 / (1 - x * a), 1 / (1 - y * a)
    proof.zero("C_jAB_k is a divided difference", left * a * right - (left - right) / (x - y))
    proof.zero("C_jB_k is value plus λ̄_j times that", left * right - right - x * (left * a * right))


def tie(proof: Proof) -> None:
    """Library against exact differentiation at Gaussian-rational poles, N = 2, teacher of two modes."""
    symbols = [conjugated(f"lambda_{k}") for k in range(2)]
    values = [Rational(1, 2) + sympy.I / 4, Rational(-1, 4)]
    at = {s: v for (l, lb), w in zip(symbols, values, strict=True) for s, v in ((l, w), (lb, sympy.conjugate(w)))}
    modes, residues = [Rational(3, 4), Rational(-1, 2)], [1, 2]
    q = sympy.Matrix([sum(r / (1 - p * l) for p, r in zip(modes, residues, strict=True)) for l, _ in symbols])
    q_bar = sympy.Matrix([sum(r / (1 - p * lb) for p, r in zip(modes, residues, strict=True)) for _, lb in symbols])
    G = sympy.Matrix(2, 2, lambda i, j: 1 / (1 - symbols[i][0] * symbols[j][1]))
    energy = sum(r * s / (1 - p * o) for p, r in zip(modes, residues, strict=True) for o, s in zip(modes, residues, strict=True))
    loss = energy - (q_bar.T * G.inv() * q)[0]
    teacher = teachers.rational([float(p) for p in modes], [float(r) for r in residues])
    found = pole_loss(lssm.Poles.from_discrete([complex(v) for v in values]), teacher, hessian=True)
    assert found.hessian is not None and found.mixed is not None
    proof.close("loss", found.value, sympy.nsimplify(loss.subs(at)).expand(complex=True), ulps=1024)
    (a, a_bar), (b, _) = symbols
    for name, ours, derivative in (
        ("∂L/∂λ_0", found.gradient[0], sympy.diff(loss, a)),
        ("∂L/∂λ_1", found.gradient[1], sympy.diff(loss, b)),
        ("∂_0²L", found.hessian[0, 0], sympy.diff(loss, a, 2)),
        ("∂_0∂_1L", found.hessian[0, 1], sympy.diff(loss, a, b)),
        ("∂̄_0∂_1L", found.mixed[0, 1], sympy.diff(loss, a_bar, b)),
        ("∂̄_0∂_0L", found.mixed[0, 0], sympy.diff(loss, a_bar, a)),
    ):
        exact = sympy.expand_complex(sympy.simplify(derivative.subs(at)))
        proof.close(f"Re {name}", float(ours.real), sympy.re(exact), ulps=8192)
    best = h2_optimal(teacher, 2)
    for place, value in enumerate(modes):
        proof.close(f"best poles of order 2: {value}", float(best.poles.values[place].real), value, ulps=64)
