"""Runs over seeds, grids and variants: carried out once each, kept, resumed."""

import functools
import json
import os

import numpy as np
import pytest
import torch

from profond import trials


def noisy(seed, shift=0.0):
    """A number that the seed decides."""
    del seed
    return shift + float(torch.rand(()))


def counted(seed, folder):
    """A number, and a file that says that the run took place."""
    (folder / f"{seed}-{os.getpid()}-{np.random.default_rng().integers(1e12)}").touch()
    return float(seed)


quiet = {"verbose": False, "workers": 1}


def test_each_variant_gets_each_seed_and_everything_is_seeded():
    found = trials.compare({"a": noisy, "b": functools.partial(noisy, shift=1.0)}, seeds=4, **quiet)
    assert list(found.frame.columns) == ["variant", "seed", "score", "seconds"]
    assert [tuple(row) for row in found.frame[["variant", "seed"]].to_numpy()] == [
        (variant, seed) for seed in range(4) for variant in "ab"
    ]
    np.testing.assert_allclose(found.values("b") - found.values("a"), 1.0, rtol=1e-6)
    torch.manual_seed(2)
    assert found.values("a")[2] == float(torch.rand(()))


def test_random_state_and_threads_are_left_as_they_were():
    threads = torch.get_num_threads()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    trials.over_seeds(lambda seed: torch.get_num_threads(), seeds=2, **quiet)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_several_processes_give_the_same_results():
    apart = trials.compare({"a": lambda seed: noisy(seed)}, seeds=6, workers=2, verbose=False)
    here = trials.compare({"a": lambda seed: noisy(seed)}, seeds=6, **quiet)
    assert apart.values("a").tolist() == here.values("a").tolist()


def test_seeds_may_be_named():
    found = trials.over_seeds(noisy, seeds=[7, 3], **quiet)
    assert found.frame["seed"].tolist() == [7, 3]
    assert found.variants == ["noisy"]


def test_several_numbers_per_run():
    def run(seed):
        return {"loss": seed * 2.0, "accuracy": np.float32(0.5), "epochs": torch.tensor(3)}

    found = trials.over_seeds(run, seeds=2, metric="loss", **quiet)
    assert found.frame["loss"].tolist() == [0.0, 2.0]
    assert found.frame["epochs"].tolist() == [3.0, 3.0]


def test_grid_runs_every_combination():
    found = trials.over_grid(
        lambda seed, units, rate: units * rate + seed,
        {"units": [1, 2], "rate": [0.1, 0.5]},
        seeds=2,
        **quiet,
    )
    assert found.variants == [
        "units=1, rate=0.1",
        "units=1, rate=0.5",
        "units=2, rate=0.1",
        "units=2, rate=0.5",
    ]
    assert list(found.frame.columns) == ["variant", "units", "rate", "seed", "score", "seconds"]
    expected = found.frame["units"] * found.frame["rate"] + found.frame["seed"]
    np.testing.assert_allclose(found.frame["score"], expected)


def test_what_is_kept_is_not_run_again(tmp_path):
    ran = tmp_path / "ran"
    ran.mkdir()
    run = functools.partial(counted, folder=ran)
    first = trials.over_seeds(run, seeds=3, folder=tmp_path / "kept", **quiet)
    again = trials.over_seeds(run, seeds=5, folder=tmp_path / "kept", **quiet)
    assert len(list(ran.iterdir())) == 5
    assert again.values("counted").tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert first.frame["seconds"].tolist() == again.frame["seconds"].tolist()[:3]


def test_a_stopped_comparison_goes_on(tmp_path):
    ran = tmp_path / "ran"
    ran.mkdir()

    def stopped(seed):
        if seed == 2 and not (tmp_path / "go").exists():
            raise KeyboardInterrupt
        return counted(seed, ran)

    with pytest.raises(KeyboardInterrupt):
        trials.over_seeds(stopped, seeds=4, folder=tmp_path / "kept", **quiet)
    (tmp_path / "go").touch()
    found = trials.over_seeds(stopped, seeds=4, folder=tmp_path / "kept", **quiet)
    assert found.values("stopped").tolist() == [0.0, 1.0, 2.0, 3.0]
    assert len(list(ran.iterdir())) == 4


