"""Running a system: sequences through it, its responses, and systems put together."""

from ._interconnect import feedback as feedback
from ._interconnect import parallel as parallel
from ._interconnect import series as series
from ._responses import Convolution as Convolution
from ._responses import convolve as convolve
from ._responses import dc_gain as dc_gain
from ._responses import frequency_response as frequency_response
from ._responses import impulse_response as impulse_response
from ._responses import step_response as step_response
from ._responses import system_poles as system_poles
from ._responses import system_zeros as system_zeros
from ._run import linear_recurrence as linear_recurrence
from ._run import scan as scan
from ._run import scan_adjoint as scan_adjoint
