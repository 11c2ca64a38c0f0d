"""Steps that users write themselves, as Keras's guide for PyTorch shows it."""

import numpy as np
import pytest
import torch

import profond
from profond import layers
from tests.training.helpers import assert_same_weights, blobs

X, LABELS = blobs()
TARGET = X[:, :1] * 2
WEIGHTS = np.linspace(0.1, 2, 60).astype("float32")


def functional(cls, k=profond):
    inputs = k.Input((4,))
    return cls(inputs, k.layers.Dense(1)(inputs))


def guide(k):
    """The guide's first class."""

    class CustomModel(k.Model):
        def train_step(self, data):
            if len(data) == 3:
                x, y, sample_weight = data
            else:
                sample_weight = None
                x, y = data
            self.zero_grad()
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred, sample_weight=sample_weight)
            loss.backward()
            trainable_weights = [v for v in self.trainable_weights]
            gradients = [v.value.grad for v in trainable_weights]
            with torch.no_grad():
                self.optimizer.apply(gradients, trainable_weights)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred, sample_weight=sample_weight)
            return {m.name: m.result() for m in self.metrics}

    return functional(CustomModel, k)


def low_level(k):
    """The guide's class with a loss and metrics of its own."""

    class CustomModel(k.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.loss_tracker = k.metrics.Mean(name="loss")
            self.mae_metric = k.metrics.MeanAbsoluteError(name="mae")
            self.loss_fn = k.losses.MeanSquaredError()

        def train_step(self, data):
            x, y = data
            self.zero_grad()
            y_pred = self(x, training=True)
            loss = self.loss_fn(y, y_pred)
            loss.backward()
            trainable_weights = [v for v in self.trainable_weights]
            gradients = [v.value.grad for v in trainable_weights]
            with torch.no_grad():
                self.optimizer.apply(gradients, trainable_weights)
            self.loss_tracker.update_state(loss)
            self.mae_metric.update_state(y, y_pred)
            return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

        def test_step(self, data):
            x, y = data
            y_pred = self(x, training=False)
            loss = self.loss_fn(y, y_pred)
            self.loss_tracker.update_state(loss)
            self.mae_metric.update_state(y, y_pred)
            return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

        @property
        def metrics(self):
            return [self.loss_tracker, self.mae_metric]

    return functional(CustomModel, k)


@pytest.mark.parametrize("make", [guide, low_level])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_guide_ends_as_in_keras(make, weighted):
    keras = pytest.importorskip("keras")
    if weighted and make is low_level:
        pytest.skip("takes no weights")
    theirs, ours = make(keras), make(profond)
    ours.set_weights(theirs.get_weights())
    options = {"sample_weight": WEIGHTS} if weighted else {}
    histories = []
    for k, model in ((keras, theirs), (profond, ours)):
        if make is guide:
            model.compile(k.optimizers.Adam(0.01), "mse")
        else:
            model.compile(optimizer=k.optimizers.Adam(0.01))
        histories.append(
            model.fit(X, TARGET, epochs=3, shuffle=False, verbose=0, **options).history
        )
    assert list(histories[1]) == list(histories[0])
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-5)
    assert_same_weights(theirs, ours)
    if make is low_level:
        np.testing.assert_allclose(
            ours.evaluate(X, TARGET, verbose=0), theirs.evaluate(X, TARGET, verbose=0), rtol=1e-5
        )


def test_a_step_that_calls_the_usual_one():
    steps = []

    class Counting(profond.Model):
        def train_step(self, data):
            steps.append(len(data))
            logs = super().train_step(data)
            return {**logs, "steps": float(len(steps))}

    model, plain = functional(Counting), functional(profond.Model)
    plain.set_weights(model.get_weights())
    for one in (model, plain):
        one.compile("adam", "mse", metrics=["mae"])
        history = one.fit(X, TARGET, epochs=2, verbose=0, shuffle=False).history
        if one is model:
            assert history["steps"] == [2.0, 4.0]
            assert list(history) == ["loss", "mae", "steps"]
    assert_same_weights(plain, model, rtol=0, atol=0)


def test_what_the_steps_are_given():
    given = []

    class Looking(profond.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x["a"] if isinstance(x, dict) else x)

        def train_step(self, data):
            given.append(data)
            return {}

        def test_step(self, data):
            given.append(data)
            return {"loss": 1.0}

        def predict_step(self, data):
            given.append(data)
            return self(data)

    model = Looking()
    model.compile("sgd", "mse")
    model.fit(X, verbose=0)
    model.fit(X, TARGET, verbose=0)
    model.fit(X, TARGET, sample_weight=WEIGHTS, verbose=0)
    model.fit({"a": X}, verbose=0)
    assert model.evaluate(X, TARGET, verbose=0) == 1.0
    model.predict(X)
    kinds = [type(one).__name__ for one in given[::2]]
    assert kinds == ["Tensor", "tuple", "tuple", "dict", "tuple", "Tensor"]
    assert [len(one) for one in given[2::2]][:2] == [2, 3]
    assert all(len(one[0]) == 32 for one in given[2:8:2] if isinstance(one, tuple))


