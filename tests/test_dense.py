"""Dense systems: what the input reaches, and memories right although eigenvalues are not."""

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from oracles import ball_memory_of_pair

import lssm

RESERVOIRS = {
    "sparse": lssm.reservoirs.sparse(order=100, density=0.1, radius=0.9, rng=0),
    "gaussian": lssm.reservoirs.gaussian(order=100, radius=0.9, rng=0),
    "uniform": lssm.reservoirs.uniform(order=100, radius=0.9, rng=0),
}


def arrays(system):
    return system.A.to_dense().real, system.B[:, 0].real


def krylov_pseudo_inverse(A, B, T):
    """Memory from the pseudo-inverse of [B, AB, …], the usual recipe."""
    K = np.array([np.linalg.matrix_power(A, t) @ B for t in range(T)]).T
    return np.einsum("ij,ji->i", np.linalg.pinv(K), K)


def leverage_scores(A, B, T):
    """Squared rows of the right singular vectors of [B, AB, …], to NumPy's rank."""
    K = np.array([np.linalg.matrix_power(A, t) @ B for t in range(T)])
    left, size, _ = np.linalg.svd(K, full_matrices=False)
    return (left[:, size > size[0] * max(K.shape) * np.finfo(float).eps] ** 2).sum(1)


def arnoldi(A, B, T):
    """Krylov basis by Arnoldi with one Gram-Schmidt pass, coordinates of A^t B in it."""
    Q = [B / np.linalg.norm(B)]
    for _ in range(len(B) - 1):
        y = A @ Q[-1]
        for q in Q:
            y = y - (q @ y) * q
        Q.append(y / np.linalg.norm(y))
    Q = np.array(Q)
    K = np.array([np.linalg.matrix_power(A, t) @ B for t in range(T)]) @ Q.T
    return np.einsum("ij,ji->i", K, np.linalg.pinv(K))


@pytest.fixture(scope="module")
def exact():
    delays = [*range(12), 20, 40, 60, 80, 100, 120, 160, 200]
    return delays, {name: ball_memory_of_pair(*arrays(system), delays) for name, system in RESERVOIRS.items()}


@pytest.mark.parametrize("name", RESERVOIRS)
def test_reservoirs_of_100(name, exact):
    delays, expected = exact
    m = lssm.memory_function(RESERVOIRS[name], 300)
    assert m.capacity == 100 and m.reached.removed == 0
    assert m.poles.is_conjugate_closed(1e-6)  # exactly: A is real
    difference = np.abs(m.values[delays] - expected[name])
    assert difference.max() <= 1e-12
    assert (difference <= m.error[delays]).all()
    assert m.values.sum() + m.remainder == pytest.approx(100, rel=1e-12)


@pytest.mark.parametrize("recipe", [krylov_pseudo_inverse, leverage_scores, arnoldi])
def test_the_usual_recipes_lose_capacity_or_shape(recipe, exact):
    delays, expected = exact
    found = recipe(*arrays(RESERVOIRS["sparse"]), 300)
    assert np.abs(found[delays] / expected["sparse"] - 1).max() > 0.1


def test_legs_in_a_random_basis():
    """N = 256: single eigenvalues are off by more than a tenth, the memory is not off at all."""
    N, step = 256, 1e-3
    n = np.arange(N)
    A = -np.where(n[:, None] > n, np.sqrt(np.outer(2 * n + 1, 2 * n + 1)), np.diag(n + 1.0))
    discrete = np.linalg.solve(np.eye(N) - step / 2 * A, np.eye(N) + step / 2 * A)
    Q = scipy.linalg.qr(np.random.default_rng(0).normal(size=(N, N)))[0]
    B = np.linalg.solve(np.eye(N) - step / 2 * A, np.sqrt(2 * n + 1))
    m = lssm.memory_function((Q @ discrete @ Q.T, Q @ B), 2000)
    exact = lssm.memory_function(lssm.Poles.from_continuous(-np.arange(1.0, N + 1), step, "bilinear"), 2000)
    found, wanted = m.poles.values, exact.poles.values
    eigenvalue_error = np.abs(found[:, None] - wanted).min(1).max()
    assert m.capacity == N
    assert eigenvalue_error > 0.1
    assert np.abs(m.values - exact.values).max() <= 1e-11
    assert (np.abs(m.values - exact.values) <= m.error).all()


