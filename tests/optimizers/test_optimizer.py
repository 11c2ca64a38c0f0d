"""What all optimizers share: the learning rate, gradients as they come, options, errors."""

import copy
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from profond import constraints, ops, optimizers
from profond._weight import Weight
from profond.optimizers import SGD, Adam, AdamW, Optimizer, RMSprop
from tests.optimizers.helpers import run, values_and_gradients, weights_of


def one(value=1.0, **facts):
    return Weight(torch.tensor(value, dtype=torch.float64), **facts)


# --- Learning rate and iterations ----------------------------------------------------------


def test_learning_rate_is_read_and_set():
    optimizer = Adam(learning_rate=0.01)
    assert float(optimizer.learning_rate) == 0.01
    assert optimizer.learning_rate.numpy() == np.float64(0.01)
    assert f"{optimizer.learning_rate:.3f}" == "0.010"
    optimizer.learning_rate = 1e-4
    assert float(optimizer.learning_rate) == 1e-4
    optimizer.learning_rate.assign(0.5)
    assert float(optimizer.learning_rate) == 0.5
    optimizer.learning_rate.assign_sub(0.25)
    optimizer.learning_rate.assign_add(1)
    assert float(optimizer.learning_rate.value) == 1.25
    optimizer.learning_rate = torch.tensor(0.125)
    assert float(optimizer.learning_rate) == 0.125
    optimizer.learning_rate = optimizer.learning_rate * 2
    assert float(optimizer.learning_rate) == 0.25
    assert float(ops.convert_to_numpy(optimizer.learning_rate)) == 0.25


@pytest.mark.parametrize("rate", [1, np.float32(1.0), torch.tensor(1.0), lambda: 1.0])
def test_kinds_of_learning_rate(rate):
    weight = one()
    SGD(learning_rate=rate).apply([torch.ones((), dtype=torch.float64)], [weight])
    assert weight.item() == 0


def test_callable_learning_rate_is_asked_at_each_step():
    rates = iter([1.0, 0.5, 0.25])
    weight, optimizer = one(0.0), SGD(learning_rate=lambda: next(rates))
    run(optimizer, [weight], [[1.0]] * 3)
    assert weight.item() == -1.75


def test_schedule_is_followed_and_not_settable():
    weight = one(0.0)
    optimizer = SGD(optimizers.schedules.PiecewiseConstantDecay([0, 1], [1.0, 0.5, 0.25]))
    run(optimizer, [weight], [[1.0]] * 3)
    assert weight.item() == -1.75
    with pytest.raises(
        TypeError, match=r"follows a schedule \(PiecewiseConstantDecay\), so it can"
    ):
        optimizer.learning_rate = 0.1
    with pytest.raises(TypeError, match="follows a schedule"):
        optimizer.learning_rate.assign(0.1)
    optimizer.learning_rate = optimizers.schedules.ExponentialDecay(4.0, 1, 0.5)
    assert float(optimizer.learning_rate) == 0.5


