"""Dense Gramians by factors, input-normal and balanced coordinates, norms: complex and real, discrete and continuous."""

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from flint import acb_mat, arb, arb_mat
from hypothesis import given
from hypothesis import strategies as st
from oracles import ball_eigenvalues, ball_gramian_of_pair, precision

import lssm


def drawn(seed, N, m, p, *, radius=0.95, kind=float):
    """A random system (A, B, C, D) of a given spectral radius."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=s) + (1j * rng.normal(size=s) if kind is complex else 0) for s in ((N, N), (N, m), (p, N), (p, m))]
    parts[0] = parts[0] * (radius / np.abs(np.linalg.eigvals(parts[0])).max())
    return tuple(parts)


def with_time(matrices, continuous):
    """The same numbers as a discrete system, or shifted into a stable continuous one."""
    A, *rest = matrices
    return lssm.ContinuousSSM(A - 1.05 * np.eye(len(A)), *rest) if continuous else lssm.DiscreteSSM(A, *rest)


KINDS = [(kind, continuous) for kind in (float, complex) for continuous in (False, True)]


@pytest.mark.parametrize(("kind", "continuous"), KINDS)
@pytest.mark.parametrize(("N", "m"), [(1, 1), (2, 1), (7, 2), (40, 3)])
def test_factor_solves_the_lyapunov_equation(kind, continuous, N, m):
    system = with_time(drawn(N, N, m, 2, kind=kind), continuous)
    A, B = system.A.to_dense(), system.B
    G = lssm.gramian_factor(system).gramian
    residual = A @ G + G @ A.conj().T + B @ B.conj().T if continuous else A @ G @ A.conj().T + B @ B.conj().T - G
    assert np.linalg.norm(residual) <= 1e-14 * N * np.linalg.norm(G)
    assert np.isrealobj(G) == (kind is float)
    solved = scipy.linalg.solve_continuous_lyapunov(A, -B @ B.conj().T) if continuous else None
    if continuous:
        assert np.linalg.norm(G - solved) <= 1e-13 * np.linalg.norm(G)


@pytest.mark.parametrize(("kind", "continuous"), KINDS)
def test_observability_is_reachability_of_the_adjoint(kind, continuous):
    system = with_time(drawn(5, 9, 2, 3, kind=kind), continuous)
    A, C = system.A.to_dense(), system.C
    G = lssm.gramian(system, kind="observability")
    residual = A.conj().T @ G + G @ A + C.conj().T @ C if continuous else A.conj().T @ G @ A + C.conj().T @ C - G
    assert np.linalg.norm(residual) <= 1e-13 * np.linalg.norm(G)


@pytest.mark.parametrize("design", ["gaussian", "orthogonal"])
def test_order_200_three_inputs_against_200_digits(design):
    """‖S S* - G‖ ≤ 1e-13 ‖G‖; each singular value to N ε times its condition, 1e-8 wherever that allows it.

    The condition is the larger of two: what rounding A and B does (`gramian_sensitivity`), and σ_1/σ, what rounding S does.
    """
    rng = np.random.default_rng(11)
    N = 200 if design == "gaussian" else 100
    A = rng.normal(size=(N, N))
    A = A * (0.9 / np.abs(np.linalg.eigvals(A)).max()) if design == "gaussian" else 0.7 * np.linalg.qr(A)[0]
    B = rng.normal(size=(N, 3))
    factor = lssm.gramian_factor((A, B))
    with precision(700):
        exact = ball_gramian_of_pair(A, B)
        S = arb_mat(N, N, [float(x) for x in factor.matrix.ravel()])
        assert frobenius(S * S.transpose() - exact) <= 1e-13 * frobenius(exact)
        values = np.array([float(x.sqrt()) for x in ball_eigenvalues(acb_mat(exact))])
    found = np.sqrt(lssm.gramian_eigenvalues((A, B)))
    error = np.abs(found / values - 1)
    assert values[-1] / values[0] < (1e-15 if design == "gaussian" else 1.0)
    for index in np.unique(np.linspace(0, N - 1, 12).astype(int)):
        condition = max(0.5 * lssm.gramian_sensitivity((A, B), int(index)), values[0] / values[index])
        allowed = N * np.finfo(float).eps * condition
        assert error[index] <= max(allowed, 1e-13)
        if allowed <= 1e-8:
            assert error[index] <= 1e-8
    if design == "orthogonal":
        assert error[-1] <= 1e-8  # here the smallest one is determined


def frobenius(matrix):
    return sum(float(x.mid()) ** 2 for x in matrix.entries()) ** 0.5


def test_sensitivity_is_the_worst_first_order_change():
    A, B, *_ = drawn(2, 6, 2, 1)
    for index in (0, 3, 5):
        claimed, worst = lssm.gramian_sensitivity((A, B), index), 0.0
        base = lssm.gramian_eigenvalues((A, B))[index]
        rng = np.random.default_rng(0)
        gradient_A, gradient_B = (np.empty_like(x) for x in (A, B))
        for gradient, which in ((gradient_A, 0), (gradient_B, 1)):
            for place in np.ndindex(gradient.shape):
                moved = [A.copy(), B.copy()]
                values = []
                for sign in (1, -1):
                    moved[which] = (A, B)[which].copy()
                    moved[which][place] += sign * 1e-6
                    values.append(lssm.gramian_eigenvalues(tuple(moved))[index])
                gradient[place] = (values[0] - values[1]) / 2e-6
        worst = np.linalg.norm(gradient_A) * np.linalg.norm(A) + np.linalg.norm(gradient_B) * np.linalg.norm(B)
        assert claimed == pytest.approx(worst / base, rel=1e-5)
        dA, dB = rng.normal(size=A.shape), rng.normal(size=B.shape)
        dA, dB = 1e-6 * np.linalg.norm(A) / np.linalg.norm(dA) * dA, 1e-6 * np.linalg.norm(B) / np.linalg.norm(dB) * dB
        change = abs(lssm.gramian_eigenvalues((A + dA, B + dB))[index] / base - 1)
        assert change <= 1.001e-6 * claimed


@pytest.mark.parametrize(("kind", "continuous"), KINDS)
def test_input_normal_form(kind, continuous):
    system = with_time(drawn(8, 30, 2, 2, kind=kind), continuous)
    found = lssm.input_normal(system)
    A, B, S = found.system.A.to_dense(), found.system.B, found.transform
    assert found.defect <= 1e-14
    assert np.abs(system.A.to_dense() @ S - S @ A).max() <= 1e-13 * np.abs(S).max()
    assert np.abs(S @ B - system.B).max() <= 1e-13 * np.abs(S).max()
    assert np.abs(system.C @ S - found.system.C).max() <= 1e-13 * np.abs(S).max()
    assert A.imag.any() == (kind is complex)


def test_input_normal_form_where_the_gramian_is_singular_to_all_digits():
    """LegS poles, N = 200: the Gramian has condition 1e302; the coordinates are orthonormal all the same."""
    found = lssm.input_normal(lssm.spectra.legs(order=200, step=1e-3))
    assert found.defect <= 1e-14
    m = lssm.memory_function(lssm.spectra.legs(order=200, step=1e-3), 300)
    A, x, energy = found.system.A.to_dense(), found.system.B[:, 0], []
    for _ in range(300):
        energy.append(np.vdot(x, x).real)
        x = A @ x
    assert np.abs(energy / m.values - 1).max() <= 1e-12


def test_unreached_states_are_left_out():
    A = np.diag([0.5, 0.9, -0.3]) + np.diag([0.2, 0.0], 1)  # upper triangular: the last state drives nothing
    found = lssm.input_normal((A, [1.0, 0.0, 0.0]))
    assert found.system.order == 1
    assert lssm.gramian_factor((A, [1.0, 0.0, 0.0])).rank == 1
    assert lssm.gramian_eigenvalues((A, [1.0, 0.0, 0.0]))[1:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("kind", "continuous"), KINDS)
def test_balanced_coordinates(kind, continuous):
    system = with_time(drawn(13, 12, 2, 3, kind=kind), continuous)
    found = lssm.balanced(system)
    for side in ("reachability", "observability"):
        G = lssm.gramian(found.system, kind=side)
        assert np.abs(G - np.diag(found.hankel)).max() <= 1e-12 * found.hankel[0]
    assert found.bound == 0 and found.system.order == 12
    assert lssm.h2_distance(system, found.system) <= 1e-12 * lssm.h2_norm(lssm.DiscreteSSM(*drawn(13, 12, 2, 3)))
    assert found.system.A.to_dense().imag.any() == (kind is complex)


@pytest.mark.parametrize(("kind", "continuous"), KINDS)
def test_hankel_singular_values_of_the_hankel_matrix_itself(kind, continuous):
    system = with_time(drawn(21, 5, 2, 2, radius=0.5, kind=kind), continuous)
    if continuous:
        product = lssm.gramian(system) @ lssm.gramian(system, kind="observability")
        exact = np.sqrt(np.sort(np.linalg.eigvals(product).real)[::-1])
        assert np.allclose(lssm.hankel_singular_values(system), exact, rtol=1e-8, atol=1e-12 * exact[0])
        return
    A, B, C = system.A.to_dense(), system.B, system.C
    blocks = [C @ np.linalg.matrix_power(A, t) @ B for t in range(160)]
    hankel = np.block([[blocks[i + j] for j in range(80)] for i in range(80)])
    exact = np.linalg.svd(hankel, compute_uv=False)[:5]
    assert np.abs(lssm.hankel_singular_values(system) - exact).max() <= 1e-13 * exact[0]


def test_an_all_pass_filter_has_hankel_singular_values_one():
    """The matrices of the cascade are unitary together: both of their Gramians are the identity."""
    r = lssm.orthonormal_realisation(lssm.spectra.s4d_inv(order=16, step=0.1))
    sigma = lssm.hankel_singular_values((r.A, r.B, r.C))
    assert np.abs(sigma - 1).max() <= 1e-13


def test_twice_the_tail_on_a_hundred_random_systems():
    tightest = 0.0
    for seed in range(100):
        rng = np.random.default_rng(1000 + seed)
        N, m, p = int(rng.integers(2, 15)), *rng.integers(1, 4, 2)
        kind, continuous = KINDS[seed % 4]
        system = with_time(drawn(seed, N, m, p, radius=rng.choice([0.5, 0.9, 0.99]), kind=kind), continuous)
        order = int(rng.integers(1, lssm.balanced(system).system.order))
        small = lssm.balanced_truncation(system, order)
        error = float(lssm.hinf_norm(difference(system, small.system), rtol=1e-6))
        assert error <= small.bound * (1 + 1e-9) + 1e-11 * small.hankel[0]
        assert error >= small.hankel[order] * (1 - 1e-9) - 1e-11 * small.hankel[0]  # no model of that order does better
        tightest = max(tightest, error / small.bound)
    assert tightest > 0.9  # the bound is nearly met


def difference(one, two):
    A = scipy.linalg.block_diag(one.A.to_dense(), two.A.to_dense())
    return type(one)(A, np.vstack([one.B, two.B]), np.hstack([one.C, -two.C]), one.D - two.D)


def test_truncation_by_error_and_bad_orders():
    system = with_time(drawn(3, 10, 1, 1), False)
    sigma = lssm.hankel_singular_values(system)
    small = lssm.balanced_truncation(system, error=2.1 * sigma[4:].sum())
    assert small.system.order == 4 and small.bound == pytest.approx(2 * sigma[4:].sum(), rel=1e-10)
    for order in (0, 11, 2.5, True):
        with pytest.raises(lssm.InvalidInputError, match="order"):
            lssm.balanced_truncation(system, order)
    for bad in ({}, {"order": 2, "error": 0.1}):
        with pytest.raises(lssm.InvalidInputError, match="order"):
            lssm.balanced_truncation(system, **bad)
    with pytest.raises(lssm.InvalidInputError, match="does not depend"):
        lssm.balanced(([[0.5]], [1.0], [0.0]))
    with pytest.raises(lssm.InvalidInputError, match="B is zero"):
        lssm.input_normal(([[0.5]], [0.0]))
    nearly = lssm.DiscreteSSM(lssm.Diagonal([0.5, 0.25]), [1.0, 1e-30], [1.0, 1.0])
    with pytest.raises(lssm.InvalidInputError, match="1 states that matter"):
        lssm.balanced_truncation(nearly, 2)


@pytest.mark.parametrize("kind", [float, complex])
def test_h2_norm_is_the_energy_of_the_impulse_response(kind):
    A, B, C, D = drawn(17, 9, 2, 3, radius=0.8, kind=kind)
    x, total = B, np.linalg.norm(C @ B + D) ** 2
    for _ in range(400):
        x = A @ x
        total += np.linalg.norm(C @ x) ** 2
    assert lssm.h2_norm((A, B, C, D)) == pytest.approx(total**0.5, rel=1e-13)


def test_h2_norm_next_to_the_circle():
    """|λ| = 1 - 1e-9, where other packages return infinity: alone, as a rotation, and beside faster poles in log form."""
    with precision(300):
        decay = -(2 * (1 - arb(1e-9)).log()).expm1()
        exact = float((1 / decay).sqrt())
        lam = arb(1 - 1e-9)
        of_double = float((1 / (1 - lam * lam)).sqrt())
    assert lssm.h2_norm(([[1 - 1e-9]], [1.0], [1.0])) == pytest.approx(of_double, rel=1e-14)
    log = lssm.Diagonal.from_log([np.log1p(-1e-9)])
    assert lssm.h2_norm(lssm.DiscreteSSM(log, [1.0], [1.0])) == pytest.approx(exact, rel=1e-12)
    c, s = 0.6, 0.8
    turning = (1 - 1e-9) * np.array([[c, -s], [s, c]])
    with precision(300):
        entries = [[arb(float(x)) for x in row] for row in turning]
        M = arb_mat(entries)
        G = arb_mat(2, 2, [1, 0, 0, 0])
        power = M
        for _ in range(45):
            G, power = G + power * G * power.transpose(), power * power
        exact = float(G[0, 0].sqrt())
    assert lssm.h2_norm((turning, [1.0, 0.0], [1.0, 0.0])) == pytest.approx(exact, rel=1e-12)
    slow = np.array([np.log1p(-1e-9) + 1j, np.log1p(-1e-9) - 1j, -0.1, -1e-5])
    with precision(300):
        z = [acb_of(x) for x in slow]
        total = sum((-1 / (p + acb_of(q.conjugate())).expm1() for p in z for q in slow), acb_of(0))
        exact = float(total.real.sqrt())
    assert lssm.h2_norm(lssm.DiscreteSSM(lssm.Diagonal.from_log(slow), np.ones(4), np.ones(4))) == pytest.approx(exact, rel=1e-12)


def acb_of(z):
    from flint import acb

    return acb(float(np.real(z)), float(np.imag(z)))


def test_h2_norm_of_the_gaussian_system_on_which_others_return_infinity():
    """N = 100, spectral radius 0.9, one input, one output: the computed Gramian of a solver has negative eigenvalues."""
    A, B, C, _ = drawn(0, 100, 1, 1, radius=0.9)
    with precision(800):
        G = ball_gramian_of_pair(A, B)
        row = arb_mat(1, 100, [float(x) for x in C.ravel()])
        exact = float((row * G * row.transpose())[0, 0].sqrt())
    assert np.linalg.eigvalsh(scipy.linalg.solve_discrete_lyapunov(A, B @ B.T))[0] < 0
    assert lssm.h2_norm((A, B, C)) == pytest.approx(exact, rel=1e-12)


def test_continuous_h2_norm():
    assert lssm.h2_norm(lssm.ContinuousSSM([[-2.0]], [1.0], [3.0])) == pytest.approx(1.5, rel=1e-15)  # 3/√4
    assert lssm.h2_norm(lssm.ContinuousSSM([[-2.0]], [1.0], [3.0], 1.0)) == np.inf
    assert lssm.h2_distance(lssm.ContinuousSSM([[-2.0]], [1.0], [3.0], 1.0), lssm.ContinuousSSM([[-2.0]], [1.0], [3.0])) == np.inf
    with pytest.raises(lssm.InvalidInputError, match="D:"):
        lssm.h2_inner_product(lssm.ContinuousSSM([[-2.0]], [1.0], [3.0], 1.0), lssm.ContinuousSSM([[-2.0]], [1.0], [3.0], 1.0))


@pytest.mark.parametrize(("kind", "continuous"), KINDS)
def test_inner_product_by_polarisation_and_distance(kind, continuous):
    one, two = (with_time((*drawn(seed, 6, 2, 2, radius=0.7, kind=kind)[:3],), continuous) for seed in (1, 2))
    product = lssm.h2_inner_product(one, two)
    squares = [abs(1j**k) * 1j**k * lssm.h2_distance(one, scaled(two, -(1j**k))) ** 2 for k in range(4)]
    assert product == pytest.approx(sum(squares) / 4, rel=1e-12)
    assert lssm.h2_inner_product(one, one).real == pytest.approx(lssm.h2_norm(one) ** 2, rel=1e-13)
    assert lssm.h2_inner_product(two, one) == pytest.approx(product.conjugate(), rel=1e-12)
    assert lssm.h2_distance(one, one) <= 1e-13 * lssm.h2_norm(one)


def scaled(system, factor):
    return type(system)(system.A, system.B, factor * system.C, factor * system.D)


def test_distance_of_nearly_equal_diagonal_systems_keeps_its_digits():
    log = lssm.spectra.legs(order=12, step=1e-2).log
    one = lssm.DiscreteSSM(lssm.Diagonal.from_log(log), np.ones(12), np.ones(12))
    moved = lssm.DiscreteSSM(lssm.Diagonal.from_log(log), np.ones(12), np.ones(12) + 1e-9 * np.eye(12)[3])
    alone = 1e-9 / np.sqrt(-np.expm1(2 * log[3].real))
    assert lssm.h2_distance(one, moved) == pytest.approx(alone, rel=1e-4)


def test_systems_that_do_not_fit():
    one = ([[0.5]], [1.0], [1.0])
    for other, said in ((lssm.ContinuousSSM([[-0.5]], [1.0], [1.0]), "continuous"), (([[0.5]], [[1.0, 1.0]], [1.0]), "2 inputs")):
        with pytest.raises(lssm.InvalidInputError, match=said):
            lssm.h2_inner_product(one, other)


@pytest.mark.parametrize(("kind", "continuous"), KINDS)
def test_hinf_norm_against_a_fine_grid(kind, continuous):
    for seed in range(6):
        system = with_time(drawn(seed, 8, 2, 3, radius=0.9, kind=kind), continuous)
        peak = lssm.hinf_norm(system)
        grid = np.tan(np.linspace(-1.57, 1.57, 4001)) if continuous else np.linspace(-np.pi, np.pi, 4001)
        gains = [gain(system, omega, continuous) for omega in grid]
        assert max(gains) <= peak.value * (1 + 1e-12) <= max(gains) * 1.01
        assert gain(system, peak.frequency, continuous) == pytest.approx(peak.value, rel=1e-12)
        assert peak.value <= peak.upper <= peak.value * (1 + 1e-8)


def gain(system, omega, continuous):
    identity = np.eye(system.order)
    point = 1j * omega * identity if continuous else identity
    matrix = point - system.A.to_dense() * (1 if continuous else np.exp(-1j * omega))
    return np.linalg.norm(system.C @ np.linalg.solve(matrix, system.B) + system.D, 2)


def test_hinf_norm_of_known_systems():
    assert float(lssm.hinf_norm(([[0.9]], [1.0], [1.0]))) == pytest.approx(10, rel=1e-12)
    assert float(lssm.hinf_norm(([[-0.9]], [1.0], [1.0]))) == pytest.approx(10, rel=1e-12)
    r = lssm.orthonormal_realisation(lssm.spectra.s4d_lin(order=8, step=0.1))  # all-pass: gain one at every frequency
    back = scipy.linalg.solve(r.A.T, r.C)
    peak = lssm.hinf_norm((r.A, r.B, back, r.D - back @ r.B))
    assert peak.value == pytest.approx(1, rel=1e-12) and peak.upper <= 1 + 1e-5
    slow = lssm.DiscreteSSM(lssm.Diagonal.from_log([-1e-9 + 1j, -0.1]), [1.0, 1.0], [1.0, 1.0])
    exact = abs(1 / -np.expm1(-1e-9) + 1 / (1 - np.exp(-0.1 - 1j)))
    peak = lssm.hinf_norm(slow)
    assert peak.value == pytest.approx(exact, rel=1e-8) and peak.frequency == pytest.approx(1, abs=1e-9)
    high = lssm.hinf_norm(lssm.ContinuousSSM([[-1.0]], [1.0], [-1.0], 2.0))  # 2 - 1/(1+iω): largest at infinity
    assert high.value == 2 and high.frequency == np.inf
    assert "largest gain" in str(high)


def test_scipy_objects_and_tuples_are_taken():
    A, B, C, D = drawn(4, 3, 1, 1)
    foreign = scipy.signal.StateSpace(A, B, C, D, dt=1.0)
    x, total = B, (D**2).sum()
    for _ in range(500):
        total += ((C @ x) ** 2).sum()
        x = A @ x
    assert lssm.h2_norm(foreign) == pytest.approx(total**0.5, rel=1e-12)
    continuous = scipy.signal.StateSpace(A - np.eye(3), B, C, 0)
    assert lssm.h2_norm(continuous) == pytest.approx(lssm.h2_norm(lssm.ContinuousSSM(A - np.eye(3), B, C)), rel=1e-13)


@given(st.integers(0, 10**6), st.sampled_from(KINDS), st.integers(1, 9), st.integers(1, 3))
def test_input_normal_form_of_any_system(seed, kind, N, m):
    system = with_time(drawn(seed, N, m, 1, radius=0.999, kind=kind[0]), kind[1])
    found = lssm.input_normal(system)
    assert found.defect <= 1e-13
    if not kind[1]:  # D makes the norm of a continuous system infinite
        assert lssm.h2_norm(found.system) == pytest.approx(lssm.h2_norm(system), rel=1e-9)


def test_hinf_norm_of_continuous_real_pairs():
    """Poles -1 ± 4i: a first version took the wrong one of the pair and answered 0.5676."""
    peak = lssm.hinf_norm(lssm.ContinuousSSM([[-1.0, 4.0], [-4.0, -1.0]], [1.0, 0.0], [1.0, 0.0]))
    assert peak.value == pytest.approx(0.5145427565, rel=1e-9) and abs(peak.frequency) == pytest.approx(4.1096, abs=1e-3)
    for seed in range(20):
        A, B, C, D = drawn(seed, 12, 2, 2)
        A = 5 * A
        system = lssm.ContinuousSSM(A - (np.linalg.eigvals(A).real.max() + 0.05) * np.eye(12), B, C, D)
        peak = lssm.hinf_norm(system)
        grid = np.concatenate([np.linspace(-20, 20, 4001), np.linalg.eigvals(A).imag])
        assert max(gain(system, omega, True) for omega in grid) <= peak.value * (1 + 1e-10)
        assert gain(system, peak.frequency, True) == pytest.approx(peak.value, rel=1e-10)
        assert peak.upper <= peak.value * (1 + 1e-8)


def test_norms_whose_squares_leave_the_range_of_doubles():
    unit = lssm.h2_norm(([[0.5]], [1.0], [1.0]))
    for size in (1e-200, 1e-170, 1e170):
        assert lssm.h2_norm(([[0.5]], [size], [1.0])) == pytest.approx(size * unit, rel=1e-14)
        assert lssm.hankel_singular_values(([[0.5]], [size], [1.0]))[0] == pytest.approx(size * 4 / 3, rel=1e-14)
        assert float(lssm.hinf_norm(([[0.5]], [size], [1.0]))) == pytest.approx(2 * size, rel=1e-12)
        assert lssm.h2_distance(([[0.5]], [size], [1.0]), ([[0.5]], [2 * size], [1.0])) == pytest.approx(size * unit, rel=1e-14)
    edge = lssm.DiscreteSSM(lssm.Diagonal.from_log([-1e-10]), [1e308], [1e-308])
    assert lssm.hankel_singular_values(edge)[0] == pytest.approx(5e9, rel=1e-9)
    assert lssm.balanced(([[0.5]], [1e-170], [1.0])).system.order == 1


def test_hinf_norm_of_systems_without_a_state_to_speak_of():
    for system in (([[0.5]], [1.0], [0.0]), ([[0.5, 0], [0, 0.3]], [1.0, 0], [0, 1.0])):
        assert lssm.hinf_norm(system).value == 0
    assert lssm.hinf_norm(([[0.5]], [0.0], [1.0], [2.0])).upper == 2
    assert lssm.hinf_norm(lssm.ContinuousSSM([[-1.0]], [0.0], [1.0], [2.0])).value == 2
    stiff = lssm.ContinuousSSM(lssm.Diagonal([-1e-6, -1e6]), [1e-6, 1e6], [1.0, 1.0])
    assert lssm.hinf_norm(stiff).upper == pytest.approx(2, rel=1e-8)
    turned = lssm.hinf_norm(lssm.DiscreteSSM(lssm.Diagonal.from_log([-0.1 + 100j]), [1.0], [1.0]))
    assert -np.pi < turned.frequency <= np.pi and isinstance(turned.frequency, float)
    with pytest.raises(lssm.InvalidInputError, match="range of doubles"):
        lssm.hinf_norm(([[0.5]], [1e200], [1e150]))


def test_unstable_systems_are_refused_whatever_their_direct_term():
    for D in (0.0, 1.0):
        with pytest.raises(lssm.UnstableError):
            lssm.h2_norm(lssm.ContinuousSSM([[1.0]], [1.0], [1.0], D))
    with pytest.raises(lssm.InvalidInputError, match="second"):
        lssm.h2_distance(([[0.5]], [1.0], [1.0]), None)


def test_failures_of_other_packages_at_the_edge():
    """|λ| = 0.99999 (norm infinite elsewhere), λ near -1 (five digits lost elsewhere), complex B (a Gramian not Hermitian)."""
    assert lssm.h2_norm(([[0.99999]], [1.0], [1.0])) == pytest.approx(223.60735676962, rel=1e-12)
    A, B = np.array([[-1 + 1e-9, 0.3], [0.0, 0.5]]), np.array([[1.0], [1.0]])
    with precision(300):
        exact = ball_gramian_of_pair(A, B)
        found = lssm.gramian((A, B))
        assert max(abs(float(arb(found[i, j]) / exact[i, j] - 1)) for i in range(2) for j in range(2)) <= 1e-13
    G = lssm.gramian(drawn(3, 6, 2, 1, kind=complex)[:2])
    assert np.abs(G - G.conj().T).max() <= 1e-15 * np.abs(G).max() * 4
