"""A layer in a graph: called on symbolic tensors, which only have shapes."""

import copy
from typing import Any

import torch

from profond import _tree
from profond._symbolic import KerasTensor, Node, infer_outputs
from profond.layers._description import as_shapes
from profond.layers._masks import Masked
from profond.layers._signature import shapes_for


class InGraph(Masked):
    """Infers the outputs of a layer, and records its symbolic calls."""

    @property
    def input(self) -> Any:
        """The symbolic input of the layer's first call in a graph."""
        return self._first_node().args[0]

    @property
    def output(self) -> Any:
        """The symbolic output of the layer's first call in a graph."""
        return self._first_node().outputs

    def _first_node(self) -> Node:
        if not self._nodes:
            raise AttributeError(
                f"the layer {self.name!r} was never called on a symbolic tensor, so it has no "
                "`input` and `output`."
            )
        return self._nodes[0]

    def compute_output_shape(self, input_shape: Any, *more_shapes: Any) -> Any:
        """The shape of the output for inputs of these shapes; the layer stays as it is.

        A class may define its own, which is then believed.

        Args:
            input_shape: Shape, or structure of shapes, of the first argument of `call`; batch
                first, None where a size is not known.
            *more_shapes: The same for its other arguments.
        """
        shapes = (input_shape, *more_shapes)
        if self.built:
            outputs = _inferred(self, shapes)
        else:  # a copy is built, at no cost to the sequence of random numbers
            with torch.random.fork_rng(devices=[]):
                outputs = _inferred(copy.deepcopy(self), shapes)
        return _tree.map_structure(lambda t: getattr(t, "shape", None), outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic output for symbolic inputs, without recording the call.

        A class may define its own, which is then believed.
        """
        return infer_outputs(self, args, {**kwargs, "training": False})

    def _record_call(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], bound: dict[str, Any]
    ) -> Any:
        """Infer the output of a call of the built layer and put the call into the graph."""
        if type(self).compute_output_shape is not InGraph.compute_output_shape:
            believed = self.compute_output_shape
            shapes = believed(**shapes_for(believed, bound, self.name))
            outputs = _tensors_of_shapes(shapes, self.compute_dtype)
            if any(not layer.built for layer in self._flatten_layers(include_self=False)):
                infer_outputs(self, args, {**kwargs, "training": False})  # builds them
        else:
            with_masks = dict(kwargs)
            self._fill_masks(bound, with_masks)
            outputs = self.compute_output_spec(*args, **with_masks)
        self.built = True
        # A layer that returns its input as it is still makes a new tensor of the graph.
        outputs = _tree.map_structure(_another, outputs)
        self._nodes.append(Node(self, args, kwargs, outputs))
        if self.supports_masking:
            self._set_symbolic_mask(next(iter(bound.values()), None), outputs)
        return outputs


def _inferred(layer: InGraph, input_shapes: Any) -> Any:
    """The symbolic output for inputs of these shapes."""
    inputs = [_tensors_of_shapes(as_shapes(s), layer.input_dtype) for s in input_shapes]
    return layer.compute_output_spec(*inputs)


def _another(t: Any) -> Any:
    """A new symbolic tensor of the same shape, type and mask."""
    if not isinstance(t, KerasTensor):
        return t
    new = KerasTensor(t.shape, t.dtype)
    new._keras_mask = t._keras_mask
    return new


def _tensors_of_shapes(shapes: Any, dtype: str) -> Any:
    """Symbolic tensors for the answer of a `compute_output_shape`."""
    if isinstance(shapes, list | tuple) and all(n is None or isinstance(n, int) for n in shapes):
        return KerasTensor(shapes, dtype)
    if isinstance(shapes, dict):
        return {k: _tensors_of_shapes(v, dtype) for k, v in shapes.items()}
    return type(shapes)(_tensors_of_shapes(s, dtype) for s in shapes)
