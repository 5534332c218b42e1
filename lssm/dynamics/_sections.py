r"""Stable real pole sets without constraints: pairs by their sum and product, in hyperbolic coordinates.

A pair of poles, complex or real, is a root pair of ``z² - s z + p``, stable exactly if ``|p| < 1`` and ``|s| < 1 + p``: so
``p = tanh β``, ``s = (1+p) tanh α`` with any real α, β. Unlike real and imaginary parts these let two conjugate poles become
two real ones. An odd pole is ``tanh α``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..poles import exponential, is_real, log_of
from ._charts import Chart, Matrix

_APART = 1e-9
"""Difference of the poles of a pair below which their derivatives are those of poles so far apart."""
_RIM = -1e-14
"""Largest Re log λ: beyond, tanh rounds to 1."""


@dataclass(frozen=True)
class Sections(Chart):
    """θ: α of all pairs, β of all pairs, then α of the odd pole if there is one."""

    start: NDArray[np.float64]

    def _parts(self, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        n = theta.size // 2
        return theta[:n], theta[n : 2 * n], theta[2 * n :]

    def log(self, theta: NDArray[np.float64]) -> Matrix:
        alpha, beta, odd = self._parts(theta)
        pairs = np.concatenate(_pair_logs(alpha, beta))
        log = np.concatenate([pairs, log_of(np.tanh(odd) + 0j)])
        return np.minimum(log.real, _RIM) + 1j * log.imag

    def jacobian(self, theta: NDArray[np.float64]) -> Matrix:
        alpha, beta, odd = self._parts(theta)
        n, values = alpha.size, exponential(self.log(theta))[0]
        first, second = values[:n], values[n : 2 * n]
        apart = first - second
        apart = np.where(np.abs(apart) < _APART, _APART, apart)
        product, bend = np.tanh(beta), np.cosh(np.minimum(np.abs(beta), 300)) ** -2.0
        along = np.stack([np.cosh(np.minimum(np.abs(alpha), 300)) ** -2.0 * (1 + product), np.tanh(alpha) * bend])  # ∂s/∂α, ∂s/∂β
        J = np.zeros((2 * n + odd.size, theta.size), np.complex128)
        pair = np.arange(n)
        for rows, pole, sign in ((pair, first, 1.0), (n + pair, second, -1.0)):
            J[rows, pair] = sign * pole * along[0] / apart
            J[rows, n + pair] = sign * (pole * along[1] - bend) / apart
        J[2 * n :, 2 * n :] = np.diag(np.cosh(np.minimum(np.abs(odd), 300)) ** -2.0)
        return J


def _pair_logs(alpha: NDArray[np.float64], beta: NDArray[np.float64]) -> tuple[Matrix, Matrix]:
    """Log λ of both poles of each pair; 1-p and p - s²/4 without cancellation."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        product, short = np.tanh(beta), 2.0 / (1.0 + np.exp(2.0 * beta))  # p and 1-p
        total = (2.0 - short) * np.tanh(alpha)
        width = (2.0 - short) / np.cosh(alpha)
        discriminant = 0.25 * (width - short) * (width + short)  # p - s²/4
        turn = np.arctan2(np.sqrt(np.maximum(discriminant, 0.0)), 0.5 * total)
        modulus = 0.5 * np.log1p(-short)
        large = 0.5 * total + np.where(total < 0, -1.0, 1.0) * np.sqrt(np.maximum(-discriminant, 0.0))
        small = np.where(large == 0, 0.0, product / np.where(large == 0, 1.0, large))
    complex_pair = discriminant > 0
    first = np.where(complex_pair, modulus + 1j * turn, log_of(large + 0j))
    second = np.where(complex_pair, modulus - 1j * turn, log_of(small + 0j))
    return first, second


def sections_of(log: Matrix) -> Sections:
    """The chart of a stable set that is closed under conjugation; real poles are paired in the order of their size."""
    values, alone = exponential(log)[0], is_real(log)
    upper = values[~alone & (log.imag % (2 * np.pi) < np.pi)]
    reals = np.sort(values[alone].real)
    odd = reals[reals.size // 2 : reals.size // 2 + 1] if reals.size % 2 else reals[:0]
    rest = np.delete(reals, reals.size // 2) if reals.size % 2 else reals
    total = np.concatenate([2 * upper.real, rest[0::2] + rest[1::2]])
    product = np.concatenate([np.abs(upper) ** 2, rest[0::2] * rest[1::2]])
    beta = np.arctanh(np.clip(product, -1 + 1e-15, 1 - 1e-15))
    alpha = np.arctanh(np.clip(total / (1 + product), -1 + 1e-15, 1 - 1e-15))
    return Sections(np.concatenate([alpha, beta, np.arctanh(np.clip(odd, -1 + 1e-15, 1 - 1e-15))]))


@dataclass(frozen=True)
class Logs(Chart):
    """Any stable poles, each by itself: ``ℓ = -exp ν + iθ``; for complex teachers."""

    start: NDArray[np.float64]

    def log(self, theta: NDArray[np.float64]) -> Matrix:
        n = theta.size // 2
        return np.minimum(-np.exp(np.clip(theta[:n], -40.0, 6.0)), _RIM) + 1j * theta[n:]

    def jacobian(self, theta: NDArray[np.float64]) -> Matrix:
        log = self.log(theta)
        values = exponential(log)[0]
        return np.concatenate([np.diag(log.real * values), np.diag(1j * values)], axis=1)


def logs_of(log: Matrix) -> Logs:
    """The chart of any stable set without poles at 0."""
    return Logs(np.concatenate([np.log(-np.maximum(log.real, -400.0)), log.imag]))