def test_schedule_of_ones_own_gets_a_tensor():
    class Halving(optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return torch.exp2(-step)

    weight = one(0.0)
    run(SGD(Halving()), [weight], [[1.0]] * 3)
    assert weight.item() == -1.75


def test_iterations_count_changes():
    optimizer = SGD(gradient_accumulation_steps=2)
    weight = one()
    run(optimizer, [weight], [[1.0]] * 5)
    assert int(optimizer.iterations) == 2
    assert optimizer.iterations.numpy() == 2
    assert int(optimizer.iterations + 1) == 3
    optimizer.iterations.assign(0)
    assert int(optimizer.iterations) == 0


# --- Gradients as they come ----------------------------------------------------------------


def test_apply_without_variables_once_built():
    weights = weights_of([np.ones(2), np.ones(3)])
    optimizer = SGD(learning_rate=1.0)
    optimizer.build(weights)
    optimizer.apply([torch.ones(2).double(), torch.ones(3).double()])
    assert all((w == 0).all() for w in weights)
    optimizer.apply([])
    assert int(optimizer.iterations) == 1


def test_apply_gradients_takes_pairs():
    weight = one()
    optimizer = SGD(learning_rate=0.5)
    count = optimizer.apply_gradients(zip([torch.tensor(1.0)], [weight], strict=True))
    assert weight.item() == 0.5
    assert int(count) == int(optimizer.apply_gradients([])) == 1


def test_plain_parameters_and_tensors():
    model = nn.Linear(3, 2)
    before = [p.detach().clone() for p in model.parameters()]
    optimizer = Adam(learning_rate=0.1)
    optimizer.apply([torch.ones_like(p) for p in model.parameters()], list(model.parameters()))
    for parameter, old in zip(model.parameters(), before, strict=True):
        torch.testing.assert_close(parameter.detach(), old - 0.1)
        assert parameter.requires_grad
    tensor = torch.zeros(2)
    SGD(learning_rate=1.0).apply([np.ones(2)], [tensor])
    assert tensor.tolist() == [-1, -1]


def test_gradients_of_other_type_layout_and_kind():
    x = torch.randn(3, 4, dtype=torch.float64)
    kinds = {
        "float32": x.float(),
        "transposed": x.T.contiguous().T,
        "numpy": x.numpy(),
        "list": x.tolist(),
        "sparse": x.to_sparse(),
        "with graph": (x.clone().requires_grad_() * 1.0),
    }
    for name in ("SGD", "Adam", "RMSprop"):
        for kind, grad in kinds.items():
            weight = Weight(torch.ones(3, 4, dtype=torch.float64))
            expected = Weight(torch.ones(3, 4, dtype=torch.float64))
            getattr(optimizers, name)().apply([x], [expected])
            getattr(optimizers, name)().apply([grad], [weight])
            torch.testing.assert_close(weight.detach(), expected.detach(), msg=f"{name} {kind}")
            assert weight.is_leaf


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_images_and_strided_weights(name):
    """Weights in channels-last memory, with gaps, and moved between two steps."""
    grads = [torch.randn(2, 3, 4, 4) for _ in range(3)]
    plain = Weight(torch.ones(2, 3, 4, 4))
    expected = getattr(optimizers, name)(learning_rate=0.1)
    for grad in grads:
        expected.apply([grad], [plain])

    last = Weight(torch.ones(2, 3, 4, 4).to(memory_format=torch.channels_last))
    optimizer = getattr(optimizers, name)(learning_rate=0.1)
    for i, grad in enumerate(grads):
        if i == 1:
            grad = grad.to(memory_format=torch.channels_last)
        optimizer.apply([grad], [last])
    torch.testing.assert_close(last.detach(), plain.detach())

    moving = Weight(torch.ones(2, 3, 4, 4))
    optimizer = getattr(optimizers, name)(learning_rate=0.1)
    for i, grad in enumerate(grads):
        if i == 1:
            moving.data = moving.data.to(memory_format=torch.channels_last)
            grad = grad.to(memory_format=torch.channels_last)
        if i == 2:
            moving.data = moving.data.clone()
        optimizer.apply([grad], [moving])
    torch.testing.assert_close(moving.detach(), plain.detach())

    gaps = torch.ones(2, 3, 4, 9)[..., ::2][..., :4]
    optimizer = getattr(optimizers, name)(learning_rate=0.1)
    for grad in grads:
        optimizer.apply([grad], [gaps])
    torch.testing.assert_close(gaps, plain.detach())


def test_weights_that_change_their_type():
    weight = Weight(torch.ones(3))
    optimizer = Adam(learning_rate=0.1)
    optimizer.apply([torch.ones(3)], [weight])
    weight.data = weight.data.double()
    optimizer.apply([torch.ones(3).double()], [weight])
    torch.testing.assert_close(weight.detach(), torch.full((3,), 0.8).double(), rtol=1e-6, atol=0)
    assert optimizer._momentums[0].dtype is torch.float64


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "Adagrad", "Lion", "Adamax"])
def test_half_types(name, dtype):
    """In steps of rate 0.25 the half types are exact enough to tell a wrong kernel."""
    arguments = {"momentum": 0.5} if name == "SGD" else {}
    half, full = Weight(torch.ones(40, dtype=dtype)), Weight(torch.ones(40))
    for weight in (half, full):
        optimizer = getattr(optimizers, name)(learning_rate=0.25, **arguments)
        for _ in range(2):
            optimizer.apply([torch.ones(40, dtype=weight.dtype)], [weight])
    torch.testing.assert_close(half.detach().float(), full.detach(), rtol=0.05, atol=0.02)


