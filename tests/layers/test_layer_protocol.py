"""Own layers: `build`, `call`, weights, losses, sublayers, modes and types, as in Keras."""

import copy
import pickle
import warnings

import numpy as np
import pytest
import torch

import profond
from profond import layers, ops


class Linear(profond.Layer):
    """The layer of Keras's guide "Making new layers and models via subclassing"."""

    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True
        )
        self.b = self.add_weight(shape=(self.units,), initializer="random_normal", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


class ComputeSum(profond.Layer):
    def __init__(self, input_dim):
        super().__init__()
        self.total = self.add_weight(initializer="zeros", shape=(input_dim,), trainable=False)

    def call(self, inputs):
        self.total.assign_add(ops.sum(inputs, axis=0))
        return self.total


class MLPBlock(profond.Layer):
    def __init__(self):
        super().__init__()
        self.linear_1 = Linear(32)
        self.linear_2 = Linear(32)
        self.linear_3 = Linear(1)

    def call(self, inputs):
        x = ops.relu(self.linear_1(inputs))
        x = ops.relu(self.linear_2(x))
        return self.linear_3(x)


class ActivityRegularizationLayer(profond.Layer):
    def __init__(self, rate=1e-2):
        super().__init__()
        self.rate = rate

    def call(self, inputs):
        self.add_loss(self.rate * ops.mean(inputs))
        return inputs


class Remembering(profond.Layer):
    """Keeps what `call` was given."""

    def call(self, inputs, training=None):
        self.seen = training
        return inputs


# Weights and sublayers


def test_build_runs_once_with_the_shape_of_the_input():
    calls = []

    class Noting(profond.Layer):
        def build(self, input_shape):
            calls.append(input_shape)

        def call(self, inputs):
            return inputs

    layer = Noting()
    assert not layer.built
    layer(np.ones((2, 3)))
    layer(np.ones((4, 3)))
    assert calls == [(2, 3)]
    assert layer.built


def test_build_gets_the_shapes_of_several_inputs_by_name():
    class Two(profond.Layer):
        def build(self, query_shape, value_shape=None):
            self.shapes = (query_shape, value_shape)

        def call(self, query, value=None, mask=None):
            return query if value is None else query + value

    layer = Two()
    layer(torch.ones(2, 3), torch.ones(2, 3))
    assert layer.shapes == ((2, 3), (2, 3))
    alone = Two()
    alone(torch.ones(2, 3))
    assert alone.shapes == ((2, 3), None)
    symbolic = Two()
    assert symbolic(profond.Input((3,)), value=profond.Input((3,))).shape == (None, 3)
    assert symbolic.shapes == ((None, 3), (None, 3))


def test_a_name_that_is_no_argument_is_refused():
    class Wrong(profond.Layer):
        def build(self, query_shape, key_shape):
            pass

        def call(self, query, value):
            return query

    with pytest.raises(ValueError, match="a parameter 'key_shape', and `call` no tensor argument"):
        Wrong()(torch.ones(2, 3), torch.ones(2, 3))


def test_the_layers_of_the_guide():
    linear = Linear(4)
    x = torch.ones(2, 2)
    assert linear(x).shape == (2, 4)
    assert linear.weights == [linear.w, linear.b]
    again = Linear.from_config(linear.get_config())
    assert again.units == 4
    total = ComputeSum(2)
    total(x)
    assert total(x).tolist() == [4.0, 4.0]
    assert (len(total.weights), len(total.non_trainable_weights)) == (1, 1)
    block = MLPBlock()
    y = block(torch.ones(3, 64))
    assert y.shape == (3, 1)
    assert (len(block.weights), len(block.trainable_weights)) == (6, 6)


def test_losses_come_from_the_last_call():
    class Outer(profond.Layer):
        def __init__(self):
            super().__init__()
            self.activity_reg = ActivityRegularizationLayer(1e-2)
            self.dense = layers.Dense(3, kernel_regularizer=profond.regularizers.L2(1e-3))

        def call(self, inputs):
            return self.dense(self.activity_reg(inputs))

    layer = Outer()
    assert layer.losses == []
    layer(torch.zeros(1, 1))
    assert len(layer.losses) == 2
    layer(torch.ones(1, 1))
    assert len(layer.losses) == 2
    assert layer.losses[0].item() == pytest.approx(0.01)
    penalty = 1e-3 * layer.dense.kernel.detach().square().sum().item()
    assert layer.losses[1].item() == pytest.approx(penalty)


def test_a_loss_must_be_a_tensor():
    with pytest.raises(ValueError, match=r"`loss` must be a tensor computed in `call`; .*0\.5"):
        Linear(2).add_loss(0.5)


def test_sublayers_in_lists_and_dicts_are_known():
    class Stack(profond.Layer):
        def __init__(self):
            super().__init__()
            self.blocks = [layers.Dense(2, name="a")]
            self.blocks.append(layers.Dense(2, name="b"))
            self.heads = {"x": layers.Dense(2, name="c"), "y": [layers.Dense(2, name="d")]}
            self.heads["z"] = layers.Dense(2, name="e")
            self.pair = (layers.Dense(2, name="f"), 3)

        def call(self, inputs):
            for layer in [*self.blocks, *self.heads["y"], self.pair[0]]:
                inputs = layer(inputs)
            return self.heads["x"](inputs) + self.heads["z"](inputs)

    layer = Stack()
    layer(torch.ones(3, 2))
    assert len(layer.weights) == 12
    assert [w.path.split("/")[-2] for w in layer.weights[::2]] == ["a", "b", "c", "d", "e", "f"]
    assert len(layer.state_dict()) == 12
    assert len(list(layer.parameters())) == 12
    layer.blocks.pop()
    del layer.heads["z"]
    assert len(layer.weights) == 8
    layer.blocks[0] = layers.Dense(2)
    layer(torch.ones(3, 2)) if "z" in layer.heads else layer.blocks[0](torch.ones(3, 2))
    assert len(layer.weights) == 8
    layer.trainable = False
    assert layer.trainable_weights == []
    assert all(not one.trainable for one in layer.blocks)


def test_a_copy_of_a_list_belongs_to_the_copy():
    class Stack(profond.Layer):
        def __init__(self):
            super().__init__()
            self.blocks = [layers.Dense(2)]

        def call(self, inputs):
            for layer in self.blocks:
                inputs = layer(inputs)
            return inputs

    layer = Stack()
    layer(torch.ones(3, 2))
    other = copy.deepcopy(layer)
    other.blocks.append(layers.Dense(2))
    other(torch.ones(3, 2))
    assert (len(layer.weights), len(other.weights)) == (2, 4)
    assert not any(a is b for a in layer.weights for b in other.weights)


def test_the_order_of_weights_is_that_of_keras():
    keras = pytest.importorskip("keras")

    def names(library):
        class Mixed(library.Layer):
            def __init__(self):
                super().__init__()
                self.last = library.layers.Dense(1)
                self.count = self.add_weight(
                    shape=(), initializer="zeros", trainable=False, name="count"
                )
                self.norms = [library.layers.BatchNormalization(), library.layers.Dense(2)]

            def build(self, input_shape):
                self.moving = self.add_weight(
                    shape=(2,), initializer="zeros", trainable=False, name="moving"
                )
                self.scale = self.add_weight(shape=(2,), initializer="ones", name="scale")

            def call(self, inputs):
                for layer in self.norms:
                    inputs = layer(inputs)
                return self.last(inputs * self.scale)

        layer = Mixed()
        layer(np.ones((3, 4), "float32"))
        return (
            [w.name for w in layer.weights],
            [w.name for w in layer.trainable_weights],
            [w.name for w in layer.non_trainable_weights],
        )

    ours, theirs = names(profond), names(keras)
    assert ours == theirs


def test_a_weight_used_twice_counts_once():
    class Shared(profond.Layer):
        def __init__(self):
            super().__init__()
            self.a = layers.Dense(3)
            self.b = self.a

        def call(self, inputs):
            return self.b(self.a(inputs))

    layer = Shared()
    layer(torch.ones(2, 3))
    assert len(layer.weights) == 2
    assert layer.count_params() == 12


def test_torch_modules_and_parameters_are_known_too():
    class WithTorch(profond.Layer):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(3, 2)
            self.scale = torch.nn.Parameter(torch.ones(2))

        def call(self, inputs):
            return self.linear(inputs) * self.scale

    layer = WithTorch()
    assert layer(torch.ones(4, 3)).shape == (4, 2)
    assert len(layer.trainable_weights) == 3
    assert layer(profond.Input((3,))).shape == (None, 2)


def test_layers_go_into_torch_models():
    module = torch.nn.Sequential(layers.Dense(4, activation="relu"), torch.nn.Linear(4, 1))
    x = torch.randn(8, 3)
    module(x)
    optimizer = torch.optim.SGD(module.parameters(), 0.1)
    before = module(x).square().mean()
    before.backward()
    optimizer.step()
    assert module(x).square().mean() < before
    assert len(module.state_dict()) == 4


def test_super_init_must_be_called():
    class Forgetful(profond.Layer):
        def __init__(self):
            pass

        def build(self, input_shape):
            pass

        def call(self, inputs):
            return inputs

    with pytest.raises((RuntimeError, AttributeError), match="super|__init__|_own_losses|inside"):
        Forgetful().build((None, 3))


def test_call_must_be_defined():
    with pytest.raises(NotImplementedError, match="Empty must define `call"):
        type("Empty", (profond.Layer,), {})()(torch.ones(2))


# Training, masks, types


def test_training_is_said_by_the_call_then_by_the_surrounding_one_then_by_the_mode():
    class Outer(profond.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Remembering()
            self.listed = [Remembering()]

        def call(self, inputs):
            return self.listed[0](self.inner(inputs))

    x = torch.ones(2, 3)
    layer = Outer()
    for given, expected in ((None, False), (True, True), (False, False)):
        layer(x, training=given)
        assert layer.inner.seen is expected
        assert layer.listed[0].seen is expected
    layer.train()
    layer(x)
    assert layer.inner.seen is True
    layer(x, training=False)
    assert layer.inner.seen is False
    layer.eval()
    layer(x)
    assert layer.inner.seen is False
    own = Remembering()
    own(x, training=True)
    assert own.seen is True


def test_the_default_of_training_holds_where_nothing_else_is_said():
    class Always(profond.Layer):
        def call(self, inputs, training=True):
            self.seen = training
            return inputs

    layer = Always()
    layer(torch.ones(2))
    assert layer.seen is True
    layer(torch.ones(2), training=False)
    assert layer.seen is False


def test_layers_pass_masks_on_if_they_say_so():
    class Silent(profond.Layer):
        def call(self, inputs):
            return inputs * 2

    class Supporting(Silent):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.supports_masking = True

    x = torch.ones(2, 3, 1)
    mask = torch.tensor([[True, True, False]] * 2)
    x._keras_mask = mask
    assert torch.equal(Supporting()(x)._keras_mask, mask)
    with pytest.warns(UserWarning, match="does not support masks"):
        assert not hasattr(Silent()(x), "_keras_mask")
    assert torch.equal(Supporting()(torch.ones(2, 3, 1), mask=mask)._keras_mask, mask)


def test_several_masks_by_the_names_of_the_inputs():
    class Attend(profond.Layer):
        def call(self, query, value, query_mask=None, value_mask=None):
            self.masks = (query_mask, value_mask)
            return query

    query, value = torch.ones(2, 3, 1), torch.ones(2, 4, 1)
    query._keras_mask, value._keras_mask = torch.ones(2, 3) > 0, torch.zeros(2, 4) > 0
    layer = Attend()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer(query, value)
    assert layer.masks[0].shape == (2, 3)
    assert layer.masks[1].shape == (2, 4)


def test_inputs_take_the_type_of_the_layer():
    class Types(profond.Layer):
        def call(self, inputs):
            self.seen = [x.dtype for x in inputs]
            return inputs[0]

    layer = Types(dtype="float64")
    layer([np.ones(2, "float32"), np.ones(2, "int32"), torch.ones(2, dtype=torch.float16)])
    assert layer.seen == [torch.float64, torch.int32, torch.float64]
    loose = Types(autocast=False)
    loose([np.ones(2, "float64"), torch.ones(2, dtype=torch.float16)])
    assert loose.seen == [torch.float64, torch.float16]


def test_mixed_precision_keeps_weights_in_float32():
    class Counted(profond.Layer):
        def build(self, input_shape):
            self.w = self.add_weight((input_shape[-1],), "ones", name="w")
            self.exact = self.add_weight((1,), "ones", autocast=False, name="exact")
            self.total = self.add_weight((), "zeros", trainable=False, name="total")

        def call(self, inputs):
            self.seen = (inputs.dtype, self.w.dtype, self.exact.dtype)
            self.total.assign_add(1.0)
            assert self.w.value is self.w
            assert self.w.path.endswith("/w")
            return inputs * self.w

    layer = Counted(dtype="mixed_bfloat16")
    for _ in range(2):
        y = layer(torch.ones(2, 3))
    assert layer.seen == (torch.bfloat16, torch.bfloat16, torch.float32)
    assert y.dtype is torch.bfloat16
    assert layer.total.item() == 2
    y.float().sum().backward()
    assert layer.w.grad.dtype is torch.float32
    assert layer.w.grad.tolist() == [2.0, 2.0, 2.0]
    for name, kept in (("dtype", "float32"), ("compute_dtype", "bfloat16")):
        assert getattr(layer, name) == kept
    assert layer(profond.Input((3,))).dtype == "bfloat16"
    assert layer.total.item() == 2  # shapes are inferred without an effect


def test_inferring_shapes_changes_no_weight():
    class OffMeta(ComputeSum):
        def call(self, inputs):
            return super().call(torch.from_numpy(inputs.numpy()))  # not on the meta device

    for layer in (ComputeSum(2), OffMeta(2)):
        layer.total.assign([1.0, 2.0])
        assert layer(profond.Input((2,))).shape == (2,)
        assert layer.total.tolist() == [1.0, 2.0]


def test_inferring_shapes_draws_no_random_numbers():
    class Sampling(profond.Layer):
        def __init__(self):
            super().__init__()
            self.seed_generator = profond.random.SeedGenerator(3)
            self.dense = layers.Dense(4)

        def call(self, inputs):
            noise = profond.random.normal(ops.shape(inputs), seed=self.seed_generator)
            return self.dense(inputs + noise + profond.random.uniform((4,)))

    layer = Sampling()
    layer.dense.build((None, 4))
    before = torch.get_rng_state()
    assert layer(profond.Input((4,))).shape == (None, 4)
    assert layer.seed_generator.state.tolist() == [3, 0]
    assert torch.equal(torch.get_rng_state(), before)


def test_weights_made_while_shapes_are_inferred_are_really_random():
    class Two(profond.Layer):
        def __init__(self):
            super().__init__()
            source = profond.random.SeedGenerator(3)
            self.blocks = [
                layers.Dense(4, kernel_initializer=profond.initializers.GlorotUniform(seed))
                for seed in (None, None, source, source)
            ]

        def call(self, inputs):
            for layer in self.blocks:
                inputs = layer(inputs)
            return inputs

    layer = Two()
    layer(profond.Input((4,)))
    kernels = [one.kernel.numpy() for one in layer.blocks]
    assert len({kernel.tobytes() for kernel in kernels}) == 4


def test_large_inputs_are_inferred_without_values():
    layer = layers.Dense(3)
    wide = profond.Input((4096, 1024))
    assert layers.Flatten()(wide).shape == (None, 4096 * 1024)
    assert layer(wide).shape == (None, 4096, 3)


def test_the_policy_is_that_of_the_session_by_default():
    before = profond.config.dtype_policy()
    try:
        profond.config.set_dtype_policy("mixed_bfloat16")
        layer = layers.Dense(2)
    finally:
        profond.config.set_dtype_policy(before)
    assert layer(torch.ones(2, 3)).dtype is torch.bfloat16
    assert layer.kernel.dtype is torch.float32


# Description


def test_arguments_are_the_description_without_get_config():
    class Plain(profond.Layer):
        def __init__(self, units, shape=(1, 2), *, scale=None, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def call(self, inputs):
            return inputs

    layer = Plain(3, scale={"a": 1}, name="p", trainable=False)
    config = layer.get_config()
    assert config["units"] == 3
    assert config["scale"] == {"a": 1}
    assert config["shape"] == (1, 2)
    assert (config["name"], config["trainable"]) == ("p", False)
    assert Plain.from_config(config).get_config() == config


def test_positional_arguments_of_any_number_are_not_described():
    class Open(profond.Layer):
        def __init__(self, *sizes):
            super().__init__()

        def call(self, inputs):
            return inputs

    assert "sizes" not in Open().get_config()
    with pytest.raises(TypeError, match="Open takes positional arguments of any number"):
        Open(1, 2).get_config()


def test_an_own_output_shape_is_believed():
    class Odd(profond.Layer):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, inputs):
            return self.dense(inputs)

        def compute_output_shape(self, input_shape):
            return (input_shape[0], 3)

    layer = Odd()
    inputs = profond.Input((5,))
    model = profond.Model(inputs, layer(inputs))
    assert model.output_shape == (None, 3)
    assert len(model.trainable_weights) == 2


def test_an_own_output_spec_is_believed():
    class Spec(profond.Layer):
        def call(self, inputs):
            return inputs[:, :2].long()

        def compute_output_spec(self, inputs):
            return profond.KerasTensor((inputs.shape[0], 2), "int64")

    out = Spec()(profond.Input((5,)))
    assert (out.shape, out.dtype) == ((None, 2), "int64")


def test_layers_are_pickled_and_copied():
    layer = layers.Dense(3, activation="relu", kernel_regularizer="l2")
    x = torch.randn(2, 4)
    y = layer(x)
    for other in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
        assert torch.equal(other(x), y)
        assert other.get_config() == layer.get_config()
        assert other.kernel is not layer.kernel
        assert len(other.losses) == 1


def test_names_are_unique_and_snake_case():
    first, second = layers.BatchNormalization(), layers.BatchNormalization()
    assert first.name.startswith("batch_normalization")
    assert first.name != second.name


def test_input_and_output_are_those_of_the_first_call():
    layer = layers.Dense(3)
    with pytest.raises(AttributeError, match="was never called on a symbolic tensor"):
        _ = layer.input
    inputs = profond.Input((4,))
    outputs = layer(inputs)
    assert layer.input is inputs
    assert layer.output is outputs


# Input


def test_an_input_says_shape_and_type():
    one = profond.Input((4,), name="one")
    assert (one.shape, one.dtype) == ((None, 4), "float32")
    assert profond.Input((None, 4), batch_size=8, dtype="int32").shape == (8, None, 4)
    assert profond.Input(batch_shape=(2, 3)).shape == (2, 3)
    assert layers.Input((3,)).shape == (None, 3)
    assert profond.Input(tensor=one).shape == (None, 4)
    assert profond.Input(4).shape == (None, 4)
    layer = layers.InputLayer(input_shape=(10,))
    assert layer.output.shape == (None, 10)
    assert layer.weights == []
    assert layers.InputLayer.from_config(layer.get_config()).batch_shape == (None, 10)
    assert layers.InputLayer(batch_input_shape=(2, 10)).batch_shape == (2, 10)


def test_the_first_layer_may_say_the_shape_of_the_input():
    for first in (layers.Dense(3, input_shape=(4,)), layers.Dense(3, input_dim=4)):
        assert profond.Sequential([first]).input_shape == (None, 4)


def test_the_losses_of_layers_that_are_gone_cost_nothing():
    import gc

    from profond.layers._scopes import current

    gc.collect()
    before = len(current.holders)
    layer = ActivityRegularizationLayer()
    layer(torch.ones(1))
    assert len(current.holders) == before + 1
    del layer
    gc.collect()
    assert len(current.holders) == before


def test_layers_are_described_and_made_again():
    description = layers.serialize(layers.Dense(3, activation="relu", name="hidden"))
    assert (description["module"], description["class_name"]) == ("keras.layers", "Dense")
    again = layers.deserialize(description)
    assert (type(again), again.units, again.name) == (layers.Dense, 3, "hidden")
    assert layers.deserialize({"class_name": "Dense", "config": {"units": 4}}).units == 4

    class Mine(layers.Layer):
        def get_config(self):
            return super().get_config()

    mine = layers.deserialize(layers.serialize(Mine(name="own")), {"Mine": Mine})
    assert (type(mine), mine.name) == (Mine, "own")


def test_what_makes_weights_is_an_object():
    layer = layers.Dense(
        3, kernel_initializer="he_normal", kernel_regularizer="l2", bias_constraint="non_neg"
    )
    assert isinstance(layer.kernel_initializer, profond.initializers.HeNormal)
    assert isinstance(layer.bias_constraint, profond.constraints.NonNeg)
    assert layer.kernel_regularizer.l2 == 0.01
    assert layer.bias_regularizer is None
    given = pickle.loads(pickle.dumps(layers.Dense(2, kernel_initializer=np.eye(2))))
    given.build((None, 2))
    assert given.kernel.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    layer.build((None, 4))
    before = layer.get_weights()[0]
    layer.kernel.assign(layer.kernel_initializer(layer.kernel.shape, layer.kernel.dtype))
    assert (before != layer.get_weights()[0]).all()


@pytest.mark.parametrize(
    ("make", "family"),
    [
        (lambda wrong: layers.Dense(3, kernel_initializer=wrong), "initializer"),
        (lambda wrong: layers.Dense(3, bias_regularizer=wrong), "regularizer"),
        (lambda wrong: layers.Embedding(3, 2, embeddings_constraint=wrong), "constraint"),
        (lambda wrong: layers.PReLU(alpha_initializer=wrong), "initializer"),
        (lambda wrong: layers.BatchNormalization(gamma_initializer=wrong), "initializer"),
        (lambda wrong: layers.LayerNormalization(beta_regularizer=wrong), "regularizer"),
        (lambda wrong: layers.GroupNormalization(1, beta_constraint=wrong), "constraint"),
        (lambda wrong: layers.EinsumDense("ab,bc->ac", 2, kernel_constraint=wrong), "constraint"),
    ],
)
def test_unknown_names_are_refused_where_the_layer_is_made(make, family):
    near = {"initializer": "he_normal", "regularizer": "l2", "constraint": "non_neg"}[family]
    with pytest.raises(ValueError, match=rf"Unknown {family}: '{near}q'. Did you mean .*{near}"):
        make(f"{near}q")


def test_a_changed_attribute_is_part_of_the_description():
    layer = layers.Dense(2, activation="softmax")
    layer.activation = profond.activations.linear
    layer.kernel_regularizer = profond.regularizers.L2(0.25)
    again = copy.deepcopy(layer)
    for one in (layer, again):
        copied = layers.Dense.from_config(one.get_config())
        assert copied.activation is profond.activations.linear
        assert copied.kernel_regularizer.l2 == 0.25
        assert copied.get_config()["kernel_initializer"] == "glorot_uniform"
    model = profond.Sequential([layers.Input((2,)), layers.Dropout(0.5)])
    model.layers[0].rate = 0.25
    assert profond.models.clone_model(model).layers[0].rate == 0.25
    assert profond.models.model_from_json(model.to_json()).layers[0].rate == 0.25

    class Mine(layers.Dropout):
        def get_config(self):
            return {**super().get_config(), "more": 1}

    mine = Mine(0.5)
    mine.rate = 0.125
    assert mine.get_config()["rate"] == 0.125

    class Half(layers.Dropout):
        def __init__(self, **kwargs):
            super().__init__(0.1, **kwargs)
            self.rate = 0.5

    assert Half.from_config(Half().get_config()).rate == 0.5


def test_the_paths_of_weights_have_all_layers_around_them():
    class Encoder(layers.Layer):
        def __init__(self):
            super().__init__(name="encoder")
            self.dense = layers.Dense(2, name="a")
            self.more = [layers.Dense(2, name="b"), {"x": layers.Dense(2, name="c")}]

        def build(self, input_shape):
            self.first, self.second = self.add_weight(shape=()), self.add_weight(shape=())

        def call(self, inputs):
            return self.more[1]["x"](self.more[0](self.dense(inputs)))

    class Autoencoder(profond.Model):
        def __init__(self):
            super().__init__(name="autoencoder")
            self.encoder = Encoder()
            self.decoder = profond.Sequential([layers.Dense(2, name="d")], name="decoder")

        def call(self, inputs):
            return self.decoder(self.encoder(inputs))

    model = Autoencoder()
    model(torch.ones(1, 2))
    paths = [w.path for w in model.weights]
    assert [p for p in paths if p.endswith("kernel")] == [
        "autoencoder/encoder/a/kernel",
        "autoencoder/encoder/b/kernel",
        "autoencoder/encoder/c/kernel",
        "autoencoder/decoder/d/kernel",
    ]
    assert len(set(paths)) == len(paths)
    assert model.encoder.first.path.startswith("autoencoder/encoder/variable")
    # The names in files do not depend on what else was made in the session.
    assert {"encoder.first", "encoder.second"} <= set(model.state_dict())


def test_the_unnamed_weights_of_a_layer_have_names_and_places_of_their_own():
    layer = layers.Layer()
    first, second = layer.add_weight(shape=()), layer.add_weight(shape=())
    assert first.name != second.name
    assert first.path == f"{layer.name}/{first.name}"
    assert list(layer.state_dict()) == ["variable", "variable_1"]


def test_a_name_in_the_place_of_the_shape_is_explained():
    with pytest.raises(TypeError, match=r"`shape` comes first, .* received 'kern'.*name='kern'"):
        layers.Layer().add_weight("kern", (2, 2))
