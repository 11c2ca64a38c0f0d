"""One row alone gives what it gives among many, to the last bit, by every way in."""

import numpy as np
import pandas as pd
import pytest

from profond.estimators import TabularClassifier, TabularRegressor
from profond.estimators import _network_outputs as outputs

PERIODIC = {"numbers": "periodic", "number_units": 4, "hidden": (16, 16), "activation": "silu"}
KINDS = [
    {"numbers": "plain"},
    PERIODIC,
    {"numbers": "piecewise", "number_units": 3},
    {"architecture": "resnet", "hidden": (8, 8)},
]
SMALL = {
    "epochs": 2, "seeds": 2, "random_state": 0, "hidden": (8,), "batch_size": 32,
    "numbers": "plain",
}  # fmt: skip


def numbers(rows=90):
    x = np.random.default_rng(0).normal(size=(rows, 5))
    return x, x[:, 0] - x[:, 1]


def as_mapping(row):
    return {f"x{k}": float(value) for k, value in enumerate(row)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_alone_is_a_row_among_many(kind):
    x, y = numbers()
    estimator = TabularRegressor(**{**SMALL, **kind}).fit(x, y)
    together, model = estimator.predict(x), estimator.model_
    frame = pd.DataFrame([as_mapping(row) for row in x])
    second = model.predict(frame, member=1)
    # Not the ends of the columns' ranges, which take the same way as all others.
    for i in (0, 41, 89):
        assert estimator.predict(x[i : i + 1])[0] == together[i]
        assert model.predict(as_mapping(x[i]))[0] == together[i]
        assert model.predict(frame.iloc[[i]])[0] == together[i]
        assert model.predict(as_mapping(x[i]), member=1)[0] == second[i]


@pytest.mark.parametrize("architecture", ["mlp", "resnet"])
@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_do_not_depend_on_how_many_rows_there_are(architecture, classes):
    x, y = numbers(400)
    options = {**SMALL, "epochs": 20, "hidden": (9, 9), "activation": "silu", "seeds": 1}
    labels = np.digitize(y, [0, 1][: classes - 1])
    model = TabularClassifier(**options, architecture=architecture).fit(x, labels)
    together = model.predict_proba(x)
    for rows in (1, 8, 16, 17, 33, 48, 80):
        np.testing.assert_array_equal(model.predict_proba(x[:rows]), together[:rows])


def test_classes_and_data_frames_of_an_estimator():
    x, y = numbers()
    towns = np.where(x[:, 2] > 0, "Nice", "Metz")
    frame = pd.DataFrame(x, columns=list("abcde")).assign(town=towns)
    estimator = TabularClassifier(**SMALL).fit(frame, np.where(y > 0, "up", "down"))
    together = estimator.predict_proba(frame)
    for i in (3, 50):
        one = frame.iloc[[i]]
        np.testing.assert_array_equal(estimator.predict_proba(one)[0], together[i])
        assert estimator.predict(one)[0] == estimator.predict(frame)[i]


def mixed():
    """Numbers with gaps, names and dates, and a number that follows from them."""
    x, y = numbers()
    frame = pd.DataFrame({"a": x[:, 0], "b": np.where(x[:, 3] > 1, np.nan, x[:, 1])})
    frame["town"] = np.where(x[:, 2] > 0, "Nice", "Metz")
    frame["day"] = pd.date_range("2020-01-01", periods=len(x))
    return frame, y


def test_a_mapping_of_names_dates_and_gaps_is_its_row():
    frame, y = mixed()
    model = TabularRegressor(**SMALL).fit(frame, y).model_
    together = model.predict(frame)
    gap = int(np.flatnonzero(frame["b"].isna())[0])
    for i in (0, 40, gap):
        row = frame.iloc[i].to_dict()
        assert model.predict(row)[0] == together[i]
        assert model.predict({**row, "more": "ignored"})[0] == together[i]
        assert model.predict(dict(reversed(row.items())))[0] == together[i]
        pd.testing.assert_frame_equal(
            model.predict_frame(row, member=1),
            model.predict_frame(frame, member=1).iloc[[i]].reset_index(drop=True),
            check_exact=True,
        )


def test_values_of_other_types_in_a_mapping():
    frame, y = mixed()
    model = TabularRegressor(**SMALL).fit(frame, y).model_
    row = {"a": 1.0, "b": -0.5, "town": "Nice", "day": pd.Timestamp("2020-02-01")}
    expected = model.predict(row)
    others = [
        {"a": 1}, {"a": np.float64(1)}, {"a": np.int8(1)}, {"a": np.float32(1), "b": "-0.5"},
        {"day": "2020-02-01"}, {"day": np.datetime64("2020-02-01")}, {"town": np.str_("Nice")},
    ]  # fmt: skip
    for other in others:
        np.testing.assert_array_equal(model.predict({**row, **other}), expected)


def test_a_mapping_with_unusual_values_warns_as_a_frame_does():
    frame, y = mixed()
    model = TabularRegressor(**SMALL).fit(frame, y).model_
    row = frame.iloc[0].to_dict()
    unusual = {
        "'Brest' (1 row(s))": {"town": "Brest"},
        "far out of the range in training": {"a": 1e9},
        "row(s) without a value in any column": dict.fromkeys(row),
    }
    for message, values in unusual.items():
        given = {**row, **values}
        with pytest.warns(UserWarning) as alone:
            one = model.predict(given)
        with pytest.warns(UserWarning) as table:
            expected = model.predict(pd.DataFrame([given]))
        np.testing.assert_array_equal(one, expected)
        texts = [str(warning.message) for warning in alone]
        assert texts == [str(warning.message) for warning in table]
        assert message in " ".join(texts)


def test_a_wrong_mapping_is_refused():
    frame, y = mixed()
    model = TabularRegressor(**SMALL).fit(frame, y).model_
    row = frame.iloc[0].to_dict()
    with pytest.raises(ValueError, match=r"Missing column\(s\): 'town'\. The model needs: a, b"):
        model.predict({name: row[name] for name in ("a", "b", "day")})
    with pytest.raises(ValueError, match=r"Column 'a' must hold numbers; received 'many' in row 1"):
        model.predict({**row, "a": "many"})
    with pytest.raises(ValueError, match=r"Column 'a' holds an infinite value in row 1"):
        model.predict({**row, "a": float("inf")})


def test_the_short_way_is_taken_only_for_plain_layers():
    x, y = numbers()
    plain = TabularRegressor(**SMALL).fit(x, y).model_.networks[0]
    chain = outputs._chain(plain)
    assert chain is not None
    assert len(chain) == sum(type(layer).__name__ == "Dense" for layer in plain.layers)
    other = TabularRegressor(**{**SMALL, "architecture": "resnet"}).fit(x, y).model_.networks[0]
    assert outputs._chain(other) is None


def test_both_ways_give_the_same_bits(monkeypatch):
    x, y = numbers()
    model = TabularRegressor(**{**SMALL, **PERIODIC}).fit(x, y).model_
    short = model.predict(as_mapping(x[3]))
    monkeypatch.setattr(outputs, "_chain", lambda network: None)
    np.testing.assert_array_equal(model.predict(as_mapping(x[3])), short)


@pytest.mark.parametrize("training", [True, False])
def test_dropout_is_off_and_the_mode_is_kept(training):
    x, y = numbers()
    estimator = TabularRegressor(**{**SMALL, "dropout": 0.9}).fit(x, y)
    network = estimator.model_.networks[0].train(training)
    assert estimator.predict(x[:1])[0] == estimator.predict(x)[0]
    assert network.training is training


# What a short way must not let through


def test_wrong_rows_are_refused_as_ever():
    x, y = numbers()
    estimator = TabularRegressor(**SMALL).fit(x, y)
    with pytest.raises(ValueError, match=r"X has 4 features, but TabularRegressor is expecting 5"):
        estimator.predict(x[:1, :4])
    with pytest.raises(ValueError, match=r"holds an infinite value in row 1"):
        estimator.predict(np.full((1, 5), np.inf))
    with pytest.warns(UserWarning, match=r"row\(s\) without a value in any column"):
        assert np.isfinite(estimator.predict(np.full((1, 5), np.nan))).all()
    with pytest.warns(UserWarning, match=r"far out of the range in training"):
        estimator.predict(np.full((1, 5), 1e9))


def test_dates_are_no_numbers_however_few():
    x, y = numbers()
    model = TabularRegressor(**SMALL).fit(x, y).model_
    dates = pd.DataFrame({f"x{k}": [pd.Timestamp("2020-01-01")] for k in range(5)})
    with pytest.raises(ValueError, match=r"Column 'x0' must hold numbers; received datetime64"):
        model.predict(dates)


def test_columns_may_stand_anywhere_and_must_all_be_there():
    x, y = numbers()
    model = TabularRegressor(**SMALL).fit(x, y).model_
    frame = pd.DataFrame([as_mapping(x[0])])
    ordered = frame[["x4", "x0", "x2", "x1", "x3"]].assign(more="text")
    np.testing.assert_array_equal(model.predict(ordered), model.predict(frame))
    with pytest.raises(ValueError, match=r"Missing column\(s\): 'x3'"):
        model.predict(frame.drop(columns="x3"))
