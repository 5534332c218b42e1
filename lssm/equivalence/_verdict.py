"""Answers that may be open."""

from .._validate import InvalidInputError


class Verdict(str):
    """``"yes"``, ``"no"`` or ``"undecided"``: true if yes, false if no, and neither where it is undecided.

    Raises
    ------
    InvalidInputError
        Asked for its truth while undecided.

    Notes
    -----
    Explained in :doc:`/derivations/equivalence`.

    Examples
    --------
    >>> import lssm
    >>> same = lssm.equivalence.certify(([[0.5]], [1.0]), ([[0.5]], [2.0])).same_memory
    >>> same, bool(same)
    ('yes', True)
    >>> if lssm.equivalence.Verdict("undecided"):
    ...     pass
    Traceback (most recent call last):
    lssm._validate.InvalidInputError: verdict: undecided is neither true nor false; compare with "yes", "no" or "undecided"
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        if self == OPEN:
            raise InvalidInputError('verdict: undecided is neither true nor false; compare with "yes", "no" or "undecided"')
        return self == YES


YES, NO, OPEN = Verdict("yes"), Verdict("no"), Verdict("undecided")
