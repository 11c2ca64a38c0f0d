"""Metrics against scikit-learn and hand counts, own metrics as Keras's guides write them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from profond import losses, metrics

SEEDS = st.integers(0, 999)


def binary(seed, n=60):
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, 2, n)
    y_true[:2] = 0, 1
    return y_true, np.clip(0.3 * y_true + 0.7 * rng.random(n), 0, 1), rng.random(n)


@given(seed=SEEDS, weighted=st.booleans())
def test_auc_is_nearly_that_of_scikit_learn(seed, weighted):
    y_true, y_pred, weights = binary(seed)
    weights = weights if weighted else None
    metric = metrics.AUC(num_thresholds=5000)
    metric.update_state(y_true, y_pred, sample_weight=weights)
    expected = sklearn_metrics.roc_auc_score(y_true, y_pred, sample_weight=weights)
    # 5000 thresholds tell 60 predictions apart, but for a few pairs.
    assert float(metric.result()) == pytest.approx(expected, abs=3e-3)


@given(seed=SEEDS)
def test_auc_at_every_prediction_is_exact(seed):
    y_true, y_pred, _ = binary(seed, n=20)
    between = np.convolve(np.sort(y_pred), [0.5, 0.5], "valid").tolist()
    metric = metrics.AUC(thresholds=between)
    metric.update_state(y_true, y_pred)
    expected = sklearn_metrics.roc_auc_score(y_true, y_pred)
    assert float(metric.result()) == pytest.approx(expected, abs=1e-5)


@given(seed=SEEDS, threshold=st.sampled_from([0.5, 0.3]))
def test_counts_precision_recall(seed, threshold):
    y_true, y_pred, weights = binary(seed)
    tn, fp, fn, tp = sklearn_metrics.confusion_matrix(
        y_true, y_pred > threshold, sample_weight=weights
    ).ravel()
    for name, expected in (
        ("TruePositives", tp),
        ("FalsePositives", fp),
        ("TrueNegatives", tn),
        ("FalseNegatives", fn),
        ("Precision", tp / (tp + fp) if tp + fp else 0.0),
        ("Recall", tp / (tp + fn)),
    ):
        for thresholds in (threshold, [0.9, threshold, 0.1]):
            metric = getattr(metrics, name)(thresholds=thresholds)
            metric.update_state(y_true, y_pred, sample_weight=weights)
            value = metric.result() if thresholds == threshold else metric.result()[1]
            assert float(value) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@given(seed=SEEDS, average=st.sampled_from([None, "macro", "micro", "weighted"]))
def test_f_scores(seed, average):
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, 3, 40), rng.random((40, 3))
    guess = y_pred.argmax(-1)
    ours = metrics.F1Score(average=average)(np.eye(3)[y_true], y_pred)
    expected = sklearn_metrics.f1_score(y_true, guess, average=average, labels=[0, 1, 2])
    np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-4, atol=1e-6)
    ours = metrics.FBetaScore(average=average, beta=2.0)(np.eye(3)[y_true], y_pred)
    expected = sklearn_metrics.fbeta_score(
        y_true, guess, beta=2.0, average=average, labels=[0, 1, 2]
    )
    np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-4, atol=1e-6)


@given(seed=SEEDS)
def test_iou_is_jaccard(seed):
    rng = np.random.default_rng(seed)
    y_true, y_pred = rng.integers(0, 3, 40), rng.integers(0, 3, 40)
    expected = sklearn_metrics.jaccard_score(y_true, y_pred, average=None, labels=[0, 1, 2])
    for target, value in enumerate(expected):
        assert float(metrics.IoU(3, [target])(y_true, y_pred)) == pytest.approx(value, abs=1e-5)
    assert float(metrics.MeanIoU(3)(y_true, y_pred)) == pytest.approx(expected.mean(), abs=1e-5)


@given(seed=SEEDS, offset=st.sampled_from([0.0, 1e3, 1e5]), weighted=st.booleans())
def test_r2_of_targets_far_from_zero(seed, offset, weighted):
    # Sums of squares, as Keras has them, would leave nothing of this at 1e5 in float32.
    rng = np.random.default_rng(seed)
    y_true = (offset + rng.normal(size=(50, 2))).astype("float32")
    y_pred = (y_true + 0.3 * rng.normal(size=(50, 2))).astype("float32")
    weights = rng.random(50).astype("float32") if weighted else None
    metric = metrics.R2Score()
    for part in np.array_split(np.arange(50), 7):
        given_ = None if weights is None else weights[part]
        metric.update_state(y_true[part], y_pred[part], sample_weight=given_)
    expected = sklearn_metrics.r2_score(
        y_true.astype(float), y_pred.astype(float), sample_weight=weights
    )
    assert float(metric.result()) == pytest.approx(expected, abs=2e-3)


def test_r2_of_constant_targets():
    for value in (0.1, 3.0):
        wrong, right = metrics.R2Score(), metrics.R2Score()
        for _ in range(3):
            wrong.update_state(torch.full((7,), value), torch.rand(7))
            right.update_state(torch.full((7,), value), torch.full((7,), value))
        assert float(wrong.result()) == 0.0
        assert float(right.result()) == 1.0


def test_adjusted_r2():
    y_true, y_pred = torch.rand(10), torch.rand(10)
    plain = metrics.R2Score()(y_true, y_pred)
    adjusted = metrics.R2Score(num_regressors=3)(y_true, y_pred)
    torch.testing.assert_close(adjusted, 1 - (1 - plain) * 9 / 6)
    with pytest.warns(UserWarning, match="needs more than 10 samples for 9 regressors.*seen 10"):
        assert metrics.R2Score(num_regressors=9)(y_true, y_pred) == plain


def test_top_k_beyond_the_classes_is_one():
    # Every class is among the first five guesses of three.
    assert metrics.SparseTopKCategoricalAccuracy(k=5)([0, 1], torch.rand(2, 3)) == 1.0


def test_predictions_that_are_nan_are_above_no_threshold():
    y_true, y_pred = torch.tensor([1, 1, 0]), torch.tensor([0.9, torch.nan, 0.2])
    assert metrics.Recall()(y_true, y_pred) == 0.5
    assert (metrics.Recall(thresholds=[0.1, 0.5])(y_true, y_pred) == 0.5).all()


def test_sensitivity_by_hand():
    y_true, y_pred = [0, 0, 0, 1, 1, 1], [0.1, 0.3, 0.75, 0.35, 0.8, 0.9]
    # Above 0.3 all three positives and one negative of three.
    assert metrics.SensitivityAtSpecificity(0.6)(y_true, y_pred) == 1.0
    assert float(metrics.SensitivityAtSpecificity(1.0)(y_true, y_pred)) == pytest.approx(2 / 3)
    assert float(metrics.SpecificityAtSensitivity(1.0)(y_true, y_pred)) == pytest.approx(2 / 3)
    assert metrics.PrecisionAtRecall(1.0)(y_true, y_pred) == 0.75
    assert float(metrics.RecallAtPrecision(1.0)(y_true, y_pred)) == pytest.approx(2 / 3)
    class_1 = torch.tensor([[0.0, p] for p in y_pred])
    labels = torch.tensor([[0, y] for y in y_true])
    assert metrics.PrecisionAtRecall(1.0, class_id=1)(labels, class_1) == 0.75


def test_logits_behind_predictions_are_used():
    logits = torch.tensor([[200.0, 0.0]])
    y_pred = logits.softmax(-1)
    y_pred._keras_logits, y_pred._keras_activation = logits, "softmax"
    assert metrics.SparseCategoricalCrossentropy()(torch.tensor([1]), y_pred) == 200.0


def test_mask_of_root_mean_squared_error():
    y_pred = torch.tensor([[[1.0], [5.0]], [[1.0], [1.0]]])
    y_pred._keras_mask = torch.tensor([[True, False], [True, True]])
    assert metrics.RootMeanSquaredError()(torch.zeros(2, 2, 1), y_pred) == 1.0


def test_mean_of_any_function():
    def relative(y_true, y_pred, scale=1.0):
        return scale * ((y_true - y_pred).abs() / y_true.abs()).mean(-1)

    metric = metrics.MeanMetricWrapper(relative, name="relative", scale=2.0)
    assert metric.name == "relative"
    assert metric._direction is None
    metric.update_state(torch.tensor([[2.0], [4.0]]), torch.tensor([[1.0], [4.0]]))
    assert metric.result() == 0.5
    assert metrics.MeanMetricWrapper(losses.huber)._direction == "down"
    assert metrics.MeanMetricWrapper(losses.Huber(reduction=None))._direction == "down"


class CategoricalTruePositives(metrics.Metric):
    """As Keras's guide "training with built-in methods" writes it."""

    def __init__(self, name="categorical_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_variable(shape=(), name="ctp", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = y_pred.argmax(1).reshape(-1, 1)
        values = (y_true.int() == y_pred.int()).float()
        if sample_weight is not None:
            values = values * torch.as_tensor(sample_weight)
        self.true_positives.assign_add(values.sum())

    def result(self):
        return self.true_positives

    def reset_state(self):
        self.true_positives.assign(0)


def test_a_metric_of_ones_own():
    metric = CategoricalTruePositives()
    metric.update_state(torch.tensor([[0], [1], [1]]), torch.eye(3)[[0, 1, 2]])
    metric.update_state(torch.tensor([[0]]), torch.eye(3)[[0]], sample_weight=2.0)
    assert float(metric.result()) == 4.0
    assert metric.variables == [metric.true_positives]
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_variables_work_in_torch_expressions():
    metric = metrics.Metric(name="m")
    total = metric.add_variable(shape=(2,), initializer="zeros", name="total")
    count = metric.add_weight(name="count")
    total.assign(total + torch.tensor([1.0, 3.0], requires_grad=True))
    count.assign(count + 2)
    count.assign_sub(1.0)
    assert not total.requires_grad
    mean = torch.sqrt(total[1] + count) / count
    assert type(mean) is torch.Tensor
    assert mean == 2.0
    assert (total > 2).tolist() == [False, True]
    np.testing.assert_array_equal(total.numpy(), [1.0, 3.0])
    np.testing.assert_array_equal(np.asarray(total), [1.0, 3.0])
    assert (total.name, total.path, total.trainable) == ("total", "total", False)
    assert "MetricVariable name=total, shape=(2,), dtype=float32" in repr(total)
    assert "value=1.0" in repr(count)
    kept = total.numpy()
    total.assign_add([1, 1])
    np.testing.assert_array_equal(kept, [1.0, 3.0])
    assert metric.add_variable((), "ones", dtype="int32").dtype is torch.int32
    assert repr(metric) == "<Metric name=m>"


def test_metrics_inside_a_metric():
    class Two(metrics.Metric):
        def __init__(self):
            super().__init__()
            self.mean = metrics.Mean()
            self.others = [metrics.Sum(), metrics.Sum()]
            self.named = {"r": metrics.Mean()}
            self.again = self.mean

        def update_state(self, values):
            for metric in (self.mean, *self.others, self.named["r"]):
                metric.update_state(values)

        def result(self):
            return {"mean": self.mean.result(), "sum": self.others[0].result()}

    metric = Two()
    assert len(metric.variables) == 2 + 1 + 1 + 2
    assert metric([1.0, 2.0]) == {"mean": 1.5, "sum": 3.0}
    metric.reset_state()
    assert metric.result() == {"mean": 0.0, "sum": 0.0}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_state_on_the_gpu():
    for metric in (metrics.Mean(), metrics.Sum()):
        metric.update_state(torch.ones(3, device="cuda"))
        assert metric.result().is_cuda
        metric.to("cpu")
        assert not metric.result().is_cuda
    accuracy = metrics.BinaryAccuracy()
    accuracy.update_state([1.0, 0.0], torch.tensor([[0.9], [0.9]], device="cuda"))
    assert float(accuracy.result()) == 0.5
