"""`profond predict MODEL DATA -o FILE`: a kept model on new rows."""

import itertools
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)

if TYPE_CHECKING:
    import pandas as pd

    from profond.estimators import TableModel
    from profond.estimators._trained_model import TrainedModel

EPILOG = (
    "Examples:  profond predict runs/iris-target new.csv -o predictions.csv   ·   profond predict "
    "runs/walks-class new.ts -o predictions.csv   ·   profond predict runs/photos-class new_photos/"
)


def predict(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Folder of a kept model, or a zip of it.")
    ],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Table with the columns that the model was trained on; or a file of series, or a "
            "folder of images.",
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
    interval: Annotated[
        float | None,
        typer.Option(
            help="Add the ends of an interval for each number, like 0.9: columns low and high."
        ),
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
    """Predict the rows of a table, series or images with a kept model.

    Writes a column `prediction` (the label, or the number in the target's unit) and, for
    classes, the columns `probability_LABEL`. Columns may stand in any order, and others beside
    them are ignored. What was said about reading the training file holds for this one, unless
    it is said anew.

    A large file is read, predicted and written in parts, so that it need not fit into memory;
    the predictions are the same. How its columns are written is told by its first part.
    """
    from profond.cli._prediction_files import SEPARATORS, check_prediction_file, predictions_to
    from profond.cli._rows_progress import rows_progress
    from profond.cli._setting_options import option_name
    from profond.experiment import load_model_folder

    if out_decimal not in SEPARATORS:
        raise ValueError(f"--out-decimal must be '.' or ','; received {out_decimal!r}.")
    if out is not None:
        check_prediction_file(out, data)
    kept = load_model_folder(model)
    _check_asked(kept, member, interval)
    given = reading_options(separator, decimal, encoding, header, sheet)
    if kept.kind != "table":
        if given or with_data:
            named = [option_name(name) for name in (*given, *(["with_data"] if with_data else []))]
            raise ValueError(
                f"{', '.join(named)}: of tables only, and the model takes {kept.kind}; leave it "
                "out."
            )
        with predictions_to(out, out_decimal) as write:
            answers = _whole_answers(kept, data, member, interval)
            write(answers)
        if out is not None:
            sys.stderr.write(f"{len(answers)} prediction(s) written to {out}\n")
        return
    rows = 0
    with rows_progress() as progress, _Warnings() as warned:
        parts = _parts(kept, data, {**kept.reading, **given}, progress)
        first = next(parts)  # what is wrong with the table is said before a file is made
        with predictions_to(out, out_decimal) as write:
            for start, frame, share in itertools.chain([first], parts):
                write(_answers(kept, frame, start, member, interval, with_data))
                rows = start + len(frame)
                warned.part_done()
                if share < 1 or start:
                    progress.update(rows, share)
    if out is not None:
        sys.stderr.write(f"{rows} prediction(s) written to {out}\n")


def _whole_answers(
    model: "TrainedModel", data: str, member: int | None, interval: float | None
) -> "pd.DataFrame":
    """Predictions for data that are read as a whole, with their names where they have some."""
    from profond.experiment._kinds import kind_named

    kind = kind_named(model.kind)
    opened = kind.new(model, data)
    for note in opened.notes:
        sys.stderr.write(f"{note}\n")
    answers = model.predict_frame(opened, member=member, interval=interval)
    if len(opened.names):
        answers.insert(0, "name", list(opened.names))
    return answers


def _check_asked(model: "TrainedModel", member: int | None, interval: float | None) -> None:
    """Refuse what the model cannot say before anything is read."""
    if member is not None and not 0 <= member < len(model.networks):
        raise ValueError(
            f"--member must be between 0 and {len(model.networks) - 1}; received {member}."
        )
    if interval is None:
        return
    if model.task != "regression":
        raise ValueError(
            f"--interval is of a predicted number, and the model predicts the class "
            f"{model.target.name!r}: leave it out. The columns probability_LABEL say how sure an "
            "answer is."
        )
    if member is not None:
        raise ValueError(
            "--interval is that of all networks together; give --member or --interval, not both."
        )
    if not 0 < interval < 1:
        raise ValueError(f"--interval must be between 0 and 1, like 0.9; received {interval:g}.")


def _parts(
    model: "TableModel", data: str, reading: dict[str, Any], progress: Any
) -> Iterator[tuple[int, "pd.DataFrame", float]]:
    """The table in parts: the place of the first row, the rows, and how far the file is read."""
    from profond.data import open_table
    from profond.data._chunks import open_in_chunks

    known = {
        "missing": model.preprocessor.missing,
        "readings": model.preprocessor.readings,
    }
    text_only = {name: value for name, value in reading.items() if name != "sheet"}
    chunks = open_in_chunks(data, **known, **text_only)
    if chunks is None:
        table = open_table(data, **known, **reading)
        for note in table.notes:
            progress.say(note)
        yield 0, table.frame, 1.0
        return
    for start, frame in chunks:
        if not start:
            for note in chunks.notes:
                progress.say(note)
        yield start, frame, min(1.0, (start + len(frame)) / chunks.rows_all)


def _answers(
    model: "TableModel",
    frame: "pd.DataFrame",
    start: int,
    member: int | None,
    interval: float | None,
    with_data: bool,
) -> "pd.DataFrame":
    import pandas as pd

    from profond.data._values import rows_from

    with rows_from(start):
        answers = model.predict_frame(frame, member=member, interval=interval)
    if not with_data:
        return answers
    return pd.concat([frame.drop(columns=list(answers), errors="ignore"), answers], axis=1)


class _Warnings:
    """Says what is unusual once, however many parts of a file it is in.

    A warning of the first part is shown as it is; one of the same kind in further parts is counted.
    """

    def __init__(self) -> None:
        self._parts = 1
        self._again: dict[str, tuple[str, int]] = {}

    def __enter__(self) -> Self:
        self._before = warnings.showwarning
        warnings.showwarning = self._show
        return self

    def __exit__(self, *details: object) -> None:
        warnings.showwarning = self._before
        for text, count in self._again.values():
            if count:
                sys.stderr.write(f"warning: the same in {count} further part(s): {text}...\n")

    def part_done(self) -> None:
        """The next part begins."""
        self._parts += 1

    def _show(self, message: Any, *details: Any, **more: Any) -> None:
        kind = re.sub(r"\d+", "0", str(message).partition(":")[0].partition("(")[0])
        if kind not in self._again:
            self._again[kind] = (str(message)[:60], 0)
            self._before(message, *details, **more)
        elif self._parts > 1:
            text, count = self._again[kind]
            self._again[kind] = (text, count + 1)
        else:
            self._before(message, *details, **more)
