"""32 seeds of the notes' Iris network trained together, beside training them one by one."""

import os
import statistics
from collections.abc import Callable

import numpy as np
import torch

from benchmarks import hand_written
from benchmarks._peers import peer_seconds
from benchmarks._report import in_pairs, seconds, table, write_section
from benchmarks.iris_mlp import EPOCHS, STEPS, iris

SEEDS = 32


def build(seed: int):
    """The notes' network, from the weights of a seed."""
    from profond.layers import Dense, Input
    from profond.models import Sequential
    from profond.utils import set_random_seed

    set_random_seed(seed)
    model = Sequential(
        [Input((4,)), *(Dense(256, activation="relu") for _ in range(3)), Dense(3, "softmax")]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def together() -> float:
    """Seconds per network and step of all seeds together, after one epoch that is not counted."""
    from profond.trials import fit_together

    x, y = iris()
    models = [build(seed) for seed in range(SEEDS)]
    options = {"batch_size": 30, "seeds": range(SEEDS)}
    fit_together(models, x, y, epochs=1, **options)
    took = seconds(lambda: fit_together(models, x, y, epochs=EPOCHS, **options))
    return took / SEEDS / STEPS


def fit_alone() -> float:
    """Seconds per step of `fit`, one network with one thread."""
    x, y = iris()
    model = build(0)
    model.fit(x, y, epochs=1, batch_size=30, verbose=0)
    return one_thread(lambda: model.fit(x, y, epochs=EPOCHS, batch_size=30, verbose=0))


def one_thread(run: Callable[[], object]) -> float:
    """Seconds per step with one thread, which is quickest for networks of this size."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return seconds(run) / STEPS
    finally:
        torch.set_num_threads(threads)


def by_hand(seed: int = 0, flush: bool = True) -> float:
    """Seconds per step of the best hand-written loop, one network with one thread."""
    torch.manual_seed(seed)
    x, y = (torch.from_numpy(part) for part in iris())
    torch.set_flush_denormal(flush)
    try:
        net = hand_written.mlp([4, 256, 256, 256, 3])
        hand_written.fit_classifier(net, x, y, epochs=1, batch_size=30)
        return one_thread(
            lambda: hand_written.fit_classifier(net, x, y, epochs=EPOCHS, batch_size=30)
        )
    finally:
        torch.set_flush_denormal(False)


def in_processes() -> float:
    """Seconds per network and step of the hand-written loop in as many processes as cores."""
    import joblib

    cores = os.cpu_count() or 1
    with joblib.parallel_config("loky", n_jobs=cores, inner_max_num_threads=1):
        work = joblib.Parallel()
        work(joblib.delayed(by_hand)(seed) for seed in range(cores))  # the processes have begun
        took = seconds(lambda: work(joblib.delayed(by_hand)(seed) for seed in range(4 * cores)))
    return took / (4 * cores) / STEPS


def agreement() -> float:
    """The greatest relative difference of the losses after one epoch, together and alone."""
    from profond.trials import fit_together
    from profond.utils import set_random_seed

    x, y = iris()
    models, twins = ([build(seed) for seed in range(SEEDS)] for _ in range(2))
    found = fit_together(models, x, y, seeds=range(SEEDS), batch_size=30)
    alone = []
    for seed, twin in enumerate(twins):
        set_random_seed(seed)
        alone.append(twin.fit(x, y, batch_size=30, verbose=0).history["loss"][0])
    ours = np.array([history.history["loss"][0] for history in found])
    return float(np.max(np.abs(ours / np.array(alone) - 1)))


def main() -> None:
    """Measure and write the section."""
    rows = []
    for name, peer, count in (
        ("best hand-written loop, denormals flushed", by_hand, 7),
        ("best hand-written loop", lambda: by_hand(flush=False), 5),
        ("the first, in as many processes as cores", in_processes, 5),
        ("`fit`", fit_alone, 5),
    ):
        pairs = in_pairs(together, peer, count)
        inverse = [b / a for a, b in zip(pairs.ours, pairs.peer, strict=True)]
        rows.append(
            [
                name,
                f"{statistics.median(pairs.ours) * 1e3:.3f}",
                f"{statistics.median(pairs.peer) * 1e3:.3f}",
                f"{1 / pairs.ratio:.2f} ({min(inverse):.2f} to {max(inverse):.2f})",
            ]
        )
    mine, theirs = [], []
    for _ in range(2):
        mine.append(together())
        found = peer_seconds("iris_mlp", "keras-tensorflow")
        if found is not None:
            theirs.append(found / STEPS)
    if theirs:
        ratio = statistics.median(b / a for a, b in zip(mine, theirs, strict=True))
        ours, peer = statistics.median(mine) * 1e3, statistics.median(theirs) * 1e3
        rows.append(["keras-tensorflow", f"{ours:.3f}", f"{peer:.3f}", f"{ratio:.1f}"])
    else:
        rows.append(["keras-tensorflow", "", "not installed", ""])
    write_section(
        "Iris network: 32 seeds together",
        "ms per network and training step of 32 seeds by `trials.fit_together`, Adam, loss and "
        "accuracy measured, beside training them one by one; medians, in turn. Above 1 we are "
        "faster. One thread for a peer's network, the quickest at this size, but for Keras.\n\n"
        + table(["peer", "profond", "peer", "times as fast (range)"], rows)
        + f"\n\nLosses after one epoch, together and alone, differ by at most {agreement():.0e} of "
        "their value.",
    )


if __name__ == "__main__":
    main()
