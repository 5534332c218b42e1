r"""The Gramian of HiPPO-LegS is tridiagonal, and its eigenvalues are the Gauss–Legendre nodes.

Statement
---------
Let $r_n=\sqrt{2n+1}$, and for $0\le n,k<N$

$$
A_{nk} = \begin{cases}-r_nr_k & n>k\\ -(n+1) & n=k\\ 0 & n<k\end{cases}, \qquad B_n = r_n,
$$

and let $\Pi$ be the symmetric tridiagonal matrix with $\Pi_{nn}=\tfrac12$ and $\Pi_{n-1,n}=\beta_n=n/(2r_{n-1}r_n)$. Then for
every $N$

1. $A\Pi+\Pi A^{\mathsf T}+BB^{\mathsf T}=0$: $\Pi$ is the Gramian of $\dot x=Ax+Bu$;
2. the bilinear rule with step $\Delta$, $\bar A=(I-\tfrac\Delta2A)^{-1}(I+\tfrac\Delta2A)$ and
   $\bar B=(I-\tfrac\Delta2A)^{-1}\Delta B$, has the Gramian $\Delta\,\Pi$;
3. let $P_n$ be the Legendre polynomials and $p_n(x)=r_nP_n(2x-1)$, orthonormal on $[0,1]$. With
   $p=(p_0,\dots,p_{N-1})^{\mathsf T}$ and the last unit vector $e_{N-1}$, $\Pi\,p(x)=x\,p(x)-\beta_Np_N(x)\,e_{N-1}$: the
   eigenvalues of $\Pi$ are the zeros of $P_N(2x-1)$, the nodes of the Gauss–Legendre rule on $[0,1]$, and $p(x)$ at a node is
   its eigenvector.

Taken as given (analysis)
-------------------------
* the recurrence $(n+1)P_{n+1}(y)=(2n+1)\,y\,P_n(y)-n\,P_{n-1}(y)$, $P_0=1$, and
  $\int_{-1}^1P_nP_m\,\mathrm dy=2\delta_{nm}/(2n+1)$;
* $P_N$ has $N$ distinct zeros, and they are the nodes of the rule; a matrix of size $N$ has no more than $N$ eigenvalues;
* a Lyapunov or a Stein equation with a stable matrix has one solution; $A$ is triangular with the diagonal $-1,\dots,-N$, hence
  stable, and so is $\bar A$.

Stands behind
-------------
`lssm.gramians.legs_gramian`, `lssm.gramians.legs_gramian_eigenvalues`; derivation: {doc}`/derivations/gramians`
"""

import sympy
from sympy import IndexedBase, Rational, sqrt

import lssm

from ._kit import Proof, letters

n, k = sympy.symbols("n k", integer=True, nonnegative=True)
r, beta = IndexedBase("r"), IndexedBase("beta")
BESIDE = {beta[k]: k / (2 * r[k - 1] * r[k]), beta[k + 1]: (k + 1) / (2 * r[k] * r[k + 1]), r[k]: sqrt(2 * k + 1)}
"""What the entries are; at k = 0 there is no row above, and β_0 = 0 says so."""


def prove() -> Proof:
    """Lyapunov equation, bilinear rule, recurrence, tie."""
    return Proof("Gramian of HiPPO-LegS: tridiagonal, Gauss–Legendre nodes", "every N", lyapunov, bilinear, nodes, tie)


def lyapunov(proof: Proof) -> None:
    r"""Lyapunov equation, entries $n\ge k$: $(A\Pi)_{nk}+(A\Pi)_{kn}=-B_nB_k$, the second term being $(\Pi A^{\mathsf T})_{nk}$.

    $A$ is lower triangular, so $(A\Pi)_{nk}$ sums over $j\in\{k-1,k,k+1\}$ as far as $j\le n$, never beyond $N$, and
    $(A\Pi)_{kn}=0$ if $n>k+1$. Since $\beta_0=0$, $k=0$ is no exception.
    """
    far = -r[n] * (r[k - 1] * beta[k] + r[k] / 2 + r[k + 1] * beta[k + 1])
    proof.equal("n > k+1", far, -r[n] * r[k], using=BESIDE)
    below = -r[k + 1] * (r[k - 1] * beta[k] + r[k] / 2) - (k + 2) * beta[k + 1]
    above = -(k + 1) * beta[k + 1]
    proof.equal("n = k+1", below + above, -r[k + 1] * r[k], using=BESIDE | {r[k + 1]: sqrt(2 * k + 3)})
    diagonal = -r[k] * r[k - 1] * beta[k] - (k + 1) * Rational(1, 2)
    proof.equal("n = k", 2 * diagonal, -(r[k] ** 2), using=BESIDE)


