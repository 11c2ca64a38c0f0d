import numpy as np
import pytest
import torch

from profond import layers


def test_steps_are_weighted_by_the_other_half_of_the_channels():
    # Weights 1/4 and 3/4 on the first channel, 1/2 and 1/2 on the second.
    scores = np.log([[1.0, 5.0], [3.0, 5.0]])
    x = np.concatenate([[[8.0, 2.0], [4.0, 6.0]], scores], axis=1)[None]
    y = layers.AttentionPooling1D(dtype="float64")(x)
    np.testing.assert_allclose(y, [[8 / 4 + 3 * 4 / 4, 4.0]], rtol=1e-12)


def test_masked_steps_have_no_weight():
    x = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 5, 6)))
    mask = torch.tensor([[True, True, True, False, False], [False] * 5])
    layer = layers.AttentionPooling1D(dtype="float64")
    y = layer(x, mask=mask)
    torch.testing.assert_close(y[0], layer(x[:1, :3])[0])
    assert y[1].tolist() == [0.0, 0.0, 0.0]
    assert getattr(y, "_keras_mask", None) is None


def test_channels_have_halves():
    message = r"the layer 'sum' must have an even number of channels.*received shape \(2, 4, 5\)"
    with pytest.raises(ValueError, match=message):
        layers.AttentionPooling1D(name="sum")(np.ones((2, 4, 5), "float32"))
    with pytest.raises(ValueError, match=r"even number of channels"):
        layers.AttentionPooling1D()(layers.Input((4, None)))
