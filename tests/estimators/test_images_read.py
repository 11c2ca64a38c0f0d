"""Images in files are decoded while networks train: the same results, in bounded memory."""

import numpy as np
import pytest
from PIL import Image

from profond.data.images import DecodedImages, ImagePreprocessor, open_images
from profond.data.images import _preprocessor as preprocessing
from profond.estimators import ImageClassifier, ImageRegressor
from profond.experiment import load_model_folder
from profond.experiment._image_schema import ImageExperiment

SIZE = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for i in range(60):
        name = ("dark", "light")[i % 2]
        (root / name).mkdir(exist_ok=True)
        pixels = rng.integers(0, 130, (SIZE, SIZE)) + 120 * (i % 2)
        Image.fromarray(pixels.astype(np.uint8)).save(root / name / f"{i}.png")
    return root


@pytest.fixture(params=["kept", "decoded again"])
def bound(request, monkeypatch):
    """The two ways: everything is kept once decoded, or nothing is."""
    if request.param == "decoded again":
        monkeypatch.setattr(preprocessing, "KEPT_BYTES", 100)
    return request.param


def in_memory(monkeypatch):
    """Everything is decoded before the training, as an array."""
    monkeypatch.setattr(ImagePreprocessor, "rows", ImagePreprocessor.transform)


def test_rows_are_the_array_of_transform(folder, bound):
    images = open_images(folder)
    fitted = ImagePreprocessor.fit(images, size=8)
    read = fitted.rows(images)
    assert isinstance(read, DecodedImages)
    assert read.cached == (bound == "kept")
    np.testing.assert_array_equal(read[:], fitted.transform(images))
    array = open_images(fitted.transform(images))
    assert isinstance(fitted.rows(array), np.ndarray)


def test_mean_and_deviation_are_those_of_all_pixels(folder):
    images = open_images(folder)
    pixels = images.decoded()[:].astype(np.float64)
    fitted = ImagePreprocessor.fit(images)
    np.testing.assert_allclose(fitted.mean, pixels.mean((0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(fitted.std, pixels.std((0, 1, 2)), rtol=1e-12)
    flat = open_images(np.full((3, 4, 4, 3), 7, np.uint8))
    assert ImagePreprocessor.fit(flat).std == (1.0, 1.0, 1.0)


@pytest.mark.usefixtures("bound")
def test_a_classifier_learns_and_says_the_same_as_in_memory(folder, monkeypatch):
    def trained():
        made = ImageClassifier(
            epochs=3, batch_size=7, seeds=2, patience=2, random_state=0, class_weight="balanced"
        )
        made.fit(folder)
        return made

    read = trained()
    ours = read.predict_proba(folder)
    in_memory(monkeypatch)
    array = trained()
    assert read.history_.equals(array.history_)
    assert read.model_.temperatures == array.model_.temperatures
    np.testing.assert_array_equal(ours, array.predict_proba(folder))


@pytest.mark.usefixtures("bound")
def test_a_regressor_and_its_intervals(folder, monkeypatch):
    y = np.arange(60.0) % 2 * 100

    def trained():
        made = ImageRegressor(epochs=2, seeds=2, random_state=0).fit(folder, y)
        return made.predict(folder), made.predict_interval(folder, level=0.5)

    read = trained()
    in_memory(monkeypatch)
    for one, other in zip(read, trained(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.filterwarnings("ignore:The test part has only")
@pytest.mark.usefixtures("bound")
def test_a_run_is_the_same_as_in_memory(folder, monkeypatch, tmp_path):
    def run():
        experiment = ImageExperiment.of(epochs=2, seeds=2, test_size=0.3)
        return experiment.run(folder, verbose=False)

    read = run()
    read.save(tmp_path / "m")
    again = load_model_folder(tmp_path / "m").predict_proba(folder)
    frame = read.worst_errors(3)
    assert len(read.figures.of("image_examples")().axes) > 1
    in_memory(monkeypatch)
    array = run()
    np.testing.assert_array_equal(read.test.predictions, array.test.predictions)
    assert read.table().equals(array.table())
    assert frame.equals(array.worst_errors(3))
    np.testing.assert_array_equal(again, array.model.predict_proba(folder))


@pytest.mark.filterwarnings("ignore:The test part has only")
def test_nothing_larger_than_some_batches_is_decoded_at_once(folder, monkeypatch):
    monkeypatch.setattr(preprocessing, "KEPT_BYTES", 100)
    monkeypatch.setattr("profond.training._row_feed._READ_BYTES", 8 * SIZE * SIZE)
    monkeypatch.setattr("profond.estimators._network_outputs._READ_BYTES", 8 * SIZE * SIZE)
    monkeypatch.setattr("profond.estimators._network_outputs._PLACES", 8 * SIZE * SIZE)
    monkeypatch.setattr("profond.experiment._image_baselines._PIECE", 8)
    monkeypatch.setattr(preprocessing, "_PIECE", 8)
    most = []
    decode = DecodedImages._decode

    def noted(self, places, outs):
        most.append(len(places))
        return decode(self, places, outs)

    monkeypatch.setattr(DecodedImages, "_decode", noted)
    settings = {"epochs": 2, "seeds": 1, "batch_size": 8, "validation_size": 0.2}
    ImageExperiment.of(**settings, test_size=0.3).run(folder, verbose=False)
    assert max(most) <= 8


def test_each_image_is_read_once_for_all_networks(folder, monkeypatch):
    made = ImageClassifier(epochs=1, seeds=3, random_state=0).fit(folder)
    monkeypatch.setattr(preprocessing, "KEPT_BYTES", 100)
    read = []
    decode = DecodedImages._decode

    def noted(self, places, outs):
        read.extend(places.tolist())
        return decode(self, places, outs)

    monkeypatch.setattr(DecodedImages, "_decode", noted)
    made.predict(folder)
    assert sorted(read) == list(range(60))


@pytest.mark.usefixtures("bound")
def test_an_image_that_breaks_in_training_is_named(folder, tmp_path):
    import shutil

    shutil.copytree(folder, tmp_path / "photos")
    images = open_images(tmp_path / "photos")
    fitted = ImageClassifier(epochs=1, seeds=1, random_state=0).fit(images)
    whole = (tmp_path / "photos/light/7.png").read_bytes()
    (tmp_path / "photos/light/7.png").write_bytes(whole[:60])
    with pytest.raises(ValueError, match=r"Image 'light/7\.png' cannot be read: .* Take it out"):
        ImageClassifier(epochs=1, seeds=1, random_state=0).fit(images)
    with pytest.raises(ValueError, match=r"Image 'light/7\.png' cannot be read"):
        fitted.predict(images)
