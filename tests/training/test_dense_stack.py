"""Gradients by hand: the same weights as with autograd, and only where they are right."""

import copy
import dataclasses
import gc
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers, losses, optimizers, regularizers
from profond.callbacks import LambdaCallback
from profond.training._dense_stack import DenseStack
from profond.training._run import Run

ROWS = 23


def trained(build, x, y, *, by_hand, compiled, monkeypatch, **fit):
    """Weights and losses after two epochs, with gradients by hand or all by autograd."""
    with monkeypatch.context() as patch:
        if not by_hand:
            patch.setattr(Run, "find_stack", lambda run, watched: None)
        profond.utils.set_random_seed(1)
        model = build()
        model.compile(**compiled)
        history = model.fit(x, y, epochs=2, batch_size=8, verbose=0, **fit)
    return model.get_weights(), history.history["loss"]


def same(build, x, y, compiled, monkeypatch, **fit):
    """Whether both ways of training end with the same weights and losses, bit for bit."""
    options = {"compiled": compiled, "monkeypatch": monkeypatch, **fit}
    ours, our_losses = trained(build, x, y, by_hand=True, **options)
    theirs, their_losses = trained(build, x, y, by_hand=False, **options)
    equal = all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    return equal and our_losses == their_losses


hidden_layer = st.one_of(
    st.builds(
        lambda units, activation, use_bias, penalty: (
            lambda: layers.Dense(
                units,
                activation=activation,
                use_bias=use_bias,
                kernel_regularizer=regularizers.L2(0.01) if penalty else None,
            )
        ),
        st.integers(1, 6),
        st.sampled_from([None, "relu", "tanh", "sigmoid", "silu", "linear"]),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(lambda rate: lambda: layers.Dropout(rate), st.sampled_from([0.0, 0.3])),
    st.sampled_from(["relu", "tanh"]).map(lambda name: lambda: layers.Activation(name)),
)
end = st.sampled_from(
    [
        (3, "softmax", "categorical_crossentropy"),
        (3, "softmax", "sparse_categorical_crossentropy"),
        (1, "sigmoid", "binary_crossentropy"),
        (3, "sigmoid", losses.BinaryCrossentropy(label_smoothing=0.1)),
        (3, "softmax", losses.CategoricalCrossentropy(label_smoothing=0.1)),
        (2, None, losses.MeanSquaredError(reduction="sum")),
        (2, None, "mse"),
        (2, "relu", "mse"),
        (2, "relu", "mae"),
        (2, "elu", losses.Huber(0.7)),
    ]
)


@given(
    hidden=st.lists(hidden_layer, max_size=4),
    end=end,
    functional=st.booleans(),
    apart=st.booleans(),
    weighted=st.booleans(),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 100),
)
def test_same_weights_as_with_autograd(
    hidden, end, functional, apart, weighted, dtype, seed, monkeypatch
):
    units, activation, loss = end
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, 4)).astype(dtype)
    labels = rng.integers(0, max(units, 2), ROWS)
    y = rng.normal(size=(ROWS, units)).astype(dtype)
    if activation == "softmax":
        y = labels if loss == "sparse_categorical_crossentropy" else np.eye(units)[labels]
    elif activation == "sigmoid":
        y = rng.integers(0, 2, (ROWS, units))

    def build():
        with_dtype = profond.config.dtype_policy()
        profond.config.set_dtype_policy(dtype)
        try:
            tail = [layers.Dense(units, activation=None if apart else activation)]
            if apart and activation:
                tail.append(layers.Activation(activation))
            stack = [make() for make in hidden] + tail
            if not functional:
                return profond.Sequential([profond.Input((4,), dtype=dtype), *stack])
            inputs = tensor = profond.Input((4,), dtype=dtype)
            for layer in stack:
                tensor = layer(tensor)
            return profond.Model(inputs, tensor)
        finally:
            profond.config.set_dtype_policy(with_dtype)

    stack = DenseStack.of(build())
    assert stack is not None
    assert stack.takes(torch.from_numpy(x))
    weights = rng.uniform(0.5, 2, ROWS) if weighted else None
    compiled = {"optimizer": "adam", "loss": loss, "metrics": ["accuracy"]}
    assert same(build, x, y, compiled, monkeypatch, sample_weight=weights)


