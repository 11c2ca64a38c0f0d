"""Examples of images as pictures."""

import numpy as np
import pytest

from profond.figures import image_examples, numbers

RNG = np.random.default_rng(0)


def test_each_class_has_its_row():
    grey = RNG.integers(0, 256, (3, 8, 8)).astype(np.uint8)
    colour = RNG.random((2, 8, 8, 3))
    figure = image_examples([grey, colour], ["a", "b"])
    assert numbers(figure)["shown"] == {"a": 3, "b": 2}
    drawn = [len(ax.images) for ax in figure.axes]
    assert drawn == [1, 1, 1, 1, 1, 0]


def test_many_classes_are_counted():
    figure = image_examples([np.zeros((1, 4, 4))] * 23, [str(i) for i in range(23)], lang="fr")
    assert figure._supxlabel.get_text() == "et 3 autres classes"


def test_wrong_images_are_named():
    with pytest.raises(ValueError, match="`titles` must be one per class; received 1 for 2"):
        image_examples([np.zeros((1, 4, 4))] * 2, ["a"])
    with pytest.raises(ValueError, match="at least one image; received none"):
        image_examples([np.zeros((0, 4, 4))], ["a"])
