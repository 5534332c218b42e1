"""Scans against ball arithmetic, in every cut and order; adjoint; responses; systems put together."""

import numpy as np
import pytest
import scipy.signal
from flint import acb
from hypothesis import given
from hypothesis import strategies as st
from oracles import precision

import lssm


def drawn(kind, seed=0, N=6, m=1, p=1, *, radius=0.95):
    """A stable system of a given kind of operator."""
    rng = np.random.default_rng(seed)
    B, C, D = rng.normal(size=(N, m)), rng.normal(size=(p, N)), rng.normal(size=(p, m))
    if kind == "diagonal":
        return lssm.DiscreteSSM(lssm.Diagonal.from_log(-rng.uniform(1e-3, 1, N) + 1j * rng.uniform(-3, 3, N)), B, C, D)
    if kind == "low rank":
        P, Q = (0.15 * (rng.normal(size=(N, 2)) + 1j * rng.normal(size=(N, 2))) for _ in range(2))
        operator = lssm.DPLR(rng.uniform(-0.5, 0.5, N) + 0.3j, P, Q)
        return lssm.DiscreteSSM(operator, B, C, D)
    A = rng.normal(size=(N, N)) + (1j * rng.normal(size=(N, N)) if kind == "complex" else 0)
    return lssm.DiscreteSSM(A * (radius / np.abs(np.linalg.eigvals(A)).max()), B, C, D)


KINDS = ("real", "complex", "diagonal", "low rank")


def balls(array):
    return [[acb(float(np.real(x)), float(np.imag(x))) for x in row] for row in np.atleast_2d(array)]


def ball_scan(system, u):
    """The recurrence step by step in ball arithmetic; poles in log form are exact."""
    with precision(120):
        if isinstance(system.A, lssm.Diagonal):
            pole = [acb(float(z.real), float(z.imag)).exp() for z in system.A.log]
            A = [[pole[i] if i == j else acb(0) for j in range(system.order)] for i in range(system.order)]
        else:
            A = balls(system.A.to_dense())
        B, C, D = balls(system.B), balls(system.C), balls(system.D)
        x, y = [acb(0)] * system.order, []
        for row in balls(u.reshape(len(u), -1)):
            x = [sum((a * s for a, s in zip(line, x, strict=True) if a != 0), sum(b * w for b, w in zip(col, row, strict=True)))
                 for line, col in zip(A, B, strict=True)]  # fmt: skip
            y.append([sum(c * s for c, s in zip(line, x, strict=True)) + sum(d * w for d, w in zip(direct, row, strict=True))
                      for line, direct in zip(C, D, strict=True)])  # fmt: skip
        return np.array([[complex(float(z.real), float(z.imag)) for z in row] for row in y])


@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_steps_against_ball_arithmetic(kind):
    system = drawn(kind, N=4)
    u = np.random.default_rng(1).normal(size=10_000)
    exact = ball_scan(system, u)[:, 0]
    assert np.abs(lssm.scan(system, u) - exact).max() <= 1e-13 * np.abs(exact).max()


def test_slow_poles_keep_their_digits():
    """|λ| = 1 - 1e-6 over 20,000 steps: the rounding of λ alone would cost 1e-12."""
    system = lssm.DiscreteSSM(lssm.Diagonal.from_log([-1e-6 + 0.1j, -1e-6 - 2j]), [1.0, 1.0], [1.0, 1.0])
    u = np.random.default_rng(2).normal(size=20_000)
    exact = ball_scan(system, u)[:, 0]
    assert np.abs(lssm.scan(system, u) - exact).max() <= 1e-14 * 20 * np.abs(exact).max()


@pytest.mark.parametrize("kind", KINDS)
def test_any_cut_is_the_whole(kind):
    system = drawn(kind, m=2, p=3)
    u = np.random.default_rng(3).normal(size=(57, 2))
    whole, states = lssm.scan(system, u, return_states=True)
    assert np.abs(states @ system.C.T + u @ system.D.T - whole).max() <= 1e-14 * np.abs(whole).max()
    for size in (1, 2, 5, 13, 56, 57):
        pieces, x = [], None
        for start in range(0, 57, size):
            y, x = lssm.scan(system, u[start : start + size], initial_state=x, return_states="last")
            pieces.append(y)
        assert np.abs(np.concatenate(pieces) - whole).max() <= 1e-14 * np.abs(whole).max()
        assert np.abs(x - states[-1]).max() <= 1e-14 * np.abs(states).max()


