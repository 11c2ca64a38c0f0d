"""Operations on the bits of integers; of booleans, "and", "or" and "not"."""

import torch
from torch import Tensor

from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import TensorLike, pair


@operation
def bitwise_and(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits that are set in both."""
    x, y = pair(x, y)
    return torch.bitwise_and(x, y)


@operation
def bitwise_or(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits that are set in one of them or both."""
    x, y = pair(x, y)
    return torch.bitwise_or(x, y)


@operation
def bitwise_xor(x: TensorLike, y: TensorLike) -> Tensor:
    """The bits that are set in one of them only."""
    x, y = pair(x, y)
    return torch.bitwise_xor(x, y)


@operation
def bitwise_invert(x: TensorLike) -> Tensor:
    """The bits that are not set; of a signed integer, -x - 1."""
    return torch.bitwise_not(convert_to_tensor(x))


bitwise_not = bitwise_invert


@operation
def bitwise_left_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """X 2^y, with the bits moved `y` places to the left."""
    x, y = pair(x, y)
    return torch.bitwise_left_shift(x, y)


left_shift = bitwise_left_shift


@operation
def bitwise_right_shift(x: TensorLike, y: TensorLike) -> Tensor:
    """X / 2^y, rounded down, with the bits moved `y` places to the right."""
    x, y = pair(x, y)
    return torch.bitwise_right_shift(x, y)


right_shift = bitwise_right_shift
