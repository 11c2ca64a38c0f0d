"""Wrong arguments and wrong inputs: what is required, and what was received."""

import numpy as np
import pytest
import torch

import profond
from profond import layers


def x(*shape):
    return torch.ones(shape)


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Dense(0), "`units` must be a positive integer; received units=0"),
        (lambda: layers.Dense(2.5), r"`units` must be a positive integer; received units=2\.5"),
        (lambda: layers.Dense(True), "`units` must be a positive integer; received units=True"),
        (lambda: layers.Dense(3, activation="rellu"), "Unknown activation.*Did you mean 'relu'"),
        (lambda: layers.Activation("sofmax"), "Unknown activation.*Did you mean 'softmax'"),
        (lambda: layers.ReLU(-1), "`max_value` must be a number >= 0; received max_value=-1"),
        (lambda: layers.ReLU(threshold=None), "`threshold` must be a number >= 0; .*None"),
        (lambda: layers.LeakyReLU(-0.1), r"`negative_slope` must be .* negative_slope=-0\.1"),
        (lambda: layers.LeakyReLU(alpha=-1), "`negative_slope` must be a number >= 0; .*-1"),
        (lambda: layers.ELU("a"), "`alpha` must be a number; received alpha='a'"),
        (lambda: layers.PReLU(shared_axes=[0]), r"`shared_axes` must be axes from 1 on.*\[0\]"),
        (lambda: layers.PReLU(shared_axes=1.5), r"`shared_axes` must be an integer or.*1\.5"),
        (lambda: layers.Flatten("channels_first"), "`data_format` must be None or.*moveaxis"),
        (lambda: layers.Reshape(5), "`target_shape` must be a tuple of integers; received 5"),
        (lambda: layers.Reshape("ab"), "`target_shape` must be a tuple of integers; .*'ab'"),
        (lambda: layers.Reshape((2, -3)), r"`target_shape` must hold integers >= 0.*\(2, -3\)"),
        (lambda: layers.Reshape((-1, None)), r"at most one size of -1 .*\(-1, None\)"),
        (lambda: layers.Permute((1, 3)), r"`dims` must hold the axes 1, 2.*\(1, 3\)"),
        (lambda: layers.Permute((0, 1)), r"`dims` must hold the axes 1, 2.*\(0, 1\)"),
        (lambda: layers.Permute(1), "`dims` must hold the axes 1, 2.*received 1"),
        (lambda: layers.RepeatVector(0), "`n` must be a positive integer; received n=0"),
        (lambda: layers.Embedding(0, 3), "`input_dim` must be a positive integer; .*=0"),
        (lambda: layers.Embedding(3, -1), "`output_dim` must be a positive integer; .*=-1"),
        (lambda: layers.Embedding(3, 2, lora_rank=4), "`lora_rank` must be None.*received 4"),
        (
            lambda: layers.Embedding(3, 2, weights=[np.ones((2, 2))]),
            r"embeddings' has the shape \(3, 2\); received \(2, 2\)",
        ),
        (lambda: layers.Concatenate("last"), "`axis` must be an integer; received 'last'"),
        (lambda: layers.Dot(1.5), r"`axes` must be an integer, or two of them.*1\.5"),
        (lambda: layers.Dot((1, 2, 3)), r"`axes` must be an integer, or two.*\(1, 2, 3\)"),
        (lambda: layers.CategoryEncoding(), "`num_tokens` must be a positive integer; .*None"),
        (
            lambda: layers.CategoryEncoding(3, output_mode="hot"),
            "`output_mode` must be one of 'multi_hot', 'one_hot', 'count'; received 'hot'",
        ),
        (lambda: layers.CategoryEncoding(3, sparse=True), "`sparse` must be False"),
        (lambda: layers.Discretization([1], sparse=True), "`sparse` must be False"),
        (lambda: layers.Discretization(), "give `bin_boundaries` or `num_bins`, and not both"),
        (lambda: layers.Discretization([1.0], 3), r"not both; received .*\[1\.0\], num_bins=3"),
        (lambda: layers.Discretization([2, 1]), r"`bin_boundaries` must increase; .*\[2, 1\]"),
        (lambda: layers.Discretization(num_bins=-1), "`num_bins` must be a positive integer"),
        (
            lambda: layers.Discretization(num_bins=3, epsilon=1.0),
            r"`epsilon` must be in \]0, 1\[; received epsilon=1\.0",
        ),
        (
            lambda: layers.Discretization([1.0], output_mode="hot"),
            "`output_mode` must be one of 'int', .* received 'hot'",
        ),
        (lambda: layers.EinsumDense("ab,bc,ac", 3), "`equation` must have the form 'ab,bc->ac'"),
        (lambda: layers.EinsumDense("ab,cd->ac", 3), "`equation` must have the form"),
        (lambda: layers.EinsumDense("...a,ab->b", 3), "`equation` must have the form"),
        (lambda: layers.EinsumDense("ab,bc->ac", 3, bias_axes="b"), "`bias_axes` must be letters"),
        (lambda: layers.GlobalAveragePooling1D("channels_first"), "`data_format` must be None"),
        (lambda: layers.GlobalMaxPooling1D("channels_first"), "`data_format` must be None"),
        (lambda: layers.Dense(2, trainable=3), "`trainable` must be True or False; received 3"),
        (lambda: layers.Dense(2, dtype="float31"), "Unknown dtype: 'float31'.*'float32'"),
        (lambda: layers.Input(), "`shape` is required, the shape of one sample"),
        (lambda: layers.Input((3,), batch_shape=(2, 3)), "give `shape` or `batch_shape`, not both"),
        (lambda: layers.Input((-3,)), r"`shape` must have sizes >= 0.*\(-3,\)"),
        (lambda: layers.Input("3"), "`shape` must be a tuple of sizes .* received '3'"),
        (lambda: layers.Input((3,), sparse=True), "sparse and ragged inputs are not supported"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: layers.Dense(2, unit=3),
            r"Dense got unknown keyword\(s\) 'unit' \(did you mean 'units'\?\)",
        ),
        (lambda: layers.Dropout(0.5, nme="a", sed=1), "'nme' .*'name'.*'sed' .*'seed'"),
        (lambda: layers.Dense(2, name=3), "`name` must be a string; received 3"),
        (lambda: layers.Dense(2, name="d")(x(2, 3), 4, 5), "the layer 'd' is called as d"),
    ],
)
def test_unknown_arguments(make, message):
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: layers.Dense(2, name="n")(x(4)),
            r"the input of the layer 'n' must have at least 2 axes; received shape \(4,\)",
        ),
        (
            lambda: layers.Dense(2, name="n")(profond.Input((None,))),
            r"the last axis of the input of the layer 'n' must have a known size; .*\(None, None\)",
        ),
        (
            lambda: [layer := layers.Dense(2, name="n"), layer(x(2, 3)), layer(x(2, 5))],
            r"the layer 'n' must have .*size 3 on axis -1; received shape \(2, 5\)",
        ),
        (
            lambda: layers.Reshape((3, 5), name="n")(x(2, 4)),
            r"target_shape=\(3, 5\) for the input shape \(2, 4\), 4 values per sample",
        ),
        (
            lambda: layers.Reshape((3, -1), name="n")(profond.Input((4,))),
            r"`target_shape` of the layer 'n' must hold as many values",
        ),
        (
            lambda: layers.Permute((2, 1), name="n")(x(2, 3)),
            r"the input of the layer 'n' must have 3 axes; received shape \(2, 3\)",
        ),
        (
            lambda: layers.RepeatVector(2, name="n")(x(2, 3, 4)),
            r"the input of the layer 'n' must have 2 axes; received shape \(2, 3, 4\)",
        ),
        (
            lambda: layers.SpatialDropout1D(0.5, name="n")(x(2, 3)),
            r"the input of the layer 'n' must have 3 axes; received shape \(2, 3\)",
        ),
        (
            lambda: layers.SpatialDropout2D(0.5, name="n")(x(2, 3)),
            r"the input of the layer 'n' must have 4 axes; received shape \(2, 3\)",
        ),
        (
            lambda: layers.GlobalMaxPooling1D(name="n")(x(2, 3)),
            r"the input of the layer 'n' must have 3 axes; received shape \(2, 3\)",
        ),
        (
            lambda: layers.PReLU(shared_axes=[2], name="n")(x(2, 3)),
            r"`shared_axes` of the layer 'n' must be below 2.*\[2\].*\(2, 3\)",
        ),
        (
            lambda: [layer := layers.PReLU(name="n"), layer(x(2, 3)), layer(x(2, 4))],
            r"the layer 'n' must have 2 axes, size 3 on axis 1; received shape \(2, 4\)",
        ),
        (
            lambda: layers.Embedding(3, 2, name="n")(np.array([[0, 5]])),
            r"the layer 'n' must be whole numbers from 0 to 2, since input_dim=3; received 5",
        ),
        (lambda: layers.Embedding(3, 2)(np.array([[-1]])), "from 0 to 2, .* received -1"),
        (
            lambda: layers.Add(name="n")(x(2, 3)),
            r"'n' \(Add\) must be called on a list of tensors; received one of shape \(2, 3\)",
        ),
        (
            lambda: layers.Add(name="n")([x(2, 3), x(2, 4)]),
            r"'n' \(Add\) must have shapes that broadcast.*received \(2, 3\), \(2, 4\)",
        ),
        (
            lambda: layers.Add(name="n")([profond.Input((3,)), profond.Input((4,))]),
            r"shapes that broadcast to one another; received \(None, 3\), \(None, 4\)",
        ),
        (
            lambda: [layer := layers.Add(), layer([x(2, 3)] * 2), layer([x(2, 3), x(2, 4)])],
            r"shapes that broadcast to one another; received \(2, 3\), \(2, 4\)",
        ),
        (
            lambda: [layer := layers.Add(name="n"), layer([x(2, 3)] * 2), layer(x(2, 3))],
            r"'n' \(Add\) must be called on a list of tensors; received one of shape \(2, 3\)",
        ),
        (
            lambda: layers.Maximum()([x(2, 3), x(5, 3)]),
            r"the same batch size; received \(2, 3\), \(5, 3\)",
        ),
        (
            lambda: layers.Subtract(name="n")([x(2, 3)] * 3),
            r"'n' \(Subtract\) must be called on a list of 2 tensors; received 3",
        ),
        (
            lambda: layers.Concatenate()([x(2, 3), x(2, 3, 4)]),
            r"the same number of axes, among them -1; received \(2, 3\), \(2, 3, 4\)",
        ),
        (
            lambda: layers.Concatenate(axis=1)([x(2, 3, 4), x(2, 3, 5)]),
            r"the same sizes but on axis 1; received \(2, 3, 4\), \(2, 3, 5\)",
        ),
        (
            lambda: layers.Dot(1)([x(2, 3), x(2, 4)]),
            r"the same size on the axes \(1, 1\); received \(2, 3\), \(2, 4\)",
        ),
        (
            lambda: layers.Dot(0)([x(2, 3), x(2, 3)]),
            r"the axes \(0, 0\), other than the batch's; received",
        ),
        (
            lambda: layers.Dot(2)([x(2, 3), x(2, 3)]),
            r"the axes \(2, 2\), other than the batch's; received",
        ),
        (
            lambda: layers.CategoryEncoding(3)(np.array([1]), count_weights=np.array([1.0])),
            "`count_weights` needs output_mode='count'; received output_mode='multi_hot'",
        ),
        (
            lambda: layers.Discretization(num_bins=3, name="n")(x(2)),
            r"the layer 'n' has no edges yet: call `adapt\(data\)` first",
        ),
        (
            lambda: layers.Discretization([1.0], name="n").adapt(x(2)),
            "the layer 'n' was made with `bin_boundaries`; make it with `num_bins`",
        ),
        (lambda: layers.Discretization(num_bins=3).adapt([]), "must hold at least one value"),
        (
            lambda: layers.EinsumDense("abc,cd->abd", (None, 2), name="n")(x(2, 3)),
            r"the input of the layer 'n' must have the axes of 'abc,cd->abd'; .*\(2, 3\)",
        ),
        (
            lambda: layers.EinsumDense("abc,cd->abd", 2, name="n")(x(2, 3, 4)),
            r"`output_shape` of the layer 'n' must have a size for each of the axes 'bd'",
        ),
        (
            lambda: layers.EinsumDense("abc,cd->abd", (5, 2), name="n")(x(2, 3, 4)),
            "the axis 'b' of 'abc,cd->abd' must have one size; .* received 3 .* and 5",
        ),
        (
            lambda: layers.Dense(2, name="n")("text"),
            "the inputs of the layer 'n' must be tensors; received 'text' of type str",
        ),
    ],
)
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_edges_are_quantiles_of_the_data(keras64):
    data = np.random.default_rng(0).normal(size=(5000, 2))
    ours = layers.Discretization(num_bins=4)
    ours.adapt(data)
    theirs = keras64.layers.Discretization(num_bins=4)
    # Keras asks whether the data are tensors of TensorFlow before it takes them.
    theirs.reset_state(), theirs.update_state(data), theirs.finalize_state()
    assert ours.bin_boundaries == pytest.approx(theirs.bin_boundaries, abs=1e-5)
    assert ours.bin_boundaries == pytest.approx(np.quantile(data, [0.25, 0.5, 0.75]), abs=0.05)
    in_parts = layers.Discretization(num_bins=4)
    in_parts.adapt(np.split(data, 10))
    assert in_parts.bin_boundaries == pytest.approx(ours.bin_boundaries, abs=0.1)
    in_parts.adapt(np.split(data, 10), steps=1)
    first = layers.Discretization(num_bins=4)
    first.adapt(data[:500])
    assert in_parts.bin_boundaries == first.bin_boundaries
    again = layers.Discretization.from_config(ours.get_config())
    assert again.bin_boundaries == ours.bin_boundaries
    assert again.num_bins == 4
    np.testing.assert_array_equal(again(data), ours(data))


