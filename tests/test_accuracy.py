"""How many digits of a memory function are right, against ball arithmetic on its definition.

Budget: 1e-12 relative up to delay 1000 and 1e-15 τ beyond. The logarithms of the poles are taken as the exact
doubles they are; where a long double is longer than a double the measured errors stay ten times below the budget.
"""

import numpy as np
import pytest
from cases import DISTINCT
from hypothesis import settings
from oracles import ball_laguerre, ball_memory

import lssm

EVERY = settings().max_examples >= 1000
"""The thorough profile looks at every delay."""

LONGEST = 10**5


def budget(delays):
    return 1e-15 * np.maximum(delays, 1000)


def some_delays(values):
    """Delays whose memory is at least 1e-280: all, or the first hundred, a geometric grid and random ones."""
    alive = np.flatnonzero(values >= 1e-280)
    if EVERY:
        return alive
    grid = np.concatenate([np.geomspace(1, LONGEST, 60).astype(int), np.random.default_rng(0).integers(0, alive.size, 20)])
    return np.unique(np.concatenate([alive[:60], grid[grid < alive.size], alive[-1:]]))


@pytest.mark.parametrize("name", DISTINCT)
def test_every_delay(name):
    poles = DISTINCT[name]
    values = lssm.memory_function(poles, LONGEST + 1).values
    delays = some_delays(values)
    exact = ball_memory(poles.rows()[0], delays)
    error = np.abs(values[delays] / exact - 1)
    assert (error <= budget(delays)).all()


@pytest.mark.parametrize("name", ["s4d-lin-0.001", "legs-0.001", "near-circle", "real-64"])
def test_the_answer_does_not_depend_on_what_else_was_asked(name):
    """A table to 1e5 and a single delay agree within the budget of that delay."""
    table = lssm.memory_function(DISTINCT[name], LONGEST + 1).values
    for delay in (3, 1500, 40_000):
        alone = lssm.memory_function(DISTINCT[name], [delay]).values[0]
        assert abs(alone - table[delay]) <= 2 * budget(delay) * alone + 1e-280


@pytest.mark.parametrize("name", ["s4d-lin-0.001", "near-circle"])
def test_delays_up_to_a_billion(name):
    delays = np.array([10**5, 10**6, 10**9, 3])
    values = lssm.memory_function(DISTINCT[name], delays).values
    exact = ball_memory(DISTINCT[name].rows()[0], delays)
    seen = exact >= 1e-280
    assert seen.sum() >= 2
    assert (np.abs(values[seen] / exact[seen] - 1) <= 1e-12).all()
    assert (values[~seen] <= 1e-279).all()


def test_jordan_chain_of_256():
    delays = np.array([0, 1, 10, 100, 1000, 5000, 30_000])
    poles = lssm.spectra.laguerre(order=256, pole=0.99)
    values = lssm.memory_function(poles, int(delays[-1]) + 1).values[delays]
    exact = np.array(ball_laguerre(poles.log[0].real, 256, delays.tolist(), bits=8000))
    assert (np.abs(values / exact - 1) <= budget(delays)).all()


def test_delay_line_of_1000_is_exact():
    m = lssm.memory_function(lssm.spectra.delay_line(order=1000), 2000)
    assert (m.values[:1000] == 1).all() and (m.values[1000:] == 0).all()
    assert m.remainder == 0 and m.mean_delay == 499.5 and m.length() == 500


def test_order_4096():
    m = lssm.memory_function(lssm.spectra.s4d_lin(order=4096, step=1e-4), 20_000)
    assert m.capacity == 4095
    assert abs(m.values.sum() + m.remainder - 4095) <= 1e-9


@pytest.mark.parametrize("name", ["legs-0.001", "legs-0.01", "legs-64", "real-64", "random", "lin"])
def test_naive_gramian_is_wrong_where_ours_is_right(name):
    poles, delays = DISTINCT[name], np.arange(0, 1000, 50)
    exact = ball_memory(poles.rows()[0], delays)
    delays, exact = delays[exact >= 1e-280], exact[exact >= 1e-280]
    ours = lssm.memory_function(poles, 1000).values[delays]
    naive = lssm.naive_gramian_memory(poles, delays)
    assert np.abs(ours / exact - 1).max() <= 1e-12
    assert not np.abs(naive / exact - 1).max() <= 0.1
