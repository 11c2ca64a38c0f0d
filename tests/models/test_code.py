"""`model_to_code`: the code, executed, builds the same model."""

import json
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch

import profond
from profond import Input, Model, Sequential, layers, ops
from profond._naming import reset_names
from profond.layers import Concatenate, Dense, Dropout, ReLU
from profond.models import model_to_code
from profond.saving import register_keras_serializable
from tests.layers.helpers import ALL_CASES
from tests.models.helpers import listed, random_graph, some_input


def built(code):
    """The model that code builds."""
    reset_names()
    found = {}
    exec(compile(code, "<code>", "exec"), found)
    return found["model"]


def described(model):
    """The configuration, with names by the order in which they occur: the counts differ."""
    names = {}

    def walk(value):
        if isinstance(value, dict):
            value = {k: v for k, v in value.items() if k not in ("build_config", "compile_config")}
            for name in [value["name"]] if isinstance(value.get("name"), str) else []:
                names.setdefault(name, f"name {len(names)}")
            return {k: walk(v) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(one) for one in value]
        return names.get(value, value) if isinstance(value, str) else value

    return walk(json.loads(model.to_json()))


def same_outputs(model, new, x):
    new.set_weights(model.get_weights())
    found, due = (listed(one.predict(x, verbose=0)) for one in (new, model))
    assert len(found) == len(due)
    for one, other in zip(found, due, strict=True):
        np.testing.assert_array_equal(one, other)


def rows(*columns):
    generator = np.random.default_rng(0)
    made = [generator.normal(size=(4, count)).astype("float32") for count in columns]
    return made if len(made) > 1 else made[0]


@pytest.mark.parametrize("case", ALL_CASES, ids=str)
def test_every_layer_is_built_again(case):
    inputs = case.inputs()
    model = Model(inputs, case.make()(inputs))
    new = built(model_to_code(model))
    assert described(new) == described(model)
    same_outputs(model, new, case.data())


def test_layers_around_others_and_attention_are_built_again():
    inputs = Input((5, 3))
    x = layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode="sum")(inputs)
    cells = [layers.LSTMCell(3), layers.StackedRNNCells([layers.GRUCell(2)])]
    y = layers.RNN([*cells, layers.SimpleRNNCell(4)], return_sequences=True)(x)
    y = layers.TimeDistributed(layers.Dense(2, activation="tanh"))(y)
    z = layers.MultiHeadAttention(2, 3, use_gate=True)(y, x, use_causal_mask=True)
    model = Model(inputs, layers.TransformerDecoder(4, 2, activation="gelu")(z, y))
    new = built(model_to_code(model))
    assert described(new) == described(model)
    same_outputs(model, new, np.random.default_rng(0).normal(size=(4, 5, 3)).astype("float32"))


def test_the_cases_are_all_public_layers():
    # MaxPool2D is another name of MaxPooling2D; functions have no class's name.
    plain = {name for name in layers.__all__ if vars(layers)[name].__name__ == name}
    plain = {name for name in plain if name[0].isupper()}
    # No layers, or such as hold code (refused below).
    others = {
        "Input",
        "InputLayer",
        "InputSpec",
        "Layer",
        "Wrapper",
        "Lambda",
        "TorchModuleWrapper",
        # Around others, or with queries and keys of their own: the test below.
        "Bidirectional",
        "GRUCell",
        "LSTMCell",
        "MultiHeadAttention",
        "RNN",
        "SimpleRNNCell",
        "StackedRNNCells",
        "TimeDistributed",
        "TransformerDecoder",
    }
    assert {case.name for case in ALL_CASES} == plain - others


@pytest.mark.parametrize("seed", range(60))
def test_graphs_with_shared_layers_nested_models_and_operators(seed):
    model = random_graph(profond, seed)
    new = built(model_to_code(model))
    assert [layer.name for layer in new.layers if "_" not in layer.name] == [
        layer.name for layer in model.layers if "_" not in layer.name
    ]
    same_outputs(model, new, some_input(model))


def shared_inside_and_outside():
    shared, door, inputs = Dense(3, name="shared"), Input((3,)), Input((3,))
    inner = Model(door, shared(door), name="inner")
    return Model(inputs, shared(inner(inner(inputs))))


