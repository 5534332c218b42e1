r"""Attention as a recurrence, and how its memory compares with that of a state space model of equal size.

With the key and the query held fixed every attention head is a linear system of the values it receives:

* linear attention ``S_t = γ S_{t-1} + v_t kᵀ`` is one pole γ, however large S is: every entry of S is a multiple of the same sum;
* retention with rotated keys has the poles ``γ e^{±iθ_j}``, as many as the key is long;
* attention over a window is a weighted sum of the last W values, one for each head.

Capacities are ranks, and are exact: 1, the number of distinct decays, the key dimension, the rank of the weights. Proof:
:doc:`/theorems/attention`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import reservoirs, spectra
from ._results import Result
from ._validate import InvalidInputError, count, finite, positive, positive_number
from .gramians import gramian, legs_gramian
from .memory import memory_function
from .poles import Poles


def linear_attention(*, decay: ArrayLike = 1.0) -> Poles:
    """Poles of linear attention heads with frozen keys on one scalar stream.

    Parameters
    ----------
    decay : array_like, shape () or (H,)
        Decay γ of each head, in (0, 1]. At 1 the sum never forgets and has no stationary memory; give a horizon.

    Returns
    -------
    Poles
        One pole for each distinct decay: heads with equal decays hold the same sum.

    Raises
    ------
    InvalidInputError
        A decay out of range.

    Notes
    -----
    Theorem: :doc:`/theorems/attention` (``proofs/attention.py``); derivation: :doc:`/derivations/attention`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_capacity(lssm.attention.linear_attention(decay=[0.9, 0.99, 0.9]))
    2
    >>> lssm.memory_function(lssm.attention.linear_attention(), 3, horizon=100).values
    array([0.01, 0.01, 0.01])
    """
    gamma = np.atleast_1d(positive(decay, "decay"))
    if gamma.ndim != 1 or (gamma > 1).any():
        raise InvalidInputError(f"decay: must be numbers in (0, 1], got {decay!r}")
    return Poles.from_discrete(gamma, diagonal=True)


def window_memory(weights: ArrayLike) -> NDArray[np.float64]:
    """Memory of attention over a window with positional weights: what H fixed weighted sums of the last W values recall.

    Parameters
    ----------
    weights : array_like, shape (W,) or (H, W)
        Attention weights by delay, 0 first, one row a head; of a softmax or any others.

    Returns
    -------
    float array, shape (W,)
        M(τ), zero beyond the window; its sum is the rank of the weights, at most H.

    Raises
    ------
    InvalidInputError
        Weights that are all zero, or not one or two dimensional.

    Notes
    -----
    The heads see ``P u`` with u the window; the best reconstruction of ``u_{t-τ}`` from it recalls the leverage score
    ``[P⁺P]_ττ``. Weights dependent to double precision count as dependent.

    Theorem: :doc:`/theorems/attention` (``proofs/attention.py``); derivation: :doc:`/derivations/attention`.

    Examples
    --------
    >>> import lssm
    >>> lssm.attention.window_memory([0.5, 0.25, 0.25]).round(4)
    array([0.6667, 0.1667, 0.1667])
    """
    P = np.atleast_2d(finite(weights, "weights", dtype=np.float64))
    if P.ndim != 2 or not P.any():
        raise InvalidInputError(f"weights: must be one row a head, not all zero; got shape {np.shape(weights)}")
    _, sizes, directions = np.linalg.svd(P, full_matrices=False)
    kept = directions[sizes > sizes[0] * max(P.shape) * np.finfo(float).eps]
    memory: NDArray[np.float64] = (kept**2).sum(0)
    return memory


@dataclass(frozen=True, eq=False)
class Compared(Result):
    """A model in the comparison at equal state size.

    Attributes
    ----------
    model : str
        What it is.
    order : int
        Numbers in its state, N.
    capacity : int
        Sum of its memory over all delays.
    usable : float
        ``tr G (G+σ²)⁻¹``: what of it survives read-out noise of variance σ² on states of mean variance one.
    length : int
        Number of steps, from delay 0 on, that hold half of the capacity.

    Notes
    -----
    Explained in :doc:`/derivations/attention`.

    Examples
    --------
    >>> import lssm
    >>> first, *rest = lssm.attention.compare_at_equal_size(16)
    >>> print(first)
    S4D-Lin, Δ = 1e-2, N = 16: capacity 15, usable 15.00, length 110
    """

    model: str
    order: int
    capacity: int
    usable: float
    length: int

    def __str__(self) -> str:
        return f"{self.model}, N = {self.order}: capacity {self.capacity}, usable {self.usable:.2f}, length {self.length}"


def compare_at_equal_size(order: int, *, noise: float = 1e-4, rng: Any = 0) -> list[Compared]:
    """SSM, linear RNN and attention with N numbers in the state.

    Parameters
    ----------
    order : int
        State size N, even.
    noise : float
        Variance σ² of read-out noise, for states of mean variance one.
    rng : None, int or numpy.random.Generator
        Source of randomness of the linear RNN.

    Returns
    -------
    list of Compared

    Raises
    ------
    InvalidInputError
        An odd order, noise that is not positive.

    Notes
    -----
    Theorem: :doc:`/theorems/attention` (``proofs/attention.py``); derivation: :doc:`/derivations/attention`.

    Examples
    --------
    >>> import lssm
    >>> for row in lssm.attention.compare_at_equal_size(16)[-3:]:
    ...     print(row.model, row.capacity)
    retention, one head, rotated keys 16
    linear attention, one head 1
    window attention, one head 1
    """
    N, variance = count(order, "order", least=2, most=4096), positive_number(noise, "noise")
    slow = spectra.retnet(order=N, heads=4)[3]  # γ = 255/256
    decays = 1.0 - np.geomspace(1 / 4, 1 / 1024, N)
    poles = {
        "S4D-Lin, Δ = 1e-2": spectra.s4d_lin(order=N, step=1e-2),
        "retention, N heads with distinct decays": linear_attention(decay=decays),
        "retention, one head, rotated keys": slow,
        "linear attention, one head": linear_attention(decay=[255 / 256]),
    }
    found = [_compared(name, N, p, _normalised_gramian(p), variance) for name, p in poles.items()]
    legs = spectra.legs(order=N, step=1e-2, method="bilinear")
    found.insert(1, _compared("S4 (HiPPO-LegS), Δ = 1e-2, its own coordinates", N, legs, legs_gramian(order=N), variance))
    network = reservoirs.gaussian(order=N, radius=0.95, rng=rng)
    found.insert(2, _compared("linear RNN, Gaussian, radius 0.95", N, network, gramian(network), variance))
    found.append(_window("window attention, one head", N, variance))
    return found


def _compared(model: str, N: int, system: Any, gramian: NDArray[Any], noise: float) -> Compared:
    m = memory_function(system, 1)
    return Compared(model, N, int(m.capacity), _usable(gramian, noise), int(m.length()))


def _usable(gramian: NDArray[Any], noise: float) -> float:
    """Trace of G (G+σ²)⁻¹ for states of mean variance one."""
    sizes = np.linalg.eigvalsh(gramian * (len(gramian) / np.trace(gramian).real))
    return float((sizes / (sizes + noise)).clip(0, 1).sum())


def _normalised_gramian(poles: Poles) -> NDArray[Any]:
    """Correlations of the states ``x_k ← λ_k x_k + √g_k u``; a conjugate-closed set is unitarily a real state."""
    return gramian(poles, weights=np.sqrt(poles.damping))


def _window(model: str, N: int, noise: float) -> Compared:
    """Equal weights over a window of N values, which is the state; the head reads one number."""
    memory = window_memory(np.full(N, 1.0 / N))
    length = int(np.searchsorted(np.cumsum(memory), memory.sum() / 2 * (1 - 1e-12))) + 1
    return Compared(model, N, round(memory.sum()), 1.0 / (1.0 + noise), length)
