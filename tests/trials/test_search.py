"""The search for settings with Optuna."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from profond.experiment import Experiment
from profond.trials import search
from profond.trials._space import read_space, setting_space
from tests.experiment.helpers import make_table

optuna = pytest.importorskip("optuna", reason="Optuna is an extra: pip install 'profond[search]'")


def bowl(seed, x, kind="a"):
    """Least at x = 0.3 and kind b."""
    return (x - 0.3) ** 2 + (kind == "a") + 0.001 * seed


CALLS = []


def counted(seed, x):
    CALLS.append(x)
    return x


def stopped(seed, x):
    CALLS.append(x)
    if len(CALLS) == 3:
        os.kill(os.getpid(), signal.SIGINT)
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


KILLED = """
import os
import sys

from profond.trials import search


def killed(seed, x):
    with open(sys.argv[2], "a") as file:
        file.write(f"{x!r}\\n")
    if len(open(sys.argv[2]).readlines()) == 3:
        os._exit(9)
    return x


found = search(
    killed, {"x": (0.0, 1.0)}, trials=4, seeds=1, folder=sys.argv[1], workers=1, verbose=False,
    lower_is_better=True,
)
print(found.frame["state"].tolist())
"""


@pytest.mark.slow
def test_the_point_of_a_killed_trial_is_tried_again(tmp_path):
    script, tried = tmp_path / "killed.py", tmp_path / "tried.txt"
    script.write_text(KILLED)
    command = [sys.executable, str(script), str(tmp_path / "kept"), str(tried)]
    first = subprocess.run(command, capture_output=True, text=True, check=False)
    assert first.returncode == 9, first.stderr
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip() == str(["complete"] * 2 + ["failed"] + ["complete"] * 2)
    points = tried.read_text().split()
    assert len(points) == 5
    assert points[3] == points[2]
    assert len(set(points)) == 4


def test_the_point_at_which_ctrl_c_was_pressed_is_tried_again(tmp_path):
    CALLS.clear()
    options = {"trials": 4, "seeds": 1, "folder": tmp_path, **OPTIONS}
    with pytest.raises(KeyboardInterrupt):
        search(stopped, {"x": (0.0, 1.0)}, **options)
    study = optuna.load_study(study_name="profond", storage=f"sqlite:///{tmp_path}/search.db")
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "COMPLETE", "RUNNING"]
    frame = search(stopped, {"x": (0.0, 1.0)}, **options).frame
    assert (CALLS[3], len(CALLS)) == (CALLS[2], 5)
    assert frame["state"].tolist() == ["complete", "complete", "failed", "complete", "complete"]


def test_a_training_that_was_interrupted_has_no_score(monkeypatch):
    from profond.trials import _objective

    def pressed(*arguments):
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(_objective._Scores, "on_epoch_end", pressed)
    experiment = Experiment.of(target="signal", hidden=(8,), epochs=2)
    with pytest.raises(KeyboardInterrupt):
        search(experiment, {"dropout": (0.0, 0.5)}, data=make_table()[["x", "signal"]], trials=1,
               workers=1, verbose=False)  # fmt: skip


def test_another_direction_is_another_search(tmp_path):
    options = {"trials": 1, "seeds": 1, "folder": tmp_path, **OPTIONS}
    search(counted, {"x": (0.0, 1.0)}, **options)
    with pytest.raises(ValueError, match=r"'profond' with lower_is_better=True; received lower_is"
                       r"_better=False\. Choose another `name`"):  # fmt: skip
        search(counted, {"x": (0.0, 1.0)}, **{**options, "lower_is_better": False})


def test_a_search_that_was_stopped_before_its_first_trial_may_become_another(tmp_path):
    from profond.trials._study import Setup, check_identity

    setup = Setup(f"sqlite:///{tmp_path}/search.db", "profond", "tpe", None, True, 0)
    check_identity(setup.open(), {"function": "another"})
    found = search(counted, {"x": (0.0, 1.0)}, trials=1, folder=tmp_path, **OPTIONS)
    assert len(found.frame) == 1


@pytest.mark.parametrize("numbers", [(np.int64(0), np.int64(5)), (np.float32(0), np.float32(1))])
def test_ends_of_a_range_may_be_numbers_of_numpy(numbers):
    found = search(counted, {"x": numbers}, trials=2, **OPTIONS)
    assert type(found.best["x"]) is (int if numbers[1] == 5 else float)


def test_functions_as_choices_go_by_their_names(tmp_path):
    options = {"trials": 1, "folder": tmp_path, **OPTIONS}
    for trials_ in (1, 2):
        run = lambda seed, f: f(-1.0)  # noqa: E731
        found = search(run, {"f": [abs, np.square]}, **{**options, "trials": trials_})
        assert callable(found.best["f"])
    assert {"abs", "square"} == {
        text.strip("'") for text in found.study.trials[0].distributions["f"].choices
    }
    several = {"f": [lambda x: x, lambda x: 2 * x]}
    assert len(search(lambda seed, f: f(-1.0), several, trials=3, **OPTIONS).frame) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"timeout": "1"}, r"`timeout` must be seconds above 0, or None; received '1'\."),
        ({"seed": -1}, r"`seed` must be a whole number >= 0; received -1\."),
        ({"name": ""}, r"`name` must be a text, the study's; received ''\."),
        ({"storage": "sqlite:////no/such/folder/x.db"}, r"x.db' cannot be opened: unable to open "
         r"database file\. Give an address that Optuna knows"),
        ({"storage": "sqlite:///DAMAGED"}, r"x.db' cannot be opened: file is not a database\. .*; "
         r"move a damaged file away\."),
    ],
)  # fmt: skip
def test_wrong_options_are_named(options, message, tmp_path):
    (tmp_path / "x.db").write_bytes(b"junk" * 1000)
    given = {k: v.replace("DAMAGED", f"{tmp_path}/x.db") if k == "storage" else v
             for k, v in options.items()}  # fmt: skip
    with pytest.raises(ValueError, match=message):
        search(counted, {"x": (0.0, 1.0)}, trials=1, **{**OPTIONS, **given})


@pytest.mark.slow
def test_a_journal_is_shared_by_processes_and_a_killed_one_is_told(tmp_path):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    def storage():
        return JournalStorage(JournalFileBackend(str(tmp_path / "journal.log")))

    options = {**OPTIONS, "workers": 2, "seeds": 1}
    for trials_ in (3, 6):
        found = search(bowl, SPACE, trials=trials_, storage=storage(), **options)
    assert found.frame["state"].tolist() == ["complete"] * 6
    with pytest.raises(RuntimeError, match="a worker process was killed, perhaps for want of mem"):
        search(lambda seed, x: os._exit(3), {"x": (0.0, 1.0)}, trials=3, **options)


def test_a_bad_trial_is_broken_off():
    seen = []

    def worse_and_worse(seed, x):
        seen.append(seed)
        return float(len(seen))

    pruner = optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=0)
    options = {**OPTIONS, "pruner": pruner}
    found = search(worse_and_worse, {"x": (0.0, 1.0)}, trials=3, seeds=3, **options)
    assert found.frame["state"].tolist() == ["complete", "pruned", "pruned"]
    assert seen == [0, 1, 2, 0, 0]
    assert found.value == 2.0


def test_a_training_is_broken_off_at_an_epoch():
    frame = make_table()[["x", "z", "signal"]]
    experiment = Experiment.of(target="signal", hidden=(8,), epochs=2, learning_rate=0.01)
    pruner = optuna.pruners.ThresholdPruner(upper=1e-9)  # no score is so small
    with pytest.raises(RuntimeError, match=r"none of 2 trial\(s\) has a score"):
        search(
            experiment, {"dropout": (0.0, 0.5)}, data=frame, trials=2, seeds=1, workers=1,
            verbose=False, pruner=pruner,
        )  # fmt: skip


def test_a_failing_function_is_told_with_its_values():
    def fails(seed, x):
        raise KeyError("no such thing")

    with pytest.raises(
        RuntimeError, match=r"the trial with x=\S+ failed: KeyError: 'no such thing'"
    ):
        search(fails, {"x": (0.0, 1.0)}, trials=1, **OPTIONS)
    with pytest.raises(TypeError, match=r"the function must return a number; received 'text'"):
        search(lambda seed, x: "text", {"x": (0.0, 1.0)}, trials=1, **OPTIONS)
    with pytest.raises(TypeError, match=r"the function must return a number; received '0\.5'"):
        search(lambda seed, x: "0.5", {"x": (0.0, 1.0)}, trials=1, **OPTIONS)
    with pytest.raises(RuntimeError, match=r"the trial with x=\S+ failed: SystemExit: 3"):
        search(lambda seed, x: sys.exit(3), {"x": (0.0, 1.0)}, trials=1, **OPTIONS)
    with pytest.raises(RuntimeError, match=r"has a score: seed 0 gave nan"):
        search(lambda seed, x: float("nan"), {"x": (0.0, 1.0)}, trials=1, **OPTIONS)


def test_settings_of_an_experiment_are_searched_on_the_training_part_alone():
    frame = make_table()[["x", "z", "signal"]]
    experiment = Experiment.of(target="signal", hidden=(8,), epochs=2, learning_rate=0.01)
    space = {"dropout": (0.0, 0.5), "hidden": [(8,), (4, 4)]}
    options = {"trials": 3, "seeds": 1, "workers": 1, "verbose": False}
    found = search(experiment, space, data=frame, **options)
    assert found.metric == "validation RMSE"
    assert isinstance(found.experiment, Experiment)
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
        ({"dropout": (0.0, 2.0)}, r"`network\.dropout` must be a number of at least 0 and below"),
        (
            {"hidden": (8, 64)},
            r"`space\['hidden'\]` must be a list of choices, like \[\(64,\), .*; "
            r"received the range \(8, 64\)\.",
        ),
        ({"dropout": (0.0, 0.1), "network.dropout": (0.0, 0.1)}, r"`space` must name each setting"),
    ],
)
def test_a_wrong_space_is_named(space, message):
    frame = make_table()[["x", "signal"]]
    with pytest.raises(ValueError, match=message):
        search(Experiment.of(target="signal"), space, data=frame, trials=1)


def test_rows_must_be_held_out():
    experiment = Experiment.of(target="signal", validation_size=0.0)
    with pytest.raises(ValueError, match="scores need rows that are held out: `training.validati"):
        search(experiment, data=make_table()[["x", "signal"]], trials=1)


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


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"x": (1.0, 0.0)}, r"the range of 'x' must have low < high; received \(1\.0, 0\.0\)"),
        ({"x": (0.0, 1.0, "log")}, r"the range of 'x' must have 0 < low < high; received"),
        ({"x": [1, 1]}, r"the choices of 'x' must be different; received \[1, 1\]"),
        ({"x": 3}, r"`space\['x'\]` must be .*; received 3"),
        ({1: (0.0, 1.0)}, r"`space` must have names that are texts; received 1\."),
        ({"x": (0.0, float("inf"))}, r"the range of 'x' must have finite ends; received \(0\.0, "),
    ],
)
def test_a_wrong_range_is_named(space, message):
    with pytest.raises(ValueError, match=message):
        search(bowl, space, trials=1, **OPTIONS)


@pytest.mark.slow
def test_processes_share_a_storage_and_not_a_memory():
    from profond.trials._objective import NoNumber

    options = {**OPTIONS, "workers": 2}
    found = search(bowl, SPACE, trials=4, **options)
    assert found.frame["state"].tolist() == ["complete"] * 4
    with pytest.raises(ValueError, match=r"`storage` must be one that several processes share for"):
        search(bowl, SPACE, trials=4, storage=optuna.storages.InMemoryStorage(), **options)
    with pytest.raises(NoNumber, match=r"the function must return a number; received 'text'"):
        search(lambda seed, x: "text", {"x": (0.0, 1.0)}, trials=2, **options)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "dropout=a..b",
            r"--space takes numbers on both sides of '\.\.'; received 'dropout=a\.\.b'",
        ),
        ("dropout=0.5", r"--space takes NAME=LOW\.\.HIGH, .*; received 'dropout=0\.5'"),
        ("=0..1", r"--space takes NAME=LOW\.\.HIGH, .*; received '=0\.\.1'"),
    ],
)
def test_a_wrong_space_of_a_command_line_is_named(text, message):
    with pytest.raises(ValueError, match=message):
        read_space([text])


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(TypeError, match=r"`experiment` must be an Experiment .* or a function"):
        search(3, SPACE)
    with pytest.raises(ValueError, match=r"`timeout` must be seconds above 0, or None; received 0"):
        search(bowl, SPACE, timeout=0)
    with pytest.raises(ValueError, match=r"`data` goes with an Experiment"):
        search(bowl, SPACE, data=3, **OPTIONS)


def test_a_choice_of_one_hidden_layer_may_be_its_number():
    space = setting_space(Experiment(), read_space(["hidden=64|128,128"]))
    assert list((space[0].choices or {}).values()) == [(64,), (128, 128)]
    assert space[0].holds((64,))


def test_the_default_settings_lie_in_the_default_space():
    experiment = Experiment()
    for dimension in setting_space(experiment, None):
        section, _, name = dimension.name.partition(".")
        assert dimension.holds(getattr(getattr(experiment, section), name)), dimension.name
