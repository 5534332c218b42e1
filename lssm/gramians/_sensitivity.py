"""What rounding a system does to the eigenvalues of its Gramian."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._validate import InvalidInputError, count
from ._coordinates import Coordinates, coordinates, factor_of, observability
from ._scale import scaled
from ._spectrum import Squares, squares
from ._system import System, is_continuous, of_kind, one_system


def gramian_sensitivity(system: Any, index: int) -> float:
    r"""How far an eigenvalue of the Gramian moves when A and B do: relative change for a relative change.

    Parameters
    ----------
    system : discrete or continuous system
        As in `gramian_eigenvalues`, not a batch.
    index : int
        Which eigenvalue, 0 the largest, -1 the smallest that is not zero.

    Returns
    -------
    float
        κ, with ``|δγ|/γ ≤ κ max(‖δA‖_F/‖A‖_F, ‖δB‖_F/‖B‖_F)`` to first order. For some change there is equality, as long as
        ``ε √(γ_1/γ)`` is well below κ (to a few percent); smaller eigenvalues get an upper bound, since rounding covers κ itself.

    Raises
    ------
    InvalidInputError
        An index out of range.

    Notes
    -----
    With u the eigenvector and ``Q = Σ_t A*^t u u* A^t``: ``κ = 2 (‖A‖_F ‖G A* Q‖_F + ‖B‖_F ‖B* Q‖_F)/γ``; in continuous time
    without the factor A* and with the integral. Computed in input-normal coordinates, where with ``S = U Σ V*`` and P the
    observability Gramian of ``(A_o, v*)`` it is ``2 (‖A‖_F ‖Σ V* A_o* P V Σ⁻¹‖_F + ‖B‖_F ‖B_o* P V Σ⁻¹‖_F)``, and from the
    definition; of each entry the smaller is taken, since rounding only adds.

    Explained in :doc:`/derivations/gramians`.

    Examples
    --------
    >>> import lssm
    >>> A = lssm.reservoirs.gaussian(order=50, radius=0.9, rng=0)
    >>> print(f"{lssm.gramian_sensitivity(A, 0):.1f}, {lssm.gramian_sensitivity(A, 49) > 1000}")
    14.1, True
    """
    one = one_system(system)
    found = coordinates(one)
    if not found.S.power.size:
        raise InvalidInputError("system: B is zero, and so is the Gramian")
    spectrum = squares(found.S.unit, found.S.power, vectors=True)
    r = spectrum.size.size
    place = count(index, "index", least=-r, most=r - 1) % r
    through_A, through_B = _by_definition(one, found, spectrum, place)
    if r == one.order:
        inner_A, inner_B = _inside(one, found, spectrum, place)
        through_A, through_B = np.fmin(np.abs(through_A), np.abs(inner_A)), np.fmin(np.abs(through_B), np.abs(inner_B))
    A, B = one.A.to_dense(), scaled(one.B, -_scale(found))
    return float(2.0 * (np.linalg.norm(A) * np.linalg.norm(through_A) + np.linalg.norm(B) * np.linalg.norm(through_B)))


def _scale(found: Coordinates) -> int:
    """A power of two that brings B, and the largest column of the factor, near one."""
    return int(found.S.power.max())


def _sigma(found: Coordinates, spectrum: Squares) -> NDArray[np.float64]:
    return scaled(np.sqrt(spectrum.size), spectrum.power - _scale(found))


def _by_definition(one: System, found: Coordinates, spectrum: Squares, place: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """``G A* Q/γ`` and ``B* Q/γ``; rows of the first in the eigenvectors of G."""
    U, sigma = _vectors(spectrum), _sigma(found, spectrum)
    seen = factor_of(of_kind(type(one)(one.A, one.B, U[:, place].conj()), "observability")).matrix
    back = seen if is_continuous(one) else one.A.to_dense().conj().T @ seen
    behind = seen.conj().T @ U if U.shape[0] == U.shape[1] else seen.conj().T
    with np.errstate(all="ignore"):
        weight = (sigma / sigma[place]) ** 2
        through_A = weight[:, None] * (U.conj().T @ back @ behind)
        through_B = scaled(one.B, -_scale(found)).conj().T @ seen @ behind / sigma[place] ** 2
    return through_A, through_B


def _inside(one: System, found: Coordinates, spectrum: Squares, place: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """``Σ V* A_o* P V Σ⁻¹`` and ``B_o* P V Σ⁻¹``: the same in the same basis, from input-normal coordinates."""
    V, sigma = spectrum.right, _sigma(found, spectrum)
    assert V is not None
    seen = observability(found, V[:, [place]].conj().T, is_continuous(one))
    back, behind = (seen if is_continuous(one) else found.A.conj().T @ seen), seen.conj().T @ V
    with np.errstate(all="ignore"):
        return sigma[:, None] / sigma * (V.conj().T @ back @ behind), found.B.conj().T @ seen @ behind / sigma


def _vectors(spectrum: Squares) -> NDArray[Any]:
    assert spectrum.vectors is not None
    return spectrum.vectors
