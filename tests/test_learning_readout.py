"""Learning the readout: closed forms against real gradient steps, ODE solvers, exact sums, Monte Carlo."""

import mpmath
import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

import lssm
from lssm.dynamics import (
    ReadoutFlow,
    learning_speeds,
    nonlinear_gradient,
    readout_gradient,
    teacher_information,
    teachers,
)
from lssm.dynamics._decay import Rule

RNG = np.random.default_rng(5)


def _dense(order, radius):
    A = RNG.standard_normal((order, order))
    return A * radius / np.abs(np.linalg.eigvals(A)).max(), RNG.standard_normal(order)


SYSTEMS = {
    "S4D-Lin": lssm.spectra.s4d_lin(order=32, step=1e-2),
    "weighted": lssm.DiscreteSSM(
        lssm.Diagonal(RNG.uniform(0.3, 0.9, 8) * np.exp(2j * np.arange(8))), RNG.standard_normal(8) * 1j
    ),
    "dense": _dense(12, 0.9),
    "LegS": lssm.discretize(lssm.spectra.hippo(order=16), 1e-2),
    "delay line": (np.diag(np.ones(5), -1), np.eye(6)[0]),
    "Jordan": ([[0.7, 0.0, 0.0], [1.0, 0.7, 0.0], [0.0, 1.0, 0.7]], [1.0, 0.0, 0.0]),
    "half reached": (np.diag([0.5, 0.8, -0.3]), [1.0, 0.0, 2.0]),
}
TEACHERS = {
    "delay": teachers.delay(4),
    "modes": teachers.rational([0.9, 0.5 + 0.3j, 0.5 - 0.3j], [1, 1j, -1j]),
    "complex": teachers.rational([0.9j, 0.2], [1, 2]),
}


def _normal_equations(system, teacher, T=8000):
    """G and q of the definition, by summing T steps."""
    one = lssm.as_discrete(system) if not isinstance(system, lssm.Poles) else None
    A = one.A.to_dense() if one else np.diag(system.values)
    v = (one.B[:, 0] if one else np.ones(system.order)).astype(complex)
    G, q = np.zeros((v.size, v.size), complex), np.zeros(v.size, complex)
    for m in teacher.response(T):
        G, q, v = G + np.outer(v, v.conj()), q + np.conj(m) * v, A @ v
    return G, q


@pytest.mark.parametrize("taught", TEACHERS)
@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_ten_thousand_real_gradient_steps(name, taught, momentum):
    system, teacher = SYSTEMS[name], TEACHERS[taught]
    G, q = _normal_equations(system, teacher)
    rate = 0.8 * 2 * (1 + momentum) / np.linalg.eigvalsh(G)[-1]
    c0 = RNG.standard_normal(q.size) if momentum else np.zeros(q.size)
    flow = ReadoutFlow(system, teacher, rate=rate, momentum=momentum, initial=c0)
    c, v = c0 + 0j, np.zeros(q.size, complex)
    for k in range(1, 10_001):
        v = momentum * v - rate * (G @ c - q)
        c = c + v
        if k in (1, 10, 100, 10_000):
            loss = teacher.energy - 2 * np.vdot(c, q).real + np.vdot(c, G @ c).real
            assert abs(flow.loss(k) - loss) <= 1e-11 * teacher.energy + 1e-9 * loss
            assert np.abs(flow.weights(k) - c).max() <= 1e-9 * np.abs(c).max()


def test_flow_against_a_stiff_solver():
    system, teacher = SYSTEMS["LegS"], TEACHERS["modes"]
    G, q = _normal_equations(system, teacher, 20_000)
    G, q = G.real, q.real
    flow, end = ReadoutFlow(system, teacher), 1e5
    found = scipy.integrate.solve_ivp(
        lambda _, c: q - G @ c, (0, end), np.zeros(16), "Radau", jac=-G, rtol=1e-11, atol=1e-13, t_eval=[1.0, 1e3, end]
    )
    for time, c in zip(found.t, found.y.T, strict=True):
        assert np.abs(flow.weights(time) - c).max() <= 1e-8 * np.abs(c).max()
        assert abs(flow.loss(time) - (teacher.energy - 2 * c @ q + c @ G @ c)) <= 1e-8


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.81, 0.99])
@pytest.mark.parametrize("rate", [1e-9, 0.5, 1.0, 1.7])
def test_factors_against_fifty_digits(momentum, rate):
    gamma, steps = np.array([1.0, 0.3, 0.01, 1e-6, 1e-15]), 300
    left, gone = Rule(rate, momentum).factors(np.log(gamma), np.arange(steps + 1.0))
    with mpmath.workdps(60):
        for i, g in enumerate(gamma):
            now = before = mpmath.mpf(1)
            t, beta = mpmath.mpf(rate) * mpmath.exp(mpmath.mpf(float(np.log(g)))), mpmath.mpf(momentum)
            for k in range(1, steps + 1):
                now, before = (1 + beta - t) * now - beta * before, now
                assert abs(left[i, k] - now) <= 4e-14
                assert abs(gone[i, k] - (1 - now)) <= 2e-13 * abs(1 - now)


