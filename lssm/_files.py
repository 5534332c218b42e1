"""One file on disk: written aside, moved into place when complete."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ._validate import OutputError


@contextmanager
def whole_file(path: Path, name: str = "path") -> Iterator[BinaryIO]:
    """A stream beside `path` that takes its place at the end; on failure `path` is as it was, and the argument is named."""
    aside = path.with_name(f".{path.name}.part")
    try:
        with aside.open("wb") as file:
            yield file
        aside.replace(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{name}: cannot write {path} ({reason}); choose another place") from None
    finally:
        with suppress(OSError, ValueError):
            aside.unlink(missing_ok=True)
