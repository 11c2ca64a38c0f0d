"""Bad input: one clear error, which names what is wrong and the way out."""

import numpy as np
import pandas as pd
import pytest
import torch

import profond
from profond import layers

X = np.random.default_rng(0).random((20, 4)).astype("float32")
Y = X[:, :1] * 2
LABELS = np.arange(20) % 3
FRAME = pd.DataFrame(X, columns=list("abcd"))


def network(units=1, activation=None, loss="mse", **options):
    model = profond.Sequential(
        [
            layers.Input((4,), name="table"),
            layers.Dense(5, name="hidden"),
            layers.Dense(units, activation, name="out"),
        ],
        name="net",
    )
    model.compile("sgd", loss, **options)
    return model


def deferred(units=1, activation=None, loss="mse"):
    model = profond.Sequential(
        [layers.Dense(5, name="hidden"), layers.Dense(units, activation)], name="net"
    )
    model.compile("sgd", loss)
    return model


def classifier(make=network):
    return make(3, "softmax", "sparse_categorical_crossentropy")


def two_ends(**options):
    a, b = profond.Input((4,), name="a"), profond.Input((2,), name="b")
    model = profond.Model([a, b], [layers.Dense(1, name="o1")(a), layers.Dense(3, name="o2")(b)])
    model.compile("sgd", **{"loss": "mse", **options})
    return model


def with_value(value, kind=FRAME):
    frame = kind.copy()
    frame.loc[3, "c"] = value
    return frame


# Shapes


def test_wrong_shapes_at_fit_and_at_predict():
    wanted = (
        r"the input 'table' of the model 'net' must have the shape \(None, 4\) .* "
        r"received \({}, 3\)"
    )
    with pytest.raises(ValueError, match=wanted.format(20)):
        network().fit(X[:, :3], Y, verbose=0)
    with pytest.raises(ValueError, match=wanted.format(20)):
        network().evaluate(X[:, :3], Y, verbose=0)
    for rows in (1, 20, 1000):
        with pytest.raises(ValueError, match=wanted.format(rows)):
            network().predict(np.ones((rows, 3)))


def test_a_model_built_by_data_names_the_layer():
    model = deferred()
    model.predict(X)
    wanted = (
        r"the input of the layer 'hidden' must have .*size 4 on axis -1; received shape \(20, 3\)"
    )
    with pytest.raises(ValueError, match=wanted):
        model.fit(X[:, :3], Y, verbose=0)
    with pytest.raises(ValueError, match=wanted):
        model.predict(X[:, :3])


def test_targets_of_another_shape_than_the_outputs():
    with pytest.raises(
        ValueError, match=r"targets have 2 value\(s\) per row where the model has 3"
    ):
        network(3).fit(X, np.ones((20, 2)), verbose=0)
    with pytest.raises(ValueError, match="If the targets are class numbers, use 'sparse_categori"):
        network(3, "softmax", "categorical_crossentropy").fit(X, LABELS, verbose=0)
    with pytest.raises(ValueError, match="If the targets are one-hot, use 'categorical_crossentr"):
        classifier().fit(X, np.eye(3)[LABELS], verbose=0)


def test_several_inputs_and_outputs():
    inputs, targets = [X, X[:, :2]], [Y, X[:, :3]]
    with pytest.raises(ValueError, match=r"requires 2 input\(s\), \['a', 'b'\]; received 1"):
        two_ends().fit(X, targets, verbose=0)
    with pytest.raises(ValueError, match="`y` must have one target per output, 2; received 1"):
        two_ends().fit(inputs, Y, verbose=0)
    with pytest.raises(ValueError, match=r"`loss` must have one entry per output, 2 \(\['o1', 'o2"):
        two_ends(loss=["mse"] * 3).fit(inputs, targets, verbose=0)
    with pytest.raises(ValueError, match="`loss` has the key 'o3', which names no output. .*'o1'"):
        two_ends(loss={"o1": "mse", "o3": "mse"}).fit(inputs, targets, verbose=0)
    with pytest.raises(ValueError, match="`metrics` has the key 'out2', .* Did you mean 'o2'?"):
        two_ends(metrics={"out2": "mae"}).fit(inputs, targets, verbose=0)
    with pytest.raises(ValueError, match="`loss_weights` must have one number per output, 2"):
        two_ends(loss_weights=[1, 2, 3]).fit(inputs, targets, verbose=0)
    with pytest.raises(
        ValueError, match="must have a target for each output with a loss; .'o2'. m"
    ):
        two_ends().fit(inputs, {"o1": Y}, verbose=0)
    with pytest.raises(ValueError, match="`sample_weight` must be one array, or one per output"):
        two_ends().fit(inputs, targets, sample_weight=[np.ones(20)] * 3, verbose=0)