def shared_by_two_models():
    encoder = Dense(3, activation="tanh")
    heads = [Sequential([Input((3,)), encoder, Dense(n)], name=f"head{n}") for n in (1, 2)]
    inputs = Input((3,))
    return Model(inputs, [head(inputs) for head in heads])


def nested_in_a_stack():
    block = Sequential([Dense(3), Dropout(0.2)], name="block")
    return Sequential([Input((3,)), Dense(4, name="model"), block, Dense(2)], name="whole")


def of_dictionaries():
    a, b = Input((3,), name="a"), Input((3,), name="b")
    h = Concatenate()([Dense(5, kernel_regularizer="l2", bias_constraint="non_neg")(a), b])
    outputs = {"u": Dense(2)(h), "v": ops.relu(h)[:, 1:3], "w": ops.sum(h, axis=-1, keepdims=True)}
    return Model({"a": a, "b": b}, outputs)


def of_functions():
    inputs = Input((3,))
    left, right = ops.split(Dense(4)(inputs), 2, axis=1)
    h = ops.where(left > 0, 1 - left / 2, right @ ops.eye(2) + np.ones(2, "float32"))
    return Model(inputs, (h, profond.activations.gelu(h, approximate=True)))


def frozen():
    inner = Sequential([Input((3,)), Dense(3)])
    inner.trainable = False
    return Sequential([Input((3,)), inner, Dense(2, trainable=False)])


def passed_on():
    a, b = Input((3,)), Input((3,), name="class")
    h = Dense(2)(a)
    return Model([a, b], [h, b, h])


MODELS = [shared_inside_and_outside, shared_by_two_models, nested_in_a_stack, of_dictionaries,
          of_functions, frozen, passed_on]  # fmt: skip


@pytest.mark.parametrize("make", MODELS)
def test_models_of_several_parts(make):
    model = make()
    new = built(model_to_code(model))
    assert new.count_params() == model.count_params()
    assert len(new.trainable_weights) == len(model.trainable_weights)
    x = rows(*[3] * len(model.inputs))
    if make is of_dictionaries:
        x = dict(zip("ab", x, strict=True))
        assert set(new.predict(x, verbose=0)) == {"u", "v", "w"}
    same_outputs(model, new, x)


def test_a_shared_layer_is_written_once_and_stays_shared():
    code = model_to_code(shared_inside_and_outside())
    assert code.count("Dense(3") == 1
    assert code == (
        "from profond.layers import Dense, Input\n"
        "from profond.models import Model\n\n"
        "inputs = Input(shape=(3,))\n"
        "inputs_2 = Input(shape=(3,))\n"
        'shared = Dense(3, name="shared")\n'
        "outputs = shared(inputs_2)\n"
        'inner = Model(inputs_2, outputs, name="inner")\n'
        "x = inner(inputs)\n"
        "x = inner(x)\n"
        "outputs = shared(x)\n"
        "model = Model(inputs, outputs)\n"
    )


def test_a_stack_without_its_input_is_built_where_the_model_was():
    stack = Sequential([Dense(3), ReLU()])
    assert not built(model_to_code(stack)).built
    stack.build((None, 5))
    new = built(model_to_code(stack))
    assert new.input_shape == (None, 5)
    same_outputs(stack, new, rows(5))
    assert model_to_code(Sequential()).endswith("\n\nmodel = Sequential([])\n")


def test_what_differs_from_the_defaults_is_written():
    layer = Dense(
        3,
        activation="relu",
        use_bias=False,
        kernel_initializer=profond.initializers.RandomNormal(stddev=0.1, seed=3),
        kernel_regularizer=profond.regularizers.L2(0.01),
        kernel_constraint=profond.constraints.MaxNorm(3.0),
        name="first",
    )
    code = model_to_code(Sequential([Input((2,), batch_size=4, dtype="float64"), layer]))
    words = (
        'Input(shape=(2,), batch_size=4, dtype="float64")', "    Dense(\n            3,\n",
        'activation="relu"', "use_bias=False", "RandomNormal(stddev=0.1, seed=3)", "L2(0.01)",
        "MaxNorm(max_value=3.0)", 'name="first"',
    )  # fmt: skip
    for word in words:
        assert word in code
    assert "bias_initializer" not in code
    assert described(built(code)) == described(Sequential.from_config(
        Sequential([Input((2,), batch_size=4, dtype="float64"), layer]).get_config()
    ))  # fmt: skip


