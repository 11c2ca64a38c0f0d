"""Chapter 4: optimizers on a contour, the loss between networks, many starts."""

import numpy as np
import pytest

import profond
from profond import figures
from profond.figures import numbers
from profond.figures._landscape import swapped_weights
from profond.layers import Dense, Input
from profond.optimizers import SGD, Adam


def test_gradient_descent_is_the_closed_form_path(line):
    x, y = line
    path = numbers(figures.optimizer_paths(x, y, optimizers={"all": (SGD(0.05), None)}, epochs=6))[
        "paths"
    ]["all"]
    plain = numbers(figures.descent_contour(x, y, rates=0.05, steps=6))["paths"][0]
    np.testing.assert_allclose(path, plain, rtol=1e-10)


def test_minibatches_move_once_each_and_the_seed_orders_them(line):
    x, y = line
    options = {"optimizers": {"sgd": SGD(0.01), "adam": (Adam(0.1), 8)}, "batch_size": 10}
    paths = numbers(figures.optimizer_paths(x, y, epochs=2, **options))["paths"]
    assert len(paths["sgd"]) == 2 * 4 + 1
    assert len(paths["adam"]) == 2 * 5 + 1
    again = numbers(figures.optimizer_paths(x, y, epochs=2, **options))["paths"]
    other = numbers(figures.optimizer_paths(x, y, epochs=2, seed=1, **options))["paths"]
    assert np.array_equal(paths["sgd"], again["sgd"])
    assert not np.array_equal(paths["sgd"], other["sgd"])


def test_the_default_optimizers_all_come_closer(line):
    figure = figures.optimizer_losses(*line, epochs=15, batch_size=8, seeds=3)
    excess = numbers(figure)["excess"]
    assert len(excess) == 4
    for runs in excess.values():
        assert runs.shape == (3, 16)
        np.testing.assert_allclose(runs[:, 0], 1.0)
        assert runs[:, -1].max() < 0.1


def test_optimizers_given_are_left_as_they_are(line):
    optimizer = Adam(0.1)
    figures.optimizer_paths(*line, optimizers={"mine": optimizer}, epochs=1)
    assert int(optimizer.iterations) == 0
    with pytest.raises(ValueError, match="`optimizers` is empty"):
        figures.optimizer_paths(*line, optimizers={})


def test_optimizers_can_be_named(line):
    found = numbers(figures.optimizer_paths(*line, optimizers={"a": "adam", 2: ("sgd", None)}))
    assert list(found["paths"]) == ["a", "2"]
    assert len(found["paths"]["2"]) == 5  # all rows: a move per epoch
    own = numbers(figures.optimizer_paths(*line, optimizers={"a": Adam()}))["paths"]["a"]
    np.testing.assert_array_equal(found["paths"]["a"], own)


@pytest.mark.parametrize(
    ("optimizers", "error", "message"),
    [
        (["adam"], TypeError, "`optimizers` must be a mapping of names to optimizers; received"),
        ({"a": 3}, TypeError, "must hold optimizers, their names or pairs .*; received 3 for 'a'"),
        ({"a": "adan"}, ValueError, "'adan'"),
    ],
)
def test_what_is_no_optimizer_is_refused(line, optimizers, error, message):
    with pytest.raises(error, match=message):
        figures.optimizer_losses(*line, optimizers=optimizers)
    with pytest.raises(ValueError, match="`start` must be two numbers; received 1"):
        figures.optimizer_paths(*line, start=[1.0])


def _model(hidden=True):
    inside = [Dense(4, activation="tanh"), Dense(3, activation="relu")] if hidden else []
    return profond.Sequential([Input((1,)), *inside, Dense(1)])


def test_swapped_neurons_compute_the_same(line):
    x = line[0].to_numpy(np.float32)[:, None]
    model = _model()
    before = np.asarray(model(x).detach())
    swapped = swapped_weights(model)
    assert not np.array_equal(swapped[0], model.get_weights()[0])
    model.set_weights(swapped)
    np.testing.assert_allclose(np.asarray(model(x).detach()), before, rtol=1e-5, atol=1e-6)


