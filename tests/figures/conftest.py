"""Data that a user might bring, and a guard on global state."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
import torch


@pytest.fixture
def line():
    """x and y near a line with a bias, as columns of a table."""
    rng = np.random.default_rng(3)
    x = rng.normal(2.0, 1.0, 40)
    table = pd.DataFrame({"size": x, "price": 3.0 * x + 1.0 + rng.normal(0, 0.1, 40)})
    return table["size"], table["price"]


@pytest.fixture
def flowers():
    """Three well separated classes in two columns, with text labels."""
    rng = np.random.default_rng(5)
    centres = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    x = np.concatenate([centre + rng.normal(0, 0.7, (20, 2)) for centre in centres])
    return pd.DataFrame(x, columns=["length", "width"]), np.repeat(["a", "b", "c"], 20)


@pytest.fixture(autouse=True)
def _nothing_global_changes():
    """Figures neither open pyplot windows nor leave settings or threads changed."""
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    threads = torch.get_num_threads()
    yield
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == before
    assert torch.get_num_threads() == threads
