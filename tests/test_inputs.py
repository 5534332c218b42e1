"""Bad input: one clear error that names the argument; foreign systems; checkpoints; the command line."""

import pickle
import random
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.signal

import lssm
from lssm.cli import main

DATA = Path(__file__).parent / "data"


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
        (lambda: lssm.Poles.from_continuous([-1.0], 0.1, "euler"), "method"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([1.0]), 5), "poles"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), 0), "delays"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), [-1]), "delays"),
        (lambda: lssm.memory_function(lssm.Poles.from_discrete([0.5]), [1.5]), "delays"),
        (lambda: lssm.memory_function("poles", 5), "system"),
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


def test_trained_checkpoint_remembers_slightly_less():
    means = {}
    for name in ("init", "trained"):
        layers = lssm.checkpoints.load(DATA / f"s4d_digits_{name}.safetensors").layers.values()
        means[name] = np.mean([lssm.memory_function(layer.poles, 64).values.sum(-1).mean() for layer in layers])
    assert means["init"] == pytest.approx(24.45, abs=5e-3)
    assert means["trained"] == pytest.approx(23.98, abs=5e-3)  # 23.97 with nearly coinciding poles merged


def test_checkpoint_reader_survives_mutations(tmp_path):
    original = (DATA / "s4d_digits_init.safetensors").read_bytes()
    rng, path, refused = random.Random(0), tmp_path / "m.safetensors", 0
    for _ in range(1000):
        data = bytearray(original)
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(min(len(data), rng.choice([8, 4000, len(data)])))] = rng.randrange(256)
        path.write_bytes(bytes(data[: rng.choice([len(data), rng.randrange(len(data))])]))
        try:
            lssm.checkpoints.load(path)
        except lssm.CheckpointError:
            refused += 1
    assert refused > 300


def test_command_line_errors_are_one_line_and_exit_2(capsys, tmp_path):
    rng = random.Random(0)
    words = ["memory", "s4d-lin", "legs", "delay-line", "--order", "--step", "--delays", "--json", "--plot", "-1", "0", "8",
             "nan", "inf", "1e-3", "", "--method", "bilinear", "--seed", str(tmp_path / "no" / "x.png"), "x.bmp", "é"]
    for _ in range(500):
        code = main([rng.choice(words[:4]), *rng.choices(words, k=rng.randint(0, 6))])
        shown = capsys.readouterr()
        assert code in (0, 2)
        assert shown.err.count("\n") == (code == 2)
    assert not any(tmp_path.iterdir())


def test_command_line_table_json_and_figure(capsys, tmp_path):
    assert main(["memory", "s4d-lin", "--order", "8", "--delays", "16", "--plot", str(tmp_path / "m.png")]) == 0
    assert (tmp_path / "m.png").stat().st_size > 1000
    capsys.readouterr()
    assert main(["memory", "s4d-lin", "--order", "8", "--delays", "16", "--json"]) == 0
    import json

    assert json.loads(capsys.readouterr().out)["capacity"] == 7
