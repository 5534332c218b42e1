"""Memory functions against ball arithmetic, closed forms, and their theorems."""

import numpy as np
import pytest
from cases import DISTINCT
from hypothesis import given
from hypothesis import strategies as st
from oracles import loop_allpass

import lssm

TABLE = {
    ("s4d_inv", 1e-3): (
        "3.149342e-2 3.050875e-2 2.146493e-2 1.750812e-2 1.490849e-2 1.443164e-2 1.397260e-2 1.245211e-2 9.957933e-3"
    ),
    ("s4d_inv", 1e-2): (
        "2.738510e-1 2.227738e-1 1.401641e-1 1.328211e-1 1.169458e-1 8.607777e-2 4.323511e-2 1.343256e-2 3.021337e-5"
    ),
    ("s4d_inv", 1e-1): (
        "9.592378e-1 8.949840e-1 6.150824e-1 4.150705e-1 1.394278e-1 1.075739e-3 6.175650e-10 2.746289e-21 1.580192e-42"
    ),
    ("s4d_lin", 1e-3): (
        "3.052443e-2 2.959350e-2 1.944999e-2 1.558968e-2 1.485988e-2 1.410643e-2 1.373210e-2 1.353616e-2 1.339841e-2"
    ),
    ("s4d_lin", 1e-2): (
        "2.665530e-1 2.014607e-1 1.388865e-1 1.366430e-1 1.348826e-1 1.333741e-1 1.829305e-2 2.449332e-3 6.243805e-6"
    ),
    ("s4d_lin", 1e-1): (
        "8.646647e-1 8.646647e-1 8.646647e-1 1.170196e-1 2.143290e-3 5.312684e-6 3.264226e-11 1.667722e-22 4.353220e-45"
    ),
    ("legs", 1e-3): ("6.5216e-1 2.6419e-1 8.3626e-2 5.9427e-2 3.9884e-2 2.8280e-2 1.9141e-2 1.2565e-2 7.7057e-3"),
    ("legs", 1e-2): ("9.9997e-1 9.9703e-1 2.4625e-1 1.7112e-1 1.1078e-1 6.3247e-2 3.0469e-2 7.3435e-3 7.1262e-6"),
}


@pytest.mark.parametrize("key", TABLE)
def test_published_table_to_all_printed_digits(key):
    family, step = key
    m = lssm.memory_function(getattr(lssm.spectra, family)(order=32, step=step), 1024)
    for value, printed in zip(m.values[[0, 1, 16, 31, 64, 128, 256, 512, 1023]], TABLE[key].split(), strict=True):
        digits = len(printed.split("e")[0]) - 2
        assert abs(value - float(printed)) <= 0.5000001 * 10.0 ** (int(printed.split("e")[1]) - digits)


