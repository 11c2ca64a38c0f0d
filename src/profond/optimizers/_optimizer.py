"""The base of all optimizers: from gradients to new values of the weights."""

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

import torch

from profond import _families
from profond._naming import snake_case, unique_name
from profond._tensors import convert_to_tensor
from profond.optimizers import _foreach as foreach
from profond.optimizers._clipping import clip_global_norm, clip_norms, clip_values
from profond.optimizers._layout import (
    Layouts,
    Places,
    Variables,
    both,
    name_of,
    path_of,
    stored_like,
)
from profond.optimizers._options import (
    as_rate,
    check_accumulation,
    check_average,
    check_clipping,
    refuse_unknown,
)
from profond.optimizers._scalars import ScalarVariable
from profond.optimizers._state import State
from profond.optimizers.schedules import LearningRateSchedule


class Optimizer(State):
    """Changes weights by their gradients. The base class, and what all optimizers share.

    An optimizer of one's own makes its variables in `build` and changes one weight in
    `update_step`; the tensors given to it are torch's, and nothing is recorded by autograd:

        class Momentum(Optimizer):
            def __init__(self, learning_rate=0.01, momentum=0.9, **kwargs):
                super().__init__(learning_rate=learning_rate, **kwargs)
                self.momentum = momentum

            def build(self, variables):
                super().build(variables)
                self.velocities = [
                    self.add_variable_from_reference(v, name="velocity") for v in variables
                ]

            def update_step(self, gradient, variable, learning_rate):
                velocity = self.velocities[self._get_variable_index(variable)]
                self.assign(velocity, self.momentum * velocity - learning_rate * gradient)
                self.assign_add(variable, velocity)

            def get_config(self):
                return {**super().get_config(), "momentum": self.momentum}

    Each step: gradients are divided by `loss_scale_factor`, accumulated, clipped; weights
    decay; the rule of the optimizer is applied; then averages and constraints.

    Args:
        learning_rate: Step size > 0 (0 leaves the weights): a number, a
            `schedules.LearningRateSchedule` of the number of calls, or a callable without
            arguments.
        weight_decay: Each step first subtracts `learning_rate * weight_decay * weight` (the
            decoupled decay of Loshchilov & Hutter 2019). None for none.
        clipnorm: Greatest L2 norm of the gradient of each weight; longer ones are scaled.
        clipvalue: Greatest magnitude of each element of the gradients.
        global_clipnorm: Greatest L2 norm of all gradients together.
        use_ema: Keep an exponential moving average of the weights, which
            `finalize_variable_values` puts in their place (`fit` does so at its end).
        ema_momentum: Part of the old average in the new one, in [0, 1].
        ema_overwrite_frequency: Put the average in place of the weights every so many steps.
        loss_scale_factor: What `scale_loss` multiplies the loss by, and the gradients are
            divided by, against underflow of float16.
        gradient_accumulation_steps: Change the weights only at every so many calls, by the
            mean gradient of them (>= 2). Schedules go by calls, averages by changes.
        name: Name of the optimizer.

    Raises:
        ValueError: If an argument is out of its range, or two ways of clipping are given.
        TypeError: If a keyword is unknown, or `learning_rate` is none of the above.
    """

    # Whether `update_step` is the latest word, rather than `_update` on lists of tensors.
    _one_by_one: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "update_step" in vars(cls):
            cls._one_by_one = True
        elif "_update" in vars(cls):
            cls._one_by_one = False

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        refuse_unknown(type(self), kwargs)
        check_clipping(clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm)
        if use_ema:
            check_average(ema_momentum, ema_overwrite_frequency)
        check_accumulation(gradient_accumulation_steps)
        super().__init__(name or unique_name(snake_case(type(self).__name__)))
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self._learning_rate = as_rate(learning_rate)
        self._iterations = 0
        self._trainable_variables = Variables()
        self._accumulated_gradients = Variables()
        self._model_variables_moving_average = Variables()
        self._excluded: list[Any] = []
        self._excluded_names: str | None = None

    # --- Variables ---------------------------------------------------------------------

    def build(self, variables: Iterable[Any]) -> None:
        """Make the optimizer's own variables for the weights it is to change.

        Args:
            variables: The weights (`Weight`, `nn.Parameter` or tensors), in the order in which
                gradients will be given.
        """
        self._check_ready()
        variables = Variables(variables)
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(
                variables, "average"
            )
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(
                variables, "gradient_accumulator"
            )
        self._trainable_variables = variables
        self._index_variables()
        self.built = True

    def _index_variables(self) -> None:
        """Note who the variables are and how they lie in memory."""
        self._ids = [id(variable) for variable in self._trainable_variables]
        self._trainable_variables_indices = {key: place for place, key in enumerate(self._ids)}
        self._layouts = Layouts(self._trainable_variables)
        constraints = [getattr(v, "constraint", None) for v in self._trainable_variables]
        self._constraints = {place: c for place, c in enumerate(constraints) if c is not None}
        self._decayed: Places = None
        self._decay_known = False

    def _look(self) -> None:
        """Take the memory that weights and state have now."""
        for value in vars(self).values():
            if isinstance(value, Variables):
                value.look()

    def _get_variable_index(self, variable: Any) -> int:
        """The place of a weight among those the optimizer was built with."""
        return self._trainable_variables_indices[id(variable)]

    def _numbers(self) -> list[Any]:
        """The part of the state that is Python numbers."""
        count = ScalarVariable.of(
            self._iterations, "iteration", f"{self.name}/iteration", self._set_calls
        )
        return [count, self.learning_rate] if isinstance(self._learning_rate, float) else [count]

    def _set_calls(self, value: int) -> None:
        self._iterations = int(value)

    @property
    def iterations(self) -> Any:
        """How many times the weights were changed; `int()` or `.numpy()` give the number."""
        every = self.gradient_accumulation_steps or 1
        return ScalarVariable.of(
            self._iterations // every,
            "iteration",
            f"{self.name}/iteration",
            lambda value: self._set_calls(int(value) * every),
        )

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the coming step; `float()` or `.numpy()` give the number."""
        return ScalarVariable.of(
            self._rate(), "learning_rate", f"{self.name}/learning_rate", self._set_rate
        )

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self._set_rate(learning_rate)

    def _set_rate(self, learning_rate: Any) -> None:
        new = as_rate(learning_rate)
        if isinstance(self._learning_rate, LearningRateSchedule) and isinstance(new, float):
            raise TypeError(
                f"the learning rate of {self.name!r} follows a schedule "
                f"({type(self._learning_rate).__name__}), so it cannot be set to {new}. Create "
                "the optimizer with a number as `learning_rate` to set it later."
            )
        self._learning_rate = new

    def _rate(self) -> float:
        """The learning rate of the coming step as a Python number."""
        rate = self._learning_rate
        if isinstance(rate, float):
            return rate
        if isinstance(rate, LearningRateSchedule):
            return rate.at(self._iterations)
        return float(rate())

    # --- One step ----------------------------------------------------------------------

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Any]]) -> Any:
        """Change weights by their gradients, given as pairs `(gradient, weight)`.

        Returns:
            The number of changes so far.
        """
        pairs = list(grads_and_vars)
        self.apply([grad for grad, _ in pairs], [variable for _, variable in pairs])
        return self.iterations

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> None:
        """Change weights by their gradients.

        Args:
            grads: One gradient for each weight; None leaves a weight as it is.
            trainable_variables: The weights. May be left out once the optimizer is built, for
                those and in the order that it was built with. The first call builds it.

        Raises:
            ValueError: If the numbers or shapes of gradients and weights differ, if a weight
                is not one the optimizer was built with, or if all gradients are None.
        """
        if len(grads) == 0:
            return
        places = self._locate(grads, trainable_variables)
        if places is not None or not self._layouts.agree(grads):
            grads, places = self._prepare(grads, places)
        self._step(list(grads), places)
        self._iterations += 1

    def _locate(self, grads: Sequence[Any], variables: Sequence[Any] | None) -> Places:
        """Where the gradients belong."""
        if variables is None:
            if not self.built:
                raise ValueError(
                    f"{self.name!r} does not know its weights yet: call "
                    "`optimizer.build(trainable_variables)` first, or `apply(grads, variables)`."
                )
            if len(grads) != len(self._ids):
                raise ValueError(
                    f"`grads` must have one gradient for each of the {len(self._ids)} weights "
                    f"the optimizer was built with; received {len(grads)}."
                )
            return None
        if not self.built:
            self.build(variables)
        if len(grads) != len(variables):
            raise ValueError(
                "`grads` and `trainable_variables` must have the same length; "
                f"received {len(grads)} and {len(variables)}."
            )
        ids = [id(variable) for variable in variables]
        if ids == self._ids:
            return None
        known = self._trainable_variables_indices
        for key, variable in zip(ids, variables, strict=True):
            if key not in known:
                raise ValueError(
                    f"Unknown variable {path_of(variable)!r} of shape {tuple(variable.shape)}: "
                    "an optimizer changes only the weights it was built with. Create a new "
                    "optimizer (or compile again) after changing what is trained."
                )
        return [known[key] for key in ids]

    def _prepare(self, grads: Sequence[Any], places: Places) -> tuple[list[Any], Places]:
        """Gradients without the missing ones, in the shape, type and layout of the weights."""
        if self._layouts.renew(zip(self._variables, self._references, strict=True)):
            self._look()
        places = list(range(len(grads))) if places is None else places
        kept: list[tuple[torch.Tensor, int]] = []
        missing = []
        for grad, place in zip(grads, places, strict=True):
            variable = self._trainable_variables[place]
            if grad is None:
                missing.append(path_of(variable))
                continue
            grad = convert_to_tensor(grad)
            if grad.shape != variable.shape:
                raise ValueError(
                    f"the gradient of {path_of(variable)!r} must have its shape "
                    f"{tuple(variable.shape)}; received {tuple(grad.shape)}."
                )
            kept.append((stored_like(grad.detach(), variable.detach()), place))
        if not kept:
            raise ValueError(
                "No gradients provided for any variable: all are None. Does the loss depend on "
                "the weights, through torch operations only?"
            )
        if missing:
            warnings.warn(
                f"Gradients do not exist for variables {missing} when minimizing the loss. If "
                "using `model.compile()`, did you forget to provide a `loss` argument?",
                stacklevel=3,
            )
        found = [place for _, place in kept]
        everywhere = found == list(range(len(self._ids)))
        return [grad for grad, _ in kept], None if everywhere else found

    def _step(self, grads: Sequence[torch.Tensor], places: Places) -> None:
        """One call, with the gradients in order."""
        if self.loss_scale_factor is not None:
            grads = foreach.scale(grads, 1.0 / self.loss_scale_factor)
        if not self.gradient_accumulation_steps:
            self._change_weights(grads, places)
        else:
            self._accumulate(grads, places)
        if self.use_ema:
            self._update_model_variables_moving_average()
        if self._constraints:
            self._constrain(places)

    def _accumulate(self, grads: Sequence[torch.Tensor], places: Places) -> None:
        """Add gradients up; at each n-th call change the weights by their mean."""
        n = self.gradient_accumulation_steps or 1
        sums = self._accumulated_gradients.at(places)
        if (self._iterations + 1) % n:
            foreach.add_(sums, grads)
            return
        means = foreach.add(grads, sums)
        foreach.scale_(means, 1.0 / n)
        self._change_weights(means, places)
        foreach.zero_(self._accumulated_gradients.at(None))

    def _change_weights(self, grads: Sequence[torch.Tensor], places: Places) -> None:
        """Clip, decay, and apply the rule of the optimizer."""
        if self.clipnorm:
            grads = clip_norms(grads, self.clipnorm)
        elif self.global_clipnorm:
            grads = clip_global_norm(grads, self.global_clipnorm)
        elif self.clipvalue:
            grads = clip_values(grads, self.clipvalue)
        rate = self._rate()
        self._begin_update()
        if self._one_by_one:
            self._change_one_by_one(grads, places, rate)
            return
        if self._layouts.uniform:
            self._decay_and_update(grads, places, rate)
            return
        for grads_of_group, group in self._layouts.groups(grads, places):
            self._decay_and_update(grads_of_group, group, rate)

    def _change_one_by_one(
        self, grads: Sequence[torch.Tensor], places: Places, rate: float
    ) -> None:
        """Decay, then leave each weight to `update_step`."""
        self._decay_weights(places, rate)
        where = range(len(grads)) if places is None else places
        with torch.no_grad():
            for grad, place in zip(grads, where, strict=True):
                self.update_step(grad, self._trainable_variables[place], rate)

    def _begin_update(self) -> None:
        """What an optimizer does once per change, before any weight."""

    def update_step(self, gradient: torch.Tensor, variable: Any, learning_rate: Any) -> None:
        """Change one weight by its gradient. To be overridden by an optimizer of one's own.

        Args:
            gradient: Gradient, of the weight's shape and type.
            variable: The weight, to be changed in place (`assign`, `assign_add`, ...).
            learning_rate: Step size, a number.
        """
        place = self._get_variable_index(variable)
        self._update([gradient.detach()], [place], float(learning_rate))

    def _decay_and_update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        """Decay and change several weights of one device and type."""
        self._decay_weights(places, rate)
        self._update(grads, places, rate)

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        """Change several weights of one device and type. The built-in optimizers' own part."""
        raise NotImplementedError(
            f"{type(self).__name__} must override "
            "`update_step(self, gradient, variable, learning_rate)`."
        )

    def assign(self, variable: Any, value: Any) -> None:
        """Set a variable in place; for use in `update_step`."""
        with torch.no_grad():
            variable.copy_(convert_to_tensor(value))

    def assign_add(self, variable: Any, value: Any) -> None:
        """Add to a variable in place; for use in `update_step`."""
        with torch.no_grad():
            variable.add_(convert_to_tensor(value).to(variable))

    def assign_sub(self, variable: Any, value: Any) -> None:
        """Subtract from a variable in place; for use in `update_step`."""
        with torch.no_grad():
            variable.sub_(convert_to_tensor(value).to(variable))

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`, to be differentiated in its place."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def _changes(self) -> int:
        """How many times the weights were changed."""
        return self._iterations // (self.gradient_accumulation_steps or 1)

    # --- Weight decay ------------------------------------------------------------------

    def exclude_from_weight_decay(
        self, var_list: Iterable[Any] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leave weights out of the decay.

        Args:
            var_list: The weights themselves.
            var_names: Parts of names, as regular expressions: `["bias"]` leaves out every
                weight whose name holds "bias".
        """
        self._excluded = list(var_list or ())
        self._excluded_names = "|".join(sorted(set(var_names or ()))) or None
        self._decay_known = False

    def _use_weight_decay(self, variable: Any) -> bool:
        """Whether a weight decays."""
        if any(variable is excluded for excluded in self._excluded):
            return False
        pattern = self._excluded_names
        return pattern is None or re.search(pattern, name_of(variable)) is None

    def _decaying(self) -> Places:
        """The places of the weights that decay; None for all."""
        if not self._decay_known:
            flags = [self._use_weight_decay(v) for v in self._trainable_variables]
            chosen = [place for place, decays in enumerate(flags) if decays]
            self._decayed = None if all(flags) else chosen
            self._decay_known = True
        return self._decayed

    def _decay_weights(self, places: Places, rate: float) -> None:
        """Multiply the weights that decay by 1 - rate * weight_decay."""
        if self.weight_decay is None:
            return
        self._shrink(both(places, self._decaying()), rate * self.weight_decay)

    def _shrink(self, places: Places, part: float) -> None:
        """Take `part` of the weights at `places` away."""
        variables = self._trainable_variables.at(places)
        if variables:
            foreach.scale_(variables, 1 - part)

    # --- Averages and constraints ------------------------------------------------------

    def _update_model_variables_moving_average(self) -> None:
        """Move the averages towards the weights; before the second change, onto them."""
        weight = 1.0 - self.ema_momentum if self._changes() else 1.0
        averages = self._model_variables_moving_average.at(None)
        foreach.lerp_(averages, self._trainable_variables.at(None), weight)
        every = self.ema_overwrite_frequency
        if every and (self._changes() + 1) % every == 0:
            self._overwrite_model_variables_with_average_value(self._trainable_variables)

    def _overwrite_model_variables_with_average_value(self, variables: Sequence[Any]) -> None:
        """Put the averages in place of the weights."""
        averages = self._model_variables_moving_average
        if len(variables) != len(averages):
            raise ValueError(
                f"the optimizer has averages of {len(averages)} weights; "
                f"received {len(variables)} to overwrite. Was it built with another model?"
            )
        with torch.no_grad():
            for variable, average in zip(variables, averages, strict=True):
                variable.copy_(average)

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        """End of training: put the averages in place of the weights, if `use_ema`.

        Args:
            var_list: The weights that the optimizer was built with.
        """
        if self.use_ema:
            self._overwrite_model_variables_with_average_value(list(var_list))

    def _constrain(self, places: Places) -> None:
        """Bring the weights that have a constraint back to it."""
        with torch.no_grad():
            for place, constraint in self._constraints.items():
                if places is None or place in places:
                    variable = self._trainable_variables[place]
                    variable.copy_(constraint(variable))

    # --- Keeping -----------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        rate = self._learning_rate
        return {
            "name": self.name,
            "learning_rate": rate if isinstance(rate, float) else _families.serialize(rate),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Self:
        """The optimizer that `get_config` described, without its state."""
        return cls(**_families.decode(config, custom_objects))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self.built:  # copies of the weights are others, and lie elsewhere
            self._index_variables()
            self._look()
