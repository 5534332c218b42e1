r"""Any stable system is a cascade of orthonormal sections: the Gramian as a factor.

Statement
---------
Let a stable system be block triangular,

$$
T = \begin{pmatrix}A_1&a\\0&\Lambda\end{pmatrix}, \qquad B = \begin{pmatrix}B_1\\b\end{pmatrix},
$$

with blocks of any size and any number of inputs. Let $U_2$, $\tilde\Lambda$ and $\beta$ be such that $b=U_2\beta$,
$\Lambda U_2=U_2\tilde\Lambda$ and $\tilde\Lambda\tilde\Lambda^*+\beta\beta^*=I$ (where $(\Lambda,b)$ is reachable, $U_2U_2^*$
is its Gramian). Let $W=A_1W\tilde\Lambda^*+aU_2\tilde\Lambda^*+B_1\beta^*$ and $Y=A_1W+aU_2$, and let $X$ and $Z$ complete
$\beta^*$ and $\tilde\Lambda^*$ to a unitary matrix $\begin{pmatrix}\beta^*&X\\\tilde\Lambda^*&Z\end{pmatrix}$. Then, for every
$N$,

1. $U=\begin{pmatrix}U_1&W\\0&U_2\end{pmatrix}$ has $UU^*=TUU^*T^*+BB^*$ if $U_1$ has it for $A_1$ driven by $\hat B=B_1X+YZ$;
2. where $U$ is invertible (all states are reached), with $U_1A_{o,1}=A_1U_1$ and $U_1\hat B_o=\hat B$ the coordinates
   $A_o=U^{-1}TU$, $B_o=U^{-1}B$ need no inverse, and
   $A_oA_o^*+B_oB_o^*=I$ by induction:

   $$
   A_o = \begin{pmatrix}A_{o,1}&\hat B_oZ^*\\0&\tilde\Lambda\end{pmatrix}, \qquad
   B_o = \begin{pmatrix}\hat B_oX^*\\\beta\end{pmatrix};
   $$

3. in continuous time $\tilde\Lambda+\tilde\Lambda^*+\beta\beta^*=0$, $A_1W+W\tilde\Lambda^*+aU_2+B_1\beta^*=0$ and
   $\hat B=B_1-W\beta$ give $TUU^*+UU^*T^*+BB^*=0$ and, with $A_o+A_o^*+B_oB_o^*=0$,

   $$
   A_o = \begin{pmatrix}A_{o,1}&-\hat B_o\beta^*\\0&\tilde\Lambda\end{pmatrix}, \qquad
   B_o = \begin{pmatrix}\hat B_o\\\beta\end{pmatrix};
   $$

4. for a diagonal matrix and one input a step multiplies entry $i$ of $B_1$ by $(\lambda_i-\lambda_k)/(1-\lambda_i\bar\lambda_k)$,
   the Takenaka–Malmquist cascade, and in continuous time by $(a_i-a_k)/(a_i+\bar a_k)$;
5. with $V\Sigma^2V^*$ the observability Gramian in these coordinates, $\Sigma$ invertible (all states are seen),
   $x_o=V\Sigma^{-1/2}x_b$ makes both Gramians $\Sigma$;
6. of $h_0=CB+D$, $h_t=CA^tB$ the energy is $\sum_t\|h_t\|^2=\|C_oA_o\|^2+\|CB+D\|^2$ with $C_o=CU$ (Frobenius norms); two systems
   with the same inputs have joint coordinates, $A_iS_i=S_iA_o$ and $B_i=S_iB_o$, and from delay 1 on the inner product of their
   responses is that of $C_1S_1A_o$ and $C_2S_2A_o$.

Taken as given (linear algebra)
-------------------------------
* Schur's theorem; a Stein or Lyapunov equation with a stable matrix has one solution, and it is positive semidefinite;
* that the completed matrix is unitary says $XX^*+\beta^*\beta=I$, $XZ^*+\beta^*\tilde\Lambda=0$,
  $ZZ^*+\tilde\Lambda^*\tilde\Lambda=I$, and $X^*X+Z^*Z=I$, $\beta X+\tilde\Lambda Z=0$;
* adjoints of identities hold; unitary changes of coordinates of the inputs, or of all states, change no norm;
* $A_o^t\to0$, so that a telescoping sum over $t\ge1$ of $A_o^tA_o^{*t}-A_o^{t+1}A_o^{*t+1}$ is $A_oA_o^*$.

Stands behind
-------------
`lssm.gramian`, `lssm.gramian_eigenvalues`, `lssm.gramian_eigensystem`, `lssm.gramian_factor`, `lssm.input_normal`,
`lssm.balanced`, `lssm.balanced_truncation`, `lssm.hankel_singular_values`, `lssm.h2_norm`, `lssm.h2_inner_product`,
`lssm.h2_distance`, `lssm.symbolic.stein`, `lssm.symbolic.lyapunov`; derivation: {doc}`/derivations/gramians`
"""

