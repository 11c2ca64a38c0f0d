"""What a network that knows some digits gains on others, of which it sees a few only.

A LeNet learns MNIST's digits 0 to 4 (the notes' introduction: transfer learning). Its weights are
the beginning of networks that learn 5 to 9 from a few examples of each; others begin from nothing.
Both are trained with the same seeds, which choose the examples too, and compared in pairs.

    python examples/transfer_learning.py
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

import profond
from profond import architectures, layers
from profond.architectures.pretrained import fine_tune, load_pretrained, save_pretrained
from profond.trials import compare

KNOWN, NEW = range(5), range(5, 10)


def images_of(x, y, digits):
    """The images of some digits as floats, and their places among them."""
    chosen = np.isin(y, list(digits))
    return x[chosen, ..., None] / 255.0, y[chosen] - min(digits)


def network(outputs=5):
    """A LeNet for digits of 28 x 28 pixels, compiled."""
    model = architectures.lenet((28, 28, 1), outputs, output_activation="softmax", padding="same")
    model.compile(
        profond.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def pretrain(path):
    """Learn the known digits, and keep the weights."""
    (x, y), _ = profond.datasets.mnist.load_data()
    profond.utils.set_random_seed(0)
    body = network()
    moved = layers.RandomTranslation(0.1, 0.1, fill_mode="nearest")
    model = profond.Sequential([layers.Input((28, 28, 1)), moved, body])
    model.compile(profond.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    model.fit(*images_of(x, y, KNOWN), epochs=3, batch_size=64, verbose=1)
    save_pretrained(body, path)


def accuracy(seed, *, examples, weights, epochs):
    """Learn the new digits from a few examples of each, and be tested."""
    (x, y), (x_test, y_test) = profond.datasets.mnist.load_data()
    x, y = images_of(x, y, NEW)
    x_test, y_test = images_of(x_test, y_test, NEW)
    rng = np.random.default_rng(seed)
    rows = np.concatenate([rng.permutation(np.flatnonzero(y == k))[:examples] for k in range(5)])
    model = network()
    if weights is None:
        model.fit(x[rows], y[rows], epochs=epochs, batch_size=8, verbose=0)
    else:
        load_pretrained(model, weights, head=False)
        fine_tune(
            model, x[rows], y[rows], frozen_epochs=epochs // 2, epochs=epochs - epochs // 2,
            rate_factor=0.3, batch_size=8, verbose=0,
        )  # fmt: skip
    return model.evaluate(x_test, y_test, verbose=0)[1]


def main(arguments=None):
    """Pretrain, transfer, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, nargs="+", default=[2, 5, 20])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=40)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        weights = str(Path(folder) / "digits-0-to-4.safetensors")
        pretrain(weights)
        for count in chosen.examples:
            ways = {"from scratch": None, "pretrained on 0 to 4": weights}
            trials = {
                name: partial(accuracy, examples=count, weights=start, epochs=chosen.epochs)
                for name, start in ways.items()
            }
            found = compare(trials, seeds=chosen.seeds, metric="accuracy", verbose=False)
            print(f"\n{count} examples of each new digit\n{found}")


if __name__ == "__main__":
    main()
