"""One block of rows embedded by several networks at once."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def embedded_together(networks: Sequence[Sequence[Any]], inputs: Tensor) -> list[Tensor] | None:
    """What the first layer of each network, a `TableEmbedding`, makes of the same rows.

    Numbers are embedded feature by feature, so that the features of several networks side by side
    are those of one wide embedding: the same sums to the last bit, with the cost per operation of
    a single network, which for a few rows is nearly all of it.

    Args:
        networks: The layers of each network.
        inputs: Encoded rows, shape (rows, columns), float32.

    Returns:
        For each network an array of shape (rows, features); None if the layers are not alike, or
        there are not several of them.
    """
    from profond.layers import TableEmbedding

    tables: list[Any] = [layers[0] for layers in networks]
    if len(tables) < 2 or any(type(table) is not TableEmbedding for table in tables):
        return None
    one = tables[0]
    if not one._embeddings or any(_sizes(table) != _sizes(one) for table in tables):
        return None
    count, numbers = len(tables), one.numbers
    repeated = inputs[:, :numbers].repeat(1, count)
    parts = []
    for alike in zip(*(table._embeddings for table in tables), strict=True):
        weights = _weights(alike, numbers)
        if weights is None:
            return None
        wide = alike[0].vectors(repeated, *weights)  # (rows, networks * numbers, units)
        parts.append(wide.reshape(len(inputs), count, -1).unbind(1))
    plain = inputs[:, numbers : one._plain]
    embedded = []
    for k, table in enumerate(tables):
        codes = [table._of_codes(inputs[:, table._plain :])] if table.codes else []
        embedded.append(torch.cat([*(part[k] for part in parts), plain, *codes], 1))
    return embedded


def _sizes(table: Any) -> tuple[Any, ...]:
    return table.numbers, table._plain, table.codes, len(table._embeddings)


def _weights(alike: Sequence[Any], numbers: int) -> list[Tensor] | None:
    """The weights of embeddings side by side; None if they do not compute the same."""
    from profond.layers import PeriodicEmbedding, PiecewiseLinearEmbedding

    kind = type(alike[0])
    if any(type(one) is not kind or one.activation is not alike[0].activation for one in alike):
        return None
    if kind is PeriodicEmbedding:
        if len({one.densenet for one in alike}) != 1:
            return None
        each = [one.by_feature(numbers) for one in alike]
    elif kind is PiecewiseLinearEmbedding:
        each = [one.by_feature() for one in alike]
    else:
        return None
    if len({tuple([w.shape for w in weights]) for weights in each}) != 1:
        return None
    if any(one._compute != torch.float32 for one in alike):
        return None
    if any(len(w) != numbers or w.dtype != torch.float32 or not w.is_cpu for w in each[0]):
        return None
    return [torch.cat(weights) for weights in zip(*each, strict=True)]
