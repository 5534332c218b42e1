r"""Expressions in LaTeX, by the names of their letters.

``lambda_k_bar`` is a conjugate, ``A_h`` an adjoint, ``A_t`` a transpose, ``V_inv`` an inverse, ``U_hat`` and ``L_tilde`` are
accented.
"""

import re
from typing import Any

import sympy
from sympy.core.alphabets import greeks
from sympy.printing.latex import LatexPrinter, accepted_latex_functions

ACCENTS = {"bar": r"\bar{%s}", "hat": r"\hat{%s}", "tilde": r"\tilde{%s}"}
POWERS = {"h": "*", "t": r"\mathsf{T}", "inv": "-1"}


class Printer(LatexPrinter):
    """SymPy's, with the letters of symbols and functions by the rule above."""

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:  # noqa: N802 - SymPy's name
        return letter(expr.name)

    def _hprint_Function(self, func: str) -> str:  # noqa: N802 - SymPy's name
        return super()._hprint_Function(func) if func in accepted_latex_functions else letter(func)


def tex(expression: Any) -> str:
    """LaTeX of an expression."""
    return str(Printer({"mat_delim": "(", "order": "rev-lex", "inv_trig_style": "full"}).doprint(sympy.sympify(expression)))


def letter(name: str) -> str:
    """LaTeX of a symbol's name: ``base_below_below_accent_power``."""
    base, *rest = re.sub(r"(?<=[a-zA-Z])(\d+)$", r"_\1", name.split("_")[0]).split("_") + name.split("_")[1:]
    accents = [part for part in rest if part in ACCENTS]
    powers = ", ".join(POWERS[part] for part in rest if part in POWERS)
    below = ",".join(_word(part) for part in rest if part not in ACCENTS | POWERS)
    text = _word(base)
    for accent in accents:
        text = ACCENTS[accent] % text
    text += f"_{{{below}}}" if below else ""
    return f"{{{text}}}^{{{powers}}}" if powers else text


def _word(word: str) -> str:
    if word.lower() in greeks:
        return rf"\{word}"
    return word if len(word) == 1 or not word.isascii() or word.isdigit() else rf"\mathrm{{{word}}}"
