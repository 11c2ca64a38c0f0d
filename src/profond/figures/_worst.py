"""The rows on which a model is most wrong."""

from typing import TYPE_CHECKING, Any

import numpy as np

from profond._tensors import to_array
from profond.figures._answers import class_list, labels_of, places_of, read_probabilities
from profond.figures._checks import same_length, vector, whole
from profond.figures._frames import data_frame

if TYPE_CHECKING:
    import pandas as pd


def worst_errors(
    frame: Any,
    truth: Any,
    predicted: Any,
    *,
    n: int = 10,
    classes: Any = None,
) -> "pd.DataFrame":
    """The rows on which a model is most wrong, with their columns: to be looked at one by one.

    Numbers: the largest |predicted - truth| first. Probabilities: the rows where another class
    was the likeliest, those first that gave the true class least. Labels: the wrong rows, as
    they come.

    Args:
        frame: The rows as they are in the table (pandas or polars), rows and columns.
        truth: A number or a label per row.
        predicted: A number or a label per row, or probabilities
            (rows, classes); with `classes` also that of the second of two, (rows,).
        n: At most so many rows, >= 1.
        classes: The labels; needed where labels are numbers (they would be errors of so much),
            and in the order of the columns of probabilities.

    Returns:
        One row each, with the index of `frame`: `truth`, `predicted`, `error` (predicted -
        truth) or `probability_of_truth`, then the columns of `frame`; one that has such a name
        gets " (column)" behind it. Fewer than `n` rows where no more are wrong.

    Raises:
        TypeError: If `frame` is no table.
        ValueError: If the lengths differ, or truth and predictions do not fit each other.
    """
    import pandas as pd

    table = data_frame(frame)
    most = whole(n, "n")
    guesses = to_array(predicted)
    if _are_probabilities(guesses, classes):
        places, chances, known = read_probabilities(truth, predicted, classes)
        of_truth = chances[np.arange(len(places)), places]
        best = chances.argmax(axis=1)
        labels = np.empty(len(known), dtype=object)
        labels[:] = known
        found = {
            "truth": labels[places],
            "predicted": labels[best],
            "probability_of_truth": of_truth,
        }
        order = np.argsort(of_truth, kind="stable")
        order = order[(best != places)[order]]
    elif classes is None and _numbers(truth) and _numbers(predicted):
        true, guess = vector(truth, "truth"), vector(predicted, "predicted")
        same_length(true, guess, ("truth", "predicted"))
        found = {"truth": true, "predicted": guess, "error": guess - true}
        order = np.argsort(-abs(guess - true), kind="stable")
        order = order[(guess != true)[order]]
    else:
        true, guess = (
            pd.Series(labels_of(values, name), dtype=object).to_numpy()
            for values, name in ((truth, "truth"), (predicted, "predicted"))
        )
        same_length(true, guess, ("truth", "predicted"))
        if classes is not None:
            for values, name in ((true, "truth"), (guess, "predicted")):
                places_of(values.tolist(), class_list(classes), name)
        found = {"truth": true, "predicted": guess}
        order = np.flatnonzero(true != guess)
    same_length(np.empty(len(table)), found["truth"], ("frame", "truth"))
    rows = order[:most]
    first = pd.DataFrame({name: values[rows] for name, values in found.items()})
    first = first.infer_objects()
    first.index = table.index[rows]
    shown = table.iloc[rows]
    shown.columns = [f"{c} (column)" if c in found else c for c in table.columns]
    return pd.concat([first, shown], axis=1)


def _are_probabilities(guesses: np.ndarray, classes: Any) -> bool:
    """Several columns, or numbers that are none of the labels."""
    if guesses.ndim == 2 and guesses.shape[1] > 1:
        return True
    if classes is None or guesses.dtype.kind != "f":
        return False
    return not set(guesses.ravel().tolist()) <= set(class_list(classes))


def _numbers(values: Any) -> bool:
    return to_array(values).dtype.kind in "iuf"
