"""A report on disk: written aside, moved into place when complete."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path

from .._progress import progress
from .._validate import OutputError
from .document import Picture, Report
from .page import as_page
from .text import as_text


def write(report: Report, folder: str | Path, footer: str = "") -> list[str]:
    """Write ``report.txt``, ``report.json``, ``report.html`` and one PNG a picture into `folder`.

    Parameters
    ----------
    report : Report
        What to write.
    folder : path-like
        Made if missing; files of an earlier report are replaced.
    footer : str
        Last line of the page.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    OutputError
        The folder cannot be made or written. Nothing is then left behind.

    Notes
    -----
    Explained in :doc:`/howto/report`.

    Examples
    --------
    >>> import lssm.report, tempfile
    >>> report = lssm.report.report_learning(fresh=False)
    >>> claims = lssm.report.Report(report.title, report.sections[-1:])  # the ledger, which has no pictures
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lssm.report.write_report(claims, folder)
    ['report.html', 'report.json', 'report.txt']
    """
    pictures = {picture.name: _png(picture) for picture in progress(report.pictures(), "figures")}
    files = {
        "report.html": as_page(report, pictures, footer).encode(),
        "report.json": json.dumps(report.to_dict(), allow_nan=False).encode(),
        "report.txt": as_text(report).encode(),
        **{f"{name}.png": data for name, data in pictures.items()},
    }
    with _aside(Path(folder)) as draft:
        for name, data in files.items():
            (draft / name).write_bytes(data)
    return list(files)


def check(folder: str | Path) -> None:
    """Fail now rather than after the work if a folder cannot be written.

    Parameters
    ----------
    folder : path-like
        Where a report is to be written; what is made to try it is removed again.

    Returns
    -------
    None

    Raises
    ------
    OutputError
        The folder cannot be made or written.

    Notes
    -----
    Explained in :doc:`/howto/report`.

    Examples
    --------
    >>> import lssm.report, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lssm.report.check_folder(pathlib.Path(folder, "new", "report"))
    ...     list(pathlib.Path(folder).iterdir())
    []
    """
    with _aside(Path(folder)):
        pass


def _png(picture: Picture) -> bytes:
    stream = BytesIO()
    picture.draw().savefig(stream, format="png", dpi=200)
    return stream.getvalue()


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A draft folder inside `folder`, whose files move up at the end; whatever was made goes away on failure."""
    missing = [path for path in (folder, *folder.parents) if not os.path.exists(path)]  # Path.exists raises on names too long
    draft = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder))
        yield draft
        files = list(draft.iterdir())
        for blocked in (folder / file.name for file in files if (folder / file.name).is_dir()):
            raise IsADirectoryError(errno.EISDIR, f"{blocked.name} is a folder")
        for file in files:
            file.replace(folder / file.name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"output: cannot write {folder} ({reason}); choose another folder") from None
    finally:
        if draft:
            shutil.rmtree(draft, ignore_errors=True)
        for path in missing:
            with suppress(OSError, ValueError):  # only what is still empty goes
                path.rmdir()
