"""What a loss refuses, by the words that it does so with; names and look-up."""

import numpy as np
import pandas as pd
import pytest
import torch

from profond import losses
from profond.saving import register_keras_serializable


@pytest.mark.parametrize(
    "name", ["MeanSquaredError", "MeanAbsoluteError", "Huber", "BinaryCrossentropy", "Hinge"]
)
def test_unequal_shapes(name):
    message = (
        r"received y_true of shape \(30, 2\) and y_pred of shape \(30, 3\).*"
        r"give the last layer 2 unit\(s\), or 3 target column\(s\)"
    )
    with pytest.raises(ValueError, match=message):
        getattr(losses, name)()(torch.zeros(30, 2), torch.rand(30, 3))


@pytest.mark.parametrize(
    "shapes", [((4, 1), (4, 3)), ((4, 3), (4, 1)), ((4,), (4, 4)), ((1,), (4,))]
)
def test_shapes_that_would_broadcast_are_refused(shapes):
    for reduction in ("sum_over_batch_size", "sum", None):
        with pytest.raises(ValueError, match="of the same shape; received y_true of shape"):
            losses.MeanSquaredError(reduction=reduction)(*map(torch.zeros, shapes))


@pytest.mark.parametrize("known", [True, False])
def test_class_numbers_given_to_the_categorical_loss(known):
    y_pred = torch.rand(4, 3).softmax(-1)
    if known:
        y_pred._keras_logits, y_pred._keras_activation = y_pred.log(), "softmax"
    for name in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge"):
        for y_true in (torch.tensor([0, 1, 2, 0]), torch.tensor([[0], [1], [2], [0]])):
            with pytest.raises(ValueError, match=r"use 'sparse_.*to_categorical\(y, num_classes=3"):
                getattr(losses, name)()(y_true, y_pred)


@pytest.mark.parametrize("known", [True, False])
def test_one_hot_given_to_the_sparse_loss(known):
    y_pred = torch.rand(4, 3).softmax(-1)
    if known:
        y_pred._keras_logits, y_pred._keras_activation = y_pred.log(), "softmax"
    with pytest.raises(ValueError, match="If the targets are one-hot, use 'categorical_crossent"):
        losses.SparseCategoricalCrossentropy()(torch.zeros(4, 3), y_pred)
    with pytest.raises(ValueError, match=r"y_true of shape \(4,\) for y_pred of shape \(4, 3\)"):
        losses.SparseCategoricalCrossentropy()(torch.zeros(5), y_pred)


@pytest.mark.parametrize("form", ["logits", "known logits", "probabilities", "generalized"])
@pytest.mark.parametrize("label", [3, -1, -100])
def test_label_out_of_range(form, label):
    labels, y_pred = torch.tensor([0, label, 2]), torch.rand(3, 3).softmax(-1)
    loss = losses.SparseCategoricalCrossentropy(from_logits=form == "logits")
    if form == "known logits":
        y_pred._keras_logits, y_pred._keras_activation = y_pred.log(), "softmax"
    if form == "generalized":
        loss = losses.CategoricalGeneralizedCrossEntropy()
    way_out = "give the last layer 4 units" if label == 3 else f"`ignore_class={label}`"
    message = rf"label {label} \(at index 1\), but the model has 3 outputs: .* 0 to 2.*{way_out}"
    with pytest.raises(ValueError, match=message):
        loss(labels, y_pred)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 5], r"y has the label 5 \(at index 2\), but the model has 3 outputs"),
        (np.array([[0], [-2]]), r"label -2 \(at index 1\).*`ignore_class=-2`"),
        (np.array([0, 7], dtype=np.uint16), "label 7"),
        (np.array([0.5, 1.0]), "label 0.5 .*Class numbers are integers"),
        (np.array([1.0, np.nan]), "label nan .*Class numbers are integers"),
        (torch.tensor([2, 3]), "label 3"),
        (pd.Series([1, 4]), "label 4"),
        (pd.Series(["cat", "dog"]), r"y must hold class numbers 0 to 2.*numpy.unique\(y, return_"),
        (np.array(["cat"]), "y must hold class numbers 0 to 2"),
    ],
)
def test_check_labels(y, message):
    with pytest.raises(ValueError, match=message):
        losses.check_labels(y, 3)


