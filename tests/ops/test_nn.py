"""Encodings, cross-entropies and normalizations: values and gradients of Keras."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from profond import config, ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import (  # noqa: E402
    arrays,
    assert_same,
    compare,
    compare_gradients,
    gradients,
    separated,
    shapes,
    with_axis,
)


@given(shape=shapes(max_dims=2), data=st.data())
def test_one_hot(shape, data):
    x = data.draw(hnp.arrays(np.int64, shape, elements=st.integers(-1, 3)))
    axis = data.draw(st.integers(-1, len(shape)))
    compare("one_hot", x, 4, axis=axis)
    compare("one_hot", x, 4, axis=axis, dtype="int8")
    if shape:
        compare("multi_hot", x, 4)
        compare("multi_hot", x, 4, dtype="bool")
    if len(shape) == 1:
        compare("multi_hot", x, 4, axis=1)


def test_classes_out_of_range_have_no_place():
    assert ops.one_hot([0, 5], 2).tolist() == [[1.0, 0.0], [0.0, 0.0]]
    with pytest.raises(ValueError, match="`axis` must be from -1 to 1; received axis=2"):
        ops.one_hot([0, 1], 2, axis=2)
    with pytest.raises(ValueError, match="`num_classes` must be the number of places"):
        ops.multi_hot([0, 1])
    with pytest.raises(ValueError, match="`sparse` must be False"):
        ops.one_hot([0, 1], 2, sparse=True)


def probabilities(shape, axis, seed):
    p = np.random.default_rng(seed).uniform(0.05, 1.0, shape)
    return p / p.sum(axis, keepdims=True)


@given(case=with_axis(several=False, none=False), logits=st.booleans(), seed=st.integers(0, 99))
def test_categorical_crossentropies(case, logits, seed):
    shape, axis = case
    target = probabilities(shape, axis, seed)
    output = separated(shape, seed, 0.3) if logits else 3 * probabilities(shape, axis, seed + 1)
    compare_gradients("categorical_crossentropy", target, output, from_logits=logits, axis=axis)
    classes = np.argmax(target, axis)
    for labels in (classes, np.expand_dims(classes, axis)):
        ours, theirs = (
            gradients(f, [output], from_logits=logits, axis=axis)
            for f in (
                lambda x, t=labels, **kw: ops.sparse_categorical_crossentropy(t, x, **kw),
                lambda x, t=labels, **kw: keras.ops.sparse_categorical_crossentropy(t, x, **kw),
            )
        )
        assert_same(ours, theirs)
        compare("sparse_categorical_crossentropy", labels, output, from_logits=logits, axis=axis)


@given(shape=shapes(), logits=st.booleans(), data=st.data())
def test_binary_crossentropy(shape, logits, data):
    target = data.draw(arrays(shape, low=0.0, high=1.0))
    output = data.draw(arrays(shape, low=-4, high=4) if logits else arrays(shape, 0.01, 0.99))
    compare("binary_crossentropy", target, output, from_logits=logits)
    ours = gradients(lambda x: ops.binary_crossentropy(target, x, logits), [output])
    theirs = gradients(lambda x: keras.ops.binary_crossentropy(target, x, logits), [output])
    assert_same(ours, theirs)


def test_crossentropies_clip_at_epsilon():
    config.set_epsilon(1e-3)
    try:
        assert float(ops.binary_crossentropy([1.0], [0.0])) == pytest.approx(
            -np.log(1e-3), rel=1e-5
        )
        loss = ops.categorical_crossentropy([[1.0, 0.0]], [[0.0, 1.0]])
        assert float(loss) == pytest.approx(-np.log(1e-3), rel=1e-5)
    finally:
        config.set_epsilon(1e-7)
    assert float(ops.binary_crossentropy([1.0], [0.0])) == pytest.approx(-np.log(1e-7), rel=1e-5)


def test_crossentropies_refuse_shapes_that_differ():
    with pytest.raises(ValueError, match=r"must have the same shape; received \(2,\) and \(1,\)"):
        ops.binary_crossentropy([1.0, 0.0], [0.5])
    with pytest.raises(ValueError, match=r"must have the same shape.*\(2, 3\) and \(2, 2\)"):
        ops.categorical_crossentropy(np.ones((2, 3)), np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"`target` must have the shape \(2,\).*\(3,\)"):
        ops.sparse_categorical_crossentropy([0, 1, 1], np.ones((2, 2)))


@given(case=with_axis(none=False), keepdims=st.booleans(), data=st.data())
def test_moments(case, keepdims, data):
    shape, axis = case
    x = data.draw(arrays(shape))
    # Keras takes the mean of squares less the square of the mean, which cancels.
    compare_gradients("moments", x, axes=axis, keepdims=keepdims, rtol=1e-6, atol=1e-9)


def test_moments_of_half_precision():
    x = torch.full((4096,), 100.0, dtype=torch.float16)
    mean, variance = ops.moments(x, 0)
    assert (float(mean), float(variance), mean.dtype) == (100.0, 0.0, torch.float16)
    with pytest.raises(ValueError, match="`synchronized` must be False"):
        ops.moments(x, 0, synchronized=True)


@given(case=with_axis(none=False, min_side=2), order=st.integers(1, 3), data=st.data())
def test_normalize(case, order, data):
    shape, axis = case
    x = data.draw(arrays(shape, low=0.1))
    if order != 2 and not isinstance(axis, int):
        axis = axis[0]  # Keras takes a matrix norm of two axes
    compare_gradients("normalize", x, axis=axis, order=order)


def test_normalize_zeros_scalars_and_small_norms():
    assert ops.normalize([0.0, 0.0]).tolist() == [0.0, 0.0]
    assert ops.normalize(3.0).tolist() == [1.0]
    x = torch.tensor([3e-3, 4e-3], dtype=torch.float64)
    for order in (1, 2):
        torch.testing.assert_close(ops.normalize(x, order=order, epsilon=1.0), x)
    for order in (0, 1.5):
        with pytest.raises(ValueError, match="`order` must be a whole number >= 1"):
            ops.normalize(x, order=order)


@given(
    case=with_axis(several=False, none=False),
    offset=st.booleans(),
    scale=st.booleans(),
    epsilon=st.sampled_from([1e-3, 0.1]),
)
def test_batch_normalization(case, offset, scale, epsilon):
    shape, axis = case
    x = separated(shape, 0)
    mean, variance, add, factor = np.random.default_rng(0).uniform(0.5, 2, (4, shape[axis]))
    inputs = [x, mean, variance]
    keywords = {"epsilon": epsilon}
    if offset:
        keywords["offset"] = add
    if scale:
        keywords["scale"] = factor
    compare("batch_normalization", *inputs, axis=axis, **keywords)
    ours = gradients(lambda *a: ops.batch_normalization(*a, axis=axis, **keywords), inputs)
    theirs = gradients(lambda *a: keras.ops.batch_normalization(*a, axis=axis, **keywords), inputs)
    assert_same(ours, theirs)


@given(
    case=with_axis(none=False, min_side=2),
    weighted=st.booleans(),
    epsilon=st.sampled_from([None, 0.1]),
)
def test_layer_and_rms_normalization(case, weighted, epsilon):
    shape, axis = case
    axes = sorted(a % len(shape) for a in ((axis,) if isinstance(axis, int) else axis))
    x = torch.tensor(separated(shape, 0))
    gamma, beta = torch.rand(2, *(shape[a] for a in axes), dtype=torch.float64)

    def expected(centered, weight, bias):
        mean = x.mean(axes, keepdim=True) if centered else 0.0
        power = ((x - mean) ** 2).mean(axes, keepdim=True)
        sizes = [n if a in axes else 1 for a, n in enumerate(shape)]
        out = (x - mean) / torch.sqrt(power + (1e-7 if epsilon is None else epsilon))
        out = out if weight is None else out * weight.reshape(sizes)
        return out if bias is None else out + bias.reshape(sizes)

    weight, bias = (gamma, beta) if weighted else (None, None)
    torch.testing.assert_close(
        ops.layer_normalization(x, weight, bias, axis=axis, epsilon=epsilon),
        expected(True, weight, bias),
    )
    torch.testing.assert_close(
        ops.rms_normalization(x, weight, axis=axis, epsilon=epsilon), expected(False, weight, None)
    )
    if axis == -1:
        compare("layer_normalization", x, weight, bias, epsilon=epsilon)
        compare("rms_normalization", x, weight, epsilon=epsilon)


def test_layer_normalization_of_half_precision_is_computed_in_float32():
    x = 1000 + torch.rand(3, 50, generator=torch.Generator().manual_seed(0))
    for name in ("layer_normalization", "rms_normalization"):
        half = getattr(ops, name)(x.bfloat16(), np.ones(50))
        assert half.dtype is torch.bfloat16
        wide = getattr(ops, name)(x.bfloat16().float(), np.ones(50))
        torch.testing.assert_close(half, wide.bfloat16())
