"""Discretization against mpmath, scipy and block exponentials; inverse maps; the Möbius group; failures seen elsewhere."""

import warnings

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

import lssm
from lssm._kernels.holds import phi_one, phi_two
from lssm.discretize import METHODS

EPSILON = np.finfo(float).eps
HOLDS = ("zoh", "impulse", "hold_euler", "foh")
STABLE_RULES = ("zoh", "bilinear", "backward_euler", "impulse", "hold_euler", "foh")


def options(method):
    return {"alpha": 0.7} if method == "gbt" else {}


def drawn(seed, N=5, m=2, p=3, *, kind=float):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(size=s) + (1j * rng.normal(size=s) if kind is complex else 0) for s in ((N, N), (N, m), (p, N), (p, m))]
    parts[0] = parts[0] - (np.linalg.eigvals(parts[0]).real.max() + 0.3) * np.eye(N)
    return lssm.ContinuousSSM(*parts)


def exact_modes(a, step, method):
    """λ and the gain of B, in 60 digits."""
    z, one = mpmath.mpc(a) * mpmath.mpf(step), mpmath.mpf(1)
    first = lambda x: mpmath.expm1(x) / x if x else one  # noqa: E731
    if method == "zoh":
        return mpmath.exp(z), step * first(z)
    if method == "foh":
        return mpmath.exp(z), step * first(z) * first(-z)
    if method in ("impulse", "hold_euler"):
        return mpmath.exp(z), mpmath.mpf(step)
    alpha = {"bilinear": 0.5, "euler": 0.0, "backward_euler": 1.0, "gbt": 0.7}[method]
    return (1 + (1 - alpha) * z) / (1 - alpha * z), step / (1 - alpha * z)


@pytest.mark.parametrize("method", METHODS)
def test_diagonal_rules_from_1e_minus_300_to_1e3(method):
    """Normwise error ≤ 4 (1+|aΔ|) ulp, at a = 0 as well; S4's complex64 loses every digit near zero."""
    rng = np.random.default_rng(0)
    sizes = np.concatenate([[0.0], 10.0 ** np.arange(-300, -15, 9.7), 10 ** rng.uniform(-15, 3, 300)])
    angles = rng.uniform(np.pi / 2, 3 * np.pi / 2, sizes.size)
    angles[::5], angles[1::5] = np.pi, np.pi / 2
    z = sizes * np.exp(1j * angles)
    z = np.where(np.abs(z.real) > 15, 15 * np.exp(1j * angles), z) if method == "foh" else z  # see the test of long steps
    step = 0.25
    found = lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal(z / step), np.ones(z.size)), step, method, **options(method))
    with mpmath.workdps(700):
        for a, value, gain in zip(z / step, found.A.values, found.B[:, 0], strict=True):
            pole, weight = exact_modes(a, step, method)
            allowed = 4 * (1 + abs(a) * step) * EPSILON
            assert abs(mpmath.mpc(value) - pole) <= allowed * max(abs(pole), mpmath.mpf(1e-300))
            assert abs(mpmath.mpc(gain) - weight) <= allowed * abs(weight)


@pytest.mark.parametrize(("kernel", "order"), [(phi_one, 1), (phi_two, 2)])
def test_entire_functions_across_the_change_from_series_to_closed_form(kernel, order):
    """φ_1 and φ_2 to 4 (1+|z|) ulp, with the arguments between 1e-4 and 10 where cancellation would show."""
    rng = np.random.default_rng(1)
    z = 10 ** rng.uniform(-4, 1, 400) * np.exp(2j * np.pi * rng.uniform(size=400))
    found = np.empty_like(z)
    kernel(z, found)
    with mpmath.workdps(60):
        for x, value in zip(map(mpmath.mpc, z), found, strict=True):
            exact = (mpmath.expm1(x) - (x if order == 2 else 0)) / x**order
            assert abs(mpmath.mpc(value) / exact - 1) <= 4 * (1 + abs(x)) * EPSILON


