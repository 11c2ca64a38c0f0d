"""Every metric: Keras's result after each batch, over shapes, options, weights and masks."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import profond
from profond import metrics
from profond._naming import reset_names

keras = pytest.importorskip("keras")
from tests.metrics.helpers import METRICS, arguments_of, batches  # noqa: E402


def assert_same(ours, theirs, **tolerance):
    theirs = torch.as_tensor(theirs.value if hasattr(theirs, "value") else theirs).detach()
    tolerance = {"rtol": 1e-5, "atol": 1e-8, **tolerance}
    torch.testing.assert_close(ours.double(), theirs.double(), equal_nan=True, **tolerance)


@st.composite
def weights_for(draw, name, y_true, y_pred, arguments):
    """Sample weights in a shape that Keras takes, or None."""
    batch = len(y_pred)
    kind = METRICS[name][0]
    shapes = [None, (batch,)]
    if arguments.get("axis") == 0:  # then no value belongs to a single sample
        shapes = [None]
    elif arguments.get("ignore_class") and kind == "sparse":
        shapes = [None, tuple(y_true.shape)]  # of the mask's own shape: Keras multiplies in place
    elif kind == "sparse_classes":
        shapes = [None, tuple(y_true.shape), ()]
    elif kind == "binary_flat":
        shapes = [None, tuple(y_true.shape), ()]
    elif name in ("F1Score", "FBetaScore", "R2Score"):
        pass
    elif kind == "binary" and y_pred.ndim == 3 and "Crossentropy" not in name:
        # Counts: Keras adds one axis only to the weights.
        shapes = [None] if "Accuracy" not in name else shapes
        shapes += [tuple(y_pred.shape[:-1])]
    elif y_pred.ndim == 3:
        shapes += [tuple(y_pred.shape[:-1])]
    shape = draw(st.sampled_from(shapes))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    return None if shape is None else torch.as_tensor(rng.random(shape))


@pytest.fixture
def keras_counts_in_float64():
    """Keras keeps a metric's sums in `floatx`, whatever the metric's own dtype is."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx(before)


@pytest.mark.usefixtures("keras_counts_in_float64")
@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_result_after_each_batch(name, data):
    arguments = data.draw(arguments_of(name))
    ours = getattr(metrics, name)(**arguments, dtype="float64")
    theirs = getattr(keras.metrics, name)(**arguments, dtype="float64")
    for y_true, y_pred in data.draw(batches(name, arguments)):
        if "IoU" not in name and y_pred.ndim == 3 and METRICS[name][0].endswith("flat"):
            y_true, y_pred = y_true[:, 0], y_pred[:, 0]
        weights = data.draw(weights_for(name, y_true, y_pred, arguments))
        copy = None if weights is None else weights.clone()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # R2: few samples for its regressors
            ours.update_state(y_true, y_pred, sample_weight=weights)
            theirs.update_state(y_true, y_pred, sample_weight=copy)
            # At evenly spaced thresholds Keras's `segment_sum` adds in float32 all the same, and
            # finds misses by subtraction: the rounding of a sum of some dozens of weights below 1.
            even = hasattr(ours, "_levels") and ours._levels.clips
            assert_same(ours.result(), theirs.result(), **({"atol": 1e-5} if even else {}))


MEANS = [
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "MeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
]


@pytest.mark.parametrize("name", MEANS)
@given(seed=st.integers(0, 999), weighted=st.booleans())
def test_masks(name, seed, weighted):
    rng = np.random.default_rng(seed)
    y_pred = torch.from_numpy(rng.dirichlet(np.ones(3), (4, 5)))
    y_true = torch.from_numpy(rng.integers(0, 3, (4, 5)))
    if "Sparse" not in name:
        y_true = torch.nn.functional.one_hot(y_true, 3).double()
    mask = torch.from_numpy(rng.random((4, 5)) < 0.6)
    y_pred._keras_mask = mask
    ours, theirs = (getattr(m, name)(dtype="float64") for m in (metrics, keras.metrics))
    weights = torch.from_numpy(rng.random((4, 5))) if weighted else None
    for metric in (ours, theirs):
        metric.update_state(
            y_true, y_pred, sample_weight=None if weights is None else weights.clone()
        )
    assert_same(ours.result(), theirs.result())


