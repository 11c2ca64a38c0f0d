import numpy as np
import pytest

from profond.architectures import resnet
from profond.architectures.pretrained import fine_tune, freeze, unfreeze
from profond.callbacks import Callback
from profond.losses import SparseCategoricalCrossentropy
from profond.optimizers import SGD, Adam
from profond.optimizers.schedules import ExponentialDecay


def network(**compiled):
    model = resnet((8, 8, 1), 2, blocks=(1, 1), filters=(4, 6))
    loss = SparseCategoricalCrossentropy(from_logits=True)
    model.compile(**{"optimizer": Adam(0.01), "loss": loss, "metrics": ["accuracy"], **compiled})
    return model


def data(rows=24):
    rng = np.random.default_rng(0)
    y = np.arange(rows) % 2
    x = rng.normal(size=(rows, 8, 8, 1)).astype("float32")
    x[y == 1, 2:6, 2:6] += 2
    return x, y


def changed(before, model):
    """Names of the layers whose weights are no longer those of `before`."""
    found = set()
    for layer in model.layers:
        for now, then in zip(layer.get_weights(), before[layer.name], strict=True):
            if not np.array_equal(now, then):
                found.add(layer.name)
    return found


def weights_of(model):
    return {layer.name: layer.get_weights() for layer in model.layers}


def test_a_frozen_body_does_not_change():
    model, (x, y) = network(), data()
    assert freeze(model) == ["fc"]
    before = weights_of(model)
    model.fit(x, y, epochs=2, verbose=0)
    assert changed(before, model) == {"fc"}  # nor do the moving averages
    # A frozen batch normalization computes in training what it does outside it.
    body = model.get_layer("bn1")
    np.testing.assert_array_equal(
        body(np.ones((2, 3, 3, 4), "float32"), training=True).detach(),
        body(np.ones((2, 3, 3, 4), "float32"), training=False).detach(),
    )


def test_chosen_layers_go_on_learning():
    model, (x, y) = network(), data()
    assert freeze(model, but=["layer2_0_conv2", "fc"]) == ["layer2_0_conv2", "fc"]
    before = weights_of(model)
    model.fit(x, y, epochs=1, verbose=0)
    assert changed(before, model) == {"layer2_0_conv2", "fc"}
    with pytest.raises(ValueError, match=r"layer with weights in `but`.*'fcc'"):
        freeze(model, but=["fcc"])


def test_all_layers_learn_again():
    model = network()
    every = [weight.path for weight in model.trainable_weights]
    freeze(model)
    names = unfreeze(model)
    assert [weight.path for weight in model.trainable_weights] == every and "bn1" in names
    held = unfreeze(model, batch_normalization=False)
    assert "bn1" not in held and "conv1" in held and not model.get_layer("bn1").trainable


class Watch(Callback):
    """The step size and the layers that change, by epoch."""

    def __init__(self):
        super().__init__()
        self.rates, self.changed, self.begun = [], [], 0

    def on_train_begin(self, logs=None):
        self.begun += 1

    def on_epoch_begin(self, epoch, logs=None):
        self.before = weights_of(self.model)

    def on_epoch_end(self, epoch, logs=None):
        self.rates.append(float(self.model.optimizer.learning_rate))
        self.changed.append(changed(self.before, self.model))


def test_the_head_first_then_all_of_it_gently():
    model, (x, y) = network(), data()
    watch = Watch()
    history = fine_tune(
        model, x, y, frozen_epochs=2, epochs=3, validation_data=(x, y), callbacks=[watch], verbose=0
    )
    assert watch.rates == pytest.approx([0.01, 0.01, 0.001, 0.001, 0.001]) and watch.begun == 2
    assert watch.changed[:2] == [{"fc"}] * 2
    kernels = {layer.name for layer in model.layers if "conv" in layer.name and layer.weights}
    assert watch.changed[2] == kernels | {"fc", "layer2_0_downsample_0"}
    assert history.epoch == [0, 1, 2, 3, 4] and model.history is history
    assert {len(values) for values in history.history.values()} == {5}
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert isinstance(model.optimizer, Adam)


def test_one_phase_alone():
    x, y = data()
    model = network(optimizer=SGD(0.1, momentum=0.9))
    before = weights_of(model)
    history = fine_tune(model, x, y, frozen_epochs=1, epochs=0, verbose=0)
    assert history.epoch == [0] and changed(before, model) == {"fc"}
    history = fine_tune(
        model, x, y, frozen_epochs=0, epochs=1, rate_factor=0.5, batch_normalization=True, verbose=0
    )
    assert history.epoch == [0] and "bn1" in changed(before, model)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)
    assert model.optimizer.momentum == 0.9


def test_what_was_learned_helps():
    """A body of one task, and few rows of another: better than the same steps from nothing."""
    x, y = data(200)
    old = network()
    old.fit(x, y, epochs=8, verbose=0)
    few = x[:12], 1 - y[:12]  # the same shapes, named the other way
    fresh, tuned = network(), network()
    tuned.set_weights([*old.get_weights()[:-2], *tuned.get_weights()[-2:]])
    fine_tune(tuned, *few, frozen_epochs=10, epochs=2, verbose=0)
    fresh.fit(*few, epochs=12, verbose=0)
    scores = [m.evaluate(x[12:], 1 - y[12:], verbose=0)[1] for m in (tuned, fresh)]
    assert scores[0] > scores[1] + 0.05


def test_errors():
    x, y = data()
    with pytest.raises(
        RuntimeError, match=r"call `compile\(optimizer=..., loss=...\)` before `fin"
    ):
        fine_tune(resnet((8, 8, 1), 2, blocks=(1,), filters=(4,)), x, y)
    with pytest.raises(
        ValueError, match=r"`frozen_epochs` must be an integer >= 0; received froze"
    ):
        fine_tune(network(), x, y, frozen_epochs=-1)
    with pytest.raises(ValueError, match=r"one of `frozen_epochs` and `epochs` must be > 0"):
        fine_tune(network(), x, y, frozen_epochs=0, epochs=0)
    with pytest.raises(ValueError, match=r"`rate_factor` must be a number > 0; received rate_fact"):
        fine_tune(network(), x, y, rate_factor=0.0)
    model = network(optimizer=Adam(ExponentialDecay(0.1, 10, 0.5)))
    with pytest.raises(
        ValueError, match=r"whose optimizer has a number as `learning_rate`, to mak"
    ):
        fine_tune(model, x, y)
