"""Sentences that follow from intervals, and over what the curves and the numbers are."""

from collections.abc import Mapping, Sequence

from profond.figures import Estimate
from profond.tour._structure import Text


def side(found: Estimate, *, of: float = 1.0) -> int:
    """Where an interval lies: -1 wholly below `of`, 1 wholly above, 0 if it holds it."""
    return 1 if found.low > of else (-1 if found.high < of else 0)


def verdict(found: Estimate, *, below: Text, above: Text, unclear: Text, of: float = 1.0) -> Text:
    """What the interval allows to say of a ratio (with `of` 0, of a difference)."""
    return {-1: below, 0: unclear, 1: above}[side(found, of=of)]


def clauses(
    ratios: Mapping[str, Estimate], names: Mapping[str, Text], said: Mapping[int, Text]
) -> Text:
    """A sentence with a clause for each verdict that some of the ratios have.

    Args:
        ratios: The ratios, by key.
        names: What each is called.
        said: Clause for each side of 1, with `{names}` for the names of those on it.

    Returns:
        The clauses in a row; those above first, then those below, then the undecided.
    """
    english, french = [], []
    for place in (1, -1, 0):
        those = [names[key] for key, ratio in ratios.items() if side(ratio) == place]
        if those:
            clause = said[place]
            english.append(clause.en.replace("{names}", _and([one.en for one in those], "and")))
            french.append(clause.fr.replace("{names}", _and([one.fr for one in those], "et")))
    return Text("; ".join(english), " ; ".join(french))


def _and(names: Sequence[str], word: str) -> str:
    """Names in a row, the last one after a word."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def curves(seeds: int, *, log: bool) -> Text:
    """Under a figure: its curves are means over this many seeds."""
    kind = ("geometric means", "moyennes géométriques") if log else ("means", "moyennes")
    return Text(
        f"Curves: {kind[0]} over {seeds} seeds; bands: their 95% intervals (Student's t).",
        f"Courbes : {kind[1]} sur {seeds} graines ; bandes : leurs intervalles à 95 % (t de "
        "Student).",
    )


def averages(seeds: int, *, log: bool) -> Text:
    """Under a table: its numbers with a range are means over this many seeds."""
    kind = ("Geometric means", "Moyennes géométriques") if log else ("Means", "Moyennes")
    return Text(
        f"{kind[0]} over {seeds} seeds, in brackets their 95% intervals (Student's t).",
        f"{kind[1]} sur {seeds} graines ; entre parenthèses, leurs intervalles à 95 % (t de "
        "Student).",
    )


ONE_SEED = Text("One training, from seed 0.", "Un seul entraînement, de graine 0.")
EXACT = Text("Computed without chance: no interval.", "Calculé sans hasard : pas d'intervalle.")