def test_slow_modes_keep_their_digits_over_many_steps():
    k = 1e12
    for momentum in (0.0, 0.9):
        left, gone = Rule(0.5, momentum).factors(np.log([1e-13]), np.array([k]))
        with mpmath.workdps(60):
            t, beta = mpmath.mpf(0.5) * mpmath.exp(mpmath.mpf(float(np.log(1e-13)))), mpmath.mpf(momentum)
            root = mpmath.sqrt((1 - beta + t) ** 2 - 4 * t)
            s1, s2 = (1 - beta + t - root) / 2, (1 - beta + t + root) / 2
            exact = (s2 * (1 - s1) ** (k + 1) - s1 * (1 - s2) ** (k + 1)) / (s2 - s1)
            assert abs(left[0, 0] / exact - 1) <= 1e-13 and abs(gone[0, 0] / (1 - exact) - 1) <= 1e-13


@pytest.mark.parametrize("name", SYSTEMS)
def test_memory_of_training_time(name):
    system = SYSTEMS[name]
    flow = ReadoutFlow(system, teachers.delay(3))
    memory = lssm.memory_function(system, 60)
    late = flow.memory(np.inf, 60)
    assert np.abs(late - memory.values).max() <= 1e-13
    rate = 0.5 * flow.largest_rate
    for lag in (0, 2, 7):
        taught = ReadoutFlow(system, teachers.delay(lag), rate=rate)
        k = np.array([0, 1, 7, 1000])
        assert np.abs(taught.memory(k, [lag])[:, 0] + taught.loss(k) - 1).max() <= 1e-13
    growing = ReadoutFlow(system, teachers.delay(0)).memory([0.0, 0.1, 1.0, 10.0, 1e4], 60)
    assert (np.diff(growing, axis=0) >= -1e-15).all()


def test_what_a_slow_mode_has_learned_is_not_lost_in_rounding():
    """LegS in diagonal coordinates: γ over 1e48, the first steps of the slowest mode against mpmath."""
    poles, k = lssm.spectra.legs(order=12, step=1e-2), 10
    flow = ReadoutFlow(poles, teachers.delay(100), rate=1e-3)
    with mpmath.workdps(80):
        lam = [mpmath.exp(mpmath.mpf(float(z))) for z in poles.log.real]
        G = mpmath.matrix(12, 12)
        for i in range(12):
            for j in range(12):
                G[i, j] = 1 / (1 - lam[i] * lam[j])
        values, vectors = mpmath.eigsy(G)
        v = mpmath.matrix([x**100 for x in lam])
        shares = [(vectors[:, i].T * v)[0] ** 2 / values[i] for i in range(12)]
        exact = sum((1 - (1 - mpmath.mpf("0.001") * values[i]) ** (2 * k)) * shares[i] for i in range(12))
        assert abs(flow.memory(k, [100])[0] / exact - 1) <= 1e-12


def test_steps_to_a_loss():
    for rule in ({"rate": 1e-3}, {"rate": 5e-3, "momentum": 0.9}):
        flow = ReadoutFlow(SYSTEMS["S4D-Lin"], teachers.delay(50), **rule)
        for target in (0.95, 0.9, flow.lost * (1 + 1e-9)):
            k = flow.steps_to(target)
            assert flow.loss(k) <= target < flow.loss(k - 1)
    flow = ReadoutFlow(SYSTEMS["S4D-Lin"], teachers.delay(50))
    assert abs(flow.loss(flow.steps_to(0.9)) - 0.9) <= 1e-12
    assert flow.steps_to(flow.lost / 2) == np.inf and flow.steps_to(1.0) == 0