def test_old_names_still_work():
    assert layers.LeakyReLU(alpha=0.2).get_config()["negative_slope"] == 0.2
    assert "alpha" not in layers.LeakyReLU(alpha=0.2).get_config()
    assert layers.Embedding(3, 2, input_length=4)(np.ones((2, 4))).shape == (2, 4, 2)
    assert layers.GlobalAvgPool1D is layers.GlobalAveragePooling1D
    assert layers.GlobalMaxPool1D is layers.GlobalMaxPooling1D


def test_a_table_of_vectors_is_given():
    table = np.arange(6.0).reshape(3, 2)
    for weights in (table, [table]):
        layer = layers.Embedding(3, 2, weights=weights)
        assert layer(np.array([2])).tolist() == [[4.0, 5.0]]
        assert "weights" not in layer.get_config()
    later = layers.Embedding(3, 2, trainable=False, weights=table)
    assert later.trainable_weights == []


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "average", "maximum", "minimum"])
def test_functions_for_merging(name):
    a, b = torch.randn(2, 3), torch.randn(2, 3)
    function, layer = getattr(layers, name), getattr(layers, name.capitalize())
    assert torch.equal(function([a, b]), layer()([a, b]))
    symbolic = function([profond.Input((3,)), profond.Input((3,))], name="m")
    assert symbolic.shape == (None, 3)
    assert symbolic.node.operation.name == "m"


