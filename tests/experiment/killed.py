"""A run that kills itself, without a warning, at a point that the command line names.

python -m tests.experiment.killed POINT FOLDER TABLE [SETTING=VALUE ...]
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from profond import _files
from profond.experiment import _checkpoint, _folder, _kept_part, _table_kind
from profond.experiment._kept_part import KeptPart
from profond.training import _trainer
from tests.experiment.helpers import run


def kill(*arguments: Any) -> None:
    del arguments
    os.kill(os.getpid(), signal.SIGKILL)


def at_call(owner: Any, name: str, count: int, *, after: bool = False) -> None:
    """Kill the process at the call of that number, before or after the work is done."""
    real: Callable[..., Any] = getattr(owner, name)
    calls = []

    def called(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == count and not after:
            kill()
        result = real(*arguments, **options)
        if len(calls) == count:
            kill()
        return result

    setattr(owner, name, called)


def prepare(point: str) -> None:
    _checkpoint.EVERY = _checkpoint.TIMES = 0
    if point == "network":
        at_call(KeptPart, "save", 1, after=True)
    elif point == "fold":
        at_call(KeptPart, "save", 3, after=True)
    elif point == "unsaved network":
        at_call(KeptPart, "save", 2)
    elif point == "checkpoint":
        at_call(_kept_part.Checkpoint, "_save", 20, after=True)
    elif point == "while a checkpoint is written":
        at_call(_files.os, "replace", 8)
    elif point == "step":
        at_call(_trainer.Trainer, "_plain_train_step", 200)
    elif point == "baselines":
        setattr(_table_kind, "baseline_predictions", kill)  # noqa: B010
    elif point == "file of the model":
        setattr(_folder, "exchange", kill)  # noqa: B010
        files = _folder.write_folder

        def write(folder: Any, content: Any) -> None:
            at_call(_folder.os, "fsync", 3)
            files(folder, content)

        setattr(_folder, "write_folder", write)  # noqa: B010
    elif point == "exchange":
        at_call(_folder, "exchange", 1, after=True)
    elif point == "move":
        setattr(_folder, "exchange", lambda one, other: False)  # noqa: B010
        at_call(_folder.Path, "replace", 1, after=True)
    else:
        raise SystemExit(f"no such point: {point}")


if __name__ == "__main__":
    point, folder, table, *settings = sys.argv[1:]
    prepare(point)
    given = {name: json.loads(value) for name, value in (s.split("=") for s in settings)}
    run(table, folder=folder, **{"target": "sold", **given})  # type: ignore[arg-type]
