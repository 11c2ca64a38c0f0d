"""Results of a batch that are read from the device only when looked at."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch


class LazyLogs(Mapping[str, Any]):
    """The results so far in the epoch, computed at the first look, for those who look at once."""

    def __init__(self, compute: Callable[[], Mapping[str, Any]]) -> None:
        self._compute = compute
        self._values: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The results, read now, for those who may keep or change them: always the same dict."""
        if self._values is None:
            self._values = as_floats(self._compute())
        return self._values

    def __getitem__(self, name: str) -> Any:
        return self.as_dict()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_dict())

    def __len__(self) -> int:
        return len(self.as_dict())

    def __repr__(self) -> str:
        return repr(self.as_dict())


def as_floats(logs: Mapping[str, Any]) -> dict[str, Any]:
    """The logs in the order of their names, as in Keras: scalars as Python floats.

    Args:
        logs: Results by name; nested ones are flattened, arrays stay arrays.
    """
    floats: dict[str, Any] = {}
    for name, value in logs.items():
        if isinstance(value, Mapping):
            floats.update(as_floats(value))
            continue
        value = value.detach() if isinstance(value, torch.Tensor) else value
        if isinstance(value, torch.Tensor) and value.numel() != 1:
            floats[name] = value.cpu().numpy()
        else:
            floats[name] = float(value)
    return dict(sorted(floats.items()))
