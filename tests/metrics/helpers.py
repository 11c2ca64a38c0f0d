"""Targets and predictions that each metric can be given, drawn by hypothesis."""

import numpy as np
import torch
from hypothesis import strategies as st

from profond import metrics

SHARE = st.floats(0.05, 0.95)
THRESHOLDS = st.one_of(
    st.none(), SHARE, st.lists(SHARE, min_size=2, max_size=4, unique=True), st.just([0, 0.5, 1])
)
CROSS = {"from_logits": st.booleans(), "label_smoothing": st.sampled_from([0, 0.2])}
AT = {"num_thresholds": st.sampled_from([1, 5, 50]), "class_id": st.none()}
RATE = {"thresholds": THRESHOLDS}
F = {
    "average": st.sampled_from([None, "micro", "macro", "weighted"]),
    "threshold": st.sampled_from([None, 0.4]),
}
AUC = {
    "num_thresholds": st.sampled_from([3, 20, 200]),
    "curve": st.sampled_from(["ROC", "PR", "PRGAIN", "pr"]),
    "summation_method": st.sampled_from(["interpolation", "majoring", "minoring"]),
    "thresholds": st.one_of(st.none(), st.lists(SHARE, min_size=1, max_size=5, unique=True)),
    "from_logits": st.booleans(),
}

# Each metric: the kind of its data, arguments always given, strategies for optional ones.
METRICS = {
    "AUC": ("binary", {}, AUC),
    "Accuracy": ("classes", {}, {}),
    "BinaryAccuracy": ("binary", {}, {"threshold": SHARE}),
    "BinaryCrossentropy": ("binary", {}, CROSS),
    "BinaryIoU": (
        "binary_flat",
        {},
        {"threshold": SHARE, "target_class_ids": st.sampled_from([(0,), (1,), (0, 1)])},
    ),
    "CategoricalAccuracy": ("one_hot", {}, {}),
    "CategoricalCrossentropy": ("one_hot", {}, CROSS),
    "CategoricalHinge": ("one_hot", {}, {}),
    "ConcordanceCorrelation": ("wide", {}, {"axis": st.sampled_from([-1, 0])}),
    "CosineSimilarity": ("number", {}, {"axis": st.just(-1)}),
    "F1Score": ("one_hot_flat", {}, F),
    "FBetaScore": ("one_hot_flat", {}, {**F, "beta": st.floats(0.3, 3)}),
    "FalseNegatives": ("binary", {}, RATE),
    "FalsePositives": ("binary", {}, RATE),
    "Hinge": ("sign", {}, {}),
    "IoU": (
        "sparse_classes",
        {"num_classes": 4, "target_class_ids": [0, 2]},
        {"ignore_class": st.sampled_from([None, 0, 255])},
    ),
    "KLDivergence": ("distribution", {}, {}),
    "LogCoshError": ("number", {}, {}),
    "MeanAbsoluteError": ("number", {}, {}),
    "MeanAbsolutePercentageError": ("positive", {}, {}),
    "MeanIoU": ("sparse_classes", {"num_classes": 4}, {"ignore_class": st.sampled_from([None, 1])}),
    "MeanSquaredError": ("number", {}, {}),
    "MeanSquaredLogarithmicError": ("positive", {}, {}),
    "OneHotIoU": ("one_hot_flat", {"num_classes": 4, "target_class_ids": [1, 3]}, {}),
    "OneHotMeanIoU": ("one_hot_flat", {"num_classes": 4}, {}),
    "PearsonCorrelation": ("wide", {}, {"axis": st.just(-1)}),
    "Poisson": ("positive", {}, {}),
    "Precision": ("binary", {}, RATE),
    "PrecisionAtRecall": ("binary", {"recall": 0.6}, AT),
    "R2Score": (
        "flat",
        {},
        {
            "class_aggregation": st.sampled_from(
                [None, "uniform_average", "variance_weighted_average"]
            ),
            "num_regressors": st.sampled_from([0, 2]),
        },
    ),
    "Recall": ("binary", {}, RATE),
    "RecallAtPrecision": ("binary", {"precision": 0.6}, AT),
    "RootMeanSquaredError": ("number", {}, {}),
    "SensitivityAtSpecificity": ("binary", {"specificity": 0.6}, AT),
    "SparseCategoricalAccuracy": ("sparse", {}, {}),
    "SparseCategoricalCrossentropy": (
        "sparse",
        {},
        {"from_logits": st.booleans(), "ignore_class": st.sampled_from([None, 1])},
    ),
    "SparseTopKCategoricalAccuracy": ("sparse", {"k": 2}, {"k": st.integers(1, 4)}),
    "SpecificityAtSensitivity": ("binary", {"sensitivity": 0.6}, AT),
    "SquaredHinge": ("sign", {}, {}),
    "TopKCategoricalAccuracy": ("one_hot", {"k": 2}, {"k": st.integers(1, 4)}),
    "TrueNegatives": ("binary", {}, RATE),
    "TruePositives": ("binary", {}, RATE),
}
CLASSES = 4


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def draw_data(kind, shape, rng, from_logits=False):
    """Targets and predictions in float64; `shape` is (batch, ..., outputs)."""
    *lead, outputs = shape
    scores = rng.normal(size=shape)
    flat = (shape[0], outputs)
    wide = rng.normal(size=(*lead, CLASSES))
    labels = rng.integers(0, CLASSES, lead)
    if kind == "number":
        return rng.normal(size=shape), scores
    if kind == "flat":
        return rng.normal(5, 2, size=flat), rng.normal(5, 2, size=flat)
    if kind == "wide":
        return rng.normal(size=(*lead, 6)), rng.normal(size=(*lead, 6))
    if kind == "positive":
        return rng.uniform(0.1, 3, shape), rng.uniform(0.1, 3, shape)
    if kind == "binary":
        y_true = rng.integers(0, 2, shape).astype(float)
        return y_true, scores if from_logits else 1 / (1 + np.exp(-scores))
    if kind == "binary_flat":
        return rng.integers(0, 2, flat).astype(float), rng.random(flat)
    if kind == "classes":
        return rng.integers(0, 3, shape).astype(float), rng.integers(0, 3, shape).astype(float)
    if kind == "sparse_classes":
        return rng.integers(0, CLASSES + 1, lead), rng.integers(0, CLASSES, lead)
    if kind == "sign":
        return rng.choice([-1.0, 1.0], shape), scores
    if kind == "sparse":
        return labels, wide if from_logits else softmax(wide)
    if kind == "one_hot":
        return np.eye(CLASSES)[labels], wide if from_logits else softmax(wide)
    if kind == "one_hot_flat":
        wide = rng.normal(size=(shape[0], CLASSES))
        return np.eye(CLASSES)[rng.integers(0, CLASSES, shape[0])], softmax(wide)
    assert kind == "distribution"
    return softmax(rng.normal(size=wide.shape)), softmax(wide)


