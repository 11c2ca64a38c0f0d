"""Runs over seeds, grids and variants: carried out once each, kept, resumed."""

import functools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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


@pytest.mark.slow
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
    with pytest.raises(ValueError, match="another function for 'a', or of .* Choose another"):
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
        ({"seeds": -2}, ValueError, r"different whole numbers >= 0; received -2\."),
        ({"metric": None}, ValueError, "`metric` must be the name of a number; received None"),
        (
            {"variants": {1: noisy, "1": noisy}},
            ValueError,
            r"`variants` must have names that are different texts; received \[1, '1'\]",
        ),
        (
            {"variants": {"a": lambda seed: "0.5"}},
            TypeError,
            "must return a number, or numbers by name; received '0.5'",
        ),
        (
            {"variants": {"a": lambda seed: 10**400}},
            TypeError,
            "must return a number, or numbers by name; received 1000",
        ),
        (
            {"variants": {"a": lambda seed: sys.exit(3)}},
            RuntimeError,
            "variant 'a' with seed 0 failed: SystemExit: 3",
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
            r"must return 'score', the `metric`; received \['loss', 'seconds'\]\. Choose one ",
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


def test_an_error_in_one_of_several_workers_is_told_alone(recwarn):
    with pytest.raises(ValueError, match="must return 'score', the `metric`"):
        trials.compare({"a": lambda seed: {"loss": 1.0}}, seeds=12, workers=2, verbose=False)
    assert not recwarn.list


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


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (None, "`grid` must be lists of values by name, .*; received None"),
        ({1: [2]}, "`grid` must have names of arguments; received 1"),
        ({"kind": "relu"}, r"`grid\['kind'\]` must be a list of values; received 'relu'. Write "
         r"\['relu'\] for a single one"),
        ({"rate": 0.1}, r"`grid\['rate'\]` must be a list of values; received 0.1"),
    ],
)  # fmt: skip
def test_a_grid_is_of_lists(grid, message):
    with pytest.raises(ValueError, match=message):
        trials.over_grid(noisy, grid, **quiet)


def test_functions_in_a_grid_go_by_their_names():
    run = lambda seed, what: what(seed)  # noqa: E731
    found = trials.over_grid(run, {"what": [abs, noisy]}, seeds=2, **quiet)
    assert found.variants == ["what=abs", "what=noisy"]
    found = trials.over_grid(run, {"what": [lambda s: 1, lambda s: 2]}, seeds=1, **quiet)
    assert len(found.variants) == 2


def test_names_may_be_numbers():
    found = trials.compare({8: noisy, 16: functools.partial(noisy, shift=1.0)}, seeds=3, **quiet)
    assert found.variants == ["8", "16"]
    assert "16 is better than 8 by 1.00 ± 0" in str(found)


def test_numbers_as_names_are_found_again(tmp_path):
    for seeds in (1, 2):
        trials.compare({8: functools.partial(counted, folder=tmp_path)}, seeds=seeds,
                       folder=tmp_path / "kept", **quiet)  # fmt: skip
    assert len(list(tmp_path.glob("*-*"))) == 2


SEVERAL_SESSIONS = """
import torch, profond
from dataclasses import dataclass
from profond import trials
from profond.trials._fingerprint import fingerprint

names, numbers = {"raw", "scaled", "ranked"}, torch.arange(3.0)
Dense = profond.layers.Dense
model = profond.Sequential([profond.Input((2,)), Dense(2, kernel_initializer="ones")])
linear = torch.nn.Linear(2, 1)
torch.nn.init.ones_(linear.weight), torch.nn.init.ones_(linear.bias)

@dataclass(frozen=True)
class Options:
    names: frozenset = frozenset({"u", "v", "w"})
    def rate(self): return 0.1

def bound(thing): return lambda seed: thing

def asks(seed): return seed in {"a", "b", "c"}

def given(seed, kinds=frozenset({"d", "e", "f"})): return 1

for one in (asks, given, *map(bound, (names, numbers, model, linear, Options(), Dense))):
    print(fingerprint(one))
"""


