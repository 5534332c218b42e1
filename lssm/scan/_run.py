"""Running a system over sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._kernels.recurrence import (
    dense_recurrence,
    diagonal_recurrence,
    diagonal_response,
    low_rank_recurrence,
    varying_recurrence,
)
from .._validate import InvalidInputError, UnstableError, finite, nonempty, over_batch
from ..poles import exponential
from ..systems import DPLR, Diagonal, DiscreteSSM, Operator, adjoint, as_discrete, entry

_BLOCK = 1024
"""Steps whose states are held at a time: few enough for the cache."""


def scan(
    system: Any,
    u: ArrayLike,
    *,
    initial_state: ArrayLike | None = None,
    reverse: bool = False,
    half: bool = False,
    return_states: bool | str = False,
    workers: int | None = None,
) -> Any:
    r"""Output of a discrete system for an input sequence.

    Parameters
    ----------
    system : discrete system
        What `lssm.as_discrete` accepts: dense, diagonal or diagonal plus low rank, with batch dimensions.
    u : array_like, shape (..., T) for one input, (..., T, m) for several
        Input; its leading dimensions and those of the system are broadcast (channels × batch).
    initial_state : array_like, shape (..., N), optional
        ``x_{-1}``: the state that a previous call ended with; zero if left out.
    reverse : bool
        Run from the last step to the first: ``y_t = Σ_{s≥t} C A^{s-t} B u_s + D u_t``.
    half : bool
        The system holds one of each conjugate pair: the output is ``2 Re(C x) + Re(D) u`` (real inputs only).
    return_states : bool or "last"
        Return states too: all of them, shape (..., T, N), or the last one, shape (..., N), to carry on from.
    workers : int, optional
        Threads over the batch (-1: one a core).

    Returns
    -------
    y : array, shape (..., T) for one output, (..., T, p) for several
        Real if the matrices and the input are, or for `half`; complex otherwise.
    states : array, shape (..., T, N), or (..., N) for "last"
        With `return_states` only; real if the matrices, the input and the initial state are.

    Raises
    ------
    InvalidInputError
        Inputs or states that do not fit the system; complex inputs with `half`.
    UnstableError
        An output beyond the range of doubles.

    Notes
    -----
    ``x_t = A x_{t-1} + B u_t``, ``y_t = C x_t + D u_t``. Poles in log form are used to more than double precision, since the
    rounding of λ returns t times over in λ^t. A sequence may be cut anywhere: ``return_states="last"`` of one piece is the
    `initial_state` of the next.

    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> system = lssm.DiscreteSSM(lssm.Diagonal([0.5]), [1.0], [1.0])
    >>> lssm.scan(system, [1.0, 0.0, 2.0]).real
    array([1.  , 0.5 , 2.25])
    >>> y, x = lssm.scan(([[0.5]], [1.0], [1.0]), [1.0, 0.0], return_states="last")
    >>> lssm.scan(([[0.5]], [1.0], [1.0]), [2.0], initial_state=x)
    array([2.25])
    """
    discrete = as_discrete(system)
    if not (isinstance(return_states, (bool, np.bool_)) or (isinstance(return_states, str) and return_states == "last")):
        raise InvalidInputError(f"return_states: {return_states!r} is unknown; pass True, False or 'last'")
    inputs, x = _inputs(u, discrete), _initial(initial_state, discrete)
    if half and inputs.imag.any():
        raise InvalidInputError("u: complex, but half=True pairs conjugate states and needs real inputs; run Re u and Im u")
    lead = _lead(discrete, inputs, x)
    real = not half and _is_real(discrete) and not inputs.imag.any() and not x.imag.any()
    u_rows, x_rows = np.broadcast_to(inputs, (*lead, *inputs.shape[-2:])), np.broadcast_to(x, (*lead, x.shape[-1]))
    places = list(np.ndindex(lead))

    def run(i: int) -> tuple[NDArray[Any], NDArray[Any]]:
        place = places[i]
        return _run(entry(discrete, lead, place), u_rows[place], x_rows[place], reverse, half, real, return_states is True)

    with np.errstate(over="ignore", invalid="ignore"):
        found = over_batch(run, len(places), workers)
    for part in found:
        require_finite(part[0])
    y = np.stack([part[0] for part in found]).reshape(*lead, inputs.shape[-2], discrete.outputs)
    y = y[..., 0] if discrete.outputs == 1 else y
    if not return_states:
        return y
    states = np.stack([part[1] for part in found])
    return y, states.reshape(*lead, *states.shape[1:])


def require_finite(outputs: NDArray[Any]) -> None:
    """Nothing, or an error where an unstable system has left the range of doubles."""
    if not np.isfinite(outputs).all():
        raise UnstableError(
            "system: unstable, or its input so large that the output leaves the range of doubles; pass fewer steps"
        )


def scan_adjoint(system: Any, y: ArrayLike, *, workers: int | None = None) -> Any:
    r"""Adjoint of the scan: ``⟨S u, y⟩ = ⟨u, S* y⟩``, which carries gradients back through a system.

    Parameters
    ----------
    system : discrete system
        As in `scan`.
    y : array_like, shape (..., T) for one output, (..., T, p) for several
        Sequence at the output.
    workers : int, optional
        Threads over the batch (-1: one a core).

    Returns
    -------
    array, shape (..., T) for one input, (..., T, m) for several

    Raises
    ------
    InvalidInputError
        A sequence that does not fit the outputs.

    Notes
    -----
    ``(S* y)_s = Σ_{t≥s} B* A*^{t-s} C* y_t + D* y_s``: the reversed scan of ``(A*, C*, B*, D*)``.

    Theorem: :doc:`/theorems/adjoint_scan` (``proofs/adjoint_scan.py``); derivation: :doc:`/derivations/training`.

    Examples
    --------
    >>> import lssm
    >>> lssm.scan_adjoint(([[0.5]], [1.0], [1.0]), [0.0, 0.0, 1.0])
    array([0.25, 0.5 , 1.  ])
    """
    return scan(adjoint(as_discrete(system)), y, reverse=True, workers=workers)


def linear_recurrence(
    coefficients: ArrayLike,
    inputs: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    reverse: bool = False,
    workers: int | None = None,
) -> NDArray[Any]:
    r"""Elementwise recurrence ``x_t = a_t x_{t-1} + v_t``, constant or time-varying: the scan in diagonal and selective models.

    Parameters
    ----------
    coefficients : array_like, shape (..., T, N) or (..., 1, N)
        a_t; a time axis of length one means constant coefficients.
    inputs : array_like, shape (..., T, N)
        v_t.
    initial : array_like, shape (..., N), optional
        ``x_{-1}``; zero if left out.
    reverse : bool
        Run from the last step to the first, ``x_t = a_t x_{t+1} + v_t``.
    workers : int, optional
        Threads over the batch (-1: one a core).

    Returns
    -------
    array, shape (..., T, N)
        States; real if everything given is.

    Raises
    ------
    InvalidInputError
        Shapes that do not broadcast.

    Notes
    -----
    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    A selective model, whose decay depends on its input:

    >>> import lssm
    >>> u = np.array([1.0, 0.0, 2.0])
    >>> lssm.linear_recurrence(np.exp(-u)[:, None], u[:, None])[:, 0].round(6)
    array([1.      , 1.      , 2.135335])
    """
    a, v = (_sequence(value, name) for value, name in ((coefficients, "coefficients"), (inputs, "inputs")))
    x = finite(0.0 if initial is None else initial, "initial")
    try:
        shape = np.broadcast_shapes(a.shape, v.shape, (*x.shape[:-1], 1, *x.shape[-1:]) if x.ndim else ())
        a, states = np.broadcast_to(a, shape), np.array(np.broadcast_to(v, shape))
        x = np.array(np.broadcast_to(x, (*shape[:-2], shape[-1])))
    except ValueError:
        raise InvalidInputError(
            f"inputs: shape {v.shape} does not fit coefficients {a.shape} and initial {x.shape}; pass (..., T, N) and (..., N)"
        ) from None
    real = not (a.imag.any() or v.imag.any() or x.imag.any())
    flip = slice(None, None, -1 if reverse else 1)
    rows = [array.reshape(-1, *array.shape[len(shape) - 2 :]) for array in (a, states)] + [x.reshape(-1, shape[-1])]
    moved = [np.ascontiguousarray(rows[1][i][flip]) for i in range(len(rows[1]))]
    over_batch(lambda i: varying_recurrence(np.ascontiguousarray(rows[0][i][flip]), moved[i], rows[2][i]), len(moved), workers)
    found = np.stack([part[flip] for part in moved]).reshape(shape)
    return found.real.copy() if real else found


def _sequence(value: ArrayLike, name: str) -> NDArray[np.complex128]:
    array = nonempty(finite(value, name), name)
    if array.ndim < 2:
        raise InvalidInputError(f"{name}: shape {array.shape}; pass (..., T, N)")
    return array


def _inputs(u: ArrayLike, system: DiscreteSSM) -> NDArray[np.complex128]:
    """Input of shape (..., T, m)."""
    array = nonempty(finite(u, "u"), "u")
    if system.inputs == 1:
        return array[..., None]
    if array.ndim < 2 or array.shape[-1] != system.inputs:
        raise InvalidInputError(f"u: shape {array.shape} does not fit {system.inputs} inputs; pass (..., T, {system.inputs})")
    return array


def _initial(value: ArrayLike | None, system: DiscreteSSM) -> NDArray[np.complex128]:
    x = finite(np.zeros(system.order) if value is None else value, "initial_state")
    if x.ndim == 0 or x.shape[-1] != system.order:
        raise InvalidInputError(f"initial_state: shape {x.shape} does not fit {system.order} states; pass (..., {system.order})")
    return x


def _lead(system: DiscreteSSM, inputs: NDArray[Any], x: NDArray[Any]) -> tuple[int, ...]:
    """Leading dimensions of the result."""
    try:
        return np.broadcast_shapes(system.batch, inputs.shape[:-2], x.shape[:-1])
    except ValueError:
        raise InvalidInputError(
            f"u: leading dimensions {inputs.shape[:-2]} do not fit a batch {system.batch} of systems and {x.shape[:-1]} of states"
        ) from None


def _is_real(system: DiscreteSSM) -> bool:
    A = system.A
    parts = (A.values,) if isinstance(A, Diagonal) else (A.values, A.P, A.Q) if isinstance(A, DPLR) else (A.matrix,)
    return not any(part.imag.any() for part in (*parts, system.B, system.C, system.D))


def _run(
    system: DiscreteSSM, u: NDArray[Any], x: NDArray[Any], reverse: bool, half: bool, real: bool, keep: bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """One system, one sequence, block by block: outputs, and all states or the last one."""
    if isinstance(system.A, Diagonal) and system.inputs == 1 and not keep:
        return _run_diagonal(system, u, x, reverse, half, real)
    T = len(u)
    y, kept = np.empty((T, system.outputs), np.complex128), np.empty((T if keep else 0, system.order), np.complex128)
    advance, state = _advance(system.A, real), x.copy()
    for start in range(0, T, _BLOCK):
        block = slice(start, min(start + _BLOCK, T))
        place = slice(T - block.stop, T - block.start) if reverse else block
        inputs = u[place][::-1] if reverse else u[place]
        states, state = advance(_times(inputs, system.B), state)
        outputs = _times(states, system.C)
        outputs = (2.0 * outputs.real if half else outputs) + _times(inputs, system.D.real if half else system.D)
        y[place] = outputs[::-1] if reverse else outputs
        if keep:
            kept[place] = states[::-1] if reverse else states
    whole = kept if keep else state
    return (y.real if real or half else y), (whole.real if real else whole)


def _run_diagonal(
    system: DiscreteSSM, u: NDArray[Any], x: NDArray[Any], reverse: bool, half: bool, real: bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The same for a diagonal system with one input, without storing states."""
    assert isinstance(system.A, Diagonal)
    inputs = np.ascontiguousarray(u[::-1, 0] if reverse else u[:, 0])
    state, y = _in_parts(x), np.empty((inputs.size, system.outputs), np.complex128)
    b, c = _in_parts(system.B[:, 0]), np.stack([_in_parts(row) for row in system.C])
    diagonal_response(_coefficients(system.A), b, c, inputs, state, y)
    y = (2.0 * y.real if half else y) + inputs[:, None] * (system.D.real if half else system.D)[:, 0]
    y = y[::-1] if reverse else y
    last = state[0] + 1j * state[1]
    return (y.real if real or half else y), (last.real if real else last)


