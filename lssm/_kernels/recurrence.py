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
def _weighed(c: Any, x: Any) -> complex:
    """``Σ c_k x_k`` of numbers in parts, by four lanes."""
    N = x.shape[1]
    re0 = re1 = re2 = re3 = 0.0
    im0 = im1 = im2 = im3 = 0.0
    for i in range(0, N - N % 4, 4):
        j: Any = np.uint64(i)
        k, l, m = j + np.uint64(1), j + np.uint64(2), j + np.uint64(3)
        re0, im0 = re0 + (c[0, j] * x[0, j] - c[1, j] * x[1, j]), im0 + (c[0, j] * x[1, j] + c[1, j] * x[0, j])
        re1, im1 = re1 + (c[0, k] * x[0, k] - c[1, k] * x[1, k]), im1 + (c[0, k] * x[1, k] + c[1, k] * x[0, k])
        re2, im2 = re2 + (c[0, l] * x[0, l] - c[1, l] * x[1, l]), im2 + (c[0, l] * x[1, l] + c[1, l] * x[0, l])
        re3, im3 = re3 + (c[0, m] * x[0, m] - c[1, m] * x[1, m]), im3 + (c[0, m] * x[1, m] + c[1, m] * x[0, m])
    for i in range(N - N % 4, N):
        re0, im0 = re0 + (c[0, i] * x[0, i] - c[1, i] * x[1, i]), im0 + (c[0, i] * x[1, i] + c[1, i] * x[0, i])
    return complex((re0 + re1) + (re2 + re3), (im0 + im1) + (im2 + im3))


@compiled
def diagonal_response(coefficients: Any, b: Any, c: Any, u: Any, x: Any, y: Any) -> None:
    """Diagonal A, one input, outputs at once: no state is stored.

    Parameters
    ----------
    coefficients : float array, shape (4, N)
        As in `diagonal_recurrence`.
    b : float array, shape (2, N)
        Input weights, real and imaginary parts.
    c : float array, shape (p, 2, N)
        Readouts, likewise.
    u : complex array, shape (T,)
        Input.
    x : float array, shape (2, N)
        State before the first step; overwritten by the one after the last.
    y : complex array, shape (T, p)
        Output.
    """
    N = x.shape[1]
    for t in range(u.size):
        ur, ui = u[t].real, u[t].imag
        for i in range(N):
            k: Any = np.uint64(i)
            p, q, dp, dq = coefficients[0, k], coefficients[1, k], coefficients[2, k], coefficients[3, k]
            a, d = x[0, k], x[1, k]
            v, w = b[0, k] * ur - b[1, k] * ui, b[0, k] * ui + b[1, k] * ur
            x[0, k] = p * a + ((v + (dp * a - dq * d)) - q * d)
            x[1, k] = p * d + ((w + (dp * d + dq * a)) + q * a)
        for j in range(c.shape[0]):
            y[t, j] = _weighed(c[j], x)


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


@compiled
def adjoint_recurrence(coefficients: Any, x: Any, a: Any, along: Any) -> None:
    """Adjoint of the diagonal recurrence, ``a_t = λ̄ a_{t+1} + g_t``, and what it says of the poles, ``Σ_t a_t x̄_{t-1}``.

    Parameters
    ----------
    coefficients : float array, shape (4, N)
        As in `diagonal_recurrence`.
    x : float array, shape (T, 2, N)
        States, real and imaginary parts, from rest.
    a : float array, shape (T, 2, N)
        Derivatives g_t of a loss with respect to the parts of the states on the way in, a_t on the way out.
    along : float array, shape (2, N)
        The sum is added to it.
    """
    T, _, N = x.shape
    for t in range(T - 2, -1, -1):
        for i in range(N):
            k: Any = np.uint64(i)
            p, q = coefficients[0, k] + coefficients[2, k], coefficients[1, k] + coefficients[3, k]
            re, im = a[t + 1, 0, k], a[t + 1, 1, k]
            along[0, k] += re * x[t, 0, k] + im * x[t, 1, k]
            along[1, k] += im * x[t, 0, k] - re * x[t, 1, k]
            a[t, 0, k] += p * re + q * im
            a[t, 1, k] += p * im - q * re
