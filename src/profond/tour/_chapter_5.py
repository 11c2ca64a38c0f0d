"""Chapter 5: regularisation."""

import numpy as np

from profond import figures
from profond.figures import mean_interval, numbers
from profond.tour._data import IRIS, PLAIN, iris
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Text


def _risk(setting: Setting) -> Outcome:
    """Both risks along a training, where the true one is known."""
    steps = setting.pick(3000, 400)
    curves = figures.risks(steps=steps, seeds=setting.many, lang=setting.lang)
    drawn = figures.overfit_curve(steps=steps, lang=setting.lang)
    found = numbers(curves)
    true = found["true"]
    return Outcome(
        pictures=[
            Picture(
                curves,
                Text(
                    "Along the training the empirical risk keeps falling; the true risk falls, "
                    "then rises.",
                    "Au fil de l'entraînement, le risque empirique ne cesse de baisser ; le vrai "
                    "risque baisse, puis remonte.",
                ),
            ),
            Picture(
                drawn,
                Text(
                    "One network at its lowest true risk, near the truth, and at the end, bent "
                    "towards the training points.",
                    "Un réseau à son plus bas vrai risque, proche de la vérité, et à la fin, "
                    "tordu vers les points d'apprentissage.",
                ),
            ),
        ],
        numbers={
            "empirical": mean_interval(found["empirical"][:, -1], log=True),
            "end": mean_interval(true[:, -1], log=True),
            "lowest": mean_interval(true.min(axis=1), log=True),
            "step": mean_interval(found["best_step"], log=True),
            "steps": steps,
            "noise": found["noise"],
            "side": _side(float(np.mean(found["empirical"][:, -1])), found["noise"]),
        },
        findings=[
            (Text("empirical risk at the end", "risque empirique à la fin"), "{empirical:2}"),
            (Text("true risk at the end", "vrai risque à la fin"), "{end:2}"),
            (Text("lowest true risk", "plus bas vrai risque"), "{lowest:2}"),
            (Text("reached at step", "atteint au pas"), "{step:2}"),
        ],
    )


def _side(risk: float, noise: float) -> Text:
    """On which side of the noise a risk is."""
    return Text("below", "sous le") if risk < noise else Text("above", "au-dessus du")


def _stopping(setting: Setting) -> Outcome:
    """Early stopping on Iris."""
    x, y = iris().drop(columns="target"), iris()["target"]
    figure = figures.early_stopping(
        x, y, epochs=setting.pick(100, 20), seeds=setting.seeds, lang=setting.lang
    )
    found = numbers(figure)
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "Training loss falling, validation loss levelling off; a dot per seed at the "
                    "epoch that early stopping restores.",
                    "La perte d'entraînement baisse, celle de validation stagne ; un point par "
                    "graine à l'epoch que l'arrêt anticipé restaure.",
                ),
            )
        ],
        numbers={
            "restored": mean_interval(found["restored"], log=True),
            "first": int(found["restored"].min()),
            "latest": int(found["restored"].max()),
            "stopped": mean_interval(found["stopped_after"]),
            "kept": mean_interval(found["kept_loss"], log=True),
            "last": mean_interval(found["last_loss"], log=True),
            "ratio": mean_interval(found["last_loss"] / found["kept_loss"], log=True),
            "train": mean_interval([history["loss"][-1] for history in found["full"]], log=True),
            "seeds": len(found["restored"]),
        },
        findings=[
            (Text("restored epoch", "epoch restaurée"), "{restored:2}"),
            (Text("its validation loss", "sa perte de validation"), "{kept:2}"),
            (
                Text("at the end of the full training", "à la fin de l'entraînement complet"),
                "{last:2}",
            ),
        ],
    )


