"""Layers of every kind that the reader knows, from files written by hand, and the poles they mean."""

import json
import random
import struct
from pathlib import Path

import mpmath
import numpy as np
import pytest
from flint import acb, acb_mat, ctx
from oracles import ball_memory_of_pair

import lssm

DATA = Path(__file__).parent / "data"


def write(path, tensors, dtype="F32"):
    """A safetensors file by hand."""
    numpy_type = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
    head, data = {}, b""
    for name, values in tensors.items():
        array = np.asarray(values, np.float64)
        if dtype == "BF16":
            raw = (array.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()
        else:
            raw = array.astype(numpy_type[dtype]).tobytes()
        head[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    header = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    return path


S4D = {"log_dt": [-2.0, -1.0], "log_A_real": [[0.0, -1.0], [0.5, 0.25]], "A_imag": [[1.0, 2.0], [3.0, 0.0]]}
S5 = {"Lambda_re": [-0.5, -0.25], "Lambda_im": [1.0, 2.0], "log_step": [[-2.0], [-3.0]]}
LRU = {"nu_log": [-1.0, -2.0], "theta_log": [0.0, -1.0]}
MAMBA = {"A_log": [[0.0, 0.5], [1.0, 1.5], [0.25, 0.75]], "dt_proj.bias": [-4.0, -3.0, -2.0]}
MAMBA2 = {"A_log": [0.5, 1.0], "dt_bias": [-4.0, -3.0]}
RNG = np.random.default_rng(0)
S4 = {
    "inv_dt": [[-3.0], [-2.0]],
    "A_real": np.log(np.full((2, 2), 0.5)),
    "A_imag": [[1.0, 4.0], [2.0, 5.0]],
    "P": RNG.normal(size=(1, 2, 2, 2)).astype("f4"),
    "B": RNG.normal(size=(1, 2, 2, 2)).astype("f4"),
}


def named(prefix, tensors):
    return {prefix + key: value for key, value in tensors.items()}


def softplus(x):
    return np.log1p(np.exp(np.asarray(x)))


EXPECTED = {
    "S4D": (S4D, (np.array([-1.0 + 1j, -np.exp(-1.0) + 2j]) * np.exp(-2.0)), True),
    "S5": (S5, np.array([-0.5 + 1j, -0.25 + 2j]) * np.exp([-2.0, -3.0]), True),
    "LRU": (LRU, -np.exp([-1.0, -2.0]) + 1j * np.exp([0.0, -1.0]), True),
    "Mamba": (MAMBA, -np.exp([0.0, 0.5]) * softplus(-4.0) + 0j, False),
    "Mamba-2": (MAMBA2, -np.exp([0.5]) * softplus(-4.0) + 0j, False),
}


@pytest.mark.parametrize("kind", EXPECTED)
@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_poles_of_each_kind(kind, suffix, tmp_path):
    tensors, log, half = EXPECTED[kind]
    path = tmp_path / f"model{suffix}"
    if suffix == ".npz":
        np.savez(path, **{name: np.asarray(value) for name, value in named("net.layers.3.", tensors).items()})
    else:
        write(path, named("net.layers.3.", tensors), "F64")
    layer = lssm.checkpoints.load(path).layers["net.layers.3"]
    expected = np.concatenate([log, log.conj()]) if half else log
    assert layer.kind == kind
    assert np.abs(np.sort_complex(layer.poles.rows()[0]) - np.sort_complex(expected)).max() <= 1e-14
    assert layer.order == expected.size and layer.notes


def test_all_kinds_in_one_file_in_natural_order(tmp_path):
    tensors = {"head.weight": np.zeros((3, 3))}
    for k, part in enumerate([S4D, S4, S5, LRU, MAMBA, MAMBA2], 8):
        tensors |= named(f"layers.{k}.", part)
    checkpoint = lssm.checkpoints.load(write(tmp_path / "mixed.safetensors", tensors))
    assert list(checkpoint.layers) == [f"layers.{k}" for k in range(8, 14)]
    assert [layer.kind for layer in checkpoint.layers.values()] == ["S4D", "S4", "S5", "LRU", "Mamba", "Mamba-2"]
    assert "6 layers, 11 channels" in str(checkpoint)


@pytest.mark.parametrize(("dtype", "step"), [("F16", 2.0**-11), ("BF16", 2.0**-8)])
def test_half_precision_is_promoted_and_noted(dtype, step, tmp_path):
    layer = lssm.checkpoints.load(write(tmp_path / "m.safetensors", named("k.", S4D), dtype)).layers["k"]
    exact = lssm.checkpoints.load(write(tmp_path / "n.safetensors", named("k.", S4D), "F64")).layers["k"]
    assert np.abs(layer.poles.log[0] / exact.poles.log[0] - 1).max() <= 8 * step
    assert ("bfloat16" if dtype == "BF16" else "float16") in layer.notes[0]


def test_s5_with_a_closed_set_is_taken_as_it_is(tmp_path):
    closed = {"Lambda_re": [-0.5, -0.5], "Lambda_im": [1.0, -1.0], "log_step": [-2.0]}
    layer = lssm.checkpoints.load(write(tmp_path / "m.safetensors", named("s.", closed))).layers["s"]
    assert layer.order == layer.poles.order[0] == 2 and "closed" in " ".join(layer.notes)


def dplr_pair(tensors, h):
    """(Ā, B̄) of channel h in real coordinates, from the tensors of the file, in 60 digits; then as doubles for the oracle."""
    mpmath.mp.dps = 60
    get = {key: np.asarray(tensors[key], np.float64) for key in ("inv_dt", "A_real", "A_imag", "P", "B")}
    n = get["A_real"].shape[1]
    step = mpmath.exp(mpmath.mpf(float(get["inv_dt"].reshape(-1)[h])))
    low = [mpmath.mpc(*map(float, get["P"][0, h, k])) for k in range(n)]
    b = [mpmath.mpc(*map(float, get["B"][0, h, k])) for k in range(n)]
    a = [mpmath.mpc(-mpmath.exp(mpmath.mpf(float(get["A_real"][h, k]))), -float(get["A_imag"][h, k])) for k in range(n)]
    column, full_b = [*low, *map(mpmath.conj, low)], [*b, *map(mpmath.conj, b)]
    diagonal = [*a, *map(mpmath.conj, a)]
    return diagonal, column, full_b, step


def _adjoint(m):
    entries = [acb(m[i, j].real, -m[i, j].imag) for j in range(m.ncols()) for i in range(m.nrows())]
    return acb_mat(m.ncols(), m.nrows(), entries)


def ball_memory_of_dplr(diagonal, column, b, step, delays, bits=600):
    """Memory of the bilinear discretization of diag - P Pᴴ, Gramian by doubling, in complex ball arithmetic."""
    old, ctx.prec = ctx.prec, bits

    def ball(z):
        return acb(mpmath.nstr(z.real, 55), mpmath.nstr(z.imag, 55)) if isinstance(z, mpmath.mpc) else acb(mpmath.nstr(z, 55))

    try:
        n, half = len(diagonal), ball(step) / 2
        P = [ball(z) for z in column]
        A = acb_mat(
            n,
            n,
            [(ball(diagonal[i]) if i == j else acb(0)) - P[i] * acb(P[j].real, -P[j].imag) for i in range(n) for j in range(n)],
        )
        eye = acb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
        forward, backward = eye + A * half, eye - A * half
        matrix, v = backward.solve(forward), backward.solve(acb_mat(n, 1, [ball(z) for z in b]))
        gramian, power = v * _adjoint(v), matrix
        for _ in range(24):
            gramian = gramian + power * gramian * _adjoint(power)
            power = power * power
        states = [v]
        for _ in range(max(delays)):
            states.append(matrix * states[-1])
        right = acb_mat(n, len(delays), [states[t][i, 0] for i in range(n) for t in delays])
        solved = gramian.solve(right)
        values = []
        for k in range(len(delays)):
            total = sum((acb(right[i, k].real, -right[i, k].imag) * solved[i, k] for i in range(n)), acb(0)).real
            assert float(total.rad()) <= 1e-15
            values.append(float(total.mid()))
        return np.array(values)
    finally:
        ctx.prec = old


@pytest.mark.parametrize(("name", "h"), [("init", 0), ("init", 17), ("trained", 5)])
def test_dplr_memory_against_ball_arithmetic(name, h):
    """From (A, P, B) of the file, all rounding of the reader included, at 64 delays."""
    from safetensors.numpy import load_file

    path = DATA / f"s4_dplr_digits_{name}.safetensors"
    prefix = "layers.0.layer.kernel."
    tensors = {key[len(prefix) :]: value for key, value in load_file(path).items() if key.startswith(prefix)}
    delays = [0, 1, 2, 5, 10, 20, 40, 63]
    exact = ball_memory_of_dplr(*dplr_pair(tensors, h), delays)
    layer = lssm.checkpoints.load(path).layers["layers.0.layer.kernel"]
    found = lssm.memory_function(layer.poles[h], delays).values
    assert np.abs(found - exact).max() <= 1e-10


def test_dplr_by_hand_is_the_dense_matrix(tmp_path):
    layer = lssm.checkpoints.load(write(tmp_path / "m.safetensors", named("k.", S4))).layers["k"]
    for h in range(2):
        low, b = (np.asarray(S4[key])[0, h] @ [1, 1j] for key in ("P", "B"))
        diagonal = -0.5 - 1j * np.asarray(S4["A_imag"])[h]
        column, full = np.concatenate([low, low.conj()]), np.concatenate([b, b.conj()])
        A = np.diag(np.concatenate([diagonal, diagonal.conj()])) - np.outer(column, column.conj())
        rotate = np.kron([[1, 1], [-1j, 1j]], np.eye(2)) / np.sqrt(2)  # to real coordinates
        real, entry = (rotate @ A @ rotate.conj().T).real, (rotate @ full).real
        half = np.exp(np.float32(S4["inv_dt"][h][0])) / 2
        discrete = np.linalg.solve(np.eye(4) - half * real, np.eye(4) + half * real)
        exact = ball_memory_of_pair(discrete, np.linalg.solve(np.eye(4) - half * real, entry), [0, 3, 10])
        assert np.abs(lssm.memory_function(layer.poles[h], [0, 3, 10]).values - exact).max() <= 1e-6  # float32 inputs to log


def test_shared_low_rank_goes_round(tmp_path):
    """Two sets of P for four channels: channel h has set h modulo 2."""
    rng = np.random.default_rng(5)
    whole = {
        "inv_dt": [[-3.0], [-2.5], [-2.0], [-1.5]],
        "A_real": rng.normal(size=(4, 3)),
        "A_imag": rng.normal(size=(4, 3)),
        "P": rng.normal(size=(1, 4, 3, 2)),
        "B": rng.normal(size=(1, 4, 3, 2)),
    }
    whole["P"][:, 2:] = whole["P"][:, :2]
    shared = whole | {"P": whole["P"][:, :2]}
    layers = [
        lssm.checkpoints.load(write(tmp_path / f"{k}.safetensors", named("k.", tensors), "F64")).layers["k"]
        for k, tensors in enumerate((whole, shared))
    ]
    assert layers[0].poles == layers[1].poles


def test_states_that_b_does_not_reach_are_left_out(tmp_path):
    """Without low rank, a mode with B = 0 is a state by itself."""
    tensors = S4 | {"P": np.zeros((1, 2, 2, 2)), "B": np.array([[[[1.0, 0], [0, 0]], [[1.0, 0], [1.0, 1.0]]]])}
    layer = lssm.checkpoints.load(write(tmp_path / "m.safetensors", named("k.", tensors), "F64")).layers["k"]
    assert layer.poles.order.tolist() == [2, 4] and layer.order == 4
    assert "channels 0: B does not reach" in " ".join(layer.notes)
    alone = lssm.Poles.from_continuous([-0.5 - 1j], np.exp(-3.0), "bilinear", half=True)
    assert np.allclose(np.sort_complex(layer.poles[0].log), np.sort_complex(alone.log), rtol=1e-12)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"conv.weight": [1.0], "fc.bias": [2.0]}, "tensors found: bias, weight; known are S4D"),
        (named("k.", S4D | {"A_imag": [[1.0, 2.0, 3.0]] * 2}), "shapes of k."),
        (named("k.", S4 | {"P": np.ones((1, 2, 3, 2))}), "shapes of k."),
        (named("k.", S4 | {"B": np.zeros((1, 2, 2, 2))}), "B that reaches"),
        (named("k.", S5 | {"log_step": [1.0, 2.0, 3.0]}), "shapes of k."),
        (named("k.", LRU | {"nu_log": [[1.0], [2.0]]}), "shapes of k."),
        (named("k.", MAMBA | {"dt_proj.bias": [1.0]}), "shapes of k."),
        (named("k.", {"A_log": [1.0]}), "lacks the tensor k.dt"),
        (named("k.", S5 | {"Lambda_re": [0.5, -0.5]}), "no stable model"),
        (named("k.", LRU | {"nu_log": [1e3, 0.0]}), "no stable model"),
        (named("k.", MAMBA2 | {"dt_bias": [np.nan, 0.0]}), "NaN"),
    ],
)
def test_what_does_not_fit_is_named(tensors, message, tmp_path):
    with pytest.raises(lssm.CheckpointError, match=message):
        lssm.checkpoints.load(write(tmp_path / "m.safetensors", tensors, "F64"))


