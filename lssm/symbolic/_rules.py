"""Discretization rules for one pole."""

from collections.abc import Callable
from typing import Any

from .._validate import choice
from ._exact import exact, sympy


def _rules() -> dict[str, Callable[[Any, Any], tuple[Any, Any]]]:
    exp = sympy().exp
    return {
        "zoh": lambda a, h: (exp(a * h), (exp(a * h) - 1) / a if a != 0 else h),
        "bilinear": lambda a, h: ((1 + a * h / 2) / (1 - a * h / 2), h / (1 - a * h / 2)),
        "euler": lambda a, h: (1 + a * h, h),
        "backward_euler": lambda a, h: (1 / (1 - a * h), h / (1 - a * h)),
        "impulse": lambda a, h: (exp(a * h), h),
        "hold_euler": lambda a, h: (exp(a * h), h),
    }


def discretize(a: Any, step: Any, method: str = "zoh") -> tuple[Any, Any]:
    """Discrete pole and input factor of ``ẋ = a x + u`` by a rule.

    Parameters
    ----------
    a : exact number or expression
        Continuous pole (1/time).
    step : exact number or expression
        Time step Δ (units of time).
    method : {"zoh", "bilinear", "euler", "backward_euler", "impulse", "hold_euler"}
        The rule.

    Returns
    -------
    pole, factor : SymPy expressions
        ``x_t = pole · x_{t-1} + factor · u_t``.

    Raises
    ------
    InvalidInputError
        Rounded numbers, an unknown rule.

    See Also
    --------
    lssm.discretize : the same in floating point, for systems.

    Notes
    -----
    Theorem: :doc:`/theorems/discretization` (``proofs/discretization.py``); derivation: :doc:`/derivations/discretization`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.discretize("-1/2", "1/10", "bilinear")
    (39/41, 4/41)
    """
    rules = _rules()
    return rules[choice(method, "method", rules)](exact(a, "a"), exact(step, "step"))
