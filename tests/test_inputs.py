"""Bad input to functions: one clear error that names the argument; foreign systems."""

import pickle
import warnings

import numpy as np
import pytest
import scipy.signal
import scipy.sparse

import lssm


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: lssm.Poles.from_discrete([]), "values"),
        (lambda: lssm.Poles.from_discrete(0.5), "values"),
        (lambda: lssm.Poles.from_discrete([np.nan]), "values"),
        (lambda: lssm.Poles.from_discrete([np.inf]), "values"),
        (lambda: lssm.Poles.from_discrete(["a"]), "values"),
        (lambda: lssm.Poles.from_discrete([0.5j], real=True), "real"),
        (lambda: lssm.Poles.from_continuous([-1.0], 0.0), "step"),
        (lambda: lssm.Poles.from_continuous([-1.0], 0.1, "rk4"), "method"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([1.0]), 5), "poles"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), 0), "delays"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), [-1]), "delays"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), [1.5]), "delays"),
        (lambda: lssm.memory_function("poles", 5), "system"),
        (lambda: lssm.memory_function(np.array([0.9, 0.5]), 5), "system"),
        (lambda: lssm.Poles([0.5]), "Poles"),
        (lambda: lssm.group_delay([0.5], [0.0]), "poles"),
        (lambda: lssm.allpass_impulse_response([0.5], 3), "poles"),
        (lambda: lssm.naive_gramian_memory([0.5], 3), "poles"),
        (lambda: lssm.Poles.from_continuous([[-1, -2], [-1, -3]], [0.1, 0.2, 0.3]), "step"),
        (lambda: lssm.Poles.from_continuous([-1.0], None), "step"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), 5).length([0.1, 0.5]), "fraction"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), 5).length(1.0), "fraction"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), 5, workers=0), "workers"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), 5).save("/no/such/folder/m.json"), "path"),
        (lambda: lssm.checkpoints.load(None), "path"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), [[1], [1, 2]]), "delays"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), 3, workers=np.array([1, 2])), "workers"),
        (lambda: lssm.Poles.from_discrete([0.5], tolerance="x"), "tolerance"),
        (lambda: lssm.reservoirs.gaussian(order=3, radius=[0.5]), "radius"),
        (lambda: lssm.reservoirs.sparse(order=3, density=[]), "density"),
        (lambda: lssm.reservoirs.echo_state(np.eye(2), [1, 1], leak=[0.5, 0.6]), "leak"),
        (lambda: lssm.DiscreteSSM(scipy.sparse.eye(3), [1, 1, 1]), "matrix"),
        (lambda: lssm.spectra.s4d_lin(order=3, step=0.1), "order"),
        (lambda: lssm.DiscreteSSM(np.ones((2, 3)), [1, 1]), "matrix"),
        (lambda: lssm.DiscreteSSM(np.eye(2), [1, 1, 1]), "B"),
        (lambda: lssm.checkpoints.load("missing.safetensors"), "checkpoint"),
    ],
)
def test_errors_name_the_argument(call, named):
    with pytest.raises(lssm.LssmError) as caught:
        call()
    assert str(caught.value).startswith(named + ":")
    assert isinstance(caught.value, (ValueError, OSError))


def test_systems_compare_and_pickle():
    system = lssm.DiscreteSSM(lssm.Diagonal([0.5, 0.25]), [1, 1])
    assert pickle.loads(pickle.dumps(system)) == system
    assert system != lssm.DiscreteSSM(lssm.Diagonal([0.5, 0.3]), [1, 1])
    poles = lssm.spectra.s4d_lin(order=4, step=0.1)
    assert pickle.loads(pickle.dumps(poles)) == poles
    with pytest.raises(ValueError):
        poles.log[0] = 0


def test_clock_conversion_keeps_the_impulse_response():
    rng = np.random.default_rng(0)
    for A in (rng.normal(size=(3, 3)) / 3, np.diag([1.0, 1.0], 1)):
        B, C = rng.normal(size=(3, 1)), rng.normal(size=(1, 3))
        reference = np.concatenate([[0.7], [(C @ np.linalg.matrix_power(A, t) @ B).item() for t in range(5)]])
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            ours = lssm.as_discrete(scipy.signal.StateSpace(A, B, C, [[0.7]], dt=1.0))
        assert (len(said) == 1) == (abs(np.linalg.det(A)) < 1e-12)
        x, response = np.zeros((ours.order, 1)), []
        for t in range(6):
            x = ours.A.to_dense() @ x + ours.B * (t == 0)
            response.append((ours.C @ x + ours.D * (t == 0)).item())
        assert np.allclose(response, reference, rtol=1e-12, atol=1e-12)


def test_diagonal_system_counts_reached_distinct_modes():
    system = lssm.DiscreteSSM(lssm.Diagonal([0.5, 0.5, 0.3, 0.2]), [1, 2, 1, 0])
    assert lssm.memory_capacity(system) == 2


def test_a_batch_of_systems_at_different_scales_is_not_singular():
    A = np.stack([1e-20 * np.eye(2), np.eye(2) / 2])
    system = lssm.DiscreteSSM.from_next_state(A, np.ones((2, 2, 1)), np.ones((2, 1, 2)))
    assert np.allclose(system.C[1], 2)
