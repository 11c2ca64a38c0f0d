"""Files that appear whole or not at all, and errors that name them."""

import errno
import os

import pytest

from profond._files import remove_unfinished, write_whole


def fail(monkeypatch, name, code):
    def failing(*args, **kwargs):
        raise OSError(code, os.strerror(code), "a temporary name")

    monkeypatch.setattr(name, failing)


def test_a_full_disk_names_the_file_and_keeps_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "model.bin"
    fail(monkeypatch, "os.fsync", errno.ENOSPC)
    wanted = r"No space left on device \(nothing was written\): '.*model.bin'"
    with pytest.raises(OSError, match=wanted) as caught:
        write_whole(path, b"new")
    assert caught.value.errno == errno.ENOSPC
    path.write_bytes(b"old")
    with pytest.raises(OSError, match=r"\(the earlier file is as it was\): '.*model.bin'"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["model.bin"]


def test_a_folder_that_cannot_be_written_to_names_the_file(tmp_path, monkeypatch):
    fail(monkeypatch, "tempfile.mkstemp", errno.EACCES)
    with pytest.raises(PermissionError, match=r"Permission denied .*: '.*model.bin'"):
        write_whole(tmp_path / "model.bin", "text")


def test_what_a_killed_process_left_is_removed(tmp_path):
    left, others = [".a[1].abcd_123"], ["a[1]", ".a[1].lock", ".b.abcd_123", ".a1.abcd_123"]
    for name in [*left, *others]:
        (tmp_path / name).touch()
    remove_unfinished(tmp_path / "a[1]")
    assert sorted(os.listdir(tmp_path)) == sorted(others)