def _penalty(setting: Setting) -> Outcome:
    """L2 on Iris."""
    x, y = iris().drop(columns="target"), iris()["target"]
    figure = figures.penalty(
        x,
        y,
        strengths=(0.0, 0.001, 0.01),
        epochs=setting.pick(100, 15),
        seeds=setting.seeds,
        lang=setting.lang,
    )
    found = numbers(figure)
    last = {strength: values[:, -1] for strength, values in found["val_loss"].items()}
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "Validation loss, epoch by epoch, without penalty and with two strengths.",
                    "Perte de validation, epoch après epoch, sans pénalité et avec deux forces.",
                ),
            )
        ],
        numbers={
            "none": mean_interval(last[0.0], log=True),
            "some": mean_interval(last[0.001], log=True),
            "much": mean_interval(last[0.01], log=True),
            "norm_none": mean_interval(found["weight_norm"][0.0]),
            "norm_much": mean_interval(found["weight_norm"][0.01]),
            "gain": mean_interval(last[0.01] / last[0.0], log=True),
            "reported": mean_interval(found["reported"][0.01][:, -1], log=True),
        },
        findings=[
            (Text("validation loss, λ = 0", "perte de validation, λ = 0"), "{none:2}"),
            (Text("λ = 0.001", "λ = 0,001"), "{some:2}"),
            (Text("λ = 0.01", "λ = 0,01"), "{much:2}"),
            (Text("norm of the weights, λ = 0", "norme des poids, λ = 0"), "{norm_none}"),
            (Text("norm of the weights, λ = 0.01", "norme des poids, λ = 0,01"), "{norm_much}"),
        ],
    )


def _dropout(setting: Setting) -> Outcome:
    """Dropout drawn, and the four losses of a training with it."""
    x, y = iris().drop(columns="target"), iris()["target"]
    whole = figures.network([4, 5, 5, 3], lang=setting.lang)
    part = figures.network([4, 5, 5, 3], dropped=0.4, seed=1, lang=setting.lang)
    figure = figures.dropout(
        x, y, epochs=setting.pick(100, 15), seeds=setting.seeds, lang=setting.lang
    )
    found = {name: values for name, values in numbers(figure).items()}
    early = slice(0, 20)
    below = np.mean(found["val_loss"] < found["loss"], axis=1)
    clean_below = np.mean(found["clean_loss"] < found["val_loss"], axis=1)
    reported, noisy, clean, validation = (
        mean_interval(found[name][:, early].mean(axis=1))
        for name in ("loss", "noisy_loss", "clean_loss", "val_loss")
    )
    return Outcome(
        pictures=[
            Picture(
                whole,
                Text("The whole network.", "Le réseau entier."),
            ),
            Picture(
                part,
                Text(
                    "The same with 40% of the inputs and hidden neurons switched off, in grey.",
                    "Le même, 40 % des entrées et des neurones cachés désactivés, en gris.",
                ),
            ),
            Picture(
                figure,
                Text(
                    "Training loss as reported, validation loss, and training loss measured again "
                    "with all neurons on, which is the lowest.",
                    "Perte d'entraînement telle qu'affichée, perte de validation, et perte "
                    "d'entraînement mesurée à nouveau tous neurones actifs, la plus basse.",
                ),
            ),
        ],
        numbers={
            "below": mean_interval(below, within=(0, 1)),
            "clean_below": mean_interval(clean_below, within=(0, 1)),
            "reported": reported,
            "noisy": noisy,
            "clean": clean,
            "validation": validation,
            "work": mean_interval(
                (found["noisy_loss"] - found["clean_loss"])[:, early].mean(axis=1)
            ),
            "moving": mean_interval((found["loss"] - found["noisy_loss"])[:, early].mean(axis=1)),
        },
        findings=[
            (
                Text(
                    "epochs with validation below training", "epochs où la validation est dessous"
                ),
                "{below:%}",
            ),
            (
                Text("first 20: training loss as reported", "20 premières : perte affichée"),
                "{reported:2}",
            ),
            (Text("validation loss", "perte de validation"), "{validation:2}"),
            (Text("training loss, all neurons on", "perte, tous neurones actifs"), "{clean:2}"),
        ],
    )


