"""Images a second: decoded from JPEG, and changed at random beside Keras's layers on torch."""

import io
import os
import statistics
from typing import Any

import numpy as np
import torch

from benchmarks._report import each_call, in_pairs, seconds, table, write_section

_LAYERS: dict[str, tuple[Any, ...]] = {
    "RandomFlip": ("horizontal",),
    "RandomRotation": (0.1,),
    "RandomZoom": (0.1,),
    "RandomTranslation": (0.1, 0.1),
    "RandomContrast": ((0.2, 0.2),),
    "RandomBrightness": (0.2,),
    "RandomErasing": (),
    "RandomCrop": (28, 28),
    "MixUp": (),
}
_BATCH = (128, 32, 32, 3)


def main() -> None:
    """Measure and write the section."""
    body = f"A batch of {' x '.join(map(str, _BATCH))}, thousands of images a second.\n\n"
    body += table(["layer", "profond", "Keras on torch", "times as fast (range)"], _layer_rows())
    body += "\n\nJPEG photos, quality 90, images a second, nothing kept in memory.\n\n"
    body += table(["photo", "to", "images / s"], _decoding_rows())
    write_section("Images", body)


def _layer_rows() -> list[list[str]]:
    from profond import layers

    os.environ.setdefault("KERAS_BACKEND", "torch")
    try:
        import keras
    except ImportError:
        keras = None
    x = torch.rand(_BATCH) * 255
    rows = []
    for name, arguments in _LAYERS.items():
        ours = getattr(layers, name)(*arguments)

        def our_time(layer: Any = ours) -> float:
            return each_call(lambda: layer(x, training=True), 10)

        if keras is None:
            rows.append([name, _thousands([our_time() for _ in range(5)]), "not installed", ""])
            continue
        theirs = getattr(keras.layers, name)(*arguments)

        def their_time(layer: Any = theirs) -> float:
            return each_call(lambda: layer(x, training=True), 2)

        pairs = in_pairs(our_time, their_time, 5)
        faster = [b / a for a, b in zip(pairs.ours, pairs.peer, strict=True)]
        spread = f"{statistics.median(faster):.1f} ({min(faster):.1f} to {max(faster):.1f})"
        rows.append([name, _thousands(pairs.ours), _thousands(pairs.peer), spread])
    affine = layers.RandomAffine(rotation=0.1, zoom=0.1, translation=0.1, flip="horizontal")
    times = [each_call(lambda: affine(x, training=True), 10) for _ in range(5)]
    return [*rows, ["RandomAffine (the first four at once)", _thousands(times), "", ""]]


def _thousands(times: list[float]) -> str:
    return f"{_BATCH[0] / statistics.median(times) / 1000:.1f}"


def _decoding_rows() -> list[list[str]]:
    from PIL import Image

    from profond.data.images import ImageSet
    from profond.data.images._encoded import encoded_pixels

    rng = np.random.default_rng(0)
    rows = []
    for (width, height), count, size in (
        ((1280, 960), 40, (224, 224)),
        ((256, 256), 200, (224, 224)),
        ((32, 32), 4000, (32, 32)),
    ):
        small = rng.integers(0, 256, (height // 8, width // 8, 3), np.uint8)
        file = io.BytesIO()
        Image.fromarray(small).resize((width, height)).save(file, "JPEG", quality=90)
        files = [file.getvalue()] * count
        pixels, _, _ = encoded_pixels(files, ["photo"] * count)
        images = ImageSet(pixels).decoded(size, how="crop", cache=False)
        rate = count / statistics.median(seconds(lambda images=images: images[:]) for _ in range(3))
        rows.append([f"{height} x {width}", f"{size[0]} x {size[1]}", f"{rate:.0f}"])
    return rows


if __name__ == "__main__":
    main()
