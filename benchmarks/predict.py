"""`predict` of one row and of 100000 rows."""

import statistics

import numpy as np
import torch

from benchmarks import hand_written
from benchmarks._peers import peer_seconds
from benchmarks._report import each_call, in_pairs, seconds, table, write_section


def main() -> None:
    """Measure and write the section."""
    from profond.layers import Dense, Input
    from profond.models import Sequential

    small = Sequential([Input((10,)), Dense(20, "relu"), Dense(3, "softmax")])
    row = np.random.default_rng(0).normal(size=(1, 10)).astype("float32")
    net = hand_written.mlp([10, 20, 3]).eval()

    def plain_row() -> torch.Tensor:
        with torch.inference_mode():
            return net(torch.from_numpy(row)).softmax(-1)

    one = in_pairs(
        lambda: each_call(lambda: small.predict(row, verbose=0), 2000),
        lambda: each_call(plain_row, 2000),
    )
    rows = [
        ["1 row", "torch module", _ms(one.ours), _ms(one.peer), f"{one.ratio:.2f} ({one.spread})"]
    ]
    for name in ("keras-tensorflow", "keras-jax", "keras-torch"):
        theirs = peer_seconds("predict", name)
        if theirs is not None:
            ratio = statistics.median(one.ours) / theirs
            rows.append(["1 row", name, _ms(one.ours), _ms([theirs]), f"{ratio:.4f}"])

    model = Sequential([Input((4,)), *(Dense(256, "relu") for _ in range(3)), Dense(3)])
    x = np.random.default_rng(0).normal(size=(100_000, 4)).astype("float32")
    wide = hand_written.mlp([4, 256, 256, 256, 3])
    for chunk in (256, 1024, 4096):
        many = in_pairs(
            lambda: seconds(lambda: model.predict(x, verbose=0)),
            lambda chunk=chunk: seconds(
                lambda: hand_written.predict_in_chunks(wide, torch.from_numpy(x), chunk).numpy()
            ),
        )
        rows.append(
            [
                "100000 rows",
                f"torch loop, chunks of {chunk}",
                _ms(many.ours),
                _ms(many.peer),
                f"{many.ratio:.2f} ({many.spread})",
            ]
        )
    body = "ms; medians, in turn.\n\n" + table(
        ["work", "peer", "profond", "peer", "ratio (range)"], rows
    )
    write_section("predict", body)


def _ms(values: list[float]) -> str:
    return f"{statistics.median(values) * 1e3:.3f}"


if __name__ == "__main__":
    main()
