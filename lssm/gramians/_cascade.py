r"""Any stable system as a cascade of orthonormal sections: the Gramian as a factor, without the Gramian.

Schur form makes A upper triangular; then the last state depends on itself only. Its section, in the coordinate that
makes its energy one, is ``x ← Λ x + β u`` with orthonormal rows ``[Λ, β]``. What the rest sees through it is again white
inputs: complete ``[Λ, β]`` to a unitary matrix, and the rest is driven by ``[B, Y] Q`` where [B, Y] is how the inputs and the
last state drive it and Q spans the complement. So one goes on, and never squares a number [Hammarling1982]_. In continuous time
``Λ + Λ* + ββ* = 0``, and the rest is driven by ``B - W β``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from .._kernels.pairs import one_minus_product
from .._kernels.quasi import solve_shifted


@dataclass(frozen=True)
class Section:
    """States x of size one: ``x ← feedback x + weights u``; ``own = size · x`` are the coordinates they came from.

    Attributes
    ----------
    feedback : array, shape (q, q)
        Λ; q is 1, or 2 for a pair of complex poles of a real system.
    weights : array, shape (q, m)
        β.
    own : array, shape (q, q)
        Diagonal block of the factor.
    states, inputs : array, shape (q, m) and (m, m)
        How states and inputs reach the sections that follow: the complement of ``[Λ, β]*``; in continuous time -β and I.
    """

    feedback: NDArray[Any]
    weights: NDArray[Any]
    own: NDArray[Any]
    states: NDArray[Any]
    inputs: NDArray[Any]


@dataclass(frozen=True)
class Orthonormal:
    """A system in input-normal coordinates ``x = S x_o``.

    Attributes
    ----------
    A, B : array, shape (r, r) and (r, m)
        Lower (quasi-)triangular state matrix and inputs; ``A A* + B B* = I``, in continuous time ``A + A* + B B* = 0``.
    S : array, shape (N, r)
        Factor: the Gramian is ``S S*``. Columns of states that no input reaches are left out.
    poles : complex array, shape (r,)
        log λ, or a, in the order of A.
    """

    A: NDArray[Any]
    B: NDArray[Any]
    S: NDArray[Any]
    poles: NDArray[np.complex128]


@dataclass(frozen=True)
class Triangular:
    """A system with upper (quasi-)triangular A, and what is known of its diagonal beyond its doubles.

    Attributes
    ----------
    T : array, shape (N, N)
        Real with 2×2 blocks, or complex.
    poles : complex array, shape (N,)
        log λ in discrete time, a in continuous time, in the order of the diagonal.
    B : array, shape (N, m)
        Input matrix.
    continuous : bool
        The kind of time.
    """

    T: NDArray[Any]
    poles: NDArray[np.complex128]
    B: NDArray[Any]
    continuous: bool

    @property
    def blocks(self) -> list[slice]:
        """Diagonal blocks, first to last."""
        found, i, N = [], 0, len(self.T)
        while i < N:
            size = 2 if i + 1 < N and self.T[i + 1, i] != 0 else 1
            found.append(slice(i, i + size))
            i += size
        return found


def orthonormal(system: Triangular) -> Orthonormal:
    """The cascade of a triangular system: last state first."""
    N, inputs = len(system.T), system.B
    S, sections, kept = np.zeros((N, N), np.result_type(system.T, inputs)), [], []
    for block in reversed(system.blocks):
        rest = slice(0, block.start)
        if not inputs[block].any():
            inputs = inputs[rest]
            continue
        section = _section(system.T[block, block], system.poles[block], inputs[block], system.continuous)
        to_rest = system.T[rest, block] @ section.own
        W, inputs = _follow(system, rest, section, to_rest, inputs[rest])
        S[rest, block], S[block, block] = W, section.own
        sections.append(section)
        kept.append(np.arange(N)[block])
    columns = np.concatenate(kept) if kept else np.zeros(0, int)
    A, B = assemble(sections, system.B.shape[1], S.dtype)
    return Orthonormal(A, B, S[:, columns], system.poles[columns])


def _section(block: NDArray[Any], poles: NDArray[Any], weights: NDArray[Any], continuous: bool) -> Section:
    if len(block) == 2:
        return _pair(block, poles, weights, continuous)
    return scalar_section(complex(block[0, 0]) if np.iscomplexobj(block) else block[0, 0], poles[0], weights[0], continuous)


def scalar_section(value: Any, pole: complex, weights: NDArray[Any], continuous: bool) -> Section:
    """Section of one state ``x ← value x + weights u``; the pole is log λ, or a."""
    damping = -2.0 * pole.real if continuous else -np.expm1(2.0 * pole.real)
    largest = np.abs(weights).max()
    direction = weights / largest  # also where the weights are below the smallest normal double
    size = np.linalg.norm(direction)
    norm, beta = largest * size, (np.sqrt(damping) / size) * direction[None, :]
    return _completed(np.array([[value]]), beta, np.array([[norm / np.sqrt(damping)]]), continuous)


def _completed(feedback: NDArray[Any], beta: NDArray[Any], own: NDArray[Any], continuous: bool) -> Section:
    """A section with the complement of its rows; states stand above inputs, so that small weights keep their digits."""
    if continuous:
        return Section(feedback, beta, own, -beta, np.eye(beta.shape[1]))
    q = len(feedback)
    Q, _ = scipy.linalg.qr(np.vstack([feedback.conj().T, beta.conj().T]))
    return Section(feedback, beta, own, Q[:q, q:], Q[q:, q:])


def _pair(block: NDArray[Any], poles: NDArray[Any], weights: NDArray[Any], continuous: bool) -> Section:
    """Real section of two states with a pair of complex poles: made of two complex ones, then turned real."""
    Z, triangle = _complex_schur(block)
    pair = orthonormal(Triangular(triangle, _upper_first(poles), Z.conj().T @ weights, continuous))
    order = [1, 0]
    A, B, S = pair.A[np.ix_(order, order)], pair.B[order], Z @ pair.S[:, order]
    K = _real_axes(A, B)
    feedback, beta, own = K.conj().T @ A @ K, K.conj().T @ B, S @ K
    return _completed(feedback.real, beta.real, own.real, continuous)


def _complex_schur(block: NDArray[Any]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Unitary Z and upper triangular ``Z* M Z`` of a real 2×2 matrix with complex eigenvalues, the upper one first."""
    (a, b), (c, d) = block
    half = 0.5 * (a - d)
    root = np.sqrt(max(-(half * half + b * c), 0.0))
    v = np.array([b, complex(-half, root)]) if abs(b) > abs(c) else np.array([complex(half, root), c])
    v = v / np.linalg.norm(v)
    Z = np.array([[v[0], -v[1].conjugate()], [v[1], v[0].conjugate()]])
    triangle = Z.conj().T @ block @ Z
    triangle[1, 0] = 0
    return Z, triangle


