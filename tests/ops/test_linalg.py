"""Products, norms, decompositions: values and gradients of Keras or numpy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import (  # noqa: E402
    arrays,
    assert_same,
    compare,
    compare_gradients,
    gradients,
    with_axis,
)

SIDES = st.integers(1, 4)


def matrices(*shape, seed=0):
    """Well-conditioned matrices where they are square."""
    x = np.random.default_rng(seed).normal(size=shape)
    return x + 3 * np.eye(*shape[-2:]) if len(shape) > 1 else x


@given(m=SIDES, k=SIDES, n=SIDES, batch=st.sampled_from([(), (2,), (3, 1)]))
def test_matrix_products(m, k, n, batch):
    a, b = matrices(*batch, m, k), matrices(k, n, seed=1)
    compare_gradients("matmul", a, b)
    compare_gradients("matmul", a, b[:, 0])
    compare_gradients("outer", a, b)
    compare_gradients("tensordot", a, b, axes=1)
    compare_gradients("tensordot", a, b, axes=(-1, 0))
    compare_gradients("tensordot", a, a, axes=([-1, -2], [-1, -2]))
    compare_gradients("inner", a[..., 0, :], matrices(k, seed=2))
    compare_gradients("vdot", a.reshape(-1), a.reshape(-1) + 1)
    compare_gradients("kron", a, b)
    for x1, x2 in ((a, b), (a, b[:, 0]), (2.0, b), (a, matrices(2, k, n))):
        np.testing.assert_allclose(ops.dot(x1, x2), np.dot(x1, x2), rtol=1e-10)


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]),
        ("...i,i->...", [(2, 3, 4), (4,)]),
        ("ii->i", [(3, 3)]),
        ("i,j,k->ijk", [(2,), (3,), (2,)]),
    ],
)
def test_einsum(subscripts, shapes):
    operands = [np.random.default_rng(i).normal(size=shape) for i, shape in enumerate(shapes)]
    np.testing.assert_allclose(ops.einsum(subscripts, *operands), np.einsum(subscripts, *operands))
    ours = gradients(lambda *xs: ops.einsum(subscripts, *xs), operands)
    theirs = gradients(lambda *xs: keras.ops.einsum(subscripts, *xs), operands)
    assert_same(ours, theirs)


@pytest.mark.parametrize("name", ["matmul", "dot", "inner", "tensordot", "vdot"])
def test_types_of_products(name):
    options = {"axes": 1} if name == "tensordot" else {}
    for first, second, expected in [
        ("int8", "int8", "int32"),
        ("int32", "int32", "int32"),
        ("int64", "int32", "int64"),
        ("int32", "float32", "float32"),
        ("float16", "float16", "float16"),
        ("bfloat16", "float16", "float32"),
        ("float32", "float64", "float64"),
        ("bool", "bool", "bool"),
    ]:
        x1 = torch.ones(2).to(getattr(torch, first))
        x2 = torch.ones(2).to(getattr(torch, second))
        result = getattr(ops, name)(x1, x2, **options)
        assert ops.dtype(result) == expected, (first, second)
    many = torch.full((200,), 100, dtype=torch.int8)
    assert int(ops.matmul(many, many)) == 2_000_000


@given(a=arrays(shape=(2, 3)), b=arrays(shape=(3,)), axis=st.sampled_from([-1, 1]))
def test_cross_products(a, b, axis):
    np.testing.assert_allclose(ops.cross(a, b), np.cross(a, b), atol=1e-10)
    np.testing.assert_allclose(
        ops.cross(a, a[::-1], axis=axis), np.cross(a, a[::-1], axis=axis), atol=1e-10
    )
    np.testing.assert_allclose(ops.cross(a.T, b, axisa=0), np.cross(a.T, b, axisa=0), atol=1e-10)
    np.testing.assert_allclose(
        ops.cross(b, a.T, axisb=0, axisc=0), np.cross(b, a.T, axisb=0, axisc=0), atol=1e-10
    )


def test_cross_products_in_the_plane():
    assert ops.cross([1.0, 2.0], [3.0, 5.0]) == -1.0
    assert ops.cross([1.0, 2.0], [3.0, 5.0, 1.0]).tolist() == [2.0, -1.0, -1.0]
    with pytest.raises(ValueError, match="must have 2 or 3 components; received 4 and 4"):
        ops.cross(np.ones(4), np.ones(4))


@given(case=with_axis(min_side=2), keepdims=st.booleans(), data=st.data())
def test_norms_of_vectors(case, keepdims, data):
    shape, axis = case
    x = data.draw(arrays(shape, low=0.5, high=2.0))
    if axis is None:
        np.testing.assert_allclose(ops.norm(x), np.linalg.norm(x))
        return
    if isinstance(axis, int) or len(axis) == 1:
        axis = axis if isinstance(axis, int) else axis[0]
        for order in (None, 1, 2, 3, np.inf, -np.inf):
            ours = ops.norm(x, ord=order, axis=axis, keepdims=keepdims)
            theirs = np.linalg.norm(x, ord=order, axis=axis, keepdims=keepdims)
            np.testing.assert_allclose(ours, theirs)
        compare_gradients("norm", x, axis=axis, keepdims=keepdims)
    elif len(axis) == 2:
        for order in (None, "fro", "nuc", 1, 2, np.inf):
            ours = ops.norm(x, ord=order, axis=axis, keepdims=keepdims)
            theirs = np.linalg.norm(x, ord=order, axis=axis, keepdims=keepdims)
            np.testing.assert_allclose(ours, theirs)


def test_norm_takes_a_list_of_axes_and_integers():
    x = np.arange(12).reshape(3, 4)
    assert float(ops.norm(x, axis=[0, 1])) == pytest.approx(np.linalg.norm(x))


@given(n=SIDES, batch=st.sampled_from([(), (2,)]), seed=st.integers(0, 9))
def test_square_matrices(n, batch, seed):
    x = matrices(*batch, n, n, seed=seed)
    positive = x @ x.swapaxes(-1, -2) + np.eye(n)
    x, positive = torch.tensor(x), torch.tensor(positive)
    for name in ("det", "inv", "pinv"):
        compare(name, x, rtol=1e-7)
    for name in ("cholesky", "logdet", "slogdet", "eigh"):
        compare(name, positive, rtol=1e-6, atol=1e-9)
    compare("cholesky", positive, upper=True)
    factor = torch.linalg.cholesky(positive)
    compare("cholesky_inverse", factor)
    compare("cholesky_inverse", factor.mT, upper=True)
    compare("lu_factor", x)
    right = torch.tensor(matrices(*batch, n, 2, seed=5))
    compare("solve", x, right)
    compare("solve", x, right[..., 0])
    compare("solve_triangular", factor, right, lower=True)
    compare("solve_triangular", factor.mT, right[..., 0])
    values, vectors = ops.eig(x)
    torch.testing.assert_close(x.to(vectors.dtype) @ vectors, vectors * values.unsqueeze(-2))
    np.testing.assert_allclose(
        ops.trace(x, axis1=-2, axis2=-1), np.trace(x.numpy(), axis1=-2, axis2=-1)
    )


@given(m=SIDES, n=SIDES, batch=st.sampled_from([(), (2,)]))
def test_rectangular_matrices(m, n, batch):
    x = torch.tensor(matrices(*batch, m, n))
    compare("svd", x)
    compare("svd", x, full_matrices=False)
    compare("svd", x, compute_uv=False)
    compare("qr", x)
    compare("qr", x, mode="complete")
    compare("matrix_rank", x)
    right = torch.tensor(matrices(*batch, m, 2, seed=3))
    expected = np.linalg.pinv(x.numpy()) @ right.numpy()
    np.testing.assert_allclose(ops.lstsq(x, right), expected, atol=1e-9)
    np.testing.assert_allclose(ops.lstsq(x, right[..., 0]), expected[..., 0], atol=1e-9)


def test_singular_matrices_and_their_bounds():
    x = np.array([[1.0, 0.0], [0.0, 1e-4]])
    assert ops.matrix_rank(x) == 2
    assert ops.matrix_rank(x, tol=1e-3) == 1
    assert float(ops.pinv(x, rcond=1e-3)[1, 1]) == 0.0
    assert float(ops.pinv(x)[1, 1]) == pytest.approx(1e4)
    assert float(ops.lstsq(x, [1.0, 1.0], rcond=1e-3)[1]) == 0.0
    with pytest.raises(ValueError, match="Unknown mode of qr: 'full'.*Available: complete, red"):
        ops.qr(x, mode="full")


@given(a=arrays(shape=(2, 3, 2)), b=arrays(shape=(4, 2)))
def test_distances(a, b):
    np.testing.assert_allclose(
        ops.cdist(a, b), np.linalg.norm(a[:, :, None] - b[None, None], axis=-1), atol=1e-9
    )


def test_distances_need_rows_of_one_size():
    with pytest.raises(ValueError, match=r"must be matrices with as many columns.*\(2, 3\)"):
        ops.cdist(np.ones((2, 3)), np.ones((2, 2)))
