"""A training ends with Keras's weights and history, whatever is asked of it."""

import numpy as np
import pytest

import profond
from tests.training.helpers import (
    assert_same_histories,
    assert_same_weights,
    blobs,
    trained_alike,
)

keras = pytest.importorskip("keras")

X, LABELS = blobs()
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
TARGET = (X @ np.array([[1.0], [0.5], [-1.0], [0.2]])).astype("float32")
WEIGHTS = np.random.default_rng(1).uniform(0.2, 2, len(X)).astype("float32")


def network(outputs, activation=None, **dense):
    def build(k):
        return k.Sequential(
            [
                k.Input((4,)),
                k.layers.Dense(8, "tanh", **{n: v(k) for n, v in dense.items()}),
                k.layers.Dense(outputs, activation),
            ]
        )

    return build


def check(build, compile, *data, **options):
    theirs, ours, their_model, our_model = trained_alike(
        keras, profond, build, compile, *data, **options
    )
    assert_same_histories(theirs, ours)
    assert_same_weights(their_model, our_model)
    return their_model, our_model


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "adamw", "nadam"])
@pytest.mark.parametrize(
    ("loss", "y", "outputs", "activation", "metrics"),
    [
        ("mse", TARGET, 1, None, ["mae", "mse"]),
        ("mae", TARGET, 1, None, ["r2_score"]),
        ("binary_crossentropy", (LABELS > 0).astype("float32"), 1, "sigmoid", ["accuracy"]),
        ("categorical_crossentropy", ONE_HOT, 3, "softmax", ["accuracy"]),
        ("sparse_categorical_crossentropy", LABELS, 3, "softmax", ["acc"]),
        ("crossentropy", LABELS, 3, "softmax", ["accuracy"]),
    ],
)
def test_losses_and_optimizers(optimizer, loss, y, outputs, activation, metrics):
    check(
        network(outputs, activation),
        lambda k: {"optimizer": optimizer, "loss": loss, "metrics": metrics},
        X,
        y,
        epochs=3,
        batch_size=16,
    )


def softmax(k):
    return {
        "optimizer": k.optimizers.SGD(0.1, momentum=0.9),
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
        "weighted_metrics": ["accuracy", k.metrics.SparseCategoricalCrossentropy(name="ce")],
    }


@pytest.mark.parametrize(
    "options",
    [
        {"class_weight": {0: 1.0, 1: 3.0, 2: 0.5}},
        {"class_weight": {1: 3.0}},
        {"sample_weight": WEIGHTS},
        {"validation_split": 0.25},
        {"validation_split": 0.25, "sample_weight": WEIGHTS},
        {"validation_split": 0.25, "class_weight": {0: 2.0}},
        {"validation_data": (X[:20], LABELS[:20])},
        {"validation_data": (X[:20], LABELS[:20], WEIGHTS[:20])},
        {"validation_data": [X[:20], LABELS[:20]], "validation_freq": 2},
        {"validation_data": (X[:20], LABELS[:20]), "validation_freq": [1, 3]},
        {"validation_data": (X[:20], LABELS[:20]), "validation_batch_size": 7},
        {"validation_data": (X, LABELS), "validation_steps": 2},
        {"batch_size": 60},
        {"batch_size": 100},
        {"initial_epoch": 1},
        {"initial_epoch": 4},
    ],
    ids=lambda o: "-".join(o),
)
def test_options_of_fit(options):
    options = {"epochs": 3, "batch_size": 16, **options}
    check(network(3, "softmax"), softmax, X, LABELS, **options)


def test_batches_of_one_row():
    check(
        network(3, "softmax"),
        lambda k: {**softmax(k), "optimizer": k.optimizers.SGD(0.01)},
        X,
        LABELS,
        batch_size=1,
    )


@pytest.mark.filterwarnings("ignore:.*ran out of data")
@pytest.mark.filterwarnings("ignore:the data ended after")
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 9])
def test_steps_per_epoch(steps):
    check(network(3, "softmax"), softmax, X, LABELS, epochs=5, batch_size=16, steps_per_epoch=steps)


def test_too_many_steps_are_told():
    model = network(1)(profond)
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="the data ended after 4 of the 6 steps of `steps_per_ep"):
        model.fit(X, TARGET, batch_size=16, steps_per_epoch=6, verbose=0)


def test_regularizers():
    build = network(
        1,
        kernel_regularizer=lambda k: k.regularizers.L1L2(0.01, 0.02),
        bias_regularizer=lambda k: k.regularizers.L2(0.1),
        activity_regularizer=lambda k: k.regularizers.L1(0.05),
        kernel_constraint=lambda k: k.constraints.MaxNorm(0.8),
    )
    theirs, ours = check(
        build,
        lambda k: {"optimizer": "adam", "loss": "mse"},
        X,
        TARGET,
        epochs=3,
        batch_size=16,
        validation_split=0.2,
    )
    np.testing.assert_allclose(
        ours.evaluate(X, TARGET, verbose=0), theirs.evaluate(X, TARGET, verbose=0), rtol=1e-5
    )


