"""Graphs of layers: inputs and outputs in any structure, sharing, nesting, operators."""

import numpy as np
import pytest
import torch

import profond
from profond import layers, ops


def two_in_two_out():
    a, b = profond.Input((4,), name="a"), profond.Input((3,), name="b")
    hidden = layers.Dense(5, name="hidden")(a)
    joined = ops.concatenate([hidden, b], axis=-1)
    return profond.Model([a, b], [layers.Dense(2, name="left")(joined), hidden], name="net")


def test_several_inputs_and_outputs():
    model = two_in_two_out()
    a, b = torch.rand(6, 4), torch.rand(6, 3)
    left, hidden = model([a, b])
    np.testing.assert_allclose(hidden.detach(), model.get_layer("hidden")(a).detach(), rtol=1e-6)
    want = model.get_layer("left")(torch.cat([hidden, b], -1))
    np.testing.assert_allclose(left.detach(), want.detach(), rtol=1e-6)
    assert model.input_names == ["a", "b"]
    assert model.output_names == ["left", "hidden"]
    assert model.input_shape == [(None, 4), (None, 3)]
    assert model.output_shape == [(None, 2), (None, 5)]


def test_inputs_by_name_or_in_order():
    model = two_in_two_out()
    a, b = np.random.default_rng(0).random((6, 4)), np.ones((6, 3))
    want = model.predict([a, b])
    for given in ((a, b), {"b": b, "a": a}, {"a": a, "b": b, "unused": b}):
        for got, expected in zip(model.predict(given), want, strict=True):
            np.testing.assert_array_equal(got, expected)


def test_dicts_of_inputs_and_outputs():
    inputs = {"u": profond.Input((2,), name="u"), "t": profond.Input((2,), name="t")}
    outputs = {
        "sum": inputs["u"] + inputs["t"],
        "difference": inputs["u"] - inputs["t"],
    }
    model = profond.Model(inputs, outputs)
    u, t = np.ones((3, 2), "float32"), np.full((3, 2), 3.0, "float32")
    answer = model.predict({"t": t, "u": u})
    np.testing.assert_array_equal(answer["sum"], u + t)
    np.testing.assert_array_equal(answer["difference"], u - t)
    assert sorted(model.output_names) == ["difference", "sum"]


def test_nested_structures():
    a, b, c = (profond.Input((2,), name=name) for name in "abc")
    model = profond.Model([a, {"b": b, "c": c}], {"out": [a + b, (c,)]})
    ones = np.ones((2, 2), "float32")
    answer = model.predict([ones, {"b": 2 * ones, "c": 3 * ones}])
    np.testing.assert_array_equal(answer["out"][0], 3 * ones)
    np.testing.assert_array_equal(answer["out"][1][0], 3 * ones)


def test_one_output_in_a_list_is_one_tensor():
    a = profond.Input((2,))
    model = profond.Model([a], [layers.Dense(3)(a)])
    assert model.predict(np.ones((1, 2))).shape == (1, 3)


def test_shared_layers_have_one_set_of_weights():
    shared = layers.Dense(3, name="shared")
    a, b = profond.Input((4,)), profond.Input((4,))
    model = profond.Model([a, b], shared(a) - shared(b))
    assert len(model.weights) == 2
    x, y = torch.rand(2, 4), torch.rand(2, 4)
    np.testing.assert_allclose(
        model([x, y]).detach(), (x - y) @ shared.kernel.detach(), rtol=1e-5, atol=1e-6
    )
    model([x, y]).sum().backward()
    assert shared.kernel.grad is not None


def test_the_same_model_twice_in_another():
    inner = profond.Sequential([profond.Input((3,)), layers.Dense(3)], name="inner")
    a = profond.Input((3,))
    model = profond.Model(a, inner(inner(a)))
    x = torch.rand(2, 3)
    np.testing.assert_allclose(model(x).detach(), inner(inner(x)).detach(), rtol=1e-5, atol=1e-6)
    assert len(model.weights) == 2


