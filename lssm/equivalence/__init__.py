r"""When two models are the same, and what it costs to turn one into the other.

Transforms between dense, diagonal and diagonal-plus-low-rank forms, each with what it cost (`to_diagonal`, `to_dense`, `to_dplr`,
`balance`, `minimal`), and certificates (`certify`) that keep apart three statements: same memory, same input-output map, same
state up to a change of coordinates.
"""

from ._certificate import Certificate as Certificate
from ._certificate import certify as certify
from ._extended import ExtendedDiagonal as ExtendedDiagonal
from ._matching import Matching as Matching
from ._matching import match_poles as match_poles
from ._transforms import Transform as Transform
from ._transforms import balance as balance
from ._transforms import minimal as minimal
from ._transforms import to_dense as to_dense
from ._transforms import to_diagonal as to_diagonal
from ._transforms import to_dplr as to_dplr
from ._verdict import Verdict as Verdict
