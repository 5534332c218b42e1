"""Systems put together: in series, in parallel, in a loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from .._validate import InvalidInputError, is_singular, number_inside
from ..systems import ContinuousSSM, Diagonal, DiscreteSSM, require_same_time, single_system


def series(first: Any, second: Any) -> Any:
    """The second system driven by the output of the first.

    Parameters
    ----------
    first, second : discrete or continuous systems
        Of one kind of time; as many inputs of the second as outputs of the first. Not batches.

    Returns
    -------
    DiscreteSSM or ContinuousSSM
        State ``(x_1, x_2)``.

    Raises
    ------
    InvalidInputError
        Kinds of time or dimensions that do not fit.

    Notes
    -----
    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> double = lssm.series(([[0.5]], [1.0], [1.0]), ([[0.5]], [1.0], [1.0]))
    >>> lssm.impulse_response(double, 4)  # (τ+1)/2^τ
    array([1.  , 1.  , 0.75, 0.5 ])
    """
    one, two = _pair(first, second)
    if two.inputs != one.outputs:
        raise InvalidInputError(f"second: {two.inputs} inputs do not fit the {one.outputs} outputs of the first system")
    (A1, B1, C1, D1), (A2, B2, C2, D2) = _matrices(one), _matrices(two)
    now, through = (C1, D1) if isinstance(one, ContinuousSSM) else (C1 @ A1, C1 @ B1 + D1)  # the second sees the new state
    A = np.block([[A1, np.zeros((one.order, two.order))], [B2 @ now, A2]])
    return type(one)(A, np.vstack([B1, B2 @ through]), np.hstack([D2 @ C1, C2]), D2 @ D1)


def parallel(first: Any, second: Any, *, sign: float = 1.0) -> Any:
    """Both systems driven by one input, their outputs added.

    Parameters
    ----------
    first, second : discrete or continuous systems
        Of one kind of time, with equal numbers of inputs and outputs. Not batches.
    sign : float
        Factor of the second output; -1 for the difference.

    Returns
    -------
    DiscreteSSM or ContinuousSSM
        Diagonal if both are.

    Raises
    ------
    InvalidInputError
        Kinds of time or dimensions that do not fit.

    Notes
    -----
    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> lssm.impulse_response(lssm.parallel(([[0.5]], [1.0], [1.0]), ([[0.25]], [1.0], [1.0]), sign=-1), 3)
    array([0.    , 0.25  , 0.1875])
    """
    one, two = _pair(first, second)
    if (one.inputs, one.outputs) != (two.inputs, two.outputs):
        raise InvalidInputError(
            f"second: {two.inputs} inputs and {two.outputs} outputs do not fit the first system, {one.inputs} and {one.outputs}"
        )
    sign = number_inside(sign, "sign", -1e300, 1e300)
    A: Any
    if isinstance(one.A, Diagonal) and isinstance(two.A, Diagonal):
        both = "values" if isinstance(one, ContinuousSSM) else "log"
        joined = np.concatenate([getattr(one.A, both), getattr(two.A, both)])
        A = Diagonal(joined) if both == "values" else Diagonal.from_log(joined)
    else:
        A = scipy.linalg.block_diag(one.A.to_dense(), two.A.to_dense())
    return type(one)(A, np.vstack([one.B, two.B]), np.hstack([one.C, sign * two.C]), one.D + sign * two.D)


def feedback(first: Any, second: Any, *, sign: float = -1.0) -> Any:
    """A loop: the first system sees the input plus `sign` times what the second makes of the output.

    Parameters
    ----------
    first, second : discrete or continuous systems
        Of one kind of time; the second leads from the outputs of the first to its inputs. Not batches.
    sign : float
        -1 for negative feedback.

    Returns
    -------
    DiscreteSSM or ContinuousSSM
        State ``(x_1, x_2)``, from the input to the output of the first system.

    Raises
    ------
    InvalidInputError
        Kinds of time or dimensions that do not fit; a loop without delay whose gain is one, so that it has no solution.

    Notes
    -----
    In discrete time the loop closes within a step: ``u_1 = u + s y_2`` with both states up to date.

    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> loop = lssm.feedback(([[0.5]], [1.0], [1.0]), ([[0.0]], [0.0], [0.0], 0.5))  # H/(1 + H/2), H = 1/(1 - z/2)
    >>> lssm.impulse_response(loop, 3).round(6)
    array([0.666667, 0.222222, 0.074074])
    """
    one, two = _pair(first, second)
    if (two.inputs, two.outputs) != (one.outputs, one.inputs):
        wanted = f"{one.outputs} inputs and {one.inputs} outputs"
        raise InvalidInputError(f"second: needs {wanted}, has {two.inputs} and {two.outputs}")
    sign = number_inside(sign, "sign", -1e300, 1e300)
    (A1, B1, C1, D1), (A2, B2, C2, D2) = _matrices(one), _matrices(two)
    discrete = isinstance(one, DiscreteSSM)
    before1, gain1 = (C1 @ A1, C1 @ B1 + D1) if discrete else (C1, D1)
    before2, gain2 = (C2 @ A2, C2 @ B2 + D2) if discrete else (C2, D2)
    # u_1 = solved ([s gain2 before1, s before2] x + u), with x before the step in discrete time
    solved = _loop(np.eye(one.inputs) - sign * gain2 @ gain1)
    row, feed = solved @ np.hstack([sign * gain2 @ before1, sign * before2]), solved
    driven = np.vstack([B1, B2 @ gain1])
    A = np.block([[A1, np.zeros((one.order, two.order))], [B2 @ before1, A2]]) + driven @ row
    shown = _loop(np.eye(one.outputs) - sign * D1 @ D2)
    C, D = shown @ np.hstack([C1, sign * D1 @ C2]), shown @ D1
    return type(one)(A, driven @ feed, C, D)


def _loop(matrix: NDArray[Any]) -> NDArray[Any]:
    if is_singular(matrix):
        raise InvalidInputError(
            "second: without delay the loop, or its part D, has gain one: it has no solution, or none that this state shows; "
            "put a delay into it"
        )
    inverse: NDArray[Any] = np.linalg.inv(matrix)
    return inverse


def _pair(first: Any, second: Any) -> tuple[Any, Any]:
    one, two = single_system(first, "first"), single_system(second, "second")
    require_same_time(one, two)
    return one, two


def _matrices(system: DiscreteSSM | ContinuousSSM) -> tuple[NDArray[Any], ...]:
    return system.A.to_dense(), system.B, system.C, system.D
