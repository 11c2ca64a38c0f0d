"""Examples of series as pictures."""

import numpy as np
import pytest

from profond.figures import numbers, series_examples, series_in_panels

SERIES = np.random.default_rng(0).normal(size=(6, 8))


def test_each_class_has_its_mean():
    figure = series_examples(SERIES, [0, 1, 0, 1, 1, 1], classes=(0, 1), name="kind")
    found = numbers(figure)
    assert found["counts"] == {"0": 2, "1": 4}
    np.testing.assert_allclose(found["means"]["0"], SERIES[[0, 2]].mean(0))
    titles = [ax.get_title() for ax in figure.axes if ax.get_visible()]
    assert titles == ["kind 0 (2)", "kind 1 (4)"]


def test_at_most_so_many_lines_and_the_mean_are_drawn():
    figure = series_examples(SERIES, ["a"] * 6, classes=("a",), most=2)
    assert len(figure.axes[0].lines) == 3


def test_shorter_series_end_where_they_end():
    padded = SERIES.copy()
    padded[0, 5:] = np.nan
    found = numbers(series_examples(padded, ["a", "a"] + ["b"] * 4, classes=("a", "b")))
    np.testing.assert_allclose(found["means"]["a"][5:], SERIES[1, 5:])


def test_numbers_go_from_the_smallest_to_the_largest():
    figure = series_examples(SERIES, [3.0, 1.0, 2.0, 6.0, 5.0, 4.0], name="y", lang="fr")
    titles = [ax.get_title() for ax in figure.axes if ax.get_visible()]
    assert titles[0] == "y = 1" and titles[-1] == "y = 6"
    assert "pas de temps" in {ax.get_xlabel() for ax in figure.axes}


def test_wrong_series_are_named():
    with pytest.raises(ValueError, match=r"`channel` must be from 0 to 0; received 2"):
        series_examples(SERIES, channel=2)
    with pytest.raises(ValueError, match=r"with at least one series; received \(0, 4\)"):
        series_in_panels(np.zeros((0, 4)), [])
    with pytest.raises(ValueError, match=r"`titles` must be one per series; received 1 for 6"):
        series_in_panels(SERIES, ["a"])
    with pytest.raises(ValueError, match=r"`labels` must have one entry per series; received 2"):
        series_examples(SERIES, ["a", "b"], classes=("a", "b"))
