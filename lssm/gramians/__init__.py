r"""Gramians by their factors, and what rests on them.

The reachability Gramian ``G = Σ_t A^t B B* A*^t`` says which states an input reaches and how fast a readout learns from them. Its
small eigenvalues are what numerical libraries get wrong. Here it is never formed: diagonal systems have a Cholesky factor whose
every entry is a product, all others a factor from a cascade of orthonormal sections. Proofs: :doc:`/theorems/gramian_cauchy`,
:doc:`/theorems/input_normal`, :doc:`/theorems/legs_gramian`.
"""

from ._balance import Balanced as Balanced
from ._balance import InputNormal as InputNormal
from ._balance import balanced as balanced
from ._balance import balanced_truncation as balanced_truncation
from ._balance import hankel_singular_values as hankel_singular_values
from ._balance import input_normal as input_normal
from ._coordinates import GramianFactor as GramianFactor
from ._coordinates import gramian_factor as gramian_factor
from ._eigen import GramianSpectrum as GramianSpectrum
from ._eigen import gramian_eigensystem as gramian_eigensystem
from ._eigen import gramian_eigenvalues as gramian_eigenvalues
from ._gramian import gramian as gramian
from ._inverse import gramian_inverse as gramian_inverse
from ._inverse import gramian_log_determinant as gramian_log_determinant
from ._legs import legs_gramian as legs_gramian
from ._legs import legs_gramian_eigenvalues as legs_gramian_eigenvalues
from ._norms import h2_distance as h2_distance
from ._norms import h2_inner_product as h2_inner_product
from ._norms import h2_norm as h2_norm
from ._peak import PeakGain as PeakGain
from ._peak import hinf_norm as hinf_norm
from ._sensitivity import gramian_sensitivity as gramian_sensitivity
