"""`profond search DATA --target COLUMN`: the best of many settings, and a model with them."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)
from profond.cli._setting_options import parse_set, with_setting_options

if TYPE_CHECKING:
    from profond.trials import SearchResult

EPILOG = (
    "Examples:  profond search boston --trials 30   ·   profond search sales.csv --target price "
    "--space learning_rate=1e-4..1e-1:log --space 'hidden=64|128,128' --space dropout=0..0.5"
)


@with_setting_options
def search(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="CSV, TSV, Parquet or Excel file, a bundled set (boston, iris), or the "
            "description of an experiment (.toml, .yaml, .json).",
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", help="Column to predict (bundled sets have a usual one)."),
    ] = None,
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
            "repeated. Learning rate, hidden layers, dropout and weight decay by default.",
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
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="SECTION.NAME=VALUE", help="Any setting of an experiment, repeatable."
        ),
    ] = None,
    separator: Separator = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    **settings: Any,
) -> None:
    """Search for good settings on the training part, then train with the best ones and measure.

    Each trial trains networks and measures them on inner validation rows; hopeless ones are broken
    off. The test part is looked at once, at the end, as `profond train` does.

    A search that was stopped goes on with the same command. Pictures and a table of the trials are
    in the folder OUT-search.
    """
    from profond.cli._result_table import show_result
    from profond.cli.train import described_table, folder_name, run_kept
    from profond.experiment._folder import check_folder, holds_model
    from profond.experiment._prepare import target_name
    from profond.experiment._table_kind import open_for
    from profond.figures._canvas import speaker
    from profond.trials import search as find
    from profond.trials._space import read_space
    from profond.trials._study import require_optuna

    require_optuna()
    if trial_seeds < 1:
        raise ValueError(f"--trial-seeds must be 1 or more; received {trial_seeds}.")
    speaker(lang)  # type: ignore[arg-type]  # refuses other languages before the work
    experiment, source = described_table(data)
    given = reading_options(separator, decimal, encoding, header, sheet) | settings
    if target is not None:
        given["target"] = target
    experiment = experiment.with_settings(given | parse_set(change or []))
    table = open_for(experiment, source)
    name = folder_name(table.name, target_name(table, experiment.data.target))
    folder = check_folder(out if out is not None else Path("runs") / name)
    kept = folder.with_name(f"{folder.name}-search")
    replaces = holds_model(folder)
    try:
        found = find(
            experiment,
            read_space(space) if space else None,
            data=table,
            trials=trials,
            storage=storage,
            sampler=sampler,
            pruner=None if pruner == "none" else pruner,
            seeds=trial_seeds,
            timeout=timeout,
            workers=workers,
            folder=kept,
            name=name,
        )
    except KeyboardInterrupt as pressed:
        from profond.cli._interrupted import Interrupted

        raise Interrupted("the trials that were finished are kept; the same command goes on from "
                          "there.") from pressed  # fmt: skip
    _write(found, kept, lang)
    typer.echo(f"{str(found)[:1].upper()}{str(found)[1:]}.")
    typer.echo(f"Trials and pictures are in {kept}.")
    # Its target and task are those of the search; the table is read again from where it was.
    result = run_kept(lambda: found.experiment.run(table, folder=folder), folder)
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
