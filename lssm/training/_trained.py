"""A diagonal state space model whose poles, steps and input weights are trained beside the readout."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import CheckpointError, InvalidInputError, choice, finite, number_inside
from ..parameterisations import DSS, LRU, S4D, Mamba, Parameterisation
from ..poles import Poles
from ..systems import Diagonal, DiscreteSSM
from ._descent import Track
from ._encoding import fitting_target, make_loss, pair
from ._estimator import require_finite, sequences
from ._features import POOLINGS, StateFeatures
from ._files import read, write
from ._history import History
from ._losses import Loss
from ._predictor import Readout, conclude
from ._rows import CompressedObjective, ReadoutObjective, Rows, Triangle, Weights
from ._sequence import Modes, SequenceObjective
from ._solve import descended, require_options
from ._states import RealStates

KINDS = (S4D, LRU, DSS, Mamba)
GROUPS = ("readout", "poles", "steps", "inputs")
RATES = {"readout": 1e-2, "poles": 1e-3, "steps": 1e-3, "inputs": 1e-3}
"""Those of published S4 and S4D training: slower, and without weight decay, for what is inside the recurrence."""


class TrainedSSM(Readout):
    r"""Diagonal model with a linear readout, all of it trained by analytic gradients.

    Parameters
    ----------
    parameters : Parameterisation
        Where training starts: `lssm.parameterisations.S4D`, `LRU`, `DSS` or `Mamba`, of one channel or several; every channel
        sees the same input.
    inputs : complex array_like, shape (..., n) or (..., n, m), optional
        Initial input weights B of the n stored poles; default 1.
    train : sequence of {"poles", "steps", "inputs"}
        What moves besides the readout. Empty: the model of fixed recurrent weights, by the same steps.
    loss : {"squared", "softmax"}
        As in `LinearReadout`.
    method : {"adam", "momentum", "gd"}
        Update rule.
    pooling : {"last", "mean", "each"}
        As in `StateFeatures`.
    washout : int
        Number of steps at the beginning without features and targets.
    intercept : bool
        A constant is added to every output.
    rates : float or dict, optional
        Step size of each group, "readout", "poles", "steps", "inputs"; those left out are 0.01, 0.001, 0.001, 0.001.
    decay : float or dict, optional
        Weight decay of each group, decoupled from the gradient [Loshchilov2019]_: ``p ← (1 - η d) p - …``. A number is for the
        readout; default 0.
    momentum : float
        β of the heavy ball.
    batch : int, optional
        Sequences a step; left out: all.
    epochs, tolerance, patience, warm_start, rng
        As in `LinearReadout`.

    Attributes
    ----------
    parameters_ : Parameterisation
        After training.
    inputs_ : complex array, shape (..., n, m)
        Trained input weights.
    coef_, intercept_, classes_, history_, n_features_in_
        As in `LinearReadout`. Features are ``√2 Re x`` and ``√2 Im x`` of the stored states.
    poles_ : Poles
        Poles of all channels together, conjugates included.
    system_ : DiscreteSSM
        Stored states with output ``Re(C x)`` before the intercept.

    Notes
    -----
    Gradients are exact: adjoint scans and the chain rule of the parameterisation, no automatic differentiation. The input factor
    of the model (the hold of S4D and DSS) moves with its parameters; the LRU's γ is set once and belongs to the input weights.

    Theorem: :doc:`/theorems/adjoint_scan` (``proofs/adjoint_scan.py``); derivation: :doc:`/derivations/training`.

    Examples
    --------
    >>> import lssm, numpy as np
    >>> task = lssm.tasks.delayed_recall(2000, 20, rng=0)
    >>> start = lssm.parameterisations.S4D(np.log(np.full(8, 0.5)), np.pi * np.arange(8), np.log(0.1))
    >>> model = lssm.training.TrainedSSM(start, pooling="each", rates={"poles": 0.01, "steps": 0.01}, epochs=200)
    >>> fit = model.fit(task.u, task.z)
    >>> m = lssm.memory_function(start.poles, 21).values[20]  # all that fixed poles can explain
    >>> print(f"{m:.2f} {fit.score(task.u, task.z):.2f}")
    0.11 0.51
    """

    def __init__(
        self,
        parameters: Parameterisation,
        *,
        inputs: ArrayLike | None = None,
        train: Any = ("poles", "steps", "inputs"),
        loss: str = "squared",
        method: str = "adam",
        pooling: str = "last",
        washout: int = 0,
        intercept: bool = True,
        rates: float | dict[str, float] | None = None,
        decay: float | dict[str, float] | None = None,
        momentum: float = 0.9,
        batch: int | None = None,
        epochs: int = 100,
        tolerance: float = 1e-6,
        patience: int | None = None,
        warm_start: bool = False,
        rng: Any = None,
    ):
        self.parameters = parameters
        self.inputs = inputs
        self.train = train
        self.loss = loss
        self.method = method
        self.pooling = pooling
        self.washout = washout
        self.intercept = intercept
        self.rates = rates
        self.decay = decay
        self.momentum = momentum
        self.batch = batch
        self.epochs = epochs
        self.tolerance = tolerance
        self.patience = patience
        self.warm_start = warm_start
        self.rng = rng

    def fit(self, X: ArrayLike, y: ArrayLike, *, validation: tuple[Any, Any] | None = None) -> Self:
        """Train on sequences and targets, in memory.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            n sequences of T steps of m inputs.
        y : array_like, shape (n,) or (n, K); for pooling "each" (n, T) or (n, T, K)
            Targets: numbers, or labels for softmax.
        validation : pair (X, y), optional
            Data for early stopping.

        Returns
        -------
        TrainedSSM
            Itself.

        Raises
        ------
        InvalidInputError
            Sequences, targets or options that do not fit.

        Warns
        -----
        TrainingWarning
            Training diverged; the weights of the best epoch are kept.
        """
        require_options(self)
        choice(self.method, "method", ("adam", "momentum", "gd"))
        u = sequences(X)
        start = self._start_inside(u)
        features = StoredFeatures(start, self.parameters, self.pooling, self.washout).fit(u)
        first = fitting_target(u, y, features.is_pooled, features.washout)
        loss = make_loss(self.loss, [(X, y)], first.shape[1:])
        objective = self._objective(u, y, loss, features)
        outside = self._objective(*pair(validation, "validation"), loss, features) if validation is not None else None
        weights = start | self._start_readout(loss)
        if not self._trained and (features.is_pooled or self.batch is None):
            still = [self._readout_objective(part, features) if part else None for part in (objective, outside)]
            found, history = self._descended(still[0], still[1], weights)
        else:
            found, history = self._descended(objective, outside, weights)
        kept = StoredFeatures(found, self.parameters, self.pooling, self.washout)
        kept.prepare(u)
        self._adopt(kept, loss, found, history)
        self.parameters_, self.inputs_ = Modes.of(self.parameters, found).parameters, found["inputs"]
        self._options = self._plain_options("parameters", "inputs")
        return conclude(self)

    def save(self, path: str | Path) -> None:
        """Write the trained model to an ``.npz`` file, to predict and to go on with ``warm_start``; no pickle.

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
        >>> import lssm, numpy as np, pathlib, tempfile
        >>> task = lssm.tasks.delayed_recall(200, 3, rng=0)
        >>> start = lssm.parameterisations.S4D(np.log(np.full(4, 0.5)), np.pi * np.arange(4), np.log(0.1))
        >>> model = lssm.training.TrainedSSM(start, pooling="each", epochs=2).fit(task.u, task.z)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(pathlib.Path(folder, "model.npz"))
        ...     again = lssm.training.TrainedSSM.load(pathlib.Path(folder, "model.npz"))
        >>> bool((again.predict(task.u) == model.predict(task.u)).all())
        True
        """
        self._require_fitted()
        names = self.parameters_.groups
        arrays = {**self._packed(), "inputs": self.inputs_, **{f"p_{name}": getattr(self.parameters_, name) for name in names}}
        written = {
            "kind_of_poles": type(self.parameters_).__name__,
            "version_of_poles": getattr(self.parameters_, "version", None),
        }
        write(path, "TrainedSSM", self._header() | written, arrays)

    @classmethod
    def load(cls, path: str | Path) -> TrainedSSM:
        """A trained model from a file that `save` wrote; `parameters` are those it ended with.

        Parameters
        ----------
        path : path-like
            File to read.

        Returns
        -------
        TrainedSSM
            Fitted.

        Raises
        ------
        CheckpointError
            No file, a truncated one, one of another kind or of a later version.

        Examples
        --------
        >>> import lssm
        >>> lssm.training.TrainedSSM.load("nowhere.npz")
        Traceback (most recent call last):
            ...
        lssm._validate.CheckpointError: path: no file nowhere.npz
        """
        settings, arrays = read(path, "TrainedSSM")
        try:
            kind = {one.__name__: one for one in KINDS}[settings["kind_of_poles"]]
            own: dict[str, Any] = {name.removeprefix("p_"): array for name, array in arrays.items() if name.startswith("p_")}
            version = {"version": settings["version_of_poles"]} if settings["version_of_poles"] else {}
            model = cls(kind(**own, **version), **settings["options"])
            found = {**own, "inputs": arrays["inputs"]}
            features = StoredFeatures(found, model.parameters, model.pooling, model.washout)
            features.prepare(np.zeros([1, *settings["shape"]]))
            model._unpack(features, settings, arrays)
            model.parameters_, model.inputs_ = model.parameters, arrays["inputs"]
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"path: {path} is damaged ({error})") from None
        return model

    def _descended(self, objective: Any, outside: Any, weights: Weights) -> tuple[Weights, History]:
        groups = self._groups(weights)
        rates = {name: self._by_group("rates", group) for name, group in groups.items() if self._moves(group)}
        decays = {name: self._by_group("decay", group) for name, group in groups.items() if name != "intercept"}
        silent = weights | {name: np.zeros_like(value) for name, value in weights.items() if groups[name] == "readout"}
        track = Track(objective.measure, outside.measure if outside else None, weights, objective.measure(silent))
        return descended(self, self.method, _Moving(objective, rates), weights, track, rates, decays=decays)

    def gradient(self, X: ArrayLike, y: ArrayLike) -> tuple[float, dict[str, NDArray[Any]]]:
        """Mean loss, ``½|y-z|²`` or cross-entropy, and its gradient at the fitted weights.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences.
        y : array_like, shape (n,) or (n, K); for pooling "each" (n, T) or (n, T, K)
            Targets.

        Returns
        -------
        loss : float
            For the squared loss half of what `error` says.
        gradient : dict of str to array
            Keys are the names of the parameters, "inputs", "coefficients" (shape (d, K)) and "intercept" (shape (K,));
            complex entries are ``∂/∂Re + i ∂/∂Im``.

        Raises
        ------
        InvalidInputError
            Not fitted; sequences or targets that do not fit.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> task = lssm.tasks.delayed_recall(200, 3, rng=0)
        >>> start = lssm.parameterisations.S4D(np.log(np.full(4, 0.5)), np.pi * np.arange(4), np.log(0.1))
        >>> model = lssm.training.TrainedSSM(start, pooling="each", epochs=2).fit(task.u, task.z)
        >>> loss, gradient = model.gradient(task.u, task.z)
        >>> bool(np.isclose(2 * loss, model.error(task.u, task.z)))
        True
        >>> sorted(gradient)
        ['A_imag', 'coefficients', 'inputs', 'intercept', 'log_A_real', 'log_dt']
        """
        self._require_fitted()
        objective = self._objective(X, y, self.loss_, self.features_)
        return objective.gradient(self._now(), slice(None))

    @property
    def poles_(self) -> Poles:
        """Poles of all channels together, conjugates included, coinciding ones once."""
        self._require_fitted()
        return Poles.from_log(self.parameters_.stored.reshape(-1), half=True, diagonal=True)

    @property
    def system_(self) -> DiscreteSSM:
        """Stored states of all channels, with output ``y = Re(C x)`` of the readout."""
        self._require_fitted()
        modes = Modes.of(self.parameters_, self._now())
        W = np.atleast_2d(self.coef_)
        half = modes.log.size
        return DiscreteSSM(Diagonal.from_log(modes.log), modes.b, W[:, :half] - 1j * W[:, half:])

    @property
    def _trained(self) -> tuple[str, ...]:
        try:
            names = (self.train,) if isinstance(self.train, str) else tuple(self.train)
        except TypeError:
            raise InvalidInputError(f"train: {self.train!r}; pass names among {', '.join(GROUPS[1:])}, or ()") from None
        return tuple(choice(name, "train", GROUPS[1:]) for name in names)

    def _moves(self, group: str) -> bool:
        return group == "readout" or group in self._trained

    def _groups(self, weights: Weights) -> dict[str, str]:
        own = self.parameters.groups | {"inputs": "inputs"}
        return {name: own.get(name, "readout") for name in weights}

    def _by_group(self, option: str, group: str) -> float:
        given = getattr(self, option)
        defaults = RATES if option == "rates" else dict.fromkeys(GROUPS, 0.0)
        if given is None:
            return defaults[group]
        if not isinstance(given, dict):
            shared = option == "rates" or group == "readout"
            return number_inside(given, option, 0.0, 1e300) if shared else 0.0
        for name in given:
            choice(name, option, GROUPS)
        return number_inside(given.get(group, defaults[group]), f"{option}[{group!r}]", 0.0, 1e300)

    def _start_inside(self, u: NDArray[Any]) -> Weights:
        """Parameter arrays and input weights to start from."""
        if not isinstance(self.parameters, Parameterisation):
            raise InvalidInputError(
                f"parameters: a {type(self.parameters).__name__}; pass one of lssm.parameterisations, for example S4D(...)"
            )
        if self.warm_start and self.__sklearn_is_fitted__():
            return {name: value for name, value in self._now().items() if name not in ("coefficients", "intercept")}
        shape, m = self.parameters.stored.shape, u.shape[2] if u.ndim == 3 else 1
        B = np.ones((*shape, m), complex) if self.inputs is None else finite(self.inputs, "inputs")
        if B.shape not in {(*shape, m), shape if m == 1 else (*shape, m)}:
            raise InvalidInputError(f"inputs: shape {B.shape} does not fit poles {shape} and {m} inputs; pass {(*shape, m)}")
        B = B.reshape(*shape, m)
        fixed = 1.0 if self.parameters.factor_moves else self.parameters.stored_factor[..., None]
        return {name: getattr(self.parameters, name).copy() for name in self.parameters.groups} | {"inputs": B * fixed}

    def _start_readout(self, loss: Loss) -> Weights:
        size = 2 * self.parameters.stored.size
        zeros = {"coefficients": np.zeros((size, loss.outputs)), "intercept": np.zeros(loss.outputs)}
        found = self._start(loss, size) or zeros
        return found if self.intercept else {"coefficients": found["coefficients"]}

    def _now(self) -> Weights:
        own = {name: np.array(getattr(self.parameters_, name)) for name in self.parameters_.groups}
        given = self._give()
        return own | {"inputs": self.inputs_.copy()} | (given if self.intercept else {"coefficients": given["coefficients"]})

    def _objective(self, X: Any, y: Any, loss: Loss, features: StateFeatures) -> SequenceObjective:
        array = features.checked(X, self)
        target = fitting_target(array, y, features.is_pooled, features.washout)
        n, T = array.shape[:2]
        rows = loss.encode(target)
        shaped = rows if features.is_pooled else rows.reshape(n, T - features.washout, -1)
        inputs = require_finite(array, "X").reshape(n, T, -1)
        length = {"last": 1, "mean": T - features.washout, "each": None}[features.pooling]
        return SequenceObjective(self.parameters, inputs, shaped, loss, length)

    def _readout_objective(self, part: SequenceObjective, features: StateFeatures) -> ReadoutObjective:
        """The same of a recurrence that does not move: features made once."""
        u = part.u if part.u.shape[2] > 1 else part.u[..., 0]
        targets = part.targets.reshape(-1, part.targets.shape[-1])
        rows = [Rows(features.made(u).reshape(len(targets), -1), targets)]
        if self.batch is None and self.loss == "squared":
            return CompressedObjective(Triangle(rows), part.loss, 0.0)
        return ReadoutObjective(lambda: rows, part.loss, 0.0)


class _Moving:
    """An objective whose gradient holds only what has a rate."""

    def __init__(self, objective: Any, rates: dict[str, float]):
        self._objective = objective
        self._rates = rates
        self.measure, self.batches, self.reported = objective.measure, objective.batches, objective.reported

    def gradient(self, weights: Weights, batch: Any) -> tuple[float, Weights]:
        """Value and gradient."""
        value, found = self._objective.gradient(weights, batch)
        return value, {name: slope for name, slope in found.items() if name in self._rates}


class StoredFeatures(StateFeatures):
    """Both parts of every stored state, real poles included."""

    def __init__(self, weights: Weights, template: Parameterisation, pooling: str, washout: int):
        modes = Modes.of(template, weights)
        super().__init__(DiscreteSSM(Diagonal.from_log(modes.log), modes.b), pooling=choice(pooling, "pooling", POOLINGS))
        self.washout = washout

    def _coordinates(self) -> RealStates:
        every = np.ones(self.system.order, bool)
        return RealStates(self.system, every, every)
