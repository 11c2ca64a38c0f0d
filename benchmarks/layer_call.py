"""One call of a layer beside torch's own, on a batch of 8 rows of 16 numbers."""

import statistics

import torch

from benchmarks._report import each_call, in_pairs, table, write_section


def main() -> None:
    """Measure and write the section."""
    from profond import layers

    x = torch.randn(8, 16)
    rows = []
    for name, ours, peer in (
        ("Dense(32) / nn.Linear", layers.Dense(32), torch.nn.Linear(16, 32)),
        (
            "Dense(32, relu) / Linear, ReLU",
            layers.Dense(32, activation="relu"),
            torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.ReLU()),
        ),
        ("LayerNormalization", layers.LayerNormalization(), torch.nn.LayerNorm(16)),
        ("Dropout, not training", layers.Dropout(0.5), torch.nn.Dropout(0.5).eval()),
    ):
        ours(x)
        pairs = in_pairs(
            lambda ours=ours: each_call(lambda: ours(x), 5000),
            lambda peer=peer: each_call(lambda: peer(x), 5000),
        )
        rows.append(
            [
                name,
                f"{statistics.median(pairs.ours) * 1e6:.1f}",
                f"{statistics.median(pairs.peer) * 1e6:.1f}",
                f"{pairs.ratio:.2f} ({pairs.spread})",
            ]
        )
    body = "Microseconds; medians, in turn.\n\n" + table(
        ["layer", "profond", "torch.nn", "ratio (range)"], rows
    )
    write_section("One layer's call", body)


if __name__ == "__main__":
    main()
