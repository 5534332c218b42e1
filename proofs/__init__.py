"""Machine-checked theorems: ``python -m proofs`` runs them all."""
