"""What the watching callbacks say, which direction they take, and how they go on after a break."""

import errno
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import profond
from profond import callbacks
from profond.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from tests.callbacks.helpers import StubModel, drive


def metric(name, direction=None):
    return SimpleNamespace(name=name, _direction=direction)


@pytest.mark.parametrize(
    ("monitor", "metrics", "stopped"),
    [
        ("val_score", [metric("score", "up")], False),
        ("val_score", [metric("score", "down")], True),
        ("val_head_score", [SimpleNamespace(name="all", metrics=[metric("score", "up")])], False),
        ("val_head_loss", [], True),
        ("loss", [], True),
    ],
)
def test_direction_is_that_of_the_metric(monitor, metrics, stopped):
    model = StubModel(metrics=tuple(metrics))
    rising = [{monitor: float(k)} for k in range(5)]
    drive(EarlyStopping(monitor, patience=1), rising, model)
    assert model.stop_training is stopped


def test_an_unknown_direction_is_asked_for():
    words = (
        r"EarlyStopping\(monitor='val_score'\): cannot tell whether this number should rise or "
        r"fall\. Pass mode='max' if higher is better"
    )
    with pytest.raises(ValueError, match=words):
        drive(EarlyStopping("val_score"), [{"val_score": 1.0}], StubModel())


@pytest.mark.parametrize("watching", [EarlyStopping, ReduceLROnPlateau])
def test_a_wrong_name_is_refused_with_those_in_the_logs(watching):
    words = r"\(monitor='nope'\): cannot tell .* The logs have: loss, val_loss"
    with pytest.raises(ValueError, match=words):
        drive(watching(monitor="nope"), [{"loss": 1.0, "val_loss": 1.0}], StubModel())


@pytest.mark.parametrize("best_only", [True, False])
def test_a_checkpoint_refuses_a_wrong_name(best_only, tmp_path):
    callback = ModelCheckpoint(tmp_path / "m.keras", monitor="nope", save_best_only=best_only)
    with pytest.raises(ValueError, match=r"ModelCheckpoint\(monitor='nope'\): cannot tell"):
        drive(callback, [{"loss": 1.0}], StubModel())


def test_an_unknown_mode_warns_and_becomes_auto():
    with pytest.warns(UserWarning, match="mode must be one of auto, min, max; received 'maximum'"):
        assert EarlyStopping(mode="maximum").mode == "auto"


def test_early_stopping_says_what_it_did(capsys):
    callback = EarlyStopping("loss", patience=1, restore_best_weights=True, verbose=1)
    result = drive(callback, [{"loss": v} for v in (2.0, 1.0, 3.0, 0.5)], StubModel())
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 3: early stopping",
        "Restoring model weights from the end of the best epoch: 2.",
    ]
    assert result["weight"] == 2.0


def test_early_stopping_can_be_used_again():
    callback = EarlyStopping("loss", patience=1)
    for _ in range(2):
        model = StubModel()
        assert drive(callback, [{"loss": 1.0}] * 5, model)["epochs"] == 2


def test_reduce_lr_says_what_it_did(capsys):
    drive(ReduceLROnPlateau("loss", 0.5, patience=1, verbose=1), [{"loss": 1.0}] * 2, StubModel())
    assert "Epoch 2: ReduceLROnPlateau reducing learning rate to 0.25." in capsys.readouterr().out


def test_reduce_lr_refuses_a_factor_that_does_not_reduce():
    with pytest.raises(ValueError, match=r"`factor` must be below 1; received 1.0"):
        ReduceLROnPlateau(factor=1.0)


def test_scheduler_says_and_refuses(capsys):
    model = StubModel()
    drive(callbacks.LearningRateScheduler(lambda e: torch.tensor(0.25), verbose=1), [{}], model)
    assert model.optimizer.learning_rate == 0.25
    assert "LearningRateScheduler setting learning rate to 0.25" in capsys.readouterr().out
    for bad in ("fast", None, True):
        scheduler = callbacks.LearningRateScheduler({0: bad}.get)
        with pytest.raises(ValueError, match=r"`schedule` must return a number; received"):
            drive(scheduler, [{}], StubModel())


def test_an_error_inside_a_schedule_is_not_hidden():
    def schedule(epoch, rate):
        raise TypeError("inside")

    with pytest.raises(TypeError, match="inside"):
        drive(callbacks.LearningRateScheduler(schedule), [{}], StubModel())


def test_terminate_on_nan_says_or_raises(capsys):
    model = StubModel()
    drive(callbacks.TerminateOnNaN(), [{"loss": math.inf}], model, steps=1)
    assert model.stop_training
    assert "Batch 0: Invalid loss, terminating training" in capsys.readouterr().out
    with pytest.raises(RuntimeError, match=r"The loss is nan at batch 0; training is stopped"):
        drive(callbacks.TerminateOnNaN(raise_error=True), [{"loss": math.nan}], model, steps=1)