def test_operators_and_functions_are_part_of_the_graph():
    a = profond.Input((3,))
    y = 2.0 - a / 4 + (a * a) ** 2 - (-a) + abs(a) @ np.eye(3, dtype="float32")
    y = ops.where(y[:, :1] > 0.5, torch.relu(y), 1.0 - y)
    model = profond.Model(a, y)
    x = torch.randn(50, 3)
    want = 2.0 - x / 4 + (x * x) ** 2 + x + x.abs()
    want = torch.where(want[:, :1] > 0.5, want.relu(), 1.0 - want)
    np.testing.assert_allclose(model(x), want, rtol=1e-5, atol=1e-6)


def test_a_tensor_in_the_middle_may_be_an_input():
    a = profond.Input((4,))
    hidden = layers.Dense(3)(a)
    out = layers.Dense(2)(hidden)
    tail = profond.Model(hidden, out)
    whole = profond.Model(a, out)
    x = torch.rand(2, 4)
    encoded = profond.Model(a, hidden)(x)
    np.testing.assert_array_equal(tail(encoded).detach(), whole(x).detach())
    assert tail.input_shape == (None, 3)
    assert len(tail.weights) == 2


def test_an_input_that_nothing_needs():
    a, b = profond.Input((2,), name="a"), profond.Input((3,), name="b")
    model = profond.Model([a, b], a * 2.0)
    np.testing.assert_array_equal(
        model.predict([np.ones((2, 2)), np.ones((2, 3))]), np.full((2, 2), 2.0)
    )


def test_optional_inputs():
    class Sum(layers.Layer):
        def call(self, a, b=None):
            return a if b is None else a + b

    a, b = profond.Input((2,), name="a"), profond.Input((2,), name="b", optional=True)
    model = profond.Model([a, b], Sum()(a, b))
    ones = torch.ones(1, 2)
    np.testing.assert_array_equal(model([ones, ones]), 2 * ones)
    np.testing.assert_array_equal(model([ones, None]), ones)
    with pytest.raises(ValueError, match="the input 'a' of the model '.*' is required; received N"):
        model([None, ones])


def test_more_than_a_thousand_layers():
    tensor = a = profond.Input((2,))
    for _ in range(1200):
        tensor = tensor + 0.5
    model = profond.Model(a, tensor)
    np.testing.assert_allclose(model.predict(np.zeros((1, 2))), [[600.0, 600.0]])


def test_arguments_of_calls_are_kept():
    class Scale(layers.Layer):
        def call(self, x, factor=1.0, flip=False, training=None):
            x = x * factor
            return -x if flip or training else x

    a = profond.Input((2,))
    scale = Scale()
    model = profond.Model(a, [scale(a, 3.0), scale(a, factor=2.0, flip=True), scale(a)])
    x = torch.ones(1, 2)
    assert [float(t[0, 0]) for t in model(x)] == [3.0, -2.0, 1.0]
    assert [float(t[0, 0]) for t in model(x, training=True)] == [-3.0, -2.0, -1.0]
    always = profond.Model(a, scale(a, training=True))
    assert float(always(x)[0, 0]) == -1.0


def test_subclass_by_inputs_and_outputs():
    class Custom(profond.Model):
        def twice(self, x):
            return 2 * self(x)

    a = profond.Input((2,))
    model = Custom(a, layers.Dense(3)(a))
    x = torch.ones(1, 2)
    np.testing.assert_array_equal(model.twice(x).detach(), 2 * model(x).detach())
    assert isinstance(model, Custom)
    assert isinstance(model, profond.Model)
    by_name = Custom(inputs=a, outputs=layers.Dense(3)(a), name="mine")
    assert by_name.name == "mine"


