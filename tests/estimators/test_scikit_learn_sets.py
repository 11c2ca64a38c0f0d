"""What scikit-learn asks of an estimator, and its tools at work, with series and images."""

import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import estimator_checks_generator

from profond.data.images import images_from_arrays
from profond.estimators import ImageClassifier, ImageRegressor, SeriesClassifier, SeriesRegressor
from profond.layers import Dense, Flatten, Input
from profond.models import Sequential
from tests.estimators.test_images import bars
from tests.estimators.test_series import waves

EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": "the order of the rows is drawn: a weight of "
    "2 and the row twice are not the same draw",
    "check_n_features_in_after_fitting": "series to predict may have another length than those of "
    "the fit",
}
# Sums of many products are added in another order in a batch of another size.
TO_ROUNDING = ("check_methods_subset_invariance", "check_methods_sample_order_invariance")
SHORT = {"epochs": 20, "seeds": 1, "random_state": 0}


def dense(input_shape, output_shape):
    """A small network for rows of any shape."""
    return Sequential(
        [Input(input_shape), Flatten(), Dense(16, activation="relu"), Dense(output_shape[0])]
    )


class _Rows:
    """Rows of a table as images of one line: most checks of scikit-learn have such data."""

    def _read(self, x, *, reset):
        array = np.asarray(x) if hasattr(x, "__array__") or isinstance(x, list) else x
        if isinstance(array, np.ndarray) and array.ndim == 2 and array.size:
            count = array.shape[1]
            if reset:
                self.n_features_in_ = count
            elif count != self.n_features_in_:
                raise ValueError(
                    f"X has {count} features, but {type(self).__name__} is expecting "
                    f"{self.n_features_in_} features as input"
                )
            x = array[:, None, :, None]
        return super()._read(x, reset=reset)  # type: ignore[misc]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.two_d_array = True
        return tags


class RowsClassifier(_Rows, ImageClassifier):
    """An `ImageClassifier` of rows."""


class RowsRegressor(_Rows, ImageRegressor):
    """An `ImageRegressor` of rows."""


def _checks():
    plain = {"augment": (), "network": dense, "learning_rate": 0.02, "validation_size": 0.0}
    for estimator in (
        SeriesClassifier(architecture="mlp", **SHORT),
        SeriesRegressor(architecture="mlp", **SHORT),
        RowsClassifier(**plain, **SHORT),
        RowsRegressor(**plain, output="linear", **SHORT),
    ):
        for one, check in estimator_checks_generator(estimator):
            name = check.func.__name__
            if name in TO_ROUNDING:
                continue
            reason = EXPECTED.get(name)
            if isinstance(estimator, _Rows) and "features" in name:
                reason = None
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(one, check, marks=marks, id=f"{type(estimator).__name__}-{name}")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the checks hand over rows of every strange kind
@pytest.mark.parametrize(("estimator", "check"), list(_checks()))
def test_scikit_learns_checks(estimator, check):
    check(estimator)


MAKE = {
    "series": lambda **more: SeriesClassifier(**{**FAST, "architecture": "time_cnn", **more}),
    "images": lambda **more: ImageClassifier(**{**FAST, "network": dense, **more}),
}
FAST = {"epochs": 2, "seeds": 1, "random_state": 0}
KINDS = pytest.mark.parametrize("kind", list(MAKE))


def some(kind):
    """A few labelled series or images in an array."""
    if kind == "images":
        return bars(24)
    series = waves(24)
    return series.values, series.labels


@KINDS
def test_with_the_tools_of_model_selection_on_arrays_of_three_and_four_axes(kind):
    x, y = some(kind)
    scores = cross_val_score(MAKE[kind](), x, y, cv=3)
    assert scores.shape == (3,) and ((scores >= 0) & (scores <= 1)).all()
    search = GridSearchCV(MAKE[kind](), {"epochs": [1, 2]}, cv=2).fit(x, y)
    assert search.best_params_["epochs"] in (1, 2)
    assert search.predict(x).shape == (24,)
    halved = make_pipeline(FunctionTransformer(lambda values: values[:, ::2]), MAKE[kind]())
    assert halved.fit(x, y).predict_proba(x).shape == (24, 2)


@KINDS
@pytest.mark.parametrize("roundtrip", ["pickle", "joblib"])
def test_it_comes_back_from_a_file(kind, roundtrip, tmp_path):
    x, y = some(kind)
    made = MAKE[kind]().fit(x, y)
    if roundtrip == "pickle":
        again = pickle.loads(pickle.dumps(made))
    else:
        joblib.dump(made, tmp_path / "m")
        again = joblib.load(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(x), made.predict_proba(x))


@KINDS
def test_a_clone_has_the_parameters_and_nothing_learned(kind):
    x, y = some(kind)
    made = MAKE[kind](class_weight={y[0]: 2.0}).fit(x, y)
    again = clone(made).set_params(epochs=1)
    assert not hasattr(again, "model_") and not hasattr(again, "classes_")
    assert again.get_params() == {**made.get_params(), "epochs": 1}
    with pytest.raises(NotFittedError):
        again.predict(x)


@KINDS
def test_a_row_of_weight_zero_is_as_if_it_were_not_there(kind):
    x, y = some(kind)
    weights = np.ones(24)
    weights[[3, 7]] = 0
    made = MAKE[kind]().fit(x, y, sample_weight=weights)
    kept = np.flatnonzero(weights)
    without = MAKE[kind]().fit(x[kept], y[kept])
    # A loss with weights of 1 is a mean in another order.
    np.testing.assert_allclose(made.predict_proba(x), without.predict_proba(x), rtol=1e-3)
    heavy = MAKE[kind]().fit(x, y, sample_weight=np.where(y == y[0], 50.0, 1.0))
    first = list(heavy.classes_).index(y[0])
    assert heavy.predict_proba(x)[:, first].mean() > made.predict_proba(x)[:, first].mean()


@KINDS
@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ("sparse", TypeError, "`X` must be dense: {kind} are arrays; received a sparse matrix"),
        ("complex", ValueError, "real numbers. Complex data not supported: complex128"),
        ("one", ValueError, r"`X` must hold {kind} .*; received shape \(4,\). Reshape your data"),
        ("empty", ValueError, r"something in its {kind}; received 0 feature.* \(shape=\(3, 0\)\)"),
        ("objects", TypeError, "must hold numbers"),
    ],
)
def test_what_is_no_array_of_rows_is_named(kind, wrong, error, message):
    from scipy.sparse import csr_matrix

    objects = np.ones((3, 4, 4, 1)[: 4 if kind == "images" else 3], dtype=object)
    objects[0] = {"a": 1}
    x = {
        "sparse": csr_matrix((3, 4)),
        "complex": np.ones((3, 4, 4), complex),
        "one": np.ones(4),
        "empty": np.ones((3, 0)),
        "objects": objects,
    }[wrong]
    with pytest.raises(error, match=message.format(kind=kind)):
        MAKE[kind]().fit(x, [0, 1, 0])


def test_numbers_in_an_array_of_objects_are_numbers():
    x, _ = bars(6)
    found = images_from_arrays(x.astype(object))
    np.testing.assert_array_equal(found.one(3), x[3])