def test_messages_go_to_the_log_when_interactive_logging_is_off(capsys, caplog):
    from profond import config

    config.disable_interactive_logging()
    try:
        with caplog.at_level("INFO", logger="profond"):
            test_model = StubModel()
            drive(callbacks.TerminateOnNaN(), [{"loss": math.inf}], test_model, steps=1)
    finally:
        config.enable_interactive_logging()
    assert capsys.readouterr().out == ""
    assert "Invalid loss" in caplog.text


# Checkpoints


def test_checkpoint_says_what_it_does(tmp_path, capsys):
    path = str(tmp_path / "m.keras")
    callback = ModelCheckpoint(path, monitor="loss", save_best_only=True, verbose=1)
    drive(callback, [{"loss": 2.0}, {"loss": 3.0}], StubModel())
    assert [line for line in capsys.readouterr().out.splitlines() if line] == [
        f"Epoch 1: loss improved from None to 2.00000, saving model to {path}",
        f"Epoch 1: finished saving model to {path}",
        "Epoch 2: loss did not improve from 2.00000",
    ]
    drive(ModelCheckpoint(path, verbose=1), [{}], StubModel())
    assert f"Epoch 1: saving model to {path}" in capsys.readouterr().out


def test_best_only_works_between_batches(tmp_path):
    model = StubModel()
    callback = ModelCheckpoint(
        tmp_path / "{epoch}.keras", monitor="loss", save_best_only=True, save_freq=1
    )
    drive(callback, [{"loss": 2.0}, {"loss": 3.0}, {"loss": 1.0}], model, steps=1)
    assert [path[-7:] for _, path in model.saved] == ["1.keras", "3.keras"]


def test_best_only_without_the_number_saves_and_warns(tmp_path):
    model = StubModel()
    callback = ModelCheckpoint(tmp_path / "m.keras", save_best_only=True)
    with pytest.warns(UserWarning, match="needs one number 'val_loss' in the logs"):
        drive(callback, [{"loss": 1.0}], model)
    assert len(model.saved) == 1


@pytest.mark.wrong_types
@pytest.mark.parametrize("freq", [0, -1, "batch", 1.5, True])
def test_an_impossible_frequency_is_refused(freq, tmp_path):
    words = r"`save_freq` must be 'epoch' or a number of batches >= 1; received"
    with pytest.raises(ValueError, match=words):
        ModelCheckpoint("m.keras", save_freq=freq)
    with pytest.raises(ValueError, match=words):
        callbacks.BackupAndRestore(tmp_path, save_freq=freq)


@pytest.mark.parametrize("name", ["m.keras", "w.h5", "w"])
def test_a_name_that_is_not_one_of_weights_is_refused(name):
    words = r"must end in '\.safetensors' or '\.weights\.h5'; received '" + name
    with pytest.raises(ValueError, match=words):
        ModelCheckpoint(name, save_weights_only=True)


@pytest.mark.parametrize("name", ["a", "a.h5", "a.keras.tmp"])
def test_a_name_that_is_not_one_of_models_is_refused(name):
    words = (
        rf"must end in '\.keras'; received '{name}'\. For weights alone, pass `save_weights_only"
    )
    with pytest.raises(ValueError, match=words):
        ModelCheckpoint(name)


@pytest.mark.parametrize("name", ["m.weights.h5", "m.safetensors", "{epoch}.weights.safetensors"])
def test_weights_are_not_saved_by_mistake(name):
    with pytest.raises(ValueError, match=r"' is the name of a weights file: pass"):
        ModelCheckpoint(name)
    assert ModelCheckpoint(name, save_weights_only=True).filepath == name


def test_a_model_that_cannot_be_saved_is_refused_before_the_first_epoch(tmp_path):
    model = profond.Sequential([profond.Input((2,)), profond.layers.Lambda(lambda x: x)])
    model.compile("sgd", "mse")
    epochs = []
    counting = callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.append(epoch))
    saving = [ModelCheckpoint(tmp_path / "m.keras"), counting]
    x = np.ones((4, 2))
    with pytest.raises(TypeError, match="lambda"):
        model.fit(x, x, verbose=0, callbacks=saving)
    assert epochs == []
    path = tmp_path / "m.safetensors"
    model.fit(x, x, verbose=0, callbacks=[ModelCheckpoint(path, save_weights_only=True)])
    assert path.exists()


def test_a_field_that_is_not_in_the_logs_is_named(tmp_path):
    callback = ModelCheckpoint(tmp_path / "{val_acc}.keras")
    with pytest.raises(KeyError, match=r"has the field 'val_acc', which is not in the logs"):
        drive(callback, [{"loss": 1.0}], StubModel())


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path):
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(IsADirectoryError, match=r"`filepath` must name a file; .* is a folder"):
        drive(ModelCheckpoint(tmp_path / "m.keras"), [{}], StubModel())


