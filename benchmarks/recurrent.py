"""A training step of recurrent networks beside torch's own layers in a hand-written loop.

`python -m benchmarks.recurrent --help` has the options.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from benchmarks._report import in_pairs, table, write_section

BATCH, TIME, FEATURES, UNITS, STEPS = 64, 100, 16, 128, 10
_TORCH = {"SimpleRNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


class Network(nn.Module):
    """Torch's recurrent layer, and a dense layer on its last output."""

    def __init__(self, kind: str, layers: int, both: bool) -> None:
        super().__init__()
        self.recurrent = _TORCH[kind](FEATURES, UNITS, layers, batch_first=True, bidirectional=both)
        self.dense = nn.Linear(UNITS * (1 + both), 10)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """Scores of the classes, at the end of each sequence in both directions."""
        if lengths is None:
            outputs, _ = self.recurrent(x)
            last = outputs[:, -1]
            if self.recurrent.bidirectional:
                last = torch.cat([outputs[:, -1, :UNITS], outputs[:, 0, UNITS:]], -1)
            return self.dense(last)
        packed = nn.utils.rnn.pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        _, states = self.recurrent(packed)
        state = states[0] if isinstance(states, tuple) else states
        return self.dense(state[-1])


def ours(kind: str, layers: int, both: bool, masked: bool, **options: Any) -> Any:
    """The same network of our layers, compiled."""
    from profond import layers as L  # noqa: N812 - as in Keras's own examples
    from profond.losses import SparseCategoricalCrossentropy
    from profond.models import Sequential

    stack: list[Any] = [L.Input((TIME, FEATURES))]
    if masked:
        stack.append(L.Masking())
    for place in range(layers):
        layer = getattr(L, kind)(UNITS, return_sequences=place < layers - 1, **options)
        stack.append(L.Bidirectional(layer) if both else layer)
    model = Sequential([*stack, L.Dense(10)])
    model.compile("adam", SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


def loop(net: nn.Module, x: Tensor, y: Tensor, lengths: Tensor | None) -> None:
    """Adam on the cross-entropy of labels, loss and accuracy read once."""
    torch.set_flush_denormal(True)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-7, fused=True)
    total, right = torch.zeros(()), torch.zeros(())
    for rows in torch.randperm(len(x)).split(BATCH):
        targets = y[rows]
        sums = net(x[rows], None if lengths is None else lengths[rows])
        loss = F.cross_entropy(sums, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            total += loss.detach() * len(rows)
            right += (sums.argmax(1) == targets).sum()
    (total.item(), right.item())
    torch.set_flush_denormal(False)


def timed(run: Callable[[], object], clock: Callable[[], float]) -> float:
    """Seconds per step."""
    begin = clock()
    run()
    return (clock() - begin) / STEPS


CASES: list[tuple[str, str, int, bool, bool, dict[str, Any]]] = [
    ("SimpleRNN", "SimpleRNN", 1, False, False, {}),
    ("LSTM", "LSTM", 1, False, False, {}),
    ("GRU", "GRU", 1, False, False, {}),
    ("GRU of the notes, beside torch's GRU", "GRU", 1, False, False, {"reset_after": False}),
    ("LSTM, both directions", "LSTM", 1, True, False, {}),
    ("GRU, both directions", "GRU", 1, True, False, {}),
    ("LSTM, two layers", "LSTM", 2, False, False, {}),
    ("LSTM, unequal lengths, beside packed", "LSTM", 1, False, True, {}),
    ("GRU, unequal lengths, beside packed", "GRU", 1, False, True, {}),
]


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recurrent", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args(arguments)
    draw = np.random.default_rng(0)
    x = draw.normal(size=(STEPS * BATCH, TIME, FEATURES)).astype("float32")
    y = draw.integers(0, 10, len(x))
    lengths = draw.integers(TIME // 4, TIME + 1, len(x))
    shorter = np.where(np.arange(TIME)[None, :, None] < lengths[:, None, None], x, 0)
    rows = []
    before = torch.get_num_threads()
    for threads in options.threads:
        torch.set_num_threads(threads)
        clock = time.process_time if threads == 1 else time.perf_counter
        for name, kind, layers, both, masked, more in CASES:
            data = shorter if masked else x
            model, net = ours(kind, layers, both, masked, **more), Network(kind, layers, both)
            tensors = torch.from_numpy(data), torch.from_numpy(y)
            ends = torch.from_numpy(lengths) if masked else None
            fit = partial(model.fit, data, y, batch_size=BATCH, verbose=0)
            by_hand = partial(loop, net, *tensors, ends)
            pairs = in_pairs(
                partial(timed, fit, clock), partial(timed, by_hand, clock), options.pairs
            )
            took = [f"{1e3 * statistics.median(one):.1f}" for one in (pairs.ours, pairs.peer)]
            rows.append([name, str(threads), *took, f"{pairs.ratio:.2f} ({pairs.spread})"])
    torch.set_num_threads(before)
    body = (
        f"A step of {UNITS} units on {BATCH} sequences of {TIME} steps with {FEATURES} features, "
        "Adam; of unequal lengths, a quarter of the steps at least. The hand-written loop has "
        "torch's layers, the fused optimizer, and reads loss and accuracy once per epoch. "
        "Seconds of the processor for one thread, of the clock for two.\n\n"
    )
    header = ["layer", "threads", "ours, ms", "torch, ms", "ratio"]
    write_section(
        "Recurrent networks: a training step", body + table(header, rows),
        keep=not options.print_only,
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
