"""What a task is: sequences, targets, and how a readout meets them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .._results import Result
from .._validate import InvalidInputError, count, generator, number_inside


@dataclass(frozen=True, eq=False, repr=False)
class Task(Result):
    """Sequences with targets.

    Attributes
    ----------
    name : str
        What is asked.
    u : float array, shape (n, T) or (n, T, m)
        Input sequences: n of T steps, of m inputs.
    z : array, shape (n,) or (n, K); with one a step (n, T) or (n, T, K)
        Numbers or labels: one a sequence, or one a step; numbers may have K outputs.
    pooling : {"last", "each"}
        One target a sequence, or one a step: what `lssm.training` should be told.
    loss : {"squared", "softmax"}
        Numbers, or labels.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> task = lssm.tasks.adding(20, sequences=100, rng=0)
    >>> task
    Task(adding over 20 steps: 100 sequences of 20 steps, numbers, one a sequence)
    >>> task.u.shape, task.z.shape, task.pooling, task.loss
    ((100, 20, 2), (100,), 'last', 'squared')
    >>> train, test = task.split(0.2, rng=0)
    >>> test.taken(slice(5)).padded(50)
    Task(adding over 20 steps, zeros up to 50: 5 sequences of 50 steps, numbers, one a sequence)
    """

    name: str
    u: NDArray[np.float64]
    z: NDArray[Any]
    pooling: str
    loss: str

    def split(self, test: float = 0.25, *, rng: Any = None) -> tuple[Self, Self]:
        """Two tasks with different sequences; of a single sequence with a target a step, its beginning and its end.

        Parameters
        ----------
        test : float
            Share that goes to the second, between 0 and 1.
        rng : None, int or numpy Generator
            Which sequences; not used where time is cut.

        Returns
        -------
        tuple of two Task
            To fit, and to test.

        Raises
        ------
        InvalidInputError
            A share that leaves one of the two empty.
        """
        share = number_inside(test, "test", 0.0, 1.0)
        along_time = len(self.u) == 1 and self.pooling == "each"
        size = self.u.shape[1] if along_time else len(self.u)
        cut = size - round(share * size)
        if not 0 < cut < size:
            raise InvalidInputError(f"test: {share:g} of {size} leaves one part empty; choose a share in between")
        if along_time:
            return self.between(0, cut), self.between(cut, size)
        order = generator(rng).permutation(size)
        return self.taken(order[:cut]), self.taken(order[cut:])

    def taken(self, index: Any) -> Self:
        """Some of the sequences.

        Parameters
        ----------
        index : slice, or array_like of int or bool, shape (k,)
            Which: a slice, indices, or a mask of length n.

        Returns
        -------
        Task

        Raises
        ------
        InvalidInputError
            An index outside, or a selection of nothing.
        """
        where = index if isinstance(index, slice) else np.atleast_1d(np.asarray(index))
        where = where.astype(np.int64) if not isinstance(where, slice) and not where.size else where
        try:
            u, z = self.u[where], self.z[where]
        except IndexError as error:
            raise InvalidInputError(f"index: {error}; there are {len(self.u)} sequences") from None
        if not len(u):
            raise InvalidInputError("index: selects nothing")
        return replace(self, u=u, z=z)

    def between(self, start: int, stop: int) -> Self:
        """Some of the steps, for a task with a target a step.

        Parameters
        ----------
        start, stop : int
            First step, and the one after the last.

        Returns
        -------
        Task
            Its targets may depend on inputs before `start`.

        Raises
        ------
        InvalidInputError
            A task with one target a sequence; steps outside, or none.

        Examples
        --------
        >>> import lssm
        >>> lssm.tasks.delayed_recall(100, 3, rng=0).between(20, 100)
        Task(recall of lag 3: 1 sequences of 80 steps, numbers, one a step)
        """
        if self.pooling != "each":
            raise InvalidInputError("pooling: one target a sequence; its steps cannot be taken apart")
        last = count(stop, "stop", most=self.u.shape[1])
        first = count(start, "start", least=0, most=last - 1)
        return replace(self, u=self.u[:, first:last], z=self.z[:, first:last])

    def padded(self, T: int, *, noise: float = 0.0, rng: Any = None) -> Self:
        """Followed by more steps up to T, for a task with one target a sequence: what came early must be kept for longer.

        Parameters
        ----------
        T : int
            Length in steps afterwards.
        noise : float
            Standard deviation of the Gaussian noise that follows; 0 means zeros, over which a linear model without noise of its
            own forgets nothing that a scaled readout could not bring back.
        rng : None, int or numpy Generator
            The noise.

        Returns
        -------
        Task
            Its targets unchanged.

        Raises
        ------
        InvalidInputError
            Fewer steps than there are; a task with a target a step.
        """
        if self.pooling == "each":
            raise InvalidInputError("pooling: one target a step; padding has no targets")
        gap = count(T, "T") - self.u.shape[1]
        if gap < 0:
            raise InvalidInputError(f"T: {T} is shorter than the sequences, {self.u.shape[1]} steps")
        shape = (len(self.u), gap, *self.u.shape[2:])
        size = number_inside(noise, "noise", 0.0, 1e100)
        after = size * generator(rng).standard_normal(shape) if size else np.zeros(shape)
        what = f"{self.name}, {'noise' if size else 'zeros'} up to {T}"
        return replace(self, name=what, u=np.concatenate([self.u, after], 1))

    def __repr__(self) -> str:
        kind = "labels" if self.loss == "softmax" else "numbers"
        each = "one a step" if self.pooling == "each" else "one a sequence"
        return f"Task({self.name}: {self.u.shape[0]} sequences of {self.u.shape[1]} steps, {kind}, {each})"

    __str__ = __repr__
