"""A trained model for tables: preprocessing, networks and target together."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from profond.data import ClassTarget, TablePreprocessor, Target, open_table
from profond.experiment._settings import TableSettings

_ROWS = 4096  # predicted at once


class TableModel:
    """Predicts a column of a table from the others.

    Attributes:
        task: "regression", "binary" or "multiclass".
        target: The fitted target; its `name` is the column, its `classes` the labels.
        preprocessor: The fitted preprocessing.
        networks: The trained networks, one per seed.
        seeds: The seed of each.
        settings: The settings of the run.
        metrics: What the run measured, as in `metrics.json`.
    """

    def __init__(
        self,
        task: str,
        target: Target,
        preprocessor: TablePreprocessor,
        networks: Sequence[Any],
        *,
        seeds: Sequence[int],
        settings: TableSettings,
        metrics: dict[str, Any] | None = None,
    ) -> None:
        self.task = task
        self.target = target
        self.preprocessor = preprocessor
        self.networks = list(networks)
        self.seeds = list(seeds)
        self.settings = settings
        self.metrics = metrics or {}

    @property
    def classes(self) -> tuple[Any, ...]:
        """The labels of a classification, in the order of the probabilities; else empty."""
        return self.target.classes if isinstance(self.target, ClassTarget) else ()

    def predict(self, data: Any, *, member: int | None = None) -> np.ndarray:
        """Predict each row.

        Args:
            data: A data frame (pandas, polars) or a path, with the columns of the training
                table; their order does not matter, and others are ignored. A path is read with
                the separator, encoding and sheet that were given for the training table.
            member: Which network to ask, from 0; the mean of all when None.

        Returns:
            Numbers in the target's unit, or the original labels, shape (rows,).

        Raises:
            ValueError: If a column is missing or a value does not fit its column.
        """
        return self._answer(self._outputs(self._encode(data), member))

    def predict_proba(self, data: Any, *, member: int | None = None) -> np.ndarray:
        """Probability of each class, shape (rows, classes), in the order of `classes`.

        Args:
            data: As in `predict`.
            member: As in `predict`.

        Raises:
            ValueError: If the model predicts numbers, or as in `predict`.
        """
        if not isinstance(self.target, ClassTarget):
            raise ValueError(
                f"The model predicts the number {self.target.name!r}: there are no "
                "probabilities. Use `predict`."
            )
        return self._outputs(self._encode(data), member)

    def predict_frame(self, data: Any, *, member: int | None = None) -> pd.DataFrame:
        """Predictions as a table.

        Args:
            data: As in `predict`.
            member: As in `predict`.

        Returns:
            Column `prediction`, and for classes one column `probability_LABEL` each.
        """
        outputs = self._outputs(self._encode(data), member)
        columns: dict[str, Any] = {"prediction": self._answer(outputs)}
        for i, label in enumerate(self.classes):
            columns[f"probability_{label}"] = outputs[:, i]
        return pd.DataFrame(columns)

    def _encode(self, data: Any) -> np.ndarray:
        if isinstance(data, pd.DataFrame) and len(data) == 0:
            return self.preprocessor.transform(data)
        table = open_table(
            os.fspath(data) if isinstance(data, os.PathLike) else data,
            missing=self.preprocessor.missing,
            readings=self.preprocessor.readings,
            **self.settings.reading,
        )
        return self.preprocessor.transform(table.frame)

    def outputs(self, inputs: np.ndarray, member: int) -> np.ndarray:
        """What one network says about encoded rows.

        Args:
            inputs: Encoded columns, shape (rows, features).
            member: Which network, from 0.

        Returns:
            Numbers in the target's unit, shape (rows,), or probabilities, (rows, classes).
        """
        width = 1 if self.task != "multiclass" else len(self.classes)
        raw = np.zeros((0, width), dtype=np.float32)
        if len(inputs):
            raw = self.networks[member].predict(inputs, batch_size=_ROWS, verbose=0)
        if not isinstance(self.target, ClassTarget):
            return self.target.decode(raw)
        probabilities = np.asarray(raw, dtype=np.float64)
        if self.task == "binary":
            return np.column_stack([1.0 - probabilities[:, 0], probabilities[:, 0]])
        # float32 sums of a softmax are off by 1e-7.
        return probabilities / probabilities.sum(axis=1, keepdims=True)

    def _outputs(self, inputs: np.ndarray, member: int | None) -> np.ndarray:
        if member is not None and not 0 <= member < len(self.networks):
            raise ValueError(
                f"`member` must be between 0 and {len(self.networks) - 1}; received {member}."
            )
        asked = range(len(self.networks)) if member is None else [member]
        return np.mean([self.outputs(inputs, i) for i in asked], axis=0)

    def _answer(self, outputs: np.ndarray) -> np.ndarray:
        if not isinstance(self.target, ClassTarget):
            return outputs
        labels = self.target.decode(outputs)
        if all(isinstance(label, str) for label in self.target.classes):
            return np.array(labels, dtype=object)
        return np.array(labels)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Keep the model in a folder; see `profond.experiment.load_model_folder`.

        Raises:
            ValueError: If the folder exists and is not a kept model.
            OSError: If it cannot be written; an older folder is then as it was.
        """
        from profond.experiment._folder import model_files, write_folder

        write_folder(folder, model_files(self))
