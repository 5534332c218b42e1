"""Attention as a recurrence: exact capacities, and the comparison at equal state size."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

import lssm
from lssm import attention


def test_linear_attention_is_one_pole():
    """However large the state, (1-γ²) γ^{2τ}; without decay 1/T at every delay."""
    m = lssm.memory_function(attention.linear_attention(decay=0.9), 20)
    assert np.allclose(m.values, 0.19 * 0.81**m.delays, rtol=1e-13)
    assert np.allclose(lssm.memory_function(attention.linear_attention(), 50, horizon=50).values, 1 / 50, rtol=1e-13)
    with pytest.raises(lssm.UnstableError):
        lssm.memory_function(attention.linear_attention(), 50)


@given(st.lists(st.sampled_from([0.5, 0.75, 0.9, 0.99]), min_size=1, max_size=6))
def test_heads_count_once_for_each_decay(decays):
    assert lssm.memory_capacity(attention.linear_attention(decay=decays)) == len(set(decays))


def test_a_large_state_of_one_sum_has_one_dimension():
    """Vec of S_t = γ S_{t-1} + v kᵀ u_t: a dense system of order 12 of which one dimension is reached."""
    rng = np.random.default_rng(0)
    part = lssm.reachable_part((0.9 * np.eye(12) + 0.0, np.kron(rng.normal(size=4), rng.normal(size=3))))
    assert part.dimension == 1 and part.removed == 11


@pytest.mark.parametrize(("d", "rotation", "capacity"), [(16, True, 16), (64, True, 64), (256, True, 256), (64, False, 1)])
def test_retention(d, rotation, capacity):
    poles = lssm.spectra.retnet(order=d, heads=3, rotation=rotation)
    assert (lssm.memory_capacity(poles) == capacity).all()
    blocks = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in 10000.0 ** -np.linspace(0, 1, d // 2)]
    A = (31 / 32) * (scipy.linalg.block_diag(*blocks) if rotation else np.eye(d))
    dense = lssm.memory_function((A, np.ones(d)), 40)
    assert dense.capacity == capacity
    assert np.abs(dense.values - lssm.memory_function(poles[0], 40).values).max() <= 1e-11


@given(st.integers(1, 4), st.integers(4, 9), st.integers(0, 10**6))
def test_window_is_the_leverage_of_its_weights(heads, window, seed):
    """Exact projector in rational arithmetic, by Gram-Schmidt on integer weights."""
    weights = np.random.default_rng(seed).integers(-3, 4, (heads, window))
    if not weights.any():
        return
    basis = []
    for row in weights:
        v = [Fraction(int(x)) for x in row]
        for b in basis:
            share = sum(x * y for x, y in zip(v, b, strict=True)) / sum(y * y for y in b)
            v = [x - share * y for x, y in zip(v, b, strict=True)]
        if any(v):
            basis.append(v)
    exact = [float(sum(b[t] ** 2 / sum(y * y for y in b) for b in basis)) for t in range(window)]
    found = attention.window_memory(weights)
    assert np.allclose(found, exact, atol=1e-12)
    assert found.sum() == pytest.approx(len(basis), rel=1e-12)


@pytest.mark.parametrize("N", [16, 64, 256])
def test_table_at_equal_state_size(N):
    rows = {row.model.split(",")[0] + row.model[-8:]: row for row in attention.compare_at_equal_size(N)}
    capacities = [row.capacity for row in rows.values()]
    aliased = lssm.memory_capacity(lssm.spectra.s4d_lin(order=N, step=1e-2))
    assert capacities == [aliased, N, N, N, N, 1, 1]
    assert all(row.usable <= row.capacity + 1e-9 for row in rows.values())
    ssm, legs, network = list(rows.values())[:3]
    assert ssm.usable > 0.99 * ssm.capacity and legs.usable > 0.99 * legs.capacity  # a linear RNN keeps far less
    assert network.usable < 0.7 * network.capacity


def test_usable_capacity_is_what_regression_with_noise_finds():
    """Monte Carlo over 4e5 steps of a rotated head: Σ of coefficients of determination, 4 sigma."""
    poles = lssm.spectra.retnet(order=4, heads=1)[0]
    rng, T, noise, delays = np.random.default_rng(0), 200_000, 0.05, 400
    gamma, angles = 31 / 32, 10000.0 ** -np.linspace(0, 1, 2)
    u = rng.normal(size=T)
    states = []
    for angle in angles:
        z = scipy.signal.lfilter([np.sqrt(1 - gamma**2)], [1, -gamma * np.exp(1j * angle)], u)
        states += [np.sqrt(2) * z.real, np.sqrt(2) * z.imag]
    X = np.array(states)
    X *= np.sqrt(4 / np.trace(X @ X.T / T))
    noisy = X + np.sqrt(noise) * rng.normal(size=X.shape)
    G = noisy @ noisy.T / T
    p = np.array([noisy[:, t:] @ u[: T - t] / T for t in range(delays)]).T
    estimate = np.einsum("it,it->", p, np.linalg.solve(G, p)) - 4 * delays / T
    exact = attention._usable(attention._normalised_gramian(poles), noise)
    assert abs(estimate - exact) <= 4 * np.sqrt(8.0 * delays / T)


@pytest.mark.parametrize(
    "call",
    [
        lambda: attention.linear_attention(decay=1.5),
        lambda: attention.linear_attention(decay=0.0),
        lambda: attention.linear_attention(decay=[[0.5]]),
        lambda: attention.window_memory([0.0, 0.0]),
        lambda: attention.window_memory(np.zeros((2, 2, 2))),
        lambda: attention.compare_at_equal_size(3),
        lambda: attention.compare_at_equal_size(16, noise=0.0),
    ],
)
def test_bad_input(call):
    with pytest.raises(lssm.InvalidInputError):
        call()


def test_states_of_distinct_decays_have_variance_one():
    poles = lssm.Poles.from_discrete([0.5, 0.9, 0.99])
    l = poles.values.real
    g = 1 - l**2
    wanted = np.sqrt(np.outer(g, g)) / (1 - np.outer(l, l))  # correlations: 1 on the diagonal
    assert np.abs(attention._normalised_gramian(poles) - wanted).max() < 1e-14
