"""Time of scans and discretizations, against loops and filters: ``pytest tests/benchmarks/bench_scan.py``.

Needs the extra ``bench``. Nothing here asserts a time; compare the groups within one run.
"""

import numpy as np
import pytest
import scipy.signal

import lssm


def layer(channels, order=64):
    """Channels of S4D-Lin with random readouts."""
    steps = np.geomspace(1e-3, 1e-1, channels)
    a = -0.5 + 1j * np.pi * np.arange(order)
    rng = np.random.default_rng(0)
    continuous = lssm.ContinuousSSM(lssm.Diagonal(a), np.ones(order), rng.normal(size=(1, order)) + 0j)
    return lssm.discretize(continuous, steps)


@pytest.mark.parametrize("workers", [1, -1])
def bench_scan_of_a_layer(benchmark, workers):
    benchmark.group = "64 channels of order 64, 4096 steps"
    system, u = layer(64), np.random.default_rng(1).normal(size=(64, 4096))
    lssm.scan(system, u[:, :2], half=True)
    benchmark.pedantic(lssm.scan, (system, u), {"half": True, "workers": workers}, rounds=5)


def bench_numpy_loop_of_a_layer(benchmark):
    benchmark.group = "64 channels of order 64, 4096 steps"
    system, u = layer(64), np.random.default_rng(1).normal(size=(64, 4096))

    def loop():
        x, y = np.zeros((64, 64), complex), np.empty((64, 4096))
        for t in range(4096):
            x = system.A.values * x + system.B[..., 0] * u[:, t, None]
            y[:, t] = 2 * (system.C[0] * x).sum(-1).real
        return y

    benchmark.pedantic(loop, rounds=3)


@pytest.mark.parametrize("T", [1024, 65536])
def bench_convolution(benchmark, T):
    benchmark.group = f"order 64, {T} steps"
    system = lssm.DiscreteSSM(lssm.Diagonal.from_log(layer(2).A.log[0]), np.ones(64), np.ones(64))
    u = np.random.default_rng(2).normal(size=T)
    benchmark(lambda: lssm.convolve(lssm.impulse_response(system, T, half=True), u))


@pytest.mark.parametrize("T", [1024, 65536])
def bench_scan(benchmark, T):
    benchmark.group = f"order 64, {T} steps"
    system = lssm.DiscreteSSM(lssm.Diagonal.from_log(layer(2).A.log[0]), np.ones(64), np.ones(64))
    u = np.random.default_rng(2).normal(size=T)
    benchmark(lssm.scan, system, u, half=True)


@pytest.mark.parametrize("run", ["lssm", "scipy"])
def bench_dense(benchmark, run):
    benchmark.group = "dense, order 32, 10,000 steps"
    rng = np.random.default_rng(3)
    A = rng.normal(size=(32, 32))
    A *= 0.9 / np.abs(np.linalg.eigvals(A)).max()
    B, C, u = rng.normal(size=(32, 1)), rng.normal(size=(1, 32)), rng.normal(size=10_000)
    if run == "lssm":
        benchmark(lssm.scan, (A, B, C), u)
    else:
        benchmark.pedantic(scipy.signal.dlsim, (scipy.signal.dlti(A, B, C, [[0.0]], dt=1.0), u), rounds=3)


@pytest.mark.parametrize("method", ["zoh", "bilinear", "foh"])
def bench_discretize(benchmark, method):
    benchmark.group = "discretize 256 channels of order 64"
    a = -0.5 + 1j * np.pi * np.arange(64)
    system, steps = lssm.ContinuousSSM(lssm.Diagonal(a), np.ones(64)), np.geomspace(1e-3, 1e-1, 256)
    benchmark(lssm.discretize, system, steps, method)


def bench_certificate(benchmark):
    s4 = lssm.discretize(lssm.spectra.hippo(order=64), 1e-3)
    benchmark(lssm.equivalence.certify, s4, lssm.spectra.s4d_legs(order=64, step=1e-3))
