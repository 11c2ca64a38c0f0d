"""Chapter 1: a neuron, and gradient descent."""

from typing import Any

import numpy as np

from profond import figures
from profond.figures import mean_interval, numbers
from profond.figures._batch import parameter_count
from profond.figures._runs import NOTES_HIDDEN, Task, fit_seeds, model_loss
from profond.tour._data import BOSTON, boston, iris, standardised
from profond.tour._statements import ONE_SEED, averages
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Text

RATES = (1e-6, 1e-5, 5e-5)
_LEFT = 1e-3  # of the starting excess: what a descent of `_steps` stops at


def _perceptron(setting: Setting) -> Outcome:
    """One neuron trained on all columns of Boston, beside least squares."""
    table = boston()
    inputs = standardised(table.drop(columns="PRICE"))
    price = table["PRICE"].to_numpy(np.float32)[:, None]
    todo = Task(inputs.to_numpy(np.float32), price, None)

    def build() -> Any:
        from profond.layers import Dense, Input
        from profond.models import Sequential
        from profond.optimizers import SGD

        model = Sequential([Input(shape=(inputs.shape[1],)), Dense(1)])
        model.compile(loss="mse", optimizer=SGD(0.01))
        return model

    runs = fit_seeds(todo, build, range(setting.seeds), epochs=setting.pick(30, 5), batch_size=32)
    models = [model for model, _ in runs]
    weights = np.array([model.get_weights()[0][:, 0] for model in models])
    mean = weights.mean(axis=0)
    affine = np.column_stack([todo.inputs, np.ones(len(price))]).astype(np.float64)
    rest = price - affine @ np.linalg.lstsq(affine, price)[0]
    names = list(inputs.columns)
    return Outcome(
        pictures=[
            Picture(
                figures.perceptron(lang=setting.lang),
                Text(
                    "A neuron: inputs x, a weight w for each, their sum with the bias b, the "
                    "activation φ, the output a.",
                    "Un neurone : des entrées x, un poids w pour chacune, leur somme avec le "
                    "biais b, l'activation φ, la sortie a.",
                ),
            ),
            Picture(
                figures.perceptron(models[0], feature_names=names, lang=setting.lang),
                Text(
                    "The neuron trained on Boston: a line per column, coloured by the sign of its "
                    "weight, wider for a larger one.",
                    "Le neurone entraîné sur Boston : un trait par colonne, coloré selon le signe "
                    "du poids, plus large pour un poids plus grand.",
                ),
                ONE_SEED,
            ),
        ],
        numbers={
            "mse": mean_interval([model_loss(m, todo.inputs, price, "mse") for m in models]),
            "best": float(np.mean(rest**2)),
            "rm": mean_interval(weights[:, names.index("RM")]),
            "low_name": names[int(mean.argmin())],
            "low": mean_interval(weights[:, int(mean.argmin())]),
            "columns": len(names),
        },
        note=averages(setting.seeds, log=False),
        findings=[
            (Text("error of the neuron (MSE)", "erreur du neurone (MSE)"), "{mse:4}"),
            (Text("error of least squares", "erreur des moindres carrés"), "{best:4}"),
            (Text("weight of RM (rooms)", "poids de RM (pièces)"), "{rm:2}"),
        ],
    )


def _scatter(setting: Setting) -> Outcome:
    """Price against rooms, and the lines with and without bias."""
    x, y = boston()["RM"], boston()["PRICE"]
    through = figures.scatter(x, y, fit="slope", lang=setting.lang)
    line = figures.scatter(x, y, fit="line", lang=setting.lang)
    first, second = numbers(through), numbers(line)
    return Outcome(
        pictures=[
            Picture(
                through,
                Text(
                    "The best line through the origin: a mean squared error of {mse}.",
                    "La meilleure droite passant par l'origine : une erreur quadratique moyenne "
                    "de {mse}.",
                ),
            ),
            Picture(
                line,
                Text(
                    "The best line with a bias: a mean squared error of {line_mse}.",
                    "La meilleure droite avec biais : une erreur quadratique moyenne de "
                    "{line_mse}.",
                ),
            ),
        ],
        numbers={
            "w": first["slope"],
            "mse": first["mse"],
            "slope": second["slope"],
            "bias": second["bias"],
            "bias_sign": "+" if second["bias"] >= 0 else "\N{MINUS SIGN}",
            "bias_size": abs(second["bias"]),
            "line_mse": second["mse"],
            "rows": len(x),
        },
        findings=[
            (Text("slope without bias", "pente sans biais"), "{w}"),
            (Text("its error (MSE)", "son erreur (MSE)"), "{mse}"),
            (Text("slope with a bias", "pente avec biais"), "{slope}"),
            (Text("that bias", "ce biais"), "{bias}"),
            (Text("their error (MSE)", "leur erreur (MSE)"), "{line_mse}"),
        ],
    )


