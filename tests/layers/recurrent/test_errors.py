"""Wrong arguments and inputs of recurrent layers, by the text of the error."""

import pytest
import torch

from profond import Input, layers


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.LSTM(0), r"`units` must be a positive integer; received units=0"),
        (lambda: layers.GRU(3, dropout=1.5), r"`dropout` must be a number from 0 to 1; rec.*=1\.5"),
        (lambda: layers.LSTM(3, recurrent_dropout=-0.1), r"`recurrent_dropout` must be a number"),
        (lambda: layers.LSTMCell(3, implementation=3), r"`implementation` must be 1 or 2; rec.* 3"),
        (lambda: layers.RNN(object()), r"`cell` must have a method `call`; received <object"),
        (lambda: layers.RNN(layers.Dense(2)), r"`cell` must have an attribute `state_size`"),
        (lambda: layers.RNN([]), r"`cells` must have at least one cell; received none"),
        (lambda: layers.StackedRNNCells([layers.Dense(2)]), r"each of `cells` must have `state_"),
        (lambda: layers.Bidirectional(layers.Dense(2)), r"`layer` must be a recurrent layer, with"),
        (
            lambda: layers.Bidirectional(layers.GRU(2), merge_mode="max"),
            r"`merge_mode` must be one of 'concat', .*None; received 'max'",
        ),
        (
            lambda: layers.Bidirectional(layers.GRU(2), backward_layer=layers.GRU(2)),
            r"must go in different directions; received both with go_backwards=False",
        ),
        (
            lambda: layers.Bidirectional(
                layers.GRU(2, return_state=True), backward_layer=layers.GRU(2, go_backwards=True)
            ),
            r"must have the same `return_state`; received True and False",
        ),
        (lambda: layers.LSTM(3, unit=2), r"unit"),
    ],
)
def test_wrong_arguments(make, text) -> None:
    with pytest.raises((ValueError, TypeError), match=text):
        make()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda: layers.LSTM(3, name="l")(torch.ones(2, 4)),
            r"'l' must have 3 axes; received shape \(2, 4\)",
        ),
        (
            lambda: layers.RNN(layers.LSTMCell(3), name="l")(torch.ones(2, 4)),
            r"'l' must have axes \(batch, time, features\); received shape \(2, 4\)\. Single",
        ),
        (
            lambda: layers.LSTM(3, name="l")(torch.ones(2, 0, 4)),
            r"'l' must have at least one time step; received shape \(2, 0, 4\)",
        ),
        (
            lambda: layers.LSTM(3, name="l")(Input((5, None))),
            r"'lstm_cell' needs the number of features, the last axis.*\(None, None\)",
        ),
        (
            lambda: layers.LSTM(3, name="l")(torch.ones(2, 4, 1), initial_state=[torch.ones(2, 3)]),
            r"`initial_state` of the layer 'l' must have the shape\(s\) \(2, 3\), \(2, 3\); "
            r"received \(2, 3\)",
        ),
        (
            lambda: layers.GRU(3, name="l")(torch.ones(2, 4, 1), initial_state=torch.ones(2, 5)),
            r"must have the shape\(s\) \(2, 3\); received \(2, 5\)",
        ),
        (
            lambda: layers.GRU(3, name="l")(torch.ones(2, 4, 1), initial_state=torch.ones(1, 3)),
            r"must have the shape\(s\) \(2, 3\); received \(1, 3\)",
        ),
        pytest.param(
            lambda: layers.GRU(3, name="l")(torch.ones(2, 4, 1), mask=torch.ones(2, 5) > 0),
            r"mask of the layer 'l' must have the shape .* input, \(2, 4\); received \(2, 5\)",
            marks=pytest.mark.wrong_types,
        ),
        (
            lambda: layers.TimeDistributed(layers.Dense(2), name="l")(torch.ones(2, 4)),
            r"'l' must have axes \(batch, time, \.\.\.\), three at least; received shape \(2, 4\)",
        ),
    ],
)
def test_wrong_inputs(call, text) -> None:
    with pytest.raises(ValueError, match=text):
        call()
