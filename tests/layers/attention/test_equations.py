"""The equations and the code of chapter 8."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from profond import Input, layers


def test_the_cell_of_8_4() -> None:
    """The notes' code, to float precision; queries and keys of other lengths."""
    torch.manual_seed(0)

    Q = torch.randn(1, 4, 8)  # noqa: N806 - the notes' names
    K = torch.randn(1, 6, 8)  # noqa: N806
    V = torch.randn(1, 6, 10)  # noqa: N806

    scores = torch.matmul(Q, K.transpose(-2, -1)) / np.sqrt(8)
    weights = F.softmax(scores, dim=-1)
    output = torch.matmul(weights, V)

    # s = 1 / sqrt(d_k) goes into the query: the layer has none unless it is learned.
    ours, our_weights = layers.Attention()([Q / np.sqrt(8), V, K], return_attention_scores=True)
    assert ours.shape == (1, 4, 10)
    torch.testing.assert_close(ours, output)
    torch.testing.assert_close(our_weights, weights)


def test_one_head_is_the_equation_of_8_4() -> None:
    """Projections, softmax of products over the root of the size, projection."""
    x, y = torch.randn(2, 4, 5), torch.randn(2, 6, 7)
    layer = layers.MultiHeadAttention(1, 8, value_dim=10, use_bias=False)
    output = layer(x, y)
    wq, wk, wv, wo = (torch.tensor(w) for w in layer.get_weights())
    q, k, v = x @ wq[:, 0], y @ wk[:, 0], y @ wv[:, 0]
    due = F.softmax(q @ k.transpose(-2, -1) / np.sqrt(8), -1) @ v @ wo[0]
    torch.testing.assert_close(output, due, rtol=1e-5, atol=1e-6)


def test_heads_are_apart_and_put_together() -> None:
    """8.6: heads of other weights; their outputs, one after the other, are projected."""
    x = torch.randn(2, 5, 6)
    both = layers.MultiHeadAttention(2, 3, use_bias=False)
    output = both(x, x)
    weights = both.get_weights()
    summed = torch.zeros_like(output)
    for head in range(2):
        one = layers.MultiHeadAttention(1, 3, use_bias=False)
        one(x, x)
        own = [w[:, head : head + 1] for w in weights[:3]] + [weights[3][head : head + 1]]
        one.set_weights(own)
        summed = summed + one(x, x)
    torch.testing.assert_close(output, summed, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scores", [False, True])
def test_a_query_without_any_key_gets_nothing(scores: bool) -> None:
    """0 before the last projection, gradients too; never NaN."""
    x = torch.randn(2, 4, 6, requires_grad=True)
    layer = layers.MultiHeadAttention(2, 3)
    mask = torch.ones(2, 4, 4, dtype=torch.bool)
    mask[0, 1] = False
    output = layer(x, x, attention_mask=mask, return_attention_scores=scores)
    output = output[0] if scores else output
    torch.testing.assert_close(output[0, 1], layer.output_dense.bias.detach())
    (gradient,) = torch.autograd.grad(output.square().sum(), x)
    assert torch.isfinite(gradient).all()


def test_no_result_depends_on_what_fills_up() -> None:
    """Sequences of unequal lengths, masked by `Masking`, in a model."""
    entrance = Input((None, 3))
    x = layers.Masking(-9.0)(entrance)
    x = layers.MultiHeadAttention(2, 4)(x, x)
    from profond.models import Model

    model = Model(entrance, layers.GlobalAveragePooling1D()(x))
    one = np.random.default_rng(0).normal(size=(1, 5, 3)).astype("float32")
    filled = np.concatenate([one, np.full((1, 4, 3), -9.0, "float32")], 1)
    np.testing.assert_allclose(model.predict(filled), model.predict(one), rtol=1e-5, atol=1e-6)


def test_causal_attention_sees_no_future() -> None:
    """An output changes with no later input."""
    x = torch.randn(1, 6, 4)
    layer = layers.MultiHeadAttention(2, 3)
    before = layer(x, x, use_causal_mask=True)
    changed = x.clone()
    changed[:, 4:] += 1
    after = layer(changed, changed, use_causal_mask=True)
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


def test_a_mask_for_each_head_goes_with_that_of_the_keys() -> None:
    """What either leaves out gets no weight, with the weights asked for or not."""
    x = torch.randn(3, 4, 6)
    by_head = torch.rand(3, 2, 4, 4) < 0.7
    counted = torch.tensor([[True] * 4, [True, True, False, False], [True, False, True, True]])
    layer = layers.MultiHeadAttention(2, 3)
    output, weights = layer(
        x, x, attention_mask=by_head, value_mask=counted, return_attention_scores=True
    )
    allowed = by_head & counted[:, None, None, :]
    assert not weights[~allowed].any()
    torch.testing.assert_close(weights.sum(-1), allowed.any(-1).float())
    torch.testing.assert_close(layer(x, x, attention_mask=by_head, value_mask=counted), output)
