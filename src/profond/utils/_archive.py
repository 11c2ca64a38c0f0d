"""Unpacking archives, so that nothing is written outside the folder and nothing half."""

import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

_KINDS = ("tar", "zip")


def extract(
    archive: Path, folder: Path, archive_format: str | Sequence[str] | None = "auto"
) -> None:
    """Unpack `archive` into `folder`, which appears whole or not at all.

    Args:
        archive: A tar file (plain or compressed) or a zip file.
        folder: Where to; what is there is replaced.
        archive_format: `"auto"`, `"tar"`, `"zip"`, or several of them.

    Raises:
        ValueError: If the file is no such archive, or a member would come to lie outside
            `folder`, or is neither a file, folder nor link.
    """
    kinds = _KINDS if archive_format == "auto" else archive_format
    kinds = [kinds] if isinstance(kinds, str) else list(kinds or ())
    if unknown := [kind for kind in kinds if kind not in _KINDS]:
        raise ValueError(
            f"`archive_format` must be 'auto', 'tar' or 'zip'; received {unknown[0]!r}."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        if "tar" in kinds and tarfile.is_tarfile(archive):
            _extract_tar(archive, new)
        elif "zip" in kinds and zipfile.is_zipfile(archive):
            _extract_zip(archive, new)
        else:
            raise ValueError(
                f"{archive} is no archive of the kind {' or '.join(kinds) or None}; it cannot be "
                "extracted."
            )
        new.chmod(0o755)  # mkdtemp lets nobody else in
        _replace(folder, new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _replace(folder: Path, new: Path) -> None:
    """Put `new` in the place of `folder`."""
    if folder.is_dir():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        os.replace(folder, old / "replaced")
        os.replace(new, folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        folder.unlink(missing_ok=True)
        os.replace(new, folder)


def _check_inside(root: Path, member: str, target: str, archive: Path) -> None:
    """Refuse a member of which `target`, a path from `root`, leads out of it."""
    inside = os.path.normpath(os.path.join(root, target))
    if os.path.isabs(target) or os.path.commonpath([inside, root]) != str(root):
        raise ValueError(
            f"{archive} is not safe to extract: its member {member!r} leads to {target!r}, outside "
            "the folder. Nothing was extracted."
        )


def _extract_tar(archive: Path, folder: Path) -> None:
    """Unpack a tar file."""
    links: set[str] = set()
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            _check_inside(folder, member.name, member.name, archive)
            way = Path(os.path.normpath(member.name)).parents
            if through := links.intersection(str(parent) for parent in way):
                raise ValueError(
                    f"{archive} is not safe to extract: its member {member.name!r} goes through "
                    f"the link {through.pop()!r}. Nothing was extracted."
                )
            if member.issym():
                links.add(os.path.normpath(member.name))
                beside = os.path.dirname(member.name)
                target = os.path.join(beside, member.linkname)
                _check_inside(folder, member.name, target, archive)
            elif member.islnk():
                _check_inside(folder, member.name, member.linkname, archive)
            elif not (member.isfile() or member.isdir()):
                raise ValueError(
                    f"{archive} is not safe to extract: its member {member.name!r} is a device or "
                    "pipe. Nothing was extracted."
                )
        if hasattr(tarfile, "data_filter"):  # from Python 3.11.4 on
            try:
                tar.extractall(folder, filter="data")
            except tarfile.FilterError as error:
                raise ValueError(
                    f"{archive} is not safe to extract: {error}. Nothing was extracted."
                ) from error
        else:
            tar.extractall(folder)


def _extract_zip(archive: Path, folder: Path) -> None:
    """Unpack a zip file."""
    with zipfile.ZipFile(archive) as file:
        for member in file.infolist():
            _check_inside(folder, member.filename, member.filename, archive)
            if stat.S_ISLNK(member.external_attr >> 16):
                raise ValueError(
                    f"{archive} is not safe to extract: its member {member.filename!r} is a link. "
                    "Nothing was extracted."
                )
        file.extractall(folder)
