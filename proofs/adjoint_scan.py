r"""Gradients of a sequence loss by one adjoint scan, and readouts in real coordinates.

Statement
---------
For every number of modes, every number of steps T and every differentiable loss L of the states ``x_t = λ x_{t-1} + b u_t``
from rest:

1. with ``g_t = ∂L/∂Re x_t + i ∂L/∂Im x_t`` and ``a_t = g_t + λ̄ a_{t+1}``, ``a_T = 0``,
   ``dL = Re(dλ̄ Σ_t a_t x̄_{t-1}) + Re(db̄ Σ_t a_t u_t)``;
2. the same of any state matrix: ``a_t = g_t + A* a_{t+1}``;
3. a parameter p of ``λ = e^{ℓ(p)}`` and ``b = f(p) B`` has the gradient
   ``Re(∂ℓ/∂p · λ · Ā) + Re(∂log f/∂p · b · B̄)`` with A and B the two sums;
4. the mean of the last L states is the state of the table ``w_τ = (1/L) Σ_{σ=τ-L+1}^{τ} v_σ``, and that map is transposed by
   reversing time before and after it;
5. of a conjugate pair, ``√2 Re x`` and ``√2 Im x`` have the squared length of ``(x, x̄)``, and a gradient step of ``½|y - z|²`` on
   their real weights is the step of the complex readout;
6. the squared loss of n rows is a function of the triangular factor of their QR factorization, and ridge with intercept is ridge
   without, on what the factor holds below its first row.

Taken as given (analysis)
-------------------------
* chain rule; sums over modes are sums of one-mode terms, as the recurrences are independent.
"""

import numpy as np
import sympy
from sympy import I, Rational

import lssm
from lssm.training import LinearReadout, TrainedSSM

from ._kit import Proof


def prove() -> Proof:
    """One step back, matrices, parameters, pooled tables, real coordinates, triangles, tie."""
    proof = Proof("Adjoint scan: gradients of sequence losses, real readouts", "every N")
    _backward_step(proof)
    _matrix(proof)
    _parameters(proof)
    _pooled(proof)
    _real_coordinates(proof)
    _triangle(proof)
    tie(proof)
    return proof


def _complex(name: str) -> sympy.Expr:
    return sympy.Symbol(f"{name}_r", real=True) + I * sympy.Symbol(f"{name}_i", real=True)


