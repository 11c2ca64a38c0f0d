"""The regressor of tables."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin

from profond.data import NumberTarget, SeveralTargets, Target
from profond.data._target import never_negative
from profond.data._values import ColumnError, to_numbers
from profond.estimators._tabular import Tabular, name_of, names_of


class TabularRegressor(RegressorMixin, Tabular):
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

    def predict_interval(self, X: Any, *, level: float = 0.9) -> np.ndarray:
        """Intervals for the target of each row, from the errors on held-out rows (conformal).

        Args:
            X: Rows with the columns of the fit.
            level: Share of new rows whose target is to lie inside, in (0, 1).

        Returns:
            Low and high ends, shape (rows, 2); for several targets (rows, columns, 2).

        Raises:
            ValueError: If no rows were held out in the fit.
        """
        inputs = self._encoded(X)
        return self.model_.interval(inputs, level=level)

    def _read_target(self, y: Any) -> tuple[Target, np.ndarray]:
        values = _numbers(y)
        negative = (values < 0).any()
        if self.output == "relu" and negative:
            raise ValueError(
                "A ReLU output is never negative, and `y` has negative values; use the output "
                "'auto' or 'linear'."
            )
        non_negative = self.output == "relu" or (self.output == "auto" and never_negative(values))
        target: Target
        if values.ndim == 1:
            target = NumberTarget.fit(values, name_of(y), non_negative)
        else:
            target = SeveralTargets.of_numbers(values, names_of(y), non_negative)
        return target, target.encode(values)

    def _encode_target(self, y: Any, target: Target) -> np.ndarray:
        values = _numbers(y)
        if np.reshape(values, (len(values), -1)).shape[1] != target.outputs:
            raise ValueError(
                f"`y` must have {target.outputs} column(s), as in the first fit; received shape "
                f"{values.shape}."
            )
        if getattr(target, "non_negative", False) and (values < 0).any():
            raise ValueError(
                "`y` has negative values, and in the first fit it had none, so that the output is "
                "never negative. Begin with `output='linear'`, or fit anew with "
                "`warm_start=False`."
            )
        return target.encode(values)  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _numbers(y: Any) -> np.ndarray:
    """The target as numbers, shape (rows,) or (rows, columns), finite."""
    from sklearn.utils.validation import check_array

    if hasattr(y, "columns"):
        columns = [_column(_series(y[name]), str(name)) for name in y.columns]
        return np.column_stack(columns) if len(columns) > 1 else columns[0]
    values = np.asarray(y)
    if isinstance(y, pd.Series) or (values.ndim == 1 and values.dtype.kind in "UTO"):
        return _column(_series(y), name_of(y))
    values = check_array(y, ensure_2d=False, dtype="numeric", input_name="y", ensure_min_samples=0)
    values = np.asarray(values, dtype=np.float64)
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _series(y: Any) -> pd.Series:
    return y.reset_index(drop=True) if isinstance(y, pd.Series) else pd.Series(np.asarray(y))


def _column(y: pd.Series, name: str) -> np.ndarray:
    """A column of the target as numbers, none missing."""
    if pd.api.types.is_float_dtype(y.dtype) and np.isinf(y.to_numpy(np.float64, na_value=0)).any():
        raise ColumnError(
            f"`y` must hold finite numbers; the column {name!r} has an infinite one. Input y "
            "contains infinity: leave these rows out."
        )
    values = to_numbers(y, name)
    absent = np.flatnonzero(np.isnan(values))
    if absent.size:
        raise ColumnError(
            f"`y` must have a value in each row; {absent.size} are missing, the first in row "
            f"{absent[0] + 1}. Input contains NaN: leave these rows out."
        )
    return values
