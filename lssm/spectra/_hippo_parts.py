"""What HiPPO matrices are made of: a normal part and a low rank, the functions they project on, eigenvectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
import scipy.special
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError, UnsupportedError, choice, count, finite, number_inside, positive_number
from ..systems import DPLR, ContinuousSSM
from ._hippo import MEASURES, WINDOWED, hippo, tilt_of


def hippo_dplr(
    *, order: int, measure: str = "legs", window: float = 1.0, version: str = "paper", beta: float | None = None
) -> ContinuousSSM:
    r"""HiPPO matrices as a normal matrix less a low rank, in the eigenvectors of the normal part: the form S4 computes with.

    Parameters
    ----------
    order : int
        N; even for "fout".
    measure : {"legs", "legt", "lagt", "tlagt", "glagt", "fout"}
        Which of them; "glagt" with α = 0.
    window, version, beta
        As in `hippo`.

    Returns
    -------
    ContinuousSSM
        ``A = diag(Λ) - P P*`` (`DPLR`), ``B = V* B_HiPPO``, ``C = V``, so that the output is the state of `hippo`. All N modes:
        S4 stores half of them.

    Raises
    ------
    UnsupportedError
        "lmu", which is similar to "legt" but has no such form.
    InvalidInputError
        As `hippo`.

    Notes
    -----
    ``A + PPᵀ`` is a multiple of I plus a skew matrix, so that V is unitary: LegS ``P_n = √(n+½)``, rank 1; LegT ``P_n = √(2n+1)``
    on odd and on even n, rank 2; LagT and its tilts ``P_n = 1/√2``; FouT ``P = B/√2`` [GuGoel2022]_. Published code clips
    ``Im B`` to ±2 and, for the diagonal model, drops a factor ½; neither is done here.

    Theorem: :doc:`/theorems/hippo_structure` (``proofs/hippo_structure.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> s4 = lssm.spectra.hippo_dplr(order=64)
    >>> back = s4.C @ s4.A.to_dense() @ s4.C.conj().T
    >>> bool(abs(back - lssm.spectra.hippo(order=64).A.matrix).max() < 1e-11)
    True
    """
    name = choice(measure, "measure", MEASURES)
    if name == "lmu":
        raise UnsupportedError("measure: 'lmu' has no normal part of low corank; 'legt' is similar to it and has")
    dense = hippo(order=order, measure=name, window=window, version=version, beta=beta)
    A, B = dense.A.to_dense().real, dense.B.real
    P = _correction(name, A, B)
    normal = A + P @ P.T
    shift = float(np.diagonal(normal).mean())
    skew = 0.5 * (normal - normal.T)
    frequencies, V = scipy.linalg.eigh(1j * skew)  # iS is Hermitian: S = V diag(-i w) V*
    left = V.conj().T @ P
    return ContinuousSSM(DPLR(shift - 1j * frequencies, left, -left), V.conj().T @ B, V)


def _correction(measure: str, A: NDArray[Any], B: NDArray[Any]) -> NDArray[np.float64]:
    """P with ``A + P Pᵀ`` normal, shape (N, r)."""
    n = np.arange(len(A))
    if measure == "legs":
        return np.sqrt(n + 0.5)[:, None]
    if measure in ("lagt", "tlagt", "glagt"):
        return np.full((len(A), 1), np.sqrt(0.5))
    if measure == "legt":
        size = np.sqrt(-np.diagonal(A))
        return np.stack([np.where(n % 2, size, 0.0), np.where(n % 2, 0.0, size)], 1)
    entry = -A[0, 0] / B[0, 0] ** 2  # ½ over the factor of the version and the window
    return np.asarray(np.sqrt(entry) * B)


def hippo_basis(
    *,
    order: int,
    measure: str,
    t: ArrayLike,
    window: float = 1.0,
    version: str = "paper",
    alpha: float = 0.0,
    beta: float | None = None,
) -> NDArray[np.float64]:
    r"""The functions that the states of `hippo` project their input on: ``e^{tA} B``, exactly or in the limit of large N.

    Parameters
    ----------
    order : int
        N; even for "fout".
    measure : {"legs", "legt", "lagt", "tlagt", "glagt", "fout"}
        Which of them.
    t : array_like, shape (T,)
        Times since the impulse (units of time), not negative.
    window, version, alpha, beta
        As in `hippo`.

    Returns
    -------
    float array, shape (N, T)
        "legs": ``r_n e^{-t} P_n(2e^{-t}-1)``, "lagt": ``e^{-t/2} L_n(t)``, "tlagt": β e^{-βt/2} times that, "glagt" likewise with
        ``L_n^{(α)}``: exactly ``e^{tA} B``. "legt": ``r_n P_n(1-2t/θ)/θ``, "fout": ``(1, √2 cos, √2 sin)(2πmt/θ)/θ`` within the
        window and zero beyond: the limit N → ∞, for the low functions first.

    Raises
    ------
    InvalidInputError
        Negative times, and as `hippo`.
    UnsupportedError
        "lmu".

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm, scipy.linalg
    >>> legs = lssm.spectra.hippo(order=4, measure="legs")
    >>> exact = lssm.spectra.hippo_basis(order=4, measure="legs", t=[0.5])[:, 0]
    >>> bool(abs(scipy.linalg.expm(0.5 * legs.A.matrix) @ legs.B[:, 0] - exact).max() < 1e-14)
    True
    """
    N, name = count(order, "order", most=10**4), choice(measure, "measure", MEASURES)
    times = np.atleast_1d(finite(t, "t", dtype=np.float64))
    if times.ndim != 1 or (times < 0).any():
        raise InvalidInputError("t: pass times that are not negative, shape (T,)")
    n = np.arange(N)[:, None]
    if name == "legs":
        x = np.exp(-times)
        return np.asarray(np.sqrt(2 * n + 1) * x * scipy.special.eval_legendre(n, 2 * x - 1))
    if name in ("lagt", "tlagt", "glagt"):
        return _laguerre(n, times, name, number_inside(alpha, "alpha", -0.999, 0.999), beta)
    if name not in WINDOWED or name == "lmu":
        raise UnsupportedError("measure: 'lmu' has the functions of 'legt' in another scaling")
    doubled = choice(version, "version", ("paper", "s4")) == "s4"
    theta = positive_number(window, "window") * (2.0 if doubled else 1.0)
    inside = (times <= theta) / theta
    if name == "legt":
        return np.asarray(np.sqrt(2 * n + 1) * scipy.special.eval_legendre(n, 1 - 2 * times / theta) * inside)
    return _fourier(N, times / theta) * inside


def _laguerre(n: NDArray[np.int64], t: NDArray[np.float64], name: str, alpha: float, beta: float | None) -> NDArray[np.float64]:
    if name == "lagt":
        return np.asarray(np.exp(-0.5 * t) * scipy.special.eval_laguerre(n, t))
    tilt = tilt_of(name, beta)
    decay = np.exp(-0.5 * (1 + tilt) * t)
    if name == "tlagt":
        return np.asarray(tilt * decay * scipy.special.eval_laguerre(n, t))
    root = np.exp(0.5 * (scipy.special.gammaln(n + alpha + 1) - scipy.special.gammaln(n + 1)))
    scale = np.exp(-0.5 * scipy.special.gammaln(1 - alpha)) * tilt ** (0.5 * (1 - alpha))
    return np.asarray(scale / root * decay * scipy.special.eval_genlaguerre(n, alpha, t))


def _fourier(N: int, turns: NDArray[np.float64]) -> NDArray[np.float64]:
    if N % 2:
        raise InvalidInputError(f"order: must be even (cosines and sines), got {N}")
    m = np.arange(N // 2)[:, None]
    functions = np.stack([np.cos(2 * np.pi * m * turns), np.sin(2 * np.pi * m * turns)], 1) * np.sqrt(2.0)
    functions[0] /= np.sqrt(2.0)
    return functions.reshape(N, turns.size)


def legs_eigenvectors(*, order: int) -> NDArray[np.float64]:
    r"""Eigenvectors of HiPPO-LegS in closed form, not normalised.

    Parameters
    ----------
    order : int
        N, at most 500, where the entries leave the range of doubles.

    Returns
    -------
    float array, shape (N, N)
        Column j, of the eigenvalue ``-(j+1)``: ``(-1)^i √(2i+1) C(i+j, i-j)``, zero above the diagonal.

    Raises
    ------
    InvalidInputError
        No order, or one above 500.

    Notes
    -----
    Scaled to unit columns their condition grows like ``2^{2.4 N}``: exact to some ulps each, and of no use to transform with
    beyond N = 12 or so [GuGoel2022]_.

    Theorem: :doc:`/theorems/hippo_structure` (``proofs/hippo_structure.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> (lssm.spectra.legs_eigenvectors(order=3) / np.sqrt([[1], [3], [5]])).astype(int)
    array([[ 1,  0,  0],
           [-1, -1,  0],
           [ 1,  3,  1]])
    """
    N = count(order, "order", most=500)
    i, j = np.arange(N)[:, None], np.arange(N)
    entries = np.where(i >= j, scipy.special.binom(i + j, np.maximum(i - j, 0)), 0.0)
    return np.asarray(np.where(i % 2, -1.0, 1.0) * np.sqrt(2.0 * i + 1) * entries)