CHAPTER = Chapter(
    5,
    Text("Regularisation", "Régularisation"),
    (
        Section(
            "risk",
            Text("Empirical risk and true risk", "Risque empirique et vrai risque"),
            Text(
                "The empirical risk falls to {empirical:2}, {side} the noise ({noise:1}); the "
                "true risk was lowest, {lowest:2}, near step {step:mean2}, and ends at {end:2}.",
                "Le risque empirique descend à {empirical:2}, {side} bruit ({noise:1}) ; le vrai "
                "risque était au plus bas, {lowest:2}, vers le pas {step:mean2}, et finit à "
                "{end:2}.",
            ),
            Text(
                "Here the law of the data is known, a wave plus noise, so the true risk can be "
                "computed and not only estimated. Each network learns from 30 points. Minimising "
                "the empirical risk goes on lowering it, past the noise itself: the network is "
                "then learning the noise. The two risks do not have the same minimiser, and that "
                "is all that this chapter is about. In the second figure, one network at its best "
                "and at the end of its {steps} steps.",
                "Ici, la loi des données est connue, une onde plus du bruit : le vrai risque peut "
                "donc être calculé, et non seulement estimé. Chaque réseau apprend de 30 points. "
                "Minimiser le risque empirique continue de l'abaisser, jusque sous le bruit "
                "lui-même : le réseau apprend alors le bruit. Les deux risques n'ont pas le même "
                "minimiseur, et tout ce chapitre est là. Sur la seconde figure, un réseau à son "
                "meilleur moment et à la fin de ses {steps} pas.",
            ),
            PLAIN + "figures.risks(steps=500, seeds=5)",
            _risk,
            cost=7,
        ),
        Section(
            "stopping",
            Text("Early stopping", "L'arrêt anticipé"),
            Text(
                "Early stopping keeps the weights of epoch {restored:mean2} on average, with a "
                "validation loss of {kept:2}; the full training ends at {last:2}.",
                "L'arrêt anticipé garde en moyenne les poids de l'epoch {restored:mean2}, avec "
                "une perte de validation de {kept:2} ; l'entraînement complet finit à {last:2}.",
            ),
            Text(
                "The network of the notes on Iris, three rows in ten kept for validation. The "
                "training loss goes down to {train:1}, and at the end the validation loss is "
                "{ratio:2} times that of the restored epochs. Stopping after ten epochs without "
                "improvement, and restoring the best weights, is what `EarlyStopping(patience=10, "
                "restore_best_weights=True)` does; the dots are where it went back to. The notes "
                "show one run and one epoch. Over {seeds} seeds the restored epoch goes from "
                "{first} to {latest}: it depends on the split and on the initial weights as much "
                "as on the data. And since the epoch is chosen on the validation rows, their loss "
                "is a little too good an estimate of the true risk.",
                "Le réseau du cours sur Iris, trois lignes sur dix gardées pour la validation. La "
                "perte d'entraînement descend jusqu'à {train:1}, et à la fin celle de validation "
                "vaut {ratio:2} fois celle des epochs restaurées. S'arrêter après dix epochs sans "
                "amélioration, puis restaurer les meilleurs poids, c'est ce que fait "
                "`EarlyStopping(patience=10, restore_best_weights=True)` ; les points disent où "
                "il est revenu. Le cours montre un entraînement et une epoch. Sur {seeds} "
                "graines, l'epoch restaurée va de {first} à {latest} : elle dépend de la coupure "
                "et des poids initiaux autant que des données. Et comme l'epoch est choisie sur "
                "les lignes de validation, leur perte est une estimation un peu trop flatteuse du "
                "vrai risque.",
            ),
            IRIS + 'figures.early_stopping(iris.drop(columns="target"), iris["target"], epochs=40)',
            _stopping,
            cost=8,
        ),
        Section(
            "penalty",
            Text("The L2 penalty", "La pénalité L2"),
            Text(
                "With λ = 0.01 the weights end with a norm of {norm_much:mean2} instead of "
                "{norm_none:mean2}, and the validation loss at {much:2} instead of {none:2}.",
                "Avec λ = 0,01, les poids finissent avec une norme de {norm_much:mean2} au lieu "
                "de {norm_none:mean2}, et la perte de validation à {much:2} au lieu de {none:2}.",
            ),
            Text(
                "The penalty adds λ times the sum of the squared weights to the loss, so that "
                "large weights must be worth their price. What `fit` reports then holds the "
                "penalty too ({reported:2} at the end for λ = 0.01); the figure shows the loss "
                "without it, so that the strengths can be compared. Seed by seed, the loss with λ "
                "= 0.01 is {gain:2} times the loss without.",
                "La pénalité ajoute à la perte λ fois la somme des carrés des poids, de sorte que "
                "de grands poids doivent valoir leur prix. Ce que `fit` affiche contient alors "
                "aussi la pénalité ({reported:2} à la fin pour λ = 0,01) ; la figure montre la "
                "perte sans elle, pour que les forces soient comparables. Graine par graine, la "
                "perte avec λ = 0,01 vaut {gain:2} fois la perte sans.",
            ),
            IRIS + 'figures.penalty(iris.drop(columns="target"), iris["target"], epochs=20)',
            _penalty,
            cost=12,
        ),
        Section(
            "dropout",
            Text("Dropout", "Le dropout"),
            Text(
                "With dropout the validation loss is below the reported training loss in "
                "{below:%} of the epochs; measured again with all neurons on, the training loss "
                "is the lower of the two in {clean_below:%} of them.",
                "Avec le dropout, la perte de validation est sous la perte d'entraînement "
                "affichée dans {below:%} des epochs ; mesurée à nouveau tous neurones actifs, la "
                "perte d'entraînement est la plus basse des deux dans {clean_below:%} d'entre "
                "elles.",
            ),
            Text(
                "At each minibatch dropout switches off a part of the neurons, drawn anew each "
                "time (in grey, 40%; the training below uses 30%, on inputs too, as in the "
                "notes). Exercise: why is the validation loss so often below the training loss? "
                "Over the first twenty epochs the reported training loss is {reported:2} and the "
                "validation loss {validation:2}. The reported one is a mean over the minibatches "
                "of an epoch, each with neurons off, while validation uses them all. Measuring "
                "the training loss again at the end of each epoch takes the two causes apart: "
                "with dropout still on it is {noisy:2}, with all neurons on {clean:2}. The "
                "difference between these two, {work:2}, is the work of dropout; the rest, "
                "{moving:2}, comes from the weights getting better during the epoch.",
                "À chaque minibatch, le dropout désactive une part des neurones, tirée à nouveau "
                "à chaque fois (en gris, 40 % ; l'entraînement ci-dessous en prend 30 %, entrées "
                "comprises, comme dans le cours). Exercice : pourquoi la perte de validation "
                "est-elle si souvent sous la perte d'entraînement ? Sur les vingt premières "
                "epochs, la perte d'entraînement affichée est de {reported:2} et celle de "
                "validation de {validation:2}. La première est une moyenne sur les minibatches "
                "d'une epoch, chacun avec des neurones éteints, alors que la validation les "
                "utilise tous. Mesurer à nouveau la perte d'entraînement à la fin de chaque epoch "
                "sépare les deux causes : avec le dropout encore en marche, elle est de {noisy:2} "
                "; tous neurones actifs, de {clean:2}. L'écart entre les deux, {work:2}, est "
                "l'œuvre du dropout ; le reste, {moving:2}, vient de ce que les poids "
                "s'améliorent au cours de l'epoch.",
            ),
            IRIS + 'figures.dropout(iris.drop(columns="target"), iris["target"], epochs=20)',
            _dropout,
            cost=9,
        ),
    ),
)
