import json

import numpy as np
import pytest
import torch

import profond
from profond import layers, models
from profond.training._precision import HalfSteps

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(64, 12, 12, 3)).astype("float32")
Y = DRAW.integers(0, 4, 64)
X += Y.reshape(-1, 1, 1, 1)


def network(seed=0):
    profond.utils.set_random_seed(seed)
    inputs = layers.Input((12, 12, 3))
    x = layers.Conv2D(8, 3, padding="same", use_bias=False)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(layers.Add()([x, y]))
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling2D()(x))
    x = layers.Dense(8, activation="relu")(x)
    return models.Model(inputs, layers.Dense(4, activation="softmax")(x))


def compiled(precision=None, seed=0, **options):
    model = network(seed)
    model.compile(
        profond.optimizers.Adam(0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        precision=precision,
        **options,
    )
    return model


def types_of_outputs(model):
    """The type that each layer answered in, at each call, noted by hooks."""
    seen = {}
    for layer in model.layers[1:]:
        layer.register_forward_hook(
            lambda module, args, output: seen.setdefault(module.name, []).append(output.dtype)
        )
    return seen


def test_products_are_in_half_precision_and_outputs_are_not():
    model = compiled("bfloat16")
    seen = types_of_outputs(model)
    model.train_on_batch(X[:8], Y[:8])
    *inner, last = seen.values()
    assert inner == [[torch.bfloat16]] * len(inner)
    assert last == [torch.float32]
    seen.clear()
    model.evaluate(X[:8], Y[:8], verbose=0)
    model.predict(X[:8], verbose=0)
    assert set(sum(seen.values(), [])) == {torch.float32}


def test_it_learns_nearly_as_in_float32():
    losses = []
    for precision in ("float32", "bfloat16"):
        model = compiled(precision)
        history = model.fit(X, Y, batch_size=16, epochs=12, verbose=0).history
        losses.append(history["loss"])
    assert losses[0] != losses[1]
    # bfloat16 has 8 bits: single products are off by up to 0.4 %.
    assert losses[1][0] == pytest.approx(losses[0][0], rel=0.03)
    assert losses[1][-1] < 0.5 * losses[1][0]


def test_gradients_are_those_of_float32_but_for_rounding():
    gradients = []
    for precision in ("float32", "bfloat16"):
        model = compiled(precision)
        model.optimizer.learning_rate = 0.0
        model.train_on_batch(X, Y)
        gradients.append([w.grad.clone() for w in model.trainable_weights])
    for exact, rough in zip(*gradients, strict=True):
        assert rough.dtype is torch.float32
        assert rough.stride() == exact.stride()
        assert float((rough - exact).norm()) <= 0.05 * float(exact.norm()) + 1e-6


def test_weights_statistics_and_files_are_of_float32(tmp_path):
    model, plain = compiled("bfloat16"), network()
    before = plain.to_json()
    model.fit(X, Y, verbose=0)
    assert {weight.dtype for weight in model.weights} == {torch.float32}
    changed = json.loads(model.to_json())["config"]["layers"]
    assert [one["config"]["dtype"] for one in changed] == [
        one["config"]["dtype"] for one in json.loads(before)["config"]["layers"]
    ]
    model.save(tmp_path / "a.keras")
    again = models.load_model(tmp_path / "a.keras")
    assert np.array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    assert again._precision == "bfloat16"  # training goes on as it was


def test_without_a_choice_the_description_is_keras_s_own():
    assert "precision" not in compiled().get_compile_config()
    assert "precision" not in compiled("float32").get_compile_config()


def test_moving_averages_follow_the_float32_ones():
    averages = []
    for precision in (None, "bfloat16"):
        model = compiled(precision)
        model.fit(X, Y, verbose=0)
        averages.append(model.layers[2].moving_variance.numpy())
    assert averages[1] == pytest.approx(averages[0], rel=0.01)


def test_all_is_as_before_after_an_error():
    model = compiled("bfloat16")
    layer = model.layers[1]
    with pytest.raises(RuntimeError, match="stop"), HalfSteps(model, model.layers, "bfloat16"):
        assert layer.compute_dtype == "bfloat16"
        raise RuntimeError("stop")
    assert layer.compute_dtype == "float32"
    assert layer(X[:1]).dtype is torch.float32


@pytest.mark.parametrize("frozen", [False, True])
def test_a_sequence_of_layers_with_a_mask_and_frozen_statistics(frozen):
    model = models.Sequential(
        [
            layers.Input((6, 3)),
            layers.Masking(),
            layers.Dense(5),
            layers.BatchNormalization(trainable=not frozen),
            layers.GlobalAveragePooling1D(),
            layers.Dense(2),
            layers.Activation("softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", precision="bfloat16")
    x = DRAW.normal(size=(16, 6, 3)).astype("float32")
    x[:, 4:] = 0
    seen = types_of_outputs(model)
    mean = model.layers[2].moving_mean
    before = mean.numpy().copy()
    assert np.isfinite(model.train_on_batch(x, np.arange(16) % 2))
    assert np.array_equal(mean.numpy(), before) is frozen
    half, full = torch.bfloat16, torch.float32
    assert sum(seen.values(), []) == [half, half, half, half, full]  # Dense and what follows


def test_a_layer_of_a_users_own_stays_in_float32():
    seen = []

    class Own(layers.Layer):
        def call(self, inputs):
            seen.append(inputs.dtype)
            return 2 * inputs

    model = models.Sequential(
        [layers.Input((3,)), layers.Dense(4), Own(), layers.Dense(4), layers.Dense(1)]
    )
    model.compile("sgd", "mse", precision="bfloat16")
    seen.clear()
    model.train_on_batch(X[:, 0, 0], Y[:, None].astype("float32"))
    assert seen == [torch.float32]


def test_outputs_of_a_subclassed_model_reach_the_loss_in_float32():
    class Net(models.Model):
        def __init__(self):
            super().__init__()
            self.first, self.last = layers.Dense(4), layers.Dense(4, activation="softmax")

        def call(self, inputs):
            return self.last(self.first(inputs))

    losses = []

    def loss(y_true, y_pred):
        losses.append(y_pred.dtype)
        return -y_pred[:, 0].log().mean()

    model = Net()
    model.compile("sgd", loss, precision="bfloat16")
    model.fit(X[:, 0, 0], Y, verbose=0)
    assert set(losses) == {torch.float32}


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("float16", "`precision` must be None or one of 'float32', 'bfloat16'; received 'float16'"),
        ("float16", r"Make the layers with dtype='mixed_float16' for float16, whose loss is sca"),
        ("mixed_bfloat16", "received 'mixed_bfloat16'. For 'mixed_bfloat16' give 'bfloat16'"),
        (16, "received 16"),
    ],
)
def test_an_unknown_precision_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        compiled(value)
