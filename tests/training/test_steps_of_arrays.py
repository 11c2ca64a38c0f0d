"""How many rows a step takes, and which arguments of `fit` are counts."""

import numpy as np
import pytest

import profond
from profond import layers
from profond.callbacks import LambdaCallback
from tests.training.helpers import assert_same_histories, blobs, trained_alike

keras = pytest.importorskip("keras")

X, LABELS = blobs(rows=100)


def build(k):
    return k.Sequential(
        [k.layers.Input((4,)), k.layers.Dense(8, "relu"), k.layers.Dense(3, "softmax")]
    )


def compile(k):
    return {"optimizer": k.optimizers.SGD(0.1), "loss": "sparse_categorical_crossentropy"}


def compiled():
    model = build(profond)
    model.compile(**compile(profond))
    return model


@pytest.mark.parametrize(
    "options",
    [
        {"steps_per_epoch": 2},
        {"steps_per_epoch": 7},
        {"steps_per_epoch": 1},
        {"steps_per_epoch": 2, "batch_size": 30},
        {"steps_per_epoch": 3, "validation_split": 0.3},
        {"validation_data": (X[:70], LABELS[:70]), "validation_steps": 2},
        {"validation_data": (X[:70], LABELS[:70]), "validation_steps": 2, "batch_size": 50},
        {"validation_split": 0.6, "validation_steps": 2},
        {"validation_split": 0.6, "validation_steps": 2, "validation_batch_size": 9},
    ],
)
def test_steps_share_the_rows_as_in_keras(options):
    theirs, ours, _, _ = trained_alike(
        keras, profond, build, compile, X, LABELS, epochs=3, **options
    )
    assert_same_histories(theirs, ours)


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_steps_of_evaluate_and_predict_as_in_keras(steps):
    theirs, ours = build(keras), build(profond)
    ours.set_weights(theirs.get_weights())
    for k, model in ((keras, theirs), (profond, ours)):
        model.compile(**compile(k))
    want = theirs.predict(X, steps=steps, verbose=0)
    assert want.shape == (100, 3)
    np.testing.assert_allclose(ours.predict(X, steps=steps), want, rtol=1e-5, atol=1e-6)
    got = ours.evaluate(X, LABELS, steps=steps, verbose=0)
    np.testing.assert_allclose(got, theirs.evaluate(X, LABELS, steps=steps, verbose=0), rtol=1e-5)


@pytest.mark.wrong_types
def test_numpy_integers_are_counts():
    history = compiled().fit(X, LABELS, batch_size=np.int32(8), epochs=np.int64(1), verbose=0)
    assert len(history.history["loss"]) == 1
    assert compiled().predict(X, batch_size=np.int32(8)).shape == (100, 3)


def test_no_epoch_at_all_as_in_keras():
    calls = []
    hooks = {
        name: lambda *_, name=name: calls.append(name)
        for name in ("on_train_begin", "on_train_end", "on_epoch_begin")
    }
    history = compiled().fit(X, LABELS, epochs=0, verbose=0, callbacks=LambdaCallback(**hooks))
    assert (history.history, history.epoch) == ({}, [])
    assert calls == ["on_train_begin", "on_train_end"]


def test_outputs_of_predicted_batches_are_arrays():
    seen = []
    keep = LambdaCallback(on_predict_batch_end=lambda batch, logs: seen.append(logs["outputs"]))
    got = compiled().predict(X, batch_size=30, callbacks=keep, verbose=0)
    assert {type(one) for one in seen} == {np.ndarray}
    np.testing.assert_array_equal(np.concatenate(seen), got)


VALIDATED = {"validation_data": (X, LABELS)}


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("call", "name", "received"),
    [
        (lambda: compiled().fit(X, LABELS, steps_per_epoch=0), "steps_per_epoch", "0"),
        (lambda: compiled().fit(X, LABELS, validation_steps=0), "validation_steps", "0"),
        (
            lambda: compiled().fit(X, LABELS, validation_steps=-1, **VALIDATED),
            "validation_steps",
            "-1",
        ),
        (
            lambda: compiled().fit(X, LABELS, validation_batch_size=2.5, **VALIDATED),
            "validation_batch_size",
            "2.5",
        ),
        (lambda: compiled().evaluate(X, LABELS, steps=-1), "steps", "-1"),
        (lambda: compiled().evaluate(X, LABELS, batch_size=True), "batch_size", "True"),
        (lambda: compiled().predict(X, steps=0), "steps", "0"),
    ],
)
def test_counts_are_whole_and_positive(call, name, received):
    with pytest.raises(ValueError, match=f"`{name}` must be an integer >= 1; received {received}"):
        call()


@pytest.mark.wrong_types
def test_how_often_to_validate_is_checked_before_the_training():
    begun = []
    tell = LambdaCallback(on_train_begin=begun.append)
    for frequency in (0, "2", 1.5):
        with pytest.raises(ValueError, match=r"`validation_freq` must be an integer >= 1 or a li"):
            compiled().fit(X, LABELS, validation_freq=frequency, callbacks=tell, **VALIDATED)
    with pytest.raises(ValueError, match="`validation_split` must be a number .* received '0.2'"):
        compiled().fit(X, LABELS, validation_split="0.2", callbacks=tell)
    assert begun == []


# Validation without a batch


def batches(count):
    for start in range(count):
        yield X[start : start + 10], LABELS[start : start + 10]


def test_data_without_a_batch_are_refused():
    with pytest.raises(ValueError, match="^the data are empty: there is no batch"):
        compiled().evaluate(batches(0), verbose=0)
    with pytest.raises(ValueError, match="`validation_data`: the data are empty: there is no bat"):
        compiled().fit(X, LABELS, validation_data=batches(0), verbose=0)


def test_a_validation_that_is_used_up_has_no_results():
    stopping = profond.callbacks.EarlyStopping("loss", patience=9, restore_best_weights=True)
    with pytest.warns(UserWarning, match="the validation data gave no more batches: this epoch"):
        history = (
            compiled()
            .fit(X, LABELS, validation_data=batches(3), epochs=2, verbose=0, callbacks=stopping)
            .history
        )
    assert len(history["loss"]) == 2
    assert len(history["val_loss"]) == 1
    assert history["val_loss"][0] > 0


# A model's input is its own


def test_what_a_layer_writes_into_its_input_stays_there():
    class Spoils(profond.layers.Layer):
        def call(self, x):
            return x.add_(100.0)

    x = X.copy()
    model = profond.Sequential([layers.Input((4,)), Spoils(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, LABELS, shuffle=False, verbose=0)
    model.train_on_batch(x, LABELS)
    model.evaluate(x, LABELS, verbose=0)
    model.predict(x)
    model.predict(x[:3])
    np.testing.assert_array_equal(x, X)
