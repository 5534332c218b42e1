"""Reservoirs: recurrent matrices with one input, as echo-state networks use them.

Every function returns a `lssm.DiscreteSSM` whose state is its output. ``radius`` is the spectral radius: the system is
stable for ``radius < 1``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._validate import InvalidInputError, choice, count, finite, generator, number_inside, positive_number
from .systems import DiscreteSSM


def gaussian(*, order: int, radius: float = 0.9, rng: Any = None) -> DiscreteSSM:
    """Independent normal entries, scaled to the spectral radius; normal input weights [Jaeger2001]_.

    Parameters
    ----------
    order : int
        State dimension N.
    radius : float
        Spectral radius of A.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    DiscreteSSM

    Raises
    ------
    InvalidInputError
        No order, a radius that is not positive.

    Notes
    -----
    Explained in :doc:`/howto/reservoirs`.

    Examples
    --------
    >>> import lssm
    >>> system = lssm.reservoirs.gaussian(order=20, radius=0.9, rng=0)
    >>> round(float(np.abs(np.linalg.eigvals(system.A.to_dense())).max()), 12)
    0.9
    """
    return _random(order, radius, rng, "gaussian", 1.0)


def uniform(*, order: int, radius: float = 0.9, rng: Any = None) -> DiscreteSSM:
    """Entries and input weights uniform in (-1, 1), scaled to the spectral radius.

    Parameters
    ----------
    order : int
        State dimension N.
    radius : float
        Spectral radius of A.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    DiscreteSSM

    Raises
    ------
    InvalidInputError
        No order, a radius that is not positive.

    Notes
    -----
    Explained in :doc:`/howto/reservoirs`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_capacity(lssm.reservoirs.uniform(order=20, rng=0))
    20
    """
    return _random(order, radius, rng, "uniform", 1.0)


def sparse(
    *, order: int, density: float = 0.1, radius: float = 0.9, distribution: str = "gaussian", rng: Any = None
) -> DiscreteSSM:
    """Each entry of A present with probability `density`; full input weights.

    Parameters
    ----------
    order : int
        State dimension N.
    density : float
        Share of the entries that are not zero, in (0, 1].
    radius : float
        Spectral radius of A.
    distribution : {"gaussian", "uniform"}
        Of the entries and the input weights.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    DiscreteSSM

    Raises
    ------
    InvalidInputError
        Numbers out of range; a draw so sparse that A is nilpotent and cannot be scaled.

    Notes
    -----
    Explained in :doc:`/howto/reservoirs`.

    Examples
    --------
    >>> import lssm
    >>> system = lssm.reservoirs.sparse(order=50, density=0.1, rng=0)
    >>> int((system.A.to_dense() != 0).sum())
    246
    """
    share = number_inside(density, "density", 0, 1)
    return _random(order, radius, rng, distribution, share)


def orthogonal(*, order: int, radius: float = 0.9, rng: Any = None) -> DiscreteSSM:
    """A scaled orthogonal matrix, uniformly distributed (Haar); normal input weights [White2004]_.

    Parameters
    ----------
    order : int
        State dimension N.
    radius : float
        Modulus of every pole.
    rng : None, int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    DiscreteSSM

    Raises
    ------
    InvalidInputError
        No order, a radius that is not positive.

    Notes
    -----
    Explained in :doc:`/howto/reservoirs`.

    Examples
    --------
    >>> import lssm
    >>> A = lssm.reservoirs.orthogonal(order=10, radius=0.8, rng=0).A.to_dense()
    >>> bool(np.allclose(A @ A.T, 0.64 * np.eye(10)))
    True
    """
    random, N = generator(rng), count(order, "order", most=10**5)
    Q, R = np.linalg.qr(random.normal(size=(N, N)))
    return DiscreteSSM(positive_number(radius, "radius") * Q * np.sign(np.diagonal(R)), random.normal(size=N))


def cyclic(*, order: int, radius: float = 0.9, input_weights: ArrayLike | None = None) -> DiscreteSSM:
    """A ring: ``x_i ← radius · x_{i-1}``, the last one feeding the first [Rodan2011]_.

    Parameters
    ----------
    order : int
        State dimension N.
    radius : float
        Weight of every connection, the modulus of every pole ``radius · e^{2πik/N}``.
    input_weights : array_like, shape (N,), optional
        B; the first unit vector if left out. With all weights equal only one dimension is reached.

    Returns
    -------
    DiscreteSSM

    Raises
    ------
    InvalidInputError
        No order, a radius that is not positive, weights of another length.

    Notes
    -----
    Explained in :doc:`/howto/reservoirs`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_function(lssm.reservoirs.cyclic(order=3, radius=0.5), 6).values.round(6)
    array([0.984375, 0.984375, 0.984375, 0.015381, 0.015381, 0.015381])
    """
    N = count(order, "order", most=10**5)
    weights = np.eye(N)[0] if input_weights is None else finite(input_weights, "input_weights")
    return DiscreteSSM(positive_number(radius, "radius") * np.roll(np.eye(N), 1, axis=0), weights)


def delay_line(*, order: int, position: int = 0) -> DiscreteSSM:
    """A shift register ``x_i ← x_{i-1}`` whose input enters at `position`.

    Parameters
    ----------
    order : int
        State dimension N.
    position : int
        Where the input enters; ``N - position`` dimensions are reached.

    Returns
    -------
    DiscreteSSM

    Raises
    ------
    InvalidInputError
        No order, a position outside of the register.

    Notes
    -----
    Explained in :doc:`/howto/reservoirs`.

    Examples
    --------
    >>> import lssm
    >>> lssm.memory_function(lssm.reservoirs.delay_line(order=5, position=2), 5).values
    array([1., 1., 1., 0., 0.])
    """
    N = count(order, "order", most=10**5)
    return DiscreteSSM(np.eye(N, k=-1), np.eye(N)[count(position, "position", least=0, most=N - 1)])


def echo_state(recurrent: ArrayLike, input_weights: ArrayLike, *, leak: float = 1.0) -> DiscreteSSM:
    """The linear part of an echo-state network: ``x_t = (1-leak) x_{t-1} + leak (W x_{t-1} + w u_t)``.

    Parameters
    ----------
    recurrent : array_like, shape (N, N)
        W; a SciPy sparse matrix goes in as ``W.toarray()``.
    input_weights : array_like, shape (N,) or (N, m)
        w.
    leak : float
        Leaking rate, in (0, 1].

    Returns
    -------
    DiscreteSSM

    Raises
    ------
    InvalidInputError
        Shapes that do not fit, a rate out of range.

    Notes
    -----
    Explained in :doc:`/howto/reservoirs`.

    Examples
    --------
    >>> import lssm
    >>> lssm.reservoirs.echo_state([[0.5, 0.1], [0.0, 0.4]], [1.0, 1.0], leak=0.3)
    DiscreteSSM(Dense(2 × 2), 1 in, 2 out)
    """
    W, rate = finite(recurrent, "recurrent"), number_inside(leak, "leak", 0, 1)
    if rate == 0:
        raise InvalidInputError("leak: must be positive; at 0 the input never enters")
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise InvalidInputError(f"recurrent: must be one square matrix, got shape {W.shape}")
    return DiscreteSSM((1.0 - rate) * np.eye(W.shape[0]) + rate * W, rate * finite(input_weights, "input_weights"))


def _random(order: int, radius: float, rng: Any, distribution: str, density: float) -> DiscreteSSM:
    N, random = count(order, "order", most=10**5), generator(rng)
    draw: dict[str, Any] = {"gaussian": random.normal, "uniform": lambda size: random.uniform(-1, 1, size)}
    entries = draw[choice(distribution, "distribution", draw)]
    W = entries(size=(N, N)) * (random.uniform(size=(N, N)) < density)
    return DiscreteSSM(_scaled(W, positive_number(radius, "radius")), entries(size=N))


def _scaled(W: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """W with the given spectral radius."""
    present = float(np.abs(np.linalg.eigvals(W)).max())
    if present < 1e-8 * np.abs(W).max(initial=1.0):
        raise InvalidInputError("density: the draw is nilpotent and has no spectral radius to scale; raise density or order")
    return W * (radius / present)
