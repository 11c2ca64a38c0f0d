import numpy as np
import pytest
import torch
from torch.nn import functional as F

from profond.architectures import resnet, resnet18, resnet20, resnet34
from profond.losses import SparseCategoricalCrossentropy
from profond.models import Model, model_from_json
from tests.architectures.helpers import copy_weights, place_of, torch_resnet

SMALL = {"blocks": (2, 1), "filters": (4, 6)}


def learned(model):
    return sum(weight.numel() for weight in model.trainable_weights)


def test_as_many_weights_as_in_the_paper():
    assert learned(resnet18((224, 224, 3), 1000)) == 11_689_512  # torchvision's documentation
    assert learned(resnet34((224, 224, 3), 1000)) == 21_797_672
    assert learned(resnet20((32, 32, 3), 10)) == 269_722  # the paper's 0.27 M
    assert learned(resnet20((32, 32, 3), 10, shortcut="B")) == 272_474
    # The 7x7 kernels of the entrance against 3x3, and the class weights.
    small = resnet18((32, 32, 3), 10)
    assert learned(small) == 11_689_512 - (49 - 9) * 3 * 64 - 513 * 990
    assert small.count_params() - learned(small) == 2 * (64 * 5 + 128 * 5 + 256 * 5 + 512 * 5)


@pytest.mark.parametrize(
    ("stem", "shortcut", "size"),
    [("small", "B", (9, 12)), ("small", "A", (8, 11)), ("large", "B", (65, 64))],
)
def test_answers_and_gradients_are_those_of_plain_torch(stem, shortcut, size):
    """In double precision, in training (with the batch's statistics) and outside it."""
    oracle = torch_resnet(3, 5, **SMALL, stem=stem, shortcut=shortcut).double()
    model = resnet((*size, 3), 5, **SMALL, stem=stem, shortcut=shortcut)
    model = model_in_double(model)
    copy_weights(oracle, model)
    x, labels = torch.randn(4, *size, 3, dtype=torch.float64), torch.tensor([0, 3, 4, 1])
    for training in (False, True):
        oracle.train(training).zero_grad()
        model.zero_grad()
        ours = model(x, training=training)
        theirs = oracle(x.permute(0, 3, 1, 2))
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-10)
        F.cross_entropy(ours, labels).backward()
        F.cross_entropy(theirs, labels).backward()
        for name, parameter in oracle.named_parameters():
            weight, axes = place_of(model, name)
            gradient = parameter.grad.permute(axes) if axes else parameter.grad
            torch.testing.assert_close(weight.grad, gradient, rtol=1e-7, atol=1e-10)
    mean, _ = place_of(model, "bn1.running_mean")
    torch.testing.assert_close(mean.detach(), oracle.bn1.running_mean, rtol=1e-9, atol=1e-10)


def model_in_double(model):
    """The same network in float64."""
    from profond import config

    before = config.floatx()
    config.set_floatx("float64")
    try:
        return model_from_json(model.to_json().replace("float32", "float64"))
    finally:
        config.set_floatx(before)


def test_a_block_that_begins_as_the_identity():
    model = resnet((8, 8, 3), 2, **SMALL, zero_init=True)
    x = torch.randn(2, 8, 8, 3)
    for name in ("layer1_0", "layer1_1"):
        assert not model.get_layer(f"{name}_bn2").gamma.detach().any()
    stem = Model(model.input, model.get_layer("relu").output)(x)
    torch.testing.assert_close(
        Model(model.input, model.get_layer("layer1_1_relu2").output)(x), stem
    )
    assert resnet((8, 8, 3), 2, **SMALL).get_layer("layer1_0_bn2").gamma.detach().all()


def test_the_entrance_follows_the_size_of_the_images():
    assert resnet((64, 64, 3), 2, **SMALL).get_layer("conv1").kernel_size == (7, 7)
    assert resnet((63, 64, 3), 2, **SMALL).get_layer("conv1").kernel_size == (3, 3)
    assert resnet((None, None, 3), 2, **SMALL).get_layer("conv1").kernel_size == (7, 7)
    model = resnet((None, None, 1), 2, **SMALL, stem="small")
    assert model.predict(np.zeros((2, 9, 13, 1), "float32"), verbose=0).shape == (2, 2)
    assert "maxpool" not in [layer.name for layer in model.layers]


def test_kernels_begin_with_the_variance_of_he():
    kernel = resnet18((32, 32, 3), 10).get_layer("layer4_1_conv2").kernel.detach()
    assert float(kernel.std()) == pytest.approx((2 / (9 * 512)) ** 0.5, rel=0.01)


@pytest.mark.parametrize("build", [resnet18, resnet20, resnet34])
def test_a_description_rebuilds_the_network(build):
    model = build((32, 32, 3), 4, zero_init=True, dropout=0.5, output_activation="softmax")
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    x = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    np.testing.assert_allclose(model.predict(x, verbose=0).sum(1), 1, rtol=1e-5)


def test_a_small_problem_is_learned():
    rng = np.random.default_rng(0)
    y = np.arange(32) % 2
    x = rng.normal(size=(32, 8, 8, 1)).astype("float32")
    x[y == 1, 2:6, 2:6] += 3
    model = resnet((8, 8, 1), 2, blocks=(1, 1), filters=(8, 16))
    model.compile("adam", SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    history = model.fit(x, y, batch_size=8, epochs=15, verbose=0).history
    assert history["accuracy"][-1] == 1


def test_images_that_do_not_fit_are_told():
    with pytest.raises(ValueError, match=r"images for 'resnet18' must be at least 8 pixels"):
        resnet18((7, 32, 3), 10)
    with pytest.raises(ValueError, match=r"'resnet34' with stem='large' must be at least 32"):
        resnet34((31, 32, 3), 10, stem="large")
    with pytest.raises(ValueError, match=r"images for 'resnet20' must be at least 4 pixels"):
        resnet20((3, 3, 3), 10)
    with pytest.raises(ValueError, match=r"channels stand last: 3 of colour images, 1, such as"):
        resnet20((32, 32), 10)
    with pytest.raises(ValueError, match=r"the number of channels of `input_shape` of 'resnet20'"):
        resnet20((32, 32, None), 10)
    with pytest.raises(ValueError, match=r"must hold integers >= 1, or None for a height or width"):
        resnet20((32, 0, 3), 10)


def test_options_that_do_not_exist_are_told():
    with pytest.raises(ValueError, match=r"`shortcut` must be one of 'A', 'B'; received 'C'"):
        resnet20((32, 32, 3), 10, shortcut="C")
    with pytest.raises(ValueError, match=r"`stem` must be one of 'small', 'large'; received '7x7'"):
        resnet18((32, 32, 3), 10, stem="7x7")
    with pytest.raises(ValueError, match=r"one number for each stage; received blocks=\(1, 2\)"):
        resnet((32, 32, 3), 10, blocks=(1, 2), filters=(4,))
    with pytest.raises(ValueError, match=r"`filters` must not fall from a stage to the next with"):
        resnet((32, 32, 3), 10, blocks=(1, 1), filters=(8, 4), shortcut="A")
