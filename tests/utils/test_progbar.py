"""The progress bar on a terminal, in a notebook, in a log, and what it says."""

import io
import logging
import re
import sys

import numpy as np
import pytest
import torch

from profond import config, utils
from profond.utils import _console, _progbar

ANSI = re.compile(r"\x1b\[\d*m")


class Clock:
    """A clock that only moves when told to."""

    def __init__(self):
        self.now = 100.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(_progbar, "time", clock)
    return clock


class Screen:
    """All that was written so far."""

    def __init__(self, capsys):
        self.capsys = capsys
        self.text = ""

    def getvalue(self):
        self.text += self.capsys.readouterr().out
        return self.text


@pytest.fixture
def terminal(monkeypatch, capsys):
    monkeypatch.setattr(_console, "redraws", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    return Screen(capsys)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_where_a_line_can_be_drawn_again(monkeypatch):
    assert not _console.redraws()
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert _console.redraws()
    config.disable_interactive_logging()
    try:
        assert not _console.redraws()
    finally:
        config.enable_interactive_logging()


def run(bar, clock, steps=5, seconds=0.002, **values):
    """A loop of steps of equal duration."""
    for step in range(1, steps + 1):
        clock.now += seconds
        bar.update(step, [(name, value) for name, value in values.items()])


def lines(out):
    """What is on the screen: the last text of each line."""
    text = ANSI.sub("", out.getvalue())
    return [line.split("\r")[-1].rstrip() for line in text.split("\n")]


def test_the_last_line_is_that_of_keras(clock, capsys):
    run(utils.Progbar(5), clock, accuracy=0.9, loss=0.1)
    assert capsys.readouterr().out == (
        "5/5 ━━━━━━━━━━━━━━━━━━━━ 0s 2ms/step - accuracy: 0.9000 - loss: 0.1000\n"
    )


def test_a_terminal_shows_each_step_in_the_same_place(clock, terminal):
    bar = utils.Progbar(10, interval=0.0)
    run(bar, clock, steps=10, seconds=1.0, loss=2.0)
    out = terminal.getvalue()
    assert out.count("\r") == 10
    assert out.count("\n") == 1
    first = ANSI.sub("", out.split("\r")[1])
    assert first.startswith(" 1/10 ━━━━━━━━━━━━━━━━━━━━ 9s 1s/step - loss: 2.0000")
    assert "\x1b[32m━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━━━━\x1b[0m" in out.split("\r")[1]
    assert lines(terminal)[0] == "10/10 ━━━━━━━━━━━━━━━━━━━━ 10s 1s/step - loss: 2.0000"


def test_a_terminal_is_not_redrawn_too_often(clock, terminal):
    run(utils.Progbar(100, interval=0.05), clock, steps=99, seconds=0.01)
    assert 15 <= terminal.getvalue().count("\r") <= 21


def test_a_longer_line_leaves_no_rest(clock, terminal):
    bar = utils.Progbar(None, interval=0.0)
    clock.now += 1.0
    bar.update(1, [("a_long_name", 1.0)])
    clock.now += 1.0
    bar._values = {}
    bar.update(2)
    shown = ANSI.sub("", terminal.getvalue()).split("\r")
    assert len(shown[2]) >= len(shown[1])
    assert shown[2].strip().startswith("2/Unknown 2s 1s/step")


def test_a_narrow_terminal_cuts_the_line_but_not_the_last(clock, terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    values = {f"metric_{i}": 0.5 for i in range(6)}
    run(utils.Progbar(5, interval=0.0), clock, seconds=1.0, **values)
    shown = ANSI.sub("", terminal.getvalue()).split("\r")[1:]
    assert all(len(line) < 60 for line in shown[:-1])
    assert shown[-1].rstrip().endswith("metric_5: 0.5000")


def test_a_notebook_is_redrawn(clock, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    run(utils.Progbar(3, interval=0.0), clock, steps=3, seconds=0.1)
    assert capsys.readouterr().out.count("\r") == 3


def test_a_log_gets_lines_at_growing_distances(clock, capsys):
    run(utils.Progbar(1000), clock, steps=1000, seconds=0.1, loss=1.0)
    shown = capsys.readouterr().out.splitlines()
    assert not any("\r" in line or "\x1b" in line for line in shown)
    done = [int(line.split("/")[0]) for line in shown]
    # After 2, 4, 8, 16 and 32 s more, and at the end.
    assert done[-1] == 1000
    assert np.allclose(np.diff([0, *done[:-1]]), [20, 40, 80, 160, 320], atol=2)


def test_short_work_gives_a_log_one_line(clock, capsys):
    run(utils.Progbar(10), clock, steps=10, seconds=0.1)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_one_line_only(clock, capsys):
    run(utils.Progbar(5, verbose=2), clock, accuracy=0.9, loss=1e-5)
    assert capsys.readouterr().out == (
        "5/5 - 0s - 2ms/step - accuracy: 0.9000 - loss: 1.0000e-05\n"
    )


def test_silence(clock, capsys):
    run(utils.Progbar(5, verbose=0), clock, loss=1.0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0005, "0s 500us/step"),
        (0.02, "2s 20ms/step"),
        (2.0, "3:18 2s/step"),
        (90.0, "2:28:30 90s/step"),
    ],
)
def test_units_of_time(seconds, expected, clock, terminal):
    run(utils.Progbar(100, interval=0.0), clock, steps=1, seconds=seconds)
    assert expected in ANSI.sub("", terminal.getvalue())


def test_the_first_step_does_not_count_for_the_pace(clock, capsys):
    bar = utils.Progbar(11)
    clock.now += 50.0
    bar.update(1)
    for step in range(2, 12):
        clock.now += 0.01
        bar.update(step)
    assert capsys.readouterr().out.splitlines()[-1].endswith("50s 10ms/step")


def test_values_are_averaged_over_the_steps_unless_stateful(clock, terminal):
    bar = utils.Progbar(10, interval=0.0, stateful_metrics=["now"])
    bar.update(2, [("mean", 1.0), ("now", 1.0)])
    bar.update(8, [("mean", 3.0), ("now", 3.0)])
    assert "mean: 2.5000 - now: 3.0000" in terminal.getvalue()  # (2 * 1 + 6 * 3) / 8
    bar.update(10, [("mean", 7.0), ("now", 4.0)])
    assert "mean: 7.0000 - now: 4.0000" in terminal.getvalue()


def test_stateless_names_turn_it_around(clock, terminal):
    bar = utils.Progbar(10, interval=0.0, stateless_metrics=["mean"])
    bar.update(2, [("mean", 1.0), ("now", 1.0)])
    bar.update(8, [("mean", 3.0), ("now", 3.0)])
    assert "mean: 2.5000 - now: 3.0000" in terminal.getvalue()
    with pytest.raises(ValueError, match="only one of `stateful_metrics` and `stateless_metrics`"):
        utils.Progbar(5, stateful_metrics=["a"], stateless_metrics=["b"])


def test_tensors_and_arrays_are_values(clock, capsys):
    bar = utils.Progbar(2)
    for step in (1, 2):
        clock.now += 0.1
        bar.update(
            step, [("a", torch.tensor(0.5, requires_grad=True)), ("b", np.array([1.0, 3.0]))]
        )
    assert capsys.readouterr().out.endswith("- a: 0.5000 - b: 2.0000\n")


def test_tensors_are_not_read_before_they_are_shown(clock, terminal):
    class Device(torch.Tensor):
        def __float__(self):
            raise AssertionError("read from the device")

        def double(self):
            raise AssertionError("read from the device")

    bar = utils.Progbar(100, interval=10.0)
    bar.update(1)
    bar.update(2, [("loss", torch.ones(()).as_subclass(Device))])


def test_unknown_number_of_steps(clock, capsys):
    bar = utils.Progbar(None)
    clock.now += 0.1
    bar.update(7, [("loss", 1.0)])
    assert capsys.readouterr().out == ""
    bar.update(8, finalize=True)
    assert capsys.readouterr().out == "      8/Unknown 0s 12ms/step - loss: 1.0000\n"


def test_adding_steps(clock, capsys):
    bar = utils.Progbar(4, unit_name="sample")
    clock.now += 0.4
    bar.add(2)
    bar.add(2, [("loss", 0.25)])
    assert capsys.readouterr().out.endswith(
        "4/4 ━━━━━━━━━━━━━━━━━━━━ 0s 100ms/sample - loss: 0.2500\n"
    )


def test_the_log_instead_of_the_output(clock, capsys, caplog):
    config.disable_interactive_logging()
    try:
        with caplog.at_level(logging.INFO, "profond"):
            run(utils.Progbar(5), clock, loss=0.1)
            _console.write("\n")
    finally:
        config.enable_interactive_logging()
    assert capsys.readouterr().out == ""
    assert [record.message for record in caplog.records] == [
        "5/5 ━━━━━━━━━━━━━━━━━━━━ 0s 2ms/step - loss: 0.1000"
    ]


def test_an_output_without_the_character_of_the_bar(clock, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    run(utils.Progbar(5), clock, steps=5)
    assert b"5/5 ==================== 0s" in raw.getvalue()