@pytest.mark.parametrize(
    "reduction", ["sum", "sum_over_batch_size", "mean", "mean_with_sample_weight"]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_reductions(reduction, weighted):
    def compile(k):
        loss = k.losses.MeanAbsoluteError(reduction=reduction)
        return {"optimizer": k.optimizers.SGD(0.01), "loss": loss}

    options = {"sample_weight": WEIGHTS} if weighted else {}
    theirs, ours = check(
        network(1), compile, X, TARGET, epochs=2, batch_size=16, validation_split=0.4, **options
    )
    np.testing.assert_allclose(
        ours.evaluate(X, TARGET, verbose=0, **options),
        theirs.evaluate(X, TARGET, verbose=0, **options),
        rtol=1e-5,
    )


def test_own_losses_and_metrics():
    def compile(k):
        def asymmetric(y_true, y_pred):
            error = y_pred - y_true
            return k.ops.mean(k.ops.maximum(error, -0.3 * error), axis=-1)

        def worst(y_true, y_pred):
            return k.ops.max(k.ops.abs(y_true - y_pred))

        return {"optimizer": "adam", "loss": asymmetric, "metrics": [worst, "mae"]}

    theirs, ours = check(
        network(1), compile, X, TARGET, epochs=2, batch_size=16, validation_split=0.5
    )
    np.testing.assert_allclose(
        ours.evaluate(X, TARGET, verbose=0), theirs.evaluate(X, TARGET, verbose=0), rtol=1e-5
    )


def two_outputs(k):
    a, b = k.Input((4,), name="a"), k.Input((1,), name="b")
    hidden = k.layers.Dense(6, "tanh")(k.layers.Concatenate()([a, b]))
    return k.Model(
        [a, b],
        [
            k.layers.Dense(3, "softmax", name="kind")(hidden),
            k.layers.Dense(1, name="size")(hidden),
        ],
    )


INPUTS = [X, X[:, :1]]


@pytest.mark.parametrize(
    "compiled",
    [
        {"loss": ["categorical_crossentropy", "mse"]},
        {"loss": {"kind": "categorical_crossentropy", "size": "mse"}},
        {"loss": {"size": "mse", "kind": "categorical_crossentropy"}, "loss_weights": [0.3, 2.0]},
        {"loss": ["categorical_crossentropy", "mae"], "loss_weights": [0.3, 2.0]},
        {
            "loss": {"kind": "categorical_crossentropy", "size": "mse"},
            "loss_weights": {"size": 0.1, "kind": 2.0},
        },
        {"loss": "mse"},
        {"loss": "mse", "metrics": [["accuracy"], ["mae", "mse"]]},
        {"loss": "mse", "metrics": {"size": ["mae", "mse"]}},
        {"loss": "mse", "metrics": {"kind": "accuracy", "size": "mae"}},
        {"loss": "mse", "metrics": ["accuracy", "mae"]},
        {"loss": ["mse", "mse"], "weighted_metrics": [["accuracy"], ["mae"]]},
    ],
    ids=str,
)
@pytest.mark.parametrize("weights", [None, "one", "each"])
def test_several_outputs(compiled, weights):
    options = {}
    if weights:
        options["sample_weight"] = WEIGHTS if weights == "one" else [WEIGHTS, WEIGHTS[::-1].copy()]
    theirs, ours = check(
        two_outputs,
        lambda k: {"optimizer": "sgd", **compiled},
        INPUTS,
        [ONE_HOT, TARGET],
        epochs=2,
        batch_size=16,
        **options,
    )
    for as_dict in (False, True):
        their = theirs.evaluate(INPUTS, [ONE_HOT, TARGET], verbose=0, return_dict=as_dict)
        own = ours.evaluate(INPUTS, [ONE_HOT, TARGET], verbose=0, return_dict=as_dict)
        if as_dict:
            assert list(own) == list(their)
            own, their = list(own.values()), list(their.values())
        np.testing.assert_allclose(own, their, rtol=1e-4, atol=1e-6)


def test_targets_by_name():
    check(
        two_outputs,
        lambda k: {"optimizer": "sgd", "loss": {"kind": "categorical_crossentropy", "size": "mse"}},
        {"a": X, "b": X[:, :1]},
        {"kind": ONE_HOT, "size": TARGET},
        epochs=2,
    )


def dict_outputs(k):
    a = k.Input((4,), name="a")
    return k.Model(
        a,
        {"kind": k.layers.Dense(3, "softmax", name="x")(a), "size": k.layers.Dense(1, name="y")(a)},
    )


@pytest.mark.filterwarnings("ignore:Gradients do not exist")  # no loss for one of the outputs
@pytest.mark.parametrize(
    "compiled",
    [
        {"loss": {"kind": "categorical_crossentropy", "size": "mse"}},
        {"loss": {"kind": "categorical_crossentropy", "size": "mse"}, "metrics": {"size": ["mae"]}},
        {"loss": "mse", "loss_weights": {"kind": 1.0, "size": 0.5}},
        {"loss": {"size": "mse"}},
    ],
    ids=str,
)
def test_dicts_of_outputs(compiled):
    if "loss_weights" in compiled:
        compiled = {**compiled, "loss": {"kind": "mse", "size": "mse"}}
    check(
        dict_outputs,
        lambda k: {"optimizer": "sgd", **compiled},
        X,
        {"kind": ONE_HOT, "size": TARGET},
        epochs=2,
    )


def masked(k):
    return k.Sequential(
        [
            k.Input((5, 2)),
            k.layers.Masking(0.0),
            k.layers.Dense(3, "tanh"),
            k.layers.Dense(1),
        ]
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_masks(weighted):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(50, 5, 2)).astype("float32")
    for row, length in enumerate(generator.integers(1, 6, 50)):
        x[row, length:] = 0.0
    y = x.sum(-1, keepdims=True)
    weights = np.linspace(0.5, 1.5, 250).astype("float32").reshape(50, 5)
    options = {"sample_weight": weights} if weighted else {}
    theirs, ours = check(
        masked,
        lambda k: {
            "optimizer": "adam",
            "loss": "mse",
            "metrics": ["mae"],
        },
        x,
        y,
        epochs=2,
        batch_size=16,
        validation_split=0.2,
        **options,
    )
    np.testing.assert_allclose(
        ours.evaluate(x, y, verbose=0, **options),
        theirs.evaluate(x, y, verbose=0, **options),
        rtol=1e-5,
    )


def test_batch_normalization_and_frozen_layers():
    def build(k):
        model = k.Sequential(
            [
                k.Input((4,)),
                k.layers.Dense(6, name="frozen"),
                k.layers.BatchNormalization(),
                k.layers.Dense(5),
                k.layers.BatchNormalization(trainable=False),
                k.layers.Dense(1),
            ]
        )
        model.get_layer("frozen").trainable = False
        return model

    check(
        build,
        lambda k: {"optimizer": "adam", "loss": "mse"},
        X,
        TARGET,
        epochs=3,
        batch_size=16,
        validation_split=0.2,
    )


def test_freezing_after_compile_counts_at_once():
    models = []
    for k in (keras, profond):
        model = network(1)(k)
        if models:
            model.set_weights(models[0].get_weights())
        models.append(model)
    for model in models:
        model.compile("sgd", "mse")
        model.layers[0].trainable = False
        before = model.layers[0].get_weights()
        model.fit(X, TARGET, verbose=0, shuffle=False)
        np.testing.assert_array_equal(model.layers[0].get_weights()[0], before[0])
    assert_same_weights(*models)


def test_one_batch_at_a_time():
    theirs, ours = network(3, "softmax")(keras), network(3, "softmax")(profond)
    ours.set_weights(theirs.get_weights())
    for k, model in ((keras, theirs), (profond, ours)):
        model.compile(**softmax(k))
    for begin in (0, 16, 32):
        part = slice(begin, begin + 16)
        options = {"sample_weight": WEIGHTS[part]} if begin else {"class_weight": {1: 2.0}}
        np.testing.assert_allclose(
            ours.train_on_batch(X[part], LABELS[part], **options),
            theirs.train_on_batch(X[part], LABELS[part], **options),
            rtol=1e-5,
        )
    assert ours.test_on_batch(X, LABELS, return_dict=True) == pytest.approx(
        {k: float(v) for k, v in theirs.test_on_batch(X, LABELS, return_dict=True).items()},
        rel=1e-5,
    )
    np.testing.assert_allclose(ours.predict_on_batch(X), theirs.predict_on_batch(X), rtol=1e-5)
    assert_same_weights(theirs, ours)


def test_float64():
    for k in (keras, profond):
        k.config.set_floatx("float64")
        k.config.set_dtype_policy("float64")
    try:
        x, y = X.astype("float64") + 1e-9, TARGET.astype("float64")
        theirs, ours, their_model, our_model = trained_alike(
            keras,
            profond,
            network(1),
            lambda k: {"optimizer": k.optimizers.SGD(0.0625), "loss": "mse", "metrics": ["mae"]},
            x,
            y,
            epochs=5,
            batch_size=16,
        )
    finally:
        for k in (keras, profond):
            k.config.set_floatx("float32")
            k.config.set_dtype_policy("float32")
    assert our_model.weights[0].dtype.is_floating_point
    assert our_model.get_weights()[0].dtype == np.float64
    # Keras computes part of a step in float32, whatever it is told (see `test_by_hand`).
    assert_same_weights(their_model, our_model, rtol=1e-6, atol=1e-7)
    assert_same_histories(theirs, ours, rtol=1e-6)
