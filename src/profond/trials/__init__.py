"""Many runs at once: the same thing over seeds, over a grid, or variants of it compared."""

from profond.trials._compare import compare, over_grid, over_seeds
from profond.trials._comparison import Comparison, Difference
from profond.trials._together import fit_together, why_not_together

__all__ = [
    "Comparison",
    "Difference",
    "compare",
    "fit_together",
    "over_grid",
    "over_seeds",
    "why_not_together",
]
