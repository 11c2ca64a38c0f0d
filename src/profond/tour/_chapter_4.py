"""Chapter 4: optimisation."""

from typing import Any

import numpy as np

from profond import figures
from profond.figures import Estimate, mean_interval, numbers, share_interval
from profond.figures._runs import Task, fit_seeds
from profond.tour._data import BOSTON, IRIS, PLAIN, boston, iris, standardised
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Text


def _optimizers(setting: Setting) -> Outcome:
    """Four optimizers on one valley."""
    x, y = boston()["RM"] - 5, boston()["PRICE"]
    paths = figures.optimizer_paths(x, y, epochs=4, batch_size=50, lang=setting.lang)
    losses = figures.optimizer_losses(
        x, y, epochs=20, batch_size=50, seeds=setting.many, lang=setting.lang
    )
    excess = numbers(losses)["excess"]
    descent, sgd, momentum, adam = (mean_interval(v[:, 1], log=True) for v in excess.values())
    ends = [mean_interval(v[:, -1], log=True) for v in excess.values()]
    return Outcome(
        pictures=[
            Picture(
                paths,
                Text(
                    "Paths over the contour of a loss: gradient descent smooth, SGD noisy, "
                    "momentum in wide curves, Adam almost straight at first.",
                    "Trajets sur les lignes de niveau d'une perte : la descente de gradient est "
                    "lisse, SGD bruité, le momentum décrit de larges courbes, Adam part presque "
                    "droit.",
                ),
            ),
            Picture(
                losses,
                Text(
                    "Excess of the loss over its minimum, epoch by epoch: SGD falls fastest, "
                    "momentum and Adam go lowest, gradient descent trails.",
                    "Excès de la perte sur son minimum, epoch après epoch : SGD chute le plus "
                    "vite, le momentum et Adam descendent le plus bas, la descente de gradient "
                    "traîne.",
                ),
            ),
        ],
        numbers={
            "descent": descent,
            "sgd": sgd,
            "momentum": momentum,
            "adam": adam,
            "descent_end": ends[0],
            "sgd_end": ends[1],
            "momentum_end": ends[2],
            "adam_end": ends[3],
            "updates": -(-len(y) // 50),
        },
        findings=[
            (
                Text("gradient descent, after 1 epoch", "descente de gradient, 1 epoch"),
                "{descent:2}",
            ),
            (Text("SGD", "SGD"), "{sgd:2}"),
            (Text("SGD with momentum", "SGD avec momentum"), "{momentum:2}"),
            (Text("Adam", "Adam"), "{adam:2}"),
            (
                Text("gradient descent, after 20", "descente de gradient, 20 epochs"),
                "{descent_end:2}",
            ),
            (Text("SGD, after 20", "SGD, 20 epochs"), "{sgd_end:2}"),
        ],
    )


def _landscape(setting: Setting) -> Outcome:
    """Between two equal networks the loss rises; for a perceptron it cannot."""
    table = boston()
    x = standardised(table.loc[:, ["RM"]]).to_numpy(np.float32)
    y = standardised(table.loc[:, ["PRICE"]]).to_numpy(np.float32)
    todo = Task(x, y, None)

    def build(hidden: bool) -> Any:
        from profond.layers import Dense, Input
        from profond.models import Sequential
        from profond.optimizers import Adam

        inside = [Dense(8, activation="tanh")] if hidden else []
        model = Sequential([Input(shape=(1,)), *inside, Dense(1)])
        model.compile(loss="mse", optimizer=Adam(0.02))
        return model

    settings = {"epochs": setting.pick(40, 5), "batch_size": 64}
    deep = [m for m, _ in fit_seeds(todo, lambda: build(True), range(setting.many), **settings)]
    flat = fit_seeds(todo, lambda: build(False), [0], **settings)[0][0]
    ends = [-3 * weight for weight in flat.get_weights()]
    slices = figures.loss_slice(deep, x, y, lang=setting.lang)
    bowl = figures.loss_slice(flat, x, y, to=ends, lang=setting.lang)
    bumps = numbers(slices)["bump"]
    above = int(np.sum(bumps > 1e-6))
    return Outcome(
        pictures=[
            Picture(
                slices,
                Text(
                    "Loss between networks and their twins with swapped neurons: equal at both "
                    "ends, higher in between.",
                    "Perte entre des réseaux et leurs jumeaux aux neurones échangés : égale aux "
                    "deux bouts, plus haute entre les deux.",
                ),
            ),
            Picture(
                bowl,
                Text(
                    "Loss of a perceptron along a segment: a parabola below its chord.",
                    "Perte d'un perceptron le long d'un segment : une parabole sous sa corde.",
                ),
            ),
        ],
        numbers={
            "bump": mean_interval(bumps),
            "above": above,
            "networks": len(bumps),
            "ends": mean_interval(numbers(slices)["loss"][:, 0]),
            "flat": float(numbers(bowl)["bump"][0]),
        },
        findings=[
            (Text("rise between two equal networks", "bosse entre deux réseaux égaux"), "{bump:2}"),
            (Text("networks that show it", "réseaux qui la montrent"), "{above} / {networks}"),
            (
                Text(
                    "highest point above the chord, perceptron",
                    "plus haut au-dessus de la corde, perceptron",
                ),
                "{flat:1}",
            ),
        ],
    )


def _starts(setting: Setting) -> Outcome:
    """Does the noise of SGD help to leave local minima? Two problems."""
    starts = setting.pick(100, 20)
    common: dict[str, Any] = {
        "starts": starts,
        "updates": setting.pick(2000, 200),
        "settle": setting.pick(1000, 100),
        "lang": setting.lang,
    }
    wave = figures.many_starts(**common)
    teacher = figures.many_starts(
        *figures.teacher_problem(), hidden=5, activation="relu", tolerance=0.01, **common
    )
    first, second = numbers(wave), numbers(teacher)
    gains = [
        _gain(first["ends"], first["best"] + 0.1),
        _gain(second["ends"], second["best"] + 0.01),
    ]
    words = [_helps(gain) for gain in gains]
    return Outcome(
        pictures=[
            Picture(
                wave,
                Text(
                    "Share of starts that end at or below each loss, two hidden neurons on a "
                    "noisy wave: two steps, for two kinds of minima.",
                    "Part des départs qui finissent à chaque perte ou dessous, deux neurones "
                    "cachés sur une onde bruitée : deux marches, pour deux sortes de minima.",
                ),
            ),
            Picture(
                teacher,
                Text(
                    "The same for five ReLU neurons on data that such a network made.",
                    "De même pour cinq neurones ReLU, sur des données faites par un tel réseau.",
                ),
            ),
        ],
        numbers={
            "starts": starts,
            "wave_all": share_interval(first["good"][None], starts),
            "wave_few": share_interval(first["good"][5], starts),
            "teacher_all": share_interval(second["good"][None], starts),
            "teacher_few": share_interval(second["good"][5], starts),
            "wave_gain": gains[0],
            "teacher_gain": gains[1],
            "wave_word": words[0],
            "teacher_word": words[1],
        },
        findings=[
            (
                Text("wave, good ends, all rows", "onde, bonnes fins, toutes les lignes"),
                "{wave_all:%}",
            ),
            (Text("wave, minibatches of 5", "onde, minibatches de 5"), "{wave_few:%}"),
            (Text("teacher, all rows", "professeur, toutes les lignes"), "{teacher_all:%}"),
            (Text("teacher, minibatches of 5", "professeur, minibatches de 5"), "{teacher_few:%}"),
        ],
    )


def _gain(ends: dict[int | None, np.ndarray], limit: float) -> Estimate:
    """Good ends that minibatches of 5 gain over all rows, start by start, as a share."""
    return mean_interval((ends[5] <= limit).astype(float) - (ends[None] <= limit).astype(float))


def _helps(gain: Estimate) -> Text:
    """Whether the noise of SGD helped, as far as the interval tells."""
    if gain.low > 0:
        return Text("it helps", "il aide")
    if gain.high < 0:
        return Text("it harms", "il nuit")
    return Text("no difference can be told", "on ne peut établir de différence")


def _depth(setting: Setting) -> Outcome:
    """Derivatives, and the gradients of deep networks."""
    derivatives = figures.activation_derivatives(lang=setting.lang)
    table = boston()
    x, y = table.drop(columns="PRICE"), table["PRICE"]
    seeds = 2 * setting.many
    layers = figures.gradient_norms(x, y, depth=20, seeds=seeds, lang=setting.lang)
    first = figures.gradient_depth(
        x, y, depths=setting.pick((1, 2, 4, 8, 16, 32), (1, 4, 16)), seeds=seeds, lang=setting.lang
    )
    norms = numbers(layers)["norms"]

    def ratio(activation: str, initializer: str = "glorot_uniform") -> Estimate:
        found = norms[activation, initializer]
        return mean_interval(found[:, 0] / found[:, -2], log=True)

    def size(activation: str, initializer: str = "glorot_uniform") -> Estimate:
        return mean_interval(norms[activation, initializer][:, 0], log=True)

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
                    "Norm of the gradient layer by layer in networks of 20 hidden layers: it "
                    "falls towards the input with the sigmoid, and stays level with the others.",
                    "Norme du gradient couche par couche, dans des réseaux à 20 couches cachées : "
                    "elle chute vers l'entrée avec la sigmoïde, et reste à niveau avec les "
                    "autres.",
                ),
            ),
            Picture(
                first,
                Text(
                    "Norm of the first layer's gradient against the number of hidden layers.",
                    "Norme du gradient de la première couche selon le nombre de couches cachées.",
                ),
            ),
        ],
        numbers={
            "top": float(numbers(derivatives)["values"]["sigmoid"].max()),
            "sigmoid": ratio("sigmoid"),
            "tanh": ratio("tanh"),
            "relu": ratio("relu"),
            "he": ratio("relu", "he_normal"),
            "sigmoid_size": size("sigmoid"),
            "tanh_size": size("tanh"),
            "relu_size": size("relu"),
            "he_size": size("relu", "he_normal"),
        },
        findings=[
            (
                Text("sigmoid: layer 1 over layer 20", "sigmoïde : couche 1 sur couche 20"),
                "{sigmoid:1}",
            ),
            (Text("tanh", "tanh"), "{tanh:2}"),
            (Text("ReLU (Glorot)", "ReLU (Glorot)"), "{relu:2}"),
            (Text("ReLU (He)", "ReLU (He)"), "{he:2}"),
            (Text("layer 1, ReLU (Glorot)", "couche 1, ReLU (Glorot)"), "{relu_size:1}"),
            (Text("layer 1, ReLU (He)", "couche 1, ReLU (He)"), "{he_size:2}"),
        ],
    )


