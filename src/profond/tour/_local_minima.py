"""Section 4.1's claim: the loss is not convex, and noise may help descent out of bad minima."""

from typing import Any

import numpy as np

from profond import figures
from profond.figures import Estimate, mean_interval, numbers, share_interval
from profond.figures._runs import Task, fit_seeds
from profond.tour._data import boston, standardised
from profond.tour._statements import ONE_SEED, averages, side, verdict
from profond.tour._structure import Outcome, Picture, Setting, Text

_SMALL = 5  # rows per minibatch of the noise that may help to escape


def landscape(setting: Setting) -> Outcome:
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
    bumps, heights = numbers(slices)["bump"], numbers(slices)["loss"]
    rises = bumps > 1e-3 * heights[:, 0]  # rounding is far below
    above = int(np.sum(rises))
    return Outcome(
        pictures=[
            Picture(
                slices,
                Text(
                    "Between a network and its twin with swapped neurons the loss is equal at "
                    "both ends; in between it rises above the chord for {above} networks out of "
                    "{networks}.",
                    "Entre un réseau et son jumeau aux neurones échangés, la perte est égale aux "
                    "deux bouts ; entre les deux, elle passe au-dessus de la corde pour {above} "
                    "réseaux sur {networks}.",
                ),
                Text(
                    "A thin curve per network, {networks} seeds; the thick one is their mean.",
                    "Une courbe fine par réseau, {networks} graines ; l'épaisse est leur moyenne.",
                ),
            ),
            Picture(
                bowl,
                Text(
                    "The loss of a perceptron along a segment through its weights is at most "
                    "{flat:1} above its chord.",
                    "La perte d'un perceptron le long d'un segment passant par ses poids est au "
                    "plus {flat:1} au-dessus de sa corde.",
                ),
                ONE_SEED,
            ),
        ],
        numbers={
            "bump": mean_interval(bumps, within=(0, np.inf)),
            "above": above,
            "networks": len(bumps),
            "flat": float(numbers(bowl)["bump"][0]),
            "convex": Text(
                "It does not for {above} of the {networks}: with a hidden layer the loss is not "
                "convex in the weights.",
                "Ce n'est pas le cas pour {above} des {networks} : avec une couche cachée, la "
                "perte n'est pas convexe en les poids.",
            )
            if above
            else Text(
                "Here it does for all {networks}, which proves nothing yet.",
                "C'est ici le cas pour les {networks}, ce qui ne prouve encore rien.",
            ),
        },
        note=averages(setting.many, log=False),
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


def starts(setting: Setting) -> Outcome:
    """Does the noise of SGD help to leave local minima? Two problems."""
    starts = setting.pick(100, 20)
    tolerances = (0.1, 0.01)
    common: dict[str, Any] = {
        "batch_sizes": (20, _SMALL),
        "rate": 0.1,
        "starts": starts,
        "updates": setting.pick(2000, 200),
        "settle": setting.pick(1000, 100),
        "lang": setting.lang,
    }
    wave = figures.many_starts(tolerance=tolerances[0], **common)
    teacher = figures.many_starts(
        *figures.teacher_problem(), hidden=5, activation="relu", tolerance=tolerances[1], **common
    )
    first, second = numbers(wave), numbers(teacher)
    gains = [
        _gain(found["ends"], found["best"] + tolerance)
        for found, tolerance in zip((first, second), tolerances, strict=True)
    ]
    words = [
        verdict(
            gain,
            of=0.0,
            below=Text("it harms", "il nuit"),
            above=Text("it helps", "il aide"),
            unclear=Text("no difference can be told", "on ne peut établir de différence"),
        )
        for gain in gains
    ]
    return Outcome(
        pictures=[
            Picture(
                wave,
                Text(
                    "Two tanh neurons on a noisy wave: share of {starts} starts that end at each "
                    "loss or below. Up to the dotted line: {wave_all:mean%} with all rows, "
                    "{wave_few:mean%} with minibatches of {small}.",
                    "Deux neurones tanh sur une onde bruitée : part de {starts} départs qui "
                    "finissent à chaque perte ou dessous. Jusqu'à la ligne pointillée : "
                    "{wave_all:mean%} avec toutes les lignes, {wave_few:mean%} par minibatches de "
                    "{small}.",
                ),
            ),
            Picture(
                teacher,
                Text(
                    "The same for five ReLU neurons on one data set that such a network made: "
                    "{teacher_all:mean%} and {teacher_few:mean%}.",
                    "De même pour cinq neurones ReLU, sur un jeu de données fait par un tel "
                    "réseau : {teacher_all:mean%} et {teacher_few:mean%}.",
                ),
            ),
        ],
        numbers={
            "starts": starts,
            "wave_all": share_interval(first["good"][None], starts),
            "wave_few": share_interval(first["good"][_SMALL], starts),
            "teacher_all": share_interval(second["good"][None], starts),
            "teacher_few": share_interval(second["good"][_SMALL], starts),
            "wave_gain": gains[0],
            "teacher_gain": gains[1],
            "wave_word": words[0],
            "teacher_word": words[1],
            "small": _SMALL,
            "rate": common["rate"],
            "conclusion": _conclusion([side(gain, of=0.0) for gain in gains]),
        },
        note=Text(
            "Shares of {starts} starts, in brackets their 95% intervals (Wilson's; for the gains "
            "in the text those of Agresti and Min).",
            "Parts de {starts} départs ; entre parenthèses, leurs intervalles à 95 % (de Wilson ; "
            "pour les gains du texte, d'Agresti et Min).",
        ),
        findings=[
            (
                Text("wave, good ends, all rows", "onde, bonnes arrivées, toutes les lignes"),
                "{wave_all:%}",
            ),
            (Text("wave, minibatches of {small}", "onde, minibatches de {small}"), "{wave_few:%}"),
            (Text("teacher, all rows", "professeur, toutes les lignes"), "{teacher_all:%}"),
            (
                Text("teacher, minibatches of {small}", "professeur, minibatches de {small}"),
                "{teacher_few:%}",
            ),
        ],
    )


def _gain(ends: dict[int | None, np.ndarray], limit: float) -> Estimate:
    """Good ends that small minibatches gain over all rows, start by start, as a share.

    The interval is that of Agresti and Min (2005, "Simple improved confidence intervals for
    comparing matched proportions"): half a start more of each kind, so that starts that all end
    alike do not pass for certainty.
    """
    few, all_rows = ends[_SMALL] <= limit, ends[None] <= limit
    won, lost, count = int(np.sum(few & ~all_rows)), int(np.sum(all_rows & ~few)), len(few)
    middle = (won - lost) / (count + 2)
    half = 1.96 * np.sqrt(won + lost + 1 - (won - lost) * middle) / (count + 2)
    return Estimate((won - lost) / count, middle - half, middle + half)


def _conclusion(sides: list[int]) -> Text:
    """What the two problems together allow to say of the notes' claim."""
    if 1 in sides and -1 in sides:
        return Text(
            "So the claim is a possibility, not a rule: the noise can help and it can harm.",
            "L'affirmation est donc une possibilité, pas une règle : le bruit peut aider, et il "
            "peut nuire.",
        )
    if 1 in sides:
        return Text(
            "Where these runs tell anything, they bear the claim out.",
            "Là où ces essais disent quelque chose, ils confirment l'affirmation.",
        )
    if -1 in sides:
        return Text(
            "Where these runs tell anything, they contradict the claim.",
            "Là où ces essais disent quelque chose, ils contredisent l'affirmation.",
        )
    return Text(
        "These runs neither bear the claim out nor contradict it.",
        "Ces essais ne confirment ni ne contredisent l'affirmation.",
    )
