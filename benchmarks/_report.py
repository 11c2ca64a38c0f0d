"""Timings that can be trusted, and where they are written."""

import os
import platform
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"


@dataclass
class Pairs:
    """Two things timed in turn, A B A B ..., so that the machine's drift cancels out.

    Attributes:
        ours: Seconds of each of our runs.
        peer: Seconds of each of the peer's, in pairs with ours.
    """

    ours: list[float]
    peer: list[float]

    @property
    def ratio(self) -> float:
        """The median of the ratios ours / peer, pair by pair."""
        return statistics.median(a / b for a, b in zip(self.ours, self.peer, strict=True))

    @property
    def spread(self) -> str:
        """The smallest and largest ratio."""
        ratios = [a / b for a, b in zip(self.ours, self.peer, strict=True)]
        return f"{min(ratios):.2f} to {max(ratios):.2f}"


def seconds(run: Callable[[], object]) -> float:
    """How long `run` takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def in_pairs(ours: Callable[[], float], peer: Callable[[], float], count: int = 10) -> Pairs:
    """`count` pairs of timings, each function timing itself, after one pair that is not kept."""
    ours()
    peer()
    pairs = Pairs([], [])
    for _ in range(count):
        pairs.ours.append(ours())
        pairs.peer.append(peer())
    return pairs


def each_call(function: Callable[[], object], calls: int) -> float:
    """Seconds of one call, the mean over `calls` in a row."""
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def machine() -> str:
    """The processor, the number of cores and the versions that a timing depends on."""
    import torch

    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text())
        model = found.group(1) if found else model
    return (
        f"{model}, {os.cpu_count()} cores, torch {torch.__version__} with "
        f"{torch.get_num_threads()} thread(s), Python {platform.python_version()}, "
        f"{platform.system()}, load {os.getloadavg()[0]:.1f} at the start"
    )


def write_section(title: str, body: str, *, keep: bool = True) -> None:
    """Print a section, and put it in the place of the one of this title in RESULTS.md.

    Args:
        title: Its title.
        body: What it says.
        keep: Whether it goes into the file.
    """
    text = f"## {title}\n\n{time.strftime('%Y-%m-%d')}. {machine()}.\n\n{body.strip()}\n"
    print(text)
    if not keep:
        return
    old = RESULTS.read_text() if RESULTS.exists() else "# Results\n\nWritten by `make bench`.\n"
    sections = re.split(r"(?m)^(?=## )", old)
    kept = [section.strip() for section in sections if not section.startswith(f"## {title}\n")]
    RESULTS.write_text("\n\n".join([*kept, text.strip()]) + "\n")


def table(header: list[str], rows: list[list[str]]) -> str:
    """A markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
