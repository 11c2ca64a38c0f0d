"""`fit` on the notes' Iris network, 4-256-256-256-3 in batches of 30, beside its peers."""

import statistics

import numpy as np
import torch

from benchmarks import hand_written
from benchmarks._peers import peer_seconds
from benchmarks._report import in_pairs, seconds, table, write_section

EPOCHS = 100
STEPS = 5 * EPOCHS
PEERS = ("keras-tensorflow", "keras-jax", "keras-torch", "lightning", "skorch", "scikit-learn")


def iris() -> tuple[np.ndarray, np.ndarray]:
    """The standardised measures (150, 4) and the one-hot species (150, 3)."""
    from profond.datasets import iris as bundled

    frame = bundled.load_frame()
    x = frame[[c for c in frame.columns if "(cm)" in c]].to_numpy(dtype="float32")
    classes = np.unique(frame.iloc[:, -1].to_numpy(), return_inverse=True)[1]
    x = (x - x.mean(0)) / x.std(0)
    return x, np.eye(3, dtype="float32")[classes]


def ours() -> float:
    """Seconds of `fit`, after one epoch that is not counted."""
    from profond.layers import Dense, Input
    from profond.models import Sequential

    x, y = iris()
    model = Sequential(
        [Input((4,)), *(Dense(256, activation="relu") for _ in range(3)), Dense(3, "softmax")]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(x, y, epochs=1, batch_size=30, verbose=0)
    return seconds(lambda: model.fit(x, y, epochs=EPOCHS, batch_size=30, verbose=0))


def by_hand(loop=hand_written.fit_classifier, flush: bool = False) -> float:
    """Seconds of a hand-written loop, after one epoch that is not counted."""
    x, y = (torch.from_numpy(part) for part in iris())
    torch.set_flush_denormal(flush)
    try:
        net = hand_written.mlp([4, 256, 256, 256, 3])
        loop(net, x, y, epochs=1, batch_size=30)
        return seconds(lambda: loop(net, x, y, epochs=EPOCHS, batch_size=30))
    finally:
        torch.set_flush_denormal(False)


def main() -> None:
    """Measure and write the section."""
    rows = []
    for name, peer in (
        ("best hand-written loop, denormals flushed", lambda: by_hand(flush=True)),
        ("best hand-written loop", by_hand),
        ("DataLoader loop", lambda: by_hand(hand_written.fit_with_data_loader)),
    ):
        pairs = in_pairs(ours, peer)
        rows.append(
            [
                name,
                f"{statistics.median(pairs.ours) / STEPS * 1e3:.3f}",
                f"{statistics.median(pairs.peer) / STEPS * 1e3:.3f}",
                f"{pairs.ratio:.2f} ({pairs.spread})",
            ]
        )
    for name in PEERS:
        mine, theirs = [], []
        for _ in range(2):
            mine.append(ours())
            found = peer_seconds("iris_mlp", name)
            if found is None:
                break
            theirs.append(found)
        if theirs:
            ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
            rows.append(
                [
                    name,
                    f"{statistics.median(mine) / STEPS * 1e3:.3f}",
                    f"{statistics.median(theirs) / STEPS * 1e3:.3f}",
                    f"{ratio:.3f}",
                ]
            )
        else:
            rows.append([name, "", "not installed", ""])
    body = (
        "ms per training step, Adam, loss and accuracy measured; medians, ours and the peer's in "
        "turn. Below 1 we are faster.\n\n"
        + table(["peer", "profond", "peer", "ratio (range)"], rows)
    )
    write_section("Iris network: fit", body)


if __name__ == "__main__":
    main()