def test_functions_for_merging_with_an_axis():
    a, b = torch.randn(2, 3), torch.randn(2, 3)
    assert torch.equal(layers.concatenate([a, b]), torch.cat([a, b], -1))
    assert torch.equal(layers.concatenate([a, b], axis=0), torch.cat([a, b], 0))
    torch.testing.assert_close(layers.dot([a, b]), (a * b).sum(1, keepdim=True))
    cosine = layers.dot([a, b], axes=1, normalize=True)
    torch.testing.assert_close(cosine[:, 0], torch.cosine_similarity(a, b))


def test_whole_numbers_go_into_layers_of_floats():
    numbers = np.array([[1, 2, 3]])
    for layer in (
        layers.Dense(2),
        layers.EinsumDense("ab,bc->ac", 2),
        layers.BatchNormalization(),
        layers.LayerNormalization(),
        layers.RMSNormalization(),
        layers.UnitNormalization(),
        layers.Rescaling(0.5),
        layers.PReLU(),
        layers.Softmax(),
        layers.ELU(),
        layers.LeakyReLU(),
    ):
        y = layer(numbers)
        assert y.dtype is torch.float32
        torch.testing.assert_close(y, layer(numbers.astype("float32")))
    assert layers.Flatten()(numbers).dtype is torch.int64
    assert layers.ReLU()(numbers).dtype is torch.int64


def test_lists_of_numbers_are_arrays():
    layer = layers.Dense(2)
    y = layer([[1.0, 2.0, 3.0]])
    torch.testing.assert_close(y, layer(np.array([[1.0, 2.0, 3.0]])))


def test_two_inputs_are_one_argument():
    a, b = layers.Input((2,), name="a"), layers.Input((3,), name="b")
    model = profond.Model([a, b], layers.concatenate([a, b]), name="joined")
    with pytest.raises(
        TypeError,
        match=r"`training` must be True or False; the layer 'joined' received a tensor of the "
        r"shape \(4, 3\). Several inputs are one argument: a list or a dict of them",
    ):
        model(torch.ones(4, 2), torch.ones(4, 3))
