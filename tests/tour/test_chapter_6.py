"""What chapter 6 of the tour states, against values from outside."""

import re

import numpy as np
import pytest

import profond
from profond.architectures import fcn, lenet
from profond.tour import _conv_trainings, _filters_at_work
from profond.tour._data import digits, gun_point
from profond.tour._take import take_tour


def test_equation_6_1_written_out_is_numpys_correlation():
    rng = np.random.default_rng(0)
    x, f = rng.normal(size=30), rng.normal(size=7)
    found = _filters_at_work.written_sum(x, f)
    np.testing.assert_allclose(found, np.correlate(x, f, mode="valid"), atol=1e-12)


def test_the_multiplications_of_lenets_second_convolution():
    # 10 x 10 or 24 x 24 places, 16 filters of 5 x 5 x 6.
    assert _filters_at_work.multiplications(True) == 10 * 10 * 16 * 150
    assert _filters_at_work.multiplications(False) == 24 * 24 * 16 * 150


def test_a_dense_layer_does_not_move_its_output_along():
    x = _filters_at_work.one_series()
    moved = np.concatenate([np.full(20, x[0]), x[:-20]])
    # Two unrelated outputs differ by the square root of two times their size, about.
    assert 1 < _filters_at_work.dense_difference(x, moved, 20) < 2


def test_digits_at_half_their_size_keep_their_mean():
    small, labels = _conv_trainings.small_digits()
    assert small.shape == (1500, 14, 14, 1)
    (first, _), (second, _) = digits()
    assert small[3].mean() == pytest.approx(first[3].mean(), rel=1e-5)
    assert small[1499, 7, 7, 0] == pytest.approx(second[499, 14:16, 14:16].mean(), rel=1e-5)
    assert np.bincount(labels).tolist() == [150] * 10


def test_the_first_layer_is_compared_with_equation_6_3():
    profond.utils.set_random_seed(0)
    model = lenet((28, 28, 1), 10, padding="same")
    image = digits()[0][0][0]
    assert _conv_trainings.layer_error(model, image) < 1e-5
    weights = model.get_weights()
    linear = lenet((28, 28, 1), 10, padding="same", activation="linear")
    linear.set_weights(weights)
    assert _conv_trainings.layer_error(linear, image) > 0.01  # what ReLU cuts off is there


def test_parts_of_the_steps_add_up_to_the_output():
    profond.utils.set_random_seed(0)
    model = fcn((150, 1), 2, filters=(4, 4, 4), output_activation="softmax")
    assert _conv_trainings.activation_sums(model, gun_point()[1][0][:20]) < 1e-5


def test_a_seed_gives_the_same_training():
    split = tuple((x[:40], y[:40]) for x, y in gun_point())

    def build():
        model = fcn((150, 1), 2, filters=(4, 4, 4), output_activation="softmax")
        return _conv_trainings.compiled(model, "adam")

    runs = [
        _conv_trainings.trained(build, split, [3, 4], epochs=2, batch_size=10) for _ in range(2)
    ]
    (one, first), (other, second) = runs
    assert first == second
    assert len(one) == len(other) == 2
    np.testing.assert_array_equal(one[0].get_weights()[0], other[0].get_weights()[0])
    assert not np.array_equal(one[0].get_weights()[0], one[1].get_weights()[0])


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_quick_chapter_6_is_told_in_both_languages(tmp_path, lang):
    out = tmp_path / "tour.html"
    shown = take_tour([6], lang=lang, seeds=2, quick=True, out=out)
    found = {one.key: one for one in shown}
    apart = str.maketrans("", "", ",\N{NARROW NO-BREAK SPACE}")
    counted = [value.translate(apart) for _, value in found["lenet"].findings[:9]]
    assert counted == ["156", "0", "2416", "0", "0", "48120", "10164", "850", "61706"]
    assert [value for _, value in found["padding"].findings][:2] == [
        "3\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}3",
        "5\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}5",
    ]
    films = [svg for one in shown for _, svg in one.drawings if 'class="film' in svg]
    assert len(films) == 5
    text = out.read_text(encoding="utf-8")
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>|<pre.*?</pre>", "", text, flags=re.DOTALL)
    assert "{" not in words
