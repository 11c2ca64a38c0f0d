"""Searches, sweeps and comparisons of series and images, as of tables."""

from dataclasses import replace

import numpy as np
import pytest

from profond._progress import Progress
from profond.data.images import images_from_arrays
from profond.data.series import open_series, series_from_arrays
from profond.estimators import ImageClassifier, SeriesClassifier
from profond.experiment import Experiment, ImageExperiment, SeriesExperiment
from profond.trials import (
    compare,
    over_grid,
    over_seeds,
    search,
    sweep_experiment,
    sweep_trainings,
)
from profond.trials._space import read_space, setting_space
from tests.estimators.test_images import bars

QUICK = {"epochs": 1, "seeds": 1}
TRIALS = {"trials": 2, "seeds": 1, "workers": 1, "verbose": False}


@pytest.fixture(scope="module")
def walks():
    """40 short series, half of them the test part."""
    series = open_series("gun_point").take(range(0, 200, 5))
    part = np.where(np.arange(40) % 4 < 2, "train", "test")
    return replace(series, values=series.values[:, ::5], lengths=series.lengths // 5, part=part)


@pytest.fixture(scope="module")
def pictures():
    x, y = bars(60)
    return images_from_arrays(x, y, part=np.repeat(["train", "test"], 30))


@pytest.fixture
def of_kind(walks, pictures):
    """A description and its data, by kind."""
    return {
        "series": (SeriesExperiment.of(architecture="fcn", **QUICK), walks),
        "images": (ImageExperiment.of(**QUICK), pictures),
    }


@pytest.mark.parametrize("kind", [pytest.param("series", marks=pytest.mark.slow), "images"])
def test_a_search_goes_on_where_it_stopped_and_looks_at_no_test_row(of_kind, kind, tmp_path):
    pytest.importorskip("optuna", reason="Optuna is an extra: pip install 'profond[search]'")
    experiment, data = of_kind[kind]
    first = search(experiment, data=data, folder=tmp_path, **TRIALS)
    assert set(first.best) == set(experiment.default_space)
    # The settings themselves are the first trial; what is found keeps their share held out.
    assert first.frame["training.learning_rate"][0] == experiment.training.learning_rate
    assert first.experiment.training.validation_size == experiment.training.validation_size
    assert first.experiment.data.task == "binary"
    again = search(experiment, data=data, folder=tmp_path, **{**TRIALS, "trials": 3})
    assert again.frame["value"].tolist()[:2] == first.frame["value"].tolist()
    # Other labels of the test part change no score.
    labels = data.labels.copy()
    labels[data.part == "test"] = labels[0]
    with pytest.raises(ValueError, match=f"of something else: other {kind}"):
        search(experiment, data=replace(data, labels=labels), folder=tmp_path, **TRIALS)
    other = search(experiment, data=replace(data, labels=labels), **TRIALS)
    assert other.frame["value"].tolist() == first.frame["value"].tolist()


def test_every_default_space_can_be_searched():
    for description in (Experiment, SeriesExperiment, ImageExperiment):
        experiment = description()
        found = setting_space(experiment, None)
        assert [one.name for one in found] == list(experiment.default_space)
        for one in found:
            section, _, name = one.name.partition(".")
            if name != "hidden" and name != "dropout":
                assert one.holds(getattr(getattr(experiment, section), name)), one.name


def test_the_architecture_of_pretrained_weights_is_not_searched():
    given = ImageExperiment.of(architecture="lenet", pretrained="w.safetensors")
    assert "network.architecture" not in given.default_space
    assert "network.architecture" in ImageExperiment().default_space


def test_lists_of_texts_have_commas_on_the_command_line():
    space = setting_space(ImageExperiment(), read_space(["augment=none|flip|flip, zoom"]))
    assert list(space[0].choices.values()) == [(), ("flip",), ("flip", "zoom")]
    assert list(space[0].choices) == ["none", "flip", "flip,zoom"]


def test_settings_of_another_kind_and_windows_are_refused():
    with pytest.raises(ValueError, match="Unknown setting in `space`: 'hidden'"):
        setting_space(SeriesExperiment(), {"hidden": [(3,)]})
    with pytest.raises(ValueError, match=r"leave the scores comparable; received 'augment'"):
        setting_space(SeriesExperiment(), {"augment": ["slicing", "warping"]})


def test_what_is_to_hold_nothing_out_has_no_score():
    experiment = ImageExperiment.of(validation_size=0.0)
    with pytest.raises(ValueError, match="scores need rows that are held out"):
        sweep_trainings(experiment, images_from_arrays(*bars(20)), workers=1)


@pytest.mark.parametrize("kind", ["series", "images"])
def test_the_range_test_runs_on_the_training_part(of_kind, kind):
    experiment, data = of_kind[kind]
    found = sweep_experiment(experiment, data, steps=20)
    assert np.isfinite(found.frame["loss"][:5]).all()
    values = data.labels.copy()
    values[data.part == "test"] = values[0]
    again = sweep_experiment(experiment, replace(data, labels=values), steps=20)
    np.testing.assert_array_equal(found.frame["loss"], again.frame["loss"])


@pytest.mark.parametrize("kind", ["series", "images"])
def test_whole_trainings_with_several_rates(of_kind, kind):
    experiment, data = of_kind[kind]
    found = sweep_trainings(experiment, data, rates=[1e-5, 1e-2], workers=1, verbose=False)
    assert found.best in (1e-5, 1e-2)
    assert found.metric == "validation log loss"
    assert found.experiment.training.validation_size == experiment.training.validation_size
    assert len(found.comparison.frame) == 2


def accuracy(seed, x, y, make, **settings):
    """The accuracy of one network on its own rows."""
    return make(epochs=1, seeds=1, random_state=seed, **settings).fit(x, y).score(x, y)


@pytest.mark.parametrize(
    ("make", "one", "other"),
    [
        (SeriesClassifier, {"architecture": "fcn"}, {"architecture": "time_cnn"}),
        (ImageClassifier, {"augment": ()}, {"augment": ("flip",)}),
    ],
)
def test_estimators_are_compared_over_seeds_and_over_a_grid(walks, make, one, other):
    from functools import partial

    x, y = (walks.values, walks.labels) if make is SeriesClassifier else bars(24)
    runs = {"one": partial(accuracy, x=x, y=y, make=make, **one),
            "other": partial(accuracy, x=x, y=y, make=make, **other)}  # fmt: skip
    how = {"seeds": 2, "workers": 1, "verbose": False, "metric": "accuracy"}
    found = compare(runs, **how)
    assert found.means()["mean"].between(0, 1).all() and len(found.frame) == 4
    same = over_seeds(runs["one"], **how)
    of_one = found.frame.loc[found.frame["variant"] == "one", "accuracy"]
    assert same.frame["accuracy"].tolist() == of_one.tolist()
    name = next(iter(one))
    grid = over_grid(
        partial(accuracy, x=x, y=y, make=make), {name: [one[name], other[name]]}, **how
    )
    assert sorted(grid.frame["accuracy"]) == sorted(found.frame["accuracy"])


def test_series_that_are_given_without_a_source_are_asked_for():
    with pytest.raises(ValueError, match="Say which series to learn from"):
        search(SeriesExperiment(), **TRIALS)
    with pytest.raises(ValueError, match="Say which images to learn from"):
        sweep_experiment(ImageExperiment())
    x = series_from_arrays(np.zeros((12, 5)))
    with pytest.raises(ValueError, match="have no labels: there is nothing to learn"):
        sweep_experiment(SeriesExperiment(), x)


@pytest.mark.parametrize("refit", [True, False])
def test_the_score_is_that_of_the_network_that_is_kept(walks, refit):
    from sklearn.metrics import log_loss

    from profond.estimators._members import Trainer
    from profond.trials._objective import RunObjective, holding_out
    from profond.trials._training_rows import prepared_training_part, read_training_rows

    experiment = SeriesExperiment.of(architecture="fcn", refit_output=refit, **QUICK)
    rows = holding_out(read_training_rows(experiment, walks))
    score = RunObjective(rows, [0], "")({}, lambda score, step: None)
    part = prepared_training_part(rows).part
    trainer = Trainer(part, rows.experiment.settings)
    member = next(trainer.train([0], Progress()))
    held = member.validation
    said = member.network.predict(part.inputs[held], verbose=0)[:, 0]
    expected = log_loss(part.target[held], said.astype(float))
    np.testing.assert_allclose(score, expected, rtol=1e-4)
