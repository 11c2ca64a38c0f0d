"""Activations: values and gradients of Keras, options, names, what they take and cost."""

import inspect
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import activations, ops
from profond._symbolic import KerasTensor
from profond.saving import custom_object_scope, register_keras_serializable

keras = pytest.importorskip("keras")

NAMES = [
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu",
    "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish",
    "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign",
    "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink",
    "threshold",
]  # fmt: skip
OF_AN_AXIS = {"glu", "log_softmax", "softmax", "sparsemax"}
ELEMENTWISE = sorted(set(NAMES) - OF_AN_AXIS)
# Where one of them bends, on which side a gradient is taken is a matter of taste.
BENDS = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0]

shapes = hnp.array_shapes(min_dims=1, max_dims=3, max_side=4)
numbers = st.floats(-12, 12, width=32).filter(lambda x: all(abs(x - b) > 1e-3 for b in BENDS))


def value_and_gradient(function, x, **options):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = function(x, **options)
    weights = torch.cos(torch.arange(1.0, y.numel() + 1, dtype=torch.float64)).reshape(y.shape)
    (y * weights).sum().backward()
    return y.detach(), x.grad


def assert_like_keras(name, x, rtol=1e-7, **options):
    ours = value_and_gradient(getattr(activations, name), x, **options)
    theirs = value_and_gradient(getattr(keras.activations, name), x, **options)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=rtol, atol=1e-9, msg=lambda m: f"{name}: {m}")


@given(x=hnp.arrays(np.float64, shapes, elements=numbers))
def test_values_and_gradients_of_keras(x):
    for name in ELEMENTWISE:
        options = {"threshold": 0.25, "default_value": -2.0} if name == "threshold" else {}
        assert_like_keras(name, x, **options)


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=3, max_side=5),
    axis=st.integers(0, 2),
    seed=st.integers(0, 99),
)
def test_values_and_gradients_along_an_axis(shape, axis, seed):
    axis = axis % len(shape)
    x = np.random.default_rng(seed).normal(0, 2, shape)
    for name in ("softmax", "log_softmax"):
        assert_like_keras(name, x)
        for one in (axis, axis - len(shape)):
            assert_like_keras(name, x, axis=one)
    assert_like_keras("glu", np.concatenate([x, x + 1], axis), axis=axis)


@given(
    x=hnp.arrays(np.float64, shapes, elements=numbers),
    negative_slope=st.sampled_from([0.0, 0.3]),
    max_value=st.sampled_from([None, 2.7, 6.0]),
    threshold=st.sampled_from([0.0, 1.7]),
)
def test_options_of_relu(x, negative_slope, max_value, threshold):
    x = np.where(np.isin(x, [1.7, 2.7, 6.0]), 0.3, x)
    options = {"negative_slope": negative_slope, "max_value": max_value, "threshold": threshold}
    assert_like_keras("relu", x, **options)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("leaky_relu", {"negative_slope": 0.4}),
        ("elu", {"alpha": 0.3}),
        ("celu", {"alpha": 2.5}),
        ("gelu", {"approximate": True}),
        ("soft_shrink", {"threshold": 2.0}),
        ("hard_shrink", {"threshold": 2.0}),
        ("squareplus", {"b": 0.5}),
        ("threshold", {"threshold": 1.3, "default_value": 9.0}),
    ],
)
def test_options(name, options):
    x = np.linspace(-4.05, 4.05, 41)
    assert_like_keras(name, x, **options)
    plain = {"threshold": 0.0, "default_value": 0.0} if name == "threshold" else {}
    changed = getattr(activations, name)(x, **options) - getattr(activations, name)(x, **plain)
    assert changed.abs().max() > 1e-4


@pytest.mark.parametrize("name", [n for n in activations.__all__ if n != "kernel"])
def test_arguments_are_those_of_keras(name):
    ours = inspect.signature(getattr(activations, name)).parameters
    theirs = inspect.signature(getattr(keras.activations, name)).parameters
    assert [(p.name, p.default) for p in ours.values()] == [
        (p.name, p.default) for p in theirs.values()
    ]


def test_all_names_of_keras_are_there():
    theirs = {n for n in dir(keras.activations) if callable(getattr(keras.activations, n))}
    assert theirs == set(activations.__all__) - {"kernel"}


