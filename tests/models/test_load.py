"""Models and their state of training to one file and back."""

import json
import pathlib
import zipfile

import numpy as np
import pytest
import torch

import profond
from profond import layers
from profond.models import load_model, save_model


def data():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(32, 4)).astype("float32")
    return x, x @ np.array([[1.0], [2.0], [0.0], [-1.0]], "float32")


def network():
    model = profond.Sequential(
        [layers.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(1)], name="net"
    )
    model.compile(profond.optimizers.Adam(0.01), "mse", metrics=["mae", profond.metrics.R2Score()])
    return model


@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop", "nadam", "adagrad", "lion", "ftrl"])
def test_training_goes_on_from_a_file(tmp_path, name):
    if name == "ftrl":
        optimizer = profond.optimizers.SGD(0.05, momentum=0.9, nesterov=True, clipnorm=1.0)
    else:
        optimizer = profond.optimizers.get(name)
    x, y = data()
    model = network()
    model.compile(optimizer, "mse", metrics=["mae"])
    model.fit(x, y, epochs=2, verbose=0, shuffle=False)
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert other.compiled
    np.testing.assert_array_equal(other.predict(x), model.predict(x))
    assert other.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    for one in (model, other):
        one.fit(x, y, epochs=2, verbose=0, shuffle=False)
    for a, b in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert int(other.optimizer.iterations) == int(model.optimizer.iterations)


def test_frozen_layers(tmp_path):
    x, y = data()
    model = network()
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    model.fit(x, y, verbose=0, shuffle=False)
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert not other.layers[0].trainable
    for one in (model, other):
        one.fit(x, y, verbose=0, shuffle=False)
    np.testing.assert_array_equal(other.get_weights()[2], model.get_weights()[2])


def test_without_the_state_of_training(tmp_path):
    x, y = data()
    model = network()
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "whole.keras")
    model.save(tmp_path / "plain.keras", include_optimizer=False)
    assert not load_model(tmp_path / "plain.keras").compiled
    assert not load_model(tmp_path / "whole.keras", compile=False).compiled
    save_model(model, tmp_path / "by_function.keras")
    assert load_model(tmp_path / "by_function.keras").compiled


def test_functional_and_nested(tmp_path):
    a, b = profond.Input((4,), name="a"), profond.Input((3,), name="b")
    inner = profond.Sequential([layers.Input((4,)), layers.Dense(3)])
    model = profond.Model({"a": a, "b": b}, [inner(a) + b, layers.Dense(2)(b)])
    model.save(tmp_path / "m.keras")
    x = {"a": np.ones((2, 4)), "b": np.ones((2, 3))}
    for one, other in zip(
        load_model(tmp_path / "m.keras").predict(x), model.predict(x), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@profond.saving.register_keras_serializable("tests")
class Registered(profond.Model):
    """A subclassed model that a file can name."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.parts = [layers.Dense(units), layers.Dense(1)]

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x


@pytest.mark.parametrize("begin", ["call", "build", "fit"])
def test_subclassed(tmp_path, begin):
    x, y = data()
    model = Registered(3, name="mine")
    model.compile("adam", "mse")
    if begin == "fit":
        model.fit(x, y, verbose=0)
    elif begin == "call":
        model(x)
    else:
        model.build((None, 4))
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert isinstance(other, Registered)
    np.testing.assert_array_equal(other.predict(x), model.predict(x))


def test_own_classes_by_custom_objects(tmp_path):
    class Double(layers.Layer):
        def call(self, x):
            return 2 * x

    def distance(y_true, y_pred):
        return torch.abs(y_true - y_pred).mean(-1)

    x, y = data()
    model = profond.Sequential([layers.Input((4,)), Double(), layers.Dense(1)])
    model.compile("sgd", distance, metrics=[distance])
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="Unknown class 'Double'"):
        load_model(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="Unknown function 'distance' in the description"):
        load_model(tmp_path / "m.keras", custom_objects={"Double": Double})
    own = {"Double": Double, "distance": distance}
    other = load_model(tmp_path / "m.keras", custom_objects=own)
    assert other.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)


@profond.saving.register_keras_serializable("tests")
class Keeping(layers.Dense):
    """Keeps an array and a text beside its weights, as in Keras's guide."""

    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.extra = np.random.default_rng().random(units)
        self.words = "nothing"

    def save_own_variables(self, store):
        super().save_own_variables(store)
        store["extra"] = self.extra

    def load_own_variables(self, store):
        self.extra = store["extra"]
        super().load_own_variables({k: v for k, v in store.items() if k != "extra"})

    def save_assets(self, folder):
        (pathlib.Path(folder) / "words.txt").write_text(self.words)

    def load_assets(self, folder):
        self.words = (pathlib.Path(folder) / "words.txt").read_text()


def test_what_layers_keep_of_their_own(tmp_path):
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3), Keeping(2)])
    model.layers[1].words = "Marie avait un agneau"
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert other.layers[1].words == "Marie avait un agneau"
    np.testing.assert_array_equal(other.layers[1].extra, model.layers[1].extra)
    np.testing.assert_array_equal(other.get_weights()[2], model.get_weights()[2])
    model.save_weights(tmp_path / "w.safetensors")
    third = profond.models.clone_model(model)
    third.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(third.layers[1].extra, model.layers[1].extra)
    with pytest.raises(ValueError, match="the layer 'd' has 2 weights of its own; the file has 1"):
        layer = layers.Dense(2, name="d")
        layer.build((None, 3))
        layer.load_own_variables({"0": np.zeros((3, 2))})


