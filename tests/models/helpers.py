"""Models made alike in Keras and in profond, and what is compared."""

import random
from collections import defaultdict
from typing import Any

import numpy as np

from profond._naming import reset_names


def afresh(k: Any) -> None:
    """Begin the default names anew, in both libraries."""
    from keras.src.backend.common import global_state

    # Not `clear_session`, which looks through all of memory each time.
    global_state.set_global_attribute("object_name_uids", defaultdict(int))
    reset_names()


def in_both(keras: Any, profond: Any, build: Any) -> tuple[Any, Any]:
    """The same model of each library, with Keras's weights in both."""
    made = []
    for k in (keras, profond):
        afresh(k)
        made.append(build(k))
    theirs, ours = made
    if theirs.built and ours.built:
        ours.set_weights(theirs.get_weights())
    return theirs, ours


def random_graph(k: Any, seed: int) -> Any:
    """A functional model of layers, shared layers, a nested model and operators."""
    r = random.Random(seed)
    dense = k.layers.Dense
    count = r.randint(1, 3)
    tensors = [k.Input((3,), name=f"in{i}") for i in range(count)]
    inputs = list(tensors)
    pool = [dense(3, name=f"shared{i}") for i in range(3)]
    door = k.Input((3,), name="inner_in")
    pool.append(k.Model(door, dense(3, name="inner_dense")(door), name="inner"))
    for j in range(r.randint(2, 10)):
        kind = r.random()
        if kind < 0.4:
            made = dense(3, name=f"dense{j}")(r.choice(tensors))
        elif kind < 0.6:
            made = r.choice(pool)(r.choice(tensors))
        elif kind < 0.8:
            made = r.choice(tensors) + r.choice(tensors)
        else:
            made = r.choice(tensors) * 2.0
        tensors.append(made)
    outputs = r.sample(tensors[count:], r.randint(1, min(3, len(tensors) - count)))
    return k.Model(inputs if count > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0])


def some_input(model: Any) -> Any:
    """Random data for a model, in the structure of its inputs."""
    generator = np.random.default_rng(0)
    arrays = [
        generator.normal(size=(4, *(n or 5 for n in t.shape[1:]))).astype("float32")
        for t in model.inputs
    ]
    return arrays if len(arrays) > 1 else arrays[0]


def listed(outputs: Any) -> list[Any]:
    """Outputs as a list, whatever their structure."""
    if isinstance(outputs, dict):
        return [outputs[key] for key in sorted(outputs)]
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def summary_of(model: Any, **options: Any) -> str:
    """The text of `summary()`."""
    lines: list[str] = []
    model.summary(print_fn=lambda text, **_: lines.append(text), **options)
    return "\n".join(lines).rstrip()
