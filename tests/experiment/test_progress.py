import io

import pytest
from rich.console import Console

from profond._progress import duration
from profond.experiment import BarProgress, LogProgress, Progress

LOGS = {"loss": 0.51234, "val_loss": 0.6, "val_mean_squared_error": 0.25, "val_accuracy": 0.9}


def drive(progress, metric):
    with progress:
        progress.note("a note")
        progress.start(2, 3, metric=metric, scale=10.0)
        for member in range(2):
            for epoch in range(3):
                progress.epoch(member, epoch, LOGS)
            progress.member_done(member, 2)
        progress.stage("the next thing")


def test_a_log_gets_lines_with_loss_metric_and_time_left(monkeypatch):
    from profond import _progress

    monkeypatch.setattr(_progress, "_LINE_SECONDS", 0.0)
    stream = io.StringIO()
    drive(LogProgress(stream), "RMSE")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "a note"
    assert lines[1] == "network 1/2  epoch 1/3  loss 0.5123  val RMSE 5.000  at most 0 s left"
    assert lines[4] == "network 1/2 trained  best epoch 2  last loss 0.5123  val RMSE 5.000"
    assert lines[-1] == "the next thing"


def test_the_time_left_follows_from_the_networks_that_are_trained(monkeypatch):
    from profond import _progress

    clock = iter(range(100))
    monkeypatch.setattr(_progress.time, "monotonic", lambda: float(next(clock)))
    progress = LogProgress(io.StringIO())
    progress.start(3, 100, metric="RMSE")
    assert progress.left(0, 0).startswith("at most ")
    assert progress.left(0, 1).startswith("at most ")
    progress.member_done(0, 1)  # after 2 epochs of at most 100
    left = progress.left(1, 0)
    assert left.startswith("about ")
    # An epoch of this network and two of the next, at two ticks or less of the clock each.
    assert int(left.split()[1]) <= 6


def test_large_errors_are_written_in_full():
    stream = io.StringIO()
    progress = LogProgress(stream)
    progress.start(1, 1, metric="RMSE", scale=115_000.0)
    progress.epoch(0, 0, LOGS)
    progress.member_done(0, 1)
    assert "val RMSE 57500" in stream.getvalue()


def test_a_log_is_not_flooded():
    stream = io.StringIO()
    drive(LogProgress(stream), "accuracy")
    assert "epoch 1/3" not in stream.getvalue()
    assert "val accuracy 0.900" in stream.getvalue()


@pytest.mark.parametrize(("width", "loss", "metric"), [(120, 1, 1), (80, 0, 1), (60, 0, 0)])
def test_a_narrow_terminal_is_not_given_more_than_it_holds(width, loss, metric):
    stream = io.StringIO()
    drive(BarProgress(Console(file=stream, force_terminal=True, width=width)), "accuracy")
    shown = stream.getvalue()
    assert ("loss 0.5123" in shown) == loss
    assert ("val accuracy 0.900" in shown) == metric
    assert " left" in shown
    assert "…" not in shown


def test_a_terminal_gets_a_bar():
    stream = io.StringIO()
    drive(BarProgress(Console(file=stream, force_terminal=True, width=120)), "accuracy")
    shown = stream.getvalue()
    assert "a note" in shown
    assert "network 2/2" in shown
    assert "val accuracy 0.900" in shown
    assert "left" in shown


def test_the_base_class_shows_nothing(capsys):
    drive(Progress(), "RMSE")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (200, "3 min 20 s"), (3900, "1 h 5 min"), (-1, "0 s")],
)
def test_durations_are_written_for_people(seconds, text):
    assert duration(seconds) == text
