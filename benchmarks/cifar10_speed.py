"""The training of `benchmarks.cifar10` beside a hand-written loop in torch, and Keras.

All learn by the same recipe, so that they need as many steps to the same accuracy: what differs is
the time of a step, with the shifting and mirroring of images in it. `--help` has the options.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from benchmarks._peers import peer_answer
from benchmarks._report import in_pairs, table, write_section
from benchmarks.cifar10 import BATCH, POLICIES, built

FILTERS = (32, 64, 128, 256)
EPOCHS, IMAGES = 40, 50_000
KERAS = ("keras-jax", "keras-tensorflow", "keras-torch")


class Block(nn.Module):
    """Two convolutions, and what they are added to."""

    def __init__(self, before: int, filters: int, stride: int) -> None:
        super().__init__()
        self.first = _convolved(before, filters, 3, stride)
        self.second = _convolved(filters, filters, 3, 1)
        self.shortcut = _convolved(before, filters, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """The block's output."""
        return F.relu_(self.second(F.relu_(self.first(x))).add_(self.shortcut(x)))


def _convolved(before: int, filters: int, size: int, stride: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(before, filters, size, stride, size // 2, bias=False), nn.BatchNorm2d(filters)
    )


def network() -> nn.Module:
    """The residual network of two blocks in each of four stages."""
    parts: list[nn.Module] = [_convolved(3, FILTERS[0], 3, 1), nn.ReLU(inplace=True)]
    before = FILTERS[0]
    for stage, filters in enumerate(FILTERS):
        parts += [Block(before, filters, 2 if stage else 1), Block(filters, filters, 1)]
        before = filters
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 10))


def changed(x: Tensor) -> Tensor:
    """Each image a part of itself with zeros around, at random, or its mirror, half with a hole."""
    batch, _, height, width = x.shape
    around = F.pad(x, [4, 4, 4, 4])
    top, left = torch.randint(0, 9, (2, batch, 1))
    rows = (top + torch.arange(height))[:, :, None]
    columns = (left + torch.arange(width))[:, None, :]
    columns = torch.where((torch.rand(batch) < 0.5)[:, None, None], columns.flip(2), columns)
    one = torch.arange(batch)[:, None, None]
    cut = around.permute(0, 2, 3, 1)[one, rows, columns].permute(0, 3, 1, 2)
    return cut.masked_fill_(_holes(batch, height, width), 0)


def _holes(batch: int, height: int, width: int) -> Tensor:
    """Where half of the images have a hole of 2 to 33 % of them, (batch, 1, height, width)."""
    area = height * width * torch.empty(batch).uniform_(0.02, 0.33)
    ratio = torch.empty(batch).uniform_(-1.2, 1.2).exp()
    high = (area * ratio).sqrt().clamp(max=height).where(torch.rand(batch) < 0.5, 0)
    wide = (area / ratio).sqrt().clamp(max=width)
    top, left = torch.rand(batch) * (height - high), torch.rand(batch) * (width - wide)
    down, along = torch.arange(height) + 0.5, torch.arange(width) + 0.5
    inside = (down >= top[:, None]) & (down < (top + high)[:, None])
    across = (along >= left[:, None]) & (along < (left + wide)[:, None])
    return (inside[:, :, None] & across[:, None, :]).unsqueeze(1)


class Loop:
    """The hand-written loop, channels last, loss and accuracy read once per epoch."""

    def __init__(self, x: np.ndarray, y: np.ndarray, half: bool) -> None:
        self.x, self.y, self.half = torch.from_numpy(x), torch.from_numpy(y), half
        self.net = network().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        pixels = x.reshape(-1, 3).astype(np.float32)
        self.mean, self.deviation = (
            torch.from_numpy(one).view(1, 3, 1, 1) for one in (pixels.mean(0), pixels.std(0))
        )
        decay = {"momentum": 0.9, "nesterov": True, "weight_decay": 5e-4, "fused": True}
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01, **decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, 0.2, total_steps=100_000
        )

    def epoch(self) -> float:
        """Seconds per step of a pass over the images."""
        torch.set_flush_denormal(True)
        begin = time.perf_counter()
        total, right = torch.zeros(()), torch.zeros(())
        self.net.train()
        order = torch.randperm(len(self.x)).split(BATCH)
        for rows in order:
            images = self.x[rows].permute(0, 3, 1, 2).float()
            images, targets = changed((images - self.mean) / self.deviation), self.y[rows]
            with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
                sums = self.net(images)
            loss = F.cross_entropy(sums.float(), targets, label_smoothing=0.1)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            with torch.no_grad():
                total += loss.detach() * len(rows)
                right += (sums.argmax(1) == targets).sum()
        (total.item(), right.item())
        took = (time.perf_counter() - begin) / len(order)
        torch.set_flush_denormal(False)
        return took


