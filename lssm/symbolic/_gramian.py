"""Reachability Gramians, of a diagonal system in closed form, of matrices by a linear solve."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from .._validate import InvalidInputError, count
from ._exact import conjugate, is_zero, pair_of, require_stable, row_of, solve, sympy, weights_of


def gramian(poles: Iterable[Any], weights: Sequence[Any] | None = None, *, horizon: int | None = None) -> Any:
    r"""Reachability Gramian ``G_ij = b_i b̄_j/(1 - λ_i λ̄_j)`` of a diagonal system; its first T terms with a horizon.

    Parameters
    ----------
    poles : iterable of shape (N,)
        Exact poles.
    weights : sequence of shape (N,), optional
        Exact input weights; default 1.
    horizon : int, optional
        Number of steps since rest; an infinite past if left out.

    Returns
    -------
    SymPy Matrix, shape (N, N)

    Raises
    ------
    InvalidInputError
        Rounded numbers, weights of another length.

    See Also
    --------
    lssm.gramian_factor, lssm.gramian_eigenvalues : the same in floating point, by factors.

    Notes
    -----
    Theorem: :doc:`/theorems/gramian_cauchy` (``proofs/gramian_cauchy.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.gramian(["1/2", 0])
    Matrix([
    [4/3, 1],
    [  1, 1]])
    """
    row = row_of(poles, "poles")
    b = weights_of(weights, len(row))
    last = None if horizon is None else count(horizon, "horizon")
    if last is None:
        require_stable(row)

    def entry(i: int, j: int) -> Any:
        product = row[i] * conjugate(row[j])
        if last is None:
            return b[i] * conjugate(b[j]) / (1 - product)
        return b[i] * conjugate(b[j]) * (last if is_zero(1 - product) else (1 - product**last) / (1 - product))

    return sympy().Matrix(len(row), len(row), entry)


def stein(A: Any, B: Any) -> Any:
    r"""Solution of ``G = A G A* + B B*``: the Gramian of ``x_t = A x_{t-1} + B u_t`` if A is stable.

    Parameters
    ----------
    A : exact matrix, shape (N, N)
        SymPy matrix or rows of exact numbers.
    B : exact matrix, shape (N, m), or list of N
        Input matrix; a flat list is one column.

    Returns
    -------
    SymPy Matrix, shape (N, N)

    Raises
    ------
    InvalidInputError
        Rounded numbers, shapes that do not fit, or two eigenvalues with ``λ_i λ̄_j = 1``: no unique solution.

    See Also
    --------
    lssm.gramian : the same in floating point, from a factor.

    Notes
    -----
    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.stein([["1/2", 1], [0, "1/2"]], [0, 1])
    Matrix([
    [80/27, 8/9],
    [  8/9, 4/3]])
    """
    A, B = pair_of(A, B)
    eye = sympy().eye(A.rows)
    return _solved(_kronecker(eye, eye) - _kronecker(A, A.conjugate()), B)


def lyapunov(A: Any, B: Any) -> Any:
    r"""Solution of ``A G + G A* + B B* = 0``: the Gramian of ``ẋ = A x + B u`` if A is stable.

    Parameters
    ----------
    A : exact matrix, shape (N, N)
        SymPy matrix or rows of exact numbers, in units of 1/time.
    B : exact matrix, shape (N, m), or list of N
        Input matrix; a flat list is one column.

    Returns
    -------
    SymPy Matrix, shape (N, N)

    Raises
    ------
    InvalidInputError
        Rounded numbers, shapes that do not fit, or two eigenvalues with ``a_i + ā_j = 0``: no unique solution.

    See Also
    --------
    lssm.gramian : the same in floating point, from a factor.

    Notes
    -----
    Theorem: :doc:`/theorems/input_normal` (``proofs/input_normal.py``); derivation: :doc:`/derivations/gramians`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.lyapunov([[-1, 0], [0, -2]], [1, 1])
    Matrix([
    [1/2, 1/3],
    [1/3, 1/4]])
    """
    A, B = pair_of(A, B)
    eye = sympy().eye(A.rows)
    return _solved(-_kronecker(A, eye) - _kronecker(eye, A.conjugate()), B)


def _kronecker(left: Any, right: Any) -> Any:
    return sympy().Matrix(sympy().kronecker_product(left, right))


def _solved(operator: Any, B: Any) -> Any:
    """G with ``operator · G = B B*``, both read row by row."""
    try:
        G = solve(operator, (B * B.H).reshape(B.rows**2, 1))
    except import_module("sympy.polys.matrices.exceptions").DMNonInvertibleMatrixError:
        raise InvalidInputError("A: two of its eigenvalues are mirror images; there is no unique Gramian") from None
    return G.reshape(B.rows, B.rows)
