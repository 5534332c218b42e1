"""A report as plain text, for terminals."""

import textwrap
from functools import singledispatch
from typing import Any

from .document import Claim, Picture, Report, Table

WIDTH = 118


def as_text(report: Report) -> str:
    """The whole report as plain text, 118 columns wide but for wider tables; pictures are left out.

    Parameters
    ----------
    report : Report
        What to write.

    Returns
    -------
    str
        Lines, the last one ended too.

    Notes
    -----
    Explained in :doc:`/howto/report`.

    Examples
    --------
    >>> import lssm.report
    >>> text = lssm.report.as_text(lssm.report.report_learning(fresh=False))
    >>> print(text.partition("===")[0])
    What gradient descent can teach a linear state space model
    <BLANKLINE>
    """
    parts = [report.title, "=" * len(report.title)]
    for section in report.sections:
        parts += ["", section.title, "-" * len(section.title), textwrap.fill(section.text, WIDTH)]
        parts += [text for block in section.blocks if (text := _block(block))]
    return "\n".join(parts) + "\n"


@singledispatch
def _block(block: Any) -> str:
    raise NotImplementedError(type(block))


@_block.register
def _(block: Picture) -> str:
    return ""


@_block.register
def _(block: Claim) -> str:
    """Number, statement and verdict, the finding indented below."""
    head = textwrap.fill(f"{block.number}. {block.statement}", WIDTH, subsequent_indent="   ")
    finding = textwrap.fill(block.finding, WIDTH, initial_indent="   ", subsequent_indent="   ")
    return f"\n{head}\n   [{block.verdict}]" + (f"\n{finding}" if block.finding else "")


@_block.register
def _(block: Table) -> str:
    """Columns as wide as their widest cell, numbers to the right."""
    cells = [[column.name for column in block.columns], *block.written()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in cells
    ]
    return "\n".join(["", f"{block.caption}:", lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
