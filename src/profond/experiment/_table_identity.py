"""Which table a run learned from, to be found and known again by a later process."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from profond.data import Table
from profond.data._bundled import BUNDLED
from profond.data._conversion import column_of
from profond.experiment._schema import Experiment


def content_digest(frame: pd.DataFrame) -> str:
    """A digest of the names, types and values of a table."""
    digest = hashlib.sha256()
    for name in frame.columns:
        column = column_of(frame, name)
        digest.update(repr((str(name), str(column.dtype))).encode())
        # Without categories: values that have no hash are hashed as texts.
        rows: pd.Series = pd.util.hash_pandas_object(  # pyright: ignore[reportAttributeAccessIssue]
            column, index=False, categorize=False
        )
        digest.update(np.ascontiguousarray(rows.to_numpy(), dtype="<u8").tobytes())
    return digest.hexdigest()


def table_digest(frame: pd.DataFrame) -> str:
    """A digest of the names and values of a table, whatever their types."""
    hashed: Any = pd.util  # pyright: ignore[reportAttributeAccessIssue]
    total = hashed.hash_pandas_object(frame.astype(str), index=False).to_numpy()
    weighed = total * np.arange(1, 2 * len(total), 2, dtype=np.uint64)  # the order counts
    return f"{len(frame)} rows, {int(weighed.sum()):016x}, {', '.join(map(str, frame.columns))}"


def describe_table(table: Table) -> dict[str, Any]:
    """What `find_table` needs: where the table is, and its digest."""
    path = Path(table.source)
    place = None
    if table.source not in BUNDLED or path.is_file():
        place = os.path.abspath(path) if path.is_file() else ""
    return {
        "source": table.source,
        "name": table.name,
        "path": place,  # absolute; None for a bundled set, empty for a data frame
        "rows": len(table.frame),
        "columns": table.frame.shape[1],
        "digest": content_digest(table.frame),
    }


def find_table(
    described: Mapping[str, Any], experiment: Experiment, data: Any, folder: str
) -> Table:
    """The table of an interrupted run, opened again.

    Args:
        described: What `describe_table` gave.
        experiment: The description of the run.
        data: The table in the place of the file; needed if it was a data frame.
        folder: The run's folder, for messages.

    Raises:
        ValueError: If it is another table, or a data frame that is not given again.
        FileNotFoundError: If the file is no longer there.
    """
    if data is None:
        data = described["source"] if described["path"] is None else described["path"]
        if not data:
            raise ValueError(
                f"The interrupted run of {folder} learned from a data frame; give the same one "
                f"again: resume_training({folder!r}, frame)."
            )
    table = data if isinstance(data, Table) else _open(data, experiment)
    found = describe_table(table)
    if found["digest"] != described["digest"]:
        raise ValueError(
            f"The table is not the one that the interrupted run of {folder} began with: "
            f"{_difference(described, found)}. Give it back its content, or train anew without "
            "--resume."
        )
    return replace(table, source=described["source"], name=described["name"])


def _open(data: Any, experiment: Experiment) -> Table:
    """The table of a run, read as its description says."""
    from profond.experiment._table_kind import open_for

    return open_for(experiment, data)


def _difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What is different, in a few words."""
    for what in ("rows", "columns"):
        if before[what] != now[what]:
            return f"{now['source']} has {now[what]} {what}, and had {before[what]}"
    return f"{now['source']} has other values, types or names of columns"
