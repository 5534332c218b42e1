"""A diagonal state space model whose poles, steps and input weights are trained beside the readout."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError, choice, finite, number_inside
from ..parameterisations import Parameterisation
from ..poles import Poles
from ..systems import Diagonal, DiscreteSSM
from ._descent import Track
from ._encoding import fitting_target, make_loss
from ._estimator import require_finite, sequences
from ._features import POOLINGS, StateFeatures
from ._losses import CrossEntropy, Loss
from ._readout import Readout, conclude
from ._rows import CompressedObjective, ReadoutObjective, Rows, Triangle, Weights
from ._sequence import Modes, SequenceObjective
from ._solve import descended
from ._states import RealStates

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
    inputs : complex array_like, shape (..., N) or (..., N, m), optional
        Initial input weights B of the stored poles; default 1.
    train : sequence of {"poles", "steps", "inputs"}
        What moves besides the readout. Empty: the model of fixed recurrent weights, by the same steps.
    loss : {"squared", "softmax"}
        As in `LinearReadout`.
    method : {"adam", "momentum", "gd"}
        Update rule.
    pooling : {"last", "mean", "each"}
        As in `StateFeatures`.
    washout : int
        Steps at the beginning without features and targets.
    intercept : bool
        A constant is added to every output.
    rates : float or dict, optional
        Step size of each group, "readout", "poles", "steps", "inputs"; those left out are 0.01, 0.001, 0.001, 0.001.
    decay : float or dict, optional
        Weight decay of each group, decoupled from the gradient: ``p ← (1 - η d) p - …``. A number is for the readout; default 0.
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
    inputs_ : complex array, shape (..., N, m)
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
    Derivation: :doc:`/derivations/training`.

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
        """Train on sequences and targets, in memory; arguments as `LinearReadout.fit`."""
        loss = make_loss(self.loss, [(X, y)])
        u = sequences(X)
        start = self._start(u)
        features = StoredFeatures(start, self.parameters, self.pooling, self.washout).fit(u)
        objective, target = self._objective(u, y, loss, features)
        outside = self._objective(*validation, loss, features)[0] if validation else None
        self.loss_, self.single_ = loss, loss.reported_factor == 2.0 and target.ndim == 1
        if isinstance(loss, CrossEntropy):
            self.classes_ = loss.labels
        weights = start | self._readout_start(start, objective.targets.shape[-1])
        track = Track(objective.measure, outside.measure if outside else None)
        groups = self._groups(weights)
        rates = {name: self._by_group("rates", group) for name, group in groups.items() if self._moves(group)}
        decays = {name: self._by_group("decay", group) for name, group in groups.items() if name != "intercept"}
        choice(self.method, "method", ("adam", "momentum", "gd"))
        if not self._trained and (features.is_pooled or self.batch is None):
            objective, track = self._still(objective, outside, features)
        found, self.history_ = descended(self, self.method, _Moving(objective, rates), weights, track, rates, decays)
        self._keep(found, features, u)
        return conclude(self)

    def gradient(self, X: ArrayLike, y: ArrayLike) -> tuple[float, dict[str, NDArray[Any]]]:
        """Mean loss, ``½|y-z|²`` or cross-entropy, and its gradient at the fitted weights.

        Keys are the names of the parameters, "inputs", "coefficients" and "intercept"; complex entries are ``∂/∂Re + i ∂/∂Im``.
        """
        self._require_fitted()
        objective, _ = self._objective(X, y, self.loss_, self.features_)
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
        names = (self.train,) if isinstance(self.train, str) else tuple(self.train)
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

    def _start(self, u: NDArray[Any]) -> Weights:
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

    def _readout_start(self, start: Weights, K: int) -> Weights:
        size = 2 * self.parameters.stored.size
        found = {"coefficients": np.zeros((size, K)), "intercept": np.zeros(K)}
        if self.warm_start and self.__sklearn_is_fitted__():
            given = self._give()
            if given["coefficients"].shape != (size, K):
                raise InvalidInputError("warm_start: the weights of the fit before have another shape; pass warm_start=False")
            found = given
        return found if self.intercept else {"coefficients": found["coefficients"]}

    def _now(self) -> Weights:
        own = {name: np.array(getattr(self.parameters_, name)) for name in self.parameters_.groups}
        given = self._give()
        return own | {"inputs": self.inputs_.copy()} | (given if self.intercept else {"coefficients": given["coefficients"]})

    def _objective(self, X: Any, y: Any, loss: Loss, features: StateFeatures) -> tuple[SequenceObjective, NDArray[Any]]:
        array = features.checked(X, self)
        target = fitting_target(array, y, features.is_pooled, features.washout)
        n, T = array.shape[:2]
        rows = loss.encode(target)
        shaped = rows if features.is_pooled else rows.reshape(n, T - features.washout, -1)
        inputs = require_finite(array, "X").reshape(n, T, -1)
        length = {"last": 1, "mean": T - features.washout, "each": None}[features.pooling]
        return SequenceObjective(self.parameters, inputs, shaped, loss, length), target

    def _still(self, objective: SequenceObjective, outside: Any, features: StateFeatures) -> tuple[Any, Track]:
        """Features of a recurrence that does not move, made once."""
        fitted = self._readout_objective(objective, features)
        other = self._readout_objective(outside, features).measure if outside else None
        return fitted, Track(fitted.measure, other)

    def _readout_objective(self, part: SequenceObjective, features: StateFeatures) -> ReadoutObjective:
        u = part.u if part.u.shape[2] > 1 else part.u[..., 0]
        targets = part.targets.reshape(-1, part.targets.shape[-1])
        rows = [Rows(features.transform(u).reshape(len(targets), -1), targets)]
        if self.batch is None and self.loss == "squared":
            return CompressedObjective(Triangle(rows), part.loss, 0.0)
        return ReadoutObjective(lambda: rows, part.loss, 0.0)

    def _keep(self, found: Weights, features: StateFeatures, u: NDArray[Any]) -> None:
        self._take({name: found[name] for name in ("coefficients", "intercept") if name in found})
        self.parameters_ = Modes.of(self.parameters, found).parameters
        self.inputs_ = found["inputs"]
        self.features_ = StoredFeatures(found, self.parameters, self.pooling, self.washout).fit(u)
        self.n_features_in_ = features.n_features_in_


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
