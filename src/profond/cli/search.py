"""`profond search DATA`: the best of many settings, and a model with them."""

from dataclasses import replace
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
from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)
from profond.cli._setting_options import with_setting_options

if TYPE_CHECKING:
    from profond.trials import SearchResult

EPILOG = (
    "Examples:  profond search boston --trials 30   ·   profond search sales.csv --target price "
    "--space learning_rate=1e-4..1e-1:log --space 'hidden=64|128,128' --space dropout=0..0.5   ·   "
    "profond search walks_TRAIN.ts --space 'architecture=fcn|resnet'   ·   profond search photos/ "
    "--space 'augment=none|flip|flip,zoom'"
)


@with_setting_options
def search(
    data: Annotated[
        str,
        typer.Argument(metavar="DATA", help=DATA_HELP),
    ],
    target: TargetOption = None,
    kind: KindOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the model (default: runs/NAME-TARGET)."),
    ] = None,
    trials: Annotated[
        int, typer.Option("--trials", help="Trials, with those that were done before.")
    ] = 50,
    space: Annotated[
        list[str] | None,
        typer.Option(
            "--space",
            metavar="NAME=RANGE",
            help="A setting and its range (1e-4..1e-1:log, 0..0.5) or choices (relu|gelu); may be "
            "repeated. By default learning rate and weight decay, with hidden layers and dropout "
            "of tables, architecture and scaling of series, architecture and augmentation of "
            "images.",
        ),
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="URL",
            help="Where trials are kept: an address of Optuna's (default: sqlite in the folder "
            "OUT-search).",
        ),
    ] = None,
    sampler: Annotated[
        str, typer.Option("--sampler", help="How points are chosen: tpe, random.")
    ] = "tpe",
    pruner: Annotated[
        str, typer.Option("--pruner", help="What breaks bad trials off: median, none.")
    ] = "median",
    trial_seeds: Annotated[int, typer.Option("--trial-seeds", help="Networks of each trial.")] = 3,
    timeout: Annotated[
        float | None, typer.Option("--timeout", help="Seconds after which no trial begins.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Trials at a time (default: one per core).")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", "-l", help="Language of the figures: en, fr.")] = (
        "en"
    ),
    change: SetOption = None,
    separator: Separator = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    **settings: Any,
) -> None:
    """Search for good settings on the training part, then train with the best ones and measure.

    Each trial trains networks and measures them on inner validation rows, a fifth of the training
    part where the settings hold none out; hopeless ones are broken off. The test part is looked at
    once, at the end, as `profond train` does.

    A search that was stopped goes on with the same command. Pictures and a table of the trials are
    in the folder OUT-search.
    """
    from profond.cli._result_table import show_result
    from profond.cli.train import run_kept
    from profond.experiment._folder import check_folder, holds_model
    from profond.figures._canvas import speaker
    from profond.trials import search as find
    from profond.trials._space import read_space
    from profond.trials._study import require_optuna

    require_optuna()
    if trial_seeds < 1:
        raise ValueError(f"--trial-seeds must be 1 or more; received {trial_seeds}.")
    speaker(lang)  # type: ignore[arg-type]  # refuses other languages before the work
    given = reading_options(separator, decimal, encoding, header, sheet) | settings
    run = described_run(data, kind=kind, target=target, settings=given, change=change)
    folder = check_folder(out if out is not None else Path("runs") / run.name)
    kept = folder.with_name(f"{folder.name}-search")
    replaces = holds_model(folder)
    try:
        found = find(
            run.experiment,
            read_space(space) if space else None,
            data=run.opened,
            trials=trials,
            storage=storage,
            sampler=sampler,
            pruner=None if pruner == "none" else pruner,
            seeds=trial_seeds,
            timeout=timeout,
            workers=workers,
            folder=kept,
            name=run.name,
        )
    except KeyboardInterrupt as pressed:
        from profond.cli._interrupted import Interrupted

        raise Interrupted("the trials that were finished are kept; the same command goes on from "
                          "there.") from pressed  # fmt: skip
    _write(found, kept, lang)
    typer.echo(f"{str(found)[:1].upper()}{str(found)[1:]}.")
    typer.echo(f"Trials and pictures are in {kept}.")
    # Its target and task are those of the search.
    result = run_kept(lambda: found.experiment.run(run.opened, folder=folder), folder)
    # Kept once more, with what the search has to say.
    result = replace(result, notes=(*result.notes, found.note))
    result.save(folder)
    show_result(result, folder, replaces=replaces)


def _write(found: "SearchResult", folder: Path, lang: Any) -> None:
    """Pictures, and a table of the trials."""
    from profond._files import write_whole
    from profond.cli._figure_files import save_figure

    save_figure(found.plot_history(lang=lang), folder / "history.png")
    save_figure(found.plot_slices(lang=lang), folder / "slices.png")
    write_whole(folder / "trials.csv", found.frame.to_csv(index=False))
