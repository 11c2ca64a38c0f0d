"""Sweeps of the learning rate for the network that an experiment describes."""

import warnings
from typing import Any

import numpy as np

from profond.trials._sweep import Sweep, sweep_learning_rate


def read_training_rows(experiment: Any, data: Any = None) -> Any:
    """The rows of an experiment's table, split; of a cross-validation, its first fold counts.

    Args:
        experiment: The description.
        data: The table, in the place of `data.source`.

    Returns:
        The `Rows`, their experiment with target and task.

    Raises:
        ValueError: If there is no table, or it cannot be used.
    """
    from profond.experiment._prepare import read_rows, target_name
    from profond.experiment._table_kind import open_for

    data = experiment.data.source if data is None else data
    if data is None:
        raise ValueError(
            "Say which table to learn from: `data.source` in the description, or the argument "
            "`data`."
        )
    table = open_for(experiment, data)
    target = target_name(table, experiment.data.target)
    with warnings.catch_warnings():
        # What may be wrong with a table is said by a run on it.
        warnings.simplefilter("ignore", UserWarning)
        return read_rows(table, experiment.with_settings({"target": target}))


def training_part(experiment: Any, data: Any = None) -> tuple[Any, Any]:
    """The experiment with its target and task, and the trainer on its training part.

    The test part is not looked at.
    """
    from profond.estimators._members import Trainer
    from profond.experiment._prepare import prepare

    rows = read_training_rows(experiment, data)
    train, _ = rows.splits[0]
    prepared = prepare(rows, train, train[:0])
    return rows.experiment, Trainer(prepared.part, rows.experiment.settings)


def digest(frame: Any) -> str:
    """What tells a table from another, the same in every session."""
    import pandas as pd

    hashed: Any = pd.util  # pyright: ignore[reportAttributeAccessIssue]
    total = hashed.hash_pandas_object(frame.astype(str), index=False).to_numpy()
    weighed = total * np.arange(1, 2 * len(total), 2, dtype=np.uint64)  # the order counts
    return f"{len(frame)} rows, {int(weighed.sum()):016x}, {', '.join(map(str, frame.columns))}"


def sweep_table(experiment: Any, data: Any = None, **options: Any) -> Sweep:
    """The range test of the network that an experiment describes, on its training part.

    Args:
        experiment: An `Experiment`; its test part is not used, its schedule of the rate neither.
        data: The table, in the place of `data.source`.
        **options: `low`, `high`, `steps`, `smoothing`, `seeds` of `sweep_learning_rate`; the seeds
            are the experiment's by default.

    Returns:
        The sweep.

    Raises:
        ValueError: If the table or a setting is not usable.
    """
    return sweep_part(*training_part(experiment, data), **options)


def sweep_part(experiment: Any, trainer: Any, **options: Any) -> Sweep:
    """`sweep_table`, on what `training_part` gave."""
    part, rows = trainer.part, len(trainer.part.inputs)
    with trainer._fitting():
        return sweep_learning_rate(
            lambda: trainer.build(rows),
            part.inputs,
            part.learned,
            batch_size=experiment.training.batch_rows(rows),
            sample_weight=None if part.weights is None else np.asarray(part.weights),
            **({"seeds": experiment.seeds.all} | options),
        )
