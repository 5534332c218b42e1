"""Same memory, different learning speed: one set of poles in several coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from .._validate import InvalidInputError, choice, number_inside
from ..allpass import orthonormal_realisation
from ..gramians import balanced
from ..poles import Poles
from ..systems import Diagonal, DiscreteSSM
from ._loss import projections
from ._readout import ReadoutFlow, discrete_system, require_teacher
from ._reduction import best_residues
from ._teacher import Teacher
from ._whitened import whitened

COORDINATES = ("diagonal", "normalised", "balanced", "orthonormal")


@dataclass(frozen=True, eq=False)
class LearningSpeeds(Result):
    """Readouts that learn one teacher from one memory, in different coordinates.

    Attributes
    ----------
    flows : dict of str to ReadoutFlow
        By name of the coordinates; gradient descent, each at the same fraction of its largest stable step size.
    conditions : dict of str to float
        ``γ_1/γ_N`` of each Gramian; inf beyond the range of doubles.
    lost : float
        Loss of the best readout of the whole memory. Balanced coordinates may leave out states and have a larger one:
        ``flows["balanced"].lost``.

    Notes
    -----
    Theorem: :doc:`/theorems/readout_flow` (``proofs/readout_flow.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import learning_speeds, teachers
    >>> s4 = lssm.discretize(lssm.spectra.hippo(order=16), 1e-2, method="bilinear")
    >>> found = learning_speeds(s4, teachers.delay(20), coordinates=["normalised", "orthonormal"])
    >>> {name: float(loss.round(3)) for name, loss in found.loss(100).items()}
    {'own': 0.887, 'normalised': 0.966, 'orthonormal': 0.887}
    >>> [name for name, steps in found.steps_to(fraction=0.9).items() if steps < 1000]
    ['own', 'orthonormal']
    """

    flows: Mapping[str, ReadoutFlow] = field(repr=False)
    conditions: Mapping[str, float]
    lost: float

    def loss(self, steps: ArrayLike) -> dict[str, NDArray[np.float64]]:
        """Loss in the course of learning.

        Parameters
        ----------
        steps : array_like, shape (...)
            Number of steps; inf is allowed.

        Returns
        -------
        dict of str to float, or to float array of shape (...)
            By name of the coordinates.
        """
        return {name: flow.loss(steps) for name, flow in self.flows.items()}

    def steps_to(self, loss: float | None = None, *, fraction: float | None = None) -> dict[str, float]:
        """Steps to a given loss, or to a fraction of what each can learn.

        Parameters
        ----------
        loss, fraction : float, optional
            One of them, as in `ReadoutFlow.steps_to`.

        Returns
        -------
        dict of str to float
            Number of steps by name of the coordinates; inf where the loss never falls so far.
        """
        return {name: flow.steps_to(loss, fraction=fraction) for name, flow in self.flows.items()}

    def _content(self) -> dict[str, Any]:
        return {"lost": self.lost, "conditions": dict(self.conditions), "flows": dict(self.flows)}

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {value:.2g}" for name, value in self.conditions.items())
        return f"one memory, loss of the best readout {self.lost:.5g}; condition of the Gramian: {parts}"


def learning_speeds(
    system: Any,
    teacher: Teacher,
    *,
    coordinates: str | Sequence[str] = COORDINATES,
    fraction: float = 0.5,
    momentum: float = 0.0,
) -> LearningSpeeds:
    r"""Gradient descent on the readout of one memory in several coordinates.

    Parameters
    ----------
    system : Poles or discrete system
        One input. A system that is not diagonal is compared in its own coordinates too ("own").
    teacher : Teacher
        From `lssm.dynamics.teachers`.
    coordinates : one or a sequence of {"diagonal", "normalised", "balanced", "orthonormal"}
        Modes with input weights 1; with ``√(1-|λ|²)``, as the LRU has them; balanced for the best readout; Gramian I.
    fraction : float
        Step size as a fraction of the largest stable one, below 1.
    momentum : float
        As in `ReadoutFlow`.

    Returns
    -------
    LearningSpeeds

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    UnsupportedError
        Several inputs, a batch, continuous time.
    InvalidInputError
        Unknown coordinates, a fraction outside (0, 1), repeated poles in other than orthonormal coordinates.

    Notes
    -----
    For one input the memory is that of the poles in any coordinates, and so is the loss of the best readout. The eigenvalues of
    the Gramian, which are the speeds, are not. Balanced coordinates leave out states that the best readout does not see.

    Theorem: :doc:`/theorems/readout_flow` (``proofs/readout_flow.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm
    >>> from lssm.dynamics import learning_speeds, teachers
    >>> s4 = lssm.discretize(lssm.spectra.hippo(order=16), 1e-2, method="bilinear")
    >>> print(learning_speeds(s4, teachers.delay(20), coordinates=["diagonal", "orthonormal"]))
    one memory, loss of the best readout 0.88652; condition of the Gramian: own 1.9e+02, diagonal 8e+22, orthonormal 1
    """
    one, target = discrete_system(system), require_teacher(teacher)
    momentum = number_inside(momentum, "momentum", 0.0, np.nextafter(1.0, 0.0))
    share = number_inside(fraction, "fraction", 0.0, 1.0)
    if not 0.0 < share < 1.0:
        raise InvalidInputError(f"fraction: must lie strictly between 0 and 1, got {share:g}")
    names = [coordinates] if isinstance(coordinates, str) else coordinates
    if not isinstance(names, (list, tuple)):
        raise InvalidInputError(f"coordinates: a {type(names).__name__}; pass names among {', '.join(COORDINATES)}")
    coordinates = [choice(name, "coordinates", ("own", *COORDINATES)) for name in names if name != "own"]
    log = whitened(one).log
    if set(coordinates) - {"orthonormal"} and Poles.from_log(log, diagonal=True).merged:
        raise InvalidInputError('coordinates: repeated poles have no diagonal form; pass coordinates=["orthonormal"]')
    chosen = {name: _in_coordinates(choice(name, "coordinates", COORDINATES), log, target) for name in coordinates}
    systems = chosen if isinstance(one.A, Diagonal) else {"own": one, **chosen}
    if not systems:
        raise InvalidInputError(f"coordinates: none; choose among {', '.join(COORDINATES)}")
    flows = {name: _flow(found, target, share, momentum) for name, found in systems.items()}
    conditions = {name: _condition(flow) for name, flow in flows.items()}
    return LearningSpeeds(flows, conditions, target.split(log).lost)


def _flow(system: DiscreteSSM, teacher: Teacher, fraction: float, momentum: float) -> ReadoutFlow:
    limit = ReadoutFlow(system, teacher).largest_rate * (1.0 + momentum)
    return ReadoutFlow(system, teacher, rate=fraction * limit, momentum=momentum)


def _condition(flow: ReadoutFlow) -> float:
    with np.errstate(over="ignore"):
        return float(np.exp(flow.log_eigenvalues[0] - flow.log_eigenvalues[-1]))


def _in_coordinates(name: str, log: NDArray[np.complex128], teacher: Teacher) -> DiscreteSSM:
    """The poles as a system whose output is its state."""
    if name == "orthonormal":
        return orthonormal_realisation(Poles.from_log(log)).system
    if name == "diagonal":
        return DiscreteSSM(Diagonal.from_log(log), np.ones(log.size))
    normalised = DiscreteSSM(Diagonal.from_log(log), np.sqrt(-np.expm1(2.0 * log.real)))
    if name == "normalised":
        return normalised
    residues = best_residues(log, projections(log, teacher).held)
    found = balanced(DiscreteSSM(normalised.A, normalised.B, residues / normalised.B[:, 0])).system
    return DiscreteSSM(found.A, found.B)
