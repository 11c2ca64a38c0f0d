import subprocess
import sys

import numpy as np
import pytest

import profond
from profond import layers, models
from profond.training import _memory
from profond.training._memory import memory_kept

_SETTINGS = {"trim": -1, "mmap": -3}  # <malloc.h> of glibc


# In a process of its own: where in the heap a block comes to lie depends on what was before.
_PAGES = """
import resource, torch
from profond.training._memory import memory_kept

def new_pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.empty(50 * 2**20).fill_(1.0)  # 200 MB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

outside = [new_pages() for _ in range(3)]
with memory_kept():
    inside = [new_pages() for _ in range(3)]
print(outside[-1], inside[-1])
"""


@pytest.mark.skipif(_memory._mallopt() is None, reason="not glibc, or set up otherwise")
def test_a_freed_block_is_used_again_inside_only():
    done = subprocess.run(
        [sys.executable, "-c", _PAGES], capture_output=True, text=True, check=True
    )
    outside, inside = map(int, done.stdout.split())
    assert inside < 100
    assert outside > 50 * (inside + 1)


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
