"""What every layer must do, whatever it computes."""

import copy
import json

import numpy as np
import pytest
import torch

import profond
from tests.layers.helpers import ALL_CASES, Case

EACH = pytest.mark.parametrize("case", ALL_CASES, ids=str)


def as_numpy(y):
    return y.detach().float().numpy() if y.dtype is torch.bfloat16 else y.detach().numpy()


def as_json(description):
    """What comes back from a file."""
    return json.loads(json.dumps(description))


def transformed(layer, x):
    """Inputs through the layer, as numpy."""
    return as_numpy(layer(x))


@EACH
def test_the_inferred_shape_is_the_real_one(case):
    layer = case.make()
    symbolic = layer(case.inputs())
    assert layer.built
    assert symbolic.shape[0] is None
    for batch in (1, 5):
        y = layer(case.data(batch))
        assert tuple(y.shape) == (batch, *symbolic.shape[1:])
        assert str(y.dtype) == f"torch.{symbolic.dtype}"


@EACH
def test_the_output_shape_is_known_before_the_weights_are(case):
    layer = case.make()
    random_state = torch.get_rng_state()
    shapes = [(None, *s) for s in case.shape] if case.several else (None, *case.shape)
    shape = layer.compute_output_shape(shapes)
    assert not layer.built
    assert not layer.weights
    assert torch.equal(torch.get_rng_state(), random_state)
    assert shape == case.make()(case.inputs()).shape


SIZES_UNKNOWN = {
    "Activation", "ActivityRegularization", "AlphaDropout", "Dropout", "ELU", "GaussianDropout",
    "GaussianNoise", "GlobalAveragePooling1D", "GlobalMaxPooling1D", "Identity", "LeakyReLU",
    "Masking", "ReLU", "Reshape", "SpatialDropout1D", "SpatialDropout2D", "UnitNormalization",
    "Flatten", "Permute", "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D",
    "AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AveragePooling1D", "AveragePooling2D",
    "Cropping1D", "Cropping2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "MaxPooling1D",
    "MaxPooling2D", "UpSampling1D", "UpSampling2D", "ZeroPadding1D", "ZeroPadding2D",
    "Conv1D", "Conv1DTranspose", "Conv2D", "Conv2DTranspose",
    "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D",
    "CenterCrop", "MixUp", "RandomAffine", "RandomBrightness", "RandomContrast", "RandomCrop",
    "RandomErasing", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "Resizing",
}  # fmt: skip


@pytest.mark.parametrize("case", [c for c in ALL_CASES if c.name in SIZES_UNKNOWN], ids=str)
def test_sizes_may_be_unknown(case):
    x = case.data()
    unknown = (None,) * (len(case.shape) - 1)
    symbolic = case.make()(profond.Input((*unknown, case.shape[-1])))
    y = case.make()(x)
    assert len(symbolic.shape) == y.ndim
    for inferred, real in zip(symbolic.shape, y.shape, strict=True):
        assert inferred in (None, real)


@pytest.mark.parametrize("policy", ["float32", "float64", "mixed_bfloat16", "bfloat16"])
@EACH
def test_weights_and_output_have_the_types_of_the_policy(case, policy):
    layer = case.make(dtype=policy)
    y = layer(case.data(), training=True)
    assert layer.dtype_policy.name == policy
    kept = "float32" if policy.startswith("mixed") else policy
    computed = policy.removeprefix("mixed_")
    for weight in layer.weights:
        if weight.is_floating_point():
            assert str(weight.dtype) == f"torch.{kept}"
    if y.is_floating_point():
        assert str(y.dtype) == f"torch.{computed}"
    assert bool(torch.isfinite(y).all())
    if computed == "bfloat16":
        again = case.make(dtype="float32")
        again(case.data())
        again.set_weights([w.float() for w in layer.weights])
        layer, close = case.make(dtype=policy), {"rtol": 0.05, "atol": 0.05}
        layer(case.data())
        layer.set_weights(again.get_weights())
        np.testing.assert_allclose(
            transformed(layer, case.data()), again(case.data()).detach(), **close
        )


@EACH
def test_a_description_makes_the_same_layer(case):
    layer, x = case.make(name="one"), case.data()
    before = transformed(layer, x)
    description = as_json(profond.saving.serialize_keras_object(layer))
    again = profond.saving.deserialize_keras_object(description)
    assert type(again) is type(layer)
    assert again.name == "one"
    assert as_json(again.get_config()) == as_json(layer.get_config())
    again(x)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(transformed(again, x), before)


@EACH
def test_a_subclass_adds_to_the_description(case):
    base = getattr(profond.layers, case.name)

    class Mine(base):
        def __init__(self, *args, extra=0, **kwargs):
            super().__init__(*args, **kwargs)
            self.extra = extra

        def get_config(self):
            return {**super().get_config(), "extra": self.extra}

    layer = Mine(**case.arguments, extra=3)
    again = Mine.from_config(as_json(layer.get_config()))
    assert again.extra == 3
    assert as_json(again.get_config()) == as_json(layer.get_config())
    assert set(case.make().get_config()) <= set(layer.get_config())


@EACH
def test_weights_are_saved_and_loaded(case, tmp_path):
    def model():
        inputs = case.inputs()
        return profond.Model(inputs, case.make()(inputs))

    first, second, x = model(), model(), case.data()
    for weight in first.weights:
        weight.assign(torch.full(tuple(weight.shape), 0.5, dtype=weight.dtype))
    first.save_weights(tmp_path / "w.safetensors")
    second.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(transformed(second, x), transformed(first, x))


