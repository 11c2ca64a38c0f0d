"""A run on a table in one call."""

import os
from typing import Any

from profond._progress import Progress
from profond.experiment._result import TableResult
from profond.experiment._schema import Experiment


def train_table(
    data: Any,
    target: str | None = None,
    *,
    quick: bool = False,
    verbose: bool = True,
    progress: Progress | None = None,
    folder: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> TableResult:
    """Train networks on a table, measure them against baselines, and give back the model.

    The table's target decides the task, the output layer and the loss (notes 2.2, 2.3.1). A
    test part is set aside, the same for all seeds; preprocessing is fitted on the other rows;
    one network per seed is trained on them, each with an inner validation part of its own
    for early stopping. On the test part the networks, their mean and scikit-learn's baselines
    are compared. It is `Experiment.of(...).run(data)` in one call.

    Args:
        data: A path (CSV, TSV, Parquet, Excel), a bundled set ("boston", "iris"), a pandas or
            polars data frame, or a `Table` from `open_table`.
        target: The column to predict; the bundled sets have a usual one.
        quick: A first look: 3 seeds, 40 epochs, patience 4 and 5000 training rows, where
            these are not given.
        verbose: Whether to show progress on standard error.
        progress: A display of your own, in the place of that one.
        folder: Where to keep the result. A run with a folder that is interrupted or killed can
            be taken up again: `resume_training(folder)`, `profond train --resume FOLDER`.
        **settings: Settings of an `Experiment` by plain name: `seeds=3`, `hidden=(64,)`,
            `epochs=100`, `test_size=0.3`, `split="time"`, ...

    Returns:
        The result: `table()`, `verdict`, `predict(...)`, `save(folder)`.

    Raises:
        ValueError: If the table or a setting is not usable; the message says what to do.
        FileNotFoundError: If there is no such file.
        RuntimeError: If training fails.
        TrainingInterrupted: If Ctrl-C was pressed, a `KeyboardInterrupt` with what was trained.
    """
    given: dict[str, Any] = {} if target is None else {"target": target}
    given |= {name: value for name, value in settings.items() if value is not None}
    experiment = Experiment.of(**{**(Experiment.quick if quick else {}), **given})
    return experiment.run(data, verbose=verbose, progress=progress, folder=folder)