def test_check_labels_accepts():
    losses.check_labels([0, 1, 2], 3)
    losses.check_labels(np.array([[0.0], [2.0]]), 3)
    losses.check_labels(torch.zeros(0, dtype=torch.int64), 3)
    losses.check_labels([0, 255], 3, ignore_class=255)
    losses.check_labels([False, True], 2)


def test_check_targets():
    sparse = losses.SparseCategoricalCrossentropy(ignore_class=9)
    losses.check_targets(sparse, np.array([0, 2, 9]), (None, 3))
    with pytest.raises(ValueError, match="targets has the label 3 .* 3 outputs"):
        losses.check_targets(sparse, [0, 3], (None, 3), name="targets")
    with pytest.raises(ValueError, match="label 4 .* 3 outputs"):
        losses.check_targets(
            losses.SparseCategoricalCrossentropy(axis=1), np.array([[4]]), (None, 3, 1)
        )
    categorical = losses.CategoricalCrossentropy()
    losses.check_targets(categorical, np.eye(3), (None, 3))
    with pytest.raises(ValueError, match=r"y_true of shape \(5, 2\) and y_pred of shape \(5, 3\)"):
        losses.check_targets(categorical, np.zeros((5, 2)), (None, 3))
    with pytest.raises(ValueError, match="use 'sparse_categorical_crossentropy'"):
        losses.check_targets(categorical, np.zeros(5), (None, 3))
    losses.check_targets(losses.MeanSquaredError(), np.zeros((5, 2)), (None, 3))
    # One-hot targets of a sparse loss: the loss itself says what to do.
    losses.check_targets(losses.SparseCategoricalCrossentropy(), np.full((5, 3), 7.0), (None, 3))


def test_weights_that_do_not_fit():
    loss = losses.MeanSquaredError()
    with pytest.raises(ValueError, match=r"shape \(3,\) does not fit the losses, of shape \(4,\)"):
        loss(torch.zeros(4, 2), torch.zeros(4, 2), torch.ones(3))
    with pytest.raises(ValueError, match=r"shape \(4, 2\) does not fit"):
        loss(torch.zeros(4, 2), torch.zeros(4, 2), torch.ones(4, 2))


@pytest.mark.wrong_types
def test_arguments_out_of_range():
    with pytest.raises(
        ValueError, match="`reduction` must be None or.*'maen'. Did you mean 'mean'"
    ):
        losses.MeanSquaredError(reduction="maen")
    with pytest.raises(ValueError, match=r"`q` must be in \(0, 1\).*received 1.5"):
        losses.CategoricalGeneralizedCrossEntropy(q=1.5)
    with pytest.raises(ValueError, match="`delta` must be > 0.*received 0"):
        losses.huber([[1.0]], [[2.0]], delta=0)
    for axis in (True, 2, -3, 0.5):
        with pytest.raises(ValueError, match=f"`axis` must be an integer from -2 to 1.*{axis}"):
            losses.categorical_crossentropy(torch.eye(2), torch.eye(2), axis=axis)
    with pytest.raises(ValueError, match=r"ctc needs .*received y_true of shape \(2,\)"):
        losses.ctc(torch.zeros(2), torch.zeros(2, 5, 3))
    with pytest.raises(NotImplementedError, match="Loss must define `call"):
        losses.Loss()(torch.zeros(2), torch.zeros(2))


