"""Callbacks of one's own, checkpoints, and masks that travel with their tensors."""

import os
import tempfile

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(0)
x = np.random.random((60, 6)).astype("float32")
y = x.sum(1, keepdims=True)


class Recorder(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.calls = []

    def on_train_begin(self, logs=None):
        self.calls.append(("train", sorted(logs)))

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append((batch, sorted(logs.keys())))

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(("epoch", sorted(logs)))


recorder = Recorder()
model = keras.Sequential([layers.Dense(1)])
model.compile(keras.optimizers.RMSprop(0.1), "mse", metrics=["mean_absolute_error"])
model.fit(x, y, batch_size=20, epochs=1, validation_split=0.5, verbose=0, callbacks=[recorder])
names = ["loss", "mean_absolute_error"]
assert recorder.calls == [
    ("train", []),
    (0, names),
    (1, names),
    ("epoch", [*names, "val_loss", "val_mean_absolute_error"]),
]

with tempfile.TemporaryDirectory() as folder:
    history = model.fit(
        x,
        y,
        validation_split=0.2,
        epochs=30,
        verbose=0,
        callbacks=[
            keras.callbacks.ModelCheckpoint(
                os.path.join(folder, "model_{epoch}.keras"), save_best_only=True
            ),
            keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau(patience=2, factor=0.5),
            keras.callbacks.CSVLogger(os.path.join(folder, "log.csv")),
        ],
    ).history
    saved = sorted(f for f in os.listdir(folder) if f.endswith(".keras"))
    best = int(np.argmin(history["val_loss"])) + 1
    assert f"model_{best}.keras" in saved
    again = keras.models.load_model(os.path.join(folder, f"model_{best}.keras"))
    assert np.allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)
    with open(os.path.join(folder, "log.csv")) as file:
        assert len(file.readlines()) == len(history["loss"]) + 1

# Masks
raw = [[711, 632, 71], [73, 8, 3215, 55, 927], [83, 91, 1, 645, 1253, 927]]
padded = keras.utils.pad_sequences(raw, padding="post")
embedding = layers.Embedding(input_dim=5000, output_dim=4, mask_zero=True)
assert ops.convert_to_numpy(embedding(padded)._keras_mask).sum(1).tolist() == [3, 5, 6]

inputs = keras.Input(shape=(None,), dtype="int32")
pooled = layers.GlobalAveragePooling1D()(embedding(inputs))
mean = ops.convert_to_numpy(keras.Model(inputs, pooled)(padded))
table = embedding.get_weights()[0]
assert np.allclose(mean, np.stack([table[row].mean(0) for row in raw]), atol=1e-6)


class TemporalSoftmax(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs, mask=None):
        shown = ops.exp(inputs) * ops.expand_dims(ops.cast(mask, "float32"), -1)
        return shown / ops.sum(shown, axis=1, keepdims=True)


weights = TemporalSoftmax()(layers.Dense(1)(embedding(inputs)))
found = ops.convert_to_numpy(keras.Model(inputs, weights)(padded))[..., 0]
assert np.allclose(found.sum(1), 1, atol=1e-6)
assert (found[0, 3:] == 0).all()
