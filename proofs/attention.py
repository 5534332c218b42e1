r"""Attention with a frozen key is a recurrence of known dimension.

Statement
---------
A head receives values v_t (white, scalar stream) and holds its key k and its query fixed.

1. Linear attention, ``S_t = γ S_{t-1} + k v_t`` with k of any length d: every entry of S is a multiple of one sum
   ``s_t = γ s_{t-1} + v_t``. One dimension, ``M(τ) = (1-γ²) γ^{2τ}``, capacity 1.
2. H such heads reach one dimension for each distinct decay.
3. Retention with rotated keys, ``S_t = γ R S_{t-1} + k v_t`` with R a block of rotations by angles θ_j: poles
   ``γ e^{±iθ_j}``; for distinct angles in (0, π) and a key with no zero block, d dimensions.
4. Without decay (γ = 1) and T steps after rest, ``M_T(τ) = 1/T`` at every delay.
5. Attention over a window with fixed weights P (H × W): ``M(τ)`` is entry ττ of the projector on the rows of P, with sum rank P.

Taken as given (other proofs)
----------------------------
* equal poles of a diagonal system count once, distinct ones are reached where their weight is not zero (proofs/capacity.py);
* the best linear reconstruction is an orthogonal projection (proofs/takenaka_malmquist.py).
"""

import sympy
from sympy import Rational

import lssm

from ._kit import Proof


def prove() -> Proof:
    """One sum behind a matrix state, its memory, heads, rotations, no decay, window, tie."""
    proof = Proof("Attention with a frozen key: capacity 1, heads, rotations, windows", "every N")
    _one_sum(proof)
    _one_pole(proof)
    _rotation(proof)
    _no_decay(proof)
    _window(proof)
    tie(proof)
    return proof


def _one_sum(proof: Proof) -> None:
    """Induction on t: S = k s stays so; the key is a vector of any length, here one of its entries."""
    gamma, k, s, v = sympy.symbols("gamma k s v")
    proof.zero("S_t = k s_t, t → t+1", gamma * (k * s) + k * v - k * (gamma * s + v))


def _one_pole(proof: Proof) -> None:
    """Normalised, the state responds with √(1-γ²) γ^t: its square is M, with sum 1."""
    gamma = sympy.Symbol("gamma")
    t = sympy.Symbol("t", integer=True, nonnegative=True)
    M = (1 - gamma**2) * gamma ** (2 * t)
    partial = 1 - gamma ** (2 * t)
    proof.zero("Σ M up to t is 1 - γ^2t, base", partial.subs(t, 0))
    proof.zero("Σ M up to t, one step", sympy.powsimp(sympy.expand(partial + M - partial.subs(t, t + 1))))


def _rotation(proof: Proof) -> None:
    """Characteristic polynomial of γ times a rotation, and its reachability from a key block (p, q)."""
    gamma, c, s, p, q, z = sympy.symbols("gamma c s p q z")
    A = gamma * sympy.Matrix([[c, -s], [s, c]])
    polynomial = (z * sympy.eye(2) - A).det()
    proof.zero("poles γ (c ± is)", sympy.expand(polynomial - (z - gamma * (c + sympy.I * s)) * (z - gamma * (c - sympy.I * s))))
    krylov = sympy.Matrix.hstack(sympy.Matrix([p, q]), A * sympy.Matrix([p, q]))
    proof.zero("reached unless the key block or the sine is zero", krylov.det() - gamma * s * (p**2 + q**2))


def _no_decay(proof: Proof) -> None:
    """One column of ones: the projector on it has all entries 1/T."""
    T, t = sympy.symbols("T t", integer=True, positive=True)
    gramian = sympy.summation(1, (t, 0, T - 1))
    proof.zero("leverage of a constant", 1 / gramian - 1 / T)


def _window(proof: Proof) -> None:
    """The covariance of window and features is Pᵀ, that of the features P Pᵀ: letters of any size."""
    P, P_t, inverse = sympy.symbols("P P_t inverse", commutative=False)
    projector = P_t * inverse * P
    proof.zero("a projector", sympy.expand((projector * projector).subs(P * P_t, inverse**-1) - projector))


def tie(proof: Proof) -> None:
    """Library against exact numbers."""
    memory = lssm.memory_function(lssm.attention.linear_attention(decay=[0.5, 0.5]), 4)
    for tau in range(4):
        proof.close(f"two equal heads, M({tau})", float(memory.values[tau]), Rational(3, 4) / 4**tau, ulps=8)
    flat = lssm.memory_function(lssm.attention.linear_attention(), 5, horizon=5)
    proof.close("no decay, M_5(3)", float(flat.values[3]), Rational(1, 5), ulps=8)
    weights = [[1, 1, 0], [0, 1, 2]]
    P = sympy.Matrix(weights)
    exact = P.T * (P * P.T).inv() * P
    found = lssm.attention.window_memory(weights)
    for tau in range(3):
        proof.close(f"window, M({tau})", float(found[tau]), exact[tau, tau], ulps=16)
    poles = lssm.spectra.retnet(order=4, heads=1)
    proof.close("rotated keys of length 4", float(lssm.memory_capacity(poles)[0]), sympy.Integer(4), ulps=0)
    proof.close(
        "the same without rotation",
        float(lssm.memory_capacity(lssm.spectra.retnet(order=4, heads=1, rotation=False))[0]),
        sympy.Integer(1),
        ulps=0,
    )
