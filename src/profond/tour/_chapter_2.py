"""Chapter 2: multilayer perceptrons."""

from typing import Any

from profond import figures
from profond.figures import Estimate, mean_interval, numbers
from profond.figures._runs import fit_seeds, task
from profond.tour._data import BOSTON, PLAIN, boston, iris, standardised
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Text

_CALLED = {
    "sigmoid": ("the sigmoid", "la sigmoïde"),
    "tanh": ("tanh", "tanh"),
    "relu": ("ReLU", "ReLU"),
}


def _dense(sizes: list[int], last: str | None) -> Any:
    """A Sequential of Dense layers with ReLU between, as the notes declare it."""
    from profond.layers import Dense, Input
    from profond.models import Sequential

    inside = [Dense(units, activation="relu") for units in sizes[1:-1]]
    return Sequential([Input(shape=(sizes[0],)), *inside, Dense(sizes[-1], activation=last)])


def _networks(setting: Setting) -> Outcome:
    """The networks of the chapter drawn, counted, and the Iris one trained."""
    todo = task(iris().drop(columns="target"), iris()["target"]).standardised()

    def build() -> Any:
        model = _dense([4, 100, 3], "softmax")
        model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
        return model

    runs = fit_seeds(
        todo,
        build,
        range(setting.seeds),
        epochs=setting.pick(60, 10),
        batch_size=30,
        validation=0.3,
    )
    drawn = figures.network(runs[0][0], lang=setting.lang)
    counted = [
        sum(weight.size for weight in _dense(sizes, last).get_weights())
        for sizes, last in (
            ([10, 20, 3], "softmax"),
            ([4, 100, 3], "softmax"),
            ([6, 100, 1], "relu"),
        )
    ]
    return Outcome(
        pictures=[
            Picture(
                figures.network([4, 5, 1], lang=setting.lang),
                Text(
                    "A network with one hidden layer of five neurons.",
                    "Un réseau à une couche cachée de cinq neurones.",
                ),
            ),
            Picture(
                figures.network([4, 5, 5, 1], lang=setting.lang),
                Text(
                    "A network with two hidden layers of five neurons each.",
                    "Un réseau à deux couches cachées de cinq neurones.",
                ),
            ),
            Picture(
                drawn,
                Text(
                    "The 4-100-3 network trained on Iris, weights as colours; of its hidden "
                    "neurons the first and last ones are drawn.",
                    "Le réseau 4-100-3 entraîné sur Iris, poids en couleurs ; de ses neurones "
                    "cachés, on a dessiné les premiers et les derniers.",
                ),
            ),
        ],
        numbers={
            "first": counted[0],
            "second": counted[1],
            "third": counted[2],
            "accuracy": mean_interval(
                [history["val_accuracy"][-1] for _, history in runs], within=(0, 1)
            ),
        },
        findings=[
            (Text("parameters of 10-20-3", "paramètres de 10-20-3"), "{first}"),
            (Text("parameters of 4-100-3 (Iris)", "paramètres de 4-100-3 (Iris)"), "{second}"),
            (Text("parameters of 6-100-1 (Boston)", "paramètres de 6-100-1 (Boston)"), "{third}"),
            (
                Text("Iris, accuracy on held-out rows", "Iris, exactitude hors apprentissage"),
                "{accuracy:%}",
            ),
        ],
    )


def _approximation(setting: Setting) -> Outcome:
    """Width against error, as trained and as the hidden neurons allow."""
    widths = setting.pick((1, 2, 4, 8, 16, 32, 64), (1, 4, 16))
    steps = setting.pick(1500, 200)
    curve = figures.approximation(widths=widths, steps=steps, seeds=setting.many, lang=setting.lang)
    fits = figures.approximation_fits(widths=(1, 4, 32), steps=steps, lang=setting.lang)
    found = numbers(curve)
    return Outcome(
        pictures=[
            Picture(
                fits,
                Text(
                    "A wave, and what networks of 1, 4 and 32 hidden neurons make of it.",
                    "Une onde, et ce qu'en font des réseaux à 1, 4 et 32 neurones cachés.",
                ),
            ),
            Picture(
                curve,
                Text(
                    "Relative error against the number of hidden neurons: as trained, it stops "
                    "falling; with the best output weights it falls far lower.",
                    "Erreur relative selon le nombre de neurones cachés : telle qu'entraînée, "
                    "elle cesse de baisser ; avec les meilleurs poids de sortie, elle tombe bien "
                    "plus bas.",
                ),
            ),
        ],
        numbers={
            "first": mean_interval(found["trained"][:, 0], log=True),
            "last": mean_interval(found["trained"][:, -1], log=True),
            "solved": mean_interval(found["solved"][:, -1], log=True),
            "small": widths[0],
            "large": widths[-1],
        },
        findings=[
            (Text("error, {small} neuron", "erreur, {small} neurone"), "{first:2}"),
            (
                Text("error, {large} neurons, trained", "erreur, {large} neurones, entraîné"),
                "{last:2}",
            ),
            (
                Text(
                    "error, {large} neurons, best output weights",
                    "erreur, {large} neurones, meilleurs poids de sortie",
                ),
                "{solved:2}",
            ),
        ],
    )


