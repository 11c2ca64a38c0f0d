"""Trainings that are cut, in every kind of data and by every kind of end, and go on exactly."""

import errno
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import profond
from profond import layers
from profond.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    LearningRateScheduler,
    ReduceLROnPlateau,
)
from profond.training.checkpoint import load_state, save_state, state_bytes, state_from_bytes
from tests.training.helpers import blobs

X, LABELS = blobs(rows=50)
Y = np.eye(3, dtype="float32")[LABELS]


class Cut(Exception):
    """Stands for whatever ends a process."""


class CutAfter(Callback):
    """End everything after so many batches."""

    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            raise Cut


def network(seed, units=8):
    profond.utils.set_random_seed(seed)
    model = profond.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(units, "relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dropout(0.2, seed=5),
            layers.GaussianNoise(0.1),
            layers.Dense(3, "softmax"),
        ]
    )
    model.compile(
        profond.optimizers.Adam(0.01),
        "categorical_crossentropy",
        metrics=["accuracy", profond.metrics.AUC(num_thresholds=20, name="auc")],
    )
    return model


class Batches(profond.utils.PyDataset):
    def __len__(self):
        return 6

    def __getitem__(self, index):
        rows = slice(index * 8, index * 8 + 8)
        return X[rows], Y[rows]


def endless():
    generator = np.random.default_rng(0)
    while True:
        rows = generator.integers(0, 50, 8)
        yield X[rows], Y[rows]


def loader(generator=None):
    return torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y)),
        batch_size=8,
        shuffle=True,
        generator=generator,
    )


SOURCES = {
    "arrays": lambda: ((X, Y), {"batch_size": 8}),
    "batches": lambda: ((X, Y), {"batch_size": 8, "shuffle": "batch"}),
    "few steps": lambda: ((X, Y), {"batch_size": 8, "steps_per_epoch": 3}),
    "odd steps": lambda: ((X, Y), {"batch_size": 8, "steps_per_epoch": 5}),
    "weights": lambda: ((X, Y), {"batch_size": 8, "class_weight": {0: 2.0}}),
    "validation": lambda: ((X, Y), {"batch_size": 8, "validation_split": 0.3}),
    "pydataset": lambda: ((Batches(),), {}),
    "loader": lambda: ((loader(),), {}),
    "generator": lambda: ((endless(),), {"steps_per_epoch": 4}),
}


def fit(model, source, extra=()):
    data, options = SOURCES[source]()
    watchers = [
        EarlyStopping("loss", patience=2, restore_best_weights=True),
        ReduceLROnPlateau("loss", 0.5, patience=1),
        *extra,
    ]
    return model.fit(*data, epochs=4, verbose=0, callbacks=watchers, **options).history


_whole = {}


def whole(source):
    """Weights and history of the uninterrupted training."""
    if source not in _whole:
        model = network(1)
        _whole[source] = (fit(model, source), model.get_weights())
    return _whole[source]


@pytest.mark.filterwarnings("ignore:the data ended after")
@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=5)
@given(cut=st.integers(1, 14), freq=st.sampled_from(["epoch", 1, 2, 5]), again=st.integers(1, 14))
def test_a_resumed_training_equals_an_uninterrupted_one(tmp_path_factory, source, cut, freq, again):
    folder = tmp_path_factory.mktemp("backup")
    wanted, weights = whole(source)
    for attempt, left in enumerate((cut, again, None)):
        model = network(1 if attempt == 0 else 100 + attempt)
        extra = [BackupAndRestore(folder / "b", save_freq=freq)]
        if attempt > 0 and not (folder / "b").exists():
            model = network(1)  # nothing was kept yet: the training begins again
        if left is not None:
            extra.append(CutAfter(left))
        try:
            history = fit(model, source, extra)
        except Cut:
            continue
        break
    assert history == wanted
    for got, want in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(got, want)
    assert not (folder / "b").exists()


def cut_and_resumed(folder, fit_once, freq, cut):
    """The history of a training that ends after `cut` batches and goes on."""
    backup = BackupAndRestore(folder, save_freq=freq)
    with pytest.raises(Cut):
        fit_once(1, [CutAfter(cut), backup])
    return fit_once(2, [BackupAndRestore(folder, save_freq=freq)])


