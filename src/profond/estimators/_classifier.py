"""The classifier of tables."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin

from profond.data import ClassTarget, SeveralTargets, Target
from profond.estimators._tabular import Tabular, name_of, names_of


class TabularClassifier(ClassifierMixin, Tabular):
    """Networks that predict a class, or several labels, from the columns of a table.

    Columns are prepared as their values need: numbers scaled, categories one-hot or embedded,
    dates cut into parts, missing values filled in and told. Columns without any value, with a
    single one, or with a different text in most rows are left out
    (`model_.preprocessor.dropped`). `seeds` networks are trained from
    different seeds, each until its loss on inner validation rows of its own no longer falls; on
    the same rows its probabilities are calibrated by a temperature (Guo et al. 2017; not those of
    several labels). The probabilities of all are averaged.

    Rows to predict need the columns of the fit in its order. A category that was never seen, a
    gap where there was none, a number far out of the range of the fit or a row without any value
    is predicted as well as it can be, with a warning; what cannot be read is an error.

    Args:
        architecture: "mlp", or "resnet" with residual connections.
        hidden: Units of each hidden layer, or of each block.
        activation: Activation of the hidden layers.
        numbers: What the network makes of a number: "plain", "periodic", "piecewise" or "both".
        number_units: Outputs of each embedding of a number.
        dropout: Share of hidden units switched off in each step, in [0, 1).
        l2: Weight of the L2 penalty of the kernels, >= 0.
        network: A function of input and output shapes, as `((8,), (3,))`, that returns a new model
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
            and to calibrate its probabilities; 0 for none.
        class_weight: Weights of the classes in the loss: "balanced" (inversely to their number of
            rows), a mapping from label to weight, or None for equal ones.
        calibrate: Whether probabilities are calibrated.
        seeds: How many networks are trained and averaged.
        random_state: Seed of the first network (the next have the next whole numbers), a
            `RandomState` to draw them from, or None for another draw each time.
        warm_start: Whether a further `fit` goes on from the trained weights, with the columns and
            classes of the first one.
        verbose: Whether to show progress.

    Attributes:
        classes_: The labels in order; for several labels a list of them.
        model_: The trained `TableModel`.
        history_: One row per seed and epoch: losses and metrics.
        n_epochs_: The epoch kept of each network, counted from 1.
        n_features_in_: Number of columns in the fit.
        feature_names_in_: Their names, where they are texts.
    """

    classes_: Any

    def __init__(
        self,
        *,
        architecture: str = "mlp",
        hidden: Sequence[int] = (256, 256, 256),
        activation: str = "silu",
        numbers: str = "both",
        number_units: int = 8,
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
        class_weight: Mapping[Any, float] | str | None = None,
        calibrate: bool = True,
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
        self.class_weight = class_weight
        self.calibrate = calibrate
        self.seeds = seeds
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """One pass over further rows, without early stopping or a schedule of the step size.

        The first call fits the preparation of the columns to its rows: they should be typical
        ones. Nothing is calibrated; after a `fit`, its temperatures stay.

        Args:
            X: As for `fit`.
            y: As for `fit`.
            sample_weight: As for `fit`.
            classes: All labels that will come, in the first call, where its rows lack some.

        Returns:
            The estimator.
        """
        return self._pass_over(X, y, sample_weight, classes=classes)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class.

        Args:
            X: Rows with the columns of the fit.

        Returns:
            Shape (rows, classes), in the order of `classes_`; for several labels the probability
            of each, shape (rows, labels).
        """
        return self._outputs(X)

    def _answers(self, outputs: np.ndarray) -> np.ndarray:
        if isinstance(self.classes_, list):  # several labels
            return super()._answers(outputs)
        return self.classes_[outputs.argmax(axis=1)]

    def _read_target(self, y: Any, classes: Any = None) -> tuple[Target, np.ndarray]:
        from sklearn.utils.multiclass import check_classification_targets, unique_labels

        labels = _labels(y)
        check_classification_targets(labels)
        if labels.ndim == 2:
            if labels.dtype.kind == "O" or not np.isin(labels, [0, 1]).all():
                raise ValueError(
                    "`y` with several columns must hold 0 and 1 for each label; received other "
                    "values. For several columns of classes, fit one estimator for each "
                    "(sklearn.multioutput.MultiOutputClassifier)."
                )
            names = names_of(y)
            several = SeveralTargets(tuple(ClassTarget(name, (0, 1)) for name in names))
            self.classes_ = [np.array([0, 1])] * len(names)
            return several, labels.astype(np.float32)
        known = unique_labels(labels) if classes is None else unique_labels(classes)
        if len(known) < 2:
            raise ValueError(
                "`y` must have at least two classes; received one class only: "
                f"{known.tolist()[0]!r}."
            )
        self.classes_ = known
        target = ClassTarget(name_of(y), tuple(known.tolist()))
        return target, self._places(labels)

    def _encode_target(self, y: Any, target: Target) -> np.ndarray:
        labels = _labels(y)
        if isinstance(target, SeveralTargets):
            if labels.ndim != 2 or labels.shape[1] != target.outputs:
                raise ValueError(
                    f"`y` must have {target.outputs} columns, as in the first fit; received shape "
                    f"{labels.shape}."
                )
            return labels.astype(np.float32)
        return self._places(labels)

    def _places(self, labels: np.ndarray) -> np.ndarray:
        """The place of each label, shape (rows,), among `classes_`."""
        known = self.classes_
        places = np.searchsorted(known, labels)
        found = known[np.minimum(places, len(known) - 1)] == labels
        if not found.all():
            strange = sorted({repr(label) for label in labels[~found].tolist()})
            more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
            shown = ", ".join(map(repr, known.tolist()))
            raise ValueError(
                "`y` holds class(es) that are not among the known ones: "
                f"{', '.join(strange[:5])}{more}. Known are {shown}: give all of "
                "them as `classes` to the first `partial_fit`, or fit anew with "
                "`warm_start=False`."
            )
        return places.astype(np.int64)

    def _row_weights(
        self, target: Target, learned: np.ndarray, weights: np.ndarray | None
    ) -> np.ndarray | None:
        from profond.estimators._class_weights import class_weights

        if self.class_weight is None:
            return weights
        if not isinstance(target, ClassTarget):
            raise ValueError("`class_weight` must be None for several labels; use `sample_weight`.")
        of_classes = class_weights(self.class_weight, target, learned)[learned]
        return of_classes if weights is None else of_classes * weights

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _labels(y: Any) -> np.ndarray:
    """The labels as an array of shape (rows,) or, for several, (rows, labels)."""
    from sklearn.utils import column_or_1d
    from sklearn.utils.validation import check_array

    if np.ndim(y) == 2 and np.shape(y)[1] > 1:
        values = np.asarray(y)
        if any(isinstance(value, str) for value in values.flat):
            return values.astype(object)
        return np.asarray(check_array(y, dtype="numeric", input_name="y"))
    if isinstance(y, pd.Series) and not isinstance(y.dtype, np.dtype) and not y.isna().any():
        y = np.asarray(y.tolist())  # of pandas's own types, which numpy would take for objects
    labels = np.asarray(column_or_1d(y, warn=True))
    if labels.dtype.kind in "mM":
        raise ValueError(
            f"`y` must hold labels; received dates or time spans ({labels.dtype}). Give them as "
            "text: `y.astype(str)`."
        )
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError(
            "`y` must have a label in each row. Input y contains NaN or infinity: leave these rows "
            "out."
        )
    if labels.dtype.kind == "O" and pd.isna(labels).any():
        raise ValueError("`y` must have a label in each row; some are missing. Leave them out.")
    return labels
