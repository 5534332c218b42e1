"""Sections of reports as notebook outputs: paragraphs, tables, figures, claims."""

import io

from IPython.display import Image, Markdown, display

from lssm.report.document import Claim, Picture, Section, Table


def escaped(text: str) -> str:
    """`text` with the signs that Markdown would read."""
    for sign in ("\\", "|", "$", "_", "*"):
        text = text.replace(sign, f"\\{sign}")
    return text


def show(section: Section) -> None:
    """A section without its heading, which the page has."""
    display(Markdown(escaped(section.text)))
    for block in section.blocks:
        show_block(block)


def show_block(block: Table | Picture | Claim) -> None:
    """One block."""
    if isinstance(block, Table):
        rows = [[column.name for column in block.columns], ["---"] * len(block.columns), *block.written()]
        lines = ["| " + " | ".join(cell if cell == "---" else escaped(cell) for cell in row) + " |" for row in rows]
        display(Markdown("\n".join(lines)))
    elif isinstance(block, Picture):
        file = io.BytesIO()
        figure = block.draw()
        figure.savefig(file, format="png", dpi=200)
        display(Image(file.getvalue(), width=round(100 * figure.get_figwidth()), alt=block.caption))
        display(Markdown(f"*{escaped(block.caption)}*"))
    else:
        display(Markdown(f"**{block.number}. {escaped(block.statement)}**\n\n*{block.verdict}.* {escaped(block.finding)}"))
