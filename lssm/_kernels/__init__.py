"""Compiled leaves: Numba functions on plain arrays, each file self-contained."""