@pytest.mark.parametrize("own", [True, False])
def test_what_happens_at_an_epochs_begin_happens_once(tmp_path, own):
    """A resumed epoch begins again, for those who need it, but nothing of it is done twice."""

    class Halves(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            optimizer = self.model.optimizer
            optimizer.learning_rate = float(optimizer.learning_rate) * 0.5
            self.drawn = float(torch.rand(()))

        def on_epoch_end(self, epoch, logs=None):
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)

    def fit_once(seed, extra):
        model = network(seed)
        model.compile(profond.optimizers.SGD(1.0), "categorical_crossentropy")
        rates = LearningRateScheduler(lambda epoch, rate: rate * 0.5) if own else Halves()
        options = {"batch_size": 10, "epochs": 3, "verbose": 0, "callbacks": [rates, *extra]}
        return model.fit(X, Y, **options).history, model.get_weights()

    history, weights = cut_and_resumed(tmp_path / "b", fit_once, 2, 8)
    assert history["learning_rate"] == [0.5, 0.25, 0.125]
    wanted = fit_once(1, [])
    assert history == wanted[0]
    for got, want in zip(weights, wanted[1], strict=True):
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(("freq", "cut"), [("epoch", 17), (2, 9), (3, 14)])
def test_a_loaders_own_generator_is_resumed(tmp_path, freq, cut):
    def fit_once(seed, extra):
        model = network(seed)
        data = loader(torch.Generator().manual_seed(seed))
        return model.fit(data, epochs=4, verbose=0, callbacks=extra).history, model.get_weights()

    history, weights = cut_and_resumed(tmp_path / "b", fit_once, freq, cut)
    wanted = fit_once(1, [])
    assert history == wanted[0]
    for got, want in zip(weights, wanted[1], strict=True):
        np.testing.assert_array_equal(got, want)


class Frozen(Callback):
    """The first layer does not learn in the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.layers[0].trainable = epoch != 1


def test_what_a_callback_froze_is_resumed(tmp_path):
    def fit_once(seed, extra):
        model = network(seed)
        options = {"batch_size": 10, "epochs": 3, "verbose": 0, "callbacks": [Frozen(), *extra]}
        return model.fit(X, Y, **options).history

    assert cut_and_resumed(tmp_path / "b", fit_once, 2, 13) == fit_once(1, [])


def frozen(seed):
    model = network(seed)
    model.layers[0].trainable = False
    return model


def wider(seed):
    return network(seed, units=9)


def slower(seed):
    model = network(seed)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("make", "rows", "options", "told"),
    [
        (frozen, 50, {}, "the weight '.*kernel' learned and is frozen"),
        (wider, 50, {}, r"weight 'dense.kernel' was of shape \(4, 8\) and is of shape \(4, 9\)"),
        (slower, 50, {}, "optimizer was 'Adam' and is 'SGD'; loss was 'categorical_c.* is 'mse'"),
        (network, 40, {}, "the number of rows was 50 and is 40"),
        (network, 50, {"batch_size": 9}, "batch_size was 8 and is 9"),
        (network, 50, {"steps_per_epoch": 2}, "steps_per_epoch was None and is 2"),
        (network, 50, {"shuffle": False}, "shuffle was True and is False"),
    ],
)
def test_a_backup_of_another_training_is_refused(tmp_path, make, rows, options, told):
    folder = tmp_path / "b"
    given = {"batch_size": 8, "epochs": 3, "verbose": 0}
    with pytest.raises(Cut):
        network(1).fit(X, Y, callbacks=[CutAfter(9), BackupAndRestore(folder)], **given)
    model = make(2)
    before, state = model.get_weights(), torch.get_rng_state()
    wanted = (
        f"BackupAndRestore: the backup in '.*b' belongs to another training: .*{told}.* Delete it "
        "to start anew, or go on with the model and the arguments of `fit` that it was made with"
    )
    with pytest.raises(ValueError, match=wanted):
        model.fit(X[:rows], Y[:rows], **{**given, **options}, callbacks=BackupAndRestore(folder))
    for got, want in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, want)
    assert torch.equal(torch.get_rng_state(), state)


def test_more_epochs_may_be_asked_for(tmp_path):
    kept = BackupAndRestore(tmp_path, delete_checkpoint=False)
    network(1).fit(X, Y, epochs=2, verbose=0, callbacks=kept)
    history = network(2).fit(X, Y, epochs=5, verbose=0, callbacks=BackupAndRestore(tmp_path))
    assert history.epoch == [0, 1, 2, 3, 4]


# Real signals to real processes

PROGRAM = """
import os, sys, time
import numpy as np
import profond
from profond import layers
from profond.callbacks import BackupAndRestore, Callback, EarlyStopping

