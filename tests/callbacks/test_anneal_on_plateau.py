import numpy as np
import pytest

from profond import Sequential
from profond.callbacks import AnnealOnPlateau, EarlyStopping, ReduceLROnPlateau
from profond.layers import Dense, Input
from tests.callbacks.helpers import StubModel, drive


def losses(*values: float) -> list[dict[str, float]]:
    return [{"val_loss": value} for value in values]


def test_it_goes_back_to_the_best_weights_with_smaller_steps_and_then_stops():
    model = StubModel(learning_rate=1.0)
    callback = AnnealOnPlateau(factor=0.5, patience=2, drops=1)
    # Best in epoch 2; stands still in 3 and 4, steps down; better in 5; still in 6 and 7: the end.
    seen = drive(callback, losses(3, 1, 2, 2, 0.5, 1, 1, 0.1), model)
    assert seen["rates"] == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    assert seen["epochs"] == 7
    assert callback.best_epoch == 4
    np.testing.assert_array_equal(model.get_weights()[0], [5.0, 5.0])


def test_the_weights_are_back_when_the_rate_falls():
    model = StubModel(learning_rate=1.0)
    callback = AnnealOnPlateau(patience=1, drops=5)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate([1.0, 2.0]):
        model.weights[0].assign([epoch + 1.0] * 2)
        callback.on_epoch_end(epoch, {"val_loss": loss})
    np.testing.assert_array_equal(model.get_weights()[0], [1.0, 1.0])
    assert model.optimizer.learning_rate == pytest.approx(0.3)


def test_min_delta_and_mode_say_what_is_better():
    small = losses(1.0, 0.95, 0.9)
    assert (
        drive(AnnealOnPlateau(patience=2, drops=0, min_delta=0.2), small, StubModel())["epochs"]
        == 3
    )
    rising = [{"score": 1.0}, {"score": 2.0}, {"score": 3.0}]
    callback = AnnealOnPlateau("score", mode="max", patience=1, drops=0)
    assert drive(callback, rising, StubModel())["epochs"] == 3
    assert callback.best == 3.0


def test_without_a_better_way_back_it_does_what_the_two_of_keras_do():
    epochs = losses(3, 2, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5)
    model, both = StubModel(), StubModel()
    ours = drive(AnnealOnPlateau(factor=0.5, patience=2, drops=1), epochs, model)
    # Two patiences in a row without anything better.
    reduce = ReduceLROnPlateau("val_loss", factor=0.5, patience=2)

    class Both(EarlyStopping):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            reduce.on_epoch_end(epoch, dict(logs or {}))

    reduce.set_model(both)
    stop = Both("val_loss", patience=4, restore_best_weights=True)
    theirs = drive(stop, epochs, both)
    assert ours["epochs"] == theirs["epochs"] == 6
    assert ours["rates"] == theirs["rates"]
    np.testing.assert_array_equal(model.get_weights()[0], both.get_weights()[0])


def test_it_goes_on_where_an_interrupted_run_was():
    whole = AnnealOnPlateau(factor=0.5, patience=2, drops=1)
    epochs = losses(3, 1, 2, 2, 0.5, 1, 1)
    model = StubModel()
    drive(whole, epochs, model)
    half, again = AnnealOnPlateau(factor=0.5, patience=2, drops=1), StubModel()
    half.set_model(again)
    half.on_train_begin()
    for epoch in range(3):
        again.weights[0].assign([epoch + 1.0] * 2)
        half.on_epoch_end(epoch, epochs[epoch])
    rest = AnnealOnPlateau(factor=0.5, patience=2, drops=1)
    rest.set_model(again)
    rest.on_train_begin()
    rest.load_state_dict(half.state_dict())
    for epoch in range(3, 7):
        again.weights[0].assign([epoch + 1.0] * 2)
        rest.on_epoch_end(epoch, epochs[epoch])
    rest.on_train_end()
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    assert again.stop_training
    assert (rest.best, rest.best_epoch, rest.dropped) == (whole.best, 4, 1)


def test_a_real_training_ends_with_its_best_weights(capsys):
    x = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
    y = x[:, :1] + 0.5 * np.random.default_rng(1).normal(size=(60, 1)).astype("float32")
    model = Sequential([Input((3,)), Dense(32, activation="relu"), Dense(1)])
    model.compile("adam", "mse")
    model.optimizer.learning_rate = 0.05
    callback = AnnealOnPlateau(patience=3, drops=2, verbose=1)
    history = model.fit(
        x[:40],
        y[:40],
        validation_data=(x[40:], y[40:]),
        epochs=200,
        callbacks=[callback],
        verbose=0,
    ).history["val_loss"]
    assert len(history) < 200
    assert model.evaluate(x[40:], y[40:], verbose=0) == pytest.approx(min(history))
    said = capsys.readouterr().out
    assert "learning rate 0.015 from the best weights, of epoch " in said
    assert f"ends with the best weights, of epoch {1 + int(np.argmin(history))}." in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factor": 1.0}, r"AnnealOnPlateau: `factor` must be above 0 and below 1; received 1\.0"),
        ({"patience": 0}, r"AnnealOnPlateau: `patience` must be at least 1; received 0"),
        ({"drops": -1}, r"AnnealOnPlateau: `drops` must be at least 0; received -1"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        AnnealOnPlateau(**options)


def test_a_number_that_is_not_in_the_logs_is_named():
    with pytest.raises(ValueError, match=r"watches 'val_loss', which is not in the logs"):
        drive(AnnealOnPlateau(), [{"loss": 1.0}], StubModel())
