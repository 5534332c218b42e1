import importlib
import importlib.util
import inspect
import os
import pkgutil
import shutil
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from docutils import nodes
from sphinx.util.nodes import make_refnode

import lssm

HERE = Path(__file__).parent

project = "lssm"
author = "lssm developers"
copyright = "2026, lssm developers"
release = version = installed_version("linear-ssm")

extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx_copybutton", "sphinx_design"]
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
nitpicky = True
default_role = "py:obj"
smartquotes = False

# Pages: Markdown with code cells, all of them run at every build; a failing cell fails the build.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_dmath_double_inline = True
nb_render_markdown_format = "myst"
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_ipywidgets_js = {}

# Cells run as from the root of a clone, so that they see `proofs` and `tests`.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
os.environ["MATPLOTLIBRC"] = str(HERE / "matplotlibrc")
os.environ.pop("MPLBACKEND", None)  # the notebook kernel brings its own

# Reference: types stand in the docstrings, where shapes can be said; signatures stay short.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

copybutton_prompt_text, copybutton_prompt_is_regexp = r">>> |\.\.\. ", True  # examples are copied without prompts and output

html_theme = "furo"
html_title = f"lssm {release}"
html_static_path = ["_static"]
html_css_files = ["lssm.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False

# Formulas: MathJax from the installed package, copied into the site; nothing is fetched from elsewhere.
mathjax_path = "mathjax/tex-chtml-full.js"
mathjax3_config = {"options": {"enableMenu": False}}


def copy_mathjax(app, error):
    """One component file and its fonts, out of the many that the package ships."""
    if error is not None or app.builder.format != "html":
        return
    source = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    target = Path(app.outdir) / "_static" / "mathjax"
    shutil.copytree(source / "output" / "chtml" / "fonts", target / "output" / "chtml" / "fonts", dirs_exist_ok=True)
    shutil.copy(source / "tex-chtml-full.js", target)


def prove(app):
    """Run all theorems and write what was checked as pages; a theorem that fails stops the build."""
    sys.path.insert(0, str(HERE.parent))
    theorems = importlib.import_module("proofs.__main__")
    if theorems.main(["--latex", str(HERE / "theorems")]):
        raise SystemExit("a theorem failed: see the table above")


def cite(name, rawtext, text, lineno, inliner, options=None, content=()):
    """Role ``{cite}`` for Markdown pages: what ``[Key]_`` is in a docstring."""
    return [nodes.citation_reference(rawtext, text)], []


def parameters():
    """Every parameter name of the package: what single backticks may mean besides an object."""
    names = set()
    for found in pkgutil.walk_packages(lssm.__path__, "lssm."):
        if "._" in found.name:
            continue
        for thing in vars(importlib.import_module(found.name)).values():
            for function in [thing, *vars(thing).values()] if inspect.isclass(thing) else [thing]:
                function = getattr(function, "__func__", function)
                if inspect.isfunction(function):
                    names.update(inspect.signature(function).parameters)
    return names


def resolve(app, env, node, contnode):
    """Single backticks in docstrings: an object by any unambiguous name, a parameter, or another package's object."""
    if node.get("refdomain") != "py" or node.get("reftype") != "obj":
        return None
    target = node["reftarget"]
    found = [match for match in env.get_domain("py").find_obj(env, None, None, target, None, 1) if not match[1].aliased]
    if len(found) == 1:
        name, entry = found[0]
        return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, name)
    if target in parameters() or target.split(".")[0] in {"numpy", "scipy", "json"}:
        return contnode
    return None


def setup(app):
    """Connect them to Sphinx."""
    app.add_role("cite", cite)
    app.connect("builder-inited", prove)
    app.connect("missing-reference", resolve)
    app.connect("build-finished", copy_mathjax)