@pytest.mark.parametrize("kind", [float, complex])
@pytest.mark.parametrize("method", METHODS)
def test_dense_rules_against_diagonal_ones(method, kind):
    """The same system in its eigenvector basis."""
    system = drawn(3, kind=kind)
    if method == "impulse":
        system = lssm.ContinuousSSM(system.A, system.B, system.C)
    values, V = np.linalg.eig(system.A.to_dense())
    modal = lssm.ContinuousSSM(lssm.Diagonal(values), np.linalg.solve(V, system.B), system.C @ V, system.D)
    dense, diagonal = (lssm.discretize(s, 0.2, method, **options(method)) for s in (system, modal))
    assert np.abs(V @ (diagonal.A.values[:, None] * np.linalg.inv(V)) - dense.A.to_dense()).max() <= 1e-13 * np.linalg.cond(V)
    assert np.abs(V @ diagonal.B - dense.B).max() <= 1e-13 * np.linalg.cond(V)
    assert np.abs(diagonal.D - dense.D).max() <= 1e-13 * np.linalg.cond(V)


@pytest.mark.parametrize("method", ["zoh", "foh", "impulse", "bilinear", "euler", "backward_diff", "gbt"])
def test_against_scipy(method):
    """The impulse response of scipy's system, on the clock of the next state, is ours (bilinear: after its change of C and D)."""
    system = drawn(8)
    if method == "impulse":
        system = lssm.ContinuousSSM(system.A, system.B, system.C)
    A, B, C, D = (x.real for x in (system.A.to_dense(), system.B, system.C, system.D))
    theirs = scipy.signal.cont2discrete((A, B, C, D), 0.1, method, alpha=0.7 if method == "gbt" else None)
    ours = lssm.discretize(system, 0.1, {"backward_diff": "backward_euler"}.get(method, method), **options(method))
    assert np.abs(ours.A.to_dense() - theirs[0]).max() <= 1e-13 * np.abs(theirs[0]).max()
    if method in ("foh", "impulse"):
        response, expected = markov(ours, 6), next_state_markov(theirs, 6)
        assert np.abs(response - expected).max() <= 1e-13 * np.abs(expected).max()
    elif method == "zoh":  # the input is held over the interval that begins at t there, that ends at t here
        assert np.abs(ours.B - theirs[1]).max() <= 1e-13
        assert np.abs(markov(ours, 5)[0] - ours.D - next_state_markov(theirs, 6)[1]).max() <= 1e-13
    else:
        assert np.abs(ours.B - theirs[1]).max() <= 1e-13
        assert np.array_equal(ours.C, system.C) and np.array_equal(ours.D, system.D)


def markov(system, T):
    A, x = system.A.to_dense(), system.B
    found = [system.C @ x + system.D]
    for _ in range(T - 1):
        x = A @ x
        found.append(system.C @ x)
    return np.array(found)


def next_state_markov(matrices, T):
    A, B, C, D = matrices[:4]
    return np.array([D] + [C @ np.linalg.matrix_power(A, t) @ B for t in range(T - 1)])


def test_dense_hold_against_its_block_exponential_and_singular_matrices():
    A = np.array([[0.0, 1.0], [0.0, 0.0]])  # a double integrator: A⁻¹ does not exist
    found = lssm.discretize(lssm.ContinuousSSM(A, [0.0, 1.0]), 0.5)
    assert np.allclose(found.A.to_dense(), [[1, 0.5], [0, 1]], atol=1e-16)
    assert np.allclose(found.B[:, 0], [0.125, 0.5], atol=1e-16)


@pytest.mark.parametrize("method", METHODS)
def test_forth_and_back(method):
    for system in (drawn(2), drawn(4, kind=complex), diagonal_system(), *([] if method in HOLDS else [low_rank_system()])):
        if method == "impulse":
            system = lssm.ContinuousSSM(system.A, system.B, system.C)
        there = lssm.discretize(system, 0.1, method, **options(method))
        back = lssm.undiscretize(there, 0.1, method, **options(method))
        assert type(back.A) is type(system.A)
        for x, y in zip(matrices(back), matrices(system), strict=True):
            assert np.abs(x - y).max() <= 1e-14 * max(np.abs(y).max(), 1)


def matrices(system):
    return system.A.to_dense(), system.B, system.C, system.D


