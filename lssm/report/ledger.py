"""The claims of the source paper (arXiv 2510.00563), one by one: statement, verdict, and the numbers behind it."""

from collections.abc import Callable
from itertools import permutations
from math import comb
from typing import Any

import numpy as np

from .. import spectra
from ..attention import compare_at_equal_size
from ..discretize import discretize
from ..equivalence import certify
from ..memory import MemoryFunction
from .audit import Audited
from .document import Claim, Section
from .learning import gradient_claim, longest_claim, training_claim
from .lessons import combined, fixed_lesson, gradient_lesson, longest_lesson, moved_lesson, reach_lesson
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
_CAPACITY = "proofs/capacity.py, every N"
_GRADIENT = "proofs/memory_gradient.py, every N"
_LIPSCHITZ = "proofs/lipschitz.py, every N"
_FINITE = "proofs/finite_horizon.py, every N"


def ledger_section(found: list[Surveyed], results: dict[str, Any]) -> Section:
    """All nine claims, examined by the survey, by exact theory and by the experiments with these results."""
    findings = {
        1: _capacity(found),
        2: _trade(found),
        3: _eigenvalues(found),
        4: combined(_longest(found), reach_lesson(results)),
        5: _vandermonde(found),
        **_learned(found, results),
    }
    text = (
        "The claims of arXiv 2510.00563. The paper's tables and its definitions of random, lin and step are not published: "
        "the claims are examined, its numbers are not reproduced. Experiments: "
        f"{results['seeds']} seeds, `lssm report --section learning` shows them and runs them again."
    )
    return Section("Claims ledger", text, _claims(findings))


def learned_section(found: list[Surveyed], results: dict[str, Any]) -> Section:
    """The claims on learning alone: exact theory and the experiments with these results."""
    reach = reach_lesson(results)
    text = "Claims 4 (in training) and 6 to 9 of arXiv 2510.00563."
    return Section("Claims ledger", text, _claims({4: reach, **_learned(found, results)}))


def _learned(found: list[Surveyed], results: dict[str, Any]) -> dict[int, tuple[str, str]]:
    verdict, theory = gradient_claim(found)
    return {
        6: (verdict, f"{theory} {gradient_lesson(results)}"),
        7: combined(longest_claim(found), longest_lesson(results)),
        8: combined(training_claim(), moved_lesson(results)),
        9: fixed_lesson(results),
    }


def _claims(findings: dict[int, tuple[str, str]]) -> list[Claim]:
    return [Claim(number, STATEMENTS[number - 1], *found) for number, found in sorted(findings.items())]


