"""What trained networks put out for encoded rows: the same for a row alone as among many."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from profond import activations
from profond._rows import in_pieces
from profond.estimators._embedded_together import embedded_together

_ROWS = 4096  # predicted at once
_PLACES = 2**16  # steps of series, or pixels, predicted at once
_READ_BYTES = 2**22  # read at once of what is not in memory, about
_BLOCK = 16  # rows: matrix products of whole blocks give a row the same sums to the last bit
# Numbers that a processor takes through an exponential at once; those that are left over come out
# of another computation, which may differ in the last bit.
_LANES = 32
_EXACT = (None, activations.linear, activations.relu)  # the same in every computation


def network_outputs(networks: Sequence[Any], inputs: Any, outputs: int) -> list[np.ndarray]:
    """What each network puts out.

    Rows are filled up to whole blocks, so that what is said of a row does not depend on how many
    others come with it. Of a single block the layers are called one after the other, without what
    surrounds a call in training: for five small networks that is half of the time.

    Args:
        networks: Trained models with the same inputs.
        inputs: Encoded rows, shape (rows, features), or series or images, (rows, ..., channels);
            float32. An array, or an object that is read by rows: each once, for all networks.
        outputs: Number of outputs of a network.

    Returns:
        Arrays of shape (rows, outputs), float32.
    """
    rows = len(inputs)
    if rows and len(inputs.shape) > 2:  # series, images
        # The maps of a layer are to stay in the cache, and an image's in memory.
        at_once = max(1, min(_ROWS, _PLACES // int(np.prod(inputs.shape[1:-1]))))
        every = rows
        if not isinstance(inputs, np.ndarray):
            row_bytes = int(np.prod(inputs.shape[1:])) * inputs.dtype.itemsize
            every = at_once * max(1, _READ_BYTES // (row_bytes * at_once))
        parts = [
            [network.predict(piece, batch_size=at_once, verbose=0) for network in networks]
            for piece in in_pieces(inputs, every)
        ]
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(of_one) for of_one in zip(*parts, strict=True)]
    if not rows:
        return [np.zeros((0, outputs), dtype=np.float32) for _ in networks]
    chains = [_chain(network) for network in networks] if rows <= _BLOCK else []
    known = [chain for chain in chains if chain is not None]
    by_hand = bool(chains) and len(known) == len(chains) and inputs.dtype == np.float32
    lacking = -rows % (_BLOCK if by_hand else _LANES)
    padded = inputs
    if lacking:
        padded = np.zeros((rows + lacking, inputs.shape[1]), dtype=inputs.dtype)
        padded[:rows] = inputs
    if by_hand:
        with torch.inference_mode():
            begin = torch.from_numpy(padded)
            embedded = embedded_together([network.layers for network in networks], begin)
            if embedded is not None:
                known = [chain[1:] for chain in known]
            begins = embedded or [begin] * len(known)
            ends = [_through(c, values) for c, values in zip(known, begins, strict=True)]
            return [end.numpy()[:rows] for end in ends]
    return [network.predict(padded, batch_size=_ROWS, verbose=0)[:rows] for network in networks]


def _through(chain: Sequence[Callable[[Tensor], Tensor]], values: Tensor) -> Tensor:
    for call in chain:
        values = call(values)
    return values


def _on_whole_lanes(call: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The computation of a block twice over, so that the results fill whole lanes."""

    def doubled(values: Tensor) -> Tensor:
        return call(torch.cat([values, values]))[: len(values)]

    return doubled


def _chain(network: Any) -> list[Callable[[Tensor], Tensor]] | None:
    """The computations of a network of plain layers in order; None if it has any others.

    Plain layers do nothing around their `call` that a prediction in float32 on the CPU needs:
    dense ones, the embedding of a table, and dropout, which does nothing at all.
    """
    from profond.layers import Dense, Dropout, InputLayer, TableEmbedding
    from profond.models import Sequential

    if type(network) is not Sequential:
        return None
    calls: list[Callable[[Tensor], Tensor]] = []
    for layer in network.layers:
        kind = type(layer)
        if kind is Dropout or kind is InputLayer:
            continue
        if (kind is not Dense and kind is not TableEmbedding) or layer._compute != torch.float32:
            return None
        kernel = layer.kernel if kind is Dense else None
        if kernel is not None and not (kernel.dtype is torch.float32 and kernel.is_cpu):
            return None
        bends = kind is Dense and layer.activation not in _EXACT
        fills = kernel is None or _BLOCK * kernel.shape[1] % _LANES == 0
        calls.append(_on_whole_lanes(layer.call) if bends and not fills else layer.call)
    return calls
