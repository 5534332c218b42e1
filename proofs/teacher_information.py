r"""What a readout's gradient knows of a teacher, linear and behind any nonlinearity.

Statement
---------
Let λ_1 … λ_N lie inside the unit circle, repeats and zeros allowed, b their all-pass filter, φ_k their Takenaka-Malmquist
functions, ``x_t = Σ_τ v_τ u_{t-τ}`` a state over white input with reachability Gramian G, m a square-summable teacher,
``q = Σ_τ m̄_τ v_τ``. Then

1. ``L(c) = E|c*x - z|² = ‖m‖² - 2 Re c*q + c*Gc`` and ``∂L/∂c̄ = Gc - q``: delay τ enters by its vector v_τ, in whitened
   coordinates φ(τ) of squared length M(τ);
2. each section of the cascade is lossless, ``|out|² + g|w|² = |in|² + g|w_before|²``; run against time over m, the cascade
   therefore splits the energy, ``‖m‖² = Σ_k |a_k|² + ‖P₊(b̄ m)‖²``, and the second part is the loss of the best readout;
3. of a rational teacher, mode p with residue r leaves the cascade as mode p with residue ``r Π_k (p-λ_k)/(1-λ̄_kp)``;
4. for any differentiable loss ℓ and output nonlinearity f the gradient is ``Σ_τ E[g_t u_{t-τ}] v_τ``, ``g = ℓ'(f(s)) f'(s)``;
5. for Gaussian input ``E[g u_{t-τ}] = α h_τ + β m_τ``, h the response of s and ``(α, β) = Σ⁻¹ E[g (s, z)]``.

Taken as given (analysis, probability)
--------------------------------------
* ``M(τ) = Σ_k |φ_k(τ)|²``, φ orthonormal (proofs/takenaka_malmquist.py);
* the states of a stable cascade run over a square-summable signal start from 0 in the limit of long signals;
* jointly Gaussian variables that are uncorrelated are independent.
"""

import sympy
from sympy import Rational

