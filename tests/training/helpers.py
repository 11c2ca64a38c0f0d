"""The same training in Keras and in profond."""

from typing import Any

import numpy as np


def blobs(rows: int = 60, features: int = 4, classes: int = 3, seed: int = 0) -> tuple[Any, Any]:
    """Points around one centre for each class, and their class numbers."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, rows)
    centres = generator.normal(size=(classes, features)) * 2
    x = centres[labels] + generator.normal(size=(rows, features))
    return x.astype("float32"), labels


def trained_alike(keras: Any, profond: Any, build: Any, compile: Any, *fit: Any, **options: Any):
    """Histories and models of the same training in both libraries, from the same weights."""
    theirs, ours = build(keras), build(profond)
    if theirs.built and ours.built:
        ours.set_weights(theirs.get_weights())
    histories = []
    for k, model in ((keras, theirs), (profond, ours)):
        model.compile(**compile(k))
        settings = {"verbose": 0, "shuffle": False, **options}
        histories.append(model.fit(*fit, **settings).history)
    return histories[0], histories[1], theirs, ours


def assert_same_histories(theirs: Any, ours: Any, rtol: float = 2e-5, atol: float = 1e-6) -> None:
    """The same names in the same order, and the same numbers."""
    assert list(ours) == list(theirs)
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=rtol, atol=atol, err_msg=name)


def assert_same_weights(theirs: Any, ours: Any, rtol: float = 2e-5, atol: float = 2e-6) -> None:
    """The same values in all weights."""
    for ours_one, their_one in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(ours_one, their_one, rtol=rtol, atol=atol)
