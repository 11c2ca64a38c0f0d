"""A run as a Python script, whatever the kind of data."""

import os
from typing import Any

from profond.experiment._kinds import described_by, kind_of
from profond.experiment._run_description import RunDescription


def run_script(
    folder: str | os.PathLike[str],
    *,
    seed: int | None = None,
    data: str | os.PathLike[str] | None = None,
) -> str:
    """A script that trains the networks of a kept model again.

    That of a table trains one network step by step: it reads the table, splits it, prepares the
    columns, builds the network layer by layer, trains it and measures it on the test part. That of
    series or images reads and splits them, and trains the networks with an estimator. On the same
    machine and versions the networks are those of the run, to the last bit.

    Args:
        folder: The kept model.
        seed: The seed of the network; when None, the first one of a table, all of series and
            images.
        data: Where the data are, if not where the run found them.

    Returns:
        The text of the script.

    Raises:
        ValueError: If the folder is not the model of a finished run, or has no such seed.
        FileNotFoundError: If there is no such folder, or the data are not there.
    """
    from profond.experiment._folder import load_model_folder

    model = load_model_folder(folder)
    if not model.experiment:
        raise ValueError(
            f"{folder} must be the model of a run, whose settings are kept with it; it was kept by "
            "an estimator. Train it anew: `profond train`."
        )
    if seed is not None and seed not in model.seeds:
        raise ValueError(
            f"`seed` must be one of the model's, {', '.join(map(str, model.seeds))}; received "
            f"{seed}."
        )
    experiment = described_by(model.experiment)
    source = experiment.data.source if data is None else os.fspath(data)
    return kind_of(experiment).script(
        experiment, source, of=str(folder), model=model, seed=seed, moved=data is not None
    )


def described_script(experiment: RunDescription, data: Any = None) -> str:
    """A script that does a described run; see `RunDescription.to_script`."""
    data = experiment.data.source if data is None else data
    if not isinstance(data, str | os.PathLike):
        raise ValueError(
            "`data` must be a path or a name, which the script can open; received "
            f"{'none' if data is None else type(data).__name__}."
        )
    return kind_of(experiment).script(experiment, os.fspath(data))
