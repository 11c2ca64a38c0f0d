"""Where batches come from: arrays in memory, or anything that can be iterated.

Arrays go to the device once and batches are drawn from them by index. A feed gives batches as
`(x, y, sample_weight)`, y and sample_weight None where there are none.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from profond import _tree
from profond._dtypes import dtype_name
from profond._tensors import convert_to_tensor, default_device, for_reading, to_array
from profond.losses._labels import class_numbers, remember_class_numbers
from profond.training._stored_rows import StoredRows
from profond.training._usable import refuse_unusable
from profond.utils._pydataset import PyDataset, prefetched

Batch = tuple[Any, Any, Any]

EMPTY = "the data are empty: there is no batch."

# Rows are gathered for several batches at once, up to about this many bytes: one gather of
# 32 small batches costs hardly more than one of a single batch.
_GATHER_BYTES = 2**20


class ArrayFeed:
    """Batches from tensors in memory, which are copied batch by batch.

    Args:
        x: Inputs: a tensor, or a list or dict of them.
        y: Targets in the same manner, or None.
        sample_weight: Weights in the same manner, or None.
        batch_size: Number of rows of a batch; the last one may be smaller.
        shuffle: True: rows in a new random order at each pass. "batch": batches in a new order.
    """

    gave = True  # there is a batch

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        batch_size: int,
        shuffle: bool | str = False,
    ) -> None:
        self.tree = (x, y, sample_weight)
        self.leaves: list[torch.Tensor] = [
            leaf for leaf in _tree.flatten(self.tree) if leaf is not None
        ]
        labels = class_numbers(y) if isinstance(y, torch.Tensor) else None
        self._knows_labels = labels is not None
        if labels is not None:
            self.leaves.append(labels)
        self.num_samples = int(self.leaves[0].shape[0])
        self.generators: list[torch.Generator] = []
        self.batch_size = batch_size
        self.shuffle = shuffle
        self._row_bytes = sum(t[:1].numel() * t.element_size() for t in self.leaves)
        simple = all(not _tree.is_branch(part) for part in self.tree)
        self._places = [part is not None for part in self.tree] if simple else None

    @property
    def num_batches(self) -> int:
        """Number of batches of a pass, the incomplete one included."""
        return -(-self.num_samples // self.batch_size)

    @property
    def known_batches(self) -> int | None:
        """Number of batches of a pass, where that is known: here always."""
        return self.num_batches

    def first(self) -> Batch:
        """The first batch in the order of the data, to learn shapes from."""
        return self._packed([leaf[: self.batch_size].clone() for leaf in self.leaves])

    def batches(self) -> Iterator[Batch]:
        """One pass over the data."""
        order = self._order()
        for rows in self._row_groups(order):
            gathered = [rows(leaf) for leaf in self.leaves]
            for parts in zip(*(leaf.split(self.batch_size) for leaf in gathered), strict=True):
                yield self._packed(list(parts))

    def _order(self) -> torch.Tensor | None:
        """The order of the rows in this pass; None as they stand."""
        if not self.shuffle:
            return None
        if self.shuffle == "batch":
            order = torch.randperm(self.num_batches) * self.batch_size
            rows = order[:, None] + torch.arange(self.batch_size)
            # The incomplete batch goes last, so that every other one stays whole.
            rows = rows.flatten()
            last = (self.num_samples // self.batch_size) * self.batch_size
            rows = torch.cat([rows[rows < last], torch.arange(last, self.num_samples)])
        else:
            rows = torch.randperm(self.num_samples)
        return rows.to(self.leaves[0].device)

    def _row_groups(
        self, order: torch.Tensor | None
    ) -> Iterator[Callable[[torch.Tensor], torch.Tensor]]:
        """Functions that copy the rows of some batches out of a tensor.

        A copy even in the order of the data: what a model writes into its input must not reach
        them, which may be read-only.
        """
        batches_at_once = max(1, _GATHER_BYTES // max(1, self._row_bytes * self.batch_size))
        rows = self.batch_size * batches_at_once
        if order is None:
            for begin in range(0, self.num_samples, rows):
                yield lambda leaf, begin=begin: leaf[begin : begin + rows].clone()
            return
        for group in order.split(rows):
            yield lambda leaf, group=group: leaf.index_select(0, group)

    def _packed(self, leaves: list[torch.Tensor]) -> Batch:
        """Leaves as (x, y, sample_weight), in the structures that were given."""
        remaining = iter(leaves)
        if self._places is not None:
            x, y, w = (next(remaining) if there else None for there in self._places)
        else:
            full = [None if leaf is None else next(remaining) for leaf in _tree.flatten(self.tree)]
            x, y, w = _tree.pack_like(self.tree, full)
        if self._knows_labels and y is not None:
            remember_class_numbers(y, next(remaining))
        return x, y, w


class IterableFeed:
    """Batches from a generator, a torch `DataLoader`, a `PyDataset` or another iterable.

    Args:
        source: What is iterated; items are x, (x, y) or (x, y, sample_weight).
        convert: From an item's parts to tensors.
        steps: Number of batches of a pass, if the source does not know it.
        shuffle: Whether the batches of a `PyDataset` come in a new order at each pass.
    """

    def __init__(
        self,
        source: Any,
        convert: Callable[[Batch], Batch],
        steps: int | None,
        shuffle: bool = False,
    ) -> None:
        self.source = source
        self.convert = convert
        self.shuffle = shuffle
        self.batch_size: int | None = None
        self.num_samples: int | None = None
        self._ahead: list[Any] = []
        # An iterator can be passed through once; anything else begins anew at each pass.
        self.one_pass = hasattr(source, "__next__")
        self.known_batches = None if self.one_pass else _length(source)
        self.generators = _own_generators(source)
        self.gave = False  # whether there ever was a batch
        self.num_batches = steps if steps is not None else self.known_batches

    def first(self) -> Batch:
        """The first batch, to learn shapes from; it is not lost.

        Raises:
            ValueError: If there is none.
        """
        if self.one_pass:
            if not self._ahead:
                self._ahead = [_first_of(self.source)]
            return self._converted(self._ahead[0])
        if isinstance(self.source, PyDataset):
            return self._converted(self.source[0])
        with _states_kept(self.generators):  # a DataLoader draws its order when it begins
            return self._converted(_first_of(iter(self._items())))

    def batches(self) -> Iterator[Batch]:
        """One pass over the source."""
        if self.one_pass:
            while self._ahead:
                yield self._converted(self._ahead.pop(0))
            for item in self.source:
                yield self._converted(item)
            return
        _call_if_there(self.source, "on_epoch_begin")
        for item in self._items():
            yield self._converted(item)
        _call_if_there(self.source, "on_epoch_end")

    def _items(self) -> Iterator[Any]:
        """The source's items; a sequence with a length ends there."""
        if isinstance(self.source, PyDataset):
            order = None
            if self.shuffle and self.known_batches is not None:
                order = torch.randperm(self.known_batches).tolist()
            yield from prefetched(self.source, order)
        elif hasattr(self.source, "__iter__"):
            yield from self.source
        else:
            for index in range(len(self.source)):
                yield self.source[index]

    def _converted(self, item: Any) -> Batch:
        self.gave = True
        return self.convert(unpack(item))


