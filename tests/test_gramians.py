"""Gramians of diagonal systems: entries, factor, inverse, determinant, eigenvalues, against ball arithmetic and mpmath."""

import mpmath
import numpy as np
import pytest
import scipy.linalg
from cases import DISTINCT
from flint import acb, arb, fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st
from oracles import ball_eigenvalues, ball_gramian, conj, off, precision

import lssm
from lssm.gramians._coordinates import coordinates
from lssm.gramians._spectrum import squares
from lssm.gramians._system import one_system

rng = np.random.default_rng(3)
DECADES = 10 ** rng.uniform(-5, 5, 64) * np.exp(1j * rng.uniform(0, 6, 64))
SPREAD = rng.normal(size=64) * 1j - rng.uniform(0.5, 2, 64)
SETS = {
    "legs": (lssm.spectra.legs(order=64, step=1e-3), np.ones(64)),
    "legs, b over ten decades": (lssm.spectra.legs(order=64, step=1e-3), DECADES),
    "real, uniform": (lssm.Poles.from_discrete(np.arange(1, 65) / 65), np.ones(64)),
    "complex": (lssm.Poles.from_log(SPREAD), np.ones(64)),
    "complex, b over ten decades": (lssm.Poles.from_log(SPREAD), DECADES),
    "s4d-inv, aliased": (lssm.spectra.s4d_inv(order=64, step=1e-1), np.ones(64)),
    "disk": (lssm.Poles.from_discrete(np.sqrt(rng.uniform(size=64)) * np.exp(2j * np.pi * rng.uniform(size=64))), DECADES),
}


def mp_eigenvalues(poles, weights, digits=260):
    """Eigenvalues of the Gramian by mpmath, largest first."""
    with mpmath.workdps(digits):
        z, b = [mpmath.mpc(x) for x in poles.rows()[0]], [mpmath.mpc(x) for x in np.asarray(weights, complex)]
        pairs = list(zip(b, z, strict=True))
        entries = [[p * mpmath.conj(q) / -mpmath.expm1(x + mpmath.conj(y)) for q, y in pairs] for p, x in pairs]
        real = all(e.imag == 0 for row in entries for e in row)
        matrix = mpmath.matrix([[e.real for e in row] for row in entries] if real else entries)
        found = (mpmath.eigsy if real else mpmath.eighe)(matrix, eigvals_only=True)
        return sorted((x.real for x in found), reverse=True)


@pytest.mark.parametrize("name", SETS)
def test_eigenvalues_to_relative_accuracy_against_mpmath(name):
    poles, weights = SETS[name]
    exact = mp_eigenvalues(poles, weights)
    found = lssm.gramian_eigenvalues(poles, weights=weights)
    assert max(abs(float(mpmath.mpf(float(x)) / y - 1)) for x, y in zip(found, exact, strict=True)) <= 2e-14  # asked: 1e-13
    if name != "s4d-inv, aliased":
        assert exact[-1] / exact[0] < 1e-45
        lapack = np.linalg.eigvalsh(lssm.gramian(poles, weights=weights))
        assert abs(lapack[0] / float(exact[-1])) > 1e10 or lapack[0] < 0  # what a general routine makes of the smallest


@pytest.mark.parametrize("name", SETS)
def test_factor_entry_by_entry_and_its_product(name):
    """Each entry against its product formula in balls (≤ 1e-13 N asked), and L L* against the Gramian."""
    poles, weights = SETS[name]
    found = lssm.gramian_factor(poles, weights=weights)
    order, L = found.order, found.unit
    with precision(400):
        z = [acb(float(x.real), float(x.imag)) for x in poles.rows()[0]]
        b = [acb(float(x.real), float(x.imag)) for x in np.asarray(weights, complex)]
        pole, product, worst = [x.exp() for x in z], list(b), 0.0
        for k, p in enumerate(order):
            root = (-(z[p] + conj(z[p])).expm1()).sqrt()
            turn = conj(product[p]) / abs(product[p]) * root * acb(2) ** -int(found.power[k])
            for i in order[k:]:
                exact = product[i] * turn / -(z[i] + conj(z[p])).expm1()
                worst = max(worst, float(abs(acb(L[i, k].real, L[i, k].imag) - exact) / abs(exact)))
            product = [x * (y - pole[p]) / -(t + conj(z[p])).expm1() for x, y, t in zip(product, pole, z, strict=True)]
    assert worst <= 2e-14
    assert not np.triu(L[order], 1).any() and (np.diagonal(L[order]).real >= 0.5).all()
    G = lssm.gramian(poles, weights=weights)
    scale = np.sqrt(np.diagonal(G).real)
    assert (np.abs(found.gramian - G) / scale / scale[:, None]).max() <= 2e-14