def test_a_failed_run_is_named_and_the_others_are_kept(tmp_path):
    def run(seed):
        return 1 / (2 - seed)

    with pytest.raises(
        RuntimeError, match="variant 'run' with seed 2 failed: ZeroDivisionError: division by zero"
    ):
        trials.over_seeds(run, seeds=4, folder=tmp_path, **quiet)
    kept = json.loads((tmp_path / "trials.json").read_text())
    assert [seed for _, seed, _ in kept["results"]] == [0, 1]


def test_results_of_another_function_are_refused(tmp_path):
    trials.compare({"a": noisy}, seeds=1, folder=tmp_path, **quiet)
    changed = functools.partial(noisy, shift=2.0)
    with pytest.raises(ValueError, match="has results of another function for 'a'. Choose another"):
        trials.compare({"a": changed}, seeds=1, folder=tmp_path, **quiet)
    more = trials.compare({"b": changed, "a": noisy}, seeds=1, folder=tmp_path, **quiet)
    assert more.variants == ["b", "a"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format": 1, "functions": {}, "resu', "is not a whole file of results"),
        ('{"format": 9, "functions": {}, "results": []}', "has format 9; this version reads 1"),
    ],
)
def test_a_damaged_or_newer_file_is_refused(content, message, tmp_path):
    (tmp_path / "trials.json").write_text(content)
    with pytest.raises(ValueError, match=message):
        trials.compare({"a": noisy}, seeds=1, folder=tmp_path, **quiet)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"variants": {}}, ValueError, "`variants` must be functions by name"),
        ({"variants": {"a": 3}}, TypeError, "the variant 'a' must be a function of a seed"),
        ({"seeds": 0}, ValueError, "`seeds` must be a number >= 1, or different whole numbers"),
        ({"seeds": [1, 1]}, ValueError, r"different whole numbers >= 0; received \[1, 1\]"),
        ({"seeds": True}, ValueError, "different whole numbers >= 0; received True"),
        ({"seeds": [0.5]}, ValueError, "different whole numbers >= 0"),
        ({"workers": True}, ValueError, "`workers` must be a whole number >= 1; received True"),
        ({"metric": "cost"}, ValueError, "`lower_is_better` must be True or False for .*'cost'"),
        (
            {"variants": {"a": lambda seed: {"score": 1.0, "seed": 3}}},
            ValueError,
            "variant 'a' with seed 0 returns 'seed', a name that the table of results has",
        ),
        ({"workers": 0}, ValueError, "`workers` must be a whole number >= 1; received 0"),
        (
            {"variants": {"a": lambda seed: "good"}},
            TypeError,
            "variant 'a' with seed 0 must return a number, or numbers by name; received 'good'",
        ),
        (
            {"variants": {"a": lambda seed: {"loss": 1.0}}},
            ValueError,
            r"must return 'score', the `metric`; received \['loss', 'seconds'\]",
        ),
    ],
)
def test_wrong_use(arguments, error, message):
    with pytest.raises(error, match=message):
        trials.compare(**{"variants": {"a": noisy}, "seeds": 2, **quiet, **arguments})


class Shifted:
    """A function with a state."""

    def __init__(self, shift):
        self.shift = shift

    def __call__(self, seed):
        """The shift."""
        return self.shift


def closure(shift):
    """A function that remembers a number."""
    return lambda seed: shift


def defaulted(shift):
    """A function whose default is a number."""
    return lambda seed, shift=shift: shift


def bound(shift):
    """A function bound to an array too large to be written out."""
    return functools.partial(lambda seed, x: float(x.sum()), x=np.full(5000, shift / 5000))


