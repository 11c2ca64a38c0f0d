"""Series to the numbers that a network takes."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from profond.data.series import PADDING, SeriesPreprocessor, resampled, series_from_arrays

RAGGED = [np.arange(4.0), np.arange(6.0)[::-1], np.array([1.0, 5.0, 2.0])]


def test_channels_are_scaled_over_all_steps_of_the_training_series():
    series = series_from_arrays([np.c_[a, 10 * a] for a in RAGGED])
    fitted = SeriesPreprocessor.fit(series)
    steps = np.concatenate(RAGGED)
    assert fitted.centre == pytest.approx((steps.mean(), 10 * steps.mean()))
    assert fitted.scale == pytest.approx((steps.std(), 10 * steps.std()))
    encoded = fitted.transform(series)
    assert encoded.dtype == np.float32 and encoded.shape == (3, 6, 2)
    np.testing.assert_allclose(
        encoded[0, :4, 0], (RAGGED[0] - steps.mean()) / steps.std(), rtol=1e-6
    )
    assert (encoded[0, 4:] == np.float32(PADDING)).all()
    assert fitted.layout.shape == (None, 2) and fitted.layout.masked


@given(arrays(np.float64, (3, 9), elements=st.floats(-1e3, 1e3)))
def test_each_series_by_itself_has_mean_0_and_deviation_1(values):
    values[:, 0] = values.mean(1) + 7.0 + np.abs(values).max()  # none is constant
    series = series_from_arrays(values)
    encoded = SeriesPreprocessor.fit(series, scaling="series").transform(series)[..., 0]
    np.testing.assert_allclose(encoded.mean(1), 0, atol=1e-5)
    np.testing.assert_allclose(encoded.std(1), 1, rtol=1e-4)


def test_series_by_themselves_do_not_see_what_fills_them_up():
    series = series_from_arrays(RAGGED)
    fitted = SeriesPreprocessor.fit(series, scaling="series")
    alone = [fitted.transform(series.take([i]))[0, : len(a), 0] for i, a in enumerate(RAGGED)]
    for one, a in zip(alone, RAGGED, strict=True):
        np.testing.assert_allclose(one, (a - a.mean()) / a.std(), rtol=1e-6)


def test_a_constant_series_becomes_0():
    series = series_from_arrays(np.array([[5.0, 5.0, 5.0], [1.0, 2.0, 3.0]]))
    encoded = SeriesPreprocessor.fit(series, scaling="series").transform(series)
    assert (encoded[0] == 0).all()


def test_nothing_is_scaled_if_so_wished():
    series = series_from_arrays(RAGGED)
    encoded = SeriesPreprocessor.fit(series, scaling="none").transform(series)
    np.testing.assert_array_equal(encoded[1, :, 0], RAGGED[1].astype(np.float32))


def test_missing_values_lie_between_their_neighbours():
    nan = np.nan
    values = np.array([[nan, 1.0, nan, nan, 4.0], [0.0, 1.0, 2.0, nan, 3.0]])
    series = series_from_arrays(values, lengths=[5, 5])
    encoded = SeriesPreprocessor.fit(series, scaling="none").transform(series)[..., 0]
    np.testing.assert_allclose(encoded, [[1, 1, 2, 3, 4], [0, 1, 2, 2.5, 3]])


def test_a_series_without_a_value_of_a_channel_gets_its_mean():
    values = np.array([[[1.0, np.nan], [2.0, np.nan]], [[3.0, 4.0], [4.0, 8.0]]])
    series = series_from_arrays(values)
    encoded = SeriesPreprocessor.fit(series).transform(series)
    np.testing.assert_allclose(encoded[0, :, 1], 0, atol=1e-6)


def test_a_network_of_fixed_length_gets_zeros_and_what_fits():
    series = series_from_arrays(RAGGED)
    fitted = SeriesPreprocessor.fit(series, fixed=True, scaling="none")
    assert fitted.layout.shape == (6, 1) and not fitted.layout.masked
    assert fitted.transform(series.take([2]))[0, :, 0].tolist() == [1, 5, 2, 0, 0, 0]
    long = series_from_arrays([np.arange(9.0)])
    with pytest.warns(UserWarning, match=r"at most 6 steps, .* 1 of 1 are longer, the first \(Ser"):
        assert fitted.transform(long)[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_another_length_than_that_of_all_training_series_is_refused():
    fitted = SeriesPreprocessor.fit(
        series_from_arrays(np.random.default_rng(0).normal(size=(4, 8)))
    )
    message = r"of 8 steps; 2 of 2 have others, the first \(Series 1\) 4\..*resampled\(series, 8\)"
    with pytest.raises(ValueError, match=message):
        fitted.transform(series_from_arrays(np.ones((2, 4))))


def test_lengths_far_from_those_of_training_are_doubted():
    fitted = SeriesPreprocessor.fit(series_from_arrays(RAGGED))
    with pytest.warns(UserWarning, match=r"far from those of training \(3 to 6 steps\), .* 13:"):
        fitted.transform(series_from_arrays([np.arange(13.0)]))


def test_wrong_channels_are_refused():
    values = np.random.default_rng(0).normal(size=(4, 8, 2))
    fitted = SeriesPreprocessor.fit(series_from_arrays(values, channels=("a", "b")))
    with pytest.raises(ValueError, match=r"2 channel\(s\), as in training: a, b; received 1"):
        fitted.transform(series_from_arrays(values[..., :1]))
    with pytest.raises(ValueError, match=r"must be those of training, a, b; received a, c"):
        fitted.transform(series_from_arrays(values, channels=("a", "c")))
    turned = fitted.transform(series_from_arrays(values[..., ::-1], channels=("b", "a")))
    np.testing.assert_array_equal(turned, fitted.transform(series_from_arrays(values)))


def test_nothing_can_be_learned_from_constant_channels():
    with pytest.raises(ValueError, match="Every channel of the training series has a single value"):
        SeriesPreprocessor.fit(series_from_arrays(np.ones((3, 5))))


@pytest.mark.wrong_types
def test_an_unknown_scaling_is_refused():
    with pytest.raises(ValueError, match="must be one of channels, series, none; received 'x'"):
        SeriesPreprocessor.fit(series_from_arrays(RAGGED), scaling="x")


def test_it_is_kept_in_json():
    fitted = SeriesPreprocessor.fit(series_from_arrays(RAGGED), scaling="series")
    assert SeriesPreprocessor.from_dict(json.loads(json.dumps(fitted.to_dict()))) == fitted


@pytest.mark.parametrize(
    "change",
    [
        {"scale": [0.0]}, {"scaling": "x"}, {"centre": [1.0, 2.0]}, {"shortest": 9}, {"more": 1},
        {"centre": [], "scale": []},
    ],
)  # fmt: skip
def test_what_no_fit_leaves_is_refused(change):
    state = SeriesPreprocessor.fit(series_from_arrays(RAGGED)).to_dict()
    with pytest.raises(ValueError, match="not the preprocessing of series"):
        SeriesPreprocessor.from_dict({**state, **change})


def test_resampled_series_lie_on_the_straight_lines_between_steps():
    series = series_from_arrays([np.array([0.0, 2.0, 4.0]), np.array([1.0, 1.0])], ["a", "b"])
    found = resampled(series, 5)
    np.testing.assert_allclose(found.values[..., 0], [[0, 1, 2, 3, 4], [1, 1, 1, 1, 1]])
    assert found.lengths.tolist() == [5, 5] and found.labels is not None
    assert resampled(series, 1).values[:, 0, 0].tolist() == [0, 1]


@given(st.integers(1, 9), st.integers(1, 20))
def test_resampling_agrees_with_numpy(length, steps):
    values = np.random.default_rng(length).normal(size=(1, length))
    found = resampled(series_from_arrays(values), steps).values[0, :, 0]
    expected = np.interp(np.linspace(0, length - 1, steps), np.arange(length), values[0])
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.wrong_types
def test_steps_are_a_whole_number():
    with pytest.raises(ValueError, match="must be a whole number of at least 1; received 0"):
        resampled(series_from_arrays(RAGGED), 0)