@pytest.mark.parametrize("name", ["SGD", "Adam", "Muon", "Nadam"])
def test_weights_of_several_types(name):
    start, grads = values_and_gradients(3, 0, {(1, 1)})
    alone = [
        run(getattr(optimizers, name)(), [w], [[g[i]] for g in grads if g[i] is not None])
        for i, w in enumerate(weights_of(start))
        if i != 1
    ]
    mixed = weights_of(start)
    for i in (0, 3):
        mixed[i] = Weight(torch.tensor(start[i], dtype=torch.float32))
    trace = run(getattr(optimizers, name)(global_clipnorm=1e9), mixed, grads)
    for i, other in zip((0, 2, 3), alone, strict=True):
        np.testing.assert_allclose(trace[-1][i], other[-1][0], rtol=1e-5, atol=1e-5)


def test_part_of_the_weights():
    weights = weights_of([np.ones(2), np.ones(2), np.ones(2)])
    optimizer = SGD(learning_rate=1.0, momentum=0.5)
    optimizer.build(weights)
    grad = torch.ones(2, dtype=torch.float64)
    optimizer.apply([grad, 2 * grad], [weights[2], weights[0]])
    assert [w[0].item() for w in weights] == [-1, 1, 0]


def test_gradients_are_left_alone():
    for options in ({"clipnorm": 0.1}, {"global_clipnorm": 0.1}, {"clipvalue": 0.1}, {}):
        grad = torch.ones(3, dtype=torch.float64)
        for _ in range(2):
            Adam(**options, loss_scale_factor=2.0).apply([grad], [one([1.0, 2.0, 3.0])])
        assert (grad == 1).all()


def test_missing_gradient_is_warned_of():
    weights = weights_of([np.ones(2), np.ones(2)])
    with pytest.warns(UserWarning, match=r"do not exist for variables \['layer_1/kernel'\] when"):
        SGD(learning_rate=1.0).apply([torch.ones(2), None], weights)
    assert weights[1].tolist() == [1, 1]
    assert weights[0].tolist() == [0, 0]


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop"])
def test_backward_after_a_step_is_refused_by_autograd(name):
    """The step counts as a change of the weight, so a stale graph is noticed."""
    weight = Weight(torch.ones(2))
    loss = (weight**2).sum()
    getattr(optimizers, name)().apply([torch.ones(2)], [weight])
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


# --- Options -------------------------------------------------------------------------------


def test_clipping_by_hand():
    grads = [torch.tensor([3.0, 4.0], dtype=torch.float64), torch.tensor([0.3, -0.4]).double()]

    def steps(**options):
        weights = weights_of([np.zeros(2), np.zeros(2)])
        SGD(learning_rate=1.0, **options).apply(grads, weights)
        return [(-w).tolist() for w in weights]

    assert steps(clipnorm=1.0)[0] == pytest.approx([0.6, 0.8])
    assert steps(clipnorm=1.0)[1] == pytest.approx([0.3, -0.4])
    scale = 1 / 25.25**0.5
    assert steps(global_clipnorm=1.0)[0] == pytest.approx([3 * scale, 4 * scale])
    assert steps(global_clipnorm=1.0)[1] == pytest.approx([0.3 * scale, -0.4 * scale])
    assert steps(global_clipnorm=6.0)[1] == pytest.approx([0.3, -0.4])
    assert steps(clipvalue=0.35)[1] == pytest.approx([0.3, -0.35])
    assert steps(clipnorm=0)[0] == [3, 4]


def test_infinite_gradients_are_not_hidden_by_clipping():
    weights = weights_of([np.zeros(2), np.zeros(2)])
    grads = [torch.tensor([float("inf"), 1.0]).double(), torch.ones(2).double()]
    SGD(global_clipnorm=1.0).apply(grads, weights)
    assert all(torch.isnan(w).all() for w in weights)


