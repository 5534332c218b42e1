"""HiPPO matrices and their poles."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
import scipy.special
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError, choice, count, number_inside, positive_number
from ..poles import MAPS, Poles
from ..systems import ContinuousSSM

MEASURES = ("legs", "legt", "lagt", "tlagt", "glagt", "fout", "lmu")
WINDOWED = ("legt", "fout", "lmu")


def hippo(
    *,
    order: int,
    measure: str = "legs",
    window: float = 1.0,
    version: str = "paper",
    alpha: float = 0.0,
    beta: float | None = None,
) -> ContinuousSSM:
    r"""HiPPO matrices ``ẋ = A x + B u`` [Gu2020]_.

    Parameters
    ----------
    order : int
        N; even for "fout".
    measure : {"legs", "legt", "lagt", "tlagt", "glagt", "fout", "lmu"}
        Which of them. "lmu" [Voelker2019]_ is similar to "legt"; "tlagt" and "glagt" are tilted and generalised "lagt".
    window : float
        Length θ of the window in units of time, for "legt", "fout" and "lmu".
    version : {"paper", "s4"}
        "s4": the S4 repository halves A and B of "legt" and "fout", which doubles the window.
    alpha : float
        α of "glagt", in (-1, 1): weight ``t^α e^{-t}``.
    beta : float, optional
        Tilt β of "tlagt" (default 1) and "glagt" (default 0.01), positive, in 1/time: an additional decay
        ``e^{-βt/2}``.

    Returns
    -------
    ContinuousSSM
        Dense, one input, the state as output.

    Raises
    ------
    InvalidInputError
        No order, an odd one for "fout", an unknown measure or version, a window that is not positive.

    Notes
    -----
    With ``r_n = √(2n+1)``: LegS ``A_nk = -r_n r_k`` (n > k), ``-(n+1)`` (n = k), ``B = r``. LegT
    ``A_nk = -r_n r_k`` (k ≤ n), ``-(-1)^{n-k} r_n r_k`` (k > n), over θ. LagT ``A_nk = -1`` (n > k), ``-1/2`` (n = k), ``B = 1``.
    FouT ``A = S - BBᵀ/2``, S with blocks of ``±2πm``, ``B = 2, 2√2`` on the cosines; its sine of frequency zero is not
    reached and does not decay. tLagT ``A = A_LagT - βI/2``, ``B = β``. GLagT ``A = L⁻¹(A_LagT - βI/2)L``,
    ``B_n = C(n+α, n) β^{(1-α)/2}/(L_n √Γ(1-α))``, ``L_n = √(Γ(n+α+1)/n!)``. LMU ``A_ij = -(2i+1)``
    (i < j), ``(2i+1)(-1)^{i-j+1}`` (i ≥ j), over θ.

    HiPPO-LegS proper divides A and B by t; this is the time-invariant form that S4 uses.

    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.hippo(order=3, measure="legs").A.matrix.real.round(3)
    array([[-1.   , -0.   , -0.   ],
           [-1.732, -2.   , -0.   ],
           [-2.236, -3.873, -3.   ]])
    """
    N, name = count(order, "order", most=10**4), choice(measure, "measure", MEASURES)
    if name in ("tlagt", "glagt"):
        return _tilted(N, name, number_inside(alpha, "alpha", -0.999, 0.999), beta)
    if beta is not None or alpha != 0:
        raise InvalidInputError(f"beta: α and β belong to 'tlagt' and 'glagt', not to {name!r}; leave them out")
    A, B = {"legs": _legs, "legt": _legt, "lagt": _lagt, "fout": _fout, "lmu": _lmu}[name](N)
    windowed = name in WINDOWED
    length = positive_number(window, "window")
    if not 1e-150 < length < 1e150:
        raise InvalidInputError(f"window: must lie between 1e-150 and 1e150, got {length:g}")
    scale = 1.0 / length if windowed else 1.0
    if choice(version, "version", ("paper", "s4")) == "s4" and name in ("legt", "fout"):
        scale *= 0.5
    return ContinuousSSM(scale * A, scale * B)


def _roots(N: int) -> NDArray[np.float64]:
    roots: NDArray[np.float64] = np.sqrt(2 * np.arange(N) + 1.0)
    return roots


def _legs(N: int) -> tuple[NDArray[Any], NDArray[Any]]:
    r = _roots(N)
    return -np.tril(np.outer(r, r), -1) - np.diag(np.arange(1.0, N + 1)), r


def _legt(N: int) -> tuple[NDArray[Any], NDArray[Any]]:
    r, sign = _roots(N), (-1.0) ** np.arange(N)
    below, above = np.tril(np.ones((N, N))), np.triu(np.outer(sign, sign), 1)
    return -np.outer(r, r) * (below + above), r


def _lagt(N: int) -> tuple[NDArray[Any], NDArray[Any]]:
    return -np.tril(np.ones((N, N)), -1) - 0.5 * np.eye(N), np.ones(N)


def _tilted(N: int, measure: str, alpha: float, beta: float | None) -> ContinuousSSM:
    tilt = tilt_of(measure, beta)
    A, ones = _lagt(N)
    A = A - 0.5 * tilt * np.eye(N)
    if measure == "tlagt":
        return ContinuousSSM(A, tilt * ones)
    n = np.arange(N)
    root = np.exp(0.5 * (scipy.special.gammaln(n + alpha + 1) - scipy.special.gammaln(n + 1)))
    B = scipy.special.binom(n + alpha, n) / root * np.exp(-0.5 * scipy.special.gammaln(1 - alpha)) * tilt ** (0.5 * (1 - alpha))
    return ContinuousSSM(A * root / root[:, None], B)


def tilt_of(measure: str, beta: float | None) -> float:
    """β of a tilted Laguerre measure."""
    return {"tlagt": 1.0, "glagt": 0.01}[measure] if beta is None else positive_number(beta, "beta")


def _fout(N: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Cosine and sine of frequency 0, cosine and sine of frequency 1, and so on."""
    if N % 2:
        raise InvalidInputError(f"order: must be even (cosines and sines), got {N}")
    B = np.zeros(N)
    B[0::2] = 2 * np.sqrt(2)
    B[0] = 2
    blocks = [2 * np.pi * m * np.array([[0.0, -1.0], [1.0, 0.0]]) for m in range(N // 2)]
    return scipy.linalg.block_diag(*blocks) - 0.5 * np.outer(B, B), B


def _lmu(N: int) -> tuple[NDArray[Any], NDArray[Any]]:
    i = np.arange(N)
    sign: NDArray[np.float64] = np.where(i[:, None] < i, -1.0, (-1.0) ** (i[:, None] - i + 1))
    return (2 * i + 1.0)[:, None] * sign, (2 * i + 1.0) * (-1.0) ** i


def legs_frequencies(order: int) -> NDArray[np.float64]:
    """Positive ω_n of the normal part ``-1/2 ± iω_n`` of LegS, largest first: singular values of its skew part, each once."""
    r = _roots(count(order, "order", most=10**4))
    skew = 0.5 * (np.triu(np.outer(r, r), 1) - np.tril(np.outer(r, r), -1))
    values: NDArray[Any] = np.linalg.eigvalsh(1j * skew)
    return values[::-1][: order // 2]


def legs(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """Poles of HiPPO-LegS, that is of S4 itself: ``-1, -2, …, -N`` [Gu2020]_.

    Parameters
    ----------
    order : int
        Any N.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.

    Returns
    -------
    Poles
        Shape (..., N).

    Raises
    ------
    InvalidInputError
        No order, a step that is not positive, an unknown method.

    Notes
    -----
    Theorem: :doc:`/theorems/hippo_structure` (``proofs/hippo_structure.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.legs(order=3, step=0.1).log.real
    array([-0.1, -0.2, -0.3])
    """
    return Poles.from_continuous(-np.arange(1.0, count(order, "order", most=10**6) + 1), step, method, diagonal=True)


def legt(*, order: int, step: ArrayLike, method: str = "zoh", window: float = 1.0, version: str = "paper") -> Poles:
    """Poles of HiPPO-LegT, which are those of the LMU: zeros of a Padé denominator of ``e^{-θs}`` [Voelker2019]_.

    Parameters
    ----------
    order : int
        N.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.
    window, version
        As in `hippo`.

    Returns
    -------
    Poles
        Shape (..., N).

    Raises
    ------
    InvalidInputError
        As `hippo`; a step that is not positive, an unknown method.

    Notes
    -----
    They are computed as eigenvalues, and beyond N = 20 or so single ones are wrong in their first digit. The memory function of
    all of them is not (N = 48: 4e-15), since A as a whole is well-conditioned.

    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> m = lssm.memory_function(lssm.spectra.legt(order=16, step=0.01), 101)  # the window holds 100 steps
    >>> (m.values[[50, 100]] / (16 / 101)).round(2)
    array([0.74, 0.45])
    """
    return _of_matrix(hippo(order=order, measure="legt", window=window, version=version), step, method)


def fout(*, order: int, step: ArrayLike, method: str = "zoh", window: float = 1.0, version: str = "paper") -> Poles:
    """Poles of HiPPO-FouT that the input reaches: N-1, since the sine of frequency zero is none [GuHTTYH]_.

    Parameters
    ----------
    order : int
        Even N.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.
    window, version
        As in `hippo`.

    Returns
    -------
    Poles
        Shape (..., N-1).

    Raises
    ------
    InvalidInputError
        As `hippo`; a step that is not positive, an unknown method.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.spectra.fout(order=16, step=0.01).order
    15
    """
    system = hippo(order=order, measure="fout", window=window, version=version)
    reached = np.arange(order) != 1
    matrix = system.A.to_dense()[np.ix_(reached, reached)]
    return _of_matrix(ContinuousSSM(matrix, system.B[reached]), step, method)


def lagt(*, order: int, step: ArrayLike, method: str = "zoh") -> Poles:
    """Poles of HiPPO-LagT: -1/2, N times, as a chain [Gu2020]_.

    Parameters
    ----------
    order : int
        N.
    step : array_like, shape (...)
        Time step Δ > 0 (units of time).
    method : str
        Map to discrete time, as in `Poles.from_continuous`; models are published with "zoh" or "bilinear". The Euler rules may
        make stable poles unstable.

    Returns
    -------
    Poles
        Shape (..., N), all equal: the discrete Laguerre filters.

    Raises
    ------
    InvalidInputError
        No order, a step that is not positive, an unknown method.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_capacity(lssm.spectra.lagt(order=8, step=0.1))
    8
    """
    return Poles.from_continuous(np.full(count(order, "order", most=10**6), -0.5), step, method)


def _of_matrix(system: ContinuousSSM, step: ArrayLike, method: str) -> Poles:
    choice(method, "method", MAPS)
    return Poles.from_continuous(np.linalg.eigvals(system.A.to_dense().real), step, method)
