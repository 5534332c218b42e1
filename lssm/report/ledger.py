"""The claims of the source paper (arXiv 2510.00563), one by one: statement, verdict, and the numbers behind it."""

from itertools import permutations
from math import comb

import numpy as np

from .document import Claim, Section
from .survey import Surveyed

STATEMENTS = (
    "The capacity is bounded by N and reached by every reachable state space model; attention has one eigenvalue and "
    "capacity 1; linear RNNs reach N formally and far less of it usably.",
    "Accuracy trades against length: a spectrum that remembers further remembers less well.",
    "Memory depends on the eigenvalues alone, so that S4 and S4D are equivalent.",
    "Of five spectra compared at N = 32, T = 1024 (S4D-Inv, S4D-Lin, random, lin, step) the HiPPO-derived ones reach longest.",
    "Vandermonde numerics fail for some spectra.",
    "The readout's gradient is weighted by the memory function; a delay with M = 0 carries no teacher information.",
    "Successful learning needs the longest initial memory, even an inaccurate one.",
    "Training the eigenvalues extends memory only modestly.",
    "Fixed recurrent weights reach comparable or better performance, and converge faster.",
)
_PROOF = "proofs/takenaka_malmquist.py, every N"


def ledger_section(found: list[Surveyed]) -> Section:
    """All nine claims, examined as far as the survey allows."""
    examined = {1: _capacity, 2: _trade, 3: _eigenvalues, 4: _longest, 5: _vandermonde}
    claims = []
    for number, statement in enumerate(STATEMENTS, 1):
        verdict, finding = examined[number](found) if number in examined else ("not yet examined", "")
        claims.append(Claim(number, statement, verdict, finding))
    text = (
        "The claims of arXiv 2510.00563. The paper's tables and its definitions of random, lin and step are not published: "
        "the claims are examined, its numbers are not reproduced."
    )
    return Section("Claims ledger", text, claims)


def _capacity(found: list[Surveyed]) -> tuple[str, str]:
    off = max(abs(float(one.memory.values.sum() + one.memory.remainder) / int(one.memory.capacity) - 1) for one in found)
    lin = next(one for one in found if one.family == "s4d-lin")
    return "holds in part", (
        f"Theorem: with one input, Σ M(τ) is the number of reachable poles (a diagonal model reaches equal ones once) "
        f"({_PROOF}). Measured on {len(found)} spectra: equal to {off:.0e} relative. S4D-Lin reaches "
        f"{int(lin.memory.capacity)}, not N: its pole at zero "
        "frequency is its own conjugate. Attention and usable capacity: not yet examined."
    )


def _trade(found: list[Surveyed]) -> tuple[str, str]:
    worst = max(float(np.max(one.memory.values * (one.memory.delays + 1) / int(one.memory.capacity))) for one in found)
    better = [f"{a.label} over {b.label}" for a, b in permutations(found, 2) if _dominates(a, b)]
    example = f" ({'; '.join(better[:3])}{'; …' if len(better) > 3 else ''})" if better else ""
    return "holds in part", (
        f"Theorem: M(τ) ≤ N/(τ+1) ({_PROOF}); the largest M(τ)(τ+1)/N here is {worst:.4f}. No law for pairs: in {len(better)} "
        f"of {comb(len(found), 2)} pairs one spectrum has both the larger M(0) and the greater length{example}."
    )


def _dominates(a: Surveyed, b: Surveyed) -> bool:
    """Whether a is both more accurate at delay 0 and longer."""
    return bool(a.memory.complement[0] < b.memory.complement[0] and a.memory.length() > b.memory.length())


def _eigenvalues(found: list[Surveyed]) -> tuple[str, str]:
    initial = {one.family: float(one.memory.values[0]) for one in found if one.step == min(o.step for o in found if o.step)}
    return "holds in part", (
        f"Theorem: true for one input, a reachable state and white input, repeated poles included ({_PROOF}). S4 and S4D are "
        "equivalent only where their poles are the same: the dense LegS matrix of S4 has the poles -1 … -N and "
        f"M(0) = {initial['legs']:.4f}, S4D-Lin has M(0) = {initial['s4d-lin']:.4f}, S4D-Inv {initial['s4d-inv']:.4f} at "
        "the same step. Several inputs and state noise: not yet examined."
    )


def _longest(found: list[Surveyed]) -> tuple[str, str]:
    """Three ways to say how far a spectrum reaches; the verdict needs all of them at every step."""
    last = int(found[0].memory.delays[-1])
    reach = {
        "length": lambda m: float(m.length()),
        "mean delay": lambda m: float(m.mean_delay),
        f"M({last})": lambda m: float(m.values[-1]),
    }
    steps = sorted({one.step for one in found if one.step is not None})
    holds, lines = [], []
    for name, measure in reach.items():
        value = {one.label: measure(one.memory) for one in found if one.family != "legs"}
        baseline = max(value[one.label] for one in found if one.step is None)
        ours = {step: min(value[one.label] for one in found if one.step == step and one.family != "legs") for step in steps}
        holds += [ours[step] > baseline for step in steps]
        compared = ", ".join(f"{v:.4g} at Δ = {step:g} ({'longer' if v > baseline else 'not'})" for step, v in ours.items())
        lines.append(f"{name}: longest baseline {baseline:.4g}, shorter of the two S4D spectra {compared}")
    verdict = "holds" if all(holds) else "holds in part" if any(holds) else "fails as stated"
    return verdict, f"Infinite horizon. {'; '.join(lines)}. Finite horizon: not yet examined."


def _vandermonde(found: list[Surveyed]) -> tuple[str, str]:
    errors = {one.label: one.naive_error for one in found}
    bad = {label: error for label, error in errors.items() if not error <= 0.01}
    shown = ", ".join(f"{label} {error:.0e}" if np.isfinite(error) else f"{label} (singular)" for label, error in errors.items())
    return ("holds" if bad else "fails as stated"), (
        f"For the solve with the Gramian in double precision; worst relative error of M(τ): {shown}. Off by more than 1 %: "
        f"{len(bad)} of {len(errors)}. The all-pass cascade keeps 1e-12 on every one of them (documentation, numerical accuracy)."
    )
