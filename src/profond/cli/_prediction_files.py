"""Files of predictions, written part by part, and whole or not at all."""

import importlib.util
import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import pandas as pd

Write = Callable[["pd.DataFrame"], None]
SEPARATORS = {".": ",", ",": ";"}  # between fields, by the decimal mark
_DECIMAL, _WHOLE = r"[+-]?\d*\.\d+", r"[+-]?\d+"
_EXCEL_ROWS = 1_048_575  # of a sheet, beside the header


@contextmanager
def predictions_to(out: Path | None, decimal: str) -> Iterator[Write]:
    """What appends rows to the file of predictions, or to standard output without one.

    Args:
        out: The file; its name says of what kind it is.
        decimal: Decimal mark of a text file.

    Raises:
        OSError: If it cannot be written; an older file is then as it was.
    """
    from profond._files import writing_whole

    if out is None:
        yield _Csv(sys.stdout.buffer if hasattr(sys.stdout, "buffer") else _Characters(), decimal)
        return
    try:
        with writing_whole(out) as file:
            writer = _WRITERS[out.suffix.lower()](file, decimal)
            yield writer
            writer.close()
    except OSError as error:
        raise OSError(
            f"The predictions cannot be written to {out}: {error.strerror or error}. Give another "
            "file (--out)."
        ) from error


def check_prediction_file(out: Path, data: str) -> None:
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


class _Characters:
    """Standard output that takes characters only, where it was replaced."""

    def write(self, content: bytes) -> None:
        sys.stdout.write(content.decode())

    def flush(self) -> None:
        sys.stdout.flush()


class _Csv:
    """Fields between separators; the names once."""

    separator: str | None = None

    def __init__(self, file: Any, decimal: str) -> None:
        self._file, self._decimal = file, decimal
        self._is_first = True
        self._numbers: list[str] = []

    def __call__(self, answers: "pd.DataFrame") -> None:
        """Append rows."""
        if self._decimal == ",":
            answers = self._with_commas(answers)
        text: Any = answers.to_csv(
            index=False,
            header=self._is_first,
            lineterminator="\n",
            sep=self.separator or SEPARATORS[self._decimal],
            decimal=self._decimal,
        )
        self._is_first = False
        self._file.write(text.encode())
        self._file.flush()

    def _with_commas(self, answers: "pd.DataFrame") -> "pd.DataFrame":
        """The numbers in columns of the data that the model does not know, which are texts.

        With a point among commas, a spreadsheet takes 3.5 for a day in May.
        """
        from profond.data._conversion import column_of

        if self._is_first:
            self._numbers = [
                str(name)
                for name in answers.columns
                if not str(name).startswith("prediction")
                and _are_decimals(column_of(answers, str(name)))
            ]
        return answers.assign(
            **{
                name: column_of(answers, name).str.replace(rf"^{_DECIMAL}$", _comma, regex=True)
                for name in self._numbers
            }
        )

    def close(self) -> None:
        """Nothing is left to write."""


class _Tsv(_Csv):
    separator = "\t"


class _Parquet:
    """Row groups of the types of the first part."""

    def __init__(self, file: BinaryIO, decimal: str) -> None:
        del decimal  # numbers are no text there
        self._file, self._writer = file, None
        self._waiting: Any = None

    def __call__(self, answers: "pd.DataFrame") -> None:
        """Append rows."""
        if self._waiting is None and self._writer is None:
            self._waiting = answers  # a single part is written as it is
            return
        if self._waiting is not None:
            first, self._waiting = self._waiting, None
            self._append(first)
        self._append(answers)

    def _append(self, answers: "pd.DataFrame") -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            table = pa.Table.from_pandas(_with_floats(answers, []), preserve_index=False)
            self._writer = pq.ParquetWriter(self._file, table.schema)
        else:
            schema = self._writer.schema
            floats = [field.name for field in schema if pa.types.is_floating(field.type)]
            table = pa.Table.from_pandas(
                _with_floats(answers, floats), schema=schema, preserve_index=False
            )
        self._writer.write_table(table)

    def close(self) -> None:
        """Write what a reader needs at the end."""
        if self._writer is not None:
            self._writer.close()
        elif self._waiting is not None:
            self._waiting.to_parquet(self._file, index=False)


class _Excel:
    """One sheet, written at the end."""

    def __init__(self, file: BinaryIO, decimal: str) -> None:
        del decimal
        self._file = file
        self._parts: list[Any] = []

    def __call__(self, answers: "pd.DataFrame") -> None:
        """Keep rows."""
        self._parts.append(answers)
        if sum(map(len, self._parts)) > _EXCEL_ROWS:
            raise ValueError(
                f"A sheet of Excel holds {_EXCEL_ROWS} rows at most, and there are more "
                "predictions; write them to a .csv or .parquet file (--out)."
            )

    def close(self) -> None:
        """Write the sheet."""
        import pandas as pd

        buffer = io.BytesIO()
        pd.concat(self._parts, ignore_index=True).to_excel(buffer, index=False)
        self._file.write(buffer.getvalue())


def _comma(found: re.Match[str]) -> str:
    return found.group().replace(".", ",")


def _are_decimals(column: "pd.Series") -> bool:
    """Whether a column of texts holds numbers, with a point that does not part thousands."""
    import pandas as pd

    if not pd.api.types.is_string_dtype(column.dtype):
        return False
    texts = [str(text) for text in column.dropna()]
    decimal = [text for text in texts if re.fullmatch(_DECIMAL, text)]
    whole = sum(re.fullmatch(_WHOLE, text) is not None for text in texts)
    thousands = all(re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", text) for text in decimal)
    return not thousands and len(decimal) + whole == len(texts)


def _with_floats(answers: "pd.DataFrame", names: list[str]) -> "pd.DataFrame":
    """Whole numbers of the data as floats: a later part may have gaps or decimals there."""
    import pandas as pd

    columns = {}
    for name in answers.columns:
        dtype = answers[name].dtype
        whole = pd.api.types.is_integer_dtype(dtype) and not str(name).startswith("prediction")
        if whole or (name in names and pd.api.types.is_numeric_dtype(dtype)):
            columns[name] = answers[name].astype("Float64").astype("float64")
    return answers.assign(**columns)


_WRITERS: dict[str, Any] = {
    "": _Csv, ".csv": _Csv, ".txt": _Csv, ".tsv": _Tsv, ".parquet": _Parquet, ".xlsx": _Excel
}  # fmt: skip