# Labels


@pytest.mark.parametrize("make", [network, deferred])
@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (LABELS + 1, r"has the label 3 .*, but the model has 3 outputs: .* integers from 0 to 2"),
        (LABELS - 1, r"has the label -1 .*Number the classes from 0"),
        (LABELS + 0.5, r"has the label .*Class numbers are integers"),
    ],
)
def test_labels_out_of_range(make, labels, told):
    with pytest.raises(ValueError, match=told):
        classifier(make).fit(X, labels, verbose=0)
    with pytest.raises(ValueError, match=told):
        classifier(make).evaluate(X, labels, verbose=0)


# Values


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite(value):
    told = r"`x` must be finite; it has 1 value\(s\) .* the first \(.*\) at column 'c', row 3. Drop"
    with pytest.raises(ValueError, match=told):
        network().fit(with_value(value), Y, verbose=0)
    with pytest.raises(ValueError, match=told):
        network().evaluate(with_value(value), Y, verbose=0)
    with pytest.raises(ValueError, match=told.replace("`x`", "`validation_data`: `x`")):
        network().fit(X, Y, validation_data=(with_value(value), Y), verbose=0)
    with pytest.raises(ValueError, match="at column 2, row 3"):
        network().fit(with_value(value).to_numpy(), Y, verbose=0)
    with pytest.raises(ValueError, match=r"`y` must be finite; .* at row 5"):
        network().fit(X, np.where(np.arange(20) == 5, value, 0.0), verbose=0)
    with pytest.raises(ValueError, match=r"`sample_weight` must be finite; .* at row 5"):
        weights = np.where(np.arange(20) == 5, value, 1.0)
        network().fit(X, Y, sample_weight=weights, verbose=0)


