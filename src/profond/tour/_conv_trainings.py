"""What chapter 6 trains: convolutions and dense layers, LeNet on digits, the FCN on series."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from profond import figures
from profond.figures import mean_interval, numbers
from profond.figures._batch import one_thread
from profond.figures._runs import seeded
from profond.tour._data import Split, digits, gun_point
from profond.tour._statements import ONE_SEED, averages, curves, verdict
from profond.tour._structure import Outcome, Picture, Setting, Text

_FILTERS = (16, 32)
_ALMOST = 0.05  # accuracy lost over all shifts that still counts as holding


def against_dense(setting: Setting) -> Outcome:
    """Convolutions and a dense layer of as many parameters, on digits that are shifted."""
    pictures, labels = small_digits()
    shifts, epochs = [0, 1, 2, 3], setting.pick(15, 2)
    figure = figures.conv_or_dense(
        pictures,
        labels,
        filters=_FILTERS,
        shifts=shifts,
        epochs=epochs,
        seeds=setting.seeds,
        lang=setting.lang,
    )
    found = numbers(figure)
    conv, dense = found["accuracy"]["conv"], found["accuracy"]["dense"]
    start = mean_interval(conv[:, 0] - dense[:, 0])
    lost = mean_interval(conv[:, 0] - conv[:, -1])
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "Accuracy on digits set apart. As they are: {conv_first:mean%} with "
                    "convolutions, {dense_first:mean%} with a dense layer; {most} pixels further "
                    "to the right: {conv_last:mean%} and {dense_last:mean%}. Dotted: always the "
                    "most frequent digit.",
                    "Exactitude sur des chiffres mis de côté. Tels quels : {conv_first:mean%} "
                    "avec des convolutions, {dense_first:mean%} avec une couche dense ; {most} "
                    "pixels plus à droite : {conv_last:mean%} et {dense_last:mean%}. En "
                    "pointillé : toujours le chiffre le plus fréquent.",
                ),
                curves(setting.seeds, log=False),
            )
        ],
        numbers={
            "conv_first": mean_interval(conv[:, 0], within=(0, 1)),
            "dense_first": mean_interval(dense[:, 0], within=(0, 1)),
            "conv_last": mean_interval(conv[:, -1], within=(0, 1)),
            "dense_last": mean_interval(dense[:, -1], within=(0, 1)),
            "conv_size": found["parameters"]["conv"],
            "dense_size": found["parameters"]["dense"],
            "hidden": found["hidden"],
            "most": shifts[-1],
            "epochs": epochs,
            "side": pictures.shape[1],
            "rows": len(pictures),
            "start": verdict(
                start,
                of=0.0,
                above=Text(
                    "On digits where they are, convolutions already do better",
                    "Sur des chiffres en place, les convolutions font déjà mieux",
                ),
                below=Text(
                    "On digits where they are, the dense layer does better",
                    "Sur des chiffres en place, la couche dense fait mieux",
                ),
                unclear=Text(
                    "On digits where they are, the seeds do not tell the two apart",
                    "Sur des chiffres en place, les graines ne les départagent pas",
                ),
            ),
            "holds": verdict(
                lost,
                of=_ALMOST,
                below=Text(
                    "hardly changes for the convolutions", "change à peine pour les convolutions"
                ),
                above=Text("falls for the convolutions too", "baisse aussi avec les convolutions"),
                unclear=Text(
                    "may fall a little for the convolutions",
                    "baisse peut-être un peu avec les convolutions",
                ),
            ),
        },
        note=averages(setting.seeds, log=False),
        findings=[
            (Text("parameters, convolutions", "paramètres, convolutions"), "{conv_size}"),
            (Text("parameters, dense", "paramètres, dense"), "{dense_size}"),
            (Text("accuracy, convolutions", "exactitude, convolutions"), "{conv_first:%}"),
            (Text("accuracy, dense", "exactitude, dense"), "{dense_first:%}"),
            (
                Text("convolutions, {most} pixels off", "convolutions, {most} pixels plus loin"),
                "{conv_last:%}",
            ),
            (
                Text("dense, {most} pixels off", "dense, {most} pixels plus loin"),
                "{dense_last:%}",
            ),
        ],
    )


def small_digits() -> tuple[np.ndarray, np.ndarray]:
    """All digits at half their size, (rows, 14, 14, 1): means of 2×2 pixels."""
    (first, labels), (second, more) = digits()
    images = np.concatenate([first, second])
    halves = images.reshape(len(images), 14, 2, 14, 2, 1).mean(axis=(2, 4))
    return halves, np.concatenate([labels, more])


def lenet(setting: Setting) -> Outcome:
    """LeNet of the notes drawn and counted, and trained on digits."""
    from profond.architectures import lenet as architecture

    notes = architecture((32, 32, 1), 10, output_activation="softmax")
    drawn = figures.conv_network(notes, lang=setting.lang)
    found = numbers(drawn)

    def build() -> Any:
        model = architecture((28, 28, 1), 10, padding="same", output_activation="softmax")
        return compiled(model, "adam")

    models, accuracies = trained(
        build, digits(), range(setting.seeds), epochs=setting.pick(10, 2), batch_size=32
    )
    (_, _), (images, labels) = digits()
    last = models[0]
    wrong = last.predict(images, verbose=0)
    example = images[int(np.argmax(labels == 3))]
    layers = [name for name, shape in _layer_table(notes) if len(shape) == 3]
    return Outcome(
        pictures=[
            Picture(
                drawn,
                Text(
                    "LeNet as in Fig. 6.2 of the notes: above, the shape of what each layer puts "
                    "out; under it, the layer and its number of parameters.",
                    "LeNet comme sur la figure 6.2 du cours : en haut, la forme de ce que produit "
                    "chaque couche ; dessous, la couche et son nombre de paramètres.",
                ),
            ),
            Picture(
                figures.learned_filters(last, lang=setting.lang),
                Text(
                    "The six filters of the first convolution, as training has left them.",
                    "Les six filtres de la première convolution, tels que l'entraînement les "
                    "laisse.",
                ),
                ONE_SEED,
            ),
            Picture(
                figures.feature_maps(last, example, layers, lang=setting.lang),
                Text(
                    "A test digit, and the maps of the layers that keep a grid: one row per "
                    "layer, those of the largest activations.",
                    "Un chiffre de test, et les cartes des couches qui gardent une grille : une "
                    "ligne par couche, celles aux plus grandes activations.",
                ),
                ONE_SEED,
            ),
            Picture(
                figures.most_confident_errors(
                    images[..., 0], labels, wrong, n=10, lang=setting.lang
                ),
                Text(
                    "Test digits of which the network is most sure, and wrong.",
                    "Les chiffres de test dont le réseau est le plus sûr, à tort.",
                ),
                ONE_SEED,
            ),
        ],
        numbers={
            "total": found["total"],
            "dense_share": sum(found["parameters"][-3:]) / found["total"],
            "first": found["parameters"][1],
            "second": found["parameters"][3],
            "dense_1": found["parameters"][-3],
            "dense_2": found["parameters"][-2],
            "dense_3": found["parameters"][-1],
            "accuracy": mean_interval(accuracies, within=(0, 1)),
            "train_rows": len(digits()[0][0]),
            "test_rows": len(images),
            "epochs": setting.pick(10, 2),
            "error": layer_error(last, example),
        },
        note=averages(setting.seeds, log=False),
        findings=[
            (Text("`Conv2D` → 28 × 28 × 6", "`Conv2D` → 28 × 28 × 6"), "{first}"),
            (Text("`MaxPool2D` → 14 × 14 × 6", "`MaxPool2D` → 14 × 14 × 6"), "0"),
            (Text("`Conv2D` → 10 × 10 × 16", "`Conv2D` → 10 × 10 × 16"), "{second}"),
            (Text("`MaxPool2D` → 5 × 5 × 16", "`MaxPool2D` → 5 × 5 × 16"), "0"),
            (Text("`Flatten` → 400", "`Flatten` → 400"), "0"),
            (Text("`Dense` → 120", "`Dense` → 120"), "{dense_1}"),
            (Text("`Dense` → 84", "`Dense` → 84"), "{dense_2}"),
            (Text("`Dense` → 10", "`Dense` → 10"), "{dense_3}"),
            (Text("parameters in all", "paramètres en tout"), "{total}"),
            (
                Text(
                    "largest difference between the first layer and equation 6.3",
                    "plus grand écart entre la première couche et l'équation 6.3",
                ),
                "{error:1}",
            ),
            (
                Text("accuracy on test digits", "exactitude sur les chiffres de test"),
                "{accuracy:%}",
            ),
        ],
    )


def _layer_table(model: Any) -> list[tuple[str, tuple[int, ...]]]:
    """Name and output shape of each layer."""
    return [(layer.name, tuple(layer.output.shape[1:])) for layer in model.layers]


def layer_error(model: Any, image: np.ndarray) -> float:
    """The first layer's maps of an image beside equation 6.3 as it is written."""
    from profond.inspection import feature_maps

    first = next(layer for layer in model.layers if len(layer.get_weights()) == 2)
    maps = feature_maps(model, image[None], [first.name])[first.name][0]
    weights, bias = (np.asarray(w, dtype=np.float64) for w in first.get_weights())
    half = weights.shape[0] // 2
    padded = np.pad(image.astype(np.float64), ((half, half), (half, half), (0, 0)))
    worst = 0.0
    for c in range(weights.shape[3]):
        for i in range(maps.shape[0]):
            for j in range(maps.shape[1]):
                patch = padded[i : i + 2 * half + 1, j : j + 2 * half + 1]
                value = max(0.0, float(np.sum(weights[..., c] * patch) + bias[c]))
                worst = max(worst, abs(value - float(maps[i, j, c])))
    return worst


