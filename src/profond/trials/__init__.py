"""Many runs at once: the same thing over seeds, over a grid, or variants of it compared."""

from profond.trials._compare import compare, over_grid, over_seeds
from profond.trials._comparison import Comparison, Difference

__all__ = ["Comparison", "Difference", "compare", "over_grid", "over_seeds"]