import sympy
from sympy import MatMul, sqrt

import lssm

from ._kit import Proof, conjugated, letters

A, A_h, a, a_h, L, L_h, B, B_h, b, b_h = letters("A_1 A_1_h a a_h Lambda Lambda_h B_1 B_1_h b b_h")
U, U_h, V, V_h, W, W_h, Y, Y_h = letters("U_1 U_1_h U_2 U_2_h W W_h Y Y_h")
l, l_h, beta, beta_h = letters("Lambda_tilde Lambda_tilde_h beta beta_h")
X, X_h, Z, Z_h, H, H_h = letters("X X_h Z Z_h B_hat B_hat_h")
Ao, Ao_h, Ho, Ho_h = letters("A_o_1 A_o_1_h B_hat_o B_hat_o_h")
I2 = sympy.eye(2)
SYSTEM, SYSTEM_H = sympy.Matrix([[A, a], [0, L]]), sympy.Matrix([[A_h, 0], [a_h, L_h]])
INPUT, INPUT_H = sympy.Matrix([B, b]), sympy.Matrix([[B_h, b_h]])
FACTOR, FACTOR_H = sympy.Matrix([[U, W], [0, V]]), sympy.Matrix([[U_h, 0], [W_h, V_h]])
LAST = {L * V: V * l, V_h * L_h: l_h * V_h, b: V * beta, b_h: beta_h * V_h}
ROWS = {X * X_h: 1 - beta_h * beta, X * Z_h: -beta_h * l, Z * X_h: -l_h * beta, Z * Z_h: 1 - l_h * l}


def prove() -> Proof:
    """Factor and coordinates, discrete and continuous; one input, balancing, norms, tie."""
    return Proof(
        "Orthonormal cascade of any system: factor, input-normal, balanced",
        "every N",
        factor,
        coordinates,
        continuous_factor,
        continuous_coordinates,
        one_input,
        one_input_continuous,
        balanced,
        norms,
        tie,
    )


def factor(proof: Proof) -> None:
    r"""The blocks of $UU^*=TUU^*T^*+BB^*$."""
    left, right = FACTOR * FACTOR_H, SYSTEM * FACTOR * FACTOR_H * SYSTEM_H + INPUT * INPUT_H
    proof.equal("last block", left[1, 1], right[1, 1], using=LAST | {l * l_h: 1 - beta * beta_h})
    definition = {a * V * l_h: W - A * W * l_h - B * beta_h}
    proof.equal("block beside it", left[0, 1], right[0, 1], using=LAST | definition)
    proof.equal("W in terms of Y", W, B * beta_h + Y * l_h, using={Y: A * W + a * V} | definition)
    smaller = {A * U * U_h * A_h: U * U_h - H * H_h, A * W: Y - a * V, W_h * A_h: Y_h - V_h * a_h}
    driven = {H: B * X + Y * Z, H_h: X_h * B_h + Z_h * Y_h} | ROWS
    known = {B * beta_h: W - Y * l_h, beta * B_h: W_h - l * Y_h}
    proof.equal("first block", left[0, 0], right[0, 0], using=smaller | driven | known)