@pytest.mark.parametrize("arguments", ["all", "no training", "keywords"])
def test_a_loss_of_ones_own(arguments):
    class All(profond.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            assert training or not torch.is_grad_enabled()
            return ((y - y_pred) ** 2).mean() + 0 * x.sum()

    class NoTraining(profond.Model):
        def compute_loss(self, x, y, y_pred, sample_weight):
            return ((y - y_pred) ** 2).mean()

    class Keywords(profond.Model):
        def compute_loss(self, y=None, y_pred=None, **kwargs):
            return ((y - y_pred) ** 2).mean()

    cls = {"all": All, "no training": NoTraining, "keywords": Keywords}[arguments]
    model, plain = functional(cls), functional(profond.Model)
    plain.set_weights(model.get_weights())
    model.compile("sgd")
    plain.compile("sgd", "mse")
    for one in (model, plain):
        one.fit(X, TARGET, epochs=2, verbose=0, shuffle=False)
    assert_same_weights(plain, model)
    assert model.evaluate(X, TARGET, verbose=0) == pytest.approx(
        plain.evaluate(X, TARGET, verbose=0), rel=1e-6
    )


def test_a_loss_that_adds_to_the_usual_one():
    class Penalised(profond.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = super().compute_loss(x, y, y_pred, sample_weight)
            return loss + 0.5 * y_pred.square().mean()

    for loss in ("mse", None):
        model = functional(Penalised)
        model.compile("sgd", loss)
        history = model.fit(X, TARGET, epochs=20, verbose=0)
        assert history.history["loss"][-1] < history.history["loss"][0]


def test_metrics_of_ones_own():
    class Doubled(profond.Model):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            results = super().compute_metrics(x, y, y_pred, sample_weight)
            return {**results, "twice": 2 * results["mae"]}

    model = functional(Doubled)
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(X, TARGET, verbose=0)
    assert model.train_step((X[:32], TARGET[:32]))["mae"] > 0


def test_steps_can_be_called_from_outside():
    model = functional(profond.Model)
    model.compile("sgd", "mse", metrics=["mae"])
    x, y = torch.tensor(X), torch.tensor(TARGET)
    before = model.get_weights()[0]
    assert set(model.train_step((x, y))) == {"loss", "mae"}
    assert not np.array_equal(model.get_weights()[0], before)
    assert set(model.test_step((x, y))) == {"loss", "mae"}
    assert model.predict_step(x).shape == (60, 1)
    assert not model.training


def test_layers_losses_do_not_pile_up_over_steps():
    class Own(profond.Model):
        def train_step(self, data):
            x, y = data
            self.zero_grad()
            self(x, training=True)
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred)
            loss.backward()
            assert len(self.losses) == 1
            return {"loss": loss}

    inputs = profond.Input((4,))
    model = Own(inputs, layers.Dense(1, activity_regularizer="l2")(inputs))
    model.compile("sgd", "mse")
    model.fit(X, TARGET, epochs=2, verbose=0)


def gan(k):
    """The guide's GAN, with small layers."""
    discriminator = k.Sequential(
        [k.Input((4,)), k.layers.Dense(8, "tanh"), k.layers.Dense(1)], name="discriminator"
    )
    generator = k.Sequential(
        [k.Input((2,)), k.layers.Dense(8, "tanh"), k.layers.Dense(4)], name="generator"
    )

    class GAN(k.Model):
        def __init__(self, discriminator, generator, latent_dim):
            super().__init__()
            self.discriminator = discriminator
            self.generator = generator
            self.latent_dim = latent_dim
            self.d_loss_tracker = k.metrics.Mean(name="d_loss")
            self.g_loss_tracker = k.metrics.Mean(name="g_loss")
            self.seed_generator = k.random.SeedGenerator(1337)
            self.built = True

        @property
        def metrics(self):
            return [self.d_loss_tracker, self.g_loss_tracker]

        def compile(self, d_optimizer, g_optimizer, loss_fn):
            super().compile()
            self.d_optimizer = d_optimizer
            self.g_optimizer = g_optimizer
            self.loss_fn = loss_fn

        def train_step(self, real_images):
            device = "cpu"
            if isinstance(real_images, tuple) or isinstance(real_images, list):
                real_images = real_images[0]
            batch_size = real_images.shape[0]
            random_latent_vectors = k.random.normal(
                shape=(batch_size, self.latent_dim), seed=self.seed_generator
            )
            generated_images = self.generator(random_latent_vectors)
            real_images = torch.tensor(real_images, device=device)
            combined_images = torch.concat([generated_images, real_images], axis=0)
            labels = torch.concat([torch.ones((batch_size, 1)), torch.zeros((batch_size, 1))], 0)
            self.zero_grad()
            predictions = self.discriminator(combined_images)
            d_loss = self.loss_fn(labels, predictions)
            d_loss.backward()
            grads = [v.value.grad for v in self.discriminator.trainable_weights]
            with torch.no_grad():
                self.d_optimizer.apply(grads, self.discriminator.trainable_weights)
            random_latent_vectors = k.random.normal(
                shape=(batch_size, self.latent_dim), seed=self.seed_generator
            )
            misleading_labels = torch.zeros((batch_size, 1))
            self.zero_grad()
            predictions = self.discriminator(self.generator(random_latent_vectors))
            g_loss = self.loss_fn(misleading_labels, predictions)
            g_loss = g_loss.sum()
            g_loss.backward()
            grads = [v.value.grad for v in self.generator.trainable_weights]
            with torch.no_grad():
                self.g_optimizer.apply(grads, self.generator.trainable_weights)
            self.d_loss_tracker.update_state(d_loss)
            self.g_loss_tracker.update_state(g_loss)
            return {
                "d_loss": self.d_loss_tracker.result(),
                "g_loss": self.g_loss_tracker.result(),
            }

    return GAN(discriminator, generator, latent_dim=2)


@pytest.mark.filterwarnings("ignore:To copy construct from a tensor")  # the guide's own words
@pytest.mark.parametrize("loader", [False, True])
def test_the_gan_of_the_guide(loader):
    model = gan(profond)
    model.compile(
        d_optimizer=profond.optimizers.Adam(learning_rate=0.0003),
        g_optimizer=profond.optimizers.Adam(learning_rate=0.0003),
        loss_fn=profond.losses.BinaryCrossentropy(from_logits=True),
    )
    data = X
    if loader:
        data = torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(torch.tensor(X)), batch_size=32
        )
    before = [w.copy() for w in model.get_weights()]
    history = model.fit(data, epochs=2, verbose=0).history
    assert list(history) == ["d_loss", "g_loss"]
    assert np.isfinite(history["d_loss"]).all()
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