def _preparation(setting: Setting) -> Outcome:
    """Raw and standardised Iris."""
    x, y = iris().drop(columns="target"), iris()["target"]
    loss = figures.standardisation(
        x, y, epochs=setting.pick(100, 15), seeds=setting.seeds, lang=setting.lang
    )
    found = numbers(loss)
    names = {
        "raw": Text("raw inputs", "entrées brutes"),
        "standardised": Text("standardised inputs", "entrées centrées-réduites"),
    }
    accuracy = figures.compare_curves(
        {names[key].of(setting.lang): found[key] for key in names},
        metric="accuracy",
        lang=setting.lang,
    )
    last = {
        f"{key}_{metric}": mean_interval(
            [np.mean(history[metric][-10:]) for history in found[key]],
            log=metric == "loss",
            within=(0, np.inf) if metric == "loss" else (0, 1),
        )
        for key in names
        for metric in ("loss", "accuracy")
    }
    return Outcome(
        pictures=[
            Picture(
                loss,
                Text(
                    "Training loss, epoch by epoch: standardised inputs end lower.",
                    "Perte d'entraînement, epoch après epoch : les entrées centrées-réduites "
                    "finissent plus bas.",
                ),
            ),
            Picture(
                accuracy,
                Text(
                    "Training accuracy, epoch by epoch.",
                    "Exactitude d'entraînement, epoch après epoch.",
                ),
            ),
        ],
        numbers=last,
        findings=[
            (Text("loss, raw inputs", "perte, entrées brutes"), "{raw_loss:2}"),
            (Text("loss, standardised", "perte, centrées-réduites"), "{standardised_loss:2}"),
            (Text("accuracy, raw inputs", "exactitude, entrées brutes"), "{raw_accuracy}"),
            (
                Text("accuracy, standardised", "exactitude, centrées-réduites"),
                "{standardised_accuracy}",
            ),
        ],
    )


