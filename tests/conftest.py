"""Settings shared by all tests: the oracle's backend, hypothesis profiles, seeds."""

import os
import random
import tempfile

os.environ.setdefault("KERAS_BACKEND", "torch")
# The oracle with its own settings: not those that a developer keeps in a home folder.
os.environ.setdefault("KERAS_HOME", os.path.join(tempfile.gettempdir(), "profond-tests-keras"))
os.environ.setdefault("MPLBACKEND", "Agg")
# One thread per test process, set before torch is imported: the networks are small, and two workers
# with two threads each on two cores wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

if os.environ.get("PROFOND_CHECK_TYPES"):
    # Before profond is imported: its functions then check the shapes they annotate.
    import jaxtyping

    import tests.typechecker  # noqa: F401 - named below

    jaxtyping.install_import_hook("profond", "tests.typechecker.check")

_QUIET = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
settings.register_profile("usual", max_examples=25, **_QUIET)
settings.register_profile("thorough", max_examples=200, **_QUIET)
# CI gives the same answer to the same code; new examples are looked for by developers.
settings.register_profile("ci", settings.get_profile("usual"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "usual"))


def pytest_configure(config):
    """Let beartype draw the items that it looks at."""
    if os.environ.get("PROFOND_CHECK_TYPES"):
        ignored = "ignore::hypothesis.errors.HypothesisDeprecationWarning"
        config.addinivalue_line("filterwarnings", ignored)


def pytest_collection_modifyitems(items):
    """Leave out what breaks annotations on purpose, where these are checked."""
    if os.environ.get("PROFOND_CHECK_TYPES"):
        skip = pytest.mark.skip(reason="annotations are checked in this run")
        for item in items:
            if item.get_closest_marker("wrong_types"):
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def seed():
    """Start every test from the same random state."""
    random.seed(0)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - code under test may draw from numpy's global generator
