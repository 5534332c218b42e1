r"""Exact twins in SymPy: memory functions, Gramians, gradients, discretizations and flows, for symbolic or rational poles.

For checks of one's own derivations at small N: everything here is an expression, and nothing is rounded. SymPy is imported when a
function is first called. Poles are SymPy expressions, integers, fractions or strings that SymPy understands; floats are refused,
since they are not what they seem.

>>> from lssm import symbolic
>>> symbolic.memory_function(["1/2", "-1/3"], 3)
[35/36, 1211/1296, 2387/46656]
"""

from ._allpass import allpass_response as allpass_response
from ._gradient import memory_gradient as memory_gradient
from ._gramian import gramian as gramian
from ._gramian import lyapunov as lyapunov
from ._gramian import stein as stein
from ._memory import memory_capacity as memory_capacity
from ._memory import memory_function as memory_function
from ._readout import readout as readout
from ._readout import readout_flow as readout_flow
from ._readout import readout_loss as readout_loss
from ._rules import discretize as discretize
