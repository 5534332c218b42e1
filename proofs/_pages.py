"""A theorem as a page: statement, what is taken as given, every checked identity in LaTeX, the ties to the library."""

import re
from collections.abc import Iterator, Sequence

from ._kit import Identity, Part, Proof, Tie

#: Letters that fit beside each other in a column of text.
WIDTH = 70


def page(name: str, docstring: str, proof: Proof) -> str:
    """Markdown (MyST) of one theorem; `docstring` is that of its file."""
    head, *sections = re.split(r"\n(?=[^\n]+\n-{3,}\n)", docstring.strip())
    lines = [f"# {proof.title}", "", head.strip(), "", f"{counted(proof)} Source: `proofs/{name}.py`.", ""]
    for section in sections:
        lines += [_linked(_headed(section)), ""]
    return "\n".join([*lines, "## Checked", "", *checked(proof)]) + "\n"


def table(proved: dict[str, tuple[str, Proof]]) -> str:
    """All theorems, by name of file: docstring and proof."""
    rows = ["| theorem | scope | identities | ties | stands behind |", "|---|---|---:|---:|---|"]
    for name, (docstring, proof) in proved.items():
        link = f"{{doc}}`{proof.title} </theorems/{name}>`"
        users = " ".join(f"{{py:obj}}`{user[5:]} <{user}>`" for user in users_of(docstring))
        rows.append(f"| {link} | {proof.scope} | {len(proof.identities)} | {len(proof.ties)} | {users} |")
    identities = sum(len(proof.identities) for _, proof in proved.values())
    ties = sum(len(proof.ties) for _, proof in proved.values())
    return "\n".join([*rows, "", f"{len(proved)} theorems, {identities} identities, {ties} ties."]) + "\n"


def users_of(docstring: str) -> list[str]:
    """Public names that a theorem says it stands behind."""
    return re.findall(r"`(lssm\.[\w.]+)`", docstring.partition("Stands behind\n-------------\n")[2])


def counted(proof: Proof) -> str:
    """How far and by how much the theorem is checked."""
    scope = "For every $N$" if proof.scope == "every N" else f"Only for {proof.scope}"
    return f"*{scope}: {len(proof.identities)} identities reduced by SymPy, {len(proof.ties)} ties to the library.*"


def checked(proof: Proof) -> Iterator[str]:
    """Every part with its identities and ties."""
    for part in proof.parts:
        yield from _part(part)


def _headed(section: str) -> str:
    title, _, body = section.partition("\n")
    return f"## {title}\n\n{body.partition(chr(10))[2].strip()}"


def _linked(text: str) -> str:
    """Names of public objects and of other proofs as cross-references."""
    text = re.sub(r"(?<!`)`(lssm\.[\w.]+)`(?!`)", r"{py:obj}`\1`", text)
    return re.sub(r"(?<!`)`proofs/([a-z]\w*)\.py`", r"{doc}`proofs/\1.py </theorems/\1>`", text)


def _part(part: Part) -> Iterator[str]:
    text = re.sub(r"\A([^.:$]{3,70}[.:])(?=\s|\Z)", r"**\1**", part.text.strip())  # what it is about
    yield from (*(line.strip() for line in text.splitlines()), "")
    for step in part.steps:
        if isinstance(step, Identity):
            yield from _identity(step)
    ties = [step for step in part.steps if isinstance(step, Tie)]
    if ties:
        yield from _ties(ties)


def _identity(step: Identity) -> Iterator[str]:
    where = f" ({step.only})" if step.only else ""
    left, right = step.sides
    yield from (f"* {step.name}{where}", "", "  $$", f"  {_broken([left, f'= {right}'])}", "  $$", "")
    if step.using:
        yield from ("  where", "", "  $$", f"  {_broken([f'{one},' for one in step.using[:-1]] + [step.using[-1]])}", "  $$", "")


def _broken(parts: Sequence[str]) -> str:
    """In one line if it is short, else one line each."""
    glyphs = re.sub(r"\\(frac|left|right|begin|end|mathrm)|[{}_^&\\ ]", "", "".join(parts))
    if len(glyphs) < WIDTH:
        return r"\; ".join(parts)
    lines = " \\\\\n  & ".join(parts)
    return f"\\begin{{aligned}}\n  & {lines}\n  \\end{{aligned}}"


def _ties(ties: list[Tie]) -> Iterator[str]:
    """Errors are relative, in units of 2⁻⁵²."""
    yield from ("| quantity | library | exact | error / 2⁻⁵² | allowed |", "|---|---|---|---|---|")
    for tie in ties:
        cell = tie.name.replace("|", r"\|")
        exact = tie.exact.replace("|", r"\vert ")
        yield f"| {cell} | `{tie.value:.16g}` | ${exact}$ | {tie.error:.2g} | {tie.allowed:g} |"
    yield ""
