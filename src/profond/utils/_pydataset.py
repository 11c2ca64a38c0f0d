"""Data sets that make one batch at a time in Python, several at once in the background."""

import itertools
import random
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future


class PyDataset:
    """A data set given by its batches.

    One's own class has `__getitem__(index)`, which returns a whole batch `(x,)`, `(x, y)`,
    `(x, y, sample_weight)` or a dict, and `__len__`, the number of batches. `on_epoch_begin` and
    `on_epoch_end` may change it between epochs.

        class Images(PyDataset):
            def __init__(self, paths, labels, batch_size, **kwargs):
                super().__init__(**kwargs)
                self.paths, self.labels, self.batch_size = paths, labels, batch_size

            def __len__(self):
                return math.ceil(len(self.paths) / self.batch_size)

            def __getitem__(self, index):
                rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
                images = [load(path) for path in self.paths[rows]]
                return np.stack(images), self.labels[rows]

    Args:
        workers: Number of batches made at the same time while training. 0 and 1 make each when it
            is needed.
        use_multiprocessing: Whether to make them in other processes instead of threads: faster
            where Python itself computes, but the data set has to be sent there. Random numbers of
            a batch then depend on its place in the epoch only, not on which process made it.
        max_queue_size: Number of batches made ahead at most, >= 1.

    Raises:
        ValueError: If `workers` is negative or `max_queue_size` less than 1.
    """

    # Here too, for classes that do not call `super().__init__`.
    _workers = 1
    _use_multiprocessing = False
    _max_queue_size = 10

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """Number of batches made at the same time."""
        return self._workers

    @workers.setter
    def workers(self, value: int) -> None:
        if value < 0:
            raise ValueError(f"`workers` must be >= 0; received workers={value}.")
        self._workers = value

    @property
    def use_multiprocessing(self) -> bool:
        """Whether other processes make the batches."""
        return self._use_multiprocessing

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = value

    @property
    def max_queue_size(self) -> int:
        """Number of batches made ahead at most."""
        return self._max_queue_size

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        if value < 1:
            raise ValueError(f"`max_queue_size` must be >= 1; received max_queue_size={value}.")
        self._max_queue_size = value

    def __getitem__(self, index: int) -> Any:
        """The batch at position `index`."""
        raise NotImplementedError(
            f"{type(self).__name__} must define `__getitem__(self, index)`, which returns a batch."
        )

    @property
    def num_batches(self) -> int | None:
        """Number of batches, None for an endless data set; `len(self)` unless overridden."""
        if hasattr(self, "__len__"):
            return len(self)  # type: ignore[arg-type]
        raise NotImplementedError(
            f"{type(self).__name__} must define `__len__(self)`, the number of batches, or the "
            "property `num_batches` (None if there is no end)."
        )

    def __iter__(self) -> Iterator[Any]:
        for index in _indices(self):
            yield self[index]

    def batches(self, order: Iterable[int] | None = None) -> Iterator[Any]:
        """The batches in order, made ahead as `workers` says: what training iterates.

        Args:
            order: Positions of the batches; all of them, in order, if None.
        """
        return prefetched(self, order)

    def on_epoch_begin(self) -> None:
        """Called before each epoch; does nothing unless overridden."""

    def on_epoch_end(self) -> None:
        """Called after each epoch; does nothing unless overridden."""


def _indices(dataset: PyDataset) -> Iterable[int]:
    """The positions of all batches, in order."""
    n = dataset.num_batches
    return itertools.count() if n is None else range(n)


def prefetched(dataset: PyDataset, order: Iterable[int] | None = None) -> Iterator[Any]:
    """The batches in order, made ahead as the data set's `workers` say.

    An error while a batch is made is raised where that batch would come.

    Args:
        dataset: The data set.
        order: Positions of the batches; all of them, in order, if None.

    Yields:
        The batches.
    """
    indices = iter(_indices(dataset) if order is None else order)
    if dataset.workers <= 1 and not (dataset.workers and dataset.use_multiprocessing):
        for index in indices:
            yield dataset[index]
        return
    pending: deque[Future[Any]] = deque()
    executor, submit = _start(dataset)
    try:
        for index in itertools.islice(indices, dataset.max_queue_size):
            pending.append(submit(index))
        while pending:
            batch = pending.popleft().result()
            for index in itertools.islice(indices, 1):
                pending.append(submit(index))
            yield batch
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _start(dataset: PyDataset) -> "tuple[Executor, Any]":
    """Threads or processes, and the function that has them make a batch."""
    # Imported here: together they take as long as the rest of profond.
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    if not dataset.use_multiprocessing:
        threads = ThreadPoolExecutor(dataset.workers, thread_name_prefix="profond-batches")
        return threads, lambda index: threads.submit(dataset.__getitem__, index)
    seed = random.getrandbits(32)
    processes = ProcessPoolExecutor(dataset.workers, initializer=_hold, initargs=(dataset, seed))
    place = itertools.count()
    return processes, lambda index: processes.submit(_batch, index, next(place))


# In a worker process: the data set, and the seed of the epoch.
_held: tuple[PyDataset, int] | None = None


def _hold(dataset: PyDataset, seed: int) -> None:
    """Keep the data set in a new worker process."""
    global _held
    _held = (dataset, seed)
    torch.set_num_threads(1)  # threads of a forked process may never answer


def _batch(index: int, place: int) -> Any:
    """Make a batch in a worker process."""
    assert _held is not None
    dataset, seed = _held
    number = (seed + place) % 2**32
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002 - data sets draw from numpy's global generator
    torch.manual_seed(number)
    return dataset[index]
