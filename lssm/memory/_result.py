"""The result type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._results import Result
from .._validate import InvalidInputError, finite
from ..allpass._cascade import slowest_first
from ..poles import Poles
from ..reachability import ReachablePart
from ._finite import finite_length
from ._infinite import infinite_length


@dataclass(frozen=True, eq=False)
class MemoryFunction(Result):
    r"""Memory function of a system, with what lies beyond the delays asked for.

    Attributes
    ----------
    delays : int array, shape (T,)
        Delays τ in steps; 0 is the present input.
    values : float array, shape (..., T)
        M(τ).
    complement : float array, shape (..., T)
        ``1 - M(τ)``, accurate where M is near 1.
    error : float array, shape (..., T)
        Estimated absolute error of `values`: relative ``1e-15 max(τ, 1000)``, and for a dense system what the
        backward error of its poles can do (`ReachablePart.error`).
    remainder : float array, shape (...)
        ``Σ M(τ)`` over every τ beyond the largest delay (and below a finite horizon), without truncation.
    capacity : int array, shape (...)
        ``Σ_τ M(τ)`` over all delays: the number of poles.
    mean_delay : float array, shape (...)
        ``Σ τ M(τ) / Σ M(τ)`` in steps, over all delays.
    horizon : int or None
        Number of steps since the state was zero; None: an infinite past.
    poles : Poles
        The poles the answer belongs to.
    reached : ReachablePart
        How those poles were found, what was removed, and what error that leaves.

    Notes
    -----
    Saved with ``poles_log`` (log λ; NaN in the padding of ragged batches) in place of `poles`, and ``removed``, a number, in
    place of `reached`.

    Theorem: :doc:`/theorems/takenaka_malmquist` (``proofs/takenaka_malmquist.py``); derivation: :doc:`/derivations/allpass`.

    Examples
    --------
    >>> import lssm
    >>> m = lssm.memory_function(lssm.Poles.from_discrete([0.5]), 3)
    >>> m.values, m.mutual_information.round(4)
    (array([0.75    , 0.1875  , 0.046875]), array([0.6931, 0.1038, 0.024 ]))
    >>> print(m.capacity, m.remainder.round(4), m.mean_delay.round(4))
    1 0.0156 0.3333
    """

    delays: NDArray[np.int64]
    values: NDArray[np.float64]
    complement: NDArray[np.float64]
    error: NDArray[np.float64]
    remainder: NDArray[np.float64]
    capacity: NDArray[np.int64]
    mean_delay: NDArray[np.float64]
    horizon: int | None
    poles: Poles = field(repr=False)
    reached: ReachablePart = field(repr=False)

    @property
    def mutual_information(self) -> NDArray[np.float64]:
        """``-½ log(1-M(τ))`` in nats, shape (..., T): what the state knows of a real Gaussian input; inf where M = 1."""
        half = self.complement < 0.5
        with np.errstate(divide="ignore"):
            near_one = -0.5 * np.log(np.where(half, self.complement, 1.0))
        return np.where(half, near_one, -0.5 * np.log1p(-np.where(half, 0.0, self.values)))

    def length(self, fraction: float = 0.5) -> NDArray[np.int64]:
        """Smallest L with ``Σ_{τ<L} M(τ) ≥ fraction · capacity``, whatever delays were asked for.

        Parameters
        ----------
        fraction : float
            Between 0 and 1, exclusive.

        Returns
        -------
        int array, shape (...)
            L in steps.

        Raises
        ------
        UnsupportedError
            A length beyond 2⁶⁰ steps, which an integer array cannot hold.

        Examples
        --------
        >>> import lssm
        >>> int(lssm.memory_function(lssm.spectra.delay_line(order=10), 3).length(0.5))
        5
        """
        share = finite(fraction, "fraction", dtype=np.float64)
        if share.ndim or not 0 < share < 1:
            raise InvalidInputError(f"fraction: must be one number strictly between 0 and 1, got {fraction!r}")
        lengths = [self._length(row, float(share)) for row in self.poles.rows()]
        return np.array(lengths, np.int64).reshape(self.poles.batch)

    def _length(self, row: NDArray[np.complex128], share: float) -> int:
        if self.horizon is None:
            return infinite_length(slowest_first(row), share)
        return finite_length(row, self.horizon, share)

    def _content(self) -> dict[str, Any]:
        rest = {name: value for name, value in super()._content().items() if name not in ("poles", "reached")}
        log = np.where(self.poles.mask, self.poles.log, np.nan)
        return rest | {"poles_log": log, "removed": self.reached.removed}

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        name = f"memory function of {self.poles.batch or 'one'} system{'s' if self.poles.batch else ''}"
        past = "" if self.horizon is None else f", {self.horizon} steps after rest"
        removed = (
            f" ({self.reached.removed} dimension{'s' * (self.reached.removed > 1)} not reached)" if self.reached.removed else ""
        )
        return (
            f"{name}{past}: delays {self.delays.min()} … {self.delays.max()}, capacity {_span(self.capacity, 'd')}{removed}, "
            f"mean delay {_span(self.mean_delay)}, remainder beyond {_span(self.remainder)}"
        )


def _span(values: NDArray[Any], form: str = ".6g") -> str:
    low, high = values.min(), values.max()
    return f"{low:{form}}" if low == high else f"{low:{form}} … {high:{form}}"
