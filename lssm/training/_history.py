"""What happened during training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._results import Result


@dataclass(frozen=True, eq=False)
class History(Result):
    """Losses along a training run, measured on all rows, without penalty.

    Attributes
    ----------
    steps : int array, shape (E + 1,)
        Updates made after 0, 1, …, E epochs.
    loss : float array, shape (E + 1,)
        Training loss: mean of ``|y - z|²``, or of the cross-entropy in nats.
    validation : float array, shape (E + 1,) or None
        The same on validation data.
    best : int
        Epoch whose weights were kept: the best on validation data; without such data the last, or the best on training data after
        an early stop, a divergence or an interruption.
    stopped : {"finished", "converged", "early", "stalled", "diverged", "interrupted"}
        Why training ended; stalled: L-BFGS found no lower loss at the level of rounding.

    Notes
    -----
    Explained in :doc:`/howto/train`.

    Examples
    --------
    >>> import lssm
    >>> task = lssm.tasks.delayed_recall(500, 3, rng=0)
    >>> poles = lssm.spectra.s4d_lin(order=8, step=0.3)
    >>> fit = lssm.training.LinearReadout(poles, pooling="each", method="gd", epochs=20).fit(task.u, task.z)
    >>> run = fit.history_
    >>> run.loss.shape, run.stopped, run.best
    ((21,), 'finished', 20)
    >>> run.steps_to(0.5 * run.loss[0]) < run.steps_to(0.0)  # never: inf
    True
    """

    steps: NDArray[np.int64]
    loss: NDArray[np.float64]
    validation: NDArray[np.float64] | None
    best: int
    stopped: str

    def steps_to(self, loss: float) -> float:
        """Updates after which the training loss was at most a given one for the first time.

        Parameters
        ----------
        loss : float
            Loss to be reached, in the units of the attribute ``loss``.

        Returns
        -------
        float
            Number of steps, known to the end of an epoch; inf if never.
        """
        hits = np.flatnonzero(self.loss <= loss)
        return float(self.steps[hits[0]]) if hits.size else float("inf")

    def __str__(self) -> str:
        if not self.loss.size:
            return f"{self.stopped} before the first loss was known"
        seen = "" if self.validation is None else f", validation {self.validation[self.best]:.5g}"
        return (
            f"{self.stopped} after {self.loss.size - 1} epochs, {self.steps[-1]} steps: loss {self.loss[0]:.5g} → "
            f"{self.loss[self.best]:.5g}{seen} (epoch {self.best})"
        )