@pytest.mark.parametrize("name", ["Mean", "Sum"])
@given(
    shapes=st.lists(
        st.sampled_from([((), ()), ((4,), (4,)), ((4,), (4, 1)), ((4, 3), (4,)), ((4, 3), (4, 3))]),
        min_size=1,
        max_size=3,
    ),
    weighted=st.booleans(),
    seed=st.integers(0, 999),
)
def test_mean_and_sum(name, shapes, weighted, seed):
    rng = np.random.default_rng(seed)
    ours, theirs = (getattr(m, name)(dtype="float64") for m in (metrics, keras.metrics))
    for shape, weight_shape in shapes:
        values = torch.as_tensor(rng.random(shape))
        weights = torch.as_tensor(rng.random(weight_shape)) if weighted else None
        ours.update_state(values, sample_weight=weights)
        theirs.update_state(values, sample_weight=weights)
    assert_same(ours.result(), theirs.result())


@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_mean_of_plain_numbers(name):
    ours, theirs = (getattr(m, name)() for m in (metrics, keras.metrics))
    for metric in (ours, theirs):
        metric.update_state([1, 3, 5, 7])
        metric.update_state(2.0, sample_weight=3)
        metric.update_state([1, 0], sample_weight=[0.5, 2])
    assert_same(ours.result(), theirs.result())


@pytest.mark.parametrize("name", ["Precision", "Recall"])
@given(
    top_k=st.sampled_from([None, 1, 2]),
    class_id=st.sampled_from([None, 0, 2]),
    thresholds=st.sampled_from([None, 0.3, [0.7, 0.2, 0.5]]),
    weighted=st.booleans(),
    seed=st.integers(0, 999),
)
def test_precision_and_recall_of_classes(name, top_k, class_id, thresholds, weighted, seed):
    rng = np.random.default_rng(seed)
    arguments = {"top_k": top_k, "class_id": class_id, "thresholds": thresholds}
    y_true = torch.from_numpy(rng.integers(0, 2, (6, 4)))
    y_pred = torch.from_numpy(rng.random((6, 4)))
    weights = torch.from_numpy(rng.random(6)) if weighted else None
    ours, theirs = (getattr(m, name)(**arguments) for m in (metrics, keras.metrics))
    for metric in (ours, theirs):
        metric.update_state(y_true, y_pred, sample_weight=weights)
    assert_same(ours.result(), theirs.result())


@given(
    label_weights=st.sampled_from([None, [0.5, 1.0, 2.0]]),
    num_labels=st.sampled_from([None, 3]),
    multi_label=st.booleans(),
    curve=st.sampled_from(["ROC", "PR"]),
    thresholds=st.sampled_from([None, [0.2, 0.55]]),
    weighted=st.booleans(),
    seed=st.integers(0, 999),
)
def test_auc_of_several_labels(
    label_weights, num_labels, multi_label, curve, thresholds, weighted, seed
):
    rng = np.random.default_rng(seed)
    arguments = {
        "label_weights": label_weights,
        "num_labels": num_labels if multi_label else None,
        "multi_label": multi_label,
        "curve": curve,
        "thresholds": thresholds,
        "num_thresholds": 30,
        "dtype": "float64",
    }
    ours, theirs = (m.AUC(**arguments) for m in (metrics, keras.metrics))
    for _ in range(2):
        y_true = torch.from_numpy(rng.integers(0, 2, (7, 3)))
        y_pred = torch.from_numpy(rng.random((7, 3)))
        weights = torch.from_numpy(rng.random(7)) if weighted else None
        if thresholds and multi_label:
            weights = None  # Keras fails on these together
        for metric in (ours, theirs):
            metric.update_state(y_true, y_pred, sample_weight=weights)
    assert_same(ours.result(), theirs.result())


