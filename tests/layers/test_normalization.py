"""What the normalization layers do beside the comparison with Keras."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch

import profond
from profond import layers


def series(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(2, 3, shape))


# Batch normalization


def test_a_batch_is_normalized_and_the_moving_averages_follow():
    layer = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, dtype="float64")
    x = series(50, 3)
    y = layer(x, training=True)
    torch.testing.assert_close(y.mean(0), torch.zeros(3, dtype=torch.float64))
    mean, variance = x.mean(0), x.var(0, correction=0)
    torch.testing.assert_close(y.var(0, correction=0), variance / (variance + 1e-5))
    torch.testing.assert_close(layer.moving_mean.detach(), 0.1 * mean)
    torch.testing.assert_close(layer.moving_variance.detach(), 0.9 + 0.1 * variance)
    outside = layer(x)
    expected = (x - 0.1 * mean) / torch.sqrt(0.9 + 0.1 * variance + 1e-5)
    torch.testing.assert_close(outside, expected)


@pytest.mark.parametrize("how", ["layer", "model"])
def test_a_frozen_layer_uses_and_keeps_its_moving_averages(how):
    layer = layers.BatchNormalization()
    model = profond.Sequential([profond.Input((3,)), layers.Dense(3), layer])
    model(series(9, 3).float(), training=True)
    before = [w.numpy().copy() for w in layer.weights]
    (layer if how == "layer" else model).trainable = False
    x = series(8, 3, seed=1).float()
    inside, outside = layer(x, training=True), layer(x, training=False)
    assert torch.equal(inside, outside)
    for weight, value in zip(layer.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_a_single_value_has_no_variance():
    layer = layers.BatchNormalization(beta_initializer="ones", momentum=0.0)
    y = layer(torch.tensor([[3.0, 4.0]]), training=True)
    assert y.tolist() == [[1.0, 1.0]]
    assert layer.moving_mean.tolist() == [3.0, 4.0]
    assert layer.moving_variance.tolist() == [0.0, 0.0]


def test_a_gradient_is_computed_after_the_averages_moved_on():
    layer = layers.BatchNormalization()
    x = series(6, 3).float().requires_grad_()
    layer(x, training=True)
    y = layer(x)  # as in a GAN: inference with a gradient, then a training step
    (expected,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
    layer(x, training=True)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(gradient, expected)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "bfloat16"])
def test_moving_averages_move_in_half_precision_too(policy):
    layer = layers.BatchNormalization(momentum=0.5, dtype=policy)
    x = torch.full((8, 2), 4.0)
    y = layer(x, training=True)
    assert y.dtype is torch.bfloat16
    assert layer.moving_mean.tolist() == [2.0, 2.0]
    kept = torch.float32 if policy == "mixed_bfloat16" else torch.bfloat16
    assert layer.moving_mean.dtype is kept


def test_images_stay_channels_last():
    x = series(2, 4, 5, 3).float()
    for layer in (layers.BatchNormalization(), layers.GroupNormalization(3)):
        y = layer(x, training=True)
        assert y.shape == x.shape
        assert y.is_contiguous()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"synchronized": True}, "`synchronized` must be False: .* received True"),
        ({"momentum": 1.5}, "`momentum` must be a number from 0 to 1; received momentum=1.5"),
        ({"epsilon": -1}, "`epsilon` must be a number >= 0; received epsilon=-1"),
        ({"renorm": True, "renorm_clipping": {"r": 1}}, r"keys rmax, rmin, dmax; received \['r'\]"),
        (
            {"renorm": True, "renorm_clipping": {"rmax": 1, "rmin": 2}},
            "must have rmax >= rmin; received rmax=1, rmin=2",
        ),
        (
            {"renorm": True, "renorm_clipping": {"dmax": -1}},
            "must have dmax >= 0; received dmax=-1",
        ),
        (
            {"renorm": True, "renorm_momentum": 2},
            "`renorm_momentum` must be a number from 0 to 1; received renorm_momentum=2",
        ),
    ],
)
def test_wrong_arguments_of_batch_normalization(arguments, message):
    with pytest.raises(ValueError, match=message):
        layers.BatchNormalization(**arguments)


def test_a_mask_of_another_rank_is_refused():
    layer = layers.BatchNormalization(name="bn")
    mask = torch.ones(2, 3, 4, dtype=torch.bool)
    with pytest.raises(ValueError, match=r"`mask` of the layer 'bn' .* \(2, 3, 4\) .* \(2, 3, 4\)"):
        layer(torch.ones(2, 3, 4), mask=mask)


# Layer, group, root mean square and unit normalization


def test_layer_normalization_over_axes_that_are_not_the_last():
    x = series(2, 4, 5, 3)
    layer = layers.LayerNormalization(axis=[1, 3], epsilon=0.01, dtype="float64")
    layer(x)
    gamma, beta = torch.rand(4, 3).double(), torch.rand(4, 3).double()
    layer.set_weights([gamma.numpy(), beta.numpy()])
    mean = x.mean((1, 3), keepdim=True)
    variance = x.var((1, 3), correction=0, keepdim=True)
    normal = (x - mean) / torch.sqrt(variance + 0.01)
    expected = normal * gamma[:, None] + beta[:, None]
    torch.testing.assert_close(layer(x), expected)


def test_rms_normalization_over_axes_that_are_not_the_last():
    x = series(2, 4, 5)
    layer = layers.RMSNormalization(axis=1, epsilon=0.01, dtype="float64")
    layer(x)
    layer.scale.assign([1.0, 2.0, 3.0, 4.0])
    factor = torch.tensor([1.0, 2.0, 3.0, 4.0]).double()[:, None]
    expected = x / torch.sqrt(x.square().mean(1, keepdim=True) + 0.01) * factor
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize("name", ["LayerNormalization", "RMSNormalization"])
def test_axes_counted_from_the_end_take_any_number_of_axes(name):
    layer = getattr(layers, name)()
    x = series(2, 4, 3).float()
    torch.testing.assert_close(layer(x)[0], layer(x[0]))
    strict = getattr(layers, name)(axis=2, name="n")
    strict(x)
    with pytest.raises(ValueError, match="the input of the layer 'n' must have 3 axes"):
        strict(x[0])


def test_rms_scaling_is_that_of_keras_with_its_warning(keras64):
    x = series(2, 4, 3)
    with pytest.warns(UserWarning, match="`rms_scaling=True` divides by the standard deviation"):
        ours = layers.LayerNormalization(axis=[1, 2], rms_scaling=True, dtype="float64")
    with pytest.warns(UserWarning, match="rms_scaling"):
        theirs = keras64.layers.LayerNormalization(axis=[1, 2], rms_scaling=True, dtype="float64")
        expected = theirs(x)
    assert [w.name for w in ours.weights] == []
    torch.testing.assert_close(ours(x), expected)
    assert [w.name for w in ours.weights] == ["gamma"]


@pytest.mark.parametrize("inputs_learn", [True, False])
@pytest.mark.parametrize("options", [{}, {"center": False}, {"scale": False}])
@pytest.mark.parametrize("shape", [(6,), (5, 6), (2, 3, 6), (2, 2, 2, 6)])
def test_group_normalization_gives_gradients_to_whatever_learns(shape, options, inputs_learn):
    # torch's kernel fails on some of these.
    layer = layers.GroupNormalization(3, dtype="float64", **options)
    x = series(2, *shape).requires_grad_(inputs_learn)
    y = layer(x)
    groups = x.reshape(2, -1, 3, 2)
    mean = groups.mean((1, 3), keepdim=True)
    variance = groups.var((1, 3), correction=0, keepdim=True)
    expected = ((groups - mean) / torch.sqrt(variance + 1e-3)).reshape(x.shape)
    torch.testing.assert_close(y.detach(), expected.detach())
    target = series(*y.shape, seed=1)
    (y * target).sum().backward()
    if "scale" not in options:
        torch.testing.assert_close(layer.gamma.grad, (expected * target).flatten(0, -2).sum(0))
    if "center" not in options:
        torch.testing.assert_close(layer.beta.grad, target.flatten(0, -2).sum(0))
    assert (x.grad is not None) == inputs_learn


def test_unit_normalization_gives_norm_one_and_keeps_zeros():
    x = series(3, 4)
    x[0] = 0
    y = layers.UnitNormalization(dtype="float64")(x)
    expected = torch.tensor([0.0, 1.0, 1.0]).double()
    torch.testing.assert_close(torch.linalg.vector_norm(y, dim=1), expected)
    assert layers.UnitNormalization()(np.array([[3, 4]])).tolist() == [
        [pytest.approx(0.6), pytest.approx(0.8)]
    ]


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    "name", ["LayerNormalization", "RMSNormalization", "UnitNormalization", "Softmax"]
)
@pytest.mark.parametrize("axis", ["last", 1.5, [], [0.5]])
def test_an_axis_is_an_integer(name, axis):
    with pytest.raises(ValueError, match="`axis` must be an integer or a list of integers"):
        getattr(layers, name)(axis=axis)


@pytest.mark.parametrize(
    "name", ["LayerNormalization", "RMSNormalization", "UnitNormalization", "BatchNormalization"]
)
@pytest.mark.parametrize("axis", [2, -3])
def test_an_axis_is_one_of_the_inputs(name, axis):
    layer = getattr(layers, name)(axis=axis, name="n")
    with pytest.raises(ValueError, match=rf"`axis` must name .* 'n', from -2 to 1; .*axis={axis}"):
        layer(torch.ones(3, 4))


@pytest.mark.parametrize("name", ["LayerNormalization", "RMSNormalization", "BatchNormalization",
                                  "GroupNormalization", "Normalization"])  # fmt: skip
def test_the_size_of_the_features_must_be_known(name):
    with pytest.raises(ValueError, match="the layer 'n' needs the size of axis 2 .*without None"):
        getattr(layers, name)(name="n")(profond.Input((4, None)))


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.GroupNormalization(0), "`groups` must be a positive integer, or -1 .* 0"),
        (lambda: layers.GroupNormalization(2.5), "`groups` must be a positive integer, or -1"),
        (
            lambda: layers.GroupNormalization(4, name="g")(torch.ones(2, 6)),
            "`groups` of the layer 'g' must divide .* received groups=4 and 6 channels",
        ),
        (
            lambda: layers.GroupNormalization(1, axis=0, name="g")(torch.ones(2, 6)),
            "`axis` of the layer 'g' must not be that of the batch",
        ),
    ],
)
def test_wrong_groups(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Normalization with the statistics of the data


def test_adapt_takes_arrays_frames_and_batches_alike():
    data = np.random.default_rng(0).normal(50, 7, (30, 3))
    expected = (data - data.mean(0)) / data.std(0)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.from_numpy(data), torch.zeros(30)), batch_size=7
    )

    class Pairs(profond.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return data[10 * index : 10 * (index + 1)], np.zeros(10)

    frame = pd.DataFrame(data, columns=list("abc"))
    for source in (
        data,
        torch.from_numpy(data),
        frame,
        data.tolist(),
        [data[:11], data[11:]],
        [(data[:11], None), (data[11:], None)],
        (batch for batch in np.split(data, 5)),
        loader,
        Pairs(),
    ):
        layer = layers.Normalization(dtype="float64")
        layer.adapt(source)
        torch.testing.assert_close(layer(data), torch.from_numpy(expected))
    layer.adapt(data + 1)  # what came before is forgotten
    torch.testing.assert_close(layer(data + 1), torch.from_numpy(expected))


def test_far_from_zero_no_digits_are_lost():
    data = (1e6 + np.random.default_rng(0).normal(size=(1000, 1))).astype("float32")
    layer = layers.Normalization()
    layer.adapt([data[:400], data[400:]])
    y = layer(data)
    assert y.std(correction=0).item() == pytest.approx(1, abs=1e-3)
    assert y.mean().item() == pytest.approx(0, abs=0.05)
    half = layers.Normalization(dtype="mixed_bfloat16")
    half.adapt(data)
    assert half(data).dtype is torch.bfloat16
    torch.testing.assert_close(half(data).float(), y, atol=0.02, rtol=0.02)


def test_whole_numbers_are_normalized_and_back():
    layer = layers.Normalization(mean=[2.0, 4.0], variance=[1.0, 4.0])
    y = layer(np.array([[3, 2]]))
    assert y.tolist() == [[1.0, -1.0]]
    assert layer.mean.tolist() == [[2.0, 4.0]]
    assert layer.variance.tolist() == [[1.0, 4.0]]
    back = layers.Normalization(mean=[2.0, 4.0], variance=[1.0, 4.0], invert=True)
    assert back(y).tolist() == [[3.0, 2.0]]


def test_one_mean_for_all_and_several_axes():
    data = np.arange(12.0).reshape(2, 3, 2)
    for axis, dims in ((None, (0, 1, 2)), ((), (0, 1, 2)), ((1, 2), 0), ([-1], (0, 1))):
        layer = layers.Normalization(axis=axis, dtype="float64")
        assert layer.mean is None
        layer.adapt(data)
        expected = (data - data.mean(dims, keepdims=True)) / data.std(dims, keepdims=True)
        np.testing.assert_allclose(layer(data), expected, atol=1e-12)
    part = layers.Normalization(axis=(1, 2), mean=[0.0, 1.0], variance=[1.0, 1.0])
    assert part(data).tolist() == (data - np.array([0.0, 1.0])).tolist()


def test_a_constant_feature_becomes_zero():
    layer = layers.Normalization()
    layer.adapt(np.full((5, 1), 7.0))
    assert layer(np.full((2, 1), 7.0)).tolist() == [[0.0], [0.0]]


def test_the_statistics_are_saved_with_the_weights(tmp_path):
    def model():
        return profond.Sequential([profond.Input((2,)), layers.Normalization()])

    first, second, data = model(), model(), np.random.default_rng(0).normal(size=(9, 2))
    first.layers[0].adapt(data)
    first.save_weights(tmp_path / "w.safetensors")
    second.load_weights(tmp_path / "w.safetensors")
    torch.testing.assert_close(second(data), first(data))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.Normalization(mean=1.0), "`mean` and `variance` must be given together"),
        (
            lambda: layers.Normalization(mean=[1.0], variance=[1.0, 2.0]),
            r"must have the same shape; received \(1,\) and \(2,\)",
        ),
        (
            lambda: layers.Normalization(mean=[[1.0]], variance=[[1.0]]),
            r"`mean` must have at most as many axes as `axis` names, 1; .*\(1, 1\)",
        ),
        (lambda: layers.Normalization(mean=0.0, variance=-1.0), "`variance` must be >= 0"),
        (
            lambda: layers.Normalization(name="n", mean=0.0, variance=1.0).adapt([[1.0]]),
            "the layer 'n' was made with `mean` and `variance`",
        ),
        (lambda: layers.Normalization().adapt([]), "`data` must hold at least one sample"),
        (lambda: layers.Normalization().adapt(np.ones((0, 2))), "must hold at least one sample"),
        (lambda: layers.Normalization().adapt(3), "`data` must be an array.*received int"),
        (lambda: layers.Normalization().adapt(np.array([["a"]])), "`data` must hold numbers"),
        (
            lambda: layers.Normalization(name="n").adapt([np.ones((2, 3)), np.ones((2, 4))]),
            r"the layer 'n' was built for 2 axes.*`adapt` received the shape \(2, 4\)",
        ),
    ],
)
def test_wrong_data_for_normalization(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "make",
    [
        layers.BatchNormalization,
        lambda: layers.BatchNormalization(renorm=True),
        layers.LayerNormalization,
        lambda: layers.LayerNormalization(axis=[0, 1]),
        lambda: layers.GroupNormalization(2),
        layers.RMSNormalization,
        lambda: layers.RMSNormalization(axis=[1, 2]),
    ],
)
@pytest.mark.parametrize("kind", ["double", "half", "bfloat16"])
def test_layers_converted_as_torch_does_it(make, kind):
    x = torch.randn(6, 3, 4)
    layer = make()
    layer(x)
    wanted = copy.deepcopy(layer)(x, training=True)
    getattr(layer, kind)()
    dtype = {"double": torch.float64, "half": torch.float16, "bfloat16": torch.bfloat16}[kind]
    assert {weight.dtype for weight in layer.weights} == {dtype}
    # Half precision has 3 or 2 digits.
    tolerance = {"atol": 1e-5 if kind == "double" else 0.05, "rtol": 0}
    got = layer(x.to(dtype), training=True)
    assert got.dtype is dtype
    torch.testing.assert_close(got.float(), wanted, **tolerance)
    assert layer(x, training=False).dtype is dtype
