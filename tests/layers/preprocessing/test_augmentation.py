"""Layers that change images at random, against Keras's with the same draws."""

import inspect
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers
from tests.layers.helpers import AUGMENTATIONS

# Pixels up to 255: what float32 is right to, over coordinates that are computed in another order.
CLOSE = {"rtol": 0, "atol": 2e-3}
EACH = pytest.mark.parametrize("case", AUGMENTATIONS, ids=str)
SHARED = [case for case in AUGMENTATIONS if case.name != "RandomAffine"]


def images(n=5, height=12, width=9, channels=3, seed=0):
    shape = (n, height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape).astype("float32")


def both(name, x, *args, **kwargs):
    """Results of the two libraries in training, from the same seed."""
    keras = pytest.importorskip("keras")
    kwargs = {"seed": 3, **kwargs}
    theirs = getattr(keras.layers, name)(*args, **kwargs)(x, training=True)
    ours = getattr(layers, name)(*args, **kwargs)(x, training=True)
    return ours, theirs


def assert_like_keras(name, *args, x=None, **kwargs):
    ours, theirs = both(name, images() if x is None else x, *args, **kwargs)
    np.testing.assert_allclose(ours.numpy(), theirs.detach().cpu().numpy(), **CLOSE)


@pytest.mark.parametrize("fill_mode", ["reflect", "constant", "wrap", "nearest"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("RandomRotation", (0.3,)),
        ("RandomRotation", ((0.1, 0.1),)),
        ("RandomZoom", (0.7,)),
        ("RandomZoom", ((-0.4, -0.4), (0.3, 0.3))),
        ("RandomZoom", (0.7, (-0.5, 0.2))),
        ("RandomTranslation", (0.7, 0.3)),
        ("RandomTranslation", ((-1.0, -0.9), (0.3, 0.3))),
    ],
)
def test_affine_layers(name, factors, fill_mode, interpolation):
    options = {"fill_mode": fill_mode, "interpolation": interpolation, "fill_value": 9.0}
    assert_like_keras(name, *factors, **options)


@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_flip(mode):
    assert_like_keras("RandomFlip", mode)


@pytest.mark.parametrize("value_range", [(0, 255), (20, 90)])
def test_contrast_and_brightness(value_range):
    assert_like_keras("RandomContrast", (0.5, 0.5), value_range=value_range)
    assert_like_keras("RandomContrast", (0.0, 0.3), value_range=value_range)
    assert_like_keras("RandomBrightness", 0.5, value_range=value_range)
    assert_like_keras("RandomBrightness", (0.2, 0.2), value_range=value_range)


@pytest.mark.parametrize("fill_value", [None, 3.0, (1.0, 2.0, 3.0), 999])
@pytest.mark.parametrize("factor", [1.0, (1.0, 1.0), (0.2, 0.9)])
def test_erasing(fill_value, factor):
    assert_like_keras("RandomErasing", factor, fill_value=fill_value)
    assert_like_keras("RandomErasing", factor, scale=(0.5, 0.5), fill_value=fill_value)


def test_mix_up_with_labels():
    x, y = images(), np.eye(5, 4, dtype="float32") + 0.1
    ours, theirs = both("MixUp", {"images": x, "labels": y}, 0.4)
    for key in ("images", "labels"):
        np.testing.assert_allclose(ours[key].numpy(), theirs[key].cpu().numpy(), **CLOSE)
    assert_like_keras("MixUp", 1.0)
    with pytest.raises(ValueError, match="`labels` must be floats of the shape .* `utils.to_categ"):
        layers.MixUp()({"images": x, "labels": np.arange(5)}, training=True)


def test_one_number_of_contrast_stands_for_both_bounds():
    # Keras documents this; its code takes f as (0, f).
    x = np.linspace(100, 150, 2000 * 4, dtype="float32").reshape(2000, 2, 2, 1)
    out = layers.RandomContrast(0.5, seed=0)(x, training=True).numpy()
    ratio = np.ptp(out, axis=(1, 2, 3)) / np.ptp(x, axis=(1, 2, 3))
    assert ratio.min() == pytest.approx(0.5, abs=0.02)
    assert ratio.max() == pytest.approx(1.5, abs=0.02)
    assert ratio.mean() == pytest.approx(1.0, abs=0.03)


