r"""H-infinity norm: the largest gain at any frequency.

A level γ is a singular value of the response at some frequency if and only if a Hamiltonian matrix has an eigenvalue on the
imaginary axis [Boyd1989]_. Discrete systems are first turned around the circle, so that -1 lies far from the poles, and mapped to
continuous time by Cayley's map, which keeps all gains.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.optimize
from numpy.typing import NDArray

from .._doubles import expm1, total
from .._results import Result
from .._validate import number_inside
from ._coordinates import Coordinates, coordinates
from ._system import System, is_continuous, one_system

_ROUNDS = 30
_GRID = 64
_CLIMBS = 8


@dataclass(frozen=True, eq=False)
class PeakGain(Result):
    """H-infinity norm and where it is reached.

    Attributes
    ----------
    value : float
        Largest gain found, ``‖H(ω)‖`` at `frequency`: a lower bound, exact to rounding there.
    frequency : float
        ω in radians a step, in (-π, π]; in continuous time radians a unit of time, inf if the peak is the direct term D.
    upper : float
        A level that no frequency reaches, by the Hamiltonian test; inf if rounding left every level tried in doubt.
    """

    value: float
    frequency: float
    upper: float

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"largest gain {self.value:.10g} at ω = {self.frequency:.6g}, no more than {self.upper:.10g}"


def hinf_norm(system: Any, *, rtol: float = 1e-9) -> PeakGain:
    r"""H-infinity norm ``max_ω ‖H(ω)‖`` of a system, ‖·‖ the largest singular value.

    Parameters
    ----------
    system : discrete or continuous system
        Any number of inputs and outputs, not a batch.
    rtol : float
        Relative gap between the value and the level that is tested to lie above all gains; between 1e-12 and 0.1. It is raised to
        what rounding of A can do, ``8 ε / min (1-|λ|²)``.

    Returns
    -------
    PeakGain
        ``float(result)`` is the norm.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle (continuous: not in the left half plane).
    UnsupportedError
        A batch.

    Notes
    -----
    Local maxima near the frequencies of the poles, then the Hamiltonian test [Boyd1989]_ a little above the best of them; where
    it finds frequencies that reach the level, the search goes on from there [Bruinsma1990]_.

    Examples
    --------
    >>> import lssm
    >>> peak = lssm.hinf_norm(([[0.9]], [1.0], [1.0]))
    >>> print(peak)
    largest gain 10 at ω = 0, no more than 10.00000001
    """
    one = one_system(system)
    gap = number_inside(rtol, "rtol", 1e-12, 0.1)
    found = coordinates(one)
    gain = _gain(one, found)
    half_plane = _half_plane(one, found)
    starts = sorted(_starts(one, found), key=lambda start: -gain(start[0]))
    best = max((_climbed(gain, *start) for start in starts[:_CLIMBS]), key=lambda point: point[0])
    if is_continuous(one):
        best = max(best, (float(np.linalg.norm(one.D, 2)), np.inf))
    gap = max(gap, 8 * float(np.finfo(float).eps) / _least_damping(one, found))
    for level in (gap, 10 * gap, 100 * gap, 1000 * gap):
        best, passed = _raised(gain, half_plane, best, level)
        if passed:
            return PeakGain(*best, best[0] * (1 + level))
    return PeakGain(*best, np.inf)


def _least_damping(system: System, found: Coordinates) -> float:
    """What rounding A by its last bits is to be compared with."""
    decay = found.poles.real
    return float((-2 * decay / np.abs(found.poles)).min() if is_continuous(system) else -np.expm1(2 * decay).max())


Gain = Callable[[float], float]
Point = tuple[float, float]


def _gain(system: System, found: Coordinates) -> Gain:
    """``ω → ‖H(ω)‖``, by a triangular solve in input-normal coordinates."""
    A, B, C, poles = _triangle(found)
    C = system.C @ found.S.matrix @ C
    strict = np.tril(A, -1)

    def gain(omega: float) -> float:
        if is_continuous(system):
            shifted = np.diag(1j * omega - poles) - strict
        else:
            shifted = np.diag(-expm1(poles.real, *total(poles.imag, -omega))) - np.exp(-1j * omega) * strict
        response = C @ scipy.linalg.solve_triangular(shifted, B, lower=True, check_finite=False) + system.D
        return float(np.linalg.norm(response, 2))

    return gain


def _triangle(found: Coordinates) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.complex128]]:
    """Lower triangular A and B in unitary coordinates Z, Z itself, and log λ (or a) on the diagonal of A."""
    blocks = np.flatnonzero(np.diagonal(found.A, 1))
    Z, poles = np.eye(len(found.A), dtype=np.complex128), found.poles.copy()
    for k in blocks:
        pair = slice(k, k + 2)
        Z[pair, pair] = scipy.linalg.schur(found.A[pair, pair].T, output="complex")[1].conj()
    A = Z.conj().T @ found.A @ Z
    for k in blocks:
        if A[k, k].imag * np.sin(poles[k].imag) < 0:
            poles[k : k + 2] = poles[k : k + 2][::-1]
    return A, Z.conj().T @ found.B, Z, poles


def _starts(system: System, found: Coordinates) -> list[tuple[float, float]]:
    """Frequencies of the poles and a grid, each with the width of the peak to look for."""
    if is_continuous(system):
        own = list(zip(found.poles.imag, -found.poles.real, strict=True))
        largest = float(np.abs(found.poles).max())
        spread = np.geomspace(1e-3, 10, _GRID // 2) * largest
        return [*own, *((sign * omega, omega) for omega in spread for sign in (-1, 1)), (0.0, largest)]
    alive = found.poles[~np.isneginf(found.poles.real)]
    grid = np.linspace(-np.pi, np.pi, _GRID, endpoint=False)
    return [*zip(alive.imag, -alive.real, strict=True), *((omega, 2 * np.pi / _GRID) for omega in grid)]


def _climbed(gain: Gain, start: float, width: float) -> Point:
    """Best gain within a few widths of a start."""
    found = scipy.optimize.minimize_scalar(
        lambda shift: -gain(start + shift), bounds=(-2 * width, 2 * width), method="bounded", options={"xatol": 1e-9 * width}
    )
    here = gain(start)
    return (here, start) if here >= -found.fun else (float(-found.fun), float(start + found.x))


def _raised(gain: Gain, half_plane: Any, best: Point, level: float) -> tuple[Point, bool]:
    """Best point, and whether no frequency reaches a level a little above it."""
    for _ in range(_ROUNDS):
        crossings = half_plane.crossings(best[0] * (1 + level))
        if not crossings.size:
            return best, True
        middles = [*crossings, *(0.5 * (crossings[:-1] + crossings[1:]))]
        width = float(np.ptp(crossings)) / max(crossings.size, 1) + 1e-12
        better = max((_climbed(gain, half_plane.frequency(x), width) for x in middles), key=lambda point: point[0])
        if better[0] <= best[0] * (1 + 1e-15):
            return best, False
        best = better
    return best, False


@dataclass(frozen=True)
class _HalfPlane:
    """A continuous system ``ẋ = A x + B u`` with the gains of the one asked about."""

    A: NDArray[Any]
    B: NDArray[Any]
    C: NDArray[Any]
    D: NDArray[Any]
    turn: float | None

    def frequency(self, x: float) -> float:
        """Frequency of the original system for one of this one."""
        if self.turn is None:
            return x
        return float((2 * np.arctan(x) + self.turn + np.pi) % (2 * np.pi) - np.pi)

    def crossings(self, level: float) -> NDArray[np.float64]:
        """Frequencies at which a singular value equals `level`: eigenvalues of the Hamiltonian matrix on the imaginary axis."""
        A, B, C, D = self.A, self.B / level, self.C, self.D / level
        R = np.eye(D.shape[1]) - D.conj().T @ D
        if np.linalg.eigvalsh(R)[0] <= 0:
            return np.array([0.0])
        C = C / level
        solved = np.linalg.solve(R, np.hstack([D.conj().T @ C * level, (B * level).conj().T]))
        first, second = solved[:, : len(A)], solved[:, len(A) :]
        B = B * level
        upper = A + B @ first / level
        rest = C.conj().T @ (np.eye(len(D)) + D @ np.linalg.solve(R, D.conj().T)) @ C
        matrix = np.block([[upper, B @ second], [-rest, -upper.conj().T]])
        values = np.linalg.eigvals(matrix)
        noise = 10 * len(matrix) * np.finfo(float).eps * np.linalg.norm(matrix)
        return np.sort(values.imag[np.abs(values.real) <= noise])


def _half_plane(system: System, found: Coordinates) -> _HalfPlane:
    A, B, C = found.A, found.B, system.C @ found.S.matrix
    if is_continuous(system):
        return _HalfPlane(A, B, C, system.D, None)
    turn = _away_from(found.poles)
    A = np.exp(-1j * turn) * A
    identity = np.eye(len(A))
    back = np.linalg.solve((A + identity).T, (C @ found.A * np.exp(-1j * turn)).T).T
    inside = np.linalg.solve(A + identity, np.hstack([A - identity, B]))
    # H as a function of ζ = 1/z, ζ → (ζ-1)/(ζ+1); C A stands for C since the state is one step ahead
    D = C @ B + system.D - back @ B
    return _HalfPlane(inside[:, : len(A)], np.sqrt(2) * inside[:, len(A) :], np.sqrt(2) * back, D, turn)


def _away_from(poles: NDArray[np.complex128]) -> float:
    """Angle φ such that e^{iφ} times -1 is far from all poles: the middle of the widest gap between their angles, less π."""
    alive = poles[~np.isneginf(poles.real)]
    angles = np.sort(np.angle(np.exp(1j * alive.imag))) if alive.size else np.zeros(1)
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return float(angles[gaps.argmax()] + 0.5 * gaps.max() - np.pi)
