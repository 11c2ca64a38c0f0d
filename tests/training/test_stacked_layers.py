"""Networks side by side: values and gradients of each, and its own random numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import layers, losses, random, regularizers
from profond.layers._activate import activate
from profond.models import Sequential
from profond.training._stacked_layers import StackedLayers
from profond.training._stacked_losses import StackedLoss, StackedPenalty

NETS, INPUTS = 3, 4


def stacked(*inner):
    """Models in float64, their weights stacked, and the stack."""
    models = []
    for _ in range(NETS):
        made = [make() for make in inner]
        models.append(Sequential([layers.Input((INPUTS,), dtype="float64"), *made]))
    parts = zip(*(model.weights for model in models), strict=True)
    weights = [torch.stack([w.detach().as_subclass(torch.Tensor) for w in own]) for own in parts]
    generators = [torch.Generator().manual_seed(place) for place in range(NETS)]
    return models, StackedLayers([model.layers for model in models], weights, generators)


def dense(units, activation=None, **options):
    return lambda: layers.Dense(units, activation, dtype="float64", **options)


@given(
    activations=st.lists(
        st.sampled_from([None, "relu", "tanh", "sigmoid", "elu", "softmax", "linear"]),
        min_size=1,
        max_size=4,
    ),
    rows=st.lists(st.integers(1, 5), min_size=1, max_size=3),
)
def test_values_and_gradients_are_those_of_each_network(activations, rows):
    widths = (5, 2, 4, 3)
    models, stack = stacked(
        *(dense(n, a) for n, a in zip(widths, activations, strict=False)), dense(2)
    )
    for count in rows:  # memory is used again, and there is some for each number of rows
        x = torch.randn(NETS, count, INPUTS, dtype=torch.float64)
        delta = torch.randn(NETS, count, 2, dtype=torch.float64)
        sums = stack.forward(x)
        torch.testing.assert_close(stack.infer(x), sums)
        stack.backward(delta.clone())
        for place, model in enumerate(models):
            out = model(x[place])
            torch.testing.assert_close(sums[place], out.detach())
            found = torch.autograd.grad(out, model.weights, delta[place])
            for gradient, expected in zip(stack.gradients, found, strict=True):
                torch.testing.assert_close(gradient[place], expected)


def test_last_sums_are_not_written_over_by_the_next_step():
    for chain in ([dense(3)], [dense(3, "relu"), lambda: layers.Activation("softmax")]):
        _, stack = stacked(*chain)
        first = stack.forward(torch.ones(NETS, 2, INPUTS, dtype=torch.float64))
        before = first.clone()
        stack.backward(torch.ones_like(first))
        stack.forward(-torch.ones(NETS, 2, INPUTS, dtype=torch.float64))
        assert torch.equal(first, before)


@pytest.mark.parametrize("rate", [0.3, 1.0])
@pytest.mark.parametrize("shape", [(5, 3), (4, 2)])
def test_dropout_factors_are_those_of_each_network_alone(rate, shape):
    generators = [torch.Generator().manual_seed(place) for place in range(NETS)]
    x = torch.ones((NETS, *shape), dtype=torch.float64)
    factors = random.dropout_factors(x, rate, generators)
    for place in range(NETS):
        torch.manual_seed(place)
        assert torch.equal(factors[place], random.dropped(torch.ones_like(x[0]), rate))


RULES = {
    "categorical": (losses.CategoricalCrossentropy(), "softmax"),
    "sparse": (losses.SparseCategoricalCrossentropy(), "softmax"),
    "binary": (losses.BinaryCrossentropy(), "sigmoid"),
    "squared": (losses.MeanSquaredError(), None),
    "absolute": (losses.MeanAbsoluteError(), "tanh"),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", RULES)
def test_slopes_are_the_gradients_of_the_mean_losses(name, weighted):
    from profond import activations

    loss, function = RULES[name]
    function = activations.get(function)
    sums = torch.randn(NETS, 5, 3, dtype=torch.float64)
    labels = torch.randint(3, (NETS, 5))
    y = torch.nn.functional.one_hot(labels, 3).double()
    y = labels if name == "sparse" else y
    weight = torch.rand(NETS, 5, dtype=torch.float64) if weighted else None
    stack = StackedLoss(loss, function, torch.float64)
    assert (stack._rule is None) == (name == "absolute")
    slope = stack.slope(y, True, sums, weight)
    for place in range(NETS):
        own = sums[place].clone().requires_grad_()
        mean = loss(y[place], activate(function, own), None if weight is None else weight[place])
        torch.testing.assert_close(slope[place], torch.autograd.grad(mean, own)[0])
        values = stack.values(y, activate(function, sums.flatten(0, 1)), weight)
        torch.testing.assert_close(values[place].mean(), mean.detach())


@pytest.mark.parametrize(
    "penalty", [regularizers.L1(0.3), regularizers.L2(0.2), regularizers.L1L2(0.1, 0.2)]
)
def test_penalties_are_those_of_each_network(penalty):
    weights = [torch.randn(NETS, 2, 3, dtype=torch.float64), torch.randn(NETS, 3)]
    gradients = [torch.zeros_like(weight) for weight in weights]
    stack = StackedPenalty([penalty, None], weights)
    values = stack.values()
    assert values is not None
    stack.add_to(gradients)
    assert not gradients[1].any()
    for place in range(NETS):
        own = weights[0][place].clone().requires_grad_()
        expected = penalty(own)
        torch.testing.assert_close(values[place], expected.detach())
        torch.testing.assert_close(gradients[0][place], torch.autograd.grad(expected, own)[0])


def test_no_penalty_costs_nothing():
    assert StackedPenalty([None], [torch.ones(NETS, 2)]).values() is None
