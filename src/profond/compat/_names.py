"""Which of profond's modules answers to which of Keras's names."""

KERAS_VERSION = "3.15.0"
"""The version of Keras's interface that is followed; scripts read it as `keras.__version__`."""

MODULES = {
    "keras": "profond",
    "keras.activations": "profond.activations",
    "keras.backend": "profond.compat._backend",
    "keras.callbacks": "profond.callbacks",
    "keras.config": "profond.config",
    "keras.constraints": "profond.constraints",
    "keras.datasets": "profond.datasets",
    "keras.dtype_policies": "profond.compat._dtype_policies",
    "keras.initializers": "profond.initializers",
    "keras.layers": "profond.layers",
    "keras.losses": "profond.losses",
    "keras.metrics": "profond.metrics",
    "keras.mixed_precision": "profond.compat._mixed_precision",
    "keras.models": "profond.models",
    "keras.ops": "profond.ops",
    "keras.optimizers": "profond.optimizers",
    "keras.optimizers.schedules": "profond.optimizers.schedules",
    "keras.preprocessing": "profond.compat._preprocessing",
    "keras.preprocessing.sequence": "profond.compat._sequence",
    "keras.random": "profond.random",
    "keras.regularizers": "profond.regularizers",
    "keras.saving": "profond.compat._saving",
    "keras.tree": "profond.compat._tree",
    "keras.utils": "profond.utils",
}
"""Keras's public modules that are served, and what serves them."""

TOP_LEVEL_FUNCTIONS = ("device", "name_scope", "version")
"""Names of `keras` itself that start with a small letter and are no modules."""
