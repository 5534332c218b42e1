"""The command line: its outputs, and that bad arguments give one line on standard error, exit code 2, and no file."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from lssm.cli import main

DATA = Path(__file__).parent / "data"
INITIAL, TRAINED = (str(DATA / f"s4d_digits_{name}.safetensors") for name in ("init", "trained"))


def test_memory_as_table_json_and_figure(capsys, tmp_path):
    command = ["memory", "s4d-lin", "--order", "8", "--delays", "16"]
    assert main([*command, "--plot", str(tmp_path / "m.png")]) == 0
    assert "capacity    7" in capsys.readouterr().out
    assert (tmp_path / "m.png").read_bytes()[:4] == b"\x89PNG"
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["capacity"] == 7


def test_a_finite_horizon(capsys):
    assert main(["memory", "s4d-inv", "--horizon", "1024"]) == 0
    said = capsys.readouterr().out
    assert "1024 steps after rest" in said and "4.825134" in said
    assert main(["memory", "s4d-inv", "--horizon", "20"]) == 2
    assert "fewer than the 32 states" in capsys.readouterr().err


def test_report_leaves_a_complete_folder(capsys, tmp_path):
    assert main(["report", "--output", str(tmp_path / "new" / "out"), "--delays", "8"]) == 0
    names = {path.name for path in (tmp_path / "new" / "out").iterdir()}
    assert {"report.html", "report.json", "report.txt"} < names
    assert str(tmp_path / "new" / "out") in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "--output", str(DATA / "s4d_digits_init.safetensors")],
        ["report", "--output", str(DATA / "s4d_digits_init.safetensors" / Path("below"))],
        ["report", "--output", "/proc/no-such-folder"],
        ["report", "--against", INITIAL],
        ["report", "--checkpoint", "missing.safetensors"],
        ["report", "--checkpoint", TRAINED, "--against", "missing.safetensors"],
        ["report", "--delays", "0"],
        ["memory", "s4d-lin", "--step", "0"],
        ["memory", "s4d-lin", "--delays", "0"],
        ["memory", "s4d-lin", "--order", "5"],
        ["memory", "s4d-lin", "--plot", "/proc/no/m.png"],
        ["memory", "delay-line", "--step", "1"],
        ["memory"],
        ["nonsense"],
        [],
    ],
)
def test_one_line_exit_2_and_no_file(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("lssm: ") and said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def some_arguments(rng, folder):
    """A random argument vector: names, sensible values and nonsense, in any order."""
    number = ["-1", "0", "1", "8", "7", "nan", "inf", "1e-3", "1e400", "", "é", "0x10", "99999999999999999999", "16"]
    file = [INITIAL, str(folder / "none"), str(folder), "", "\0", "a" * 300, str(folder / "x.png"), "x.bmp", "/proc/x/y.png"]
    if rng.random() < 0.8:
        words = ["memory", rng.choice(["s4d-lin", "legs", "delay-line", "random", "lin", "step", "s4d-inv", "none"])]
        flags = {
            "--order": number,
            "--step": number,
            "--delays": number,
            "--seed": number,
            "--method": ["bilinear", "zoh", "x"],
            "--horizon": number,
        }
        flags |= {"--plot": file, "--json": [None], "--unknown": [None]}
    else:
        words = ["report"]
        flags = {"--checkpoint": file, "--against": file, "--delays": number, "--workers": number, "--output": file}
    for flag in rng.choices(list(flags), k=rng.randint(1, 4)):
        words.append(flag)
        if (value := rng.choice(flags[flag])) is not None and rng.random() < 0.95:
            words.append(value)
    return words


def test_two_thousand_argument_vectors(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng, codes = random.Random(0), []
    for _ in range(2000):
        arguments = some_arguments(rng, tmp_path)
        before = sorted(tmp_path.rglob("*"))
        codes.append(main(arguments))
        said = capsys.readouterr()
        assert codes[-1] in (0, 2), arguments
        if codes[-1] == 2:
            assert said.out == "" and said.err.count("\n") == 1 and sorted(tmp_path.rglob("*")) == before, arguments
    assert 50 < codes.count(0) < 1000


def test_twenty_processes(tmp_path):
    rng, codes = random.Random(1), []
    good = [["memory", "legs", "--delays", "4"], ["report", "--checkpoint", INITIAL, "--output", "out", "--delays", "4"]]
    for arguments in good + [some_arguments(rng, tmp_path) for _ in range(18)]:
        arguments = [word for word in arguments if "\0" not in word]
        run = subprocess.run([sys.executable, "-m", "lssm", *arguments], cwd=tmp_path, capture_output=True, text=True)
        codes.append(run.returncode)
        assert run.returncode in (0, 2), run.stderr
        assert run.stderr.count("\n") == (run.returncode == 2), arguments
    assert codes[:2] == [0, 0] and 2 in codes


def test_json_is_strict(capsys):
    """Poles at zero have log λ = -inf, which JSON does not know."""
    assert main(["memory", "delay-line", "--order", "3", "--delays", "5", "--json"]) == 0

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(capsys.readouterr().out, parse_constant=refuse)["values"] == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("command", ["lssm memory s4d-lin | head -n 1", "PYTHONIOENCODING=ascii lssm memory s4d-lin"])
def test_closed_pipes_and_poor_alphabets(command):
    command = command.replace("lssm", f"'{sys.executable}' -m lssm")
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert run.returncode == 0 and run.stderr == "" and run.stdout


def test_too_large_for_the_machine_is_one_line(capsys, monkeypatch):
    def memory_function(*_, **__):
        raise MemoryError

    monkeypatch.setattr("lssm.cli.memory_function", memory_function)
    assert main(["memory", "s4d-lin"]) == 2
    assert "fewer --delays" in capsys.readouterr().err


def test_a_length_beyond_counting_is_said(capsys):
    assert main(["memory", "s4d-lin", "--step", "1e-300", "--delays", "3"]) == 0
    assert "more than 2**60 steps" in capsys.readouterr().out


def test_a_checkpoint_gets_a_folder_of_its_own(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--checkpoint", TRAINED, "--delays", "4", "--tolerance", "1e9"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["lssm-report-s4d_digits_trained"]
