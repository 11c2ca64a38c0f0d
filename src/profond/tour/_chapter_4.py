"""Chapter 4: optimisation."""

import numpy as np

from profond import figures
from profond.figures import mean_interval, numbers
from profond.tour._curse_of_depth import depth
from profond.tour._data import BOSTON, IRIS, PLAIN, boston, iris
from profond.tour._local_minima import landscape, starts
from profond.tour._statements import averages, curves, verdict
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Text

_BATCH = 50  # rows per minibatch of the optimizers compared
_LAST = 10  # epochs at the end of a training over which it is judged


def _optimizers(setting: Setting) -> Outcome:
    """Four optimizers on one valley."""
    x, y = boston()["RM"] - 5, boston()["PRICE"]
    passes, epochs = 4, 20
    paths = figures.optimizer_paths(x, y, epochs=passes, batch_size=_BATCH, lang=setting.lang)
    losses = figures.optimizer_losses(
        x, y, epochs=epochs, batch_size=_BATCH, seeds=setting.many, lang=setting.lang
    )
    keys = ("descent", "sgd", "momentum", "adam")
    excess = dict(zip(keys, numbers(losses)["excess"].values(), strict=True))
    after = {key: mean_interval(runs[:, 1], log=True) for key, runs in excess.items()}
    ends = {f"{key}_end": mean_interval(runs[:, -1], log=True) for key, runs in excess.items()}
    beside = mean_interval(excess["sgd"][:, -1] / excess["descent"][:, -1], log=True)
    late = {
        f"{key}_late": mean_interval(excess[key][:, -1] / excess[key][:, epochs // 2], log=True)
        for key in ("descent", "sgd")
    }
    updates = -(-len(y) // _BATCH)
    return Outcome(
        pictures=[
            Picture(
                paths,
                Text(
                    "From the dot towards the star, {passes} passes over the data: gradient "
                    "descent moves {passes} times, the others {moves} times.",
                    "Du point vers l'étoile, {passes} passages sur les données : la descente de "
                    "gradient bouge {passes} fois, les autres {moves} fois.",
                ),
                Text("One order of the rows, from seed 0.", "Un seul ordre des lignes, graine 0."),
            ),
            Picture(
                losses,
                Text(
                    "Excess of the loss over its minimum, pass by pass. After the first, "
                    "{lowest_first} has the lowest mean, after {epochs}, {lowest_end}.",
                    "Excès de la perte sur son minimum, passage après passage. Après le premier, "
                    "la plus basse moyenne est celle {lowest_first}, après {epochs}, celle "
                    "{lowest_end}.",
                ),
                curves(setting.many, log=True),
            ),
        ],
        numbers={
            **after,
            **ends,
            **late,
            "lowest_first": _NAMES[min(keys, key=lambda key: after[key].mean)],
            "lowest_end": _NAMES[min(keys, key=lambda key: ends[f"{key}_end"].mean)],
            "beside": beside,
            "beside_word": verdict(
                beside,
                below=Text("SGD ends below it", "SGD finit plus bas"),
                above=Text("SGD ends above it", "SGD finit plus haut"),
                unclear=Text(
                    "the seeds do not tell which is lower",
                    "les graines ne disent pas lequel est plus bas",
                ),
            ),
            "sgd_word": verdict(
                late["sgd_late"],
                below=Text("it is still falling", "il baisse encore"),
                above=Text("it has risen", "il a remonté"),
                unclear=Text(
                    "the seeds do not tell whether it still falls",
                    "les graines ne disent pas s'il baisse encore",
                ),
            ),
            "batch": _BATCH,
            "updates": updates,
            "passes": passes,
            "moves": passes * updates,
            "epochs": epochs,
            "half": epochs - epochs // 2,
        },
        note=averages(setting.many, log=True),
        findings=[
            (
                Text("gradient descent, after 1 pass", "descente de gradient, 1 passage"),
                "{descent:2}",
            ),
            (Text("SGD", "SGD"), "{sgd:2}"),
            (Text("SGD with momentum", "SGD avec momentum"), "{momentum:2}"),
            (Text("Adam", "Adam"), "{adam:2}"),
            (
                Text("gradient descent, after {epochs}", "descente de gradient, {epochs} passages"),
                "{descent_end:2}",
            ),
            (Text("SGD", "SGD"), "{sgd_end:2}"),
            (Text("SGD with momentum", "SGD avec momentum"), "{momentum_end:2}"),
            (Text("Adam", "Adam"), "{adam_end:2}"),
        ],
    )


_NAMES = {
    "descent": Text("gradient descent", "de la descente de gradient"),
    "sgd": Text("SGD", "de SGD"),
    "momentum": Text("SGD with momentum", "de SGD avec momentum"),
    "adam": Text("Adam", "d'Adam"),
}


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
            [np.mean(history[metric][-_LAST:]) for history in found[key]],
            log=metric == "loss",
            within=(0, np.inf) if metric == "loss" else (0, 1),
        )
        for key in names
        for metric in ("loss", "accuracy")
    }
    means = {
        key: np.array([np.mean(history["loss"][-_LAST:]) for history in found[key]])
        for key in names
    }
    ratio = mean_interval(means["standardised"] / means["raw"], log=True)
    return Outcome(
        pictures=[
            Picture(
                loss,
                Text(
                    "Training loss, epoch by epoch: {word}.",
                    "Perte d'entraînement, epoch après epoch : {word}.",
                ),
                curves(setting.seeds, log=True),
            ),
            Picture(
                accuracy,
                Text(
                    "Training accuracy, epoch by epoch: at the end {raw_accuracy:mean3} on raw "
                    "inputs, {standardised_accuracy:mean3} on standardised ones.",
                    "Exactitude d'entraînement, epoch après epoch : à la fin, "
                    "{raw_accuracy:mean3} sur les entrées brutes, {standardised_accuracy:mean3} "
                    "sur les entrées centrées-réduites.",
                ),
                curves(setting.seeds, log=False),
            ),
        ],
        numbers={
            **last,
            "ratio": ratio,
            "last": _LAST,
            "seeds": setting.seeds,
            "word": verdict(
                ratio,
                below=Text(
                    "standardised inputs end lower, {ratio:2} times the loss of raw ones",
                    "les entrées centrées-réduites finissent plus bas, à {ratio:2} fois la perte "
                    "des brutes",
                ),
                above=Text(
                    "standardised inputs end higher, {ratio:2} times the loss of raw ones",
                    "les entrées centrées-réduites finissent plus haut, à {ratio:2} fois la perte "
                    "des brutes",
                ),
                unclear=Text(
                    "the seeds do not tell which end lower (ratio {ratio:2})",
                    "les graines ne disent pas lesquelles finissent plus bas (rapport {ratio:2})",
                ),
            ),
        },
        note=Text(
            "Over the last {last} epochs. Means over {seeds} seeds (geometric for the loss), in "
            "brackets their 95% intervals (Student's t).",
            "Sur les {last} dernières epochs. Moyennes sur {seeds} graines (géométriques pour la "
            "perte) ; entre parenthèses, leurs intervalles à 95 % (t de Student).",
        ),
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
                "its excess loss, SGD with {sgd:mean2}, SGD with momentum with {momentum:mean2}, "
                "Adam with {adam:mean2}; after {epochs}, {lowest_end} is lowest.",
                "Après un passage sur les données, il reste à la descente de gradient "
                "{descent:mean2} de son excès de perte, à SGD {sgd:mean2}, à SGD avec momentum "
                "{momentum:mean2}, à Adam {adam:mean2} ; après {epochs} passages, le plus bas est "
                "celui {lowest_end}.",
            ),
            Text(
                "Price from rooms beyond five, by a weight and a bias. Gradient descent looks at "
                "all rows before it moves once; SGD moves after each minibatch of {batch} rows, "
                "{updates} times per pass, with gradients that are noisy. Momentum keeps a part "
                "of its speed; Adam also divides each parameter's step by the usual size of its "
                "gradient. The excess is the loss above its minimum, 1 at the start.\n\n"
                "Each has a rate that suits it, so what is compared is the four as they are set "
                "here, not the methods at one rate: gradient descent and SGD take a quarter of "
                "the largest stable rate, momentum an eighth of that, Adam 5% of the way from "
                "start to minimum.\n\n"
                "After {epochs} passes gradient descent is at {descent_end:mean2} and SGD at "
                "{sgd_end:2}: {beside_word}. Over the last {half} passes gradient descent's "
                "excess is multiplied by {descent_late:mean2}; SGD's by {sgd_late:2}: {sgd_word}. "
                "At a constant rate the noise of its gradients does not fade.\n\n"
                "Adam is drawn as its authors define it. The recursion as it is printed in the "
                "notes (4.2) divides the running means by their correction again at each step and "
                "soon stalls.",
                "Le prix selon les pièces au-delà de cinq, par un poids et un biais. La descente "
                "de gradient regarde toutes les lignes avant de bouger une fois ; SGD bouge après "
                "chaque minibatch de {batch} lignes, {updates} fois par passage, avec des "
                "gradients bruités. Le momentum garde une part de son élan ; Adam divise en outre "
                "le pas de chaque paramètre par la taille habituelle de son gradient. L'excès est "
                "la perte au-dessus de son minimum ; il vaut 1 au départ.\n\n"
                "Chacun a un taux qui lui convient : on compare donc les quatre tels qu'ils sont "
                "réglés ici, et non les méthodes à un même taux. La descente de gradient et SGD "
                "prennent un quart du plus grand taux stable, le momentum un huitième de cela, "
                "Adam 5 % du chemin du départ au minimum.\n\n"
                "Après {epochs} passages, la descente de gradient en est à {descent_end:mean2} et "
                "SGD à {sgd_end:2} : {beside_word}. Sur les {half} derniers passages, l'excès de "
                "la descente de gradient est multiplié par {descent_late:mean2}, celui de SGD par "
                "{sgd_late:2} : {sgd_word}. À taux constant, le bruit de ses gradients ne "
                "s'éteint pas.\n\n"
                "Adam est dessiné tel que ses auteurs le définissent. La récurrence telle qu'elle "
                "est imprimée dans le cours (4.2) redivise à chaque étape les moyennes courantes "
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
                "dashed chord. {convex} In the second figure, a perceptron on a segment through "
                "its weights: its loss is convex, and at most {flat:1} above the chord, which is "
                "rounding if it is anything.",
                "Prenons un réseau entraîné à une couche cachée et rangeons ses neurones cachés "
                "en ordre inverse : il calcule la même chose, donc sa perte est la même. Sur le "
                "segment qui joint les deux jeux de poids, une perte convexe resterait sous la "
                "corde en tirets. {convex} Sur la seconde figure, un perceptron sur un segment "
                "passant par ses poids : sa perte est convexe, et au plus {flat:1} au-dessus de "
                "la corde, ce qui n'est, au plus, que de l'arrondi.",
            ),
            BOSTON
            + "from profond.layers import Dense, Input\nfrom profond.models import Sequential\n\n"
            'model = Sequential([Input((1,)), Dense(8, activation="tanh"), Dense(1)])\n'
            'figures.loss_slice(model, boston[["RM"]], boston[["PRICE"]])',
            landscape,
            cost=5,
        ),
        Section(
            "starts",
            Text("Does noise help to escape?", "Le bruit aide-t-il à s'échapper ?"),
            Text(
                "At equal numbers of updates, does the noise of minibatches of {small} lead to a "
                "good minimum more often? On this wave, {wave_word} ({wave_all:mean%} of starts "
                "without, {wave_few:mean%} with); on this teacher's data, {teacher_word} "
                "({teacher_all:mean%} and {teacher_few:mean%}).",
                "À nombre égal de mises à jour, le bruit de minibatches de {small} mène-t-il plus "
                "souvent à un bon minimum ? Sur cette onde, {wave_word} ({wave_all:mean%} des "
                "départs sans, {wave_few:mean%} avec) ; sur les données de ce professeur, "
                "{teacher_word} ({teacher_all:mean%} et {teacher_few:mean%}).",
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
                "The gain in good ends is {wave_gain:points} percentage points in the first and "
                "{teacher_gain:points} in the second, on these two data sets and at this rate, "
                "{rate:1}; other data may give other answers. {conclusion} In principle noise can "
                "push out of a bad basin, and out of a good one. At equal passes over the data, "
                "rather than updates, SGD has the advantage of moving more often.",
                "Le cours dit que la descente de gradient souffre d'optima locaux et que SGD est "
                "susceptible de profiter de son bruit pour s'en échapper. De chacun de {starts} "
                "départs au hasard, on entraîne le même réseau avec toutes les lignes et par "
                "minibatches, autant de mises à jour au même taux ; puis tous se stabilisent avec "
                "toutes les lignes. Chaque courbe dit quelle part des départs finit à une perte "
                "donnée ou dessous : plus haut et plus à gauche, c'est mieux, et la ligne "
                "pointillée est le seuil d'une bonne arrivée. Première figure : deux neurones "
                "tanh sur une onde bruitée. Seconde : cinq neurones ReLU sur des données sans "
                "bruit, faites par un réseau de même taille (le professeur).\n\n"
                "Le gain en bonnes arrivées est de {wave_gain:points} points de pourcentage sur "
                "la première et de {teacher_gain:points} sur la seconde, sur ces deux jeux de "
                "données et à ce taux, {rate:1} ; d'autres données peuvent répondre autrement. "
                "{conclusion} En principe, le bruit peut pousser hors d'un mauvais bassin, mais "
                "aussi hors d'un bon. À nombre égal de passages sur les données, plutôt que de "
                "mises à jour, SGD a l'avantage de bouger plus souvent.",
            ),
            PLAIN + "figures.many_starts(starts=20, updates=300, settle=100)",
            starts,
            cost=18,
        ),
        Section(
            "depth",
            Text("The curse of depth", "La malédiction de la profondeur"),
            Text(
                "In networks of {depth} hidden layers, from layer {depth} down to layer 2 the "
                "gradient is multiplied by {sigmoid:mean1} with the sigmoid, {tanh:mean2} with "
                "tanh, {relu:mean2} with ReLU (Glorot) and {he:mean2} with ReLU (He).",
                "Dans des réseaux à {depth} couches cachées, de la couche {depth} à la couche 2, "
                "le gradient est multiplié par {sigmoid:mean1} avec la sigmoïde, {tanh:mean2} "
                "avec tanh, {relu:mean2} avec ReLU (Glorot) et {he:mean2} avec ReLU (He).",
            ),
            Text(
                "By the chain rule, the gradient of an early layer is a product with one factor "
                "φ′(o) and one weight per later layer. The sigmoid's derivative is at most "
                "{top:2}, so the product vanishes: a factor of {sigmoid_layer:2} per layer here. "
                "Before training, on its way back from layer {depth} to layer 2, the gradient "
                "{towards}, as far as the intervals tell. (Layer 2 is the first between two "
                "hidden layers, and has the shape of the others; layer 1 has fewer weights.)\n\n"
                "The initial weights have their share in this. With Keras's default (Glorot), "
                "which is made for tanh, every ReLU layer halves the power of what goes through "
                "it, and of the gradient that comes back. A layer's gradient is the product of "
                "the two: it is small everywhere ({relu_size:mean1} in the first layer), whatever "
                "the ratio between layers. He's initialisation makes up for the half that ReLU "
                "cuts away: {he_size:2} in the first layer, and from layer {depth} to layer 2 a "
                "ratio of {he:2}, that is {he_layer:3} per layer.",
                "Par la règle de dérivation en chaîne, le gradient d'une des premières couches "
                "est un produit avec un facteur φ′(o) et un poids par couche suivante. La dérivée "
                "de la sigmoïde vaut au plus {top:2}, donc le produit s'évanouit : ici, un "
                "facteur {sigmoid_layer:2} par couche. Avant entraînement, en remontant de la "
                "couche {depth} à la couche 2, le gradient {towards}, pour autant que les "
                "intervalles le disent. (La couche 2 est la première entre deux couches cachées, "
                "et a la forme des autres ; la couche 1 a moins de poids.)\n\n"
                "Les poids initiaux y ont leur part. Avec le choix par défaut de Keras (Glorot), "
                "fait pour tanh, chaque couche ReLU divise par deux la puissance de ce qui la "
                "traverse, et celle du gradient qui revient. Le gradient d'une couche est le "
                "produit des deux : il est petit partout ({relu_size:mean1} dans la première "
                "couche), quel que soit le rapport entre couches. L'initialisation de He compense "
                "la moitié que ReLU coupe : {he_size:2} dans la première couche, et de la couche "
                "{depth} à la couche 2 un rapport de {he:2}, soit {he_layer:3} par couche.",
            ),
            PLAIN + "figures.gradient_norms(depth=10, seeds=5)",
            depth,
            cost=2,
        ),
        Section(
            "preparation",
            Text("Standardised inputs", "Des entrées centrées-réduites"),
            Text(
                "Over the last {last} epochs the training loss is {raw_loss:mean2} on raw inputs "
                "and {standardised_loss:mean2} on standardised ones: {word}.",
                "Sur les {last} dernières epochs, la perte d'entraînement est de {raw_loss:mean2} "
                "sur les entrées brutes et de {standardised_loss:mean2} sur les entrées "
                "centrées-réduites : {word}.",
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
