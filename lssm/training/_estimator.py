"""What scikit-learn expects of an estimator, without needing scikit-learn."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._validate import InvalidInputError

_LARGEST = 1e100
"""Numbers whose squares are far from the ends of the range of doubles."""


class Estimator:
    """Base: parameters by name, as in scikit-learn, and fitted attributes that end in an underscore."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Constructor arguments by name.

        Parameters
        ----------
        deep : bool
            What scikit-learn passes; there are no estimators inside, and it changes nothing.

        Returns
        -------
        dict

        Examples
        --------
        >>> import lssm
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5]), washout=3)
        >>> features.get_params()["washout"]
        3
        """
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Self:
        """Change constructor arguments.

        Parameters
        ----------
        **params : dict
            New values by name; they are checked in the next fit.

        Returns
        -------
        Estimator
            Itself.

        Raises
        ------
        InvalidInputError
            A name that the constructor does not know.

        Examples
        --------
        >>> import lssm
        >>> features = lssm.training.StateFeatures(lssm.Poles.from_discrete([0.5]))
        >>> features.set_params(washout=3, pooling="each").washout
        3
        """
        unknown = set(params) - set(self._names())
        if unknown:
            raise InvalidInputError(f"params: {', '.join(sorted(unknown))} unknown; choose among {', '.join(self._names())}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    @classmethod
    def _names(cls) -> list[str]:
        return list(inspect.signature(cls).parameters)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "n_features_in_")

    def _require_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise _not_fitted()(f"{type(self).__name__}: not fitted; call fit(X, y) first")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(),
            input_tags=InputTags(three_d_array=True),
        )

    def __repr__(self) -> str:
        parameters = inspect.signature(type(self)).parameters
        changed = [
            _short(value) if parameters[name].default is inspect.Parameter.empty else f"{name}={_short(value)}"
            for name, value in self.get_params().items()
            if parameters[name].default is inspect.Parameter.empty or _differs(value, parameters[name].default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"


def _short(value: Any) -> str:
    """What a value says of itself, on one line."""
    said = repr(value)
    return said if len(said) <= 90 and "\n" not in said else f"<{type(value).__name__}>"


def _differs(value: Any, default: Any) -> bool:
    return value is not default and not (np.isscalar(value) and value == default)


def _not_fitted() -> type[Exception]:
    """scikit-learn's error where it is installed; ours, of the same kinds, otherwise."""
    try:
        import sklearn.exceptions as theirs
    except ImportError:
        return NotFittedError
    return type("NotFittedError", (NotFittedError, theirs.NotFittedError), {})


class NotFittedError(InvalidInputError, AttributeError):
    """An estimator that has not been fitted."""


def sequences(X: Any) -> NDArray[Any]:
    """`X` as an array of n sequences, (n, T) or (n, T, m), left where it is on disk; entries are checked block by block."""
    if hasattr(X, "toarray"):
        raise InvalidInputError("X: Sparse data was passed; pass X.toarray()")
    try:
        array = X if isinstance(X, np.ndarray) else np.asarray(X)
    except ValueError as error:
        raise InvalidInputError(f"X: sequences of unlike lengths ({error}); pad them") from None
    if array.dtype.kind == "O":
        array = _numbers_of(array)
    if array.dtype.kind not in "biuf":
        complaint = "Complex data not supported; pass real sequences" if array.dtype.kind == "c" else "dtype is not numeric"
        raise InvalidInputError(f"X: {complaint}")
    if array.ndim not in (2, 3):
        raise InvalidInputError(
            f"X: shape {array.shape}, expected 2D or 3D array, sequences × steps (× inputs). Reshape your data: "
            "X[None, :] is one sequence"
        )
    if not array.shape[0]:
        raise InvalidInputError(f"X: 0 sample(s) (shape={array.shape}) while a minimum of 1 is required.")
    if not array[:1].size:
        raise InvalidInputError(f"X: 0 feature(s) (shape={array.shape}) while a minimum of 1 is required.")
    return array


def _numbers_of(array: NDArray[Any]) -> NDArray[np.float64]:
    try:
        return np.asarray(array, np.float64)
    except (TypeError, ValueError) as error:
        kind = InvalidInputError if isinstance(error, ValueError) else InvalidTypeError
        raise kind(f"X: not an array of numbers ({error})") from None


class InvalidTypeError(InvalidInputError, TypeError):
    """An entry that is no number at all."""


def require_length(array: NDArray[Any], length: int, owner: Any) -> None:
    """Nothing, or an error where sequences are not as long as those of the fit."""
    if array.shape[1] != length:
        raise InvalidInputError(
            f"X: X has {array.shape[1]} features, but {type(owner).__name__} is expecting {length} features as input: sequences "
            "must have the length they were fitted with"
        )


class only_for_labels:  # noqa: N801, a decorator
    """A method that estimators with ``loss="softmax"`` have, and others have not."""

    def __init__(self, method: Callable[..., Any]):
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, estimator: Any, owner: Any = None) -> Any:
        if estimator is None:
            return self._method
        if not estimator.has_labels:
            raise NoSuchMethodError(f"loss: 'squared' has no {self._method.__name__}; fit with loss='softmax'")
        return self._method.__get__(estimator, owner)


class NoSuchMethodError(InvalidInputError, AttributeError):
    """A method that belongs to another loss."""


def require_finite(block: NDArray[Any], name: str) -> NDArray[np.float64]:
    """`block` as finite doubles."""
    with np.errstate(over="ignore"):
        array = np.asarray(block, np.float64)
    size = np.max(np.abs(array), initial=0.0)
    if not size < np.inf:
        what = "NaN" if np.isnan(array).any() else "infinity"
        raise InvalidInputError(f"{name}: Input contains {what}; every entry must be finite")
    if size > _LARGEST or 0.0 < size < 1.0 / _LARGEST:
        raise InvalidInputError(f"{name}: numbers of size {size:.0e}, whose squares leave the range of doubles; scale the data")
    return array


def as_target(y: ArrayLike, name: str = "y") -> NDArray[Any]:
    """Targets as an array that is not empty."""
    if y is None:
        raise InvalidInputError(f"{name}: requires y to be passed, but the target y is None")
    try:
        array = y if isinstance(y, np.ndarray) else np.asarray(y)
    except ValueError as error:
        raise InvalidInputError(f"{name}: targets of unlike shapes ({error})") from None
    if array.ndim == 0 or array.size == 0:
        raise InvalidInputError(f"{name}: shape {array.shape}; pass one target for each sequence, or for each step")
    return array
