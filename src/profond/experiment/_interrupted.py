"""What Ctrl-C leaves of a run: the networks trained until then, kept without a measure."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from profond.estimators._fitted import history_frame
from profond.estimators._members import Member
from profond.estimators._trained_model import TrainedModel
from profond.experiment._run_description import RunDescription

WEIGHTS_FILE = "interrupted.safetensors"


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C in a run.

    The model asks the networks whose training was over; if there is none, the one that was being
    trained, at its best epoch so far. Nothing of it was measured on the test part.

    Attributes:
        members: The networks, those that are trained first; the last one may be unfinished.
        experiment: The description of the run.
        model: What predicts, or None if no network had finished an epoch.
        folder: The folder whose run `resume_training` takes up again, or None.
    """

    def __init__(
        self,
        model: TrainedModel | None,
        members: Sequence[Member],
        experiment: RunDescription,
    ) -> None:
        self.model, self.members, self.experiment = model, tuple(members), experiment
        self.folder: Path | None = None
        if model is not None:
            asked = [member for member in members if member.finished] or list(members)
            model.metrics = {
                "interrupted": True,
                "networks_due": experiment.seeds.count,
                "networks_finished": self.finished,
                "best_epochs": [member.best_epoch for member in asked],
            }
        super().__init__(self.summary)

    @property
    def finished(self) -> int:
        """How many networks were trained to their end."""
        return sum(member.finished for member in self.members)

    @property
    def summary(self) -> str:
        """How far the run had come, in a few words."""
        text = f"{self.finished} of {self.experiment.seeds.count} networks are trained"
        if self.members and not self.members[-1].finished:
            epochs = len(self.members[-1].history["val_loss"])
            text += f", network {len(self.members)} was stopped after epoch {epochs}"
        return text

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Keep the model in a folder that `load_model_folder` and `profond predict` take.

        Beside the model, `interrupted.safetensors` has the best and the last weights of every
        network, the unfinished one included, as `seed_S.best.weight_NNN` and
        `seed_S.last.weight_NNN`. There are no scores and no report.

        Args:
            folder: Where to; it appears whole or not at all.

        Raises:
            ValueError: If there is nothing to keep, or the folder exists and is no kept model.
            OSError: If it cannot be written.
        """
        from safetensors.numpy import save

        from profond.experiment._folder import model_files, write_folder

        if self.model is None:
            raise ValueError("No network had finished an epoch: there is nothing to keep.")
        weights = {
            f"seed_{member.seed}.{which}.weight_{j:03d}": np.ascontiguousarray(weight)
            for member in self.members
            for which, values in (("best", member.network.get_weights()), ("last", member.last))
            for j, weight in enumerate(values)
        }
        history = history_frame(self.members).to_csv(index=False, lineterminator="\n")
        files = {
            **model_files(self.model),
            WEIGHTS_FILE: save(weights, metadata={"format": "pt"}),
            "history.csv": history.encode(),
            "README.md": self._card().encode(),
        }
        write_folder(folder, files)

    def _card(self) -> str:
        assert self.model is not None
        seeds = ", ".join(map(str, self.model.seeds))
        return f"""# {self.experiment.data.target}: an interrupted run

The run was stopped with Ctrl-C: {self.summary}. `profond predict` asks the network(s) of seed(s)
{seeds}, each at its best epoch so far. **How good they are was not measured**: train again for
scores, baselines and a report.

`{WEIGHTS_FILE}` has the best and the last weights of every network that was begun.
"""
