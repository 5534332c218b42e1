"""One registry of pole sets; tests are products over it."""

import numpy as np

import lssm
from lssm import spectra


def _disk(order):
    rng = np.random.default_rng(7)
    z = np.sqrt(rng.uniform(0, 1, order)) * np.exp(2j * np.pi * rng.uniform(size=order))
    return lssm.Poles.from_discrete(z)


DISTINCT = {
    **{
        f"{name}-{step:g}": spectra.FAMILIES[name].build(order=32, step=step)
        for name in ("s4d-lin", "s4d-inv", "legs")
        for step in (1e-3, 1e-2, 1e-1)
    },
    "random": spectra.random(order=32, rng=0),
    "lin": spectra.lin(order=32),
    "step": spectra.step(order=32),
    "legs-64": spectra.legs(order=64, step=1e-3),
    "disk-64": _disk(64),
    "real-64": lssm.Poles.from_discrete(np.arange(1, 65) / 65),
    "lin-aliased": spectra.s4d_lin(order=32, step=0.3),
    "inv-64": spectra.s4d_inv(order=64, step=1e-3),
    "near-circle": lssm.Poles.from_log([-1e-12, -0.01, -0.02 + 1j, -0.3, -1.0]),
}
"""Sets without repeats, which ball arithmetic on the Gramian can check."""
