r"""The Lipschitz certificate: how far a memory function can move when poles do.

Statement
---------
Let $M$ and $M'$ be the memory functions of two sets of $N$ poles inside the unit circle, $\lambda_1,\dots,\lambda_N$ and
$\lambda'_1,\dots,\lambda'_N$, paired in any way, repeats allowed, and

$$
\Sigma = \sum_k\operatorname{artanh}\left|\frac{\lambda_k-\lambda'_k}{1-\bar\lambda_k\lambda'_k}\right| .
$$

Then for every delay $\tau$

1. $\left|\arcsin\sqrt{M(\tau)}-\arcsin\sqrt{M'(\tau)}\right| \le \Sigma$;
2. $|M(\tau)-M'(\tau)| \le \sin\min(\Sigma,\pi/2) \le \Sigma$.

*Proof.* Move each pole from $\lambda_k$ to $\lambda'_k$ along the curve $\lambda_k(s)$, $0\le s\le1$, of the part "Curve"
below, and write $v_k=|\dot\lambda_k|/(1-|\lambda_k|^2)$. Where $0<M<1$, the angle $\alpha=\arcsin\sqrt M$ changes at a rate of
at most $\sum_kv_k$ ("Angle"), and the integral of $v_k$ is the $k$-th term of $\Sigma$ ("Length"). Let $\alpha(0)<\alpha(1)$,
the other case is the same read backwards. Between the last $s$ where $\alpha=\alpha(0)$ and the next one where
$\alpha=\alpha(1)$, $0<\alpha<\pi/2$, so that the rate holds there: $\alpha(1)-\alpha(0)\le\Sigma$. The second item is the first
and "Squares".

Taken as given (analysis)
-------------------------
* with $g_k=1-|\lambda_k|^2$: $|\partial M(\tau)/\partial\lambda_k|\le\sqrt{M(\tau)(1-M(\tau))}/g_k$
  (`proofs/memory_gradient.py`), $M(\tau)$ is real and smooth in the poles, and $0\le M\le1$ (`proofs/takenaka_malmquist.py`);
* $\dot M=2\operatorname{Re}\sum_k\dot\lambda_k\,\partial M/\partial\lambda_k$ and the triangle inequality along a curve; the
  intermediate value theorem and the fundamental theorem of calculus;
* the sine does not exceed 1, nor its argument if that is not negative, and grows from 0 to $\pi/2$.

Stands behind
-------------
`lssm.equivalence.match_poles`, `lssm.equivalence.Matching`, `lssm.equivalence.certify`; derivation:
{doc}`/derivations/equivalence`
"""

import sympy
from sympy import Derivative, Max, Rational, asin, atanh, sin, sqrt

import lssm

from ._kit import Proof, at, conjugated


def prove() -> Proof:
    """Derivative of the angle, a curve in the disk, its length, differences of squares of sines, tie."""
    return Proof("Lipschitz certificate: hyperbolic distance of poles", "every N", angle, curve, length, squares, tie)


def angle(proof: Proof) -> None:
    r"""Angle. A pole that moves at speed $s_k$ brings at most $2D_ks_k$ to $|\dot M|$, $D_k=|\partial M/\partial\lambda_k|$.

    So it brings at most $s_k/g_k$ to the rate of $\alpha=\arcsin\sqrt M$.
    """
    M, g, speed, D = sympy.symbols("M g_k s_k D_k", positive=True)
    slope = 1 / (2 * sqrt(M * (1 - M)))
    proof.equal("slope of the angle", Derivative(asin(sqrt(M)), M), slope)
    proof.equal("what one pole brings", 2 * D * speed * slope, speed / g, using={D: sqrt(M * (1 - M)) / g})


def curve(proof: Proof) -> None:
    r"""Curve from $\lambda$, for $\lambda_k$, to $\mu$, for $\lambda'_k$: $\lambda_k(s)=(\lambda+sw)/(1+\bar\lambda sw)$.

    Here $w=(\mu-\lambda)/(1-\bar\lambda\mu)$. It stays inside the disk, $h=1-|\lambda_k(s)|^2>0$.
    """
    (l, lb), (m, mb), (w, wb) = conjugated("lambda"), conjugated("mu"), conjugated("w")
    s = sympy.Symbol("s", real=True)
    path, path_bar = (l + s * w) / (1 + lb * s * w), (lb + s * wb) / (1 + l * s * wb)
    proof.equal("it starts at λ", at(path, {s: 0}), l)
    proof.equal("it ends at μ", at(path, {s: 1}), m, using={w: (m - l) / (1 - lb * m)})
    inside = (1 - l * lb) * (1 - m * mb) / ((1 - lb * m) * (1 - l * mb))
    proof.equal("|w| < 1", 1 - w * wb, inside, using={w: (m - l) / (1 - lb * m), wb: (mb - lb) / (1 - l * mb)})
    gap = (1 - l * lb) * (1 - s**2 * w * wb) / ((1 + lb * s * w) * (1 + l * s * wb))
    proof.equal("it stays inside", 1 - path * path_bar, gap)
    speed = Derivative(path, s) * Derivative(path_bar, s)
    h = sympy.Symbol("h")
    proof.equal("its squared rate", speed, w * wb * h**2 / (1 - s**2 * w * wb) ** 2, using={h: gap})


def length(proof: Proof) -> None:
    r"""Length. With $r=|w|$ the last identity is $v_k=r/(1-s^2r^2)$, whose integral from 0 to 1 is $\operatorname{artanh}r$."""
    r, s = sympy.symbols("r s", positive=True)
    proof.equal("an antiderivative", Derivative(atanh(s * r), s), r / (1 - s**2 * r**2))
    proof.equal("between the ends", at(atanh(s * r), {s: 1}) - at(atanh(s * r), {s: 0}), atanh(r))


def squares(proof: Proof) -> None:
    r"""Squares. $M=\sin^2\alpha$ and $M'=\sin^2\beta$ with $\alpha$ and $\beta$ between 0 and $\pi/2$.

    $\sin(\alpha+\beta)$ is at most 1, and $\sin(\alpha-\beta)$ at most $\sin\min(\Sigma,\pi/2)$ in size, since $|\alpha-\beta|$
    is at most $\Sigma$ and at most $\pi/2$.
    """
    a, b = sympy.symbols("alpha beta", real=True)
    proof.equal("difference of squares of sines", sin(a) ** 2 - sin(b) ** 2, sin(a + b) * sin(a - b))


def tie(proof: Proof) -> None:
    """Library against exact distances, their sum and its bound, three rational poles; and the bound against exact memories."""
    first, second = [Rational(1, 2), Rational(-1, 4), Rational(3, 4)], [Rational(9, 16), Rational(-1, 8), Rational(5, 8)]
    distances = [abs(p - q) / (1 - p * q) for p, q in zip(first, second, strict=True)]
    ours = lssm.equivalence.match_poles(*(lssm.Poles.from_discrete([float(p) for p in row]) for row in (first, second)))
    for k in range(3):
        proof.close(f"distance of pair {k}", ours.distances[list(ours.first).index(k)], distances[k], ulps=16)
    total = sum(atanh(d) for d in distances)
    proof.close("sum of artanh", ours.total, total, ulps=16)
    proof.close("what it bounds", ours.memory_bound, sin(total), ulps=16)
    memories = zip(*(lssm.symbolic.memory_function(row, 4) for row in (first, second)), strict=True)
    for tau, (before, after) in enumerate(memories):
        moved = abs(asin(sqrt(before)) - asin(sqrt(after)))
        proof.equal(f"the bound holds at delay {tau}", Max(moved, total, evaluate=False), total, only="these poles")
