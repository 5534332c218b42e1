r"""HiPPO-LegS in its own coordinates: the Gramian is tridiagonal, its eigenvalues are the Gauss-Legendre nodes.

The impulse responses ``√(2n+1) e^{-t} P_n(2e^{-t}-1)`` are orthonormal polynomials p_n of ``x = e^{-t}`` on [0, 1], times x. So
the Gramian is ``∫ x p_n p_m dx``: multiplication by x, the Jacobi matrix of the Legendre polynomials on [0, 1], and its
eigenvalues are their zeros.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from .._validate import count, positive_number


def legs_gramian(*, order: int, step: float = 1.0) -> NDArray[np.float64]:
    r"""Gramian of HiPPO-LegS in the coordinates of its definition.

    Parameters
    ----------
    order : int
        N.
    step : float
        Time step Δ of the bilinear map (units of time); 1 gives the continuous Gramian.

    Returns
    -------
    float array, shape (N, N)
        ``Δ Π``, Π tridiagonal with ½ on the diagonal and ``(n+1)/(2√((2n+1)(2n+3)))`` beside it.

    Raises
    ------
    InvalidInputError
        No order, a step that is not positive.

    Notes
    -----
    The bilinear map keeps Gramians up to the factor Δ, so that Π is the Gramian of the continuous system. The zero-order hold
    does not.

    Theorem: :doc:`/theorems/legs_gramian` (``proofs/legs_gramian.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> lssm.gramians.legs_gramian(order=2).round(4)
    array([[0.5   , 0.2887],
           [0.2887, 0.5   ]])
    """
    N, scale = count(order, "order", most=10**4), positive_number(step, "step")
    n = np.arange(N - 1.0)
    beside = (n + 1) / (2 * np.sqrt((2 * n + 1) * (2 * n + 3)))
    gramian: NDArray[np.float64] = scale * (0.5 * np.eye(N) + np.diag(beside, 1) + np.diag(beside, -1))
    return gramian


def legs_gramian_eigenvalues(*, order: int, step: float = 1.0) -> NDArray[np.float64]:
    r"""Eigenvalues of the Gramian of HiPPO-LegS: Δ times the Gauss-Legendre nodes on [0, 1].

    Parameters
    ----------
    order : int
        N.
    step : float
        Time step Δ of the bilinear map (units of time); 1 gives the continuous Gramian.

    Returns
    -------
    float array, shape (N,)
        Largest first, each to relative accuracy. The largest is near Δ, the smallest near ``1.45 Δ/N²``: condition ``0.69 N²``.

    Raises
    ------
    InvalidInputError
        No order, a step that is not positive.

    Notes
    -----
    The same memory in diagonal coordinates has eigenvalues over dozens of decades (`lssm.gramian_eigenvalues`): what S4 and its
    diagonal form have in common is what they can learn, not how fast. A tridiagonal eigenvalue solver gives the start, Newton's
    method on the Legendre polynomial, written in the distance from the end of the interval, the last digits.

    Theorem: :doc:`/theorems/legs_gramian` (``proofs/legs_gramian.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> lssm.gramians.legs_gramian_eigenvalues(order=2).round(6)  # ½ ± 1/√12
    array([0.788675, 0.211325])
    """
    N, scale = count(order, "order", most=10**4), positive_number(step, "step")
    gramian = legs_gramian(order=N)
    start = scipy.linalg.eigh_tridiagonal(np.diagonal(gramian), np.diagonal(gramian, 1), eigvals_only=True)
    nodes = _polished(start[: (N + 1) // 2], N)
    return scale * np.concatenate([1.0 - nodes[: N // 2], nodes[::-1]])


def _polished(nodes: NDArray[np.float64], N: int) -> NDArray[np.float64]:
    """Zeros y ≤ ½ of ``P_N(1-2y)``; the recurrence runs on differences ``P_n - P_{n-1}``, which keeps y relatively accurate."""
    for _ in range(3):
        value, change = np.ones_like(nodes), np.zeros_like(nodes)
        for n in range(N):
            change = (n * change - (2 * n + 1) * 2.0 * nodes * value) / (n + 1)
            value = value + change
        before = value - change
        nodes = nodes + value * 2.0 * nodes * (1.0 - nodes) / (N * before)
    return nodes
