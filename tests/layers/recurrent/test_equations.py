"""The equations of chapter 7, and torch's own layers."""

import numpy as np
import pytest
import torch

from profond import layers


def _weights(layer: layers.RNN) -> list[torch.Tensor]:
    return [torch.tensor(w) for w in layer.get_weights()]


def test_7_1_standard_recurrent_network() -> None:
    """h = tanh(W_h h + W_x x + b), step by step, the same weights at all times."""
    x = torch.randn(3, 5, 2, dtype=torch.float64)
    layer = layers.SimpleRNN(4, return_sequences=True, bias_initializer="normal", dtype="float64")
    output = layer(x)
    wx, wh, b = _weights(layer)
    h = torch.zeros(3, 4, dtype=torch.float64)
    for t in range(5):
        h = torch.tanh(h @ wh + x[:, t] @ wx + b)
        torch.testing.assert_close(output[:, t], h)


def test_7_2_to_7_7_the_gradient_by_the_weight_of_the_state() -> None:
    """The sum over earlier states, each weakened by a product of weights and slopes."""
    steps = 6
    x = torch.randn(1, steps, 1, dtype=torch.float64)
    layer = layers.SimpleRNN(1, return_sequences=True, bias_initializer="normal", dtype="float64")
    h = layer(x)[0, :, 0]
    (found,) = torch.autograd.grad(h[-1], layer.cell.recurrent_kernel)
    h, w = h.detach(), layer.cell.recurrent_kernel.item()
    slope = (1 - h**2).tolist()  # tanh'(o_t), as h_t = tanh(o_t)
    states = [*h.tolist()]
    due = 0.0
    for earlier in range(steps - 1):  # the notes' t', from the first state on
        factor = w ** (steps - 2 - earlier)
        for later in range(earlier + 1, steps):
            factor *= slope[later]
        due += states[earlier] * factor
    assert found.item() == pytest.approx(due, rel=1e-12)
    # 7.3, the recursion that it comes from.
    by_weight, before = 0.0, 0.0
    for t in range(steps):
        by_weight = slope[t] * (before + w * by_weight)
        before = states[t]
    assert found.item() == pytest.approx(by_weight, rel=1e-12)


def test_7_8_to_7_13_long_short_term_memory() -> None:
    """Three gates, the state of the cell, and the hidden state that it shows."""
    x = torch.randn(3, 5, 2, dtype=torch.float64)
    layer = layers.LSTM(
        4, return_sequences=True, return_state=True, bias_initializer="normal", dtype="float64"
    )
    output, last, cell = layer(x)
    # [h, x] of the notes: the weights of the state above those of the input.
    w, u, b = _weights(layer)
    w_i, w_f, w_c, w_o = torch.cat([u, w]).chunk(4, 1)
    b_i, b_f, b_c, b_o = b.chunk(4)
    h = c = torch.zeros(3, 4, dtype=torch.float64)
    for t in range(5):
        both = torch.cat([h, x[:, t]], 1)
        f = torch.sigmoid(both @ w_f + b_f)  # 7.10
        i = torch.sigmoid(both @ w_i + b_i)  # 7.11
        o = torch.sigmoid(both @ w_o + b_o)  # 7.12
        c = f * c + i * torch.tanh(both @ w_c + b_c)  # 7.8, 7.13
        h = o * torch.tanh(c)  # 7.9
        torch.testing.assert_close(output[:, t], h)
    torch.testing.assert_close(last, h)
    torch.testing.assert_close(cell, c)


