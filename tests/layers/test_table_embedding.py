"""The layer that embeds the encoded columns of a table."""

import json

import numpy as np
import pytest
import torch

from profond import models
from profond.layers import Dense, Input, PeriodicEmbedding, PiecewiseLinearEmbedding, TableEmbedding


def table(rows: int = 6) -> np.ndarray:
    """Two numbers, a plain column, two codes."""
    generator = np.random.default_rng(0)
    codes = np.column_stack([generator.integers(0, 3, rows), generator.integers(0, 4, rows)])
    return np.column_stack([generator.normal(size=(rows, 3)), codes]).astype(np.float32)


def test_it_puts_vectors_side_by_side():
    inner = PeriodicEmbedding(3, frequencies=5)
    layer = TableEmbedding(2, embedding=inner, codes=(3, 4), code_units=2)
    x = table()
    out = layer(torch.from_numpy(x)).detach().numpy()
    assert out.shape == (6, 2 * 3 + 1 + 2 * 2)
    np.testing.assert_array_equal(out[:, :6], inner(x[:, :2]).detach().numpy().reshape(6, 6))
    np.testing.assert_array_equal(out[:, 6], x[:, 2])
    rows = layer.embeddings.numpy()
    first, second = x[:, 3].astype(int), 3 + x[:, 4].astype(int)
    np.testing.assert_array_equal(out[:, 7:], np.hstack([rows[first], rows[second]]))


def test_several_embeddings_stand_side_by_side_and_come_back():
    inner = [PeriodicEmbedding(3), PiecewiseLinearEmbedding(2, num_bins=4)]
    layer = TableEmbedding(2, embedding=inner)
    model = models.Sequential([Input((3,)), layer, Dense(1)])
    x = table(50)[:, :3]
    layer.adapt(x)
    out = layer(x).detach().numpy()
    waves, bins = (one(x[:, :2]).detach().numpy().reshape(50, -1) for one in inner)
    np.testing.assert_array_equal(out, np.hstack([waves, bins, x[:, 2:]]))
    again = models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_without_anything_to_embed_it_changes_nothing():
    x = table()
    np.testing.assert_array_equal(TableEmbedding(3)(x).numpy(), x)


def test_a_model_with_it_comes_back_from_json_and_weights():
    layer = TableEmbedding(2, embedding=PeriodicEmbedding(3), codes=(3, 4))
    model = models.Sequential([Input((5,)), layer, Dense(1)])
    again = models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(
        again.predict(table(), verbose=0), model.predict(table(), verbose=0)
    )
    assert json.loads(model.to_json())["config"]["layers"][1]["config"]["codes"] == [3, 4]


def test_adapt_hands_the_numbers_on():
    inner = PiecewiseLinearEmbedding(3, num_bins=2)
    layer = TableEmbedding(2, embedding=inner, codes=(3, 4))
    x = table(50)
    layer.build((None, 5))
    layer.adapt(x)
    np.testing.assert_allclose(
        inner.boundaries.numpy()[:, 1], np.median(x[:, :2], axis=0), rtol=1e-6
    )
    TableEmbedding(2, embedding=PeriodicEmbedding(3)).adapt(x)  # has nothing to learn


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"numbers": -1}, r"`numbers` must be an integer >= 0; received -1"),
        ({"embedding": 3}, r"`embedding` must be a layer, a list of layers or None; received 3 of"),
        ({"codes": (0,)}, r"`codes` must be a positive integer; received codes=0"),
        ({"code_units": 0}, r"`code_units` must be a positive integer; received code_units=0"),
    ],
)
@pytest.mark.wrong_types
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        TableEmbedding(**arguments)


def test_too_few_columns_and_codes_out_of_range_are_named():
    with pytest.raises(ValueError, match=r"at least 4 columns: 2 number\(s\) and 2 code\(s\); rec"):
        TableEmbedding(2, codes=(3, 4))(np.zeros((1, 3), np.float32))
    x = table()
    x[2, 3] = 3
    message = r"must be below \[3, 4\], column by column; received up to \[3, \d\], from \[0, \d\]"
    with pytest.raises(ValueError, match=message):
        TableEmbedding(2, codes=(3, 4))(x)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "float32"])
def test_codes_keep_all_their_digits_in_half_precision(policy):
    layer = TableEmbedding(1, codes=(5000,), code_units=2, dtype=policy)
    codes = np.array([4097, 4098, 4099, 257, 4999], dtype=np.float32)
    out = layer(np.column_stack([np.ones((5, 2), np.float32), codes]))
    assert out.dtype == layer._compute
    expected = layer.embeddings[codes.astype(int)].to(layer._compute)
    assert torch.equal(out[:, 2:], expected)


def test_other_columns_than_it_was_built_for_are_refused():
    layer = TableEmbedding(1, codes=(3,))
    layer(np.zeros((2, 3), np.float32))
    with pytest.raises(ValueError, match=r"size 3 on axis -1; received shape \(2, 4"):
        layer(np.zeros((2, 4), np.float32))
    with pytest.raises(ValueError, match=r"must have 2 axes.* received shape \(2, 3, 3\)"):
        layer(np.zeros((2, 3, 3), np.float32))
