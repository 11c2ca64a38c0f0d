"""Descriptions of architectures, exchanged with Keras in both directions."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers, ops
from profond.models import model_from_json
from tests.models.helpers import in_both, listed, random_graph, some_input

keras = pytest.importorskip("keras")


def predictions(model, x):
    return listed(model.predict(x, verbose=0))


def assert_same(one, other, x):
    other.set_weights(one.get_weights())
    assert [layer.name for layer in one.layers] == [layer.name for layer in other.layers]
    assert [layer.trainable for layer in one.layers] == [la.trainable for la in other.layers]
    for a, b in zip(predictions(one, x), predictions(other, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


@given(seed=st.integers(0, 10**6))
def test_random_graphs_go_to_keras_and_come_from_it(seed):
    theirs, ours = in_both(keras, profond, lambda k: random_graph(k, seed))
    x = some_input(ours)
    x = x if isinstance(x, list) else [x]
    assert_same(theirs, model_from_json(theirs.to_json()), x)
    assert_same(ours, keras.models.model_from_json(ours.to_json()), x)
    assert_same(ours, model_from_json(ours.to_json()), x)


def stack(k):
    return k.Sequential(
        [
            k.Input((10,)),
            k.layers.Dense(
                20,
                "relu",
                kernel_initializer=k.initializers.HeNormal(seed=1),
                kernel_regularizer=k.regularizers.L2(0.1),
                kernel_constraint=k.constraints.MaxNorm(2),
            ),
            k.layers.BatchNormalization(),
            k.layers.Dropout(0.2),
            k.layers.Reshape((4, 5)),
            k.layers.Flatten(),
            k.layers.Dense(3, "softmax", trainable=False),
        ]
    )


def several(k):
    inputs = {"u": k.Input((4,), name="u"), "t": k.Input((4,), name="t", dtype="float32")}
    joined = k.layers.Concatenate()([k.layers.Dense(3)(inputs["u"]), inputs["t"]])
    outputs = {"one": k.layers.Dense(2)(joined), "two": k.layers.Add()([inputs["u"], inputs["t"]])}
    return k.Model(inputs, outputs)


def nested(k):
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(5), k.layers.Dense(4)], name="inner")
    a = k.Input((4,))
    return k.Model(a, k.layers.Dense(1)(inner(inner(a))))


def functions(k):
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    h = k.layers.Dense(5)(a) + 1.0
    h = k.ops.mean(h, axis=1, keepdims=True) * k.ops.relu(h)
    h = k.ops.concatenate([h, b], axis=-1)[:, 1:5]
    h = k.ops.sum(k.ops.reshape(h, (-1, 2, 2)), -1)
    h = k.ops.softmax(k.ops.expand_dims(2.0 - h, 1))
    return k.Model([a, b], k.ops.where(h > 0.1, h, 0.0)[..., 0])


@pytest.mark.parametrize("build", [stack, several, nested, functions])
def test_kinds_of_models(build):
    theirs, ours = in_both(keras, profond, build)
    x = some_input(ours)
    if build is several:
        x = dict(zip(sorted(ours.input_names), x, strict=True))
    elif not isinstance(x, list):
        x = [x]
    assert_same(theirs, model_from_json(theirs.to_json()), x)
    assert_same(ours, keras.models.model_from_json(ours.to_json()), x)
    assert_same(ours, model_from_json(ours.to_json()), x)


def test_a_sequential_that_is_not_built():
    model = model_from_json(profond.Sequential([layers.Dense(3)]).to_json())
    assert not model.built
    assert not keras.models.model_from_json(model.to_json()).built


def test_how_it_was_compiled_comes_along():
    def build(k):
        model = k.Sequential([k.Input((3,)), k.layers.Dense(2, "softmax")])
        model.compile(
            k.optimizers.Adam(k.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5), clipnorm=1.0),
            k.losses.CategoricalCrossentropy(label_smoothing=0.1),
            metrics=["accuracy", k.metrics.AUC(num_thresholds=20)],
            weighted_metrics=["mae"],
        )
        return model

    theirs, ours = in_both(keras, profond, build)
    for twin in (model_from_json(theirs.to_json()), model_from_json(ours.to_json())):
        assert twin.compiled
        assert twin.optimizer.clipnorm == 1.0
        assert twin.loss.label_smoothing == 0.1
        x, y = np.ones((2, 3)), np.eye(2)
        assert set(twin.evaluate(x, y, verbose=0, return_dict=True)) == set(
            ours.evaluate(x, y, verbose=0, return_dict=True)
        )
    back = keras.models.model_from_json(ours.to_json())
    assert back.compiled
    assert back.optimizer.clipnorm == 1.0


def test_what_cannot_be_described_leaves_the_architecture():
    model = profond.Sequential([layers.Input((3,)), layers.Dense(2)], name="net")
    model.compile("sgd", lambda y_true, y_pred: (y_true - y_pred) ** 2)
    with pytest.warns(UserWarning, match="'net' is described without its loss, metrics and optimi"):
        text = model.to_json()
    assert not model_from_json(text).compiled


def test_lists_of_indent_go_to_json():
    text = profond.Sequential([layers.Input((3,))], name="net").to_json(indent=2)
    assert text.startswith('{\n  "module"')
    assert json.loads(text)["config"]["name"] == "net"


def test_classes_of_users():
    class Twice(layers.Layer):
        def __init__(self, factor=2.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

        def get_config(self):
            return {**super().get_config(), "factor": self.factor}

    model = profond.Sequential([layers.Input((3,)), Twice(3.0)])
    text = model.to_json()
    with pytest.raises(ValueError, match="Unknown class 'Twice' .* register it with `@profond.sav"):
        model_from_json(text)
    twin = model_from_json(text, custom_objects={"Twice": Twice})
    assert twin.layers[0].factor == 3.0
    with profond.saving.custom_object_scope({"Twice": Twice}):
        assert model_from_json(text).layers[0].factor == 3.0


def test_functions_of_users_in_a_graph():
    @profond._symbolic.operation
    def made_half(x):
        return x / 2

    a = profond.Input((3,))
    with pytest.raises(
        TypeError, match="the function 'made_half' in the graph cannot be saved; use"
    ):
        profond.Model(a, made_half(a)).to_json()
    profond.saving.register_keras_serializable("tests", "made_half")(made_half)
    text = profond.Model(a, made_half(a)).to_json()
    twin = model_from_json(text)
    np.testing.assert_array_equal(twin.predict(np.ones((1, 3))), [[0.5, 0.5, 0.5]])
    with pytest.raises(ValueError, match="Unknown function 'tests>other' in the description of a"):
        model_from_json(text.replace("tests>made_half", "tests>other"))


def test_activations_with_options_in_a_graph():
    a = profond.Input((3,))
    model = profond.Model(a, profond.activations.relu(a, negative_slope=0.5) + ops.relu(a))
    twin = model_from_json(model.to_json())
    x = np.array([[-2.0, 0.0, 3.0]])
    np.testing.assert_array_equal(twin.predict(x), [[-1.0, 0.0, 6.0]])


def test_broken_descriptions():
    a = profond.Input((3,), name="a")
    description = json.loads(profond.Model(a, layers.Dense(2, name="d")(a)).to_json())
    node = description["config"]["layers"][1]["inbound_nodes"][0]
    node["args"][0]["config"]["keras_history"][0] = "nobody"
    with pytest.raises(
        ValueError, match=r"the description is broken: the calls of \['d'\] lead no"
    ):  # noqa: E501
        model_from_json(json.dumps(description))
    description = json.loads(profond.Model(a, ops.relu(a)).to_json())
    description["config"]["layers"][1]["class_name"] = "Rellu"
    with pytest.raises(ValueError, match="'Rellu'. Did you mean 'relu'?"):
        model_from_json(json.dumps(description))
