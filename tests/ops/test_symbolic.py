"""Every function on symbolic tensors: Keras's shapes and types, and a node that computes."""

import numpy as np
import pytest
import torch

from profond import ops
from profond._symbolic import KerasTensor
from profond._tree import flatten, map_structure

keras = pytest.importorskip("keras")

X = (None, 6)  # a batch of rows
SQUARE = (None, 3, 3)
ONES = np.ones(6, dtype="float32")

# name, shapes of the symbolic arguments, other arguments, keywords
CALLS = [
    *[(name, [X], (), {}) for name in (
        "abs", "negative", "square", "exp", "log", "sin", "tanh", "erf", "floor", "round",
        "isnan", "logical_not", "relu", "sigmoid", "softmax", "gelu", "softplus", "log_softmax",
        "silu", "selu", "sum", "mean", "max", "argmax", "all", "std", "var", "logsumexp", "median",
        "zeros_like", "ones_like", "sort", "argsort", "stop_gradient", "norm", "normalize",
        "copy", "count_nonzero", "convert_to_tensor", "nan_to_num", "elu", "sparsemax", "glu",
    )],
    *[(name, [X, X], (), {}) for name in (
        "add", "subtract", "multiply", "divide", "maximum", "power", "mod", "floor_divide",
        "equal", "greater", "logical_and", "logaddexp", "arctan2", "isclose",
        "binary_crossentropy", "categorical_crossentropy",
    )],
    *[(name, [X], (2.5,), {}) for name in ("add", "divide", "maximum", "less", "power")],
    *[(name, [X], (ONES,), {}) for name in ("add", "multiply", "minimum", "dot")],
    *[(name, [X], (), {"axis": 1}) for name in ("sum", "min", "argmin", "cumsum", "prod", "flip")],
    ("mean", [X], (), {"axis": -1, "keepdims": True}),
    ("quantile", [X], (0.3,), {"axis": 1}),
    ("average", [X], (), {"axis": 1, "weights": ONES}),
    ("nanargmax", [X], (), {"axis": 1}),
    ("nancumsum", [X], (), {"axis": 1}),
    ("unique", [X], (), {}),
    ("unique", [X], (), {"axis": 0, "return_index": True, "return_counts": True}),
    ("unique", [X], (), {"size": 4, "return_inverse": True}),
    ("cast", [X], ("int32",), {}),
    ("clip", [X], (0.0, 1.0), {}),
    ("reshape", [X], ((-1, 2, 3),), {}),
    ("reshape", [X], ((-1, 3),), {}),
    ("ravel", [X], (), {}),
    ("transpose", [X], (), {}),
    ("transpose", [SQUARE], ((0, 2, 1),), {}),
    ("swapaxes", [SQUARE], (1, 2), {}),
    ("moveaxis", [SQUARE], (1, 2), {}),
    ("expand_dims", [X], (1,), {}),
    ("squeeze", [(None, 1)], (1,), {}),
    ("concatenate", [[X, X]], (), {"axis": 1}),
    ("concatenate", [[X, (None, 2)]], (), {"axis": -1}),
    ("concatenate", [[X, X]], (), {"axis": 0}),
    ("stack", [[X, X]], (), {"axis": 1}),
    ("hstack", [[X, X]], (), {}),
    ("split", [X], (3,), {"axis": 1}),
    ("split", [X], ([1, 4],), {"axis": 1}),
    ("unstack", [X], (), {"axis": 1}),
    ("repeat", [X], (2,), {"axis": 1}),
    ("repeat", [X], (2,), {"axis": 0}),
    ("tile", [X], ((1, 2),), {}),
    ("pad", [X], (((0, 0), (1, 2)),), {}),
    ("pad", [X], (((0, 0), (1, 2)),), {"mode": "reflect"}),
    ("roll", [X], (1,), {"axis": 1}),
    ("take", [X], ([0, -1],), {"axis": 1}),
    ("take", [X], ([0, 1, 1],), {"axis": 1}),
    ("where", [X, X, X], (), {}),
    ("top_k", [X], (2,), {}),
    ("one_hot", [(None,)], (4,), {}),
    ("multi_hot", [X], (8,), {}),
    ("diff", [X], (), {}),
    ("tril", [SQUARE], (), {}),
    ("diagonal", [SQUARE], (), {"axis1": 1, "axis2": 2}),
    ("matmul", [X, (6, 2)], (), {}),
    ("matmul", [SQUARE, SQUARE], (), {}),
    ("tensordot", [X, (6, 2)], (1,), {}),
    ("einsum", ["bij,bjk->bik", SQUARE, SQUARE], (), {}),
    ("inv", [SQUARE], (), {}),
    ("cholesky", [SQUARE], (), {}),
    ("solve", [SQUARE, SQUARE], (), {}),
    ("qr", [SQUARE], (), {}),
    ("svd", [SQUARE], (), {}),
    ("trace", [SQUARE], (), {"axis1": 1, "axis2": 2}),
    ("moments", [X], (), {"axes": 1}),
    ("layer_normalization", [X], (), {}),
    ("batch_normalization", [X], (ONES, ONES), {"axis": 1}),
    ("slice", [X], ((0, 1), (1, 3)), {}),
    ("in_top_k", [(None,), X], (2,), {}),
    ("sparse_categorical_crossentropy", [(None,), X], (), {}),
    ("segment_sum", [(4, 2), (4,)], (3,), {}),
    ("scatter_update", [(4, 2)], ([[1, 0]], [2.0]), {}),
    ("linspace", [(), ()], (5,), {}),
]  # fmt: skip
# Keras gives another type or shape than it computes.
OTHER_TYPE = {"argsort", "multi_hot", "convert_to_tensor", "linspace"}
OTHER_TYPE |= {"sparse_categorical_crossentropy"}
INTEGERS = {("one_hot", 0), ("multi_hot", 0), ("in_top_k", 0), ("segment_sum", 1),
            ("sparse_categorical_crossentropy", 0)}  # fmt: skip


