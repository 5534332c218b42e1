r"""Attention with a frozen key is a recurrence of known dimension.

Statement
---------
A head receives values $v_t$ (one white scalar stream of variance one) and holds its key $k$ and its query $q$ fixed,
$0<\gamma<1$ is its decay, and $M(\tau)$ is the share of $v_{t-\tau}$ that a linear readout of its state recalls.

1. Linear attention, $S_t=\gamma S_{t-1}+v_tk$ with $k\ne0$ of any length: every entry of $S$ is a multiple of one sum
   $s_t=\gamma s_{t-1}+v_t$. One dimension, $M(\tau)=(1-\gamma^2)\gamma^{2\tau}$, capacity 1.
2. Heads on the same stream reach one dimension for each distinct decay.
3. Retention, $S_t=\gamma S_{t-1}+v_tR^tk$ read as $(R^tq)^{\mathsf T}S_t$ with keys of even length $d$ and $R$ a rotation by
   $\theta_j$ in the $j$-th of $d/2$ planes, is the system $\tilde S_t=\gamma R^{-1}\tilde S_{t-1}+v_tk$ read as
   $q^{\mathsf T}\tilde S_t$, with the same memory. Its poles are $\gamma e^{\pm i\theta_j}$; for distinct angles in $(0,\pi)$
   and a key with a part in every plane, capacity is $d$, and $Hd$ for $H$ such heads with distinct decays on the same stream.
4. Without decay, $\gamma=1$, and $T$ steps after rest, $M_T(\tau)=1/T$ for $\tau<T$.
5. A window of $W$ values $u=(v_t,\dots,v_{t-W+1})$ seen by $H$ heads with fixed weights $P$, $H\times W$: $M(\tau)$ is entry
   $\tau\tau$ of the projector $P_+P$ on the rows of $P$, with $P_+$ the pseudo-inverse, and $\sum_\tau M(\tau)$ is the rank of
   $P$.

Taken as given (other proofs)
-----------------------------
* a diagonal system reaches one dimension for each distinct pole with a weight that is not zero (`proofs/capacity.py`);
* $M(\tau)=v_\tau^*G^{-1}v_\tau$ for the responses $v_\tau$ of a state and their Gramian $G=\sum_\tau v_\tau v_\tau^*$, over
  $\tau<T$ at $T$ steps after rest (`proofs/takenaka_malmquist.py`, `proofs/finite_horizon.py`).

Taken as given (linear algebra)
-------------------------------
* stationary states are limits of states from rest; a rotation is orthogonal, $R^{\mathsf T}=R^{-1}$;
* $PP_+P=P$ and $P_+P$ is symmetric; the trace of a projector is its rank; a readout is best where its error is uncorrelated
  with what it reads.

Stands behind
-------------
`lssm.attention.linear_attention`, `lssm.attention.window_memory`, `lssm.attention.compare_at_equal_size`,
`lssm.spectra.retnet`; derivation: {doc}`/derivations/attention`
"""

import sympy
from sympy import I, MatMul, Rational, exp

import lssm

from ._kit import Proof, at, letters


def prove() -> Proof:
    """One sum behind a matrix state, its memory, heads, frozen rotation, its poles, no decay, window, tie."""
    return Proof(
        "Attention with a frozen key: capacity 1, heads, rotations, windows",
        "every N",
        one_sum,
        one_pole,
        heads,
        frozen_rotation,
        rotation_poles,
        no_decay,
        window,
        tie,
    )


def one_sum(proof: Proof) -> None:
    r"""One sum: $S=sk$ at rest, where both are 0, and if $S_{t-1}=s_{t-1}k$, then $S_t=s_tk$.

    Below, $S$ and $s$ are the old ones and $v=v_t$; the key $k$ is a vector of any length.
    """
    S, k = letters("S k")
    gamma, s, v = sympy.symbols("gamma s v")
    proof.equal("S_t = s_t k, t-1 → t", gamma * S + v * k, (gamma * s + v) * k, using={S: s * k})


def one_pole(proof: Proof) -> None:
    r"""One pole: the sum responds with $\gamma^\tau$, and its Gramian $G=\sum_t\gamma^{2t}$ obeys $G=1+\gamma^2G$.

    $1-\gamma^{2t}$, the sum of $M$ over $\tau<t$ by induction over $t$, tends to 1.
    """
    gamma, G = sympy.symbols("gamma G")
    t = sympy.Symbol("t", integer=True, nonnegative=True)
    M, total = (1 - gamma**2) * gamma ** (2 * t), 1 - gamma ** (2 * t)
    known = {G: 1 / (1 - gamma**2)}
    proof.equal("G = 1/(1-γ²)", G, 1 + gamma**2 * G, using=known)
    proof.equal("M(t)", gamma**t / G * gamma**t, M, using=known)
    proof.equal("ΣM, base", at(total, {t: 0}), 0)
    proof.equal("ΣM, t → t+1", total + M, 1 - gamma ** (2 * (t + 1)))


def heads(proof: Proof) -> None:
    r"""Heads: head $h$ holds $s_h$ times its key.

    The $s_h$ are a diagonal system with poles $\gamma_h$ and weights one, which reaches a dimension for each distinct pole. Two
    of equal decay differ by what decays from rest, where it is 0.
    """
    gamma, s, r, v = sympy.symbols("gamma s_1 s_2 v")
    proof.equal("equal decays, one number", (gamma * s + v) - (gamma * r + v), gamma * (s - r))


