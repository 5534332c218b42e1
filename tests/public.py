"""The public names: what the API pages list, with what numpydoc reads in their docstrings."""

import importlib
import inspect
import re
from pathlib import Path

from numpydoc.docscrape import ClassDoc, FunctionDoc

ROOT = Path(__file__).parents[1]
DIRECTIVE = re.compile(r"^\.\. auto(function|class|exception):: ([\w.]+)", re.M)


def resolve(dotted):
    """A public object by its dotted name; a function wins over the module that holds it."""
    thing, path = importlib.import_module("lssm"), "lssm"
    for part in dotted.split(".")[1:]:
        path = f"{path}.{part}"
        thing = getattr(thing, part) if hasattr(thing, part) else importlib.import_module(path)
    return thing


def listed():
    """Dotted names of the API pages."""
    return {
        name: resolve(name)
        for path in sorted((ROOT / "docs" / "api").glob("*.rst"))
        for _, name in DIRECTIVE.findall(path.read_text())
    }


NAMES = listed()


def read(thing):
    """Sections of a docstring."""
    return ClassDoc(thing, config={"show_class_members": False}) if inspect.isclass(thing) else FunctionDoc(thing)


def members():
    """Public methods and properties that lssm itself defines, each once: ``Class.name`` and the function or property."""
    seen = {}
    for dotted, cls in NAMES.items():
        if not inspect.isclass(cls):
            continue
        for base in cls.__mro__:
            if not base.__module__.startswith("lssm"):
                continue
            for name, value in vars(base).items():
                function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
                if not name.startswith("_") and inspect.isfunction(function) and function.__module__.startswith("lssm"):
                    seen.setdefault(function, (f"{dotted}.{name}", value))
    return dict(seen.values())


MEMBERS = members()


def quantities(said):
    """What a docstring describes: parameters, attributes, returns, as (names, type and description)."""
    for section in ("Parameters", "Attributes", "Returns", "Yields"):
        for item in said[section]:
            names = [name.strip().lstrip("*") for name in item.name.split(",")] if item.name else [""]
            yield section, names, item.type, " ".join(item.desc)