def test_average_by_hand():
    weight = one(0.0)
    optimizer = SGD(learning_rate=1.0, use_ema=True, ema_momentum=0.5)
    run(optimizer, [weight], [[-1.0]] * 3)  # 1, 2, 3; averages 1, 1.5, 2.25
    optimizer.finalize_variable_values([weight])
    assert weight.item() == 2.25
    with pytest.raises(ValueError, match="averages of 1 weights; received 2 to overwrite"):
        optimizer.finalize_variable_values([weight, weight])
    SGD().finalize_variable_values([weight])
    assert weight.item() == 2.25


def test_accumulation_by_hand():
    weight = one(0.0)
    trace = run(
        SGD(learning_rate=1.0, gradient_accumulation_steps=2), [weight], [[1.0], [3.0], [5.0]]
    )
    assert [float(step[0]) for step in trace] == [0, -2, -2]


def test_loss_scale():
    optimizer = SGD(learning_rate=1.0, loss_scale_factor=4.0)
    assert optimizer.scale_loss(3.0) == 12
    assert SGD().scale_loss(3.0) == 3
    weight = one(0.0)
    run(optimizer, [weight], [[8.0]])
    assert weight.item() == -2


def test_constraint_is_applied_after_the_step():
    weight = one([1.0, -1.0], constraint=constraints.NonNeg())
    SGD(learning_rate=1.0).apply([torch.tensor([2.0, -3.0]).double()], [weight])
    assert weight.tolist() == [0, 2]


def test_exclusion_after_building_holds():
    weights = weights_of([np.ones(1), np.ones(1)])
    optimizer = AdamW(learning_rate=0.1, weight_decay=0.5)
    zero = torch.zeros(1, dtype=torch.float64)
    optimizer.apply([zero, zero], weights)
    optimizer.exclude_from_weight_decay([weights[0]])
    optimizer.apply([zero, zero], weights)
    assert weights[0].item() == pytest.approx(0.95)
    assert weights[1].item() == pytest.approx(0.95**2)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_steps_of_muon_are_orthogonal(shape):
    """With the coefficients that converge, the step is U V' of the singular value decomposition."""
    grad = torch.randn(shape, dtype=torch.float64)
    weight = Weight(torch.zeros(shape, dtype=torch.float64))
    optimizer = optimizers.Muon(
        learning_rate=1.0, muon_a=1.875, muon_b=-1.25, muon_c=0.375, ns_steps=30, rms_rate=0.2
    )
    optimizer.apply([grad], [weight])
    u, _, v = torch.linalg.svd(grad, full_matrices=False)
    torch.testing.assert_close(-weight.detach(), u @ v * 0.2 * max(shape) ** 0.5)


def test_rate_of_zero_leaves_the_weights():
    for name in ("Adam", "AdamW", "SGD"):
        weight = one([1.0, 2.0])
        options = {"momentum": 0.9} if name == "SGD" else {}
        getattr(optimizers, name)(learning_rate=0.0, **options).apply([torch.ones(2)], [weight])
        assert weight.tolist() == [1, 2]


# --- Optimizers of one's own ---------------------------------------------------------------


class Momentum(Optimizer):
    """The example of Keras's documentation, in its words."""

    def __init__(self, learning_rate=0.01, momentum=0.9, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum = momentum

    def build(self, variables):
        super().build(variables)
        self.momentums = []
        for variable in variables:
            self.momentums.append(
                self.add_variable_from_reference(reference_variable=variable, name="momentum")
            )

    def update_step(self, gradient, variable, learning_rate):
        learning_rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(
            m,
            ops.subtract(
                ops.multiply(m, ops.cast(self.momentum, variable.dtype)),
                ops.multiply(gradient, learning_rate),
            ),
        )
        self.assign_add(variable, m)

    def get_config(self):
        config = super().get_config()
        config.update({"momentum": self.momentum})
        return config


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weight_decay": 0.1},
        {"clipvalue": 0.1, "use_ema": True, "ema_overwrite_frequency": 2},
        {"gradient_accumulation_steps": 2},
    ],
)
def test_own_optimizer_as_in_keras_documentation(options):
    start, grads = values_and_gradients(5, 0, {(1, 1)})
    a = run(Momentum(learning_rate=0.1, **options), weights_of(start), grads)
    b = run(SGD(learning_rate=0.1, momentum=0.9, **options), weights_of(start), grads)
    for x, y in zip(a[-1], b[-1], strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12)


