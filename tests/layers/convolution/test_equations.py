"""The equations of chapter 6 of the notes written out, and what must hold for any convolution."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers

HALF, SIZE, SEED = st.integers(0, 2), st.integers(1, 5), st.integers(0, 10**6)


def ready(layer, x, rng):
    """The layer with random weights, in float64."""
    layer(x)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.weights])
    return layer


@given(half=HALF, more=SIZE, seed=SEED)
def test_a_filter_over_a_series(half, more, seed):
    """Equation 6.1: sum over k from -L to L of f_k x_{t+k}."""
    rng = np.random.default_rng(seed)
    length = 2 * half + more
    x, f = rng.normal(size=length), rng.normal(size=2 * half + 1)
    layer = layers.Conv1D(1, 2 * half + 1, use_bias=False, dtype="float64")
    layer.build((None, length, 1))
    layer.set_weights([f[:, None, None]])
    expected = [
        sum(f[k + half] * x[t + k] for k in range(-half, half + 1))
        for t in range(half, length - half)
    ]
    np.testing.assert_allclose(layer(x[None, :, None]).detach()[0, :, 0], expected, atol=1e-12)


def convolved(x, f, b, phi, half):
    """Equation 6.3 at all places where the filter fits in."""
    height, width, channels = x.shape
    rows, columns = (n - 2 * h for n, h in zip((height, width), half, strict=True))
    out = np.empty((rows, columns, f.shape[3]))
    for i in range(rows):
        for j in range(columns):
            for c in range(f.shape[3]):
                total = b[c]
                for k in range(-half[0], half[0] + 1):
                    for m in range(-half[1], half[1] + 1):
                        for d in range(channels):
                            weight = f[k + half[0], m + half[1], d, c]
                            total += weight * x[i + half[0] + k, j + half[1] + m, d]
                out[i, j, c] = phi(total)
    return out


@given(half=st.tuples(HALF, HALF), more=st.tuples(SIZE, SIZE), seed=SEED)
def test_a_filter_over_an_image(half, more, seed):
    """Equation 6.2: one filter over three colours."""
    rng = np.random.default_rng(seed)
    size = tuple(2 * h + 1 for h in half)
    x = rng.normal(size=(*(2 * h + m for h, m in zip(half, more, strict=True)), 3))
    layer = ready(layers.Conv2D(1, size, use_bias=False, dtype="float64"), x[None], rng)
    expected = convolved(x, layer.get_weights()[0], [0.0], lambda s: s, half)
    np.testing.assert_allclose(layer(x[None]).detach()[0], expected, atol=1e-12)


@given(half=st.tuples(HALF, HALF), more=st.tuples(SIZE, SIZE), channels=SIZE, seed=SEED)
def test_a_layer_of_filters(half, more, channels, seed):
    """Equation 6.3: a filter and a bias for each channel of the output, and an activation."""
    rng = np.random.default_rng(seed)
    size = tuple(2 * h + 1 for h in half)
    x = rng.normal(size=(*(2 * h + m for h, m in zip(half, more, strict=True)), channels))
    layer = ready(layers.Conv2D(2, size, activation="tanh", dtype="float64"), x[None], rng)
    f, b = layer.get_weights()
    np.testing.assert_allclose(
        layer(x[None]).detach()[0], convolved(x, f, b, np.tanh, half), atol=1e-12
    )


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lambda **more: layers.Conv1D(3, 4, **more), (9, 2)),
        (lambda **more: layers.Conv1D(2, 3, padding="causal", dilation_rate=2, **more), (9, 2)),
        (lambda **more: layers.Conv2D(3, (3, 2), **more), (6, 7, 2)),
        (lambda **more: layers.Conv2D(4, 3, padding="same", groups=2, **more), (6, 7, 2)),
        (lambda **more: layers.DepthwiseConv2D(3, depth_multiplier=2, **more), (6, 7, 2)),
        (lambda **more: layers.SeparableConv1D(2, 3, padding="same", **more), (9, 2)),
        (lambda **more: layers.Conv1DTranspose(2, 3, **more), (9, 2)),
        (lambda **more: layers.Conv2DTranspose(2, 3, padding="same", **more), (6, 7, 2)),
    ],
)
@given(shift=st.integers(0, 3), seed=SEED)
def test_a_shift_of_the_input_shifts_the_output(make, size, shift, seed):
    """6.1: equivariance; on a canvas of zeros large enough that no edge is felt."""
    rng = np.random.default_rng(seed)
    padded = tuple(n + 24 for n in size[:-1])
    canvas, moved = np.zeros((2, *padded, size[-1]))
    place = tuple(slice(10, 10 + n) for n in size[:-1])
    other = tuple(slice(10 + shift, 10 + shift + n) for n in size[:-1])
    canvas[place] = moved[other] = rng.normal(size=size)
    layer = ready(make(dtype="float64"), canvas[None], rng)
    axes = tuple(range(1, len(size)))
    before, after = layer(canvas[None]).detach(), layer(moved[None]).detach()
    inside = (slice(None), *(slice(5, -5) for _ in axes))
    rolled = before.roll((shift,) * len(axes), axes)
    torch.testing.assert_close(after[inside], rolled[inside], rtol=1e-10, atol=1e-10)


@given(size=st.integers(1, 4), stride=st.integers(1, 3), dilation=st.integers(1, 3), seed=SEED)
def test_a_causal_output_does_not_know_what_comes(size, stride, dilation, seed):
    if stride > 1:
        dilation = 1
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1, 12, 2))
    arguments = {"padding": "causal", "strides": stride, "dilation_rate": dilation}
    layer = ready(layers.Conv1D(3, size, dtype="float64", **arguments), x, rng)
    before = layer(x).detach()
    assert before.shape[1] == -(-12 // stride)
    last = int(rng.integers(0, 12))
    x[:, last + 1 :] = rng.normal(size=x[:, last + 1 :].shape)
    known = last // stride + 1
    torch.testing.assert_close(layer(x).detach()[:, :known], before[:, :known])


@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    steps=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.sampled_from(["valid", "same"]),
    seed=SEED,
)
def test_a_transposed_convolution_is_the_transpose(kernel, strides, steps, padding, seed):
    """<conv(x), y> = <x, transposed(y)> with the same kernel, for all x and y."""
    rng = np.random.default_rng(seed)
    sizes = [
        n * s if padding == "same" else (n - 1) * s + max(k, s)
        for n, k, s in zip(steps, kernel, strides, strict=True)
    ]
    x, y = rng.normal(size=(1, *sizes, 2)), rng.normal(size=(1, *steps, 3))
    arguments = {"strides": strides, "padding": padding, "use_bias": False, "dtype": "float64"}
    there = ready(layers.Conv2D(3, kernel, **arguments), x, rng)
    back = ready(layers.Conv2DTranspose(2, kernel, **arguments), y, rng)
    back.set_weights(there.get_weights())
    forth, returned = there(x).detach().numpy(), back(y).detach().numpy()
    assert forth.shape == y.shape
    assert returned.shape == x.shape
    np.testing.assert_allclose((forth * y).sum(), (x * returned).sum(), atol=1e-9)


def test_a_separable_convolution_is_two_others():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 7, 6, 3))
    arguments = {"strides": 2, "padding": "same", "depth_multiplier": 2, "dtype": "float64"}
    both = ready(layers.SeparableConv2D(4, 3, **arguments), x, rng)
    depthwise, pointwise, bias = both.get_weights()
    first = layers.DepthwiseConv2D(3, use_bias=False, **arguments)
    second = layers.Conv2D(4, 1, dtype="float64")
    model = profond.Sequential([first, second])
    model(x)
    model.set_weights([depthwise, pointwise, bias])
    torch.testing.assert_close(both(x), model(x), rtol=1e-10, atol=1e-10)


def test_the_number_of_weights_of_lenets_convolutions():
    """The table of 6.2.2: 156 and 2,416."""
    model = profond.Sequential(
        [
            layers.InputLayer(input_shape=(32, 32, 1)),
            layers.Conv2D(filters=6, kernel_size=5, padding="valid", activation="relu"),
            layers.Conv2D(filters=16, kernel_size=5, padding="valid", activation="relu"),
        ]
    )
    assert [layer.count_params() for layer in model.layers] == [156, 2416]
    assert [layer.output.shape[1:] for layer in model.layers] == [(28, 28, 6), (24, 24, 16)]


def test_a_filter_is_found_by_learning():
    """A difference of neighbours is learned from examples of it."""
    profond.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(64, 20, 1)).astype("float32")
    y = x[:, 1:] - x[:, :-1]
    model = profond.Sequential([layers.Input((20, 1)), layers.Conv1D(1, 2)])
    model.compile(profond.optimizers.Adam(0.1), "mse")
    model.fit(x, y, epochs=30, batch_size=16, verbose=0)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel[:, 0, 0], [-1, 1], atol=0.01)
    np.testing.assert_allclose(bias, [0], atol=0.01)


def test_arguments_may_change_until_the_layer_is_built():
    """As in Keras, whose description of the layer has the new ones too."""
    x = np.random.default_rng(0).normal(size=(2, 9, 8, 3))
    for make in (layers.Conv2D, layers.Conv2DTranspose):
        changed, wanted = make(2, 3, dtype="float64"), make(2, 3, 2, "same", dtype="float64")
        changed.strides, changed.padding = (2, 2), "same"
        assert changed.get_config()["padding"] == "same"
        for layer in (wanted, changed):
            layer(x)
        changed.set_weights(wanted.get_weights())
        torch.testing.assert_close(changed(x), wanted(x))


def test_sizes_that_change_from_call_to_call_get_their_own_zeros():
    kernel = torch.randn(5, 5, 2, 3, dtype=torch.float64)

    def made():
        layer = layers.Conv2D(
            3, 5, dilation_rate=2, padding="same", use_bias=False, dtype="float64"
        )
        layer.build((None, None, None, 2))
        layer.kernel.assign(kernel)
        return layer

    one = made()
    for sizes in ((9, 9), (7, 12), (9, 9), (4, 3), (12, 7)):
        x = torch.randn(2, *sizes, 2, dtype=torch.float64)
        assert torch.equal(one(x), made()(x))


@pytest.mark.parametrize("strides", [1, 2])
def test_relu_of_the_sums_leaves_input_and_gradient_right(strides):
    plain = layers.Conv1D(4, 3, strides=strides, padding="same", dtype="float64")
    x = torch.randn(2, 7, 3, dtype=torch.float64, requires_grad=True)
    sums = plain(x)
    rectified = layers.Conv1D(
        4, 3, strides=strides, padding="same", activation="relu", dtype="float64"
    )
    rectified.build((None, 7, 3))
    rectified.set_weights(plain.get_weights())
    before = x.detach().clone()
    y = rectified(x)
    assert torch.equal(x.detach(), before)
    assert torch.equal(y, sums.clamp_min(0))
    weight = torch.randn(y.shape, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((y * weight).sum(), x, create_graph=True)
    (expected,) = torch.autograd.grad((sums.clamp_min(0) * weight).sum(), x, create_graph=True)
    assert torch.allclose(gradient, expected, rtol=1e-12)
