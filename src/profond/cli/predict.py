"""`profond predict MODEL DATA -o FILE`: a kept model on new rows."""

import importlib.util
import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)

EPILOG = "Example:  profond predict runs/iris-target new.csv -o predictions.csv"


def predict(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Folder of a kept model, or a zip of it.")
    ],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="Table with the columns that the model was trained on."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="File for the predictions: CSV or, by its name, .tsv, .parquet or .xlsx "
            "(default: CSV on standard output).",
        ),
    ] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Put the columns of DATA in front.")
    ] = False,
    member: Annotated[
        int | None,
        typer.Option(help="Ask one network only, from 0 (default: the mean of all)."),
    ] = None,
    out_decimal: Annotated[
        str,
        typer.Option(help="Decimal mark in a CSV of predictions; ',' puts ';' between fields."),
    ] = ".",
    separator: Separator = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
) -> None:
    """Predict the rows of a table with a kept model.

    Writes a column `prediction` (the label, or the number in the target's unit) and, for
    classes, the columns `probability_LABEL`. Columns may stand in any order, and others beside
    them are ignored. What was said about reading the training file holds for this one, unless
    it is said anew.
    """
    from profond._files import write_whole
    from profond.data import open_table
    from profond.experiment import load_model_folder

    if out_decimal not in _SEPARATORS:
        raise ValueError(f"--out-decimal must be '.' or ','; received {out_decimal!r}.")
    if out is not None:
        _check(out, data)
    kept = load_model_folder(model)
    given = reading_options(separator, decimal, encoding, header, sheet)
    table = open_table(
        data,
        missing=kept.preprocessor.missing,
        readings=kept.preprocessor.readings,
        **{**kept.reading, **given},
    )
    for note in table.notes:
        sys.stderr.write(f"{note}\n")
    answers = kept.predict_frame(table.frame, member=member)
    if with_data:
        import pandas as pd

        answers = pd.concat(
            [table.frame.drop(columns=list(answers), errors="ignore"), answers], axis=1
        )
    if out is None:
        sys.stdout.write(_csv(answers, out_decimal).decode())
        return
    try:
        write_whole(out, _WRITERS[out.suffix.lower()](answers, out_decimal))
    except OSError as error:
        raise OSError(
            f"The predictions cannot be written to {out}: {error.strerror or error}. Give another "
            "file (--out)."
        ) from error
    sys.stderr.write(f"{len(answers)} prediction(s) written to {out}\n")


def _check(out: Path, data: str) -> None:
    """Refuse a place that cannot take the answers before they are computed."""
    if out.exists() and Path(data).exists() and out.samefile(data):
        raise ValueError(
            f"{out} is the table itself, which the predictions would overwrite; give another file "
            "(--out), and --with-data to have its columns in it."
        )
    if out.is_dir():
        raise ValueError(f"{out} is a folder; give a file for the predictions, like answers.csv.")
    if out.suffix.lower() not in _WRITERS:
        known = ", ".join(suffix for suffix in _WRITERS if suffix)
        raise ValueError(
            f"Predictions are written to {known} files; received {out.name!r} (--out)."
        )
    if out.suffix.lower() == ".xlsx" and importlib.util.find_spec("openpyxl") is None:
        raise ImportError("Writing Excel files needs openpyxl: pip install 'profond[excel]'.")


def _csv(answers: Any, decimal: str, separator: str | None = None) -> bytes:
    return answers.to_csv(
        index=False,
        lineterminator="\n",
        sep=separator or _SEPARATORS[decimal],
        decimal=decimal,
    ).encode()


def _tsv(answers: Any, decimal: str) -> bytes:
    return _csv(answers, decimal, "\t")


def _parquet(answers: Any, decimal: str) -> bytes:
    del decimal  # numbers are no text there
    buffer = io.BytesIO()
    answers.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _excel(answers: Any, decimal: str) -> bytes:
    del decimal
    buffer = io.BytesIO()
    answers.to_excel(buffer, index=False)
    return buffer.getvalue()


_SEPARATORS = {".": ",", ",": ";"}  # between fields, by the decimal mark
_WRITERS = {
    "": _csv, ".csv": _csv, ".txt": _csv, ".tsv": _tsv, ".parquet": _parquet, ".xlsx": _excel
}  # fmt: skip
