"""Files fetched, checked, cached and unpacked, whole or not at all."""

import hashlib
import io
import os
import tarfile
import threading
import zipfile
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from profond.utils import get_file
from profond.utils._archive import extract
from profond.utils._download import checksum

CONTENT = b"some numbers\n1,2,3\n" * 1000
SHA256, MD5 = hashlib.sha256(CONTENT).hexdigest(), hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def source(tmp_path):
    """A file elsewhere."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path = folder / "data set.csv"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def test_a_file_is_copied_into_the_cache(source, cache, capsys):
    path = get_file(origin=source.as_uri(), cache_dir=cache)
    assert path == str(cache / "datasets" / "data set.csv")
    assert (cache / "datasets" / "data set.csv").read_bytes() == CONTENT
    assert files(cache) == ["datasets", "datasets/data set.csv"]
    out = capsys.readouterr().out
    assert out.startswith(f"Downloading data from {source.as_uri()}\n")
    assert out.rstrip().endswith("/byte")
    assert os.stat(path).st_mode & 0o777 == 0o644


def test_names_and_folders(source, cache):
    path = get_file("own.csv", source.as_uri(), cache_dir=str(cache), cache_subdir="tables/small")
    assert path == str(cache / "tables" / "small" / "own.csv")


def test_the_cache_is_used_unless_told_otherwise(source, cache, capsys):
    get_file(origin=source.as_uri(), cache_dir=cache)
    source.write_bytes(b"new")
    capsys.readouterr()
    path = get_file(origin=source.as_uri(), cache_dir=cache)
    assert Path(path).read_bytes() == CONTENT
    assert capsys.readouterr().out == ""
    path = get_file(origin=source.as_uri(), cache_dir=cache, force_download=True)
    assert Path(path).read_bytes() == b"new"


@pytest.mark.parametrize(
    "check",
    [
        {"file_hash": SHA256},
        {"file_hash": SHA256.upper()},
        {"file_hash": MD5},
        {"md5_hash": MD5},
        {"file_hash": SHA256, "hash_algorithm": "sha256"},
        {"file_hash": MD5, "hash_algorithm": "md5"},
    ],
)
def test_checksums_that_are_right(source, cache, check):
    get_file(origin=source.as_uri(), cache_dir=cache, **check)


def test_a_wrong_checksum_leaves_nothing_behind(source, cache):
    with pytest.raises(ValueError, match=f"its sha256 checksum is {SHA256}, expected {'0' * 64}"):
        get_file(origin=source.as_uri(), cache_dir=cache, file_hash="0" * 64)
    assert files(cache) == ["datasets"]


def test_a_wrong_checksum_keeps_the_file_that_was_there(source, cache):
    path = get_file(origin=source.as_uri(), cache_dir=cache)
    source.write_bytes(b"broken")
    with pytest.raises(ValueError, match="Nothing was kept"):
        get_file(origin=source.as_uri(), cache_dir=cache, file_hash=SHA256, force_download=True)
    assert Path(path).read_bytes() == CONTENT


def test_a_damaged_file_in_the_cache_is_fetched_again(source, cache, capsys):
    path = get_file(origin=source.as_uri(), cache_dir=cache)
    with open(path, "wb") as file:
        file.write(b"damaged")
    get_file(origin=source.as_uri(), cache_dir=cache, file_hash=SHA256)
    assert Path(path).read_bytes() == CONTENT
    assert "is not the expected one: downloading it again" in capsys.readouterr().out


def test_checksum_of_a_file(source):
    assert checksum(source) == SHA256
    assert checksum(source, "md5") == MD5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"origin": None}, "`origin` must be the address of the file; received None"),
        ({"origin": "/tmp/x"}, "`origin` must be an address that begins with one of http, https"),
        ({"origin": "data:text/plain,x"}, "received 'data:text/plain,x'"),
        ({"origin": "http://localhost/"}, "`fname` must be given: the address 'http://localhost/'"),
        ({"fname": "../x"}, r"`fname` must be a name without folders; received '\.\./x'"),
        ({"fname": ".."}, "`fname` must be a name without folders"),
        ({"fname": "a\\b"}, "`fname` must be a name without folders"),
        (
            {"hash_algorithm": "sha1"},
            "Unknown hash algorithm: 'sha1'.*Available: auto, md5, sha256",
        ),
        ({"file_hash": "abc"}, "`file_hash` must have 32 hexadecimal digits for md5; received 3"),
        (
            {"file_hash": MD5, "hash_algorithm": "sha256"},
            "`file_hash` must have 64 hexadecimal digits for sha256; received 32",
        ),
    ],
)
def test_wrong_arguments(cache, source, arguments, message):
    with pytest.raises(ValueError, match=message):
        get_file(**{"origin": source.as_uri(), "cache_dir": cache, **arguments})
    assert not list(cache.rglob("*.csv"))


def test_a_name_in_the_address_cannot_leave_the_cache(cache):
    with pytest.raises(ValueError, match="`fname` must be a name without folders"):
        get_file(origin="http://localhost/%2e%2e", cache_dir=cache)


def test_a_missing_file(cache, tmp_path):
    with pytest.raises(OSError, match=r"cannot download file:///.*No such file"):
        get_file(origin=(tmp_path / "no.csv").as_uri(), cache_dir=cache)
    assert files(cache) == ["datasets"]


def test_a_cache_that_cannot_be_written(source, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match=r"the cache .*cannot be written.*Give `cache_dir`"):
        get_file(origin=source.as_uri(), cache_dir=tmp_path / "file")


def test_the_usual_cache(source, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "kept"))
    assert get_file(origin=source.as_uri()) == str(tmp_path / "kept/datasets/data set.csv")
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    expected = tmp_path / "home/.keras/datasets/data set.csv"
    assert get_file(origin=source.as_uri()) == str(expected)
    assert get_file(origin=source.as_uri(), cache_dir="~/.keras") == str(expected)


# Over the network


class Broken(BaseHTTPRequestHandler):
    """Promises more than it sends."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")

    def log_message(self, *args):
        pass


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def serve():
    """Start a server on this machine, and stop it."""
    servers = []

    def start(handler):
        server = HTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def test_from_a_server(source, cache, serve):
    address = serve(partial(Quiet, directory=str(source.parent)))
    path = get_file(origin=f"{address}/data%20set.csv", cache_dir=cache, file_hash=SHA256)
    assert os.path.basename(path) == "data set.csv"
    with pytest.raises(OSError, match=r"cannot download .*no\.csv: 404 File not found"):
        get_file(origin=f"{address}/no.csv", cache_dir=cache)


