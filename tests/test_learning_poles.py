"""Learning the poles: derivatives against fifty digits, flows against other integrators, optima against brute force."""

import mpmath
import numpy as np
import pytest
import scipy.integrate

import lssm
from lssm import parameterisations
from lssm.dynamics import h2_optimal, pole_flow, pole_loss, teachers
from lssm.dynamics._charts import Stored, plain_chart
from lssm.dynamics._search import interpolant
from lssm.dynamics._sections import logs_of, sections_of

REAL = ([0.8, 0.6 + 0.3j, 0.6 - 0.3j], [1, 2j, -2j])
MODES = ([0.8, 0.6 + 0.3j, -0.2], [1, 2j, 0.5])
TAPS = [0.3, 1, -0.5j, 0.2, 0.7, 0.1]
POLES = [0.9 * np.exp(0.3j), 0.9 * np.exp(-0.3j), 0.5, -0.7 + 0.2j]
KINDS = {"modes": teachers.rational(*MODES), "taps": teachers.fir(TAPS)}
STEP = mpmath.mpf(10) ** -13


def _exact_loss(poles, kind, readout=None, weights=None, modes=MODES):
    """The loss from its definition: normal equations in the current number of digits."""
    lam = [mpmath.mpc(x) for x in poles]
    b = [mpmath.mpc(1)] * len(lam) if weights is None else list(weights)
    if kind == "modes":
        p, r = ([mpmath.mpc(x) for x in part] for part in modes)
        at = [sum(mpmath.conj(s) / (1 - mpmath.conj(o) * z) for o, s in zip(p, r, strict=True)) for z in lam]
        energy = sum(r[i] * mpmath.conj(r[j]) / (1 - p[i] * mpmath.conj(p[j])) for i in range(3) for j in range(3))
    else:
        at = [sum(mpmath.conj(mpmath.mpc(x)) * z**t for t, x in enumerate(TAPS)) for z in lam]
        energy = sum(abs(mpmath.mpc(x)) ** 2 for x in TAPS)
    G = mpmath.matrix([[bx * mpmath.conj(by) / (1 - x * mpmath.conj(y)) for by, y in zip(b, lam)] for bx, x in zip(b, lam)])  # noqa: B905
    q = mpmath.matrix([x * y for x, y in zip(b, at, strict=True)])
    c = mpmath.lu_solve(G, q) if readout is None else mpmath.matrix([mpmath.mpc(x) for x in readout])
    return mpmath.re(energy) - 2 * mpmath.re((c.H * q)[0]) + mpmath.re((c.H * G * c)[0])


def _differences(f, x):
    """Gradient and Hessian of a function of real numbers, by central differences in the current number of digits."""
    n = len(x)

    def at(*moves):
        y = list(x)
        for i, sign in moves:
            y[i] += sign * STEP
        return f(y)

    gradient = [(at((i, 1)) - at((i, -1))) / (2 * STEP) for i in range(n)]
    hessian = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            total = sum(a * b * at((i, a), (j, b)) for a in (1, -1) for b in (1, -1))
            hessian[i, j] = hessian[j, i] = float(total / (4 * STEP**2))
    return np.array([float(g) for g in gradient]), hessian


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("readout", [None, [1, 0.5j, 2, -1]])
def test_derivatives_against_fifty_digits(kind, readout):
    found = pole_loss(lssm.Poles.from_discrete(POLES), KINDS[kind], readout=readout, hessian=True)
    with mpmath.workdps(50):
        parts = [mpmath.mpf(float(x)) for z in POLES for x in (z.real, z.imag)]
        g, H = _differences(lambda v: _exact_loss([mpmath.mpc(*v[2 * k : 2 * k + 2]) for k in range(4)], kind, readout), parts)
        assert abs(found.value / _exact_loss(POLES, kind, readout) - 1) <= 1e-13
    x, y = slice(0, None, 2), slice(1, None, 2)
    scale = np.abs(H).max()
    assert np.abs(found.gradient - 0.5 * (g[x] - 1j * g[y])).max() <= 1e-9 * np.abs(g).max()
    assert np.abs(found.hessian - 0.25 * (H[x, x] - H[y, y] - 1j * (H[x, y] + H[y, x]))).max() <= 1e-9 * scale
    assert np.abs(found.mixed - 0.25 * (H[x, x] + H[y, y] - 1j * (H[x, y] - H[y, x]))).max() <= 1e-9 * scale


