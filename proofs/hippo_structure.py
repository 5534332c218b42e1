r"""HiPPO matrices: normal plus low rank, eigenvectors of LegS, Woodbury form of S4's transfer function, S4 ↔ diagonal form.

Statement
---------
With $r_n=\sqrt{2n+1}$, $0\le n,k<N$, for every $N$

1. each HiPPO matrix is a normal matrix less a low rank, $A=S+\sigma I-PP^{\mathsf T}$ with a real skew
   $S=V\,\mathrm i\Omega\,V^*$, $V$ unitary and $\Omega$ real and diagonal, hence $V^*AV=\Lambda-pp^*$ with
   $\Lambda=\sigma I+\mathrm i\Omega$, $p=V^*P$ (DPLR):
   * LegS, $A_{nk}=-r_nr_k$ for $n>k$, $-(n+1)$ for $n=k$, $0$ for $n<k$: $\sigma=-\tfrac12$, $P_n=\sqrt{n+\tfrac12}$;
   * LegT, $A_{nk}=-r_nr_k$ for $k\le n$, $-(-1)^{n-k}r_nr_k$ for $k>n$: $\sigma=0$, two columns $P$, $r_n$ on odd and on even
     $n$;
   * LagT, $A_{nk}=-1$ for $n>k$, $-\tfrac12$ for $n=k$, $0$ for $n<k$: $\sigma=0$, $P_n=1/\sqrt2$;
   * FouT, $A=S-\tfrac12BB^{\mathsf T}$, $S$ of blocks $\begin{pmatrix}0&-2\pi m\\2\pi m&0\end{pmatrix}$, $m=0,1,\dots$:
     $\sigma=0$, $P=B/\sqrt2$;
2. LegS has the eigenvalues $-1,\dots,-N$; column $j$ of $V_{ij}=(-1)^ir_i\binom{i+j}{i-j}$, zero for $i<j$, is an eigenvector
   of $-(j+1)$;
3. let $\Lambda$ be diagonal, $P$, $Q$ of $r$ columns, and $s$ an eigenvalue of neither $\Lambda$ nor $A$. The transfer function
   $C(s-\Lambda+PQ^*)^{-1}B$ of $A=\Lambda-PQ^*$ is $k_{CB}-k_{CP}(I+k_{QP})^{-1}k_{QB}$, products
   $k_{uv}=u\,(s-\Lambda)^{-1}v=\sum_nu_nv_n/(s-\Lambda_n)$ with a Cauchy matrix, where the rows $u$ are those of $C$ and $Q^*$;
4. under the bilinear rule with step $\Delta$, $D=I-\tfrac\Delta2A$, $\bar A=D^{-1}(I+\tfrac\Delta2A)=2D^{-1}-I$,
   $\bar B=\Delta D^{-1}B$, $\bar A$ is diagonal plus rank $r$ again, and on the unit circle S4's generating function is
   $\sum_{t\ge0}C\bar A^t\bar B\,z^t=\dfrac{2}{1+z}\,C(s-A)^{-1}B$ at $s=\dfrac2\Delta\,\dfrac{1-z}{1+z}$, for
   $z=e^{-\mathrm i\omega}$ the imaginary $s=\mathrm i\,\tfrac2\Delta\tan\tfrac\omega2$, and $\tfrac\Delta2CB$ at $z=-1$; its
   first $L$ terms are the same with $C(I-z^L\bar A^L)$ for $C$, which is $C(I-\bar A^L)$ at all $L$-th roots of unity;
5. a change of coordinates $A'=V^{-1}AV$, $B'=V^{-1}B$, $C'=CV$ keeps impulse response $CA^\tau B$, transfer function, poles,
   and memory $v_\tau^*G^{-1}v_\tau$, $v_\tau=A^\tau B$, $G=AGA^*+BB^*$, and commutes with the bilinear rule and the hold; the
   Gramian becomes $V^{-1}GV^{-*}$: learning speeds, its eigenvalues, are kept by a unitary $V$, as in 1, but not by others in
   general, and not by those of 2;
6. S4D-LegS, which keeps $\Lambda$ and drops $pp^*$, is no such change of S4-LegS: the sums of their poles differ by $N^2/2$.

Taken as given (algebra)
------------------------
* a real skew matrix has a unitary basis of eigenvectors and imaginary eigenvalues; an identity of sums in $i$ holds for all $i$
  if it does at one end and from one $i$ to the next; a triangular matrix without zeros on the diagonal is invertible;
* for square matrices a right inverse is the inverse, and $(DF)^{-1}=F^{-1}D^{-1}$; the eigenvalues of $\bar A$ lie inside the
  unit circle (in 4, for the infinite sum), so that $\sum_t(z\bar A)^t=(I-z\bar A)^{-1}$;
* $\det(s-A)=\det(s-\Lambda)\det(I+k_{QP})$ (Sylvester), so that $I+k_{QP}$ in 3 is invertible;
* similar matrices have one characteristic polynomial; the hold, $e^{\Delta A}$ and $\int_0^\Delta e^{tA}B\,\mathrm dt$, is a
  power series in $A$.

Stands behind
-------------
`lssm.spectra.hippo_dplr`, `lssm.spectra.legs_eigenvectors`, `lssm.spectra.legs`, `lssm.spectra.s4d_legs`, `lssm.DPLR`,
`lssm.frequency_response`, `lssm.equivalence.to_diagonal`, `lssm.equivalence.to_dplr`; derivation: {doc}`/derivations/equivalence`
"""