def _capacity(found: list[Surveyed]) -> tuple[str, str]:
    off = max(abs(float(one.memory.values.sum() + one.memory.remainder) / int(one.memory.capacity) - 1) for one in found)
    lin = next(one for one in found if one.family == "s4d-lin")
    rows = compare_at_equal_size(max(16, max(int(one.memory.capacity) for one in found) // 2 * 2))
    compared = "; ".join(f"{row.model}: {row.capacity} and {row.usable:.1f}" for row in rows)
    return "holds in part", (
        "Theorem: with one input, Σ M(τ) is the number of reachable poles (a diagonal model reaches equal ones once) "
        f"({_CAPACITY}). Measured on {len(found)} spectra: equal to {off:.0e} relative. S4D-Lin reaches "
        f"{int(lin.memory.capacity)}, not N: its pole at zero frequency is its own conjugate. Attention has capacity 1 "
        "only as one linear head without rotation, or as one fixed window: heads with distinct decays add one each, "
        "rotated keys make it N. Capacity, and what of it survives read-out noise of variance 1e-4 on states of "
        f"variance one, at N = {rows[0].order}: {compared}."
    )


def training_section(found: list[Audited]) -> Section:
    """What a model before and after training says about claim 8."""
    ratio = {one.layer.name: np.median(one.memory.mean_delay / one.before.mean_delay) for one in found if one.before}
    share = [(_share(one.before), _share(one.memory)) for one in found if one.before]
    lines = ", ".join(f"{name} {value:.3f}" for name, value in ratio.items())
    before, now = np.mean(share, axis=0)
    modest = all(0.5 <= value <= 2.0 for value in ratio.values())
    finding = (
        f"Theorem: Σ_τ ∂M(τ)/∂λ = 0; training the poles moves memory between delays and creates none ({_GRADIENT}). Its "
        "gradient towards a delay where M is nil is nil: |∂M| ≤ √(M(1-M))/(1-|λ|²). In this model the mean delay of "
        f"the median channel changed by the factor {lines}; the share of the capacity within "
        f"{found[0].memory.delays.size} steps went from {before:.4f} to {now:.4f}. One model is evidence, not a law."
    )
    text = "Claim 8 of arXiv 2510.00563, as far as this model speaks to it (modest: a factor below two)."
    return Section("Claims ledger", text, [Claim(8, STATEMENTS[7], "holds in part" if modest else "fails as stated", finding)])


def _share(memory: MemoryFunction) -> float:
    return float((memory.values.sum(-1) / memory.capacity).mean())


def _trade(found: list[Surveyed]) -> tuple[str, str]:
    worst = max(float(np.max(one.memory.values * (one.memory.delays + 1) / int(one.memory.capacity))) for one in found)
    T = found[0].finite.horizon
    infinite, finite = (_dominating({one.label: pick(one) for one in found}) for pick in (lambda o: o.memory, lambda o: o.finite))
    return "holds in part", (
        f"Theorem: M(τ) ≤ N/(τ+1) ({_CAPACITY}); the largest M(τ)(τ+1)/N here is {worst:.4f}. The sum of M is N for an infinite "
        "past and after T ≥ N steps alike: what is gained at one delay is lost at another. So it is for gradients, Σ ∂M = 0 "
        f"({_GRADIENT}). No law for pairs, though: of {comb(len(found), 2)} pairs one spectrum has both the larger M(0) and the "
        "greater length in "
        f"{_examples(infinite)} with an infinite past, in {_examples(finite)} after {T} steps."
    )


def _dominating(memories: dict[str, MemoryFunction]) -> list[str]:
    """Pairs in which the first is both more accurate at delay 0 and longer."""
    pairs = permutations(memories.items(), 2)
    return [f"{a} over {b}" for (a, m), (b, n) in pairs if m.complement[0] < n.complement[0] and m.length() > n.length()]


def _examples(pairs: list[str]) -> str:
    return f"{len(pairs)}" + (f" ({'; '.join(pairs[:2])}{'; …' if len(pairs) > 2 else ''})" if pairs else "")


def _eigenvalues(found: list[Surveyed]) -> tuple[str, str]:
    initial = {one.family: float(one.memory.values[0]) for one in found if one.step == min(o.step for o in found if o.step)}
    return "holds in part", (
        f"Theorem: true for one input, a reachable state and white input, repeated poles included ({_PROOF}). S4 and S4D are "
        "equivalent only where their poles are the same: the dense LegS matrix of S4 has the poles -1 … -N and "
        f"M(0) = {initial['legs']:.4f}, S4D-Lin has M(0) = {initial['s4d-lin']:.4f}, S4D-Inv {initial['s4d-inv']:.4f} at "
        f"the same step. {_compared_forms()} With one input it holds for any stationary input; with two inputs or noise on the "
        "state it does not: equal poles, M(0) of the first input 3/4 and 147/296, under noise of variance one 0.65 and 0.86 "
        "(proofs/poles_only.py, every N, with exact counterexamples)."
    )


def _compared_forms() -> str:
    """S4-LegS against the diagonal system with its poles, and against S4D-LegS, by certificates."""
    order, step = 64, 1e-3
    s4 = discretize(spectra.hippo(order=order), step)
    own, other = certify(s4, spectra.legs(order=order, step=step)), certify(s4, spectra.s4d_legs(order=order, step=step))
    speeds = " and ".join(f"{condition:.0e}" for condition in own.gramian_conditions)
    return (
        f"Certificates at N = {order}, Δ = {step:g}: S4-LegS against the diagonal system with its poles: same memory "
        f"{own.same_memory}, |M-M'| ≤ {own.memory_bound:.0e} at every delay; against S4D-LegS: same memory {other.same_memory}, "
        f"|M-M'| up to {other.memory_difference:.2f}. Equal memory is not equal learning: the Gramians of the first pair have "
        f"conditions {speeds}. Nearby poles have nearby memories, by a bound ({_LIPSCHITZ})."
    )


def _longest(found: list[Surveyed]) -> tuple[str, str]:
    """Several ways to say how far a spectrum reaches; the verdict needs all of them at every step."""
    T, last = found[0].finite.horizon, int(found[0].memory.delays[-1])
    reach: dict[str, Callable[[Surveyed], float]] = {
        "length": lambda one: float(one.memory.length()),
        "mean delay": lambda one: float(one.memory.mean_delay),
        f"M({last})": lambda one: float(one.memory.values[-1]),
        f"length after {T} steps": lambda one: float(one.finite.length()),
        f"mean delay after {T} steps": lambda one: float(one.finite.mean_delay),
    }
    steps = sorted({one.step for one in found if one.step is not None})
    holds, lines = [], []
    for name, measure in reach.items():
        value = {one.label: measure(one) for one in found if one.family != "legs"}
        baseline = max(value[one.label] for one in found if one.step is None)
        ours = {step: min(value[one.label] for one in found if one.step == step and one.family != "legs") for step in steps}
        holds += [ours[step] > baseline for step in steps]
        compared = ", ".join(f"{v:.4g} at Δ = {step:g} ({'longer' if v > baseline else 'not'})" for step, v in ours.items())
        lines.append(f"{name}: longest baseline {baseline:.4g}, shorter of the two S4D spectra {compared}")
    verdict = "holds" if all(holds) else "holds in part" if any(holds) else "fails as stated"
    return verdict, f"{'; '.join(lines)}. The paper's own random, lin and step are not published."


def _vandermonde(found: list[Surveyed]) -> tuple[str, str]:
    T = found[0].finite.horizon
    routes = {
        "Gramian solve, infinite past": {one.label: one.naive_error for one in found},
        f"SVD of the Vandermonde matrix, {T} steps": {one.label: one.svd_error for one in found},
    }
    lines = [
        f"{route}: worst relative error {_listed(errors)}; off by more than 1 %: {_bad(errors)} of {len(errors)}"
        for route, errors in routes.items()
    ]
    verdict = "holds" if any(map(_bad, routes.values())) else "fails as stated"
    return verdict, (
        f"In double precision. {'. '.join(lines)}. The memory itself is well-conditioned on every one of them: cascades keep "
        f"1e-12 (documentation, numerical accuracy; {_FINITE})."
    )


def _bad(errors: dict[str, float]) -> int:
    return sum(not error <= 0.01 for error in errors.values())


def _listed(errors: dict[str, float]) -> str:
    return ", ".join(f"{label} {error:.0e}" if np.isfinite(error) else f"{label} (singular)" for label, error in errors.items())