class Tell(Callback):
    def on_train_batch_end(self, batch, logs=None):
        if self.model._optimizer.iterations == int(sys.argv[2]):
            print("now", flush=True)
            time.sleep(float(sys.argv[3]))

profond.utils.set_random_seed(int(sys.argv[4]))
generator = np.random.default_rng(0)
x = generator.normal(size=(40, 4)).astype("float32")
model = profond.Sequential(
    [layers.Input((4,)), layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(1)]
)
model.compile("adam", "mse", metrics=["mae"])
history = model.fit(
    x, x[:, 0], batch_size=8, epochs=4, validation_split=0.2, verbose=0,
    callbacks=[
        Tell(),
        EarlyStopping("val_loss", patience=9, restore_best_weights=True),
        BackupAndRestore(os.path.join(sys.argv[1], "backup"), save_freq=2),
    ],
)
np.savez(
    os.path.join(sys.argv[1], "result.npz"),
    *model.get_weights(),
    loss=history.history["val_loss"],
    interrupted=history.interrupted,
    last=sum(float(np.abs(w).sum()) for w in getattr(history, "last_weights", [])),
)
print("done", flush=True)
"""


def ended(folder, stop_at, pause, seed, sent=None):
    """The exit code of a training, which is sent a signal at step `stop_at`."""
    program = folder / "program.py"
    program.write_text(textwrap.dedent(PROGRAM))
    arguments = [str(program), str(folder), str(stop_at), str(pause), str(seed)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        if sent is not None:
            assert process.stdout.readline() == "now\n"
            process.send_signal(sent)
        process.communicate(timeout=120)
    return process.returncode


def result(folder):
    with np.load(folder / "result.npz") as kept:
        return {name: kept[name] for name in kept.files}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    assert ended(folder, -1, 0, 3) == 0
    return result(folder)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_signals_and_resuming(tmp_path, undisturbed, name):
    code = ended(tmp_path, 7, 1.0, 3, getattr(signal, name))
    if name == "SIGINT":
        # A clean end: the step is finished, the best and the last weights are kept.
        assert code == 0
        stopped = result(tmp_path)
        assert stopped["interrupted"]
        assert stopped["last"] > 0
        assert len(stopped["loss"]) == 1
    else:
        assert code != 0
    assert (tmp_path / "backup" / "latest").exists()
    assert ended(tmp_path, -1, 0, 99) == 0
    resumed = result(tmp_path)
    assert not resumed["interrupted"]
    for key, want in undisturbed.items():
        np.testing.assert_array_equal(resumed[key], want, err_msg=key)


# Ctrl-C in this process


def press(*_):
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_keeps_best_and_last_weights():
    model = network(1)
    model.compile(profond.optimizers.SGD(0.5), "categorical_crossentropy")
    kept = {}

    class Press(Callback):
        def on_train_batch_end(self, batch, logs=None):
            if int(self.model.optimizer.iterations) == 17:
                press()

        def on_epoch_end(self, epoch, logs=None):
            kept[epoch] = (logs["loss"], self.model.get_weights())

        def on_train_end(self, logs=None):
            kept["last"] = self.model.get_weights()

    stopping = EarlyStopping("loss", patience=9, restore_best_weights=True)
    before = signal.getsignal(signal.SIGINT)
    history = model.fit(X, Y, batch_size=8, epochs=9, verbose=0, callbacks=[Press(), stopping])
    assert history.interrupted
    assert len(history.history["loss"]) == 2  # the third epoch was not finished
    best = min((0, 1), key=lambda epoch: kept[epoch][0])
    for got, want in zip(model.get_weights(), kept[best][1], strict=True):
        np.testing.assert_array_equal(got, want)
    for got, want in zip(history.last_weights, kept["last"], strict=True):
        np.testing.assert_array_equal(got, want)
    assert signal.getsignal(signal.SIGINT) is before
    again = model.fit(X, Y, verbose=0)
    assert not again.interrupted


def test_a_second_ctrl_c_ends_at_once():
    class Twice(Callback):
        def on_train_batch_end(self, batch, logs=None):
            press()
            press()

    model = network(1)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, verbose=0, callbacks=Twice())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not model.training


def test_ctrl_c_while_validating_ends_at_once():
    seen = []

    class Press(Callback):
        def on_test_batch_end(self, batch, logs=None):
            seen.append(batch)
            if len(seen) == 9:
                press()

        def on_test_end(self, logs=None):
            seen.append("end")

    history = network(1).fit(
        X, Y, validation_data=(X, Y), batch_size=8, epochs=5, verbose=0, callbacks=Press()
    )
    assert history.interrupted
    assert seen == [*range(7), "end", 0, "end"]
    assert len(history.history["val_loss"]) == 1  # an epoch cut short is not recorded
    assert len(history.history["loss"]) == 1


def test_ctrl_c_in_the_last_batch_of_a_validation_keeps_its_results():
    presses = profond.callbacks.LambdaCallback(on_test_batch_end=lambda batch, logs: press())
    options = {"validation_data": (X, Y), "validation_batch_size": 50, "callbacks": presses}
    history = network(1).fit(X, Y, epochs=5, verbose=0, **options)
    assert history.interrupted
    assert len(history.history["val_loss"]) == 1


def test_a_programs_own_handler_is_left_alone():
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
    try:
        history = network(1).fit(
            X, Y, verbose=0, callbacks=profond.callbacks.LambdaCallback(on_train_begin=press)
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [1]
    assert not history.interrupted


# The file


def test_states_are_kept_whole(tmp_path):
    model = network(1)
    model.fit(X, Y, verbose=0)
    extra = {"number": 1.5, "none": None, "list": [1, [2.0, torch.arange(3)]], "text": "é"}
    save_state(tmp_path / "state", model, extra)
    after = torch.rand(3)
    other = network(2)
    got = load_state(tmp_path / "state", other)
    assert torch.equal(torch.rand(3), after)
    assert got["list"][1][1].tolist() == [0, 1, 2]
    assert (got["number"], got["none"], got["text"]) == (1.5, None, "é")
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert int(other.optimizer.iterations) == int(model.optimizer.iterations)


def test_states_of_any_values():
    state = {
        "nan": float("nan"),
        "inf": [float("inf")],
        "array": np.arange(4, dtype="uint32"),
        "half": torch.ones(2, dtype=torch.bfloat16),
        "empty": torch.zeros(0, 3),
        "number": np.float64(2.5),
        "nested": {"a": {"b": (torch.tensor(True), "x")}},
    }
    back = state_from_bytes(state_bytes(state))
    assert np.isnan(back["nan"])
    assert back["inf"] == [float("inf")]
    np.testing.assert_array_equal(back["array"], state["array"])
    assert back["array"].dtype == np.uint32
    assert back["half"].dtype is torch.bfloat16
    assert back["empty"].shape == (0, 3)
    assert back["number"] == 2.5
    assert back["nested"]["a"]["b"][1] == "x"


def test_states_that_cannot_be_used(tmp_path):
    model = network(1)
    path = tmp_path / "state"
    with pytest.raises(FileNotFoundError, match="there is no training state '.*state'"):
        load_state(path, model)
    save_state(path, model, {})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(OSError, match="damaged, or not a training state"):
        load_state(path, model)
    from safetensors.torch import save

    path.write_bytes(save({"a": torch.ones(1)}))
    with pytest.raises(OSError, match="not a training state of this version; found format None"):
        load_state(path, model)
    path.write_bytes(content)
    other = profond.Sequential([layers.Input((4,)), layers.Dense(2)], name="other")
    other.compile("sgd", "mse")
    before = other.get_weights()
    wanted = (
        r"the training state '.*state' belongs to another training: the model's weight "
        r"'dense.kernel' was of shape \(4, 8\) and is of shape \(4, 2\); random layers was 1 and "
        r"is 0; optimizer was 'Adam' and is 'SGD'; loss was 'categorical_crossentropy' and is"
    )
    with pytest.raises(ValueError, match=wanted):
        load_state(path, other)
    for got, want in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(got, want)


def test_a_full_disk_leaves_the_last_backup(tmp_path, monkeypatch):
    class Fill(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:

                def full(*args):
                    raise OSError(errno.ENOSPC, "No space left on device")

                monkeypatch.setattr(os, "fsync", full)

    folder = tmp_path / "backup"
    wanted = r"No space left on device \(the earlier file is as it was\): '.*backup.latest'"
    with pytest.raises(OSError, match=wanted) as caught:
        fit(network(1), "arrays", [Fill(), BackupAndRestore(folder)])
    assert caught.value.errno == errno.ENOSPC
    monkeypatch.undo()
    assert os.listdir(folder) == ["latest"]
    (folder / ".latest.k_1234ab").write_bytes(b"left by a process that was killed")
    model = network(50)
    assert fit(model, "arrays", [BackupAndRestore(folder)]) == whole("arrays")[0]
    assert not folder.exists()
    for got, want in zip(model.get_weights(), whole("arrays")[1], strict=True):
        np.testing.assert_array_equal(got, want)
