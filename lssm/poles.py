"""The poles of a linear system as a multiset of logarithms, and the scalar maps s → z.

Conventions used everywhere: a discrete pole is ``λ = exp(ℓ)`` with ``|λ| < 1`` when stable, a
continuous pole is ``a`` with ``Re a < 0``, the time step is Δ. Next to the unit circle, where memory is
long, everything that matters is a small difference, and the logarithm keeps it::

    1 - |λ|²     = -expm1(2 Re ℓ)
    1 - λ_i λ̄_j  = -expm1(ℓ_i + conj ℓ_j)
    λ_i - λ_j    = λ_j expm1(ℓ_i - ℓ_j)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._maps import MAPS as MAPS
from ._maps import bilinear_log as bilinear_log
from ._maps import exponential as exponential
from ._maps import gbt_log as gbt_log
from ._maps import log_of as log_of
from ._validate import InvalidInputError, UnstableError, choice, finite, nonempty, numbers, positive, positive_number, read_only

TOLERANCE = 4.0
"""Poles closer than this many ulps of log λ (modulo 2πi) are one pole of a diagonal system."""


def _wrapped(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """`angle` modulo 2π, in [-π, π]."""
    turns: NDArray[np.float64] = angle - 2 * np.pi * np.round(angle / (2 * np.pi))
    return turns


def _coincide(p: NDArray[Any], q: NDArray[Any], tolerance: float) -> NDArray[np.bool_]:
    """Whether log λ agree modulo 2πi, the decay to ulps of the decay, the angle to ulps of log λ; λ = 0 equals itself only."""
    zero_p, zero_q = np.isneginf(p.real), np.isneginf(q.real)
    p, q = np.where(zero_p, 0, p), np.where(zero_q, 0, q)
    decay = np.abs(p.real - q.real) <= tolerance * np.spacing(np.maximum(np.abs(p.real), np.abs(q.real)))
    turn = np.abs(_wrapped(p.imag - q.imag)) <= tolerance * np.spacing(np.maximum(np.abs(p), np.abs(q)))
    same: NDArray[np.bool_] = (zero_p & zero_q) | (~zero_p & ~zero_q & decay & turn)
    return same


def is_real(log: NDArray[Any], tolerance: float = TOLERANCE) -> NDArray[np.bool_]:
    """Whether a pole is its own conjugate."""
    return _coincide(log, log.conj(), tolerance)


def _repeats(log: NDArray[Any], valid: NDArray[np.bool_], tolerance: float) -> NDArray[np.bool_]:
    """Marks, in one row, each pole that equals an earlier one in the order of wrapped angles."""
    angle = np.where(np.isneginf(log.real), 0.0, np.abs(_wrapped(log.imag)))  # ±π is one angle
    order = np.lexsort((log.real, angle, ~valid))[: int(valid.sum())]
    row, angle = log[order], angle[order]
    reach = 4 * tolerance * np.spacing(np.maximum(np.abs(row.imag), 1e-300)) + 4 * tolerance * np.spacing(
        np.abs(np.where(np.isneginf(row.real), 0, row.real))
    )
    repeated = np.zeros(row.size, bool)
    for shift in range(1, row.size):
        near = angle[shift:] - angle[:-shift] <= reach[shift:] + reach[:-shift]
        if not near.any():
            break
        same = near & _coincide(row[shift:], row[:-shift], tolerance)
        repeated[shift:] |= same & ~repeated[:-shift]
    marks = np.zeros(log.size, bool)
    marks[order] = repeated
    return marks


def _compressed(log: NDArray[Any], keep: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Kept poles moved to the front of each row; the padding is 0 in log form and masked out."""
    order = np.argsort(~keep, axis=-1, kind="stable")
    width = int(keep.sum(-1).max(initial=1))
    mask = np.take_along_axis(keep, order, -1)[..., :width]
    return np.where(mask, np.take_along_axis(log, order, -1)[..., :width], 0), mask


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Poles:
    r"""A multiset of discrete poles, in log form, with leading batch dimensions.

    Build it with `from_log`, `from_discrete` or `from_continuous`, or take a family from
    `lssm.spectra`.

    Attributes
    ----------
    log : complex array, shape (..., N)
        ``ℓ = log λ``; ``-inf`` for λ = 0. Not reduced modulo 2πi. Poles beyond a row's own count are
        padding (see `mask`).
    mask : bool array, shape (..., N)
        True for poles, False for the padding of ragged batches.
    merged : int array, shape (...)
        How many coinciding poles were merged because the system was said to be diagonal.

    Notes
    -----
    In a *diagonal* system with one input, equal poles are not reachable and count once: pass
    ``diagonal=True``. In a reachable dense system they mean a Jordan block and count with multiplicity:
    leave it out. Half sets, as S4D stores them, are completed with ``half=True``.

    Theorem: :doc:`/theorems/discretization` (``proofs/discretization.py``); derivation: :doc:`/derivations/discretization`.

    Examples
    --------
    >>> import lssm
    >>> poles = lssm.Poles.from_continuous([-0.5, -0.5 + 3j], step=0.1, half=True, diagonal=True)
    >>> poles
    Poles(3 poles, conjugate-closed, |λ| = 0.951229)
    >>> poles.order
    3
    """

    log: NDArray[np.complex128]
    mask: NDArray[np.bool_]
    merged: NDArray[np.int64]

    def __init__(self, *_: Any, **__: Any):
        raise InvalidInputError(
            "Poles: built by Poles.from_discrete(λ), Poles.from_continuous(a, step) or Poles.from_log(log λ), not directly"
        )

    @classmethod
    def from_log(
        cls,
        log: ArrayLike,
        *,
        half: bool = False,
        diagonal: bool = False,
        real: bool = False,
        tolerance: float = TOLERANCE,
    ) -> Poles:
        """Poles from ``log λ``, shape (..., N); the only constructor that loses nothing.

        Parameters
        ----------
        log : array_like, shape (..., N)
            Logarithms of the poles, ``-inf`` for λ = 0.
        half : bool
            The set holds one of each conjugate pair: add the others.
        diagonal : bool
            The system is diagonal with one input: merge coinciding poles.
        real : bool
            Claim that the set is closed under conjugation; checked.
        tolerance : float
            Ulps of ``log λ`` (modulo 2πi) within which two poles are one.

        Returns
        -------
        Poles

        Raises
        ------
        InvalidInputError
            NaN, empty, non-numeric, not closed although claimed.

        Examples
        --------
        >>> import lssm
        >>> poles = lssm.Poles.from_log([-1e-20, -1e-20 + 1j], half=True)
        >>> poles.order, poles.damping  # 1 - |λ|², although λ = 1 in double precision
        (3, array([2.e-20, 2.e-20, 2.e-20]))
        """
        array = nonempty(numbers(log, "log"), "log")
        if np.isinf(array.imag).any() or np.isposinf(array.real).any():
            raise InvalidInputError("log: infinite; only -inf (λ = 0) is allowed, as the real part")
        positive_number(tolerance, "tolerance")
        array = np.where(np.isneginf(array.real), -np.inf + 0j, array)
        keep = np.ones(array.shape, bool)
        if half:
            keep = np.concatenate([keep, ~is_real(array, tolerance)], -1)
            array = np.concatenate([array, _conjugate(array)], -1)
        merged = np.zeros(array.shape[:-1], np.int64)
        if diagonal:
            rows = [_repeats(r, k, tolerance) for r, k in zip(_rows(array), _rows(keep), strict=True)]
            repeated = np.array(rows).reshape(array.shape)
            merged = repeated.sum(-1).astype(np.int64)
            keep = keep & ~repeated
        poles = cls._locked(*_compressed(array, keep), merged)
        if real and not poles.is_conjugate_closed(tolerance).all():
            raise InvalidInputError(
                "real: the poles are not closed under conjugation; pass half=True for a half set, or real=False"
            )
        return poles

    @classmethod
    def from_discrete(cls, values: ArrayLike, **options: Any) -> Poles:
        """Poles from λ itself.

        Parameters
        ----------
        values : array_like, shape (..., N)
            Poles λ.
        **options
            As in `from_log`.

        Returns
        -------
        Poles

        Raises
        ------
        InvalidInputError
            NaN, infinity, empty, non-numeric, not closed although claimed.

        Notes
        -----
        ``1-|λ|²`` is right to the last bits for the doubles given. If the logarithm is known, `from_log` keeps more.

        Examples
        --------
        >>> import lssm
        >>> lssm.Poles.from_discrete([0.9, 0.5 + 0.5j], half=True)
        Poles(3 poles, conjugate-closed, |λ| = 0.707107 … 0.9)
        """
        return cls.from_log(log_of(nonempty(finite(values, "values"), "values")), **options)

    @classmethod
    def from_continuous(cls, a: ArrayLike, step: ArrayLike, method: str = "zoh", **options: Any) -> Poles:
        """Poles of the discretized system from continuous poles.

        Parameters
        ----------
        a : array_like, shape (..., N)
            Continuous poles, in 1/time.
        step : array_like, shape () or (...)
            Time step Δ > 0 in units of time, one for all or one a batch entry.
        method : {"zoh", "bilinear", "euler", "backward_euler", "impulse", "hold_euler", "foh"}
            ``λ = exp(aΔ)`` for all holds, ``(1+aΔ/2)/(1-aΔ/2)``, ``1+aΔ`` or ``1/(1-aΔ)``; see `discretize`.
        **options
            As in `from_log`.

        Returns
        -------
        Poles

        Raises
        ------
        InvalidInputError
            As in `from_log`; an unknown method, steps that are not positive or do not fit, ``aΔ`` beyond the range of doubles.

        Examples
        --------
        >>> import lssm
        >>> lssm.Poles.from_continuous([-1.0, -2.0], step=0.1, method="bilinear").values.real.round(6)
        array([0.904762, 0.818182])
        >>> lssm.Poles.from_continuous([-1.0, -2.0], step=[0.1, 0.2, 0.3])  # one set a step
        Poles(batch (3,), 2 poles, conjugate-closed, |λ| = 0.548812 … 0.904837)
        """
        poles = nonempty(finite(a, "a"), "a")
        steps = positive(step, "step")[..., None]
        _require_fitting(poles.shape, steps.shape)
        with np.errstate(over="ignore", invalid="ignore"):
            log = MAPS[choice(method, "method", MAPS)](poles, steps)
        if np.isnan(log).any() or np.isinf(log.imag).any() or np.isposinf(log.real).any():
            raise InvalidInputError("step: a · step leaves the range of double precision; pass a smaller step")
        return cls.from_log(log, **options)

    @classmethod
    def from_rows(cls, rows: list[NDArray[np.complex128]]) -> Poles:
        """A batch of pole sets of different sizes.

        Parameters
        ----------
        rows : list of complex array
            ``log λ`` of each set, shape (N_i,); -inf for λ = 0. Taken as they are, nothing is merged or checked.

        Returns
        -------
        Poles
            Batch of shape (len(rows),), padded to the largest N_i.

        Examples
        --------
        >>> import lssm
        >>> lssm.Poles.from_rows([np.log([0.5 + 0j]), np.log([0.5 + 0j, 0.9])]).order
        array([1, 2])
        """
        log = np.zeros((len(rows), max(row.size for row in rows)), np.complex128)
        mask = np.zeros(log.shape, bool)
        for line, keep, row in zip(log, mask, rows, strict=True):
            line[: row.size], keep[: row.size] = row, True
        return cls._locked(log, mask, np.zeros(len(rows), np.int64))

    @classmethod
    def _locked(cls, log: NDArray[Any], mask: NDArray[np.bool_], merged: NDArray[np.int64]) -> Poles:
        poles = cls.__new__(cls)
        poles.__setstate__({"log": log, "mask": mask, "merged": np.asarray(merged)})
        return poles

    @property
    def values(self) -> NDArray[np.complex128]:
        """Poles λ, shape (..., N); NaN in the padding."""
        zero = np.isneginf(self.log.real)
        values = np.where(zero, 0, np.exp(np.where(zero, 0, self.log)))
        values = np.where(is_real(self.log, TOLERANCE), values.real, values)  # the double π leaves a trace of Im λ
        return np.where(self.mask, values, np.nan)

    @property
    def damping(self) -> NDArray[np.float64]:
        """``1-|λ|²``, shape (..., N), without cancellation; NaN in the padding."""
        return np.where(self.mask, -np.expm1(2.0 * self.log.real), np.nan)

    @property
    def order(self) -> Any:
        """Number of poles: an int, or an array of shape (...) for a batch."""
        number = self.mask.sum(-1)
        return int(number) if number.ndim == 0 else number

    @property
    def batch(self) -> tuple[int, ...]:
        """Leading dimensions."""
        return self.log.shape[:-1]

    @property
    def is_stable(self) -> bool:
        """Whether every pole lies inside the unit circle."""
        return bool((self.log.real[self.mask] < 0).all())

    def is_conjugate_closed(self, tolerance: float = TOLERANCE) -> NDArray[np.bool_]:
        """Whether each set is closed under conjugation.

        Parameters
        ----------
        tolerance : float
            Ulps of ``log λ`` (modulo 2πi) to which a partner must agree.

        Returns
        -------
        bool array, shape (...)

        Examples
        --------
        >>> import lssm
        >>> lssm.Poles.from_discrete([[0.5j, -0.5j], [0.5j, 0.5]]).is_conjugate_closed()
        array([ True, False])
        """
        rows = [_closed(row, tolerance) for row in self.rows()]
        return np.array(rows, bool).reshape(self.batch)

    def rows(self) -> list[NDArray[np.complex128]]:
        """``log λ`` of every batch entry in C order, without padding.

        Returns
        -------
        list of complex array
            One a batch entry, shape (N_i,) with N_i as in `order`.

        Examples
        --------
        >>> import lssm
        >>> merged = lssm.Poles.from_discrete([[0.5, 0.5], [0.5, 0.25]], diagonal=True)
        >>> [row.real.round(4) for row in merged.rows()]
        [array([-0.6931]), array([-0.6931, -1.3863])]
        """
        return [row[keep] for row, keep in zip(_rows(self.log), _rows(self.mask), strict=True)]

    def require_stable(self) -> Poles:
        """Self, or an `UnstableError` that says how large the largest ``|λ|`` is.

        Returns
        -------
        Poles

        Raises
        ------
        UnstableError
            A pole on or outside the unit circle.

        Examples
        --------
        >>> import lssm
        >>> lssm.Poles.from_discrete([0.5, 1.5]).require_stable()
        Traceback (most recent call last):
        lssm._validate.UnstableError: poles: unstable, largest |λ| is 1 + 0.5; this analysis needs every |λ| < 1
        """
        if self.is_stable:
            return self
        worst = np.where(self.mask, self.log.real, -np.inf).max()
        raise UnstableError(f"poles: unstable, largest |λ| {_modulus(worst)}; this analysis needs every |λ| < 1")

    def require_single(self) -> Poles:
        """Self, or an `InvalidInputError` that says how to take one set out of a batch.

        Returns
        -------
        Poles

        Raises
        ------
        InvalidInputError
            A batch, be it of one set.

        Examples
        --------
        >>> import lssm
        >>> lssm.Poles.from_discrete([[0.5], [0.2]]).require_single()
        Traceback (most recent call last):
        lssm._validate.InvalidInputError: poles: a batch (2,); index one set, for example poles[0]
        """
        if self.batch:
            raise InvalidInputError(f"poles: a batch {self.batch}; index one set, for example poles[0]")
        return self

    def __getitem__(self, index: Any) -> Poles:
        """One batch entry, or a slice of the batch."""
        if not self.batch:
            raise InvalidInputError("poles: not a batch, so it cannot be indexed; use .log or .values")
        try:
            chosen = np.empty(self.batch)[index]
        except IndexError as error:
            raise InvalidInputError(f"index: {error}; the batch has shape {self.batch}") from None
        if not chosen.size:
            raise InvalidInputError(f"index: selects nothing of a batch of shape {self.batch}")
        log, mask = _compressed(self.log[index], self.mask[index])
        return self._locked(log, mask, self.merged[index].copy())

    def __eq__(self, other: object) -> bool:
        """Same batch of the same poles in the same order, bit for bit."""
        if not isinstance(other, Poles):
            return NotImplemented
        return np.array_equal(self.log, other.log) and np.array_equal(self.mask, other.mask)

    def __hash__(self) -> int:
        return hash((self.log.shape, self.log.tobytes(), self.mask.tobytes()))

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, array in state.items():
            object.__setattr__(self, name, read_only(array))

    def __repr__(self) -> str:
        number = np.unique(self.order)
        parts = [f"{number[0]}–{number[-1]} poles" if number.size > 1 else f"{number[0]} pole{'s' * bool(number[0] != 1)}"]
        if self.batch:
            parts.insert(0, f"batch {self.batch}")
        if self.is_conjugate_closed().all():
            parts.append("conjugate-closed")
        moduli = np.unique([f"{m:.6g}" for m in np.exp(self.log.real[self.mask][[*self._extremes()]])])
        parts.append("|λ| = " + " … ".join(moduli))
        if self.merged.any():
            parts.append(f"{self.merged.sum()} merged")
        return f"Poles({', '.join(parts)})"

    def _extremes(self) -> tuple[int, int]:
        modulus = self.log.real[self.mask]
        return int(modulus.argmin()), int(modulus.argmax())


