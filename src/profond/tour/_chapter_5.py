"""Chapter 5: regularisation."""

import numpy as np

from profond import figures
from profond.figures import mean_interval, numbers
from profond.tour._data import IRIS, PLAIN, iris
from profond.tour._statements import ONE_SEED, averages, curves, verdict
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Text

_ROWS = 30  # training rows of each network whose true risk is known
_PATIENCE = 10  # epochs without improvement before early stopping
_STRONG = 0.01  # the larger of the two penalties
_DROPPED = 0.4  # part of the neurons drawn as switched off
_RATE = 0.3  # dropout rate of the trainings
_HELD_OUT = 0.3  # part of the rows kept for validation


def _risk(setting: Setting) -> Outcome:
    """Both risks along a training, where the true one is known."""
    steps = setting.pick(3000, 400)
    drawn = figures.risks(train_rows=_ROWS, steps=steps, seeds=setting.many, lang=setting.lang)
    single = figures.overfit_curve(train_rows=_ROWS, steps=steps, lang=setting.lang)
    found, curve = numbers(drawn), numbers(single)
    true = found["true"]
    empirical = mean_interval(found["empirical"][:, -1], log=True)
    truth = np.sin(2 * np.pi * curve["x"])  # the law that `overfit_curve` draws from
    rise = mean_interval(true[:, -1] / true.min(axis=1), log=True, within=(1, np.inf))
    return Outcome(
        pictures=[
            Picture(
                drawn,
                Text(
                    "From {empirical_first:mean2} the empirical risk goes to {empirical:mean2}; "
                    "the true risk ends at {rise:mean2} times the lowest that each network had.",
                    "De {empirical_first:mean2}, le risque empirique passe à {empirical:mean2} ; "
                    "le vrai risque finit à {rise:mean2} fois le plus bas qu'ait eu chaque réseau.",
                ),
                curves(setting.many, log=True),
            ),
            Picture(
                single,
                Text(
                    "One network at its lowest true risk, step {best}, on average {near:2} from "
                    "the truth (root mean square), and at step {steps}, {far:2} from it.",
                    "Un réseau à son plus bas vrai risque, étape {best}, à {near:2} de la vérité "
                    "(moyenne quadratique), et à l'étape {steps}, à {far:2}.",
                ),
                ONE_SEED,
            ),
        ],
        numbers={
            "empirical": empirical,
            "empirical_first": mean_interval(found["empirical"][:, 0], log=True),
            "end": mean_interval(true[:, -1], log=True),
            "lowest": mean_interval(true.min(axis=1), log=True),
            "step": mean_interval(found["best_step"], log=True),
            "rise": rise,
            "steps": steps,
            "rows": _ROWS,
            "best": curve["best_step"],
            "near": float(np.sqrt(np.mean((curve["best"] - truth) ** 2))),
            "far": float(np.sqrt(np.mean((curve["last"] - truth) ** 2))),
            "noise": found["noise"],
            "side": verdict(
                empirical,
                of=found["noise"],
                below=Text("below the noise", "sous le bruit"),
                above=Text("above the noise", "au-dessus du bruit"),
                unclear=Text(
                    "which the seeds do not tell from the noise",
                    "que les graines ne distinguent pas du bruit",
                ),
            ),
            "learning": verdict(
                empirical,
                of=found["noise"],
                below=Text(
                    "it ends below the noise itself: the network has been learning the noise",
                    "il finit sous le bruit lui-même : le réseau a appris le bruit",
                ),
                above=Text(
                    "it is not yet at the noise, and a longer training would go on",
                    "il n'est pas encore au niveau du bruit, et un entraînement plus long "
                    "continuerait",
                ),
                unclear=Text(
                    "it ends about where the noise is",
                    "il finit à peu près au niveau du bruit",
                ),
            ),
        },
        note=averages(setting.many, log=True),
        findings=[
            (Text("empirical risk at the end", "risque empirique à la fin"), "{empirical:2}"),
            (Text("true risk at the end", "vrai risque à la fin"), "{end:2}"),
            (Text("lowest true risk", "plus bas vrai risque"), "{lowest:2}"),
            (Text("reached at step", "atteint à l'étape"), "{step:2}"),
        ],
    )


