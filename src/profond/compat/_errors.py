"""What is said when a script asks for a part of Keras that is not here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class NotAvailableError(ImportError):
    """A name of Keras that profond does not have."""

    __module__ = "profond.compat"  # as it is shown in tracebacks


def missing(module: str, name: str, available: Iterable[str]) -> str:
    """The message for `name`, which is not among what is `available` in Keras's `module`."""
    names = sorted(n for n in available if not n.startswith("_"))
    by_lower = {n.lower(): n for n in names}
    near = [by_lower[n] for n in difflib.get_close_matches(name.lower(), by_lower, 3)]
    parts = [f"{module}.{name} is not available in profond."]
    if near:
        parts.append(f"Nearest: {', '.join(near)}.")
    parts.append(f"Available in {module}: {', '.join(names)}.")
    return " ".join(parts)


PRIVATE = (
    "{name} is Keras's private code, which profond does not have. Import the name from its public "
    "place, for example `from keras.layers import Dense`."
)

TENSORFLOW = (
    "{name} is not available in profond: of tensorflow, only tensorflow.keras is, "
    "served by profond on PyTorch."
)

OTHER_KERAS = (
    "{name} is not available in profond, which stands in for `keras` and `tensorflow.keras`: "
    "import one of these in its place."
)

OTHER_BACKEND = (
    "profond: KERAS_BACKEND={backend} is ignored: profond runs on PyTorch, whatever it is set to."
)
