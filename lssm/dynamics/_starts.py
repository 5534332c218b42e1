"""Where the search for the best poles begins: balanced truncation, a cluster, random sets."""

import numpy as np
import scipy.linalg

from .._validate import InvalidInputError
from ..gramians import balanced_truncation
from ..poles import log_of
from ..scan import system_poles
from ._charts import Matrix
from ._modes import Modes
from ._teacher import Teacher

_HANKEL = 512


def starting_points(teacher: Teacher, order: int, number: int, rng: np.random.Generator) -> list[Matrix]:
    """Pole sets to start from, the informed ones first; closed under conjugation for a real teacher."""
    length = teacher.length
    points = [_balanced(teacher, order), _cluster(order, length)]
    while len(points) < number + 1:
        points.append(_random(order, length, teacher.is_real, rng))
    return [point for point in points if point is not None][:number]


def _balanced(teacher: Teacher, order: int) -> Matrix | None:
    """Poles of the balanced truncation, for taps of the Hankel matrix."""
    try:
        if isinstance(teacher, Modes):
            log = log_of(system_poles(balanced_truncation(teacher.system, order).system))
        else:
            log = log_of(_realised(teacher.response(2 * _HANKEL), order))
    except (InvalidInputError, np.linalg.LinAlgError):
        return None
    if teacher.is_real and log.size == order:
        found = symmetric(log, 1e-6)
        return None if found is None else admissible(found)
    return admissible(log) if log.size == order else None


def _realised(taps: Matrix, order: int) -> Matrix:
    """Eigenvalues of the shift on the leading singular vectors of the Hankel matrix of an impulse response."""
    H = scipy.linalg.hankel(taps[:_HANKEL], taps[_HANKEL - 1 : 2 * _HANKEL - 1])
    U = np.linalg.svd(H)[0][:, :order]
    return np.asarray(np.linalg.eigvals(np.linalg.lstsq(U[:-1], U[1:], rcond=None)[0]), np.complex128)


def _cluster(order: int, length: float) -> Matrix:
    """Poles in a row around frequency zero: what remembers one lag best."""
    frequency = (np.arange(order) - 0.5 * (order - 1)) * min(5.0 / length, 2 * np.pi / order)
    return (-min(2.0 / length, 1.0) + 1j * frequency).astype(np.complex128)


def _random(order: int, length: float, real: bool, rng: np.random.Generator) -> Matrix:
    """Decays around the teacher's length, any frequency; one or a few real poles."""
    pairs = order // 2 if real else order
    if real and pairs and rng.random() < 0.5:
        pairs = int(rng.integers(0, pairs + 1))
    decay = np.exp(rng.uniform(np.log(0.2 / length), np.log(2.0), order if real else pairs))
    angle = rng.uniform(0, np.pi, pairs) * rng.choice([1.0, min(1.0, 10.0 / length)])
    if not real:
        return -decay + 2j * (angle - np.pi / 2)
    upper = -decay[:pairs] + 1j * angle
    alone = -decay[pairs : order - pairs] + 1j * np.pi * (rng.random(order - 2 * pairs) < 0.3)
    return np.concatenate([upper, upper.conj(), alone])


def admissible(log: Matrix) -> Matrix:
    """Poles drawn inside the disk and away from 0."""
    inside: Matrix = np.minimum(np.maximum(log.real, -20.0), -1e-12) + 1j * log.imag
    return inside


def symmetric(log: Matrix, tolerance: float) -> Matrix | None:
    """Rounding errors taken out of a set that ought to be closed under conjugation; None if it is not."""
    values = np.exp(log)
    alone = np.abs(values.imag) <= tolerance
    upper, lower = values[~alone & (values.imag > 0)], values[~alone & (values.imag < 0)]
    if upper.size != lower.size:
        return None
    return log_of(np.concatenate([upper, upper.conj(), values[alone].real + 0j]))