def test_aliased_lin_is_a_staircase():
    m = lssm.memory_function(lssm.spectra.s4d_lin(order=32, step=0.1), 200)
    exact = (1 - np.exp(-2)) * np.exp(-2.0 * (np.arange(200) // 20))
    assert m.capacity == 20
    assert np.abs(m.values / exact - 1).max() <= 1e-12


def test_mutual_information_near_one():
    poles = lssm.Poles.from_discrete([1e-8])
    assert lssm.memory_function(poles, 1).mutual_information[0] == pytest.approx(8 * np.log(10), rel=1e-14)


@pytest.mark.parametrize("name", ["legs-0.01", "s4d-lin-0.001", "random"])
def test_length_and_remainder_agree_with_the_plain_sum(name):
    m = lssm.memory_function(DISTINCT[name], 20_000)
    assert m.length() == np.searchsorted(np.cumsum(m.values), m.capacity / 2) + 1
    short = lssm.memory_function(DISTINCT[name], 100)
    assert short.remainder == pytest.approx(m.values[100:].sum() + m.remainder, rel=1e-12)


def test_cascade_against_the_loop():
    values = np.array([0.5, 0.3 + 0.6j, -0.9, 0.0])
    b = lssm.allpass_impulse_response(lssm.Poles.from_discrete(values), 50)
    assert np.abs(b - loop_allpass(values, 50)).max() <= 1e-15


def test_orthonormal_realisation_is_unitary():
    assert lssm.orthonormal_realisation(DISTINCT["legs-64"]).defect <= 1e-14


def test_batches_rows_and_threads_agree():
    poles = lssm.spectra.s4d_lin(order=32, step=[1e-3, 1e-1])
    m = lssm.memory_function(poles, 50, workers=2)
    assert m.values.shape == (2, 50) and m.capacity.tolist() == [31, 20]
    for i in range(2):
        assert (m.values[i] == lssm.memory_function(poles[i], 50).values).all()


moduli = st.one_of(st.floats(0, 0.99), st.floats(1e-9, 1).map(lambda g: 1 - g), st.just(0.5))
disk = st.lists(st.tuples(moduli, st.floats(-np.pi, np.pi)), min_size=1, max_size=12).map(
    lambda pairs: np.array([r * np.exp(1j * a) for r, a in pairs])
)


@given(disk, st.floats(-np.pi, np.pi), st.randoms(use_true_random=False))
def test_theorems(values, angle, random):
    poles = lssm.Poles.from_discrete(values)
    if not poles.is_stable:
        return
    m = lssm.memory_function(poles, 64)
    N = poles.order
    assert (m.values >= 0).all() and (m.values <= 1 + 1e-14).all()
    assert (np.diff(m.values) <= 1e-15).all()
    assert m.values.sum() + m.remainder == pytest.approx(N, rel=1e-12)
    assert (m.values <= N / (1 + m.delays) * (1 + 1e-13)).all()
    assert m.values[0] == pytest.approx(-np.expm1(2 * poles.log.real.sum()), rel=1e-12)
    assert m.mean_delay >= (N - 1) / 2 * (1 - 1e-12)
    shuffled = values[random.sample(range(N), N)]
    turned = lssm.Poles.from_log(np.where(np.isneginf(poles.log.real), poles.log, poles.log + 1j * angle))
    for other in (lssm.Poles.from_discrete(shuffled), lssm.Poles.from_discrete(values.conj()), turned):
        # rounding of λ by an ulp moves M by at most Σ 1/g ulps (Lipschitz certificate)
        slack = 1e-14 + 4e-16 * (1 / poles.damping).sum() * np.sqrt(m.values * np.maximum(m.complement, 0))
        assert (np.abs(lssm.memory_function(other, 64).values - m.values) <= slack).all()


def test_group_delay_is_large_where_a_complex_pole_resonates():
    profile = lssm.group_delay(lssm.Poles.from_discrete([0.9 * np.exp(1j)]), [1.0, -1.0])
    assert profile[0] == pytest.approx((1 + 0.9) / (1 - 0.9), rel=1e-14)
    assert profile[1] < 0.2


def test_group_delay_is_the_derivative_of_the_phase():
    """Of b at the delay operator e^{-iω}, by central differences."""
    poles = DISTINCT["disk-64"]
    values, omega, h = poles.values, np.linspace(-3, 3, 41), 1e-6

    def phase(w):
        z = np.exp(-1j * w)[:, None]
        return np.angle((z - values.conj()) / (1 - values * z))

    change = (phase(omega + h) - phase(omega - h) + np.pi) % (2 * np.pi) - np.pi
    assert np.allclose(lssm.group_delay(poles, omega), -change.sum(1) / (2 * h), rtol=1e-6)


def test_zero_poles_at_huge_delays_are_silent():
    m = lssm.memory_function(lssm.spectra.delay_line(order=3), [0, 2, 3, 10**9])
    assert m.values.tolist() == [1, 1, 0, 0]


def test_a_length_that_no_integer_holds_is_refused():
    m = lssm.memory_function(lssm.Poles.from_log([-1e-300]), 3)
    with pytest.raises(lssm.UnsupportedError, match="mean_delay"):
        m.length()


@pytest.mark.parametrize("decay", [1e-9, 1e-15])
def test_length_of_one_slow_pole_is_known_in_closed_form(decay):
    """Σ_{τ<L} M = 1 - e^{-2 decay L}: half of it after log 2 / (2 decay) steps."""
    m = lssm.memory_function(lssm.Poles.from_log([-decay]), 3)
    assert int(m.length()) == pytest.approx(np.log(2) / (2 * decay), rel=1e-14, abs=1)


def test_complement_at_a_delay_far_away():
    """One pole, delay 1e9, by powers: M = (1-|λ|²) |λ|^{2τ}, and what is missing of one."""
    m = lssm.memory_function(lssm.Poles.from_log([-1e-9]), [10**9])
    exact = -np.expm1(-2e-9) * np.exp(-2.0)
    assert m.values[0] == pytest.approx(exact, rel=1e-12) and m.complement[0] == pytest.approx(1 - exact, rel=1e-15)
