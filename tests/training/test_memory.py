import sys

import numpy as np
import pytest
import torch

import profond
from profond import layers, models
from profond.training import _memory
from profond.training._memory import memory_kept

_SETTINGS = {"trim": -1, "mmap": -3}  # <malloc.h> of glibc


def _new_pages() -> list[int]:
    """How many pages the system maps each time that a block of 200 MB is filled."""
    import resource

    counts = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        torch.empty(50 * 2**20).fill_(1.0)
        counts.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return counts


@pytest.mark.skipif(_memory._mallopt() is None, reason="not glibc, or set up otherwise")
def test_a_freed_block_is_used_again_inside_only():
    with memory_kept():
        assert _new_pages()[-1] < 100
    assert _new_pages()[-1] > 5000  # of 4 kB each, or fewer larger ones


def test_a_run_keeps_memory_and_undoes_it(monkeypatch):
    chosen: list[tuple[int, int]] = []
    monkeypatch.setattr(
        _memory, "_mallopt", lambda: lambda name, size: chosen.append((name, size)) or 1
    )
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")

    def fail(batch, logs):
        assert dict(chosen) == dict.fromkeys(_SETTINGS.values(), 2**30)
        raise RuntimeError("stop here")

    x = np.ones((4, 2), "float32")
    callback = profond.callbacks.LambdaCallback(on_train_batch_end=fail)
    with pytest.raises(RuntimeError, match="stop here"):
        model.fit(x, x[:, :1], verbose=0, callbacks=[callback])
    assert dict(chosen) == {_SETTINGS["mmap"]: 32 * 2**20, _SETTINGS["trim"]: 64 * 2**20}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MALLOC_TRIM_THRESHOLD_", "1000000"),
        ("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=1000000"),
        ("LD_PRELOAD", "libjemalloc.so"),
    ],
)
def test_what_the_user_has_set_up_stays(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    assert _memory._mallopt.__wrapped__() is None
    with memory_kept():
        pass


def test_another_system_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert _memory._mallopt.__wrapped__() is None


def test_a_library_without_glibc_is_left_alone(monkeypatch):
    monkeypatch.setattr(_memory.ctypes, "CDLL", lambda name: object())
    assert _memory._mallopt.__wrapped__() is None
