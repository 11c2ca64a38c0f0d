"""`profond evaluate MODEL DATA`: a kept model measured on new rows with known target."""

from pathlib import Path
from typing import Annotated

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

EPILOG = (
    "Examples:  profond evaluate runs/sales-price march.csv -o march.json   ·   profond evaluate "
    "runs/walks-class walks_TEST.ts   ·   profond evaluate runs/photos-class more_photos/"
)


def evaluate(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Folder of a kept model, or a zip of it.")
    ],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Table with the model's columns and the target; or series or images with labels.",
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option(
            "--target", "-t", help="In a table, column with the truth (the model's target)."
        ),
    ] = None,
    out: JsonFile = None,
    json: JsonOnly = False,
    separator: Separator = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
) -> None:
    """Measure a kept model on new rows, series or images whose target is known.

    Shows the metrics of training, for one network (mean over seeds) and for all together, with
    intervals over the rows. Rows without a target are left out. Rows that the model learned from
    say nothing about new ones.
    """
    import sys

    from rich.text import Text

    from profond.cli._result_table import score_table, terminal
    from profond.experiment import load_model_folder
    from profond.experiment._known_rows import read_known_rows
    from profond.experiment._measure import measure, plain_evaluation

    check_json_file(out)
    kept = load_model_folder(model)
    given = reading_options(separator, decimal, encoding, header, sheet)
    rows = read_known_rows(kept, data, target, given)
    for note in rows.notes:
        sys.stderr.write(f"{note}\n")
    found = measure(kept, rows)
    plain = {"model": model, **plain_evaluation(found, rows)}
    if not json:
        console = terminal()
        measured = f"{len(rows.truth)} {found.called} of {rows.name}"
        title = f"{Path(model).name}: {kept.target.name} on {measured}"
        console.print(score_table(found, title, console.width))
        console.print(Text(found.sentence))
    write_json(plain, out, json)
