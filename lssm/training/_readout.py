"""A linear readout on the states of a fixed system."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import CheckpointError, InvalidInputError, choice, flag
from ._encoding import Chunks, chunked, fitting_target, make_loss, pair
from ._estimator import sequences
from ._features import StateFeatures
from ._files import packed_system, read, unpacked_system, write
from ._losses import Loss
from ._predictor import Readout, conclude
from ._solve import require_options, solve_descent, solve_ridge
from ._stream import RowStream, as_chunks

METHODS = ("ridge", "gd", "momentum", "adam", "lbfgs")
_CHUNK = 1 << 22
"""Numbers of an input array taken at a time."""


class LinearReadout(Readout):
    r"""Linear readout of a system whose recurrent weights stay fixed.

    Parameters
    ----------
    system : Poles or discrete system
        As in `StateFeatures`; its coordinates decide how fast descent learns, not what ridge finds.
    loss : {"squared", "softmax"}
        Mean of ``|y - z|²`` with outputs added, or cross-entropy of labels.
    method : {"ridge", "gd", "momentum", "adam", "lbfgs"}, optional
        Closed form (squared loss only), gradient descent, heavy ball [Polyak1964]_, Adam [Kingma2015]_, L-BFGS [Liu1989]_; left
        out: ridge, or L-BFGS for softmax.
    pooling : {"last", "mean", "each"}
        As in `StateFeatures`. "each" has one target a step.
    washout : int
        Number of steps at the beginning without features and targets ("mean" and "each").
    intercept : bool
        A constant is added to every output; it is not penalised.
    standardize : bool
        Features are centred and scaled to variance one within the fit; ``coef_`` belongs to the features as they are.
    penalty : float, "gcv" or "validation", optional
        α of ``Σ ½|y-z|² + ½ α ‖W‖²``, or of the summed cross-entropy likewise: scikit-learn's ``alpha`` and ``1/C``. For ridge
        also by generalised cross-validation [Golub1979]_, or by the error on validation data. Left out: "gcv" for ridge, 1 for
        softmax, 0 for the other methods.
    rate : float, optional
        Step size, which belongs to ``½ E|y-z|²`` as in `lssm.dynamics.ReadoutFlow`. Left out: 0.01 for Adam, otherwise the
        inverse of the largest curvature; descent by batches needs one.
    momentum : float
        β of the heavy ball.
    batch : int, optional
        Rows a step; left out: all.
    epochs : int
        Most passes over the data, or iterations of L-BFGS.
    tolerance : float
        Size of the gradient, relative to the first one, that ends full-batch methods.
    patience : int, optional
        Epochs without a better loss (on validation data, if there are any) before descent and Adam stop.
    warm_start : bool
        Start from the weights of the fit before.
    workers : int, optional
        Threads over sequences for "each" (-1: one a core).
    rng : None, int or numpy Generator
        Order of the batches.

    Attributes
    ----------
    coef_ : float array, shape (d,) or (K, d)
        Weights of the real coordinates of the state (`StateFeatures`).
    intercept_ : float or float array, shape (K,)
        Constants.
    classes_ : array, shape (K,)
        Labels (softmax).
    penalty_ : float
        α used.
    rank_ : int
        Directions of the features that ridge could tell from rounding; ridge only.
    history_ : History or None
        Losses along the descent; None for ridge.
    features_ : StateFeatures
        The features, fitted.
    n_features_in_ : int
        Steps T of the sequences.

    Notes
    -----
    With the squared loss, ridge and every full-batch descent run on the triangular factor of the rows: a step costs
    the same for any amount of data. Features that do not fit into memory are made anew chunk by chunk in every pass. A descent
    that diverges stops with a `TrainingWarning`; one that is interrupted raises KeyboardInterrupt; the best weights are kept
    (``history_.best``), and a later `fit` with ``warm_start=True`` goes on from them (Adam and momentum start their averages
    anew).

    In double precision a readout sees directions of the state whose standard deviation is above 1e-16 of the largest only
    (``rank_``). Where the Gramian has more decades than that, as in most random reservoirs, it explains less than the memory
    function says; the same system in input-normal coordinates, ``lssm.input_normal(system).system``, explains all of it.

    It follows scikit-learn's conventions (`get_params`, ``clone``, pipelines), which need not be installed. With two labels
    softmax has two rows of weights; penalised, they are not those of a logistic regression with one.

    Theorem: :doc:`/theorems/adjoint_scan` (``proofs/adjoint_scan.py``); derivation: :doc:`/derivations/training`.

    Examples
    --------
    >>> import lssm, numpy as np
    >>> task = lssm.tasks.delayed_recall(2000, 5, rng=0)
    >>> poles = lssm.spectra.s4d_lin(order=16, step=0.3)
    >>> fit = lssm.training.LinearReadout(poles, pooling="each", washout=50).fit(task.u, task.z)
    >>> m = lssm.memory_function(poles, 6).values[5]  # what the best readout explains
    >>> print(f"{fit.score(task.u, task.z):.3f} {m:.3f}")
    0.984 0.984
    """

    def __init__(
        self,
        system: Any,
        *,
        loss: str = "squared",
        method: str | None = None,
        pooling: str = "last",
        washout: int = 0,
        intercept: bool = True,
        standardize: bool = False,
        penalty: float | str | None = None,
        rate: float | None = None,
        momentum: float = 0.9,
        batch: int | None = None,
        epochs: int = 1000,
        tolerance: float = 1e-6,
        patience: int | None = None,
        warm_start: bool = False,
        workers: int | None = None,
        rng: Any = None,
    ):
        self.system = system
        self.loss = loss
        self.method = method
        self.pooling = pooling
        self.washout = washout
        self.intercept = intercept
        self.standardize = standardize
        self.penalty = penalty
        self.rate = rate
        self.momentum = momentum
        self.batch = batch
        self.epochs = epochs
        self.tolerance = tolerance
        self.patience = patience
        self.warm_start = warm_start
        self.workers = workers
        self.rng = rng

    def fit(self, X: ArrayLike, y: ArrayLike, *, validation: tuple[Any, Any] | None = None) -> Self:
        """Fit to sequences and targets.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            n sequences of T steps of m inputs; a memory-mapped array stays on disk.
        y : array_like, shape (n,) or (n, K); for pooling "each" (n, T) or (n, T, K)
            Targets: numbers, or labels for softmax.
        validation : pair (X, y), optional
            Data for early stopping, or for the penalty.

        Returns
        -------
        LinearReadout
            Itself.

        Raises
        ------
        InvalidInputError
            Sequences, targets or options that do not fit.
        """
        array = sequences(X)
        self._fit(chunked(array, y, max(1, _CHUNK // array[:1].size)), validation)
        return conclude(self)

    def fit_chunks(self, chunks: Any, *, validation: tuple[Any, Any] | None = None) -> Self:
        """Fit to data that come in chunks, each of which fits into memory.

        Parameters
        ----------
        chunks : list of pairs (X, y), or callable
            Sequences and targets as in `fit`; or a function that returns an iterator over such pairs, called once a pass.
        validation : pair (X, y), optional
            Data for early stopping, or for the penalty.

        Returns
        -------
        LinearReadout
            Itself.

        Raises
        ------
        InvalidInputError
            No chunk, or chunks that do not fit each other or the options.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> task = lssm.tasks.delayed_recall(500, 3, sequences=4, rng=0)
        >>> readout = lssm.training.LinearReadout(lssm.spectra.s4d_lin(order=8, step=0.3), pooling="each", penalty=1.0)
        >>> whole = readout.fit(task.u, task.z).coef_
        >>> parts = readout.fit_chunks([(task.u[:1], task.z[:1]), (task.u[1:], task.z[1:])]).coef_
        >>> bool(np.allclose(whole, parts))
        True
        """
        self._fit(as_chunks(chunks), validation)
        return conclude(self)

    def _fit(self, chunks: Chunks, validation: tuple[Any, Any] | None) -> None:
        """All of it in local names first: a fit that fails changes nothing."""
        method = self._method()
        features, first = self._prepared(chunks)
        loss = make_loss(self.loss, chunks() if self.loss == "softmax" else (), first.shape[1:])
        rows = RowStream(chunks, features, loss, hold=method != "ridge")
        held = self._held_out(features, loss, validation)
        start = self._start(loss, features.size_)
        history, rank = None, None
        if method == "ridge":
            weights, penalty, rank = solve_ridge(self, rows, held)
        else:
            weights, penalty, history = solve_descent(self, method, loss, rows, held, start)
        self._adopt(features, loss, weights, history)
        self.penalty_, self.rank_ = penalty, rank
        self._options = self._plain_options("system")

    def _method(self) -> str:
        require_options(self)
        flag(self.standardize, "standardize")
        method = self.method or ("lbfgs" if self.loss == "softmax" else "ridge")
        if choice(method, "method", METHODS) == "ridge" and self.loss == "softmax":
            raise InvalidInputError("method: 'ridge' is for the squared loss; softmax needs 'lbfgs', 'adam', 'gd' or 'momentum'")
        if isinstance(self.penalty, str) and method != "ridge":
            raise InvalidInputError(f"penalty: {self.penalty!r} is for ridge; pass a number")
        if self.batch is not None and method in ("ridge", "lbfgs"):
            raise InvalidInputError(f"batch: {method} takes all rows at once; use 'adam', 'gd' or 'momentum', or leave batch out")
        return method

    def _prepared(self, chunks: Chunks) -> tuple[StateFeatures, NDArray[Any]]:
        """Features for sequences like those of the first chunk, and its targets."""
        features = StateFeatures(self.system, pooling=self.pooling, washout=self.washout, workers=self.workers)
        first = next(iter(chunks()), None)
        if first is None:
            raise InvalidInputError("chunks: empty; pass at least one pair (X, y)")
        u, z = pair(first, "chunks")
        array = sequences(u)
        features.prepare(array)
        return features, fitting_target(array, z, features.is_pooled, features.washout)

    def _held_out(self, features: StateFeatures, loss: Loss, validation: tuple[Any, Any] | None) -> RowStream | None:
        if validation is None:
            if self.penalty == "validation":
                raise InvalidInputError("validation: penalty='validation' needs it; pass fit(X, y, validation=(X, y))")
            return None
        u, z = pair(validation, "validation")
        array = sequences(u)
        return RowStream(chunked(array, z, max(1, _CHUNK // array[:1].size)), features, loss, hold=True)

    def save(self, path: str | Path) -> None:
        """Write everything needed to predict, and to go on with ``warm_start``, to an ``.npz`` file; no pickle.

        Parameters
        ----------
        path : path-like
            File to write, with the suffix ``.npz``.

        Raises
        ------
        InvalidInputError
            Not fitted, another suffix, labels that are neither numbers nor strings.
        OutputError
            The file cannot be written; nothing is left half written.

        Examples
        --------
        >>> import lssm, pathlib, tempfile
        >>> task = lssm.tasks.delayed_recall(500, 3, rng=0)
        >>> readout = lssm.training.LinearReadout(lssm.spectra.s4d_lin(order=8, step=0.3), pooling="each").fit(task.u, task.z)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     readout.save(pathlib.Path(folder, "readout.npz"))
        ...     again = lssm.training.LinearReadout.load(pathlib.Path(folder, "readout.npz"))
        >>> bool((again.predict(task.u) == readout.predict(task.u)).all())
        True
        """
        self._require_fitted()
        arrays = {**self._packed(), "penalty": np.asarray(self.penalty_), **packed_system(self.features_.system)}
        write(path, "LinearReadout", self._header(), arrays)

    @classmethod
    def load(cls, path: str | Path) -> LinearReadout:
        """A fitted readout from a file that `save` wrote.

        Parameters
        ----------
        path : path-like
            File to read.

        Returns
        -------
        LinearReadout
            Fitted; of ``rank_`` the file says nothing.

        Raises
        ------
        CheckpointError
            No file, a truncated one, one of another kind or of a later version.

        Examples
        --------
        >>> import lssm
        >>> lssm.training.LinearReadout.load("nowhere.npz")
        Traceback (most recent call last):
            ...
        lssm._validate.CheckpointError: path: no file nowhere.npz
        """
        settings, arrays = read(path, "LinearReadout")
        try:
            system = unpacked_system(arrays)
            model = cls(system, **settings["options"])
            features = StateFeatures(system, pooling=model.pooling, washout=model.washout, workers=model.workers)
            features.prepare(np.zeros([1, *settings["shape"]]))
            model._unpack(features, settings, arrays)
            model.penalty_, model.rank_ = float(arrays["penalty"]), None
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"path: {path} is damaged ({error})") from None
        return model
