"""Figures that a command writes."""

from pathlib import Path
from typing import Any

_DPI = 150


def check_place(path: Path) -> None:
    """Make the folder of a figure, before the work that the figure shows.

    Raises:
        OSError: If a file cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(None, "it is a folder")
    except OSError as error:
        raise OSError(
            f"The figure cannot be written to {path}: {error.strerror}. Give another file (--out)."
        ) from error


def save_figure(figure: Any, path: Path) -> None:
    """Write a figure, whole or not at all, in the format of its suffix."""
    from profond._files import writing_whole

    with writing_whole(path) as file:
        figure.savefig(file, dpi=_DPI, format=path.suffix.lower().removeprefix("."))
