"""What the classifiers of every kind of data share: labels in, labels and probabilities out."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin

from profond.data import ClassTarget, SeveralTargets, Target
from profond.estimators._estimator import Estimator
from profond.estimators._target_names import name_of, names_of


class Classifier(ClassifierMixin, Estimator):
    """Predicts a class, or several labels."""

    classes_: Any
    class_weight: Any

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class.

        Args:
            X: As for `fit`.

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
