"""The trainer: gradients against complex steps, solutions against scikit-learn, descent against closed forms."""

from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest
import scipy.optimize
import sklearn.base
import sklearn.linear_model
import sklearn.metrics
import sklearn.pipeline
import sklearn.preprocessing
import sklearn.utils.estimator_checks

import lssm
from lssm.dynamics import ReadoutFlow, teachers
from lssm.training import History, LinearReadout, StateFeatures, TrainedSSM

RNG = np.random.default_rng(8)
STEP = 1e-200


@pytest.fixture(autouse=True)
def _same_numbers_in_any_order():
    RNG.bit_generator.state = np.random.default_rng(9).bit_generator.state


# An independent model: real arithmetic only, so that complex steps go through; one mode at a time, one step at a time.


def _twin_modes(kind, p):
    """Re and Im of log λ and of the input factor, from parameters that may carry a complex step."""
    if kind == "S4D":
        step = np.exp(p["log_dt"])[..., None]
        a, w = -np.exp(p["log_A_real"]), p["A_imag"]
        d, t = a * step, w * step
        re, im = np.exp(d) * np.cos(t) - 1, np.exp(d) * np.sin(t)  # e^ℓ - 1 over a + iw
        size = a * a + w * w
        return d, t, (re * a + im * w) / size, (im * a - re * w) / size
    if kind == "LRU":
        d, t = -np.exp(p["nu_log"]), np.exp(p["theta_log"])
        return d, t, np.ones_like(d), np.zeros_like(d)
    if kind == "DSS":
        a, w = -np.exp(p["Lambda_re"]), p["Lambda_im"]
        d, t = a * np.exp(p["log_dt_re"])[..., None], w * np.exp(p["log_dt_im"])[..., None]
        re, im = np.exp(d) * np.cos(t) - 1, np.exp(d) * np.sin(t)
        size = a * a + w * w
        return d, t, (re * a + im * w) / size, (im * a - re * w) / size
    step = np.log1p(np.exp(p["dt"]))[..., None]
    return -np.exp(p["A_log"]) * step, 0 * p["A_log"], step + 0 * p["A_log"], 0 * p["A_log"]


def _twin_loss(kind, p, u, z, loss, pooling, washout):
    """Mean loss with every complex number held as two real ones."""
    d, t, f, g = (part.reshape(-1) for part in _twin_modes(kind, p))
    br, bi = (p[name].reshape(d.size, -1) for name in ("B_re", "B_im"))
    vr, vi = np.sqrt(2) * (f[:, None] * br - g[:, None] * bi), np.sqrt(2) * (f[:, None] * bi + g[:, None] * br)
    lr, li = np.exp(d) * np.cos(t), np.exp(d) * np.sin(t)
    kind_of = np.result_type(lr, vr, float)
    total, rows = 0.0, 0
    for sequence, target in zip(u, z, strict=True):
        x, y = np.zeros(d.size, kind_of), np.zeros(d.size, kind_of)
        seen = []
        for inputs in sequence:
            x, y = lr * x - li * y + vr @ inputs, lr * y + li * x + vi @ inputs
            seen.append(np.concatenate([x, y]))
        seen = seen[-1:] if pooling == "last" else seen[washout:]
        if pooling == "mean":
            seen = [sum(seen) / len(seen)]
        for features, wanted in zip(seen, target if pooling == "each" else [target], strict=True):
            scores = features @ p["coefficients"] + p["intercept"]
            rows += 1
            if loss == "squared":
                total = total + 0.5 * np.sum((scores - wanted) ** 2)
            else:
                total = total + np.log(np.sum(np.exp(scores))) - scores[wanted]
    return total / rows


def _complex_step(function, p, name):
    found = np.zeros(p[name].shape)
    for place in np.ndindex(p[name].shape):
        moved = {key: value.astype(complex) for key, value in p.items()}
        moved[name][place] += 1j * STEP
        found[place] = function(moved).imag / STEP
    return found


KINDS = {
    "S4D": lssm.parameterisations.S4D(np.log([0.5, 0.3, 1.0]), [0.0, 2.0, 9.0], np.log(0.1)),
    "LRU": lssm.parameterisations.LRU([-3.0, -1.0], [0.3, -0.7]),
    "DSS": lssm.parameterisations.DSS([0.1, -0.5], [1.0, 4.0], -2.0, -1.5),
    "Mamba": lssm.parameterisations.Mamba(np.log([1.0, 2.0, 3.0]), -2.0),
    "channels": lssm.parameterisations.S4D(np.log([[0.5, 0.3], [1.0, 0.2]]), [[0.0, 2.0], [1.0, 5.0]], np.log([0.1, 0.02])),
    "Mamba channels": lssm.parameterisations.Mamba(np.log([[1.0, 2.0], [3.0, 5.0]]), [-2.0, -4.0]),
}


@pytest.mark.parametrize("loss", ["squared", "softmax"])
@pytest.mark.parametrize("pooling", ["last", "mean", "each"])
@pytest.mark.parametrize("m", [1, 2])
@pytest.mark.parametrize("name", KINDS)
def test_gradients_against_complex_steps(name, m, pooling, loss):
    start, kind = KINDS[name], name.split()[0].replace("channels", "S4D")
    n, T, washout = 3, 9, 0 if pooling == "last" else 2
    rng = np.random.default_rng(3)
    u = rng.standard_normal((n, T, m))
    shape = (n, T) if pooling == "each" else (n,)
    z = rng.integers(0, 3, shape) if loss == "softmax" else rng.standard_normal((*shape, 2))
    if loss == "softmax":
        z.ravel()[:3] = [0, 1, 2] if pooling != "each" else z.ravel()[:3]
        z[..., -1:] = [[2], [1], [0]] if pooling == "each" else z[..., -1:]
    B = rng.standard_normal((*start.stored.shape, m)) + 1j * rng.standard_normal((*start.stored.shape, m))
    rates = {"readout": 0.05, "poles": 0.01, "steps": 0.01, "inputs": 0.1}
    options = {"loss": loss, "pooling": pooling, "washout": washout, "inputs": B, "rates": rates, "epochs": 5, "rng": 0}
    model = TrainedSSM(start, **options).fit(u if m > 1 else u[..., 0], z)
    value, found = model.gradient(u if m > 1 else u[..., 0], z)
    p = {key: np.array(getattr(model.parameters_, key)) for key in start.groups}
    p |= {"B_re": model.inputs_.real, "B_im": model.inputs_.imag, **model._give()}
    target = z[:, washout:] if pooling == "each" else z

    def twin(moved):
        return _twin_loss(kind, moved, u, target, loss, pooling, washout)

    assert value == pytest.approx(twin(p), rel=1e-12)
    found = found | {"B_re": found["inputs"].real, "B_im": found["inputs"].imag}
    for key in p:
        wanted = _complex_step(twin, p, key)
        assert np.abs(found[key] - wanted).max() <= 1e-9 * np.abs(wanted).max() + 1e-15, key
        assert wanted.any() or name.startswith("Mamba"), key


