"""Results as JSON: on standard output, or in a file."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

JsonFile = Annotated[
    Path | None, typer.Option("--out", "-o", help="File for the numbers (.json), beside the table.")
]
JsonOnly = Annotated[
    bool, typer.Option("--json", help="Print the numbers as JSON in the place of the table.")
]


def check_json_file(out: Path | None) -> None:
    """Refuse a name that is not one of a JSON file, before anything is computed."""
    if out is not None and out.is_dir():
        raise ValueError(f"{out} is a folder; give a file for the numbers, like numbers.json.")
    if out is not None and out.suffix.lower() != ".json":
        raise ValueError(f"The numbers are written to a .json file; received {out.name!r} (--out).")


def write_json(value: Any, out: Path | None, show: bool) -> None:
    """Write plain values where they are wanted; NaN and infinity become null."""
    from profond._files import write_whole

    text = json.dumps(_finite(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if out is not None:
        try:
            write_whole(out, text)
        except OSError as error:
            raise OSError(
                f"The numbers cannot be written to {out}: {error.strerror or error}. Give another "
                "file (--out)."
            ) from error
        sys.stderr.write(f"numbers written to {out}\n")
    if show:
        sys.stdout.write(text)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value
