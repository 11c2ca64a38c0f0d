"""A training that was cut anywhere and resumed ends as if nothing had happened, bit for bit."""

import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch

import profond
from profond import callbacks
from profond.callbacks import BackupAndRestore, Callback
from profond.layers import Dense

EPOCHS = 5
ROWS, BATCH = 50, 8  # seven batches, the last one smaller


class Cut(Exception):
    """Stands for whatever ends a process."""


class CutAfter(Callback):
    """Raise after so many batches in all."""

    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            raise Cut


def data():
    generator = np.random.default_rng(1)
    x = generator.normal(size=(ROWS, 4)).astype("float32")
    return x, (x @ [1.0, -2.0, 0.5, 0.0] + generator.normal(size=ROWS)).astype("float32")[:, None]


def new_model(seed):
    profond.utils.set_random_seed(seed)
    model = profond.Sequential(
        [profond.Input((4,)), Dense(8, activation="relu"), Noise(), Dense(1)]
    )
    model.compile(optimizer=profond.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    return model


class Noise(profond.layers.Layer):
    """Draws from torch's generator at each training step, as dropout does."""

    def call(self, inputs, training=None):
        return inputs + 0.1 * torch.randn_like(inputs) if training else inputs


def watchers(folder):
    return [
        callbacks.EarlyStopping("loss", patience=3, restore_best_weights=True),
        callbacks.ReduceLROnPlateau("val_loss", 0.5, patience=1, min_delta=0.05),
        callbacks.CSVLogger(folder / "log.csv"),
    ]


def fit(model, extra, epochs=EPOCHS):
    x, y = data()
    return model.fit(
        x, y, batch_size=BATCH, epochs=epochs, validation_split=0.2, verbose=0, callbacks=extra
    )


def facts(model, history, folder):
    state = {"rate": float(model.optimizer.learning_rate), "csv": (folder / "log.csv").read_text()}
    return [w.copy() for w in model.get_weights()], history.history, history.epoch, state


def assert_same(ours, expected):
    for a, b in zip(ours[0], expected[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert ours[1:] == expected[1:]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    model = new_model(3)
    return facts(model, fit(model, watchers(folder)), folder)


@pytest.mark.parametrize("freq", ["epoch", 1, 3, 4])
@pytest.mark.parametrize("cut", [1, 4, 5, 6, 12, 24])
def test_a_resumed_training_equals_an_uninterrupted_one(uninterrupted, tmp_path, freq, cut):
    backup = tmp_path / "backup"
    with pytest.raises(Cut):
        # The backup stands first in the list, and is nevertheless made last.
        fit(new_model(3), [BackupAndRestore(backup, freq), *watchers(tmp_path), CutAfter(cut)])
    torch.manual_seed(99)  # a new process would draw otherwise
    model = new_model(7)
    if not backup.exists():
        model = new_model(3)  # cut before the first backup: it begins anew
    history = fit(model, [BackupAndRestore(backup, freq), *watchers(tmp_path)])
    assert_same(facts(model, history, tmp_path), uninterrupted)
    assert not backup.exists()


def test_a_training_cut_twice(uninterrupted, tmp_path):
    backup = tmp_path / "backup"
    for cut in (9, 7):
        with pytest.raises(Cut):
            fit(new_model(3), [BackupAndRestore(backup, 2), *watchers(tmp_path), CutAfter(cut)])
    model = new_model(8)
    history = fit(model, [BackupAndRestore(backup, 2), *watchers(tmp_path)])
    assert_same(facts(model, history, tmp_path), uninterrupted)


def test_a_training_that_had_stopped_early_is_not_trained_further(tmp_path):
    backup = tmp_path / "backup"

    class CutAtEnd(Callback):
        def on_train_end(self, logs=None):
            raise Cut

    def stopping():
        return callbacks.EarlyStopping("loss", mode="max", patience=1, restore_best_weights=True)

    whole = new_model(3)
    expected = fit(whole, [stopping()])
    assert len(expected.epoch) < EPOCHS
    with pytest.raises(Cut):
        fit(new_model(3), [CutAtEnd(), stopping(), BackupAndRestore(backup)])
    model = new_model(4)
    history = fit(model, [stopping(), BackupAndRestore(backup)])
    assert history.history == expected.history
    for a, b in zip(model.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not backup.exists()


def test_more_epochs_can_be_asked_for_later(tmp_path):
    backup = tmp_path / "backup"
    model = new_model(3)
    fit(model, [BackupAndRestore(backup, delete_checkpoint=False)], epochs=2)
    assert backup.exists()
    again = new_model(5)
    history = fit(again, [BackupAndRestore(backup)], epochs=4)
    whole = new_model(3)
    expected = fit(whole, [BackupAndRestore(tmp_path / "other")], epochs=4)
    assert history.history == expected.history
    np.testing.assert_array_equal(again.get_weights()[0], whole.get_weights()[0])


def test_a_damaged_backup_falls_back_on_the_one_before(uninterrupted, tmp_path):
    backup = tmp_path / "backup"

    def backing():
        return BackupAndRestore(backup, double_checkpoint=True)

    with pytest.raises(Cut):
        fit(new_model(3), [backing(), *watchers(tmp_path), CutAfter(24)])
    latest = backup / "latest"
    latest.write_bytes(latest.read_bytes()[:-100])
    model = new_model(6)
    with pytest.warns(UserWarning, match="the last backup is damaged .* going on from the one"):
        history = fit(model, [backing(), *watchers(tmp_path)])
    assert_same(facts(model, history, tmp_path), uninterrupted)
    assert not backup.exists()


def test_a_damaged_backup_without_another_is_an_error(tmp_path):
    (tmp_path / "latest").write_bytes(b"not a state")
    with pytest.raises(OSError, match="latest"):
        fit(new_model(3), [BackupAndRestore(tmp_path)])


def test_a_callback_that_is_gone_is_named(tmp_path):
    backup = tmp_path / "backup"
    with pytest.raises(Cut):
        fit(new_model(3), [BackupAndRestore(backup), *watchers(tmp_path), CutAfter(9)])
    with pytest.warns(UserWarning, match="had the callback EarlyStopping-0, which this"):
        fit(new_model(3), [BackupAndRestore(backup), *watchers(tmp_path)[1:]])


def test_only_its_own_files_are_deleted(tmp_path):
    (tmp_path / "mine.txt").write_text("kept")
    fit(new_model(3), [BackupAndRestore(tmp_path)], epochs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_name_is_refused():
    with pytest.raises(ValueError, match=r"`backup_dir` must name a folder; received ''"):
        BackupAndRestore("")


def test_a_state_of_ones_own_callback_is_kept(tmp_path):
    class Counting(Callback):
        count = 0

        def on_train_begin(self, logs=None):
            self.count = 0

        def on_train_batch_end(self, batch, logs=None):
            self.count += 1

        def state_dict(self):
            return {"count": self.count, "tensor": torch.arange(3)}

        def load_state_dict(self, state):
            self.count = state["count"]
            assert state["tensor"].tolist() == [0, 1, 2]

    with pytest.raises(Cut):
        fit(new_model(3), [BackupAndRestore(tmp_path), Counting(), CutAfter(12)])
    counting = Counting()
    fit(new_model(3), [BackupAndRestore(tmp_path), counting])
    assert counting.count == EPOCHS * 5


class InterruptAfter(Callback):
    """Press Ctrl-C after so many batches in all."""

    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_keeps_the_backup_and_the_best_model(uninterrupted, tmp_path):
    backup = tmp_path / "backup"
    best = tmp_path / "best.weights.safetensors"

    def all_callbacks():
        saving = callbacks.ModelCheckpoint(best, save_best_only=True, save_weights_only=True)
        return [BackupAndRestore(backup), *watchers(tmp_path), saving]

    model = new_model(3)
    history = fit(model, [*all_callbacks(), InterruptAfter(12)])
    kept = new_model(4)
    kept.load_weights(best)
    np.testing.assert_array_equal(kept.get_weights()[0], model.get_weights()[0])
    assert history.history["val_loss"] == uninterrupted[1]["val_loss"][:2]
    assert backup.exists()
    model = new_model(5)
    history = fit(model, all_callbacks())
    assert_same(facts(model, history, tmp_path), uninterrupted)


SCRIPT = """
    import os, signal, sys
    import numpy as np
    import profond
    from profond.layers import Dense

    cut = int(sys.argv[1])

    class KillAfter(profond.callbacks.Callback):
        left = cut

        def on_train_batch_end(self, batch, logs=None):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    profond.utils.set_random_seed(0)
    x = np.random.default_rng(1).normal(size=(64, 4)).astype("float32")
    model = profond.Sequential([profond.Input((4,)), Dense(8, "relu"), Dense(1)])
    model.compile("adam", "mse")
    backup = profond.callbacks.BackupAndRestore("backup", save_freq=3)
    calls = [backup, KillAfter()]
    model.fit(x, x[:, :1], batch_size=8, epochs=4, verbose=0, callbacks=calls)
    np.savez(sys.argv[2], *model.get_weights())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_kill_9_and_resume(tmp_path):
    (tmp_path / "script.py").write_text(textwrap.dedent(SCRIPT))

    def run(*args):
        return subprocess.run([sys.executable, "script.py", *args], cwd=tmp_path, check=False)

    assert run("0", "whole.npz").returncode == 0
    assert run("14", "part.npz").returncode == -signal.SIGKILL
    assert (tmp_path / "backup").exists()
    assert run("0", "part.npz").returncode == 0
    whole, part = np.load(tmp_path / "whole.npz"), np.load(tmp_path / "part.npz")
    assert whole.files == part.files
    for name in whole.files:
        np.testing.assert_array_equal(whole[name], part[name])