def _upper_first(poles: NDArray[Any]) -> NDArray[Any]:
    """A conjugate pair in the order of `_complex_schur`; one pole as it is."""
    return poles[np.argsort(-poles.imag)]


def _real_axes(A: NDArray[np.complex128], B: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Unitary K with ``K* A K`` and ``K* B`` real, for an upper triangular A with conjugate poles in input-normal form.

    Real vectors are those with ``x = M x̄``, where ``A M = M Ā`` and ``B = M B̄``.
    """
    turn, h = 2.0 * A[0, 0].imag, A[0, 1]
    s, c = np.array([h.conjugate() / 1j, turn]) / np.hypot(abs(h), turn)
    M = np.array([[s.conjugate(), c], [c, -s]])
    phase = np.vdot(M @ B.conj(), B)
    M *= phase / abs(phase)
    first = np.array([1.0, 0.0]) if M[0, 0].real > 0 else np.array([1j, 0.0])
    first = first + M @ first.conj()
    first /= np.linalg.norm(first)
    second = np.array([-first[1].conjugate(), first[0].conjugate()])
    second = second * np.sqrt(np.vdot(second, M @ second.conj()))
    return np.stack([first, second], 1)


def _follow(
    system: Triangular, rest: slice, section: Section, to_rest: NDArray[Any], inputs: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Columns of the factor above a section, and the inputs of the states that follow."""
    known = inputs @ section.weights.conj().T
    if system.continuous:
        W = _coupled(system, rest, section, -(to_rest + known))
        return W, inputs - W @ section.weights
    W = _coupled(system, rest, section, to_rest @ section.feedback.conj().T + known)
    Y = system.T[rest, rest] @ W + to_rest
    return W, Y @ section.states + inputs @ section.inputs


def _coupled(system: Triangular, rest: slice, section: Section, right: NDArray[Any]) -> NDArray[Any]:
    """W of ``W - T W Λ* = right`` (discrete) or ``T W + W Λ* = right`` (continuous): column by column in the Schur form of Λ."""
    T = np.ascontiguousarray(system.T[rest, rest])
    values, Z = np.diagonal(section.feedback), None
    if len(values) == 2:
        Z, triangle = _complex_schur(section.feedback)
        values, right = np.diagonal(triangle), right @ Z
    own = _upper_first(system.poles[rest.stop : rest.stop + len(values)])
    columns = np.array(right, np.complex128)
    for k in reversed(range(len(values))):
        if k == 0 and Z is not None:
            turned = columns[:, 1] * triangle[0, 1].conjugate()
            columns[:, 0] += -turned if system.continuous else T @ turned
        columns[:, k] = _column(system, rest, T, values[k].conjugate(), own[k], columns[:, k])
    W = columns if Z is None else columns @ Z.conj().T
    return W if np.iscomplexobj(system.T) or np.iscomplexobj(system.B) else W.real


def _column(system: Triangular, rest: slice, T: NDArray[Any], value: complex, own: complex, right: NDArray[Any]) -> NDArray[Any]:
    """Solve ``(I - value T) w = right``, in continuous time ``(value I + T) w = right``; value is conjugate to the pole `own`."""
    w, poles = np.ascontiguousarray(right), system.poles[rest]
    if system.continuous:
        solve_shifted(T, poles + value, complex(value), 1.0 + 0j, w)
    else:
        gaps = np.array([one_minus_product(pole, own) for pole in poles], np.complex128)
        solve_shifted(T, gaps, 1.0 + 0j, -complex(value), w)
    return w


def assemble(sections: list[Section], m: int, dtype: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """State matrix and inputs of the cascade, first section first: lower triangular."""
    size = sum(len(section.feedback) for section in sections)
    A, B = np.zeros((size, size), dtype), np.zeros((size, m), dtype)
    for section in reversed(sections):
        q = len(section.feedback)
        own, after = slice(size - q, size), slice(size, len(A))
        A[own, own] = section.feedback
        A[after, own] = B[after] @ section.states.conj().T
        B[after] = B[after] @ section.inputs.conj().T
        B[own] = section.weights
        size -= q
    return A, B
