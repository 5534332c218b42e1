r"""Two pole sets side by side: pseudo-hyperbolic distances, the best pairing, and what it bounds.

.. math:: |\arcsin\sqrt{M(\tau)} - \arcsin\sqrt{M'(\tau)}| \le \sum_k \operatorname{artanh}
          \left|\frac{\lambda_k-\lambda'_k}{1-\bar\lambda_k\lambda'_k}\right|

for every delay and every pairing: how far rounding, training, or another model with nearby poles can move a memory function, said
in advance. Proof: ``proofs/lipschitz.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from .._kernels.pairs import pseudo_hyperbolic
from .._results import Result
from .._validate import InvalidInputError, argument
from ..poles import Poles, require_poles


@dataclass(frozen=True, eq=False)
class Matching(Result):
    """The pairing of two pole sets with the smallest total hyperbolic distance.

    Attributes
    ----------
    first, second : int array, shape (N,)
        Indices of the paired poles.
    distances : float array, shape (N,)
        Pseudo-hyperbolic distances ``|λ-λ'|/|1-λ̄λ'|`` of the pairs, in [0, 1).
    total : float
        ``Σ artanh`` of them: bounds ``|arcsin √M - arcsin √M'|`` at every delay.

    Notes
    -----
    Theorem: :doc:`/theorems/lipschitz` (``proofs/lipschitz.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> one, two = lssm.Poles.from_discrete([0.5, 0.9]), lssm.Poles.from_discrete([0.9, 0.6])
    >>> found = lssm.equivalence.match_poles(one, two)
    >>> found.first, found.second, found.distances.round(3)
    (array([0, 1]), array([1, 0]), array([0.143, 0.   ]))
    >>> gap = lssm.memory_function(one, 50).values - lssm.memory_function(two, 50).values
    >>> bool(abs(gap).max() < found.memory_bound)
    True
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distances: NDArray[np.float64]
    total: float

    @property
    def memory_bound(self) -> float:
        """Bound of ``|M(τ) - M'(τ)|`` for every delay: sin of the total, at most 1."""
        return float(np.sin(min(self.total, 0.5 * np.pi)))

    def __str__(self) -> str:
        return (
            f"{self.distances.size} pairs of poles, largest distance {self.distances.max():.2e}, "
            f"|M - M'| ≤ {self.memory_bound:.2e} at every delay"
        )


def match_poles(first: Poles, second: Poles) -> Matching:
    r"""Best pairing of two pole sets, and the bound it gives for their memories.

    Parameters
    ----------
    first, second : Poles
        Stable, of equal order, not batches.

    Returns
    -------
    Matching

    Raises
    ------
    UnstableError
        A pole on or outside the unit circle.
    InvalidInputError
        Batches, or sets of different order.

    Notes
    -----
    Optimal assignment for the cost ``artanh |λ-λ'|/|1-λ̄λ'|``, the hyperbolic distance of the disk; distances from logarithms, so
    that poles next to the circle lose nothing. ``|M-M'| = |sin(α+β) sin(α-β)| ≤ sin |α-β|`` with ``M = sin²α``.

    Theorem: :doc:`/theorems/lipschitz` (``proofs/lipschitz.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> exact = lssm.spectra.s4d_lin(order=64, step=1e-3)
    >>> single = lssm.Poles.from_log(exact.log.astype(np.complex64))
    >>> print(lssm.equivalence.match_poles(exact, single))
    63 pairs of poles, largest distance 3.25e-06, |M - M'| ≤ 7.31e-05 at every delay
    """
    rows = []
    for name, poles in (("first", first), ("second", second)):
        with argument(name):
            rows.append(require_poles(poles).require_single().require_stable().rows()[0])
    one, two = rows
    if one.size != two.size:
        raise InvalidInputError(f"second: {two.size} poles against {one.size}; memories of different capacity are different")
    distance = np.empty((one.size, two.size))
    pseudo_hyperbolic(one, two, distance)
    places, columns = scipy.optimize.linear_sum_assignment(np.arctanh(np.minimum(distance, 1 - 1e-16)))
    found = distance[places, columns]
    return Matching(places, columns, found, float(np.arctanh(np.minimum(found, 1 - 1e-16)).sum()))