def test_values_in_one_of_several_inputs():
    with pytest.raises(ValueError, match=r"`x\[0\]` must be finite; .* at column 'c', row 3"):
        two_ends().fit([with_value(np.nan), X[:, :2]], [Y, X[:, :3]], verbose=0)
    images = np.zeros((3, 4, 4, 1))
    images[1, 2, 3, 0] = np.nan
    model = profond.Sequential([layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"at index \(1, 2, 3, 0\)"):
        model.fit(images, np.zeros(3), verbose=0)


def test_missing_values_of_other_kinds():
    for frame in (
        with_value(None, FRAME.astype(object)),
        with_value(pd.NA, FRAME.astype("Float64")),
    ):
        with pytest.raises(ValueError, match="at column 'c', row 3"):
            network().fit(frame, Y, verbose=0)


def test_large_but_finite_values_pass():
    network().evaluate(np.full((20, 4), 3e38), Y, verbose=0)


def test_text_and_dates():
    with pytest.raises(
        TypeError, match=r"`x` must hold numbers; the column\(s\) \['e'\] hold text"
    ):
        network().fit(FRAME.assign(e="u"), Y, verbose=0)
    with pytest.raises(TypeError, match=r"the column\(s\) \['e'\] hold text or dates. Encode them"):
        network().fit(FRAME.assign(e=pd.Timestamp("2020-01-01")), Y, verbose=0)
    with pytest.raises(TypeError, match=r"the column\(s\) \['e'\] hold text"):
        network().predict(FRAME.assign(e=pd.Categorical(["u"] * 20)))
    for words in (pd.Series(["u"] * 20), ["u"] * 20, np.array(["u"] * 20)):
        with pytest.raises(
            TypeError, match="`y` must hold numbers; received text such as 'u'. Enc"
        ):
            network().fit(X, words, verbose=0)
    with pytest.raises(TypeError, match="`x` must hold numbers; received text such as '1.5'"):
        network().predict(np.array([["1.5"] * 4]))
    with pytest.raises(TypeError, match="`x` must hold numbers; received text such as 'data.csv'"):
        network().fit("data.csv", Y, verbose=0)
    polars = pytest.importorskip("polars")
    with pytest.raises(TypeError, match=r"the column\(s\) \['w'\] hold text"):
        network().fit(polars.DataFrame({"v": [1.0], "w": ["u"]}), Y, verbose=0)


def test_complex_numbers():
    for x in (X + 1j, torch.tensor(X + 1j)):
        wanted = r"`x` must hold real numbers; received (torch\.)?complex64.*x.real, x.imag"
        for call in (
            lambda x=x: network().fit(x, Y, verbose=0),
            lambda x=x: network().predict(x),
            lambda x=x: network().predict(x[:1]),
        ):
            with pytest.raises(TypeError, match=wanted):
                call()


# Lengths


def test_empty_data():
    with pytest.raises(ValueError, match="the data are empty: 0 rows"):
        network().fit(X[:0], Y[:0], verbose=0)
    with pytest.raises(ValueError, match="the data are empty: 0 rows"):
        network().predict(X[:0])
    with pytest.raises(ValueError, match="the data are empty: 0 rows"):
        network().fit([], [], verbose=0)
    for model in (network(), deferred()):
        with pytest.raises(ValueError, match="the data are empty: there is no batch"):
            model.fit(iter([]), verbose=0)
    with pytest.raises(ValueError, match="the data are empty: there is nothing to predict"):
        network().predict(iter([]))


def test_unequal_lengths():
    with pytest.raises(
        ValueError, match="all data must have the same number of rows; x has 20, y h"
    ):
        network().fit(X, Y[:10], verbose=0)
    with pytest.raises(ValueError, match="sample_weight has 3"):
        network().fit(X, Y, sample_weight=np.ones(3), verbose=0)
    with pytest.raises(ValueError, match=r"x\[0\] has 20, x\[1\] has 5"):
        two_ends().fit([X, X[:5, :2]], [Y, X[:, :3]], verbose=0)
    with pytest.raises(ValueError, match="`validation_data`: all data must have the same number"):
        network().fit(X, Y, validation_data=(X, Y[:3]), verbose=0)
    with pytest.raises(ValueError, match="the rows of a list of numbers must have the same length"):
        network().fit([[1, 2], [3]], [1, 2], verbose=0)


def test_splits_that_leave_nothing():
    with pytest.raises(ValueError, match="of 1 rows leaves none for training"):
        network().fit(X[:1], Y[:1], validation_split=0.5, verbose=0)
    for fraction in (1.0, -0.1, 2):
        with pytest.raises(
            ValueError, match="`validation_split` must be between 0 and 1; received"
        ):
            network().fit(X, Y, validation_split=fraction, verbose=0)
    with pytest.raises(
        ValueError, match="`validation_split` needs data in memory; give `validation"
    ):
        network().fit(iter([(X, Y)]), validation_split=0.5, verbose=0)


# Arguments


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: network().compile("adm", "mse"), "Unknown optimizer: 'adm'. Did you mean 'adam'?"),
        (lambda: network(loss="mze"), "Unknown loss: 'mze'. Did you mean 'mse'?"),
        (lambda: network(metrics=["acuracy"]), "Unknown metric: 'acuracy'. Did you mean 'accurac"),
        (lambda: layers.Dense(3, "rellu"), "Unknown activation: 'rellu'. Did you mean 'relu'?"),
        (lambda: layers.Dense(-3), "`units` must be a positive integer; received units=-3"),
        (lambda: network().fit(X, Y, epochs=-1), "`epochs` must be an integer >= 0; received -1"),
        (lambda: network().fit(X, Y, epochs="3"), "`epochs` must be an integer >= 0; received '3'"),
        (lambda: network().fit(X, Y, batch_size=0), "`batch_size` must be an integer >= 1; rec"),
        (lambda: network().evaluate(X, Y, batch_size=-3), "`batch_size` must be .* received -3"),
        (lambda: network().predict(X, batch_size=0), "`batch_size` must be .* received 0"),
        (lambda: network().predict(X, batch_size=2.5), "`batch_size` must be .* received 2.5"),
        (lambda: network().fit(X, Y, steps_per_epoch=0), "`steps_per_epoch` must be an integer"),
        (lambda: network().fit(X, Y, verbose=7), "`verbose` must be 0, 1, 2 or 'auto'; received 7"),
        (lambda: network().fit(X, Y, shuffle="yes"), "`shuffle` must be True, False or 'batch'"),
        (lambda: network(steps_per_execution=0), "`steps_per_execution` must be an integer >= 1"),
        (
            lambda: network().fit(X, Y, validation_data=X, verbose=0),
            "`validation_data` must be .x, y. or .x, y, sample_weight.; received ndarray",
        ),
        (
            lambda: network().fit(X, Y, validation_data=(X,), verbose=0),
            "received a tuple of 1",
        ),
        (
            lambda: network().fit(X, Y, validation_data=(X, Y), validation_freq=0, verbose=0),
            "`validation_freq` must be an integer >= 1 or a list of epochs; received 0",
        ),
        (
            lambda: classifier().fit(X, LABELS, class_weight={"a": 1}),
            "`class_weight` must be a dict from class numbers to weights, .*received .'a': 1.",
        ),
        (lambda: classifier().fit(X, LABELS, class_weight=[1, 2]), "received .1, 2."),
        (
            lambda: two_ends().fit([X, X[:, :2]], [Y, X[:, :3]], class_weight={0: 1.0}),
            "`class_weight` needs one target; for several, give `sample_weight` instead",
        ),
        (
            lambda: network().fit(None, Y, verbose=0),
            "`x` is required: arrays with one row per samp",
        ),
        (
            lambda: network().fit(3.0, 2.0, verbose=0),
            "must have one row per sample; received the s",
        ),
        (lambda: network().fit(X, verbose=0), "the loss needs targets, and `y` is None: give"),
        (lambda: network(loss=None).fit(X, Y, verbose=0), "there is no loss: pass one to `compile"),
        (
            lambda: network().fit(iter([(X, Y)]), Y, verbose=0),
            "`y` and `sample_weight` must be None when `x` yields batches",
        ),
        (
            lambda: network().fit(torch.utils.data.TensorDataset(torch.ones(2)), verbose=0),
            "a torch `Dataset` gives single samples: wrap it in",
        ),
        (
            lambda: network().fit(iter([(X, Y, Y, Y)]), verbose=0),
            "a batch must be x, .x, y. or .x, y, sample_weight.; received a tuple of 4 items",
        ),
        (
            lambda: network(loss=["mse", "mae"]).fit(X, Y, verbose=0),
            "`loss` must have one entry per output, 1 .*; received 2",
        ),
    ],
)
def test_values_of_arguments(call, told):
    with pytest.raises(ValueError, match=told):
        call()


