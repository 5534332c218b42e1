"""Guards over the documentation: every public function says what it takes, raises and returns, with an example."""

import inspect

import numpydoc.docscrape
import pytest

import lssm

MODULES = [
    lssm,
    lssm.allpass,
    lssm.attention,
    lssm.gramians,
    lssm.equivalence,
    lssm.parameterisations,
    lssm.spectra,
    lssm.checkpoints,
    lssm.dynamics,
    lssm.dynamics.teachers,
    lssm.reservoirs,
    lssm.symbolic,
    lssm.tasks,
    lssm.training,
]


def public():
    """Functions a user can import, by dotted name."""
    for module in MODULES:
        for name, value in vars(module).items():
            if inspect.isfunction(value) and not name.startswith("_") and value.__module__.startswith(module.__name__):
                yield f"{value.__module__}.{name}", value


FUNCTIONS = dict(public())


def test_there_are_functions_to_look_at():
    assert len(FUNCTIONS) > 15


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring_is_complete(name):
    said = numpydoc.docscrape.FunctionDoc(FUNCTIONS[name])
    assert said["Summary"] and said["Returns"] and said["Examples"]
    described = {word.lstrip("*") for parameter in said["Parameters"] for word in parameter.name.split(", ")}
    assert described == set(inspect.signature(FUNCTIONS[name]).parameters)
