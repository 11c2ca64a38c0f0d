"""Which set of series or images a run learned from, to be found and known again."""

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from profond.experiment._kind import Kind


def set_identity(
    found: Any, arrays: Iterable[np.ndarray], known: Collection[str]
) -> dict[str, Any]:
    """What `find_set` needs: where the set is, and a digest.

    Args:
        found: The set, with `source`, `name` and `labels`.
        arrays: What its rows are, for the digest.
        known: Names of sets that are no files.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(repr((array.shape, str(array.dtype))).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(repr(None if found.labels is None else found.labels.tolist()).encode())
    path = Path(found.source)
    place = "" if not found.source else None
    if found.source and path.exists():
        place = os.path.abspath(path)
    elif found.source and found.source not in known:
        place = ""
    return {
        "source": found.source,
        "name": found.name,
        "path": place,  # absolute; None for a known name, empty for a set from memory
        "rows": len(found),
        "digest": digest.hexdigest(),
    }


def find_set(
    kind: Kind, identity: Mapping[str, Any], experiment: Any, data: Any, folder: str
) -> Any:
    """The set of an interrupted run, opened again.

    Raises:
        ValueError: If it is another, or came from memory and is not given again.
        FileNotFoundError: If the file is no longer there.
    """
    called = kind.rows
    if data is None:
        data = identity["source"] if identity["path"] is None else identity["path"]
        if not data:
            raise ValueError(
                f"The interrupted run of {folder} learned from {called} in memory; give the same "
                f"ones again: resume_training({folder!r}, {called})."
            )
    found = kind.open(experiment, data)
    if kind.identity(found)["digest"] != identity["digest"]:
        raise ValueError(
            f"The {called} are not those that the interrupted run of {folder} began with "
            f"({len(found)} now, {identity['rows']} then). Give them back their content, or "
            "train anew without --resume."
        )
    return replace(found, source=identity["source"], name=identity["name"])