SYSTEMS = {
    "S4D-Lin": lssm.spectra.s4d_lin(order=16, step=0.1),
    "half": lssm.Poles.from_discrete([0.9j, 0.5 + 0.2j]),
    "dense": (RNG.standard_normal((5, 5)) / 5, RNG.standard_normal(5)),
    "two inputs": (RNG.standard_normal((5, 5)) / 5, RNG.standard_normal((5, 2))),
    "LegS": lssm.discretize(lssm.spectra.hippo(order=8), 0.05),
    "low rank": lssm.DiscreteSSM(lssm.DPLR([0.5, 0.2j], [[0.1], [0.2]], [[0.3], [0.1]]), [1.0, 1.0]),
    "delay line": lssm.DiscreteSSM(np.diag(np.ones(3), -1), np.eye(4)[0]),
}


@pytest.mark.parametrize("pooling", ["last", "mean", "each"])
@pytest.mark.parametrize("name", SYSTEMS)
def test_features_against_the_recurrence(name, pooling):
    system = SYSTEMS[name]
    if isinstance(system, lssm.Poles):
        A, B = np.diag(system.values), np.ones((system.order, 1))
    else:
        one = lssm.as_discrete(system)
        A, B = one.A.to_dense(), one.B
    u = RNG.standard_normal((4, 12, B.shape[1]))
    washout = 0 if pooling == "last" else 5
    model = StateFeatures(system, pooling=pooling, washout=washout)
    found = model.fit_transform(u if B.shape[1] > 1 else u[..., 0])
    x, rows = np.zeros((4, len(A)), complex), []
    for t in range(12):
        x = x @ A.T + u[:, t] @ B.T
        rows.append(x)
    states = np.stack(rows, 1)[:, washout:]
    states = states[:, -1] if pooling == "last" else states.mean(1) if pooling == "mean" else states
    # inner products with the reachable functions do not depend on the coordinates chosen
    flat, own = found.reshape(-1, found.shape[-1]), states.reshape(-1, states.shape[-1])
    wanted = (own @ own.conj().T).real
    assert np.abs(flat @ flat.T - wanted).max() <= 1e-13 * np.abs(wanted).max()


def test_features_of_unlike_lengths_one_a_step():
    model = StateFeatures(SYSTEMS["S4D-Lin"], pooling="each").fit(np.ones((1, 5)))
    assert model.transform(np.ones((2, 9))).shape == (2, 9, 15)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("outputs", [None, 3])
@pytest.mark.parametrize("penalty", [1e-8, 1e-2, 10.0])
def test_ridge_equals_scikit_learn(penalty, outputs, intercept):
    u = RNG.standard_normal((200, 30)) + 1.0
    z = RNG.standard_normal((200, outputs) if outputs else 200) + 2.0
    fit = LinearReadout(SYSTEMS["S4D-Lin"], penalty=penalty, intercept=intercept).fit(u, z)
    features = fit.features_.transform(u)
    other = sklearn.linear_model.Ridge(alpha=penalty, fit_intercept=intercept, solver="svd").fit(features, z)
    assert np.abs(fit.predict(u) - other.predict(features)).max() <= 1e-10
    assert np.abs(fit.coef_ - other.coef_).max() <= 1e-10 * np.abs(other.coef_).max()
    assert fit.coef_.shape == other.coef_.shape and fit.predict(u).shape == z.shape
    assert fit.score(u, z) == pytest.approx(other.score(features, z), abs=1e-12)
    assert fit.error(u, z) == pytest.approx(np.mean(np.sum((fit.predict(u) - z).reshape(200, -1) ** 2, 1)), rel=1e-13)


def test_penalty_by_generalised_cross_validation_against_the_hat_matrix():
    u = RNG.standard_normal((60, 30))
    z = u[:, -4] + RNG.standard_normal(60)
    fit = LinearReadout(SYSTEMS["S4D-Lin"]).fit(u, z)
    F = fit.features_.transform(u)
    F = F - F.mean(0)

    def error(penalty):
        H = F @ np.linalg.solve(F.T @ F + penalty * np.eye(F.shape[1]), F.T) + 1 / 60
        return 60 * np.sum((z - H @ z) ** 2) / (60 - np.trace(H)) ** 2

    best = scipy.optimize.minimize_scalar(lambda x: error(10**x), bounds=(-2, 4), method="bounded", options={"xatol": 1e-8})
    assert abs(np.log10(fit.penalty_) - best.x) <= 1e-3
    assert error(fit.penalty_) <= best.fun * (1 + 1e-10)


def test_penalty_by_validation():
    u, v = RNG.standard_normal((40, 30)), RNG.standard_normal((50, 30))
    z, w = (x[:, -4] + RNG.standard_normal(len(x)) for x in (u, v))
    fit = LinearReadout(SYSTEMS["S4D-Lin"], penalty="validation").fit(u, z, validation=(v, w))
    for factor in (0.5, 0.9, 1.1, 2.0):
        other = LinearReadout(SYSTEMS["S4D-Lin"], penalty=factor * fit.penalty_).fit(u, z)
        assert other.error(v, w) >= fit.error(v, w) - 1e-12


@pytest.mark.parametrize("penalty", [0.1, 1.0, 10.0])
def test_softmax_reaches_the_optimum_of_scikit_learn(penalty):
    task = lssm.tasks.digits().taken(slice(300))
    poles = lssm.spectra.s4d_lin(order=16, step=0.1)
    fit = LinearReadout(poles, loss="softmax", penalty=penalty, epochs=5000, tolerance=1e-8).fit(task.u, task.z)
    F = fit.features_.transform(task.u)
    other = sklearn.linear_model.LogisticRegression(C=1 / penalty, max_iter=20_000, tol=1e-9).fit(F, task.z)

    def objective(coef, probabilities):
        return sklearn.metrics.log_loss(task.z, probabilities) + 0.5 * penalty / len(F) * np.sum(coef**2)

    ours, theirs = objective(fit.coef_, fit.predict_proba(task.u)), objective(other.coef_, other.predict_proba(F))
    assert abs(ours - theirs) <= 1e-6
    assert fit.error(task.u, task.z) == pytest.approx(sklearn.metrics.log_loss(task.z, fit.predict_proba(task.u)), rel=1e-12)
    assert fit.score(task.u, task.z) == np.mean(fit.predict(task.u) == task.z)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("name", ["S4D-Lin", "dense", "LegS"])
