"""Chapter 6: where a network looks, what it has learned, and where it is surely wrong."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

import profond
from profond import figures, inspection
from profond.architectures import lenet, resnet
from profond.figures import numbers
from profond.figures._class_activation import stretched
from profond.layers import Conv1D, Dense, GlobalAveragePooling1D, Input


@pytest.fixture
def series():
    """A network for series of two channels, and some."""
    stack = [Input((30, 2)), Conv1D(12, 5, padding="same", activation="relu", name="conv")]
    model = profond.Sequential([*stack, GlobalAveragePooling1D(), Dense(3, name="head")])
    return model, np.random.default_rng(0).normal(size=(4, 30, 2)).astype("float32")


@pytest.fixture
def images():
    """LeNet, and small images for it."""
    x = np.random.default_rng(0).uniform(size=(6, 16, 18, 1)).astype("float32")
    return lenet((16, 18, 1), 4, output_activation="softmax"), x


def drawn(figure):
    """The figure, after a drawing that must not fail."""
    figure.draw_without_rendering()
    return figure


def test_a_series_has_the_colours_of_its_map(series):
    model, x = series
    figure = drawn(figures.class_activation(model, x[0], class_index=1, classes=["a", "b", "c"]))
    found = numbers(figure)
    expected = inspection.class_activation_map(model, x[:1], 1)[0]
    np.testing.assert_allclose(found["map"], expected, rtol=1e-5)
    lines = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    assert len(lines) == 2  # a line for each channel
    for line, values in zip(lines, x[0].T, strict=True):
        np.testing.assert_allclose(line.get_array(), (expected[1:] + expected[:-1]) / 2, rtol=1e-5)
        np.testing.assert_allclose([piece[0, 1] for piece in line.get_segments()], values[:-1])
        low, high = line.get_clim()
        assert high == -low == pytest.approx(abs(expected).max(), rel=1e-5)
    assert figure.axes[0].get_title().startswith("for class b (")
    logits = model.predict(x[:1], verbose=0)[0]
    assert found["probability"] == pytest.approx(np.exp(logits[1]) / np.exp(logits).sum(), rel=1e-5)


def test_an_image_has_a_heat_where_its_class_is(images):
    model, x = images
    figure = drawn(figures.class_activation(model, x[0], lang="fr"))
    found = numbers(figure)
    best = int(model.predict(x[:1], verbose=0).argmax())
    assert found["class_index"] == best
    np.testing.assert_allclose(found["map"], inspection.grad_cam(model, x[:1], best)[0], rtol=1e-4)
    under, heat = figure.axes[0].images
    assert under.get_array().shape == heat.get_array().shape[:2] == (16, 18)
    np.testing.assert_allclose(under.get_array(), x[0, :, :, 0], rtol=1e-6)
    expected = stretched(found["map"], (16, 18))
    np.testing.assert_allclose(heat.get_array()[..., 3], 0.75 * expected / expected.max())
    assert figure.axes[0].get_title().startswith("pour la classe ")


def test_the_pixels_before_they_were_standardised_may_be_shown():
    model = resnet((8, 8, 3), 2, blocks=(1,), filters=(4,))
    x = np.random.default_rng(0).normal(size=(8, 8, 3)).astype("float32")
    pixels = np.full((8, 8, 3), 51, np.uint8)
    figure = drawn(figures.class_activation(model, x, image=pixels))
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), 0.2)
    with pytest.raises(
        ValueError, match=r"`image` must have the height and width of `x`, \(8, 8\)"
    ):
        figures.class_activation(model, x, image=pixels[:4])


def test_a_map_is_stretched_between_the_middles_of_its_places():
    np.testing.assert_allclose(
        stretched(np.array([0.0, 4.0]), (8,)), [0, 0, 0.5, 1.5, 2.5, 3.5, 4, 4]
    )
    assert stretched(np.eye(2), (4, 6)).shape == (4, 6)


def test_kernels_of_images_are_small_images(images):
    model, _ = images
    figure = drawn(figures.learned_filters(model))
    found = numbers(figure)
    np.testing.assert_array_equal(found["kernels"], model.get_layer("conv1").get_weights()[0])
    cells = figure.axes[0].child_axes
    assert len(cells) == 6
    for place, cell in enumerate(cells):
        np.testing.assert_array_equal(cell.images[0].get_array(), found["kernels"][:, :, 0, place])
    assert figure.axes[0].get_title() == "kernels of conv1 (5 x 5)"


def test_the_strongest_kernels_are_drawn_where_there_are_many(images):
    model, _ = images
    figure = drawn(figures.learned_filters(model, "conv2", most=3, lang="fr"))
    norms = (numbers(figure)["kernels"] ** 2).sum((0, 1, 2))
    assert set(numbers(figure)["shown"]) == set(np.argsort(norms)[-3:])
    assert figure.axes[0].texts[0].get_text() == "3 noyaux sur 16"
    assert figure.axes[0].get_title() == "noyaux de conv2 (5 x 5)"


def test_kernels_of_colours_are_colours():
    model = resnet((8, 8, 3), 2, blocks=(1,), filters=(4,))
    figure = drawn(figures.learned_filters(model))
    kernels = numbers(figure)["kernels"]
    shown = figure.axes[0].child_axes[2].images[0].get_array()
    np.testing.assert_allclose(shown, 0.5 + 0.5 * kernels[..., 2] / abs(kernels).max(), rtol=1e-6)


def test_kernels_of_series_are_lines(series):
    model, _ = series
    figure = drawn(figures.learned_filters(model))
    first = figure.axes[0].child_axes[0]
    kernel = numbers(figure)["kernels"][..., 0]
    lines = first.get_lines()[1:]  # after the zero
    np.testing.assert_array_equal(np.stack([line.get_ydata() for line in lines], 1), kernel)


def test_activation_maps_layer_by_layer(images, series):
    model, x = images
    figure = drawn(figures.feature_maps(model, x[0], ["conv1", "pool2"], most=4))
    found = numbers(figure)
    assert found["maps"]["conv1"].shape == (12, 14, 6) and len(found["shown"]["pool2"]) == 4
    cells = figure.axes[0].child_axes
    assert len(cells) == 8 and cells[0].get_title() == "conv1: 12 x 14, 6 channels"
    maps = found["maps"]["conv1"]
    one = maps[..., found["shown"]["conv1"][1]]
    np.testing.assert_allclose(cells[1].images[0].get_array(), one / maps.max(), rtol=1e-6)
    model, x = series
    figure = drawn(figures.feature_maps(model, x[0], lang="fr"))
    cells = figure.axes[0].child_axes
    assert len(cells) == 8 and cells[0].get_title() == "conv: 30, 12 canaux"
    found = numbers(figure)
    np.testing.assert_array_equal(
        cells[0].get_lines()[0].get_ydata(), found["maps"]["conv"][:, found["shown"]["conv"][0]]
    )


def test_of_many_convolutions_some_are_shown():
    model = resnet((8, 8, 1), 2, blocks=(2, 2), filters=(3, 4))
    x = np.random.default_rng(0).normal(size=(8, 8, 1)).astype("float32")
    names = list(numbers(drawn(figures.feature_maps(model, x)))["maps"])
    assert len(names) == 6 and names[0] == "conv1"


def test_the_surest_errors_come_first():
    x = np.random.default_rng(0).integers(0, 256, (5, 6, 6, 1), dtype=np.uint8)
    truth = ["cat", "dog", "cat", "dog", "cat"]
    chances = np.array([[0.9, 0.1], [0.7, 0.3], [0.05, 0.95], [0.2, 0.8], [0.4, 0.6]])
    figure = drawn(figures.most_confident_errors(x, truth, chances))
    found = numbers(figure)
    assert found["rows"].tolist() == [2, 1, 4] and found["errors"] == 3
    assert found["truth"] == ["cat", "dog", "cat"] and found["predicted"] == ["dog", "cat", "dog"]
    np.testing.assert_allclose(found["probability"], [0.95, 0.7, 0.6])
    cells = figure.axes[0].child_axes
    assert [cell.get_title() for cell in cells] == ["cat → dog (95%)", "dog → cat (70%)",
                                                    "cat → dog (60%)"]  # fmt: skip
    np.testing.assert_allclose(cells[0].images[0].get_array(), x[2, :, :, 0] / 255)
    assert figure.axes[0].get_title() == "3 errors in 5: true class → predicted"
    one = figures.most_confident_errors(x, truth, chances[:, 1], n=1, lang="fr")
    assert numbers(one)["rows"].tolist() == [2]
    assert one.axes[0].get_title() == "3 erreurs sur 5 : vraie classe → prédite"


def test_series_that_are_taken_for_others(series):
    _, x = series
    chances = np.tile([0.1, 0.2, 0.7], (4, 1))
    figure = drawn(figures.most_confident_errors(x, [0, 1, 2, 2], chances))
    assert numbers(figure)["rows"].tolist() == [0, 1]
    lines = figure.axes[0].child_axes[1].get_lines()
    np.testing.assert_array_equal(np.stack([line.get_ydata() for line in lines], 1), x[1])
    # Long names take a line of their own.
    names = ["a long name", "another", "the third"]
    figure = drawn(figures.most_confident_errors(x, [names[0]] * 4, chances, classes=names, n=1))
    assert figure.axes[0].child_axes[0].get_title() == "a long name →\nthe third (70%)"


def test_no_errors_are_no_pictures():
    x = np.zeros((2, 5, 5, 1))
    figure = drawn(figures.most_confident_errors(x, [0, 1], np.eye(2)))
    assert numbers(figure)["errors"] == 0 and figure.axes[0].child_axes == []
    assert figure.axes[0].get_title() == "0 errors in 2: true class → predicted"


def test_axes_of_ones_own_are_drawn_on(series):
    model, x = series
    own = Figure(layout="constrained")
    axes = own.subplots(2, 2).ravel()
    assert figures.class_activation(model, x[0], ax=axes[0]) is own
    figures.learned_filters(model, ax=axes[1])
    figures.feature_maps(model, x[0], ax=axes[2])
    figures.most_confident_errors(x, [0] * 4, np.tile([0, 1.0], (4, 1)), ax=axes[3])
    assert len(drawn(own).axes) == 5  # with what the colours mean
    assert all(len(ax.child_axes) for ax in axes[1:])


def test_what_does_not_fit_is_told(series, images):
    model, x = series
    with pytest.raises(
        ValueError, match=r"`x` must be one sample, .*shape \(4, 16, 18, 1\)\. Choo"
    ):
        figures.class_activation(images[0], images[1][:4])
    with pytest.raises(ValueError, match=r"`x` must be one sample, .* received shape \(30,\)"):
        figures.feature_maps(model, x[0, :, 0])
    with pytest.raises(
        ValueError, match=r"`method` must be one of 'cam', 'grad_cam'; received 'sc"
    ):
        figures.class_activation(model, x[0], method="score_cam")
    with pytest.raises(
        ValueError, match=r"`classes` must have a name for each of the model's clas"
    ):
        figures.class_activation(model, x[0], class_index=2, classes=["a", "b"])
    with pytest.raises(
        ValueError, match=r"`x` must be images, .*each of the 4 labels; received sh"
    ):
        figures.most_confident_errors(x[:3], [0, 1, 1, 0], np.tile([0, 1.0], (4, 1)))
    with pytest.raises(ValueError, match=r"`most` must be at least 1; received 0"):
        figures.learned_filters(model, most=0)
