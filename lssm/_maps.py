"""The scalar maps from λ and from continuous poles to log λ, and back, without cancellation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def log_of(values: NDArray[Any]) -> NDArray[np.complex128]:
    """Log λ of discrete poles; 1-|λ|² survives because |λ|²-1 is formed without rounding.

    The squares are split (Dekker) into exact head and tail, so ``Re ℓ = ½ log1p(|λ|²-1)`` is right to the
    last bits for the doubles given, however close to the circle they are.
    """
    x, y = np.abs(values.real), np.abs(values.imag)
    near = (x <= 2) & (y <= 2) & (np.maximum(x, y) >= 0.5)
    (xx, x_tail), (yy, y_tail) = _square(np.where(near, x, 0.0)), _square(np.where(near, y, 0.0))
    big, small = np.maximum(xx, yy), np.minimum(xx, yy)
    rest = np.where(big >= 0.5, (big - 1.0) + small, (big - 0.5) + (small - 0.5))  # exact next to the circle
    excess = rest + (x_tail + y_tail)
    with np.errstate(divide="ignore"):
        modulus = np.where(near & (excess > -0.5), 0.5 * np.log1p(np.maximum(excess, -0.75)), np.log(np.hypot(x, y)))
    log: NDArray[np.complex128] = modulus + 1j * np.where(values == 0, 0.0, np.angle(values))
    return log


def exponential(log: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """λ of log λ as a double and what the double lacks.

    The rest comes from extended precision; where the platform's long double is a double it is nil, and what multiplies by λ for
    τ steps has a relative error that grows like 1e-16 τ.
    """
    zero = np.isneginf(log.real)
    fine = np.where(zero, 0, np.exp(np.where(zero, 0, log).astype(np.clongdouble)))
    values = fine.astype(np.complex128)
    return values, (fine - values).astype(np.complex128)


def _square(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x² as head + tail, exactly (Dekker's splitting)."""
    split = 134217729.0 * x
    high = split - (split - x)
    low = x - high
    head = x * x
    return head, ((high * high - head) + 2.0 * high * low) + low * low


def zoh_log(a: NDArray[Any], step: NDArray[Any]) -> NDArray[np.complex128]:
    """Zero-order hold: ``ℓ = aΔ``."""
    log: NDArray[np.complex128] = a * step
    return log


def bilinear_log(a: NDArray[Any], step: NDArray[Any]) -> NDArray[np.complex128]:
    """Bilinear (Tustin, Cayley) map: ``ℓ = log (1+x)/(1-x)``, ``x = aΔ/2``, both parts without cancellation."""
    x = 0.5 * a * step
    outside = np.abs(x) > 1e50  # squares of x overflow; λ(x) = -λ(1/x)
    x = np.where(outside, 1.0 / np.where(outside, x, 1.0), x)
    square = x.real**2 + x.imag**2
    with np.errstate(divide="ignore"):
        near_circle = np.arctanh(2.0 * x.real / (1.0 + square))
        far_inside = np.log(np.abs(1.0 + x)) - np.log(np.abs(1.0 - x))
    modulus = np.where(np.abs(near_circle) < 0.5, near_circle, far_inside)
    sine, cosine = 2.0 * x.imag, (1.0 - x.real) * (1.0 + x.real) - x.imag**2
    angle = np.where(outside, np.arctan2(-sine, -cosine), np.arctan2(sine, cosine))
    log: NDArray[np.complex128] = modulus + 1j * angle
    return log


def gbt_log(a: NDArray[Any], step: NDArray[Any], alpha: float) -> NDArray[np.complex128]:
    """Generalised bilinear transform: ``ℓ = log (1+(1-α)z)/(1-αz)``, ``z = aΔ``.

    ``|λ|²-1 = (2 Re z + (1-2α)|z|²)/|1-αz|²``: for α ≥ ½ and stable z a sum of negative terms.
    """
    if alpha == 0.5:
        return bilinear_log(a, step)
    z = a * step
    above, below = 1.0 + (1.0 - alpha) * z, 1.0 - alpha * z
    with np.errstate(divide="ignore"):
        excess = (2.0 * z.real + (1.0 - 2.0 * alpha) * np.abs(z) ** 2) / np.abs(below) ** 2
        near = np.abs(excess) < 0.5
        modulus = np.where(near, 0.5 * np.log1p(np.where(near, excess, 0.0)), np.log(np.abs(above)) - np.log(np.abs(below)))
    log: NDArray[np.complex128] = modulus + 1j * np.where(above == 0, 0.0, np.angle(above) - np.angle(below))
    return log


def euler_log(a: NDArray[Any], step: NDArray[Any]) -> NDArray[np.complex128]:
    """Forward Euler: ``ℓ = log (1+aΔ)``."""
    return gbt_log(a, step, 0.0)


def backward_euler_log(a: NDArray[Any], step: NDArray[Any]) -> NDArray[np.complex128]:
    """Backward Euler: ``ℓ = -log (1-aΔ)``."""
    return gbt_log(a, step, 1.0)


MAPS = {
    "zoh": zoh_log,
    "bilinear": bilinear_log,
    "euler": euler_log,
    "backward_euler": backward_euler_log,
    "impulse": zoh_log,
    "hold_euler": zoh_log,
    "foh": zoh_log,
}
"""Scalar maps from continuous to discrete poles, by name."""
