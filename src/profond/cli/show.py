"""`profond show MODEL`: what a kept model is, how good it is, and its pictures."""

import enum
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from profond.cli._json_output import JsonOnly, write_json

if TYPE_CHECKING:
    from profond.estimators import TableModel

EPILOG = (
    "Examples:  profond show runs/sales-price --figures pictures --data march.csv   ·   profond "
    "show runs/photos-class --figures pictures --data more_photos/"
)


class Format(enum.StrEnum):
    """Kinds of picture files."""

    PNG = "png"
    SVG = "svg"


def show(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Folder of a kept model, or a zip of it.")
    ],
    figures: Annotated[
        Path | None, typer.Option("--figures", metavar="FOLDER", help="Write its pictures there.")
    ] = None,
    image: Annotated[Format, typer.Option("--format", help="Of the pictures.")] = Format.PNG,
    data: Annotated[
        str | None,
        typer.Option(
            help="Table, series or images with known target, for pictures of how the model does on "
            "them."
        ),
    ] = None,
    json: JsonOnly = False,
) -> None:
    """Show what a kept model predicts, from what, and how well.

    Lists its network, the metrics of its training with their intervals, the settings that differ
    from their defaults, and its files. With --figures its pictures are written: learning curves
    and scores, and, with --data, the confusion matrix, ROC curve and calibration of a class, or
    predictions against the truth and residuals of a number; of series and images the learned
    filters, where a network looks and its most confident errors, too.
    """
    from profond.experiment import load_model_folder
    from profond.experiment._description import describe_model
    from profond.saving._kept_files import files_of

    if data is not None and figures is None:
        raise ValueError(
            "--data is for pictures; give --figures FOLDER too, or measure the model with "
            f"`profond evaluate {model} {data}`."
        )
    if figures is not None and figures.exists() and not figures.is_dir():
        raise ValueError(f"{figures} is a file; give a folder for the pictures (--figures).")
    kept = load_model_folder(model)
    found = describe_model(kept)
    files = files_of(model)
    if json:
        write_json({"model": model, **found, "files": files}, None, True)
    else:
        _print(kept, found, model, files)
    if figures is not None:
        _draw(kept, model, data, figures, image.value)


def _print(model: "TableModel", found: dict[str, Any], path: str, files: dict[str, int]) -> None:
    from rich.table import Table
    from rich.text import Text

    from profond.cli._result_table import terminal
    from profond.models._summary import summary_text

    console = terminal()

    def heading(text: str) -> None:
        console.print(Text(f"\n{text}", style="bold"))

    console.print(Text(f"{Path(path).name} predicts {found['predicts']}", style="bold"))
    source = found["data"].get("source")
    if source:
        console.print(Text(f"Trained on {source}."), soft_wrap=True)
    is_table = found["kind"] == "table"
    heading(f"{len(found['columns'])} column(s)" if is_table else "What it needs")
    table = Table("column" if is_table else "", "kind", "in training", box=None, pad_edge=False)
    for column in found["columns"]:
        table.add_row(Text(column["name"]), column["kind"], Text(column["values"]))
    console.print(table)
    if found["dropped"]:
        said = ", ".join(f"{name} ({why})" for name, why in found["dropped"].items())
        console.print(Text(f"Not used: {said}."), soft_wrap=True)
    heading(f"{len(model.networks)} network(s), seed(s) {', '.join(map(str, model.seeds))}")
    console.print(Text(summary_text(model.networks[0], 80).strip()), soft_wrap=True)
    heading("How well")
    try:
        _print_scores(console, model.metrics)
    except (KeyError, TypeError, ValueError, StopIteration, AttributeError) as error:
        raise ValueError(f"{path}/metrics.json is damaged: {error!r}.") from error
    heading("Settings that differ from the defaults")
    lines = [f"{name} = {value}" for name, value in found["settings"].items()]
    console.print(Text("\n".join(lines) or "none"), soft_wrap=True)
    heading("Files")
    console.print(Text("\n".join(f"{size:>10,d}  {name}" for name, size in files.items())))


def _print_scores(console: Any, metrics: dict[str, Any]) -> None:
    """The numbers of training, as they stand in `metrics.json`."""
    from rich.table import Table
    from rich.text import Text

    from profond._number_format import NumberFormat

    scores = metrics.get("scores")
    if not scores:
        why = " (its training was interrupted)" if metrics.get("interrupted") else ""
        console.print(Text(f"It was not measured{why}: `profond evaluate` does."), soft_wrap=True)
        return
    name = str(metrics["metric"])
    number = NumberFormat([score["value"] for score in scores], name)
    over = next(k for k in scores[0] if k.startswith("over_") and k != "over_seeds_95")
    known = {"model", "role", "value", "over_seeds_95", "per_seed", over}
    further = [key for key in scores[0] if key not in known]
    table = Table("model")
    for title in (name, "over seeds", over.removesuffix("_95").replace("_", " "), *further):
        table.add_column(title, justify="right", no_wrap=True)
    for score in scores:
        seeds, ends = score["over_seeds_95"], score[over]
        table.add_row(
            Text(str(score["model"])),
            number(score["value"]),
            f"± {number((seeds[1] - seeds[0]) / 2)}" if seeds else "",
            f"{number(ends[0])} to {number(ends[1])}",
            *(number.of(key, score[key]) if key in score else "" for key in further),
        )
    console.print(table)
    console.print(Text(str(metrics.get("sentence", ""))), soft_wrap=True)


def _draw(model: "TableModel", path: str, data: str | None, folder: Path, kind: str) -> None:
    from profond._files import write_whole
    from profond.experiment._known_rows import read_known_rows
    from profond.experiment._measure import warn_of_rows
    from profond.experiment._model_figures import kept_figures, measured_figures
    from profond.saving._kept_files import read_kept_file

    drawn = kept_figures(model, read_kept_file(path, "history.csv"))
    if data is not None:
        rows = read_known_rows(model, data)
        for note in rows.notes:
            sys.stderr.write(f"{note}\n")
        warn_of_rows(rows)
        drawn |= measured_figures(model, rows)
    for name, figure in drawn.items():
        content = io.BytesIO()
        figure.savefig(content, format=kind, dpi=150)
        write_whole(folder / f"{name}.{kind}", content.getvalue())
    sys.stderr.write(f"{len(drawn)} picture(s) written to {folder}: {', '.join(drawn)}\n")