import sympy
from sympy import Determinant, I, MatMul, Rational, Sum, Trace, Transpose, binomial, sqrt

import lssm

from ._kit import Proof, at, letters

n, k, i, j, m = sympy.symbols("n k i j m", integer=True, nonnegative=True)


def prove() -> Proof:
    """Normal parts, eigenvectors, Woodbury, the bilinear rule, similarity, tie."""
    title = "HiPPO: normal plus low rank, LegS eigenvectors, S4 ↔ S4D"
    parts = (legs, legt, lagt, fout, eigenvectors, woodbury, bilinear, truncated, similarity, gramian, unequal, dropped)
    return Proof(title, "every N", *parts, tie)


def legs(proof: Proof) -> None:
    r"""LegS: entries $(n,k)$ and $(k,n)$ of $A+PP^{\mathsf T}$, $n>k$, are opposite; the diagonal is $\sigma=-\frac12$."""
    r_n, r_k, P_n, P_k = sympy.symbols("r_n r_k P_n P_k")
    entries = {r_n: sqrt(2 * n + 1), r_k: sqrt(2 * k + 1), P_n: sqrt(n + Rational(1, 2)), P_k: sqrt(k + Rational(1, 2))}
    proof.equal("LegS, off the diagonal", -r_n * r_k + P_n * P_k, -P_k * P_n, using=entries)
    proof.equal("LegS, diagonal", -(n + 1) + P_n**2, -Rational(1, 2), using=entries)


def legt(proof: Proof) -> None:
    r"""LegT: with $e_n=(-1)^n$ the columns of $P$ are $r_n(1-e_n)/2$ and $r_n(1+e_n)/2$; $p_{nk}=(PP^{\mathsf T})_{nk}$.

    $e_n^2=1$ and $(-1)^{n-k}=e_ne_k$.
    """
    r_n, r_k, e_n, e_k = sympy.symbols("r_n r_k e_n e_k")
    parities = (1 - e_n) / 2 * (1 - e_k) / 2 + (1 + e_n) / 2 * (1 + e_k) / 2
    proof.equal("LegT, an entry of PPᵀ", r_n * r_k * parities, r_n * r_k * (1 + e_n * e_k) / 2)
    low = sympy.Symbol("p_n_k")
    entry = {low: r_n * r_k * (1 + e_n * e_k) / 2}
    proof.equal("LegT, off the diagonal", -r_n * r_k + low, -(-e_n * e_k * r_n * r_k + low), using=entry)
    proof.equal("LegT, diagonal", -(r_n**2) + low, 0, using=entry | {r_k: r_n, e_k: e_n, e_n**2: 1})


def lagt(proof: Proof) -> None:
    r"""LagT: the same, $P_n=P$ for all $n$; every tilt $A-\frac\beta2I$ is the same but for $\sigma$."""
    P = sympy.Symbol("P")
    proof.equal("LagT, off the diagonal", -1 + P**2, -(P**2), using={P: 1 / sqrt(2)})
    proof.equal("LagT, diagonal", -Rational(1, 2) + P**2, 0, using={P: 1 / sqrt(2)})


