r"""Memory functions, exactly.

The memory function of a linear system under white input,

.. math:: M(\tau) = 1 - \min_w \mathrm E\,|u_{t-\tau} - w^* x_t|^2 / \mathrm E\,|u|^2 ,

is, for one input and a reachable pair, a property of the poles alone:
``M(τ) = Σ_{j>τ} |b_j|² = 1 - Σ_{j≤τ} |b_j|²`` with b_j the impulse response of the all-pass filter.
No Gramian is formed, and no linear system solved. Proof: :doc:`/theorems/takenaka_malmquist`.
"""

from ._function import memory_capacity as memory_capacity
from ._function import memory_function as memory_function
from ._gradient import memory_gradient as memory_gradient
from ._gradient import memory_hessian as memory_hessian
from ._naive import naive_gramian_memory as naive_gramian_memory
from ._naive import naive_svd_memory as naive_svd_memory
from ._result import MemoryFunction as MemoryFunction