def _dot(a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
    """``Re(ā b)``."""
    return sympy.re(sympy.expand(sympy.conjugate(a) * b))


def _backward_step(proof: Proof) -> None:
    """S_t = Σ_{s≥t} Re(ḡ_s δ_s) = Re(ā_t δ_t) + Σ_{s>t} Re(ā_s r_s), where ``δ_s = λ δ_{s-1} + r_s``."""
    l, g, a_next, delta, r = map(_complex, ("lambda", "g", "a", "delta", "r"))
    a = g + sympy.conjugate(l) * a_next
    proof.zero("one step back", _dot(g, delta) + _dot(a_next, l * delta + r) - _dot(a, delta) - _dot(a_next, r))
    x, dl, db, u = _complex("x"), _complex("dl"), _complex("db"), sympy.Symbol("u", real=True)
    proof.zero("what drives δ, seen by λ", _dot(a, x * dl) - _dot(a * sympy.conjugate(x), dl))
    proof.zero("what drives δ, seen by b", _dot(a, u * db) - _dot(a * u, db))
    change = sympy.expand((l + dl) * (x + delta) - l * x - l * delta - x * dl - dl * delta)
    proof.zero("δ obeys the recurrence to first order", sympy.re(change) + sympy.im(change))


def _matrix(proof: Proof) -> None:
    """The same with A in place of λ: two states stand for any number, as entries of A enter one by one."""
    entries = [[_complex(f"A_{i}{j}") for j in range(2)] for i in range(2)]
    g, a_next, delta, r = ([_complex(f"{name}_{i}") for i in range(2)] for name in ("g", "a", "delta", "r"))
    moved = [sum((entries[i][j] * delta[j] for j in range(2)), sympy.Integer(0)) + r[i] for i in range(2)]
    back = [g[j] + sum((sympy.conjugate(entries[i][j]) * a_next[i] for i in range(2)), sympy.Integer(0)) for j in range(2)]
    left = sum((_dot(g[i], delta[i]) + _dot(a_next[i], moved[i]) for i in range(2)), sympy.Integer(0))
    right = sum((_dot(back[i], delta[i]) + _dot(a_next[i], r[i]) for i in range(2)), sympy.Integer(0))
    proof.zero("one step back, any state matrix", left - right)


def _parameters(proof: Proof) -> None:
    """dλ = λ dℓ, db = b dlog f; both derivatives with respect to a real parameter are complex numbers."""
    p = sympy.Symbol("p", real=True)
    l, f = sympy.Function("ell")(p), sympy.Function("f")(p)
    proof.zero("dλ/dp", sympy.diff(sympy.exp(l), p) - sympy.exp(l) * sympy.diff(l, p))
    B = sympy.Symbol("B")
    proof.zero("db/dp", sympy.diff(f * B, p) - f * B * sympy.diff(sympy.log(f), p))
    sums, slope, pole = _complex("A"), _complex("slope"), _complex("lambda")
    proof.zero("cotangent of ℓ", _dot(sums, pole * slope) - _dot(sympy.conjugate(pole) * sums, slope))


def _pooled(proof: Proof) -> None:
    """A moving mean is ``(1/L)(C_τ - C_{τ-L})``; its matrix depends on the difference of its indices only."""
    tau, sigma, L, T = sympy.symbols("tau sigma L T", integer=True, positive=True)
    v = sympy.Function("v")
    C = sympy.Function("C")
    mean = (C(tau) - C(tau - L)) / L
    step = mean.subs(tau, tau + 1) - mean
    follows = step.subs(C(tau + 1), C(tau) + v(tau + 1)).subs(C(tau + 1 - L), C(tau - L) + v(tau + 1 - L))
    proof.zero("the mean takes in one state and leaves out another", follows - (v(tau + 1) - v(tau + 1 - L)) / L)
    reversed_difference = (T - 1 - sigma) - (T - 1 - tau)
    proof.zero("reversing both indices transposes", reversed_difference - (tau - sigma))


def _real_coordinates(proof: Proof) -> None:
    """Weights ``w = √2 (Re c, Im c)`` of features ``√2 (Re x, Im x)`` give ``c̄ x + c x̄``."""
    c, x, e = _complex("c"), _complex("x"), sympy.Symbol("e", real=True)
    root = sympy.sqrt(2)
    w, features = (root * sympy.re(c), root * sympy.im(c)), (root * sympy.re(x), root * sympy.im(x))
    output = sympy.conjugate(c) * x + c * sympy.conjugate(x)
    proof.zero("same output", w[0] * features[0] + w[1] * features[1] - sympy.expand(output))
    proof.zero("same length of weights", w[0] ** 2 + w[1] ** 2 - 2 * sympy.expand(c * sympy.conjugate(c)))
    proof.zero("same length of states", features[0] ** 2 + features[1] ** 2 - 2 * sympy.expand(x * sympy.conjugate(x)))
    stepped = c - x * e  # c ← c - η E[x ē], one sample
    for part, value, feature in zip((sympy.re, sympy.im), w, features, strict=True):
        proof.zero(f"same step, {part.__name__}", root * part(stepped) - (value - feature * e))


def _triangle(proof: Proof) -> None:
    """``[1 F Z] = QR``: with orthonormal columns of Q, ``‖QRv‖² = ‖Rv‖²``; the first row is the means."""
    r, s, t, w, b, q = sympy.symbols("r s t w b q", real=True)
    z1, z2, z3 = sympy.symbols("z1 z2 z3", real=True)
    column = sympy.Matrix([b, w, -1])
    R = sympy.Matrix([[r, s, z1], [0, t, z2], [0, 0, z3]])
    loss = (R * column).dot(R * column)
    best = sympy.solve(sympy.diff(loss, b), b)[0]
    proof.zero("the intercept puts the means right", best - (z1 - s * w) / r)
    centred = sympy.Matrix([[t, z2], [0, z3]]) * sympy.Matrix([w, -1])
    proof.zero("without it, what stands below the first row", loss.subs(b, best) - centred.dot(centred))
    turn = sympy.Matrix([[sympy.cos(q), -sympy.sin(q)], [sympy.sin(q), sympy.cos(q)]])
    proof.zero(
        "a rotation of rows changes no square", sympy.simplify((turn * centred).dot(turn * centred) - centred.dot(centred))
    )


def tie(proof: Proof) -> None:
    """Library against exact rationals: a gradient through four steps of one real pole, and ridge on three sequences."""
    pole, weight, u, z = Rational(1, 2), Rational(3, 4), [1, Rational(-1, 2), 2, Rational(1, 4)], Rational(1, 4)
    start = lssm.parameterisations.LRU(
        nu_log=np.array([float(sympy.log(sympy.log(2)))]), theta_log=np.array([-800.0])
    )  # λ = 1/2, angle 0
    model = TrainedSSM(start, train=("poles", "inputs"), inputs=[1.0], epochs=1, rates=0.0, intercept=False)
    model.fit(np.array([[float(x) for x in u]]), [float(z)])
    model.coef_, model.inputs_ = np.array([float(weight), 0.0]), np.ones((1, 1), complex)
    _, found = model.gradient(np.array([[float(x) for x in u]]), [float(z)])
    l, b = sympy.symbols("l b", positive=True)
    state = sum((b * x * l ** (3 - t) for t, x in enumerate(u)), sympy.Integer(0))
    loss = (weight * sympy.sqrt(2) * state - z) ** 2 / 2
    at = {l: pole, b: 1}
    proof.close("∂L/∂b", float(found["inputs"][0, 0].real), sympy.diff(loss, b).subs(at), ulps=64)
    by_nu = (sympy.diff(loss, l) * l * sympy.log(l)).subs(at)  # ℓ = -exp ν
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
