"""How evaluations divide the rows: freely only where nobody could tell."""

import numpy as np
import pytest

import profond
from profond import layers

keras = pytest.importorskip("keras")

generator = np.random.default_rng(0)
X = generator.normal(size=(100, 4)).astype("float32")
LABELS = generator.integers(0, 3, 100)
SETS = (X[:, :3] > 0).astype("float32")
SOFT = np.eye(3, dtype="float32")[LABELS]


def build(k, loss, *extra):
    model = k.Sequential([k.layers.Input((4,)), *extra, k.layers.Dense(3, "softmax", name="out")])
    model.get_layer("out").set_weights([np.linspace(-1, 1, 12).reshape(4, 3), np.zeros(3)])
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize(
    ("loss", "y"), [("Circle", LABELS), ("Dice", SETS), ("Tversky", SETS), ("dice", SETS)]
)
def test_losses_of_whole_batches_as_in_keras(loss, y):
    """They compare rows of a batch, or sum over it: batches of 32, as Keras's."""
    values = []
    for k in (keras, profond):
        chosen = loss if loss.islower() else getattr(k.losses, loss)()
        values.append(build(k, chosen).evaluate(X, y, verbose=0))
    assert values[1] == pytest.approx(values[0], rel=1e-5)
    whole = build(profond, getattr(profond.losses, loss.capitalize())()).evaluate(
        X, y, batch_size=100, verbose=0
    )
    assert values[1] != pytest.approx(whole, rel=1e-5)


def test_what_layers_add_belongs_to_the_batch():
    def total(k):
        class AddsSum(k.layers.Layer):
            def call(self, x):
                self.add_loss(0.01 * k.ops.sum(k.ops.square(x)))
                return x

        return build(k, "sparse_categorical_crossentropy", AddsSum()).evaluate(X, LABELS, verbose=0)

    assert total(profond) == pytest.approx(total(keras), rel=1e-5)


def test_other_evaluations_take_more_rows_at_once():
    seen = []

    def rows(x):
        seen.append(len(x))
        return x

    model = build(profond, "mse", layers.Lambda(rows))
    seen.clear()
    model.evaluate(X, SOFT, verbose=0)
    assert seen == [100]
