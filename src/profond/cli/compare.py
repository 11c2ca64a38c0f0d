"""`profond compare MODEL MODEL DATA`: kept models on the same rows, paired."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from profond.cli._json_output import JsonFile, JsonOnly, check_json_file, write_json
from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)

if TYPE_CHECKING:
    from profond.experiment._model_comparison import ModelComparison

EPILOG = (
    "Examples:  profond compare runs/plain runs/wide march.csv   ·   profond compare runs/fcn "
    "runs/resnet walks_TEST.ts"
)
_WIDE = 80


def compare(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL MODEL... DATA",
            help="Folders of kept models (or zips), and last the table, series or images with "
            "known target.",
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", help="Column with the truth (the models' target)."),
    ] = None,
    out: JsonFile = None,
    json: JsonOnly = False,
    separator: Separator = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
) -> None:
    """Compare kept models on the same rows, series or images.

    Shows each model's metrics with intervals, and how much worse than the best each other is,
    paired row by row, with a p-value that is corrected for several comparisons. The models must
    predict the same target; their columns may differ.
    """
    import sys

    from rich.text import Text

    from profond.cli._result_table import terminal
    from profond.experiment import load_model_folder
    from profond.experiment._known_rows import read_known_rows
    from profond.experiment._model_comparison import compare_on, plain_comparison, same_target

    if len(words) < 3:
        raise ValueError(
            f"Give two models or more and then the table; received {' '.join(words)!r}."
        )
    check_json_file(out)
    *paths, data = words
    models = {name: load_model_folder(path) for name, path in _names(paths).items()}
    given = reading_options(separator, decimal, encoding, header, sheet)
    rows = {
        name: read_known_rows(m, data, target, given) for name, m in same_target(models).items()
    }
    for note in dict.fromkeys(note for own in rows.values() for note in own.notes):
        sys.stderr.write(f"{note}\n")
    found = compare_on(models, rows)
    first = next(iter(rows.values()))
    if not json:
        console = terminal()
        console.print(_table(found, f"{len(found.scores)} models on {first.name}", console.width))
        console.print(Text(found.sentence))
    write_json(plain_comparison(found, first), out, json)


def _names(paths: list[str]) -> dict[str, str]:
    """A name for each model: the folder's own, or its path where two have the same."""
    if len({Path(path).resolve() for path in paths}) < len(paths):
        raise ValueError(f"A model is named twice: {', '.join(paths)}. Name each once.")
    short = [Path(path).resolve().name for path in paths]
    return {
        path if short.count(name) > 1 else name: path
        for name, path in zip(short, paths, strict=True)
    }


def _table(found: "ModelComparison", title: str, width: int) -> Any:
    from rich.table import Table
    from rich.text import Text

    from profond._number_format import NumberFormat

    metric = found.metric
    show = NumberFormat([score.value for score in found.scores], metric.name)
    further = list(found.scores[0].further) if width >= _WIDE else []
    better = "lower is better" if metric.lower_is_better else "higher is better"
    holm = ", p after Holm" if len(found.differences) > 1 else ""
    table = Table(
        title=f"{title} ({found.rows} {found.called})",
        title_justify="left",
        title_style="bold",
        caption=f"{metric.name}: {better}. 95 % intervals over {found.called} (bootstrap), "
        f"paired{holm}.",
        caption_justify="left",
    )
    table.add_column("model")
    for name in (metric.name, f"over {found.called}", "worse than best by", "p", *further):
        table.add_column(name, justify="right", no_wrap=True)
    differences = {one.name: one for one in found.differences}
    for score in found.scores:
        one = differences.get(score.name)
        table.add_row(
            Text(score.name),
            show(score.value),
            f"{show(score.over_rows.low)} to {show(score.over_rows.high)}",
            "best"
            if one is None
            else f"{show(one.loss)} ({show(one.over_rows.low)} to {show(one.over_rows.high)})",
            "" if one is None else "<0.001" if one.p_value < 0.001 else f"{one.p_value:.3f}",
            *(show.of(n, score.further[n]) if n in score.further else "" for n in further),
            style="bold" if one is None else None,
        )
    return table