@pytest.mark.slow
def test_functions_are_the_same_in_every_session():
    found = [
        subprocess.run([sys.executable, "-c", SEVERAL_SESSIONS], check=True, text=True,
                       capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert found[0] == found[1]
    assert len(set(found[0].split())) == 8


def test_weights_of_a_bound_model_count(tmp_path):
    def score(seed, model):
        return float(model.weight.detach().sum())

    linear = torch.nn.Linear(2, 1)
    run = functools.partial(score, model=linear)
    trials.compare({"a": run}, seeds=1, folder=tmp_path, **quiet)
    trials.compare({"a": run}, seeds=2, folder=tmp_path, **quiet)
    with torch.no_grad():
        linear.weight += 1
    with pytest.raises(ValueError, match="has results of another function for 'a'"):
        trials.compare({"a": run}, seeds=2, folder=tmp_path, **quiet)


def test_a_folder_is_of_one_process_at_a_time(tmp_path):
    def meanwhile(seed):
        with pytest.raises(RuntimeError, match="another process keeps its results in .*give ano"):
            trials.compare({"b": noisy}, seeds=1, folder=tmp_path, **quiet)
        return 1.0

    trials.compare({"a": meanwhile}, seeds=1, folder=tmp_path, **quiet)
    trials.compare({"b": noisy}, seeds=1, folder=tmp_path, **quiet)
    kept = json.loads((tmp_path / "trials.json").read_text())
    assert [variant for variant, _, _ in kept["results"]] == ["a", "b"]


def test_a_folder_that_cannot_be_made_is_told_before_the_runs(tmp_path):
    (tmp_path / "file").touch()
    run = functools.partial(counted, folder=tmp_path)
    with pytest.raises(OSError, match="file"):
        trials.over_seeds(run, seeds=2, folder=tmp_path / "file", **quiet)
    assert os.listdir(tmp_path) == ["file"]


def test_ctrl_c_inside_a_training_ends_its_run(tmp_path):
    import profond
    from profond.callbacks import LambdaCallback

    def pressed(epoch, logs):
        if epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)

    def run(seed):
        model = profond.Sequential([profond.Input((1,)), profond.layers.Dense(1)])
        model.compile("sgd", "mse")
        watch = [LambdaCallback(on_epoch_end=pressed)] if seed == 1 else []
        history = model.fit(np.ones((4, 1)), np.ones(4), epochs=5, callbacks=watch, verbose=0)
        return len(history.history["loss"])

    with pytest.raises(KeyboardInterrupt):
        trials.over_seeds(run, seeds=3, metric="epochs", folder=tmp_path, **quiet)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    # Not two epochs, as the number of a whole run.
    kept = json.loads((tmp_path / "trials.json").read_text())["results"]
    assert [(seed, numbers["epochs"]) for _, seed, numbers in kept] == [(0, 5)]


STOPPED = """
import sys, time
from pathlib import Path
from profond import trials

def slow(seed):
    Path(f"begun-{seed}-{time.time()}").touch()
    time.sleep(0.05 if seed < 2 or len(sys.argv) > 2 else 30)
    Path(f"ended-{seed}").touch()
    return float(seed)

print(trials.over_seeds(slow, seeds=6, folder="kept", workers=int(sys.argv[1]), verbose=False))
"""


def waited_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("sent", "workers"),
    [
        (signal.SIGTERM, 1),
        pytest.param(signal.SIGKILL, 2, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 2, marks=pytest.mark.slow),
    ],
)
def test_a_killed_comparison_goes_on(sent, workers, tmp_path):
    (tmp_path / "run.py").write_text(STOPPED)
    words = [sys.executable, "run.py", str(workers)]
    process = subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    waited_for(lambda: len(list(tmp_path.glob("begun-*"))) == 2 + workers)
    process.send_signal(sent)
    process.communicate(timeout=30)
    kept = json.loads((tmp_path / "kept" / "trials.json").read_text())["results"]
    assert {seed for _, seed, _ in kept} == {0, 1}
    more = subprocess.run([*words, "on"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "score 2.50 ± 1.96 over 6 seeds" in more.stdout
    assert more.stderr == ""
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        ".trials.lock", "trials.json",
    ]  # fmt: skip
    begun = [path.name.split("-")[1] for path in tmp_path.glob("begun-*")]
    # Not those that were kept; those that were broken off once more, each once.
    assert sorted(begun) == sorted(["0", "1", "2", "3", "4", "5", *["2", "3"][:workers]])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_workers_end_with_the_process_that_was_killed(tmp_path):
    text = STOPPED.replace("{seed}-{time.time()}", "{__import__('os').getpid()}")
    (tmp_path / "run.py").write_text(text)
    process = subprocess.Popen([sys.executable, "run.py", "2"], cwd=tmp_path)
    waited_for(lambda: len(list(tmp_path.glob("ended-*"))) == 2)
    workers = [path.name.split("-")[1] for path in tmp_path.glob("begun-*")]
    process.kill()
    process.wait()

    def gone(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
        except FileNotFoundError:
            return True

    waited_for(lambda: all(map(gone, workers)), seconds=15)


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


@pytest.mark.slow
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