def test_7_14_and_7_15_gated_recurrent_unit() -> None:
    """The notes' z is 1 - z here: the weights of z have the other sign."""
    x = torch.randn(3, 5, 2, dtype=torch.float64)
    layer = layers.GRU(
        4, reset_after=False, return_sequences=True, bias_initializer="normal", dtype="float64"
    )
    output = layer(x)
    w, u, b = _weights(layer)
    w_z, w_r, w_h = torch.cat([u, w]).chunk(3, 1)
    b_z, b_r, b_h = b.chunk(3)
    w_z, b_z = -w_z, -b_z
    h = torch.zeros(3, 4, dtype=torch.float64)
    for t in range(5):
        both = torch.cat([h, x[:, t]], 1)
        z, r = torch.sigmoid(both @ w_z + b_z), torch.sigmoid(both @ w_r + b_r)
        new = torch.tanh(torch.cat([r * h, x[:, t]], 1) @ w_h + b_h)  # 7.15
        h = (1 - z) * h + z * new  # 7.14
        torch.testing.assert_close(output[:, t], h)


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_torchs_layers_with_the_same_weights(name: str) -> None:
    """Gates in torch's order; its two biases are one here but for the GRU."""
    ours = getattr(layers, name)(4, return_sequences=True)
    x = torch.randn(3, 5, 2)
    ours(x)
    theirs = getattr(torch.nn, name.removeprefix("Simple"))(2, 4, batch_first=True)
    w_ih, w_hh, b_ih, b_hh = (p.detach() for p in theirs.parameters())
    if name == "GRU":  # torch: r, z, n
        w_ih, w_hh, b_ih, b_hh = (
            torch.cat([z, r, n]) for r, z, n in (p.chunk(3) for p in (w_ih, w_hh, b_ih, b_hh))
        )
        bias = torch.stack([b_ih, b_hh])
    else:
        bias = b_ih + b_hh
    ours.set_weights([w_ih.T.numpy(), w_hh.T.numpy(), bias.numpy()])
    torch.testing.assert_close(ours(x), theirs(x)[0])


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
@pytest.mark.parametrize("options", [{}, {"return_sequences": True}, {"return_state": True}])
def test_no_result_depends_on_what_fills_up(name: str, options: dict[str, bool]) -> None:
    """Alone, or filled up at either end: the same outputs and states."""
    torch.manual_seed(3)
    layer = layers.Bidirectional(getattr(layers, name)(4, **options))
    x = torch.randn(1, 5, 3)
    alone = layer(x)
    for before, after in ((0, 4), (3, 0), (2, 2)):
        filled = torch.cat([torch.randn(1, before, 3), x, torch.randn(1, after, 3)], 1)
        mask = torch.zeros(1, 5 + before + after, dtype=torch.bool)
        mask[:, before : before + 5] = True
        found = layer(filled, mask=mask)
        if "return_sequences" in options:
            found = found[:, before : before + 5]
        for a, b in zip(
            found if isinstance(found, tuple) else [found],
            alone if isinstance(alone, tuple) else [alone],
            strict=True,
        ):
            torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_a_sequence_without_a_step_that_counts() -> None:
    """Output 0, and the states of the beginning; no NaN in the gradient."""
    x = torch.randn(2, 3, 2, requires_grad=True)
    begin = [torch.randn(2, 4) for _ in range(2)]
    mask = torch.tensor([[False] * 3, [True, False, True]])
    layer = layers.LSTM(4, return_state=True)
    output, h, c = layer(x, initial_state=begin, mask=mask)
    assert torch.equal(output[0], torch.zeros(4))
    torch.testing.assert_close(h[0], begin[0][0])
    torch.testing.assert_close(c[0], begin[1][0])
    (gradient,) = torch.autograd.grad(output.sum() + c.sum(), x)
    assert torch.isfinite(gradient).all()
    assert not gradient[0].any()


def test_a_stateful_layer_goes_on() -> None:
    """Two halves are the whole, until it is told to begin anew."""
    x = torch.randn(2, 6, 3)
    plain, stateful = layers.LSTM(4), layers.LSTM(4, stateful=True)
    due = plain(x)
    stateful(x)
    stateful.set_weights(plain.get_weights())
    stateful.reset_state()
    stateful(x[:, :3])
    torch.testing.assert_close(stateful(x[:, 3:]), due)
    stateful.reset_state()
    assert stateful.states is None
    torch.testing.assert_close(stateful(x), due)
    with pytest.raises(ValueError, match=r"goes on from the batch before, of 2 sequences; rec.* 1"):
        stateful(x[:1])