def diagonal_system():
    rng = np.random.default_rng(5)
    a = -(10 ** rng.uniform(-6, 1, 12)) + 1j * rng.normal(size=12) * 10
    return lssm.ContinuousSSM(lssm.Diagonal(a), rng.normal(size=(12, 2)), rng.normal(size=(3, 12)), rng.normal(size=(3, 2)))


def low_rank_system():
    rng = np.random.default_rng(6)
    operator = lssm.DPLR(-rng.uniform(0.5, 1, 6) + 1j * rng.normal(size=6), rng.normal(size=(6, 2)), -rng.normal(size=(6, 2)))
    return lssm.ContinuousSSM(operator, rng.normal(size=6))


@pytest.mark.parametrize("method", ["bilinear", "euler", "backward_euler", "gbt"])
def test_mobius_rules_keep_diagonal_plus_low_rank(method):
    system = low_rank_system()
    kept = lssm.discretize(system, 0.1, method, **options(method))
    dense = lssm.discretize(lssm.ContinuousSSM(system.A.to_dense(), system.B), 0.1, method, **options(method))
    assert isinstance(kept.A, lssm.DPLR) and kept.A.rank == 2
    assert np.abs(kept.A.to_dense() - dense.A.to_dense()).max() <= 1e-14
    assert isinstance(lssm.discretize(system, 0.1, "zoh").A, lssm.Dense)


def test_mobius_maps_form_a_group():
    rng = np.random.default_rng(1)
    s = rng.normal(size=20) - 3 + 1j * rng.normal(size=20)
    bilinear, gbt = lssm.Moebius.bilinear(0.3), lssm.Moebius.gbt(0.2, 0.8)
    assert np.abs((bilinear @ gbt)(s) - bilinear(gbt(s))).max() <= 1e-14
    assert np.abs(gbt.inverse(gbt(s)) - s).max() <= 1e-13
    unit = bilinear @ bilinear.inverse
    assert np.abs(unit(s) - s).max() <= 1e-15 * 10
    rate = lssm.Moebius.bilinear(0.1) @ lssm.Moebius.bilinear(0.2).inverse  # from one step to another, without going back
    assert np.allclose(rate(lssm.Moebius.bilinear(0.2)(s)), lssm.Moebius.bilinear(0.1)(s), rtol=1e-13)
    with pytest.raises(lssm.InvalidInputError, match="constant"):
        lssm.Moebius(1, 2, 2, 4)
    with pytest.raises(lssm.InvalidInputError, match="pole of the map"):
        lssm.Moebius.backward_euler(0.5)(2.0)


@given(st.floats(1e-12, 1e3), st.floats(-1e3, 1e3), st.floats(1e-6, 10), st.sampled_from(STABLE_RULES))
def test_the_left_half_plane_lands_inside_the_disk(decay, angle, step, method):
    system = lssm.ContinuousSSM(lssm.Diagonal([complex(-decay, angle)]), [1.0])
    if method == "foh" and decay * step > 15:
        return
    found = lssm.discretize(system, step, method)
    assert found.A.log[0].real < 0
    poles = lssm.Poles.from_continuous([complex(-decay, angle)], step, method)
    assert poles.log[0] == found.A.log[0]


@pytest.mark.parametrize("method", ["euler", "backward_euler"])
def test_euler_logs_next_to_the_circle(method):
    """1-|λ|² of λ = 1 ± z rules, where rounding λ would leave few digits."""
    with mpmath.workdps(60):
        for a in (-1e-9 + 1e-6j, -1e-12, -1e-5 + 0.3j, -1.0 + 0j):
            z = mpmath.mpc(a) * mpmath.mpf(0.5)
            pole = 1 + z if method == "euler" else 1 / (1 - z)
            damping = 1 - abs(pole) ** 2
            if damping <= 0:
                continue
            found = lssm.Poles.from_continuous([a], 0.5, method).damping[0]
            assert abs(found / damping - 1) <= 1e-9 if method == "euler" else 1e-15


