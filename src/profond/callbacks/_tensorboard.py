"""Write what happens during training for TensorBoard."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from profond.callbacks._callback import Callback


class TensorBoard(Callback):
    """Write losses, metrics, rates and weights as TensorBoard event files.

    As in Keras, `log_dir/train` holds `epoch_loss`, `epoch_learning_rate`, ... and with an
    `update_freq` in batches `batch_loss`, ...; `log_dir/validation` holds the validation's
    `epoch_loss`, ... and `evaluation_loss_vs_iterations`, .... To look at them:
    `tensorboard --logdir log_dir`. Needs the extra `profond[tensorboard]`.

    Args:
        log_dir: Folder of the event files.
        histogram_freq: Every how many epochs the weights' histograms are written; 0 for never.
        write_graph: Whether to write the model's layers as a graph, where the model has a
            configuration.
        write_images: Whether the weights are written as images too, with the histograms.
        write_steps_per_second: Whether to write the speed of training.
        update_freq: "epoch", "batch", or the number of batches between two writings.
        profile_batch: Must be 0: profiling is not offered.
        embeddings_freq: Every how many epochs `Embedding` layers' weights are written for the
            projector; 0 for never.
        embeddings_metadata: File with one label per line for the projector, or a dict from
            layers' names to such files.

    Raises:
        ValueError: If `profile_batch` is not 0, or `embeddings_metadata` names no Embedding layer.
        ImportError: When training starts, if tensorboard is not installed.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: str | os.PathLike[str] | dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        if profile_batch:
            raise ValueError(
                "TensorBoard: `profile_batch` must be 0 (profile with torch.profiler instead); "
                f"received {profile_batch!r}."
            )
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self._writers: dict[str, Any] = {}
        self._train_batch = 0
        self._batch_start = self._epoch_start = 0.0
        self._iterations_before = 0

    def set_model(self, model: Any) -> None:
        """Take the model, and write its graph if asked to."""
        super().set_model(model)
        _summary_writer()  # its absence is said now, not after the first epoch
        self._close()
        if self.embeddings_freq:
            _check_metadata(self.embeddings_metadata, _embedding_layers(model))
        if self.write_graph:
            _write_graph(self._writer("train"), model)

    def on_train_begin(self, logs: Any = None) -> None:
        """Count batches from 0."""
        self._train_batch = 0

    def on_train_end(self, logs: Any = None) -> None:
        """Close the files."""
        self._close()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the time."""
        if self.write_steps_per_second:
            self._iterations_before = int(self.model.optimizer.iterations)
            self._epoch_start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the epoch's numbers, and the weights when it is their turn."""
        if logs:
            self._write_epoch(epoch, logs)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings(epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Count the batch."""
        self._train_batch += 1
        if self.write_steps_per_second:
            self._batch_start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Write the numbers so far every `update_freq` batches."""
        if self.update_freq == "epoch" or self._train_batch % int(self.update_freq):
            return
        if self.write_steps_per_second:
            speed = 1.0 / (time.perf_counter() - self._batch_start)
            self._scalar("train", "batch_steps_per_second", speed, self._train_batch)
        for name, value in (logs or {}).items():
            self._scalar("train", f"batch_{name}", value, self._train_batch)

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Write the evaluation's results over the number of training steps done."""
        optimizer = getattr(self.model, "optimizer", None)
        if optimizer is None:
            return
        for name, value in (logs or {}).items():
            tag = f"evaluation_{name}_vs_iterations"
            self._scalar("validation", tag, value, int(optimizer.iterations))
        self._writer("validation").flush()

    def _writer(self, part: str) -> Any:
        if part not in self._writers:
            self._writers[part] = _summary_writer()(os.path.join(self.log_dir, part))
        return self._writers[part]

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _scalar(self, part: str, tag: str, value: Any, step: int) -> None:
        self._writer(part).add_scalar(tag, float(value), step, new_style=True)

    def _write_epoch(self, epoch: int, logs: dict[str, Any]) -> None:
        training = {k: v for k, v in logs.items() if not k.startswith("val_")}
        training["learning_rate"] = float(self.model.optimizer.learning_rate)
        if self.write_steps_per_second:
            steps = int(self.model.optimizer.iterations) - self._iterations_before
            training["steps_per_second"] = steps / (time.perf_counter() - self._epoch_start)
        for name, value in training.items():
            self._scalar("train", f"epoch_{name}", value, epoch)
        for name, value in logs.items():
            if name.startswith("val_"):
                self._scalar("validation", f"epoch_{name.removeprefix('val_')}", value, epoch)

    def _write_weights(self, epoch: int) -> None:
        writer = self._writer("train")
        for layer in self.model.layers:
            for weight in layer.weights:
                name = weight.path.replace(":", "_")
                writer.add_histogram(f"{name}/histogram", weight.numpy(), epoch)
                images = _as_images(weight.numpy()) if self.write_images else None
                if images is not None:
                    writer.add_images(f"{name}/image", images, epoch, dataformats="NHWC")

    def _write_embeddings(self, epoch: int) -> None:
        for layer in _embedding_layers(self.model):
            metadata = self.embeddings_metadata
            path = metadata.get(layer.name) if isinstance(metadata, dict) else metadata
            labels = None if path is None else Path(path).read_text("utf-8").splitlines()
            table = torch.from_numpy(layer.embeddings.numpy())
            self._writer("train").add_embedding(table, labels, global_step=epoch, tag=layer.name)

    def state_dict(self) -> dict[str, Any]:
        """The number of batches seen."""
        return {"train_batch": self._train_batch}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Count on from there."""
        self._train_batch = state["train_batch"]


def _summary_writer() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ImportError(
            "callbacks.TensorBoard needs the package tensorboard: "
            "pip install 'profond[tensorboard]'."
        ) from error
    return SummaryWriter


def _write_graph(writer: Any, model: Any) -> None:
    """Write the model's configuration under the tag that TensorBoard draws Keras models from."""
    # The generated modules' names are made at import: no type checker knows them.
    summary, tensors, types = (
        importlib.import_module(f"tensorboard.compat.proto.{name}_pb2")
        for name in ("summary", "tensor", "types")
    )
    try:
        description = model.to_json()
    except (NotImplementedError, TypeError, ValueError):
        return  # a subclassed model without a configuration has no graph to draw
    plugin = summary.SummaryMetadata.PluginData(plugin_name="graph_keras_model", content=b"1")
    value = summary.Summary.Value(
        tag="keras",
        metadata=summary.SummaryMetadata(plugin_data=plugin),
        tensor=tensors.TensorProto(dtype=types.DT_STRING, string_val=[description.encode()]),
    )
    writer.file_writer.add_summary(summary.Summary(value=[value]), global_step=0)


def _embedding_layers(model: Any) -> list[Any]:
    from profond.layers import Embedding

    return [layer for layer in model.layers if isinstance(layer, Embedding)]


def _check_metadata(metadata: Any, layers: list[Any]) -> None:
    if not isinstance(metadata, dict):
        return
    names = [layer.name for layer in layers]
    strangers = sorted(set(metadata) - set(names))
    if strangers:
        raise ValueError(
            "TensorBoard: `embeddings_metadata` must be keyed by Embedding layers' names; "
            f"received {', '.join(strangers)}, the model has {', '.join(names) or 'none'}."
        )


def _as_images(weight: np.ndarray) -> np.ndarray | None:
    """A bias as a row, a matrix lying, a 3-axis kernel as one image per filter; (N, H, W, 1)."""
    image = np.squeeze(weight)
    if image.ndim == 1:
        image = image[None, None, :]
    elif image.ndim == 2:
        image = (image.T if image.shape[0] > image.shape[1] else image)[None]
    elif image.ndim == 3:
        image = image.transpose(2, 0, 1)
    else:
        return None
    return image[..., None]