def _depth_or_width(setting: Setting) -> Outcome:
    """Depth against width at equal numbers of parameters."""
    figure = figures.depth_or_width(
        depths=setting.pick((1, 2, 3, 4), (1, 2)),
        steps=setting.pick(1000, 200),
        seeds=setting.many,
        lang=setting.lang,
    )
    found = numbers(figure)
    ratios = {
        name: mean_interval(errors[:, 0] / errors[:, 1], log=True)
        for name, errors in found["errors"].items()
    }
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "Relative error against the number of hidden layers, for sigmoid, tanh and "
                    "ReLU, every network having about {parameters} parameters.",
                    "Erreur relative selon le nombre de couches cachées, pour la sigmoïde, tanh "
                    "et ReLU, chaque réseau ayant environ {parameters} paramètres.",
                ),
            )
        ],
        numbers={
            "parameters": 300,
            **ratios,
            "verdict": _deeper(ratios),
            "one": found["widths"][0],
            "two": found["widths"][1],
        },
        findings=[
            (
                Text(
                    f"{_CALLED[name][0]}: error of 1 layer / 2 layers",
                    f"{_CALLED[name][1]} : erreur 1 couche / 2 couches",
                ),
                f"{{{name}:2}}",
            )
            for name in ratios
        ],
    )


def _deeper(ratios: dict[str, Estimate]) -> Text:
    """Which activations gain from a second layer, as far as the intervals tell."""
    better = [name for name, ratio in ratios.items() if ratio.low > 1]
    worse = [name for name, ratio in ratios.items() if ratio.high < 1]
    unclear = [name for name in ratios if name not in better and name not in worse]
    english, french = [], []

    def said(names: list[str], place: int) -> str:
        words = [_CALLED[name][place] for name in names]
        return _and(words, ("and", "et")[place])

    if better:
        english.append(f"two layers do better than one with {said(better, 0)}")
        french.append(f"deux couches font mieux qu'une avec {said(better, 1)}")
    if worse:
        english.append(f"worse with {said(worse, 0)}")
        french.append(f"moins bien avec {said(worse, 1)}")
    if unclear:
        english.append(f"the seeds do not tell with {said(unclear, 0)}")
        french.append(f"les graines ne tranchent pas avec {said(unclear, 1)}")
    return Text(", ".join(english), ", ".join(french))


