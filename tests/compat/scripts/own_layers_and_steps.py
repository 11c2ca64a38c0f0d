"""Layers, models, losses, metrics and training steps of one's own."""

import keras
import numpy as np
import torch
from keras import layers, ops

keras.utils.set_random_seed(0)


class Linear(layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True
        )
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Penalised(layers.Layer):
    def call(self, inputs):
        self.add_loss(1e-2 * ops.mean(inputs**2))
        return inputs


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        mean, log_var = inputs
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * noise


class Autoencoder(keras.Model):
    def __init__(self, size, latent, **kwargs):
        super().__init__(**kwargs)
        self.project = layers.Dense(16, activation="relu")
        self.mean, self.log_var = layers.Dense(latent), layers.Dense(latent)
        self.sample = Sampling()
        self.back = keras.Sequential([Linear(16), Penalised(), layers.Dense(size)])

    def call(self, inputs):
        x = self.project(inputs)
        mean, log_var = self.mean(x), self.log_var(x)
        self.add_loss(-0.5 * ops.mean(log_var - ops.square(mean) - ops.exp(log_var) + 1))
        return self.back(self.sample((mean, log_var)))


x = np.random.random((200, 12)).astype("float32")
vae = Autoencoder(12, 3)
vae.compile(keras.optimizers.Adam(1e-2), loss=keras.losses.MeanSquaredError())
losses = vae.fit(x, x, epochs=4, batch_size=50, verbose=0).history["loss"]
assert losses[-1] < losses[0]
assert vae.predict(x[:3], verbose=0).shape == (3, 12)
assert Linear.from_config(Linear(7).get_config()).units == 7


class TruePositives(keras.metrics.Metric):
    def __init__(self, name="hits", **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_variable(shape=(), initializer="zeros", name="hits")

    def update_state(self, y_true, y_pred, sample_weight=None):
        found = ops.cast(ops.argmax(y_pred, axis=1), "int32") == ops.cast(y_true, "int32")
        self.hits.assign_add(ops.sum(ops.cast(found, "float32")))

    def result(self):
        return self.hits

    def reset_state(self):
        self.hits.assign(0)


class Stepping(keras.Model):
    def train_step(self, data):
        x, y = data
        self.zero_grad()
        y_pred = self(x, training=True)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        loss.backward()
        weights = list(self.trainable_weights)
        with torch.no_grad():
            self.optimizer.apply([w.value.grad for w in weights], weights)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


inputs = keras.Input(shape=(12,))
model = Stepping(inputs, layers.Dense(3, activation="softmax")(inputs))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=[TruePositives()])
labels = (x[:, 0] * 3).astype("int32")
history = model.fit(x, labels, epochs=2, verbose=0).history
assert 0 <= history["hits"][-1] <= 200
assert len(history["loss"]) == 2

# A loop of one's own, with a torch optimizer and then with Keras's.
loader = torch.utils.data.DataLoader(
    torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(x[:, :1])), batch_size=50
)
for with_torch in (True, False):
    model = keras.Sequential([keras.Input((12,)), layers.Dense(1)])
    weights = model.trainable_weights
    theirs, ours = torch.optim.Adam(model.parameters(), lr=1e-2), keras.optimizers.Adam(1e-2)
    loss_fn, seen = keras.losses.MeanSquaredError(), []
    for _ in range(5):
        for batch, target in loader:
            loss = loss_fn(target, model(batch, training=True))
            model.zero_grad()
            loss.backward()
            if with_torch:
                theirs.step()
            else:
                with torch.no_grad():
                    ours.apply([w.value.grad for w in weights], weights)
            seen.append(float(loss.detach()))
    assert seen[-1] < seen[0]
