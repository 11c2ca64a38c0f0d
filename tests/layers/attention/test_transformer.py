"""Transformer blocks against torch's, and what tells places."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import Input, layers


def _take(ours, theirs) -> None:
    """Give our attention the weights of `nn.MultiheadAttention`."""
    heads, features = theirs.num_heads, theirs.embed_dim
    size = features // heads
    kernels = [w.T.reshape(features, heads, size) for w in theirs.in_proj_weight.chunk(3)]
    biases = [b.reshape(heads, size) for b in theirs.in_proj_bias.chunk(3)]
    out = theirs.out_proj
    for dense, kernel, bias in (
        (ours.query_dense, kernels[0], biases[0]),
        (ours.key_dense, kernels[1], biases[1]),
        (ours.value_dense, kernels[2], biases[2]),
        (ours.output_dense, out.weight.T.reshape(heads, size, features), out.bias),
    ):
        dense.set_weights([kernel.detach().numpy(), bias.detach().numpy()])


def _take_rest(ours, theirs, norms) -> None:
    for dense, linear in ((ours.first_dense, theirs.linear1), (ours.second_dense, theirs.linear2)):
        dense.set_weights([linear.weight.detach().T.numpy(), linear.bias.detach().numpy()])
    for norm, its in norms:
        norm.set_weights([its.weight.detach().numpy(), its.bias.detach().numpy()])


def _shaken(module) -> None:
    """Give norms and biases values of their own: torch begins them at 1 and 0."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.3 * torch.randn_like(parameter))


@given(
    first=st.booleans(), heads=st.integers(1, 3), size=st.integers(1, 3), time=st.integers(1, 5),
    activation=st.sampled_from(["relu", "gelu"]), padded=st.booleans(),
)  # fmt: skip
def test_the_encoder_is_torchs(first, heads, size, time, activation, padded) -> None:
    features = heads * size
    theirs = torch.nn.TransformerEncoderLayer(
        features, heads, 7, 0.0, activation, batch_first=True, norm_first=first
    )
    _shaken(theirs)
    ours = layers.TransformerEncoder(7, heads, activation=_exact(activation), normalize_first=first)
    x = torch.randn(3, time, features)
    ours(x)
    _take(ours.self_attention, theirs.self_attn)
    norms = [(ours.attention_norm, theirs.norm1), (ours.dense_norm, theirs.norm2)]
    _take_rest(ours, theirs, norms)
    mask = torch.arange(time) < torch.tensor([[time], [1], [max(1, time - 1)]])
    options = {"src_key_padding_mask": ~mask} if padded else {}
    due = theirs(x, **options)
    have = ours(x, padding_mask=mask if padded else None)
    have, due = (one[mask] if padded else one for one in (have, due))
    torch.testing.assert_close(have, due, rtol=1e-4, atol=1e-5)


@given(
    first=st.booleans(), heads=st.integers(1, 3), size=st.integers(1, 3), time=st.integers(1, 4),
    source=st.integers(1, 5),
)  # fmt: skip
def test_the_decoder_is_torchs(first, heads, size, time, source) -> None:
    features = heads * size
    theirs = torch.nn.TransformerDecoderLayer(
        features, heads, 5, 0.0, batch_first=True, norm_first=first
    )
    _shaken(theirs)
    ours = layers.TransformerDecoder(5, heads, normalize_first=first)
    x, seen = torch.randn(2, time, features), torch.randn(2, source, features)
    ours(x, seen)
    _take(ours.self_attention, theirs.self_attn)
    _take(ours.cross_attention, theirs.multihead_attn)
    norms = [
        (ours.attention_norm, theirs.norm1),
        (ours.cross_norm, theirs.norm2),
        (ours.dense_norm, theirs.norm3),
    ]
    _take_rest(ours, theirs, norms)
    causal = torch.nn.Transformer.generate_square_subsequent_mask(time)
    due = theirs(x, seen, tgt_mask=causal, tgt_is_causal=True)
    torch.testing.assert_close(ours(x, seen), due, rtol=1e-4, atol=1e-5)


def _exact(name: str):
    from profond import activations

    # Keras's "gelu" is the exact one, and so is torch's.
    return activations.get(name)