# What is our own


@EACH
def test_nothing_happens_outside_training(case):
    layer, x = case.make(), case.data()
    expected = x
    if case.name == "RandomCrop":
        expected = layers.CenterCrop(3, 4)(x).numpy()
    for out in (layer(x), layer(x, training=False), profond.Sequential([layer]).predict(x)):
        np.testing.assert_array_equal(out, expected)


@EACH
def test_every_image_is_changed_in_its_own_way(case):
    layer = case.make()
    x = np.repeat(case.data(1), 32, axis=0)
    if case.name == "MixUp":
        x = case.data(32)
    out = layer(x, training=True).numpy()
    assert len(np.unique(out, axis=0)) > 1
    assert np.isfinite(out).all()
    layer.train()
    assert len(np.unique(layer(x).numpy(), axis=0)) > 1


@EACH
def test_a_seed_gives_the_same_images_again(case):
    arguments = {**case.arguments, "seed": 7}
    x = case.data(8)

    def two_calls():
        layer = getattr(layers, case.name)(**arguments)
        return [layer(x, training=True).numpy() for _ in range(2)]

    (first, second), again = two_calls(), two_calls()
    np.testing.assert_array_equal(first, again[0])
    np.testing.assert_array_equal(second, again[1])
    assert not np.array_equal(first, second)


@EACH
def test_the_global_generator_decides_without_a_seed(case):
    layer = getattr(layers, case.name)(**{**case.arguments, "seed": None})
    x = case.data(8)
    state = torch.get_rng_state()
    first = layer(x, training=True)
    torch.set_rng_state(state)
    assert torch.equal(layer(x, training=True), first)
    assert not torch.equal(layer(x, training=True), first)


@EACH
def test_whole_numbers_single_images_and_dicts(case):
    layer = getattr(layers, case.name)(**{**case.arguments, "seed": 1})
    x = np.random.default_rng(0).integers(0, 3, (4, 5, 6, 3), np.uint8)
    for training in (False, True):
        out = layer(x, training=training)
        assert out.dtype == torch.float32
        one = layer(x[0], training=training)
        assert one.shape == out.shape[1:]
        given = {"images": x, "labels": np.eye(4, dtype="float32")}
        both_of_them = layer(given, training=training)
        assert both_of_them["images"].shape == out.shape
        assert both_of_them["labels"].shape == (4, 4)
    with pytest.raises(ValueError, match=r"needs images, .* received the shape \(5, 6\)"):
        layer(x[0, ..., 0])


@pytest.mark.parametrize("case", SHARED, ids=str)
def test_descriptions_go_to_keras_and_back(case):
    keras = pytest.importorskip("keras")
    ours, theirs = case.make(name="one"), case.make(keras, name="one")
    for layer, saving, other in (
        (theirs, keras.saving, profond.saving),
        (ours, profond.saving, keras.saving),
    ):
        described = json.loads(json.dumps(saving.serialize_keras_object(layer)))
        made = other.deserialize_keras_object(described)
        assert type(made).__name__ == case.name
        assert made.name == "one"


@pytest.mark.parametrize("name", sorted({case.name for case in SHARED}))
def test_arguments_are_those_of_keras(name):
    keras = pytest.importorskip("keras")
    ours, theirs = (
        {
            p.name: p.default
            for p in inspect.signature(getattr(library.layers, name).__init__).parameters.values()
            if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        }
        for library in (profond, keras)
    )
    assert list(ours.items()) == list(theirs.items())


@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    channels=st.sampled_from([1, 3, 5]),
    fill_mode=st.sampled_from(["reflect", "constant", "wrap", "nearest"]),
    interpolation=st.sampled_from(["bilinear", "nearest"]),
    seed=st.integers(0, 99),
)
def test_an_even_image_stays_even(height, width, channels, fill_mode, interpolation, seed):
    x = np.full((3, height, width, channels), 0.7, np.float32)
    layer = layers.RandomAffine(
        rotation=1.0,
        zoom=0.9,
        translation=1.0,
        flip="horizontal_and_vertical",
        fill_mode=fill_mode,
        fill_value=0.7,
        interpolation=interpolation,
        seed=seed,
    )
    np.testing.assert_allclose(layer(x, training=True), x, rtol=1e-5)


