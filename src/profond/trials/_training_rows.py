"""The training part of a described run, which searches and sweeps look at alone."""

import warnings
from typing import Any


def read_training_rows(experiment: Any, data: Any = None) -> Any:
    """The rows of a run, split; of a cross-validation, its first fold counts.

    Args:
        experiment: The description, of any kind of data.
        data: The data, in the place of `data.source`.

    Returns:
        The `Rows`, their experiment with target and task.

    Raises:
        ValueError: If there are no data, or they cannot be used.
    """
    from profond.experiment._kinds import kind_of

    data = experiment.data.source if data is None else data
    if data is None:
        raise ValueError(
            f"Say which {experiment.kind} to learn from: `data.source` in the description, or the "
            "argument `data`."
        )
    kind = kind_of(experiment)
    opened = kind.open(experiment, data)
    with warnings.catch_warnings():
        # What may be wrong with the data is said by a run on them.
        warnings.simplefilter("ignore", UserWarning)
        return kind.read_rows(opened, kind.described(experiment, opened))


def prepared_training_part(rows: Any) -> Any:
    """The training part, encoded; nothing is fitted on or made of the test part.

    Args:
        rows: What `read_training_rows` gave.

    Returns:
        What the kind's `prepare` gives.
    """
    from profond.experiment._kinds import kind_of

    train, _ = rows.splits[0]
    return kind_of(rows.experiment).prepare(rows, train, train[:0])


def digest(rows: Any) -> str:
    """What tells the data of rows from others, the same in every session."""
    from profond.experiment._kinds import kind_of

    return kind_of(rows.experiment).digest(rows.data)