def test_the_loss_between_twins_is_not_convex(line):
    x, y = (column.to_numpy(np.float32)[:, None] for column in line)
    model = _model()
    model.compile(loss="mse", optimizer=Adam(0.05))
    model.fit(x, y, epochs=30, verbose=0)
    weights = [np.array(weight) for weight in model.get_weights()]
    found = numbers(figures.loss_slice(model, x, y, points=21))
    assert found["loss"].shape == (1, 21)
    assert found["loss"][0, 0] == pytest.approx(found["loss"][0, -1], rel=1e-4)
    assert found["loss"][0, 0] == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-4)
    assert found["bump"][0] > 0.01
    for kept, now in zip(weights, model.get_weights(), strict=True):
        assert np.array_equal(kept, now)


def test_a_perceptrons_loss_is_convex_on_every_segment(line):
    x, y = (column.to_numpy(np.float32)[:, None] for column in line)
    model = _model(hidden=False)
    rng = np.random.default_rng(0)
    for _ in range(5):
        ends = [rng.normal(size=(1, 1)), rng.normal(size=1)]
        found = numbers(figures.loss_slice(model, x, y, to=ends, points=15))
        assert found["bump"][0] < 1e-4 * found["loss"].max()


def test_slices_towards_another_model(line):
    models = [_model(), _model()]
    found = numbers(figures.loss_slice(models[0], *line, to=models[1], points=5, loss="mae"))
    assert list(found["t"]) == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_slices_take_the_models_own_loss(flowers):
    x, y = flowers[0].to_numpy(), np.repeat([0, 1, 2], 20)
    model = profond.Sequential(
        [Input((2,)), Dense(4, activation="tanh"), Dense(3, activation="softmax")]
    )
    with pytest.raises(ValueError, match=r"does not take targets of shape \(60,\) for outputs of"):
        figures.loss_slice(model, x, y)
    model.compile(loss="sparse_categorical_crossentropy")
    found = numbers(figures.loss_slice(model, x, y, points=3))
    assert found["loss"][0, 0] == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-4)


def test_slices_that_cannot_be_taken_are_refused(line):
    with pytest.raises(ValueError, match="no hidden layer, so there are no neurons to swap"):
        figures.loss_slice(_model(hidden=False), *line)
    with pytest.raises(ValueError, match='`to` must be "swapped", a model or a list'):
        figures.loss_slice(_model(), *line, to="elsewhere")
    with pytest.raises(ValueError, match="`to` must have the model's weight shapes"):
        figures.loss_slice(_model(), *line, to=_model(hidden=False))
    with pytest.raises(TypeError, match="`models` must be profond models; received str"):
        figures.loss_slice(["a"], *line)


def test_every_method_starts_from_the_same_weights():
    options = {"starts": 4, "updates": 1, "settle": 0, "rate": 1e-12}
    ends = numbers(figures.many_starts(**options))["ends"]
    np.testing.assert_allclose(ends[None], ends[5], rtol=1e-5)
    assert len(set(ends[None])) == 4


def test_many_starts_count_the_good_ends(line):
    figure = figures.many_starts(
        *line, starts=6, updates=80, settle=40, batch_sizes=[8], tolerance=0.05
    )
    found = numbers(figure)
    assert set(found["ends"]) == {None, 8}
    assert found["best"] == min(found["ends"][None].min(), found["ends"][8].min())
    for size, ends in found["ends"].items():
        assert found["good"][size] == np.sum(ends <= found["best"] + 0.05)


def test_the_teachers_data_can_be_fitted_exactly():
    x, y = figures.teacher_problem(inputs=3, hidden=2, rows=20, seed=4)
    assert x.shape == (20, 3)
    again = figures.teacher_problem(inputs=3, hidden=2, rows=20, seed=4)
    assert np.array_equal(x, again[0])
    assert np.array_equal(y, again[1])


def test_bad_starts_are_refused(line):
    with pytest.raises(ValueError, match=r"give both `x` and `y`, or neither \(a noisy wave"):
        figures.many_starts(line[0])
    with pytest.raises(ValueError, match="`starts` must be at least 2"):
        figures.many_starts(starts=1)
    with pytest.raises(ValueError, match="`tolerance` must be a finite number above 0"):
        figures.many_starts(tolerance=0)
    with pytest.raises(ValueError, match="every training with all rows diverged; take a smaller"):
        figures.many_starts(activation="relu", rate=1e6, starts=2, updates=50, settle=0)
