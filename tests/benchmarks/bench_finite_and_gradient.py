"""Time of finite-horizon memories, gradients and dense systems: ``pytest tests/benchmarks/bench_finite_and_gradient.py``.

Needs the extra ``bench``. Nothing here asserts a time; compare the groups within one run.
"""

import numpy as np
import pytest

import lssm


def difference_gradient(poles, T, h=1e-7):
    """The route without a formula: two memory functions for each real parameter."""
    log = poles.log
    gradient = np.empty((log.size, T), np.complex128)
    for k in range(log.size):
        parts = []
        for step in (h, 1j * h):
            moved = [log + sign * step * (np.arange(log.size) == k) for sign in (1, -1)]
            ahead, behind = (lssm.memory_function(lssm.Poles.from_log(m), T).values for m in moved)
            parts.append((ahead - behind) / (2 * h))
        gradient[k] = (parts[0] - 1j * parts[1]) / 2 / np.exp(log[k])
    return gradient


@pytest.mark.parametrize(("order", "T"), [(32, 1024), (64, 4096), (128, 4096)])
def bench_delayed_cascade(benchmark, order, T):
    benchmark.group = f"finite horizon, order {order}, {T} steps"
    benchmark(lssm.memory_function, lssm.spectra.s4d_lin(order=order, step=1e-3), T, horizon=T)


@pytest.mark.parametrize(("order", "T"), [(32, 1024), (64, 4096), (128, 4096)])
def bench_svd(benchmark, order, T):
    benchmark.group = f"finite horizon, order {order}, {T} steps"
    benchmark(lssm.naive_svd_memory, lssm.spectra.s4d_lin(order=order, step=1e-3), T)


@pytest.mark.parametrize(("order", "T"), [(32, 1024), (64, 10_000)])
def bench_scans(benchmark, order, T):
    benchmark.group = f"gradient, order {order}, {T} delays"
    benchmark(lssm.memory_gradient, lssm.spectra.s4d_lin(order=order, step=1e-2), T)


@pytest.mark.parametrize(("order", "T"), [(32, 1024), (64, 10_000)])
def bench_differences(benchmark, order, T):
    benchmark.group = f"gradient, order {order}, {T} delays"
    benchmark(difference_gradient, lssm.spectra.s4d_lin(order=order, step=1e-2), T)


@pytest.mark.parametrize("order", [100, 300])
def bench_reservoir(benchmark, order):
    benchmark.group = "dense"
    benchmark(lssm.memory_function, lssm.reservoirs.gaussian(order=order, rng=0), 1000)
