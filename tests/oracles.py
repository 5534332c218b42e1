"""Slow twins: ball arithmetic on the definition of the memory function, and plain loops."""

import numpy as np
from flint import acb, acb_mat, arb, ctx


def ball_memory(log, delays, bits=800):
    """M(τ) = v* G⁻¹ v at distinct poles exp(log), the definition itself, in ball arithmetic.

    The logarithms are taken as the exact doubles they are. Returns floats; raises if a ball is wider than
    1e-20 relative, so the answer is rigorous or absent.
    """
    old, ctx.prec = ctx.prec, bits
    try:
        logs = [acb(float(z.real), float(z.imag)) for z in np.asarray(log, complex)]
        poles = [z.exp() for z in logs]
        conj = [(acb(z.real, -z.imag)).exp() for z in logs]
        n = len(poles)
        gramian = acb_mat(n, n, [1 / (1 - poles[i] * conj[j]) for i in range(n) for j in range(n)])
        right = acb_mat(n, len(delays), [(z * int(t)).exp() for z in logs for t in delays])
        solved = gramian.solve(right)
        return [_total((right[i, k].real * solved[i, k].real + right[i, k].imag * solved[i, k].imag) for i in range(n))
                for k in range(len(delays))]
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


def _total(terms):
    total = sum(terms, arb(0))
    assert total.rad() <= abs(total.mid()) * arb(1e-20), "raise the number of bits"
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
