"""One training step of the default network for tables, beside the best hand-written loop and Keras.

`python -m benchmarks.tables_speed --help` has the options.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks._peers import peer_answer
from benchmarks._recipe import recipe_of, threads_of
from benchmarks._report import in_pairs, seconds, table, write_section
from benchmarks._tables_models import write_task
from benchmarks.hand_written_table import TableNet, fit_table

KERAS = ("keras-jax", "keras-tensorflow", "keras-torch")
_ALLOWED = 1.05


@dataclass(frozen=True)
class Shape:
    """Random rows in the shape of a table.

    Attributes:
        name: Which table's.
        rows: Rows that a network learns from.
        numbers: Columns that are numbers.
        plain: Columns of zeros and ones.
        codes: For each embedded column, how many codes it has.
        classes: Whether two classes are learned, or a number.
        epochs: Passes in one timing.
    """

    name: str
    rows: int
    numbers: int
    plain: int
    codes: tuple[int, ...]
    classes: bool
    epochs: int

    def trainer(self) -> Any:
        """A trainer of the estimators with the defaults, on such rows."""
        from profond.data import ClassTarget, NumberTarget
        from profond.data._preprocessor import Layout
        from profond.estimators._members import Trainer, TrainingPart
        from profond.estimators._settings import Settings

        draw = np.random.default_rng(0)
        columns = [
            draw.normal(size=(self.rows, self.numbers)),
            draw.random((self.rows, self.plain)) < 0.2,
            *(draw.integers(0, count, (self.rows, 1)) for count in self.codes),
        ]
        x = np.concatenate(columns, axis=1).astype("float32")
        signal = x[:, 0] + np.sin(3 * x[:, 1]) + draw.normal(size=self.rows)
        if self.classes:
            target, learned = ClassTarget("y", ("no", "yes")), (signal > 0).astype(np.int64)
        else:
            prices = np.exp(signal)
            target = NumberTarget.fit(prices, "y")
            learned = target.encode(prices)
        layout = Layout(self.numbers, self.plain, self.codes)
        return Trainer(TrainingPart(x, learned, target, layout), Settings())


SHAPES = {
    "california": Shape("California", 13_210, 8, 5, (), False, 6),
    "adult": Shape("Adult", 26_049, 6, 29, (17, 16, 42), True, 3),
    "boston": Shape("Boston", 320, 6, 0, (), False, 40),
}


class Contest:
    """Ours and the others at one shape, all from the same weights.

    Args:
        shape: The shape.
        epochs: Passes in one timing.
    """

    def __init__(self, shape: Shape, epochs: int) -> None:
        from profond._randomness import seeded

        self.trainer, self.epochs = shape.trainer(), epochs
        self.x, self.y = self.trainer.part.inputs, self.trainer.part.learned
        self.recipe = recipe_of(self.trainer, shape.rows, 0)
        self.batch = self.recipe["batch_size"]
        self.steps = epochs * -(-shape.rows // self.batch)
        with seeded(0):
            self.weights = self.trainer.build(shape.rows).get_weights()

    def ours(self) -> float:
        """Seconds per step of `fit`, after one epoch that is not counted."""
        network = self._network()
        with self.trainer._fitting():
            network.fit(self.x, self.y, epochs=1, **self._options)
            took = seconds(lambda: network.fit(self.x, self.y, epochs=self.epochs, **self._options))
        return took / self.steps

    def by_hand(self) -> float:
        """Seconds per step of the hand-written loop, denormals flushed, as many threads as ours."""
        net, x, y = self._by_hand()
        with self._as_ours():
            fit_table(net, x, y, self.recipe, epochs=1)
            took = seconds(lambda: fit_table(net, x, y, self.recipe, epochs=self.epochs))
        return took / self.steps

    def keras(self, peer: str) -> float | None:
        """Seconds per step of Keras on a backend; None where it is not installed."""
        with tempfile.TemporaryDirectory() as folder:
            write_task(Path(folder), self.recipe, x=self.x, y=self.y)
            answer = peer_answer("table_steps", peer, folder, str(self.epochs))
        return None if answer is None else answer["seconds"] / self.steps

    def agreement(self) -> float:
        """The relative difference of the losses of the first epoch, ours and the loop's.

        Both draw the order of the rows and what is dropped from torch's generator alike.
        """
        network, (net, x, y) = self._network(), self._by_hand()
        with self._as_ours():
            torch.manual_seed(1)
            ours = network.fit(self.x, self.y, epochs=1, **self._options).history["loss"][0]
            torch.manual_seed(1)
            (theirs,) = fit_table(net, x, y, self.recipe, epochs=1)
        return abs(ours / theirs - 1)

    @property
    def _options(self) -> dict[str, Any]:
        return {"batch_size": self.batch, "verbose": 0}

    def _network(self) -> Any:
        network = self.trainer.build(len(self.x))
        network.set_weights(self.weights)
        return network

    def _by_hand(self) -> tuple[TableNet, torch.Tensor, torch.Tensor]:
        net = TableNet(self.recipe)
        net.take(self.weights)
        return net, torch.from_numpy(self.x), torch.from_numpy(self.y)

    def _as_ours(self) -> ExitStack:
        """For the block: denormals flushed, and as many threads as ours takes."""
        stack, before = ExitStack(), torch.get_num_threads()
        torch.set_flush_denormal(True)
        stack.callback(torch.set_flush_denormal, False)
        torch.set_num_threads(threads_of(self.recipe))
        stack.callback(torch.set_num_threads, before)
        return stack


def lines(shape: Shape, options: argparse.Namespace) -> tuple[list[list[str]], list[str]]:
    """Rows of the table, and sentences about one shape."""
    contest = Contest(shape, options.epochs or shape.epochs)
    differ = contest.agreement()
    if not differ < 1e-3:
        raise RuntimeError(
            f"{shape.name}: the hand-written loop must train the same network; its loss after one "
            f"epoch differs by {differ:.1e} of its value."
        )
    pairs = in_pairs(contest.ours, contest.by_hand, options.pairs)
    rows = [
        [
            shape.name,
            "best hand-written loop",
            _ms(pairs.ours),
            _ms(pairs.peer),
            f"{pairs.ratio:.2f} ({pairs.spread})",
        ]
    ]
    ratios: dict[str, float] = {}
    for name in KERAS if options.keras_pairs else ():
        mine, theirs = [], []
        for _ in range(options.keras_pairs):
            mine.append(contest.ours())
            found = contest.keras(name)
            if found is None:
                break
            theirs.append(found)
        if len(theirs) < len(mine):
            rows.append([shape.name, name, "", "not installed", ""])
            continue
        each = [a / b for a, b in zip(mine, theirs, strict=True)]
        ratios[name] = statistics.median(each)
        shown = f"{ratios[name]:.2f} ({min(each):.2f} to {max(each):.2f})"
        rows.append([shape.name, name, _ms(mine), _ms(theirs), shown])
    said = [_verdict(shape, "the best hand-written loop", pairs.ratio)]
    if ratios:
        fastest = max(ratios, key=ratios.__getitem__)
        said.append(_verdict(shape, f"Keras on its fastest backend ({fastest})", ratios[fastest]))
    said.append(
        f"- {shape.name}: the losses of `fit` and of the loop differ by {differ:.0e} of their "
        "value after one epoch."
    )
    return rows, said


def _verdict(shape: Shape, peer: str, ratio: float) -> str:
    word = "met" if ratio <= _ALLOWED else "missed"
    return f"- {shape.name}, at most {_ALLOWED} x {peer}: {word}, {ratio:.2f} x."


def _ms(values: list[float]) -> str:
    return f"{statistics.median(values) * 1e3:.3f}"


_BODY = (
    "ms per training step of the estimators' default network, AdamW, loss and metric measured, on "
    "random rows; medians, ours by `fit` and the peer's in turn. Below 1 we are faster.\n\n"
    "California: 13210 rows, 8 numbers and 5 one-hot columns, batches of 256. Adult: 26049 rows, "
    "6 numbers, 29 one-hot columns and 3 embedded ones, batches of 256. Boston: 320 rows, 6 "
    "numbers, batches of 32. Ours, the loop and Keras on torch with as many threads as the "
    "estimators train networks of this size with."
)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables_speed", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(SHAPES), default=list(SHAPES))
    parser.add_argument("--pairs", type=int, default=10, help="timings beside the loop")
    parser.add_argument("--keras-pairs", type=int, default=3, help="beside Keras; 0 for none")
    parser.add_argument("--epochs", type=int, default=None, help="in one timing")
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args(arguments)
    rows, said = [], []
    for name in options.only:
        more, sentences = lines(SHAPES[name], options)
        rows += more
        said += sentences
    header = ["shape", "peer", "profond", "peer", "ratio (range)"]
    write_section(
        "Tables: a training step",
        "\n\n".join([_BODY, table(header, rows), "\n".join(said)]),
        keep=not options.print_only,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
