"""Networks trained together: each as it would be alone."""

import copy
import signal

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers, losses, metrics, optimizers, regularizers, trials
from profond.callbacks import Callback, EarlyStopping, LambdaCallback, ReduceLROnPlateau
from profond.models import Sequential
from profond.training._numerics import NonFiniteLossWarning
from profond.trials import _together

ROWS, FEATURES, CLASSES = 37, 4, 3
generator = np.random.default_rng(0)
X = generator.normal(size=(ROWS, FEATURES)).astype("float32")
LABELS = generator.integers(0, CLASSES, ROWS)
ONE_HOT = np.eye(CLASSES, dtype="float32")[LABELS]
NUMBERS = generator.normal(size=(ROWS, 2)).astype("float32")


def classifier(seed=0, units=8, rate=0.0, metrics=("accuracy",), optimizer="adam", **options):
    """A small network for the three classes, compiled; the seed decides its weights."""
    profond.utils.set_random_seed(seed)
    stack = [layers.Input((FEATURES,)), layers.Dense(units, "relu", **options)]
    if rate:
        stack.append(layers.Dropout(rate))
    model = Sequential([*stack, layers.Dense(CLASSES, "softmax")])
    compile_classifier(model, metrics, optimizer)
    return model


def compile_classifier(model, metrics, optimizer):
    model.compile(optimizer, "categorical_crossentropy", metrics=list(metrics) or None)


def alone(models, seeds, *data, callbacks=None, **options):
    """The histories of `fit`, one model after the other."""
    histories = []
    for place, (model, seed) in enumerate(zip(models, seeds, strict=True)):
        profond.utils.set_random_seed(seed)
        own = callbacks(place) if callbacks else None
        histories.append(model.fit(*data, callbacks=own, verbose=0, **options))
    return histories


def assert_alike(one, other, histories, others, rtol=1e-4, atol=1e-6):
    """The same weights, and the same results in the same order."""
    for a, b in zip(one, other, strict=True):
        for mine, theirs in zip(a.get_weights(), b.get_weights(), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=atol)
    for a, b in zip(histories, others, strict=True):
        assert list(a.history) == list(b.history)
        assert a.epoch == b.epoch
        for name, values in a.history.items():
            np.testing.assert_allclose(values, b.history[name], rtol=rtol, atol=atol, err_msg=name)


def compared(build, *data, count=3, epochs=1, callbacks=None, rtol=1e-4, **options):
    """Train the same models both ways, and compare; the models that were trained together."""
    seeds = [11 * k + 5 for k in range(count)]
    ours, theirs = ([build(seed) for seed in seeds] for _ in range(2))
    settings = {"epochs": epochs, "batch_size": 8, "callbacks": callbacks, **options}
    found = trials.fit_together(ours, *data, seeds=seeds, workers=1, **settings)
    assert_alike(ours, theirs, found, alone(theirs, seeds, *data, **settings), rtol=rtol)
    return ours, found