@EACH
def test_a_model_with_it_is_cloned_and_described(case):
    inputs = case.inputs()
    model = profond.Model(inputs, case.make()(inputs))
    x = case.data()
    described = profond.models.model_from_json(model.to_json())
    for other in (profond.models.clone_model(model), described):
        other.set_weights(model.get_weights())
        np.testing.assert_array_equal(transformed(other, x), transformed(model, x))


@EACH
def test_copies_have_weights_of_their_own(case):
    layer, x = case.make(), case.data()
    before = transformed(layer, x)
    other = copy.deepcopy(layer)
    for weight in layer.weights:
        weight.assign_add(torch.ones(tuple(weight.shape), dtype=weight.dtype))
    np.testing.assert_array_equal(transformed(other, x), before)


@EACH
def test_numpy_torch_and_the_model_agree(case):
    layer, x = case.make(), case.data()
    inputs = case.inputs()
    functional = profond.Model(inputs, layer(inputs))
    expected = transformed(layer, x)
    tensors = [torch.from_numpy(one) for one in x] if case.several else torch.from_numpy(x)
    same = np.testing.assert_array_equal
    same(transformed(layer, tensors), expected)
    same(transformed(functional, tensors), expected)
    if case.name == "GRU":  # torch's rounds otherwise where no gradient is kept
        same = np.testing.assert_array_almost_equal_nulp
    same(functional.predict(x, verbose=0), expected)


@pytest.mark.parametrize("case", [c for c in ALL_CASES if not c.several], ids=str)
def test_a_deferred_sequential_model_builds_it(case):
    layer, x = case.make(), case.data()
    model = profond.Sequential([layer])
    assert not model.built
    y = transformed(model, x)
    assert model.built
    assert model.output_shape[1:] == y.shape[1:]
    np.testing.assert_array_equal(y, transformed(layer, x))


@EACH
def test_a_training_step_goes_through(case):
    inputs = case.inputs()
    h = case.make()(inputs)
    h = profond.layers.Lambda(lambda x: x.flatten(1), mask=lambda x, mask: None)(h)
    if not h.dtype.startswith("float"):
        h = profond.layers.Rescaling(1.0)(h)
    model = profond.Model(inputs, profond.layers.Dense(1)(h))
    model.compile("sgd", "mse")
    y = np.random.default_rng(1).normal(size=(8, 1))
    history = model.fit(case.data(8), y, epochs=2, batch_size=4, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    learned = case.make()
    learned(case.data())
    assert len(model.trainable_weights) == 2 + len(learned.trainable_weights)


@pytest.mark.parametrize("case", [c for c in ALL_CASES if c.differentiable], ids=str)
def test_the_gradient_is_that_of_finite_differences(case):
    layer = case.make(dtype="float64")
    layer(case.data(2, "float64"))
    data = case.data(2, "float64", seed=3)
    tensors = [torch.from_numpy(one).requires_grad_() for one in (data if case.several else [data])]
    learned = [w.detach().clone().requires_grad_() for w in layer.trainable_weights]

    def function(*values):
        xs, ws = values[: len(tensors)], values[len(tensors) :]
        names = [name for name, w in layer.named_parameters() if w.requires_grad]
        arguments = (list(xs) if case.several else xs[0],)
        return torch.func.functional_call(layer, dict(zip(names, ws, strict=True)), arguments)

    assert torch.autograd.gradcheck(function, (*tensors, *learned), fast_mode=True)


@EACH
def test_training_and_inference_differ_where_they_should(case):
    layer, x = case.make(), case.data()
    outside = transformed(layer, x)
    np.testing.assert_array_equal(transformed(layer, x), outside)
    inside = as_numpy(layer(x, training=True))
    if case.noisy or case.name == "BatchNormalization":
        assert not np.array_equal(inside, outside)
    else:
        np.testing.assert_array_equal(inside, outside)
    assert layer.training is False


@EACH
def test_its_mode_is_that_of_the_torch_module(case):
    x = case.data()
    by_argument, by_mode = case.make(name="a"), case.make(name="b")
    by_argument(x), by_mode(x)
    by_mode.set_weights(by_argument.get_weights())
    torch.manual_seed(3)
    expected = as_numpy(by_argument(x, training=True))
    torch.manual_seed(3)
    by_mode.train()
    np.testing.assert_array_equal(transformed(by_mode, x), expected)


def test_every_exported_layer_is_in_the_harness():
    tested = {case.name for case in ALL_CASES} | {"Input", "InputLayer", "InputSpec", "Layer"}
    # Their own tests: they wrap something else, or are functions.
    tested |= {"Lambda", "TorchModuleWrapper", "Wrapper", "Bidirectional", "TimeDistributed"}
    tested |= {"RNN", "StackedRNNCells", "SimpleRNNCell", "LSTMCell", "GRUCell"}
    tested |= {
        "MultiHeadAttention",
        "TransformerDecoder",
    }  # queries and keys are arguments of their own
    tested |= {"add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"}
    tested |= {name for name in profond.layers.__all__ if "Convolution" in name}  # other names
    tested |= {"GlobalAvgPool1D", "GlobalMaxPool1D", "serialize", "deserialize"}
    # Other names of layers that are there.
    tested |= {"AvgPool1D", "AvgPool2D", "MaxPool1D", "MaxPool2D"}
    tested |= {"GlobalAvgPool2D", "GlobalMaxPool2D"}
    assert set(profond.layers.__all__) <= tested | LATER


# Layers whose area has a harness of its own.
LATER: set[str] = set()


def test_names_of_cases_are_different():
    assert len({str(case) for case in ALL_CASES}) == len(ALL_CASES)
    assert isinstance(ALL_CASES[0], Case)
