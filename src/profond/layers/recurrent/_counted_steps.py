"""The steps of sequences that a mask counts."""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


class CountedSteps:
    """Brings the steps that count to the front of their sequences, and outputs back.

    A recurrent layer stands still at a step that does not count: its states after all steps are
    those after the counted ones alone, and its output is still the last one (Keras). So any mask is
    that of sequences which are filled up at their end, with the steps in another place.

    Attributes:
        mask: True where a step counts, (batch, time).
        lengths: Number of counted steps, (batch,).
        in_front: Whether they all come before the others.

    Args:
        mask: True where a step counts.
    """

    def __init__(self, mask: Bool[Tensor, "batch time"]) -> None:
        self.mask = mask.bool()
        self.lengths: Int[Tensor, " batch"] = self.mask.sum(1)
        self.in_front = not bool((self.mask[:, 1:] & ~self.mask[:, :-1]).any())

    def to_front(
        self, sequences: Float[Tensor, "batch time features"]
    ) -> Float[Tensor, "batch time features"]:
        """The counted steps of each sequence first, in their order."""
        if self.in_front:
            return sequences
        order = (~self.mask).to(torch.uint8).argsort(dim=1, stable=True)
        return sequences.gather(1, order.unsqueeze(-1).expand_as(sequences))

    def back(self, outputs: Float[Tensor, "batch time units"]) -> Float[Tensor, "batch time units"]:
        """Outputs of the steps of `to_front`, at the steps' own places."""
        if self.in_front:
            return outputs
        place = (self.mask.cumsum(1) - 1).clamp(min=0)
        return outputs.gather(1, place.unsqueeze(-1).expand_as(outputs))

    def filled(
        self, outputs: Float[Tensor, "batch time units"], *, zeros: bool
    ) -> Float[Tensor, "batch time units"]:
        """Outputs, with others in the place of those at steps that do not count.

        Args:
            outputs: One for each step.
            zeros: Whether they become 0; else the last one that counts, 0 if there is none before.
        """
        if zeros:
            return torch.where(self.mask.unsqueeze(-1), outputs, 0)
        last = self._last_before()
        shown = outputs.gather(1, last.clamp(min=0).unsqueeze(-1).expand_as(outputs))
        return torch.where((last >= 0).unsqueeze(-1), shown, 0)

    def at_end(
        self, outputs: Float[Tensor, "batch time units"], *, zeros: bool
    ) -> Float[Tensor, "batch units"]:
        """The last of `filled`."""
        if zeros:
            return torch.where(self.mask[:, -1:], outputs[:, -1], 0)
        last = self._last_before()[:, -1:]
        index = last.clamp(min=0).unsqueeze(-1).expand(-1, 1, outputs.shape[2])
        return torch.where(last >= 0, outputs.gather(1, index).squeeze(1), 0)

    def _last_before(self) -> Int[Tensor, "batch time"]:
        """The last step that counts, up to each; -1 if there is none."""
        steps = torch.arange(self.mask.shape[1], device=self.mask.device)
        return torch.where(self.mask, steps, -1).cummax(1).values