def test_blocks_are_in_models_that_are_kept() -> None:
    """Shapes of unknown length, masks, training, and the model from its description."""
    from profond.models import Model, model_from_json
    from profond.optimizers import Adam

    source, target = Input((None,), dtype="int32"), Input((None,), dtype="int32")

    def embedded(tokens):
        x = layers.Embedding(9, 6, mask_zero=True)(tokens)
        return layers.Add()([x, layers.SinePositionEncoding()(x)])

    seen = layers.TransformerEncoder(8, 2, dropout=0.1)(embedded(source))
    made = layers.TransformerDecoder(8, 2, dropout=0.1)(embedded(target), seen)
    model = Model([source, target], layers.Dense(9, activation="softmax")(made))
    assert model.output_shape == (None, None, 9)
    rng = np.random.default_rng(0)
    x = [rng.integers(1, 9, (4, 5)), rng.integers(1, 9, (4, 3))]
    x[0][:, 3:] = 0
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-5, atol=1e-6)
    shorter = [x[0][:, :3], x[1]]
    np.testing.assert_allclose(model.predict(shorter), model.predict(x), rtol=1e-4, atol=1e-6)
    model.compile(Adam(0.01), "sparse_categorical_crossentropy")
    history = model.fit(x, x[1], epochs=40, verbose=0)
    assert history.history["loss"][-1] < 0.8 * history.history["loss"][0]


def test_sines_are_those_of_the_paper() -> None:
    encoding = layers.SinePositionEncoding(max_wavelength=50)(torch.zeros(2, 7, 5), start_index=2)
    for place in range(7):
        for i in range(5):
            angle = (place + 2) / 50 ** (2 * (i // 2) / 5)
            due = np.cos(angle) if i % 2 else np.sin(angle)
            assert encoding[1, place, i].item() == pytest.approx(due, abs=1e-6)


def test_turned_products_depend_on_the_distance_only() -> None:
    query, key = torch.randn(1, 1, 1, 8).double(), torch.randn(1, 1, 1, 8).double()
    layer = layers.RotaryEmbedding(dtype="float64")

    def product(a: int, b: int) -> float:
        return (layer(query, start_index=a) * layer(key, start_index=b)).sum().item()

    assert product(3, 1) == pytest.approx(product(12, 10), rel=1e-4)
    assert product(3, 1) != pytest.approx(product(5, 1), rel=1e-2)
    x = torch.randn(2, 4, 6)
    turned = layers.RotaryEmbedding()(x)
    torch.testing.assert_close(turned.norm(dim=-1), x.norm(dim=-1))
    torch.testing.assert_close(turned[:, 0], x[:, 0])


def test_learned_places() -> None:
    layer = layers.PositionEmbedding(6, name="p")
    x = torch.zeros(2, 4, 3)
    first, later = layer(x).detach(), layer(x, start_index=2).detach()
    (table,) = layer.get_weights()
    np.testing.assert_array_equal(first[0].numpy(), table[:4])
    np.testing.assert_array_equal(later[1].numpy(), table[2:])
    with pytest.raises(ValueError, match=r"'p' knows 6 places; received a sequence that ends at 7"):
        layer(x, start_index=3)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: layers.TransformerEncoder(4, 4, name="t")(torch.ones(1, 2, 6)),
            r"`num_heads` of the layer 't' must divide the number of features .*num_heads=4 and 6",
        ),
        (lambda: layers.TransformerEncoder(0, 1), r"`intermediate_dim` must be a positive integer"),
        (lambda: layers.TransformerDecoder(4, 2, dropout=-1), r"`dropout` must be a number from 0"),
        (
            lambda: layers.RotaryEmbedding(name="r")(torch.ones(1, 2, 3)),
            r"features of the layer 'r' must be even, to turn them in pairs; received 3",
        ),
        (lambda: layers.SinePositionEncoding(0), r"`max_wavelength` must be a number > 0"),
        (lambda: layers.PositionEmbedding(0), r"`sequence_length` must be a positive integer"),
    ],
)
def test_errors(make, text) -> None:
    with pytest.raises(ValueError, match=text):
        make()


def test_the_encoders_output_is_given_always_or_never() -> None:
    layer = layers.TransformerDecoder(4, 2, name="d")
    x = torch.ones(1, 2, 4)
    layer(x)
    with pytest.raises(ValueError, match=r"'d' must get `encoder_sequence` at all calls or at non"):
        layer(x, x)
