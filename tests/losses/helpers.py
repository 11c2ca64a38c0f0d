"""Targets and predictions that each loss can be given, drawn by hypothesis."""

import keras
import numpy as np
import torch
from hypothesis import strategies as st

RATE = st.floats(0.05, 0.95)
LOGIT_OPTIONS = {"from_logits": st.booleans(), "label_smoothing": st.sampled_from([0.0, 0.1, 0.5])}

# Each loss: the kind of its data, and strategies for its arguments.
LOSSES = {
    "BinaryCrossentropy": ("binary", {**LOGIT_OPTIONS, "axis": st.sampled_from([-1, 0])}),
    "BinaryFocalCrossentropy": (
        "binary",
        {
            **LOGIT_OPTIONS,
            "apply_class_balancing": st.booleans(),
            "alpha": RATE,
            "gamma": st.floats(1.0, 3.0),
            "axis": st.sampled_from([-1, 0]),
        },
    ),
    "CategoricalCrossentropy": ("one_hot", LOGIT_OPTIONS),
    "CategoricalFocalCrossentropy": (
        "one_hot",
        {**LOGIT_OPTIONS, "alpha": RATE, "gamma": st.floats(1.0, 3.0)},
    ),
    "CategoricalGeneralizedCrossEntropy": ("class_number", {"q": RATE}),
    "CategoricalHinge": ("one_hot_scores", {}),
    "Circle": (
        "embedding",
        {
            "gamma": st.floats(1.0, 80.0),
            "margin": st.floats(0.1, 0.6),
            "remove_diagonal": st.booleans(),
        },
    ),
    "CosineSimilarity": ("number", {"axis": st.sampled_from([-1, 0])}),
    "CTC": ("sequence", {}),
    "Dice": ("binary_probability", {"axis": st.sampled_from([None, -1, 0, (0, 1)])}),
    "Hinge": ("sign", {}),
    "Huber": ("number", {"delta": st.floats(0.2, 2.0)}),
    "KLDivergence": ("distribution", {}),
    "LogCosh": ("number", {}),
    "MeanAbsoluteError": ("number", {}),
    "MeanAbsolutePercentageError": ("positive", {}),
    "MeanSquaredError": ("number", {}),
    "MeanSquaredLogarithmicError": ("positive", {}),
    "Poisson": ("positive", {}),
    "SparseCategoricalCrossentropy": (
        "sparse",
        {"from_logits": st.booleans(), "ignore_class": st.sampled_from([None, 0, 2])},
    ),
    "SquaredHinge": ("sign", {}),
    "Tversky": (
        "binary_probability",
        {"alpha": RATE, "beta": RATE, "axis": st.sampled_from([None, -1, 0])},
    ),
}


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def draw_data(kind, shape, rng, from_logits=False):
    """Targets and predictions, float64, of shape (*shape, outputs) where that has a sense."""
    *lead, outputs = shape
    classes = outputs + 2  # at least 3, so that every `ignore_class` is a class
    scores = rng.normal(size=shape)
    if kind == "number":
        return rng.normal(size=shape), scores
    if kind == "positive":
        return rng.uniform(0.1, 3, shape), rng.uniform(0.1, 3, shape)
    if kind in ("binary", "binary_probability"):
        y_true = rng.integers(0, 2, shape).astype(float)
        return y_true, scores if from_logits else 1 / (1 + np.exp(-scores))
    if kind == "sign":
        low = rng.choice([-1.0, 0.0])  # both codes of labels
        return np.where(rng.random(shape) < 0.5, low, 1.0), scores
    wide = rng.normal(size=(*lead, classes))
    labels = rng.integers(0, classes, lead)
    if kind == "sparse":
        return labels, wide if from_logits else softmax(wide)
    if kind == "class_number":
        return labels, softmax(wide)
    if kind == "one_hot":
        return np.eye(classes)[labels], wide if from_logits else softmax(wide)
    if kind == "one_hot_scores":
        return np.eye(classes)[labels], wide
    if kind == "distribution":
        return softmax(rng.normal(size=wide.shape)), softmax(wide)
    if kind == "embedding":
        vectors = rng.normal(size=(lead[0] + 3, 3))
        labels = np.arange(lead[0] + 3) % 2
        return labels, vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    assert kind == "sequence"
    y_true = rng.integers(1, 4, (2, 3))
    y_true[0, 2] = 0  # padded
    return y_true, rng.normal(size=(2, lead[0] + 6, 4))


@st.composite
def cases(draw, names=tuple(LOSSES)):
    """A loss's name, its arguments, targets and predictions (float64 tensors)."""
    name = draw(st.sampled_from(names))
    kind, options = LOSSES[name]
    arguments = draw(st.fixed_dictionaries({}, optional=options))
    rank = draw(st.integers(1, 2)) if kind not in ("embedding", "sequence") else 1
    shape = [draw(st.integers(1, 5)) for _ in range(rank)] + [draw(st.integers(1, 4))]
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    y_true, y_pred = draw_data(kind, shape, rng, arguments.get("from_logits", False))
    return name, arguments, torch.from_numpy(y_true), torch.from_numpy(y_pred)


def keras_loss(name, arguments, **common):
    """Keras's own loss in float64, whose `axis` for sparse losses is not an argument here."""
    return getattr(keras.losses, name)(**arguments, **common, dtype="float64")


def value_and_gradient(function, y_pred):
    """The value of `function` at `y_pred`, and the gradient of its sum."""
    y_pred = y_pred.clone().requires_grad_()
    value = function(y_pred)
    (gradient,) = torch.autograd.grad(value.sum(), y_pred)
    return value.detach(), gradient