def test_without_an_optimizer():
    model = network()
    model.compile(None, "mse")
    with pytest.raises(ValueError, match="`compile.optimizer=....` is required for `fit`"):
        model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_before_compile(method):
    model = profond.Sequential([layers.Dense(1)], name="net")
    with pytest.raises(RuntimeError, match=rf"before `{method}`: the model 'net' is not compiled"):
        getattr(model, method)(X, Y)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: network().fit(X, Y, epoch=3), "fit got .* 'epoch' .did you mean 'epochs'"),
        (lambda: network(metric=["mae"]), "compile got .* 'metric' .did you mean 'metrics'"),
        (lambda: network().evaluate(X, Y, batchsize=3), "evaluate got .*did you mean 'batch_siz"),
        (lambda: network().predict(X, batchsize=3), "predict got .*did you mean 'batch_size'"),
        (lambda: layers.Dense(3, activasion="relu"), "Dense got .*did you mean 'activation'"),
    ],
)
def test_unknown_keywords(call, told):
    with pytest.raises(TypeError, match=told):
        call()


def test_metrics_in_the_place_of_loss_weights():
    with pytest.raises(TypeError, match="`loss_weights` must be numbers, .* Metrics are given by"):
        network().compile("sgd", "mse", ["mae"])


def test_callbacks_that_are_none():
    with pytest.raises(TypeError, match="`callbacks` must hold instances of .*; received 'Early"):
        network().fit(X, Y, callbacks=["EarlyStopping"], verbose=0)


