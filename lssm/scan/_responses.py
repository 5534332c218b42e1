"""Responses of a system: to an impulse, to a step, at a frequency; its poles and zeros; convolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from .._doubles import expm1, product, total
from .._progress import progress
from .._results import Result
from .._validate import InvalidInputError, UnsupportedError, count, finite, is_singular, nonempty
from ..systems import DPLR, ContinuousSSM, Diagonal, DiscreteSSM, as_discrete, as_system, single_system
from ._run import require_finite, scan

_BLOCK = 2**20
"""Entries of a table of powers held at a time."""


def impulse_response(system: Any, T: int | ArrayLike, *, half: bool = False) -> NDArray[Any]:
    r"""Impulse response ``CB + D, CAB, CA²B, …`` of a discrete system: the convolution kernel of the literature.

    Parameters
    ----------
    system : discrete system
        What `lssm.as_discrete` accepts, not a batch of dense systems.
    T : int or array_like of int, shape (T,)
        T means steps 0 … T-1; an array means those steps.
    half : bool
        The system holds one of each conjugate pair: ``2 Re(C A^τ B)``.

    Returns
    -------
    array, shape (..., T) for one input and one output, (..., T, p, m) otherwise

    Raises
    ------
    InvalidInputError
        Steps that are no non-negative integers.
    UnsupportedError
        A batch of dense systems.

    Notes
    -----
    Diagonal: ``Σ_k C_k B_k e^{ℓ_k τ}``, with the angle ``τ Im ℓ`` multiplied out exactly: a few ulps of the largest term, at any
    τ. Others by the recurrence, or for selected steps by powers.

    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> lssm.impulse_response(([[0.5]], [1.0], [1.0]), 4)
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    discrete = as_discrete(system)
    steps = _steps(T)
    with np.errstate(over="ignore", invalid="ignore"):
        return _response(discrete, steps, half)


def _response(discrete: DiscreteSSM, steps: NDArray[np.int64], half: bool) -> NDArray[Any]:
    if isinstance(discrete.A, Diagonal):
        found = _diagonal_response(discrete, steps)
    elif discrete.batch:
        raise UnsupportedError("system: a batch of dense systems; take them one at a time")
    else:
        found = _dense_response(discrete, steps)
    found[..., steps == 0, :, :] += (0.5 if half else 1.0) * discrete.D[..., None, :, :]
    require_finite(found)
    response: NDArray[Any] = 2.0 * found.real if half else found if found.imag.any() else found.real.copy()
    return response[..., 0, 0] if (discrete.inputs, discrete.outputs) == (1, 1) else response


def _steps(T: int | ArrayLike) -> NDArray[np.int64]:
    if isinstance(T, (int, np.integer)) and not isinstance(T, (bool, np.bool_)):
        return np.arange(count(T, "T", most=10**8))
    steps = np.asarray(T)
    if steps.dtype.kind not in "iu" or steps.ndim != 1 or not steps.size or steps.min() < 0 or steps.max() > 10**15:
        raise InvalidInputError("T: pass a positive integer, or a non-empty list of steps between 0 and 1e15")
    return steps.astype(np.int64)


def powers(log: NDArray[np.complex128], steps: NDArray[Any]) -> NDArray[np.complex128]:
    """``λ^τ``, shape (..., N, T), each to a few ulps whatever τ."""
    zero = np.isneginf(log.real)[..., None]
    finite_log = np.where(np.isneginf(log.real), 0, log)[..., None]
    angle, tail = product(finite_log.imag, steps.astype(float))
    decay, lost = product(finite_log.real, steps.astype(float))
    values = np.exp(decay) * (1.0 + lost) * (np.cos(angle) - tail * np.sin(angle) + 1j * (np.sin(angle) + tail * np.cos(angle)))
    return np.where(zero, (steps == 0).astype(float), values)


