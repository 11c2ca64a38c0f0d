"""Chapter 6: convolutional networks."""

from profond.tour import _conv_trainings, _filters_at_work
from profond.tour._data import PLAIN
from profond.tour._structure import Chapter, Section, Text

_SERIES = PLAIN + (
    "from profond.datasets import gun_point\n\n(series, labels), _ = gun_point.load_data()\n"
)
_PHOTO = PLAIN + (
    'from sklearn.datasets import load_sample_image\n\nphoto = load_sample_image("china.jpg")\n'
)

CHAPTER = Chapter(
    6,
    Text("Convolutional networks", "Réseaux convolutifs"),
    (
        Section(
            "series",
            Text("A filter over a series", "Un filtre sur une série"),
            Text(
                "A Gaussian filter makes a noisy series {times:2} times calmer; `Conv1D` computes "
                "equation 6.1, to {error:1}.",
                "Un filtre gaussien rend une série bruitée {times:2} fois plus calme ; `Conv1D` "
                "calcule l'équation 6.1, à {error:1} près.",
            ),
            Text(
                "A convolution slides a filter along a series; at each step it multiplies the "
                "values under it by its weights and adds them up. The results, in a row, are the "
                "activation map: large where the series looks like the filter. With weights shaped "
                "like a bell, each value becomes a mean of its neighbours. With (−½, 0, ½), the "
                "map says how fast the series rises.\n\n"
                "The filter has {length} values, so it does not fit at the first and the last "
                "{half} steps: of {size} values, {left} are left. In a network the weights are not "
                "chosen as here, they are learned.",
                "Une convolution fait glisser un filtre le long d'une série ; à chaque instant, "
                "elle multiplie par ses poids les valeurs qu'il recouvre et en fait la somme. La "
                "suite des résultats est la carte d'activation : grande là où la série ressemble "
                "au filtre. Avec des poids en cloche, chaque valeur devient une moyenne de ses "
                "voisines. Avec (−½, 0, ½), la carte dit à quelle vitesse la série monte.\n\n"
                "Le filtre a {length} valeurs : il ne tient ni sur les {half} premiers instants "
                "ni sur les {half} derniers ; de {size} valeurs, il en reste {left}. Dans un "
                "réseau, les poids ne sont pas choisis comme ici : ils sont appris.",
            ),
            _SERIES + "figures.activation_map(series[0, :, 0], sigma=4)",
            _filters_at_work.along_a_series,
        ),
        Section(
            "equivariance",
            Text("Translation equivariance", "L'équivariance par translation"),
            Text(
                "Shifting the input by {shift} steps shifts the output by {shift} steps and "
                "changes nothing else: the largest difference is {difference:1}.",
                "Décaler l'entrée de {shift} pas décale la sortie de {shift} pas, et ne change "
                "rien d'autre : le plus grand écart est de {difference:1}.",
            ),
            Text(
                "The same weights are used at every step, so a pattern gives the same answer "
                "wherever it stands. A dense layer has weights of its own for each step, and "
                "must learn a pattern anew at each place. Here is how far one with {size} outputs "
                "and random weights is from moving its output along: the difference is {dense:2} "
                "times as large as the output itself.",
                "Les mêmes poids servent à tous les instants : un motif donne la même réponse où "
                "qu'il se trouve. Une couche dense a des poids propres à chaque instant et doit "
                "réapprendre un motif à chaque endroit. À titre de comparaison, une couche dense "
                "à {size} sorties et poids aléatoires ne décale pas du tout sa sortie : l'écart "
                "vaut {dense:2} fois la sortie elle-même.",
            ),
            _SERIES + "figures.equivariance(series[0, :, 0], shift=30)",
            _filters_at_work.equivariance,
            cost=3,
        ),
        Section(
            "dense",
            Text("Convolutions or dense layers", "Convolutions ou couches denses"),
            Text(
                "At {conv_size} and {dense_size} parameters: on test digits moved by {most} "
                "pixels, {conv_last:%} are right with convolutions, {dense_last:%} with a dense "
                "layer.",
                "À {conv_size} et {dense_size} paramètres : sur des chiffres de test décalés de "
                "{most} pixels, {conv_last:%} sont justes avec des convolutions, {dense_last:%} "
                "avec une couche dense.",
            ),
            Text(
                "Convolutional models do well with moderate numbers of parameters, say the notes, "
                "and add that there are counter-examples. Both networks here learn from the same "
                "digits ({rows}, at {side}×{side} pixels, of which 30% are set apart) with about "
                "as many parameters: two convolutions and the greatest value of each map, or one "
                "hidden layer of {hidden} neurons. {start} after {epochs} passes over them: "
                "{conv_first:%} and {dense_first:%}.\n\n"
                "Then the test digits move to the right, as no training digit did. The accuracy "
                "{holds}: the maps move along, and their greatest value stays what it was. The "
                "dense network looks for each stroke where it used to be.",
                "Les modèles convolutifs sont performants avec des quantités modérées de "
                "paramètres, dit le cours, qui ajoute qu'il existe des contre-exemples. Ici, les "
                "deux réseaux apprennent des mêmes chiffres ({rows}, à {side}×{side} pixels, dont "
                "30 % mis de côté) avec à peu près autant de paramètres : deux convolutions et le "
                "maximum de chaque carte, ou une couche cachée de {hidden} neurones. {start} après "
                "{epochs} passages : {conv_first:%} et {dense_first:%}.\n\n"
                "Puis les chiffres de test se décalent vers la droite, comme aucun chiffre "
                "d'entraînement. L'exactitude {holds} : les cartes se décalent avec eux, et leur "
                "maximum reste le même. Le réseau dense cherche chaque trait là où il était.",
            ),
            PLAIN
            + "from profond.datasets import digits\n\n"
            + "(images, labels), _ = digits.load_data()\n"
            + "figures.conv_or_dense(images[:300, ::2, ::2, None], labels[:300], epochs=20, "
            + "seeds=5)",
            _conv_trainings.against_dense,
            cost=8,
        ),
        Section(
            "image",
            Text("Images, channels and filters", "Images, canaux et filtres"),
            Text(
                "A filter of 9×9×3 turns the three channels into a single one, and blurs: the "
                "mean difference of neighbouring pixels goes from {before:2} to {after:2}.",
                "Un filtre de 9×9×3 fait des trois canaux un seul, et floute : l'écart moyen entre "
                "pixels voisins passe de {before:2} à {after:2}.",
            ),
            Text(
                "An image is a grid of pixels, each with an intensity in red, in green and in "
                "blue. A filter over it has three axes too, {weights} weights in all; each pixel "
                "of the output is the sum of the products over the patch under the filter, all "
                "channels together (equation 6.2, checked at 50 pixels to {error:1}). The output "
                "has one channel: {rows} rows of {columns} pixels, 8 less than the photograph, as "
                "the filter must fit in. Weights of another shape see something else: the "
                "difference of right and left brings out the edges.",
                "Une image est une grille de pixels, chacun avec une intensité de rouge, de vert "
                "et de bleu. Un filtre a lui aussi trois axes, {weights} poids en tout ; chaque "
                "pixel de la sortie est la somme des produits sur le *patch* que recouvre le "
                "filtre, tous canaux ensemble (équation 6.2, vérifiée en 50 pixels à {error:1} "
                "près). La sortie a un canal : {rows} lignes de {columns} pixels, 8 de moins que "
                "la photographie, car le filtre doit y tenir. D'autres poids voient autre chose : "
                "la différence entre la droite et la gauche fait ressortir les bords.",
            ),
            _PHOTO + "figures.blur(photo, sigma=3, size=19)",
            _filters_at_work.image,
        ),
        Section(
            "padding",
            Text("Padding, steps and dilation", "Padding, pas et dilatation"),
            Text(
                "A filter of 3×3 makes of 5×5 cells {valid}×{valid}; a rim of zeros keeps them "
                "{same}×{same}.",
                "Un filtre de 3×3 fait de 5×5 cases {valid}×{valid} ; un bord de zéros les garde "
                "{same}×{same}.",
            ),
            Text(
                "The filter takes as many places as it fits in. Under each drawing stands the "
                "arithmetic: cells and zeros, less what the filter covers, by steps. `padding="
                '"valid"` puts no zeros; `padding="same"` as many as keep the size. `strides` skip '
                "places, and make the output smaller; `dilation_rate` spreads the filter, which "
                "sees further with the same weights.",
                "Le filtre prend autant de places qu'il peut. Sous chaque dessin, le calcul : les "
                "cases et les zéros, moins ce que recouvre le filtre, par pas. "
                '`padding="valid"` ne met pas de zéros ; `padding="same"` en met assez pour '
                "garder la taille. `strides` saute des places et rend la sortie plus petite ; "
                "`dilation_rate` étale le filtre, qui voit plus loin avec les mêmes poids.",
            ),
            PLAIN + 'figures.convolution_step(6, 3, padding="same", strides=2, step=4)',
            _filters_at_work.padding,
            cost=3,
        ),
        Section(
            "pooling",
            Text("Pooling", "Le pooling"),
            Text(
                "Of {before} numbers max pooling keeps {after}; before LeNet's second "
                "convolution, it divides the work by {times:2}.",
                "De {before} nombres, le max pooling en garde {after} ; avant la seconde "
                "convolution de LeNet, il divise le travail par {times:2}.",
            ),
            Text(
                "Pooling sums up windows, here of 2×2 that do not overlap, by their greatest "
                "number or by their mean. It has no weights. The maps become smaller, and so does "
                "what follows: LeNet's second convolution takes {with_pooling} multiplications "
                "for an image, and would take {without} without the pooling before it. The notes "
                "say that these layers are used less and less as computers become faster.",
                "Le pooling résume des fenêtres, ici de 2×2 et sans recouvrement, par leur plus "
                "grand nombre ou par leur moyenne. Il n'a pas de poids. Les cartes rapetissent, "
                "et ce qui suit aussi : la seconde convolution de LeNet demande {with_pooling} "
                "multiplications par image, et en demanderait {without} sans le pooling qui la "
                "précède. Ces couches, dit le cours, servent de moins en moins à mesure que la "
                "puissance de calcul augmente.",
            ),
            PLAIN
            + "figures.pooling_step([[1, 3, 2, 1], [2, 9, 1, 1], [1, 3, 2, 3], [5, 6, 1, 2]])",
            _filters_at_work.pooling,
        ),
        Section(
            "lenet",
            Text("LeNet", "LeNet"),
            Text(
                "LeNet has {total} parameters, {dense_share:%} of them in its dense layers; after "
                "{epochs} passes over {train_rows} digits it reads {accuracy:%} of {test_rows} "
                "others.",
                "LeNet a {total} paramètres, dont {dense_share:%} dans ses couches denses ; après "
                "{epochs} passages sur {train_rows} chiffres, il en lit {accuracy:%} de "
                "{test_rows} autres.",
            ),
            Text(
                "A convolutional layer has several filters, each over all the channels that come "
                "in, with a bias and an activation: each gives a map, and the maps are the "
                "channels that go out (equation 6.3; the first layer agrees with it to "
                "{error:1}). Pooling halves the maps' sides, flattening makes a vector of them, "
                "and dense layers classify it. The table is the summary of the notes.\n\n"
                "The digits are {train_rows} training and {test_rows} test images of MNIST, which "
                "has 70,000. They have 28×28 pixels: zeros around them make "
                "it the same network.",
                "Une couche de convolution a plusieurs filtres, chacun sur tous les canaux "
                "d'entrée, avec un biais et une activation : chacun donne une carte, et les "
                "cartes sont les canaux de sortie (équation 6.3 ; la première couche s'y accorde "
                "à {error:1} près). Le pooling divise par deux les côtés des cartes, *Flatten* en "
                "fait un vecteur, et des couches denses le classent. Le tableau est le résumé du "
                "cours.\n\n"
                "Les chiffres sont {train_rows} images d'entraînement et {test_rows} de test de "
                "MNIST, qui en a 70 000. Ils ont 28×28 pixels : des "
                "zéros autour en font le même réseau.",
            ),
            PLAIN
            + "from profond.architectures import lenet\n\n"
            + 'figures.conv_network(lenet((32, 32, 1), 10, output_activation="softmax"))',
            _conv_trainings.lenet,
            cost=6,
        ),
        Section(
            "network",
            Text("A network for series", "Un réseau pour les séries"),
            Text(
                "A small FCN tells the two gestures of GunPoint apart in {accuracy:%} of the test "
                "series, over {seeds} seeds; the worst of them has {worst:%}.",
                "Un petit FCN distingue les deux gestes de GunPoint dans {accuracy:%} des séries "
                "de test, sur {seeds} graines ; la plus mauvaise en a {worst:%}.",
            ),
            Text(
                "Two persons draw a gun or only point a finger; the series is where the hand is "
                "on one axis. {train_rows} series to learn from, {test_rows} to be tested on, as "
                "the UCR archive splits them. The network is that of Wang et al. (2017) with an "
                "eighth of the filters: convolutions, batch normalisation, and the mean over time "
                "in the place of flattening. It has {parameters} parameters, and none depends on "
                "the length of the series.\n\n"
                "As the mean over time comes before a single dense layer, each step has its part "
                "in the output, and these parts can be drawn: the class activation map. Their "
                "mean gives the output back, to {sums:1}.",
                "Deux personnes dégainent une arme ou pointent seulement le doigt ; la série est "
                "la position de la main sur un axe. {train_rows} séries pour apprendre, "
                "{test_rows} pour tester, selon le découpage de l'archive UCR. Le réseau est "
                "celui de Wang et al. (2017), avec huit fois moins de filtres : des convolutions, "
                "une normalisation par lots, et la moyenne dans le temps à la place de *Flatten*. "
                "Il a {parameters} paramètres, et aucun ne dépend de la longueur des séries.\n\n"
                "Comme la moyenne dans le temps précède une seule couche dense, chaque instant a "
                "sa part dans la sortie, et ces parts se dessinent : c'est la carte d'activation "
                "de classe. Leur moyenne redonne la sortie, à {sums:1} près.",
            ),
            PLAIN
            + "from profond.architectures import fcn\n\n"
            + "figures.conv_network(fcn((150, 1), 2, filters=(16, 32, 16)))",
            _conv_trainings.series_network,
            cost=6,
        ),
    ),
)
