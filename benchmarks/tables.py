"""The estimators' defaults on four tables, beside scikit-learn, Keras and skorch.

`python -m benchmarks.tables --help` has the options; each split's models are kept when they are
measured, so that a benchmark that was stopped goes on where it was.
"""

import argparse
import hashlib
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._peers import ROOT
from benchmarks._report import table, write_section
from benchmarks._tables_data import SETS, TableSet
from benchmarks._tables_models import SAME, SCIKIT, Record, Split

OURS = "profond"
_SCIKIT_SEEDS = 3
_TARGETS = {  # metric, peer (a name or a number), how many times the peer's value is allowed
    "california": (("RMSE", SCIKIT[0], 1.0), ("RMSE", SCIKIT[1], 1.03)),
    "adult": (("accuracy", 0.866, 1.0), ("AUC", 0.920, 1.0)),
    "boston": (("RMSE", SCIKIT[2], 1.0),),
    "iris": (("accuracy", SCIKIT[2], 1.0),),
}

Found = dict[str, dict[str, Record]]  # by split, by model


class Kept:
    """Measured models in a folder, each in a file with what it was measured under.

    Args:
        folder: Where they are kept.
        fresh: Whether what is there is measured again.
    """

    def __init__(self, folder: Path, fresh: bool) -> None:
        self.folder, self.fresh = folder, fresh
        folder.mkdir(parents=True, exist_ok=True)

    def get(
        self, name: str, conditions: dict[str, Any], measure: Callable[[], Record | None]
    ) -> Record | None:
        """What was measured under the same conditions, or is now; None is not kept."""
        mark = hashlib.sha256(json.dumps(conditions, sort_keys=True).encode()).hexdigest()[:12]
        path = self.folder / f"{name}-{mark}.json"
        if path.exists() and not self.fresh:
            return json.loads(path.read_text())["record"]
        print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
        record = measure()
        if record is None:
            print("not installed, or failed", file=sys.stderr)
            return None
        new = path.with_suffix(".part")
        new.write_text(json.dumps({"conditions": conditions, "record": record}, indent=1))
        new.replace(path)
        print(f"{sum(record['seconds']):.1f} s", file=sys.stderr)
        return record


def measured(one: TableSet, options: argparse.Namespace, kept: Kept) -> Found:
    """Every model on every split of a table."""
    import profond
    from profond.experiment import Experiment

    opened = one.load()
    chosen = {} if options.epochs is None else {"epochs": options.epochs}
    found: Found = {}
    for place, split_seed in enumerate(one.split_seeds[: options.splits]):
        settings = {**one.settings, **chosen, "seeds": options.seeds, "split_seed": split_seed}
        experiment = Experiment.of(**settings)
        split = Split(opened, experiment)
        conditions = {"experiment": experiment.to_sections(), "version": profond.__version__}
        records: dict[str, Record | None] = {}
        name = f"{one.name}-{split_seed}"
        records[OURS] = kept.get(f"{name}-{OURS}", conditions, split.ours)
        seeds = list(range(min(options.seeds, _SCIKIT_SEEDS)))
        where = experiment.to_sections()["split"]
        for peer in SCIKIT:
            records[peer] = kept.get(
                f"{name}-{_short(peer)}",
                {"peer": peer, "seeds": seeds, "split": where},
                lambda peer=peer, split=split, seeds=seeds: split.scikit(peer, seeds),
            )
        for peer in SAME if place == 0 else ():
            records[peer] = kept.get(
                f"{name}-{_short(peer)}",
                {**conditions, "peer": peer},
                lambda peer=peer, split=split: split.same(peer),
            )
        found[str(split_seed)] = {name: record for name, record in records.items() if record}
    return found