def _stopping(setting: Setting) -> Outcome:
    """Early stopping on Iris."""
    x, y = iris().drop(columns="target"), iris()["target"]
    epochs = setting.pick(100, 20)
    figure = figures.early_stopping(
        x,
        y,
        patience=_PATIENCE,
        epochs=epochs,
        validation=_HELD_OUT,
        seeds=setting.seeds,
        lang=setting.lang,
    )
    found = numbers(figure)
    ratio = mean_interval(found["last_loss"] / found["kept_loss"], log=True)
    middle = float(np.median(found["restored"]))
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "After {epochs} epochs the training loss is {train:mean1} and the validation "
                    "loss {last:mean2}; the dots are what early stopping restores, their median "
                    "is epoch {middle}.",
                    "Après {epochs} epochs, la perte d'entraînement est de {train:mean1} et celle "
                    "de validation de {last:mean2} ; les points sont ce que l'arrêt anticipé "
                    "restaure, leur médiane est l'epoch {middle}.",
                ),
                curves(setting.seeds, log=True),
            )
        ],
        numbers={
            "middle": int(middle) if middle.is_integer() else middle,
            "first": int(found["restored"].min()),
            "latest": int(found["restored"].max()),
            "epochs": epochs,
            "patience": _PATIENCE,
            "held": _HELD_OUT,
            "kept": mean_interval(found["kept_loss"], log=True),
            "last": mean_interval(found["last_loss"], log=True),
            "ratio": ratio,
            "train": mean_interval([history["loss"][-1] for history in found["full"]], log=True),
            "seeds": len(found["restored"]),
            "word": verdict(
                ratio,
                above=Text("more, as the seeds confirm", "plus, les graines le confirment"),
                below=Text("less, as the seeds confirm", "moins, les graines le confirment"),
                unclear=Text(
                    "a difference that the seeds leave open",
                    "une différence sur laquelle les graines ne tranchent pas",
                ),
            ),
        },
        note=Text(
            "Median and range over {seeds} seeds for the epoch; for the losses geometric means, "
            "in brackets their 95% intervals (Student's t).",
            "Médiane et étendue sur {seeds} graines pour l'epoch ; pour les pertes, moyennes "
            "géométriques ; entre parenthèses, leurs intervalles à 95 % (t de Student).",
        ),
        findings=[
            (Text("restored epoch, median", "epoch restaurée, médiane"), "{middle}"),
            (Text("earliest and latest", "la plus tôt, la plus tard"), "{first}, {latest}"),
            (Text("its validation loss", "sa perte de validation"), "{kept:2}"),
            (
                Text("at the end of the full training", "à la fin de l'entraînement complet"),
                "{last:2}",
            ),
            (Text("the latter over the former", "rapport des deux"), "{ratio:2}"),
        ],
    )


def _penalty(setting: Setting) -> Outcome:
    """L2 on Iris."""
    x, y = iris().drop(columns="target"), iris()["target"]
    figure = figures.penalty(
        x,
        y,
        strengths=(0.0, 0.001, _STRONG),
        epochs=setting.pick(100, 15),
        seeds=setting.seeds,
        lang=setting.lang,
    )
    found = numbers(figure)
    last = {strength: values[:, -1] for strength, values in found["val_loss"].items()}
    train = {strength: values[:, -1] for strength, values in found["loss"].items()}
    gain = mean_interval(last[_STRONG] / last[0.0], log=True)
    return Outcome(
        pictures=[
            Picture(
                figure,
                Text(
                    "Losses without the penalty, validation thick, training thin. At the end the "
                    "validation loss is {none:mean2} for λ = 0 and {much:mean2} for λ = "
                    "{strong:1}, the training loss {train_none:mean2} and {train_much:mean2}.",
                    "Pertes sans la pénalité, épaisse pour la validation, fine pour "
                    "l'entraînement. À la fin, la perte de validation est de {none:mean2} pour λ "
                    "= 0 et de {much:mean2} pour λ = {strong:1}, celle d'entraînement de "
                    "{train_none:mean2} et de {train_much:mean2}.",
                ),
                curves(setting.seeds, log=True),
            )
        ],
        numbers={
            "none": mean_interval(last[0.0], log=True),
            "some": mean_interval(last[0.001], log=True),
            "much": mean_interval(last[_STRONG], log=True),
            "train_none": mean_interval(train[0.0], log=True),
            "train_much": mean_interval(train[_STRONG], log=True),
            "norm_none": mean_interval(found["weight_norm"][0.0], log=True),
            "norm_much": mean_interval(found["weight_norm"][_STRONG], log=True),
            "gain": gain,
            "reported": mean_interval(found["reported"][_STRONG][:, -1], log=True),
            "strong": _STRONG,
            "word": verdict(
                gain,
                below=Text("the penalty lowers", "la pénalité abaisse"),
                above=Text("the penalty raises", "la pénalité élève"),
                unclear=Text(
                    "the seeds do not tell whether the penalty changes",
                    "les graines ne disent pas si la pénalité change",
                ),
            ),
        },
        note=averages(setting.seeds, log=True),
        findings=[
            (Text("validation loss, λ = 0", "perte de validation, λ = 0"), "{none:2}"),
            (Text("λ = 0.001", "λ = 0,001"), "{some:2}"),
            (Text("λ = {strong:1}", "λ = {strong:1}"), "{much:2}"),
            (Text("the latter over that of λ = 0", "celle-ci sur celle de λ = 0"), "{gain:2}"),
            (Text("norm of the weights, λ = 0", "norme des poids, λ = 0"), "{norm_none}"),
            (
                Text("norm of the weights, λ = {strong:1}", "norme des poids, λ = {strong:1}"),
                "{norm_much}",
            ),
        ],
    )


