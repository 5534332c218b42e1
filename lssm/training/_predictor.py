"""What the readouts of fixed and of trained systems have in common: predictions, their quality, what a fit leaves behind."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from .._results import plain
from .._validate import InvalidInputError, TrainingWarning
from ._encoding import fitting_target
from ._estimator import Estimator, only_for_labels
from ._features import StateFeatures
from ._files import packed_history, unpacked_history
from ._history import History
from ._losses import CrossEntropy, Loss, Squared
from ._rows import Weights


class Readout(Estimator):
    """What the readout of a fixed and of a trained system have in common: scores, predictions, their quality."""

    loss: str
    warm_start: bool
    features_: Any
    loss_: Loss
    history_: History | None
    coef_: NDArray[np.float64]
    intercept_: Any
    _options: dict[str, Any]

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Outputs, or the most probable labels.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences; but for pooling "each" as long as those of the fit.

        Returns
        -------
        array, shape (n,) or (n, K); for pooling "each" (n, T - washout) or (n, T - washout, K)
            Numbers, or labels (never with K).

        Raises
        ------
        InvalidInputError
            Not fitted; sequences that do not fit.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> task = lssm.tasks.delayed_recall(500, 1, rng=0)
        >>> readout = lssm.training.LinearReadout(lssm.reservoirs.delay_line(order=2), pooling="each").fit(task.u, task.z)
        >>> bool(np.allclose(readout.predict(task.u), task.z))
        True
        """
        scores = self._scores(X)
        if isinstance(self.loss_, CrossEntropy):
            return self.loss_.labels[scores.argmax(-1)]
        return scores[..., 0] if self._is_single else scores

    @only_for_labels
    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Scores of the labels in the order of ``classes_``; of two labels, the second's minus the first's.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences.

        Returns
        -------
        float array, shape (n, K), or (n,) of two labels; for pooling "each" with an axis of T - washout steps after the first
        """
        scores = self._scores(X)
        return scores if scores.shape[-1] > 2 else scores[..., 1] - scores[..., 0]

    @only_for_labels
    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probabilities of the labels in the order of ``classes_``.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences.

        Returns
        -------
        float array, shape (n, K), or (n, T - washout, K) for pooling "each"
        """
        found: NDArray[np.float64] = softmax(self._scores(X), axis=-1)
        return found

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """Share of right labels; or R², averaged over outputs.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences.
        y : array_like, shape (n,) or (n, K); for pooling "each" (n, T) or (n, T, K)
            Targets.

        Returns
        -------
        float
            At most 1, dimensionless.

        Raises
        ------
        InvalidInputError
            Not fitted; sequences or targets that do not fit.
        """
        self._require_fitted()
        array = self.features_.checked(X, self)
        target = fitting_target(array, y, self.features_.is_pooled, self.features_.washout)
        if isinstance(self.loss_, CrossEntropy):
            return float(np.mean(self.predict(array).reshape(target.shape) == target))
        target = self.loss_.encode(target)
        predicted = self.predict(array).reshape(target.shape)
        left, whole = np.sum((target - predicted) ** 2, 0), np.sum((target - target.mean(0)) ** 2, 0)
        return float(np.mean(1.0 - left / np.where(whole > 0, whole, np.where(left > 0, left, 1.0))))

    def error(self, X: ArrayLike, y: ArrayLike) -> float:
        """Mean of ``|y - z|²`` (outputs added), or of the cross-entropy in nats; without penalty.

        Parameters
        ----------
        X : array_like, shape (n, T) or (n, T, m)
            Sequences.
        y : array_like, shape (n,) or (n, K); for pooling "each" (n, T) or (n, T, K)
            Targets.

        Returns
        -------
        float
            Squared units of the target, or nats; over sequences, or over steps after the washout.

        Raises
        ------
        InvalidInputError
            Not fitted; sequences or targets that do not fit.

        Examples
        --------
        >>> import lssm, numpy as np
        >>> task = lssm.tasks.delayed_recall(500, 3, rng=0)
        >>> poles = lssm.spectra.s4d_lin(order=8, step=0.3)
        >>> readout = lssm.training.LinearReadout(poles, pooling="each").fit(task.u, task.z)
        >>> bool(np.isclose(readout.error(task.u, task.z), np.mean((readout.predict(task.u) - task.z) ** 2)))
        True
        """
        self._require_fitted()
        array = self.features_.checked(X, self)
        targets = self.loss_.encode(fitting_target(array, y, self.features_.is_pooled, self.features_.washout))
        scores = self._scores(array).reshape(len(targets), -1)
        return self.loss_.reported_factor * self.loss_.total(scores, targets) / len(targets)

    def _scores(self, X: Any) -> NDArray[np.float64]:
        """``F W + b``, shape (n, K), or (n, T - washout, K) for each step."""
        self._require_fitted()
        scores: NDArray[np.float64] = self.features_.made(self.features_.checked(X, self)) @ np.atleast_2d(self.coef_).T
        return scores + self.intercept_

    @property
    def has_labels(self) -> bool:
        """Whether it classifies."""
        fitted = getattr(self, "loss_", None)
        return self.loss == "softmax" if fitted is None else isinstance(fitted, CrossEntropy)

    def _adopt(self, features: StateFeatures, loss: Loss, weights: Weights, history: History | None) -> None:
        """Everything that a fit leaves behind, at once."""
        self.features_, self.loss_, self.history_ = features, loss, history
        self.n_features_in_ = features.n_features_in_
        if isinstance(loss, CrossEntropy):
            self.classes_ = loss.labels
        elif hasattr(self, "classes_"):
            del self.classes_
        W, b = weights["coefficients"].T, weights.get("intercept", np.zeros(loss.outputs))
        self.coef_, self.intercept_ = (W[0], float(b[0])) if self._is_single else (W, b)

    @property
    def _is_single(self) -> bool:
        return isinstance(self.loss_, Squared) and not self.loss_.shape

    def _give(self) -> Weights:
        return {"coefficients": np.atleast_2d(self.coef_).T.copy(), "intercept": np.atleast_1d(self.intercept_).astype(float)}

    def _plain_options(self, *apart: str) -> dict[str, Any]:
        """Constructor arguments that a file can hold."""
        options = {name: value for name, value in self.get_params().items() if name not in (*apart, "rng")}
        return dict(plain(options))

    def _header(self) -> dict[str, Any]:
        """What a file says of the fit besides its arrays."""
        inputs = self.features_.inputs_
        return {"options": self._options, "shape": [self.n_features_in_] + ([] if inputs is None else [inputs])}

    def _packed(self) -> dict[str, NDArray[Any]]:
        """Weights, labels and history as arrays."""
        labels = {"labels": self.loss_.labels} if isinstance(self.loss_, CrossEntropy) else {}
        return {"coef": self.coef_, "intercept": np.asarray(self.intercept_), **labels, **packed_history(self.history_)}

    def _unpack(self, features: StateFeatures, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """And back."""
        coef, intercept = arrays["coef"], arrays["intercept"]
        loss: Loss = CrossEntropy(arrays["labels"]) if "labels" in arrays else Squared(intercept.shape)
        if coef.shape != (*intercept.shape, features.size_) or loss.outputs != intercept.size:
            raise InvalidInputError(f"weights of shape {coef.shape} do not fit {features.size_} features")
        weights = {"coefficients": np.atleast_2d(coef).T, "intercept": np.atleast_1d(intercept)}
        self._adopt(features, loss, weights, unpacked_history(arrays))
        self._options = settings["options"]

    def _start(self, loss: Loss, size: int) -> Weights | None:
        """Weights of the readout fitted before, if it is to go on and fits."""
        if not (self.warm_start and self.__sklearn_is_fitted__()):
            return None
        given, before = self._give(), self.loss_
        alike = isinstance(before, Squared) and isinstance(loss, Squared) and before.shape == loss.shape
        if isinstance(before, CrossEntropy) and isinstance(loss, CrossEntropy):
            alike = np.array_equal(before.labels, loss.labels)
        if not alike or len(given["coefficients"]) != size:
            raise InvalidInputError("warm_start: the fit before had other features, outputs or labels; pass warm_start=False")
        return given

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags = None
        if self.loss == "softmax":
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        else:
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
            tags.target_tags.multi_output = True
        return tags


def conclude(model: Any) -> Any:
    """The model, now that everything is kept: with a warning after a divergence, or the interruption raised again."""
    history: History | None = model.history_
    if history is not None and history.stopped == "interrupted":
        raise KeyboardInterrupt
    if history is not None and history.stopped == "diverged" and history.loss.size:
        warnings.warn(
            f"training diverged after {history.steps[-1]} steps, loss {history.loss[-1]:.3g}: the weights of epoch "
            f"{history.best}, loss {history.loss[history.best]:.6g}, are kept; lower the step size (rate, rates)",
            TrainingWarning,
            stacklevel=3,
        )
    return model
