import sys

import pytest

from profond._exchange import exchange


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such call")
def test_two_folders_change_places(tmp_path):
    for name in ("één", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert exchange(tmp_path / "één", tmp_path / "other")
    assert (tmp_path / "één" / "other").exists()
    assert (tmp_path / "other" / "één").exists()


def test_both_must_be_there(tmp_path):
    (tmp_path / "one").mkdir()
    assert not exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one").is_dir()
