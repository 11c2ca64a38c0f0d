"""Stacks of layers: made in every way, changed, nested, and what they refuse."""

import numpy as np
import pytest
import torch

import profond
from profond import layers


def test_the_network_of_the_notes_has_283_parameters():
    model = profond.Sequential()
    model.add(layers.Dense(20, activation="relu", input_shape=(10,)))
    model.add(layers.Dense(3, activation="softmax"))
    assert model.built
    assert model.count_params() == 283
    assert model.output_shape == (None, 3)
    assert [w.shape for w in model.weights] == [(10, 20), (20,), (20, 3), (3,)]


@pytest.mark.parametrize(
    "begin",
    [
        lambda: [layers.Input((4,)), layers.Dense(3)],
        lambda: [profond.Input(shape=(4,)), layers.Dense(3)],
        lambda: [layers.InputLayer(shape=(4,)), layers.Dense(3)],
        lambda: [layers.InputLayer(input_shape=(4,)), layers.Dense(3)],
        lambda: [layers.Dense(3, input_shape=(4,))],
        lambda: [layers.Dense(3, input_dim=4)],
        lambda: [profond.Sequential([layers.Input((4,)), layers.Dense(3)])],
        lambda: [layers.Input(batch_shape=(None, 4)), layers.Dense(3)],
    ],
)
def test_ways_to_give_the_input_shape(begin):
    model = profond.Sequential([*begin(), layers.Dense(2)])
    assert model.built
    assert model.input_shape == (None, 4)
    assert model.output_shape == (None, 2)
    assert model(np.ones((5, 4))).shape == (5, 2)
    assert all(not isinstance(layer, layers_of_input()) for layer in model.layers)


def layers_of_input():
    return layers.InputLayer


def test_without_a_shape_it_is_built_by_the_first_data():
    model = profond.Sequential([layers.Dense(3), layers.Dense(2)])
    assert not model.built
    assert model.weights == []
    with pytest.raises(AttributeError, match="'sequential.*' is not built, so its input and"):
        _ = model.output_shape
    assert model(torch.ones(5, 4)).shape == (5, 2)
    assert model.built
    assert model.output_shape == (None, 2)
    assert model(torch.ones(7, 4)).shape == (7, 2)


def test_build_with_a_shape():
    model = profond.Sequential([layers.Dense(3)])
    model.build((None, 4))
    assert [w.shape for w in model.weights] == [(4, 3), (3,)]
    with pytest.raises(ValueError, match="has no input shape: begin it with"):
        profond.Sequential([layers.Dense(3)]).build()
    with pytest.raises(ValueError, match="a Sequential model takes one input"):
        profond.Sequential([layers.Dense(3)]).build({"a": (None, 3)})


def test_fit_builds_it():
    model = profond.Sequential([layers.Dense(3, "relu"), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 4)), np.ones(8), verbose=0)
    assert model.count_params() == 4 * 3 + 3 + 3 + 1


def test_add_and_pop_keep_weights_and_shapes():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3, name="first")])
    first = model.get_layer("first")
    kernel = first.kernel
    model.add(layers.Dense(2, name="second"))
    assert model.output_shape == (None, 2)
    popped = model.pop()
    assert popped.name == "second"
    assert model.output_shape == (None, 3)
    model.add(layers.Dense(7, name="third"))
    assert model.output_shape == (None, 7)
    assert first.kernel is kernel
    assert [layer.name for layer in model.layers] == ["first", "third"]
    assert len(list(model.parameters())) == 4
    assert model(torch.ones(2, 4)).shape == (2, 7)


def test_add_after_a_deferred_build_goes_on():
    model = profond.Sequential([layers.Dense(3)])
    model(torch.ones(2, 4))
    model.add(layers.Dense(5))
    assert model.output_shape == (None, 5)
    assert model(torch.ones(2, 4)).shape == (2, 5)


def test_layer_outputs_make_a_model_of_the_first_layers():
    model = profond.Sequential()
    model.add(layers.Input((4,)))
    for units in (3, 2, 1):
        model.add(layers.Dense(units))
    head = profond.Model(model.inputs, model.layers[1].output)
    x = torch.ones(2, 4)
    np.testing.assert_array_equal(
        head(x).detach().numpy(), model.layers[1](model.layers[0](x)).detach().numpy()
    )
    every = profond.Model(model.input, [layer.output for layer in model.layers])
    assert [tuple(t.shape) for t in every(x)] == [(2, 3), (2, 2), (2, 1)]


def test_nested_models_share_their_weights():
    inner = profond.Sequential([layers.Input((4,)), layers.Dense(3)], name="inner")
    outer = profond.Sequential([inner, layers.Dense(2)])
    assert outer.built
    assert outer.input_shape == (None, 4)
    assert outer.weights[0] is inner.weights[0]
    x = np.ones((2, 4), "float32")
    np.testing.assert_array_equal(outer.predict(x), outer.layers[1](inner(x)).detach().numpy())


def test_torch_modules_may_be_in_the_stack():
    model = profond.Sequential([layers.Input((4,)), torch.nn.Linear(4, 3), layers.Dense(2)])
    assert model.output_shape == (None, 2)
    assert model.count_params() == 4 * 3 + 3 + 3 * 2 + 2


def test_attributes_of_a_subclass_are_not_part_of_the_stack():
    class Mine(profond.Sequential):
        def __init__(self):
            super().__init__([layers.Input((4,)), layers.Dense(3)])
            self.extra = layers.Dense(5)

    model = Mine()
    model.add(layers.Dense(2))
    assert model(torch.ones(1, 4)).shape == (1, 2)
    assert model.extra(torch.ones(1, 4)).shape == (1, 5)


