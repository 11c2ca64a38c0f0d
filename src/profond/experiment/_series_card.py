"""The model card of a model for series."""

from profond.experiment._card import model_card
from profond.experiment._series_result import SeriesResult

_NETWORKS = {
    "fcn": "FCN (Wang et al. 2017)",
    "resnet": "ResNet (Wang et al. 2017)",
    "inception_time": "InceptionTime (Fawaz et al. 2020)",
    "encoder": "Encoder (Serrà et al. 2018)",
    "time_cnn": "Time-CNN (Zhao et al. 2017)",
    "t_lenet": "t-LeNet (Le Guennec et al. 2016)",
    "mlp": "MLP (Wang et al. 2017)",
    "rnn": "recurrent layers in both directions",
    "lstm": "LSTM in both directions",
    "gru": "GRU in both directions",
    "transformer": "Transformer (encoder)",
}


def series_card(result: SeriesResult, use: str) -> str:
    """The card, with the lengths and channels that the model needs."""
    found = result.model.preprocessor
    channels = ", ".join(f"`{name}`" for name in found.channels)
    steps = (
        f"{found.longest} steps, as all series of the training"
        if found.equal
        else f"{found.shortest} to {found.longest} steps, as in training"
        if found.fixed
        else f"any length; in training {found.shortest} to {found.longest} steps"
    )
    count = len(found.centre)
    due = [
        f"- {steps}",
        f"- {count} channel{'s' if count != 1 else ''}{': ' * bool(channels)}{channels}",
        "- sampled as in training; missing values are filled in between their neighbours",
    ]
    return model_card(
        result,
        source="a time series",
        needs="Series it needs",
        due="\n".join(due),
        network=_NETWORKS[result.experiment.network.architecture],
        use=use,
    )
