"""What a network for tables is made of and how it is trained, as plain values for the peers."""

from typing import Any

import numpy as np


def recipe_of(trainer: Any, rows: int, seed: int) -> dict[str, Any]:
    """The recipe of the network that a trainer of the estimators builds.

    It is read off the network itself, so that a change of the defaults reaches the peers.

    Args:
        trainer: A `Trainer` of `profond.estimators._members`.
        rows: Rows that a network learns from.
        seed: Where the peers start.

    Raises:
        ValueError: If the network is one that the peers have not been taught.
    """
    from profond.layers import (
        Dense,
        Dropout,
        PeriodicEmbedding,
        PiecewiseLinearEmbedding,
        TableEmbedding,
    )

    network, training = trainer.build(rows), trainer.settings.training
    table, *others = network.layers
    dense = [layer for layer in others if isinstance(layer, Dense)]
    drops = {layer.rate for layer in others if isinstance(layer, Dropout)}
    embedding = getattr(table, "embedding", None)
    waves, bins = embedding if isinstance(embedding, list) and len(embedding) == 2 else (None, None)
    activations = {layer.get_config()["activation"] for layer in dense[:-1]}
    known = (
        isinstance(table, TableEmbedding)
        and isinstance(waves, PeriodicEmbedding)
        and isinstance(bins, PiecewiseLinearEmbedding)
        and bins.get_config()["activation"] == "relu"
        and waves.lite and waves.densenet and not waves.use_phase
        and waves.get_config()["activation"] == "relu"
        and len(drops) == 1
        and len(others) == 2 * len(dense) - 1
        and activations == {"silu"}
        and training.schedule == "plateau"
    )  # fmt: skip
    if not known:
        raise ValueError(
            "the peers' networks must be those of the defaults; the defaults have become others: "
            "teach `hand_written_table.py` and `_tables_peer.py` these: "
            f"{[type(layer).__name__ for layer in network.layers]}, {sorted(activations)}, "
            f"schedule {training.schedule!r}."
        )
    optimizer = network.optimizer.get_config()
    (plateau,) = trainer.callbacks()
    return {
        "width": trainer.part.layout.width,
        "numbers": table.numbers,
        "codes": list(table.codes),
        "code_units": table.code_units,
        "units": waves.units,
        "frequencies": waves.frequencies,
        "frequency_scale": waves.frequency_scale,
        "bin_units": bins.units,
        "bin_edges": bins.boundaries.numpy().tolist(),
        "hidden": [layer.units for layer in dense[:-1]],
        "dropout": drops.pop(),
        "outputs": dense[-1].units,
        "output_activation": dense[-1].get_config()["activation"],
        "output_bias": np.asarray(dense[-1].bias.detach()).tolist(),
        "loss": network.loss,
        "optimizer": {
            name: float(optimizer[name])
            for name in ("learning_rate", "beta_1", "beta_2", "epsilon", "weight_decay")
        },
        "plateau": {
            "factor": plateau.factor,
            "patience": plateau.patience,
            "drops": plateau.drops,
        },
        "batch_size": training.batch_rows(rows),
        "epochs": training.epochs,
        "seed": seed,
    }


def threads_of(recipe: dict[str, Any]) -> int:
    """How many threads the estimators train such a network with."""
    import torch

    from profond.estimators._table_network import threads_for

    worth = threads_for(recipe["batch_size"], (recipe["width"], *recipe["hidden"]))
    return min(torch.get_num_threads(), worth)
