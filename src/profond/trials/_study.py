"""Studies of Optuna: opened in any storage, told apart, and taken up again after a stop."""

import os
import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_IDENTITY = "profond"  # attribute of a study: what its trials are of
_PROCESS = "process"  # attribute of a trial: the machine and process that it runs in
_FILE = "search.db"
_WAIT = 60.0  # seconds for another process to be done with an SQLite file
_STORAGES: dict[str, Any] = {}  # those that this process has opened, by address


def require_optuna() -> None:
    """Refuse to go on without Optuna.

    Raises:
        ImportError: If it is not installed.
    """
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        raise ImportError("A search needs Optuna: pip install 'profond[search]'.") from error


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """In the block, Optuna says nothing but errors: a progress bar and a summary do."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)


@dataclass(frozen=True)
class Setup:
    """Where a study is, and how its next point is chosen.

    Attributes:
        storage: An address, or a storage of Optuna.
        name: Name of the study.
        sampler: "tpe", "random", or a sampler of Optuna.
        pruner: "median", None, or a pruner of Optuna.
        lower_is_better: Whether the score is made smaller.
        seed: Of the samplers made here.
    """

    storage: Any
    name: str
    sampler: Any
    pruner: Any
    lower_is_better: bool
    seed: int

    def open(self) -> Any:
        """The study; it is made if there is none."""
        import optuna

        try:
            study = optuna.create_study(
                storage=opened(self.storage),
                study_name=self.name,
                direction="minimize" if self.lower_is_better else "maximize",
                sampler=self.sampler_of(0),
                pruner=_pruner(self.pruner),
                load_if_exists=True,
            )
        except optuna.exceptions.StorageInternalError as error:
            raise ValueError(
                f"the storage {self.storage!r} cannot be used: {_reason(error)}. Move a damaged "
                "file away to begin anew."
            ) from error
        # One that exists keeps the direction that it was made with.
        is_lower = study.direction == optuna.study.StudyDirection.MINIMIZE
        if is_lower != bool(self.lower_is_better):
            raise ValueError(
                f"the storage has a search {self.name!r} with lower_is_better={is_lower}; received "
                f"lower_is_better={self.lower_is_better!r}. Choose another `name`, `folder` or "
                "`storage`."
            )
        return study

    def join(self) -> Any:
        """The study, for a process that carries out trials and chooses none."""
        import optuna

        return optuna.load_study(
            study_name=self.name,
            storage=opened(self.storage),
            sampler=optuna.samplers.RandomSampler(),
            pruner=_pruner(self.pruner),
        )

    def sampler_of(self, place: int, fixed: Mapping[str, Any] | None = None) -> Any:
        """The sampler of a trial.

        Args:
            place: How many trials came before: each has a sampler with a seed of its own, so that a
                search that goes on does not draw its first points again.
            fixed: What it is to choose, or None.
        """
        import optuna

        sampler = _sampler(self.sampler, self.seed, place)
        return optuna.samplers.PartialFixedSampler(dict(fixed), sampler) if fixed else sampler


def address(storage: Any, folder: str | os.PathLike[str] | None, scratch: str | None) -> Any:
    """The storage of a search: what was given, or an SQLite file in the folder.

    Args:
        storage: An address, a storage of Optuna, or None.
        folder: Where the search is kept, or None.
        scratch: A folder that is thrown away, where several processes need one; else None.

    Raises:
        TypeError: If the storage is none.
    """
    import optuna

    if storage is None:
        where = scratch if folder is None else folder
        if where is None:
            return optuna.storages.InMemoryStorage()
        path = Path(where)
        path.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{(path / _FILE).resolve()}"
    if not isinstance(storage, str | optuna.storages.BaseStorage):
        raise TypeError(
            "`storage` must be an address like 'sqlite:///search.db', or a storage of "
            f"`optuna.storages`; received {storage!r}."
        )
    return storage


def opened(storage: Any) -> Any:
    """The storage at an address, once in each process."""
    import optuna

    if not isinstance(storage, str):
        return storage
    key = f"{os.getpid()} {storage}"
    if key not in _STORAGES:
        made: Any = storage
        try:
            if storage.startswith("sqlite"):
                waiting = {"connect_args": {"timeout": _WAIT}}
                made = optuna.storages.RDBStorage(storage, engine_kwargs=waiting)
            _STORAGES[key] = optuna.storages.get_storage(made)
        except Exception as error:
            raise ValueError(
                f"the storage {storage!r} cannot be opened: {_reason(error)}. Give an address that "
                "Optuna knows, like sqlite:///search.db or postgresql://user:password@host/name; "
                "move a damaged file away."
            ) from error
    return _STORAGES[key]


def _reason(error: BaseException) -> str:
    """What the database itself said, in a line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).partition("\n")[0].rstrip(".")