# Going on after a break


@pytest.mark.parametrize("cut", range(1, 9))
@pytest.mark.parametrize(
    "make",
    [
        lambda path: EarlyStopping("loss", patience=3, restore_best_weights=True, min_delta=0.1),
        lambda path: ReduceLROnPlateau("loss", 0.5, patience=1, cooldown=2),
        lambda path: ModelCheckpoint(path / "{epoch}.keras", monitor="loss", save_best_only=True),
        lambda path: ModelCheckpoint(path / "{epoch}-{batch}.keras", save_freq=3),
    ],
)
def test_a_resumed_callback_does_the_same_as_an_uninterrupted_one(make, cut, tmp_path):
    epochs = [{"loss": v} for v in (3.0, 2.0, 2.5, 1.95, 1.8, 2.2, 2.1, 2.3, 1.0)]
    whole, model = make(tmp_path), StubModel()
    expected = drive(whole, epochs, model, steps=2)

    first, interrupted = make(tmp_path), StubModel()
    both = _Part(first, cut)
    drive(both, epochs, interrupted, steps=2)
    if both.state is None:
        return  # it had stopped by itself before
    second, resumed = make(tmp_path), StubModel(interrupted.optimizer.learning_rate)
    resumed.saved = interrupted.saved[: both.saved]
    resumed.optimizer.learning_rate = both.rate
    result = drive(_Rest(second, cut, both.state), epochs, resumed, steps=2)
    assert (result["weight"], result["last_rate"]) == (expected["weight"], expected["last_rate"])
    assert resumed.saved == model.saved


class _Part(callbacks.CallbackList):
    """Take the state at the end of epoch `cut`."""

    def __init__(self, callback, cut):
        super().__init__([callback])
        self.cut, self.state, self.saved, self.rate = cut, None, 0, None

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        if epoch + 1 == self.cut and not self.model.stop_training:
            self.state = self.callbacks[0].state_dict()
            self.saved, self.rate = len(self.model.saved), self.model.optimizer.learning_rate


class _Rest(callbacks.CallbackList):
    """Give the state back and see only the epochs that follow."""

    def __init__(self, callback, cut, state):
        super().__init__([callback])
        self.cut, self.state, self.epoch = cut, state, 0

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.callbacks[0].load_state_dict(self.state)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        if epoch >= self.cut:
            super().on_epoch_begin(epoch, logs)

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch >= self.cut:
            super().on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        if epoch >= self.cut:
            super().on_epoch_end(epoch, logs)


def test_a_resumed_csv_file_has_each_epoch_once(tmp_path):
    epochs = [{"loss": k / 3} for k in range(4)]
    drive(callbacks.CSVLogger(tmp_path / "whole.csv"), epochs, StubModel())
    path = tmp_path / "parts.csv"
    first = callbacks.CSVLogger(path)
    first.on_train_begin()
    first.on_epoch_end(0, epochs[0])
    state = first.state_dict()
    first.on_epoch_end(1, epochs[1])  # done, but after the last backup
    second = callbacks.CSVLogger(path)
    second.on_train_begin()
    second.load_state_dict(state)
    for epoch in range(1, 4):
        second.on_epoch_end(epoch, epochs[epoch])
    assert path.read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_csv_logger_says_at_once_that_it_cannot_write(tmp_path):
    with pytest.raises(FileNotFoundError):
        callbacks.CSVLogger(tmp_path / "none" / "log.csv").on_train_begin()


def test_csv_logger_leaves_no_empty_file_and_names_its_own(tmp_path, monkeypatch):
    path = tmp_path / "log.csv"
    logger = callbacks.CSVLogger(path)
    logger.on_train_begin()
    assert not path.exists()  # until there is something to say
    logger.on_epoch_end(0, {"loss": 1.0})

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("csv.DictWriter.writerow", full)
    wanted = r"No space left on device \(the line of epoch 1 may be missing\): '.*log.csv'"
    with pytest.raises(OSError, match=wanted):
        logger.on_epoch_end(1, {"loss": 0.5})


def test_history_goes_on_after_a_break():
    model = StubModel()
    first = callbacks.History()
    first.set_model(model)
    first.on_train_begin()
    first.on_epoch_end(0, {"loss": 2.0})
    second = callbacks.History()
    second.set_model(model)
    second.on_train_begin()
    second.load_state_dict(first.state_dict())
    second.on_epoch_end(1, {"loss": 1.0})
    assert (second.epoch, second.history) == ([0, 1], {"loss": [2.0, 1.0]})
    assert first.history == {"loss": [2.0]}
