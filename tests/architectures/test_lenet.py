import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from profond.architectures import lenet
from profond.models import model_from_json

PROFOND = Path(sys.executable).with_name("profond")
REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("PROFOND_DATA", REPOSITORY.parent / "shared" / "data"))
# What the notes print after the cell: layer, shape of its output, parameters.
SUMMARY = [
    ("conv2d (Conv2D)", "(None, 28, 28, 6)", "156"),
    ("max_pooling2d (MaxPooling2D)", "(None, 14, 14, 6)", "0"),
    ("conv2d_1 (Conv2D)", "(None, 10, 10, 16)", "2,416"),
    ("max_pooling2d_1 (MaxPooling2D)", "(None, 5, 5, 16)", "0"),
    ("flatten (Flatten)", "(None, 400)", "0"),
    ("dense (Dense)", "(None, 120)", "48,120"),
    ("dense_1 (Dense)", "(None, 84)", "10,164"),
    ("dense_2 (Dense)", "(None, 10)", "850"),
]
TOTALS = (
    "Total params: 61,706 (241.04 KB)",
    "Trainable params: 61,706 (241.04 KB)",
    "Non-trainable params: 0 (0.00 B)",
)


def cell_of_the_notes():
    """The cell of 6.2.2, which begins on one page of the notes and ends on the next."""
    files = sorted((DATA.parent / "seeds").glob("*.txt"))
    if not files:
        pytest.skip("the notes are not on this machine (PROFOND_DATA)")
    text = files[0].read_text(encoding="utf-8")
    pages = re.search(
        r"^```\n(from keras\.models import Sequential\n"
        r"from keras\.layers import InputLayer, Conv2D.*?)"
        r"^```\n\n\(suite sur la page suivante\)\n\n\(suite de la page précédente\)\n\n"
        r"```\n(.*?)^```$",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    assert pages is not None
    return pages.group(1) + pages.group(2)


def test_the_cell_of_the_notes_runs_as_it_stands(tmp_path):
    script = tmp_path / "lenet.py"
    script.write_text(cell_of_the_notes(), encoding="utf-8")
    done = subprocess.run(
        [PROFOND, "run", script.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [[part.strip() for part in line.split("│")[1:4]] for line in done.stdout.splitlines()]
    assert [tuple(row) for row in rows if len(row) == 3] == SUMMARY
    for total in TOTALS:
        assert total in done.stdout


@pytest.mark.parametrize(("size", "padding"), [(32, "valid"), (28, "same")])
def test_the_network_of_the_notes(size, padding):
    model = lenet((size, size, 1), 10, padding=padding)
    shapes = [(str(layer.output.shape), f"{layer.count_params():,}") for layer in model.layers]
    assert shapes == [row[1:] for row in SUMMARY]
    assert model.count_params() == 61_706


def test_answers_are_those_of_plain_torch():
    model = lenet((28, 28, 1), 10, padding="same", activation="tanh", pooling="average")
    layers = [model.get_layer(name) for name in ("conv1", "conv2", "fc1", "fc2", "fc3")]
    oracle = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
        nn.Linear(84, 10),
    )  # fmt: skip
    for ours, theirs in zip(layers, [oracle[i] for i in (0, 3, 7, 9, 11)], strict=True):
        weight = theirs.weight.detach()
        if theirs is oracle[7]:  # what is flattened has its channels last here
            weight = weight.view(120, 16, 5, 5).permute(0, 2, 3, 1).reshape(120, 400)
        ours.kernel.assign(weight.permute(2, 3, 1, 0) if weight.ndim == 4 else weight.T)
        ours.bias.assign(theirs.bias.detach())
    x = torch.randn(3, 28, 28, 1)
    torch.testing.assert_close(model(x), oracle(x.permute(0, 3, 1, 2)), rtol=1e-4, atol=1e-5)


def test_options():
    model = lenet((16, 20, 3), 4, output_activation="softmax", dropout=0.25)
    assert sum(layer.name.startswith("dropout") for layer in model.layers) == 2
    again = model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    x = np.random.default_rng(0).normal(size=(2, 16, 20, 3)).astype("float32")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    np.testing.assert_allclose(model.predict(x, verbose=0).sum(1), 1, rtol=1e-5)
    assert lenet((12, 12, 1), 2, padding="same").output_shape == (None, 2)


@pytest.mark.wrong_types
def test_images_that_do_not_fit_are_told():
    with pytest.raises(ValueError, match=r"images for 'lenet' must be at least 16 pixels high and"):
        lenet((15, 32, 1), 10)
    with pytest.raises(ValueError, match=r"must be at least 12 pixels high and wide; received"):
        lenet((12, 11, 1), 10, padding="same")
    with pytest.raises(ValueError, match=r"such as \(28, 28, 1\), of grey images"):
        lenet((28, 28), 10)
    with pytest.raises(ValueError, match=r"the height and width of `input_shape` of 'lenet' must"):
        lenet((None, 28, 1), 10)
    with pytest.raises(ValueError, match=r"`pooling` must be one of 'max', 'average'; received 'm"):
        lenet((28, 28, 1), 10, pooling="min")
    with pytest.raises(ValueError, match=r"`padding` must be one of 'valid', 'same'; received"):
        lenet((28, 28, 1), 10, padding="causal")