def test_a_single_class_is_warned_about():
    for function in (losses.categorical_crossentropy, losses.categorical_focal_crossentropy):
        with pytest.warns(SyntaxWarning, match="use 'binary_crossentropy'"):
            function(torch.ones(4, 1), torch.rand(4, 1))
    with pytest.warns(SyntaxWarning, match="more than one class"):
        losses.CategoricalCrossentropy(from_logits=True)(torch.ones(4, 1), torch.rand(4, 1))


def test_unknown_names():
    with pytest.raises(ValueError, match="Unknown loss: 'mean_squred_error'.*'mean_squared_error'"):
        losses.get("mean_squred_error")
    with pytest.raises(ValueError, match="Unknown loss: 'nothing'"):
        losses.deserialize("nothing")
    with pytest.raises(TypeError, match="loss must be a name"):
        losses.get(3)
    assert losses.get(None) is None


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("mse", "mean_squared_error"),
        ("MAE", "mean_absolute_error"),
        ("mape", "mean_absolute_percentage_error"),
        ("MSLE", "mean_squared_logarithmic_error"),
        ("kld", "kl_divergence"),
        ("bce", "binary_crossentropy"),
        ("logcosh", "log_cosh"),
    ],
)
def test_aliases(alias, name):
    assert losses.get(alias) is getattr(losses, name)
    assert losses.resolve(alias, (4, 1), (4, 1)).name == alias


@pytest.mark.parametrize("word", ["crossentropy", "ce", "CE"])
@pytest.mark.parametrize(
    ("true_shape", "pred_shape", "cls"),
    [
        ((8,), (8, 1), losses.BinaryCrossentropy),
        ((8, 1), (8, 1), losses.BinaryCrossentropy),
        ((8,), (8, 3), losses.SparseCategoricalCrossentropy),
        ((8, 1), (8, 3), losses.SparseCategoricalCrossentropy),
        ((8, 3), (8, 3), losses.CategoricalCrossentropy),
        ((8, 5), (8, 5, 3), losses.SparseCategoricalCrossentropy),
    ],
)
def test_crossentropy_by_the_shapes(word, true_shape, pred_shape, cls):
    assert type(losses.resolve(word, true_shape, pred_shape)) is cls


def test_resolve():
    loss = losses.Huber()
    assert losses.resolve(loss, (2,), (2,)) is loss
    assert losses.resolve(None, (2,), (2,)) is None
    assert type(losses.resolve("MeanSquaredError", (2,), (2,))) is losses.MeanSquaredError
    assert type(losses.resolve(losses.mean_squared_error, (2,), (2,))) is losses.MeanSquaredError

    def myLoss(y_true, y_pred):  # noqa: N802 - the name shows what becomes of it
        return (y_true - y_pred).abs().mean(-1)

    wrapped = losses.resolve(myLoss, (2,), (2,))
    assert type(wrapped) is losses.LossFunctionWrapper
    assert wrapped.name == "my_loss"
    generalized = losses.resolve("categorical_generalized_cross_entropy", (2,), (2, 3))
    assert generalized.q == 0.5


def test_custom_losses_are_kept_by_name():
    @register_keras_serializable("test_losses")
    def cubic(y_true, y_pred, factor=1.0):
        return factor * (y_true - y_pred).abs().pow(3).mean(-1)

    loss = losses.LossFunctionWrapper(cubic, factor=2.0, name="cubic")
    again = losses.deserialize(losses.serialize(loss))
    assert again.get_config() == loss.get_config()
    assert again(torch.zeros(2, 1), torch.ones(2, 1)).item() == 2.0
    assert losses.get("test_losses>cubic") is cubic

    @register_keras_serializable("test_losses")
    class Quartic(losses.Loss):
        def call(self, y_true, y_pred):
            return (y_true - y_pred).pow(4).mean(-1)

    assert type(losses.deserialize(losses.serialize(Quartic()))) is Quartic
    given = {"class_name": "Mine", "config": {"name": "mine"}}
    assert type(losses.deserialize(given, {"Mine": Quartic})) is Quartic
    assert losses.deserialize("mine", {"mine": cubic}) is cubic
