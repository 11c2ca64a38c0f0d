"""Ctrl-C in a run on a table."""

import os
import signal

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from profond.callbacks import Callback
from profond.estimators import _members as training
from profond.experiment import TrainingInterrupted, _table_kind, load_model_folder
from tests.experiment.helpers import Recorder, make_table, run


class Pressed(Recorder):
    """Presses Ctrl-C at the end of an epoch (from 0) of a network (from 0)."""

    def __init__(self, member, epoch):
        super().__init__()
        self.when = member, epoch

    def epoch(self, member, epoch, logs):
        super().epoch(member, epoch, logs)
        if (member, epoch) == self.when:
            os.kill(os.getpid(), signal.SIGINT)


def interrupted(member, epoch, **options):
    with pytest.raises(TrainingInterrupted) as caught:
        run(make_table(), "sold", progress=Pressed(member, epoch), **{"seeds": 3, **options})
    return caught.value


def test_the_networks_that_are_trained_are_kept_and_predict(tmp_path, results):
    stopped = interrupted(2, 4)
    assert isinstance(stopped, KeyboardInterrupt)
    assert str(stopped) == "2 of 3 networks are trained, network 3 was stopped after epoch 5"
    stopped.save(tmp_path / "m")
    kept = load_model_folder(tmp_path / "m")
    assert kept.seeds == [0, 1]
    table = make_table()
    # The same two networks as in a run that was not interrupted.
    expected = results["sold"].model.predict_proba(table)
    np.testing.assert_array_equal(kept.predict_proba(table), expected)
    assert kept.metrics["interrupted"] is True
    assert (kept.metrics["networks_finished"], kept.metrics["networks_due"]) == (2, 3)
    assert "not measured" in (tmp_path / "m" / "README.md").read_text()
    history = pd.read_csv(tmp_path / "m" / "history.csv")
    assert history.groupby("seed").size().tolist() == [15, 15, 5]


def test_the_best_and_the_last_weights_of_every_network_are_kept(tmp_path):
    stopped = interrupted(1, 7, learning_rate=0.1, dropout=0.0, schedule="constant")
    stopped.save(tmp_path / "m")
    weights = load_file(tmp_path / "m" / "interrupted.safetensors")
    assert {name.rpartition(".")[0] for name in weights} == {
        "seed_0.best", "seed_0.last", "seed_1.best", "seed_1.last",
    }  # fmt: skip
    for member in stopped.members:
        last_is_best = member.best_epoch == len(member.history["val_loss"])
        best = weights[f"seed_{member.seed}.best.weight_000"]
        last = weights[f"seed_{member.seed}.last.weight_000"]
        np.testing.assert_array_equal(best, member.network.get_weights()[0])
        assert np.array_equal(best, last) == last_is_best
    assert any(m.best_epoch < len(m.history["val_loss"]) for m in stopped.members)


def test_the_first_network_is_kept_when_none_is_finished():
    stopped = interrupted(0, 3)
    assert stopped.finished == 0
    assert stopped.model is not None
    assert stopped.model.seeds == [0]
    assert str(stopped) == "0 of 3 networks are trained, network 1 was stopped after epoch 4"
    assert set(stopped.model.predict(make_table())) <= {"yes", "no"}


def test_without_a_whole_epoch_there_is_nothing_to_keep(tmp_path, monkeypatch):
    def pressed(*arguments):
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(training, "build_network", pressed)
    with pytest.raises(TrainingInterrupted, match=r"^0 of 2 networks are trained$") as caught:
        run(make_table(), "sold")
    assert caught.value.model is None
    with pytest.raises(ValueError, match=r"No network had finished an epoch: there is nothing"):
        caught.value.save(tmp_path / "m")
    assert os.listdir(tmp_path) == []


def test_ctrl_c_while_the_time_is_estimated_ends_the_run(monkeypatch):
    class Pressing(Callback):
        def on_train_begin(self, logs=None):
            os.kill(os.getpid(), signal.SIGINT)

    build = training.build_network

    def pressed_soon(*arguments):
        network = build(*arguments)
        fit = network.fit
        network.fit = lambda *data, **options: fit(*data, callbacks=[Pressing()], **options)
        return network

    monkeypatch.setattr(training, "build_network", pressed_soon)
    recorder = Recorder()
    with pytest.raises(TrainingInterrupted):
        run(make_table(), "sold", progress=recorder)
    assert recorder.epochs == 0


def test_networks_are_kept_when_ctrl_c_comes_with_the_baselines(monkeypatch):
    def pressed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(_table_kind, "baseline_predictions", pressed)
    with pytest.raises(TrainingInterrupted, match=r"^2 of 2 networks are trained$") as caught:
        run(make_table(), "sold")
    assert len(caught.value.model.networks) == 2