def fout(proof: Proof) -> None:
    r"""FouT by its definition; and of all four the DPLR form in the eigenvectors $V$ of $S$, $SV=V(\Lambda-\sigma I)$."""
    A, S, B, B_t, P, P_t = letters("A S B B_t P P_t")
    proof.equal("FouT", A + P * P_t, S, using={A: S - B * B_t / 2, P: B / sqrt(2), P_t: B_t / sqrt(2)})
    block = sympy.Matrix([[0, -2 * sympy.pi * m], [2 * sympy.pi * m, 0]])
    proof.equal("a block is skew", Transpose(block), -block)
    V, V_h, L, p, p_h = letters("V V_h Lambda p p_h")
    sigma = sympy.Symbol("sigma")
    eigen = {A: S + sigma - P * P_t, V_h * P: p, P_t * V: p_h, S * V: V * (L - sigma), V_h * V: 1}
    proof.equal("DPLR", V_h * A * V, L - p * p_h, using=eigen)


def eigenvectors(proof: Proof) -> None:
    r"""Eigenvectors: with $V_{ij}=r_iv_i$ and $s_i=\sum_{l<i}(2l+1)v_l$, row $i$ of $AV=-(j+1)V$ says $s_i=(j-i)v_i$.

    Here $v_i=(-1)^i\binom{i+j}{i-j}$. Rows $i<j$ are zero, in row $i=j$ the sum is empty, and $s_{i+1}=s_i+(2i+1)v_i$ with
    $i=j+m$ is the induction.
    """
    r_i, v_i, s_i = sympy.symbols("r_i v_i s_i")
    proof.equal("row i", -r_i * s_i - (i + 1) * r_i * v_i, -(j + 1) * r_i * v_i, using={s_i: (j - i) * v_i})
    v = (-1) ** i * binomial(i + j, i - j)
    proof.equal("row j", at((j - i) * v, {i: j}), 0)
    now, after = at((j - i + 2 * i + 1) * v, {i: j + m}), at((j - i) * v, {i: j + m + 1})
    proof.equal("row i → i+1", now, after)
    proof.equal("the entry V_jj is not zero", at(v, {i: j}), (-1) ** j)


def woodbury(proof: Proof) -> None:
    r"""Woodbury, for any invertible $D$, here $s-\Lambda$, and $P$, $Q$ of $r$ columns; $K=k_{QP}=Q^*D^{-1}P$, $J=(I+K)^{-1}$."""
    D, D_inv, P, Q_h, J, K, B, C = letters("D D_inv P Q_h J K B C")
    resolvent = D_inv - D_inv * P * J * Q_h * D_inv
    inverse = {D * D_inv: 1, Q_h * D_inv * P: K, K * J: 1 - J}
    proof.equal("resolvent of Λ - PQ*", (D + P * Q_h) * resolvent, 1, using=inverse)
    k_CB, k_CP, k_QB = letters("k_C_B k_C_P k_Q_B")
    products = {C * D_inv * B: k_CB, C * D_inv * P: k_CP, Q_h * D_inv * B: k_QB}
    proof.equal("transfer function", C * resolvent * B, k_CB - k_CP * J * k_QB, using=products)


def bilinear(proof: Proof) -> None:
    r"""Bilinear rule: $F=I-z\bar A$, $s=\frac2\Delta\frac{1-z}{1+z}$, and $R=(s-A)^{-1}$, the inverse that Woodbury's form gives.

    $\bar A=2D^{-1}-I$ is diagonal plus rank $r$ by Woodbury's form of $D^{-1}$.
    """
    A, A_bar, B, B_bar, C, D, D_inv, F, F_inv, R = letters("A A_bar B B_bar C D D_inv F F_inv R")
    step, z, s = sympy.symbols("Delta z s")
    half, point = step / 2, {s: 2 * (1 - z) / (step * (1 + z))}
    proof.equal("Ā from D⁻¹", D * (2 * D_inv - 1), 1 + half * A, using={D * D_inv: 1, D: 1 - half * A})
    rule = {F: 1 - z * A_bar, D * A_bar: 1 + half * A, D: 1 - half * A}
    proof.equal("denominator", D * F, half * (1 + z) * (s - A), using=rule | point)
    inverse = {B_bar: step * D_inv * B, F_inv * D_inv: R / (half * (1 + z))}
    proof.equal("generating function", C * F_inv * B_bar, 2 / (1 + z) * C * R * B, using=inverse)
    proof.equal("its value at z = -1", (1 + A_bar) * half * B, B_bar, using={A_bar: 2 * D_inv - 1, B_bar: step * D_inv * B})
    cos, sin = (f(sympy.Symbol("omega", real=True) / 2) for f in (sympy.cos, sympy.sin))
    proof.equal("on the circle", (1 - z) / (1 + z), I * sin / cos, using={z: (cos - I * sin) ** 2})


