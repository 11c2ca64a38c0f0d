"""The product with a matrix of each feature's own, and how such matrices begin."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond import initializers
from profond.initializers import RandomUniform
from profond.initializers._random import RandomInitializer
from profond.random import SeedGenerator


def per_feature(
    x: Float[Tensor, "features inputs batch"],
    kernel: Float[Tensor, "features inputs units"],
    bias: Float[Tensor, "features units"] | None,
) -> Float[Tensor, "features units batch"]:
    """$W_f^T x_f + b_f$ for each feature f.

    The batch comes last: its axis is long and those of the matrices are short, so that this is
    up to three times as fast on a CPU as `einsum("bfi,fio->bfo")`, gradients included.
    """
    rows = kernel.transpose(1, 2)
    return torch.bmm(rows, x) if bias is None else torch.baddbmm(bias.unsqueeze(-1), rows, x)


def for_each_feature(initializer: Any) -> Any:
    """An initializer of (features, ...) that draws each feature's part as a weight by itself.

    Glorot's and its like count the inputs of one neuron, which are those of one feature here.
    With an int seed, too, each feature begins with other values. An initializer that is not a
    random one of profond's (an array, one's own function) is asked for the whole.
    """
    begin = initializers.get(initializer)
    if not isinstance(begin, RandomInitializer):
        return begin

    def draw(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        one = begin
        if isinstance(begin.seed, int):
            one = begin.clone()
            one.seed = SeedGenerator(begin.seed)
        return torch.stack([one(shape[1:], dtype) for _ in range(shape[0])])

    return draw


def as_torch_begins(inputs: int) -> RandomUniform:
    r"""Uniform on $\pm 1/\sqrt{\text{inputs}}$, as `torch.nn.Linear`, kernel and bias alike."""
    return RandomUniform(-(inputs**-0.5), inputs**-0.5)
