"""The networks of one part of a run, on disk while the run lasts."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from profond._files import write_whole
from profond._randomness import seeded
from profond.callbacks import Callback
from profond.estimators._members import Member, Trainer
from profond.experiment._checkpoint import Checkpoint, Clock
from profond.training._interrupt import stop_on_interrupt
from profond.training.checkpoint import state_bytes, state_from_bytes


class KeptPart:
    """Keeps the networks of a part of a run: the final ones, or those of a fold.

    A file that cannot be written or read only costs time: its network is trained again.

    Args:
        folder: The part's folder.
        failed: Told of a file that cannot be written or used.

    Attributes:
        restored: Places of the networks that an earlier process had trained.
    """

    def __init__(self, folder: Path, failed: Callable[[str, Exception], None]) -> None:
        self.folder, self._failed = folder, failed
        self.restored: set[int] = set()
        self._seconds = 0.0
        self._clocks: dict[int, list[Clock]] = {}

    @property
    def earlier(self) -> float:
        """Seconds that earlier processes trained the networks of this part."""
        clocks = [clock for each in self._clocks.values() for clock in each]
        return self._seconds + sum(clock.before for clock in clocks)

    @property
    def count(self) -> int:
        """How many networks are kept."""
        return len(list(self.folder.glob("*.safetensors")))

    def finished(self, trainer: Trainer, place: int, seed: int) -> Member | None:
        """The network of a place, if an earlier process had trained it."""
        path = self._file(place)
        if not path.exists():
            return None
        try:
            member = self._read(path, trainer, seed)
        except (OSError, ValueError, KeyError, TypeError) as error:
            path.unlink(missing_ok=True)
            self._failed(f"the network of seed {seed} is trained again", error)
            return None
        self.restored.add(place)
        return member

    def callbacks(self, place: int, attempt: int) -> list[Callback]:
        """The clock and the checkpoint of a training."""
        clock = Clock()
        self._clocks.setdefault(place, []).append(clock)
        return [clock, Checkpoint(self._attempts(place) / str(attempt), failed=self._failed)]

    def save(self, place: int, member: Member) -> bool:
        """Keep a network that is trained, in the place of its checkpoints.

        Returns:
            Whether Ctrl-C was pressed meanwhile: the file is written all the same.
        """
        content = {
            "seed": member.seed,
            "weights": [np.asarray(weight) for weight in member.network.get_weights()],
            "last": [np.asarray(weight) for weight in member.last],
            "history": member.history,
            "best_epoch": member.best_epoch,
            "restarts": member.restarts,
            "seconds": sum(clock.seconds for clock in self._clocks.get(place, [])),
        }
        with stop_on_interrupt() as interruption:
            try:
                write_whole(self._file(place), state_bytes(content))
            except OSError as error:
                self._failed(f"the network of seed {member.seed} cannot be kept on the way", error)
            else:
                shutil.rmtree(self._attempts(place), ignore_errors=True)
        return interruption.asked

    def _read(self, path: Path, trainer: Trainer, seed: int) -> Member:
        content = state_from_bytes(path.read_bytes())
        if content["seed"] != seed:
            raise ValueError(f"it is of seed {content['seed']}")
        fitting, validation = trainer.split(seed)
        with seeded(seed):
            network = trainer.build(len(fitting))
        network.set_weights(content["weights"])
        self._seconds += float(content["seconds"])
        return Member(
            seed,
            network,
            {name: [float(v) for v in values] for name, values in content["history"].items()},
            int(content["best_epoch"]),
            int(content["restarts"]),
            list(content["last"]),
            True,
            validation,
        )

    def _file(self, place: int) -> Path:
        return self.folder / f"network_{place:03d}.safetensors"

    def _attempts(self, place: int) -> Path:
        return self.folder / f"network_{place:03d}.training"