def test_descent_on_population_data_is_the_closed_form(name, momentum):
    """An impulse for each delay has exactly the second moments of white noise, so theory must hold to rounding."""
    system, T, k = SYSTEMS[name], 4000, 300
    teacher = teachers.delay(7)
    limit = ReadoutFlow(system, teacher).largest_rate
    flow = ReadoutFlow(system, teacher, rate=0.4 * limit, momentum=momentum)
    u = np.eye(T)[:, ::-1] * np.sqrt(T)  # row i: an impulse i steps before the end
    z = np.where(np.arange(T) == 7, np.sqrt(T), 0.0)
    options = {"intercept": False, "rate": 0.4 * limit, "momentum": momentum, "epochs": k, "tolerance": 0.0}
    fit = LinearReadout(system, method="momentum", **options).fit(u, z)
    wanted = flow.loss(np.arange(k + 1))
    assert np.abs(fit.history_.loss - wanted).max() <= 1e-10


def test_standardized_features_are_those_of_a_pipeline():
    u, z = RNG.standard_normal((80, 20)), RNG.standard_normal((80, 2))
    fit = LinearReadout(SYSTEMS["LegS"], standardize=True, penalty=3.0).fit(u, z)
    steps = (StateFeatures(SYSTEMS["LegS"]), sklearn.preprocessing.StandardScaler(), sklearn.linear_model.Ridge(alpha=3.0))
    pipe = sklearn.pipeline.make_pipeline(*steps).fit(u, z)
    assert np.abs(fit.predict(u) - pipe.predict(u)).max() <= 1e-10
    labels = np.arange(80) % 3
    fit = LinearReadout(SYSTEMS["LegS"], loss="softmax", standardize=True, penalty=1.0, epochs=3000).fit(u, labels)
    pipe = sklearn.pipeline.make_pipeline(*steps[:2], sklearn.linear_model.LogisticRegression(max_iter=5000, tol=1e-10))
    assert np.abs(fit.predict_proba(u) - pipe.fit(u, labels).predict_proba(u)).max() <= 1e-5


@pytest.mark.parametrize("method", ["gd", "momentum", "adam", "lbfgs"])
def test_every_method_finds_the_ridge_solution(method):
    u, z = RNG.standard_normal((100, 30)), RNG.standard_normal((100, 2))
    ridge = LinearReadout(SYSTEMS["S4D-Lin"], penalty=5.0).fit(u, z)
    rate = 0.001 if method == "adam" else None
    fit = LinearReadout(SYSTEMS["S4D-Lin"], method=method, penalty=5.0, epochs=20_000, tolerance=1e-12, rate=rate).fit(u, z)

    def objective(one):
        return one.error(u, z) + 5.0 / len(u) * np.sum(one.coef_**2)

    assert 0.0 <= objective(fit) - objective(ridge) + 1e-15 <= 1e-6 * objective(ridge)
    assert np.abs(fit.predict(u) - ridge.predict(u)).max() <= 1e-3


def test_rows_and_the_triangle_give_one_descent():
    u, z = RNG.standard_normal((100, 30)), RNG.standard_normal((100, 2))
    options = {"method": "momentum", "epochs": 20, "penalty": 2.0, "tolerance": 0.0}
    whole = LinearReadout(SYSTEMS["S4D-Lin"], **options).fit(u, z)
    rows = LinearReadout(SYSTEMS["S4D-Lin"], batch=100, rate=whole_rate(whole, u), **options).fit(u, z)
    assert np.abs(whole.history_.loss - rows.history_.loss).max() <= 1e-12
    assert np.abs(whole.coef_ - rows.coef_).max() <= 1e-12


def whole_rate(fit, u):
    """Inverse of the largest curvature, from the definition."""
    F = np.hstack([fit.features_.transform(u), np.ones((len(u), 1))])
    return 1 / (np.linalg.eigvalsh(F.T @ F / len(F))[-1] + 2.0 / len(F))


def test_trained_without_rates_is_fixed():
    """Poles that may move but have rate zero, and poles that may not: two routes, one run."""
    task = lssm.tasks.digits().taken(slice(300))
    start = lssm.parameterisations.S4D(np.log(np.full(8, 0.5)), np.pi * np.arange(8), np.log(0.05))
    options = {"loss": "softmax", "batch": 50, "epochs": 5, "rng": 3}
    rates = {"poles": 0.0, "steps": 0.0, "inputs": 0.0}
    moving = TrainedSSM(start, rates=rates, **options).fit(task.u, task.z)
    fixed = TrainedSSM(start, train=(), **options).fit(task.u, task.z)
    assert np.abs(moving.history_.loss - fixed.history_.loss).max() <= 1e-12
    assert np.abs(moving.coef_ - fixed.coef_).max() <= 1e-11
    assert moving.poles_ == fixed.poles_


def test_system_of_a_trained_model_is_its_output():
    task = lssm.tasks.delayed_recall(200, 4, rng=1)
    start = KINDS["channels"]
    fit = TrainedSSM(start, pooling="each", epochs=30, intercept=False).fit(task.u, task.z)
    y = lssm.scan(fit.system_, task.u[0]).real
    assert np.abs(y - fit.predict(task.u)[0]).max() <= 1e-12
    assert fit.poles_.order == 7  # two pairs each, one of them a real pole


def test_weight_decay_is_decoupled():
    """With a gradient of nothing, Adam leaves a weight but for its decay."""
    u, z = np.zeros((4, 6)), np.ones(4)
    start = KINDS["S4D"]
    fit = TrainedSSM(start, epochs=10, decay={"poles": 2.0, "inputs": 0.5}, rates={"poles": 0.01, "inputs": 0.1}).fit(u, z)
    shrunk = {name: getattr(start, name) * (1 - 0.01 * 2.0) ** 10 for name in ("log_A_real", "A_imag")}
    for name, wanted in shrunk.items():
        assert np.abs(getattr(fit.parameters_, name) - wanted).max() <= 1e-14
    assert np.abs(fit.inputs_ - (1 - 0.1 * 0.5) ** 10).max() <= 1e-14
    assert fit.parameters_.log_dt == start.log_dt


def test_adam_against_its_definition():
    from lssm.training._rules import Adam

    rule, value, moment, square = Adam(), np.array([1.0 + 2.0j]), np.zeros(2), np.zeros(2)
    for k in range(1, 20):
        gradient = np.array([complex(np.sin(k), k)])
        parts = np.array([gradient[0].real, gradient[0].imag])
        moment, square = 0.9 * moment + 0.1 * parts, 0.999 * square + 0.001 * parts**2
        step = 0.1 * (moment / (1 - 0.9**k)) / (np.sqrt(square / (1 - 0.999**k)) + 1e-8)
        wanted = value[0] - complex(*step)
        value = rule("p", value, gradient, 0.1)
        assert abs(value[0] - wanted) <= 1e-15