def test_factor_stays_accurate_at_order_1024():
    found = lssm.gramian_factor(lssm.Poles.from_discrete(np.arange(1, 1025) / 1025))
    exact = lssm.gramian(lssm.Poles.from_discrete(np.arange(1, 1025) / 1025)).real
    scale = np.sqrt(np.diagonal(exact))
    assert (np.abs(found.gramian.real - exact) / scale / scale[:, None]).max() <= 1e-13
    assert found.power[-1] < -2000 and found.rank == 1024  # far below the smallest double


@pytest.mark.parametrize("name", ["legs", "complex, b over ten decades"])
def test_inverse_and_determinant(name):
    poles, weights = SETS[name]
    with precision(3000):
        G = ball_gramian(poles.rows()[0], weights)
        inverse, determinant = G.inv(), G.det().real
        logs = lssm.gramian_inverse(poles, weights=weights, log=True)
        worst = max(
            float(abs(acb(float(z.real), float(z.imag)).exp() / inverse[i, j] - 1))
            for i, row in enumerate(logs)
            for j, z in enumerate(row)
        )
        exact = float(determinant.log())
    assert worst <= 1e-13
    assert abs(lssm.gramian_log_determinant(poles, weights=weights) - exact) <= 1e-15 * 64 * abs(exact)


def test_inverse_is_one_where_doubles_hold_it():
    poles = lssm.Poles.from_discrete([0.9, 0.5 + 0.4j, 0.5 - 0.4j, -0.7])
    assert np.abs(lssm.gramian_inverse(poles) @ lssm.gramian(poles) - np.eye(4)).max() <= 1e-13
    with pytest.raises(lssm.InvalidInputError, match="log=True"):
        lssm.gramian_inverse(lssm.Poles.from_discrete(np.arange(1, 300) / 300))


def test_logarithms_carry_what_leaves_the_range_of_doubles():
    """N = 256 real poles: the smallest eigenvalue is near 1e-317."""
    poles = lssm.Poles.from_discrete(np.arange(1, 257) / 257)
    logs, values = lssm.gramian_eigenvalues(poles, log=True), lssm.gramian_eigenvalues(poles)
    assert (np.diff(logs) < 0).all() and logs[-1] < np.log(1e-316)
    normal = values > 1e-290
    assert np.abs(np.log(values[normal]) - logs[normal]).max() <= 1e-12
    assert abs(logs.sum() - lssm.gramian_log_determinant(poles)) <= 1e-9


@pytest.mark.parametrize(
    ("poles", "T"),
    [
        (lssm.spectra.s4d_inv(order=32, step=1e-3), 1024),
        (lssm.spectra.legs(order=32, step=1e-3), 1000),
        (lssm.Poles.from_log(1j * rng.uniform(0, 6, 20)), 100),
        (lssm.Poles.from_log(1j * rng.uniform(0, 0.06, 20)), 100),
        (lssm.Poles.from_log([0.0, 0.5j, -0.5j, -1e-9, -2.0, -np.inf]), 300),
        (lssm.Poles.from_log(rng.uniform(-0.1, 0.1, 20)), 100),
        (lssm.Poles.from_log(rng.uniform(-0.1, 0.0, 6)), 6),
    ],
)
def test_finite_horizon_eigenvalues(poles, T):
    weights = 10 ** rng.uniform(-3, 3, poles.order)
    log = poles.rows()[0]
    with precision(1500):
        G = ball_gramian(np.where(np.isneginf(log.real), -1e5, log), weights, horizon=T)  # exp(-1e5) for λ = 0
        exact = ball_eigenvalues(G)
        found = lssm.gramian_eigenvalues(poles, weights=weights, horizon=T)
        assert off(found, exact) <= 2e-14
    entries = lssm.gramian(poles, weights=weights, horizon=T)
    assert np.abs(np.linalg.eigvalsh(entries)[-1] / found[0] - 1) <= 1e-13
    vectors = lssm.gramian_eigensystem(poles, weights=weights, horizon=T).vectors
    assert np.abs(vectors * found @ vectors.conj().T - entries).max() <= 1e-13 * np.abs(entries).max()