def test_blocks_are_seamless():
    """More steps than are held at a time."""
    system = drawn("diagonal")
    u = np.random.default_rng(4).normal(size=10_001)
    response = lssm.impulse_response(system, 10_001)
    direct = lssm.convolve(response, u)
    assert np.abs(lssm.scan(system, u) - direct.values).max() <= 10 * direct.error
    y, x = lssm.scan(system, u[:5000], return_states="last")
    rest = lssm.scan(system, u[5000:], initial_state=x)
    assert np.abs(np.concatenate([y, rest]) - lssm.scan(system, u)).max() <= 1e-13


@pytest.mark.parametrize("workers", [None, 1, 2, -1])
def test_channels_by_batch_on_any_number_of_threads(workers):
    rng = np.random.default_rng(5)
    log = -rng.uniform(0.01, 1, (3, 4)) + 1j * rng.uniform(-3, 3, (3, 4))
    system = lssm.DiscreteSSM(lssm.Diagonal.from_log(log), rng.normal(size=(3, 4, 1)), rng.normal(size=(3, 1, 4)))
    u = rng.normal(size=(5, 3, 20))  # batch × channels × steps
    y = lssm.scan(system, u, workers=workers)
    assert y.shape == (5, 3, 20)
    for b in range(5):
        for h in range(3):
            one = lssm.DiscreteSSM(lssm.Diagonal.from_log(log[h]), system.B[h], system.C[h])
            assert np.abs(y[b, h] - lssm.scan(one, u[b, h])).max() <= 1e-14 * np.abs(y).max()


@pytest.mark.parametrize("kind", KINDS)
def test_adjoint_identity(kind):
    rng = np.random.default_rng(6)
    system = drawn(kind, m=2, p=3)
    x, y = rng.normal(size=(300, 2)) + 1j * rng.normal(size=(300, 2)), rng.normal(size=(300, 3)) + 1j * rng.normal(size=(300, 3))
    forth, back = lssm.scan(system, x), lssm.scan_adjoint(system, y)
    assert abs(np.vdot(y, forth) - np.vdot(back, x)) <= 1e-13 * np.linalg.norm(y) * np.linalg.norm(forth)


def test_reverse_is_the_flipped_sequence():
    system, u = drawn("real", p=2), np.random.default_rng(7).normal(size=40)
    y, x = lssm.scan(system, u, reverse=True, return_states="last")
    assert np.array_equal(y, lssm.scan(system, u[::-1])[::-1])
    states = lssm.scan(system, u, reverse=True, return_states=True)[1]
    assert np.array_equal(states[0], x)


def test_half_sets_give_real_output():
    """S4D stores one of each pair; completing the set by hand gives the same output."""
    rng = np.random.default_rng(8)
    log, c = -rng.uniform(0.01, 0.1, 4) + 1j * rng.uniform(0.1, 3, 4), rng.normal(size=4) + 1j * rng.normal(size=4)
    half = lssm.DiscreteSSM(lssm.Diagonal.from_log(log), np.ones(4), c, 0.5)
    full = lssm.DiscreteSSM(
        lssm.Diagonal.from_log(np.concatenate([log, log.conj()])), np.ones(8), np.concatenate([c, c.conj()]), 0.5
    )
    u = rng.normal(size=100)
    y = lssm.scan(half, u, half=True)
    assert y.dtype == float and np.abs(y - lssm.scan(full, u).real).max() <= 1e-13
    response = lssm.impulse_response(half, 50, half=True)
    assert response.dtype == float and np.abs(response - lssm.impulse_response(full, 50).real).max() <= 1e-13
    omega = np.linspace(-3, 3, 20)
    assert np.abs(lssm.frequency_response(half, omega, half=True) - lssm.frequency_response(full, omega)).max() <= 1e-12


def test_half_sets_refuse_complex_inputs():
    half = lssm.DiscreteSSM(lssm.Diagonal([0.5 + 0.2j]), [1.0], [1.0 + 1j])
    with pytest.raises(lssm.InvalidInputError, match="needs real inputs"):
        lssm.scan(half, [1.0, 1j], half=True)


