"""Layers and models as the torch modules they are."""

import numpy as np
import pytest
import torch
from torch import nn

import profond
from profond import layers


def network():
    return profond.Sequential([layers.Input((4,)), layers.Dense(3, "tanh"), layers.Dense(1)])


def test_inside_of_torch_modules():
    model = nn.Sequential(nn.Linear(4, 4), layers.Dense(3, "relu"), network_of(3))
    out = model(torch.ones(2, 4))
    assert out.shape == (2, 1)
    out.sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    assert len(list(model.parameters())) == 2 + 2 + 2


def network_of(inputs):
    return profond.Sequential([layers.Input((inputs,)), layers.Dense(1)])


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "LBFGS"])
def test_torch_optimizers_in_a_plain_loop(name):
    x = torch.randn(64, 4)
    y = x @ torch.tensor([[1.0], [0.0], [-1.0], [2.0]])
    model = network()
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.05)

    def step():
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        return loss

    first = float(step().detach())
    for _ in range(5 if name == "LBFGS" else 100):
        optimizer.step(step)
    assert float(step().detach()) < 0.2 * first


def test_our_optimizers_in_a_plain_loop():
    x = torch.randn(64, 4)
    y = x.sum(1, keepdim=True)
    model = network()
    optimizer, loss_fn = profond.optimizers.Adam(0.05), profond.losses.MeanSquaredError()
    losses = []
    for _ in range(100):
        model.zero_grad()
        loss = loss_fn(y, model(x))
        loss.backward()
        weights = list(model.trainable_weights)
        gradients = [v.value.grad for v in weights]
        with torch.no_grad():
            optimizer.apply(gradients, weights)
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]


def test_state_dict():
    model, other = network(), network()
    state = model.state_dict()
    assert sorted(state) == [
        "dense.bias",
        "dense.kernel",
        "dense_1.bias",
        "dense_1.kernel",
    ]
    other.load_state_dict(state)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_to_another_type_and_device():
    model = network()
    model.to("meta")
    assert all(w.is_meta for w in model.weights)
    model = network()
    kernel = model.weights[0]
    model.to(torch.float64)
    assert model.weights[0].dtype is torch.float64
    assert model.weights[0].path == kernel.path
    assert model.layers[0].kernel is model.weights[0]


def test_modules_hooks_and_modes():
    model = network()
    assert not model.training
    assert all(m.training for m in model.train().modules())
    assert not any(m.training for m in model.eval().modules())
    seen = []
    handle = model.layers[0].register_forward_hook(lambda m, i, o: seen.append(tuple(o.shape)))
    model(torch.ones(2, 4))
    handle.remove()
    assert seen == [(2, 3)]


@pytest.mark.wrong_types
def test_compiled_by_torch():
    model = network()
    x = torch.randn(3, 4)
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    np.testing.assert_allclose(compiled(x).detach(), model(x).detach(), rtol=1e-6)


def test_functional_calls_and_gradients():
    model = network()
    x = torch.randn(5, 4)
    parameters = dict(model.named_parameters())
    jacobian = torch.func.jacrev(lambda p: torch.func.functional_call(model, p, (x,)))(parameters)
    assert jacobian["dense.kernel"].shape == (5, 1, 4, 3)
    y = x.clone().requires_grad_(True)
    model(y).sum().backward()
    assert y.grad.shape == x.shape


def test_export_is_left_to_torch():
    model = profond.Sequential([layers.Input((2,)), layers.Dense(1)])
    with pytest.raises(NotImplementedError, match=r"`export` is not available .* `torch.onnx"):
        model.export("somewhere", format="onnx")
