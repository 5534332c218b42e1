"""Operators and systems: the definitions page.

A discrete system runs on the clock ::

    x_t = A x_{t-1} + B u_t,      y_t = C x_t + D u_t,

so the state already contains the present input, delay 0 is "now", and the impulse response is
``CB + D, CAB, CA²B, …``. Control texts write ``x_{t+1} = A x_t + B u_t``; `DiscreteSSM.from_next_state` and
`DiscreteSSM.to_next_state` are the one conversion. A continuous system is ``ẋ = A x + B u, y = C x + D u``.

Structure is the operator's type (`Dense`, `Diagonal`, `DPLR`), time is the system's type (`ContinuousSSM`,
`DiscreteSSM`). All are frozen, hold read-only complex arrays, compare by content and pickle.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._validate import InvalidInputError, StructureWarning, UnsupportedError, argument, finite, read_only
from .operators import DPLR as DPLR
from .operators import Dense as Dense
from .operators import Diagonal as Diagonal
from .operators import Frozen, columns, conjugate_transpose
from .operators import Operator as Operator
from .poles import Poles


def _outputs(value: ArrayLike, N: int) -> NDArray[np.complex128]:
    """C as rows, shape (..., p, N); a vector of length N is one row."""
    array = np.atleast_2d(finite(value, "C"))
    if array.shape[-1] != N or array.shape[-2] == 0:
        raise InvalidInputError(f"C: shape {np.shape(value)} does not fit {N} states; pass ({N},) or (..., p, {N})")
    return array


def _operator(value: Any) -> Operator:
    return value if isinstance(value, (Dense, Diagonal, DPLR)) else Dense(value)


@dataclass(frozen=True, eq=False, repr=False)
class _System(Frozen):
    """Fields and checks common to both kinds of time."""

    A: Operator
    B: NDArray[np.complex128]
    C: NDArray[np.complex128]
    D: NDArray[np.complex128]

    def __init__(self, A: Operator | ArrayLike, B: ArrayLike, C: ArrayLike | None = None, D: ArrayLike | None = None):
        operator = _operator(A)
        N = operator.order
        inputs = columns(B, "B", N)
        outputs = np.eye(N, dtype=np.complex128) if C is None else _outputs(C, N)
        shape = (outputs.shape[-2], inputs.shape[-1])
        direct = np.zeros(shape, np.complex128) if D is None else np.atleast_2d(finite(D, "D"))
        if direct.shape[-2:] != shape:
            raise InvalidInputError(f"D: shape {direct.shape} does not fit {shape[0]} outputs and {shape[1]} inputs")
        for name, value in zip("ABCD", (operator, inputs, outputs, direct), strict=True):
            object.__setattr__(self, name, read_only(value) if isinstance(value, np.ndarray) else value)
        _common_batch(self)

    @property
    def order(self) -> int:
        """State dimension N."""
        return self.A.order

    @property
    def inputs(self) -> int:
        """Number of inputs m."""
        return self.B.shape[-1]

    @property
    def batch(self) -> tuple[int, ...]:
        """Leading dimensions of A, B, C and D."""
        return np.broadcast_shapes(_lead(self.A), self.B.shape[:-2], self.C.shape[:-2], self.D.shape[:-2])

    @property
    def outputs(self) -> int:
        """Number of outputs p."""
        return self.C.shape[-2]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.A!r}, {self.inputs} in, {self.outputs} out)"


def _lead(operator: Operator) -> tuple[int, ...]:
    return operator.matrix.shape[:-2] if isinstance(operator, Dense) else operator.values.shape[:-1]


def _common_batch(system: _System) -> None:
    try:
        np.broadcast_shapes(_lead(system.A), system.B.shape[:-2], system.C.shape[:-2], system.D.shape[:-2])
    except ValueError:
        raise InvalidInputError("A, B, C, D: leading (batch) dimensions do not broadcast") from None


class ContinuousSSM(_System):
    """``ẋ = A x + B u``, ``y = C x + D u``.

    Parameters
    ----------
    A : Dense, Diagonal, DPLR or array_like, shape (..., N, N)
        State operator; an array means `Dense`.
    B : array_like, shape (N,) or (..., N, m)
        Input matrix.
    C : array_like, shape (N,) or (..., p, N), optional
        Output matrix; the state itself if left out.
    D : array_like, shape () or (..., p, m), optional
        Direct term; zero if left out.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> lssm.ContinuousSSM(lssm.Diagonal([-0.5, -1.0]), B=[1.0, 1.0])
    ContinuousSSM(Diagonal(2 × 2), 1 in, 2 out)
    """


class DiscreteSSM(_System):
    """``x_t = A x_{t-1} + B u_t``, ``y_t = C x_t + D u_t`` (delay 0 is the present input).

    Parameters
    ----------
    A, B, C, D
        As in `ContinuousSSM`.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> lssm.DiscreteSSM([[0.5, 0.1], [0.0, 0.4]], B=[1.0, 1.0], C=[1.0, 0.0])
    DiscreteSSM(Dense(2 × 2), 1 in, 1 out)
    """

    @classmethod
    def from_next_state(cls, A: Any, B: ArrayLike, C: ArrayLike | None = None, D: ArrayLike | None = None) -> DiscreteSSM:
        r"""The same input-output map from the clock ``x_{t+1} = A x_t + B u_t``, ``y_t = C x_t + D u_t``.

        The new state at time t is the old one at t+1, so ``C' = C A⁻¹`` and ``D' = D - C A⁻¹ B``. Where A is
        singular, or so close to it that half of the digits would be lost, the state is augmented by the input instead,
        ``(x_t, u_t)``, and a `StructureWarning` says so.

        Parameters
        ----------
        A : Dense, Diagonal, DPLR or array_like, shape (..., N, N)
            State operator.
        B : array_like, shape (N,) or (..., N, m)
            Input matrix.
        C : array_like, shape (N,) or (..., p, N), optional
            Output matrix; the state itself if left out.
        D : array_like, shape () or (..., p, m), optional
            Direct term; zero if left out.

        Returns
        -------
        DiscreteSSM
            With the operator given; where the state was augmented dense, of order N + m.

        Raises
        ------
        InvalidInputError
            Shapes that do not fit.
        UnsupportedError
            A batch with a singular A.

        Warns
        -----
        StructureWarning
            A is singular.

        Examples
        --------
        >>> import lssm
        >>> system = lssm.DiscreteSSM.from_next_state([[0.5]], [1.0], [1.0])
        >>> lssm.impulse_response(system, 4)  # nothing yet at delay 0
        array([0.  , 1.  , 0.5 , 0.25])
        """
        system = cls(A, B, C, D)
        dense = system.A.to_dense()
        if _is_singular(dense):
            warnings.warn("clock conversion: A is singular, the state was augmented by the input", StructureWarning, 2)
            return _augmented(dense, system)
        back = np.linalg.solve(dense.swapaxes(-1, -2), system.C.swapaxes(-1, -2)).swapaxes(-1, -2)
        return cls(system.A, system.B, back, system.D - back @ system.B)

    def to_next_state(self) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """``(A, B, CA, CB + D)``: the same map on the clock ``x_{t+1} = A x_t + B u_t``.

        Returns
        -------
        A : complex array, shape (..., N, N)
            State matrix.
        B : complex array, shape (..., N, m)
            Input matrix.
        C : complex array, shape (..., p, N)
            Output matrix of that clock.
        D : complex array, shape (..., p, m)
            Direct term of that clock.

        Examples
        --------
        >>> import lssm
        >>> A, B, C, D = lssm.DiscreteSSM([[0.5]], [1.0], [1.0]).to_next_state()
        >>> C.real, D.real
        (array([[0.5]]), array([[1.]]))
        """
        dense = self.A.to_dense()
        return dense, self.B, self.C @ dense, self.C @ self.B + self.D


def _is_singular(matrix: NDArray[Any]) -> bool:
    """Whether solving with a matrix, or one of a batch, would cost half of the digits or more."""
    singular = np.linalg.svd(matrix, compute_uv=False)
    return bool((singular[..., -1] <= np.sqrt(np.finfo(float).eps) * singular[..., 0]).any())


def _augmented(A: NDArray[Any], system: DiscreteSSM) -> DiscreteSSM:
    """State (x_t, u_t): the present input is remembered for one step."""
    if A.ndim > 2:
        raise UnsupportedError("A: singular and batched; convert the systems one by one")
    N, m, p = system.order, system.inputs, system.outputs
    grown = np.block([[A, system.B], [np.zeros((m, N)), np.zeros((m, m))]])
    return DiscreteSSM(grown, np.vstack([np.zeros((N, m)), np.eye(m)]), np.hstack([system.C, np.zeros((p, m))]), system.D)


def as_discrete(system: Any) -> DiscreteSSM:
    """A `DiscreteSSM` from whatever describes one.

    Parameters
    ----------
    system : DiscreteSSM, tuple (A, B[, C[, D]]), or scipy.signal / python-control object
        A tuple is on this package's clock; foreign objects are on the clock ``x_{t+1} = A x_t + B u_t`` and
        are converted.

    Returns
    -------
    DiscreteSSM

    Raises
    ------
    UnsupportedError
        A continuous system (discretize it first) or something that is no system.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> lssm.as_discrete(([[0.5]], [1.0])).inputs
    1
    """
    if isinstance(system, DiscreteSSM):
        return system
    if isinstance(system, tuple) and 2 <= len(system) <= 4:
        return DiscreteSSM(*system)
    if isinstance(system, tuple):
        raise UnsupportedError(f"system: a tuple of {len(system)}; pass (A, B), (A, B, C) or (A, B, C, D)")
    if isinstance(system, ContinuousSSM):
        raise UnsupportedError("system: continuous in time; pass its poles, lssm.Poles.from_continuous(a, step)")
    foreign, step = _foreign(system)
    if not step:
        raise UnsupportedError("system: continuous in time; pass its poles, lssm.Poles.from_continuous(a, step)")
    return DiscreteSSM.from_next_state(*foreign)


def as_continuous(system: Any) -> ContinuousSSM:
    """A `ContinuousSSM` from itself or from a scipy.signal / python-control object.

    Parameters
    ----------
    system : ContinuousSSM, or scipy.signal / python-control object
        A system in continuous time.

    Returns
    -------
    ContinuousSSM

    Raises
    ------
    UnsupportedError
        A discrete system or something that is no system.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm, scipy.signal
    >>> lssm.as_continuous(scipy.signal.StateSpace([[-1.0]], [[1.0]], [[1.0]], [[0.0]])).inputs
    1
    """
    if isinstance(system, ContinuousSSM):
        return system
    if isinstance(system, DiscreteSSM):
        raise UnsupportedError("system: discrete in time where a continuous one is needed")
    foreign, step = _foreign(system)
    if step:
        raise UnsupportedError("system: discrete in time where a continuous one is needed")
    return ContinuousSSM(*foreign)


def as_system(system: Any) -> DiscreteSSM | ContinuousSSM:
    """A system of either kind of time from whatever describes one.

    Parameters
    ----------
    system : DiscreteSSM, ContinuousSSM, tuple (A, B[, C[, D]]), or scipy.signal / python-control object
        A tuple is discrete, on this package's clock; the sampling time of a foreign object decides.

    Returns
    -------
    DiscreteSSM or ContinuousSSM

    Raises
    ------
    UnsupportedError
        Something that is no system.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm, scipy.signal
    >>> type(lssm.as_system(scipy.signal.StateSpace([[-1.0]], [[1.0]], [[1.0]], [[0.0]]))).__name__
    'ContinuousSSM'
    """
    if isinstance(system, (DiscreteSSM, ContinuousSSM, tuple)):
        return system if isinstance(system, ContinuousSSM) else as_discrete(system)
    foreign, step = _foreign(system)
    return DiscreteSSM.from_next_state(*foreign) if step else ContinuousSSM(*foreign)


def single_system(system: Any, name: str = "system") -> DiscreteSSM | ContinuousSSM:
    """The same, and not a batch; errors say `name`."""
    with argument(name):
        found = as_system(system)
    if found.batch:
        raise UnsupportedError(f"{name}: a batch; take its systems one at a time")
    return found


def require_same_time(first: DiscreteSSM | ContinuousSSM, second: DiscreteSSM | ContinuousSSM) -> None:
    """Nothing, or an error if one system is continuous in time and the other is not."""
    if type(first) is not type(second):
        raise InvalidInputError("second: one system is continuous in time and the other discrete; discretize first")


def adjoint(system: Any) -> Any:
    """The adjoint system ``(A*, C*, B*, D*)`` of the same kind of time and structure.

    Parameters
    ----------
    system : DiscreteSSM, ContinuousSSM or what `as_system` accepts
        With any batch dimensions.

    Returns
    -------
    DiscreteSSM or ContinuousSSM
        What reachability is to it, observability is to the system; run backwards, it is the adjoint of the scan.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> lssm.adjoint(lssm.DiscreteSSM(lssm.Diagonal([0.5j]), [1.0], [2.0])).B
    array([[2.-0.j]])
    """
    one = as_system(system)
    B, C, D = (conjugate_transpose(matrix) for matrix in (one.C, one.B, one.D))
    return type(one)(_adjoint_operator(one), B, C, D)


def _adjoint_operator(system: DiscreteSSM | ContinuousSSM) -> Operator:
    A = system.A
    if isinstance(A, Dense):
        return Dense(conjugate_transpose(A.matrix))
    if isinstance(A, DPLR):
        return DPLR(A.values.conj(), A.Q, A.P)
    return Diagonal(A.values.conj()) if isinstance(system, ContinuousSSM) else Diagonal.from_log(_conjugate_log(A.log))


def _conjugate_log(log: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.where(np.isneginf(log.real), log, log.conj())


def entry(system: DiscreteSSM, lead: tuple[int, ...], place: tuple[int, ...]) -> DiscreteSSM:
    """One system of a batch that is broadcast to the leading dimensions `lead`."""
    if not lead:
        return system

    def chosen(array: NDArray[Any], rank: int) -> NDArray[Any]:
        return np.broadcast_to(array, (*lead, *array.shape[array.ndim - rank :]))[place]

    A = system.A
    operator: Operator
    if isinstance(A, Dense):
        operator = Dense(chosen(A.matrix, 2))
    elif isinstance(A, DPLR):
        operator = DPLR(chosen(A.values, 1), chosen(A.P, 2), chosen(A.Q, 2))
    else:
        operator = Diagonal.from_log(chosen(A.log, 1))
    return DiscreteSSM(operator, *(chosen(x, 2) for x in (system.B, system.C, system.D)))


def _remedy(system: Any) -> str:
    """What to pass instead."""
    if isinstance(system, Poles):
        return "add weights: lssm.DiscreteSSM(lssm.Diagonal.from_log(poles.log), B, C)"
    if isinstance(system, tuple):
        return "where time is continuous say so: lssm.ContinuousSSM(A, B)"
    return (
        "pass a DiscreteSSM, a ContinuousSSM, a tuple (A, B), (A, B, C) or (A, B, C, D), a state space object, or lssm.Poles "
        "where poles are enough"
    )


def _foreign(system: Any) -> tuple[tuple[Any, ...], Any]:
    """Matrices and sampling time of a duck-typed system; a sampling time of 0 means continuous."""
    of_scipy = hasattr(system, "to_ss")
    state_space = system if hasattr(system, "A") or not of_scipy else system.to_ss()
    if not all(hasattr(state_space, name) for name in ("A", "B", "C", "D", "dt")):
        raise UnsupportedError(f"system: a {type(system).__name__} is no system; {_remedy(system)}")
    step = state_space.dt
    if step is None and not of_scipy:
        raise UnsupportedError("system: its dt is None, neither continuous nor discrete; set dt")
    return (state_space.A, state_space.B, state_space.C, state_space.D), step or 0
