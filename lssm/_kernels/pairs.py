"""What depends on pairs of poles: their gap, 1 minus their product, and sums over all pairs. Poles come as logarithms."""

from typing import Any

import numpy as np

from ._compile import compiled


@compiled
def expm1_apart(decay: float, p: float, q: float) -> complex:
    """exp(decay + i(p-q)) - 1 without cancellation.

    p - q is carried as head and tail: near a multiple of 2π, where one pole is almost the alias of the other, the tail counts.
    Sine and cosine reduce the head exactly. (Numba's own complex expm1 loses half the digits near 0.)
    """
    head = p - q
    back = head - p
    tail = (p - (head - back)) - (q + back)
    half = np.sin(0.5 * head) + 0.5 * tail * np.cos(0.5 * head)
    whole = np.sin(head) + tail * np.cos(head)
    grown = np.expm1(decay)
    return complex(grown - 2.0 * half * half * (grown + 1.0), (grown + 1.0) * whole)


@compiled
def one_minus_product(log_m: complex, log_p: complex) -> complex:
    """1 - λ_m conj(λ_p), from the logarithms."""
    if log_m.real == -np.inf or log_p.real == -np.inf:
        return 1.0 + 0j
    return -expm1_apart(log_m.real + log_p.real, log_m.imag, log_p.imag)


@compiled
def difference_of_poles(log_m: complex, log_p: complex) -> complex:
    """λ_m - λ_p, from the logarithms."""
    if log_p.real == -np.inf:
        return np.exp(log_m) if log_m.real != -np.inf else 0j
    if log_m.real == -np.inf:
        return -np.exp(log_p)
    if log_m.real > log_p.real:  # the larger one outside: its partner may be below the smallest double
        return -np.exp(log_m) * expm1_apart(log_p.real - log_m.real, log_p.imag, log_m.imag)
    return np.exp(log_p) * expm1_apart(log_m.real - log_p.real, log_m.imag, log_p.imag)


@compiled
def pseudo_hyperbolic(first: Any, second: Any, table: Any) -> None:
    """Pseudo-hyperbolic distances ``|λ_i-λ'_j|/|1-λ_iλ̄'_j|`` of two pole sets.

    Parameters
    ----------
    first, second : complex array, shape (N,) and (M,)
        log λ and log λ', -inf for a pole at 0.
    table : float array, shape (N, M)
        Output.
    """
    for i in range(first.size):
        for j in range(second.size):
            table[i, j] = abs(difference_of_poles(first[i], second[j])) / abs(one_minus_product(first[i], second[j]))


@compiled
def tables_of_pairs(log: Any, apart: Any, coupled: Any) -> None:
    """``λ_i - λ_j`` and ``1 - λ_i λ̄_j`` for all pairs, each to a few ulps.

    Parameters
    ----------
    log : complex array, shape (N,)
        log λ, -inf for λ = 0.
    apart, coupled : complex array, shape (N, N)
        Outputs.
    """
    for i in range(log.size):
        for j in range(i):
            apart[i, j] = difference_of_poles(log[i], log[j])
            apart[j, i] = -apart[i, j]
            coupled[i, j] = one_minus_product(log[i], log[j])
            coupled[j, i] = coupled[i, j].conjugate()
        apart[i, i] = 0.0
        coupled[i, i] = -np.expm1(2.0 * log[i].real)


