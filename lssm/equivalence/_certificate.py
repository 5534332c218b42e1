"""Are two models the same? Three questions that are mixed up, each with its own answer."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._results import Result, plain
from .._validate import UnsupportedError, count, positive_number
from ..gramians import gramian_eigenvalues, h2_distance, h2_norm
from ..memory import MemoryFunction, memory_function
from ..poles import Poles
from ..reachability import ReachablePart, reachable_part, require_stable_part
from ..scan import impulse_response
from ..systems import Diagonal, DiscreteSSM, as_discrete
from ._matching import Matching, match_poles

_STEPS = 5 * 10**7
YES, NO, OPEN = "yes", "no", "undecided"


@dataclass(frozen=True, eq=False)
class Certificate(Result):
    """What two systems have in common, with measured differences, bounds and verdicts.

    Attributes
    ----------
    same_memory : {"yes", "no", "undecided"}
        Whether ``|M - M'|`` is below the tolerance at every delay.
    same_map : {"yes", "no", "undecided"}
        Whether the impulse responses agree, to the tolerance times their norm.
    similar : {"yes", "no", "undecided"}
        Whether the states are the same up to a change of coordinates: all states reached, and equal poles to the tolerance.
    ranks : tuple of int
        Dimensions that the input reaches.
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
        Bound of it for every step: the H2 distance.
    relative_distance : float
        H2 distance over the larger H2 norm.
    gramian_conditions : tuple of float
        ``γ_1/γ_N`` of both: how unequal the speeds are at which a readout learns from them. With equal memory these may differ by
        any factor.
    tolerance : float
        What was asked.
    """

    same_memory: str
    same_map: str
    similar: str
    ranks: tuple[int, int]
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

    def to_dict(self) -> dict[str, Any]:
        """Content as plain lists and numbers."""
        rest = {name: plain(getattr(self, name)) for name in self.__dataclass_fields__ if name != "matching"}
        return rest | {"matching": None if self.matching is None else self.matching.to_dict()}

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
        Differences below it count as none.
    delays : int
        Delays and steps that are computed, at least; more where memory is longer and time allows. Bounds hold for all.

    Returns
    -------
    Certificate

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
    systems = [_discrete(system, name) for system, name in ((first, "first"), (second, "second"))]
    parts = [require_stable_part(reachable_part(system)) for system in systems]
    memories = _until_small(parts, T, share)
    difference, bound, matching = _memory(parts, memories)
    response, distance, norm = _responses(systems[0], systems[1], T)
    ranks = parts[0].dimension, parts[1].dimension
    return Certificate(
        same_memory=_verdict(difference, bound, share),
        same_map=OPEN if np.isnan(distance) else _verdict(distance, distance, share * norm),
        similar=_similar(systems, ranks, matching, difference, share),
        ranks=ranks,
        memory_difference=difference,
        memory_bound=bound,
        matching=matching,
        response_difference=response,
        response_bound=distance,
        relative_distance=distance / norm if norm else 0.0,
        gramian_conditions=(_condition(systems[0]), _condition(systems[1])),
        tolerance=share,
    )


def _discrete(system: Any, name: str) -> DiscreteSSM:
    if isinstance(system, Poles):
        row = system.require_single().rows()[0]
        return DiscreteSSM(Diagonal.from_log(row), np.ones(row.size))
    try:
        return as_discrete(system)
    except UnsupportedError as error:
        raise UnsupportedError(str(error).replace("system:", f"{name}:", 1)) from None


def _until_small(parts: list[ReachablePart], T: int, tolerance: float) -> list[MemoryFunction]:
    """Both memories up to a delay at which they are below the tolerance, or up to as many steps as take a second or so."""
    most = _STEPS // max(part.dimension for part in parts)
    while True:
        memories = [memory_function(part.poles, T) for part in parts]
        if max(m.values[-1] for m in memories) <= 0.1 * tolerance or 4 * T > most:
            return memories
        T *= 4


def _memory(parts: list[ReachablePart], memories: list[MemoryFunction]) -> tuple[float, float, Matching | None]:
    """Largest difference computed, bound for every delay, and the pairing."""
    one, two = memories
    difference = float(np.abs(one.values - two.values).max())
    inside = difference + float((one.error + two.error).max())
    beyond = float(max(one.values[-1], two.values[-1]))
    own = sum(float(part.memory_error(np.array(0.25), np.array(0.75))) * (4 / 3) for part in parts)  # at its largest, M = 1/2
    bound = min(max(inside, beyond) + own, 1.0)
    if parts[0].dimension != parts[1].dimension:
        return difference, bound, None
    matching = match_poles(parts[0].poles, parts[1].poles)
    return difference, min(bound, matching.memory_bound + own), matching


def _responses(one: DiscreteSSM, two: DiscreteSSM, T: int) -> tuple[float, float, float]:
    """Largest difference of the impulse responses, H2 distance, larger H2 norm."""
    if (one.inputs, one.outputs) != (two.inputs, two.outputs):
        return np.nan, np.nan, max(h2_norm(one), h2_norm(two))
    from_both = h2_distance(one, two)
    return _largest_difference(one, two, T), from_both, max(h2_norm(one), h2_norm(two))


def _largest_difference(one: DiscreteSSM, two: DiscreteSSM, T: int) -> float:
    return float(np.abs(impulse_response(one, T) - impulse_response(two, T)).max())


def _verdict(difference: float, bound: float, tolerance: float) -> str:
    return YES if bound <= tolerance else NO if difference > tolerance else OPEN


def _similar(
    systems: list[DiscreteSSM], ranks: tuple[int, int], matching: Matching | None, difference: float, tolerance: float
) -> str:
    if systems[0].order != systems[1].order or ranks[0] != ranks[1] or difference > tolerance:
        return NO
    if ranks[0] < systems[0].order or matching is None:
        return OPEN
    return YES if matching.total <= tolerance else OPEN


def _condition(system: DiscreteSSM) -> float:
    logs = gramian_eigenvalues(system, log=True)
    with np.errstate(over="ignore"):
        return float(np.exp(logs[0] - logs[-1]))
