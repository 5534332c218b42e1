"""Sequences to features: states of a fixed system, pooled over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError, choice, count, over_batch
from ._estimator import Estimator, require_finite, require_length, sequences
from ._states import RealStates, real_states

POOLINGS = ("last", "mean", "each")
_ENTRIES = 1 << 22
"""Numbers of states held at a time."""
_FINITE_ROWS = 4096
"""Sequences looked at together for numbers that are not finite."""


class StateFeatures(Estimator):
    r"""States of a fixed system as features of sequences.

    Parameters
    ----------
    system : Poles or discrete system
        What `lssm.as_discrete` accepts, not a batch, or poles, which mean a diagonal system with input weights 1.
    pooling : {"last", "mean", "each"}
        State at the last step, its mean over the steps, or the state at each step.
    washout : int
        Number of steps at the beginning that "mean" and "each" leave out.
    workers : int, optional
        Threads over sequences (-1: one a core).

    Attributes
    ----------
    n_features_in_ : int
        Steps T of the sequences seen by `fit`.
    size_ : int
        Number of features d.

    Notes
    -----
    Real coordinates: for conjugate-closed poles ``√2 Re x`` and ``√2 Im x`` of one of each pair and x of real poles, for real
    systems x, for others the real and imaginary parts. From rest, pooled features are one matrix product with the table of
    ``v_τ = A^τ B``; "each" runs the system.

    Theorem: :doc:`/theorems/adjoint_scan` (``proofs/adjoint_scan.py``); derivation: :doc:`/derivations/training`.

    Examples
    --------
    >>> import lssm, numpy as np
    >>> features = lssm.training.StateFeatures(lssm.spectra.s4d_lin(order=8, step=0.1))
    >>> features.fit_transform(np.ones((5, 20))).shape  # sequences, features
    (5, 7)
    """

    def __init__(self, system: Any, *, pooling: str = "last", washout: int = 0, workers: int | None = None):
        self.system = system
        self.pooling = pooling
        self.washout = washout
        self.workers = workers

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Check sequences and make the table for their length; nothing is learned.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            n sequences of T steps of m inputs.
        y : object, optional
            What scikit-learn passes; ignored.

        Returns
        -------
        StateFeatures
            Itself.

        Raises
        ------
        InvalidInputError
            Sequences that are not finite or do not fit the system; a washout of T steps or more.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5])).fit(np.ones((5, 20)))
        >>> features.n_features_in_, features.size_
        (20, 1)
        """
        array = sequences(X)
        for row in range(0, len(array), _FINITE_ROWS):
            require_finite(array[row : row + _FINITE_ROWS], "X")
        self.prepare(array)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """Features of sequences.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences; but for pooling "each" as long as those of the fit.

        Returns
        -------
        float array, shape (n, d), or (n, T - washout, d) for each step

        Raises
        ------
        InvalidInputError
            Not fitted; sequences of another length or number of inputs.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5])).fit(np.ones((1, 3)))
        >>> features.transform(np.eye(3))  # v_2, v_1, v_0
        array([[0.25],
               [0.5 ],
               [1.  ]])
        """
        self._require_fitted()
        return self.made(self.checked(X))

    def fit_transform(self, X: ArrayLike, y: Any = None) -> NDArray[np.float64]:
        """`fit` and `transform` in one call.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences.
        y : object, optional
            Ignored.

        Returns
        -------
        float array, shape (n, d), or (n, T - washout, d) for each step
        """
        return self.fit(X).transform(X)

    def checked(self, X: Any, owner: Any = None) -> NDArray[Any]:
        """Sequences as an array that fits the system and the length seen, left where it is on disk.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences.
        owner : object, optional
            Estimator whose class the errors name; this one if left out.

        Returns
        -------
        array, shape (n, T) or (n, T, m)
            Numbers that `made` has yet to find finite.

        Raises
        ------
        InvalidInputError
            Another length, another number of inputs, nothing after the washout.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5])).fit(np.ones((1, 3)))
        >>> features.checked([[1, 0, 0]]).shape
        (1, 3)
        """
        array = sequences(X)
        if self.is_pooled:
            require_length(array, self.n_features_in_, owner or self)
        elif array.shape[1] <= self.washout:
            raise InvalidInputError(
                f"X: {array.shape[1]} steps, all of them within the washout of {self.washout}; pass more steps"
            )
        _require_inputs(array, self._states)
        return array

    @property
    def is_pooled(self) -> bool:
        """Whether a sequence becomes one row of features."""
        return self.pooling != "each"

    def prepare(self, u: NDArray[Any]) -> None:
        """Fit to the shape of sequences, without a look at their numbers.

        Parameters
        ----------
        u : array, shape (n, T) or (n, T, m)
            Sequences; only the shape counts.

        Raises
        ------
        InvalidInputError
            Sequences that do not fit the system, an unknown pooling, a washout of T steps or more.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5]))
        >>> features.prepare(np.empty((0, 20)))
        >>> features.n_features_in_
        20
        """
        choice(self.pooling, "pooling", POOLINGS)
        states = self._coordinates()
        _require_inputs(u, states)
        count(self.washout, "washout", least=0, most=max(u.shape[1] - 1, 0))
        self._states, self.size_ = states, states.size
        self._table = self._pooled_table(u.shape[1]) if self.is_pooled else None
        self.inputs_ = u.shape[2] if u.ndim == 3 else None
        self.n_features_in_ = u.shape[1]

    def _coordinates(self) -> RealStates:
        return real_states(self.system)

    def made(self, array: NDArray[Any]) -> NDArray[np.float64]:
        """Features of sequences that were checked, a few sequences at a time.

        Parameters
        ----------
        array : array, shape (n, T) or (n, T, m)
            What `checked` returned.

        Returns
        -------
        float array, shape (n, d), or (n, T - washout, d) for each step

        Raises
        ------
        InvalidInputError
            Numbers that are not finite.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5])).fit(np.ones((1, 3)))
        >>> features.made(features.checked([[1, 1, 1]]))
        array([[1.75]])
        """
        parts = [self.of(require_finite(array[start : start + width], "X")) for start, width in self.spans(array)]
        return np.concatenate(parts)

    def spans(self, u: NDArray[Any]) -> Iterator[tuple[int, int]]:
        """Which sequences to take at a time, so that memory stays bounded.

        Parameters
        ----------
        u : array, shape (n, T) or (n, T, m)
            Sequences; only the shape counts.

        Returns
        -------
        iterator over pairs of int
            Index of the first sequence of each part, and how many sequences a part has at most.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5])).fit(np.ones((1, 2000)))
        >>> [start for start, _ in features.spans(np.broadcast_to(0.0, (5000, 2000)))]
        [0, 2097, 4194]
        """
        T, m = u.shape[1], self._states.system.inputs
        width = max(1, _ENTRIES // (T * (m if self.is_pooled else 4 * self.size_)))
        return ((start, width) for start in range(0, len(u), width))

    def of(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Features of a few sequences, all at once and without checks.

        Parameters
        ----------
        u : float array, shape (n, T) or (n, T, m)
            Sequences of finite numbers, of the length seen.

        Returns
        -------
        float array, shape (n, d), or (n, T - washout, d) for each step

        Examples
        --------
        >>> import lssm, numpy as np
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5]), pooling="mean").fit(np.ones((1, 3)))
        >>> features.of(np.array([[3.0, 0.0, 0.0]]))  # the mean of 3, 1.5 and 0.75
        array([[1.75]])
        """
        n, T = u.shape[:2]
        rows = u.reshape(n, T, -1)
        return self._each(rows) if self._table is None else rows[:, ::-1].reshape(n, -1) @ self._table

    def _pooled_table(self, T: int) -> NDArray[np.float64]:
        length = 1 if self.pooling == "last" else T - self.washout
        return moving_mean(self._states.table(T), length).reshape(-1, self.size_)

    def _each(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = over_batch(lambda i: self._states.run(u[i : i + 1])[0][0, self.washout :], len(u), self.workers)
        return np.stack(rows)


def _require_inputs(u: NDArray[Any], states: RealStates) -> None:
    m = states.system.inputs
    if (u.shape[2] if u.ndim == 3 else 1) != m:
        wanted = "(n, T)" if m == 1 else f"(n, T, {m})"
        raise InvalidInputError(
            f"X: shape {u.shape} does not fit a system with {m} input{'s' * (m != 1)}; pass sequences of shape {wanted}, or a "
            "system whose B has a column for each input"
        )


def moving_mean(table: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """What the mean of the last `length` states holds of each delay: ``(1/L) Σ_{σ=τ-L+1}^{τ} v_σ``."""
    if length == 1:
        return table
    sums = np.cumsum(table, 0)
    sums[length:] -= sums[:-length].copy()
    return sums / length


def moving_mean_adjoint(slopes: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The transpose of `moving_mean`."""
    return moving_mean(slopes[::-1], length)[::-1]
