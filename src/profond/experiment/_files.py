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
        raise ValueError(
            "it must hold sections with settings, like [data] and, under it, target = ...; "
            f"received {str(found)[:80]}."
        )
    return found


def parse_sections(text: str, suffix: str) -> Any:
    """The content of a description, by the kind of its file."""
    import tomllib

    try:
        if suffix == ".toml":
            return tomllib.loads(text)
        if suffix == ".json":
            return json.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"it is not valid {suffix[1:].upper()}: {error}.") from None
    try:
        import yaml
    except ImportError as error:
        raise ImportError("Reading YAML needs PyYAML: pip install 'profond[yaml]'.") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"it is not valid YAML: {' '.join(str(error).split())}.") from None
