"""Axes, languages, numbers behind a picture, and arguments refused in plain words."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from profond import figures
from profond.figures import _checks
from profond.figures._canvas import canvas, decimals, figure_of, finish, labels_apart, style


def test_a_figure_is_made_or_the_given_axes_are_used(line):
    made = figures.scatter(*line)
    assert isinstance(made, Figure)
    assert len(made.axes) == 1
    own = Figure()
    left, right = own.subplots(1, 2)
    assert figures.scatter(*line, ax=right) is own
    assert not left.has_data()
    assert right.has_data()


def test_axes_in_a_subfigure_give_the_outer_figure():
    outer = Figure()
    inner = outer.subfigures(1, 2)[0].subplots()
    assert figure_of(inner) is outer


def test_axes_of_another_kind_are_refused():
    with pytest.raises(TypeError, match="`ax` must be a matplotlib Axes or None; received str"):
        canvas("here")  # type: ignore[arg-type]


def test_numbers_come_back_from_figure_and_axes(line):
    own = Figure()
    ax = own.subplots()
    figures.scatter(*line, fit="slope", ax=ax)
    assert figures.numbers(own) == figures.numbers(ax)
    assert set(figures.numbers(ax)) == {"slope", "bias", "mse"}
    assert figures.numbers(Figure()) == {}
    with pytest.raises(TypeError, match="a Figure or Axes is required; received int"):
        figures.numbers(3)  # type: ignore[arg-type]


def test_french_figures_have_french_words_and_decimal_commas(line):
    figure = figures.loss_curve(*line, w=np.linspace(0, 1, 50), lang="fr")
    ax = figure.axes[0]
    assert "somme des carrés" in ax.get_ylabel()
    figure.canvas.draw()
    assert "0,5" in " ".join(tick.get_text() for tick in ax.get_xticklabels()).replace(
        "0,50", "0,5"
    )


def _ticks(ax, axis, *, minor=False):
    ax.figure.draw_without_rendering()
    return [tick.get_text() for tick in getattr(ax, f"get_{axis}ticklabels")(minor=minor)]


def test_french_logarithmic_axes_and_offsets_have_no_point():
    for lang, mark in (("en", "."), ("fr", "{,}")):
        ax = canvas(None)
        ax.plot([1, 2], [0.684, 0.701])
        ax.set_yscale("log")
        finish(ax, lang=lang)
        words = "".join(_ticks(ax, "y") + _ticks(ax, "y", minor=True))
        assert mark in words.replace(r"10^{-1}", ""), words
    ax = canvas(None)
    ax.plot([0, 2.5e8], [0, 1])
    finish(ax, lang="fr")
    assert not any("." in label for label in _ticks(ax, "x"))
    assert ax.xaxis.get_offset_text().get_text() == r"$\times\,10^{8}$"


def test_epochs_are_counted_from_the_first_that_was_drawn():
    for first in (0, 1):
        ax = canvas(None)
        ax.plot(np.arange(first, 101), np.zeros(101 - first))
        finish(ax, lang="en", integer_x=True)
        labels = list(map(float, _ticks(ax, "x")))
        assert min(labels) == first
        assert all(label.is_integer() for label in labels)


def test_a_legend_below_hides_nothing():
    ax = canvas(None)
    ax.plot([0, 1], [0, 1], label="all of it")
    figure = finish(ax, lang="en", x="x", legend="below")
    figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y1 < ax.xaxis.label.get_window_extent().y0


def test_many_lines_differ_in_colour_or_dashes():
    drawn = [style(index) for index in range(36)]
    assert len({str(one) for one in drawn}) == 36
    assert len({str(one["linestyle"]) for one in drawn[:6]}) == 6


def test_labels_have_the_digits_that_tell_them_apart():
    assert labels_apart([0.01, 0.1], "en") == ["0.01", "0.1"]
    assert labels_apart([0.0101, 0.01011], "fr") == ["0,0101", "0,01011"]
    assert labels_apart([0.5, 0.5], "en") == ["0.5", "0.5"]


def test_thousands_are_apart_on_the_axes():
    for lang, label in (("en", "20,000"), ("fr", "20\N{NARROW NO-BREAK SPACE}000")):
        ax = canvas(None)
        ax.plot([0, 40000], [0, 1])
        figure = finish(ax, lang=lang)
        figure.canvas.draw()
        assert label in [tick.get_text() for tick in ax.get_xticklabels()]


def test_an_unknown_language_is_refused(line):
    with pytest.raises(ValueError, match='`lang` must be "en" or "fr"; received \'de\''):
        figures.scatter(*line, lang="de")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (3.653, "3.65", "3,65"),
        (-0.5, "−0.5", "−0,5"),
        (0.0, "0", "0"),
        (1e-6, "$10^{-6}$", "$10^{-6}$"),
        (5e-5, r"$5\times 10^{-5}$", r"$5\times 10^{-5}$"),
        (2.5e-7, r"$2.5\times 10^{-7}$", r"$2{,}5\times 10^{-7}$"),
        (54321.0, "54321", "54321"),
    ],
)
def test_decimals(value, english, french):
    assert decimals(value, "en") == english
    assert decimals(value, "fr") == french


def test_values_that_cannot_be_drawn_are_refused():
    with pytest.raises(TypeError, match="`x` must hold numbers; received dtype"):
        _checks.vector(["a", "b"], "x")
    with pytest.raises(TypeError, match="`x` must hold numbers"):
        _checks.matrix(pd.DataFrame({"a": [1, 2], "b": ["u", "v"]}), "x")
    with pytest.raises(ValueError, match="`x` is empty; at least one value is required"):
        _checks.vector([], "x")
    with pytest.raises(ValueError, match=r"1 value\(s\) are NaN or infinite, the first at 1\."):
        _checks.vector([0.0, np.nan], "x")
    with pytest.raises(ValueError, match=r"the first at \(0, 1\)"):
        _checks.matrix([[0.0, np.inf]], "x")
    with pytest.raises(
        ValueError, match=r"`x` must be one number per row; received shape \(2, 2\)"
    ):
        _checks.vector(np.eye(2), "x")
    with pytest.raises(ValueError, match=r"`x` must have rows and columns; received shape"):
        _checks.matrix(np.zeros((2, 2, 2)), "x")
    with pytest.raises(ValueError, match="`x` and `y` must have as many rows; received 2 and 3"):
        _checks.same_length(np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match=r"`x` has the same value in every row \(column 1\)"):
        _checks.standardised([[0.0, 1.0], [1.0, 1.0]], [0.0, 1.0])
    with pytest.raises(ValueError, match="`y` has the same value in every row"):
        _checks.standardised([0.0, 1.0], [1.0, 1.0])
    with pytest.raises(
        ValueError, match=r"give both `x` and `y`, or neither \(dice are used then\)"
    ):
        _checks.together(None, [1], "dice are used")


def test_a_table_of_booleans_and_numbers_is_numeric():
    table = pd.DataFrame({"a": [True, False], "b": [1.5, 2.0]}).astype(object)
    assert np.array_equal(_checks.matrix(table, "x"), [[1.0, 1.5], [0.0, 2.0]])


def test_counts_rates_and_shares_are_checked():
    assert _checks.whole(np.int64(3), "steps") == 3
    with pytest.raises(TypeError, match="`steps` must be a whole number; received 2.5"):
        _checks.whole(2.5, "steps")
    with pytest.raises(TypeError, match="`steps` must be a whole number; received True"):
        _checks.whole(True, "steps")
    with pytest.raises(ValueError, match="`steps` must be at least 1; received 0"):
        _checks.whole(0, "steps")
    with pytest.raises(TypeError, match="`rate` must be a number; received 'x'"):
        _checks.positive("x", "rate")
    with pytest.raises(ValueError, match="`rate` must be a finite number above 0; received -1"):
        _checks.positive(-1, "rate")
    with pytest.raises(TypeError, match="`rate` must be a number"):
        _checks.fraction(None, "rate")
    with pytest.raises(ValueError, match=r"`rate` must be in \[0, 1\); received 1"):
        _checks.fraction(1, "rate")
    with pytest.raises(ValueError, match=r"`rate` must be in \[0, 1\]; received 2"):
        _checks.fraction(2, "rate", below_one=False)
    with pytest.raises(ValueError, match="`rates` is empty; at least one is required"):
        _checks.several([], "rates")
    assert _checks.several("tanh", "activations") == ["tanh"]
    with pytest.raises(TypeError, match="`bias` must be a number; received 'b'"):
        _checks.number("b", "bias")
    with pytest.raises(ValueError, match="`bias` must be a finite number; received nan"):
        _checks.number(float("nan"), "bias")
    with pytest.raises(ValueError, match="`strengths` must be at least 0; received -1"):
        _checks.number(-1, "strengths", least=0)


def test_pairs_sizes_and_mappings_are_checked():
    assert list(_checks.pair((1, 2), "start")) == [1.0, 2.0]
    for wrong, count in (((1,), 1), ([1, 2, 3], 3), (4, 1)):
        with pytest.raises(ValueError, match=f"`start` must be two numbers; received {count}"):
            _checks.pair(wrong, "start")
    with pytest.raises(TypeError, match="`start` must hold numbers"):
        _checks.pair("ab", "start")
    assert _checks.layer_sizes(16) == [16]
    assert _checks.layer_sizes(()) == []
    with pytest.raises(TypeError, match="`hidden` must be a whole number; received '16'"):
        _checks.layer_sizes("16")
    with pytest.raises(ValueError, match=r"`strengths` must differ; received \[1, 1\]"):
        _checks.different([1, 1], "strengths")
    with pytest.raises(TypeError, match="`runs` must be a mapping of names to histories; received"):
        _checks.mapping([1], "runs", "names to histories")
    with pytest.raises(ValueError, match="`runs` is empty"):
        _checks.mapping({}, "runs", "names to histories")


def test_seeds_are_a_number_of_them_or_themselves():
    assert _checks.seed_list(3) == [0, 1, 2]
    assert _checks.seed_list([4, 9]) == [4, 9]
    with pytest.raises(ValueError, match=r"`seeds` must differ; received \[1, 1\]"):
        _checks.seed_list([1, 1])
    with pytest.raises(ValueError, match="`seeds` must be at least 0; received -1"):
        _checks.seed_list([-1])
    with pytest.raises(ValueError, match="`seeds` must be at least 1; received 0"):
        _checks.seed_list(0)


def test_names_of_columns():
    assert _checks.column_names(pd.DataFrame({"a": [1], "b": [2]}), 2) == ["a", "b"]
    assert _checks.column_names(np.zeros((1, 2)), 2) == ["x1", "x2"]
    assert _checks.column_names(pd.Series([1.0], name="rooms"), 1) == ["rooms"]
    assert _checks.name_of(pd.DataFrame({"a": [1]}), "x") == "a"
    assert _checks.name_of([1.0], "x") == "x"


def test_every_public_function_is_documented_and_has_english_and_french_defaults():
    for name in figures.__all__:
        thing = getattr(figures, name)
        assert thing.__doc__, name
