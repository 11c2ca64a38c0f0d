"""The search for settings with Optuna."""

import numpy as np
import pytest

from profond.experiment import Experiment
from profond.trials import search
from profond.trials._space import read_space, setting_space
from tests.experiment.helpers import make_table

pytest.importorskip("optuna", reason="Optuna is an extra: pip install 'profond[search]'")


def bowl(seed, x, kind="a"):
    """Least at x = 0.3 and kind b."""
    return (x - 0.3) ** 2 + (kind == "a") + 0.001 * seed


CALLS = []


def counted(seed, x):
    CALLS.append(x)
    return x


SPACE = {"x": (0.0, 1.0), "kind": ["a", "b"]}
OPTIONS = {"lower_is_better": True, "workers": 1, "verbose": False, "pruner": None}


def test_the_least_of_a_function_is_found():
    found = search(bowl, SPACE, trials=40, **OPTIONS)
    assert found.best["kind"] == "b"
    assert abs(found.best["x"] - 0.3) < 0.15
    assert found.value == pytest.approx(found.frame["value"].min())
    assert found.frame["state"].tolist() == ["complete"] * 40
    assert found.experiment is None
    assert len(found.plot_history().axes) == 1
    assert len(found.plot_slices(lang="fr").axes) == 2
    shares = found.importance()
    assert sum(shares.values()) == pytest.approx(1.0)
    assert max(shares, key=shares.__getitem__) == "kind"


def test_a_seed_gives_the_same_points_again():
    first, again, other = (
        search(bowl, SPACE, trials=5, seed=s, **OPTIONS).frame["x"] for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_search_goes_on_from_its_folder(tmp_path):
    CALLS.clear()
    first = search(counted, {"x": (0.0, 1.0)}, trials=3, seeds=1, folder=tmp_path, **OPTIONS)
    assert len(CALLS) == 3
    more = search(counted, {"x": (0.0, 1.0)}, trials=5, seeds=1, folder=tmp_path, **OPTIONS)
    assert len(CALLS) == 5
    np.testing.assert_array_equal(more.frame["x"][:3], first.frame["x"])
    with pytest.raises(ValueError, match=r"the storage has a search 'profond' of something else"):
        search(counted, {"x": (0.0, 2.0)}, trials=6, seeds=1, folder=tmp_path, **OPTIONS)


def test_settings_of_an_experiment_are_searched_on_the_training_part_alone():
    frame = make_table()[["x", "z", "signal"]]
    experiment = Experiment.of(target="signal", hidden=(8,), epochs=2, learning_rate=0.01)
    space = {"dropout": (0.0, 0.5), "hidden": [(8,), (4, 4)]}
    options = {"trials": 3, "seeds": 1, "workers": 1, "verbose": False}
    found = search(experiment, space, data=frame, **options)
    assert found.metric == "RMSE" or "RMSE" in found.metric
    assert set(found.best) == {"network.dropout", "network.hidden"}
    assert found.experiment.network.hidden in [(8,), (4, 4)]
    assert "3 trials" in found.note
    assert "the test part was not used for it" in found.note
    # Other numbers in the test part change nothing.
    from profond.data import split_rows

    _, test = split_rows(len(frame), 0.2, seed=0)
    spoilt = frame.copy()
    spoilt.loc[test, "signal"] = 1e3
    again = search(experiment, space, data=spoilt, **options)
    np.testing.assert_array_equal(again.frame["value"], found.frame["value"])


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({}, r"`space` must give a .* for each name; received"),
        ({"dropot": (0.0, 0.5)}, r"setting in `space`: 'dropot'\. Did you mean '.*dropout'"),
        ({"seeds": (1, 3)}, r"`space` must hold settings of preprocessing, network, training that"),
        ({"dropout": (0.0, 2.0)}, r"`network\.dropout` must be at least 0 and below 1; received"),
        ({"dropout": (0.0, 0.1), "network.dropout": (0.0, 0.1)}, r"`space` must name each setting"),
    ],
)
def test_a_wrong_space_is_named(space, message):
    frame = make_table()[["x", "signal"]]
    with pytest.raises(ValueError, match=message):
        search(Experiment.of(target="signal"), space, data=frame, trials=1)


def test_the_space_of_a_command_line():
    read = read_space(["a=1e-4..1e-1:log", "dropout=0..0.5", "hidden=64|128,128", "c=relu|gelu"])
    assert read["a"] == (1e-4, 0.1, "log")
    assert read["dropout"] == (0, 0.5)
    assert [tuple(v) if isinstance(v, list | tuple) else (v,) for v in read["hidden"]] == [
        (64,), (128, 128),
    ]  # fmt: skip
    assert read["c"] == ["relu", "gelu"]
    with pytest.raises(ValueError, match=r"--space"):
        read_space(["nothing"])


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(TypeError, match=r"`experiment` must be an Experiment or a function; rece"):
        search(3, SPACE)
    with pytest.raises(ValueError, match=r"`timeout` must be seconds above 0, or None; received 0"):
        search(bowl, SPACE, timeout=0)
    with pytest.raises(ValueError, match=r"`data` goes with an Experiment"):
        search(bowl, SPACE, data=3, **OPTIONS)


def test_a_choice_of_one_hidden_layer_may_be_its_number():
    space = setting_space(Experiment(), read_space(["hidden=64|128,128"]))
    assert list(space[0].choices.values()) == [(64,), (128, 128)]
    assert space[0].holds((64,))


def test_the_default_settings_lie_in_the_default_space():
    experiment = Experiment()
    for dimension in setting_space(experiment, None):
        section, _, name = dimension.name.partition(".")
        assert dimension.holds(getattr(getattr(experiment, section), name)), dimension.name