@compiled
def delay_weighted_energy(log: Any, w: Any) -> float:
    r"""Sum over τ ≥ 0 of ‖Aᵒ^τ x‖², where x_k = √g_k w_k is a state of the cascade.

    ``I - Aᵒ* Aᵒ = c* c`` turns the sum into ``Σ_s (s+1) |c Aᵒ^s x|²``, and residues into
    ``Σ_i |x_i|² (1/g_i + Σ_{m>i} Re (1+λ_iλ̄_m)/(1-λ_iλ̄_m))`` plus twice the real part of
    ``Σ_m λ_m Σ_{l<e≤m} x̄_l x_e √(g_l g_e) / ((1-λ̄_lλ_m)(1-λ̄_eλ_m)) Π_{l<p<e} (λ_m-λ_p)/(1-λ̄_pλ_m)``:
    for each m one running product, O(N²) in all, and no division by a difference of poles.

    Parameters
    ----------
    log : complex array, shape (N,)
        log λ of the sections, -inf for λ = 0.
    w : complex array, shape (N,)
        Section states.
    """
    N = log.size
    total = 0.0
    for m in range(N):
        g_m = -np.expm1(2.0 * log[m].real)
        total += abs(w[m]) ** 2
        pole_m = np.exp(log[m]) if log[m].real != -np.inf else 0j
        upstream, pairs = 0j, 0j
        for e in range(m + 1):
            g = -np.expm1(2.0 * log[e].real)
            gap = one_minus_product(log[m], log[e]) if e < m else g_m + 0j
            if e < m:
                total += g * abs(w[e]) ** 2 * (2.0 / gap - 1.0).real
            x = g * w[e] / gap
            pairs += x * upstream
            upstream = upstream * difference_of_poles(log[m], log[e]) / gap + g * w[e].conjugate() / gap
        total += 2.0 * (pole_m * pairs).real
    return total


@compiled
def delay_moment(log: Any) -> float:
    """``½ [Σ_ij Re (1+λ_iλ̄_j)/(1-λ_iλ̄_j) - N]``: the sum of τ M(τ), N times the mean delay.

    The diagonal less N is ``Σ 2|λ_i|²/(1-|λ_i|²)``, formed as such; rows are summed apart, which keeps the rounding small.

    Parameters
    ----------
    log : complex array, shape (N,)
        log λ, -inf for λ = 0.
    """
    total = 0.0
    for i in range(log.size):
        row = np.exp(2.0 * log[i].real) / -np.expm1(2.0 * log[i].real)
        for j in range(i):
            row += (2.0 / one_minus_product(log[i], log[j])).real - 1.0
        total += row
    return total


@compiled
def one_minus_products(first: Any, second: Any, table: Any) -> None:
    """``1 - λ_i λ̄'_j`` of two pole sets.

    Parameters
    ----------
    first, second : complex array, shape (N,) and (M,)
        log λ and log λ', -inf for a pole at 0.
    table : complex array, shape (N, M)
        Output.
    """
    for i in range(first.size):
        for j in range(second.size):
            table[i, j] = one_minus_product(first[i], second[j])


@compiled
def backward_ends(log: Any, w: Any, ends: Any) -> None:
    """What the backward scans of all poles make of the section states: ``Σ_{s≥T} λ̄_k^{s-T} b_s`` from the states after step T-1.

    For each k: ``S = w_k``, then for j > k ``S <- (g_j w_j + (λ̄_k-λ̄_j) S)/(1-λ_jλ̄_k)``. Linear in w.

    Parameters
    ----------
    log : complex array, shape (N,)
        log λ in the order of the cascade.
    w : complex array, shape (N,)
        Section states.
    ends : complex array, shape (N,)
        Output.
    """
    for k in range(log.size):
        end = w[k]
        for j in range(k + 1, log.size):
            gain = -np.expm1(2.0 * log[j].real) * w[j]
            apart = difference_of_poles(log[k], log[j])
            end = (gain + apart.conjugate() * end) / one_minus_product(log[j], log[k])
        ends[k] = end


@compiled
def modes_through_cascade(log: Any, modes: Any, residues: Any, w: Any, passed: Any) -> None:
    """The signal ``Σ_i r_i p_i^t``, run against time through the cascade.

    Parameters
    ----------
    log : complex array, shape (N,)
        log λ in the order of the cascade.
    modes, residues : complex array, shape (n,)
        log p and r.
    w : complex array, shape (N,)
        Output: ``Σ_i r̄_i w_k(p̄_i)``, w_k(z) the transfer function to the state of section k.
    passed : complex array, shape (n,)
        Output: residues ``r_i Π_k (p_i-λ_k)/(1-λ̄_k p_i)`` of what leaves the last section.
    """
    w[:] = 0
    for i in range(modes.size):
        through = 1.0 + 0j
        for k in range(log.size):
            below = one_minus_product(modes[i], log[k])
            w[k] += (residues[i] * through / below).conjugate()
            through *= difference_of_poles(modes[i], log[k]) / below
        passed[i] = residues[i] * through
