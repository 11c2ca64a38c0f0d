"""How the text of a column is read, as a kept model remembers it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

READING_KINDS = ("number", "date", "text")


@dataclass(frozen=True)
class Reading:
    """How the text of one column is read.

    Attributes:
        kind: "number", "date", or "text" (left as it is).
        decimal: Decimal mark of its numbers; None if the training table did not tell.
        unit: What stands before or after its numbers ("%", "€", "kg"), or "".
        date_format: Format of its dates ("ISO8601" or as in `strptime`), or "".
    """

    kind: str
    decimal: str | None = None
    unit: str = ""
    date_format: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is not known is left out."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> "Reading":
        """A reading from `to_dict`.

        Raises:
            ValueError: If the description is not one of a reading.
        """
        try:
            reading = cls(**state)
        except TypeError as error:
            raise ValueError(f"Not the description of a reading: {state!r}.") from error
        if reading.kind not in READING_KINDS or reading.decimal not in (None, ".", ","):
            raise ValueError(f"Not the description of a reading: {state!r}.")
        return reading
