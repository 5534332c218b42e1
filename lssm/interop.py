"""Systems for other packages: scipy.signal and python-control, on their clock."""

import importlib
from importlib.util import find_spec
from typing import Any

from ._validate import UnsupportedError, positive_number
from .systems import ContinuousSSM, DiscreteSSM, single_system


def to_scipy(system: Any, *, step: float = 1.0) -> Any:
    """A `scipy.signal.StateSpace` with the same input-output map.

    Parameters
    ----------
    system : DiscreteSSM or ContinuousSSM
        Not a batch.
    step : float
        Sampling time of a discrete system (units of time).

    Returns
    -------
    scipy.signal.StateSpace
        A discrete one is on the clock ``x_{t+1} = A x_t + B u_t``: its C and D are CA and CB + D.

    Raises
    ------
    UnsupportedError
        A batch; complex matrices, which scipy stores, but whose imaginary part its simulations drop.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> foreign = lssm.to_scipy(lssm.DiscreteSSM([[0.5]], [1.0], [1.0]))
    >>> foreign.C.item(), foreign.D.item()
    (0.5, 1.0)
    """
    signal = importlib.import_module("scipy.signal")
    matrices, discrete = _real_matrices(system, "scipy.signal drops the imaginary part when it simulates")
    return signal.StateSpace(*matrices, dt=positive_number(step, "step")) if discrete else signal.StateSpace(*matrices)


def to_control(system: Any, *, step: float = 1.0) -> Any:
    """A python-control state space system with the same input-output map.

    Parameters
    ----------
    system : DiscreteSSM or ContinuousSSM
        Not a batch.
    step : float
        Sampling time of a discrete system (units of time).

    Returns
    -------
    control.StateSpace
        On its clock, as in `to_scipy`.

    Raises
    ------
    UnsupportedError
        A batch; complex matrices, which python-control cannot hold; python-control is not installed.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> try:
    ...     lssm.to_control(lssm.DiscreteSSM([[0.5j]], [1.0], [1.0]))
    ... except lssm.UnsupportedError as error:
    ...     print(str(error)[:61])
    system: complex matrices; python-control holds real ones only
    """
    matrices, discrete = _real_matrices(system, "python-control holds real ones only")
    if find_spec("control") is None:
        raise UnsupportedError("system: python-control is not installed; pip install control")
    state_space = importlib.import_module("control").ss
    return state_space(*matrices, positive_number(step, "step")) if discrete else state_space(*matrices)


def _real_matrices(system: Any, why: str) -> tuple[tuple[Any, ...], bool]:
    """A, B, C, D on the clock of the next state, and whether time is discrete."""
    one = single_system(system)
    parts = one.to_next_state() if isinstance(one, DiscreteSSM) else (one.A.to_dense(), one.B, one.C, one.D)
    if any(part.imag.any() for part in parts):
        raise UnsupportedError(
            f"system: complex matrices; {why}. lssm.equivalence.to_dense(system, real=True) gives a real form if it has one"
        )
    return tuple(part.real.copy() for part in parts), not isinstance(one, ContinuousSSM)
