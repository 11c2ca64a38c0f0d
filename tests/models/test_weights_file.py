"""Weights to safetensors files and back; nothing half done."""

import errno
import os

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers
from profond._files import write_whole
from tests.models.helpers import random_graph


def network(hidden=3, name="net"):
    return profond.Sequential(
        [layers.Input((4,)), layers.Dense(hidden, name="hidden"), layers.Dense(2)], name=name
    )


def assert_same_weights(one, other):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["w.safetensors", "w.weights.safetensors", "w.weights.h5"])
def test_there_and_back(tmp_path, name):
    model, other = network(), network()
    model.save_weights(tmp_path / "folder" / name)
    other.load_weights(str(tmp_path / "folder" / name))
    assert_same_weights(model, other)
    assert os.listdir(tmp_path / "folder") == [name]


@given(seed=st.integers(0, 10**6))
def test_graphs_made_at_another_time(tmp_path, seed):
    model, other = random_graph(profond, seed), random_graph(profond, seed)
    model.save_weights(tmp_path / f"{seed}.safetensors")
    other.load_weights(tmp_path / f"{seed}.safetensors")
    assert_same_weights(model, other)


def test_all_kinds_of_weights(tmp_path):
    def make():
        model = profond.Sequential(
            [layers.Input((4,)), layers.Dense(3, dtype="float64"), layers.BatchNormalization()]
        )
        model.add(torch.nn.BatchNorm1d(3))
        return model

    model, other = make(), make()
    model(torch.randn(20, 4), training=True)
    model.save_weights(tmp_path / "w.safetensors")
    other.load_weights(tmp_path / "w.safetensors")
    x = torch.randn(5, 4)
    np.testing.assert_array_equal(model(x).detach(), other(x).detach())
    assert other.weights[0].dtype == torch.float64


def test_shared_weights_are_written_once(tmp_path):
    shared = layers.Dense(4, name="shared")

    def make(layer):
        a = profond.Input((4,))
        inner = profond.Sequential([layers.Input((4,)), layer])
        return profond.Model(a, layer(inner(a)))

    model = make(shared)
    model.save_weights(tmp_path / "w.safetensors")
    other = make(layers.Dense(4, name="shared"))
    other.load_weights(tmp_path / "w.safetensors")
    assert_same_weights(model, other)
    from safetensors.torch import load_file

    assert len(load_file(tmp_path / "w.safetensors")) == 2


def test_mismatches_change_nothing_unless_allowed(tmp_path):
    path = tmp_path / "w.safetensors"
    network(hidden=3).save_weights(path)
    other = network(hidden=5)
    before = other.get_weights()
    with pytest.raises(
        ValueError, match=r"do not fit the model 'net': dense.kernel: \(4, 5\) in the model, \(4, 3"
    ):
        other.load_weights(path)
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning, match="the weights do not fit the model 'net'"):
        other.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(other.weights[3].numpy(), [0.0, 0.0])
    longer = network()
    longer.add(layers.Dense(2))
    with pytest.raises(ValueError, match="dense_2.kernel: missing from the file"):
        longer.load_weights(path)
    longer.save_weights(path)
    with pytest.raises(ValueError, match="dense_2.bias: not in the model"):
        network().load_weights(path)


def test_layers_may_be_left_as_they_are(tmp_path):
    path = tmp_path / "w.safetensors"
    network().save_weights(path)
    model = network()
    kept = model.get_layer("hidden").get_weights()
    model.load_weights(path, objects_to_skip=[model.get_layer("hidden")])
    np.testing.assert_array_equal(model.get_layer("hidden").get_weights()[0], kept[0])


def test_what_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="`filepath` must end in '.safetensors' .*; received 'w.pt'"
    ):  # noqa: E501
        network().save_weights("w.pt")
    with pytest.raises(
        ValueError, match="the model 'deferred' is not built and has no weights to s"
    ):  # noqa: E501
        profond.Sequential([layers.Dense(2)], name="deferred").save_weights("w.safetensors")
    with pytest.raises(FileNotFoundError, match="there is no weights file '.*none.safetensors'"):
        network().load_weights(tmp_path / "none.safetensors")
    path = tmp_path / "w.safetensors"
    network().save_weights(path)
    with pytest.raises(ValueError, match="exists; pass `overwrite=True` to replace it"):
        network().save_weights(path, overwrite=False)
    with pytest.raises(ValueError, match="'deferred' is not built and has no weights to load into"):
        profond.Sequential([layers.Dense(2)], name="deferred").load_weights(path)
    with pytest.raises(ValueError, match="is a folder; a weights file is required"):
        network().load_weights(tmp_path)
    (tmp_path / "w.weights.h5").write_bytes(b"\x89HDF\r\n\x1a\n...")
    wanted = r"in the format HDF5, which cannot be read yet. .*set_weights\(keras_model.get_weights"
    with pytest.raises(ValueError, match=wanted):
        network().load_weights(tmp_path / "w.weights.h5")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="is not a whole safetensors file .* It may be truncated"):
        network().load_weights(path)


@pytest.mark.parametrize("broken", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, broken):
    path = tmp_path / "w.safetensors"
    model = network()
    model.save_weights(path)
    before = path.read_bytes()
    model.set_weights([w + 1 for w in model.get_weights()])

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    if broken == "write":

        class Full:
            def __init__(self, descriptor, mode):
                os.close(descriptor)

            def __enter__(self):
                return self

            def __exit__(self, *exc):
                return None

            write = staticmethod(full)

        monkeypatch.setattr(os, "fdopen", Full)
    else:
        monkeypatch.setattr(os, broken, full)
    with pytest.raises(OSError, match="No space left on device"):
        model.save_weights(path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["w.safetensors"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder(tmp_path):
    os.chmod(tmp_path, 0o500)
    with pytest.raises(PermissionError):
        network().save_weights(tmp_path / "w.safetensors")


def test_files_are_readable_as_the_user_asked(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a.txt", "text")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "a.txt").read_text() == "text"
