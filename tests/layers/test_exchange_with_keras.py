"""A layer described by Keras is made by profond, and the other way round."""

import json

import numpy as np
import pytest

import profond
from tests.layers.helpers import CASES

EACH = pytest.mark.parametrize("case", CASES, ids=str)


def as_json(description):
    return json.loads(json.dumps(description))


@EACH
def test_the_description_of_keras_makes_our_layer(case):
    keras = pytest.importorskip("keras")
    theirs, x = case.make(keras, name="one"), case.data()
    expected = theirs(x)
    ours = profond.saving.deserialize_keras_object(
        as_json(keras.saving.serialize_keras_object(theirs))
    )
    assert type(ours) is getattr(profond.layers, case.name)
    assert ours.name == "one"
    assert ours.dtype == theirs.dtype
    ours(x)
    ours.set_weights(theirs.get_weights())
    np.testing.assert_allclose(ours(x).detach(), expected.detach(), rtol=1e-5, atol=1e-6)


@EACH
def test_our_description_makes_the_layer_of_keras(case):
    keras = pytest.importorskip("keras")
    ours, x = case.make(name="one"), case.data()
    expected = ours(x)
    theirs = keras.saving.deserialize_keras_object(
        as_json(profond.saving.serialize_keras_object(ours))
    )
    assert type(theirs) is getattr(keras.layers, case.name)
    assert theirs.name == "one"
    theirs(x)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(theirs(x).detach(), expected.detach(), rtol=1e-5, atol=1e-6)


def test_all_arguments_of_keras_are_known():
    """Positional order and defaults of each constructor are those of Keras."""
    keras = pytest.importorskip("keras")
    import inspect

    # Features of Keras that are not here: `lora` and quantization. Same default, another form.
    absent = {"lora_rank", "lora_alpha", "gptq_unpacked_column_size", "quantization_config"}
    for name in sorted({case.name for case in CASES}):
        theirs = inspect.signature(getattr(keras.layers, name).__init__).parameters
        ours = inspect.signature(getattr(profond.layers, name).__init__).parameters
        positional = [
            p.name
            for p in ours.values()
            if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD and p.name not in absent
        ]
        wanted = [
            p.name
            for p in theirs.values()
            if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD and p.name not in absent
        ]
        assert positional == wanted, name
        for parameter in wanted:
            assert ours[parameter].default == theirs[parameter].default, (name, parameter)
