"""ImageClassifier and ImageRegressor."""

import numpy as np
import pytest
from PIL import Image

from profond import estimators
from profond.data.images import ImagePreprocessor, images_from_arrays, open_images
from profond.data.images._preprocessor import ImageLayout
from profond.estimators import ImageClassifier, ImageRegressor
from profond.estimators._image_network import augmentations, chosen_architecture
from profond.estimators._image_settings import (
    AUGMENTATIONS,
    ImageNetwork,
    ImagePreprocessing,
    ImageTraining,
)
from profond.experiment import load_model_folder


def bars(count: int = 60, size: int = 20, seed: int = 0, channels: int = 1):
    """Upright and lying bars at any place."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 60, (count, size, size, channels))
    labels = np.where(np.arange(count) % 2, "upright", "lying")
    for image, label, place in zip(images, labels, rng.integers(4, size - 5, count), strict=True):
        part = image[:, place : place + 3] if label == "upright" else image[place : place + 3]
        part += 150
    return images.astype(np.uint8), labels


@pytest.fixture(scope="module")
def fitted():
    return ImageClassifier(epochs=6, seeds=2, random_state=0).fit(*bars(120))


def test_bars_are_told_apart(fitted):
    x, y = bars(40, seed=1)
    assert fitted.score(x, y) > 0.9
    probabilities = fitted.predict_proba(x)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-6)
    assert [layer.name for layer in fitted.model_.networks[0].layers][-1].startswith("lenet")


def test_a_folder_of_classes(fitted, tmp_path):
    x, y = bars(30, seed=2)
    for i, (image, label) in enumerate(zip(x[..., 0], y, strict=True)):
        (tmp_path / label).mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / label / f"{i}.png")
    images = open_images(tmp_path)
    assert (fitted.predict(tmp_path) == images.labels).mean() > 0.9
    made = ImageClassifier(epochs=1, seeds=1).fit(tmp_path)
    assert made.classes_.tolist() == ["lying", "upright"]


def test_it_is_kept_and_gives_the_same(fitted, tmp_path):
    fitted.save(tmp_path / "m")
    x, _ = bars(8, seed=3)
    again = load_model_folder(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(x), fitted.predict_proba(x))


def test_training_alone_changes_images(fitted):
    x, _ = bars(4, seed=4)
    np.testing.assert_array_equal(fitted.predict_proba(x), fitted.predict_proba(x))


@pytest.mark.slow
def test_numbers_from_images():
    rng = np.random.default_rng(0)
    level = rng.uniform(30, 220, 150)
    x = np.clip(level[:, None, None] + rng.normal(0, 9, (150, 16, 16)), 0, 255).astype(np.uint8)
    made = ImageRegressor(epochs=15, seeds=1, augment=(), random_state=0).fit(x, level)
    assert made.score(x, level) > 0.9
    assert made.predict_interval(x[:3], level=0.8).shape == (3, 2)


@pytest.mark.parametrize(
    ("height", "channels", "expected"),
    [(28, 1, "lenet"), (32, 3, "resnet20"), (63, 1, "resnet20"), (64, 3, "resnet18")],
)
def test_auto_takes_a_network_by_size(height, channels, expected):
    scale = (0.0,) * channels, (1.0,) * channels
    layout = ImageLayout(height, height, channels, "uint8", 0.0, 255.0, *scale)
    assert chosen_architecture("auto", layout) == expected
    assert chosen_architecture("resnet34", layout) == "resnet34"


@pytest.mark.parametrize("name", [name for name in AUGMENTATIONS if name != "mixup"])
def test_every_augmentation_changes_training_images_within_their_values(name):
    x, _ = bars(6, channels=3)
    fitted = ImagePreprocessor.fit(images_from_arrays(x))
    (layer,) = augmentations([name], fitted.layout)
    import torch

    given = torch.from_numpy(x.astype(np.float32))
    changed = layer(given, training=True)
    assert changed.shape == given.shape and not torch.equal(changed, given)
    assert changed.min() >= -1e-3 and changed.max() <= 255.001
    assert torch.equal(layer(given, training=False), given)


def test_mixup_is_of_the_training_alone(tmp_path):
    x, y = bars(120)
    made = ImageClassifier(augment=("mixup",), epochs=8, seeds=1, random_state=0).fit(x, y)
    plain = ImageClassifier(augment=(), epochs=8, seeds=1, random_state=0).fit(x, y)
    losses = [list(one.history_["loss"]) for one in (made, plain)]
    assert all(mixed != clear for mixed, clear in zip(*losses, strict=True))
    assert made.score(*bars(40, seed=1)) > 0.9
    assert "_mixing" not in made.model_.networks[0].__dict__
    made.save(tmp_path / "m")
    again = load_model_folder(tmp_path / "m").predict_proba(x)
    np.testing.assert_array_equal(again, made.predict_proba(x))
    level = np.linspace(-3, 9, 120)
    numbers = ImageRegressor(augment="mixup, flip", epochs=1, seeds=1, random_state=0).fit(x, level)
    assert numbers.predict(x).shape == (120,)


def test_pretrained_layers_stay_as_they_are(fitted, tmp_path):
    fitted.save(tmp_path / "m")
    before = fitted.model_.networks[0].layers[-1].get_layer("conv1").get_weights()[0]
    x, y = bars(40, seed=5)
    renamed = np.where(y == "lying", "a", "b")
    made = ImageClassifier(
        pretrained=str(tmp_path / "m"), frozen=True, epochs=2, seeds=1, random_state=1
    ).fit(x, renamed)
    after = made.model_.networks[0].layers[-1].get_layer("conv1").get_weights()[0]
    np.testing.assert_array_equal(before, after)
    # Its images are scaled as those were that the weights had learned from.
    ours, theirs = (one.model_.networks[0].layers[-2] for one in (made, fitted))
    np.testing.assert_allclose(ours.mean, theirs.mean, rtol=1e-6)
    np.testing.assert_allclose(ours.variance, theirs.variance, rtol=1e-5)
    free = ImageClassifier(pretrained=str(tmp_path / "m"), epochs=1, seeds=1).fit(x, renamed)
    assert (free.model_.networks[0].layers[-1].get_layer("conv1").get_weights()[0] != before).any()


def test_images_of_all_sizes_come_to_one():
    rng = np.random.default_rng(0)
    mixed = [rng.integers(0, 256, (h, w, 3)).astype(np.uint8) for h, w in ((30, 50), (80, 20))]
    fitted = ImagePreprocessor.fit(images_from_arrays(mixed))
    assert fitted.transform(images_from_arrays(mixed)).shape == (2, 64, 64, 3)
    small = ImagePreprocessor.fit(images_from_arrays(mixed), size=24, how="stretch")
    assert small.transform(images_from_arrays(mixed)).shape == (2, 24, 24, 3)
    assert ImagePreprocessor.from_dict(small.to_dict()) == small


def test_mean_and_deviation_are_those_of_the_training_images():
    x, _ = bars(30, channels=3)
    fitted = ImagePreprocessor.fit(images_from_arrays(x))
    np.testing.assert_allclose(fitted.mean, x.mean((0, 1, 2)))
    np.testing.assert_allclose(fitted.std, x.std((0, 1, 2)))
    assert (fitted.dtype, fitted.low, fitted.high) == ("uint8", 0.0, 255.0)
    floats = ImagePreprocessor.fit(images_from_arrays(x / 255.0 - 0.5))
    assert floats.dtype == "float32" and floats.high < 0.5


def test_other_channels_and_types_are_refused(fitted):
    with pytest.raises(
        ValueError, match=r"from grey images \(1 channel\(s\)\); received images of 3"
    ):
        fitted.predict(bars(3, channels=3)[0])
    with pytest.raises(ValueError, match="images of whole numbers from 0 to 255; received floats"):
        fitted.predict(bars(3)[0] / 255.0)


@pytest.mark.parametrize(
    "change",
    [
        {"how": "x"},
        {"std": [0.0]},
        {"mean": [1.0, 2.0]},
        {"height": 0},
        {"dtype": "int8"},
        {"a": 1},
    ],
)
def test_what_no_fit_leaves_is_refused(change):
    state = ImagePreprocessor.fit(images_from_arrays(bars(4)[0])).to_dict()
    with pytest.raises(ValueError, match="not the preprocessing of images"):
        ImagePreprocessor.from_dict({**state, **change})


def test_defaults_are_those_of_the_description():
    sections = (ImagePreprocessing(), ImageNetwork(), ImageTraining())
    described = {k: v for one in sections for k, v in one.model_dump().items()}
    for kind in ("ImageClassifier", "ImageRegressor"):
        own = getattr(estimators, kind)().get_params()
        shared = {k: v for k, v in described.items() if k in own}
        assert {k: own[k] for k in shared} == shared
    assert set(described) - set(ImageClassifier().get_params()) == {"output"}


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"architecture": "vgg"}, "`architecture` must be one of auto, lenet, resnet20"),
        ({"augment": ("flop",)}, "`augment`: .*'flop'"),
        ({"how": "x"}, "`how` must be one of fit, crop, stretch"),
        ({"frozen": True}, "`frozen` leaves pretrained layers as they are; give the weights too"),
    ],
)
def test_wrong_parameters_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ImageClassifier(seeds=1, epochs=1, **arguments).fit(*bars(20))


def test_one_class_only_is_refused():
    x, _ = bars(20)
    with pytest.raises(ValueError, match="at least two classes; received one class only: 'a'"):
        ImageClassifier(seeds=1).fit(x, ["a"] * 20)
