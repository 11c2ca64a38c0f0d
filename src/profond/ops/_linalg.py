"""Products of vectors and matrices, norms, decompositions, systems of equations.

Matrices are along the last two axes; axes before them are a batch.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from profond._lookup import choose
from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import Axis, TensorLike, default_float, of_common_type, to_float


def _multiply(function: Callable[..., Tensor], *xs: Tensor) -> Tensor:
    """`function` of tensors of one type, where torch multiplies that type."""
    dtype = xs[0].dtype
    if dtype.is_floating_point or dtype.is_complex:
        return function(*xs)
    if dtype is torch.bool:
        return function(*(x.to(default_float()) for x in xs)).to(torch.bool)
    # Products of int8 are summed as int32. CUDA multiplies no integer matrices.
    result = torch.int32 if dtype is torch.int8 else dtype
    compute = torch.float64 if xs[0].is_cuda else result
    return function(*(x.to(compute) for x in xs)).to(result)


@operation
def matmul(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The matrix product, over a broadcast batch; 1-D operands are a row and a column."""
    return _multiply(torch.matmul, *of_common_type(x1, x2))


@operation
def dot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of products over the last axis of `x1` and the last but one of `x2`.

    As `numpy.dot`: the inner product of vectors, the product of matrices, a multiple if one of
    the two is a number; no batch is broadcast.
    """
    x1, x2 = of_common_type(x1, x2)
    if x1.ndim == 0 or x2.ndim == 0:
        return x1 * x2
    axis = x2.ndim - 2 if x2.ndim > 1 else 0
    dims: Any = ([x1.ndim - 1], [axis])
    return _multiply(lambda a, b: torch.tensordot(a, b, dims), x1, x2)


@operation
def vdot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The inner product of both, flat."""
    x1, x2 = of_common_type(x1, x2)
    return _multiply(torch.dot, x1.reshape(-1), x2.reshape(-1))