def test_default_rate_is_the_inverse_of_the_largest_curvature():
    """Of softmax at most half of the second moments: the loss must fall at every step, at twice the rate for quadratic losses."""
    u, z = RNG.standard_normal((60, 20)), RNG.standard_normal(60)
    fit = LinearReadout(SYSTEMS["S4D-Lin"], method="gd", epochs=200, tolerance=0.0).fit(u, z)
    F = np.hstack([fit.features_.transform(u), np.ones((60, 1))])
    largest = np.linalg.eigvalsh(F.T @ F / 60)[-1]
    first = LinearReadout(SYSTEMS["S4D-Lin"], method="gd", epochs=1, tolerance=0.0).fit(u, z)
    assert first.coef_ == pytest.approx(F[:, :-1].T @ z / 60 / largest, rel=1e-10)
    labels = (z > 0).astype(int)
    first = LinearReadout(SYSTEMS["S4D-Lin"], method="gd", loss="softmax", penalty=0.0, epochs=1).fit(u, labels)
    slope = F[:, :-1].T @ (0.5 - np.eye(2)[labels]) / 60
    assert first.coef_ == pytest.approx(-slope.T / (0.5 * largest), rel=1e-10)


# Data that come in chunks


def test_chunks_and_arrays_on_disk_change_nothing(tmp_path):
    u, z = RNG.standard_normal((300, 20)), RNG.standard_normal((300, 2))
    whole = LinearReadout(SYSTEMS["S4D-Lin"], penalty=2.0).fit(u, z)
    parts = [(u[i : i + 70], z[i : i + 70]) for i in range(0, 300, 70)]
    np.save(tmp_path / "u.npy", u)
    on_disk = np.load(tmp_path / "u.npy", mmap_mode="r")
    for fit in (
        LinearReadout(SYSTEMS["S4D-Lin"], penalty=2.0).fit_chunks(parts),
        LinearReadout(SYSTEMS["S4D-Lin"], penalty=2.0).fit_chunks(lambda: iter(parts)),
        LinearReadout(SYSTEMS["S4D-Lin"], penalty=2.0).fit(on_disk, z),
    ):
        assert np.abs(fit.predict(u) - whole.predict(u)).max() <= 1e-10


def test_features_made_anew_in_every_pass_change_nothing(monkeypatch):
    task = lssm.tasks.digits().taken(slice(200))
    options = {"loss": "softmax", "method": "adam", "batch": 1000, "epochs": 10, "rng": 0, "standardize": True}
    held = LinearReadout(SYSTEMS["S4D-Lin"], **options).fit(task.u, task.z)
    monkeypatch.setattr("lssm.training._stream.HELD", 100)
    made = LinearReadout(SYSTEMS["S4D-Lin"], **options).fit(task.u, task.z)
    assert np.abs(held.history_.loss - made.history_.loss).max() <= 1e-12


def test_a_long_sequence_is_one_step_at_a_time():
    task = lssm.tasks.delayed_recall(5000, 5, rng=0)
    poles = lssm.spectra.s4d_lin(order=8, step=0.3)
    one = LinearReadout(poles, pooling="each", washout=100).fit(task.u, task.z)
    F = one.features_.transform(task.u)[0]
    other = sklearn.linear_model.Ridge(alpha=one.penalty_, solver="svd").fit(F, task.z[0, 100:])
    assert np.abs(one.predict(task.u)[0] - other.predict(F)).max() <= 1e-9


# What ends training


def test_divergence_stops_warns_and_keeps_the_best():
    u, z = RNG.standard_normal((100, 30)), RNG.standard_normal(100)
    with pytest.warns(lssm.TrainingWarning, match="diverged"):
        fit = LinearReadout(SYSTEMS["S4D-Lin"], method="gd", rate=10.0).fit(u, z)
    assert fit.history_.stopped == "diverged" and np.isfinite(fit.coef_).all()
    assert fit.error(u, z) == pytest.approx(fit.history_.loss.min(), rel=1e-10)
    with pytest.warns(lssm.TrainingWarning, match="diverged"):
        fit = TrainedSSM(KINDS["S4D"], method="gd", rates=1e3).fit(u, z)
    assert np.isfinite(fit.predict(u)).all() and fit.history_.stopped == "diverged"


@pytest.mark.parametrize("method", ["adam", "lbfgs"])
def test_interruption_keeps_what_was_learned_and_can_go_on(method, monkeypatch):
    task = lssm.tasks.digits().taken(slice(300))
    from lssm.training._rows import ReadoutObjective

    honest, calls = ReadoutObjective.gradient, []

    def interrupted(self, weights, batch):
        calls.append(1)
        if len(calls) == 12:
            raise KeyboardInterrupt
        return honest(self, weights, batch)

    monkeypatch.setattr(ReadoutObjective, "gradient", interrupted)
    fit = LinearReadout(SYSTEMS["S4D-Lin"], loss="softmax", method=method, warm_start=True, epochs=30)
    with pytest.raises(KeyboardInterrupt):
        fit.fit(task.u, task.z)
    assert fit.history_.stopped == "interrupted" and 3 < fit.history_.loss.size < 15
    before = fit.error(task.u, task.z)
    assert before == pytest.approx(fit.history_.loss.min(), rel=1e-12) and before < fit.history_.loss[0]
    assert fit.fit(task.u, task.z).history_.loss[0] == pytest.approx(before, rel=1e-12)
    assert fit.error(task.u, task.z) < before


def test_early_stopping_keeps_the_best_on_validation_data():
    u, z = RNG.standard_normal((30, 30)), RNG.standard_normal(30)
    v, w = RNG.standard_normal((100, 30)), RNG.standard_normal(100)
    fit = LinearReadout(SYSTEMS["S4D-Lin"], method="gd", epochs=500, patience=20)
    fit.fit(u, z, validation=(v, w))
    history = fit.history_
    assert history.stopped == "early" and history.best == np.argmin(history.validation)
    assert fit.error(v, w) == pytest.approx(history.validation.min(), rel=1e-10)
    assert isinstance(history, History) and "early after" in str(history)
    assert history.steps_to(history.loss[5]) == 5 and history.steps_to(0.0) == np.inf


def test_a_run_that_ends_above_its_start_has_diverged():
    u, z = RNG.standard_normal((40, 20)), RNG.standard_normal(40)
    for model in (
        LinearReadout(SYSTEMS["S4D-Lin"], method="adam", rate=10.0, epochs=20),
        TrainedSSM(KINDS["S4D"], rates=10.0, epochs=20),
    ):
        with pytest.warns(lssm.TrainingWarning, match="diverged"):
            fit = model.fit(u, z)
        assert fit.error(u, z) == pytest.approx(fit.history_.loss.min(), rel=1e-10)