def test_the_usual_losses_have_a_closed_form(data, monkeypatch):
    found = []

    def watched_forward(stack, x, y=None):
        output, mean = forward(stack, x, y)
        found.append(mean is not None)
        return output, mean

    forward = DenseStack.forward
    monkeypatch.setattr(DenseStack, "forward", watched_forward)
    x, y = data
    for end, loss, targets in [
        (layers.Dense(1), "mse", y),
        (layers.Dense(1, "relu"), "mse", abs(y)),
        (layers.Dense(1, "sigmoid"), "binary_crossentropy", y > 0),
        (layers.Dense(2, "softmax"), "categorical_crossentropy", np.eye(2)[(y[:, 0] > 0) * 1]),
        (layers.Dense(2, "softmax"), "sparse_categorical_crossentropy", (y[:, 0] > 0) * 1),
        (layers.Dense(1), "mae", y),
    ]:
        found.clear()
        model = profond.Sequential([profond.Input((4,)), layers.Dense(3, "relu"), end])
        model.compile("sgd", loss)
        model.fit(x, targets, epochs=2, batch_size=ROWS, verbose=0)
        assert found == 2 * [loss != "mae"], loss


def test_wrong_labels_are_named_where_the_loss_has_a_closed_form():
    def batches():
        for label in (0, 1, 7):
            yield np.ones((2, 4), "float32"), np.array([0, label])

    model = profond.Sequential([profond.Input((4,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="7"):
        model.fit(batches(), steps_per_epoch=1, epochs=3, verbose=0)


def mlp(**options):
    """A network of the kind that is trained by hand."""
    first = layers.Dense(5, activation="relu", **options)
    return profond.Sequential([profond.Input((4,)), first, layers.Dense(1)])


@pytest.fixture
def data():
    """Inputs and targets of a regression."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(ROWS, 4)).astype("float32"), rng.normal(size=(ROWS, 1))


@pytest.mark.parametrize(
    "optimizer",
    [
        {"gradient_accumulation_steps": 2},
        {"clipnorm": 0.1, "use_ema": True},
        {"loss_scale_factor": 8.0},
    ],
)
def test_options_of_the_optimizer(optimizer, data, monkeypatch):
    compiled = {"loss": "mse"}
    for by_hand in (True, False):
        compiled["optimizer"] = optimizers.SGD(0.1, **optimizer)
        options = {"compiled": dict(compiled), "monkeypatch": monkeypatch}
        found = trained(mlp, *data, by_hand=by_hand, **options)
        if by_hand:
            ours = found
    assert ours[1] == found[1]
    for a, b in zip(ours[0], found[0], strict=True):
        np.testing.assert_array_equal(a, b)


def test_gradients_are_there_for_callbacks(data):
    model = mlp()
    model.compile("sgd", "mse")
    seen = []
    look = LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(
            [weight.grad.clone() for weight in model.weights]
        )
    )
    model.fit(*data, epochs=1, batch_size=ROWS, shuffle=False, verbose=0, callbacks=[look])
    fresh = mlp()
    fresh.set_weights(
        [w + 0.01 * g.numpy() for w, g in zip(model.get_weights(), seen[0], strict=True)]
    )
    x, y = (torch.tensor(part, dtype=torch.float32) for part in data)
    ((fresh(x) - y) ** 2).mean().backward()
    for weight, gradient in zip(fresh.weights, seen[0], strict=True):
        torch.testing.assert_close(weight.grad, gradient, rtol=1e-4, atol=1e-6)


class Doubled(layers.Dense):
    """A layer with a computation of its own."""

    def call(self, inputs):
        """Twice what `Dense` gives."""
        return 2 * super().call(inputs)


class OwnModel(profond.Sequential):
    """A stack with a call of its own."""

    def call(self, inputs):
        """Twice the stack."""
        return 2 * super().call(inputs)


class HalfForward(profond.Sequential):
    """A stack that is called in a way of its own."""

    def forward(self, *args, **kwargs):
        """Half the stack."""
        return super().forward(*args, **kwargs) * 0.5


def patched(part, name):
    """A model whose method, or whose layer's, was put in the place of the class's."""

    def build():
        model = mlp()
        holder = model if part == "model" else model.layers[0]
        own = getattr(holder, name)
        setattr(holder, name, lambda *args, **kwargs: 2 * own(*args, **kwargs))
        return model

    return build


@dataclasses.dataclass
class Slope:
    """An activation that cannot be hashed."""

    factor: float = 2.0

    def __call__(self, x):
        """Steeper than the identity."""
        return self.factor * x


def residual():
    """A graph that is no row."""
    inputs = profond.Input((4,))
    hidden = layers.Dense(4, "relu")(inputs)
    return profond.Model(inputs, layers.Dense(1)(layers.add([inputs, hidden])))


def shared():
    """A layer called twice."""
    inputs = profond.Input((4,))
    layer = layers.Dense(4, "tanh")
    return profond.Model(inputs, layers.Dense(1)(layer(layer(inputs))))


def hooked():
    """A layer that somebody listens to."""
    model = mlp()
    model.layers[0].register_forward_hook(lambda module, args, output: 2 * output)
    return model


def watched():
    """A weight whose gradient somebody changes."""
    model = mlp()
    model.weights[0].register_hook(lambda gradient: 2 * gradient)
    return model


def stack_of(*stack, **options):
    """A model of the layers given."""
    return lambda: profond.Sequential([profond.Input((4,)), *stack], **options)


@pytest.mark.parametrize(
    "build",
    [
        stack_of(Doubled(3), layers.Dense(1)),
        lambda: OwnModel([profond.Input((4,)), layers.Dense(1)]),
        lambda: HalfForward([profond.Input((4,)), layers.Dense(1)]),
        patched("model", "call"),
        patched("model", "forward"),
        patched("layer", "call"),
        patched("layer", "forward"),
        stack_of(layers.Dense(3, Slope()), layers.Dense(1)),
        residual,
        hooked,
        watched,
        lambda: mlp(activity_regularizer="l2"),
        lambda: mlp(dtype="mixed_bfloat16"),
        stack_of(layers.Dense(3, "gelu"), layers.Dense(1)),
        stack_of(layers.Dense(3), layers.BatchNormalization(), layers.Dense(1)),
        stack_of(layers.Dropout(0.5)),
        stack_of(layers.Dropout(0.5, seed=1), layers.Dense(1)),
        stack_of(layers.Dropout(0.5, noise_shape=(None, 1)), layers.Dense(1)),
        stack_of(layers.Dense(3, dtype="float64"), layers.Dense(1)),
        stack_of(layers.Dense(3, dtype="float64"), layers.Dense(1, dtype="float64")),
        lambda: profond.Sequential([profond.Input(batch_shape=(8, 4)), layers.Dense(1)]),
    ],
)
def test_anything_else_is_left_to_autograd(build):
    assert DenseStack.of(build()) is None


def test_an_activation_that_cannot_be_hashed_may_come_last(data, monkeypatch):
    def build():
        return profond.Sequential([profond.Input((4,)), layers.Dense(1, Slope())])

    assert same(build, *data, {"optimizer": "sgd", "loss": "mse"}, monkeypatch)


def test_a_loss_put_in_the_place_of_the_models_own_is_used(data):
    model = mlp()
    model.compile("sgd", "mse")
    whole = model.compute_loss
    plain = model.fit(*data, shuffle=False, verbose=0).history["loss"][0]
    model = profond.models.clone_model(model)
    model.compile("sgd", "mse")
    model.set_weights(mlp().get_weights())
    model.compute_loss = lambda **kwargs: 0.0 * whole(**kwargs) + kwargs["y_pred"].sum() * 0 + 7.0
    assert model.fit(*data, verbose=0).history["loss"][0] == 7.0 != plain


def test_what_a_callback_changes_between_batches_counts_at_once(data):
    def fit(change):
        profond.utils.set_random_seed(1)
        model = mlp()
        model.compile("sgd", "mse")

        def alter(batch, logs):
            if change:
                model.layers[0].activation = profond.activations.tanh

        told = LambdaCallback(on_train_batch_end=alter)
        return model.fit(*data, batch_size=5, verbose=0, callbacks=[told]).history["loss"]

    assert fit(True) != fit(False)


def test_a_model_may_be_copied_in_the_middle_of_its_training(data):
    copies = []
    model = mlp()
    model.compile("sgd", "mse")
    keep = LambdaCallback(
        on_epoch_end=lambda epoch, logs: copies.append(copy.deepcopy(model)),
        on_train_batch_end=lambda batch, logs: pickle.dumps(model),
    )
    model.fit(*data, epochs=2, verbose=0, callbacks=[keep])
    copies[0].fit(*data, verbose=0)
    assert model.fit(*data, verbose=0) is not None


def test_the_data_are_let_go_of_after_the_training(data):
    model = mlp()
    model.compile("sgd", "mse")
    gc.collect()
    gc.disable()
    try:
        model.fit(*data, verbose=0)
        left = [o for o in gc.get_objects() if type(o).__name__ == "ArrayFeed"]
    finally:
        gc.enable()
    assert left == []


def test_a_shared_layer_gets_both_its_gradients(data, monkeypatch):
    assert same(shared, *data, {"optimizer": "sgd", "loss": "mse"}, monkeypatch)


def test_frozen_layers_stay(data, monkeypatch):
    def build():
        model = mlp()
        model.layers[0].trainable = False
        return model

    assert same(build, *data, {"optimizer": "sgd", "loss": "mse"}, monkeypatch)


def test_freezing_during_an_epoch(data, monkeypatch):
    def freeze_at_second_batch(model):
        def freeze(batch, logs):
            model.layers[0].trainable = batch < 1

        return LambdaCallback(on_train_batch_end=freeze)

    found = []
    for by_hand in (True, False):
        with monkeypatch.context() as patch:
            if not by_hand:
                patch.setattr(Run, "find_stack", lambda run, watched: None)
            profond.utils.set_random_seed(1)
            model = mlp()
            model.compile("sgd", "mse")
            callbacks = [freeze_at_second_batch(model)]
            model.fit(*data, epochs=2, batch_size=5, verbose=0, callbacks=callbacks)
            found.append(model.get_weights())
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_weights_that_moved_are_found_again(data):
    model = mlp()
    model.compile("sgd", "mse")

    def move(batch, logs):
        for weight in model.weights:
            weight.data = weight.data.clone()

    moving = LambdaCallback(on_train_batch_end=move)
    profond.utils.set_random_seed(1)
    start = model.get_weights()
    model.fit(*data, epochs=2, batch_size=5, verbose=0, callbacks=[moving])
    other = mlp()
    other.set_weights(start)
    other.compile("sgd", "mse")
    profond.utils.set_random_seed(1)
    other.fit(*data, epochs=2, batch_size=5, verbose=0)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_own_compute_loss_sees_the_weights(data):
    class Penalized(profond.Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            (gradient,) = torch.autograd.grad(
                y_pred.sum(), self.layers[0].kernel, create_graph=True
            )
            base = super().compute_loss(x, y, y_pred, sample_weight, training)
            return base + gradient.square().sum()

    model = Penalized([profond.Input((4,)), layers.Dense(3, "tanh"), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(*data, verbose=0).history["loss"][0])


def test_a_batch_of_another_width_is_refused_as_ever(data):
    x, y = data
    model = mlp()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"must have the shape \(None, 4\)"):
        model.fit(np.hstack([x, x]), y, verbose=0)
