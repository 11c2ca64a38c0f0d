"""Names to things: choose one by its name, or say which names there are."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that a person most likely meant by `name`, or None."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(str(name).lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def unknown(name: object, names: Iterable[str], kind: str) -> str:
    """The message for an unknown `name` of a `kind`: the nearest name, then all of them."""
    names = sorted(set(names))
    guess = nearest(str(name), names)
    hint = f" Did you mean {guess!r}?" if guess else ""
    return f"Unknown {kind}: {name!r}.{hint} Available: {', '.join(names)}."


def choose(identifier: str, table: Mapping[str, T], kind: str) -> T:
    """The entry of `table` under the name `identifier`.

    Raises:
        ValueError: If there is none; the message has the nearest name and all names.
    """
    if identifier not in table:
        raise ValueError(unknown(identifier, table, kind))
    return table[identifier]


def refuse_unknown_keywords(
    given: Mapping[str, object], allowed: Iterable[str], where: str
) -> None:
    """Refuse the keywords in `given`, all at once, naming the near ones of `allowed`.

    Raises:
        TypeError: If `given` is not empty.
    """
    if not given:
        return
    allowed = sorted(allowed)
    parts = []
    for name in given:
        guess = nearest(name, allowed)
        parts.append(f"{name!r}" + (f" (did you mean {guess!r}?)" if guess else ""))
    raise TypeError(
        f"{where} got unknown keyword(s) {', '.join(parts)}. It accepts: {', '.join(allowed)}."
    )
