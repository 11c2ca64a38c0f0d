"""Runs on images, kept and measured."""

import numpy as np
import pytest

from profond.data.images import images_from_arrays
from profond.experiment import evaluate_model, load_model_folder, resume_training
from profond.experiment._image_baselines import image_baselines
from profond.experiment._image_schema import ImageExperiment
from profond.experiment._kinds import guessed_kind
from profond.experiment._run_description import RunDescription
from tests.estimators.test_images import bars

FAST = {"epochs": 1, "seeds": 2}


@pytest.fixture(scope="module")
def result():
    return ImageExperiment.of(source="digits", max_rows=300, **FAST).run(verbose=False)


def test_the_set_says_which_images_are_the_test_part(result):
    assert result.sizes == {"train": 300, "test": 500}
    assert result.table()["model"].tolist() == [
        "one network", "2 networks together", "majority", "nearest image", "logistic regression"
    ]  # fmt: skip
    assert result.table().set_index("model").loc["nearest image", "accuracy"] > 0.7


@pytest.mark.slow
def test_the_report_shows_images_filters_and_errors(result, tmp_path):
    result.save(tmp_path / "m")
    page = (tmp_path / "m" / "report.html").read_text()
    for text in ("300 images to learn from; the networks see 28 x 28 pixels, grey",
                 "Some training images of each class", "The filters of the first convolution",
                 "Where the first network looks", "The wrong answers with the largest probability",
                 "profond train digits --kind images"):  # fmt: skip
        assert text in page
    card = (tmp_path / "m" / "README.md").read_text()
    assert "from an image" in card and "LeNet-5 (LeCun et al. 1998)" in card
    described = RunDescription.from_file(tmp_path / "m" / "experiment.toml")
    assert isinstance(described, ImageExperiment)
    assert described.data.max_rows == 300
    assert set(result.figures.names) >= {"image_examples", "class_activation", "learned_filters"}


def test_a_kept_model_answers_and_is_measured(result, tmp_path):
    result.model.save(tmp_path / "m")
    model = load_model_folder(tmp_path / "m")
    found = evaluate_model(model, "digits")
    assert found.kept.value == result.evaluation.kept.value and found.rows == 500


def test_images_in_both_parts_are_told():
    x, y = bars(120)
    x[119] = x[1]
    part = np.repeat(["train", "test"], 60)
    with pytest.warns(UserWarning, match="1 of 60 test images are in the training part too"):
        ImageExperiment.of(**FAST).run(images_from_arrays(x, y, part=part), verbose=False)


@pytest.mark.filterwarnings("ignore:The test part has only")
def test_a_stopped_run_goes_on_with_the_same_images(tmp_path, monkeypatch):
    from profond.experiment import TrainingInterrupted, _image_kind

    def pressed(*arguments):
        raise KeyboardInterrupt

    experiment, images = ImageExperiment.of(**FAST), images_from_arrays(*bars(40))
    expected = experiment.run(images, verbose=False)
    with monkeypatch.context() as patch:
        patch.setattr(_image_kind, "image_baselines", pressed)
        with pytest.raises(TrainingInterrupted):
            experiment.run(images, verbose=False, folder=tmp_path / "m")
    with pytest.raises(ValueError, match="learned from images in memory; give the same ones again"):
        resume_training(tmp_path / "m", verbose=False)
    found = resume_training(tmp_path / "m", images, verbose=False)
    np.testing.assert_array_equal(found.test.predictions, expected.test.predictions)


def test_baselines_see_the_pixels():
    x, y = bars(60)
    truth = (y == "upright").astype(int)
    answers = dict(image_baselines("binary", (x, truth), x, 2))
    assert (answers["nearest image"].argmax(1) == truth).all()
    np.testing.assert_allclose(answers["majority"], 0.5)
    numbers = dict(image_baselines("regression", (x, truth * 2.0), x, 0))
    np.testing.assert_allclose(numbers["mean"], 1.0)


def test_images_are_recognised(tmp_path):
    from PIL import Image

    (tmp_path / "photos" / "cat").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "photos" / "cat" / "a.png")
    assert guessed_kind(tmp_path / "photos") == guessed_kind("digits") == "images"
    assert guessed_kind("boston") == "table"
    (tmp_path / "empty" / "dog").mkdir(parents=True)
    assert guessed_kind(tmp_path / "empty") == "images"
    (tmp_path / "walks").mkdir()
    (tmp_path / "walks" / "W_TRAIN.ts").touch()
    assert guessed_kind(tmp_path / "walks") == "series"


def test_what_cannot_be_learned_from_is_refused():
    x, y = bars(30)
    with pytest.raises(ValueError, match="The images of the set have no labels: .* a folder for"):
        ImageExperiment.of(**FAST).run(images_from_arrays(x), verbose=False)
    with pytest.raises(ValueError, match="6 images are too few for a training and a test part"):
        ImageExperiment.of(**FAST).run(images_from_arrays(x[:6], y[:6]), verbose=False)
    with pytest.raises(ValueError, match="which of its rows are the test part: the folder must"):
        ImageExperiment.of(split="given", **FAST).run(images_from_arrays(x, y), verbose=False)
