"""Places of numbers in bins: equation 1 of Gorishniy et al. (2022), and what follows from it."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers
from profond.layers.tabular._bins import Binned

BOTH = pytest.mark.parametrize(
    "make",
    [layers.PiecewiseLinearEncoding, lambda *a, **k: layers.PiecewiseLinearEmbedding(2, *a, **k)],
)


def by_cases(x, edges):
    """Equation 1 for one number; the bins of width 0 are left out."""
    edges = sorted(set(edges))
    bins = len(edges) - 1
    places = []
    for t in range(1, bins + 1):
        low, high = edges[t - 1], edges[t]
        if x < low and t > 1:
            places.append(0.0)
        elif x >= high and t < bins:
            places.append(1.0)
        else:
            places.append((x - low) / (high - low))
    return places


EDGES = st.lists(st.integers(-6, 6), min_size=2, max_size=6).map(sorted)


@given(
    edges=st.lists(EDGES, min_size=1, max_size=4),
    x=st.lists(st.floats(-9, 9), min_size=4, max_size=4),
    middle=st.booleans(),
)
def test_places_are_those_of_the_equation(edges, x, middle):
    layer = layers.PiecewiseLinearEncoding(bin_boundaries=edges, dtype="float64")
    numbers = np.array(x[: len(edges)])
    data = numbers[None, None] if middle else numbers[None]
    places = layer(data)
    longest = max(map(len, edges)) - 1
    assert tuple(places.shape) == (*data.shape, longest)
    for f, one in enumerate(edges):
        wide = np.diff(one) > 0
        have = places.reshape(len(edges), longest)[f].numpy()
        np.testing.assert_allclose(have[: len(wide)][wide], by_cases(numbers[f], one), atol=1e-12)
        assert not have[: len(wide)][~wide].any()
        assert not have[len(wide) :].any()


@given(
    edges=EDGES.filter(lambda e: e[0] < e[-1]),
    x=st.floats(-20, 20),
)
def test_the_widths_of_the_bins_add_up_to_the_number(edges, x):
    layer = layers.PiecewiseLinearEncoding(bin_boundaries=edges, dtype="float64")
    places = layer(np.array([[x]])).numpy().ravel()
    assert edges[0] + places @ np.diff(edges) == pytest.approx(x, abs=1e-12)


def test_edges_are_quantiles_of_the_training_data():
    data = np.random.default_rng(0).normal(size=(500, 2))
    data[:, 1] = 5.0  # constant
    layer = layers.PiecewiseLinearEncoding(4, dtype="float64")
    layer.adapt(data)
    expected = np.quantile(data, [0, 0.25, 0.5, 0.75, 1], axis=0).T
    np.testing.assert_allclose(layer.boundaries.numpy(), expected, rtol=1e-12)
    y = layer(np.array([[0.1, 5.0], [-9.0, 9.0]])).numpy()
    np.testing.assert_allclose(y[0, 0], by_cases(0.1, expected[0]))
    np.testing.assert_allclose(y[1, 0], by_cases(-9.0, expected[0]))
    assert not y[:, 1].any()
    # As many numbers in each bin: the mean of the places falls from bin to bin.
    assert layer(data)[:, 0].mean(0).tolist() == pytest.approx(
        [7 / 8, 5 / 8, 3 / 8, 1 / 8], abs=0.1
    )


def test_a_frequent_value_is_one_edge_and_the_others_keep_their_bins():
    gains = np.random.default_rng(0).normal(size=500)
    gains[:300], gains[300:350] = 0.0, 7.0
    layer = layers.PiecewiseLinearEncoding(6, dtype="float64")
    layer.adapt(gains[:, None])
    others = np.quantile(gains[350:], np.linspace(0, 1, 5))  # 4 bins, and 2 values of their own
    expected = np.sort([0.0, 7.0, *others])
    np.testing.assert_allclose(layer.boundaries.numpy(), [expected], rtol=1e-12)


def test_few_different_values_are_the_edges():
    data = np.repeat([[3.0, 1.0], [5.0, 1.0], [4.0, 2.0]], [90, 1, 2], axis=0)
    layer = layers.PiecewiseLinearEncoding(4, dtype="float64")
    layer.adapt(data)
    assert layer.boundaries.tolist() == [[3, 4, 5, 5, 5], [1, 2, 2, 2, 2]]
    assert layer(np.array([[4.5, 3.0]])).tolist() == [[[1, 0.5, 0, 0], [2, 0, 0, 0]]]


@given(
    column=st.lists(st.integers(0, 12), min_size=1, max_size=60),
    weights=st.lists(st.integers(1, 40), min_size=13, max_size=13),
    bins=st.integers(1, 12),
)
def test_edges_are_of_the_data_and_no_bin_is_left_unused(column, weights, bins):
    values = np.repeat(column, np.array(weights)[column])
    layer = layers.PiecewiseLinearEncoding(bins, dtype="float64")
    layer.adapt(values[:, None])
    (edges,) = layer.boundaries.numpy()
    assert len(edges) == bins + 1
    assert (edges[0], edges[-1]) == (values.min(), values.max())
    different = np.unique(values)
    if len(different) <= bins + 1:
        np.testing.assert_array_equal(np.unique(edges), different)
    else:
        # No value that fills a bin alone lies inside of one.
        frequent = different[np.unique(values, return_counts=True)[1] * bins > len(values)]
        assert np.isin(frequent, edges).all()


def test_adapt_takes_arrays_frames_and_batches_alike():
    data = np.random.default_rng(0).normal(size=(30, 2)).round(1)
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(data), torch.zeros(30))
    loader = torch.utils.data.DataLoader(pairs, batch_size=7)
    expected = np.quantile(data, [0, 0.5, 1], axis=0).T
    for source in (
        data,
        data.reshape(5, 6, 2),
        torch.from_numpy(data),
        pd.DataFrame(data, columns=["a", "b"]),
        data.tolist(),
        (batch for batch in np.split(data, 3)),
        loader,
    ):
        layer = layers.PiecewiseLinearEncoding(2, dtype="float64")
        layer.adapt(source)
        np.testing.assert_allclose(layer.boundaries.numpy(), expected, rtol=1e-12)
    layer.adapt(data + 1)  # what came before is forgotten
    np.testing.assert_allclose(layer.boundaries.numpy(), expected + 1, rtol=1e-12)


@BOTH
def test_what_adapt_found_is_saved_with_the_weights(make, tmp_path):
    data = np.random.default_rng(0).normal(size=(50, 2))
    model = profond.Sequential([profond.Input((2,)), make(3), layers.Flatten(), layers.Dense(1)])
    model.layers[0].adapt(data)
    expected = model(data)
    clone = profond.models.clone_model(model)
    clone.set_weights(model.get_weights())
    described = profond.models.model_from_json(model.to_json())
    model.save_weights(tmp_path / "w.safetensors")
    described.load_weights(tmp_path / "w.safetensors")
    model.save(tmp_path / "model.keras")
    whole = profond.models.load_model(tmp_path / "model.keras")
    for other in (clone, described, whole):
        torch.testing.assert_close(other(data), expected)
    assert "boundaries" not in [w.name for w in model.trainable_weights]


@BOTH
def test_without_edges_nothing_is_computed_but_shapes_are_known(make):
    layer = make(3, name="n")
    assert layer(profond.Input((2,))).shape[:2] == (None, 2)
    with pytest.raises(ValueError, match=r"the layer 'n' has no bins yet: call `adapt\(data\)`"):
        layer(torch.ones(1, 2))
    layer.adapt(np.arange(8.0).reshape(4, 2))
    assert bool(torch.isfinite(layer(torch.ones(1, 2))).all())


def test_edges_from_a_file_are_looked_at_once(monkeypatch):
    looked = []
    check = Binned._check_known

    def noting(self, edges):
        looked.append(edges)
        check(self, edges)

    monkeypatch.setattr(Binned, "_check_known", noting)
    layer = layers.PiecewiseLinearEncoding(2)
    layer.build((None, 1))
    layer.set_weights([np.array([[0.0, 1.0, 2.0]])])
    for _ in range(3):
        assert layer(torch.tensor([[1.5]])).tolist() == [[[1.0, 0.5]]]
    assert len(looked) == 1


def test_an_embedding_is_the_encoding_and_a_dense_layer_per_feature():
    data = np.random.default_rng(0).normal(size=(50, 2, 3))
    embedding = layers.PiecewiseLinearEmbedding(4, 5, dtype="float64")
    embedding.adapt(data)
    encoding = layers.PiecewiseLinearEncoding(5, dtype="float64")
    encoding.adapt(data)
    dense = layers.PerFeatureDense(4, "relu", dtype="float64")
    dense.build((None, None, 3, 5))
    dense.set_weights([embedding.kernel, embedding.bias])
    torch.testing.assert_close(embedding(data), dense(encoding(data)))
    limit = 5**-0.5
    for weight in (embedding.kernel, embedding.bias):
        assert limit / 2 < weight.abs().max().item() <= limit
    assert embedding.activation is profond.activations.relu


def test_an_embedding_is_linear_between_edges():
    layer = layers.PiecewiseLinearEmbedding(
        2, activation=None, bin_boundaries=[-1, 0, 2], dtype="float64"
    )
    x = torch.tensor([[-3.0], [-2.0], [-1.0], [0.0], [1.0], [2.0], [3.0], [4.0]])
    steps = layer(x)[:, 0].diff(dim=0)
    kernel = layer.kernel[0].detach()
    torch.testing.assert_close(steps[:3], kernel[0].expand(3, -1))
    torch.testing.assert_close(steps[3:], (kernel[1] / 2).expand(4, -1))


def test_gradients_are_those_of_finite_differences():
    x = torch.tensor([[-2.0, 0.3], [0.4, 1.7]], dtype=torch.float64, requires_grad=True)
    encoding = layers.PiecewiseLinearEncoding(bin_boundaries=[-1, 0, 1.5], dtype="float64")
    assert torch.autograd.gradcheck(encoding, x)
    layer = layers.PiecewiseLinearEmbedding(
        3, activation="tanh", bin_boundaries=[-1, 0, 1.5], dtype="float64"
    )
    layer(x)
    learned = [w.detach().clone().requires_grad_() for w in layer.trainable_weights]

    def function(x, *values):
        weights = dict(zip(["kernel", "bias"], values, strict=True))
        return torch.func.functional_call(layer, weights, (x,))

    assert torch.autograd.gradcheck(function, (x, *learned))


def test_half_precision_does_not_lose_the_place_in_the_bin():
    edges = [1000.0, 1001.0, 1002.0]
    layer = layers.PiecewiseLinearEncoding(bin_boundaries=edges, dtype="mixed_bfloat16")
    y = layer(np.array([[1000.25], [1001.5]]))  # 1000 and 1000 in bfloat16
    assert y.dtype is torch.bfloat16
    assert y.tolist() == [[[0.25, 0.0]], [[1.0, 0.5]]]


def test_not_a_number_stays_one():
    y = layers.PiecewiseLinearEncoding(bin_boundaries=[0, 1, 2])(np.array([[np.nan, 0.5]]))
    assert bool(y[0, 0].isnan().all())
    assert y[0, 1].tolist() == [0.5, 0.0]


def test_the_description_holds_the_edges_that_were_given():
    layer = layers.PiecewiseLinearEncoding(bin_boundaries=np.array([0.0, 1.0]))
    assert layer.get_config()["bin_boundaries"] == [[0.0, 1.0]]
    again = layers.PiecewiseLinearEncoding.from_config(layer.get_config())
    assert again(np.array([[0.5]])).item() == 0.5
    adapted = layers.PiecewiseLinearEmbedding(2, 3)
    adapted.adapt(np.arange(5.0)[:, None])
    assert adapted.get_config()["bin_boundaries"] is None
    assert adapted.get_config()["num_bins"] == 3


def test_edges_are_given_as_tuples_tensors_and_lists_of_different_lengths():
    for edges in ((0, 1, 3), torch.tensor([0.0, 1.0, 3.0]), [[0, 1, 3]], [np.array([0, 1, 3])]):
        layer = layers.PiecewiseLinearEncoding(bin_boundaries=edges)
        assert layer(np.array([[2.0]])).tolist() == [[[1.0, 0.5]]]
    ragged = layers.PiecewiseLinearEncoding(bin_boundaries=[[0, 1, 3], [0, 4]])
    assert ragged(np.array([[2, 8]])).tolist() == [[[1.0, 0.5], [2.0, 0.0]]]


@BOTH
@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda make: make(), "give `num_bins` or `bin_boundaries`, and not both; .*=None, .*None"),
        (lambda make: make(3, bin_boundaries=[0, 1]), r"not both; .*num_bins=3, .*=\[0, 1\]"),
        (lambda make: make(0), "`num_bins` must be a positive integer; received num_bins=0"),
        *(
            (
                lambda make, wrong=wrong: make(bin_boundaries=wrong),
                "`bin_boundaries` must be two or more finite numbers in increasing order",
            )
            for wrong in (
                [1, 0], [0], [], [[0, 1], [1]], [0, float("nan")], "ab", 3, [[[0, 1]]], [None, 1]
            )
        ),
        (
            lambda make: make(bin_boundaries=[[0, 1], [0, 2]], name="n")(torch.ones(1, 3)),
            "`bin_boundaries` of the layer 'n' must be one list of edges, or one for each of the "
            "3 features; received 2",
        ),
        (
            lambda make: make(bin_boundaries=[0, 1], name="n").adapt(np.ones((3, 1))),
            "the layer 'n' was made with `bin_boundaries`; make it with `num_bins`",
        ),
        (lambda make: make(3).adapt([]), "`data` must hold at least one sample; received none"),
        (lambda make: make(3).adapt(np.ones((0, 2))), "`data` must hold at least one sample"),
        (
            lambda make: make(3, name="n").adapt(np.ones(3)),
            r"'n' must have the axes \(samples, ..., features\); received the shape \(3,\)",
        ),
        (
            lambda make: make(3, name="n").adapt([np.ones((2, 3)), np.ones((2, 4))]),
            r"\(samples, ..., features, 3\); received the shape \(2, 4\)",
        ),
        (
            lambda make: make(3).adapt(np.array([[1.0, np.nan], [np.inf, 2.0], [1, 1]])),
            r"`data` must be finite; received NaN or infinite values in the features \[0, 1\]",
        ),
        (lambda make: make(3, name="n")(profond.Input((None,))), "'n' needs the size of axis 1"),
    ],
)  # fmt: skip
def test_wrong_arguments_and_data(make, call, message):
    with pytest.raises(ValueError, match=message):
        call(make)


@pytest.mark.wrong_types
def test_wrong_units():
    with pytest.raises(ValueError, match="`units` must be a positive integer; received units=0"):
        layers.PiecewiseLinearEmbedding(0, 3)
