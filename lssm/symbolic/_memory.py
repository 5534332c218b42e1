"""Memory functions and capacities."""

from collections.abc import Iterable
from typing import Any

from .._validate import InvalidInputError, UnstableError, count
from ._allpass import allpass_response
from ._exact import conjugate, independent_columns, is_pair, is_zero, pair_of, row_of, solve, sympy
from ._gramian import stein


def memory_function(poles: Iterable[Any], T: int, *, horizon: int | None = None) -> list[Any]:
    r"""Memory function ``M(τ) = 1 - Σ_{j≤τ} |b_j|²``, or T steps after rest the leverage scores of ``λ_k^τ``.

    Parameters
    ----------
    poles : iterable of shape (N,), or (A, B)
        Exact poles, or exact matrices of shapes (N, N) and (N, m): then ``M_i(τ) = v* G⁻¹ v`` with ``v = A^τ B e_i``, on the part
        that the inputs reach. Repeated poles count with multiplicity for an infinite past; a horizon needs distinct ones.
    T : int
        Delays 0 … T-1 (steps).
    horizon : int, optional
        Number of steps since rest, at least T and at least the number of poles; an infinite past if left out. For poles only.

    Returns
    -------
    list of SymPy expressions, length T
        Dimensionless, between 0 and 1; for ``(A, B)`` with several inputs a list of m such lists.

    Raises
    ------
    InvalidInputError
        Rounded numbers, matrices that do not fit, a horizon that is too short.

    See Also
    --------
    lssm.memory_function : the same in floating point, for any N.

    Notes
    -----
    Theorems: :doc:`/theorems/finite_horizon` (``proofs/finite_horizon.py``), :doc:`/theorems/takenaka_malmquist`
    (``proofs/takenaka_malmquist.py``); derivation: :doc:`/derivations/finite_horizon`.

    Examples
    --------
    >>> import sympy
    >>> from lssm import symbolic
    >>> r = sympy.Symbol("r", positive=True)
    >>> [sympy.factor(m) for m in symbolic.memory_function([r], 2)]
    [-(r - 1)*(r + 1), -r**2*(r - 1)*(r + 1)]
    >>> symbolic.memory_function(([["1/2", 1], [0, "1/2"]], [0, 1]), 2)  # a Jordan block: the pole 1/2, twice
    [15/16, 3/8]
    """
    if is_pair(poles):
        if horizon is not None:
            raise InvalidInputError("horizon: for poles only; pass the poles of A")
        return _matrix_memory(*pair_of(*poles), count(T, "T"))
    if horizon is not None:
        return _finite_memory(row_of(poles, "poles"), count(T, "T"), count(horizon, "horizon"))
    left, found = sympy().Integer(1), []
    for b in allpass_response(poles, T):
        left = sympy().expand(left - b * conjugate(b))
        found.append(left)
    return found


def _matrix_memory(A: Any, B: Any, T: int) -> list[Any]:
    """By the definition, in coordinates of the reachable space."""
    basis = independent_columns(_krylov(A, B))
    if not basis.cols:
        raise InvalidInputError("B: zero; nothing is remembered where nothing enters")
    A, v = (solve(basis.H * basis, basis.H * M) for M in (A * basis, B))
    G, rows = stein(A, v), []
    if not G.free_symbols and not G.is_positive_definite:
        raise UnstableError("A: has an eigenvalue outside the unit circle; an infinite past does not converge")
    for _ in range(T):
        memory = v.H * solve(G, v)
        rows.append([sympy().factor_terms(sympy().expand(memory[i, i])) for i in range(v.cols)])
        v = (A * v).expand()
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns[0] if len(columns) == 1 else columns


def _krylov(A: Any, B: Any) -> Any:
    """``[B, AB, …, A^(N-1) B]``."""
    blocks = [B]
    for _ in range(A.rows - 1):
        blocks.append(A * blocks[-1])
    return sympy().Matrix.hstack(*blocks)


def _finite_memory(poles: list[Any], T: int, horizon: int) -> list[Any]:
    if horizon < max(T, len(poles)):
        raise InvalidInputError(f"horizon: {horizon} is shorter than {T} delays or than {len(poles)} poles")
    if memory_capacity(poles) < len(poles):
        raise InvalidInputError("poles: repeated; a diagonal system reaches equal ones once, pass distinct poles")
    V = sympy().Matrix(horizon, len(poles), lambda t, k: poles[k] ** t)
    scores = V * solve(V.H * V, V.H)
    return [sympy().simplify(scores[t, t]) for t in range(T)]


def memory_capacity(poles: Iterable[Any]) -> int:
    """Capacity: the number of distinct poles of a diagonal system, the dimension of what ``(A, B)`` reaches.

    Parameters
    ----------
    poles : iterable of shape (N,), or (A, B)
        Exact poles of a diagonal system, symbols of different names taken as different; or exact matrices, shapes (N, N) and
        (N, m).

    Returns
    -------
    int
        Number of delays' worth of memory, ``Σ_τ M(τ)``.

    Raises
    ------
    InvalidInputError
        Rounded numbers, matrices that do not fit.

    See Also
    --------
    lssm.memory_capacity : the same in floating point, for any system.

    Notes
    -----
    Theorem: :doc:`/theorems/capacity` (``proofs/capacity.py``); derivation: :doc:`/derivations/reachability`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.memory_capacity(["1/2", "2/4", "x"])
    2
    >>> symbolic.memory_capacity(([["1/2", 0], [0, "1/3"]], [1, 0]))  # the second state is not reached
    1
    """
    if is_pair(poles):
        return int(independent_columns(_krylov(*pair_of(*poles))).cols)
    different: list[Any] = []
    for l in row_of(poles, "poles"):
        if not any(is_zero(l - other) for other in different):
            different.append(l)
    return len(different)
