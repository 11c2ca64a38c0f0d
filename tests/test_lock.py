import errno
import subprocess
import sys

import pytest

from profond import _lock
from profond._lock import Lock

HOLD = """
import sys
from profond._lock import Lock
lock = Lock(sys.argv[1])
assert lock.take()
print("held", flush=True)
sys.stdin.read()
"""


def test_one_holds_a_file_at_a_time(tmp_path):
    one, other = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert one.take()
    assert not other.take()
    one.release()
    one.release()
    assert other.take()
    other.release()


def test_a_process_that_is_killed_lets_go(tmp_path):
    lock = Lock(tmp_path / "lock")
    words = [sys.executable, "-c", HOLD, str(lock.path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert not lock.take()
        process.kill()
    assert lock.take()
    lock.release()


def test_where_there_are_no_locks_everyone_gets_it(tmp_path, monkeypatch):
    def none(file):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(_lock, "_lock", none)
    one, other = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert one.take()
    assert other.take()
    one.release()
    other.release()


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none"):
        Lock(tmp_path / "none" / "lock").take()
