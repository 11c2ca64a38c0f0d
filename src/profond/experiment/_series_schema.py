"""The description of a run on series."""

from typing import Any, ClassVar, Literal

from pydantic import PositiveInt

from profond.estimators._section import Section, setting
from profond.estimators._series_settings import (
    SeriesNetwork,
    SeriesPreprocessing,
    SeriesSettings,
    SeriesTraining,
)
from profond.experiment._run_description import RunDescription, Seeds
from profond.experiment._set_split import SetSplit

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
    split: SetSplit = SetSplit()
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

    @property
    def default_space(self) -> dict[str, Any]:
        """Architecture (FCN, ResNet, InceptionTime), scaling, learning rate and weight decay."""
        return {
            "network.architecture": ["fcn", "resnet", "inception_time"],
            "preprocessing.scaling": ["channels", "series"],
            "training.learning_rate": (1e-4, 1e-2, "log"),
            "training.weight_decay": (1e-4, 0.3, "log"),
        }
