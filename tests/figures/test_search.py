"""The pictures of a search."""

import numpy as np
import pytest

from profond.figures import search_history, search_slices

STATES = ["complete", "pruned", "complete", "failed"]
VALUES = [3.0, 5.0, 2.0, np.nan]


def labels_apart(ax):
    """Whether no label along the axis of a drawn picture touches the next."""
    ax.figure.draw_without_rendering()
    low, high = ax.get_xlim()
    ticks = [*ax.xaxis.get_major_ticks(), *ax.xaxis.get_minor_ticks()]
    shown = [t.label1 for t in ticks if t.label1.get_text() and low <= t.get_loc() <= high]
    boxes = sorted((t.get_window_extent() for t in shown), key=lambda box: box.x0)
    assert len(boxes) >= 2
    return all(a.x1 < b.x0 for a, b in zip(boxes, boxes[1:], strict=False))


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(
    "rates",
    [(9e-4, 1.3e-3, 2e-3, 8.8e-3), (1e-4, 1e-3, 2e-3, 1e-2), (2e-3, 2.1e-3, 2.4e-3, 3e-3)],
)
def test_labels_of_a_logarithmic_setting_do_not_overlap(rates, lang):
    settings = {name: rates for name in ("a", "b", "c", "d")}
    figure = search_slices(settings, VALUES, STATES, log=list(settings), lang=lang)
    assert all(labels_apart(ax) for ax in figure.axes)


def test_the_best_so_far_is_of_complete_trials():
    figure = search_history(VALUES, STATES)
    step = figure.axes[0].lines[-1]
    np.testing.assert_array_equal(step.get_ydata(), [3.0, 3.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("values", "states", "message"),
    [
        ([1.0], ["done"], r"`states` must be complete, pruned, failed; received 'done'"),
        ([1.0], [], r"must have one entry for each trial; received shapes \(1,\) and \(0,\)"),
        ([1.0], ["pruned"], r"there must be a complete trial with a finite score; received none"),
    ],
)
def test_wrong_trials_are_named(values, states, message):
    with pytest.raises(ValueError, match=message):
        search_history(values, states)
