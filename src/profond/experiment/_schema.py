"""The description of a run, shared by Python, the command line and files."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import PositiveInt, ValidationError, field_validator, model_validator

from profond._typed_tab import TYPED_TABS, typed_separator
from profond.estimators._section import Section, lines, setting
from profond.estimators._settings import Network, Preprocessing, Settings, Training

_WHOLE = "a whole number of at least"


class WrongSettings(ValueError):
    """What is wrong in a description, a line for each setting.

    Args:
        lines: The lines.
        where: The file that they are in.
    """

    def __init__(self, lines: list[str], where: str = "") -> None:
        self.lines, self.where = lines, where
        text = "\n".join(lines)
        super().__init__(f"{where}: {text}" if where else text)


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


class Seeds(Section):
    """How often the same is trained, each time with other luck."""

    count: int = setting(5, "Networks to train.", f"{_WHOLE} 1", ge=1)
    first: int = setting(0, "Seed of the first; the next have the next numbers.",
                         f"{_WHOLE} 0", ge=0)  # fmt: skip

    @property
    def all(self) -> list[int]:
        """The seed of each network."""
        return [self.first + i for i in range(self.count)]


class Experiment(Section):
    """A run described once: data, split, preprocessing, network, training, seeds.

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

    data: Data = Data()
    reading: Reading = Reading()
    split: Split = Split()
    preprocessing: Preprocessing = Preprocessing()
    network: Network = Network()
    training: Training = Training()
    seeds: Seeds = Seeds()

    def __init__(self, **sections: Any) -> None:
        try:
            super().__init__(**sections)
        except ValidationError as error:
            raise WrongSettings(list(lines(Experiment, error))) from None

    @property
    def settings(self) -> Settings:
        """What an estimator knows of it."""
        return Settings(
            preprocessing=self.preprocessing, network=self.network, training=self.training
        )

    @classmethod
    def of(cls, **settings: Any) -> "Experiment":
        """An experiment from settings by plain names (`epochs=100, seeds=3, split_seed=1`).

        Raises:
            ValueError: If a name is unknown or a value wrong.
        """
        return cls().with_settings(settings)

    def with_settings(self, settings: Mapping[str, Any]) -> "Experiment":
        """The same experiment with other settings.

        Args:
            settings: By plain name, or by section and name ("training.epochs").

        Raises:
            ValueError: If a name is unknown or a value wrong.
        """
        sections = self.to_sections()
        for name, value in settings.items():
            section, _, field = PLAIN.get(name, name).partition(".")
            if section not in Experiment.model_fields or not field:
                from profond._lookup import unknown

                known = [*PLAIN, *PLAIN.values()]
                if "." in name:  # the plain names are no help with a section
                    known = list(PLAIN.values())
                raise ValueError(unknown(name, known, "setting"))
            sections.setdefault(section, {})[field] = value
        return Experiment(**sections)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Experiment":
        """An experiment from a TOML, YAML or JSON file.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it cannot be read, or a name or value in it is wrong.
            ImportError: If it is YAML and PyYAML is not installed.
        """
        from profond.experiment._files import read_sections

        try:
            return cls(**read_sections(Path(path)))
        except WrongSettings as error:
            raise WrongSettings(error.lines, str(path)) from None
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def to_sections(self) -> dict[str, dict[str, Any]]:
        """The settings as plain values in sections; what is None, and empty sections, left out."""
        dumped = self.model_dump(mode="json", exclude_none=True)
        # An empty list says the same as no word about it.
        kept = {
            section: {k: v for k, v in values.items() if v != []}
            for section, values in dumped.items()
        }
        # Without hidden layers there is a list to be empty.
        if not self.network.hidden:
            kept["network"]["hidden"] = []
        nones = self._none_by_choice()
        for section, names in nones.items():
            kept[section].update(dict.fromkeys(names, "none"))
        return {section: values for section, values in kept.items() if values}

    def _none_by_choice(self) -> dict[str, list[str]]:
        """Settings that are None where their default is not."""
        chosen: dict[str, list[str]] = {}
        for section in Experiment.model_fields:
            part = getattr(self, section)
            for name, value in part.changed().items():
                if value is None:
                    chosen.setdefault(section, []).append(name)
        return chosen

    def to_toml(self) -> str:
        """The experiment as `from_file` reads it."""
        import tomli_w

        return tomli_w.dumps(self.to_sections())

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON schema of an experiment: for editors, forms and other programs.

        It holds for a file too: where None is not the default, "none" stands for it, as TOML has
        no word for it; and "tab" is a separator.
        """
        schema = cls.model_json_schema()
        separator = schema["$defs"]["Reading"]["properties"]["separator"]
        separator["anyOf"].append({"enum": list(TYPED_TABS)})
        for section in schema["$defs"].values():
            for field in section.get("properties", {}).values():
                if {"type": "null"} in field.get("anyOf", []) and field["default"] is not None:
                    field["anyOf"].append({"const": "none"})
        return schema

    def run(
        self,
        data: Any = None,
        *,
        verbose: bool = True,
        progress: Any = None,
        folder: str | os.PathLike[str] | None = None,
    ) -> Any:
        """Train, measure, and give back the result.

        Args:
            data: The table, in the place of `data.source`: a path, a bundled set, a data frame.
            verbose: Whether to show progress on standard error.
            progress: A display of your own, in the place of that one.
            folder: Where to keep the result. A run with a folder that is interrupted or killed can
                be taken up again: `resume_training(folder)`, `profond train --resume FOLDER`.

        Returns:
            A `TableResult`: `table()`, `verdict`, `predict(...)`, `save(folder)`.

        Raises:
            ValueError: If the table or a setting is not usable; the message says what to do.
            FileNotFoundError: If there is no such file.
            RuntimeError: If training fails.
            OSError: If the result cannot be kept in `folder`.
            TrainingInterrupted: If Ctrl-C was pressed, with what was trained.
        """
        from profond.experiment._run import run_experiment

        return run_experiment(self, data, verbose=verbose, progress=progress, folder=folder)


def section_class(name: str) -> type[Section]:
    """The class of a section of an experiment."""
    found: Any = Experiment.model_fields[name].annotation
    return found


def _plain_names() -> dict[str, str]:
    """The plain name of each setting, to its section and name."""
    names = {
        name: f"{section}.{name}"
        for section in Experiment.model_fields
        if section not in ("split", "seeds")
        for name in section_class(section).model_fields
    }
    own = {
        "split": "split.kind",
        "split_column": "split.column",
        "split_seed": "split.seed",
        "test_size": "split.test_size",
        "folds": "split.folds",
        "repeats": "split.repeats",
        "seeds": "seeds.count",
        "seed": "seeds.first",
    }
    return names | own


PLAIN = _plain_names()
QUICK = {"seeds": 3, "epochs": 40, "patience": 4, "max_rows": 5_000}
