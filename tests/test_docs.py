"""Guards over the documentation: every public function says what it takes, raises and returns, with an example."""

import importlib
import inspect
from pathlib import Path

import numpydoc.docscrape
import pytest
from links import LINKS

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


ROOT = Path(__file__).parents[1]


def documented(dotted):
    """A public object by its dotted name."""
    module, _, name = dotted.rpartition(".")
    return inspect.getdoc(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("dotted", LINKS)
def test_a_public_name_says_its_theorem_and_page(dotted):
    proof, page = LINKS[dotted]
    assert f"proofs/{proof}.py``; derivation: :doc:`/derivations/{page}`" in documented(dotted)
    assert (ROOT / "proofs" / f"{proof}.py").is_file() and (ROOT / "docs" / "derivations" / f"{page}.md").is_file()


def test_every_theorem_has_a_function_and_a_page():
    said = "".join(documented(dotted) for dotted in LINKS)
    pages = "".join(path.read_text() for path in (ROOT / "docs" / "derivations").glob("*.md"))
    for path in (ROOT / "proofs").glob("[a-z]*.py"):
        assert f"proofs/{path.name}" in said and f"proofs/{path.name}" in pages, path.name
        assert "lssm." in path.read_text().partition("def tie(")[2], path.name
