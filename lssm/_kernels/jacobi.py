"""One-sided Jacobi rotations on vectors of any range of sizes."""

from math import frexp, ldexp
from typing import Any

import numpy as np

from ._compile import compiled


@compiled
def _products(p: Any, q: Any) -> tuple[float, float, float, float]:
    """``‖p‖²``, ``‖q‖²`` and ``p* q`` of vectors whose parts stand in rows, by four lanes."""
    pp0 = pp1 = pp2 = pp3 = 0.0
    qq0 = qq1 = qq2 = qq3 = 0.0
    re0 = re1 = re2 = re3 = 0.0
    for part in range(p.shape[0]):
        x, y = p[part], q[part]
        for i in range(0, x.size, 4):
            j: Any = np.uint64(i)
            x0, x1, x2, x3 = x[j], x[j + np.uint64(1)], x[j + np.uint64(2)], x[j + np.uint64(3)]
            y0, y1, y2, y3 = y[j], y[j + np.uint64(1)], y[j + np.uint64(2)], y[j + np.uint64(3)]
            pp0, pp1, pp2, pp3 = pp0 + x0 * x0, pp1 + x1 * x1, pp2 + x2 * x2, pp3 + x3 * x3
            qq0, qq1, qq2, qq3 = qq0 + y0 * y0, qq1 + y1 * y1, qq2 + y2 * y2, qq3 + y3 * y3
            re0, re1, re2, re3 = re0 + x0 * y0, re1 + x1 * y1, re2 + x2 * y2, re3 + x3 * y3
    imag = _imaginary(p[0], p[1], q[0], q[1]) if p.shape[0] == 2 else 0.0
    return (pp0 + pp1) + (pp2 + pp3), (qq0 + qq1) + (qq2 + qq3), (re0 + re1) + (re2 + re3), imag


@compiled
def _imaginary(a: Any, b: Any, c: Any, d: Any) -> float:
    """Imaginary part of ``(a + ib)* (c + id)``, by four lanes."""
    im0 = im1 = im2 = im3 = 0.0
    for i in range(0, a.size, 4):
        j: Any = np.uint64(i)
        k, l, m = j + np.uint64(1), j + np.uint64(2), j + np.uint64(3)
        im0, im1 = im0 + (a[j] * d[j] - b[j] * c[j]), im1 + (a[k] * d[k] - b[k] * c[k])
        im2, im3 = im2 + (a[l] * d[l] - b[l] * c[l]), im3 + (a[m] * d[m] - b[m] * c[m])
    return (im0 + im1) + (im2 + im3)


@compiled
def _rotate(p: Any, q: Any, re: float, im: float, lost: float, to_p: float, to_q: float) -> None:
    """``p ← p - (to_p w̄ q + lost p)``, ``q ← q + (to_q w p - lost q)`` with ``w = re + i im``, ``lost = 1 - cosine``.

    Multiplying by the cosine instead would round it, in the same direction rotation after rotation.
    """
    if p.shape[0] == 1:
        x, y = p[0], q[0]
        for i in range(x.size):
            a, b = x[i], y[i]
            x[i], y[i] = a - (to_p * (re * b) + lost * a), b + (to_q * (re * a) - lost * b)
        return
    x, u, y, v = p[0], p[1], q[0], q[1]
    for i in range(x.size):
        a, c, b, d = x[i], u[i], y[i], v[i]
        x[i], u[i] = a - (to_p * (re * b + im * d) + lost * a), c - (to_p * (re * d - im * b) + lost * c)
        y[i], v[i] = b + (to_q * (re * a - im * c) - lost * b), d + (to_q * (re * c + im * a) - lost * d)


@compiled
def jacobi_sweep(vectors: Any, power: Any, turned: Any, tolerance: float) -> float:
    r"""One sweep over all pairs of the vectors ``x_k 2^power[k]``, each pair rotated until it is orthogonal.

    The rotation of a large and a small vector is a step of Gram-Schmidt on the small one; written with the ratio of sizes
    ``δ`` taken out, ``τ = t/δ``, nothing over- or underflows that matters.

    Parameters
    ----------
    vectors : float array, shape (n, 1 or 2, length)
        Vectors x_k, real or as real and imaginary parts; the length a multiple of four. Overwritten.
    power : int array, shape (n,)
        Powers of two; overwritten.
    turned : float array, shape (n or 0, 1 or 2, length)
        Vectors that take part in the rotations, of size one.
    tolerance : float
        Cosines below this count as zero.

    Returns
    -------
    float
        Largest cosine met.
    """
    n, worst = vectors.shape[0], 0.0
    for first in range(n - 1):
        for second in range(first + 1, n):
            p, q = first, second
            if power[q] > power[p]:
                p, q = q, p
            alpha, beta, re, im = _products(vectors[p], vectors[q])
            size = np.hypot(re, im)
            if alpha == 0.0 or beta == 0.0 or size <= tolerance * np.sqrt(alpha) * np.sqrt(beta):
                continue
            worst = max(worst, size / (np.sqrt(alpha) * np.sqrt(beta)))
            delta = ldexp(1.0, max(power[q] - power[p], -1000))
            eta = (delta * delta * beta - alpha) / (2.0 * size)
            tau = 1.0 / (eta + np.copysign(np.hypot(delta, eta), eta))
            t = delta * tau
            cosine = 1.0 / np.sqrt(1.0 + t * t)
            sine, re, im = t * cosine, re / size, im / size
            lost = sine * sine / (1.0 + cosine)
            _rotate(vectors[p], vectors[q], re, im, lost, delta * sine, tau * cosine)
            if turned.size:
                _rotate(turned[p], turned[q], re, im, lost, sine, sine)
    for k in range(n):
        _renormalise(vectors[k], power, k)
    return worst


@compiled
def _renormalise(vector: Any, power: Any, k: int) -> None:
    """Take the power of two of the largest entry out of a vector."""
    largest = 0.0
    for part in vector:
        for x in part:
            largest = max(largest, abs(x))
    if largest > 0.0:
        _, extra = frexp(largest)
        for part in vector:
            for i in range(part.size):
                part[i] = ldexp(part[i], -extra)
        power[k] += extra
