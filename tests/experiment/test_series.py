"""Runs on series, kept and measured."""

import json

import numpy as np
import pytest

from profond.data.series import series_from_arrays
from profond.experiment import evaluate_model, load_model_folder, resume_training
from profond.experiment._run_description import RunDescription
from profond.experiment._series_baselines import series_baselines
from profond.experiment._series_schema import SeriesExperiment
from tests.estimators.test_series import ragged, waves

FAST = {"epochs": 2, "seeds": 2, "architecture": "time_cnn"}


@pytest.fixture(scope="module")
def result():
    return SeriesExperiment.of(source="gun_point", **FAST).run(verbose=False)


def test_the_set_says_which_series_are_the_test_part(result):
    assert result.sizes == {"train": 50, "test": 150}
    assert result.table()["model"].tolist() == [
        "one network", "2 networks together", "majority", "nearest series", "logistic regression"
    ]  # fmt: skip
    nearest = result.table().set_index("model").loc["nearest series", "accuracy"]
    assert nearest == pytest.approx(0.9133, abs=1e-4)  # of the UCR archive


def test_a_random_split_has_its_share_of_each_class():
    found = SeriesExperiment.of(source="gun_point", split="random", test_size=0.3, **FAST).run(
        verbose=False
    )
    assert found.sizes == {"train": 140, "test": 60}
    assert set(found.test.rows) != set(range(50, 200))


def test_a_cross_validation_measures_every_series_once():
    found = SeriesExperiment.of(folds=3, **FAST).run(waves(36), verbose=False)
    assert sorted(found.test.rows) == list(range(36))
    assert found.cross_validated


def test_training_series_are_drawn_where_there_are_many():
    found = SeriesExperiment.of(source="gun_point", max_rows=20, **FAST).run(verbose=False)
    assert found.sizes["train"] == 20


@pytest.mark.filterwarnings("ignore:The test part has only")
def test_numbers_make_a_regression():
    series = waves(60)
    made = series_from_arrays(series.values, np.linspace(0.1, 7.7, 60))
    found = SeriesExperiment.of(**FAST, validation_size=0.2).run(made, verbose=False)
    assert found.model.task == "regression"
    assert found.table()["model"].tolist()[2:] == ["mean", "nearest series", "linear regression"]
    assert found.figures.series_examples() is not None and found.figures.worst_series(3) is not None


def test_the_report_shows_series_and_errors(result, tmp_path):
    result.save(tmp_path / "m")
    page = (tmp_path / "m" / "report.html").read_text()
    for text in ("50 series to learn from, 150 steps of 1 channel", "Some training series of each",
                 "The wrong test series", "profond train gun_point --kind series",
                 "50 series to train on, 150 series to test on",
                 "The interval over test series is"):  # fmt: skip
        assert text in page
    card = (tmp_path / "m" / "README.md").read_text()
    assert "150 rows that no network saw; 50 rows were used for training." in card
    assert "from a time series" in card and "150 steps, as all series of the training" in card
    described = RunDescription.from_file(tmp_path / "m" / "experiment.toml")
    assert isinstance(described, SeriesExperiment)
    assert described.network.architecture == "time_cnn"


def test_a_kept_model_answers_and_is_measured(result, tmp_path):
    result.save(tmp_path / "m")
    model = load_model_folder(tmp_path / "m")
    found = evaluate_model(model, "gun_point")  # its test part
    assert found.kept.value == result.evaluation.kept.value
    assert found.rows == 150
    frame = model.predict_frame(result.test.inputs)
    assert frame.columns.tolist() == ["prediction", "probability_1", "probability_2"]


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"scale": [0.0]}, {"centre": [1.0, 2.0], "scale": [1.0, 1.0]}])
def test_a_changed_preprocessing_is_refused(result, tmp_path, change):
    result.save(tmp_path / "m")
    file = tmp_path / "m" / "preprocessing.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(ValueError, match="is damaged"):
        load_model_folder(tmp_path / "m")


@pytest.mark.filterwarnings("ignore:The test part has only")
def test_a_stopped_run_goes_on_with_the_same_series(tmp_path, monkeypatch):
    from profond.experiment import TrainingInterrupted, _series_kind

    def pressed(*arguments):
        raise KeyboardInterrupt

    experiment, series = SeriesExperiment.of(**FAST), waves(30)
    expected = experiment.run(series, verbose=False)
    with monkeypatch.context() as patch:
        patch.setattr(_series_kind, "series_baselines", pressed)
        with pytest.raises(TrainingInterrupted):
            experiment.run(series, verbose=False, folder=tmp_path / "m")
    with pytest.raises(ValueError, match="learned from series in memory; give the same ones again"):
        resume_training(tmp_path / "m", verbose=False)
    with pytest.raises(ValueError, match=r"not those that the interrupted .* \(28 now, 30 then"):
        resume_training(tmp_path / "m", waves(28), verbose=False)
    found = resume_training(tmp_path / "m", series, verbose=False)
    np.testing.assert_array_equal(found.test.predictions, expected.test.predictions)


def test_baselines_bring_unequal_series_to_one_length():
    train, test = ragged(30), ragged(10, seed=1)
    from profond.data.series import SeriesPreprocessor

    fitted = SeriesPreprocessor.fit(train)
    truth = (train.labels == "slow").astype(int)
    inputs = fitted.transform(train), truth
    answers = dict(series_baselines("binary", inputs, fitted.transform(test), 2))
    right = answers["nearest series"].argmax(1) == (test.labels == "slow")
    assert right.mean() >= 0.6
    with_itself = dict(series_baselines("binary", inputs, inputs[0], 2))["nearest series"]
    assert (with_itself.argmax(1) == truth).all()


@pytest.mark.parametrize(
    ("series", "settings", "message"),
    [
        (series_from_arrays(waves(30).values), {}, "have no labels: there is nothing to learn"),
        (waves(8), {}, "8 series are too few for a training and a test part; at least 10"),
        (
            waves(30),
            {"split": "given"},
            "the set does not say which of its rows are the test",
        ),
        (waves(30), {"task": "regression"}, "The target 'class' must hold numbers|regression"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(series, settings, message):
    with pytest.raises(ValueError, match=message):
        SeriesExperiment.of(**FAST, **settings).run(series, verbose=False)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": (3,)}, "Unknown setting: 'hidden'. Available: architecture"),
        ({"architecture": "lenet"}, "`network.architecture` must be one of fcn"),
        ({"split": "given", "folds": 3}, "`split.folds` cannot be given where the set says"),
        ({"repeats": 3}, "`split.repeats` needs `split.folds`; received 3"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        SeriesExperiment.of(**settings)


def test_a_run_on_windows_is_measured_on_whole_series():
    found = SeriesExperiment.of(source="gun_point", augment="slicing", **FAST).run(verbose=False)
    assert found.sizes == {"train": 50, "test": 150}
    assert found.table().set_index("model").loc["nearest series", "accuracy"] == pytest.approx(
        0.9133, abs=1e-4
    )
    assert found.figures.class_activation() is not None
