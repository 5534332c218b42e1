"""Time of a memory function, against the ways that get it wrong: ``pytest tests/benchmarks/bench_memory.py``.

Needs the extra ``bench``. Nothing here asserts a time; compare the groups within one run.
"""

import numpy as np
import pytest
import scipy.linalg

import lssm

SIZES = [(32, 1024), (64, 100_000), (256, 10_000), (1024, 4096), (4096, 4096)]


def lyapunov_memory(poles, T):
    """The text-book route: a Lyapunov equation for the Gramian, then a solve a delay."""
    A, B = np.diag(poles.values), np.ones((poles.order, 1))
    gramian = scipy.linalg.solve_discrete_lyapunov(A, B @ B.T)
    states = poles.values[:, None] ** np.arange(T)
    return (states.conj() * np.linalg.solve(gramian, states)).sum(0).real


@pytest.mark.parametrize(("order", "T"), SIZES)
def bench_all_pass(benchmark, order, T):
    benchmark.group = f"order {order}, {T} delays"
    poles = lssm.spectra.s4d_lin(order=order, step=1e-4)
    lssm.memory_function(poles, 2)
    benchmark(lssm.memory_function, poles, T)
    benchmark.extra_info["ns per section and step"] = benchmark.stats["median"] / (order * T) * 1e9


@pytest.mark.parametrize(("order", "T"), SIZES[:4])
def bench_gramian_solve(benchmark, order, T):
    benchmark.group = f"order {order}, {T} delays"
    benchmark(lssm.naive_gramian_memory, lssm.spectra.s4d_lin(order=order, step=1e-4), T)


@pytest.mark.parametrize(("order", "T"), SIZES[:3])
def bench_lyapunov(benchmark, order, T):
    benchmark.group = f"order {order}, {T} delays"
    benchmark(lyapunov_memory, lssm.spectra.s4d_lin(order=order, step=1e-4), T)


@pytest.mark.parametrize("workers", [1, -1])
def bench_layer_of_a_model(benchmark, workers):
    benchmark.group = "256 channels of order 64, 1024 delays"
    poles = lssm.spectra.s4d_lin(order=64, step=np.geomspace(1e-3, 1e-1, 256))
    benchmark(lssm.memory_function, poles, 1024, workers=workers)


@pytest.mark.parametrize("order", [64, 1024])
def bench_length(benchmark, order):
    benchmark.group = "length"
    m = lssm.memory_function(lssm.spectra.s4d_lin(order=order, step=1e-4), 2)
    benchmark(m.length)


def bench_a_billion_delays_away(benchmark):
    poles = lssm.spectra.s4d_lin(order=64, step=1e-8)
    benchmark(lssm.memory_function, poles, [10**9])