def _length(source: Any) -> int | None:
    """The number of batches that a source says it has."""
    if hasattr(source, "num_batches"):
        return source.num_batches
    try:
        return len(source)
    except TypeError:  # none, or an IterableDataset inside of a DataLoader
        return None


def _first_of(items: Iterator[Any]) -> Any:
    """The first item.

    Raises:
        ValueError: If there is none.
    """
    for item in items:
        return item
    raise ValueError(EMPTY)


def _call_if_there(source: Any, hook: str) -> None:
    """Call a method of the data, if it has one of this name."""
    method = getattr(source, hook, None)
    if callable(method):
        method()


@contextmanager
def _states_kept(generators: list[torch.Generator]) -> Iterator[None]:
    """Afterwards these generators, and torch's own, are as they were."""
    states = [generator.get_state() for generator in generators]
    with torch.random.fork_rng(devices=[]):
        yield
    for generator, state in zip(generators, states, strict=True):
        generator.set_state(state)


def _own_generators(source: Any) -> list[torch.Generator]:
    """The generators that a data set, a `DataLoader` or its samplers draw from, each once."""
    batch_sampler = getattr(source, "batch_sampler", None)
    samplers = [getattr(owner, "sampler", None) for owner in (source, batch_sampler)]
    found: dict[int, torch.Generator] = {}
    for part in (source, batch_sampler, *samplers):
        generator = getattr(part, "generator", None)
        if isinstance(generator, torch.Generator):
            found[id(generator)] = generator
    return list(found.values())


