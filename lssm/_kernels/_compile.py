"""The one decorator of the compiled room."""

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Any:
    """Compile `function` without the GIL, cached on disk where a cache can be had.

    ``fastmath`` is restricted to fused multiply-add: reassociation would break the accuracy the
    analyses promise. Where no cache folder is writable Numba refuses to decorate at all, so the
    kernel is then compiled once a process instead.
    """
    options: dict[str, Any] = {"nogil": True, "fastmath": {"contract"}, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except (RuntimeError, OSError):
        return numba.njit(**options)(function)
