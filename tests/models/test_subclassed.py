"""Models that define `call`: building, layers in lists and dicts, losses, own steps."""

import numpy as np
import pytest
import torch

import profond
from profond import layers, ops


class Perceptron(profond.Model):
    def __init__(self, units=(3, 1), **kwargs):
        super().__init__(**kwargs)
        self.parts = [layers.Dense(n) for n in units]

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x


def test_built_by_the_first_call():
    model = Perceptron()
    assert not model.built
    assert model(torch.ones(2, 4)).shape == (2, 1)
    assert model.built
    assert [w.shape for w in model.weights] == [(4, 3), (3,), (3, 1), (1,)]


def test_built_for_a_shape():
    model = Perceptron()
    model.build((None, 4))
    assert model.count_params() == 4 * 3 + 3 + 3 + 1
    assert model.predict(np.ones((2, 4))).shape == (2, 1)


def test_built_for_several_shapes():
    class Two(profond.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = layers.Dense(2), layers.Dense(2)

        def call(self, inputs):
            return self.a(inputs["a"]) + self.b(inputs["b"])

    model = Two()
    model.build({"a": (None, 3), "b": (None, 5)})
    assert model.count_params() == 3 * 2 + 2 + 5 * 2 + 2
    assert model.predict({"a": np.ones((2, 3)), "b": np.ones((2, 5))}).shape == (2, 2)


def test_a_build_of_ones_own():
    class Own(profond.Model):
        def build(self, input_shape):
            self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
            self.inner = layers.Dense(2)
            super().build(input_shape)

        def call(self, x):
            return self.inner(x * self.scale)

    model = Own()
    assert model(torch.ones(1, 3)).shape == (1, 2)
    assert [w.name for w in model.weights] == ["scale", "kernel", "bias"]
    explicit = Own()
    explicit.build((None, 3))
    assert explicit.built
    assert explicit(torch.ones(1, 3)).shape == (1, 2)


def test_layers_in_lists_dicts_and_tuples_are_known():
    class Many(profond.Model):
        def __init__(self):
            super().__init__()
            self.list = [layers.Dense(2)]
            self.dict = {"a": layers.Dense(2), "b": [layers.Dense(2)]}
            self.tuple = (layers.Dense(2),)
            self.list.append(layers.Dense(2))

        def call(self, x):
            for part in (*self.list, self.dict["a"], *self.dict["b"], *self.tuple):
                x = part(x)
            return x

    model = Many()
    model(torch.ones(1, 2))
    assert len(model.layers) == 5
    assert len(list(model.parameters())) == 10


def test_the_training_argument_reaches_all_layers():
    class Inner(layers.Layer):
        def call(self, x, training=None):
            return x + 1 if training else x

    class Outer(profond.Model):
        def __init__(self):
            super().__init__()
            self.inner = Inner()

        def call(self, x, training=False):
            return self.inner(x)

    model = Outer()
    x = torch.zeros(1, 1)
    assert float(model(x)) == 0
    assert float(model(x, training=True)) == 1
    assert float(model.train()(x)) == 1
    assert float(model.eval()(x)) == 0
    model.compile(loss="mse")
    assert model.predict(np.zeros((1, 1))) == 0


def test_added_losses_are_those_of_the_last_call():
    class Penalty(layers.Layer):
        def call(self, x):
            self.add_loss(0.01 * ops.sum(x))
            return x

    class Outer(profond.Model):
        def __init__(self):
            super().__init__()
            self.penalty = Penalty()
            self.dense = layers.Dense(1, kernel_regularizer=profond.regularizers.L2(0.5))

        def call(self, x):
            return self.dense(self.penalty(self.penalty(x)))

    model = Outer()
    for _ in range(3):
        model(torch.ones(2, 2))
        # Both calls of the layer, and the weights' penalty.
        assert len(model.losses) == 3
    assert model.losses[0].item() == pytest.approx(0.04)
    assert model.losses[2].item() == pytest.approx(0.5 * (model.dense.kernel**2).sum().item())
    layer = Penalty()
    for _ in range(2):
        layer(torch.ones(1, 1))
        assert len(layer.losses) == 1


def test_losses_of_two_models_are_apart():
    one = profond.Sequential([layers.Dense(2, activity_regularizer="l2")])
    other = profond.Sequential([layers.Dense(2, activity_regularizer="l2")])
    x = torch.ones(1, 2)
    one(x)
    other(x)
    assert len(one.losses) == 1
    one(x)
    assert len(one.losses) == len(other.losses) == 1


def test_added_losses_are_minimised_alone():
    class Spread(profond.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1, use_bias=False)

        def call(self, x):
            out = self.dense(x)
            self.add_loss(ops.mean((out - 2.0) ** 2))
            return out

    model = Spread()
    model.compile(profond.optimizers.SGD(0.1))
    history = model.fit(np.ones((8, 1)), epochs=60, verbose=0)
    assert history.history["loss"][-1] < 1e-4
    assert model.evaluate(np.ones((8, 1)), verbose=0) < 1e-4


def test_without_a_call():
    class Empty(profond.Model):
        pass

    with pytest.raises(NotImplementedError, match="Empty must define `call"):
        Empty()(torch.ones(1))


def test_super_init_forgotten():
    class Forgetful(profond.Model):
        def __init__(self):
            self.dense = layers.Dense(2)

    with pytest.raises((AttributeError, RuntimeError), match="__init__"):
        Forgetful()


def test_unknown_keywords_are_named():
    with pytest.raises(TypeError, match="got unknown keyword.s. 'nmae' .did you mean 'name'"):
        Perceptron(nmae="x")


def test_wrong_data_name_the_layer_and_both_shapes():
    model = Perceptron()
    model(torch.ones(1, 4))
    model.parts[0].name = "first"
    with pytest.raises(
        ValueError,
        match=r"the input of the layer 'first' must have .*size 4 on axis -1; received shape \(1, 5\)",  # noqa: E501
    ):
        model(torch.ones(1, 5))


def test_several_outputs_in_any_structure():
    class Split(profond.Model):
        def call(self, x):
            return {"first": x[:, :1], "rest": (x[:, 1:], x)}

    answer = Split().predict(np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(answer["first"], [[0.0], [3.0]])
    assert answer["rest"][0].shape == (2, 2)


def test_plain_torch_modules_inside():
    class Mixed(profond.Model):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(3, 2)
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(self.linear(x))

    model = Mixed()
    model.compile("sgd", "mse")
    before = model.linear.weight.detach().clone()
    model.fit(np.ones((4, 3)), np.ones(4), verbose=0)
    assert len(model.trainable_weights) == 4
    assert not torch.equal(before, model.linear.weight.detach())
