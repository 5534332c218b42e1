"""How memory moves when poles move, against differences in 60-digit arithmetic, and the conservation law."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from cases import DISTINCT
from hypothesis import given
from hypothesis import strategies as st

import lssm
from lssm import parameterisations

mpmath.mp.dps = 60
STEP = mpmath.mpf(10) ** -20


def slow_memory(values, T):
    """1 - Σ|b_j|² in 60 digits, one section after another."""
    b = [mpmath.mpc(1)] + [mpmath.mpc(0)] * (T - 1)
    for pole in values:
        out, before = mpmath.mpc(0), mpmath.mpc(0)
        for j, s in enumerate(b):
            out = pole * out + before - mpmath.conj(pole) * s
            b[j], before = out, s
    spent, values = mpmath.mpf(0), []
    for x in b:
        spent += abs(x) ** 2
        values.append(1 - spent)
    return values


def slow_poles(poles):
    return [mpmath.exp(mpmath.mpc(z.real, z.imag)) if np.isfinite(z.real) else mpmath.mpc(0) for z in poles.log]


def differences(function, values, k, step=STEP, sign=-1):
    """Central Wirtinger difference of a list-valued function with respect to values[k] (or its conjugate, sign=+1)."""
    parts = []
    for direction in (step, 1j * step):
        ahead, behind = list(values), list(values)
        ahead[k], behind[k] = ahead[k] + direction, behind[k] - direction
        parts.append([(x - y) / (2 * step) for x, y in zip(function(ahead), function(behind), strict=True)])
    return [(x + sign * 1j * y) / 2 for x, y in zip(*parts, strict=True)]


CASES = {
    "s4d-lin": (DISTINCT["s4d-lin-0.01"], 120, [0, 7, 30]),
    "s4d-inv": (DISTINCT["s4d-inv-0.1"], 120, [0, 15, 16]),
    "legs": (DISTINCT["legs-0.01"], 120, [0, 5, 31]),
    "random": (DISTINCT["random"], 120, [1, 20]),
    "repeated": (lssm.Poles.from_log([-0.1, -0.1, -0.1, -0.2 + 1j, -0.2 + 1j]), 60, [0, 1, 2, 3, 4]),
    "with zeros": (lssm.Poles.from_discrete([0.0, 0.5, 0.0, -0.3j]), 40, [0, 1, 2, 3]),
    "near circle": (DISTINCT["near-circle"], 100, [0, 1, 2]),
    "one": (lssm.Poles.from_discrete([0.5 + 0.3j]), 30, [0]),
}


@pytest.mark.parametrize("name", CASES)
def test_gradient_against_differences(name):
    poles, T, chosen = CASES[name]
    gradient = lssm.memory_gradient(poles, T)
    assert gradient.shape == (poles.order, T)
    for k in chosen:
        exact = np.array([complex(x) for x in differences(lambda v: slow_memory(v, T), slow_poles(poles), k)])
        assert np.abs(gradient[k] - exact).max() <= 1e-10 * np.abs(exact).max()
        alive = np.abs(exact) > 1e-6 * np.abs(exact).max()
        assert (np.abs(gradient[k][alive] / exact[alive] - 1) <= 1e-8).all()


@pytest.mark.parametrize(("j", "k"), [(0, 1), (2, 2), (3, 4), (3, 3), (4, 0)])
@pytest.mark.parametrize("conjugate", [False, True])
def test_hessian_against_differences_of_differences(j, k, conjugate):
    poles, T = lssm.Poles.from_log([-0.1 + 0.5j, -0.05, -0.3 - 1j, -0.2 + 2j, -0.2 + 2j]), 40
    inner = lambda values: differences(lambda v: slow_memory(v, T), values, k)  # noqa: E731
    outer = differences(inner, slow_poles(poles), j, step=mpmath.mpf(10) ** -15, sign=1 if conjugate else -1)
    exact = np.array([complex(x) for x in outer])
    found = lssm.memory_hessian(poles, T, j, k, conjugate=conjugate)
    assert np.abs(found - exact).max() <= 1e-12 * np.abs(exact).max()


def what_lies_beyond(poles, T, k):
    """Σ_{τ≥T} ∂M(τ)/∂λ_k from a Stein equation for the states after T steps, by Kronecker products."""
    form = lssm.orthonormal_realisation(poles)
    A, B, C, N = form.A, form.B, form.C, form.B.size
    pole = poles.values[k]
    x, c = B, complex(form.D)
    for _ in range(T - 1):
        c = pole * c + C @ x
        x = A @ x
    F = np.block([[A, np.zeros((N, 1))], [C[None, :], np.array([[pole]])]])
    z = np.append(x, c)
    system = np.eye((N + 1) * N) - np.kron(A.conj(), F)
    S = np.linalg.solve(system, np.outer(z, x.conj()).ravel(order="F")).reshape(N + 1, N, order="F")
    future = np.linalg.solve((np.eye(N) - pole.conjugate() * A).T, C) @ A
    return np.append(C, pole) @ S @ future.conj()


@pytest.mark.parametrize("T", [1, 5, 30])
def test_conservation_with_the_remainder(T):
    poles = lssm.Poles.from_log([-0.1 + 0.5j, -0.05, -0.3 - 1j, -0.2 + 2j, -0.2 + 2j])
    gradient = lssm.memory_gradient(poles, T)
    everything = np.abs(lssm.memory_gradient(poles, 2000)).sum(1)
    for k in range(poles.order):
        assert abs(gradient[k].sum() + what_lies_beyond(poles, T, k)) <= 1e-12 * everything[k]


@pytest.mark.parametrize("name", ["s4d-lin-0.1", "s4d-inv-0.1", "legs-0.1", "random", "real-64", "s4d-lin-0.01"])
def test_conservation_over_all_delays(name):
    """Delays enough that nothing is left."""
    gradient = lssm.memory_gradient(DISTINCT[name], 20_000)
    assert (np.abs(gradient.sum(1)) <= 1e-12 * np.abs(gradient).sum(1)).all()


log_poles = st.lists(st.tuples(st.floats(-3, -1e-6), st.floats(-3, 3)).map(lambda z: complex(*z)), min_size=1, max_size=8)


@given(log_poles)
def test_theorems(log):
    """|∂M| ≤ √(M(1-M))/g, the derivative of M(0) = 1 - Π|λ|², and copies of a pole share one derivative."""
    poles = lssm.Poles.from_log([*log, log[0]])
    m, gradient = lssm.memory_function(poles, 50), lssm.memory_gradient(poles, 50)
    bound = np.sqrt(np.maximum(m.values * m.complement, 0)) / poles.damping[:, None]
    assert (np.abs(gradient) <= bound * (1 + 1e-9) + 1e-14 / poles.damping[:, None]).all()
    first = -m.complement[0] / poles.values
    largest = np.abs(gradient).max(1)
    assert (np.abs(gradient[:, 0] - first) <= 1e-12 * largest).all()
    assert np.abs(gradient[0] - gradient[-1]).max() <= 1e-12 * largest[0]


def test_batches_padding_and_delays():
    poles = lssm.spectra.s4d_lin(order=32, step=[1e-3, 1e-1])
    gradient = lssm.memory_gradient(poles, [40, 3], workers=2)
    assert gradient.shape == (2, 31, 2) and (gradient[1, 20:] == 0).all()
    assert (gradient[0] == lssm.memory_gradient(poles[0], 41)[:, [40, 3]]).all()


def test_projector_derivative_has_rank_one():
    """P by orthonormal functions on a long window, its derivative by differences: rank one, of norm 1/g."""
    log, T, h = np.array([-0.2 + 0.4j, -0.15, -0.3 - 1j]), 400, 1e-6

    def projector(values):
        phi = lssm.allpass.basis_functions(lssm.Poles.from_discrete(values), T)
        return phi.T @ phi.conj()

    values = np.exp(log)
    shift = np.array([h, 0, 0])
    parts = [(projector(values + d) - projector(values - d)) / (2 * h) for d in (shift, 1j * shift)]
    derivative = (parts[0] - 1j * parts[1]) / 2
    chi, psi = lssm.allpass.projector_derivative(lssm.Poles.from_log(log), T)
    g = lssm.Poles.from_log(log).damping[0]
    assert np.abs(derivative - np.outer(chi[0], psi[0].conj()) / g).max() <= 1e-8
    assert np.linalg.norm(chi, axis=1) == pytest.approx(1, rel=1e-12)
    assert np.linalg.norm(psi, axis=1) == pytest.approx(1, rel=1e-12)
    assert abs(np.vdot(psi[0], chi[0])) <= 1e-13


LAYERS = {
    "S4D": lambda p: parameterisations.S4D(log_A_real=p[:3] - 1, A_imag=p[3:6] * 2, log_dt=p[6] - 2),
    "LRU": lambda p: parameterisations.LRU(nu_log=p[:3] - 2, theta_log=p[3:6]),
    "DSS-exp": lambda p: parameterisations.DSS(p[:3], p[3:6], p[6] - 2, p[7] - 1),
    "DSS-softmax": lambda p: parameterisations.DSS(-np.exp(p[:3]), p[3:6], p[6] - 2, p[7] - 1, version="softmax"),
    "Mamba": lambda p: parameterisations.Mamba(A_log=p[:3] * 2, dt=p[6] - 2),
}


@pytest.mark.parametrize("name", LAYERS)
def test_chain_rules_against_differences(name):
    start = np.array([0.3, -0.2, 0.5, 0.9, 1.7, 0.4, 0.2, -0.3])
    layer, T, h = LAYERS[name](start), 30, 1e-6
    pulled = layer.pullback(lssm.memory_gradient(layer.poles, T))
    for field, gradient in pulled.items():
        value = getattr(layer, field)
        for index in np.ndindex(value.shape):
            moved = []
            for sign in (1, -1):
                array = value.copy()
                array[index] += sign * h
                moved.append(lssm.memory_function(replace(layer, **{field: array}).poles, T).values)
            difference = (moved[0] - moved[1]) / (2 * h)
            assert np.abs(gradient[index] - difference).max() <= 1e-8 * max(1.0, np.abs(difference).max()), (field, index)


def test_chain_rule_of_a_batch_of_channels_and_of_a_real_pole():
    layer = parameterisations.S4D(np.log([[0.5, 0.5], [1.0, 2.0]]), [[0.0, 3.0], [1.0, 2.0]], np.log([0.1, 0.2]))
    pulled = layer.pullback(lssm.memory_gradient(layer.poles, 20))
    assert {name: array.shape for name, array in pulled.items()} == {
        "log_A_real": (2, 2, 20), "A_imag": (2, 2, 20), "log_dt": (2, 20)
    }  # fmt: skip
    assert np.isnan(pulled["A_imag"][0, 0]).all() and np.isfinite(pulled["A_imag"][1]).all()
    assert np.isfinite(pulled["log_dt"]).all()


def test_poles_below_the_smallest_double():
    """e^-800 is zero to a double, and the rest of the gradient is that of a pole at zero."""
    tiny, zero = (lssm.memory_gradient(lssm.Poles.from_log([log, -1.0]), 4) for log in (-800.0, -np.inf))
    assert np.isfinite(tiny).all() and np.allclose(tiny, zero, rtol=1e-14)


SHARED = {
    "S4D": lambda: parameterisations.S4D([0.1, -0.2, 0.3], [1.0, 2.0, 3.0], [-2.0, -1.5, -1.0]),
    "S4D one A": lambda: parameterisations.S4D([0.1, -0.2, 0.3], [1.0, 2.0, 3.0], [-2.0, -1.5]),
    "S4D one frequency": lambda: parameterisations.S4D([[0.1, -0.2], [0.3, 0.4]], [1.0, 2.0], -1.0),
    "LRU": lambda: parameterisations.LRU([[-1.0, -2.0], [-1.5, -0.5]], [0.0, -1.0]),
    "DSS": lambda: parameterisations.DSS([0.1, 0.2], [1.0, 2.0], [-2.0, -1.0], -1.5),
    "Mamba": lambda: parameterisations.Mamba([0.1, 0.5, 0.9], [-2.0, -1.5, -50.0]),
}


@pytest.mark.parametrize("name", SHARED)
def test_chain_rules_of_shared_parameters(name):
    """A parameter that several channels share gets the sum: dM of all channels added up, by differences."""
    layer, T, h = SHARED[name](), 10, 1e-6
    pulled = layer.pullback(lssm.memory_gradient(layer.poles, T))
    for field, gradient in pulled.items():
        value = getattr(layer, field)
        assert gradient.shape == (*value.shape, T)
        for index in np.ndindex(value.shape):
            moved = []
            for sign in (1, -1):
                array = value.copy()
                array[index] += sign * h
                values = lssm.memory_function(replace(layer, **{field: array}).poles, T).values
                moved.append(values.reshape(-1, T).sum(0))
            difference = (moved[0] - moved[1]) / (2 * h)
            assert np.abs(gradient[index] - difference).max() <= 1e-7 * max(1.0, np.abs(difference).max()), (field, index)


def test_a_pole_at_minus_one_half_is_one_pole():
    """Angle π, where LRU stores one mode and its conjugate is the same: the weight of a real pole."""
    layer = parameterisations.LRU([np.log(-np.log(0.9))], [np.log(np.pi)])
    pulled, h = layer.pullback(lssm.memory_gradient(layer.poles, 3)), 1e-6
    moved = [lssm.memory_function(replace(layer, nu_log=layer.nu_log + d).poles, 3).values for d in (h, -h)]
    assert np.allclose(pulled["nu_log"][0], (moved[0] - moved[1]) / (2 * h), rtol=1e-8)
    assert layer.poles.order == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lssm.memory_gradient([0.5], 3), "poles"),
        (lambda: lssm.memory_gradient(lssm.Poles.from_discrete([1.0]), 3), "unstable"),
        (lambda: lssm.memory_gradient(lssm.Poles.from_discrete([0.5]), 0), "delays"),
        (lambda: lssm.memory_hessian(lssm.Poles.from_discrete([0.5]), 3, 0, 1), "second"),
        (lambda: lssm.memory_hessian(lssm.spectra.s4d_lin(order=4, step=[0.1, 0.2]), 3, 0, 1), "batch"),
        (lambda: parameterisations.LRU([1.0, 2.0], [1.0, 2.0, 3.0]), "shapes"),
        (lambda: parameterisations.LRU([np.nan], [1.0]), "nu_log"),
        (lambda: parameterisations.LRU([1.0, 1.0], [1.0, 1.0]).poles, "coincide"),
        (lambda: parameterisations.DSS([1.0], [1.0], 0.0, 0.0, version="x"), "version"),
        (lambda: parameterisations.S4D([800.0], [1.0], 0.0), "log_A_real, A_imag, log_dt: decays"),
        (lambda: parameterisations.LRU([1.0], [800.0]), "nu_log, theta_log: decays"),
        (lambda: parameterisations.Mamba([1.0], -800.0), "A_log, dt: decays"),
        (lambda: parameterisations.LRU([1.0], [1.0]).pullback("text"), "gradient"),
        (lambda: parameterisations.LRU([1.0], [1.0]).pullback(np.zeros((3, 5))), "gradient"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(lssm.InvalidInputError, match=message):
        call()
