"""The bar of a training: what is shown when, and that batches' losses are hardly ever read."""

import re

import pytest

from profond.callbacks import CallbackList, ProgbarLogger
from tests.callbacks.helpers import StubModel
from tests.callbacks.test_callback_list import Lazy


def train(capsys, epochs=2, steps=3, known=True, **params):
    """Drive a bar through a training; returns what was written and the batches' logs."""
    both = CallbackList(
        add_progbar=True,
        model=StubModel(),
        epochs=epochs,
        steps=steps if known else None,
        **params,
    )
    batches = []
    both.on_train_begin()
    for epoch in range(epochs):
        both.on_epoch_begin(epoch)
        for batch in range(steps):
            batches.append(Lazy(loss=9.0))
            both.on_train_batch_end(batch, batches[-1])
        both.on_test_begin()
        both.on_test_batch_end(0, Lazy(loss=7.0))
        both.on_test_end({"loss": 7.0})
        both.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 0.25})
    both.on_train_end()
    return capsys.readouterr().out, batches


@pytest.mark.parametrize("verbose", [1, "auto", 2])
def test_each_epoch_ends_with_its_results(capsys, verbose):
    out, _ = train(capsys, verbose=verbose)
    lines = out.splitlines()
    assert lines[0] == "Epoch 1/2"
    assert lines[2] == "Epoch 2/2"
    for line in (lines[1], lines[3]):
        assert line.startswith("3/3 ")
        assert line.endswith("- loss: 0.5000 - val_loss: 0.2500")
    assert len(lines) == 4  # the validation is silent
    assert ("━" in out) is (verbose != 2)


def test_silence(capsys):
    assert train(capsys, verbose=0)[0] == ""


def test_a_single_epoch_has_no_heading(capsys):
    assert "Epoch" not in train(capsys, epochs=1, verbose=1)[0]


def test_the_number_of_steps_is_learned_in_the_first_epoch(capsys):
    lines = train(capsys, known=False, verbose=2)[0].splitlines()
    assert lines[1].startswith("3/3 ")
    assert lines[3].startswith("3/3 ")


def test_losses_of_batches_are_read_only_when_drawn(capsys):
    _, batches = train(capsys, epochs=1, steps=500, verbose=1)
    assert sum(logs.reads for logs in batches) <= 5
    _, batches = train(capsys, epochs=1, steps=20, verbose=2)
    assert sum(logs.reads for logs in batches) == 0


def test_an_evaluation_alone_is_shown(capsys):
    both = CallbackList(add_progbar=True, model=StubModel(), epochs=1, steps=2, verbose=1)
    both.on_test_begin()
    both.on_test_batch_end(0, {"loss": 2.0})
    both.on_test_batch_end(1, {"loss": 1.0})
    both.on_test_end({"loss": 1.0})
    out = capsys.readouterr().out
    assert re.search(r"2/2 .*loss: 1.0000", out)


def test_a_prediction_shows_no_values(capsys):
    both = CallbackList(add_progbar=True, model=StubModel(), epochs=1, steps=1, verbose=1)
    both.on_predict_begin()
    both.on_predict_batch_end(0, {"outputs": [1.0, 2.0]})
    both.on_predict_end()
    out = capsys.readouterr().out
    assert "1/1" in out
    assert "outputs" not in out


def test_a_bar_can_be_used_without_parameters(capsys):
    bar = ProgbarLogger()
    bar.on_train_batch_end(0, {"loss": 1.0})
    bar.on_epoch_end(0, {"loss": 1.0})
    assert "1/1" in capsys.readouterr().out
