r"""Teachers: what a model is to learn, ``z_t = Σ_τ m_τ u_{t-τ}`` under white input u of variance one.

>>> from lssm.dynamics import teachers
>>> teachers.delay(100)
Teacher(101 taps, energy 1)
>>> teachers.rational([0.9, 0.5], [1.0, -1.0])
Teacher(2 modes, |p| up to 0.9, energy 2.96013)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from .._validate import (
    InvalidInputError,
    UnstableError,
    UnsupportedError,
    count,
    finite,
    nonempty,
    number_inside,
    positive_number,
)
from ..gramians import h2_distance, h2_norm
from ..operators import Diagonal
from ..poles import Poles
from ..scan import impulse_response
from ..systems import DiscreteSSM, single_system
from ._modes import Modes
from ._taps import Taps
from ._teacher import Teacher

_NEGLIGIBLE = 1e-32
"""Share of the energy that may be cut off a response: below the square of a rounding error."""
_LONGEST = 10**7


def delay(lag: int) -> Teacher:
    """The input of `lag` steps ago, ``m_τ = δ_{τ,lag}``.

    Parameters
    ----------
    lag : int
        Delay D in steps, 0 for the present input.

    Returns
    -------
    Teacher

    Raises
    ------
    InvalidInputError
        A lag that is no integer between 0 and 1e7.

    Notes
    -----
    Explained in :doc:`/derivations/learning`.

    Examples
    --------
    >>> from lssm.dynamics import teachers
    >>> teachers.delay(3).response(5).real
    array([0., 0., 0., 1., 0.])
    """
    taps = np.zeros(count(lag, "lag", least=0, most=_LONGEST) + 1, np.complex128)
    taps[-1] = 1.0
    return Taps(taps)


def fir(taps: ArrayLike) -> Teacher:
    """A finite impulse response.

    Parameters
    ----------
    taps : array_like, shape (T,)
        m_0 … m_{T-1}, real or complex, not all zero.

    Returns
    -------
    Teacher

    Raises
    ------
    InvalidInputError
        NaN, infinity, empty, not one-dimensional, all zero.

    Notes
    -----
    Explained in :doc:`/derivations/learning`.

    Examples
    --------
    >>> from lssm.dynamics import teachers
    >>> teachers.fir([1.0, 0.5, 0.25]).degree
    3
    """
    with np.errstate(over="ignore", under="ignore"):
        return _of_energy(Taps(_row(taps, "taps")), "taps")


def rational(poles: Any, residues: ArrayLike) -> Teacher:
    """A rational filter, ``m_τ = Σ_i r_i p_i^τ``.

    Parameters
    ----------
    poles : Poles or array_like, shape (n,)
        Stable poles p; an array means λ itself, `Poles` keep their logarithms. Equal poles are merged.
    residues : array_like, shape (n,)
        r. With a pole at 0 the residue is a direct term.

    Returns
    -------
    Teacher

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle: the teacher does not decay.
    InvalidInputError
        Shapes that differ, residues all zero.

    Notes
    -----
    Explained in :doc:`/derivations/learning`.

    Examples
    --------
    >>> from lssm.dynamics import teachers
    >>> teachers.rational([0.5, 0.0], [1.0, 2.0]).response(3).real
    array([3.  , 0.5 , 0.25])
    """
    chosen = poles if isinstance(poles, Poles) else Poles.from_discrete(poles)
    log = chosen.require_single().rows()[0]
    weights = _row(residues, "residues")
    if weights.size != log.size:
        raise InvalidInputError(f"residues: {weights.size} for {log.size} poles; pass one a pole")
    if not chosen.is_stable:
        raise UnstableError(
            "poles: one lies on or outside the unit circle, the teacher does not decay; every |p| must be below 1"
        )
    return _modes(log, weights)


def _modes(log: NDArray[np.complex128], weights: NDArray[np.complex128]) -> Modes:
    """Modes with distinct poles; residues of equal ones are added."""
    distinct = Poles.from_log(log, diagonal=True).rows()[0]
    if distinct.size < log.size:
        owner = np.abs(np.exp(log[:, None]) - np.exp(distinct)).argmin(1)
        weights = np.array([weights[owner == k].sum() for k in range(distinct.size)])
    if not weights.any():
        raise InvalidInputError("residues: cancel where poles are equal; there is nothing to learn")
    return _of_energy(Modes(distinct, weights, _is_real(distinct, weights)), "residues")


def _of_energy(teacher: Any, name: str) -> Any:
    """`teacher`, whose energy must be a normal number."""
    if not 1e-290 < teacher.energy < 1e290:
        raise InvalidInputError(f"{name}: energy {teacher.energy:.3g} is out of range; scale the teacher")
    return teacher


def _is_real(log: NDArray[np.complex128], weights: NDArray[np.complex128]) -> bool:
    """Whether poles and residues come in conjugate pairs."""
    if not Poles.from_log(log).is_conjugate_closed():
        return False
    partner = np.abs(np.exp(log[:, None]) - np.exp(log).conj()).argmin(1)
    return bool(np.abs(weights[partner] - weights.conj()).max() <= 1e-13 * np.abs(weights).max())


def response(function: Callable[[NDArray[np.int64]], ArrayLike], *, constant: float, ratio: float) -> Teacher:
    """Any impulse response that decays, with the bound ``|m_τ| ≤ constant · ratio^τ``.

    Parameters
    ----------
    function : callable
        Takes an array of delays, returns the values m there.
    constant, ratio : float
        The bound; it is checked at every delay that is used, and decides how many are.

    Returns
    -------
    Teacher
        Its `tail` bounds the energy that was cut off, below 1e-32 of the whole.

    Raises
    ------
    UnstableError
        ``ratio ≥ 1``: the teacher does not decay; or it decays so slowly that more than 1e7 delays matter.
    InvalidInputError
        Values that exceed the bound, or are not finite.

    Notes
    -----
    Explained in :doc:`/derivations/learning`.

    Examples
    --------
    >>> import numpy as np
    >>> from lssm.dynamics import teachers
    >>> teachers.response(lambda t: 0.5**t / (t + 1), constant=1.0, ratio=0.5)
    Teacher(63 taps, energy 1.07061, energy beyond below 2e-38)
    """
    size = positive_number(constant, "constant")
    if not callable(function):
        raise InvalidInputError(f"function: a {type(function).__name__}; pass a function of an array of delays")
    if positive_number(ratio, "ratio") >= 1:
        raise UnstableError(f"ratio: {ratio:g} does not decay; it must be below 1")
    T = 1
    while T <= _LONGEST:
        taps = _row(function(np.arange(T)), "function", may_vanish=True)
        if taps.size != T:
            raise InvalidInputError(f"function: {taps.size} values for {T} delays; it must return one a delay")
        tail = size * ratio ** (2 * T) / (1 - ratio**2) * size
        if tail <= max(_NEGLIGIBLE * float(np.vdot(taps, taps).real), 1e-300):
            return _within(taps, size, ratio, tail)
        T += max(1, T // 4)
    raise UnstableError(f"ratio: {ratio:g} decays so slowly that more than {_LONGEST:.0e} delays matter")


def _within(taps: NDArray[np.complex128], size: float, ratio: float, tail: float) -> Taps:
    bound = size * ratio ** np.arange(taps.size)
    worst = int(np.argmax(np.abs(taps) - bound))
    if abs(taps[worst]) > bound[worst] * (1 + 1e-9):
        raise InvalidInputError(f"function: |m({worst})| = {abs(taps[worst]):.3g} exceeds the bound {bound[worst]:.3g}")
    return _of_energy(Taps(_nonzero(taps, "function"), tail), "function")


def from_system(system: Any) -> Teacher:
    """The impulse response of a stable discrete system with one input and one output.

    Parameters
    ----------
    system : discrete system, or what `as_discrete` accepts
        A recorded or designed filter: `DiscreteSSM`, scipy.signal or python-control objects, or a tuple ``(A, B, C[, D])`` on
        this package's clock, ``x_t = A x_{t-1} + B u_t``. Matrices on the clock of control texts, such as those of
        ``scipy.signal.tf2ss``, go in as ``scipy.signal.StateSpace(A, B, C, D, dt=1)``.

    Returns
    -------
    Teacher
        Modes where the system is diagonal, or can be made so to 1e-12 of its norm; otherwise its impulse response, as far
        as it matters. A direct term counts as a pole at 0, one more than the order of the filter.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle: the teacher does not decay.
    UnsupportedError
        Several inputs or outputs, a batch, continuous time.

    Notes
    -----
    Explained in :doc:`/derivations/learning`.

    Examples
    --------
    >>> import lssm, scipy.signal
    >>> from lssm.dynamics import teachers
    >>> teachers.from_system(scipy.signal.dlti(*scipy.signal.butter(3, 0.2))).degree
    4
    """
    if isinstance(system, tuple) and all(np.ndim(part) == 1 for part in system):
        raise UnsupportedError("system: coefficients of a transfer function; pass scipy.signal.dlti(b, a)")
    one = single_system(system)
    if not isinstance(one, DiscreteSSM):
        raise UnsupportedError("system: continuous in time; discretize it first, lssm.discretize(system, step)")
    if (one.inputs, one.outputs) != (1, 1):
        raise UnsupportedError(f"system: {one.inputs} inputs and {one.outputs} outputs; a teacher has one of each")
    norm = h2_norm(one)
    if norm == 0:
        raise InvalidInputError("system: its impulse response is zero; there is nothing to learn")
    if isinstance(one.A, Diagonal):
        return _diagonal(one)
    A = one.A.to_dense()
    values, vectors = scipy.linalg.eig(A if A.imag.any() else A.real)  # conjugate pairs of a real matrix are then exact
    try:
        weights = np.linalg.solve(vectors, one.B[:, 0])
        modes = _diagonal(DiscreteSSM(Diagonal(values), weights, one.C @ vectors, one.D))
        if h2_distance(one, modes.system) <= 1e-12 * norm:
            return modes
    except (np.linalg.LinAlgError, InvalidInputError):
        pass  # defective, or so nearly that rounding moved a pole out of the disk
    return _truncated(one, norm)


def _diagonal(system: DiscreteSSM) -> Modes:
    log, weights = system.A.log, system.C[0] * system.B[:, 0]  # type: ignore[union-attr]
    if system.D.any():
        log, weights = np.append(log, -np.inf), np.append(weights, system.D[0, 0])
    return _modes(log, weights)


def _truncated(system: DiscreteSSM, norm: float) -> Taps:
    """Impulse response up to the delay beyond which nothing matters: as many quiet steps as states, by Cayley and Hamilton."""
    T = max(64, 2 * system.order + 2)
    while T <= _LONGEST:
        taps = impulse_response(system, T)
        if np.linalg.norm(taps[T // 2 :]) <= 1e-16 * norm:
            order = system.order + bool(system.D.any())
            return Taps(_nonzero(np.trim_zeros(taps, "b"), "system"), (1e-16 * norm) ** 2, order)
        T *= 2
    raise UnstableError(f"system: decays so slowly that more than {_LONGEST:.0e} delays matter")


@dataclass(frozen=True, eq=False)
class Recording(Result):
    """A filter estimated from a recording of its input and output.

    Attributes
    ----------
    teacher : Teacher
        The estimated impulse response.
    error : float array, shape (length,)
        Standard error of each tap, in its units: of the output over those of the input.
    noise : float
        Standard deviation of what the filter does not explain, in units of the recorded output.

    Notes
    -----
    Explained in :doc:`/derivations/learning`.

    Examples
    --------
    >>> from lssm.dynamics import teachers
    >>> rng = np.random.default_rng(0)
    >>> u, disturbance = rng.standard_normal(500), 0.1 * rng.standard_normal(500)
    >>> found = teachers.recorded(u, np.convolve(u, [1.0, 0.5])[:500] + disturbance, 2)
    >>> found.teacher.response(2).real.round(2), found.error.round(3), round(found.noise, 2)
    (array([1.  , 0.51]), array([0.004, 0.004]), 0.09)
    """

    teacher: Teacher
    error: NDArray[np.float64]
    noise: float

    def __str__(self) -> str:
        return f"recorded filter of {self.error.size} taps, standard error up to {self.error.max():.2g}, noise {self.noise:.3g}"

    def _content(self) -> dict[str, Any]:
        return {"taps": self.teacher.response(self.error.size).real, "error": self.error, "noise": self.noise}


def recorded(u: ArrayLike, z: ArrayLike, length: int, *, ridge: float = 0.0) -> Recording:
    """A linear filter from a recording: least squares for ``z_t = Σ_{τ<length} m_τ u_{t-τ}`` + noise.

    Parameters
    ----------
    u, z : array_like, shape (T,)
        Recorded input and output, real, of equal length.
    length : int
        Number of taps, one a step; the recording must have at least twice as many steps after the first `length`.
    ridge : float
        Penalty ``ridge · T · var(u) · ‖m‖²``, for inputs without power at some frequencies.

    Returns
    -------
    Recording

    Raises
    ------
    InvalidInputError
        Recordings of different or too small length, NaN, an input that does not determine the taps.

    Notes
    -----
    Explained in :doc:`/derivations/learning`.

    Examples
    --------
    >>> import numpy as np
    >>> from lssm.dynamics import teachers
    >>> u = np.random.default_rng(0).standard_normal(500)
    >>> print(teachers.recorded(u, np.convolve(u, [1.0, 0.5])[:500], 4).teacher.response(2).real.round(6))
    [1.  0.5]
    """
    inputs, outputs = (finite(x, name, dtype=np.float64) for x, name in ((u, "u"), (z, "z")))
    n = count(length, "length")
    if inputs.ndim != 1 or inputs.shape != outputs.shape:
        raise InvalidInputError(
            f"z: shape {outputs.shape} does not fit u, shape {inputs.shape}; pass two sequences of one length"
        )
    if inputs.size < 3 * n:
        raise InvalidInputError(f"u: {inputs.size} steps are too few for {n} taps; record at least {3 * n}")
    if max(np.abs(inputs).max(), np.abs(outputs).max()) > 1e100:
        raise InvalidInputError("u: numbers beyond 1e100; scale the recording")
    X, y = np.lib.stride_tricks.sliding_window_view(inputs, n)[:, ::-1], outputs[n - 1 :]
    normal = X.T @ X + number_inside(ridge, "ridge", 0.0, np.inf) * len(X) * inputs.var() * np.eye(n)
    if np.linalg.cond(normal) > 1e12:
        raise InvalidInputError("u: does not determine the taps, some frequencies are missing; pass ridge=1e-6 or a richer input")
    inverse = np.linalg.inv(normal)
    taps = inverse @ (X.T @ y)
    noise = float(np.sqrt(np.sum((y - X @ taps) ** 2) / (len(y) - n)))
    spread = np.sqrt(np.diag(inverse @ (X.T @ X) @ inverse)) * noise
    return Recording(Taps(_nonzero(taps + 0j, "z")), spread, noise)


def _row(values: ArrayLike, name: str, *, may_vanish: bool = False) -> NDArray[np.complex128]:
    array = nonempty(finite(values, name), name)
    if array.ndim != 1:
        raise InvalidInputError(f"{name}: shape {array.shape}; pass one sequence")
    return array if may_vanish else _nonzero(array, name)


def _nonzero(array: NDArray[np.complex128], name: str) -> NDArray[np.complex128]:
    if not array.any():
        raise InvalidInputError(f"{name}: all zero; there is nothing to learn")
    return array
