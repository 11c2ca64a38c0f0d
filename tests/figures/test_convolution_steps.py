"""Chapter 6: padding and pooling drawn cell by cell, and pictures that move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image
from scipy import signal

from profond import figures, layers
from profond.figures import numbers
from profond.figures._grid_cells import windows

# Dumoulin and Visin 2016, figure 1.1: its input, kernel and output.
IMAGE = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
KERNEL = [[0, 1, 2], [2, 2, 0], [0, 1, 2]]
OUTPUT = [[12, 12, 17], [10, 17, 19], [9, 6, 14]]
VALUES = np.array([[1, 3, 2, 1], [2, 9, 1, 1], [1, 3, 2, 3], [5, 6, 1, 2.0]])


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_the_example_of_the_guide():
    figure = figures.convolution_step(IMAGE, KERNEL)
    found = numbers(figure)
    np.testing.assert_array_equal(found["output"], OUTPUT)
    assert found["input_shape"] == found["padded_shape"] == (5, 5)
    assert found["output_shape"] == (3, 3)
    written = texts(figure)
    assert "⌊(5 − 3) / 1⌋ + 1 = 3" in written
    assert {"17", "19", "14"} <= set(written)
    assert written.count("×2") == 4


@given(
    size=st.tuples(st.integers(3, 9), st.integers(3, 9)),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    padding=st.sampled_from(["valid", "same"]),
)
def test_sizes_and_windows_are_those_of_the_layers(size, kernel, stride, dilation, padding):
    if padding == "valid" and dilation * (kernel - 1) + 1 > min(size):
        return
    if stride > 1 and dilation > 1:
        return  # the layer takes one of them
    told = [windows(n, kernel, padding=padding, stride=stride, dilation=dilation) for n in size]
    layer = layers.Conv2D(
        1, kernel, stride, padding, dilation_rate=dilation, use_bias=False, dtype="float64"
    )
    image = np.random.default_rng(0).normal(size=size)
    layer.build((None, *size, 1))
    weights = np.random.default_rng(1).normal(size=(kernel, kernel))
    layer.set_weights([weights[:, :, None, None]])
    expected = layer(image[None, :, :, None]).detach().numpy()[0, :, :, 0]
    assert tuple(one.count for one in told) == expected.shape
    # The cells said to be covered, zeros outside, give the layer's output.
    reach = 10
    around = np.pad(image, reach)
    for i in range(told[0].count):
        for j in range(told[1].count):
            rows = [reach + r for r in told[0].covered(i)]
            columns = [reach + c for c in told[1].covered(j)]
            part = around[np.ix_(rows, columns)]
            assert np.sum(part * weights) == pytest.approx(expected[i, j])


def test_steps_together_with_dilation():
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(9, 8)), rng.normal(size=(2, 3))
    found = numbers(figures.convolution_step(image, kernel, strides=(2, 1), dilation_rate=2))
    spread = np.zeros((3, 5))
    spread[::2, ::2] = kernel
    expected = signal.correlate2d(image, spread, mode="valid")[::2]
    np.testing.assert_allclose(found["output"], expected, atol=1e-12)


def test_zeros_around_keep_the_size():
    figure = figures.convolution_step(5, 3, padding="same")
    found = numbers(figure)
    assert (found["padded_shape"], found["output_shape"]) == ((7, 7), (5, 5))
    assert "output" not in found
    assert "⌊(5 + 2 − 3) / 1⌋ + 1 = 5" in texts(figure)
    dashed = [
        patch for patch in figure.axes[0].patches if patch.get_linestyle() not in ("-", "solid")
    ]
    assert len(dashed) == 49 - 25


def test_two_axes_of_different_sizes_are_told_apart():
    written = texts(figures.convolution_step((7, 6), 3, lang="fr"))
    assert written[-1] == (
        "hauteur\N{NO-BREAK SPACE}: ⌊(7 − 3) / 1⌋ + 1 = 5\n"
        "largeur\N{NO-BREAK SPACE}: ⌊(6 − 3) / 1⌋ + 1 = 4"
    )


def test_the_output_fills_step_by_step():
    moving = figures.convolution_animation(IMAGE, KERNEL)
    assert moving.frames == 9
    flat = [str(value) for value in np.ravel(OUTPUT)]
    for step in (0, 4, 8):
        written = texts(moving.frame(step))
        cells = [text for text in written if text in set(flat)]
        assert [text for text in cells if int(text) > 3] == flat[: step + 1]


@pytest.mark.parametrize(("kind", "expected"), [("max", [[9, 2], [6, 3]]), ("average", None)])
def test_pooling_takes_the_greatest_or_the_mean(kind, expected):
    found = numbers(figures.pooling_step(VALUES, kind=kind))
    blocks = VALUES.reshape(2, 2, 2, 2).swapaxes(1, 2)
    by_hand = blocks.max(axis=(2, 3)) if kind == "max" else blocks.mean(axis=(2, 3))
    np.testing.assert_allclose(found["output"], by_hand)
    if expected is not None:
        np.testing.assert_array_equal(found["output"], expected)


def test_windows_that_overlap():
    view = np.lib.stride_tricks.sliding_window_view(VALUES, (2, 2))
    figure = figures.pooling_step(VALUES, strides=1, step=4, lang="fr")
    np.testing.assert_array_equal(numbers(figure)["output"], view.max(axis=(2, 3)))
    assert "⌊(4 − 2) / 1⌋ + 1 = 3" in texts(figure)
    moving = figures.pooling_animation(VALUES, strides=1)
    assert moving.frames == 9


def test_a_moving_picture_is_written_whole(tmp_path):
    moving = figures.pooling_animation(VALUES, seconds=0.5)
    for ending in ("gif", "png", "webp"):
        path = tmp_path / f"a.{ending}"
        moving.save(path, dpi=40)
        with Image.open(path) as opened:
            assert opened.n_frames == 4
            assert opened.info["loop"] == 0
            if ending == "gif":
                assert opened.info["duration"] == 500
    assert moving._repr_html_().startswith('<img src="data:image/png;base64,')
    assert isinstance(moving.frame(0), Figure)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures.convolution_step(3, 5), "takes 5 cells and the input has 3: .*same"),
        (lambda: figures.convolution_step(5, 3, padding="full"), '"valid" or "same"; .*full'),
        (lambda: figures.convolution_step(30, 3), "at most 24 rows .*received 30×30. Give a part"),
        (lambda: figures.convolution_step(5, 3, step=9), "`step` must be below 9, the places"),
        (lambda: figures.convolution_step(np.ones((2, 3, 3)), 2), "Give one channel"),
        (lambda: figures.convolution_step((5, 5, 5), 2), "one whole number or two"),
        (lambda: figures.pooling_step(VALUES, step=4), "`step` must be below 4, the windows"),
        (lambda: figures.pooling_step(VALUES, kind="sum"), '"max" or "average"; received \'sum\''),
        (lambda: figures.pooling_step(4), "`values` must be numbers in rows and columns"),
        (lambda: figures.pooling_animation(VALUES, seconds=0), "`seconds` must be .* above 0"),
        (lambda: figures.pooling_animation(VALUES).frame(4), "`index` must be below .*, 4"),
        (lambda: figures.pooling_animation(VALUES).save("a.mp4"), "must end in .gif, .png, .webp"),
        (lambda: figures.Animation(lambda i: Figure(), frames=0), "`frames` must be at least 1"),
        (
            lambda: figures.Animation(lambda i: Figure(), frames=2, still=2),
            "`still` must be below the number of frames, 2; received 2",
        ),
    ],
)
def test_wrong_use_is_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()
