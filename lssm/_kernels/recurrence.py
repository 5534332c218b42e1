"""The recurrence ``x_t = A x_{t-1} + v_t`` of every kind of state matrix, in place."""

from typing import Any

import numpy as np

from ._compile import compiled


@compiled
def diagonal_recurrence(coefficients: Any, v: Any, x: Any) -> None:
    """Diagonal A; the modes of a step are independent and fill the vector unit.

    Parameters
    ----------
    coefficients : float array, shape (4, N)
        Re λ, Im λ, and what these doubles lack of λ: the rounding of λ would return t times over in λ^t.
    v : float array, shape (T, 2, N)
        Real and imaginary parts of the inputs on the way in, of the states on the way out.
    x : float array, shape (2, N)
        State before the first step; overwritten by the one after the last.
    """
    N = x.shape[1]
    for t in range(v.shape[0]):
        for i in range(N):
            k: Any = np.uint64(i)  # unsigned: no wrap-around test, hence SIMD
            p, q, dp, dq = coefficients[0, k], coefficients[1, k], coefficients[2, k], coefficients[3, k]
            a, c = x[0, k], x[1, k]
            re = p * a + ((v[t, 0, k] + (dp * a - dq * c)) - q * c)
            im = p * c + ((v[t, 1, k] + (dp * c + dq * a)) + q * a)
            x[0, k], x[1, k] = re, im
            v[t, 0, k], v[t, 1, k] = re, im


@compiled
def varying_recurrence(coefficients: Any, v: Any, x: Any) -> None:
    """Diagonal A that changes with time: ``x_t = a_t x_{t-1} + v_t``.

    Parameters
    ----------
    coefficients : complex array, shape (T, N)
        a_t.
    v : complex array, shape (T, N)
        Inputs on the way in, states on the way out.
    x : complex array, shape (N,)
        State before the first step; overwritten by the one after the last.
    """
    for t in range(v.shape[0]):
        for k in range(x.size):
            x[k] = coefficients[t, k] * x[k] + v[t, k]
            v[t, k] = x[k]


@compiled
def dense_recurrence(columns: Any, v: Any, x: Any) -> None:
    """Dense A, real or complex.

    Parameters
    ----------
    columns : array, shape (N, N)
        The transpose of A: row j holds its column j.
    v : array, shape (T, N)
        Inputs on the way in, states on the way out.
    x : array, shape (N,)
        State before the first step; overwritten by the one after the last.
    """
    for t in range(v.shape[0]):
        for j in range(x.size):
            weight = x[j]
            for i in range(x.size):
                v[t, i] += columns[j, i] * weight
        for i in range(x.size):
            x[i] = v[t, i]


@compiled
def low_rank_recurrence(values: Any, P: Any, Q: Any, v: Any, x: Any) -> None:
    """``A = diag(values) + P Q*``, in O(N r) a step.

    Parameters
    ----------
    values : complex array, shape (N,)
        Diagonal.
    P, Q : complex array, shape (N, r)
        Correction.
    v : complex array, shape (T, N)
        Inputs on the way in, states on the way out.
    x : complex array, shape (N,)
        State before the first step; overwritten by the one after the last.
    """
    N, r = P.shape
    along = np.empty(r, np.complex128)
    for t in range(v.shape[0]):
        for l in range(r):
            total = 0j
            for k in range(N):
                total += Q[k, l].conjugate() * x[k]
            along[l] = total
        for k in range(N):
            new = values[k] * x[k] + v[t, k]
            for l in range(r):
                new += P[k, l] * along[l]
            x[k] = new
            v[t, k] = new
