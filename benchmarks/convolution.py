"""One training step of three convolutional networks beside the best hand-written loop and Keras.

`python -m benchmarks.convolution --help` has the options.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import torch

from benchmarks import hand_written_convolution as by_hand
from benchmarks._convolution_models import WORKLOADS, compiled, data
from benchmarks._peers import peer_answer
from benchmarks._report import in_pairs, seconds, table, write_section

KERAS = ("keras-jax", "keras-tensorflow", "keras-torch")
_ALLOWED = 1.05


class Contest:
    """Ours and the hand-written loop on one workload, from the same weights.

    Args:
        name: Which of `WORKLOADS`.
        threads: Threads of torch, for both.
        half: Whether both compute in bfloat16.
    """

    def __init__(self, name: str, threads: int, half: bool = False) -> None:
        from profond import layers, models

        self.name, self.work, self.threads, self.half = name, WORKLOADS[name], threads, half
        self.x, self.y = data(self.work)
        self.model = compiled(name, layers, models, **_precision(half))
        self.net = by_hand.NETWORKS[name]()
        by_hand.take(self.net, self.model.get_weights())

    def ours(self) -> float:
        """Seconds per step of `fit`."""
        return self._timed(self._fit)

    def loop(self) -> float:
        """Seconds per step of the hand-written loop, denormals flushed."""
        return self._timed(self._loop)

    def agreement(self) -> float:
        """The relative difference of the mean losses of the first four steps.

        Both draw the order of the rows from torch's generator alike. (Later, differences in the
        last bit have grown: by 1 % after a hundred steps of LeNet.)
        """
        whole = self.x, self.y
        self.x, self.y = (part[: 4 * self.work.batch] for part in whole)
        with self._threads():
            torch.manual_seed(1)
            ours = self._fit(1)
            torch.manual_seed(1)
            theirs = self._loop(1)
        self.x, self.y = whole
        return abs(ours / theirs - 1)

    def both(self) -> tuple[float, float]:
        """Seconds per step of `fit`: by the clock, and of processors."""
        before = time.process_time()
        with self._threads():
            took = seconds(lambda: self._fit(self.work.epochs))
        return took / self._steps, (time.process_time() - before) / self._steps

    @property
    def _steps(self) -> int:
        return self.work.steps * self.work.epochs

    def _timed(self, run: Callable[[int], object]) -> float:
        """Seconds per step; of the processor for one thread, which others do not lengthen."""
        clock = time.process_time if self.threads == 1 else time.perf_counter
        with self._threads():
            before = clock()
            run(self.work.epochs)
            return (clock() - before) / self._steps

    def _fit(self, epochs: int) -> float:
        history = self.model.fit(
            self.x, self.y, epochs=epochs, batch_size=self.work.batch, verbose=0
        )
        return history.history["loss"][0]

    def _loop(self, epochs: int) -> float:
        torch.set_flush_denormal(True)
        try:
            x, y = torch.from_numpy(self.x), torch.from_numpy(self.y)
            batch = self.work.batch
            return by_hand.fit(self.net, x, y, epochs=epochs, batch_size=batch, half=self.half)[0]
        finally:
            torch.set_flush_denormal(False)

    def _threads(self) -> ExitStack:
        stack = ExitStack()
        stack.callback(torch.set_num_threads, torch.get_num_threads())
        torch.set_num_threads(self.threads)
        return stack


def _precision(half: bool) -> dict[str, Any]:
    return {"precision": "bfloat16"} if half else {}


def beside_loop(name: str, options: argparse.Namespace) -> tuple[list[list[str]], list[str]]:
    """Rows of the table, and sentences, of ours and the loop at each number of threads."""
    rows, said = [], []
    for half in (False, True) if options.half else (False,):
        for threads in options.threads:
            contest = Contest(name, threads, half)
            differ = contest.agreement()
            if not differ < (1e-2 if half else 1e-3):
                raise RuntimeError(
                    f"{name}: the hand-written loop must train the same network; its loss after "
                    f"four steps differs by {differ:.1e} of its value."
                )
            pairs = in_pairs(contest.ours, contest.loop, options.pairs)
            work, kind = contest.work, "bfloat16" if half else "float32"
            rows.append(
                [
                    work.name,
                    kind,
                    str(threads),
                    "best hand-written loop",
                    _ms(pairs.ours),
                    _ms(pairs.peer),
                    f"{pairs.ratio:.2f} ({pairs.spread})",
                ]
            )
            met = "met" if pairs.ratio <= _ALLOWED else "missed"
            said.append(
                f"- {work.name}, {kind}, {threads} thread(s), at most {_ALLOWED} x the loop: "
                f"{met}, {pairs.ratio:.2f} x. Their losses differ by {differ:.0e} of their value "
                "after four steps."
            )
    return rows, said


def beside_keras(name: str, options: argparse.Namespace) -> tuple[list[list[str]], list[str]]:
    """The same beside Keras: the clock's time with all threads, and the processors' time.

    The second is that of one thread for us, and of all of Keras's.
    """
    rows: list[list[str]] = []
    clock, work = {}, {}
    name_of = WORKLOADS[name].name
    for peer in options.keras if options.keras_pairs else ():
        pairs: list[tuple[float, float, dict[str, Any]]] = []
        for _ in range(options.keras_pairs):
            found = peer_answer("convolution", peer, name)
            if found is None:
                break
            mine = [Contest(name, threads) for threads in (torch.get_num_threads(), 1)]
            for contest in mine:
                contest.ours()  # not counted
            pairs.append((mine[0].both()[0], mine[1].both()[1], found))
        if len(pairs) < options.keras_pairs:
            rows.append([name_of, "float32", "all", peer, "", "not installed", ""])
            continue
        for kept, place, key in ((clock, 0, "seconds"), (work, 1, "processor")):
            each = [one[place] / one[2][key] for one in pairs]
            kept[peer] = statistics.median(each)
            ours, theirs = [one[place] for one in pairs], [one[2][key] for one in pairs]
            shown = f"{kept[peer]:.2f} ({min(each):.2f} to {max(each):.2f})"
            kind = "all" if place == 0 else "1 beside all, processors"
            rows.append([name_of, "float32", kind, peer, _ms(ours), _ms(theirs), shown])
    said = []
    for kept, what in ((clock, "by the clock"), (work, "in processors' time")):
        if kept:
            best = max(kept, key=kept.__getitem__)
            said.append(
                f"- {name_of}: {what}, {1 / kept[best]:.2f} times as fast as Keras on its fastest "
                f"backend ({best})."
            )
    return rows, said


def _ms(values: list[float]) -> str:
    return f"{statistics.median(values) * 1e3:.2f}"


_BODY = (
    "ms per training step, Adam, loss and accuracy measured, on random data; medians, ours by "
    "`fit` and the peer's in turn. Below 1 we are faster. The loop computes the same from the same "
    "weights, channels last, with denormals flushed; its bfloat16 is torch's autocast. One thread: "
    "time of the processor, which other work on the machine does not lengthen; otherwise the "
    "clock's, which it does. Beside Keras: all threads of both by the clock, and the time of all "
    "processors for Keras beside that of one for us.\n\n"
    "LeNet-5 of the notes, 32x32x1, batches of 32. Conv1D FCN: 128, 256, 128 filters of 8, 5, 3 "
    "with batch normalization, length 128, batches of 16. ResNet-20: 32x32x3, batches of 32."
)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.convolution", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=list(WORKLOADS), default=list(WORKLOADS))
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2], help="for ours and loop")
    parser.add_argument("--pairs", type=int, default=10, help="timings beside the loop")
    parser.add_argument("--keras-pairs", type=int, default=3, help="beside Keras; 0 for none")
    parser.add_argument("--keras", nargs="*", choices=KERAS, default=KERAS, help="backends")
    parser.add_argument("--no-half", dest="half", action="store_false", help="leave bfloat16 out")
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args(arguments)
    rows, said = [], []
    for name in options.only:
        for measured in (beside_loop, beside_keras):
            more, sentences = measured(name, options)
            for row in more:
                print(*row, sep=" | ", file=sys.stderr)
            rows += more
            said += sentences
    policy = os.environ.get("OMP_WAIT_POLICY")
    if policy:
        said.append(f"- Measured with OMP_WAIT_POLICY={policy}: for all, threads wait that way.")
    header = ["network", "precision", "threads", "peer", "profond", "peer", "ratio (range)"]
    write_section(
        "Convolutional networks: a training step",
        "\n\n".join([_BODY, table(header, rows), "\n".join(said)]),
        keep=not options.print_only,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