def test_cyclic_matrix_and_constant_input_remember_one_number():
    N, radius = 20, 0.9
    part = lssm.reachable_part(lssm.reservoirs.cyclic(order=N, radius=radius, input_weights=np.ones(N)))
    assert part.dimension == 1 and part.removed == N - 1 and part.coupling < 1e-14
    assert part.poles.values[0] == pytest.approx(radius, rel=1e-14)


def test_cyclic_matrix_and_unit_vector_make_a_staircase():
    N, radius = 20, 0.9
    m = lssm.memory_function(lssm.reservoirs.cyclic(order=N, radius=radius), 200)
    exact = (1 - radius ** (2 * N)) * radius ** (2.0 * N * (m.delays // N))
    assert m.capacity == N
    assert np.abs(m.values / exact - 1).max() <= 1e-12


@pytest.mark.parametrize("position", [0, 3, 9])
def test_nilpotent_shift(position):
    m = lssm.memory_function(lssm.reservoirs.delay_line(order=10, position=position), 12)
    assert m.capacity == 10 - position and m.reached.removed == position
    assert np.abs(m.values - (m.delays < 10 - position)).max() <= 1e-14


def test_nilpotent_in_a_random_basis():
    """Eigenvalues of a perturbed Jordan block of order 40 lie on a circle of radius 0.4; the memory does not care."""
    Q = scipy.linalg.qr(np.random.default_rng(1).normal(size=(40, 40)))[0]
    m = lssm.memory_function((Q @ np.eye(40, k=-1) @ Q.T, Q[:, 0]), 60)
    assert np.abs(m.poles.values).max() > 0.2
    difference = np.abs(m.values - (m.delays < 40))
    assert difference.max() <= 1e-12 and (difference <= m.error).all()


def test_orthogonal_reservoir_is_a_set_of_equal_moduli():
    system = lssm.reservoirs.orthogonal(order=50, radius=0.95, rng=0)
    m = lssm.memory_function(system, 400)
    assert m.capacity == 50
    assert m.complement[0] == pytest.approx(0.95**100, rel=1e-11)


@given(st.integers(1, 7), st.integers(0, 2**31))
def test_theorems(N, seed):
    """Similar pairs remember the same, unreachable states nothing; A and Aᴴ have the same poles."""
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(N, N)), rng.normal(size=N)
    A *= 0.9 / np.abs(np.linalg.eigvals(A)).max()
    m = lssm.memory_function((A, B), 40)
    slack = m.error + 1e-12
    T = np.eye(N) + 0.3 * rng.normal(size=(N, N)) / np.sqrt(N)
    similar = lssm.memory_function((T @ A @ np.linalg.inv(T), T @ B), 40)
    assert (np.abs(similar.values - m.values) <= slack + similar.error + 1e-9 * np.linalg.cond(T) ** 2).all()
    larger = np.block([[A, rng.normal(size=(N, 2))], [np.zeros((2, N)), 0.5 * np.eye(2)]])
    extended = lssm.memory_function((larger, np.append(B, [0, 0])), 40)
    assert extended.capacity == m.capacity and extended.reached.removed == 2
    assert np.abs(extended.values - m.values).max() <= slack.max() + extended.error.max()


def test_the_reachable_part_can_be_saved(tmp_path):
    part = lssm.reachable_part(([[0.5, 0.1], [0.2, 0.4]], [1.0, 0.0]))
    part.save(tmp_path / "part.json")
    assert "poles_log" in (tmp_path / "part.json").read_text()


def test_tolerance_decides_what_is_reached():
    A, B = np.array([[0.5, 0.0], [1e-9, 0.4]]), [1.0, 0.0]
    assert lssm.reachable_part((A, B)).dimension == 2
    part = lssm.reachable_part((A, B), tolerance=1e-6)
    assert part.dimension == 1 and part.coupling == pytest.approx(1e-9 / np.linalg.norm(A))
    assert lssm.memory_function((A, B), 5, tolerance=1e-6).capacity == 1


@pytest.mark.parametrize("scale", [1.0, 1e8, 1e-8])
def test_coordinates_of_very_different_sizes(scale):
    """The pair (0.5, 1; 0.1, ±0.4) with its second state in other units."""
    for sign in (1, -1):
        A = np.array([[0.5, scale], [0.1 / scale, sign * 0.4]])
        exact = ball_memory_of_pair(np.array([[0.5, 1.0], [0.1, sign * 0.4]]), [1.0, 0.0], [0, 1, 2, 5])
        m = lssm.memory_function((A, [1.0, 0.0]), [0, 1, 2, 5])
        assert m.capacity == 2 and np.abs(m.values - exact).max() <= 1e-12


@pytest.mark.parametrize("size", [1e-200, 1e-300])
def test_tiny_matrices_and_inputs(size):
    m = lssm.memory_function((size * np.array([[0.5, 0.1], [0.2, 0.4]]), [1e-300, 2e-300]), 3)
    assert m.capacity == 2 and m.values[0] == 1 and np.isfinite(m.error).all()


@pytest.mark.parametrize("distance", [1e-6, 1e-10, 1e-12])
def test_a_rotation_next_to_the_circle(distance):
    """Its determinant c² + s² says how far; the modulus of a rounded λ would not."""
    c, s = (1 - distance) * np.cos(1.1), (1 - distance) * np.sin(1.1)
    with mpmath.workdps(50):
        square = mpmath.mpf(c) ** 2 + mpmath.mpf(s) ** 2
        exact = float(1 - square**2)  # M(0) = 1 - Π|λ|²
    m = lssm.memory_function(([[c, s], [-s, c]], [1.0, 0]), 2)
    assert abs(m.values[0] / exact - 1) <= 1e-17 / distance + 1e-12
    assert abs(m.values[0] - exact) <= m.error[0] + 1e-15 * exact


@pytest.mark.parametrize("flip", [False, True])
def test_triangular_matrices_show_their_eigenvalues(flip):
    """Orthogonal transformations would find 2.99 where 0.5 stands on the diagonal ten times."""
    A = np.triu(100 * np.ones((10, 10)), 1) + 0.5 * np.eye(10)
    m = lssm.memory_function((A.T if flip else A, np.ones(10)), 50)
    chain = lssm.memory_function(lssm.spectra.laguerre(order=10, pole=0.5), 50)
    assert np.abs(m.values - chain.values).max() <= 1e-14
    with pytest.raises(lssm.UnstableError):
        lssm.memory_function(([[1.0, 0.2], [0.0, 0.8]], [1.0, 1.0]), 5)


def test_growing_systems_with_a_horizon_have_an_error_estimate():
    for A in ([[2.0, 1.0], [0, 0.5]], [[1.0, 1.0], [0, 1.0]], [[1.0, 0.3], [0.2, 0.5]]):
        m = lssm.memory_function((A, [0.3, 1.0]), 4, horizon=10)
        assert (m.error < 1e-10).all()
    m = lssm.memory_function(lssm.reservoirs.gaussian(order=30, radius=1.1, rng=0), 60, horizon=60)
    assert m.values.sum() == pytest.approx(30, rel=1e-12) and (m.error < 1e-6).all()


def test_diagonal_matrices_given_as_matrices():
    matrix = np.diag([0.9, 0.5, 0.5])
    m = lssm.memory_function((matrix, [1.0, 2.0, 3.0]), 5)
    assert m.capacity == 2 and m.reached.removed == 1
    foreign = scipy.signal.TransferFunction([1.0], [1.0, -0.5], dt=1)
    assert lssm.memory_function(foreign, 3).values == pytest.approx([0.75, 0.1875, 0.046875], rel=1e-14)


def test_low_rank_corrections_and_finite_horizons():
    operator = lssm.DPLR([0.5, 0.3, -0.2], P=[0.1, 0.2, 0.3], Q=[0.3, 0.1, 0.2])
    dense = lssm.memory_function((operator.to_dense(), [1.0, 1.0, 1.0]), 10, horizon=20)
    assert np.allclose(lssm.memory_function((operator, [1.0, 1.0, 1.0]), 10, horizon=20).values, dense.values, rtol=1e-12)


def test_echo_state_with_leak():
    W, w = arrays(RESERVOIRS["gaussian"])
    system = lssm.reservoirs.echo_state(W, w, leak=0.2)
    poles = 0.8 + 0.2 * np.linalg.eigvals(W)
    direct = lssm.memory_function(lssm.Poles.from_discrete(poles), 50).values
    assert np.abs(lssm.memory_function(system, 50).values - direct).max() <= 1e-10


@pytest.mark.parametrize(
    ("system", "message"),
    [
        ((np.ones((2, 3)), [1.0, 1.0]), "matrix"),
        (([[0.5, np.nan], [0.0, 0.5]], [1.0, 1.0]), "matrix"),
        (([[0.5, np.inf], [0.0, 0.5]], [1.0, 1.0]), "matrix"),
        (([[0.5, 0.1], [0.0, 0.4]], [1.0, 1.0, 1.0]), "B"),
        (([[0.5, 0.1], [0.0, 0.4]], [0.0, 0.0]), "B is zero"),
        (([[0.5, 0.1], [0.0, 0.4]], np.ones((2, 2))), "2 inputs"),
        (([[1.5, 0.1], [0.0, 0.4]], [1.0, 1.0]), r"eigenvalue 1.5\+0j with \|λ\| = 1.5"),
        ((np.zeros((3, 2, 2)) + 0.1, [1.0, 1.0]), "batch"),
    ],
)
def test_bad_systems(system, message):
    with pytest.raises(lssm.InvalidInputError, match=message):
        lssm.memory_function(system, 5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: lssm.reservoirs.gaussian(order=0),
        lambda: lssm.reservoirs.gaussian(order=5, radius=-1.0),
        lambda: lssm.reservoirs.sparse(order=5, density=2.0),
        lambda: lssm.reservoirs.sparse(order=3, density=1e-9, rng=0),
        lambda: lssm.reservoirs.sparse(order=5, distribution="cauchy"),
        lambda: lssm.reservoirs.delay_line(order=5, position=5),
        lambda: lssm.reservoirs.echo_state(np.ones((2, 3)), [1, 1]),
        lambda: lssm.reservoirs.echo_state(np.eye(2), [1, 1], leak=0.0),
        lambda: lssm.reachable_part(([[0.5, 0.1], [0.0, 0.4]], [1.0, 0.0]), tolerance=-1.0),
    ],
)
def test_bad_reservoirs(call):
    with pytest.raises(lssm.InvalidInputError):
        call()


def test_random_reservoirs_have_their_radius_and_distribution():
    for name, system in RESERVOIRS.items():
        A, _ = arrays(system)
        assert np.abs(np.linalg.eigvals(A)).max() == pytest.approx(0.9, rel=1e-12), name
    density = np.mean(arrays(RESERVOIRS["sparse"])[0] != 0)
    assert abs(density - 0.1) <= 4 * np.sqrt(0.1 * 0.9 / 100**2)
    rows = arrays(lssm.reservoirs.orthogonal(order=200, radius=1.0, rng=1))[0]
    assert abs(np.mean(rows[:, 0] ** 2) - 1 / 200) <= 1e-15
    assert abs(np.mean(np.linalg.eigvals(rows)).real) <= 4 / np.sqrt(200) / np.sqrt(200)
