"""The event files hold what Keras would write, under the same names and in the same folders."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from profond._weight import Weight
from profond.callbacks import CallbackList, TensorBoard
from tests.callbacks.helpers import StubModel, drive

pytest.importorskip("tensorboard")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util


def events(folder):
    accumulator = EventAccumulator(str(folder), size_guidance={"tensors": 0, "images": 0})
    accumulator.Reload()
    return accumulator


def scalars(folder, tag):
    return [
        (event.step, float(tensor_util.make_ndarray(event.tensor_proto)))
        for event in events(folder).Tensors(tag)
    ]


EPOCHS = [{"loss": 2.0, "val_loss": 3.0}, {"loss": 1.0, "val_loss": 2.5}]


def test_epochs_go_to_train_and_validation(tmp_path):
    drive(TensorBoard(tmp_path), EPOCHS, StubModel(0.25), steps=2)
    assert scalars(tmp_path / "train", "epoch_loss") == [(0, 2.0), (1, 1.0)]
    assert scalars(tmp_path / "train", "epoch_learning_rate") == [(0, 0.25), (1, 0.25)]
    assert scalars(tmp_path / "validation", "epoch_loss") == [(0, 3.0), (1, 2.5)]
    assert "batch_loss" not in events(tmp_path / "train").Tags()["tensors"]


@pytest.mark.parametrize(("freq", "steps"), [("batch", [1, 2, 3, 4, 5, 6]), (2, [2, 4, 6])])
def test_batches_are_counted_across_epochs(tmp_path, freq, steps):
    drive(TensorBoard(tmp_path, update_freq=freq), EPOCHS, StubModel(), steps=3)
    assert [step for step, _ in scalars(tmp_path / "train", "batch_loss")] == steps


def test_evaluations_go_over_iterations(tmp_path):
    callback, model = TensorBoard(tmp_path), StubModel()
    model.optimizer.iterations = 7
    both = CallbackList([callback], model=model)
    both.on_test_begin()
    both.on_test_end({"loss": 1.5})
    assert scalars(tmp_path / "validation", "evaluation_loss_vs_iterations") == [(7, 1.5)]
    callback.on_train_end()


def test_speed_is_written_when_asked(tmp_path):
    callback = TensorBoard(tmp_path, write_steps_per_second=True, update_freq=1)
    drive(callback, EPOCHS, StubModel(), steps=1)
    tags = events(tmp_path / "train").Tags()["tensors"]
    assert {"epoch_steps_per_second", "batch_steps_per_second"} <= set(tags)


def layer(name, *shape):
    weight = Weight(torch.arange(float(np.prod(shape))).reshape(shape), name="w", path=f"{name}/w")
    return SimpleNamespace(name=name, weights=[weight])


def test_weights_are_written_as_histograms_and_images(tmp_path):
    model = StubModel()
    model.layers = [layer("a", 3), layer("b", 5, 2), layer("c", 2, 3, 4), layer("d", 1, 2, 3, 4, 5)]
    drive(TensorBoard(tmp_path, histogram_freq=2, write_images=True), EPOCHS, model)
    found = events(tmp_path / "train")
    assert found.Tags()["histograms"] == [f"{name}/w/histogram" for name in "abcd"]
    assert [event.step for event in found.Histograms("a/w/histogram")] == [0]
    shapes = {
        tag: (image.height, image.width)
        for tag in found.Tags()["images"]
        for image in found.Images(tag)
    }
    assert shapes["a/w/image"] == (1, 3)
    assert shapes["b/w/image"] == (2, 5)  # lying
    assert not any(tag.startswith("d/") for tag in shapes)


def test_without_a_frequency_no_weights_are_written(tmp_path):
    model = StubModel()
    model.layers = [layer("a", 3)]
    drive(TensorBoard(tmp_path), EPOCHS, model)
    assert events(tmp_path / "train").Tags()["histograms"] == []


def test_the_graph_is_the_models_configuration(tmp_path):
    model = StubModel()
    model.to_json = lambda: json.dumps({"class_name": "Sequential"})
    drive(TensorBoard(tmp_path / "with"), EPOCHS, model)
    (event,) = events(tmp_path / "with" / "train").Tensors("keras")
    assert b"Sequential" in event.tensor_proto.string_val[0]
    drive(TensorBoard(tmp_path / "without", write_graph=False), EPOCHS, model)
    assert "keras" not in events(tmp_path / "without" / "train").Tags()["tensors"]


def test_a_model_without_a_configuration_has_no_graph(tmp_path):
    model = StubModel()

    def to_json():
        raise NotImplementedError

    model.to_json = to_json
    drive(TensorBoard(tmp_path), EPOCHS, model)
    assert "keras" not in events(tmp_path / "train").Tags()["tensors"]


def test_counting_goes_on_after_a_break(tmp_path):
    first = TensorBoard(tmp_path / "a", update_freq=1)
    drive(first, EPOCHS, StubModel(), steps=2)
    second = TensorBoard(tmp_path / "b", update_freq=1)
    both = CallbackList([second], model=StubModel())
    both.on_train_begin()
    second.load_state_dict(first.state_dict())
    both.on_train_batch_begin(0)
    both.on_train_batch_end(0, {"loss": 1.0})
    both.on_train_end()
    assert scalars(tmp_path / "b" / "train", "batch_loss") == [(5, 1.0)]


def test_profiling_is_refused():
    with pytest.raises(ValueError, match=r"`profile_batch` must be 0 .* received \(10, 20\)"):
        TensorBoard(profile_batch=(10, 20))


def test_its_absence_is_said_at_once(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ImportError, match=r"needs the package tensorboard: pip install 'profond\["):
        TensorBoard(tmp_path, write_graph=False).set_model(StubModel())


def test_embeddings_are_written_for_the_projector(tmp_path):
    import profond
    from profond.layers import Embedding

    model = profond.Sequential([Embedding(4, 2, name="words")])
    model(np.array([[0, 1]]))
    model.compile(optimizer="sgd", loss="mse")
    labels = tmp_path / "labels.txt"
    labels.write_text("a\nb\nc\nd\n")
    callback = TensorBoard(
        tmp_path / "logs", embeddings_freq=1, embeddings_metadata={"words": labels}
    )
    both = CallbackList([callback], model=model)
    both.on_train_begin()
    both.on_epoch_end(0, {"loss": 1.0})
    both.on_train_end()
    folder = tmp_path / "logs" / "train"
    assert "words" in (folder / "projector_config.pbtxt").read_text()
    (table,) = folder.rglob("tensors.tsv")
    assert len(table.read_text().splitlines()) == 4
    (metadata,) = folder.rglob("metadata.tsv")
    assert metadata.read_text().split() == ["a", "b", "c", "d"]
    with pytest.raises(ValueError, match=r"keyed by Embedding layers' names; received other, the"):
        TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"other": ""}).set_model(model)