def test_a_connection_that_breaks_leaves_nothing_behind(cache, serve):
    with pytest.raises(OSError, match="cannot download .*9 of 1000 bytes came"):
        get_file(origin=f"{serve(Broken)}/x.csv", cache_dir=cache)
    assert files(cache) == ["datasets"]


# Archives


def make_tar(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as tar:
        for name, content in members.items():
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = b"" if isinstance(content, tarfile.TarInfo) else content
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def make_zip(path, members):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(content if isinstance(content, zipfile.ZipInfo) else name, b"x")


def link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("kind", ["tar.gz", "tar", "zip"])
def test_archives_are_unpacked(kind, tmp_path, cache):
    path = tmp_path / f"flowers.{kind}"
    members = {"flowers/a.txt": b"x", "flowers/deep/b.txt": b"x"}
    if kind == "zip":
        make_zip(path, members)
    else:
        make_tar(path, members, "w:gz" if kind == "tar.gz" else "w")
    folder = get_file(origin=path.as_uri(), cache_dir=cache, extract=True)
    assert folder == str(cache / "datasets" / path.name)
    expected = ["flowers", "flowers/a.txt", "flowers/deep", "flowers/deep/b.txt"]
    assert files(cache / "datasets" / path.name) == expected
    named = get_file("set.tgz", path.as_uri(), cache_dir=cache, extract=True)
    assert named == str(cache / "datasets" / "set_extracted")
    plain = get_file("set", path.as_uri(), cache_dir=cache, extract=True)
    assert plain == str(cache / "datasets" / "set")
    assert (cache / "datasets" / "set_archive").is_file()
    assert os.stat(plain).st_mode & 0o777 == 0o755
    left = [name for name in os.listdir(cache / "datasets") if name.startswith(".")]
    assert left == []


def test_an_unpacked_archive_is_kept_until_it_changes(tmp_path, cache):
    path = tmp_path / "set.tar"
    make_tar(path, {"a.txt": b"old"}, "w")
    folder = get_file("set", path.as_uri(), cache_dir=cache, untar=True)
    (cache / "datasets/set/own.txt").write_text("mine")
    assert get_file("set", path.as_uri(), cache_dir=cache, untar=True) == folder
    assert files(cache / "datasets/set") == ["a.txt", "own.txt"]
    make_tar(path, {"b.txt": b"new"}, "w")
    get_file("set", path.as_uri(), cache_dir=cache, untar=True, force_download=True)
    assert files(cache / "datasets/set") == ["b.txt"]


def test_links_inside_the_folder_are_kept(tmp_path):
    path = tmp_path / "set.tar"
    make_tar(path, {"a/x.txt": b"x", "l": link("b/l.txt", "../a/x.txt")}, "w")
    extract(path, tmp_path / "out")
    assert (tmp_path / "out/b/l.txt").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"../out.txt": b"x"}, r"member '\.\./out.txt' leads to .*outside the folder"),
        ({"/abs.txt": b"x"}, "member '/abs.txt' leads to '/abs.txt', outside"),
        ({"a/../../b.txt": b"x"}, "outside the folder. Nothing was extracted"),
        ({"l": link("l", "../../secret")}, "member 'l' leads to '../../secret', outside"),
        ({"l": link("l", "/etc/passwd")}, "member 'l' leads to '/etc/passwd'"),
        ({"l": link("l", "../x", tarfile.LNKTYPE)}, "member 'l' leads to '../x', outside"),
        ({"p": link("p", "", tarfile.FIFOTYPE)}, "member 'p' is a device or pipe"),
        (
            {"l": link("l", "sub"), "l/../../x.txt": b"x"},
            "outside the folder",
        ),
    ],
)
def test_a_tar_file_cannot_write_elsewhere(members, message, tmp_path):
    path = tmp_path / "bad.tar"
    make_tar(path, {"good.txt": b"x", **members}, "w")
    folder = tmp_path / "deep" / "out"
    with pytest.raises(ValueError, match=message):
        extract(path, folder)
    assert files(tmp_path / "deep") == []


