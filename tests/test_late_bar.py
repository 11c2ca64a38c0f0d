"""The bar of long work: late, on a terminal alone, and gone at the end."""

import io

import pytest
from rich.console import Console

from profond import _late_bar
from profond._late_bar import late_bar, silenced
from profond.data.images import images_from_csv, open_images
from tests.data.images.helpers import class_folders


@pytest.fixture
def screen(monkeypatch):
    """What a terminal is sent; the bar waits for nothing."""
    monkeypatch.setattr(_late_bar, "_AFTER", 0.0)
    file = io.StringIO()
    monkeypatch.setattr(
        "rich.console.Console", lambda **options: Console(file=file, force_terminal=True, width=90)
    )
    return file


def test_a_bar_shows_how_many_are_done(screen):
    with late_bar("reading", 7) as done:
        done(3)
    assert "reading" in screen.getvalue() and "3/7" in screen.getvalue()


def test_quick_work_shows_nothing(screen, monkeypatch):
    monkeypatch.setattr(_late_bar, "_AFTER", 60.0)
    with late_bar("reading", 7) as done:
        done(3)
    assert not screen.getvalue()


def test_it_can_be_silenced(screen):
    with late_bar("reading", 7, verbose=False) as done:
        done(3)
    with silenced(), silenced(False), late_bar("reading", 7) as done:
        done(3)
    assert not screen.getvalue()
    with silenced(False), late_bar("reading", 7) as done:
        done(3)
    assert screen.getvalue()


def test_nothing_is_written_where_there_is_no_terminal(monkeypatch, capsys):
    monkeypatch.setattr(_late_bar, "_AFTER", 0.0)
    with late_bar("reading", 7) as done:
        done(3)
        done(4)
    assert capsys.readouterr() == ("", "")


def test_opening_many_images_shows_it(screen, tmp_path):
    class_folders(tmp_path)
    open_images(tmp_path, verbose=False)
    assert not screen.getvalue()
    open_images(tmp_path)
    assert "looking at images" in screen.getvalue() and "/6" in screen.getvalue()
    screen.truncate(0)
    table = tmp_path / "t.csv"
    table.write_text("path,label\ncat/0.png,cat\ndog/0.png,dog\n")
    images_from_csv(table)
    assert "/2" in screen.getvalue()


@pytest.mark.filterwarnings("ignore:The test part has only")
def test_estimators_and_runs_show_it_when_asked(screen, tmp_path):
    from profond.estimators import ImageClassifier
    from profond.experiment._image_schema import ImageExperiment

    class_folders(tmp_path, per_class=10, size=(16, 16))
    made = ImageClassifier(epochs=1, seeds=1).fit(tmp_path)
    made.predict(tmp_path)
    ImageExperiment.of(epochs=1, seeds=1).run(tmp_path, verbose=False)
    assert not screen.getvalue()
    made.set_params(verbose=True).predict(tmp_path)
    assert "looking at images" in screen.getvalue()
