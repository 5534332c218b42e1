"""Hypothesis profiles: dev (quick), ci, thorough; chosen by HYPOTHESIS_PROFILE."""

import os

import numpy as np
import pytest
from hypothesis import settings

import lssm

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for worker processes: threads of several of them would fight

settings.register_profile("dev", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(autouse=True)
def _doctest_names(doctest_namespace):
    doctest_namespace["np"] = np
    doctest_namespace["lssm"] = lssm


collect_ignore = ["benchmarks/compare_torch.py"]  # runs where PyTorch is installed, by hand