def _models():
    return {
        "S4D": parameterisations.S4D(log_A_real=np.log([0.5, 0.7, 0.3]), A_imag=[1.0, 3.0, 0.0], log_dt=np.log(0.1)),
        "LRU": parameterisations.LRU(nu_log=[-3.0, -2.0], theta_log=[0.0, -1.0]),
        "DSS exp": parameterisations.DSS([-0.5, 0.1], [1.0, 3.0], -2.0, -1.8),
        "DSS softmax": parameterisations.DSS([-0.5, -0.6], [1.0, 3.0], -2.0, -1.8, version="softmax"),
        "Mamba": parameterisations.Mamba(np.log([1.0, 2.0, 5.0]), -1.0),
    }


def _stored(name, v):
    """Logarithms of stored poles and input factors, from the published formulas."""
    exp, j = mpmath.exp, mpmath.mpc(0, 1)
    if name == "S4D":
        a, step = [-exp(v[k]) + j * v[3 + k] for k in range(3)], exp(v[6])
        return [z * step for z in a], [(exp(z * step) - 1) / z for z in a]
    if name == "LRU":
        logs = [-exp(v[k]) + j * exp(v[2 + k]) for k in range(2)]
        return logs, [mpmath.sqrt(1 - abs(exp(z)) ** 2) for z in logs]
    if name.startswith("DSS"):
        own = [(-exp(v[k]) if name == "DSS exp" else v[k]) + j * v[2 + k] for k in range(2)]
        logs = [z.real * exp(v[4]) + j * z.imag * exp(v[5]) for z in own]
        return logs, [(exp(z) - 1) / o for z, o in zip(logs, own, strict=True)]
    step = mpmath.log(1 + exp(v[3]))
    return [mpmath.mpc(-exp(v[k]) * step) for k in range(3)], [mpmath.mpc(step)] * 3


@pytest.mark.parametrize("inputs", [None, "fixed", "model"])
@pytest.mark.parametrize("name", _models())
def test_parameters_against_fifty_digits(name, inputs):
    """Best readout, given readout, and given readout with input weights that move as the model discretizes."""
    model = _models()[name]
    names = list(model.groups)
    start = [mpmath.mpf(float(x)) for part in names for x in np.ravel(getattr(model, part))]
    order, n = model.poles.order, np.asarray(model._log()).size
    own = np.array([1.0, 0.5j, -2.0])[:n] if name != "Mamba" else np.array([1.0, 0.5, -2.0])
    pairs = slice(0, order - n)
    c = np.concatenate([own, own[pairs].conj()])

    def loss(v):
        logs, factors = _stored(name, v)
        lam = [mpmath.exp(z) for z in logs]
        both = lam + [mpmath.conj(z) for z in lam[pairs]], factors + [mpmath.conj(z) for z in factors[pairs]]
        return _exact_loss(both[0], "modes", None if inputs is None else c, both[1] if inputs == "model" else None, REAL)

    options = {} if inputs is None else {"readout": c, "inputs": inputs}
    found = pole_loss(model, teachers.rational(*REAL), hessian=inputs != "model", **options)
    with mpmath.workdps(50):
        g, H = _differences(loss, start)
        assert abs(found.value / loss(start) - 1) <= 1e-12
    ours = np.concatenate([np.ravel(found.parameters[part]) for part in names])
    exists = ~np.isnan(ours)
    assert exists.sum() == len(start) - (name == "S4D")  # the frequency of a real pole has no derivative
    assert np.abs(ours - g)[exists].max() <= 1e-9 * np.abs(g[exists]).max()
    if inputs != "model":
        rows = np.ix_(exists, exists)
        assert np.abs(found.parameter_hessian - H)[rows].max() <= 1e-9 * np.abs(H[rows]).max()


