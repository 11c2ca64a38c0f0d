"""Batches made ahead, in order, by threads and by processes."""

import itertools
import os
import random
import threading
import time

import numpy as np
import pytest
import torch

from profond.utils import PyDataset, Sequence
from profond.utils._pydataset import prefetched


class Squares(PyDataset):
    def __init__(self, n=6, delay=None, **kwargs):
        super().__init__(**kwargs)
        self.n = n
        self.delay = delay or (lambda i: 0.0)
        self.made = []
        self.lock = threading.Lock()
        self.busy = self.most_busy = 0

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        with self.lock:
            self.made.append(index)
            self.busy += 1
            self.most_busy = max(self.most_busy, self.busy)
        time.sleep(self.delay(index))
        with self.lock:
            self.busy -= 1
        return np.array([index**2])


def values(batches):
    return [int(batch[0]) for batch in batches]


def test_by_hand_and_by_name():
    assert Sequence is PyDataset
    assert values(Squares(3)) == [0, 1, 4]
    assert Squares(3).num_batches == 3
    dataset = Squares()
    assert (dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size) == (1, False, 10)
    dataset.on_epoch_begin()
    dataset.on_epoch_end()


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_all_batches_come_in_order(workers):
    # The first take longest: without care the last ones would come first.
    dataset = Squares(workers=workers, delay=lambda i: 0.01 * (6 - i))
    assert values(prefetched(dataset)) == [0, 1, 4, 9, 16, 25]
    assert values(dataset.batches([4, 0, 2])) == [16, 0, 4]


def test_workers_work_at_the_same_time():
    dataset = Squares(8, workers=4, delay=lambda i: 0.02)
    list(prefetched(dataset))
    assert dataset.most_busy == 4
    dataset = Squares(8, workers=1, delay=lambda i: 0.001)
    list(prefetched(dataset))
    assert dataset.most_busy == 1


@pytest.mark.parametrize("size", [1, 3])
def test_no_more_batches_are_made_ahead_than_allowed(size):
    dataset = Squares(20, workers=2, max_queue_size=size)
    batches = prefetched(dataset)
    for taken in range(1, 6):
        next(batches)
        time.sleep(0.02)
        assert len(dataset.made) <= taken + size
    batches.close()


def test_stopping_early_leaves_no_thread():
    before = threading.active_count()
    batches = prefetched(Squares(100, workers=3, delay=lambda i: 0.001))
    assert values(itertools.islice(batches, 2)) == [0, 1]
    batches.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("workers", [1, 2])
def test_an_endless_data_set(workers):
    class Endless(Squares):
        @property
        def num_batches(self):
            return None

    batches = prefetched(Endless(workers=workers))
    assert values(itertools.islice(batches, 20)) == [i**2 for i in range(20)]
    batches.close()
    assert values(itertools.islice(Endless(), 3)) == [0, 1, 4]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_comes_where_its_batch_would(workers):
    class Failing(Squares):
        def __getitem__(self, index):
            if index == 3:
                raise OSError("no such picture")
            return super().__getitem__(index)

    batches = prefetched(Failing(workers=workers))
    assert values(itertools.islice(batches, 3)) == [0, 1, 4]
    with pytest.raises(OSError, match="no such picture"):
        next(batches)


class Noise(PyDataset):
    """Which process made a batch, and random numbers from all three generators."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        numbers = [random.random(), np.random.rand(), float(torch.rand(()))]  # noqa: NPY002
        return index, os.getpid(), torch.get_num_threads(), numbers


def test_processes_make_batches_that_do_not_depend_on_who_made_them():
    dataset = Noise(workers=2, use_multiprocessing=True)

    def epoch():
        random.seed(5)
        return list(prefetched(dataset, [3, 1, 2, 0]))

    first, second = epoch(), epoch()
    assert [batch[0] for batch in first] == [3, 1, 2, 0]
    assert os.getpid() not in {batch[1] for batch in first}
    assert {batch[2] for batch in first} == {1}
    assert [batch[3] for batch in first] == [batch[3] for batch in second]
    assert len({tuple(batch[3]) for batch in first}) == 4
    assert [batch[3] for batch in prefetched(dataset)] != [batch[3] for batch in first]


def test_a_single_process_is_a_process_too():
    (batch,) = prefetched(Noise(workers=1, use_multiprocessing=True), [2])
    assert batch[1] != os.getpid()
    (batch,) = prefetched(Noise(workers=0, use_multiprocessing=True), [2])
    assert batch[1] == os.getpid()


def test_a_class_that_forgets_to_call_its_base():
    class Forgetful(PyDataset):
        def __init__(self):
            pass

        def __len__(self):
            return 2

        def __getitem__(self, index):
            return [index]

    dataset = Forgetful()
    assert list(prefetched(dataset)) == [[0], [1]]
    dataset.workers = 2
    assert list(prefetched(dataset)) == [[0], [1]]


def test_what_a_class_has_to_define():
    class Nothing(PyDataset):
        pass

    with pytest.raises(NotImplementedError, match="Nothing must define `__getitem__"):
        Nothing()[0]
    with pytest.raises(NotImplementedError, match="Nothing must define `__len__"):
        list(Nothing())


def test_wrong_numbers():
    with pytest.raises(ValueError, match="`workers` must be >= 0; received workers=-1"):
        Squares(workers=-1)
    with pytest.raises(
        ValueError, match="`max_queue_size` must be >= 1; received max_queue_size=0"
    ):
        Squares(max_queue_size=0)
