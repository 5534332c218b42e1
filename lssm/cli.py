"""The command ``lssm``: an argparse shell, no mathematics."""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import __version__, checkpoints, report, spectra
from ._files import whole_file
from ._validate import InvalidInputError, LssmError, UnsupportedError
from .memory import MemoryFunction, memory_function
from .poles import TOLERANCE

_SHOWN = (0, 1, 3, 10, 31, 100, 316, 1000, 3162, 10_000, 31_623, 100_000)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        raise InvalidInputError(f"{message}; see {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, or 2 after a one-line error."""
    _speak_any_alphabet()
    try:
        options = _parser().parse_args(arguments)
        options.run(options)
        sys.stdout.flush()
    except LssmError as error:
        return _refuse(str(error))
    except MemoryError:
        return _refuse("the machine has too little memory for this; ask for fewer --delays or a smaller --order")
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _refuse(message: str) -> int:
    print("lssm: " + " ".join(message.split()), file=sys.stderr)
    return 2


def _speak_any_alphabet() -> None:
    """Replace what a terminal's encoding lacks, instead of failing on the first Greek letter."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="lssm", description="What a linear state space model remembers, exactly.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"lssm {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    memory = commands.add_parser("memory", help="memory function of a named spectrum", allow_abbrev=False)
    memory.add_argument("family", choices=sorted(spectra.FAMILIES), help="which spectrum")
    memory.add_argument("--order", type=int, default=32, metavar="N", help="state dimension, at most 4096 (default 32)")
    memory.add_argument("--step", type=float, metavar="Δ", help="time step, for continuous families (default 1e-3)")
    memory.add_argument("--method", help="zoh (default) or bilinear, for continuous families")
    memory.add_argument("--delays", type=int, metavar="T", help="delays 0 … T-1 (default 1024, or the horizon if shorter)")
    memory.add_argument("--horizon", type=int, metavar="T", help="steps since the state was zero (default: an infinite past)")
    memory.add_argument("--seed", type=int, metavar="S", help="seed of a random family (default 0)")
    memory.add_argument("--plot", type=Path, metavar="FILE", help="write a figure: .png, .svg or .pdf")
    memory.add_argument("--json", action="store_true", help="print everything as JSON")
    memory.set_defaults(run=_memory)
    page = commands.add_parser("report", help="the source paper's spectra, or a trained model", allow_abbrev=False)
    page.add_argument("--checkpoint", type=Path, metavar="FILE", help="safetensors file of a trained model")
    page.add_argument("--against", type=Path, metavar="FILE", help="the same model before training")
    page.add_argument("--lag", type=int, metavar="D", help="a delay that matters: which channels can recall it")
    page.add_argument("--tolerance", type=float, metavar="ULPS", help="poles this close are one (default 4 ulps of log λ)")
    page.add_argument("--delays", type=int, default=1024, metavar="T", help="delays 0 … T-1 (default 1024)")
    page.add_argument("--section", choices=("learning",), help="instead: the experiments on learning, run anew (minutes)")
    page.add_argument("--seeds", type=int, metavar="S", help="independent runs of the experiments (default 10)")
    page.add_argument("--workers", type=int, metavar="W", help="threads over channels, processes over runs; -1: one a core")
    page.add_argument("--output", type=Path, metavar="DIR", help="default lssm-report, or lssm-report-NAME for a checkpoint")
    page.set_defaults(run=_report)
    return parser


def _report(options: argparse.Namespace) -> None:
    _require_fitting(options)
    if options.output is None:
        about = options.section or (options.checkpoint.stem if options.checkpoint else None)
        options.output = Path(f"lssm-report-{about}" if about else "lssm-report")
    report.check_folder(options.output)
    made = _made_report(options)
    names = report.write_report(made, options.output, f"lssm {__version__}")
    print(report.as_text(made))
    print(f"written to {options.output}: {', '.join(names)}")


def _require_fitting(options: argparse.Namespace) -> None:
    """Nothing, or an error about options that do not belong together."""
    if options.section and options.checkpoint:
        raise InvalidInputError("--section: is about experiments, --checkpoint about a trained model; choose one")
    for name in ("against", "lag", "workers", "tolerance"):
        if getattr(options, name) is not None and not (options.checkpoint or (options.section and name == "workers")):
            raise InvalidInputError(f"--{name}: is about a trained model; add --checkpoint FILE")
    if options.seeds is not None and not options.section:
        raise InvalidInputError("--seeds: is about experiments; add --section learning")


def _made_report(options: argparse.Namespace) -> report.Report:
    if options.checkpoint:
        return _checkpoint_report(options)
    if options.section is None:
        return report.report_spectra(delays=options.delays)
    cores = os.cpu_count() or 1
    processes = cores if options.workers in (None, -1) else options.workers
    return report.report_learning(seeds=10 if options.seeds is None else options.seeds, workers=processes)


def _checkpoint_report(options: argparse.Namespace) -> report.Report:
    tolerance = TOLERANCE if options.tolerance is None else options.tolerance
    now = checkpoints.load(options.checkpoint, tolerance=tolerance)
    before = checkpoints.load(options.against, tolerance=tolerance) if options.against else None
    return report.report_checkpoint(now, before, delays=options.delays, lag=options.lag, workers=options.workers)


def _memory(options: argparse.Namespace) -> None:
    delays = min(1024, options.horizon or 1024) if options.delays is None else options.delays
    result = memory_function(_poles(options), delays, horizon=options.horizon)
    if options.plot:
        _save_figure(result, options)
    print(json.dumps(result.to_dict()) if options.json else _table(result, options.family))


def _poles(options: argparse.Namespace) -> Any:
    family = spectra.FAMILIES[options.family]
    if options.order > 4096:
        raise InvalidInputError(f"--order: must be at most 4096 on the command line, got {options.order}; use Python for more")
    seed = options.seed or 0
    if seed < 0 or (options.seed is not None and not family.random):
        raise InvalidInputError("--seed: must not be negative, and only families that draw random numbers take one")
    extra: dict[str, Any] = {"rng": seed} if family.random else {}
    if family.continuous:
        extra |= {"step": 1e-3 if options.step is None else options.step, "method": options.method or "zoh"}
    elif options.step is not None or options.method is not None:
        raise InvalidInputError(f"--step, --method: {options.family} is defined in discrete time; leave them out")
    return family.build(order=options.order, **extra)


def _table(result: MemoryFunction, family: str) -> str:
    """Summary and a few delays as text."""
    lines = [
        f"{family}: {result.poles!r}",
        f"horizon     {'an infinite past' if result.horizon is None else f'{result.horizon} steps after rest'}",
        f"capacity    {int(result.capacity)}",
        f"mean delay  {float(result.mean_delay):.6g} steps",
        f"length      {_length(result)} steps hold half of the capacity",
        f"remainder   {float(result.remainder):.6g} of {int(result.capacity)} lies beyond delay {int(result.delays[-1])}",
        "",
        f"{'delay':>8}  {'M':>22}  {'1 - M':>22}",
    ]
    for delay in sorted({*(d for d in _SHOWN if d < result.delays.size), result.delays.size - 1}):
        lines.append(f"{delay:>8}  {result.values[delay]:>22.15e}  {result.complement[delay]:>22.15e}")
    return "\n".join(lines)


def _length(result: MemoryFunction) -> str:
    try:
        return str(int(result.length()))
    except UnsupportedError:
        return "more than 2**60"


def _save_figure(result: MemoryFunction, options: argparse.Namespace) -> None:
    """The figure, in the format that its suffix says."""
    if options.plot.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise InvalidInputError(f"--plot: suffix {options.plot.suffix!r} is unknown; use .png, .svg or .pdf")
    with whole_file(options.plot, "--plot") as file:
        axes = result.plot(label=f"{options.family}, N = {options.order}")
        axes.figure.savefig(file, format=options.plot.suffix[1:].lower(), dpi=150)
