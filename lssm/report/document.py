"""What a report is made of: sections of tables, pictures and claims, before anybody renders them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._results import plain


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading and how its numbers are written."""

    name: str
    form: str = ""

    def write(self, value: Any) -> str:
        """`value` as text; None as a dash."""
        if value is None:
            return "–"
        return value if isinstance(value, str) else format(value, self.form)


@dataclass(frozen=True)
class Table:
    """Rows of raw values under columns.

    Attributes
    ----------
    caption : str
        What the rows are; names the table in JSON.
    columns : sequence of Column
        Headings and formats.
    rows : sequence of sequences
        Values, one a column.
    long : bool
        Whether a page should fold the table away.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    long: bool = False

    def written(self) -> list[list[str]]:
        """All cells as text."""
        return [[column.write(value) for column, value in zip(self.columns, row, strict=True)] for row in self.rows]


@dataclass(frozen=True)
class Picture:
    """A figure that is drawn when it is written.

    Attributes
    ----------
    name : str
        File name without suffix.
    caption : str
        What it shows, for those who cannot see it too.
    draw : callable
        Returns a Matplotlib figure.
    """

    name: str
    caption: str
    draw: Callable[[], Any] = field(repr=False)


@dataclass(frozen=True)
class Claim:
    """A claim of the source paper and what became of it.

    Attributes
    ----------
    number : int
        Its number in the ledger.
    statement : str
        The claim, in one sentence.
    verdict : str
        One of `VERDICTS`.
    finding : str
        The numbers behind the verdict, and the corrected statement where one is needed.
    """

    number: int
    statement: str
    verdict: str
    finding: str


VERDICTS = ("holds", "holds in part", "fails as stated", "not yet examined")


@dataclass(frozen=True)
class Section:
    """A heading, a paragraph, and blocks.

    Attributes
    ----------
    title, text : str
        Heading and introduction.
    blocks : sequence of Table, Picture or Claim
        In reading order.
    data : mapping
        What goes into the JSON file besides the tables.
    """

    title: str
    text: str
    blocks: Sequence[Table | Picture | Claim]
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Tables as lists of rows, claims as they are, and the data."""
        tables = {
            block.caption: [dict(zip((c.name for c in block.columns), row, strict=True)) for row in block.rows]
            for block in self.blocks
            if isinstance(block, Table)
        }
        claims = [vars(block) for block in self.blocks if isinstance(block, Claim)]
        return plain({"title": self.title, "tables": tables, "claims": claims, "data": dict(self.data)})


@dataclass(frozen=True)
class Report:
    """Sections under a title.

    Attributes
    ----------
    title : str
        What was examined.
    sections : sequence of Section
        In reading order.

    Notes
    -----
    Explained in :doc:`/howto/report`.

    Examples
    --------
    >>> import lssm.report
    >>> report = lssm.report.report_learning(fresh=False)
    >>> report.title
    'What gradient descent can teach a linear state space model'
    >>> report.pictures()[0].name
    'recall-16'
    >>> list(report.to_dict()["sections"][0])
    ['title', 'tables', 'claims', 'data']
    """

    title: str
    sections: Sequence[Section]

    def __str__(self) -> str:
        return f"{self.title}: {', '.join(section.title.lower() for section in self.sections)}"

    def pictures(self) -> list[Picture]:
        """Every picture, in reading order.

        Returns
        -------
        list of Picture
            Each draws a Matplotlib figure when asked, ``picture.draw()``.
        """
        return [block for section in self.sections for block in section.blocks if isinstance(block, Picture)]

    def to_dict(self) -> dict[str, Any]:
        """Everything but the pictures, as plain lists, numbers and strings.

        Returns
        -------
        dict
            "title" and "sections", each with its title, tables by caption, claims and data.
        """
        return {"title": self.title, "sections": [section.to_dict() for section in self.sections]}
