r"""Exact twins in SymPy: memory functions, Gramians, gradients, discretizations and flows, for symbolic or rational poles.

For checks of one's own derivations at small N: everything here is an expression, and nothing is rounded. SymPy is imported when a
function is first called. Poles are SymPy expressions, integers, fractions or strings that SymPy understands; floats are refused,
since they are not what they seem.

>>> from lssm import symbolic
>>> symbolic.memory_function(["1/2", "-1/3"], 3)
[35/36, 1211/1296, 2387/46656]
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from importlib import import_module
from typing import Any

from ._validate import InvalidInputError, choice, count


def _sympy() -> Any:
    return import_module("sympy")


def _exact(value: Any, name: str) -> Any:
    """`value` as an exact SymPy expression."""
    if isinstance(value, (float, complex)) and not isinstance(value, bool):
        raise InvalidInputError(f"{name}: {value!r} is rounded; pass an exact number, for example '{Fraction(value.real)}'")
    try:
        return _sympy().sympify(value, rational=True)
    except (TypeError, ValueError, _sympy().SympifyError) as error:
        raise InvalidInputError(f"{name}: {value!r} is no exact number or expression ({type(error).__name__})") from None


def _row(values: Iterable[Any], name: str) -> list[Any]:
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise InvalidInputError(f"{name}: pass a list, for example ['1/2', '1/3']")
    row = [_exact(value, name) for value in values]
    if not row:
        raise InvalidInputError(f"{name}: empty; at least one is needed")
    return row


def _conjugate(value: Any) -> Any:
    return _sympy().conjugate(value)


def _weights(weights: Sequence[Any] | None, N: int) -> list[Any]:
    row = [_sympy().Integer(1)] * N if weights is None else _row(weights, "weights")
    if len(row) != N:
        raise InvalidInputError(f"weights: {len(row)} do not fit {N} poles")
    return row


def allpass_response(poles: Iterable[Any], T: int) -> list[Any]:
    r"""Impulse response ``b_j`` of the all-pass filter ``Π_k (z - λ̄_k)/(1 - λ_k z)``.

    Parameters
    ----------
    poles : iterable
        Exact poles λ_k, repeats allowed.
    T : int
        Coefficients 0 … T-1.

    Returns
    -------
    list of SymPy expressions, length T

    Raises
    ------
    InvalidInputError
        Rounded numbers.

    See Also
    --------
    lssm.allpass.allpass_impulse_response : the same in floating point.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.allpass_response(["1/2"], 3)
    [-1/2, 3/4, 3/8]
    """
    row = _row(poles, "poles")
    return _cascade(row, [_conjugate(l) for l in row], count(T, "T"))


def _cascade(poles: Sequence[Any], conjugates: Sequence[Any], T: int) -> list[Any]:
    """Coefficients of ``Π (z - conjugate_k)/(1 - pole_k z)``, both taken as independent."""
    response = [_sympy().Integer(1), *[_sympy().Integer(0)] * (T - 1)]
    for l, bar in zip(poles, conjugates, strict=True):
        factor = [-bar, *((1 - l * bar) * l ** (j - 1) for j in range(1, T))]
        response = [_sympy().expand(sum(response[i] * factor[j - i] for i in range(j + 1))) for j in range(T)]
    return response


def memory_function(poles: Iterable[Any], T: int, *, horizon: int | None = None) -> list[Any]:
    r"""Memory function ``M(τ) = 1 - Σ_{j≤τ} |b_j|²``, or T steps after rest the leverage scores of ``λ_k^τ``.

    Parameters
    ----------
    poles : iterable
        Exact poles; repeats count with multiplicity for an infinite past, distinct ones are needed for a horizon.
    T : int
        Delays 0 … T-1.
    horizon : int, optional
        Steps since rest, at least T and at least the number of poles; an infinite past if left out.

    Returns
    -------
    list of SymPy expressions, length T

    Raises
    ------
    InvalidInputError
        Rounded numbers, a horizon that is too short.

    See Also
    --------
    lssm.memory_function : the same in floating point, for any N.

    Examples
    --------
    >>> import sympy
    >>> from lssm import symbolic
    >>> r = sympy.Symbol("r", positive=True)
    >>> [sympy.factor(m) for m in symbolic.memory_function([r], 2)]
    [-(r - 1)*(r + 1), -r**2*(r - 1)*(r + 1)]
    """
    if horizon is not None:
        return _finite_memory(_row(poles, "poles"), count(T, "T"), count(horizon, "horizon"))
    left, found = _sympy().Integer(1), []
    for b in allpass_response(poles, T):
        left = _sympy().expand(left - b * _conjugate(b))
        found.append(left)
    return found


def _finite_memory(poles: list[Any], T: int, horizon: int) -> list[Any]:
    if horizon < max(T, len(poles)):
        raise InvalidInputError(f"horizon: {horizon} is shorter than {T} delays or than {len(poles)} poles")
    if memory_capacity(poles) < len(poles):
        raise InvalidInputError("poles: repeated; a diagonal system reaches equal ones once, pass distinct poles")
    sympy = _sympy()
    V = sympy.Matrix(horizon, len(poles), lambda t, k: poles[k] ** t)
    inverse = (V.H * V).inv()
    return [sympy.simplify((V[t, :] * inverse * V[t, :].H)[0]) for t in range(T)]


def memory_capacity(poles: Iterable[Any]) -> int:
    """Capacity of a diagonal system: the number of its distinct poles.

    Parameters
    ----------
    poles : iterable
        Exact poles; symbols of different names are taken as different.

    Returns
    -------
    int

    Raises
    ------
    InvalidInputError
        Rounded numbers.

    See Also
    --------
    lssm.memory_capacity : the same in floating point, for any system.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.memory_capacity(["1/2", "2/4", "x"])
    2
    """
    different: list[Any] = []
    for l in _row(poles, "poles"):
        if not any(_sympy().simplify(l - other) == 0 for other in different):
            different.append(l)
    return len(different)


def gramian(poles: Iterable[Any], weights: Sequence[Any] | None = None, *, horizon: int | None = None) -> Any:
    r"""Reachability Gramian ``G_ij = b_i b̄_j/(1 - λ_i λ̄_j)`` of a diagonal system; its first T terms with a horizon.

    Parameters
    ----------
    poles : iterable
        Exact poles, shape (N,).
    weights : sequence, optional
        Exact input weights; default 1.
    horizon : int, optional
        Steps since rest.

    Returns
    -------
    SymPy Matrix, shape (N, N)

    Raises
    ------
    InvalidInputError
        Rounded numbers, weights of another length.

    See Also
    --------
    lssm.gramian_factor, lssm.gramian_eigenvalues : the same in floating point, by factors.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.gramian(["1/2", 0])
    Matrix([
    [4/3, 1],
    [  1, 1]])
    """
    row = _row(poles, "poles")
    b = _weights(weights, len(row))
    last = None if horizon is None else count(horizon, "horizon")

    def entry(i: int, j: int) -> Any:
        product = row[i] * _conjugate(row[j])
        head = 1 if last is None else 1 - product**last
        return b[i] * _conjugate(b[j]) * head / (1 - product)

    return _sympy().Matrix(len(row), len(row), entry)


def memory_gradient(poles: Iterable[Any], T: int) -> Any:
    r"""Wirtinger derivatives ``∂M(τ)/∂λ_k``, λ and λ̄ taken as independent.

    Parameters
    ----------
    poles : iterable
        Exact poles, shape (N,).
    T : int
        Delays 0 … T-1.

    Returns
    -------
    SymPy Matrix, shape (N, T)

    Raises
    ------
    InvalidInputError
        Rounded numbers.

    See Also
    --------
    lssm.memory_gradient : the same in floating point, by two scans.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.memory_gradient(["1/2"], 2)  # of |λ|^{2τ}(1-|λ|²)
    Matrix([[-1/2, 1/4]])
    """
    sympy = _sympy()
    row, size = _row(poles, "poles"), count(T, "T")
    l, bar = (sympy.symbols(f"{name}0:{len(row)}", cls=sympy.Dummy) for name in ("l", "b"))
    values = dict(zip(l, row, strict=True)) | {c: _conjugate(value) for c, value in zip(bar, row, strict=True)}
    left, memory = sympy.Integer(1), []
    for one, other in zip(_cascade(l, bar, size), _cascade(bar, l, size), strict=True):
        left = left - one * other
        memory.append(left)
    return sympy.Matrix(len(row), size, lambda k, t: sympy.simplify(sympy.diff(memory[t], l[k]).subs(values)))


def _rules() -> dict[str, Callable[[Any, Any], tuple[Any, Any]]]:
    exp = _sympy().exp
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
        Continuous pole.
    step : exact number or expression
        Time step Δ.
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

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.discretize("-1/2", "1/10", "bilinear")
    (39/41, 4/41)
    """
    rules = _rules()
    return rules[choice(method, "method", rules)](_exact(a, "a"), _exact(step, "step"))


