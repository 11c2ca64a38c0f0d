"""Wrong arguments and inputs of attention, by the text of the error."""

import pytest
import torch

from profond import layers

X = torch.ones(2, 4, 6)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.MultiHeadAttention(0, 3), r"`num_heads` must be a positive integer; rec"),
        (lambda: layers.MultiHeadAttention(2, 0), r"`key_dim` must be a positive integer; rec"),
        (lambda: layers.MultiHeadAttention(2, 3, value_dim=-1), r"`value_dim` must be a positive"),
        (lambda: layers.MultiHeadAttention(2, 3, dropout=2), r"`dropout` must be a number from 0"),
        (lambda: layers.MultiHeadAttention(2, 3, sliding_window=0), r"`sliding_window` must be a"),
        (
            lambda: layers.MultiHeadAttention(2, 3, dropout=0.1, flash_attention=True),
            r"`dropout` must be 0 with flash_attention=True.*received dropout=0\.1",
        ),
        (lambda: layers.Attention(score_mode="sum"), r"`score_mode` must be 'dot' or 'concat'; re"),
        (
            lambda: layers.MultiHeadAttention(2, 3, name="a")(X, X, torch.ones(2, 3, 6)),
            r"'a' must get as many keys as values; received key shape \(2, 3, 6\) and value shape",
        ),
        (
            lambda: layers.MultiHeadAttention(2, 3, name="a")(X[0], X[0]),
            r"'a' must have the axes \(batch, queries, features\).*received \(4, 6\) and \(4, 6\)",
        ),
        (
            lambda: layers.MultiHeadAttention(2, 3, attention_axes=2)(X, X),
            r"`attention_axes` must lie between the batch and the features, 1 to 1; received \(2,",
        ),
        (
            lambda: layers.MultiHeadAttention(2, 3, flash_attention=True)(
                X, X, return_attention_scores=True
            ),
            r"`return_attention_scores` must be False with flash_attention=True",
        ),
        pytest.param(
            lambda: layers.MultiHeadAttention(2, 3, name="a")(X, X[:1]),
            r"inputs of the layer 'a' must have the same batch.*\(2, 4, 6\), \(1, 4, 6\)",
            marks=pytest.mark.wrong_types,
        ),
        (
            lambda: layers.MultiHeadAttention(2, 3, name="a")(
                X, X, attention_mask=torch.ones(2, 4, 5, dtype=torch.bool)
            ),
            r"masks of the layer 'a' must together broadcast to its scores, \(2, 4, 4\); rec.*4, 5",
        ),
        (
            lambda: layers.Attention(name="a")([X, X[..., :2]]),
            r"'a' must get queries and keys of as many features.*\(2, 4, 6\), \(2, 4, 2\)",
        ),
        (
            lambda: layers.Attention(name="a")([X, X[:, :3], X]),
            r"as many keys as values; received \(2, 4, 6\), \(2, 3, 6\), \(2, 4, 6\)",
        ),
        (
            lambda: layers.Attention(name="a")([X, X], mask=[None, torch.ones(2, 3) > 0]),
            r"masks of the layer 'a' must together broadcast to its scores, \(2, 4, 4\); rec",
        ),
        (
            lambda: layers.Attention(name="a")([X]),
            r"`inputs` of the layer 'a' must be a list \[query, value\] or .*; received 1 items",
        ),
        (
            lambda: layers.Attention(name="a")([X, X], mask=[None]),
            r"`mask` of the layer 'a' must be a list \[query_mask, value_mask\]; received 1 items",
        ),
    ],
)
def test_errors(make, text) -> None:
    with pytest.raises(ValueError, match=text):
        make()