def test_what_a_readout_cannot_see_in_its_own_coordinates():
    """A random reservoir holds lag 80 by its memory function; its own coordinates hide that from doubles, others do not."""
    reservoir = lssm.reservoirs.sparse(order=100, density=0.1, radius=0.9, rng=0)
    task = lssm.tasks.delayed_recall(8000, 80, rng=1)
    found = {}
    for name, system in {"own": reservoir, "input-normal": lssm.input_normal(reservoir).system}.items():
        fit = LinearReadout(system, pooling="each", washout=500).fit(task.u, task.z)
        found[name] = fit.rank_, fit.score(task.u, task.z)
    assert found["own"][0] < 90 and found["own"][1] < 0.1
    assert (
        found["input-normal"][0] == 100 and abs(found["input-normal"][1] - lssm.memory_function(reservoir, [80]).values[0]) < 0.01
    )


def test_convergence_is_noticed():
    u, z = RNG.standard_normal((100, 30)), RNG.standard_normal(100)
    assert LinearReadout(SYSTEMS["LegS"], method="lbfgs").fit(u, z).history_.stopped == "converged"
    fit = LinearReadout(SYSTEMS["S4D-Lin"], method="gd", epochs=100_000, tolerance=1e-3).fit(u, z)
    assert fit.history_.stopped == "converged" and fit.history_.loss.size < 100_000


# Files


def _saved(tmp_path, system, **options):
    u = RNG.standard_normal((60, 10))
    z = np.array(["a", "b", "c"])[np.arange(60) % 3] if options.get("loss") == "softmax" else RNG.standard_normal(60)
    fit = LinearReadout(system, **options).fit(u, z)
    fit.save(tmp_path / "readout.npz")
    return fit, u, z


@pytest.mark.parametrize("loss", ["squared", "softmax"])
@pytest.mark.parametrize("name", [name for name in SYSTEMS if name != "two inputs"])
def test_a_saved_readout_predicts_the_same(tmp_path, name, loss):
    fit, u, z = _saved(tmp_path, SYSTEMS[name], loss=loss, epochs=20)
    back = LinearReadout.load(tmp_path / "readout.npz")
    assert np.array_equal(back.predict(u), fit.predict(u)) and back.score(u, z) == fit.score(u, z)
    assert back.coef_.shape == fit.coef_.shape and back.penalty_ == fit.penalty_
    assert (back.history_ is None) == (fit.history_ is None)
    assert back.set_params(warm_start=True).fit(u, z).score(u, z) >= fit.score(u, z) - 0.1


@pytest.mark.parametrize("loss", ["squared", "softmax"])
@pytest.mark.parametrize("name", KINDS)
def test_a_saved_trained_model_predicts_the_same_and_goes_on(tmp_path, name, loss):
    u = RNG.standard_normal((30, 10, 2))
    z = np.arange(30) % 3 if loss == "softmax" else RNG.standard_normal((30, 2))
    model = TrainedSSM(KINDS[name], loss=loss, pooling="mean", washout=2, epochs=3, rates={"poles": 0.02}, decay=0.1).fit(u, z)
    model.save(tmp_path / "model.npz")
    back = TrainedSSM.load(tmp_path / "model.npz")
    assert np.array_equal(back.predict(u), model.predict(u)) and back.poles_ == model.poles_
    assert np.array_equal(back.history_.loss, model.history_.loss) and back.history_.stopped == model.history_.stopped
    going = back.set_params(warm_start=True).fit(u, z)
    assert going.history_.loss[0] == pytest.approx(model.history_.loss.min(), rel=1e-12)
    with pytest.raises(lssm.CheckpointError, match="something else"):
        LinearReadout.load(tmp_path / "model.npz")


def test_damaged_foreign_and_later_files(tmp_path):
    _saved(tmp_path, SYSTEMS["LegS"])
    path = tmp_path / "readout.npz"
    whole = path.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:size])
        with pytest.raises(lssm.CheckpointError, match=r"readout\.npz"):
            LinearReadout.load(path)
    with pytest.raises(lssm.CheckpointError, match="no file"):
        LinearReadout.load(tmp_path / "nothing.npz")
    path.write_bytes(whole)
    with np.load(path) as file:
        content = dict(file)
    header = str(content["header"])
    np.savez(path, **content | {"header": np.array(header.replace('"version": 1', '"version": 2'))})
    with pytest.raises(lssm.CheckpointError, match="version 2"):
        LinearReadout.load(path)
    np.savez(path, **content | {"header": np.array("[]")})
    with pytest.raises(lssm.CheckpointError, match="something else"):
        LinearReadout.load(path)
    np.savez(path, header=content["header"])
    with pytest.raises(lssm.CheckpointError, match="damaged"):
        LinearReadout.load(path)