def test_finite_horizon_entries_near_the_circle():
    """The angle times T, over a million steps, must not be rounded."""
    poles, T = lssm.Poles.from_log([-1e-9 + 1.234567j, -1e-7 + 1.2345j, -1e-9 - 2j]), 10**6
    with precision(300):
        G = ball_gramian(poles.rows()[0], np.ones(3), horizon=T)
        found = lssm.gramian(poles, horizon=T)
        worst = max(float(abs(acb(found[i, j].real, found[i, j].imag) / G[i, j] - 1)) for i in range(3) for j in range(3))
    assert worst <= 2e-15


def test_dense_horizon_is_the_sum():
    A, B = rng.normal(size=(5, 5)) / 2, rng.normal(size=(5, 2))
    for T in (1, 2, 7, 16):
        plain = sum(np.linalg.matrix_power(A, t) @ B @ B.T @ np.linalg.matrix_power(A, t).T for t in range(T))
        assert np.allclose(lssm.gramian((A, B), horizon=T), plain, rtol=1e-13)


def test_eigenvectors_against_relative_gaps():
    poles, _ = SETS["legs"]
    found = lssm.gramian_eigensystem(poles)
    with mpmath.workdps(260):
        z = [mpmath.mpf(x.real) for x in poles.rows()[0]]
        values, exact = mpmath.eigsy(mpmath.matrix([[1 / -mpmath.expm1(x + y) for y in z] for x in z]))
        order = sorted(range(64), key=lambda i: -values[i])
        for place in (0, 1, 30, 62, 63):
            ours = [mpmath.mpf(float(x)) for x in found.vectors[:, place].real]
            along = sum(x * exact[i, order[place]] for i, x in enumerate(ours))
            size = sum(x * x for x in ours)
            assert float(mpmath.sqrt(abs(size - along**2))) <= 1e-13  # neighbours differ by a factor of ten and more


def test_several_inputs_share_one_factor():
    """Rows b_i of three inputs: G_ij = b_i b_j* / (1-λ_iλ̄_j)."""
    log, B = SPREAD[:24], rng.normal(size=(24, 3)) + 1j * rng.normal(size=(24, 3))
    found = coordinates(one_system(lssm.DiscreteSSM(lssm.Diagonal.from_log(log), B)))
    with precision(800):
        parts = [ball_gramian(log, B[:, k]) for k in range(3)]
        exact = ball_eigenvalues(parts[0] + parts[1] + parts[2])
        assert off(squares(found.S.unit, found.S.power).values, exact) <= 2e-14
    assert exact[-1] / exact[0] < 1e-8
    assert np.abs(found.A @ found.A.conj().T + found.B @ found.B.conj().T - np.eye(24)).max() <= 1e-14
    S = found.S.matrix
    assert np.abs(S @ found.B - B).max() <= 1e-14 * np.abs(B).max() * 10
    assert np.abs(np.exp(log)[:, None] * S - S @ found.A).max() <= 1e-14 * np.abs(S).max()


def test_continuous_diagonal_systems():
    """LegS poles in continuous time: G_ij = 1/(i+j), the Hilbert matrix, known to be hopeless for general routines."""
    system = lssm.ContinuousSSM(lssm.Diagonal(-np.arange(1.0, 41)), np.ones(40))
    hilbert = fmpq_mat(40, 40, [fmpq(1, i + j) for i in range(1, 41) for j in range(1, 41)])
    with precision(1000):
        exact = ball_eigenvalues(ball_matrix(hilbert))
        assert off(lssm.gramian_eigenvalues(system), exact) <= 2e-14
    assert exact[-1] < arb(1e-58)
    assert np.abs(lssm.gramian(system) * (np.arange(1, 41)[:, None] + np.arange(1, 41)) - 1).max() <= 4e-16


