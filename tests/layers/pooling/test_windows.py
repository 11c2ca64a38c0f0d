"""Pooling over windows by its definition: one window after the other."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers

SIZE = st.integers(1, 4)


def by_definition(x, pool_size, strides, padding, kind):
    """Means, or first maxima, of windows: with "same" there are ceil(n / stride) of them, and what
    they need beyond the input is shared, the odd place after the end (TensorFlow's guide to
    convolution); only places inside the input count.
    """
    ranges = []
    for n, k, s in zip(x.shape[1:-1], pool_size, strides, strict=True):
        count = math.ceil(n / s) if padding == "same" else (n - k) // s + 1
        before = max((count - 1) * s + k - n, 0) // 2 if padding == "same" else 0
        ranges.append(
            [range(max(i * s - before, 0), min(i * s - before + k, n)) for i in range(count)]
        )
    made = []
    for window in itertools.product(*ranges):
        places = torch.stack([x[:, *place] for place in itertools.product(*window)])
        if kind == "mean":
            made.append(places.mean(0))
        else:  # argmax of numpy is the first
            first = torch.from_numpy(np.argmax(places.detach().numpy(), 0))
            made.append(places.gather(0, first[None])[0])
    return torch.stack(made, 1).unflatten(1, [len(r) for r in ranges])


@st.composite
def pooled(draw):
    dimensions = draw(st.sampled_from([1, 2]))
    padding = draw(st.sampled_from(["valid", "same", "SAME"]))
    axes = st.lists(SIZE, min_size=dimensions, max_size=dimensions)
    pool_size, strides = tuple(draw(axes)), tuple(draw(axes))
    shape = [draw(st.integers(k if padding == "valid" else 1, k + 5)) for k in pool_size]
    return pool_size, strides, padding, (2, *shape, draw(st.sampled_from([1, 3, 9])))


@pytest.mark.parametrize("kind", ["max", "mean"])
@given(case=pooled(), seed=st.integers(0, 999), ties=st.booleans())
def test_values_and_gradients_are_those_of_the_definition(kind, case, seed, ties):
    pool_size, strides, padding, shape = case
    rng = np.random.default_rng(seed)
    values = rng.integers(-1, 2, shape).astype(float) if ties else rng.normal(size=shape)
    name = f"{'Max' if kind == 'max' else 'Average'}Pooling{len(pool_size)}D"
    layer = getattr(layers, name)(pool_size, strides, padding, dtype="float64")
    x, y = (torch.tensor(values, requires_grad=True) for _ in range(2))
    have, want = layer(x), by_definition(y, pool_size, strides, padding.lower(), kind)
    torch.testing.assert_close(have, want, rtol=1e-12, atol=1e-12)
    weight = torch.from_numpy(rng.normal(size=tuple(want.shape)))
    for out in (have, want):
        (out * weight).sum().backward()
    torch.testing.assert_close(x.grad, y.grad, rtol=1e-12, atol=1e-12)
    assert have.is_contiguous()


@given(case=pooled(), seed=st.integers(0, 999))
def test_large_inputs_without_gradient_give_the_same(case, seed):
    pool_size, strides, padding, shape = case
    channels = -(-(2**17 + 1) // int(np.prod(shape[:-1])))
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=(*shape[:-1], channels)).astype("float32"))
    x[rng.random(tuple(x.shape)) < 0.01] = torch.nan
    layer = getattr(layers, f"MaxPooling{len(pool_size)}D")(pool_size, strides, padding)
    have, want = layer(x), layer(x.clone().requires_grad_())
    assert have.is_contiguous()
    torch.testing.assert_close(have, want.detach(), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("name", ["MaxPooling1D", "MaxPooling2D"])
@given(seed=st.integers(0, 999))
def test_among_equal_values_the_gradient_goes_where_keras_sends_it(name, padding, seed, keras64):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 2, (3, 7, 6, 4) if name.endswith("2D") else (3, 7, 4)).astype(float)
    gradients = []
    for library in (profond, keras64):
        x = torch.tensor(values, requires_grad=True)
        layer = getattr(library.layers, name)(3, 2, padding, dtype="float64")
        out = layer(x)
        (out * torch.arange(out.numel()).reshape(out.shape)).sum().backward()
        gradients.append(x.grad)
    torch.testing.assert_close(*gradients)


def test_the_mean_at_an_edge_is_that_of_what_is_inside():
    x = torch.arange(1.0, 6).reshape(1, 5, 1)
    y = layers.AveragePooling1D(2, 2, "same")(x)
    assert y.flatten().tolist() == [1.5, 3.5, 5.0]
    y = layers.AveragePooling1D(2, 1, "same")(x)  # the window reaches beyond the end
    assert y.flatten().tolist() == [1.5, 2.5, 3.5, 4.5, 5.0]
    image = torch.arange(1.0, 10).reshape(1, 3, 3, 1)
    y = layers.AvgPool2D(2, 1, "same")(image)
    assert y[0, ..., 0].tolist() == [[3, 4, 4.5], [6, 7, 7.5], [7.5, 8.5, 9]]


def test_what_is_not_a_number_stays_so():
    x = torch.tensor([1.0, torch.nan, 2.0, 3.0]).reshape(1, 4, 1)
    for layer in (layers.MaxPooling1D(), layers.AveragePooling1D(2)):
        for requires in (False, True):
            y = layer(x.clone().requires_grad_(requires)).detach().flatten()
            assert y.isnan().tolist() == [True, False]


def test_gradients_by_torch_func():
    layer = layers.MaxPooling2D()
    x = torch.ones(1, 2, 2, 1)
    gradient = torch.func.grad(lambda x: layer(x).sum())(x)
    assert gradient.flatten().tolist() == [1, 0, 0, 0]


def test_images_are_not_copied():
    x = torch.randn(2, 6, 8, 3, requires_grad=True)
    seen = []
    layer = layers.MaxPooling2D(padding="same")
    layer(x)
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: seen.append(t.data_ptr()) or t, lambda t: t
    ):
        layer(x)
    assert x.data_ptr() in seen


@given(size=st.integers(1, 6), out=st.integers(1, 8), seed=st.integers(0, 99))
def test_adaptive_windows_are_those_of_the_docstring(size, out, seed):
    x = np.random.default_rng(seed).normal(size=(2, size, 3))
    for name, sums in (("AdaptiveAveragePooling1D", np.mean), ("AdaptiveMaxPooling1D", np.max)):
        y = getattr(layers, name)(out, dtype="float64")(x)
        want = [
            sums(x[:, i * size // out : math.ceil((i + 1) * size / out)], axis=1)
            for i in range(out)
        ]
        np.testing.assert_allclose(y, np.stack(want, 1), rtol=1e-12)
        assert y.is_contiguous()


def test_a_window_may_be_larger_than_the_input_with_padding():
    x = torch.arange(3.0).reshape(1, 3, 1)
    assert layers.MaxPooling1D(7, 1, "same")(x).flatten().tolist() == [2, 2, 2]
    assert layers.AveragePooling1D(7, 1, "same")(x).flatten().tolist() == [1, 1, 1]


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.MaxPooling1D(0), "`pool_size` must be an integer >= 1; received 0"),
        (lambda: layers.MaxPooling1D((2, 2)), r"`pool_size` must be an integer >= 1; .*\(2, 2\)"),
        (
            lambda: layers.MaxPooling2D((2, 2, 2)),
            r"`pool_size` must be an integer >= 1, or a tuple of 2 of them; received \(2, 2, 2\)",
        ),
        (lambda: layers.AveragePooling2D((2, 1.5)), r"`pool_size` must be .* \(2, 1\.5\)"),
        (lambda: layers.AveragePooling2D("2"), "`pool_size` must be .* received '2'"),
        (lambda: layers.AveragePooling2D(True), "`pool_size` must be .* received True"),
        (lambda: layers.MaxPooling2D(2, (1, 0)), r"`strides` must be an integer >= 1.*\(1, 0\)"),
        (lambda: layers.MaxPooling2D(2, 0), "`strides` must be an integer >= 1.* received 0"),
        (lambda: layers.MaxPooling1D(padding="causal"), "`padding` must be 'valid' or.*'causal'"),
        (lambda: layers.MaxPooling1D(padding=1), "`padding` must be 'valid' or 'same'; received 1"),
        (lambda: layers.MaxPool2D(data_format="channels_first"), "`data_format` must be None"),
        (lambda: layers.AvgPool1D(2, data_format="channels_first"), "`data_format` must be None"),
        (lambda: layers.GlobalAvgPool2D("channels_first"), "`data_format` must be None"),
        (lambda: layers.GlobalMaxPool2D("channels_first"), "`data_format` must be None"),
        (lambda: layers.AdaptiveMaxPooling1D(0), "`output_size` must be an integer >= 1; .* 0"),
        (
            lambda: layers.AdaptiveAveragePooling2D((2, None)),
            r"`output_size` must be an integer >= 1, or a tuple of 2 .*\(2, None\)",
        ),
        (lambda: layers.AdaptiveMaxPooling2D(2, "channels_first"), "`data_format` must be None"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: layers.MaxPooling1D(3, name="n")(torch.ones(2, 2, 4)),
            r"the input of the layer 'n' must be at least as large as its window, "
            r"pool_size=\(3,\); received shape \(2, 2, 4\). Give a smaller `pool_size`, or padding",
        ),
        (
            lambda: layers.AveragePooling2D((1, 4), name="n")(profond.Input((8, 3, 1))),
            r"as large as its window, pool_size=\(1, 4\); received shape \(.*8, 3, 1\)",
        ),
        (
            lambda: layers.MaxPooling1D(2, padding="same")(torch.ones(2, 0, 4)),
            r"as large as its window, .* received shape \(2, 0, 4\)",
        ),
        (
            lambda: layers.MaxPooling2D(name="n")(torch.ones(2, 3, 4)),
            r"the input of the layer 'n' must have 4 axes; received shape \(2, 3, 4\)",
        ),
        (
            lambda: layers.AveragePooling1D(2, name="n")(torch.ones(2, 3)),
            r"the input of the layer 'n' must have 3 axes; received shape \(2, 3\)",
        ),
        (
            lambda: layers.GlobalMaxPooling2D(name="n")(torch.ones(2, 3, 4)),
            r"the input of the layer 'n' must have 4 axes; received shape \(2, 3, 4\)",
        ),
        (
            lambda: layers.AdaptiveMaxPooling1D(2, name="n")(torch.ones(2, 3, 4, 5)),
            r"the input of the layer 'n' must have 3 axes",
        ),
        (
            lambda: layers.AdaptiveMaxPooling1D(2, name="n")(torch.ones(2, 0, 4)),
            r"the input of the layer 'n' must not be empty; received shape \(2, 0, 4\)",
        ),
    ],
)
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_other_names():
    for short, long in (("Max", "Max"), ("Avg", "Average")):
        for n in (1, 2):
            assert getattr(layers, f"{short}Pool{n}D") is getattr(layers, f"{long}Pooling{n}D")
        assert getattr(layers, f"Global{short}Pool2D") is getattr(layers, f"Global{long}Pooling2D")
