"""State operators: dense, diagonal, diagonal plus low rank.

All are frozen, hold read-only complex arrays, compare by content and pickle.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._validate import InvalidInputError, finite, nonempty, numbers, read_only
from .poles import log_of


class Frozen:
    """Comparison, hashing and pickling of frozen dataclasses that hold arrays."""

    def _content(self) -> tuple[Any, ...]:
        return tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(_same(p, q) for p, q in zip(self._content(), other._content(), strict=True))

    def __hash__(self) -> int:
        return hash(tuple(v.tobytes() if isinstance(v, np.ndarray) else v for v in self._content()))

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, read_only(value) if isinstance(value, np.ndarray) else value)


def _same(p: Any, q: Any) -> bool:
    if isinstance(p, np.ndarray) and isinstance(q, np.ndarray):
        return np.array_equal(p, q)
    return bool(p == q)


@dataclass(frozen=True, eq=False, repr=False)
class Dense(Frozen):
    """A square matrix.

    Parameters
    ----------
    matrix : array_like, shape (..., N, N)
        Its entries; in continuous time in 1/time.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> operator = lssm.Dense([[0.5, 0.1], [0.0, 0.4]])
    >>> operator
    Dense(2 × 2)
    >>> operator.to_dense().real
    array([[0.5, 0.1],
           [0. , 0.4]])
    """

    matrix: NDArray[np.complex128]

    def __init__(self, matrix: ArrayLike):
        array = finite(matrix, "matrix")
        if array.ndim < 2 or array.shape[-1] != array.shape[-2] or array.shape[-1] == 0:
            raise InvalidInputError(f"matrix: shape {array.shape} is not square; pass shape (..., N, N)")
        object.__setattr__(self, "matrix", read_only(array))

    @property
    def order(self) -> int:
        """State dimension N."""
        return self.matrix.shape[-1]

    def to_dense(self) -> NDArray[np.complex128]:
        """The matrix itself.

        Returns
        -------
        complex array, shape (..., N, N)
            Read-only.
        """
        return self.matrix

    def __repr__(self) -> str:
        return f"Dense({self.order} × {self.order}{batch_text(self.matrix.shape[:-2])})"


@dataclass(frozen=True, eq=False, repr=False)
class Diagonal(Frozen):
    """A diagonal matrix; in a discrete system it also carries ``log λ``.

    Parameters
    ----------
    values : array_like, shape (..., N)
        Diagonal entries: λ, or a in 1/time.

    Attributes
    ----------
    log : complex array, shape (..., N)
        Their logarithms, decay and radians a step; -inf for 0.

    Notes
    -----
    Explained in :doc:`/conventions`.

    Examples
    --------
    >>> import lssm
    >>> lssm.Diagonal.from_log([-1e-12, -0.5]).values
    array([1.        +0.j, 0.60653066+0.j])
    >>> lssm.Diagonal([0.5, 0.25]).to_dense().real
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """

    values: NDArray[np.complex128]
    log: NDArray[np.complex128]

    def __init__(self, values: ArrayLike):
        array = nonempty(finite(values, "values"), "values")
        object.__setattr__(self, "values", read_only(array))
        object.__setattr__(self, "log", read_only(log_of(array)))

    @classmethod
    def from_log(cls, log: ArrayLike) -> Diagonal:
        """Diagonal with entries ``exp(log)``, the logarithm kept as given.

        Parameters
        ----------
        log : array_like, shape (..., N)
            Logarithms ℓ = log λ, -inf for 0; the imaginary part, in radians a step, may have any size.

        Returns
        -------
        Diagonal

        Raises
        ------
        InvalidInputError
            A real part of more than 709, whose exponential leaves the range of doubles.
        """
        logs = nonempty(numbers(log, "log"), "log")
        zero = np.isneginf(logs.real)
        with np.errstate(over="ignore"):
            values = np.where(zero, 0, np.exp(np.where(zero, 0, logs)))
        if not np.isfinite(values).all():
            raise InvalidInputError("log: exp(log) leaves the range of doubles; every real part must be below 709")
        new = cls(values)
        object.__setattr__(new, "log", read_only(logs))
        return new

    @property
    def order(self) -> int:
        """State dimension N."""
        return self.values.shape[-1]

    def to_dense(self) -> NDArray[np.complex128]:
        """The matrix, zeros included.

        Returns
        -------
        complex array, shape (..., N, N)
        """
        return self.values[..., None] * np.eye(self.order)

    def __repr__(self) -> str:
        return f"Diagonal({self.order} × {self.order}{batch_text(self.values.shape[:-1])})"


@dataclass(frozen=True, eq=False, repr=False)
class DPLR(Frozen):
    """Diagonal plus low rank, ``diag(values) + P Qᴴ``.

    Parameters
    ----------
    values : array_like, shape (..., N)
        Diagonal entries.
    P, Q : array_like, shape (N,) or (..., N, r)
        Factors of the correction, of the same rank r; a vector is one column.

    Notes
    -----
    Theorem: :doc:`/theorems/hippo_structure` (``proofs/hippo_structure.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> lssm.DPLR([-1.0, -2.0], P=[1.0, 1.0], Q=[-1.0, -1.0]).to_dense().real
    array([[-2., -1.],
           [-1., -3.]])
    """

    values: NDArray[np.complex128]
    P: NDArray[np.complex128]
    Q: NDArray[np.complex128]

    def __init__(self, values: ArrayLike, P: ArrayLike, Q: ArrayLike):
        diagonal = nonempty(finite(values, "values"), "values")
        N = diagonal.shape[-1]
        object.__setattr__(self, "values", read_only(diagonal))
        object.__setattr__(self, "P", read_only(columns(P, "P", N)))
        object.__setattr__(self, "Q", read_only(columns(Q, "Q", N)))
        if self.P.shape[-1] != self.Q.shape[-1]:
            raise InvalidInputError(f"Q: rank {self.Q.shape[-1]} differs from that of P, {self.P.shape[-1]}")

    @property
    def order(self) -> int:
        """State dimension N."""
        return self.values.shape[-1]

    @property
    def rank(self) -> int:
        """Rank r of the correction."""
        return self.P.shape[-1]

    def to_dense(self) -> NDArray[np.complex128]:
        """The matrix ``diag(values) + P Qᴴ``.

        Returns
        -------
        complex array, shape (..., N, N)
        """
        dense: NDArray[np.complex128] = self.values[..., None] * np.eye(self.order) + self.P @ conjugate_transpose(self.Q)
        return dense

    def __repr__(self) -> str:
        return f"DPLR({self.order} × {self.order}, rank {self.rank}{batch_text(self.values.shape[:-1])})"


Operator: TypeAlias = Dense | Diagonal | DPLR


def conjugate_transpose(matrix: NDArray[Any]) -> NDArray[Any]:
    """Adjoint over the last two axes."""
    return matrix.conj().swapaxes(-1, -2)


def batch_text(shape: tuple[int, ...]) -> str:
    """What a repr says of a batch."""
    return f", batch {shape}" if shape else ""


def columns(value: ArrayLike, name: str, N: int) -> NDArray[np.complex128]:
    """`value` as columns, shape (..., N, m); a vector of length N is one column."""
    array = finite(value, name)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim < 2 or array.shape[-2] != N or array.shape[-1] == 0:
        raise InvalidInputError(f"{name}: shape {np.shape(value)} does not fit {N} states; pass ({N},) or (..., {N}, m)")
    return array
