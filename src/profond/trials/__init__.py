"""Many runs at once: the same thing over seeds, over a grid, or variants of it compared."""

from profond.trials._compare import compare, over_grid, over_seeds
from profond.trials._comparison import Comparison, Difference
from profond.trials._found import SearchResult
from profond.trials._search import search
from profond.trials._sweep import Sweep, sweep_learning_rate
from profond.trials._sweep_experiment import sweep_experiment
from profond.trials._sweep_trainings import TrainingSweep, sweep_trainings
from profond.trials._together import fit_together, why_not_together

__all__ = [
    "Comparison",
    "Difference",
    "SearchResult",
    "Sweep",
    "TrainingSweep",
    "compare",
    "fit_together",
    "over_grid",
    "over_seeds",
    "search",
    "sweep_experiment",
    "sweep_learning_rate",
    "sweep_trainings",
    "why_not_together",
]