CHAPTER = Chapter(
    4,
    Text("Optimisation", "Optimisation"),
    (
        Section(
            "optimizers",
            Text(
                "Gradient descent, SGD, momentum, Adam", "Descente de gradient, SGD, momentum, Adam"
            ),
            Text(
                "After one pass over the data, gradient descent is left with {descent:mean2} of "
                "its excess loss, SGD with {sgd:mean2}, Adam with {adam:mean2}.",
                "Après un passage sur les données, il reste à la descente de gradient "
                "{descent:mean2} de son excès de perte, à SGD {sgd:mean2}, à Adam {adam:mean2}.",
            ),
            Text(
                "Price from rooms beyond five, by a weight and a bias. Gradient descent looks at "
                "all rows before it moves once; SGD moves after each minibatch of 50 rows, "
                "{updates} times per pass, with gradients that are noisy. Momentum keeps a part "
                "of its speed; Adam also divides each parameter's step by the usual size of its "
                "gradient. The excess is the loss above its minimum, 1 at the start.\n\n"
                "The price of the noise shows in the second figure: at a constant rate SGD never "
                "settles, its excess floats around {sgd_end:mean2} after twenty passes, where "
                "gradient descent creeps down without noise, to {descent_end:mean2}.\n\n"
                "Adam is drawn as its authors define it. The recursion as it is printed in the "
                "notes (4.2) divides the running means by their correction again at each step and "
                "soon stalls.",
                "Le prix selon les pièces au-delà de cinq, par un poids et un biais. La descente "
                "de gradient regarde toutes les lignes avant de bouger une fois ; SGD bouge après "
                "chaque minibatch de 50 lignes, {updates} fois par passage, avec des gradients "
                "bruités. Le momentum garde une part de son élan ; Adam divise en outre le pas de "
                "chaque paramètre par la taille habituelle de son gradient. L'excès est la perte "
                "au-dessus de son minimum ; il vaut 1 au départ.\n\n"
                "Le prix du bruit se voit sur la seconde figure : à taux constant, SGD ne se pose "
                "jamais, son excès flotte autour de {sgd_end:mean2} après vingt passages, là où "
                "la descente de gradient descend sans bruit, jusqu'à {descent_end:mean2}.\n\n"
                "Adam est dessiné tel que ses auteurs le définissent. La récurrence telle qu'elle "
                "est imprimée dans le cours (4.2) redivise à chaque pas les moyennes courantes "
                "par leur correction, et cale bientôt.",
            ),
            BOSTON + 'figures.optimizer_paths(boston["RM"] - 5, boston["PRICE"], epochs=2)',
            _optimizers,
            cost=4,
        ),
        Section(
            "landscape",
            Text("A loss that is not convex", "Une perte qui n'est pas convexe"),
            Text(
                "Between two networks that compute the same function the loss rises by {bump:2}, "
                "in {above} networks out of {networks}.",
                "Entre deux réseaux qui calculent la même fonction, la perte s'élève de {bump:2}, "
                "pour {above} réseaux sur {networks}.",
            ),
            Text(
                "Take a trained network with one hidden layer and put its hidden neurons in "
                "reverse order: it computes the same thing, so its loss is the same. On the "
                "segment between the two sets of weights a convex loss would stay below the "
                "dashed chord. It does not: with a hidden layer the loss is not convex in the "
                "weights. The second figure: a perceptron on a segment through its weights: never "
                "above the chord.",
                "Prenons un réseau entraîné à une couche cachée et rangeons ses neurones cachés "
                "en ordre inverse : il calcule la même chose, donc sa perte est la même. Sur le "
                "segment qui joint les deux jeux de poids, une perte convexe resterait sous la "
                "corde en tirets. Ce n'est pas le cas : avec une couche cachée, la perte n'est "
                "pas convexe en les poids. Seconde figure : un perceptron sur un segment passant "
                "par ses poids : jamais au-dessus de la corde.",
            ),
            BOSTON
            + "from profond.layers import Dense, Input\nfrom profond.models import Sequential\n\n"
            'model = Sequential([Input((1,)), Dense(8, activation="tanh"), Dense(1)])\n'
            'figures.loss_slice(model, boston[["RM"]], boston[["PRICE"]])',
            _landscape,
            cost=5,
        ),
        Section(
            "starts",
            Text("Does noise help to escape?", "Le bruit aide-t-il à s'échapper ?"),
            Text(
                "At equal numbers of updates, does the noise of minibatches of 5 lead to a good "
                "minimum more often? On the wave, {wave_word} ({wave_all:mean%} of starts "
                "without, {wave_few:mean%} with); on the teacher's data, {teacher_word} "
                "({teacher_all:mean%} and {teacher_few:mean%}).",
                "À nombre égal de mises à jour, le bruit de minibatches de 5 mène-t-il plus "
                "souvent à un bon minimum ? Sur l'onde, {wave_word} ({wave_all:mean%} des départs "
                "sans, {wave_few:mean%} avec) ; sur les données du professeur, {teacher_word} "
                "({teacher_all:mean%} et {teacher_few:mean%}).",
            ),
            Text(
                "The notes say that gradient descent suffers from local optima and that SGD is "
                "likely to benefit from its noise to escape them. From each of {starts} random "
                "starts, the same network is trained with all rows and with minibatches, as many "
                "updates at the same rate; then all settle with all rows. Each curve tells which "
                "part of the starts ends at a given loss or below: higher and further left is "
                "better, and the dotted line is where an end counts as good. First figure: two "
                "tanh neurons on a noisy wave. Second: five ReLU neurons on noiseless data that a "
                "network of the same size (the teacher) made.\n\n"
                "The gain in good ends is {wave_gain:%} in the first and {teacher_gain:%} in the "
                "second. So the claim is a possibility, not a rule: noise can push out of a bad "
                "basin, and out of a good one, or so far that neurons saturate. At equal passes "
                "over the data, rather than updates, SGD does have the advantage of moving more "
                "often.",
                "Le cours dit que la descente de gradient souffre d'optima locaux et que SGD est "
                "susceptible de profiter de son bruit pour s'en échapper. De chacun de {starts} "
                "départs au hasard, on entraîne le même réseau avec toutes les lignes et par "
                "minibatches, autant de mises à jour au même taux ; puis tous se posent avec "
                "toutes les lignes. Chaque courbe dit quelle part des départs finit à une perte "
                "donnée ou dessous : plus haut et plus à gauche, c'est mieux, et la ligne "
                "pointillée est le seuil d'une bonne fin. Première figure : deux neurones tanh "
                "sur une onde bruitée. Seconde : cinq neurones ReLU sur des données sans bruit, "
                "faites par un réseau de même taille (le professeur).\n\n"
                "Le gain en bonnes fins est de {wave_gain:%} sur la première et de "
                "{teacher_gain:%} sur la seconde. L'affirmation est donc une possibilité, pas une "
                "règle : le bruit peut pousser hors d'un mauvais bassin, mais aussi hors d'un "
                "bon, ou si loin que des neurones saturent. À nombre égal de passages sur les "
                "données, plutôt que de mises à jour, SGD a bien l'avantage de bouger plus "
                "souvent.",
            ),
            PLAIN + "figures.many_starts(starts=20, updates=300, settle=100)",
            _starts,
            cost=18,
        ),
        Section(
            "depth",
            Text("The curse of depth", "La malédiction de la profondeur"),
            Text(
                "In a network of 20 hidden sigmoid layers, the gradient of the first layer is "
                "{sigmoid:mean1} times that of the twentieth; with tanh, {tanh:mean2} times.",
                "Dans un réseau à 20 couches cachées sigmoïdes, le gradient de la première couche "
                "vaut {sigmoid:mean1} fois celui de la vingtième ; avec tanh, {tanh:mean2} fois.",
            ),
            Text(
                "By the chain rule, the gradient of an early layer is a product with one factor "
                "φ′(o) and one weight per later layer. The sigmoid's derivative is at most "
                "{top:2}, so the product vanishes. tanh and ReLU have larger derivatives, and "
                "keep the gradient level from layer to layer.\n\n"
                "The initial weights have their share in this. With Keras's default (Glorot), "
                "which is made for tanh, every ReLU layer halves the power of what goes through "
                "it: the gradient is level (a ratio of {relu:mean2}) but small everywhere "
                "({relu_size:mean1} in the first layer). He's initialisation makes up for the "
                "half that ReLU cuts away, and gives {he_size:2}.",
                "Par la règle de dérivation en chaîne, le gradient d'une des premières couches "
                "est un produit avec un facteur φ′(o) et un poids par couche suivante. La dérivée "
                "de la sigmoïde vaut au plus {top:2}, donc le produit s'évanouit. tanh et ReLU "
                "ont de plus grandes dérivées et gardent le gradient à niveau d'une couche à "
                "l'autre.\n\n"
                "Les poids initiaux y ont leur part. Avec le choix par défaut de Keras (Glorot), "
                "fait pour tanh, chaque couche ReLU divise par deux la puissance de ce qui la "
                "traverse : le gradient est à niveau (un rapport de {relu:mean2}), mais petit "
                "partout ({relu_size:mean1} dans la première couche). L'initialisation de He "
                "compense la moitié que ReLU coupe, et donne {he_size:2}.",
            ),
            PLAIN + "figures.gradient_norms(depth=10, seeds=5)",
            _depth,
            cost=2,
        ),
        Section(
            "preparation",
            Text("Standardised inputs", "Des entrées centrées-réduites"),
            Text(
                "Over the last ten epochs the training loss is {raw_loss:mean2} on raw inputs and "
                "{standardised_loss:mean2} on standardised ones.",
                "Sur les dix dernières epochs, la perte d'entraînement est de {raw_loss:mean2} "
                "sur les entrées brutes et de {standardised_loss:mean2} sur les entrées "
                "centrées-réduites.",
            ),
            Text(
                "The network of the notes (three hidden layers of 256, Adam) on Iris, with the "
                "same initial weights and the same order of rows for each seed; only the scale of "
                "the inputs differs. The loss is drawn on a logarithmic axis. With raw inputs the "
                "loss is {raw_loss:2} and the accuracy {raw_accuracy}; with standardised ones "
                "{standardised_loss:2} and {standardised_accuracy}. These are training figures: "
                "what a lower training loss is worth on unseen data is the subject of chapter 5.",
                "Le réseau du cours (trois couches cachées de 256, Adam) sur Iris, avec les mêmes "
                "poids initiaux et le même ordre des lignes pour chaque graine ; seule change "
                "l'échelle des entrées. La perte est tracée sur un axe logarithmique. Sur les "
                "entrées brutes, la perte est de {raw_loss:2} et l'exactitude de {raw_accuracy} ; "
                "sur les entrées centrées-réduites, de {standardised_loss:2} et "
                "{standardised_accuracy}. Ce sont des chiffres d'entraînement : ce que vaut une "
                "perte d'entraînement plus basse sur des données non vues est l'objet du chapitre "
                "5.",
            ),
            IRIS
            + 'figures.standardisation(iris.drop(columns="target"), iris["target"], epochs=20)',
            _preparation,
            cost=10,
        ),
    ),
)
