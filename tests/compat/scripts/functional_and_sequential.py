"""Graphs of layers: shared, nested, cut in the middle, with several inputs and outputs."""

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(0)

# Sequential, built at the first call, then taken apart.
model = keras.Sequential([layers.Dense(2, activation="relu"), layers.Dense(4, name="last")])
assert model.weights == [] or not model.built
y = model(ops.ones((3, 3)))
assert tuple(y.shape) == (3, 4)
model.pop()
assert len(model.layers) == 1

# Features out of the middle of a model.
base = keras.Sequential(
    [keras.Input(shape=(25,)), layers.Dense(32, activation="relu"), layers.Dense(8, name="middle")]
)
features = keras.Model(inputs=base.inputs, outputs=[layer.output for layer in base.layers])
assert [tuple(f.shape) for f in features(ops.ones((1, 25)))] == [(1, 32), (1, 8)]
middle = keras.Model(base.inputs, base.get_layer("middle").output)
assert tuple(middle(ops.ones((2, 25))).shape) == (2, 8)

# Several inputs, shared layers, nested models, several outputs.
title = keras.Input(shape=(None,), name="title", dtype="int32")
body = keras.Input(shape=(None,), name="body", dtype="int32")
tags = keras.Input(shape=(12,), name="tags")
words = layers.Embedding(100, 8)
pooled = [layers.GlobalAveragePooling1D()(words(text)) for text in (title, body)]
inner_in = keras.Input(shape=(28,))
inner = keras.Model(inner_in, layers.Dense(16, activation="relu")(inner_in), name="inner")
joined = inner(layers.concatenate([*pooled, tags]))
outputs = {
    "priority": layers.Dense(1, name="priority")(joined),
    "department": layers.Dense(4, name="department")(joined),
}
model = keras.Model([title, body, tags], outputs)
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
)
rows = 64
history = model.fit(
    {
        "title": np.random.randint(100, size=(rows, 5)),
        "body": np.random.randint(100, size=(rows, 9)),
        "tags": np.random.randint(2, size=(rows, 12)).astype("float32"),
    },
    {
        "priority": np.random.random((rows, 1)),
        "department": np.eye(4)[np.random.randint(4, size=rows)],
    },
    epochs=2,
    batch_size=32,
    verbose=0,
)
assert len(history.history["loss"]) == 2
assert inner.count_params() == 28 * 16 + 16

# Freezing holds until the layer is released again.
frozen = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(1)])
frozen.layers[0].trainable = False
assert (len(frozen.trainable_weights), len(frozen.non_trainable_weights)) == (2, 2)
before = frozen.layers[0].get_weights()[0]
frozen.compile("adam", "mse")
frozen.fit(np.random.rand(8, 4), np.random.rand(8, 1), verbose=0)
assert (before == frozen.layers[0].get_weights()[0]).all()

# There and back again.
model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])
again = keras.models.model_from_json(model.to_json())
again.set_weights(model.get_weights())
x = np.random.rand(5, 4)
assert np.allclose(model.predict(x, verbose=0), again.predict(x, verbose=0))
