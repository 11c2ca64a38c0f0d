"""Weights: nn.Parameters that answer to Keras's words."""

import numpy as np
import pytest
import torch

import profond
from profond import Weight, layers


def test_keras_words():
    weight = Weight(torch.ones(2, 3), name="kernel", path="dense/kernel")
    assert isinstance(weight, torch.nn.Parameter)
    assert (weight.name, weight.path, weight.trainable) == ("kernel", "dense/kernel", True)
    assert weight.value is weight
    assert weight.shape == (2, 3)
    np.testing.assert_array_equal(np.asarray(weight), np.ones((2, 3)))
    np.testing.assert_array_equal(weight.numpy(), np.ones((2, 3)))
    assert "dense/kernel" in repr(weight)
    assert "meta" in repr(Weight(torch.ones(2, device="meta")))


def test_assigning():
    weight = Weight(torch.zeros(2), path="a/b")
    assert weight.assign([1, 2]) is weight
    weight.assign_add([1.0, 1.0])
    weight.assign_sub(np.array([0.5, 0.5]))
    assert weight.tolist() == [1.5, 2.5]
    with pytest.raises(ValueError, match=r"the shape \(2,\) of the weight 'a/b'; received \(3,\)"):
        weight.assign([1, 2, 3])


def test_what_is_learned():
    table = Weight(torch.zeros(2), trainable=False)
    assert not table.trainable
    numbers = Weight(torch.zeros(2, dtype=torch.int64))
    assert not numbers.trainable
    numbers.trainable = True
    assert not numbers.requires_grad
    layer = layers.BatchNormalization()
    layer.build((None, 3))
    layer.trainable = True
    assert [w.trainable for w in layer.weights] == [True, True, False, False]


def test_in_torch_operations_it_is_a_plain_tensor():
    weight = Weight(torch.ones(2, 2))
    assert type(weight @ weight) is torch.Tensor
    assert type(weight.detach()) is torch.Tensor


def test_assigning_goes_through_autograd_unseen():
    model = profond.Sequential([layers.Input((2,)), layers.Dense(1)])
    kernel = model.weights[0]
    kernel.assign(np.ones((2, 1)))
    model(torch.ones(1, 2)).sum().backward()
    assert kernel.grad.tolist() == [[1.0], [1.0]]


def test_made_from_anything_that_has_values():
    array = np.ones(2, dtype="float32")
    weight = profond.Variable(array)
    weight.assign([5.0, 5.0])
    assert array.tolist() == [1.0, 1.0]
    number = profond.Variable(3.5, trainable=False, dtype="float64", name="count")
    assert (float(number), number.trainable, number.name) == (3.5, False, "count")
    assert number.dtype is torch.float64
    assert profond.Variable([1, 2]).dtype is torch.int32
    assert profond.Variable("ones", (2, 3)).tolist() == [[1.0] * 3] * 2
    assert profond.Variable("zeros", shape=3, dtype="int32").dtype is torch.int32
    made = profond.Variable(lambda shape, dtype: torch.full(shape, 2.0, dtype=dtype), shape=(2,))
    assert made.tolist() == [2.0, 2.0]
    values = torch.zeros(2)
    assert profond.Variable(values).data_ptr() == values.data_ptr()
    with pytest.raises(ValueError, match="`shape` is required with an initializer; received 'on"):
        profond.Variable("ones")


def test_a_variable_of_a_layer():
    class Counting(layers.Layer):
        def __init__(self):
            super().__init__()
            self.calls = profond.Variable(0.0, trainable=False, name="calls")
            self.scale = profond.Variable([1.0, 2.0], name="scale")

        def call(self, inputs):
            self.calls.assign_add(1.0)
            return inputs * self.scale

    layer = Counting()
    assert layer(torch.ones(1, 2)).tolist() == [[1.0, 2.0]]
    assert float(layer.calls) == 1.0
    assert [w.name for w in layer.weights] == ["scale", "calls"]
    assert layer.trainable_weights == [layer.scale]
