"""Short trainings, and a table of every kind of column."""

import numpy as np
import pandas as pd

from profond.estimators import TabularClassifier, TabularRegressor

SHORT = {
    "seeds": 1, "hidden": (32,), "epochs": 40, "learning_rate": 0.01, "random_state": 0,
}  # fmt: skip


def classifier(**more: object) -> TabularClassifier:
    return TabularClassifier(**{**SHORT, **more})  # type: ignore[arg-type]


def regressor(**more: object) -> TabularRegressor:
    return TabularRegressor(**{**SHORT, **more})  # type: ignore[arg-type]


def table(rows: int = 300, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Numbers with gaps, few and many categories, truth values, dates; and a number to predict."""
    generator = np.random.default_rng(seed)
    x, z = generator.normal(size=(2, rows))
    town = generator.choice(["Rennes", "Lille", "Nice"], rows)
    shop = generator.integers(0, 40, rows)
    days = generator.integers(0, 700, rows)
    frame = pd.DataFrame(
        {
            "x": np.where(generator.random(rows) < 0.05, np.nan, x),
            "z": z,
            "town": town,
            "shop": [f"s{k}" for k in shop],
            "flag": generator.random(rows) < 0.5,
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(days, "D"),
        }
    )
    y = 2 * x - z + (town == "Nice") + 2 * np.sin(shop) + frame["flag"] + days / 350
    return frame, y.to_numpy() + 0.1 * generator.normal(size=rows)
