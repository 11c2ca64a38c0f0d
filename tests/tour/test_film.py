"""Pictures that move in the page, without a script."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from profond import figures
from profond.figures import Animation
from profond.tour._film import film, film_style


def moving(frames):
    return figures.equivariance_animation(np.sin(np.arange(40) / 4), most=8, frames=frames)


@pytest.fixture(scope="module")
def drawn():
    return film(moving(4), "a")


def test_a_film_is_one_drawing_with_all_frames(drawn):
    assert drawn.startswith("<svg")
    assert drawn.count("<svg") == drawn.count("</svg>") == 1
    delays = re.findall(r'<g(?: class="still")? style="animation-delay: ([-.\d]+)s">', drawn)
    # Each begins as long after the one before as a frame is seen.
    assert [float(delay) for delay in delays] == pytest.approx([-0.6, -0.45, -0.3, -0.15])
    assert drawn.count('class="still"') == 1
    names = re.findall(r'\bid="([^"]+)"', drawn)
    assert len(set(names)) == len(names)
    assert all(name.startswith("a-") for name in names)
    assert set(re.findall(r'href="#([^"]+)"', drawn)) <= set(names)
    assert set(re.findall(r"url\(#([^)]+)\)", drawn)) <= set(names)
    assert film(moving(4), "a") == drawn


def test_what_the_frames_share_is_there_once(drawn):
    assert len(drawn) < 3.5 * len(film(moving(1), "a"))


def test_the_style_turns_as_many_frames_as_there_are(drawn):
    style = film_style([drawn, drawn.replace("frames-4", "frames-2"), "<svg></svg>"])
    assert re.findall(r"@keyframes (frames-\d+)", style) == ["frames-2", "frames-4"]
    assert "24.9990%, 100% { visibility: hidden; }" in style
    assert "prefers-reduced-motion" in style
    assert film_style(["<svg></svg>"]) == ""


def test_an_animation_may_be_made_of_any_figures():
    drawn = film(Animation(lambda index: Figure(figsize=(1, 1)), frames=3, still=1), "a")
    assert 'class="film frames-3"' in drawn
