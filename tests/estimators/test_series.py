"""SeriesClassifier and SeriesRegressor."""

import numpy as np
import pytest
from sklearn.base import clone

from profond import estimators, layers
from profond.data.series import SeriesSet, series_from_arrays
from profond.estimators import SeriesClassifier, SeriesRegressor
from profond.estimators._batch_statistics import shorten_memory
from profond.estimators._series_settings import (
    SeriesNetwork,
    SeriesPreprocessing,
    SeriesTraining,
)
from profond.experiment import load_model_folder

NETWORKS = (
    "fcn", "resnet", "inception_time", "encoder", "time_cnn", "t_lenet", "mlp", "rnn", "lstm",
    "gru", "transformer",
)  # fmt: skip


def waves(count: int = 40, steps: int = 40, seed: int = 0) -> SeriesSet:
    """Slow and fast waves with noise."""
    rng = np.random.default_rng(seed)
    fast = np.arange(count) % 2
    t = np.arange(steps) + rng.uniform(0, 20, (count, 1))
    values = np.sin(t / np.where(fast, 1.5, 4.0)[:, None]) + rng.normal(0, 0.1, (count, steps))
    return series_from_arrays(values[..., None], np.where(fast, "fast", "slow"))


def ragged(count: int = 24, seed: int = 0) -> SeriesSet:
    whole = waves(count, 40, seed)
    lengths = np.random.default_rng(seed).integers(20, 41, count)
    lengths[0] = 40
    return series_from_arrays([whole.values[i, :n] for i, n in enumerate(lengths)], whole.labels)


def small(input_shape, output_shape):
    from profond.layers import Conv1D, Dense, GlobalAveragePooling1D, Input
    from profond.models import Sequential

    return Sequential(
        [Input(input_shape), Conv1D(8, 5, activation="relu"), GlobalAveragePooling1D(),
         Dense(output_shape[0])]
    )  # fmt: skip


@pytest.fixture(scope="module")
def fitted():
    train = waves()
    return SeriesClassifier(epochs=12, seeds=2, random_state=0).fit(train)


def test_waves_are_told_apart(fitted):
    test = waves(30, seed=1)
    assert fitted.score(test, test.labels) > 0.9
    probabilities = fitted.predict_proba(test)
    assert probabilities.shape == (30, 2)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-6)
    assert fitted.classes_.tolist() == ["fast", "slow"]


@pytest.mark.parametrize("form", ["array", "channels", "list", "set"])
def test_series_come_in_many_forms(fitted, form):
    test = waves(5, seed=2)
    given = {
        "array": test.values[..., 0],
        "channels": test.values,
        "list": [one[:, 0] for one in test.values],
        "set": test,
    }[form]
    np.testing.assert_array_equal(fitted.predict(given), fitted.predict(test))


def test_the_answer_does_not_depend_on_what_fills_a_series_up():
    train = ragged()
    made = SeriesClassifier(epochs=4, seeds=1, random_state=0).fit(train)
    short = train.take([2, 3])
    with_long = made.predict_proba(train.take([0, 2, 3]))[1:]
    np.testing.assert_allclose(made.predict_proba(short), with_long, rtol=1e-4)
    padded = np.full((2, 60, 1), np.nan)
    padded[:, : short.values.shape[1]] = short.padded_with_nan()
    np.testing.assert_allclose(made.predict_proba(padded), with_long, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", NETWORKS)
@pytest.mark.parametrize("train", [waves(24), ragged()], ids=["equal", "unequal"])
def test_every_architecture_trains_and_is_kept(architecture, train, tmp_path):
    made = SeriesClassifier(architecture=architecture, epochs=2, seeds=1, random_state=0)
    made.fit(train)
    made.save(tmp_path / "m")
    again = load_model_folder(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(train), made.predict_proba(train))


def test_a_seed_gives_the_same_again(fitted):
    test = waves(6, seed=3)
    again = clone(fitted).fit(waves())
    np.testing.assert_array_equal(again.predict_proba(test), fitted.predict_proba(test))


def test_a_regressor_gives_numbers_and_intervals():
    rng = np.random.default_rng(0)
    level = rng.uniform(-3, 3, 60)
    x = level[:, None] + rng.normal(0, 0.3, (60, 20))
    made = SeriesRegressor(
        network=small, epochs=60, learning_rate=0.02, seeds=1, random_state=0
    ).fit(x, level)
    assert made.score(x, level) > 0.9
    ends = made.predict_interval(x, level=0.8)
    assert ends.shape == (60, 2) and (ends[:, 0] < ends[:, 1]).all()


def test_a_network_of_the_users_own_gets_the_shapes():
    seen = []

    def own(input_shape, output_shape):
        seen.append((input_shape, output_shape))
        return small(input_shape, output_shape)

    SeriesClassifier(network=own, epochs=1, seeds=1).fit(waves())
    assert seen == [((40, 1), (1,))]


def test_the_output_of_a_regression_begins_at_the_mean():
    x, y = waves().values, np.full(40, 50.0) + np.arange(40)
    made = SeriesRegressor(epochs=1, learning_rate=1e-12, seeds=1, random_state=0).fit(x, y)
    assert abs(made.predict(x).mean() - y.mean()) < 10


def test_batch_normalization_forgets_faster_in_a_short_training():
    network = layers.Input((4,)), layers.BatchNormalization()
    from profond.models import Sequential

    def momentum(steps, start=0.99):
        layer = layers.BatchNormalization(momentum=start)
        shorten_memory(Sequential([network[0], layer]), steps)
        return layer.momentum

    assert momentum(100_000) == 0.99
    assert momentum(1000) == pytest.approx(0.98)
    assert momentum(50) == 0.9
    assert momentum(50, start=0.5) == 0.5


def test_defaults_are_those_of_the_description():
    sections = (SeriesPreprocessing(), SeriesNetwork(), SeriesTraining())
    described = {k: v for one in sections for k, v in one.model_dump().items()}
    for kind in ("SeriesClassifier", "SeriesRegressor"):
        own = getattr(estimators, kind)().get_params()
        shared = {k: v for k, v in described.items() if k in own and k != "validation_size"}
        assert {k: own[k] for k in shared} == shared
    assert set(described) - set(SeriesClassifier().get_params()) == {"output"}


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"architecture": "lstm9"}, "`architecture` must be one of fcn, resnet, inception_time"),
        ({"scaling": "x"}, "`scaling` must be one of channels, series, none; received 'x'"),
        ({"epochs": 0}, "`epochs` must be a whole number of at least 1; received 0"),
        ({"seeds": 0}, "`seeds` must be a whole number of at least 1; received 0"),
    ],
)
def test_wrong_parameters_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        SeriesClassifier(**arguments).fit(waves())


