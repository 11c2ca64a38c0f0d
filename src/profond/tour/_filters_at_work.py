"""What chapter 6 computes without training: filters over series and images, padding, pooling."""

import numpy as np

from profond import figures
from profond.figures import numbers
from profond.tour._data import gun_point, photograph
from profond.tour._statements import EXACT
from profond.tour._structure import Outcome, Picture, Setting, Text

SIGMA = 4.0  # time steps
SHIFT = 30  # time steps
_EDGES = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])  # Sobel's filter
# Dumoulin and Visin 2016, figure 1.1.
IMAGE = np.array(
    [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
)
KERNEL = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
_MAP = np.array([[1, 3, 2, 1], [2, 9, 1, 1], [1, 3, 2, 3], [5, 6, 1, 2]])
_PHOTO = Text("Photograph: danielbuechele, CC BY 2.0.", "Photographie : danielbuechele, CC BY 2.0.")


def one_series() -> np.ndarray:
    """A series of GunPoint, (150,)."""
    return gun_point()[0][0][0, :, 0].astype(np.float64)


def along_a_series(setting: Setting) -> Outcome:
    """Two filters over a series, and the sum of the notes beside the layer."""
    series = one_series()
    # The series is smooth; with noise of its own there is something to smooth away.
    noisy = series + np.random.default_rng(0).normal(0, 0.2, len(series))
    smooth = figures.activation_map(noisy, sigma=SIGMA, lang=setting.lang)
    rising = figures.activation_map(series, kernel=[-0.5, 0, 0.5], lang=setting.lang)
    found, slopes = numbers(smooth), numbers(rising)
    written = written_sum(noisy, found["filter"])
    half = len(found["filter"]) // 2
    rough = np.abs(np.diff(noisy)).mean()
    return Outcome(
        pictures=[
            Picture(
                smooth,
                Text(
                    "A Gaussian filter of {length} values, σ = {sigma:1}. Between neighbouring "
                    "steps the series changes by {rough:2} on average, the map by {calm:2}.",
                    "Un filtre gaussien de {length} valeurs, σ = {sigma:1}. D'un instant au "
                    "suivant, la série change en moyenne de {rough:2}, la carte de {calm:2}.",
                ),
                Text(
                    "GunPoint, first training series, with added noise.",
                    "GunPoint, première série d'entraînement, avec du bruit ajouté.",
                ),
            ),
            Picture(
                rising,
                Text(
                    "The filter (−½, 0, ½) on the same series without noise: its map is largest, "
                    "{steep:2}, at step {when}, where the series rises most.",
                    "Le filtre (−½, 0, ½) sur la même série sans bruit : sa carte est maximale, "
                    "{steep:2}, à l'instant {when}, là où la série monte le plus.",
                ),
                EXACT,
            ),
        ],
        numbers={
            "sigma": SIGMA,
            "length": len(found["filter"]),
            "half": half,
            "size": len(series),
            "left": len(found["map"]),
            "rough": float(rough),
            "calm": float(np.abs(np.diff(found["map"])).mean()),
            "times": float(rough / np.abs(np.diff(found["map"])).mean()),
            "error": float(np.abs(written - found["map"]).max()),
            "steep": float(slopes["map"].max()),
            "when": int(slopes["at"][np.argmax(slopes["map"])]),
        },
        findings=[
            (Text("values of the filter, 2L + 1", "valeurs du filtre, 2L + 1"), "{length}"),
            (Text("values of the series", "valeurs de la série"), "{size}"),
            (Text("values of the map", "valeurs de la carte"), "{left}"),
            (
                Text(
                    "largest difference between `Conv1D` and equation 6.1",
                    "plus grand écart entre `Conv1D` et l'équation 6.1",
                ),
                "{error:1}",
            ),
        ],
    )


def written_sum(x: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Equation 6.1 as it is written, a loop over t and one over k."""
    half = len(f) // 2
    return np.array(
        [
            sum(f[k + half] * x[t + k] for k in range(-half, half + 1))
            for t in range(half, len(x) - half)
        ]
    )


def equivariance(setting: Setting) -> Outcome:
    """The input moves, the output moves with it; that of a dense layer does not."""
    series = one_series()
    moving = figures.equivariance_animation(
        series, most=SHIFT, frames=setting.pick(16, 4), sigma=SIGMA, lang=setting.lang
    )
    still = figures.equivariance(series, shift=SHIFT, sigma=SIGMA, lang=setting.lang)
    found = numbers(still)
    return Outcome(
        pictures=[
            Picture(
                moving,
                Text(
                    "The input moves up to {shift} steps to the right and back; the output moves "
                    "with it, without changing its shape.",
                    "L'entrée se décale jusqu'à {shift} pas vers la droite, puis revient ; la "
                    "sortie se décale avec elle, sans changer de forme.",
                ),
            ),
            Picture(
                still,
                Text(
                    "The same at one moment: {shift} steps later, and dashed, as it was.",
                    "La même chose à un instant donné : décalée de {shift} pas et, en tirets, "
                    "telle qu'elle était.",
                ),
                EXACT,
            ),
        ],
        numbers={
            "shift": SHIFT,
            "difference": found["largest_difference"],
            "dense": dense_difference(found["input"], found["shifted_input"], SHIFT),
            "size": len(series),
        },
        note=Text(
            "Relative: root mean square of the difference, over that of the shifted output.",
            "Relatif : moyenne quadratique de l'écart, rapportée à celle de la sortie décalée.",
        ),
        findings=[
            (
                Text("convolution: largest difference", "convolution : plus grand écart"),
                "{difference:1}",
            ),
            (Text("dense layer: relative difference", "couche dense : écart relatif"), "{dense:2}"),
        ],
    )


def dense_difference(before: np.ndarray, after: np.ndarray, shift: int) -> float:
    """How far a dense layer with random weights is from shifting its output as its input is."""
    from profond.layers import Dense

    layer = Dense(len(before), use_bias=False, dtype="float64")
    layer.build((None, len(before)))
    draws = np.random.default_rng(0).normal(0, len(before) ** -0.5, (len(before), len(before)))
    layer.set_weights([draws])
    one, other = layer(np.stack([before, after])).detach().cpu().numpy()
    wanted, got = one[:-shift], other[shift:]
    return float(np.sqrt(np.mean((wanted - got) ** 2) / np.mean(wanted**2)))


def image(setting: Setting) -> Outcome:
    """A photograph and its channels, blurred, and its edges."""
    photo = photograph()
    split = figures.image_channels(photo, lang=setting.lang)
    soft = figures.blur(photo, sigma=2.0, size=9, lang=setting.lang)
    edges = figures.blur(photo, kernel=_EDGES, lang=setting.lang)
    found, means = numbers(soft), numbers(split)["means"]
    grey = photo.mean(axis=2)[4:-4, 4:-4] / 255
    return Outcome(
        pictures=[
            Picture(
                split,
                Text(
                    "A photograph and its red, green and blue channels: {red:2}, {green:2} and "
                    "{blue:2} on average, white being 1.",
                    "Une photographie et ses canaux rouge, vert et bleu : {red:2}, {green:2} et "
                    "{blue:2} en moyenne, le blanc valant 1.",
                ),
                _PHOTO,
            ),
            Picture(
                soft,
                Text(
                    "The photograph, a Gaussian filter of 9×9, σ = 2, and the grey image that "
                    "they give: blurred.",
                    "La photographie, un filtre gaussien de 9×9, σ = 2, et l'image en niveaux de "
                    "gris qu'ils donnent : floue.",
                ),
            ),
            Picture(
                edges,
                Text(
                    "Another filter, 3×3: right minus left. Edges that stand upright come out "
                    "white or black, and what is even stays grey.",
                    "Un autre filtre, de 3×3 : la droite moins la gauche. Les bords verticaux "
                    "ressortent en blanc ou en noir, ce qui est uni reste gris.",
                ),
            ),
        ],
        numbers={
            "height": photo.shape[0],
            "width": photo.shape[1],
            "red": float(means[0]),
            "green": float(means[1]),
            "blue": float(means[2]),
            "rows": found["output"].shape[0],
            "columns": found["output"].shape[1],
            "weights": found["filter"].size,
            "before": float(np.abs(np.diff(grey, axis=1)).mean()),
            "after": float(np.abs(np.diff(found["output"], axis=1)).mean()),
            "error": float(_largest_error(photo / 255, found["filter"], found["output"])),
        },
        findings=[
            (Text("shape of the image", "forme de l'image"), "{height} × {width} × 3"),
            (Text("shape of the output", "forme de la sortie"), "{rows} × {columns} × 1"),
            (Text("weights of the filter", "poids du filtre"), "{weights}"),
            (
                Text(
                    "mean difference of neighbouring pixels, before",
                    "écart moyen entre pixels voisins, avant",
                ),
                "{before:2}",
            ),
            (Text("after", "après"), "{after:2}"),
            (
                Text(
                    "largest difference between `Conv2D` and equation 6.2",
                    "plus grand écart entre `Conv2D` et l'équation 6.2",
                ),
                "{error:1}",
            ),
        ],
    )


def _largest_error(x: np.ndarray, f: np.ndarray, output: np.ndarray) -> float:
    """Equation 6.2 as it is written, at 50 pixels drawn at random."""
    rng = np.random.default_rng(0)
    errors = []
    for i, j in zip(*(rng.integers(0, n, 50) for n in output.shape), strict=True):
        total = 0.0
        for k in range(f.shape[0]):
            for m in range(f.shape[1]):
                for c in range(f.shape[2]):
                    total += f[k, m, c] * x[i + k, j + m, c]
        errors.append(abs(total - output[i, j]))
    return max(errors)


def padding(setting: Setting) -> Outcome:
    """Without zeros, with zeros, with steps, with gaps."""
    lang = setting.lang
    valid = figures.convolution_animation(IMAGE, KERNEL, lang=lang)
    same = figures.convolution_animation(IMAGE, KERNEL, padding="same", lang=lang)
    steps = figures.convolution_step(6, 3, padding="same", strides=2, step=4, lang=lang)
    gaps = figures.convolution_step(7, 3, dilation_rate=2, step=4, lang=lang)
    sizes = {
        name: numbers(drawn)["output_shape"][0]
        for name, drawn in (
            ("valid", valid.frame(0)),
            ("same", same.frame(0)),
            ("steps", steps),
            ("gaps", gaps),
        )
    }
    return Outcome(
        pictures=[
            Picture(
                valid,
                Text(
                    "Without padding, 5×5 cells become {valid}×{valid}. In the corner of a cell "
                    "stands the weight that multiplies it.",
                    "Sans padding, 5×5 cases deviennent {valid}×{valid}. Dans le coin d'une case, "
                    "le poids qui la multiplie.",
                ),
            ),
            Picture(
                same,
                Text(
                    "With a rim of zeros, dashed, 5×5 cells stay {same}×{same}; the middle of the "
                    "output is what it was.",
                    "Avec un bord de zéros, en tirets, 5×5 cases restent {same}×{same} ; le milieu "
                    "de la sortie est inchangé.",
                ),
            ),
            Picture(
                steps,
                Text(
                    "Steps of two: 6×6 cells become {steps}×{steps}. A single row and column of "
                    "zeros is enough, and comes last.",
                    "Des pas de deux : 6×6 cases deviennent {steps}×{steps}. Une seule ligne et "
                    "une seule colonne de zéros suffisent, à la fin.",
                ),
            ),
            Picture(
                gaps,
                Text(
                    "A dilation of two: nine weights see 5×5 cells; 7×7 cells become "
                    "{gaps}×{gaps}.",
                    "Une dilatation de deux : neuf poids voient 5×5 cases ; 7×7 cases deviennent "
                    "{gaps}×{gaps}.",
                ),
            ),
        ],
        numbers=sizes,
        findings=[
            (Text("5×5, filter 3×3", "5×5, filtre 3×3"), "{valid} × {valid}"),
            (Text("with zeros around", "avec des zéros autour"), "{same} × {same}"),
            (Text("6×6, steps of two", "6×6, pas de deux"), "{steps} × {steps}"),
            (Text("7×7, dilation of two", "7×7, dilatation de deux"), "{gaps} × {gaps}"),
        ],
    )


def pooling(setting: Setting) -> Outcome:
    """The greatest or the mean of each window, and what a shift does to the greatest."""
    greatest = figures.pooling_animation(_MAP, lang=setting.lang)
    mean = figures.pooling_animation(_MAP, kind="average", lang=setting.lang)
    with_pooling, without = (multiplications(pooled) for pooled in (True, False))
    return Outcome(
        pictures=[
            Picture(
                greatest,
                Text(
                    "Max pooling with windows of 2×2: of each, the greatest number is kept.",
                    "Max pooling à fenêtres de 2×2 : de chacune, on garde le plus grand nombre.",
                ),
            ),
            Picture(
                mean,
                Text(
                    "Average pooling of the same numbers: of each window, the mean.",
                    "Average pooling des mêmes nombres : de chaque fenêtre, la moyenne.",
                ),
            ),
        ],
        numbers={
            "before": _MAP.size,
            "after": numbers(greatest.frame(0))["output"].size,
            "with_pooling": with_pooling,
            "without": without,
            "times": without / with_pooling,
        },
        findings=[
            (Text("cells before and after", "cases avant et après"), "{before}, {after}"),
            (
                Text(
                    "multiplications of LeNet's second convolution",
                    "multiplications de la seconde convolution de LeNet",
                ),
                "{with_pooling}",
            ),
            (Text("without the pooling before it", "sans le pooling qui la précède"), "{without}"),
        ],
    )


def multiplications(pooled: bool) -> int:
    """Those of LeNet's second convolution for one image, with pooling before it or without."""
    from profond.layers import Conv2D, Input, MaxPooling2D
    from profond.models import Sequential

    last = Conv2D(16, 5)
    between = [MaxPooling2D(2)] if pooled else []
    Sequential([Input(shape=(32, 32, 1)), Conv2D(6, 5), *between, last])
    _, rows, columns, _ = last.output.shape
    return rows * columns * last.get_weights()[0].size
