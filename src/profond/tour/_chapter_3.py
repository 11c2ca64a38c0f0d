"""Chapter 3: losses."""

from typing import Any

import numpy as np

from profond import figures
from profond.figures import mean_interval, numbers
from profond.figures._runs import fit_seeds, read_task
from profond.tour._data import BOSTON, PLAIN, boston, iris
from profond.tour._statements import EXACT, averages
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Text

_HELD_OUT = 0.3  # part of the flowers that a network does not see


def _squared(setting: Setting) -> Outcome:
    """The squared errors of the line fitted to rooms and prices."""
    x, y = boston()["RM"], boston()["PRICE"]
    line = numbers(figures.scatter(x, y, fit="line"))
    figure = figures.squared_error(y, line["slope"] * x + line["bias"], lang=setting.lang)
    found = numbers(figure)
    sizes = np.abs(found["errors"])
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "The squared error is a parabola of the error, the districts dots on it: half "
                    "of them err by less than {typical}, one by {worst}.",
                    "L'erreur quadratique est une parabole de l'erreur, les quartiers y sont des "
                    "points : la moitié se trompent de moins de {typical}, un de {worst}.",
                ),
            )
        ],
        numbers={
            "mse": found["mse"],
            "top": found["top_share"],
            "worst": float(sizes.max()),
            "typical": float(np.median(sizes)),
            "times": float((sizes.max() / np.median(sizes)) ** 2),
        },
        findings=[
            (Text("mean squared error", "erreur quadratique moyenne"), "{mse}"),
            (
                Text("part of it due to a tenth of rows", "part due à un dixième des lignes"),
                "{top:%}",
            ),
            (Text("median error", "erreur médiane"), "{typical}"),
            (Text("largest error", "plus grande erreur"), "{worst}"),
        ],
        note=EXACT,
    )


def _logistic(setting: Setting) -> Outcome:
    """The probabilities that small networks give to the species of unseen flowers."""
    todo = read_task(iris().drop(columns="target"), iris()["target"]).standardised()

    def build() -> Any:
        from profond.layers import Dense, Input
        from profond.models import Sequential

        model = Sequential(
            [Input(shape=(4,)), Dense(20, activation="relu"), Dense(3, activation="softmax")]
        )
        model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
        return model

    seeds = range(setting.seeds)
    runs = fit_seeds(
        todo, build, seeds, epochs=setting.pick(60, 20), batch_size=10, validation=_HELD_OUT
    )
    labels, guesses = [], []
    for seed, (model, _) in zip(seeds, runs, strict=True):
        rows = todo.shuffled(seed)
        kept = int(len(rows.inputs) * (1 - _HELD_OUT))
        labels.append(rows.target[kept:].argmax(axis=1))
        guesses.append(np.clip(model.predict(rows.inputs[kept:], verbose=0), 0.0, 1.0))
    figure = figures.logistic_loss(
        np.concatenate(labels), np.concatenate(guesses), lang=setting.lang
    )
    found = numbers(figure)
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "The loss against the probability given to the correct species, {flowers} "
                    "flowers of {seeds} trainings: the least probability, {lowest:2}, costs "
                    "{cost:2}.",
                    "La perte selon la probabilité donnée à la bonne espèce, {flowers} fleurs de "
                    "{seeds} entraînements : la plus faible, {lowest:2}, coûte {cost:2}.",
                ),
            )
        ],
        numbers={
            "loss": mean_interval(
                [history["val_loss"][-1] for _, history in runs], within=(0, np.inf)
            ),
            "accuracy": mean_interval(
                [history["val_accuracy"][-1] for _, history in runs], within=(0, 1)
            ),
            "top": found["top_share"],
            "lowest": float(found["correct"].min()),
            "cost": float(-np.log(max(found["correct"].min(), 1e-300))),
            "flowers": len(found["correct"]),
            "seeds": setting.seeds,
        },
        note=averages(setting.seeds, log=False),
        findings=[
            (Text("mean loss, unseen flowers", "perte moyenne, fleurs non vues"), "{loss:2}"),
            (Text("accuracy", "exactitude"), "{accuracy:%}"),
            (
                Text("part of the loss due to a tenth", "part de la perte due à un dixième"),
                "{top:%}",
            ),
        ],
    )


CHAPTER = Chapter(
    3,
    Text("Losses", "Fonctions de coût"),
    (
        Section(
            "squared",
            Text("The squared error", "L'erreur quadratique"),
            Text(
                "A tenth of the districts makes up {top:%} of the mean squared error of the line "
                "of chapter 1.",
                "Un dixième des quartiers fait {top:%} de l'erreur quadratique moyenne de la "
                "droite du chapitre 1.",
            ),
            Text(
                "The square punishes large errors: the largest one here, {worst} thousand "
                "dollars, counts {times:2} times as much as a median one of {typical}. The dashed "
                "line is the absolute error, which grows only as the error does. A few unusual "
                "rows can thus decide the fit; whether one wants that depends on the problem.",
                "Le carré punit les grandes erreurs : la plus grande ici, {worst} milliers de "
                "dollars, compte {times:2} fois autant qu'une erreur médiane de {typical}. La "
                "ligne en tirets est l'erreur absolue, qui ne croît que comme l'erreur. Quelques "
                "lignes inhabituelles peuvent ainsi décider de l'ajustement ; le veut-on ? Cela "
                "dépend du problème.",
            ),
            BOSTON + 'figures.squared_error(boston["PRICE"], 9.1 * boston["RM"] - 34.7)',
            _squared,
        ),
        Section(
            "logistic",
            Text("The logistic loss", "La perte logistique"),
            Text(
                "On flowers they have not seen, networks with an accuracy of {accuracy:%} have a "
                "mean loss of {loss:2}, {top:%} of it from a tenth of the flowers.",
                "Sur des fleurs qu'ils n'ont pas vues, des réseaux exacts à {accuracy:%} ont une "
                "perte moyenne de {loss:2}, dont {top:%} viennent d'un dixième des fleurs.",
            ),
            Text(
                "The loss of a row is minus the logarithm of the probability that the network "
                "gives to the correct class. It asks for more than being right: for being rightly "
                "sure. A dot is a flower; the lowest probability given to a correct species is "
                "{lowest:2}, at a cost of {cost:2}. {flowers} dots are drawn, over all seeds.",
                "La perte d'une ligne est l'opposé du logarithme de la probabilité que le réseau "
                "donne à la bonne classe. Elle demande plus que d'avoir raison : d'en être sûr à "
                "bon escient. Un point est une fleur ; la plus faible probabilité donnée à une "
                "bonne espèce est {lowest:2}, au prix de {cost:2}. On a dessiné {flowers} points, "
                "toutes graines confondues.",
            ),
            PLAIN
            + "figures.logistic_loss([0, 2, 1], [[0.8, 0.1, 0.1], [0.2, 0.1, 0.7], "
            + "[0.5, 0.2, 0.3]])",
            _logistic,
            cost=6,
        ),
    ),
)
