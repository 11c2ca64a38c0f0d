"""Exchanging weights and averages, as Keras does at each moment."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from profond import callbacks
from profond._weight import Weight
from tests.callbacks.helpers import StubModel

keras = pytest.importorskip("keras")


def pair(library):
    """A model whose weight is 1 and whose average is 2, in either library."""
    if library is callbacks:
        weight, average = Weight(torch.ones(2)), Weight(torch.full((2,), 2.0))
    else:
        weight, average = keras.Variable(np.ones(2)), keras.Variable(np.full(2, 2.0))
    optimizer = SimpleNamespace(
        use_ema=True, _trainable_variables=[weight], _model_variables_moving_average=[average]
    )
    return SimpleNamespace(optimizer=optimizer), weight, average


HOOKS = [
    ("on_epoch_begin", 0),
    ("on_test_begin",),
    ("on_test_end",),
    ("on_epoch_end", 0),
    ("on_epoch_begin", 1),
    ("on_test_begin",),
    ("on_test_end",),
    ("on_epoch_end", 1),
]


@pytest.mark.parametrize("on_epoch", [False, True])
def test_the_weights_at_each_moment_are_those_of_keras(on_epoch):
    seen = []
    for library in (callbacks, keras.callbacks):
        model, weight, average = pair(library)
        callback = library.SwapEMAWeights(swap_on_epoch=on_epoch)
        callback.set_model(model)
        callback.set_params({"epochs": 2})
        moments = []
        for hook, *arguments in HOOKS:
            getattr(callback, hook)(*arguments)
            values = [keras.ops.convert_to_numpy(v) for v in (weight, average)]
            moments.append([float(v[0]) for v in values])
        seen.append(moments)
    assert seen[0] == seen[1]


def test_a_prediction_leaves_the_weights_as_they_were():
    model, weight, _ = pair(callbacks)
    callback = callbacks.SwapEMAWeights()
    callback.set_model(model)
    callback.on_predict_begin()
    assert float(weight.numpy()[0]) == 2.0
    callback.on_predict_end()
    assert float(weight.numpy()[0]) == 1.0


def test_an_optimizer_that_scales_the_loss_is_looked_through():
    model, weight, _ = pair(callbacks)
    model.optimizer = SimpleNamespace(inner_optimizer=model.optimizer)
    callback = callbacks.SwapEMAWeights()
    callback.set_model(model)
    callback.on_test_begin()
    assert float(weight.numpy()[0]) == 2.0


def test_an_optimizer_without_averages_is_refused():
    callback = callbacks.SwapEMAWeights()
    model = StubModel()
    model.optimizer = SimpleNamespace(use_ema=False)
    callback.set_model(model)
    with pytest.raises(ValueError, match=r"make it with `use_ema=True`; received use_ema=False"):
        callback.on_test_begin()
