"""Memory after T steps from rest, against ball arithmetic on the definition, and the routes that fail."""

import warnings

import numpy as np
import pytest
from cases import DISTINCT
from hypothesis import given
from hypothesis import strategies as st
from oracles import ball_memory

import lssm

TABLE = {
    ("s4d_inv", 1e-3): (
        "4.825135e-1 2.582832e-1 6.362153e-2 4.916504e-2 3.779888e-2 3.046270e-2 2.568716e-2 2.367540e-2 4.656861e-1"
    ),
    ("s4d_inv", 1e-2): (
        "2.738729e-1 2.227863e-1 1.401677e-1 1.328244e-1 1.169497e-1 8.608146e-2 4.323925e-2 1.344234e-2 3.023588e-5"
    ),
    ("s4d_lin", 1e-3): (
        "5.244738e-1 2.620680e-1 6.920085e-2 4.955808e-2 3.877186e-2 2.938477e-2 2.338617e-2 2.171548e-2 5.095016e-1"
    ),
    ("s4d_lin", 1e-2): (
        "2.665576e-1 2.014631e-1 1.388877e-1 1.366490e-1 1.348887e-1 1.333801e-1 1.829388e-2 2.449443e-3 6.243950e-6"
    ),
}
AT = [0, 1, 16, 31, 64, 128, 256, 512, 1023]


@pytest.mark.parametrize(("family", "step"), TABLE)
def test_published_table_to_all_printed_digits(family, step):
    values = lssm.memory_function(getattr(lssm.spectra, family)(order=32, step=step), AT, horizon=1024).values
    for value, printed in zip(values, TABLE[family, step].split(), strict=True):
        assert abs(value - float(printed)) <= 0.5000001 * 10.0 ** (int(printed.split("e")[1]) - 6)


HARD = {
    **{name: (DISTINCT[name], 1024) for name in DISTINCT if name not in ("inv-64", "legs-64", "near-circle")},
    "s4d-lin 128": (lssm.spectra.s4d_lin(order=128, step=1e-3), 4096),
    "s4d-inv 128": (lssm.spectra.s4d_inv(order=128, step=1e-3), 4096),
    "legs 64": (lssm.spectra.legs(order=64, step=1e-3), 1024),
    "near circle": (lssm.Poles.from_log([-1e-12, -0.01, -0.02 + 1j, -0.3, -1.0]), 300),
    "on the circle": (lssm.Poles.from_log(1j * np.linspace(-3, 2, 24)), 500),
    "growing": (lssm.Poles.from_log(np.linspace(-0.3, 0.3, 12) + 1j * np.linspace(-1, 2, 12)), 200),
    "growing slowly": (lssm.Poles.from_log(np.linspace(-0.01, 0.01, 12) + 0.02j * np.linspace(-1, 2, 12)), 400),
    "growing very slowly, close together": (
        lssm.Poles.from_log(1e-3 * np.sin(np.arange(24.0) ** 2) + 0.03j * np.cos(3 * np.arange(24.0) ** 2)),
        500,
    ),
    "cluster": (lssm.Poles.from_log(-0.01 + 0.5j + 1e-6 * np.exp(2j * np.arange(12))), 512),
    "barely longer than the state": (lssm.spectra.s4d_lin(order=32, step=1e-3), 33),
    "scales": (lssm.Poles.from_log(-np.logspace(-6, 1, 24)), 1024),
}


