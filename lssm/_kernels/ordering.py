"""Leja order of points in the unit disk."""

from typing import Any

import numpy as np

from ._compile import compiled


@compiled
def leja_order(values: Any, order: Any) -> None:
    """Each next point is farthest, by the product of hyperbolic distances, from all before it; the first stays first.

    Parameters
    ----------
    values : complex array, shape (N,)
        Points; equal ones come last.
    order : int array, shape (N,)
        Output: indices.
    """
    N = values.size
    apart, free = np.zeros(N), np.ones(N, np.bool_)
    last = 0
    for place in range(N):
        order[place], free[last] = last, False
        chosen, best = -1, -np.inf
        for k in range(N):
            if free[k]:
                p, q = values[k], values[last]
                above = (p.real - q.real) ** 2 + (p.imag - q.imag) ** 2
                re, im = 1.0 - (p.real * q.real + p.imag * q.imag), p.imag * q.real - p.real * q.imag
                below = re * re + im * im
                apart[k] += np.log(above / below) if above > 0.0 and below > 0.0 else -np.inf
                if chosen < 0 or apart[k] > best:
                    chosen, best = k, apart[k]
        last = chosen