def test_nothing_half_written(tmp_path):
    fit, u, _ = _saved(tmp_path, SYSTEMS["LegS"])
    with pytest.raises(lssm.OutputError):
        fit.save(tmp_path / "nowhere" / "readout.npz")
    with pytest.raises(lssm.InvalidInputError, match="suffix"):
        fit.save(tmp_path / "readout.pkl")
    with pytest.raises(lssm.InvalidInputError, match="not fitted"):
        LinearReadout(SYSTEMS["LegS"]).save(tmp_path / "other.npz")
    fit = LinearReadout(SYSTEMS["LegS"], loss="softmax", epochs=3).fit(u, np.array([Fraction(1), Fraction(2)] * 30))
    with pytest.raises(lssm.InvalidInputError, match="labels"):
        fit.save(tmp_path / "other.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["readout.npz"]


# Bad input


U, Z = np.zeros((5, 10)), np.zeros(5)
WRONG = {
    "targets too few": (lambda m: m.fit(U, Z[:4]), "targets"),
    "targets too many": (lambda m: m.fit(U, np.zeros(6)), "targets"),
    "targets with too many axes": (lambda m: m.fit(U, np.zeros((5, 2, 2))), "y: shape"),
    "no targets": (lambda m: m.fit(U, None), "y"),
    "one sequence": (lambda m: m.fit(U[0], Z), r"X\[None, :\]"),
    "no sequences": (lambda m: m.fit(U[:0], Z[:0]), "X: 0 sample"),
    "NaN": (lambda m: m.fit(U * np.nan, Z), "NaN"),
    "infinity": (lambda m: m.fit(U + np.inf, Z), "infinity"),
    "NaN in the targets": (lambda m: m.fit(U, Z * np.nan), "NaN"),
    "complex": (lambda m: m.fit(U * 1j, Z), "Complex"),
    "strings": (lambda m: m.fit(U.astype(str), Z), "numeric"),
    "labels for numbers": (lambda m: m.fit(U, list("abcde")), "softmax"),
    "two inputs": (lambda m: m.fit(np.zeros((5, 10, 2)), Z), "1 input"),
    "another length": (lambda m: m.fit(U, Z).predict(np.zeros((5, 9))), "9 features"),
    "not fitted": (lambda m: m.predict(U), "fit"),
    "probabilities of numbers": (lambda m: m.fit(U, Z).predict_proba(U), "softmax"),
    "a column of labels": (lambda m: m.set_params(loss="softmax").fit(U, [[0], [1], [0], [1], [1]]), "column"),
    "a generator": (lambda m: m.fit_chunks((U, Z) for _ in range(2)), "dry"),
    "no chunks": (lambda m: m.fit_chunks([]), "chunks"),
    "no pairs": (lambda m: m.fit_chunks([1, 2]), "chunks"),
    "a number of chunks": (lambda m: m.fit_chunks(3), "chunks"),
    "chunks of different outputs": (lambda m: m.fit_chunks([(U, Z), (U, np.zeros((5, 2)))]), "outputs"),
    "validation of another length": (lambda m: m.set_params(method="gd").fit(U, Z, validation=(U, Z[:3])), "targets"),
}
OPTIONS = {
    "pooling": ("sum", "pooling"),
    "loss": ("hinge", "loss"),
    "method": ("sgd", "method"),
    "penalty": (-1.0, "penalty"),
    "washout": (10, "washout"),
    "system": (lssm.Poles.from_log([-1.0, -1.0]), "repeated"),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_named(name):
    call, said = WRONG[name]
    with pytest.raises(lssm.InvalidInputError, match=said):
        call(LinearReadout(SYSTEMS["LegS"]))


@pytest.mark.parametrize("name", OPTIONS)
def test_bad_options_are_named(name):
    value, said = OPTIONS[name]
    with pytest.raises(lssm.InvalidInputError, match=said):
        LinearReadout(**{"system": SYSTEMS["LegS"], name: value}).fit(U, Z)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"method": "ridge"}, "squared"),
        ({"penalty": "gcv"}, "penalty"),
        ({"batch": 3}, "batch"),
        ({"method": "adam", "batch": 0}, "batch"),
        ({"method": "adam", "rate": -1.0}, "rate"),
        ({"method": "adam", "patience": 0}, "patience"),
        ({"method": "momentum", "momentum": 1.0}, "momentum"),
        ({"epochs": 0}, "epochs"),
        ({"method": "adam", "rng": "x"}, "rng"),
    ],
)
def test_bad_options_of_descent(options, said):
    with pytest.raises(lssm.InvalidInputError, match=said):
        LinearReadout(SYSTEMS["LegS"], loss="softmax", **options).fit(U, [0, 1, 0, 1, 1])


def test_labels_unseen_in_fitting():
    fit = LinearReadout(SYSTEMS["LegS"], loss="softmax", epochs=3).fit(U, [0, 1, 0, 1, 1])
    with pytest.raises(lssm.InvalidInputError, match="label 7 was not seen"):
        fit.error(U, [0, 1, 7, 1, 1])
    assert fit.score(U, [7, 7, 7, 7, 7]) == 0.0
    with pytest.raises(lssm.InvalidInputError, match="label 2 was not seen"):
        LinearReadout(SYSTEMS["LegS"], loss="softmax").fit(U, [0, 1, 0, 1, 1], validation=(U, [0, 1, 0, 1, 2]))
    with pytest.raises(lssm.InvalidInputError, match="one class"):
        LinearReadout(SYSTEMS["LegS"], loss="softmax").fit(U, [1, 1, 1, 1, 1])
    with pytest.raises(lssm.InvalidInputError, match="continuous"):
        LinearReadout(SYSTEMS["LegS"], loss="softmax").fit(U, [0.5, 1, 1, 1, 1])


@pytest.mark.parametrize(
    "options, said",
    [
        ({"parameters": 3}, "parameters"),
        ({"train": "everything"}, "train"),
        ({"rates": {"pole": 1.0}}, "rates"),
        ({"rates": {"poles": -1.0}}, "rates"),
        ({"decay": {"poles": np.inf}}, "decay"),
        ({"method": "lbfgs"}, "method"),
        ({"inputs": [1.0, 2.0]}, "inputs"),
        ({"pooling": "sum"}, "pooling"),
    ],
)
def test_bad_options_of_the_trained_model(options, said):
    with pytest.raises(lssm.InvalidInputError, match=said):
        TrainedSSM(**{"parameters": KINDS["S4D"], **options}).fit(U, Z)


# After a hostile review


@pytest.mark.parametrize("offset", [1e2, 1e4, 1e6])
@pytest.mark.parametrize("penalty", [None, 0.0])
def test_a_constant_feature_gets_no_weight(penalty, offset):
    U = RNG.standard_normal((40, 3, 2))
    U[..., 1] = offset
    z = U[:, -1, 0] + 0.1 * RNG.standard_normal(40)
    fit = LinearReadout(lssm.DiscreteSSM(np.zeros((2, 2)), np.eye(2)), penalty=penalty).fit(U, z)
    assert fit.coef_[1] == 0.0 and abs(fit.coef_[0] - 1) < 0.2
    same = LinearReadout(SYSTEMS["S4D-Lin"], penalty=penalty).fit(np.tile(U[:1, :, 0], (40, 1)), z)
    assert not same.coef_.any() and same.intercept_ == pytest.approx(z.mean(), rel=1e-12)


def test_many_blocks_with_a_constant_feature():
    parts = [(np.dstack([RNG.standard_normal((10, 2)), np.full((10, 2), 1e5)]), RNG.standard_normal(10)) for _ in range(300)]
    for standardize in (False, True):
        fit = LinearReadout(lssm.DiscreteSSM(np.zeros((2, 2)), np.eye(2)), standardize=standardize).fit_chunks(parts)
        assert fit.coef_[1] == 0.0 and np.abs(fit.coef_).max() < 1


def test_a_fit_that_fails_changes_nothing():
    u, labels = RNG.standard_normal((40, 20)), np.arange(40) % 2
    model = LinearReadout(SYSTEMS["S4D-Lin"], loss="softmax", epochs=20).fit(u, labels)
    before = model.predict(u)
    failing = [
        ({"loss": "squared", "penalty": -1.0}, u, labels.astype(float)),
        ({"system": SYSTEMS["LegS"]}, u * np.nan, labels),
        ({}, u[:, :3], np.zeros(40)),
    ]
    for options, wrong, target in failing:
        with pytest.raises(lssm.InvalidInputError):
            model.set_params(**options).fit(wrong, target)
        assert np.array_equal(model.predict(u), before)
    trained = TrainedSSM(KINDS["S4D"], loss="softmax", epochs=2).fit(u, labels)
    before = trained.predict(u)
    with pytest.raises(lssm.InvalidInputError):
        trained.set_params(loss="squared", method="none").fit(u, labels.astype(float))
    assert np.array_equal(trained.predict(u), before)
    features = StateFeatures(SYSTEMS["S4D-Lin"]).fit(u)
    with pytest.raises(lssm.InvalidInputError):
        features.fit(np.full((3, 10), np.nan))
    assert features.n_features_in_ == 20