def truncated(proof: Proof) -> None:
    r"""First $L$ terms: $S_L=\sum_{t<L}X^t$, $X=z\bar A$, obeys $S_L(I-X)=I-X^L$, by induction with $Y=X^L$.

    Hence $CS_L\bar B=C(I-X^L)F^{-1}\bar B$.
    """
    X, Y, S = letters("X Y S_L")
    proof.equal("L = 1", at(S * (1 - X), {S: 1}), at(1 - Y, {Y: X}))
    proof.equal("L → L+1", (S + Y) * (1 - X), 1 - Y * X, using={S * X: S - 1 + Y})
    A_bar, z, L = letters("A_bar")[0], sympy.Symbol("z"), sympy.Symbol("L", integer=True, positive=True)
    proof.equal("at a root of unity", 1 - z**L * A_bar**L, 1 - A_bar**L, using={z**L: 1})


def similarity(proof: Proof) -> None:
    r"""Similarity: $x=A^\tau B$ goes to $V^{-1}x$, by induction on $\tau$; $R=(s-A)^{-1}$, and the rest likewise.

    $\bar A$ and $\bar B$ are those of the bilinear rule. For the hold, $x=A^l$ in the last identity: every power series in $A$
    goes to that in $A'$.
    """
    A, A_bar, B, B_bar, C, V, V_inv, x, R = letters("A A_bar B B_bar C V V_inv x R")
    s, half = sympy.Symbol("s"), sympy.Symbol("Delta") / 2
    moved, back = V_inv * A * V, {V * V_inv: 1}
    proof.equal("state, τ → τ+1", moved * (V_inv * x), V_inv * A * x, using=back)
    proof.equal("response", (C * V) * (V_inv * x), C * x, using=back)
    proof.equal("resolvent", (s - moved) * (V_inv * R * V), 1, using=back | {A * R: s * R - 1, V_inv * V: 1})
    rule = back | {A * A_bar: (A_bar - 1) / half - A, V_inv * V: 1}
    proof.equal("bilinear Ā", (1 - half * moved) * (V_inv * A_bar * V), 1 + half * moved, using=rule)
    rule = back | {A * B_bar: B_bar / half - 2 * B}
    proof.equal("bilinear B̄", (1 - half * moved) * (V_inv * B_bar), 2 * half * V_inv * B, using=rule)
    proof.equal("powers, l → l+1", (V_inv * x * V) * moved, V_inv * x * A * V, using=back)


def gramian(proof: Proof) -> None:
    r"""Gramian: $G'=V^{-1}GV^{-*}$ solves the Stein equation of $A'$ and $B'$; memory is the same, with $v=A^\tau B$.

    If $V$ is unitary, an eigenvalue $\gamma$ of $G$ with the eigenvector $u$ is one of $G'=V^*GV$.
    """
    A, A_h, B, B_h, G, G_inv, v, v_h, u = letters("A A_h B B_h G G_inv v v_h u")
    V, V_h, V_inv, V_inv_h = letters("V V_h V_inv V_inv_h")
    there = {V * V_inv: 1, V_inv_h * V_h: 1}
    moved = (V_inv * A * V) * (V_inv * G * V_inv_h) * (V_h * A_h * V_inv_h) + V_inv * B * B_h * V_inv_h
    proof.equal("its equation", moved, V_inv * G * V_inv_h, using=there | {A * G * A_h: G - B * B_h})
    inverse = (V_inv * G * V_inv_h) * (V_h * G_inv * V)
    proof.equal("its inverse", inverse, 1, using=there | {G * G_inv: 1, V_inv * V: 1})
    proof.equal("memory", (v_h * V_inv_h) * (V_h * G_inv * V) * (V_inv * v), v_h * G_inv * v, using=there)
    gamma = sympy.Symbol("gamma")
    proof.equal("unitary V: learning speeds", (V_h * G * V) * (V_h * u), gamma * V_h * u, using={V * V_h: 1, G * u: gamma * u})