def test_steps_for_channels_and_modes():
    a = np.array([-0.5, -1 + 2j, -3.0])
    system = lssm.ContinuousSSM(lssm.Diagonal(a), np.ones(3), np.ones(3))
    channels = lssm.discretize(system, [0.1, 0.2])
    assert channels.A.values.shape == (2, 3) and channels.B.shape == (2, 3, 1)
    for h, step in enumerate((0.1, 0.2)):
        one = lssm.discretize(system, step)
        assert np.array_equal(channels.A.log[h], one.A.log) and np.array_equal(channels.B[h], one.B)
    modes = lssm.discretize(system, [0.1, 0.2, 0.3], per_mode=True)
    assert np.allclose(modes.A.log, a * [0.1, 0.2, 0.3])
    dense = lssm.discretize(drawn(1), [0.1, 0.2], "bilinear")
    assert np.allclose(dense.A.to_dense()[1], lssm.discretize(drawn(1), 0.2, "bilinear").A.to_dense(), rtol=1e-14)
    held = lssm.discretize(drawn(1), [0.1, 0.2], "foh")
    assert np.allclose(held.B[1], lssm.discretize(drawn(1), 0.2, "foh").B, rtol=1e-12)


def test_first_order_hold_over_long_steps_says_so():
    stiff = lssm.ContinuousSSM(lssm.Diagonal([-1.0, -300.0]), [1.0, 1.0], [1.0, 1.0])
    with pytest.raises(lssm.UnsupportedError, match="decays by more than 1e8"):
        lssm.discretize(stiff, 0.1, "foh")
    dense = lssm.ContinuousSSM(stiff.A.to_dense(), stiff.B, stiff.C)
    with pytest.warns(lssm.StructureWarning, match="augmented"):
        found = lssm.discretize(dense, 0.1, "foh")
    theirs = scipy.signal.cont2discrete((stiff.A.to_dense().real, stiff.B.real, stiff.C.real, np.zeros((1, 1))), 0.1, "foh")
    assert np.abs(markov(found, 6) - next_state_markov(theirs, 6)).max() <= 1e-14


def test_failures_seen_elsewhere():
    """Signs of the bilinear rule (a library had both swapped), a hold at a = 0, complex matrices kept complex, small steps."""
    unstable_there = lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([-0.5]), [1.0]), 0.1, "bilinear")
    assert unstable_there.A.values[0].real == pytest.approx((1 - 0.025) / (1 + 0.025), rel=1e-15)
    at_zero = lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([0.0, -0.5]), [1.0, 1.0]), 1e-9)
    assert at_zero.B[0, 0] == 1e-9 and not np.isnan(at_zero.B).any()
    tiny = lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([-0.5 + 1j]), [1.0]), np.float32(1e-6))
    assert abs(tiny.B[0, 0] / float(np.float32(1e-6)) - 1) < 1e-6
    rotating = lssm.discretize(lssm.ContinuousSSM([[0.9j]], [1.0]), 1.0)
    assert rotating.A.to_dense()[0, 0] == pytest.approx(np.exp(0.9j), rel=1e-15)


