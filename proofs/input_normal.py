r"""Any stable system is a cascade of orthonormal sections: the Gramian as a factor.

Statement
---------
Let ``T = [[A_1, a], [0, Λ]]`` be block triangular and stable, driven by ``[B_1; b]``. With U_2 the factor of the last block,
``b = U_2 β`` and ``Λ U_2 = U_2 Λ̃``, so that ``Λ̃Λ̃* + ββ* = I``, let ``W = A_1 W Λ̃* + a U_2 Λ̃* + B_1 β*``, ``Y = A_1 W + a U_2``
and let ``Q = [X; Z]`` complete ``[β*; Λ̃*]`` to a unitary matrix. Then, for blocks of any size, any number of inputs and every N,

1. ``U = [[U_1, W], [0, U_2]]`` has ``U U* = T U U* T* + B B*`` if U_1 has it for A_1 driven by ``B̂ = [B_1, Y] Q``;
2. ``A_o = U⁻¹TU`` and ``B_o = U⁻¹B`` are ``[[A_o1, B̂_o Z*], [0, Λ̃]]`` and ``[B̂_o X*; β]``: no inverse is needed, and
   ``A_o A_o* + B_o B_o* = I`` by induction;
3. in continuous time ``Λ̃ + Λ̃* + ββ* = 0``, ``A_1 W + W Λ̃* + a U_2 + B_1 β* = 0``, ``B̂ = B_1 - W β``, and
   ``A_o = [[A_o1, -B̂_o β*], [0, Λ̃]]``, ``B_o = [B̂_o; β]``;
4. for a diagonal matrix and one input a step multiplies ``B_1`` by ``(λ_i-λ_k)/(1-λ_iλ̄_k)``: the Takenaka-Malmquist cascade;
5. with ``V Σ² V*`` the observability Gramian in these coordinates, ``x_o = V Σ^{-½} x_b`` makes both Gramians Σ;
6. ``Σ_t ‖h_t‖² = ‖C_o A_o‖² + ‖CB + D‖²``, and joint coordinates of two systems give their inner product.

Taken as given (linear algebra)
-------------------------------
* Schur's theorem; a Stein or Lyapunov equation with a stable matrix has one solution, and it is positive semidefinite;
* that the completed matrix is unitary says ``X X* + β*β = I``, ``X Z* + β*Λ̃ = 0``, ``Z Z* + Λ̃*Λ̃ = I``, and
  ``X*X + Z*Z = I``, ``β X + Λ̃ Z = 0``;
* unitary changes of coordinates of the inputs, or of all states, change no norm.
"""

import sympy
from sympy import Rational

