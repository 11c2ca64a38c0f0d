"""`predict` of one row of a table, preprocessing included, beside scikit-learn on the same row."""

import statistics
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._report import each_call, in_pairs, table, write_section

_CALLS = 200
_KINDS: dict[str, dict[str, Any]] = {
    "the defaults": {},
    "plain, 128-128": {"numbers": "plain", "hidden": (128, 128), "activation": "relu"},
    "periodic, 128-128-128 silu": {
        "numbers": "periodic", "number_units": 4, "hidden": (128, 128, 128), "activation": "silu"
    },
}  # fmt: skip


def main() -> None:
    """Measure and write the section."""
    from profond.estimators import TabularRegressor

    rows = []
    for columns in (8, 14):
        generator = np.random.default_rng(0)
        x = generator.normal(size=(1000, columns))
        y = x[:, 0] - x[:, 1] + 0.1 * generator.normal(size=1000)
        row = x[7:8]
        mapping = {f"x{i}": float(value) for i, value in enumerate(row[0])}
        frame = pd.DataFrame([mapping])
        peers = _peers(x, y)
        for kind, settings in _KINDS.items():
            ours = TabularRegressor(epochs=2, seeds=5, random_state=0, **settings).fit(x, y)
            model = ours.model_
            calls = {
                "mapping": lambda m=model, r=mapping: m.predict(r),
                "data frame": lambda m=model, f=frame: m.predict(f),
                "array (estimator)": lambda e=ours, a=row: e.predict(a),
            }
            for given, call in calls.items():
                for peer, predict in peers.items():
                    pairs = in_pairs(
                        lambda call=call: each_call(call, _CALLS),
                        lambda predict=predict, a=row: each_call(lambda: predict(a), _CALLS),
                        count=5,
                    )
                    rows.append(
                        [
                            f"{columns} columns, {kind}",
                            given,
                            peer,
                            _ms(pairs.ours),
                            _ms(pairs.peer),
                            f"{pairs.ratio:.2f} ({pairs.spread})",
                        ]
                    )
    body = (
        "ms; medians, in turn. Ours are 5 networks with their preprocessing; the peers take the "
        "row as an array of numbers.\n\n"
        + table(["5 networks", "row given as", "peer", "profond", "peer", "ratio (range)"], rows)
    )
    write_section("predict one row of a table", body)


def _peers(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = MLPRegressor(hidden_layer_sizes=(128, 128), max_iter=50, random_state=0)
    return {
        "HistGradientBoosting": HistGradientBoostingRegressor(random_state=0).fit(x, y).predict,
        "StandardScaler + MLP, 1 network": make_pipeline(StandardScaler(), network)
        .fit(x, y)
        .predict,
    }


def _ms(values: list[float]) -> str:
    return f"{statistics.median(values) * 1e3:.3f}"


if __name__ == "__main__":
    main()
