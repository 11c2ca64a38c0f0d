"""What became of the weights in a file."""

from dataclasses import dataclass, field

from profond.architectures.pretrained._preprocessing import ImagePreprocessing


@dataclass(frozen=True)
class LoadedWeights:
    """What `load_pretrained` has loaded, and what not.

    Attributes:
        source: What was read: "a kept model", "a file of safetensors", "a state_dict of torch",
            "a file of Keras".
        loaded: Names of the model's layers that have their weights from the file.
        left_out: Names of the model's layers that have not, each with the reason.
        not_used: Names in the file that have no place in the model.
        matched: "by name", or "in order" where the names differ.
        preprocessing: What the network's inputs are to be; None if it is not known.
    """

    source: str
    loaded: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    not_used: tuple[str, ...] = ()
    matched: str = "by name"
    preprocessing: ImagePreprocessing | None = None

    def __str__(self) -> str:
        lines = [f"{len(self.loaded)} layers loaded {self.matched} from {self.source}."]
        lines += [f"{name} is left out: {reason}." for name, reason in self.left_out.items()]
        if self.not_used:
            lines.append(f"Not used: {', '.join(self.not_used)}.")
        if self.preprocessing is None:
            lines.append("How the images were prepared is not known.")
        return "\n".join(lines)