def _dropout(setting: Setting) -> Outcome:
    """Dropout drawn, and the four losses of a training with it."""
    x, y = iris().drop(columns="target"), iris()["target"]
    epochs = setting.pick(100, 15)
    whole = figures.network([4, 5, 5, 3], lang=setting.lang)
    part = figures.network([4, 5, 5, 3], dropped=_DROPPED, seed=1, lang=setting.lang)
    figure = figures.dropout(
        x,
        y,
        rate=_RATE,
        epochs=epochs,
        validation=_HELD_OUT,
        seeds=setting.seeds,
        lang=setting.lang,
    )
    found = numbers(figure)
    some = min(20, epochs // 2)
    parts = {"early": slice(0, some), "late": slice(epochs - some, epochs)}
    work = found["noisy_loss"] - found["clean_loss"]
    measured = {
        f"{name}_{when}": mean_interval(values[:, where].mean(axis=1), within=(0, np.inf))
        for when, where in parts.items()
        for name, values in (
            ("reported", found["loss"]),
            ("noisy", found["noisy_loss"]),
            ("clean", found["clean_loss"]),
            ("validation", found["val_loss"]),
        )
    }
    shares = {
        f"{name}_{when}": mean_interval(values[:, where].mean(axis=1), within=(0, 1))
        for when, where in parts.items()
        for name, values in (
            ("below", found["val_loss"] < found["loss"]),
            ("clean_below", found["clean_loss"] < found["val_loss"]),
        )
    }
    works = {
        f"work_{when}": mean_interval(work[:, where].mean(axis=1)) for when, where in parts.items()
    }
    shrinks = mean_interval(
        work[:, parts["late"]].mean(axis=1) - work[:, parts["early"]].mean(axis=1)
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
                    "The same with {dropped:%} of the inputs and hidden neurons switched off, in "
                    "grey, their number rounded: one draw.",
                    "Le même, {dropped:%} des entrées et des neurones cachés désactivés, en gris, "
                    "leur nombre arrondi : un tirage.",
                ),
            ),
            Picture(
                figure,
                Text(
                    "Over the first {some} epochs: training loss as reported "
                    "{reported_early:mean2}, validation loss {validation_early:mean2}, training "
                    "loss at the end of the epoch {noisy_early:mean2} with dropout and "
                    "{clean_early:mean2} with all neurons on.",
                    "Sur les {some} premières epochs : perte d'entraînement affichée "
                    "{reported_early:mean2}, perte de validation {validation_early:mean2}, perte "
                    "d'entraînement en fin d'epoch {noisy_early:mean2} avec dropout et "
                    "{clean_early:mean2} tous neurones actifs.",
                ),
                curves(setting.seeds, log=True),
            ),
        ],
        numbers={
            **measured,
            **shares,
            **works,
            "moving": mean_interval(
                (found["loss"] - found["noisy_loss"])[:, parts["early"]].mean(axis=1)
            ),
            "some": some,
            "dropped": _DROPPED,
            "rate": _RATE,
            "later": verdict(
                shrinks,
                of=0.0,
                below=Text("the work of dropout has shrunk to", "l'œuvre du dropout est réduite à"),
                above=Text("the work of dropout has grown to", "l'œuvre du dropout a grandi à"),
                unclear=Text(
                    "the work of dropout, not clearly another, is",
                    "l'œuvre du dropout, sans différence établie, est de",
                ),
            ),
        },
        note=averages(setting.seeds, log=False),
        findings=[
            (
                Text(
                    "first {some} epochs: validation below training",
                    "{some} premières epochs : validation sous l'entraînement",
                ),
                "{below_early:%}",
            ),
            (Text("last {some} epochs", "{some} dernières epochs"), "{below_late:%}"),
            (
                Text(
                    "first {some}: training loss as reported", "{some} premières : perte affichée"
                ),
                "{reported_early:2}",
            ),
            (Text("validation loss", "perte de validation"), "{validation_early:2}"),
            (Text("training loss, dropout on", "perte, avec dropout"), "{noisy_early:2}"),
            (
                Text("training loss, all neurons on", "perte, tous neurones actifs"),
                "{clean_early:2}",
            ),
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
                "The empirical risk ends at {empirical:2}, {side} ({noise:1}); the true risk was "
                "lowest, {lowest:2}, near step {step:mean2}, and ends at {end:2}.",
                "Le risque empirique finit à {empirical:2}, {side} ({noise:1}) ; le vrai risque "
                "était au plus bas, {lowest:2}, vers l'étape {step:mean2}, et finit à {end:2}.",
            ),
            Text(
                "Here the law of the data is known, a wave plus noise, so the true risk can be "
                "computed and not only estimated. Each network learns from {rows} points. The "
                "training minimises the empirical risk alone: {learning}. At the end the true "
                "risk is {rise:2} times the lowest that the network had on its way. The two risks "
                "do not have the same minimiser, and that is all that this chapter is about. In "
                "the second figure, one network at its best and at the end of its {steps} steps.",
                "Ici, la loi des données est connue, une onde plus du bruit : le vrai risque peut "
                "donc être calculé, et non seulement estimé. Chaque réseau apprend de {rows} "
                "points. L'entraînement ne minimise que le risque empirique : {learning}. À la "
                "fin, le vrai risque vaut {rise:2} fois le plus bas qu'ait eu le réseau en "
                "chemin. Les deux risques n'ont pas le même minimiseur, et tout ce chapitre est "
                "là. Sur la seconde figure, un réseau à son meilleur moment et à la fin de ses "
                "{steps} étapes.",
            ),
            PLAIN + "figures.risks(steps=500, seeds=5)",
            _risk,
            cost=7,
        ),
        Section(
            "stopping",
            Text("Early stopping", "L'arrêt anticipé"),
            Text(
                "Early stopping keeps the weights of epoch {middle} (the median), with a "
                "validation loss of {kept:2}; that of the full training ends at {ratio:2} times "
                "this: {word}.",
                "L'arrêt anticipé garde les poids de l'epoch {middle} (médiane), avec une perte "
                "de validation de {kept:2} ; celle de l'entraînement complet finit à {ratio:2} "
                "fois cela : {word}.",
            ),
            Text(
                "The network of the notes on Iris, {held:%} of the rows kept for validation. The "
                "training loss goes down to {train:1}; the validation loss ends at {last:2}. "
                "Stopping after {patience} epochs without improvement, and restoring the best "
                "weights, is what `EarlyStopping(patience={patience}, restore_best_weights=True)` "
                "does; the dots are where it went back to. The notes show one run and one epoch. "
                "Over {seeds} seeds, each with its own split and initial weights, the restored "
                "epoch goes from {first} to {latest}. And since the epoch is chosen on the "
                "validation rows, their loss flatters it: it is too good an estimate of the true "
                "risk.",
                "Le réseau du cours sur Iris, {held:%} des lignes gardées pour la validation. La "
                "perte d'entraînement descend à {train:1} ; celle de validation finit à {last:2}. "
                "S'arrêter après {patience} epochs sans amélioration, puis restaurer les "
                "meilleurs poids, c'est ce que fait `EarlyStopping(patience={patience}, "
                "restore_best_weights=True)` ; les points disent où il est revenu. Le cours "
                "montre un entraînement et une epoch. Sur {seeds} graines, chacune avec son "
                "découpage et ses poids initiaux, l'epoch restaurée va de {first} à {latest}. Et "
                "comme l'epoch est choisie sur les lignes de validation, leur perte la flatte : "
                "c'est une trop bonne estimation du vrai risque.",
            ),
            IRIS + 'figures.early_stopping(iris.drop(columns="target"), iris["target"], epochs=40)',
            _stopping,
            cost=8,
        ),
        Section(
            "penalty",
            Text("The L2 penalty", "La pénalité L2"),
            Text(
                "With λ = {strong:1} the weights end with a norm of {norm_much:mean2} instead of "
                "{norm_none:mean2}; {word} the validation loss, {gain:2} times that without.",
                "Avec λ = {strong:1}, les poids finissent avec une norme de {norm_much:mean2} au "
                "lieu de {norm_none:mean2} ; {word} la perte de validation, {gain:2} fois celle "
                "sans pénalité.",
            ),
            Text(
                "The penalty adds λ times the sum of the squared weights to the loss, so that "
                "large weights must be worth their price. What `fit` reports then holds the "
                "penalty too ({reported:2} at the end for λ = {strong:1}); the figure shows the "
                "losses without it, so that the strengths can be compared. Seed by seed, the "
                "validation loss with λ = {strong:1} is {gain:2} times the loss without; the "
                "training loss goes from {train_none:2} to {train_much:2}.",
                "La pénalité ajoute à la perte λ fois la somme des carrés des poids, de sorte que "
                "de grands poids doivent valoir leur prix. Ce que `fit` affiche contient alors "
                "aussi la pénalité ({reported:2} à la fin pour λ = {strong:1}) ; la figure montre "
                "les pertes sans elle, pour que les forces soient comparables. Graine par graine, "
                "la perte de validation avec λ = {strong:1} vaut {gain:2} fois la perte sans ; "
                "celle d'entraînement passe de {train_none:2} à {train_much:2}.",
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
                "{below_early:%} of the first {some} epochs, and in {below_late:%} of the last "
                "{some}.",
                "Avec le dropout, la perte de validation est sous la perte d'entraînement "
                "affichée dans {below_early:%} des {some} premières epochs, et dans "
                "{below_late:%} des {some} dernières.",
            ),
            Text(
                "At each minibatch dropout switches off a part of the neurons, drawn anew each "
                "time (in grey, {dropped:%}; the training below uses {rate:%}, on inputs too, as "
                "in the notes). Exercise: why can the validation loss be below the training loss? "
                "Over the first {some} epochs the reported training loss is {reported_early:2} "
                "and the validation loss {validation_early:2}. The reported one is a mean over "
                "the minibatches of an epoch, each with neurons off, while validation uses them "
                "all. Measuring the training loss again at the end of each epoch takes the two "
                "causes apart: with dropout still on it is {noisy_early:2}, with all neurons on "
                "{clean_early:2}. The difference between these two, {work_early:2}, is the work "
                "of dropout; the rest, {moving:2}, comes from the weights changing during the "
                "epoch. Measured with all neurons on, the training loss is below the validation "
                "loss in {clean_below_early:%} of these epochs.\n\n"
                "Over the last {some} epochs {later} {work_late:2}, with a validation loss of "
                "{validation_late:2}.",
                "À chaque minibatch, le dropout désactive une part des neurones, tirée à nouveau "
                "à chaque fois (en gris, {dropped:%} ; l'entraînement ci-dessous en prend "
                "{rate:%}, entrées comprises, comme dans le cours). Exercice : pourquoi la perte "
                "de validation peut-elle être sous la perte d'entraînement ? Sur les {some} "
                "premières epochs, la perte d'entraînement affichée est de {reported_early:2} et "
                "celle de validation de {validation_early:2}. La première est une moyenne sur les "
                "minibatches d'une epoch, chacun avec des neurones éteints, alors que la "
                "validation les utilise tous. Mesurer à nouveau la perte d'entraînement à la fin "
                "de chaque epoch sépare les deux causes : avec le dropout encore en marche, elle "
                "est de {noisy_early:2} ; tous neurones actifs, de {clean_early:2}. L'écart entre "
                "les deux, {work_early:2}, est l'œuvre du dropout ; le reste, {moving:2}, vient "
                "de ce que les poids changent au cours de l'epoch. Mesurée tous neurones actifs, "
                "la perte d'entraînement est sous celle de validation dans {clean_below_early:%} "
                "de ces epochs.\n\n"
                "Sur les {some} dernières epochs, {later} {work_late:2}, avec une perte de "
                "validation de {validation_late:2}.",
            ),
            IRIS + 'figures.dropout(iris.drop(columns="target"), iris["target"], epochs=20)',
            _dropout,
            cost=9,
        ),
    ),
)
