"""H2 norm, inner product and distance of systems."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from .._validate import InvalidInputError
from ..systems import Diagonal, require_same_time
from ._coordinates import coordinates
from ._scale import scaled
from ._system import System, is_continuous, one_system


def h2_norm(system: Any) -> float:
    r"""H2 norm: root of the energy of the impulse response, which is the standard deviation of the output under white input.

    Parameters
    ----------
    system : discrete or continuous system
        Any number of inputs and outputs, not a batch.

    Returns
    -------
    float
        ``√(Σ_t ‖h_t‖_F²)``; in continuous time ``√∫ ‖h‖_F² dt``, infinite where D is not zero.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle (continuous: not in the left half plane).
    UnsupportedError
        A batch.

    Notes
    -----
    ``‖C_o A_o‖_F² + ‖CB + D‖_F²`` in input-normal coordinates: positive terms, no Gramian. Poles in log form
    (`Diagonal.from_log`) cost no digits next to the circle.

    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> slow = lssm.DiscreteSSM(lssm.Diagonal.from_log([-1e-9]), [1.0], [1.0])
    >>> print(f"{lssm.h2_norm(slow):.10f}")  # 1/√(1-λ²)
    22360.6797861782
    """
    one = one_system(system)
    found = coordinates(one)
    seen = found.seen_by(one.C)
    if is_continuous(one):
        return np.inf if one.D.any() else _size(seen)
    return float(np.hypot(_size(seen @ found.A), _size(one.C @ one.B + one.D)))


def h2_inner_product(first: Any, second: Any) -> complex:
    r"""H2 inner product ``Σ_t tr h_t h'_t*`` of two impulse responses.

    Parameters
    ----------
    first, second : discrete or continuous systems
        Of one kind of time, with equal numbers of inputs and outputs.

    Returns
    -------
    complex
        Linear in the first, conjugate-linear in the second.

    Raises
    ------
    UnstableError, UnsupportedError
        As `h2_norm`.
    InvalidInputError
        Systems that do not fit each other; in continuous time a D that is not zero in both.

    Notes
    -----
    From one factor for both systems side by side, ``S = [S_1; S_2]``:
    ``tr C_1 S_1 A_o (C_2 S_2 A_o)* + tr (C_1B_1 + D_1)(C_2B_2 + D_2)*``.

    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> print(f"{lssm.h2_inner_product(([[0.5]], [1.0], [1.0]), ([[0.25]], [1.0], [1.0])):.12f}")  # 1/(1 - 1/8)
    1.142857142857+0.000000000000j
    """
    one, two = _fitting(first, second)
    if is_continuous(one) and one.D.any() and two.D.any():
        raise InvalidInputError("D: not zero in both, so that the inner product of continuous systems is infinite")
    seen, direct = _responses(one, two)
    return complex(np.vdot(seen[1], seen[0]) + np.vdot(direct[1], direct[0]))


def h2_distance(first: Any, second: Any) -> float:
    r"""H2 norm of the difference of two systems.

    Parameters
    ----------
    first, second : discrete or continuous systems
        Of one kind of time, with equal numbers of inputs and outputs.

    Returns
    -------
    float
        ``√(Σ_t ‖h_t - h'_t‖_F²)``; infinite for continuous systems with different D.

    Raises
    ------
    UnstableError, UnsupportedError
        As `h2_norm`.
    InvalidInputError
        Systems that do not fit each other.

    Notes
    -----
    The responses are subtracted in common orthonormal coordinates, so that the distance of nearly equal systems has an error of
    some ulps of their norms, where ``‖H‖² - 2 Re⟨H, H'⟩ + ‖H'‖²`` has the root of that.

    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> print(f"{lssm.h2_distance(([[0.5]], [1.0], [1.0]), ([[0.5]], [1.0], [1.0 + 1e-12])):.4e}")
    1.1548e-12
    """
    one, two = _fitting(first, second)
    seen, direct = _responses(one, two)
    if is_continuous(one) and not np.array_equal(one.D, two.D):
        return np.inf
    return float(np.hypot(_size(seen[0] - seen[1]), _size(direct[0] - direct[1])))


def _size(array: NDArray[Any]) -> float:
    """Frobenius norm, also where its square leaves the range of doubles."""
    largest = float(np.abs(array).max(initial=0.0))
    if not 0.0 < largest < np.inf:
        return largest
    power = int(np.frexp(largest)[1])
    return float(np.ldexp(np.linalg.norm(scaled(array, -power)), power))


def _fitting(first: Any, second: Any) -> tuple[System, System]:
    one, two = one_system(first, name="first"), one_system(second, name="second")
    require_same_time(one, two)
    if (one.inputs, one.outputs) != (two.inputs, two.outputs):
        raise InvalidInputError(
            f"second: {two.inputs} inputs and {two.outputs} outputs do not fit the first system, {one.inputs} and {one.outputs}"
        )
    return one, two


def _responses(one: System, two: System) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
    """What each system sees of common orthonormal states after a step, and its response at delay 0."""
    found = coordinates(_side_by_side(one, two))
    readouts = np.hstack([one.C, np.zeros_like(two.C)]), np.hstack([np.zeros_like(one.C), two.C])
    seen = [found.seen_by(C) for C in readouts]
    if is_continuous(one):
        return seen, [np.zeros(1), np.zeros(1)]
    return [part @ found.A for part in seen], [s.C @ s.B + s.D for s in (one, two)]


def _side_by_side(one: System, two: System) -> System:
    """Both states driven by the same inputs."""
    B = np.vstack([one.B, two.B])
    if not (isinstance(one.A, Diagonal) and isinstance(two.A, Diagonal)):
        return type(one)(scipy.linalg.block_diag(one.A.to_dense(), two.A.to_dense()), B)
    if is_continuous(one):
        return type(one)(Diagonal(np.concatenate([one.A.values, two.A.values])), B)
    return type(one)(Diagonal.from_log(np.concatenate([one.A.log, two.A.log])), B)
