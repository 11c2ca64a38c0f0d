"""Values, gradients and sizes are those of Keras for all options, in float64."""

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

import profond

keras = pytest.importorskip("keras")
from tests.layers.test_layers_against_keras import options, results  # noqa: E402 - needs keras

SMALL, YES_NO = st.integers(1, 3), st.booleans()
ACTIVATION = st.sampled_from([None, "relu", "tanh", "sigmoid", "softmax"])


def one_or_several(draw, numbers, count):
    """One number for all axes, or one for each."""
    if draw(YES_NO):
        return draw(numbers)
    several = [draw(numbers) for _ in range(count)]
    return several if draw(YES_NO) else tuple(several)


def as_tuple(value, count):
    return (value,) * count if isinstance(value, int) else tuple(value)


@st.composite
def windows(draw, dimensions, causal=False, both=False):
    """How a kernel slides, and the sizes of an input that it fits in."""
    size = one_or_several(draw, st.integers(1, 4), dimensions)
    moves, gaps = st.sampled_from([1, 1, 2, 3, 5]), st.sampled_from([1, 1, 2, 3])
    which = draw(st.sampled_from(["strides", "dilation_rate", "none", *(["both"] if both else [])]))
    arguments = {"kernel_size": size}
    if which in ("strides", "both"):
        arguments["strides"] = one_or_several(draw, moves, dimensions)
    if which in ("dilation_rate", "both"):
        arguments["dilation_rate"] = one_or_several(draw, gaps, dimensions)
    words = ["valid", "same", "SAME", *(["causal"] if causal else [])]
    arguments["padding"] = draw(st.sampled_from(words))
    gap = as_tuple(arguments.get("dilation_rate", 1), dimensions)
    spans = [(k - 1) * d + 1 for k, d in zip(as_tuple(size, dimensions), gap, strict=True)]
    least = spans if arguments["padding"] == "valid" else [1] * dimensions
    return arguments, tuple(n + draw(st.integers(0, 6)) for n in least)


def conv(draw, dimensions):
    arguments, sizes = draw(windows(dimensions, causal=dimensions == 1))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    filters, channels = groups * draw(SMALL), groups * draw(SMALL)
    more = draw(options(activation=ACTIVATION, use_bias=YES_NO, data_format=FORMAT))
    return {"filters": filters, "groups": groups, **arguments, **more}, (*sizes, channels)


def transposed(draw, dimensions):
    arguments, sizes = draw(windows(dimensions))
    moves = as_tuple(arguments.get("strides", 1), dimensions)
    sizes = tuple(draw(st.integers(2, 5)) for _ in sizes)  # large enough for all of them
    more = draw(options(activation=ACTIVATION, use_bias=YES_NO, data_format=FORMAT))
    if draw(YES_NO):
        more["output_padding"] = tuple(draw(st.integers(0, s - 1)) for s in moves)
        sizes = tuple(n + 3 for n in sizes)
    return {"filters": draw(SMALL), **arguments, **more}, (*sizes, draw(SMALL))


def depthwise(draw, dimensions):
    arguments, sizes = draw(windows(dimensions, both=True))
    more = draw(options(activation=ACTIVATION, use_bias=YES_NO, depth_multiplier=SMALL))
    return {**arguments, **more}, (*sizes, draw(SMALL))


def separable(draw, dimensions):
    arguments, shape = depthwise(draw, dimensions)
    return {"filters": draw(SMALL), **arguments}, shape


FORMAT = st.sampled_from([None, "channels_last"])
LAYERS = {
    "Conv{}D": conv,
    "Conv{}DTranspose": transposed,
    "DepthwiseConv{}D": depthwise,
    "SeparableConv{}D": separable,
}


def compared(keras64, name, arguments, shape, batch, seed):
    """Output, gradients and weights of both libraries, with the same weights."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, *shape))
    ours, theirs = (
        getattr(library.layers, name)(**arguments, dtype="float64")
        for library in (profond, keras64)
    )
    assert tuple(theirs.compute_output_shape((batch, *shape))) == tuple(theirs(x).shape)
    weights = [rng.normal(size=w.shape) for w in theirs.weights]
    have = results(ours, x, weights)
    try:
        want = results(theirs, x, weights)
    except RuntimeError as error:
        # Keras's own way of laying kernels out fails in the backward pass of some tiny images.
        assert "grad_weight" in str(error)  # noqa: PT017 - not what is tested
        want = theirs(x).detach(), (), ()
    torch.testing.assert_close(have[0], want[0], rtol=1e-9, atol=1e-9)
    for ours_is, theirs_is in zip(have[1], want[1], strict=bool(want[1])):
        torch.testing.assert_close(ours_is, theirs_is, rtol=1e-8, atol=1e-8)
    symbolic = ours(profond.Input(shape))
    assert symbolic.shape == (None, *want[0].shape[1:])


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("family", LAYERS)
@given(data=st.data())
def test_values_and_gradients(family, dimensions, data, keras64):
    arguments, shape = LAYERS[family](data.draw, dimensions)
    batch, seed = data.draw(SMALL), data.draw(st.integers(0, 10**6))
    compared(keras64, family.format(dimensions), arguments, shape, batch, seed)


@given(
    size=st.integers(1, 9),
    stride=st.integers(1, 5),
    dilation=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same"]),
    more=st.one_of(st.none(), st.integers(0, 4)),
    steps=st.integers(3, 8),
)
@example(size=1, stride=3, dilation=1, padding="same", more=2, steps=3)
@example(size=4, stride=5, dilation=1, padding="same", more=None, steps=3)
def test_what_comes_out_of_a_transposed_convolution(
    size, stride, dilation, padding, more, steps, keras64
):
    if stride > 1:
        dilation = 1
    more = None if more is None else more % stride
    span = (size - 1) * dilation + 1
    if padding == "same" and more is not None and (steps - 1) * stride + span % 2 + more < 1:
        return
    arguments = {"strides": stride, "dilation_rate": dilation, "output_padding": more}
    compared(
        keras64,
        "Conv1DTranspose",
        {"filters": 2, "kernel_size": size, "padding": padding, **arguments},
        (steps, 2),
        batch=2,
        seed=0,
    )


@pytest.mark.parametrize("name", ["Conv1D", "Conv2D", "DepthwiseConv2D", "Conv2DTranspose"])
def test_a_described_layer_of_keras_keeps_its_options(name, keras64):
    count = 1 if "1D" in name else 2
    arguments = {"kernel_size": 2, "strides": 2, "padding": "SAME", "activation": "relu"}
    if not name.startswith("Depthwise"):
        arguments["filters"] = 2
    theirs = getattr(keras64.layers, name)(**arguments)
    ours = getattr(profond.layers, name).from_config(theirs.get_config())
    for attribute in ("kernel_size", "strides", "dilation_rate", "padding", "data_format"):
        assert getattr(ours, attribute) == getattr(theirs, attribute), attribute
    assert ours.kernel_size == (2,) * count


@pytest.mark.parametrize(
    "name",
    [
        "Convolution1D",
        "Convolution2D",
        "Convolution1DTranspose",
        "Convolution2DTranspose",
        "SeparableConvolution1D",
        "SeparableConvolution2D",
    ],
)
def test_other_names_are_the_same_classes(name):
    plain = name.replace("Convolution", "Conv")
    assert getattr(keras.layers, name) is getattr(keras.layers, plain)
    assert getattr(profond.layers, name) is getattr(profond.layers, plain)
