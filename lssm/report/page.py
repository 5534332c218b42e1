"""A report as one self-contained HTML page: no script, no font, no image from elsewhere."""

import base64
from collections.abc import Mapping
from functools import singledispatch
from html import escape
from typing import Any

from .document import Claim, Picture, Report, Table

_STYLE = """
:root { color-scheme: light; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; --paper: #ffffff; --tint: #f6f8fa; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1.5rem clamp(0.9rem, 4vw, 2.5rem) 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { margin-top: 2.6rem; font-size: 1.25rem; border-bottom: 1px solid var(--line); }
p { max-width: 46rem; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
figure { margin: 0; } figure img { width: 100%; height: auto; } figcaption, caption { color: var(--soft); font-size: 0.875rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: 0.35rem; }
th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; background: var(--tint); }
th:first-child, td:first-child { text-align: left; }
summary { cursor: pointer; color: var(--soft); margin: 1rem 0; }
.claim { border: 1px solid var(--line); border-left-width: 0.35rem; border-radius: 0.4rem; margin: 0.8rem 0;
  padding: 0.7rem 1rem; }
.claim p { margin: 0.3rem 0; } .claim .statement { font-weight: 600; }
.verdict { display: inline-block; border-radius: 1rem; padding: 0 0.7rem; font-size: 0.8rem; background: var(--tint); }
.holds { border-left-color: #1a7f37; } .holds-in-part { border-left-color: #9a6700; }
.fails-as-stated { border-left-color: #b3261e; }
"""


def as_page(report: Report, pictures: Mapping[str, bytes], footer: str) -> str:
    """The whole report with its pictures, PNG bytes by name, inside."""
    body = [f"<h1>{escape(report.title)}</h1>"]
    for section in report.sections:
        body += [f"<h2>{escape(section.title)}</h2>", f"<p>{escape(section.text)}</p>", *_blocks(section.blocks, pictures)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + f"\n<footer><p>{escape(footer)}</p></footer>\n</body>\n</html>\n"
    )


def _blocks(blocks: Any, pictures: Mapping[str, bytes]) -> list[str]:
    """Blocks in order; neighbouring pictures share a grid."""
    parts: list[str] = []
    inside = False
    for block in blocks:
        if isinstance(block, Picture) != inside:
            parts.append("</div>" if inside else '<div class="pictures">')
            inside = not inside
        parts.append(_block(block, pictures))
    return [*parts, "</div>"] if inside else parts


@singledispatch
def _block(block: Any, pictures: Mapping[str, bytes]) -> str:
    raise NotImplementedError(type(block))


@_block.register
def _(block: Picture, pictures: Mapping[str, bytes]) -> str:
    data, caption = base64.b64encode(pictures[block.name]).decode("ascii"), escape(block.caption, quote=True)
    return f'<figure><img src="data:image/png;base64,{data}" alt="{caption}"><figcaption>{caption}</figcaption></figure>'


@_block.register
def _(block: Claim, pictures: Mapping[str, bytes]) -> str:
    return (
        f'<article class="claim {block.verdict.replace(" ", "-")}">'
        f'<p class="statement">{block.number}. {escape(block.statement)}</p>'
        f'<span class="verdict">{escape(block.verdict)}</span>'
        + (f"<p>{escape(block.finding)}</p>" if block.finding else "")
        + "</article>"
    )


@_block.register
def _(block: Table, pictures: Mapping[str, bytes]) -> str:
    """A table that scrolls by itself on a narrow screen; a long one is folded."""
    head = "".join(f'<th scope="col">{escape(column.name)}</th>' for column in block.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in block.written())
    caption = escape(block.caption)
    label = "" if block.long else f"<caption>{caption}</caption>"
    table = f'<div class="scroll"><table>{label}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return f"<details><summary>{caption}</summary>{table}</details>" if block.long else table