def test_complex_diagonal_systems_keep_their_imaginary_part():
    """λ = 0.9i: another package's simulator answers 0, 1, 0, 0, 0."""
    found = lssm.impulse_response(([[0.9j]], [1.0], [1.0]), 4)
    assert np.allclose(found, [1, 0.9j, -0.81, -0.729j])
    assert np.allclose(lssm.scan(([[0.9j]], [1.0], [1.0]), [1.0, 0, 0, 0]), found)


def test_time_varying_and_constant_recurrences():
    rng = np.random.default_rng(9)
    a, v, x = (rng.normal(size=s) + 1j * rng.normal(size=s) for s in ((2, 30, 4), (2, 30, 4), (2, 4)))
    found = lssm.linear_recurrence(0.5 * a, v, initial=x, workers=2)
    state = x
    for t in range(30):
        state = 0.5 * a[:, t] * state + v[:, t]
        assert np.abs(found[:, t] - state).max() <= 1e-13 * np.abs(state).max()
    back = lssm.linear_recurrence(0.5 * a, v, initial=x, reverse=True)
    assert np.array_equal(back, lssm.linear_recurrence(0.5 * a[:, ::-1], v[:, ::-1], initial=x)[:, ::-1])
    constant = lssm.linear_recurrence(np.full((1, 1), 0.5), np.ones((5, 1)))
    assert constant[:, 0].tolist() == [1.0, 1.5, 1.75, 1.875, 1.9375] and constant.dtype == float


def test_impulse_response_a_million_steps_away():
    """Relative error ≤ 1e-9 asked, decaying modes included; 1e-13 of the largest term here."""
    log = np.array([-1e-6 + 1.234j, -1e-5 - 2.5j, -1e-4 + 0.1j, -7e-4, -np.inf])
    system = lssm.DiscreteSSM(lssm.Diagonal.from_log(log), np.ones(5), np.eye(5))
    steps = np.array([0, 1, 10**3, 10**6])
    found = lssm.impulse_response(system, steps)[..., 0]
    with precision(300):
        for t, row in zip(steps, found, strict=True):
            for z, value in zip(log[:4], row, strict=False):
                exact = (acb(float(z.real), float(z.imag)) * int(t)).exp()
                assert float(abs(acb(value.real, value.imag) / exact - 1)) <= 1e-13
    assert found[:, 4].tolist() == [1, 0, 0, 0]
    scanned = lssm.scan(system, np.eye(1, 10**6 + 1)[0])[[*steps]]
    assert np.abs(scanned[-1, :4] / found[-1, :4] - 1).max() <= 2e-12  # asked: 1e-9; λ as one double would cost 4e-11


@pytest.mark.parametrize("kind", KINDS)
def test_impulse_response_is_the_definition(kind):
    system = drawn(kind, m=2, p=3)
    A = system.A.to_dense()
    direct = np.array([system.C @ np.linalg.matrix_power(A, t) @ system.B for t in range(30)])
    direct[0] += system.D
    assert np.abs(lssm.impulse_response(system, 30) - direct).max() <= 1e-13 * np.abs(direct).max()
    assert np.abs(lssm.impulse_response(system, [29, 3]) - direct[[29, 3]]).max() <= 1e-13 * np.abs(direct).max()
    assert np.abs(lssm.step_response(system, 30) - np.cumsum(direct, 0)).max() <= 1e-12 * np.abs(direct).max()


@pytest.mark.parametrize("kind", KINDS)
def test_frequency_response_is_the_transform_of_the_impulse_response(kind):
    system = drawn(kind, m=2, p=3, radius=0.8)
    if kind == "diagonal":
        system = lssm.DiscreteSSM(lssm.Diagonal.from_log(system.A.log - 0.05), system.B, system.C, system.D)
    response = lssm.impulse_response(system, 2000)
    omega = np.linspace(-3, 3, 7)
    sums = np.einsum("wt,tpm->wpm", np.exp(-1j * omega[:, None] * np.arange(2000)), response)
    assert np.abs(lssm.frequency_response(system, omega) - sums).max() <= 1e-11 * np.abs(sums).max()
    gain = lssm.dc_gain(system)
    assert np.abs(gain - lssm.frequency_response(system, [0.0])[0]).max() <= 1e-13
    assert np.abs(lssm.step_response(system, 2000)[-1] - gain).max() <= 1e-10


