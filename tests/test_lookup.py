"""The nearest of several names."""

import pytest

from profond._lookup import nearest


@pytest.mark.parametrize(
    ("name", "meant"),
    [("rellu", "relu"), ("ADMA", "adam"), ("sdg", "sgd"), ("rmse", "mse"), ("zzz", None)],
)
def test_a_slip_finds_the_name_that_was_meant(name, meant):
    assert nearest(name, ["relu", "adam", "sgd", "mse"]) == meant
