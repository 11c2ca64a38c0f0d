"""What convolutions refuse, and what they say."""

import numpy as np
import pytest

import profond
from profond import layers


def x(*shape):
    return np.zeros(shape, "float32")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Conv1D(0, 3), "`filters` must be a positive integer; received filters=0"),
        (lambda: layers.Conv2D(2, 0), "`kernel_size` must be an integer >= 1, or a tuple of 2"),
        (lambda: layers.Conv2D(2, (3,)), r"`kernel_size` must be .* received \(3,\)\."),
        (lambda: layers.Conv1D(2, 3, strides=0), "`strides` must be an integer >= 1; received 0"),
        (lambda: layers.Conv2D(2, 3, strides=(1, 1.5)), r"`strides` must be .*\(1, 1\.5\)"),
        (lambda: layers.Conv1D(2, 3, dilation_rate=-1), "`dilation_rate` must be .*received -1"),
        (
            lambda: layers.Conv1D(2, 3, padding="full"),
            "`padding` must be one of 'valid', 'same', 'causal'; received 'full'",
        ),
        (
            lambda: layers.Conv2D(2, 3, padding="causal"),
            r"`padding` must be one of 'valid', 'same'; received 'causal'\. Only `Conv1D` has",
        ),
        (
            lambda: layers.DepthwiseConv1D(3, padding="Causal"),
            "'valid', 'same'; received 'Causal'. Only `Conv1D` has 'causal'",
        ),
        (lambda: layers.Conv2D(2, 3, data_format="channels_first"), "`data_format` must be None"),
        (
            lambda: layers.Conv2D(2, 3, strides=2, dilation_rate=(1, 2)),
            r"`strides` and `dilation_rate` must not both be above 1; received strides=\(2, 2\), "
            r"dilation_rate=\(1, 2\)\. Give one of them as 1",
        ),
        (lambda: layers.Conv1DTranspose(2, 3, 2, dilation_rate=2), "must not both be above 1"),
        (lambda: layers.Conv1D(4, 3, groups=0), "`groups` must be a positive integer; .*groups=0"),
        (
            lambda: layers.Conv1D(4, 3, groups=3),
            "`groups` must divide `filters`; received groups=3, filters=4",
        ),
        (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), "`depth_multiplier` must be a pos"),
        (lambda: layers.SeparableConv1D(2, 3, depth_multiplier=0), "`depth_multiplier` must be a"),
        (lambda: layers.SeparableConv2D(-2, 3), "`filters` must be a positive integer; .*-2"),
        (
            lambda: layers.Conv2DTranspose(2, 3, 2, output_padding=(1, 2)),
            r"`output_padding` must be below `strides` on each axis; received "
            r"output_padding=\(1, 2\), strides=\(2, 2\)",
        ),
        (
            lambda: layers.Conv1DTranspose(2, 3, 2, output_padding=-1),
            "`output_padding` must be an integer >= 0; received -1",
        ),
        (lambda: layers.Conv1DTranspose(0, 3), "`filters` must be a positive integer; .*filters=0"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


TOO_SMALL = (
    r"the input of the layer 'n' must be at least as large as its kernel, \(3, 5\) with "
    r"kernel_size=\(3, 3\) and dilation_rate=\(1, 2\); received shape \({}, 4, 4, 1\)\. Give a "
    "smaller `kernel_size`, or padding='same'"
)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: layers.Conv2D(2, 3, name="n")(x(2, 28, 28)),
            r"the input of the layer 'n' must have the 4 axes \(batch, height, width, channels\); "
            r"received shape \(2, 28, 28\)\. If the axis of channels is missing, add it: "
            r"`x\[\.\.\., None\]`",
        ),
        (
            lambda: layers.Conv1D(2, 3, name="n")(x(2, 28, 28, 1)),
            r"must have the 3 axes \(batch, time, channels\); received shape \(2, 28, 28, 1\)\.$",
        ),
        (
            lambda: layers.DepthwiseConv2D(3, name="n")(profond.Input((8, 8, None))),
            r"the layer 'n' needs the number of channels, the last axis, to make its weights; "
            r"received the input shape \(None, 8, 8, None\)",
        ),
        (
            lambda: layers.Conv2D(2, 3, dilation_rate=(1, 2), name="n")(x(2, 4, 4, 1)),
            TOO_SMALL.format(2),
        ),
        (
            lambda: layers.Conv2D(2, 3, dilation_rate=(1, 2), name="n")(profond.Input((4, 4, 1))),
            TOO_SMALL.format("None"),
        ),
        (
            lambda: layers.Conv2D(2, 3, dilation_rate=(1, 2), name="n").build((None, 4, 4, 1)),
            TOO_SMALL.format("None"),
        ),
        (
            lambda: [layer := layers.SeparableConv1D(2, 3, name="n"), layer(x(2, 5, 1)),
                     layer(x(2, 2, 1))],
            r"'n' must be at least as large as its kernel, \(3,\) .* received shape \(2, 2, 1\)",
        ),
        (
            lambda: layers.Conv1D(2, 3, padding="same", name="n")(x(2, 0, 1)),
            r"the input of the layer 'n' must not be empty; received shape \(2, 0, 1\)",
        ),
        (
            lambda: layers.Conv1D(6, 3, groups=3, name="n")(x(2, 5, 4)),
            r"`groups` of the layer 'n' must divide the number of channels of its input; received "
            r"groups=3 and the input shape \(2, 5, 4\), 4 channels\. Give a divisor of both 4 and "
            "filters=6",
        ),
        (
            lambda: [layer := layers.Conv2D(2, 3, name="n"), layer(x(2, 5, 5, 3)),
                     layer(x(2, 5, 5, 4))],
            r"the input of the layer 'n' must have 4 axes, size 3 on axis -1; received shape "
            r"\(2, 5, 5, 4\)",
        ),
        (
            lambda: layers.Conv1DTranspose(2, 2, 2, "same", output_padding=0, name="n")(x(2, 1, 3)),
            r"the input of the layer 'n' must be so large that something comes out; received shape "
            r"\(2, 1, 3\), with kernel_size=\(2,\), strides=\(2,\), padding='same' and "
            r"output_padding=\(0,\)\. Give output_padding=None",
        ),
        (
            lambda: layers.Conv2DTranspose(2, 2, name="n")(x(2, 3, 0, 3)),
            r"'n' must be so large that something comes out; received shape \(2, 3, 0, 3\)",
        ),
        (
            lambda: layers.Conv2DTranspose(2, 2, name="n")(x(2, 3, 4)),
            r"'n' must have the 4 axes \(batch, height, width, channels\); .*\(2, 3, 4\)\. If the",
        ),
    ],
)  # fmt: skip
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.wrong_types
@pytest.mark.parametrize("padding", [None, 1, ("same",)])
def test_a_padding_is_a_word(padding):
    with pytest.raises(ValueError, match="`padding` must be one of 'valid', 'same'"):
        layers.Conv2D(2, 3, padding=padding)


def test_a_kernel_may_be_large_where_the_size_is_not_known():
    """Shapes are found out with sizes that stand for one that is not known: 96, 192."""
    layer = layers.Conv1D(2, 250)
    assert layer(profond.Input((None, 1))).shape == (None, None, 2)
    assert layer(x(2, 300, 1)).shape == (2, 51, 2)
    with pytest.raises(ValueError, match=r"as large as its kernel, \(250,\)"):
        layer(x(2, 96, 1))
