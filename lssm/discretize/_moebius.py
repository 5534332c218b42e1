"""Möbius maps: the group behind the bilinear, Euler and GBT rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import InvalidInputError, finite, is_singular, number_inside, positive_number
from ..systems import DPLR, Dense, Diagonal, Operator


@dataclass(frozen=True)
class Moebius:
    """The map ``s ↦ (p s + q)/(r s + t)`` of numbers, arrays and operators.

    Maps compose with ``@`` (the right one acts first) and invert. The discretization rules without a hold are such maps; on an
    operator the map is ``(p A + q I)(r A + t I)⁻¹``, and keeps its structure.

    Parameters
    ----------
    p, q, r, t : complex
        Coefficients, ``p t - q r ≠ 0``; with s in 1/time p and r are in units of time, q and t dimensionless.

    Notes
    -----
    Theorem: :doc:`/theorems/discretization` (``proofs/discretization.py``); derivation: :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> bilinear = lssm.Moebius.bilinear(0.1)
    >>> bilinear(-2.0).real.round(6)
    np.float64(0.818182)
    >>> (bilinear.inverse @ bilinear)(-2.0).real
    np.float64(-2.0)
    """

    p: complex
    q: complex
    r: complex
    t: complex

    def __post_init__(self) -> None:
        numbers = [_number(getattr(self, name), name) for name in "pqrt"]
        largest = max(map(abs, numbers)) or 1.0
        numbers = [number / largest for number in numbers] if not 1e-100 < largest < 1e100 else numbers
        size = abs(numbers[0] * numbers[3]) + abs(numbers[1] * numbers[2])
        if abs(numbers[0] * numbers[3] - numbers[1] * numbers[2]) <= 4 * np.finfo(float).eps * size:
            raise InvalidInputError("p, q, r, t: p t = q r, a constant and no map; choose coefficients with p t - q r ≠ 0")
        for name, number in zip("pqrt", numbers, strict=True):
            object.__setattr__(self, name, number)

    @classmethod
    def gbt(cls, step: float, alpha: float) -> Moebius:
        """Generalised bilinear transform ``(1 + (1-α)Δs)/(1 - αΔs)``; it keeps stability where α ≥ ½.

        Parameters
        ----------
        step : float
            Time step Δ > 0 in units of time.
        alpha : float
            α between 0 and 1.

        Returns
        -------
        Moebius

        Examples
        --------
        >>> import lssm
        >>> lssm.Moebius.gbt(0.1, 1.0)(-2.0).real.round(6)
        np.float64(0.833333)
        """
        delta, share = positive_number(step, "step"), number_inside(alpha, "alpha", 0.0, 1.0)
        return cls((1 - share) * delta, 1.0, -share * delta, 1.0)

    @classmethod
    def bilinear(cls, step: float) -> Moebius:
        """Bilinear rule (Tustin, Cayley, trapezoid) ``(1 + Δs/2)/(1 - Δs/2)``: GBT with α = ½.

        Parameters
        ----------
        step : float
            Time step Δ > 0 in units of time.

        Returns
        -------
        Moebius

        Examples
        --------
        >>> import lssm
        >>> abs(lssm.Moebius.bilinear(0.1)([1j, 10j, -2.0])).round(6)  # the imaginary axis becomes the circle
        array([1.      , 1.      , 0.818182])
        """
        return cls.gbt(step, 0.5)

    @classmethod
    def euler(cls, step: float) -> Moebius:
        """Forward Euler rule ``1 + Δs``: GBT with α = 0.

        Parameters
        ----------
        step : float
            Time step Δ > 0 in units of time.

        Returns
        -------
        Moebius

        Examples
        --------
        >>> import lssm
        >>> lssm.Moebius.euler(0.1)([-2.0, -30.0]).real.round(6)  # the second is no longer stable
        array([ 0.8, -2. ])
        """
        return cls.gbt(step, 0.0)

    @classmethod
    def backward_euler(cls, step: float) -> Moebius:
        """Backward Euler rule ``1/(1 - Δs)``: GBT with α = 1.

        Parameters
        ----------
        step : float
            Time step Δ > 0 in units of time.

        Returns
        -------
        Moebius

        Examples
        --------
        >>> import lssm
        >>> lssm.Moebius.backward_euler(0.1)([-2.0, -30.0]).real.round(6)
        array([0.833333, 0.25    ])
        """
        return cls.gbt(step, 1.0)

    @property
    def inverse(self) -> Moebius:
        """The inverse map."""
        return Moebius(self.t, -self.q, -self.r, self.p)

    def __matmul__(self, other: Moebius) -> Moebius:
        """The map ``s ↦ self(other(s))``."""
        if not isinstance(other, Moebius):
            return NotImplemented
        product = self._matrix @ other._matrix
        return Moebius(*(complex(x) for x in (product / np.abs(product).max()).ravel()))

    @property
    def _matrix(self) -> NDArray[np.complex128]:
        return np.array([[self.p, self.q], [self.r, self.t]])

    def __call__(self, s: Any) -> Any:
        """Image of a number, an array (element by element) or an operator.

        Raises
        ------
        InvalidInputError
            A pole of the map: ``r s + t`` is zero or singular.
        """
        if isinstance(s, (Dense, Diagonal, DPLR)):
            return self._of_operator(s)
        values = finite(s, "s")
        below = self.r * values + self.t
        if not below.all():
            raise InvalidInputError("s: contains the pole of the map, where r s + t = 0")
        return (self.p * values + self.q) / below

    def _of_operator(self, A: Operator) -> Operator:
        if isinstance(A, Diagonal):
            return Diagonal(self(A.values))
        if isinstance(A, Dense):
            identity = np.eye(A.order)
            return Dense(solved(self.r * A.matrix + self.t * identity, self.p * A.matrix + self.q * identity))
        determinant = self.p * self.t - self.q * self.r
        below = self.r * A.values + self.t
        if np.abs(below).min() <= 1e-8 * (abs(self.t) + np.abs(self.r * A.values).max()):
            return self._of_operator(Dense(A.to_dense()))  # the diagonal part alone is at the pole of the map
        left, right = A.P / below[..., None], A.Q / below.conj()[..., None]
        core = np.eye(A.rank) + self.r * A.Q.conj().swapaxes(-1, -2) @ left
        return DPLR((self.p * A.values + self.q) / below, determinant * _right_solved(left, core), right)


def _number(value: Any, name: str) -> complex:
    array = finite(value, name)
    if array.ndim:
        raise InvalidInputError(f"{name}: must be one number, got shape {array.shape}")
    return complex(array)


def solved(matrix: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """``matrix⁻¹ right``, or an error that says the rule has a pole there."""
    if is_singular(matrix):
        raise InvalidInputError(
            "step: the rule has a pole at an eigenvalue of A (I - αΔA is singular); choose another step, or method='zoh'"
        )
    solution: NDArray[Any] = np.linalg.solve(matrix, right)
    return solution


def _right_solved(left: NDArray[Any], core: NDArray[Any]) -> NDArray[Any]:
    """``left core⁻¹``."""
    return solved(core.swapaxes(-1, -2), left.swapaxes(-1, -2)).swapaxes(-1, -2)
