"""`profond train DATA`: a table, series or images in, a measured and kept model out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from profond.cli._described_run import (
    DATA_HELP,
    KindOption,
    SetOption,
    TargetOption,
    described_run,
)
from profond.cli._interrupted import Interrupted, WrongWords
from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)
from profond.cli._setting_options import option_name, with_setting_options

if TYPE_CHECKING:
    from profond.experiment import TrainingInterrupted
    from profond.experiment._result import RunResult

EPILOG = (
    "Examples:  profond train boston   ·   profond train sales.csv --target price --drop id   ·   "
    "profond train clients.xlsx --target left --quick   ·   profond train walks_TRAIN.ts "
    "--architecture inception_time   ·   profond train photos/   ·   profond train experiment.toml"
)


@with_setting_options
def train(
    data: Annotated[
        str | None,
        typer.Argument(metavar="DATA", help=DATA_HELP),
    ] = None,
    target: TargetOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the model (default: runs/NAME-TARGET)."),
    ] = None,
    kind: KindOption = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="A first look: 3 seeds, few epochs, some of the rows."),
    ] = False,
    change: SetOption = None,
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

    given = reading_options(separator, decimal, encoding, header, sheet) | settings
    run = described_run(data, kind=kind, target=target, settings=given, change=change, quick=quick)
    folder = check_folder(out if out is not None else Path("runs") / run.name)
    replaces = holds_model(folder)
    result = run_kept(lambda: run.experiment.run(run.opened, folder=folder), folder)
    show_result(result, folder, replaces=replaces)


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
    from profond.experiment._kinds import kind_of

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
    use = kind_of(pressed.experiment).use.splitlines()[0].replace("FOLDER", str(folder))
    return (
        f"{pressed.summary}{goes_on}. The model of {networks} network(s), not measured, is in "
        f"{folder}: {use}"
    )
