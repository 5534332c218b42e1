"""Guards over the documentation: every public name says what it takes and returns, in which shapes and units, by an example."""

import importlib
import inspect
import re

import pytest
from public import MEMBERS, NAMES, ROOT, quantities, read

import lssm
from lssm.cli import _parser
from proofs.__main__ import NAMES as THEOREMS
from proofs._pages import users_of

FUNCTIONS = {name: thing for name, thing in NAMES.items() if inspect.isfunction(thing)}
CLASSES = {name: thing for name, thing in NAMES.items() if inspect.isclass(thing)}
FAMILIES = [lssm, lssm.dynamics.teachers]
FAMILIES += [getattr(lssm, name) for name in re.findall(r"^from \. import (\w+)", inspect.getsource(lssm), re.M)]
METHODS = {name: member for name, member in MEMBERS.items() if not isinstance(member, property)}
PROPERTIES = {name: member for name, member in MEMBERS.items() if isinstance(member, property)}

#: Names of quantities that have a unit, and the words that say it.
DIMENSIONED = set(
    "T delays tau lag horizon step steps step_range omega rate rates largest_rate gap washout window half_life min_phase "
    "max_phase time times time_scales period mean_delay length beta".split()
)
UNITS = re.compile(
    r"\b[Ss]teps?\b|\bunits? of\b|1/time|in time\b|\btime of the\b|\bradians?\b|\bdimensionless\b|\bdelays? 0 …|[Aa]s in `"
    r"|\bepochs?\b|½L"
)


def test_the_names_are_found():
    assert len(FUNCTIONS) > 110 and len(CLASSES) > 50 and len(MEMBERS) > 80


def test_every_public_function_is_listed():
    """What a module offers flat stands in the reference."""
    objects = {id(thing) for thing in NAMES.values()}
    for room in FAMILIES:
        for name, thing in vars(room).items():
            if inspect.isfunction(thing) and not name.startswith("_") and thing.__module__.startswith(room.__name__):
                assert id(thing) in objects, f"{room.__name__}.{name}"


@pytest.mark.parametrize("name", NAMES)
def test_summary_and_example(name):
    said = read(NAMES[name])
    assert said["Summary"] and said["Examples"], name
    shown = "".join(line for line in said["Examples"] if line.lstrip().startswith((">>>", "...")))
    assert ">>>" in shown and (inspect.isclass(NAMES[name]) or re.search(rf"\b{name.rpartition('.')[2]}\b", shown))


def described(said):
    """Names in the Parameters section."""
    return {word.strip().lstrip("*") for item in said["Parameters"] for word in item.name.split(",")}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_parameters_and_returns_of_functions(name):
    said = read(FUNCTIONS[name])
    signature = inspect.signature(FUNCTIONS[name])
    assert said["Returns"] and described(said) == set(signature.parameters)
    assert "_NestedSequence" not in str(signature), "unreadable in a terminal"


@pytest.mark.parametrize("name", METHODS)
def test_parameters_and_returns_of_methods(name):
    method = METHODS[name]
    said, taken = read(method), set(inspect.signature(getattr(method, "__func__", method)).parameters) - {"self", "cls"}
    assert said["Summary"] and described(said) == taken, name
    assert said["Returns"] or inspect.signature(getattr(method, "__func__", method)).return_annotation in (None, "None"), name
    owner = NAMES[name.rpartition(".")[0]]
    shown = "".join(said["Examples"]) + inspect.getdoc(owner).partition("Examples\n---")[2]
    assert f"{name.rpartition('.')[2]}(" in shown, f"{name} occurs in no example"


@pytest.mark.parametrize("name", [*NAMES, *MEMBERS])
def test_shapes_and_units(name):
    """An array has a shape; a quantity with a unit says which."""
    thing = NAMES.get(name, MEMBERS.get(name))
    if isinstance(thing, property):
        returned = str(thing.fget.__annotations__.get("return"))
        assert thing.__doc__ and ("ndarray" not in returned.lower() or re.search(r"\bshape\b", thing.__doc__)), name
        assert name.rpartition(".")[2] not in DIMENSIONED or UNITS.search(thing.__doc__), name
        return
    for section, names, kind, text in quantities(read(thing)):
        for word in names:
            assert kind or "s in `" in text or section == "Returns", f"{name}: {word} has no type"
            if re.search(r"array|[Mm]atrix\b", kind):
                assert re.search(r"\bshape|\blist of|\btwo arrays", kind + " " + text), f"{name}: {word} has no shape"
            if word in DIMENSIONED:
                assert UNITS.search(kind + " " + text), f"{name}: {word} has no unit"


THEOREM, PAGE = re.compile(r":doc:`/theorems/(\w+)`"), re.compile(r":doc:`/((?!theorems/)[\w/]+)`")


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_says_its_page(name):
    pages = PAGE.findall(inspect.getdoc(NAMES[name]))
    assert pages, name
    for page in pages:
        assert (ROOT / "docs" / f"{page}.md").is_file(), page


@pytest.mark.parametrize("theorem", THEOREMS)
def test_theorems_and_functions_name_each_other(theorem):
    docstring = importlib.import_module(f"proofs.{theorem}").__doc__
    by_proof = set(users_of(docstring))
    by_docstring = {name for name, thing in NAMES.items() if theorem in THEOREM.findall(inspect.getdoc(thing))}
    assert by_proof == by_docstring and by_proof
    [page] = re.findall(r"derivation:\s+\{doc\}`/(derivations/\w+)`", docstring)
    assert f"theorems/{theorem}.md" in (ROOT / "docs" / f"{page}.md").read_text(), f"{page} does not include what was checked"


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "derivations").glob("*.md")), ids=lambda path: path.stem)
def test_a_derivation_ends_in_an_assertion(page):
    cells = re.findall(r"^```\{code-cell\} python\n(.*?)^```$", page.read_text(), re.M | re.S)
    assert cells[-1].rstrip().rpartition("\n")[2].lstrip().startswith("assert ")


PAGES = [path for path in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in path.parts]
FENCE = re.compile(r"^```([\w{}-]*)[^\n]*\n(.*?)^```$", re.M | re.S)


def test_all_python_of_the_pages_is_executed():
    """Cells run at every build; a plain block of Python would not."""
    cells = 0
    for path in PAGES:
        for language, code in FENCE.findall(path.read_text()):
            assert language in {"{code-cell}", "{include}", "{toctree}", "sh", "bat", "text", "bibtex"}, (path.name, language)
            assert ">>>" not in code, path.name
            cells += language == "{code-cell}"
    assert cells > 120


def test_commands_of_the_pages_are_commands():
    """The first two of README and quickstart are run by the project's check; the others must at least be understood."""
    commands = [
        line.partition("#")[0].split()
        for path in [ROOT / "README.md", *PAGES]
        for language, code in FENCE.findall(path.read_text())
        for line in code.splitlines()
        if language == "sh" and re.match(r"(\.venv/bin/)?lssm ", line)
    ]
    assert len(commands) > 5
    for _, *arguments in commands:
        assert vars(_parser().parse_args(arguments))
    first = (FENCE.findall((ROOT / name).read_text())[0][1] for name in ("README.md", "docs/quickstart.md"))
    assert len(set(first)) == 1
