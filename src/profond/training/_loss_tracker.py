"""The mean loss of an epoch, from the losses of its steps."""

from typing import Any

import torch

from profond._tensors import default_device
from profond.metrics import Mean

_TOGETHER = 1024


class LossTracker(Mean):
    """The mean of the steps' losses, each times its number of rows.

    The losses stay on the device, as they are, until somebody asks for the mean: a step costs
    no more than an entry of a list. They add up in float64, so that the mean (float32, say)
    does not depend on who asked when.
    """

    def __init__(self) -> None:
        self._losses: list[torch.Tensor] = []
        self._rows: list[float] = []
        self._before: list[torch.Tensor] = []  # the losses that are added up
        # Apple's GPUs have no float64.
        wide = default_device().type != "mps"
        super().__init__(name="loss", dtype="float64" if wide else None)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take the loss of a step into account.

        Args:
            values: The loss, a scalar.
            sample_weight: Number of rows of the step.
        """
        single = isinstance(values, torch.Tensor) and values.ndim == 0
        if not single or not isinstance(sample_weight, int | float | None):
            super().update_state(values, sample_weight)
            return
        self._losses.append(values.detach())
        self._rows.append(1.0 if sample_weight is None else sample_weight)
        if len(self._losses) == _TOGETHER:
            self._add_up()

    def _add_up(self) -> None:
        """Bring the state up to date."""
        if not self._losses:
            return
        losses = torch.stack(self._losses)
        self._follow(losses)
        rows = torch.tensor(self._rows, dtype=self._torch_dtype, device=losses.device)
        self.total.add_((losses.to(self._torch_dtype) * rows).sum())
        self.count.add_(sum(self._rows))
        self._before.append(losses)
        self._losses, self._rows = [], []

    @property
    def variables(self) -> list[Any]:
        """The state, brought up to date."""
        self._add_up()
        return super().variables

    def reset_state(self) -> None:
        """Forget all steps."""
        self._losses, self._rows, self._before = [], [], []
        super().reset_state()

    def result(self) -> torch.Tensor:
        """The mean so far, a scalar in the type of the losses; 0 before the first step."""
        self._add_up()
        mean = super().result()
        return mean.to(self._before[-1].dtype) if self._before else mean.float()

    def first_non_finite(self) -> tuple[int, float] | None:
        """Step and value of the first loss that is NaN or infinite; None without one."""
        self._add_up()
        if not self._before:
            return None
        losses = torch.cat(self._before)
        wrong = (~torch.isfinite(losses)).nonzero()
        if len(wrong) == 0:
            return None
        step = int(wrong[0, 0])
        return step, float(losses[step])
