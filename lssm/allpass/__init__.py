r"""The all-pass filter of a pole set, its Takenaka-Malmquist cascade and its orthonormal realisation.

For poles λ_1 … λ_N inside the unit circle the all-pass filter (Blaschke product) is

.. math:: b(z) = \prod_k \frac{z-\bar\lambda_k}{1-\lambda_k z},

and section k of its cascade has the state recursion ``w ← λ w + s``, output ``g w(old) - λ̄ s``. The states
``√g_k w_k`` under an impulse are the Takenaka-Malmquist functions: an orthonormal basis of everything
the poles can remember. Proof: :doc:`/theorems/takenaka_malmquist`.
"""

from ._realisation import OrthonormalRealisation as OrthonormalRealisation
from ._realisation import orthonormal_realisation as orthonormal_realisation
from ._response import allpass_impulse_response as allpass_impulse_response
from ._response import basis_functions as basis_functions
from ._response import group_delay as group_delay
from ._response import projector_derivative as projector_derivative