def ball_matrix(rational):
    from flint import acb_mat

    n = rational.nrows()
    return acb_mat(n, n, [acb(arb(rational[i, j].p) / arb(rational[i, j].q)) for i in range(n) for j in range(n)])


def test_equal_poles_and_zero_weights_are_exact_zeros():
    poles = lssm.Poles.from_discrete([0.5, 0.9, 0.5, -0.25])
    values = lssm.gramian_eigenvalues(poles, weights=[1, 1, 2, 0])
    assert (values[:2] > 0).all() and (values[2:] == 0).all()
    assert (lssm.gramian_eigenvalues(poles, weights=[1, 1, 2, 0], log=True)[2:] == -np.inf).all()
    assert lssm.gramian_log_determinant(poles) == -np.inf
    assert lssm.gramian_factor(poles, weights=[1, 1, 2, 0]).rank == 2
    with pytest.raises(lssm.InvalidInputError, match="equal poles"):
        lssm.gramian_inverse(poles)


def test_one_pole_and_a_pole_at_zero():
    assert lssm.gramian_eigenvalues(lssm.Poles.from_log([-1e-12]))[0] == pytest.approx(1 / -np.expm1(-2e-12), rel=1e-15)
    values = lssm.gramian_eigenvalues(lssm.Poles.from_discrete([0.0, 0.5]))
    exact = np.roots([1, -(1 + 4 / 3), 4 / 3 - 1])  # G = [[1, 1], [1, 4/3]]
    assert np.allclose(values, np.sort(exact)[::-1], rtol=1e-14)


def test_batches_ragged_and_threaded():
    batch = lssm.spectra.s4d_lin(order=32, step=[1e-3, 1e-1])  # 31 and 20 poles
    found = lssm.gramian_eigenvalues(batch, workers=2)
    assert found.shape == (2, 31) and np.isnan(found[1, 20:]).all() and not np.isnan(found[1, :20]).any()
    for i in range(2):
        alone = lssm.gramian_eigenvalues(batch[i])
        assert np.array_equal(found[i, : alone.size], alone)
    assert lssm.gramian_log_determinant(batch).shape == (2,)
    weighted = lssm.gramian_eigenvalues(batch, weights=np.sqrt(np.where(batch.mask, batch.damping, 1)))
    assert np.allclose(np.nansum(weighted, 1), [31, 20], rtol=1e-13)  # trace of a matrix with unit diagonal


@given(st.data())
def test_trace_determinant_and_order_of_any_set(data):
    N = data.draw(st.integers(1, 12))
    decay = data.draw(st.lists(st.floats(1e-6, 3), min_size=N, max_size=N))
    angle = data.draw(st.lists(st.floats(-3, 3), min_size=N, max_size=N))
    weight = data.draw(st.lists(st.floats(1e-3, 1e3), min_size=N, max_size=N))
    poles = lssm.Poles.from_log(-np.array(decay) + 1j * np.array(angle))
    values = lssm.gramian_eigenvalues(poles, weights=weight)
    assert (np.diff(values) <= 0).all() and (values >= 0).all()
    assert values.sum() == pytest.approx((np.square(weight) / poles.damping).sum(), rel=1e-13)
    logs = lssm.gramian_eigenvalues(poles, weights=weight, log=True)
    if np.isfinite(logs).all():
        assert logs.sum() == pytest.approx(lssm.gramian_log_determinant(poles, weights=weight), abs=1e-10)


@pytest.mark.parametrize("name", ["s4d-lin-0.001", "random", "lin", "near-circle", "inv-64"])
def test_registry_against_the_naive_gramian_where_that_is_accurate(name):
    poles = DISTINCT[name]
    G = lssm.gramian(poles)
    plain = 1 / (1 - poles.values[:, None] * poles.values.conj())
    assert np.abs(G / plain - 1).max() <= (1e-3 if name == "near-circle" else 1e-12)
    assert lssm.gramian_eigenvalues(poles)[0] == pytest.approx(scipy.linalg.eigvalsh(G)[-1], rel=1e-12)


