"""``python -m proofs``: every theorem, its scope, what was checked, its time, its verdict; ``--latex`` writes pages."""

import argparse
import importlib
import pkgutil
import sys
import time
from pathlib import Path

import proofs

from ._kit import Proof
from ._pages import page, table

NAMES = [module.name for module in pkgutil.iter_modules(proofs.__path__) if not module.name.startswith("_")]


def main(arguments: list[str] | None = None) -> int:
    """Run the theorems asked for, or all; 1 if one fails."""
    parser = argparse.ArgumentParser("python -m proofs", description="Run machine-checked theorems.")
    parser.add_argument("names", nargs="*", help=f"theorems to run, of {', '.join(NAMES)} (default: all)", metavar="name")
    parser.add_argument(
        "--latex", type=Path, metavar="DIR", help="write each theorem with its checked LaTeX as a page of the docs"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no theorem called {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    names = options.names or NAMES
    print(f"{'theorem':<66} {'scope':<8} {'identities':>10} {'ties':>5} {'time':>7}  verdict")
    proved = {name: proof for name in names if (proof := run(name))}
    everywhere = sum(proof.scope == "every N" for proof in proved.values())
    identities = sum(len(proof.identities) for proof in proved.values())
    print(f"{len(proved)} of {len(names)} hold, {everywhere} for every N: {identities} identities; the given stands in each file")
    if options.latex:
        write(proved, options.latex)
    return 0 if len(proved) == len(names) else 1


def run(name: str) -> Proof | None:
    """Prove one theorem and print its row; None if it fails."""
    start = time.perf_counter()
    try:
        proof: Proof = importlib.import_module(f"proofs.{name}").prove()
    except Exception as error:
        print(
            f"{name:<66} {'':<8} {'':>10} {'':>5} {time.perf_counter() - start:>6.1f}s  FAILED: {type(error).__name__}: {error}"
        )
        return None
    row = f"{proof.title:<66} {proof.scope:<8} {len(proof.identities):>10} {len(proof.ties):>5}"
    print(f"{row} {time.perf_counter() - start:>6.1f}s  holds")
    return proof


def write(proved: dict[str, Proof], folder: Path) -> None:
    """One page a theorem and the table of them all; files whose text is the same are not touched."""
    said = {name: (importlib.import_module(f"proofs.{name}").__doc__ or "", proof) for name, proof in proved.items()}
    texts = {f"{name}.md": page(name, docstring, proof) for name, (docstring, proof) in said.items()} | {"table.inc": table(said)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
