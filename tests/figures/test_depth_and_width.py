"""Chapter 2 and 4.3: approximation, linear networks, gradients against depth."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from profond import figures
from profond.figures import numbers


def test_wider_networks_can_approximate_better():
    found = numbers(figures.approximation(widths=(1, 4, 16), steps=100, seeds=3))
    assert found["trained"].shape == found["solved"].shape == (3, 3)
    # Output weights that are solved for are never worse than trained ones.
    assert np.all(found["solved"] <= found["trained"] * (1 + 1e-5))
    assert found["solved"][:, -1].max() < 0.3 * found["solved"][:, 0].min()


def test_approximation_takes_the_users_data(line):
    found = numbers(figures.approximation(*line, widths=(1, 2), steps=50, seeds=[3, 8]))
    assert found["trained"].shape == (2, 2)
    fits = numbers(figures.approximation_fits(*line, widths=(2,), steps=50))
    assert fits["fits"].shape == (1, 40)
    assert np.all(np.diff(fits["x"]) >= 0)


def test_depth_and_width_have_equal_parameters():
    figure = figures.depth_or_width(
        parameters=60, depths=(1, 2), activations=("tanh",), steps=30, seeds=2
    )
    found = numbers(figure)
    assert all(abs(count - 60) < 10 for count in found["parameters"])
    assert found["errors"]["tanh"].shape == (2, 2)
    assert "(20)" in figure.axes[0].get_xticklabels()[0].get_text()


def test_networks_of_identities_are_linear_at_any_depth():
    found = numbers(figures.linearity(depths=(1, 5, 20), seeds=4))["distance"]
    assert found["linear"].max() < 1e-12
    assert found["relu"].min() > 0.01
    assert found["tanh"].min() > 0.01


def test_networks_of_identities_end_at_linear_regression(line):
    x, y = line
    bent = y + 0.5 * (x - x.mean()) ** 2
    found = numbers(figures.identity_depth(x, bent, depths=(1, 3), steps=400, seeds=2))
    column = x.to_numpy()[:, None]
    rest = bent - LinearRegression().fit(column, bent).predict(column)
    assert found["linear_mse"] == pytest.approx(np.mean(rest**2))
    np.testing.assert_allclose(found["mse"]["linear"], found["linear_mse"], rtol=1e-3)
    assert found["mse"]["relu"][:, -1].max() < 0.8 * found["linear_mse"]


def test_gradient_norms_are_those_of_autograd(line):
    x, y = line
    found = numbers(
        figures.gradient_norms(x, y, depth=2, width=3, cases=[("tanh", "glorot_uniform")], seeds=2)
    )["norms"]["tanh", "glorot_uniform"]
    assert found.shape == (2, 3)
    # One network by hand, in plain torch.
    from profond.figures._batch import Networks

    networks = Networks([1, 3, 3, 1], "tanh", [1], dtype=torch.float64)
    weights = [kernel.detach()[0].requires_grad_() for kernel in networks.kernels]
    inputs = torch.tensor(((x - x.mean()) / x.std(ddof=0)).to_numpy())[:, None]
    target = torch.tensor(((y - y.mean()) / y.std(ddof=0)).to_numpy())[:, None]
    out = torch.tanh(torch.tanh(inputs @ weights[0]) @ weights[1]) @ weights[2]
    grads = torch.autograd.grad(((out - target) ** 2).mean(), weights)
    np.testing.assert_allclose(found[1], [float(grad.norm()) for grad in grads], rtol=1e-8)


def test_gradients_vanish_with_the_sigmoid_only():
    norms = numbers(figures.gradient_norms(depth=12, width=16, seeds=6))["norms"]
    ratio = {case: np.median(found[:, 0] / found[:, -2]) for case, found in norms.items()}
    assert ratio["sigmoid", "glorot_uniform"] < 1e-5
    assert ratio["tanh", "glorot_uniform"] > 0.1
    assert ratio["relu", "he_normal"] > 0.05


def test_the_first_layers_gradient_falls_with_depth():
    cases = [("sigmoid", "glorot_uniform")]
    found = numbers(figures.gradient_depth(depths=(1, 4, 8), cases=cases, width=8, seeds=4))
    means = np.log(found["norms"][cases[0]]).mean(axis=0)
    assert np.all(np.diff(means) < -2)


def test_bad_arguments_are_refused(line):
    x, y = line
    with pytest.raises(ValueError, match=r"give both `x` and `y`, or neither \(a wave that fades"):
        figures.approximation(x)
    with pytest.raises(ValueError, match=r"or neither \(random points are used"):
        figures.gradient_norms(y=y)
    with pytest.raises(ValueError, match="one number per row to be drawn; received 2 columns"):
        figures.approximation_fits(np.column_stack([x, x**2]), y)
    with pytest.raises(ValueError, match="must have at least 5 rows for its 2 columns"):
        figures.linearity(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="Unknown activation: 'sigmoide'"):
        figures.depth_or_width(activations=["sigmoide"])
    with pytest.raises(ValueError, match="`widths` must be at least 1"):
        figures.approximation(widths=[0])
    with pytest.raises(TypeError, match="`cases` must hold pairs such as .*; received 'tanh'"):
        figures.gradient_norms(cases=["tanh"])


def test_the_distance_is_the_root_of_the_unexplained_share():
    x = np.random.default_rng(1).normal(size=(50, 2))
    found = numbers(figures.linearity(x, depths=(1,), activations="relu", seeds=1))["distance"]
    from profond.figures._batch import Networks

    network = Networks([2, 32, 1], "relu", [0], dtype=torch.float64)
    out = network(torch.as_tensor(x)).detach().numpy()[0, :, 0]
    share = LinearRegression().fit(x, out).score(x, out)
    assert found["relu"][0, 0] == pytest.approx(np.sqrt(1 - share))


def test_curves_on_data_of_ones_own_say_that_they_are_standardised(line):
    for figure in (
        figures.approximation_fits(*line, widths=(1,), steps=2),
        figures.overfit_curve(*line, train_rows=10, hidden=2, steps=2),
    ):
        ax = figure.axes[0]
        assert (ax.get_xlabel(), ax.get_ylabel()) == (
            "size (standardised)",
            "price (standardised)",
        )
    ax = figures.risks(*line, train_rows=10, hidden=2, steps=2, seeds=1).axes[0]
    assert "(variance of y = 1)" in ax.get_ylabel()


def test_bands_of_errors_stay_above_0(line):
    figure = figures.identity_depth(*line, depths=(1,), steps=5, seeds=2)
    for band in figure.axes[0].collections:
        assert band.get_paths()[0].vertices[:, 1].min() >= 0
