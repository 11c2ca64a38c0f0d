"""Predicted numbers beside the true ones, what is left over, and the worst rows."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import metrics

from profond import figures
from profond.data import load_bundled
from profond.figures import numbers


@pytest.fixture(scope="module")
def houses():
    """The prices of Boston and a line through the number of rooms, with their table."""
    table = load_bundled("boston")
    price, rooms = table["PRICE"], table["RM"]
    slope, bias = np.polyfit(rooms, price, 1)
    return table, price, (slope * rooms + bias).to_numpy()


def test_measures_are_those_of_scikit_learn(houses):
    _, price, guess = houses
    found = numbers(figures.predicted_against_true(price, guess))
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(price, guess))
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(price, guess))
    assert found["r2"] == pytest.approx(metrics.r2_score(price, guess))
    assert "coverage" not in found


def test_words_of_both_languages(houses):
    _, price, guess = houses
    english = figures.predicted_against_true(price, guess).axes[0]
    assert (english.get_xlabel(), english.get_ylabel()) == ("true PRICE", "predicted PRICE")
    assert english.get_title() == "RMSE 6.60,  $R^2$ 0.48"
    french = figures.predicted_against_true(list(price), guess, lang="fr").axes[0]
    assert (french.get_xlabel(), french.get_ylabel()) == ("valeur vraie", "prédiction")
    assert french.get_title() == "RMSE 6,60,  $R^2$ 0,48"
    left = figures.residuals(price, guess, name="prix", lang="fr").axes[0]
    assert (left.get_xlabel(), left.get_ylabel()) == ("prix (prédit)", "vrai − prédit")


def test_both_axes_have_one_scale_and_the_points_are_inside(houses):
    _, price, guess = houses
    ax = figures.predicted_against_true(price, guess).axes[0]
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_xlim()[0] < min(price.min(), guess.min())
    assert ax.get_xlim()[1] > max(price.max(), guess.max())


@pytest.mark.parametrize("pair", [True, False])
def test_intervals_that_hold_the_truth_are_counted(pair):
    truth = np.array([1.0, 2.0, 3.0, 4.0])
    low, high = np.array([0.0, 2.0, 3.5, 0.0]), np.array([1.0, 3.0, 4.0, 9.0])
    interval = (low, high) if pair else np.column_stack([low, high])
    figure = figures.predicted_against_true(truth, (low + high) / 2, interval=interval)
    assert numbers(figure)["coverage"] == 0.75
    words = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert words[1:] == ["interval (75% hold the truth)", "interval without the truth"]


def test_intervals_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"pair of arrays or \(rows, 2\); received shape \(3, 1\)"):
        figures.predicted_against_true([1.0, 2, 3], [1.0, 2, 3], interval=[1.0, 2, 3])
    with pytest.raises(ValueError, match="its lower end first; in row 1 it is 5 to 4"):
        figures.predicted_against_true([1.0, 2], [1.0, 2], interval=([0.0, 5], [3.0, 4]))


def test_residuals_and_their_bins(houses):
    _, price, guess = houses
    figure = figures.residuals(price, guess)
    found = numbers(figure)
    np.testing.assert_allclose(found["residuals"], price - guess)
    assert found["mean"] == pytest.approx(0, abs=1e-9)  # least squares with a bias
    assert found["deviation"] == pytest.approx((price - guess).std())
    assert len(found["bins"]) == 10
    order = np.argsort(guess, kind="stable")
    worst = (price - guess).to_numpy()[order][-51:]
    assert found["bins"][-1, 1] == pytest.approx(worst.mean(), rel=0.05)
    assert np.all(found["bins"][:, 2] <= found["bins"][:, 1])
    beside = figure.axes[0].child_axes[0]
    assert sum(patch.get_width() for patch in beside.patches) == len(price)


def test_many_points_are_counted_in_hexagons():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=100_000)
    guess = truth + rng.normal(0, 0.3, 100_000)
    ends = (guess - 1, guess + 1)
    for figure in (
        figures.predicted_against_true(truth, guess, interval=ends),
        figures.residuals(truth, guess),
    ):
        figure.draw_without_rendering()
        drawn = [c for c in figure.axes[0].collections if c.get_array() is not None]
        counts = np.asarray(drawn[0].get_array())
        assert counts.sum() == 100_000
        assert len(counts) < 5000


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_stands_beside_the_axes_is_not_cut(houses, lang):
    _, price, guess = houses
    high = (np.asarray(price) > 20).astype(int)
    chance = 1 / (1 + np.exp((20 - guess) / 3))
    for figure in (
        figures.residuals(price, guess, lang=lang),
        figures.calibration(high, chance, lang=lang),
    ):
        figure.draw_without_rendering()
        small = figure.axes[0].child_axes[0].get_tightbbox()
        assert small is not None
        assert small.y0 >= 0
        assert small.x1 <= figure.bbox.x1
        inner = figure.axes[0].child_axes[0].get_window_extent()
        assert not figure.axes[0].get_window_extent().overlaps(inner)


@pytest.mark.parametrize("draw", [figures.predicted_against_true, figures.residuals])
def test_tiny_and_constant_data_can_be_drawn(draw):
    for truth, guess in (
        ([1.0], [1.5]),
        ([1.0, 2.0], [1.5, 1.5]),
        ([3.0] * 9, [3.0] * 9),
        ([0.0] * 9, [0.0] * 9),
        ([0.1 + 0.2] * 5 + [0.3] * 5, [0.0] * 10),
    ):
        draw(truth, guess).draw_without_rendering()
    assert np.isnan(numbers(figures.predicted_against_true([3.0, 3.0], [1.0, 2.0]))["r2"])
    assert np.isnan(numbers(figures.residuals([1.0], [1.5]))["deviation"])


@pytest.mark.parametrize("draw", [figures.predicted_against_true, figures.residuals])
def test_numbers_that_are_missing_are_refused(draw):
    with pytest.raises(ValueError, match=r"`truth` must be finite; 1 value\(s\) are NaN"):
        draw([np.nan, 1.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="`truth` and `predicted` must have as many rows"):
        draw([1.0], [1.0, 1.0])
    with pytest.raises(TypeError, match="`predicted` must hold numbers"):
        draw([1.0], ["a"])


# --- worst rows ----------------------------------------------------------------------------


def test_the_largest_errors_come_first_with_their_rows(houses):
    table, price, guess = houses
    found = figures.worst_errors(table, price, guess, n=4)
    expected = abs(price - guess).sort_values(ascending=False, kind="stable").index[:4]
    assert list(found.index) == list(expected)
    assert list(found.columns[:4]) == ["truth", "predicted", "error", "RM"]
    np.testing.assert_allclose(found["error"], (guess - price)[expected])
    pd.testing.assert_frame_equal(found[table.columns], table.loc[expected])


def test_wrong_classes_come_with_the_probability_of_the_right_one():
    table = pd.DataFrame({"x": [1, 2, 3, 4]}, index=list("pqrs"))
    chances = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.3, 0.7]])
    truth = ["no", "yes", "yes", "yes"]
    for given in (chances, chances[:, 1]):
        found = figures.worst_errors(table, truth, given, classes=["no", "yes"])
        assert list(found.index) == ["r", "q"]
        assert list(found["predicted"]) == ["no", "no"]
        assert list(found["probability_of_truth"]) == [0.2, 0.4]


def test_wrong_labels_come_in_their_order():
    table = pd.DataFrame({"truth": [7, 8, 9]})
    found = figures.worst_errors(table, ["a", "b", "a"], ["b", "b", "b"])
    assert list(found.index) == [0, 2]
    assert list(found.columns) == ["truth", "predicted", "truth (column)"]
    numbered = figures.worst_errors(table, [1, 2, 3], [1, 3, 3], classes=[1, 2, 3])
    assert list(numbered.index) == [1]
    assert "error" not in numbered
    with pytest.raises(ValueError, match=r"`predicted` must hold labels of `classes`"):
        figures.worst_errors(table, ["a", "b", "a"], ["b", "c", "b"], classes=["a", "b"])


def test_nothing_wrong_is_an_empty_table_and_polars_is_a_table():
    found = figures.worst_errors(pl.DataFrame({"x": [1, 2]}), [1.0, 2.0], [1.0, 2.0])
    assert len(found) == 0
    assert list(found.columns) == ["truth", "predicted", "error", "x"]


def test_rows_and_tables_that_do_not_fit_are_refused():
    with pytest.raises(TypeError, match="`frame` must be a pandas or polars DataFrame; received"):
        figures.worst_errors(np.zeros((2, 2)), [1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="`frame` and `truth` must have as many rows"):
        figures.worst_errors(pd.DataFrame({"x": [1]}), [1.0, 2.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="`frame` has no rows"):
        figures.worst_errors(pd.DataFrame({"x": []}), [], [])
    with pytest.raises(ValueError, match="`n` must be at least 1; received 0"):
        figures.worst_errors(pd.DataFrame({"x": [1]}), [1.0], [2.0], n=0)