@pytest.mark.parametrize("make", [Shifted, closure, defaulted, bound])
def test_results_are_kept_for_the_same_function_only(make, tmp_path):
    options = {"folder": tmp_path, **quiet}
    trials.compare({"a": make(1.0)}, seeds=1, **options)
    again = trials.compare({"a": make(1.0)}, seeds=2, **options)
    assert again.values("a").tolist() == pytest.approx([1.0, 1.0])
    with pytest.raises(ValueError, match="has results of another function for 'a'"):
        trials.compare({"a": make(2.0)}, seeds=2, **options)


def test_a_lambda_is_the_same_on_another_line(tmp_path):
    options = {"folder": tmp_path, **quiet}
    trials.compare({"a": lambda s: noisy(s, 1)}, seeds=1, **options)
    more = trials.compare({"b": noisy, "a": lambda s: noisy(s, 1)}, seeds=[0, 5], **options)
    assert more.frame["seed"].tolist() == [0, 0, 5, 5]
    with pytest.raises(ValueError, match="another function for 'a'"):
        trials.compare({"a": lambda s: noisy(s, 2)}, seeds=1, **options)


def test_kept_results_without_the_metric_are_refused(tmp_path):
    trials.over_seeds(noisy, seeds=1, folder=tmp_path, **quiet)
    with pytest.raises(ValueError, match="kept results of 'noisy' lack 'accuracy', the `metric`"):
        trials.over_seeds(noisy, seeds=1, folder=tmp_path, metric="accuracy", **quiet)


def test_the_time_may_be_the_metric():
    found = trials.over_seeds(lambda seed: {"loss": 1.0}, seeds=2, metric="seconds", **quiet)
    assert found.lower_is_better
    assert (found.values(found.variants[0]) >= 0).all()


def killed(seed):
    """End the process at once."""
    os._exit(seed + 3)


def test_a_killed_worker_is_told():
    with pytest.raises(RuntimeError, match="a worker process was killed, perhaps for want of mem"):
        trials.compare({"a": killed}, seeds=2, workers=2, verbose=False)


@pytest.mark.parametrize("name", ["variant", "seconds", "loss"])
def test_a_grid_may_not_take_the_name_of_a_column(name):
    with pytest.raises(ValueError, match=f"`grid` must not have arguments named .*{name}"):
        trials.over_grid(noisy, {name: [1]}, metric="loss", **quiet)


def test_grid_values_may_come_from_a_generator():
    found = trials.over_grid(noisy, {"shift": (x for x in (1.0, 2.0))}, seeds=1, **quiet)
    assert found.frame["shift"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("grid", [{}, {"units": []}])
def test_an_empty_grid_is_refused(grid):
    with pytest.raises(ValueError, match="`grid` must give at least one value for each argument"):
        trials.over_grid(noisy, grid, **quiet)


def test_a_grid_with_a_value_twice_is_refused():
    with pytest.raises(ValueError, match="`grid` must hold each value once"):
        trials.over_grid(noisy, {"shift": [1.0, 1.0]}, **quiet)


def test_progress_goes_to_standard_error(capsys):
    trials.compare({"a": noisy}, seeds=2, workers=1)
    assert capsys.readouterr().out == ""


def trained(seed, standardise):
    """Loss and accuracy of a small network on the notes' Iris table."""
    import profond
    from profond.layers import Dense, Input

    (x, y), (x_test, y_test) = profond.datasets.iris.load_data(seed=seed)
    if standardise:
        mean, deviation = x.mean(0), x.std(0)
        x, x_test = (x - mean) / deviation, (x_test - mean) / deviation
    model = profond.Sequential([Input((4,)), Dense(16, "relu"), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=20, batch_size=8, verbose=0)
    return model.evaluate(x_test, y_test, verbose=0, return_dict=True)


def test_raw_against_standardised_inputs():
    found = trials.compare(
        {
            "raw": functools.partial(trained, standardise=False),
            "standardised": functools.partial(trained, standardise=True),
        },
        seeds=8,
        metric="loss",
        verbose=False,
    )
    (difference,) = found.differences("raw")
    assert difference.verdict == "better"
    assert found.sentence().startswith("standardised is better than raw by 0.")
    assert "loss over 8 paired seeds (p" in found.sentence()
    assert {"accuracy", "loss"} < set(found.frame.columns)
