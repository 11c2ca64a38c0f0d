"""What a kept model makes of series or images: filters, where it looks, where it is wrong."""

from typing import Any

import numpy as np

from profond.estimators._trained_model import TrainedModel


def set_pictures(
    model: TrainedModel, seen: np.ndarray, truth: np.ndarray, outputs: np.ndarray, *, steps: Any
) -> dict[str, Any]:
    """The pictures of a model of series or images on rows with known target, by name.

    `learned-filters` of the first convolution, if there is one; of classes `class-activation` of
    the first wrong row (of the first, if none is) and, if some are, `most-confident-errors`.

    Args:
        model: The model; the pictures are of its first network.
        seen: The rows as the networks take them, (rows, ..., channels).
        truth: Numbers, or places of the classes, shape (rows,).
        outputs: Numbers (rows,), or probabilities (rows, classes), of all networks together.
        steps: The length of a row without its padding, by its place; None where there is none.
    """
    from profond import figures
    from profond.layers import Conv1D, Conv2D

    network = model.networks[0]
    if not any(isinstance(layer, Conv1D | Conv2D) for layer in network.modules()):
        return {}
    found: dict[str, Any] = {"learned-filters": figures.learned_filters(network)}
    if model.task == "regression":
        return found
    wrong = outputs.argmax(axis=1) != truth
    place = int(wrong.argmax())
    one = seen[place] if steps is None else seen[place, : steps(place)]
    try:
        found["class-activation"] = figures.class_activation(network, one, classes=model.classes)
    except ValueError:  # a network of the user's own that does not end as these maps need
        del place
    if wrong.any():
        labels = np.array(model.classes, dtype=object)
        found["most-confident-errors"] = figures.most_confident_errors(
            seen[wrong], labels[truth[wrong]], outputs[wrong], classes=model.classes
        )
    return found