@pytest.mark.parametrize("lag", [0, 3, 50])
def test_teaching_a_delay_is_moving_its_memory(lag):
    poles = lssm.spectra.s4d_lin(order=16, step=0.05)
    found = pole_loss(poles, teachers.delay(lag), hessian=True)
    assert abs(found.value - lssm.memory_function(poles, lag + 1).complement[lag]) <= 1e-14
    gradient = lssm.memory_gradient(poles, [lag])[:, 0]
    assert np.abs(found.gradient + gradient).max() <= 1e-12 * np.abs(gradient).max()
    for j, k in ((0, 0), (0, 3), (5, 2)):
        for conjugate, ours in ((False, found.hessian), (True, found.mixed)):
            exact = -lssm.memory_hessian(poles, [lag], j, k, conjugate=conjugate)[0]
            assert abs(ours[j, k] - exact) <= 1e-11 * np.abs(found.mixed).max()


def test_small_losses_keep_their_digits():
    logs, away = np.array([-1e-9, -0.1]), 1e-6
    poles, teacher = lssm.Poles.from_log(logs * (1 + away)), teachers.rational(lssm.Poles.from_log(logs), [1e-4, 1.0])
    with mpmath.workdps(80):
        p, lam = ([mpmath.exp(mpmath.mpf(float(z))) for z in x] for x in (logs, poles.log.real))
        r = [mpmath.mpf(1e-4), mpmath.mpf(1)]
        G = mpmath.matrix([[1 / (1 - x * y) for y in lam] for x in lam])
        q = mpmath.matrix([sum(s / (1 - o * x) for o, s in zip(p, r, strict=True)) for x in lam])
        energy = sum(r[i] * r[j] / (1 - p[i] * p[j]) for i in range(2) for j in range(2))
        exact = energy - (q.T * mpmath.lu_solve(G, q))[0]
        assert exact < 1e-10 * energy
        assert abs(pole_loss(poles, teacher).value / exact - 1) <= 1e-12


def test_input_weights_do_not_matter_to_the_best_readout_and_do_to_a_given_one():
    poles, c = lssm.Poles.from_discrete(POLES), np.array([1, 0.5j, 2, -1])
    for name in ("readout_gradient", "input_gradient"):
        assert not getattr(pole_loss(poles, KINDS["modes"]), name).any()
    b, h = np.array([1.0, 2.0, 0.5j, 1.0]), 1e-6
    found = pole_loss(poles, KINDS["modes"], readout=c, weights=b)
    for k in range(4):
        for ours, moved in (
            (found.input_gradient[k], lambda x, k=k: {"readout": c, "weights": b + x * np.eye(4)[k]}),
            (found.readout_gradient[k].conj(), lambda x, k=k: {"readout": c + x * np.eye(4)[k], "weights": b}),
        ):
            value = [pole_loss(poles, KINDS["modes"], **moved(x)).value for x in (h, -h, 1j * h, -1j * h)]
            exact = 0.5 * ((value[0] - value[1]) - 1j * (value[2] - value[3])) / (2 * h)
            assert abs(ours - exact) <= 1e-8 * abs(found.value)


def _plain_gradient(values, teacher_modes, residues):
    """½ gradient of the loss with the best readout, by differences of the normal equations; two real poles."""

    def loss(x):
        G = 1 / (1 - np.outer(x, x))
        q = np.array([np.sum(residues / (1 - teacher_modes * p)) for p in x])
        return -q @ np.linalg.solve(G, q)

    h = 1e-5
    return np.array([0.5 * (loss(values + h * e) - loss(values - h * e)) / (2 * h) for e in np.eye(2)])


