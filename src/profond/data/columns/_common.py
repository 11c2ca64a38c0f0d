"""What the kinds of columns share."""

import pandas as pd

from profond.data._values import at_row

# What an output is to the network: a number may be embedded, a code is the place of a level in a
# table of embeddings, and the rest (0, 1 and their like) is taken as it is.
ROLES = ("number", "plain", "code")
TRUE = {"true", "vrai", "yes", "oui", "1", "1.0", "t", "y"}
FALSE = {"false", "faux", "no", "non", "0", "0.0", "f", "n"}


def gaps(name: str, rows: pd.Index, what: str) -> str:
    """A remark on values that are missing where training had all."""
    return (
        f"Column {name!r} had a value in every training row and has none in {rows.size} row(s) "
        f"(the first is {at_row(int(rows[0]))}): {what}."
    )
