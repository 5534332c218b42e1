"""Guards over the whole house."""

import doctest
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import lssm

ROOT = Path(__file__).parents[1]


def test_rooms_import_only_from_below():
    code = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_import_is_light():
    code = "import sys, lssm; print([m for m in ('sympy', 'matplotlib', 'scipy.signal') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_heavy_modules_load_when_asked_for():
    code = "import lssm; print(lssm.plotting.__name__, lssm.report.__name__, hasattr(lssm, 'nonsense'))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split() == ["lssm.plotting", "lssm.report", "False"], run.stderr


def test_readme_runs_and_is_short():
    text = (ROOT / "README.md").read_text()
    assert text.count("\n") < 120
    os.chdir(ROOT)
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.S))
    test = doctest.DocTestParser().get_doctest(code, {}, "README", "README.md", 0)
    runner = doctest.DocTestRunner()
    runner.run(test)
    assert runner.tries > 5 and runner.failures == 0


def test_version_is_one():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == lssm.__version__


def test_eight_cold_processes_share_an_empty_cache(tmp_path):
    code = "import lssm; print(lssm.memory_function(lssm.spectra.delay_line(order=3), 4).values.sum())"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    running = [subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) for _ in range(8)]
    assert [p.communicate()[0].strip() for p in running] == [b"3.0"] * 8


def test_a_cache_that_is_no_folder_does_not_break_the_import(tmp_path):
    (tmp_path / "file").write_text("")
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "file")}
    code = "import lssm; print(lssm.memory_capacity(lssm.spectra.delay_line(order=3)))"
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert run.stdout.strip() == "3", run.stderr
