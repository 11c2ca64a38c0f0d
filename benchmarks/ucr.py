"""Networks for series on sets of the UCR archive, beside the published accuracies.

Every network is trained as `SeriesClassifier` trains by default, but in bfloat16; the defaults were
chosen on folds of the training series (`--validate`). It is measured once on the official test
series. What is measured
is kept line by line: a run that was stopped goes on where it was.

    python -m benchmarks.ucr --networks fcn --seeds 5
    python -m benchmarks.ucr --networks inception_time --seeds 10    # two ensembles of five
    python -m benchmarks.ucr --published --networks fcn --seeds 1
    python -m benchmarks.ucr --report                                # nothing is measured
    python -m benchmarks.ucr --validate --recipe epochs=75 learning_rate=0.003 --sets ECG200
"""

import argparse
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import _ucr_data as data
from benchmarks._peers import ROOT
from benchmarks._report import write_section
from benchmarks._ucr_recipe import Published, Recipe, Trained
from benchmarks._ucr_results import MEMBERS, PUBLISHED, Line, Results, shown

_FOLDS = 2


def measure(
    results: Results, network: str, name: str, seed: int, recipe: Recipe | Published
) -> None:
    """Train on the training series of a set, and answer for its test series."""
    line: Line = {"set": name, "network": network, "seed": seed, "recipe": recipe.describe()}
    if not results.has(**line):
        one = data.load(name)
        trained = recipe.train(network, one.x, one.y, one.x_test, seed)
        results.keep(line, trained.probabilities)
        right = trained.probabilities.argmax(1) == one.y_test
        line |= {"accuracy": float(right.mean()), "test": len(right), **_facts(trained)}
        results.add(line)
        _say(f"{network} {name} seed {seed}: {line['accuracy']:.4f}, {line['seconds']:.0f} s")
    count = MEMBERS.get(network, 1)
    if count > 1:
        _join(results, network, name, [seed // count * count + k for k in range(count)], recipe)


def _join(
    results: Results, network: str, name: str, seeds: list[int], recipe: Recipe | Published
) -> None:
    """Add the line of an ensemble, once all its networks are measured."""
    wanted = {"set": name, "network": network, "recipe": recipe.describe()}
    lines = [{**wanted, "seed": seed} for seed in seeds]
    done = results.has(members=seeds, **wanted)
    if done or not all(results.has(**line) for line in lines):
        return
    y_test = data.load(name).y_test
    accuracy = results.together(lines, y_test)
    if accuracy is not None:
        results.add({**wanted, "members": seeds, "accuracy": accuracy, "test": len(y_test)})
        _say(f"{network} {name} seeds {seeds[0]} to {seeds[-1]} together: {accuracy:.4f}")


def validate(
    results: Results, network: str, name: str, seed: int, recipe: Recipe | Published
) -> None:
    """Train on each fold of the training series, and answer for the others."""
    from sklearn.model_selection import StratifiedKFold

    line: Line = {"set": name, "network": network, "seed": seed, "recipe": recipe.describe()}
    if results.has(**line):
        return
    one, right, seconds = data.load(name), 0, 0.0
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(one.x, one.y)
    for fold, (learn, held) in enumerate(folds):
        trained = recipe.train(
            network, one.x[learn], one.y[learn], one.x[held], _FOLDS * seed + fold
        )
        right += int((trained.probabilities.argmax(1) == one.y[held]).sum())
        seconds += trained.seconds
    line |= {"accuracy": right / len(one.x), "folds": _FOLDS, "seconds": round(seconds, 1)}
    results.add(line)
    _say(f"{network} {name} seed {seed}: {line['accuracy']:.4f} held out, {seconds:.0f} s")


def _facts(trained: Trained) -> Line:
    import torch

    import profond

    return {
        "steps": trained.steps,
        "batch": trained.batch,
        "seconds": round(trained.seconds, 1),
        "loss": round(trained.loss, 6),
        "versions": {
            "profond": profond.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


_INTRO = (
    "Accuracy on the official test series, the mean over the networks measured so far (± their "
    "standard deviation), beside the published mean over all who are listed in "
    "`ucr_published.csv`. Every network on every set has the training of `SeriesClassifier`, in "
    "{precision}: AdamW with step size {learning_rate:g} falling to 0 as a cosine, {epochs} "
    "epochs, batches of a tenth of the series, at most 16; then the output layer is fitted to the "
    "end. The published ones train for 1500 and 2000 epochs and keep the weights of the lowest "
    "training loss. The recipe was chosen on folds of training series."
)

_PUBLISHED = (
    "Accuracy on the official test series by the protocol of the papers: Adam with step size "
    "0.001, halved after 50 epochs without a lower training loss, down to 0.0001; 2000 epochs of "
    "FCN and 1500 of ResNet in float32; the weights of the lowest training loss."
)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, and write the section."""
    known = data.names()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ucr",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--networks", nargs="*", choices=list(PUBLISHED), metavar="NETWORK",
                        default=["fcn", "resnet1d", "inception_time"])  # fmt: skip
    parser.add_argument("--sets", nargs="*", choices=known, default=known, metavar="SET")
    parser.add_argument("--seeds", type=int, default=5, help="networks for each set")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--recipe", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--published", action="store_true", help="by the protocol of the papers")
    parser.add_argument("--validate", action="store_true", help="on folds of the training series")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--report", action="store_true", help="measure nothing more")
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args(arguments)
    kind = Published if options.published else Recipe
    recipe = kind(**dict(change.split("=", 1) for change in options.recipe))
    answers = ROOT / "runs" / "benchmarks" / "ucr"
    file = "ucr_validation.jsonl" if options.validate else "ucr.jsonl"
    results = Results(options.out / file, None if options.validate else answers)
    one = validate if options.validate else measure
    for seed in range(options.first_seed, 0 if options.report else options.seeds):
        for network in options.networks:
            for name in options.sets:
                one(results, network, name, seed, recipe)
    chosen = [line for line in results.lines if line["recipe"] == recipe.describe()]
    if options.validate:
        for network in options.networks:
            own = [line["accuracy"] for line in chosen if line["network"] == network]
            if own:
                _say(f"{network}: {statistics.mean(own):.4f} over {len(own)} held-out runs")
        return
    by_network = {n: [x for x in chosen if x["network"] == n] for n in options.networks}
    parts = [shown(network, lines) for network, lines in by_network.items() if lines]
    title, intro = "Series: accuracy", ""
    if isinstance(recipe, Recipe):
        intro = _INTRO.format(**recipe.describe())
    else:
        title, intro = f"{title} by the published protocol", _PUBLISHED
    write_section(title, "\n\n".join([intro, *parts]), keep=not options.print_only)


if __name__ == "__main__":
    main(sys.argv[1:])