def readout(poles: Iterable[Any], teacher: Iterable[Any], weights: Sequence[Any] | None = None) -> tuple[Any, Any]:
    r"""Best readout of a diagonal system for a finite teacher, and its loss ``E|y - z|²`` under white input.

    Parameters
    ----------
    poles : iterable
        Exact distinct poles, shape (N,).
    teacher : iterable
        Taps ``m_τ``.
    weights : sequence, optional
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

    Examples
    --------
    >>> from lssm import symbolic
    >>> c, loss = symbolic.readout(["1/2", "-1/3"], [0, 1])
    >>> 1 - loss == symbolic.memory_function(["1/2", "-1/3"], 2)[1]
    True
    """
    G, q, energy = _normal_equations(poles, teacher, weights)
    c = G.inv() * q
    return c, _sympy().simplify(energy - (q.H * c)[0])


def readout_loss(
    poles: Iterable[Any], teacher: Iterable[Any], steps: int, rate: Any, weights: Sequence[Any] | None = None
) -> list[Any]:
    r"""Losses along gradient descent ``c ← c - η (G c - q)`` from zero, exactly, after 0, 1, …, k steps.

    Parameters
    ----------
    poles : iterable
        Exact poles, shape (N,).
    teacher : iterable
        Taps ``m_τ``.
    steps : int
        k.
    rate : exact number or expression
        Step size η of ½L.
    weights : sequence, optional
        Exact input weights; default 1.

    Returns
    -------
    list of SymPy expressions, length k + 1

    Raises
    ------
    InvalidInputError
        Rounded numbers.

    See Also
    --------
    lssm.dynamics.ReadoutFlow : the same in floating point, in closed form.

    Examples
    --------
    >>> from lssm import symbolic
    >>> symbolic.readout_loss(["1/2"], [1], 2, "1/2")
    [1, 1/3, 7/27]
    """
    sympy = _sympy()
    G, q, energy = _normal_equations(poles, teacher, weights)
    c, eta, losses = sympy.zeros(G.rows, 1), _exact(rate, "rate"), []
    for _ in range(count(steps, "steps", least=0) + 1):
        losses.append(sympy.simplify(energy - 2 * sympy.re((c.H * q)[0]) + (c.H * G * c)[0]))
        c = c - eta * (G * c - q)
    return losses


def _normal_equations(poles: Iterable[Any], teacher: Iterable[Any], weights: Sequence[Any] | None) -> tuple[Any, Any, Any]:
    """``G``, ``q`` and ``‖m‖²``."""
    row, taps = _row(poles, "poles"), _row(teacher, "teacher")
    if memory_capacity(row) < len(row):
        raise InvalidInputError("poles: repeated; a diagonal system reaches equal ones once, pass distinct poles")
    b = _weights(weights, len(row))
    zero = _sympy().Integer(0)
    q = [bk * sum((_conjugate(m) * l**t for t, m in enumerate(taps)), zero) for l, bk in zip(row, b, strict=True)]
    energy = sum((m * _conjugate(m) for m in taps), zero)
    return gramian(row, b), _sympy().Matrix(q), energy
