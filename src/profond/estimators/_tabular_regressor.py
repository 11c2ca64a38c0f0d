"""The regressor of tables."""

from collections.abc import Sequence
from typing import Any, Self

from profond.estimators._regressor import Regressor
from profond.estimators._tabular import Tabular


class TabularRegressor(Regressor, Tabular):
    """Networks that predict one or several numbers from the columns of a table.

    Columns are prepared as their values need: numbers scaled, categories one-hot or embedded,
    dates cut into parts, missing values filled in and told. Columns without any value, with a
    single one, or with a different text in most rows are left out
    (`model_.preprocessor.dropped`). `seeds` networks are trained from
    different seeds, each until its loss on inner validation rows of its own no longer falls, and
    their predictions averaged. A target that is never negative gets a ReLU output, which never is
    either (notes, 2.3.1).

    Rows to predict need the columns of the fit in its order. A category that was never seen, a
    gap where there was none, a number far out of the range of the fit or a row without any value
    is predicted as well as it can be, with a warning; what cannot be read is an error.

    Args:
        architecture: "mlp", or "resnet" with residual connections.
        hidden: Units of each hidden layer, or of each block.
        activation: Activation of the hidden layers.
        numbers: What the network makes of a number: "plain", "periodic", "piecewise" or "both".
        number_units: Outputs of each embedding of a number.
        output: "relu" (never negative), "linear", or "auto", which takes "relu" if no target
            value of the fit is negative, unless all lie more than 1000 deviations above 0.
        dropout: Share of hidden units switched off in each step, in [0, 1).
        l2: Weight of the L2 penalty of the kernels, >= 0.
        network: A function of input and output shapes, as `((8,), (1,))`, that returns a new model
            to train in the architecture's place: a `Sequential`, a `Model`, or one of a subclass
            (a torch module goes into one by `layers.TorchModuleWrapper`). Where it ends without an
            activation, the one that the target needs is put there; a subclass, or a torch module,
            has to end without.
        categories: Columns of numbers to treat as categories, by name ("x0", "x1", ... in an
            array).
        scaling: Scaling of numbers: "standard", "robust" or "quantile".
        embed_from: Levels from which a category is embedded; None: never.
        epochs: Passes over the rows, at most.
        batch_size: Rows per step; by the number of rows when None.
        learning_rate: Step size of AdamW at first, > 0.
        schedule: "plateau" (a smaller step size, three times, when the validation loss stands
            still), "constant", or "cosine" for a step size that falls to 0.
        weight_decay: Decoupled decay of the kernels, >= 0.
        patience: Epochs without a better validation loss before the next smaller step size, or the
            end; None: all epochs.
        validation_size: Share of the rows that each network holds out to decide when to stop,
            and to measure its errors for `predict_interval`; 0 for none.
        seeds: How many networks are trained and averaged.
        random_state: Seed of the first network (the next have the next whole numbers), a
            `RandomState` to draw them from, or None for another draw each time.
        warm_start: Whether a further `fit` goes on from the trained weights, with the columns and
            scaling of the first one.
        verbose: Whether to show progress.

    Attributes:
        model_: The trained `TableModel`.
        history_: One row per seed and epoch: losses and metrics.
        n_epochs_: The epoch kept of each network, counted from 1.
        n_features_in_: Number of columns in the fit.
        feature_names_in_: Their names, where they are texts.
    """

    def __init__(
        self,
        *,
        architecture: str = "mlp",
        hidden: Sequence[int] = (256, 256, 256),
        activation: str = "silu",
        numbers: str = "both",
        number_units: int = 8,
        output: str = "auto",
        dropout: float = 0.15,
        l2: float = 0.0,
        network: Any = None,
        categories: Sequence[str] = (),
        scaling: str = "robust",
        embed_from: int | None = 10,
        epochs: int = 150,
        batch_size: int | None = None,
        learning_rate: float = 2e-3,
        schedule: str = "plateau",
        weight_decay: float = 0.01,
        patience: int | None = 8,
        validation_size: float = 0.2,
        seeds: int = 5,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        self.architecture = architecture
        self.hidden = hidden
        self.activation = activation
        self.numbers = numbers
        self.number_units = number_units
        self.output = output
        self.dropout = dropout
        self.l2 = l2
        self.network = network
        self.categories = categories
        self.scaling = scaling
        self.embed_from = embed_from
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.weight_decay = weight_decay
        self.patience = patience
        self.validation_size = validation_size
        self.seeds = seeds
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One pass over further rows, without early stopping or a schedule of the step size.

        The first call fits the preparation of the columns and of the target to its rows: they
        should be typical ones. No errors are measured for intervals; after a `fit`, those that it
        measured stay, and are too small where rows that it had held out come again.

        Args:
            X: As for `fit`.
            y: As for `fit`.
            sample_weight: As for `fit`.

        Returns:
            The estimator.
        """
        return self._pass_over(X, y, sample_weight)
