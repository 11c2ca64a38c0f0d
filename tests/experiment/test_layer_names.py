import json

import numpy as np
import pytest

from profond import Model, Sequential
from profond.experiment._layer_names import counted_anew
from profond.layers import Add, Dense, Dropout, Input
from profond.models import model_from_json


def functional():
    inputs = Input((4,))
    first = Dense(8)(inputs)
    answer = Add()([Dropout(0.1)(first), Dense(8, name="mine")(first)])
    return Model(inputs, Dense(2)(answer))


def sequential():
    return Sequential([Input((4,)), Dense(3), Dense(2, name="dropout"), Dropout(0.1), Dense(1)])


def named(architecture):
    return [layer["config"]["name"] for layer in architecture["config"]["layers"]]


@pytest.mark.parametrize(
    ("build", "names"),
    [
        (functional, ["input_layer", "dense", "dropout", "mine", "add", "dense_1"]),
        # A name that was given to another layer is not given twice.
        (sequential, ["input_layer", "dense", "dropout", "dropout_1", "dense_1"]),
    ],
)
def test_names_are_counted_from_the_start_and_given_ones_kept(build, names):
    build()
    model = build()
    before = json.loads(model.to_json())
    found = counted_anew(before)
    assert sorted(named(found)) == sorted(names)
    assert before == json.loads(model.to_json())
    assert found == counted_anew(json.loads(build().to_json()))
    again = model_from_json(json.dumps(found))
    again.set_weights(model.get_weights())
    rows = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(again.predict(rows, verbose=0), model.predict(rows, verbose=0))