def test_flow_against_another_integrator():
    p, r = np.array([0.9, -0.6, 0.2]), np.array([1.0, 0.5, -1.0])
    start, end = np.array([0.3, -0.2]), 3.0
    flow = pole_flow(lssm.Poles.from_discrete(start), teachers.rational(p, r), time=end)
    other = scipy.integrate.solve_ivp(lambda _, y: -_plain_gradient(y, p, r), (0, end), start, "DOP853", rtol=1e-10, atol=1e-12)
    assert np.abs(np.sort(flow.poles.values[-1].real) - np.sort(other.y[:, -1])).max() <= 1e-7
    assert flow.verdict == "time" and (np.diff(flow.loss) <= 1e-12).all()


def test_joint_flow_is_the_limit_of_gradient_descent():
    """Explicit steps on stored parameters, Richardson-extrapolated in the step."""
    z, c, end, ratio = 0.4 + 0.3j, 0.5 - 0.2j, 2.0, 0.3
    teacher = teachers.rational([0.7 * np.exp(0.8j), 0.7 * np.exp(-0.8j)], [1.0, 1.0])
    flow = pole_flow(lssm.Poles.from_discrete([z, z.conjugate()]), teacher, time=end, readout=[c, np.conj(c)], ratio=ratio)
    ends = []
    for steps in (2000, 4000):
        x, w = z, c
        for _ in range(steps):
            found = pole_loss(lssm.Poles.from_discrete([x, np.conj(x)]), teacher, readout=[w, np.conj(w)])
            # Real parameters: dL = 4 Re(∂L/∂λ dλ) and dL = 4 Re(∂L/∂c̄ dc̄) for pairs that move together
            x, w = x - ratio * end / steps * 2 * found.gradient[0].conj(), w - end / steps * 2 * found.readout_gradient[0]
        ends.append(np.array([x, w]))
    limit = 2 * ends[1] - ends[0]
    assert abs(flow.poles.values[-1, 0] - limit[0]) <= 1e-6 and abs(flow.readout[-1, 0] - limit[1]) <= 1e-6


def test_parameterised_flow_follows_its_own_gradient():
    model = _models()["S4D"]
    teacher = teachers.rational([0.9, 0.8 * np.exp(0.2j), 0.8 * np.exp(-0.2j)], [1.0, 0.5, 0.5])
    flow = pole_flow(model, teacher, time=1e-3)
    found = pole_loss(model, teacher)
    speed = 0.25 * sum(np.nansum(g**2) for g in found.parameters.values())  # |θ̇|² = ¼|∇L|²; dL/dt = ∇L·θ̇ = -½|∇L|²
    assert abs((flow.loss[-1] - flow.loss[0]) / (-2 * speed * 1e-3) - 1) <= 1e-2


def test_a_stored_real_pole_stays_one():
    model = parameterisations.S4D(log_A_real=np.log([0.5, 0.5]), A_imag=[0.0, 3.0], log_dt=np.log(0.1))
    flow = pole_flow(model, teachers.rational([0.95, -0.5], [1.0, 0.3]), time=1.0)
    assert flow.poles.order.tolist() == [3] * flow.times.size and flow.loss[-1] < flow.loss[0]


def test_verdicts():
    near = teachers.rational([0.8], [1.0])
    assert pole_flow(lssm.Poles.from_discrete([0.2]), near).verdict == "stationary"
    assert pole_flow(lssm.Poles.from_discrete([0.2]), near, time=0.1).verdict == "time"
    apart = teachers.rational([0.8 * np.exp(1j), 0.8 * np.exp(-1j)], [1.0, 1.0])
    met = pole_flow(lssm.Poles.from_discrete([0.2, 0.3]), apart)
    assert met.verdict == "met" and abs(np.subtract(*met.poles.values[-1])) < 1e-3
    rim = teachers.rational(lssm.Poles.from_log([-1e-12]), [1.0])
    circle = pole_flow(lssm.Poles.from_log([-1e-7]), rim)
    assert circle.verdict == "circle" and circle.poles.damping[-1, 0] <= 1.01e-10


