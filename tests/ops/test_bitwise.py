"""Operations on bits: the numbers and types of Keras."""

import numpy as np
import pytest
import torch

from profond import ops

pytest.importorskip("keras")
from tests.ops.helpers import compare  # noqa: E402

X = np.array([[0, 1, -7], [12, 5, 100]])
Y = np.array([3, 2, 6])


@pytest.mark.parametrize("name", ["bitwise_and", "bitwise_or", "bitwise_xor"])
@pytest.mark.parametrize("dtype", ["int32", "int64", "bool"])
def test_bits_of_two(name, dtype):
    compare(name, X.astype(dtype), Y.astype(dtype))


@pytest.mark.parametrize("name", ["bitwise_not", "bitwise_invert"])
@pytest.mark.parametrize("dtype", ["int32", "uint8", "bool"])
def test_bits_that_are_not_set(name, dtype):
    compare(name, X.astype(dtype))


@pytest.mark.parametrize(
    "name", ["left_shift", "right_shift", "bitwise_left_shift", "bitwise_right_shift"]
)
@pytest.mark.parametrize("by", [2, Y])
def test_shifts(name, by):
    compare(name, X, by)


def test_a_number_takes_the_type_of_the_other_operand():
    assert ops.bitwise_and(X.astype("int16"), 5).dtype is torch.int16
    assert ops.bitwise_or(5, X).tolist() == (5 | X).tolist()
