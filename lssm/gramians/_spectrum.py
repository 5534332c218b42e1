"""Eigenvalues of a Gramian from its factor, to relative accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._kernels.jacobi import jacobi_sweep
from .._progress import progress

_SWEEPS = 40
_EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Squares:
    """Eigenvalues ``size · 4^power`` of ``S S*``, largest first.

    Attributes
    ----------
    size : float array, shape (r,)
        Mantissas.
    power : int array, shape (r,)
        Half the powers of two.
    vectors : array, shape (N, r) or None
        Eigenvectors, orthonormal columns.
    right : array, shape (r, r) or None
        Orthonormal V with ``S V = U Σ``, U the eigenvectors and Σ the roots of the eigenvalues.
    condition : float
        ``σ_max/σ_min`` of the columns of the factor, each scaled to size one: how much rounding can matter. NaN without vectors.
    """

    size: NDArray[np.float64]
    power: NDArray[np.int64]
    vectors: NDArray[Any] | None
    right: NDArray[Any] | None
    condition: float

    @property
    def values(self) -> NDArray[np.float64]:
        """The eigenvalues; 0 or inf where they leave the range of doubles."""
        with np.errstate(over="ignore", under="ignore"):
            values: NDArray[np.float64] = np.ldexp(self.size, np.clip(2 * self.power, -3000, 3000))
        return values

    @property
    def log(self) -> NDArray[np.float64]:
        """Their natural logarithms."""
        with np.errstate(divide="ignore"):
            log: NDArray[np.float64] = np.log(self.size) + 2 * np.log(2.0) * self.power
        return log


def squares(unit: NDArray[Any], power: NDArray[np.int64], *, vectors: bool = False) -> Squares:
    """Eigenvalues of ``S S*``, ``S = unit · 2^power``, by one-sided Jacobi rotations.

    With ``unit = Q R`` the rows of ``R 2^power`` are nearly orthogonal where the powers fall quickly; rotating them is what is
    left to do. Each step is right to the last bits relative to the columns of S: what matters is the condition of these columns,
    scaled to size one, not that of S [Demmel1999]_ [Drmac2008]_.
    """
    unit, power, order = _scaled(unit, power)
    Q, R = np.linalg.qr(unit)
    rows = R.conj() * np.ldexp(1.0, np.clip(power - power[:, None], -2000, 0))
    sizes, powers, turned, directions = rotated(rows, power, vectors)
    if turned is None:
        return Squares(sizes, powers, None, None, np.nan)
    right = np.empty_like(directions)
    right[order] = directions.T
    return Squares(sizes, powers, Q @ turned.T, right, float(np.linalg.cond(unit)) if unit.size else 1.0)


def _scaled(unit: NDArray[Any], power: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """Columns scaled to a size near one, the largest first and in which order that is; real if they are."""
    if np.iscomplexobj(unit) and not unit.imag.any():
        unit = unit.real
    extra = np.frexp(np.abs(unit).max(0, initial=0.0))[1]
    power = power + extra
    order = np.argsort(-power, kind="stable")
    return (unit * np.ldexp(1.0, -extra))[:, order], power[order], order


def rotated(
    rows: NDArray[Any], power: NDArray[np.int64], vectors: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[Any] | None, NDArray[Any]]:
    """Rotations until the vectors ``rows[k] 2^power[k]`` are orthogonal.

    Returns their squared sizes and powers, largest first, the rotated unit vectors if asked for, and the directions they end in.
    """
    n, extra = len(rows), np.frexp(np.abs(rows).max(1, initial=0.0))[1]
    parts, power = _parts(rows * np.ldexp(1.0, -extra)[:, None]), power + extra
    turned = _parts(np.eye(n, dtype=rows.dtype)) if vectors else np.empty((0, *parts.shape[1:]))
    tolerance = np.sqrt(max(n, 1)) * _EPSILON
    size, order = np.zeros(n), np.arange(n)
    for _ in progress(range(_SWEEPS), "rotations"):
        worst = jacobi_sweep(parts, power, turned, tolerance)
        size = (parts**2).sum((1, 2))
        with np.errstate(divide="ignore"):
            order = np.argsort(-(np.log2(size) + 2.0 * power), kind="stable")
        parts, power, turned = parts[order], power[order], turned[order] if vectors else turned
        if worst <= tolerance:
            break
    size = size[order]
    directions = _joined(parts, rows.shape[1], rows.dtype) / np.sqrt(np.where(size > 0, size, 1.0))[:, None]
    return size, power, _joined(turned, n, rows.dtype) if vectors else None, directions


def _parts(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Real, or real and imaginary, parts of vectors side by side, padded to a multiple of four."""
    n, length = rows.shape
    kinds = (rows.real, rows.imag) if np.iscomplexobj(rows) else (rows,)
    parts = np.zeros((n, len(kinds), -(-length // 4) * 4))
    for place, kind in enumerate(kinds):
        parts[:, place, :length] = kind
    return parts


def _joined(parts: NDArray[np.float64], length: int, dtype: Any) -> NDArray[Any]:
    return parts[:, 0, :length] + 1j * parts[:, 1, :length] if np.issubdtype(dtype, np.complexfloating) else parts[:, 0, :length]
