"""A trained model: preprocessing, networks and target together, whatever the kind of data."""

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data import ClassTarget, SeveralTargets, Target
from profond.estimators._network_outputs import network_outputs


class TrainedModel(ABC):
    """Networks that predict one target, or several, with what they need around them.

    A kind of data says what it reads and how it is encoded; the rest is the same for all.

    Attributes:
        kind: The kind of data, as a kept model's folder has it.
        target: The fitted target; its `name` is what is predicted, its `classes` the labels.
        preprocessor: The fitted preprocessing.
        networks: The trained networks, one per seed.
        seeds: The seed of each.
        temperatures: By which each network's probabilities are softened; 1 leaves them.
        residuals: For a regression, target less prediction on the rows that each network held
            out, shape (rows,) or (rows, columns): what intervals are made of.
        experiment: The description of the run that trained it, in sections, if there was one.
        metrics: What the run measured, as in `metrics.json`.
    """

    kind: ClassVar[str]

    def __init__(
        self,
        target: Target,
        preprocessor: Any,
        networks: Sequence[Any],
        *,
        seeds: Sequence[int],
        temperatures: Sequence[float] | None = None,
        residuals: Sequence[np.ndarray] = (),
        experiment: Mapping[str, Any] | None = None,
        metrics: dict[str, Any] | None = None,
    ) -> None:
        self.target = target
        self.preprocessor = preprocessor
        self.networks = list(networks)
        self.seeds = list(seeds)
        self.temperatures = list(temperatures or [1.0] * len(self.networks))
        self.residuals = list(residuals)
        self.experiment = dict(experiment or {})
        self.metrics = metrics or {}

    @property
    def task(self) -> str:
        """What the target makes: "regression", "binary", "multiclass" or "multilabel"."""
        return self.target.task

    @property
    def classes(self) -> tuple[Any, ...]:
        """The labels of a classification, in the order of the probabilities; else empty."""
        return self.target.classes if isinstance(self.target, ClassTarget) else ()

    def predict(self, data: Any, *, member: int | None = None) -> np.ndarray:
        """Predict each row.

        Args:
            data: What `encode` takes.
            member: Which network to ask, from 0; the mean of all when None.

        Returns:
            Numbers in the target's unit, or the original labels, shape (rows,); for several
            targets (rows, columns).

        Raises:
            ValueError: If the data do not fit what was learned from.
        """
        return self.answer(self.outputs(self.encode(data), member))

    def predict_proba(self, data: Any, *, member: int | None = None) -> np.ndarray:
        """Probability of each class, shape (rows, classes), in the order of `classes`.

        For several targets, the probability of the second class of each, (rows, columns).

        Args:
            data: As in `predict`.
            member: As in `predict`.

        Raises:
            ValueError: If the model predicts numbers, or as in `predict`.
        """
        if self.task == "regression":
            raise ValueError(
                f"The model predicts the number {self.target.name!r}: there are no "
                "probabilities. Use `predict`, or `predict_interval`."
            )
        return self.outputs(self.encode(data), member)

    def predict_interval(self, data: Any, *, level: float = 0.9) -> np.ndarray:
        """An interval for the number of each row; see `conformal_interval` for what it promises.

        Args:
            data: As in `predict`.
            level: Share of the rows whose number is to lie inside, in (0, 1).

        Returns:
            Low and high ends in the target's unit, shape (rows, 2); for several targets
            (rows, columns, 2), each of its own.

        Raises:
            ValueError: If the model predicts classes, or no rows were held out in its training.
        """
        return self.interval(self.encode(data), level=level)

    def interval(self, inputs: Any, *, level: float = 0.9) -> np.ndarray:
        """`predict_interval` for encoded rows."""
        from profond.estimators._conformal import conformal_interval

        if self.task != "regression":
            raise ValueError(
                f"The model predicts the class {self.target.name!r}: there are no intervals. Use "
                "`predict_proba`."
            )
        if not self.residuals or not all(len(r) for r in self.residuals):
            raise ValueError(
                "There are no intervals: no rows were held out in the training to measure the "
                "errors on. Train on more rows, or with a `validation_size` above 0."
            )
        members = [m.reshape(len(inputs), -1) for m in self.outputs_of_each(inputs)]
        members = np.stack(members)  # (member, row, column)
        ends = [
            conformal_interval(
                [np.reshape(r, (len(r), -1))[:, k] for r in self.residuals],
                members[:, :, k],
                level,
                non_negative=bool(getattr(self.target, "non_negative", False)),
            )
            for k in range(members.shape[2])
        ]
        intervals = np.stack([np.stack(pair, axis=-1) for pair in ends], axis=1)
        return intervals if isinstance(self.target, SeveralTargets) else intervals[:, 0]

    def predict_frame(
        self, data: Any, *, member: int | None = None, interval: float | None = None
    ) -> pd.DataFrame:
        """Predictions as a table.

        Args:
            data: As in `predict`.
            member: As in `predict`.
            interval: Level of an interval to add, as in `predict_interval`; it is that of all
                networks together.

        Returns:
            Column `prediction`, and for classes one column `probability_LABEL` each; for several
            targets `prediction_NAME` each. With an interval the columns `low` and `high`, or
            `low_NAME` and `high_NAME`.

        Raises:
            ValueError: As in `predict` and `predict_interval`, or if both `member` and `interval`
                are given.
        """
        if member is not None and interval is not None:
            raise ValueError(
                "An interval is that of all networks together; give `member` or `interval`, not "
                "both."
            )
        inputs = self.encode(data)
        outputs = self.outputs(inputs, member)
        answers = self.answer(outputs)
        columns: dict[str, Any] = {}
        parts: list[tuple[str, Any]] = [("", answers)]
        if isinstance(self.target, SeveralTargets):
            names = [part.name for part in self.target.parts]
            parts = [(f"_{name}", answers[:, i]) for i, name in enumerate(names)]
        for name, values in parts:
            columns[f"prediction{name}"] = values
        for i, label in enumerate(self.classes):
            columns[f"probability_{label}"] = outputs[:, i]
        if interval is not None:
            ends = self.interval(inputs, level=interval).reshape(len(inputs), len(parts), 2)
            for i, (name, _) in enumerate(parts):
                columns[f"low{name}"], columns[f"high{name}"] = ends[:, i, 0], ends[:, i, 1]
        return pd.DataFrame(columns)

    @abstractmethod
    def encode(self, data: Any) -> Any:
        """What the networks take, one row each: an array, or what is read by rows."""

    def outputs(self, inputs: Any, member: int | None = None) -> np.ndarray:
        """What the networks say about encoded rows.

        Args:
            inputs: What `encode` gave.
            member: Which network, from 0; the mean of all when None.

        Returns:
            Numbers in the target's unit, shape (rows,), or probabilities, (rows, classes); for
            several targets either, (rows, columns).
        """
        if member is not None and not 0 <= member < len(self.networks):
            raise ValueError(
                f"`member` must be between 0 and {len(self.networks) - 1}; received {member}."
            )
        answers = self.outputs_of_each(inputs, None if member is None else [member])
        return answers[0] if len(answers) == 1 else np.mean(answers, axis=0)

    def outputs_of_each(
        self, inputs: Any, members: Sequence[int] | None = None
    ) -> list[np.ndarray]:
        """`outputs` of several networks, for which the rows are read once.

        Args:
            inputs: What `encode` gave.
            members: Which networks, from 0; all when None.
        """
        asked = range(len(self.networks)) if members is None else members
        networks = [self.networks[i] for i in asked]
        raws = network_outputs(networks, inputs, self.target.outputs)
        return [self._decoded(raw, i) for raw, i in zip(raws, asked, strict=True)]

    def _decoded(self, raw: np.ndarray, member: int) -> np.ndarray:
        """Numbers or probabilities from what a network puts out."""
        from profond.estimators._temperature import apply_temperature

        if self.task == "regression":
            assert not isinstance(self.target, ClassTarget)
            return self.target.decode(raw)
        probabilities = np.asarray(raw, dtype=np.float64)
        temperature = self.temperatures[member]
        if self.task == "multilabel":
            return probabilities
        if self.task == "binary":
            probabilities = np.column_stack([1.0 - probabilities[:, 0], probabilities[:, 0]])
        if temperature != 1.0:
            probabilities = apply_temperature(probabilities, temperature)
        # float32 sums of a softmax are off by 1e-7.
        return probabilities / probabilities.sum(axis=1, keepdims=True)

    def answer(self, outputs: np.ndarray) -> np.ndarray:
        """Predictions from `outputs`: numbers as they are, or the likeliest labels."""
        if isinstance(self.target, SeveralTargets) and self.task == "multilabel":
            labels = [part.classes for part in self.target.parts if isinstance(part, ClassTarget)]
            chosen = (outputs > 0.5).astype(int)
            return np.column_stack([np.array(c)[chosen[:, k]] for k, c in enumerate(labels)])
        if not isinstance(self.target, ClassTarget):
            return outputs
        classes = np.array(self.target.classes)
        if all(isinstance(label, str) for label in self.target.classes):
            classes = classes.astype(object)
        return classes[outputs.argmax(axis=1)]

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Keep the model in a folder; see `profond.experiment.load_model_folder`.

        Raises:
            ValueError: If the folder exists and is not a kept model, or the networks have layers
                of the user's own.
            OSError: If it cannot be written; an older folder is then as it was.
        """
        from profond.experiment._folder import model_files, write_folder

        write_folder(folder, model_files(self))
