"""Numbers of one kind as text, as many digits as a reader needs."""

from collections.abc import Sequence

import numpy as np


class NumberFormat:
    """Writes numbers of one kind with the same number of decimals."""

    def __init__(self, values: Sequence[float], metric: str) -> None:
        size = max((abs(v) for v in values if np.isfinite(v)), default=0.0)
        if metric == "accuracy":
            self.decimals = 3
        else:
            # Four digits of the largest.
            self.decimals = 0 if size == 0 else max(0, 3 - int(np.floor(np.log10(size))))
        self.scientific = size >= 1e7 or 0 < size < 1e-4

    def of(self, name: str, value: float) -> str:
        """A further metric as text: errors in the target's unit like the headline."""
        return self(value) if name == "MAE" else f"{_no_minus_zero(value, 3):.3f}"

    def __call__(self, value: float, *, sign: bool = False) -> str:
        """The number as text."""
        plus = "+" if sign else ""
        if self.scientific:
            text = f"{value:{plus}.3e}"
        else:
            text = f"{_no_minus_zero(value, self.decimals):{plus}.{self.decimals}f}"
        # Not the hyphen of an exponent.
        return "\N{MINUS SIGN}" + text[1:] if sign and text.startswith("-") else text


def _no_minus_zero(value: float, decimals: int) -> float:
    """0 in the place of a number that would be written as -0.000."""
    return value if round(value, decimals) or not np.isfinite(value) else 0.0