penalty = st.sampled_from(
    [None, regularizers.L2(0.01), regularizers.L1(0.01), regularizers.L1L2(0.01, 0.02)]
)
hidden_layer = st.one_of(
    st.builds(
        lambda units, activation, use_bias, kernel, bias: (
            lambda: layers.Dense(
                units,
                activation,
                use_bias=use_bias,
                kernel_regularizer=kernel,
                bias_regularizer=bias,
            )
        ),
        st.integers(1, 6),
        st.sampled_from([None, "relu", "tanh", "sigmoid", "linear", "elu", "softmax"]),
        st.booleans(),
        penalty,
        penalty,
    ),
    st.builds(
        lambda rate, seed: lambda: layers.Dropout(rate, seed=seed),
        st.sampled_from([0.0, 0.3]),
        st.sampled_from([None, 3]),
    ),
    st.just(lambda: layers.Dropout(1.0)),
    st.sampled_from(["relu", "tanh", "gelu"]).map(lambda name: lambda: layers.Activation(name)),
)
end = st.sampled_from(
    [
        (CLASSES, "softmax", "categorical_crossentropy", ONE_HOT),
        (CLASSES, "softmax", "sparse_categorical_crossentropy", LABELS),
        (CLASSES, "softmax", "crossentropy", LABELS),
        (CLASSES, "softmax", "categorical_crossentropy", (ONE_HOT + 0.1) / 1.3),
        (CLASSES, None, losses.SparseCategoricalCrossentropy(from_logits=True), LABELS),
        (CLASSES, "softmax", losses.CategoricalCrossentropy(label_smoothing=0.1), ONE_HOT),
        (1, "sigmoid", "binary_crossentropy", LABELS > 1),
        (1, "sigmoid", "binary_crossentropy", (LABELS > 1)[:, None]),
        (CLASSES, "sigmoid", losses.BinaryCrossentropy(label_smoothing=0.1), ONE_HOT),
        (2, None, "mse", NUMBERS),
        (2, "linear", losses.Huber(0.7), NUMBERS),
        (1, "relu", "mae", NUMBERS[:, 0]),
        (2, "elu", "mse", NUMBERS),
    ]
)
OPTIMIZERS = {
    "adam": lambda: optimizers.Adam(0.01),
    "adamw": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
    "amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True, clipvalue=0.05),
    "sgd": lambda: optimizers.SGD(0.1),
    "nesterov": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "averaged": lambda: optimizers.SGD(0.05, momentum=0.9, use_ema=True, ema_momentum=0.7),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.5),
    "adagrad": lambda: optimizers.Adagrad(0.05),
    "adadelta": lambda: optimizers.Adadelta(0.5),
    "adamax": lambda: optimizers.Adamax(0.01),
    "lion": lambda: optimizers.Lion(0.01),
    "schedule": lambda: optimizers.Adam(optimizers.schedules.ExponentialDecay(0.02, 3, 0.5)),
    "accumulated": lambda: optimizers.SGD(0.1, gradient_accumulation_steps=2),
}


@given(
    hidden=st.lists(hidden_layer, max_size=4),
    end=end,
    # The signs of gradients that should be 0 are those of rounding errors.
    optimizer=st.sampled_from(sorted(OPTIMIZERS.keys() - {"lion"})),
    batch_size=st.sampled_from([1, 8, 37, 64]),
    weighted=st.booleans(),
    shuffle=st.booleans(),
)
def test_together_is_as_alone(hidden, end, optimizer, batch_size, weighted, shuffle):
    units, activation, loss, y = end

    def build(seed):
        profond.utils.set_random_seed(seed)
        stack = [*(make() for make in hidden), layers.Dense(units, activation)]
        model = Sequential([layers.Input((FEATURES,)), *stack])
        model.compile(
            OPTIMIZERS[optimizer](), copy.copy(loss), metrics=["mse"] if units < 3 else []
        )
        return model

    before, policy = profond.config.floatx(), profond.config.dtype_policy()
    profond.config.set_floatx("float64")
    profond.config.set_dtype_policy("float64")
    try:
        compared(
            build,
            X.astype("float64"),
            y if y.dtype.kind in "bi" else y.astype("float64"),
            sample_weight=np.linspace(0.5, 2.0, ROWS) if weighted else None,
            batch_size=batch_size,
            shuffle=shuffle,
            rtol=1e-7,
        )
    finally:
        profond.config.set_floatx(before)
        profond.config.set_dtype_policy(policy)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_after_an_epoch(name):
    compared(lambda seed: classifier(seed, optimizer=OPTIMIZERS[name](), rate=0.3), X, ONE_HOT)


def test_weights_excluded_from_decay_by_name():
    def undecayed_bias(seed):
        optimizer = optimizers.AdamW(0.01, weight_decay=5.0)
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        return classifier(seed, optimizer=optimizer, bias_initializer="ones")

    models, _ = compared(undecayed_bias, X, ONE_HOT)
    assert models[0].get_weights()[1].mean() > 0.9