def test_frequency_response_next_to_the_circle_and_in_continuous_time():
    slow = lssm.DiscreteSSM(lssm.Diagonal.from_log([-1e-12 + 1j]), [1.0], [1.0])
    assert abs(lssm.frequency_response(slow, [1.0])[0] * -np.expm1(-1e-12) - 1) <= 1e-15
    A, B, C, D = scipy.signal.tf2ss(*scipy.signal.butter(3, 1.0, analog=True))
    omega = np.array([0.1, 1.0, 5.0])
    theirs = scipy.signal.freqs(*scipy.signal.butter(3, 1.0, analog=True), omega)[1]
    assert np.allclose(lssm.frequency_response(lssm.ContinuousSSM(A, B, C, D), omega), theirs, rtol=1e-12)
    operator = lssm.DPLR([-1.0, -2 + 1j], [1.0, 0.5], [-0.3, 0.2])
    dense = lssm.ContinuousSSM(operator.to_dense(), [1.0, 1.0], [1.0, 2.0])
    kept = lssm.ContinuousSSM(operator, [1.0, 1.0], [1.0, 2.0])
    assert np.allclose(lssm.frequency_response(kept, omega), lssm.frequency_response(dense, omega), rtol=1e-13)


def test_poles_and_zeros_against_scipy():
    b, a = scipy.signal.butter(4, 0.3)
    theirs = scipy.signal.dlti(b, a, dt=1.0).to_ss()
    system = lssm.as_discrete(theirs)
    assert np.allclose(np.poly(lssm.system_poles(system)), a, atol=1e-12)
    zeros = lssm.system_zeros(lssm.DiscreteSSM.from_next_state(theirs.A, theirs.B, theirs.C, theirs.D))
    assert zeros.size == 4 and np.abs(zeros + 1).max() <= 1e-3  # a fourfold zero at -1
    assert lssm.system_zeros(lssm.ContinuousSSM([[-1.0]], [1.0], [1.0])).size == 0


@pytest.mark.parametrize("continuous", [False, True])
def test_systems_put_together(continuous):
    one, two = (drawn("real", seed, N=3, m=2, p=2, radius=0.5) for seed in (1, 2))
    if continuous:
        one, two = (lssm.ContinuousSSM(s.A.to_dense() - np.eye(3), s.B, s.C, s.D) for s in (one, two))
    omega = np.linspace(-3, 3, 9)
    H1, H2 = lssm.frequency_response(one, omega), lssm.frequency_response(two, omega)
    identity = np.eye(2)
    for made, exact in (
        (lssm.series(one, two), H2 @ H1),
        (lssm.parallel(one, two), H1 + H2),
        (lssm.parallel(one, two, sign=-1), H1 - H2),
        (lssm.feedback(one, two), np.linalg.solve(identity + H1 @ H2, H1)),
        (lssm.feedback(one, two, sign=0.3), np.linalg.solve(identity - 0.3 * H1 @ H2, H1)),
    ):
        assert np.abs(lssm.frequency_response(made, omega) - exact).max() <= 1e-12 * np.abs(exact).max()


def test_scipy_in_and_out():
    system = drawn("real", N=4, m=2, p=2)
    foreign = lssm.to_scipy(system, step=0.1)
    u = np.random.default_rng(11).normal(size=(50, 2))
    theirs = scipy.signal.dlsim(foreign, u)[1]
    assert np.abs(theirs - lssm.scan(system, u)).max() <= 1e-12
    back = lssm.as_discrete(foreign)
    assert np.abs(lssm.scan(back, u) - theirs).max() <= 1e-11
    continuous = lssm.ContinuousSSM(system.A.to_dense() - np.eye(4), system.B, system.C)
    assert np.allclose(lssm.to_scipy(continuous).A, continuous.A.to_dense().real)
    for export in (lssm.to_scipy, lssm.to_control):
        with pytest.raises(lssm.UnsupportedError, match="complex"):
            export(([[0.9j]], [1.0], [1.0]))
        with pytest.raises(lssm.UnsupportedError, match="batch"):
            export(lssm.DiscreteSSM(np.zeros((2, 3, 3)), np.ones((3, 1))))