def coordinates(proof: Proof) -> None:
    r"""$TU=UA_o$ and $B=UB_o$; rows of $(A_o,B_o)$ stay orthonormal."""
    here, inputs = sympy.Matrix([[Ao, Ho * Z_h], [0, l]]), sympy.Matrix([Ho * X_h, beta])
    here_h, inputs_h = sympy.Matrix([[Ao_h, 0], [Z * Ho_h, l_h]]), sympy.Matrix([[X * Ho_h, beta_h]])
    moved = {A * W: Y - a * V, A * U: U * Ao, L * V: V * l}
    known = {U * Ho: H, H: B * X + Y * Z, W: B * beta_h + Y * l_h} | ROWS
    proof.equal("T U = U A_o", MatMul(SYSTEM, FACTOR), MatMul(FACTOR, here), using=moved | known)
    proof.equal("B = U B_o", INPUT, MatMul(FACTOR, inputs), using={b: V * beta} | known)
    columns = {Z_h * Z: 1 - X_h * X, Z_h * l_h: -X_h * beta_h, l * Z: -beta * X}
    normal = {Ao * Ao_h: 1 - Ho * Ho_h, l * l_h: 1 - beta * beta_h}
    proof.equal("A_o A_o* + B_o B_o* = I", MatMul(here, here_h) + MatMul(inputs, inputs_h), I2, using=columns | normal)


def continuous_factor(proof: Proof) -> None:
    r"""In continuous time: the blocks of $TUU^*+UU^*T^*+BB^*=0$."""
    gramian = FACTOR * FACTOR_H
    sum_ = SYSTEM * gramian + gramian * SYSTEM_H + INPUT * INPUT_H
    section = {l: -l_h - beta * beta_h}
    proof.equal("last block, continuous", sum_[1, 1], 0, using=LAST | section)
    definition = {a * V: -A * W - W * l_h - B * beta_h, V_h * a_h: -W_h * A_h - l * W_h - beta * B_h}
    proof.equal("block beside it, continuous", sum_[0, 1], 0, using=LAST | definition)
    smaller = {A * U * U_h: -U * U_h * A_h - H * H_h, H: B - W * beta, H_h: B_h - beta_h * W_h}
    proof.equal("first block, continuous", sum_[0, 0], 0, using=definition | smaller | section)


def continuous_coordinates(proof: Proof) -> None:
    r"""In continuous time: $TU=UA_o$, $B=UB_o$ and $A_o+A_o^*+B_oB_o^*=0$."""
    here, inputs = sympy.Matrix([[Ao, -Ho * beta_h], [0, l]]), sympy.Matrix([Ho, beta])
    here_h, inputs_h = sympy.Matrix([[Ao_h, 0], [-beta * Ho_h, l_h]]), sympy.Matrix([[Ho_h, beta_h]])
    section = {l: -l_h - beta * beta_h}
    moved = {a * V: -A * W - W * l_h - B * beta_h, A * U: U * Ao, L * V: V * l}
    known = {U * Ho: H, H: B - W * beta}
    proof.equal("T U = U A_o, continuous", MatMul(SYSTEM, FACTOR), MatMul(FACTOR, here), using=moved | known | section)
    proof.equal("B = U B_o, continuous", INPUT, MatMul(FACTOR, inputs), using={b: V * beta} | known)
    normal = {Ao: -Ao_h - Ho * Ho_h} | section
    proof.equal("A_o + A_o* + B_o B_o* = 0", here + here_h + inputs * inputs_h, sympy.zeros(2), using=normal)


def one_input(proof: Proof) -> None:
    r"""One input, diagonal matrix, section of pole $\lambda_k$.

    Here $\beta=\sqrt g$, and entry $i$ of $B_1$, $W$, $Y$ is $b$, $w$, $\lambda_iw$. Completion $X=-\lambda_k$, $Z=\sqrt g$.
    """
    (p, _), (k, kb) = conjugated("lambda_i"), conjugated("lambda_k")
    b, w = sympy.symbols("b w")
    root = sqrt(1 - k * kb)
    unitary, adjoint = sympy.Matrix([[root, -k], [kb, root]]), sympy.Matrix([[root, k], [-kb, root]])
    proof.equal("completion", MatMul(adjoint, unitary, evaluate=False), I2)
    solved = {w: root * b / (1 - p * kb)}
    proof.equal("w", w, p * w * kb + b * root, using=solved)
    proof.equal("a step is an all-pass factor", b * -k + p * w * root, b * (p - k) / (1 - p * kb), using=solved)