def arguments_of(name):
    """Arguments of the constructor, as a strategy."""
    _, given, optional = METRICS[name]
    required = {k: optional.get(k, st.just(v)) for k, v in given.items()}
    return st.fixed_dictionaries(
        required, optional={k: v for k, v in optional.items() if k not in given}
    )


@st.composite
def batches(draw, name, arguments):
    """One to three batches of targets and predictions, float64 tensors."""
    kind = METRICS[name][0]
    outputs = draw(st.integers(1, 3))
    middle = [draw(st.integers(1, 3))] if draw(st.booleans()) else []
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    data = []
    for _ in range(draw(st.integers(1, 3))):
        least = 3 if kind == "flat" else 1  # R2 takes some samples to be one
        shape = (draw(st.integers(least, 6)), *middle, outputs)
        pair = draw_data(kind, shape, rng, arguments.get("from_logits", False))
        data.append(tuple(torch.from_numpy(x) for x in pair))
    return data


def build(metric, **arguments):
    """The metric of that name with the arguments that it cannot do without."""
    return getattr(metrics, metric)(**{**METRICS[metric][1], **arguments})


def data_for(name, batch=12, seed=0):
    """One batch for the metric with its default arguments, float64 tensors."""
    pair = draw_data(METRICS[name][0], (batch, 3), np.random.default_rng(seed))
    return tuple(torch.from_numpy(x) for x in pair)