def test_flow_moves_memory_and_creates_none():
    poles = lssm.spectra.s4d_lin(order=8, step=0.1)
    flow = pole_flow(poles, teachers.delay(30), time=10.0)
    memory = flow.memory(200)
    total = memory.values.sum(-1) + memory.remainder
    assert np.abs(total - 7).max() <= 1e-9
    assert memory.values[-1, 30] > 2 * memory.values[0, 30]
    assert np.abs(flow.loss - memory.complement[:, 30]).max() <= 1e-12


def _random_teacher(rng):
    pairs, reals = int(rng.integers(2, 5)), int(rng.integers(0, 3))
    z = rng.uniform(0.3, 0.95, pairs) * np.exp(1j * rng.uniform(0, np.pi, pairs))
    r = rng.standard_normal(pairs) + 1j * rng.standard_normal(pairs)
    x, rx = rng.uniform(-0.9, 0.95, reals), rng.standard_normal(reals)
    return np.concatenate([z, z.conj(), x]), np.concatenate([r, r.conj(), rx])


@pytest.mark.parametrize("seed", range(8))
def test_interpolation_and_recovery(seed):
    rng = np.random.default_rng(seed)
    p, r = _random_teacher(rng)
    teacher = teachers.rational(p, r)
    order = int(rng.integers(1, p.size))
    best = h2_optimal(teacher, order)
    assert best.interpolation.max() <= 1e-8 and best.curvature > 0
    model, exact = (lambda z: np.sum(best.residues / (1 - best.poles.values * z))), (lambda z: np.sum(r / (1 - p * z)))
    for z in best.poles.values.conj():
        assert abs(model(z) - exact(z)) <= 1e-8 * np.sqrt(teacher.energy / (1 - abs(z) ** 2))
    truncated = lssm.balanced_truncation(teacher.system, order).system
    if truncated.order == order:
        assert best.loss <= lssm.h2_distance(teacher.system, truncated) ** 2 * (1 + 1e-9)
    assert abs(lssm.h2_distance(teacher.system, best.system) ** 2 / best.loss - 1) <= 1e-6
    recovered = h2_optimal(teacher, p.size)
    assert recovered.relative <= 1e-20
    assert lssm.h2_distance(teacher.system, recovered.system) ** 2 <= 1e-20 * teacher.energy


def test_order_one_against_every_pole():
    p, r = np.array([0.9, -0.8, 0.5]), np.array([1.0, 1.2, -1.0])
    grid = np.tanh(np.linspace(-4, 4, 200_001))
    value = np.sum(r[:, None] / (1 - p[:, None] * grid), 0)
    losses = np.sum(r[:, None] * r / (1 - np.outer(p, p))) - (1 - grid**2) * value**2
    best = h2_optimal(teachers.rational(p, r), 1)
    assert abs(best.loss / losses.min() - 1) <= 1e-8
    assert abs(best.poles.values[0] - grid[losses.argmin()]) <= 1e-3


def test_a_few_multistarts_of_another_method():
    """Loss by QR on a long response, BFGS with difference gradients; all twenty: tests/benchmarks/compare_multistart.py."""
    from tests.benchmarks.compare_multistart import compared

    for row in compared(cases=4, starts=6):
        assert row.ours <= row.theirs * (1 + 1e-6) + 1e-13


@pytest.mark.parametrize(("order", "fraction"), [(2, 0.523), (4, 0.656), (8, 0.768)])
def test_best_memory_of_one_lag(order, fraction):
    lag = 10 * order - 1
    best = h2_optimal(teachers.delay(lag), order)
    memory = lssm.memory_function(best.poles, lag + 1)
    assert abs(memory.values[lag] * (lag + 1) / order - fraction) <= 1e-3
    assert abs(1 - memory.values[lag] - best.relative) <= 1e-12


