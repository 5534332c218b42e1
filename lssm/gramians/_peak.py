r"""H-infinity norm: the largest gain at any frequency.

A level γ is a singular value of the response at some frequency if and only if a Hamiltonian matrix has an eigenvalue on the
imaginary axis [Boyd1989]_. Discrete systems are first turned around the circle, so that -1 lies far from the poles, and mapped to
continuous time by Cayley's map, which keeps all gains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.optimize
from numpy.typing import NDArray

from .._doubles import expm1, total
from .._results import Result
from .._validate import InvalidInputError, number_inside
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
        ω in radians a step, in (-π, π]; in continuous time radians a unit of time, inf if the peak is the direct term D. Not
        negative for a real dense system.
    upper : float
        A level that no frequency reaches, by the Hamiltonian test; inf where that leaves the range of doubles.

    Notes
    -----
    Explained in :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> peak = lssm.hinf_norm(([[0.0, -0.81], [1.0, 0.0]], [1.0, 0.0], [1.0, 0.0]))  # poles ±0.9i
    >>> round(peak.value, 6), bool(np.isclose(peak.frequency, np.pi / 2))
    (5.263158, True)
    >>> round(float(peak.times(2.0)), 6)
    10.526316
    """

    value: float
    frequency: float
    upper: float

    def times(self, factor: float) -> PeakGain:
        """The same for a system scaled by a positive factor.

        Parameters
        ----------
        factor : float
            What B, or C, and D are multiplied with.

        Returns
        -------
        PeakGain
            At the same frequency.
        """
        return PeakGain(self.value * factor, self.frequency, self.upper * factor)

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

    Explained in :doc:`/derivations/gramians`.

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
    C, D = found.seen_by(one.C), one.D
    size = float(max(np.abs(C).max(initial=0.0), np.abs(D).max()))
    if not np.isfinite(size):
        raise InvalidInputError("system: its gain leaves the range of doubles; scale B or C")
    if not np.any(C):
        return PeakGain(_largest(D), 0.0, _largest(D))
    return _scaled_peak(one, found, C / size, D / size, gap).times(size)


def _largest(matrix: NDArray[Any]) -> float:
    return float(np.linalg.norm(matrix, 2))


def _scaled_peak(one: System, found: Coordinates, C: NDArray[Any], D: NDArray[Any], gap: float) -> PeakGain:
    """Peak of a system whose readout C in input-normal coordinates, or direct term, is about one."""
    continuous = is_continuous(one)
    gain = _gain(found, C, D, continuous)
    starts = sorted(_starts(found, continuous), key=lambda start: -gain(start[0]))
    best = max((_climbed(gain, *start) for start in starts[:_CLIMBS]), key=lambda point: point[0])
    if continuous:
        best = max(best, (_largest(D), np.inf))
    level = max(gap, 8 * float(np.finfo(float).eps) / _least_damping(found, continuous))
    best, tested = _raised(gain, _half_plane(found, C, D, continuous), best, level)
    value, frequency = best
    if np.isrealobj(found.A) and not (C.imag.any() or D.imag.any()):
        frequency = abs(frequency)  # a real system has the same gain at both
    if not continuous:
        frequency = float(np.pi - (np.pi - frequency) % (2 * np.pi))
    return PeakGain(float(value), float(frequency), float(value * (1 + level)) if tested else np.inf)


def _least_damping(found: Coordinates, continuous: bool) -> float:
    """What rounding A by its last bits is to be compared with."""
    decay = found.poles.real
    return float((-2 * decay / np.abs(found.poles)).min() if continuous else -np.expm1(2 * decay).max())


Gain = Callable[[float], float]
Point = tuple[float, float]


def _gain(found: Coordinates, C: NDArray[Any], D: NDArray[Any], continuous: bool) -> Gain:
    """``ω → ‖H(ω)‖``, by a triangular solve in input-normal coordinates."""
    A, B, Z, poles = _triangle(found, continuous)
    C, strict = C @ Z, np.tril(A, -1)

    def gain(omega: float) -> float:
        if continuous:
            shifted = np.diag(1j * omega - poles) - strict
        else:
            shifted = np.diag(-expm1(poles.real, *total(poles.imag, -omega))) - np.exp(-1j * omega) * strict
        response = C @ scipy.linalg.solve_triangular(shifted, B, lower=True, check_finite=False) + D
        return _largest(response) if np.isfinite(response).all() else np.inf

    return gain