def _loss(setting: Setting) -> Outcome:
    """The sum of squares of every slope."""
    x, y = boston()["RM"], boston()["PRICE"]
    figure = figures.loss_curve(x, y, w=np.linspace(-2, 10, 100), lang=setting.lang)
    found = numbers(figure)
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "The loss is a parabola of w with its lowest point at w = {best:3}.",
                    "La perte est une parabole en w, au plus bas en w = {best:3}.",
                ),
            )
        ],
        numbers={
            "best": found["best_w"],
            "lowest": found["best_loss"],
            "zero": float(np.sum(y.to_numpy() ** 2)),
            "parameters": parameter_count([iris().shape[1] - 1, *NOTES_HIDDEN, 3]),
        },
        findings=[
            (Text("best w (closed form)", "meilleur w (forme explicite)"), "{best:5}"),
            (Text("loss there", "perte en ce point"), "{lowest:5}"),
        ],
    )


def _descent(setting: Setting) -> Outcome:
    """Ten steps at the three rates of the notes."""
    x, y = boston()["RM"], boston()["PRICE"]
    span = np.linspace(-2, 10, 200)
    drawn = [figures.descent(x, y, rate=rate, w=span, lang=setting.lang) for rate in RATES]
    slow, good, away = (numbers(figure) for figure in drawn)
    lines = figures.descent_rates(x, y, rates=RATES, lang=setting.lang)
    captions = (
        Text(
            "At rate 10⁻⁶ ten steps go down a small part of the curve, to w = {slow}.",
            "Au taux 10⁻⁶, dix étapes descendent une petite partie de la courbe, jusqu'à w = "
            "{slow}.",
        ),
        Text(
            "At rate 10⁻⁵ ten steps lead almost to the bottom of the curve, to w = {good}.",
            "Au taux 10⁻⁵, dix étapes mènent presque au fond de la courbe, à w = {good}.",
        ),
        Text(
            "At rate 5 × 10⁻⁵ the steps jump from one side to the other, higher each time.",
            "Au taux 5 × 10⁻⁵, chaque étape saute d'un côté à l'autre, un peu plus haut.",
        ),
        Text(
            "The weight at each step: one rate creeps, one settles, one swings ever wider (the "
            "limit is ρ = {limit}).",
            "Le poids à chaque étape : un taux se traîne, un autre se stabilise, le troisième "
            "oscille de plus en plus (la limite est ρ = {limit}).",
        ),
    )
    return Outcome(
        pictures=[Picture(*pair) for pair in zip([*drawn, lines], captions, strict=True)],
        numbers={
            "slow": slow["w"][-1],
            "good": good["w"][-1],
            "away": away["w"][-1],
            "best": good["best_w"],
            "slow_factor": slow["factor"],
            "good_factor": good["factor"],
            "away_factor": away["factor"],
            "limit": numbers(lines)["limit"],
            "growth": away["loss"][-1] / away["loss"][0],
        },
        findings=[
            (Text("w after 10 steps, ρ = 10⁻⁶", "w après 10 étapes, ρ = 10⁻⁶"), "{slow}"),
            (Text("w after 10 steps, ρ = 10⁻⁵", "w après 10 étapes, ρ = 10⁻⁵"), "{good}"),
            (Text("w after 10 steps, ρ = 5 × 10⁻⁵", "w après 10 étapes, ρ = 5 × 10⁻⁵"), "{away}"),
            (Text("diverges above ρ =", "diverge au-dessus de ρ ="), "{limit}"),
        ],
    )


