"""The best readout, and gradient descent and flow towards it."""

from collections.abc import Iterable, Sequence
from typing import Any

from .._validate import InvalidInputError, count
from ._exact import conjugate, exact, is_zero, row_of, solve, sympy, weights_of
from ._gramian import gramian
from ._memory import memory_capacity


def readout(poles: Iterable[Any], teacher: Iterable[Any], weights: Sequence[Any] | None = None) -> tuple[Any, Any]:
    r"""Best readout of a diagonal system for a finite teacher, and its loss ``E|y - z|²`` under white input.

    Parameters
    ----------
    poles : iterable of shape (N,)
        Exact distinct poles.
    teacher : iterable of shape (T,)
        Exact taps ``m_τ`` of the delays 0 … T-1.
    weights : sequence of shape (N,), optional
        Exact input weights; default 1.

    Returns
    -------
    c : SymPy Matrix, shape (N, 1)
        ``G⁻¹ q``, ``q = Σ_τ m̄_τ v_τ``, for ``y = c* x``.
    loss : SymPy expression
        ``‖m‖² - q* G⁻¹ q``.

    Raises
    ------
    InvalidInputError
        Rounded numbers, repeated poles.

    See Also
    --------
    lssm.dynamics.teacher_information, lssm.dynamics.ReadoutFlow : the same in floating point.

    Notes
    -----
    Theorems: :doc:`/theorems/readout_flow` (``proofs/readout_flow.py``), :doc:`/theorems/teacher_information`
    (``proofs/teacher_information.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> c, loss = symbolic.readout(["1/2", "-1/3"], [0, 1])
    >>> 1 - loss == symbolic.memory_function(["1/2", "-1/3"], 2)[1]
    True
    """
    G, q, energy = _normal_equations(poles, teacher, weights)
    c = solve(G, q)
    return c, sympy().simplify(energy - (q.H * c)[0])


def readout_loss(
    poles: Iterable[Any], teacher: Iterable[Any], steps: int, rate: Any, weights: Sequence[Any] | None = None
) -> list[Any]:
    r"""Losses along gradient descent ``c ← c - η (G c - q)`` from zero, exactly, after 0, 1, …, k steps.

    Parameters
    ----------
    poles : iterable of shape (N,)
        Exact distinct poles.
    teacher : iterable of shape (T,)
        Exact taps ``m_τ`` of the delays 0 … T-1.
    steps : int
        k, the number of steps of descent.
    rate : exact number or expression
        Step size η of ½L.
    weights : sequence of shape (N,), optional
        Exact input weights; default 1.

    Returns
    -------
    list of SymPy expressions, length k + 1

    Raises
    ------
    InvalidInputError
        Rounded numbers, repeated poles.

    See Also
    --------
    lssm.dynamics.ReadoutFlow : the same in floating point, in closed form.

    Notes
    -----
    Theorem: :doc:`/theorems/readout_flow` (``proofs/readout_flow.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.readout_loss(["1/2"], [1], 2, "1/2")
    [1, 1/3, 7/27]
    """
    sp = sympy()
    G, q, energy = _normal_equations(poles, teacher, weights)
    c, eta, losses = sp.zeros(G.rows, 1), exact(rate, "rate"), []
    for _ in range(count(steps, "steps", least=0) + 1):
        losses.append(sp.simplify(energy - 2 * sp.re((c.H * q)[0]) + (c.H * G * c)[0]))
        c = c - eta * (G * c - q)
    return losses


def readout_flow(poles: Iterable[Any], teacher: Iterable[Any], time: Any, weights: Sequence[Any] | None = None) -> Any:
    r"""Loss along the gradient flow ``ċ = q - G c`` from zero, exactly, at a symbolic or exact time.

    Parameters
    ----------
    poles : iterable of shape (N,)
        Exact distinct poles.
    teacher : iterable of shape (T,)
        Exact taps ``m_τ`` of the delays 0 … T-1.
    time : exact number or expression
        Time of the flow of ½L; k steps of descent at a small rate η are the time kη.
    weights : sequence of shape (N,), optional
        Exact input weights; default 1.

    Returns
    -------
    SymPy expression
        ``‖m‖² - q* G⁻¹ (1 - exp(-2Gt)) q``.

    Raises
    ------
    InvalidInputError
        Rounded numbers, repeated poles.

    See Also
    --------
    lssm.dynamics.ReadoutFlow : the same in floating point, for any N.

    Notes
    -----
    Theorem: :doc:`/theorems/readout_flow` (``proofs/readout_flow.py``); derivation: :doc:`/derivations/learning`.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.readout_flow(["1/2"], [1], "t")
    1/4 + 3*exp(-8*t/3)/4
    """
    G, q, energy = _normal_equations(poles, teacher, weights)
    t, loss = exact(time, "time"), energy
    for speed, part in _modes(G, q):
        share = part / speed
        share = sympy().radsimp(share) if share.is_algebraic and not share.has(sympy().CRootOf) else share
        loss = loss - share * (1 - sympy().exp(-2 * speed * t))
    return sympy().expand(loss)


def _modes(G: Any, q: Any) -> list[tuple[Any, Any]]:
    """Eigenvalues of G and what q has of each: poles and residues of ``q* (s-G)⁻¹ q``."""
    sp = sympy()
    s = sp.Dummy("s")
    top, bottom = sp.fraction(sp.cancel((q.H * solve(s * sp.eye(G.rows) - G, q))[0]))
    bottom = sp.Poly(bottom, s)
    top, bottom = sp.expand(top / bottom.LC()), bottom.monic()
    rational = bottom.domain in (sp.ZZ, sp.QQ)
    speeds = bottom.all_roots() if rational else list(sp.roots(bottom, s))
    if len(set(speeds)) < bottom.degree():
        raise InvalidInputError("poles: the Gramian's eigenvalues have no closed form; pass rational poles, or fewer")
    return [(speed, sp.expand(top.subs(s, speed) / bottom.diff(s).as_expr().subs(s, speed))) for speed in speeds]


def _normal_equations(poles: Iterable[Any], teacher: Iterable[Any], weights: Sequence[Any] | None) -> tuple[Any, Any, Any]:
    """``G``, ``q`` and ``‖m‖²``."""
    row, taps = row_of(poles, "poles"), row_of(teacher, "teacher")
    if memory_capacity(row) < len(row):
        raise InvalidInputError("poles: repeated; a diagonal system reaches equal ones once, pass distinct poles")
    b = weights_of(weights, len(row))
    if any(is_zero(weight) for weight in b):
        raise InvalidInputError("weights: must not be zero; leave out the poles that the input does not reach")
    zero = sympy().Integer(0)
    q = [bk * sum((conjugate(m) * l**t for t, m in enumerate(taps)), zero) for l, bk in zip(row, b, strict=True)]
    energy = sum((m * conjugate(m) for m in taps), zero)
    return gramian(row, b), sympy().Matrix(q), energy
