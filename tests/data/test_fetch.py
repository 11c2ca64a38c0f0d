"""Data sets found on the disk, or downloaded once and kept."""

import hashlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from profond.data._fetch import RemoteFile, cache_folder, fetch, given_folder

CONTENT = {"a.bin": b"first" * 1000, "b.bin": b"second" * 1000}


class Handler(BaseHTTPRequestHandler):
    """Gives the files; below /wrong/ other bytes, below /short/ only a part of them."""

    def do_GET(self):
        self.server.asked.append(self.path)
        _, kind, name = self.path.split("/")
        content = CONTENT.get(name) if kind != "missing" else None
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if kind == "short":
            content = content[:100]
        self.wfile.write(content[::-1] if kind == "wrong" else content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server on this machine, which remembers what was asked for; and an empty cache."""
    monkeypatch.setenv("PROFOND_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PROFOND_DATA", raising=False)
    made = HTTPServer(("127.0.0.1", 0), Handler)
    made.asked = []
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def files(server, *kinds):
    mirrors = tuple(f"http://127.0.0.1:{server.server_port}/{kind}/" for kind in kinds)
    return [
        RemoteFile(name, hashlib.sha256(content).hexdigest(), mirrors)
        for name, content in CONTENT.items()
    ]


def kept(tmp_path):
    return sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file())


def test_files_are_downloaded_once(server, tmp_path):
    paths = fetch(files(server, "good"), "two")
    assert [one.read_bytes() for one in paths] == list(CONTENT.values())
    assert kept(tmp_path) == ["cache/two/a.bin", "cache/two/b.bin"]
    assert fetch(files(server, "good"), "two") == paths
    assert server.asked == ["/good/a.bin", "/good/b.bin"]


def test_what_was_broken_off_goes_on(server, tmp_path):
    first, second = files(server, "good")
    with pytest.raises(OSError, match="'two' is not on this machine.*b.bin: 404 Not Found"):
        fetch([first, files(server, "missing")[1]], "two")
    assert kept(tmp_path) == ["cache/two/a.bin"]
    assert len(fetch([first, second], "two")) == 2
    assert server.asked.count("/good/a.bin") == 1


@pytest.mark.parametrize("bad", ["wrong", "short", "missing"])
def test_the_next_mirror_is_tried(server, bad, tmp_path):
    assert fetch(files(server, bad, "good"), "two")[1].read_bytes() == CONTENT["b.bin"]
    assert server.asked[:2] == [f"/{bad}/a.bin", "/good/a.bin"]
    assert kept(tmp_path) == ["cache/two/a.bin", "cache/two/b.bin"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("wrong", "its sha256 checksum is [0-9a-f]{64}, expected [0-9a-f]{64}. Nothing was kept"),
        ("short", "100 of 5000 bytes came"),
        ("missing", "404 Not Found"),
    ],
)
def test_nothing_is_left_of_a_download_that_failed(server, bad, reason, tmp_path):
    with pytest.raises(OSError, match=reason):
        fetch(files(server, bad), "two")
    assert kept(tmp_path) == []


def test_a_damaged_file_is_downloaded_again(server):
    path = fetch(files(server, "good"), "two")[0]
    path.write_bytes(b"damaged")
    assert fetch(files(server, "good"), "two")[0].read_bytes() == CONTENT["a.bin"]


def test_without_a_network(monkeypatch, tmp_path):
    monkeypatch.setenv("PROFOND_CACHE", str(tmp_path / "cache"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = RemoteFile(
        "a.bin", "0" * 64, (f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}/b/")
    )
    monkeypatch.delenv("PROFOND_DATA", raising=False)
    message = (
        r"The data set 'two' is not on this machine, and cannot be downloaded: cannot download "
        r"http://127.0.0.1:\d+/a.bin: .*cannot download http://127.0.0.1:\d+/b/a.bin: .* Put a.bin "
        r"into \$PROFOND_DATA/two \(it is not set\) or into .*cache.two\."
    )
    with pytest.raises(OSError, match=message):
        fetch([one], "two")
    monkeypatch.setenv("PROFOND_DATA", str(tmp_path))
    with pytest.raises(OSError, match=r"Put a.bin into .*two \(PROFOND_DATA\) or into"):
        fetch([one], "two")


def test_folders(monkeypatch, tmp_path):
    monkeypatch.delenv("PROFOND_DATA", raising=False)
    monkeypatch.delenv("PROFOND_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert given_folder("mnist") is None
    assert cache_folder("mnist") == tmp_path / ".cache" / "profond" / "mnist"
    monkeypatch.setenv("PROFOND_DATA", "~/data")
    monkeypatch.setenv("PROFOND_CACHE", "~/kept")
    assert given_folder("mnist") == tmp_path / "data" / "mnist"
    assert cache_folder("mnist") == tmp_path / "kept" / "mnist"
