"""Tables, as a run sees them."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data import Table, TablePreprocessor, open_table
from profond.estimators import TableModel
from profond.estimators._trained_model import TrainedModel
from profond.experiment._baselines import baseline_predictions
from profond.experiment._description import values_of
from profond.experiment._folder_checks import check_columns
from profond.experiment._kind import Kind
from profond.experiment._known_rows import KnownRows, known_rows_of_table
from profond.experiment._prepare import (
    column_warnings,
    prepare,
    profile,
    read_rows,
    target_name,
)
from profond.experiment._result import RunResult, TableResult
from profond.experiment._rows import Prepared, Rows
from profond.experiment._schema import Experiment
from profond.experiment._table_identity import describe_table, find_table, table_digest

_MOST_DRAWN = 20_000  # rows kept to draw the columns from


class TableKind(Kind):
    """Rows with columns, of which one is predicted from the others."""

    model: ClassVar[type[TrainedModel]] = TableModel
    result: ClassVar[type[RunResult]] = TableResult
    rows: ClassVar[str] = "rows"
    use: ClassVar[str] = """profond predict FOLDER NEW_ROWS.csv -o predictions.csv

from profond.experiment import load_model_folder
load_model_folder("FOLDER").predict(table)"""

    def open(self, experiment: Experiment, data: Any) -> Table:
        """See `Kind.open`."""
        return open_for(experiment, data)

    def described(self, experiment: Experiment, data: Table) -> Experiment:
        """The description with the name of the target."""
        return experiment.with_settings({"target": target_name(data, experiment.data.target)})

    def read_rows(self, data: Table, experiment: Experiment) -> Rows:
        """See `profond.experiment._prepare.read_rows`."""
        return read_rows(data, experiment)

    def prepare(self, rows: Rows, train: np.ndarray, test: np.ndarray) -> Prepared:
        """See `profond.experiment._prepare.prepare`."""
        return prepare(rows, train, test)

    def some(self, inputs: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
        """Some rows of the columns."""
        return inputs.iloc[rows]

    def doubts(self, prepared: Prepared) -> list[str]:
        """What may be wrong with the columns."""
        return column_warnings(prepared)

    def baselines(
        self, prepared: Prepared, model: TrainedModel
    ) -> Iterator[tuple[str, np.ndarray]]:
        """scikit-learn's on the same encoded columns."""
        return baseline_predictions(
            model.task,
            (prepared.part.inputs, prepared.train_truth),
            prepared.test_inputs,
            len(model.classes),
        )

    def facts(self, kept: Prepared) -> dict[str, Any]:
        """The profile of the columns, and rows to draw them from."""
        return {"profile": profile(kept), "sample": _sample(kept.rows)}

    def report(self, result: Any) -> list[Any]:
        """See `profond.experiment.report`."""
        from profond.experiment.report._page import table_sections

        return table_sections(result)

    def card(self, result: Any) -> str:
        """See `table_card`."""
        from profond.experiment._table_card import table_card

        return table_card(result, self.use)

    def script(
        self,
        experiment: Experiment,
        source: str | None,
        *,
        of: str = "",
        model: Any = None,
        seed: int | None = None,
        moved: bool = False,
    ) -> str:
        """See `table_script`."""
        from profond.experiment._table_script import table_script

        if model is None:
            raise ValueError(
                "The script of a table is written from its trained model, column by column: "
                f"`profond train {source}` keeps one, and `profond script` takes its folder."
            )
        return table_script(model, experiment, source, of=of, seed=seed, moved=moved)

    def read_preprocessor(self, state: Mapping[str, Any]) -> TablePreprocessor:
        """The fitted columns."""
        preprocessor = TablePreprocessor.from_dict(state)
        check_columns(preprocessor)
        return preprocessor

    def needs(self, model: TableModel) -> list[dict[str, str]]:
        """The columns."""
        readings = model.preprocessor.readings
        return [
            {"name": c.name, "kind": c.kind, "values": values_of(c, readings[c.name].unit)}
            for c in model.preprocessor.columns
        ]

    def new(self, model: TableModel, data: Any) -> Table:
        """The table, read as that of the training."""
        known = model.preprocessor
        return open_table(data, missing=known.missing, readings=known.readings, **model.reading)

    def known(self, model: TableModel, data: Any, target: str | None, reading: Any) -> KnownRows:
        """Rows of a table."""
        return known_rows_of_table(model, data, target, reading)

    def pictures(self, model: TableModel, rows: KnownRows, outputs: np.ndarray) -> dict[str, Any]:
        """None beside those of every kind."""
        del model, rows, outputs
        return {}

    def identity(self, data: Table) -> dict[str, Any]:
        """See `describe_table`."""
        return describe_table(data)

    def digest(self, data: Table) -> str:
        """See `table_digest`."""
        return table_digest(data.frame)

    def find(
        self, identity: Mapping[str, Any], experiment: Experiment, data: Any, folder: str
    ) -> Table:
        """See `find_table`."""
        return find_table(identity, experiment, data, folder)


def open_for(experiment: Experiment, data: Any) -> Table:
    """The table of a run, read as its description says."""
    if isinstance(data, Table):
        return data
    if isinstance(data, os.PathLike):
        data = os.fspath(data)
    names = [] if experiment.data.target is None else [experiment.data.target]
    return open_table(
        data, missing=experiment.data.missing, names=names, **experiment.reading.given
    )


def _sample(rows: Rows) -> pd.DataFrame:
    """Rows to draw the columns from, of those that are used, in the order of the table."""
    used = np.unique(np.concatenate([part for split in rows.splits for part in split]))
    places = rows.places[used]
    if len(places) > _MOST_DRAWN:
        places = np.sort(np.random.default_rng(0).choice(places, _MOST_DRAWN, replace=False))
    return rows.data.frame.iloc[places]
