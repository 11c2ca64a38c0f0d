"""Batches from data that are not in memory, read by rows while the step before computes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from profond import _tree
from profond._rows import done_ahead
from profond.training._feeds import ArrayFeed, Batch
from profond.training._stored_rows import StoredRows

# Rows are read for several batches at once, up to about this many bytes: a read of many rows is
# shared among the threads of a source better than one of few.
_READ_BYTES = 2**22
_AHEAD = 2  # such reads that may wait


class RowFeed(ArrayFeed):
    """Batches of which some parts are `StoredRows`, the next ones read in a thread.

    The order of the rows, and the batches, are those of an `ArrayFeed` of the same numbers.
    """

    def first(self) -> Batch:
        """The first batch in the order of the data, to learn shapes from."""
        rows = np.arange(min(self.batch_size, self.num_samples))
        return self._packed(self._gathered(rows, self._read(rows)))

    def batches(self) -> Iterator[Batch]:
        """One pass over the data.

        Raises:
            ValueError: If rows cannot be read, or are not what was promised.
        """
        order = self._order()
        many = self.batch_size * max(1, _READ_BYTES // max(1, self._row_bytes * self.batch_size))
        every = np.arange(self.num_samples) if order is None else order.cpu().numpy()
        groups = [every[i : i + many] for i in range(0, len(every), many)]
        reads = done_ahead(self._read, groups, ahead=_AHEAD)
        for rows, read in zip(groups, reads, strict=True):
            leaves = self._gathered(rows, read)
            for parts in zip(*(leaf.split(self.batch_size) for leaf in leaves), strict=True):
                yield self._packed(list(parts))

    def _read(self, rows: np.ndarray) -> list[torch.Tensor]:
        """The rows of what is not in memory."""
        return [leaf.read(rows) for leaf in self.leaves if isinstance(leaf, StoredRows)]

    def _gathered(self, rows: np.ndarray, read: list[torch.Tensor]) -> list[torch.Tensor]:
        """The rows of every leaf, those that were read in their places."""
        coming = iter(read)
        return [
            next(coming).to(leaf.device)
            if isinstance(leaf, StoredRows)
            else leaf.index_select(0, torch.from_numpy(rows).to(leaf.device))
            for leaf in self.leaves
        ]


def array_feed(x: Any, y: Any, sample_weight: Any, **options: Any) -> ArrayFeed:
    """The feed of tensors, or of inputs that are read by rows."""
    stored = any(isinstance(leaf, StoredRows) for leaf in _tree.leaves_of(x))
    return (RowFeed if stored else ArrayFeed)(x, y, sample_weight, **options)
