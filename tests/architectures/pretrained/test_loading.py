"""Weights from each kind of file, and what is said where they do not fit."""

import io
import json
import os
import sys
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

import profond
from profond.architectures import lenet, resnet
from profond.architectures.pretrained import (
    IMAGENET,
    ImagePreprocessing,
    load_pretrained,
    save_pretrained,
)
from profond.layers import (
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    Input,
    Rescaling,
)
from profond.models import clone_model
from tests.architectures.helpers import torch_resnet

SMALL = {"blocks": (1, 1), "filters": (4, 6)}


def small(outputs=3, size=(9, 9, 3), stem="small", **options):
    return resnet(size, outputs, **SMALL, stem=stem, **options)


def image(*shape):
    return torch.randn(*shape)


def answers(model, x):
    return model(x).detach()


# Each kind of file, there and back


@pytest.mark.parametrize("stem", ["small", "large"])
@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_torchvision_names(tmp_path, stem, ending):
    network = torch_resnet(3, 7, **SMALL, stem=stem).eval()
    path = tmp_path / f"weights.{ending}"
    if ending == "pth":
        torch.save(network.state_dict(), path)
    else:
        from safetensors.torch import save_file

        save_file(network.state_dict(), path)
    model = small(7, (33, 33, 3), stem)
    report = load_pretrained(model, path)
    assert set(report.loaded) == {layer.name for layer in model.layers if layer.weights}
    assert report.left_out == {} and report.not_used == () and report.preprocessing is None
    x = image(2, 33, 33, 3)
    expected = network(x.permute(0, 3, 1, 2)).detach()
    torch.testing.assert_close(answers(model, x), expected, rtol=1e-4, atol=1e-5)


