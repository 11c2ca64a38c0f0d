"""Chapter 2: multilayer perceptrons."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from profond import figures
from profond.figures import mean_interval, numbers
from profond.figures._runs import fit_seeds, read_task
from profond.tour._data import BOSTON, PLAIN, boston, iris, standardised
from profond.tour._statements import ONE_SEED, averages, clauses, curves, verdict
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Text

_CALLED = {
    "sigmoid": Text("the sigmoid", "la sigmoïde"),
    "tanh": Text("tanh", "tanh"),
    "relu": Text("ReLU", "ReLU"),
}
_HELD_OUT = 0.3  # part of the flowers kept aside to measure the accuracy
_PARAMETERS = 300  # weights and biases of each network of "Deeper or wider"
_DEEPEST = 20  # hidden layers of the deepest untrained network


def _dense(sizes: list[int], last: str | None) -> Any:
    """A Sequential of Dense layers with ReLU between, as the notes declare it."""
    from profond.layers import Dense, Input
    from profond.models import Sequential

    inside = [Dense(units, activation="relu") for units in sizes[1:-1]]
    return Sequential([Input(shape=(sizes[0],)), *inside, Dense(sizes[-1], activation=last)])


def _networks(setting: Setting) -> Outcome:
    """The networks of the chapter drawn, counted, and the Iris one trained."""
    todo = read_task(iris().drop(columns="target"), iris()["target"]).standardised()

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
        validation=_HELD_OUT,
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
                    "A network with one hidden layer of five neurons, its weights not chosen yet.",
                    "Un réseau à une couche cachée de cinq neurones, aux poids pas encore choisis.",
                ),
            ),
            Picture(
                figures.network([4, 5, 5, 1], lang=setting.lang),
                Text(
                    "A network with two hidden layers of five neurons each, its weights not "
                    "chosen yet.",
                    "Un réseau à deux couches cachées de cinq neurones, aux poids pas encore "
                    "choisis.",
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
                ONE_SEED,
            ),
        ],
        numbers={
            "first": counted[0],
            "second": counted[1],
            "third": counted[2],
            "accuracy": mean_interval(
                [history["val_accuracy"][-1] for _, history in runs], within=(0, 1)
            ),
            "held": _HELD_OUT,
        },
        note=averages(setting.seeds, log=False),
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
    found, drawn = numbers(curve), numbers(fits)
    missed = np.sqrt(np.mean((drawn["fits"] - drawn["y"]) ** 2, axis=1))
    return Outcome(
        pictures=[
            Picture(
                fits,
                Text(
                    "A wave, and what networks of 1, 4 and 32 hidden neurons make of it after "
                    "{steps} updates: relative errors of {fit_1:2}, {fit_4:2} and {fit_32:2}.",
                    "Une onde, et ce qu'en font des réseaux à 1, 4 et 32 neurones cachés après "
                    "{steps} mises à jour : des erreurs relatives de {fit_1:2}, {fit_4:2} et "
                    "{fit_32:2}.",
                ),
                ONE_SEED,
            ),
            Picture(
                curve,
                Text(
                    "From {small} to {large} hidden neurons, the relative error goes from "
                    "{first:mean2} to {last:mean2} after {steps} updates, and from "
                    "{solved_first:mean2} to {solved:mean2} with the best output weights.",
                    "De {small} à {large} neurones cachés, l'erreur relative passe de "
                    "{first:mean2} à {last:mean2} après {steps} mises à jour, et de "
                    "{solved_first:mean2} à {solved:mean2} avec les meilleurs poids de sortie.",
                ),
                curves(setting.many, log=True),
            ),
        ],
        numbers={
            "first": mean_interval(found["trained"][:, 0], log=True),
            "last": mean_interval(found["trained"][:, -1], log=True),
            "solved": mean_interval(found["solved"][:, -1], log=True),
            "solved_first": mean_interval(found["solved"][:, 0], log=True),
            "small": widths[0],
            "large": widths[-1],
            "steps": steps,
            "fit_1": missed[0],
            "fit_4": missed[1],
            "fit_32": missed[2],
        },
        note=averages(setting.many, log=True),
        findings=[
            (Text("error, {small} neuron", "erreur, {small} neurone"), "{first:2}"),
            (
                Text(
                    "error, {large} neurons, after training",
                    "erreur, {large} neurones, après entraînement",
                ),
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
    steps, rate = setting.pick(1500, 200), 0.03
    figure = figures.depth_or_width(
        parameters=_PARAMETERS,
        depths=setting.pick((1, 2, 4), (1, 2)),
        steps=steps,
        rate=rate,
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
                    "Relative error against the number of hidden layers, about {parameters} "
                    "parameters each, after {steps} updates at rate {rate:1}: the lowest mean "
                    "{lowest}.",
                    "Erreur relative selon le nombre de couches cachées, environ {parameters} "
                    "paramètres chacun, après {steps} mises à jour au taux {rate:1} : la plus "
                    "basse moyenne {lowest}.",
                ),
                curves(setting.many, log=True),
            )
        ],
        numbers={
            "parameters": _PARAMETERS,
            "steps": steps,
            "rate": rate,
            **ratios,
            "verdict": clauses(ratios, _CALLED, _DEEPER),
            "lowest": _lowest(found["depths"], found["errors"]),
            "one": found["widths"][0],
            "two": found["widths"][1],
        },
        findings=[
            (
                Text(
                    f"{_CALLED[name].en}: error of 1 layer / 2 layers",
                    f"{_CALLED[name].fr} : erreur 1 couche / 2 couches",
                ),
                f"{{{name}:2}}",
            )
            for name in ratios
        ],
        note=averages(setting.many, log=True),
    )


_DEEPER = {
    1: Text(
        "two layers do better than one with {names}",
        "deux couches font mieux qu'une avec {names}",
    ),
    -1: Text(
        "two layers do worse than one with {names}",
        "deux couches font moins bien qu'une avec {names}",
    ),
    0: Text(
        "with {names} the seeds do not tell",
        "avec {names}, les graines ne tranchent pas",
    ),
}


def _lowest(depths: Sequence[int], errors: Mapping[str, np.ndarray]) -> Text:
    """At how many layers the geometric mean of the error is lowest, activation by activation."""
    best = {name: depths[int(np.log(runs).mean(axis=0).argmin())] for name, runs in errors.items()}
    return Text(
        "is at " + ", ".join(f"{depth} for {_CALLED[name].en}" for name, depth in best.items()),
        "est à " + ", ".join(f"{depth} pour {_CALLED[name].fr}" for name, depth in best.items()),
    )


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
        standardised(table.drop(columns="PRICE")),
        depths=(1, 2, 5, 10, _DEEPEST),
        seeds=setting.many,
        lang=setting.lang,
    )
    found = numbers(deep)
    distance = numbers(drawn)["distance"]
    gap = float(found["mse"]["linear"][:, -1].mean()) - found["linear_mse"]
    relu = mean_interval(found["mse"]["relu"][:, -1], within=(0, np.inf))
    return Outcome(
        pictures=[
            Picture(
                deep,
                Text(
                    "Training error against depth. At {depth} hidden layers, networks of "
                    "identities end {place} the dashed line of linear regression; {bends}.",
                    "Erreur d'entraînement selon la profondeur. À {depth} couches cachées, les "
                    "réseaux d'identités finissent {place} la ligne en tirets de la régression "
                    "linéaire ; {bends}.",
                ),
                curves(setting.seeds, log=False),
            ),
            Picture(
                drawn,
                Text(
                    "Distance of untrained networks to the nearest linear function, relative to "
                    "their own spread: at most {rounding:1} for the identity, {bent_tanh:mean2} "
                    "for tanh and {bent:mean2} for ReLU at {deepest} layers.",
                    "Distance de réseaux non entraînés à la fonction linéaire la plus proche, "
                    "rapportée à leur propre dispersion : au plus {rounding:1} pour l'identité, "
                    "{bent_tanh:mean2} pour tanh et {bent:mean2} pour ReLU à {deepest} couches.",
                ),
                curves(setting.many, log=True),
            ),
        ],
        numbers={
            "depth": found["depths"][-1],
            "linear": found["linear_mse"],
            "identity": mean_interval(found["mse"]["linear"][:, -1]),
            "relu": relu,
            "gap": gap,
            "place": Text("on", "sur")
            if gap < 1e-3 * found["linear_mse"]
            else Text("{gap:1} above", "{gap:1} au-dessus de"),
            "bends": verdict(
                relu,
                of=found["linear_mse"],
                below=Text("networks of ReLU go below it", "ceux de ReLU passent dessous"),
                above=Text("networks of ReLU end above it", "ceux de ReLU finissent au-dessus"),
                unclear=Text(
                    "the seeds do not tell networks of ReLU from it",
                    "les graines n'en distinguent pas ceux de ReLU",
                ),
            ),
            "rounding": float(distance["linear"].max()),
            "bent": mean_interval(distance["relu"][:, -1], log=True),
            "bent_tanh": mean_interval(distance["tanh"][:, -1], log=True),
            "deepest": _DEEPEST,
        },
        note=averages(setting.seeds, log=False),
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
            (Text("ReLU(4)", "ReLU(4)"), "{relu:1}"),
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
                "paramètres ; celui d'Iris classe bien {accuracy:%} des fleurs qu'il n'a pas vues.",
            ),
            Text(
                "Each column is a layer, each circle a neuron, each line a weight. In the two "
                "drawings without colours the weights are not chosen yet. The last one was "
                "trained on Iris: the data dictate its four inputs and three outputs, one per "
                "species; the hundred hidden neurons are a choice. {held:%} of the flowers were "
                "kept aside to measure the accuracy.\n\n"
                "The count of parameters: a layer of m neurons after one of n has n × m weights "
                "and m biases.",
                "Chaque colonne est une couche, chaque cercle un neurone, chaque trait un poids. "
                "Dans les deux dessins sans couleurs, les poids ne sont pas encore choisis. Le "
                "dernier a été entraîné sur Iris : les données dictent ses quatre entrées et ses "
                "trois sorties, une par espèce ; les cent neurones cachés sont un choix. Pour "
                "mesurer l'exactitude, {held:%} des fleurs ont été mises de côté.\n\n"
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
                "With {large} hidden neurons there are output weights that leave a relative error "
                "of {solved:mean2}; after {steps} updates training is at {last:2}.",
                "Avec {large} neurones cachés, il existe des poids de sortie qui laissent une "
                "erreur relative de {solved:mean2} ; après {steps} mises à jour, l'entraînement "
                "en est à {last:2}.",
            ),
            Text(
                "One hidden layer of sigmoid neurons can come as close as one likes to any "
                "continuous function, says the theorem; it does not say how many neurons it "
                "takes, nor that training finds the weights. Both can be seen here. The blue "
                "curve is what Adam finds in {steps} updates. The orange one keeps the very same "
                "hidden neurons and solves for the best output weights: an approximation that the "
                "network could have expressed. Errors are relative to the standard deviation of "
                "the curve: 1 is what a constant would get.",
                "Une couche cachée de neurones sigmoïdes peut approcher d'autant près que l'on "
                "veut toute fonction continue, dit le théorème ; il ne dit ni combien de neurones "
                "il y faut, ni que l'entraînement trouvera les poids. On voit ici les deux. La "
                "courbe bleue est ce que trouve Adam en {steps} mises à jour. L'orange garde "
                "exactement les mêmes neurones cachés et calcule les meilleurs poids de sortie : "
                "une approximation que le réseau aurait pu exprimer. Les erreurs sont relatives à "
                "l'écart-type de la courbe : 1 est ce qu'obtiendrait une constante.",
            ),
            PLAIN + "figures.approximation(widths=[1, 4, 16], seeds=5)",
            _approximation,
            cost=10,
        ),
        Section(
            "depth",
            Text("Deeper or wider", "Plus profond ou plus large"),
            Text(
                "At about {parameters} parameters on the same wave, after {steps} updates at rate "
                "{rate:1}, {verdict}.",
                "À {parameters} paramètres environ, sur la même onde, après {steps} mises à jour "
                "au taux {rate:1}, {verdict}.",
            ),
            Text(
                "The notes observe that, for a given quality, it is more efficient to stack "
                "hidden layers than to rely on a single one. Here every network has about "
                "{parameters} weights and biases: {one} neurons in one layer, or {two} in each of "
                "two, and so on; the number of neurons per layer stands in brackets under the "
                "figure. All get {steps} updates of Adam at the same rate, {rate:1}. What is "
                "compared is what this budget reaches: none of the networks has to be at its best "
                "by then, and a longer training, or a rate chosen for each, may bring them nearer "
                "to each other. The lowest mean error {lowest}.",
                "Le cours observe que, pour une qualité donnée, il est plus efficace d'empiler "
                "des couches cachées que de s'appuyer sur une seule. Ici, chaque réseau a environ "
                "{parameters} poids et biais : {one} neurones dans une couche, ou {two} dans "
                "chacune de deux, et ainsi de suite ; le nombre de neurones par couche figure "
                "entre parenthèses sous l'axe. Tous ont droit à {steps} mises à jour d'Adam au "
                "même taux, {rate:1}. On compare ce que ce budget atteint : aucun des réseaux "
                "n'est forcément à son meilleur, et un entraînement plus long, ou un taux choisi "
                "pour chacun, peut les rapprocher. La plus basse erreur moyenne {lowest}.",
            ),
            PLAIN + 'figures.depth_or_width(depths=[1, 2], activations=["tanh"], seeds=5)',
            _depth_or_width,
            cost=20,
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
                "activations is a linear regression, whatever its depth: its training error "
                "cannot go below the dashed line of the first figure; {bends}. In the second "
                "figure, the same thing without training: the distance of a network's output to "
                "the nearest linear function, relative to the spread of that output, is at most "
                "{rounding:1} with identities, which is rounding, and {bent:2} with ReLU at "
                "{deepest} layers.",
                "Une fonction linéaire d'une fonction linéaire est linéaire. Un réseau sans "
                "activation est donc une régression linéaire, quelle que soit sa profondeur : sur "
                "la première figure, son erreur d'entraînement ne peut passer sous la ligne en "
                "tirets ; {bends}. Sur la seconde figure, la même chose sans entraînement : la "
                "distance de la sortie à la fonction linéaire la plus proche, rapportée à la "
                "dispersion de cette sortie, est d'au plus {rounding:1} avec des identités, ce "
                "qui est l'arrondi, et de {bent:2} avec ReLU à {deepest} couches.",
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