def _contour(setting: Setting) -> Outcome:
    """Weight and bias together, and how the input's origin and scale change the descent."""
    x, y = boston()["RM"], boston()["PRICE"]
    centred = (x - x.mean()) / x.std(ddof=0)  # of variance 1 exactly: the valley is a circle
    bent = figures.descent_contour(
        x - 5, y, rates=(0.01, 0.1, 0.3, 0.345), steps=12, lang=setting.lang
    )
    straight = figures.descent_contour(
        centred, y, rates=(0.02, 0.1, 0.4), steps=12, lang=setting.lang
    )
    most = setting.pick(60000, 2000)
    return Outcome(
        pictures=[
            Picture(
                bent,
                Text(
                    "Rooms beyond five: the lines of equal loss are long ellipses. Descents at "
                    "four rates; the largest, above the limit of {limit:3}, zigzags out of the "
                    "picture.",
                    "Pièces au-delà de cinq : les lignes d'égale perte sont des ellipses "
                    "allongées. Descentes à quatre taux ; le plus grand, au-dessus de la limite "
                    "de {limit:3}, zigzague hors du cadre.",
                ),
            ),
            Picture(
                straight,
                Text(
                    "The same rooms standardised: circles, and all descents go straight to the "
                    "minimum.",
                    "Les mêmes pièces, centrées-réduites : des cercles, et toutes les descentes "
                    "vont droit au minimum.",
                ),
            ),
        ],
        numbers={
            "limit": numbers(bent)["limit"],
            "raw_condition": numbers(figures.descent_contour(x, y, rates=1e-3, steps=1))[
                "condition"
            ],
            "bent_condition": numbers(bent)["condition"],
            "raw_steps": _steps(x, y, most),
            "bent_steps": _steps(x - 5, y, most),
            "straight_steps": _steps(centred, y, most),
            "left": _LEFT,
            "most": most,
        },
        findings=[
            (
                Text(
                    "steps until {left:1} of the excess is left, input as it is",
                    "étapes jusqu'à {left:1} de l'excès, entrée brute",
                ),
                "{raw_steps}",
            ),
            (Text("the same, rooms beyond 5", "de même, pièces au-delà de 5"), "{bent_steps}"),
            (Text("the same, standardised", "de même, entrée centrée-réduite"), "{straight_steps}"),
        ],
    )


def _steps(x: Any, y: Any, most: int) -> int | Text:
    """Steps until `_LEFT` of the starting excess is left, at half the largest stable rate."""
    limit = numbers(figures.descent_contour(x, y, rates=1e-9, steps=1))["limit"]
    found = numbers(figures.descent_contour(x, y, rates=limit / 2, steps=most))
    excess = (found["loss"][0] - found["best_loss"]) / (found["loss"][0, 0] - found["best_loss"])
    below = np.flatnonzero(excess < _LEFT)
    return int(below[0]) if below.size else Text("more than {most}", "plus de {most}")


