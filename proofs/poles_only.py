r"""Memory depends on the poles alone: exactly when.

Statement
---------
Let $(A, B)$ and $(\tilde A,\tilde B)$ have one input, the same number $N$ of states and the same characteristic polynomial, its
roots inside the unit circle, and let both be reachable. Let $C$ be the companion matrix of that polynomial,
$K=[B,AB,\dots,A^{N-1}B]$ and $\tilde K$ likewise, $T=\tilde KK^{-1}$, and $v_\tau=A^\tau B$,
$\tilde v_\tau=\tilde A^\tau\tilde B$. Then

1. $TA=\tilde AT$ and $TB=\tilde B$;
2. on the same scalar input, of whatever kind, $\tilde x_t=Tx_t$: every readout of one state is a readout of the other, with the
   same output;
3. for any stationary scalar input with autocovariance $r$, white or not, $\tilde v_\tau=Tv_\tau$ at every delay, and the
   covariances $P=\sum_{j,k}r_{j-k}v_jv_k^*$ and $p_\tau=\sum_jr_{j-\tau}v_j$ become $\tilde P=TPT^*$ and
   $\tilde p_\tau=Tp_\tau$;
4. so $M(\tau)=p_\tau^*P^{-1}p_\tau/r_0$ is the same for both, at every delay; where $P$ is singular, $M$ is by 2.

Each condition is needed: there are systems with equal poles and unequal memory

5. with two inputs;
6. with white noise in the state, or in what is read of it;
7. where one of the two is not reachable.

Taken as given (linear algebra)
-------------------------------
* a matrix satisfies its characteristic polynomial (Cayley, Hamilton), so that $AK=KC$ and $\tilde A\tilde K=\tilde KC$;
  a reachable pair has an invertible $K$;
* the sums converge, since the poles are inside the circle and $|r_j|\le r_0$; the states are the limits of states from rest;
* the best linear readout of $u_{t-\tau}$ from a state of covariance $P$ leaves $r_0-p_\tau^*P^{-1}p_\tau$; noise that does not
  depend on the input adds its covariance to $P$;
* for stable $A$ the equation $G=AGA^*+BB^*$ has one solution, the Gramian.

Stands behind
-------------
`lssm.memory_function`, `lssm.equivalence.to_diagonal`, `lssm.equivalence.to_dense`, `lssm.equivalence.to_dplr`,
`lssm.equivalence.balance`, `lssm.equivalence.certify`; derivation: {doc}`/derivations/equivalence`
"""

import numpy as np
import sympy
from sympy import MatMul, Rational

import lssm

from ._kit import Proof, letters

POLES = (Rational(1, 2), Rational(-1, 3))


def prove() -> Proof:
    """Similarity, states, covariances, memory, a counterexample for each condition, tie."""
    return Proof(
        "Memory depends on the poles alone: exact conditions",
        "every N",
        similar,
        states,
        covariances,
        memory,
        two_inputs,
        state_noise,
        unreachable,
        tie,
    )


def similar(proof: Proof) -> None:
    r"""Similarity: $A=KCK^{-1}$ and $\tilde A=\tilde KC\tilde K^{-1}$ share $C$.

    $B=Ke$, $\tilde B=\tilde Ke$, $e$ the first unit vector.
    """
    A, A2, B, B2, C, T, e = letters("A A_tilde B B_tilde C T e")
    K, K_inv, K2, K2_inv = letters("K K_inv K_tilde K_tilde_inv")
    change, inverses = {T: K2 * K_inv}, {K_inv * K: 1, K2_inv * K2: 1}
    proof.equal("T A = Ã T", T * A, A2 * T, using=change | {A: K * C * K_inv, A2: K2 * C * K2_inv} | inverses)
    proof.equal("T B = B̃", T * B, B2, using=change | {B: K * e, B2: K2 * e} | inverses)