def bilinear(proof: Proof) -> None:
    r"""Bilinear rule, for any $A$, $B$ and $\Pi$ with $A\Pi+\Pi A^*+BB^*=0$; $D=I-\tfrac\Delta2A$, $E=I+\tfrac\Delta2A$.

    With $\bar A=D^{-1}E$ and $\bar B=\Delta D^{-1}B$ the matrix $G=\Delta\Pi$ solves the Stein equation
    $\bar AG\bar A^*+\bar B\bar B^*=G$.
    """
    A, A_h, Pi, B, B_h = letters("A A_h Pi B B_h")
    D, D_h, D_inv, D_inv_h, E, E_h, G = letters("D D_h D_inv D_inv_h E E_h G")
    half = sympy.Symbol("Delta", positive=True) / 2
    step = 2 * half
    given = {D: 1 - half * A, D_h: 1 - half * A_h, E: 1 + half * A, E_h: 1 + half * A_h, G: step * Pi}
    proof.equal("D G D* - E G E*", D * G * D_h - E * G * E_h, step**2 * B * B_h, using=given | {A * Pi: -Pi * A_h - B * B_h})
    stein = D_inv * E * G * E_h * D_inv_h + step * D_inv * B * B_h * D_inv_h * step
    inverse = {E * G * E_h: D * G * D_h - step**2 * B * B_h, D_inv * D: 1, D_h * D_inv_h: 1}
    proof.equal("Stein equation", stein, G, using=inverse)


def nodes(proof: Proof) -> None:
    r"""Row $n$ of $\Pi\,p(x)$, from the recurrence of $P_n$ at $y=2x-1$; the last lacks $\beta_Np_N$.

    $\beta_0=0$ covers the first row. Hence $\Pi\,p(x)=x\,p(x)$ at each of the $N$ zeros $x$ of $p_N$, and $p(x)$ is not zero,
    as $p_0=1$.
    """
    x, (p, P) = sympy.Symbol("x"), (IndexedBase("p"), IndexedBase("P"))
    row = beta[n] * p[n - 1] + p[n] / 2 + beta[n + 1] * p[n + 1]
    after = {P[n + 1]: ((2 * n + 1) * (2 * x - 1) * P[n] - n * P[n - 1]) / (n + 1)}
    entries = {p[m]: r[m] * P[m] for m in (n - 1, n, n + 1)} | after
    proof.equal("Π p = x p", row, x * p[n], using=entries | {old.subs(k, n): new.subs(k, n) for old, new in BESIDE.items()})


def tie(proof: Proof) -> None:
    """Library against exact numbers: entries, nodes of orders two and three, and the dense recursion on the HiPPO matrices."""
    ours, dense = lssm.gramians.legs_gramian(order=4), lssm.gramian(lssm.spectra.hippo(order=4))
    A = sympy.Matrix(4, 4, lambda a, b: -(a + 1) if a == b else -sqrt((2 * a + 1) * (2 * b + 1)) if a > b else 0)
    exact = lssm.symbolic.lyapunov(A, [sqrt(2 * a + 1) for a in range(4)])
    for a in range(3):
        proof.close(f"entry [{a},{a + 1}]", ours[a, a + 1], (a + 1) / (2 * sqrt((2 * a + 1) * (2 * a + 3))), ulps=4)
        proof.close(f"entry [{a},{a + 1}] by the dense recursion", dense[a, a + 1].real, sympy.radsimp(exact[a, a + 1]), ulps=32)
    zeros = {2: [(3 + sqrt(3)) / 6, (3 - sqrt(3)) / 6], 3: [(5 + sqrt(15)) / 10, Rational(1, 2), (5 - sqrt(15)) / 10]}
    for order, exact_nodes in zeros.items():
        found = lssm.gramians.legs_gramian_eigenvalues(order=order)
        for i, value in enumerate(exact_nodes):
            proof.close(f"node {i} of order {order}", found[i], value, ulps=4)