def _and(names: list[str], word: str) -> str:
    """Names in a row, the last one after a word."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def _identity(setting: Setting) -> Outcome:
    """Depth without activation gains nothing."""
    table = boston()
    deep = figures.identity_depth(
        table.drop(columns="PRICE"),
        table["PRICE"],
        depths=setting.pick((1, 2, 3, 5), (1, 3)),
        steps=setting.pick(800, 100),
        seeds=setting.seeds,
        lang=setting.lang,
    )
    drawn = figures.linearity(
        standardised(table.drop(columns="PRICE")), seeds=setting.many, lang=setting.lang
    )
    found = numbers(deep)
    distance = numbers(drawn)["distance"]
    return Outcome(
        pictures=[
            Picture(
                deep,
                Text(
                    "Training error against depth: networks of identities stay on the line of "
                    "linear regression, ReLU networks go below it.",
                    "Erreur d'entraînement selon la profondeur : les réseaux d'identités restent "
                    "sur la ligne de la régression linéaire, ceux de ReLU passent dessous.",
                ),
            ),
            Picture(
                drawn,
                Text(
                    "Distance of untrained networks to the nearest linear function: at the level "
                    "of rounding for the identity, a sizeable part for tanh and ReLU.",
                    "Distance de réseaux non entraînés à la fonction linéaire la plus proche : au "
                    "niveau des arrondis pour l'identité, une part notable pour tanh et ReLU.",
                ),
            ),
        ],
        numbers={
            "depth": found["depths"][-1],
            "linear": found["linear_mse"],
            "identity": mean_interval(found["mse"]["linear"][:, -1]),
            "relu": mean_interval(found["mse"]["relu"][:, -1]),
            "rounding": float(distance["linear"].max()),
            "bent": mean_interval(distance["relu"][:, -1]),
            "deepest": 20,
        },
        findings=[
            (Text("linear regression (MSE)", "régression linéaire (MSE)"), "{linear:4}"),
            (
                Text("identity, {depth} hidden layers", "identité, {depth} couches cachées"),
                "{identity:4}",
            ),
            (Text("ReLU, {depth} hidden layers", "ReLU, {depth} couches cachées"), "{relu}"),
        ],
    )


def _activations(setting: Setting) -> Outcome:
    """The three activations and what they do to standard normal values."""
    figure = figures.activations(lang=setting.lang)
    found = numbers(figure)
    values = found["values"]
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "tanh goes from −1 to 1, the sigmoid from 0 to 1, ReLU is 0 then the identity.",
                    "tanh va de −1 à 1, la sigmoïde de 0 à 1, ReLU vaut 0 puis l'identité.",
                ),
            )
        ],
        numbers={
            "tanh": float(values["tanh"].max()),
            "sigmoid": float(values["sigmoid"].max()),
            "relu": float(values["relu"].max()),
            "bottom": float(values["sigmoid"].min()),
        },
        findings=[
            (Text("tanh(4)", "tanh(4)"), "{tanh:4}"),
            (Text("sigmoid(4)", "sigmoïde(4)"), "{sigmoid:4}"),
            (Text("ReLU(4)", "ReLU(4)"), "{relu:4}"),
        ],
    )


CHAPTER = Chapter(
    2,
    Text("Multilayer perceptrons", "Perceptrons multicouches"),
    (
        Section(
            "networks",
            Text("Neurons in layers", "Des neurones en couches"),
            Text(
                "The networks of the chapter's exercises have {first}, {second} and {third} "
                "parameters; the one for Iris classifies {accuracy:%} of the flowers it has not "
                "seen.",
                "Les réseaux des exercices du chapitre ont {first}, {second} et {third} "
                "paramètres ; celui d'Iris classe bien {accuracy:%} des fleurs qu'il n'a pas "
                "vues.",
            ),
            Text(
                "Each column is a layer, each circle a neuron, each line a weight. In the two "
                "drawings without colours the weights are not chosen yet. The last one was "
                "trained on Iris: the data dictate its four inputs and three outputs, one per "
                "species; the hundred hidden neurons are a choice. Three flowers in ten were kept "
                "aside to measure the accuracy.\n\n"
                "The count of parameters: a layer of m neurons after one of n has n × m weights "
                "and m biases.",
                "Chaque colonne est une couche, chaque cercle un neurone, chaque trait un poids. "
                "Dans les deux dessins sans couleurs, les poids ne sont pas encore choisis. Le "
                "dernier a été entraîné sur Iris : les données dictent ses quatre entrées et ses "
                "trois sorties, une par espèce ; les cent neurones cachés sont un choix. Trois "
                "fleurs sur dix ont été mises de côté pour mesurer l'exactitude.\n\n"
                "Le compte des paramètres : une couche de m neurones après une couche de n a n × "
                "m poids et m biais.",
            ),
            PLAIN
            + "from profond.layers import Dense, Input\nfrom profond.models import Sequential\n\n"
            'model = Sequential([Input((4,)), Dense(6, activation="relu"), Dense(3)])\n'
            "figures.network(model)",
            _networks,
            cost=5,
        ),
        Section(
            "approximation",
            Text("Universal approximation", "L'approximation universelle"),
            Text(
                "With {large} hidden neurons a good approximation exists (relative error "
                "{solved:mean2}), but training stops at {last:2}.",
                "Avec {large} neurones cachés, une bonne approximation existe (erreur relative "
                "{solved:mean2}), mais l'entraînement s'arrête à {last:2}.",
            ),
            Text(
                "One hidden layer of sigmoid neurons can come as close as one likes to any "
                "continuous function, says the theorem; it does not say how many neurons it "
                "takes, nor that training finds the weights. Both can be seen here. The blue line "
                "is what Adam finds. The orange one keeps the very same hidden neurons and solves "
                "for the best output weights: an approximation that the network could have "
                "expressed. Errors are relative to the standard deviation of the curve: 1 is what "
                "a constant would get.",
                "Une couche cachée de neurones sigmoïdes peut approcher d'autant près que l'on "
                "veut toute fonction continue, dit le théorème ; il ne dit ni combien de neurones "
                "il y faut, ni que l'entraînement trouvera les poids. On voit ici les deux. La "
                "ligne bleue est ce que trouve Adam. L'orange garde exactement les mêmes neurones "
                "cachés et calcule les meilleurs poids de sortie : une approximation que le "
                "réseau aurait pu exprimer. Les erreurs sont relatives à l'écart-type de la "
                "courbe : 1 est ce qu'obtiendrait une constante.",
            ),
            PLAIN + "figures.approximation(widths=[1, 4, 16], seeds=5)",
            _approximation,
            cost=10,
        ),
        Section(
            "depth",
            Text("Deeper or wider", "Plus profond ou plus large"),
            Text(
                "At about {parameters} parameters on the same wave, {verdict}.",
                "À {parameters} paramètres environ, sur la même onde, {verdict}.",
            ),
            Text(
                "The notes observe that, for a given quality, it is more efficient to stack "
                "hidden layers than to rely on a single one. Here every network has about "
                "{parameters} weights and biases: {one} neurons in one layer, or {two} in each of "
                "two, and so on; the number of neurons per layer stands in brackets under the "
                "figure. All get the same number of updates of Adam. The bands are wide: whether "
                "depth pays depends on the activation and on the seed as well, and more layers do "
                "not always mean a smaller error.",
                "Le cours observe que, pour une qualité donnée, il est plus efficace d'empiler "
                "des couches cachées que de s'appuyer sur une seule. Ici, chaque réseau a environ "
                "{parameters} poids et biais : {one} neurones dans une couche, ou {two} dans "
                "chacune de deux, et ainsi de suite ; le nombre de neurones par couche figure "
                "entre parenthèses sous l'axe. Tous ont droit au même nombre de mises à jour "
                "d'Adam. Les bandes sont larges : ce que rapporte la profondeur dépend aussi de "
                "l'activation et de la graine, et davantage de couches ne veut pas toujours dire "
                "moins d'erreur.",
            ),
            PLAIN + 'figures.depth_or_width(depths=[1, 2], activations=["tanh"], seeds=5)',
            _depth_or_width,
            cost=17,
        ),
        Section(
            "identity",
            Text("Depth without activation", "La profondeur sans activation"),
            Text(
                "With identity activations, {depth} hidden layers end at an error of "
                "{identity:mean4}, where linear regression has {linear:4}; with ReLU, at {relu}.",
                "Avec l'identité pour activation, {depth} couches cachées aboutissent à une "
                "erreur de {identity:mean4}, celle de la régression linéaire étant de {linear:4} "
                "; avec ReLU, à {relu}.",
            ),
            Text(
                "A linear function of a linear function is linear. So a network without "
                "activations is a linear regression, whatever its depth: in the first figure, its "
                "training error on Boston stays on the dashed line, while ReLU networks go below. "
                "In the second, the same thing without training: the part of a network's output "
                "that no linear function explains is at most {rounding:1} with identities, which "
                "is rounding, and {bent:2} with ReLU at {deepest} layers.",
                "Une fonction linéaire d'une fonction linéaire est linéaire. Un réseau sans "
                "activation est donc une régression linéaire, quelle que soit sa profondeur : sur "
                "la première figure, son erreur d'entraînement sur Boston reste sur la ligne en "
                "tirets, tandis que les réseaux ReLU passent dessous. Sur la seconde, la même "
                "chose sans entraînement : la part de la sortie qu'aucune fonction linéaire "
                "n'explique est d'au plus {rounding:1} avec des identités, ce qui est l'arrondi, "
                "et de {bent:2} avec ReLU à {deepest} couches.",
            ),
            BOSTON
            + 'figures.identity_depth(boston[["RM", "TAX"]], boston["PRICE"], depths=[1, 3])',
            _identity,
            cost=5,
        ),
        Section(
            "activations",
            Text("Three activations", "Trois activations"),
            Text(
                "At x = 4, tanh gives {tanh:4}, the sigmoid {sigmoid:4}, ReLU {relu:1}: two of "
                "them saturate.",
                "En x = 4, tanh donne {tanh:4}, la sigmoïde {sigmoid:4}, ReLU {relu:1} : deux "
                "d'entre elles saturent.",
            ),
            Text(
                "All three have a part that is nearly linear, and none is linear everywhere, "
                "which is what depth needs. The range of an activation also decides where it can "
                "stand last: ReLU for prices, which are not negative, the sigmoid for a "
                "probability.",
                "Toutes trois ont une partie presque linéaire, et aucune n'est linéaire partout, "
                "ce dont la profondeur a besoin. L'étendue des valeurs d'une activation décide "
                "aussi d'où elle peut servir en dernier : ReLU pour des prix, qui ne sont pas "
                "négatifs, la sigmoïde pour une probabilité.",
            ),
            PLAIN + 'figures.activations(["tanh", "sigmoid", "relu", "gelu"])',
            _activations,
        ),
    ),
)
