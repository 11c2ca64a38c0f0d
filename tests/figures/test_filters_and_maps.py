"""Chapter 6: filters over series and images, equivariance, an image and its channels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage, stats

from profond import figures
from profond.figures import numbers
from profond.figures._filters import gaussian

SEED = st.integers(0, 10**6)


@pytest.fixture(scope="module")
def series():
    return np.cumsum(np.random.default_rng(0).normal(size=60))


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)


@pytest.mark.parametrize("sigma", [0.5, 2.0, 3.7])
def test_the_filter_is_a_normal_density_up_to_its_sum(sigma):
    found = gaussian(sigma)
    half = len(found) // 2
    assert half == np.ceil(3 * sigma)
    density = stats.norm.pdf(np.arange(-half, half + 1), scale=sigma)
    np.testing.assert_allclose(found, density / density.sum())
    assert gaussian(sigma, 0).tolist() == [1.0]


@given(length=st.integers(7, 40), half=st.integers(0, 3), seed=SEED)
def test_the_map_is_equation_6_1(length, half, seed):
    rng = np.random.default_rng(seed)
    x, f = rng.normal(size=length), rng.normal(size=2 * half + 1)
    expected = ndimage.correlate1d(x, f, mode="constant")
    same = numbers(figures.activation_map(x, kernel=f, padding="same"))
    np.testing.assert_allclose(same["map"], expected, atol=1e-12)
    assert same["at"].tolist() == list(range(length))
    valid = numbers(figures.activation_map(x, kernel=f))
    np.testing.assert_allclose(valid["map"], expected[half : length - half], atol=1e-12)
    assert valid["at"].tolist() == list(range(half, length - half))


def test_a_gaussian_filter_makes_a_series_smoother(series):
    figure = figures.activation_map(pd.Series(series, name="height"), sigma=2.0)
    found = numbers(figure)
    assert np.abs(np.diff(found["map"])).max() < np.abs(np.diff(series)).max()
    assert figure.axes[0].get_ylabel() == "height"
    french = figures.activation_map(series, sigma=1.5, lang="fr")
    assert [one.get_title() for one in french.axes[0].child_axes] == [r"filtre $f$, $\sigma$ = 1,5"]


@given(shift=st.integers(-30, 30), half=st.integers(0, 3), seed=SEED)
def test_the_output_is_shifted_as_the_input_is(shift, half, seed):
    rng = np.random.default_rng(seed)
    x, f = rng.normal(size=40), rng.normal(size=2 * half + 1)
    found = numbers(figures.equivariance(x, shift=shift, kernel=f))
    assert found["largest_difference"] < 1e-12
    # By hand: what was in sight before and still is, stands `shift` steps further.
    one, other = (found["output"], found["shifted_output"])
    kept = slice(max(0, -shift), len(one) - max(0, shift))
    again = slice(max(0, shift), len(one) + min(0, shift))
    np.testing.assert_allclose(other[again], one[kept], atol=1e-12)
    np.testing.assert_array_equal(found["input"], x)


def test_frames_move_to_the_right_and_back(series):
    moving = figures.equivariance_animation(series, most=10, frames=8, lang="fr")
    titles = [moving.frame(i).axes[0].get_title() for i in range(8)]
    shifts = [int(title.split()[-2]) for title in titles]
    assert shifts[0] == 0
    assert max(shifts) == shifts[moving.still] == 10
    assert shifts[1:] == shifts[:0:-1]
    assert titles[0] == "entrée décalée de 0 pas"


def test_channels_of_an_image(image):
    figure = figures.image_channels(image, lang="fr")
    found = numbers(figure)
    assert found["shape"] == (20, 30, 3)
    np.testing.assert_allclose(found["means"], image.mean(axis=(0, 1)) / 255)
    assert [ax.get_title() for ax in figure.axes] == ["image", "rouge", "vert", "bleu"]
    shown = [np.asarray(ax.images[0].get_array()) for ax in figure.axes]
    np.testing.assert_allclose(shown[2], image[:, :, 1] / 255)
    five = figures.image_channels(np.zeros((4, 4, 5)))
    assert [ax.get_title() for ax in five.axes][:5] == [f"channel {c}" for c in range(5)]


def test_images_come_as_arrays_pillow_images_and_files(image, tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(image).save(path)
    expected = numbers(figures.image_channels(image))["means"]
    for given_image in (path, str(path), Image.fromarray(image), image / 255):
        found = numbers(figures.image_channels(given_image))["means"]
        np.testing.assert_allclose(found, expected)
    assert numbers(figures.image_channels(image[:, :, 0]))["shape"] == (20, 30, 1)


def test_a_dark_image_of_whole_numbers_is_not_taken_for_one_from_0_to_1():
    dark = np.ones((3, 3, 3), dtype=np.uint8)
    np.testing.assert_allclose(numbers(figures.image_channels(dark))["means"], 1 / 255)


def test_the_blur_is_equation_6_2(image):
    found = numbers(figures.blur(image, sigma=1.5, size=7, padding="same"))
    assert found["filter"].shape == (7, 7, 3)
    assert found["filter"].sum() == pytest.approx(1)
    grey = image.mean(axis=2) / 255
    expected = ndimage.gaussian_filter(grey, 1.5, mode="constant", radius=3)
    np.testing.assert_allclose(found["output"], expected, atol=1e-12)
    valid = numbers(figures.blur(image, sigma=1.5, size=7))
    np.testing.assert_allclose(valid["output"], expected[3:-3, 3:-3], atol=1e-12)


def test_any_filter_may_take_the_gaussians_place(image):
    edges = np.array([[-1.0, 0, 1]] * 3)
    found = numbers(figures.blur(image, kernel=edges, lang="fr"))
    grey = image.mean(axis=2) / 255
    expected = ndimage.correlate(grey, edges, mode="constant")[1:-1, 1:-1]
    np.testing.assert_allclose(found["output"], expected, atol=1e-12)
    red = np.zeros((1, 1, 3))
    red[0, 0, 0] = 1
    only = numbers(figures.blur(image, kernel=red))
    np.testing.assert_allclose(only["output"], image[:, :, 0] / 255)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x, i: figures.activation_map(x, kernel=[1, 2]), "odd length, 2 L .*received 2"),
        (lambda x, i: figures.activation_map(x[:5]), "13 values and the series 5: .*smaller"),
        (lambda x, i: figures.activation_map(x, padding="full"), '"valid" or "same"; .*full'),
        (lambda x, i: figures.activation_map(x, sigma=0), "`sigma` must be .* above 0"),
        (lambda x, i: figures.equivariance(x, shift=60), "smaller than the series, of 60"),
        (lambda x, i: figures.equivariance(x, lang="de"), '`lang` must be "en" or "fr"'),
        (lambda x, i: figures.image_channels(i[None]), r"received \(1, 20, 30, 3\). Give one"),
        (lambda x, i: figures.image_channels(i - 300.0), "within 0 to 255, or 0 to 1"),
        (lambda x, i: figures.image_channels(np.zeros((2, 2, 9))), "at most 8 channels"),
        (lambda x, i: figures.image_channels(i, names=["a"]), "`names` must be 3, one per"),
        (lambda x, i: figures.blur(i, size=4), "`size` must be odd, 2 K .*received 4"),
        (lambda x, i: figures.blur(i, size=21), "filter, 21×21, is larger than the image, 20×30"),
        (lambda x, i: figures.blur(i, kernel=np.ones((3, 3, 2))), r"columns, 3\), as the image"),
        (lambda x, i: figures.blur(i, kernel=np.ones((2, 3))), r"odd sizes; received \(2, 3\)"),
        (lambda x, i: figures.blur(i, padding="full"), '"valid" or "same"; .*full'),
    ],
)
def test_wrong_use_is_told(series, image, call, message):
    with pytest.raises(ValueError, match=message):
        call(series, image)


@pytest.mark.wrong_types
def test_a_shift_is_a_whole_number(series):
    with pytest.raises(TypeError, match="whole number of time steps; received 1.5"):
        figures.equivariance(series, shift=1.5)