def test_affine_is_the_layers_one_after_the_other():
    # A smooth picture, so that interpolating several times changes little.
    y, x = np.mgrid[0:33, 0:33] / 16 - 1
    picture = np.stack([np.cos(2 * x + y), np.sin(x - y)], -1).astype("float32")[None]
    for flip in ("horizontal", "vertical", "horizontal_and_vertical"):
        turned = layers.RandomRotation((0.1, 0.1))(picture, training=True)
        zoomed = layers.RandomZoom((-0.3, -0.3))(turned, training=True)
        moved = layers.RandomTranslation((0.1, 0.1), (0.1, 0.1))(zoomed, training=True)
        mirrored = moved.flip([1, 2] if "_and_" in flip else [2] if flip == "horizontal" else [1])
        layer = layers.RandomAffine(
            rotation=(0.1, 0.1), zoom=(-0.3, -0.3), translation=(0.1, 0.1), flip=flip, seed=0
        )
        found = [layer(picture, training=True)[0, 6:27, 6:27] for _ in range(12)]
        wanted = [one[0, 6:27, 6:27] for one in (moved, mirrored)]
        nearest = np.array([[(one - two).abs().max() for two in wanted] for one in found])
        assert (nearest.min(1) < 0.01).all()
        assert set(nearest.argmin(1)) == {0, 1}  # mirrored in some, not in others