@pytest.mark.parametrize("name", NAMES)
def test_arrays_lists_integers_and_symbolic_tensors(name):
    function = getattr(activations, name)
    options = (0.25, -2.0) if name == "threshold" else ()
    x = np.array([[-2.0, -1.5, 0.25, 3.0]], dtype=np.float32)
    expected = function(torch.tensor(x), *options)
    if name != "linear":
        torch.testing.assert_close(function(x, *options), expected)
        torch.testing.assert_close(function(x.tolist(), *options), expected)
        whole = np.array([[-2, 1, 0, 3]])
        torch.testing.assert_close(
            function(torch.tensor(whole), *options),
            function(torch.tensor(whole, dtype=torch.float32), *options),
            check_dtype=False,
        )
        function(whole, *options)
    symbolic = function(KerasTensor((None, 4)), *options)
    assert symbolic.shape == (None, 2 if name == "glu" else 4)
    if name != "linear":
        computed = symbolic.node.operation(torch.tensor(x), *symbolic.node.args[1:])
        torch.testing.assert_close(computed, expected)


@pytest.mark.parametrize("name", NAMES)
def test_float16_and_bfloat16_stay(name):
    options = (0.25, -2.0) if name == "threshold" else ()
    for dtype in (torch.float16, torch.bfloat16):
        x = torch.tensor([-2.0, 0.25, 1.0, 3.0], dtype=dtype)
        assert getattr(activations, name)(x, *options).dtype is dtype


def test_relu_keeps_integers():
    assert activations.relu([-10, -5, 0, 5]).tolist() == [0, 0, 0, 5]
    assert activations.relu(torch.tensor([-1, 2])).dtype is torch.int64
    assert ops.relu([-1, 2]).dtype is torch.int32


def test_complex_numbers_are_refused():
    with pytest.raises(TypeError, match="`softplus` takes real numbers; received dtype torch.comp"):
        activations.softplus(torch.ones(1, dtype=torch.complex64))


@pytest.mark.parametrize("axis", [(0, 2), [1, 2], (1,)])
def test_softmax_over_several_axes(axis):
    x = torch.randn(2, 3, 4, dtype=torch.float64)
    for name in ("softmax", "log_softmax"):
        ours = getattr(activations, name)(x, axis=axis)
        torch.testing.assert_close(ours, getattr(ops, name)(x.numpy(), axis=axis))
        theirs = getattr(keras.ops, name)(x, axis=tuple(axis))
        torch.testing.assert_close(ours, theirs)


def test_softmax_over_all_axes():
    x = torch.randn(2, 3)
    torch.testing.assert_close(activations.softmax(x, axis=None).sum(), torch.tensor(1.0))
    torch.testing.assert_close(
        activations.log_softmax(x, axis=None), activations.softmax(x, axis=None).log()
    )


def test_extreme_numbers_neither_overflow_nor_round_to_nothing():
    x = torch.tensor([-1000.0, 1000.0], dtype=torch.float64, requires_grad=True)
    for name in ("softplus", "log_sigmoid", "squareplus", "mish", "log_softmax", "silu"):
        y = getattr(activations, name)(x)
        assert torch.isfinite(y).all(), name
        (gradient,) = torch.autograd.grad(y.sum(), x)
        assert torch.isfinite(gradient).all(), name
    exact = math.log1p(math.exp(-25.0))
    difference = float(activations.softplus(torch.tensor(25.0, dtype=torch.float64))) - 25.0
    assert difference == pytest.approx(exact, rel=1e-3)


@given(x=hnp.arrays(np.float64, (2, 5), elements=st.floats(-3, 3)))
def test_sparsemax_is_the_nearest_point_of_the_simplex(x):
    # Checked against Euclid's projection by its conditions (Karush, Kuhn, Tucker).
    p = activations.sparsemax(x)
    torch.testing.assert_close(p.sum(-1), torch.ones(2, dtype=torch.float64))
    assert (p >= 0).all()
    slack = torch.tensor(x) - p  # tau on the support, at most tau elsewhere
    tau = torch.where(p > 0, slack, torch.inf).amin(-1, keepdim=True)
    assert (slack <= tau + 1e-9).all()


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_sparsemax_along_any_axis_and_its_gradient(axis):
    x = torch.randn(3, 4, 2, dtype=torch.float64, requires_grad=True)
    p = activations.sparsemax(x, axis)
    torch.testing.assert_close(p.sum(axis), torch.ones_like(p.sum(axis)))
    assert torch.autograd.gradcheck(lambda t: activations.sparsemax(t, axis), x)


