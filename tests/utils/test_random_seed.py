"""One seed for all generators."""

import random

import numpy as np
import pytest
import torch

from profond.utils import set_random_seed


def draw():
    return random.random(), np.random.rand(), float(torch.rand(()))  # noqa: NPY002


def test_all_generators_start_again():
    set_random_seed(3)
    first = draw()
    assert draw() != first
    set_random_seed(np.int64(3))
    assert draw() == first
    set_random_seed(4)
    assert all(a != b for a, b in zip(draw(), first, strict=True))


def test_the_numbers_are_those_that_the_generators_give_by_themselves():
    set_random_seed(12)
    ours = draw()
    random.seed(12)
    np.random.seed(12)  # noqa: NPY002
    torch.manual_seed(12)
    assert draw() == ours


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_the_ends_of_the_range(seed):
    set_random_seed(seed)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_out_of_range(seed):
    with pytest.raises(ValueError, match=f"`seed` must be from 0 to 4294967295.*received {seed}"):
        set_random_seed(seed)


@pytest.mark.parametrize("seed", ["3", 3.0, None])
def test_no_whole_number(seed):
    with pytest.raises(ValueError, match="`seed` must be a whole number; received"):
        set_random_seed(seed)
