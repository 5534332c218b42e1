"""Between dense, diagonal and diagonal-plus-low-rank forms, with what the change of coordinates costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from .._results import Result
from .._validate import InvalidInputError, UnsupportedError, choice, positive_number
from ..gramians import Balanced, balanced
from ..systems import DPLR, ContinuousSSM, Dense, Diagonal, DiscreteSSM, as_system, single_system
from ._extended import ExtendedDiagonal, extended_diagonal

System = DiscreteSSM | ContinuousSSM
LIMIT = 1e9
"""Condition of the eigenvectors beyond which `to_diagonal` refuses: seven digits would be left."""


@dataclass(frozen=True, eq=False)
class Transform(Result):
    """A change of coordinates ``x = V x'`` and how well it was done.

    Attributes
    ----------
    V : complex or float array, shape (N, N)
        Columns of size one; real where the transform is.
    condition : float
        ``‖V‖ ‖V⁻¹‖``: digits lost are its logarithm.
    residual : float
        Measured ``‖A V - V A'‖ / ‖A‖`` (Frobenius).
    unitary : bool
        Whether the change is one of orthonormal coordinates, so that nothing is lost.

    Notes
    -----
    Explained in :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> A = np.array([[0.5, 1.0], [0.0, 0.25]])
    >>> diagonal, found = lssm.equivalence.to_diagonal((A, [1.0, 1.0]))
    >>> bool(np.allclose(A @ found.V, found.V * diagonal.A.values)), found.unitary
    (True, False)
    """

    V: NDArray[np.complex128]
    condition: float
    residual: float
    unitary: bool

    def __str__(self) -> str:
        kind = "unitary" if self.unitary else f"condition {self.condition:.1e}"
        return f"change of coordinates, {kind}, residual {self.residual:.1e} of ‖A‖"


def to_diagonal(system: Any, *, precision: str = "double", limit: float = LIMIT) -> tuple[Any, Transform | ExtendedDiagonal]:
    r"""The same system in the eigenvectors of its state matrix.

    Parameters
    ----------
    system : discrete or continuous system
        Not a batch.
    precision : {"double", "extended"}
        "extended" carries the transform in ball arithmetic (needs python-flint), whatever its condition.
    limit : float
        Condition of the eigenvectors above which double precision is refused.

    Returns
    -------
    diagonal : DiscreteSSM or ContinuousSSM
        With a `Diagonal` operator. For "extended" the roundings to doubles, which need not have the same response.
    report : Transform or ExtendedDiagonal
        How well conditioned it was; for "extended" poles, inputs and outputs with their enclosures.

    Raises
    ------
    UnsupportedError
        A defective matrix, or eigenvectors of a condition above `limit`; the message gives it and what to do. A batch.

    Notes
    -----
    ``Λ = V⁻¹AV, B' = V⁻¹B, C' = CV``. Both discretization rules and hold commute with it. For HiPPO-LegS the condition grows like
    ``2^{2.4 N}`` and double precision ends near N = 12; memory needs no such transform, see `certify`.

    Theorems: :doc:`/theorems/hippo_structure` (``proofs/hippo_structure.py``), :doc:`/theorems/poles_only`
    (``proofs/poles_only.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> diagonal, report = lssm.equivalence.to_diagonal(([[0.5, 1.0], [0.0, 0.25]], [1.0, 1.0]))
    >>> diagonal.A.values.real, f"{report.condition:.2f}"
    (array([0.5 , 0.25]), '8.12')
    """
    one = single_system(system)
    if choice(precision, "precision", ("double", "extended")) == "extended":
        found = extended_diagonal(one)
        return found.rounded, found
    bound = positive_number(limit, "limit")
    if isinstance(one.A, Diagonal):
        return one, Transform(np.eye(one.order, dtype=np.complex128), 1.0, 0.0, True)
    A = one.A.to_dense()
    values, V = scipy.linalg.eig(A.real if not A.imag.any() else A)
    condition = float(np.linalg.cond(V))
    _refuse_above(bound, condition)
    scale = float(np.abs(A).max()) or 1.0
    residual = float(np.linalg.norm((A / scale) @ V - V * (values / scale)) / max(float(np.linalg.norm(A / scale)), 1.0))
    diagonal = type(one)(Diagonal(values), np.linalg.solve(V, one.B), one.C @ V, one.D)
    return diagonal, Transform(V, condition, residual, condition < 1 + 1e-8)


def _refuse_above(limit: float, condition: float) -> None:
    if condition <= limit:
        return
    if condition > 1e14:
        raise UnsupportedError(
            f"system: A is defective to double precision (its eigenvectors have condition {condition:.1e}) and has no diagonal "
            "form that doubles can hold. Its memory needs none (lssm.memory_function), lssm.input_normal gives orthonormal "
            "coordinates, and if the eigenvalues are distinct precision='extended' carries the transform"
        )
    raise UnsupportedError(
        f"system: the eigenvectors of A have condition {condition:.1e}, and about {16 - np.log10(condition):.0f} digits would be "
        "left; pass precision='extended', a larger limit, or compare with lssm.equivalence.certify, which needs no transform"
    )


def to_dense(system: Any, *, real: bool = False) -> Any:
    r"""The same system with a dense state matrix.

    Parameters
    ----------
    system : discrete or continuous system
        Not a batch if `real`.
    real : bool
        A diagonal system of conjugate pairs, in B and C too, becomes a real one: two states a pair.

    Returns
    -------
    DiscreteSSM or ContinuousSSM

    Raises
    ------
    InvalidInputError
        `real` for a system that is not closed under conjugation.

    Notes
    -----
    Unitary: a pair ``(z, z̄)`` becomes ``√2 (Re z, Im z)``.

    Theorem: :doc:`/theorems/poles_only` (``proofs/poles_only.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> pair = lssm.DiscreteSSM(lssm.Diagonal([0.5 + 0.5j, 0.5 - 0.5j]), [1, 1], [1, 1])
    >>> lssm.equivalence.to_dense(pair, real=True).A.matrix.real
    array([[ 0.5, -0.5],
           [ 0.5,  0.5]])
    """
    one = as_system(system)
    if not real:
        return type(one)(Dense(one.A.to_dense()), one.B, one.C, one.D)
    T = _pairing(single_system(one))
    A, B, C = T.conj().T @ one.A.to_dense() @ T, T.conj().T @ one.B, one.C @ T
    if any(np.abs(x.imag).max() > 1e-12 * np.abs(x).max() for x in (A, B, C, one.D)):
        raise InvalidInputError("real: B or C are not conjugate where the poles are, so that the system is not real")
    return type(one)(A.real, B.real, C.real, one.D.real)


def _pairing(system: System) -> NDArray[np.complex128]:
    """Unitary matrix: columns ``(e_i + e_j)/√2``, ``i(e_i - e_j)/√2`` for conjugate poles i, j, and e_i for real ones."""
    if not isinstance(system.A, Diagonal):
        raise InvalidInputError(f"real: needs a diagonal operator, got {system.A!r}")
    values, free, columns = system.A.values, set(range(system.order)), []
    unit = np.eye(system.order, dtype=np.complex128)
    for i in range(system.order):
        if i not in free:
            continue
        free.discard(i)
        if abs(values[i].imag) <= 1e-15 * abs(values[i]):
            columns.append(unit[i])
            continue
        alike = [j for j in sorted(free) if abs(values[j] - values[i].conjugate()) <= 1e-12 * abs(values[i])]
        if not alike:
            raise InvalidInputError(f"real: the pole {values[i]:.6g} has no conjugate")
        j = min(alike, key=lambda j: _unlike(system, i, j))
        free.discard(j)
        up, down = (i, j) if values[i].imag > 0 else (j, i)
        columns += [(unit[up] + unit[down]) / np.sqrt(2), 1j * (unit[up] - unit[down]) / np.sqrt(2)]
    return np.stack(columns, 1)


def _unlike(system: System, i: int, j: int) -> float:
    """How far inputs and outputs of two modes are from conjugate."""
    inputs, outputs = system.B[j] - system.B[i].conj(), system.C[:, j] - system.C[:, i].conj()
    return float(np.linalg.norm(inputs) + np.linalg.norm(outputs))


def to_dplr(system: Any, *, tolerance: float = 1e-10) -> tuple[ContinuousSSM, Transform]:
    r"""A continuous system as a normal matrix less a low rank, in the eigenvectors of the normal part: the form of S4.

    Parameters
    ----------
    system : ContinuousSSM
        Dense, with ``(A + A*)/2 = σ I - P P*`` of low rank: LegS, LegT, LagT, FouT in any orthonormal coordinates.
    tolerance : float
        What of ``‖A‖`` counts as zero in finding the rank.

    Returns
    -------
    dplr : ContinuousSSM
        ``diag(Λ) - P P*``, all modes.
    report : Transform
        Unitary; its residual is measured.

    Raises
    ------
    UnsupportedError
        A matrix without that structure (rank above N/2), or in discrete time.

    Notes
    -----
    Theorems: :doc:`/theorems/hippo_structure` (``proofs/hippo_structure.py``), :doc:`/theorems/poles_only`
    (``proofs/poles_only.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> s4, report = lssm.equivalence.to_dplr(lssm.spectra.hippo(order=16, measure="legt"))
    >>> s4.A.rank, report.unitary, report.residual < 1e-14
    (2, True, True)
    """
    one = single_system(system)
    if not isinstance(one, ContinuousSSM):
        raise UnsupportedError("system: discrete in time; the normal-plus-low-rank form is one of continuous systems")
    A = one.A.to_dense()
    size = float(np.linalg.norm(A))
    values, vectors = np.linalg.eigh(0.5 * (A + A.conj().T))
    shift = values[-1]
    low = values < shift - positive_number(tolerance, "tolerance") * size
    rank = int(low.sum())
    if 2 * rank > max(one.order, 2):
        raise UnsupportedError(
            f"system: A is a normal matrix less a matrix of rank {rank}, which is not low for {one.order} states"
        )
    P = vectors[:, low] * np.sqrt(shift - values[low]) if rank else np.zeros((one.order, 1))
    normal = A + P @ P.conj().T
    frequencies, V = np.linalg.eigh(0.5j * (normal - normal.conj().T))
    left = V.conj().T @ P
    dplr = ContinuousSSM(DPLR(shift - 1j * frequencies, left, -left), V.conj().T @ one.B, one.C @ V, one.D)
    residual = float(np.linalg.norm(A @ V - V @ dplr.A.to_dense()) / size) if size else 0.0
    return dplr, Transform(V.astype(np.complex128), 1.0, residual, True)


def balance(system: Any) -> Balanced:
    """The same system in balanced coordinates; see `lssm.balanced`.

    Parameters
    ----------
    system : discrete or continuous system
        Stable, not a batch.

    Returns
    -------
    Balanced

    Notes
    -----
    Theorem: :doc:`/theorems/poles_only` (``proofs/poles_only.py``); derivation: :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> lssm.equivalence.balance(([[0.5]], [1.0], [1.0])).system.order
    1
    """
    return balanced(system)


def minimal(system: Any) -> Balanced:
    """The reachable and observable part of a stable system, in balanced coordinates.

    Parameters
    ----------
    system : discrete or continuous system
        Stable, not a batch.

    Returns
    -------
    Balanced
        Its order is the McMillan degree to double precision: Hankel singular values above ``N ε σ_1``.

    Notes
    -----
    Theorem: :doc:`/theorems/capacity` (``proofs/capacity.py``); derivation: :doc:`/derivations/reachability`.

    Examples
    --------
    >>> import lssm
    >>> twice = lssm.parallel(([[0.5]], [1.0], [1.0]), ([[0.5]], [1.0], [1.0]))
    >>> lssm.equivalence.minimal(twice).system.order
    1
    """
    return balanced(system)