def series_network(setting: Setting) -> Outcome:
    """A small FCN on GunPoint, its accuracy, and where it finds the classes."""
    from profond.architectures import fcn
    from profond.optimizers import Adam
    from profond.optimizers.schedules import CosineDecay

    filters, batch, epochs = (16, 32, 16), 5, setting.pick(60, 3)
    (series, _), (tests, labels) = gun_point()

    def build() -> Any:
        model = fcn((series.shape[1], 1), 2, filters=filters, output_activation="softmax")
        steps = epochs * -(-len(series) // batch)
        return compiled(model, Adam(CosineDecay(0.005, steps)))

    models, accuracies = trained(
        build, gun_point(), range(setting.seeds), epochs=epochs, batch_size=batch
    )
    names = [
        {"en": "gun", "fr": "arme"}[setting.lang],
        {"en": "point", "fr": "doigt"}[setting.lang],
    ]
    model = models[0]
    predicted = model.predict(tests, verbose=0).argmax(axis=1)
    pictures = [
        Picture(
            figures.conv_network(model, lang=setting.lang),
            Text(
                "The network: three convolutions that keep the length, the mean over time, and a "
                "dense layer. A strip is a series; only some are drawn.",
                "Le réseau : trois convolutions qui gardent la longueur, la moyenne dans le temps "
                "et une couche dense. Une bande est une série ; toutes ne sont pas dessinées.",
            ),
        )
    ]
    for code, name in enumerate((Text("gun", "arme"), Text("point", "doigt"))):
        right = np.flatnonzero((labels == code) & (predicted == code))
        chosen = int(right[0]) if len(right) else int(np.flatnonzero(labels == code)[0])
        pictures.append(
            Picture(
                figures.class_activation(
                    model, tests[chosen], class_index=code, classes=names, lang=setting.lang
                ),
                Text(
                    f"A test series of the class “{name.en}”: warm where the network finds that "
                    "class, cold where it finds the other.",
                    f"Une série de test de la classe « {name.fr} » : chaud là où le réseau trouve "
                    "cette classe, froid là où il trouve l'autre.",
                ),
                ONE_SEED,
            )
        )
    sums = activation_sums(model, tests)
    return Outcome(
        pictures=pictures,
        numbers={
            "accuracy": mean_interval(accuracies, within=(0, 1)),
            "worst": float(min(accuracies)),
            "parameters": model.count_params(),
            "train_rows": len(series),
            "test_rows": len(tests),
            "seeds": setting.seeds,
            "epochs": epochs,
            "sums": sums,
            "chance": float(np.bincount(labels).max() / len(labels)),
        },
        note=averages(setting.seeds, log=False),
        findings=[
            (Text("parameters", "paramètres"), "{parameters}"),
            (Text("accuracy on test series", "exactitude sur les séries de test"), "{accuracy:%}"),
            (Text("of the worst seed", "de la plus mauvaise graine"), "{worst:%}"),
            (Text("always the same class", "toujours la même classe"), "{chance:%}"),
            (
                Text(
                    "mean of the map plus bias, less the output before softmax",
                    "moyenne de la carte plus biais, moins la sortie avant softmax",
                ),
                "{sums:1}",
            ),
        ],
    )


def activation_sums(model: Any, series: np.ndarray) -> float:
    """How far the mean of each class activation map, plus the bias, is from the class's output."""
    from profond.inspection import class_activation_map

    head = model.layers[-1]
    bias = np.asarray(head.get_weights()[1], dtype=np.float64)
    scores = np.log(model.predict(series, verbose=0).astype(np.float64))
    maps = [class_activation_map(model, series, code).mean(axis=1) + bias[code] for code in (0, 1)]
    # Softmax leaves only differences of its inputs.
    return float(np.abs((maps[1] - maps[0]) - (scores[:, 1] - scores[:, 0])).max())


def compiled(model: Any, optimizer: Any) -> Any:
    """The model, ready to be trained on class numbers."""
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model


@one_thread()
def trained(
    build: Any, split: Split, seeds: Sequence[int], *, epochs: int, batch_size: int
) -> tuple[list[Any], list[float]]:
    """A model per seed, trained on the training rows, and its accuracy on the test rows.

    Raises:
        KeyboardInterrupt: If Ctrl-C was pressed.
    """
    (x, y), (x_test, y_test) = split
    models, accuracies = [], []
    for seed in seeds:
        with seeded(seed):
            model = build()
            history = model.fit(x, y, epochs=epochs, batch_size=batch_size, verbose=0)
        if history.interrupted:
            raise KeyboardInterrupt
        guessed = model.predict(x_test, verbose=0).argmax(axis=1)
        models.append(model)
        accuracies.append(float(np.mean(guessed == y_test)))
    return models, accuracies
