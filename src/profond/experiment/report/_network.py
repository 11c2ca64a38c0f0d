"""The network: its layers in a table and in a drawing."""

from profond.experiment.report._html import Section, beside, paragraph, table
from profond.experiment.report._study import Study
from profond.experiment.report._texts import networks, plain, say

_MOST = 40  # layers up to which they are drawn
_ACROSS = 8  # layers up to which their boxes stand side by side


def network_section(study: Study) -> Section:
    """Table and drawing of one network; the others differ by their seed only."""
    from profond.models._summary import layer_rows

    result = study.result
    model = result.model
    first, count = model.networks[0], len(model.networks)
    text = say(
        "network_text" if count > 1 else "network_text_one",
        networks=networks(count),
        seeds=", ".join(map(str, model.seeds)),
        parameters=f"{first.count_params():,}",
    )
    head = [plain(name) for name in ("layer", "activation", "shape", "parameters")]
    layers = table(head, layer_rows(first), numeric=(2, 3))
    if len(first.layers) > _MOST:
        return Section("network", say("network"), paragraph(text) + layers)
    across = len(first.layers) <= _ACROSS
    if "network" in result.figures.names:
        figure, caption = result.figures.network(), say("neurons", seed=model.seeds[0])
    else:  # no chain of dense layers
        figure, caption = result.figures.network_boxes(across=across), say("boxes")
    drawing = study.draw(figure, caption, alt=plain("alt_network"), tall=not across)
    both = layers + drawing if across else beside(layers, drawing)
    return Section("network", say("network"), paragraph(text) + both)