def in_keras(peer: str, x: np.ndarray, y: np.ndarray, policy: str) -> dict[str, Any] | None:
    """Keras's seconds per step; None where it is not installed."""
    pixels = x.reshape(-1, 3).astype(np.float64)
    recipe = {
        "batch": BATCH, "filters": FILTERS, "policy": policy,
        "mean": pixels.mean(0).tolist(), "variance": pixels.var(0).tolist(),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "recipe.json").write_text(json.dumps(recipe))
        np.savez(Path(folder) / "data.npz", x=x, y=y)
        return peer_answer("resnet_cifar10", peer, folder)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cifar10_speed", description=__doc__)
    parser.add_argument("--steps", type=int, default=20, help="of a timing")
    parser.add_argument("--pairs", type=int, default=5, help="timings of ours and the loop in turn")
    parser.add_argument("--policies", nargs="*", choices=POLICIES, default=list(POLICIES))
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args(arguments)
    from profond.datasets import cifar10

    (x, y), _ = cifar10.load_data()
    x, y = x[: options.steps * BATCH], y[: options.steps * BATCH].ravel().astype(np.int64)
    one_hot = np.eye(10, dtype="float32")[y]
    steps = EPOCHS * -(-IMAGES // BATCH)
    rows, weights = [], sum(w.numel() for w in network().parameters())
    for policy in options.policies:
        model = built("resnet18", x, EPOCHS, policy)
        loop = Loop(x, y, policy != "float32")

        def ours(model: Any = model) -> float:
            begin = time.perf_counter()
            model.fit(x, one_hot, batch_size=BATCH, verbose=0)
            return (time.perf_counter() - begin) / options.steps

        pairs = in_pairs(ours, loop.epoch, options.pairs)
        own = statistics.median(pairs.ours)
        if weights != sum(w.numel() for w in model.trainable_weights):
            raise RuntimeError("the hand-written network must have as many weights as ours.")
        rows.append(["profond", policy, _ms(own), _minutes(own * steps), ""])
        hand = statistics.median(pairs.peer)
        ratio = f"{1 / pairs.ratio:.2f}"
        rows.append(
            ["hand-written loop in torch", policy, _ms(hand), _minutes(hand * steps), ratio]
        )
        for peer in KERAS:
            answer = in_keras(peer, x, y, policy)
            if answer is None:
                rows.append([peer, policy, "not installed", "", ""])
                continue
            if answer["weights"] != weights:
                raise RuntimeError(f"{peer} must have {weights} weights: {answer['weights']}.")
            took = answer["seconds"]
            rows.append([peer, policy, _ms(took), _minutes(took * steps), f"{took / own:.2f}"])
    header = ["model", "types", "ms per step", f"minutes of {EPOCHS} epochs", "times ours"]
    body = (
        f"The network and the recipe of the section CIFAR-10, {weights:,} weights, batches of "
        f"{BATCH}, images changed in the step, with {torch.get_num_threads()} "
        f"thread(s); the mean of {options.steps} steps, ours and the loop in turn.\n\n"
    )
    write_section(
        "CIFAR-10: a training step", body + table(header, rows), keep=not options.print_only
    )


def _ms(took: float) -> str:
    return f"{1e3 * took:.0f}"


def _minutes(took: float) -> str:
    return f"{took / 60:.0f}"


if __name__ == "__main__":
    main(sys.argv[1:])
