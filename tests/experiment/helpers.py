"""A small table and short runs on it, for the tests of this folder."""

import warnings

import numpy as np
import pandas as pd

from profond.experiment import Progress, TableResult, train_table

SMALL = {
    "seeds": 2,
    "epochs": 15,
    "batch_size": 32,
    "hidden": (16,),
    "learning_rate": 0.01,
    "verbose": False,
}


class Recorder(Progress):
    """Writes down what a run says."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.epochs = 0

    def note(self, text: str) -> None:
        self.notes.append(text)

    def epoch(self, member: int, epoch: int, logs: object) -> None:
        del member, epoch, logs
        self.epochs += 1


def make_table(rows: int = 260, seed: int = 0) -> pd.DataFrame:
    """Numbers with gaps, categories, dates, and targets that follow from them."""
    generator = np.random.default_rng(seed)
    x, z = generator.normal(size=(2, rows))
    town = generator.choice(["Rennes", "Lille", "Nice"], rows)
    bonus = pd.Series(town).map({"Rennes": 1.0, "Lille": -1.0, "Nice": 0.0}).to_numpy()
    signal = 2 * x - z + bonus + 0.3 * generator.normal(size=rows)
    frame = pd.DataFrame(
        {
            "x": np.where(generator.random(rows) < 0.05, np.nan, x),
            "z": z,
            "town": town,
            "day": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(generator.integers(0, 700, rows), "D"),
            "flag": generator.random(rows) < 0.5,
        }
    )
    frame["signal"] = signal
    frame["price"] = np.exp(signal / 4) * 100
    frame["sold"] = np.where(signal > 0, "yes", "no")
    frame["grade"] = np.digitize(signal, [-1.0, 1.0])
    return frame


TARGETS = ["signal", "price", "sold", "grade"]


def run(frame: pd.DataFrame | str, target: str, **options: object) -> TableResult:
    """A short run on one of the targets of `make_table`."""
    others = [
        name for name in TARGETS if name != target and (isinstance(frame, str) or name in frame)
    ]
    settings = {**SMALL, "drop": others, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return train_table(frame, target, **settings)  # type: ignore[arg-type]
