"""The description of a run on a table, shared by Python, the command line and files."""

from typing import Any, ClassVar, Literal, Self

from pydantic import PositiveInt, field_validator, model_validator

from profond._typed_tab import TYPED_TABS, typed_separator
from profond.estimators._section import Section, setting
from profond.estimators._settings import Network, Preprocessing, Settings, Training
from profond.experiment._run_description import RunDescription, Seeds

_WHOLE = "a whole number of at least"


class Data(Section):
    """The table, and what of it is used."""

    source: str | None = setting(
        None, "Path of the table, or name of a bundled set.", "a path or a name"
    )
    name: str | None = setting(None, "Short name of the table, for titles.", "a text")
    target: str | None = setting(None, "The column to predict.", "the name of a column")
    drop: tuple[str, ...] = setting((), "Columns to leave out.", "a list of column names")
    missing: tuple[str, ...] = setting(
        (), "Texts that mean a missing value beside the usual ones.", "a list of texts"
    )
    task: Literal["regression", "binary", "multiclass"] | None = setting(
        None, "What the target makes; read from it if none.",
        "one of regression, binary, multiclass",
    )  # fmt: skip
    max_rows: PositiveInt | None = setting(
        None, "Training rows at most, drawn at random.", f"{_WHOLE} 1, or none"
    )


class Reading(Section):
    """How the table's file is written; what is not given is detected."""

    separator: str | None = setting(
        None, "Between the fields of a text file.", "one character, or tab",
        min_length=1, max_length=1,
    )  # fmt: skip
    decimal: Literal[".", ","] | None = setting(None, "Decimal mark of a text file.", "'.' or ','")
    encoding: str | None = setting(None, "Encoding of a text file.", "the name of an encoding")
    header: bool | None = setting(None, "Whether the first row holds names.", "true or false")
    sheet: str | int | None = setting(None, "Sheet of an Excel file.", "a name or a number")

    @field_validator("separator", mode="before")
    @classmethod
    def _typed_tab(cls, value: Any) -> Any:
        """Take what is typed for a tab, in a shell or a file, for one."""
        return typed_separator(value) if isinstance(value, str) else value

    @property
    def given(self) -> dict[str, Any]:
        """What is not left to be detected."""
        return self.model_dump(exclude_none=True)


class Split(Section):
    """Which rows are learned from, and which are kept aside to measure on."""

    kind: Literal["random", "time", "group", "column"] = setting(
        "random",
        "At random; by time (the last rows are the test part); by group (none in both parts); or "
        "as a column says (train, test).",
        "one of random, time, group, column",
    )
    column: str | None = setting(
        None,
        "Column of the times (the order of the rows if none), of the groups, or of train and test.",
        "the name of a column",
    )
    test_size: float = setting(
        0.2, "Share of the rows in the test part.", "a number between 0 and 1", gt=0, lt=1
    )
    seed: int = setting(0, "Seed of the test part, the same for all networks.",
                        f"{_WHOLE} 0", ge=0)  # fmt: skip
    folds: int | None = setting(
        None, "Folds of a cross-validation, in the place of one test part.",
        f"{_WHOLE} 2, or none", ge=2,
    )  # fmt: skip
    repeats: int = setting(1, "Repeats of the cross-validation, each with other folds.",
                           f"{_WHOLE} 1", ge=1)  # fmt: skip

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind in ("group", "column") and self.column is None:
            what = "groups" if self.kind == "group" else "part (train, test) of each row"
            raise ValueError(
                f"`split.column` must name the column of the {what} for the split "
                f"{self.kind!r}; received none."
            )
        if self.kind == "random" and self.column is not None:
            raise ValueError(
                "`split.column` is of no use to a random split; set `split.kind` to time, group or "
                f"column; received {self.column!r}."
            )
        if self.folds is not None and self.kind == "column":
            raise ValueError(
                "`split.folds` cannot be given where a column says which rows are the test part; "
                f"received {self.folds}."
            )
        if self.repeats > 1 and (self.folds is None or self.kind == "time"):
            raise ValueError(
                "`split.repeats` needs `split.folds` with a random or grouped split; received "
                f"{self.repeats}."
            )
        return self


class Experiment(RunDescription):
    """A run on a table, described once: data, split, preprocessing, network, training, seeds.

        found = Experiment(data={"source": "boston"}, training={"epochs": 100}).run()

    Sections may be given as mappings. `from_file` reads one from TOML, YAML or JSON, and `of` takes
    the settings by their plain names, as the command line does.

    Attributes:
        data: The table, and what of it is used.
        reading: How its file is written.
        split: Which rows are kept aside to measure on.
        preprocessing: How columns become numbers.
        network: The network.
        training: How it is trained.
        seeds: How many networks, and their seeds.
    """

    kind: ClassVar[str] = "table"
    quick: ClassVar[dict[str, Any]] = {"seeds": 3, "epochs": 40, "patience": 4, "max_rows": 5_000}

    data: Data = Data()
    reading: Reading = Reading()
    split: Split = Split()
    preprocessing: Preprocessing = Preprocessing()
    network: Network = Network()
    training: Training = Training()
    seeds: Seeds = Seeds()

    @property
    def settings(self) -> Settings:
        """What an estimator knows of it."""
        return Settings(
            preprocessing=self.preprocessing, network=self.network, training=self.training
        )

    @property
    def default_space(self) -> dict[str, Any]:
        """Learning rate, hidden layers, dropout and weight decay."""
        return {
            "training.learning_rate": (1e-4, 1e-2, "log"),
            "network.hidden": [
                (64,), (256,), (64, 64), (128, 128), (256, 256), (128,) * 3, (256,) * 3
            ],
            "network.dropout": (0.0, 0.5),
            "training.weight_decay": (1e-4, 0.3, "log"),
        }  # fmt: skip

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON schema of an experiment; in a file, "tab" is a separator too."""
        schema = super().json_schema()
        separator = schema["$defs"]["Reading"]["properties"]["separator"]
        separator["anyOf"].append({"enum": list(TYPED_TABS)})
        return schema


PLAIN = Experiment.plain_names()