def test_a_schedule_without_configuration():
    class Halving(optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1 * 0.5**step

    halving = Halving()
    compared(lambda seed: classifier(seed, optimizer=optimizers.SGD(halving)), X, ONE_HOT)


def test_several_epochs_with_dropout_validation_and_metrics():
    chosen = ["accuracy", "mae", "crossentropy", "top_k_categorical_accuracy"]
    _, found = compared(
        lambda seed: classifier(seed, rate=0.3, metrics=chosen),
        X,
        ONE_HOT,
        epochs=4,
        validation_split=0.3,
    )
    assert {"val_accuracy", "val_mae", "val_crossentropy"} <= set(found[0].history)


@pytest.mark.parametrize(
    "chosen",
    [
        [],
        ["accuracy", "accuracy"],  # the second one gets a name of its own
        [lambda: metrics.AUC(num_thresholds=20, name="auc")],
        [metrics.RootMeanSquaredError, lambda: metrics.F1Score("macro", name="f1")],
    ],
)
def test_metrics_of_other_kinds(chosen):
    def build(seed):
        made = [one() if callable(one) else one for one in chosen]
        return classifier(seed, metrics=made)

    models, found = compared(build, X, ONE_HOT, epochs=2, validation_split=0.3)
    names = [name for name in models[0].get_metrics_result() if name != "loss"]
    last = [found[0].history[f"val_{name}"][-1] for name in names]
    got = [float(models[0].get_metrics_result()[name]) for name in names]
    np.testing.assert_allclose(got, last, rtol=1e-6)


def test_metrics_are_left_as_fit_leaves_them():
    models, found = compared(classifier, X, ONE_HOT, epochs=3, validation_split=0.3)
    for model, history in zip(models, found, strict=True):
        left = float(model.get_metrics_result()["accuracy"])
        np.testing.assert_allclose(left, history.history["val_accuracy"][-1], rtol=1e-6)


@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy"])
def test_each_network_has_its_own_early_stopping(monitor):
    def stopping(place):
        del place
        return [EarlyStopping(monitor, patience=2, restore_best_weights=True)]

    _, found = compared(
        lambda seed: classifier(seed, units=16, optimizer=optimizers.Adam(0.05)),
        X,
        ONE_HOT,
        count=6,
        epochs=60,
        callbacks=stopping,
        validation_data=(X[::-1][:20], ONE_HOT[:20]),
    )
    lengths = {len(history.epoch) for history in found}
    assert len(lengths) > 1
    assert max(lengths) < 60


def test_networks_may_have_rows_of_their_own():
    rows = [np.random.default_rng(k).permutation(ROWS)[:30] for k in range(3)]
    rows.append(rows[0][:20])  # a part of another size is a stack of its own
    rest = [np.setdiff1d(np.arange(ROWS), chosen) for chosen in rows]
    models, twins = ([classifier(seed, rate=0.2) for seed in range(4)] for _ in range(2))
    weight = np.linspace(0.5, 2.0, ROWS)
    balance = {0: 1.0, 1: 2.0}
    found = trials.fit_together(
        models,
        X,
        ONE_HOT,
        seeds=range(4),
        rows=rows,
        validation_rows=rest,
        epochs=3,
        batch_size=8,
        sample_weight=weight,
        class_weight=balance,
    )
    others = []
    for seed, model in enumerate(twins):
        own, out = rows[seed], rest[seed]
        others += alone(
            [model],
            [seed],
            X[own],
            ONE_HOT[own],
            validation_data=(X[out], ONE_HOT[out], weight[out]),
            epochs=3,
            batch_size=8,
            sample_weight=weight[own],
            class_weight=balance,
        )
    assert_alike(models, twins, found, others)


def test_validation_data_with_weights():
    data = (X[:20], ONE_HOT[:20], np.linspace(0.0, 3.0, 20))
    compared(classifier, X, ONE_HOT, validation_data=data, epochs=2)


def test_training_goes_on_where_it_stopped():
    models, twins = ([classifier(seed) for seed in range(3)] for _ in range(2))
    for _ in range(2):
        found = trials.fit_together(models, X, ONE_HOT, seeds=range(3), epochs=2, batch_size=8)
        others = alone(twins, range(3), X, ONE_HOT, epochs=2, batch_size=8)
    assert_alike(models, twins, found, others)
    # ... and on by `fit`, with the optimizers' state.
    found = alone(models, range(3), X, ONE_HOT, epochs=2, batch_size=8)
    others = alone(twins, range(3), X, ONE_HOT, epochs=2, batch_size=8)
    assert_alike(models, twins, found, others)
    assert [int(model.optimizer.iterations) for model in models] == [30] * 3


def test_the_same_seeds_give_the_same_result_with_any_number_of_workers(monkeypatch):
    monkeypatch.setattr(_together, "_WORTH_A_THREAD", 1)
    runs = []
    for workers in (1, 1, 2):
        models = [classifier(seed, rate=0.3) for seed in range(5)]
        histories = trials.fit_together(
            models, X, ONE_HOT, seeds=range(5), epochs=3, workers=workers
        )
        runs.append((models, histories))
    (first, logs), (second, same_logs), (third, _) = runs
    for a, b, c in zip(first, second, third, strict=True):
        for one, same, near in zip(a.get_weights(), b.get_weights(), c.get_weights(), strict=True):
            np.testing.assert_array_equal(one, same)
            np.testing.assert_allclose(one, near, rtol=1e-4, atol=1e-6)
    assert [h.history for h in logs] == [h.history for h in same_logs]


def test_a_generator_stands_for_a_seed():
    ours, theirs = [classifier(0)], [classifier(0)]
    profond.utils.set_random_seed(9)
    torch.rand(3)
    state = torch.get_rng_state()
    others = [theirs[0].fit(X, ONE_HOT, batch_size=8, verbose=0)]
    drawing = torch.Generator()
    drawing.set_state(state)
    found = trials.fit_together(ours, X, ONE_HOT, seeds=[drawing], batch_size=8)
    assert_alike(ours, theirs, found, others)


def test_seeds_are_drawn_from_the_global_generator():
    weights = []
    for seed in (1, 1, 2):
        model = classifier(0)
        torch.manual_seed(seed)
        trials.fit_together([model], X, ONE_HOT)
        weights.append(model.get_weights()[0])
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_random_state_threads_and_memory_are_left_as_they_were():
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    models = [classifier(seed) for seed in range(3)]
    torch.set_rng_state(state)
    trials.fit_together(models, X, ONE_HOT, seeds=range(3))
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)
    for model in models:
        for variable in [*model.weights, *model.optimizer._variables]:
            size = variable.numel() * variable.element_size()
            assert variable.untyped_storage().nbytes() == size
    assert models[0].history.history["loss"]


