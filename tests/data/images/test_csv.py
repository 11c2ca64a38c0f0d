"""Images that a table names."""

import numpy as np
import pandas as pd
import pytest

from profond.data.images import images_from_csv, open_images
from tests.data.images.helpers import noise, save


@pytest.fixture
def folder(tmp_path):
    for i, name in enumerate("abc"):
        save(tmp_path / "pictures" / f"{name}.png", noise(seed=i))
    return tmp_path


def written(folder, text, name="list.csv"):
    path = folder / name
    path.write_text(text)
    return path


THREE = "pictures/a.png,{}\npictures/b.png,{}\npictures/c.png,{}\n"


def test_paths_are_relative_to_the_table(folder):
    made = images_from_csv(written(folder, "path,label\n" + THREE.format("cat", "dog", "cat")))
    assert made.names == ("pictures/a.png", "pictures/b.png", "pictures/c.png")
    assert made.labels.tolist() == ["cat", "dog", "cat"]
    assert made.classes == ("cat", "dog")
    assert made.name == "list"
    np.testing.assert_array_equal(made.one(1), noise(seed=1))


@pytest.mark.parametrize(
    "text",
    [
        "label\tImage\tsplit\ncat\ta.png\ttrain\ndog\tb\tTest\n",
        "Class;filename;id;set\ncat;a.png;1;train\ndog;b.png;2;test\n",
        "split,file,target\ntrain,a,cat\ntesting,b,dog\n",
    ],
)
def test_usual_names_of_columns(folder, text):
    path = written(folder, text, "list.tsv")
    made = images_from_csv(path, folder=folder / "pictures")
    assert made.labels.tolist() == ["cat", "dog"]
    assert made.part.tolist() == ["train", "test"]
    np.testing.assert_array_equal(made.one(1), noise(seed=1))


def test_tables_without_a_header_and_without_labels(folder):
    made = images_from_csv(written(folder, THREE.format("cat", "dog", "cat")))
    assert made.labels.tolist() == ["cat", "dog", "cat"]
    made = images_from_csv(written(folder, "path\npictures/a.png\npictures/b.png\n"))
    assert made.labels is None
    made = images_from_csv(written(folder, "path,x,y2\npictures/a.png,1,2\n"))
    assert made.labels is None


def test_labels_that_are_numbers(folder):
    for texts, kept in (
        ((1, 0, 2), [1, 0, 2]),
        ((1.5, 2, -3), [1.5, 2, -3]),
        (("007", "1", "2"), ["007", "1", "2"]),
    ):
        made = images_from_csv(written(folder, "path,label\n" + THREE.format(*texts)))
        assert made.labels.tolist() == kept
        assert made.classes == ((), ("007", "1", "2"))[made.labels.dtype == object]


def test_a_data_frame(folder):
    frame = pd.DataFrame({"path": [folder / "pictures" / "a.png"], "label": ["cat"]})
    assert open_images(frame).labels.tolist() == ["cat"]
    made = images_from_csv(
        pd.DataFrame({"n": ["a", "b"], "what": [0, 1], "when": [2, 3]}),
        path_column="n",
        label_column="what",
        folder=folder / "pictures",
    )
    assert made.labels.tolist() == [0, 1]


def test_missing_and_repeated_files(folder):
    text = "path,label\n" + THREE.format(1, 2, 3) + "pictures/a.png,1\npictures/zz.png,2\n"
    made = images_from_csv(written(folder, text))
    assert made.labels.tolist() == [1, 2, 3]
    assert made.notes == (
        "1 row(s) that name a file again left out: pictures/a.png.",
        "1 image left out as unreadable: pictures/zz.png (there is no such file).",
    )
    with pytest.raises(ValueError, match=r"pictures/zz\.png \(there is no such file\)\. Mend or"):
        images_from_csv(written(folder, text), broken="error")


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("path,label\n" + THREE.format(1, "", 3), {}, "Column 'label' of list.csv has no value in"),
        ("path,label\n,1\n,2\n", {}, r"'path' of list.csv has no value in row 1 and 1 more row"),
        ("path,label\n", {}, "list.csv has no rows"),
        (
            "path,label\npictures/a.png,1\npictures/a.png,2\n",
            {},
            "list.csv names 'pictures/a.png' in rows 1 and 2, with the labels '1' and '2'; an ima",
        ),
        (
            "path,label\npictures/a.png,1\n",
            {"label_column": "lable"},
            "There is no column 'lable'; did you mean 'label'",
        ),
        (
            "path,label\npictures/a.png,1\n",
            {"path_column": "zzz"},
            "There is no column 'zzz'; there are path, label",
        ),
        (
            "path,label,part\npictures/a.png,1,third\n",
            {},
            "Column 'part' of list.csv must say train, test or validation; received 'third' in row",
        ),
        ("path,label\nnone.png,1\n", {}, r"1 image cannot be read: none\.png \(there is no such"),
    ],
)
def test_wrong_tables(folder, text, options, message):
    with pytest.raises(ValueError, match=message):
        images_from_csv(written(folder, text), **options)


def test_no_table(folder):
    with pytest.raises(FileNotFoundError, match=r"There is no file '.*none\.csv'"):
        images_from_csv(folder / "none.csv")
    with pytest.raises(ValueError, match="The table has no rows"):
        images_from_csv(pd.DataFrame({"path": []}))