@pytest.mark.parametrize("family", ["initializers", "regularizers", "constraints"])
def test_every_member_of_a_family_is_built_again(family):
    module = getattr(profond, family)
    words = {
        "Constant": {"value": 0.5},
        "L1L2": {"l1": 0.1, "l2": 0.2},
        "OrthogonalRegularizer": {"factor": 0.5},
    }
    # Not those for kernels of sounds.
    skipped = {"Initializer", "Regularizer", "Constraint", "STFT"}
    seen = 0
    for cls in {getattr(module, name) for name in module.__all__}:
        if not isinstance(cls, type) or cls.__name__ in skipped:
            continue
        argument = {"initializers": "kernel_initializer", "regularizers": "kernel_regularizer",
                    "constraints": "kernel_constraint"}[family]  # fmt: skip
        member = cls(**words.get(cls.__name__, {}))
        model = Sequential([Input((3,)), Dense(3, **{argument: member})])
        new = built(model_to_code(model))
        found = module.get(getattr(new.layers[0], argument))  # one that is a default, by its name
        assert (type(found), found.get_config()) == (cls, member.get_config())
        seen += 1
    assert seen >= 3


def test_the_code_passes_the_linter(tmp_path):
    ruff = shutil.which("ruff", path=f"{sys.prefix}/bin") or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    made = [make() for make in MODELS] + [random_graph(profond, seed) for seed in range(5)]
    made += [Sequential([Dense(3)]), Sequential([Dense(3, name="n" * 90)]), Sequential()]
    for place, model in enumerate(made):
        (tmp_path / f"m{place}.py").write_text(model_to_code(model))
    for words in (["check", "--select", "E,F,I,W,UP,B"], ["format", "--check"]):
        done = subprocess.run(
            [ruff, words[0], "--isolated", "--no-cache", "--line-length", "100", *words[1:], "."],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


class Own(Dense):
    """A layer of the user's own."""


class OwnModel(Model):
    """A model of the user's own."""

    def call(self, x):
        return x


class OwnStack(Sequential):
    """A stack of the user's own."""


class Zeros(profond.initializers.Initializer):
    """An initializer with a name of profond's."""

    def __call__(self, shape, dtype=None, **options):
        return torch.zeros(shape)

    def get_config(self):
        return {}


@register_keras_serializable("code")
def own_activation(x):
    return x


def relu(x):
    return -x


registered = register_keras_serializable("code")(relu)


def applied(function):
    inputs = Input((2,))
    return Model(inputs, function(inputs))


NOT_OURS = "is not one of profond's own, and its code is not known here; write the model by hand, "


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OwnModel(name="m"),
         "`model` must be a Sequential or functional model; received <OwnModel name=m, "
         "built=False> of the class OwnModel, whose code is where it was written."),
        (lambda: OwnStack([Dense(1)]), "of the class OwnStack, whose code is where it was "),
        (lambda: Sequential([Input((2,)), OwnModel()]), "of the class OwnModel, whose code is "),
        (lambda: torch.nn.Linear(2, 2), "of the class Linear, whose code is where it was written"),
        (lambda: 3, "`model` must be a Sequential or functional model; received 3 of the class "),
        (lambda: Sequential([Own(2, name="o")]),
         f"The layer 'o' of the class Own cannot be written as code: Own {NOT_OURS}"
         "or keep it with `model.save`."),
        (lambda: Sequential([Dense(2, kernel_initializer=Zeros(), name="d")]),
         f"The layer 'd' of the class Dense cannot be written as code: Zeros {NOT_OURS}"),
        (lambda: Sequential([Dense(2, activation=own_activation, name="d")]),
         f"The layer 'd' of the class Dense cannot be written as code: own_activation "
         f"{NOT_OURS}"),
        (lambda: Sequential([Dense(2, activation=registered, name="d")]),
         f"The layer 'd' of the class Dense cannot be written as code: relu {NOT_OURS}"),
        (lambda: Sequential([layers.Lambda(lambda x: x, name="l")]),
         "The layer 'l' of the class Lambda cannot be written as code: the layer 'l' cannot be "),
        (lambda: Sequential([layers.TorchModuleWrapper(torch.nn.Linear(2, 2), name="t")]),
         "The layer 't' of the class TorchModuleWrapper cannot be written as code: the layer "),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_named(make, message):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make()
    with pytest.raises(ValueError) as error:  # noqa: PT011
        model_to_code(model)
    assert message in str(error.value)
