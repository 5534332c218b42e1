"""lssm: what a linear state space model remembers, exactly.

Families live in modules (`lssm.spectra`, `lssm.allpass`, `lssm.gramians`, `lssm.checkpoints`), verbs and types are flat.
"""

from importlib import import_module as _import_module
from types import ModuleType as _ModuleType

from . import allpass as allpass
from . import attention as attention
from . import checkpoints as checkpoints
from . import dynamics as dynamics
from . import equivalence as equivalence
from . import gramians as gramians
from . import parameterisations as parameterisations
from . import reservoirs as reservoirs
from . import spectra as spectra
from . import symbolic as symbolic
from . import tasks as tasks
from . import training as training
from ._validate import AccuracyWarning as AccuracyWarning
from ._validate import CheckpointError as CheckpointError
from ._validate import InvalidInputError as InvalidInputError
from ._validate import LssmError as LssmError
from ._validate import OutputError as OutputError
from ._validate import StructureWarning as StructureWarning
from ._validate import TrainingWarning as TrainingWarning
from ._validate import UnstableError as UnstableError
from ._validate import UnsupportedError as UnsupportedError
from .allpass import allpass_impulse_response as allpass_impulse_response
from .allpass import group_delay as group_delay
from .allpass import orthonormal_realisation as orthonormal_realisation
from .discretize import Moebius as Moebius
from .discretize import discretize as discretize
from .discretize import undiscretize as undiscretize
from .gramians import Balanced as Balanced
from .gramians import GramianFactor as GramianFactor
from .gramians import GramianSpectrum as GramianSpectrum
from .gramians import InputNormal as InputNormal
from .gramians import PeakGain as PeakGain
from .gramians import balanced as balanced
from .gramians import balanced_truncation as balanced_truncation
from .gramians import gramian as gramian
from .gramians import gramian_eigensystem as gramian_eigensystem
from .gramians import gramian_eigenvalues as gramian_eigenvalues
from .gramians import gramian_factor as gramian_factor
from .gramians import gramian_inverse as gramian_inverse
from .gramians import gramian_log_determinant as gramian_log_determinant
from .gramians import gramian_sensitivity as gramian_sensitivity
from .gramians import h2_distance as h2_distance
from .gramians import h2_inner_product as h2_inner_product
from .gramians import h2_norm as h2_norm
from .gramians import hankel_singular_values as hankel_singular_values
from .gramians import hinf_norm as hinf_norm
from .gramians import input_normal as input_normal
from .interop import to_control as to_control
from .interop import to_scipy as to_scipy
from .memory import MemoryFunction as MemoryFunction
from .memory import memory_capacity as memory_capacity
from .memory import memory_function as memory_function
from .memory import memory_gradient as memory_gradient
from .memory import memory_hessian as memory_hessian
from .memory import naive_gramian_memory as naive_gramian_memory
from .memory import naive_svd_memory as naive_svd_memory
from .operators import DPLR as DPLR
from .operators import Dense as Dense
from .operators import Diagonal as Diagonal
from .poles import Poles as Poles
from .reachability import ReachablePart as ReachablePart
from .reachability import reachable_part as reachable_part
from .scan import Convolution as Convolution
from .scan import convolve as convolve
from .scan import dc_gain as dc_gain
from .scan import feedback as feedback
from .scan import frequency_response as frequency_response
from .scan import impulse_response as impulse_response
from .scan import linear_recurrence as linear_recurrence
from .scan import parallel as parallel
from .scan import scan as scan
from .scan import scan_adjoint as scan_adjoint
from .scan import series as series
from .scan import step_response as step_response
from .scan import system_poles as system_poles
from .scan import system_zeros as system_zeros
from .systems import ContinuousSSM as ContinuousSSM
from .systems import DiscreteSSM as DiscreteSSM
from .systems import adjoint as adjoint
from .systems import as_continuous as as_continuous
from .systems import as_discrete as as_discrete
from .systems import as_system as as_system

__version__ = "0.1.0"


def __getattr__(name: str) -> _ModuleType:
    """`lssm.plotting` and `lssm.report`, which load Matplotlib, when they are first asked for."""
    if name in ("plotting", "report"):
        return _import_module(f"lssm.{name}")
    raise AttributeError(f"module 'lssm' has no attribute {name!r}")
