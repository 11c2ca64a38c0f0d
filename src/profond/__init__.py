"""profond: learning with neural networks, in Keras's words and at PyTorch's speed.

What is below is imported when it is first used, so that `profond --help` need not wait for torch,
nor a script for the parts that it leaves alone.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from profond import (
        activations,
        architectures,
        callbacks,
        config,
        constraints,
        data,
        datasets,
        estimators,
        experiment,
        figures,
        initializers,
        inspection,
        layers,
        losses,
        metrics,
        models,
        ops,
        optimizers,
        random,
        regularizers,
        saving,
        tour,
        trials,
        utils,
    )
    from profond._policy import DTypePolicy
    from profond._symbolic import KerasTensor
    from profond._weight import Weight
    from profond._weight import Weight as Variable
    from profond.initializers import Initializer
    from profond.layers import Input, InputSpec, Layer
    from profond.losses import Loss
    from profond.metrics import Metric
    from profond.models import Functional, Model, Sequential
    from profond.optimizers import Optimizer
    from profond.random import SeedGenerator
    from profond.regularizers import Regularizer

__version__ = "0.1.0"

# Where each name comes from: (module, name there).
_NAMES = {
    "DTypePolicy": ("_policy", "DTypePolicy"),
    "Functional": ("models", "Functional"),
    "Initializer": ("initializers", "Initializer"),
    "Input": ("layers", "Input"),
    "InputSpec": ("layers", "InputSpec"),
    "KerasTensor": ("_symbolic", "KerasTensor"),
    "Layer": ("layers", "Layer"),
    "Loss": ("losses", "Loss"),
    "Metric": ("metrics", "Metric"),
    "Model": ("models", "Model"),
    "Optimizer": ("optimizers", "Optimizer"),
    "Regularizer": ("regularizers", "Regularizer"),
    "SeedGenerator": ("random", "SeedGenerator"),
    "Sequential": ("models", "Sequential"),
    "Variable": ("_weight", "Weight"),
    "Weight": ("_weight", "Weight"),
}

__all__ = [
    "DTypePolicy",
    "Functional",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "SeedGenerator",
    "Sequential",
    "Variable",
    "Weight",
    "activations",
    "architectures",
    "callbacks",
    "config",
    "constraints",
    "data",
    "datasets",
    "estimators",
    "experiment",
    "figures",
    "initializers",
    "inspection",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "random",
    "regularizers",
    "saving",
    "tour",
    "trials",
    "utils",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        module, inside = _NAMES[name]
        found = getattr(importlib.import_module(f"profond.{module}"), inside)
        globals()[name] = found
        return found
    if name in __all__:
        return importlib.import_module(f"profond.{name}")
    raise AttributeError(f"module 'profond' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