def _in_parts(x: NDArray[Any]) -> NDArray[np.float64]:
    return np.stack([x.real, x.imag])


def _coefficients(A: Diagonal) -> NDArray[np.float64]:
    """Re λ, Im λ, and what these doubles lack of λ."""
    value, rest = exponential(A.log)
    return np.stack([value.real, value.imag, rest.real, rest.imag])


def _times(rows: NDArray[Any], matrix: NDArray[Any]) -> NDArray[Any]:
    """``rows matrixᵀ``; columns and single rows are worth their own routines."""
    if matrix.shape[1] == 1:
        return rows * matrix[:, 0]
    if matrix.shape[0] == 1:
        return (rows @ matrix[0])[:, None]
    return rows @ matrix.T


def _advance(A: Operator, real: bool) -> Callable[[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]:
    """``(inputs, state) → (states, last state)`` for each kind of operator."""
    if isinstance(A, Diagonal):
        coefficients = _coefficients(A)

        def diagonal(v: NDArray[Any], x: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
            parts, state = np.stack([v.real, v.imag], 1), _in_parts(x)
            diagonal_recurrence(coefficients, parts, state)
            return parts[:, 0] + 1j * parts[:, 1], state[0] + 1j * state[1]

        return diagonal
    if isinstance(A, DPLR):
        P, Q = np.ascontiguousarray(A.P), np.ascontiguousarray(A.Q)

        def low_rank(v: NDArray[Any], x: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
            states, state = np.array(v, np.complex128, order="C"), np.array(x, np.complex128)
            low_rank_recurrence(A.values, P, Q, states, state)
            return states, state

        return low_rank
    columns = np.ascontiguousarray((A.matrix.real if real else A.matrix).T)

    def dense(v: NDArray[Any], x: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        states, state = np.array(v.real if real else v, order="C"), np.array(x.real if real else x)
        dense_recurrence(columns, states, state)
        return states, state

    return dense