def test_where_parts_of_a_rule_leave_its_domain_and_the_whole_does_not():
    """A stiff dense first-order hold, a bilinear rule whose pole is at Λ but not at A, badly scaled triangles."""
    with pytest.warns(lssm.StructureWarning, match="augmented"):
        found = lssm.discretize(lssm.ContinuousSSM([[-1e4, 1.0], [0.0, -1.0]], [1.0, 1.0], [1.0, 1.0]), 0.2, "foh")
    assert np.isfinite(markov(found, 5)).all()
    operator = lssm.DPLR([2.0, -1.0], [1.0, 1.0], [-1.0, -1.0])
    found = lssm.discretize(lssm.ContinuousSSM(operator, [1.0, 1.0]), 1.0, "bilinear")
    dense = lssm.discretize(lssm.ContinuousSSM(operator.to_dense(), [1.0, 1.0]), 1.0, "bilinear")
    assert np.abs(found.A.to_dense() - dense.A.to_dense()).max() <= 1e-13
    triangle = lssm.discretize(lssm.ContinuousSSM([[-1e20, 0.0], [1.0, -1.0]], [1.0, 1.0]), 1.0, "bilinear")
    assert triangle.A.to_dense()[1, 1].real == pytest.approx(1 / 3, rel=1e-14)
    assert lssm.Moebius(1e200, 1, 1, 1e200)(2.0) == pytest.approx(2.0)
    assert not lssm.undiscretize(lssm.DiscreteSSM(lssm.Diagonal([-0.5]), [1.0]), 0.1, "bilinear").A.values.imag.any()


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda s: lssm.discretize(lssm.DiscreteSSM([[0.5]], [1.0]), 0.1), "system"),
        (lambda s: lssm.discretize(s, 0.0), "step"),
        (lambda s: lssm.discretize(s, np.nan), "step"),
        (lambda s: lssm.discretize(s, []), "step"),
        (lambda s: lssm.discretize(s, "fast"), "step"),
        (lambda s: lssm.discretize(s, 0.1, "tustin"), "method"),
        (lambda s: lssm.discretize(s, 0.1, None), "method"),
        (lambda s: lssm.discretize(s, 0.1, "gbt"), "alpha"),
        (lambda s: lssm.discretize(s, 0.1, "gbt", alpha=1.5), "alpha"),
        (lambda s: lssm.discretize(s, 0.1, "zoh", alpha=0.5), "alpha"),
        (lambda s: lssm.discretize(s, [0.1, 0.2, 0.3], per_mode=True), "step"),
        (lambda s: lssm.discretize(drawn(1), 0.1, per_mode=True), "per_mode"),
        (lambda s: lssm.discretize(lssm.ContinuousSSM([[2.0]], [1.0]), 1.0, "bilinear"), "step"),
        (lambda s: lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([2.0]), [1.0]), 1.0, "bilinear"), "step"),
        (lambda s: lssm.discretize(drawn(1), 0.1, "impulse"), "system"),
        (lambda s: lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([1e300]), [1.0]), 1e300), "step"),
        (lambda s: lssm.discretize(low_rank_system(), [0.1, 0.2], "bilinear"), "step"),
        (lambda s: lssm.undiscretize(s, 0.1), "system"),
        (lambda s: lssm.undiscretize(([[0.0, 1.0], [0.0, 0.0]], [1.0, 1.0]), 0.1), "system"),
        (lambda s: lssm.undiscretize(lssm.DiscreteSSM(lssm.Diagonal([0.0]), [1.0]), 0.1), "system"),
        (lambda s: lssm.undiscretize(lssm.DiscreteSSM(lssm.Diagonal([-1.0]), [1.0]), 0.1, "bilinear"), "system"),
        (lambda s: lssm.undiscretize(lssm.DiscreteSSM(lssm.Diagonal.from_log([2j * np.pi]), [1.0]), 0.1), "system"),
        (lambda s: lssm.Moebius.gbt(0.1, -1), "alpha"),
        (lambda s: lssm.Moebius([1, 2], 1, 1, 1), "p"),
        (lambda s: lssm.discretize(lssm.ContinuousSSM([[1e3]], [1.0]), 1.0, "foh"), "step"),
        (lambda s: lssm.discretize(lssm.ContinuousSSM(lssm.Diagonal([3 + 4j]), [1.0]), 1e10, "impulse"), "step"),
        (lambda s: lssm.undiscretize(([[0.5]], [1.0]), [0.1], per_mode=True), "per_mode"),
        (lambda s: lssm.spectra.hippo(order=4, beta=1.0), "beta"),
        (lambda s: lssm.Moebius(1, 0, 0, np.inf), "t"),
    ],
)
def test_errors_name_the_argument(call, named):
    with pytest.raises(lssm.InvalidInputError) as caught, warnings.catch_warnings():
        warnings.simplefilter("error")
        call(lssm.ContinuousSSM(lssm.Diagonal([-0.5, -1.0]), [1.0, 1.0]))
    assert str(caught.value).startswith(named + ":")


def test_block_exponential_is_scipys():
    system = drawn(7)
    block = np.zeros((7, 7))
    block[:5, :5], block[:5, 5:] = system.A.to_dense().real * 0.3, system.B.real * 0.3
    power = scipy.linalg.expm(block)
    found = lssm.discretize(system, 0.3)
    assert np.abs(found.A.to_dense() - power[:5, :5]).max() <= 1e-14
    assert np.abs(found.B - power[:5, 5:]).max() <= 1e-14