def test_steps_to_a_fraction():
    flow = ReadoutFlow(SYSTEMS["S4D-Lin"], teachers.delay(50), rate=1e-3)
    target = flow.lost + 0.05 * (1 - flow.lost)
    assert flow.steps_to(fraction=0.95) == flow.steps_to(target)


@pytest.mark.filterwarnings("ignore:clock conversion")
def test_unrolled_filters_know_their_degree():
    teacher = teachers.from_system(scipy.signal.dlti(*scipy.signal.butter(6, 0.02)))
    assert teacher.degree == 7 and "unrolled from order 7" in repr(teacher)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_stable_bound_is_the_bound(momentum):
    system, teacher = SYSTEMS["dense"], TEACHERS["delay"]
    limit = ReadoutFlow(system, teacher, rate=1e-9, momentum=momentum).largest_rate
    with pytest.raises(lssm.InvalidInputError, match=r"rate: .* diverges; .*γ_1 = "):
        ReadoutFlow(system, teacher, rate=limit, momentum=momentum)
    G, q = _normal_equations(system, teacher)
    sizes = []
    for rate in (0.999 * limit, 1.001 * limit):
        c, v = np.zeros(q.size, complex), np.zeros(q.size, complex)
        for _ in range(20_000):
            v = momentum * v - rate * (G @ c - q)
            c = c + v
        sizes.append(np.abs(c).max())
    assert sizes[0] < 10 and sizes[1] > 1e6


def test_same_memory_other_speeds():
    s4 = lssm.discretize(lssm.spectra.hippo(order=16), 1e-2, method="bilinear")
    found = learning_speeds(s4, teachers.delay(20))
    lost = [flow.lost for flow in found.flows.values()]
    assert np.ptp(lost) <= 1e-12
    for name in ("own", "diagonal", "normalised", "orthonormal"):  # balanced ones leave out what the readout does not see
        assert np.abs(found.flows[name].memory(np.inf, 50) - lssm.memory_function(s4, 50).values).max() <= 1e-12
    nodes = 0.5 * (1 + np.polynomial.legendre.leggauss(16)[0])
    assert abs(found.conditions["own"] / (nodes[-1] / nodes[0]) - 1) <= 1e-10
    assert found.conditions["orthonormal"] == pytest.approx(1, abs=1e-12)
    target = found.lost + 0.01 * (1 - found.lost)
    steps = found.steps_to(target)
    assert steps["orthonormal"] < steps["own"] < steps["diagonal"]


def test_balanced_coordinates_have_the_hankel_values():
    poles, teacher = lssm.spectra.s4d_lin(order=8, step=0.1), teachers.rational([0.9, 0.5], [1.0, 1.0])
    flow = learning_speeds(poles, teacher, coordinates=["balanced"]).flows["balanced"]
    c = ReadoutFlow(poles, teacher).weights(np.inf)
    best = lssm.DiscreteSSM(lssm.Diagonal.from_log(poles.log), np.ones(poles.order), c.conj())
    assert np.allclose(flow.eigenvalues, lssm.hankel_singular_values(best), rtol=1e-9)


POLES = st.lists(
    st.builds(lambda r, t: r * np.exp(1j * t), st.floats(0.0, 0.999), st.floats(-np.pi, np.pi)), min_size=1, max_size=8
)


@given(values=POLES, taps=st.lists(st.floats(-1, 1), min_size=1, max_size=40))
def test_visible_and_lost_energy_add_up(values, taps):
    if not np.any(taps) or np.abs(taps).max() < 1e-100:
        return
    poles = lssm.Poles.from_discrete(values + values[:1])  # one of them twice
    teacher = teachers.fir(np.array(taps) + 1j * np.array(taps[::-1]))
    system = lssm.allpass.orthonormal_realisation(poles).system
    found = teacher_information(system, teacher, 60)
    assert abs(found.visible + found.lost - found.energy) <= 1e-13 * found.energy
    assert abs(found.share.sum() - found.visible) <= 1e-13 * found.energy
    assert np.abs(found.memory - lssm.memory_function(poles, 60).values).max() <= 1e-13
    assert np.allclose(found.contribution, np.abs(teacher.response(60)) * np.sqrt(found.memory), rtol=1e-14, atol=0)