def test_legs_eigenvalues_are_the_gauss_legendre_nodes():
    """Nodes from rigorous root isolation; the Gramian from the dense recursion on the HiPPO matrices."""
    for N in (1, 2, 5, 64, 256):
        with precision(200):
            nodes = [(1 + arb.legendre_p_root(N, k)) / 2 for k in range(N)]
            assert off(lssm.gramians.legs_gramian_eigenvalues(order=N), nodes) <= 1e-14
        dense = lssm.gramian_eigenvalues(lssm.spectra.hippo(order=N))
        assert np.abs(dense - lssm.gramians.legs_gramian_eigenvalues(order=N)).max() <= 1e-14
        assert np.abs(lssm.gramian(lssm.spectra.hippo(order=N)) - lssm.gramians.legs_gramian(order=N)).max() <= 1e-14
    largest, smallest = lssm.gramians.legs_gramian_eigenvalues(order=256, step=1e-3)[[0, -1]]
    assert largest / smallest / 256**2 == pytest.approx(0.69, abs=0.005)
    assert largest == pytest.approx(1e-3, rel=1e-4)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda p: lssm.gramian_eigenvalues(p, weights=[1, 2, 3]), "weights"),
        (lambda p: lssm.gramian_eigenvalues(p, weights=[np.nan, 1]), "weights"),
        (lambda p: lssm.gramian_eigenvalues(([[0.5]], [1.0]), weights=[1.0]), "weights"),
        (lambda p: lssm.gramian_eigenvalues("poles"), "system"),
        (lambda p: lssm.gramian_eigenvalues(lssm.Poles.from_discrete([1.0, 0.5])), "system"),
        (lambda p: lssm.gramian_eigenvalues(lssm.ContinuousSSM([[0.5]], [1.0])), "system"),
        (lambda p: lssm.gramian_eigenvalues(([[1.5]], [1.0])), "system"),
        (lambda p: lssm.gramian_eigenvalues(p, horizon=0), "horizon"),
        (lambda p: lssm.gramian_eigenvalues(p, horizon=10**8), "horizon"),
        (lambda p: lssm.gramian_eigenvalues(([[0.5, 1.0], [0.0, 0.4]], [1.0, 1.0]), horizon=3), "horizon"),
        (lambda p: lssm.gramian(lssm.ContinuousSSM([[-0.5]], [1.0]), horizon=3), "horizon"),
        (lambda p: lssm.gramian(p, kind="both"), "kind"),
        (lambda p: lssm.gramian_factor(lssm.spectra.legs(order=2, step=[0.1, 0.2])), "poles"),
        (lambda p: lssm.gramian_factor(lssm.DiscreteSSM(np.zeros((2, 3, 3)), np.ones((3, 1)))), "system"),
        (lambda p: lssm.gramian_log_determinant([0.5]), "poles"),
        (lambda p: lssm.gramian_inverse(p, weights=[0.0, 1.0]), "poles"),
        (lambda p: lssm.gramian_sensitivity(p, 2), "index"),
        (lambda p: lssm.gramians.legs_gramian(order=0), "order"),
        (lambda p: lssm.gramians.legs_gramian_eigenvalues(order=2, step=-1.0), "step"),
    ],
)
def test_errors_name_the_argument(call, named):
    with pytest.raises(lssm.InvalidInputError) as caught:
        call(lssm.Poles.from_discrete([0.5, -0.5]))
    assert str(caught.value).startswith(named + ":")


def test_unstable_systems_name_their_worst_pole():
    with pytest.raises(lssm.UnstableError, match=r"1\.5"):
        lssm.gramian_eigenvalues(([[0.1, 2.0], [0.0, 1.5]], [1.0, 1.0]))
    with pytest.raises(lssm.UnstableError, match="exactly 1"):
        lssm.gramian_factor(lssm.Poles.from_discrete([0.5, -1.0]))
    with pytest.raises(lssm.UnstableError, match="real part"):
        lssm.h2_norm(lssm.ContinuousSSM([[0.0, 1.0], [-1.0, 0.0]], [1.0, 1.0]))