def test_own_optimizer_is_kept():
    start, _ = values_and_gradients(1, 0)
    optimizer = Momentum(momentum=0.5, name="momentum")
    optimizer.build(weights_of(start))
    names = [variable.path for variable in optimizer.variables]
    assert names[:2] == ["momentum/iteration", "momentum/learning_rate"]
    assert names[2] == "momentum/layer_0_kernel_momentum"
    config = optimizers.serialize(optimizer)
    again = optimizers.deserialize(config, custom_objects={"Momentum": Momentum})
    assert again.momentum == 0.5


def test_overriding_the_step_of_a_built_in_optimizer():
    seen = []

    class Watched(Adam):
        def update_step(self, gradient, variable, learning_rate):
            seen.append((variable.path, learning_rate))
            super().update_step(2 * gradient, variable, learning_rate)

    class Further(Watched):
        pass

    start, grads = values_and_gradients(2, 0)
    a = run(Further(learning_rate=0.1, weight_decay=0.1), weights_of(start), grads)
    doubled = [[2 * g for g in step] for step in grads]
    b = run(Adam(learning_rate=0.1, weight_decay=0.1), weights_of(start), doubled)
    for x, y in zip(a[-1], b[-1], strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12)
    assert seen[:2] == [("layer_0/kernel", 0.1), ("layer_1/kernel", 0.1)]


def test_variables_of_the_optimizer():
    class Own(SGD):
        def build(self, variables):
            super().build(variables)
            self.table = self.add_variable((2, 3), initializer="ones", name="table")
            self.pair = self.add_optimizer_variables(variables, ["a", "b"], ["ones", "zeros"])

    weights = weights_of([np.zeros((2, 2))])
    optimizer = Own(name="own")
    optimizer.build(weights)
    assert optimizer.table.tolist() == [[1, 1, 1]] * 2
    assert optimizer.table.path == "own/table"
    assert [v[0].mean().item() for v in optimizer.pair] == [1, 0]
    assert optimizer.pair[0][0].name == "layer_0_kernel_a"
    assert not optimizer.pair[0][0].trainable
    with pytest.raises(ValueError, match="number of initializers must be that of names; received"):
        optimizer.add_optimizer_variables(weights, ["a", "b"], ["ones"])


def test_optimizer_without_a_rule():
    with pytest.raises(NotImplementedError, match="Empty must override `update_step"):

        class Empty(Optimizer):
            pass

        Empty(0.1).apply([torch.tensor(1.0)], [one()])


def test_base_class_that_was_not_initialised():
    class Forgetful(Optimizer):
        def __init__(self):
            self.momentum = 1

    with pytest.raises(RuntimeError, match=r"Forgetful must call `super\(\).__init__"):
        Forgetful().apply([torch.tensor(1.0)], [one()])


def test_copies():
    start, grads = values_and_gradients(4, 0)
    weights, optimizer = weights_of(start), Adam(learning_rate=0.1)
    run(optimizer, weights, grads[:2])
    other_weights, other = copy.deepcopy((weights, optimizer))
    a = run(optimizer, weights, grads[2:])
    b = run(other, other_weights, grads[2:])
    for x, y in zip(a[-1], b[-1], strict=True):
        assert (x == y).all()
    for key, value in optimizer.state_dict().items():
        assert torch.equal(value, other.state_dict()[key]), key


# --- Errors --------------------------------------------------------------------------------


