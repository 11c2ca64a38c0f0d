"""An unfinished run on disk: its description, its table's digest, its networks so far.

The state of a run that is to end in FOLDER stands beside it, in `.FOLDER.training`, so that an
older model in FOLDER can be used until the new one is whole:

    state.json        which table, begun when, by which versions; written last
    experiment.toml   the description of the run
    final/            network_NNN.safetensors for each that is trained, and beside them
                      network_NNN.training/ATTEMPT/latest, the checkpoint of the one that is not
    fold_NNN/         the same for each fold of a cross-validation
    lock              held by the process that trains
"""

import contextlib
import hashlib
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from profond._files import write_whole
from profond._lock import Lock
from profond._progress import Progress
from profond.experiment._folder import tidy_folder
from profond.experiment._kept_part import KeptPart
from profond.experiment._kinds import described_by, kind_of
from profond.experiment._run_description import RunDescription

FORMAT = "profond interrupted run"
FORMAT_VERSION = 2
_LOCK, _STATE, _EXPERIMENT = "lock", "state.json", "experiment.toml"


def state_folder(folder: Path) -> Path:
    """Where the state of a run is that is to end in `folder`."""
    return folder.absolute().parent / f".{folder.absolute().name}.training"


class RunState:
    """The state of a run; used as a context manager, it is let go of at the end.

    What leaves the context without a network or a checkpoint is removed: there would be nothing
    to go on with.

    Args:
        target: The folder that the finished run is kept in.
        progress: Told of what cannot be written.
    """

    def __init__(self, target: Path, progress: Progress) -> None:
        self.target, self.progress = target, progress
        self.folder = state_folder(target)
        self.is_resumed = False
        self._parts: dict[str, KeptPart] = {}
        self._lock = Lock(self.folder / _LOCK)
        self._said: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if not self.has_begun:
            self.remove()
        self._lock.release()

    @property
    def has_begun(self) -> bool:
        """Whether there is something to go on with."""
        return (self.folder / _STATE).is_file() and (
            any(self.folder.glob("*/*.safetensors")) or any(self.folder.glob("*/*/*/latest"))
        )

    @property
    def hint(self) -> str:
        """How the run goes on."""
        return f"`profond train --resume {self.target}` goes on where it stopped"

    def begin(self, experiment: RunDescription, data: Any) -> None:
        """Write the description, in the place of an older state.

        If it cannot be written, the run goes on and cannot be resumed.

        Raises:
            RuntimeError: If another process trains for the same folder.
        """
        if self.is_resumed:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._take()
            self._replace_older()
            description = experiment.to_toml().encode()
            write_whole(self.folder / _EXPERIMENT, description)
            from profond import __version__

            state = {
                "format": FORMAT,
                "format_version": FORMAT_VERSION,
                "profond": __version__,
                "torch": _torch_version(),
                "begun": datetime.now().astimezone().isoformat(timespec="seconds"),
                "experiment": hashlib.sha256(description).hexdigest(),
                "data": kind_of(experiment).identity(data),
            }
            write_whole(self.folder / _STATE, json.dumps(state, indent=1, ensure_ascii=False))
        except OSError as error:
            self._failed("the run cannot be resumed if it is interrupted", error)
            self.remove()

    def resume(self, data: Any = None) -> tuple[RunDescription, Any]:
        """Take up the state.

        Args:
            data: What it learned from, if that came from memory or is in another place.

        Returns:
            The description of the run, and its data, opened.

        Raises:
            FileNotFoundError: If there is nothing to go on with.
            ValueError: If the state is damaged or of another version, or the data are others.
            RuntimeError: If another process trains for the same folder.
        """
        if not (self.folder / _STATE).is_file():
            raise FileNotFoundError(_nothing(self.target))
        self._take()
        state, experiment = self._read()
        opened = kind_of(experiment).find(state["data"], experiment, data, str(self.target))
        self.is_resumed = True
        done = len(list(self.folder.glob("*/*.safetensors")))
        split = experiment.split
        parts = 1 if split.folds is None else split.folds * split.repeats + 1
        self.progress.note(
            f"going on with the run of {self.target}, begun {state['begun']}: {done} of "
            f"{parts * experiment.seeds.count} networks are trained"
        )
        if state["torch"] != _torch_version():
            self.progress.note(
                f"the run was begun with torch {state['torch']}, and goes on with "
                f"{_torch_version()}: its last digits may differ"
            )
        return experiment, opened

    def part(self, name: str) -> KeptPart:
        """The networks of a part of the run: "final", or a fold's."""
        if name not in self._parts:
            self._parts[name] = KeptPart(self.folder / name, self._failed)
        return self._parts[name]

    def remove(self) -> None:
        """Remove the state: the run is over."""
        self._lock.release()  # an open file cannot be removed everywhere
        shutil.rmtree(self.folder, ignore_errors=True)

    def _take(self) -> None:
        if not self._lock.take():
            raise RuntimeError(
                f"Another process is training for {self.target}; wait for it, or give another "
                "folder (--out)."
            )
        tidy_folder(self.target)

    def _replace_older(self) -> None:
        """Remove an older state, and say that it could have been taken up."""
        if self.has_begun:
            done = len(list(self.folder.glob("*/*.safetensors")))
            self.progress.note(
                f"an interrupted run of {self.target} ({done} network(s) trained) is given up for "
                f"this one; `profond train --resume {self.target}` would have gone on with it"
            )
        for found in self.folder.iterdir():
            if found.is_dir():
                shutil.rmtree(found)
            elif found.name != _LOCK:
                found.unlink()

    def _read(self) -> tuple[dict[str, Any], RunDescription]:
        from profond import __version__

        try:
            state = json.loads((self.folder / _STATE).read_bytes())
            kind, version = state["format"], state["format_version"]
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged(_STATE, error) from error
        if kind != FORMAT or version != FORMAT_VERSION or state.get("profond") != __version__:
            raise ValueError(
                f"The interrupted run of {self.target} was begun by profond "
                f"{state.get('profond')} (format {version}); this is profond {__version__} "
                f"(format {FORMAT_VERSION}), which may train otherwise. Go on with that version, "
                "or train anew without --resume."
            )
        import tomllib

        try:
            description = (self.folder / _EXPERIMENT).read_bytes()
            if hashlib.sha256(description).hexdigest() != state["experiment"]:
                raise ValueError("it is not what was written")
            experiment = described_by(tomllib.loads(description.decode()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._damaged(_EXPERIMENT, error) from error
        return state, experiment

    def _damaged(self, name: str, error: Exception) -> ValueError:
        return ValueError(
            f"The state of the interrupted run of {self.target} is damaged ({name}: {error}). "
            f"Train anew without --resume."
        )

    def _failed(self, what: str, error: Exception) -> None:
        """Say once that something could not be written or read."""
        reason = getattr(error, "strerror", None) or str(error)
        if what not in self._said:
            self._said.add(what)
            self.progress.note(f"{what} ({reason})")


def resumable(folder: Path) -> bool:
    """Whether an interrupted run of a folder can be taken up."""
    return RunState(folder, Progress()).has_begun


def _nothing(target: Path) -> str:
    """That there is nothing to go on with, and where there is."""
    parent = target.absolute().parent
    others = []
    with contextlib.suppress(OSError):
        others = sorted(
            found.name.removeprefix(".").removesuffix(".training")
            for found in parent.glob(".*.training")
            if (found / _STATE).is_file()
        )
    what = "it holds a model" if target.is_dir() else "there is no such folder"
    known = f" Interrupted runs beside it: {', '.join(others)}." if others else ""
    return (
        f"There is no interrupted run of {target} to go on with ({what}).{known} Train anew "
        "without --resume."
    )


def _torch_version() -> str:
    import torch

    return str(torch.__version__)
