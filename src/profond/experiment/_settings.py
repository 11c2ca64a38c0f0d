"""What can be set about the training on a table, checked in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from profond import activations
from profond.data._target import TASKS

OUTPUTS = ("auto", "relu", "linear")


@dataclass(frozen=True)
class TableSettings:
    """The settings of a run on a table. Every field has a default but the target.

    Units, dropout, L2 penalty and batch size were chosen by comparing some twenty variants on
    tables that come with scikit-learn or are made by it (diabetes, wine, breast cancer, digits,
    Friedman's functions, `make_classification`, log-normal inputs); the others are usual values.

    The L2 penalty is the same for every number of rows. As a prior it should weigh c / rows; on
    those tables at 100 to 6400 fitted rows this was no better. With three seeds, the error of one
    network, l2 = 0.001 against 0.3, 1 and 3 over rows: `make_classification` with 2 classes and
    6400 rows 7.9 % against 8.8, 8.7 and 7.9 %, with 5 classes 14.6 against 16.1, 16.0 and 15.2 %;
    Friedman 1 (RMSE over deviation) 0.217 against 0.223, 0.221 and 0.217, Friedman 3 0.334
    against 0.329, 0.330 and 0.330; diabetes 0.736 against 0.735, 0.829 and 0.763; log loss of
    wine 0.017 against 0.015, 0.027 and 0.049. A large table with little noise may still do better
    with less.

    Attributes:
        target: Name of the column to predict.
        drop: Columns to leave out.
        categories: Columns of numbers to treat as categories.
        missing: Texts that mean "missing" beside the usual ones.
        task: "regression", "binary" or "multiclass"; read from the target when None.
        test_size: Share of the rows kept for the final test, in (0, 1).
        validation_size: Share of the other rows on which a seed decides when to stop, in (0, 1).
        split_seed: Seed of the test part, the same for all networks.
        max_rows: At most so many training rows, drawn at random; all when None.
        hidden: Units of each hidden layer.
        activation: Activation of the hidden layers.
        output: Output activation of a regression: "relu" (never negative), "linear", or "auto",
            which takes "relu" if no training target is negative.
        dropout: Share of the hidden units switched off in each training step, in [0, 1).
        l2: Weight of the sum of squared kernel entries in the loss, >= 0.
        epochs: Largest number of passes over the training rows.
        batch_size: Rows per step; chosen by the number of rows when None.
        learning_rate: Step size of Adam, > 0.
        patience: Epochs without a better validation loss after which training stops.
        seeds: How many networks are trained.
        seed: Seed of the first; the next have the next whole numbers.
        separator: Character between the fields of the text file; detected when None, as the next.
        decimal: Its decimal mark.
        encoding: Its encoding.
        header: Whether its first row holds the names.
        sheet: Sheet of the Excel file; the first when None.
    """

    target: str
    drop: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    task: str | None = None
    test_size: float = 0.2
    validation_size: float = 0.2
    split_seed: int = 0
    max_rows: int | None = None
    hidden: tuple[int, ...] = (128, 128)
    activation: str = "relu"
    output: str = "auto"
    dropout: float = 0.1
    l2: float = 1e-3
    epochs: int = 300
    batch_size: int | None = None
    learning_rate: float = 1e-3
    patience: int = 30
    seeds: int = 5
    seed: int = 0
    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header: bool | None = None
    sheet: str | int | None = None

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ValueError: If a value is out of its range.
        """
        for name in ("drop", "categories", "missing"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "hidden", tuple(int(units) for units in self.hidden))
        activations.get(self.activation)
        _check("task", self.task, self.task in (None, *TASKS), f"one of {', '.join(TASKS)}")
        _check("output", self.output, self.output in OUTPUTS, f"one of {', '.join(OUTPUTS)}")
        for name in ("test_size", "validation_size"):
            _check(name, getattr(self, name), 0 < getattr(self, name) < 1, "between 0 and 1")
        for name in ("epochs", "patience", "seeds", "max_rows", "batch_size"):
            value = getattr(self, name)
            if value is not None:
                _check(name, value, value >= 1, "at least 1")
        for name in ("seed", "split_seed", "l2"):
            _check(name, getattr(self, name), getattr(self, name) >= 0, "at least 0")
        _check("hidden", self.hidden, all(u >= 1 for u in self.hidden), "positive whole numbers")
        _check("dropout", self.dropout, 0 <= self.dropout < 1, "at least 0 and below 1")
        _check("learning_rate", self.learning_rate, self.learning_rate > 0, "above 0")

    @property
    def reading(self) -> dict[str, Any]:
        """What was given about the table's file, as `open_table` takes it for a file like it.

        The decimal mark is not part of it: the preprocessing knows that of each column.
        """
        given = {name: getattr(self, name) for name in ("separator", "encoding", "header", "sheet")}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def all_seeds(self) -> list[int]:
        """The seed of each network."""
        return [self.seed + i for i in range(self.seeds)]

    def batch_rows(self, rows: int) -> int:
        """Rows per step for so many training rows: few where an epoch would have few steps."""
        if self.batch_size is not None:
            return min(self.batch_size, rows)
        return next((size for limit, size in _BATCHES if rows < limit), 512)

    def to_sections(self) -> dict[str, dict[str, Any]]:
        """The settings in sections, as they stand in `experiment.toml`; None is left out."""
        sections = {
            section: {
                name: list(value) if isinstance(value, tuple) else value
                for name in names
                if (value := getattr(self, name)) is not None
            }
            for section, names in _SECTIONS.items()
        }
        return {section: values for section, values in sections.items() if values}

    @classmethod
    def from_sections(cls, sections: Mapping[str, Mapping[str, Any]]) -> "TableSettings":
        """Settings from the sections of an `experiment.toml`; what is not known is refused.

        Raises:
            ValueError: If a name is unknown or a value out of its range.
        """
        from profond._lookup import unknown

        known = {f.name for f in fields(cls)}
        values: dict[str, Any] = {}
        for section, names in _SECTIONS.items():
            for name, value in sections.get(section, {}).items():
                if name in ("source", "name"):  # said for the reader of the file
                    continue
                if name not in names or name not in known:
                    raise ValueError(unknown(name, names, f"setting in [{section}]"))
                values[name] = tuple(value) if isinstance(value, list) else value
        if "target" not in values:
            raise ValueError("The section [data] must name the `target`.")
        return cls(**values)


_BATCHES = ((2_000, 16), (5_000, 32), (20_000, 128), (100_000, 256))
_SECTIONS = {
    "data": ("target", "drop", "categories", "missing", "task", "max_rows"),
    "split": ("test_size", "validation_size", "split_seed"),
    "network": ("hidden", "activation", "output", "dropout", "l2"),
    "training": ("epochs", "batch_size", "learning_rate", "patience"),
    "trials": ("seeds", "seed"),
    "reading": ("separator", "decimal", "encoding", "header", "sheet"),
}
QUICK = {"seeds": 3, "epochs": 40, "patience": 8, "max_rows": 5_000}


def _check(name: str, value: object, holds: bool, requirement: str) -> None:
    if not holds:
        raise ValueError(f"`{name}` must be {requirement}; received {value!r}.")
