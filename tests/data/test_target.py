import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data import ClassTarget, NumberTarget, target_from_dict
from profond.data._target import (
    check_target,
    fit_classes,
    infer_task,
    never_negative,
    present_target,
    target_to_dict,
)
from profond.data._values import ColumnError


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"] * 5, "binary"),
        (["a", "b", "c"] * 5, "multiclass"),
        ([True, False] * 5, "binary"),
        ([0, 1] * 5, "binary"),
        ([0.0, 1.0] * 5, "binary"),
        ([1, 2, 3] * 5, "multiclass"),
        ([1, 2, 3] * 4, "regression"),  # four rows for each number: too few to be classes
        (list(range(20)) * 5, "multiclass"),
        (list(range(21)) * 5, "regression"),
        ([0.5, 1.0] * 5, "regression"),
    ],
)
def test_the_task_follows_from_the_target(values, task):
    assert infer_task(pd.Series(values))[0] == task


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_numbers_come_back(values):
    values = np.array(values)
    target = NumberTarget.fit(values, "y")
    back = target.decode(target.encode(values))
    size = np.abs(values).max() + target.scale
    np.testing.assert_allclose(back, values, rtol=1e-5, atol=1e-5 * size)  # through float32


def test_a_number_that_is_never_negative_is_scaled_but_not_centred():
    target = NumberTarget.fit(np.array([0.0, 10.0, 20.0]), "y")
    assert target.non_negative
    assert target.centre == 0.0
    assert target.encode(np.array([0.0]))[0, 0] == 0.0
    assert target.start == pytest.approx(10.0 / np.std([0, 10, 20]))


def test_numbers_far_above_0_are_centred_and_keep_their_digits():
    values = 1.7e9 + np.arange(100.0)
    target = NumberTarget.fit(values, "y")
    assert not target.non_negative
    np.testing.assert_allclose(target.decode(target.encode(values)), values, rtol=0, atol=1e-4)
    assert not never_negative(np.column_stack([np.arange(100.0), values]))
    assert never_negative(np.array([1990.0, 2000.0, 2010.0]))
    assert never_negative(np.zeros(3))
    assert not never_negative(np.array([-1e-9, 1.0]))


def test_a_number_that_may_be_negative_is_standardised():
    values = np.array([-1.0, 0.0, 4.0])
    target = NumberTarget.fit(values, "y")
    assert not target.non_negative
    encoded = target.encode(values)
    assert encoded.shape == (3, 1)
    assert encoded.dtype == np.float32
    np.testing.assert_allclose([encoded.mean(), encoded.std()], [0.0, 1.0], atol=1e-6)
    assert target.start == 0.0


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([10, 9, 10], (9, 10)),
        (["b", "a "], ("a", "b")),
        ([True, False], (False, True)),
        ([2.0, 1.0], (1, 2)),
    ],
)
def test_classes_are_ordered_and_keep_their_kind(values, classes):
    target = fit_classes(pd.Series(values), "y")
    assert target.classes == classes
    assert [type(c) for c in target.classes] == [type(c) for c in classes]
    codes = target.encode(pd.Series(values))
    assert [target.classes[k] for k in codes] == target.decode(np.eye(len(classes))[codes])


@pytest.mark.parametrize(
    "target", [NumberTarget("y", 0.0, 2.5, True, 1.0), ClassTarget("y", ("a", "b")),
               ClassTarget("y", (0, 1, 2)), ClassTarget("y", (False, True))],
)  # fmt: skip
def test_targets_come_back_from_json(target):
    assert target_from_dict(json.loads(json.dumps(target_to_dict(target)))) == target


def test_a_damaged_description_is_refused():
    with pytest.raises(ValueError, match=r"Not the description of a target"):
        target_from_dict({"kind": "number", "colour": 1})


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        (["a"] * 9, None, r"The target 'y' has a single class \(a\) in its 9 row\(s\)"),
        ([1.5] * 9, "regression", r"'y' has a single number \(1\.5\) in its 9 row\(s\): there is"),
        ([1, 2, 3] * 9, "binary", r"A binary task needs two classes; the target 'y' has 3"),
        (["a", "b"] * 9, "regresion", r"Unknown task: 'regresion'\. Did you mean 'regression'"),
        ([f"n{i}" for i in range(50)], None, r"'y' has 50 different values in 50 rows: too many"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused(values, task, message):
    with pytest.raises(ValueError, match=message):
        check_target(pd.Series(values), "y", task)


def test_a_text_among_the_targets_numbers_is_refused_by_row():
    texts = pd.Series([str(i + 0.5) for i in range(30)], dtype="str")
    texts[4] = "abc"
    with pytest.raises(ColumnError, match=r"The target 'y' holds numbers, but 'abc' in row 5"):
        check_target(texts, "y", None)
    with pytest.raises(ColumnError, match=r"Column 'y' must hold numbers; received 'abc' in row 5"):
        check_target(texts, "y", "regression")


def test_the_task_asked_for_wins():
    assert check_target(pd.Series([1, 2, 3] * 9), "y", "regression")[0] == "regression"
    assert check_target(pd.Series([1, 2] * 9), "y", "multiclass")[0] == "binary"


def test_rows_with_a_target_are_found():
    assert present_target(pd.Series(["a", "", None, "?"], dtype="str"), "y").tolist() == [
        True, False, False, False,
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"The target 'y' has no values"):
        present_target(pd.Series([np.nan, np.nan]), "y")
    with pytest.raises(ColumnError, match=r"'y' holds an infinite value in row 2"):
        present_target(pd.Series([1.0, np.inf]), "y")


def test_dates_are_refused_as_a_target():
    dates = pd.Series(pd.date_range("2020-01-01", periods=40))
    with pytest.raises(ValueError, match=r"The target 'y' holds dates, which are neither numbers"):
        check_target(dates, "y", None)


def test_a_regression_needs_a_target_of_numbers():
    column = pd.Series(["Nîmes", "Arles", "Sète"] * 20)
    told = (
        "Column 'city' must hold numbers; received 'Nîmes' in row 1. It is the target of a "
        "regression: choose a column of numbers as target, or leave the task open"
    )
    with pytest.raises(ColumnError, match=told):
        check_target(column, "city", "regression")
