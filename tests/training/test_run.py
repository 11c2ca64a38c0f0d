"""What surrounds the steps: modes, precision, progress, seeds, stops."""

import math
import warnings

import numpy as np
import pytest
import torch

import profond
from profond import layers
from profond.callbacks import Callback
from profond.training._loss_tracker import LossTracker
from profond.training._numerics import NonFiniteLossWarning, _flushes, denormals_flushed
from tests.training.helpers import blobs

X, LABELS = blobs()
TARGET = X[:, :1] * 2


def network(**options):
    model = profond.Sequential(
        [layers.Input((4,)), layers.Dense(8, "relu"), layers.Dropout(0.3), layers.Dense(1)]
    )
    model.compile(**{"optimizer": "adam", "loss": "mse", "metrics": ["mae"], **options})
    return model


def run(seed=7, **options):
    profond.utils.set_random_seed(seed)
    model = network()
    history = model.fit(X, TARGET, **{"epochs": 3, "verbose": 0, **options})
    return model, history


def assert_same_weights(one, other):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


# Seeds


@pytest.mark.parametrize(
    "options", [{}, {"batch_size": 7}, {"validation_split": 0.3}, {"shuffle": "batch"}]
)
def test_the_same_seed_gives_the_same_run(options):
    one, other = run(**options), run(**options)
    assert_same_weights(one[0], other[0])
    assert one[1].history == other[1].history
    different = run(seed=8, **options)
    assert different[1].history != one[1].history


def test_watching_changes_nothing():
    class Watching(Callback):
        def on_train_batch_end(self, batch, logs=None):
            assert logs["loss"] >= 0

        def on_test_batch_end(self, batch, logs=None):
            assert logs["loss"] >= 0

    plain = run(validation_split=0.3)
    watched = run(validation_split=0.3, callbacks=[Watching()], verbose=2)
    assert_same_weights(plain[0], watched[0])
    np.testing.assert_allclose(
        plain[1].history["val_loss"], watched[1].history["val_loss"], rtol=1e-6
    )


def test_evaluating_in_between_changes_nothing():
    class Evaluating(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.evaluate(X, TARGET, verbose=0)
            self.model.predict(X)

        def on_train_batch_end(self, batch, logs=None):
            self.model.predict(X[:3])

    plain, other = run(), run(callbacks=Evaluating())
    assert_same_weights(plain[0], other[0])
    assert plain[1].history == other[1].history


# Modes


def test_modes_during_and_after_a_run():
    seen = []

    class Spy(layers.Layer):
        def call(self, x, training=None):
            seen.append((training, self.training, torch.is_grad_enabled()))
            return x

    model = profond.Sequential([layers.Input((4,)), Spy(), layers.Dense(1)])
    model.compile("sgd", "mse")
    seen.clear()
    model.fit(X, TARGET, batch_size=60, validation_data=(X, TARGET), verbose=0)
    assert seen == [(True, True, True), (False, False, False)]
    seen.clear()
    model.train()
    model.evaluate(X, TARGET, verbose=0)
    model.predict(X)
    model.predict(X[:1])
    assert set(seen) == {(False, False, False)}
    assert all(module.training for module in model.modules())
    model.eval()
    with pytest.raises(ZeroDivisionError):
        model.fit(
            X,
            TARGET,
            verbose=0,
            callbacks=profond.callbacks.LambdaCallback(
                on_train_batch_end=lambda batch, logs: 1 / 0
            ),
        )
    assert not any(module.training for module in model.modules())
    assert model._run is None


def test_dropout_works_while_training_only():
    model = network()
    np.testing.assert_array_equal(model.predict(X), model.predict(X))
    assert not np.array_equal(
        model(X, training=True).detach().numpy(), model(X, training=True).detach().numpy()
    )


# Precision


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "bfloat16", "float64"])
def test_policies_train(policy):
    profond.config.set_dtype_policy(policy)
    try:
        model = network(optimizer=profond.optimizers.Adam(0.03))
    finally:
        profond.config.set_dtype_policy("float32")
    kept = {"mixed_bfloat16": "float32", "mixed_float16": "float32"}.get(policy, policy)
    assert {profond.utils.standardize_dtype(w.dtype) for w in model.weights} == {kept}
    history = model.fit(X, TARGET, epochs=30, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert model.predict(X[:1]).dtype == {"float64": "float64", "mixed_float16": "float16"}.get(
        policy, "float32"
    )


def test_denormals_are_flushed_during_the_run_only():
    assert not _flushes()
    with denormals_flushed():
        assert _flushes()
        with denormals_flushed():
            assert _flushes()
        assert _flushes()
    assert not _flushes()
    seen = []
    network().fit(
        X,
        TARGET,
        verbose=0,
        callbacks=profond.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: seen.append(_flushes())
        ),
    )
    assert seen == [True, True]
    assert not _flushes()