def test_distributions():
    """Shifts, angles and zooms are uniform, flips even."""
    n = 4000
    ramp = np.tile(np.arange(101, dtype="float32")[None, None, :, None], (n, 3, 1, 1))
    shifted = layers.RandomTranslation(0, 0.2, seed=1)(ramp, training=True)[:, 1, 50, 0].numpy()
    quantiles = np.quantile((50 - shifted) / 101, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(quantiles, [-0.2, -0.1, 0, 0.1, 0.2], atol=0.012)
    zooms = layers.RandomZoom(0.3, seed=1)(ramp, training=True)[:, 1]
    scale = ((zooms[:, 60, 0] - zooms[:, 40, 0]) / 20).numpy()
    assert np.abs(np.quantile(scale, [0, 0.5, 1]) - [0.7, 1, 1.3]).max() < 0.02
    flips = layers.RandomFlip("horizontal", seed=1)(ramp, training=True)[:, 0, 0, 0] == 100
    assert abs(flips.float().mean() - 0.5) < 0.03
    bright = layers.RandomBrightness((0.1, 0.3), seed=1)(ramp * 0, training=True)[:, 0, 0, 0] / 255
    assert np.abs(np.quantile(bright, [0, 0.5, 1]) - [0.1, 0.2, 0.3]).max() < 0.01
    erased = layers.RandomErasing((1, 1), (0.25, 0.25), 9, seed=1)
    covered = (erased(np.zeros((400, 40, 40, 1)), training=True) == 9).float().mean((1, 2, 3))
    np.testing.assert_allclose(covered, 0.25, atol=0.02)
    half = (layers.RandomErasing(1.0, (1, 1), 9, seed=1)(ramp, training=True) == 9).float().mean()
    assert abs(half - 0.5) < 0.03


def test_crops():
    x = np.arange(5 * 6, dtype="float32").reshape(1, 5, 6, 1).repeat(300, 0)
    out = layers.RandomCrop(3, 4, seed=0)(x, training=True)
    first = out[:, 0, 0, 0].numpy()
    assert set(first.tolist()) == {6.0 * r + c for r in range(3) for c in range(3)}
    offsets = (out - out[:, :1, :1]).numpy()[..., 0]
    assert (offsets == 6 * np.arange(3)[:, None] + np.arange(4)).all()
    counts = np.unique(first, return_counts=True)[1]
    assert counts.min() > 15  # of 33 expected
    whole = layers.RandomCrop(5, 6, seed=0)(x[:2], training=True)
    np.testing.assert_array_equal(whole, x[:2])
    enlarged = layers.RandomCrop(10, 6, seed=0)(x[:2], training=True)
    np.testing.assert_array_equal(enlarged, layers.CenterCrop(10, 6)(x[:2]))
    assert layers.RandomCrop(5, 3, seed=0)(x, training=True).shape == (300, 5, 3, 1)


def test_a_network_trains_with_it_and_predicts_without():
    x, y = images(32) / 255, np.arange(32) % 2
    model = profond.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomAffine(rotation=0.1, zoom=0.1, translation=0.1),
            layers.RandomContrast(0.2, value_range=(0, 1)),
            layers.RandomCrop(10, 8),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(x, y, epochs=20, batch_size=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(model.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.slow
def test_few_digits_are_learned_better_with_it():
    (x, y), (x_test, y_test) = profond.datasets.digits.load_data()
    x, x_test = x[..., None] / np.float32(255), x_test[..., None] / np.float32(255)

    def loss(*first):
        profond.utils.set_random_seed(0)
        model = profond.Sequential(
            [
                *first,
                layers.Conv2D(16, 5, activation="relu", padding="same"),
                layers.MaxPooling2D(),
                layers.Conv2D(32, 5, activation="relu"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(84, activation="relu"),
                layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, y, epochs=25, batch_size=32, verbose=0)
        return model.evaluate(x_test, y_test, verbose=0)

    affine = layers.RandomAffine(rotation=0.03, zoom=0.1, translation=0.08, fill_mode="constant")
    assert loss(affine) < 0.8 * loss()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: layers.RandomFlip("left"),
            "`mode` must be one of 'horizontal', .* received 'left'",
        ),
        (
            lambda: layers.RandomRotation(1.5),
            r"`factor` must be .* in \[-1, 1\]; received factor=1",
        ),
        (lambda: layers.RandomRotation((0, 1, 2)), "two numbers .* received factor=.0, 1, 2"),
        (lambda: layers.RandomRotation("0.1"), "must be a number or two .* received factor='0.1'"),
        (lambda: layers.RandomZoom(-1.0), r"`height_factor` must be .* in \(-1, 1\]"),
        (lambda: layers.RandomZoom(0.1, (0, 2)), r"`width_factor` must be .* in \(-1, 1\]"),
        (lambda: layers.RandomTranslation(0.1, 2), r"`width_factor` must be .* in \[-1, 1\]"),
        (lambda: layers.RandomRotation(0.1, "mirror"), "`fill_mode` must be one of .*'mirror'"),
        (
            lambda: layers.RandomZoom(0.1, interpolation="cubic"),
            "`interpolation` must be one of .*'cubic'",
        ),
        (lambda: layers.RandomContrast(-0.1), r"`factor` must be .* in \[0, 1\]"),
        (lambda: layers.RandomContrast(0.1, 255), "`value_range` must be the smallest .* 255"),
        (lambda: layers.RandomBrightness(0.1, (1, 1)), "`value_range` must be .* received .1, 1"),
        (lambda: layers.RandomErasing(fill_value="grey"), "`fill_value` must be a number, one for"),
        (
            lambda: layers.RandomErasing(fill_value=(1, 2))(images(), training=True),
            r"`fill_value` must be a number or one for each of the 3 channels; received \(1, 2\)",
        ),
        (lambda: layers.RandomErasing(scale=2), r"`scale` must be .* in \[0, 1\]"),
        (lambda: layers.MixUp(0), "`alpha` must be a number > 0; received alpha=0"),
        (lambda: layers.RandomCrop(0, 3), "`height` must be a positive integer"),
        (lambda: layers.RandomCrop(3, 2.5), "`width` must be a positive integer"),
        (lambda: layers.RandomAffine(flip="left"), "`flip` must be one of 'horizontal'"),
        (
            lambda: layers.RandomFlip(data_format="channels_first"),
            "`data_format` must be None or 'channels_last'",
        ),
        (lambda: layers.RandomFlip(seed=0.5), "`seed` must be an int or None"),
    ],
)
@pytest.mark.wrong_types
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
