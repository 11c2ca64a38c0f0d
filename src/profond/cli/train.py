"""`profond train DATA`: a table, series or images in, a measured and kept model out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from profond.cli._interrupted import Interrupted, WrongWords
from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)
from profond.cli._setting_options import option_name, parse_set, with_setting_options

if TYPE_CHECKING:
    from profond.experiment import Experiment, TrainingInterrupted
    from profond.experiment._result import RunResult
    from profond.experiment._run_description import RunDescription

EPILOG = (
    "Examples:  profond train boston   ·   profond train sales.csv --target price --drop id   ·   "
    "profond train clients.xlsx --target left --quick   ·   profond train walks_TRAIN.ts "
    "--architecture inception_time   ·   profond train photos/   ·   profond train experiment.toml"
)


@with_setting_options
def train(
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="A table: CSV, TSV, Parquet or Excel file (text may be gzipped). Time series: "
            ".ts, NAME_TRAIN.tsv, .npz. Images: a folder with a folder for each class. A bundled "
            "set (boston, iris, gun_point, digits), or the description of an experiment (.toml, "
            ".yaml, .json).",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", help="Column to predict (bundled sets have a usual one)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the model (default: runs/NAME-TARGET)."),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="Kind of DATA: table, series or images (by default what it looks like)."),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="A first look: 3 seeds, 40 epochs, at most 5000 rows."),
    ] = False,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="SECTION.NAME=VALUE",
            help="Any setting of an experiment, like training.learning_rate=0.01; may be repeated.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="FOLDER",
            help="Go on with the run for this folder that was interrupted or killed; without DATA "
            "and other options, as they cannot change on the way.",
        ),
    ] = None,
    separator: Separator = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    **settings: Any,
) -> None:
    """Train networks on a table, series or images, compare them with baselines, and keep them.

    The target decides the task, the output layer and the loss. Numbers are scaled, categories
    encoded, missing values handled, series of unequal lengths masked. Several networks are trained
    from different seeds, measured on rows that none of them saw, and kept together in one folder.

    Ctrl-C stops the training and keeps the networks that are trained by then. A run that was
    stopped or killed goes on with --resume FOLDER, to the same result as if it had not been; a new
    run for the same folder takes its place.
    """
    if resume is not None:
        read = reading_options(separator, decimal, encoding, header, sheet)
        given = {"target": target, "out": out, "kind": kind, "quick": quick or None, "set": change}
        named = [name for name, value in given.items() if value is not None]
        _resume(resume, data, [option_name(name) for name in (*named, *read, *settings)])
        return
    if data is None:
        raise WrongWords("Missing argument 'DATA'.")
    from profond.cli._result_table import show_result
    from profond.experiment._folder import check_folder, holds_model
    from profond.experiment._kinds import kind_of

    experiment, source = described(data, kind)
    given = reading_options(separator, decimal, encoding, header, sheet) | settings
    if target is not None:
        given["target"] = target
    experiment = experiment.with_settings(
        _quick(quick, experiment, given) | given | parse_set(change or [])
    )
    about = kind_of(experiment)
    opened = about.open(experiment, source)
    name = folder_name(opened.name, about.described(experiment, opened).data.target)
    folder = check_folder(out if out is not None else Path("runs") / name)
    replaces = holds_model(folder)
    result = run_kept(lambda: experiment.run(opened, folder=folder), folder)
    show_result(result, folder, replaces=replaces)


def described(data: str, kind: str | None = None) -> tuple["RunDescription", str]:
    """The run that a file describes, or one with all defaults; and where its data are.

    Args:
        data: The file, or the data themselves.
        kind: Their kind; guessed when None.
    """
    from profond.experiment import Experiment
    from profond.experiment._files import SUFFIXES
    from profond.experiment._kinds import description_class, guessed_kind

    path = Path(data)
    if path.suffix.lower() not in SUFFIXES:
        return description_class(kind or guessed_kind(data))(), data
    if kind is not None:
        raise ValueError(f"--kind is that of data; {data} describes a run, and says it itself.")
    experiment = Experiment.from_file(path)
    source = experiment.data.source
    if source is None:
        raise ValueError(f"{data} must name the data: source = ... in the section [data].")
    # As the command line sees it; else beside the description.
    beside = path.parent / source
    return experiment, str(beside) if not Path(source).exists() and beside.exists() else source


def described_table(data: str) -> tuple["Experiment", str]:
    """The same for a command that takes tables only.

    Raises:
        ValueError: If the description is of another kind of data.
    """
    from profond.experiment import Experiment

    experiment, source = described(data)
    if not isinstance(experiment, Experiment):
        raise ValueError(
            f"This command takes tables; {data} describes a run on {experiment.kind}. `profond "
            "train` takes it."
        )
    return experiment, source


def _quick(quick: bool, experiment: "RunDescription", given: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in experiment.quick.items() if k not in given} if quick else {}


def _resume(folder: Path, data: str | None, options: Sequence[str]) -> None:
    """Go on with an interrupted run.

    Raises:
        ValueError: If anything else is given on the command line.
    """
    from profond.cli._result_table import show_result
    from profond.experiment import resume_training
    from profond.experiment._folder import holds_model, without_link

    others = [*([] if data is None else [data]), *options]
    if others:
        raise ValueError(
            f"--resume goes on with a run as it was described; leave out {', '.join(others)}, or "
            "train anew without --resume."
        )
    path = without_link(folder)
    replaces = holds_model(path)
    show_result(run_kept(lambda: resume_training(path), path), path, replaces=replaces)


def run_kept(train: Callable[[], "RunResult"], folder: Path) -> "RunResult":
    """The result; what Ctrl-C leaves of it is kept in the folder."""
    from profond.experiment import TrainingInterrupted
    from profond.experiment._state import resumable

    try:
        return train()
    except TrainingInterrupted as pressed:
        raise Interrupted(_keep(pressed, folder)) from pressed
    except KeyboardInterrupt as pressed:
        if resumable(folder):
            raise Interrupted(f"{_goes_on(folder)}.") from pressed
        raise


def _goes_on(folder: Path) -> str:
    return f"`profond train --resume {folder}` goes on where it stopped"


def _keep(pressed: "TrainingInterrupted", folder: Path) -> str:
    """Keep what was trained when Ctrl-C was pressed, beside an older model, and say so."""
    from profond.experiment._folder import holds_model
    from profond.experiment._interrupted import WEIGHTS_FILE

    goes_on = "" if pressed.folder is None else f". {_goes_on(folder)}"
    if pressed.model is None:
        if goes_on:
            return f"{pressed.summary}{goes_on}; there is no model yet."
        return f"{pressed.summary}; none had finished an epoch, so nothing was kept."
    # A model that was finished is worth more.
    if holds_model(folder) and not (folder / WEIGHTS_FILE).is_file():
        folder = folder.with_name(f"{folder.name}-interrupted")
    pressed.save(folder)
    networks = len(pressed.model.networks)
    return (
        f"{pressed.summary}{goes_on}. The model of {networks} network(s), not measured, is in "
        f"{folder}: profond predict {folder} NEW_ROWS.csv -o predictions.csv"
    )


def folder_name(name: str, target: str) -> str:
    """`NAME-TARGET` with only characters that every file system takes."""
    plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in f"{name}-{target}")
    return plain.strip("._") or "model"
