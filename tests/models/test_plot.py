"""Pictures of models: files, boxes that do not overlap, arrows that lead somewhere."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers
from profond.models._layout import Item, Layout
from profond.models._plot import _diagram_of, _Shown
from profond.utils import plot_model
from tests.models.helpers import random_graph


def network():
    return profond.Sequential(
        [layers.Input((4,)), layers.Dense(5, "relu", name="hidden"), layers.Dense(1, name="out")]
    )


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".png", b"\x89PNG"),
        (".svg", b"<?xml"),
        (".pdf", b"%PDF"),
        (".jpg", b"\xff\xd8"),
    ],
)
def test_files(tmp_path, suffix, start):
    path = tmp_path / f"model{suffix}"
    plot_model(network(), path, dpi=50)
    assert path.read_bytes().startswith(start)
    assert os.listdir(tmp_path) == [path.name]


def test_boxes_show_what_is_asked_for():
    model = network()
    model.get_layer("out").trainable = False
    assert texts(plot_model(model, None)) == ["InputLayer", "Dense", "Dense"]
    shown = texts(
        plot_model(
            model,
            None,
            show_shapes=True,
            show_dtype=True,
            show_layer_names=True,
            show_layer_activations=True,
            show_trainable=True,
        )
    )
    assert "hidden (Dense)" in shown
    for line in (
        "activation: relu",
        "activation: linear",
        "dtype: float32",
        "in: (None, 4)",
        "out: (None, 5)",
        "trainable",
        "frozen",
    ):
        assert line in shown


def test_nested_models_are_opened_when_asked():
    inner = profond.Sequential([layers.Input((4,)), layers.Dense(3, name="inside")], name="inner")
    model = profond.Sequential([layers.Input((4,)), inner])
    closed = texts(plot_model(model, None, show_layer_names=True))
    opened = texts(plot_model(model, None, show_layer_names=True, expand_nested=True))
    assert "inside (Dense)" not in closed
    assert "inside (Dense)" in opened
    assert "inner (Sequential)" in opened


def test_shared_layers_have_a_box_for_each_call():
    shared = layers.Dense(3, name="shared")
    a, b = profond.Input((4,)), profond.Input((4,))
    shown = texts(plot_model(profond.Model([a, b], shared(a) + shared(b)), None))
    assert "call 1 of 2" in shown
    assert "call 2 of 2" in shown


def test_a_subclassed_model_shows_its_layers():
    class Mine(profond.Model):
        def __init__(self):
            super().__init__()
            self.one, self.two = layers.Dense(3), layers.Dense(2)

        def call(self, x):
            return self.two(self.one(x))

    model = Mine()
    model.build((None, 4))
    assert texts(plot_model(model, None)) == ["Dense", "Dense"]


def test_a_long_model_is_drawn_with_fewer_dots(tmp_path):
    model = profond.Sequential([layers.Input((1,)), *(layers.Dense(1) for _ in range(100))])
    plot_model(model, tmp_path / "long.png", dpi=600)
    assert (tmp_path / "long.png").stat().st_size > 0


@given(seed=st.integers(0, 10**6), horizontal=st.booleans())
def test_boxes_never_overlap_and_arrows_end_on_them(seed, horizontal):
    shown = _Shown(True, True, True, True, True, True, horizontal)
    diagram = _diagram_of(random_graph(profond, seed), shown)
    diagram.arrange(horizontal)

    def check(diagram):
        boxes = diagram.boxes
        for i, a in enumerate(boxes):
            assert -1e-6 <= a.x <= a.x + a.width <= diagram.width + 1e-6
            assert -1e-6 <= a.y <= a.y + a.height <= diagram.height + 1e-6
            for b in boxes[:i]:
                apart_x = a.x + a.width <= b.x + 1e-6 or b.x + b.width <= a.x + 1e-6
                apart_y = a.y + a.height <= b.y + 1e-6 or b.y + b.height <= a.y + 1e-6
                assert apart_x or apart_y
            if a.inner is not None:
                check(a.inner)
        for (source, target), way in zip(diagram.arrows, diagram.ways, strict=True):
            for box, (x, y) in ((boxes[source], way[0]), (boxes[target], way[-1])):
                assert box.x - 1e-6 <= x <= box.x + box.width + 1e-6
                assert box.y - 1e-6 <= y <= box.y + box.height + 1e-6

    check(diagram)


@given(
    data=st.data(),
    count=st.integers(1, 12),
)
def test_arrows_lead_down_and_pass_beside_the_boxes(data, count):
    sizes = st.floats(5, 60)
    boxes = [Item(data.draw(sizes), data.draw(sizes)) for _ in range(count)]
    pairs = [(i, j) for j in range(count) for i in range(j)]
    arrows = data.draw(st.lists(st.sampled_from(pairs), unique=True, max_size=15)) if pairs else []
    layout = Layout(boxes, arrows, gap=10, row_gap=20)
    for place, (source, target) in enumerate(arrows):
        assert boxes[source].row < boxes[target].row
        way = layout.way(place)
        assert all(a[1] <= b[1] + 1e-9 for a, b in zip(way, way[1:], strict=False))
        for across, along in way[1:-1]:
            for box in boxes:
                inside = abs(across - box.across) < box.breadth / 2 - 1e-6
                assert not (inside and abs(along - box.along) < box.length / 2 - 1e-6)


def test_a_chain_is_straight():
    boxes = [Item(10, size) for size in (30, 50, 20, 40)]
    Layout(boxes, [(0, 1), (1, 2), (2, 3)], gap=10, row_gap=20)
    assert len({round(box.across, 6) for box in boxes}) == 1


def test_what_is_refused(tmp_path):
    with pytest.raises(ValueError, match="`to_file` must end in one of .png, .svg, .* received 'm"):
        plot_model(network(), "model.gif")
    with pytest.raises(ValueError, match="`rankdir` must be 'TB' .*; received 'UP'"):
        plot_model(network(), None, rankdir="UP")
    with pytest.raises(ValueError, match="the model 'net' is not built, so there is nothing to dr"):
        plot_model(profond.Sequential([layers.Dense(2)], name="net"), None)


def test_arguments_are_those_of_keras():
    import inspect

    keras = pytest.importorskip("keras")
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(f).parameters.values()]
        for f in (plot_model, keras.utils.plot_model)
    )
    assert ours == theirs[:-1]  # theirs takes any further keyword
