"""The checkpoint of the network that is being trained."""

import numpy as np
import pytest

from profond.callbacks import CallbackList
from profond.experiment import _checkpoint
from profond.experiment._checkpoint import Checkpoint, Clock
from profond.layers import Dense, Input
from profond.models import Sequential


class Times:
    """A clock that a test sets, in the place of `time`."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now

    def perf_counter(self):
        return self.now


@pytest.fixture
def times(monkeypatch):
    clock = Times()
    monkeypatch.setattr(_checkpoint, "time", clock)
    return clock


def fail(what, error):
    raise AssertionError(f"{what}: {error}")


def network():
    model = Sequential([Input(shape=(2,)), Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    return model


def train(model, callbacks, epochs=6):
    x = np.ones((4, 2), np.float32)
    model.fit(x, x[:, :1], epochs=epochs, callbacks=callbacks, verbose=0)


def test_it_is_made_every_few_seconds(tmp_path, times, monkeypatch):
    saved, took = [], 0.01

    class Watched(Checkpoint):
        def on_epoch_end(self, epoch, logs=None):
            times.now += 4  # an epoch takes so long
            super().on_epoch_end(epoch, logs)

        def _save(self, batch):
            saved.append(times.now - 100)
            super()._save(batch)
            times.now += took

    train(network(), [Watched(tmp_path / "c", failed=fail)])
    assert saved == [12, pytest.approx(24.01)]
    # One that takes long is made seldom: at most a hundredth of the time goes to it.
    saved.clear()
    took, times.now = 0.5, 100.0
    train(network(), [Watched(tmp_path / "d", failed=fail)], epochs=30)
    assert saved == [12, 64.5, 116.9 + 0.1]


def test_no_step_waits_for_it(tmp_path):
    hooks = CallbackList([Clock(), Checkpoint(tmp_path, failed=fail)])
    assert not hooks.hears("on_train_batch_begin")
    assert not hooks.hears("on_train_batch_end")
    assert not hooks.keeps_state


def test_a_checkpoint_of_another_network_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(_checkpoint, "EVERY", 0)
    other = Sequential([Input(shape=(2,)), Dense(3), Dense(1)])
    other.compile(optimizer="sgd", loss="mse")
    train(other, [Checkpoint(tmp_path / "c", failed=fail)])
    said = []
    model = network()
    train(model, [Checkpoint(tmp_path / "c", failed=lambda *what: said.append(what))])
    ((what, error),) = said
    assert what == "a checkpoint cannot be used, and its network is trained again"
    assert "belongs to another training" in str(error)
    assert len(model.history.history["loss"]) == 6


def test_the_clock_goes_on_from_the_seconds_before(times):
    clock = Clock()
    clock.on_train_begin()
    times.now += 3
    assert clock.seconds == 3
    state = clock.state_dict()
    later = Clock()
    times.now += 50
    later.on_train_begin()
    later.load_state_dict(state)
    times.now += 2
    later.on_train_end()
    times.now += 7
    assert (later.before, later.seconds) == (3, 5)
