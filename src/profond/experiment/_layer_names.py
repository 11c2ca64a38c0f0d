"""Names of layers counted from the start, whatever the process has built before.

A layer without a name of its own is called after its class and how many of them there have been in
the process: `dense_7`. In a file that would make two equal trainings differ.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from profond._naming import snake_case

# Where a description refers to a layer by its name.
_REFERENCES = ("keras_history", "input_layers", "output_layers")


def counted_anew(architecture: dict[str, Any]) -> dict[str, Any]:
    """A model's description with its automatic names counted from the start.

    Args:
        architecture: What `model.to_json` writes, as plain values. It is left as it is.

    Returns:
        The description with `dense`, `dense_1`, ... in the order of the layers; names that are
        not automatic are kept.
    """
    found = dict.fromkeys(_named(architecture))
    automatic = {name: base for name, base in found if re.fullmatch(rf"{base}(_\d+)?", name)}
    taken = {name for name, _ in found} - set(automatic)
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    for name, base in automatic.items():
        fresh = ""
        while not fresh or fresh in taken:
            fresh = f"{base}_{counts[base]}" if counts[base] else base
            counts[base] += 1
        names[name] = fresh
    return _renamed(architecture, names)


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """Each name in a description, and what the class it belongs to is called."""
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, dict):
        config = value.get("config")
        if isinstance(config, dict) and isinstance(config.get("name"), str):
            yield config["name"], snake_case(str(value.get("class_name")))
        for one in value.values():
            yield from _named(one)


def _renamed(value: Any, names: dict[str, str], *, refers: bool = False) -> Any:
    """A copy with other names, where names of layers stand."""
    if isinstance(value, dict):
        return {
            key: _renamed(one, names, refers=key == "name" or key in _REFERENCES)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_renamed(one, names, refers=refers) for one in value]
    return names.get(value, value) if refers and isinstance(value, str) else value