@operation
def inner(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The sum of products over the last axis of both."""
    return _multiply(torch.inner, *of_common_type(x1, x2))


@operation
def outer(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The products of each element of `x1` with each of `x2`, both flat."""
    x1, x2 = of_common_type(x1, x2)
    return torch.outer(x1.reshape(-1), x2.reshape(-1))


@operation
def tensordot(x1: TensorLike, x2: TensorLike, axes: Any = 2) -> Tensor:
    """The sum of products over several axes.

    Args:
        x1: Tensor.
        x2: Tensor.
        axes: A number of axes: the last ones of `x1` with the first ones of `x2`; or the axes of
            `x1` and those of `x2`.
    """
    if not isinstance(axes, int):
        axes = [[a] if isinstance(a, int) else list(a) for a in axes]
    x1, x2 = of_common_type(x1, x2)
    return _multiply(lambda a, b: torch.tensordot(a, b, axes), x1, x2)


@operation
def einsum(subscripts: str, *operands: TensorLike, **kwargs: Any) -> Tensor:
    """The sum of products that Einstein's notation describes: `"ij,jk->ik"`.

    Args:
        subscripts: Names of the axes of each operand, and of the result behind `->`.
        *operands: Tensors.
        **kwargs: Accepted for Keras's sake (numpy's `optimize`).
    """
    del kwargs
    return _multiply(lambda *xs: torch.einsum(subscripts, *xs), *of_common_type(*operands))


@operation
def cross(
    x1: TensorLike,
    x2: TensorLike,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Tensor:
    """The cross product of vectors of 3 components (a missing third one is 0).

    Args:
        x1: Vectors of 2 or 3 components.
        x2: Vectors of 2 or 3 components.
        axisa: The axis of the vectors in `x1`.
        axisb: The axis of the vectors in `x2`.
        axisc: The axis of the vectors in the result.
        axis: The axis in all three, if given.

    Returns:
        The products, or of vectors of 2 components the third component alone.

    Raises:
        ValueError: If there are neither 2 nor 3 components.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = of_common_type(x1, x2)
    a, b = a.movedim(axisa, -1), b.movedim(axisb, -1)
    sizes = {a.shape[-1], b.shape[-1]}
    if not sizes <= {2, 3}:
        raise ValueError(
            "vectors in `x1` and `x2` must have 2 or 3 components; received "
            f"{a.shape[-1]} and {b.shape[-1]}."
        )
    if sizes == {2}:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a, b = (torch.nn.functional.pad(v, (0, 3 - v.shape[-1])) for v in (a, b))
    return torch.linalg.cross(*torch.broadcast_tensors(a, b), dim=-1).movedim(-1, axisc)


@operation
def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum of a diagonal; the arguments of `diagonal`."""
    from profond.ops._reduction import sum

    return sum(torch.diagonal(convert_to_tensor(x), offset, axis1, axis2), -1)


@operation
def norm(
    x: TensorLike, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False
) -> Tensor:
    """The length of a vector or the size of a matrix.

    Args:
        x: Numbers.
        ord: Vectors: (sum |x|^ord)^(1/ord), the largest |x| for infinity, the number of elements
            that are not zero for 0. Matrices: `"fro"`, `"nuc"`, or a number for the operator
            norms. None: the root of the sum of squares.
        axis: One axis for vectors, two for matrices; None for all (flat, if `ord` is None).
        keepdims: Whether reduced axes stay, of size 1.
    """
    dim = tuple(axis) if isinstance(axis, list) else axis
    return torch.linalg.norm(to_float(x), ord=ord, dim=dim, keepdim=keepdims)  # type: ignore[arg-type]


@operation
def det(x: TensorLike) -> Tensor:
    """The determinant."""
    return torch.linalg.det(to_float(x))


@operation
def slogdet(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The sign of the determinant, and the logarithm of its size."""
    sign, logabsdet = torch.linalg.slogdet(to_float(x))
    return sign, logabsdet


@operation
def logdet(x: TensorLike) -> Tensor:
    """The logarithm of the determinant; NaN if it is negative."""
    return torch.logdet(to_float(x))


@operation
def inv(x: TensorLike) -> Tensor:
    """The inverse matrix."""
    return torch.linalg.inv(to_float(x))


@operation
def pinv(x: TensorLike, rcond: float | None = None) -> Tensor:
    """The pseudo-inverse (Moore, Penrose).

    Args:
        x: Matrices.
        rcond: Singular values up to this part of the largest count as 0; if None, the larger
            side times the precision of the type.
    """
    return torch.linalg.pinv(to_float(x), rtol=rcond)


@operation
def matrix_rank(x: TensorLike, tol: float | None = None) -> Tensor:
    """The number of singular values above `tol` (as in `pinv` if None), as int32."""
    return torch.linalg.matrix_rank(to_float(x), atol=tol).to(torch.int32)


@operation
def cholesky(x: TensorLike, upper: bool = False) -> Tensor:
    """The triangular L with x = L L^T, of a positive definite matrix.

    Args:
        x: Matrices, positive definite.
        upper: Whether to return L^T.
    """
    return torch.linalg.cholesky(to_float(x), upper=upper)


@operation
def cholesky_inverse(x: TensorLike, upper: bool = False) -> Tensor:
    """The inverse of the matrix whose factor `cholesky` gave.

    Args:
        x: Triangular factors.
        upper: Whether they are upper triangular.
    """
    return torch.cholesky_inverse(to_float(x), upper=upper)


@operation
def lu_factor(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The factors L and U in one matrix, and the pivots (row i was swapped with that one)."""
    factors, pivots = torch.linalg.lu_factor(to_float(x))
    return factors, pivots - 1  # torch counts rows from 1


@operation
def qr(x: TensorLike, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """Q with orthonormal columns and the upper triangular R with x = Q R.

    Args:
        x: Matrices of m rows and n columns.
        mode: `"reduced"`: Q has min(m, n) columns; `"complete"`: m.

    Raises:
        ValueError: If `mode` is neither.
    """
    mode = choose(mode, {"reduced": "reduced", "complete": "complete"}, "mode of qr")
    q, r = torch.linalg.qr(to_float(x), mode=mode)
    return q, r


@operation
def eig(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The eigenvalues, and the eigenvectors as columns; both complex."""
    values, vectors = torch.linalg.eig(to_float(x))
    return values, vectors


@operation
def eigh(x: TensorLike) -> tuple[Tensor, Tensor]:
    """The eigenvalues, increasing, and the eigenvectors as columns of a symmetric matrix."""
    values, vectors = torch.linalg.eigh(to_float(x))
    return values, vectors


@operation
def svd(x: TensorLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular values s, decreasing, with x = U diag(s) V^T.

    Args:
        x: Matrices.
        full_matrices: Whether U and V^T are square.
        compute_uv: Whether to return `(U, s, V^T)`; otherwise s alone.
    """
    x = to_float(x)
    if not compute_uv:
        return torch.linalg.svdvals(x)
    return tuple(torch.linalg.svd(x, full_matrices=full_matrices))


@operation
def solve(a: TensorLike, b: TensorLike) -> Tensor:
    """The x with a x = b."""
    return torch.linalg.solve(*of_common_type(to_float(a), to_float(b)))


@operation
def solve_triangular(a: TensorLike, b: TensorLike, lower: bool = False) -> Tensor:
    """The x with a x = b, for a triangular `a`.

    Args:
        a: Triangular matrices.
        b: Right sides, matrices or (with one axis less than `a`) vectors.
        lower: Whether `a` is lower triangular.
    """
    a, b = of_common_type(to_float(a), to_float(b))
    if b.ndim == a.ndim - 1:
        return torch.linalg.solve_triangular(a, b.unsqueeze(-1), upper=not lower).squeeze(-1)
    return torch.linalg.solve_triangular(a, b, upper=not lower)


@operation
def lstsq(a: TensorLike, b: TensorLike, rcond: float | None = None) -> Tensor:
    """The x for which |a x - b| is smallest; of several the shortest.

    Args:
        a: Matrices of m rows and n columns.
        b: Right sides: m numbers, or a matrix of m rows.
        rcond: Singular values up to this part of the largest count as 0; see `pinv`.
    """
    a, b = of_common_type(to_float(a), to_float(b))
    right = b.unsqueeze(-1) if b.ndim == a.ndim - 1 else b
    solution = torch.linalg.pinv(a, rtol=rcond) @ right
    return solution.squeeze(-1) if right is not b else solution


@operation
def kron(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The Kronecker product: each element of `x1` times the whole of `x2`."""
    return torch.kron(*of_common_type(x1, x2))


@operation
def cdist(x: TensorLike, y: TensorLike) -> Tensor:
    """The Euclidean distances of each row of `x` (..., m, d) and each of `y` (..., n, d)."""
    x, y = of_common_type(to_float(x), to_float(y))
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ValueError(
            "`x` and `y` must be matrices with as many columns; received shapes "
            f"{tuple(x.shape)} and {tuple(y.shape)}."
        )
    return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
