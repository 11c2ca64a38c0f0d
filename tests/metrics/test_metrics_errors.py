"""What a metric refuses, by the words that it does so with; names and look-up."""

import pytest
import torch

from profond import losses, metrics
from profond.saving import register_keras_serializable


@pytest.mark.parametrize(
    "name", ["BinaryAccuracy", "Accuracy", "MeanSquaredError", "Precision", "AUC", "Hinge"]
)
def test_unequal_shapes(name):
    message = r"received y_true of shape \(30, 2\) and y_pred of shape \(30, 3\).*2 unit\(s\)"
    with pytest.raises(ValueError, match=message):
        getattr(metrics, name)().update_state(torch.zeros(30, 2), torch.rand(30, 3))
    with pytest.raises(ValueError, match=r"of shape \(3,\) and y_pred of shape \(3, 3\)"):
        getattr(metrics, name)().update_state(torch.zeros(3), torch.rand(3, 3))


def test_labels_of_the_wrong_kind():
    with pytest.raises(ValueError, match="class numbers, use 'sparse_categorical_accuracy'"):
        metrics.CategoricalAccuracy()(torch.zeros(4), torch.rand(4, 3))
    with pytest.raises(ValueError, match="class numbers, use 'sparse_top_k_categorical_accuracy'"):
        metrics.TopKCategoricalAccuracy()(torch.zeros(4, 1), torch.rand(4, 3))
    with pytest.raises(ValueError, match="are one-hot, use 'categorical_accuracy'"):
        metrics.SparseCategoricalAccuracy()(torch.zeros(4, 3), torch.rand(4, 3))
    with pytest.raises(ValueError, match=r"y_true of shape \(4,\) for y_pred of shape \(4, 3\)"):
        metrics.SparseCategoricalAccuracy()(torch.zeros(5), torch.rand(4, 3))
    with pytest.raises(ValueError, match="y_true has the label 3 .*the model has 3 outputs"):
        metrics.SparseTopKCategoricalAccuracy(k=1)(torch.tensor([0, 3]), torch.rand(2, 3))


def test_shapes_of_scores():
    with pytest.raises(ValueError, match=r"F1Score needs .*\(4,\).*`to_categorical\(y\)`"):
        metrics.F1Score()(torch.zeros(4), torch.rand(4, 3))
    with pytest.raises(ValueError, match=r"R2Score needs .*R2Score takes \(batch,\)"):
        metrics.R2Score()(torch.zeros(4, 2, 2), torch.zeros(4, 2, 2))
    with pytest.raises(ValueError, match=r"R2Score needs .* shape \(4, 2\).*\(4, 3\)"):
        metrics.R2Score()(torch.zeros(4, 2), torch.zeros(4, 3))
    with pytest.raises(ValueError, match="as many labels as predictions; .*shape \\(4,\\)"):
        metrics.MeanIoU(3)(torch.zeros(4), torch.zeros(5))
    with pytest.raises(ValueError, match=r"`multi_label=True` needs .*\(batch, 3\).*\(4, 2\)"):
        metrics.AUC(multi_label=True, num_labels=3)(torch.zeros(4, 2), torch.rand(4, 2))
    with pytest.raises(ValueError, match=r"\(2,\) `label_weights`, one per label .*\(4, 3\)"):
        metrics.AUC(label_weights=[1, 2])(torch.zeros(4, 3), torch.rand(4, 3))


