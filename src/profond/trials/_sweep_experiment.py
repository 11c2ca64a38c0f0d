"""Sweeps of the learning rate for the network that an experiment describes."""

from typing import Any

import numpy as np

from profond.trials._sweep import Sweep, sweep_learning_rate
from profond.trials._training_rows import prepared_training_part, read_training_rows


def sweep_experiment(experiment: Any, data: Any = None, **options: Any) -> Sweep:
    """The range test of the network that an experiment describes, on its training part.

    Args:
        experiment: An `Experiment`, `SeriesExperiment` or `ImageExperiment`; its test part is not
            used, its schedule of the rate neither.
        data: The table, series or images, in the place of `data.source`.
        **options: `low`, `high`, `steps`, `smoothing`, `seeds` of `sweep_learning_rate`; the seeds
            are the experiment's by default.

    Returns:
        The sweep.

    Raises:
        ValueError: If the data or a setting are not usable.
    """
    return sweep_part(*training_part(experiment, data), **options)


def training_part(experiment: Any, data: Any = None) -> tuple[Any, Any]:
    """The experiment with its target and task, and the trainer on its training part.

    The test part is not looked at.
    """
    from profond.estimators._members import Trainer

    rows = read_training_rows(experiment, data)
    prepared = prepared_training_part(rows)
    return rows.experiment, Trainer(prepared.part, rows.experiment.settings)


def sweep_part(experiment: Any, trainer: Any, **options: Any) -> Sweep:
    """`sweep_experiment`, on what `training_part` gave."""
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