def test_sparsemax_differs_from_keras():
    # Keras 3.15 on torch takes tau from the sum of all partial sums: its result has the sum 0.75.
    x = torch.tensor([0.25, -0.25])
    assert activations.sparsemax(x).tolist() == [0.75, 0.25]
    assert float(keras.activations.sparsemax(x).sum()) == pytest.approx(0.75)


@pytest.mark.parametrize(("name", "axis"), [("sigmoid", None), ("softmax", -1), ("softmax", 1)])
def test_the_loss_finds_the_logits(name, axis):
    x = torch.randn(3, 4)
    y = getattr(activations, name)(x) if axis is None else activations.softmax(x, axis)
    assert y._keras_logits is x
    assert y._keras_activation == name


def test_softmax_along_another_axis_keeps_no_logits():
    assert not hasattr(activations.softmax(torch.randn(3, 4), axis=0), "_keras_logits")
    assert not hasattr(ops.softmax(torch.randn(3, 4)), "_keras_logits")


# Names


@pytest.mark.parametrize("name", NAMES)
def test_by_name_and_back(name):
    function = activations.get(name)
    assert function is getattr(activations, name)
    assert activations.serialize(function) == keras.activations.serialize(
        getattr(keras.activations, name)
    )
    assert activations.deserialize(name) is function
    assert activations.get(function) is function


def test_none_is_the_identity():
    x = torch.ones(2)
    assert activations.get(None) is activations.linear
    assert activations.linear(x) is x


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(ValueError, match="Unknown activation: 'rellu'. Did you mean 'relu'"):
        activations.get("rellu")
    with pytest.raises(ValueError, match="Unknown activation: 'ReLU'. Did you mean 'relu'"):
        activations.get("ReLU")
    with pytest.raises(TypeError, match="activation must be a name, a configuration dict, a call"):
        activations.get(3)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (torch.relu, "relu"),
        (F.relu, "relu"),
        (torch.tanh, "tanh"),
        (F.silu, "silu"),
        (F.gelu, "gelu"),
    ],
)
def test_functions_of_torch_are_saved_by_name(function, name):
    assert activations.get(function) is function
    assert activations.serialize(function) == name


def cubed(x):
    return x**3


def test_functions_of_ones_own():
    config = activations.serialize(cubed)
    assert config["config"] == "cubed"
    assert activations.deserialize(config, custom_objects={"cubed": cubed}) is cubed
    assert activations.deserialize("cubed", custom_objects={"cubed": cubed}) is cubed
    with custom_object_scope({"cubed": cubed}):
        assert activations.get(config) is cubed
        assert activations.get("cubed") is cubed
    with pytest.raises(ValueError, match="Unknown function 'cubed'.*register_keras_serializable"):
        activations.get(config)


@register_keras_serializable("tests")
def halved(x):
    return x / 2


@register_keras_serializable("tests")
class Scaled:
    def __init__(self, factor=2.0):
        self.factor = factor

    def __call__(self, x):
        return self.factor * x

    def get_config(self):
        return {"factor": self.factor}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def test_registered_functions_and_objects():
    assert activations.get(activations.serialize(halved)) is halved
    again = activations.get(activations.serialize(Scaled(5.0)))
    assert isinstance(again, Scaled)
    assert again.factor == 5.0
    assert isinstance(activations.get(Scaled), Scaled)


def test_own_functions_come_before_ours():
    def relu(x):
        return x

    assert activations.deserialize("relu", custom_objects={"relu": relu}) is relu
    config = activations.serialize(relu)
    assert activations.deserialize(config, custom_objects={"relu": relu}) is relu


def test_keras_configurations_of_functions_are_read():
    config = {
        "module": "builtins", "class_name": "function", "config": "relu",
        "registered_name": "relu",
    }  # fmt: skip
    assert activations.get(config) is activations.relu
    assert activations.get(keras.saving.serialize_keras_object(keras.activations.gelu)) is (
        activations.gelu
    )


def test_a_lambda_is_not_saved():
    with pytest.raises(TypeError, match="a lambda cannot be saved"):
        activations.serialize(lambda x: x)


# Cost


@pytest.mark.parametrize("name", NAMES)
def test_kernels_compute_the_same(name):
    function = activations.get(name)
    if name == "threshold":
        return
    x = torch.randn(3, 4)
    kernel = activations.kernel(function)
    torch.testing.assert_close(kernel(x), function(x))


def test_kernels_are_torchs_own_functions():
    assert activations.kernel(activations.relu) is torch.relu
    assert activations.kernel(activations.tanh) is torch.tanh
    assert activations.kernel(activations.sigmoid) is torch.sigmoid
    assert activations.kernel(cubed) is cubed
