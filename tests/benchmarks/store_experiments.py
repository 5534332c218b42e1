"""Run the experiments of `lssm report --section learning` and store their results in the package, for ledger and docs.

Run from a clone, after a change of the experiments: ``python -m tests.benchmarks.store_experiments``.
"""

import json
import os
import time
from pathlib import Path

import lssm
from lssm.report.experiments import rounded, run_all

if __name__ == "__main__":
    start = time.perf_counter()
    results = run_all(10, os.cpu_count() or 1)
    results["version"], results["minutes"] = lssm.__version__, (time.perf_counter() - start) / 60
    place = Path(lssm.__file__).parent / "report" / "experiments" / "results.json"
    place.write_text(json.dumps(rounded(results), separators=(",", ":"), allow_nan=False) + "\n")
    print(f"{place}, {results['minutes']:.1f} minutes")