def test_results_say_themselves_save_and_plot(tmp_path):
    poles = lssm.spectra.legs(order=16, step=1e-2)
    for result in (lssm.gramian_factor(poles), lssm.gramian_eigensystem(poles), lssm.input_normal(poles)):
        assert len(str(result).splitlines()) == 1
        result.save(tmp_path / "result.json")
        result.save(tmp_path / "result.npz")
    axes = lssm.gramian_eigensystem(poles).plot(label="LegS")
    assert "log" in axes.get_ylabel() and axes.get_legend() is not None
    cut = lssm.balanced_truncation(lssm.DiscreteSSM(lssm.Diagonal.from_log(poles.log), np.ones(16), np.ones(16)), 3)
    assert "σ" in cut.plot().get_ylabel()
    cut.save(tmp_path / "cut.json")


@pytest.mark.parametrize(("N", "index", "exact"), [(24, -1, 247.06), (16, -1, 148.6), (40, 20, 238.1)])
def test_sensitivity_of_small_eigenvalues(N, index, exact):
    """Against 250-digit arithmetic: a first version returned 1e13 for the first of these."""
    system = lssm.DiscreteSSM(lssm.Diagonal(np.arange(1, N + 1) / (N + 1)), np.ones(N))
    assert lssm.gramian_sensitivity(system, index) == pytest.approx(exact, rel=0.02)


def test_what_leaves_the_range_of_doubles_says_so():
    """No NaN, no warning of the arithmetic below."""
    P = lssm.Poles.from_log
    with pytest.raises(lssm.InvalidInputError, match="range of doubles"):
        lssm.gramian(P([1.0, 2.0]), horizon=5000)
    with pytest.raises(lssm.InvalidInputError, match="range of doubles"):
        lssm.gramian(P([-0.1, -0.2 + 1j]), weights=[1e200, 1e200 + 1e200j])
    assert lssm.gramian_eigenvalues(P([-0.1, -0.2]), weights=[1e300, 1e-300]).tolist() == [np.inf, 0.0]
    assert lssm.gramian_factor(P([-1e-10]), weights=[1e308]).matrix[0, 0] == np.inf
    logs = lssm.gramian_inverse(P([-1e-310, -1]), log=True)
    assert np.isfinite(logs).all() and np.isfinite(lssm.gramian_inverse(P([-0.1, -0.2]), weights=[1e-320, 1.0], log=True)).all()
    nilpotent = lssm.gramian((0.5 * np.array([[1, -1], [1, -1.0]]), [1, 0.0]))
    assert np.allclose(nilpotent, [[1.25, 0.25], [0.25, 0.25]])


def test_growing_poles_over_a_horizon():
    with precision(300):
        z = acb(2.9999) * 2
        exact = ((z * 100).expm1() / z.expm1()).real
        assert off(lssm.gramian_eigenvalues(lssm.Poles.from_log([2.9999]), horizon=100), [exact]) <= 2e-15
        assert off(lssm.gramian(lssm.Poles.from_log([2.9999]), horizon=100).real[0], [exact]) <= 2e-15


def test_zero_inputs_and_real_matrices():
    found = lssm.gramian_eigensystem(lssm.Poles.from_log([-0.1, -0.2]), weights=[0, 0])
    assert found.values.tolist() == [0, 0] and "2 eigenvalues" in str(found)
    assert lssm.gramian_eigensystem(([[0.5, 0.1], [0.2, 0.3]], [0.0, 0.0])).error.tolist() == [0, 0]
    assert lssm.gramian_eigenvalues(lssm.Poles.from_log([-0.1, -0.2]), weights=[0, 0], horizon=5).tolist() == [0, 0]
    assert lssm.gramian(([[0.5, 0.0], [0.0, 0.3]], [1.0, 1.0])).dtype == float
    with pytest.raises(lssm.InvalidInputError, match="B is zero"):
        lssm.gramian_sensitivity(([[0.5]], [0.0]), 0)


def test_dense_factors_are_saved_without_pickle(tmp_path):
    lssm.gramian_factor(([[0.5, 0.1], [0.2, 0.3]], [1, 1.0])).save(tmp_path / "factor.npz")
    with np.load(tmp_path / "factor.npz") as stored:
        assert np.isnan(stored["order"]) and stored["unit"].shape == (2, 2)
    lssm.gramian_eigensystem(lssm.Poles.from_log([-0.1, -0.2]), weights=[1, 0]).save(tmp_path / "spectrum.npz")
    with np.load(tmp_path / "spectrum.npz") as stored:
        assert stored["log"][1] == -np.inf
