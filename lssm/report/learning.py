"""What theory says of the source paper's claims on learning: exact losses, exact flows, no training and no sampling."""

from functools import cache

import numpy as np

from .. import spectra
from ..dynamics import ReadoutFlow, pole_flow, teacher_information, teachers
from ..memory import memory_function
from .survey import Surveyed

_CAPACITY = "proofs/capacity.py, every N"
_INFORMATION = "proofs/teacher_information.py, every N"
_READOUT = "proofs/readout_flow.py, every N"
_LEARNING = "proofs/pole_learning.py, every N"
_GRADIENT = "proofs/memory_gradient.py, every N"
_STEPS = 1000
_FACTORS = (2, 5, 10, 20)


def gradient_claim(found: list[Surveyed]) -> tuple[str, str]:
    """Claim 6: how the readout's gradient weighs delays, in whitened coordinates and in the model's own."""
    lag = int(found[0].memory.delays[-1]) // 4
    weights = "; ".join(f"{one.label} {_own_weight(one, lag):.2g}, {_white_weight(one, lag):.2g}" for one in found)
    shares = ", ".join(f"{one.label} {_learned(one, lag):.2g}" for one in found)
    seen = teacher_information(found[0].poles, teachers.delay(lag), lag + 1).visible
    return "holds in part", (
        "Theorem: whatever the output nonlinearity and the loss, the gradient is Σ_τ E[g u_(t-τ)] v_τ; where M(τ) = 0 nothing of "
        "delay τ is in it. In whitened coordinates delay τ has the weight √M(τ), and of a teacher that is one delay exactly M(τ) "
        f"is visible ({_INFORMATION}; measured for {found[0].label}, D = {lag}: {seen:.6g} and "
        f"{float(found[0].memory.values[lag]):.6g}). In the model's own coordinates the weight is ‖v_τ‖, no function of memory: "
        f"weight of delay {lag} over that of delay 0, own and whitened: {weights}. And weight is not speed: with input weights 1 "
        f"and η = 1/γ_1, {_STEPS} steps learn this share of M({lag}): {shares} ({_READOUT})."
    )


def _own_weight(one: Surveyed, lag: int) -> float:
    """``‖v_τ‖/‖v_0‖`` in diagonal coordinates."""
    return float(np.sqrt(np.mean(np.exp(2 * lag * one.poles.log.real))))


def _white_weight(one: Surveyed, lag: int) -> float:
    return float(np.sqrt(one.memory.values[lag] / one.memory.values[0]))


def _learned(one: Surveyed, lag: int) -> float:
    """Share of M(lag) that gradient descent at half the largest stable step size has learned."""
    limit = ReadoutFlow(one.poles, teachers.delay(lag)).largest_rate
    learned = ReadoutFlow(one.poles, teachers.delay(lag), rate=0.5 * limit).memory(_STEPS, [lag])[0]
    return float(learned / one.memory.values[lag]) if one.memory.values[lag] > 0 else 0.0


def longest_claim(found: list[Surveyed]) -> tuple[str, str]:
    """Claim 7, theory: with fixed poles the loss of lag D is 1 - M(D), whatever else the spectrum remembers."""
    longest = max(found, key=lambda one: int(one.memory.length()))
    last = int(found[0].memory.delays[-1])
    best = {lag: _strongest(found, lag) for lag in sorted({last // 64, last // 16, last // 4, last})}
    lines = ", ".join(
        f"D = {lag}: {one.label}, M = {float(one.memory.values[lag]):.3g} (longest: {float(longest.memory.values[lag]):.3g})"
        for lag, one in best.items()
    )
    return "holds in part" if any(one is not longest for one in best.values()) else "holds", (
        "Theorem: with fixed poles the loss of recalling lag D is 1 - M(D) "
        f"({_INFORMATION}), so M(D) at the task's lag counts, not the length. The longest spectrum here is {longest.label} "
        f"({int(longest.memory.length())} steps); the best one for a lag is {lines}. When poles are trained too, the gradient "
        f"towards lag D is at most √(M(D)(1-M(D)))/(1-|λ|²) ({_GRADIENT}): where memory is nil at the lag nothing starts, "
        "where it is small and inaccurate it does."
    )


def _strongest(found: list[Surveyed], lag: int) -> Surveyed:
    return max(found, key=lambda one: float(one.memory.values[lag]))


@cache
def training_claim() -> tuple[str, str]:
    """Claim 8, theory: the gradient flow of the poles of S4D-Lin towards lags far beyond its memory."""
    start = spectra.s4d_lin(order=8, step=0.1)
    length = int(memory_function(start, 1000).length())
    lines, grown = [], []
    for lag in (factor * length for factor in _FACTORS):
        way = pole_flow(start, teachers.delay(lag), time=1e12, gtol=1e-14)
        before, after = (float(x) for x in memory_function(way.poles[[0, -1]], [lag]).values[:, 0])
        half = way.times[int(np.argmax(way.loss <= 0.5 * (way.loss[0] + way.loss[-1])))]
        grown.append(after / before)
        lines.append(
            f"D = {lag}: {before:.1e} → {after:.2g} (bound {start.order / (lag + 1):.2g}), half of it by time {half:.2g}"
        )
    verdict = "holds" if max(grown) < 2 else "fails as stated" if min(grown) >= 2 else "holds in part"
    return verdict, (
        "Theorems: Σ_τ M(τ) = N before and after "
        f"({_GRADIENT}), and M(D) ≤ N/(D+1) ({_CAPACITY}): training moves memory to a lag, creates none, and never passes that "
        "bound. Fixed poles interpolate the teacher at N points, trained ones its derivative there as well; that is all they add "
        f"({_LEARNING}). Measured with exact gradients and the best readout at every moment, S4D-Lin with {start.order} poles "
        f"and initial length {length}, M(D) before and after the gradient flow of the poles: {'; '.join(lines)}. With exact "
        "gradients the gain at one lag is not modest; what is difficult is the start, a plateau whose gradient is of size √M(D) "
        "and whose duration grows as M(D) falls."
    )
