"""A graph of calls put in order: which layers a functional model has, and how they run."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from profond._symbolic import KerasTensor, Node


@dataclass
class Graph:
    """The calls between inputs and outputs.

    Attributes:
        nodes: Calls, each after those that it depends on.
        operations: Layers, models and functions, each once, in Keras's order.
    """

    nodes: list[Node] = field(default_factory=list)
    operations: list[Any] = field(default_factory=list)


def graph_between(doors: dict[int, Node], outputs: list[KerasTensor]) -> Graph:
    """The graph from the inputs to `outputs`, in Keras's order, which is that of the weights.

    Sorted by depth, the number of calls on the longest way to an output, then by a
    depth-first walk from the outputs.

    Args:
        doors: The input nodes, by the id of the symbolic tensor that each provides.
        outputs: The symbolic outputs.

    Raises:
        ValueError: If an output depends on a tensor that none of the inputs leads to.
    """
    walked, rank = _walked(doors, outputs)
    depth, depth_of_operation = _depths(walked, doors)
    for node in doors.values():
        if id(node) not in depth:  # an input that no output needs
            depth[id(node)] = depth_of_operation[id(node.operation)] = 0
            rank[id(node.operation)] = -1
            walked.append(node)

    by_depth: dict[int, list[Node]] = defaultdict(list)
    for node in walked:
        by_depth[depth[id(node)]].append(node)
    operations = {id(node.operation): node.operation for node in walked}
    return Graph(
        nodes=[node for d in sorted(by_depth, reverse=True) for node in by_depth[d]],
        operations=sorted(
            operations.values(), key=lambda op: (-depth_of_operation[id(op)], rank[id(op)])
        ),
    )


def _walked(
    doors: dict[int, Node], outputs: list[KerasTensor]
) -> tuple[list[Node], dict[int, int]]:
    """The nodes, each after those it depends on, and the rank in which operations were met.

    Raises:
        ValueError: If an output depends on a tensor that none of the inputs leads to.
    """
    walked: list[Node] = []
    rank: dict[int, int] = {}
    met: set[int] = set()

    def meet(tensor: KerasTensor) -> tuple[Node, list[KerasTensor]] | None:
        """The node of a tensor and what it depends on; None if it was met before."""
        node = doors.get(id(tensor), tensor.node)
        if node is None or (not node.inputs and id(tensor) not in doors):
            raise ValueError(
                f"the output depends on the symbolic tensor {tensor.name!r} of shape "
                f"{tensor.shape}, to which none of the model's `inputs` leads. Add it to `inputs`."
            )
        if id(node) in met:
            return None
        met.add(id(node))
        rank.setdefault(id(node.operation), len(rank))
        return node, [] if id(tensor) in doors else list(reversed(node.inputs))

    for output in outputs:
        # A walk in depth, without recursion: a network may have thousands of layers.
        begun = meet(output)
        path = [begun] if begun else []
        while path:
            node, remaining = path[-1]
            if remaining:
                found = meet(remaining.pop())
                if found:
                    path.append(found)
            else:
                walked.append(node)
                path.pop()
    return walked, rank


def _depths(walked: list[Node], doors: dict[int, Node]) -> tuple[dict[int, int], dict[int, int]]:
    """The depth of each node and of each operation, by id.

    An operation that is called several times has the depth of its deepest call.
    """
    depth: dict[int, int] = {}
    of_operation: dict[int, int] = {}
    members = {id(node) for node in walked}
    for node in reversed(walked):
        d = max(depth.get(id(node), 0), of_operation.get(id(node.operation), 0))
        depth[id(node)] = of_operation[id(node.operation)] = d
        for tensor in node.inputs:
            parent = doors.get(id(tensor), tensor.node)
            if id(parent) in members:
                depth[id(parent)] = max(d + 1, depth.get(id(parent), 0))
    return depth, of_operation