@pytest.mark.parametrize("size", [1e-60, 1e-5, 1.0, 1e10, 1e60])
def test_quasi_newton_does_not_care_for_units(size):
    u = RNG.standard_normal((60, 20))
    ridge = LinearReadout(SYSTEMS["S4D-Lin"], penalty=0.0).fit(u, u[:, -1])
    fit = LinearReadout(SYSTEMS["S4D-Lin"], method="lbfgs", tolerance=1e-9).fit(u * size, u[:, -1] * size)
    assert fit.score(u * size, u[:, -1] * size) == pytest.approx(ridge.score(u, u[:, -1]), abs=1e-6)


def test_targets_of_another_width():
    u, z = RNG.standard_normal((40, 20)), RNG.standard_normal(40)
    wide = np.stack([z, z], 1)
    fit = LinearReadout(SYSTEMS["S4D-Lin"]).fit(u, z)
    for call in (fit.error, fit.score):
        with pytest.raises(lssm.InvalidInputError, match="outputs"):
            call(u, wide)
    for model in (
        LinearReadout(SYSTEMS["S4D-Lin"], method="adam", rate=0.01, batch=8),
        LinearReadout(SYSTEMS["S4D-Lin"], penalty="validation"),
        TrainedSSM(KINDS["S4D"]),
    ):
        with pytest.raises(lssm.InvalidInputError, match="outputs"):
            model.fit(u, z, validation=(u, wide))
    with pytest.raises(lssm.InvalidInputError, match="outputs"):
        TrainedSSM(KINDS["S4D"], epochs=1).fit(u, z).gradient(u, wide)
    for before, after in (((u, z), (u, wide)), ((u, wide), (u, z))):
        model = LinearReadout(SYSTEMS["S4D-Lin"], method="gd", warm_start=True, epochs=2).fit(*before)
        with pytest.raises(lssm.InvalidInputError, match="warm_start"):
            model.fit(*after)
    model = LinearReadout(SYSTEMS["S4D-Lin"], loss="softmax", warm_start=True, epochs=2).fit(u, z > 0)
    with pytest.raises(lssm.InvalidInputError, match="warm_start"):
        model.fit(u, np.where(z > 0, 5, 6))


def test_what_was_fitted_is_what_is_saved(tmp_path):
    u, z = RNG.standard_normal((40, 20)), RNG.standard_normal(40)
    system = lssm.DiscreteSSM(lssm.Diagonal([0.5, -0.3]), np.ones(2))
    fit = LinearReadout(system, washout=np.int64(0), epochs=np.int64(7), penalty=np.float32(0.5)).fit(u, z)
    fit.set_params(pooling="mean", system=SYSTEMS["LegS"])
    fit.save(tmp_path / "readout.npz")
    assert np.array_equal(LinearReadout.load(tmp_path / "readout.npz").predict(u), fit.predict(u))
    words = LinearReadout(system, loss="softmax", epochs=3).fit(u, np.array(["low", "high"] * 20, object))
    words.save(tmp_path / "words.npz")
    assert np.array_equal(LinearReadout.load(tmp_path / "words.npz").predict(u), words.predict(u))
    with np.load(tmp_path / "readout.npz") as file:
        content = dict(file)
    header = np.array(str(content["header"]).replace("shape", "x"))
    for damage in ({"coef": np.zeros(7)}, {"intercept": np.zeros(3)}, {"header": header}):
        np.savez(tmp_path / "damaged.npz", **content | damage)
        with pytest.raises(lssm.CheckpointError, match="damaged"):
            LinearReadout.load(tmp_path / "damaged.npz")


def test_no_divergence_where_there_is_none():
    u, z = RNG.standard_normal((40, 20)), RNG.standard_normal(40)
    model = LinearReadout(SYSTEMS["S4D-Lin"], penalty=0.0).fit(u, np.full(40, 3.0))
    model.set_params(method="adam", penalty=0.0, warm_start=True, epochs=50).fit(u, np.full(40, 3.0))
    assert model.history_.stopped != "diverged"
    small = LinearReadout(SYSTEMS["S4D-Lin"], method="adam", epochs=5000).fit(u, 1e-3 * z)
    assert small.history_.stopped != "diverged" and small.history_.loss[1] > 1e4 * small.history_.loss[0]


@pytest.mark.parametrize("size", [1e-200, 1e110, 1e160])
def test_numbers_whose_squares_leave_the_range(size):
    for model in (LinearReadout(SYSTEMS["S4D-Lin"]), TrainedSSM(KINDS["S4D"])):
        with pytest.raises(lssm.InvalidInputError, match="scale"):
            model.fit(np.full((5, 10), size), np.ones(5))


def test_fewer_rows_than_features():
    for n in range(1, 9):
        for intercept in (True, False):
            u, z = RNG.standard_normal((n, 20)), RNG.standard_normal(n)
            fit = LinearReadout(SYSTEMS["S4D-Lin"], intercept=intercept).fit(u, z)
            assert np.isfinite(fit.coef_).all()


def test_one_iterator_twice_is_an_error():
    once = iter([(U, Z), (U, Z)])
    with pytest.raises(lssm.InvalidInputError, match="dry"):
        LinearReadout(SYSTEMS["LegS"]).fit_chunks(lambda: once)


