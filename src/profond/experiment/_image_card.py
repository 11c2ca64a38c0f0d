"""The model card of a model for images."""

from profond.experiment._card import model_card
from profond.experiment._image_result import ImageResult

_NETWORKS = {
    "lenet": "LeNet-5 (LeCun et al. 1998)",
    "resnet20": "ResNet-20 (He et al. 2016)",
    "resnet18": "ResNet-18 (He et al. 2016)",
    "resnet34": "ResNet-34 (He et al. 2016)",
}


def image_card(result: ImageResult, use: str) -> str:
    """The card, with the size and the channels that the model needs."""
    from profond.estimators._image_network import chosen_architecture

    found, network = result.model.preprocessor, result.experiment.network
    colours = {1: "grey", 3: "colour"}.get(len(found.mean), f"{len(found.mean)} channels")
    due = [
        f"- {colours}; files are read so",
        f"- any size; brought to {found.height} x {found.width} pixels ({found.how})",
    ]
    name = chosen_architecture(network.architecture, found.layout)
    begun = f", begun with {network.pretrained}" if network.pretrained else ""
    return model_card(
        result,
        source="an image",
        needs="Images it needs",
        due="\n".join(due),
        network=f"{_NETWORKS[name]}{begun}",
        use=use,
    )
