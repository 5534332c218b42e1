"""A progress bar for people: on a terminal only, and only after two seconds."""

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress(items: Iterable[Any], what: str) -> Any:
    """Iterate over `items` under a bar called `what`."""
    return tqdm(items, what, delay=2, leave=False, disable=None)
