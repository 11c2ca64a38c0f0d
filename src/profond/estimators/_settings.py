"""What can be set about preparing a table, the network and its training.

The defaults are a short form of RealMLP (Holzmüller et al. 2024, "Better by default") with the
embeddings of numbers of Gorishniy et al. (2022). They were chosen on some twenty-five other tables
than those of the benchmarks: scikit-learn's own and generated ones, and real ones that come with
packages of R and Python (diamonds, computers, weather, airfare, ...), of 150 to 12000 rows. Mean
change of the error of one network (RMSE; log loss), where a part is left out or exchanged:

- numbers not embedded: +7.2 %; +3.6 %. Bins beside the waves: -1.3 % over 11 tables (prices of
  computers -16 %, an altitude -8 %, a generated classification +6 %, the others within 3 %);
- bins by quantiles of all values, the frequent ones too, in the place of an edge for each frequent
  value: +4.0 % over four generated tables of columns of mostly zeros, without clear effect on the
  others;
- ReLU in the place of SiLU: +11.5 % RMSE;
- a cosine over 60 epochs in the place of the plateau schedule: +2.2 %; +4.0 %;
- scaling by quantiles in the place of the robust one: +2.7 %; -4.8 % (diamonds +25 %);
- a learning rate of 0.001 or 0.004: +2.0 %, +0.5 %; half or double batches: +1.5 %, +1.4 %;
- without clear effect: weight decay of 0.1, Mish, layer normalisation, residual blocks.

Most of these are one seed on each table, whose noise is 3 to 5 %: differences of the mean below
2 % say little.
"""

from typing import Any, ClassVar, Literal

from pydantic import PositiveInt, field_validator

from profond.estimators._section import Section, Sections, setting

_BATCHES = ((1_000, 32), (3_000, 64), (10_000, 128), (100_000, 256))
_POSITIVE = "a whole number of at least 1"
_NOT_NEGATIVE = "a number of at least 0"
_SHARE = "a number of at least 0 and below 1"


class Preprocessing(Section):
    """How the columns of a table become the numbers that a network takes."""

    categories: tuple[str, ...] = setting(
        (), "Columns of numbers to treat as categories.", "a list of column names"
    )
    scaling: Literal["standard", "robust", "quantile"] = setting(
        "robust",
        "Scaling of numbers: by mean and deviation, by median and quartiles with a soft cut, or "
        "to a normal law by rank.",
        "one of standard, robust, quantile",
    )
    embed_from: PositiveInt | None = setting(
        10,
        "Levels from which a category is embedded, and not one-hot; none for never.",
        "a whole number of at least 2, or none",
        ge=2,
    )


class Network(Section):
    """The network, apart from what the data dictate."""

    architecture: Literal["mlp", "resnet"] = setting(
        "mlp", "Hidden layers one after the other, or with residual connections.",
        "one of mlp, resnet",
    )  # fmt: skip
    hidden: tuple[PositiveInt, ...] = setting(
        (256, 256, 256), "Units of each hidden layer.", "a list of positive whole numbers"
    )
    activation: str = setting("silu", "Activation of the hidden layers.", "a name of an activation")
    output: Literal["auto", "relu", "linear"] = setting(
        "auto",
        "Output of a regression: relu (never negative), linear, or auto, which takes relu if no "
        "target of the training part is negative.",
        "one of auto, relu, linear",
    )
    numbers: Literal["plain", "periodic", "piecewise", "both"] = setting(
        "both",
        "What the network makes of a number: itself, periodic features, its place between "
        "quantiles, or both.",
        "one of plain, periodic, piecewise, both",
    )
    number_units: int = setting(8, "Outputs of a number's embedding.", _POSITIVE, ge=1)
    dropout: float = setting(
        0.15,
        "Share of units switched off in each step.",
        _SHARE,
        ge=0,
        lt=1,
    )
    l2: float = setting(
        0.0, "Weight of the L2 penalty of the kernels.", "a number of at least 0", ge=0
    )

    @field_validator("activation")
    @classmethod
    def _known(cls, name: str) -> str:
        from profond import activations

        activations.get(name)
        return name

    def build(self, layout: Any, outputs: int, **ends: Any) -> Any:
        """A network for encoded columns; see `table_network`."""
        from profond.estimators._table_network import table_network

        return table_network(self, layout, outputs, **ends)

    def threads(self, layout: Any, batch: int) -> int:
        """How many threads a training step of so many rows is worth."""
        from profond.estimators._table_network import threads_for

        return threads_for(batch, (layout.width, *self.hidden))


class Training(Section):
    """How the network is trained."""

    epochs: int = setting(150, "Passes over the training rows, at most.", _POSITIVE, ge=1)
    batch_size: PositiveInt | None = setting(
        None, "Rows per step; by the number of rows if none.", f"{_POSITIVE}, or none"
    )
    learning_rate: float = setting(2e-3, "Step size of AdamW, at first.", "a number above 0", gt=0)
    schedule: Literal["plateau", "constant", "cosine"] = setting(
        "plateau",
        "The step size over the epochs: smaller three times, when the validation loss stands "
        "still; as it is; or falling to 0 as a cosine.",
        "one of plateau, constant, cosine",
    )
    weight_decay: float = setting(
        0.01,
        "Decoupled decay of the kernels per step and learning rate.",
        "a number of at least 0",
        ge=0,
    )
    patience: PositiveInt | None = setting(
        8,
        "Epochs without a better validation loss before a smaller step size or the end; none: "
        "all epochs.",
        f"{_POSITIVE}, or none",
    )
    validation_size: float = setting(
        0.2,
        "Share of the training rows that decide when to stop; 0 for none.",
        _SHARE,
        ge=0,
        lt=1,
    )
    class_weight: Literal["balanced"] | dict[str, float] | None = setting(
        None,
        "Weights of the classes in the loss: balanced (by rarity), or one for each label.",
        "balanced, a table of label = weight, or none",
    )
    calibrate: bool = setting(
        True, "Whether probabilities are calibrated on the validation rows.", "true or false"
    )

    beta_2: ClassVar[float] = 0.99  # of Adam: a shorter memory of squared gradients than its 0.999

    def batch_rows(self, rows: int) -> int:
        """Rows per step for so many training rows: few where an epoch would have few steps."""
        if self.batch_size is not None:
            return min(self.batch_size, rows)
        return next((size for limit, size in _BATCHES if rows < limit), 512)


class Settings(Sections):
    """Preparation, network and training of a table together."""

    preprocessing: Preprocessing = Preprocessing()
    network: Network = Network()
    training: Training = Training()
