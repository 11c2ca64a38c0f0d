"""A model's folder that was damaged, tampered with, or made to do harm."""

import json
import shutil
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from profond.experiment import load_model_folder
from profond.saving import _kept_files as kept_files

TARGETS = ("sold", "signal")


@pytest.fixture(scope="module")
def kept(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    for target in TARGETS:
        results[target].save(folder / target)
    return folder


@pytest.fixture
def classes(kept, tmp_path):
    shutil.copytree(kept / "sold", tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def numbers(kept, tmp_path):
    shutil.copytree(kept / "signal", tmp_path / "numbers")
    return tmp_path / "numbers"


def change(path, *keys, to):
    """Set one value deep in a JSON file."""
    content = json.loads(path.read_text())
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    path.write_text(json.dumps(content))


def refused(path, message):
    with pytest.raises(ValueError, match=message):
        load_model_folder(path)


def zipped(path, folder, **more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, f"m/{file.name}")
        for name, content in more.items():
            archive.writestr(name, content)
    return path


# Paths


@pytest.mark.parametrize("name", ["../x", "m/../../x", "/etc/x", "C:/x", "m\\..\\x"])
def test_a_zip_with_a_path_that_escapes_is_refused(classes, tmp_path, name):
    archive = zipped(tmp_path / "m.zip", classes, **{name: "x"})
    refused(archive, r"is not a zip of a kept model: '.*x' in it leads out of the folder")


def test_a_zip_with_a_link_is_refused(classes, tmp_path):
    archive = zipped(tmp_path / "m.zip", classes)
    link = zipfile.ZipInfo("m/history")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(link, "/etc/passwd")
    refused(archive, r"'m/history' in it is a link, not a file")


def test_a_zip_of_several_models_is_refused(classes, tmp_path):
    archive = zipped(tmp_path / "m.zip", classes, **{"n/model.json": "{}"})
    refused(archive, r"holds several kept models \(m, n\); zip one of them")


def test_a_truncated_or_changed_zip_is_refused(classes, tmp_path):
    archive = zipped(tmp_path / "m.zip", classes)
    with zipfile.ZipFile(archive) as opened:
        begin = opened.getinfo("m/weights.safetensors").header_offset
    content = bytearray(archive.read_bytes())
    content[begin + 2_000] ^= 0xFF  # among the compressed weights
    archive.write_bytes(bytes(content))
    refused(archive, r"is a truncated or damaged zip: ")
    archive.write_bytes(bytes(content[: len(content) // 2]))
    refused(archive, r"neither a folder nor a zip")


def test_a_zip_that_would_fill_the_memory_is_refused(classes, tmp_path):
    (classes / "preprocessing.json").write_text(" " * (2 << 20) + "{}")
    refused(zipped(tmp_path / "m.zip", classes), r"would be \d+ times its compressed size")


def test_a_file_larger_than_any_model_has_is_refused(classes, monkeypatch):
    monkeypatch.setattr(kept_files, "_LARGEST_TEXT", 1000)
    refused(classes, r"model\.json has 0 MB, more than a kept model's")


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_read(classes, tmp_path, table):
    before = load_model_folder(classes).predict(table)
    (classes / "model.json").rename(classes / "real.json")
    (classes / "model.json").symlink_to("real.json")
    np.testing.assert_array_equal(load_model_folder(classes).predict(table), before)
    secret = tmp_path / "secret.json"
    (classes / "real.json").rename(secret)
    (classes / "model.json").unlink()
    (classes / "model.json").symlink_to(secret)
    refused(classes, r"model\.json is a link out of the folder, to .*secret\.json: a kept model ho")
    secret.unlink()
    refused(classes, r"model\.json is a link that leads nowhere; put the file there")


def test_a_folder_may_itself_be_a_link(classes, tmp_path):
    (tmp_path / "link").symlink_to(classes)
    assert load_model_folder(tmp_path / "link").seeds == [0, 1]


# Numbers


@pytest.mark.parametrize(
    ("keys", "to", "message"),
    [
        (("columns", 1, "scaling", "mean"), float("nan"), r"columns\[1\]\.scaling\.mean is nan"),
        (("columns", 1, "high"), float("inf"), r"columns\[1\]\.high is inf, not a finite number"),
        (("columns", 1, "scaling", "scale"), 0.0, r"column 'z': scale must be > 0; received 0\.0"),
        (("columns", 1, "scaling", "scale"), -1, r"column 'z': scale must be > 0; received -1"),
        (("columns", 1, "low"), "low", r"column 'z': low must be float; received 'low'"),
        (("columns", 1, "low"), 10**400, r"is damaged"),
        (("columns", 1, "indicator"), "yes", r"column 'z': indicator must be bool; received 'yes'"),
        (("columns", 2, "levels"), [1, 2, 3], r"column 'town': levels must be tuple"),
        (("columns", 1, "name"), "x", r"a column stands twice in the preprocessing"),
        (("missing",), [3], r"the markers of missing values are not texts"),
    ],
)
def test_preprocessing_that_no_fit_leaves_is_refused(numbers, keys, to, message):
    change(numbers / "preprocessing.json", *keys, to=to)
    refused(numbers, message)


def test_a_number_too_long_and_a_list_too_deep_are_refused(classes):
    (classes / "preprocessing.json").write_text('{"columns": ' + "9" * 5000 + "}")
    refused(classes, r"preprocessing\.json is truncated or damaged: Exceeds the limit")
    (classes / "preprocessing.json").write_text("[" * 200_000)
    refused(classes, r"preprocessing\.json is truncated or damaged: ")


@pytest.mark.parametrize(
    ("temperatures", "message"),
    [
        ([1.0], r"there are 1 temperatures for 2 network\(s\)"),
        ([1.0, -1.0], r"temperatures must be > 0 and finite; received \[1\.0, -1\.0\]"),
        ([1.0, 0.0], r"temperatures must be > 0 and finite"),
        ([1.0, "warm"], r"is damaged: could not convert string to float"),
    ],
)
def test_temperatures_that_do_not_fit_are_refused(classes, temperatures, message):
    change(classes / "model.json", "temperatures", to=temperatures)
    refused(classes, message)


def test_seeds_and_targets_that_do_not_fit_are_refused(classes, numbers):
    change(classes / "model.json", "seeds", to=[3, 3])
    refused(classes, r"a seed stands twice: \[3, 3\]")
    change(classes / "model.json", "seeds", to=[0, 1])
    change(classes / "model.json", "target", "classes", to=["a", "b", "c"])
    refused(classes, r"the network gives 1 output\(s\) and the target needs 3")
    change(numbers / "model.json", "target", "scale", to=-2.0)
    refused(numbers, r"target 'signal': scale must be > 0; received -2\.0")


# Tensors


def with_tensors(folder, edit):
    arrays = load_file(folder / "weights.safetensors")
    edit(arrays)
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()},
              folder / "weights.safetensors")  # fmt: skip


FIRST = "network_0.weight_000"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda a: a.update({FIRST: a[FIRST].T.copy()}), r"has shape \(16, \d+\); the network's"),
        (lambda a: a.update({FIRST: a[FIRST].astype("float64")}), r"has type float64; the network"),
        (lambda a: a.update({FIRST: a[FIRST] * np.nan}), rf"{FIRST} in weights.* is not finite"),
        (lambda a: a.pop(FIRST), rf"'{FIRST}' is missing"),
        (lambda a: a.update({"more": a[FIRST]}), r"holds 'more', which no network of the mod"),
        (lambda a: a.pop("network_1.residuals"), r"there are residuals for 1 of 2 networks"),
        (lambda a: a.update({"network_1.residuals": np.ones((3, 2))}),
         r"network_1\.residuals must be numbers of shape \(rows,\); received float64 of shape"),
        (lambda a: a.update({"network_1.residuals": np.array([1.0, np.inf])}),
         r"network_1\.residuals must be finite"),
        (lambda a: a.update({"network_1.residuals": np.arange(3)}), r"must be numbers of shape"),
    ],
)  # fmt: skip
def test_tensors_that_do_not_fit_are_refused(numbers, edit, message):
    with_tensors(numbers, edit)
    refused(numbers, message)


