"""The peers' side of a benchmark, run in the environment of `.venv-peers`.

`python -m benchmarks._peer_main WORKLOAD PEER` prints `{"seconds": ...}`, and what else there is.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

EPOCHS = 100


def iris() -> tuple[np.ndarray, np.ndarray]:
    """The standardised measures and the one-hot species, from the bundled file."""
    import pandas as pd

    path = Path(__file__).parent.parent / "src" / "profond" / "data" / "bundled" / "iris.csv"
    frame = pd.read_csv(path)
    x = frame.select_dtypes("number").iloc[:, -5:]
    x = x[[c for c in x.columns if "(cm)" in c]].to_numpy("float32")
    classes = np.unique(frame.iloc[:, -1].to_numpy(), return_inverse=True)[1]
    return (x - x.mean(0)) / x.std(0), np.eye(3, dtype="float32")[classes]


def keras_model(sizes: list[int]):
    """The notes' network in real Keras."""
    import keras

    layers = [keras.layers.Dense(n, activation="relu") for n in sizes[1:-1]]
    model = keras.Sequential(
        [keras.Input((sizes[0],)), *layers, keras.layers.Dense(sizes[-1], activation="softmax")]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def torch_mlp():
    """The notes' network in plain torch."""
    from benchmarks.hand_written import mlp

    return mlp([4, 256, 256, 256, 3])


def timed(run) -> float:
    """Seconds of `run`."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def iris_mlp(peer: str) -> float:
    """Seconds of 100 epochs of batches of 30, after one that is not counted."""
    x, y = iris()
    if peer.startswith("keras-"):
        model = keras_model([4, 256, 256, 256, 3])
        model.fit(x, y, epochs=1, batch_size=30, verbose=0)
        return timed(lambda: model.fit(x, y, epochs=EPOCHS, batch_size=30, verbose=0))
    if peer == "scikit-learn":
        from sklearn.neural_network import MLPClassifier

        net = MLPClassifier(
            (256, 256, 256), batch_size=30, max_iter=EPOCHS, alpha=0.0, n_iter_no_change=EPOCHS
        )
        import warnings

        warnings.simplefilter("ignore")
        return timed(lambda: net.fit(x, y.argmax(1)))
    if peer == "skorch":
        import torch
        from skorch import NeuralNetClassifier

        net = NeuralNetClassifier(
            torch_mlp(),
            criterion=torch.nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            lr=1e-3,
            batch_size=30,
            max_epochs=EPOCHS,
            train_split=None,
            verbose=0,
            iterator_train__shuffle=True,
        )
        net.partial_fit(x[:30], y[:30].argmax(1))
        return timed(lambda: net.partial_fit(x, y.argmax(1)))
    return timed(_lightning(x, y))


def _lightning(x: np.ndarray, y: np.ndarray):
    """A run of Lightning's Trainer, logging and checkpoints off."""
    import logging
    import warnings

    import lightning
    import torch
    from torch.nn import functional as F  # noqa: N812
    from torch.utils.data import DataLoader, TensorDataset

    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Net(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = torch_mlp()

        def training_step(self, batch, index):
            del index
            logits = self.net(batch[0])
            return F.cross_entropy(logits, batch[1])

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters())

    loader = DataLoader(
        TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), batch_size=30, shuffle=True
    )
    trainer = lightning.Trainer(
        max_epochs=EPOCHS,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
    )
    net = Net()
    return lambda: trainer.fit(net, loader)


def predict(peer: str) -> float:
    """Seconds of predicting one row, the mean of 200."""
    model = keras_model([10, 20, 3])
    x = np.random.default_rng(0).normal(size=(1, 10)).astype("float32")
    for _ in range(10):
        model.predict(x, verbose=0)
    del peer
    return timed(lambda: [model.predict(x, verbose=0) for _ in range(200)]) / 200


def convolution(peer: str, name: str) -> dict[str, float]:
    """Seconds per step of Keras's `fit` on a convolutional network, after one epoch."""
    import keras

    from benchmarks._convolution_models import WORKLOADS, compiled, data

    del peer
    work = WORKLOADS[name]
    x, y = data(work)
    model = compiled(name, keras.layers, keras.models)
    model.fit(x, y, epochs=1, batch_size=work.batch, verbose=0)
    before, steps = time.process_time(), work.steps * work.epochs
    took = timed(lambda: model.fit(x, y, epochs=work.epochs, batch_size=work.batch, verbose=0))
    return {"seconds": took / steps, "processor": (time.process_time() - before) / steps}


def script(peer: str, path: str) -> float:
    """Seconds of a script run by real Keras in a fresh process, imports included."""
    import subprocess

    del peer
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    return timed(
        lambda: subprocess.run(
            [sys.executable, path], env=environment, check=True, cwd=Path(path).parent
        )
    )


def imported(peer: str) -> float:
    """Seconds of importing Keras in a fresh process."""
    import subprocess

    del peer
    return timed(lambda: subprocess.run([sys.executable, "-c", "import keras"], check=True))


def main() -> None:
    """Run one workload."""
    from benchmarks import _cifar_peer, _mnist_peer, _tables_peer

    workload, peer, *arguments = sys.argv[1:]
    workloads = {
        "iris_mlp": iris_mlp,
        "predict": predict,
        "convolution": convolution,
        "script": script,
        "import": imported,
        "lenet_mnist": _mnist_peer.train,
        "resnet_cifar10": _cifar_peer.train,
        "table": _tables_peer.train,
        "table_steps": _tables_peer.steps,
    }
    answer = workloads[workload](peer, *arguments)
    print(json.dumps(answer if isinstance(answer, dict) else {"seconds": answer}))


if __name__ == "__main__":
    main()