def states(proof: Proof) -> None:
    r"""States, by induction from rest: if $\tilde x_{t-1}=Tx_{t-1}$, then $\tilde x_t=Tx_t$.

    With $x$ the old state, $u=u_t$; readouts $w^*$ and $w^*T^{-1}$ correspond.
    """
    A, A2, B, B2, T, T_inv, x, w = letters("A A_tilde B B_tilde T T_inv x w_h")
    u = sympy.Symbol("u")
    proof.equal("x̃ = T x, t-1 → t", A2 * (T * x) + B2 * u, T * (A * x + B * u), using={A2 * T: T * A, B2: T * B})
    proof.equal("every readout of x is one of x̃", (w * T_inv) * (T * x), w * x, using={T_inv * T: 1})


def covariances(proof: Proof) -> None:
    r"""Covariances, term by term of the sums.

    $\tilde v_\tau=Tv_\tau$ by induction on $\tau$, with $TB=\tilde B$ at $\tau=0$; $v$ stands for $v_\tau$, $r$ for an
    autocovariance.
    """
    A, A2, T, T_h, v = letters("A A_tilde T T_h v")
    proof.equal("ṽ = T v, τ → τ+1", A2 * (T * v), T * (A * v), using={A2 * T: T * A})
    vj, vk, vj2, vk2 = letters("v_j v_k_h v_j_tilde v_k_tilde_h")
    r = sympy.Symbol("r")
    moved = {vj2: T * vj, vk2: vk * T_h}
    proof.equal("term of P̃", r * vj2 * vk2, T * (r * vj * vk) * T_h, using=moved)
    proof.equal("term of p̃", r * vj2, T * (r * vj), using=moved)


def memory(proof: Proof) -> None:
    r"""Memory: $T$ cancels, as $\tilde P=TPT^*$ has the inverse $T^{*,-1}P^{-1}T^{-1}$."""
    T, T_inv, T_h, T_h_inv = letters("T T_inv T_h T_h_inv")
    P, P_inv, p, p_h = letters("P P_inv p p_h")
    P2, P2_inv, p2, p2_h = letters("P_tilde P_tilde_inv p_tilde p_tilde_h")
    inverse = {P2_inv: T_h_inv * P_inv * T_inv}
    cancel = {T_h * T_h_inv: 1, T_inv * T: 1, P * P_inv: 1, T * T_inv: 1}
    proof.equal("inverse of P̃", P2 * P2_inv, 1, using={P2: T * P * T_h} | inverse | cancel)
    proof.equal("M̃ = M", p2_h * P2_inv * p2, p_h * P_inv * p, using={p2: T * p, p2_h: p_h * T_h} | inverse | cancel)


def two_inputs(proof: Proof) -> None:
    r"""Two white inputs, with the poles $\tfrac12$ and $-\tfrac13$ in both systems.

    $M(0)=B_1^{\mathsf T}G^{-1}B_1$ is the memory of the first input, $B_1$ its column of $B$, and
    $G=AGA^{\mathsf T}+BB^{\mathsf T}$.
    """
    A, plain, mixed = sympy.diag(*POLES), sympy.eye(2), sympy.Matrix([[1, 1], [0, 1]])
    G, G2 = gramian(proof, "inputs apart", A, plain), gramian(proof, "inputs mixed", A, mixed)
    differ(proof, "two inputs", recalled(plain[:, 0], G), recalled(mixed[:, 0], G2), Rational(75, 296))


