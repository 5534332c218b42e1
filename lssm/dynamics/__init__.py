r"""Learning in closed form: what gradient descent can teach a linear state space model.

A teacher (`teachers`) is a filter ``z_t = Σ_τ m_τ u_{t-τ}``; the loss is ``E|y - z|²`` under white input. With the recurrent
weights fixed everything has a closed form (`ReadoutFlow`, `learning_speeds`, `teacher_information`); the loss as a function of
the poles has exact derivatives (`pole_loss`), can be followed downhill (`pole_flow`) and minimised (`h2_optimal`).
"""

from . import teachers as teachers
from ._compare import LearningSpeeds as LearningSpeeds
from ._compare import learning_speeds as learning_speeds
from ._flow import PoleFlow as PoleFlow
from ._flow import pole_flow as pole_flow
from ._information import TeacherInformation as TeacherInformation
from ._information import readout_gradient as readout_gradient
from ._information import teacher_information as teacher_information
from ._loss import PoleLoss as PoleLoss
from ._loss import pole_loss as pole_loss
from ._nonlinear import NonlinearGradient as NonlinearGradient
from ._nonlinear import nonlinear_gradient as nonlinear_gradient
from ._readout import ReadoutFlow as ReadoutFlow
from ._reduction import H2Reduction as H2Reduction
from ._reduction import h2_optimal as h2_optimal
from ._teacher import Teacher as Teacher
