"""Where digits are usually lost: cancellation between sections, aliases, ties, slow poles, tiny numbers."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import acb, arb, ctx

import lssm
from lssm._kernels.sums import energies_before_and_after


def relative(found, exact):
    return np.abs(np.asarray(found) / np.asarray(exact) - 1).max()


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.7, 3.0])
def test_rounding_of_the_pole_does_not_return_with_the_delay(angle):
    """One pole: M(τ) = g e^{-2dτ}. A double λ alone would be off by 1e-10 at a million steps."""
    decay, T = 1.1e-6, 10**6
    m = lssm.memory_function(lssm.Poles.from_log([-decay + 1j * angle]), T)
    assert relative(m.values, -np.expm1(-2 * decay) * np.exp(-2 * decay * np.arange(T))) <= 2e-12
    phi = lssm.allpass.basis_functions(lssm.Poles.from_log([-decay + 1j * angle]), T)
    assert relative(np.abs(phi[0]) ** 2, m.values) <= 2e-12


def exact_tail(poles, delays, bits=8000):
    """Σ_{j>τ} |b_j|² from the recursion of the polynomial quotient in ball arithmetic: another algorithm than the package's."""
    old, ctx.prec = ctx.prec, bits
    try:
        values = [acb(float(z.real), float(z.imag)).exp() for z in poles.rows()[0]]
        b = [acb(1)] + [acb(0)] * int(max(delays))
        for pole in values:  # one section after the other
            conjugate, before = acb(pole.real, -pole.imag), acb(0)
            for j, s in enumerate(b):
                b[j] = (b[j - 1] if j else acb(0)) * pole + before - conjugate * s
                before = s
        spent, left = arb(0), {}
        for j, x in enumerate(b):
            spent += x.real * x.real + x.imag * x.imag
            left[j] = (float((1 - spent).mid()), float(spent.mid()))
        return np.array([left[t] for t in delays])
    finally:
        ctx.prec = old


CANCELLING = {
    "lin-128": (lambda: lssm.spectra.lin(order=128), [20, 53, 150]),
    "step-128": (lambda: lssm.spectra.step(order=128, high=0.9, low=0.9), [3, 100, 140, 300]),
    "random-256": (lambda: lssm.spectra.random(order=256, rng=0, high=0.3), [100, 250, 331]),
}


@pytest.mark.parametrize("name", CANCELLING)
def test_rings_sorted_by_phase(name):
    """Sections cancel each other here; M down to 1e-76 and 1-M are right all the same."""
    build, delays = CANCELLING[name]
    m = lssm.memory_function(build(), delays[-1] + 1)
    exact = exact_tail(build(), delays)
    assert relative(m.values[delays], exact[:, 0]) <= 1e-12
    assert relative(m.complement[delays], exact[:, 1]) <= 1e-12


def test_threads_do_not_disturb_each_other():
    """Precision is global to the ball arithmetic behind these sets."""
    poles = lssm.Poles.from_log(-0.5 + 2j * np.pi * np.arange(64) / 64)
    alone = {T: lssm.memory_function(poles, T).values for T in (70, 130, 300)}
    with ThreadPoolExecutor(4) as pool:
        for T, values in pool.map(lambda T: (T, lssm.memory_function(poles, T).values), [70, 300, 130] * 20):
            assert (values == alone[T]).all()


@pytest.mark.parametrize("poles", [lssm.spectra.lin(order=64), lssm.spectra.step(order=32), lssm.spectra.lin(order=32)])
def test_memory_never_exceeds_one(poles):
    m = lssm.memory_function(poles, 200)
    near = m.complement < 0.5
    assert m.values.max() <= 1 and (np.diff(m.values) <= 0).all()
    assert (m.values[near] == 1 - m.complement[near]).all()