@pytest.mark.parametrize(("measure", "order"), [("legt", 7), ("legt", 11), ("lagt", 5), ("lagt", 9), ("fout", 4)])
def test_low_rank_responses_at_the_frequencies_of_the_normal_part(measure, order):
    """Λ has an entry near 0 there, and the two parts of Woodbury's formula cancel; a first version was off by 3 %."""
    split = lssm.spectra.hippo_dplr(order=order, measure=measure)
    dense = lssm.ContinuousSSM(split.A.to_dense(), split.B, split.C)
    omega = [1e-9, 1e-6, 0.3, 2.0] if measure == "fout" else [0.0, 1e-9, 1e-6, 0.3, 2.0]
    exact = lssm.frequency_response(dense, omega)
    assert np.abs(lssm.frequency_response(split, omega) - exact).max() <= 1e-11 * np.abs(exact).max()
    on_the_boundary = lssm.ContinuousSSM(lssm.DPLR([0.0, -1.0], [1.0, 1.0], [-1.0, -1.0]), [1.0, 1.0], [1.0, 1.0])
    plain = lssm.ContinuousSSM(on_the_boundary.A.to_dense(), [1.0, 1.0], [1.0, 1.0])
    assert lssm.dc_gain(on_the_boundary) == pytest.approx(lssm.dc_gain(plain), rel=1e-13)
    with pytest.raises(lssm.InvalidInputError, match="omega"):
        lssm.frequency_response(lssm.DiscreteSSM(lssm.DPLR([0.5], [0.5], [1.0]), [1.0], [1.0]), [0.0])


def test_zeros_do_not_depend_on_scale_and_need_a_regular_response():
    system = drawn("real", N=4, m=2, p=2)
    zeros = np.poly(lssm.system_zeros(system))
    for size in (1e-150, 1e150):
        scaled = lssm.DiscreteSSM(system.A, system.B * size, system.C, system.D * size)
        assert np.allclose(np.poly(lssm.system_zeros(scaled)), zeros, rtol=1e-8)
    for singular in ((np.diag([0.5, 0.4]), np.eye(2), [[1, 1], [1, 1.0]]), ([[0.5]], [1.0], [0.0])):
        with pytest.raises(lssm.UnsupportedError, match="singular at every frequency"):
            lssm.system_zeros(singular)


def test_direct_terms_may_be_a_batch():
    system = lssm.DiscreteSSM([[0.5]], [1.0], [1.0], np.array([1, 2, 3.0]).reshape(3, 1, 1))
    assert system.batch == (3,) and lssm.scan(system, [1.0, 0.0])[:, 0].tolist() == [2, 3, 4]
    for function in (
        lssm.dc_gain,
        lambda s: lssm.frequency_response(s, [0.1]),
        lambda s: lssm.impulse_response(s, 3),
        lssm.system_zeros,
    ):
        with pytest.raises(lssm.UnsupportedError, match="batch"):
            function(system)


def test_unstable_systems_end_in_an_error_not_in_nan():
    for A in (lssm.Diagonal([2.0]), [[2.0]]):
        system = lssm.DiscreteSSM(A, [1.0], [1.0])
        assert lssm.scan(system, np.ones(5))[-1] == 31
        with pytest.raises(lssm.UnstableError, match="range of doubles"):
            lssm.scan(system, np.ones(2000))
        with pytest.raises(lssm.UnstableError, match="range of doubles"):
            lssm.impulse_response(system, 2000)


def test_loops_scaled_badly_are_not_singular():
    one = lssm.DiscreteSSM(0.5 * np.eye(2), np.eye(2), np.diag([1e10, 1e-10]))
    two = lssm.DiscreteSSM(0.5 * np.eye(2), np.eye(2), np.diag([1e10, 1.0]))
    H1, H2 = (lssm.frequency_response(s, [0.3])[0] for s in (one, two))
    found = lssm.frequency_response(lssm.feedback(one, two), [0.3])[0]
    assert np.allclose(np.diag(found), np.diag(H1) / (1 + np.diag(H1) * np.diag(H2)), rtol=1e-6)
    foreign = lssm.to_scipy(([[0.5]], [1.0], [2.0]))
    assert lssm.adjoint(foreign).B.real.item() == 2.0


def test_parallel_diagonal_systems_stay_diagonal():
    one = drawn("diagonal")
    assert isinstance(lssm.parallel(one, one).A, lssm.Diagonal)
    assert lssm.h2_norm(lssm.parallel(one, one, sign=-1)) <= 1e-13 * lssm.h2_norm(one)


