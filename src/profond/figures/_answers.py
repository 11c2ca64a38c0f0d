"""What a model answers beside what is true, checked; names from data and numbers as text."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from profond._tensors import to_array
from profond.figures._canvas import Language, decimals, speaker
from profond.figures._checks import different, matrix, same_length

_ROUNDING = 1e-3  # of probabilities: sums of a float16 softmax


def labels_of(values: Any, name: str) -> list[Any]:
    """The labels of the rows as Python values, shape (rows,).

    Raises:
        ValueError: If there are none, one is missing, or there are several per row.
    """
    import pandas as pd

    array = _as_given(values) if isinstance(values, list | tuple) else to_array(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"`{name}` must be one label per row; received shape {array.shape}. "
            "Of probabilities, take the class of the largest: classes[p.argmax(axis=1)]."
        )
    if not len(array):
        raise ValueError(f"`{name}` is empty; at least one value is required.")
    missing = np.flatnonzero(pd.isna(array))
    if missing.size:
        raise ValueError(
            f"`{name}` must have a label in every row; {missing.size} are missing, the first at "
            f"{missing[0]}. Leave these rows out."
        )
    return array.tolist()


def _as_given(values: Any) -> np.ndarray:
    """A list as an array that leaves 1 and "1" what they are."""
    if not all(np.ndim(value) == 0 for value in values):
        return to_array(values)
    array = np.empty(len(values), dtype=object)
    array[:] = [value.item() if isinstance(value, np.generic) else value for value in values]
    return array


def class_list(classes: Any) -> list[Any]:
    """The classes as given: at least one, each once."""
    found = labels_of(classes, "classes")
    different(found, "classes")
    return found


def sorted_labels(labels: Sequence[Any]) -> list[Any]:
    """The different labels in their order, or in that of their text where they have none."""
    try:
        return sorted(set(labels))
    except TypeError:
        return sorted(set(labels), key=str)


def places_of(labels: Sequence[Any], classes: Sequence[Any], name: str) -> np.ndarray:
    """The place of each label among the classes, shape (rows,).

    Raises:
        ValueError: If a label is none of the classes.
    """
    place = {label: i for i, label in enumerate(classes)}
    unknown = next((label for label in labels if label not in place), None)
    if unknown is not None:
        shown = ", ".join(map(repr, classes[:6])) + (", ..." if len(classes) > 6 else "")
        raise ValueError(
            f"`{name}` must hold labels of `classes` ({shown}); received {unknown!r}. If these "
            f"are places from 0, pass np.array(classes)[{name}]."
        )
    return np.array([place[label] for label in labels])


def read_probabilities(
    truth: Any, probabilities: Any, classes: Any
) -> tuple[np.ndarray, np.ndarray, list[Any]]:
    """True classes and probabilities of the rows.

    Args:
        truth: A label per row.
        probabilities: Of each class, (rows, classes), or of the second of two, (rows,).
        classes: The labels in the order of the columns; None: those in `truth`, sorted, or
            0, 1, 2, ... where all of these are such numbers.

    Returns:
        Places of the true classes (rows,), probabilities (rows, classes), classes.

    Raises:
        TypeError: If the probabilities are not numbers.
        ValueError: If they are not probabilities, or do not fit the labels.
    """
    table = matrix(probabilities, "probabilities")
    labels = labels_of(truth, "truth")
    same_length(np.asarray(labels, dtype=object), table, ("truth", "probabilities"))
    if table.min() < -_ROUNDING or table.max() > 1 + _ROUNDING:
        wrong = table.min() if table.min() < -_ROUNDING else table.max()
        raise ValueError(
            f"`probabilities` must be in [0, 1]; received {wrong:g}. "
            "Take the sigmoid or the softmax of logits first."
        )
    table = table.clip(0.0, 1.0)
    if table.shape[1] == 1:
        table = np.column_stack([1.0 - table[:, 0], table[:, 0]])
    sums = table.sum(axis=1)
    if abs(sums - 1).max() > 10 * _ROUNDING:
        row = int(abs(sums - 1).argmax())
        raise ValueError(
            f"`probabilities` must add up to 1 in every row; received {sums[row]:g} in row {row}. "
            "Of two classes, the second's column is enough."
        )
    count = table.shape[1]
    if classes is not None:
        known = class_list(classes)
    else:
        known = sorted_labels(labels)
        if len(known) < count and set(known) <= set(range(count)):
            known = list(range(count))
    if len(known) != count:
        what = "`truth` holds" if classes is None else "`classes` are"
        raise ValueError(
            f"`probabilities` must have a column per class; {what} {len(known)} and the columns "
            f"are {count}. Pass `classes`, the labels in the order of the columns."
        )
    return places_of(labels, known, "truth"), table, known


def histogram_bars(values: np.ndarray, most: int) -> int:
    """How many bars of a histogram: more for more values, and wide enough for float64."""
    steps = np.ptp(values) / (4 * np.spacing(abs(values).max()))
    return int(np.clip(min(2 * len(values) ** (1 / 3), steps), 1 if steps < 6 else 6, most))


def plain(name: Any, most: int = 24) -> str:
    """A name from data as it can be drawn: one line, cut in the middle, no mathematics."""
    if isinstance(name, float) and name.is_integer():
        name = int(name)
    text = " ".join(str(name).split())
    if len(text) > most:
        tail = (most - 1) // 2
        text = text[: most - 1 - tail] + "…" + text[len(text) - tail :]
    text = text.replace("$", r"\$")
    # Matplotlib leaves what begins with an underscore out of a legend.
    return f" {text}" if text.startswith("_") else text


def plain_apart(names: Iterable[Any], most: int = 24) -> list[str]:
    """Names as `plain` cuts them, up to twice as long where two would be cut to the same."""
    whole = [str(name) for name in names]
    longest = max(map(len, whole), default=0)
    shown = [plain(name, most) for name in whole]
    for length in range(most + 1, min(longest, 2 * most) + 1):
        doubled = {cut for cut in shown if shown.count(cut) > 1}
        if not doubled:
            break
        shown = [
            plain(name, length) if cut in doubled else cut
            for name, cut in zip(whole, shown, strict=True)
        ]
    return shown


def fixed(value: float, lang: Language, digits: int = 3) -> str:
    """A number with this many decimals: true minus, decimal comma in French."""
    text = f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return text.replace(".", ",") if lang == "fr" else text


def percent(share: float, lang: Language) -> str:
    """A share as whole per cent; what is not 0 or 1 is not written so."""
    text = f"{100 * share:.0f}"
    if text == "0" and share > 0:
        text = "<1"
    elif text == "100" and share < 1:
        text = ">99"
    return f"{text}\N{NO-BREAK SPACE}%" if lang == "fr" else f"{text}%"


def grouped(count: int, lang: Language) -> str:
    """A count with its thousands apart."""
    mark = "\N{NARROW NO-BREAK SPACE}" if lang == "fr" else ","
    text = f"{count:,}".replace(",", mark) if abs(count) >= 10_000 else str(count)
    return text.replace("-", "\N{MINUS SIGN}")


def from_to(low: float, high: float, lang: Language, digits: int = 3) -> str:
    """An interval in words."""
    between = speaker(lang)(" to ", " à ")
    return fixed(low, lang, digits) + between + fixed(high, lang, digits)


def decimals_together(values: Any, lang: Language) -> list[str]:
    """Numbers of one kind with the same decimals: three digits of the largest."""
    array = np.asarray(values, dtype=np.float64)
    size = float(abs(array).max(initial=0.0))
    if size >= 1e6 or 0 < size < 1e-4:
        return [decimals(float(value), lang) for value in array]
    digits = 0 if size == 0 else int(np.clip(2 - np.floor(np.log10(size)), 0, 6))
    if digits == 0:
        return [grouped(round(float(value)), lang) for value in array]
    # 0.0 + takes the sign of -0.0 away.
    return [fixed(0.0 + round(float(value), digits), lang, digits) for value in array]
