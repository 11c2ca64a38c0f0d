"""What the README shows works as it stands there."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"


def blocks():
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", blocks())
def test_the_code_runs(code, capsys):
    names: dict[str, object] = {}
    exec(code, names)
    assert "accuracy" in capsys.readouterr().out
    assert len(names["history"].history["val_loss"]) == 50  # type: ignore[attr-defined]
    assert names["probabilities"].shape == (30, 3)  # type: ignore[attr-defined]


def test_the_picture_and_the_pages_are_there():
    text = README.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    for link in links:
        if not link.startswith("http"):
            assert (README.parent / link).exists(), link
