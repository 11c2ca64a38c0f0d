"""Data sets that are not in the package: found on the disk, or downloaded once and kept."""

import http.client
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RemoteFile:
    """A file that is published somewhere.

    Attributes:
        name: Its name, there and here.
        sha256: Its checksum.
        mirrors: Addresses of the folders it is in; each is tried in turn.
    """

    name: str
    sha256: str
    mirrors: tuple[str, ...]


def given_folder(data_set: str) -> Path | None:
    """The folder of a set below `PROFOND_DATA`, where people keep data sets; None without it."""
    root = os.environ.get("PROFOND_DATA")
    return Path(root).expanduser() / data_set if root else None


def cache_folder(data_set: str) -> Path:
    """The folder for what is downloaded: below `PROFOND_CACHE`, else below `~/.cache/profond`."""
    root = os.environ.get("PROFOND_CACHE") or Path.home() / ".cache" / "profond"
    return Path(root).expanduser() / data_set


def fetch(files: Sequence[RemoteFile], data_set: str) -> list[Path]:
    """The files of a data set: from the cache, else downloaded into it.

    Each is checked by its SHA-256 and appears whole or not at all, so that a download that was
    broken off goes on with the files that are not there yet.

    Args:
        files: All that the set needs.
        data_set: Its name, which is that of its folder.

    Returns:
        Their paths.

    Raises:
        OSError: If one can be had nowhere; the message says from where it was tried, and where
            to put the files.
    """
    from profond.utils import get_file

    folder = cache_folder(data_set)
    paths = []
    for file in files:
        failures = []
        for mirror in file.mirrors:
            try:
                path = get_file(
                    file.name,
                    mirror + file.name,
                    file_hash=file.sha256,
                    cache_dir=folder,
                    cache_subdir="",
                )
            except (OSError, ValueError, http.client.HTTPException) as error:
                failures.append(str(error) or type(error).__name__)
            else:
                paths.append(Path(path))
                break
        else:
            raise OSError(_nowhere(files, data_set, folder, failures))
    return paths


def _nowhere(files: Sequence[RemoteFile], data_set: str, folder: Path, failures: list[str]) -> str:
    """The message when a file can be had nowhere."""
    names = ", ".join(file.name for file in files)
    kept = given_folder(data_set)
    where = f"{kept} (PROFOND_DATA)" if kept else f"$PROFOND_DATA/{data_set} (it is not set)"
    return (
        f"The data set {data_set!r} is not on this machine, and cannot be downloaded: "
        f"{' '.join(failures)} Put {names} into {where} or into {folder}."
    )
