r"""From continuous to discrete time and back: the rules, their inverses, and the Möbius maps behind four of them."""

from ._inverse import undiscretize as undiscretize
from ._moebius import Moebius as Moebius
from ._rules import METHODS as METHODS
from ._rules import discretize as discretize
