"""Masks travel through layers as in Keras, and padding counts nowhere."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers
from tests.layers.helpers import CASES

MASK = torch.tensor([[True, True, False], [True, False, False]])
# `Softmax` and the merging layers use masks in their own ways, tested below; windows of time in
# `test_masked_windows`.
OWN_WAY = {"Softmax", "Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply",
           "Subtract", "Embedding", "CategoryEncoding", "Conv1D", "AveragePooling1D",
           "MaxPooling1D"}  # fmt: skip
# They let a mask through or use it, where Keras warns that it ends there.
MORE = {"RMSNormalization", "GlobalMaxPooling1D"}


def masked(shape=(2, 3, 4), mask=MASK, seed=0):
    x = torch.from_numpy(np.random.default_rng(seed).normal(size=shape).astype("float32"))
    x._keras_mask = mask
    return x


def mask_of(y):
    return getattr(y, "_keras_mask", None)


def series_cases():
    """Layers that take a series, with arguments that fit 3 steps of 4 features."""
    skip = {"RepeatVector", "Normalization", "Rescaling"}
    for case in CASES:
        if case.several or case.name in OWN_WAY | skip:
            continue
        fits = len(case.shape) == 2 or (len(case.shape) == 1 and case.name != "Permute")
        if fits and case.name != "Reshape":
            yield case
    yield from (c for c in CASES if c.name in {"Rescaling"} and c.shape == (5,))


@pytest.mark.filterwarnings("ignore:the layer .* does not support masks:UserWarning")
@pytest.mark.parametrize("case", list(series_cases()), ids=str)
def test_masks_end_and_go_on_as_in_keras(case):
    keras = pytest.importorskip("keras")
    size = case.shape if len(case.shape) == 2 else (3, *case.shape)
    mask = torch.arange(size[0]) < torch.tensor([[2], [size[0]]])
    have = mask_of(case.make()(masked((2, *size), mask)))
    want = mask_of(case.make(keras)(masked((2, *size), mask)))
    if case.name in MORE and case.name != "GlobalMaxPooling1D":
        want = mask
    assert (have is None) == (want is None)
    if want is not None:
        assert torch.equal(have, want)


def test_a_mask_that_ends_is_warned_of():
    with pytest.warns(UserWarning, match=r"the layer 'flat' \(Flatten\) does not support masks"):
        layers.Flatten(name="flat")(masked())


@given(
    name=st.sampled_from(["Add", "Average", "Maximum", "Minimum", "Multiply", "Concatenate"]),
    present=st.lists(st.booleans(), min_size=2, max_size=3),
    axis=st.sampled_from([1, 2, -1, -2]),
    seed=st.integers(0, 99),
)
def test_merged_masks_and_values_are_those_of_keras(name, present, axis, seed):
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(seed)
    masks = [torch.from_numpy(rng.random((2, 3)) < 0.6) if has else None for has in present]
    arguments = {"axis": axis} if name == "Concatenate" else {}

    def merged(library):
        xs = [masked(mask=mask, seed=seed + i) for i, mask in enumerate(masks)]
        return getattr(library.layers, name)(**arguments)(xs)

    have, want = merged(profond), merged(keras)
    torch.testing.assert_close(have, want)
    assert (mask_of(have) is None) == (mask_of(want) is None)
    if mask_of(want) is not None:
        assert torch.equal(mask_of(have), mask_of(want))


def test_masking_masks_steps_that_are_padding():
    x = np.ones((1, 3, 2), "float32")
    x[0, 1] = 9.0
    x[0, 2, 0] = 9.0  # only in part
    y = layers.Masking(9.0)(x)
    assert y._keras_mask.tolist() == [[True, False, True]]
    assert y[0].tolist() == [[1.0, 1.0], [0.0, 0.0], [9.0, 1.0]]
    assert layers.Masking(9.0).compute_mask(torch.from_numpy(x)).tolist() == [[True, False, True]]


def test_the_mask_of_an_embedding_is_where_the_input_is_not_zero():
    tokens = np.array([[3, 2, 0], [1, 0, 0]])
    layer = layers.Embedding(5, 4, mask_zero=True)
    expected = [[True, True, False], [True, False, False]]
    assert layer(tokens)._keras_mask.tolist() == expected
    assert layer(tokens.astype("float32"))._keras_mask.tolist() == expected
    assert layer.compute_mask(torch.from_numpy(tokens)).tolist() == expected
    assert layers.Embedding(5, 4).compute_mask(torch.from_numpy(tokens)) is None
    assert mask_of(layers.Embedding(5, 4)(tokens)) is None


def test_softmax_gives_masked_places_nothing():
    scores = torch.tensor([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]], dtype=torch.float64)
    mask = torch.tensor([[True, True, False], [False, False, False]])
    y = layers.Softmax(dtype="float64")(scores, mask=mask)
    expected = torch.softmax(scores[0, :2], -1)
    torch.testing.assert_close(y[0], torch.cat([expected, torch.zeros(1, dtype=torch.float64)]))
    assert y[1].tolist() == [0.0, 0.0, 0.0]
    as_numbers = layers.Softmax(dtype="float64")(scores, mask=mask.double())
    torch.testing.assert_close(as_numbers, y)
    several = layers.Softmax(axis=[-1, -2], dtype="float64")(scores[None], mask=mask[None])
    torch.testing.assert_close(several[0], y * torch.tensor([[1.0], [0.0]], dtype=torch.float64))


def test_softmax_refuses_a_mask_of_steps():
    with pytest.raises(ValueError, match=r"`mask` of the layer 's' must broadcast .* \(2, 3, 4\)"):
        layers.Softmax(name="s")(masked())


@given(seed=st.integers(0, 99), keepdims=st.booleans())
def test_the_mean_over_time_leaves_padding_out(seed, keepdims):
    keras = pytest.importorskip("keras")
    lengths = np.random.default_rng(seed).integers(1, 4, 2)
    mask = torch.arange(3) < torch.from_numpy(lengths)[:, None]
    have, want = (
        library.layers.GlobalAveragePooling1D(keepdims=keepdims)(masked(mask=mask, seed=seed))
        for library in (profond, keras)
    )
    torch.testing.assert_close(have, want)
    assert mask_of(have) is None
    shorter = layers.GlobalAveragePooling1D(keepdims=keepdims)(masked(seed=seed)[:1, : lengths[0]])
    torch.testing.assert_close(have[:1], shorter)


@pytest.mark.parametrize("keepdims", [False, True])
def test_the_maximum_over_time_leaves_padding_out(keepdims):
    x = -torch.ones(3, 3, 2)
    x[:, 2] = 5.0  # padding, larger than all that counts
    x._keras_mask = torch.tensor([[True, True, False], [True, True, True], [False] * 3])
    y = layers.GlobalMaxPooling1D(keepdims=keepdims)(x)
    assert y.reshape(3, 2).tolist() == [[-1.0, -1.0], [5.0, 5.0], [0.0, 0.0]]
    assert layers.GlobalAveragePooling1D(keepdims=keepdims)(x)[2].abs().max() == 0


def test_padding_changes_nothing_downstream():
    model = profond.Sequential(
        [
            layers.Embedding(9, 4, mask_zero=True),
            layers.Dropout(0.5),
            layers.Dense(3, activation="tanh"),
            layers.LayerNormalization(),
            layers.GlobalAveragePooling1D(),
        ]
    )
    short, padded = np.array([[3, 5]]), np.array([[3, 5, 0, 0]])
    torch.testing.assert_close(model(short), model(padded))
    symbolic = profond.Input((None,), dtype="int32")
    h = symbolic
    for layer in model.layers:
        h = layer(h)
    torch.testing.assert_close(profond.Model(symbolic, h)(padded), model(padded))


# The layers of Keras's guide "Understanding masking and padding".


class TemporalSplit(profond.Layer):
    def call(self, inputs):
        return profond.ops.split(inputs, 2, axis=1)

    def compute_mask(self, inputs, mask=None):
        if mask is None:
            return None
        return profond.ops.split(mask, 2, axis=1)


class CustomEmbedding(profond.Layer):
    def __init__(self, input_dim, output_dim, mask_zero=False, **kwargs):
        super().__init__(**kwargs)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.mask_zero = mask_zero

    def build(self, input_shape):
        self.embeddings = self.add_weight(
            shape=(self.input_dim, self.output_dim), initializer="random_normal", dtype="float32"
        )

    def call(self, inputs):
        return profond.ops.take(self.embeddings, profond.ops.cast(inputs, "int32"), axis=0)

    def compute_mask(self, inputs, mask=None):
        return profond.ops.not_equal(inputs, 0) if self.mask_zero else None


class TemporalSoftmax(profond.Layer):
    def call(self, inputs, mask=None):
        assert mask is not None
        broadcast = profond.ops.expand_dims(profond.ops.cast(mask, "float32"), -1)
        exponentials = profond.ops.exp(inputs) * broadcast
        return exponentials / profond.ops.sum(exponentials, axis=1, keepdims=True)


def test_a_layer_changes_the_mask():
    first, second = TemporalSplit()(
        masked((2, 4, 1), torch.tensor([[True, True, True, False]] * 2))
    )
    assert first._keras_mask.tolist() == [[True, True]] * 2
    assert second._keras_mask.tolist() == [[True, False]] * 2


@pytest.mark.parametrize("dtype", ["int64", "float32"])
def test_a_layer_makes_a_mask(dtype):
    tokens = np.array([[4, 0], [0, 1]]).astype(dtype)
    layer = CustomEmbedding(5, 3, mask_zero=True)
    for _ in range(2):  # built, and then again
        assert layer(tokens)._keras_mask.tolist() == [[True, False], [False, True]]
    y = profond.layers.Dense(1)(layer(tokens))
    assert y._keras_mask.tolist() == [[True, False], [False, True]]


def test_a_layer_uses_the_mask_of_its_input():
    inputs = profond.Input((None,), dtype="int32")
    h = profond.layers.Embedding(10, 4, mask_zero=True)(inputs)
    h = profond.layers.Dense(1)(h)

    assert h._keras_mask.shape == (None, None)
    model = profond.Model(inputs, TemporalSoftmax()(h))
    y = model(np.array([[3, 2, 0], [1, 0, 0]]))
    torch.testing.assert_close(y.sum(1), torch.ones(2, 1))
    assert y[1, 1:].abs().max() == 0
