"""A picture of a model, to a file."""

from typing import Any


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Any:
    """Draw a model: a box for each call of a layer, an arrow for each tensor.

    Drawn by matplotlib: no graphviz is needed. A layer that is called several times has a box
    for each call. A subclassed model shows its layers without arrows: only its `call` knows the
    way through them.

    Args:
        model: A built model.
        to_file: Name of the file, ending in `.png`, `.svg`, `.pdf` or `.jpg`; None writes none.
        show_shapes: Whether boxes show the shapes of what goes in and comes out.
        show_dtype: Whether they show the element type.
        show_layer_names: Whether they show the layer's name beside its class.
        rankdir: `"TB"`, from top to bottom, or `"LR"`, from left to right.
        expand_nested: Whether models inside are drawn with their layers.
        dpi: Dots per inch of a picture; fewer if it would be too large to draw.
        show_layer_activations: Whether they show the activation.
        show_trainable: Whether they show if the weights are trained.
        splines: Accepted for Keras's sake.

    Returns:
        The matplotlib `Figure`, which notebooks show.

    Raises:
        ValueError: If the model is not built, or `to_file` or `rankdir` is none of the above.
        OSError: If the file cannot be written; an older one is left as it was.
    """
    from profond.models._plot import draw_model

    del splines
    return draw_model(
        model,
        to_file,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
    )
