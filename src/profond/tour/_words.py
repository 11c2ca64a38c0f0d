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


def number(value: float, lang: Language, *, digits: int = 3, powers: bool | None = None) -> str:
    """A number with `digits` significant digits, its thousands apart, true minus and powers.

    Args:
        value: The number.
        lang: Language.
        digits: Significant digits; whole numbers keep all theirs.
        powers: Whether to write it with a power of ten; by default where it is large or small.

    Returns:
        The text.
    """
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return _grouped(f"{int(value):d}", lang)
    if not math.isfinite(value):
        return "∞" if value > 0 else ("−∞" if value < 0 else "?")
    if value and (_in_powers(value) if powers is None else powers):
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        lead = "" if mantissa == "1" else _grouped(mantissa, lang) + _FIRM + "×" + _FIRM
        return f"{lead}10{str(int(power)).translate(_RAISED)}"
    if value == 0:
        return "0"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return _grouped(f"{value:.{places}f}", lang)


def _in_powers(value: float) -> bool:
    """Whether a number is so small or large that it is written with a power of ten."""
    return value != 0 and math.isfinite(value) and not 1e-4 <= abs(value) < 1e6


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
    - `points`: hundredfold, to the unit, for differences of shares in percentage points.
    - `mean`: of an `Estimate`, the mean alone (`mean2`, `mean%` combine).

    Args:
        value: A number, an `Estimate` or a `Text`; a text may be a template itself.
        lang: Language.
        others: What the names in a text stand for.
    """

    def __init__(
        self, value: Any, lang: Language, others: Mapping[str, "Said"] | None = None
    ) -> None:
        self.value = value
        self.lang: Language = lang
        self.others = {} if others is None else others

    def __format__(self, spec: str) -> str:
        value = self.value
        if isinstance(value, Text):
            return value.of(self.lang).format_map(self.others)
        if isinstance(value, str):
            return value
        if spec.startswith("mean"):
            value, spec = value.mean, spec.removeprefix("mean")
        if isinstance(value, Estimate):
            return self._interval(value, spec)
        return self._one(value, spec)

    def _one(self, value: float, spec: str, powers: bool | None = None) -> str:
        if spec == "points":
            return _grouped(f"{round(100 * value):d}", self.lang)
        if spec == "%":
            percent = _grouped(f"{round(100 * value):d}", self.lang)
            return f"{percent}{_FIRM if self.lang == 'fr' else ''}%"
        if spec and not spec.isdigit():
            raise ValueError(
                f"a number cannot be written as {spec!r}; use a digit, %, points or mean."
            )
        return number(value, self.lang, digits=int(spec or 3), powers=powers)

    def _interval(self, value: Estimate, spec: str) -> str:
        powers = any(_in_powers(part) for part in value)  # one notation within an interval
        mean, low, high = (self._one(part, spec, powers) for part in value)
        between = f"de {low} à {high}" if self.lang == "fr" else f"{low} to {high}"
        return f"{mean} ({between})"


def fill(template: str, numbers: Mapping[str, Any], lang: Language) -> str:
    """A template with its numbers written in, and the typography of the language.

    Raises:
        KeyError: If the template names a number that there is not.
    """
    said: dict[str, Said] = {}
    said |= {name: Said(value, lang, said) for name, value in numbers.items()}
    return typeset(template.format_map(said), lang)


def typeset(text: str, lang: Language) -> str:
    """Firm spaces around signs; French spaces and apostrophes. `code` stays as it is."""
    parts = text.split("`")
    parts[::2] = [_typeset(part, lang) for part in parts[::2]]
    return "`".join(parts)


def _typeset(text: str, lang: Language) -> str:
    """`typeset` of a text without code."""
    text = re.sub(r" ([=×]) ", _FIRM + r"\1" + _FIRM, text)
    if lang != "fr":
        return text
    text = re.sub(r" ([;!?])", _THIN + r"\1", text)
    text = re.sub(r" ([:%»])", _FIRM + r"\1", text)
    return text.replace("« ", "«" + _FIRM).replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
