"""Images on the command line."""

import pytest
from PIL import Image

from tests.cli.test_train_and_predict import run
from tests.estimators.test_images import bars


@pytest.mark.slow
def test_a_folder_of_photos_is_trained_on_predicted_and_measured(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for part, count in (("train", 40), ("test", 20)):
        x, y = bars(count, seed=count)
        for i, (image, label) in enumerate(zip(x[..., 0], y, strict=True)):
            folder = tmp_path / "photos" / part / label
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / f"{i}.png")
    (tmp_path / "photos" / "train" / "lying" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    fast = ("--epochs", "4", "--seeds", "1", "--out", "m")
    code, out, err = run(capsys, "train", "photos", "--augment", "translation,zoom", *fast)
    assert code == 0, err
    assert "broken.png" in err
    assert "photos: class on 20 test images" in out
    code, out, err = run(capsys, "predict", "m", "photos/test/lying", "-o", "answers.csv")
    assert code == 0, err
    lines = (tmp_path / "answers.csv").read_text().splitlines()
    assert lines[0] == "name,prediction,probability_lying,probability_upright"
    assert len(lines) == 11 and ".png," in lines[1]
    code, out, err = run(capsys, "evaluate", "m", "photos")
    assert code == 0, err
    assert "on 20 images of photos" in out
    code, out, err = run(capsys, "show", "m")
    assert code == 0 and "20 x 20 pixels (fit)" in out
    code, out, err = run(capsys, "train", "photos", "--set", "data.broken=error", *fast)
    assert code == 2 and "broken.png" in err