def test_subclass_that_makes_its_graph():
    class Custom(profond.Model):
        def __init__(self, units):
            a = profond.Input((2,))
            super().__init__(inputs=a, outputs=layers.Dense(units)(a), name="custom")
            self.tracker = profond.metrics.Mean(name="tracked")
            self.head = layers.Dense(1)

    model = Custom(3)
    assert model.output_shape == (None, 3)
    assert any(metric.name == "tracked" for metric in model.metrics)
    assert len(model.layers) == 2


def test_tensors_of_another_type_are_brought_to_the_declared_one():
    a = profond.Input((3,), dtype="int32")
    model = profond.Model(a, ops.cast(a, "float32") * 2)
    np.testing.assert_array_equal(model.predict(np.array([[1.7, 2, 3]])), [[2.0, 4.0, 6.0]])


def test_shape_errors_name_input_model_and_shapes():
    model = two_in_two_out()
    with pytest.raises(
        ValueError,
        match=r"the input 'b' of the model 'net' must have the shape \(None, 3\) .* \(2, 7\)",
    ):
        model([torch.ones(2, 4), torch.ones(2, 7)])
    with pytest.raises(ValueError, match=r"'net' requires 2 input\(s\), \['a', 'b'\]; received 1"):
        model(torch.ones(2, 4))
    with pytest.raises(ValueError, match=r"requires inputs named \['a', 'b'\]; \['b'\] missing"):
        model({"a": torch.ones(2, 4)})
    with pytest.raises(ValueError, match="the input 'a' of the model 'net' must be a tensor; rec"):
        model(["text", torch.ones(2, 3)])


def test_what_a_model_is_refused_for():
    a, b = profond.Input((2,), name="a"), profond.Input((2,), name="b")
    with pytest.raises(ValueError, match="the output depends on the symbolic tensor 'b' of shape"):
        profond.Model(a, a + b)
    with pytest.raises(ValueError, match="`outputs` must be symbolic tensors, made by"):
        profond.Model(a, np.ones(3))
    with pytest.raises(ValueError, match="`inputs` must be symbolic tensors, .*; received 3"):
        profond.Model(3, a)
    with pytest.raises(ValueError, match="each of the `inputs` may be given once"):
        profond.Model([a, a], a + 1.0)
    one, other = layers.Dense(2, name="same"), layers.Dense(2, name="same")
    with pytest.raises(ValueError, match="layer names must be unique in a model; 'same' names tw"):
        profond.Model(a, other(one(a)))
    with pytest.raises(TypeError, match="takes `inputs` and `outputs`, both or none; received 1"):
        profond.Model(a)


def test_symbolic_tensors_refuse_what_needs_values():
    a = profond.Input((2,))
    with pytest.raises(TypeError, match="a symbolic tensor has no values to decide on"):
        bool(a > 0)
    with pytest.raises(TypeError, match="a symbolic tensor cannot be iterated"):
        list(a)
    with pytest.raises(TypeError, match="the length of a symbolic tensor is not known"):
        len(a)
    with pytest.raises(ValueError, match="a symbolic tensor has no values for numpy"):
        np.sin(a)


def test_inputs_without_outputs_are_named():
    entry = profond.Input((2,))
    with pytest.raises(TypeError, match="Model got `inputs` without `outputs`: a functional model"):
        profond.Model(inputs=entry)
    with pytest.raises(TypeError, match="Model got `outputs` without `inputs`"):
        profond.Model(outputs=profond.layers.Dense(1)(entry))


def test_a_mode_given_in_the_graph_holds_during_fit():
    base = profond.Sequential([profond.Input((2,)), profond.layers.BatchNormalization()])
    entry = profond.Input((2,))
    model = profond.Model(entry, profond.layers.Dense(1)(base(entry, training=False)))
    model.compile("sgd", "mse")
    model.fit(np.full((4, 2), 5.0), np.ones((4, 1)), verbose=0)
    assert base.layers[-1].moving_mean.tolist() == [0.0, 0.0]