class Notes(Callback):
    """What a callback sees."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_begin(self, logs=None):
        self.seen.append("begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.seen.append(epoch)

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append((sorted(logs), self.model.evaluate(X, ONE_HOT, verbose=0)[0]))

    def on_train_end(self, logs=None):
        self.seen.append(sorted(logs))


def test_callbacks_see_their_model_as_it_is():
    notes = [[Notes() for _ in range(2)] for _ in range(2)]
    ours, theirs = ([classifier(seed) for seed in range(2)] for _ in range(2))
    settings = {"epochs": 2, "batch_size": 8}
    trials.fit_together(
        ours, X, ONE_HOT, seeds=[0, 1], callbacks=lambda place: [notes[0][place]], **settings
    )
    alone(theirs, [0, 1], X, ONE_HOT, callbacks=lambda place: [notes[1][place]], **settings)
    for mine, their in zip(*notes, strict=True):
        for one, other in zip(mine.seen, their.seen, strict=True):
            if isinstance(one, tuple):
                assert one[0] == other[0]
                np.testing.assert_allclose(one[1], other[1], rtol=1e-4)
            else:
                assert one == other


def test_callbacks_may_take_gradients():
    slopes = []

    class Slope(Callback):
        def on_epoch_end(self, epoch, logs=None):
            x = torch.from_numpy(X).requires_grad_()
            self.model(x)[:, 0].sum().backward()
            slopes.append(x.grad)

    trials.fit_together([classifier()], X, ONE_HOT, callbacks=lambda place: [Slope()])
    assert slopes[0].abs().sum() > 0


def test_a_loss_that_is_not_finite_ends_one_network_alone():
    models = [classifier(seed) for seed in range(3)]
    broken = models[1].get_weights()
    models[1].set_weights([np.full_like(weight, np.nan) for weight in broken])
    with pytest.warns(NonFiniteLossWarning, match="became nan at step 1 of epoch 1"):
        found = trials.fit_together(models, X, ONE_HOT, seeds=range(3), epochs=3, workers=1)
    assert [len(history.epoch) for history in found] == [3, 1, 3]
    assert np.isfinite(found[2].history["loss"]).all()


class Pressed(Callback):
    """Ctrl-C at the end of an epoch of the first network."""

    def __init__(self, place):
        super().__init__()
        self.place = place

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1 and self.place == 0:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_ends_all_after_the_step():
    models = [classifier(seed) for seed in range(2)]
    found = trials.fit_together(
        models,
        X,
        ONE_HOT,
        seeds=[0, 1],
        epochs=9,
        workers=1,
        callbacks=lambda place: [Pressed(place)],
    )
    assert all(history.interrupted for history in found)
    assert [len(history.epoch) for history in found] == [2, 2]
    assert len(found[0].last_weights) == 4


def test_an_error_in_a_thread_is_raised_and_models_get_their_memory_back(monkeypatch):
    monkeypatch.setattr(_together, "_WORTH_A_THREAD", 1)

    class Wrong(Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise ArithmeticError("told")

    models = [classifier(seed) for seed in range(4)]
    with pytest.raises(ArithmeticError, match="told"):
        trials.fit_together(
            models, X, ONE_HOT, epochs=99, workers=2, callbacks=lambda place: [Wrong()]
        )
    weight = models[0].weights[0]
    assert weight.untyped_storage().nbytes() == weight.numel() * 4


def test_stacks_are_even_and_fill_all_workers(monkeypatch):
    def sizes(count, workers, rows=None):
        rows = rows or [10] * count
        model = classifier()
        networks = [
            _together.Network(model, torch.Generator(), torch.arange(n), None, None) for n in rows
        ]
        return [len(stack) for stack in _together._stacks(networks, workers, 32)]

    numbers = 4 * 8 + 8 + 8 * 3 + 3
    assert sizes(32, 2) == [32]  # too little work for two threads
    monkeypatch.setattr(_together, "_WORTH_A_THREAD", 10 * numbers)
    assert sizes(32, 2) == [16, 16]
    assert sizes(5, 2) == [2, 3]
    assert sizes(1, 4) == [1]
    assert sizes(4, 1, [10, 12, 10, 10]) == [3, 1]
    monkeypatch.setattr(_together, "_STACK_BYTES", 8 * 4 * 4 * numbers)
    assert sizes(32, 2) == [8, 8, 8, 8]
    assert sizes(20, 2) == [5, 5, 5, 5]
    assert sizes(20, 1) == [6, 7, 7]


def test_progress_is_shown_on_standard_error(capsys):
    trials.fit_together([classifier()], X, ONE_HOT, verbose=True)
    captured = capsys.readouterr()
    assert captured.out == ""


# What is refused


def pair(**second):
    return [classifier(0), classifier(1, **second)]


refused = {
    "cannot be trained together: there are no models": lambda: ([], {}),
    "model 1 .* differs from model 0 .* in its layer 0: Dense\\(9, relu, True\\), not Dense\\(8": (
        lambda: (pair(units=9), {})
    ),
    "Call `fit` on each model": lambda: (pair(units=9), {}),
    "`workers` must be a whole number >= 1; received 0": lambda: (pair(), {"workers": 0}),
    "`batch_size` must be an integer >= 1; received 0": lambda: (pair(), {"batch_size": 0}),
    "`epochs` must be an integer >= 0; received -1": lambda: (pair(), {"epochs": -1}),
    "`seeds` must have one seed per model, 2; received 3": lambda: (pair(), {"seeds": range(3)}),
    "`seeds` must be whole numbers from 0 to 4294967295, or torch generators; received -1": (
        lambda: (pair(), {"seeds": [0, -1]})
    ),
    "`seeds` must not hold the same generator twice": (
        lambda: (pair(), {"seeds": [torch.default_generator] * 2})
    ),
    "`rows` must have one array of places per model, 2; received 1": (
        lambda: (pair(), {"rows": [[0, 1]]})
    ),
    r"`rows\[1\]` must be a list of whole numbers, the places of rows; received \[\]": (
        lambda: (pair(), {"rows": [[0, 1], []]})
    ),
    r"`validation_rows\[0\]` must be places from 0 to 36; received some from 0 to 37": (
        lambda: (pair(), {"validation_rows": [[0, 37], [0]]})
    ),
    "`validation_data` and `validation_split` must not be given both. Name the rows": (
        lambda: (pair(), {"validation_split": 0.1, "validation_data": (X, ONE_HOT)})
    ),
    "`validation_split` and `rows` must not be given both": (
        lambda: (pair(), {"validation_split": 0.1, "rows": [[0], [1]]})
    ),
    "ReduceLROnPlateau cannot be used in `fit_together`: all models have one learning rate": (
        lambda: (pair(), {"callbacks": lambda place: [ReduceLROnPlateau()]})
    ),
    "`callbacks` must not listen to batches in `fit_together`; one has `on_train_batch_end`": (
        lambda: (pair(), {"callbacks": lambda place: [batch_listener()]})
    ),
    "`callbacks` must give each model callbacks of its own": (
        lambda: (pair(), {"callbacks": lambda place: [SHARED]})
    ),
    "a callback changed the learning rate of the model 'sequential.*Give the optimizers a": (
        lambda: (pair(), {"callbacks": lambda place: [Faster()]})
    ),
    "`sample_weight` must have one number per row, shape \\(rows,\\)": (
        lambda: (pair(), {"sample_weight": np.ones((ROWS, 1))})
    ),
}


SHARED = Notes()


def batch_listener():
    return LambdaCallback(on_train_batch_end=lambda batch, logs: None)


class Faster(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 0.5


@pytest.mark.parametrize("message", refused)
def test_refused_with_the_reason(message):
    models, options = refused[message]()
    with pytest.raises(ValueError, match=message):
        trials.fit_together(models, X, ONE_HOT, **options)


@pytest.mark.wrong_types
@pytest.mark.wrong_types
@pytest.mark.parametrize("models", [3, [3], Sequential([layers.Dense(1)])])
def test_models_are_a_list_of_models(models):
    message = "`models` must be a list of profond models; received"
    with pytest.raises(TypeError, match=message):
        trials.fit_together(models, np.ones((1, 1)), np.ones(1))
    with pytest.raises(TypeError, match=message):
        trials.why_not_together(models)


def test_callbacks_are_a_function():
    with pytest.raises(TypeError, match="`callbacks` must be a function from a model's place"):
        trials.fit_together(pair(), X, ONE_HOT, callbacks=[EarlyStopping()])  # type: ignore[arg-type]


def test_data_are_arrays_of_rows():
    with pytest.raises(ValueError, match="`x` must be an array, not batches, for `fit_together`"):
        trials.fit_together(pair(), iter([(X, ONE_HOT)]), None)
    with pytest.raises(ValueError, match="all data must have the same number of rows"):
        trials.fit_together(pair(), X, ONE_HOT[:3])
    with pytest.raises(ValueError, match="`y` must be one array of targets; received NoneType"):
        trials.fit_together(pair(), X, None)
