"""The description of a run on series."""

from typing import Any, ClassVar, Literal, Self

from pydantic import PositiveInt, model_validator

from profond.estimators._section import Section, setting
from profond.estimators._series_settings import (
    SeriesNetwork,
    SeriesPreprocessing,
    SeriesSettings,
    SeriesTraining,
)
from profond.experiment._run_description import RunDescription, Seeds

_WHOLE = "a whole number of at least"


class SeriesData(Section):
    """The series, and what of them is used."""

    kind: Literal["series"] = setting("series", "The kind of data.", "series")
    source: str | None = setting(
        None, "Path of the series, or name of a bundled set.", "a path or a name"
    )
    name: str | None = setting(None, "Short name of the set, for titles.", "a text")
    target: str | None = setting(
        None, "What the labels are called, or in a long table the column that holds them.",
        "a name",
    )  # fmt: skip
    id_column: str | None = setting(
        None, "In a long table: the column that tells the series.", "the name of a column"
    )
    time_column: str | None = setting(
        None, "In a long table: the column of times.", "the name of a column"
    )
    task: Literal["regression", "binary", "multiclass"] | None = setting(
        None, "What the labels make; read from them if none.",
        "one of regression, binary, multiclass",
    )  # fmt: skip
    max_rows: PositiveInt | None = setting(
        None, "Training series at most, drawn at random.", f"{_WHOLE} 1, or none"
    )


class SeriesSplit(Section):
    """Which series are learned from, and which are kept aside to measure on."""

    kind: Literal["auto", "given", "random"] = setting(
        "auto",
        "As the set says (its training and test parts), at random, or as the set says where it "
        "does and else at random.",
        "one of auto, given, random",
    )
    test_size: float = setting(
        0.2, "Share of the series in the test part.", "a number between 0 and 1", gt=0, lt=1
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
        if self.folds is not None and self.kind == "given":
            raise ValueError(
                "`split.folds` cannot be given where the set says which series are the test part; "
                f"received {self.folds}."
            )
        if self.repeats > 1 and self.folds is None:
            raise ValueError(f"`split.repeats` needs `split.folds`; received {self.repeats}.")
        return self


class SeriesExperiment(RunDescription):
    """A run on time series, described once: data, split, preprocessing, network, training, seeds.

        found = SeriesExperiment(data={"source": "gun_point"}).run()

    Sections may be given as mappings. `from_file` reads one from TOML, YAML or JSON, and `of` takes
    the settings by their plain names, as the command line does.

    Attributes:
        data: The series, and what of them is used.
        split: Which are kept aside to measure on.
        preprocessing: How they become numbers.
        network: The network.
        training: How it is trained.
        seeds: How many networks, and their seeds.
    """

    kind: ClassVar[str] = "series"
    quick: ClassVar[dict[str, Any]] = {"seeds": 3, "epochs": 40, "max_rows": 1_000}

    data: SeriesData = SeriesData()
    split: SeriesSplit = SeriesSplit()
    preprocessing: SeriesPreprocessing = SeriesPreprocessing()
    network: SeriesNetwork = SeriesNetwork()
    training: SeriesTraining = SeriesTraining()
    seeds: Seeds = Seeds()

    @property
    def settings(self) -> Any:
        """What an estimator knows of it."""
        return SeriesSettings(
            preprocessing=self.preprocessing, network=self.network, training=self.training
        )
