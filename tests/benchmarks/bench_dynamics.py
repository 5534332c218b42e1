"""Time of learning in closed form, against doing the steps: ``pytest tests/benchmarks/bench_dynamics.py``.

Needs the extra ``bench``. Nothing here asserts a time; compare the groups within one run.
"""

import numpy as np
import pytest

import lssm
from lssm.dynamics import ReadoutFlow, h2_optimal, pole_flow, pole_loss, teachers

POLES, LAG = lssm.spectra.s4d_lin(order=64, step=1e-2), 500


def bench_ten_thousand_steps_in_closed_form(benchmark):
    benchmark.group = "10⁴ steps of gradient descent, N = 63: loss at every step"
    steps = np.arange(10_001)

    def closed_form():
        return ReadoutFlow(POLES, teachers.delay(LAG), rate=1e-3).loss(steps)

    benchmark.pedantic(closed_form, rounds=5, warmup_rounds=1)


def bench_ten_thousand_steps_one_by_one(benchmark):
    benchmark.group = "10⁴ steps of gradient descent, N = 63: loss at every step"
    G, q = lssm.gramian(POLES), POLES.values**LAG

    def steps():
        c, losses = np.zeros(q.size, complex), []
        for _ in range(10_000):
            moved = G @ c
            losses.append(1 - 2 * np.vdot(c, q).real + np.vdot(c, moved).real)
            c = c - 1e-3 * (moved - q)
        return losses

    benchmark.pedantic(steps, rounds=3)


@pytest.mark.parametrize("hessian", [False, True])
@pytest.mark.parametrize("kind", ["taps", "modes"])
def bench_pole_loss(benchmark, kind, hessian):
    benchmark.group = f"loss, gradient{' and Hessian' if hessian else ''} of 63 poles"
    teacher = teachers.delay(LAG) if kind == "taps" else teachers.rational(lssm.spectra.s4d_inv(order=64, step=1e-2), np.ones(64))
    benchmark.pedantic(pole_loss, (POLES, teacher), {"hessian": hessian}, rounds=5, warmup_rounds=1)


def bench_gradient_by_differences(benchmark):
    benchmark.group = "loss, gradient of 63 poles"
    teacher, log = teachers.delay(LAG), POLES.log

    def differences():
        values = [pole_loss(lssm.Poles.from_log(log + 1e-7 * e), teacher).value for e in np.eye(log.size)]
        return np.array(values)

    benchmark.pedantic(differences, rounds=1)


def bench_pole_flow(benchmark):
    benchmark.group = "gradient flow of 7 poles towards ten times their memory"
    start = lssm.spectra.s4d_lin(order=8, step=0.1)
    benchmark.pedantic(pole_flow, (start, teachers.delay(110)), rounds=3)


@pytest.mark.parametrize("order", [4, 8, 16])
def bench_h2_optimal(benchmark, order):
    benchmark.group = "best poles for one lag, eight starts"
    benchmark.pedantic(h2_optimal, (teachers.delay(10 * order - 1), order), rounds=1)
