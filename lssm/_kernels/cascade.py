"""The all-pass cascade: an impulse through N first-order sections."""

from typing import Any

import numpy as np

from ._compile import compiled


@compiled
def _turned(p: float, q: float, dp: float, dq: float, a: float, c: float, x: float, y: float) -> tuple[float, float]:
    """λ (a + ic) + (x + iy), the correction of λ added to the smallest term, where it is not rounded away."""
    return p * a + ((x + (dp * a - dq * c)) - q * c), p * c + ((y + (dp * c + dq * a)) + q * a)


@compiled
def response_of_cascade(sections: Any, impulse: float, w: Any, b: Any) -> None:
    """Output of the cascade from a given state under an impulse at its first step.

    Section k does ``w <- λ w + s`` and hands on ``g w(old) - conj(λ) s``. λ is the unevaluated sum of a double
    and a correction: its rounding would otherwise return τ times over in λ^τ. Time is skewed by one per
    section, so that all sections of a step are independent and fill the vector unit.

    Parameters
    ----------
    sections : float array, shape (5, N)
        Re λ, Im λ, g = 1-|λ|², and what Re λ and Im λ lack.
    impulse : float
        Input at the first step; zero afterwards.
    w : complex array, shape (N,)
        Section states before the first step; overwritten by those after the last.
    b : complex array, shape (T,)
        Output: what leaves the last section.
    """
    N, T = sections.shape[1], b.size
    state = np.zeros((6, N + 1))  # rows: Re w, Im w, then two alternating (Re s, Im s)
    old, new = 2, 4
    state[old, 0] = impulse
    for i in range(N):
        state[0, i], state[1, i] = w[i].real, w[i].imag
    for t in range(T + N - 1):
        first, last = max(0, t - T + 1), min(N, t + 1)
        for j in range(last - first):
            k: Any = np.uint64(first) + np.uint64(j)  # unsigned: no wrap-around test, hence SIMD
            p, q, g = sections[0, k], sections[1, k], sections[2, k]
            dp, dq = sections[3, k], sections[4, k]
            a, c, x, y = state[0, k], state[1, k], state[old, k], state[old + 1, k]
            state[new, k + np.uint64(1)] = g * a - (p * x + q * y)
            state[new + 1, k + np.uint64(1)] = g * c - (p * y - q * x)
            state[0, k], state[1, k] = _turned(p, q, dp, dq, a, c, x, y)
        state[new, 0] = 0.0
        state[new + 1, 0] = 0.0
        if t >= N - 1:
            b[t - N + 1] = complex(state[new, N], state[new + 1, N])
        old, new = new, old
    for i in range(N):
        w[i] = complex(state[0, i], state[1, i])


@compiled
def basis_through_cascade(sections: Any, phi: Any) -> None:
    """Takenaka-Malmquist functions: the section states, scaled, at every time.

    Parameters
    ----------
    sections : float array, shape (5, N)
        Re λ, Im λ, g = 1-|λ|², and what Re λ and Im λ lack.
    phi : complex array, shape (N, T)
        Output: φ_k[t] = √g_k w_k(t).
    """
    N, T = phi.shape
    signal = np.zeros(T, np.complex128)
    signal[0] = 1.0
    for k in range(N):
        p, q, g, dp, dq = sections[0, k], sections[1, k], sections[2, k], sections[3, k], sections[4, k]
        a, c = 0.0, 0.0
        for t in range(T):
            x, y = signal[t].real, signal[t].imag
            signal[t] = complex(g * a - (p * x + q * y), g * c - (p * y - q * x))
            a, c = _turned(p, q, dp, dq, a, c, x, y)
            phi[k, t] = np.sqrt(g) * complex(a, c)


@compiled
def delayed_forward(section: Any, q: Any, y: Any) -> None:
    """One pole and one delay: ``y_0 = 0``, ``y_t = λ y_{t-1} + q_{t-1}``.

    Parameters
    ----------
    section : float array, shape (5,)
        As a column of `sections` above.
    q : complex array, shape (T,)
        Input.
    y : complex array, shape (T,)
        Output.
    """
    a, c = 0.0, 0.0
    for t in range(q.size):
        y[t] = complex(a, c)
        a, c = _turned(section[0], section[1], section[3], section[4], a, c, q[t].real, q[t].imag)


@compiled
def delayed_backward(section: Any, q: Any, y: Any) -> None:
    """The same recursion run against time, for a pole outside the circle: ``y_T = 0``, ``y_t = μ (y_{t+1} - q_t)``, μ = 1/λ.

    Parameters
    ----------
    section : float array, shape (5,)
        Of the pole μ.
    q : complex array, shape (T,)
        Input.
    y : complex array, shape (T,)
        Output.
    """
    a, c = 0.0, 0.0
    for t in range(q.size - 1, -1, -1):
        a, c = _turned(section[0], section[1], section[3], section[4], a - q[t].real, c - q[t].imag, 0.0, 0.0)
        y[t] = complex(a, c)


@compiled
def both_scans(section: Any, last: complex, b: Any, c: Any, d: Any) -> None:
    """Forward scan ``c_t = λ c_{t-1} + b_t`` from rest, backward scan ``d_{t-1} = λ̄ d_t + b_t`` from its exact end.

    Parameters
    ----------
    section : float array, shape (5,)
        As a column of `sections` above.
    last : complex
        d at the last step: what the response beyond it contributes.
    b : complex array, shape (T,)
        All-pass response.
    c, d : complex array, shape (T,)
        Outputs.
    """
    p, q, dp, dq = section[0], section[1], section[3], section[4]
    x, y = 0.0, 0.0
    for t in range(b.size):
        x, y = _turned(p, q, dp, dq, x, y, b[t].real, b[t].imag)
        c[t] = complex(x, y)
    x, y = last.real, last.imag
    for t in range(b.size - 1, -1, -1):
        d[t] = complex(x, y)
        x, y = _turned(p, -q, dp, -dq, x, y, b[t].real, b[t].imag)


@compiled
def signal_through_cascade(sections: Any, signal: Any, w: Any) -> None:
    """Any signal through the cascade, one section after another.

    Parameters
    ----------
    sections : float array, shape (5, N)
        As above.
    signal : complex array, shape (T,)
        Input; overwritten by what leaves the last section.
    w : complex array, shape (N,)
        Output: section states after the last step, from rest.
    """
    for k in range(sections.shape[1]):
        p, q, g, dp, dq = sections[0, k], sections[1, k], sections[2, k], sections[3, k], sections[4, k]
        a, c = 0.0, 0.0
        for t in range(signal.size):
            x, y = signal[t].real, signal[t].imag
            signal[t] = complex(g * a - (p * x + q * y), g * c - (p * y - q * x))
            a, c = _turned(p, q, dp, dq, a, c, x, y)
        w[k] = complex(a, c)


@compiled
def horner(section: Any, taps: Any, tails: Any) -> None:
    """Tails of a power series at the conjugate of a pole: ``s_t = m_t + λ̄ s_{t+1}``; the value of the series is s_0.

    Parameters
    ----------
    section : float array, shape (5,)
        As a column of `sections` above.
    taps : complex array, shape (T,)
        Coefficients m_t.
    tails : complex array, shape (T,)
        Output.
    """
    x, y = 0.0, 0.0
    for t in range(taps.size - 1, -1, -1):
        x, y = _turned(section[0], -section[1], section[3], -section[4], x, y, taps[t].real, taps[t].imag)
        tails[t] = complex(x, y)
