"""Many runs at once: the same thing over seeds, over a grid, or variants of it compared."""

from profond.trials._compare import compare, over_grid, over_seeds
from profond.trials._comparison import Comparison, Difference
from profond.trials._sweep import Sweep, sweep_learning_rate

__all__ = [
    "Comparison",
    "Difference",
    "Sweep",
    "compare",
    "over_grid",
    "over_seeds",
    "sweep_learning_rate",
]