@pytest.mark.parametrize("name", HARD)
def test_against_ball_arithmetic(name):
    poles, T = HARD[name]
    m = lssm.memory_function(poles, T, horizon=T)
    delays = np.unique(np.concatenate([np.geomspace(1, T, 25).astype(int) - 1, T - np.geomspace(1, T, 10).astype(int), [T // 2]]))
    delays = delays[m.values[delays] >= 1e-280]
    exact = ball_memory(poles.rows()[0], delays, horizon=T)
    assert (np.abs(m.values[delays] / exact - 1) <= 1e-12).all()
    assert (np.abs(m.values[delays] - exact) <= m.error[delays] + 1e-16).all()
    assert m.values.sum() == pytest.approx(poles.order, rel=1e-12)


@pytest.mark.parametrize("T", [5, 9, 40])
def test_repeated_poles_and_poles_at_zero(T):
    """Exact leverage scores of the confluent Vandermonde matrix: its columns are λ^t, tλ^t, … and e_0, e_1."""
    poles = lssm.Poles.from_discrete([0.5, 0.5, 0.5, 0.0, 0.0])
    t = np.arange(T)
    columns = np.array([0.5**t, t * 0.5**t, t**2 * 0.5**t, t == 0, t == 1], float).T
    exact = (np.linalg.qr(columns)[0] ** 2).sum(1)
    m = lssm.memory_function(poles, T, horizon=T)
    assert np.abs(m.values - exact).max() <= 1e-13


def test_svd_of_the_vandermonde_matrix_is_wrong_where_this_is_right():
    poles = DISTINCT["s4d-inv-0.001"]
    exact = ball_memory(poles.rows()[0], AT, horizon=1024)
    assert np.abs(lssm.memory_function(poles, AT, horizon=1024).values / exact - 1).max() <= 1e-13
    assert np.abs(lssm.naive_svd_memory(poles, 1024)[AT] / exact - 1).max() > 0.1


@pytest.mark.parametrize("name", ["s4d-lin-0.1", "legs-0.1", "disk-64", "random"])
def test_long_horizons_tend_to_the_infinite_past(name):
    T = 20_000
    finite = lssm.memory_function(DISTINCT[name], 100, horizon=T)
    infinite = lssm.memory_function(DISTINCT[name], 100)
    left = lssm.memory_function(DISTINCT[name], [T]).values[0] + 1e-13
    assert np.abs(finite.values - infinite.values).max() <= np.sqrt(left)
    assert finite.mean_delay == pytest.approx(infinite.mean_delay, rel=1e-6)
    assert finite.length() == infinite.length()


log_poles = st.lists(st.tuples(st.floats(-3, 0), st.floats(-3, 3)).map(lambda z: complex(*z)), min_size=1, max_size=8)


@given(log_poles, st.integers(8, 80))
def test_theorems(log, T):
    """Sum, range, and never less than with an infinite past; equal poles are chains."""
    poles = lssm.Poles.from_log(log)
    m = lssm.memory_function(poles, T, horizon=T)
    assert m.values.sum() == pytest.approx(poles.order, rel=1e-12)
    assert ((0 <= m.values) & (m.values <= 1)).all()
    if poles.is_stable:
        infinite = lssm.memory_function(poles, T)
        assert (m.values >= infinite.values * (1 - 1e-11) - 1e-13).all()
    reversed_time = lssm.memory_function(lssm.Poles.from_log(-np.array(log)), T, horizon=T)
    assert np.abs(reversed_time.values[::-1] - m.values).max() <= 1e-9


@pytest.mark.parametrize("log", [[-1.0] * 11 + [-0.8 + 1.5j], [-0.73 - 0.41j] + [-0.81 + 2.97j] * 3])
def test_error_covers_memories_far_below_rounding(log):
    """Nearly equal poles in place of equal ones in the oracle; M down to 1e-130."""
    T = 150
    apart = np.array(log) + 1e-13 * np.arange(len(log))
    m = lssm.memory_function(lssm.Poles.from_log(apart), T, horizon=T)
    exact = ball_memory(apart, range(T), horizon=T)
    assert (np.abs(m.values - exact) <= m.error + 1e-16 * exact).all()
    assert np.abs(m.values / exact - 1)[exact > 1e-20].max() <= 1e-12


def test_summary_length_and_remainder():
    poles = DISTINCT["s4d-lin-0.01"]
    m = lssm.memory_function(poles, 100, horizon=1024)
    full = lssm.memory_function(poles, 1024, horizon=1024)
    assert m.remainder == pytest.approx(full.values[100:].sum(), rel=1e-13)
    assert m.length() == np.searchsorted(np.cumsum(full.values), 31 / 2) + 1
    assert m.mean_delay == pytest.approx((np.arange(1024) * full.values).sum() / 31, rel=1e-12)
    assert "1024 steps after rest" in str(m) and m.horizon == 1024 and m.to_dict()["horizon"] == 1024


def test_a_direction_that_hardly_differs_is_reported(monkeypatch):
    monkeypatch.setattr("lssm.memory._finite._DOUBTFUL", 0.99)
    with pytest.warns(lssm.AccuracyWarning, match="horizon"):
        lssm.memory_function(DISTINCT["s4d-lin-0.01"], 10, horizon=100)
    monkeypatch.undo()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lssm.memory_function(DISTINCT["s4d-lin-0.01"], 10, horizon=100)


@pytest.mark.parametrize(
    ("delays", "horizon", "message"),
    [(10, 20, "fewer than the 31 states"), (100, 50, "beyond a horizon"), (10, 0, "horizon"), (10, 1.5, "horizon")],
)
def test_bad_horizons(delays, horizon, message):
    with pytest.raises(lssm.InvalidInputError, match=message):
        lssm.memory_function(DISTINCT["s4d-lin-0.01"], delays, horizon=horizon)
