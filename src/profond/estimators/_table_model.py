"""A trained model for tables."""

import os
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data import TablePreprocessor, open_table
from profond.estimators._trained_model import TrainedModel


class TableModel(TrainedModel):
    """Predicts a column of a table, or several, from the others.

    `predict`, `predict_proba`, `predict_interval` and `predict_frame` take a data frame (pandas,
    polars), a path, or a single row as a mapping from columns to values, with the columns of the
    training table; their order does not matter, and others are ignored. A path is read with the
    separator, encoding and sheet that were given for the training table.

    Attributes:
        preprocessor: The fitted preprocessing.
    """

    kind: ClassVar[str] = "table"
    preprocessor: TablePreprocessor

    @property
    def reading(self) -> dict[str, Any]:
        """What was given about the training table's file, as `open_table` takes it.

        The decimal mark is not part of it: the preprocessing knows that of each column.
        """
        given = self.experiment.get("reading", {})
        return {name: value for name, value in given.items() if name != "decimal"}

    def encode(self, data: Any) -> np.ndarray:
        """The numbers that the networks take, shape (rows, features), float32."""
        if isinstance(data, Mapping):
            return self.preprocessor.transform_one(data)
        names = self.preprocessor.column_names
        if isinstance(data, pd.DataFrame) and all(name in data.columns for name in names):
            return self.preprocessor.transform(data)
        table = open_table(
            os.fspath(data) if isinstance(data, os.PathLike) else data,
            missing=self.preprocessor.missing,
            readings=self.preprocessor.readings,
            **self.reading,
        )
        return self.preprocessor.transform(table.frame)
