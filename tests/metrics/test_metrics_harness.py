"""What every metric does: configuration, names, types, reset, batches, copies, devices."""

import copy
import json
import pickle
from inspect import signature

import numpy as np
import pytest
import torch

from profond import config, metrics
from profond._naming import reset_names
from profond.metrics import MetricVariable

keras = pytest.importorskip("keras")
from tests.metrics.helpers import METRICS, build, data_for  # noqa: E402

# Arguments other than the defaults, to be kept by a configuration.
ARGUMENTS = {
    "AUC": {"num_thresholds": 20, "curve": "PR", "summation_method": "majoring"},
    "BinaryAccuracy": {"threshold": 0.3},
    "BinaryCrossentropy": {"label_smoothing": 0.1},
    "BinaryIoU": {"threshold": 0.3},
    "CategoricalCrossentropy": {"label_smoothing": 0.1},
    "ConcordanceCorrelation": {"axis": 0},
    "CosineSimilarity": {"axis": 0},
    "F1Score": {"average": "macro", "threshold": 0.3},
    "FBetaScore": {"average": "micro", "beta": 2.0},
    "FalseNegatives": {"thresholds": [0.2, 0.7]},
    "IoU": {"ignore_class": 1},
    "MeanIoU": {"ignore_class": 1},
    "PearsonCorrelation": {"axis": 0},
    "Precision": {"thresholds": [0.3]},
    "Recall": {"class_id": 1, "top_k": 2},
    "R2Score": {"class_aggregation": None, "num_regressors": 1},
    "SensitivityAtSpecificity": {"num_thresholds": 7},
    "SparseCategoricalCrossentropy": {"ignore_class": 1},
}


@pytest.fixture(autouse=True)
def float32(keras_in_float64):
    """These tests look at the default type."""
    keras.config.set_floatx("float32")


def weight_shape(name, y_true):
    """That of one weight per sample; IoU takes one per label."""
    return y_true.shape if name in ("BinaryIoU", "IoU", "MeanIoU") else (12,)


def assert_close(a, b):
    torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_every_metric_is_here():
    ours = {name for name in metrics.__all__ if isinstance(getattr(metrics, name), type)}
    base = {"Metric", "MetricVariable", "Mean", "MeanMetricWrapper", "Sum"}
    assert ours - base == set(METRICS)
    theirs = {name for name in dir(keras.metrics) if not name.startswith("_")}
    assert theirs <= set(metrics.__all__)


@pytest.mark.parametrize("name", [*METRICS, "Mean", "Sum"])
def test_arguments_in_keras_order(name):
    ours, theirs = (signature(getattr(m, name).__init__) for m in (metrics, keras.metrics))
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]


@pytest.mark.parametrize("name", METRICS)
def test_names_and_directions(name):
    reset_names()
    keras.src.utils.naming.reset_uids()
    for _ in range(2):
        ours, theirs = build(name), getattr(keras.metrics, name)(**METRICS[name][1])
        assert ours.name == theirs.name
        if hasattr(theirs, "_direction"):
            assert ours._direction == theirs._direction


@pytest.mark.parametrize("name", METRICS)
def test_configuration_round_trip(name):
    arguments = ARGUMENTS.get(name, {})
    metric = build(name, **arguments, name="mine", dtype="float64")
    description = json.loads(json.dumps(metrics.serialize(metric)))
    assert description["module"] == "keras.metrics"
    again = metrics.deserialize(description)
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    for key, value in arguments.items():
        assert getattr(again, key) == value
    y_true, y_pred = data_for(name)
    assert_close(again(y_true, y_pred), metric(y_true, y_pred))


@pytest.mark.parametrize("name", METRICS)
def test_configurations_are_exchanged_with_keras(name):
    ours = build(name, **ARGUMENTS.get(name, {}))
    configuration = ours.get_config()
    theirs = getattr(keras.metrics, name).from_config(configuration)
    data = data_for(name)
    theirs.update_state(*data)
    assert_close(ours(*data).double(), theirs.result().double())
    from_keras = metrics.deserialize(
        keras.metrics.serialize(getattr(keras.metrics, name)(**METRICS[name][1]))
    )
    assert type(from_keras) is getattr(metrics, name)


@pytest.mark.parametrize("name", METRICS)
def test_found_by_name(name):
    cls = getattr(metrics, name)
    needed = {k: v for k, v in METRICS[name][1].items() if k != "k"}
    if needed:
        with pytest.raises(TypeError, match=f"the metric {name} needs arguments"):
            metrics.get(name)
        assert metrics.deserialize(name) is cls
    else:
        assert type(metrics.get(name)) is cls
        assert type(metrics.get(cls)) is cls
        snake = keras.src.utils.naming.to_snake_case(name)
        assert type(metrics.get(snake)) is cls
        resolved = metrics.resolve(snake, (4, 3), (4, 3))
        assert isinstance(resolved, metrics.Metric)
        assert resolved.name == snake
    assert type(metrics.get({"class_name": name, "config": METRICS[name][1]})) is cls


@pytest.mark.parametrize("name", METRICS)
def test_reset_state(name):
    metric = build(name)
    first = metric(*data_for(name))
    metric.update_state(*data_for(name, seed=1))
    metric.reset_state()
    assert all((variable == 0).all() for variable in metric.variables)
    assert_close(metric(*data_for(name)), first)
    metric = build(name)
    metric.reset_state()  # before there is any


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("weighted", [False, True])
def test_batchwise_is_the_whole(name, weighted):
    y_true, y_pred = data_for(name)
    options = {"dtype": "float32"} if "IoU" in name else {}
    whole, parts = build(name, **options), build(name, **options)
    weights = torch.rand(weight_shape(name, y_true)) if weighted else None
    whole.update_state(y_true, y_pred, sample_weight=weights)
    for part in (slice(0, 5), slice(5, 6), slice(6, 12)):
        given = None if weights is None else weights[part]
        parts.update_state(y_true[part], y_pred[part], sample_weight=given)
    assert_close(parts.result(), whole.result())


