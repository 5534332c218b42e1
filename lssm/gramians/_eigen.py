"""Eigenvalues and eigenvectors of Gramians."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._results import Result
from .._validate import UnsupportedError, count, over_batch
from ..poles import Poles
from ._coordinates import factor_of
from ._gramian import steps_of
from ._horizon import horizon_squares
from ._spectrum import Squares, squares
from ._system import System, batch_weights, diagonal_poles, one_system

_EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class GramianSpectrum(Result):
    """Eigenvalues and eigenvectors of a Gramian, largest first.

    Attributes
    ----------
    values : float array, shape (N,)
        Eigenvalues γ; 0 or inf beyond the range of doubles.
    log : float array, shape (N,)
        ``log γ``; -inf where γ is exactly zero (states that are not reached).
    vectors : array, shape (N, r)
        Orthonormal eigenvectors of the r eigenvalues that are not zero.
    condition : float
        Condition of the factor with its columns scaled to size one; what decides the accuracy for a diagonal system.
    error : float array, shape (N,)
        Estimated relative error of γ. Diagonal system with one input: ``1e-15 max(N, 10)``. Dense system, or several inputs:
        ``2 N ε √(γ_1/γ)``, what rounding the factor does (1 and more: no digit); see `gramian_sensitivity` for what rounding the
        system does.

    Notes
    -----
    Explained in :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.spectra.s4d_real(order=8, step=0.01)
    >>> found = lssm.gramian_eigensystem(poles)
    >>> found.vectors.shape, bool((np.diff(found.values) < 0).all()), bool(found.error.max() < 1e-13)
    ((8, 8), True, True)
    >>> bool(np.allclose(lssm.gramian(poles) @ found.vectors, found.vectors * found.values))
    True
    """

    values: NDArray[np.float64]
    log: NDArray[np.float64]
    vectors: NDArray[Any] = field(repr=False)
    condition: float
    error: NDArray[np.float64]

    def __str__(self) -> str:
        low = self.log[np.isfinite(self.log)].min(initial=0.0 if not np.isfinite(self.log).any() else np.inf) / np.log(10)
        error = self.error.max()
        return f"{self.values.size} eigenvalues of a Gramian, {self.values[0]:.6g} … 1e{low:.1f}, relative error ≤ {error:.0e}"


def gramian_eigenvalues(
    system: Any,
    *,
    weights: ArrayLike | None = None,
    horizon: int | None = None,
    log: bool = False,
    workers: int | None = None,
) -> NDArray[np.float64]:
    r"""Eigenvalues of the reachability Gramian, the small ones as accurate as the large ones.

    Parameters
    ----------
    system : Poles, discrete or continuous system
        Poles, shape (..., N), mean diagonal systems with input `weights`.
    weights : array_like, shape (..., N), optional
        Input weights b of diagonal systems given by their poles; default 1.
    horizon : int, optional
        T, the number of steps since rest. Poles may then lie anywhere. Diagonal systems with one input.
    log : bool
        Return ``log γ``: where N is a few hundred and poles are real, γ leaves the range of doubles.
    workers : int, optional
        Threads over the batch (-1: one a core).

    Returns
    -------
    float array, shape (..., N)
        Largest first. Zero (log: -inf) for states that are not reached, such as the copies of equal poles; NaN in the padding
        of a ragged batch.

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle (continuous: not in the left half plane), and no horizon.
    UnsupportedError
        A horizon for anything but a diagonal system with one input.

    Notes
    -----
    They are the speeds at which a readout learns: mode i of gradient descent needs about ``1/(η γ_i)`` steps.

    Diagonal, one input: singular values of the pivoted Cholesky factor, by one-sided Jacobi rotations; relative error at most
    ``1e-15 max(N, 10)``, however small γ is [Demmel1999]_ [Drmac2008]_. Dense: relative to the largest, and better where the
    system determines more; see `gramian_sensitivity`. A state of half-stored conjugate pairs that outputs ``2 Re`` doubles γ.

    Theorems: :doc:`/theorems/gramian_cauchy` (``proofs/gramian_cauchy.py``), :doc:`/theorems/input_normal`
    (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.spectra.legs(order=64, step=1e-3)
    >>> gamma = lssm.gramian_eigenvalues(poles)
    >>> print(f"{gamma[0]:.6e} … {gamma[-1]:.6e}")
    1.807543e+03 … 1.072738e-93
    """
    if not isinstance(system, Poles):
        one = one_system(system, weights)
        return over_batch(lambda _: _padded(_squares(one, steps_of(one, horizon)), one.order, log), 1, workers)[0]
    rows, masks = system.rows(), system.mask.reshape(-1, system.mask.shape[-1])
    inputs = batch_weights(system, weights)
    systems = [one_system(Poles.from_log(row), b[keep]) for row, b, keep in zip(rows, inputs, masks, strict=True)]
    steps = None if horizon is None else count(horizon, "horizon", most=10**8)
    found = over_batch(lambda i: _padded(_squares(systems[i], steps), rows[i].size, log), len(rows), workers)
    values = np.full(masks.shape, np.nan)
    for line, part in zip(values, found, strict=True):
        line[: part.size] = part
    return values.reshape(system.log.shape)


def _squares(system: System, horizon: int | None, *, vectors: bool = False) -> Squares:
    if horizon is None:
        found = factor_of(system)
        return squares(found.unit, found.power, vectors=vectors)
    poles = diagonal_poles(system)
    if poles is None or system.inputs != 1:
        raise UnsupportedError(
            "horizon: eigenvalues after T steps are for diagonal systems with one input; use lssm.gramian(system, horizon=T)"
        )
    return horizon_squares(poles, system.B[:, 0], horizon, vectors=vectors)


def _padded(found: Squares, order: int, log: bool) -> NDArray[np.float64]:
    values = np.full(order, -np.inf if log else 0.0)
    values[: found.size.size] = found.log if log else found.values
    return values


def gramian_eigensystem(system: Any, *, weights: ArrayLike | None = None, horizon: int | None = None) -> GramianSpectrum:
    """Eigenvalues and eigenvectors of the reachability Gramian.

    Parameters
    ----------
    system, weights, horizon
        As in `gramian_eigenvalues`, not a batch.

    Returns
    -------
    GramianSpectrum

    Raises
    ------
    UnstableError, UnsupportedError
        As `gramian_eigenvalues`; a batch.

    Notes
    -----
    An eigenvector is right to ``1e-15 N`` divided by the *relative* distance of its eigenvalue to the others, for the smallest
    eigenvalues as for the largest [Demmel1999]_.

    Theorems: :doc:`/theorems/gramian_cauchy` (``proofs/gramian_cauchy.py``), :doc:`/theorems/input_normal`
    (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> print(lssm.gramian_eigensystem(lssm.spectra.legs(order=32, step=1e-2)))
    32 eigenvalues of a Gramian, 174.689 … 1e-45.2, relative error ≤ 3e-14
    """
    one = one_system(system, weights)
    found = _squares(one, steps_of(one, horizon), vectors=True)
    assert found.vectors is not None
    values, logs = _padded(found, one.order, False), _padded(found, one.order, True)
    if diagonal_poles(one) is not None and one.inputs == 1:
        error = np.full(one.order, 1e-15 * max(one.order, 10))
    else:
        with np.errstate(invalid="ignore", over="ignore"):
            error = np.nan_to_num(2 * one.order * _EPSILON * np.exp(0.5 * (logs[0] - logs)), nan=0.0, posinf=np.inf)
    return GramianSpectrum(values, logs, found.vectors, found.condition, error)
