"""Inputs, targets and weights in one tuple."""

import pytest

from profond.utils import pack_x_y_sample_weight, unpack_x_y_sample_weight


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("x", ("x", None, None)),
        (("x",), ("x", None, None)),
        (["x", "y"], ("x", "y", None)),
        (("x", "y", "w"), ("x", "y", "w")),
        ({"a": 1}, ({"a": 1}, None, None)),
    ],
)
def test_out_of_the_tuple(data, expected):
    assert unpack_x_y_sample_weight(data) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("x",), "x"),
        ((["a", "b"],), (["a", "b"],)),
        (("x", "y"), ("x", "y")),
        (("x", "y", "w"), ("x", "y", "w")),
        (("x", None, "w"), "x"),
    ],
)
def test_into_the_tuple(parts, expected):
    assert pack_x_y_sample_weight(*parts) == expected


@pytest.mark.parametrize("data", [(), (1, 2, 3, 4)])
def test_too_many_or_too_few_parts(data):
    with pytest.raises(ValueError, match=rf"data must be x.*received a tuple of {len(data)}"):
        unpack_x_y_sample_weight(data)
