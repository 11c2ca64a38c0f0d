"""What a run that can be resumed asks of whoever keeps its networks."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from profond.callbacks import Callback

if TYPE_CHECKING:
    from profond.estimators._members import Member, Trainer


@runtime_checkable
class Keeper(Protocol):
    """Keeps networks while others are trained, and gives them back to a later process."""

    def finished(self, trainer: "Trainer", place: int, seed: int) -> "Member | None":
        """The network of a place, if an earlier process had trained it."""
        ...

    def callbacks(self, place: int, attempt: int) -> list[Callback]:
        """What is told of a network's training, and may take it up where it had stopped."""
        ...

    def save(self, place: int, member: "Member") -> bool:
        """Keep a network that is trained; whether Ctrl-C was pressed meanwhile."""
        ...
