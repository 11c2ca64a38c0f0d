"""Descriptions of runs in files: TOML, YAML, JSON."""

import json
from pathlib import Path
from typing import Any

SUFFIXES = (".toml", ".yaml", ".yml", ".json")


def read_sections(path: Path) -> dict[str, Any]:
    """The sections of a description.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If its kind is unknown, or it cannot be read.
        ImportError: If it is YAML and PyYAML is not installed.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"an experiment is described in a {', '.join(SUFFIXES)} file; received {path.name!r}."
        )
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    try:
        found = parse_sections(path.read_bytes().decode(), path.suffix.lower())
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not written in UTF-8: {error}.") from None
    if not isinstance(found, dict) or not all(isinstance(part, dict) for part in found.values()):
        shown = str(found)
        table = " A table is given as CSV, TSV, Parquet or Excel." * isinstance(found, list)
        raise ValueError(
            "it must hold sections with settings, like [data] and, under it, target = ...; "
            f"received {shown if len(shown) <= 80 else f'{shown[:80]}...'}.{table}"
        )
    return found


def parse_sections(text: str, suffix: str) -> Any:
    """The content of a description, by the kind of its file."""
    import tomllib

    try:
        if suffix == ".toml":
            return tomllib.loads(text)
        if suffix == ".json":
            return json.loads(text, object_pairs_hook=_each_once)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"it is not valid {suffix[1:].upper()}: {error}.") from None
    try:
        import yaml
    except ImportError as error:
        raise ImportError("Reading YAML needs PyYAML: pip install 'profond[yaml]'.") from error
    try:
        _refuse_twice_in_yaml(yaml.compose(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"it is not valid YAML: {' '.join(str(error).split())}.") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping whose names differ: JSON and YAML let the last of several win without a word."""
    names = [name for name, _ in pairs]
    _refuse_twice(names)
    return dict(pairs)


def _refuse_twice(names: list[str]) -> None:
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise ValueError(f"{twice!r} stands twice in the same section; leave one of them.")


def _refuse_twice_in_yaml(node: Any) -> None:
    """The same for the nodes of a YAML text, before they are made into values."""
    if node is None or isinstance(node.value, str):
        return
    parts = node.value
    if node.id == "mapping":
        _refuse_twice([str(name.value) for name, _ in parts])
        parts = [value for _, value in parts]
    for part in parts:
        _refuse_twice_in_yaml(part)
