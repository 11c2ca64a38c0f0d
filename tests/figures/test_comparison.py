import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from profond import figures

SCORES = pd.DataFrame(
    {
        "model": ["one network", "together", "mean"],
        "RMSE": [3.5, 3.2, 9.0],
        "low": [3.0, 2.8, 7.0],
        "high": [4.0, 3.6, 11.0],
    }
)


def test_points_intervals_and_single_runs_are_drawn():
    runs = {"one network": [3.3, 3.7]}
    figure = figures.comparison(SCORES, metric="RMSE", baselines=["mean"], runs=runs)
    ax = figure.axes[0]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == SCORES["model"].tolist()
    bars = [c.get_segments()[0] for c in ax.collections]
    np.testing.assert_allclose([bar[:, 0] for bar in bars], SCORES[["low", "high"]])
    dots = [line.get_xdata() for line in ax.lines if len(np.atleast_1d(line.get_xdata())) == 2]
    assert any(np.array_equal(dot, [3.3, 3.7]) for dot in dots)
    colours = [line.get_color() for line in ax.lines if line.get_markersize() == 8]
    assert colours[0] == colours[1] != colours[2]
    low, high = ax.get_xlim()
    assert low < 2.8 < 11.0 < high
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first model is above


def test_the_numbers_are_those_of_the_table():
    found = figures.numbers(figures.comparison(SCORES, metric="RMSE"))
    assert found["model"] == SCORES["model"].tolist()
    for name in ("low", "high"):
        np.testing.assert_array_equal(found[name], SCORES[name])
    np.testing.assert_array_equal(found["value"], SCORES["RMSE"])


@pytest.mark.parametrize(
    ("better", "lang", "label"),
    [
        (None, "en", "RMSE"),
        ("lower", "en", "RMSE (lower is better)"),
        ("higher", "en", "RMSE (higher is better)"),
        ("lower", "fr", "RMSE (plus bas : mieux)"),
        ("higher", "fr", "RMSE (plus haut : mieux)"),
    ],
)
def test_the_axis_says_what_is_better(better, lang, label):
    figure = figures.comparison(SCORES, metric="RMSE", better=better, lang=lang)
    assert figure.axes[0].get_xlabel() == label


def test_models_that_are_all_alike_and_axes_of_ones_own():
    alike = SCORES.assign(RMSE=1.0, low=1.0, high=1.0)
    figure = Figure()
    ax = figure.add_subplot()
    assert figures.comparison(alike, metric="RMSE", ax=ax) is figure
    assert ax.get_xlim()[0] < 1.0 < ax.get_xlim()[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": SCORES.drop(columns="low")},
         r"`scores` must have the columns model, RMSE, low, high; low not found\. `table\(\)` of"),
        ({"metric": "MAE"}, r"`scores` must have the columns model, MAE, low, high; MAE not foun"),
        ({"scores": SCORES.iloc[:0]}, r"`scores` has no rows; at least one is required"),
        ({"better": "more"}, r"`better` must be \"lower\", \"higher\" or None; received 'more'"),
        ({"baselines": ["maen"]},
         r"`baselines` must name models of `scores` \(one network, together, mean\); received 'm"),
        ({"runs": {"seed": [1.0]}}, r"`runs` must name models of `scores` \(.*\); received 'seed'"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        figures.comparison(**{"scores": SCORES, "metric": "RMSE", **change})


@pytest.mark.wrong_types
def test_what_is_no_table_is_refused():
    with pytest.raises(TypeError, match=r"`scores` must be a pandas or polars DataFrame; received"):
        figures.comparison([1.0], metric="RMSE")
