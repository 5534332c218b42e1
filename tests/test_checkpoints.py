"""The checkpoint reader: what it reads, and that nothing but its own error comes out of a bad file."""

import json
import pickle
import random
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

import lssm

DATA = Path(__file__).parent / "data"
INITIAL, TRAINED = DATA / "s4d_digits_init.safetensors", DATA / "s4d_digits_trained.safetensors"


def safetensors(path, dtype="F32", size=4, values=None, names=("log_dt", "log_A_real", "A_imag"), shapes=((2,), (2, 3), (2, 3))):
    """A file by hand, so that the reader is not tested with the writer of the same library."""
    head, data = {}, b""
    for name, shape in zip(names, shapes, strict=True):
        raw = bytes(size * int(np.prod(shape))) if values is None else values[name].astype("<f4").tobytes()
        head[f"net.kernel.{name}"] = {"dtype": dtype, "shape": list(shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    header = json.dumps(head).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)
    return path


def test_poles_of_a_file_written_by_hand(tmp_path):
    values = {
        "log_dt": np.log([0.1, 0.2]),
        "log_A_real": np.log([[0.5, 0.5], [0.25, 1.0]]),
        "A_imag": np.array([[1.0, 2.0], [3.0, 4.0]]),
    }
    path = safetensors(tmp_path / "m.safetensors", values=values, shapes=((2,), (2, 2), (2, 2)))
    layer = lssm.checkpoints.load(path).layers["net.kernel"]
    expected = {complex(-0.05, 0.1), complex(-0.05, 0.2), complex(-0.05, -0.1), complex(-0.05, -0.2)}
    found = {complex(*np.round([z.real, z.imag], 6)) for z in layer.poles.rows()[0]}
    assert found == expected
    assert layer.channels == 2 and layer.kind == "S4D"
    assert np.allclose(layer.step, [0.1, 0.2], rtol=1e-7)


def test_trained_checkpoint_remembers_slightly_less():
    """Reference means over the 64 channels: 24.45 and 23.97, the latter with nearly coinciding poles merged."""
    means = {}
    for name, path, tolerance in (("init", INITIAL, 0), ("trained", TRAINED, 0), ("merged", TRAINED, 1e9)):
        layers = lssm.checkpoints.load(path, **({"tolerance": tolerance} if tolerance else {})).layers.values()
        means[name] = np.mean([lssm.memory_function(layer.poles, 64).values.sum(-1).mean() for layer in layers])
    assert means["init"] == pytest.approx(24.45, abs=5e-3)
    assert means["trained"] == pytest.approx(23.9835, abs=5e-4)
    assert means["merged"] == pytest.approx(23.97, abs=6e-3)


def test_near_coincidence_is_noted_not_decided():
    layers = lssm.checkpoints.load(TRAINED).layers
    assert any("channels 5, 7, 25" in note for note in layers["layers.0.kernel"].notes)


@pytest.mark.parametrize("dtype", [("U8", 1), ("I32", 4), ("F8_E4M3", 1), ("BOOL", 1)])
def test_foreign_dtypes_are_named(tmp_path, dtype):
    with pytest.raises(lssm.CheckpointError, match=dtype[0]):
        lssm.checkpoints.load(safetensors(tmp_path / "m.safetensors", *dtype))


def bad_files(folder):
    """Files that are missing, foreign, truncated, malicious, or safetensors without an SSM layer."""
    good = INITIAL.read_bytes()
    with zipfile.ZipFile(folder / "model.pt", "w") as archive:
        archive.writestr("data.pkl", pickle.dumps({"log_A_real": 1}))
    contents = {
        "empty": b"",
        "pickle": pickle.dumps({"log_A_real": [1.0]}),
        "text": b"log_A_real\n",
        "huge-header": struct.pack("<Q", 2**63) + b"{}",
        "deep-header": struct.pack("<Q", 200_000) + b"[" * 200_000,
        "half": good[: len(good) // 2],
        "long": good + b"\0",
        "header-only": good[:100],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    safetensors(folder / "no-layer", names=("a", "b", "c"))
    safetensors(folder / "lacks-step", names=("x", "log_A_real", "A_imag"))
    safetensors(folder / "shapes", shapes=((2,), (2, 3), (2, 4)))
    safetensors(folder / "no-channels", shapes=((0,), (0, 3), (0, 3)))
    nan = {"log_dt": np.full(2, np.nan), "log_A_real": np.zeros((2, 3)), "A_imag": np.zeros((2, 3))}
    safetensors(folder / "diverged", values=nan)
    safetensors(folder / "overflow", values=nan | {"log_dt": np.full(2, 1e30)})
    return [folder / "missing", folder, *sorted(path for path in folder.iterdir())]


def test_bad_files_are_refused_by_name(tmp_path):
    files = bad_files(tmp_path)
    assert len(files) == 17
    for path in files:
        with pytest.raises(lssm.CheckpointError) as caught:
            lssm.checkpoints.load(path)
        assert str(caught.value).startswith("checkpoint: ") and path.name in str(caught.value)


def test_ten_thousand_mutated_files(tmp_path):
    """Flipped bytes in the header length, the header and the data; truncation; nothing but CheckpointError."""
    original = INITIAL.read_bytes()
    rng, path, refused = random.Random(0), tmp_path / "m.safetensors", 0
    for _ in range(10_000):
        data = bytearray(original)
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(min(len(data), rng.choice([8, 4000, len(data)])))] = rng.randrange(256)
        path.write_bytes(bytes(data[: rng.choice([len(data), rng.randrange(len(data))])]))
        try:
            layers = lssm.checkpoints.load(path).layers.values()
            assert all(layer.poles.is_stable for layer in layers)
        except lssm.CheckpointError:
            refused += 1
    assert 5000 < refused < 10_000