def built(**arguments):
    optimizer = SGD(**arguments)
    optimizer.build([one([1.0, 2.0], path="dense/bias")])
    return optimizer


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (lambda: SGD().apply([torch.ones(1)]), ValueError, "does not know its weights yet: call"),
        (
            lambda: built().apply([torch.ones(2)] * 2),
            ValueError,
            "each of the 1 weights.*received 2",
        ),
        (
            lambda: built().apply([torch.ones(2)] * 2, [one()]),
            ValueError,
            "`grads` and `trainable_variables` must have the same length; received 2 and 1",
        ),
        (
            lambda: built().apply([torch.ones(2)], [one(path="other/kernel")]),
            ValueError,
            r"Unknown variable 'other/kernel' of shape \(\): an optimizer changes only the weights",
        ),
        (
            lambda: built().apply([torch.ones(3)]),
            ValueError,
            r"gradient of 'dense/bias' must have its shape \(2,\); received \(3,\)",
        ),
        (lambda: built().apply([None]), ValueError, "No gradients provided for any variable"),
        (lambda: SGD(lr=0.1), TypeError, "unknown keyword 'lr' .did you mean 'learning_rate'?"),
        (
            lambda: Adam(beta1=0.5, wieght_decay=0.1),
            TypeError,
            r"Adam got unknown keyword\(s\) 'beta1' \(did you mean 'beta_1'\?\), 'wieght_decay' "
            r"\(did you mean 'weight_decay'\?\)",
        ),
        (
            lambda: SGD(clipnorm=1.0, clipvalue=1.0),
            ValueError,
            "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set; received clip",
        ),
        (lambda: SGD(clipnorm=-1.0), ValueError, "must be > 0; received clipnorm=-1.0"),
        (
            lambda: SGD(use_ema=True, ema_momentum=2.0),
            ValueError,
            r"`ema_momentum` must be in \[0, 1\]; received ema_momentum=2.0",
        ),
        (
            lambda: SGD(use_ema=True, ema_overwrite_frequency=0.5),
            ValueError,
            "`ema_overwrite_frequency` must be an int >= 1 or None; received .*=0.5",
        ),
        (
            lambda: SGD(gradient_accumulation_steps=1),
            ValueError,
            "`gradient_accumulation_steps` must be an int >= 2 or None; received .*=1",
        ),
        (lambda: SGD("fast"), TypeError, "`learning_rate` must be a number, .*received 'fast'"),
        (
            lambda: SGD(momentum=1.5),
            ValueError,
            r"`momentum` must be in \[0, 1\]; received mom.*1.5",
        ),
        (
            lambda: Adam(beta_1=1.0),
            ValueError,
            r"`beta_1` must be in \[0, 1\); received beta_1=1.0",
        ),
        (lambda: AdamW(weight_decay=None), ValueError, "`weight_decay` of AdamW must be a number"),
        (lambda: optimizers.Lion(beta_1=0.0), ValueError, r"`beta_1` must be in \(0, 1\].*=0.0"),
        (
            lambda: optimizers.Adagrad(initial_accumulator_value=-1.0),
            ValueError,
            "`initial_accumulator_value` must be >= 0; received .*=-1.0",
        ),
        (
            lambda: optimizers.Ftrl(l1_regularization_strength=-1.0),
            ValueError,
            "`l1_regularization_strength` must be >= 0; received l1_regularization_strength=-1.0",
        ),
        (
            lambda: optimizers.Ftrl(learning_rate_power=0.5),
            ValueError,
            "`learning_rate_power` must be <= 0; received learning_rate_power=0.5",
        ),
        (
            lambda: optimizers.get("adm"),
            ValueError,
            "Unknown optimizer: 'adm'. Did you mean 'adam'?",
        ),
        (
            lambda: optimizers.get(3),
            TypeError,
            "optimizer must be a name, .*received 3 of type int",
        ),
        (lambda: SGD().set_weights([]), ValueError, "no variables for the weights yet: call"),
        (lambda: SGD().load_state_dict({}), ValueError, "before `load_state_dict`"),
        (lambda: built().set_weights([1.0]), ValueError, "must have 2 entries.*received 1"),
        (
            lambda: built().set_weights([1, np.ones(3)]),
            ValueError,
            r"variable 'learning_rate' has shape \(\); received \(3,\)",
        ),
        (
            lambda: built().load_state_dict({"0": 1}),
            ValueError,
            "the state must have the 2 variables of 'sgd.*'; received 1: it is that of another",
        ),
    ],
)
def test_errors(action, error, message):
    with pytest.raises(error, match=message):
        action()


def test_decay_of_old_scripts_is_ignored():
    with pytest.warns(UserWarning, match="`decay` is no longer supported and will be ignored"):
        optimizer = RMSprop(learning_rate=0.1, decay=1e-6)
    assert float(optimizer.learning_rate) == 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RMSprop(decay=None)


def test_learning_rates_are_not_negative():
    for rate in (-1, float("nan"), np.float32(-0.5)):
        with pytest.raises(ValueError, match=f"`learning_rate` must be >= 0; received {rate}"):
            Adam(rate)
    assert float(SGD(0).learning_rate) == 0.0