def _triangle(found: Coordinates, continuous: bool) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.complex128]]:
    """Lower triangular A and B in unitary coordinates Z, Z itself, and log λ (or a) on the diagonal of A."""
    blocks = np.flatnonzero(np.diagonal(found.A, 1))
    Z, poles = np.eye(len(found.A), dtype=np.complex128), np.where(np.isneginf(found.poles.real), -np.inf, found.poles)
    for k in blocks:
        pair = slice(k, k + 2)
        Z[pair, pair] = scipy.linalg.schur(found.A[pair, pair].T, output="complex")[1].conj()
    A = Z.conj().T @ found.A @ Z
    for k in blocks:
        above = poles[k].imag if continuous else np.sin(poles[k].imag)
        if A[k, k].imag * above < 0:
            poles[k : k + 2] = poles[k : k + 2][::-1]
    return A, Z.conj().T @ found.B, Z, poles


def _starts(found: Coordinates, continuous: bool) -> list[tuple[float, float]]:
    """Frequencies of the poles and a grid, each with the width of the peak to look for."""
    if continuous:
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


def _raised(gain: Gain, half_plane: _HalfPlane, best: Point, level: float) -> tuple[Point, bool]:
    """Best point, and whether the level a little above it was tested: at no frequency that the test finds is it reached.

    Eigenvalues near the axis are candidates, not crossings: rounding moves them. The gain at and between them decides.
    """
    for _ in range(_ROUNDS):
        crossings = half_plane.crossings(best[0] * (1 + level))
        if crossings is None:
            return best, False
        if not crossings.size:
            return best, True
        middles = [*crossings, *(0.5 * (crossings[:-1] + crossings[1:]))]
        width = float(np.ptp(crossings)) / crossings.size + 1e-12
        better = max((_climbed(gain, half_plane.frequency(x), width) for x in middles), key=lambda point: point[0])
        if better[0] <= best[0] * (1 + level):
            return max(best, better, key=lambda point: point[0]), True
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

    def crossings(self, level: float) -> NDArray[np.float64] | None:
        """Frequencies near which a gain may equal `level`: eigenvalues of the Hamiltonian matrix near the imaginary axis.

        None where the matrix leaves the range of doubles.
        """
        D = self.D / level
        R = np.eye(D.shape[1]) - D.conj().T @ D
        if np.linalg.eigvalsh(R)[0] <= 0:
            return np.array([0.0])
        root, C = np.sqrt(level), self.C / np.sqrt(level)
        B = self.B / root
        solved = np.linalg.solve(R, np.hstack([D.conj().T @ C, B.conj().T]))
        first, second = solved[:, : len(self.A)], solved[:, len(self.A) :]
        upper = self.A + B @ first
        rest = C.conj().T @ (C + D @ first)
        matrix = np.block([[upper, B @ second], [-rest, -upper.conj().T]])
        if not np.isfinite(matrix).all():
            return None
        values = np.linalg.eigvals(matrix)
        noise = 10 * len(matrix) * np.finfo(float).eps * np.linalg.norm(matrix)
        return np.sort(values.imag[np.abs(values.real) <= np.maximum(noise, 1e-7 * np.abs(values))])


def _half_plane(found: Coordinates, C: NDArray[Any], D: NDArray[Any], continuous: bool) -> _HalfPlane:
    A, B = found.A, found.B
    if continuous:
        return _HalfPlane(A, B, C, D, None)
    turn = _away_from(found.poles)
    A = np.exp(-1j * turn) * A
    identity = np.eye(len(A))
    back = np.linalg.solve((A + identity).T, (C @ A).T).T
    inside = np.linalg.solve(A + identity, np.hstack([A - identity, B]))
    # H as a function of ζ = 1/z, ζ → (ζ-1)/(ζ+1); C A stands for C since the state is one step ahead
    direct = C @ B + D - back @ B
    return _HalfPlane(inside[:, : len(A)], np.sqrt(2) * inside[:, len(A) :], np.sqrt(2) * back, direct, turn)


def _away_from(poles: NDArray[np.complex128]) -> float:
    """Angle φ such that e^{iφ} times -1 is far from all poles: the middle of the widest gap between their angles, less π."""
    alive = poles[~np.isneginf(poles.real)]
    angles = np.sort(np.angle(np.exp(1j * alive.imag))) if alive.size else np.zeros(1)
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return float(angles[gaps.argmax()] + 0.5 * gaps.max() - np.pi)
