"""Weights: nn.Parameters that answer to Keras's words."""

import operator

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
    ones = torch.ones(2, dtype=torch.float64)
    assert profond.Variable(lambda shape, dtype: ones.to(dtype), shape=2).dtype is torch.float32
    values = torch.zeros(2)
    assert profond.Variable(values).data_ptr() == values.data_ptr()
    with pytest.raises(ValueError, match="`shape` is required with an initializer; received 'on"):
        profond.Variable("ones")


def test_an_initializer_gets_the_type_by_name_and_torchs_where_it_takes_no_name():
    seen = []

    def of_numpy(shape, dtype):
        seen.append(dtype)
        return np.full(shape, 2, dtype)

    assert profond.Variable(of_numpy, shape=(2,), dtype="float64").dtype is torch.float64
    assert seen == ["float64"]
    layer = layers.Dense(2, kernel_initializer=of_numpy, bias_initializer=of_numpy)
    layer.build((None, 3))
    assert layer.kernel.tolist() == [[2.0, 2.0]] * 3
    assert seen[1:] == ["float32", "float32"]
    metric = profond.metrics.Mean()
    assert float(metric.add_variable((), of_numpy)) == 2.0

    def failing(shape, dtype):
        raise TypeError(f"not {dtype}")

    with pytest.raises(TypeError, match="not float32"):
        profond.Variable(failing, shape=(2,))


def test_unnamed_ones_have_names_of_their_own():
    first, second = profond.Variable([1.0]), profond.Variable([1.0])
    assert first.path != second.path
    assert first.path.startswith("variable")


REDUCTIONS = ["mean", "sum", "max", "min", "std", "argmax", "median", "linalg.norm"]
FUNCTIONS = ["abs", "round", "square", "isnan", "transpose", "sort", "tanh", "zeros_like"]


@pytest.mark.parametrize("name", REDUCTIONS + FUNCTIONS)
def test_functions_of_numpy_give_arrays(name):
    values = np.array([[1.5, -2.0], [3.0, 0.25]], "float32")
    function = operator.attrgetter(name)(np)
    have, want = function(Weight(torch.tensor(values))), function(values)
    assert type(have) is type(want)
    np.testing.assert_array_equal(have, want)


def test_functions_of_numpy_take_weights_among_other_arguments():
    weight, array = Weight(torch.ones(2, 2)), np.zeros((2, 2))
    assert type(np.concatenate([array, weight])) is np.ndarray
    assert np.mean(weight, axis=0, dtype="float64").dtype == np.float64
    assert type(np.maximum(array, weight)) is np.ndarray
    array += weight
    assert array.tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert np.add.reduce(weight).tolist() == [2.0, 2.0]


OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]
COMPARISONS = ["lt", "le", "gt", "ge", "eq", "ne"]


@pytest.mark.parametrize("name", OPERATORS + COMPARISONS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_operators_with_arrays_are_those_of_keras(name, dtype):
    keras = pytest.importorskip("keras")
    values = np.array([[1.5, -2.0], [3.0, 0.25]], "float32")
    array, apply = np.array([[1, 2], [3, 4]], dtype), getattr(operator, name)
    ours, theirs = Weight(torch.tensor(values)), keras.Variable(values)
    first = apply(array, ours)  # an array, as with Keras's variables
    assert type(first) is np.ndarray
    np.testing.assert_allclose(first, apply(array, values), rtol=1e-6)
    second = apply(ours, array)
    assert type(second) is torch.Tensor
    assert second.requires_grad == (name in OPERATORS)
    want = apply(theirs, array.astype("float32") if name in ("matmul", "floordiv") else array)
    np.testing.assert_allclose(second.detach().numpy(), keras.ops.convert_to_numpy(want), rtol=1e-6)
    assert torch.equal(apply(ours, array.tolist()).detach(), apply(ours, array).to(torch.float32))


@pytest.mark.parametrize("name", OPERATORS + COMPARISONS)
@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("numbers", [[[1.5, 2.0], [3.0, 4.0]], [[1, 2], [3, 4]]])
def test_operators_with_lists_are_those_of_keras(name, kind, numbers):
    keras = pytest.importorskip("keras")
    values, apply = np.array([[1.5, -2.0], [3.0, 0.25]], "float32"), getattr(operator, name)
    ours, theirs, given = Weight(torch.tensor(values)), keras.Variable(values), kind(numbers)
    for have, want in (
        (apply(given, ours), apply(given, theirs)),
        (apply(ours, given), apply(theirs, given)),
    ):
        assert (type(have), have.dtype) == (torch.Tensor, want.dtype)
        assert have.requires_grad == (name in OPERATORS)
        want = want.detach().numpy()
        np.testing.assert_allclose(have.detach().numpy(), want, rtol=1e-6)


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("first", [3, 3.0, torch.tensor([[3.0, 1.0], [2.0, 1.0]])])
def test_what_stands_before_a_weight_is_as_before_a_tensor(name, first):
    values, apply = torch.tensor([[1.5, 2.0], [3.0, 0.25]]), getattr(operator, name)
    if name == "matmul" and not isinstance(first, torch.Tensor):
        with pytest.raises(TypeError, match="unsupported operand type"):
            apply(first, Weight(values))
        return
    have = apply(first, Weight(values))
    assert (type(have), have.requires_grad) == (torch.Tensor, True)
    assert torch.equal(have.detach(), apply(first, values))


@pytest.mark.parametrize("first", [np.float64(2.0), np.float32(2.0), np.int64(2)])
def test_a_number_of_numpy_leaves_autograd_its_way(first):
    weight = Weight(torch.ones(2))
    product = first * weight
    assert product.dtype is torch.float32
    product.sum().backward()
    assert weight.grad.tolist() == [2.0, 2.0]


def test_an_array_in_a_call_leaves_autograd_its_way():
    class Scaled(layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_weight(shape=(2,), initializer="ones")

        def call(self, inputs):
            return inputs * (np.array([2.0, 3.0], "float32") * self.scale)

    layer = Scaled()
    layer(torch.ones(1, 2)).sum().backward()
    assert layer.scale.grad.tolist() == [2.0, 3.0]


def test_operators_of_torch_are_as_they_were():
    weight, tensor = Weight(torch.ones(2)), torch.tensor([2.0, 3.0])
    for result in (weight * tensor, tensor * weight, torch.mul(weight, tensor)):
        assert type(result) is torch.Tensor
        assert result.requires_grad
    assert (weight == tensor).tolist() == [False, False]
    assert {weight: 1}[weight] == 1


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