# Things that are no data, losses that are none


def generator():
    yield X, Y


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (lambda: pytest.importorskip("scipy.sparse").csr_matrix(X), r"`x` must be dense; .* csr_m"),
        (lambda: torch.tensor(X).to_sparse(), r"`x` must be dense; .*sparse_coo. Give `x.to_dens"),
        (lambda: torch.empty(20, 4, device="meta"), "`x` must have values; .* device 'meta'"),
        (
            lambda: pytest.importorskip("polars").DataFrame(X).lazy(),
            r"`x` must be in memory; received a LazyFrame. Give `x.collect\(\)`",
        ),
        (lambda: generator, r"`x` is the generator function 'generator', .* give `generator\(\)`"),
        (
            lambda: list(X),
            r"`x` is a list of 20 arrays of the shape \(4,\), .* `numpy.stack\(x\)`",
        ),
        (lambda: list(torch.tensor(X)), r"`x` is a list of 20 arrays .* `torch.stack\(x\)`"),
    ],
)
def test_what_is_no_data(x, told):
    for call in (
        lambda: network().fit(x(), None if callable(x()) else Y, verbose=0),
        lambda: network().predict(x()),
    ):
        with pytest.raises((TypeError, ValueError), match=told):
            call()


def test_other_things_than_numbers_are_named():
    for x, told in (
        (np.array(["2020-01-01"] * 20, dtype="M8[D]"), "datetime64 such as '2020-01-01'"),
        ([generator], "function such as '<function generator"),
        ("abc", "text such as 'abc'"),
    ):
        with pytest.raises(TypeError, match=f"`x` must hold numbers; received {told}"):
            network().fit(x, Y, verbose=0)


def test_a_range_is_an_array():
    model = profond.Sequential([layers.Input((1,)), layers.Dense(1)])
    assert model.predict(range(5)).shape == (5, 1)


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    "loss",
    [
        lambda y, p: 1.0,
        lambda y, p: np.ones(len(y)),
        lambda y, p: (p - y).detach().square(),
    ],
)
def test_losses_without_a_gradient(loss):
    wanted = "the loss must be computed from the model's outputs .* so that a gradient can be taken"
    with pytest.raises(ValueError, match=wanted):
        network(loss=loss).fit(X, Y, verbose=0)
    network(loss=loss).evaluate(X, Y, verbose=0)


@pytest.mark.wrong_types
def test_a_loss_that_does_not_matter_beside_another():
    x = profond.Input((4,))
    model = profond.Model(x, [layers.Dense(1)(x), layers.Dense(1)(x)])
    model.compile("sgd", ["mse", lambda y, p: 0.0])
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        model.fit(X, [Y, Y], verbose=0)


@pytest.mark.wrong_types
def test_a_loss_without_a_return():
    with pytest.raises(TypeError, match="the loss 'nothing' must return a tensor, .*received None"):

        def nothing(y_true, y_pred):
            y_pred - y_true

        network(loss=nothing).fit(X, Y, verbose=0)
    for loss in (None, [None], {"out": None}):
        with pytest.raises(ValueError, match="there is no loss: pass one to `compile"):
            network(loss=loss).fit(X, Y, verbose=0)


