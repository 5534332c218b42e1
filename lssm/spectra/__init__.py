"""Named pole sets: the initialisations people use, and the comparison sets of the source paper.

Continuous families take ``order=, step=, method=`` and mean a *diagonal* model, so coinciding poles are
merged; ``step`` may be an array, its shape becomes the batch. Discrete families have no step. Where published code and paper
disagree, both are named versions.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..poles import Poles
from ._classic import delay_line as delay_line
from ._classic import kautz as kautz
from ._classic import laguerre as laguerre
from ._classic import ring as ring
from ._hippo import fout as fout
from ._hippo import hippo as hippo
from ._hippo import lagt as lagt
from ._hippo import legs as legs
from ._hippo import legt as legt
from ._hippo_parts import hippo_basis as hippo_basis
from ._hippo_parts import hippo_dplr as hippo_dplr
from ._hippo_parts import legs_eigenvectors as legs_eigenvectors
from ._models import dss as dss
from ._models import linoss as linoss
from ._models import lru as lru
from ._models import mamba as mamba
from ._models import mamba2 as mamba2
from ._models import retnet as retnet
from ._models import s5 as s5
from ._profiles import lin as lin
from ._profiles import random as random
from ._profiles import step as step
from ._s4d import s4d_inv as s4d_inv
from ._s4d import s4d_legs as s4d_legs
from ._s4d import s4d_lin as s4d_lin
from ._s4d import s4d_quad as s4d_quad
from ._s4d import s4d_rand as s4d_rand
from ._s4d import s4d_real as s4d_real


@dataclass(frozen=True)
class Family:
    """A named spectrum: its function, which clock its definition uses, and whether it draws random numbers.

    Attributes
    ----------
    build : callable
        The function of this module, which returns `Poles`.
    continuous : bool
        Whether it is defined in continuous time, so that `build` takes a time step and a method.
    random : bool
        Whether `build` takes an ``rng``.

    Notes
    -----
    Explained in :doc:`/initialisations`.

    Examples
    --------
    >>> import lssm
    >>> family = lssm.spectra.FAMILIES["legs"]
    >>> family.build(order=8, step=0.1).order, family.continuous, family.random
    (8, True, False)
    """

    build: Callable[..., Poles]
    continuous: bool
    random: bool = False


FAMILIES = {
    "s4d-lin": Family(s4d_lin, continuous=True),
    "s4d-inv": Family(s4d_inv, continuous=True),
    "s4d-quad": Family(s4d_quad, continuous=True),
    "s4d-legs": Family(s4d_legs, continuous=True),
    "s4d-real": Family(s4d_real, continuous=True),
    "s4d-rand": Family(s4d_rand, continuous=True, random=True),
    "legs": Family(legs, continuous=True),
    "legt": Family(legt, continuous=True),
    "lagt": Family(lagt, continuous=True),
    "fout": Family(fout, continuous=True),
    "mamba": Family(mamba, continuous=True),
    "dss": Family(dss, continuous=True),
    "s5": Family(s5, continuous=False, random=True),
    "lru": Family(lru, continuous=False, random=True),
    "linoss": Family(linoss, continuous=False, random=True),
    "random": Family(random, continuous=False, random=True),
    "lin": Family(lin, continuous=False),
    "step": Family(step, continuous=False),
    "delay-line": Family(delay_line, continuous=False),
}
"""Families by the name the command line uses."""