def test_without_ball_arithmetic_a_cancelling_set_warns():
    code = (
        "import sys, warnings; sys.modules['flint'] = None\n"
        "import importlib.util as u; find = u.find_spec\n"
        "import lssm, lssm.allpass._balls as balls; balls.find_spec = lambda n: None\n"
        "with warnings.catch_warnings(record=True) as said:\n"
        "    warnings.simplefilter('always'); m = lssm.memory_function(lssm.spectra.lin(order=256), 200)\n"
        "print(said[0].category.__name__, bool(m.error.max() > 0), len(said))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split() == ["AccuracyWarning", "True", "1"], run.stderr


@pytest.mark.parametrize("turns", [1e3, 1e6, 1e9])
def test_aliased_frequencies(turns):
    """The sum of M and what remains is the number of poles, however often the phase has wrapped."""
    log = [-1e-3 + 1j * (turns * 6.283185307179586 + 1), -2e-3 + 1j, -1e-3 + 1.0005j]
    m = lssm.memory_function(lssm.Poles.from_log(log), 300)
    assert m.remainder == pytest.approx(3 - m.values.sum(), rel=1e-12, abs=0)


@pytest.mark.parametrize("size", [1e-9, 1e-5, 1e-3, 0.3])
def test_mean_delay_of_one_pole(size):
    exact = Fraction(size) ** 2 / (1 - Fraction(size) ** 2)
    m = lssm.memory_function(lssm.Poles.from_discrete([size]), 1)
    assert m.mean_delay == pytest.approx(float(exact), rel=1e-14, abs=0)


def test_mean_delay_of_a_long_chain():
    """N equal poles: (N/2)(1+r²)/(1-r²) - 1/2."""
    r, N = Fraction(0.3), 1000
    exact = Fraction(N, 2) * (1 + r * r) / (1 - r * r) - Fraction(1, 2)
    m = lssm.memory_function(lssm.spectra.laguerre(order=N, pole=0.3), 1)
    assert m.mean_delay == pytest.approx(float(exact), rel=1e-13, abs=0)


def test_sums_are_compensated():
    T, energy = 10**6, Fraction(7e-4**2)
    before, after = np.empty(T), np.empty(T)
    energies_before_and_after(np.full(T, 7e-4 + 0j), 0.0, 1e-3, before, after)
    steps = np.arange(1, T + 1)
    assert relative(before, steps * float(energy)) <= 1e-15
    assert relative(after[:-1], 1e-3 + (T - steps[:-1]) * float(energy)) <= 1e-15


def test_remainder_of_slow_poles_close_together():
    m = lssm.memory_function(lssm.Poles.from_log(-1e-12 * np.arange(1, 7) + 1j), 100)
    assert m.remainder == pytest.approx(6 - m.values.sum(), rel=1e-12, abs=0)


def test_remainder_after_one_far_delay():
    m = lssm.memory_function(lssm.Poles.from_log([-1e-8]), [10**8])
    assert m.remainder == pytest.approx(np.exp(-2e-8 * (10**8 + 1)), rel=1e-12, abs=0)


def test_complement_when_a_far_delay_is_asked_for_too():
    m = lssm.memory_function(lssm.Poles.from_discrete([1e-9, 0.5e-9]), [0, 1, 10**9])
    assert m.complement[0] == pytest.approx(0.25e-36, rel=1e-12, abs=0)
    assert m.complement[1] == pytest.approx(2.25e-18, rel=1e-9, abs=0)  # |λ_1+λ_2|² to leading order


def test_thousands_of_far_delays():
    decay, delays = 1e-9, np.arange(10**9 - 9000, 10**9)
    m = lssm.memory_function(lssm.Poles.from_log([-decay]), delays)
    assert relative(m.values, -np.expm1(-2 * decay) * np.exp(-2 * decay * delays)) <= 1e-12


def test_length_at_ties():
    m = lssm.memory_function(lssm.spectra.delay_line(order=10), 3)
    assert [int(m.length(k / 10)) for k in range(1, 10)] == list(range(1, 10))
    assert lssm.memory_function(lssm.Poles.from_discrete([0.5]), 3).length(1e-15) == 1


def test_length_by_powers_is_exact():
    exact = int(mpmath.ceil(mpmath.log(2) / mpmath.mpf(2e-9)))
    assert int(lssm.memory_function(lssm.Poles.from_log([-1e-9]), 3).length()) == exact


@pytest.mark.parametrize("z", [complex(0.6, 0.8 - 3e-16), complex(0.99, 0.14106735979665882), complex(0.7, 0.7141428428542848)])
def test_damping_is_exact_next_to_the_circle(z):
    g = 1 - Fraction(z.real) ** 2 - Fraction(z.imag) ** 2
    with mpmath.workdps(60):
        exact = float(mpmath.log1p(-mpmath.mpf(g.numerator) / g.denominator) / 2)
    assert lssm.Poles.from_discrete([z]).log.real[0] == pytest.approx(exact, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    "a", [-1e-9 + 5j, -1e-12 + 1e-3j, -2 * (1 + 1e-9), -2 + 1e-9j, -2 + 1e-3j, -3 + 1j, -6.0, -1e160, -1e159 + 1e160j]
)
def test_bilinear_map_against_mpmath(a):
    with mpmath.workdps(400):
        x = mpmath.mpmathify(a) / 2
        exact = mpmath.log((1 + x) / (1 - x))
        decay, angle = float(exact.real), float(exact.imag)
    log = lssm.Poles.from_continuous([a], 1.0, "bilinear").log[0]
    assert log.real == pytest.approx(decay, rel=1e-14, abs=0)
    assert abs(np.remainder(log.imag - angle + np.pi, 2 * np.pi) - np.pi) <= 1e-15 * np.pi


def test_distinct_decays_next_to_the_circle_are_two_poles():
    assert lssm.Poles.from_log([-1e-16 + 1j, -3e-16 + 1j], diagonal=True).order == 2
    assert lssm.Poles.from_log([-1e-16 + 1j, -1e-16 + 1j], diagonal=True).order == 1


def test_a_half_set_keeps_real_poles_once():
    assert lssm.Poles.from_log([-0.5, -0.5 + 3j], half=True).order == 3


def test_a_diagonal_operator_keeps_the_logarithm():
    m = lssm.memory_function((lssm.Diagonal.from_log([-1e-18]), [1.0]), 2)
    assert m.mean_delay == pytest.approx(0.5e18, rel=1e-12, abs=0)


def test_basis_functions_hold_the_memory():
    poles = lssm.Poles.from_log([-0.3, -0.01 + 1j, -2])
    energy = (np.abs(lssm.allpass.basis_functions(poles, 200)) ** 2).sum(0)
    assert relative(energy, lssm.memory_function(poles, 200).values) <= 1e-13


def test_clock_conversion_there_and_back():
    system = lssm.DiscreteSSM([[0.5, 0.1], [0, 0.4]], [1, 1], [1, 0], 0.7)
    back = lssm.DiscreteSSM.from_next_state(*system.to_next_state())
    assert np.allclose(back.C, system.C) and np.allclose(back.D, system.D)


def test_clock_conversion_of_a_nearly_singular_matrix_augments():
    rng = np.random.default_rng(0)
    A, B, C = np.diag([0.5, 1e-14, 0.2]), rng.normal(size=3), rng.normal(size=3)
    with pytest.warns(lssm.StructureWarning):
        system = lssm.DiscreteSSM.from_next_state(A, B, C, 0.3)
    dense = system.A.to_dense()
    h = [(system.C @ np.linalg.matrix_power(dense, t) @ system.B).item() + (system.D.item() if t == 0 else 0) for t in range(4)]
    exact = [0.3] + [C @ np.linalg.matrix_power(A, t) @ B for t in range(3)]
    assert np.allclose(h, exact, rtol=1e-13)
