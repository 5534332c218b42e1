r"""The Gramian of HiPPO-LegS is tridiagonal, and its eigenvalues are the Gauss-Legendre nodes.

Statement
---------
Let ``r_n = √(2n+1)``, ``A_nk = -r_n r_k`` (n > k), ``A_nn = -(n+1)``, ``B_n = r_n``, n, k < N, and Π tridiagonal with
``Π_nn = ½``, ``Π_{n-1,n} = β_n = n/(2√((2n-1)(2n+1)))``. Then for every N

1. ``A Π + Π Aᵀ + B Bᵀ = 0``: Π is the Gramian of the continuous system;
2. the bilinear map with step Δ has the Gramian ``Δ Π``;
3. with ``p_n(x) = r_n P_n(2x-1)``, the orthonormal Legendre polynomials on [0, 1], ``Π p(x) = x p(x) - β_N p_N(x) e_{N-1}``: the
   eigenvalues of Π are the zeros of ``P_N(2x-1)``, the nodes of the Gauss-Legendre rule on [0, 1].

Taken as given (analysis)
-------------------------
* the recurrence ``(n+1) P_{n+1}(y) = (2n+1) y P_n(y) - n P_{n-1}(y)``; P_N has N distinct zeros, and ``P_0 = 1``;
* a Lyapunov equation with a stable matrix has one solution.
"""

import sympy
from sympy import Rational, sqrt

import lssm

from ._kit import Proof

n, k = sympy.symbols("n k", integer=True, positive=True)


def _r(m: sympy.Expr) -> sympy.Expr:
    return sqrt(2 * m + 1)


def _beta(m: sympy.Expr) -> sympy.Expr:
    return m / (2 * sqrt((2 * m - 1) * (2 * m + 1)))


def prove() -> Proof:
    """Lyapunov equation, bilinear map, recurrence, tie."""
    proof = Proof("Gramian of HiPPO-LegS: tridiagonal, Gauss–Legendre nodes", "every N")
    _lyapunov(proof)
    _bilinear(proof)
    _recurrence(proof)
    tie(proof)
    return proof


def _column(row: sympy.Expr, last: int) -> sympy.Expr:
    """``Σ_j A_nj Π_jk`` over j = k-1, k, k+1 as far as j < n; `last` says how far: A is lower triangular."""
    terms = [_r(k - 1) * _beta(k), _r(k) / 2, _r(k + 1) * _beta(k + 1)]
    return -_r(row) * sum(terms[: last + 2])


def _lyapunov(proof: Proof) -> None:
    """Entry (n, k) of AΠ + ΠAᵀ + BBᵀ; A is lower triangular, so that no entry reaches beyond N."""
    proof.zero("n > k+1", _column(n, 1) + _r(n) * _r(k))
    beside = -_r(k + 1) * (_r(k - 1) * _beta(k) + _r(k) / 2) - (k + 2) * _beta(k + 1)  # (AΠ)_{k+1,k}
    above = -(k + 1) * _beta(k + 1)  # (AΠ)_{k,k+1}
    proof.zero("n = k+1", beside + above + _r(k + 1) * _r(k))
    diagonal = -_r(k) * _r(k - 1) * _beta(k) - (k + 1) * Rational(1, 2)  # (AΠ)_kk
    proof.zero("n = k", 2 * diagonal + _r(k) ** 2)
    first, from_row_0 = {k: 0}, _r(k) / 2 + _r(k + 1) * _beta(k + 1)  # no row above the first
    proof.zero("n > 1, k = 0", (-_r(n) * from_row_0 + _r(n) * _r(k)).subs(first))
    beside = -_r(k + 1) * _r(k) / 2 - (k + 2) * _beta(k + 1)
    proof.zero("n = 1, k = 0", (beside + above + _r(k + 1) * _r(k)).subs(first))
    proof.zero("n = k = 0", (-(k + 1) + _r(k) ** 2).subs(first))


def _bilinear(proof: Proof) -> None:
    """``(I - hA) G (I - hA)* - (I + hA) G (I + hA)*`` with h = Δ/2 and G = ΔΠ is ``Δ² B B*``."""
    A, A_h, G, B, B_h = sympy.symbols("A A_h Pi B B_h", commutative=False)
    step = sympy.Symbol("Delta", positive=True)
    left = (1 - step / 2 * A) * step * G * (1 - step / 2 * A_h) - (1 + step / 2 * A) * step * G * (1 + step / 2 * A_h)
    proof.zero("bilinear map", sympy.expand(sympy.expand(left).subs(A * G, -G * A_h - B * B_h)) - step**2 * B * B_h)


def _recurrence(proof: Proof) -> None:
    """β_n p_{n-1} + ½ p_n + β_{n+1} p_{n+1} = x p_n, from the recurrence of P_n at y = 2x-1."""
    x, P, P_before = sympy.symbols("x P_n P_before")
    P_after = ((2 * n + 1) * (2 * x - 1) * P - n * P_before) / (n + 1)
    row = _beta(n) * _r(n - 1) * P_before + _r(n) * P / 2 + _beta(n + 1) * _r(n + 1) * P_after
    proof.zero("recurrence of the orthonormal polynomials", row - x * _r(n) * P)
    start = Rational(1, 2) + _beta(sympy.Integer(1)) * _r(sympy.Integer(1)) * (2 * x - 1)
    proof.zero("its start, p_0 = 1", start - x)


def tie(proof: Proof) -> None:
    """Library against exact numbers: entries, nodes of orders two and three, and the dense recursion on the HiPPO matrices."""
    ours, dense = lssm.gramians.legs_gramian(order=4), lssm.gramian(lssm.spectra.hippo(order=4))
    for i in range(3):
        proof.close(f"entry [{i},{i + 1}]", float(ours[i, i + 1]), _beta(sympy.Integer(i + 1)), ulps=4)
        proof.close(f"entry [{i},{i + 1}] by the dense recursion", float(dense[i, i + 1]), _beta(sympy.Integer(i + 1)), ulps=32)
    nodes = {2: [(3 + sqrt(3)) / 6, (3 - sqrt(3)) / 6], 3: [(5 + sqrt(15)) / 10, Rational(1, 2), (5 - sqrt(15)) / 10]}
    for order, exact in nodes.items():
        found = lssm.gramians.legs_gramian_eigenvalues(order=order)
        for i, value in enumerate(exact):
            proof.close(f"node {i} of order {order}", float(found[i]), value, ulps=4)
