"""Numbers and texts in both languages."""

import pytest

from profond.figures import Estimate
from profond.tour import Text
from profond.tour._words import fill, number, typeset

THIN, FIRM = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "digits", "english", "french"),
    [
        (3.65335, 3, "3.65", "3,65"),
        (3.65335, 5, "3.6534", "3,6534"),
        (-34.67, 3, "−34.7", "−34,7"),
        (12, 3, "12", "12"),
        (29556.4, 3, "29,556", f"29{THIN}556"),
        (1234.0, 3, "1234", "1234"),
        (0.0, 3, "0", "0"),
        (2e-15, 1, f"2{FIRM}×{FIRM}10⁻¹⁵", f"2{FIRM}×{FIRM}10⁻¹⁵"),
        (1e-12, 1, "10⁻¹²", "10⁻¹²"),
        (2.54e-7, 3, f"2.54{FIRM}×{FIRM}10⁻⁷", f"2,54{FIRM}×{FIRM}10⁻⁷"),
        (float("inf"), 3, "∞", "∞"),
    ],
)
def test_a_number_is_written_as_the_language_does(value, digits, english, french):
    assert number(value, "en", digits=digits) == english
    assert number(value, "fr", digits=digits) == french


def test_templates_are_filled():
    numbers = {"a": Estimate(0.5, 0.25, 0.75), "w": 3.65, "n": 5, "word": Text("yes", "oui")}
    assert (
        fill("{a:2} and {w:2}; {n} {word}", numbers, "en") == "0.50 (0.25 to 0.75) and 3.6; 5 yes"
    )
    assert fill("{a:2} : {word} !", numbers, "fr") == f"0,50 (de 0,25 à 0,75){FIRM}: oui{THIN}!"
    assert fill("{a:%}", numbers, "en") == "50% (25% to 75%)"
    assert fill("{a:mean%}", numbers, "fr") == f"50{FIRM}%"
    assert fill("{a:mean1}", {"a": Estimate(-0.13, -0.2, -0.06)}, "en") == "−0.1"
    assert fill("{a:%}", {"a": -0.13}, "en") == "−13%"


def test_templates_that_cannot_be_filled_are_refused():
    with pytest.raises(KeyError, match="nothing"):
        fill("{nothing}", {}, "en")
    with pytest.raises(ValueError, match="a number cannot be written as 'x'"):
        fill("{a:x}", {"a": 1.0}, "en")


def test_french_typography():
    assert typeset("« oui » ; non ?", "fr") == f"«{FIRM}oui{FIRM}»{THIN}; non{THIN}?"
    assert typeset("a ; b", "en") == "a ; b"
