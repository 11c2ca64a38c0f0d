"""Images from folders of classes."""

import numpy as np
import pytest

from profond.data.images import images_from_folder
from tests.data.images.helpers import class_folders, noise, save


def test_one_folder_for_each_class(tmp_path):
    written = class_folders(tmp_path / "pets")
    made = images_from_folder(tmp_path / "pets")
    assert made.names == tuple(written)
    assert made.labels.tolist() == ["cat"] * 3 + ["dog"] * 3
    assert made.classes == ("cat", "dog")
    assert (made.name, made.part, made.channels, made.size) == ("pets", None, 3, (6, 5))
    assert made.notes == ()
    np.testing.assert_array_equal(made.decoded()[:], np.stack(list(written.values())))
    for i, pixels in enumerate(written.values()):
        np.testing.assert_array_equal(made.one(i), pixels)
    assert made.describe() == "6 images of 6 x 5 pixels, 3 channels, 2 classes"


def test_train_and_test_folders_are_parts(tmp_path):
    class_folders(tmp_path / "Train", per_class=2)
    class_folders(tmp_path / "test", ("cat",), per_class=1)
    class_folders(tmp_path / "val", ("dog", "emu"), per_class=1)
    made = images_from_folder(tmp_path)
    assert made.part.tolist() == ["train"] * 4 + ["test"] + ["validation"] * 2
    assert made.labels.tolist() == ["cat", "cat", "dog", "dog", "cat", "dog", "emu"]
    assert made.notes == ("Class(es) emu of the part 'validation' are not in 'train'.",)
    assert made.describe().endswith("3 classes, 4 train, 1 test, 2 validation")
    some = made.take(made.part == "test")
    assert (some.names, some.part.tolist()) == (("test/cat/0.png",), ["test"])


def test_parts_beside_other_folders_are_classes(tmp_path):
    class_folders(tmp_path, ("train", "Test", "more"), per_class=1)
    made = images_from_folder(tmp_path)
    assert (made.labels.tolist(), made.part) == (["Test", "more", "train"], None)
    assert made.notes == (
        "The folders Test, train are taken for classes, as there are others beside them: more.",
    )


def test_images_without_classes(tmp_path):
    save(tmp_path / "a.png", noise())
    save(tmp_path / "b.JPG", noise(9, 7))
    made = images_from_folder(tmp_path)
    assert (made.names, made.labels, made.classes) == (("a.png", "b.JPG"), None, ())
    assert made.size is None
    assert made.sizes.tolist() == [[6, 5], [9, 7]]
    assert made.describe() == "2 images of 6 x 5 to 9 x 7 pixels, 3 channels"


def test_what_is_left_out_is_said(tmp_path):
    class_folders(tmp_path, ("cat",), per_class=2)
    save(tmp_path / "stray.png", noise())
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    (tmp_path / "cat" / "photo.heic").write_bytes(b"?")
    (tmp_path / "cat" / ".hidden.png").write_bytes(b"?")
    (tmp_path / "cat" / "Thumbs.db").write_bytes(b"?")
    (tmp_path / "dog").mkdir()
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "cat" / "empty.png").write_bytes(b"")
    (tmp_path / "cat" / "text.jpg").write_text("this is no JPEG")
    made = images_from_folder(tmp_path)
    assert len(made) == 2
    assert made.notes == (
        "2 images left out as unreadable: cat/empty.png (the file is empty (0 bytes)), "
        "cat/text.jpg (it is no image, or of a kind that Pillow does not read).",
        "1 file(s) of kinds that are not read left out: cat/photo.heic. Convert them to JPEG or "
        "PNG.",
        "1 file(s) that are no images left out: cat/notes.txt.",
        "Class folder(s) without an image left out: dog.",
        "1 image(s) in no class folder left out: stray.png.",
        "All images are of one class, 'cat'.",
    )


def test_files_of_a_class_may_lie_deeper(tmp_path):
    save(tmp_path / "cat" / "2024" / "june" / "a.png", noise())
    save(tmp_path / "dog" / "b.png", noise())
    made = images_from_folder(tmp_path)
    assert made.names == ("cat/2024/june/a.png", "dog/b.png")
    assert made.labels.tolist() == ["cat", "dog"]


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "bmp", "webp", "tif"])
def test_a_truncated_file_is_found_at_once(tmp_path, kind):
    class_folders(tmp_path, per_class=1)
    path = save(tmp_path / "cat" / f"cut.{kind}", noise(64, 64))
    path.write_bytes(path.read_bytes()[:-200])
    made = images_from_folder(tmp_path)
    assert made.names == ("cat/0.png", "dog/0.png")
    assert "1 image left out as unreadable: cat/cut." in made.notes[0]
    with pytest.raises(ValueError, match=r"1 image cannot be read: cat/cut\.\w+ \(.*\)\. Mend or"):
        images_from_folder(tmp_path, broken="error")


def test_a_damaged_checksum_is_found(tmp_path):
    class_folders(tmp_path, per_class=1)
    path = save(tmp_path / "cat" / "bad.png", noise(64, 64))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 255
    path.write_bytes(raw)
    assert "cat/bad.png" in images_from_folder(tmp_path).notes[0]


def test_channels_from_the_data_or_as_told(tmp_path):
    class_folders(tmp_path, channels=1)
    assert images_from_folder(tmp_path).channels == 1
    assert images_from_folder(tmp_path, channels=3).channels == 3
    save(tmp_path / "cat" / "colour.png", noise())
    made = images_from_folder(tmp_path)
    assert made.channels == 3
    assert made.notes == ("6 grey image(s) among coloured ones are read with three channels.",)
    x = made.decoded()[[0]][0]
    assert (x == x[..., :1]).all()


def test_wrong_folders(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no folder '.*nowhere'\."):
        images_from_folder(tmp_path / "nowhere")
    (tmp_path / "file.png").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match="no folder .* It is a file, which `open_images`"):
        images_from_folder(tmp_path / "file.png")
    with pytest.raises(ValueError, match=r"1 image cannot be read: file\.png .*remove it\.$"):
        images_from_folder(tmp_path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    with pytest.raises(ValueError, match="There is no image in .*train and test.*; there are a"):
        images_from_folder(tmp_path / "texts")
    class_folders(tmp_path / "split" / "train")
    save(tmp_path / "split" / "test" / "a.png", noise())
    with pytest.raises(ValueError, match="folders or none; received none in the part 'te.*alone"):
        images_from_folder(tmp_path / "split")
    with pytest.raises(ValueError, match="Unknown value of `broken`: 'skp'. Did you mean 'skip'"):
        images_from_folder(tmp_path / "split" / "test", broken="skp")
    with pytest.raises(ValueError, match=r"`channels` must be 1 \(grey\), 3 .*; received 2"):
        images_from_folder(tmp_path / "split" / "test", channels=2)


def test_a_file_that_breaks_later_is_named(tmp_path):
    class_folders(tmp_path)
    made = images_from_folder(tmp_path)
    (tmp_path / "dog" / "1.png").unlink()
    with pytest.raises(ValueError, match="Image 'dog/1.png' cannot be read: there is no such file"):
        made.decoded(threads=2)[:]
    with pytest.raises(ValueError, match="Image 'dog/1.png' cannot be read: there is no such file"):
        made.one(4)
