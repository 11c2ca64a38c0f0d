"""The description of a run on images."""

from typing import Any, ClassVar, Literal

from pydantic import PositiveInt

from profond.estimators._image_settings import (
    ImageNetwork,
    ImagePreprocessing,
    ImageSettings,
    ImageTraining,
)
from profond.estimators._section import Section, setting
from profond.experiment._run_description import RunDescription, Seeds
from profond.experiment._set_split import SetSplit


class ImageData(Section):
    """The images, and what of them is used."""

    kind: Literal["images"] = setting("images", "The kind of data.", "images")
    source: str | None = setting(
        None, "Folder or file of the images, or name of a set.", "a path or a name"
    )
    name: str | None = setting(None, "Short name of the set, for titles.", "a text")
    target: str | None = setting(None, "What the labels are called.", "a name")
    task: Literal["regression", "binary", "multiclass"] | None = setting(
        None, "What the labels make; read from them if none.",
        "one of regression, binary, multiclass",
    )  # fmt: skip
    max_rows: PositiveInt | None = setting(
        None, "Training images at most, drawn at random.", "a whole number of at least 1, or none"
    )
    broken: Literal["skip", "error"] = setting(
        "skip", "Whether images that cannot be read are left out, or refused.",
        "one of skip, error",
    )  # fmt: skip
    channels: Literal[1, 3] | None = setting(
        None, "1 for grey, 3 for colours; by the images if none.", "1, 3 or none"
    )


class ImageExperiment(RunDescription):
    """A run on images, described once: data, split, preprocessing, network, training, seeds.

        found = ImageExperiment(data={"source": "digits"}).run()

    Sections may be given as mappings. `from_file` reads one from TOML, YAML or JSON, and `of` takes
    the settings by their plain names, as the command line does.

    Attributes:
        data: The images, and what of them is used.
        split: Which are kept aside to measure on.
        preprocessing: How they become numbers.
        network: The network.
        training: How it is trained.
        seeds: How many networks, and their seeds.
    """

    kind: ClassVar[str] = "images"
    quick: ClassVar[dict[str, Any]] = {"seeds": 3, "epochs": 8, "max_rows": 2_000}

    data: ImageData = ImageData()
    split: SetSplit = SetSplit()
    preprocessing: ImagePreprocessing = ImagePreprocessing()
    network: ImageNetwork = ImageNetwork()
    training: ImageTraining = ImageTraining()
    seeds: Seeds = Seeds()

    @property
    def settings(self) -> Any:
        """What an estimator knows of it."""
        return ImageSettings(
            preprocessing=self.preprocessing, network=self.network, training=self.training
        )

    @property
    def default_space(self) -> dict[str, Any]:
        """Architecture (but for pretrained weights), augmentation, learning rate, weight decay."""
        of_network: dict[str, Any] = {
            "network.augment": [
                (),
                ("translation",),
                ("flip", "translation"),
                ("translation", "rotation", "zoom"),
                ("flip", "translation", "rotation", "zoom", "contrast", "brightness"),
            ]
        }
        if self.network.pretrained is None:  # weights fit one architecture
            of_network["network.architecture"] = ["auto", "lenet", "resnet20"]
        return {
            **of_network,
            "training.learning_rate": (2e-4, 2e-2, "log"),
            "training.weight_decay": (1e-4, 0.3, "log"),
        }
