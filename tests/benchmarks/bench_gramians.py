"""Time of Gramian eigenvalues, factors and norms, against general routines: ``pytest tests/benchmarks/bench_gramians.py``.

Needs the extra ``bench``. Nothing here asserts a time; compare the groups within one run.
"""

import numpy as np
import pytest
import scipy.linalg

import lssm

FAMILIES = {"real": lssm.spectra.legs, "complex": lssm.spectra.s4d_inv}
SIZES = [("real", 64), ("real", 256), ("real", 1024), ("complex", 64), ("complex", 256), ("complex", 512)]


@pytest.mark.parametrize(("kind", "order"), SIZES)
def bench_eigenvalues(benchmark, kind, order):
    benchmark.group = f"eigenvalues, {kind}, N = {order}"
    poles = FAMILIES[kind](order=order, step=1e-3)
    lssm.gramian_eigenvalues(FAMILIES[kind](order=4, step=1e-3))
    benchmark.pedantic(lssm.gramian_eigenvalues, (poles,), {"log": True}, rounds=3)


@pytest.mark.parametrize(("kind", "order"), SIZES)
def bench_eigvalsh(benchmark, kind, order):
    benchmark.group = f"eigenvalues, {kind}, N = {order}"
    gramian = lssm.gramian(FAMILIES[kind](order=order, step=1e-3))
    benchmark.pedantic(np.linalg.eigvalsh, (gramian,), rounds=3)


@pytest.mark.parametrize("order", [64, 256])
def bench_lapack_jacobi(benchmark, order):
    """One-sided Jacobi of LAPACK on the same factor, as far as doubles hold it."""
    benchmark.group = f"eigenvalues, real, N = {order}"
    factor = np.asfortranarray(lssm.gramian_factor(lssm.spectra.legs(order=order, step=1e-3)).matrix.real)
    benchmark.pedantic(scipy.linalg.lapack.dgejsv, (factor,), {"joba": 0, "jobu": 3, "jobv": 3}, rounds=3)


def bench_eigenvalues_after_1024_steps(benchmark):
    poles = lssm.spectra.s4d_inv(order=32, step=1e-3)
    benchmark(lssm.gramian_eigenvalues, poles, horizon=1024)


def dense(order, inputs=3):
    rng = np.random.default_rng(0)
    A = rng.normal(size=(order, order))
    return A * (0.9 / np.abs(np.linalg.eigvals(A)).max()), rng.normal(size=(order, inputs))


@pytest.mark.parametrize("order", [50, 200])
def bench_dense_factor(benchmark, order):
    benchmark.group = f"dense Gramian, N = {order}"
    benchmark(lssm.gramian_factor, dense(order))


@pytest.mark.parametrize("order", [50, 200])
def bench_scipy_lyapunov(benchmark, order):
    """The Gramian itself; it has no Cholesky factor in double precision."""
    benchmark.group = f"dense Gramian, N = {order}"
    A, B = dense(order)
    benchmark(scipy.linalg.solve_discrete_lyapunov, A, B @ B.T)


@pytest.mark.parametrize("norm", [lssm.h2_norm, lssm.hinf_norm, lssm.hankel_singular_values])
def bench_norms(benchmark, norm):
    A, B = dense(100)
    benchmark(norm, (A, B, np.ones((1, 100))))
