"""Batches of a folder of images: files and order as Keras has them, pixels as Pillow."""

import numpy as np
import pytest
import torch
from PIL import Image

import profond
from profond.utils import image_dataset_from_directory
from tests.data.images.helpers import noise, save


@pytest.fixture
def folder(tmp_path):
    for c, name in enumerate(("cat", "dog", "emu")):
        for i in range(7):
            deep = "deep/" * (i == 3)
            save(tmp_path / name / f"{deep}{i}.png", noise(6, 5, seed=10 * c + i))
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def read(folder, **options):
    return image_dataset_from_directory(
        folder, **{"image_size": (6, 5), "verbose": False, **options}
    )


def test_batches_in_the_order_of_the_paths(folder, capsys):
    data = read(folder, shuffle=False, batch_size=4, verbose=True)
    assert capsys.readouterr().out == "Found 21 files belonging to 3 classes.\n"
    assert data.class_names == ["cat", "dog", "emu"]
    batches = list(data)
    assert [len(x) for x, _ in batches] == [4, 4, 4, 4, 4, 1]
    assert len(data) == 6
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    assert (x.dtype, y.dtype) == (torch.float32, torch.int32)
    assert y.tolist() == [0] * 7 + [1] * 7 + [2] * 7
    for path, pixels in zip(data.file_paths, x, strict=True):
        np.testing.assert_array_equal(pixels, np.asarray(Image.open(path).convert("RGB")))


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("class_names", [None, ["emu", "cat"]])
def test_files_and_parts_are_those_of_keras(folder, shuffle, class_names):
    utils = pytest.importorskip("keras.src.utils.dataset_utils")
    paths, labels, names = utils.index_directory(
        str(folder),
        "inferred",
        formats=(".png",),
        class_names=class_names,
        shuffle=shuffle,
        seed=3,
        verbose=False,
    )
    options = {"shuffle": shuffle, "seed": 3, "class_names": class_names}
    data = read(folder, **options)
    assert data.file_paths == paths
    assert data.labels.tolist() == list(labels)
    assert data.class_names == names
    for subset in ("training", "validation"):
        part, expected = utils.get_training_or_validation_split(paths, labels, 0.3, subset)
        ours = read(folder, **options, validation_split=0.3, subset=subset)
        assert ours.file_paths == part
        assert ours.labels.tolist() == list(expected)
    both = read(folder, **options, validation_split=0.3, subset="both")
    assert [len(one.file_paths) for one in both] == [
        len(paths) - len(paths) * 3 // 10,
        len(paths) * 3 // 10,
    ]
    assert (both[0].shuffle, both[1].shuffle) == (shuffle, False)


def test_each_pass_has_a_new_order_that_the_seed_repeats(folder):
    def passes():
        data = read(folder, seed=5, batch_size=None)
        return [[tuple(x.flatten().tolist()) for x, _ in data] for _ in range(2)]

    first, second = passes()
    assert first != second
    assert sorted(first) == sorted(second)
    assert passes() == [first, second]


def test_forms_of_labels_and_images(folder):
    x, y = next(iter(read(folder, label_mode="categorical", shuffle=False, batch_size=21)))
    assert (y.shape, y.dtype) == ((21, 3), torch.float32)
    assert y.argmax(1).tolist() == [0] * 7 + [1] * 7 + [2] * 7
    data = read(folder, label_mode="binary", class_names=["cat", "dog"], shuffle=False)
    assert next(iter(data))[1].flatten().tolist() == [0.0] * 7 + [1.0] * 7
    for options in ({"label_mode": None}, {"labels": None}):
        data = read(folder, **options, shuffle=False)
        assert next(iter(data)).shape == (21, 6, 5, 3)
        assert data.class_names is None
    data = read(folder, labels=list(range(21)), shuffle=False)
    assert data.labels.tolist() == list(range(21))
    x, _ = next(iter(read(folder, color_mode="grayscale", image_size=4)))
    assert x.shape == (21, 4, 4, 1)
    x, y = next(iter(read(folder, batch_size=None)))
    assert (x.shape, y.shape) == ((6, 5, 3), ())
    assert len(list(read(folder, batch_size=5).take(2))) == 2
    wide = {"image_size": (8, 16), "shuffle": False}
    cropped, padded, plain = (
        next(iter(read(folder, **wide, **how)))[0]
        for how in ({"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}, {})
    )
    assert (padded[:, :, :4] == 0).all()
    assert not torch.equal(cropped, plain)


def test_a_network_learns_from_it(folder):
    for name, level in (("cat", 40), ("dog", 120), ("emu", 220)):
        for i in range(8):
            save(folder / name / f"even{i}.png", np.full((6, 5, 3), level + i, np.uint8))
    training, validation = read(
        folder, seed=1, validation_split=0.2, subset="both", image_size=(4, 4)
    )
    layers = profond.layers
    model = profond.Sequential(
        [layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    history = model.fit(training, validation_data=validation, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert len(history["val_loss"]) == 3
    assert model.predict(validation, verbose=0).shape == (len(validation.file_paths), 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": "given"}, "`labels` must be 'inferred', None or a list; received 'given'"),
        ({"labels": [1]}, "`labels` must be one for each of the 21 files; received 1"),
        ({"labels": None, "class_names": ["cat"]}, "`class_names` go with `labels='inferred'`"),
        ({"class_names": ["cow"]}, "`class_names` must be subfolders of .* received cow"),
        ({"label_mode": "float"}, "`label_mode` must be 'int', .* received 'float'"),
        ({"label_mode": "binary"}, "needs two classes; received 3: cat, dog, emu"),
        ({"color_mode": "rgba"}, "Unknown color mode: 'rgba'"),
        ({"interpolation": "gaussian"}, "Unknown interpolation: 'gaussian'"),
        ({"validation_split": 0.2}, "`validation_split` and `subset` go together"),
        ({"validation_split": 2, "subset": "both"}, "`validation_split` must be between 0 and 1"),
        ({"validation_split": 0.2, "subset": "test"}, "Unknown subset: 'test'"),
        ({"validation_split": 0.2, "subset": "both"}, "`seed` must be given with `validation_spl"),
        (
            {"validation_split": 0.01, "subset": "validation", "seed": 1},
            "There is no image for this part in ",
        ),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "exclude each other"),
        ({"data_format": "channels_first"}, "`data_format` must be None or 'channels_last'"),
        ({"format": "torch"}, "`format` must be 'tf' or 'grain'; received 'torch'"),
        ({"image_size": 0}, r"`size` must be \(height, width\)"),
    ],
)
def test_wrong_arguments(folder, options, message):
    with pytest.raises(ValueError, match=message):
        read(folder, **options)


def test_wrong_folders(folder):
    with pytest.raises(FileNotFoundError, match="There is no folder '.*nowhere'"):
        read(folder / "nowhere")
    (folder / "cat" / "bad.png").write_bytes(b"?")
    with pytest.raises(ValueError, match=r"1 image cannot be read: .*bad\.png \(it is no image"):
        read(folder)
