"""``python -m proofs``: every theorem, its scope, its steps, its time, its verdict."""

import importlib
import pkgutil
import sys
import time

import proofs

from ._kit import ProofError


def main() -> int:
    """Run all proofs; 1 if one fails."""
    names = [m.name for m in pkgutil.iter_modules(proofs.__path__) if not m.name.startswith("_")]
    print(f"{'theorem':<66} {'scope':<8} {'steps':>5} {'time':>7}  verdict")
    failed = 0
    for name in names:
        start = time.perf_counter()
        try:
            proof = importlib.import_module(f"proofs.{name}").prove()
            row = f"{proof.title:<66} {proof.scope:<8} {len(proof.steps):>5}"
            verdict = "proved"
        except ProofError as error:
            failed, row, verdict = failed + 1, f"{name:<66} {'':<8} {'':>5}", f"FAILED: {error}"
        print(f"{row} {time.perf_counter() - start:>6.1f}s  {verdict}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