def unpack(item: Any) -> Batch:
    """The parts of one item of a data source.

    Raises:
        ValueError: If it is a tuple of more than three.
    """
    if isinstance(item, list):
        item = tuple(item)  # a DataLoader gives lists
    if not isinstance(item, tuple):
        return item, None, None
    if len(item) == 1:
        return item[0], None, None
    if len(item) == 2:
        return item[0], item[1], None
    if len(item) == 3:
        return item[0], item[1], item[2]
    raise ValueError(
        "a batch must be x, (x, y) or (x, y, sample_weight); received a tuple of "
        f"{len(item)} items. Put several inputs into one list or dict."
    )


def to_tensors(
    tree: Any, float_dtype: torch.dtype, name: str = "x", only_read: bool = False
) -> Any:
    """Arrays as tensors on the default device, floats in `float_dtype`; copied once at most.

    Args:
        tree: An array, or a list or dict of arrays; `StoredRows` stay as they are.
        float_dtype: The type of floats.
        name: What they are called, for messages.
        only_read: Whether nobody will write into the tensors, which may then lie in read-only
            memory.

    Raises:
        TypeError: If one is not of numbers, or not in memory.
    """

    def convert(leaf: Any) -> Any:
        if leaf is None or isinstance(leaf, StoredRows):
            return leaf
        refuse_unusable(leaf, name)
        if not isinstance(leaf, torch.Tensor):
            array = to_array(leaf, dtype_name(float_dtype))
            floats = array.dtype.kind == "f"
            array = for_reading(array) if only_read else array
            tensor = convert_to_tensor(array, float_dtype if floats else None)
        else:
            floats = leaf.is_floating_point()
            tensor = leaf.detach().to(float_dtype) if floats else leaf.detach()
        # Rows are drawn by index: quick where each lies in one piece.
        return tensor.to(default_device()).contiguous()

    return _tree.map_structure(convert, as_tree(tree))


def as_tree(data: Any) -> Any:
    """Data as a structure of arrays: a list of numbers is one array, of arrays a list.

    Raises:
        ValueError: If the rows of a list have different lengths.
    """
    if isinstance(data, dict):
        return {key: as_tree(value) for key, value in data.items()}
    if not isinstance(data, list | tuple | range):
        return data
    if data and any(_is_array(item) or isinstance(item, dict) for item in data):
        return [as_tree(item) for item in data]
    try:
        return np.asarray(data)
    except ValueError:
        rows: Any = data
        lengths = sorted({len(row) for row in rows if hasattr(row, "__len__")})
        raise ValueError(
            "the rows of a list of numbers must have the same length; received rows of "
            f"{', '.join(map(str, lengths))}. Pad them (`utils.pad_sequences`), or give arrays."
        ) from None


def _is_array(item: Any) -> bool:
    """Whether `item` is an array, tensor or table, of one axis or more."""
    return hasattr(item, "shape") and len(item.shape) > 0
