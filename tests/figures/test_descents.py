"""Chapter 1: scatter and fit, the loss of every slope, gradient descent, contours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

import profond
from profond import figures
from profond.data import load_bundled
from profond.figures import numbers
from profond.figures._contour import bowl
from profond.layers import Dense, Input


@pytest.fixture(scope="module")
def boston():
    return load_bundled("boston")


def test_fits_are_least_squares(line):
    x, y = line
    column = x.to_numpy()[:, None]
    through = LinearRegression(fit_intercept=False).fit(column, y)
    full = LinearRegression().fit(column, y)
    assert numbers(figures.scatter(x, y, fit="slope"))["slope"] == pytest.approx(through.coef_[0])
    found = numbers(figures.scatter(x, y, fit="line"))
    assert found["slope"] == pytest.approx(full.coef_[0])
    assert found["bias"] == pytest.approx(full.intercept_)
    assert found["mse"] == pytest.approx(np.mean((full.predict(column) - y) ** 2))


def test_axes_bear_the_names_of_the_columns(line):
    ax = figures.scatter(*line).axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("size", "price")
    ax = figures.scatter(*line, x_name="metres").axes[0]
    assert ax.get_xlabel() == "metres"


def test_any_model_with_predict_is_drawn(line):
    x, y = line
    forest = LinearRegression().fit(x.to_numpy()[:, None], y)
    found = numbers(figures.scatter(x, y, fit="line", model=forest))
    assert found["model_mse"] == pytest.approx(found["mse"])
    network = profond.Sequential([Input((1,)), Dense(1)])
    network.set_weights([np.array([[2.0]]), np.array([0.0])])
    found = numbers(figures.scatter(x, y, model=network))
    assert found["model_mse"] == pytest.approx(np.mean((2 * x - y) ** 2), rel=1e-5)


def test_the_loss_is_the_sum_of_squares_of_the_notes(boston):
    x, y = boston["RM"], boston["PRICE"]
    w = np.linspace(-2, 10, 100)
    found = numbers(figures.loss_curve(x, y, w=w))
    # The notes' own function, 1.2.1.
    notes = np.sum((w[:, None] * x.to_numpy()[None, :] - y.to_numpy()[None, :]) ** 2, axis=1)
    np.testing.assert_allclose(found["loss"], notes, rtol=1e-10)
    assert found["best_w"] == pytest.approx(np.sum(x * y) / np.sum(x**2))
    assert w[np.argmin(notes)] == pytest.approx(found["best_w"], abs=0.07)


@pytest.mark.parametrize("rate", [1e-6, 1e-5, 5e-5])
def test_descent_takes_the_steps_of_the_notes(boston, rate):
    x, y = boston["RM"], boston["PRICE"]
    w = [0.0]
    for t in range(10):
        w.append(w[t] - rate * np.sum(2 * (w[t] * x - y) * x))  # the notes' loop
    found = numbers(figures.descent(x, y, rate=rate))
    np.testing.assert_allclose(found["w"], w, rtol=1e-10)
    # In closed form: the error is multiplied by the same factor at each step.
    best = np.sum(x * y) / np.sum(x**2)
    expected = best + (0.0 - best) * (1 - 2 * rate * np.sum(x**2)) ** np.arange(11)
    np.testing.assert_allclose(found["w"], expected, rtol=1e-9)


def test_the_three_rates_behave_as_in_the_notes(boston):
    x, y = boston["RM"], boston["PRICE"]
    best = np.sum(x * y) / np.sum(x**2)
    good = numbers(figures.descent(x, y, rate=1e-5, steps=60))["w"]
    slow = numbers(figures.descent(x, y, rate=1e-6))
    away = numbers(figures.descent(x, y, rate=5e-5))
    assert good[-1] == pytest.approx(best, rel=1e-9)
    assert slow["w"][-1] < 0.4 * best
    assert np.all(np.diff(slow["loss"]) < 0)
    assert np.all(np.diff(away["loss"]) > 0)
    assert np.all(np.diff(np.sign(away["w"] - best)) != 0)  # from one side to the other
    limit = numbers(figures.descent_rates(x, y))["limit"]
    assert 1e-5 < limit < 5e-5


def test_the_rates_are_drawn_together(line):
    found = numbers(figures.descent_rates(*line, rates=[1e-3, 1e-4], steps=4, start=1.0))
    assert found["w"].shape == (2, 5)
    single = numbers(figures.descent(*line, rate=1e-4, steps=4, start=1.0))
    np.testing.assert_allclose(found["w"][1], single["w"])


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_windows_follow_the_units_of_the_data(line, scale):
    x, y = line
    plain = numbers(figures.loss_curve(x, y))["w"]
    np.testing.assert_allclose(numbers(figures.loss_curve(x, y * scale))["w"], plain * scale)
    limit = numbers(figures.descent_rates(x, y))["limit"]
    windows = [
        figures.descent(x, y * factor, rate=limit / 4).axes[0].lines[0].get_xdata()
        for factor in (1, scale)
    ]
    np.testing.assert_allclose(windows[1], windows[0] * scale)


def test_rates_that_look_alike_are_all_drawn(line):
    figure = figures.descent_contour(*line, rates=(0.0101, 0.01011, 0.0101), steps=3)
    assert numbers(figure)["paths"].shape == (3, 4, 2)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert r"$\rho$ = 0.01011" in labels


def test_steps_have_whole_ticks(line):
    figure = figures.descent_rates(*line, rates=1e-3, steps=10)
    assert all(float(tick).is_integer() for tick in figure.axes[0].get_xticks())


def test_a_descent_that_overflows_says_which_rate_converges(line):
    with pytest.raises(ValueError, match=r"slopes overflow within 4000 steps.*converges below"):
        figures.descent(*line, rate=10.0, steps=4000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate": 0}, "`rate` must be a finite number above 0"),
        ({"steps": 0}, "`steps` must be at least 1"),
        ({"y": [1.0]}, "`x` and `y` must have as many rows; received 40 and 1"),
        ({"start": "a"}, "`start` must be a number; received 'a'"),
    ],
)
def test_bad_descents_are_refused(line, change, message):
    arguments = {"x": line[0], "y": line[1], **change}
    with pytest.raises((TypeError, ValueError), match=message):
        figures.descent(**arguments)


def test_data_without_a_unique_line_are_refused():
    with pytest.raises(ValueError, match="`x` is 0 in every row; no slope can be fitted"):
        figures.loss_curve([0.0, 0.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="`x` has the same value in every row; no line"):
        figures.scatter([1.0, 1.0], [1.0, 2.0], fit="line")
    with pytest.raises(ValueError, match='`fit` must be "none", "slope" or "line"; received'):
        figures.scatter([1.0], [1.0], fit="curve")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`model` must have a `predict` .*; received int"):
        figures.scatter([1.0], [1.0], model=3)


@given(st.integers(0, 1000))
def test_the_contour_is_the_mean_squared_error_and_its_gradient(seed):
    rng = np.random.default_rng(seed)
    x, y, theta = rng.normal(size=(12, 2)), rng.normal(size=12), rng.normal(size=2)
    surface = bowl(x, y)
    assert surface.loss(theta) == pytest.approx(np.mean((x @ theta - y) ** 2))
    step = 1e-6
    slopes = [
        (surface.loss(theta + step * e) - surface.loss(theta - step * e)) / (2 * step)
        for e in np.eye(2)
    ]
    np.testing.assert_allclose(surface.gradient(theta), slopes, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(surface.gradient(surface.best), 0, atol=1e-10)


def test_contour_descents_converge_below_the_limit_and_diverge_above(line):
    x, y = line
    limit = numbers(figures.descent_contour(x, y, rates=1e-6, steps=1))["limit"]
    found = numbers(figures.descent_contour(x, y, rates=[0.9 * limit, 1.1 * limit], steps=800))
    full = LinearRegression().fit(x.to_numpy()[:, None], y)
    np.testing.assert_allclose(found["best"], [full.coef_[0], full.intercept_])
    np.testing.assert_allclose(found["paths"][0, -1], found["best"], rtol=1e-4)
    assert found["loss"][1, -1] > found["loss"][1, 0]


def test_standardised_inputs_make_the_contour_round(line):
    x, y = line
    centred = (x - x.mean()) / x.std(ddof=0)
    assert numbers(figures.descent_contour(centred, y, rates=0.1))["condition"] == pytest.approx(1)
    assert numbers(figures.descent_contour(x, y, rates=0.01))["condition"] > 10


def test_contours_of_other_data_are_refused(line):
    x, y = line
    with pytest.raises(ValueError, match="one column .* or two .*; received 3 columns"):
        figures.descent_contour(np.ones((40, 3)), y, rates=0.1)
    with pytest.raises(ValueError, match="columns of `x` are linearly dependent"):
        figures.descent_contour(np.column_stack([x, 2 * x]), y, rates=0.1)
    with pytest.raises(ValueError, match="`rates` must be a finite number above 0"):
        figures.descent_contour(x, y, rates=[-0.1])
    with pytest.raises(ValueError, match="`start` must be two numbers; received 3"):
        figures.descent_contour(x, y, rates=0.1, start=[1, 2, 3])
    with pytest.raises(TypeError, match="`start` must hold numbers"):
        figures.descent_contour(x, y, rates=0.1, start="ab")