def test_residuals_of_a_classifier_are_refused(classes):
    with_tensors(classes, lambda a: a.update({"network_0.residuals": np.ones(3)}))
    refused(classes, r"residuals are of no use to a binary model")


# Code


@pytest.mark.parametrize(
    "activation",
    [
        "os.system",
        {"class_name": "function", "config": "system", "module": "os", "registered_name": "system"},
        {"class_name": "__lambda__", "config": {"value": "print(1)"}},
        {"class_name": "Trap", "module": "trap", "config": {}, "registered_name": None},
    ],
)
def test_nothing_in_the_folder_is_imported_or_run(classes, monkeypatch, tmp_path, activation):
    trap = "import pathlib\npathlib.Path('sprung').touch()\nclass Trap: pass\n"
    for folder in (classes, tmp_path):
        (folder / "trap.py").write_text(trap)
        (folder / "__init__.py").write_text(trap)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    layers = json.loads((classes / "model.json").read_text())["architecture"]["config"]["layers"]
    place = next(i for i, layer in enumerate(layers) if layer["class_name"] == "Dense")
    keys = ("architecture", "config", "layers", place, "config", "activation")
    change(classes / "model.json", *keys, to=activation)
    refused(classes, r"The model in .* is damaged")
    assert not (tmp_path / "sprung").exists()


def test_a_layer_too_large_for_any_memory_is_refused(classes):
    layers = json.loads((classes / "model.json").read_text())["architecture"]["config"]["layers"]
    place = next(i for i, layer in enumerate(layers) if layer["class_name"] == "Dense")
    keys = ("architecture", "config", "layers", place, "config", "units")
    change(classes / "model.json", *keys, to=10**13)
    refused(classes, r"The model in .* is damaged")


def test_metrics_that_are_none_are_refused(classes):
    (classes / "metrics.json").write_text("[]")
    refused(classes, r"metrics\.json holds no metrics")