def one_input_continuous(proof: Proof) -> None:
    r"""The same in continuous time: poles $a_i$ and $a_k$, $\beta=\sqrt{-a_k-\bar a_k}$."""
    (p, _), (k, kb) = conjugated("a_i"), conjugated("a_k")
    b, w = sympy.symbols("b w")
    root = sqrt(-k - kb)
    solved = {w: -root * b / (p + kb)}
    proof.equal("w, continuous", p * w + w * kb + b * root, 0, using=solved)
    proof.equal("a step is an all-pass factor, continuous", b - w * root, b * (p - k) / (p + kb), using=solved)


def balanced(proof: Proof) -> None:
    r"""$x_b=RV^*x_o$ with $R=\Sigma^{1/2}$ and $V$ unitary, from $G=I$ and $O=V\Sigma^2V^*$."""
    V, V_h, S, R, R_inv, G, O = letters("V V_h Sigma R R_inv G O")
    root = {S: R * R, R_inv * R: 1, R * R_inv: 1}
    proof.equal("reachability Gramian", R * V_h * G * V * R, S, using={G: 1, V_h * V: 1} | root)
    proof.equal("observability Gramian", R_inv * V_h * O * V * R_inv, S, using={O: V * S**2 * V_h, V_h * V: 1} | root)


def norms(proof: Proof) -> None:
    r"""Two systems in joint coordinates.

    With $P=A_o^t$: their responses at delay $t$ are $C_iS_iPB_o$, and a term of their inner product is a difference. For one
    system, $S_i=U$.
    """
    A, S, P, P_h, Ao, Ao_h, Bo, Bo_h = letters("A_i S_i P P_h A_o A_o_h B_o B_o_h")
    C1, S1, C2_h, S2_h = letters("C_1 S_1 C_2_h S_2_h")
    proof.equal("response, t → t+1", A * (S * P * Bo), S * Ao * P * Bo, using={A * S: S * Ao})
    term = C1 * S1 * P * Bo * Bo_h * P_h * S2_h * C2_h
    difference = C1 * S1 * (P * P_h - P * Ao * Ao_h * P_h) * S2_h * C2_h
    proof.equal("one delay", term, difference, using={Ao * Ao_h: 1 - Bo * Bo_h})


def tie(proof: Proof) -> None:
    """Library against exact solutions of Stein and Lyapunov equations, three states, two inputs."""
    A = sympy.Matrix([[4, 2, 0], [-2, 4, 1], [1, 0, -4]]) / 8
    B, C, D = sympy.Matrix([[2, 0], [1, 2], [0, -2]]) / 2, sympy.Matrix([[1, 2, -1]]), sympy.Matrix([[2, 1]]) / 2
    slower, (numbers, others) = A - sympy.eye(3), ([_floats(M) for M in Ms] for Ms in ((A, B, C, D), (A - sympy.eye(3), B, C)))
    discrete, continuous = lssm.symbolic.stein(A, B), lssm.symbolic.lyapunov(slower, B)
    for name, system, exact in (
        ("discrete", tuple(numbers), discrete),
        ("continuous", lssm.ContinuousSSM(*others), continuous),
    ):
        found = lssm.gramian(system)
        for i, j in ((0, 0), (0, 1), (1, 2), (2, 2)):
            proof.close(f"{name} Gramian [{i},{j}]", found[i, j], exact[i, j], ulps=256)
    energy = (C * A * discrete * A.T * C.T + (C * B + D) * (C * B + D).T)[0]
    proof.close("H2 norm squared", lssm.h2_norm(tuple(numbers)) ** 2, energy, ulps=64)
    seen = lssm.symbolic.stein(A.T, C.T)
    sigma = lssm.hankel_singular_values(tuple(numbers))
    proof.close("Σ σ²", (sigma**2).sum(), (discrete * seen).trace(), ulps=64)
    proof.close("Π σ²", (sigma**2).prod(), (discrete * seen).det(), ulps=4096)


def _floats(matrix: sympy.Matrix) -> list[list[float]]:
    return [[float(x) for x in row] for row in matrix.tolist()]
