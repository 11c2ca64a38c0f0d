"""What a run asks of a kind of data."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from profond.estimators._trained_model import TrainedModel
from profond.experiment._known_rows import KnownRows
from profond.experiment._result import RunResult
from profond.experiment._rows import Prepared, Rows


class Kind(ABC):
    """A kind of data: how it is opened, split, prepared, compared and told about.

    Attributes:
        model: What a run on it gives.
        result: What it is told in.
        rows: What its rows are called, more than one of them.
        use: How a kept model is used, as a person types it.
    """

    model: ClassVar[type[TrainedModel]]
    result: ClassVar[type[RunResult]]
    rows: ClassVar[str]
    use: ClassVar[str]

    @abstractmethod
    def open(self, experiment: Any, data: Any) -> Any:
        """The data of a run, read as its description says; it has `source`, `name`, `notes`."""

    @abstractmethod
    def described(self, experiment: Any, data: Any) -> Any:
        """The description with what the opened data say of the target."""

    @abstractmethod
    def read_rows(self, data: Any, experiment: Any) -> Rows:
        """Check opened data against the description of a run, and split its rows."""

    @abstractmethod
    def prepare(self, rows: Rows, train: np.ndarray, test: np.ndarray) -> Prepared:
        """Fit the preprocessing on training rows, and encode them and the test rows."""

    @abstractmethod
    def some(self, inputs: Any, rows: np.ndarray) -> Any:
        """Some rows of what is predicted from."""

    @abstractmethod
    def doubts(self, prepared: Prepared) -> list[str]:
        """What may be wrong with the training rows."""

    @abstractmethod
    def baselines(
        self, prepared: Prepared, model: TrainedModel
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Simple models on the same rows: name, and predictions for the test rows."""

    @abstractmethod
    def facts(self, kept: Prepared) -> dict[str, Any]:
        """What the result has beside what every kind's has."""

    @abstractmethod
    def report(self, result: Any) -> list[Any]:
        """The sections of the report, in order."""

    @abstractmethod
    def card(self, result: Any) -> str:
        """The model card, in Markdown."""

    @abstractmethod
    def script(
        self,
        experiment: Any,
        source: str | None,
        *,
        of: str = "",
        model: Any = None,
        seed: int | None = None,
        moved: bool = False,
    ) -> str:
        """A run as a Python script; see `profond.experiment.run_script` and `to_script`.

        Args:
            experiment: The description.
            source: Where the data are; None if they came from memory.
            of: Folder of the kept model, for messages.
            model: The kept model; None before any run.
            seed: Of the network to train again, or None.
            moved: Whether `source` is not where the run found its data.
        """

    @abstractmethod
    def read_preprocessor(self, state: Mapping[str, Any]) -> Any:
        """The preprocessing of a kept model, checked; ValueError if no fit leaves such a one."""

    @abstractmethod
    def needs(self, model: Any) -> list[dict[str, str]]:
        """What a kept model needs to predict: `name`, `kind` and `values` of each column, ..."""

    @abstractmethod
    def new(self, model: Any, data: Any) -> Any:
        """Data to predict, opened as those that a kept model learned from; with `notes`, `names`.

        They are read as a whole; tables are read in parts instead.
        """

    @abstractmethod
    def known(
        self, model: Any, data: Any, target: str | None, reading: Mapping[str, Any] | None
    ) -> KnownRows:
        """Data whose target is known, as a kept model reads them."""

    @abstractmethod
    def pictures(self, model: Any, rows: KnownRows, outputs: np.ndarray) -> dict[str, Any]:
        """Pictures of a kept model on rows with known target that only this kind has, by name."""

    @abstractmethod
    def identity(self, data: Any) -> dict[str, Any]:
        """What `find` needs to know the data again: where they are, and a digest."""

    @abstractmethod
    def digest(self, data: Any) -> str:
        """What tells opened data from others, the same in every session."""

    @abstractmethod
    def find(self, identity: Mapping[str, Any], experiment: Any, data: Any, folder: str) -> Any:
        """The data of an interrupted run, opened again."""