def test_lost_energy_against_fifty_digits():
    values, modes, residues = [0.9, 0.5 + 0.3j, 0.5 - 0.3j, -0.7], [0.91, -0.6], [1.0, 2.0]
    found = teacher_information(lssm.Poles.from_discrete(values), teachers.rational(modes, residues), 3)
    with mpmath.workdps(50):
        lam = [mpmath.mpc(x) for x in values]
        at = [sum(r / (1 - mpmath.mpf(p) * z) for p, r in zip(modes, residues, strict=True)) for z in lam]
        G = mpmath.matrix([[1 / (1 - x * mpmath.conj(y)) for y in lam] for x in lam])
        q = mpmath.matrix(at)
        visible = mpmath.re((q.H * mpmath.lu_solve(G, q))[0])
        energy = sum(r * s / (1 - mpmath.mpf(p) * o) for p, r in zip(modes, residues) for o, s in zip(modes, residues))  # noqa: B905
        assert abs(found.lost / (energy - visible) - 1) <= 1e-13


def test_a_delay_without_memory_says_nothing():
    """A delay line of six forgets delay 6: no gradient, whatever the nonlinearity."""
    line = SYSTEMS["delay line"]
    assert np.abs(readout_gradient(line, np.eye(8)[6])).max() == 0
    found = nonlinear_gradient(line, teachers.delay(6), 0.1 * np.arange(6.0), lambda s, z: (np.tanh(s) - z) / np.cosh(s) ** 2)
    model = found.on_model * 0.1 * np.arange(6.0)
    assert np.abs(found.gradient - model).max() <= 1e-13


def test_quadrature_refines_itself_and_says_when_it_cannot():
    poles, c, teacher = lssm.Poles.from_discrete([0.9, 0.5]), [1.0, 0.2], teachers.delay(3)
    found, fixed = (nonlinear_gradient(poles, teacher, c, _tanh_signal, nodes=n) for n in (None, 400))
    assert found.error <= 1e-3 and np.abs(found.gradient - fixed.gradient).max() <= 1e-5
    assert np.isfinite(nonlinear_gradient(poles, teacher, c, _tanh_signal, nodes=512).gradient).all()
    with pytest.warns(lssm.AccuracyWarning, match="nodes leave an error"):
        nonlinear_gradient(poles, teacher, c, lambda s, z: (s > 0.5) * (s - z))


def _tanh_signal(s, z):
    return (np.tanh(s) - z) / np.cosh(s) ** 2


def test_nonlinear_gradient_against_differences_and_monte_carlo():
    values, c = np.array([0.9, 0.5, -0.4]), np.array([0.4, -0.2, 0.7])
    poles, teacher = lssm.Poles.from_discrete(values), teachers.fir([0.5, 0.2, -0.4, 0.3])
    found = nonlinear_gradient(poles, teacher, c, _tanh_signal, nodes=200)
    G, q = (x.real for x in _normal_equations(poles, teacher))
    x, w = np.polynomial.hermite_e.hermegauss(200)

    def loss(c):
        root = np.linalg.cholesky([[c @ G @ c, c @ q], [c @ q, teacher.energy]])
        s, z = np.tensordot(root, np.meshgrid(x, x, indexing="ij"), 1)
        return np.sum(np.outer(w, w) / (2 * np.pi) * 0.5 * (np.tanh(s) - z) ** 2)

    differences = [(loss(c + h) - loss(c - h)) / 2e-5 for h in 1e-5 * np.eye(3)]
    assert np.abs(found.gradient.real - differences).max() <= 1e-8
    rng, n = np.random.default_rng(1), 400_000
    u = rng.standard_normal(n + 200)
    states = np.stack([scipy.signal.lfilter([1], [1, -p], u) for p in values])[:, 200:]
    z = np.convolve(u, [0.5, 0.2, -0.4, 0.3])[200 : n + 200]
    samples = _tanh_signal(c @ states, z) * states
    sigma = samples.reshape(3, 400, -1).mean(2).std(1) / 20  # of 400 blocks of 1000 steps
    assert (np.abs(samples.mean(1) - found.gradient.real) <= 4 * sigma).all()