def test_an_input_of_one_feature_may_lack_its_axis():
    model = profond.Sequential([layers.Input((1,)), layers.Dense(2)])
    x = np.arange(5.0)
    np.testing.assert_array_equal(model.predict(x), model.predict(x[:, None]))


def test_a_wrong_shape_names_model_and_both_shapes():
    model = profond.Sequential([layers.Input((4,), name="table"), layers.Dense(2)], name="net")
    wanted = (
        r"the input 'table' of the model 'net' must have the shape \(None, 4\) .*; "
        r"received \(2, 5\)"
    )
    with pytest.raises(ValueError, match=wanted):
        model(torch.ones(2, 5))
    with pytest.raises(ValueError, match=wanted):
        model.predict(np.ones((2, 5)))
    with pytest.raises(ValueError, match=r"'net' must have the shape .* received \(2, 4, 1, 1\)"):
        model(torch.ones(2, 4, 1, 1))


def test_what_add_refuses():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3, name="one")], name="net")
    with pytest.raises(ValueError, match="only layers can be added to a Sequential model; recei"):
        model.add("dense")
    with pytest.raises(ValueError, match="layer names must be unique in a model; 'one' is taken"):
        model.add(layers.Dense(2, name="one"))
    with pytest.raises(ValueError, match="the input must come first; the model 'net' has 2"):
        model.add(layers.Input((3,)))
    with pytest.raises(ValueError, match="the model 'net' cannot be a layer of itself"):
        model.add(model)
    empty = profond.Sequential(name="empty")
    with pytest.raises(ValueError, match="the model 'empty' has no layer to take off"):
        empty.pop()


def test_a_layer_that_does_not_fit_is_not_kept():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3)])
    with pytest.raises(ValueError, match="the layer 'five' must have .*size 5 on axis -1"):
        five = layers.Dense(2, name="five")
        five.build((None, 5))
        model.add(five)
    assert len(model.layers) == 1
    assert model(torch.ones(1, 4)).shape == (1, 3)


def test_layers_of_several_outputs_are_refused():
    class Two(layers.Layer):
        def call(self, inputs):
            return inputs, inputs

    with pytest.raises(ValueError, match="must have one output; 'two' has 2. Use `Model"):
        profond.Sequential([layers.Input((4,)), Two(name="two")])


def test_several_inputs_are_refused():
    model = profond.Sequential([layers.Dense(3)], name="net")
    with pytest.raises(ValueError, match="the model 'net' takes one input, .* received list of 2"):
        model([torch.ones(1, 2), torch.ones(1, 2)])
    assert model([torch.ones(1, 2)]).shape == (1, 3)
    assert model({"x": torch.ones(1, 2)}).shape == (1, 3)


def test_get_layer():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3, name="hidden")], name="net")
    assert model.get_layer("hidden") is model.layers[0]
    assert model.get_layer(index=0) is model.layers[0]
    with pytest.raises(ValueError, match="Unknown layer of the model 'net': 'hiden'. Did you mea"):
        model.get_layer("hiden")
    with pytest.raises(ValueError, match="`index` must be below the number of layers, 1; recei"):
        model.get_layer(index=3)
    with pytest.raises(ValueError, match="give either `name` or `index`"):
        model.get_layer()


def test_weights_can_be_read_and_set():
    model = profond.Sequential([layers.Input((2,)), layers.Dense(2), layers.Dense(1)], name="net")
    values = [np.full(w.shape, i, "float32") for i, w in enumerate(model.weights)]
    model.set_weights(values)
    for got, want in zip(model.get_weights(), values, strict=True):
        np.testing.assert_array_equal(got, want)
    with pytest.raises(ValueError, match="4 weights are required by the layer 'net'; received 3"):
        model.set_weights(values[:3])
    with pytest.raises(ValueError, match=r"has the shape \(2, 2\); received \(3, 3\)"):
        model.set_weights([np.zeros((3, 3)), *values[1:]])
    np.testing.assert_array_equal(model.get_weights()[1], values[1])


def test_dimensions_that_vary():
    model = profond.Sequential([layers.Input((None, 3)), layers.Dense(2)])
    assert model.output_shape == (None, None, 2)
    assert model(torch.ones(2, 7, 3)).shape == (2, 7, 2)
    assert model(torch.ones(2, 1, 3)).shape == (2, 1, 2)


def test_freezing():
    model = profond.Sequential([layers.Input((2,)), layers.Dense(2), layers.Dense(1)])
    model.layers[0].trainable = False
    assert model.trainable_weights == model.layers[1].weights
    assert model.non_trainable_weights == model.layers[0].weights
    frozen = profond.Sequential([layers.Input((2,)), layers.Dense(2)], trainable=False)
    assert frozen.trainable_weights == []
    assert not frozen.layers[0].kernel.requires_grad


def test_the_last_layer_names_the_output():
    model = profond.Sequential([layers.Input((2,)), layers.Dense(3), layers.Dense(1, name="price")])
    assert model.output_names == ["price"]
    assert profond.Sequential().output_names == []
    model.compile("sgd", {"price": "mse"}, metrics={"price": ["mae"]})
    history = model.fit(np.ones((4, 2)), {"price": np.ones((4, 1))}, verbose=0)
    assert sorted(history.history) == ["loss", "mae"]
