"""Attention gives Keras's values and gradients for all options, in float64."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond

keras = pytest.importorskip("keras")

SMALL, YES_NO = st.integers(1, 4), st.booleans()


@st.composite
def some(draw, shape):
    """A mask in which every row has something that counts, or None."""
    if draw(YES_NO):
        return None
    mask = np.random.default_rng(draw(st.integers(0, 10**6))).random(shape) < 0.6
    mask[..., 0] = True  # each query may attend to the first key, which comes before it
    return mask


def run(layer, arrays, weights, **options):
    """Outputs, and the gradients of a weighted sum of them by inputs and weights."""
    inputs = [torch.tensor(x, requires_grad=True) for x in arrays]
    layer(*inputs, **options)  # build
    layer.set_weights(weights)
    outputs = layer(*inputs, **options)
    outputs = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    rng = np.random.default_rng(1)
    total: Any = sum((torch.tensor(rng.normal(size=tuple(y.shape))) * y).sum() for y in outputs)
    values = [w.value if hasattr(w.value, "requires_grad") else w for w in layer.weights]
    leaves = [*inputs, *values]
    found = torch.autograd.grad(total, leaves, allow_unused=True)
    zeros = [
        torch.zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves, strict=True)
    ]
    return [y.detach() for y in outputs], zeros


def compared(have, want):
    for mine, due in zip(have, want, strict=True):
        for a, b in zip(mine, due, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-8, atol=1e-8)


@given(data=st.data())
def test_multi_head_attention(data, keras64):
    arguments = {
        "num_heads": data.draw(SMALL),
        "key_dim": data.draw(SMALL),
        "value_dim": data.draw(st.sampled_from([None, 1, 3])),
        "use_bias": data.draw(YES_NO),
        "output_shape": data.draw(st.sampled_from([None, 3, (2, 3)])),
        "sliding_window": data.draw(st.sampled_from([None, None, 5])),
        "use_gate": data.draw(YES_NO),
    }
    batch, features = data.draw(SMALL), data.draw(SMALL)
    rank = data.draw(st.sampled_from([3, 3, 4]))
    queries = [data.draw(SMALL) for _ in range(rank - 2)]
    keys = [data.draw(SMALL), *queries[1:]]
    if rank == 4:
        arguments["attention_axes"] = data.draw(st.sampled_from([None, 1, (1,), (1, 2), -2]))
        arguments["sliding_window"] = None
        if arguments["attention_axes"] == -2:
            keys = [queries[0], data.draw(SMALL)]
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    arrays = [rng.normal(size=(batch, *queries, features))]
    arrays += [rng.normal(size=(batch, *keys, data.draw(SMALL))) for _ in range(1)]
    if data.draw(YES_NO):
        arrays.append(rng.normal(size=(batch, *keys, data.draw(SMALL))))
    options = {"return_attention_scores": data.draw(YES_NO)}
    if rank == 3:
        options["use_causal_mask"] = data.draw(YES_NO)
        heads = (arguments["num_heads"],) if data.draw(YES_NO) else ()
        mask = data.draw(some((batch, *heads, queries[0], keys[0])))
        options["attention_mask"] = None if mask is None else torch.tensor(mask)
        for name in ("value_mask", "key_mask"):
            # Keras lays a mask for each head over the others' wrong axes.
            mask = None if heads else data.draw(some((batch, keys[0])))
            options[name] = None if mask is None else torch.tensor(mask)
    ours, theirs = (
        library.layers.MultiHeadAttention(**arguments, dtype="float64")
        for library in (profond, keras64)
    )
    tensors = [torch.tensor(x) for x in arrays]
    theirs(*tensors, **options)
    weights = [rng.normal(size=w.shape) for w in theirs.weights]
    compared(*(run(layer, arrays, weights, **options) for layer in (ours, theirs)))
    symbolic = ours(*(profond.Input(x.shape[1:]) for x in arrays))
    assert symbolic.shape == (None, *tuple(ours(*tensors).shape[1:]))


@pytest.mark.parametrize("kind", ["Attention", "AdditiveAttention"])
@given(data=st.data())
def test_attention(kind, data, keras64):
    arguments = {"use_scale": data.draw(YES_NO)}
    if kind == "Attention":
        arguments["score_mode"] = data.draw(st.sampled_from(["dot", "concat"]))
    batch, queries, keys, features, out = (data.draw(SMALL) for _ in range(5))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    shapes = [(batch, queries, features), (batch, keys, features)]
    if data.draw(YES_NO):
        shapes = [shapes[0], (batch, keys, out), shapes[1]]
    arrays = [rng.normal(size=shape) for shape in shapes]
    drawn = [data.draw(some((batch, n))) for n in (queries, keys)]
    mask = [None if one is None else torch.tensor(one) for one in drawn]
    options = {
        "mask": None if mask == [None, None] else mask,
        "return_attention_scores": data.draw(YES_NO),
        "use_causal_mask": data.draw(YES_NO),
    }
    results = []
    for library in (profond, keras64):
        layer = getattr(library.layers, kind)(**arguments, dtype="float64")
        inputs = [torch.tensor(x, requires_grad=True) for x in arrays]
        layer(inputs, **options)
        weights = np.random.default_rng(2)
        layer.set_weights([weights.normal(size=w.shape) for w in layer.weights])
        outputs = layer(inputs, **options)
        outputs = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
        total: Any = sum((y * torch.arange(1, y.numel() + 1).view(y.shape)).sum() for y in outputs)
        values = [w.value if hasattr(w.value, "requires_grad") else w for w in layer.weights]
        gradients = torch.autograd.grad(total, [*inputs, *values], allow_unused=True)
        results.append((outputs, [g for g in gradients if g is not None]))
    compared(*results)


def test_dropout_with_a_seed_is_that_of_keras(keras64):
    """Of the weights, in training, with the same draws."""
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.normal(size=(2, 5, 4)))
    for kind, arguments in (("MultiHeadAttention", (2, 3)), ("Attention", ())):
        ours, theirs = (
            getattr(library.layers, kind)(*arguments, dropout=0.4, seed=3, dtype="float64")
            for library in (profond, keras64)
        )
        inputs = (x, x) if arguments else ([x, x],)
        for layer in (ours, theirs):
            layer(*inputs)
        ours.set_weights(theirs.get_weights())
        torch.testing.assert_close(ours(*inputs, training=True), theirs(*inputs, training=True))
