"""The table of the layers: where it goes, and what Keras's own leaves out."""

import pytest

import profond
from profond import layers
from profond._naming import reset_names
from tests.models.helpers import summary_of

NOTES = """\
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ dense (Dense)                   │ (None, 20)             │           220 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ (None, 3)              │            63 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 283 (1.11 KB)
 Trainable params: 283 (1.11 KB)
 Non-trainable params: 0 (0.00 B)
"""


def notes_model():
    reset_names()
    return profond.Sequential(
        [layers.Input((10,)), layers.Dense(20, "relu"), layers.Dense(3, "softmax")]
    )


def test_the_table_of_the_notes_is_printed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    notes_model().summary()
    assert capsys.readouterr().out == NOTES


@pytest.mark.parametrize(
    ("hidden", "outputs", "parameters"), [((20,), 3, 283), ((20, 20, 20), 3, None)]
)
def test_parameters_are_counted(hidden, outputs, parameters):
    sizes = (10, *hidden, outputs)
    model = profond.Sequential([layers.Input((10,)), *(layers.Dense(n) for n in sizes[1:])])
    by_hand = sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False))
    assert parameters in (None, by_hand)
    assert f"Total params: {by_hand:,}" in summary_of(model)


def test_a_wide_table_is_whole(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = summary_of(notes_model(), line_length=120).splitlines()
    assert len(lines[1]) == 120
    assert lines[4].endswith("220 │")


def test_positions_are_relative_or_absolute():
    model = notes_model()
    relative = summary_of(model, positions=[0.5, 0.8, 1.0], line_length=100)
    absolute = summary_of(model, positions=[50, 80, 100], line_length=100)
    assert relative == absolute
    with pytest.raises(ValueError, match="the column 'Output Shape' of the summary would be 1 ch"):
        model.summary(positions=[0.5, 0.51, 1.0], line_length=100)


def test_a_subclassed_model_that_is_built_shows_its_shapes():
    class Mine(profond.Model):
        def __init__(self):
            super().__init__()
            self.hidden, self.out = layers.Dense(3), layers.Dense(4)

        def call(self, x):
            return self.out(self.hidden(x))

    model = Mine()
    model.build((None, 5))
    text = summary_of(model)
    assert "(None, 3)" in text
    assert "(None, 4)" in text
    assert "Total params: 34" in text


def test_layers_of_several_outputs_show_all_shapes():
    class Two(layers.Layer):
        def call(self, x):
            return x, x[:, :1]

    a = profond.Input((3,))
    one, two = Two()(a)
    assert "[(None, 3), (None, 1)]" in summary_of(
        profond.Model(a, [one, two]), line_length=120
    ) or "((None, 3), (None, 1))" in summary_of(profond.Model(a, [one, two]), line_length=120)


def test_layer_range_must_name_layers():
    model = notes_model()
    with pytest.raises(ValueError, match="`layer_range` must hold two layer names; 'no' is not am"):
        model.summary(layer_range=("no", "dense"))
    with pytest.raises(ValueError, match="`layer_range` must be two layer names .*; received 'x'"):
        model.summary(layer_range="x")


def test_sizes_are_readable():
    from profond.models._summary import readable_size

    assert [readable_size(n) for n in (0, 4, 1023, 1024, 1536, 5 * 1024**2, 3 * 1024**6)] == [
        "0.00 B",
        "4.00 B",
        "1023.00 B",
        "1.00 KB",
        "1.50 KB",
        "5.00 MB",
        "3072.00 PB",
    ]


def test_the_rows_of_the_table_come_as_text():
    from profond.models._summary import layer_rows

    model = profond.Sequential(
        [layers.Input((10,)), layers.Dense(20, "relu"), layers.Dropout(0.1), layers.Dense(3)]
    )
    assert layer_rows(model) == [
        ("Dense", "relu", "(None, 20)", "220"),
        ("Dropout", "", "(None, 20)", "0"),
        ("Dense", "linear", "(None, 3)", "63"),
    ]
