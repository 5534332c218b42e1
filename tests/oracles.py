"""Slow twins: ball arithmetic on the definition of the memory function, and plain loops."""

from contextlib import contextmanager

import numpy as np
from flint import acb, acb_mat, arb, arb_mat, ctx


def ball_memory(log, delays, *, horizon=None, block=2000):
    """M(τ) = v* G⁻¹ v at distinct poles exp(log), the definition itself, in ball arithmetic.

    G is the sum of v v* over all delays, or over those below `horizon`. The logarithms are taken as the exact doubles
    they are. The number of bits doubles until every ball is narrower than 1e-20 relative, so the answer is rigorous
    or absent.
    """
    delays, values, bits = list(delays), [], 256
    for start in range(0, len(delays), block):
        while (part := _memory_at(log, delays[start : start + block], horizon, bits)) is None:
            bits *= 2
            assert bits <= 2**15, "no number of bits separates these poles"
        values += part
    return np.array(values)


def _memory_at(log, delays, horizon, bits):
    """The same with a given number of bits; None if they are too few."""
    old, ctx.prec = ctx.prec, bits
    try:
        logs = [acb(float(z.real), float(z.imag)) for z in np.asarray(log, complex)]
        n = len(logs)
        products = [p + acb(q.real, -q.imag) for p in logs for q in logs]
        gramian = acb_mat(n, n, [_geometric_sum(log, horizon) for log in products])
        right = acb_mat(n, len(delays), [(z * int(t)).exp() for z in logs for t in delays])
        solved = gramian.solve(right)
        return [
            _total(right[i, k].real * solved[i, k].real + right[i, k].imag * solved[i, k].imag for i in range(n))
            for k in range(len(delays))
        ]
    except (TooWideError, ZeroDivisionError):
        return None
    finally:
        ctx.prec = old


def _geometric_sum(log, horizon):
    """Σ_{t<T} e^{log t}, T steps or all."""
    if horizon is None:
        return -1 / log.expm1()
    if log == 0:
        return acb(horizon)
    return (log * horizon).expm1() / log.expm1()


def ball_memory_of_pair(A, B, delays, bits=800):
    """M(τ) = v* G⁻¹ v of a real stable pair (A, B), Gramian by doubling, in ball arithmetic."""
    old, ctx.prec = ctx.prec, bits
    try:
        n = len(B)
        power = arb_mat(n, n, [float(a) for a in np.asarray(A).ravel()])
        matrix, column = power, arb_mat(n, 1, [float(b) for b in B])
        gramian = column * column.transpose()
        while True:
            more = power * gramian * power.transpose()
            gramian = gramian + more
            power = power * power
            if max(abs(float(more[i, i].mid())) for i in range(n)) < 2.0**-bits:
                break
        columns = [column]
        for _ in range(max(delays)):
            columns.append(matrix * columns[-1])
        right = arb_mat(n, len(delays), [columns[t][i, 0] for i in range(n) for t in delays])
        solved = gramian.solve(right)
        return np.array([_total((right[i, k] * solved[i, k] for i in range(n)), 1e-16) for k in range(len(delays))])
    finally:
        ctx.prec = old


def ball_laguerre(log_pole, order, delays, bits=3000):
    """M(τ) of one real pole repeated: Meixner sums for the Laguerre functions, no recursion."""
    from math import comb

    old, ctx.prec = ctx.prec, bits
    try:
        p = arb(float(log_pole)).exp()
        totals = []
        for t in delays:
            terms = []
            for k in range(order):
                phi = sum(
                    (arb((-1) ** (k - i) * comb(k, i) * comb(t + k - i, k)) * p ** (t + k - 2 * i) for i in range(min(k, t) + 1)),
                    arb(0),
                )
                terms.append((1 - p * p) * phi * phi)
            totals.append(_total(iter(terms)))
        return totals
    finally:
        ctx.prec = old


class TooWideError(ArithmeticError):
    """A ball that says too little."""


def _total(terms, width=1e-20):
    total = sum(terms, arb(0))
    if not total.rad() <= abs(total.mid()) * arb(width):
        raise TooWideError(f"raise the number of bits above {ctx.prec}")
    return float(total.mid())


def loop_allpass(values, T):
    """Impulse response of Π (z-λ̄)/(1-λz), one section after another over the whole signal."""
    signal = [1.0] + [0.0] * (T - 1)
    for pole in values:
        last_in, last_out, out = 0.0, 0.0, []
        for s in signal:
            last_out = pole * last_out + last_in - np.conj(pole) * s
            last_in = s
            out.append(last_out)
        signal = out
    return np.array(signal)


@contextmanager
def precision(bits):
    """Ball arithmetic with so many bits."""
    old, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = old


def ball_gramian(log, weights, *, horizon=None):
    """Gramian of a diagonal system from its definition, a matrix of balls; call it under `precision`."""
    logs = [acb(float(z.real), float(z.imag)) for z in np.asarray(log, complex)]
    b = [acb(float(z.real), float(z.imag)) for z in np.asarray(weights, complex)]
    pairs = list(zip(b, logs, strict=True))
    entries = [p * conj(q) * _geometric_sum(x + conj(y), horizon) for p, x in pairs for q, y in pairs]
    return acb_mat(len(b), len(b), entries)


def conj(z):
    """Conjugate of a ball."""
    return acb(z.real, -z.imag)


def ball_eigenvalues(matrix):
    """Eigenvalues of a Hermitian matrix of balls, largest first, as exact midpoints; each enclosed to 1e-25 relative."""
    found = [x.real for x in matrix.eig()]
    assert all(x.rad() <= abs(x.mid()) * arb(1e-25) for x in found), "more bits"
    return sorted((x.mid() for x in found), key=lambda x: -x)


def ball_gramian_of_pair(A, B):
    """Gramian of a stable real pair by doubling, a matrix of balls; call it under `precision`."""
    n, m = B.shape
    power = arb_mat(n, n, [float(a) for a in A.ravel()])
    column = arb_mat(n, m, [float(b) for b in B.ravel()])
    gramian = column * column.transpose()
    while max(abs(float(power[i, j].mid())) for i in range(n) for j in range(n)) > 1e-80:
        gramian, power = gramian + power * gramian * power.transpose(), power * power
    return gramian


def off(computed, exact):
    """Largest relative error of doubles, possibly ``size · 2^power``, against exact numbers."""
    return max(abs(float(arb(float(x)) / y - 1)) for x, y in zip(computed, exact, strict=True))