def test_fit_without_gradients():
    for context in (torch.no_grad(), torch.inference_mode()):
        with context, pytest.raises(RuntimeError, match="`fit` needs gradients, which are switche"):
            network().fit(X, Y, verbose=0)


# Models and layers that are not finished


def test_a_call_without_a_return():
    class Part(layers.Layer):
        def call(self, x):
            x + 1

    class Whole(profond.Model):
        def call(self, x):
            x + 1

    with pytest.raises(ValueError, match="`call` of the layer 'part' must return the output; it r"):
        profond.Sequential([layers.Input((4,)), Part(name="part")])
    model = Whole(name="whole")
    model.compile("sgd", "mse")
    wanted = "`call` of the model 'whole' must return the outputs; it returned None"
    for call in (
        lambda: model.fit(X, Y, verbose=0),
        lambda: model.predict(X),
        lambda: model.predict(np.ones((100, 4))),
    ):
        with pytest.raises(ValueError, match=wanted):
            call()


def test_a_constructor_that_forgets_its_base():
    class Part(layers.Layer):
        def __init__(self):
            self.dense = layers.Dense(3)

    class Plain(layers.Layer):
        def __init__(self):
            self.units = 3

        def call(self, x):
            return x

    class Whole(profond.Model):
        def __init__(self):
            self.units = 3

        def call(self, x):
            return x

    for call in (Part, lambda: Plain()(X), lambda: Whole()(X)):
        with pytest.raises(RuntimeError, match=r"call `super\(\).__init__\(\)` first in the c"):
            call()


# Values that are not finite, where a layer or a loss may know what to do


def test_nan_is_left_to_those_who_may_take_it():
    class Fills(layers.Layer):
        def call(self, x):
            return torch.nan_to_num(x)

    holes = with_value(np.nan)
    for layer in (Fills(), layers.Lambda(torch.nan_to_num)):
        model = profond.Sequential([layers.Input((4,)), layer, layers.Dense(1)])
        model.compile("sgd", "mse")
        history = model.fit(holes, Y, validation_data=(holes, Y), verbose=0).history
        assert np.isfinite([history["loss"], history["val_loss"]]).all()
        with pytest.raises(ValueError, match="`y` must be finite"):
            model.fit(holes, Y * np.nan, verbose=0)

    def known(y_true, y_pred):
        return torch.where(y_true.isnan(), 0.0, (y_true.nan_to_num() - y_pred).square()).mean(-1)

    y = Y.copy()
    y[3] = np.nan
    history = network(loss=known).fit(X, y, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    with pytest.raises(ValueError, match="`x` must be finite"):
        network(loss=known).fit(holes, y, verbose=0)


def test_which_of_several_arrays_is_not_finite():
    bad = np.full((20, 1), np.nan)
    for y, name in (([Y, bad], r"y\[1\]"), ({"o1": bad, "o2": Y}, r"y\['o1'\]")):
        with pytest.raises(ValueError, match=f"`{name}` must be finite"):
            two_ends().fit([X, X[:, :2]], y, verbose=0)


def test_shapes_of_validation_data_are_checked_before_the_training():
    begun = []
    tell = profond.callbacks.LambdaCallback(on_train_begin=begun.append)
    wanted = r"`validation_data`: the input '{}' .* must have the shape \(None, {}\) .* received \("
    with pytest.raises(ValueError, match=wanted.format("table", 4)):
        network().fit(X, Y, validation_data=(X[:, :3], Y), verbose=0, callbacks=tell)
    with pytest.raises(ValueError, match=wanted.format("b", 2)):
        x, y = [X, X[:, :2]], [Y, X[:, :3]]
        two_ends().fit(x, y, validation_data=([X, X], y), verbose=0, callbacks=tell)
    assert begun == []
