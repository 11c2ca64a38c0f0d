"""Numbers and texts as one writes them in English and in French."""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from profond.figures._canvas import Language
from profond.figures._statistics import Estimate
from profond.tour._structure import Text

_THIN, _FIRM = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, lang: Language, *, digits: int = 3) -> str:
    """A number with `digits` significant digits, its thousands apart, true minus and powers."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return _grouped(f"{int(value):d}", lang)
    if not math.isfinite(value):
        return "∞" if value > 0 else ("−∞" if value < 0 else "?")
    if value and not 1e-4 <= abs(value) < 1e6:
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        lead = "" if mantissa == "1" else _grouped(mantissa, lang) + _FIRM + "×" + _FIRM
        return f"{lead}10{str(int(power)).translate(_RAISED)}"
    if value == 0:
        return "0"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return _grouped(f"{value:.{places}f}", lang)


def _grouped(text: str, lang: Language) -> str:
    """Thousands apart, decimal point or comma, and the minus sign."""
    sign, text = ("\N{MINUS SIGN}", text[1:]) if text.startswith("-") else ("", text)
    whole, _, rest = text.partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", _THIN if lang == "fr" else ",")
    return sign + whole + (("," if lang == "fr" else ".") + rest if rest else "")


class Said:
    """A value for a template: `{name}`, or with a specification after a colon.

    - nothing: three significant digits; of an `Estimate`, its mean and interval.
    - a digit: as many significant digits.
    - `%`: in percent, to the unit.
    - `mean`: of an `Estimate`, the mean alone (`mean2`, `mean%` combine).

    Args:
        value: A number, an `Estimate` or a `Text`.
        lang: Language.
    """

    def __init__(self, value: Any, lang: Language) -> None:
        self.value = value
        self.lang: Language = lang

    def __format__(self, spec: str) -> str:
        value = self.value
        if isinstance(value, Text):
            return value.of(self.lang)
        if isinstance(value, str):
            return value
        if spec.startswith("mean"):
            value, spec = value.mean, spec.removeprefix("mean")
        if isinstance(value, Estimate):
            return self._interval(value, spec)
        return self._one(value, spec)

    def _one(self, value: float, spec: str) -> str:
        if spec == "%":
            percent = _grouped(f"{round(100 * value):d}", self.lang)
            return f"{percent}{_FIRM if self.lang == 'fr' else ''}%"
        if spec and not spec.isdigit():
            raise ValueError(f"a number cannot be written as {spec!r}; use a digit, % or mean.")
        return number(value, self.lang, digits=int(spec or 3))

    def _interval(self, value: Estimate, spec: str) -> str:
        mean, low, high = (self._one(part, spec) for part in value)
        between = f"de {low} à {high}" if self.lang == "fr" else f"{low} to {high}"
        return f"{mean} ({between})"


def fill(template: str, numbers: Mapping[str, Any], lang: Language) -> str:
    """A template with its numbers written in, and the typography of the language.

    Raises:
        KeyError: If the template names a number that there is not.
    """
    text = template.format_map({name: Said(value, lang) for name, value in numbers.items()})
    return typeset(text, lang)


def typeset(text: str, lang: Language) -> str:
    """French spaces before double signs and within guillemets; English as it is."""
    if lang != "fr":
        return text
    text = re.sub(r" ([;!?])", _THIN + r"\1", text)
    text = re.sub(r" ([:%»])", _FIRM + r"\1", text)
    return text.replace("« ", "«" + _FIRM)
