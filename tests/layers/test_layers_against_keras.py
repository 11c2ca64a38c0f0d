"""Values and gradients of each layer equal those of Keras, in float64."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

import profond

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.usefixtures("keras64")

SIZE = st.integers(1, 4)
RATE = st.floats(0.1, 2.0)
YES_NO = st.booleans()
ACTIVATION = st.sampled_from([None, "relu", "tanh", "sigmoid", "softmax", "gelu", "selu"])


def shapes(low=1, high=3):
    """Shapes of one sample."""
    return st.lists(SIZE, min_size=low, max_size=high).map(tuple)


def options(**strategies):
    """Some of the arguments, each drawn from its strategy."""
    return st.fixed_dictionaries({}, optional=strategies)


@st.composite
def axes_of(draw, shape):
    """An axis of the input, from either end, or a list of the last ones."""
    ndim = len(shape) + 1
    last = draw(st.integers(1, len(shape)))
    several = list(range(-last, 0)) if draw(YES_NO) else list(range(ndim - last, ndim))
    return draw(st.sampled_from([-1, ndim - 1, several]))


# Each: from `draw`, arguments and the shape of a sample (a list for several inputs).


def activation(draw):
    name = draw(ACTIVATION.filter(bool))
    return {"activation": name}, draw(shapes())


def dense(draw):
    more = draw(options(activation=ACTIVATION, use_bias=YES_NO))
    return {"units": draw(SIZE), **more}, draw(shapes())


def einsum_dense(draw):
    equation, output, rank = draw(
        st.sampled_from(
            [
                ("ab,bc->ac", 3, 1),
                ("abc,cd->abd", (None, 2), 2),
                ("...x,xy->...y", 4, 3),
                ("abc,cde->abde", (None, 2, 3), 2),
                ("ab...,bc->ac...", 3, 2),
            ]
        )
    )
    letters = equation.split("->")[1].replace(".", "")
    bias = draw(st.sampled_from([None, letters[-1]]))
    more = draw(options(activation=ACTIVATION))
    shape = draw(shapes(rank, rank))
    return {"equation": equation, "output_shape": output, "bias_axes": bias, **more}, shape


def relu(draw):
    bound = st.one_of(st.none(), RATE)
    zero = st.sampled_from([0.0, 0.3])
    return draw(options(max_value=bound, negative_slope=zero, threshold=zero)), draw(shapes())


def leaky_relu(draw):
    return draw(options(negative_slope=st.floats(0, 1))), draw(shapes())


def elu(draw):
    return draw(options(alpha=RATE)), draw(shapes())


def prelu(draw):
    shape = draw(shapes())
    shared = st.lists(st.integers(1, len(shape)), unique=True, min_size=1)
    return draw(options(shared_axes=st.one_of(st.none(), shared))), shape


def softmax(draw):
    shape = draw(shapes())
    return {"axis": draw(axes_of(shape))}, shape


def normalization(draw):
    shape = draw(shapes())
    more = draw(options(epsilon=st.floats(1e-4, 0.1), center=YES_NO, scale=YES_NO))
    return {"axis": draw(axes_of(shape)), **more}, shape


def rms_normalization(draw):
    shape = draw(shapes())
    more = draw(options(epsilon=st.floats(1e-4, 0.1)))
    return {"axis": draw(axes_of(shape)), **more}, shape


def unit_normalization(draw):
    shape = draw(shapes())
    return {"axis": draw(axes_of(shape))}, shape


def group_normalization(draw):
    shape = list(draw(shapes()))
    axis = draw(st.sampled_from([-1, *range(1, len(shape) + 1)]))
    groups = draw(st.integers(1, 3))
    shape[axis if axis < 0 else axis - 1] = groups * draw(st.integers(1, 3))
    more = draw(options(epsilon=st.floats(1e-4, 0.1), center=YES_NO, scale=YES_NO))
    groups = draw(st.sampled_from([groups, -1, 1]))
    return {"groups": groups, "axis": axis, **more}, tuple(shape)


def merging(draw):
    shape = draw(shapes())
    one = tuple(n if draw(YES_NO) else 1 for n in shape)
    shorter = shape[draw(st.integers(0, len(shape) - 1)) :]
    return {}, [shape, one, shorter]


def of_two(draw):
    shape = draw(shapes())
    return {}, [shape, tuple(n if draw(YES_NO) else 1 for n in shape)]


def concatenate(draw):
    shape = draw(shapes(2, 3))
    axis = draw(st.sampled_from([*range(1, len(shape) + 1), *range(-len(shape), 0)]))
    sizes = draw(st.lists(SIZE, min_size=1, max_size=3))
    place = axis if axis < 0 else axis - 1
    return {"axis": axis}, [
        tuple(n if a == place % len(shape) else m for a, m in enumerate(shape)) for n in sizes
    ]


def dot(draw):
    first, second = list(draw(shapes())), list(draw(shapes()))
    axes = [draw(st.integers(1, len(s))) for s in (first, second)]
    first[axes[0] - 1] = second[axes[1] - 1]
    if draw(YES_NO):
        axes = [axes[0] - len(first) - 1, axes[1] - len(second) - 1]
    same = axes[0] if axes[0] == axes[1] else axes
    return {"axes": same, **draw(options(normalize=YES_NO))}, [tuple(first), tuple(second)]


def plain(low=1, high=3):
    def case(draw):
        return {}, draw(shapes(low, high))

    return case


def reshape(draw):
    shape = draw(shapes())
    target = list(draw(st.permutations(shape)))
    unknown = draw(st.integers(-1, len(target) - 1))
    if unknown >= 0:
        target[unknown] = -1
    return {"target_shape": tuple(target)}, shape


def permute(draw):
    shape = draw(shapes())
    return {"dims": tuple(draw(st.permutations(range(1, len(shape) + 1))))}, shape


def repeat_vector(draw):
    return {"n": draw(SIZE)}, draw(shapes(1, 1))


def rescaling(draw):
    shape = draw(shapes())
    number = st.one_of(RATE, st.lists(RATE, min_size=shape[-1], max_size=shape[-1]))
    return {"scale": draw(number), **draw(options(offset=number))}, shape


def standardisation(draw):
    shape = draw(shapes())
    sizes = {"min_size": shape[-1], "max_size": shape[-1]}
    more = draw(options(invert=YES_NO))
    numbers = draw(st.sampled_from([st.lists(RATE, **sizes), RATE]))
    return {"mean": draw(numbers), "variance": draw(numbers), **more}, shape


def batch_normalization(draw):
    shape = draw(shapes())
    axis = draw(st.sampled_from([-1, *range(1, len(shape) + 1)]))
    more = draw(
        options(epsilon=st.floats(1e-4, 0.1), momentum=st.floats(0, 1), center=YES_NO, scale=YES_NO)
    )
    return {"axis": axis, **more}, shape


def pooling(draw):
    return draw(options(keepdims=YES_NO)), draw(shapes(2, 2))


def pooling_of_images(draw):
    return draw(options(keepdims=YES_NO)), draw(shapes(3, 3))


def per_axis(draw, dimensions, low=1, high=4):
    """A number for each axis, or one for all."""
    number = st.integers(low, high)
    several = st.tuples(*[number] * dimensions)
    return draw(several if dimensions == 1 else st.one_of(number, several))


def windows(dimensions, paddings):
    """Pooling in so many dimensions."""

    def case(draw):
        padding = draw(st.sampled_from(paddings))
        pool_size = per_axis(draw, dimensions)
        least = [pool_size] * dimensions if isinstance(pool_size, int) else pool_size
        shape = [
            draw(st.integers(1 if padding.lower() == "same" else low, low + 5)) for low in least
        ]
        more = {"strides": per_axis(draw, dimensions)} if draw(YES_NO) else {}
        return {"pool_size": pool_size, "padding": padding, **more}, (*shape, draw(SIZE))

    return case


def adaptive(dimensions):
    def case(draw):
        size = per_axis(draw, dimensions, 1, 5)
        return {"output_size": size}, draw(shapes(dimensions + 1, dimensions + 1))

    return case


def up_sampling1d(draw):
    return draw(options(size=SIZE)), draw(shapes(2, 2))


def up_sampling2d(draw):
    word = st.sampled_from(["nearest", "bilinear", "bicubic", "Bilinear"])
    size = per_axis(draw, 2)
    return {"size": size, **draw(options(interpolation=word))}, draw(shapes(3, 3))


def around(dimensions, name, least=0):
    """Arguments of padding and cropping; sizes of at least `least`."""

    def case(draw):
        number = st.integers(0, 3)
        pair = st.tuples(number, number)
        if dimensions == 2:
            pair = st.one_of(pair, st.tuples(pair, pair), st.tuples(number, pair))
        more = draw(options(**{name: st.one_of(number, pair)}))
        shape = [draw(st.integers(max(1, least), max(1, least) + 3)) for _ in range(dimensions)]
        return more, (*shape, draw(SIZE))

    return case


def masking(draw):
    return {"mask_value": draw(st.sampled_from([0.0, 1.0]))}, draw(shapes())


LAYERS = {
    "Activation": activation,
    "AdaptiveAveragePooling1D": adaptive(1),
    "AdaptiveAveragePooling2D": adaptive(2),
    "AdaptiveMaxPooling1D": adaptive(1),
    "AdaptiveMaxPooling2D": adaptive(2),
    "Add": merging,
    "Average": merging,
    # With padding, Keras on torch counts edges twice: see pooling/test_windows.py.
    "AveragePooling1D": windows(1, ["valid"]),
    "AveragePooling2D": windows(2, ["valid"]),
    "BatchNormalization": batch_normalization,
    "Concatenate": concatenate,
    "Cropping1D": around(1, "cropping", 7),
    "Cropping2D": around(2, "cropping", 7),
    "Dense": dense,
    "Dot": dot,
    "ELU": elu,
    "EinsumDense": einsum_dense,
    "Flatten": plain(0, 3),
    "GlobalAveragePooling1D": pooling,
    "GlobalAveragePooling2D": pooling_of_images,
    "GlobalMaxPooling1D": pooling,
    "GlobalMaxPooling2D": pooling_of_images,
    "GroupNormalization": group_normalization,
    "Identity": plain(),
    "LayerNormalization": normalization,
    "LeakyReLU": leaky_relu,
    "Masking": masking,
    "MaxPooling1D": windows(1, ["valid", "same"]),
    "MaxPooling2D": windows(2, ["valid", "same"]),
    "Maximum": merging,
    "Minimum": merging,
    "Multiply": merging,
    "Normalization": standardisation,
    "PReLU": prelu,
    "Permute": permute,
    "RMSNormalization": rms_normalization,
    "ReLU": relu,
    "RepeatVector": repeat_vector,
    "Rescaling": rescaling,
    "Reshape": reshape,
    "Softmax": softmax,
    "Subtract": of_two,
    "UnitNormalization": unit_normalization,
    "UpSampling1D": up_sampling1d,
    "UpSampling2D": up_sampling2d,
    "ZeroPadding1D": around(1, "padding"),
    "ZeroPadding2D": around(2, "padding"),
}


def results(layer, data, weights, **call):
    """The output, the gradients of a function of it, and all weights after the call."""
    several = isinstance(data, list)
    xs = [torch.tensor(x, requires_grad=True) for x in (data if several else [data])]
    layer(xs if several else xs[0])
    layer.set_weights(weights)
    out = layer(xs if several else xs[0], **call)
    loss = (out * torch.arange(1.0, 1 + out.numel(), dtype=out.dtype).reshape(out.shape)).sum()
    learned = [w if isinstance(w, torch.Tensor) else w.value for w in layer.trainable_weights]
    gradients = torch.autograd.grad(loss, xs + learned, allow_unused=True)
    return out.detach(), gradients, layer.get_weights()


@pytest.mark.parametrize("name", LAYERS)
@given(data=st.data())
def test_values_and_gradients(name, data, keras64):
    arguments, shape = LAYERS[name](data.draw)
    seed, batch, training = data.draw(st.integers(0, 10**6)), data.draw(SIZE), data.draw(YES_NO)
    rng = np.random.default_rng(seed)
    x = (
        [rng.normal(size=(batch, *s)) for s in shape]
        if isinstance(shape, list)
        else rng.normal(size=(batch, *shape))
    )
    if name == "Masking":
        x = np.where(rng.random((batch, *shape[:-1], 1)) < 0.5, arguments["mask_value"], x)
    ours = getattr(profond.layers, name)(**arguments, dtype="float64")
    theirs = getattr(keras64.layers, name)(**arguments, dtype="float64")
    theirs(x)
    weights = [
        rng.integers(0, 3, w.shape) if w.name == "count" else rng.uniform(0.5, 2, w.shape)
        for w in theirs.weights
    ]
    out, gradients, after = results(ours, x, weights, training=training)
    expected, wanted, expected_after = results(theirs, x, weights, training=training)
    torch.testing.assert_close(out, expected, rtol=1e-9, atol=1e-9)
    for have, want in zip(gradients, wanted, strict=True):
        assert (have is None) == (want is None)
        if want is not None:
            torch.testing.assert_close(have, want, rtol=1e-8, atol=1e-8)
    for have, want in zip(after, expected_after, strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-12)


@given(
    sizes=st.tuples(st.integers(1, 9), SIZE),
    shape=shapes(),
    dtype=st.sampled_from(["int64", "int32", "uint8", "float32"]),
    mask_zero=YES_NO,
    seed=st.integers(0, 99),
)
def test_embedding(sizes, shape, dtype, mask_zero, seed, keras64):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, sizes[0], shape).astype(dtype)
    table = rng.normal(size=sizes)
    made = [
        library.layers.Embedding(*sizes, mask_zero=mask_zero, dtype="float64", weights=[table])
        for library in (profond, keras64)
    ]
    outs = [layer(x) for layer in made]
    np.testing.assert_array_equal(outs[0].detach(), outs[1].detach())
    gradients = [
        torch.autograd.grad((out * out.detach().cos()).sum(), layer.weights[0].value)[0]
        for out, layer in zip(outs, made, strict=True)
    ]
    torch.testing.assert_close(gradients[0], gradients[1])
    if mask_zero:
        np.testing.assert_array_equal(outs[0]._keras_mask, outs[1]._keras_mask)


@given(shape=shapes(1, 2), batch=st.integers(2, 5), seed=st.integers(0, 99), data=st.data())
def test_batch_renormalization(shape, batch, seed, data, keras64):
    bounds = data.draw(
        options(rmax=st.floats(1, 2), rmin=st.floats(0.1, 1), dmax=st.floats(0.1, 2))
    )
    arguments = data.draw(
        options(
            renorm_momentum=st.floats(0, 1), momentum=st.floats(0, 1), scale=YES_NO, center=YES_NO
        )
    )
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, *shape))
    made = [
        library.layers.BatchNormalization(
            renorm=True, renorm_clipping=bounds, dtype="float64", **arguments
        )
        for library in (profond, keras64)
    ]
    made[1](x)
    weights = [rng.uniform(0.5, 2, w.shape) for w in made[1].weights]
    have, want = (results(layer, x, weights, training=True) for layer in made)
    torch.testing.assert_close(have[0], want[0])
    torch.testing.assert_close(have[1], want[1])
    for a, b in zip(have[2], want[2], strict=True):
        np.testing.assert_allclose(a, b)


@given(shape=shapes(2, 3), batch=SIZE, seed=st.integers(0, 99), momentum=st.floats(0, 1))
def test_masked_batch_normalization(shape, batch, seed, momentum, keras64):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, *shape))
    mask = rng.random((batch, *shape[:-1])) < 0.7
    assume(mask.any() and shape[-1] > 1)  # Keras fails for a single feature
    made = [
        library.layers.BatchNormalization(momentum=momentum, dtype="float64")
        for library in (profond, keras64)
    ]
    outs = [
        layer(torch.tensor(x), training=True, mask=torch.tensor(mask)).detach() for layer in made
    ]
    torch.testing.assert_close(outs[0], outs[1], rtol=1e-7, atol=1e-9)
    for have, want in zip(made[0].get_weights(), made[1].get_weights(), strict=True):
        np.testing.assert_allclose(have, want, atol=1e-12)


@given(
    shape=st.one_of(st.just(()), shapes(1, 1)),
    batch=SIZE,
    mode=st.sampled_from(["one_hot", "multi_hot", "count", "binary"]),
    weighted=YES_NO,
    seed=st.integers(0, 99),
)
def test_category_encoding(shape, batch, mode, weighted, seed, keras64):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 4, (batch, *shape))
    call = {"count_weights": rng.random(x.shape)} if weighted and mode == "count" else {}
    have, want = (
        library.layers.CategoryEncoding(4, output_mode=mode, dtype="float64")(x, **call)
        for library in (profond, keras64)
    )
    np.testing.assert_allclose(have, want)


@given(
    shape=shapes(1, 2),
    mode=st.sampled_from(["int", "one_hot", "multi_hot", "count"]),
    edges=st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=4, unique=True).map(sorted),
    whole=YES_NO,
    seed=st.integers(0, 99),
)
def test_discretization(shape, mode, edges, whole, seed, keras64):
    x = np.random.default_rng(seed).normal(size=shape)
    if whole:
        x = np.round(x).astype("int64")
    have, want = (
        library.layers.Discretization(edges, output_mode=mode, dtype="float64")(x)
        for library in (profond, keras64)
    )
    np.testing.assert_array_equal(have, want)
    assert str(have.dtype) == str(want.dtype)


@given(
    shape=shapes(1, 2),
    axis=st.sampled_from([-1, None, 1]),
    batches=st.lists(st.integers(2, 5), min_size=1, max_size=4),
    whole=YES_NO,
    invert=YES_NO,
    seed=st.integers(0, 99),
)
def test_adapted_normalization(shape, axis, batches, whole, invert, seed, keras64):
    rng = np.random.default_rng(seed)
    parts = [rng.normal(3, 2, (n, *shape)) for n in batches]
    ours, theirs = (
        library.layers.Normalization(axis=axis, invert=invert, dtype="float64")
        for library in (profond, keras64)
    )
    ours.adapt(np.concatenate(parts) if whole else parts)
    theirs.adapt(np.concatenate(parts))  # it takes batches with TensorFlow only
    x = rng.normal(size=(3, *shape))
    # Keras rounds the means to float32.
    np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-6, atol=1e-6)
    for have, want in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-6)


@pytest.mark.parametrize("activation", [None, "linear", "relu"])
def test_descriptions_write_activations_and_shapes_as_keras_does(activation):
    configs = []
    for library in (profond, keras):
        dense = library.layers.Dense(2, activation=activation)
        model = library.Sequential([library.Input((3,)), dense])
        config = model.get_config()
        entry = config["layers"][0]["config"]["batch_shape"]
        configs.append((dense.get_config()["activation"], config["build_input_shape"], entry))
    assert configs[0] == configs[1]
    dense = profond.layers.Dense.from_config({"units": 2, "activation": None})
    assert dense.get_config()["activation"] == "linear"
    again = profond.layers.Dense.from_config(dense.get_config())
    assert again.get_config() == dense.get_config()
