"""Best poles of twenty random teachers against an independent multi-start: ``python -m tests.benchmarks.compare_multistart``.

The other method shares nothing with the library: the loss is a least-squares residual on 600 steps of the impulse response
(QR), the optimiser BFGS with difference gradients, the starts are random.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter

from lssm.dynamics import h2_optimal, teachers


@dataclass(frozen=True)
class Row:
    """One teacher: its degree, the order sought, both losses over its energy, the interpolation error."""

    degree: int
    order: int
    ours: float
    theirs: float
    interpolation: float


def naive_loss(theta, order, m):
    """Residual of the best readout, pairs of poles by sum and product."""
    pairs = order // 2
    p = np.tanh(theta[pairs : 2 * pairs])
    s = (1 + p) * np.tanh(theta[:pairs])
    impulse = np.eye(1, m.size)[0]
    columns = []
    for total, product in zip(s, p, strict=True):
        h = lfilter([1], [1, -total, product], impulse)
        columns += [h, np.append(0, h[:-1])]
    if order % 2:
        columns.append(np.tanh(theta[-1]) ** np.arange(m.size))
    Q, _ = np.linalg.qr(np.array(columns).T)
    rest = m - Q @ (Q.T @ m)
    return rest @ rest / (m @ m)


def compared(cases: int = 20, starts: int = 50) -> Iterator[Row]:
    """Rows for random teachers with 4 to 12 modes."""
    rng = np.random.default_rng(2026)
    for _ in range(cases):
        pairs, reals = int(rng.integers(2, 6)), int(rng.integers(0, 3))
        z = rng.uniform(0.3, 0.95, pairs) * np.exp(1j * rng.uniform(0, np.pi, pairs))
        r = rng.standard_normal(pairs) + 1j * rng.standard_normal(pairs)
        x, rx = rng.uniform(-0.9, 0.95, reals), rng.standard_normal(reals)
        poles, residues = np.concatenate([z, z.conj(), x]), np.concatenate([r, r.conj(), rx])
        order = int(rng.integers(1, poles.size))
        teacher = teachers.rational(poles, residues)
        best, m = h2_optimal(teacher, order), teacher.response(600).real
        begin = rng.uniform(-1.5, 1.5, (starts, order))
        other = min(minimize(naive_loss, theta, args=(order, m), method="BFGS").fun for theta in begin)
        yield Row(poles.size, order, best.relative, other, float(best.interpolation.max()))


if __name__ == "__main__":
    print(f"{'degree':>6} {'order':>5} {'loss':>12} {'multi-start':>12} {'ratio - 1':>10} {'interpolation':>13}  verdict")
    for row in compared():
        verdict = "within 1e-6" if row.ours <= row.theirs * (1 + 1e-6) + 1e-13 else "FAILED"
        print(f"{row.degree:>6} {row.order:>5} {row.ours:>12.6g} {row.theirs:>12.6g} {row.ours / row.theirs - 1:>10.1e}", end=" ")
        print(f"{row.interpolation:>13.0e}  {verdict}")
