"""Section 4.3: gradients that vanish, or do not, on their way through many layers."""

from profond import figures
from profond.figures import mean_interval, numbers
from profond.tour._data import boston
from profond.tour._statements import averages, clauses, curves
from profond.tour._structure import Outcome, Picture, Setting, Text

_DEPTH = 20  # hidden layers of the networks whose gradients are compared

_CASES = {
    "sigmoid": Text("the sigmoid", "la sigmoïde"),
    "tanh": Text("tanh", "tanh"),
    "relu": Text("ReLU (Glorot)", "ReLU (Glorot)"),
    "he": Text("ReLU (He)", "ReLU (He)"),
}
_TOWARDS_INPUT = {
    -1: Text("shrinks with {names}", "diminue avec {names}"),
    1: Text("grows with {names}", "grandit avec {names}"),
    0: Text("shows no clear change with {names}", "ne change pas nettement avec {names}"),
}


def depth(setting: Setting) -> Outcome:
    """Derivatives, and the gradients of deep networks."""
    derivatives = figures.activation_derivatives(lang=setting.lang)
    table = boston()
    x, y = table.drop(columns="PRICE"), table["PRICE"]
    seeds = 2 * setting.many
    depths = setting.pick((1, 2, 4, 8, 16, 32), (1, 4, 16))
    layers = figures.gradient_norms(x, y, depth=_DEPTH, seeds=seeds, lang=setting.lang)
    first = figures.gradient_depth(x, y, depths=depths, seeds=seeds, lang=setting.lang)
    pairs = {key: (key, "glorot_uniform") for key in ("sigmoid", "tanh", "relu")}
    pairs["he"] = ("relu", "he_normal")
    norms = {key: numbers(layers)["norms"][pair] for key, pair in pairs.items()}
    # Layer 2 is the first between two hidden layers, of the same shape as the others.
    ratios = {key: mean_interval(v[:, 1] / v[:, -2], log=True) for key, v in norms.items()}
    sizes = {f"{key}_size": mean_interval(v[:, 0], log=True) for key, v in norms.items()}
    deep = {
        f"{key}_deep": mean_interval(numbers(first)["norms"][pair][:, -1], log=True)
        for key, pair in pairs.items()
    }
    return Outcome(
        pictures=[
            Picture(
                derivatives,
                Text(
                    "Derivatives: the sigmoid's is at most a quarter, tanh's is 1 at 0 only, "
                    "ReLU's is 1 for all positive inputs.",
                    "Dérivées : celle de la sigmoïde vaut au plus un quart, celle de tanh ne vaut "
                    "1 qu'en 0, celle de ReLU vaut 1 pour toute entrée positive.",
                ),
            ),
            Picture(
                layers,
                Text(
                    "Norm of the gradient in each layer, {depth} hidden layers, before training. "
                    "From layer {depth} down to layer 2 it {towards}.",
                    "Norme du gradient dans chaque couche, {depth} couches cachées, avant "
                    "entraînement. De la couche {depth} à la couche 2, elle {towards}.",
                ),
                curves(seeds, log=True),
            ),
            Picture(
                first,
                Text(
                    "Norm of the first layer's gradient against depth. At {deepest} hidden "
                    "layers: {sigmoid_deep:mean1} with the sigmoid, {tanh_deep:mean2} with tanh, "
                    "{relu_deep:mean1} with ReLU (Glorot), {he_deep:mean2} with ReLU (He).",
                    "Norme du gradient de la première couche selon la profondeur. À {deepest} "
                    "couches cachées : {sigmoid_deep:mean1} avec la sigmoïde, {tanh_deep:mean2} "
                    "avec tanh, {relu_deep:mean1} avec ReLU (Glorot), {he_deep:mean2} avec ReLU "
                    "(He).",
                ),
                curves(seeds, log=True),
            ),
        ],
        numbers={
            "top": float(numbers(derivatives)["values"]["sigmoid"].max()),
            **ratios,
            **sizes,
            **deep,
            "sigmoid_layer": ratios["sigmoid"].mean ** (1 / (_DEPTH - 2)),
            "he_layer": ratios["he"].mean ** (1 / (_DEPTH - 2)),
            "towards": clauses(ratios, _CASES, _TOWARDS_INPUT),
            "depth": _DEPTH,
            "deepest": depths[-1],
        },
        note=averages(seeds, log=True),
        findings=[
            (
                Text(
                    "sigmoid: layer 2 over layer {depth}", "sigmoïde : couche 2 sur couche {depth}"
                ),
                "{sigmoid:1}",
            ),
            (Text("tanh", "tanh"), "{tanh:2}"),
            (Text("ReLU (Glorot)", "ReLU (Glorot)"), "{relu:2}"),
            (Text("ReLU (He)", "ReLU (He)"), "{he:2}"),
            (Text("layer 1, ReLU (Glorot)", "couche 1, ReLU (Glorot)"), "{relu_size:1}"),
            (Text("layer 1, ReLU (He)", "couche 1, ReLU (He)"), "{he_size:2}"),
        ],
    )