def _diagonal_response(system: DiscreteSSM, steps: NDArray[np.int64]) -> NDArray[np.complex128]:
    lead = system.batch
    found = np.empty((*lead, steps.size, system.outputs, system.inputs), np.complex128)
    width = max(1, _BLOCK // max(system.A.values.size, 1))  # type: ignore[union-attr]
    for start in progress(range(0, steps.size, width), "steps"):
        block = slice(start, start + width)
        table = powers(system.A.log, steps[block])  # type: ignore[union-attr]
        found[..., block, :, :] = np.einsum("...pk,...kt,...km->...tpm", system.C, table, system.B, optimize=True)
    return found


def _dense_response(system: DiscreteSSM, steps: NDArray[np.int64]) -> NDArray[np.complex128]:
    last = int(steps.max())
    if last + 1 > 4 * steps.size * system.order:
        return np.stack([system.C @ np.linalg.matrix_power(system.A.to_dense(), int(step)) @ system.B for step in steps])
    impulses = np.zeros((system.inputs, last + 1, system.inputs))
    impulses[:, 0, :] = np.eye(system.inputs)
    bare = DiscreteSSM(system.A, system.B, system.C)
    outputs = scan(bare, impulses[..., 0] if system.inputs == 1 else impulses)
    outputs = outputs[..., None] if system.outputs == 1 else outputs
    return np.moveaxis(outputs, 0, -1)[steps].astype(np.complex128)


def step_response(system: Any, T: int, *, half: bool = False) -> NDArray[Any]:
    r"""Output of a discrete system for the input 1, 1, 1, … from rest.

    Parameters
    ----------
    system : discrete system
        As in `impulse_response`.
    T : int
        Number of steps.
    half : bool
        The system holds one of each conjugate pair.

    Returns
    -------
    array, shape (..., T) for one input and one output, (..., T, p, m) otherwise

    Raises
    ------
    InvalidInputError, UnsupportedError
        As `impulse_response`.

    Notes
    -----
    Running sum of the impulse response; it tends to `dc_gain`.

    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> lssm.step_response(([[0.5]], [1.0], [1.0]), 4)
    array([1.   , 1.5  , 1.75 , 1.875])
    """
    response = impulse_response(system, count(T, "T", most=10**8), half=half)
    discrete = as_discrete(system)
    sums: NDArray[Any] = np.cumsum(response, -1 if (discrete.inputs, discrete.outputs) == (1, 1) else -3)
    return sums


def frequency_response(system: Any, omega: ArrayLike, *, half: bool = False) -> NDArray[np.complex128]:
    r"""Response ``H(ω)`` of a system at angular frequencies.

    Parameters
    ----------
    system : discrete or continuous system
        What `lssm.as_system` accepts, not a batch.
    omega : array_like, shape (F,)
        Angular frequencies: radians a step, or radians a unit of time.
    half : bool
        The system holds one of each conjugate pair: ``H(ω) + conj H(-ω)`` of the half without D.

    Returns
    -------
    complex array, shape (F,) for one input and one output, (F, p, m) otherwise

    Raises
    ------
    UnsupportedError
        A batch.
    InvalidInputError
        A frequency at which the system has a pole.

    Notes
    -----
    Discrete: ``C (I - e^{-iω}A)⁻¹ B + D``, since the state holds the present input; continuous: ``C (iωI - A)⁻¹ B + D``. Diagonal
    operators in log form keep ``1 - e^{-iω}λ`` accurate next to the circle; diagonal plus low rank by Woodbury's formula.

    Theorem: :doc:`/theorems/hippo_structure` (``proofs/hippo_structure.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> lssm.frequency_response(([[0.5]], [1.0], [1.0]), [0.0, np.pi]).real.round(6)
    array([2.      , 0.666667])
    """
    one = single_system(system)
    frequencies = nonempty(np.atleast_1d(finite(omega, "omega", dtype=np.float64)), "omega")
    if frequencies.ndim != 1:
        raise InvalidInputError(f"omega: must be one-dimensional, got shape {frequencies.shape}")
    response = _resolved(one, frequencies)
    if half:
        response = response + _resolved(one, -frequencies).conj()
    response = response + (one.D.real if half else one.D)
    return response[:, 0, 0] if (one.inputs, one.outputs) == (1, 1) else response


def _resolved(system: DiscreteSSM | ContinuousSSM, omega: NDArray[np.float64]) -> NDArray[np.complex128]:
    """``C (I - e^{-iω}A)⁻¹ B`` or ``C (iωI - A)⁻¹ B``, shape (F, p, m)."""
    A = system.A
    if isinstance(A, DPLR):
        return _woodbury(system, A, omega)
    if isinstance(A, Diagonal):
        gaps = _gaps(system, omega)
        if not gaps.all():
            raise InvalidInputError("omega: contains the frequency of a pole on the stability boundary")
        return np.asarray(system.C @ (system.B / gaps[..., None]))
    matrix, identity = A.to_dense(), np.eye(A.order)
    T, Z = scipy.linalg.schur(matrix, output="complex")
    B, C, found = Z.conj().T @ system.B, system.C @ Z, []
    for w in progress(omega, "frequencies"):
        shifted = 1j * w * identity - T if isinstance(system, ContinuousSSM) else identity - np.exp(-1j * w) * T
        if not np.diagonal(shifted).all():
            raise InvalidInputError(f"omega: {w:g} is the frequency of a pole on the stability boundary")
        found.append(C @ scipy.linalg.solve_triangular(shifted, B, check_finite=False))
    return np.array(found)


def _woodbury(system: DiscreteSSM | ContinuousSSM, A: DPLR, omega: NDArray[np.float64]) -> NDArray[np.complex128]:
    """The same for a low-rank correction; a full solve where a frequency is so close to an entry of Λ that both parts cancel."""
    gaps, found = _gaps(system, omega), np.empty((omega.size, system.outputs, system.inputs), np.complex128)
    close = np.abs(gaps).min(-1) <= 1e-3 * np.linalg.norm(A.P) * np.linalg.norm(A.Q)
    turn = np.ones(omega.size) if isinstance(system, ContinuousSSM) else np.exp(-1j * omega)
    for i in np.flatnonzero(close):
        matrix = np.diag(gaps[i]) - turn[i] * (A.P @ A.Q.conj().T)
        if is_singular(matrix):
            raise InvalidInputError(f"omega: {omega[i]:g} is the frequency of a pole on the stability boundary")
        found[i] = system.C @ np.linalg.solve(matrix, system.B)
    far = ~close
    inner, left = system.B / gaps[far][..., None], A.P / gaps[far][..., None]
    right, turn = A.Q.conj().T, turn[far][:, None, None]
    core = np.eye(A.rank) - turn * (right @ left)
    if core.size and is_singular(core):
        raise InvalidInputError("omega: contains the frequency of a pole on the stability boundary")
    found[far] = system.C @ (inner + left @ np.linalg.solve(core, turn * (right @ inner)))
    return found


def _gaps(system: DiscreteSSM | ContinuousSSM, omega: NDArray[np.float64]) -> NDArray[np.complex128]:
    """``1 - e^{-iω}λ`` or ``iω - a``, shape (F, N)."""
    A = system.A
    if isinstance(system, ContinuousSSM):
        return np.asarray(1j * omega[:, None] - A.values)  # type: ignore[union-attr]
    if isinstance(A, DPLR):
        return np.asarray(1.0 - np.exp(-1j * omega)[:, None] * A.values)
    zero = np.isneginf(A.log.real)  # type: ignore[union-attr]
    log = np.where(zero, 0, A.log)  # type: ignore[union-attr]
    return np.where(zero, 1.0, -expm1(log.real, *total(log.imag, -omega[:, None])))


def dc_gain(system: Any) -> Any:
    r"""Response at frequency zero: what a constant input of 1 settles to.

    Parameters
    ----------
    system : discrete or continuous system
        As in `frequency_response`.

    Returns
    -------
    float or complex, or array of shape (p, m)

    Raises
    ------
    InvalidInputError
        A pole at frequency zero.
    UnsupportedError
        A batch.

    Notes
    -----
    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> lssm.dc_gain(([[0.5]], [1.0], [1.0]))
    2.0
    """
    response = frequency_response(system, [0.0])[0]
    response = response.real if not np.imag(response).any() else response
    return response.item() if np.ndim(response) == 0 else response


def system_poles(system: Any) -> NDArray[np.complex128]:
    """Eigenvalues of the state matrix.

    Parameters
    ----------
    system : discrete or continuous system
        What `lssm.as_system` accepts, with batch dimensions (...).

    Returns
    -------
    complex array, shape (..., N)
        λ, or a in continuous time. For analyses pass the system itself, or `lssm.reachable_part`, which knows how wrong single
        eigenvalues of a non-normal matrix may be.

    Notes
    -----
    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> lssm.system_poles(([[0.5, 1.0], [0.0, 0.25]], [1.0, 1.0])).real
    array([0.5 , 0.25])
    """
    one = as_system(system)
    if isinstance(one.A, Diagonal):
        return one.A.values.copy()
    return np.linalg.eigvals(one.A.to_dense()).astype(np.complex128)


def system_zeros(system: Any) -> NDArray[np.complex128]:
    """Transmission zeros of a system with as many outputs as inputs.

    Parameters
    ----------
    system : discrete or continuous system
        What `lssm.as_system` accepts, not a batch.

    Returns
    -------
    complex array, shape (Z,)
        Values of z⁻¹ = λ (discrete) or s (continuous) at which the response is singular. On the clock of this package a delay
        shows as a zero fewer, where other packages have one at infinity.

    Raises
    ------
    UnsupportedError
        A batch, or different numbers of inputs and outputs.

    Notes
    -----
    Finite generalised eigenvalues of ``[[A, B], [C', D']] - λ [[I, 0], [0, 0]]``; in discrete time with ``C' = CA``,
    ``D' = CB + D``.

    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> lssm.system_zeros(([[0.5]], [1.0], [1.0], 1.0)).real  # 1/(1-z/2) + 1 = (2 - z/2)/(1 - z/2)
    array([0.25])
    """
    one = single_system(system)
    if one.inputs != one.outputs:
        raise UnsupportedError(f"system: {one.inputs} inputs and {one.outputs} outputs; zeros are for square systems")
    A, B, C, D = _scaled_matrices(one)
    _require_regular(one, A, B, C, D)
    if isinstance(one, DiscreteSSM):
        C, D = C @ A, C @ B + D
    N, m = A.shape[0], one.inputs
    pencil, weight = np.block([[A, B], [C, D]]), np.zeros((N + m, N + m))
    weight[:N, :N] = np.eye(N)
    above, below = scipy.linalg.eigvals(pencil, weight, homogeneous_eigvals=True)
    size = np.linalg.norm(pencil)
    finite_ones = np.abs(below) > 1e-13 * np.hypot(np.abs(above) / max(size, 1.0), np.abs(below)) * (N + m)
    zeros: NDArray[np.complex128] = (above[finite_ones] / below[finite_ones]).astype(np.complex128)
    return zeros


def _scaled_matrices(system: DiscreteSSM | ContinuousSSM) -> tuple[NDArray[Any], ...]:
    """A, and B, C, D with powers of two taken out, which leaves the zeros where they are."""
    b, c = (np.ldexp(1.0, -int(np.frexp(np.abs(x).max())[1])) if x.any() else 1.0 for x in (system.B, system.C))
    return system.A.to_dense(), system.B * b, system.C * c, system.D * b * c


def _require_regular(system: DiscreteSSM | ContinuousSSM, *matrices: NDArray[Any]) -> None:
    """Nothing, or an error if the response is singular at every frequency, as at three odd ones."""
    plain = type(system)(*matrices)
    for response in _resolved(plain, np.array([0.3172, 1.4423, 2.7133])) + matrices[3]:
        if np.linalg.svd(response, compute_uv=False)[-1] > 1e-13 * max(float(np.abs(response).max()), 1e-300):
            return
    raise UnsupportedError("system: its response is singular at every frequency; it has no isolated zeros")


@dataclass(frozen=True, eq=False)
class Convolution(Result):
    """A convolution and how far rounding may have moved it.

    Attributes
    ----------
    values : array, shape (..., T)
        ``Σ_s h_{t-s} u_s``.
    error : float array, shape (...)
        Estimated absolute error of every value: ``ε log2(n) ‖h‖ ‖u‖``. Where the response is much smaller than its largest
        values, that is more than `scan` makes.

    Notes
    -----
    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> found = lssm.convolve([1.0, 0.5, 0.25], np.ones((4, 100)))
    >>> found.values.shape, found.error.shape, bool(found.error.max() < 1e-13)
    ((4, 100), (4,), True)
    """

    values: NDArray[Any]
    error: NDArray[np.float64]

    def __str__(self) -> str:
        return f"convolution of {self.values.shape[-1]} steps, absolute error ≤ {self.error.max():.1e}"


def convolve(response: ArrayLike, u: ArrayLike) -> Convolution:
    r"""Causal convolution of an impulse response with an input, by fast Fourier transform.

    Parameters
    ----------
    response : array_like, shape (..., L)
        Impulse response.
    u : array_like, shape (..., T)
        Input; leading dimensions are broadcast.

    Returns
    -------
    Convolution
        Of the T steps of the input.

    Raises
    ------
    InvalidInputError
        Shapes that do not broadcast, empty arrays.

    Notes
    -----
    Padded to twice the length, so that nothing wraps around. In O(T log T), but with an error relative to the largest values.

    Explained in :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> lssm.convolve([1.0, 0.5, 0.25], [1.0, 0.0, 2.0]).values.round(12)
    array([1.  , 0.5 , 2.25])
    """
    h, x = nonempty(finite(response, "response"), "response"), nonempty(finite(u, "u"), "u")
    T = x.shape[-1]
    h = h[..., :T]
    try:
        np.broadcast_shapes(h.shape[:-1], x.shape[:-1])
    except ValueError:
        raise InvalidInputError(f"u: shape {x.shape} does not fit a response of shape {h.shape}") from None
    n = scipy.fft.next_fast_len(T + h.shape[-1] - 1)
    values = scipy.fft.ifft(scipy.fft.fft(h, n) * scipy.fft.fft(x, n))[..., :T]
    error = np.finfo(float).eps * np.log2(n + 1.0) * np.linalg.norm(h, axis=-1) * np.linalg.norm(x, axis=-1)
    return Convolution(values if h.imag.any() or x.imag.any() else values.real.copy(), np.asarray(error))
