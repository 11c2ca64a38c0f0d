"""The loss of a model with any number of outputs."""

from collections.abc import Mapping
from typing import Any

from profond import _tree, losses, metrics
from profond._lookup import nearest


class CompileLoss:
    """Losses as `compile` got them, one for each output, weighted and summed.

    Args:
        loss: A loss, its name, a function, or a list or dict of them by output; None: none.
        loss_weights: A number for each loss, in the same manner.
        output_names: The names of the model's outputs.
    """

    def __init__(self, loss: Any, loss_weights: Any, output_names: list[str] | None) -> None:
        self.loss = loss
        self.loss_weights = loss_weights
        self.output_names = output_names
        self.parts: list[Any] = []  # the loss of each output, known after the first batch
        self.factors: list[float] = []
        # The mean loss of each output, where there are several: `a_loss`, `b_loss`, ...
        self.trackers: list[metrics.Mean] = []
        self._is_one = not _tree.is_branch(loss) and loss is not None and loss_weights is None
        self._single: Any = None
        for number in _tree.flatten(loss_weights):
            if number is not None and not isinstance(number, int | float):
                raise TypeError(
                    "`loss_weights` must be numbers, one for each loss; received "
                    f"{loss_weights!r}. Metrics are given by name: `compile(..., metrics=[...])`."
                )
        for one in _tree.flatten(loss):
            if not _is_by_shape(one):
                losses.get(one)  # an unknown name is refused now, not at the first batch

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The sum over the outputs.

        Raises:
            ValueError: If there are no targets, or their number is not that of the outputs.
        """
        if self._is_one and not _tree.is_branch(y_pred):
            if y_true is None:
                raise ValueError(_NO_TARGETS)
            if _tree.is_branch(y_true):
                y_true = _only(y_true)
            if _tree.is_branch(sample_weight):
                sample_weight = self._per_output(sample_weight, y_pred, 1)[0]
            return self.single(y_true.shape, y_pred.shape)(y_true, y_pred, sample_weight)
        outputs = _tree.flatten(y_pred)
        if not self.parts:
            self._match(y_pred, len(outputs))
        targets = self._targets(y_true, y_pred, len(outputs))
        weights = self._per_output(sample_weight, y_pred, len(outputs))
        total: Any = 0.0
        trackers = iter(self.trackers)
        for place, (loss, target, output, weight) in enumerate(
            zip(self.parts, targets, outputs, weights, strict=True)
        ):
            if loss is None:
                continue
            if target is None:
                raise ValueError(_NO_TARGETS)
            if _is_by_shape(loss):
                loss = losses.resolve(loss, tuple(target.shape), tuple(output.shape))
                self.parts[place] = loss
            value = loss(target, output, weight)
            if self.trackers:
                rows = output.shape[0] if output.ndim else 1
                next(trackers).update_state(value.detach(), sample_weight=rows)
            factor = self.factors[place]
            total = total + (value if factor == 1.0 else value * factor)
        return total

    def by_output(self, y_true: Any, y_pred: Any) -> list[tuple[str, Any, Any, Any]]:
        """The name of the targets, the loss, targets and output, for each output with a loss.

        Args:
            y_true: Targets, in the structure that `fit` got.
            y_pred: The model's outputs, with values or symbolic.
        """
        if self._is_one and not _tree.is_branch(y_pred):
            target = _only(y_true) if _tree.is_branch(y_true) else y_true
            return [("y", self.single(target.shape, y_pred.shape), target, y_pred)]
        outputs = _tree.flatten(y_pred)
        if not self.parts:
            self._match(y_pred, len(outputs))
        names = self._names(y_pred, len(outputs))
        targets = self._targets(y_true, y_pred, len(outputs))
        return [
            (
                f"y[{name!r}]" if isinstance(y_true, dict) else f"y[{place}]",
                losses.resolve(loss, tuple(target.shape), tuple(output.shape)),
                target,
                output,
            )
            for place, (name, loss, target, output) in enumerate(
                zip(names, self.parts, targets, outputs, strict=True)
            )
            if loss is not None and target is not None
        ]

    @property
    def settled(self) -> Any:
        """The only loss of a model, once a batch has shown which; None before, and for several."""
        return self._single

    def single(self, y_true_shape: Any, y_pred_shape: Any) -> Any:
        """The loss of a model with one output; None where there are several losses."""
        if self._single is None and self._is_one:
            self._single = losses.resolve(self.loss, tuple(y_true_shape), tuple(y_pred_shape))
        return self._single

    def _names(self, y_pred: Any, count: int) -> list[str]:
        """The names of the outputs, in the order in which they are flattened."""
        if isinstance(y_pred, dict):
            return sorted(y_pred)
        if self.output_names and len(self.output_names) == count:
            return list(self.output_names)
        return [f"output_{i}" for i in range(count)]

    def _match(self, y_pred: Any, count: int) -> None:
        """Find the loss, weight and tracker of each output."""
        names = self._names(y_pred, count)
        if isinstance(self.loss, dict):
            _refuse_unknown(self.loss, names, "loss")
            chosen = [self.loss.get(name) for name in names]
        elif isinstance(self.loss, list | tuple):
            if len(self.loss) != count:
                raise ValueError(
                    f"`loss` must have one entry per output, {count} ({names}); received "
                    f"{len(self.loss)}."
                )
            chosen = list(self.loss)
        else:
            chosen = [self.loss] * len(names)
        self.factors = self._factors(names)
        self.parts = [
            one if one is None or _is_by_shape(one) else losses.resolve(one, (), ())
            for one in chosen
        ]
        used = [name for name, one in zip(names, chosen, strict=True) if one is not None]
        if len(used) > 1:
            self.trackers = [metrics.Mean(name=f"{name}_loss") for name in used]

    def _factors(self, names: list[str]) -> list[float]:
        """The weight of each output's loss."""
        given = self.loss_weights
        if given is None:
            return [1.0] * len(names)
        if isinstance(given, dict):
            _refuse_unknown(given, names, "loss_weights")
            return [float(given.get(name, 1.0)) for name in names]
        if isinstance(given, list | tuple):
            if len(given) != len(names):
                raise ValueError(
                    f"`loss_weights` must have one number per output, {len(names)} ({names}); "
                    f"received {len(given)}."
                )
            return [float(one) for one in given]
        return [float(given)] * len(names)

    def _targets(self, y_true: Any, y_pred: Any, count: int) -> list[Any]:
        """The targets in the order of the flattened outputs."""
        if y_true is None:
            raise ValueError(_NO_TARGETS)
        if isinstance(y_true, dict):
            names = self._names(y_pred, count)
            missing = [
                name
                for name, loss in zip(names, self.parts, strict=False)
                if loss is not None and name not in y_true
            ]
            if missing:
                raise ValueError(
                    f"`y` must have a target for each output with a loss; {missing} missing from "
                    f"{sorted(y_true)}."
                )
            return [y_true.get(name) for name in names]
        flat = _tree.flatten(y_true)
        if len(flat) != count:
            raise ValueError(f"`y` must have one target per output, {count}; received {len(flat)}.")
        return flat

    def _per_output(self, sample_weight: Any, y_pred: Any, count: int) -> list[Any]:
        """The sample weights for each output: one for all, or its own."""
        if sample_weight is None or not _tree.is_branch(sample_weight):
            return [sample_weight] * count
        if isinstance(sample_weight, dict):
            names = self._names(y_pred, count)
            _refuse_unknown(sample_weight, names, "sample_weight")
            return [sample_weight.get(name) for name in names]
        flat = list(sample_weight)
        if len(flat) != count:
            raise ValueError(
                f"`sample_weight` must be one array, or one per output ({count}); received "
                f"{len(flat)}."
            )
        return flat


_NO_TARGETS = (
    "the loss needs targets, and `y` is None: give `fit(x, y)`, or data that yield (x, y)."
)


def _is_by_shape(loss: Any) -> bool:
    """Whether a name stands for one loss or another, as the shapes say."""
    return isinstance(loss, str) and loss.lower() in ("crossentropy", "ce")


def _only(tree: Any) -> Any:
    """The single leaf of a structure of targets."""
    leaves = _tree.flatten(tree)
    if len(leaves) != 1:
        raise ValueError(f"`y` must have one target, as the model has; received {len(leaves)}.")
    return leaves[0]


def _refuse_unknown(given: Mapping[str, Any], names: list[str], argument: str) -> None:
    """Refuse keys of `given` that name no output.

    Raises:
        ValueError: Naming them, the nearest output and all outputs.
    """
    for key in given:
        if key not in names:
            guess = nearest(key, names)
            hint = f" Did you mean {guess!r}?" if guess else ""
            raise ValueError(
                f"`{argument}` has the key {key!r}, which names no output.{hint} The model's "
                f"outputs are {names}."
            )