@profond.saving.register_keras_serializable("tests")
class OwnCompile(profond.Model):
    """A model with a `compile` of its own, as in Keras's guide."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(1)

    def call(self, x):
        return self.dense(x)

    def compile(self, optimizer, loss_fn):
        super().compile(optimizer=optimizer, loss=loss_fn)
        self.loss_fn = loss_fn

    def get_compile_config(self):
        return {"optimizer": self.optimizer, "loss_fn": self.loss_fn}

    def compile_from_config(self, config):
        self.compile(**{k: profond.utils.deserialize_keras_object(v) for k, v in config.items()})


def test_a_compile_of_ones_own(tmp_path):
    x, y = data()
    model = OwnCompile()
    model.compile(profond.optimizers.SGD(0.25), profond.losses.Huber(delta=2.0))
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert other.loss_fn.delta == 2.0
    assert float(other.optimizer.learning_rate) == 0.25
    assert other.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)


def test_what_is_refused(tmp_path):
    model = network()
    with pytest.raises(ValueError, match="`filepath` must end in '.keras'; received 'm.h5'"):
        model.save("m.h5")
    with pytest.raises(ValueError, match="the model 'deferred' is not built: call it on some data"):
        profond.Sequential([layers.Dense(1)], name="deferred").save(tmp_path / "d.keras")
    path = tmp_path / "m.keras"
    model.save(path)
    with pytest.raises(ValueError, match="exists; pass `overwrite=True` to replace it"):
        model.save(path, overwrite=False)
    with pytest.raises(FileNotFoundError, match="there is no model file"):
        load_model(tmp_path / "none.keras")
    with pytest.raises(ValueError, match="is a folder; a model file is required"):
        load_model(tmp_path)
    (tmp_path / "old.h5").write_bytes(b"\x89HDF\r\n\x1a\n...")
    with pytest.raises(
        ValueError, match="is a file of Keras in the format HDF5, which cannot be r"
    ):
        load_model(tmp_path / "old.h5")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="is not a whole model file. It may be truncated"):
        load_model(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(ValueError, match="holds no 'model.weights.safetensors': it was not writt"):
        load_model(path)


def test_a_file_of_keras_is_recognised(tmp_path):
    keras = pytest.importorskip("keras")
    pytest.importorskip("h5py")
    theirs = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    theirs.save(tmp_path / "theirs.keras")
    with pytest.raises(ValueError, match="holds no 'model.weights.safetensors'"):
        load_model(tmp_path / "theirs.keras")


def test_a_file_never_runs_code(tmp_path):
    model = profond.Sequential([layers.Input((4,)), layers.Dense(1, name="d")])
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for evil in (
        {"module": "os", "class_name": "system", "config": {"command": "touch /tmp/evil"}},
        {"module": "builtins", "class_name": "function", "config": "eval"},
        {"class_name": "__lambda__", "config": {"value": "code"}},
        {"module": "keras.models", "class_name": "load_model", "config": {"filepath": "x"}},
    ):
        description = json.loads(parts["config.json"])
        description["config"]["layers"][1]["config"]["activation"] = {
            **evil,
            "registered_name": None,
        }
        with zipfile.ZipFile(tmp_path / "evil.keras", "w") as archive:
            for name, content in parts.items():
                text = json.dumps(description) if name == "config.json" else content
                archive.writestr(name, text)
        with pytest.raises(ValueError, match="Unknown|holds a Python lambda"):
            load_model(tmp_path / "evil.keras")