CHARTS = {
    "plain": lambda: plain_chart(lssm.Poles.from_discrete([*POLES[:3], 0.4j, -0.4j]), True),
    "plain, complex": lambda: plain_chart(lssm.Poles.from_discrete(POLES), True),
    "sections": lambda: sections_of(lssm.Poles.from_discrete([0.9j, -0.9j, 0.5, 0.3, -0.8, 0.2 + 0.1j, 0.2 - 0.1j]).log),
    "logs": lambda: logs_of(lssm.Poles.from_discrete(POLES).log),
    **{name: lambda name=name: Stored(_models()[name]) for name in _models()},
}


@pytest.mark.parametrize("name", CHARTS)
def test_charts_against_differences(name):
    """λ(θ) moves as its Jacobian says, the Jacobian as the second derivatives say."""
    chart, h = CHARTS[name](), 1e-6
    theta = chart.start

    def moved(k, sign):
        return theta + sign * h * np.eye(theta.size)[k]

    for k in range(theta.size):
        difference = (
            (np.exp(chart.log(moved(k, 1))) - np.exp(chart.log(moved(k, -1)))) / (2 * h) if (name, k) != ("S4D", 5) else 0
        )
        assert np.abs(chart.jacobian(theta)[:, k] - difference).max() <= 1e-8
        second = chart.second(theta)
        if second is not None and (name, k) != ("S4D", 5):  # that is the frequency of a real pole, which stands still
            difference = (chart.jacobian(moved(k, 1)) - chart.jacobian(moved(k, -1))) / (2 * h)
            assert np.abs(second[:, :, k] - difference).max() <= 1e-8


def test_sections_reach_what_they_came_from():
    for values in ([0.9j, -0.9j, 0.5, 0.3, -0.8], [0.999999, 0.999998], [0.5, -0.5, 0.2 + 1e-9j, 0.2 - 1e-9j]):
        chart = sections_of(lssm.Poles.from_discrete(values).log)
        found = np.exp(chart.log(chart.start))
        assert np.abs(np.sort_complex(found) - np.sort_complex(np.array(values, complex))).max() <= 1e-7


@pytest.mark.parametrize("real", [True, False])
def test_interpolant_has_the_poles_of_a_teacher_of_its_order(real):
    """The pencil of divided differences at any points, not only at the optimum."""
    p = [0.8, 0.6 + 0.3j, 0.6 - 0.3j] if real else [0.8, 0.6 + 0.3j, -0.2 + 0.1j]
    teacher = teachers.rational(p, [1, 2j, -2j] if real else [1, 2j, 0.5])
    at = lssm.Poles.from_discrete([0.5, 0.3 + 0.4j, 0.3 - 0.4j] if real else [0.5, 0.3 + 0.4j, 0.1j]).log
    assert np.abs(np.sort_complex(np.exp(interpolant(teacher, at))) - np.sort_complex(p)).max() <= 1e-12


@pytest.mark.parametrize(("poles", "residues"), [([0.0, 0.5], [1, 1]), ([0.0], [2]), ([-0.9, -0.5, 0.0], [1, -1, 1])])
def test_poles_at_zero(poles, residues):
    """A direct term of the teacher is a pole at 0 of the model."""
    best = h2_optimal(teachers.rational(poles, residues), len(poles))
    assert best.relative <= 1e-20
    assert np.abs(np.sort(best.poles.values.real) - np.sort(poles)).max() <= 1e-7


@pytest.mark.parametrize("lag", [1, 2, 5])
def test_repeated_optima_have_finite_models(lag):
    best = h2_optimal(teachers.delay(lag), lag + 1)
    assert best.relative <= 1e-20 and np.isfinite(best.residues).all()
    off = np.abs(lssm.impulse_response(best.system, lag + 3) - np.eye(lag + 3)[lag]).max()
    assert off <= 1e-9 + 1e-15 * np.abs(best.residues).max()  # large residues cancel


