"""Callbacks that watch a number do what Keras's do, over the same sequences of logs."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond import callbacks
from tests.callbacks.helpers import StubModel, drive

keras = pytest.importorskip("keras")

# Eighths: exact in float32, in which Keras compares.
values = st.integers(-16, 16).map(lambda k: k / 8)
losses = st.lists(st.one_of(values, st.just(math.nan)), min_size=1, max_size=14)
modes = st.sampled_from(["min", "max", "auto"])
deltas = st.sampled_from([0, 0.125, -0.25, 0.5])


def same(ours: dict, theirs: dict) -> None:
    np.testing.assert_equal(ours["epochs"], theirs["epochs"])
    np.testing.assert_equal(ours["weight"], theirs["weight"])
    np.testing.assert_allclose(ours["rates"], theirs["rates"], rtol=1e-12)
    np.testing.assert_allclose(ours["last_rate"], theirs["last_rate"], rtol=1e-12)


def logs_of(name, sequence):
    return [{name: value} for value in sequence]


@given(
    sequence=losses,
    options=st.fixed_dictionaries(
        {
            "min_delta": deltas,
            "patience": st.integers(0, 4),
            "mode": modes,
            "baseline": st.one_of(st.none(), values),
            "restore_best_weights": st.booleans(),
            "start_from_epoch": st.integers(0, 4),
        }
    ),
)
def test_early_stopping(sequence, options):
    seen = []
    for library in (callbacks, keras.callbacks):
        callback = library.EarlyStopping(**options)
        seen.append(drive(callback, logs_of("val_loss", sequence), StubModel()))
        facts = (callback.stopped_epoch, callback.best_epoch, callback.wait, callback.best)
        seen[-1]["facts"] = facts
    same(*seen)
    np.testing.assert_equal(seen[0]["facts"], seen[1]["facts"])


@given(
    sequence=losses,
    options=st.fixed_dictionaries(
        {
            "factor": st.sampled_from([0.1, 0.5, 0.9]),
            "patience": st.integers(0, 3),
            "mode": modes,
            "min_delta": deltas,
            "cooldown": st.integers(0, 3),
            "min_lr": st.sampled_from([0.0, 0.0625, 0.25]),
        }
    ),
)
def test_reduce_lr_on_plateau(sequence, options):
    seen = [
        drive(library.ReduceLROnPlateau(**options), logs_of("val_loss", sequence), StubModel())
        for library in (callbacks, keras.callbacks)
    ]
    same(*seen)
    np.testing.assert_equal(seen[0]["logs"], seen[1]["logs"])


@given(
    sequence=st.lists(values, min_size=1, max_size=8),
    mode=modes,
    best_only=st.booleans(),
    threshold=st.one_of(st.none(), values),
    name=st.sampled_from(["{epoch:02d}-{val_loss:.2f}", "last", "sub/{epoch}"]),
    weights_only=st.booleans(),
)
def test_model_checkpoint_per_epoch(
    tmp_path, sequence, mode, best_only, threshold, name, weights_only
):
    path = str(tmp_path / name) + (".weights.h5" if weights_only else ".keras")
    seen = []
    for library in (callbacks, keras.callbacks):
        model = StubModel()
        callback = library.ModelCheckpoint(
            path,
            mode=mode,
            save_best_only=best_only,
            save_weights_only=weights_only,
            initial_value_threshold=threshold,
        )
        drive(callback, logs_of("val_loss", sequence), model)
        seen.append((model.saved, callback.best if best_only else None))
    assert seen[0] == seen[1]


@given(freq=st.integers(1, 9), steps=st.integers(1, 5), epochs=st.integers(1, 4))
def test_model_checkpoint_per_batches(tmp_path, freq, steps, epochs):
    seen = []
    for library in (callbacks, keras.callbacks):
        model = StubModel()
        path = str(tmp_path / "{epoch}-{batch}-{loss:.1f}.keras")
        callback = library.ModelCheckpoint(path, save_freq=freq, monitor="loss")
        drive(callback, [{"loss": 1.0}] * epochs, model, steps=steps)
        seen.append(model.saved)
    assert seen[0] == seen[1]


@pytest.mark.parametrize("schedule", [lambda e, lr: lr * 0.5 + e, lambda e: 1.0 / (1 + e)])
def test_learning_rate_scheduler(schedule):
    seen = [
        drive(library.LearningRateScheduler(schedule), [{"loss": 1.0}] * 4, StubModel())
        for library in (callbacks, keras.callbacks)
    ]
    same(*seen)
    assert seen[0]["logs"] == seen[1]["logs"]


@given(sequence=losses, steps=st.integers(1, 3))
def test_terminate_on_nan(sequence, steps):
    seen = [
        drive(library.TerminateOnNaN(), logs_of("loss", sequence), StubModel(), steps)
        for library in (callbacks, keras.callbacks)
    ]
    same(*seen)


@given(
    names=st.lists(st.sampled_from(["loss", "accuracy", "val_loss", "b"]), min_size=1, unique=True),
    separator=st.sampled_from([",", ";", "\t"]),
    append=st.booleans(),
    runs=st.integers(1, 2),
)
def test_csv_logger_writes_the_same_bytes(tmp_path, names, separator, append, runs):
    files = []
    for library in (callbacks, keras.callbacks):
        path = tmp_path / f"{library.__name__}.csv"
        path.unlink(missing_ok=True)
        for run in range(runs):
            logger = library.CSVLogger(path, separator=separator, append=append)
            epochs = [{name: run + i / 3 for i, name in enumerate(names)}, {names[0]: 0.1}]
            drive(logger, epochs, StubModel())
        files.append(path.read_bytes())
    assert files[0] == files[1]


def test_csv_logger_writes_arrays_and_text_as_keras_does(tmp_path):
    files = []
    for library in (callbacks, keras.callbacks):
        path = tmp_path / f"{library.__name__}.csv"
        epochs = [{"a": np.array([1.5, 2.0]), "b": "text", "c": np.float32(0.5)}]
        drive(library.CSVLogger(str(path)), epochs, StubModel())
        files.append(path.read_bytes())
    assert files[0] == files[1]


@given(epochs=st.lists(st.dictionaries(st.sampled_from("abc"), values), max_size=4))
def test_callback_list_and_history(epochs):
    histories = []
    for library in (callbacks, keras.callbacks):
        calls = library.CallbackList(add_history=True, model=StubModel(), epochs=1)
        drive(calls, epochs, StubModel())
        (history,) = [c for c in calls.callbacks if isinstance(c, library.History)]
        histories.append((history.history, list(history.history), history.epoch))
    assert histories[0] == histories[1]


def test_missing_number_warns_and_does_nothing():
    model = StubModel()
    for callback in (callbacks.EarlyStopping(), callbacks.ReduceLROnPlateau()):
        with pytest.warns(UserWarning, match="watches 'val_loss', which is not in the logs"):
            drive(callback, [{"loss": 1.0}], model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drive(callbacks.EarlyStopping("loss", start_from_epoch=3), [{"loss": 1.0}], model)
    assert not model.stop_training
