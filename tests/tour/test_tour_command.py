"""`profond tour` on the command line."""

import pytest
from typer.testing import CliRunner

from profond.cli._app import build_app


def run(*words):
    return CliRunner().invoke(build_app(), ["tour", *words])


def test_the_command_writes_the_page_and_lists_what_was_found(tmp_path):
    out = tmp_path / "t.html"
    words = ["1", "--quick", "--seeds", "2", "--processes", "1", "--lang", "fr", "-o", str(out)]
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    text = " ".join(result.output.split())
    assert "Chapitre 1" in text
    assert "En dix étapes depuis 0" in text
    assert "3,63" in text
    assert "Page écrite" in text
    assert (
        "5/5 Le poids et le biais ensemble" in text
    )  # a line per section where there is no terminal


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["7"], "there is no chapter 7 in the tour; there are 1 to 6"),
        (["1", "--seeds", "1"], "`seeds` must be at least 2"),
        (["1", "--processes", "0"], "`processes` must be at least 1"),
    ],
)
def test_wrong_use_is_said_in_one_line(words, message):
    result = run(*words)
    assert result.exit_code != 0
    assert message in str(result.exception)


def test_an_unknown_language_is_refused():
    result = run("--lang", "de")
    assert result.exit_code == 2
