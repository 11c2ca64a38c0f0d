"""Targets of every type that a table has, and what is said of those that cannot be learned."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tests.estimators.helpers import classifier, regressor, table

ROWS = 40


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (np.array([0, 1] * 20, dtype=np.int8), np.array([0, 1], dtype=np.int8)),
        (np.array(["no", "yes"] * 20), np.array(["no", "yes"])),
        (pd.Series([1, 2] * 20, dtype="Int64"), np.array([1, 2])),
        (pd.Series([True, False] * 20, dtype="boolean"), np.array([False, True])),
        (pd.Series(["b", "a"] * 20, dtype="string"), np.array(["a", "b"])),
        (pd.Categorical(["b", "a"] * 20, categories=["b", "c", "a"]), np.array(["a", "b"])),
        (pl.Series("t", ["b", "a"] * 20), np.array(["a", "b"])),
    ],
)
def test_the_labels_that_are_predicted_are_those_of_the_classes(y, classes):
    frame, _ = table(ROWS)
    model = classifier(epochs=1).fit(frame, y)
    assert model.classes_.dtype == classes.dtype
    np.testing.assert_array_equal(model.classes_, classes)
    predicted = model.predict(frame)
    assert predicted.dtype == classes.dtype
    assert set(predicted.tolist()) <= set(classes.tolist())


@pytest.mark.parametrize("dtype", ["string", "str", object, "Int64", "boolean"])
def test_a_missing_label_is_named_whatever_its_type(dtype):
    frame, _ = table(ROWS)
    values = {"Int64": [1, None], "boolean": [True, None]}.get(str(dtype), ["a", None])
    with pytest.raises(ValueError, match=r"`y` must have a label in each row"):
        classifier().fit(frame, pd.Series(values * 20, dtype=dtype))


def test_labels_that_cannot_be_learned_are_named():
    frame, _ = table(ROWS)
    words = np.array([["a", "b"], ["b", "b"]] * 20)
    with pytest.raises(ValueError, match=r"`y` with several columns must hold 0 and 1 for each"):
        classifier().fit(frame, words)
    dates = pd.Series(pd.date_range("2020", periods=2).tolist() * 20)
    with pytest.raises(ValueError, match=r"`y` must hold labels; received dates .* `y\.astype"):
        classifier().fit(frame, dates)
    with pytest.raises(ValueError, match=r"received one class only: 1\.0\.$"):
        classifier().fit(frame, np.ones(ROWS))
    model = classifier().partial_fit(frame, np.arange(ROWS) % 2)
    with pytest.raises(ValueError, match=r"not among the known ones: '0', '1'\. Known are 0, 1: "):
        model.partial_fit(frame, (np.arange(ROWS) % 2).astype(str))
    with pytest.raises(ValueError, match=r"ones: 10, 11, 12, 13, 14 and 35 more\. Known are"):
        model.partial_fit(frame, np.arange(10, 10 + ROWS))


def test_a_target_of_one_column_may_be_called_name():
    frame, y = table(ROWS)
    given = pd.DataFrame({"name": y})
    assert regressor(epochs=1).fit(frame, given).model_.target.name == "name"
    assert regressor(epochs=1).fit(frame, given["name"]).model_.target.name == "name"
    assert regressor(epochs=1).fit(frame, y).model_.target.name == "y"


def test_numbers_written_as_text_are_numbers_in_every_container():
    frame, y = table(ROWS)
    expected = regressor(epochs=1).fit(frame, y.round(3)).predict(frame)
    text = np.array([f"{value:.3f}" for value in y])
    for given in (text, text.tolist(), pd.Series(text), pl.Series(text), pd.DataFrame({"t": text})):
        model = regressor(epochs=1).fit(frame, given)
        np.testing.assert_allclose(model.predict(frame), expected, rtol=1e-5)


def test_numbers_that_cannot_be_learned_are_named_by_column():
    frame, y = table(ROWS)
    with pytest.raises(ValueError, match=r"Column 'y' must hold numbers; received 'a' in row 1"):
        regressor().fit(frame, np.array(["a", "1"] * 20))
    with pytest.raises(ValueError, match=r"Column 's' must hold numbers; received 'a' in row 1"):
        regressor().fit(frame, pd.DataFrame({"t": y, "s": ["a", "b"] * 20}))
    with pytest.raises(ValueError, match=r"`y` must hold finite numbers; the column 'p'"):
        regressor().fit(frame, pd.Series(np.where(y > 0, np.inf, y), name="p"))


@pytest.mark.parametrize("offset", [1e9, 1e6])
def test_numbers_far_above_0_keep_their_digits(offset):
    frame, y = table(200)
    model = regressor().fit(frame, y + offset)
    assert model.score(frame, y + offset) > 0.8
    assert model.model_.target.centre == pytest.approx(offset + y.mean())
    years = regressor(epochs=1).fit(frame, 2000 + 10 * y)
    assert years.model_.target.non_negative
    forced = regressor(epochs=1, output="relu").fit(frame, y + offset)
    assert forced.model_.target.non_negative
