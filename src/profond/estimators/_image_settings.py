"""What can be set about preparing images, the network and its training."""

from typing import Any, ClassVar, Literal

from pydantic import PositiveInt, field_validator

from profond.estimators._section import Section, Sections, setting
from profond.estimators._settings import Training

AUGMENTATIONS = (
    "flip", "translation", "rotation", "zoom", "contrast", "brightness", "erasing", "mixup",
)  # fmt: skip
_POSITIVE = "a whole number of at least 1"


class ImagePreprocessing(Section):
    """How images become the numbers that a network takes."""

    size: PositiveInt | None = setting(
        None, "Height and width that images are brought to; their own if all have the same, else "
        "64.", f"{_POSITIVE}, or none",
    )  # fmt: skip
    how: Literal["fit", "crop", "stretch"] = setting(
        "fit",
        "How an image is brought to that size: all of it with a border, its middle, or stretched.",
        "one of fit, crop, stretch",
    )


class ImageNetwork(Section):
    """The network, apart from what the data dictate."""

    architecture: Literal["auto", "lenet", "resnet20", "resnet18", "resnet34"] = setting(
        "auto",
        "A published network for images: LeNet-5 (LeCun et al. 1998), ResNet-20, -18 or -34 (He et "
        "al. 2016); auto takes LeNet for grey images up to 32 pixels, ResNet-20 below 64, "
        "ResNet-18 else.",
        "one of auto, lenet, resnet20, resnet18, resnet34",
    )
    output: Literal["auto", "relu", "linear"] = setting(
        "auto",
        "Output of a regression: relu (never negative), linear, or auto, which takes relu if no "
        "target of the training part is negative.",
        "one of auto, relu, linear",
    )
    augment: tuple[str, ...] = setting(
        ("translation",),
        "What is done to training images by chance, with commas between: flip, translation, "
        "rotation, zoom, contrast, brightness, erasing, mixup.",
        f"a list of {', '.join(AUGMENTATIONS)}",
    )
    pretrained: str | None = setting(
        None,
        "Weights to begin with: a kept model, or a .safetensors, .pth or .keras file.",
        "a path",
    )
    frozen: bool = setting(
        False, "Whether only the last layer learns, and what is pretrained stays as it is.",
        "true or false",
    )  # fmt: skip

    @field_validator("augment", mode="before")
    @classmethod
    def _as_list(cls, names: Any) -> Any:
        """Take names with commas between, as they are typed; none for an empty list."""
        if names is None:
            return ()
        if isinstance(names, str):
            return tuple(filter(None, names.replace(" ", "").split(",")))
        return names

    @field_validator("augment")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        from profond._lookup import unknown

        for name in names:
            if name not in AUGMENTATIONS:
                raise ValueError(f"`augment`: {unknown(name, AUGMENTATIONS, 'augmentation')}")
        return names

    def build(self, layout: Any, outputs: int, **ends: Any) -> Any:
        """A network for images; see `image_network`."""
        from profond.estimators._image_network import image_network

        return image_network(self, layout, outputs, **ends)

    def mixing(self, task: str) -> Any:
        """What mixes each batch of training with its targets; None for nothing."""
        from profond.training._mixing import Mixing

        return Mixing(numbers=task == "regression") if "mixup" in self.augment else None

    def threads(self, layout: Any, batch: int) -> int:
        """How many threads a training step is worth: convolutions share their work well."""
        del layout, batch
        import torch

        return torch.get_num_threads()


class ImageTraining(Training):
    """How the network is trained."""

    epochs: int = setting(20, "Passes over the training images.", _POSITIVE, ge=1)
    batch_size: PositiveInt | None = setting(
        None, "Images per step; by the number of images if none.", f"{_POSITIVE}, or none"
    )
    learning_rate: float = setting(2e-3, "Step size of AdamW, at first.", "a number above 0", gt=0)
    schedule: Literal["plateau", "constant", "cosine"] = setting(
        "cosine",
        "The step size over the epochs: smaller three times, when the validation loss stands "
        "still; as it is; or falling to 0 as a cosine.",
        "one of plateau, constant, cosine",
    )
    patience: PositiveInt | None = setting(
        None,
        "Epochs without a better validation loss before a smaller step size or the end; none: "
        "all epochs.",
        f"{_POSITIVE}, or none",
    )
    validation_size: float = setting(
        0.1,
        "Share of the training images that are held out, to calibrate probabilities or measure "
        "errors for intervals, and with a patience to decide when to stop; 0 for none.",
        "a number of at least 0 and below 1",
        ge=0,
        lt=1,
    )

    precision: Literal["float32", "bfloat16"] = setting(
        "float32",
        "Of the products of a training step; bfloat16 is faster where the processor has it.",
        "one of float32, bfloat16",
    )

    beta_2: ClassVar[float] = 0.999

    def batch_rows(self, rows: int) -> int:
        """Images per step for so many training images."""
        if self.batch_size is not None:
            return min(self.batch_size, rows)
        return min(rows, 16 if rows < 500 else 32 if rows < 5_000 else 64)


class ImageSettings(Sections):
    """Preparation, network and training of images together."""

    preprocessing: ImagePreprocessing = ImagePreprocessing()
    network: ImageNetwork = ImageNetwork()
    training: ImageTraining = ImageTraining()