def state_noise(proof: Proof) -> None:
    r"""White noise of covariance $I$ in the state, or in what is read.

    Without it a diagonal system $A,B$ and the same in other coordinates, $TAT^{-1}$ and $TB$, recall the same; with it they do
    not. Noise in the state is two more inputs, $G=AGA^{\mathsf T}+BB^{\mathsf T}+I$; noise in what is read adds $I$ to the
    Gramian of $B$.
    """
    T, noise = sympy.Matrix([[1, 1], [0, 2]]), sympy.eye(2)
    A, B = sympy.diag(*POLES), sympy.ones(2, 1)
    A2, B2 = T * A * T.inv(), T * B
    G, G2 = gramian(proof, "diagonal", A, B), gramian(proof, "similar", A2, B2)
    proof.equal("without noise, the same", recalled(B, G), recalled(B2, G2))
    noisy = gramian(proof, "diagonal, noise in the state", A, sympy.Matrix.hstack(B, noise))
    noisy2 = gramian(proof, "similar, noise in the state", A2, sympy.Matrix.hstack(B2, noise))
    differ(proof, "noise in the state", recalled(B2, noisy2), recalled(B, noisy), Rational(48307, 228072))
    read, read2 = recalled(B, G + noise), recalled(B2, G2 + noise)
    differ(proof, "noise in what is read", read2, read, Rational(15789711, 74380825))


def unreachable(proof: Proof) -> None:
    r"""One pole not reached: with $B=(1,0)$ the second state stays 0.

    Only the first is read, with $M(0)=B_1^2/G_{11}$; with $B=(1,1)$ both are.
    """
    A, B, both = sympy.diag(*POLES), sympy.Matrix([1, 0]), sympy.ones(2, 1)
    G, G2 = gramian(proof, "one pole reached", A, B), gramian(proof, "both poles reached", A, both)
    alone = recalled(B[:1, :], G[:1, :1])
    differ(proof, "one of two poles reached", recalled(both, G2), alone, Rational(2, 9))


def gramian(proof: Proof, name: str, A: sympy.Matrix, B: sympy.Matrix) -> sympy.Matrix:
    """Check ``A G Aᵀ + B Bᵀ = G`` and return G."""
    G = lssm.symbolic.stein(A, B)
    proof.equal(f"Gramian, {name}", sympy.MatAdd(MatMul(A, G, A.T, evaluate=False), B * B.T, evaluate=False), G)
    return G


def recalled(B: sympy.Matrix, G: sympy.Matrix) -> sympy.Expr:
    """``Bᵀ G⁻¹ B``, not yet evaluated, a matrix of one entry."""
    return MatMul(B.T, sympy.Inverse(sympy.ImmutableMatrix(G)), B, evaluate=False)


def differ(proof: Proof, name: str, first: sympy.Expr, second: sympy.Expr, by: sympy.Expr) -> None:
    """Two memories at delay 0, and by how much the first is more."""
    proof.equal(f"M(0) differs, {name}", first, sympy.MatAdd(second, sympy.Matrix([by]), evaluate=False))


def tie(proof: Proof) -> None:
    """The library on the same systems: similar pairs, two inputs, a pole that is not reached."""
    A, b, change = np.diag([0.5, -1 / 3]), np.ones(2), np.array([[1.0, 1.0], [0.0, 2.0]])
    exact = lssm.symbolic.memory_function(POLES, 2)
    for name, pair in (("diagonal", (A, b)), ("similar", (change @ A @ np.linalg.inv(change), change @ b))):
        for tau, value in enumerate(lssm.memory_function(pair, 2).values):
            proof.close(f"{name}, M({tau})", value, exact[tau], ulps=64)
    alone = lssm.memory_function((A, np.array([1.0, 0.0])), 1).values[0]
    proof.close("one pole reached", alone, lssm.symbolic.memory_function(POLES[:1], 1)[0], ulps=64)
    for name, B, wanted in (("apart", [[1, 0], [0, 1]], Rational(3, 4)), ("mixed", [[1, 1], [0, 1]], Rational(147, 296))):
        normal = lssm.input_normal(lssm.DiscreteSSM(A, np.array(B, float))).system  # Gramian one: M_i(0) = ‖B e_i‖²
        proof.close(f"two inputs, {name}", float(np.sum(np.abs(normal.B[:, 0]) ** 2)), wanted, ulps=256)
