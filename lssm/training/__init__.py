"""Training with analytic gradients: a linear readout on fixed states, and poles, steps and input weights beside it."""

from ._features import StateFeatures as StateFeatures
from ._history import History as History
from ._readout import LinearReadout as LinearReadout
from ._trained import TrainedSSM as TrainedSSM