def require_poles(poles: Any) -> Poles:
    """`poles`, which must be a pole set.

    Raises
    ------
    InvalidInputError
        Anything else; the message says how to make one.
    """
    if isinstance(poles, Poles):
        return poles
    raise InvalidInputError(f"poles: a {type(poles).__name__} is no pole set; pass lssm.Poles.from_discrete(λ)")


def _modulus(log: float) -> str:
    return f"is 1 + {np.expm1(log):.3g}" if log > 0 else "is exactly 1"


def _require_fitting(poles: tuple[int, ...], steps: tuple[int, ...]) -> None:
    try:
        np.broadcast_shapes(poles, steps)
    except ValueError:
        raise InvalidInputError(
            f"step: shape {steps[:-1]} does not fit poles of shape {poles}; pass one step, or one a batch entry {poles[:-1]}"
        ) from None


def _rows(array: NDArray[Any]) -> NDArray[Any]:
    return array.reshape(-1, array.shape[-1])


def _conjugate(log: NDArray[Any]) -> NDArray[Any]:
    return np.where(np.isneginf(log.real), log, log.conj())


def _closed(log: NDArray[Any], tolerance: float) -> bool:
    """Whether the non-real poles pair off with their conjugates."""
    rest = log[~is_real(log, tolerance)]
    upper = _wrapped(rest.imag) > 0
    partners = rest[~upper].conj()
    if 2 * partners.size != rest.size:
        return False
    free = np.ones(partners.size, bool)
    for pole in rest[upper]:
        match = np.flatnonzero(free & _coincide(partners, pole, tolerance))
        if not match.size:
            return False
        free[match[0]] = False
    return True