@pytest.mark.parametrize("name", METRICS)
def test_order_of_samples_does_not_matter(name):
    y_true, y_pred = data_for(name)
    order = torch.randperm(12)
    assert_close(build(name)(y_true[order], y_pred[order]), build(name)(y_true, y_pred))


@pytest.mark.parametrize("name", METRICS)
def test_weights_of_one_change_nothing(name):
    y_true, y_pred = data_for(name)
    ones = torch.ones(weight_shape(name, y_true), dtype=torch.int64)
    metric = build(name)
    metric.update_state(y_true, y_pred, sample_weight=ones)
    assert_close(metric.result(), build(name)(y_true, y_pred))


@pytest.mark.parametrize("name", METRICS)
def test_weight_two_is_the_sample_twice(name):
    y_true, y_pred = data_for(name)
    weights = torch.ones(weight_shape(name, y_true), dtype=torch.int64)
    weights[0] = 2
    twice = torch.tensor([0, *range(12)])
    metric = build(name)
    metric.update_state(y_true, y_pred, sample_weight=weights)
    assert_close(metric.result(), build(name)(y_true[twice], y_pred[twice]))


@pytest.mark.parametrize("name", METRICS)
def test_dtype_and_inputs(name):
    y_true, y_pred = data_for(name)
    metric = build(name)
    expected = metric(y_true, y_pred)
    assert metric.dtype == ("int32" if "IoU" in name else "float32")
    assert expected.dtype is torch.float32
    assert type(expected) is torch.Tensor
    float(expected.mean())
    assert_close(build(name)(y_true.numpy(), y_pred.numpy()), expected)
    if y_pred.dtype is torch.float64:
        assert_close(build(name)(y_true.tolist(), y_pred.tolist()), expected)
    exact = build(name, dtype="float64")
    exact.update_state(y_true, y_pred)
    if "IoU" not in name:
        assert exact.result().dtype is torch.float64
        config.set_floatx("float64")
        assert build(name).dtype == "float64"
        config.set_floatx("float32")


@pytest.mark.parametrize("name", METRICS)
def test_no_graph_is_kept_and_results_stay(name):
    y_true, y_pred = data_for(name)
    if y_pred.dtype is torch.float64 and "IoU" not in name:
        y_pred = y_pred.clone().requires_grad_()
    metric = build(name)
    result = metric(y_true, y_pred)
    assert not result.requires_grad
    kept = result.clone()
    metric.update_state(y_true, y_pred)
    metric.reset_state()
    torch.testing.assert_close(result, kept, rtol=0, atol=0)


@pytest.mark.parametrize("name", METRICS)
def test_inside_and_outside_of_inference_mode(name):
    y_true, y_pred = data_for(name)
    metric, plain = build(name), build(name)
    with torch.inference_mode():
        metric.update_state(y_true.clone(), y_pred.clone())
    metric.update_state(y_true, y_pred)
    plain.update_state(y_true, y_pred)
    plain.update_state(y_true, y_pred)
    torch.testing.assert_close(metric.result(), plain.result())


@pytest.mark.parametrize("name", METRICS)
def test_copies_are_apart(name):
    data = data_for(name)
    metric = build(name)
    expected = metric(*data).clone()
    for duplicate in (copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))):
        torch.testing.assert_close(duplicate.result(), expected)
        assert len(duplicate.variables) == len(metric.variables)
        duplicate.update_state(*data_for(name, seed=5))
        duplicate.reset_state()
        torch.testing.assert_close(metric.result(), expected)


@pytest.mark.parametrize("name", METRICS)
def test_state_follows_the_data_and_nothing_waits_for_it(name):
    # The meta device has no values: what ran there could not have looked at any.
    y_true, y_pred = (x.to("meta") for x in data_for(name))
    metric = build(name)
    metric.update_state(y_true, y_pred)
    metric.update_state(y_true, y_pred)
    assert all(isinstance(variable, MetricVariable) for variable in metric.variables)
    assert {variable.device.type for variable in metric.variables} == {"meta"}
    if name != "R2Score":
        assert metric.result().device.type == "meta"


@pytest.mark.parametrize("name", METRICS)
def test_better_predictions_go_in_its_direction(name):
    metric, direction = build(name), build(name)._direction
    if direction is None:
        assert name in ("FalseNegatives", "FalsePositives", "TrueNegatives", "TruePositives")
        return
    y_true, y_pred = data_for(name)
    perfect = {
        "sparse": lambda: torch.eye(4, dtype=torch.float64)[y_true],
        "sparse_classes": lambda: y_true,
        "sign": lambda: 2.0 * y_true,
        "one_hot": lambda: y_true.clamp(1e-3),
    }.get(METRICS[name][0], lambda: y_true)()
    worse, better = metric(y_true, y_pred), build(name)(y_true, perfect)
    if direction == "up":
        assert (better.mean() > worse.mean()) or better.mean() == 1.0
    else:
        assert better < worse


def test_numbers_of_a_long_run_stay_exact():
    metric = metrics.Mean()
    for _ in range(3):
        metric.update_state(torch.tensor(1.0), sample_weight=2**23)
    assert float(metric.count) == 3 * 2**23
    assert float(metric.result()) == 1.0
    np.testing.assert_array_equal(metric.total.numpy(), np.float32(3 * 2**23))
