"""What a proof raises."""


class ProofError(AssertionError):
    """An identity that does not hold or says nothing, or a tie that is off."""
