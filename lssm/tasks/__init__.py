"""Sequences to learn from: recall, filters, copying, adding, NARMA-10, and real data that other packages carry."""

from ._data import acsf1 as acsf1
from ._data import digits as digits
from ._synthetic import adding as adding
from ._synthetic import arma as arma
from ._synthetic import copy as copy
from ._synthetic import delayed_recall as delayed_recall
from ._synthetic import narma10 as narma10
from ._synthetic import several_delays as several_delays
from ._task import Task as Task