# Steps and epochs


@pytest.mark.parametrize(("every", "begins", "ends"), [(1, 4, 4), (2, 2, 2), (3, 2, 1), (9, 1, 0)])
def test_steps_per_execution_space_the_batch_hooks(every, begins, ends):
    counts = {"begin": 0, "end": 0}

    class Counting(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            counts["begin"] += 1

        def on_train_batch_end(self, batch, logs=None):
            counts["end"] += 1

    profond.utils.set_random_seed(7)
    model = network(steps_per_execution=every)
    model.fit(X, TARGET, batch_size=16, verbose=0, callbacks=Counting())
    assert counts == {"begin": begins, "end": ends}
    plain = run(epochs=1, batch_size=16)[0]
    assert_same_weights(model, plain)


def test_a_callback_may_stop_at_once():
    class Stop(Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    model = network()
    history = model.fit(X, TARGET, batch_size=8, epochs=5, verbose=0, callbacks=Stop())
    assert len(history.history["loss"]) == 1
    assert int(model.optimizer.iterations) == 2


def test_history_and_its_owner():
    model = network()
    history = model.fit(X, TARGET, epochs=4, initial_epoch=1, verbose=0)
    assert history.epoch == [1, 2, 3]
    assert model.history is history
    assert all(type(v) is float for v in history.history["loss"])
    assert history.interrupted is False
    assert model.fit(X, TARGET, epochs=2, initial_epoch=2, verbose=0).history == {}


def test_freezing_by_a_callback_in_the_middle_of_a_run():
    class Freeze(Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[0].trainable = False
            self.kernel = self.model.layers[0].get_weights()[0]

    freeze = Freeze()
    model = network()
    model.fit(X, TARGET, epochs=3, verbose=0, callbacks=freeze)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], freeze.kernel)


# Progress


def test_verbosity(capsys):
    model = network()
    model.fit(X, TARGET, verbose=0)
    model.evaluate(X, TARGET, verbose=0)
    model.predict(X, verbose=0)
    assert capsys.readouterr().out == ""
    model.fit(X, TARGET, epochs=2, verbose=2, validation_split=0.5)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Epoch 1/2"
    assert sum("val_loss: " in line for line in lines) == 2
    for verbose in (1, "auto"):
        model.fit(X, TARGET, verbose=verbose)
        out = capsys.readouterr().out
        assert "2/2" in out
        assert "loss: " in out
        model.evaluate(X, TARGET, verbose=verbose)
        assert "mae: " in capsys.readouterr().out
    model.predict(X, verbose="auto")
    assert capsys.readouterr().out == ""
    model.predict(X, verbose=1)
    assert "━" in capsys.readouterr().out


def test_long_predictions_show_a_bar(capsys, monkeypatch):
    from profond.training import _data

    monkeypatch.setattr(_data.time, "monotonic", iter(range(0, 1000, 3)).__next__)
    network().predict(X, batch_size=10)
    assert "6/6" in capsys.readouterr().out


# Losses that go wrong


@pytest.mark.parametrize(("rate", "step"), [(1e30, 2), (math.inf, 2)])
def test_a_loss_that_is_not_finite_stops_the_run(rate, step):
    model = profond.Sequential([layers.Input((4,)), layers.Dense(1)])
    model.compile(profond.optimizers.SGD(rate), "mse")
    with pytest.warns(
        NonFiniteLossWarning,
        match=rf"training stopped: the loss became (nan|inf) at step {step} of epoch 1. Try",
    ):
        history = model.fit(X, TARGET, batch_size=16, epochs=9, verbose=0)
    assert len(history.history["loss"]) == 1


def test_the_step_is_that_of_the_fault():
    class Broken(profond.Model):
        count = 0

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            Broken.count += 1
            loss = ((y - y_pred) ** 2).mean()
            return loss * (math.nan if Broken.count == 7 else 1.0)

    inputs = profond.Input((4,))
    model = Broken(inputs, layers.Dense(1)(inputs))
    model.compile("sgd")
    with pytest.warns(NonFiniteLossWarning, match=r"nan at step 3 of epoch 2.*rate \(now 0.01\)"):
        model.fit(X, TARGET, batch_size=16, epochs=5, verbose=0)


def test_losses_are_kept_without_being_read():
    losses = LossTracker()
    assert losses.first_non_finite() is None
    for step in range(3000):
        losses.update_state(torch.tensor(float("inf") if step in (2222, 2900) else 1.0))
    assert losses.first_non_finite() == (2222, math.inf)
    losses.reset_state()
    assert losses.first_non_finite() is None


def test_the_mean_loss_does_not_depend_on_who_asks():
    values = torch.rand(3000)
    rows = torch.randint(1, 33, (3000,))
    asked, alone = LossTracker(), LossTracker()
    assert float(alone.result()) == 0
    for step, (value, count) in enumerate(zip(values, rows.tolist(), strict=True)):
        asked.update_state(value, sample_weight=count)
        alone.update_state(value, sample_weight=count)
        if step % 700 == 3:
            expected = np.average(values[: step + 1], weights=rows[: step + 1])
            assert float(asked.result()) == pytest.approx(expected, rel=1e-5)
    assert float(asked.result()) == float(alone.result())


@pytest.mark.parametrize("one_hot", [True, False])
def test_batches_that_wait_count_as_those_that_do_not(one_hot):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1000, 4)).astype("float32")
    y = rng.integers(0, 3, 1000)
    name = "categorical" if one_hot else "sparse_categorical"
    seen: list[float] = []

    class Looking(profond.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(logs["accuracy"])

    histories = []
    for callbacks in ([], [Looking()]):
        profond.utils.set_random_seed(0)
        model = profond.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
        model.compile("adam", f"{name}_crossentropy", metrics=["accuracy"])
        targets = profond.utils.to_categorical(y) if one_hot else y
        history = model.fit(x, targets, batch_size=16, epochs=3, verbose=0, callbacks=callbacks)
        histories.append(history.history)
    assert histories[0] == histories[1]
    assert len(set(seen)) > 100


def test_metrics_may_be_nan_without_a_stop():
    def odd(y_true, y_pred):
        return (y_true * float("nan")).mean(-1)

    model = network(metrics=[odd])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = model.fit(X, TARGET, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2


# Compiled by torch


def test_without_a_compiler_the_model_runs_as_it_is(monkeypatch):
    from torch._dynamo.exc import TorchDynamoException

    def no_compiler(function):
        def fail(*args, **kwargs):
            raise TorchDynamoException("No working C++ compiler found\nand more")

        return fail

    monkeypatch.setattr(torch, "compile", no_compiler)
    model = network(jit_compile=True)
    with pytest.warns(
        UserWarning,
        match=r"`jit_compile=True` has no effect on the model '.*': .*\(No working C",
    ):
        model.fit(X, TARGET, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, TARGET, verbose=0)


@pytest.mark.slow
def test_compiled_models_train_alike():
    profond.utils.set_random_seed(0)
    models = [profond.Sequential([layers.Input((4,)), layers.Dense(3, "relu"), layers.Dense(1)])]
    models.append(profond.models.clone_model(models[0]))
    models[1].set_weights(models[0].get_weights())
    for model, jit in zip(models, (False, True), strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch says this and that while it compiles
            model.compile("sgd", "mse", jit_compile=jit)
            model.fit(X, TARGET, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_eager_runs_are_not_compiled(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda *a, **k: pytest.fail("compiled"))
    network(jit_compile=True, run_eagerly=True).fit(X, TARGET, verbose=0)
    network(jit_compile="auto").fit(X, TARGET, verbose=0)
    network(jit_compile=False).fit(X, TARGET, verbose=0)
