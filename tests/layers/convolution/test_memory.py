"""How kernels lie in memory, that gradients and results lie the same way, and that it lasts."""

import copy
import itertools
import pickle

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import profond
from profond import layers
from profond.optimizers._layout import Layouts

SERIES = {
    "Conv1D": lambda a, b, k, **more: layers.Conv1D(b, k, **more),
    "Conv1DTranspose": lambda a, b, k, **more: layers.Conv1DTranspose(b, k, **more),
    "DepthwiseConv1D": lambda a, b, k, **more: layers.DepthwiseConv1D(
        k, depth_multiplier=b, **more
    ),
    "SeparableConv1D": lambda a, b, k, **more: layers.SeparableConv1D(b, k, **more),
}
IMAGES = {name.replace("1", "2"): name for name in SERIES}


def made(name, channels, outputs, size, **more):
    """A layer of the class `name`, and an input for it."""
    if name in SERIES:
        layer, shape = SERIES[name](channels, outputs, size, **more), (3, 7, channels)
    else:
        arguments = {"kernel_size": (size, 3 if size > 1 else 1), **more}
        if name.startswith("Depth"):
            arguments["depth_multiplier"] = outputs
        else:
            arguments["filters"] = outputs
        layer, shape = getattr(layers, name)(**arguments), (3, 6, 7, channels)
    return layer, torch.randn(shape, dtype=layer.dtype_policy.torch_compute_dtype)


EVERY = pytest.mark.parametrize("name", [*SERIES, *IMAGES])


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_gradients_and_results_lie_as_they_are_wanted(name, dtype):
    """Axes of size 1 too, whose strides say nothing but are compared."""
    for channels, outputs, size in itertools.product((1, 4), (1, 4), (1, 3)):
        layer, x = made(name, channels, outputs, size, dtype=dtype)
        y = layer(x.requires_grad_())
        assert y.is_contiguous()
        from_x, *gradients = torch.autograd.grad(y.sum(), [x, *layer.weights])
        assert from_x.is_contiguous()
        for weight, gradient in zip(layer.weights, gradients, strict=True):
            assert gradient.stride() == weight.stride(), (channels, outputs, size, weight.name)


def test_a_kernel_is_torchs_in_channels_last_memory():
    layer, x = made("Conv2D", 4, 5, 3)
    layer(x)
    kernel = layer.kernel.permute(3, 2, 0, 1)
    assert kernel.shape == (5, 4, 3, 3)
    assert kernel.is_contiguous(memory_format=torch.channels_last)
    assert x.permute(0, 3, 1, 2).is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(
        layer(x).permute(0, 3, 1, 2), F.conv2d(x.permute(0, 3, 1, 2), kernel, layer.bias)
    )


WAYS = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda layer: pickle.loads(pickle.dumps(layer)),
    "to": lambda layer: copy.deepcopy(layer).to(torch.float64).to(torch.float32),
}


@EVERY
@pytest.mark.parametrize("way", WAYS)
def test_copies_lie_the_same_way(name, way):
    layer, x = made(name, 3, 4, 3)
    expected = layer(x)
    other = WAYS[way](layer)
    assert [w.stride() for w in other.weights] == [w.stride() for w in layer.weights]
    assert torch.equal(other(x), expected)


def model_of(name, seed):
    profond.utils.set_random_seed(seed)
    layer, x = made(name, 3, 4, 3)
    inputs = layers.Input(tuple(x.shape[1:]))
    return profond.Model(inputs, layers.Dense(1)(layers.Flatten()(layer(inputs))))


@EVERY
def test_kept_weights_come_back(name, tmp_path):
    model, other = model_of(name, 0), model_of(name, 1)
    wanted, strides = model.get_weights(), [w.stride() for w in model.weights]
    assert not np.array_equal(wanted[0], other.get_weights()[0])

    def same(one):
        assert [w.stride() for w in one.weights] == strides
        for have, want in zip(one.get_weights(), wanted, strict=True):
            np.testing.assert_array_equal(have, want)

    other.set_weights(wanted)
    same(other)
    model.save_weights(tmp_path / "w.safetensors")
    other = model_of(name, 1)
    other.load_weights(tmp_path / "w.safetensors")
    same(other)
    other = model_of(name, 1)
    other.load_state_dict(model.state_dict())
    same(other)
    model.save(tmp_path / "m.keras")
    same(profond.models.load_model(tmp_path / "m.keras"))
    clone = profond.models.clone_model(model)
    assert [w.stride() for w in clone.weights] == strides


@EVERY
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_no_gradient_is_copied_in_fit(name, optimizer, dtype, monkeypatch):
    seen = []
    agree = Layouts.agree

    def watching(self, grads):
        seen.append(agree(self, grads))
        return seen[-1]

    monkeypatch.setattr(Layouts, "agree", watching)
    kernel = "kernel" if name.startswith("Conv") else "depthwise"
    layer, x = made(name, 3, 4, 3, dtype=dtype, **{f"{kernel}_regularizer": "l2"})
    model = profond.Sequential([layer, layers.Flatten(), layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(x.float().numpy(), np.ones((len(x), 1)), epochs=2, batch_size=3, verbose=0)
    assert seen == [True, True]


def test_a_training_that_goes_on_is_the_same(tmp_path):
    """Weights and optimizer are kept with their values, however they lie."""
    from profond.callbacks import BackupAndRestore, Callback

    x = np.random.default_rng(0).normal(size=(12, 6, 7, 3)).astype("float32")
    y = x.mean((1, 2, 3))[:, None]

    class Cut(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyError

    def trained(seed, callbacks):
        model = model_of("Conv2D", seed)
        model.compile("adam", "mse")
        model.fit(x, y, epochs=4, batch_size=4, verbose=0, callbacks=callbacks)
        return model.get_weights()

    wanted = trained(0, [])
    with pytest.raises(KeyError):
        trained(0, [BackupAndRestore(tmp_path / "b"), Cut()])
    for have, want in zip(trained(1, [BackupAndRestore(tmp_path / "b")]), wanted, strict=True):
        np.testing.assert_array_equal(have, want)


@EVERY
def test_whole_numbers_are_taken(name):
    layer, x = made(name, 3, 4, 3)
    numbers = torch.randint(0, 255, x.shape, dtype=torch.uint8)
    torch.testing.assert_close(layer(numbers), layer(numbers.float()))


@EVERY
def test_inputs_may_lie_in_any_way(name):
    layer, x = made(name, 3, 4, 3)
    expected = layer(x)
    torch.testing.assert_close(layer(x.mT.contiguous().mT), expected)
    wide = torch.randn(*x.shape[:-1], 7)
    wide[..., ::2][..., :3] = x
    torch.testing.assert_close(layer(wide[..., ::2][..., :3]), expected)
    assert layer(x[:0]).shape == (0, *expected.shape[1:])
