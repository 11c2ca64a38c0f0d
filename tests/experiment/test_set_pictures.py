"""The pictures of kept models of series and images."""

import numpy as np
import pytest

from profond.estimators import ImageClassifier, SeriesClassifier, SeriesRegressor
from profond.experiment._known_rows import read_known_rows
from profond.experiment._model_figures import measured_figures
from tests.estimators.test_images import bars
from tests.estimators.test_series import ragged, waves

OWN = {"learned-filters", "class-activation", "most-confident-errors"}
QUICK = {"epochs": 1, "seeds": 1, "random_state": 0}


@pytest.mark.parametrize("augment", [None, "slicing"])
def test_of_series(augment):
    series = waves(60)
    model = SeriesClassifier(architecture="fcn", augment=augment, **QUICK).fit(series).model_
    drawn = measured_figures(model, read_known_rows(model, series))
    wrong = (model.predict(series) != series.labels).any()
    assert set(drawn) >= (OWN if wrong else OWN - {"most-confident-errors"})


def test_of_series_of_unequal_lengths_and_without_a_convolution():
    series = ragged(60)
    model = SeriesClassifier(architecture="fcn", **QUICK).fit(series).model_
    assert "class-activation" in measured_figures(model, read_known_rows(model, series))
    dense = SeriesClassifier(architecture="mlp", **QUICK).fit(waves(60)).model_
    assert not OWN & set(measured_figures(dense, read_known_rows(dense, waves(60))))


def test_of_numbers_only_the_filters():
    from profond.data.series import series_from_arrays

    series = waves(60)
    numbers = series_from_arrays(series.values, np.linspace(0.5, 9, 60))
    model = SeriesRegressor(architecture="fcn", **QUICK).fit(numbers).model_
    drawn = measured_figures(model, read_known_rows(model, numbers))
    assert OWN & set(drawn) == {"learned-filters"} and "residuals" in drawn


def test_of_images():
    x, y = bars(60)
    model = ImageClassifier(**QUICK).fit(x, y).model_
    drawn = measured_figures(model, read_known_rows(model, (x, y)))
    assert set(drawn) >= {"learned-filters", "class-activation", "confusion-matrix"}