def unequal(proof: Proof) -> None:
    r"""LegS with $N=2$: $\Pi=VG'V^{\mathsf T}$ (`proofs/legs_gramian.py`), $V$ the eigenvectors scaled so that $B'=(1,1)$.

    $\det G/(\operatorname{tr}G)^2$, which depends on the ratio of the learning speeds only, is not the same.
    """
    own = sympy.Matrix([[Rational(1, 2), 1 / (2 * sqrt(3))], [1 / (2 * sqrt(3)), Rational(1, 2)]])
    V, diagonal = sympy.Matrix([[1, 0], [-sqrt(3), 2 * sqrt(3)]]), sympy.Matrix(2, 2, lambda p, q: Rational(1, p + q + 2))
    proof.equal("B = V B'", MatMul(V, sympy.ones(2, 1), evaluate=False), sympy.Matrix([1, sqrt(3)]), only="N = 2")
    proof.equal("the same Gramian", MatMul(V, diagonal, V.T, evaluate=False), own, only="N = 2")
    for name, G, ratio in (("of Π", own, Rational(1, 6)), ("of G'", diagonal, Rational(2, 81))):
        proof.equal(f"det/tr² {name}", Determinant(G) / Trace(G) ** 2, ratio, only="N = 2")


def dropped(proof: Proof) -> None:
    r"""Dropped: the poles of LegS are $-(n+1)$, those of its normal part have real parts $-\frac12$, and are real or in pairs."""
    N = sympy.Symbol("N", integer=True, positive=True)
    proof.equal("sums of poles", Sum(-Rational(1, 2), (n, 0, N - 1)) - Sum(-(n + 1), (n, 0, N - 1)), N**2 / 2)


def tie(proof: Proof) -> None:
    """Library against exact numbers: eigenvectors, low-rank vectors, DPLR in two clocks, a diagonal form, and memory."""
    ours = lssm.spectra.legs_eigenvectors(order=6)
    for a, b in ((0, 0), (3, 1), (5, 2), (5, 5)):
        proof.close(f"eigenvector [{a},{b}]", ours[a, b], (-1) ** a * sqrt(2 * a + 1) * binomial(a + b, a - b), ulps=4)
    s4 = lssm.spectra.hippo_dplr(order=4)
    assert isinstance(s4.A, lssm.DPLR)
    low = (s4.C @ s4.A.P)[:, 0]
    for a in range(4):
        proof.close(f"|P_{a}|", abs(low[a]), sqrt(a + Rational(1, 2)), ulps=64)
    _transfer(proof)
    dense = ([[0.5, 1.0], [0.0, 0.25]], [1.0, 1.0], [1.0, 2.0])
    response = lssm.impulse_response(lssm.equivalence.to_diagonal(dense)[0], 3)
    memory, exact = lssm.memory_function(dense, 3), lssm.symbolic.memory_function(["1/2", "1/4"], 3)
    A, B, C = sympy.Matrix([[Rational(1, 2), 1], [0, Rational(1, 4)]]), sympy.Matrix([1, 1]), sympy.Matrix([[1, 2]])
    for tau in range(3):
        proof.close(f"response at {tau}", response[tau], (C * A**tau * B)[0], ulps=64)
        proof.close(f"memory at {tau}", memory.values[tau], exact[tau], ulps=64)


def _transfer(proof: Proof) -> None:
    """A DPLR system with r = 2, at s = i; and with the bilinear rule and Δ = 1/2 at z = -i."""
    values, P, minus_Q = [-1, -2, -3], [[1, 0], [2, 1], [0, 1]], [[-1, -1], [0, -1], [-1, 0]]
    system = lssm.ContinuousSSM(lssm.DPLR(values, P, minus_Q), [1, 1, 1], [1, 2, 1])
    A, B, C = sympy.diag(*values) + sympy.Matrix(P) * sympy.Matrix(minus_Q).T, sympy.ones(3, 1), sympy.Matrix([[1, 2, 1]])
    one, D = sympy.eye(3), sympy.eye(3) - A / 4
    A_bar, B_bar = D.inv() * (one + A / 4), D.inv() * B / 2
    found = {
        "s = i": (lssm.frequency_response(system, 1.0)[0], (C * (I * one - A).inv() * B)[0]),
        "z = -i": (
            lssm.frequency_response(lssm.discretize(system, 0.5, "bilinear"), [float(sympy.pi / 2)])[0],
            (C * (one + I * A_bar).inv() * B_bar)[0],
        ),
    }
    for name, (value, exact) in found.items():
        re, im = sympy.expand_complex(exact).as_real_imag()
        proof.close(f"transfer function at {name}, real part", value.real, re, ulps=64)
        proof.close(f"transfer function at {name}, imaginary part", value.imag, im, ulps=64)