CHAPTER = Chapter(
    1,
    Text("Introduction: a neuron and its descent", "Introduction : un neurone et sa descente"),
    (
        Section(
            "perceptron",
            Text("A single neuron", "Un seul neurone"),
            Text(
                "Trained on the {columns} columns of Boston, one neuron reaches a mean squared "
                "error of {mse:4}; the best linear model there is has {best:4}.",
                "Entraîné sur les {columns} colonnes de Boston, un seul neurone atteint une "
                "erreur quadratique moyenne de {mse:4} ; le meilleur modèle linéaire qui soit est "
                "à {best:4}.",
            ),
            Text(
                "A neuron multiplies each input by a weight, adds a bias, and passes the sum "
                "through an activation: the identity here, so that what it computes is a linear "
                "regression. In the second drawing, lines are blue for positive weights, orange "
                "for negative ones, and wider for larger ones.\n\n"
                "The inputs are standardised, so the weights can be compared: one standard "
                "deviation more rooms (RM) changes the predicted price by {rm:2} thousand "
                "dollars, the other columns being equal; the lowest weight is that of {low_name}, "
                "{low:2}.",
                "Un neurone multiplie chaque entrée par un poids, ajoute un biais et passe la "
                "somme dans une activation : ici l'identité, si bien que ce qu'il calcule est une "
                "régression linéaire. Sur le second dessin, les traits sont bleus pour les poids "
                "positifs, orange pour les négatifs, et d'autant plus larges que le poids est "
                "grand.\n\n"
                "Les entrées sont centrées-réduites, donc les poids sont comparables : un "
                "écart-type de pièces en plus (RM) change le prix prédit de {rm:2} milliers de "
                "dollars, les autres colonnes étant égales ; le poids le plus bas est celui de "
                "{low_name}, {low:2}.",
            ),
            BOSTON
            + 'figures.perceptron([0.5, -1.2, 2.0], 0.3, feature_names=["RM", "TAX", "AGE"])',
            _perceptron,
            cost=4,
        ),
        Section(
            "scatter",
            Text("Rooms and prices", "Des pièces et des prix"),
            Text(
                "Without a bias the best line has slope {w} and an error of {mse}; a bias lowers "
                "the error to {line_mse}.",
                "Sans biais, la meilleure droite a pour pente {w} et une erreur de {mse} ; un "
                "biais ramène l'erreur à {line_mse}.",
            ),
            Text(
                "Each dot is one of {rows} districts of Boston: its mean number of rooms and the "
                "median price of its houses, in thousands of dollars. The notes begin with a "
                "model that has a single parameter, the slope w; its line must go through the "
                "origin. With a bias the line becomes {slope} x {bias_sign} {bias_size}.",
                "Chaque point est l'un des {rows} quartiers de Boston : son nombre moyen de "
                "pièces et le prix médian de ses maisons, en milliers de dollars. Le cours "
                "commence par un modèle à un seul paramètre, la pente w ; sa droite passe "
                "forcément par l'origine. Avec un biais, la droite devient {slope} x {bias_sign} "
                "{bias_size}.",
            ),
            BOSTON + 'figures.scatter(boston["RM"], boston["PRICE"], fit="line")',
            _scatter,
        ),
        Section(
            "loss",
            Text("The loss of every slope", "La perte de chaque pente"),
            Text(
                "The sum of squared errors is lowest at w = {best:4}.",
                "La somme des carrés des erreurs est la plus basse en w = {best:4}.",
            ),
            Text(
                "For each slope w, the loss adds up the squared errors of all districts: {zero:3} "
                "at w = 0, {lowest:3} at the best slope. Trying all values works for one "
                "parameter; with the {parameters} of the network of chapter 4 another way is "
                "needed: follow the slope of this curve downhill.",
                "Pour chaque pente w, la perte additionne les carrés des erreurs de tous les "
                "quartiers : {zero:3} en w = 0, {lowest:3} à la meilleure pente. Essayer toutes "
                "les valeurs convient pour un paramètre ; avec les {parameters} du réseau du "
                "chapitre 4, il faut s'y prendre autrement : suivre la pente de cette courbe vers "
                "le bas.",
            ),
            BOSTON + 'figures.loss_curve(boston["RM"], boston["PRICE"])',
            _loss,
        ),
        Section(
            "descent",
            Text("Gradient descent at three rates", "La descente de gradient à trois taux"),
            Text(
                "In ten steps from 0, the rate 10⁻⁵ arrives at {good} (the best is {best}), 10⁻⁶ "
                "is still at {slow}, and 5 × 10⁻⁵ moves away.",
                "En dix étapes depuis 0, le taux 10⁻⁵ arrive à {good} (le mieux est {best}), 10⁻⁶ "
                "n'en est qu'à {slow}, et 5 × 10⁻⁵ s'éloigne.",
            ),
            Text(
                "Each step goes against the derivative of the loss, in proportion to the learning "
                "rate ρ. What is left of the error is multiplied at each step by {slow_factor} "
                "for 10⁻⁶ (slow), by {good_factor} for 10⁻⁵, and by {away_factor} for 5 × 10⁻⁵: "
                "the sign changes, so it jumps to the other side, and the size is above 1, so it "
                "lands a little farther each time. After ten steps the loss has been multiplied "
                "by {growth}. The limit between the two is ρ = {limit}.",
                "Chaque étape va à l'opposé de la dérivée de la perte, en proportion du taux "
                "d'apprentissage ρ. Ce qui reste d'erreur est multiplié à chaque étape par "
                "{slow_factor} pour 10⁻⁶ (c'est lent), par {good_factor} pour 10⁻⁵, et par "
                "{away_factor} pour 5 × 10⁻⁵ : le signe change, donc on saute de l'autre côté, et "
                "la taille dépasse 1, donc on retombe un peu plus loin à chaque fois. Après dix "
                "étapes, la perte a été multipliée par {growth}. La limite entre les deux est ρ = "
                "{limit}.",
            ),
            BOSTON + 'figures.descent(boston["RM"], boston["PRICE"], rate=1e-5, steps=10)',
            _descent,
        ),
        Section(
            "contour",
            Text("Weight and bias together", "Le poids et le biais ensemble"),
            Text(
                "Until a thousandth of the starting excess is left, descent takes {raw_steps} "
                "steps on rooms as they are, {bent_steps} on rooms beyond five, {straight_steps} "
                "when they are standardised.",
                "Jusqu'à ce qu'il reste un millième de l'excès de départ, la descente prend "
                "{raw_steps} étapes sur les pièces telles quelles, {bent_steps} sur les pièces "
                "au-delà de cinq, {straight_steps} quand elles sont centrées-réduites.",
            ),
            Text(
                "With two parameters the loss is a valley, seen here from above: each closed line "
                "joins points of equal loss. In the first figure, counted from five rooms on, the "
                "valley is {bent_condition:2} times more curved across than along: a rate small "
                "enough for the steep direction (below {limit:2}) is slow in the other. In the "
                "second, standardised, it is round, and every descent goes straight to the "
                "bottom. On rooms as they are the ratio is {raw_condition:2}. The data are the "
                "same each time; only the origin and the unit of the input change, and this is "
                "one reason for preparing the inputs (chapter 4).\n\n"
                "Steps are counted at half of the largest stable rate of each case, from w = b = "
                "0, on the mean of the squares; the excess is the loss above its minimum. On the "
                "standardised input the curvature is the same in every direction, and half of the "
                "stable limit is exactly Newton's rate, one over the curvature: a single step "
                "then lands on the minimum.",
                "Avec deux paramètres, la perte est une vallée, vue ici d'en haut : chaque ligne "
                "fermée joint des points de même perte. Sur la première figure, en comptant à "
                "partir de cinq pièces, la vallée est {bent_condition:2} fois plus courbée en "
                "travers qu'en long : un taux assez petit pour la direction raide (moins de "
                "{limit:2}) est lent dans l'autre. Sur la seconde, entrée centrée-réduite, elle "
                "est ronde, et toute descente va droit au fond. Sur les pièces telles quelles, le "
                "rapport est de {raw_condition:2}. Les données sont chaque fois les mêmes ; "
                "seules changent l'origine et l'unité de l'entrée, et c'est une raison de "
                "préparer les entrées (chapitre 4).\n\n"
                "Les étapes sont comptées à la moitié du plus grand taux stable de chaque cas, "
                "depuis w = b = 0, sur la moyenne des carrés ; l'excès est la perte au-dessus de "
                "son minimum. Sur l'entrée centrée-réduite, la courbure est la même dans toutes "
                "les directions, et la moitié de la limite stable est exactement le taux de "
                "Newton, l'inverse de la courbure : une seule étape tombe alors sur le minimum.",
            ),
            BOSTON + 'figures.descent_contour(boston["RM"] - 5, boston["PRICE"], rates=[0.1, 0.3])',
            _contour,
            cost=2,
        ),
    ),
)