import lssm

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Factor, coordinates, continuous time, one input, balancing, norms, tie."""
    proof = Proof("Orthonormal cascade of any system: factor, input-normal, balanced", "every N")
    _factor(proof)
    _coordinates(proof)
    _continuous(proof)
    _one_input(proof)
    _balanced(proof)
    _norms(proof)
    tie(proof)
    return proof


def _letters(names: str) -> list[sympy.Symbol]:
    """Matrices of any size: letters that do not commute."""
    return list(sympy.symbols(names, commutative=False))


def _factor(proof: Proof) -> None:
    """The three blocks of the Stein equation; a letter with _h is the adjoint."""
    A, A_h, UU, W, W_h, a, a_h = _letters("A1 A1_h U1U1_h W W_h a a_h")
    B, B_h, V, V_h, L, L_h, beta, beta_h = _letters("B1 B1_h U2 U2_h Lambda Lambda_h beta beta_h")
    Y, Y_h = A * W + a * V, W_h * A_h + V_h * a_h
    corner = V * V_h - (V * L * L_h * V_h + V * beta * beta_h * V_h)
    proof.zero("last block", sympy.expand(sympy.expand(corner).subs(beta * beta_h, 1 - L * L_h)))
    side = W * V_h - (Y * L_h * V_h + B * beta_h * V_h)
    proof.zero("block beside it", sympy.expand(side.subs(W * V_h, (Y * L_h + B * beta_h) * V_h)))
    driven = B * B_h + Y * Y_h - W * W_h  # B̂B̂* = [B_1, Y] (I - [β*; Λ̃*] [β, Λ̃]) [B_1, Y]*
    smaller = A * UU * A_h + driven  # what U_1U_1* equals
    through = A * (UU + W * W_h) * A_h + A * W * V_h * a_h + a * V * W_h * A_h + a * V * V_h * a_h
    proof.zero("first block", sympy.expand(smaller + W * W_h - through - B * B_h))


def _coordinates(proof: Proof) -> None:
    """B̂ = B_1 X + Y Z and W = B_1 β* + Y Λ̃* give back B_1 and Y; rows of [A_o, B_o] are orthonormal."""
    B, Y, X, X_h, Z, Z_h = _letters("B1 Y X X_h Z Z_h")
    L, L_h, beta, beta_h = _letters("Lambda Lambda_h beta beta_h")
    hat, W = B * X + Y * Z, B * beta_h + Y * L_h
    unitary = {X * X_h: 1 - beta_h * beta, X * Z_h: -beta_h * L, Z * X_h: -L_h * beta, Z * Z_h: 1 - L_h * L}
    proof.zero("B_1 = U_1 (B̂_o X*) + W β", _reduced(hat * X_h + W * beta - B, unitary))
    proof.zero("A_1 W + a U_2 = U_1 (B̂_o Z*) + W Λ̃", _reduced(hat * Z_h + W * L - Y, unitary))
    A, A_h, E, E_h = _letters("A_o1 A_o1_h B_o B_o_h")
    gram = A * A_h + E * Z_h * Z * E_h + E * X_h * X * E_h - 1
    proof.zero("rows of the rest are orthonormal", _reduced(gram, {Z_h * Z: 1 - X_h * X, A * A_h: 1 - E * E_h}))
    proof.zero("and orthogonal to the section", _reduced(E * (Z_h * L_h + X_h * beta_h), {Z_h * L_h: -X_h * beta_h}))
    proof.zero("rows of the section", _reduced(L * L_h + beta * beta_h - 1, {L * L_h: 1 - beta * beta_h}))


def _reduced(expression: sympy.Expr, rules: dict[sympy.Expr, sympy.Expr]) -> sympy.Expr:
    for product, value in rules.items():
        expression = sympy.expand(sympy.expand(expression).subs(product, value))
    return expression


def _continuous(proof: Proof) -> None:
    """The Lyapunov equation, and the coordinates, in continuous time."""
    W, W_h, B, B_h, V, V_h = _letters("W W_h B1 B1_h U2 U2_h")
    L, L_h, beta, beta_h, E = _letters("Lambda Lambda_h beta beta_h B_o")
    section = {L: -L_h - beta * beta_h}
    known, known_h = -(W * L_h + B * beta_h), -(L * W_h + beta * B_h)  # A_1 W + a U_2 and its adjoint
    proof.zero("last block, continuous", _reduced(V * (L + L_h + beta * beta_h) * V_h, section))
    hat, hat_h = B - W * beta, B_h - beta_h * W_h
    proof.zero("first block, continuous", _reduced(known * W_h + W * known_h + B * B_h - hat * hat_h, section))
    proof.zero("its coordinates", _reduced(known - W * L + hat * beta_h, section))
    proof.zero("A_o + A_o* + B_o B_o* = 0 beside the section", -E * beta_h + E * beta_h)


def _one_input(proof: Proof) -> None:
    """Diagonal matrix, one input: B̂ = -λ_k B + √g y with y = λ_i w, w = √g B/(1-λ_iλ̄_k)."""
    (li, _), (lk, lkb) = conjugated("lambda_i"), conjugated("lambda_k")
    b, g = sympy.Symbol("b"), 1 - lk * lkb
    w_root = b / (1 - li * lkb)  # w/√g
    proof.zero("a step is an all-pass factor", -lk * b + g * li * w_root - b * (li - lk) / (1 - li * lkb))
    root = sympy.sqrt(g)
    columns = sympy.Matrix([[root, -lk], [lkb, root]])  # [β*; λ̄] and its complement
    adjoint = sympy.Matrix([[root, lk], [-lkb, root]])
    for i, entry in enumerate(adjoint * columns - sympy.eye(2)):
        proof.zero(f"completion is unitary, entry {i}", entry)
    (ai, _), (ak, akb) = conjugated("a_i"), conjugated("a_k")
    damping = -(ak + akb)
    proof.zero("a step in continuous time", b - damping * b / -(ai + akb) - b * (ai - ak) / (ai + akb))


def _balanced(proof: Proof) -> None:
    V, V_h = _letters("V V_h")
    s = sympy.Symbol("s", commutative=False)  # Σ^½, its own adjoint
    inverse = sympy.Symbol("s_inverse", commutative=False)
    reach = sympy.expand(s * V_h * V * s).subs(V_h * V, 1)
    proof.zero("reachability Gramian in balanced coordinates", reach - s**2)
    see = inverse * V_h * V * s**4 * V_h * V * inverse
    seen = sympy.expand(see).subs(V_h * V, 1)
    proof.zero("observability Gramian in balanced coordinates", (seen - inverse * s**4 * inverse).subs(inverse, s**-1))


def _norms(proof: Proof) -> None:
    """``Σ_{t≥1} C_o A_o^t B_o B_o* A_o*^t C_o* = C_o A_o A_o* C_o*``, since the Gramian is the identity."""
    A, A_h, B, B_h = _letters("A_o A_o_h B_o B_o_h")
    gramian = A * A_h + B * B_h
    proof.zero("energy after the present", sympy.expand(A * (gramian - B * B_h) * A_h + A * B * B_h * A_h - A * gramian * A_h))
    proof.zero("is that of C_o A_o", sympy.expand(A * gramian * A_h).subs(B * B_h, 1 - A * A_h) - A * A_h)


def tie(proof: Proof) -> None:
    """Library against exact solutions of Stein and Lyapunov equations, three states, two inputs."""
    A = sympy.Matrix([[4, 2, 0], [-2, 4, 1], [1, 0, -4]]) / 8
    B = sympy.Matrix([[1, 0], [Rational(1, 2), 1], [0, -1]])
    C, D = sympy.Matrix([[1, 2, -1]]), sympy.Matrix([[1, Rational(1, 2)]])
    numbers, slower = [_floats(M) for M in (A, B, C, D)], A - sympy.eye(3)
    discrete = _solution(lambda G: G - A * G * A.T - B * B.T)
    continuous = _solution(lambda G: slower * G + G * slower.T + B * B.T)
    shifted = lssm.ContinuousSSM(_floats(slower), numbers[1], numbers[2])
    for name, system, exact in (("discrete", tuple(numbers), discrete), ("continuous", shifted, continuous)):
        found = lssm.gramian(system)
        for i, j in ((0, 0), (0, 1), (1, 2), (2, 2)):
            proof.close(f"{name} Gramian [{i},{j}]", float(found[i, j]), exact[i, j], ulps=256)
    delay_zero = C * B + D
    energy = (C * A * discrete * A.T * C.T + delay_zero * delay_zero.T)[0]
    proof.close("H2 norm squared", lssm.h2_norm(tuple(numbers)) ** 2, energy, ulps=64)
    seen = _solution(lambda G: G - A.T * G * A - C.T * C)
    sigma = lssm.hankel_singular_values(tuple(numbers))
    proof.close("Σ σ²", float((sigma**2).sum()), (discrete * seen).trace(), ulps=64)
    proof.close("Π σ²", float((sigma**2).prod()), (discrete * seen).det(), ulps=4096)


def _floats(matrix: sympy.Matrix) -> list[list[float]]:
    return [[float(x) for x in row] for row in matrix.tolist()]


def _solution(residual) -> sympy.Matrix:  # type: ignore[no-untyped-def]
    """Exact symmetric G with residual(G) = 0."""
    x = sympy.symbols("x:6")
    G = sympy.Matrix([[x[0], x[1], x[2]], [x[1], x[3], x[4]], [x[2], x[4], x[5]]])
    return G.subs(sympy.solve(list(residual(G)), x, dict=True)[0])