# What `compute_metrics` returns, and what callbacks keep


def with_extra(k):
    class Extra(k.Model):
        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            results = super().compute_metrics(x, y, y_pred, sample_weight)
            results["extra"] = k.ops.mean(y_pred)
            return results

    return functional(Extra, k)


def test_what_compute_metrics_returns_are_the_results():
    keras = pytest.importorskip("keras")
    theirs, ours = with_extra(keras), with_extra(profond)
    ours.set_weights(theirs.get_weights())
    seen = {}
    for k, model in ((keras, theirs), (profond, ours)):
        model.compile(k.optimizers.SGD(0.01), "mse", metrics=["mae"])
        batches = []
        keep = k.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs, batches=batches: batches.append(logs)
        )
        options = {"batch_size": 20, "shuffle": False, "verbose": 0}
        history = model.fit(
            X, TARGET, epochs=2, validation_data=(X, TARGET), callbacks=[keep], **options
        ).history
        seen[k.__name__] = {
            **history,
            "evaluate": model.evaluate(X, TARGET, batch_size=20, verbose=0, return_dict=True),
            "one batch": model.train_on_batch(X[:20], TARGET[:20], return_dict=True),
            "batches": batches,
        }
    assert list(seen["profond"]) == list(seen["keras"])
    for name in ("extra", "val_extra", "loss", "val_mae"):
        np.testing.assert_allclose(seen["profond"][name], seen["keras"][name], rtol=1e-4, atol=1e-6)
    for got, want in [
        (seen["profond"]["evaluate"], seen["keras"]["evaluate"]),
        (seen["profond"]["one batch"], seen["keras"]["one batch"]),
        *zip(seen["profond"]["batches"], seen["keras"]["batches"], strict=True),
    ]:
        assert set(got) == {"loss", "mae", "extra"}
        for name, value in got.items():
            assert value == pytest.approx(float(want[name]), rel=1e-4, abs=1e-6)


def test_logs_that_a_callback_keeps_stay_as_they_were():
    class Keeps(profond.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.kept = []

        def on_train_batch_end(self, batch, logs=None):
            self.kept.append(logs)

    keeps = Keeps()
    model = functional(profond.Model)
    model.compile("sgd", "mse")
    history = model.fit(X, TARGET, batch_size=20, verbose=0, callbacks=keeps).history
    losses = [logs["loss"] for logs in keeps.kept]
    assert len(set(losses)) == 3
    assert losses[-1] == history["loss"][0]
    logs = keeps.kept[0].copy()
    logs.update(more=1.0)
    assert (logs.pop("loss"), logs) == (losses[0], {"more": 1.0})