def section(one: TableSet, found: Found) -> str:
    """What came out on a table, in markdown."""
    from profond.experiment import student_interval

    rows = []
    for name in (OURS, *SCIKIT, *SAME):
        records = [split[name] for split in found.values() if name in split]
        if not records:
            rows.append([name, "not installed", *[""] * (len(one.metrics) + 4)])
            continue
        row = [name]
        for metric in one.metrics:
            # A seed's number is its mean over the splits, on which all seeds are measured.
            seeds = [
                statistics.mean(record["scores"][k][metric] for record in records)
                for k in range(len(records[0]["scores"]))
            ]
            interval = student_interval(np.array(seeds))
            mean = statistics.mean(seeds)
            half = 0.0 if interval is None else (interval.high - interval.low) / 2
            row.append(_shown(mean) + (f" ± {_shown(half, like=mean)}" if half else ""))
        together = [
            _shown(statistics.mean(record["together"][metric] for record in records))
            for metric in one.metrics
            if "together" in records[0]
        ]
        row.append(", ".join(together))
        row.append(" ".join(_shown(_first(record, one.metrics[0])) for record in records))
        took = [seconds for record in records for seconds in record["seconds"]]
        row.append(f"{statistics.mean(took):.1f}")
        epochs = [count for record in records for count in record.get("epochs", [])]
        row.append(f"{statistics.mean(epochs):.0f}" if epochs else "")
        per_epoch = [r["epoch_seconds"] * 1e3 for r in records if "epoch_seconds" in r]
        row.append(f"{statistics.mean(per_epoch):.0f}" if per_epoch else "")
        rows.append(row)
    together = f"{len(next(iter(found.values()))[OURS]['scores'])} together"
    header = ["model", *(f"{metric}, one" for metric in one.metrics), together]
    header += ["by split", "seconds, one", "epochs", "ms per epoch"]
    lines = [f"### {one.title}", "", table(header, rows), ""]
    return "\n".join([*lines, *_verdicts(one, found)])


def _verdicts(one: TableSet, found: Found) -> list[str]:
    lines = []
    for metric, peer, times in _TARGETS[one.name]:
        lower = metric == "RMSE"
        for who, pick in (
            ("together", lambda record, metric=metric: record["together"][metric]),
            ("one network", lambda record, metric=metric: _first(record, metric)),
        ):
            ours = [pick(split[OURS]) for split in found.values()]
            if isinstance(peer, float):
                peers = [peer] * len(ours)
            else:
                peers = [_first(split[peer], metric) for split in found.values()]
            # Split by split, as splits differ by more than models do.
            ratios = [a / b for a, b in zip(ours, peers, strict=True)]
            ratio = statistics.mean(ratios)
            met = ratio <= times if lower else ratio >= times
            limit = f"{peer:g}" if isinstance(peer, float) else peer
            allowed = f"at {'most' if lower else 'least'} {'' if times == 1 else f'{times:g} x '}"
            spread = f" ({min(ratios):.3f} to {max(ratios):.3f})" if len(ratios) > 1 else ""
            lines.append(
                f"- {'Met' if met else 'Missed'}, {who}: {metric} {allowed}{limit}; it is "
                f"{ratio:.3f} x{spread}."
            )
    return lines


def _first(record: Record, metric: str) -> float:
    """The mean over the seeds."""
    return statistics.mean(score[metric] for score in record["scores"])


def _shown(value: float, like: float | None = None) -> str:
    """With the decimals of a value of this size, or of that of `like`."""
    size = abs(value if like is None else like)
    return f"{value:.0f}" if size >= 1000 else f"{value:.3f}" if size >= 1 else f"{value:.4f}"


def _short(name: str) -> str:
    return name.replace("gradient boosting, ", "boosting-").replace("scikit-learn's ", "scikit-")


_BODY = (
    "The estimators' defaults, RMSE or accuracy and AUC on the test part. One: one network, the "
    "mean over {seeds} seeds with Student's 95 % interval; a seed's number is the mean over the "
    "splits. By split: the same, split by split. scikit-learn: mean of {scikit} seeds; gradient "
    "boosting takes categories as such, its MLP standardised and one-hot columns (and a "
    "standardised target). keras-jax and skorch: our network, inputs and training, one seed, the "
    "first split; their epochs are the median one, ours all of the training, validation included "
    "in all. Splits: our own 80/20, but for Adult, whose official one is used. What is aimed at is "
    "judged by the mean ratio, split by split."
)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(SETS), default=list(SETS), metavar="SET")
    parser.add_argument("--seeds", type=int, default=5, help="networks of ours for each split")
    parser.add_argument("--splits", type=int, default=None, help="splits of each table at most")
    parser.add_argument("--epochs", type=int, default=None, help="at most; the default's if none")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "benchmarks" / "tables")
    parser.add_argument("--fresh", action="store_true", help="measure anew what is kept")
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args(arguments)
    kept, parts = Kept(options.out, options.fresh), []
    for name in options.only:
        one = SETS[name]
        if one.missing:
            print(one.missing, file=sys.stderr)
            parts.append(one.missing)
            continue
        parts.append(section(one, measured(one, options, kept)))
    intro = _BODY.format(seeds=options.seeds, scikit=min(options.seeds, _SCIKIT_SEEDS))
    write_section(
        "Tables: accuracy of the defaults",
        "\n\n".join([intro, *parts]),
        keep=not options.print_only,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