def test_convolution_and_its_error():
    rng = np.random.default_rng(10)
    h, u = rng.normal(size=50), rng.normal(size=(3, 80))
    found = lssm.convolve(h, u)
    direct = np.array([np.convolve(h, row)[:80] for row in u])
    assert (np.abs(found.values - direct).max(-1) <= found.error).all() and found.error.max() < 1e-12
    assert "80 steps" in str(found)


@given(st.integers(0, 10**6), st.sampled_from(KINDS), st.integers(1, 60))
def test_linear_and_time_invariant(seed, kind, T):
    rng = np.random.default_rng(seed)
    system = drawn(kind, seed)
    u, w = rng.normal(size=(2, T))
    both = lssm.scan(system, u + 2 * w)
    assert np.abs(both - lssm.scan(system, u) - 2 * lssm.scan(system, w)).max() <= 1e-12 * max(np.abs(both).max(), 1)
    delayed = lssm.scan(system, np.concatenate([[0.0], u]))[1:]
    assert np.abs(delayed - lssm.scan(system, u)).max() <= 1e-12 * max(np.abs(delayed).max(), 1)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda s: lssm.scan(s, [np.nan]), "u"),
        (lambda s: lssm.scan(s, []), "u"),
        (lambda s: lssm.scan(s, 1.0), "u"),
        (lambda s: lssm.scan(drawn("real", m=2), [1.0, 2.0, 3.0]), "u"),
        (lambda s: lssm.scan(s, [1.0], initial_state=[1.0]), "initial_state"),
        (lambda s: lssm.scan(s, np.ones((4, 5)), initial_state=np.ones((3, 6))), "u"),
        (lambda s: lssm.scan(s, [1.0], return_states="first"), "return_states"),
        (lambda s: lssm.scan(s, [1.0], workers=0), None),
        (lambda s: lssm.scan("system", [1.0]), "system"),
        (lambda s: lssm.scan(lssm.ContinuousSSM([[-1.0]], [1.0]), [1.0]), "system"),
        (lambda s: lssm.scan_adjoint(drawn("real", p=2), [1.0, 2.0, 3.0]), "u"),
        (lambda s: lssm.linear_recurrence([0.5], [1.0]), "coefficients"),
        (lambda s: lssm.linear_recurrence(np.ones((2, 3)), np.ones((4, 3))), "inputs"),
        (lambda s: lssm.impulse_response(s, 0), "T"),
        (lambda s: lssm.impulse_response(s, [-1]), "T"),
        (lambda s: lssm.impulse_response(s, 2.5), "T"),
        (lambda s: lssm.step_response(s, [1, 2]), "T"),
        (lambda s: lssm.frequency_response(s, [[0.0]]), "omega"),
        (lambda s: lssm.frequency_response(([[1.0]], [1.0], [1.0]), [0.0]), "omega"),
        (lambda s: lssm.dc_gain(lssm.ContinuousSSM(lssm.Diagonal([0.0]), [1.0], [1.0])), "omega"),
        (lambda s: lssm.system_zeros(drawn("real", m=2)), "system"),
        (lambda s: lssm.series(s, drawn("real", m=2)), "second"),
        (lambda s: lssm.series(s, lssm.ContinuousSSM([[-1.0]], [1.0], [1.0])), "second"),
        (lambda s: lssm.parallel(s, drawn("real", p=2)), "second"),
        (lambda s: lssm.feedback(s, drawn("real", p=2)), "second"),
        (lambda s: lssm.feedback(([[0.5]], [1.0], [0.0], 1.0), ([[0.5]], [1.0], [0.0], -1.0)), "second"),
        (lambda s: lssm.convolve([1.0], []), "u"),
        (lambda s: lssm.frequency_response(s, []), "omega"),
        (lambda s: lssm.adjoint(None), "system"),
        (lambda s: lssm.parallel(s, s, sign=None), "sign"),
        (lambda s: lssm.feedback(s, s, sign=np.nan), "sign"),
        (lambda s: lssm.series("x", s), "first"),
        (lambda s: lssm.scan(s, [1.0], return_states=np.array([1, 2])), "return_states"),
        (lambda s: lssm.convolve(np.ones((2, 3)), np.ones((3, 4))), "u"),
    ],
)
def test_errors_name_the_argument(call, named):
    with pytest.raises(lssm.InvalidInputError) as caught:
        call(drawn("real"))
    assert named is None or str(caught.value).startswith(named + ":")
