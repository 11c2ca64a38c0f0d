"""The models that are measured on a split of a table: ours, scikit-learn's, the same in others."""

import json
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._peers import PYTHON, peer_answer
from benchmarks._recipe import recipe_of, threads_of

SCIKIT = (
    "gradient boosting, defaults",
    "gradient boosting, strong",
    "scikit-learn's MLP",
)
SAME = ("keras-jax", "skorch")
_SMALL = 500_000  # numbers in a table up to which scikit-learn gets one thread
_STRONG: dict[str, Any] = {"max_iter": 1000, "learning_rate": 0.05, "early_stopping": True}

Record = dict[str, Any]


class Split:
    """One split of an opened table, prepared as the experiment says.

    Args:
        table: The opened table.
        experiment: The experiment, with the seed of the split.
    """

    def __init__(self, table: Any, experiment: Any) -> None:
        from profond.estimators._members import Trainer
        from profond.experiment._prepare import prepare, read_rows, target_name

        target = target_name(table, experiment.data.target)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            self.rows = read_rows(table, experiment.with_settings({"target": target}))
            self.prepared = prepare(self.rows, *self.rows.splits[0])
        self.experiment = self.rows.experiment
        self.trainer = Trainer(self.prepared.part, self.experiment.settings)
        self.task = self.prepared.part.task

    def measures(self, outputs: np.ndarray) -> dict[str, float]:
        """The metrics of numbers (rows,) or probabilities (rows, classes) for the test rows."""
        from profond.experiment._metrics import further_metrics, headline

        truth, metric = self.prepared.test_truth, headline(self.task)
        found = float(metric.of_mean(metric.per_row(outputs, truth).mean()))
        return {metric.name: found, **further_metrics(self.task, outputs, truth)}

    def ours(self) -> Record:
        """Our networks, one for each seed, alone and together."""
        from profond._progress import Progress
        from profond.estimators._fitted import fitted_model

        members, took = [], []
        start = time.perf_counter()
        for member in self.trainer.train(self.experiment.seeds.all, Progress()):
            took.append(time.perf_counter() - start)
            members.append(member)
            start = time.perf_counter()
        model = fitted_model(self.trainer, self.prepared.preprocessor, members)
        outputs = [model.outputs(self.prepared.test_inputs, i) for i in range(len(members))]
        epochs = [len(member.history["loss"]) for member in members]
        return {
            "scores": [self.measures(one) for one in outputs],
            "together": self.measures(np.mean(outputs, axis=0)),
            "seconds": took,
            "epochs": epochs,
            "epoch_seconds": sum(took) / sum(epochs),
        }

    def scikit(self, name: str, seeds: list[int]) -> Record:
        """A model of scikit-learn, once for each seed."""
        from sklearn.exceptions import ConvergenceWarning
        from threadpoolctl import threadpool_limits

        frame = self.rows.inputs
        if name.startswith("gradient"):  # which takes texts where they are said to be categories
            texts = frame.columns[[not _is_number(frame[c]) for c in frame.columns]]
            frame = frame.astype(dict.fromkeys(texts, "category"))
        train, test = (frame.iloc[part] for part in (self.prepared.train, self.prepared.test))
        threads = 1 if train.size < _SMALL else None
        scores, took = [], []
        for seed in seeds:
            model = self._scikit_model(name, seed)
            with warnings.catch_warnings(), threadpool_limits(threads):
                warnings.simplefilter("ignore", ConvergenceWarning)
                start = time.perf_counter()
                model.fit(train, self.prepared.train_truth)
                took.append(time.perf_counter() - start)
                regression = self.task == "regression"
                outputs = model.predict(test) if regression else model.predict_proba(test)
            scores.append(self.measures(outputs))
        return {"scores": scores, "seconds": took}

    def _scikit_model(self, name: str, seed: int) -> Any:
        from sklearn import compose, ensemble, neural_network, preprocessing

        regression = self.task == "regression"
        if name.startswith("gradient"):
            kinds = ensemble.HistGradientBoostingRegressor, ensemble.HistGradientBoostingClassifier
            options = _STRONG if name.endswith("strong") else {}
            return kinds[not regression](random_state=seed, **options)
        kinds = neural_network.MLPRegressor, neural_network.MLPClassifier
        network = kinds[not regression](random_state=seed)
        if regression:  # whose default step size is for targets of this size
            network = compose.TransformedTargetRegressor(
                network, transformer=preprocessing.StandardScaler()
            )
        return _standardised(network)

    def same(self, peer: str) -> Record | None:
        """The same network, inputs and training in a peer; None where it is not installed."""
        if not PYTHON.exists():
            return None
        part, seed = self.prepared.part, self.experiment.seeds.first
        fitting, validation = self.trainer.split(seed)
        recipe = recipe_of(self.trainer, len(fitting), seed)
        learned = part.learned
        with tempfile.TemporaryDirectory() as folder:
            write_task(
                Path(folder),
                recipe,
                x=part.inputs[fitting],
                y=learned[fitting],
                x_validation=part.inputs[validation],
                y_validation=learned[validation],
                x_test=self.prepared.test_inputs,
            )
            answer = peer_answer("table", peer, folder)
            if answer is None:
                return None
            outputs = np.load(Path(folder) / "outputs.npy")
        return {
            "scores": [self.measures(self._decoded(outputs))],
            "seconds": [answer["seconds"]],
            "epochs": [answer["epochs"]],
            "epoch_seconds": answer["epoch_seconds"],
        }

    def _decoded(self, outputs: np.ndarray) -> np.ndarray:
        if self.task == "regression":
            codec: Any = self.prepared.part.codec
            return codec.decode(outputs)
        if self.task == "binary":
            return np.column_stack([1.0 - outputs[:, 0], outputs[:, 0]])
        return outputs


def write_task(folder: Path, recipe: dict[str, Any], **arrays: np.ndarray) -> None:
    """What a peer reads: the recipe and the arrays."""
    told = {**recipe, "threads": threads_of(recipe)}
    (folder / "recipe.json").write_text(json.dumps(told))
    np.savez(folder / "data.npz", **arrays)  # pyright: ignore[reportArgumentType]


def _is_number(column: Any) -> bool:
    import pandas as pd

    return pd.api.types.is_numeric_dtype(column.dtype)


def _standardised(network: Any) -> Any:
    """A network behind medians in the place of missing numbers, scaling, and one-hot categories."""
    from sklearn import compose, impute, pipeline, preprocessing

    numbers = pipeline.make_pipeline(
        impute.SimpleImputer(strategy="median"), preprocessing.StandardScaler()
    )
    return pipeline.make_pipeline(
        compose.make_column_transformer(
            (numbers, compose.make_column_selector(dtype_include="number")),
            (
                preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                compose.make_column_selector(dtype_exclude="number"),
            ),
        ),
        network,
    )
