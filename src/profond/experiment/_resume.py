"""Runs that keep their state on disk, and go on from it."""

import os
from typing import Any

from profond._late_bar import silenced
from profond._progress import Progress, automatic_progress
from profond.experiment._folder import check_folder, without_link
from profond.experiment._interrupted import TrainingInterrupted
from profond.experiment._result import RunResult
from profond.experiment._run import run_on
from profond.experiment._run_description import RunDescription
from profond.experiment._state import RunState


def resume_training(
    folder: str | os.PathLike[str],
    data: Any = None,
    *,
    verbose: bool = True,
    progress: Progress | None = None,
) -> Any:
    """Go on with a run that was interrupted or killed, and keep its result.

    A run with a folder (`profond train`, `train_table(..., folder=...)`) keeps what it has
    trained beside that folder. The networks that are trained are taken from there, the one that
    was being trained goes on from its last checkpoint (at most some 10 seconds old), and the
    result is, bit for bit, that of a run without the interruption, on the same machine.

    Args:
        folder: The folder that the run was to end in.
        data: The table (the series, ...), if it came from memory; else it is read again from
            where it was.
        verbose: Whether to show progress on standard error.
        progress: A display of your own, in the place of that one.

    Returns:
        The result, which is kept in the folder.

    Raises:
        FileNotFoundError: If no run of this folder was interrupted, or its table is gone.
        ValueError: If the table is not the one that the run began with, or the state is damaged
            or of another version.
        RuntimeError: If training fails, or another process trains for this folder.
        OSError: If the result cannot be written; the state is then kept.
        TrainingInterrupted: If Ctrl-C was pressed.
    """
    if progress is None:
        progress = automatic_progress() if verbose else Progress()
    with progress, RunState(without_link(folder), progress) as state:
        with silenced(not verbose):
            experiment, opened = state.resume(data)
        check_folder(folder)
        return run_kept(opened, experiment, progress, state)


def run_in_folder(
    data: Any, experiment: RunDescription, progress: Progress, folder: str | os.PathLike[str]
) -> RunResult:
    """Train on opened data, with the state on disk, and keep the result in a folder."""
    with RunState(check_folder(folder), progress) as state:
        return run_kept(data, experiment, progress, state)


def run_kept(
    data: Any, experiment: RunDescription, progress: Progress, state: RunState
) -> RunResult:
    """Train with the state on disk; remove it when the result is kept."""
    try:
        result = run_on(data, experiment, progress, state=state)
        progress.close()
        result.save(state.target, progress=progress)
    except TrainingInterrupted as pressed:
        pressed.folder = state.target if state.has_begun else None
        raise
    except OSError as error:
        if not state.has_begun:
            raise
        raise OSError(f"{error} When that is mended, {state.hint}.") from error
    state.remove()
    return result
