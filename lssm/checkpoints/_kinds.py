"""One function for each parameterisation: parameters in, layer out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..poles import Poles, bilinear_log
from ..reachability import reachable_block
from ._files import Parameters
from ._layer import Layer

_FLOAT32_STEP = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Kind:
    """A parameterisation: the names that give it away, all of which must be present, and its reader."""

    name: str
    tensors: tuple[str, ...]
    read: Callable[[Parameters, float], Layer]


def _layer(
    p: Parameters, kind: str, poles: Poles, step: NDArray[Any], order: int, conventions: list[str], log: NDArray[Any]
) -> Layer:
    notes = (*conventions, *_aliased(log), *_nearly_coincident(poles))
    return Layer(p.prefix.rstrip(".") or kind, kind, poles, step, order, notes)


def _s4d(p: Parameters, tolerance: float) -> Layer:
    log_dt, log_decay, frequency = p["log_dt"], p["log_A_real"], p["A_imag"]
    fits = (
        log_decay.ndim == 2 and log_decay.shape == frequency.shape and log_decay.size > 0 and log_dt.shape == log_decay.shape[:1]
    )
    p.require(fits, "(H,), (H, N/2) twice", "log_dt", "log_A_real", "A_imag")
    with np.errstate(all="ignore"):  # what overflows is refused below
        step = np.exp(log_dt)
        log = (-np.exp(log_decay) + 1j * frequency) * step[:, None]
    _require_stable(p, log, step)
    poles = Poles.from_log(log, half=True, diagonal=True, tolerance=tolerance)
    conventions = [f"{p.precision('A_imag')}; half sets completed with their conjugates; zero-order hold"]
    return _layer(p, "S4D", poles, step, 2 * log.shape[1], conventions, log)


def _s4(p: Parameters, tolerance: float) -> Layer:
    log_dt, log_decay, frequency = p["inv_dt"], p["A_real"], p["A_imag"]
    P, B = (p[name] for name in ("P", "B"))
    shape = log_decay.shape
    fits = len(shape) == 2 and log_decay.size > 0 and frequency.shape == shape and log_dt.shape in (shape[:1], (shape[0], 1))
    p.require(fits, "(H, 1), (H, N/2) twice", "inv_dt", "A_real", "A_imag")
    fits = (
        P.ndim == 4 and B.ndim == 4 and all(t.shape[1:] == (*_heads(t, shape), 2) and shape[0] % t.shape[1] == 0 for t in (P, B))
    )
    p.require(fits and B.shape[0] == 1, "(rank, H, N/2, 2) and (1, H, N/2, 2)", "P", "B")
    low_rank, inputs = (_spread(t[..., 0] + 1j * t[..., 1], shape[0]) for t in (P, B))
    with np.errstate(all="ignore"):
        step = np.exp(log_dt).reshape(-1)
        diagonal = -np.exp(log_decay) - 1j * frequency
    sizes = np.abs(diagonal).max(), np.abs(low_rank).max(), np.abs(inputs).max()
    if not (np.isfinite(sizes).all() and max(sizes) < 1e100 and np.isfinite(step).all() and (step > 0).all()):
        raise p.unstable()
    p.require(bool(np.abs(inputs).any((0, 2)).all()), "B that reaches the state", "B")
    rows = [_reached_log(diagonal[h], low_rank[:, h], inputs[0, h], step[h]) for h in range(shape[0])]
    _require_stable(p, np.concatenate(rows), step)
    partly = [str(h) for h, row in enumerate(rows) if row.size < 2 * shape[1]]
    conventions = [
        f"{p.precision('A_imag')}; A = diag(-exp(A_real) - i A_imag) - P Pᴴ over the conjugate-completed set; bilinear map",
        "single poles of this matrix may be far from those of HiPPO (its eigenvectors are ill-conditioned); their memory is not",
    ]
    if partly:
        conventions.append(f"channels {', '.join(partly)}: B does not reach the whole state; what it does not reach is left out")
    return _layer(p, "S4", Poles.from_rows(rows), step, 2 * shape[1], conventions, np.zeros((1, 1)))


def _reached_log(diagonal: NDArray[Any], P: NDArray[Any], B: NDArray[Any], step: float) -> NDArray[np.complex128]:
    """Log λ of the reachable part of one channel."""
    entry = np.concatenate([B.real, B.imag])
    block = reachable_block(_real_matrix(diagonal, P), entry)
    return bilinear_log(np.linalg.eigvals(block), np.asarray(step))


def _heads(tensor: NDArray[Any], shape: tuple[int, ...]) -> tuple[int, int]:
    return (tensor.shape[1], shape[1])


def _spread(tensor: NDArray[Any], channels: int) -> NDArray[Any]:
    """Parameters of t sets for more channels: channel h has set h modulo t, as in the published code."""
    return np.tile(tensor, (1, channels // tensor.shape[1], 1))


def _real_matrix(diagonal: NDArray[Any], P: NDArray[Any]) -> NDArray[np.float64]:
    """``diag(Λ, Λ̄) - P Pᴴ`` over the completed set, in the unitarily equivalent coordinates √2 (Re z, Im z).

    A real matrix has exactly conjugate eigenvalues.
    """
    rotation = np.block([[np.diag(diagonal.real), np.diag(-diagonal.imag)], [np.diag(diagonal.imag), np.diag(diagonal.real)]])
    columns = np.sqrt(2.0) * np.concatenate([P.real, P.imag], axis=-1)
    matrix: NDArray[np.float64] = rotation - columns.T @ columns
    return matrix


def _s5(p: Parameters, tolerance: float) -> Layer:
    re, im, log_step = p["Lambda_re"], p["Lambda_im"], p["log_step"]
    fits = re.ndim == 1 and re.size > 0 and im.shape == re.shape and log_step.size in (1, re.size)
    p.require(fits, "(P,) twice, (P, 1)", "Lambda_re", "Lambda_im", "log_step")
    with np.errstate(all="ignore"):
        step = np.exp(log_step.reshape(-1))
        log = ((re + 1j * im) * step)[None, :]
    _require_stable(p, log, step)
    half = not Poles.from_log(log).is_conjugate_closed(1e9).all()
    poles = Poles.from_log(log, half=half, diagonal=True, tolerance=tolerance)
    conventions = [
        f"{p.precision('Lambda_im')}; zero-order hold; Re Λ as stored, without the option clip_eigs",
        "one of each conjugate pair stored, completed" if half else "a conjugate-closed set stored, taken as it is",
        "one state for all inputs: the memory is that of any single input that reaches every mode",
    ]
    mean = np.array([np.exp(log_step.mean())])
    return _layer(p, "S5", poles, mean, (2 if half else 1) * re.size, conventions, log)


def _lru(p: Parameters, tolerance: float) -> Layer:
    nu, theta = p["nu_log"], p["theta_log"]
    p.require(nu.ndim == 1 and nu.size > 0 and theta.shape == nu.shape, "(N,) twice", "nu_log", "theta_log")
    with np.errstate(all="ignore"):
        log = (-np.exp(nu) + 1j * np.exp(theta))[None, :]
    _require_stable(p, log, np.ones(1))
    poles = Poles.from_log(log, half=True, diagonal=True, tolerance=tolerance)
    conventions = [
        f"{p.precision('nu_log')}; the readout takes real parts of complex states, so the conjugates belong to the model",
        "one state for all inputs: the memory is that of any single input that reaches every mode",
    ]
    return _layer(p, "LRU", poles, np.ones(1), 2 * nu.size, conventions, log)


def _mamba(p: Parameters, tolerance: float) -> Layer:
    rates, bias = p["A_log"], p["dt_proj.bias"]
    p.require(rates.ndim == 2 and rates.size > 0 and bias.shape == rates.shape[:1], "(D, N), (D,)", "A_log", "dt_proj.bias")
    return _selective(p, "Mamba", rates, bias, tolerance)


def _mamba2(p: Parameters, tolerance: float) -> Layer:
    rates, bias = p["A_log"], p["dt_bias"]
    p.require(rates.ndim == 1 and rates.size > 0 and bias.shape == rates.shape, "(heads,) twice", "A_log", "dt_bias")
    return _selective(p, "Mamba-2", rates[:, None], bias, tolerance)


def _selective(p: Parameters, kind: str, rates: NDArray[Any], bias: NDArray[Any], tolerance: float) -> Layer:
    with np.errstate(all="ignore"):
        step = np.logaddexp(0.0, bias)
        log = (-np.exp(rates) * step[:, None]).astype(np.complex128)
    _require_stable(p, log, step)
    poles = Poles.from_log(log, diagonal=True, tolerance=tolerance)
    conventions = [
        f"{p.precision('A_log')}; zero-order hold",
        "the step of a selective model depends on its input; here it is held at softplus of its bias",
    ]
    return _layer(p, kind, poles, step, rates.shape[1], conventions, log)


def _require_stable(p: Parameters, log: NDArray[Any], step: NDArray[Any]) -> None:
    if not (np.isfinite(log).all() and (step > 0).all() and (log.real < 0).all()):
        raise p.unstable()


def _aliased(log: NDArray[Any]) -> list[str]:
    """Channels whose frequencies exceed the Nyquist frequency."""
    channels = np.flatnonzero((np.abs(log.imag) > np.pi).any(-1))
    return [f"{channels.size} channels hold poles above the Nyquist frequency (aliased)"] if channels.size else []


def _nearly_coincident(poles: Poles) -> list[str]:
    """Channels in which a pole and its conjugate differ by less than float32 could mean."""
    gaps = {}
    for h, row in enumerate(poles.rows()):
        relative = row.imag / np.abs(row.real)
        doubtful = relative[(relative > 0) & (relative < _FLOAT32_STEP) & np.isin(row, row.conj())]
        if doubtful.size:
            gaps[h] = float(doubtful.min())
    if not gaps:
        return []
    return [
        f"channels {', '.join(map(str, gaps))}: a pole and its conjugate differ by as little as {min(gaps.values()):.1e} of "
        "their decay, less than float32 resolves; counted as two, as one with tolerance=1e9"
    ]


KINDS = (
    Kind("S4D", ("log_A_real", "A_imag", "log_dt"), _s4d),
    Kind("S4", ("A_real", "A_imag", "P", "inv_dt", "B"), _s4),
    Kind("S5", ("Lambda_re", "Lambda_im", "log_step"), _s5),
    Kind("LRU", ("nu_log", "theta_log"), _lru),
    Kind("Mamba", ("A_log", "dt_proj.bias"), _mamba),
    Kind("Mamba-2", ("A_log", "dt_bias"), _mamba2),
)
"""All parameterisations, with the tensor that names them first."""