@pytest.mark.parametrize("name", ["MeanSquaredError", "Precision", "Mean"])
def test_weights_that_do_not_fit(name):
    metric = getattr(metrics, name)()
    data = (torch.rand(4),) if name == "Mean" else (torch.zeros(4, 1), torch.rand(4, 1))
    with pytest.raises(ValueError, match=r"`sample_weight` \(or mask\) of shape \(3,\) does not f"):
        metric.update_state(*data, sample_weight=torch.ones(3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: metrics.Precision(thresholds=1.5),
            r"`thresholds` must be numbers in \[0, 1\].*1.5",
        ),
        (lambda: metrics.Recall(thresholds=[]), r"at least one; received \[\]"),
        (lambda: metrics.AUC(num_thresholds=1), "`num_thresholds` must be > 1; received 1"),
        (lambda: metrics.AUC(curve="RCO"), "Unknown curve: 'RCO'. Did you mean 'ROC'"),
        (lambda: metrics.AUC(summation_method="x"), "Unknown summation method: 'x'"),
        (lambda: metrics.AUC(num_labels=2), "`num_labels` is for `multi_label=True`"),
        (lambda: metrics.PrecisionAtRecall(2.0), r"`recall` must be in \[0, 1\]; received 2.0"),
        (lambda: metrics.RecallAtPrecision(-1), r"`precision` must be in \[0, 1\]; received -1"),
        (lambda: metrics.SensitivityAtSpecificity(2), "`specificity` must be in"),
        (lambda: metrics.SpecificityAtSensitivity(2), "`sensitivity` must be in"),
        (lambda: metrics.PrecisionAtRecall(0.5, 0), "`num_thresholds` must be > 0; received 0"),
        (lambda: metrics.F1Score(average="mean"), "`average` must be one of .* received 'mean'"),
        (lambda: metrics.FBetaScore(beta=0.0), "`beta` must be a number > 0; received 0.0"),
        (lambda: metrics.F1Score(threshold=0.0), r"`threshold` must be None or in \(0, 1\]"),
        (lambda: metrics.R2Score("mean"), "`class_aggregation` must be one of .*'mean'"),
        (lambda: metrics.R2Score(num_regressors=-1), "`num_regressors` must be >= 0; received -1"),
        (lambda: metrics.IoU(2, [2]), r"`target_class_ids` must be in \[0, 2\).*received 2"),
    ],
)
def test_arguments_out_of_range(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_classes_that_are_not_there():
    y_true, y_pred = torch.zeros(4, 3), torch.rand(4, 3)
    with pytest.raises(ValueError, match="`class_id` 3 needs .*more than 3 classes.*\\(4, 3\\)"):
        metrics.Precision(class_id=3)(y_true, y_pred)
    with pytest.raises(ValueError, match="`top_k` must be from 1 to 3, .* received 4"):
        metrics.Precision(top_k=4)(y_true, y_pred)
    with pytest.raises(ValueError, match="`k` must be an integer >= 1.* received 0"):
        metrics.TopKCategoricalAccuracy(k=0)(y_true, y_pred)


def test_fractional_weights_of_counts():
    metric = metrics.MeanIoU(2)
    with pytest.warns(UserWarning, match='counts in int32 .* give it `dtype="float32"`'):
        metric.update_state([0, 1], [0, 1], sample_weight=torch.tensor([0.5, 2.5]))


@pytest.mark.parametrize("name", ["F1Score", "FBetaScore", "R2Score"])
def test_no_result_before_the_first_batch(name):
    with pytest.raises(ValueError, match=f"{name} has no result before the first `update_state`"):
        getattr(metrics, name)().result()
    with pytest.raises(ValueError, match="AUC has no result before"):
        metrics.AUC(multi_label=True).result()
    assert metrics.Mean().result() == 0.0


def test_base_class():
    with pytest.raises(NotImplementedError, match="Metric must define `update_state`"):
        metrics.Metric().update_state()
    with pytest.raises(NotImplementedError, match="Metric must define `result`"):
        metrics.Metric().result()

    class Forgetful(metrics.Metric):
        def __init__(self):
            self.total = self.add_variable(shape=())

    with pytest.raises(
        RuntimeError, match=r"Forgetful.__init__ must call `super\(\).__init__\(\)`"
    ):
        Forgetful()
    variable = metrics.Metric().add_variable((2,), name="pair")
    with pytest.raises(ValueError, match=r"shape \(2,\) of the metric's variable 'pair'.*\(3,\)"):
        variable.assign(torch.ones(3))


def test_unknown_names():
    with pytest.raises(ValueError, match="Unknown metric: 'acuracy'. Did you mean 'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(TypeError, match="metric must be a name"):
        metrics.get(3)
    with pytest.raises(ValueError, match="a metric is given by its name.* received None"):
        metrics.resolve(None, (2,), (2,))
    assert metrics.get(None) is None


@pytest.mark.parametrize("word", ["accuracy", "acc", "Accuracy"])
@pytest.mark.parametrize(
    ("true_shape", "pred_shape", "cls"),
    [
        ((8,), (8, 1), metrics.BinaryAccuracy),
        ((8, 1), (8, 1), metrics.BinaryAccuracy),
        ((8,), (8, 3), metrics.SparseCategoricalAccuracy),
        ((8, 1), (8, 3), metrics.SparseCategoricalAccuracy),
        ((8, 3), (8, 3), metrics.CategoricalAccuracy),
        ((8, 5), (8, 5, 3), metrics.SparseCategoricalAccuracy),
        ((8, 5, 3), (8, 5, 3), metrics.CategoricalAccuracy),
    ],
)
def test_accuracy_by_the_shapes(word, true_shape, pred_shape, cls):
    metric = metrics.resolve(word, true_shape, pred_shape)
    assert type(metric) is cls
    assert metric.name == word


def test_crossentropy_by_the_shapes():
    for shapes, cls in (
        (((8,), (8, 1)), metrics.BinaryCrossentropy),
        (((8,), (8, 3)), metrics.SparseCategoricalCrossentropy),
        (((8, 3), (8, 3)), metrics.CategoricalCrossentropy),
    ):
        assert type(metrics.resolve("ce", *shapes)) is cls
        assert metrics.resolve("crossentropy", *shapes).name == "crossentropy"


def test_resolve():
    metric = metrics.AUC()
    assert metrics.resolve(metric, (2,), (2,)) is metric
    assert metrics.resolve("mse", (2, 1), (2, 1)).name == "mse"
    assert type(metrics.resolve("rmse", (2, 1), (2, 1))) is metrics.RootMeanSquaredError
    assert metrics.resolve("MeanAbsoluteError", (2,), (2,)).name == "MeanAbsoluteError"
    assert metrics.resolve(metrics.AUC, (2,), (2,)).name.startswith("auc")
    huber = metrics.resolve("huber", (2, 1), (2, 1))
    assert isinstance(huber, metrics.MeanMetricWrapper)
    assert huber(torch.zeros(2, 1), torch.ones(2, 1)) == 0.5

    def largestError(y_true, y_pred):  # noqa: N802 - the name shows what becomes of it
        return (y_true - y_pred).abs().amax(-1)

    assert metrics.resolve(largestError, (2,), (2,)).name == "largest_error"
    assert metrics.resolve(losses.mean_squared_error, (2,), (2,)).name == "mean_squared_error"


def test_own_metrics_are_kept_by_name():
    @register_keras_serializable("test_metrics")
    def ratio(y_true, y_pred, scale=1.0):
        return scale * (y_pred / y_true).mean(-1)

    metric = metrics.MeanMetricWrapper(ratio, name="ratio", scale=2.0)
    again = metrics.deserialize(metrics.serialize(metric))
    assert again.get_config() == metric.get_config()
    assert again(torch.ones(2, 1), torch.ones(2, 1)) == 2.0

    @register_keras_serializable("test_metrics")
    class Last(metrics.Metric):
        def result(self):
            return torch.tensor(1.0)

    assert type(metrics.deserialize(metrics.serialize(Last()))) is Last
    assert type(metrics.get("test_metrics>Last")) is Last
    given = {"class_name": "Mine", "config": {"name": "mine"}}
    assert type(metrics.deserialize(given, {"Mine": Last})) is Last
    assert metrics.deserialize("mine", {"mine": ratio}) is ratio
    wrapped = metrics.MeanMetricWrapper(losses.huber, delta=2.0)
    assert metrics.deserialize(metrics.serialize(wrapped))._fn is losses.huber