import lssm
from lssm.dynamics import nonlinear_gradient, teacher_information, teachers

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Quadratic loss, lossless section, modes, nonlinearity, Gaussian coefficients, tie."""
    proof = Proof("Teacher information: visible and lost energy, any nonlinearity", "every N")
    _quadratic(proof)
    _lossless(proof)
    _modes(proof)
    _nonlinear(proof)
    _gaussian(proof)
    tie(proof)
    return proof


def _quadratic(proof: Proof) -> None:
    """One delay of the error, ``|c*v - m|²``, two entries of the state: sums over both are linear in these terms."""
    (c, cb), (d, db), (v, vb), (w, wb), (m, mb) = map(conjugated, ("c", "d", "v", "w", "m"))
    loss = (cb * v + db * w - m) * (c * vb + d * wb - mb)
    parts = m * mb - (cb * v + db * w) * mb - (c * vb + d * wb) * m + (cb * v + db * w) * (c * vb + d * wb)
    proof.zero("loss of one delay", loss - parts)
    gradient = v * (vb * c + wb * d) - mb * v
    proof.zero("∂L/∂c̄ of one delay is (v v*)c - m̄ v", sympy.diff(loss, cb) - gradient)


def _lossless(proof: Proof) -> None:
    """Energy in, energy out, energy stored, for one section and one step: no N, no time in it."""
    (l, lb), (w, wb), (s, sb) = map(conjugated, ("lambda", "w", "s"))
    g = 1 - l * lb
    new, new_bar = l * w + s, lb * wb + sb
    out, out_bar = g * w - lb * s, g * wb - l * sb
    proof.zero("one section is lossless", out * out_bar + g * new * new_bar - s * sb - g * w * wb)
    stored, stored_bar = conjugated("w_2")
    l2, l2_bar = conjugated("lambda_2")
    g2 = 1 - l2 * l2_bar
    last, last_bar = g2 * stored - l2_bar * out, g2 * stored_bar - l2 * out_bar
    after, after_bar = l2 * stored + out, l2_bar * stored_bar + out_bar
    gained = g * new * new_bar + g2 * after * after_bar - g * w * wb - g2 * stored * stored_bar
    proof.zero("one section more: what passes between them cancels", last * last_bar + gained - s * sb)


def _modes(proof: Proof) -> None:
    """Against time: ``w_τ = λ w_{τ+1} + s_τ``, ``out_τ = g w_{τ+1} - λ̄ s_τ`` for ``s_τ = p̄^τ``."""
    l, lb = conjugated("lambda")
    pb = sympy.Symbol("p_bar")
    state = 1 / (1 - l * pb)  # times p̄^τ
    proof.zero("state of a section under a mode", l * pb * state + 1 - state)
    out = (1 - l * lb) * pb * state - lb
    proof.zero("a mode leaves a section multiplied by one number", out - (pb - lb) / (1 - l * pb))


def _nonlinear(proof: Proof) -> None:
    """Chain rule for any ℓ and f, and linearity of the state in the input."""
    c, d, x, y = sympy.symbols("c d x y")
    loss, f = sympy.Function("l"), sympy.Function("f")
    s = sympy.Symbol("s")
    signal = sympy.diff(loss(f(s)), s).doit()
    for weight, state in ((c, x), (d, y)):
        found = sympy.diff(loss(f(c * x + d * y)), weight).doit()
        proof.zero(f"gradient with respect to {weight} is g {state}", found - signal.subs(s, c * x + d * y).doit() * state)
    v, w, u, past, g = sympy.symbols("v w u past g")
    proof.zero("the state is linear in the input", g * (v * u + w * past) - (g * u) * v - (g * past) * w)


def _gaussian(proof: Proof) -> None:
    """The part of u_{t-τ} that s and z do not explain is uncorrelated with both."""
    h, m, ss, sz, zz = sympy.symbols("h m ss sz zz")
    covariance = sympy.Matrix([[ss, sz], [sz, zz]])
    explained = sympy.Matrix([[h, m]]) * covariance.inv()
    for place, name in enumerate(("s", "z")):
        left = sympy.Matrix([h, m])[place] - (explained * covariance[:, place])[0]
        proof.zero(f"rest of u is uncorrelated with {name}", left)
    gs, gz = sympy.symbols("E_gs E_gz")
    alpha, beta = covariance.inv() * sympy.Matrix([gs, gz])
    proof.zero("E[g u] = α h + β m", (explained * sympy.Matrix([gs, gz]))[0] - alpha * h - beta * m)


def tie(proof: Proof) -> None:
    """Library against exact arithmetic: energies of three teachers, and a cubic nonlinearity by Gaussian moments."""
    poles = [Rational(1, 2), Rational(-1, 4), Rational(3, 4)]
    ours = lssm.Poles.from_discrete([float(p) for p in poles])
    G = sympy.Matrix(3, 3, lambda i, j: 1 / (1 - poles[i] * poles[j]))
    for name, teacher, at, energy in (
        ("delay 2", teachers.delay(2), lambda l: l**2, sympy.Integer(1)),
        ("taps", teachers.fir([1.0, 0.5, 0.25]), lambda l: 1 + l / 2 + l**2 / 4, Rational(21, 16)),
        ("mode", teachers.rational([0.875], [2.0]), lambda l: 2 / (1 - Rational(7, 8) * l), 4 / (1 - Rational(49, 64))),
    ):
        q = sympy.Matrix([at(p) for p in poles])
        visible = (q.T * G.inv() * q)[0]
        found = teacher_information(ours, teacher, 3)
        proof.close(f"visible energy, {name}", found.visible, visible, ulps=64)
        proof.close(f"lost energy, {name}", found.lost, energy - visible, ulps=1024)
    _tie_cubic(proof)


def _tie_cubic(proof: Proof) -> None:
    """``½(s³ - z)²`` with one pole: ``E[g s] = 3E s⁶ - 3E s³z``, ``E[g z] = 3E s⁵z - 3E s²z²``."""
    ss, sz, zz = Rational(4, 3), Rational(1, 2), sympy.Integer(1)  # pole 1/2, c = 1, teacher: delay 1, cov = v_1 = 1/2
    s6, s3z = 15 * ss**3, 3 * ss * sz
    s5z, s2z2 = 15 * ss**2 * sz, ss * zz + 2 * sz**2
    alpha, beta = sympy.Matrix([[ss, sz], [sz, zz]]).inv() * sympy.Matrix([3 * s6 - 3 * s3z, 3 * s5z - 3 * s2z2])
    found = nonlinear_gradient(lssm.Poles.from_discrete([0.5]), teachers.delay(1), [1.0], lambda s, z: (s**3 - z) * 3 * s**2)
    proof.close("coefficient of the model, cubic", found.on_model, alpha, ulps=4096)
    proof.close("coefficient of the teacher, cubic", found.on_teacher, beta, ulps=4096)
    proof.close("gradient, cubic", float(found.gradient[0].real), alpha * ss + beta * sz, ulps=4096)
