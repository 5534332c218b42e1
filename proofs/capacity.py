r"""Capacity is the dimension of the reachable space.

Statement
---------
For one white input and a stable A, with R the span of ``B, AB, A²B, …`` and ``n = dim R``,

1. what happens outside R, and coordinates, do not matter: M is that of the restriction of A to R;
2. ``Σ_τ M(τ) = n``, the degree of the minimal polynomial of A relative to B;
3. ``M(0) = 1 - Π|λ_k|²`` over the n poles of the restriction;
4. ``M(τ) ≤ n/(τ+1)``;
5. a diagonal A reaches one dimension for each distinct pole with a weight ``B_k ≠ 0``.

Taken as given (analysis)
-------------------------
* M(τ) = Σ_k |φ_k[τ]|² for the Takenaka-Malmquist functions of the restriction, which is reachable
  (proofs/takenaka_malmquist.py), and ``‖φ_k‖ = 1``: so ``Σ_τ M(τ) = Σ_k ‖φ_k‖² = n``;
* M never increases, since ``M(τ-1) - M(τ) = |b_τ|²``;
* R is invariant under A, its first n vectors ``A^t B`` are a basis, and the first linear dependence among them is the minimal
  polynomial of A relative to B;
* a Vandermonde determinant is ``Π_{i<j} (λ_j - λ_i)``.
"""

import sympy
from sympy import Rational

import lssm

from ._kit import Proof, conjugated


def prove() -> Proof:
    """Reduction to the reachable part, sums, first delay, decay bound, diagonal systems, tie."""
    proof = Proof("Capacity is the dimension of the reachable space", "every N")
    _reduction(proof)
    _sums(proof)
    _first_delay(proof)
    _decay(proof)
    _diagonal(proof)
    tie(proof)
    return proof


def _reduction(proof: Proof) -> None:
    """Induction on t, in letters that do not commute: blocks of any size."""
    A11, A12, A22, v, S, T = sympy.symbols("A11 A12 A22 v S T", commutative=False)
    block = sympy.Matrix([[A11, A12], [0, A22]]) * sympy.Matrix([v, 0])
    proof.zero("reachable block, t → t+1", sympy.expand(block[0] - A11 * v))
    proof.zero("unreachable block stays zero", sympy.expand(block[1]))
    similar = sympy.expand((S * A11 * T) * (S * v)).subs(T * S, 1)
    proof.zero("change of coordinates, t → t+1", similar - S * A11 * v)


def _sums(proof: Proof) -> None:
    """Norm of φ_k: its energy on the circle is a geometric sum, g Σ|λ|^2t = 1."""
    l, lb = conjugated("lambda")
    z, S = sympy.symbols("z S")
    proof.zero("an all-pass factor has modulus one", (z - lb) / (1 - l * z) * (1 / z - l) / (1 - lb / z) - 1)
    energy = sympy.solve(sympy.Eq(S, 1 + l * lb * S), S)[0]
    proof.zero("‖φ_k‖² = 1", (1 - l * lb) * energy - 1)


def _first_delay(proof: Proof) -> None:
    """b_0 = Π(-λ̄_k), by induction on the number of factors."""
    l, lb = conjugated("lambda")
    z, before, before_bar = sympy.symbols("z b_before b_before_bar")
    factor, conjugate = ((z - lb) / (1 - l * z)).subs(z, 0), ((z - l) / (1 - lb * z)).subs(z, 0)
    proof.zero("one more pole", before * factor * before_bar * conjugate - before * before_bar * l * lb)


def _decay(proof: Proof) -> None:
    """(τ+1) M(τ) ≤ M(0) + … + M(τ) ≤ n, since M does not increase: one more delay."""
    tau, M, drop, partial = sympy.symbols("tau M drop partial", nonnegative=True)
    slack = partial - (tau + 1) * M
    more = (partial + M - drop) - (tau + 2) * (M - drop)
    proof.zero("the slack grows by (τ+1) times the drop", more - slack - (tau + 1) * drop)


def _diagonal(proof: Proof) -> None:
    """Two equal poles have proportional responses; a zero weight has none; distinct ones are independent (Vandermonde)."""
    l, b1, b2 = sympy.symbols("lambda b_1 b_2")
    t = sympy.Symbol("t", integer=True, nonnegative=True)
    proof.zero("equal poles", b2 * (b1 * l**t) - b1 * (b2 * l**t))
    for n in (2, 3, 4):
        poles, weights = sympy.symbols(f"l:{n}"), sympy.symbols(f"w:{n}")
        krylov = sympy.Matrix(n, n, lambda i, j, p=poles, w=weights: w[i] * p[i] ** j)
        product = sympy.prod([poles[j] - poles[i] for i in range(n) for j in range(i + 1, n)]) * sympy.prod(weights)
        proof.zero(f"Krylov determinant, n = {n}", sympy.expand(krylov.det() - product))


def tie(proof: Proof) -> None:
    """Library against exact ranks of Krylov matrices with rational entries."""
    shift = sympy.Matrix(5, 5, lambda i, j: int(i == j + 1))
    ring = Rational(1, 2) * sympy.Matrix(4, 4, lambda i, j: int(i == (j + 1) % 4))
    mixed = sympy.diag(Rational(1, 2), Rational(1, 2), Rational(-1, 4), Rational(3, 4))
    jordan = sympy.Matrix([[Rational(1, 2), 1, 0], [0, Rational(1, 2), 1], [0, 0, Rational(1, 2)]])
    unit = [1, 0, 0, 0, 0]
    pairs = {
        "shift from its first cell": (shift, unit),
        "shift from its third cell": (shift, [0, 0, 1, 0, 0]),
        "ring, one cell": (ring, unit[:4]),
        "ring, all cells": (ring, [1, 1, 1, 1]),
        "ring, alternating": (ring, [1, -1, 1, -1]),
        "ring, every other cell": (ring, [1, 0, 1, 0]),
        "diagonal, one pole twice": (mixed, [1, 2, 1, 1]),
        "diagonal, one weight zero": (mixed, [1, 0, 0, 1]),
        "Jordan block from its end": (jordan, [0, 0, 1]),
        "Jordan block from its middle": (jordan, [0, 1, 0]),
    }
    for name, (A, B) in pairs.items():
        krylov = sympy.Matrix.hstack(*[A**t * sympy.Matrix(B) for t in range(A.rows)])
        matrix = [[float(x) for x in A.row(i)] for i in range(A.rows)]
        found = lssm.memory_capacity((matrix, [float(x) for x in B]))
        proof.close(name, float(found), sympy.Integer(krylov.rank()), ulps=0)