def test_a_checkpoint_of_several_processes(tmp_path):
    network = torch_resnet(3, 2, **SMALL, stem="small").eval()
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "checkpoint.pt")
    model = small(2)
    load_pretrained(model, tmp_path / "checkpoint.pt")
    x = image(2, 9, 9, 3)
    expected = network(x.permute(0, 3, 1, 2)).detach()
    torch.testing.assert_close(answers(model, x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("names", [True, False])
def test_a_dense_layer_after_channels_first_maps(tmp_path, names):
    """Torch flattens channels first: the first dense layer's rows are put in our order."""
    stack = {
        "conv1": nn.Conv2d(2, 6, 5), "r1": nn.ReLU(), "pool1": nn.MaxPool2d(2),
        "conv2": nn.Conv2d(6, 16, 5), "r2": nn.ReLU(), "pool2": nn.MaxPool2d(2),
        "flatten": nn.Flatten(), "fc1": nn.Linear(96, 120), "r3": nn.ReLU(),
        "fc2": nn.Linear(120, 84), "r4": nn.ReLU(), "fc3": nn.Linear(84, 4),
    }  # fmt: skip
    network = nn.Sequential(*stack.values())
    if names:
        network = nn.Sequential()
        for name, layer in stack.items():
            network.add_module(name, layer)
    torch.save(network.state_dict(), tmp_path / "lenet.pth")
    model = lenet((20, 24, 2), 4)
    report = load_pretrained(model, tmp_path / "lenet.pth")
    assert report.matched == ("by name" if names else "in order")
    x = image(3, 20, 24, 2)
    expected = network(x.permute(0, 3, 1, 2)).detach()
    torch.testing.assert_close(answers(model, x), expected, rtol=1e-4, atol=1e-5)


def test_series_in_torch_layout(tmp_path):
    network = nn.Sequential()
    network.add_module("conv", nn.Conv1d(2, 3, 5))
    network.add_module("flatten", nn.Flatten())
    network.add_module("head", nn.Linear(18, 2))
    torch.save(network.state_dict(), tmp_path / "series.pth")
    model = profond.Sequential(
        [Input((10, 2)), Conv1D(3, 5, name="conv"), Flatten(), Dense(2, name="head")]
    )
    load_pretrained(model, tmp_path / "series.pth", head=True)
    x = image(3, 10, 2)
    expected = network(x.permute(0, 2, 1)).detach()
    torch.testing.assert_close(answers(model, x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["save_pretrained", "save_weights", "save"])
def test_our_own_files(tmp_path, kind):
    before, model = small(), small()
    x = image(2, 9, 9, 3)
    if kind == "save_pretrained":
        path = tmp_path / "network.safetensors"
        save_pretrained(before, path, preprocessing=IMAGENET)
    elif kind == "save_weights":
        path = tmp_path / "network.weights.safetensors"
        before.save_weights(path)
    else:
        path = tmp_path / "network.keras"
        before.save(path)
    assert not torch.equal(answers(model, x), answers(before, x))
    report = load_pretrained(model, path, head=True)
    torch.testing.assert_close(answers(model, x), answers(before, x), rtol=0, atol=0)
    assert report.preprocessing == (IMAGENET if kind == "save_pretrained" else None)
    # With other classes the head is left as it is.
    other = small(5)
    head = other.get_layer("fc").kernel.detach().clone()
    left = load_pretrained(other, path).left_out
    assert left == {"fc": "3 outputs in the file, 5 in the model"}
    assert torch.equal(other.get_layer("fc").kernel, head)


def test_a_network_inside_another_model(tmp_path):
    """As behind the preparation of pixels, in the model or in the file."""
    network = torch_resnet(3, 3, **SMALL, stem="small").eval()
    torch.save(network.state_dict(), tmp_path / "w.pth")
    outer = profond.Sequential([Input((9, 9, 3)), Rescaling(2.0), small()])
    report = load_pretrained(outer, tmp_path / "w.pth", head=True)
    assert "resnet/layer1_0_conv1" in report.loaded and report.left_out == {}
    x = image(2, 9, 9, 3)
    expected = network(2 * x.permute(0, 3, 1, 2)).detach()
    torch.testing.assert_close(answers(outer, x), expected, rtol=1e-4, atol=1e-5)
    save_pretrained(outer, tmp_path / "outer.safetensors")
    model = small()
    load_pretrained(model, tmp_path / "outer.safetensors", head=True)
    torch.testing.assert_close(answers(model, 2 * x), expected, rtol=1e-4, atol=1e-5)


def kept_model(folder, networks, preprocessing=None):
    """A kept model's folder, of several networks of one architecture."""
    from safetensors.numpy import save

    folder.mkdir()
    arrays = {
        f"network_{i}.weight_{j:03d}": np.ascontiguousarray(weight)
        for i, network in enumerate(networks)
        for j, weight in enumerate(network.get_weights())
    }
    architecture = json.loads(networks[0].to_json())
    (folder / "model.json").write_text(json.dumps({"architecture": architecture}))
    (folder / "weights.safetensors").write_bytes(save(arrays))
    if preprocessing is not None:
        text = json.dumps({"image": preprocessing.to_dict()})
        (folder / "preprocessing.json").write_text(text)


def test_a_kept_model(tmp_path):
    networks = [small(), small()]
    kept_model(tmp_path / "model", networks, IMAGENET)
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        for file in (tmp_path / "model").iterdir():
            archive.write(file, f"model/{file.name}")
    x = image(2, 9, 9, 3)
    for path in (tmp_path / "model", tmp_path / "model.zip"):
        for member, network in enumerate(networks):
            model = small()
            report = load_pretrained(model, path, member=member)
            torch.testing.assert_close(answers(model, x), answers(network, x), rtol=0, atol=0)
            assert report.preprocessing == IMAGENET and report.source == "a kept model"
    with pytest.raises(ValueError, match=r"`member` must be the number of a network in .* 0 to 1;"):
        load_pretrained(small(), tmp_path / "model", member=2)


def test_a_kept_model_of_an_estimator(tmp_path):
    from profond.estimators import TabularClassifier

    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    estimator = TabularClassifier(seeds=2, epochs=2, hidden=(4,), verbose=False)
    estimator.fit(x, np.where(x[:, 0] > 0, "a", "b"))
    estimator.save(tmp_path / "model")
    for member, network in enumerate(estimator.model_.networks):
        model = clone_model(network)
        report = load_pretrained(model, tmp_path / "model", member=member, head=True)
        assert report.source == "a kept model" and report.preprocessing is None
        for ours, theirs in zip(model.get_weights(), network.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        # Layers whose weights are in layers inside them.
        for file in ("w.weights.safetensors", "w.safetensors", "w.keras"):
            save = {"w.safetensors": save_pretrained, "w.keras": type(network).save}
            save.get(file, type(network).save_weights)(network, tmp_path / file)
            model = clone_model(network)
            load_pretrained(model, tmp_path / file, head=True)
            for ours, theirs in zip(model.get_weights(), network.get_weights(), strict=True):
                np.testing.assert_array_equal(ours, theirs)


def keras_file(path, build):
    """A file written by Keras itself, and what its network answers."""
    import keras

    network = build(keras)
    network.save(path)
    return network


def with_names(keras):
    x = entrance = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, use_bias=False, name="conv1")(x)
    x = keras.layers.BatchNormalization(name="bn1", momentum=0.5)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(entrance, keras.layers.Dense(3, name="fc")(x))


def ours(outputs=3):
    x = entrance = Input((8, 8, 3))
    x = BatchNormalization(name="bn1")(Conv2D(4, 3, use_bias=False, name="conv1")(x))
    return profond.Model(entrance, Dense(outputs, name="fc")(GlobalAveragePooling2D()(x)))


def test_a_file_of_keras(tmp_path):
    network = keras_file(tmp_path / "network.keras", with_names)
    rng = np.random.default_rng(0)
    network.set_weights([rng.uniform(0.5, 1, w.shape) for w in network.get_weights()])
    network.save(tmp_path / "network.keras")
    x = rng.normal(size=(2, 8, 8, 3)).astype("float32")
    model = ours()
    report = load_pretrained(model, tmp_path / "network.keras")
    assert report.loaded == ("conv1", "bn1", "fc") and report.source == "a file of Keras"
    np.testing.assert_allclose(
        model.predict(x, verbose=0), np.asarray(network.predict(x, verbose=0)), rtol=1e-4
    )
    assert load_pretrained(ours(2), tmp_path / "network.keras").not_used == ("fc",)


def test_a_file_of_keras_without_names_in_a_row(tmp_path):
    """Keras counts its names through a session: layers in a row are taken in order."""

    def build(keras):
        inner = keras.Sequential(
            [keras.Input((6, 6, 4)), keras.layers.Conv2D(2, 3), keras.layers.Conv2D(5, 3)]
        )
        layers = [keras.layers.Conv2D(4, 3), inner, keras.layers.Flatten(), keras.layers.Dense(3)]
        return keras.Sequential([keras.Input((8, 8, 1)), *layers])

    network = keras_file(tmp_path / "network.keras", build)
    inner = profond.Sequential([Input((6, 6, 4)), Conv2D(2, 3), Conv2D(5, 3)], name="inner")
    layers = [Input((8, 8, 1)), Conv2D(4, 3, name="first"), inner, Flatten(), Dense(3, name="last")]
    model = profond.Sequential(layers)
    report = load_pretrained(model, tmp_path / "network.keras")
    assert report.matched == "in order" and len(report.loaded) == 4
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 1)).astype("float32")
    np.testing.assert_allclose(
        model.predict(x, verbose=0), np.asarray(network.predict(x, verbose=0)), rtol=1e-4, atol=1e-6
    )


# The head, and the preprocessing


def test_the_head_is_left_out_where_asked_for(tmp_path):
    save_pretrained(small(), tmp_path / "n.safetensors")
    model = small()
    before = model.get_layer("fc").kernel.detach().clone()
    report = load_pretrained(model, tmp_path / "n.safetensors", head=False)
    assert report.left_out == {"fc": "asked for with head=False"}
    assert torch.equal(model.get_layer("fc").kernel, before)
    with pytest.raises(ValueError, match=r"fc: `kernel` \(6, 4\) in the model, \(6, 3\) in the fi"):
        load_pretrained(small(4), tmp_path / "n.safetensors", head=True)
    said = str(load_pretrained(small(4), tmp_path / "n.safetensors"))
    assert "fc is left out: 3 outputs in the file, 4 in the model." in said
    assert "layers loaded by name from a file of safetensors." in said
    assert "How the images were prepared is not known." in said


def test_weights_of_imagenet_bring_its_preprocessing(tmp_path):
    for classes, channels, expected in ((1000, 3, IMAGENET), (1000, 1, None), (10, 3, None)):
        network = torch_resnet(channels, classes, **SMALL, stem="large")
        torch.save(network.state_dict(), tmp_path / "w.pth")
        model = small(2, (64, 64, channels), "large")
        assert load_pretrained(model, tmp_path / "w.pth").preprocessing == expected


# What does not fit


def test_other_shapes_are_told_by_layer(tmp_path):
    torch.save(torch_resnet(3, 2, **SMALL, stem="large").state_dict(), tmp_path / "w.pth")
    model = small(2)
    before = model.get_weights()
    with pytest.raises(
        ValueError,
        match=r"conv1: `kernel` \(3, 3, 3, 4\) in the model, \(7, 7, 3, 4\) in the file \(the "
        r"entrance has kernels of 7x7 in the file and of 3x3 in the model: build the network with "
        r"stem='large'\)\. Nothing was changed",
    ):
        load_pretrained(model, tmp_path / "w.pth")
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    with pytest.raises(
        ValueError, match=r"images of 3 channels in the file: give the model `input"
    ):
        load_pretrained(small(2, (64, 64, 1), "large"), tmp_path / "w.pth")
    wide = resnet((9, 9, 3), 2, blocks=(1, 1), filters=(5, 6), stem="large")
    with pytest.raises(ValueError, match=r"bn1: `gamma` \(5,\) in the model, \(4,\) in the file"):
        load_pretrained(wide, tmp_path / "w.pth")


def test_another_network_is_told(tmp_path):
    torch.save(torch_resnet(3, 2, (2, 1), (4, 6), "small").state_dict(), tmp_path / "w.pth")
    with pytest.raises(
        ValueError, match=r"of another network than the model 'resnet' with 13: the"
    ):
        load_pretrained(small(2), tmp_path / "w.pth")
    with pytest.raises(ValueError, match=r"the model has no 'layer1_1_conv1', 'layer1_1_bn1'"):
        load_pretrained(small(2), tmp_path / "w.pth")
    larger = resnet((9, 9, 3), 2, blocks=(2, 2), filters=(4, 6), stem="small")
    with pytest.raises(ValueError, match=r"the file has no 'layer2_1_conv1'"):
        load_pretrained(larger, tmp_path / "w.pth")
    biased = {"conv.weight": torch.zeros(3, 1, 2, 2), "conv.bias": torch.zeros(3)}
    torch.save(biased, tmp_path / "b.pth")
    model = profond.Sequential([Input((4, 4, 1)), Conv2D(3, 2, use_bias=False, name="conv")])
    with pytest.raises(ValueError, match=r"conv: no `bias` in the model"):
        load_pretrained(model, tmp_path / "b.pth")


class Bomb:
    def __reduce__(self):
        return os.mkdir, (os.environ["BOMB"],)


@pytest.mark.parametrize("legacy", [True, False])
def test_no_code_of_a_file_runs(tmp_path, monkeypatch, legacy):
    monkeypatch.setenv("BOMB", str(tmp_path / "ran"))
    torch.save({"a": Bomb()}, tmp_path / "w.pth", _use_new_zipfile_serialization=not legacy)
    with pytest.raises(ValueError, match=r"is no file of weights that can be read safely"):
        load_pretrained(small(), tmp_path / "w.pth")
    assert not (tmp_path / "ran").exists()


def test_other_files_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file of weights '.*none.pth'"):
        load_pretrained(small(), tmp_path / "none.pth")
    (tmp_path / "text.txt").write_text("weights")
    with pytest.raises(ValueError, match=r"no file of weights that can be read safely"):
        load_pretrained(small(), tmp_path / "text.txt")
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(
        ValueError, match=r"holds no `state_dict`, a dict of tensors by name; it ho"
    ):
        load_pretrained(small(), tmp_path / "list.pth")
    (tmp_path / "w.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(ValueError, match=r"is HDF5 alone, whose layers have no names to go by"):
        load_pretrained(small(), tmp_path / "w.h5")
    (tmp_path / "folder").mkdir()
    with pytest.raises(
        ValueError, match=r"is not a kept model: model.json, weights.safetensors is"
    ):
        load_pretrained(small(), tmp_path / "folder")
    save_pretrained(small(), tmp_path / "n.safetensors")
    whole = (tmp_path / "n.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[:-100])
    with pytest.raises(ValueError, match=r"cut.safetensors' is truncated or damaged"):
        load_pretrained(small(), tmp_path / "cut.safetensors")
    with zipfile.ZipFile(tmp_path / "large.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", bytes(4 << 20))
    with pytest.raises(ValueError, match=r"'config.json' would be many times its compressed size"):
        load_pretrained(small(), tmp_path / "large.zip")


def test_a_file_of_keras_that_leads_elsewhere_is_refused(tmp_path):
    import h5py

    keras_file(tmp_path / "network.keras", with_names)
    with zipfile.ZipFile(tmp_path / "network.keras") as archive:
        config, stored = archive.read("config.json"), archive.read("model.weights.h5")

    def changed(change):
        buffer = io.BytesIO(stored)
        with h5py.File(buffer, "a") as file:
            change(file)
        with zipfile.ZipFile(tmp_path / "changed.keras", "w") as archive:
            archive.writestr("config.json", config)
            archive.writestr("model.weights.h5", buffer.getvalue())

    def link(file):
        file["layers/dense/vars/2"] = h5py.ExternalLink("/etc/passwd", "x")

    def outside(file):
        (tmp_path / "secret").write_bytes(bytes(8))
        del file["layers/dense/vars/1"]
        places = [(str(tmp_path / "secret"), 0, 8)]
        file.create_dataset("layers/dense/vars/1", (2,), "f4", external=places)

    def huge(file):
        file.create_dataset("layers/dense/vars/2", (1 << 40,), "f4", chunks=True)

    for change, said in (
        (link, r"'2' in model.weights.h5 leads elsewhere"),
        (outside, r"'1' in model.weights.h5 lies in another file"),
        (huge, r"model.weights.h5 would be many times its size in memory"),
    ):
        changed(change)
        with pytest.raises(ValueError, match=said):
            load_pretrained(ours(), tmp_path / "changed.keras")


def test_a_file_of_keras_needs_h5py(tmp_path, monkeypatch):
    keras_file(tmp_path / "network.keras", with_names)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"needs h5py: pip install 'profond\[keras\]'"):
        load_pretrained(ours(), tmp_path / "network.keras")


def test_values_that_are_not_finite_are_refused(tmp_path):
    network = small()
    network.get_layer("conv1").kernel.assign(np.full((3, 3, 3, 4), np.nan))
    save_pretrained(network, tmp_path / "n.safetensors")
    with pytest.raises(ValueError, match=r"hold values that are not finite"):
        load_pretrained(small(), tmp_path / "n.safetensors")


def test_a_model_without_weights_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"the model '.*' is not built and has no weights to load"):
        load_pretrained(profond.Sequential([Dense(2)]), tmp_path)
    with pytest.raises(ValueError, match=r"the model '.*' has no weights"):
        load_pretrained(profond.Sequential([Input((2, 2)), Flatten()]), tmp_path)
    with pytest.raises(ValueError, match=r"`path` must end in '.safetensors'; received 'a.pth'"):
        save_pretrained(small(), "a.pth")


# The preprocessing alone


def test_pixels_as_torchvision_prepares_them():
    pixels = np.random.default_rng(0).integers(0, 256, size=(2, 4, 5, 3), dtype=np.uint8)
    x = torch.from_numpy(pixels).float() / 255
    expected = (x - torch.tensor(IMAGENET.mean)) / torch.tensor(IMAGENET.std)
    np.testing.assert_allclose(IMAGENET(pixels), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(IMAGENET(x), expected, rtol=1e-5, atol=1e-6)
    symmetric = ImagePreprocessing((0.5,), (2.0,), (-1.0, 1.0))
    np.testing.assert_allclose(symmetric(np.array([[[0], [255]]], np.uint8)).ravel(), [-0.75, 0.25])


def test_the_size_of_the_training():
    pixels = np.full((2, 40, 30, 3), 7, np.uint8)
    assert ImagePreprocessing((0.0,) * 3, (1.0,) * 3).resized(pixels) is pixels
    found = ImagePreprocessing((0.0,) * 3, (1.0,) * 3, size=(20, 20)).resized(pixels)
    assert found.shape == (2, 20, 20, 3) and found.dtype == np.uint8 and (found == 7).all()


def test_a_preprocessing_there_and_back():
    for one in (IMAGENET, ImagePreprocessing((0.1,), (0.3,), (0.0, 255.0))):
        assert ImagePreprocessing.from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_preprocessings_that_do_not_exist_are_told():
    with pytest.raises(ValueError, match=r"`mean` and `std` must have one number for each channel"):
        ImagePreprocessing((0.1, 0.2), (1.0,))
    with pytest.raises(ValueError, match=r"`std` must be > 0 for each channel; received \(0.0,\)"):
        ImagePreprocessing((0.1,), (0.0,))
    with pytest.raises(ValueError, match=r"`mean` must be finite numbers; received \(nan,\)"):
        ImagePreprocessing((float("nan"),), (1.0,))
    with pytest.raises(ValueError, match=r"`value_range` must be \(low, high\), low < high; rec"):
        ImagePreprocessing((0.1,), (1.0,), (1.0, 0.0))
    with pytest.raises(ValueError, match=r"the preprocessing of images must have `mean` and `std`"):
        ImagePreprocessing.from_dict({"mean": [0.0]})
    with pytest.raises(ValueError, match=r"`images` must have 3 channels, the last axis; received"):
        IMAGENET(np.zeros((2, 4, 4, 1)))
    with pytest.raises(ValueError, match=r"floats must be in the range \[0, 1\] .* from 0 to 255"):
        IMAGENET(np.linspace(0, 255, 12).reshape(1, 2, 2, 3))
