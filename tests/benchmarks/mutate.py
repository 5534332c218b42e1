"""Break thirty formulas of the library, one at a time, and see that a proof or a test notices each.

Run from a clone: ``python -m tests.benchmarks.mutate``, or with the numbers of some. Works on a copy; prints a table; exits
non-zero if a fault survives.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
FAULTS = [
    # file, formula, fault, what must notice
    (
        "lssm/_maps.py",
        "log: NDArray[np.complex128] = a * step\n",
        "log: NDArray[np.complex128] = a + 0 * step\n",
        "test_discretize",
    ),
    ("lssm/_maps.py", "np.arctanh(2.0 * x.real / (1.0 + square))", "np.arctanh(x.real / (1.0 + square))", "test_discretize"),
    ("lssm/_kernels/cascade.py", "= g * a - (p * x + q * y)", "= g * a + (p * x + q * y)", "test_memory"),
    ("lssm/_kernels/cascade.py", "= g * c - (p * y - q * x)", "= g * c - (p * y + q * x)", "test_memory"),
    (
        "lssm/allpass/_realisation.py",
        "through[n, : n + 1] * -pole[n].conjugate()",
        "through[n, : n + 1] * -pole[n]",
        "test_memory test_accuracy",
    ),
    (
        "lssm/allpass/_realisation.py",
        "strict * (alpha[:, None] + alpha) + strict @ strict",
        "strict * (alpha[:, None] + alpha)",
        "test_memory test_accuracy",
    ),
    (
        "lssm/memory/_infinite.py",
        "rest[~close] = 1.0 - values[~close]",
        "rest[~close] = values[~close]",
        "test_memory",
    ),
    ("lssm/memory/_gradient.py", "gradient[place] = c * d.conj()", "gradient[place] = c * d", "test_gradient"),
    (
        "lssm/gramians/_inverse.py",
        "mantissa[others] *= above[others, k] / below[others, k]",
        "mantissa[others] *= below[others, k] / above[others, k]",
        "test_gramians",
    ),
    (
        "lssm/gramians/_inverse.py",
        "mantissa.conj()[:, None] * mantissa / coupled",
        "mantissa[:, None] * mantissa / coupled",
        "test_gramians",
    ),
    ("lssm/_kernels/cauchy.py", "phase = v[0] / first if first > 0.0 else 1.0 + 0j", "phase = 1.0 + 0j", "test_gramians"),
    (
        "lssm/dynamics/_decay.py",
        "return np.exp(-exponent), -np.expm1(-exponent)",
        "return np.exp(-exponent), -np.expm1(exponent)",
        "test_learning_readout",
    ),
    (
        "lssm/dynamics/_decay.py",
        "2.0 * (1.0 + self.momentum) / largest",
        "2.0 * (1.0 - self.momentum) / largest",
        "test_learning_readout",
    ),
    (
        "lssm/equivalence/_matching.py",
        "np.sin(min(self.total, 0.5 * np.pi))",
        "np.sin(min(0.5 * self.total, 0.5 * np.pi))",
        "test_equivalence",
    ),
    (
        "lssm/spectra/_s4d.py",
        "_pairs(np.pi * half(order), step, method)",
        "_pairs(2 * np.pi * half(order), step, method)",
        "test_spectra",
    ),
    ("lssm/spectra/_s4d.py", "order / np.pi * (order / divisor - 1)", "order / np.pi * (order / divisor + 1)", "test_spectra"),
    ("lssm/spectra/_hippo_parts.py", "return np.sqrt(n + 0.5)[:, None]", "return np.sqrt(n + 1.0)[:, None]", "test_spectra"),
    ("lssm/spectra/_hippo_parts.py", "np.where(i % 2, -1.0, 1.0) * np.sqrt(2.0 * i + 1)", "np.sqrt(2.0 * i + 1)", "test_spectra"),
    ("lssm/attention.py", "weights=np.sqrt(poles.damping)", "weights=poles.damping", "test_attention"),
    ("lssm/_kernels/recurrence.py", "re = p * a + ((v[t, 0, k]", "re = p * a - ((v[t, 0, k]", "test_scan"),
    (
        "lssm/_kernels/recurrence.py",
        "along[0, k] += re * x[t, 0, k] + im",
        "along[0, k] += re * x[t, 0, k] - im",
        "test_training",
    ),
    ("lssm/training/_sequence.py", "column = np.sqrt(2.0) * factor", "column = factor", "test_training"),
    ("lssm/training/_ridge.py", "self.S / (self.S**2 + relative)", "self.S / (self.S**2 + 2.0 * relative)", "test_training"),
    ("lssm/training/_losses.py", "np.exp(log) - targets", "np.exp(log) + targets", "test_training"),
    (
        "lssm/parameterisations.py",
        '"log_A_real": log.real, "A_imag": 1j',
        '"log_A_real": -log.real, "A_imag": 1j',
        "test_training",
    ),
    ("lssm/parameterisations.py", "0.5 + x / 12 - x**3 / 720", "0.5 + x / 12 + x**3 / 720", "test_learning_poles"),
    ("lssm/symbolic/_memory.py", "found.append(left)", "found.append(1 - left)", "test_symbolic"),
    (
        "lssm/symbolic/_gramian.py",
        "(1 - product**last) / (1 - product)",
        "(1 + product**last) / (1 - product)",
        "test_symbolic",
    ),
    ("lssm/tasks/_synthetic.py", "z[:, lag:] = u[:, : u.shape[1] - lag]", "z[:, lag:] = u[:, lag:]", "test_tasks"),
    ("lssm/systems.py", "self.C @ dense, self.C @ self.B + self.D", "self.C @ dense, self.C @ self.B - self.D", "test_edges"),
]


def noticed(copy: Path, name: str, formula: str, fault: str, test: str) -> tuple[bool, bool]:
    """Whether the proofs notice, and whether the test files do."""
    file = copy / name
    text = file.read_text()
    if formula not in text:
        raise SystemExit(f"{name}: no formula {formula!r}; bring the list up to date")
    file.write_text(text.replace(formula, fault, 1))
    tests = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *(f"tests/{one}.py" for one in test.split())]
    environment = os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": str(copy / ".numba"), "OPENBLAS_NUM_THREADS": "1"}
    by = [
        subprocess.run([sys.executable, *command], cwd=copy, env=environment, capture_output=True).returncode != 0
        for command in (["-m", "proofs"], tests)
    ]
    file.write_text(text)
    return by[0], by[1]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "lssm"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "_build", "__pycache__"))
        left, chosen = 0, set(map(int, sys.argv[1:])) or set(range(1, len(FAULTS) + 1))
        for number, (name, formula, fault, test) in enumerate(FAULTS, 1):
            if number not in chosen:
                continue
            by_proofs, by_tests = noticed(copy, name, formula, fault, test)
            left += not (by_proofs or by_tests)
            seen = ", ".join(["proofs"] * by_proofs + [test] * by_tests) or "SURVIVES"
            print(f"{number:>3} {seen:<32} {name}: {formula.strip()[:70]}", flush=True)
    raise SystemExit(bool(left))
