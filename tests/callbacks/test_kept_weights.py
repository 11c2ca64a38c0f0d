"""The best weights come back, those of a torch module within the model too."""

import numpy as np
import pytest
import torch

import profond
from profond import layers
from profond.callbacks import AnnealOnPlateau, EarlyStopping, LambdaCallback


@pytest.mark.parametrize(
    "make",
    [
        lambda: EarlyStopping("loss", restore_best_weights=True, mode="max", patience=9),
        lambda: AnnealOnPlateau("loss", mode="max", patience=9),
    ],
)
def test_the_best_weights_come_back_to_ours_and_to_a_torch_modules(make):
    module = torch.nn.Linear(3, 2)
    model = profond.Sequential(
        [profond.Input((3,)), layers.TorchModuleWrapper(module), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    after = []
    look = LambdaCallback(on_epoch_end=lambda epoch, logs: after.append(model.get_weights()))
    x = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
    # The loss falls, so that the "best" epoch by its maximum is the first.
    model.fit(x, x[:, :1], epochs=4, verbose=0, callbacks=[look, make()])
    for now, first, last in zip(model.get_weights(), after[0], after[-1], strict=True):
        np.testing.assert_array_equal(now, first)
        assert not np.array_equal(first, last)