@pytest.mark.parametrize("suffix", [".safetensors", ".npz"])
def test_mutated_files_of_every_kind(suffix, tmp_path):
    """Flipped bytes and wild values in files of all kinds; nothing but CheckpointError comes out."""
    rng, refused, runs = random.Random(1), 0, 3000
    originals = []
    for kind, tensors in {"S4": S4, "S5": S5, "LRU": LRU, "Mamba": MAMBA, "Mamba-2": MAMBA2, "S4D": S4D}.items():
        path = tmp_path / f"{kind}{suffix}"
        if suffix == ".npz":
            np.savez(path, **{key: np.asarray(value, "f4") for key, value in named("k.", tensors).items()})
        else:
            write(path, named("k.", tensors))
        originals.append(path.read_bytes())
    path = tmp_path / f"mutant{suffix}"
    for _ in range(runs):
        data = bytearray(rng.choice(originals))
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(bytes(data[: rng.choice([len(data), len(data), rng.randrange(len(data))])]))
        try:
            assert all(layer.poles.is_stable for layer in lssm.checkpoints.load(path).layers.values())
        except lssm.CheckpointError:
            refused += 1
    assert 0.2 * runs < refused < runs


def test_npz_with_pickles_or_integers_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", **{"k.log_A_real": np.array([{}], object)})
    np.savez(tmp_path / "b.npz", **{"k.nu_log": np.array([1, 2]), "k.theta_log": np.array([1, 2])})
    (tmp_path / "c.npz").write_bytes(b"not a zip file")
    for name, message in (("a", "checkpoint"), ("b", "int64"), ("c", "no npz")):
        with pytest.raises(lssm.CheckpointError, match=message):
            lssm.checkpoints.load(tmp_path / f"{name}.npz")


def test_a_pickle_is_named_and_never_opened(tmp_path):
    """What torch.save writes is a zip archive; older ones are bare pickles."""
    for name, start in (("new.pt", b"PK\x03\x04"), ("old.pt", b"\x80\x02")):
        (tmp_path / name).write_bytes(start + bytes(100))
        with pytest.raises(lssm.CheckpointError, match=r"never opened.*safetensors"):
            lssm.checkpoints.load(tmp_path / name)
