"""The output layer of a classifier, fitted to the end when the layers before it are trained."""

import warnings
from typing import Any

import numpy as np

_VARIANCE = 10.0  # of a weight, before a series is seen
_STEPS = 1000
_PREDICT_ROWS = 256


def refit_output(network: Any, x: Any, y: np.ndarray, weights: np.ndarray | None = None) -> bool:
    r"""Fit the output layer of a trained classifier to the end, the others as they are.

    What a network makes of its input just before the output, $h$, hardly differs from one input
    to the next after an average over time, so that the output layer needs weights that are large
    beside a step of Adam: in a short training it is the last to be ready. Given $h$ it is a
    logistic regression, a convex problem, whose solution is found in a moment:

    $$\min_{W, b} \; -\sum_i w_i \log p_{y_i}(W \tilde h_i + b) + \frac{1}{2 v} \sum W^2, \qquad
    \tilde h = (h - \bar h) / s,$$

    with $\bar h$ the mean of each feature, $s$ the deviation of all features together, and
    $v = 10$ the variance of a weight before anything is known.

    Args:
        network: A trained model that ends with a `Dense` layer of softmax, or of a sigmoid for two
            classes.
        x: Inputs that it has learned from, (rows, ...).
        y: Places of their classes, (rows,), whole numbers from 0.
        weights: Weight $w$ of each row, (rows,); 1 for all when None.

    Returns:
        Whether it was done: not where the network has another end, or a class has no row.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    from profond import activations
    from profond.layers import Dense
    from profond.models import Model

    layer = network.layers[-1]
    classes = max(2, network.output_shape[-1])
    known = isinstance(layer, Dense) and layer.use_bias
    if not known or layer.activation not in (activations.softmax, activations.sigmoid):
        return False
    if len(np.unique(y)) < classes:
        return False
    before = Model(network.inputs, layer.input)
    features = before.predict(x, batch_size=_PREDICT_ROWS, verbose=0).astype(np.float64)
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    unit = np.sqrt(np.mean(deviation**2))
    if features.ndim != 2 or not unit:
        return False
    regression = LogisticRegression(C=_VARIANCE, max_iter=_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough after so many steps
        regression.fit((features - mean) / unit, y, sample_weight=weights)
    kernel = regression.coef_.T / unit
    layer.set_weights([kernel, regression.intercept_ - mean @ kernel])
    return True