def test_nothing_is_written_through_a_link(tmp_path):
    path = tmp_path / "bad.tar"
    make_tar(path, {"d": link("d", "."), "d/x.txt": b"x"}, "w")
    with pytest.raises(ValueError, match="member 'd/x.txt' goes through the link 'd'. Nothing"):
        extract(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../out.txt", "/abs.txt", "a/../../b.txt"])
def test_a_zip_file_cannot_write_elsewhere(name, tmp_path):
    path = tmp_path / "bad.zip"
    make_zip(path, {"good.txt": None, name: None})
    with pytest.raises(ValueError, match="outside the folder. Nothing was extracted"):
        extract(path, tmp_path / "deep" / "out")
    assert files(tmp_path / "deep") == []


def test_a_zip_file_has_no_links(tmp_path):
    info = zipfile.ZipInfo("l")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    path = tmp_path / "bad.zip"
    make_zip(path, {"l": info})
    with pytest.raises(ValueError, match="member 'l' is a link"):
        extract(path, tmp_path / "out")


def test_what_is_no_archive(source, cache):
    with pytest.raises(ValueError, match="is no archive of the kind tar or zip"):
        get_file(origin=source.as_uri(), cache_dir=cache, extract=True)
    with pytest.raises(ValueError, match="`archive_format` must be 'auto', 'tar' or 'zip'; rec"):
        extract(source, cache / "out", "rar")
    with pytest.raises(ValueError, match="is no archive of the kind zip"):
        extract(source, cache / "out", ["zip"])
    with pytest.raises(ValueError, match="is no archive of the kind None"):
        extract(source, cache / "out", None)