def test_wrong_series_and_labels_are_named():
    made = SeriesClassifier(epochs=1, seeds=1)
    with pytest.raises(ValueError, match="`y` must be given"):
        made.fit(waves().values)
    with pytest.raises(ValueError, match=r"at least two classes; received one class only: 'a'"):
        made.fit(waves().values, ["a"] * 40)
    with pytest.raises(
        ValueError, match=r"must hold series .time,. or .time, chan.*received shape"
    ):
        made.fit(np.ones(5), [0, 1, 0, 1, 0])
    with pytest.raises(ValueError, match="one value for each row of `X`; received shape .39,."):
        made.fit(waves().values, ["a", "b", "c"] * 13)


@pytest.mark.parametrize("augment", ["slicing", "warping"])
def test_networks_learn_from_windows_and_answer_for_whole_series(augment, tmp_path):
    train, test = waves(), waves(30, seed=1)
    made = SeriesClassifier(augment=augment, epochs=3, seeds=1, random_state=0).fit(train)
    assert made.model_.networks[0].input_shape == (None, 36, 1)
    assert made.score(test, test.labels) > 0.9
    encoded = made.model_.encode(test)
    windows = made.model_.preprocessor.windows(encoded)
    assert windows.shape == (30, 5, 36, 1)
    np.testing.assert_array_equal(windows[:, 0], encoded[:, :36])
    np.testing.assert_array_equal(windows[:, -1], encoded[:, 4:])
    each = np.mean([made.model_.outputs(windows[:, k]) for k in range(5)], axis=0)
    np.testing.assert_allclose(made.predict_proba(test), each, rtol=1e-5)
    made.save(tmp_path / "m")
    again = load_model_folder(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(test), made.predict_proba(test))


def test_windows_of_a_series_are_not_parted():
    from profond.data.series import SeriesPreprocessor
    from profond.estimators._members import Trainer, TrainingPart
    from profond.estimators._series_settings import SeriesSettings
    from profond.estimators._series_windows import with_windows

    series = waves(20)
    fitted = SeriesPreprocessor.fit(series, window=0.9)
    target = np.arange(20) % 2
    from profond.data import ClassTarget

    codec = ClassTarget("y", (0, 1))
    part = TrainingPart(fitted.transform(series), target, codec, fitted.layout, np.arange(20.0))
    sliced, warped = (with_windows(part, fitted, how) for how in ("slicing", "warping"))
    assert len(sliced.inputs) == 20 * 5 and len(warped.inputs) == 3 * 20 * 5
    for made in (sliced, warped):
        np.testing.assert_array_equal(made.target, target[made.groups])
        np.testing.assert_array_equal(made.weights, made.groups)
        settings = SeriesSettings.of({"validation_size": 0.3})
        fitting, validation = Trainer(made, settings).split(0)
        assert not set(made.groups[fitting]) & set(made.groups[validation])
    with pytest.raises(ValueError, match="Windows need series of one length; these have 20 to 40"):
        SeriesClassifier(augment="slicing", seeds=1).fit(ragged())


def test_products_in_half_precision_leave_weights_in_single():
    made = SeriesClassifier(precision="bfloat16", epochs=3, seeds=1, random_state=0).fit(waves())
    assert {w.dtype.name for w in made.model_.networks[0].get_weights()} == {"float32"}
    plain = SeriesClassifier(epochs=3, seeds=1, random_state=0).fit(waves())
    difference = np.abs(made.predict_proba(waves()) - plain.predict_proba(waves())).max()
    assert 0 < difference < 0.2
