"""Are two models the same? Three questions that are mixed up, each with its own answer."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._results import Result
from .._validate import argument, count, positive_number
from ..gramians import gramian_eigenvalues, h2_distance, h2_norm, input_normal
from ..gramians._system import one_system
from ..memory import MemoryFunction, memory_function
from ..reachability import ReachablePart, reachable_part, require_stable_part
from ..scan import impulse_response
from ..systems import Diagonal, DiscreteSSM, as_discrete
from ._matching import Matching, match_poles
from ._verdict import NO, OPEN, YES, Verdict

_STEPS = 5 * 10**7


@dataclass(frozen=True, eq=False)
class Certificate(Result):
    """What two systems have in common, with measured differences, bounds and verdicts.

    Attributes
    ----------
    same_memory : Verdict
        Whether ``|M - M'|`` is below the tolerance at every delay.
    same_map : Verdict
        Whether the impulse responses agree, to the tolerance times their norm.
    similar : Verdict
        Whether the states are the same up to a change of coordinates: all states reached, and equal poles to the tolerance.
    ranks : tuple of int
        Dimensions that the input reaches.
    couplings : tuple of float
        Couplings to the rest that were taken for zero, relative to ``‖A‖``. Where one is not exactly 0 the capacity is a
        decision, and nothing about memory is certified.
    memory_difference : float
        Largest ``|M(τ) - M'(τ)|`` over the delays computed.
    memory_bound : float
        Bound of it for *every* delay: the smaller of what the matched poles allow (`matching`) and of what the values allow, M
        being monotone; plus the errors of both.
    matching : Matching or None
        The poles, optimally paired; None where there are different numbers of them.
    response_difference : float
        Largest difference of the impulse responses over the steps computed; NaN where inputs or outputs do not fit.
    response_bound : float
        Bound of it for every step: the H2 distance, and an estimate of its rounding.
    relative_distance : float
        H2 distance over the larger H2 norm.
    gramian_conditions : tuple of float
        ``γ_1/γ_N`` of both: how unequal the speeds are at which a readout learns from them. With equal memory these may differ by
        any factor.
    tolerance : float
        What was asked.

    Notes
    -----
    Explained in :doc:`/derivations/equivalence`.

    Examples
    --------
    Twice the input and half the output:

    >>> import lssm
    >>> cert = lssm.equivalence.certify(([[0.5]], [1.0], [1.0]), ([[0.5]], [2.0], [0.5]))
    >>> cert.same_memory, cert.same_map, cert.similar
    ('yes', 'yes', 'yes')
    >>> cert.ranks, cert.transform_condition_bound
    ((1, 1), 1.0)
    """

    same_memory: Verdict
    same_map: Verdict
    similar: Verdict
    ranks: tuple[int, int]
    couplings: tuple[float, float]
    memory_difference: float
    memory_bound: float
    matching: Matching | None = field(repr=False)
    response_difference: float
    response_bound: float
    relative_distance: float
    gramian_conditions: tuple[float, float]
    tolerance: float

    @property
    def transform_condition_bound(self) -> float:
        """Bound of the condition of the change of coordinates between similar states: ``√(κ κ')`` of the Gramians."""
        return float(np.sqrt(self.gramian_conditions[0]) * np.sqrt(self.gramian_conditions[1]))

    def __str__(self) -> str:
        return (
            f"same memory: {self.same_memory} (|M-M'| {self.memory_difference:.1e}, everywhere ≤ {self.memory_bound:.1e}); "
            f"same map: {self.same_map} ({self.relative_distance:.1e} of the H2 norm); similar states: {self.similar}; "
            f"Gramian conditions {self.gramian_conditions[0]:.1e} and {self.gramian_conditions[1]:.1e}"
        )


def certify(first: Any, second: Any, *, tolerance: float = 1e-10, delays: int = 4096) -> Certificate:
    r"""Compare two discrete systems with one input: memory, input-output map, state.

    Parameters
    ----------
    first, second : discrete systems or Poles
        Stable, one input, not batches. Poles mean a diagonal system with all input weights 1, whose output is its state.
    tolerance : float
        Differences below it count as none: of M as they are, of impulse responses relative to their H2 norm, of poles in total
        hyperbolic distance.
    delays : int
        Number of delays, in steps, that are computed at least; more where memory is longer and time allows. Bounds hold for all.

    Returns
    -------
    Certificate
        Its `same_memory`, `same_map` and `similar` are each a `Verdict`: "yes", "no" or "undecided".

    Raises
    ------
    UnstableError
        An unstable system.
    UnsupportedError
        Several inputs, batches, continuous systems (discretize them first: the answer depends on the rule).

    Notes
    -----
    Three statements. *Same memory*: equal multisets of reachable poles are enough, and the certificate bounds what unequal ones
    do. *Same map*: equal impulse responses; says nothing about the memory of states that the readout does not use. *Similar*: one
    state is a linear function of the other and back; for reachable states that is equality of poles with multiplicities.

    Where single eigenvalues are wrong (a non-normal matrix) the paired poles say little; M itself, monotone, is then compared at
    all delays up to `delays`, and beyond the last one both lie between 0 and their last values.

    Theorems: :doc:`/theorems/lipschitz` (``proofs/lipschitz.py``), :doc:`/theorems/poles_only` (``proofs/poles_only.py``);
    derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> s4 = lssm.discretize(lssm.spectra.hippo(order=64), 1e-3)
    >>> s4d = lssm.spectra.s4d_legs(order=64, step=1e-3)
    >>> cert = lssm.equivalence.certify(s4, s4d)
    >>> cert.same_memory, f"{cert.memory_difference:.3f}"
    ('no', '0.922')
    """
    share, T = positive_number(tolerance, "tolerance"), count(delays, "delays", least=2, most=10**7)
    systems, parts = [], []
    for name, system in (("first", first), ("second", second)):
        with argument(name):
            systems.append(as_discrete(one_system(system)))
            parts.append(require_stable_part(reachable_part(systems[-1])))
    memory, response = _memory(parts, _until_small(parts, T, share)), _responses(systems[0], systems[1], T)
    identical = systems[0] == systems[1]
    return Certificate(
        same_memory=YES if identical else memory.verdict(share),
        same_map=YES if identical else response.verdict(share * response.norm),
        similar=YES if identical else _similar(systems, parts, memory, share),
        ranks=(parts[0].dimension, parts[1].dimension),
        couplings=(parts[0].coupling, parts[1].coupling),
        memory_difference=memory.difference,
        memory_bound=0.0 if identical else memory.bound,
        matching=memory.matching,
        response_difference=response.difference,
        response_bound=0.0 if identical else response.bound,
        relative_distance=0.0 if identical or not response.norm else response.distance / response.norm,
        gramian_conditions=(_condition(systems[0]), _condition(systems[1])),
        tolerance=share,
    )


@dataclass(frozen=True)
class _Compared:
    """A difference computed, a lower bound of the true one (0 if nothing is sure), and an upper bound of it."""

    difference: float
    least: float
    bound: float
    matching: Matching | None = None
    distance: float = np.nan
    norm: float = np.nan

    def verdict(self, tolerance: float) -> Verdict:
        if np.isnan(self.bound):
            return OPEN
        return YES if self.bound <= tolerance else NO if self.least > tolerance else OPEN


def _until_small(parts: list[ReachablePart], T: int, tolerance: float) -> list[MemoryFunction]:
    """Both memories up to a delay at which they are below the tolerance, or up to as many steps as take a second or so."""
    most = _STEPS // max(part.dimension for part in parts)
    while True:
        memories = [memory_function(part.poles, T) for part in parts]
        if max(m.values[-1] for m in memories) <= 0.1 * tolerance or 4 * T > most:
            return memories
        T *= 4


def _memory(parts: list[ReachablePart], memories: list[MemoryFunction]) -> _Compared:
    """Memories compared: at the delays computed, beyond them (both lie below their last values), by the pairing of the poles."""
    one, two = memories
    gaps, errors = np.abs(one.values - two.values), one.error + two.error
    own = sum(float(part.memory_error(np.array(0.5), np.array(0.5))) for part in parts)  # at its largest
    doubtful = any(part.coupling > 0 for part in parts)  # a coupling at rounding level was taken for zero
    least = 0.0 if doubtful else max(float((gaps - errors).max()) - own, 0.0)
    inside, beyond = float((gaps + errors).max()), float(max(one.values[-1], two.values[-1]))
    bound = min(max(inside, beyond) + own, 1.0)
    matching = None
    if parts[0].dimension == parts[1].dimension:
        matching = match_poles(parts[0].poles, parts[1].poles)
        bound = min(bound, matching.memory_bound + own)
    return _Compared(float(gaps.max()), least, 1.0 if doubtful else bound, matching)


def _responses(one: DiscreteSSM, two: DiscreteSSM, T: int) -> _Compared:
    """Impulse responses compared; the H2 distance bounds every entry, its rounding is estimated."""
    norm = max(h2_norm(one), h2_norm(two))
    if (one.inputs, one.outputs) != (two.inputs, two.outputs):
        return _Compared(np.nan, np.nan, np.nan, norm=norm)
    distance = h2_distance(one, two)
    rounding = np.finfo(float).eps * sum(_sizes(system) for system in (one, two))
    difference = float(np.abs(impulse_response(one, T) - impulse_response(two, T)).max())
    least = max(difference - rounding, distance - rounding, 0.0)
    return _Compared(difference, least, distance + rounding, distance=distance, norm=norm)


def _sizes(system: DiscreteSSM) -> float:
    """What rounding is to be compared with: ``N ‖C‖ ‖S‖ ‖A‖`` over the least damping, S the factor of the Gramian."""
    found = input_normal(system)
    slowest = float(np.abs(np.diagonal(found.system.A.to_dense())).max())
    damping = max(-np.expm1(2 * np.log(slowest)) if slowest > 0 else 1.0, np.finfo(float).eps)
    size = float(np.linalg.norm(system.C) * np.linalg.norm(found.transform))
    return 4 * system.order * size * max(float(np.linalg.norm(system.A.to_dense())), 1.0) / damping


def _similar(systems: list[DiscreteSSM], parts: list[ReachablePart], memory: _Compared, tolerance: float) -> Verdict:
    """Equal poles of reachable states; single poles of a non-normal matrix are only known to ``κ(V) ‖E‖``."""
    one, two = systems
    if one.order != two.order or memory.least > tolerance:
        return NO
    if any(part.dimension < one.order or part.coupling > 0 for part in parts) or memory.matching is None:
        same = parts[0].dimension == parts[1].dimension
        return OPEN if same or any(part.coupling > 0 for part in parts) else NO
    doubt = sum(_doubt(system, part) for system, part in zip(systems, parts, strict=True))
    if memory.matching.total + doubt <= tolerance:
        return YES
    return NO if memory.matching.total - doubt > tolerance else OPEN


def _doubt(system: DiscreteSSM, part: ReachablePart) -> float:
    """How far the computed poles may be off, all together, in hyperbolic distance."""
    if isinstance(system.A, Diagonal) or not part.backward_error:
        return 0.0
    matrix = system.A.to_dense()
    if not (np.any(np.tril(matrix, -1)) and np.any(np.triu(matrix, 1))):
        return 0.0  # triangular: the poles are its diagonal
    condition = float(np.linalg.cond(np.linalg.eig(matrix)[1]))
    damping = float(part.poles.damping.min())
    return system.order * condition * max(part.backward_error, np.finfo(float).eps * float(np.linalg.norm(matrix))) / damping


def _condition(system: DiscreteSSM) -> float:
    logs = gramian_eigenvalues(system, log=True)
    with np.errstate(over="ignore"):
        return float(np.exp(logs[0] - logs[-1]))