def frozen_rotation(proof: Proof) -> None:
    r"""Frozen key: $\tilde S_t=R^{-t}S_t$ is one-to-one with $S_t$.

    With $Y=R^{t-1}$ the old state is $S=Y\tilde S$, the new one $S=YR\tilde S$, the key at $t$ is $YRk$ and the transposed
    query $q^{\mathsf T}R^{-1}Y^{-1}$.
    """
    S, S2, R, R_inv, Y, Y_inv, k, q = letters("S S_tilde R R_inv Y Y_inv k q_t")
    gamma, v = sympy.symbols("gamma v")
    inverses = {Y_inv * Y: 1, R_inv * R: 1}
    new = R_inv * Y_inv * (gamma * S + v * Y * R * k)
    proof.equal("S̃ with the frozen key", new, gamma * R_inv * S2 + v * k, using={S: Y * S2} | inverses)
    proof.equal("same output", (q * R_inv * Y_inv) * S, q * S2, using={S: Y * R * S2} | inverses)


def rotation_poles(proof: Proof) -> None:
    r"""Poles in one plane, where $R^{-1}$ turns by $-\theta$ and the key has the part $(p,r)$.

    $(1,\pm i)$ are left eigenvectors, so $x\pm iy$ of a state $(x,y)$ are modes with weights $p\pm ir$, not zero unless
    $p=r=0$. The two poles differ as $\sin\theta\ne0$; those of different angles in $(0,\pi)$ have different real parts, those
    of different decays different moduli.
    """
    gamma, p, r = sympy.symbols("gamma p r", real=True)
    theta = sympy.Symbol("theta", real=True)
    turn = sympy.Matrix([[sympy.cos(theta), sympy.sin(theta)], [-sympy.sin(theta), sympy.cos(theta)]])
    for name, sign in (("upper", 1), ("lower", -1)):
        row = sympy.Matrix([[1, sign * I]])
        image = gamma * exp(-sign * I * theta) * row
        proof.equal(f"{name} mode", MatMul(row, gamma * turn, evaluate=False), image)
    proof.equal("weights", (p + I * r) * (p - I * r), p**2 + r**2)
    proof.equal("poles of one plane", gamma * exp(I * theta) - gamma * exp(-I * theta), 2 * I * gamma * sympy.sin(theta))
    proof.equal("real part", gamma * exp(I * theta) + gamma * exp(-I * theta), 2 * gamma * sympy.cos(theta))
    proof.equal("modulus", sympy.Abs(gamma * exp(I * theta), evaluate=False) ** 2, gamma**2)


def no_decay(proof: Proof) -> None:
    r"""No decay: the sum responds with 1 at each of $T$ delays."""
    T, t = sympy.symbols("T t", integer=True, positive=True)
    proof.equal("M_T(τ)", 1 / sympy.Sum(1, (t, 0, T - 1)), 1 / T)


def window(proof: Proof) -> None:
    r"""Window: the readout of $Pu$ for entry $\tau$ of $u$, with $e$ its unit vector, is $e^{\mathsf T}P_+Pu$.

    Its error is $e^{\mathsf T}(1-P_+P)u$, uncorrelated with $Pu$, so it recalls 1 less the variance of the error. $Q=P_+P$ is
    symmetric.
    """
    P, plus, Q, e, e_t = letters("P P_+ Q e e_t")
    proof.equal("a projector", (plus * P) * (plus * P), plus * P, using={P * plus * P: P})
    proof.equal("error and what is read", P * (1 - plus * P) * e, 0, using={P * plus * P: P})
    error = (e_t * (1 - Q)) * ((1 - Q) * e)
    proof.equal("M(τ)", 1 - error, e_t * Q * e, using={Q**2: Q, e_t * e: 1})


def tie(proof: Proof) -> None:
    """Library against exact numbers."""
    memory = lssm.memory_function(lssm.attention.linear_attention(decay=[0.5, 0.5]), 4)
    for tau, exact in enumerate(lssm.symbolic.memory_function(["1/2"], 4)):
        proof.close(f"two equal heads, M({tau})", float(memory.values[tau]), exact, ulps=8)
    flat = lssm.memory_function(lssm.attention.linear_attention(), 5, horizon=5)
    proof.close("no decay, M_5(3)", float(flat.values[3]), lssm.symbolic.memory_function([1], 5, horizon=5)[3], ulps=8)
    weights = [[1, 1, 0], [0, 1, 2], [1, 2, 2]]  # the third is the sum of the others
    P = sympy.Matrix(weights)
    for tau, found in enumerate(lssm.attention.window_memory(weights)):
        proof.close(f"window, M({tau})", float(found), (P.pinv() * P)[tau, tau], ulps=16)
    gamma, angles = Rational(31, 32), (sympy.Integer(1), Rational(1, 10000))
    turned = [gamma * exp(sign * I * angle) for angle in angles for sign in (1, -1)]
    for name, rotation, poles in (("rotated keys", True, turned), ("no rotation", False, [gamma] * 4)):
        found = lssm.memory_capacity(lssm.spectra.retnet(order=4, heads=1, rotation=rotation))
        exact = sympy.Integer(lssm.symbolic.memory_capacity(poles))
        proof.close(f"capacity, {name}", float(found[0]), exact, ulps=0)
