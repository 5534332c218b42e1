"""Numbers beyond the range of doubles, as mantissas and powers of two."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def scaled(array: NDArray[Any], power: Any) -> NDArray[Any]:
    """``array · 2^power``, infinite beyond the range of doubles."""
    with np.errstate(over="ignore", under="ignore"):
        if np.iscomplexobj(array):
            return np.asarray(np.ldexp(array.real, power) + 1j * np.ldexp(array.imag, power))
        return np.asarray(np.ldexp(array, power))


def split(values: NDArray[Any]) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    """Numbers near one in size, and powers of two."""
    power = np.frexp(np.maximum(np.abs(values.real), np.abs(values.imag)))[1].astype(np.int64)
    return scaled(values.astype(np.complex128), -power), power