FUNCTIONS = [
    ("accuracy", "classes", {}),
    ("binary_accuracy", "binary", {"threshold": 0.3}),
    ("categorical_accuracy", "one_hot", {}),
    ("sparse_categorical_accuracy", "sparse", {}),
    ("top_k_categorical_accuracy", "one_hot", {"k": 2}),
    ("sparse_top_k_categorical_accuracy", "sparse", {"k": 2}),
    ("pearson_correlation", "wide", {}),
    ("concordance_correlation", "wide", {}),
]


@pytest.mark.parametrize(("name", "kind", "arguments"), FUNCTIONS)
@pytest.mark.parametrize("shape", [(5, 3), (4, 2, 3)])
def test_functional_forms(name, kind, arguments, shape):
    from tests.metrics.helpers import draw_data

    y_true, y_pred = draw_data(kind, shape, np.random.default_rng(0))
    ours = getattr(metrics, name)(y_true, y_pred, **arguments)
    if name == "accuracy":
        from keras.src.metrics.accuracy_metrics import accuracy as function
    else:
        function = getattr(keras.metrics, name)
    theirs = function(torch.from_numpy(y_true), torch.from_numpy(y_pred), **arguments)
    assert ours.shape == theirs.shape
    assert_same(ours, theirs)


@given(seed=st.integers(0, 999), k=st.integers(1, 3))
def test_top_k_of_sorted_ids(seed, k):
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, 4, 6), np.argsort(rng.random((6, 4)))
    ours, theirs = (
        m.SparseTopKCategoricalAccuracy(k=k, from_sorted_ids=True) for m in (metrics, keras.metrics)
    )
    for metric in (ours, theirs):
        metric.update_state(torch.from_numpy(y_true), torch.from_numpy(y_pred))
    assert_same(ours.result(), theirs.result())


def test_ties_in_top_k():
    y_true, y_pred = torch.tensor([0, 1, 2, 3]), torch.tensor([[0.1, 0.4, 0.4, 0.1]] * 4)
    for k in (1, 2, 3, 4):
        ours = metrics.sparse_top_k_categorical_accuracy(y_true, y_pred, k=k)
        theirs = keras.metrics.sparse_top_k_categorical_accuracy(y_true, y_pred, k=k)
        assert_same(ours, theirs)


@pytest.mark.parametrize("sparse_y_pred", [True, False])
@pytest.mark.parametrize("sparse_y_true", [True, False])
def test_iou_of_one_hot_and_other_axes(sparse_y_true, sparse_y_pred):
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, 3, (2, 5)), rng.integers(0, 3, (2, 5))
    if not sparse_y_true:
        y_true = np.eye(3)[y_true]
    if not sparse_y_pred:
        y_pred = rng.random((2, 5, 3))
    ours, theirs = (
        m.MeanIoU(3, sparse_y_true=sparse_y_true, sparse_y_pred=sparse_y_pred, dtype="float32")
        for m in (metrics, keras.metrics)
    )
    weights = rng.random((2, 5)).astype("float32")
    for metric in (ours, theirs):
        metric.update_state(
            torch.from_numpy(y_true), torch.from_numpy(y_pred), sample_weight=weights
        )
    assert_same(ours.result(), theirs.result())
    if not sparse_y_true and not sparse_y_pred:
        first = metrics.MeanIoU(3, sparse_y_true=False, sparse_y_pred=False, axis=1)
        first.update_state(y_true.swapaxes(1, 2), y_pred.swapaxes(1, 2))
        plain = metrics.MeanIoU(3, sparse_y_true=False, sparse_y_pred=False)
        plain.update_state(y_true, y_pred)
        assert_same(first.result(), plain.result())


def test_a_metric_given_by_its_name_takes_one_default_name():
    x, y = np.ones((4, 2), "float32"), np.array([0, 1, 0, 1])
    seen = []
    for library in (profond, keras):
        reset_names() if library is profond else library.utils.clear_session()
        for _ in range(2):
            dense = library.layers.Dense(1, activation="sigmoid")
            model = library.Sequential([library.Input((2,)), dense])
            model.compile("sgd", "binary_crossentropy", metrics=["AUC", library.metrics.AUC()])
            seen.append(list(model.fit(x, y, verbose=0).history))
    assert seen[:2] == seen[2:] == [["AUC", "auc", "loss"], ["AUC", "auc_2", "loss"]]