class Adding(layers.Layer):
    """A cell of a user's own, with a state of two axes: the sum so far."""

    state_size = 3

    def call(self, inputs, states):
        total = states[0] + inputs
        return 2 * total, [total]


def test_a_cell_of_ones_own() -> None:
    """Its outputs are others than its state; a mask leaves steps out."""
    x = torch.randn(2, 4, 3)
    output, total = layers.RNN(Adding(), return_sequences=True, return_state=True)(x)
    torch.testing.assert_close(output, 2 * x.cumsum(1))
    torch.testing.assert_close(total, x.sum(1))
    mask = torch.tensor([[True, False, True, False]] * 2)
    last, total = layers.RNN(Adding(), return_state=True)(x, mask=mask)
    torch.testing.assert_close(total, x[:, 0] + x[:, 2])
    torch.testing.assert_close(last, 2 * total)


def test_encoder_and_decoder_share_states_in_a_model() -> None:
    """The states of one layer begin another, in a functional model that can be kept."""
    from profond import Input
    from profond.models import Model, model_from_json

    source, target = Input((None, 3)), Input((None, 2))
    _, h, c = layers.LSTM(4, return_state=True)(source)
    decoded = layers.LSTM(4, return_sequences=True)(target, initial_state=[h, c])
    model = Model([source, target], layers.Dense(1)(decoded))
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(2, 5, 3)).astype("float32"), rng.normal(size=(2, 4, 2)).astype("float32")]
    assert model.output_shape == (None, None, 1)
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-6)
    model.compile("adam", "mse")
    history = model.fit(x, np.ones((2, 4, 1)), epochs=30, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_dropout_is_the_same_at_all_steps(name: str) -> None:
    """One pattern for a sequence, another for the next batch; none after training."""
    layer = getattr(layers, name)(
        3, dropout=0.5, kernel_initializer="ones", recurrent_initializer="zeros",
        return_sequences=True,
    )  # fmt: skip
    x = torch.ones(4, 6, 5)
    first, second = layer(x, training=True), layer(x, training=True)
    assert not torch.equal(first, second)
    if name == "SimpleRNN":  # nothing is carried on: all steps are alike
        torch.testing.assert_close(first, first[:, :1].expand_as(first))
    torch.testing.assert_close(layer(x), layer(x))


@pytest.mark.parametrize("masked", [False, True])
def test_all_steps_at_once_are_single_steps(masked: bool) -> None:
    """The notes' GRU, forward and backward by hand, against its steps through autograd."""
    x = torch.randn(3, 6, 2, dtype=torch.float64, requires_grad=True)
    begin = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    mask = torch.arange(6) < torch.tensor([[6], [2], [0]]) if masked else None
    layer = layers.GRU(4, reset_after=False, return_sequences=True, return_state=True,
                       dtype="float64")  # fmt: skip
    layer(x)
    leaves = [x, begin, *layer.cell.parameters()]

    def found() -> list[torch.Tensor]:
        output, state = layer(x, initial_state=begin, mask=mask)
        times = torch.arange(output.numel(), dtype=torch.float64).view(output.shape)
        slopes = torch.autograd.grad((output * times).sum() + state.square().sum(), leaves)
        return [output, state, *slopes]

    at_once = found()
    cell = type(layer.cell)
    original = cell._is_fused
    try:
        cell._is_fused = lambda *_: False
        by_steps = found()
    finally:
        cell._is_fused = original
    for have, want in zip(at_once, by_steps, strict=True):
        torch.testing.assert_close(have, want, rtol=1e-10, atol=1e-10)