def test_linear_loss_gives_back_the_linear_gradient():
    system, teacher = SYSTEMS["dense"], TEACHERS["modes"]
    c = RNG.standard_normal(12)
    G, q = _normal_equations(system, teacher)
    found = nonlinear_gradient(system, teacher, c, lambda s, z: s - z)
    assert np.abs(found.gradient - (G @ c - q)).max() <= 1e-11 * np.abs(q).max()
    start = nonlinear_gradient(system, teacher, 0 * c, lambda s, z: s - z)
    assert np.abs(start.gradient + q).max() <= 1e-11 * np.abs(q).max()


def test_gradient_from_correlations():
    system = SYSTEMS["dense"]
    kappa = RNG.standard_normal(30)
    A, B = system
    exact = sum(k * np.linalg.matrix_power(A, t) @ B for t, k in enumerate(kappa))
    assert np.abs(readout_gradient(system, kappa) - exact).max() <= 1e-12 * np.abs(exact).max()


@pytest.mark.filterwarnings("ignore:clock conversion")
def test_teachers_from_filters():
    for filt in (scipy.signal.butter(4, 0.3), ([1.0, 2.0, 1.0], [1.0, -0.5]), ([0.3, 0.2], [1.0, -1.4, 0.49])):
        b, a = (np.atleast_1d(x).astype(float) for x in filt)
        size = max(b.size, a.size)
        b, a = np.pad(b, (0, size - b.size)), np.pad(a, (0, size - a.size))
        teacher = teachers.from_system(scipy.signal.dlti(b, a))
        exact = scipy.signal.lfilter(b, a, np.eye(1, 200)[0])
        assert np.abs(teacher.response(200) - exact).max() <= 1e-11
        assert (
            abs(teacher.energy - scipy.signal.lfilter(b, a, np.eye(1, 5000)[0]) @ scipy.signal.lfilter(b, a, np.eye(1, 5000)[0]))
            <= 1e-11
        )


def test_a_direct_term_is_a_pole_at_zero():
    teacher = teachers.from_system(lssm.DiscreteSSM(lssm.Diagonal([0.5]), [1.0], [1.0], [[2.0]]))
    assert teacher.degree == 2 and np.abs(teacher.response(4) - [3, 0.5, 0.25, 0.125]).max() <= 1e-15


def test_a_quiet_stretch_is_not_the_end():
    A, C = np.diag(np.ones(99), -1), np.zeros(100)
    C[[0, -1]] = 1.0
    assert teachers.from_system((A, np.eye(100)[0], C)).energy == pytest.approx(2.0, rel=1e-14)


def test_real_systems_are_real_teachers():
    assert teachers.from_system((_dense(6, 0.8)[0], np.ones(6), np.ones(6))).is_real


def test_small_outputs_keep_their_coefficient():
    found = nonlinear_gradient(lssm.Poles.from_discrete([0.5]), teachers.delay(60), [1e-8], lambda s, z: s - z)
    assert found.on_model == pytest.approx(1.0, rel=1e-8)


def test_recorded_filters():
    taps = np.array([0.5, -0.3, 0.2, 0.1])
    u = RNG.standard_normal(4000)
    z = np.convolve(u, taps)[:4000] + 0.1 * RNG.standard_normal(4000)
    found = teachers.recorded(u, z, 6)
    assert (np.abs(found.teacher.response(6).real - np.append(taps, [0, 0])) <= 4 * found.error).all()
    assert 0.095 < found.noise < 0.105 and (found.error < 0.002).all()


def test_response_with_a_bound():
    teacher = teachers.response(lambda t: 0.9**t * np.cos(t), constant=1.0, ratio=0.9)
    p = 0.9 * np.exp(1j)
    exact = 0.5 * (1 / (1 - abs(p) ** 2) + (1 / (1 - p * p)).real)
    assert abs(teacher.energy - exact) <= 1e-14 * exact and teacher.tail <= 1e-32 * exact


