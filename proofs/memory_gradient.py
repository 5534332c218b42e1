r"""Gradient of memory: rank one, conserved, bounded.

Statement
---------
Let λ_1 … λ_N lie inside the unit circle, repeats and zeros allowed, b their all-pass filter, ``g_k = 1-|λ_k|²``, and

    c(z) = b(z)/(1-λ_k z),     d(z) = b(z)/(z-λ̄_k).

Then, with Wirtinger derivatives and P the projector of ℓ² onto what the poles remember,

1. ``∂P/∂λ_k = c dᴴ``, hence ``∂M(τ)/∂λ_k = c_τ d̄_τ``;
2. ``c_t = λ_k c_{t-1} + b_t`` from rest and ``d_{t-1} = λ̄_k d_t + b_t`` from infinity;
3. conservation: ``‖c‖² = ‖d‖² = 1/g_k``, ``⟨c, d⟩ = 0``, hence ``Σ_τ ∂M(τ)/∂λ_k = 0``;
4. the bound ``|∂M(τ)/∂λ_k| ≤ √(M(τ)(1-M(τ)))/g_k``;
5. the backward scan starts exactly: with w the section states after step T-1 and ``S = w_k``, then for j > k
   ``S ← (g_j w_j + (λ̄_k-λ̄_j) S)/(1-λ_jλ̄_k)``, ``d_{T-1} = S``.

Taken as given (analysis)
-------------------------
* the kernel of P is ``K(z,w) = (1-b(z)b̄(w))/(1-zw̄)`` (proofs/takenaka_malmquist.py);
* on the circle |b| = 1 and z̄ = 1/z; the mean over the circle of a function analytic in a neighbourhood of the closed disk
  is its value at 0; ``⟨f, h⟩`` is the mean of f h̄;
* range P is H² ⊖ b H²: c = b · 1/(1-λ_k z) lies in b H² (orthogonal to it), and d, a polynomial of degree below N over
  Π(1-λ_j z), lies in it. For f in a subspace with projector Q: ``|f_τ|² ≤ ‖f‖² Q_ττ`` (Cauchy-Schwarz).
"""

import sympy
from sympy import Rational

import lssm

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Derivative of the kernel, scans, norms, orthogonality, bound, exact start, tie."""
    proof = Proof("Gradient of memory, conservation law, bound √(M(1-M))/g", "every N")
    _derivative(proof)
    _scans(proof)
    _norms(proof)
    _bound(proof)
    _exact_start(proof)
    tie(proof)
    return proof


def _derivative(proof: Proof) -> None:
    """Only factor k depends on λ; the others, at z and at w, are constants."""
    l, lb = conjugated("lambda")
    z, wb, rest, rest_bar = sympy.symbols("z w_bar rest rest_bar")
    b, b_bar = rest * (z - lb) / (1 - l * z), rest_bar * (wb - l) / (1 - lb * wb)
    kernel = (1 - b * b_bar) / (1 - z * wb)
    c, d_bar = b / (1 - l * z), b_bar / (wb - l)
    proof.zero("∂K/∂λ = c(z) d̄(w)", sympy.diff(kernel, l) - c * d_bar)


def _scans(proof: Proof) -> None:
    """Coefficients of (1-λz) c = b and (z-λ̄) d = b."""
    l, lb = conjugated("lambda")
    z, now, before, after = sympy.symbols("z now before after")
    forward = sympy.expand((1 - l * z) * (before + now * z)).coeff(z, 1)
    proof.zero("forward scan", forward - (now - l * before))
    backward = sympy.expand((z - lb) * (before + after * z)).coeff(z, 1)
    proof.zero("backward scan", backward - (before - lb * after))


def _norms(proof: Proof) -> None:
    l, lb = conjugated("lambda")
    z = sympy.Symbol("z")
    poisson, conjugate = 1 / ((1 - l * z) * (1 - lb / z)), sympy.Symbol("S")
    proof.zero("|d|² = |c|² on the circle", 1 / ((z - lb) * (1 / z - l)) - poisson)
    proof.zero("Σ|λ|^2t = 1/g, one step of the sum", (conjugate - (1 + l * lb * conjugate)).subs(conjugate, 1 / (1 - l * lb)))
    proof.zero("c d̄ on the circle is z/(1-λz)²", 1 / (1 - l * z) / (1 / z - l) - z / (1 - l * z) ** 2)
    proof.zero("its value at 0", (z / (1 - l * z) ** 2).subs(z, 0))


def _bound(proof: Proof) -> None:
    """|c_τ|² ≤ (1-M)/g and |d_τ|² ≤ M/g multiply to the square of the bound."""
    M, g = sympy.symbols("M g", positive=True)
    proof.zero("product of the two estimates", (1 - M) / g * (M / g) - (sympy.sqrt(M * (1 - M)) / g) ** 2)


def _exact_start(proof: Proof) -> None:
    """Transforms Σ_{s≥T} μ^(s-T) of a section's equations, μ = λ̄_k."""
    l, lb = conjugated("lambda_j")
    mu, w, S_in, W = sympy.symbols("mu w S_in W")
    g = 1 - l * lb
    old_states = sympy.solve(sympy.Eq(W, w + mu * (l * W + S_in)), W)[0]  # Σ μ^(s-T) w_{s-1}
    out = g * old_states - lb * S_in
    proof.zero("one section", out - (g * w + (mu - lb) * S_in) / (1 - l * mu))
    proof.zero("section k itself forgets what came before", out.subs(mu, lb) - w)


def tie(proof: Proof) -> None:
    """Library against exact derivatives at Gaussian-rational poles, N = 3, one of them twice."""
    symbols = [conjugated(f"lambda_{k}") for k in range(3)]
    values = [Rational(1, 2), Rational(1, 2), Rational(-1, 4) + sympy.I / 2]
    at = {s: v for (l, lb), p in zip(symbols, values, strict=True) for s, v in ((l, p), (lb, sympy.conjugate(p)))}
    z = sympy.Symbol("z")
    b = sympy.prod([(z - lb) / (1 - l * z) for l, lb in symbols])
    b_bar = sympy.prod([(z - l) / (1 - lb * z) for l, lb in symbols])
    gradient = lssm.memory_gradient(lssm.Poles.from_discrete([complex(v) for v in values]), 3)
    memory, T = sympy.Integer(1), 3
    response, conjugate = (_taylor(f, z, T) for f in (b, b_bar))
    for tau in range(T):
        memory -= response[tau] * conjugate[tau]
        for k in (0, 2):
            exact = sympy.expand_complex(sympy.diff(memory, symbols[k][0]).subs(at))
            proof.close(f"Re ∂M({tau})/∂λ_{k}", float(gradient[k, tau].real), sympy.re(exact), ulps=256)
            if k == 2:
                proof.close(f"Im ∂M({tau})/∂λ_{k}", float(gradient[k, tau].imag), sympy.im(exact), ulps=256)


def _taylor(f: sympy.Expr, z: sympy.Symbol, T: int) -> list[sympy.Expr]:
    return [sympy.diff(f, z, t).subs(z, 0) / sympy.factorial(t) for t in range(T)]
