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
    gain = {"a": Estimate(-0.13, -0.2, 0.06)}
    assert fill("{a:points}", gain, "en") == "−13 (−20 to 6)"
    assert fill("{a:points} points", gain, "fr") == "−13 (de −20 à 6) points"


def test_a_text_may_be_a_template_itself():
    numbers = {"inner": Text("w is {w:2}", "w vaut {w:2}"), "w": 0.5}
    assert fill("{inner}.", numbers, "en") == "w is 0.50."
    assert fill("{inner}.", numbers, "fr") == "w vaut 0,50."


def test_an_interval_has_one_notation():
    numbers = {"a": Estimate(2.6e-5, 3.4e-6, 2.1e-4)}
    times = f"{FIRM}×{FIRM}10"
    assert fill("{a:2}", numbers, "en") == f"2.6{times}⁻⁵ (3.4{times}⁻⁶ to 2.1{times}⁻⁴)"
    assert fill("{a:2}", {"a": Estimate(0.5, 0.0, 1.0)}, "en") == "0.50 (0 to 1.0)"
    wide = fill("{a:2}", {"a": Estimate(1e-5, 0.0, 2.0)}, "en")
    assert wide == f"1.0{times}⁻⁵ (0 to 2.0{times}⁰)"


def test_templates_that_cannot_be_filled_are_refused():
    with pytest.raises(KeyError, match="nothing"):
        fill("{nothing}", {}, "en")
    with pytest.raises(ValueError, match="a number cannot be written as 'x'"):
        fill("{a:x}", {"a": 1.0}, "en")


def test_french_typography():
    assert typeset("« oui » ; non ?", "fr") == f"«{FIRM}oui{FIRM}»{THIN}; non{THIN}?"
    assert typeset("a ; b", "en") == "a ; b"
    assert typeset("l'erreur de `f('a') = 1`", "fr") == "l’erreur de `f('a') = 1`"


def test_signs_keep_their_numbers_beside_them():
    for lang in ("en", "fr"):
        assert typeset("at w = 0, 5 × 3", lang) == f"at w{FIRM}={FIRM}0, 5{FIRM}×{FIRM}3"