BAD = {
    "teacher: a int": lambda: ReadoutFlow(([[0.5]], [1.0]), 3),
    "system": lambda: ReadoutFlow("poles", teachers.delay(1)),
    "unstable": lambda: teacher_information(lssm.Poles.from_discrete([1.0]), teachers.delay(1), 3).memory,
    "inputs": lambda: ReadoutFlow((np.eye(2) * 0.5, np.eye(2)), teachers.delay(1)),
    "continuous": lambda: ReadoutFlow(lssm.spectra.hippo(order=4), teachers.delay(1)),
    "momentum": lambda: ReadoutFlow(([[0.5]], [1.0]), teachers.delay(1), rate=0.1, momentum=1.0),
    "momentum: belongs": lambda: ReadoutFlow(([[0.5]], [1.0]), teachers.delay(1), momentum=0.5),
    "initial": lambda: ReadoutFlow(([[0.5]], [1.0]), teachers.delay(1), initial=[1.0, 2.0]),
    "steps: must not be negative": lambda: ReadoutFlow(([[0.5]], [1.0]), teachers.delay(1)).loss(-1),
    "steps: must be whole": lambda: ReadoutFlow(([[0.5]], [1.0]), teachers.delay(1), rate=0.1).loss(0.5),
    "lag": lambda: teachers.delay(-1),
    "taps: all zero": lambda: teachers.fir([0.0, 0.0]),
    "taps: contains NaN": lambda: teachers.fir([np.nan]),
    "does not decay": lambda: teachers.rational([1.0], [1.0]),
    "residues": lambda: teachers.rational([0.5], [1.0, 2.0]),
    "ratio": lambda: teachers.response(lambda t: np.ones(t.size), constant=1.0, ratio=1.0),
    "exceeds the bound": lambda: teachers.response(lambda t: 2.0 * 0.5**t, constant=1.0, ratio=0.5),
    "one of each": lambda: teachers.from_system((np.eye(2) * 0.5, np.eye(2))),
    "z: shape": lambda: teachers.recorded(np.ones(9), np.ones(8), 2),
    "u: .* too few": lambda: teachers.recorded(np.ones(9), np.ones(9), 5),
    "u: does not determine": lambda: teachers.recorded(np.ones(90), np.ones(90), 5),
    "correlation": lambda: readout_gradient(([[0.5]], [1.0]), []),
    "signal": lambda: nonlinear_gradient(([[0.5]], [1.0]), teachers.delay(1), [1.0], lambda s, z: 1.0),
    "readout": lambda: nonlinear_gradient(([[0.5]], [1.0]), teachers.delay(1), [1.0, 2.0], _tanh_signal),
    "coordinates": lambda: learning_speeds(([[0.5]], [1.0]), teachers.delay(1), coordinates="polar"),
    "coordinates: repeated": lambda: learning_speeds(SYSTEMS["delay line"], teachers.delay(1)),
    "system: its input reaches no state": lambda: ReadoutFlow((np.eye(2) * 0.5, [0.0, 0.0]), teachers.delay(1)),
    "function: a int": lambda: teachers.response(3, constant=1.0, ratio=0.5),
    "signal: a str": lambda: nonlinear_gradient(([[0.5]], [1.0]), teachers.delay(1), [1.0], "tanh"),
    "system: coefficients": lambda: teachers.from_system(scipy.signal.butter(3, 0.2)),
    "system: continuous": lambda: teachers.from_system(lssm.ContinuousSSM([[-1.0]], [1.0], [1.0])),
    "loss: pass either": lambda: ReadoutFlow(([[0.5]], [1.0]), teachers.delay(1)).steps_to(),
    "residues: cancel": lambda: teachers.rational([0.5, 0.5], [1.0, -1.0]),
    "taps: energy": lambda: teachers.fir([1e-200]),
    "function: 1 values": lambda: teachers.response(lambda t: 0.5 ** t[:1], constant=1.0, ratio=0.5),
    "coordinates: a NoneType": lambda: learning_speeds(([[0.5]], [1.0]), teachers.delay(1), coordinates=None),
    "u: numbers beyond": lambda: teachers.recorded(1e170 * RNG.standard_normal(50), RNG.standard_normal(50), 2),
    "fraction: must lie strictly": lambda: learning_speeds(([[0.5]], [1.0]), teachers.delay(1), fraction=1.0),
    "fraction": lambda: learning_speeds(([[0.5]], [1.0]), teachers.delay(1), fraction=1.5),
}


@pytest.mark.parametrize("said", BAD)
def test_bad_input(said):
    with pytest.raises(lssm.InvalidInputError, match=said):
        BAD[said]()