def symbolic(make, name, shapes):
    """Symbolic tensors of the given shapes, nested alike."""

    def leaf(position, shape):
        if isinstance(shape, str):
            return shape
        dtype = "int32" if (name, position) in INTEGERS else "float32"
        if isinstance(shape, list):
            return [make(s, dtype) for s in shape]
        return make(shape, dtype)

    return [leaf(i, shape) for i, shape in enumerate(shapes)]


@pytest.mark.parametrize(
    ("name", "shapes", "arguments", "keywords"),
    CALLS,
    ids=[f"{i}-{c[0]}" for i, c in enumerate(CALLS)],
)
def test_shapes_of_keras_and_a_node_that_computes(name, shapes, arguments, keywords):
    inputs = symbolic(lambda s, d: KerasTensor(s, d), name, shapes)
    ours = getattr(ops, name)(*inputs, *arguments, **keywords)
    assert all(isinstance(t, KerasTensor) for t in flatten(ours))
    theirs = getattr(keras.ops, name)(
        *symbolic(lambda s, d: keras.KerasTensor(s, d), name, shapes), *arguments, **keywords
    )
    for a, b in zip(flatten(ours), flatten(theirs), strict=True):
        assert a.shape == tuple(b.shape)
        if name not in OTHER_TYPE:
            assert a.dtype == b.dtype

    def value(t):
        if not isinstance(t, KerasTensor):
            return t
        sizes = [4 if n is None else n for n in t.shape]
        if t.dtype == "int32":
            return torch.arange(int(np.prod(sizes)), dtype=torch.int32).reshape(sizes) % 4
        x = torch.rand(sizes, generator=torch.Generator().manual_seed(len(sizes)))
        return x @ x.mT + torch.eye(3) if sizes[1:] == [3, 3] else x

    node = flatten(ours)[0].node
    assert node is not None
    numbers = map_structure(value, list(inputs))
    computed = node.operation(*numbers, *arguments, **keywords)
    direct = getattr(ops, name)(*numbers, *arguments, **keywords)
    for a, b, spec in zip(flatten(computed), flatten(direct), flatten(ours), strict=True):
        torch.testing.assert_close(a, b)
        assert ops.dtype(a) == spec.dtype
        for n, expected in zip(a.shape, spec.shape, strict=True):
            assert expected in (None, n)


def test_operators():
    x, y = KerasTensor((None, 6)), KerasTensor((None, 6))
    for result in (x + y, x - 1, 2 * x, x / y, 1 / x, x // 2, x % 2, x**2, 2**x, -x, abs(x)):
        assert (result.shape, result.dtype) == ((None, 6), "float32")
    for result in (x == x, x != y, x < y, x <= 1, x > y, x >= 0, (x > 0) & (y > 0), ~(x > 0)):
        if isinstance(result, KerasTensor):
            assert (result.shape, result.dtype) == ((None, 6), "bool")
    assert (x @ np.ones((6, 2), dtype="float32")).shape == (None, 2)
    assert x[:, 1:3].shape == (None, 2)
    assert x[:, 0].shape == (None,)
    assert x[..., None].shape == (None, 6, 1)
    assert (np.ones(6, dtype="float32") + x).shape == (None, 6)


def test_sizes_of_symbolic_tensors():
    x = KerasTensor((None, 6))
    assert ops.shape(x) == (None, 6)
    assert ops.ndim(x) == 2
    assert ops.size(x) is None
    assert ops.dtype(x) == "float32"
    assert not ops.is_tensor(x)
    assert ops.reshape(x, (ops.shape(x)[0], 2, 3)).shape == (None, 2, 3)