def close(storage: Any) -> None:
    """Let go of the storage at an address."""
    kept = _STORAGES.pop(f"{os.getpid()} {storage}", None)
    if kept is not None:
        kept.remove_session()


def check_identity(study: Any, identity: Mapping[str, str]) -> None:
    """Take up a study, or refuse one whose trials are of something else.

    Raises:
        ValueError: If they are.
    """
    known = study.user_attrs.get(_IDENTITY)
    if not study.trials:  # one that was stopped before its first trial may become another
        study.set_user_attr(_IDENTITY, dict(identity))
        return
    known = known or {}
    changed = [name for name in identity if known.get(name) != identity[name]]
    if changed:
        raise ValueError(
            f"the storage has a search {study.study_name!r} of something else: other "
            f"{', '.join(changed)}. Choose another `name`, `folder` or `storage` (on the command "
            "line --out)."
        )


def mark(trial: Any) -> None:
    """Note the process in which a trial runs."""
    trial.set_user_attr(_PROCESS, [socket.gethostname(), os.getpid()])


def take_up_stopped(study: Any) -> list[dict[str, Any]]:
    """End the trials whose process was killed, and give back their points, to be tried again.

    Only processes of this machine are looked at: those of others may be running.
    """
    from optuna.trial import TrialState

    stopped = [
        trial
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        if _is_gone(trial.user_attrs.get(_PROCESS))
    ]
    for trial in stopped:
        study.tell(trial.number, state=TrialState.FAIL)
    return [dict(trial.params) for trial in stopped if trial.params]


def finished(study: Any) -> int:
    """How many trials have a score, or were broken off for a bad one."""
    from optuna.trial import TrialState

    states = (TrialState.COMPLETE, TrialState.PRUNED)
    return len(study.get_trials(deepcopy=False, states=states))


def _is_gone(process: Any) -> bool:
    if not process or process[0] != socket.gethostname():
        return False
    if process[1] == os.getpid():
        return True  # of an earlier search of this process, or of another that had its number
    try:
        os.kill(int(process[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _sampler(sampler: Any, seed: int, place: int) -> Any:
    import optuna

    drawn = int(np.random.SeedSequence([seed, place]).generate_state(1)[0])
    if sampler == "tpe":
        return optuna.samplers.TPESampler(seed=drawn)
    if sampler == "random":
        return optuna.samplers.RandomSampler(seed=drawn)
    if isinstance(sampler, optuna.samplers.BaseSampler):
        return sampler
    raise ValueError(
        f"`sampler` must be 'tpe', 'random' or one of `optuna.samplers`; received {sampler!r}."
    )


def _pruner(pruner: Any) -> Any:
    import optuna

    if pruner == "median":
        # The first epochs say little.
        return optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=10)
    if pruner is None:
        return optuna.pruners.NopPruner()
    if isinstance(pruner, optuna.pruners.BasePruner):
        return pruner
    raise ValueError(
        f"`pruner` must be 'median', None or one of `optuna.pruners`; received {pruner!r}."
    )