def test_teachers_far_away_and_of_any_scale():
    best = h2_optimal(teachers.delay(20_000), 1)
    r2 = 20_000 / 20_001  # of (1-r²) r^2D, one real pole
    assert abs((1 - best.relative) / ((1 - r2) * r2**20_000) - 1) <= 1e-6
    for scale in (1e-120, 1e120):
        assert h2_optimal(teachers.fir([scale, 0.5 * scale]), 1).interpolation.max() <= 1e-8


@pytest.mark.parametrize("gap", [1e-11, 1e-9])
def test_flow_to_the_circle_ends(gap):
    flow = pole_flow(lssm.Poles.from_discrete([0.9]), teachers.rational([1 - gap], [1.0]), max_steps=300)
    assert flow.verdict in ("circle", "stationary", "steps") and np.isfinite(flow.loss).all()
    assert flow.times.size <= 301


def test_delay_line_is_found():
    best = h2_optimal(teachers.delay(3), 4)  # four poles at 0
    assert best.relative <= 1e-20 and np.abs(best.poles.values).max() <= 1e-3


def test_complex_teachers():
    p, r = np.array([0.9j, 0.5 + 0.2j, -0.3]), np.array([1.0, 2.0, 1j])
    assert h2_optimal(teachers.rational(p, r), 3).relative <= 1e-20
    assert h2_optimal(teachers.rational(p, r), 2).interpolation.max() <= 1e-8


BAD = {
    "order": lambda: h2_optimal(teachers.delay(3), 0),
    "order: 3 exceeds the teacher's McMillan degree 2": lambda: h2_optimal(teachers.rational([0.5, 0.2], [1.0, 1.0]), 3),
    "surplus": lambda: h2_optimal(teachers.delay(3), 2, surplus="keep"),
    "starts": lambda: h2_optimal(teachers.delay(3), 2, starts=0),
    "rng": lambda: h2_optimal(teachers.delay(3), 2, rng="a"),
    "teacher: a list": lambda: h2_optimal([1.0], 1),
    "poles: unstable": lambda: pole_loss(lssm.Poles.from_discrete([1.0]), teachers.delay(1)),
    "poles: a batch": lambda: pole_loss(lssm.Poles.from_discrete([[0.5], [0.2]]), teachers.delay(1)),
    "poles: a list": lambda: pole_flow([0.5], teachers.delay(1)),
    "poles: a batch of models": lambda: pole_loss(parameterisations.LRU([[-1.0]], [[0.0]]), teachers.delay(1)),
    "weights": lambda: pole_loss(lssm.Poles.from_discrete([0.5]), teachers.delay(1), weights=[1.0]),
    "readout": lambda: pole_loss(lssm.Poles.from_discrete([0.5]), teachers.delay(1), readout=[1.0, 2.0]),
    "inputs": lambda: pole_loss(lssm.Poles.from_discrete([0.5]), teachers.delay(1), readout=[1.0], inputs="model"),
    "rtol": lambda: pole_flow(lssm.Poles.from_discrete([0.5]), teachers.delay(1), rtol=1e3),
    "max_steps": lambda: pole_flow(lssm.Poles.from_discrete([0.5]), teachers.delay(1), max_steps=0),
    "time": lambda: pole_flow(lssm.Poles.from_discrete([0.5]), teachers.delay(1), time=-1.0),
    "ratio": lambda: pole_flow(lssm.Poles.from_discrete([0.5]), teachers.delay(1), ratio=2.0),
    "readout: not conjugate": lambda: pole_flow(lssm.Poles.from_discrete([0.5j, -0.5j]), teachers.delay(1), readout=[1.0, 2.0]),
    "teacher: complex": lambda: pole_flow(_models()["S4D"], teachers.rational([0.5j], [1.0])),
}


@pytest.mark.parametrize("said", BAD)
def test_bad_input(said):
    with pytest.raises(lssm.InvalidInputError, match=said):
        BAD[said]()


def test_surplus_poles_can_be_dropped():
    found = h2_optimal(teachers.rational([0.5, 0.2], [1.0, 1.0]), 5, surplus="drop")
    assert found.poles.order == 2 and found.relative <= 1e-20
