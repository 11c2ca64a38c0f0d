"""What can be set about preparing series, the network and its training."""

from typing import Any, ClassVar, Literal

from pydantic import PositiveInt

from profond.estimators._section import Section, Sections, setting
from profond.estimators._settings import Training

_WINDOW = 0.9  # of a series (Le Guennec et al. 2016)
FIXED_LENGTH = ("mlp", "t_lenet", "time_cnn")  # architectures that take a known number of steps


class SeriesPreprocessing(Section):
    """How series become the numbers that a network takes."""

    scaling: Literal["channels", "series", "none"] = setting(
        "channels",
        "Scaling of values: of each channel by its mean and deviation over all training series, of "
        "each series by its own, or none.",
        "one of channels, series, none",
    )


class SeriesNetwork(Section):
    """The network, apart from what the data dictate."""

    architecture: Literal[
        "fcn",
        "resnet",
        "inception_time",
        "encoder",
        "time_cnn",
        "t_lenet",
        "mlp",
        "rnn",
        "lstm",
        "gru",
        "transformer",
    ] = setting(
        "fcn",
        "A published network for series: FCN, ResNet or MLP (Wang et al. 2017), InceptionTime "
        "(Fawaz et al. 2020), Encoder (Serrà et al. 2018), Time-CNN (Zhao et al. 2017), t-LeNet "
        "(Le Guennec et al. 2016); or recurrent layers in both directions, or a Transformer.",
        "one of fcn, resnet, inception_time, encoder, time_cnn, t_lenet, mlp, rnn, lstm, gru, "
        "transformer",
    )
    output: Literal["auto", "relu", "linear"] = setting(
        "auto",
        "Output of a regression: relu (never negative), linear, or auto, which takes relu if no "
        "target of the training part is negative.",
        "one of auto, relu, linear",
    )

    @property
    def fixed_length(self) -> bool:
        """Whether it takes series of a known number of steps only."""
        return self.architecture in FIXED_LENGTH

    def build(self, layout: Any, outputs: int, **ends: Any) -> Any:
        """A network for series; see `series_network`."""
        from profond.estimators._series_network import series_network

        return series_network(self, layout, outputs, **ends)

    def threads(self, layout: Any, batch: int) -> int:
        """How many threads a training step is worth: convolutions share their work well."""
        del layout, batch
        import torch

        return torch.get_num_threads()


class SeriesTraining(Training):
    """How the network is trained."""

    epochs: int = setting(150, "Passes over the training series.", "a whole number of at least 1",
                          ge=1)  # fmt: skip
    batch_size: PositiveInt | None = setting(
        None, "Series per step; by the number of series if none.",
        "a whole number of at least 1, or none",
    )  # fmt: skip
    learning_rate: float = setting(1e-3, "Step size of AdamW, at first.", "a number above 0", gt=0)
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
        "a whole number of at least 1, or none",
    )
    validation_size: float = setting(
        0.0,
        "Share of the training series that are held out, to calibrate probabilities or measure "
        "errors for intervals, and with a patience to decide when to stop; 0 for none.",
        "a number of at least 0 and below 1",
        ge=0,
        lt=1,
    )

    augment: Literal["slicing", "warping"] | None = setting(
        None,
        "Learn from windows of 90 % of the series (slicing), and of copies at half and double "
        "speed for a tenth (warping), as Le Guennec et al. (2016); all windows of a series are "
        "answered for together.",
        "slicing, warping or none",
    )
    refit_output: bool = setting(
        True,
        "Whether the output layer of a classifier is fitted to the end, as a logistic regression "
        "on what the trained layers before it give.",
        "true or false",
    )
    precision: Literal["float32", "bfloat16"] = setting(
        "float32",
        "Of the products of a training step; bfloat16 is faster where the processor has it.",
        "one of float32, bfloat16",
    )

    beta_2: ClassVar[float] = 0.999

    @property
    def window(self) -> float | None:
        """Length of windows as a share of the series; None for whole series."""
        return None if self.augment is None else _WINDOW

    def batch_rows(self, rows: int) -> int:
        """Series per step for so many training series: at most 16, a tenth of few (Wang 2017)."""
        if self.batch_size is not None:
            return min(self.batch_size, rows)
        return max(1, min(rows // 10, 16)) if rows >= 20 else min(rows, 2)


class SeriesSettings(Sections):
    """Preparation, network and training of series together."""

    preprocessing: SeriesPreprocessing = SeriesPreprocessing()
    network: SeriesNetwork = SeriesNetwork()
    training: SeriesTraining = SeriesTraining()