@pytest.mark.parametrize("model", [LinearReadout(SYSTEMS["LegS"], method="gd"), TrainedSSM(KINDS["S4D"])])
def test_interruption_before_anything_was_learned(model, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lssm.training._descent.Track.see", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit(U, Z)
    assert model.history_.stopped == "interrupted" and "before" in str(model.history_) and not model.predict(U).any()


def test_interruption_between_the_two_losses(monkeypatch):
    from lssm.training._rows import Triangle

    honest, calls = Triangle.squared_error, []

    def interrupted(self, weights):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return honest(self, weights)

    monkeypatch.setattr(Triangle, "squared_error", interrupted)
    u, z = RNG.standard_normal((40, 20)), RNG.standard_normal(40)
    model = LinearReadout(SYSTEMS["S4D-Lin"], method="gd")
    with pytest.raises(KeyboardInterrupt):
        model.fit(u, z, validation=(u, z))
    assert model.history_.loss.shape == model.history_.validation.shape == model.history_.steps.shape


def _readout(**options):
    return LinearReadout(SYSTEMS["LegS"], **options)


MISSING = np.array([np.nan, "a", "b", "a", "b"], object)
MIXED = np.array([1, "a", "b", "a", "b"], object)
MORE_WRONG = {
    "validation is no pair": (lambda: _readout(method="gd").fit(U, Z, validation=(U, Z, Z)), "validation"),
    "validation is empty": (lambda: TrainedSSM(KINDS["S4D"]).fit(U, Z, validation=()), "validation"),
    "a later chunk is no pair": (lambda: _readout().fit_chunks([(U, Z), 3]), "chunks"),
    "train": (lambda: TrainedSSM(KINDS["S4D"], train=None).fit(U, Z), "train"),
    "intercept": (lambda: _readout(intercept="no").fit(U, Z), "intercept"),
    "epochs, though unused": (lambda: _readout(epochs=-3).fit(U, Z), "epochs"),
    "ragged": (lambda: _readout().fit([[1, 2], [3]], [1, 2]), "X"),
    "ragged targets": (lambda: _readout().fit(U, [[1], [1, 2], 3, 4, 5]), "y"),
    "missing labels": (lambda: _readout(loss="softmax").fit(U, MISSING), "NaN"),
    "labels of another kind": (lambda: _readout(loss="softmax", epochs=2).fit(U, list("ababa"), validation=(U, MIXED)), "label"),
    "within the washout": (
        lambda: _readout(pooling="each", washout=5).fit(np.zeros((1, 10)), np.zeros((1, 10))).predict(np.zeros((1, 5))),
        "washout",
    ),
    "batches without a rate": (lambda: _readout(method="gd", batch=2).fit(U, Z), "rate"),
    "one target a step, pooled": (lambda: _readout().fit(U[:1], U[:1]), "each"),
    "cotangents": (lambda: KINDS["S4D"].from_cotangents(np.zeros(2), np.zeros(2)), "log"),
}


@pytest.mark.parametrize("name", MORE_WRONG)
def test_more_bad_input(name):
    call, said = MORE_WRONG[name]
    with pytest.raises(lssm.InvalidInputError, match=said):
        call()


def test_labels_or_numbers_is_a_matter_of_the_fit():
    fit = LinearReadout(SYSTEMS["LegS"]).fit(U, Z)
    fit.loss = "softmax"
    assert not hasattr(fit, "predict_proba")


def test_step_gradient_of_fast_poles():
    """Of the hold, d log f/d log Δ = ℓ e^ℓ/(e^ℓ-1), which is tiny for fast poles: in 40 digits."""
    start = lssm.parameterisations.S4D(np.array([5.0, 3.0]), np.array([1.0, 2.0]), np.asarray(-1.0))
    found = start.input_derivatives()["log_dt"]
    with mpmath.workdps(40):
        for value, log in zip(found, start.stored, strict=False):
            l = mpmath.mpc(log)
            wanted = complex(l * mpmath.exp(l) / mpmath.expm1(l))
            assert abs(value - wanted) <= 1e-13 * abs(wanted)


# scikit-learn

APART = {"check_supervised_y_2d": "a column of labels is an error here, not a warning"}


@pytest.mark.filterwarnings("ignore:Estimator .* does not inherit")  # scikit-learn is optional
@pytest.mark.parametrize("model", ["numbers", "labels", "features"])
def test_estimator_checks_of_scikit_learn(model):
    line = lssm.DiscreteSSM(np.diag(np.ones(29), -1), np.eye(30)[0])
    estimator = {
        "numbers": LinearReadout(line),
        "labels": LinearReadout(line, loss="softmax"),
        "features": StateFeatures(line),
    }[model]
    found = sklearn.utils.estimator_checks.check_estimator(estimator, on_fail=None, on_skip=None)
    failed = {result["check_name"]: repr(result["exception"]) for result in found if result["status"] == "failed"}
    assert set(failed) <= set(APART), failed
    assert sum(result["status"] == "passed" for result in found) > 30


def test_clone_grid_search_and_repr():
    poles = lssm.spectra.s4d_lin(order=4, step=0.3)
    model = LinearReadout(poles, penalty=2.0)
    assert repr(model) == f"LinearReadout({poles!r}, penalty=2.0)"
    other = sklearn.base.clone(model)
    assert other.get_params() == model.get_params()
    with pytest.raises(lssm.InvalidInputError, match="unknown"):
        model.set_params(colour=1)
    from sklearn.model_selection import GridSearchCV

    u, z = RNG.standard_normal((60, 10)), RNG.standard_normal(60)
    search = GridSearchCV(model, {"penalty": [0.1, 1.0, 1e6]}, cv=3).fit(u, z)
    assert search.best_estimator_.penalty_ == search.best_params_["penalty"]
    assert sklearn.base.is_regressor(model) and sklearn.base.is_classifier(LinearReadout(poles, loss="softmax"))


# Digits, on the split that the checkpoints of tests/data were trained with


@pytest.fixture(scope="module")
def digits():
    split = np.load(Path(__file__).parent / "data" / "digits_split.npz")
    task = lssm.tasks.digits()
    return task.taken(split["train"]), task.taken(split["test"])


@pytest.fixture(scope="module")
def raw_accuracy(digits):
    train, test = digits
    return sklearn.linear_model.LogisticRegression(max_iter=5000).fit(train.u, train.z).score(test.u, test.z)


def test_a_fixed_memory_of_the_right_length_is_as_good_as_the_pixels(digits, raw_accuracy):
    train, test = digits
    fit = LinearReadout(lssm.spectra.s4d_lin(order=64, step=0.03), loss="softmax", epochs=300).fit(train.u, train.z)
    assert fit.score(test.u, test.z) >= raw_accuracy - 0.01


def test_shorter_memories_lose_in_the_order_of_their_memory_functions(digits, raw_accuracy):
    train, test = digits
    found = []
    for step in (0.03, 0.05, 0.1, 0.2, 0.5):
        poles = lssm.spectra.s4d_lin(order=64, step=step)
        fit = LinearReadout(poles, loss="softmax", epochs=150).fit(train.u, train.z)
        found.append((lssm.memory_function(poles, 64).values.sum(), fit.score(test.u, test.z)))
    stored, accuracy = np.array(found).T
    assert (np.diff(stored) < 0).all() and (np.diff(accuracy) < 0).all()
    assert accuracy[2] < raw_accuracy - 0.05


def test_trained_poles_bring_a_short_memory_to_the_task(digits):
    train, test = digits
    half, step = 32, 0.2
    start = lssm.parameterisations.S4D(np.log(np.full(half, 0.5)), np.pi * np.arange(half), np.log(step))
    rates = {"readout": 0.03, "poles": 0.01, "steps": 0.01, "inputs": 0.01}
    options = {"loss": "softmax", "batch": 50, "epochs": 40, "rates": rates, "rng": 0}
    fixed = TrainedSSM(start, train=(), **options).fit(train.u, train.z)
    whole = TrainedSSM(start, **options).fit(train.u, train.z)
    assert whole.score(test.u, test.z) > fixed.score(test.u, test.z) + 0.1
    before, after = (lssm.memory_function(poles, 64).values.sum() for poles in (fixed.poles_, whole.poles_))
    assert after > 2 * before
