"""Files from the network, kept in a cache, checked, and never half there."""

import hashlib
import os
import tempfile
import urllib.parse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from profond._lookup import choose
from profond.utils import _console
from profond.utils._progbar import Progbar

_CHUNK = 1 << 20
_TIMEOUT = 60.0  # seconds without an answer
_SCHEMES = ("http", "https", "ftp", "file")
_ALGORITHMS = {"auto": "", "md5": "md5", "sha256": "sha256"}


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """The path of a file from the network, downloaded unless it is in the cache.

    A file appears whole or not at all: it is written under another name, checked, then renamed.

    Args:
        fname: Name in the cache; the last part of `origin` if None. Of an archive, the name of
            the folder it is extracted into (`name_extracted` if it has an extension).
        origin: Address: http, https, ftp or file.
        untar: The same as `extract=True, archive_format="tar"`.
        md5_hash: The same as `file_hash` with `hash_algorithm="md5"`.
        file_hash: Expected checksum, in hexadecimal. Give one where you can.
        cache_subdir: Folder inside the cache.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"`, by the length of `file_hash`.
        extract: Whether to unpack the file, a tar or zip archive.
        archive_format: `"auto"`, `"tar"`, `"zip"`, or several of them.
        cache_dir: The cache; `$KERAS_HOME` or `~/.keras`, as Keras has it, if None.
        force_download: Whether to download though the file is in the cache.

    Returns:
        The path of the file; of an archive that is extracted, of the folder.

    Raises:
        ValueError: If an argument is wrong, or the checksum of the downloaded file differs, or an
            archive would write outside its folder.
        OSError: If the file cannot be downloaded or written.
    """
    origin = _checked_origin(origin)
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    algorithm = _algorithm(hash_algorithm, file_hash)
    unpack = extract or untar
    file, folder = _places(fname, origin, _cache(cache_dir, cache_subdir), unpack)
    cached = file.exists() and not force_download
    if cached and file_hash is not None and checksum(file, algorithm) != file_hash.lower():
        _console.write(f"The checksum of {file} is not the expected one: downloading it again.\n")
        cached = False
    if not cached:
        _download(origin, file, algorithm, file_hash)
    if not unpack:
        return str(file)
    if not cached or not folder.is_dir():
        from profond.utils._archive import extract as extract_archive

        extract_archive(file, folder, "tar" if untar else archive_format)
    return str(folder)


def checksum(path: Any, algorithm: str = "sha256") -> str:
    """The checksum of a file, in hexadecimal.

    Args:
        path: The file.
        algorithm: `"sha256"` or `"md5"`.
    """
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _checked_origin(origin: Any) -> str:
    """The address, if it is one."""
    if origin is None:
        raise ValueError("`origin` must be the address of the file; received None.")
    scheme = urllib.parse.urlsplit(str(origin)).scheme
    if scheme not in _SCHEMES:
        raise ValueError(
            f"`origin` must be an address that begins with one of {', '.join(_SCHEMES)}; received "
            f"{origin!r}."
        )
    return str(origin)


def _algorithm(name: str, file_hash: str | None) -> str:
    """The name of the checksum, by the length of `file_hash` where it is to be found out."""
    known = choose(name, _ALGORITHMS, "hash algorithm")
    found = known or ("sha256" if file_hash is None or len(file_hash) == 64 else "md5")
    length = hashlib.new(found, usedforsecurity=False).digest_size * 2
    if file_hash is not None and len(file_hash) != length:
        raise ValueError(
            f"`file_hash` must have {length} hexadecimal digits for {found}; received "
            f"{len(file_hash)}."
        )
    return found


def _cache(cache_dir: Any, cache_subdir: str) -> Path:
    """The folder of the cache, made if need be."""
    if cache_dir is None:
        cache_dir = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    folder = Path(cache_dir).expanduser() / cache_subdir
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"the cache {folder} cannot be written ({error.strerror}). Give `cache_dir` a folder "
            "that can."
        ) from error
    return folder


def _places(fname: Any, origin: str, folder: Path, unpack: bool) -> tuple[Path, Path]:
    """Where the file goes, and the folder that an archive is extracted into."""
    name = os.fspath(fname) if fname else ""
    given = bool(name)
    if not given:
        name = os.path.basename(urllib.parse.unquote(urllib.parse.urlsplit(origin).path))
        if not name:
            raise ValueError(
                f"`fname` must be given: the address {origin!r} does not end in a file's name."
            )
    if name in (".", "..") or name != os.path.basename(name) or "\\" in name:
        raise ValueError(
            f"`fname` must be a name without folders; received {name!r}. Give the folder as "
            "`cache_dir` and `cache_subdir`."
        )
    if not unpack:
        return folder / name, folder
    if given and "." in name:
        return folder / name, folder / f"{name.split('.')[0]}_extracted"
    return folder / f"{name}_archive", folder / name


def _download(origin: str, file: Path, algorithm: str, file_hash: str | None) -> None:
    """Fetch `origin` into `file`, which is only replaced by a whole one that passed the check."""
    _console.write(f"Downloading data from {origin}\n")
    digest = hashlib.new(algorithm, usedforsecurity=False)
    handle, part = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as target:
            _fetch(origin, target, digest)
        if file_hash is not None and digest.hexdigest() != file_hash.lower():
            raise ValueError(
                f"the file from {origin} is incomplete or not the expected one: its {algorithm} "
                f"checksum is {digest.hexdigest()}, expected {file_hash}. Nothing was kept."
            )
        os.chmod(part, 0o644)  # mkstemp lets nobody else read
        os.replace(part, file)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _fetch(origin: str, target: Any, digest: Any) -> None:
    """Copy what is at `origin`, with a progress bar."""
    # Imported here, as the archives are above: they take longer than most of profond.
    import urllib.error
    import urllib.request

    try:
        # The scheme was checked: nothing but the network's and file.
        with urllib.request.urlopen(origin, timeout=_TIMEOUT) as source:
            length = source.headers.get("Content-Length")
            size = int(length) if length and length.isdigit() else None
            bar, received = Progbar(size, unit_name="byte"), 0
            while chunk := source.read(_CHUNK):
                target.write(chunk)
                digest.update(chunk)
                received += len(chunk)
                bar.update(received, finalize=False)
    except urllib.error.HTTPError as error:
        raise OSError(f"cannot download {origin}: {error.code} {error.reason}.") from error
    except urllib.error.URLError as error:
        raise OSError(f"cannot download {origin}: {error.reason}.") from error
    if size is not None and received != size:
        raise OSError(f"cannot download {origin}: {received} of {size} bytes came.")
    bar.update(received, finalize=True)
